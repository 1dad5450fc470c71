# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: locations
short_description: One host for each location, that is for each content token
version_added: 0.2.0
description:
  - Makes each location of Apple's App and Book Management service a host of the group C(locations), which is what the playbooks of the collection work on.
  - The locations come from the folders of a repository, from a list, or from token files. What is said of the same name in several of them is joined.
  - Each host says where its content token is, never the token itself, and what Apple tells of the location. So locations can be chosen with C(--limit), by
    groups, and split into job slices.
  - Asks with one request for each location, and with one more for every page of assets if O(stock=true). It never writes.
  - A location whose token is missing, broken, expired or refused becomes a host all the same, in the group C(vpp_unreachable).
  - The file must be called C(locations.yml) or C(locations.yaml), or end with that, such as C(school.locations.yml).
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: Names this plugin.
    type: str
    required: true
    choices: [mdmkit.apps_books.locations]
  locations_path:
    description:
      - The folder that holds a folder for each location, as the playbook P(mdmkit.apps_books.location#role) is applied to. Each of them becomes a host.
      - This and every other path that is not absolute is relative to the inventory file.
    type: path
  locations:
    description:
      - Locations one by one. An entry that is called like a folder below O(locations_path) adds to it.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the location is called.
        type: str
        required: true
      location_path:
        description: The folder with its files.
        type: path
      content_token_env:
        description:
          - The name of the environment variable that holds its content token.
          - By default what C(location.yml) names, or else C(VPP_CONTENT_TOKEN_) and the name in capitals, where each letter other than C(A-Z) and C(0-9)
            becomes C(_).
        type: str
      content_token_file:
        description: The file that holds its content token. It comes before the environment.
        type: path
      mdm_id:
        description:
          - The id that has to hold the location. It becomes the variable C(location_mdm_id).
          - By default what C(location.yml) or C(client_config.yml) of the folder says, or else O(mdm_id), which only decides about groups.
        type: str
  token_files:
    description:
      - Files that hold a content token, or patterns such as V(/etc/vpp/*.vpptoken). Each is the token of the location that is called like the file without
        its ending, whether that has a folder or not.
    type: list
    elements: path
    default: []
  facts:
    description:
      - Whether to ask Apple. With V(false) nothing is sent and no token is looked at; the hosts have neither facts nor the groups that come of them.
    type: bool
    default: true
  stock:
    description:
      - Whether to ask for the owned products, too. They are then in the variable C(vpp_stock).
    type: bool
    default: false
  drift_report:
    description:
      - The C(drift.json) of the last drift report. What it says of a location is put into variables and groups.
      - Does no harm where there is no such file yet.
    type: path
  mdm_id:
    description:
      - The id that your locations are held by, for the groups C(vpp_ownership_ours) and C(vpp_ownership_others), where the files of a location do not tell.
      - If it is not set, the environment variable E(VPP_MDM_ID) is used.
    type: str
  expiring_days:
    description: How many days before its end a content token puts its location into the group C(vpp_expiring).
    type: int
    default: 30
  side_by_side:
    description: How many locations are asked at the same time. Each has a limit of requests of its own, which is kept.
    type: int
    default: 10
  base_url:
    description:
      - Where the service is. Set it to work with a simulator.
      - What is set here becomes the variable C(location_base_url), so that the playbooks work with the same service.
      - It must begin with V(https://), except on the own machine.
      - If it is not set, the environment variable E(VPP_BASE_URL) is used, and without it V(https://vpp.itunes.apple.com/mdm/v2).
    type: str
  validate_certs:
    description:
      - Whether the certificate of the service is checked. What is set here becomes the variable C(location_validate_certs).
      - If it is not set, the environment variable E(VPP_VALIDATE_CERTS) is used, and without it V(true).
    type: bool
  ca_path:
    description:
      - The certificate authorities to trust in place of the usual ones, a file or a folder. What is set here becomes the variable C(location_ca_path).
      - If it is not set, the environment variable E(VPP_CA_PATH) is used.
    type: path
  http_timeout:
    description: How many seconds to wait for a connection, and for each answer.
    type: float
    default: 30
  retry_budget:
    description: How many seconds to stand still for each location, in all, because the service refuses requests for the moment or cannot be reached.
    type: float
    default: 60
requirements:
  - requests
notes:
  - Options may be templates, except numbers and those of the cache. Extra variables can be used in them. An empty text counts as not given.
  - Variables of each host are C(ansible_connection) (V(local)), C(ansible_python_interpreter), C(location_name), C(location_path) where the location has a
    folder, and C(location_content_token_env) or C(location_content_token_file).
  - If Apple is asked, further C(vpp_location_name), C(vpp_uid), C(vpp_country), C(vpp_platform) (V(volumestore) for education, V(enterprisestore) for
    business), C(vpp_organization), C(vpp_holder) (C(id), C(name), C(metadata)), C(vpp_ownership) (V(ours), V(others), V(unclaimed), V(unknown)),
    C(vpp_token_expires_at), C(vpp_days_left), C(vpp_stock) (like RV(mdmkit.apps_books.vpp_asset_info#module:assets)), C(vpp_same_library) (other
    locations whose tokens open the same library) and C(vpp_unreachable_reason). What is not known is null.
  - With O(drift_report), C(vpp_drift) (each kind of finding with its number), C(vpp_drift_made_at) and C(vpp_drift_error).
  - Groups are C(locations), and as far as they have members C(vpp_unreachable), C(vpp_country_us) and so on, C(vpp_platform_volumestore),
    C(vpp_platform_enterprisestore), C(vpp_ownership_ours) and so on, C(vpp_expiring), C(vpp_same_library), C(vpp_drift), C(vpp_shortage) and C(vpp_expiry)
    (by the classes of findings), C(vpp_drift_assignment_missing) and so on, and C(vpp_drift_failed). More can be made with O(keyed_groups), O(groups)
    and O(compose).
  - A read-only token may not read the client configuration. Name, country and platform stay null then, and who holds the location is known only where
    other answers say so.
  - The cache holds what Apple told of each location that could be reached, and no secret. A token with another date of expiry than the one before is asked
    with again. Locations that could not be reached are always tried again.
  - Texts of Apple are never taken for templates.
  - Tokens from a vault (C(location_content_token) in C(host_vars)) are not known to the inventory. Set O(facts=false) then.
"""

EXAMPLES = r"""
# locations.yml, beside the folder "locations" of the repository
plugin: mdmkit.apps_books.locations
locations_path: locations

---
# Tokens from files, with stock figures, cached for an hour
plugin: mdmkit.apps_books.locations
token_files: [/etc/vpp/*.vpptoken]
stock: true
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/apps_books
cache_timeout: 3600
compose:
  licences_left: vpp_stock | default([], true) | rejectattr('unlimited') | sum(attribute='available_count')
groups:
  out_of_stock: vpp_stock | default([], true) | rejectattr('unlimited') | selectattr('available_count', 'equalto', 0) | length > 0
keyed_groups:
  - key: vpp_organization
    prefix: organization

---
# Folders and single locations, and those in which the last drift report found something
plugin: mdmkit.apps_books.locations
locations_path: "{{ lookup('ansible.builtin.env', 'LOCATIONS') or 'locations' }}"
locations:
  - name: springfield
    content_token_env: SPRINGFIELD_TOKEN
  - name: head-office
    location_path: /srv/licences/head-office
    content_token_file: /etc/vpp/head-office.vpptoken
drift_report: reports/drift.json
"""

import datetime
import os
import time
from typing import Any, Dict, List, Mapping, Optional

from ansible.errors import AnsibleParserError
from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport import REQUESTS_IMPORT_ERROR
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.location_hosts import LocationHost, Looking, location_hosts
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.locations import Answer, Asking, ask_locations
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.option_faults import Rules, option_faults
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.option_secrets import holds_a_token, without_misplaced_secrets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import DEFAULT_BASE_URL, Spec, shared
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.reading import read_report
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Location
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, url_fault
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.locations import WantedLocation, wanted_locations

try:
    # Since ansible-core 2.19 a text is no template unless it is said to be one; before, it was unless it was said not to be.
    from ansible.template import trust_as_template
except ImportError:
    from ansible.utils.unsafe_proxy import wrap_var as _never_a_template

    trust_as_template = str
else:

    def _never_a_template(value: Any) -> Any:
        return value


_OF_THE_CONNECTION = ("base_url", "validate_certs", "ca_path")
_PATHS = ("locations_path", "drift_report", "ca_path")
_CACHE_FORMAT = 1
_MOST_NAMED = 10


def _spec() -> Spec:
    """The options that are ours, as the modules describe theirs."""
    modules = shared()
    location: Spec = {
        "name": {"type": "str", "required": True},
        "location_path": {"type": "path"},
        "content_token_env": {"type": "str"},
        "content_token_file": {"type": "path"},
        "mdm_id": {"type": "str"},
    }
    return {
        "locations_path": {"type": "path"},
        "locations": {"type": "list", "elements": "dict", "default": [], "options": location},
        "token_files": {"type": "list", "elements": "path", "default": []},
        "facts": {"type": "bool", "default": True},
        "stock": {"type": "bool", "default": False},
        "drift_report": {"type": "path"},
        "expiring_days": {"type": "int", "default": 30},
        "side_by_side": {"type": "int", "default": 10},
        "http_timeout": {"type": "float", "default": 30},
        "retry_budget": {"type": "float", "default": 60},
        **{name: modules[name] for name in (*_OF_THE_CONNECTION, "mdm_id")},
    }


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Adds the hosts; what they are is worked out elsewhere."""

    NAME = "mdmkit.apps_books.locations"

    def verify_file(self, path: str) -> bool:
        return super().verify_file(path) and path.endswith(("locations.yml", "locations.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        given = self._given(self._read_config_data(path))
        try:
            base = os.path.dirname(os.path.abspath(path))
            options = _checked(given, base)
            locations = wanted_locations(base, options["locations_path"] or "", options["locations"], options["token_files"])
        except InputError as error:
            raise AnsibleParserError(f"{path}: {'; '.join(error.faults)}") from None
        findings = self._findings(options["drift_report"])
        answers = self._answers(locations, options, path, cache) if options["facts"] else None
        looking = Looking(options["mdm_id"] or "", options["expiring_days"], datetime.datetime.now(datetime.timezone.utc))
        handed_on = {f"location_{name}": options[name] for name in _OF_THE_CONNECTION if given.get(name) is not None}
        for host in location_hosts(locations, answers, findings, looking):
            self._add(host, handed_on)

    def _given(self, config: Mapping[str, Any]) -> Dict[str, Any]:
        """Our own options as they stand in the file, with templates filled in, and whatever is not known at all."""
        self.templar.available_variables = self._vars
        of_ansible = set(self.option_definitions) - set(_spec())
        own = {name: self.templar.template(value) for name, value in config.items() if name not in of_ansible}
        return {name: value for name, value in own.items() if value not in (None, "")}

    def _findings(self, drift_report: Optional[str]) -> Dict[str, Location]:
        """What the last report says, by name. Without a report that can be read there is none, which is no reason to do without hosts."""
        if not drift_report or not os.path.exists(drift_report):
            return {}
        try:
            return {location.name: location for location in read_report(drift_report)}
        except InputError as error:
            self.display.warning(f"There are no groups and variables of the last report: {error.faults[0]}")
            return {}

    def _answers(self, locations: List[WantedLocation], options: Mapping[str, Any], path: str, cache: bool) -> Dict[str, Answer]:
        if REQUESTS_IMPORT_ERROR is not None:
            raise AnsibleParserError(missing_required_lib("requests"))
        asking = Asking(**{name: options[name] for name in Asking._fields})
        kept = self._kept(path) if self.get_option("cache") and cache else {}
        answers = ask_locations(locations, asking, {name: entry["facts"] for name, entry in kept.items()})
        if self.get_option("cache"):
            now = time.time()
            facts = {name: answer.facts for name, answer in answers.items() if answer.facts is not None}
            entries = {name: kept[name] if name in kept and kept[name]["facts"] is told else {"at": now, "facts": told} for name, told in facts.items()}
            self._cache[self.get_cache_key(path)] = {"format": _CACHE_FORMAT, "locations": entries}
        unreachable = [as_name(name) for name, answer in answers.items() if answer.facts is None]
        if unreachable:
            named = ", ".join(unreachable[:_MOST_NAMED]) + (", ..." if len(unreachable) > _MOST_NAMED else "")
            self.display.warning(f"{len(unreachable)} of {len(answers)} locations cannot be reached: {named}. See their variable vpp_unreachable_reason.")
        return answers

    def _kept(self, path: str) -> Dict[str, Dict[str, Any]]:
        """What the cache holds, by name. Whatever somebody else may have put there is not looked at."""
        kept = self._cache.get(self.get_cache_key(path))
        if not isinstance(kept, dict) or kept.get("format") != _CACHE_FORMAT:
            return {}
        timeout = self.get_option("cache_timeout")
        oldest = time.time() - timeout if timeout else 0
        return {name: entry for name, entry in kept["locations"].items() if entry["at"] > oldest}

    def _add(self, host: LocationHost, handed_on: Mapping[str, Any]) -> None:
        name = self.inventory.add_host(host.name)
        variables = {variable: _never_a_template(value) for variable, value in {**handed_on, **host.variables}.items()}
        variables.update(ansible_connection=trust_as_template("local"), ansible_python_interpreter=trust_as_template("{{ ansible_playbook_python }}"))
        for variable, value in variables.items():
            self.inventory.set_variable(name, variable, value)
        for group in host.groups:
            self.inventory.add_child(self.inventory.add_group(self._sanitize_group_name(group)), name)
        strict = self.get_option("strict")
        variables = self.inventory.get_host(name).get_vars()  # Its names and groups are among them.
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)


def _checked(given: Mapping[str, Any], base: str) -> Dict[str, Any]:
    """The options with what is not given filled in from the environment and by default.

    :param base: what paths in the file are relative to
    :raises InputError: with all faults
    """
    spec = _spec()
    shown = without_misplaced_secrets(given, spec)
    faults = option_faults(Rules(spec), shown)
    if any(holds_a_token(value) for name, value in given.items() if name in spec):
        faults.append("a content token stands in the file; name the environment variable or the file that holds it")
    if faults:
        raise InputError(faults)
    result = ArgumentSpecValidator(spec).validate(shown)
    if result.error_messages:
        raise InputError(list(result.error_messages))
    options = result.validated_parameters
    options.update({name: os.path.join(base, options[name]) for name in _PATHS if name in given})
    faults = list(filter(None, [url_fault(options["base_url"], "base_url", DEFAULT_BASE_URL)]))
    faults.extend(f"{name} must be more than 0" for name in ("side_by_side", "http_timeout") if options[name] <= 0)
    faults.extend(f"{name} must not be less than 0" for name in ("retry_budget", "expiring_days") if options[name] < 0)
    if options["ca_path"] and not os.path.exists(options["ca_path"]):
        faults.append(f"ca_path {options['ca_path']} does not exist")
    if faults:
        raise InputError(faults)
    return options
