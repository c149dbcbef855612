"""The pages on which staff make trials, read what colleagues said, and end them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.middleware import CLOCK_KEY
from consult.models import User
from surveys import authoring, piloting, publishing
from surveys.drafting import versioning
from surveys.models import Edition, Questionnaire, Trial, TrialComment, TrialRun
from tests import cast, make
from tests.page import Node, parse
from tests.surveys import trials
from tests.surveys.admin.pages import signed_in
from tests.surveys.trials import Colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def designer() -> Client:
    client = signed_in(cast.designer())
    client.defaults[CLOCK_KEY] = make.OPENS  # type: ignore[assignment]  # a WSGI environment holds more than text
    return client


def trials_of(edition: Edition) -> str:
    return reverse("admin:surveys_questionnaire_trials", args=[edition.questionnaire_id])


def page_of(trial: Trial) -> str:
    return reverse("admin:surveys_trial", args=[trial.pk])


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def places(page: Node) -> list[str]:
    return [section.find("h3").text for section in page.all("section", "part")]


def commented(trial: Trial, **comments: str) -> TrialComment:
    """Someone who presses Start and says something on the first page."""
    colleague = Colleague(trial)
    colleague.press("start", name="Kari")
    colleague.press(**{f"comment__{code}": text for code, text in (comments or {"Q1": "Uklart."}).items()})
    return TrialComment.objects.latest("pk")


# --- Making one -------------------------------------------------------------------------------------------


def test_a_trial_is_made_of_the_draft_and_its_link_works(designer: Client) -> None:
    edition = trials.draft()
    page = parse(designer.get(trials_of(edition)))
    assert page.find("input", name="last_day").get("value") == "2026-03-15"

    response = designer.post(trials_of(edition), {"last_day": "2026-03-08"}, follow=True)

    trial = Trial.objects.get()
    assert response.redirect_chain == [(page_of(trial), 302)]
    assert said(response) == ["The trial is open. Send the link below to your colleagues."]
    link = parse(response).find("input", id="link").get("value")
    assert link == f"{settings.PUBLIC_URL}{trials.link(trial)}"
    assert (trial.made_at, trial.person.get_username()) == (make.OPENS, "designer")  # type: ignore[union-attr]
    assert date(2026, 3, 8) == trial.closes_at.astimezone().date()
    assert "until 8 March 2026" in parse(response).find("p", "state").text
    tried = Client(headers={"accept-language": "en"}).get(trials.link(trial), **{CLOCK_KEY: make.DURING})
    assert parse(tried).find("h1").text == "The partnership (en)"


def test_without_a_day_it_is_open_for_ninety_days(designer: Client) -> None:
    designer.post(trials_of(trials.draft()), {"last_day": ""})
    assert Trial.objects.get().closes_at.date() == make.OPENS.date() + timedelta(days=90)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-02-28", "Choose a day from today and within 90 days."),
        ("2026-05-31", "Choose a day from today and within 90 days."),
        ("9999-12-31", "Choose a day from today and within 90 days."),
        ("i morgen", "Enter a valid date."),
        ("2026-02-30", "Enter a valid date."),
    ],
)
def test_a_day_that_cannot_be_is_refused(designer: Client, day: str, words: str) -> None:
    response = designer.post(trials_of(trials.draft()), {"last_day": day})
    assert (response.status_code, Trial.objects.count()) == (422, 0)
    assert parse(response).find("p", "errorlist").text == words
    assert parse(response).find("input", name="last_day").get("value") == day


def test_a_draft_that_is_not_ready_is_not_tried(designer: Client) -> None:
    edition = trials.draft()
    edition.questions.filter(code="Q1").update(text_nb="")
    response = designer.post(trials_of(edition), {"last_day": ""})
    assert (response.status_code, Trial.objects.count()) == (422, 0)
    assert parse(response).find("ul", "reasons").text == "The text of Q1 is missing in bokmål."


def test_without_a_draft_or_in_the_bank_there_is_nothing_to_try(designer: Client) -> None:
    published = make.published()
    assert "There is no draft to try." in parse(designer.get(trials_of(published))).find("ul", "reasons").text
    bank = trials.draft("bank")
    Questionnaire.objects.filter(pk=bank.questionnaire_id).update(role="bank")
    assert designer.post(trials_of(bank), {"last_day": ""}).status_code == 422
    assert Trial.objects.count() == 0
    home = parse(designer.get(reverse("admin:surveys_questionnaire_change", args=[bank.questionnaire_id])))
    assert home.all("a", href=trials_of(bank)) == []


def test_the_questionnaires_page_leads_there(designer: Client) -> None:
    edition = trials.draft()
    page = parse(designer.get(reverse("admin:surveys_questionnaire_change", args=[edition.questionnaire_id])))
    assert page.find("a", href=trials_of(edition)).text == "Try it out with colleagues"


# --- What was said ----------------------------------------------------------------------------------------


def test_comments_stand_beside_what_the_question_said_then_and_says_now(designer: Client) -> None:
    edition = trials.draft()
    trial = trials.trial(edition)
    colleague = Colleague(trial)
    colleague.press("start", name="Kari <b>Ås</b>")
    colleague.press(comment__Q1="<script>Hva</script>", comment__Q2="Langt.", Q1_option="no", Q1_text="x")
    colleague.press(comment__I1="Les hva?", comment__Q3="Greit.", Q3_option="no")
    colleague.press("submit")
    colleague.press("comment", comment__whole="Fint.")
    edition.questions.filter(code="Q1").update(text_nb="Andre ord", text_en="Other words")
    edition.questions.filter(code="I1").delete()

    page = parse(designer.get(page_of(trial)))

    assert places(page) == [
        "Q1 Better help? (en)", "Q2 What have you seen? (en)", "I1 Read this & that first. (en)",
        "Q3 A host office? (en)", "The whole",
    ]  # fmt: skip
    fates = [[mark.text for mark in section.all("span", "mark")] for section in page.all("section", "part")]
    assert fates == [["changed since"], [], ["gone from the questionnaire"], [], []]
    assert "Now: Other words" in page.find("section", id="Q1").text
    assert page.find("section", id="Q1").find("blockquote").text == "<script>Hva</script>"
    assert "Kari <b>Ås</b>, " in page.find("section", id="Q1").text
    build = reverse("admin:surveys_questionnaire_build", args=[edition.questionnaire_id])
    now = {question.code: question.pk for question in edition.questions.all()}
    links = [section.all("a")[0].get("href") for section in page.all("section", "part") if section.all("a")]
    assert links == [f"{build}#question-{now[code]}" for code in ("Q1", "Q2", "Q3")]


def test_a_renamed_question_is_found_again_and_a_published_one_is_not_edited(designer: Client) -> None:
    edition = trials.draft()
    trial = trials.trial(edition)
    commented(trial)
    edition.questions.filter(code="Q1").update(code="X1")
    build = reverse("admin:surveys_questionnaire_build", args=[edition.questionnaire_id])
    assert build in parse(designer.get(page_of(trial))).find("section", id="Q1").find("a").get("href")  # type: ignore[operator]
    publishing.publish(edition.questionnaire_id, make.OPENS)
    page = parse(designer.get(page_of(trial)))
    assert page.find("section", id="Q1").all("a") == []
    authoring.draft(edition.questionnaire)
    assert parse(designer.get(page_of(trial))).find("section", id="Q1").all("a") != []


@pytest.mark.parametrize(
    ("change", "is_changed"),
    [
        ({"help_nb": "Hjelp"}, True), ({"required": True}, True), ({"elaboration": "optional"}, True),
        ({"text_nn": "På nynorsk"}, True), ({"concept": None}, False), ({"comparability": "theme"}, False),
    ],
)  # fmt: skip
def test_what_respondents_see_is_what_counts_as_changed(
    designer: Client, change: dict[str, Any], is_changed: bool
) -> None:
    edition = trials.draft()
    trial = trials.trial(edition)
    commented(trial)
    edition.questions.filter(code="Q1").update(**change)
    page = parse(designer.get(page_of(trial)))
    assert [mark.text for mark in page.all("span", "mark-draft")] == (["changed since"] if is_changed else [])


def test_the_figures_are_those_of_who_finished(designer: Client) -> None:
    trial = trials.trial()
    for minutes in (4, 6, 30):
        colleague = Colleague(trial)
        colleague.press("start")
        colleague.press(Q1_option="no", Q1_text="x")
        colleague.press(Q3_option="no")
        colleague.now += timedelta(minutes=minutes)
        colleague.press("submit")
    Colleague(trial).press("start")
    page = parse(designer.get(page_of(trial)))
    shown = {each.find("dt").text: each.find("dd").text for each in page.find("dl", "trial-figures").all("div")}
    assert shown == {"Began": "4", "Finished": "3", "Time taken": "6 minutes", "Stated time": "5 minutes"}
    assert "the median of the 3 colleagues" in page.text


def test_without_anyone_there_are_no_figures(designer: Client) -> None:
    page = parse(designer.get(page_of(trials.trial())))
    assert [each.text for each in page.find("dl", "trial-figures").all("dd")] == ["0", "0", "–", "5 minutes"]
    assert "Nobody has said anything yet." in page.text


# --- Dealing with it ---------------------------------------------------------------------------------------


def handle(client: Client, comment: TrialComment, **changes: str) -> Any:
    page = parse(client.get(page_of(comment.run.trial)))
    form = page.find("form", action=reverse("admin:surveys_trial_comment", args=[comment.pk]))
    sent = {
        node.get("name"): node.get("value") for node in form.all("input") if node.get("name") != "csrfmiddlewaretoken"
    }
    return client.post(
        form.get("action") or "", {**sent, "go": form.find("button").get("value"), **changes}, follow=True
    )


def test_a_comment_is_dealt_with_and_taken_up_again(designer: Client) -> None:
    comment = commented(trials.trial())
    response = handle(designer, comment)
    comment.refresh_from_db()
    assert (comment.handled_at, str(comment.handled_by)) == (make.OPENS, "designer")
    assert response.redirect_chain == [(f"{page_of(comment.run.trial)}#Q1", 302)]
    page = parse(response)
    assert "0 comments to deal with" in page.text
    assert page.find("details").find("blockquote").text == "Uklart."
    handle(designer, comment)
    comment.refresh_from_db()
    assert (comment.handled_at, comment.handled_by) == (None, None)


def test_of_two_who_deal_with_a_comment_the_second_is_told(designer: Client) -> None:
    comment = commented(trials.trial())
    form = {"go": "handle", "mark": versioning.mark(comment.text)}
    where = reverse("admin:surveys_trial_comment", args=[comment.pk])
    other = signed_in(cast.designer("other"))
    other.post(where, form)
    response = designer.post(where, form, follow=True)
    assert said(response) == ["Someone else has dealt with this, or the comment has other words by now."]
    comment.refresh_from_db()
    assert str(comment.handled_by) == "other"
    assert piloting.handle(comment, None, make.DURING) is False


def test_other_words_than_those_read_are_not_dealt_with(designer: Client) -> None:
    comment = commented(trials.trial())
    response = handle(designer, comment, mark=versioning.mark("Noe annet."))
    comment.refresh_from_db()
    assert comment.handled_at is None
    assert said(response) == ["Someone else has dealt with this, or the comment has other words by now."]


def test_a_trial_is_ended_once(designer: Client) -> None:
    trial = trials.trial()
    where = reverse("admin:surveys_trial_end", args=[trial.pk])
    first, second = designer.post(where, follow=True), designer.post(where, follow=True)
    assert said(first) == ["The trial is ended: the link leads nowhere any more. The comments stay."]
    assert said(second) == ["The trial was over already."]
    assert parse(second).all("input", id="link") == []
    trial.refresh_from_db()
    assert trial.ended_at == make.OPENS


def test_publishing_and_critique_mention_what_waits(designer: Client) -> None:
    edition = trials.draft()
    pages = [
        reverse("admin:surveys_questionnaire_publish", args=[edition.questionnaire_id]),
        reverse("admin:surveys_edition_critique", args=[edition.pk]),
    ]

    def hints() -> list[list[str]]:
        """Without what is said of the critique's findings."""
        found = [[node.text for node in parse(designer.get(page)).all("p", "hint")] for page in pages]
        return [[text for text in each if "findings of the critique" not in text] for each in found]

    assert hints() == [[], []]
    comment = commented(trials.trial(edition))
    commented(trials.trial(trials.draft("annet")))
    words = "1 comment from colleagues who tried it has not been dealt with."
    assert hints() == [[words], [words]]
    # A hint, not a stop.
    assert designer.post(pages[0]).status_code == 302
    edition.refresh_from_db()
    assert edition.number == 1
    handle(designer, comment)
    assert parse(designer.get(pages[1])).all("p", "hint") == []


# --- The doors --------------------------------------------------------------------------------------------


def address(door: str, trial: Trial, comment: TrialComment) -> str:
    return {
        "trials": reverse("admin:surveys_questionnaire_trials", args=[trial.questionnaire_id]),
        "make": reverse("admin:surveys_questionnaire_trials", args=[trial.questionnaire_id]),
        "trial": page_of(trial),
        "end": reverse("admin:surveys_trial_end", args=[trial.pk]),
        "comment": reverse("admin:surveys_trial_comment", args=[comment.pk]),
    }[door]


DOORS = {"trials": "get", "make": "post", "trial": "get", "end": "post", "comment": "post"}


def reader() -> User:
    return cast._user("reader", "surveys.view_questionnaire", "surveys.view_edition", staff=True)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", [cast.outsider, cast.coder, cast.leader, reader, None])
def test_only_those_who_may_edit_come_in(door: str, who: Any) -> None:
    comment = commented(trials.trial())
    client = signed_in(who()) if who else Client()
    sent = {"last_day": "", "go": "handle", "mark": versioning.mark(comment.text)}
    response = getattr(client, DOORS[door])(address(door, comment.run.trial, comment), sent)
    # Those without a place in the admin are led to the page for signing in.
    assert response.status_code == (302 if who in (None, cast.leader) else 403)
    comment.refresh_from_db()
    assert (comment.handled_at, comment.run.trial.ended_at, Trial.objects.count()) == (None, None, 1)


@pytest.mark.parametrize("door", DOORS)
def test_what_is_not_there_is_not_found(designer: Client, door: str) -> None:
    missing = Trial(pk=987654, questionnaire_id=987654)
    where = address(door, missing, TrialComment(pk=987654))
    sent = {"go": "handle", "last_day": ""}
    assert getattr(designer, DOORS[door])(where, sent).status_code == 404
    assert getattr(designer, DOORS[door])(where.replace("987654", "9" * 30), sent).status_code == 404


@pytest.mark.parametrize("door", ["trial", "end", "comment"])
def test_a_malformed_id_leads_to_nothing(designer: Client, door: str) -> None:
    commented(trials.trial())
    where = address(door, Trial(pk=987654, questionnaire_id=1), TrialComment(pk=987654)).replace("987654", "x1")
    response = getattr(designer, DOORS[door])(where, {"go": "handle"}, follow=True)
    # Django's admin takes what is no number for the id of a questionnaire, and leads home.
    assert response.redirect_chain[-1][0] == reverse("admin:index")
    assert list(TrialComment.objects.values_list("handled_at", flat=True)) == [None]


@pytest.mark.parametrize(("door", "verb"), [("end", "get"), ("comment", "get"), ("trial", "post"), ("make", "put")])
def test_each_door_has_its_methods(designer: Client, door: str, verb: str) -> None:
    comment = commented(trials.trial())
    assert getattr(designer, verb)(address(door, comment.run.trial, comment)).status_code == 405


@pytest.mark.parametrize("go", ["", "delete"])
def test_a_malformed_deed_is_refused(designer: Client, go: str) -> None:
    comment = commented(trials.trial())
    where = reverse("admin:surveys_trial_comment", args=[comment.pk])
    assert designer.post(where, {"go": go}).status_code == 400


def test_pages_ask_the_database_the_same_for_one_and_three(designer: Client) -> None:
    edition = trials.draft()
    trial = trials.trial(edition)
    counts: dict[str, list[int]] = {"trial": [], "trials": []}
    for more in (1, 2):
        for _time in range(more):
            commented(trial, Q1="Uklart.", Q2="Langt.")
            trials.trial(edition)
        for name, where in {"trial": page_of(trial), "trials": trials_of(edition)}.items():
            designer.get(where)
            with CaptureQueriesContext(connection) as queries:
                designer.get(where)
            counts[name].append(len(queries))
    assert {name: found[0] - found[1] for name, found in counts.items()} == {"trial": 0, "trials": 0}


def test_a_questionnaire_goes_with_its_trials(designer: Client) -> None:
    edition = trials.draft()
    commented(trials.trial(edition))
    designer.post(reverse("admin:surveys_questionnaire_delete", args=[edition.questionnaire_id]), {"post": "yes"})
    assert (Questionnaire.objects.count(), TrialRun.objects.count()) == (0, 0)
