"""The reference case of 2021, played through the real doors: every published figure comes out of the API."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consult import finishing, granting, listing, presenting
from consult.models import Grant, Letter, Unit, UnitKind, User
from consult.reference import answers, playing
from consult.reference.browsing import Browser
from consult.reference.playing import CHIEF, LOCAL
from surveys import disclosing
from surveys.models import Answer, SealedBallot, Survey
from tests.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)

SHOWN = re.compile(r"<blockquote><p>(.*?)</p></blockquote>", re.DOTALL)

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


@pytest.fixture
def sink(settings):
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        yield server


@pytest.fixture
def played(sink, settings):
    """Both surveys, from the register to the coded release."""
    settings.CLOSING_APPROVALS = 2
    staff = [User.objects.create_user(name, is_staff=True, is_superuser=True) for name in ("anne", "bjorn")]
    call_command("import_register", str(playing.REGISTER), stdout=StringIO())
    for wave, people in ((CHIEF, answers.chief()), (LOCAL, answers.local())):
        play(wave, people, sink, staff)
    return staff


def play(wave, people, sink, staff):
    call_command("import_questionnaire", str(playing.FOLDER / f"{wave.code}.json"), publish=True, stdout=StringIO())
    edition = playing.Edition.objects.get(questionnaire__code=wave.code, number=1)
    survey = playing.field(wave, edition, wave.opens_at - timedelta(days=1))
    assert survey.audience.size == len(people)
    before = len(sink.taken)
    playing.send_due(wave.opens_at)
    links = [playing.link(letter) for letter in sink.messages[before:]]
    assert len(set(links)) == len(links) == len(people)
    early = len(people) - 7
    for link, given in zip(links[:early], people[:early], strict=True):
        assert playing.respond(link, given, wave.opens_at + timedelta(days=1)).status == 200
    before = len(sink.taken)
    playing.send_due(wave.reminds_at)
    # Only those who lack an answer are reminded, by the same link.
    assert sorted(playing.link(letter) for letter in sink.messages[before:]) == sorted(links[early:])
    for link, given in zip(links[early:], people[early:], strict=True):
        assert playing.respond(link, given, wave.reminds_at + timedelta(days=1)).status == 200
    close(survey, wave, staff)
    code(survey, wave, staff[0])


def close(survey, wave, staff):
    after = wave.closes_at + timedelta(minutes=1)
    assert finishing.finish_due(after) == 0  # mixed and verified, waiting for two to approve
    for person in staff:
        deed(person, "approve", survey, after)
    assert finishing.finish_due(after) == 1
    assert not SealedBallot.objects.exists()
    assert disclosing.compute_waiting(after) == 1


def code(survey, wave, coder):
    after = wave.closes_at + timedelta(days=14)
    for codebook in survey.codebooks.select_related("question"):
        browser = Browser(after)
        browser.client.force_login(coder)
        page = reverse("admin:surveys_coding_page", args=[codebook.pk])
        browser.open(page)
        while browser.has("answer-1"):
            texts = [html.unescape(text) for text in SHOWN.findall(browser.text)]
            stances = [answers.stance(codebook.question.code, text) for text in texts]
            browser.press("answer-1", **{f"code-{number}": stance for number, stance in enumerate(stances, start=1)})
            browser.open(page)
    deed(coder, "release", survey, after)
    assert disclosing.compute_waiting(after) == 1


def deed(person, name, survey, now):
    """Press a button on the survey's page in the admin."""
    client = Client()
    client.force_login(person)
    response = client.post(reverse(f"admin:surveys_survey_{name}", args=[survey.pk]), **{"raadslag.now": now})
    assert response.status_code == 302


def api(path, **parameters):
    leader, _created = User.objects.get_or_create(username="leader")
    Grant.objects.get_or_create(user=leader, unit=Unit.objects.get(kind=UnitKind.UNION))
    token = granting.create_token(leader, timezone.now())
    return Client().get(f"/api/v1/{path}", parameters, headers={"authorization": f"Bearer {token}"})


def results(survey, variable, by=None):
    return api(f"surveys/{survey}/results/", variable=variable, **({"by": by} if by else {})).json()


def test_every_published_figure_comes_out_of_the_api(played):
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
        detail = api(f"surveys/{survey}/").json()
        assert (detail["responses"], detail["invited"]) == (size, size)
    show_that_nothing_was_lost()
    show_that_the_dashboard_agrees()


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


def show_that_the_dashboard_agrees():
    client = Client()
    client.force_login(User.objects.get(username="leader"))
    page = client.get(f"/results/{LOCAL.code}/B3.stance/", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "46 of 85 said they don&#x27;t know" in page.content.decode()
    scope = granting.scope(User.objects.get(username="leader"))
    head = listing.find(LOCAL.code, scope, "en", LOCAL.closes_at + timedelta(days=30))
    overview = presenting.overview(head, scope, "en")
    rates = {each.table.variable: [rate.participation for rate in each.rates] for each in overview.backgrounds}
    for fact in ("region", "size_band"):
        assert sum(rate.responses for rate in rates[fact]) == sum(rate.invited for rate in rates[fact]) == 85
    playing.consultation(Survey.objects.all())
    (line,) = presenting.index(scope, "en", LOCAL.closes_at + timedelta(days=30)).consultations
    compared = presenting.comparisons(line, scope, "en")
    # What was coded is set side by side, and only what both were asked.
    assert [[group.variable for group in table.groups] for table in compared] == [
        ["B1.stance", "A1.stance"],
        ["B3.stance", "A3.stance"],
    ]
