"""Entering answers for others: who may, through which pages, and that nothing comes back out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from consult import entering
from consult.models import Invitation
from consult.reference.browsing import Browser
from surveys.box import keyring, sealing
from surveys.models import EntryTally, SealedBallot, Survey
from tests import cast, make
from tests.page import parse

pytestmark = pytest.mark.django_db

NO = {"Q1": {"option": "no", "text": "Nei."}, "Q3": {"option": "no"}}


def enterer(name: str = "enterer"):
    """Union staff who enter answers, and nothing else."""
    return cast._user(name, "surveys.enter_answers", "surveys.view_survey", staff=True)


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def desk(survey: Survey, client: Client, now=make.DURING) -> Browser:
    browser = Browser(now, client)
    browser.open(reverse("admin:consult_entry", args=[survey.pk]))
    return browser


def begun(survey: Survey, invitation: Invitation | None, client: Client | None = None, way: str = "paper") -> Browser:
    browser = desk(survey, client or signed_in(enterer()))
    if invitation is not None:
        browser.press("find", find=invitation.person.family_name)
    browser.press("go", str(invitation.pk) if invitation else "nobody", way=way)
    assert browser.status == 200, browser.text
    return browser


def finish(browser: Browser) -> Browser:
    browser.press("go", "start")
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    browser.press("go", "next", Q3_option="no")
    browser.press("go", "submit")
    assert browser.forms[-1].fields["step"] == "receipt", browser.text
    return browser


def invited(survey: Survey, number: int = 1) -> Invitation:
    make.link(survey, number, role="local")
    return Invitation.objects.select_related("person").get(survey=survey, person__number=str(number))


def box() -> sealing.Box:
    row = SealedBallot.objects.get()
    keys = keyring.keys(row.survey.key_id)
    return sealing.unseal(keys, row.survey_id, bytes(row.locator), row.version, row.final, bytes(row.box))


@pytest.mark.parametrize("way", ["paper", "telephone"])
def test_for_someone_invited(way: str) -> None:
    survey = make.routed()
    row = invited(survey)
    finish(begun(survey, row, way=way))
    assert (box().way, box().facts) == (way, None)
    assert bytes(SealedBallot.objects.get().locator) == sealing.locator(keyring.keys(survey.key_id), row.pk)


def test_for_someone_without_an_invitation() -> None:
    finish(begun(make.routed(), None))
    assert (box().way, box().facts) == ("paper", {})


def test_the_banner_says_for_whom_and_the_telephone_has_words_to_read() -> None:
    survey = make.routed()
    row = invited(survey)
    client = signed_in(enterer())
    page = parse(begun(survey, row, client, "telephone").text)
    assert str(row.person) in page.find("div", "way-banner").text
    assert page.all("section", "read-aloud")
    browser = begun(survey, row, client)
    assert not parse(browser.text).all("section", "read-aloud")
    browser.press("go", "start")
    assert str(row.person) in parse(browser.text).find("div", "way-banner").text
    assert not parse(browser.text).all("samp")  # no code to come back with
    assert not [name for name in browser.client.cookies if name.startswith("__Host-resume")]


def test_the_pages_are_the_same_whether_the_person_has_answered_or_not() -> None:
    survey = make.routed()
    pages = []
    client = signed_in(enterer())
    for number, has_answered in ((1, False), (2, True)):
        row = invited(survey, number)
        if has_answered:
            make.answered(make.voter(survey, row.pk), NO)
        browser = begun(survey, row, client)
        seen = [browser.text]
        for step in (
            {"go": "start"},
            {"go": "next", "Q1_option": "yes", "Q1_text": "Fordi."},
            {"go": "next", "Q3_option": "no"},
            {"go": "submit"},
        ):
            browser.press("go", step.pop("go"), **step)
            seen.append(browser.text)
        pages.append([parse(text).find("main").text.replace(str(row.person), "N. N.") for text in seen])
    receipt = [texts.pop() for texts in pages]
    assert pages[0] == pages[1]
    assert len(receipt[0]) == len(receipt[1])


def test_once_submitted_staff_see_nothing_of_it() -> None:
    survey = make.routed()
    browser = begun(survey, invited(survey))
    browser.press("go", "start")
    page = dict(browser.forms[-1].fields)
    browser.press("go", "next", Q1_option="yes", Q1_text="Bare mellom oss.")
    browser.press("go", "next", Q3_option="no")
    review = dict(browser.forms[-1].fields)
    browser.press("go", "submit")
    assert "Bare mellom oss." not in browser.text
    for fields in ({**review, "go": "page-1"}, {**review, "speak": "en"}, {**page, "go": "next", "Q2_text": "x"},
                   {**page, "step": "welcome", "go": "code", "typed": page["code"]}):  # fmt: skip
        again = browser.client.post("/e/", fields, **{"raadslag.now": make.DURING})
        assert "Bare mellom oss." not in again.content.decode()


def test_the_person_may_still_answer_and_the_last_counts() -> None:
    survey = make.routed()
    row = invited(survey)
    finish(begun(survey, row))
    make.answered(make.voter(survey, row.pk), NO)
    assert (SealedBallot.objects.count(), box().way, box().final["Q3"]) == (1, "", {"option": "no"})


def test_what_is_noted_names_nobody_and_no_time() -> None:
    survey = make.routed()
    user = enterer()
    client = signed_in(user)
    for number in (1, 2):
        begun(survey, invited(survey, number), client)
    begun(survey, None, client, "telephone")
    rows = EntryTally.objects.order_by("way").values_list("survey", "person", "way", "begun_on", "begun")
    day = make.DURING.date()
    assert list(rows) == [(survey.pk, user.pk, "paper", day, 2), (survey.pk, user.pk, "telephone", day, 1)]


@pytest.mark.parametrize("who", ["nobody", "outsider", "designer", "leader"])
def test_without_the_right(who: str) -> None:
    survey = make.routed()
    row = invited(survey)
    client = Client() if who == "nobody" else signed_in(getattr(cast, who)())
    address = reverse("admin:consult_entry", args=[survey.pk])
    assert client.get(address).status_code in (302, 403)
    assert client.post(address, {"go": str(row.pk), "way": "paper"}).status_code in (302, 403)
    key = entering.begin(survey, enterer().pk, "paper", row.pk, make.DURING)
    fields = {"token": key, "step": "page", "page": "1", "shown": "Q1", "code": "ABCDEFGH", "go": "next"}
    fields |= {"Q1_option": "yes"}
    answer = client.post("/e/", fields, **{"raadslag.now": make.DURING})
    assert (answer.status_code, SealedBallot.objects.count()) == (403, 0)


def test_signed_out_in_the_middle_loses_nothing() -> None:
    survey = make.routed()
    user = enterer()
    browser = begun(survey, None, signed_in(user))
    browser.press("go", "start")
    browser.client.logout()
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    assert browser.status == 403
    browser.client.force_login(user)
    browser.press("step")
    assert browser.forms[-1].fields["page"] == "2"


def test_a_key_is_for_one_user_and_two_hours() -> None:
    survey = make.routed()
    key = entering.begin(survey, enterer().pk, "paper", None, make.DURING)
    other = enterer("other")
    assert entering.admit(key, other.pk, make.DURING) is None
    assert entering.admit(key, enterer_pk(), make.DURING + timedelta(hours=2)) is None
    assert entering.admit(key, enterer_pk(), make.DURING) is not None
    assert entering.admit(key[:-1] + "x", enterer_pk(), make.DURING) is None
    assert entering.admit("", enterer_pk(), make.DURING) is None


def enterer_pk() -> int:
    return EntryTally.objects.get().person_id


@pytest.mark.parametrize(
    ("survey_of", "way", "whose"),
    [
        ("open", "letter", "nobody"), ("open", "", "nobody"), ("open", "paper", "x"), ("open", "paper", ""),
        ("open", "paper", "other"), ("planned", "paper", "nobody"), ("named", "paper", "nobody"),
    ],
)  # fmt: skip
def test_what_cannot_be_entered(survey_of: str, way: str, whose: str) -> None:
    if survey_of == "planned":
        survey = make.planned()
    else:
        survey = make.routed(promise="named" if survey_of == "named" else "anonymous")
    if whose == "other":
        whose = str(invited(make.routed("annen"), 7).pk)
    client = signed_in(enterer())
    answer = client.post(
        reverse("admin:consult_entry", args=[survey.pk]), {"go": whose, "way": way}, **{"raadslag.now": make.DURING}
    )
    page = parse(answer)
    assert answer.status_code == 200
    assert not list(page.all("input", name="token"))
    assert not EntryTally.objects.exists()


@pytest.mark.parametrize("text", ["", " ", "%", "_", "'; --", "x" * 5000, "\0", "<b>", "ingen"])
def test_a_search_that_finds_nobody(text: str) -> None:
    survey = make.routed()
    invited(survey)
    assert entering.find(survey, text) == []


def test_only_those_invited_to_this_survey_are_found() -> None:
    survey, other = make.routed(), make.routed("annen")
    mine, theirs = invited(survey, 1), invited(other, 2)
    assert [each.invitation for each in entering.find(survey, mine.person.number)] == [mine.pk]
    assert entering.find(survey, theirs.person.number) == []


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods(method: str) -> None:
    assert getattr(signed_in(enterer()), method)("/e/").status_code == 405


def test_a_foreign_key_gives_nothing() -> None:
    """A personal link's token, or an open link's, is no right to enter."""
    survey = make.routed()
    client = signed_in(enterer())
    for token in (make.link(survey, 3), "x" * 50, "", "a:b:c"):
        assert client.post("/e/", {"token": token, "step": "welcome", "go": "start"}).status_code == 403
