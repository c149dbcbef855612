"""Holding: what one ballot holds for whoever shows a code. Pure.

A ballot may hold the draft of one code beside what another has submitted: whoever has only the link may start afresh,
and must not learn that something was there. Where a submission can be changed, the next one replaces it. Where it
cannot, the first one stands; its code goes on to open it, and a later one of another code is put aside, with a
receipt and a page that look no different.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from surveys.box.sealing import Box


def seen(box: Box, code_hash: str) -> Box | None:
    """The ballot as the holder of this code sees it; None when the code opens nothing."""
    if box.resume_hash and hmac.compare_digest(box.resume_hash, code_hash):
        return box
    if box.final is not None and box.final_code and hmac.compare_digest(box.final_code, code_hash):
        return replace(box, draft=dict(box.final), final_is_own=True, resume_hash=code_hash, aside="")
    return None


def is_submitted(box: Box) -> bool:
    """Whether the holder of the code, who sees this, has submitted with it."""
    return bool(box.aside) or (box.final is not None and box.final_is_own)


def counts(box: Box) -> bool:
    """Whether what is submitted here, if anything, is what the holder of the code has submitted."""
    return box.final is None or box.final_is_own


def begun_afresh(box: Box, *, may_change: bool) -> Box:
    """What another code finds: an empty draft, over what has been submitted."""
    if box.final is None:
        return Box()
    first = box.final_code or (box.resume_hash if box.final_is_own else "")
    return Box(
        final=box.final,
        final_is_own=False,
        final_code="" if may_change else first,
        receipt_hash=box.receipt_hash,
        quoting=box.quoting,
        way=box.way,
        facts=box.facts,
    )


def emptied(box: Box) -> Box:
    """What is left when the draft is taken out from beside another code's submission: all that belongs to that."""
    return replace(box, draft={}, final_is_own=False, resume_hash="", language="", aside="", reached=0)


def is_empty(box: Box) -> bool:
    """Whether no code has drafted anything here since another's draft was taken out."""
    return not box.resume_hash


def submitted(box: Box, final: Mapping[str, Any], receipt_hash: str, quoting: str, *, may_change: bool) -> Box:
    """The ballot with the draft submitted; put aside where another code's submission stands for good."""
    if not may_change and not counts(box):
        return replace(box, aside=receipt_hash)
    return replace(
        box, final=dict(final), final_is_own=True, final_code="", receipt_hash=receipt_hash, quoting=quoting, aside=""
    )


def receipt_of(box: Box) -> str:
    """The hash of the receipt that the holder of the code has been given; empty if there is none."""
    return (box.aside or box.receipt_hash) if is_submitted(box) else ""
