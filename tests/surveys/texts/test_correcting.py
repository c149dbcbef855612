"""Misspellings corrected in published editions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from surveys import authoring, fielding, structure
from surveys.models import Correction, Edition
from surveys.texts import amending, correcting
from surveys.texts.correcting import NoSuchText, NotCorrected, Place
from tests import cast, make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


WRONG, RIGHT = "Hva meiner duu om samarbeidet på kontoret?", "Hva meiner du om samarbeidet på kontoret?"
NOW = make.DURING


def edition(code: str = "puls") -> Edition:
    return make.published(code, [make.asking("Q1") | {"text": {"nb": WRONG, "en": "What do you think?"}}])


def place(of: Edition, field: str = "text", language: str = "nb") -> Place:
    return Place("question", of.questions.get().pk, field, language)


def correct(of: Edition, after: str = RIGHT, before: str = WRONG, at: Place | None = None) -> Correction:
    return correcting.correct(of, at or place(of), before, after, None, NOW)


def shown(of: Edition) -> str:
    return structure.edition_view(of.pk).questions["Q1"].text("nb")


def test_a_correction_is_shown_and_the_frozen_text_stays() -> None:
    one = edition()
    assert shown(one) == WRONG

    made = correct(one)

    assert shown(one) == RIGHT
    assert one.questions.get().text_nb == WRONG  # type: ignore[attr-defined]
    assert structure.read(one, corrected=False).questions["Q1"].text("nb") == WRONG
    assert (made.before, made.after, made.corrected_at, made.person) == (WRONG, RIGHT, NOW, None)


def test_who_corrected_is_written_down() -> None:
    one, person = edition(), cast.designer()

    made = correcting.correct(one, place(one), WRONG, RIGHT, person, NOW)

    assert Correction.objects.get(pk=made.pk).person == person


def test_every_part_can_be_corrected() -> None:
    one = edition()
    section, option = one.sections.get(), one.questions.get().options.get(code="yes")
    places = {
        ("edition", one.pk, "title"): ("Prøve", "Prøøve"),
        ("edition", one.pk, "purpose"): ("For å prøve.", "For å prøøve."),
        ("section", section.pk, "title"): ("Del 1", "Deel 1"),
        ("option", option.pk, "label"): ("Ja", "Jaa"),
    }
    for (part, pk, field), (before, after) in places.items():
        correct(one, after, before, Place(part, pk, field, "nb"))

    view = structure.edition_view(one.pk)
    assert (view.title("nb"), view.purpose("nb"), view.sections[0].title("nb")) == ("Prøøve", "For å prøøve.", "Deel 1")
    assert view.questions["Q1"].options[0].label("nb") == "Jaa"


def test_the_last_correction_stands_and_is_measured_against_what_was_published() -> None:
    one = edition()
    correct(one)

    correct(one, WRONG, RIGHT)
    assert shown(one) == WRONG
    assert Correction.objects.count() == 2


def test_small_steps_make_no_long_way() -> None:
    one = make.published("x", [make.asking("Q1") | {"text": {"nb": "Hva med lønnen deres i dag?"}}])

    correct(one, "Hva med lønna deres i dag?", "Hva med lønnen deres i dag?")
    with pytest.raises(NotCorrected, match="new edition"):
        correct(one, "Hva med lånna deres i dag?", "Hva med lønna deres i dag?")


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ("Hva meiner du ikke om samarbeidet på kontoret?", "meaning"),
        (WRONG, "same as before"),
        (f"  {WRONG}\r\n", "same as before"),
        ("", "empty"),
        (RIGHT + "\x07", "cannot be shown"),
        ("x" * 20_001, "too long"),
    ],
)
def test_what_is_refused_leaves_nothing(after: str, reason: str) -> None:
    one = edition()

    with pytest.raises(NotCorrected, match=reason):
        correct(one, after)

    assert not Correction.objects.exists()
    assert shown(one) == WRONG


def test_a_draft_is_edited_instead() -> None:
    draft = make.loaded("x", [make.asking("Q1")])

    with pytest.raises(NotCorrected, match="draft"):
        correct(draft, "Q1, hva meiner du?", "Q1, hva mener du?")


def test_the_second_of_two_is_told() -> None:
    one = edition()
    correct(one)

    with pytest.raises(NotCorrected, match="Someone else"):
        correct(one, "Hva meiner du om samarbeidet påå kontoret?", WRONG)


def test_two_answers_never_get_the_same_text() -> None:
    options = [{"code": "a", "label": {"nb": "Kommune"}}, {"code": "b", "label": {"nb": "Komune"}}]
    one = make.published("x", [make.asking("Q1", "single_choice", options=options)])
    second = one.questions.get().options.get(code="b")

    with pytest.raises(NotCorrected, match="Another answer"):
        correct(one, "kommune", "Komune", Place("option", second.pk, "label", "nb"))


def test_there_must_be_a_text_there() -> None:
    one, other = edition(), edition("annen")
    pk = one.questions.get().pk
    wrong = [
        Place("question", pk, "text", "nn"), Place("question", pk, "text", "xx"), Place("question", pk, "code", "nb"),
        Place("question", 0, "text", "nb"), Place("questions", pk, "text", "nb"),
        Place("edition", other.pk, "title", "nb"), place(other),
    ]  # fmt: skip
    for each in wrong:
        with pytest.raises(NoSuchText):
            correct(one, at=each)
        with pytest.raises(NoSuchText):
            correcting.current(one, each)


def test_a_new_draft_starts_with_the_corrected_text() -> None:
    one = edition()
    correct(one)

    assert authoring.draft(one.questionnaire).questions.get().text_nb == RIGHT


# --- Reaching every process -------------------------------------------------------------------------------


def test_a_correction_by_another_process_is_found_within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    one = edition()
    clock = [1000.0]
    monkeypatch.setattr(structure, "monotonic", lambda: clock[0])
    assert shown(one) == WRONG
    # As another process would: the row, without this process forgetting what it has in memory.
    monkeypatch.setattr(structure, "forget", lambda _pk: None)
    correct(one)

    clock[0] += structure.SECONDS_BETWEEN_LOOKS - 1
    with CaptureQueriesContext(connection) as within:
        assert shown(one) == WRONG
    clock[0] += 2
    assert structure.SECONDS_BETWEEN_LOOKS < 60
    assert shown(one) == RIGHT
    with CaptureQueriesContext(connection) as after:
        assert shown(one) == RIGHT

    assert (len(within), len(after)) == (0, 0)


def test_looking_costs_one_statement_where_nothing_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    one = edition()
    clock = [1000.0]
    monkeypatch.setattr(structure, "monotonic", lambda: clock[0])
    view = structure.edition_view(one.pk)

    clock[0] += structure.SECONDS_BETWEEN_LOOKS
    with CaptureQueriesContext(connection) as look:
        again = structure.edition_view(one.pk)

    assert (len(look), again is view) == (1, True)


# --- Kept by the database ---------------------------------------------------------------------------------


def test_a_correction_is_never_changed_or_taken_back() -> None:
    one = edition()
    made = correct(one)

    for change in (
        lambda: Correction.objects.filter(pk=made.pk).update(after="noe annet"),
        lambda: Correction.objects.filter(pk=made.pk).delete(),
    ):
        with pytest.raises(Error, match="correction"), transaction.atomic():
            change()
    assert amending.count(one.pk) == 1


def test_who_made_it_may_be_forgotten() -> None:
    one, person = edition(), cast.designer()
    made = correcting.correct(one, place(one), WRONG, RIGHT, person, NOW)

    person.delete()

    made.refresh_from_db()
    assert (made.person, made.after) == (None, RIGHT)


def test_a_draft_has_no_corrections_in_sql_either() -> None:
    draft = make.loaded("x", [make.asking("Q1")])

    with pytest.raises(Error, match="draft"), transaction.atomic():
        Correction.objects.create(
            edition=draft, part="edition", part_id=draft.pk, field="title", language="nb", before="a", after="b",
            corrected_at=NOW,
        )  # fmt: skip


def test_a_corrected_title_stands_in_lists_and_letters() -> None:
    wrong, right = "Kartlegging av samarbeidt i partnerskapet", "Kartlegging av samarbeidet i partnerskapet"
    fieldwork = make.published("kart-2026", [make.asking("Q1")], title={"nb": wrong})
    survey = fielding.plan("kart-2026", fieldwork, opens_at=make.OPENS, closes_at=make.DEADLINE)
    correcting.correct(fieldwork, Place("edition", fieldwork.pk, "title", "nb"), wrong, right, None, NOW)
    editions = [Edition.objects.get(pk=fieldwork.pk) for _place in range(2)]
    with CaptureQueriesContext(connection) as queries:
        amending.retitle(editions)
    with override("nb"):
        assert [each.title for each in editions] == [right] * 2
        assert amending.title(Edition.objects.get(pk=fieldwork.pk)) == right
        assert Edition.objects.get(pk=fieldwork.pk).title == wrong
    assert len(queries) == 1
    admin = Client(headers={"accept-language": "nb"})
    admin.force_login(cast.designer())
    for url in (
        reverse("admin:surveys_survey_changelist"),
        reverse("admin:surveys_survey_change", args=[survey.pk]),
        f"{reverse('admin:surveys_survey_add')}",
        f"{reverse('admin:surveys_survey_add')}?edition={fieldwork.pk}",
        reverse("admin:index"),
    ):
        page = admin.get(url).content.decode()
        assert (right in page, wrong in page) == (True, False), url
