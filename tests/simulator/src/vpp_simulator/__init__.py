# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stateful stand-in for Apple's App and Book Management service.

This module imports nothing, so that ``vpp_simulator.testing`` stays importable without the server's dependencies.
"""

from __future__ import annotations

__version__ = "0.1.0"
