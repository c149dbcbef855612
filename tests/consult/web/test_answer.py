"""The door of the personal link: what is shown, what is saved, what is refused."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from consult.reference.browsing import Browser
from surveys.box import keyring, sealing
from surveys.models import SealedBallot, Survey
from tests import make
from tests.page import parse

pytestmark = pytest.mark.django_db

JUST_BEFORE = make.DEADLINE - timedelta(microseconds=1)


def browser(token: str) -> Browser:
    """A browser that has opened the link in the letter."""
    made = Browser(make.DURING)
    made.open(f"/s/{token}")
    assert made.status == 200
    return made


def begun(token: str) -> Browser:
    """The same, with the first page of `make.routed` saved."""
    made = browser(token)
    made.press("go", "start")
    made.press("go", "next", Q1_option="yes", Q1_text="Fordi.", Q2_text="Mye.")
    assert made.forms[0].fields["page"] == "2"
    return made


def at_review(token: str) -> Browser:
    """The same, at the list of answers."""
    made = begun(token)
    made.press("go", "next", Q3_option="no")
    assert made.forms[0].fields["step"] == "review"
    return made


def box_of(survey: Survey) -> sealing.Box:
    """The one ballot that lies in the box, opened."""
    row = SealedBallot.objects.get()
    keys = keyring.keys(survey.key_id)
    return sealing.unseal(keys, survey.pk, bytes(row.locator), row.version, row.final, bytes(row.box))


def rows() -> list[tuple[object, ...]]:
    """The whole sealed table."""
    return [
        (bytes(row.locator), row.survey_id, row.final, row.version, bytes(row.box))
        for row in SealedBallot.objects.order_by("locator")
    ]


# --- Works ------------------------------------------------------------------------------------------------


def test_the_whole_way_ends_with_one_final_ballot_and_its_receipt() -> None:
    survey = make.routed()
    made = at_review(make.link(survey))
    receipt = made.forms[0].fields["receipt"]
    made.press("go", "submit")
    assert made.status == 200
    assert made.forms[0].fields["receipt"] == receipt
    box = box_of(survey)
    assert SealedBallot.objects.get().final is True
    assert box.final == {
        "Q1": {"option": "yes", "text": "Fordi."}, "Q2": {"text": "Mye."}, "Q3": {"option": "no"}
    }  # fmt: skip
    assert box.receipt_hash == sealing.code_hash(survey.pk, receipt)


def test_a_question_is_asked_only_of_those_it_is_for() -> None:
    made = begun(make.link(make.routed()))
    made.press("go", "next", Q3_option="yes")
    assert made.forms[0].fields["page"] == "3"
    assert made.forms[0].fields["shown"] == "Q4"
    made.press("go", "back")
    made.press("go", "next", Q3_option="no")
    assert made.forms[0].fields["step"] == "review"


def test_an_answer_that_routing_has_passed_over_is_not_submitted() -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    made.press("go", "next", Q3_option="yes")
    made.press("go", "next", Q4_text="Alt.")
    made.press("go", "page-2")
    made.press("go", "review", Q3_option="no")
    made.press("go", "submit")
    assert set(box_of(survey).final or {}) == {"Q1", "Q2", "Q3"}


def test_back_saves_what_was_written_and_needs_no_required_answer() -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    made.press("go", "back")
    assert made.forms[0].fields["page"] == "1"
    assert made.forms[0].fields["Q1_text"] == "Fordi."
    made.press("go", "next", Q2_text="Enda mer.")
    made.press("go", "back")
    assert made.forms[0].fields["Q2_text"] == "Enda mer."


def test_save_and_leave_then_continue_in_the_same_browser() -> None:
    token = make.link(make.routed())
    made = begun(token)
    made.press("go", "leave", Q3_option="yes")
    assert made.forms[0].fields["step"] == "left"
    made.open(f"/s/{token}")
    made.press("go", "continue")
    assert made.forms[0].fields["page"] == "3"


def test_leaving_without_an_answer_does_not_say_that_anything_is_saved() -> None:
    token = make.link(make.routed(), language="en")
    made = browser(token)
    made.press("go", "start")
    code = made.forms[0].fields["code"]
    made.press("go", "leave")
    assert (heading(made), rows()) == ("Nothing is saved, because no question was answered", [])
    fields = {**made.forms[0].fields, "speak": "en"}
    again = made.client.post("/s/", fields, **{"raadslag.now": made.now})
    assert parse(again).find("h1").text == "Nothing is saved, because no question was answered"
    made.press("go", "continue")
    assert (made.forms[0].fields["page"], made.forms[0].fields["code"]) == ("1", code)
    assert parse(made.text).all(class_="notice-warning") == []


def test_leaving_with_something_saved_says_so_also_from_an_empty_page() -> None:
    made = begun(make.link(make.routed(), language="en"))
    made.press("go", "leave")
    assert heading(made) == "Saved – but not submitted yet"
    made.press("go", "continue")
    assert made.forms[0].fields["page"] == "2"


def heading(made: Browser) -> str:
    return parse(made.text).find("h1").text


def test_continue_on_another_device_with_the_code_as_people_type_it() -> None:
    token = make.link(make.routed())
    code = begun(token).forms[0].fields["code"]
    other = browser(token)
    other.press("go", "code", typed=f" {code[:4].lower()}-{code[4:]} ")
    assert other.forms[0].fields["page"] == "2"
    other.press("go", "back")
    assert other.forms[0].fields["Q2_text"] == "Mye."


def test_change_after_submitting_until_the_last_moment() -> None:
    survey = make.routed()
    made = at_review(make.link(survey))
    made.press("go", "submit")
    made.now = JUST_BEFORE
    made.press("go", "review")
    made.press("go", "page-1")
    made.press("go", "review", Q2_text="Noe annet.")
    assert (box_of(survey).final or {})["Q2"] == {"text": "Mye."}
    made.press("go", "submit")
    assert (box_of(survey).final or {})["Q2"] == {"text": "Noe annet."}
    assert len(rows()) == 1


def test_it_works_without_cookies() -> None:
    survey = make.routed()
    made = browser(make.link(survey))
    for button, fields in [
        ("start", {}),
        ("next", {"Q1_option": "no", "Q1_text": "Nei."}),
        ("next", {"Q3_option": "no"}),
        ("submit", {}),
    ]:
        made.client = Client()
        made.press("go", button, **fields)
        assert made.status == 200
    assert (box_of(survey).final or {})["Q1"] == {"option": "no", "text": "Nei."}


def test_the_cookie_is_bound_to_host_and_link_and_lasts_until_the_deadline() -> None:
    survey = make.routed()
    first, second = make.link(survey, 1), make.link(survey, 2)
    made = browser(first)
    made.press("go", "start")
    cookie = made.client.cookies[f"__Host-resume-{survey.pk}"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        True, True, "Lax", "/", ""
    )  # fmt: skip
    assert cookie["max-age"] == int((make.DEADLINE - make.DURING).total_seconds())
    made.open(f"/s/{second}")
    assert made.has("go", "start")
    assert not made.has("go", "continue")


def test_forget_takes_the_code_out_of_this_browser() -> None:
    token = make.link(make.routed())
    made = begun(token)
    made.press("go", "leave")
    made.press("go", "forget")
    made.open(f"/s/{token}")
    assert made.has("go", "start")


def test_start_pressed_again_by_the_back_button_keeps_what_was_saved() -> None:
    token = make.link(make.routed())
    made = begun(token)
    made.open(f"/s/{token}")
    made.press("go", "continue")
    kept = made.forms[0].fields
    again = {"token": token, "step": "welcome", "go": "start", "language": "nb"}
    response = made.client.post("/s/", again, **{"raadslag.now": made.now})
    assert kept["code"] in response.content.decode()
    assert "Fordi." in response.content.decode()


def test_the_page_shows_content_in_the_readers_language_and_says_where_it_cannot() -> None:
    survey = make.routed()
    norwegian, english = browser(make.link(survey, 1)), browser(make.link(survey, 2, language="en"))
    nynorsk = browser(make.link(survey, 3, language="nn"))
    assert "<h1>The partnership (nb)</h1>" in norwegian.text
    assert "<h1>The partnership (en)</h1>" in english.text
    assert '<h1 lang="nb">The partnership (nb)</h1>' in nynorsk.text
    assert '<html lang="nn">' in nynorsk.text


def test_switching_language_keeps_what_was_typed_and_saves_nothing() -> None:
    made = browser(make.link(make.routed()))
    made.press("go", "start")
    fields = {**made.forms[0].fields, "Q1_option": "yes", "Q1_text": " <i>Halv", "Q2_text": "Påbegynt", "speak": "en"}
    response = made.client.post("/s/", fields, **{"raadslag.now": made.now})
    made._take(response)
    assert (made.status, response["Content-Language"], rows()) == (200, "en", [])
    after = made.forms[0].fields
    assert {name: after[name] for name in ("Q1_option", "Q1_text", "Q2_text", "language", "code")} == {
        **{name: fields[name] for name in ("Q1_option", "Q1_text", "Q2_text", "code")}, "language": "en"
    }  # fmt: skip
    assert "What have you seen? (en)" in made.text


def test_errors_are_told_in_the_language_of_the_page_whatever_the_browser_prefers() -> None:
    made = browser(make.link(make.routed(), language="en"))
    made.client = Client(headers={"accept-language": "nb"})
    made.press("go", "start")
    made.press("go", "next", Q1_option="yes")
    assert ">Please write a few words about your answer.</a>" in made.text
    assert 'id="Q1_text-error">Please write a few words about your answer.</p>' in made.text


@pytest.mark.parametrize("step", ["welcome", "review", "receipt", "left"])
def test_every_state_can_be_read_in_another_language(step: str) -> None:
    made = at_review(make.link(make.routed()))
    fields = {**made.forms[0].fields, "step": step, "speak": "en"}
    before = rows()
    response = made.client.post("/s/", fields, **{"raadslag.now": made.now})
    assert (response.status_code, response["Content-Language"], rows()) == (200, "en", before)
    assert f'name="step" value="{step}"' in response.content.decode()


# --- Answered wrongly -------------------------------------------------------------------------------------


def test_errors_are_listed_and_linked_and_nothing_typed_is_lost() -> None:
    made = browser(make.link(make.routed()))
    made.press("go", "start")
    made.press("go", "next", Q1_option="yes", Q2_text="Dette skal ikke bli borte")
    assert (made.status, rows()) == (422, [])
    assert '<a href="#Q1_text">' in made.text
    assert 'id="Q1_text-error"' in made.text
    assert made.forms[0].fields["Q1_option"] == "yes"
    assert made.forms[0].fields["Q2_text"] == "Dette skal ikke bli borte"


def test_a_required_answer_passed_over_by_leaving_is_asked_for_at_the_end() -> None:
    survey = make.routed()
    made = begun(make.link(survey))
    made.press("go", "leave")
    fields = {**made.forms[0].fields, "step": "review", "go": "submit"}
    response = made.client.post("/s/", fields, **{"raadslag.now": made.now})
    assert response.status_code == 422
    assert '<a href="#Q3" lang="nb">' not in response.content.decode()
    assert '<a href="#Q3">A host office? (nb)</a>' in response.content.decode()
    assert SealedBallot.objects.get().final is False


def test_nothing_answered_is_nothing_to_submit() -> None:
    made = browser(make.link(make.routed()))
    made.press("go", "start")
    fields = {**made.forms[0].fields, "step": "review", "go": "submit"}
    response = made.client.post("/s/", fields, **{"raadslag.now": made.now})
    assert (response.status_code, rows()) == (200, [])
    assert 'name="step" value="page"' in response.content.decode()


# --- Already done -----------------------------------------------------------------------------------------


def test_submitting_twice_gives_one_ballot_and_one_receipt() -> None:
    survey = make.routed()
    made = at_review(make.link(survey))
    fields = {**made.forms[0].fields, "go": "submit"}
    pages = [made.client.post("/s/", fields, **{"raadslag.now": made.now}) for _press in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert all(fields["receipt"] in page.content.decode() for page in pages)
    assert len(rows()) == 1
    assert box_of(survey).receipt_hash == sealing.code_hash(survey.pk, fields["receipt"])


def test_a_receipt_that_the_browser_has_chosen_is_not_the_one_that_counts() -> None:
    survey = make.routed()
    made = at_review(make.link(survey))
    fields = {**made.forms[0].fields, "go": "submit"}
    chosen = "aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-a"

    def sent(**changed: str) -> str:
        response = made.client.post("/s/", {**fields, **changed}, **{"raadslag.now": made.now})
        assert response.status_code == 200
        return response.content.decode()

    for mark in ("", fields["receipt_mark"]):
        assert chosen not in sent(receipt=chosen, receipt_mark=mark)
        assert box_of(survey).receipt_hash != sealing.code_hash(survey.pk, chosen)
    # Nor does the page in another language show a receipt that was not given.
    assert chosen not in sent(step="receipt", speak="nn", receipt=chosen, go="")
    assert fields["receipt"] in sent(step="receipt", speak="nn", go="")


# --- Cost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("others", [0, 2])
def test_statements_per_request(others: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    survey = make.routed()
    token = make.link(survey)
    for number in range(others):
        make.answered(make.voter(survey), {"Q1": {"option": "no", "text": "x"}, "Q3": {"option": "no"}})
        make.link(survey, number + 2)
    browser(token)  # the edition is read once a process
    made = Browser(make.DURING)
    with django_assert_num_queries(1):
        made.open(f"/s/{token}")
    with django_assert_num_queries(1):
        made.press("go", "start")
    with django_assert_num_queries(3):
        made.press("go", "next", Q1_option="yes", Q1_text="x")
    with django_assert_num_queries(3):
        made.press("go", "next", Q3_option="no")
    with django_assert_num_queries(3):
        made.press("go", "submit")


def test_the_first_load_is_small() -> None:
    """The page, one style sheet and the mark: three requests, and little to carry over a poor network."""
    made = browser(make.link(make.routed()))
    files = re.findall(r'<link [^>]*href="/static/([^"]+)"', made.text)
    assert files == ["images/mark.svg", "css/site.css"]
    assert re.findall(r"<script|<img|<iframe| style=", made.text) == []
    # The page itself is sent as it is, what stands beside it compressed.
    size = len(made.text.encode()) + sum(
        len(gzip.compress(Path(str(finders.find(name))).read_bytes())) for name in files
    )
    assert size <= 25_000
