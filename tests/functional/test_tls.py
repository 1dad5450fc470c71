# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can prove that they are the service, and who only says so: modules over real TLS, with the message that a person reads."""

from __future__ import annotations

import contextlib
import datetime
import pathlib
from typing import Any, Dict, Iterator, List, NamedTuple

import pytest
import trustme
from vpp_simulator.testing import SimulatorHandle, start_simulator

from .conftest import APP, INNER_TOKEN, TOKEN, Location, seed

WRITE = {"assignments": [{"assets": [APP], "devices": ["D3"]}]}


class Services(NamedTuple):
    """:ivar ca_path: the private authority that vouches for all of them but the self-signed one
    :ivar by_fault: the pretended services by what is wrong with their certificate
    """

    ca_path: str
    by_fault: Dict[str, SimulatorHandle]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    now = datetime.datetime.now(datetime.timezone.utc)
    by_name = {
        "none": authority.issue_cert("127.0.0.1"),
        "other name": authority.issue_cert("other.example.test"),
        "expired": authority.issue_cert("127.0.0.1", not_after=now - datetime.timedelta(days=1)),
    }
    certificates = {fault: (leaf.private_key_pem, *leaf.cert_chain_pems) for fault, leaf in by_name.items()}
    alone = trustme.CA()
    certificates["self-signed"] = (alone.private_key_pem, alone.cert_pem)
    by_fault = {}
    with contextlib.ExitStack() as stack:
        for fault, (key, *chain) in certificates.items():
            chain_file, key_file = folder / f"{fault}.pem", folder / f"{fault}.key"
            chain_file.write_bytes(b"".join(part.bytes() for part in chain))
            key.write_to_path(str(key_file))
            by_fault[fault] = stack.enter_context(start_simulator(seed(), extra_args=["--tls-cert", str(chain_file), "--tls-key", str(key_file)]))
        yield Services(str(folder / "authority.pem"), by_fault)


@pytest.fixture
def secure(services: Services) -> Iterator[Location]:
    """The service with a certificate in order, and the authority to trust given as ca_path."""
    simulator = services.by_fault["none"]
    simulator.reset(seed())
    location = Location(simulator)
    location.options["ca_path"] = services.ca_path
    yield location
    assert simulator.violations() == []


def test_ca_path_trusts_a_private_authority(secure: Location) -> None:
    assert secure.simulator.base_url.startswith("https://")
    assert secure.ok("vpp_asset_info")["count"] == 5
    assert secure.ok("vpp_asset_assignment", **WRITE)["changed"]
    assert (APP, "D3") in secure.pairs()


def test_a_folder_as_ca_path_trusts_what_is_prepared_in_it(secure: Location, services: Services, tmp_path: pathlib.Path) -> None:
    (tmp_path / "not-prepared.pem").write_bytes(pathlib.Path(services.ca_path).read_bytes())

    result = secure.fails("vpp_asset_info", ca_path=str(tmp_path), retry_budget=0)

    assert "unable to get local issuer certificate" in result["msg"]


REFUSED = [
    (
        "other name",
        True,
        "its certificate was refused: IP address mismatch, certificate is not valid for '127.0.0.1'. "
        "Correct base_url: it must name the service as the certificate does.",
    ),
    (
        "expired",
        True,
        "its certificate was refused: certificate has expired. The service needs a new certificate, unless the clock of this machine is wrong.",
    ),
    (
        "self-signed",
        True,
        "its certificate was refused: self-signed certificate. Give the private certificate authority as ca_path, or correct base_url.",
    ),
    (
        "none",
        False,
        "its certificate was refused: unable to get local issuer certificate. Give the private certificate authority as ca_path, or correct base_url.",
    ),
]


@pytest.mark.parametrize("module, options", [("vpp_asset_info", {}), ("vpp_asset_assignment", WRITE)])
@pytest.mark.parametrize("fault, private_authority, says", REFUSED)
def test_a_certificate_that_proves_nothing_is_refused(
    services: Services, module: str, options: Dict[str, Any], fault: str, private_authority: bool, says: str
) -> None:
    simulator = services.by_fault[fault]
    simulator.reset(seed())

    result = Location(simulator).fails(module, ca_path=services.ca_path if private_authority else None, **options)

    host = simulator.origin.partition("//")[2]
    assert result["msg"] == f"The TLS connection to {host} cannot be trusted: {says}"
    assert simulator.requests() == [] and not result["changed"]
    assert TOKEN not in str(result) and INNER_TOKEN not in str(result)


@pytest.mark.parametrize("fault", ["none", "other name", "expired", "self-signed"])
def test_checking_can_be_switched_off(services: Services, fault: str) -> None:
    simulator = services.by_fault[fault]
    simulator.reset(seed())

    assert Location(simulator).ok("vpp_asset_info", validate_certs=False)["count"] == 5


def test_a_port_that_does_not_speak_tls_is_told(simulator: SimulatorHandle) -> None:
    result = Location(simulator).fails("vpp_asset_info", base_url=simulator.base_url.replace("http:", "https:"), retry_budget=0)

    assert "cannot be trusted" in result["msg"] and "does this port speak TLS?" in result["msg"]


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("method, module, options", [("GET", "vpp_asset_info", {}), ("POST", "vpp_asset_assignment", WRITE)])
def test_the_bearer_never_follows_a_redirect_to_plain_http(
    secure: Location, simulator: SimulatorHandle, status: int, method: str, module: str, options: Dict[str, Any]
) -> None:
    redirect = {"redirect": simulator.base_url + "/assets", "status": status}
    secure.simulator.faults([{"match": {"method": method, "path": "/assets*"}, "do": redirect, "times": 0}])

    result = secure.fails(module, **options)

    assert f"redirects to {simulator.origin}, without TLS; refused." in result["msg"] and result["msg"].endswith(" Check base_url.")
    assert simulator.requests() == []


@pytest.mark.parametrize("method, module, options", [("GET", "vpp_asset_info", {}), ("POST", "vpp_asset_assignment", WRITE)])
def test_the_bearer_never_follows_a_redirect_to_another_host(
    secure: Location, services: Services, method: str, module: str, options: Dict[str, Any]
) -> None:
    other = services.by_fault["other name"]
    other.reset(seed())
    secure.simulator.faults([{"match": {"method": method, "path": "/assets*"}, "do": {"redirect": other.base_url + "/assets"}, "times": 0}])

    # Without checks, so that nothing else would keep the request from the other host.
    result = secure.fails(module, **options, validate_certs=False, ca_path=None)

    assert f"redirects to another host, {other.origin.partition('//')[2]}; refused." in result["msg"] and result["msg"].endswith(" Check base_url.")
    assert other.requests() == []


PLAIN: List[str] = ["http://vpp.example.test/mdm/v2", "http://127.0.0.1.example.test/mdm/v2", "http://localhost@vpp.example.test/mdm/v2", "HTTP://192.0.2.1/"]


@pytest.mark.parametrize("base_url", PLAIN)
def test_plain_http_is_for_the_own_machine_only(location: Location, base_url: str) -> None:
    result = location.fails("vpp_asset_info", base_url=base_url)

    assert result["msg"] == "1 fault in the input, nothing was written: base_url must begin with https."
    assert result["requests"] == {"reads": 0, "writes": 0}


def test_plain_http_is_fine_on_the_own_machine(location: Location) -> None:
    for host in ("127.0.0.1", "localhost"):
        assert location.ok("vpp_asset_info", base_url=location.simulator.base_url.replace("127.0.0.1", host))["count"] == 5
