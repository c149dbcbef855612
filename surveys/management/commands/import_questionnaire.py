"""manage.py import_questionnaire FILE [--code CODE] [--dry-run] [--json] [--publish]: a questionnaire from a file.

Exit status 0 when it was applied (or, with --dry-run, could be), 1 with the reasons on standard error when not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from surveys import authoring, exchanging, publishing
from surveys.drafting import undoing
from surveys.exchanging import Plan
from surveys.formats.document import LARGEST_BYTES
from surveys.models import Did, Edition


class Command(BaseCommand):
    help = "Read a questionnaire from a file (JSON, XLSForm, LimeSurvey, SurveyJS) into its draft."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--code", default="", help="the questionnaire's code, whatever the file says")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be made, and what is lost")
        parser.add_argument("--json", action="store_true", help="print the plan as JSON")
        parser.add_argument("--publish", action="store_true", help="publish the draft at once")

    def handle(self, *_args: Any, **options: Any) -> None:
        planned = exchanging.plan(_content(options["file"]), options["file"].name, options["code"])
        reasons, edition = list(planned.errors), None
        if not reasons and not options["dry_run"]:
            reasons, edition = _apply(planned, publish=options["publish"])
        if options["json"]:
            self.stdout.write(json.dumps(planned.as_json() | {"errors": reasons}, ensure_ascii=False, indent=2))
        if reasons:
            raise CommandError("\n".join(reasons))
        if not options["json"]:
            self._say(planned, edition, dry_run=options["dry_run"])

    def _say(self, planned: Plan, edition: Edition | None, *, dry_run: bool) -> None:
        assert planned.draft is not None
        names = {"code": planned.draft.code}
        if dry_run:
            counts = planned.counts()
            self.stdout.write(
                _(
                    "%(code)s: would be read into the draft. Sections: %(sections)d, questions: %(questions)d, "
                    "answers to choose between: %(options)d, conditions: %(conditions)d"
                )
                % {**names, **counts}
            )
        elif edition is not None:
            self.stdout.write(_("%(code)s: published as edition %(number)d") % {**names, "number": edition.number})
        else:
            self.stdout.write(_("%(code)s: read into the draft") % names)
        for each in planned.lost:
            self.stdout.write(f"  {each.place}: {each.what}: {each.why}")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than allowed is enough to see that it is too large.
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be read: %(reason)s") % {"file": path, "reason": error.strerror or error}
        ) from error


def _apply(planned: Plan, *, publish: bool) -> tuple[list[str], Edition | None]:
    """Why it was not applied, if it was not, and the edition published."""
    try:
        now, draft = timezone.now(), exchanging.standing(planned)
        with transaction.atomic():
            with undoing.noted(draft, None, now, Did.READ, place=undoing.COMMAND, whole=True) as note:
                questionnaire = exchanging.apply(planned)
                note.made = questionnaire.editions.get(published_at__isnull=True)
            return [], publishing.publish(questionnaire.pk, now) if publish else None
    except authoring.Refused as refused:
        return refused.reasons, None
    except publishing.NotPublishable as refused:
        return [_("Not published, and not imported:"), *refused.reasons], None
