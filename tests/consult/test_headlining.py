"""What a table says first: an answer, not that most left it blank."""

from __future__ import annotations

from consult.headlining import leading
from consult.tabulating import Figure, Words


def figure(value: str, n: int | None) -> Figure:
    return Figure(value, Words(value, "en"), "", n, 85, None, "", "")


def test_the_headline_is_an_answer_even_where_more_left_it_blank() -> None:
    yes, blank = figure("yes", 20), figure("no_answer", 50)
    assert leading([blank, yes, figure("no", 15)]) == yes
    assert leading([blank, figure("yes", None)]) == blank
