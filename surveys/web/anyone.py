"""Pages as they are for anyone: rendered once a process, with marks where a person's own key and answers go.

A page of a survey differs from one respondent to the next in a handful of places. Rendering the rest again for
each of them would be most of the work of answering.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import conditional_escape

from surveys.web.visit import Visit

# Random, so that neither a questionnaire nor an answer can hold a mark.
_MARK = secrets.token_hex(16)
KEPT_PAGES = 2048
CARRIED = ("key", "code", "spaced_code", "proof", "place", "kept", "unsent", "until", "person")


def mark(name: str) -> str:
    """What stands in a page where `name` goes."""
    return f"{_MARK}-{name}-"


@dataclass(frozen=True)
class Anyone:
    """Takes the place of a visit in a template."""

    action: str
    remembered: bool
    has_code: bool
    has_proof: bool
    has_sami: bool
    shared: bool
    way: str = ""
    forgets: bool = False
    has_person: bool = False
    notice: str = ""

    key = mark("key")
    spaced_code = mark("spaced_code")
    kept = mark("kept")
    unsent = mark("unsent")
    until = mark("until")

    @property
    def code(self) -> str:
        return mark("code") if self.has_code else ""

    @property
    def proof(self) -> str:
        return mark("proof") if self.has_proof else ""

    @property
    def place(self) -> str:
        return mark("place") if self.has_code else ""

    @property
    def person(self) -> str:
        return mark("person") if self.has_person else ""


def page_for(visit: Visit, render: Callable[..., str], *same: Hashable, **own: str) -> str:
    """`render(visit, *same, **own)`, from memory where only the visit's and the `own` values are new.

    Args:
        same: what is the same for everyone who gets this page.
        own: what is this person's; escaped where it is put in, unless it is safe already.
    """
    anyone = Anyone(
        visit.action,
        bool(visit.remembered),
        bool(visit.code),
        bool(visit.proof),
        visit.has_sami,
        visit.shared,
        visit.way,
        visit.forgets,
        bool(visit.person),
    )
    content = _once(render, anyone, tuple(own), *same)
    carried = {name: getattr(visit, name) for name in CARRIED}
    for name, value in {**carried, **own}.items():
        content = content.replace(mark(name), conditional_escape(value))
    return content


@lru_cache(maxsize=KEPT_PAGES)
def _once(render: Callable[..., str], anyone: Anyone, names: tuple[str, ...], *same: Hashable) -> str:
    return render(anyone, *same, **{name: mark(name) for name in names})
