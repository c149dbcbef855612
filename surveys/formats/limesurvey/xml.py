"""The .lss file: LimeSurvey's tables as XML, read without entities or document types, and written."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from surveys.formats.document import BadDocument
from surveys.formats.limesurvey import rows
from surveys.formats.limesurvey.survey import OLDEST_VERSION, WRITTEN_VERSION, Survey, refuse_too_large

Tables = dict[str, list[dict[str, str]]]
# document › table › rows › row › field, and a little more for the appearance.
DEEPEST = 12
MOST_ROWS = 200_000
MOST_ELEMENTS = 2_000_000
UNSHOWN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Tables:
    """Takes the parser's events and keeps the rows of each table: never a tree of the whole."""

    def __init__(self) -> None:
        self.tables: Tables = defaultdict(list)
        self.facts: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._row: dict[str, str] = {}
        self._rows = self._elements = 0

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self._path.append(tag)
        self._text = []
        self._elements += 1
        if len(self._path) > DEEPEST:
            raise BadDocument(_("The file is nested deeper than any LimeSurvey survey."))
        if self._elements > MOST_ELEMENTS:
            raise BadDocument(_("The file is larger than any LimeSurvey survey."))
        if self._path[0] != "document":
            raise BadDocument(_("This is no survey from LimeSurvey: the file does not begin with “document”."))
        if self._path[2:] == ["rows", "row"]:
            self._row = {}

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> None:
        depth, text = len(self._path), "".join(self._text)
        if depth == 2 and text.strip():
            self.facts[tag] = text.strip()
        elif depth == 5 and self._path[2:4] == ["rows", "row"]:
            self._row[tag] = text
        elif depth == 4 and self._path[2:] == ["rows", "row"]:
            self.tables[self._path[1]].append(self._row)
            self._rows += 1
            if self._rows > MOST_ROWS:
                raise BadDocument(_("The file is larger than any LimeSurvey survey."))
        elif depth == 3 and self._path[1] == "themes":
            self.tables["themes"].append({})
        self._path.pop()
        self._text = []

    def close(self) -> Tables:
        return dict(self.tables)


def read(content: bytes) -> Survey:
    """The survey in an .lss file.

    Raises:
        BadDocument: too large, not XML, with a document type or entities, or no survey.
    """
    refuse_too_large(content)
    events = _Tables()
    parser: Any = DefusedXMLParser(target=events, forbid_dtd=True)
    try:
        parser.feed(content)
        tables: Tables = parser.close()
    except DefusedXmlException as error:
        raise BadDocument(
            _("The file has a document type or entities of its own, which is not allowed: they can be used to attack.")
        ) from error
    except ParseError as error:
        line, column = error.position
        raise BadDocument(
            _("The file is not valid XML: line %(line)d, column %(column)d.") % {"line": line, "column": column}
        ) from error
    except (ValueError, LookupError) as error:
        if isinstance(error, BadDocument):
            raise
        raise BadDocument(_("The file is not valid XML.")) from error
    _refuse_others(events.facts, tables)
    return rows.survey(tables)


def _refuse_others(facts: Mapping[str, str], tables: Tables) -> None:
    kind = facts.get("LimeSurveyDocType", "")
    if kind != "Survey":
        raise BadDocument(
            _("This is no whole survey from LimeSurvey (“%(kind)s”): export the structure of the survey (.lss).")
            % {"kind": kind[:40] or "?"}
        )
    # Development versions were numbered 155.6.
    version = facts.get("DBVersion", "").split(".")[0]
    if not version.isascii() or not version.isdigit() or len(version) > 6 or int(version) < OLDEST_VERSION:
        raise BadDocument(
            _("This survey is from a LimeSurvey older than 1.90: open it in a newer one and export it again.")
        )
    if not tables.get("surveys"):
        raise BadDocument(_("The file holds no survey."))


def write(survey: Survey) -> bytes:
    """The .lss file of a survey."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<document>",
        " <LimeSurveyDocType>Survey</LimeSurveyDocType>",
        f" <DBVersion>{WRITTEN_VERSION}</DBVersion>",
        " <languages>",
        *(f"  <language>{escape(language)}</language>" for language in survey.languages),
        " </languages>",
    ]
    for name, table in rows.tables(survey).items():
        if table:
            lines += _table(name, table)
    return "\n".join([*lines, "</document>", ""]).encode()


def _table(name: str, table: list[dict[str, str]]) -> Iterable[str]:
    yield f" <{name}>"
    yield "  <fields>"
    yield from (f"   <fieldname>{field}</fieldname>" for field in table[0])
    yield "  </fields>"
    yield "  <rows>"
    for row in table:
        yield "   <row>"
        yield from (
            f"    <{field}>{_cdata(value)}</{field}>" if value else f"    <{field}/>" for field, value in row.items()
        )
        yield "   </row>"
    yield "  </rows>"
    yield f" </{name}>"


def _cdata(text: str) -> str:
    return "<![CDATA[" + UNSHOWN.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"
