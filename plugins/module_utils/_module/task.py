# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task: from AnsibleModule to the service and back. The only place, with options.py, that knows Ansible."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import ssl
import traceback
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pacing import Pacing
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service_config import ServiceConfig
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.token import TokenError, parse_content_token, without_tokens
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport import (
    COLLECTION_VERSION,
    REQUESTS_IMPORT_ERROR,
    ConnectionSettings,
    Transport,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.lock import LocationLock
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.run import Waiting
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.dest import dest_faults, write_dest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.option_faults import Rules, option_faults
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.option_secrets import secret_texts, without_misplaced_secrets, without_secrets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import DEFAULT_BASE_URL, Spec
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.space import USUAL_MOST_LISTED, few_arguments, first, short_texts
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.token_file import read_token_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import Ceiling, parse_ceiling
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import FOLDER_VARIABLE, Progress, ProgressFile
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.reading import Reading
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot_folder import Snapshots
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import url_fault
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.questions import question_faults
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.token_source import TOKEN_FILE_VARIABLE, TOKEN_VARIABLE


class LocalTask:
    """What the work of a module needs that speaks to nobody.

    :ivar options: the module's options; an empty text counts as not given
    """

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self.options: Dict[str, Any] = module.params
        self.check_mode: bool = module.check_mode
        self.wants_diff: bool = module._diff  # pylint: disable=protected-access

    def warn(self, text: str) -> None:
        self._module.warn(text)


class Task(LocalTask):
    """What a module's work needs: its options, and the service once they have been found good."""

    def __init__(self, module: AnsibleModule) -> None:
        super().__init__(module)
        self._name: str = module._name  # pylint: disable=protected-access
        self._transport: Optional[Transport] = None
        self._readings: List[Reading] = []
        self._lock: Optional[LocationLock] = None
        self._progress_file: Optional[ProgressFile] = None

    @functools.cached_property
    def snapshots(self) -> Optional[Snapshots]:
        """Where tasks leave to one another what they read; None where the person does not want it."""
        options = self.options
        folder = options["snapshot_dir"]
        return Snapshots(folder, options["base_url"], self.warn, options["snapshot_max_age"]) if folder else None

    def note(self, reading: Optional[Reading]) -> None:
        """Tell in the result how something was read."""
        if reading is not None:
            self._readings.append(reading)

    def hide(self, *secrets: Optional[str]) -> None:
        """Keep texts out of everything that the module prints from now on."""
        self._module.no_log_values.update(secret for secret in secrets if secret)

    def concealed(self, text: str) -> str:
        """A text without what is hidden."""
        return remove_values(text, self._module.no_log_values)

    def first(self, name: str, records: Iterable[Any]) -> List[Any]:
        """The first records, as many as a result can show under this name of space.py."""
        return first(name, records, self.options.get("max_listed", USUAL_MOST_LISTED))

    def write_dest(self, columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Dict[str, Any]:
        """Write all records to the file that the option names.

        :param columns: every member that a record can have, in the order of a CSV file
        :returns: what the result says of it; empty where the option is not given
        :raises AppsBooksError: it cannot be written
        """
        path = self.options["dest"]
        if not path:
            return {}
        secrets = [secret for secret in self._module.no_log_values if secret]
        write_dest(path, columns, records, lambda text: self.concealed(text) if any(secret in text for secret in secrets) else text)
        return {"dest": path}

    @property
    def waiting(self) -> Waiting:
        options = self.options
        return Waiting(options["wait"], options["wait_timeout"], options["wait_interval"], options["stuck_after"], options["on_failure"] == "fail")

    def ceiling(self, default: Optional[str]) -> Optional[Ceiling]:
        """
        :raises InputError: max_removals cannot be read
        """
        text = self.options["max_removals"] or default
        return parse_ceiling(text) if text else None

    def connect(self, needs_token: bool = True) -> Service:
        """
        :raises InputError, TokenError: the options for the connection or for what is asked are wrong; nothing was sent
        """
        options = self.options
        dummy, content_token = read_all(self._check_connection, self._content_token if needs_token else str)
        progress = self._watched_progress()
        self._transport = Transport(
            ConnectionSettings(
                base_url=options["base_url"],
                content_token=content_token,
                validate_certs=options["validate_certs"],
                ca_path=options["ca_path"],
                timeout=options["http_timeout"],
                retry_budget=options["retry_budget"],
                user_agent=f"mdmkit.apps_books/{COLLECTION_VERSION} (ansible-core {ansible_version})",
                conceal=self.concealed,
            ),
            Pacing(options["retry_budget"], progress=progress),
        )
        if "lock_timeout" in options and not self.check_mode:
            self._lock = LocationLock(self._name, options["lock_timeout"], self.warn, progress=progress)
        return Service(
            self._transport,
            ServiceConfig(self._transport, store=self.snapshots),
            options["expected_uid"],
            options["expected_location"],
            self._lock.take if self._lock is not None else None,
            progress,
        )

    def cost(self) -> Dict[str, Any]:
        """What was asked of the service, for the result."""
        sent = self._transport.sent if self._transport is not None else {}
        requests = {"reads": sent.get("GET", 0), "writes": sent.get("POST", 0)}
        readings = [reading._asdict() for reading in self._readings]
        return {"requests": requests, **({"reads": readings} if readings else {})}

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        if self._lock is not None:
            self._lock.release()
        if self._progress_file is not None:
            self._progress_file.close()

    def _watched_progress(self) -> Progress:
        """What the task is doing, told to whoever watches."""
        progress = Progress()
        folder = os.environ.get(FOLDER_VARIABLE)
        if folder:
            self._progress_file = ProgressFile(progress, folder, self._name)
        return progress

    def _check_connection(self) -> None:
        options = self.options
        faults = list(filter(None, [url_fault(options["base_url"], "base_url", DEFAULT_BASE_URL)]))
        faults.extend(f"{name} must be more than 0" for name in ("http_timeout", "wait_interval", "stuck_after") if options.get(name, 1) <= 0)
        not_negative = ("retry_budget", "wait_timeout", "max_listed", "lock_timeout", "snapshot_max_age")
        faults.extend(f"{name} must not be less than 0" for name in not_negative if options.get(name, 0) < 0)
        if options.get("dest"):
            faults.extend(dest_faults(options["dest"]))
        if options["ca_path"] and options["validate_certs"]:
            faults.extend(_authority_faults(options["ca_path"]))
        faults.extend(question_faults(options))
        if faults:
            raise InputError(faults)

    def _content_token(self) -> str:
        text, source = self._token_text()
        self.hide(text.strip())
        token = parse_content_token(text, source)
        self.hide(*token.secrets)
        for warning in token.warnings:
            self.warn(warning)
        return token.text

    def _token_text(self) -> Tuple[str, str]:
        """The token's text and where it is from. What the task says comes before what the environment says, whichever of the two it names."""
        text, path = self.options["content_token"], self.options["content_token_file"]
        if text and path:
            raise InputError(["content_token and content_token_file are both given; give one"])
        if text:
            return text, "content_token"
        if path:
            return self._file_text(path, f"content_token_file {path}")
        if os.environ.get(TOKEN_VARIABLE):
            return os.environ[TOKEN_VARIABLE], f"the environment variable {TOKEN_VARIABLE}"
        if os.environ.get(TOKEN_FILE_VARIABLE):
            path = os.path.expanduser(os.environ[TOKEN_FILE_VARIABLE])
            return self._file_text(path, f"the file {path}, named by {TOKEN_FILE_VARIABLE},")
        raise TokenError(
            "No content token is given.", f"Set content_token or content_token_file, or {TOKEN_VARIABLE} or {TOKEN_FILE_VARIABLE} in the environment."
        )

    def _file_text(self, path: str, source: str) -> Tuple[str, str]:
        return read_token_file(path, source, self.hide), source


def _authority_faults(path: str) -> Iterator[str]:
    if not os.path.exists(path):
        yield f"ca_path {path} does not exist"
    elif not os.path.isdir(path):
        try:
            ssl.create_default_context(cafile=path)
        except (OSError, ValueError) as error:
            yield f"ca_path {path} holds no certificates that can be read: {getattr(error, 'reason', None) or error}"


class _Module(AnsibleModule):
    """:ivar _nothing_asked: what a result says of requests where none was sent"""

    def __init__(self, rules: Rules, nothing_asked: Mapping[str, Any]) -> None:
        self._rules = rules
        self._nothing_asked = nothing_asked
        super().__init__(supports_check_mode=True, **rules._asdict())

    def _load_params(self) -> None:
        super()._load_params()
        # A token in the wrong place is shown neither by Ansible at -vvv nor in a complaint about it.
        options = without_misplaced_secrets(self.params, self._rules.argument_spec)
        # Job surveys send an empty text for what nobody filled in; dropping it here lets defaults and environment take its place.
        self.params = {name: value for name, value in options.items() if value not in (None, "", [""])}
        # Ansible learns what is secret only while it checks the options, and would show it where that goes wrong.
        self.no_log_values.update(secret_texts(self._rules.argument_spec, self.params))
        given = {name: value for name, value in self.params.items() if not name.startswith("_ansible_")}
        faults = option_faults(self._rules, given)
        if faults:
            self.params = without_secrets(self._rules.argument_spec, given)
            fail(self, InputError(faults), self._nothing_asked)

    def add_path_info(self, kwargs: Dict[str, Any]) -> Dict[str, Any]:
        """Nothing: for Ansible, a result with ``dest`` is about a file, whose owner would take the place of the location's uid."""
        return kwargs

    def _return_formatted(self, kwargs: Dict[str, Any]) -> None:
        shown = few_arguments(without_secrets(self._rules.argument_spec, self.params))
        super()._return_formatted({"invocation": {"module_args": short_texts(remove_values(shown, self.no_log_values))}, **kwargs})


_NOTHING_ASKED: Mapping[str, Any] = {"requests": {"reads": 0, "writes": 0}}


def fail(module: AnsibleModule, error: AppsBooksError, cost: Mapping[str, Any]) -> None:
    """End the module with an error: its message, and its details in the result."""
    details = dict(error.details)
    if "faults" in details:
        details["faults"] = first("faults", details["faults"], USUAL_MOST_LISTED)
    module.fail_json(msg=str(error), **{"changed": False, **details, **cost})


Work = Callable[[Task], Dict[str, Any]]
"""What a module does: from a task to its result. Raises AppsBooksError, whose details join the result of the failed task."""


def run_local(argument_spec: Spec, work: Callable[[LocalTask], Dict[str, Any]], **relations: Sequence[Sequence[str]]) -> None:
    """The main() of a module that reads and writes files and speaks to nobody.

    :param relations: required_one_of and mutually_exclusive, as AnsibleModule takes them
    """
    with _no_search_for_garbage():
        module = _Module(Rules(argument_spec, **relations), {})
        try:
            result = work(LocalTask(module))
        except AppsBooksError as error:
            fail(module, error, {})
        module.exit_json(**result)


def run(argument_spec: Spec, work: Work, **relations: Sequence[Sequence[str]]) -> None:
    """The main() of every module that speaks to Apple.

    :param relations: required_one_of and mutually_exclusive, as AnsibleModule takes them
    """
    with _no_search_for_garbage():
        _run(argument_spec, work, **relations)


@contextlib.contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """A million records are in no circles. Looking for circles among them again and again took a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _run(argument_spec: Spec, work: Work, **relations: Sequence[Sequence[str]]) -> None:
    module = _Module(Rules(argument_spec, **relations), _NOTHING_ASKED)
    if REQUESTS_IMPORT_ERROR is not None:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    task = Task(module)
    try:
        result = work(task)
    except AppsBooksError as error:
        fail(module, error, task.cost())
    except Exception as error:  # pylint: disable=broad-exception-caught
        # Ansible would show it as it is, and it may quote what the service sent.
        cause = without_tokens(task.concealed(str(error)))
        cost = task.cost()
        module.fail_json(
            msg=f"Apple answered in a form that was not expected, or this module has a fault: {type(error).__name__}: {cause}. Please report it.",
            exception="".join(traceback.format_tb(error.__traceback__)) + type(error).__name__,
            changed=cost["requests"]["writes"] > 0,
            **cost,
        )
    finally:
        task.close()
    module.exit_json(**result, **task.cost())


def read_all(*readers: Callable[[], Any]) -> List[Any]:
    """Read several parts of the input and tell the faults of all of them together.

    :raises InputError: with the faults of every reader
    :raises TokenError: the token is the only fault
    """
    parts: List[Any] = []
    faults: List[str] = []
    token_error: Optional[TokenError] = None
    for reader in readers:
        try:
            parts.append(reader())
        except InputError as error:
            faults.extend(error.faults)
        except TokenError as error:
            token_error = error
    if token_error is not None and not faults:
        raise token_error
    if faults:
        raise InputError(([str(token_error).rstrip(".")] if token_error is not None else []) + faults)
    return parts
