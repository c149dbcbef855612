"""Requests that no browser sends, at the real addresses."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("charset", ["hex", "zlib", "rot13", "base64", "idna", "undefined", "finnes-ikke", "punycode"])
def test_a_charset_that_is_none_is_not_worked_on(client, charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert client.generic("POST", "/s/", b"token=x", content_type=kind).status_code == 404
    assert client.generic("GET", "/accounts/login/?q=%C3%A6", content_type=kind).status_code == 200


def test_a_nul_in_the_query_is_refused(client):
    assert client.get("/accounts/login/?next=%00").status_code == 400
