"""What routing gives away: how many of a group were asked is a figure about the question before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from surveys import disclosing, fielding
from surveys.fielding import FactPlan
from surveys.models import Release
from tests import cast, make

pytestmark = pytest.mark.django_db(transaction=True)

REGION = FactPlan("region", {"nb": "Region"}, [(code, {"nb": code}) for code in ("north", "south", "east")])


def released(settings: Any, people: Sequence[tuple[str, int, int]], **plan: Any) -> Release:
    """A closed survey in which Q3 is put to those who said yes to Q1, and Q4 to those who said yes to Q3; `people` are
    (region, how many said yes, how many no)."""
    settings.CLOSING_APPROVALS = 1
    edition = make.published(
        "prov-2021",
        [
            make.asking("Q1"),
            make.asking("Q3", conditions=[{"source": "Q1", "operator": "is", "option": "yes"}]),
            make.asking("Q4", "long_text", conditions=[{"source": "Q3", "operator": "answered"}]),
        ],
    )
    survey = fielding.plan("routed", edition, opens_at=make.OPENS, closes_at=make.DEADLINE, facts=[REGION], **plan)
    fielding.open_survey(survey, make.OPENS)
    voters = []
    for region, yes, no in people:
        for number in range(yes + no):
            voters.append(make.voter(survey, region=region))
            given = {"Q1": {"option": "yes" if number < yes else "no"}}
            if number < yes:
                given["Q3"] = {"option": "yes" if number % 2 else "no"}
                given["Q4"] = {"text": "noe"}
            make.answered(voters[-1], given)
    make.closed(survey, voters, cast.designer())
    disclosing.request_missing(make.AFTER)
    assert disclosing.compute_waiting(make.AFTER) == 1
    found = disclosing.current(survey)
    assert found is not None
    return found


def bases(release: Release, variable: str, by: str = "region") -> dict[str, int | None]:
    cells = release.tables.get(variable=variable, by=by).cells.all()
    return {cell.by_value: cell.base for cell in cells}


def test_a_withheld_group_is_not_to_be_had_from_the_question_that_follows(settings: Any) -> None:
    # Everyone in the north said yes: eight of eight were asked on.
    release = released(settings, [("north", 8, 0), ("south", 5, 5), ("east", 6, 5)])
    assert bases(release, "Q1") == {"north": None, "south": None, "east": 11}
    assert bases(release, "Q3") == {"north": None, "south": None, "east": 6}
    # And not from the one that follows on that.
    assert bases(release, "Q4") == {"north": None, "south": None, "east": 6}
    assert release.tables.get(variable="Q3", by="").base == 19


def test_nothing_follows_from_an_answer_that_everyone_gave(settings: Any) -> None:
    release = released(settings, [("north", 8, 0), ("south", 10, 0), ("east", 11, 0)])
    assert bases(release, "Q1", "") == {"": None}
    for variable in ("Q3", "Q4"):
        assert (release.tables.get(variable=variable, by="").base, bases(release, variable, "")) == (None, {"": None})
        assert release.tables.get(variable=variable, by="region").base is None
        assert set(bases(release, variable).values()) == {None}


def test_nor_from_a_cross_by_it(settings: Any) -> None:
    release = released(settings, [("north", 8, 0), ("south", 10, 0), ("east", 11, 0)], crosses=[("Q3", "Q1")])
    assert set(bases(release, "Q3", "Q1").values()) == {None}


def test_within_the_answers_that_decide_everybody_knows_who_was_asked(settings: Any) -> None:
    release = released(settings, [("north", 8, 4), ("south", 5, 5), ("east", 6, 5)], crosses=[("Q3", "Q1")])
    assert bases(release, "Q3", "Q1") == {"yes": 19, "no": None}
