"""The reference case of 2021, played through the real doors: every published figure comes out of the API.

What staff do they do at the admin, what workers do is the timetable of config.celery, letters go by SMTP, people
answer at the links in them. Only the clock is turned: by the key that requests carry, and for tasks as a whole.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils.module_loading import import_string

from config.celery import app
from consult.models import Letter, Unit, UnitKind
from consult.reference import answers
from consult.reference.playing import CHIEF, FOLDER, LOCAL, REGISTER, respond
from surveys.models import Answer, SealedBallot, Survey
from tests.flows import staff
from tests.flows.staff import Desk
from tests.page import parse
from tests.sink import Sink, link

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = secrets.token_urlsafe(16)
FIRST_DAY = CHIEF.opens_at - timedelta(days=14)
LAST_DAY = LOCAL.closes_at + timedelta(days=30)
LATE = 7

# DOMAIN: the published figures. {(survey, variable): {value: n}}
PUBLISHED = {
    (LOCAL.code, "B1.stance"): {"yes": 47, "both": 23, "no": 15, "dont_know": 0},
    (LOCAL.code, "B2.stance"): {"yes": 44, "both": 23, "no": 18, "dont_know": 0},
    (LOCAL.code, "B3.stance"): {"no": 33, "yes": 6, "dont_know": 46, "both": 0},
    (LOCAL.code, "B4.stance"): {"yes": 60, "no": 8, "both": 17, "dont_know": 0},
    (LOCAL.code, "B5.stance"): {"yes": 43, "no": 34, "both": 8, "dont_know": 0},
    (LOCAL.code, "B6"): {"yes": 21, "no": 64},
    (CHIEF.code, "A2.stance"): {"no": 10, "both": 7, "yes": 3, "dont_know": 0},
    (CHIEF.code, "A3.stance"): {"yes": 14, "no": 3, "dont_know": 3, "both": 0},
}


@dataclass
class Office:
    """The desks of the case, and where its letters arrive."""

    anne: Desk
    bjorn: Desk
    leader: Desk
    sink: Sink


@pytest.fixture
def office(server, settings, monkeypatch):
    """Two of the staff and a leader with access to the union, all signed in; the register imported."""
    settings.CLOSING_APPROVALS = 2
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    for name in ("anne", "bjorn"):
        call_command("createsuperuser", interactive=False, username=name, email=f"{name}@example.org", verbosity=0)
    anne, bjorn = sign_in("anne"), sign_in("bjorn")
    staff.import_register(anne, REGISTER)
    give_access(anne, "leader")
    return Office(anne, bjorn, sign_in("leader"), server)


def sign_in(name):
    desk = Desk(FIRST_DAY, Client(enforce_csrf_checks=True))
    desk.sign_in(name, PASSWORD)
    return desk


def give_access(desk, name):
    desk.open("/admin/consult/user/add/")
    desk.send(button="_save", username=name, password1=PASSWORD, password2=PASSWORD)
    user = desk.row
    desk.open("/admin/consult/grant/add/")
    desk.send(button="_save", user=user, unit=union())


def union():
    return Unit.objects.get(kind=UnitKind.UNION).pk


def work(now):
    """What the workers do at a moment: the whole timetable, until what one task left for another is done too."""
    with time_machine.travel(now, tick=True):
        for _round in range(2):
            for entry in app.conf.beat_schedule.values():
                import_string(entry["task"])()


def play(office, wave, people):
    """One survey from questionnaire to release; its id."""
    survey = plan(office.anne, wave)
    links = answer(office.sink, wave, people)
    assert len(set(links)) == len(links) == len(people)
    close(office, survey, wave)
    code(office.anne, survey, wave)
    return survey


def plan(desk, wave):
    desk.now = wave.opens_at - timedelta(days=1)
    roles = [str(role.value) for role in wave.roles]
    staff.import_questionnaire(desk, FOLDER / f"{wave.code}.json")
    staff.publish(desk)
    crosses = {
        f"{side}_{number}": name
        for number, pair in enumerate(wave.crosses, start=1)
        for side, name in zip(("variable", "by"), pair, strict=True)
    }
    # Everyone in this register gave a private address, so reminders go only to those who lack an answer.
    survey = staff.plan(
        desk, wave.code, wave.opens_at, wave.closes_at, promise="anonymous", threshold=5, strict_reminders=None,
        facts=list(wave.facts), codebooks=list(wave.codebooks), **crosses,
    )  # fmt: skip
    staff.invite(desk, survey, roles, union())
    staff.press(desk, survey, "open")
    staff.schedule(desk, survey, "invitation", wave.opens_at)
    staff.schedule(desk, survey, "reminder", wave.reminds_at)
    return survey


def answer(sink, wave, people):
    """Most answer from the invitation, the others from the reminder; the links of all."""
    before = len(sink.taken)
    work(wave.opens_at - timedelta(minutes=1))
    assert len(sink.taken) == before
    work(wave.opens_at)
    links = [link(letter) for letter in sink.messages[before:]]
    early = len(people) - LATE
    for address, given in zip(links[:early], people[:early], strict=True):
        assert respond(address, given, wave.opens_at + timedelta(days=1)).status == 200
    before = len(sink.taken)
    work(wave.reminds_at)
    # Only those who lack an answer are reminded, by the same link.
    assert sorted(link(letter) for letter in sink.messages[before:]) == sorted(links[early:])
    for address, given in zip(links[early:], people[early:], strict=True):
        assert respond(address, given, wave.reminds_at + timedelta(days=1)).status == 200
    return links


def close(office, survey, wave):
    """Closed by its deadline and two approvals, one of which is not enough."""
    after = wave.closes_at + timedelta(minutes=1)
    work(after)
    for desk in (office.anne, office.bjorn):
        assert SealedBallot.objects.filter(survey=survey).exists()
        desk.now = after
        staff.press(desk, survey, "approve")
        work(after)
    assert not SealedBallot.objects.exists()


def code(desk, survey, wave):
    desk.now = after = wave.closes_at + timedelta(days=14)
    pages = staff.codebooks(desk, survey)
    assert sorted(pages) == sorted(wave.codebooks)
    for question, page in pages.items():
        desk.open(page)
        while texts := staff.texts_to_code(desk):
            stances = [answers.stance(question, text) for text in texts]
            desk.send(**{f"code-{number}": stance for number, stance in enumerate(stances, start=1)})
    staff.press(desk, survey, "release")
    work(after)


def api(path, **parameters):
    out = StringIO()
    call_command("create_api_token", "leader", stdout=out, stderr=StringIO())
    key = out.getvalue().strip()
    response = Client().get(f"/api/v1/{path}", parameters, headers={"authorization": f"Bearer {key}"})
    assert response.status_code == 200
    return response.json()


def results(survey, variable, by=None):
    return api(f"surveys/{survey}/results/", variable=variable, **({"by": by} if by else {}))


def test_every_published_figure_comes_out(office):
    surveys = [play(office, CHIEF, answers.chief()), play(office, LOCAL, answers.local())]
    show_the_api()
    show_that_nothing_was_lost()
    bring_together(office.anne, surveys)
    show_the_dashboard(office.leader)


def show_the_api():
    for (survey, variable), expected in PUBLISHED.items():
        body = results(survey, variable)
        assert {cell["value"]: cell["n"] for cell in body["cells"]} == expected
        assert body["base"] == sum(expected.values())
    # Question A1: more no than yes.
    a1 = {cell["value"]: cell["n"] for cell in results(CHIEF.code, "A1.stance")["cells"]}
    assert a1["no"] > a1["yes"]
    cross = {(cell["value"], cell["by"]): cell for cell in results(LOCAL.code, "B3.stance", "B2.stance")["cells"]}
    # 25 of the 44 who said yes to B2 said no to B3.
    assert cross["no", "yes"] == {"value": "no", "by": "yes", "n": 25, "share": 0.5682, "withheld": False}
    assert sum(cross[value, "yes"]["n"] for value in ("yes", "no", "both", "dont_know")) == 44
    for survey, size in ((CHIEF.code, 20), (LOCAL.code, 85)):
        detail = api(f"surveys/{survey}/")
        assert (detail["responses"], detail["invited"]) == (size, size)


def show_that_nothing_was_lost():
    """Each letter went once, and each text that was written lies once among the facts."""
    assert set(Letter.objects.filter(kind="invitation").values_list("status", flat=True)) == {"sent"}
    assert set(Letter.objects.filter(kind="reminder").values_list("status", flat=True)) == {"done"}
    written = [
        given["text"]
        for person in answers.chief() + answers.local()
        for given in person.answers.values()
        if given.get("text")
    ]
    assert sorted(Answer.objects.exclude(text="").values_list("text", flat=True)) == sorted(written)
    assert Survey.objects.filter(closed_at=None).count() == 0


def bring_together(desk, surveys):
    """The consultation that both surveys belong to."""
    desk.now = LAST_DAY
    desk.open("/admin/consult/consultation/add/")
    desk.send(
        button="_save", code="nav-partnership-2021", title="Partnerskapet i Nav 2021", surveys=surveys,
        mandate="Finne ut hvordan partnerskapet virker i praksis.",
    )  # fmt: skip


def show_the_dashboard(leader):
    leader.now = LAST_DAY
    leader.open("/results/")
    leader.follow("/results/consultations/nav-partnership-2021/")
    assert leader.status == 200
    survey = tables(leader, f"/results/{LOCAL.code}/")
    b1, *_others = survey["n = 85"]
    assert b1 == {"Ja": "47 av 85", "Både ja og nei": "23 av 85", "Vet ikke": "0 av 85", "Nei": "15 av 85"}
    # Everyone answered, and nobody but local representatives was asked.
    role, region, size_band = survey["Svarprosent per gruppe"]
    assert role == {"Plasstillitsvalgt": "85 av 85"}
    assert [sum(int(text.split()[0]) for text in fact.values()) for fact in (region, size_band)] == [85, 85]
    variable = tables(leader, f"/results/{LOCAL.code}/B3.stance/")
    assert variable["n = 85"] == [
        {"Ja": "6 av 85", "Både ja og nei": "0 av 85", "Vet ikke": "46 av 85", "Nei": "33 av 85"}
    ]
    # The last column is those who said no.
    (cross,) = variable["B3 etter svaret på B2"]
    assert cross["Ja"].split(" · ")[:5] == ["44", "3 av 44", "0 av 44", "16 av 44", "25 av 44"]
    compared = tables(leader, "/results/consultations/nav-partnership-2021/")
    # What was coded is set side by side, and only what both were asked: chief against local representatives.
    assert [[row.split(" · ") for row in table.values()] for (table,) in compared.values()] == [
        [["20", "4 av 20", "5 av 20", "0 av 20", "11 av 20"], ["85", "47 av 85", "23 av 85", "0 av 85", "15 av 85"]],
        [["20", "14 av 20", "0 av 20", "3 av 20", "3 av 20"], ["85", "6 av 85", "0 av 85", "46 av 85", "33 av 85"]],
    ]


def tables(desk, address):
    """{caption: [{first cell of a row: the figures in the others}]} of the tables on a page, without the per cents."""
    desk.open(address)
    assert desk.status == 200
    found: dict[str, list[dict[str, str]]] = {}
    for table in parse(desk.text).all("table"):
        rows = [[cell.text for cell in row.children] for row in table.find("tbody").all("tr")]
        figures = {first: " · ".join(re.sub(r"^\d+ % ", "", cell) for cell in rest) for first, *rest in rows}
        found.setdefault(table.find("caption").text, []).append(figures)
    return found
