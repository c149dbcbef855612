"""Keep the interface's translations in step with the sources."""

from __future__ import annotations

from typing import Any

from babel.messages.catalog import Catalog
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import catalogues


class Command(BaseCommand):
    """`messages`: extract, update and compile; `--check`: only say what is missing, and fail if anything is."""

    help = "Extract texts from the sources, update locale/*/LC_MESSAGES/django.po and compile them."
    # Must work before anything else does.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """--check and --compile exclude each other."""
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--check", action="store_true", help="Change nothing; fail on missing translations.")
        group.add_argument("--compile", action="store_true", help="Only compile what is there.")

    def handle(self, **options: Any) -> None:
        """Run; CommandError lists every text that lacks a translation."""
        if options["compile"]:
            catalogues.compile_all()
            return
        template = catalogues.extract()
        if options["check"]:
            self._check(template)
            return
        for language in catalogues.LANGUAGES:
            catalogues.update(language, template)
            lacking = len(catalogues.check(language, template).untranslated)
            self.stdout.write(f"{language}: {len(template)} texts, {lacking} without a translation")
        catalogues.compile_all()

    def _check(self, template: Catalog) -> None:
        faults = []
        for language in catalogues.LANGUAGES:
            found = catalogues.check(language, template)
            for kind in ("missing", "untranslated", "broken"):
                faults += [f"{language}: {kind}: {name}" for name in getattr(found, kind)]
        if faults:
            raise CommandError("\n".join(faults))
