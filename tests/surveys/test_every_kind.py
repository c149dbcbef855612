"""A survey with every kind of question from the first page to the figures: answered, closed, verified, released."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from pytest_django import Settings

from consult.models import Invitation
from consult.reference.browsing import Browser
from surveys import closing, coding, disclosing, fielding
from surveys.box import backing_up, keyring, restoring, sealing
from surveys.models import Answer, Closing, Codebook, Release, Response, SealedBallot, Survey
from tests import cast, kinds, make

pytestmark = pytest.mark.django_db(transaction=True)
WHERE = {"north": 0, "south": 1}


@pytest.fixture(autouse=True)
def _one_approval(settings: Settings) -> None:
    settings.CLOSING_APPROVALS = 1


def answer(token: str, *pages: dict[str, Any], now: Any = make.DURING) -> Browser:
    """Answer page by page and submit, as a browser does."""
    made = Browser(now)
    made.open(f"/s/{token}")
    made.press("go", "start")
    for given in pages:
        made.press("go", "next", **given)
        assert made.status == 200, made.text
    assert made.forms[0].fields["step"] == "review"
    made.press("go", "submit")
    assert made.forms[0].fields["step"] == "receipt"
    return made


def respondents(survey: Survey, chiefs: int, locals_: int) -> list[tuple[str, str]]:
    """(token, role) of people in two regions."""
    roles = ["chief"] * chiefs + ["local"] * locals_
    return [
        (make.link(survey, number, role=role, region="north" if number % 2 else "south"), role)
        for number, role in enumerate(roles, start=1)
    ]


def close(survey: Survey) -> None:
    """Through the whole closing, with the background as the register has it."""
    keys = keyring.keys(survey.key_id)
    facts = {
        sealing.locator(keys, invitation.pk): invitation.facts
        for invitation in Invitation.objects.filter(survey=survey)
    }
    closing.advance(survey, lambda: facts, make.AFTER)
    closing.approve(survey, cast.designer(), make.AFTER)
    assert closing.advance(survey, lambda: facts, make.AFTER) is True


def released(survey: Survey) -> Release:
    disclosing.request_release(survey, None, make.AFTER)
    assert disclosing.compute_waiting(make.AFTER) == 1
    release = disclosing.current(survey)
    assert release is not None
    return release


def counts(release: Release, variable: str, by: str = "") -> dict[str, int | None]:
    table = release.tables.get(variable=variable, by=by)
    return {cell.value: cell.n for cell in table.cells.order_by("position")}


def test_every_kind_is_answered_stored_backed_up_and_counted() -> None:
    survey = kinds.every(codebooks=["A3"])
    for number, (token, role) in enumerate(respondents(survey, 6, 8)):
        last = {"D1_option": "yes", "D2_text": "Mye."} if role == "chief" else {"D2_text": "Mye."}
        if number % 2:
            pages = [*kinds.GIVEN, last]
        else:
            # What must be answered, and nothing else: no years, so that D2 is not asked.
            pages = [{}, {"B1_option": "2"}, {}, *([{"D1_option": "no"}] if role == "chief" else [])]
        answer(token, *pages)
    close(survey)
    assert Response.objects.count() == 14
    stored = [each["answers"] for each in backing_up._stored(survey)]
    full = [each for each in stored if "A1" in each]
    assert len(full) == 7
    assert all({**each, "D1": kinds.ANSWERS["D1"]} == kinds.ANSWERS for each in full)
    done = Closing.objects.get()
    assert backing_up.restored_multiset(backing_up.place_of(done.backup), done.backup) == (14, bytes(done.digest))
    coder = cast.coder()
    for codebook in Codebook.objects.filter(survey=survey):
        for text in coding.next_answers(codebook, 100):
            coding.assign(codebook.pk, text.answer_id, "yes", coder, make.AFTER)
    release = released(survey)
    assert counts(release, "A1") == {"yes": 0, "no": 7, "dk": 0, "no_answer": 7}
    assert counts(release, "A2") == {"office": 0, "home": 0, "else": 7, "no_answer": 7}
    assert counts(release, "A3.meetings") == {"chosen": 7, "not_chosen": 0, "no_answer": 7}
    assert counts(release, "A3.members") == {"chosen": 0, "not_chosen": 7, "no_answer": 7}
    assert counts(release, "A3.stance") == {"yes": 7, "no": 0, "both": 0, "dont_know": 0, "no_answer": 7}
    assert counts(release, "B1") == {"1": 0, "2": 7, "3": 0, "4": 7, "5": 0, "dk": 0}
    assert counts(release, "B2") == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0, "dk": 7, "no_answer": 7}
    assert counts(release, "B5") == {"support": 7, "oppose": 0, "neutral": 0, "no_answer": 7}
    assert counts(release, "C1.say") == {"chosen": 7, "not_chosen": 0, "no_answer": 7}
    assert counts(release, "C1.time") == {"chosen": 0, "not_chosen": 7, "no_answer": 7}
    for code in ("C2", "C3", "C4", "C5"):
        assert counts(release, code) == {"answered": 7, "no_answer": 7}
    assert counts(release, "C6.master") == {"chosen": 7, "not_chosen": 0, "no_answer": 7}
    assert counts(release, "C6.bachelor") == {"chosen": 0, "not_chosen": 7, "no_answer": 7}
    assert release.tables.get(variable="D1", by="").base == 6
    assert release.tables.get(variable="D2", by="").base == 7
    names = set(release.tables.values_list("variable", flat=True))
    assert names.isdisjoint({"I1", "A3", "C1", "C6"})
    # Ticks that have been coded are not broken down beside their codes.
    assert set(release.tables.filter(variable__startswith="A3", by="role").values_list("variable", flat=True)) == {
        "A3.stance"
    }


def test_a_table_of_options_can_be_planned_and_one_of_a_list_cannot() -> None:
    survey = kinds.every(crosses=[("A3.pay", "B1"), ("C1.say", "A3.meetings")])
    assert survey.crosses.count() == 2
    for name in ("A3", "C6", "I1", "A3.gold"):
        with pytest.raises(fielding.NotReady, match=name):
            kinds.every(f"refused-{uuid.uuid4().hex[:6]}", crosses=[(name, "B1")])


# --- Routing by background --------------------------------------------------------------------------------


def test_only_those_it_is_for_are_asked_and_stored_as_asked() -> None:
    survey = kinds.every()
    for token, role in respondents(survey, 6, 7):
        made = Browser(make.DURING)
        made.open(f"/s/{token}")
        made.press("go", "start")
        for given in ({}, {"B1_option": "2"}):
            made.press("go", "next", **given)
        made.press("go", "next")
        assert made.forms[0].fields.get("shown", "review") == ("D1" if role == "chief" else "review")
        if role == "chief":
            made.press("go", "back")
            assert made.forms[0].fields["page"] == "3"
            made.press("go", "next")
            made.press("go", "next", D1_option="yes")
        made.press("go", "submit")
        assert made.forms[0].fields["step"] == "receipt"
    close(survey)
    asked = Answer.objects.filter(question__code="D1")
    assert (asked.count(), asked.filter(option__code="yes").count()) == (6, 6)


@pytest.mark.parametrize("chiefs", [3, 4])
def test_a_role_too_rare_to_be_stored_is_not_told_by_what_was_asked(chiefs: int) -> None:
    survey = kinds.every()
    for token, role in respondents(survey, chiefs, 12):
        last = [{"D1_option": "yes"}] if role == "chief" else []
        answer(token, {}, {"B1_option": "2"}, {}, *last)
    close(survey)
    assert Response.objects.count() == chiefs + 12
    # The role has been merged away, and D1 with it: nobody is stored as asked, nobody as having answered.
    assert not Answer.objects.filter(question__code="D1").exists()
    assert Answer.objects.filter(question__code="B1").count() == chiefs + 12


def test_a_rare_role_that_was_not_asked_is_stored_like_those_who_were() -> None:
    survey = kinds.every()
    for token, role in respondents(survey, 12, 3):
        last = [{"D1_option": "yes"}] if role == "chief" else []
        answer(token, {}, {"B1_option": "2"}, {}, *last)
    close(survey)
    asked = Answer.objects.filter(question__code="D1")
    assert (asked.count(), asked.filter(option__code="yes").count()) == (15, 12)


def test_what_was_asked_comes_back_from_the_backup() -> None:
    survey = kinds.every()
    for token, role in respondents(survey, 12, 3):
        answer(token, {}, {"B1_option": "2"}, {}, *([{}] if role == "chief" else []))
    close(survey)
    before = sorted(Answer.objects.values_list("question__code", "option__code"))
    Response.objects.all().delete()
    restoring.restore(survey.code, backing_up.place_of(backing_up.name_of(survey)), make.AFTER)
    assert sorted(Answer.objects.values_list("question__code", "option__code")) == before


def test_a_named_survey_stores_what_was_asked_as_it_was() -> None:
    survey = kinds.every(promise="named")
    [(token, _role)] = respondents(survey, 1, 0)
    answer(token, {}, {"B1_option": "2"}, {}, {"D1_option": "yes"})
    assert Answer.objects.filter(question__code="D1", option__code="yes").count() == 1


def test_someone_without_the_background_is_asked_the_rest() -> None:
    survey = kinds.every()
    answer(make.link(survey, 1), {}, {"B1_option": "2"}, {})
    assert SealedBallot.objects.filter(final=True).count() == 1


def test_nothing_answered_is_nothing_saved_though_the_background_is_known() -> None:
    survey = kinds.every()
    made = Browser(make.DURING)
    made.open(f"/s/{make.link(survey, 1, role='chief')}")
    made.press("go", "start")
    made.press("go", "leave")
    assert made.forms[0].fields.get("blank") == "1"
    assert not SealedBallot.objects.exists()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([], "Verv"), ([make.REGION], "Verv"),
        ([fielding.FactPlan("role", {"nb": "Verv"}, [("local", {"nb": "PTV"})])], "chief"),
    ],
)  # fmt: skip
def test_a_survey_must_carry_what_its_questionnaire_looks_at(facts: list[fielding.FactPlan], said: str) -> None:
    with pytest.raises(fielding.NotReady, match=said):
        kinds.every(facts=facts)
    assert not Survey.objects.exists()
