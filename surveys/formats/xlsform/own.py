"""What we add to an XLSForm so that reading it here again loses nothing: columns and a sheet others pass over.

The column `raadslag_kind` tells what a row is here: the kind of a question, or one of the rows below, which XLSForm
needs and a questionnaire has elsewhere.
"""

from __future__ import annotations

from surveys.structure import Text

KIND = "raadslag_kind"
PURPOSE, INTRO = "purpose", "intro"
ELABORATION, USUAL_ELABORATION = "elaboration", "elaboration_usual"
FACTS, FACT = "facts", "fact"
ROSTER_ROWS, ROSTER_PART = "roster_rows", "roster_part"

# Of questions, by the name of the field. Units are texts, a column a language: raadslag_unit_nb.
COLUMNS = ("elaboration", "minimum", "maximum", "decimals", "concept", "comparability", "origin")
UNIT = "raadslag_unit"
OPTION_COLUMNS = ("meaning", "elaboration", "excludes")

# The types that a row of a kind may have; a kind that does not fit its row is not believed.
TYPES = {
    "yes_no": ("select_one",),
    "single_choice": ("select_one",),
    "scale": ("select_one",),
    "statement": ("select_one",),
    "multiple_choice": ("select_multiple",),
    "ranking": ("rank",),
    "number": ("integer", "decimal"),
    "date": ("date",),
    "short_text": ("text",),
    "long_text": ("text",),
    "information": ("note",),
    "roster": ("select_one",),
}

# The parts of a roster, as questions of their own, and how an elaboration is asked for without words of its own.
LEVEL = Text({"nb": "Nivå", "nn": "Nivå", "en": "Level", "se": "Dássi"})
SUBJECT = Text({"nb": "Fag", "nn": "Fag", "en": "Subject", "se": "Fága"})
YEAR = Text({"nb": "År", "nn": "År", "en": "Year", "se": "Jahki"})
PLEASE_ELABORATE = Text(
    {"nb": "Utdyp gjerne", "nn": "Utdjup gjerne", "en": "Please elaborate", "se": "Čilge dárkileappot"}
)
# What XLSForm shows where "or_other" stands.
OTHER = Text({"nb": "Annet", "nn": "Anna", "en": "Other", "se": "Eará"})
