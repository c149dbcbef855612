"""Who works at the admin in these tests."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import cast
from tests.surveys.admin import planning
from tests.surveys.admin.pages import signed_in


@pytest.fixture
def designer() -> Client:
    return signed_in(cast.designer())


@pytest.fixture
def planner() -> Client:
    """A designer while the surveys of these tests are in the field."""
    return planning.signed_in(cast.designer())
