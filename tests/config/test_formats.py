"""How dates and times are written in each language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import formats, timezone, translation

MOMENT = datetime(2021, 11, 12, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "moment", "short"),
    [
        ("nb", "12. november 2021", "12. november 2021 kl. 23:59", "12.11.2021 kl. 23:59"),
        ("nn", "12. november 2021", "12. november 2021 kl. 23:59", "12.11.2021 kl. 23:59"),
        ("en", "12 November 2021", "12 November 2021, 23:59", "12 Nov 2021, 23:59"),
    ],
)
def test_a_day_and_a_moment(language: str, day: str, moment: str, short: str) -> None:
    local = timezone.localtime(MOMENT)
    with translation.override(language):
        names = ("DATE_FORMAT", "DATETIME_FORMAT", "SHORT_DATETIME_FORMAT", "TIME_FORMAT")
        written = [formats.date_format(local, name) for name in names]
    assert written == [day, moment, short, "23:59"]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_week_begins_on_monday(language: str) -> None:
    with translation.override(language):
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1
