"""manage.py import_questionnaire FILE [--publish]: a questionnaire from a JSON document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from surveys import publishing
from surveys.formats import json
from surveys.formats.document import LARGEST_BYTES


class Command(BaseCommand):
    help = "Read a questionnaire from a JSON document into its draft; --publish freezes it as an edition."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--publish", action="store_true", help="publish the draft at once")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                # One byte more than allowed is enough to see that it is too large.
                content = file.read(LARGEST_BYTES + 1)
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be read: %(reason)s") % {"file": options["file"], "reason": error.strerror or error}
            ) from error
        try:
            with transaction.atomic():
                questionnaire = json.load(content)
                edition = publishing.publish(questionnaire.pk, timezone.now()) if options["publish"] else None
        except json.BadDocument as error:
            raise CommandError(str(error)) from error
        except publishing.NotPublishable as error:
            raise CommandError("\n".join([_("Not published, and not imported:"), *error.reasons])) from error
        self.stdout.write(
            _("%(code)s: published as edition %(number)d") % {"code": questionnaire.code, "number": edition.number}
            if edition
            else _("%(code)s: read into the draft") % {"code": questionnaire.code}
        )
