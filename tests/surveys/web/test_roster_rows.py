"""A roster shows two rows and what is filled in; the rest is folded away, and every field is there without a script."""

from __future__ import annotations

import pytest

from surveys import structure
from surveys.web import rendering
from tests import make
from tests.make import asking
from tests.page import Node, parse

pytestmark = pytest.mark.django_db

LEVELS = [{"code": "bachelor", "label": {"nb": "Bachelor"}}, {"code": "master", "label": {"nb": "Master"}}]


def shown(values: dict[str, str], rows: int = 6, errors: dict[str, list[str]] | None = None) -> Node:
    edition = make.loaded("prov-2021", [asking("B1", "roster", options=LEVELS, maximum=rows)])
    question = structure.read(edition).questions["B1"]
    return parse(str(rendering.items_html([question], "nb", values, errors or {}, lambda _run: "")))  # type: ignore[arg-type, return-value]


def folded(page: Node) -> list[int]:
    """How many rows stand open, and how many are folded away."""
    every = len(page.all("fieldset", class_="roster-row"))
    away = sum(len(each.all("fieldset", class_="roster-row")) for each in page.all("details"))
    return [every - away, away]


def field(page: Node, row: int) -> str:
    """The name of the subject in a row."""
    return page.all("fieldset", class_="roster-row")[row - 1].all("input")[0].get("name") or ""


def test_two_rows_stand_open_and_all_are_there() -> None:
    page = shown({})
    assert folded(page) == [2, 4]
    assert len({each.get("name") for each in page.all("input")}) == 12


@pytest.mark.parametrize(("row", "expected"), [(1, [2, 4]), (2, [3, 3]), (4, [5, 1]), (5, [6, 0]), (6, [6, 0])])
def test_the_row_after_the_last_one_filled_in_stands_open(row: int, expected: list[int]) -> None:
    name = field(shown({}), row)
    page = shown({name: "Sosialt arbeid"})
    assert folded(page) == expected


@pytest.mark.parametrize("rows", [1, 2])
def test_few_rows_are_not_folded(rows: int) -> None:
    assert folded(shown({}, rows)) == [rows, 0]


def test_what_must_be_mended_is_never_folded_away() -> None:
    name = field(shown({}), 4)
    assert folded(shown({}, errors={name: ["Feil."]})) == [5, 1]
