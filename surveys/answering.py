"""Answering: a voter's draft and submission in the ballot box, resumed, changed and submitted exactly once.

The link lets one write, never read: what lies in the box is shown only to whoever also has the resume code
(docs/anonymity.md). A save touches the sealed row and nothing else, in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from django.core.cache import cache

from surveys import quoting, routing
from surveys.box import holding, reaching, receipting, sealing, storing
from surveys.box.reaching import write as _write
from surveys.box.sealing import Box
from surveys.kinds import registry
from surveys.kinds.base import Answer
from surveys.refusing import Blank, Busy, Closed, Incomplete, Settled, Superseded, Throttled, Withdrawn
from surveys.structure import EditionView, edition_view
from surveys.voting import Progress, Voter, keys_of, proof_of, proves, seen

__all__ = [
    "Blank", "Busy", "Closed", "Incomplete", "Progress", "Settled", "Superseded", "Throttled", "Voter", "Withdrawn",
    "is_over", "nothing_yet", "resume", "save", "submit", "unanswered",
]  # fmt: skip

SAVE_ATTEMPTS = 5
WRONG_CODES_ALLOWED = 10
WRONG_CODES_SECONDS = 3600


class _Done(Exception):
    """The button was pressed again: what it did stands, and nothing is written."""


def resume(voter: Voter, code: str, *, proof: str = "") -> Progress | None:
    """What has been answered so far, or None when the code does not open this ballot.

    Args:
        proof: from an earlier Progress; with it the code is no guess, and is not counted as one.

    Raises:
        Throttled: ten wrong codes for this link within an hour.
        Closed: the key has been destroyed.
    """
    keys = keys_of(voter)
    place = sealing.locator(keys, voter.invitation)
    is_guess = not proves(voter, code, proof)
    throttle = sealing.throttle_name(keys, place)
    if is_guess:
        # Counted before it is tried, so that many at once are no way round; add, then incr: the window starts
        # with the first guess and does not slide.
        cache.add(throttle, 0, WRONG_CODES_SECONDS)
        if cache.incr(throttle) > WRONG_CODES_ALLOWED:
            raise Throttled
    box = seen(voter, code, reaching.read(voter.survey.pk, keys, place))
    if box is None:
        return None
    if is_guess:
        cache.decr(throttle)  # a right code is no guess
    return _progress(voter, code, box)


def save(
    voter: Voter,
    code: str,
    given: Mapping[str, Answer],
    language: str,
    now: datetime,
    *,
    proof: str = "",
    believed: Mapping[str, Answer] | None = None,
    reached: int = 0,
) -> Progress:
    """Keep the answers of one page as a draft.

    With the code of the ballot that lies there the answers are added to it; with any other code they start
    a fresh draft. An answer submitted earlier stays valid until the next submission either way.

    Args:
        given: {question code: answer}; an empty answer blanks the question.
        proof: from an earlier Progress, if there was one: the code must then not replace what another code
            has begun since.
        believed: {question code: answer} as it was when the given one was written, for what comes late: a
            question that has been answered otherwise since is left alone.
        reached: the number of the page that the person goes on from, if they do.

    Raises:
        Superseded: the code has saved before, and the ballot there is now another code's, or Withdrawn.
        Settled: it has been submitted with this code, for good.
        Closed, Busy, sealing.BoxTooLarge
    """
    is_known = proves(voter, code, proof)
    if not is_known and not any(given.values()):
        # A mail scanner that presses every button must not wipe a draft; and since the ballot is not
        # looked at, this tells nobody whether a guessed code is right.
        return nothing_yet(voter, language)
    edition = edition_view(voter.survey.edition_id)
    known = routing.background(voter.facts, edition)

    def change(box: Box) -> Box:
        _demand_unsettled(voter, box)
        late = {
            code
            for code, answer in (believed or {}).items()
            if box.draft.get(code, {}) not in ({}, answer, given.get(code))
        }
        timely = {code: answer for code, answer in given.items() if code not in late}
        draft = {code: answer for code, answer in {**box.draft, **timely, **known}.items() if answer}
        # What is saved must be possible to submit: said here, beside the text that is too long.
        whole = Box(draft, routing.prune(edition, draft), resume_hash="0" * 64, receipt_hash="0" * 64, quoting="yes")
        whole = replace(whole, way=voter.way, facts=_own_facts(voter))
        if not sealing.fits(whole):
            raise sealing.BoxTooLarge
        return replace(box, draft=draft, language=language, reached=max(box.reached, reached))

    box = _change(voter, code, change, must_open=is_known, final=False, now=now)
    return _progress(voter, code, box)


def submit(
    voter: Voter,
    code: str,
    now: datetime,
    *,
    offered: receipting.Receipt | None = None,
    proof: str = "",
    may_quote: str = "",
) -> str:
    """Submit what has been drafted; the receipt to show. Submitting again replaces, it never adds.

    Where submissions cannot be changed the first one stands, and one of another code is put aside, unseen
    (`surveys.box.holding`).

    Args:
        proof: as for `resume`.
        may_quote: what was said to being quoted; kept as a no where it is neither "yes" nor "ask", and only where the
            survey asks and something has been written.
        offered: the receipt of the page from which the ballot is submitted, so that pressing its button twice
            gives one; without one that was made for this ballot and code a new one is made.

    Raises:
        Incomplete: a required question lacks an answer.
        Blank: nothing has been answered with this code.
        Superseded: something has, and the ballot there is now another code's.
        Settled: it has been submitted with this code and another receipt, for good.
        Closed, Busy, Throttled, sealing.BoxTooLarge
    """
    if not proves(voter, code, proof) and resume(voter, code) is None:
        raise Blank
    edition = edition_view(voter.survey.edition_id)
    is_ours = offered is not None and receipting.proves(offered, voter.survey.pk, voter.invitation, code)
    receipt = offered.number if offered and is_ours else sealing.new_receipt()

    def change(box: Box) -> Box:
        receipt_hash = sealing.code_hash(voter.survey.pk, receipt)
        if holding.receipt_of(box) != receipt_hash:
            _demand_unsettled(voter, box)
        elif not voter.survey.may_change:
            raise _Done
        return _submitted(voter, box, edition, receipt_hash, may_quote)

    try:
        with suppress(_Done):
            _change(voter, code, change, must_open=True, final=True, now=now)
    except Superseded:
        # Where the code has lost its power by submitting, the same button pressed twice is still one submission.
        if not (voter.forgets and is_ours and _holds(voter, receipt)):
            raise
    if not voter.survey.is_anonymous:
        place = sealing.locator(keys_of(voter), voter.invitation)
        storing.store_named(voter.survey, place, voter.facts)
    return receipt


def _submitted(voter: Voter, box: Box, edition: EditionView, receipt_hash: str, may_quote: str) -> Box:
    """The ballot with its draft submitted; raises Incomplete or Blank."""
    if missing := unanswered(edition, box.draft):
        raise Incomplete(missing)
    final = routing.prune(edition, box.draft)
    if not any(code in edition.questions for code in final):
        raise Blank
    said = quoting.said(voter.survey, final, may_quote)
    after = holding.submitted(box, final, receipt_hash, said, may_change=voter.survey.may_change)
    if not after.aside:
        after = replace(after, way=voter.way, facts=_own_facts(voter))
    return replace(after, draft=final) if voter.forgets else after


def is_over(voter: Voter, code: str) -> bool:
    """Whether something lies there that this code does not open, as after a submission that `forgets`.

    Tells whether a code is right, unthrottled: only for ballots whose key was given to nobody.

    Raises:
        Closed: the key has been destroyed.
    """
    keys = keys_of(voter)
    row = reaching.read(voter.survey.pk, keys, sealing.locator(keys, voter.invitation))
    return row is not None and seen(voter, code, row) is None


def nothing_yet(voter: Voter, language: str) -> Progress:
    """Before the first answer: what the register has answered is known already."""
    known = routing.background(voter.facts, edition_view(voter.survey.edition_id))
    return Progress(known, submitted=False, language=language)


def unanswered(edition: EditionView, answers: Mapping[str, Answer]) -> list[str]:
    """The codes of questions that are asked and lack an answer that must be given, in order."""
    return [
        question.code
        for question in routing.asked(edition, answers)
        if not registry.kind(question.kind).is_complete(question, answers.get(question.code, {}))
    ]


def _holds(voter: Voter, receipt: str) -> bool:
    """Whether what lies there was submitted with this receipt."""
    keys = keys_of(voter)
    row = reaching.read(voter.survey.pk, keys, sealing.locator(keys, voter.invitation))
    expected = sealing.code_hash(voter.survey.pk, receipt)
    return row is not None and expected in (row.box.receipt_hash, row.box.aside)


def _own_facts(voter: Voter) -> dict[str, str] | None:
    """The background that no invitation leads to, to be sealed with the answers."""
    return None if voter.is_invited else dict(voter.facts)


def _progress(voter: Voter, code: str, box: Box) -> Progress:
    is_submitted = holding.is_submitted(box)
    said = box.quoting if is_submitted and not box.aside else ""
    return Progress(
        dict(box.draft), is_submitted, box.language, proof_of(voter, code), said, holding.receipt_of(box), box.reached
    )


def _demand_unsettled(voter: Voter, box: Box) -> None:
    if not voter.survey.may_change and holding.is_submitted(box):
        raise Settled


def _change(
    voter: Voter, code: str, change: Callable[[Box], Box], *, must_open: bool, final: bool, now: datetime
) -> Box:
    """Read, change and write a ballot; again from the start if someone else wrote in between.

    A ballot of another code is begun afresh, or refused if the code `must_open` what lies there.
    """
    keys = keys_of(voter)
    place = sealing.locator(keys, voter.invitation)
    for _attempt in range(SAVE_ATTEMPTS):
        row = reaching.read(voter.survey.pk, keys, place)
        before = seen(voter, code, row)
        if before is None:
            # Asked of whatever lies here: a difference would tell that another code has submitted.
            if cache.get(sealing.withdrawn_name(keys, place, code)):
                raise Withdrawn
            if must_open:
                raise Superseded
            before = holding.begun_afresh(row.box, may_change=voter.survey.may_change) if row else Box()
        # A code that nobody has ever seen opens nothing.
        kept = sealing.new_receipt() if final and voter.forgets else code
        after = replace(change(before), resume_hash=sealing.code_hash(voter.survey.pk, kept))
        version = row.version if row else 0
        submitted = final or (row is not None and row.final)
        sealed = sealing.seal(keys, voter.survey.pk, place, version + 1, submitted, after)
        outcome = _write(voter.survey.pk, place, version, submitted, sealed, now)
        if outcome == "closed":
            raise Closed
        if outcome == "kept":
            return after
    raise Busy
