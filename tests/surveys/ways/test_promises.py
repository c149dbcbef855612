"""What the database keeps of open links and entries for others, whoever writes; and many at once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction

from surveys.models import Closing, EntryTally, OpenLink
from surveys.ways import bearing, handing, limiting, linking, puzzling, tallying
from tests import cast, make
from tests.surveys.ways import making
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _easy(monkeypatch: pytest.MonkeyPatch) -> None:
    making.easy(monkeypatch)
    cache.clear()


def offered(link: OpenLink, address: str = "192.0.2.1") -> handing.Offered:
    challenge = handing.challenge(link, make.DURING)
    return handing.Offered(challenge, making.solved(challenge), address=address)


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""}, {"code": "SHORT"}, {"code": "IIIIIIII"}, {"code": "abcdefgh"}, {"handed": 301}, {"most": 0},
        {"most": 100_001}, {"opens_at": make.DURING, "closes_at": make.DURING}, {"facts": {"region": "south"}},
        {"code": "ABCDEFGH"}, {"is_kiosk": True}, {"handed": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_link_that_breaks_a_promise(change: dict[str, Any]) -> None:
    link = making.link(facts={"region": "north"})
    OpenLink.objects.filter(pk=link.pk).update(handed=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpenLink.objects.filter(pk=link.pk).update(**change)


@pytest.mark.parametrize("plan", ["named", "planned"])
def test_no_link_to_a_survey_that_has_none(plan: str) -> None:
    survey = make.planned() if plan == "planned" else make.opened(promise="named")
    with pytest.raises(IntegrityError), transaction.atomic():
        OpenLink.objects.create(survey=survey, title="x", code="ABCDEFGH")


def test_no_more_uninvited_than_responses() -> None:
    survey = make.opened()
    with pytest.raises(IntegrityError), transaction.atomic():
        Closing.objects.create(survey=survey, started_at=make.DURING, responses=3, uninvited=4)


def test_a_tally_is_of_what_staff_enter_once_a_day() -> None:
    survey, user = make.opened(), cast.designer()
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryTally.objects.create(survey=survey, person=user, way="open", begun_on=make.DURING.date())
    EntryTally.objects.create(survey=survey, person=user, way="paper", begun_on=make.DURING.date())
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryTally.objects.create(survey=survey, person=user, way="paper", begun_on=make.DURING.date())


def test_many_at_once_get_no_more_than_there_are() -> None:
    link = making.link(most=10)
    deeds = [partial(handing.hand_out, link, offered(link), make.DURING) for _number in range(16)]
    got = together(deeds)
    keys = {each for each in got if isinstance(each, str)}
    refused = {each.reason for each in got if isinstance(each, handing.NotNow)}
    link.refresh_from_db()
    assert (len(keys), refused, link.handed) == (10, {"full"}, 10)
    assert len({bearing.admit(key, make.DURING).voter.invitation for key in keys}) == 10


def test_one_sum_sent_many_times_at_once_is_one_ballot() -> None:
    link = making.link()
    brought = offered(link)
    got = together([lambda: handing.hand_out(link, brought, make.DURING) for _number in range(4)])
    assert sum(isinstance(each, str) for each in got) == 1
    assert sum(isinstance(each, handing.Wait) for each in got) == 3


def test_the_limits_hold_under_pressure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiting, "WITH_SUM", limiting.Limit(link=100, address=5))
    link = making.link()
    deeds = [partial(handing.hand_out, link, offered(link), make.DURING) for _number in range(12)]
    assert sum(isinstance(each, str) for each in together(deeds)) == 5


def test_ten_minutes_later_one_may_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiting, "WITH_SUM", limiting.Limit(link=100, address=1))
    link = making.link()
    handing.hand_out(link, offered(link), make.DURING)
    with pytest.raises(handing.NotNow):
        handing.hand_out(link, offered(link), make.DURING)
    handing.hand_out(link, offered(link), make.DURING + timedelta(minutes=10))


def test_the_more_come_the_harder_it_gets() -> None:
    assert [puzzling.bits_for(recent) - puzzling.BITS for recent in (0, 29, 30, 59, 60, 120, 240)] == [
        0, 0, 0, 0, 1, 2, 3,
    ]  # fmt: skip
    assert puzzling.bits_for(10**9) == puzzling.MOST_BITS


def test_two_users_at_once_are_two() -> None:
    survey, user = make.opened(), cast.designer()
    together([lambda: tallying.note(survey, user.pk, "paper", make.DURING) for _number in range(4)])
    assert EntryTally.objects.get().begun == 4


def test_keys_and_places_are_all_different_and_their_order_tells_nothing() -> None:
    link = making.link()
    keys = [bearing.new_key(link) for _number in range(200)]
    voters = [bearing.admit(key, make.DURING).voter for key in keys]
    places = [voter.invitation for voter in voters]
    assert len(set(places)) == 200
    rising = sum(first < second for first, second in pairwise(places))
    assert 60 < rising < 140


def test_another_survey_s_link_with_the_same_nonce_is_another_ballot() -> None:
    first, second = making.link(), making.link(make.routed("annen"))
    key = bearing.new_key(first)
    moved = second.code.lower() + key[bearing.CODE_LETTERS :]
    assert bearing.admit(moved, make.DURING).refusal == "unknown"


def test_has_other_ways() -> None:
    survey = make.opened()
    assert not linking.has_other_ways(survey)
    link = linking.make(survey, "Møtet")
    assert not linking.has_other_ways(survey)
    OpenLink.objects.filter(pk=link.pk).update(handed=1)
    assert linking.has_other_ways(survey)


def test_the_sum_is_looked_up_without_a_statement() -> None:
    link = making.link()
    with connection.execute_wrapper(lambda *_arguments: pytest.fail("a statement")):
        assert not puzzling.solves(link.pk, "1.17.0.x:y", "1", make.DURING)
