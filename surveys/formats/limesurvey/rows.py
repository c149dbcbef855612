"""LimeSurvey's tables and the survey they hold: what stands in which column, from version 1.90 to 6."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.utils.translation import gettext as _

from surveys.formats.document import BadDocument
from surveys.formats.limesurvey.survey import Answer, Group, OldCondition, Question, Subquestion, Survey

Row = Mapping[str, str]
Rows = list[dict[str, str]]
# Tables that a questionnaire has no place for.
BEYOND = ("quota", "assessments", "survey_url_parameters", "plugin_settings", "themes")

# What LimeSurvey 6 calls the look that each type has from the start.
THEMES = {
    "N": "numerical", "D": "date", "S": "shortfreetext", "T": "longfreetext", "X": "boilerplate", "R": "ranking",
    "M": "multiplechoice", "P": "multiplechoice-with-comments", "L": "listradio", "O": "list_with_comment",
    "Y": "yesno",
}  # fmt: skip


def survey(tables: Mapping[str, Rows]) -> Survey:
    """The survey that these tables hold.

    Raises:
        BadDocument: a question is in no group.
    """
    head = tables["surveys"][0]
    found = Survey(
        number=head.get("sid", ""),
        language=head.get("language", ""),
        settings={name: value for name, value in head.items() if value},
        beyond={name for name in BEYOND if tables.get(name)},
    )
    for row in tables.get("surveys_languagesettings", []):
        language = row.get("surveyls_language") or found.language
        found.languages.append(language)
        for name, value in row.items():
            if value:
                found.texts.setdefault(name, {})[language] = value
    found.languages = list(dict.fromkeys(found.languages)) or [found.language]
    groups = _groups(tables, found.language)
    questions = _questions(tables, groups, found.language)
    _answers(tables, questions, found.language)
    _attributes(tables, questions)
    for row in tables.get("conditions", []):
        if question := questions.get(row.get("qid", "")):
            question.conditions.append(
                OldCondition(
                    row.get("scenario", "1"), row.get("cfieldname", ""), row.get("method", "=="), row.get("value", "")
                )
            )
    found.groups = sorted(groups.values(), key=lambda group: group.order)
    for group in found.groups:
        group.questions.sort(key=lambda question: question.order)
        for question in group.questions:
            question.answers.sort(key=lambda answer: answer.order)
            question.subquestions.sort(key=lambda each: each.order)
    return found


def _groups(tables: Mapping[str, Rows], language: str) -> dict[str, Group]:
    groups: dict[str, Group] = {}
    for row in [*tables.get("groups", []), *tables.get("group_l10ns", [])]:
        group = groups.setdefault(row.get("gid", ""), Group(row.get("gid", ""), order=_integer(row.get("group_order"))))
        group.relevance = group.relevance or row.get("grelevance", "")
        group.random = group.random or row.get("randomization_group", "")
        own = row.get("language") or language
        if row.get("group_name"):
            group.titles[own] = row["group_name"]
        if row.get("description"):
            group.descriptions[own] = row["description"]
    return groups


def _questions(tables: Mapping[str, Rows], groups: Mapping[str, Group], language: str) -> dict[str, Question]:
    texts: dict[str, Rows] = defaultdict(list)
    for row in tables.get("question_l10ns", []):
        texts[row.get("qid", "")].append(row)
    questions: dict[str, Question] = {}
    parts: dict[str, Subquestion] = {}
    for row in [*tables.get("questions", []), *tables.get("subquestions", [])]:
        number, parent = row.get("qid", ""), row.get("parent_qid", "")
        if parent not in ("", "0"):
            if (question := questions.get(parent)) is None:
                continue
            if number not in parts:
                parts[number] = _subquestion(row)
                question.subquestions.append(parts[number])
            parts[number].texts |= _texts([row, *texts[number]], "question", language)
            continue
        if number not in questions:
            if row.get("gid", "") not in groups:
                raise BadDocument(_("Question %(code)s is in no group.") % {"code": row.get("title", "?")[:40]})
            questions[number] = _question(row)
            groups[row.get("gid", "")].questions.append(questions[number])
        question = questions[number]
        question.texts |= _texts([row, *texts[number]], "question", language)
        question.help |= _texts([row, *texts[number]], "help", language)
    defaults = {row.get("qid", "") for row in tables.get("defaultvalues", [])}
    for number, question in questions.items():
        question.has_default = number in defaults
    return questions


def _question(row: Row) -> Question:
    return Question(
        number=row.get("qid", ""),
        code=row.get("title", ""),
        type=row.get("type", ""),
        mandatory=row.get("mandatory", "") or "N",
        other=row.get("other", "") == "Y",
        relevance=row.get("relevance", ""),
        validation=row.get("preg", ""),
        order=_integer(row.get("question_order")),
    )


def _subquestion(row: Row) -> Subquestion:
    return Subquestion(
        row.get("title", ""),
        scale=row.get("scale_id", "") or "0",
        order=_integer(row.get("question_order")),
        relevance=row.get("relevance", ""),
    )


def _answers(tables: Mapping[str, Rows], questions: Mapping[str, Question], language: str) -> None:
    texts: dict[str, Rows] = defaultdict(list)
    for row in tables.get("answer_l10ns", []):
        texts[row.get("aid", "")].append(row)
    found: dict[tuple[str, str, str], Answer] = {}
    for row in tables.get("answers", []):
        if (question := questions.get(row.get("qid", ""))) is None:
            continue
        key = (question.number, row.get("scale_id", "") or "0", row.get("code", ""))
        if key not in found:
            found[key] = Answer(key[2], scale=key[1], order=_integer(row.get("sortorder")))
            question.answers.append(found[key])
        own = texts[row["aid"]] if row.get("aid") else []
        found[key].texts |= _texts([row, *own], "answer", language)


def _attributes(tables: Mapping[str, Rows], questions: Mapping[str, Question]) -> None:
    for row in tables.get("question_attributes", []):
        if (question := questions.get(row.get("qid", ""))) and row.get("value"):
            question.attributes.setdefault(row.get("attribute", ""), {})[row.get("language", "")] = row["value"]
    for question in questions.values():
        # Before version 2 the relevance was an attribute.
        question.relevance = question.relevance or question.attribute("relevance")


def _texts(rows: list[dict[str, str]], name: str, language: str) -> dict[str, str]:
    return {row.get("language") or language: row[name] for row in rows if row.get(name)}


def _integer(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def tables(survey: Survey) -> dict[str, Rows]:
    """The tables of a survey, in the order in which LimeSurvey 6 writes them."""
    names = ("answers", "answer_l10ns", "groups", "group_l10ns", "questions", "subquestions", "question_l10ns")
    written: dict[str, Rows] = {name: [] for name in (*names, "question_attributes", "surveys")}
    for group in survey.groups:
        written["groups"].append(
            {
                "gid": group.number, "sid": survey.number, "group_order": str(group.order), "randomization_group": "",
                "grelevance": group.relevance,
            }
        )  # fmt: skip
        for language in survey.languages:
            texts = {"group_name": group.titles.get(language, ""), "description": group.descriptions.get(language, "")}
            _append(written["group_l10ns"], {"gid": group.number, **texts, "language": language})
        for question in group.questions:
            _write_question(survey, group, question, written)
    written["surveys"] = [{"sid": survey.number, **survey.settings}]
    written["surveys_languagesettings"] = [
        {
            "surveyls_survey_id": survey.number,
            "surveyls_language": language,
            **{name: texts.get(language, "") for name, texts in survey.texts.items()},
        }
        for language in survey.languages
    ]
    return written


def _write_question(survey: Survey, group: Group, question: Question, written: dict[str, Rows]) -> None:
    place = {"sid": survey.number, "gid": group.number}
    shared = {
        "type": question.type,
        "preg": "",
        "encrypted": "N",
        "same_default": "0",
        "modulename": "",
        "same_script": "0",
    }
    written["questions"].append(
        {
            "qid": question.number, "parent_qid": "0", **place, **shared, "title": question.code,
            "other": "Y" if question.other else "N", "mandatory": question.mandatory,
            "question_order": str(question.order), "scale_id": "0", "relevance": question.relevance or "1",
            "question_theme_name": THEMES.get(question.type, ""),
        }
    )  # fmt: skip
    for language in survey.languages:
        texts = {"question": question.texts.get(language, ""), "help": question.help.get(language, "")}
        _append(written["question_l10ns"], {"qid": question.number, **texts, "script": "", "language": language})
    for place_in, part in enumerate(question.subquestions, start=1):
        # Numbers of subquestions are drawn from the same series as those of questions.
        number = f"{question.number}{place_in:03d}"
        written["subquestions"].append(
            {
                "qid": number, "parent_qid": question.number, **place, **shared, "type": "T", "title": part.code,
                "other": "N", "mandatory": "", "question_order": str(part.order), "scale_id": part.scale,
                "relevance": part.relevance or "1",
            }
        )  # fmt: skip
        for language in survey.languages:
            texts = {"question": part.texts.get(language, ""), "help": ""}
            _append(written["question_l10ns"], {"qid": number, **texts, "script": "", "language": language})
    for answer in question.answers:
        row = {
            "aid": str(len(written["answers"]) + 1), "qid": question.number, "code": answer.code,
            "sortorder": str(answer.order), "assessment_value": "0", "scale_id": answer.scale,
        }  # fmt: skip
        written["answers"].append(row)
        for language in survey.languages:
            text = {"answer": answer.texts.get(language, ""), "language": language}
            _append(written["answer_l10ns"], {"aid": row["aid"], **text})
    for name, values in question.attributes.items():
        for language, value in values.items():
            written["question_attributes"].append(
                {"qid": question.number, "attribute": name, "value": value, "language": language}
            )


def _append(table: Rows, row: dict[str, str]) -> None:
    table.append({"id": str(len(table) + 1), **row})
