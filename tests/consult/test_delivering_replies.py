"""What the mail server says to a letter, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from consult import delivering, distributing, posting, sweeping
from consult.models import Address, Letter
from tests import make
from tests.consult.test_delivering import LATER, address, in_order, let_leases_end, letters, round_of
from tests.sink import DROP, Sink

pytestmark = pytest.mark.django_db


# --- What the mail server says ----------------------------------------------------------------------------------


def test_not_now_is_tried_again_later(server: Sink) -> None:
    seen: list[bytes] = []
    round_of(2)
    server.at_data = lambda recipient: "451 4.2.0 Busy" if recipient == address(1) and not seen else None
    delivering.deliver_batch(make.DURING)
    assert letters("status", "attempts", "smtp_reply") == [
        ("pending", 1, "451 4.2.0 Busy"),
        ("sent", 1, "250 2.0.0 Taken"),
    ]
    assert Letter.objects.get(status="pending").not_before == make.DURING + timedelta(minutes=1)
    assert delivering.deliver_batch(make.DURING) == 0
    seen.append(b"")
    assert delivering.deliver_batch(make.DURING + timedelta(minutes=1)) == 1
    assert letters("status", "attempts", "dated_at") == [("sent", 2, make.DURING), ("sent", 1, make.DURING)]
    assert len(server.recipients) == 2


def test_waiting_doubles_up_to_four_hours(server: Sink) -> None:
    round_of(1)
    server.at_rcpt = lambda recipient: "450 4.2.1 Later"
    now = make.DURING
    waits = []
    for _round in range(11):
        assert delivering.deliver_batch(now) == 1
        letter = Letter.objects.get()
        waits.append(int((letter.not_before - now).total_seconds() // 60))
        now = letter.not_before
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]


@pytest.mark.parametrize("place", ["at_rcpt", "at_data"])
def test_a_refusal_is_the_letters_own_and_the_rest_goes_on(server: Sink, place: str) -> None:
    round_of(3)
    setattr(server, place, lambda recipient: "550 5.1.1 No such user" if recipient == address(2) else None)
    assert delivering.deliver_batch(make.DURING) == 3
    assert letters("status", "smtp_reply") == [
        ("sent", "250 2.0.0 Taken"),
        ("failed", "550 5.1.1 No such user"),
        ("sent", "250 2.0.0 Taken"),
    ]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("at_rcpt", "550 5.7.1 Not allowed"),
        ("at_data", "554 5.7.26 Not aligned"),
        ("at_mail", "550 Who are you"),
    ],
)
def test_policy_pauses_the_round_and_marks_nobody(server: Sink, place: str, answer: str) -> None:
    mailing = round_of(3)
    said: list[str] = []

    def once(_who: str) -> str | None:
        said.append(_who)
        return answer if len(said) == 2 else None

    setattr(server, place, once)
    assert delivering.deliver_batch(make.DURING) == 3
    mailing.refresh_from_db()
    assert mailing.paused_at == make.DURING
    assert in_order("status", "attempts", "smtp_reply") == [
        ("sent", 1, "250 2.0.0 Taken"),
        ("pending", 0, answer),
        ("pending", 0, ""),
    ]
    assert delivering.deliver_batch(LATER) == 0
    distributing.resume(mailing)
    assert delivering.deliver_all(LATER) == 2
    assert letters("status") == ["sent", "sent", "sent"]


def test_a_closing_server_is_called_again(server: Sink) -> None:
    round_of(3)
    said: list[str] = []
    server.at_mail = lambda sender: said.append(sender) or ("421 4.3.2 Going down" if len(said) == 2 else None)  # type: ignore[func-returns-value]
    delivering.deliver_batch(make.DURING)
    assert in_order("status") == ["sent", "pending", "sent"]
    assert server.connections == 2


def test_lost_before_the_letter_waits(server: Sink) -> None:
    round_of(2)
    server.at_rcpt = lambda recipient: DROP if recipient == address(1) else None
    delivering.deliver_batch(make.DURING)
    assert letters("status", "attempts") == [("pending", 1), ("sent", 1)]
    assert server.recipients == [address(2)]


@pytest.mark.parametrize(("how", "arrived"), [(DROP, 1), ("lose", 0)])
def test_lost_after_the_letter_is_unknown_and_never_sent_again_by_itself(server: Sink, how: str, arrived: int) -> None:
    mailing = round_of(2)
    server.at_data = lambda recipient: how if recipient == address(1) else None
    delivering.deliver_batch(make.DURING)
    assert letters("status") == ["sending", "sent"]
    assert sweeping.sweep(LATER) == 0  # the lease is not over
    let_leases_end()
    assert sweeping.sweep(LATER) == 1
    assert letters("status", "lease_until") == [("unknown", None), ("sent", None)]
    assert delivering.deliver_all(LATER) == 0
    assert server.recipients.count(address(1)) == arrived
    assert distributing.progress(mailing)["unknown"] == 1


def test_a_person_decides_to_send_again_and_it_is_the_same_letter(server: Sink) -> None:
    mailing = round_of(1)
    server.at_data = lambda recipient: DROP
    delivering.deliver_batch(make.DURING)
    let_leases_end()
    sweeping.sweep(LATER)
    server.at_data = lambda recipient: None
    assert sweeping.settle_unknown(mailing, send_again=True, now=LATER) == 1
    assert sweeping.settle_unknown(mailing, send_again=True, now=LATER) == 0
    delivering.deliver_batch(LATER)
    assert letters("status") == ["sent"]
    assert len(server.taken) == 2
    assert server.taken[0] == server.taken[1]


def test_a_person_decides_to_let_it_be(server: Sink) -> None:
    mailing = round_of(1)
    server.at_data = lambda recipient: DROP
    delivering.deliver_batch(make.DURING)
    let_leases_end()
    sweeping.sweep(LATER)
    assert sweeping.settle_unknown(mailing, send_again=False, now=LATER) == 1
    assert letters("status") == ["sent"]


def test_a_slow_answer_is_waited_for_and_a_silent_one_given_up(
    server: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    round_of(1)
    server.delay = 0.5  # longer than the usual time-out: a scanner at work
    delivering.deliver_batch(make.DURING)
    assert letters("status") == ["sent"]
    Letter.objects.update(status="pending")
    monkeypatch.setattr(posting, "LAST_ANSWER_SECONDS", 0.2)
    delivering.deliver_batch(make.DURING)
    assert letters("status") == ["sending"]


def test_no_server_at_all(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    round_of(2)
    assert delivering.deliver_batch(make.DURING) == 0
    assert letters("status", "attempts", "not_before") == [("pending", 0, make.DURING + timedelta(minutes=1))] * 2


def test_an_address_that_no_letter_can_go_to_fails_alone(server: Sink) -> None:
    round_of(3)
    Address.objects.filter(person__number="2").update(email="a b@example.org")
    Address.objects.filter(person__number="3").update(email="x@example.org>\r\nRCPT TO:<evil@example.org")
    delivering.deliver_batch(make.DURING)
    assert letters("status") == ["sent", "failed", "failed"]
    assert letters("smtp_reply")[1:] == [delivering.NOT_MAILABLE] * 2
    assert server.recipients == [address(1)]
