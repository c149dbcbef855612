"""Going through a trial by its link: the same pages as in earnest, comments kept, answers never."""

from __future__ import annotations

import pytest

from surveys import authoring
from surveys.models import TrialRun
from tests import kinds, make
from tests.surveys import trials
from tests.surveys.trials import Colleague, comments, trial

pytestmark = pytest.mark.django_db


def boxes(colleague: Colleague) -> list[str]:
    return [node.get("name") or "" for node in colleague.page.all("textarea") if "comment-" in (node.get("name") or "")]


# --- The way through --------------------------------------------------------------------------------------
def test_the_whole_way() -> None:
    colleague = Colleague(trial())
    assert [node.text for node in colleague.page.all("h1")] == ["The partnership (en)"]
    colleague.press("start", name=" Kari  Ås ", fact__role="chief")
    assert boxes(colleague) == ["comment-Q1", "comment-Q2"]
    colleague.press(Q1_option="yes", Q1_text="Fordi.", comment__Q1="Hva er «bedre»?")
    assert boxes(colleague) == ["comment-I1", "comment-Q3"]
    colleague.press(Q3_option="yes", comment__I1="Langt.")
    colleague.press(Q4_text="Nav Bø")
    # Asked of chiefs only, and says what they have answered.
    assert "You said Nav Bø. Why? (en)" in colleague.page.text
    colleague.press(Q5_text="Slik.")
    lines = [line.find("h2").text for line in colleague.page.all("li", "line")]
    assert lines == [
        "Better help? (en)", "What have you seen? (en)", "A host office? (en)", "Which one? (en)",
        "You said Nav Bø. Why? (en)",
    ]  # fmt: skip
    colleague.press("submit")
    assert colleague.step == "end"
    colleague.press("comment", comment__whole="Fin.\r\nTakk!")
    assert colleague.page.find("textarea", id="comment-whole").text == "Fin. Takk!"
    assert comments() == [
        ("Q1", "Hva er «bedre»?", "Kari Ås"), ("I1", "Langt.", "Kari Ås"), ("", "Fin.\nTakk!", "Kari Ås"),
    ]  # fmt: skip
    run = TrialRun.objects.get()
    assert (run.started_at, run.finished_at) == (make.DURING, make.DURING)


def test_the_background_decides_what_is_asked() -> None:
    local = Colleague(trial())
    local.press("start", fact__role="local")
    local.press()
    local.press(Q3_option="no")
    assert local.step == "review"


def test_a_background_that_is_not_offered_is_not_known() -> None:
    colleague = Colleague(trial())
    colleague.press("start", fact__role="<king>")
    colleague.press()
    colleague.press(Q3_option="no")
    assert colleague.step == "review"


def test_what_must_be_answered_must_be_answered_here_too() -> None:
    colleague = Colleague(trial())
    colleague.press("start")
    page = colleague.press(Q1_option="yes", comment__Q2="Kept.")
    assert colleague.response.status_code == 422
    assert [node.get("href") for node in page.find("div", "error-summary").all("a")] == ["#Q1_text"]
    # What could not be answered is what a trial is there to find.
    assert comments() == [("Q2", "Kept.", "")]
    colleague.press(Q1_text="Fordi.")
    colleague.press()
    assert colleague.response.status_code == 422
    colleague.press("back")
    assert colleague.page.find("textarea", id="comment-Q2").text == "Kept."
    assert colleague.page.find("textarea", id="Q1_text").text == "Fordi."


def test_one_who_skips_a_required_question_is_told_at_the_end() -> None:
    colleague = Colleague(trial())
    colleague.press("start")
    # A forged list of what was shown, as a page of another path would send it.
    colleague.press()
    colleague.send({**trials.form(colleague.page), "shown": "", "go": "next"})
    page = colleague.press("submit")
    assert colleague.response.status_code == 422
    assert [node.text for node in page.find("div", "error-summary").all("a")] == ["A host office? (en)"]
    assert TrialRun.objects.get().finished_at is None
    colleague.press("page-2")
    colleague.press("review", Q3_option="no")
    colleague.press("submit")
    assert TrialRun.objects.get().finished_at == make.DURING


def test_who_answered_nothing_comes_to_the_end_and_is_not_counted() -> None:
    edition = make.draft("frivillig")
    edition.questions.update(required=False)
    colleague = Colleague(trial(edition))
    colleague.press("start")
    colleague.press()
    colleague.press("submit")
    assert colleague.step == "end"
    assert TrialRun.objects.get().finished_at is None


def test_every_kind_is_tried_as_in_earnest() -> None:
    colleague = Colleague(trial(authoring.draft(kinds.every().edition.questionnaire)))
    colleague.press("start", fact__role="chief")
    for given in kinds.GIVEN:
        colleague.press(**given)
        assert colleague.response.status_code == 200
    while colleague.step == "page":
        colleague.press()
    assert len(colleague.page.all("li", "line")) > 10
    colleague.press("submit")
    assert colleague.step == "end"
