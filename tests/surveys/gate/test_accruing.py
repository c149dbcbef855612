"""Live results of named surveys: newcomers are let in together, and nothing shown before is counted again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys import closing, coding, disclosing
from surveys.answering import Voter
from surveys.gate import aggregating
from surveys.gate.enrolling import company
from surveys.models import Codebook, Counted, Release, Response, Survey
from tests import cast, make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def survey() -> Survey:
    return make.opened(promise="named")


def answers(number: int) -> dict[str, dict[str, str]]:
    return {"Q2": {"option": "good" if number % 3 else "poor"}}


def arrive(survey: Survey, number: int, region: str, option: str = "") -> list[Voter]:
    voters = [make.voter(survey, role="local", region=region) for _ in range(number)]
    for place, voter in enumerate(voters):
        make.answered(voter, {"Q2": {"option": option}} if option else answers(place))
    return voters


def beat(now: Any = make.DURING) -> int:
    """One round of the timetable; how many releases it made."""
    asked = disclosing.refresh_named(now) + disclosing.request_missing(now)
    assert disclosing.compute_waiting(now) == asked
    return asked


def cells(survey: Survey, variable: str, by: str = "") -> dict[tuple[str, str], int | None]:
    release = disclosing.current(survey)
    assert release is not None
    return {(each.value, each.by_value): each.n for each in release.tables.get(variable=variable, by=by).cells.all()}


def whole(survey: Survey) -> int | None:
    release = disclosing.current(survey)
    assert release is not None
    return release.responses


def test_newcomers_without_company_wait_and_hold_up_nobody(survey: Survey) -> None:
    arrive(survey, 7, "north")
    arrive(survey, 7, "south")
    assert beat() == 1
    arrive(survey, 6, "north")
    arrive(survey, 1, "south")
    assert beat() == 1
    assert whole(survey) == 20
    assert cells(survey, "region") == {("north", ""): 13, ("south", ""): 7}
    assert cells(survey, "Q2", "region")["good", "south"] == 4
    arrive(survey, 4, "south")
    assert beat() == 1
    assert cells(survey, "region") == {("north", ""): 13, ("south", ""): 12}


def test_nothing_is_asked_for_before_more_can_be_counted(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(survey, 7, "north")
    assert beat() == 1
    arrive(survey, 3, "north")
    arrive(survey, 3, "south")
    monkeypatch.setattr(aggregating, "tally", None)
    assert [beat() for _ in range(3)] == [0, 0, 0]
    assert Release.objects.count() == 1


def test_one_that_waits_is_not_asked_for_again(survey: Survey) -> None:
    arrive(survey, 7, "north")
    assert (disclosing.refresh_named(make.DURING), disclosing.refresh_named(make.DURING)) == (1, 0)


def test_a_question_that_newcomers_answered_alike_is_carried_over(survey: Survey) -> None:
    arrive(survey, 7, "north")
    beat()
    before = cells(survey, "Q2")
    arrive(survey, 6, "north", "good")
    assert beat() == 1
    # How many there are is told, what all six said is not.
    assert (cells(survey, "Q2"), cells(survey, "region")["north", ""]) == (before, 13)
    release = disclosing.current(survey)
    assert release is not None
    counted = dict(release.tables.filter(by="").values_list("variable", "counted"))
    assert (counted["Q2"], counted["region"]) == (1, 2)
    arrive(survey, 5, "north", "poor")
    assert beat() == 1
    assert sum(n or 0 for n in cells(survey, "Q2").values()) == 18


def test_an_answer_changed_later_is_not_had_by_subtraction(survey: Survey) -> None:
    first = arrive(survey, 7, "north")[1]
    beat()
    before = cells(survey, "Q2")
    make.answered(first, {"Q2": {"option": "fair"}})
    make.answered(make.voter(survey, role="local", region="north"), {"Q2": {"option": "poor"}})
    assert beat() == 0
    disclosing.request_release(survey, None, make.DURING)
    assert disclosing.compute_waiting(make.DURING) == 1
    assert cells(survey, "Q2") == before


def test_a_group_withheld_once_does_not_come_back_by_newcomers(survey: Survey) -> None:
    arrive(survey, 7, "north", "good")
    arrive(survey, 8, "south")
    beat()
    shown = cells(survey, "Q2", "region")
    assert set(shown.values()) == {None}
    assert cells(survey, "Q2")["good", ""] is not None
    arrive(survey, 6, "north")
    arrive(survey, 6, "south")
    assert beat() == 1
    # Shown now, less what came since, they would be what the north said alike the first time.
    assert set(cells(survey, "Q2", "region").values()) == {None}
    assert whole(survey) == 27


def test_a_group_in_which_nobody_had_answered_appears(survey: Survey) -> None:
    arrive(survey, 7, "north")
    beat()
    arrive(survey, 6, "south")
    assert beat() == 1
    assert cells(survey, "region") == {("north", ""): 7, ("south", ""): 6}
    assert cells(survey, "Q2", "region")["poor", "south"] == 2


def close(survey: Survey, voters: list[Voter]) -> None:
    assert closing.advance(survey, lambda: make.places(survey, voters), make.AFTER) is True
    survey.refresh_from_db()


def test_the_closing_has_its_release_and_what_is_coded_afterwards_another(settings: Any) -> None:
    settings.FEWEST_FOR_TEXTS = 1
    survey = make.opened(promise="named")
    voters = [make.voter(survey, role="local", region="north" if number % 2 else "south") for number in range(16)]
    for number, voter in enumerate(voters[:14]):
        said: Mapping[str, Mapping[str, str]] = {
            "Q1": {"option": "yes" if number % 4 else "no", "text": f"x{number}"}, **answers(number)
        }  # fmt: skip
        make.answered(voter, said)
    assert beat() == 1
    for voter in voters[14:]:
        make.answered(voter, {"Q1": {"option": "no"}, "Q2": {"option": "good"}})
    before = cells(survey, "Q2")
    close(survey, voters)
    assert beat(make.AFTER) == 1
    assert (whole(survey), cells(survey, "Q2")) == (14, before)
    codebook = Codebook.objects.get(survey=survey)
    coder = cast.coder()
    while waiting := coding.next_answers(codebook, 50):
        decided = {each.answer_id: "both" if each.answer_id % 2 else "yes" for each in waiting}
        coding.assign_many(codebook.pk, decided, coder, make.AFTER)
    disclosing.request_release(survey, None, make.AFTER)
    assert disclosing.compute_waiting(make.AFTER) == 1
    stances = cells(survey, "Q1.stance")
    # The fourteen who are counted, not the two who came too late for company.
    assert sum(n or 0 for n in stances.values()) == 14
    recoded = coding.coded_answers(codebook, 1)[0]
    other = "no"
    coding.assign(codebook.pk, recoded.answer_id, other, coder, make.AFTER)
    disclosing.request_release(survey, None, make.AFTER)
    assert disclosing.compute_waiting(make.AFTER) == 1
    assert cells(survey, "Q1.stance")[other, ""] == 1
    assert Release.objects.filter(sha256="").count() == 0


def test_everyone_is_counted_in_a_survey_that_shows_nothing_before_its_end(survey: Survey) -> None:
    voters = arrive(survey, 9, "north") + arrive(survey, 7, "south")
    close(survey, voters)
    assert beat(make.AFTER) == 1
    assert (whole(survey), Counted.objects.count()) == (16, 16)


def test_of_an_anonymous_survey_nobody_is_noted_as_counted(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1
    survey = make.opened()
    voters = arrive(survey, 8, "north")
    make.closed(survey, voters, cast.designer())
    assert beat(make.AFTER) == 1
    assert (Response.objects.count(), Counted.objects.count()) == (8, 0)


def test_all_tables_of_a_release_are_of_one_moment(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone changes an answer while a worker counts: every table has what was there when it began."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    voters = arrive(survey, 7, "north")
    changed: list[bool] = []
    real = aggregating.tally

    def change() -> None:
        try:
            make.answered(voters[1], {"Q2": {"option": "fair"}})
        finally:
            connection.close()

    def tally(variable: Any, *rest: Any, **more: Any) -> Any:
        found = real(variable, *rest, **more)
        if variable.name == "Q2" and not changed:
            changed.append(True)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(change).result()
        return found

    monkeypatch.setattr(aggregating, "tally", tally)
    assert beat() == 1
    assert changed == [True]
    assert (cells(survey, "Q2")["fair", ""], cells(survey, "Q2", "region")["fair", "north"]) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(0, 2))), max_size=60), st.integers(2, 6))
def test_whoever_is_let_in_has_company_in_every_value(values: list[tuple[int, int | None]], k: int) -> None:
    waiting = {bytes([number]): each for number, each in enumerate(values)}
    chosen = company(waiting, k)
    for rank in (0, 1):
        found = [waiting[place][rank] for place in chosen]
        assert all(found.count(value) >= k for value in found)
    assert not chosen or len(chosen) >= k


def test_without_facts_k_is_enough() -> None:
    assert company(dict.fromkeys((b"1", b"2", b"3"), ()), 3) == {b"1", b"2", b"3"}
    assert company(dict.fromkeys((b"1", b"2"), ()), 3) == set()
