"""A closed survey, and a disaster after which its facts are gone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from surveys.box import backing_up
from surveys.models import Answer, Background, Response, SealedBallot, Survey
from tests import cast, make


def finished(code: str = "pulse-2026", promise: str = "anonymous", people: int = 14) -> Survey:
    survey = make.opened(code, promise)
    voters = [
        make.voter(survey, role="chief" if number % 2 else "local", region="north" if number % 3 else "south")
        for number in range(people)
    ]
    for number, voter in enumerate(voters):
        option = "good" if number % 5 else "poor"
        make.answered(voter, {"Q2": {"option": option}, "Q3": {"text": f"tekst {number} æøå"}})
    make.closed(survey, voters, cast.designer(f"designer-{code}"))
    return survey


def disaster(survey: Survey) -> None:
    """The facts are gone from the database, and nothing else."""
    Response.objects.filter(survey=survey).delete()
    assert (Response.objects.count(), Answer.objects.count(), Background.objects.count()) == (0, 0, 0)


def file_of(survey: Survey) -> Path:
    return backing_up.place_of(backing_up.name_of(survey))


def refusal(code: str, path: Path) -> str:
    before = Response.objects.count(), Answer.objects.count(), Background.objects.count(), SealedBallot.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command("restore_facts", code, str(path), stdout=io.StringIO())
    after = Response.objects.count(), Answer.objects.count(), Background.objects.count(), SealedBallot.objects.count()
    assert after == before
    return str(refused.value)
