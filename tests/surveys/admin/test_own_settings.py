"""Whether answers can be changed, and whether people are asked to be quoted: planned, then fixed."""

from __future__ import annotations

import pytest

from surveys.models import Survey
from tests import cast, make
from tests.page import parse
from tests.surveys.admin.planning import ADD, page_of, signed_in
from tests.surveys.admin.test_survey_planning import edition

pytestmark = pytest.mark.django_db(transaction=True)

PLAN = {
    "code": "host-2026", "promise": "anonymous", "opens_at": "2026-03-01T09:00", "closes_at": "2026-03-15T23:00",
    "threshold": "5", "strict_reminders": "on",
}  # fmt: skip


def test_the_plan_offers_to_change_and_not_to_quote() -> None:
    page = parse(signed_in(cast.designer()).get(f"{ADD}?edition={edition().pk}"))
    ticked = {name: page.find("input", name=name).get("checked") is not None for name in ("may_change", "asks_quoting")}
    assert ticked == {"may_change": True, "asks_quoting": False}


@pytest.mark.parametrize("ticked", [{}, {"may_change": "on"}, {"asks_quoting": "on"}])
def test_what_is_ticked_is_planned(ticked: dict[str, str]) -> None:
    answer = signed_in(cast.designer()).post(f"{ADD}?edition={edition().pk}", {**PLAN, **ticked})
    assert answer.status_code == 302
    survey = Survey.objects.get()
    assert (survey.may_change, survey.asks_quoting) == ("may_change" in ticked, "asks_quoting" in ticked)


def test_once_opened_they_are_read_only_and_a_forged_change_is_not_made() -> None:
    survey = make.opened()
    client = signed_in(cast.designer())
    page = parse(client.get(page_of(survey)))
    assert page.all("input", name="may_change") + page.all("input", name="asks_quoting") == []
    client.post(page_of(survey), {"asks_quoting": "on", "closes_at_0": "2026-03-16", "closes_at_1": "12:00"})
    survey.refresh_from_db()
    assert (survey.may_change, survey.asks_quoting) == (True, False)
