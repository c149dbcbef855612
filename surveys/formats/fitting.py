"""Fitting what a file says into what a questionnaire has room for; whatever does not fit is noted as lost."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from surveys.formats.protocol import Lost

LONGEST_CODE, LONGEST_OPTION = 20, 30
LONGEST_TITLE, LONGEST_TEXT, LONGEST_UNIT = 200, 20_000, 40
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass
class Fitting:
    """Collects what is lost while a file is read."""

    lost: list[Lost] = field(default_factory=list)

    def lose(self, place: str, what: str, why: str, *, is_kept: bool = False) -> None:
        """Note something that is left out or changed; the same of one place once."""
        found = Lost(place, what if len(what) <= 200 else f"{what[:199]}…", why, is_kept)
        if found not in self.lost:
            self.lost.append(found)

    def code(self, place: str, wanted: str, taken: Container[str]) -> str:
        """A question's code: the name in the file, or the nearest to it that is allowed and free."""
        form = re.sub(r"[^A-Za-z0-9_]", "_", wanted)
        if not form[:1].isalpha():
            form = f"Q{form}"
        return self._free(place, wanted, form, LONGEST_CODE, taken)

    def option(self, place: str, wanted: str, taken: Container[str]) -> str:
        """An option's code likewise."""
        form = re.sub(r"[^A-Za-z0-9_-]", "_", wanted) or "option"
        return self._free(place, wanted, form, LONGEST_OPTION, taken)

    def _free(self, place: str, wanted: str, form: str, longest: int, taken: Container[str]) -> str:
        code, number = form[:longest], 1
        while code in taken:
            number += 1
            code = f"{form[: longest - len(str(number)) - 1]}_{number}"
        if code != wanted:
            self.lose(
                place,
                wanted,
                _("A code here is short, of plain letters, digits and underscores, and used once: it became %(code)s.")
                % {"code": code},
            )
        return code

    def text(self, place: str, written: str, longest: int = LONGEST_TEXT) -> str:
        """A text with one kind of line break, without what cannot be shown, no longer than there is room for."""
        text = UNSHOWN.sub("", written.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if len(text) > longest:
            self.lose(
                place, text[longest - 1 :], _("There is room for %(longest)d characters here.") % {"longest": longest}
            )
            return f"{text[: longest - 1]}…"
        return text
