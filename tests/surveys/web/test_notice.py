"""What people are told before they start: who asks, how long it takes, and what the law demands (GDPR 13 and 14)."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from surveys import assuring, informing
from surveys.rules import effort
from surveys.structure import edition_view
from tests import make
from tests.page import Node, parse

pytestmark = pytest.mark.django_db

TEMPLATES = Path(__file__).parents[3] / "templates/surveys"
# The first 16 digits of SHA-256 of the words, by the edition of them. A change of meaning is a new edition: count
# `informing.VERSION` up and add a line. A change that says the same in other words may replace its line.
WORDS = {3: "d1e6f050450b8fc9"}


def _welcome(promise: str = "anonymous", language: str = "en", **plan: Any) -> Node:
    token = make.link(make.routed(promise=promise, **plan), language=language)
    response = Client().get(f"/s/{token}", **{"raadslag.now": make.DURING})
    assert response.status_code == 200
    return parse(response)


def test_changed_words_are_a_new_edition() -> None:
    words = b"".join((TEMPLATES / name).read_bytes() for name in ("assurance.html", "privacy.html"))
    assert hashlib.sha256(words).hexdigest()[:16] == WORDS[informing.VERSION]
    assert max(WORDS) == informing.VERSION


def test_everything_the_law_demands_is_one_tap_away(settings: Settings) -> None:
    settings.UNION_NAME, settings.CONTACT_PHONE = "Prøveforbundet <b>", "+47 22 33 44 55"
    settings.DATA_PROTECTION_OFFICER, settings.DATA_PROCESSORS = "vern@forbundet.example", "Drift AS, Oslo"
    page = _welcome()
    notice = page.find("section", class_="privacy")
    said = notice.text
    demanded = {
        "controller": "Prøveforbundet <b> is responsible", "contact": "hjelp@forbundet.example",
        "telephone": "+47 22 33 44 55", "officer": "Data protection officer: vern@forbundet.example",
        "purpose": "Purpose: to find out", "basis": "article 6(1)(f)", "special category": "article 9(2)(d)",
        "source": "come from the union's register", "recipients": "Afterwards those in the union who work with",
        "processors": "Drift AS, Oslo", "letters": "erased on 14 April 2026",
        "invitation": "you were asked on 14 April 2026",
        "answers": "it means to do so by 15 March 2028", "voluntary": "Answering is voluntary",
        "access and so on": "see, correct, restrict or delete", "objection": "object to being asked",
        "complaint": "datatilsynet.no", "machines": "No decision about you is made by a machine.",
        "edition": "Edition 3",
    }  # fmt: skip
    assert {what for what, words in demanded.items() if words not in said} == set()
    # One tap: each part is a <details> of its own, closed at first.
    assert [each.get("open") for each in notice.all("details")] == [None] * 4
    assert {link.get("href") for link in notice.all("a")} == {
        "mailto:hjelp@forbundet.example", "tel:+4722334455", "https://www.datatilsynet.no/", "/receipt/"
    }  # fmt: skip


def test_a_named_survey_says_that_answers_have_names() -> None:
    said = _welcome("named").find("section", class_="privacy").text
    assert "see your answers with your name" in said
    assert "The letters we sent you are erased on 14 April 2026." in said
    assert "without names" not in said
    assert "key is deleted" not in said


def test_without_names_in_the_configuration_nothing_is_made_up(settings: Settings) -> None:
    settings.UNION_NAME = settings.CONTACT_EMAIL = ""
    page = _welcome()
    assert "The union that sent you the letter is responsible for the data." in page.text
    assert page.all(class_="asker") == page.all(class_="whom") == []
    assert page.all("a", href="mailto:") == []


def test_dates_follow_the_survey_and_the_configuration(settings: Settings) -> None:
    survey = make.opened()
    told = informing.inform(survey)
    # The deadline, 15 March at 22 in UTC, is 23 in Oslo.
    assert (told.letters_until, told.answers_until) == (date(2026, 4, 14), date(2028, 3, 15))
    settings.CLEAN_DAYS = 10
    told = informing.inform(survey)
    assert (told.letters_until, told.invitation_until) == (date(2026, 3, 25), assuring.assure(survey).clean_on)


def test_two_years_after_a_leap_day() -> None:
    assert informing._years_after(date(2028, 2, 29), 2) == date(2030, 2, 28)


@pytest.mark.parametrize(
    ("stated", "reckoned", "told"),
    [(None, 7, (7, 7)), (7, 7, (7, 7)), (8, 7, (8, 8)), (6, 7, (6, 6)), (5, 7, (5, 7)), (30, 7, (7, 30)),
     (1, 2, (1, 1)),
     (25, 30, (25, 25)), (24, 30, (24, 30))],
)  # fmt: skip
def test_the_time_told_is_honest(
    stated: int | None, reckoned: int, told: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = edition_view(make.edition().pk)
    object.__setattr__(view, "minutes", stated)
    monkeypatch.setattr(effort, "minutes", lambda *_: reckoned)
    assert effort.told(view) == told


def test_the_welcome_page_says_the_time_and_the_deadline() -> None:
    page = _welcome()
    # Stated: 5 minutes; reckoned from its words and kinds.
    view = edition_view(make.Survey.objects.get().edition_id)
    least, most = effort.told(view, "en")
    assert least <= 5 <= most
    words = f"Takes {least} to {most} minutes" if least != most else f"Takes about {most} minutes"
    assert words in page.find("main").text
    assert "Open until Sunday 15 March 2026, 23:00." in page.find("main").text


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_accessibility_statement(language: str) -> None:
    response = Client().get(f"/accessibility/?language={language}")
    page = parse(response)
    assert (response.status_code, response["Content-Language"], page.find("html").get("lang")) == (
        200,
        language,
        language,
    )
    assert page.find("a", href="https://www.uutilsynet.no/").get("rel") == "noreferrer"
    assert len(page.all("a", href="mailto:hjelp@forbundet.example")) == 1
    assert [link.get("lang") for link in page.all("a", aria_current="true")] == [language]
    assert response.cookies == {}


def test_the_statement_takes_no_nonsense_and_no_other_method() -> None:
    for strange in ("xx", "se", "<script>", "nb" * 500, "..%2fen"):
        response = Client().get("/accessibility/", {"language": strange})
        assert (response.status_code, response["Content-Language"]) == (200, "nb")
    assert Client().head("/accessibility/").status_code == 200
    assert {Client().generic(method, "/accessibility/").status_code for method in ("POST", "PUT", "DELETE")} == {405}


def test_it_is_one_tap_away_without_telling_where_one_came_from() -> None:
    link = _welcome(language="nn").find("footer").find("a")
    assert (link.get("href"), link.get("rel")) == ("/accessibility/?language=nn", "noreferrer")
    assert link.get("target") == "_blank"


def test_nothing_beside_the_first_page_is_told_its_address() -> None:
    """The address is the link itself; a Referer would carry it into the log of whatever stands before the service."""
    page = _welcome()
    assert [link.get("referrerpolicy") for link in page.find("head").all("link")] == ["no-referrer"] * 2
    leading_away = [a for a in page.all("a") if not (a.get("href") or "").startswith(("#", "mailto:", "tel:"))]
    assert {link.get("href") for link in leading_away} == {
        "https://www.datatilsynet.no/",
        "/accessibility/?language=en",
        "/receipt/",
    }
    assert {link.get("rel") for link in leading_away} == {"noreferrer"}
