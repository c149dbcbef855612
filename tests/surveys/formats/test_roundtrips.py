"""What a format carries comes back as it went: questionnaires of every kind, made up by hypothesis."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, assume, given, settings
from pyxform.xls2xform import convert

from surveys.exchanging import FORMATS, read
from surveys.formats import spelling, strict
from surveys.formats.protocol import Draft, Lost
from surveys.kinds import registry
from surveys.structure import QuestionView
from tests import make
from tests.surveys.formats.generated import drafts
from tests.surveys.formats.losing import unnamed

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def there_and_back(draft: Draft, form: str) -> Draft:
    return read(FORMATS[form].dump(draft, "nb").content, "any-name")


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts())
@pytest.mark.parametrize("form", ["json", "surveyjs"])
def test_a_questionnaire_comes_back_whole(form: str, draft: Draft) -> None:
    back = there_and_back(draft, form)

    assert spelling.write(back) == spelling.write(draft)
    assert back.lost == ()


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts())
def test_a_questionnaire_comes_back_whole_from_a_workbook(draft: Draft) -> None:
    # A text beside options that are not there, or a prompt for no text, is named as lost when the workbook is written.
    assume(all(_has_its_text(question) for question in draft.view.questions.values()))
    back = there_and_back(draft, "xlsform")

    assert spelling.write(back) == spelling.write(draft)
    assert back.lost == ()


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts())
@pytest.mark.parametrize("form", [name for name, each in FORMATS.items() if each.reads])
def test_nothing_is_lost_in_silence(form: str, draft: Draft) -> None:
    """Whatever comes back otherwise than it went is named, with its place, on the way out or on the way in."""
    with override("en"):
        written = FORMATS[form].dump(draft, "nb")
        back = read(written.content, "any-name")

        assert unnamed(draft, back, (*written.lost, *back.lost), as_shown=form in ("lss", "txt")) == []


def test_a_loss_in_silence_would_be_noticed() -> None:
    """The check above, on losses of our own making."""
    document = make.document()
    before = strict.read(document)

    def after(change: Callable[[dict[str, Any]], object]) -> Draft:
        changed = deepcopy(document)
        change(changed)
        return strict.read(changed)

    first = document["sections"][0]["questions"][0]["code"]
    worded = after(lambda found: found["sections"][0]["questions"][0]["text"].update(nb="Noe annet"))
    shorter = after(lambda found: found["sections"][0]["questions"].pop())
    for as_shown in (True, False):
        assert unnamed(before, before, (), as_shown=as_shown) == []
        assert unnamed(before, worded, (), as_shown=as_shown) == [(first, "text")]
        assert unnamed(before, worded, (Lost(first, "", ""),), as_shown=as_shown) == []
        assert unnamed(before, worded, (Lost(f"{first}0", "", ""),), as_shown=as_shown) == [(first, "text")]
        assert unnamed(before, shorter, (), as_shown=as_shown) == [("section 1", "questions")]


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts())
def test_pyxform_takes_the_workbook(draft: Draft) -> None:
    content = FORMATS["xlsform"].dump(draft, "nb").content

    form = convert(xlsform=io.BytesIO(content), validate=False, file_type=".xlsx").xform

    for question in draft.view.questions.values():
        assert f"/{question.code}" in form


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts())
def test_a_file_is_known_by_its_content(draft: Draft) -> None:
    with override("en"):
        assert json.loads(FORMATS["surveyjs"].dump(draft, "nb").content)["pages"]
        for form in ("json", "surveyjs"):
            assert read(FORMATS[form].dump(draft, "nb").content, "a.txt").code == draft.code


def _has_its_text(question: QuestionView) -> bool:
    may_ask = "elaboration" in registry.kind(question.kind).settings and bool(question.options)
    if question.has_elaboration and may_ask:
        return True
    return question.elaboration == "never" and not question.elaboration_prompt
