"""Tables as SVG."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from consult import tabulating
from consult.granting import Scope
from consult.web import charts
from surveys.models import ReleasedTable
from tests import make, page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


def table(content, by: str = "", **texts) -> tabulating.Table:
    make.release(make.in_field("kart", [by] if by else []), {("B1", by) if by else "B1": content}, **texts)
    made = tabulating.table(ReleasedTable.objects.get(), Scope(everything=True), "en", {by})
    assert made is not None
    return made


def marks(svg: str, name: str) -> list[tuple[str | None, str | None, str | None]]:
    return [(each.get("class"), each.get("x"), each.get("width")) for each in page.parse(svg).all("rect", name)]


def texts(svg: str, name: str) -> list[str]:
    return [each.text for each in page.parse(svg).all("text", name)]


def test_bars_are_as_long_as_the_shares_and_say_their_figures() -> None:
    svg = charts.bars(table({"yes": 47, "both": 23, "no": 15}))
    assert marks(svg, "chart-bar") == [
        ("chart-bar tone-yes", "0.0%", "55.3%"),
        ("chart-bar tone-both", "0.0%", "27.1%"),
        ("chart-bar tone-no", "0.0%", "17.6%"),
    ]
    assert texts(svg, "chart-label") == ["Yes", "Both", "No"]
    assert texts(svg, "chart-figure") == ["47 of 85 (55%)", "23 of 85 (27%)", "15 of 85 (18%)"]


def test_a_chart_has_a_name_and_its_figures_as_text() -> None:
    root = page.parse(charts.bars(table({"yes": 47, "both": 23, "no": 15}))).find("svg", role="img")
    names = str(root.get("aria-labelledby")).split()
    told = {each.get("id"): each.text for each in root.all("title") + root.all("desc")}
    assert [told[name] for name in names] == [
        "Hva med B1?", "Yes 47 of 85 (55%); Both 23 of 85 (27%); No 15 of 85 (18%).",
    ]  # fmt: skip


def test_a_small_group_is_drawn_a_block_a_person_and_without_a_percentage() -> None:
    svg = charts.bars(table({"yes": 4, "no": 3}))
    assert [(x, width) for _, x, width in marks(svg, "chart-bar")] == [
        ("0.0%", "10.0%"), ("10.0%", "10.0%"), ("20.0%", "10.0%"), ("30.0%", "10.0%"),
        ("0.0%", "10.0%"), ("10.0%", "10.0%"), ("20.0%", "10.0%"),
    ]  # fmt: skip
    assert texts(svg, "chart-figure") == ["4 of 7", "3 of 7"]
    assert not re.search(r"\d%\)", svg)


def test_stacked_bars_stand_end_to_end_with_their_numbers_beneath() -> None:
    svg = charts.stacked(
        table({"north": {"yes": 10, "both": 4, "no": 6}, "south": {"yes": 5, "both": 5, "no": 10}}, "region")
    )
    assert [(x, width) for _, x, width in marks(svg, "chart-bar")] == [
        ("0.0%", "50.0%"), ("50.0%", "20.0%"), ("70.0%", "30.0%"),
        ("0.0%", "25.0%"), ("25.0%", "25.0%"), ("50.0%", "50.0%"),
    ]  # fmt: skip
    assert texts(svg, "chart-number") == ["10", "4", "6", "5", "5", "10"]
    assert texts(svg, "chart-figure") == ["n = 20", "n = 20"]


def test_what_is_withheld_is_drawn_alike_whatever_is_behind_it() -> None:
    hidden = {"yes": None, "both": None, "no": None}
    svg = charts.stacked(table({"north": {"yes": 10, "both": 4, "no": 6}, "south": hidden, "west": hidden}, "region"))
    tracks = marks(svg, "chart-track")
    assert tracks == [("chart-track", "0", "100%")] * 3
    assert texts(svg, "chart-figure") == ["n = 20", "n = –", "n = –"]
    assert "South: Yes –; Both –; No –. West: Yes –; Both –; No –. – = withheld to protect anonymity." in svg


def test_nothing_said_and_nothing_shown_look_different() -> None:
    svg = charts.bars(table({"yes": 20, "both": 0, "no": None}))
    assert texts(svg, "chart-figure") == ["20 of 20 (100%)", "0 of 20 (0%)", "–"]
    assert len(marks(svg, "chart-bar")) == 1


def test_labels_of_others_cannot_break_out() -> None:
    nasty = '"><script>alert(1)</script>&'
    svg = charts.bars(table({"yes": 20, "x": 5}, labels={"x": nasty, "B1": nasty}))
    assert "<script" not in svg
    assert page.parse(svg).find("title").text == nasty


def test_long_labels_are_wrapped_and_the_chart_grows() -> None:
    long = "Ja, men bare når kommunen har kapasitet til det"
    svg = charts.bars(table({"x": 5, "y": 20}, labels={"x": long}))
    assert texts(svg, "chart-label") == ["Ja, men bare når", "kommunen har kapasitet", "til det", "Y"]
    assert page.parse(svg).find("svg").get("height") == "8.70em"


def test_nothing_inline() -> None:
    svg = charts.stacked(table({"north": {"yes": 10, "no": 6}}, "region"))
    assert not re.search(r"style=|<style|<script|\son\w+=|href", svg)


def test_a_table_without_rows_is_still_a_picture_with_a_name() -> None:
    assert page.parse(charts.bars(table({}))).find("title").text == "Hva med B1?"
