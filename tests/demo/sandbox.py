# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox: the demo's pretended service in the foreground, and how to reach it."""

from __future__ import annotations

import argparse
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from make_seed import SEED, token_of
from tree import EXAMPLE, LOCATIONS
from vpp_simulator.testing import READY_PREFIX

PORT = 8765


def instructions(base_url: str) -> str:
    """What to type in another terminal."""
    tokens = "\n".join(f"export VPP_CONTENT_TOKEN_{name.upper()}={token_of(name)}" for name in LOCATIONS)
    playbook = shlex.quote(str(Path(sys.executable).parent / "ansible-playbook"))
    return f"""\
The pretended service is running at {base_url}, with both schools as they were last term. In another terminal:

export VPP_BASE_URL={base_url}
{tokens}

cd {shlex.quote(str(EXAMPLE))}
{playbook} mdmkit.apps_books.apply -e locations_path=locations --check --diff

For a single module or playbook name the token VPP_CONTENT_TOKEN, for example:

export VPP_CONTENT_TOKEN=$VPP_CONTENT_TOKEN_{LOCATIONS[0].upper()}

Ctrl-C stops the service, and what was changed is forgotten."""


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on, 0 for any free one (default: %(default)s)")
    options = parser.parse_args()
    command = [sys.executable, "-m", "vpp_simulator", "--port", str(options.port), "--seed", str(SEED), "--stop-with-stdin"]
    # The end of standard input stops the simulator even where this process is killed.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    signal.signal(signal.SIGTERM, lambda signum, frame: process.terminate())
    try:
        line = process.stdout.readline() if process.stdout else ""
        if line.startswith(READY_PREFIX):
            print(instructions(line.removeprefix(READY_PREFIX).strip()), flush=True)
        process.wait()
    except KeyboardInterrupt:
        process.wait()
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
