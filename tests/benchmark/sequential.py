# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people write in an afternoon: one session, one request after the other, one app after the other.

    sequential.py read
    sequential.py assign WANTED.json [users] [purge]   {"2000000001": ["D0000001", ...], ...}
    sequential.py users WANTED.csv                     client_user_id,email

It asks who has an app before it gives it, sends up to 1,000 targets a request, asks every second how far the service is, and keeps to
REQUESTS_PER_SECOND. It stops at the first error.
"""

import csv
import json
import os
import sys
import time

import requests

TARGETS_A_REQUEST = 1000
USERS_A_REQUEST = 100


class Service:
    def __init__(self):
        self._base_url = os.environ["VPP_BASE_URL"]
        self._session = requests.Session()
        self._session.headers["Authorization"] = "Bearer " + os.environ["VPP_CONTENT_TOKEN"]
        most = float(os.environ.get("REQUESTS_PER_SECOND", "15"))
        self._pause = 1 / most if most else 0
        self._last = float("-inf")

    def call(self, method, path, **arguments):
        time.sleep(max(0.0, self._last + self._pause - time.monotonic()))
        self._last = time.monotonic()
        answer = self._session.request(method, self._base_url + path, timeout=60, **arguments)
        answer.raise_for_status()
        return answer.json()

    def listed(self, name, **filters):
        index = 0
        while index is not None:
            answer = self.call("GET", "/" + name, params={**filters, "pageIndex": index})
            yield from answer[name]
            index = answer.get("nextPageIndex")

    def write(self, path, body):
        event_id = self.call("POST", path, json=body)["eventId"]
        status = self.call("GET", "/status", params={"eventId": event_id})
        while status["eventStatus"] == "PENDING":
            time.sleep(1)
            status = self.call("GET", "/status", params={"eventId": event_id})
        if status["eventStatus"] != "COMPLETE":
            sys.exit(f"{path}: {status}")


def parts(values, size):
    values = sorted(values)
    return (values[start : start + size] for start in range(0, len(values), size))


def read(service):
    records = list(service.listed("assignments"))
    print(f"{len(records)} assignments")


def assign(service, wanted_file, *flags):
    with open(wanted_file, encoding="utf-8") as stream:
        wanted = json.load(stream)
    member, many = ("clientUserId", "clientUserIds") if "users" in flags else ("serialNumber", "serialNumbers")
    for adam_id, targets in wanted.items():
        holders = {record.get(member) for record in service.listed("assignments", adamId=adam_id)}
        body = {"assets": [{"adamId": adam_id, "pricingParam": "STDQ"}]}
        for part in parts(set(targets) - holders, TARGETS_A_REQUEST):
            service.write("/assets/associate", {**body, many: part})
        if "purge" in flags:
            for part in parts(holders - set(targets), TARGETS_A_REQUEST):
                service.write("/assets/disassociate", {**body, many: part})


def users(service, wanted_file):
    with open(wanted_file, encoding="utf-8", newline="") as stream:
        wanted = {row["client_user_id"]: row["email"] for row in csv.DictReader(stream)}
    present = {record["clientUserId"]: record["email"] for record in service.listed("users", activeOnly="true")}
    changed = [user for user, email in wanted.items() if present.get(user, email) != email]
    for path, ids in (("create", wanted.keys() - present), ("update", changed), ("retire", present.keys() - wanted)):
        for part in parts(ids, USERS_A_REQUEST):
            records = [{"clientUserId": user} if path == "retire" else {"clientUserId": user, "email": wanted[user]} for user in part]
            service.write("/users/" + path, {"users": records})


if __name__ == "__main__":
    {"read": read, "assign": assign, "users": users}[sys.argv[1]](Service(), *sys.argv[2:])
