"""Free text."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from surveys.kinds.base import Fact
from surveys.kinds.text import LONGEST_TEXT, AnswerText, LongText
from surveys.structure import QuestionView, Text

KIND = LongText()
QUESTION = QuestionView(
    id=1, code="Q", kind="long_text", text=Text({"nb": "Hva?"}), help=Text({}), required=True,
    elaboration="never", elaboration_prompt=Text({}), concept="",
)  # fmt: skip


def field() -> AnswerText:
    return AnswerText(label="Hva?")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  a\r\nb\rc\n ", "a\nb\nc"), ("A\u030a", "Å"), ("tab\there", "tab\there"), (None, ""), ("   ", ""),
        ("\ufeffa\u2028b", "a\nb"), ("konto \u202d123\u202c", "konto 123"), ("\u202eja\u2066nei", "janei"),
        ("A\u200b\u030a", "Å"), ("Á\u200erlig\u00ad", "Árlig\u00ad"),
        ("👩\u200d🔧 Máret", "👩\u200d🔧 Máret"),
    ],
)  # fmt: skip
def test_texts_are_kept_in_one_form(typed: str | None, kept: str) -> None:
    assert field().clean(typed) == kept


@pytest.mark.parametrize("text", ["a\x00b", "\x07", "\x1b[0m", "\x85", "\ud800", "a\x00b\u202e"])
def test_what_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        field().clean(f"x{text}x")


def test_the_limit_counts_a_line_break_once() -> None:
    assert len(field().clean("\r\n".join(["x"] * (LONGEST_TEXT // 2)))) == LONGEST_TEXT - 1
    with pytest.raises(ValidationError) as caught:
        field().clean("x" * (LONGEST_TEXT + 1))
    assert str(LONGEST_TEXT + 1) in caught.value.messages[0]


@given(st.text(max_size=200))
def test_any_text_is_kept_or_refused_and_what_is_kept_is_stable(text: str) -> None:
    try:
        kept = field().clean(text)
    except ValidationError:
        return
    assert field().clean(kept) == kept
    kept.encode()


def test_reading_showing_and_facts() -> None:
    assert list(KIND.fields(QUESTION, "nb")) == ["Q_text"]
    assert KIND.read(QUESTION, {"Q_text": "x"}) == {"text": "x"}
    assert KIND.read(QUESTION, {"Q_text": ""}) == {}
    assert KIND.initial(QUESTION, {"text": "x"}) == {"Q_text": "x"}
    assert KIND.facts(QUESTION, {}) == [Fact(None, "")]
    assert (KIND.is_complete(QUESTION, {}), KIND.is_complete(QUESTION, {"text": "x"})) == (False, True)
