"""What the demo shows: the case of 2021 played to its end, one survey open, and drafts to edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from consult import finishing
from consult.models import Grant, Unit, UnitKind, User
from consult.reference import answers, playing
from consult.reference.answers import Given
from consult.reference.playing import CHIEF, LOCAL, Wave
from surveys import closing, disclosing
from surveys.models import Survey

Step = tuple[str, Callable[[], object]]
FIRST_DAY = datetime(2021, 8, 16, 9, tzinfo=playing.OSLO)
# Enough have answered the open survey for its groups to be shown after closing, and too few for a visitor to
# come upon one of them: theirs are the oldest letters, and the mailbox shows the newest first.
PULSE_ANSWERS = 60


def steps(password: str, mailbox: Path) -> Iterator[Step]:
    """The steps of the case with a title each, to be done in order."""
    now = timezone.now()
    yield "Making the users", lambda: _users(password)
    yield "Importing the register", lambda: playing.import_register(FIRST_DAY)
    yield "Giving the leader access", _grant
    for wave, people in ((CHIEF, answers.chief()), (LOCAL, answers.local())):
        yield f"Playing {wave.code}: {len(people)} answer from their letters", _Play(wave, people, mailbox)
    yield "Opening a survey to answer yourself", lambda: _open_pulse(now, mailbox)
    yield "Leaving a draft to edit", lambda: playing.author("hjemmekontor-2026")


class _Play:
    """One closed survey from questionnaire to release."""

    def __init__(self, wave: Wave, people: list[Given], mailbox: Path) -> None:
        self.wave, self.people, self.mailbox = wave, people, mailbox

    def __call__(self) -> None:
        wave = self.wave
        playing.author(wave.code)
        edition = playing.publish(wave.code, wave.opens_at - timedelta(days=3))
        survey = playing.field(wave, edition, wave.opens_at - timedelta(days=2))
        playing.consultation([survey])
        before = len(playing.letters(self.mailbox))
        playing.send_due(wave.opens_at)
        links = [playing.link(letter) for letter in playing.letters(self.mailbox)[before:]]
        prompt = len(self.people) * 2 // 3
        self._answer(links[:prompt], self.people[:prompt], wave.opens_at + timedelta(days=2))
        playing.send_due(wave.reminds_at)
        self._answer(links[prompt:], self.people[prompt:], wave.reminds_at + timedelta(days=1))
        self._close(survey, wave.closes_at + timedelta(minutes=5))
        self._code(survey, wave.closes_at + timedelta(days=14))

    def _answer(self, links: list[str], people: list[Given], now: datetime) -> None:
        for link, given in zip(links, people, strict=True):
            playing.respond(link, given, now)

    def _close(self, survey: Survey, now: datetime) -> None:
        closing.stop(survey, now)
        finishing.finish_due(now)
        closing.approve(survey, User.objects.get(username="stab"), now)
        finishing.finish_due(now)
        disclosing.compute_waiting(now)

    def _code(self, survey: Survey, now: datetime) -> None:
        coder = User.objects.get(username="stab")
        playing.code_everything(survey, coder, now)
        disclosing.request_release(survey, coder, now)
        disclosing.compute_waiting(now)


def _users(password: str) -> None:
    staff = User(username="stab", first_name="Kari", last_name="Stab", is_staff=True)
    staff.set_password(password)
    staff.save()
    group = Group.objects.create(name="Stab")
    group.permissions.set(Permission.objects.filter(content_type__app_label__in=["surveys", "consult"]))
    staff.groups.add(group)
    leader = User(username="leder", first_name="Line", last_name="Leder")
    leader.set_password(password)
    leader.save()


def _grant() -> None:
    union = Unit.objects.get(kind=UnitKind.UNION)
    Grant.objects.create(user=User.objects.get(username="leder"), unit=union)


def _open_pulse(now: datetime, mailbox: Path) -> None:
    wave = playing.pulse(now)
    playing.author(wave.code)
    edition = playing.publish(wave.code, wave.opens_at - timedelta(days=3))
    playing.field(wave, edition, wave.opens_at - timedelta(days=1))
    before = len(playing.letters(mailbox))
    playing.send_due(wave.opens_at)
    links = [playing.link(letter) for letter in playing.letters(mailbox)[before:]]
    for number, link in enumerate(links[:PULSE_ANSWERS]):
        playing.respond(link, _pulse_answer(number), now - timedelta(days=1))


def _pulse_answer(number: int) -> Given:
    """Some spread: which option is ticked follows from the number alone."""
    ticks = ("yes", "no", "dont_know")
    texts = ("Mer tid til opplæring.", "Råd om medbestemmelse.", "")
    answer: dict[str, dict[str, str]] = {
        "P1": {"option": ticks[number % 7 % 3]},
        "P2": {"option": ticks[number % 5 % 3]},
        "P3": {"option": ticks[number % 2]},
        "P4": {"option": ("under_1", "1_to_3", "4_to_10", "over_10")[number % 4]},
    }
    if text := texts[number % 3]:
        answer["P5"] = {"text": text}
    return Given(answer)
