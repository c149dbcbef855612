"""`manage.py doctor`: is everything in order that the service needs?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import diagnosing
from config.diagnosing import Mark


class Command(BaseCommand):
    help = "Looks at settings, database, Redis, migrations, keys, clock, letters and mail; fails if one is wrong."
    # They are among what is looked at, and told in the same way.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each finding.

        Raises:
            CommandError: at least one is wrong.
        """
        wrong = 0
        for finding in diagnosing.diagnose():
            wrong += finding.mark is Mark.WRONG
            self.stdout.write(f"{finding.mark.value} {finding.text}")
        if wrong:
            raise CommandError(f"Not in order: {wrong}.")
        self.stdout.write("Everything is in order.")
