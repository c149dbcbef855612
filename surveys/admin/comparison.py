"""What is not the same in two editions, in words: for a page that shows them side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from surveys import comparing
from surveys.admin.correction import FIELD_NAMES
from surveys.admin.outline import condition_in_words
from surveys.comparing import OptionChange, QuestionChange, SectionChange, SettingChange, TextChange
from surveys.kinds import bands, registry
from surveys.models import Comparability, Concept, Elaboration, Meaning
from surveys.structure import EditionView
from surveys.texts.differing import ADDED, REMOVED, SAME, Piece
from surveys.texts.wording import language_within

SETTING_NAMES = {
    "minutes": gettext_lazy("expected time in minutes"),
    "facts": gettext_lazy("background facts looked at"),
    "code": gettext_lazy("code"),
    "kind": gettext_lazy("kind"),
    "required": gettext_lazy("must be answered"),
    "elaboration": gettext_lazy("elaboration"),
    "minimum": gettext_lazy("at least"),
    "maximum": gettext_lazy("at most"),
    "decimals": gettext_lazy("decimals"),
    "concept": gettext_lazy("concept"),
    "comparability": gettext_lazy("comparable with others about it"),
    "bands": gettext_lazy("counted in bands"),
    "meaning": gettext_lazy("meaning"),
    "excludes": gettext_lazy("excludes the others"),
    "attachment": gettext_lazy("image or document"),
}
KINDS_OF_CHANGE = {
    comparing.ADDED: gettext_lazy("added"),
    comparing.REMOVED: gettext_lazy("removed"),
    comparing.CHANGED: gettext_lazy("changed"),
    comparing.SAME: gettext_lazy("the same"),
}


@dataclass(frozen=True)
class Side:
    """What one of the editions says in one place; `label` names the field and the language."""

    label: str
    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Row:
    """One part set against itself: what is said before on the left, after on the right, and notes below both."""

    code: str
    kind: str
    change: str
    before: list[Side]
    after: list[Side]
    notes: list[str]


@dataclass(frozen=True)
class Group:
    """A section, or the title page, with its questions."""

    title: str
    head: Row | None
    rows: list[Row]


@dataclass(frozen=True)
class Words:
    """The comparison of two editions in words, in the reader's language."""

    language: str
    concepts: dict[str, str]
    before: EditionView
    after: EditionView

    def groups(self, comparison: comparing.Comparison, *, everything: bool) -> list[Group]:
        """The title page and the sections, with what has changed, or with everything."""
        head = self._row("", comparing.CHANGED, False, comparison.texts, comparison.settings)
        found = [Group(_("Title page"), head, [])] if comparison.texts or comparison.settings else []
        for section in comparison.sections:
            rows = [self._question(each) for each in section.questions if everything or each.kind != comparing.SAME]
            if rows or section.kind != comparing.SAME or everything:
                found.append(Group(self._title(section), self._section(section), rows))
        return found

    def _title(self, section: SectionChange) -> str:
        part = section.after or section.before
        title = part.title(self.language) if part else ""
        if section.number:
            return f"{section.number}. {title or _('Section without a title')}"
        return title or _("Section without a title")

    def _section(self, change: SectionChange) -> Row | None:
        if change.kind == comparing.SAME:
            return None
        notes = self._routing(change)
        row = self._row("", change.kind, change.moved, change.texts, change.settings, notes)
        if not change.texts:
            self._say(row, change, "title")
        return row

    def _question(self, change: QuestionChange) -> Row:
        notes = [*(self._option(each) for each in change.options), *self._routing(change)]
        codes = [part.code for part in (change.before, change.after) if part]
        settings = [self._in_bands(each, change) if each.name == "bands" else each for each in change.settings]
        row = self._row(" → ".join(dict.fromkeys(codes)), change.kind, change.moved, change.texts, settings, notes)
        if not any(text.name == "text" and text.language == self.language for text in change.texts):
            self._say(row, change, "text")
        return row

    def _routing(self, change: QuestionChange | SectionChange) -> list[str]:
        """To whom it was shown and is shown, as the map of the routing says it; also of what is new or gone."""
        told = [
            _("shown only if %(condition)s") % {"condition": words} if words else _("shown to everyone")
            for part, edition in ((change.before, self.before), (change.after, self.after))
            if part is not None
            for words in [condition_in_words(part, edition, self.language)]
        ]
        if change.routing:
            return [_("%(before)s → %(after)s") % {"before": told[0], "after": told[1]}]
        is_alone = change.before is None or change.after is None
        return [each for each in told if is_alone and each != _("shown to everyone")]

    def _in_bands(self, setting: SettingChange, change: QuestionChange) -> SettingChange:
        """The bands as people read them."""
        told = [bands.written(part.kind, part.bands) if part else "" for part in (change.before, change.after)]
        return SettingChange(setting.name, told[0], told[1])

    def _facts(self, edition: EditionView) -> str:
        told = []
        for fact in edition.facts:
            values = ", ".join(label(self.language) or code for code, label in fact.values)
            told.append(f"{fact.label(self.language) or fact.name} ({values})")
        return "; ".join(told) or "–"

    def _say(self, row: Row, change: QuestionChange | SectionChange, name: str) -> None:
        """What a part says, first on each side where it is, though it is no change."""
        for part, sides in ((change.before, row.before), (change.after, row.after)):
            if part is not None:
                sides.insert(0, Side("", self.language, (Piece(SAME, getattr(part, name)(self.language)),)))

    def _row(
        self,
        code: str,
        kind: str,
        moved: bool,
        texts: Iterable[TextChange],
        settings: Iterable[SettingChange],
        notes: Iterable[str] = (),
    ) -> Row:
        sides: tuple[list[Side], list[Side]] = ([], [])
        for text in texts:
            label = f"{FIELD_NAMES[text.name]} ({language_within(text.language)})"
            for side, hidden in zip(sides, (ADDED, REMOVED), strict=True):
                if pieces := tuple(piece for piece in text.pieces if piece.kind != hidden):
                    side.append(Side(label, text.language, pieces))
        told = [_("moved")] if moved else []
        told = ([] if kind == comparing.CHANGED and moved else [str(KINDS_OF_CHANGE[kind])]) + told
        said = [*(self._setting(each) for each in settings), *notes]
        return Row(code, kind, ", ".join(told), *sides, said)

    def _setting(self, change: SettingChange) -> str:
        if change.name == "attachment":
            return _file_changed(change)
        names = {
            "setting": SETTING_NAMES[change.name],
            "before": self._value(change.name, change.before),
            "after": self._value(change.name, change.after),
        }
        if change.name == "facts":
            names |= {"before": self._facts(self.before), "after": self._facts(self.after)}
        return _("%(setting)s: %(before)s → %(after)s") % names

    def _value(self, name: str, value: str) -> str:
        if name in ("required", "excludes"):
            return _("yes") if value else _("no")
        if name == "kind" and value in registry.KINDS:
            return str(registry.kind(value).label)
        words: dict[str, Any] = {"elaboration": Elaboration, "comparability": Comparability, "meaning": Meaning}
        if name in words and value:
            return str(words[name](value).label)
        if name == "concept":
            return self.concepts.get(value) or value or "–"
        return value or "–"

    def _option(self, change: OptionChange) -> str:
        option = change.after or change.before
        names = {"option": option.label(self.language) or option.code if option else ""}
        if change.kind == comparing.ADDED:
            return _("answer added: “%(option)s”") % names
        if change.kind == comparing.REMOVED:
            return _("answer removed: “%(option)s”") % names
        said = [_("moved")] if change.moved else []
        for text in change.texts:
            old, new = (
                "".join(piece.text for piece in text.pieces if piece.kind != hidden) for hidden in (ADDED, REMOVED)
            )
            said.append(f"{language_within(text.language)}: “{old}” → “{new}”")
        said += [self._setting(each) for each in change.settings]
        return _("answer “%(option)s”: %(changes)s") % {**names, "changes": ", ".join(said)}


@dataclass(frozen=True)
class Told:
    """A comparison as a page shows it: how many questions there are of each kind of change, and the changes."""

    is_empty: bool
    counts: list[tuple[Any, int]]
    groups: list[Group]


def told(before: EditionView, after: EditionView, *, everything: bool = False) -> Told:
    """What is not the same in two editions, or all that they say."""
    comparison = comparing.compare(before, after)
    words = Words(get_language() or "nb", dict(Concept.objects.values_list("code", "title")), before, after)
    return Told(
        comparison.is_empty,
        [(KINDS_OF_CHANGE[kind], count) for kind, count in comparison.counts.items()],
        words.groups(comparison, everything=everything),
    )


def _file_changed(change: SettingChange) -> str:
    """What became of an image or document; the hash by which it is called tells a reader nothing."""
    before, after = change.before.partition(" ")[0], change.after.partition(" ")[0]
    if not before:
        return _("image or document added (%(type)s)") % {"type": after}
    if not after:
        return _("image or document taken out (%(type)s)") % {"type": before}
    return _("image or document exchanged for another (%(before)s → %(after)s)") % {"before": before, "after": after}
