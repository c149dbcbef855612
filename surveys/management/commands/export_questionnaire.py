"""manage.py export_questionnaire CODE [--edition N]: a questionnaire as a JSON document."""

from __future__ import annotations

import json as standard_json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from surveys.authoring import NoSuchEdition, find_edition
from surveys.formats import json


class Command(BaseCommand):
    help = "Write a questionnaire as JSON: the draft if there is one, otherwise the newest edition."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--edition", type=int, help="the number of a published edition")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            edition = find_edition(options["code"], options["edition"])
        except NoSuchEdition as error:
            raise CommandError(_("There is no such questionnaire or edition.")) from error
        self.stdout.write(standard_json.dumps(json.dump(edition), ensure_ascii=False, indent=2))
