"""The draft whose sheets are tried."""

from __future__ import annotations

import pytest

from surveys.models import Edition
from tests import make


@pytest.fixture
def draft() -> Edition:
    return make.loaded()
