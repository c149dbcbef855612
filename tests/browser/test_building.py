"""The builder in a real browser: both reference questionnaires written from nothing."""

from __future__ import annotations

import json as standard_json
import sys
import time
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from surveys.formats import json
from surveys.models import Edition
from tests import cast
from tests.browser.builder import WIDE, Writer
from tests.browser.conftest import OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


REFERENCE = Path(__file__).parents[2] / "consult" / "reference"


@pytest.fixture(autouse=True)
def _by_another_name(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]


@pytest.mark.parametrize("name", ["nav-partnership-chief-2021", "nav-partnership-local-2021"])
def test_a_reference_questionnaire_is_built_from_nothing(
    live_server: LiveServer, open_page: OpenPage, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    document = standard_json.loads((REFERENCE / f"{name}.json").read_text("utf-8"))
    cast.designer()
    writer = Writer(open_page(viewport=WIDE, locale="en"), live_server)
    writer.sign_in("designer")
    writer.begun = time.monotonic()

    writer.questionnaire(document)
    writer.title_page(document)
    for section in document["sections"]:
        writer.section(section, document)

    with capsys.disabled():
        sys.stdout.write(f"\n{writer.report(name)}\n")
    assert writer.errors == []
    used = {
        question["concept"]
        for section in document["sections"]
        for question in section["questions"]
        if "concept" in question
    }
    expected = {**document, "concepts": {code: titles for code, titles in document["concepts"].items() if code in used}}
    assert json.dump(Edition.objects.get(questionnaire__code=name)) == expected
