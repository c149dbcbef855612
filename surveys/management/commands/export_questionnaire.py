"""manage.py export_questionnaire CODE [--edition N] [--format F] [--language L] [-o FILE]: a questionnaire as a file.

What the format cannot hold is named on standard error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys import exchanging
from surveys.authoring import NoSuchEdition, find_edition


class Command(BaseCommand):
    help = "Write a questionnaire as a file: the draft if there is one, otherwise the newest edition."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--edition", type=int, help="the number of a published edition")
        parser.add_argument("--format", choices=list(exchanging.FORMATS), default="json")
        parser.add_argument(
            "--language", choices=AVAILABLE_LANGUAGES, help="of a document in one language, such as PDF"
        )
        parser.add_argument(
            "-o", "--output", type=Path, metavar="FILE", help="where to write; standard output if left out"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            edition = find_edition(options["code"], options["edition"])
        except NoSuchEdition as error:
            raise CommandError(_("There is no such questionnaire or edition.")) from error
        file = exchanging.export(edition, options["format"], options["language"] or get_language() or "nb")
        if options["output"] is None:
            self._print(file.content)
        else:
            try:
                options["output"].write_bytes(file.content)
            except OSError as error:
                raise CommandError(
                    _("%(file)s cannot be written: %(reason)s")
                    % {"file": options["output"], "reason": error.strerror or error}
                ) from error
        for each in file.lost:
            self.stderr.write(f"{each.place}: {each.what}: {each.why}")

    def _print(self, content: bytes) -> None:
        """To standard output: as it is where that takes bytes, else as the text that most formats are."""
        stream: Any = self.stdout._out if hasattr(self.stdout, "_out") else self.stdout
        if hasattr(stream, "buffer"):
            stream.flush()
            stream.buffer.write(content)
            stream.buffer.flush()
            return
        try:
            self.stdout.write(content.decode(), ending="")
        except UnicodeDecodeError as error:
            raise CommandError(_("This format is no text: say with -o where to write it.")) from error
