"""Users, rights and keys in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from consult import granting
from consult.models import ApiToken, Consultation, Grant, User
from tests import cast, make

pytestmark = pytest.mark.django_db

PAGES = ["user", "grant", "apitoken", "consultation"]


def staff(*rights: str) -> Client:
    user = cast.outsider()
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


@pytest.fixture
def root() -> Client:
    return signed_in(User.objects.create_superuser("root", password=cast.PASSWORD))


@pytest.mark.parametrize("page", PAGES)
def test_lists_open_for_those_who_may_and_for_no_others(root: Client, page: str) -> None:
    address = f"/admin/consult/{page}/"
    assert root.get(address).status_code == 200
    assert signed_in(cast.leader()).get(address).status_code == 302
    assert staff().get(address).status_code == 403


@pytest.mark.parametrize("page", ["user", "grant", "consultation"])
def test_forms_open(root: Client, page: str) -> None:
    assert root.get(f"/admin/consult/{page}/add/").status_code == 200


def test_a_user_is_made_and_then_given_access(root: Client) -> None:
    fields = {"username": "ny-leder", "usable_password": "true", "password1": cast.PASSWORD, "password2": cast.PASSWORD}
    answer = root.post("/admin/consult/user/add/", fields)
    user = User.objects.get(username="ny-leder")
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/consult/user/{user.pk}/change/")
    assert root.get(answer["Location"]).status_code == 200
    answer = root.post("/admin/consult/grant/add/", {"user": user.pk, "unit": make.unit().pk})
    assert answer.status_code == 302
    assert granting.scope(user) == granting.Scope(everything=True)


def test_staff_who_manage_users_cannot_make_themselves_more() -> None:
    client = staff("view_user", "change_user")
    user = User.objects.get(username="outsider")
    fields = {"username": "outsider", "is_active": "on", "is_staff": "on", "is_superuser": "on",
              "user_permissions": [Permission.objects.get(codename="view_release").pk],
              "date_joined_0": "2026-01-01", "date_joined_1": "12:00:00",
              "grants-TOTAL_FORMS": "0", "grants-INITIAL_FORMS": "0"}  # fmt: skip
    assert client.post(f"/admin/consult/user/{user.pk}/change/", fields).status_code == 403
    user.refresh_from_db()
    assert user.is_superuser is False
    assert set(user.user_permissions.values_list("codename", flat=True)) == {"view_user", "change_user"}


def test_staff_who_manage_users_make_leaders_but_no_colleagues() -> None:
    leader = User.objects.create_user("lise", password=cast.PASSWORD)
    client = staff("view_user", "change_user", "delete_user")
    fields = {"username": "lise", "first_name": "Lise", "is_active": "on", "is_staff": "on",
              "date_joined_0": "2026-01-01", "date_joined_1": "12:00:00",
              "grants-TOTAL_FORMS": "0", "grants-INITIAL_FORMS": "0"}  # fmt: skip
    assert client.post(f"/admin/consult/user/{leader.pk}/change/", fields).status_code == 302
    leader.refresh_from_db()
    assert (leader.first_name, leader.is_staff) == ("Lise", False)


def test_staff_who_manage_users_cannot_approve_in_a_colleagues_name() -> None:
    colleague = User.objects.create_user("kollega", password=cast.PASSWORD, is_staff=True)
    client = staff("view_user", "change_user", "delete_user")
    fields = {"password1": "et helt nytt passord", "password2": "et helt nytt passord", "usable_password": "true"}
    assert client.post(f"/admin/consult/user/{colleague.pk}/password/", fields).status_code == 403
    assert client.post(f"/admin/consult/user/{colleague.pk}/delete/", {"post": "yes"}).status_code == 403
    colleague.refresh_from_db()
    assert colleague.check_password(cast.PASSWORD)


def test_staff_who_manage_users_cannot_take_over_a_superuser() -> None:
    chief = User.objects.create_superuser("root", password=cast.PASSWORD)
    client = staff("view_user", "change_user")
    fields = {"password1": "et helt nytt passord", "password2": "et helt nytt passord", "usable_password": "true"}
    assert client.post(f"/admin/consult/user/{chief.pk}/password/", fields).status_code == 403
    chief.refresh_from_db()
    assert chief.check_password(cast.PASSWORD)


def test_the_same_access_twice_is_refused_in_words(root: Client) -> None:
    user = make.granted(cast.leader())
    page = root.post("/admin/consult/grant/add/", {"user": user.pk, "unit": make.unit().pk})
    assert page.status_code == 200
    assert Grant.objects.count() == 1


def test_keys_are_revoked_once_and_never_made_changed_or_deleted_here(root: Client) -> None:
    token = granting.create_token(cast.leader(), make.AFTER)
    key = ApiToken.objects.get()
    body = root.get("/admin/consult/apitoken/").content.decode()
    assert token not in body
    assert key.sha256 not in body
    assert root.get("/admin/consult/apitoken/add/").status_code == 403
    assert root.post(f"/admin/consult/apitoken/{key.pk}/delete/", {"post": "yes"}).status_code == 403
    fields = {"action": "revoke", "_selected_action": [key.pk]}
    said = [root.post("/admin/consult/apitoken/", fields, follow=True).content.decode() for _ in range(2)]
    assert ["1 key was revoked." in said[0], "0 keys were revoked." in said[1]] == [True, True]
    assert granting.user_of_token(token) is None


def test_revoking_needs_the_right() -> None:
    token = granting.create_token(cast.leader(), make.AFTER)
    fields = {"action": "revoke", "_selected_action": [ApiToken.objects.get().pk]}
    staff("view_apitoken").post("/admin/consult/apitoken/", fields)
    assert granting.user_of_token(token) is not None


def test_surveys_are_gathered_in_a_consultation(root: Client) -> None:
    survey = make.in_field("nav-local")
    fields = {"code": "nav-2021", "title": "Nav 2021", "mandate": "", "surveys": [survey.pk]}
    assert root.post("/admin/consult/consultation/add/", fields).status_code == 302
    assert [row.code for row in Consultation.objects.get(code="nav-2021").surveys.all()] == ["nav-local"]
