"""Answering at its edges: right codes are no guesses, what is erased is nothing, and a press that is repeated changes
nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from consult.reference.browsing import Browser
from surveys import answering, fielding
from surveys.box import receipting
from surveys.models import OpenLink
from surveys.ways import handing
from surveys.ways.handing import Offered
from tests import make
from tests.consult.web.test_answer import box_of, browser
from tests.surveys.ways import making

pytestmark = pytest.mark.django_db

CODE = "AAAABBBB"


def test_the_right_code_is_never_counted_as_a_guess() -> None:
    voter = make.voter(make.opened())
    answering.save(voter, CODE, {"Q3": {"text": "mitt"}}, "nb", make.DURING)
    for _time in range(answering.WRONG_CODES_ALLOWED + 1):
        progress = answering.resume(voter, CODE)
        assert progress is not None
        assert progress.answers == {"Q3": {"text": "mitt"}}


def test_what_has_been_erased_is_not_submitted() -> None:
    edition = make.published("frivillig", [make.asking("Q1", "long_text")])
    survey = fielding.plan("frivillig", edition, opens_at=make.OPENS, closes_at=make.DEADLINE)
    fielding.open_survey(survey, make.OPENS)
    voter = make.voter(survey)
    progress = answering.save(voter, CODE, {"Q1": {"text": "angret"}}, "nb", make.DURING)
    progress = answering.save(voter, CODE, {"Q1": {}}, "nb", make.DURING, proof=progress.proof)
    assert progress.answers == {}
    with pytest.raises(answering.Blank):
        answering.submit(voter, CODE, make.DURING, proof=progress.proof)
    assert box_of(survey).final is None


def test_pressing_submit_again_says_nothing_else_of_quoting_where_it_stands() -> None:
    survey = make.opened(may_change=False, asks_quoting=True)
    voter = make.voter(survey)
    given = {"Q2": {"option": "good"}, "Q3": {"text": "mitt"}}
    progress = answering.save(voter, CODE, given, "nb", make.DURING)
    offered = receipting.offer(survey.pk, voter.invitation, CODE)
    for said in ("no", "yes"):
        answering.submit(voter, CODE, make.DURING, offered=offered, proof=progress.proof, may_quote=said)
    assert box_of(survey).quoting == "no"


def test_of_two_who_press_start_for_the_last_ballot_one_is_told_that_there_are_none(monkeypatch: Any) -> None:
    making.easy(monkeypatch)
    cache.clear()
    made = making.link(most=10)
    OpenLink.objects.filter(pk=made.pk).update(handed=9)
    link, meanwhile = (OpenLink.objects.get(pk=made.pk) for _person in range(2))

    def pressed(row: OpenLink) -> str:
        challenge = handing.challenge(row, make.DURING)
        offered = Offered(challenge=challenge, answer=making.solved(challenge), ticket="", address="192.0.2.1")
        return handing.hand_out(row, offered, make.DURING)

    assert pressed(link)
    with pytest.raises(handing.NotNow) as refused:
        pressed(meanwhile)
    assert refused.value.reason == "full"
    assert OpenLink.objects.get(pk=made.pk).handed == 10


def test_a_question_that_did_not_stand_on_the_page_cannot_be_answered_from_it() -> None:
    survey = make.routed()
    mine = browser(make.link(survey))
    mine.press("go", "start")
    mine.press("go", "next", shown="Q1", Q1_option="yes", Q1_text="Fordi.", Q2_text="Smuglet inn.")
    assert set(box_of(survey).draft) == {"Q1"}


def test_a_shared_screen_has_the_browser_clear_what_it_holds(monkeypatch: Any) -> None:
    making.easy(monkeypatch)
    cache.clear()
    screen: Browser = making.started(making.link(title="Nettbrettet", is_kiosk=True))
    form = next(each for each in screen.forms if each.fields.get("step") == "kiosk")
    response = screen.client.post("/o/", {**form.fields, "go": "next_person"}, **{"raadslag.now": make.DURING})
    assert (response.status_code, response["Clear-Site-Data"]) == (303, '"cache", "storage"')
