"""Who works at the admin in these tests."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import cast
from tests.surveys.admin.pages import signed_in


@pytest.fixture
def designer() -> Client:
    return signed_in(cast.designer())
