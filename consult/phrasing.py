"""Figures in plain words: "47 of 85 said yes". Every sentence is made from released figures and nothing else.

All texts are in the active language.
"""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# Below this a share is said as "4 of 7": a percentage would pretend to more than there is.
SMALLEST_BASE_FOR_PERCENT = 10

WITHHELD = "–"
MISSING = ("no_answer", "not_asked", "merged")


def count(number: int) -> str:
    """1234 as "1 234" or "1,234", as the language has it."""
    return number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)


def percent(n: int | None, base: int | None) -> int | None:
    """n of base in whole per cent, halves up; None where no percentage is to be shown."""
    if n is None or base is None or base < SMALLEST_BASE_FOR_PERCENT:
        return None
    return (200 * n + base) // (2 * base)


def percent_text(value: int | None) -> str:
    """A whole percentage as the language writes it; empty for None."""
    return "" if value is None else _("%(percent)d%%") % {"percent": value}


def of(n: int | None, base: int | None) -> str:
    """ "47 of 85", or the one symbol for what is withheld."""
    if n is None or base is None:
        return WITHHELD
    return _("%(n)s of %(base)s") % {"n": count(n), "base": count(base)}


def of_with_percent(n: int | None, base: int | None) -> str:
    """ "47 of 85 (55%)"; "4 of 7" where the base is small; the symbol where it is withheld."""
    share = percent(n, base)
    return of(n, base) if share is None else f"{of(n, base)} ({percent_text(share)})"


def withheld() -> str:
    """What the symbol means. One text for every reason, so that it tells nothing more."""
    return _("withheld to protect anonymity")


def said(value: str, label: str, n: int, base: int) -> str:
    """One figure as a sentence without a full stop: "47 of 85 said yes"."""
    figures = {"n": count(n), "base": count(base), "label": label}
    match value:
        case "yes":
            return _("%(n)s of %(base)s said yes") % figures
        case "no":
            return _("%(n)s of %(base)s said no") % figures
        case "both":
            return _("%(n)s of %(base)s said both yes and no") % figures
        case "dont_know":
            return _("%(n)s of %(base)s said they don't know") % figures
        case "answered":
            return _("%(n)s of %(base)s wrote an answer") % figures
        case "no_answer":
            return _("%(n)s of %(base)s gave no answer") % figures
        case "not_asked":
            return _("%(n)s of %(base)s were not asked") % figures
    return _("%(n)s of %(base)s answered “%(label)s”") % figures


def said_of(group: str, sentence: str) -> str:
    """What was found of one group: "Chief representative: 3 of 20 said yes"."""
    return _("%(group)s: %(sentence)s") % {"group": group, "sentence": sentence}


def said_from_to(label: str, low_group: str, low: str, high_group: str, high: str) -> str:
    """Where an answer was rarest and where most common."""
    return _("“%(label)s”: from %(low)s (%(low_group)s) to %(high)s (%(high_group)s)") % {
        "label": label,
        "low": low,
        "low_group": low_group,
        "high": high,
        "high_group": high_group,
    }


def said_among(asked: str, group: str, question: str, value: str, label: str, n: int, base: int) -> str:
    """One figure of those who answered another question alike; questions by their codes.

    "Of the 33 who answered “No” to B3, 25 said yes to B2".
    """
    figures = {
        "asked": asked, "group": group, "question": question, "n": count(n), "base": count(base), "label": label,
    }  # fmt: skip
    match value:
        case "yes":
            return _("Of the %(base)s who answered “%(group)s” to %(asked)s, %(n)s said yes to %(question)s") % figures
        case "no":
            return _("Of the %(base)s who answered “%(group)s” to %(asked)s, %(n)s said no to %(question)s") % figures
    return (
        _("Of the %(base)s who answered “%(group)s” to %(asked)s, %(n)s answered “%(label)s” to %(question)s") % figures
    )


def named(variable: str) -> str:
    """A variable as people read it: "B1, coded" for "B1.stance"; a question, or a fact, by its own name."""
    question, _dot, codebook = variable.partition(".")
    return _("%(question)s, coded") % {"question": question} if codebook else question


def alone(label: str) -> str:
    """A label as it stands by itself or begins a sentence: with a capital."""
    return label[:1].upper() + label[1:]


def inside(label: str) -> str:
    """A label as it stands inside a sentence: without its capital, unless it is an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def took_part(responses: int, invited: int) -> str:
    """ "85 of the 120 who were invited answered"."""
    return ngettext(
        "%(n)s of the %(invited)s who was invited answered",
        "%(n)s of the %(invited)s who were invited answered",
        invited,
    ) % {"n": count(responses), "invited": count(invited)}


def uninvited(others: int) -> str:
    """Beside the response rate: those who came by an open link, on paper or by telephone without an invitation."""
    return ngettext(
        "In addition %(n)s answered without a personal invitation. Some of them may have been invited as well.",
        "In addition %(n)s answered without a personal invitation. Some of them may have been invited as well.",
        others,
    ) % {"n": count(others)}


def some_uninvited() -> str:
    """The same where one of the two groups is too small to be told."""
    return _("Some of them answered without a personal invitation, so there is no response rate.")


def nothing_published() -> str:
    """The headline where every figure is withheld."""
    return _("The figures are withheld to protect anonymity")


def nobody_answered() -> str:
    """The headline of an empty table."""
    return _("Nobody answered this")
