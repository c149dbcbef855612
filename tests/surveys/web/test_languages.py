"""A text that has no translation is shown in the language it is written in, and says so to screen readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from surveys import routing, structure
from surveys.models import Edition
from surveys.texts import wording
from surveys.web import listing
from tests import cast, kinds, make
from tests.page import Node, parse
from tests.surveys.admin.pages import signed_in

pytestmark = pytest.mark.django_db

NUMBERED = re.compile(r"§\d+§")


def only_in(language: str, document: Any, count: Iterator[int]) -> Any:
    """The document with every text a number of its own, in one language only."""
    if isinstance(document, dict) and document and document.keys() <= {"nb", "nn", "en", "se"}:
        return {language: f"§{next(count)}§"}
    if isinstance(document, dict):
        return {name: only_in(language, each, count) for name, each in document.items()}
    return [only_in(language, each, count) for each in document] if isinstance(document, list) else document


@pytest.fixture
def edition() -> Edition:
    return every_kind("alle", "nb")


def every_kind(code: str, language: str) -> Edition:
    sections = [
        {"title": {"nb": ""}, "intro": {"nb": ""}, "questions": each}
        for each in (kinds.TICKS, kinds.SCALES, kinds.MEASURES)
    ]
    count = iter(range(10_000))
    head = {"title": {"nb": ""}, "purpose": {"nb": ""}, "facts": kinds.FACTS, "sections": sections}
    return make.loaded(code, **only_in(language, head, count))


def spoken(node: Node, language: str) -> Iterator[tuple[str, str]]:
    """(text with a number, the language it is said to be in) of everything on a page."""
    language = node.get("lang") or language
    for part in node.parts:
        if isinstance(part, Node):
            yield from spoken(part, language)
        else:
            for found in NUMBERED.findall(part):
                yield found, language


def pages(edition: Edition, language: str) -> list[Node]:
    """Every page as the preview shows it, which is as respondents see it."""
    client, view = signed_in(cast.designer(f"designer-{language}")), structure.read(edition)
    address = reverse("admin:surveys_edition_preview", args=[edition.pk])
    return [
        parse(client.get(address, {"page": number, "language": language}))
        for number in range(len(routing.pages(view)) + 1)
    ]


@pytest.mark.parametrize("language", ["nn", "en"])
def test_every_text_that_falls_back_says_its_language(edition: Edition, language: str) -> None:
    heard = [each for page in pages(edition, language) for each in spoken(page.find("body"), language)]

    written = {
        passage.text("nb"): passage.key
        for passage in wording.passages(structure.read(edition))
        if passage.text and not passage.key.startswith("facts/")
    }
    assert {written[text] for text, said in heard if said != "nb"} == set()
    assert {key for text, key in written.items() if text not in {text for text, _said in heard}} == set()


def test_questions_in_northern_sami_stand_among_words_in_bokmaal(edition: Edition) -> None:
    written = every_kind("davvi", "se")
    shown = pages(written, "se")
    assert {page.find("html").get("lang") for page in shown} == {"nb"}
    heard = [each for page in shown for each in spoken(page.find("body"), "nb")]
    texts = {
        passage.text("se")
        for passage in wording.passages(structure.read(written))
        if not passage.key.startswith("facts/")
    } - {""}
    assert {text for text, _said in heard} == texts
    assert {said for _text, said in heard} == {"se"}
    # The button for it is there where there is something to read, and stays pressed.
    pressed = [[node.get("value") for node in page.all("button") if node.get("aria-current")] for page in shown]
    assert pressed == [["se"]] * len(shown)
    assert [node.get("lang") for node in shown[0].all("button") if node.get("name") == "speak"] == [
        "nb",
        "nn",
        "en",
        "se",
    ]
    offered = [node.get("lang") for node in pages(edition, "nb")[0].all("button") if node.get("name") == "speak"]
    assert offered == ["nb", "nn", "en"]
    assert "Davvisámegiella" in shown[0].text
    # Days are said in bokmål as well.
    assert re.search(r"\d+\. \w+ \d{4}", shown[0].text)


def test_in_their_own_language_nothing_is_marked(edition: Edition) -> None:
    for page in pages(edition, "nb"):
        assert [node for node in page.find("main").nodes() if node.get("lang")] == []


@pytest.mark.parametrize("language", ["nn", "en"])
def test_the_list_of_answers_says_the_language_of_questions_answers_and_units(edition: Edition, language: str) -> None:
    view = structure.read(edition)
    answers = {
        code: {"option": question.options[0].code} if question.options else {"number": "3"}
        for code, question in view.questions.items()
        if question.kind in ("yes_no", "single_choice", "scale", "statement", "number")
    }
    shown = listing.lines_html(listing.lines(view, answers, language, ()), language)  # type: ignore[arg-type]

    heard = list(spoken(parse(f"<ol>{shown}</ol>"), language))

    assert {text for text, said in heard if said != "nb"} == set()
    units = [question.unit("nb") for question in view.questions.values() if question.unit]
    assert units
    assert set(units) <= {text for text, _said in heard}


def test_what_is_said_of_some_answers_cannot_be_markup() -> None:
    options = [
        {"code": "yes", "label": {"nb": "<b>Ja</b> & 100 %"}, "elaboration": "optional"},
        {"code": "no", "label": {"nb": "Nei"}},
    ]
    edition = make.loaded("prov-2021", [make.asking("Q1", options=options)])

    for language in ("nb", "nn"):
        page = pages(edition, language)[1]
        assert page.all("b") == []
        note = page.find("div", "elaboration").find("span", "must").text
        assert "“<b>Ja</b> & 100 %”" in note or "«<b>Ja</b> & 100 %»" in note
