# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service, one method a call: snake_case and plain data on this side, Apple's camelCase on the other.

Endpoints and fields: openapi.yaml. Paging, writing and events: README sections 5 to 9.
"""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, Generator, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost, NotOurs, ServiceError, WrongLocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pages import Page, read_following, read_stable
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service_config import ServiceConfig
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport import Transport
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import (
    AppsBooksError,
    Asset,
    AssetRecord,
    AssignmentRecord,
    ClientConfig,
    Event,
    Failure,
    Limits,
    MdmInfo,
    User,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Progress

_CLIENT_CONFIG = "client/config"

Query = Mapping[str, Union[str, int, bool, None]]
"""Filters by Apple's parameter names in snake_case. What is None or an empty text does not filter."""


class AssignmentPage(NamedTuple):
    """:ivar afresh: whether what earlier pages said is void
    :ivar changes_only: whether the page tells only what changed since
    """

    assignments: List[AssignmentRecord]
    version_id: Optional[str]
    afresh: bool
    total_pages: int = 1
    changes_only: bool = False


class UserPage(NamedTuple):
    users: List[User]
    total_pages: int
    version_id: Optional[str]
    changes_only: bool
    reading: int = 0
    afresh: bool = False


class LocationFacts(NamedTuple):
    """What the answers so far said about the location. mdm_info is None until an answer carries it."""

    uid: Optional[str] = None
    mdm_info: Optional[MdmInfo] = None
    token_expiration_date: Optional[str] = None


class Service:
    """One location of the service, as its content token shows it.

    Every method raises what Transport.get and Transport.post raise; the readers of pages also ChangedWhileReading.

    :ivar progress: told of everything that may take long
    :ivar facts: what the answers so far said about the location
    :ivar page_sizes: how many records a full page holds, as far as seen, by ``assignments`` and ``users``
    :ivar expected_uid: the uId that every answer must carry; None where any will do
    :ivar expected_location: the name that the location must have, asked for before anything else; None where any will do
    :ivar expected_holder: the id of mdmInfo that the location must carry for writes to be sent; None where any will do
    """

    def __init__(
        self,
        transport: Transport,
        config: ServiceConfig,
        expected_uid: Optional[str] = None,
        expected_location: Optional[str] = None,
        on_uid: Optional[Callable[[str], bool]] = None,
        progress: Optional[Progress] = None,
    ) -> None:
        """
        :param on_uid: called once with the location's uId, as soon as that is known: with the expected one before the first request, else
            before the first answer that carries it is used. Tells whether what was read before may not be true any more. Whatever it
            raises ends the call.
        """
        self.progress = progress or Progress()
        self._transport = transport
        self.config = config
        self.expected_uid = expected_uid
        self.expected_location = expected_location
        self._on_uid = on_uid
        self._on_uid_lock = threading.Lock()
        self._opened = False
        self.facts = LocationFacts()
        self.page_sizes: Dict[str, int] = {}
        self.expected_holder: Optional[str] = None

    def ensure_not_taken_over(self) -> None:
        """Nothing stops somebody else from claiming the location while a task runs; any answer may show it (README section 4).

        :raises NotOurs: naming who holds the location
        """
        holder = self.facts.mdm_info
        if self.expected_holder is not None and holder is not None and holder.id != self.expected_holder:
            raise NotOurs(
                f"This location is managed by {holder}, not by {self.expected_holder}. No further write was sent.",
                "Take it over with vpp_client_config if that is wanted.",
                {"holder": dict(holder._asdict())},
            )

    def limits(self) -> Limits:
        return self.config.limits()

    @property
    def known_uid(self) -> Optional[str]:
        """The location's uId, as far as it is known without asking."""
        return self.facts.uid or self.expected_uid

    def uid(self) -> Optional[str]:
        """The location's uId; asked for where nobody has told it yet."""
        if self.known_uid is None:
            self._assets_page({"pageIndex": "0"})
        return self.known_uid

    def rest(self, seconds: float) -> bool:
        """Let no request leave for a while, at the expense of the retry budget; False where there is too little left of it."""
        return self._transport.pacing.rest(seconds)

    # Configuration

    def client_config(self) -> ClientConfig:
        config = _client_config(self._get("clientConfig", _CLIENT_CONFIG))
        self._ensure_expected_location(config)
        return config

    def set_client_config(self, config: ClientConfig) -> ClientConfig:
        """Store the four settable members, all of them: what a left-out one does is unknown (README section 4)."""
        body: Dict[str, Any] = {"notificationTypes": list(config.notification_types)}
        if config.mdm_info is not None:
            body["mdmInfo"] = config.mdm_info._asdict()
        if config.notification_url is not None and config.notification_auth_token is not None:
            body["notificationUrl"] = config.notification_url
            body["notificationAuthToken"] = config.notification_auth_token
        return _client_config(self._post("clientConfig", _CLIENT_CONFIG, body))

    # Reading

    def assets(self, filters: Optional[Query] = None, most_pages: Optional[int] = None) -> List[AssetRecord]:
        """All owned products of one version, each once; those that stand in the list of unlimited ones too.

        :raises TooManyPages: there are more than ``most_pages``
        """
        records: Dict[Asset, AssetRecord] = {}
        for page in read_stable(self._assets_page, _parameters(filters), "assets", "unlimitedAssets", most_pages=most_pages, progress=self.progress):
            for raw in page.records:
                record = _asset_record(raw)
                records[record.asset] = record
        return list(records.values())

    def assignments(self, filters: Optional[Query] = None) -> Generator[AssignmentPage, None, None]:
        """Pages of assignments. The same one may come twice, and a page may begin afresh."""
        assets: Dict[Tuple[Any, Any], Asset] = {}
        for page in read_following(self._assignments_page, _parameters(filters), "assignments", progress=self.progress):
            self._note_page_size("assignments", page)
            records = [_assignment_record(raw, assets) for raw in page.records]
            yield AssignmentPage(records, page.version_id, page.afresh, page.total_pages, page.changes_only)

    def assignments_of_one_version(self, filters: Query, most_pages: Optional[int] = None) -> Tuple[List[AssignmentRecord], Optional[str]]:
        """The records, and the version that all their pages agree on. With ``since_version_id`` what changed since.

        :raises TooManyPages: there are more than ``most_pages``
        """
        assets: Dict[Tuple[Any, Any], Asset] = {}
        pages = read_stable(self._assignments_page, _parameters(filters), "assignments", most_pages=most_pages, progress=self.progress)
        return [_assignment_record(raw, assets) for page in pages for raw in page.records], pages[0].version_id

    def users(self, filters: Optional[Query] = None) -> Generator[UserPage, None, None]:
        """Pages of user records. The same one may come twice, and a page may begin afresh.

        An incremental page also tells of retired users under ``activeOnly``, since they are what changed.
        """
        parameters = _parameters(filters)
        since = {name: value for name, value in parameters.items() if name != "activeOnly"}
        for page in read_following(self._users_page, parameters, "users", since, self.progress):
            self._note_page_size("users", page)
            yield UserPage([_user(raw) for raw in page.records], page.total_pages, page.version_id, page.changes_only, page.reading, page.afresh)

    def users_of_one_version(self, filters: Query, most_pages: Optional[int] = None) -> Tuple[List[User], Optional[str]]:
        """Like assignments_of_one_version."""
        pages = read_stable(self._users_page, _parameters(filters), "users", most_pages=most_pages, progress=self.progress)
        return [_user(raw) for page in pages for raw in page.records], pages[0].version_id

    def users_version(self) -> Optional[str]:
        """For asking later what changed since."""
        return self._users_page({"pageIndex": "0"}).get("versionId")

    def _assets_page(self, query: Mapping[str, str]) -> Dict[str, Any]:
        return self._get("getAssets", "assets", query)

    def _assignments_page(self, query: Mapping[str, str]) -> Dict[str, Any]:
        return self._get("getAssignments", "assignments", query)

    def _users_page(self, query: Mapping[str, str]) -> Dict[str, Any]:
        return self._get("getUsers", "users", query)

    def _note_page_size(self, member: str, page: Page) -> None:
        # Every page but the last is full.
        if page.afresh and page.total_pages > 1 and page.records:
            self.page_sizes[member] = len(page.records)

    # Writing: each answers the event's id

    def associate(self, assets: Iterable[Asset], client_user_ids: Sequence[str], serial_numbers: Sequence[str]) -> str:
        return self._submit("associateAssets", "assets/associate", _assets_body(assets, client_user_ids, serial_numbers))

    def disassociate(self, assets: Iterable[Asset], client_user_ids: Sequence[str], serial_numbers: Sequence[str]) -> str:
        return self._submit("disassociateAssets", "assets/disassociate", _assets_body(assets, client_user_ids, serial_numbers))

    def revoke(self, client_user_ids: Sequence[str], serial_numbers: Sequence[str]) -> str:
        return self._submit("revokeAssets", "assets/revoke", _targets_body(client_user_ids, serial_numbers))

    def create_users(self, users: Sequence[Mapping[str, str]]) -> str:
        return self._submit("createUsers", "users/create", _users_body(users))

    def update_users(self, users: Sequence[Mapping[str, str]]) -> str:
        return self._submit("updateUsers", "users/update", _users_body(users))

    def retire_users(self, users: Sequence[Mapping[str, str]]) -> str:
        return self._submit("retireUsers", "users/retire", _users_body(users))

    def event(self, event_id: str) -> Event:
        raw = self._get("eventStatus", "status", {"eventId": event_id})
        return Event(
            event_id,
            raw.get("eventType"),
            raw.get("eventStatus") or "PENDING",
            raw.get("numRequested"),
            raw.get("numCompleted"),
            tuple(_failure(failure) for failure in raw.get("failures") or []),
        )

    def _submit(self, name: str, path: str, body: Mapping[str, Any]) -> str:
        event_id = self._post(name, path, body).get("eventId")
        if not event_id:
            raise AnswerLost(f"POST {path}", "the answer names no event")
        return str(event_id)

    def _get(self, name: str, path: str, query: Optional[Mapping[str, str]] = None) -> Dict[str, Any]:
        self._open(path)
        url = self.config.url(name, path)
        answer = self._noted(self._transport.get(url, query))
        if self._tell_uid(self.facts.uid):
            answer = self._noted(self._transport.get(url, query))
        return answer

    def _open(self, path: str) -> None:
        """What has to be sure before the first request is sent."""
        if self._opened:
            return
        self._opened = True
        self._tell_uid(self.expected_uid)
        if self.expected_location and path != _CLIENT_CONFIG:
            try:
                self.client_config()
            except ServiceError as error:
                if not error.no_right:
                    raise
                hint = "A read-only token cannot tell which location it opens, so expected_location does not go with it. Use expected_uid."
                raise AppsBooksError(error.message, hint, error.details) from error

    def _tell_uid(self, uid: Optional[str]) -> bool:
        """Whether what was read until now has to be read again."""
        with self._on_uid_lock:
            if self._on_uid is None or not uid:
                return False
            on_uid, self._on_uid = self._on_uid, None
            return on_uid(str(uid))

    def _ensure_expected_location(self, config: ClientConfig) -> None:
        name = (config.location_name or "").strip()
        if self.expected_location and name != self.expected_location.strip():
            opened = f"the location {name}" if name else "a location without a name"
            raise WrongLocation(
                f"The content token opens {opened} (uid {config.uid}), but expected_location is {self.expected_location.strip()}. Nothing was written.",
                "Give the content token of the location that is meant.",
            )

    def _post(self, name: str, path: str, body: Mapping[str, Any]) -> Dict[str, Any]:
        self._open(path)
        self.ensure_not_taken_over()
        return self._noted(self._transport.post(self.config.url(name, path), body))

    def _noted(self, answer: Dict[str, Any]) -> Dict[str, Any]:
        uid = answer.get("uId")
        # The first request of every task is a read, so a wrong token is found out before anything is written.
        if self.expected_uid and uid and uid != self.expected_uid:
            raise WrongLocation(
                f"The content token opens the location with uid {uid}, but expected_uid is {self.expected_uid}. Nothing was written.",
                "Give the content token of the location that is meant.",
            )
        self.facts = LocationFacts(
            uid or self.facts.uid,
            _mdm_info(answer.get("mdmInfo")) or self.facts.mdm_info,
            answer.get("tokenExpirationDate") or self.facts.token_expiration_date,
        )
        return answer


def failure_of(error: ServiceError) -> Failure:
    """A refused request in the form in which an event tells its failures."""
    return _failure({"errorNumber": error.number, "errorMessage": error.text, "errorInfo": error.info})


def _parameters(filters: Optional[Query]) -> Dict[str, str]:
    """Filters as they go over the wire (README section 15)."""
    return {_camel_case(name): _text(value) for name, value in (filters or {}).items() if value is not None and value != ""}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _text(value: Union[str, int, bool, None]) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _assets_body(assets: Iterable[Asset], client_user_ids: Sequence[str], serial_numbers: Sequence[str]) -> Dict[str, Any]:
    body = _targets_body(client_user_ids, serial_numbers)
    # pricingParam is always sent: what it means to leave it out is unknown (README section 7).
    body["assets"] = [{"adamId": asset.adam_id, "pricingParam": asset.pricing_param} for asset in assets]
    return body


def _targets_body(client_user_ids: Sequence[str], serial_numbers: Sequence[str]) -> Dict[str, Any]:
    body: Dict[str, Any] = {}
    if client_user_ids:
        body["clientUserIds"] = list(client_user_ids)
    if serial_numbers:
        body["serialNumbers"] = list(serial_numbers)
    return body


_USER_MEMBERS = {"client_user_id": "clientUserId", "email": "email", "managed_apple_id": "managedAppleId"}


def _users_body(users: Sequence[Mapping[str, str]]) -> Dict[str, Any]:
    return {"users": [{_USER_MEMBERS[name]: value for name, value in user.items()} for user in users]}


def _asset(raw: Mapping[str, Any]) -> Asset:
    return Asset(str(raw.get("adamId")), raw.get("pricingParam") or "STDQ")


def _asset_record(raw: Mapping[str, Any]) -> AssetRecord:
    return AssetRecord(
        _asset(raw),
        raw.get("productType"),
        bool(raw.get("deviceAssignable")),
        bool(raw.get("revocable")),
        tuple(raw.get("supportedPlatforms") or ()),
        int(raw.get("assignedCount") or 0),
        raw.get("availableCount"),
        raw.get("retiredCount"),
        raw.get("totalCount"),
    )


def _assignment_record(raw: Mapping[str, Any], assets: Dict[Tuple[Any, Any], Asset]) -> AssignmentRecord:
    key = (raw.get("adamId"), raw.get("pricingParam"))
    asset = assets.get(key)
    if asset is None:
        asset = assets[key] = _asset(raw)
    return AssignmentRecord(asset, raw.get("clientUserId"), raw.get("serialNumber"), raw.get("userStatus"), raw.get("idHash"))


def _user(raw: Mapping[str, Any]) -> User:
    return User(str(raw.get("clientUserId")), raw.get("email"), raw.get("status"), raw.get("inviteCode"), raw.get("idHash"))


def _mdm_info(raw: Any) -> Optional[MdmInfo]:
    if not isinstance(raw, dict) or not raw.get("id"):
        return None
    return MdmInfo(str(raw["id"]), str(raw.get("name") or ""), str(raw.get("metadata") or ""))


def _client_config(raw: Mapping[str, Any]) -> ClientConfig:
    return ClientConfig(
        _mdm_info(raw.get("mdmInfo")),
        raw.get("notificationUrl"),
        raw.get("notificationAuthToken"),
        tuple(sorted(raw.get("subscribedNotificationTypes") or ())),
        raw.get("uId"),
        raw.get("locationName"),
        raw.get("countryISO2ACode"),
        raw.get("defaultPlatform"),
        raw.get("websiteURL"),
        raw.get("tokenExpirationDate"),
    )


def _failure(raw: Mapping[str, Any]) -> Failure:
    info = raw.get("errorInfo") or {}
    return Failure(
        raw.get("errorNumber"),
        str(raw.get("errorMessage") or ""),
        tuple(_asset(asset) for asset in info.get("assets") or ()),
        tuple(info.get("clientUserIds") or ()),
        tuple(info.get("serialNumbers") or ()),
    )
