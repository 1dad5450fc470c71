# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: start, ready line, bad input, stop."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from vpp_simulator import __version__
from vpp_simulator.cli import main
from vpp_simulator.testing import ApiClient, SimulatorHandle, start_simulator


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command itself; yields the process and its first line of output."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vpp_simulator", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "vpp_simulator", *arguments], capture_output=True, text=True, timeout=20, check=False)


def base_url(line: str) -> str:
    return line.removeprefix("vpp-simulator ready at ").strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it_quickly_and_cleanly(number: signal.Signals) -> None:
    with started("--port", "0") as (process, line):
        assert re.fullmatch(r"vpp-simulator ready at http://127\.0\.0\.1:\d+/mdm/v2\n", line)
        simulator = SimulatorHandle(base_url(line))
        api = simulator.api()
        # A kept connection, and a request that hangs.
        assert api.get("/users").status == 200
        simulator.faults([{"do": {"hang_ms": 60000}}])
        hanging = threading.Thread(target=lambda: pytest.raises(http.client.HTTPException, simulator.api().get, "/users"))
        hanging.start()
        while not simulator.requests()[-1]["fault"]:
            time.sleep(0.01)
        began = time.monotonic()
        process.send_signal(number)
        output, errors = process.communicate(timeout=5)
        assert time.monotonic() - began < 2
        hanging.join()
    assert (process.returncode, output, errors) == (0, "", "")


def test_it_serves_the_seed_file(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("---\nlocations:\n  - name: from file\n    assets: [{adamId: 1000000001, totalCount: 3}]\n", encoding="utf-8")
    with start_simulator(seed, validate=False) as simulator:
        api = simulator.api()
        assert api.get("/client/config").json["locationName"] == "from file"
        assert api.get("/assets").json["assets"][0]["adamId"] == "1000000001"
        assert simulator.violations() is None


def test_the_built_in_seed() -> None:
    with start_simulator() as simulator:
        assert simulator.state()["name"] == "springfield"
        assert {user["status"] for user in simulator.api().get("/users").json["users"]} == {"Registered", "Associated"}
        assert simulator.violations() == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "locations: [{name: x, assets: [{adamId: '1'}]}, {colour: red}]",
            ["locations[0].assets[0].totalCount: is missing", "locations[1].colour: is not known here", "locations[1].name: is missing"],
        ),
        ("locations: [", ["line 2, column 1: is neither YAML nor JSON"]),
        ("a: \x07", ["is neither YAML nor JSON"]),
        ("", ["must be a mapping"]),
    ],
)
def test_a_bad_seed_file(tmp_path: Path, text: str, told: list[str]) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(text, encoding="utf-8")
    result = run("--seed", str(seed))
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.startswith(f"vpp-simulator: seed {seed}:")
    assert "Traceback" not in result.stderr
    for words in told:
        assert words in result.stderr


def test_a_missing_seed_file(tmp_path: Path) -> None:
    result = run("--seed", str(tmp_path / "nothing.yaml"))
    assert result.returncode == 2
    assert "cannot be read" in result.stderr and "Traceback" not in result.stderr


def test_a_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("--port", str(port))
    assert result.returncode == 1 and result.stdout == ""
    [message] = result.stderr.splitlines()
    assert message.startswith(f"vpp-simulator: cannot listen on 127.0.0.1 port {port}:") and "in use" in message


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "70000"], "must be from 0 to 65535"),
        (["--tls-cert", "x.pem"], "--tls-cert and --tls-key go together"),
        (["--tls-cert", "x.pem", "--tls-key", "x.key"], "cannot be used"),
        (["--notification-ca", "x.pem"], "cannot be used"),
        (["--colour"], "unrecognized arguments"),
    ],
)
def test_bad_arguments(arguments: list[str], told: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert told in result.stderr and "Traceback" not in result.stderr


def test_validation_without_its_package(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("vpp_simulator.contract.AVAILABLE", False)
    with pytest.raises(SystemExit) as end:
        main(["--validate"])
    assert end.value.code == 2
    assert "jsonschema-rs" in capsys.readouterr().err


def test_version() -> None:
    assert run("--version").stdout == f"vpp-simulator {__version__}\n"


def test_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(str(key))
    with start_simulator(extra_args=["--tls-cert", str(cert), "--tls-key", str(key)]) as simulator:
        assert re.fullmatch(r"https://127\.0\.0\.1:\d+/mdm/v2", simulator.base_url)
        api = simulator.api()
        assert api.get("/users").status == 200
        assert api.get("/service/config").json["urls"]["getAssets"] == simulator.base_url + "/assets"
        simulator.faults([{"do": {"drop_after": True}}])
        with pytest.raises((http.client.HTTPException, OSError)):
            api.get("/users")
        assert api.get("/users").status == 200
        with pytest.raises(http.client.HTTPException):
            ApiClient(simulator.base_url.replace("https", "http"), None).get("/users")


def test_it_stops_with_its_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "vpp_simulator", "--port", "0", "--stop-with-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        process.stdout.readline()
        process.stdin.close()
        assert process.wait(5) == 0


def test_the_helper_ends_the_process_whatever_happens() -> None:
    with pytest.raises(ZeroDivisionError), start_simulator(validate=False) as simulator:
        address = simulator.base_url
        raise ZeroDivisionError
    with pytest.raises(ConnectionRefusedError):
        ApiClient(address, None).get("/service/config")


def test_the_helper_tells_when_the_process_cannot_start() -> None:
    with pytest.raises(RuntimeError, match="ended before it was ready"), start_simulator({"colour": "red"}):
        pass
