# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m vpp_simulator`` is the same as the command ``vpp-simulator``."""

from __future__ import annotations

from vpp_simulator.cli import main

if __name__ == "__main__":
    main()
