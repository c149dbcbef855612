"""What we write beside a question for ourselves: the settings that LimeSurvey has no words for, as one attribute."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.kinds import registry
from surveys.models import Comparability, Elaboration, Meaning
from surveys.structure import OptionView, QuestionView

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,30}")
_LONGEST = 50_000
# Braces in a text travel as characters that nobody uses: LimeSurvey runs what stands in braces.
_BRACES = {ord("{"): "\ue07b", ord("}"): "\ue07d"}
_BRACES_BACK = {0xE07B: "{", 0xE07D: "}"}


@dataclass(frozen=True)
class OptionMarks:
    code: str
    meaning: str = Meaning.ANSWER.value
    elaboration: str = ""
    excludes: bool = False


@dataclass(frozen=True)
class Marks:
    """What is known of a question beyond what LimeSurvey says; `options` by LimeSurvey's code of each."""

    code: str = ""
    kind: str = ""
    elaboration: str = ""
    prompt: Mapping[str, str] = field(default_factory=dict)
    concept: str = ""
    comparability: str = Comparability.MEANING.value
    origin: str = ""
    decimals: int | None = None
    options: Mapping[str, OptionMarks] = field(default_factory=dict)


NO_MARKS = Marks()


def write(question: QuestionView, options: Mapping[str, OptionView]) -> str:
    """The marks of a question; `options` by LimeSurvey's code of each."""
    document: dict[str, Any] = {
        "code": question.code,
        "kind": question.kind,
        "elaboration": question.elaboration,
        "prompt": {each: text.translate(_BRACES) for each, text in question.elaboration_prompt.by_language.items()},
        "concept": question.concept,
        "comparability": question.comparability,
        "origin": question.origin,
        "decimals": question.decimals,
        "options": {
            code: {
                "code": option.code,
                "meaning": option.meaning,
                "elaboration": option.elaboration,
                "excludes": option.excludes,
            }
            for code, option in options.items()
        },
    }
    kept = {name: value for name, value in document.items() if value not in ("", {}, 0)}
    # Ascii, and no braces that LimeSurvey could take for an expression: a brace is followed by a blank. No backslash
    # before another or before a quotation mark either: it reads tab-separated text as if that were an escape.
    written = json.dumps(kept, ensure_ascii=True, sort_keys=True).replace("{", "{ ")
    return written.replace(r"\\", r"\u005c").replace(r"\"", r"\u0022")


def read(written: str) -> Marks | None:
    """The marks in an attribute; `NO_MARKS` if it is empty, None if it is not understood."""
    if not written:
        return NO_MARKS
    try:
        if len(written) > _LONGEST:
            return None
        return _read(json.loads(written))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _read(document: Any) -> Marks:
    languages = set(AVAILABLE_LANGUAGES)
    prompt = document.get("prompt", {})
    decimals = document.get("decimals", 0)
    found = Marks(
        code=_matching(document.get("code", ""), _CODE),
        kind=_one_of(document.get("kind", ""), ["", *registry.KINDS]),
        elaboration=_one_of(document.get("elaboration", ""), ["", *Elaboration.values]),
        prompt={_one_of(each, languages): str(text)[:200].translate(_BRACES_BACK) for each, text in prompt.items()},
        concept=_matching(document.get("concept", ""), re.compile(r"[A-Za-z0-9_-]{0,60}")),
        comparability=_one_of(document.get("comparability", Comparability.MEANING.value), Comparability.values),
        origin=_matching(document.get("origin", ""), re.compile(r"[\w./-]{0,110}")),
        decimals=_one_of(decimals, range(5)),
        options={str(code): _option(each) for code, each in document.get("options", {}).items()},
    )
    codes = [option.code for option in found.options.values()]
    if len(set(codes)) < len(codes):
        raise ValueError("two options with one code")
    return found


def _option(document: Any) -> OptionMarks:
    return OptionMarks(
        _matching(document["code"], _SLUG),
        _one_of(document.get("meaning", Meaning.ANSWER.value), Meaning.values),
        _one_of(document.get("elaboration", ""), ["", *Elaboration.values]),
        document.get("excludes", False) is True,
    )


def _matching(value: Any, form: re.Pattern[str]) -> str:
    if not isinstance(value, str) or (value and not form.fullmatch(value)):
        raise ValueError(value)
    return value


def _one_of(value: Any, allowed: Any) -> Any:
    if value not in allowed:
        raise ValueError(value)
    return value
