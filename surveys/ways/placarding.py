"""Placarding: what stands on the poster of an open link, and the poster as a PDF, tagged so that it can be read aloud.

What is drawn is fixed when it is asked for, as with every file that is drawn in the background.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from surveys import drawing
from surveys.formats.paper.form import UNSHOWN
from surveys.formats.paper.rich import paragraphs
from surveys.models import Drawn, OpenLink
from surveys.structure import EditionView, edition_view
from surveys.ways import picturing

TEMPLATE = Path(__file__).parent / "poster.typ"
STANDARD: Final = "ua-1"
MADE = datetime(2000, 1, 1, tzinfo=UTC)
# A poster is read in passing; the purpose in full stands on the page it leads to.
LONGEST_PURPOSE = 240


def ask(link: OpenLink, languages: Sequence[str], person: int | None, now: datetime) -> int:
    """Ask for the poster in these languages, one below the other; the id of the row that waits.

    Raises:
        ValueError: no language, or one that does not exist.
    """
    chosen = [language for language in settings.MODELTRANSLATION_LANGUAGES if language in languages]
    if not chosen or set(languages) - set(chosen):
        raise ValueError(languages)
    return drawing.ask_for(link.survey.edition, Drawn.POSTER, chosen[0], lay_out(link, chosen), person, now)


def lay_out(link: OpenLink, languages: Sequence[str]) -> dict[str, Any]:
    """What stands on the poster, as plain values."""
    view = edition_view(link.survey.edition_id)
    parts = [_part(link, view, language) for language in languages]
    return {
        "poster": link.pk,
        "code": link.spaced_code,
        "address": picturing.typed_address(link),
        "picture": picturing.svg(link).decode(),
        "parts": parts,
        # Bokmål and nynorsk say it alike: once is enough.
        "scans": list({part["scan"]: part for part in reversed(parts)}.values())[::-1],
    }


def draw(document: dict[str, Any]) -> bytes:
    """The poster as a PDF."""
    # A compiler with its fonts: 40 MB that only those who draw need.
    import typst

    told = {**document, "picture": "qr.svg"}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copy(TEMPLATE, folder)
        (folder / "qr.svg").write_text(document["picture"], "utf-8")
        # The texts go in as data beside the template: nothing that stands in them is run.
        how: dict[str, Any] = {"sys_inputs": {"poster": json.dumps(told, ensure_ascii=False)}, "timestamp": MADE}
        source, root = folder / TEMPLATE.name, folder
        try:
            content: bytes = typst.compile(
                source, root=root, format="pdf", ignore_system_fonts=True, pdf_standards=STANDARD, **how
            )
        except typst.TypstError:
            # The standard refuses what its fonts cannot show, such as pictograms: then at least it is tagged.
            content = typst.compile(source, root=root, format="pdf", ignore_system_fonts=True, **how)
        return content


def _part(link: OpenLink, view: EditionView, language: str) -> dict[str, str]:
    """The poster's words in one language."""
    closes = min(link.survey.closes_at, link.closes_at or link.survey.closes_at)
    minutes, threshold = view.minutes, max(link.survey.threshold, settings.DISCLOSURE_K)
    with override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        takes = ngettext("Takes about %(count)d minute.", "Takes about %(count)d minutes.", minutes or 0)
        day = formats.date_format(timezone.localtime(closes), pgettext("a day and a time of day", "l j F Y, H:i"))
        return {
            "language": language,
            "asker": _("%(union)s asks you") % {"union": _plain(settings.UNION_NAME)} if settings.UNION_NAME else "",
            "title": _plain(view.title(language)),
            "purpose": _shortened(_words(view.purpose(language))),
            "time": " ".join([takes % {"count": minutes}] if minutes else []),
            "deadline": _("Answer by %(day)s.") % {"day": day},
            "scan": _("Scan the code with the camera of your phone, or type:"),
            "picture": _("QR code that leads to %(address)s") % {"address": picturing.typed_address(link)},
            "assurance": _(
                "You are not asked who you are. Nobody sees any answer before the deadline, and no figure is shown "
                "about fewer than %(threshold)d people."
            )
            % {"threshold": threshold},
            "letter": _("Have you got a letter about this? Use the link in it instead."),
        }


def _words(markdown: str) -> str:
    return " ".join("".join(run.text for run in each.runs) for each in paragraphs(_plain(markdown)))


def _plain(text: str) -> str:
    return UNSHOWN.sub("", text)


def _shortened(text: str) -> str:
    """As many whole sentences as there is room for, or as many words of the first."""
    text = " ".join(text.split())
    if len(text) <= LONGEST_PURPOSE:
        return text
    ends = [place for place in range(LONGEST_PURPOSE) if text[place] in ".!?" and text[place + 1] == " "]
    if ends:
        return text[: ends[-1] + 1]
    return text[:LONGEST_PURPOSE].rpartition(" ")[0] + " …"
