"""The door of the receipt."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from surveys import answering, closing
from surveys.models import Response, Withdrawal
from surveys.web.receipt import WRONG_RECEIPTS_ALLOWED
from tests import cast, make
from tests.page import Node, parse

pytestmark = pytest.mark.django_db

GIVEN = {"Q1": {"option": "yes", "text": "Hemmelig."}, "Q2": {"option": "good"}}
NOBODYS = "abcde-" * 5 + "a"


@pytest.fixture(autouse=True)
def alone(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1
    cache.clear()


@pytest.fixture
def receipt() -> str:
    return closed("yes")[0]


def closed(said: str = "", promise: str = "anonymous", people: int = 2) -> list[str]:
    survey = make.opened(promise=promise, asks_quoting=bool(said))
    voters = [make.voter(survey) for _ in range(people)]
    receipts = []
    for voter in voters:
        answering.save(voter, "AAAABBBB", GIVEN, "nb", make.DURING)
        receipts.append(answering.submit(voter, "AAAABBBB", make.DURING, may_quote=said))
    make.closed(survey, voters, cast.designer())
    return receipts


def post(fields: dict[str, str], **extra: Any) -> Any:
    return Client().post("/receipt/", {"language": "en", **fields}, **{"raadslag.now": make.AFTER, **extra})


def main(answer: Any) -> Node:
    return parse(answer).find("main")


def counts() -> tuple[int, int]:
    return Response.objects.count(), Withdrawal.objects.count()


def test_the_address_others_rely_on() -> None:
    assert reverse("receipt") == "/receipt/"


def test_looking_shows_the_form_and_is_kept_by_nobody() -> None:
    answer = Client().get("/receipt/")
    assert answer.status_code == 200
    assert [each.get("name") for each in main(answer).all("input")] == ["language", "receipt"]
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex")
    assert answer.cookies == {}
    assert Client().head("/receipt/").status_code == 200


def test_found_asked_and_gone(receipt: str) -> None:
    found = post({"receipt": receipt, "go": "find"})
    assert found.status_code == 200
    assert "Puls" in main(found).text
    assert "Hemmelig" not in found.content.decode()
    sure = post({"receipt": receipt, "go": "withdraw"})
    assert (sure.status_code, counts()) == (200, (2, 0))
    assert [each.get("value") for each in main(sure).all("button")] == ["withdraw-now", "find"]
    done = post({"receipt": receipt, "go": "withdraw-now"})
    assert (done.status_code, counts()) == (200, (1, 1))
    for go in ("find", "withdraw", "withdraw-now", "quoting"):
        assert (post({"receipt": receipt, "go": go, "quoting": "yes"}).status_code, counts()) == (422, (1, 1))


def test_a_named_answer_too() -> None:
    receipt = closed(promise="named")[0]
    assert "stay as they are." in main(post({"receipt": receipt, "go": "withdraw"})).text
    assert (post({"receipt": receipt, "go": "withdraw-now"}).status_code, counts()) == (200, (1, 1))


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_the_wrong_method(method: str) -> None:
    answer = getattr(Client(), method)("/receipt/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    "fields",
    [
        {"receipt": NOBODYS, "go": "withdraw-now"}, {"receipt": "x", "go": "find"}, {"receipt": "\x00", "go": "find"},
        {"receipt": "", "go": "find"}, {"go": "find"}, {"receipt": "<b>", "go": "withdraw-now"},
        {"receipt": "\u202e" * 300, "go": "withdraw-now"}, {"receipt": "9" * 26, "go": "find"},
    ],
)  # fmt: skip
def test_what_is_no_receipt_is_said_beside_the_field(receipt: str, fields: dict[str, str]) -> None:
    answer = post(fields)
    assert (answer.status_code, counts()) == (422, (2, 0))
    field = main(answer).find("input", name="receipt")
    assert (field.get("aria-invalid"), "receipt-error" in (field.get("aria-describedby") or "")) == ("true", True)
    assert "<b>" not in answer.content.decode()


def test_a_receipt_of_an_open_survey_is_like_none_at_all() -> None:
    survey = make.opened()
    real = make.answered(make.voter(survey), GIVEN)
    answer = [main(post({"receipt": each, "go": "find"})).text for each in (real, NOBODYS)]
    assert answer[0] == answer[1]


def test_a_post_without_a_deed_changes_nothing(receipt: str) -> None:
    speaking = {"receipt": receipt, "speak": "nn"}
    deedless: tuple[dict[str, str], ...] = (
        {},
        {"receipt": receipt},
        {"receipt": receipt, "go": "x"},
        {"speak": "nb"},
        speaking,
    )
    for fields in (*deedless, {**speaking, "go": "withdraw-now", "at": "sure"}):
        assert (post(fields).status_code, counts()) == (200, (2, 0))


@pytest.mark.parametrize("body", [b"--x", b"\xff\xfe", b""])
def test_bodies_that_are_no_form(body: bytes) -> None:
    answer = Client().generic("POST", "/receipt/", body, "multipart/form-data; boundary=y")
    assert answer.status_code in (200, 400)


def test_a_body_that_is_too_large(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert post({"receipt": "a" * 2000}).status_code == 413


def test_what_may_be_quoted_is_changed_only_where_it_was_asked(receipt: str) -> None:
    answer = post({"receipt": receipt, "go": "quoting", "quoting": "no"})
    assert answer.status_code == 200
    assert [
        each.get("value") for each in main(answer).all("input", name="quoting") if each.get("checked") is not None
    ] == ["no"]
    assert sorted(Response.objects.values_list("quoting", flat=True)) == ["no", "yes"]
    for said in ("", "maybe", "\x00"):
        assert post({"receipt": receipt, "go": "quoting", "quoting": said}).status_code == 200
    assert sorted(Response.objects.values_list("quoting", flat=True)) == ["no", "yes"]


def test_nothing_is_asked_of_those_who_were_not() -> None:
    receipt = closed()[0]
    assert main(post({"receipt": receipt, "go": "find"})).all("input", name="quoting") == []
    assert post({"receipt": receipt, "go": "quoting", "quoting": "yes"}).status_code == 422
    assert set(Response.objects.values_list("quoting", flat=True)) == {""}


def test_too_many_wrong_ones_from_one_address(receipt: str) -> None:
    here, there = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}
    for _wrong in range(WRONG_RECEIPTS_ALLOWED):
        assert post({"receipt": NOBODYS, "go": "find"}, **here).status_code == 422
    assert post({"receipt": receipt, "go": "withdraw-now"}, **here).status_code == 429
    assert counts() == (2, 0)
    assert post({"receipt": receipt, "go": "find"}, **there).status_code == 200
    # What a browser claims of itself is not believed without a proxy.
    assert post({"receipt": receipt, "go": "find"}, HTTP_X_FORWARDED_FOR="9.9.9.9", **here).status_code == 429
    kept = [*cache._cache.get_client().keys("*"), *(  # type: ignore[attr-defined]
        cache._cache.get_client().get(key) for key in cache._cache.get_client().keys("*slowing*")  # type: ignore[attr-defined]
    )]  # fmt: skip
    assert "192.0.2" not in str(kept)


def test_right_ones_are_not_counted(receipt: str) -> None:
    for _right in range(WRONG_RECEIPTS_ALLOWED + 2):
        assert post({"receipt": receipt, "go": "find"}).status_code == 200


def test_the_proxy_is_believed_where_there_is_one(receipt: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for _wrong in range(WRONG_RECEIPTS_ALLOWED + 1):
        answer = post({"receipt": NOBODYS, "go": "find"}, HTTP_X_FORWARDED_FOR="8.8.8.8, 198.51.100.7")
    assert answer.status_code == 429
    assert post({"receipt": receipt, "go": "find"}, HTTP_X_FORWARDED_FOR="8.8.8.8, 198.51.100.8").status_code == 200


def test_while_it_is_being_counted_nothing_can_be_withdrawn() -> None:
    survey = make.opened()
    voter = make.voter(survey)
    receipt = make.answered(voter, GIVEN)
    assert closing.advance(survey, lambda: make.places(survey, [voter]), make.AFTER) is False
    for go in ("find", "withdraw-now", "quoting"):
        answer = post({"receipt": receipt, "go": go, "quoting": "yes"})
        assert (answer.status_code, counts()) == (409, (1, 0))
