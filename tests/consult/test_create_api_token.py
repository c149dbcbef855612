"""manage.py create_api_token USER"""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from consult import granting
from consult.models import ApiToken, User
from tests import cast, make

pytestmark = pytest.mark.django_db


def run(name: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("create_api_token", name, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_key_stands_alone_on_standard_output_and_works() -> None:
    user = make.granted(cast.leader())
    out, err = run("leader")
    assert re.fullmatch(r"rsl_[A-Za-z0-9_-]{43}\n", out)
    assert granting.user_of_token(out.strip()) == user
    assert out.strip() not in err
    assert "no access" not in err


def test_a_user_without_access_is_pointed_out() -> None:
    cast.leader()
    assert "leader has no access to results yet" in run("leader")[1]


def test_each_run_makes_another_key() -> None:
    cast.leader()
    assert run("leader")[0] != run("leader")[0]
    assert ApiToken.objects.count() == 2


def test_nobody_by_that_name() -> None:
    with pytest.raises(CommandError, match=r"^There is no user called nobody\.$"):
        run("nobody")


def test_a_user_who_is_switched_off() -> None:
    cast.leader()
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match=r"^The user leader is switched off\."):
        run("leader")
    assert ApiToken.objects.count() == 0


def test_no_name_at_all() -> None:
    with pytest.raises(CommandError, match="user"):
        call_command("create_api_token")
