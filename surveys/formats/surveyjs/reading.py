"""A SurveyJS document read into a draft: its pages become sections, and so do panels within them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from surveys import piping
from surveys.formats import logic, strict
from surveys.formats.document import parse as parse_document
from surveys.formats.fitting import LONGEST_TEXT, LONGEST_TITLE, Fitting
from surveys.formats.protocol import Draft
from surveys.formats.surveyjs.expressions import FACT_PREFIX, parse
from surveys.formats.surveyjs.questions import Read, questions
from surveys.formats.surveyjs.things import LANGUAGES, OWN_NAMES, Thing
from surveys.structure import NO_TEXT, ConditionView, EditionView, QuestionView, SectionView, Text

DEEPEST = 20
# An earlier answer in a text; and what is no plain name of one.
FILLED_IN = re.compile(r"\{([^{}]+)\}")
WORKED_OUT = re.compile(r"#|\w+[.\[]")


def load(content: bytes, code: str) -> Draft:
    """The draft in a .json file of SurveyJS; see `formats.protocol`.

    Raises:
        BadDocument: with the place.
    """
    document, fitting = parse_document(content), Fitting()
    locale = document.get("locale", "") if isinstance(document, dict) else ""
    usual = LANGUAGES.get(str(locale).lower().split("-")[0], "")
    root = Thing(document, "", fitting, usual or "nb")
    root.get("locale")
    if not usual:
        fitting.lose("", "locale", _("It is not said in which language the texts are; they were taken for bokmål."))
    return _Reader(root).draft(code)


@dataclass
class _Section:
    title: Text = NO_TEXT
    intro: Text = NO_TEXT
    conditions: tuple[ConditionView, ...] = ()
    questions: list[QuestionView] = field(default_factory=list)
    # A section that goes on after a panel has nothing of its own to show.
    goes_on: bool = False


class _Reader:
    """Goes through pages, panels and elements once."""

    def __init__(self, root: Thing) -> None:
        self.root, self.fitting = root, root.fitting
        self.sections: list[_Section] = []
        self.codes: set[str] = set()
        self.sources: dict[str, logic.Source] = {}

    def draft(self, code: str) -> Draft:
        """The whole."""
        root = self.root
        title = root.text(LONGEST_TITLE, "title")
        purpose = root.text(LONGEST_TEXT, "description")
        own = self._own()
        for fact in own.view.facts:
            self.sources[f"{FACT_PREFIX}{fact.name}"] = logic.Source(fact, {each: each for each, _label in fact.values})
        pages = root.things("pages")
        if elements := root.things("elements", "questions"):
            pages = [*pages, {"elements": elements}]
        if not pages:
            root.refuse(_("is missing"), "pages")
        for number, page in enumerate(pages, start=1):
            thing = Thing(page, _("page %(number)d") % {"number": number}, self.fitting, root.usual)
            self._container(thing, (), 0)
        root.lose_the_rest()
        sections = tuple(
            SectionView(each.title, each.intro, tuple(each.questions), each.conditions)
            for each in self.sections
            if each.questions or not each.goes_on
        )
        view = EditionView(
            id=0,
            title=title or Text({root.usual: code}),
            purpose=purpose,
            minutes=own.view.minutes,
            sections=sections,
            questions={each.code: each for section in sections for each in section.questions},
            facts=own.view.facts,
        )
        named = root.own.get("code")
        return Draft(
            named if isinstance(named, str) and named else code,
            view,
            tuple(self.fitting.lost),
            role=own.role if "role" in root.own else "",
            name=own.name if "name" in root.own else NO_TEXT,
            concepts=own.concepts,
        )

    def _own(self) -> Draft:
        """What we wrote into the document ourselves, read as strictly as our own format."""
        given: dict[str, Any] = {name: self.root.own[name] for name in OWN_NAMES if name in self.root.own}
        return strict.read({"code": "x", "title": {"nb": "x"}, **given, "sections": []})

    def _container(self, thing: Thing, outer: tuple[ConditionView, ...], depth: int) -> None:
        """A page or panel, with everything in it."""
        if depth > DEEPEST:
            thing.refuse(_("is nested too deeply"))
        thing.get("name", "type")
        conditions = self._conditions(thing)
        try:
            conditions = logic.both(outer, conditions)
        except logic.Unsaid as unsaid:
            thing.lose("visibleIf", str(unsaid))
        if depth:
            self.fitting.lose(
                thing.place,
                thing.string("title") if isinstance(thing.get("title"), str) else thing.string("name"),
                _("Sections do not stand in sections here; it became one of its own."),
            )
        here = _Section(thing.text(LONGEST_TITLE, "title"), thing.text(LONGEST_TEXT, "description"), conditions)
        if thing.get("visible") is False:
            thing.lose("visible", _("It is hidden in the file, and was left out with everything in it."))
            return
        self.sections.append(here)
        for number, element in enumerate(thing.things("elements", "questions"), start=1):
            place = thing.place + " › " + _("element %(number)d") % {"number": number}
            inner = Thing(element, place, self.fitting, thing.usual)
            if inner.value.get("type") == "panel":
                self._container(inner, conditions, depth + 1)
                here = _Section(conditions=conditions, goes_on=True)
                self.sections.append(here)
            else:
                here.questions += self._questions(inner)
        thing.lose_the_rest()

    def _questions(self, thing: Thing) -> list[QuestionView]:
        name = thing.string("name")
        if name:
            thing.place = f"{thing.place} ({name[:60]})"
        if thing.get("visible") is False:
            thing.lose("visible", _("It is hidden in the file, and was left out with everything in it."))
            return []
        read = questions(thing, self.codes)
        if read is None:
            self.fitting.lose(
                thing.place, thing.string("type") or name, _("There is no kind of question for this here.")
            )
            return []
        conditions = self._conditions(thing)
        thing.lose_the_rest()
        return [self._kept(each, conditions) for each in read]

    def _kept(self, read: Read, conditions: tuple[ConditionView, ...]) -> QuestionView:
        view = replace(read.view, conditions=conditions)
        if not self.root.own:
            view = replace(view, text=self._fields(view, view.text), help=self._fields(view, view.help))
        if view.kind != "information":
            self.sources.setdefault(read.name, logic.Source(view, read.codes))
        return view

    def _fields(self, view: QuestionView, text: Text) -> Text:
        """A text of another program, with the answers it puts in named as they are here."""

        def ours(name: re.Match[str]) -> str:
            source = self.sources.get(name[1])
            if source is not None and isinstance(source.view, QuestionView) and source.view.kind not in piping.UNPIPED:
                return f"{{{source.view.code}}}"
            if not WORKED_OUT.match(name[1]):
                return name[0]
            self.fitting.lose(view.code, name[0], _("The form would fill this in; here stands an ellipsis instead."))
            return piping.NOTHING

        return Text({language: FILLED_IN.sub(ours, each) for language, each in text.by_language.items()})

    def _conditions(self, thing: Thing) -> tuple[ConditionView, ...]:
        expression = thing.string("visibleIf")
        if not expression:
            return ()
        try:
            said = logic.conditions(parse(expression), self.sources)
        except logic.Unsaid as unsaid:
            thing.lose("visibleIf", _("It is shown to everyone instead. %(reason)s") % {"reason": unsaid})
            return ()
        for remark in said.remarks:
            thing.lose("visibleIf", remark)
        return said.conditions
