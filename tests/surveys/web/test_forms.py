"""The form of a page."""

from __future__ import annotations

import pytest

from surveys import routing
from surveys.structure import EditionView, edition_view
from surveys.web.forms import PageForm
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition() -> EditionView:
    return edition_view(make.routed().edition_id)


def form(edition: EditionView, number: int, *, lenient: bool = False, **data: str) -> PageForm:
    return PageForm(routing.pages(edition)[number - 1].questions, "nb", data, lenient=lenient)


def test_a_page_becomes_answers_by_question(edition: EditionView) -> None:
    filled = form(edition, 1, Q1_option="yes", Q1_text=" Fordi ", Q2_text="", other="x")
    assert filled.is_valid()
    assert filled.answers() == {"Q1": {"option": "yes", "text": "Fordi"}, "Q2": {}}


def test_information_has_no_fields(edition: EditionView) -> None:
    assert list(form(edition, 2).fields) == ["Q3_option"]


def test_faults_come_in_the_order_of_the_page_with_the_name_of_their_field(edition: EditionView) -> None:
    wrong = form(edition, 1, Q1_option="yes", Q2_text="x\x00y")
    assert not wrong.is_valid()
    assert [name for name, _message in wrong.faults()] == ["Q1_text", "Q2_text"]


def test_a_required_question(edition: EditionView) -> None:
    assert [name for name, _message in form(edition, 2).faults()] == ["Q3_option"]
    assert form(edition, 2, Q3_option="no").is_valid()


def test_lenient_lets_stand_what_is_missing_and_nothing_that_is_wrong(edition: EditionView) -> None:
    assert form(edition, 2, lenient=True).is_valid()
    assert form(edition, 1, lenient=True, Q1_option="yes").is_valid()
    assert not form(edition, 2, lenient=True, Q3_option="perhaps").is_valid()
    assert not form(edition, 1, lenient=True, Q2_text="x" * 4001).is_valid()
