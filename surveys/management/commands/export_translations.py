"""manage.py export_translations CODE [--edition N] [--language L] -o FILE: a questionnaire's translator's sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from surveys import translating
from surveys.authoring import NoSuchEdition, find_edition


class Command(BaseCommand):
    help = "Write the translator's sheet (.xlsx): of the draft if there is one, otherwise of the newest edition."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--edition", type=int, help="the number of a published edition")
        parser.add_argument("--language", choices=("nb", "nn", "en"), help="of what is said to the translator")
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", required=True, help="where to write")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            edition = find_edition(options["code"], options["edition"])
        except NoSuchEdition as error:
            raise CommandError(_("There is no such questionnaire or edition.")) from error
        language = options["language"] or translation.get_language() or "nb"
        with translation.override(language):
            content = translating.export(edition, language)
        try:
            options["output"].write_bytes(content)
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be written: %(reason)s")
                % {"file": options["output"], "reason": error.strerror or error}
            ) from error
