"""The door of the personal link and hostile input: refused in words, and nothing is stored."""

from __future__ import annotations

from unittest import mock

import pytest
from django.test import Client

from surveys.box import sealing
from tests import make
from tests.consult.web.test_answer import at_review, begun, box_of, browser, rows
from tests.consult.web.test_answer_refused import MIB, look, send

pytestmark = pytest.mark.django_db


# --- Malformed --------------------------------------------------------------------------------------------


def test_the_address_without_a_link_explains_itself() -> None:
    assert look("/s/").status_code == 400
    assert send({}).status_code == 400
    assert send({"step": "page"}).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": ""}, {"step": "nonsense"}, {"step": "page"}, {"step": "page", "page": "0", "code": "23456789"},
        {"step": "page", "page": "99", "code": "23456789"}, {"step": "page", "page": "-1", "code": "23456789"},
        {"step": "page", "page": "١", "code": "23456789"}, {"step": "page", "page": "9" * 500, "code": "23456789"},
        {"step": "page", "page": "1", "code": "short"}, {"step": "page", "page": "1", "code": ""},
        {"step": "review"}, {"step": "left", "go": "continue"}, {"step": "receipt"}, {"step": "welcome", "go": "x"},
        {"step": "page\x00", "page": "1"},
    ],
)  # fmt: skip
def test_what_is_incomplete_leads_gently_to_the_start(wrong: dict[str, str]) -> None:
    response = send({"token": make.link(make.routed()), "language": "nb", **wrong})
    assert (response.status_code, rows()) == (400, [])
    assert 'name="go" value="start"' in response.content.decode()


def test_unknown_languages_pages_and_receipts_fall_back() -> None:
    mine = at_review(make.link(make.routed()))
    fields = mine.forms[0].fields
    page = send({**fields, "language": "xx", "speak": "../en", "go": "page-77"})
    assert (page.status_code, page["Content-Language"]) == (200, "nb")
    done = send({**fields, "receipt": "<script>", "go": "submit"})
    assert done.status_code == 200
    assert "<script>" not in done.content.decode()


def test_too_much_is_refused_politely_and_nothing_is_saved() -> None:
    token = make.link(make.routed())
    mine = begun(token)
    before = rows()
    fields = mine.forms[0].fields
    big = send({**fields, "Q3_text": "x" * (2 * MIB)})
    many = send({**fields, **{f"f{number}": "1" for number in range(3000)}})
    urlencoded = Client().generic(
        "POST",
        "/s/",
        b"token=" + b"a" * (2 * MIB),
        "application/x-www-form-urlencoded",
        **{"raadslag.now": make.DURING},
    )
    assert [big.status_code, many.status_code, urlencoded.status_code] == [413, 413, 413]
    assert "1024" in urlencoded.content.decode().replace("\xa0", "").replace(" ", "")
    assert rows() == before


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xff\xfe\xfd", "application/x-www-form-urlencoded"), (b"token=%FF%FE", "application/x-www-form-urlencoded"),
        (b"token=a", "application/x-www-form-urlencoded; charset=latin-1"), (b"{", "application/json"),
        (b"--x\r\n", "multipart/form-data; boundary=x"), (b"nonsense", "multipart/form-data"), (b"", "text/plain"),
    ],
)  # fmt: skip
def test_bodies_that_are_no_form(body: bytes, content_type: str) -> None:
    response = Client().generic("POST", "/s/", body, content_type, **{"raadslag.now": make.DURING})
    assert response.status_code in (400, 404)
    assert b"<h1>" in response.content


def test_more_than_the_box_holds_keeps_what_was_typed() -> None:
    survey = make.routed()
    mine = begun(make.link(survey))
    before = rows()
    with mock.patch.object(sealing, "ROOM", 1024):
        mine.press("go", "back")
        mine.press("go", "next", Q1_text="langt " * 300)
    assert (mine.status, rows()[0][0]) == (413, before[0][0])
    assert mine.forms[0].fields["Q1_text"] == "langt " * 300
    assert (box_of(survey).draft)["Q1"] == {"option": "yes", "text": "Fordi."}


HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}{% debug %}", "</textarea><b>x",
    '=HYPERLINK("http://x")', "'; DROP TABLE surveys_sealedballot; --", "%s%n%(x)s",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_written_and_shown_as_text(text: str) -> None:
    survey = make.routed()
    mine = browser(make.link(survey))
    mine.press("go", "start")
    mine.press("go", "next", Q1_option="yes", Q1_text=text, Q2_text=text)
    assert (box_of(survey).draft)["Q2"] == {"text": text}
    mine.press("go", "next", Q3_option="no")
    assert "<script>alert" not in mine.text
    assert "<img src=x" not in mine.text
    assert "49" not in mine.text.split("<ol", 1)[1].split("</ol>")[0]
    mine.press("go", "page-1")
    assert mine.forms[0].fields["Q2_text"] == text


def test_characters_that_cannot_be_shown_are_sent_back_with_a_message() -> None:
    mine = browser(make.link(make.routed()))
    mine.press("go", "start")
    for text in ("null\x00byte", "bell\x07", "escape\x1b[2J"):
        mine.press("go", "next", Q2_text=text)
        assert (mine.status, rows()) == (422, [])
        assert 'id="Q2_text-error"' in mine.text


def test_an_option_that_was_not_offered() -> None:
    mine = browser(make.link(make.routed()))
    mine.press("go", "start")
    mine.press("go", "next", Q1_option="perhaps", Q1_text="x")
    assert (mine.status, rows()) == (422, [])
