"""What a trial keeps: comments, and answers never."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from surveys.models import Trial, TrialComment, TrialRun
from tests import make
from tests.surveys import trials
from tests.surveys.trials import Colleague, comments, link, trial

pytestmark = pytest.mark.django_db


PILOT = {"Trial", "TrialRun", "TrialComment"}


def stored() -> dict[str, list[str]]:
    """Every row of every table but those of trials, as the database has them."""
    names = sorted(set(connection.introspection.table_names()) - {f"surveys_{name.lower()}" for name in PILOT})
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1')
            found[name] = [row[0] for row in cursor.fetchall()]
    return found


def test_the_banner_stands_on_every_page() -> None:
    colleague = Colleague(trial())
    seen = [colleague.page]
    seen += [colleague.press("start"), colleague.press(Q1_option="no", Q1_text="x"), colleague.press(Q3_option="no")]
    seen += [colleague.press("submit"), colleague.press("comment", comment__whole="x")]
    words = "This is a trial. Your answers are not stored and never count."
    assert [words in page.find("div", "trial-banner").text for page in seen] == [True] * 6


# --- What is kept, and what is not -------------------------------------------------------------------------
def test_answers_are_kept_nowhere() -> None:
    survey = make.opened()
    make.answered(make.voter(survey))
    started = trial()
    before = stored()
    assert before["surveys_sealedballot"]

    colleague = Colleague(started)
    colleague.press("start", name="Kari")
    colleague.press(Q1_option="yes", Q1_text="Hemmelig svar", comment__Q1="Uklart")
    colleague.press(Q3_option="yes")
    colleague.press(Q4_text="Hemmelig sted")
    colleague.press("submit")

    assert stored() == before
    kept = [*Trial.objects.values_list(), *TrialRun.objects.values_list(), *TrialComment.objects.values_list()]
    assert "Hemmelig" not in repr(kept)
    assert "Uklart" in repr(kept)
    assert dict(colleague.client.cookies) == {}


def test_nothing_that_is_kept_could_hold_an_answer() -> None:
    """A trial is tied to no survey, response or ballot, and nothing of those is tied to it."""
    pilot = {model for model in apps.get_models() if model.__name__ in PILOT}
    tied = {
        (field.model.__name__, field.related_model.__name__)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and (model in pilot or field.related_model in pilot)
    }
    assert tied == {
        ("Trial", "Questionnaire"), ("Trial", "User"), ("Trial", "Attachment"), ("TrialRun", "Trial"),
        ("TrialComment", "TrialRun"),
        ("TrialComment", "User"),
    }  # fmt: skip


def test_looking_changes_nothing() -> None:
    started = trial()
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        for _time in range(2):
            assert client.get(link(started), **{"raadslag.now": make.DURING}).status_code == 200
            assert client.head(link(started), **{"raadslag.now": make.DURING}).status_code == 200
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []
    assert TrialRun.objects.count() == 0


def test_start_pressed_twice_is_one_beginning() -> None:
    colleague = Colleague(trial())
    sent = {**trials.form(colleague.page), "go": "start"}
    colleague.send(sent)
    colleague.now += timedelta(minutes=3)
    colleague.send(sent)
    assert list(TrialRun.objects.values_list("started_at", flat=True)) == [make.DURING]


def test_the_end_is_when_it_came_first() -> None:
    colleague = Colleague(trial())
    colleague.now += timedelta(minutes=1)
    colleague.press("start")
    colleague.now += timedelta(minutes=7)
    colleague.press(Q1_option="no", Q1_text="x")
    colleague.press(Q3_option="no")
    colleague.press("submit")
    colleague.now += timedelta(minutes=20)
    colleague.press("review")
    colleague.press("submit")
    run = TrialRun.objects.get()
    assert run.finished_at is not None
    assert run.finished_at - run.started_at == timedelta(minutes=7)


def test_a_comment_is_replaced_by_other_words_and_taken_back_by_none() -> None:
    colleague = Colleague(trial())
    colleague.press("start")
    colleague.press(comment__Q1="Først.")
    colleague.press("back")
    colleague.press(comment__Q1="Så.")
    assert comments() == [("Q1", "Så.", "")]
    TrialComment.objects.update(handled_at=make.DURING)
    colleague.press("back")
    colleague.press()
    assert TrialComment.objects.get().handled_at is not None
    colleague.press("back")
    colleague.press(comment__Q1="Noe annet.")
    assert TrialComment.objects.get().handled_at is None
    colleague.press("back")
    colleague.press(comment__Q1="")
    assert comments() == []


def test_two_colleagues_do_not_see_each_other() -> None:
    started = trial()
    first, second = Colleague(started), Colleague(started)
    first.press("start")
    second.press("start")
    first.press(comment__Q1="Min.", Q2_text="Mitt svar")
    second.press(comment__Q1="Din.")
    for colleague, comment, answer in ((first, "Min.", "Mitt svar"), (second, "Din.", "")):
        colleague.press("back")
        assert colleague.page.find("textarea", id="comment-Q1").text == comment
        assert colleague.page.find("textarea", id="Q2_text").text == answer
    assert [text for _question, text, _name in comments()] == ["Min.", "Din."]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_languages_are_switched_with_everything_as_it_was_typed(language: str) -> None:
    colleague = Colleague(trial())
    colleague.press("start", speak=language, name="Kari", fact__role="chief")
    assert colleague.page.find("input", id="name").get("value") == "Kari"
    assert "selected" in colleague.page.find("option", value="chief").attributes
    colleague.press("start")
    colleague.press("", speak=language, Q2_text="Skrevet", comment__Q2="Sagt")
    assert colleague.page.find("textarea", id="Q2_text").text == "Skrevet"
    assert colleague.page.find("textarea", id="comment-Q2").text == "Sagt"
    assert colleague.response.headers["Content-Language"] == language
    assert comments() == []
