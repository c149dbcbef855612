"""Hostile input to the door of answering: each gets a page that says what is wrong, and nothing bad is kept or shown.

With FIGURES set, the outcomes by kind are written there as a table.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from consult.models import Invitation
from surveys.box import keyring, sealing
from surveys.kinds.text import UNSHOWN
from surveys.models import SealedBallot, Survey
from tests import kinds, make
from tests.adversary.hostile_answers import MARKUP, Attempt, all_attempts
from tests.consult.web.test_answer import browser
from tests.page import parse

pytestmark = pytest.mark.django_db

THEIRS = "Dette har en annen skrevet."
# What of a page would run, load or lead away if it stood there as it was sent; quoted, it is text.
RAW = re.compile(
    r"""<(script|svg|iframe|style|base|math|[a-z]+ [^>]*(\bon[a-z]+=|(href|src|action)=["']?(javascript|//)))""",
    re.IGNORECASE,
)
OURS = re.compile(
    r'<svg viewBox="0 0 32 32".*?</svg>|<script src="/static/js/[a-z]+(\.[0-9a-f]+)?\.js" defer></script>', re.DOTALL
)


class Visitor:
    """Someone with a link, and the forms of the pages they have come to: 0 the first, 4 the review."""

    def __init__(self, token: str, text: str) -> None:
        mine = browser(token)
        self.forms: dict[int, dict[str, Any]] = {0: dict(mine.forms[0].fields)}
        mine.press("go", "start")
        for page, given in enumerate(kinds.GIVEN, start=1):
            self.forms[page] = {**mine.forms[0].fields, **given, "go": "next"}
            mine.press("go", "next", **{**given, **({"C5_text": text} if page == 3 else {})})
        if mine.forms[0].fields["step"] == "page":
            mine.press("go", "next")
        self.forms[4] = dict(mine.forms[0].fields)
        # As one who has come back: with the proof that the code opens what lies there.
        for form in self.forms.values():
            form["proof"] = self.forms[4]["proof"]


def _send(attempt: Attempt, me: Visitor) -> HttpResponse:
    client = Client(raise_request_exception=False)
    extra: dict[str, Any] = {"raadslag.now": make.DURING, **attempt.headers}
    if attempt.raw:
        method, path, body, kind = attempt.raw
        return client.generic(method, path, body, kind, **extra)  # type: ignore[return-value]
    fields = {**me.forms[attempt.page], **attempt.changes}
    for name in attempt.without:
        fields.pop(name, None)
    return client.post("/s/", fields, **extra)  # type: ignore[return-value]


def _texts_kept(survey: Survey) -> dict[UUID, str]:
    """{invitation: all that is kept of it, as JSON}."""
    keys = keyring.keys(survey.key_id)
    found = {}
    for invitation in Invitation.objects.filter(survey=survey):
        place = sealing.locator(keys, invitation.pk)
        row = SealedBallot.objects.filter(locator=place).first()
        if row is not None:
            box = sealing.unseal(keys, survey.pk, place, row.version, row.final, bytes(row.box))
            found[invitation.pk] = json.dumps([box.draft, box.final], ensure_ascii=False)
    return found


def _strings(plain: Any) -> list[str]:
    if isinstance(plain, dict):
        return [text for each in (*plain.keys(), *plain.values()) for text in _strings(each)]
    if isinstance(plain, list):
        return [text for each in plain for text in _strings(each)]
    return [plain] if isinstance(plain, str) else []


@pytest.mark.slow
def test_nothing_hostile_breaks_anything_or_is_kept_or_shown_raw() -> None:
    survey = kinds.every()
    me = Visitor(make.link(survey, 1, role="chief", region="north"), "Mitt eget.")
    them = Visitor(make.link(survey, 2, role="chief", region="north"), THEIRS)
    # The link writes: whoever has it can begin afresh in its owner's place (docs/anonymity.md). Nobody has this one.
    Visitor(make.link(survey, 3), "Urørt.")
    untouched = Invitation.objects.get(person__number="3").pk
    before = _texts_kept(survey)[untouched]
    attempts = all_attempts(them.forms[4])
    assert len(attempts) >= 300
    outcomes: dict[str, Counter[int]] = defaultdict(Counter)
    wrong: list[str] = []
    for attempt in attempts:
        response = _send(attempt, me)
        outcomes[attempt.kind][response.status_code] += 1
        wrong += [f"{attempt.kind}, {attempt.name}: {each}" for each in _wrong(attempt, response, survey)]
    assert wrong == [], "\n".join(wrong)
    assert _texts_kept(survey)[untouched] == before
    _tell(outcomes)
    assert {kind: sorted(counts) for kind, counts in outcomes.items()} == EXPECTED


# 200 is what a person may well write, or a page shown again; 409 an answer begun afresh elsewhere.
EXPECTED: dict[str, list[int]] = {
    "lengths": [200, 422],
    "control characters": [200, 400, 422],
    "Unicode": [200, 422],
    "markup": [200, 400, 404, 422],
    "formulas and code": [200],
    "numbers": [200, 422],
    "dates": [200, 422],
    "ranks and rows": [200, 422],
    "forged fields": [200, 400, 422],
    "bodies and types": [400, 404, 405, 413],
    "headers": [200, 400],
    "links": [400, 404],
    "typed codes": [422],
    "other people's": [200, 400, 409, 422],
}


def _wrong(attempt: Attempt, response: HttpResponse, survey: Survey) -> list[str]:
    text = response.content.decode("utf-8", "replace")
    found = [] if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else [f"answered {response.status_code}"]
    if RAW.search(OURS.sub("", text)):
        found.append("shown as it was sent")
    if response.status_code != HTTPStatus.OK and attempt.raw is None and "<h1" not in text:
        found.append("refused without a word")
    if THEIRS in text and not {"token", "code"} <= attempt.changes.keys():
        found.append("shows what somebody else has written")
    if "\x00" in text:
        found.append("NUL in the page")
    if response.headers.get("Location"):
        found.append("led away")
    for kept in _texts_kept(survey).values():
        if any(UNSHOWN.search(each) for each in _strings(json.loads(kept))):
            found.append("control characters are kept")
        if any(name in kept for name in ("ZZ", '"is_staff"', "perhaps", '"nothing"')):
            found.append("what was never asked is kept")
    return found


def _tell(outcomes: dict[str, Counter[int]]) -> None:
    if folder := os.environ.get("FIGURES"):
        statuses = sorted({status for counts in outcomes.values() for status in counts})
        lines = ["| | " + " | ".join(map(str, statuses)) + " |", "|---" * (len(statuses) + 1) + "|"]
        for kind, counts in outcomes.items():
            lines.append(f"| {kind} ({counts.total()}) | " + " | ".join(str(counts[s] or "") for s in statuses) + " |")
        (Path(folder) / "hostile.md").write_text("\n".join(lines) + "\n")


def test_the_same_press_again_and_an_old_one_after_a_newer() -> None:
    """Replayed posts: a submission again is the same submission; an older page sent again says what it says, once."""
    survey = make.routed()
    mine = browser(make.link(survey))
    mine.press("go", "start")
    mine.press("go", "next", Q1_option="yes", Q1_text="Første.")
    first = dict(mine.forms[0].fields)
    mine.press("go", "next", Q3_option="no")
    submitted = {**mine.forms[0].fields, "go": "submit"}
    pages = [Client().post("/s/", submitted, **{"raadslag.now": make.DURING}) for _time in range(5)]
    assert {page.status_code for page in pages} == {200}
    receipts = {parse(page).find("input", name="receipt").get("value") for page in pages}
    assert (len(receipts), SealedBallot.objects.count()) == (1, 1)
    # After the last moment the very same posts do nothing.
    before = _texts_kept(survey)
    for fields in (first | {"go": "next", "Q3_option": "yes"}, submitted):
        assert Client().post("/s/", fields, **{"raadslag.now": make.AFTER}).status_code == 410
    assert _texts_kept(survey) == before


def test_what_is_typed_is_shown_again_as_text_and_nothing_else() -> None:
    survey = kinds.every()
    me = Visitor(make.link(survey, 1, role="chief", region="north"), "Mitt.")
    for text in MARKUP:
        page = _send(Attempt("", "", 3, {"C5_text": text, "C2_number": "hundre", "C4_text": "x"}), me)
        assert page.status_code == 422
        area = parse(page).find("textarea", name="C5_text")
        assert "".join(str(part) for part in area.parts).removeprefix("\n") == text
