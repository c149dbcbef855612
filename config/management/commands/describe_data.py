"""`manage.py describe_data`: every stored table and field, with purpose and retention, as Markdown."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import recording


class Command(BaseCommand):
    help = "Print docs/data.md: every stored table and field, what it is for, and how long it is kept."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the document.

        Raises:
            CommandError: something stored has no purpose in config/data_record.toml.
        """
        try:
            self.stdout.write(recording.describe(), ending="")
        except recording.Unrecorded as error:
            raise CommandError(str(error)) from None
