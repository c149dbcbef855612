"""Going on later: at the page one had come to, and not past what one never saw the end of."""

from __future__ import annotations

import pytest

from surveys.models import SealedBallot
from tests import make
from tests.consult.web.test_answer import browser
from tests.consult.web.test_keeping import send

pytestmark = pytest.mark.django_db


def test_a_page_that_was_only_begun_is_shown_again() -> None:
    token = make.link(make.routed())
    mine = browser(token)
    mine.press("go", "start")
    # Saved while the page stands open; then the tab is closed.
    assert send(mine, "Q2", Q2_text="Halvveis")[0] == 200
    assert SealedBallot.objects.count() == 1
    mine.open(f"/s/{token}")
    mine.press("go", "continue")
    assert (mine.forms[-1].fields["page"], mine.forms[-1].fields["Q2_text"]) == ("1", "Halvveis")


def test_a_page_that_was_gone_on_from_is_behind_one_whatever_was_left_open() -> None:
    token = make.link(make.routed())
    mine = browser(token)
    mine.press("go", "start")
    mine.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    mine.open(f"/s/{token}")
    mine.press("go", "continue")
    assert mine.forms[-1].fields["page"] == "2"


def test_saved_and_left_is_gone_on_with_where_it_was_left() -> None:
    token = make.link(make.routed())
    mine = browser(token)
    mine.press("go", "start")
    mine.press("go", "leave", Q2_text="Mer siden")
    mine.press("go", "continue")
    assert (mine.forms[-1].fields["page"], mine.forms[-1].fields["Q2_text"]) == ("1", "Mer siden")
