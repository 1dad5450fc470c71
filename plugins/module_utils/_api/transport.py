# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP to the service: one kept-alive session, paced, repeated where that is safe, every answer looked at once.

This is the only file that imports requests.
"""

from __future__ import annotations

import collections
import json
import os
import re
import ssl
import threading
import traceback
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import urljoin, urlsplit

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import (
    INTERNAL_ERROR,
    REFUSED_FOR_NOW,
    AnswerLost,
    ConnectionFailed,
    GaveUpRetrying,
    ServiceError,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pacing import Pacing, seconds_of_retry_after
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.token import without_tokens
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError

try:
    import requests
    import requests.adapters
    import requests.utils
except ImportError:
    requests = None
    REQUESTS_IMPORT_ERROR: Optional[str] = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

try:
    from orjson import loads as _loads
except ImportError:
    from json import loads as _loads

COLLECTION_VERSION = "0.1.0"
PARALLEL_REQUESTS = 5
"""Apple allows five page requests at once (README section 6). No more are under way, however many threads ask."""

# urllib3 begins its messages with the connection object.
_CONNECTION_OBJECT = re.compile(r"^(<[^>]*>|\w*Connection(Pool)?\([^)]*\)): ")

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 3
# Characters of an answer that is not from the service.
_MOST_LOOKED_AT = 20000
_MOST_TOLD = 200
# Reasons of OpenSSL to refuse a certificate.
_EXPIRED_OR_EARLY = frozenset((9, 10))
_OTHER_NAME = frozenset((62, 64))
# A service that never answered is probably a wrong address: a person wants to hear that now, not when the retry budget is used up.
_TRIES_BEFORE_FIRST_ANSWER = 3


class ConnectionSettings(NamedTuple):
    """:ivar conceal: takes secrets out of a text that the service sent
    """

    base_url: str
    content_token: str
    validate_certs: bool = True
    ca_path: Optional[str] = None
    timeout: float = 60.0
    retry_budget: float = 300.0
    user_agent: str = "mdmkit.apps_books/" + COLLECTION_VERSION
    conceal: Callable[[str], str] = str

    def __repr__(self) -> str:
        """Without the token."""
        return f"ConnectionSettings(base_url={self.base_url!r})"


class _Answer(NamedTuple):
    """:ivar text: what the service says went wrong, or the answer's beginning where it is not from the service
    """

    status: int
    body: Dict[str, Any]
    text: str
    retry_after: float
    location: Optional[str]

    @property
    def error_number(self) -> Optional[int]:
        number = self.body.get("errorNumber")
        return number if isinstance(number, int) else None

    @property
    def refused_for_now(self) -> bool:
        return self.status in (429, 503) or self.error_number in REFUSED_FOR_NOW

    @property
    def broken(self) -> bool:
        """An internal error, or an answer that is not from the service: whether a write was accepted cannot be told."""
        return not self.refused_for_now and (self.status >= 500 or self.error_number == INTERNAL_ERROR or (self.status == 200 and not self.body))


class Transport:
    """Sends requests under a base URL and returns the decoded JSON object of the answer.

    Errors are recognised by ``errorNumber`` under whatever HTTP status (README section 2).

    :ivar pacing: the gate for all requests
    :ivar sent: how many requests left, by method, repeated ones included
    """

    def __init__(self, settings: ConnectionSettings, pacing: Pacing) -> None:
        self.base_url = settings.base_url.rstrip("/")
        self.pacing = pacing
        self.sent: "collections.Counter[str]" = collections.Counter()
        self._timeout = settings.timeout
        self._heard_from_service = False
        self._authorization = {"Authorization": "Bearer " + settings.content_token}
        self._conceal = settings.conceal
        self._session = _session(settings, self.base_url)
        self._counting = threading.Lock()
        self._places = threading.Semaphore(PARALLEL_REQUESTS)

    def close(self) -> None:
        self._session.close()

    def same_origin(self, url: str) -> bool:
        return _origin(url) == _origin(self.base_url)

    def get(self, url: str, query: Optional[Mapping[str, str]] = None, authorized: bool = True) -> Dict[str, Any]:
        """Read. Repeated after every failure that may pass, within the retry budget.

        :raises ServiceError: the service answered with an error
        :raises ConnectionFailed: no answer
        :raises GaveUpRetrying: the retry budget is used up
        """
        return self._send("GET", url, dict(query or {}), None, authorized)

    def post(self, url: str, body: Mapping[str, Any]) -> Dict[str, Any]:
        """Write. Repeated only where the service surely did not accept the request.

        :raises ServiceError: the service answered with an error: nothing was done (README section 10)
        :raises AnswerLost: the request may have been accepted
        :raises ConnectionFailed, GaveUpRetrying: it was not accepted
        """
        return self._send("POST", url, {}, dict(body), True)

    def _send(self, method: str, url: str, query: Mapping[str, str], body: Optional[Mapping[str, Any]], authorized: bool) -> Dict[str, Any]:
        request = f"{method} {self._short(url)}"
        attempt = 0
        while True:
            answer, cause = None, ""
            try:
                answer = self._in_turn(request, method, url, query, body, authorized)
            except _NotSent as error:
                cause = str(error)
            except _NoAnswer as error:
                if method == "POST":
                    raise AnswerLost(request, str(error)) from error
                cause = str(error)
            if answer is not None:
                if not answer.refused_for_now and not answer.broken:
                    if answer.status == 200 and answer.error_number is None:
                        return answer.body
                    raise _service_error(request, answer)
                if answer.broken and method == "POST":
                    raise AnswerLost(request, _told(answer))
                cause = _told(answer)
            elif not self._heard_from_service and attempt + 1 >= _TRIES_BEFORE_FIRST_ANSWER:
                raise ConnectionFailed(f"No connection to {self.base_url}: {cause}.", "Check base_url, the proxy settings and the network.")
            if not self.pacing.back_off(attempt, answer.retry_after if answer else 0.0):
                waits = f"Apple asks to wait {answer.retry_after:.0f} s. " if answer and answer.retry_after else ""
                raise GaveUpRetrying(
                    f"{request} did not succeed within the retry budget of {self.pacing.retry_budget:g} s ({attempt + 1} tries). "
                    f"The last one: {cause.rstrip('.')}.",
                    waits + "Run again later, or raise retry_budget.",
                    {"error_number": answer.error_number if answer else None, "retryable": True},
                )
            attempt += 1

    def _in_turn(self, request: str, method: str, url: str, query: Mapping[str, str], body: Optional[Mapping[str, Any]], authorized: bool) -> _Answer:
        # The turn comes last: who has one must not stand in a queue, or requests would leave in bursts.
        with self._places:
            if not self.pacing.wait_for_turn():
                raise GaveUpRetrying(
                    f"{request} was not sent: Apple asks to be left alone for longer than the retry budget of {self.pacing.retry_budget:g} s lasts.",
                    "Run again later, or raise retry_budget.",
                    {"retryable": True},
                )
            with self._counting:
                self.sent[method] += 1
            return self._exchange(method, url, query, body, authorized)

    def _exchange(self, method: str, url: str, query: Mapping[str, str], body: Optional[Mapping[str, Any]], authorized: bool) -> _Answer:
        """One request and its answer, redirects within the same origin included."""
        headers = dict(self._authorization) if authorized else {}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode("utf-8")
        for dummy in range(_MOST_REDIRECTS + 1):
            answer = self._once(method, url, query, data, headers)
            if answer.status not in _REDIRECTS or not answer.location:
                return answer
            target = urljoin(url, answer.location)
            if not self.same_origin(target):
                # The bearer is a full credential: it stays with the host that the person named.
                where = self._told_text(urlsplit(target).netloc)
                plain = target.startswith("http:") and self.base_url.startswith("https:")
                where = f"http://{where}, without TLS" if plain else f"another host, {where}"
                raise ConnectionFailed(f"{self._short(url)} redirects to {where}; refused.", "Check base_url.")
            if method != "GET" and answer.status not in (307, 308):
                raise ConnectionFailed(
                    f"{method} {self._short(url)} was redirected with HTTP {answer.status}, which would turn it into a read.", "Check base_url."
                )
            url, query = target, {}
        raise ConnectionFailed(f"{self._short(url)} redirects without end.", "Check base_url.")

    def _once(self, method: str, url: str, query: Mapping[str, str], data: Optional[bytes], headers: Mapping[str, str]) -> _Answer:
        try:
            response = self._session.request(
                method, url, params=query, data=data, headers=headers, timeout=self._timeout, allow_redirects=False
            )
        except requests.exceptions.SSLError as error:
            # A certificate is refused before the request leaves. Any other fault of this layer may also have spoilt the answer.
            refused_before = isinstance(_innermost(error), ssl.SSLCertVerificationError)
            if not refused_before and (method == "POST" or self._heard_from_service):
                raise _NoAnswer(_root_cause(error)) from error
            cause, hint = _certificate_fault(_innermost(error))
            raise ConnectionFailed(f"The TLS connection to {urlsplit(url).netloc} cannot be trusted: {cause or _root_cause(error)}.", hint) from None
        except requests.exceptions.ConnectTimeout as error:
            raise _NotSent(f"no connection within {self._timeout:g} s") from error
        except requests.exceptions.ProxyError as error:
            raise _NotSent(f"the proxy refused: {_root_cause(error)}") from error
        except requests.exceptions.Timeout as error:
            raise _NoAnswer(f"no answer within {self._timeout:g} s") from error
        except requests.exceptions.RequestException as error:
            cause = _root_cause(error)
            if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
                raise _NotSent(cause) from error
            raise _NoAnswer(cause) from error
        except ValueError as error:
            # The session looks at the target of a redirect even where it is not to follow it.
            raise ConnectionFailed(f"{self._short(url)} redirects to what is no address: {self._told_text(str(error))}.", "Check base_url.") from None
        self._heard_from_service = True
        body: Any = None
        try:
            body = _loads(response.content)
        except ValueError:
            pass
        if isinstance(body, dict):
            text = self._told_text(str(body.get("errorMessage") or ""))
        else:
            text = self._told_text(response.text[:_MOST_LOOKED_AT])[:_MOST_TOLD]
        return _Answer(
            response.status_code,
            body if isinstance(body, dict) else {},
            text or "no text",
            seconds_of_retry_after(response.headers.get("Retry-After")),
            response.headers.get("Location"),
        )

    def _told_text(self, text: str) -> str:
        """What the service sent, in one line that may be shown: proxies like to repeat the request that they did not like, bearer and all.

        It has to be concealed here: once it is cut off, nobody recognises the rest of a secret.
        """
        return without_tokens(self._conceal(" ".join(text.split())))

    def _short(self, url: str) -> str:
        return url[len(self.base_url) + 1:] if url.startswith(self.base_url + "/") else url


class _NotSent(Exception):
    """The connection was never made."""


class _NoAnswer(Exception):
    """The connection broke, or nothing came, after the request may have left."""


def _session(settings: ConnectionSettings, base_url: str) -> requests.Session:
    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=PARALLEL_REQUESTS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = settings.user_agent
    session.headers["Accept"] = "application/json"
    # requests would read the environment anew for every request; once is enough, and .netrc must never replace our bearer.
    session.proxies = requests.utils.get_environ_proxies(base_url, no_proxy=None)
    session.trust_env = False
    if not settings.validate_certs:
        session.verify = False
        requests.packages.urllib3.disable_warnings()
    elif settings.ca_path:
        if not os.path.exists(settings.ca_path):
            raise AppsBooksError(f"ca_path {settings.ca_path} does not exist.")
        session.verify = settings.ca_path
    else:
        name = next((name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name)), None)
        if name and base_url.startswith("https:") and not os.path.exists(os.environ[name]):
            raise AppsBooksError(f"{os.environ[name]}, which {name} of the environment names, does not exist.")
        session.verify = os.environ[name] if name else True
    return session


def _origin(url: str) -> Tuple[str, Optional[str], Optional[int]]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", url, None
    return parts.scheme, parts.hostname, port or {"https": 443, "http": 80}.get(parts.scheme)


def _innermost(error: BaseException) -> BaseException:
    """The last reason in a chain of wrapped exceptions."""
    for dummy in range(10):
        inner = getattr(error, "reason", None) or next((a for a in error.args if isinstance(a, BaseException)), None)
        if not isinstance(inner, BaseException):
            break
        error = inner
    return error


def _certificate_fault(error: BaseException) -> Tuple[str, str]:
    """What is wrong with a certificate, or an empty text where it is something else, and what to do about it."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return "", "Check base_url: does this port speak TLS?"
    hint = "Give the private certificate authority as ca_path, or correct base_url."
    if error.verify_code in _EXPIRED_OR_EARLY:
        hint = "The service needs a new certificate, unless the clock of this machine is wrong."
    elif error.verify_code in _OTHER_NAME:
        hint = "Correct base_url: it must name the service as the certificate does."
    return f"its certificate was refused: {error.verify_message.rstrip('.')}", hint


def _root_cause(error: BaseException) -> str:
    """The innermost reason in one line and without addresses of objects."""
    innermost = _innermost(error)
    text = str(innermost) or type(innermost).__name__
    return _CONNECTION_OBJECT.sub("", text).rstrip(".")


def _told(answer: _Answer) -> str:
    number = f"error {answer.error_number}, " if answer.error_number is not None else ""
    return f"{number}HTTP {answer.status}: {answer.text}"


def _service_error(request: str, answer: _Answer) -> ServiceError:
    info = answer.body.get("errorInfo")
    return ServiceError(request, answer.status, answer.error_number, answer.text, info if isinstance(info, dict) else None)
