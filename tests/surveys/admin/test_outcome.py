"""What of a survey's results is out: said in words on its page, with what has come since."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from surveys import closing, coding, disclosing
from surveys.models import Answer, Codebook, Survey
from tests import cast, make
from tests.make import AFTER, DURING
from tests.page import Node, parse

pytestmark = pytest.mark.django_db(transaction=True)

LATER = AFTER + timedelta(days=1)
IS_OUT = "Release 1 is out, from 15 March 2026"


@pytest.fixture(autouse=True)
def _one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1
    settings.FEWEST_FOR_TEXTS = 1


def page(survey: Survey, now: datetime = LATER) -> Node:
    user = cast.User.objects.filter(username="designer").first() or cast.designer()
    client = Client(headers={"accept-language": "en"}, **{"raadslag.now": now})
    client.force_login(user)
    return parse(client.get(reverse("admin:surveys_survey_change", args=[survey.pk])))


def published(survey: Survey, now: datetime = LATER) -> str:
    """What stands under "What is published"."""
    (part,) = [each for each in page(survey, now).all("section", class_="part") if "What is published" in each.text]
    return part.text


def button(survey: Survey) -> tuple[str, bool]:
    """The words of the button that publishes, and whether it is the first thing one sees to do."""
    form = page(survey).find("form", action=reverse("admin:surveys_survey_release", args=[survey.pk]))
    found = form.find("button")
    return found.text, "deed-first" in str(found.get("class"))


def closed() -> Survey:
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in range(6)]
    for number, voter in enumerate(voters):
        make.answered(voter, {"Q1": {"option": "yes", "text": f"Fordi {number}."}, "Q2": {"option": "good"}})
    make.closed(survey, voters, cast.coder())
    survey.refresh_from_db()
    return survey


def released() -> Survey:
    survey = closed()
    disclosing.request_release(survey, None, AFTER)
    disclosing.compute_waiting(AFTER)
    return survey


def test_before_closing_nothing_can_be_published() -> None:
    survey = make.opened()
    assert "The first release comes by itself when the survey is closed." in published(survey, DURING)
    assert page(survey, DURING).all("form", action=reverse("admin:surveys_survey_release", args=[survey.pk])) == []


def test_closed_without_a_release_publishing_is_the_thing_to_do() -> None:
    assert button(closed()) == ("Publish the results", True)


def test_a_release_that_is_out_is_told_and_publishing_again_is_quiet() -> None:
    survey = released()
    assert IS_OUT in published(survey)
    assert "Nothing has been coded since." in published(survey)
    assert button(survey) == ("Publish again", False)


def test_what_was_coded_since_is_counted_each_answer_once() -> None:
    survey = released()
    codebook, coder = Codebook.objects.get(survey=survey), cast.coder("reader")
    first, second = Answer.objects.filter(response__survey=survey, question=codebook.question_id).order_by("pk")[:2]
    coding.assign(codebook.pk, first.pk, "yes", coder, LATER)
    assert "1 answer has been coded since" in published(survey)
    coding.assign(codebook.pk, first.pk, "no", coder, LATER + timedelta(hours=1))
    coding.assign(codebook.pk, second.pk, "no", coder, LATER)
    assert "2 answers have been coded since" in published(survey)
    disclosing.request_release(survey, None, LATER + timedelta(hours=2))
    disclosing.compute_waiting(LATER + timedelta(hours=2))
    assert "Nothing has been coded since." in published(survey)


def test_one_that_is_being_computed_takes_the_place_of_the_button() -> None:
    survey = released()
    disclosing.request_release(survey, None, LATER)
    assert IS_OUT in published(survey)
    assert "Release 2 is being computed." in published(survey)
    assert page(survey).all("form", action=reverse("admin:surveys_survey_release", args=[survey.pk])) == []


def test_steps_are_told_as_done_only_when_they_are() -> None:
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in range(6)]
    for voter in voters:
        make.answered(voter)
    closing.stop(survey, AFTER)
    steps = [step.text for step in page(survey).find("ol", class_="steps").all("li")][1:]
    assert steps == [
        "… The answers are to be opened, shuffled and separated from who gave them waits",
        "… To be counted again and backed up, and the backup tried waits",
        "… The key that ties answers to people is to be destroyed waits",
    ]
    make.closed(survey, voters, cast.coder())
    steps = [step.text for step in page(survey).find("ol", class_="steps").all("li")][1:]
    assert [step.partition(" 15 March")[0] for step in steps] == [
        "✓ The answers have been opened, shuffled and separated from who gave them",
        "✓ Counted again, backed up, and the backup tried",
        "✓ The key that tied answers to people has been destroyed",
    ]


def test_the_way_back_does_not_sound_like_closing_a_survey() -> None:
    found = page(closed())
    assert [each.text for each in found.find(id="submit-row").all("a")] == ["Back to the list"]
    assert found.find(id="submit-row").find("a").get("href") == reverse("admin:surveys_survey_changelist")


def test_the_trail_names_the_list_once() -> None:
    survey = closed()
    assert [each.text for each in page(survey).all(class_="trail")] == ["Surveys", survey.code.capitalize()]
