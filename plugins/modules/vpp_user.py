#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_user
short_description: Create, update and retire the users of a location
version_added: 0.1.0
description:
  - Makes the users of a location equal to a list. The list is given inline (O(users)), in files (O(users_files)), or both.
  - The module reads the active users and compares. It creates who is missing (C(users/create)), updates whose email differs (C(users/update)),
    and retires whom the list does not name (C(users/retire)), the latter only with O(purge=true) or O(state=absent).
  - Retiring is sent first, then creating, then updating.
  - A retired user who is listed as present is created again. Apple keeps the retired record beside the new one.
  - Who is retired loses all licences that can be taken back. They return to the location.
    Do not count on getting back what can never be taken back, such as books.
  - What a list leaves out is left alone. The module never clears an email, and it never touches licences of users who stay.
  - If something in the input is wrong, the module names everything that is wrong in one message and sends nothing.
options:
  users:
    description:
      - The users. A good form for some hundred of them. Longer lists belong in files, see O(users_files).
      - The same user may come twice if both say the same.
    type: list
    elements: dict
    suboptions:
      client_user_id:
        description:
          - Your own id of the user. It never changes, so do not use an email address. Write it in quotes.
          - Upper and lower case differ. White space around it is refused, and so is a number or a boolean.
        type: str
        required: true
      email:
        description:
          - The address of the user. For information only. The user may accept the invitation with any Apple Account.
          - If it is not set, the stored one is kept.
        type: str
      managed_apple_id:
        description:
          - The Managed Apple Account of the user, in your own organization.
            With it the user needs no invitation.
          - Apple never tells which account a user has, so it cannot be compared. See O(managed_apple_id_policy).
        type: str
  users_files:
    description:
      - Files that list users. They are read one after the other, behind O(users), and mean the same as one list.
      - The ending of a file's name tells its format.
      - C(.csv) has the columns C(client_user_id), C(email) and C(managed_apple_id), in any order. The first line names them.
        The last two may be missing. The columns C(status) and C(id_hash), which M(mdmkit.apps_books.vpp_user_info) writes, are left out.
        Other columns are refused, and so is a user whose C(status) is V(Retired) or V(Deleted).
        Comma, semicolon or tab separates the columns, whichever comes most often in the first line. An empty cell means not given.
      - C(.json) is a list of mappings with the same members. C(.jsonl) and C(.ndjson) have one such mapping on each line.
        A text in place of a mapping is a C(client_user_id).
      - C(.yml) and C(.yaml) are the same list in YAML. Every scalar stays the text that is written, so an id such as C(0017) stays as it is.
        Merge keys (C(<<)) are not supported. YAML takes about fifteen times as long as the others, so use it for small files.
      - C(.txt), or no ending, is one C(client_user_id) a line. Empty lines and lines that begin with C(#) are left out.
      - All files are UTF-8 text. An empty C(.csv), C(.json) or YAML file is refused. An empty list is a header line only, or C([]).
      - A relative path counts from the folder of the playbook if C(connection) is V(local). Otherwise write absolute paths.
    type: list
    elements: path
  state:
    description:
      - V(present) makes sure that the listed users are active.
      - V(absent) retires the listed users. Of each only the C(client_user_id) matters. Who is not active is passed over.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - Whether to retire every active user who is not listed. With O(state=present) only.
      - What O(max_removals) counts are active users of the location.
    type: bool
    default: false
  managed_apple_id_policy:
    description:
      - When O(users[].managed_apple_id) is sent. It cannot be compared, because Apple does not return it.
      - With V(on_create) it is sent only when a user is created. The account of an active user is left alone.
      - With V(always) it is sent in every run for every active user who has one in the list. Every such run reports a change.
        Use it for one run, to give accounts to users who were created without.
    type: str
    choices: [on_create, always]
    default: on_create
  return_invitations:
    description:
      - Return for each user without an Apple Account also the code and the link of the invitation.
      - Whoever has the link can put an Apple Account of their own in the user's place. Set C(no_log) on the task.
      - Apple sends no invitation. Sending the link is up to you.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(managed_apple_id_policy=always) the accounts are sent in every run.
      - After O(wait=false) a second run may not see yet what the first has started.
notes:
  - Never loop over this module. Give it the whole list in one task. A loop reads the state anew for each item.
  - If one C(client_user_id) is listed with two different emails or accounts, the task fails and names both places.
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
  - mdmkit.apps_books.sending
  - mdmkit.apps_books.waiting
  - mdmkit.apps_books.listing
  - mdmkit.apps_books.dest
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_user_info
  - module: mdmkit.apps_books.vpp_asset_assignment
  - module: mdmkit.apps_books.vpp_asset_revocation
  - module: mdmkit.apps_books.vpp_event_info
  - name: Files of the desired state
    description: All file formats, and which form suits which size.
    link: https://github.com/mdmkit/apps_books/blob/main/docs/guides/desired_state_files.md
"""

EXAMPLES = r"""
- name: Make sure that some users exist
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    users:
      - client_user_id: "0017"
        email: ada@example.org
      - client_user_id: "0018"
        email: grace@example.org
      - client_user_id: "0019"

# users.csv looks like this:
#   client_user_id;email;managed_apple_id
#   0017;ada@example.org;
#   0020;alan@example.org;alan@appleid.example.org
- name: Create and update users from a file
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    users_files:
      - "{{ playbook_dir }}/users.csv"

- name: Make the location equal to the files, and retire everybody else
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    users_files:
      - "{{ playbook_dir }}/pupils.csv"
      - "{{ playbook_dir }}/teachers.yml"
    purge: true
    max_removals: 5%

- name: Allow the one large change of the year, when a class leaves
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    users_files:
      - "{{ playbook_dir }}/pupils.csv"
      - "{{ playbook_dir }}/teachers.yml"
    purge: true
    max_removals: "140"

# leavers.txt holds one client_user_id a line
- name: Retire the users who are listed, and nobody else
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    users_files:
      - "{{ playbook_dir }}/leavers.txt"
    state: absent
    max_removals: "30"

- name: Give Managed Apple Accounts to users who were created without, once
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    users:
      - client_user_id: "0018"
        managed_apple_id: grace@appleid.example.org
    managed_apple_id_policy: always

- name: Create a user and get the invitation link
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    users:
      - client_user_id: "0021"
        email: edsger@example.org
    return_invitations: true
  register: newcomer
  no_log: true

- name: Keep the link for the school office
  ansible.builtin.copy:
    dest: "{{ playbook_dir }}/invitation-0021.txt"
    content: "{{ newcomer.users[0].invitation_url }}\n"
    mode: "0600"
  when: newcomer.users[0].invitation_url is defined
  no_log: true

- name: See what would change, and write nothing
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    users_files:
      - "{{ playbook_dir }}/pupils.csv"
      - "{{ playbook_dir }}/teachers.yml"
    purge: true
  check_mode: true
  diff: true
  register: planned

- name: See it all, however much it is
  mdmkit.apps_books.vpp_user:
    content_token_file: /etc/vpp/springfield.vpptoken
    users_files:
      - "{{ playbook_dir }}/pupils.csv"
      - "{{ playbook_dir }}/teachers.yml"
    purge: true
    dest: "{{ playbook_dir }}/plan-of-users.csv"
  check_mode: true

- name: Tell it in one line
  ansible.builtin.debug:
    msg: >-
      {{ planned.plan.counts.created }} to create,
      {{ planned.plan.counts.updated }} to update,
      {{ planned.plan.counts.retired }} to retire

- name: Set token and id once for several tasks
  module_defaults:
    group/mdmkit.apps_books.vpp:
      content_token_file: /etc/vpp/springfield.vpptoken
      mdm_id: springfield-gitops
  block:
    - name: Create and update users
      mdmkit.apps_books.vpp_user:
        users_files:
          - "{{ playbook_dir }}/pupils.csv"

    - name: Give every pupil the reader
      mdmkit.apps_books.vpp_asset_assignment:
        assignments:
          - assets: ["640199958"]
            users_file: "{{ playbook_dir }}/pupils.csv"
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
        retired:
          description:
            - Users who are retired.
          type: int
          returned: always
          sample: 0
        created:
          description:
            - Users who are created.
          type: int
          returned: if O(state=present)
          sample: 0
        updated:
          description:
            - Users whose email differs, or whose account is sent.
          type: int
          returned: if O(state=present)
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
          sample: create
        why:
          description: Why this is changed.
          type: str
          returned: always
          sample: not there
        client_user_id:
          description: The user.
          type: str
          returned: always
          sample: u-0001
        email:
          description: The email that is sent.
          type: str
          returned: if one is sent
          sample: ada@example.org
        managed_apple_id:
          description: The Managed Apple Account that is sent.
          type: str
          returned: if one is sent
          sample: ada@appleid.example.org
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
      description: No way of batching the same changes takes fewer write requests than this. In this module it is always as many as RV(plan.requests).
      type: int
      version_added: 0.2.0
      returned: always
      sample: 1
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
      description: Always 0, since no licences are given. It is here so that all these modules return the same numbers.
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
      description: The kind of the change, V(create), V(update) or V(retire).
      type: str
      returned: always
      sample: create
    client_user_id:
      description: The user.
      type: str
      returned: always
      sample: u-0001
    email:
      description: The email that was to be stored.
      type: str
      returned: if one was to be stored
      sample: one@example.com
    managed_apple_id:
      description: The Managed Apple Account that was to be attached.
      type: str
      returned: if one was to be attached
      sample: one@appleid.example.com
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
        - The kind of the event, V(CREATE), V(UPDATE) or V(RETIRE).
        - V(none) if nobody has asked about the event yet.
      type: str
      returned: always
      sample: CREATE
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
      description: The kind of change that failed, V(create), V(update) or V(retire).
      type: str
      returned: always
      sample: create
    error_number:
      description: Apple's number of the error.
      type: int
      returned: always
      sample: 9635
    error_message:
      description: Apple's text.
      type: str
      returned: always
      sample: "The Managed Apple Account isn't found."
    retryable:
      description: Whether the same can succeed later. V(false) for numbers that are not known.
      type: bool
      returned: always
      sample: false
    hint:
      description: What to do about it. V(none) where nothing is known.
      type: str
      returned: always
      sample: The Managed Apple Account does not exist or belongs to another organization.
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
users:
  description:
    - The listed users who are active after the task, in the order of the list, at most O(max_listed) of them.
    - In check mode, and with O(wait=false), those who are active before it.
  type: list
  elements: dict
  returned: success
  contains:
    client_user_id:
      description: Your own id of the user.
      type: str
      returned: always
      sample: u-0001
    email:
      description: The address of the user. V(none) if there is none.
      type: str
      returned: always
      sample: ada@example.org
    status:
      description: V(Registered) without an Apple Account, V(Associated) with one.
      type: str
      returned: always
      sample: Registered
    id_hash:
      description: A hash of the Apple Account that the user has, or had. V(none) if there never was one.
      type: str
      returned: always
      sample: Sl5i1nwjdb7g1EJDZoYpZmDaK2pM
    invite_code:
      description: The code of the invitation.
      type: str
      returned: if O(return_invitations=true) and the user has no Apple Account yet
      sample: a84ab9ca143bd3ce98878df8c8357a1f
    invitation_url:
      description: The link to send to the user. V(none) if Apple does not say how to build it.
      type: str
      returned: if O(return_invitations=true) and the user has no Apple Account yet
      sample: https://buy.itunes.apple.com/WebObjects/MZFinance.woa/wa/associateVPPUserWithITSAccount?inviteCode=a84ab9ca143bd3ce98878df8c8357a1f&mt=8
users_left_out:
  description: How many of them are not in RV(users), because they are too many to show, see O(max_listed).
  type: int
  returned: success
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
      sample: POST users/create
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
      description: For each user who changes, by C(client_user_id), the email before. What is not there before is left out.
      type: dict
      returned: always
      sample: {u-0001: {email: ada@old.example.org}}
    after:
      description: The same after the change. What is not there then is left out.
      type: dict
      returned: always
      sample: {u-0001: {email: ada@example.org}}
faults:
  description: Everything that is wrong with the input, each with its place. RV(ignore:msg) holds the first of them. Nothing was written.
  type: list
  elements: str
  returned: on failure, if the input is wrong
  sample:
    - "users.csv:17: email 'ada' is not an address"
    - "users[3]: client_user_id is missing"
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

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.users import manage_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import (
    allow_empty,
    dest,
    listing,
    locking,
    max_removals,
    sending,
    shared,
    state,
    waiting,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = {
        **sending(),
        **shared(),
        **allow_empty(),
        **dest(),
        **listing(),
        **locking(),
        **max_removals(),
        **state(),
        **waiting(),
        "users": {
            "type": "list",
            "elements": "dict",
            "options": {
                "client_user_id": {"type": "str", "required": True},
                "email": {"type": "str"},
                "managed_apple_id": {"type": "str"},
            },
        },
        "users_files": {"type": "list", "elements": "path"},
        "purge": {"type": "bool", "default": False},
        "managed_apple_id_policy": {"type": "str", "choices": ["on_create", "always"], "default": "on_create"},
        "return_invitations": {"type": "bool", "default": False},
    }
    run(argument_spec, manage_users, required_one_of=[("users", "users_files")])


if __name__ == "__main__":
    main()
