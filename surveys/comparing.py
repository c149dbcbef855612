"""Comparing: two editions set against each other, of one questionnaire or of two waves. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.kinds import bands
from surveys.structure import (
    NO_TEXT,
    ConditionView,
    EditionView,
    FactView,
    FileView,
    OptionView,
    QuestionView,
    SectionView,
    Text,
)
from surveys.texts.differing import Piece, difference
from surveys.texts.matching import Matches, match, settled

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"
# What is compared of a question and of an option besides texts; where it was taken from says nothing of what it asks.
QUESTION_SETTINGS = (
    "code", "kind", "required", "elaboration", "minimum", "maximum", "decimals", "concept", "comparability",
    "attachment",
)  # fmt: skip
QUESTION_TEXTS = ("text", "help", "elaboration_prompt", "unit", "quotation", "source", "alt", "caption")
OPTION_SETTINGS = ("meaning", "elaboration", "excludes")


@dataclass(frozen=True)
class TextChange:
    """A text that is not the same in a language."""

    name: str
    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class SettingChange:
    """A setting that is not the same; values as plain text, "" for none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class _Change:
    """What has become of one part; missing on a side where it is not there."""

    before: Any
    after: Any
    moved: bool = False
    texts: tuple[TextChange, ...] = ()
    settings: tuple[SettingChange, ...] = ()

    @property
    def kind(self) -> str:
        """Added, removed, changed (also: moved) or same."""
        if self.before is None:
            return ADDED
        if self.after is None:
            return REMOVED
        return CHANGED if self.is_changed else SAME

    @property
    def is_changed(self) -> bool:
        return bool(self.moved or self.texts or self.settings)


@dataclass(frozen=True)
class OptionChange(_Change):
    """What has become of an option."""

    before: OptionView | None
    after: OptionView | None


@dataclass(frozen=True)
class QuestionChange(_Change):
    """What has become of a question. `options` are only those that are not the same."""

    before: QuestionView | None
    after: QuestionView | None
    options: tuple[OptionChange, ...] = ()
    routing: bool = False

    @property
    def is_changed(self) -> bool:
        return bool(super().is_changed or self.options or self.routing)


@dataclass(frozen=True)
class SectionChange(_Change):
    """What has become of a section, with every question that stands or stood in it."""

    before: SectionView | None
    after: SectionView | None
    questions: tuple[QuestionChange, ...] = ()
    routing: bool = False
    number: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether the section itself has changed; its questions speak for themselves."""
        return bool(super().is_changed or self.routing)


@dataclass(frozen=True)
class Comparison:
    """Two editions set against each other, in the order of the later one, what is gone where it stood."""

    texts: tuple[TextChange, ...]
    settings: tuple[SettingChange, ...]
    sections: tuple[SectionChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.texts or self.settings or any(part.kind != SAME for part in [*self.sections, *self.questions]))

    @property
    def questions(self) -> list[QuestionChange]:
        """Every question of either edition."""
        return [question for section in self.sections for question in section.questions]

    @property
    def counts(self) -> dict[str, int]:
        """How many questions there are of each kind of change."""
        kinds = [question.kind for question in self.questions]
        return {kind: kinds.count(kind) for kind in (ADDED, REMOVED, CHANGED, SAME)}


def compare(before: EditionView, after: EditionView) -> Comparison:
    """What is added, removed, moved and changed from one edition to another.

    The other way round marks the same parts, with added and removed changed about.
    """
    matches = match(before, after)
    return Comparison(
        _texts(before, after, ("title", "purpose")),
        _settings(
            {"minutes": before.minutes, "facts": _facts(before.facts)},
            {"minutes": after.minutes, "facts": _facts(after.facts)},
        ),
        tuple(_sections(before, after, matches)),
    )


def _sections(before: EditionView, after: EditionView, matches: Matches) -> list[SectionChange]:
    kept = settled(list(matches.sections.items()))
    earlier = {there: here for here, there in matches.sections.items()}
    questions = _Questions(before, after, matches)
    found = [
        SectionChange(
            before=before.sections[place] if place is not None else None,
            after=section,
            moved=place is not None and (place, number) not in kept,
            texts=_texts(before.sections[place], section, ("title", "intro")) if place is not None else (),
            questions=tuple(questions.of(place, number)),
            routing=place is not None
            and _routing(before.sections[place].conditions, matches.questions) != _routing(section.conditions, {}),
            number=number + 1,
        )
        for number, section in enumerate(after.sections)
        for place in [earlier.get(number)]
    ]
    gone = [place for place in range(len(before.sections)) if place not in matches.sections]
    for place in gone:
        change = SectionChange(before.sections[place], None, questions=tuple(questions.of(place, None)))
        # After the section that it stood after.
        stood_after = before.sections[place - 1] if place else None
        at = next((at for at, each in enumerate(found, start=1) if stood_after and each.before is stood_after), 0)
        found.insert(at, change)
    return found


@dataclass(frozen=True)
class _Questions:
    """The questions of both editions, and which of them belong together."""

    before: EditionView
    after: EditionView
    matches: Matches

    def of(self, place: int | None, number: int | None) -> list[QuestionChange]:
        """What has become of the questions of a pair of sections; a question that moved stands where it is now."""
        old = list(self.before.sections[place].questions) if place is not None else []
        new = list(self.after.sections[number].questions) if number is not None else []
        places = {question.code: at for at, question in enumerate(old)}
        earlier = {there: here for here, there in self.matches.questions.items()}
        pairs = [
            (places[earlier[question.code]], at)
            for at, question in enumerate(new)
            if earlier.get(question.code) in places
        ]
        kept = {new[at].code for _old, at in settled(pairs)}
        found = [self._change(earlier.get(question.code), question, question.code in kept) for question in new]
        for at, question in enumerate(old):
            if question.code not in self.matches.questions:
                before = {each.code for each in old[:at]}
                last = max(
                    (i for i, each in enumerate(found, start=1) if each.before and each.before.code in before),
                    default=0,
                )
                found.insert(last, QuestionChange(question, None))
        return found

    def _change(self, code: str | None, after: QuestionView, kept: bool) -> QuestionChange:
        if code is None:
            return QuestionChange(None, after)
        before = self.before.questions[code]
        return QuestionChange(
            before,
            after,
            moved=not kept,
            texts=_texts(before, after, QUESTION_TEXTS),
            settings=_settings(
                _values(before, QUESTION_SETTINGS) | {"bands": _bands(before)},
                _values(after, QUESTION_SETTINGS) | {"bands": _bands(after)},
            ),
            options=tuple(_options(before.options, after.options)),
            routing=_routing(before.conditions, self.matches.questions) != _routing(after.conditions, {}),
        )


def _options(before: Sequence[OptionView], after: Sequence[OptionView]) -> list[OptionChange]:
    old = {option.code: (place, option) for place, option in enumerate(before)}
    new = {option.code: (place, option) for place, option in enumerate(after)}
    common = [code for code in new if code in old]
    kept = settled([(old[code][0], new[code][0]) for code in common])
    changes = [
        OptionChange(
            old[code][1],
            option,
            moved=(old[code][0], place) not in kept,
            texts=_texts(old[code][1], option, ("label",)),
            settings=_settings(_values(old[code][1], OPTION_SETTINGS), _values(option, OPTION_SETTINGS)),
        )
        if code in old
        else OptionChange(None, option)
        for code, (place, option) in new.items()
    ]
    changes += [OptionChange(option, None) for code, (_place, option) in old.items() if code not in new]
    return [change for change in changes if change.kind != SAME]


def _texts(before: object, after: object, names: Iterable[str]) -> tuple[TextChange, ...]:
    changes = []
    for name in names:
        old: Text = getattr(before, name) or NO_TEXT
        new: Text = getattr(after, name) or NO_TEXT
        for language in AVAILABLE_LANGUAGES:
            here, there = old.by_language.get(language, ""), new.by_language.get(language, "")
            if here != there:
                changes.append(TextChange(name, language, difference(here, there)))
    return tuple(changes)


def _settings(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[SettingChange, ...]:
    return tuple(
        SettingChange(name, _plain(before[name]), _plain(after[name]))
        for name in before
        if _plain(before[name]) != _plain(after[name])
    )


def _values(part: object, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(part, name) for name in names}


def _plain(value: object) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, FileView):
        return f"{value.suffix.upper()} {value.digest}"
    return "yes" if value is True else str(value)


def _bands(question: QuestionView) -> str:
    return ", ".join(bands.code(question.kind, band) for band in question.bands)


def _facts(facts: Sequence[FactView]) -> str:
    return "; ".join(f"{fact.name}: {', '.join(code for code, _label in fact.values)}" for fact in facts)


Routing = frozenset[frozenset[tuple[object, ...]]]


def _routing(conditions: Iterable[ConditionView], questions: Mapping[str, str]) -> Routing:
    """Conditions as sets of groups, with the codes that the questions have in the later edition."""
    groups: dict[int, set[tuple[object, ...]]] = defaultdict(set)
    for each in conditions:
        source = questions.get(each.source, each.source)
        groups[each.group].add((source, each.operator, each.option, frozenset(each.options), each.number, each.day))
    return frozenset(frozenset(group) for group in groups.values())
