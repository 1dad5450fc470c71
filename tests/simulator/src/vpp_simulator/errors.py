# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apple's error numbers (apple-api errors.tsv) and the exception that carries one to the answer."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

INVALID_ARGUMENT = 9602
INTERNAL_ERROR = 9603


@dataclass(frozen=True)
class ErrorKind:
    """One row of the table. ``status`` is the HTTP status when the error is the answer to a request."""

    number: int
    status: int
    announced: bool
    message: str


def _read_table() -> dict[int, ErrorKind]:
    text = resources.files("vpp_simulator").joinpath("errors.tsv").read_text(encoding="utf-8")
    table = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        number = int(row["errorNumber"])
        # Errors that only occur inside events have no status of their own; 400 is what a fault rule then answers with.
        table[number] = ErrorKind(number, int(row["httpStatus"] or 400), row["inServiceConfig"] == "yes", row["errorMessage"])
    return table


TABLE: Mapping[int, ErrorKind] = _read_table()

# What a fault rule with a bare status says, when there is a number that fits.
NUMBER_FOR_STATUS = {400: 9602, 401: 9625, 403: 9637, 405: 9726, 410: 9634, 415: 9727, 429: 9646, 500: 9603, 503: 9729}


def error_body(number: int, info: Mapping[str, Any] | None = None, detail: str = "") -> dict[str, Any]:
    """An ErrorResponse. Apple's texts of one number differ (apple-api section 10), so a detail may follow the usual text."""
    kind = TABLE.get(number)
    message = kind.message if kind else "An error that is in no table."
    body: dict[str, Any] = {"errorNumber": number, "errorMessage": f"{message} {detail}".rstrip()}
    if info:
        body["errorInfo"] = dict(info)
    return body


def announced_codes() -> list[dict[str, Any]]:
    """``errorCodes`` of Service Config: the 38 numbers of Apple's example, fewer than the tables (apple-api section 3)."""
    return [{"errorNumber": kind.number, "errorMessage": kind.message} for kind in TABLE.values() if kind.announced]


class ApiError(Exception):
    """A request that is refused at once: nothing at all was done (apple-api section 7)."""

    def __init__(
        self, number: int, *, detail: str = "", info: Mapping[str, Any] | None = None, status: int | None = None, retry_after: str | None = None
    ) -> None:
        super().__init__(number)
        self.number = number
        self.status = status or TABLE[number].status
        self.retry_after = retry_after
        self.body = error_body(number, info, detail)


def invalid(detail: str) -> ApiError:
    """9602 with the reason spelled out."""
    return ApiError(INVALID_ARGUMENT, detail=detail)
