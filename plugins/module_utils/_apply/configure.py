# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores the client configuration that a plan wants. It is synchronous: there is no event, and the answer says what is stored (README section 4)."""

from __future__ import annotations

from typing import List, NamedTuple, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.events import FIRST_PAUSES
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.outcome import LostAnswer
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import ClientConfig
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.client_config import ConfigStep, ensure_unclaimed_meanwhile
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan

_TRIES = 3
# The service may still be calling the notification URL when the answer is given up.
_READINGS = 3


class Configured(NamedTuple):
    """:ivar stored: what the service says it stores, or None where there was nothing to change"""

    stored: Optional[ClientConfig]
    lost_answers: List[LostAnswer]


def configure(service: Service, plan: Plan) -> Configured:
    """
    :raises AnswerLost: nobody knows whether it was stored
    :raises HeldByAnother: somebody else claimed the location on the way
    """
    for step in plan.steps:
        if isinstance(step, ConfigStep) and step.count:
            return _store(service, step)
    return Configured(None, [])


def _store(service: Service, step: ConfigStep) -> Configured:
    lost_answers: List[LostAnswer] = []
    for tries_left in reversed(range(_TRIES)):
        try:
            return Configured(service.set_client_config(step.config), lost_answers)
        except AnswerLost as error:
            stored = _read_back(service, step)
            found = step.count if stored is not None else 0
            lost_answers.append(LostAnswer(error.request, error.cause, found, step.count - found, stored is None))
            if stored is not None:
                return Configured(stored, lost_answers)
            if not tries_left or not service.rest(FIRST_PAUSES[0]):
                raise
    raise AssertionError("the last try returns or raises")


def _read_back(service: Service, step: ConfigStep) -> Optional[ClientConfig]:
    """What is stored, if it is what was to be stored."""
    for reading in range(_READINGS):
        present = service.client_config()
        if step.is_stored_in(present):
            return present
        ensure_unclaimed_meanwhile(step, present)
        if reading < _READINGS - 1 and not service.rest(FIRST_PAUSES[reading]):
            break
    return None
