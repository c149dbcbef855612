"""The reference case, and who reads its results."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import cast, make
from tests.consult.nav import Nav, nav
from tests.consult.web.results import signed_in


@pytest.fixture
def case() -> Nav:
    return nav()


@pytest.fixture
def leader(case: Nav) -> Client:
    return signed_in(make.granted(cast.leader(), case.union))
