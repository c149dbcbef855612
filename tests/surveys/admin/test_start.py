"""The first page of the admin and its menu: for each person only what they may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import cast

pytestmark = pytest.mark.django_db


def menu(user: Any) -> list[str]:
    """The entries of the menu, in order."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    groups = client.get("/admin/").context["sidebar_navigation"]
    return [str(item["title"]) for group in groups for item in group["items"]]


def test_each_sees_the_entries_of_their_work() -> None:
    assert menu(cast.designer()) == ["Questionnaires", "Surveys", "Concepts"]
    assert menu(cast.coder()) == ["Surveys", "Coding"]
    assert menu(cast.outsider()) == []


def test_a_superuser_sees_everything() -> None:
    user = cast.outsider()
    user.is_superuser = True
    user.save(update_fields=["is_superuser"])

    assert menu(user)[:5] == ["Questionnaires", "Surveys", "Concepts", "Coding", "Consultations"]


def test_whoever_may_see_nothing_is_told_so() -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.outsider())

    assert "You have not been given access to anything here." in client.get("/admin/").content.decode()


def test_the_admin_takes_nothing_from_elsewhere() -> None:
    client = Client()
    client.force_login(cast.designer())

    body = client.get("/admin/").content.decode()

    for place in ('src="http', 'href="http', 'src="//', 'href="//', "@import"):
        assert place not in body
