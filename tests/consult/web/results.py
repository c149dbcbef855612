"""The results' pages, and someone's browser."""

from __future__ import annotations

from django.test import Client

from consult.models import User
from tests.page import parse

PAGES = [
    "/results/",
    "/results/nav-local/",
    "/results/nav-local/B1.stance/",
    "/results/nav-local/role-or-none/",
    "/results/consultations/nav-2021/",
]


def signed_in(user: User) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


def text(response) -> str:
    """What the page says: words only, one blank between."""
    return parse(response).find("main").text
