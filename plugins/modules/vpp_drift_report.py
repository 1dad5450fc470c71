#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_drift_report
short_description: Make one report of what was found in many locations
version_added: 0.2.0
description:
  - Joins what was found in locations, from one run or from several, and writes it as a page to look at, as a comment for a merge request,
    as JUnit XML and as JSON.
  - Files are read and written on the machine that the module runs on. Nothing is sent anywhere, and no content token is needed.
options:
  parts:
    description:
      - What was found, as files or as folders of which all files C(*.json) are taken. The order does not matter.
      - Each is a whole report as O(dest_json) writes it, or what was found in one location. The guide C(docs/guides/drift_report.md) and the
        schema C(docs/schemas/drift.schema.json) tell the format.
      - Of several things said about one location, the newest counts.
    type: list
    elements: path
  parcels:
    description:
      - What other runs found, each as the text RV(parcel) of their result.
      - It is meant for jobs that share no files, such as the slices of a job in AWX.
    type: list
    elements: str
  errors:
    description:
      - Locations that could not be read. Each name is mapped to the reason.
    type: dict
  dest_json:
    description: The file for the whole report, which can be a part of another one.
    type: path
  dest_markdown:
    description: The file for a comment, at most 60000 characters long. The worst comes first, and it tells how much is left out.
    type: path
  dest_html:
    description: The file for a page. It holds all that it needs, and tells how much is left out where there is more than a browser should show.
    type: path
  dest_junit:
    description: The file for JUnit XML, with a test suite for each location and a test case for each kind of finding. O(fail_on) decides which of them fail.
    type: path
  parcel:
    description: Return the report as RV(parcel) too, so that another job can join it with others.
    type: bool
    default: false
  max_details:
    description: How many details of each finding of a location stay in O(dest_json). Their number is told in any case.
    type: int
    default: 1000
  history:
    description:
      - A folder of earlier reports. The page then shows how the figures went, and the comment what changed since the newest of them.
      - Only files with names such as C(drift-20261123T020000Z.json) are looked at. One that cannot be read gives a warning.
    type: path
  history_keep:
    description:
      - Put this report into the folder too, without its details, and remove the oldest ones when there are more than so many.
      - If it is not given, the folder is only read.
    type: int
  fail_on:
    description:
      - Which findings are a reason to stop. They are in RV(status), and fail in O(dest_junit).
      - V(drift) are users, assignments, client configuration and ownership that are not as wanted. V(shortage) are licences that are missing or nearly
        used up. V(expiry) are content tokens that have expired or soon will. V(any) is all of these.
      - A location that could not be read is a reason too, unless V(none) is given.
    type: str
    choices: [none, drift, shortage, expiry, any]
    default: none
  fail:
    description: Let the task fail where O(fail_on) finds something. Everything is written before.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details:
      - The files are written in check mode too, because a search for drift always runs in it. They are only reports, so they do not count as a change.
  diff_mode:
    support: N/A
    details:
      - The module changes nothing but its reports.
  idempotent:
    support: full
    details:
      - The same parts give the same reports.
notes:
  - The module is not in the action group C(group/mdmkit.apps_books.vpp), because it has none of the options for speaking to Apple.
  - The files hold addresses of users and serial numbers. Only the user who runs the module may read them.
  - Folders have to be there. A relative path counts from the folder of the playbook if C(connection) is V(local). Otherwise write absolute paths.
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
"""

EXAMPLES = r"""
- name: Make a page and a comment of what was found last night
  mdmkit.apps_books.vpp_drift_report:
    parts: [/var/lib/vpp/found]
    dest_html: /var/lib/vpp/drift.html
    dest_markdown: /var/lib/vpp/drift.md
    dest_json: /var/lib/vpp/drift.json

- name: Join the reports of four jobs and keep the last 90 for the trend
  mdmkit.apps_books.vpp_drift_report:
    parts:
      - slice-1/drift.json
      - slice-2/drift.json
      - slice-3/drift.json
      - slice-4/drift.json
    errors:
      north: The content token has expired.
    dest_json: drift.json
    dest_html: drift.html
    history: reports
    history_keep: 90

- name: Let a job of continuous integration fail where something has drifted
  mdmkit.apps_books.vpp_drift_report:
    parts: [drift.json]
    dest_junit: drift.junit.xml
    fail_on: drift
    fail: true
"""

RETURN = r"""
made_at:
  description: When the newest part was made.
  type: str
  returned: unless the input is wrong
  sample: "2026-11-23T02:00:00Z"
headline:
  description: The worst of the report in one sentence.
  type: str
  returned: unless the input is wrong
  sample: Drift in 3 of 40 locations
summary:
  description: The figures of the report.
  type: dict
  returned: unless the input is wrong
  contains:
    locations:
      description: How many locations the report is about, those included that could not be read.
      type: int
      returned: always
      sample: 40
    failed:
      description: The locations that could not be read, at most 1000 of them.
      type: list
      elements: str
      returned: always
      sample: [north]
    findings:
      description: How many findings there are of each kind. A kind that was not found is left out.
      type: dict
      returned: always
      sample: {assignment_missing: 12, licence_low: 2}
    worst:
      description: The worst class of the findings, V(drift), V(shortage), V(expiry) or V(note), or V(none).
      type: str
      returned: always
      sample: drift
status:
  description: What O(fail_on) found.
  type: dict
  returned: unless the input is wrong
  contains:
    ok:
      description: Whether there is no reason to stop.
      type: bool
      returned: always
      sample: false
    kinds:
      description: The kinds of findings that are a reason to stop.
      type: list
      elements: str
      returned: always
      sample: [assignment_missing]
    locations:
      description: The locations that are a reason to stop, because they could not be read, at most 1000 of them.
      type: list
      elements: str
      returned: always
      sample: [north]
written:
  description: The files that were written, by what they are. What was not asked for is left out.
  type: dict
  returned: unless the input is wrong
  contains:
    json:
      description: The whole report.
      type: str
      returned: if O(dest_json) is set
      sample: /var/lib/vpp/drift.json
    markdown:
      description: The comment.
      type: str
      returned: if O(dest_markdown) is set
      sample: /var/lib/vpp/drift.md
    html:
      description: The page.
      type: str
      returned: if O(dest_html) is set
      sample: /var/lib/vpp/drift.html
    junit:
      description: The JUnit XML.
      type: str
      returned: if O(dest_junit) is set
      sample: /var/lib/vpp/drift.junit.xml
    history:
      description: The report in the folder of earlier ones.
      type: str
      returned: if O(history_keep) is set
      sample: /var/lib/vpp/reports/drift-20261123T020000Z.json
parcel:
  description:
    - The report as one text, for O(parcels) of another task. It has at most 400000 characters. Where that is not enough for all details, each finding
      keeps fewer of them, and their number is told all the same.
    - It can hold addresses of users and serial numbers, as the report does.
  type: str
  returned: if O(parcel=true)
  sample: eJyrVkrLL8pNLFGyUlDKTS...
faults:
  description: Everything that is wrong with the input, each with its place. RV(ignore:msg) holds the first of them.
  type: list
  elements: str
  returned: on failure, if the input is wrong
  sample:
    - "slice-1/drift.json: format_version 2 is not known here (known: 1); a newer release of the collection may read it"
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.drift_report import write_drift_report
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run_local


def main() -> None:
    argument_spec = {
        "parts": {"type": "list", "elements": "path"},
        "parcels": {"type": "list", "elements": "str"},
        "errors": {"type": "dict"},
        "dest_json": {"type": "path"},
        "dest_markdown": {"type": "path"},
        "dest_html": {"type": "path"},
        "dest_junit": {"type": "path"},
        "parcel": {"type": "bool", "default": False},
        "max_details": {"type": "int", "default": 1000},
        "history": {"type": "path"},
        "history_keep": {"type": "int"},
        "fail_on": {"type": "str", "choices": ["none", "drift", "shortage", "expiry", "any"], "default": "none"},
        "fail": {"type": "bool", "default": False},
    }
    run_local(argument_spec, write_drift_report, required_one_of=[("parts", "parcels", "errors")])


if __name__ == "__main__":
    main()
