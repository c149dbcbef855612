from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from surveys import disclosing, fielding, publishing
from surveys.gate import aggregating
from surveys.models import Condition, Release, ReleasedCell
from tests import cast, make

pytestmark = pytest.mark.django_db(transaction=True)


def released(survey, answers, settings):
    """Close a survey with these (role, region, answers) and compute its release."""
    settings.CLOSING_APPROVALS = 1
    voters = []
    for role, region, given in answers:
        voters.append(make.voter(survey, role=role, region=region))
        make.answered(voters[-1], given)
    make.closed(survey, voters, cast.designer())
    assert disclosing.request_missing(make.AFTER) == 1
    assert disclosing.compute_waiting(make.AFTER) == 1
    return disclosing.current(survey)


def cells(release, variable, by=""):
    table = release.tables.get(variable=variable, by=by)
    return {(cell.value, cell.by_value): cell.n for cell in table.cells.all()}


def answer(option, text=""):
    return {"Q2": {"option": option}, "Q1": {"text": text}} if text else {"Q2": {"option": option}}


def test_counts_come_out_exactly(settings):
    survey = make.opened()
    people = [("chief", "north", answer("good"))] * 6 + [("local", "north", answer("poor"))] * 3
    people += [("local", "north", answer("good"))] * 5
    release = released(survey, people, settings)
    assert cells(release, "Q2") == {("good", ""): 11, ("fair", ""): 0, ("poor", ""): 3}
    assert release.responses == 14
    assert release.sha256 == disclosing.digest(release)


def test_a_group_where_all_said_one_thing_is_withheld_and_so_is_its_complement(settings):
    survey = make.opened()
    people = [("chief", "north", answer("good"))] * 6 + [("local", "north", answer("poor"))] * 3
    people += [("local", "north", answer("good"))] * 5
    release = released(survey, people, settings)
    assert set(cells(release, "Q2", "role").values()) == {None}
    assert cells(release, "role") == {("chief", ""): 6, ("local", ""): 8}


def test_fewer_than_k_in_all_shows_nothing(settings):
    survey = make.opened()
    release = released(survey, [("chief", "north", answer("good")), ("chief", "north", answer("poor"))], settings)
    assert release.responses is None
    assert ReleasedCell.objects.exclude(n=None).count() == 0
    assert set(release.tables.values_list("base", flat=True)) == {None}


def test_a_coded_variable_is_out_only_when_every_text_is_coded(settings):
    survey = make.opened()
    people = [("chief", "north", answer("good" if number % 2 else "poor", "Både og.")) for number in range(12)]
    release = released(survey, people, settings)
    assert "Q1.stance" not in release.tables.values_list("variable", flat=True)


def test_open_anonymous_surveys_have_no_results():
    survey = make.opened()
    with pytest.raises(disclosing.NotClosed):
        disclosing.request_release(survey, None, make.DURING)


def test_asking_twice_gives_the_one_that_waits(settings):
    survey = make.opened()
    release = released(survey, [("chief", "north", answer("good"))] * 6, settings)
    first = disclosing.request_release(survey, None, make.AFTER)
    assert disclosing.request_release(survey, None, make.AFTER) == first
    assert first.number == release.number + 1
    assert disclosing.request_missing(make.AFTER) == 0
    assert Release.objects.count() == 2


def test_asking_while_one_is_being_computed_leads_to_a_new_one_after_it(settings, monkeypatch):
    survey = make.opened()
    released(survey, [("chief", "north", answer("good"))] * 6, settings)
    second = disclosing.request_release(survey, None, make.AFTER)
    asked: list[int] = []
    count = aggregating.count_responses

    def counted(survey):
        found = count(survey)
        if not asked:
            # Someone else, while this one counts.
            with ThreadPoolExecutor(1) as pool:
                asked.extend(pool.submit(asking, survey).result() for _twice in range(2))
        return found

    def asking(survey):
        try:
            return disclosing.request_release(survey, None, make.AFTER).number
        finally:
            connection.close()

    monkeypatch.setattr(aggregating, "count_responses", counted)
    assert disclosing.compute_waiting(make.AFTER) == 1
    assert asked == [second.number + 1] * 2
    assert disclosing.compute_waiting(make.AFTER) == 1
    assert list(Release.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert not Release.objects.filter(sha256="").exists()


def test_a_release_whose_worker_died_is_computed_in_its_turn(settings, monkeypatch):
    survey = make.opened()
    released(survey, [("chief", "north", answer("good"))] * 6, settings)
    dead = disclosing.request_release(survey, None, make.AFTER)

    def dies(_survey):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(aggregating, "count_responses", dies)
        with pytest.raises(SystemExit):
            disclosing.compute_waiting(make.AFTER)
    after = disclosing.request_release(survey, None, make.AFTER)
    assert (dead.number, after.number) == (2, 3)
    assert disclosing.compute_waiting(make.AFTER) == 2
    assert disclosing.current(survey) == after


def test_the_database_keeps_one_waiting_release_of_a_survey(settings):
    settings.CLOSING_APPROVALS = 1
    survey = make.opened()
    make.closed(survey, [], cast.designer())
    disclosing.request_release(survey, None, make.AFTER)
    with pytest.raises(IntegrityError):
        Release.objects.create(survey=survey, number=2, requested_at=make.AFTER)


def test_the_same_facts_give_the_same_cells(settings):
    survey = make.opened()
    people = [("chief" if n % 2 else "local", "north", answer("good" if n % 3 else "poor")) for n in range(20)]
    first = released(survey, people, settings)
    disclosing.request_release(survey, None, make.AFTER)
    disclosing.compute_waiting(make.AFTER)
    second = disclosing.current(survey)
    assert second != first
    assert cells(second, "Q2", "role") == cells(first, "Q2", "role")


def test_a_named_survey_is_refreshed_when_k_more_have_answered():
    survey = make.opened(promise="named")
    for _number in range(4):
        make.answered(make.voter(survey, role="chief", region="north"))
    assert disclosing.refresh_named(make.DURING) == 0
    make.answered(make.voter(survey, role="chief", region="north"), answer("poor"))
    assert disclosing.refresh_named(make.DURING) == 1
    disclosing.compute_waiting(make.DURING)
    assert cells(disclosing.current(survey), "Q2") == {("good", ""): 4, ("fair", ""): 0, ("poor", ""): 1}
    make.answered(make.voter(survey, role="chief", region="north"))
    assert disclosing.refresh_named(make.DURING) == 0


def routed(settings, asked_in_south):
    """Q2 "poor" leads to Q4 (yes/no); `asked_in_south` of ten in the south are led there, and seven in the north."""
    edition = make.draft("routed")
    section = edition.sections.get()
    q4 = make.question(section, 4, "Q4", "yes_no", ["yes", "no"])
    q2 = edition.questions.get(code="Q2")
    Condition.objects.create(question=q4, source=q2, option=q2.options.get(code="poor"))
    published = publishing.publish(edition.questionnaire_id, make.OPENS)
    survey = fielding.plan("routed-2026", published, opens_at=make.OPENS, closes_at=make.DEADLINE, facts=[make.REGION])
    fielding.open_survey(survey, make.OPENS)

    def person(region, number, led):
        given = {"Q2": {"option": "poor" if number < led else "good"}}
        if number < led:
            given["Q4"] = {"option": "yes" if number % 2 else "no"}
        return ("", region, given)

    people = [person("north", number, 7) for number in range(20)]
    people += [person("south", number, asked_in_south) for number in range(10)]
    return released(survey, people, settings)


def test_a_routed_question_has_the_base_of_those_it_was_put_to(settings):
    release = routed(settings, asked_in_south=6)
    assert release.tables.get(variable="Q4", by="").base == 13
    assert cells(release, "Q4") == {("yes", ""): 6, ("no", ""): 7}
    assert cells(release, "Q4", "region")["yes", "south"] == 3


def test_a_routed_question_is_withheld_where_few_were_asked(settings):
    release = routed(settings, asked_in_south=3)
    assert cells(release, "Q4") == {("yes", ""): 4, ("no", ""): 6}
    assert set(cells(release, "Q4", "region").values()) == {None}


def test_of_a_text_only_how_many_wrote_is_told(settings):
    survey = make.opened()
    people = [("chief", "north", {"Q2": {"option": "good"}, "Q3": {"text": "noe"}})] * 8
    release = released(survey, people, settings)
    assert cells(release, "Q3") == {("answered", ""): 8}
    # Everyone said one thing: nothing of it is told, not even which answers nobody gave.
    assert cells(release, "Q2") == dict.fromkeys([(each, "") for each in ("good", "fair", "poor", "no_answer")])
    assert release.tables.get(variable="Q2", by="").base is None


def test_a_fault_in_one_survey_does_not_hold_up_the_next(settings, monkeypatch):
    survey = make.opened()
    released(survey, [("chief", "north", answer("good"))] * 6, settings)
    other = make.opened("other-2026", facts=[], promise="named")
    for number in range(6):
        make.answered(make.voter(other), answer("good" if number % 2 else "poor"))
    disclosing.request_release(survey, None, make.AFTER)
    disclosing.request_release(other, None, make.AFTER)
    real = disclosing._compute

    def faulty(release, now):
        if release.survey_id == survey.pk:
            raise OSError("disk")
        real(release, now)

    monkeypatch.setattr(disclosing, "_compute", faulty)
    assert disclosing.compute_waiting(make.AFTER) == 1
    assert disclosing.current(other) is not None
