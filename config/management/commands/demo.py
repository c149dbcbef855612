"""`manage.py demo`: the whole service on this machine, with the reference case in it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demonstrating import Demonstration, DemonstrationError


class Command(BaseCommand):
    help = "Runs web, background work, PostgreSQL, Redis and a mailbox on this machine, with the case of 2021."
    # The database is started by this command: it cannot be checked before.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo runs with DEMO=1 only: it relaxes what a real service must not.")
        try:
            Demonstration(self.stdout.write).run()
        except DemonstrationError as error:
            raise CommandError(str(error)) from None
