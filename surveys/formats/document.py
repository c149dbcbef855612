"""Reading a JSON document strictly: every complaint names the place, and nothing unknown passes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from django.utils.translation import gettext as _

T = TypeVar("T")

LARGEST_BYTES = 10 * 1024 * 1024
LARGEST_SMALL_INTEGER = 32767
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")


class BadDocument(ValueError):
    """The document is not what it should be; the message names the place, in the words of whoever sent it."""


def parse(content: str | bytes) -> Any:
    """The JSON value in a file's content.

    Raises:
        BadDocument: too large, not UTF-8, not JSON, or a name given twice in one object.
    """
    if len(content) > LARGEST_BYTES or (
        isinstance(content, str) and len(content.encode(errors="replace")) > LARGEST_BYTES
    ):
        raise BadDocument(_("The file is larger than 10 MB."))
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise BadDocument(_("The file is not text in UTF-8. Save it as UTF-8 and try again.")) from error
    except json.JSONDecodeError as error:
        raise BadDocument(
            _("The file is not valid JSON: line %(line)d, column %(column)d.")
            % {"line": error.lineno, "column": error.colno}
        ) from error
    except BadDocument:
        raise
    except (RecursionError, ValueError) as error:
        raise BadDocument(_("The file is not valid JSON.")) from error


class Node:
    """One object of the document, and where it stands."""

    def __init__(self, value: Any, place: str, allowed: Collection[str]) -> None:
        """Raises BadDocument if it is no object or has a name that is not allowed."""
        self.place = place
        if not isinstance(value, dict):
            self.refuse(_("must be an object"))
        if unknown := sorted(str(name) for name in value.keys() - set(allowed)):
            self.refuse(_("has an unknown name: %(name)s") % {"name": unknown[0][:60]})
        self.value = value

    def refuse(self, complaint: str, name: str = "") -> NoReturn:
        """Complain about this object, or about one of its names."""
        place = " › ".join(part for part in (self.place, name) if part)
        raise BadDocument(f"{place}: {complaint}" if place else complaint)

    def string(self, name: str, longest: int, default: str | None = None) -> str:
        """A string, of at most `longest` characters; required unless there is a default."""
        value = self.value.get(name, default)
        if value is None:
            self.refuse(_("is missing"), name)
        return self._clean(value, longest, name)

    def texts(self, name: str, longest: int, languages: Collection[str]) -> dict[str, str]:
        """An object {language: text}; empty texts are left out."""
        value = self.value.get(name, {})
        if not isinstance(value, dict):
            self.refuse(_("must be an object with a text for each language"), name)
        if unknown := sorted(str(language) for language in value.keys() - set(languages)):
            self.refuse(_("has an unknown language: %(name)s") % {"name": unknown[0][:20]}, name)
        texts = {language: self._clean(text, longest, f"{name} › {language}") for language, text in value.items()}
        return {language: texts[language] for language in languages if texts.get(language)}

    def choice(self, name: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of a few words."""
        value, words = self.string(name, 100, default), list(allowed)
        if value not in words:
            self.refuse(_("must be one of: %(words)s") % {"words": ", ".join(words)}, name)
        return value

    def boolean(self, name: str, default: bool) -> bool:
        """true or false."""
        value = self.value.get(name, default)
        if not isinstance(value, bool):
            self.refuse(_("must be true or false"), name)
        return bool(value)

    def integer(self, name: str, least: int, default: int | None = None) -> int | None:
        """A small whole number, or null."""
        value = self.value.get(name, default)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= LARGEST_SMALL_INTEGER:
            self.refuse(
                _("must be a whole number from %(least)d to %(most)d")
                % {"least": least, "most": LARGEST_SMALL_INTEGER},
                name,
            )
        return int(value)

    def decimal(self, name: str) -> Decimal | None:
        """A number of at most twelve digits and four decimals, given as a number or as text; None if missing."""
        value = self.value.get(name)
        if value is None:
            return None
        written = str(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else ""
        if not DECIMAL.fullmatch(written):
            self.refuse(_("must be a number of at most twelve digits and four decimals"), name)
        return Decimal(written)

    def day(self, name: str) -> date | None:
        """A day as 2021-09-06; None if missing."""
        value = self.value.get(name)
        try:
            return None if value is None else date.fromisoformat(value if DAY.fullmatch(str(value)) else "")
        except (TypeError, ValueError):
            self.refuse(_("must be a day such as 2021-09-06"), name)

    def strings(self, name: str, most: int, longest: int) -> list[str]:
        """A list of different strings."""
        found = self.items(name, most, lambda number, each: self._clean(each, longest, f"{name} › {number}"))
        if len(set(found)) < len(found):
            self.refuse(_("has an entry twice"), name)
        return found

    def items(self, name: str, most: int, read: Callable[[int, Any], T]) -> list[T]:
        """A list, each item read with its number from 1; missing is empty."""
        value = self.value.get(name, [])
        if not isinstance(value, list):
            self.refuse(_("must be a list"), name)
        if len(value) > most:
            self.refuse(_("has more than %(most)d entries") % {"most": most}, name)
        return [read(number, item) for number, item in enumerate(value, start=1)]

    def _clean(self, value: Any, longest: int, name: str) -> str:
        if not isinstance(value, str):
            self.refuse(_("must be a text"), name)
        if len(value) > longest:
            self.refuse(_("is longer than %(longest)d characters") % {"longest": longest}, name)
        if any(unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\t" for each in value):
            self.refuse(_("holds characters that cannot be shown"), name)
        return str(value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise BadDocument(_("The name %(name)s is given twice in one object.") % {"name": name[:60]})
        result[name] = value
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise BadDocument(_("%(name)s is not a number.") % {"name": name})
