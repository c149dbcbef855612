"""The door of open links: what is shown, who gets a ballot, what is refused, and that nothing leads back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from consult.reference.browsing import Browser
from surveys import answering, informing
from surveys.box import keyring, sealing
from surveys.models import OpenLink, SealedBallot
from surveys.ways import bearing, limiting, linking
from tests import make
from tests.page import parse
from tests.surveys.ways import making

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _easy(monkeypatch: pytest.MonkeyPatch) -> None:
    making.easy(monkeypatch)
    cache.clear()


def post(client: Client, **fields: str):
    return client.post("/o/", fields, **{"raadslag.now": make.DURING})


def box_of(link: OpenLink) -> sealing.Box:
    row = SealedBallot.objects.get()
    keys = keyring.keys(link.survey.key_id)
    return sealing.unseal(keys, link.survey.pk, bytes(row.locator), row.version, row.final, bytes(row.box))


def test_the_whole_way() -> None:
    link = making.link(facts={"region": "north"})
    making.submitted(link)
    box = box_of(link)
    assert (box.way, box.facts, box.final["Q3"]) == ("open", {"region": "north"}, {"option": "no"})


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_writes_nothing(client: Client, method: str) -> None:
    link = making.link()
    for address in (f"/o/{link.code}", f"/o/{link.code.lower()}", f"/o/{link.spaced_code}/", "/o/"):
        assert getattr(client, method)(address, **{"raadslag.now": make.DURING}).status_code == 200
    link.refresh_from_db()
    assert (link.handed, making.ballots(), making.counters()) == (0, [], [])


def test_starting_writes_one_number_and_no_ballot() -> None:
    link = making.link()
    making.started(link)
    link.refresh_from_db()
    assert (link.handed, making.ballots()) == (1, [])


def test_two_who_come_by_it_have_a_ballot_each() -> None:
    link = making.link()
    making.submitted(link)
    making.submitted(link)
    assert [(final, version) for _place, final, version in making.ballots()] == [(True, 3), (True, 3)]


def test_pressing_submit_twice_is_one_answer() -> None:
    link = making.link()
    browser = making.started(link)
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    browser.press("go", "next", Q3_option="no")
    form = next(each for each in browser.forms if each.fields.get("step") == "review")
    receipts = {parse(post(Client(), **{**form.fields, "go": "submit"})).find("samp").text for _time in range(2)}
    assert len(receipts) == 1
    assert len(making.ballots()) == 1


def test_the_ballot_is_gone_on_with_by_its_own_link_and_code() -> None:
    browser = making.started(making.link())
    page = parse(browser.text)
    own, code = page.find("section", "new-code").find("a").get("href"), page.find("samp", "code").text
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    other = Browser(make.DURING)
    other.open(own)
    other.press("go", "code", typed=code)
    assert other.forms[-1].fields["page"] == "2"


def test_the_own_link_alone_shows_nothing_of_what_was_written() -> None:
    browser = making.started(making.link())
    own = parse(browser.text).find("section", "new-code").find("a").get("href")
    browser.press("go", "next", Q1_option="yes", Q1_text="Hemmelig.")
    browser.press("go", "back")
    assert "Hemmelig." in browser.text
    other = Browser(make.DURING)
    other.open(own)
    other.press("go", "start")
    assert "Hemmelig." not in other.text


def test_scanning_again_on_the_same_phone_offers_to_go_on() -> None:
    link = making.link()
    browser = making.started(link)
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    browser.open(f"/o/{link.code}")
    browser.press("go", "continue")
    assert browser.forms[-1].fields["page"] == "2"
    link.refresh_from_db()
    assert link.handed == 1


@pytest.mark.parametrize("lacks", ["answer", "challenge"])
def test_without_a_solved_sum_one_waits(client: Client, lacks: str) -> None:
    link = making.link()
    browser = making.at(link)
    fields = browser.forms[0].fields
    fields |= {"answer": making.solved(fields["challenge"]), "go": "start"}
    answer = parse(post(client, **{**fields, lacks: ""}))
    assert answer.all("input", name="ticket")
    link.refresh_from_db()
    assert link.handed == 0


def test_without_a_script_the_ticket_is_good_after_the_wait_and_once() -> None:
    link = making.link()
    browser = making.at(link)
    browser.press("go", "start")
    ticket = dict(browser.forms[0].fields)
    browser.press("go", "start")  # too early
    assert browser.forms[0].fields["ticket"] == ticket["ticket"]
    browser.now += timedelta(seconds=15)
    browser.press("go", "start")
    assert browser.forms[-1].fields["step"] == "page"
    again = Browser(browser.now)
    again.open(f"/o/{link.code}")
    again.press("go", "start", ticket=ticket["ticket"])
    assert again.forms[0].fields["ticket"] != ticket["ticket"]
    link.refresh_from_db()
    assert link.handed == 1


def test_a_sum_is_good_for_one_ballot(client: Client) -> None:
    link = making.link()
    fields = making.at(link).forms[0].fields
    fields |= {"answer": making.solved(fields["challenge"]), "go": "start"}
    assert "new-code" in post(client, **fields).content.decode()
    assert "new-code" not in post(Client(), **fields).content.decode()
    link.refresh_from_db()
    assert link.handed == 1


@pytest.mark.parametrize("mend", ["other link", "old", "wrong", "forged", "easier"])
def test_a_sum_that_is_not_good(client: Client, mend: str) -> None:
    link = making.link()
    fields = making.at(link).forms[0].fields
    challenge = fields["challenge"]
    now = make.DURING
    if mend == "other link":
        challenge = making.at(making.link(link.survey, "Et annet")).forms[0].fields["challenge"]
    elif mend == "old":
        now += timedelta(minutes=31)
    elif mend == "forged":
        challenge = challenge.replace(".", ".0", 1)
    elif mend == "easier":
        challenge = re.sub(r"^(\d+)\.1\.", r"\1.0.", challenge)
    answer = making.solved(challenge) if mend != "wrong" else "-1"
    fields |= {"challenge": challenge, "answer": answer, "go": "start"}
    answer = client.post("/o/", fields, **{"raadslag.now": now})
    assert parse(answer).all("input", name="ticket")
    link.refresh_from_db()
    assert link.handed == 0


def test_no_more_ballots_than_allowed() -> None:
    link = making.link(most=10)
    OpenLink.objects.filter(pk=link.pk).update(handed=9)
    browser = making.at(link)
    late = making.at(link)
    browser.press("go", "start", answer=making.solved(browser.forms[0].fields["challenge"]))
    late.press("go", "start", answer=making.solved(late.forms[0].fields["challenge"]))
    assert (browser.status, late.status) == (200, 403)
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")  # who has begun goes on
    assert browser.forms[-1].fields["page"] == "2"


def test_turned_off_while_someone_is_in_the_middle() -> None:
    link = making.link()
    browser = making.started(link)
    linking.turn_off(link, make.DURING)
    stranger = Browser(make.DURING)
    stranger.open(f"/o/{link.code}")
    assert stranger.status == 403
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    browser.press("go", "next", Q3_option="no")
    browser.press("go", "submit")
    assert making.ballots()[0][1] is True
    linking.turn_on(link)
    making.at(link)


def test_before_and_after_its_period() -> None:
    link = making.link(opens_at=make.DURING, closes_at=make.DURING + timedelta(hours=2))
    for moment, status in [(-1, 403), (0, 200), (7199, 200), (7200, 410)]:
        browser = Browser(make.DURING + timedelta(seconds=moment))
        browser.open(f"/o/{link.code}")
        assert browser.status == status, moment


def test_after_the_deadline_nothing_more_is_taken() -> None:
    link = making.link()
    browser = making.started(link)
    browser.now = make.AFTER
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    assert (browser.status, making.ballots()) == (410, [])


def test_the_key_of_another_survey_opens_nothing(client: Client) -> None:
    link, other = making.link(), making.link(make.routed("annen"))
    key = bearing.new_key(link)
    for forged in (other.code.lower() + key[8:], key[:-1] + ("a" if key[-1] != "a" else "b"), key[:30], "x" * 50, ""):
        answer = post(client, token=forged, step="page", page="1", code="ABCDEFGH", go="next", Q1_option="yes")
        assert answer.status_code in (400, 404), forged
    assert making.ballots() == []


def test_facts_cannot_be_chosen_by_the_browser(client: Client) -> None:
    link = making.link(facts={"region": "north"})
    browser = making.started(link)
    browser.press(
        "go", "next", Q1_option="yes", Q1_text="Fordi.", region="south", facts='{"region":"south"}', way="paper"
    )
    browser.press("go", "next", Q3_option="no", way="paper")
    browser.press("go", "submit", way="paper")
    assert (box_of(link).facts, box_of(link).way) == ({"region": "north"}, "open")


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_other_methods(client: Client, method: str) -> None:
    link = making.link()
    for address in ("/o/", f"/o/{link.code}"):
        assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize("typed", ["", "x", "A" * 9, "Ω" * 8, "IIIIIIII", "<b>'\";--", "K7MPQ2RT", "a" * 5000, "%00"])
def test_a_code_that_is_none(client: Client, typed: str) -> None:
    making.link()
    answer = post(client, step="find", typed=typed)
    assert (answer.status_code, bool(parse(answer).all("input", id="typed"))) == (404, True)


def test_a_code_as_typed_from_the_poster(client: Client) -> None:
    link = making.link()
    answer = post(client, step="find", typed=f" {link.code[:4].lower()} – {link.code[4:].lower()}")
    assert (answer.status_code, answer["Location"]) == (303, f"/o/{link.code}")


@pytest.mark.parametrize("step", ["", "open", "page", "welcome", "kiosk", "x"])
@pytest.mark.parametrize("go", ["", "next", "afresh"])
def test_something_incomplete_begins_nothing(client: Client, step: str, go: str) -> None:
    link = making.link()
    assert post(client, token=link.code, step=step, go=go).status_code == 400
    link.refresh_from_db()
    assert link.handed == 0


def test_too_many_from_one_address_do_not_shut_out_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiting, "WITH_SUM", limiting.Limit(link=100, address=3))
    link = making.link()

    def start(address: str) -> int:
        fields = making.at(link).forms[0].fields
        fields |= {"answer": making.solved(fields["challenge"]), "go": "start"}
        return Client().post("/o/", fields, REMOTE_ADDR=address, **{"raadslag.now": make.DURING}).status_code

    assert [start("192.0.2.7") for _time in range(5)] == [200, 200, 200, 429, 429]
    assert start("198.51.100.1") == 200
    # An IPv6 household is one; the limit is over after ten minutes.
    assert [start(f"2001:db8:0:{number:x}::1") for number in (1, 2, 3, 4)] == [200, 200, 200, 429]


def test_what_is_counted_names_no_address() -> None:
    link = making.link()
    making.started(link)
    assert making.counters()
    raw = cache._cache.get_client()  # the keys as they lie in Redis
    names = [key.decode() for key in raw.keys("*")]
    values = [raw.get(key) for key in raw.keys("*")]
    assert any("ways/" in name for name in names)
    assert not [name for name in names if "127.0.0.1" in name or "7f000001" in name]
    assert not [value for value in values if value and b"127.0.0.1" in value]


def test_the_page_says_what_is_kept() -> None:
    link = making.link(facts={"role": "chief"})
    page = parse(making.at(link).text)
    assert "letter" not in page.find("section", "notice").text
    assert [each for each in page.all("details") if "HTV" in each.text]


@pytest.mark.parametrize("way", ["open", "kiosk", "own"])
def test_the_page_says_who_asks_and_nothing_of_letters(way: str, settings: Settings) -> None:
    settings.UNION_NAME = "Prøveforbundet"
    link = making.link(is_kiosk=way == "kiosk")
    address = f"/o/{making.started(link).forms[-1].fields['token']}" if way == "own" else f"/o/{link.code}"
    page = parse(Client().get(address, headers={"accept-language": "en"}, **{"raadslag.now": make.DURING}))
    assert page.find("p", "asker").text == "Prøveforbundet asks you"
    assert "hjelp@forbundet.example" in page.find("section", "whom").text
    said = page.find("section", "privacy").text
    assert "Prøveforbundet is responsible for the data." in said
    assert "it means to do so by 15 March 2028" in said
    assert f"Edition {informing.VERSION} of this information." in said
    assert [words for words in ("letter", "Your name, address", "you were asked", "on ,") if words in said] == []
    assert ("You can read your own with your own link and your code." in said) == (way != "kiosk")


def test_the_own_link_says_what_is_kept_as_well() -> None:
    browser = making.started(making.link(facts={"role": "chief"}))
    browser.open(parse(browser.text).find("section", "new-code").find("a").get("href"))
    assert [each for each in parse(browser.text).all("details") if "HTV" in each.text]


def test_headers_and_cookies(client: Client) -> None:
    link = making.link()
    fields = making.at(link).forms[0].fields
    fields |= {"answer": making.solved(fields["challenge"]), "go": "start"}
    answer = post(client, **fields)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Robots-Tag"] == "noindex"
    assert {name: bool(each["httponly"] and each["secure"]) for name, each in answer.cookies.items()} == {
        f"__Host-ballot-{link.pk}": True,
        f"__Host-resume-{link.survey_id}": True,
    }


def test_reading_needs_the_code_and_guesses_are_counted() -> None:
    link = making.link()
    browser = making.started(link)
    own = parse(browser.text).find("section", "new-code").find("a").get("href")
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    other = Browser(make.DURING)
    for _time in range(answering.WRONG_CODES_ALLOWED + 1):
        other.open(own)
        other.press("go", "code", typed="ABCD EFGH")
    assert other.status == 429
