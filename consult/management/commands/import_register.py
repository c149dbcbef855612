"""manage.py import_register FILE: the register made to agree with a file from the membership system."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from consult import importing

# The first lines show what is wrong; --json gives them all.
PROBLEMS_PRINTED = 20


class Command(BaseCommand):
    help = "Read people, units and appointments from a .csv or .xlsx file. Lines that cannot be used are listed."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and what to do with it."""
        parser.add_argument("file", type=Path, help="a .csv or .xlsx file from the membership system")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
        parser.add_argument("--json", action="store_true", help="print the whole plan as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan and apply, or only plan.

        Raises:
            CommandError: the file cannot be read or is refused; nothing is changed. The exit status is 1.
        """
        try:
            plan = self._import(options["file"], options["dry_run"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from None
        except importing.ImportRefused as refusal:
            if options["json"]:
                self.stdout.write(json.dumps({"refused": refusal.reason}, ensure_ascii=False))
            raise CommandError(refusal.reason) from None
        if options["json"]:
            self.stdout.write(json.dumps(plan, ensure_ascii=False, indent=2))
        else:
            self._tell(plan, options["dry_run"])

    def _import(self, path: Path, dry_run: bool) -> dict[str, Any]:
        now = timezone.now()
        with path.open("rb") as file:
            content = file.read(importing.MOST_BYTES + 1)
        if dry_run:
            return importing.preview(content, path.name, now)
        record = importing.plan(content, path.name, now)
        # Once applied the plan keeps no names, but here it is told to whoever holds the file.
        return {**record.plan, "counts": importing.apply(record.pk, now).counts}

    def _tell(self, plan: dict[str, Any], dry_run: bool) -> None:
        for what, numbers in plan["counts"].items():
            parts = [f"{number} {kind}" for kind, number in numbers.items() if number]
            if parts:
                self.stdout.write(f"{what}: {', '.join(parts)}")
        if plan["unused"]:
            self.stdout.write(f"columns not used: {', '.join(plan['unused'])}")
        for problem in plan["problems"][:PROBLEMS_PRINTED]:
            self.stderr.write(f"line {problem['line']}: {importing.describe(problem)}")
        more = plan["problem_count"] - PROBLEMS_PRINTED
        if more > 0:
            self.stderr.write(f"… and {more} lines more.")
        self.stdout.write("Nothing has been changed." if dry_run else "The register agrees with the file.")
