"""What leadership is shown, as plain values."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from consult import listing, phrasing, presenting, reading, tabulating
from consult.granting import Scope
from consult.models import Consultation, ParticipationReading
from surveys.models import Release, State, Survey
from tests import make
from tests.consult.nav import nav

pytestmark = pytest.mark.django_db

ALL = Scope(everything=True)
EAST = Scope(regions=frozenset({"oest"}))


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


def head(code: str = "nav-local", scope: Scope = ALL) -> listing.SurveyHead:
    return listing.find(code, scope, "en", make.AFTER)


def told(table: tabulating.Table) -> list[tuple[str, str]]:
    return [(figure.value, f"{figure.text} {figure.percent_text}".strip()) for figure in table.figures]


# --- participation -------------------------------------------------------------------------------------------


def test_the_response_rate_is_answered_of_all_invited() -> None:
    nav()
    rate = head().participation
    assert rate == listing.Participation(85, 120, 71, "71%", "85 of 120", "85 of the 120 who were invited answered")


@pytest.mark.parametrize(
    ("responses", "invited", "expected"),
    [
        (4, 7, (4, 7, None, "4 of 7")),
        (1, 9, (1, 9, None, "1 of 9")),
        (5, 10, (5, 10, 50, "5 of 10")),
        (0, 120, (0, 120, 0, "0 of 120")),
        (None, 120, (None, 120, None, "–")),
        (85, None, (85, None, None, "85")),
        (None, None, (None, None, None, "–")),
        (121, 120, (None, 120, None, "–")),
        (1234, 5000, (1234, 5000, 25, "1,234 of 5,000")),
    ],
)
def test_rates(responses: int | None, invited: int | None, expected: tuple[object, ...]) -> None:
    rate = listing.participation(responses, invited)
    assert (rate.responses, rate.invited, rate.percent, rate.text) == expected


@pytest.mark.parametrize(
    ("n", "base", "percent"),
    [
        (47, 85, 55),
        (1, 8, None),
        (9, 9, None),
        (1, 200, 1),
        (1, 201, 0),
        (5, 1000, 1),
        (85, 85, 100),
        (None, None, None),
    ],
)
def test_whole_percentages_halves_up_and_none_below_ten(n: int | None, base: int | None, percent: int | None) -> None:
    assert phrasing.percent(n, base) == percent


def test_no_group_has_a_rate_where_one_of_them_may_have_none() -> None:
    # Each of these lacks one: the others, subtracted from the whole, would give it away.
    nav()
    overview = presenting.overview(head(), ALL, "en")
    rates = {each.table.variable: [rate.participation.text for rate in each.rates] for each in overview.backgrounds}
    assert rates == {"region": [], "size_band": []}


# --- the overview --------------------------------------------------------------------------------------------


def test_every_question_is_there_coded_before_ticked() -> None:
    nav()
    questions = presenting.overview(head(), ALL, "en").questions
    assert [(each.code, each.main.variable, [table.variable for table in each.others]) for each in questions] == [
        ("B1", "B1.stance", ["B1"]),
        ("B2", "B2.stance", []),
        ("B3", "B3.stance", []),
        ("B6", "B6", []),
    ]
    assert [[by for by, _ in each.bys] for each in questions] == [
        ["region", "size_band"],
        ["B3.stance", "region"],
        [],
        [],
    ]


def test_published_figures_and_headlines() -> None:
    nav()
    questions = presenting.overview(head(), ALL, "en").questions
    assert [each.main.headline for each in questions] == [
        "47 of 85 said yes",
        "44 of 85 said yes",
        "46 of 85 said they don't know",
        "64 of 85 said no",
    ]
    assert told(questions[0].main) == [("yes", "47 of 85 55%"), ("both", "23 of 85 27%"), ("no", "15 of 85 18%")]
    assert told(questions[2].main) == [("yes", "6 of 85 7%"), ("dont_know", "46 of 85 54%"), ("no", "33 of 85 39%")]


def test_a_cross_says_where_a_group_agrees_most() -> None:
    nav()
    (cross,) = presenting.overview(head(), ALL, "en").crosses
    assert (cross.variable, cross.by, cross.is_cross) == ("B2.stance", "B3.stance", True)
    assert cross.headline == "Of the 33 who answered “Nei” to B3, 25 said yes to B2"
    assert [[figure.text for figure in group.figures] for group in cross.groups] == [
        ["–", "–", "–"],
        ["25 of 33", "5 of 33", "3 of 33"],
        ["16 of 46", "17 of 46", "13 of 46"],
    ]


def test_texts_in_the_reader_s_language_or_the_nearest() -> None:
    nav()
    main = presenting.overview(head(), ALL, "en").questions[0].main
    assert (main.columns[0].label, main.label.lang) == (tabulating.Words("Yes"), "nb")
    nynorsk = presenting.overview(listing.find("nav-local", ALL, "nn", make.AFTER), ALL, "nn").questions[0].main
    assert nynorsk.columns[0].label == tabulating.Words("Ja", "nb")


# --- one variable --------------------------------------------------------------------------------------------


def test_a_breakdown_within_every_declared_group() -> None:
    nav()
    page = presenting.breakdown(head(), "B1.stance", ALL, "en")
    assert [table.by for table in page.tables] == ["region", "size_band"]
    region, size = page.tables
    assert region.headline == "Øst: 30 of 48 said yes\nVest: 17 of 33 said yes"
    assert [group.base_text for group in region.groups] == ["48", "33", "–"]
    assert [figure.text + figure.percent_text for figure in size.groups[0].figures] == ["4 of 7", "2 of 7", "1 of 7"]
    assert (page.previous, page.next and page.next.variable) == (None, "B2.stance")
    assert [table.variable for table in page.others] == ["B1"]


def test_many_groups_are_told_by_the_lowest_and_the_highest() -> None:
    survey = make.in_field("mange", ["region"])
    groups = {f"r{number}": {"yes": 10 + number, "no": 10} for number in range(5)}
    make.release(survey, {"B1": {"yes": 60, "no": 50}, ("B1", "region"): {**groups, "liten": {"yes": 6, "no": 0}}})
    page = presenting.breakdown(head("mange"), "B1", ALL, "en")
    assert page.tables[0].headline == "“Yes”: from 10 of 20 (R0) to 14 of 24 (R4)"


@pytest.mark.parametrize("variable", ["B9", "", "B1.stance ", "B1\0", "æ", "B1/../B2", "x" * 61, "B1.stance×region"])
def test_an_unknown_variable(variable: str) -> None:
    nav()
    with pytest.raises(reading.UnknownTable):
        presenting.breakdown(head(), variable, ALL, "en")


def test_withheld_and_empty_tables_say_so_in_words() -> None:
    survey = make.in_field("liten")
    make.release(survey, {"B1": {"yes": None, "no": None}, "B2": {"yes": 0, "no": 0}, "B3": {"no_answer": 9}})
    headlines = [each.main.headline for each in presenting.overview(head("liten"), ALL, "en").questions]
    assert headlines == [
        "The figures are withheld to protect anonymity", "Nobody answered this", "9 of 9 gave no answer",
    ]  # fmt: skip


# --- side by side --------------------------------------------------------------------------------------------


def test_groups_are_compared_where_they_were_asked_the_same() -> None:
    nav()
    line = presenting.consultation("nav-2021", ALL, "en", make.AFTER)
    helped, decided = presenting.comparisons(line, ALL, "en")
    assert [table.concept for table in (helped, decided)] == ["help.stance", "decided.stance"]
    assert [(group.value, group.variable) for group in helped.groups] == [
        ("nav-chief", "A1.stance"), ("nav-local", "B1.stance"),
    ]  # fmt: skip
    assert [[figure.text for figure in group.figures] for group in decided.groups] == [
        ["14 of 20", "", "6 of 20"],
        ["6 of 85", "46 of 85", "33 of 85"],
    ]
    assert [figure.offered for figure in decided.groups[0].figures] == [True, False, True]
    assert not decided.has_withheld
    assert helped.headline.splitlines() == [
        "Nav-partnerskapet: hovedtillitsvalgte: 12 of 20 said no",
        "Nav-partnerskapet: plasstillitsvalgte: 47 of 85 said yes",
    ]


def test_nothing_is_compared_with_a_survey_that_is_not_closed() -> None:
    case = nav()
    live = make.in_field("nav-igjen", state="open")
    make.asked(live)
    make.release(live, {"C1.stance": {"yes": 8, "no": 9}}, concepts={"C1.stance": "help.stance"})
    case.consultation.surveys.set([case.chief, live])
    line = presenting.consultation("nav-2021", ALL, "en", make.AFTER)
    assert presenting.comparisons(line, ALL, "en") == ()
    assert {each.code: each.release is not None for each in line.surveys} == {"nav-chief": True, "nav-igjen": False}


def test_a_consultation_of_which_nothing_is_seen_is_unknown() -> None:
    case = nav()
    north = make.in_field("nord-2026")
    make.asked(north, case.north)
    row = Consultation.objects.create(code="nord", title="Nord")
    row.surveys.add(north)
    with pytest.raises(Consultation.DoesNotExist):
        presenting.consultation("nord", EAST, "en", make.AFTER)
    assert [line.code for line in presenting.index(EAST, "en", make.AFTER).consultations] == ["nav-2021"]


# --- rights --------------------------------------------------------------------------------------------------


def test_a_regional_leader_sees_the_whole_and_the_own_region_only() -> None:
    nav()
    overview = presenting.overview(head(scope=EAST), EAST, "en")
    assert overview.crosses == ()
    assert [told(each.table) for each in overview.backgrounds if each.table.variable == "region"] == [
        [("oest", "48 of 85 56%")]
    ]
    assert [[by for by, _ in each.bys] for each in overview.questions] == [["region"], ["region"], [], []]
    page = presenting.breakdown(head(scope=EAST), "B1.stance", EAST, "en")
    assert [(table.by, [group.value for group in table.groups]) for table in page.tables] == [("region", ["oest"])]
    whole = Scope()
    assert [each.table.variable for each in presenting.overview(head(scope=whole), whole, "en").backgrounds] == [
        "size_band"
    ]


def test_scopes_differ_in_what_they_show() -> None:
    nav()
    seen = [
        [len(table.groups) for table in presenting.breakdown(head(scope=scope), "B1.stance", scope, "en").tables]
        for scope in (ALL, EAST, Scope(), ALL)
    ]
    assert seen == [[3, 3], [1], [], [3, 3]]


# --- before closing ------------------------------------------------------------------------------------------


def test_an_open_anonymous_survey_shows_nothing_even_if_there_is_a_release() -> None:
    survey = make.in_field("apen", state="open")
    make.asked(survey)
    make.release(survey, {"B1": {"yes": 10, "no": 10}})
    ParticipationReading.objects.create(survey=survey, read_on=make.DURING.date(), percent=45)
    found = listing.find("apen", ALL, "en", make.DURING)
    assert (found.state, found.release, found.participation, found.reading) == (State.OPEN, None, None, 45)
    assert presenting.overview(found, ALL, "en") == presenting.Overview()
    with pytest.raises(reading.UnknownTable):
        presenting.breakdown(found, "B1", ALL, "en")


def test_a_survey_past_its_deadline_shows_nothing_before_its_key_is_destroyed() -> None:
    survey = make.in_field("apen", state="open")
    make.release(survey, {"B1": {"yes": 10, "no": 10}})
    found = listing.find("apen", ALL, "en", make.AFTER)
    assert (found.state, found.release, found.reading) == (State.CLOSING, None, None)


def test_a_named_survey_shows_its_release_while_open() -> None:
    survey = make.in_field("navngitt", state="open", promise="named")
    make.release(survey, {"B1": {"yes": 10, "no": 10}}, responses=20)
    found = listing.find("navngitt", ALL, "en", make.DURING)
    assert (found.state, found.release is not None) == (State.OPEN, True)


def test_the_newest_release_that_is_out_is_shown() -> None:
    survey = make.in_field("to")
    make.release(survey, {"B1": {"yes": 10, "no": 10}})
    make.release(survey, {"B1": {"yes": 12, "no": 10}})
    Release.objects.create(survey=survey, number=3, requested_at=make.AFTER)
    found = head("to")
    assert found.release is not None
    assert found.release.number == 2
    assert presenting.overview(found, ALL, "en").questions[0].main.headline == "12 of 22 said yes"


def test_a_new_release_is_shown_at_once() -> None:
    survey = make.in_field("to")
    make.release(survey, {"B1": {"yes": 10, "no": 10}})
    assert presenting.overview(head("to"), ALL, "en").questions[0].main.headline == "10 of 20 said yes"
    make.release(survey, {"B1": {"yes": 15, "no": 10}})
    assert presenting.overview(head("to"), ALL, "en").questions[0].main.headline == "15 of 25 said yes"


def test_a_survey_that_was_never_opened_is_unknown() -> None:
    make.in_field("plan", state="planned")
    with pytest.raises(Survey.DoesNotExist):
        head("plan")


# --- cost ----------------------------------------------------------------------------------------------------


def statements(call) -> int:
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def test_the_list_costs_the_same_for_one_survey_and_for_three() -> None:
    make.release(make.in_field("en"), {"B1": {"yes": 10, "no": 10}})
    one = statements(lambda: presenting.index(ALL, "en", make.AFTER))
    nav()
    assert (one, statements(lambda: presenting.index(ALL, "en", make.AFTER))) == (3, 3)


def test_an_overview_costs_the_same_for_one_question_and_for_many() -> None:
    make.release(make.in_field("en"), {"B1": {"yes": 10, "no": 10}})
    nav()
    one, many = head("en"), head()
    assert [statements(lambda each=each: presenting.overview(each, ALL, "en")) for each in (one, many)] == [5, 5]


def test_a_breakdown_costs_the_same_with_and_without_groups() -> None:
    nav()
    found = head()
    assert [
        statements(lambda name=name: presenting.breakdown(found, name, ALL, "en")) for name in ("B6", "B1.stance")
    ] == [3, 3]


def test_a_comparison_costs_the_same_for_two_surveys_and_for_three() -> None:
    case = nav()

    def cost() -> tuple[int, int]:
        line = presenting.consultation("nav-2021", ALL, "en", make.AFTER)
        return (
            statements(lambda: presenting.consultation("nav-2021", ALL, "en", make.AFTER)),
            statements(lambda: presenting.comparisons(line, ALL, "en")),
        )

    assert cost() == (3, 2)
    third = make.in_field("nav-2012")
    make.release(third, {"Q1.stance": {"yes": 10, "no": 30}}, concepts={"Q1.stance": "help.stance"})
    case.consultation.surveys.add(third)
    assert cost() == (3, 2)
