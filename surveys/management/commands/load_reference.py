"""manage.py load_reference: the question bank and the templates that come with the product."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from surveys.drafting import supplying


class Command(BaseCommand):
    help = "Load the question bank and the templates, or bring them up to date. What staff have changed is left alone."

    def handle(self, *_args: Any, **_options: Any) -> None:
        said = {
            supplying.LOADED: _("%(code)s: loaded"),
            supplying.UPDATED: _("%(code)s: brought up to date"),
            supplying.UNCHANGED: _("%(code)s: up to date already"),
            supplying.KEPT: _("%(code)s: left alone, since it has been changed here"),
        }
        for each in supplying.supply():
            self.stdout.write(said[each.outcome] % {"code": each.code})
