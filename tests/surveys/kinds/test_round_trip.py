"""What every kind promises: a form's data becomes an answer, the answer facts, and both ways lead back."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.datastructures import MultiValueDict
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import closing
from surveys.box import backing_up, storing
from surveys.box.storing import Ballot
from surveys.kinds import registry
from surveys.models import Answer, Question, Response
from surveys.structure import QuestionView, edition_view
from surveys.web.forms import PageForm
from tests import kinds, make
from tests.surveys.kinds.views import answers, question

INFORMATION = "information"
QUESTIONS = [
    question(
        code,
        elaboration="optional" if kind.has_options and kind.has_text else "never",
        decimals=4 if code == "number" else 0,
    )
    for code, kind in registry.KINDS.items()
]


def as_sent(fields: dict[str, Any]) -> MultiValueDict[str, str]:
    """What a browser sends for what a form shows."""
    sent: MultiValueDict[str, str] = MultiValueDict()
    for name, value in fields.items():
        sent.setlist(name, [str(each) for each in value] if isinstance(value, list) else [str(value or "")])
    return sent


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.kind)
@given(data=st.data())
def test_an_answer_comes_back_from_its_facts_in_any_order(asked: QuestionView, data: st.DataObject) -> None:
    answer = data.draw(answers(asked))
    kind = registry.kind(asked.kind)
    facts = kind.facts(asked, answer)
    if asked.kind == "multiple_choice":
        # In the order of the questionnaire; how its rows lie in the table is the order they were written in.
        assert kind.restore(facts) == answer
        return
    random.Random(1).shuffle(facts)
    assert kind.restore(facts) == answer


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.kind)
@given(data=st.data())
def test_an_answer_comes_back_through_its_own_form(asked: QuestionView, data: st.DataObject) -> None:
    answer = data.draw(answers(asked))
    if asked.kind == "roster" and any(not row.get("option") for row in answer.get("rows", ())):
        return
    kind = registry.kind(asked.kind)
    form = PageForm([asked], "nb", as_sent(kind.initial(asked, answer)))
    assert form.is_valid(), form.errors
    assert form.answers() == ({"Q": answer} if kind.is_asked else {})
    assert kind.is_complete(asked, answer)
    assert kind.is_blank(answer) is (answer == {})


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.kind)
@given(data=st.data())
def test_whatever_is_sent_is_read_or_refused_and_kept_in_one_form(asked: QuestionView, data: st.DataObject) -> None:
    names = list(registry.kind(asked.kind).fields(asked, "nb"))
    strange = st.one_of(
        st.text(max_size=30), st.sampled_from(["a", "b", "c", "", "NaN", "1e9", "٣", "-0", "1 000", "2021-09-06"])
    )
    sent: MultiValueDict[str, str] = MultiValueDict({name: data.draw(st.lists(strange, max_size=4)) for name in names})
    for lenient in (False, True):
        form = PageForm([asked], "nb", sent, lenient=lenient)
        if not form.is_valid():
            assert form.faults()
            continue
        for answer in form.answers().values():
            kind = registry.kind(asked.kind)
            if lenient and not kind.is_complete(asked, answer):
                continue
            assert kind.restore(kind.facts(asked, answer)) == answer
            again = PageForm([asked], "nb", as_sent(kind.initial(asked, answer)), lenient=True)
            assert again.is_valid()
            assert again.answers() == {"Q": answer}


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.kind)
def test_a_blank_question_that_was_asked_has_a_fact_and_categories_are_its_options(asked: QuestionView) -> None:
    kind = registry.kind(asked.kind)
    assert len(kind.facts(asked, {})) == (1 if kind.is_asked else 0)
    assert kind.shown(asked, {}) == []
    assert kind.categories(asked) == (
        [option.code for option in asked.options] if kind.has_options else ["answered"] if kind.is_asked else []
    )
    assert all(column.startswith("Q") for column in kind.columns(asked))


@pytest.mark.django_db
def test_answers_come_back_from_the_tables() -> None:
    """Through COPY into the real tables, and out again by what verifies and backs up a closing."""
    survey = kinds.every()
    closing.stop(survey, make.AFTER)
    asked = {code: each for code, each in edition_view(survey.edition_id).questions.items() if each.kind != INFORMATION}

    @settings(max_examples=25, deadline=None)
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        drawn = {code: data.draw(answers(each)) for code, each in asked.items()}
        final = {
            code: answer
            for code, answer in drawn.items()
            if answer and registry.kind(asked[code].kind).is_complete(asked[code], answer)
        }
        Answer.objects.all().delete()
        Response.objects.filter(survey=survey).delete()
        assert storing.copy_in(survey, [Ballot(final, "ab" * 32, {}, asked=list(asked))], make.AFTER.date()) == 1
        [stored] = list(backing_up._stored(survey))
        assert (stored["answers"], set(stored["asked"])) == (final, set(asked))

    check()


@pytest.mark.django_db
def test_a_row_with_a_rank_has_an_option() -> None:
    """The database keeps what ranking and roster promise."""
    survey = kinds.every()
    closing.stop(survey, make.AFTER)
    response = Response.objects.create(survey=survey)
    with pytest.raises(IntegrityError, match="answer_rank_has_option"), transaction.atomic():
        Answer.objects.create(response=response, survey=survey, question=Question.objects.get(code="C6"), rank=1)
