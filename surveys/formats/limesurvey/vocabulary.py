"""Words for what LimeSurvey has as types and settings only: fixed answers, and reasons why a thing stays behind."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from surveys.formats.limesurvey.survey import OWN_ATTRIBUTE
from surveys.kinds import registry
from surveys.models import Meaning

MOST_OPTIONS = 200
CHOICE_KINDS = ("single_choice", "yes_no", "scale", "statement")
OTHER = {"nb": "Annet", "nn": "Anna", "en": "Other", "se": "Eará"}
YES_NO: Mapping[str, Mapping[str, str]] = registry.KINDS["yes_no"].first_options
GENDER: Mapping[str, Mapping[str, str]] = {
    "F": {"nb": "Kvinne", "nn": "Kvinne", "en": "Woman", "se": "Nisson"},
    "M": {"nb": "Mann", "nn": "Mann", "en": "Man", "se": "Almmái"},
}
POINTS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "A": {str(number): dict.fromkeys(("nb", "nn", "en", "se"), str(number)) for number in range(1, 6)},
    "B": {str(number): dict.fromkeys(("nb", "nn", "en", "se"), str(number)) for number in range(1, 11)},
    "C": {
        "Y": YES_NO["yes"],
        "U": {"nb": "Usikker", "nn": "Usikker", "en": "Uncertain", "se": "Eahpesihkar"},
        "N": YES_NO["no"],
    },
    "E": {
        "I": {"nb": "Øker", "nn": "Aukar", "en": "Increases", "se": "Lassána"},
        "S": {"nb": "Uendret", "nn": "Uendra", "en": "Stays the same", "se": "Seammá"},
        "D": {"nb": "Minker", "nn": "Minkar", "en": "Decreases", "se": "Unnu"},
    },
}
# Codes and labels of the answers that people give to say why they do not answer, as they are usually worded.
MEANINGS = {
    "vet ikke": Meaning.DONT_KNOW, "veit ikkje": Meaning.DONT_KNOW, "don't know": Meaning.DONT_KNOW,
    "don’t know": Meaning.DONT_KNOW, "do not know": Meaning.DONT_KNOW, "in dieđe": Meaning.DONT_KNOW,
    "ikke relevant": Meaning.NOT_APPLICABLE, "ikkje relevant": Meaning.NOT_APPLICABLE,
    "not applicable": Meaning.NOT_APPLICABLE, "n/a": Meaning.NOT_APPLICABLE,
}  # fmt: skip
WITHOUT: dict[str, Promise] = {
    "array_filter": gettext_lazy("Showing only the answers chosen before is not possible here."),
    "array_filter_exclude": gettext_lazy("Hiding the answers chosen before is not possible here."),
    "random_order": gettext_lazy("Answers keep their order here."),
    "answer_order": gettext_lazy("Answers keep their order here."),
    "random_group": gettext_lazy("Questions keep their order here."),
    "em_validation_q": gettext_lazy("Answers are not checked by expressions here."),
    "em_validation_sq": gettext_lazy("Answers are not checked by expressions here."),
    "time_limit": gettext_lazy("There is no time limit here."),
    "maximum_chars": gettext_lazy("The longest answer is the same for all questions here."),
    "numbers_only": gettext_lazy("The answer is a text here: use a question of the kind number."),
    "other_numbers_only": gettext_lazy("What is written beside an answer is a text here."),
    "equals_num_value": gettext_lazy("Sums are not checked here."),
    "num_value_equals_sgqa": gettext_lazy("Sums are not checked here."),
    "min_num_value": gettext_lazy("Sums are not checked here."),
    "max_num_value": gettext_lazy("Sums are not checked here."),
    "min_num_value_sgqa": gettext_lazy("Sums are not checked here."),
    "max_num_value_sgqa": gettext_lazy("Sums are not checked here."),
    "date_min": gettext_lazy("Dates have no bounds here."),
    "date_max": gettext_lazy("Dates have no bounds here."),
    "slider_layout": gettext_lazy("Numbers are written here, not dragged."),
    "prefix": gettext_lazy("Nothing stands before a number here; what stands after it is its unit."),
}
UNSUPPORTED: dict[str, Promise] = {
    "1": gettext_lazy("Two scales for each row cannot be used here: write them as two questions."),
    ":": gettext_lazy("A table of numbers cannot be used here."),
    ";": gettext_lazy("A table of texts cannot be used here."),
    "|": gettext_lazy("Files are not collected here."),
    "*": gettext_lazy("Calculations are not made here."),
    "I": gettext_lazy("Everyone can change the language on every page here."),
}
TAKEN = {
    "min_answers", "max_answers", "min_num_value_n", "max_num_value_n", "num_value_int_only", "suffix",
    "other_replace_text", "other_comment_mandatory", "exclude_all_others", "hidden", "max_subquestions", "relevance",
    OWN_ATTRIBUTE,
}  # fmt: skip
