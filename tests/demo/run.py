# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: applies examples/gitops to a pretended Apple service, twice; lets somebody change things by hand; shows what a run would do about it,
and the report of what drifted.

Ends with status 1 and names the expectation if one does not hold. With --full everything that Ansible prints is shown.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from make_seed import BY_HAND, SEED, seed_text, token_of
from tree import EXAMPLE, LOCATIONS, Pair, held, read
from vpp_simulator.testing import SimulatorHandle, start_simulator

# Tasks that are worth seeing where something changes, and those that always are.
PARTS = ("Client configuration", "Users", "Revocations", "Assignments")
ALWAYS = ("Summary", "Name the locations", "Tell what the report says")
FAILURES = ("[ERROR]", "fatal: ", "failed: [", "Traceback")
END_SECONDS = 10
DRIFT = {"user_missing", "assignment_missing", "assignment_extra"}
REPORTS = Path(__file__).parents[2] / ".cache" / "demo"


class Demo:
    """The story, and what it expects."""

    def __init__(self, simulator: SimulatorHandle, folder: Path, full: bool) -> None:
        self.simulator = simulator
        self.full = full
        self.folder = folder
        self.failed: list[str] = []
        self.tokens = {name: token_of(name) for name in LOCATIONS}
        # Nothing from the caller's settings, and nothing left in the caller's home.
        settings = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "VPP_"))}
        self.environment = {
            **settings,
            **{f"VPP_CONTENT_TOKEN_{name.upper()}": token for name, token in self.tokens.items()},
            "VPP_BASE_URL": simulator.base_url,
            "HOME": str(folder),
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "ansible" / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "ansible" / "tmp"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def expect(self, what: str, holds: bool) -> None:
        """Say whether something is as it should be."""
        print(f"  {'yes' if holds else 'NO '}  {what}", flush=True)
        if not holds:
            self.failed.append(what)

    def apply(self, *options: str) -> str:
        """Run the playbook; returns what it printed."""
        return self.play("apply", *options)

    def drift(self, history: Path, *options: str) -> dict[str, Counter[str]]:
        """Run the playbook; returns how much of each kind it found in each location."""
        variables = {"drift_report_dir": str(REPORTS), "drift_history_dir": str(history), "location_low_stock": "2%"}
        self.play("drift", "-e", json.dumps(variables), *options)
        report = json.loads((REPORTS / "drift.json").read_text(encoding="utf-8"))
        return {
            location["name"]: Counter({finding["kind"]: finding["count"] for finding in location["findings"]}) for location in report["locations"]
        }

    def play(self, playbook: str, *options: str) -> str:
        command = ["ansible-playbook", f"mdmkit.apps_books.{playbook}", "-e", "locations_path=locations", *options]
        print(f"$ {shlex.join(command)}\n", flush=True)
        start = time.monotonic()
        command[0] = str(Path(sys.executable).parent / command[0])
        output = ""
        with running(command, self.environment) as process:
            for section in sections(process.stdout or ()):
                output += section
                if self.full:
                    print(section, end="", flush=True)
                elif worth_seeing(section):
                    print(section.strip("\n").replace("mdmkit.apps_books.location : ", "", 1), end="\n\n", flush=True)
        status = process.returncode
        print(f"({time.monotonic() - start:.0f} seconds)\n", flush=True)
        self.expect("Ansible ended without a failure", status == 0)
        self.expect("No content token can be read in what it printed", not any(token in output for token in self.tokens.values()))
        return output

    def writes(self) -> list[str]:
        """The paths of the writes since the journal was emptied."""
        return [entry["path"] for entry in self.simulator.writes()]

    def methods(self) -> set[str]:
        """The methods of the requests since the journal was emptied."""
        return {entry["method"] for entry in self.simulator.requests()}

    def by_hand(self, lost: Sequence[Pair], gained: Pair, student: Pair) -> None:
        """What somebody changes in Apple's web site."""
        self.simulator.unassign([pair.seed_form() for pair in lost], location="springfield")
        self.simulator.assign([gained.seed_form()], location="springfield")
        self.simulator.users(location="springfield", retire=["sp-3101"])
        self.simulator.unassign([student.seed_form()], location="shelbyville")

    def expect_tree(self) -> None:
        """Every licence is where the tree says, and nowhere else."""
        for name in LOCATIONS:
            wanted = read(name)
            state = self.simulator.state(name)
            active = {user["clientUserId"]: user.get("email") for user in state["users"] if user["status"] in ("Registered", "Associated")}
            left_alone = {BY_HAND} if name == "shelbyville" else set()
            self.expect(f"{name}: all {len(wanted.pairs)} licences are where the files say, and nowhere else", held(state) - left_alone == wanted.pairs)
            addresses = {client_user_id: user["email"] for client_user_id, user in wanted.users.items()}
            self.expect(f"{name}: its {len(addresses)} users are there, with their addresses", active == addresses)

    def tell(self) -> None:
        """The story from the beginning to the end."""
        trees = [read(name) for name in LOCATIONS]
        devices = {pair.target for tree in trees for pair in tree.pairs if pair.kind == "serialNumber"}
        assets = {(pair.adam_id, pair.pricing_param) for tree in trees for pair in tree.pairs}
        print(f"The repository is examples/gitops: {len(trees)} locations, {sum(len(tree.users) for tree in trees)} users,")
        print(f"{len(devices)} devices, {len({adam_id for adam_id, dummy in assets})} apps and books. The service is pretended, at {self.simulator.base_url};")
        print("it knows both schools as they were last term.")

        heading("1. Apply the repository")
        self.apply()
        kinds = {"client/config", "users/create", "users/update", "users/retire", "assets/revoke", "assets/disassociate", "assets/associate"}
        done = {path.strip("/") for path in self.writes()}
        self.expect("Claimed, created, updated, retired, revoked, taken back and given: there was something of every kind", done == kinds)
        self.expect_tree()

        heading("2. Apply it again: nothing is left to do")
        self.simulator.clear_requests()
        self.apply()
        self.expect("Not a single write was sent", self.writes() == [])

        heading("3. Somebody changes things by hand, in Apple's web site")
        lost = [pair for pair in sorted(trees[0].pairs) if pair.target.startswith("SPR1X")][:2]
        gained = Pair("1000000003", "STDQ", "serialNumber", "PRIVATEIPAD1")
        student = Pair("1000000011", "STDQ", "clientUserId", "sh-9105")
        for pair in lost:
            print(f"  springfield: takes {pair.adam_id} from device {pair.target}")
        print(f"  springfield: gives {gained.adam_id} to device {gained.target}")
        print("  springfield: retires the user sp-3101, who loses 1000000002")
        print(f"  shelbyville: takes {student.adam_id} from user {student.target}")
        self.by_hand(lost, gained, student)

        heading("4. What would a run change?")
        self.simulator.clear_requests()
        output = self.apply("--check", "--diff")
        self.expect("Check mode sent no write", self.writes() == [])
        names = [f"{pair.adam_id} STDQ -> device {pair.target}" for pair in (*lost, gained)]
        names += ["1000000002 STDQ -> user sp-3101", f"{student.adam_id} STDQ -> user {student.target}", "sp-3101:"]
        self.expect("It names everything that was changed by hand", all(name in output for name in names))
        self.expect("And nothing else", output.count(" STDQ -> ") + output.count(" PLUS -> ") == 5)

        heading("5. Apply: the repository wins")
        self.apply()
        self.expect_tree()

        heading("6. A report every morning")
        history = self.folder / "history"
        self.simulator.clear_requests()
        found = self.drift(history)
        self.expect("Nothing drifted overnight", not any(DRIFT & set(kinds) for kinds in found.values()))
        print("\n  Somebody does by hand what was done before, and the next morning:\n")
        self.by_hand(lost, gained, student)
        found = self.drift(history)
        self.expect(
            "springfield: the report counts 2 + 1 missing assignments, 1 too many and 1 missing user",
            {kind: found["springfield"][kind] for kind in DRIFT} == {"assignment_missing": 3, "assignment_extra": 1, "user_missing": 1},
        )
        self.expect(
            "shelbyville: it counts 1 missing assignment",
            {kind: found["shelbyville"][kind] for kind in DRIFT} == {"assignment_missing": 1, "assignment_extra": 0, "user_missing": 0},
        )
        self.expect("A content token that can only read would have done: nothing but GET was sent", self.methods() == {"GET"})
        self.expect("Every answer of the pretended service was as Apple documents it", self.simulator.violations() == [])


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process in the example's folder; it and whatever it started is ended for sure."""
    process = subprocess.Popen(
        command, cwd=EXAMPLE, env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        yield process
        process.wait()
    finally:
        if process.poll() is None:
            end(process, signal.SIGINT)
        if process.stdout:
            process.stdout.close()


def end(process: subprocess.Popen[str], polite: signal.Signals) -> None:
    """Ask a process and its children to end, then make them."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, polite)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def sections(lines: Iterable[str]) -> Iterator[str]:
    """Ansible's output in pieces: one for each task, as soon as it is done."""
    section = ""
    for line in lines:
        if line.startswith(("PLAY ", "TASK [")):
            yield section
            section = ""
        section += line
    yield section


def worth_seeing(section: str) -> bool:
    """Parts that change something, failures, the summaries and the recap."""
    name = section.partition(" : ")[2] or section.partition("[")[2]
    changes = name.startswith(PARTS) and "\nchanged: " in section
    return changes or name.startswith(ALWAYS) or section.startswith("PLAY RECAP") or any(sign in section for sign in FAILURES)


def heading(text: str) -> None:
    print(f"\n\n{text}\n{'=' * len(text)}\n", flush=True)


def stop(signum: int, frame: object) -> None:
    sys.exit(128 + signum)


def main() -> None:
    """Ends with status 1 if an expectation does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="show everything that Ansible prints")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    if SEED.read_text(encoding="utf-8") != seed_text():
        sys.exit("examples/gitops has changed: write tests/demo/seed.yml anew with make_seed.py")
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="apps-books-demo-") as folder, start_simulator(SEED) as simulator:
        demo = Demo(simulator, Path(folder), options.full)
        demo.tell()
    if demo.failed:
        sys.exit("\nThe demo failed. This does not hold:\n  " + "\n  ".join(demo.failed))
    print(f"\nThe report, for a browser: {REPORTS / 'drift.html'}")
    print(f"That was the demo, in {time.monotonic() - start:.0f} seconds. To try changes of your own: make sandbox")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
