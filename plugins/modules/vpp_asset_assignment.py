#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_asset_assignment
short_description: Give apps and books to users and devices, and take them back
version_added: 0.1.0
description:
  - Makes the assignments of a location equal to what is listed. An assignment is one asset for one user or one device.
  - The list is given inline (O(assignments)), in files (O(assignments_files)), or both. Each entry gives all its assets to all its users, devices and groups.
    Entries may overlap. What is listed twice counts once.
  - The module reads the assets and as many assignments as the question needs, and compares.
    It takes back what shall go (C(assets/disassociate)) and then gives what is missing (C(assets/associate)).
    Both are sent in as few requests as possible. Nothing is sent for what is already so.
  - Removals are sent before additions, so that licences that come back can be given to others in the same task.
  - Nothing is taken away unless you say so, with O(state=absent) or with O(purge). What O(purge) may reach is never more than its value says.
  - Before any write the module refuses, all in one message, assets that the location does not own, devices for an asset that cannot be given to devices
    (such as a book), users who are not active, and the removal of what can never be taken back.
    The same checks hold with O(state=absent).
  - Licences are counted before any write, see O(on_shortage).
  - Assigning an app does not install it. Installing is up to your device management. An app that was taken back stops working after 30 days.
  - Apple does not check serial numbers. A wrong one uses up a licence.
options:
  assignments:
    description:
      - What is listed. A good form for some hundred users and devices. Longer lists belong in files,
        either with O(assignments[].users_file) and O(assignments[].devices_file) or with O(assignments_files).
    type: list
    elements: dict
    suboptions:
      assets:
        description:
          - The assets. Each is a number (C(adam_id)), a mapping of C(adam_id) and C(pricing_param), or a name that one of O(catalog_files) gives.
          - C(pricing_param) is V(STDQ) or V(PLUS). Without it V(STDQ) is meant.
          - The list may be empty. That makes sense with O(purge=targets), for users and devices that shall hold nothing.
        type: list
        elements: raw
        required: true
      users:
        description:
          - The C(client_user_id) of each user. Write them in quotes.
          - At least one of this option, O(assignments[].users_file), O(assignments[].devices), O(assignments[].devices_file) and O(assignments[].groups)
            has to be there.
            An empty list counts as there, and means nobody.
        type: list
        elements: str
      users_file:
        description:
          - A file that lists users. They count together with O(assignments[].users).
          - C(.txt), or no ending, is one C(client_user_id) a line. Empty lines and lines that begin with C(#) are left out.
          - C(.csv) has the column C(client_user_id). Other columns are left out, so a list of users for M(mdmkit.apps_books.vpp_user) can serve here too.
            Comma, semicolon or tab separates the columns, whichever comes most often in the first line.
          - C(.json) is a list of texts. C(.jsonl) and C(.ndjson) have one text on each line.
          - C(.yml) and C(.yaml) are a list too. Every scalar stays the text that is written, so an id such as C(0017) stays as it is.
          - All files are UTF-8 text.
          - A relative path counts from the folder of the playbook if C(connection) is V(local). Otherwise write absolute paths.
        type: path
      devices:
        description:
          - The serial number of each device.
        type: list
        elements: str
      devices_file:
        description:
          - A file that lists devices. They count together with O(assignments[].devices).
          - The formats are those of O(assignments[].users_file). In C(.csv) the column is C(serial_number).
        type: path
      groups:
        description:
          - Names of groups, each with the users and devices that O(groups_files) tell. They count together with those of the entry itself.
        type: list
        elements: str
        version_added: 0.2.0
      title:
        description:
          - What the entry is for, in one line of at most 200 characters. The plan shows it beside every assignment of the entry.
          - If more than one entry gives the same asset to the same user or device, the title of the first that has one is shown.
        type: str
        version_added: 0.2.0
  assignments_files:
    description:
      - Files of assignments. They are read one after the other, behind O(assignments), and mean the same as one list.
      - The ending of a file's name tells its format.
      - C(.yml) and C(.yaml) are a list of entries with the members of O(assignments). This is the form for people.
        Every scalar stays the text that is written, so an id such as C(0017) stays as it is. Anchors work, merge keys (C(<<)) do not.
      - C(.json) is the same list in JSON. C(.jsonl) and C(.ndjson) have one entry on each line.
      - C(.csv) has one assignment on each line. The columns are C(adam_id), C(pricing_param), C(client_user_id) and C(serial_number), in any order.
        The first line names them. The columns C(user_status) and C(id_hash), which M(mdmkit.apps_books.vpp_assignment_info) writes, are left out.
        Other columns are refused. An empty cell means not given.
        Each line has either a C(client_user_id) or a C(serial_number). Without C(pricing_param) V(STDQ) is meant.
        Comma, semicolon or tab separates the columns, whichever comes most often in the first line.
      - In a file of entries, the paths in C(users_file) and C(devices_file) count from the folder of that file.
      - All files are UTF-8 text. An empty C(.csv), C(.json) or YAML file is refused. An empty list is a header line only, or C([]).
    type: list
    elements: path
  catalog_files:
    description:
      - Files that give names to assets, so that nobody has to know numbers by heart. All files together are one catalog.
      - C(.yml), C(.yaml) and C(.json) hold a mapping. Its keys are the names, at most 100 characters long and not only digits.
        Its values are an C(adam_id), or a mapping of C(adam_id), C(pricing_param), C(title) (what people call the asset) and
        C(irrevocable) (whether it can never be taken back).
      - An asset has one name only, and a name stands for one asset only.
    type: list
    elements: path
    version_added: 0.2.0
  groups_files:
    description:
      - Files that tell which users and devices belong to a group. A group that several of them tell of is all of it together.
      - C(.yml), C(.yaml) and C(.json) hold a mapping. Its keys are names of groups. Its values are mappings of C(users), C(users_file), C(devices),
        C(devices_file) (as in O(assignments)), C(groups) (names of other groups whose members belong to it too), C(inventory_group) and
        C(serial_number_variable) (see O(inventory_devices)).
      - C(.csv) has the columns C(group), C(client_user_id) and C(serial_number). Each line has one of the last two.
      - The paths in C(users_file) and C(devices_file) count from the folder of the file.
    type: list
    elements: path
    version_added: 0.2.0
  inventory_devices:
    description:
      - For each C(inventory_group) that O(groups_files) name, the serial numbers of its hosts. Modules do not know Ansible's inventory.
      - C(serial_number_variable) in a group tells whoever works them out which variable of a host holds its serial number, V(serial_number) by default.
    type: dict
    version_added: 0.2.0
  state:
    description:
      - V(present) gives what is listed.
      - V(absent) takes back what is listed and nothing else.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - What else is taken back. With O(state=present) only.
      - V(none) takes nothing back.
      - V(assets) takes the listed assets back from everybody who is not listed for them. Other assets are left alone.
      - V(targets) takes back everything that is not listed from the listed users and devices. Other users and devices are left alone.
      - V(location) takes back everything that is not listed, in the whole location.
      - What is within reach of it is also what a percentage in O(max_removals) counts from.
        Those are all assignments of the listed assets, or of the listed users and devices, or of the location.
      - What retired users still hold is out of reach, because nobody can take it back.
    type: str
    choices: [none, assets, targets, location]
    default: none
  on_shortage:
    description:
      - What to do if there are fewer free licences than needed. Licences that the same task takes back count as free.
      - V(fail) writes nothing and names each asset that is short.
      - V(partial) gives what there is, in the order of the list, and warns. RV(shortages) tells what is missing.
    type: str
    choices: [fail, partial]
    default: fail
attributes:
  check_mode:
    support: full
    details:
      - Check mode does all checks. It fails where the real run would fail before its first write.
      - If an earlier task of the play creates users or frees licences, say so with O(assume). Otherwise check mode looks at a location without them.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - After O(wait=false) a second run may not see yet what the first has started.
notes:
  - Never loop over this module. Give it the whole list in one task. A loop reads the state anew for each item.
  - With O(purge) an empty list takes a lot away. Leave O(max_removals) on, and look at the plan in check mode first.
requirements:
  - PyYAML, only to read C(.yml) and C(.yaml) files
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.connection
  - mdmkit.apps_books.token
  - mdmkit.apps_books.ownership
  - mdmkit.apps_books.ownership.meant
  - mdmkit.apps_books.snapshot
  - mdmkit.apps_books.locking
  - mdmkit.apps_books.removals.purge
  - mdmkit.apps_books.assume
  - mdmkit.apps_books.sending
  - mdmkit.apps_books.waiting
  - mdmkit.apps_books.listing
  - mdmkit.apps_books.dest
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_assignment_info
  - module: mdmkit.apps_books.vpp_asset_info
  - module: mdmkit.apps_books.vpp_asset_revocation
  - module: mdmkit.apps_books.vpp_user
  - module: mdmkit.apps_books.vpp_event_info
  - name: Giving licences and taking them back
    description: Purge, ceilings, shortages and the order of work, with examples.
    link: https://github.com/mdmkit/apps_books/blob/main/docs/guides/assignments.md
  - name: Files of the desired state
    description: All file formats, and which form suits which size.
    link: https://github.com/mdmkit/apps_books/blob/main/docs/guides/desired_state_files.md
"""

EXAMPLES = r"""
- name: Give two apps to some devices and one user
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments:
      - assets:
          - "361309726"  # Pages
          - "361304891"  # Numbers
        devices: [TESTSERIAL01, TESTSERIAL02]
        users: ["0017"]

- name: Give licences with the other pricing
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments:
      - assets:
          - adam_id: "361285480"
            pricing_param: PLUS
        users: ["0017", "0018"]

# ipads.txt holds one serial number a line, class-4a.csv has a column client_user_id
- name: Give apps to all iPads, and a book to a class
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments:
      - assets: ["361309726", "361304891"]
        devices_file: "{{ playbook_dir }}/devices/ipads.txt"
      - assets: ["1438120903"]
        users_file: "{{ playbook_dir }}/class-4a.csv"

# assignments.yml looks like this, and its paths count from its own folder:
#   # Pages and Numbers for the cart
#   - assets: [361309726, 361304891]
#     devices_file: devices/cart-1.txt
#   # the reader for everybody
#   - assets: [640199958]
#     users_file: class-4a.csv
#     devices_file: devices/cart-1.txt
- name: Give what a file says
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments_files:
      - "{{ playbook_dir }}/assignments.yml"

# pairs.csv looks like this:
#   adam_id,pricing_param,client_user_id,serial_number
#   361309726,,,TESTSERIAL03
#   361285480,PLUS,0019,
- name: Give single licences from a spreadsheet
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments_files:
      - "{{ playbook_dir }}/pairs.csv"

# catalog.yml looks like this:
#   pages: "361309726"
#   reader: {adam_id: "640199958", title: The Reader}
# groups.yml looks like this:
#   cart-1: {devices_file: devices/cart-1.txt}
#   class-4a: {users_file: class-4a.csv}
#   lower-school: {groups: [cart-1, class-4a]}
#   library: {inventory_group: library_ipads}
- name: Give apps by name to groups, and say what for
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    catalog_files:
      - "{{ playbook_dir }}/catalog.yml"
    groups_files:
      - "{{ playbook_dir }}/groups.yml"
    inventory_devices:
      library_ipads: "{{ groups['library_ipads'] | map('extract', hostvars, 'serial_number') | list }}"
    assignments:
      - title: Lower school
        assets: [pages, reader]
        groups: [lower-school]
      - title: Library
        assets: [reader]
        groups: [library]

- name: Take an app back from two devices
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments:
      - assets: ["361309726"]
        devices: [TESTSERIAL01, TESTSERIAL02]
    state: absent

# fails if that takes away more than 20 percent, see max_removals
- name: Let exactly these devices have the app, and nobody else
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments:
      - assets: ["361304891"]
        devices_file: "{{ playbook_dir }}/devices/cart-1.txt"
    purge: assets

- name: Let a cart have exactly these apps, and nothing else
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments:
      - assets: ["361309726", "640199958"]
        devices_file: "{{ playbook_dir }}/devices/cart-1.txt"
    purge: targets
    max_removals: 50%

- name: Make the whole location equal to the file
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments_files:
      - "{{ playbook_dir }}/assignments.yml"
    purge: location
    max_removals: 5%

- name: Take an app back from everybody
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments:
      - assets: ["361304891"]
        users: []
        devices: []
    purge: assets
    max_removals: 100%

- name: Give out what there is, first come first served
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments:
      - assets: ["361304891"]
        devices_file: "{{ playbook_dir }}/devices/ipads.txt"
    on_shortage: partial
  register: given

- name: Tell who has to buy licences
  ansible.builtin.debug:
    msg: "{{ item.needed - item.available }} more licences of {{ item.adam_id }} are needed"
  loop: "{{ given.shortages }}"

- name: See what would change, and write nothing
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    assignments_files:
      - "{{ playbook_dir }}/assignments.yml"
    purge: location
    max_removals: 100%
  check_mode: true
  diff: true
  register: planned

- name: Show the first removals
  ansible.builtin.debug:
    msg: "{{ planned.plan.changes | selectattr('action', 'equalto', 'disassociate') | list }}"
  when: planned.plan.counts.disassociated > 0

# In check mode nobody creates the users, so the second task is told to count on them
- name: Create and retire users
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    users_files:
      - "{{ playbook_dir }}/pupils.csv"
      - "{{ playbook_dir }}/teachers.yml"
    purge: true

- name: Give licences to the new users, with a true plan in check mode
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    assignments:
      - assets: ["640199958"]
        users_file: "{{ playbook_dir }}/pupils.csv"
    assume:
      users_files:
        - "{{ playbook_dir }}/pupils.csv"
        - "{{ playbook_dir }}/teachers.yml"
      users_purge: true

- name: Tell what was done even if the task fails
  block:
    - name: Give what the file says, and wait for ten minutes at most
      mdmkit.apps_books.vpp_asset_assignment:
        content_token_file: /etc/vpp/springfield.vpptoken
        mdm_id: springfield-gitops
        assignments_files:
          - "{{ playbook_dir }}/assignments.yml"
        wait_timeout: 600
  rescue:
    - name: Show what is not done, and why
      ansible.builtin.debug:
        var: ansible_failed_result.not_done

    - name: Fail all the same
      ansible.builtin.fail:
        msg: "{{ ansible_failed_result.msg }}"
"""

RETURN = r"""
changed:
  description:
    - Whether anything was changed, or would be in check mode.
    - A failed task can have V(true) here. Then something was done before the failure, or may have been.
  type: bool
  returned: always
  sample: true
plan:
  description: What the task changes, or would change in check mode. A check-mode run and the real run show the same plan.
  type: dict
  returned: success, and on failure as soon as there was a plan
  contains:
    counts:
      description: How many changes of each kind there are.
      type: dict
      returned: always
      contains:
        disassociated:
          description:
            - Assignments that are taken back.
          type: int
          returned: always
          sample: 0
        associated:
          description:
            - Assignments that are given.
          type: int
          returned: always
          sample: 0
    changes:
      description: The changes in the order in which they are sent, at most O(max_listed) of them.
      type: list
      elements: dict
      returned: always
      contains:
        action:
          description: The kind of the change.
          type: str
          returned: always
          sample: associate
        why:
          description: Why this is changed.
          type: str
          returned: always
          sample: not there
        adam_id:
          description: The number of the product in the store.
          type: str
          returned: always
          sample: "361309726"
        pricing_param:
          description: The pricing of the licence, V(STDQ) or V(PLUS).
          type: str
          returned: always
          sample: STDQ
        client_user_id:
          description: The user.
          type: str
          returned: if the target is a user
          sample: u-0001
        serial_number:
          description: The device.
          type: str
          returned: if the target is a device
          sample: TESTSERIAL01
        title:
          description: What it is for, as O(assignments[].title) says.
          type: str
          returned: if an entry with a title lists it
          version_added: 0.2.0
          sample: Lower school
    left_out:
      description: How many changes are not in RV(plan.changes), because they are too many to show, see O(max_listed).
      type: int
      returned: always
      sample: 0
    requests:
      description: How many write requests the plan takes.
      type: int
      returned: always
      sample: 1
    requests_at_least:
      description:
        - No way of batching the same changes takes fewer write requests than this.
        - Whether so few suffice is not known, unless it is as many as RV(plan.requests).
      type: int
      version_added: 0.2.0
      returned: always
      sample: 1
shortages:
  description:
    - The assets of which there are not enough licences.
    - Empty if there are enough. Not empty on success only with O(on_shortage=partial).
  type: list
  elements: dict
  returned: success, and on failure as soon as licences were counted
  contains:
    adam_id:
      description: The number of the product in the store.
      type: str
      returned: always
      sample: "361309726"
    pricing_param:
      description: The pricing of the licence, V(STDQ) or V(PLUS).
      type: str
      returned: always
      sample: STDQ
    needed:
      description: How many licences are needed for what is listed and not held yet.
      type: int
      returned: always
      sample: 7
    available:
      description: How many are free, those that the same task takes back included.
      type: int
      returned: always
      sample: 5
shortages_left_out:
  description: How many assets are not in RV(shortages), because they are too many to show, see O(max_listed).
  type: int
  version_added: 0.2.0
  returned: success, and on failure as soon as licences were counted
  sample: 0
outcome:
  description:
    - What came of the planned changes, in numbers that add up to the number of changes. All are 0 in check mode.
    - It is decided by reading back what was to be changed, not by what Apple says of its own work.
  type: dict
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  contains:
    done:
      description: Changes that are made.
      type: int
      returned: always
      sample: 1998
    already:
      description: Changes that Apple refused because somebody else, or an earlier run, had made them meanwhile.
      type: int
      returned: always
      sample: 0
    failed:
      description: Changes that Apple could not make. RV(not_done) says why.
      type: int
      returned: always
      sample: 2
    short:
      description: Assignments without a licence, because somebody else took some meanwhile. Only with O(on_shortage=partial), where this is no failure.
      type: int
      returned: always
      sample: 0
    unknown:
      description: Changes that Apple may have made or may still make, such as those of pending events. With O(wait=false) all that were sent.
      type: int
      returned: always
      sample: 0
    unsent:
      description: Changes that were not sent, because of an earlier failure.
      type: int
      returned: always
      sample: 0
not_done:
  description: The planned changes that are not made, or not surely, at most O(max_listed) of them. Empty in check mode.
  type: list
  elements: dict
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  contains:
    action:
      description: The kind of the change, V(associate) or V(disassociate).
      type: str
      returned: always
      sample: associate
    adam_id:
      description: The number of the product in the store.
      type: str
      returned: always
      sample: "361309726"
    pricing_param:
      description: The pricing of the licence, V(STDQ) or V(PLUS).
      type: str
      returned: always
      sample: STDQ
    client_user_id:
      description: The user.
      type: str
      returned: if the target is a user
      sample: u-0001
    serial_number:
      description: The device.
      type: str
      returned: if the target is a device
      sample: TESTSERIAL01
    title:
      description: What it is for, as O(assignments[].title) says.
      type: str
      returned: if an entry with a title lists it
      sample: Lower school
    outcome:
      description: V(failed), V(short), V(unknown) or V(unsent), see RV(outcome).
      type: str
      returned: always
      sample: failed
    error_number:
      description: Apple's number of the error. V(none) if Apple named none.
      type: int
      returned: always
      sample: 9709
    error_message:
      description: Apple's text, or what is known instead. V(none) if nothing is.
      type: str
      returned: always
      sample: "There aren't enough assets available to complete this association."
    retryable:
      description: Whether the same can succeed later.
      type: bool
      returned: always
      sample: false
    hint:
      description: What to do about it. V(none) where nothing is known.
      type: str
      returned: always
      sample: Buy or free licences, then run again.
    event_id:
      description: The event that may still make the change. V(none) if there is none.
      type: str
      returned: always
      sample: 3a5c3336-3d0f-43d8-96b3-e76a8523bf14
not_done_left_out:
  description: How many changes are not in RV(not_done), because they are too many to show, see O(max_listed).
  type: int
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  sample: 0
events:
  description:
    - One event for each write request that Apple accepted, in the order of the plan.
    - The list is empty in check mode, and where nothing changes.
  type: list
  elements: dict
  returned: success, and on failure as soon as there was a plan
  contains:
    event_id:
      description: The number under which Apple keeps the event.
      type: str
      returned: always
      sample: 3a5c3336-3d0f-43d8-96b3-e76a8523bf14
    event_type:
      description:
        - The kind of the event, V(ASSOCIATE) or V(DISASSOCIATE).
        - V(none) if nobody has asked about the event yet.
      type: str
      returned: always
      sample: ASSOCIATE
    status:
      description: V(PENDING), V(COMPLETE) or V(FAILED). Of a V(FAILED) event a part can have succeeded.
      type: str
      returned: always
      sample: COMPLETE
    num_requested:
      description: How many tasks the event has. V(none) if nobody has asked about the event yet.
      type: int
      returned: always
      sample: 2
    num_completed:
      description: How many of them have succeeded. V(none) if nobody has asked about the event yet.
      type: int
      returned: always
      sample: 2
events_left_out:
  description: How many events are not in RV(events), because they are too many to show. Those that did not succeed are shown first then.
  type: int
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  sample: 0
failures:
  description:
    - What Apple said about changes that are not made.
  type: list
  elements: dict
  returned: success, and on failure as soon as there was a plan
  contains:
    action:
      description: The kind of change that failed, V(associate) or V(disassociate).
      type: str
      returned: always
      sample: associate
    error_number:
      description: Apple's number of the error.
      type: int
      returned: always
      sample: 9709
    error_message:
      description: Apple's text.
      type: str
      returned: always
      sample: "There aren't enough assets available to complete this association."
    retryable:
      description: Whether the same can succeed later. V(false) for numbers that are not known.
      type: bool
      returned: always
      sample: false
    hint:
      description: What to do about it. V(none) where nothing is known.
      type: str
      returned: always
      sample: Buy or free licences, then run again.
    assets:
      description: The assets that Apple names. Apple groups failures by error and often names no asset.
      type: list
      elements: dict
      returned: always
      contains:
        adam_id:
          description: The number of the product in the store.
          type: str
          returned: always
          sample: "361309726"
        pricing_param:
          description: The pricing of the licence, V(STDQ) or V(PLUS).
          type: str
          returned: always
          sample: STDQ
    client_user_ids:
      description: The users that Apple names.
      type: list
      elements: str
      returned: always
      sample: [u-0001]
    serial_numbers:
      description: The devices that Apple names.
      type: list
      elements: str
      returned: always
      sample: []
    names_left_out:
      description: How many names are not in these three lists, because they are too many to show, see O(max_listed).
      type: int
      version_added: 0.2.0
      returned: always
      sample: 0
failures_left_out:
  description: How many entries are not in RV(failures), because they are too many to show, see O(max_listed).
  type: int
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  sample: 0
answers_lost:
  description:
    - Writes whose answer never came, so that nobody knew whether Apple had accepted them. What they were to change was read back.
    - A warning tells of each of them.
  type: list
  elements: dict
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  contains:
    request:
      description: Method and path of the request.
      type: str
      returned: always
      sample: POST assets/associate
    cause:
      description: What happened to the answer.
      type: str
      returned: always
      sample: no answer within 60 s
    found:
      description: How many of its changes were there when they were read back.
      type: int
      returned: always
      sample: 1000
    missing:
      description: How many were not.
      type: int
      returned: always
      sample: 0
    sent_again:
      description: Whether those were sent again. They are, as long as the retry budget and the time allow.
      type: bool
      returned: always
      sample: false
dest:
  description: The file that holds the whole plan.
  type: str
  version_added: 0.2.0
  returned: if O(dest) is set, on success and on failure as soon as there was a plan
  sample: /var/lib/vpp/springfield-plan.csv
uid:
  description:
    - Apple's number of the location. Two content tokens with the same number manage the same licences.
    - V(none) if no answer named it.
  type: str
  returned: success, and on failure as soon as there was a plan
  sample: "2049025000431439"
reads:
  description:
    - How the task came to know what is there, one entry for each thing that it read, in order.
    - Of all ways that answer the question the one with the fewest requests is taken.
  type: list
  elements: dict
  returned: as soon as something was read where there is more than one way
  version_added: 0.2.0
  contains:
    what:
      description: What was read, V(assets), V(assignments) or V(users).
      type: str
      returned: always
      sample: assignments
    way:
      description: V(all pages), V(asset by asset), V(target by target), or V(snapshot), which is what changed since an earlier task.
      type: str
      returned: always
      sample: target by target
    estimated_requests:
      description: How many requests this way was estimated to take. What was really sent is in C(requests).
      type: int
      returned: always
      sample: 1
    other_ways:
      description: The ways that were not taken, with their estimates.
      type: dict
      returned: always
      sample:
        all pages: 1000
        asset by asset: 40
requests:
  description: How many requests the task sent, those that were repeated included.
  type: dict
  returned: always
  contains:
    reads:
      description: Requests that only read.
      type: int
      returned: always
      sample: 6
    writes:
      description: Requests that write. V(0) in check mode.
      type: int
      returned: always
      sample: 2
diff:
  description:
    - The objects that change, and no others. At most O(max_listed) of them. If there are more, RV(diff.after) says how many are missing.
  type: dict
  returned: in diff mode, where RV(plan) is returned
  contains:
    before:
      description: For each assignment that is taken away, by asset and target, that it is there. What is not there before is left out.
      type: dict
      returned: always
      sample: {"361309726 STDQ -> device TESTSERIAL01": assigned}
    after:
      description: The same after the change. What is not there then is left out. The title of an assignment stands behind it, if it has one.
      type: dict
      returned: always
      sample: {"361309726 STDQ -> user u-0001": assigned}
faults:
  description: Everything that is wrong with the input, each with its place. RV(ignore:msg) holds the first of them. Nothing was written.
  type: list
  elements: str
  returned: on failure, if the input is wrong
  sample:
    - "assignments.yml:7 (entry 1).assets[0]: asset 361309726 STDQ is not owned by this location"
    - "devices/cart-1.txt:12: serial_number 'TEST\\t01' has white space around it or a control character in it"
removals:
  description: How many removals the plan has. Nothing was written.
  type: int
  returned: on failure, if O(max_removals) was exceeded
  sample: 120
present:
  description: The number from which a percentage in O(max_removals) counts.
  type: int
  returned: on failure, if O(max_removals) was exceeded
  sample: 300
error_number:
  description: Apple's number of the error, or V(none) if the answer had none.
  type: int
  returned: on failure, if the service answered with an error
  sample: 9625
error_message:
  description: The text of the answer.
  type: str
  returned: on failure, if the service refused the request
  sample: The server has revoked the sToken.
http_status:
  description: The HTTP status of the answer.
  type: int
  returned: on failure, if the service refused the request
  sample: 401
retryable:
  description: Whether the same can succeed later.
  type: bool
  returned: on failure, if the service answered with an error, the retry budget was used up, or another task works on the location
  sample: false
lock_holder:
  description:
    - The other task that works on the location at this moment. Nothing was written.
    - Left out where that task has not said yet who it is.
  type: dict
  version_added: 0.2.0
  returned: on failure, if another task works on the location
  contains:
    process_id:
      description: The number of its process.
      type: int
      returned: always
      sample: 4711
    host_name:
      description: The name of the machine that it runs on.
      type: str
      returned: always
      sample: runner-1
    module:
      description: The module that it runs.
      type: str
      returned: always
      sample: mdmkit.apps_books.vpp_user
    since:
      description: Since when it works on the location, in UTC.
      type: str
      returned: always
      sample: "2026-11-22T03:00:05Z"
holder:
  description: Who has claimed the location.
  type: dict
  returned: on failure, if the location carries another id than O(mdm_id)
  contains:
    id:
      description: The id of the other management service.
      type: str
      returned: always
      sample: old-mdm
    name:
      description: Its name.
      type: str
      returned: always
      sample: Old MDM
    metadata:
      description: Whatever it wrote there.
      type: str
      returned: always
      sample: https://mdm.example.com
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.assignments import manage_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import (
    allow_empty,
    assume,
    dest,
    listing,
    locking,
    max_removals,
    sending,
    shared,
    state,
    targets,
    waiting,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = {
        **sending(),
        **shared(),
        **allow_empty(),
        **assume(),
        **dest(),
        **listing(),
        **locking(),
        **max_removals(),
        **state(),
        **waiting(),
        "assignments": {
            "type": "list",
            "elements": "dict",
            "options": {
                "assets": {"type": "list", "elements": "raw", "required": True},
                **targets(),
                "groups": {"type": "list", "elements": "str"},
                "title": {"type": "str"},
            },
        },
        "assignments_files": {"type": "list", "elements": "path"},
        "catalog_files": {"type": "list", "elements": "path"},
        "groups_files": {"type": "list", "elements": "path"},
        "inventory_devices": {"type": "dict"},
        "purge": {"type": "str", "choices": ["none", "assets", "targets", "location"], "default": "none"},
        "on_shortage": {"type": "str", "choices": ["fail", "partial"], "default": "fail"},
    }
    run(argument_spec, manage_assignments, required_one_of=[("assignments", "assignments_files")])


if __name__ == "__main__":
    main()
