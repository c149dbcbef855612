"""Finishing: surveys past their deadline are closed and their results released, without a person in the way.

Here the two sides of the wall meet for the last time: the background facts of those invited are handed over by
locator, once, for the mix.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from consult import selecting
from surveys import closing, disclosing
from surveys.box import keyring
from surveys.models import Survey

log = structlog.get_logger(__name__)


def finish_due(now: datetime) -> int:
    """Take every survey that is due as far through its closing as it goes; how many came to their end.

    One survey that fails does not hold up the others; it is logged and tried again.
    """
    finished = 0
    for survey in closing.due(now):
        try:
            finished += _finish(survey, now)
        except closing.Unreadable as fault:
            log.error("closing_unreadable", survey=survey.code, ballots=fault.ballots)  # noqa: TRY400 - its words are enough
        except closing.NotVerified as fault:
            log.error("closing_not_verified", survey=survey.code, fault=str(fault))  # noqa: TRY400 - its words are enough
        except keyring.KeyLost as fault:
            log.error("closing_without_key", survey=survey.code, fault=str(fault))  # noqa: TRY400 - its words are enough
        except Exception as fault:  # noqa: BLE001
            # A full disk, a broken seal: whatever it is, the next survey must not wait for it. What went wrong may
            # hold answers in its words, so only its kind is told.
            log.error("closing_failed", survey=survey.code, fault=type(fault).__name__)  # noqa: TRY400
    disclosing.request_missing(now)
    return finished


def _finish(survey: Survey, now: datetime) -> bool:
    return closing.advance(survey, lambda: selecting.facts_by_locator(survey), now)
