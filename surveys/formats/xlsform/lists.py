"""The lists of answers on the sheet "choices"."""

from __future__ import annotations

from django.utils.translation import gettext as _

from surveys.formats.document import BadDocument
from surveys.formats.fitting import LONGEST_TITLE
from surveys.formats.xlsform import own
from surveys.formats.xlsform.headings import Type
from surveys.formats.xlsform.sheets import NO, YES, Form, Row
from surveys.models import Elaboration, Meaning
from surveys.structure import NO_TEXT, OptionView, Text

KNOWN = frozenset({"list_name", "name", "media", *(f"raadslag_{each}" for each in own.OPTION_COLUMNS)})


class Lists:
    """The lists by name; each is turned into options once."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.rows: dict[str, list[Row]] = {}
        for row in form.sheets.get("choices", []):
            if name := row["list_name"]:
                self.rows.setdefault(name, []).append(row)
        self.read: dict[str, tuple[tuple[OptionView, ...], dict[str, str]]] = {}

    def options(self, row: Row, kind: Type) -> tuple[OptionView, ...]:
        """The options that a row of the sheet "survey" offers.

        Raises:
            BadDocument: there is no such list, or an entry of it has no name.
        """
        return self._list(row, kind.choices)[0]

    def names(self, row: Row, kind: Type) -> dict[str, str]:
        """The codes of those options by their names in the file."""
        return dict(self._list(row, kind.choices)[1])

    def _list(self, row: Row, name: str) -> tuple[tuple[OptionView, ...], dict[str, str]]:
        if name not in self.rows:
            raise BadDocument(
                _("%(place)s: there is no list called %(name)s on the sheet choices.")
                % {"place": row.place, "name": name[:60]}
            )
        if name not in self.read:
            self.read[name] = self._options(self.rows[name])
        return self.read[name]

    def _options(self, rows: list[Row]) -> tuple[tuple[OptionView, ...], dict[str, str]]:
        options: list[OptionView] = []
        codes: dict[str, str] = {}
        for row in rows:
            name = row["name"]
            if not name:
                raise BadDocument(_("%(place)s: the answer has no name.") % {"place": row.place})
            code = self.form.fitting.option(row.place, name, set(codes.values()))
            codes.setdefault(name, code)
            codes.setdefault(code, code)
            options.append(self._option(row, code, name))
            if row["media"]:
                self.form.fitting.lose(row.place, row["media"], _("Pictures, sound and film cannot be imported."))
        return tuple(options), codes

    def _option(self, row: Row, code: str, name: str) -> OptionView:
        label = self.form.text(row, "label", LONGEST_TITLE)
        if not label and not self.form.is_ours:
            label = Text({"nb": name[:LONGEST_TITLE]})
        meaning, elaboration = row["raadslag_meaning"], row["raadslag_elaboration"]
        return OptionView(
            id=0,
            code=code,
            label=label or NO_TEXT,
            meaning=meaning if meaning in Meaning.values else Meaning.ANSWER.value,
            elaboration=elaboration if elaboration in Elaboration.values else "",
            excludes=row["raadslag_excludes"].lower() in YES - NO,
        )

    def name_unused_columns(self) -> None:
        """Note the columns that mean nothing here, such as those that filters look at."""
        for row in self.form.sheets.get("choices", []):
            for name in row.cells.keys() - KNOWN:
                self.form.fitting.lose(
                    _("sheet %(sheet)s") % {"sheet": row.sheet}, name, _("A column that is not known here is left out.")
                )
