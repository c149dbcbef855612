"""What can be wrong with a register file: reasons to refuse it, and problems with single lines of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ImportRefused(Exception):
    """The file was not imported. `reason` is a sentence for the person who gave it, in their language."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreadableFile(ImportRefused):
    """The file is not a register file that can be read, or holds what must not be held."""


class NothingToApply(ImportRefused):
    """The plan was dropped; its file is gone."""


class PlanOutdated(ImportRefused):
    """The register has changed since the plan was made, so that it would do more than was shown."""


class Problem(NamedTuple):
    """One line that could not be used as it stands. `value` is what stood there, `other` another line's number."""

    line: int
    reason: str
    value: str = ""
    other: int = 0

    def as_json(self) -> dict[str, Any]:
        """The form in `RegisterImport.plan`; `describe` turns it into a sentence."""
        return {"line": self.line, "reason": self.reason, "value": self.value[:80], "other": self.other}


_SENTENCES = {
    "too_many_cells": _("There are more cells than headings. The line is left out."),
    "row_kind": _("“%(value)s” is not a kind of row; write “enhet” or “verv”. The line is left out."),
    "no_number": _("The membership number is missing. The line is left out."),
    "bad_number": _("“%(value)s” is not a membership number. The line is left out."),
    "no_name": _("The name is missing. The line is left out."),
    "bad_name": _("“%(value)s” is not a name. The line is left out."),
    "long_name": _("“%(value)s” is too long for a name. The line is left out."),
    "bad_email": _("“%(value)s” is not an e-mail address. The person is kept without it."),
    "email_kind": _("“%(value)s” is not a kind of address; write “privat” or “arbeid”. The line is left out."),
    "shared_email": _("“%(value)s” is also the address of another person, on line %(other)s. Both are kept."),
    "role": _("“%(value)s” is not a known appointment. The line is left out."),
    "no_unit": _("The unit code is missing. The line is left out."),
    "unknown_unit": _("There is no unit with the code “%(value)s”. The line is left out."),
    "bad_date": _("“%(value)s” is not a date; write it as 31.12.2021. The line is left out."),
    "dates_reversed": _("The appointment ends before it starts. The line is left out."),
    "language": _("“%(value)s” is not a language letters are written in. The line is left out."),
    "other_name": _("Line %(other)s gives the same membership number another name. The line is left out."),
    "other_leaving": _("Line %(other)s gives another day of leaving. The line is left out."),
    "other_period": _("Line %(other)s gives the same appointment other dates. The line is left out."),
    "bad_code": _("“%(value)s” is not a unit code: use letters a to z, digits and hyphens. The line is left out."),
    "unit_kind": _("“%(value)s” is not a kind of unit. The line is left out."),
    "size": _("“%(value)s” is not a size; write “liten”, “middels”, “stor” or a number. The line is left out."),
    "yes_no": _("“%(value)s” is neither yes nor no. The line is left out."),
    "no_parent": _("It is not said which unit this one belongs to. The line is left out."),
    "union_has_parent": _("The union belongs to no other unit. The line is left out."),
    "unknown_parent": _("There is no unit with the code “%(value)s” for this one to belong to. The line is left out."),
    "parent_kind": _("This kind of unit cannot belong to “%(value)s”. The line is left out."),
    "child_kind": _("“%(value)s” belongs to this unit, which the new kind does not allow. The line is left out."),
    "other_unit": _("Line %(other)s describes the same unit otherwise. The line is left out."),
}


def describe(problem: dict[str, Any]) -> str:
    """A problem of a stored plan as a sentence in the reader's language."""
    sentence = str(_SENTENCES.get(problem["reason"]) or gettext("The line is left out."))
    return sentence % {"value": problem["value"] or "…", "other": problem["other"]}
