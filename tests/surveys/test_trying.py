"""What a trial keeps, for how long, and what the database refuses whoever writes to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.db import IntegrityError, connection, transaction

from consult import tasks
from surveys import authoring, exchanging, piloting, structure, trying
from surveys.formats import spelling
from surveys.models import Trial, TrialComment, TrialRun
from tests import cast, kinds, make
from tests.surveys import trials
from tests.together import together


def run_of(trial: Trial) -> TrialRun:
    key = uuid4()
    trying.begin(trial, key, "", make.DURING)
    return TrialRun.objects.get(key=key)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["every kind", "routed"])
def test_what_is_tried_is_what_the_draft_said(code: str) -> None:
    edition = authoring.draft(kinds.every().edition.questionnaire) if code == "every kind" else trials.draft()
    view = structure.read(edition)
    tried = trying.content(trials.trial(edition))
    # All but the numbers of rows; `within` is what a document does not say.
    assert [each.within for each in tried.questions.values()] == [each.within for each in view.questions.values()]
    assert spelling.write(exchanging.Draft("x", tried)) == spelling.write(exchanging.Draft("x", view))


@pytest.mark.django_db
def test_no_copy_of_the_database_holds_the_link() -> None:
    trial = trials.trial()
    token = trying.link_token(trial)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM surveys_trial t")
        row = cursor.fetchone()[0]
    assert token[13:] not in row.lower()
    assert trying.admit(token, make.DURING) == trial
    assert len(token) == 39


@pytest.mark.django_db
def test_the_link_hangs_on_the_master_key(settings: Any) -> None:
    trial = trials.trial()
    token = trying.link_token(trial)
    settings.MASTER_KEY = bytes(reversed(configured.MASTER_KEY))[:-1] + b"x"
    assert trying.admit(token, make.DURING) is None


# --- How long it is kept ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_trials_are_erased_half_a_year_after_they_were_over(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, closed, later = (trials.trial(trials.draft(f"p{number}")) for number in range(3))
    TrialComment.objects.create(run=run_of(ended), text="Uklart.", written_at=make.DURING)
    piloting.end(ended, make.DURING)
    half_a_year = timedelta(days=180)
    assert piloting.erase_due(make.DURING + half_a_year - timedelta(seconds=1)) == 0
    monkeypatch.setattr(tasks.timezone, "now", lambda: make.DURING + half_a_year)
    tasks.erase_trials()
    assert set(Trial.objects.all()) == {closed, later}
    assert (TrialRun.objects.count(), TrialComment.objects.count()) == (0, 0)
    tasks.erase_trials()
    assert Trial.objects.count() == 2
    assert piloting.erase_due(closed.closes_at + half_a_year) == 2


@pytest.mark.django_db
def test_a_trial_outlives_the_user_who_made_it() -> None:
    designer = cast.designer()
    trial = piloting.make(trials.draft().questionnaire, designer, make.OPENS)
    TrialComment.objects.create(run=run_of(trial), text="Uklart.", written_at=make.DURING)
    piloting.handle(TrialComment.objects.get(), designer, make.DURING)
    designer.delete()
    trial.refresh_from_db()
    comment = TrialComment.objects.get()
    assert (trial.person, comment.handled_by, comment.handled_at) == (None, None, make.DURING)


@pytest.mark.django_db
def test_an_end_after_the_deadline_is_none() -> None:
    trial = trials.trial()
    assert piloting.end(trial, trial.closes_at) is False
    assert trying.admit(trying.link_token(trial), trial.closes_at) is None
    assert trying.admit(trying.link_token(trial), trial.closes_at - timedelta(seconds=1)) == trial


@pytest.mark.django_db
def test_what_comes_after_the_end_is_not_kept() -> None:
    """Also where the trial ended between the admission and the writing."""
    trial = trials.trial()
    run = run_of(trial)
    piloting.end(trial, make.DURING)
    with pytest.raises(trying.Over):
        trying.comment(trial, run.key, {"Q1": "For sent."}, make.DURING)
    with pytest.raises(trying.Over):
        trying.begin(trial, uuid4(), "", make.DURING)
    with pytest.raises(trying.Over):
        trying.begin(Trial(pk=987654), uuid4(), "", make.DURING)
    assert (TrialRun.objects.count(), TrialComment.objects.count()) == (1, 0)


# --- What the database refuses ------------------------------------------------------------------------------

AGAIN = """
    INSERT INTO surveys_trialcomment (id, run_id, question, text, written_at)
    SELECT 0, run_id, question, 'x', written_at FROM surveys_trialcomment
"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE surveys_trial SET content = '{}'", "what trial"),
        ("UPDATE surveys_trial SET selector = 1", "what trial"),
        ("UPDATE surveys_trial SET made_at = made_at - interval '1 day'", "what trial"),
        ("UPDATE surveys_trial SET closes_at = made_at", "trial_made_before_it_closes"),
        ("UPDATE surveys_trial SET ended_at = made_at - interval '1 day'", "trial_ended_after_made"),
        ("INSERT INTO surveys_trialrun SELECT 0, key, name, started_at, finished_at, trial_id FROM surveys_trialrun",
         "trial_run_once"),
        ("UPDATE surveys_trialrun SET finished_at = started_at - interval '1 s'", "trial_run_finished_after_started"),
        ("UPDATE surveys_trialcomment SET text = ''", "trial_comment_length"),
        ("UPDATE surveys_trialcomment SET text = repeat('x', 1001)", "trial_comment_length"),
        ("UPDATE surveys_trialcomment SET handled_at = NULL, handled_by_id = 1", "trial_comment_handled_when"),
        (AGAIN, "trial_comment_once"),
    ],
)  # fmt: skip
def test_the_database_refuses(statement: str, name: str) -> None:
    TrialComment.objects.create(run=run_of(trials.trial()), text="Uklart.", written_at=make.DURING)
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_what_has_been_ended_stays_ended() -> None:
    trial = trials.trial()
    assert piloting.end(trial, make.DURING) is True
    with pytest.raises(IntegrityError, match="has been ended"), transaction.atomic():
        Trial.objects.update(ended_at=None)


# --- Two at once ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_counted_once_and_never_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "MOST_COMMENTS", 4)
    trial = trials.trial()
    key = uuid4()
    assert together([lambda: trying.begin(trial, key, "", make.DURING)] * 6) == [None] * 6
    assert TrialRun.objects.count() == 1
    keys = [run_of(trial).key for _time in range(6)]

    def say(key: Any) -> Any:
        return lambda: trying.comment(trial, key, {"Q1": "Hm."}, make.DURING)

    outcomes = together([say(key) for key in keys])
    assert sorted(type(each).__name__ for each in outcomes) == ["Full"] * 2 + ["NoneType"] * 4
    assert TrialComment.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_deal_with_a_comment_and_two_who_end_it() -> None:
    trial = trials.trial()
    comment = TrialComment.objects.create(run=run_of(trial), text="Uklart.", written_at=make.DURING)
    assert sorted(together([lambda: piloting.handle(comment, None, make.DURING)] * 4)) == [False, False, False, True]
    assert sorted(together([lambda: piloting.end(trial, make.DURING)] * 4)) == [False, False, False, True]
