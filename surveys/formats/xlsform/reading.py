"""An XLSForm read into a draft: its groups become sections, its rows questions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from surveys import piping
from surveys.formats import logic
from surveys.formats.document import BadDocument
from surveys.formats.fitting import LONGEST_TEXT, LONGEST_TITLE
from surveys.formats.protocol import Draft
from surveys.formats.strict import SLUG
from surveys.formats.xlsform import own, sheets
from surveys.formats.xlsform.expressions import parse
from surveys.formats.xlsform.headings import UNSUPPORTED, Type, row_type
from surveys.formats.xlsform.lists import Lists
from surveys.formats.xlsform.questions import question
from surveys.formats.xlsform.sheets import Form, Row
from surveys.structure import NO_TEXT, ConditionView, EditionView, FactView, QuestionView, SectionView, Text

PLAIN_SETTINGS = frozenset({"form_title", "form_id", "default_language", "name", "allow_choice_duplicates"})


def load(content: bytes, code: str) -> Draft:
    """The draft in an .xlsx or .xls file; see `formats.protocol`.

    Raises:
        BadDocument: with the sheet and row.
    """
    form = sheets.read(content)
    return _Reader(form).draft(code)


@dataclass
class _Section:
    title: Text = NO_TEXT
    intro: Text = NO_TEXT
    conditions: tuple[ConditionView, ...] = ()
    questions: list[QuestionView] = field(default_factory=list)


@dataclass
class _Group:
    """An open group, and under which conditions it is shown."""

    conditions: tuple[ConditionView, ...] = ()
    kind: str = ""


class _Reader:
    """Goes through the rows of the sheet "survey" once."""

    def __init__(self, form: Form) -> None:
        self.form, self.fitting = form, form.fitting
        self.lists = Lists(form)
        self.sections: list[_Section] = []
        self.here: _Section | None = None
        self.groups: list[_Group] = []
        self.repeats = 0
        # The row that begins the roster being read: one of our own kind of repeat.
        self.roster: Row | None = None
        self.codes: set[str] = set()
        self.sources: dict[str, logic.Source] = {}
        self.facts: list[FactView] = []
        self.purpose = NO_TEXT

    def draft(self, code: str) -> Draft:
        for row in self.form.sheets["survey"]:
            self._row(row)
        if self.groups or self.repeats:
            raise BadDocument(_("sheet survey: a group or repeat is begun and never ended."))
        self.lists.name_unused_columns()
        return self._finished(code)

    def _row(self, row: Row) -> None:
        if not row["type"]:
            if row.texts or row["name"]:
                self.fitting.lose(row.place, self._shown(row), _("The row has no type."))
            return
        kind = row_type(row["type"])
        if row["disabled"].lower() in sheets.YES:
            self.fitting.lose(row.place, self._shown(row), _("The row is switched off in the file."))
        elif kind.name in ("begin_repeat", "end_repeat"):
            self._repeat(row, kind)
        elif self.repeats:
            self.fitting.lose(row.place, self._shown(row), _("It stands in a repeat; questions are asked once here."))
        elif kind.name == "begin_group":
            self._begin(row)
        elif kind.name == "end_group":
            self._end(row)
        elif kind.refusal:
            self.fitting.lose(row.place, self._shown(row), kind.refusal)
        elif not self._is_own(row, kind):
            self._question(row, kind)

    def _shown(self, row: Row) -> str:
        label = next(iter(row.texts.get("label", {}).values()), "")
        return " · ".join(part for part in (row["type"], row["name"], label) if part)

    # --- Groups -----------------------------------------------------------------------------------------------

    def _begin(self, row: Row) -> None:
        conditions = self._conditions(row)
        if self.groups:
            if not self.form.is_ours:
                self.fitting.lose(
                    row.place, self._shown(row), _("Sections do not stand in sections here; it became one of its own.")
                )
            try:
                conditions = logic.both(self.groups[-1].conditions, conditions)
            except logic.Unsaid as unsaid:
                self.fitting.lose(row.place, row["relevant"], str(unsaid))
        kind = row[own.KIND] if self.form.is_ours else ""
        self.groups.append(_Group(conditions, kind))
        self._note_unsupported(row)
        if kind != own.FACTS:
            self.here = _Section(self.form.text(row, "label", LONGEST_TITLE), NO_TEXT, conditions)
            self.sections.append(self.here)

    def _end(self, row: Row) -> None:
        if not self.groups:
            raise BadDocument(_("%(place)s: a group is ended that was not begun.") % {"place": row.place})
        self.groups.pop()
        self.here = None

    def _repeat(self, row: Row, kind: Type) -> None:
        if kind.name == "end_repeat":
            if self.roster is not None:
                self.roster = None
            elif self.repeats:
                self.repeats -= 1
            else:
                raise BadDocument(_("%(place)s: a repeat is ended that was not begun.") % {"place": row.place})
        elif self.form.is_ours and row[own.KIND] == own.ROSTER_ROWS and not self.repeats:
            self.roster = row
        else:
            self.repeats += 1
            self.fitting.lose(row.place, self._shown(row), _("Questions cannot be repeated here."))

    def _section(self) -> _Section:
        if self.here is None:
            self.here = _Section(conditions=self.groups[-1].conditions if self.groups else ())
            self.sections.append(self.here)
        return self.here

    # --- Rows that a questionnaire has elsewhere ----------------------------------------------------------------

    def _is_own(self, row: Row, kind: Type) -> bool:
        """Whether it is one of the rows that we add when writing a file; then it is taken care of."""
        mark, _blank, name = row[own.KIND].partition(" ")
        if not self.form.is_ours or mark not in (
            own.PURPOSE, own.INTRO, own.ELABORATION, own.USUAL_ELABORATION, own.FACT, own.ROSTER_PART,
        ):  # fmt: skip
            return False
        if mark == own.PURPOSE:
            self.purpose = self.form.text(row, "label", LONGEST_TEXT)
        elif mark == own.INTRO:
            self._section().intro = self.form.text(row, "label", LONGEST_TEXT)
        elif mark == own.ELABORATION and self.here is not None and self.here.questions:
            prompt = self.form.text(row, "label", LONGEST_TITLE)
            self.here.questions[-1] = replace(self.here.questions[-1], elaboration_prompt=prompt)
        elif mark == own.FACT:
            offered = self.lists.options(row, kind) if kind.choices else ()
            values = tuple((option.code, option.label) for option in offered)
            fact = FactView(name, self.form.text(row, "label", LONGEST_TITLE), values)
            self.facts.append(fact)
            self.sources[row["name"]] = logic.Source(fact, {code: code for code, _label in values})
        return True

    # --- Questions ----------------------------------------------------------------------------------------------

    def _question(self, row: Row, kind: Type) -> None:
        place = row.place
        heading = self.roster or row
        wanted = heading["name"] or f"Q{len(self.codes) + 1}"
        code = self.fitting.code(place, wanted, self.codes)
        self.codes.add(code)
        read, names = question(self.form, self.lists, row, kind, code)
        text = self.form.text(heading, "label", LONGEST_TEXT)
        read = replace(read, text=text, conditions=self._conditions(heading))
        if not self.form.is_ours:
            self._note_unsupported(row)
        self._section().questions.append(read)
        if read.kind != "information":
            self.sources.setdefault(row["name"], logic.Source(read, names))
            if read.kind not in piping.UNPIPED:
                self.form.fields.setdefault(row["name"], code)

    def _conditions(self, row: Row) -> tuple[ConditionView, ...]:
        expression = row["relevant"]
        if not expression or expression.lower() in ("true()", "true", "yes", "1"):
            return ()
        try:
            said = logic.conditions(parse(expression), self.sources)
        except logic.Unsaid as unsaid:
            why = _("It is shown to everyone instead. %(reason)s") % {"reason": unsaid}
            self.fitting.lose(row.place, f"relevant: {expression}", why)
            return ()
        for remark in said.remarks:
            self.fitting.lose(row.place, f"relevant: {expression}", remark)
        return said.conditions

    def _note_unsupported(self, row: Row) -> None:
        for name, value in row.cells.items():
            if name in UNSUPPORTED and not (name == "parameters" and row["type"].lower().startswith("range")):
                self.fitting.lose(row.place, f"{name}: {value}", str(UNSUPPORTED[name]))
            elif name.startswith(("bind::", "body::", "control::", "instance::")):
                self.fitting.lose(row.place, f"{name}: {value}", _("This setting is not known here."))
            elif name not in KNOWN_COLUMNS and name not in UNSUPPORTED and not name.startswith("raadslag_"):
                self.fitting.lose(
                    _("sheet %(sheet)s") % {"sheet": row.sheet}, name, _("A column that is not known here is left out.")
                )

    # --- The whole ----------------------------------------------------------------------------------------------

    def _finished(self, code: str) -> Draft:
        settings = self.form.sheets.get("settings", [])
        cells = settings[0].cells if settings else {}
        place = _("sheet %(sheet)s") % {"sheet": "settings"}
        for name, value in cells.items():
            if name == "version":
                self.fitting.lose(place, f"{name}: {value}", _("Editions are numbered here when they are published."))
            elif name not in PLAIN_SETTINGS:
                self.fitting.lose(place, f"{name}: {value}", _("This setting is not known here."))
        title = cells.get("form_title", "") or cells.get("form_id", "") or code
        wanted = cells.get("form_id", "")
        if wanted and not (SLUG.fullmatch(wanted) and len(wanted) <= 80):
            self.fitting.lose(place, f"form_id: {wanted}", _("It cannot be a code here; the file's name is."))
            wanted = ""
        sections = tuple(
            SectionView(each.title, each.intro, tuple(each.questions), each.conditions)
            for each in self.sections
            if self.form.is_ours or each.questions or each.intro
        )
        first = self.form.languages.get(cells.get("default_language", ""), "nb")
        view = EditionView(
            id=0,
            title=Text({first: self.fitting.text(place, title, LONGEST_TITLE)}),
            purpose=self.purpose,
            minutes=None,
            sections=sections,
            questions={each.code: each for section in sections for each in section.questions},
            facts=tuple(self.facts),
        )
        draft = Draft(wanted or code, view, tuple(self.fitting.lost))
        return _with_own_sheet(draft, self.form.sheets.get(sheets.OWN_SHEET, []))


KNOWN_COLUMNS = frozenset(
    {"type", "name", "label", "hint", "required", "relevant", "constraint", "appearance", "disabled", "choices"}
)


def _with_own_sheet(draft: Draft, rows: list[Row]) -> Draft:
    """With what our own sheet says of the whole; one that is not ours, whatever it says, changes nothing."""
    concepts: dict[str, str | Text] = {}
    for row in rows:
        texts = Text({language: row[language] for language in ("nb", "nn", "en", "se") if row[language]})
        what = row["what"]
        if what == "title" and texts:
            draft = replace(draft, view=replace(draft.view, title=texts))
        elif what == "name" and texts:
            draft = replace(draft, name=texts)
        elif what == "role" and row["code"]:
            draft = replace(draft, role=row["code"])
        elif what == "minutes" and row["code"].isascii() and row["code"].isdigit():
            draft = replace(draft, view=replace(draft.view, minutes=int(row["code"][:6])))
        elif what == "concept" and row["code"]:
            concepts[row["code"]] = texts
    return replace(draft, concepts=concepts)
