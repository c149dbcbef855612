"""What a translator's sheet would do to a questionnaire: text by text, without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from surveys.drafting import versioning
from surveys.formats.protocol import Lost
from surveys.formats.translations import checks
from surveys.formats.translations.columns import plain
from surveys.formats.translations.reading import Row, Sheet
from surveys.structure import EditionView
from surveys.texts import wording
from surveys.texts.wording import LANGUAGES, Passage


class Outcome(StrEnum):
    """What would become of a text in the sheet. The last three are done only if someone says so."""

    FILLED = "filled"
    CHANGED = "changed"
    OVERTAKEN = "overtaken"
    SOURCE_CHANGED = "source_changed"
    ORIGINAL = "original"


DECIDED = (Outcome.FILLED, Outcome.CHANGED)


@dataclass(frozen=True)
class Line:
    """One text that is not the same in the sheet as here.

    Args:
        original: what it is translated from, as it stands now.
        before, after: what stands here now, and what stands in the sheet.
        remarks: what to look at before it is applied.
    """

    row: int
    key: str
    place: str
    language: str
    original: str
    before: str
    after: str
    outcome: Outcome
    remarks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Tells it from the others of the plan."""
        return f"{self.language}:{self.key}"

    @property
    def names_concept(self) -> bool:
        """Whether it is the name of a concept, which other questionnaires share."""
        return self.key.startswith("concepts/")

    @property
    def reason(self) -> str:
        """Why someone must say so, in a sentence; empty if nobody need."""
        reasons = {
            Outcome.OVERTAKEN: _("Someone else has written here since the sheet was taken."),
            Outcome.SOURCE_CHANGED: _("The original here is not the one in the sheet."),
            Outcome.ORIGINAL: _("This is the original, which the sheet is to be translated from."),
        }
        return reasons.get(self.outcome, "")

    @property
    def asks(self) -> bool:
        """Whether it is done only if someone says so."""
        return self.outcome not in DECIDED


@dataclass(frozen=True)
class Plan:
    """What a sheet would do. With `errors` it cannot be applied.

    Args:
        edition_id: what was compared with: the draft, or the newest edition, of which a draft would be made.
        version: of the draft; None if there is none.
        same: how many texts are the same here and in the sheet, or newer here.
        left_out: rows that belong to nothing here.
        absent: texts here that the sheet has no row for.
    """

    code: str
    edition_id: int = 0
    version: int | None = None
    lines: tuple[Line, ...] = ()
    same: int = 0
    left_out: tuple[Lost, ...] = ()
    absent: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def decided(self) -> tuple[Line, ...]:
        """What is done without asking."""
        return tuple(each for each in self.lines if not each.asks)

    @property
    def asked(self) -> tuple[Line, ...]:
        """What is done only if someone says so."""
        return tuple(each for each in self.lines if each.asks)

    def counts(self) -> dict[str, int]:
        """How many texts of each outcome, and how many that are the same."""
        found = Counter(each.outcome for each in self.lines)
        return {**{outcome.value: found[outcome] for outcome in Outcome}, "same": self.same}

    def as_json(self) -> dict[str, Any]:
        """What `import_translations --json` prints."""
        return {
            "questionnaire": self.code or None,
            **self.counts(),
            "texts": [{**asdict(each), "outcome": each.outcome.value} for each in self.lines],
            "lost": [each.as_json() for each in self.left_out],
            "absent": list(self.absent),
            "errors": list(self.errors),
        }


@dataclass
class _Found:
    """What comparing has found so far."""

    lines: list[Line] = field(default_factory=list)
    same: int = 0
    left_out: list[Lost] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    # The rows by the key that each was taken to mean.
    seen: dict[str, Row] = field(default_factory=dict)


def compare(sheet: Sheet, view: EditionView, shared: Sequence[Passage], planned: Plan) -> Plan:
    """The plan with what the sheet would do to `view`, and to the texts that it shares with others."""
    here, found = {**wording.by_key(view), **{each.key: each for each in shared}}, _Found()
    exact = {row.key for row in sheet.rows}
    for row in sheet.rows:
        passage = here.get(row.key)
        place = _("row %(row)d") % {"row": row.line}
        # A section is found by its other questions only if no row is of that section itself.
        if passage is None or (passage.key != row.key and passage.key in exact):
            if row.texts:
                told = _("The questionnaire has no such text. Perhaps it has been taken out.")
                found.left_out.append(Lost(place, row.key[:120] or "–", told))
            continue
        if (other := found.seen.setdefault(passage.key, row)) is not row:
            if other.texts != row.texts:
                told = _("Row %(row)d and row %(other)d are of the same text (%(key)s), and differ.")
                found.errors.append(told % {"row": row.line, "other": other.line, "key": passage.key})
            continue
        _compare_row(row, passage, found)
    absent = [each.place for each in (*wording.passages(view), *shared) if each.text and each.key not in found.seen]
    return replace(
        planned,
        lines=tuple(found.lines),
        same=found.same,
        left_out=tuple(found.left_out),
        absent=tuple(absent),
        errors=tuple(found.errors),
    )


def _compare_row(row: Row, passage: Passage, found: _Found) -> None:
    now = {language: plain(passage.text.by_language.get(language, "")) for language in LANGUAGES}
    for language, after in row.texts.items():
        outcome = _outcome(row, now, language)
        if outcome is None:
            found.same += 1
            continue
        place = f"{passage.place} · {passage.what}"
        for fault in checks.faults(passage, language, after):
            where = _("Row %(row)d (%(place)s), %(language)s") % {"row": row.line, "place": place, "language": language}
            found.errors.append(f"{where}: {fault}")
        original = now.get(passage.source(language), "")
        remarks = (*checks.remarks(passage, language, after), *_of_a_shared(passage))
        line = Line(row.line, passage.key, place, language, original, now[language], after, outcome, remarks)
        found.lines.append(line)


def _of_a_shared(passage: Passage) -> tuple[str, ...]:
    is_shared = passage.model == "Concept"
    return (_("The name of a concept is the same in every questionnaire that uses it."),) if is_shared else ()


def _outcome(row: Row, now: dict[str, str], language: str) -> Outcome | None:
    """What would become of a text that a row has in a language; None if there is nothing to do."""
    after, taken = row.texts[language], row.taken.marks if row.taken else None
    if after == now[language]:
        return None
    if taken is not None and versioning.mark(after) == taken.get(language):
        # As it was when the sheet was taken: nobody has translated here, and what stands here now is newer.
        return None
    written = [each for each in LANGUAGES if (taken.get(each) if taken is not None else row.texts.get(each))]
    if written and written[0] == language and now[language]:
        return Outcome.ORIGINAL
    if now[language] and (taken is None or versioning.mark(now[language]) != taken.get(language)):
        return Outcome.OVERTAKEN
    source = next((each for each in written if each != language), "")
    if source and _is_changed(row, now, source):
        return Outcome.SOURCE_CHANGED
    return Outcome.CHANGED if now[language] else Outcome.FILLED


def _is_changed(row: Row, now: dict[str, str], source: str) -> bool:
    """Whether what was translated from is not what stands here."""
    if source in row.texts and row.texts[source] != now[source]:
        return True
    return row.taken is not None and row.taken.marks.get(source) != versioning.mark(now[source])
