"""How complete a language is, and that a sheet holds every text that can be translated."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modeltranslation.translator import translator

from surveys import authoring, exchanging, structure, translating
from surveys.formats import spelling, translations
from surveys.formats.protocol import Draft
from surveys.models import Edition, EditionFact, EditionFactValue, Option, Question, Section
from surveys.structure import EditionView, Text
from surveys.texts import wording
from tests import make
from tests.surveys.formats.generated import drafts
from tests.surveys.translating.sheets import (
    LANGUAGES,
    Q2,
    planned,
    taken,
    texts,
    typed,
    write,
)

pytestmark = pytest.mark.django_db


# --- How complete ---------------------------------------------------------------------------------------------
def complete(edition: Edition) -> dict[str, str]:
    with override("en"):
        return {each.language: each.words for each in translating.completeness(structure.read(edition))}


def test_completeness_counts_texts_and_knows_what_is_not_begun(draft: Edition) -> None:
    # Two titles, a purpose, three questions, and two usual options for each of two of them.
    assert complete(draft) == {"nb": "complete", "nn": "not begun", "en": "not begun", "se": "not begun"}

    write(draft, "Q1", text_nn="Ny")

    assert complete(draft)["nn"] == "5 of 10 texts"
    (nynorsk,) = [each for each in translating.completeness(structure.read(draft)) if each.language == "nn"]
    assert [each.key for each in nynorsk.missing] == ["title", "purpose", "sections/Q1/title", Q2, "questions/Q3/text"]


def test_an_empty_questionnaire_is_complete_in_nothing() -> None:
    assert not any(each.is_whole for each in translating.completeness(EditionView(0, Text({}), Text({}), None, ())))


# --- Whatever the questionnaire -------------------------------------------------------------------------------
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


NEW = (
    st.text(st.sampled_from("abc æøåáđŋ ÆØÅ 123 ,.?!=+-@&<>'日🙂"), min_size=1, max_size=20).map(str.strip).filter(bool)
)


def everything(document: Any) -> Iterator[dict[str, str]]:
    """Every text in a document of our own JSON, but for what is not the edition's."""
    if isinstance(document, dict) and document and document.keys() <= set(LANGUAGES):
        yield document
    elif isinstance(document, dict):
        for name, each in document.items():
            if name not in ("concepts", "name"):
                yield from everything(each)
    elif isinstance(document, list):
        for each in document:
            yield from everything(each)


def rows_of(draft: Draft) -> dict[str, dict[str, str]]:
    """The texts of the sheet of a draft by key, read from the file."""
    passages = [each for each in wording.passages(draft.view) if each.text]
    found = translations.read(translations.write(draft.code, "x", passages))
    assert found.code == draft.code
    assert len({row.key for row in found.rows}) == len(found.rows)
    return {row.key: dict(row.texts) for row in found.rows}


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts())
def test_the_sheet_holds_every_text_of_any_questionnaire(draft: Draft) -> None:
    there = sorted(sorted(each.items()) for each in rows_of(draft).values())

    assert there == sorted(sorted(each.items()) for each in everything(spelling.write(draft)))


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts(), data=st.data())
def test_exactly_what_was_translated_is_changed(draft: Draft, data: st.DataObject) -> None:
    kept = exchanging.keep(replace(draft, code=f"x{secrets.token_hex(8)}"))
    edition = authoring.draft(kept)
    before = texts(edition)
    places = [
        (passage.key, language)
        for passage in wording.passages(structure.read(edition))
        if passage.text
        for language in LANGUAGES
        if language != passage.source()
    ]
    chosen = data.draw(st.lists(st.sampled_from(places), unique=True, max_size=5)) if places else []
    new = {place: data.draw(NEW) for place in chosen}

    plan = planned(typed(taken(edition), new, kept.code))
    translating.apply(plan)

    assert (plan.errors, plan.asked) == ((), ())
    assert texts(edition) == before | new


def test_everything_that_can_be_translated_in_the_database_is_in_the_sheet() -> None:
    tables = (Edition, Section, Question, Option, EditionFact, EditionFactValue)
    options = [{"code": "x", "label": {"nb": "x"}}]
    facts = [{"name": "role", "label": {"nb": "x"}, "values": options}]
    draft = make.loaded("prov-2021", [make.asking("Q1", "single_choice", options=options)], facts=facts)
    hanging = {
        model
        for model in translator.get_registered_models(abstract=False)
        if model in tables or any(each.related_model in tables for each in model._meta.get_fields() if each.many_to_one)
    }

    columns = {(type(row), each.field) for owner, row in translating.rows_by_owner(draft).items()
               for each in wording.passages(structure.read(draft)) if each.owner == owner}  # fmt: skip

    assert columns == {
        (model, name) for model in hanging for name in translator.get_options_for_model(model).all_fields
    }
