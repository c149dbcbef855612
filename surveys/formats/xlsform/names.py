"""Names for the rows of an XLSForm that have no code of ours: once each in the whole form."""

from __future__ import annotations

from surveys.structure import EditionView


class Names:
    """The names of sections, facts, elaborations and the parts of rosters."""

    def __init__(self, view: EditionView) -> None:
        questions = [question for section in view.sections for question in section.questions]
        # Programs warn about names that differ in case only.
        self._taken = {question.code.lower() for question in questions}
        self.purpose = self._free("purpose")
        self.facts = self._free("background")
        self._of_facts = {fact.name: self._free(f"fact_{fact.name}") for fact in view.facts}
        self.sections = [self._free(f"section_{number}") for number, _section in enumerate(view.sections, start=1)]
        for name in self.sections:
            self._taken.add(f"{name}_intro")
        self.elaborations = {question.code: self._free(f"{question.code}_text") for question in questions}
        self.rosters = {
            question.code: (
                self._free(f"{question.code}_level"),
                self._free(f"{question.code}_subject"),
                self._free(f"{question.code}_year"),
            )
            for question in questions
            if question.kind == "roster"
        }

    def of_fact(self, name: str) -> str:
        """The name under which a background fact is asked for."""
        return self._of_facts[name]

    def _free(self, wanted: str) -> str:
        name = wanted
        while name.lower() in self._taken or f"{name}_intro".lower() in self._taken:
            name += "_"
        self._taken.add(name.lower())
        return name
