"""Questions of every kind as plain values, made shortly; and answers to them, for hypothesis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from surveys.kinds import registry
from surveys.kinds.text import LONGEST_LINE, AnswerText, LineText
from surveys.structure import OptionView, QuestionView, Text

EMPTY = Text({})


def options(*codes: str, **rest: Any) -> tuple[OptionView, ...]:
    """Options with these codes; `excludes`, `meaning` and `elaboration` name the options that have them."""
    return tuple(
        OptionView(
            number,
            code,
            Text({"nb": code.title(), "en": f"{code} (en)"}),
            rest.get("meaning", {}).get(code, "answer"),
            rest.get("elaboration", {}).get(code, ""),
            code in rest.get("excludes", ()),
        )
        for number, code in enumerate(codes, start=1)
    )


def question(kind: str, *codes: str, code: str = "Q", **rest: Any) -> QuestionView:
    """A question; those of its kind that have options get a, b and c."""
    bounds = {name: Decimal(rest.pop(name)) for name in ("minimum", "maximum") if name in rest}
    of_options = {name: rest.pop(name) for name in ("excludes", "meaning") if name in rest}
    own = rest.pop("beside", {})
    offered = options(*(codes or "abc"), elaboration=own, **of_options) if registry.kind(kind).has_options else ()
    plain: dict[str, Any] = {
        "text": Text({"nb": f"{code}?"}), "help": EMPTY, "required": False, "elaboration": "never",
        "elaboration_prompt": EMPTY, "concept": "", "options": offered,
    }  # fmt: skip
    return QuestionView(id=1, code=code, kind=kind, **{**plain, **bounds, **rest})


def written(longest: int, field: AnswerText) -> st.SearchStrategy[str]:
    """Texts as a field lets them through."""
    letters = st.characters(exclude_categories=("Cc", "Cs"))
    return st.text(letters, max_size=longest).map(field.to_python).filter(lambda text: len(text) <= longest)


TEXTS = written(60, AnswerText(label=""))
LINES = written(min(60, LONGEST_LINE), LineText(label=""))
NUMBERS = st.decimals(-999_999_999_999, 999_999_999_999, allow_nan=False, allow_infinity=False, places=4)


def without_empty(answer: dict[str, Any]) -> dict[str, Any]:
    return {part: content for part, content in answer.items() if content}


def answers(asked: QuestionView) -> st.SearchStrategy[dict[str, Any]]:
    """Answers that a ballot may hold: blank ones too."""
    codes = [option.code for option in asked.options]
    one = st.sampled_from(codes) if codes else st.nothing()
    texts = TEXTS if asked.has_elaboration else st.just("")
    by_kind: dict[str, Any] = {
        "number": lambda: NUMBERS.map(lambda number: {"number": f"{number.normalize():f}" if number else "0"}),
        "date": lambda: st.dates(min_value=_day(1900), max_value=_day(2100)).map(lambda day: {"date": day.isoformat()}),
        "short_text": lambda: LINES.map(lambda text: {"text": text}),
        "long_text": lambda: TEXTS.map(lambda text: {"text": text}),
        "information": lambda: st.just({}),
        "multiple_choice": lambda: st.builds(
            lambda chosen, text: {"options": [code for code in codes if code in chosen], "text": text},
            st.sets(one), texts,
        ),
        "ranking": lambda: st.lists(one, unique=True).map(lambda ranks: {"ranks": ranks}),
        "roster": lambda: st.lists(
            st.builds(
                lambda level, subject, year: without_empty({"option": level, "text": subject, "number": year}),
                one, LINES, st.one_of(st.just(""), st.integers(1940, 2100).map(str)),
            ),
            max_size=3,
        ).map(lambda rows: {"rows": rows}),
    }  # fmt: skip
    ticked = st.builds(lambda option, text: {"option": option, "text": text}, st.one_of(st.none(), one), texts)
    found = by_kind.get(asked.kind, lambda: ticked)()
    return st.one_of(st.just({}), found.map(without_empty))


def _day(year: int) -> Any:
    from datetime import date

    return date(year, 1, 1)
