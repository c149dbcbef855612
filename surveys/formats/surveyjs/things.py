"""The objects of a SurveyJS document: read by name, so that what nobody asked for can be named as lost."""

from __future__ import annotations

import re
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from surveys.formats import written
from surveys.formats.document import BadDocument
from surveys.formats.fitting import Fitting
from surveys.structure import Text

OWN = "raadslag"
# What we write there of the whole document, spelled as in our own format.
OWN_NAMES = ("facts", "minutes", "name", "role", "concepts")
LANGUAGES = {"nb": "nb", "no": "nb", "nn": "nn", "en": "en", "se": "se", "sme": "se"}
# SurveyJS itself is translated into fewer than a hundred.
MOST_LANGUAGES = 200
# How things look, which is decided here: named once for the whole document.
LOOKS = frozenset(
    {
        "colCount", "width", "minWidth", "maxWidth", "startWithNewLine", "indent", "titleLocation", "state", "rows",
        "renderAs", "displayMode", "rateType", "rateColorMode", "scaleColorMode", "autoGrow", "allowResize",
        "placeholder", "placeHolder", "optionsCaption", "showTitle", "descriptionLocation", "showClearButton",
        "inputMask", "cellType", "alternateRows", "verticalAlign", "innerIndent", "hideNumber", "showNumber",
        "questionTitleLocation", "questionStartIndex", "showQuestionNumbers", "showProgressBar", "progressBarType",
        "logo", "logoPosition", "logoWidth", "logoHeight", "logoFit", "widthMode", "headerView", "textUpdateMode",
        "swapOrder", "separateSpecialChoices", "itemSize", "size", "displayRateDescriptionsAsExtremeItems",
        "selectToRankAreasLayout", "showSelectAllItem", "hasSelectAll", "requiredText", "fitToContainer",
    }
)  # fmt: skip


class Thing:
    """One object of the document, and where it stands."""

    def __init__(self, value: Any, place: str, fitting: Fitting, usual: str) -> None:
        """`usual` is the language of texts that name none."""
        self.place, self.fitting, self.usual = place, fitting, usual
        if not isinstance(value, dict):
            self.refuse(_("must be an object"))
        self.value: dict[str, Any] = value
        self.asked: set[str] = {OWN}

    def refuse(self, complaint: str, name: str = "") -> NoReturn:
        """Complain about this object, or one of its names."""
        place = " › ".join(part for part in (self.place, name) if part)
        raise BadDocument(f"{place}: {complaint}" if place else complaint)

    def get(self, *names: str) -> Any:
        """What stands under the first of these names that is there: old and new spellings of one thing."""
        self.asked.update(names)
        return next((self.value[name] for name in names if name in self.value), None)

    def string(self, *names: str) -> str:
        """A word, or a number as one; empty if it is missing."""
        found = self.get(*names)
        if found is None:
            return ""
        if isinstance(found, bool):
            return "true" if found else "false"
        if not isinstance(found, str | int | float):
            self.refuse(_("must be a text"), names[0])
        return str(found).strip()

    def flag(self, *names: str) -> bool:
        """Whether something is switched on."""
        return self.get(*names) is True

    def number(self, *names: str) -> Decimal | None:
        """A number; one that is worked out, or does not fit, is lost."""
        found = self.get(*names)
        if found is None or found == "":
            return None
        number = written.number(str(found)) if isinstance(found, str | int | float) else None
        if number is None:
            self.lose(names[0], _("It is not a number that can be kept here."))
        return number

    def text(self, longest: int, *names: str) -> Text:
        """A text in our languages."""
        return self.localised(self.get(*names), longest, names[0])

    def localised(self, found: Any, longest: int, name: str) -> Text:
        """A text, alone or as {language: text}."""
        if found is None:
            return Text({})
        if isinstance(found, int | float):
            found = str(found)
        given = {"default": found} if isinstance(found, str) else found
        if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
            self.refuse(_("must be a text, or an object with a text for each language"), name)
        if len(given) > MOST_LANGUAGES:
            self.refuse(_("has more than %(most)d languages") % {"most": MOST_LANGUAGES}, name)
        texts: dict[str, str] = {}
        for language, text in given.items():
            ours = self.usual if language == "default" else LANGUAGES.get(language.lower().split("-")[0])
            if ours is None:
                why = _("Texts here are in bokmål, nynorsk, English or Northern Sámi. These were left out.")
                self.fitting.lose(_("the whole document"), language, why)
            elif fitted := self.fitting.text(self.place, text, longest):
                texts.setdefault(ours, fitted)
        return Text(texts)

    def things(self, *names: str) -> list[Any]:
        """A list, whatever stands in it; empty if it is missing."""
        found = self.get(*names)
        if found is None:
            return []
        if not isinstance(found, list):
            self.refuse(_("must be a list"), names[0])
        return found

    @property
    def own(self) -> dict[str, Any]:
        """What we wrote there ourselves."""
        found = self.value.get(OWN)
        return found if isinstance(found, dict) else {}

    def lose(self, name: str, why: str) -> None:
        """Note that what stands under a name is left out."""
        self.fitting.lose(self.place, f"{name}: {self.value.get(name)}", why)

    def lose_the_rest(self) -> None:
        """Note everything that nobody has asked for."""
        for name in self.value.keys() - self.asked:
            if name in LOOKS:
                self.fitting.lose(_("the whole document"), name, _("How a question is shown is decided here."))
            else:
                self.lose(name, _("This setting is not known here."))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.hidden = 0
        self.tags = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags = True
        self.hidden += tag in ("script", "style")
        if tag in ("p", "br", "div", "li", "h1", "h2", "h3", "h4", "tr"):
            self.words.append("\n\n" if tag != "br" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style") and self.hidden:
            self.hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def without_tags(html: str) -> tuple[str, bool]:
    """The words of an HTML text, and whether there was any markup to take away."""
    words = _Words()
    words.feed(html)
    words.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(words.words)).strip(), words.tags
