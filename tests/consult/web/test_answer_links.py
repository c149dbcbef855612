"""Links as mail programs and people make them: what can be mended is, and what cannot is told apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from consult.models import Invitation
from surveys.box import keyring, sealing
from surveys.models import Survey
from tests import make
from tests.consult.web.test_answer_refused import look, send
from tests.page import parse

pytestmark = pytest.mark.django_db

PLAIN = "abcdefghijklmnopqrstuvwxyz234567abcdefg"


@pytest.mark.parametrize(
    "typed",
    [
        PLAIN.upper(), PLAIN.title(), f" {PLAIN} ", PLAIN[:20] + "\n" + PLAIN[20:], PLAIN[:20] + " " + PLAIN[20:],
        PLAIN[:20] + "=\r\n" + PLAIN[20:], "-".join(PLAIN), PLAIN[:9] + "\u00ad" + PLAIN[9:],
        PLAIN[:9] + "\u200b" + PLAIN[9:], PLAIN + "\u200f", "\ufeff" + PLAIN, PLAIN + ".", PLAIN + ">)",
        f"<{PLAIN}>", f'"{PLAIN}"', f"*{PLAIN}*", f"_{PLAIN}_", f"({PLAIN})", f"[{PLAIN}]", PLAIN + "/", PLAIN + ";",
        PLAIN + "?fbclid=abc", PLAIN + "&data=05%7C01", PLAIN + "#:~:text=x", PLAIN.replace("o", "0"),
        PLAIN.replace("b", "8"), PLAIN.replace("l", "1"), PLAIN.replace("l", "I"), PLAIN.replace("i", "1"),
        PLAIN.replace("l", "|"), PLAIN.upper().replace("O", "0").replace("B", "8"), PLAIN.upper().replace("I", "1"),
        PLAIN.upper().replace("L", "1"), PLAIN.replace("i", "1").replace("l", "1"), PLAIN[:20] + "\u2011" + PLAIN[20:],
    ],
)  # fmt: skip
def test_what_may_be_meant_is_found(typed: str) -> None:
    assert PLAIN in sealing.spellings(typed)


@pytest.mark.parametrize(
    "typed",
    ["", "x", PLAIN[:-1], PLAIN + "a", PLAIN + PLAIN, "9" * 39, "é" * 39, "\x00" * 39, "١" * 39, "æ" + PLAIN[1:]],
)
def test_what_cannot_be_a_link_is_nothing(typed: str) -> None:
    assert sealing.spellings(typed) == ()


def test_not_many_are_tried_whatever_is_typed() -> None:
    assert len(sealing.spellings("I" * 39)) == 9
    assert len(sealing.spellings("1" * 39)) == 8
    assert sealing.spellings("l" * 39) == ("l" * 39,)
    assert sealing.spellings("a" * 1_000_000) == ()


def _typed_by_hand() -> Iterator[tuple[str, str]]:
    """A token that has each of the letters that are mistaken, and it as people type it."""
    survey = make.routed()
    for number in range(1, 200):
        token = make.link(survey, number)
        if {"o", "b", "l", "i"} <= set(token) and token.count("l") + token.count("i") <= sealing.MOST_DOUBTFUL:
            yield token, token.upper().replace("O", "0").replace("B", "8").replace("L", "1").replace("I", "1")
            return


def test_a_link_typed_from_paper_opens_and_carries_on_the_right_token() -> None:
    token, typed = next(_typed_by_hand())
    page = look(f"/s/{typed[:13]} {typed[13:]}.")
    assert page.status_code == 200
    assert {field.get("value") for field in parse(page).all("input", name="token")} == {token}
    begun = send({"token": typed, "step": "welcome", "go": "start"})
    assert parse(begun).find("input", name="token").get("value") == token


def test_the_code_kept_in_the_browser_is_found_however_the_link_was_typed() -> None:
    token = make.link(make.routed())
    client = Client()
    send({"token": token.upper(), "step": "welcome", "go": "start"}, client=client)
    page = client.get(f"/s/{token}", **{"raadslag.now": make.DURING})
    assert parse(page).all("button", value="continue")


def _headings(language: str) -> dict[str, tuple[int, str]]:
    """{what is wrong with the link: (status, heading)}."""
    survey = make.routed()
    token = make.link(survey, language=language)
    old = make.link(survey, 2, language=language)
    Invitation.objects.filter(person__number="2").update(generation=2)
    far = make.link(make.routed("ended"), 3, language=language)
    Survey.objects.filter(code="ended").update(stopped_at=make.DURING)
    gone = make.link(make.routed("destroyed"), 4, language=language)
    Survey.objects.filter(code="destroyed").update(stopped_at=make.DEADLINE)
    Survey.objects.filter(code="destroyed").update(closed_at=make.AFTER)
    keyring.destroy(Survey.objects.get(code="destroyed").key_id)
    asked = {
        "cut off": (token[:-3], make.DURING),
        "mistyped": (token[:-1] + ("a" if token[-1] != "a" else "b"), make.DURING),
        "replaced": (old, make.DURING), "early": (token, make.OPENS.replace(year=2025)), "late": (token, make.AFTER),
        "ended early": (far, make.DURING), "destroyed": (gone, make.AFTER),
    }  # fmt: skip
    found = {}
    for name, (link, now) in asked.items():
        page = Client().get(f"/s/{link}", **{"raadslag.now": now, "HTTP_ACCEPT_LANGUAGE": language})
        assert parse(page).find("html").get("lang") == language
        assert parse(page).find(class_="whom").find("a").get("href") == "mailto:hjelp@forbundet.example"
        found[name] = (page.status_code, parse(page).find("h1").text)
    return found


def test_each_way_a_link_can_fail_has_its_status_and_says_whom_to_ask() -> None:
    assert _headings("en") == {
        "cut off": (404, "This link is not whole"),
        "mistyped": (404, "We do not know this link"),
        "replaced": (410, "There is a newer link for you"),
        "early": (403, "The survey has not opened yet"),
        "late": (410, "The survey is closed"),
        "ended early": (410, "The survey is closed"),
        "destroyed": (410, "The survey is closed"),
    }


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_they_are_told_in_the_persons_language(language: str) -> None:
    # Each says something of its own; the words themselves are the translators'.
    statuses = [status for status, _heading in _headings(language).values()]
    assert statuses == [404, 404, 410, 403, 410, 410, 410]


def test_a_survey_that_was_ended_early_says_so() -> None:
    survey = make.routed()
    token = make.link(survey, language="en")
    late = parse(look(f"/s/{token}", make.AFTER)).find("main").text
    Survey.objects.filter(pk=survey.pk).update(stopped_at=make.DURING)
    assert "It was ended before its deadline." in parse(look(f"/s/{token}")).find("main").text
    assert "It was ended before its deadline." not in late


def test_an_earlier_link_writes_nothing_and_opens_nothing() -> None:
    survey = make.routed()
    token = make.link(survey)
    survey.invitations.update(generation=6)
    assert look(f"/s/{token}").status_code == 404, "of long ago: known no more"
    survey.invitations.update(generation=5)
    assert look(f"/s/{token}").status_code == 410
    assert send({"token": token, "step": "welcome", "go": "start"}).status_code == 410


def test_generation_nought_was_never_sent() -> None:
    survey = make.routed()
    make.link(survey)
    row = survey.invitations.get()
    keys = keyring.keys(survey.key_id)
    never = sealing.link_token(keys, survey.pk, row.pk, row.selector, 0)
    assert look(f"/s/{never}").status_code == 404


def test_already_answered_is_not_told_by_the_link_alone() -> None:
    """What lies in the box is for whoever has the code; see docs/anonymity.md."""
    from tests.consult.web.test_answer import at_review

    survey = make.routed()
    token, fresh = make.link(survey, language="en"), make.link(survey, 2, language="en")
    mine = at_review(token)
    mine.press("go", "submit")
    assert look(f"/s/{token}").content.replace(token.encode(), b"") == look(f"/s/{fresh}").content.replace(
        fresh.encode(), b""
    )
    mine.open(f"/s/{token}")
    mine.press("go", "continue")
    with translation.override("en"):
        assert "You have submitted before." in mine.text
