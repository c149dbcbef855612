"""What repairs write into questionnaires, read by respondents: content, not interface."""

from __future__ import annotations

from surveys.rules.knowing import EXPERIENCE
from surveys.structure import NO_TEXT, OptionView, QuestionView, Text

DONT_KNOW = Text({"nb": "Vet ikke", "nn": "Veit ikkje", "en": "Don’t know", "se": "In dieđe"})
OTHER = Text({"nb": "Annet", "nn": "Anna", "en": "Other"})
ELABORATE = {
    "nb": "Utdyp gjerne svaret, uansett hva du svarte",
    "nn": "Utdjup gjerne svaret, same kva du svara",
    "en": "Please elaborate on your answer, whatever it was",
}
DEADLINE = {
    "nb": "Svarfristen står øverst på denne siden.",
    "nn": "Svarfristen står øvst på denne sida.",
    "en": "The deadline is at the top of this page.",
}
DATA_PROTECTION = {
    "nb": "**Personvern.** Det er frivillig å svare. Lenger nede på denne siden står det hvem som kan se svarene dine, "
    "hva vi tar vare på, og hvilke rettigheter du har. Ikke skriv navn eller annet som kan peke ut noen.",
    "nn": "**Personvern.** Det er frivillig å svare. Lenger nede på denne sida står det kven som kan sjå svara dine, "
    "kva vi tek vare på, og kva rettar du har. Ikkje skriv namn eller anna som kan peike ut nokon.",
    "en": "**Data protection.** Answering is voluntary. Further down this page you can read who can see your answers, "
    "what we keep, and which rights you have. Please do not write names or anything else that could point someone out.",
}
ABOUT_YOU = Text({"nb": "Om deg", "nn": "Om deg", "en": "About you"})
BANDS = (
    ("under_1", {"nb": "Under 1 år", "nn": "Under 1 år", "en": "Less than 1 year"}),
    ("from_1_to_2", {"nb": "1–2 år", "nn": "1–2 år", "en": "1–2 years"}),
    ("from_3_to_5", {"nb": "3–5 år", "nn": "3–5 år", "en": "3–5 years"}),
    ("from_6_to_10", {"nb": "6–10 år", "nn": "6–10 år", "en": "6–10 years"}),
    ("from_11", {"nb": "11 år eller mer", "nn": "11 år eller meir", "en": "11 years or more"}),
)
EXPERIENCE_TITLE = Text(
    {"nb": "Erfaring som tillitsvalgt", "nn": "Erfaring som tillitsvald", "en": "Experience as a representative"}
)


def experience_question() -> QuestionView:
    """How long someone has been in the role, in bands without gaps."""
    return QuestionView(
        id=0,
        code="years_in_role",
        kind="single_choice",
        text=Text(
            {
                "nb": "Hvor lenge har du vært tillitsvalgt?",
                "nn": "Kor lenge har du vore tillitsvald?",
                "en": "How long have you been a representative?",
            }
        ),
        help=Text(
            {
                "nb": "Regn med all tid du har hatt verv.",
                "nn": "Rekn med all tid du har hatt verv.",
                "en": "Count all the time you have held a role.",
            }
        ),
        required=False,
        elaboration="never",
        elaboration_prompt=NO_TEXT,
        concept=EXPERIENCE,
        options=tuple(OptionView(0, code, Text(label), "answer") for code, label in BANDS),
        comparability="wording",
    )
