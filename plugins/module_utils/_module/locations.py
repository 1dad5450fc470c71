# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking Apple about many locations side by side: what fails for one of them is told of that one."""

from __future__ import annotations

import datetime
import os
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pacing import Pacing
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service_config import ServiceConfig
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.token import (
    ContentToken,
    ExpiredToken,
    parse_content_token,
    parse_date,
    without_tokens,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport import COLLECTION_VERSION, ConnectionSettings, Transport
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import shown_asset_record
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.token_file import read_token_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.profile import Profile, read_profile
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.locations import WantedLocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.token_source import find_secret, in_order, no_content_token

Facts = Dict[str, Any]
"""Plain data that JSON can hold, without any secret: ``uid``, ``location_name``, ``country``, ``platform``, ``organization``, ``holder`` (``id``, ``name``,
``metadata``, or None), ``holder_known``, ``token_expires_at`` (UTC, such as 2027-03-01T00:00:00Z), ``token_ends`` (what the token itself says of it) and
``stock`` (None, or a list as vpp_asset_info returns it)."""


class Answer(NamedTuple):
    """What is known of a location.

    :ivar facts: None where it cannot be reached
    :ivar reason: why it cannot be reached, or empty
    :ivar token_expires_at: when its token expired, where that is the reason
    """

    facts: Optional[Facts]
    reason: str = ""
    token_expires_at: Optional[str] = None


class Asking(NamedTuple):
    """How to ask.

    :ivar side_by_side: the most locations that are asked at once
    :ivar stock: whether the owned products are wanted
    """

    base_url: str
    validate_certs: bool
    ca_path: Optional[str]
    http_timeout: float
    retry_budget: float
    side_by_side: int
    stock: bool


def utc_text(moment: Optional[datetime.datetime]) -> Optional[str]:
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def ask_locations(locations: Sequence[WantedLocation], asking: Asking, known: Mapping[str, Facts]) -> Dict[str, Answer]:
    """
    :param known: facts by name that need not be asked for, as long as they are of the same token and hold what is wanted
    :returns: an answer for each name
    """
    answers: Dict[str, Answer] = {}
    tokens: Dict[str, List[Tuple[str, ContentToken]]] = {}
    for location in locations:
        try:
            token = _content_token(location, len(locations) == 1)
        except ExpiredToken as error:
            answers[location.name] = Answer(None, str(error), utc_text(error.expires))
        except AppsBooksError as error:
            answers[location.name] = Answer(None, str(error))
        else:
            facts = known.get(location.name)
            if facts is not None and facts["token_ends"] == utc_text(token.expires) and (facts["stock"] is not None or not asking.stock):
                answers[location.name] = Answer(facts)
            else:
                tokens.setdefault(token.text, []).append((location.name, token))
    # The same token opens the same location, whose limit is shared: it is asked once.
    work = [same[0][1] for same in tokens.values()]
    for same, answer in zip(tokens.values(), _ask_all(work, asking)):
        answers.update((name, answer) for name, dummy in same)
    return answers


class _Unusable(AppsBooksError):
    """The files do not say where the token is."""


def _content_token(location: WantedLocation, alone: bool) -> ContentToken:
    """
    :raises AppsBooksError: there is none that can be used
    """
    if location.faults:
        raise _Unusable("; ".join(location.faults))
    source = find_secret(in_order(location.token, alone), os.environ)
    if source is None:
        raise _Unusable(no_content_token(location.name, location.token))
    text = os.environ[source.variable] if source.variable else read_token_file(source.path, str(source), lambda dummy: None)
    return parse_content_token(text, str(source))


class _SharedServiceConfig:
    """Service Config holds for all locations, so it is read once for all of them."""

    def __init__(self) -> None:
        self._answer: Dict[str, object] = {}
        self._read_at = 0.0

    def load_service_config(self) -> Optional[Tuple[Dict[str, object], float]]:
        return (self._answer, time.monotonic() - self._read_at) if self._answer else None

    def save_service_config(self, answer: Dict[str, object]) -> None:
        self._answer, self._read_at = answer, time.monotonic()


def _ask_all(tokens: Sequence[ContentToken], asking: Asking) -> Iterable[Answer]:
    if not tokens:
        return []
    config = _SharedServiceConfig()
    secrets = {secret for token in tokens for secret in token.secrets}
    transport = _transport("", asking, secrets)
    try:
        ServiceConfig(transport, store=config).answer()
    except AppsBooksError as error:
        return [Answer(None, str(error))] * len(tokens)
    finally:
        transport.close()
    with ThreadPoolExecutor(asking.side_by_side) as threads:
        return list(threads.map(lambda token: _ask(token, asking, config), tokens))


def _ask(token: ContentToken, asking: Asking, config: _SharedServiceConfig) -> Answer:
    secrets = set(token.secrets)
    transport = _transport(token.text, asking, secrets)
    try:
        profile = read_profile(Service(transport, ServiceConfig(transport, store=config)), asking.stock)
        return Answer(remove_values(_facts(profile, token), secrets))
    except AppsBooksError as error:
        return Answer(None, str(error))
    except Exception as error:  # pylint: disable=broad-exception-caught
        # One location whose answers nobody can read must not hide the others. The error may quote what the service sent.
        cause = without_tokens(remove_values(str(error), secrets))
        (where,) = traceback.extract_tb(error.__traceback__)[-1:]
        return Answer(None, f"Apple answered in a form that was not expected ({type(error).__name__} in {os.path.basename(where.filename)}: {cause}).")
    finally:
        transport.close()


def _transport(content_token: str, asking: Asking, secrets: Set[str]) -> Transport:
    """A gate of its own for each location, since the limit is each location's."""
    return Transport(
        ConnectionSettings(
            base_url=asking.base_url,
            content_token=content_token,
            validate_certs=asking.validate_certs,
            ca_path=asking.ca_path,
            timeout=asking.http_timeout,
            retry_budget=asking.retry_budget,
            user_agent=f"mdmkit.apps_books/{COLLECTION_VERSION} (ansible-core {ansible_version}, inventory)",
            conceal=lambda text: remove_values(text, secrets),
        ),
        Pacing(asking.retry_budget),
    )


def _facts(profile: Profile, token: ContentToken) -> Facts:
    return {
        "uid": _text(profile.uid),
        "location_name": _text(profile.location_name),
        "country": _text(profile.country),
        "platform": _text(profile.platform),
        "organization": token.organization,
        "holder": profile.holder._asdict() if profile.holder else None,
        "holder_known": profile.holder_known,
        "token_expires_at": utc_text(parse_date(profile.token_expiration_date) or token.expires),
        "token_ends": utc_text(token.expires),
        "stock": None if profile.stock is None else [shown_asset_record(record) for record in profile.stock],
    }


def _text(value: Any) -> Optional[str]:
    """A text, whatever the service sent."""
    return None if value is None else str(value)
