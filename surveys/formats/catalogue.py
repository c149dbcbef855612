"""The formats there are, and which of them a file is in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib import import_module

from django.utils.translation import gettext as _

from surveys.formats import enclosed
from surveys.formats.document import LARGEST_BYTES, BadDocument, parse
from surveys.formats.protocol import Draft, Written


@dataclass(frozen=True)
class Format:
    """One format. Its module is imported when it is used: some are heavy.

    Args:
        name: what commands and addresses call it.
        suffix: of a file's name, without the point.
        module: in `surveys.formats`.
        reads: whether files of it can be imported.
        shows: whether it has a place for quotations, images and documents.
    """

    name: str
    label: str
    suffix: str
    media_type: str
    module: str
    reads: bool = True
    shows: bool = False

    def load(self, content: bytes, code: str) -> Draft:
        """See `formats.protocol`."""
        draft: Draft = import_module(f"surveys.formats.{self.module}").load(content, code)
        return draft

    def dump(self, draft: Draft, language: str) -> Written:
        """See `formats.protocol`."""
        told, lost = (draft, ()) if self.shows else enclosed.plainly(draft)
        written: Written = import_module(f"surveys.formats.{self.module}").dump(told, language)
        return replace(written, lost=(*lost, *written.lost))


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS = {
    each.name: each
    for each in (
        Format("json", "JSON", "json", "application/json", "own", shows=True),
        Format("xlsform", "XLSForm", "xlsx", WORKBOOK, "xlsform"),
        Format("surveyjs", "SurveyJS", "surveyjs.json", "application/json", "surveyjs"),
        Format("lss", "LimeSurvey (.lss)", "lss", "application/xml", "lss"),
        Format("txt", "LimeSurvey (.txt)", "txt", "text/tab-separated-values", "txt"),
        Format("docx", "Word", "docx", WORD, "docx", reads=False, shows=True),
        Format("pdf", "PDF", "pdf", "application/pdf", "pdf", reads=False, shows=True),
    )
}


def recognise(content: bytes) -> Format:
    """The format of a file, told from its content.

    Raises:
        BadDocument: too large, empty, or none that is known.
    """
    if len(content) > LARGEST_BYTES:
        raise BadDocument(_("The file is larger than 10 MB."))
    # After a byte-order mark and blanks; text in UTF-16 has a zero beside each letter.
    start = re.sub(rb"^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)", b"", content[:4000]).lstrip(b"\x00 \t\r\n")[:1]
    if not start:
        raise BadDocument(_("The file is empty."))
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return FORMATS["xlsform"]
    if start == b"<" and "lss" in FORMATS:
        return FORMATS["lss"]
    if start in b"{[":
        return FORMATS["surveyjs" if _is_surveyjs(content) else "json"]
    if b"\t" in content[:4000] and "txt" in FORMATS:
        return FORMATS["txt"]
    raise BadDocument(_("This is no questionnaire in a format that can be read here."))


def _is_surveyjs(content: bytes) -> bool:
    document = parse(content)
    return isinstance(document, dict) and "sections" not in document and bool({"pages", "elements"} & document.keys())
