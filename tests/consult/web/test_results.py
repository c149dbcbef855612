"""Results on the web: who sees what."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from consult.models import Grant, User
from tests import cast, make
from tests.consult.nav import Nav
from tests.consult.web.results import PAGES, signed_in

pytestmark = pytest.mark.django_db


# --- the door ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_let_in_without_signing_in(client: Client, case: Nav, page: str) -> None:
    response = client.get(page)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={page}")


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_anything_without_a_grant(case: Nav, page: str) -> None:
    for user in (cast.leader(), cast.outsider(), cast.designer()):
        response = signed_in(user).get(page)
        assert response.status_code == 403
        assert b"nav-local" not in response.content.replace(page.encode(), b"")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed_here(leader: Client, page: str, method: str) -> None:
    assert getattr(leader, method)(page).status_code == 405


@pytest.mark.parametrize(
    "page",
    [
        "/results/ukjent/",
        "/results/nav-local/B9/",
        "/results/nav-local/B1.stance%00/",
        "/results/nav-local/%C3%A6/",
        "/results/nav-local/" + "x" * 200 + "/",
        "/results/ukjent/B1/",
        "/results/consultations/ukjent/",
        "/results/nav%20local/",
        "/results/nav-local/B1.stance/mer/",
    ],
)
def test_what_there_is_not(leader: Client, page: str) -> None:
    assert leader.get(page).status_code == 404


def test_a_withdrawn_grant_and_a_switched_off_account_are_out_at_once(case: Nav) -> None:
    user = make.granted(cast.leader(), case.union)
    client = signed_in(user)
    assert client.get("/results/nav-local/").status_code == 200
    Grant.objects.all().delete()
    assert client.get("/results/nav-local/").status_code == 403
    make.granted(user, case.union)
    User.objects.update(is_active=False)
    assert client.get("/results/nav-local/").status_code == 302


def test_staff_with_the_right_see_results(case: Nav) -> None:
    user = cast.outsider()
    user.user_permissions.add(Permission.objects.get(codename="view_release"))
    assert signed_in(user).get("/results/nav-local/").status_code == 200


def test_pages_are_kept_by_nobody_and_say_nothing_inline(leader: Client) -> None:
    for page in PAGES[:3]:
        response = leader.get(page)
        assert "no-store" in response["Cache-Control"]
        assert not re.search(rb"<style|<script|\sstyle=|\son[a-z]+=", response.content)


def test_the_root_leads_to_the_results(client: Client) -> None:
    assert client.get("/")["Location"] == "/results/"
