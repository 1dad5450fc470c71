# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seed documents."""

from __future__ import annotations

from typing import Any

import pytest
from vpp_simulator import hands, seed
from vpp_simulator.behaviour import Behaviour
from vpp_simulator.checks import DocumentError
from vpp_simulator.testing import content_token


def build(document: Any) -> seed.Seed:
    return seed.build(document, tuple(hands.ACTIONS))


def faults_of(document: Any) -> list[str]:
    with pytest.raises(DocumentError) as refusal:
        build(document)
    return refusal.value.faults


def test_everything_wrong_is_told_with_its_place() -> None:
    token = content_token("the-same-token")
    document = {
        "colour": "red",
        "behaviour": {"page_size": "big", "speed": 1},
        "faults": [{"do": {"explode": 1}}],
        "locations": [
            {
                "name": "one",
                "content_token": token,
                "countryISO2ACode": "USA",
                "defaultPlatform": "store",
                "mdmInfo": {"id": "x"},
                "notificationUrl": "https://localhost/x",
                "notificationTypes": ["NEWS"],
                "assets": [
                    {"adamId": "1", "totalCount": 1},
                    {"adamId": "1", "totalCount": 1},
                    {"adamId": "x2", "pricingParam": "BEST", "totalCount": -1},
                    {"productType": "Film", "supportedPlatforms": ["watch"]},
                    "2",
                ],
                "users": [
                    {"clientUserId": "u"},
                    {"clientUserId": "u"},
                    {"status": "Sleeping"},
                    {"clientUserId": 7},
                    {"clientUserId": "m1", "managedAppleId": "a@b.test"},
                    {"clientUserId": "m2", "managedAppleId": "A@b.test"},
                ],
                "assignments": [
                    {"adamId": "1", "serialNumber": "S1"},
                    {"adamId": "1", "serialNumber": "S1"},
                    {"adamId": "1", "serialNumber": "S2"},
                    {"adamId": "9", "serialNumber": "S1"},
                    {"adamId": "1", "clientUserId": "nobody"},
                    {"adamId": "1"},
                    {"adamId": "1", "clientUserId": "u", "userRecord": 5},
                ],
                "generate": {"assets": -1, "assigned": 2, "colour": "red"},
            },
            {"name": "one", "content_token": token},
            {"token": {"token": "t"}, "content_token": token, "uId": "x"},
            {"name": "four", "content_token": "nonsense"},
            {"name": "five", "token": {"token": "t", "expDate": "tomorrow"}},
            {"name": "five b", "token": {"token": "t", "expDate": "2099-01-01T00:00:00Z"}},
            {"name": "six", "tokens": [{"colour": "red"}], "read_only": True},
            {"name": "seven", "assets": {"adamId": "1"}, "revoked": True},
        ],
    }
    assert sorted(faults_of(document)) == sorted(
        [
            "colour: is not known here",
            "behaviour.page_size: must be a whole number, 1 or more",
            "behaviour.speed: is not a behaviour key",
            "faults[0].do.explode: is not known here",
            "locations[0].countryISO2ACode: must be two letters",
            "locations[0].defaultPlatform: must be one of volumestore, enterprisestore",
            "locations[0].mdmInfo.name: is missing",
            "locations[0].mdmInfo.metadata: is missing",
            "locations[0].notificationUrl: goes together with notificationAuthToken",
            "locations[0].notificationTypes: unknown: NEWS",
            "locations[0].assets[1]: 1 STDQ occurs twice",
            "locations[0].assets[2].adamId: must be text of digits",
            "locations[0].assets[2].pricingParam: must be one of STDQ, PLUS",
            "locations[0].assets[2].totalCount: must be a whole number, 0 or more",
            "locations[0].assets[3].adamId: is missing",
            "locations[0].assets[3].productType: must be one of App, Book",
            "locations[0].assets[3].supportedPlatforms: unknown: watch",
            "locations[0].assets[3].totalCount: is missing",
            "locations[0].assets[3]:  STDQ occurs twice",
            "locations[0].assets[4]: must be a mapping",
            "locations[0].assets[4].adamId: is missing",
            "locations[0].assets[4].totalCount: is missing",
            "locations[0].assets[4]:  STDQ occurs twice",
            "locations[0].users[1]: u has an active record already",
            "locations[0].users[2].clientUserId: is missing",
            "locations[0].users[2].status: must be one of Registered, Associated, Retired, Deleted",
            "locations[0].users[3].clientUserId: must be text (quote numbers)",
            "locations[0].users[3]:  has an active record already",
            "locations[0].users[5].managedAppleId: belongs to another active user already",
            "locations[0].assignments[1]: occurs twice",
            "locations[0].assignments[3]: there is no asset 9 STDQ",
            "locations[0].assignments[4]: there is no such user: nobody",
            "locations[0].assignments[5]: must have either clientUserId or serialNumber",
            "locations[0].assignments[6]: there is no such user: u",
            "locations[0].assignments: 2 of 1 STDQ, but its totalCount is 1",
            "locations[0].generate.assets: must be a whole number, 0 or more",
            "locations[0].generate.assigned: must be a number from 0 to 1",
            "locations[0].generate.colour: is not known here",
            "locations[1].content_token: the same content token occurs twice",
            "locations[1].name: one occurs twice",
            "locations[1].uId: is the one of one too",
            "locations[2].name: is missing",
            "locations[2].uId: must be text of digits",
            "locations[2].token: does not go together with content_token",
            "locations[3].content_token: must be Base64 text of a JSON object with token, expDate and orgName",
            "locations[4].token: expDate must look like 2030-11-08T22:33:22+0000",
            "locations[5].token: expDate must look like 2030-11-08T22:33:22+0000",
            "locations[6].read_only: does not go together with tokens",
            "locations[6].tokens[0].colour: is not known here",
            "locations[7].assets: must be a list",
            "locations[7].revoked: is not known here",
        ]
    )


def test_behaviour_that_is_no_mapping() -> None:
    assert faults_of({"behaviour": ["page_size"], "locations": []}) == ["behaviour: must be a mapping"]


@pytest.mark.parametrize("document", [None, [], "text", 5])
def test_documents_that_are_no_mapping(document: Any) -> None:
    assert "must be a mapping" in faults_of(document)


def test_a_seed_without_locations() -> None:
    assert faults_of({}) == ["locations: is missing"]
    assert build({"locations": []}).locations == {}


def test_defaults() -> None:
    built = build({"locations": [{"name": "one", "assets": [{"adamId": 5, "totalCount": 1}, {"adamId": "6", "productType": "Book", "totalCount": 1}]}]})
    assert built.behaviour == Behaviour()
    location = built.locations["one"]
    app, book = location.library.assets.values()
    assert (app.adam_id, app.pricing_param, app.device_assignable, app.revocable, app.platforms) == ("5", "STDQ", True, True, ("iOS",))
    assert (book.device_assignable, book.revocable) == (False, False)
    assert (location.identity.country, location.identity.platform, len(location.identity.uid)) == ("US", "volumestore", 16)
    [token] = location.tokens
    assert token.derived and token.status == "valid"


def test_the_seed_text_decides_ids() -> None:
    one, same, other = (build({"seed": text, "locations": [{"name": "x"}]}).locations["x"] for text in ("a", "a", "b"))
    assert one.tokens[0].text == same.tokens[0].text != other.tokens[0].text
    assert one.identity.uid == same.identity.uid != other.identity.uid
    assert one.library.user_line.current == same.library.user_line.current != other.library.user_line.current


def test_generated_data() -> None:
    document = {
        "locations": [
            {
                "name": "one",
                "assets": [{"adamId": "1", "totalCount": 3}],
                "assignments": [{"adamId": "1", "serialNumber": "D0000002"}],
                "generate": {"assets": 2, "users": 3, "devices": 10, "assigned": 0.5},
            }
        ]
    }
    library = build(document).locations["one"].library
    assert list(library.assets) == [("1", "STDQ"), ("2000000001", "STDQ"), ("2000000002", "STDQ")]
    asset = library.assets["2000000002", "STDQ"]
    assert {library.targets[number] for number in asset.holders} == {f"D{index:07d}" for index in range(1, 6)}
    assert list(asset.holders) == sorted(asset.holders)
    assert asset.device_assignable and asset.available > 13
    assert [(library.user(number).client_user_id, library.user(number).email) for number in library.records] == [
        (f"u-00000{index}", f"u-00000{index}@example.test") for index in (1, 2, 3)
    ]
    # What a seed holds is the first version; nothing has changed since.
    assert library.assignment_line.changed_since(library.assignment_line.current) == set()
    assert library.assignment_line.number == library.user_line.number == library.asset_line.number == 0


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"users": [{"clientUserId": "u-000001"}], "generate": {"users": 1}}, "locations[0].generate.users: u-000001 is listed under users too"),
        (
            {"assets": [{"adamId": "2000000001", "totalCount": 1}], "generate": {"assets": 1}},
            "locations[0].generate.assets: 2000000001 is listed under assets too",
        ),
        ({"assets": [{"adamId": "1", "totalCount": 2147483648}]}, "locations[0].assets[0].totalCount: must not exceed 2147483647"),
        ({"users": [{"clientUserId": "u", "status": "Registered", "managedAppleId": "a@b.test"}]}, "a Registered user has no Apple Account"),
    ],
)
def test_contradictions(members: dict[str, Any], told: str) -> None:
    assert any(told in fault for fault in faults_of({"locations": [{"name": "one", **members}]}))


def test_faults_and_behaviour_of_a_seed_are_in_force() -> None:
    built = build({"behaviour": {"page_size": 7, "limits": {"maxAssets": 2}}, "faults": [{"do": {"status": 500}}], "locations": []})
    assert built.behaviour.page_size == 7 and built.behaviour.limits == {"maxAssets": 2}
    assert len(built.faults.as_list()) == 1


def test_holdings_of_retired_users() -> None:
    location = {
        "name": "one",
        "assets": [{"adamId": "1", "productType": "Book", "totalCount": 5}],
        "users": [{"clientUserId": "u", "status": "Retired"}, {"clientUserId": "u", "status": "Retired"}, {"clientUserId": "u"}],
        "assignments": [{"adamId": "1", "clientUserId": "u"}, {"adamId": "1", "clientUserId": "u", "userRecord": 0}],
    }
    library = build({"locations": [location]}).locations["one"].library
    [book] = library.assets.values()
    assert (book.assigned, book.retired, book.available) == (1, 1, 3)
    assert list(book.holders) == [library.records[0], library.records[2]]
