"""manage.py import_translations FILE [--code CODE] [--conflicts refuse|leave|take] [--dry-run] [--json]

A translator's sheet, read into a draft. Exit status 0 when it was applied (or, with --dry-run, could be), 1 with the
reasons on standard error when not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from surveys import authoring, translating
from surveys.drafting import undoing
from surveys.formats.document import LARGEST_BYTES
from surveys.models import Did
from surveys.translating import Plan

REFUSE, LEAVE, TAKE = "refuse", "leave", "take"


class Command(BaseCommand):
    help = "Read a translator's sheet (.xlsx) into the draft of its questionnaire."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--code", default="", help="the questionnaire's code, if the sheet does not say it")
        parser.add_argument(
            "--conflicts",
            choices=(REFUSE, LEAVE, TAKE),
            default=REFUSE,
            help="texts that were changed here as well: refuse the sheet, leave them, or take the sheet's",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be written")
        parser.add_argument("--json", action="store_true", help="print the plan as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        planned = translating.plan(_content(options["file"]), options["code"])
        conflicts = options["conflicts"]
        reasons = [*planned.errors, *(_conflicts(planned) if conflicts == REFUSE else ())]
        written = 0
        if not reasons and not options["dry_run"]:
            try:
                taken = {each.name for each in planned.asked} if conflicts == TAKE else set()
                written = _apply(planned, taken)
            except authoring.Refused as refused:
                reasons = refused.reasons
        if options["json"]:
            found = planned.as_json() | {"written": written, "errors": reasons}
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        if reasons:
            raise CommandError("\n".join(reasons))
        if not options["json"]:
            self._say(planned, written, dry_run=options["dry_run"])

    def _say(self, planned: Plan, written: int, *, dry_run: bool) -> None:
        counts = {"code": planned.code, "written": written, "asked": len(planned.asked), **planned.counts()}
        if dry_run:
            told = _(
                "%(code)s: would be filled in: %(filled)d, changed: %(changed)d, to be decided: %(asked)d, "
                "as before: %(same)d"
            )
        else:
            told = _("%(code)s: texts written: %(written)d, as before: %(same)d")
        self.stdout.write(told % counts)
        for line in planned.lines:
            for remark in line.remarks:
                self.stdout.write(f"  {line.place}, {line.language}: {remark}")
        for each in planned.left_out:
            self.stdout.write(f"  {each.place}: {each.what}: {each.why}")


def _apply(planned: Plan, taken: set[str]) -> int:
    """How many texts were written."""
    now = timezone.now()
    # A draft that is made for it has nothing to go back to; each sheet is a change of its own.
    standing = planned.edition_id if planned.version is not None else None
    place, subject = f"{undoing.COMMAND} {now:%Y%m%dT%H%M%S%f}", _("texts from the translator’s sheet")
    with undoing.noted(standing, None, now, Did.WROTE, subject=subject, place=place) as note:
        applied = translating.apply(planned, taken)
        note.made = applied.edition if applied.count else None
    return applied.count


def _conflicts(planned: Plan) -> list[str]:
    return [
        _("Row %(row)d (%(place)s), %(language)s") % {"row": each.row, "place": each.place, "language": each.language}
        + f": {each.reason}"
        for each in planned.asked
    ]


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than allowed is enough to see that it is too large.
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be read: %(reason)s") % {"file": path, "reason": error.strerror or error}
        ) from error
