"""Numbers and dates counted in bands: written at the builder, frozen, exchanged, and counted through the gate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from surveys import disclosing, exchanging, fielding, publishing, structure
from surveys.drafting import adding, banding
from surveys.formats import json as json_format
from surveys.formats import strict
from surveys.formats.document import BadDocument
from surveys.kinds import bands
from surveys.models import Band, Edition, Question, Survey
from tests import cast, make
from tests.make import OPENS, asking
from tests.page import parse
from tests.surveys.admin.builds import address, deed
from tests.surveys.admin.pages import signed_in

pytestmark = pytest.mark.django_db

YEARS = [{"to": 1}, {"from": 2, "to": 4}, {"from": 5}]
DAYS = [{"to": "2019-12-31"}, {"from": "2020-01-01"}]


def loaded(code: str = "prov-2021", **rest: Any) -> Edition:
    return make.loaded(code, [asking("B1", "number", **rest), asking("B2", "date"), asking("B3")])


def of(edition: Edition, code: str = "B1") -> list[str]:
    view = structure.read(Edition.objects.get(pk=edition.pk)).questions[code]
    return [bands.code(view.kind, band) for band in view.bands]


def write(client: Client, edition: Edition, value: str, code: str = "B1", read: str | None = None) -> Any:
    row = edition.questions.get(code=code)
    sent = {
        "place": f"question-{row.pk}",
        "name": "bands",
        "value": value,
        "read": banding.mark_of(row) if read is None else read,
    }
    return client.post(address(edition, "_write"), sent, headers={"X-Builder": "1"})


@pytest.fixture
def designer() -> Client:
    return signed_in(cast.designer())


# --- At the builder ---------------------------------------------------------------------------------------


def test_written_shown_and_written_again(designer: Client) -> None:
    draft = loaded(minimum=0)
    told = write(designer, draft, "0-1, 2 til 4, 5 eller flere")
    assert told.json() == {"value": "0–1, 2–4, 5 or more", "read": banding.mark_of(draft.questions.get(code="B1"))}
    assert of(draft) == ["0..1", "2..4", "5.."]
    opened = designer.get(
        address(draft, "_changes"),
        {"open": f"question-{draft.questions.get(code='B1').pk}"},
        headers={"X-Builder": "1"},
    )
    field = parse(opened.json()["sheet"]).find("input", data_name="bands")
    assert field.get("value") == "0–1, 2–4, 5 or more"
    assert write(designer, draft, "").status_code == 200
    assert of(draft) == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("0–2, 2–4", "“0–2” and “2–4” overlap: an answer would be counted twice."),
        ("0–1, 3–4", "Between “0–1” and “3–4” there is a gap: answers in it would not count."),
        ("<script>, 3", "“<script>” could not be read. Write bands such as “0–1, 2–4, 5 or more”."),
    ],
)
def test_bands_that_overlap_or_leave_gaps_are_refused(designer: Client, value: str, reason: str) -> None:
    draft = loaded(bands=YEARS)
    refused = write(designer, draft, value)
    assert (refused.status_code, refused.json()["reasons"]) == (422, [reason])
    assert of(draft) == ["..1", "2..4", "5.."]


def test_who_writes_second_is_told_what_the_first_wrote(designer: Client) -> None:
    draft = loaded()
    read = banding.mark_of(draft.questions.get(code="B1"))
    write(signed_in(cast.designer("berit")), draft, "0 or less, 1 or more")
    told = write(designer, draft, "2 or less, 3 or more", read=read)
    assert (told.status_code, told.json()["reasons"][0]) == (409, "Someone else wrote: “0 or less, 1 or more”.")
    assert told.json()["theirs"] == "0 or less, 1 or more"
    assert of(draft) == ["..0", "1.."]
    assert write(designer, draft, "2 or less, 3 or more", read=told.json()["read"]).status_code == 200


def test_suggested_by_one_press_and_only_where_there_are_none(designer: Client) -> None:
    draft = loaded(minimum=0, maximum=9)
    place = f"question-{draft.questions.get(code='B1').pk}"
    assert deed(designer, draft, "suggest_bands", place=place).status_code == 200
    assert of(draft) == ["0..1", "2..3", "4..5", "6..7", "8..9"]
    again = deed(designer, draft, "suggest_bands", place=place)
    assert (again.status_code, again.json()["reasons"]) == (422, ["It has bands already."])
    dates = f"question-{draft.questions.get(code='B2').pk}"
    assert deed(designer, draft, "suggest_bands", place=dates).status_code == 200
    assert len(of(draft, "B2")) == 5


def test_what_has_no_bands(designer: Client) -> None:
    draft = loaded()
    for code in ("B3",):
        assert write(designer, draft, "0–1, 2–3", code, read="").status_code == 422
        place = f"question-{draft.questions.get(code=code).pk}"
        assert deed(designer, draft, "suggest_bands", place=place).status_code == 422
    for place in ("", "question-999999", f"section-{draft.sections.get().pk}"):
        assert deed(designer, draft, "suggest_bands", place=place).status_code == 410
    edition = publishing.publish(
        make.loaded("klar-2021", [asking("B1", "number", bands=YEARS)]).questionnaire_id, OPENS
    )
    assert write(designer, edition, "").status_code == 410
    assert of(edition) == ["..1", "2..4", "5.."]


def test_another_kind_has_none_and_a_copy_has_the_same() -> None:
    draft = loaded(bands=YEARS)
    one = draft.questions.get(code="B1")
    copy = adding.copy_question(draft.pk, one.pk)
    assert of(draft, copy.code) == of(draft)
    from surveys.drafting import building, versioning

    building.write(draft.pk, f"question-{one.pk}", "kind", "date", versioning.mark("number"))
    assert of(draft) == []
    assert of(draft, copy.code) == ["..1", "2..4", "5.."]


def test_a_draft_with_answers_in_no_band_is_not_published() -> None:
    draft = loaded(bands=[{"from": 0, "to": 1}, {"from": 2}])
    with pytest.raises(publishing.NotPublishable) as refused:
        publishing.publish(draft.questionnaire_id, OPENS)
    assert str(refused.value).startswith("B1: Svar under 0")


# --- Kept -------------------------------------------------------------------------------------------------


def test_the_database_keeps_them_apart_and_frozen() -> None:
    edition = publishing.publish(loaded(bands=YEARS).questionnaire_id, OPENS)
    row = edition.questions.get(code="B1")
    for change in (
        lambda: Band.objects.filter(question=row).delete(),
        lambda: Band.objects.filter(question=row).update(upper=9),
        lambda: Band.objects.create(question=row, position=9, lower=90),
    ):
        with pytest.raises(IntegrityError, match="published"), transaction.atomic():
            change()
    draft = loaded("annen-2021", bands=YEARS)
    other = draft.questions.get(code="B1")
    for lower, upper, name in ((3, 3, "band_once"), (None, None, "band_bounded"), (9, 8, "range|band_lower_to_upper")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Band.objects.create(question=other, position=9, lower=lower, upper=upper)
    # Those of another question are nobody's business.
    second = Question.objects.create(
        edition=draft, section=other.section, position=9, code="B9", kind="number", text_nb="Hva?"
    )
    Band.objects.create(question=second, position=1, lower=3, upper=3)


def test_they_travel_in_our_own_format_and_surveyjs_and_are_named_as_lost_elsewhere() -> None:
    document = make.document(
        "prov-2021",
        [
            asking("B1", "number", decimals=1, bands=[{"to": "1.5"}, {"from": "1.6"}]),
            asking("B2", "date", bands=DAYS),
        ],
    )
    draft = exchanging.keep(strict.read(document)).editions.get()
    questions = json_format.dump(draft)["sections"][0]["questions"]
    assert [each["bands"] for each in questions] == [[{"to": "1.5"}, {"from": "1.6"}], DAYS]
    again = exchanging.read(exchanging.export(draft, "surveyjs", "nb").content, "fil.json")
    assert {code: view.bands for code, view in again.view.questions.items()} == {
        code: view.bands for code, view in structure.read(draft).questions.items()
    }
    for form in ("surveyjs", "xlsform", "lss", "txt"):
        lost = [
            each.place
            for each in exchanging.export(draft, form, "nb").lost
            if "interval" in each.what or "band" in each.what
        ]
        assert lost == ["B1", "B2"], form


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("yes_no", YEARS),
        ("number", [{"to": 1}, {"from": 3}]),
        ("number", [{"to": 1}]),
        ("number", [{"from": 2}, {"to": 1}]),
        ("number", [{}, {}]),
        ("number", [{"to": "x"}, {"from": 3}]),
        ("number", "0-1"),
        ("number", [{"to": 1, "label": "x"}, {"from": 2}]),
        ("date", [{"to": "2020-02-30"}, {"from": "2020-03-01"}]),
        ("date", [{"to": 5}, {"from": 6}]),
        ("date", [{"to": ["2020-01-01"]}, {"from": "2020-01-02"}]),
    ],
)
def test_files_with_bands_that_make_no_sense_are_refused(kind: str, given: Any) -> None:
    with pytest.raises(BadDocument, match="B1"):
        strict.read(make.document("prov-2021", [asking("B1", kind, bands=given)]))


# --- Counted ----------------------------------------------------------------------------------------------


def answered(code: str, numbers: list[Any], **plan: Any) -> Survey:
    """A closed survey in which these numbers were answered (None: left blank), half of them by chiefs."""
    edition = make.published(
        code,
        [
            asking("B1", "number", minimum=0, bands=YEARS),
            asking("B2", "date", bands=DAYS),
            asking("B3", options=[{"code": each, "label": {"nb": each}} for each in ("yes", "no")]),
        ],
    )
    survey = fielding.plan(code, edition, opens_at=make.OPENS, closes_at=make.DEADLINE, facts=[make.ROLE], **plan)
    fielding.open_survey(survey, make.OPENS)
    voters = []
    for place, number in enumerate(numbers):
        voters.append(make.voter(survey, role="chief" if place % 2 else "local"))
        day = "2020-01-01" if place % 3 else "2019-12-31"
        given = {"B1": {"number": str(number)}, "B2": {"date": day}} if number is not None else {"B2": {"date": day}}
        make.answered(voters[-1], {**given, "B3": {"option": "yes" if (number or 0) > 1 else "no"}})
    make.closed(survey, voters, cast.designer(code))
    disclosing.request_release(survey, None, make.AFTER)
    assert disclosing.compute_waiting(make.AFTER) == 1
    return survey


def figures(survey: Survey, variable: str, by: str = "") -> dict[Any, int | None]:
    release = disclosing.current(survey)
    assert release is not None
    cells = release.tables.get(variable=variable, by=by).cells.order_by("position")
    return {(cell.value, cell.by_value) if by else cell.value: cell.n for cell in cells}


@pytest.fixture
def _one_approval(settings: Settings) -> None:
    settings.CLOSING_APPROVALS = 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_one_approval")
def test_numbers_and_dates_are_counted_in_their_bands_alone_and_by_others() -> None:
    numbers = [0] * 6 + [1] * 6 + [2] * 6 + [4] * 6 + [5] * 6 + [40] * 6 + [None] * 6
    survey = answered("mange-2026", numbers, crosses=[("B1", "B3")])
    assert figures(survey, "B1") == {"..1": 12, "2..4": 12, "5..": 12, "no_answer": 6}
    assert figures(survey, "B2") == {"..2019-12-31": 14, "2020-01-01..": 28}
    by_role = figures(survey, "B2", "role")
    assert by_role["..2019-12-31", "chief"] == 7
    crossed = figures(survey, "B1", "B3")
    assert crossed["2..4", "yes"] == 12
    labels = disclosing.current(survey).tables.get(variable="B1", by="").cells.order_by("position")  # type: ignore[union-attr]
    assert [cell.label["en"] for cell in labels][:3] == ["1 or less", "2–4", "5 or more"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_one_approval")
def test_the_bands_of_a_group_with_too_few_are_withheld_as_its_choices_are() -> None:
    """Two people answered, and two only: no band may show that they did, nor where."""
    survey = answered("fa-2026", [3, 7])
    assert set(figures(survey, "B1").values()) == set(figures(survey, "B3").values()) == {None}
    # All in one band would tell what each of them answered; a choice that all made is held back alike.
    alike = answered("like-2026", [3] * 8)
    told = {code: figures(alike, code, "role") for code in ("B1", "B3")}
    assert set(told["B1"].values()) == set(told["B3"].values())


def test_days_count_from_the_same_day_as_answers_do() -> None:
    with_bands = strict.read(make.document("x", [asking("B1", "date", bands=DAYS)])).view.questions["B1"]
    assert with_bands.bands[0].upper == Decimal((date(2019, 12, 31) - date(1970, 1, 1)).days)
