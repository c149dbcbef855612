"""manage.py restore_facts SURVEY_CODE FILE: the facts of a closed survey from their encrypted backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from surveys.box import restoring


class Command(BaseCommand):
    help = "After a disaster: write the facts in DATA_DIR/backups/<survey>-facts.bin back into the database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("survey", help="the survey's code")
        parser.add_argument("file", type=Path, help="the backup file, wherever it lies now")
        parser.add_argument(
            "--key-lost", action="store_true", help="the survey's key is out of reach, and known to be lost for good"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            done = restoring.restore(
                options["survey"], options["file"], timezone.now(), is_key_lost=options["key_lost"]
            )
        except restoring.NotRestorable as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            _("%(code)s: restored %(responses)d responses, %(answers)d answers, %(background)d background facts")
            % {
                "code": options["survey"],
                "responses": done.responses,
                "answers": done.answers,
                "background": done.background,
            }
        )
        if done.closed:
            self.stdout.write(_("The survey stood as open, without its key; it is closed now."))
