"""Answers saved one by one while their page stays open: what is kept, what is told, what is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from consult.reference.browsing import Browser
from surveys import answering
from surveys.models import SealedBallot, Survey
from tests import make
from tests.consult.web.test_answer import at_review, begun, box_of, browser, rows
from tests.page import parse

pytestmark = pytest.mark.django_db


def started(token: str) -> Browser:
    """A browser on the first page of `make.routed`, with nothing answered."""
    made = browser(token)
    made.press("go", "start")
    return made


def send(made: Browser, *changed: str, **fields: str) -> tuple[int, dict[str, Any]]:
    """What a script on the page sends, and the answer; the proof goes into the page as a script puts it there."""
    form = made.forms[0].fields
    carried = {name: form.get(name, "") for name in ("token", "code", "proof", "language")}
    response = post(made.client, {**carried, "changed": ",".join(changed), **fields}, made.now)
    answer = response.json()
    assert sorted(answer) == ["faults", "kept", "others", "proof", "said"]
    if answer["proof"]:
        form["proof"] = answer["proof"]
    return response.status_code, answer


def post(client: Client, fields: dict[str, str], now: Any = make.DURING) -> HttpResponse:
    return client.post("/s/", {"step": "keep", **fields}, **{"raadslag.now": now})  # type: ignore[arg-type, return-value]


def written(made: Browser, fields: dict[str, str]) -> str:
    """What stands in the text of Q2 on the page that answers these fields."""
    shown = post(made.client, fields)
    assert shown.status_code == 200
    return parse(shown).find("textarea", id="Q2_text").text


def draft(survey: Survey) -> dict[str, Any]:
    return box_of(survey).draft


# --- Works ------------------------------------------------------------------------------------------------


def test_an_answer_is_a_draft_as_soon_as_it_is_given() -> None:
    survey = make.routed()
    made = started(make.link(survey))
    status, answer = send(made, "Q1", Q1_option="yes")
    assert (status, answer["kept"], answer["said"], answer["faults"]) == (200, True, answer["said"], {})
    # The time in Norway, not of the server.
    assert answer["said"].endswith("13:00")
    assert draft(survey) == {"Q1": {"option": "yes"}}
    assert SealedBallot.objects.get().final is False


def test_only_what_was_changed_is_touched() -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    other = Browser(make.DURING, made.client)
    other.forms = [type(made.forms[0])("/s/", "post", dict(made.forms[0].fields))]
    send(made, "Q1", Q1_option="no")
    send(other, "Q2", Q2_text="Fra et annet vindu.", Q1_option="yes", Q1_text="gammelt")
    assert draft(survey) == {"Q1": {"option": "no"}, "Q2": {"text": "Fra et annet vindu."}}
    send(other, "Q2", Q2_text="")
    assert draft(survey) == {"Q1": {"option": "no"}}


def test_next_leaves_alone_what_a_script_says_is_saved_already() -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    made.press("go", "back")
    stale = dict(made.forms[0].fields)
    send(made, "Q1", Q1_option="no")
    made.press("go", "next", **{**stale, "changed": "Q2", "Q2_text": "Nytt."})
    assert draft(survey) == {"Q1": {"option": "no"}, "Q2": {"text": "Nytt."}}
    assert 'data-kept="Q2"' in made.text


def test_a_page_says_which_answers_it_comes_with() -> None:
    made = begun(make.link(make.routed()))
    assert 'data-kept="Q1,Q2"' in made.text
    assert "data-unsent" not in made.text
    # What was refused is shown as typed, and a script saves what can be saved of it.
    made.press("go", "next", Q3_option="perhaps")
    assert made.status == 422
    assert 'data-kept=""' in made.text
    assert 'data-unsent="I1,Q3"' in made.text
    made.press("go", "next", Q3_option="perhaps", changed="Q3")
    assert 'data-unsent="Q3"' in made.text


def test_a_page_that_was_sent_anew_is_shown_as_it_has_been_saved() -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    made.press("go", "back")
    stale = {**made.forms[0].fields, "Q2_text": "Gammelt.", "go": "again"}
    send(made, "Q2", Q2_text="Nytt.")
    assert written(made, stale) == "Nytt."
    assert draft(survey)["Q2"] == {"text": "Nytt."}
    # With nothing saved, as typed; and without the right code nothing is shown.
    fresh = started(make.link(survey, 2))
    typed = {**fresh.forms[0].fields, "Q2_text": "Bare her.", "go": "again"}
    assert (written(fresh, typed), SealedBallot.objects.count()) == ("Bare her.", 1)
    assert written(made, {**stale, "code": "23456789", "proof": ""}) == "Gammelt."


def test_what_could_not_be_submitted_is_a_draft_all_the_same() -> None:
    survey = make.routed()
    made = started(make.link(survey))
    send(made, "Q1", "Q3", Q1_option="yes", Q1_text="", Q3_option="")
    assert draft(survey) == {"Q1": {"option": "yes"}}


def test_a_fault_in_one_answer_stops_no_other() -> None:
    survey = make.routed()
    made = started(make.link(survey))
    status, answer = send(made, "Q1", "Q2", Q1_option="yes", Q2_text="x" * 4001)
    assert (status, answer["kept"], list(answer["faults"])) == (200, True, ["Q2_text"])
    assert "4001" in answer["faults"]["Q2_text"]
    status, answer = send(made, "Q2", Q2_text="a\x00b")
    assert list(answer["faults"]) == ["Q2_text"]
    assert draft(survey) == {"Q1": {"option": "yes"}}


def test_exactly_as_much_as_there_is_room_for_counted_in_characters_as_people_see_them() -> None:
    survey = make.routed()
    made = started(make.link(survey))
    # 4 000 letters of two code points each as typed, one as normalised; and signs beyond the first plane.
    text = "a\u030a" * 3999 + "\U0001f600"
    status, answer = send(made, "Q2", Q2_text=f"{text}\r\n")
    assert (status, answer["faults"]) == (200, {})
    assert len(draft(survey)["Q2"]["text"]) == 4000


def test_a_submitted_answer_stays_until_it_is_submitted_again() -> None:
    survey = make.routed()
    made = at_review(make.link(survey))
    made.press("go", "submit")
    final = box_of(survey).final
    send(made, "Q2", Q2_text="Noe annet.")
    assert (box_of(survey).final, SealedBallot.objects.get().final) == (final, True)
    assert draft(survey)["Q2"] == {"text": "Noe annet."}


def test_other_questions_than_those_of_the_page_can_be_kept() -> None:
    survey = make.routed()
    made = started(make.link(survey))
    send(made, "Q3", "Q4", "Q99", "role", Q3_option="yes", Q4_text="Alt.", Q99_text="x", role="chief")
    assert draft(survey) == {"Q3": {"option": "yes"}, "Q4": {"text": "Alt."}}


def test_what_comes_late_replaces_only_what_it_was_written_upon() -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    late = {"late": "Q2", "before-Q2_text": "Mye."}
    _status, answer = send(made, "Q2", Q2_text="Mye mer.", **late)
    assert (answer["others"], draft(survey)["Q2"]) == ([], {"text": "Mye mer."})
    _status, answer = send(made, "Q1", "Q2", Q1_option="no", Q2_text="Mye annet.", **late)
    assert (answer["kept"], answer["others"]) == (True, ["Q2"])
    assert draft(survey) == {"Q1": {"option": "no"}, "Q2": {"text": "Mye mer."}}
    # The same once more is no quarrel, and nothing is lost by replacing nothing.
    _status, answer = send(made, "Q2", Q2_text="Mye mer.", **late)
    assert answer["others"] == []
    send(made, "Q2", Q2_text="")
    _status, answer = send(made, "Q2", Q2_text="Mye annet.", **late)
    assert (answer["others"], draft(survey)["Q2"]) == ([], {"text": "Mye annet."})


# --- Trust ------------------------------------------------------------------------------------------------


def test_nobody_learns_whether_there_was_a_ballot() -> None:
    survey = make.routed()
    used, unused = make.link(survey, 1), make.link(survey, 2)
    at_review(used).press("go", "submit")
    told = []
    for token in (used, unused):
        answers = []
        for fields in ({"Q1_option": "yes"}, {"Q1_option": ""}, {"Q1_option": "nonsense"}):
            response = post(Client(), {"token": token, "code": "23456789", "changed": "Q1", **fields})
            content = response.json()
            answers.append(
                (response.status_code, sorted(response.headers), {**content, "proof": bool(content["proof"])})
            )
        told.append(answers)
    assert told[0] == told[1]


def test_a_guessed_code_with_nothing_to_save_touches_nothing() -> None:
    survey = make.routed()
    token = make.link(survey)
    begun(token)
    before = rows()
    response = post(Client(), {"token": token, "code": "23456789", "changed": "Q1,Q2", "Q1_option": "", "Q2_text": " "})
    assert (response.status_code, response.json()["proof"], rows()) == (200, "", before)


def test_the_answer_holds_nothing_that_was_written() -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    _status, answer = send(made, "Q2", Q2_text="")
    assert "Fordi" not in json.dumps(answer)
    assert draft(survey) == {"Q1": {"option": "yes", "text": "Fordi."}}


def test_the_link_of_one_and_the_proof_of_another_are_no_key() -> None:
    survey = make.routed()
    mine, theirs = begun(make.link(survey, 1)), make.link(survey, 2)
    form = mine.forms[0].fields
    response = post(Client(), {**form, "token": theirs, "step": "keep", "changed": "Q2", "Q2_text": "x"})
    # A code that has not opened the other ballot starts a draft there, as pressing Next does.
    assert response.status_code == 200
    assert SealedBallot.objects.count() == 2


def test_a_ballot_begun_afresh_elsewhere_is_not_written_over() -> None:
    survey = make.routed()
    token = make.link(survey)
    first = begun(token)
    started_again = browser(token)
    started_again.press("go", "start")
    started_again.press("go", "next", Q2_text="Den andre.", Q1_option="no", Q1_text="Nei.")
    before = rows()
    status, answer = send(first, "Q2", Q2_text="Den første.")
    assert (status, answer["kept"], rows()) == (409, False, before)


# --- A shared device --------------------------------------------------------------------------------------


def test_on_a_shared_device_the_cookie_goes_and_does_not_come_again() -> None:
    survey = make.routed()
    made = started(make.link(survey))
    name = f"__Host-resume-{survey.pk}"
    assert made.client.cookies[name].value
    send(made, "Q1", Q1_option="yes", shared="1")
    assert made.client.cookies[name].value == ""
    made.press("go", "next", Q1_option="yes", Q1_text="Fordi.", shared="1")
    assert made.client.cookies[name].value == ""
    # The next page carries the wish along, and so does the list of answers.
    made.press("go", "next", Q3_option="no", shared="1")
    assert made.forms[0].fields["shared"] == "1"
    made.press("go", "leave")
    assert made.client.cookies[name].value == ""


def test_the_cookie_comes_again_where_it_was_deleted() -> None:
    survey = make.routed()
    made = started(make.link(survey))
    made.client.cookies.clear()
    send(made, "Q1", Q1_option="yes")
    assert made.client.cookies[f"__Host-resume-{survey.pk}"].value.startswith(made.forms[0].fields["code"])


# --- Refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{"code": ""}, {"code": "short"}, {}, {"code": "2345678\x00"}])
def test_without_a_code_nothing_is_kept(fields: dict[str, str]) -> None:
    response = post(Client(), {"token": make.link(make.routed()), "changed": "Q1", "Q1_option": "yes", **fields})
    assert (response.status_code, response.json()["kept"], rows()) == (400, False, [])


def test_an_unknown_link_is_refused_in_the_same_shape() -> None:
    response = post(Client(), {"token": "a" * 39, "code": "23456789", "changed": "Q1"})
    assert (response.status_code, response.json()["kept"]) == (404, False)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=3)])
def test_after_the_deadline_it_says_so(late: timedelta) -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    before = rows()
    made.now = make.DEADLINE + late
    status, answer = send(made, "Q2", Q2_text="For sent.")
    assert (status, answer["kept"], answer["proof"], rows()) == (410, False, "", before)
    assert answer["said"]


def test_too_much_in_all_is_refused_and_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    before = rows()
    monkeypatch.setattr("surveys.box.sealing.BUCKETS", (1024,))
    status, answer = send(made, "Q2", Q2_text="x" * 2000)
    assert (status, answer["kept"], rows()) == (413, False, before)


def test_a_ballot_that_is_busy_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = begun(make.link(make.routed()))
    monkeypatch.setattr(answering, "_write", lambda *_: "changed")
    form = made.forms[0].fields
    response = post(made.client, {**form, "step": "keep", "changed": "Q2", "Q2_text": "x"})
    assert (response.status_code, response["Retry-After"], response.json()["kept"]) == (503, "1", False)


def test_get_does_not_reach_it() -> None:
    token = make.link(make.routed())
    response = Client().get("/s/", {"step": "keep", "token": token}, **{"raadslag.now": make.DURING})  # type: ignore[arg-type]
    assert (response.status_code, rows()) == (400, [])


def test_nothing_of_it_is_stored_on_the_way() -> None:
    made = started(make.link(make.routed()))
    form = made.forms[0].fields
    response = post(made.client, {**form, "step": "keep", "changed": "Q1", "Q1_option": "yes"})
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "same-origin")


# --- Cost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [1, 3])
def test_statements(changed: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    made = begun(make.link(make.routed()))
    with django_assert_num_queries(3):
        send(made, *["Q1", "Q2", "Q3"][:changed], Q1_option="no", Q2_text="x", Q3_option="no")
