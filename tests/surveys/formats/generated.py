"""Questionnaires of every kind, made up by hypothesis, in the spelling of our own JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from surveys.formats import strict
from surveys.formats.protocol import Draft
from surveys.kinds import registry

LANGUAGES = ("nb", "nn", "en", "se")
KINDS = tuple(registry.KINDS)
# Letters of the languages here and of elsewhere, marks that formats use themselves, and what formulas begin with.
LETTERS = st.sampled_from("aåøæáđŋŧžčšABCÆØÅéß ,.:;!?'\"<>&=+-@#{}[]()|%$/\\_*`~0123456789–…«»“”日本🙂")
CODES = st.from_regex(r"\A[a-z][a-z0-9_-]{0,7}\Z")


def words(longest: int) -> st.SearchStrategy[str]:
    """A text as people write it: something to see, no blanks at its ends."""
    return st.text(LETTERS, min_size=1, max_size=longest).map(str.strip).filter(lambda text: text and "${" not in text)


def texts(longest: int, least: int = 1) -> st.SearchStrategy[dict[str, str]]:
    """A text in some languages, in the order in which they are written out."""
    return st.dictionaries(st.sampled_from(LANGUAGES), words(longest), min_size=least).map(
        lambda found: {language: found[language] for language in LANGUAGES if language in found}
    )


def kept(**found: Any) -> dict[str, Any]:
    """Without what is empty."""
    return {name: value for name, value in found.items() if value not in (None, "", {}, [])}


@st.composite
def with_field(draw: st.DrawFn, found: dict[str, str], names: list[str]) -> dict[str, str]:
    """A text, perhaps with an earlier answer or a background fact put into it."""
    if not names or draw(st.integers(0, 2)):
        return found
    field = draw(st.sampled_from(names)) + draw(st.sampled_from(["", "|svar", "|“a” & b"]))
    return {language: f"{text} {{{field}}}" for language, text in found.items()}


@st.composite
def options(draw: st.DrawFn, kind: str) -> list[dict[str, Any]]:
    settings = registry.kind(kind).settings
    codes = draw(st.lists(CODES, unique=True, min_size=1, max_size=4))
    elaborations = ["", "never", "optional", "required"]
    return [
        kept(
            code=code,
            label=draw(texts(20)),
            meaning=draw(st.sampled_from([None, "dont_know", "not_applicable", "other"])),
            elaboration=draw(st.sampled_from(elaborations)) if "elaboration" in settings else "",
            excludes=draw(st.sampled_from([None, True])) if "excludes" in settings else None,
        )
        for code in codes
    ]


@st.composite
def bounds(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """The settings of numbers that a kind has a use for."""
    settings = registry.kind(kind).settings
    found: dict[str, Any] = {}
    if "bounds" in settings:
        low, high = sorted(draw(st.tuples(st.integers(0, 50), st.integers(0, 50))))
        found |= kept(minimum=draw(st.sampled_from([None, low])), maximum=draw(st.sampled_from([None, high])))
    if "decimals" in settings:
        found |= kept(decimals=draw(st.sampled_from([None, 1, 4])), unit=draw(texts(10, least=0)))
    return found


@st.composite
def questions(draw: st.DrawFn, code: str, earlier: list[dict[str, Any]], facts: list[dict[str, Any]]) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    question: dict[str, Any] = kept(
        code=code,
        kind=kind,
        text=draw(with_field(draw(texts(40)), [each["code"] for each in earlier] + [each["name"] for each in facts])),
        help=draw(texts(30, least=0)),
        required=draw(st.sampled_from([None, True])) if kind != "information" else None,
        concept=draw(st.sampled_from(["", "value", "time"])),
        comparability=draw(st.sampled_from([None, "wording", "theme"])),
        origin=draw(st.sampled_from(["", "bank/Q1"])),
    )
    question |= draw(bounds(kind))
    if registry.kind(kind).has_options:
        question["options"] = draw(options(kind))
        if "elaboration" in registry.kind(kind).settings:
            question |= kept(elaboration=draw(st.sampled_from([None, "optional", "required"])))
        own = [option.get("elaboration") for option in question["options"]]
        if "elaboration" in question or any(each in ("optional", "required") for each in own):
            question |= kept(prompt=draw(texts(20, least=0)))
    return question | kept(conditions=draw(groups(earlier, facts)))


@st.composite
def groups(draw: st.DrawFn, earlier: list[dict[str, Any]], facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Conditions, in groups numbered from 1, without one twice in a group."""
    sources = [each for each in earlier if each["kind"] != "information"]
    if not (sources or facts):
        return []
    found = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        group: list[dict[str, Any]] = []
        for _ in range(draw(st.integers(1, 2))):
            condition = kept(group=number if number > 1 else None) | draw(conditions(sources, facts))
            if condition not in group:
                group.append(condition)
        found += group
    return found


@st.composite
def conditions(draw: st.DrawFn, sources: list[dict[str, Any]], facts: list[dict[str, Any]]) -> dict[str, Any]:
    if facts and (not sources or draw(st.booleans())):
        fact = draw(st.sampled_from(facts))
        return {"fact": fact["name"], **draw(comparisons([each["code"] for each in fact["values"]], ""))}
    source = draw(st.sampled_from(sources))
    codes = [option["code"] for option in source.get("options", [])]
    return {"source": source["code"], **draw(comparisons(codes, source["kind"]))}


@st.composite
def comparisons(draw: st.DrawFn, codes: list[str], kind: str) -> dict[str, Any]:
    """How a condition looks at an answer that is one of these codes, or of this kind."""
    operators = ["answered"]
    operators += ["is", "is_not"] if codes else []
    # "One of one" is "is", and is read back as such.
    operators += ["one_of", "none_of"] if len(codes) > 1 else []
    operators += ["at_least", "at_most", "more_than", "less_than"] if kind in ("number", "date") else []
    operator = draw(st.sampled_from(operators))
    if operator == "answered":
        return {"operator": operator}
    if operator in ("is", "is_not"):
        return {"operator": operator, "option": draw(st.sampled_from(codes))}
    if operator in ("one_of", "none_of"):
        return {
            "operator": operator, "options": draw(st.lists(st.sampled_from(codes), unique=True, min_size=2)),
        }  # fmt: skip
    if kind == "date":
        days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
        return {"operator": operator, "day": draw(days).isoformat()}
    whole, parts = st.integers(-5, 50), st.sampled_from(["0.5", "-2.25", "1234567890.0001"])
    return {"operator": operator, "number": draw(st.one_of(whole, parts))}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A questionnaire that could be published but for its languages: every text is there in one of them at least."""
    names = draw(st.lists(CODES, unique=True, max_size=2))
    facts = [
        {
            "name": name,
            "label": draw(texts(20)),
            "values": [
                {"code": code, "label": draw(texts(20))}
                for code in draw(st.lists(CODES, unique=True, min_size=1, max_size=3))
            ],
        }
        for name in names
    ]
    earlier: list[dict[str, Any]] = []
    sections = []
    for _ in range(draw(st.integers(1, 3))):
        section = kept(title=draw(texts(20, least=0)), intro=draw(texts(40, least=0)))
        section |= kept(conditions=draw(groups(earlier, facts))) | {"questions": []}
        for _ in range(draw(st.integers(1, 3))):
            question = draw(questions(f"Q{len(earlier)}", earlier, facts))
            section["questions"].append(question)
            earlier.append(question)
        sections.append(section)
    used = sorted({question["concept"] for question in earlier if "concept" in question})
    head = kept(
        code=draw(st.from_regex(r"\A[a-z0-9-]{1,20}\Z")),
        role=draw(st.sampled_from([None, "template", "bank"])),
        name=draw(texts(20, least=0)),
        title=draw(texts(30)),
        purpose=draw(texts(60, least=0)),
        minutes=draw(st.sampled_from([None, 1, 30])),
        concepts={code: f"About {code}" for code in used},
        facts=facts,
    )
    return head | {"sections": sections}


def drafts() -> st.SearchStrategy[Draft]:
    """Such a questionnaire as a draft."""
    return documents().map(strict.read)
