"""What a format carries comes back as it went: questionnaires of every kind, made up by hypothesis."""

from __future__ import annotations

import io
import json

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, assume, given, settings
from pyxform.xls2xform import convert

from surveys.exchanging import FORMATS, read
from surveys.formats import spelling
from surveys.formats.protocol import Draft
from surveys.kinds import registry
from surveys.structure import QuestionView
from tests.surveys.formats.generated import drafts

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
