# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  base_url:
    description:
      - Where the service is. Set it to work with a simulator.
      - It must begin with V(https://), because the content token is a full credential.
        V(http://) is accepted for the own machine only (V(localhost), V(127.0.0.1), V(::1)).
      - If it is not set, the environment variable E(VPP_BASE_URL) is used.
    type: str
    default: https://vpp.itunes.apple.com/mdm/v2
  validate_certs:
    description:
      - Whether the certificate of the service is checked.
      - V(false) lets anybody on the way read the content token. Use it for tests only.
      - If it is not set, the environment variable E(VPP_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - The certificate authorities to trust in place of the usual ones.
      - A file with certificates in PEM format, or a folder of such files that was prepared with C(c_rehash).
      - If it is not set, the environment variable E(VPP_CA_PATH) is used, then E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE),
        then the authorities that the Python library C(requests) trusts.
    type: path
  http_timeout:
    description:
      - How many seconds to wait for a connection, and for each answer. More than 0. No number of seconds may be more than 31536000, a year.
    type: float
    default: 60
  retry_budget:
    description:
      - How many seconds the whole task may stand still, in all, because the service refuses requests for the moment or cannot be reached.
        When they are used up, the task fails. V(0) means that no request is repeated.
      - Reads are repeated after every failure that may pass. Writes are repeated only where the service surely did not accept them.
      - If the service has never answered yet, the task fails after three tries, because the address is probably wrong.
    type: float
    default: 300
requirements:
  - python >= 3.9
  - requests
notes:
  - An option that is an empty text or null counts as not given, so that a job survey may leave it empty.
  - Options are checked before Ansible does it and before anything is sent. Everything that is wrong comes in one message, with option and index.
    Ids that are no text are refused, because YAML reads C(0017) as 15 and C(yes) as true. Write them in quotes.
  - The module works from any machine that reaches Apple. Usually that is the control node, with C(connection) set to V(local).
    The Python libraries and the files that options name have to be on the machine where the module runs.
  - The environment variables E(HTTPS_PROXY), E(HTTP_PROXY) and E(NO_PROXY) are honoured.
"""
