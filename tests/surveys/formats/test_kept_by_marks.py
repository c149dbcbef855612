"""What an export calls kept really comes back; the page tells it apart from what is lost."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings

from surveys.exchanging import FORMATS, read
from surveys.formats import strict
from surveys.formats.document import BadDocument
from surveys.formats.protocol import Draft
from tests import cast, make
from tests.make import asking
from tests.page import parse
from tests.surveys.admin.pages import signed_in
from tests.surveys.formats.generated import drafts
from tests.surveys.formats.losing import unnamed
from tests.surveys.formats.test_xlsform import book

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts())
@pytest.mark.parametrize("form", ["xlsform", "surveyjs", "lss"])
def test_what_is_called_kept_comes_back(form: str, draft: Draft) -> None:
    with override("en"):
        written = FORMATS[form].dump(draft, "nb")
        back = read(written.content, "any-name")
        lost = (*(each for each in written.lost if not each.is_kept), *back.lost)

        assert unnamed(draft, back, lost, as_shown=form == "lss") == []


def page(form: str) -> list[tuple[str, list[str]]]:
    """What the page of formats says of one: each list by its heading."""
    edition = make.loaded(
        "prov-2021",
        [
            asking("B1", "number", text={"nb": "Hvor mange <år>?"}, concept="tid", bands=[{"to": 1}, {"from": 2}]),
            asking("B2"),
        ],
        concepts={"tid": {"nb": "Tid i vervet", "en": "Time in the role"}},
    )
    client = signed_in(cast.designer())
    found = parse(client.get(reverse("admin:surveys_edition_formats", args=[edition.pk])))
    (part,) = [each for each in found.all("section") if each.find("h3").text == form]
    return [
        (each.find("summary").text, [line.text for line in each.find("ul", class_="losses").children])
        for each in part.all("details")
    ]


@pytest.mark.django_db
def test_the_page_tells_what_is_lost_from_what_is_kept_by_question() -> None:
    assert page("XLSForm") == [
        (
            "1 thing cannot be said in this format",
            ["B1 Hvor mange <år>? the bands it is counted in – XLSForm has no place for them."],
        ),
        (
            "1 thing is kept by a mark that only Rådslag reads",
            ["B1 Hvor mange <år>?the concept “Time in the role”"],
        ),
    ]


@pytest.mark.django_db
def test_what_holds_everything_says_so(designer: Client) -> None:
    edition = make.loaded()
    found = parse(designer.get(reverse("admin:surveys_edition_formats", args=[edition.pk])))
    assert found.all("section")[0].find("p", class_="quiet").text == "Holds everything."


@pytest.fixture
def designer() -> Client:
    return signed_in(cast.designer())


def test_of_two_faults_both_are_named() -> None:
    content = book(["text", "a", "Hva?"], ["hologram", "b", "Hvor?"], headings=["type", "name", "name"])
    with override("en"), pytest.raises(BadDocument) as refused:
        read(content, "x.xlsx")
    assert str(refused.value) == (
        "sheet survey, row 1: two columns are called name. Row 3, “hologram”: This type of row is not known."
    )


@pytest.mark.parametrize("form", ["xlsform", "surveyjs", "lss", "txt"])
def test_each_thing_that_can_be_called_kept(form: str) -> None:
    """One question for each: what only marks keep must be back, and a roster in LimeSurvey is not called kept."""
    options = [{"code": "a", "label": {"nb": "A"}}, {"code": "none", "label": {"nb": "Ingen"}, "excludes": True}]
    plain = [{"code": "a", "label": {"nb": "A"}}, {"code": "b", "label": {"nb": "B"}}]
    prompt = {"nb": "Fortell"}
    draft = strict.read(
        make.document(
            "prov-2021",
            [
                asking("B1", "single_choice", options=plain, elaboration="required", prompt=prompt),
                asking("B2", "multiple_choice", options=options, elaboration="optional", prompt=prompt),
                asking("B3", "statement", options=plain, concept="tid"),
                asking("B4", "short_text", origin="bank/x"),
                asking("B5", "roster", options=plain),
            ],
        )
    )
    with override("en"):
        written = FORMATS[form].dump(draft, "nb")
        back = read(written.content, "any-name")
    lost = (*(each for each in written.lost if not each.is_kept), *back.lost)

    assert {"B3", "B4"} <= {each.place for each in written.lost if each.is_kept}
    assert ("B5" in {each.place for each in lost}) == (form in ("lss", "txt"))
    assert unnamed(draft, back, lost, as_shown=form in ("lss", "txt")) == []
