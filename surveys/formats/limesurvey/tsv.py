"""The .txt file: LimeSurvey's survey structure as tab-separated text, a row a group, question, answer and language."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from surveys.formats.document import BadDocument
from surveys.formats.limesurvey.survey import (
    Answer,
    Group,
    OldCondition,
    Question,
    Subquestion,
    Survey,
    Texts,
    refuse_too_large,
)

COLUMNS = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "encrypted", "other", "default", "same_default", "same_script",
)  # fmt: skip
BEYOND = {"QTA": "quota", "QTAM": "quota", "QTALS": "quota", "AS": "assessments"}
MOST_ROWS, LONGEST_CELL = 100_000, 200_000
FORMULA = re.compile(r"'*[=+\-@]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Columns whose cells LimeSurvey shows as HTML.
SHOWN = {"text", "help", "suffix", "other_replace_text"}
# Types whose rows of class SQ only name a column of the answers.
WITHOUT_PARTS = ("O", "|")

Row = Mapping[str, str]


def read(content: bytes) -> Survey:
    """The survey in a tab-separated file.

    Raises:
        BadDocument: too large, not UTF-8 or UTF-16, or without LimeSurvey's columns.
    """
    refuse_too_large(content)
    reading = _Reading()
    for row in _rows(content):
        reading.take(row)
    if not reading.survey.groups:
        raise BadDocument(_("The file holds no survey."))
    return reading.survey


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDocument(_("The file is not text in UTF-8. Save it as UTF-8 and try again.")) from error
    if "\x00" in text:
        raise BadDocument(_("The file is not text in UTF-8. Save it as UTF-8 and try again."))
    # The module's own limit holds for every reader of the process; a longer cell is refused below.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
    try:
        names = [name.strip() for name in next(reader, [])]
        if not {"class", "type/scale", "name", "text"} <= set(names):
            raise BadDocument(
                _("This is no survey from LimeSurvey: the first row must name its columns, such as class and name.")
            )
        for number, cells in enumerate(reader, start=2):
            if number > MOST_ROWS:
                raise BadDocument(_("The file has more than %(most)d rows.") % {"most": MOST_ROWS})
            row = {name: _plain(cell) for name, cell in zip(names, cells, strict=False) if name and cell}
            if row.get("class"):
                yield row
    except csv.Error as error:
        raise BadDocument(_("Row %(number)d cannot be read.") % {"number": reader.line_num}) from error


def _plain(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


class _Reading:
    """Takes rows one by one; those of further languages find what the first one made."""

    def __init__(self) -> None:
        self.survey = Survey()
        self.groups: dict[str, Group] = {}
        self.group: Group | None = None
        self.question: Question | None = None
        self.language = ""
        self.counted = 0

    def take(self, row: Row) -> None:
        kind = row["class"].strip()
        if kind in BEYOND:
            self.survey.beyond.add(BEYOND[kind])
        elif kind in ("S", "SL"):
            self._setting(row, of_language=kind == "SL")
        elif kind == "G":
            self._group(row)
        elif kind == "Q":
            self._question(row)
        elif kind == "SQ":
            self._subquestion(row)
        elif kind == "A":
            self._answer(row)
        elif kind == "C" and self.question is not None:
            self.question.conditions.append(
                OldCondition(
                    row.get("type/scale", "1"), row.get("name", ""), row.get("relevance", "=="), row.get("text", "")
                )
            )

    def _language(self, row: Row) -> str:
        return row.get("language", "") or self.survey.language

    def _setting(self, row: Row, *, of_language: bool) -> None:
        name, text = row.get("name", ""), row.get("text", "")
        survey = self.survey
        if of_language:
            language = self._language(row)
            survey.languages = list(dict.fromkeys([*survey.languages, language]))
            survey.texts.setdefault(name, {})[language] = text
            return
        survey.settings[name] = text
        if name == "sid":
            survey.number = text
        elif name == "language":
            survey.language = text
            survey.languages = list(dict.fromkeys([text, *survey.languages]))

    def _group(self, row: Row) -> None:
        language = self._language(row)
        if language != self.language:
            self.language, self.counted = language, 0
        self.counted += 1
        # Older files do not number groups: then they stand in the same order in every language.
        key = row.get("type/scale", "") or f"#{self.counted}"
        if key not in self.groups:
            number = row.get("id", "") or str(len(self.groups) + 1)
            self.groups[key] = Group(number, order=len(self.groups) + 1)
            self.survey.groups.append(self.groups[key])
        self.group = group = self.groups[key]
        self.question = None
        _add(group.titles, language, row.get("name", ""))
        _add(group.descriptions, language, row.get("text", ""))
        group.relevance = group.relevance or row.get("relevance", "")
        group.random = group.random or row.get("random_group", "")

    def _question(self, row: Row) -> None:
        if self.group is None:
            raise BadDocument(_("Question %(code)s is in no group.") % {"code": row.get("name", "?")[:40]})
        code, language = row.get("name", ""), self._language(row)
        found = next((each for each in self.group.questions if each.code == code), None)
        if found is None:
            found = Question(
                number=row.get("id", ""),
                code=code,
                type=row.get("type/scale", "T"),
                mandatory=row.get("mandatory", "") or "N",
                other=row.get("other", "") == "Y",
                relevance=row.get("relevance", ""),
                validation=row.get("validation", ""),
                order=len(self.group.questions) + 1,
            )
            self.group.questions.append(found)
        self.question = found
        found.has_default = found.has_default or bool(row.get("default"))
        _add(found.texts, language, row.get("text", ""))
        _add(found.help, language, row.get("help", ""))
        for name, value in row.items():
            if name not in COLUMNS:
                found.attributes.setdefault(name, {})[language] = value

    def _subquestion(self, row: Row) -> None:
        question, code = self.question, row.get("name", "")
        if question is None or question.type in WITHOUT_PARTS or (code == "other" and question.other):
            return
        scale = row.get("type/scale", "") or "0"
        found = next((each for each in question.subquestions if (each.code, each.scale) == (code, scale)), None)
        if found is None:
            found = Subquestion(code, scale=scale, order=len(question.subquestions), relevance=row.get("relevance", ""))
            question.subquestions.append(found)
        _add(found.texts, self._language(row), row.get("text", ""))
        question.has_default = question.has_default or bool(row.get("default"))

    def _answer(self, row: Row) -> None:
        question = self.question
        if question is None:
            return
        code, scale = row.get("name", ""), row.get("type/scale", "") or "0"
        found = next((each for each in question.answers if (each.code, each.scale) == (code, scale)), None)
        if found is None:
            found = Answer(code, scale=scale, order=len(question.answers))
            question.answers.append(found)
        _add(found.texts, self._language(row), row.get("text", ""))


def _add(texts: Texts, language: str, text: str) -> None:
    if text:
        texts[language] = text


def write(survey: Survey) -> bytes:
    """The tab-separated file of a survey, in UTF-8 with the mark that spreadsheets look for."""
    names = sorted({name for group in survey.groups for question in group.questions for name in question.attributes})
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\r\n")
    columns = [*COLUMNS, *names]
    writer.writerow(columns)
    for row in _written(survey):
        writer.writerow([_safe(column, row) for column in columns])
    return ("\ufeff" + buffer.getvalue()).encode()


def _safe(column: str, row: Row) -> str:
    """A cell that no spreadsheet takes for a formula, and that LimeSurvey reads as it was meant.

    LimeSurvey keeps an apostrophe before a formula as part of the text, and takes away quotation marks at both
    ends. What it shows as HTML therefore begins with a character reference.
    """
    text = row.get(column, "").replace("\r", " ").replace("\n", " ")
    if NUMBER.fullmatch(text):
        return text
    if column in SHOWN or (column == "name" and row["class"] == "G"):
        return f"&#{ord(text[0])};{text[1:]}" if re.match(r"[=+\-@'\"]", text) else text
    return f"'{text}" if FORMULA.match(text) else text


def _written(survey: Survey) -> Iterator[dict[str, str]]:
    for name, value in {"sid": survey.number, **survey.settings}.items():
        yield {"class": "S", "name": name, "text": value}
    for language in survey.languages:
        for name, texts in {"surveyls_language": {language: language}, **survey.texts}.items():
            yield {"class": "SL", "name": name, "text": texts.get(language, ""), "language": language}
    for language in survey.languages:
        for group in survey.groups:
            yield {
                "id": group.number, "class": "G", "type/scale": str(group.order), "language": language,
                "name": group.titles.get(language, ""), "relevance": group.relevance,
                "text": group.descriptions.get(language, ""),
            }  # fmt: skip
            for question in group.questions:
                yield from _question_rows(question, language, first=language == survey.languages[0])


def _question_rows(question: Question, language: str, *, first: bool) -> Iterator[dict[str, str]]:
    shared = {name: texts[""] for name, texts in question.attributes.items() if first and "" in texts}
    own = {name: texts[language] for name, texts in question.attributes.items() if texts.get(language)}
    yield {
        **shared, **own,
        "id": question.number, "class": "Q", "type/scale": question.type, "name": question.code,
        "relevance": question.relevance or "1", "text": question.texts.get(language, ""),
        "help": question.help.get(language, ""), "language": language, "mandatory": question.mandatory,
        "encrypted": "N", "other": "Y" if question.other else "N", "same_default": "0", "same_script": "0",
    }  # fmt: skip
    for place, part in enumerate(question.subquestions, start=1):
        yield {
            "id": f"{question.number}{place:03d}", "class": "SQ", "type/scale": part.scale, "name": part.code,
            "relevance": part.relevance or "1", "text": part.texts.get(language, ""), "language": language,
        }  # fmt: skip
    for answer in question.answers:
        yield {
            "id": question.number, "class": "A", "type/scale": answer.scale, "name": answer.code,
            "text": answer.texts.get(language, ""), "language": language,
        }  # fmt: skip
