"""What waits for staff: only what each may do something about, and nothing finer than is shown elsewhere."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consult import overseeing
from consult.models import Letter, LetterStatus, ParticipationReading, User
from surveys import closing
from surveys.models import Codebook, Survey
from tests import cast, make
from tests.make import AFTER, DEADLINE, DURING, OPENS
from tests.page import Node, parse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _texts_may_be_read(settings: Any) -> None:
    settings.FEWEST_FOR_TEXTS = 1
    settings.CLOSING_APPROVALS = 2


def everyone() -> User:
    """Staff with every right, and so with every grant."""
    user = cast.outsider("everyone")
    user.is_superuser = True
    user.save(update_fields=["is_superuser"])
    return user


def start(user: User, now: Any = DURING) -> Node:
    client = Client(headers={"accept-language": "en"}, **{"raadslag.now": now})
    client.force_login(user)
    return parse(client.get("/admin/")).find(class_="start")


def parts(user: User, now: Any = DURING) -> dict[str, list[str]]:
    """{heading: lines} of the first page."""
    sections = start(user, now).all("section", class_="part")
    return {section.find("h3").text: [line.text for line in section.all("li")] for section in sections}


def answered(code: str, *texts: str) -> Survey:
    survey = make.opened(code)
    survey.voters = [make.voter(survey, role="local", region="north") for _ in texts]  # type: ignore[attr-defined]
    for voter, text in zip(survey.voters, texts, strict=True):  # type: ignore[attr-defined]
        make.answered(voter, {"Q1": {"option": "yes", "text": text}, "Q2": {"option": "good"}})
    return survey


def verified(code: str, *texts: str) -> Survey:
    """Closing, and ready to be approved."""
    survey = answered(code, *texts)
    places = make.places(survey, survey.voters)  # type: ignore[attr-defined]
    closing.stop(survey, AFTER)
    closing.advance(survey, lambda: places, AFTER)
    survey.refresh_from_db()
    return survey


def closed(survey: Survey) -> None:
    places = make.places(survey, survey.voters)  # type: ignore[attr-defined]
    closing.stop(survey, AFTER)
    closing.advance(survey, lambda: places, AFTER)
    for name in ("first", "second"):
        approver = User.objects.filter(username=name).first() or cast.designer(name)
        closing.approve(survey, approver, AFTER)
    assert closing.advance(survey, lambda: places, AFTER) is True
    survey.refresh_from_db()


# --- What is shown --------------------------------------------------------------------------------------------


def test_nothing_waits_in_an_empty_service() -> None:
    assert not overseeing.desk(everyone(), DURING)
    assert start(everyone_again()).text == "What waits for you Nothing waits for you now."


def everyone_again() -> User:
    return User.objects.get(username="everyone")


def test_drafts_and_surveys_that_are_not_opened() -> None:
    draft = make.loaded("utkast")
    planned = make.planned("planlagt-2026")
    found = parts(everyone())
    assert found["Drafts"] == [draft.title]
    assert found["Planned, not opened yet"] == [f"{planned.edition.title} planned from 1 March 2026"]
    assert list(found) == ["Planned, not opened yet", "Drafts"]


def test_an_open_survey_with_the_coarse_participation_and_no_other_figure() -> None:
    survey = make.in_field("apen", state="open")
    make.asked(survey, size=733)
    ParticipationReading.objects.create(survey=survey, read_on=OPENS.date(), percent=45)
    assert parts(everyone()) == {"Open now": ["Undersøkelsen apen until 15 March 2026, 23:00, about 45% have answered"]}
    assert not re.search(r"733", start(everyone_again()).text)


def test_participation_is_for_those_who_may_see_results() -> None:
    survey = make.in_field("apen", state="open")
    make.asked(survey, size=733)
    ParticipationReading.objects.create(survey=survey, read_on=OPENS.date(), percent=45)
    designer = cast.designer()
    assert parts(designer)["Open now"] == ["Undersøkelsen apen until 15 March 2026, 23:00"]
    designer.user_permissions.add(Permission.objects.get(codename="view_release"))
    assert parts(designer)["Open now"] == ["Undersøkelsen apen until 15 March 2026, 23:00, about 45% have answered"]


def test_a_closing_waits_for_each_who_has_not_approved() -> None:
    survey = verified("lukkes", "a", "b")
    one, other, coder = cast.designer(), cast.designer("other"), cast.coder()
    title = survey.edition.title_en
    closing.approve(survey, one, AFTER)
    assert parts(other, AFTER)["Waiting for your approval"] == [f"{title} the key is to be destroyed"]
    assert "Being closed" not in parts(other, AFTER)
    # Who has approved, and who may not, see only that it is going on.
    for user in (one, coder):
        found = parts(user, AFTER)
        assert ("Waiting for your approval" in found, found["Being closed"]) == (
            False,
            [f"{title} see how far it has come"],
        )


def test_a_closing_that_is_not_verified_waits_for_nobody() -> None:
    survey = answered("lukkes", "a", "b")
    closing.stop(survey, AFTER)
    assert list(parts(cast.designer(), AFTER)) == ["Being closed"]


def test_letters_of_unknown_fate() -> None:
    survey = make.opened("brev")
    make.invited(survey, [make.person(number) for number in range(3)])
    mailing = make.mailed(survey)
    assert parts(everyone())["Open now"]
    assert "Letters that may or may not have gone out" not in parts(everyone_again())
    unknown = list(Letter.objects.filter(mailing=mailing).values_list("pk", flat=True))[:2]
    Letter.objects.filter(pk__in=unknown).update(status=LetterStatus.UNKNOWN, attempts=1, dated_at=DURING)
    assert parts(everyone_again())["Letters that may or may not have gone out"] == [
        f"Invitation 1: {survey.edition.title} 2 letters to decide about"
    ]
    assert "Letters that may or may not have gone out" not in parts(cast.distribution_reader())


def test_answers_to_code_for_coders_only() -> None:
    survey = answered("kodes", "a", "b", "c")
    closed(survey)
    question = Codebook.objects.get(survey=survey).question
    (line,) = parts(cast.coder(), AFTER)["Answers to code"]
    assert line == f"{question.code} {question.text} 3 answers left, {survey.edition.title}"
    assert "Answers to code" not in parts(cast.designer(), AFTER)


def test_after_the_deadline_an_open_survey_is_being_closed() -> None:
    make.opened("forbi")
    assert list(parts(everyone(), DEADLINE + timedelta(seconds=1))) == ["Being closed"]


# --- The door and its cost ------------------------------------------------------------------------------------


def test_every_line_leads_somewhere() -> None:
    make.loaded("utkast")
    make.planned("planlagt-2026")
    make.opened("apen-2026")
    user = everyone()
    client = Client()
    client.force_login(user)
    links = [str(each.get("href")) for each in start(user).all("a")]
    assert [client.get(link).status_code for link in links] == [200] * 3


def test_the_logo_and_the_name_are_there() -> None:
    client = Client()
    client.force_login(cast.designer())
    page = client.get("/admin/").content.decode()
    assert "images/mark" in page.split("</head>")[1]
    assert "Rådslag" in page.split("</head>")[1]


def test_cost_does_not_grow_with_the_surveys() -> None:
    user = everyone()

    def cost() -> int:
        fresh = User.objects.get(pk=user.pk)
        with CaptureQueriesContext(connection) as queries:
            overseeing.desk(fresh, AFTER)
        return len(queries)

    of_each_kind("en")
    one = cost()
    for code in ("to", "tre"):
        of_each_kind(code)
    assert cost() == one


def of_each_kind(code: str) -> None:
    verified(f"{code}-lukkes", "a")
    closed(answered(f"{code}-kodes", "a", "b"))
    make.planned(f"{code}-planlagt")
    make.loaded(f"{code}-utkast")
    make.in_field(f"{code}-i-felt", state="open", closes_at=AFTER + timedelta(days=9))


def test_of_each_kind_the_first_so_many_are_shown() -> None:
    for number in range(overseeing.MOST + 2):
        make.loaded(f"utkast-{number}")
        make.in_field(f"planlagt-{number}", state="planned")
        make.in_field(f"apen-{number}", state="open")
        Survey.objects.filter(pk=make.in_field(f"lukkes-{number}", state="open").pk).update(stopped_at=OPENS)
        survey = make.in_field(f"tvil-{number}", state="open")
        make.invited(survey, [make.person(number + 1)])
        mailing = make.mailed(survey)
        Letter.objects.filter(mailing=mailing).update(status=LetterStatus.UNKNOWN)
    desk = overseeing.desk(everyone(), DURING)
    shown = {name: len(getattr(desk, name)) for name in ("drafts", "unopened", "running", "closing", "doubtful")}
    assert shown == dict.fromkeys(shown, overseeing.MOST)
