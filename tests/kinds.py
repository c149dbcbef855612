"""A survey with every kind of question, routed and piped by answers and background."""

from __future__ import annotations

from typing import Any

from surveys import fielding
from surveys.models import Survey
from tests import make


def both(nb: str, en: str) -> dict[str, str]:
    return {"nb": nb, "en": en}


def option(code: str, nb: str, en: str, **rest: Any) -> dict[str, Any]:
    return {"code": code, "label": both(nb, en), **rest}


def agree() -> list[dict[str, Any]]:
    return [
        option("1", "Helt uenig", "Strongly disagree"),
        option("2", "Ganske uenig", "Disagree"),
        option("3", "Verken enig eller uenig", "Neither agree nor disagree"),
        option("4", "Ganske enig", "Agree"),
        option("5", "Helt enig", "Strongly agree"),
        option("dk", "Vet ikke", "Don't know", meaning="dont_know"),
    ]


def scale(code: str, nb: str, en: str, **rest: Any) -> dict[str, Any]:
    return {"code": code, "kind": "scale", "text": both(nb, en), "options": agree(), **rest}


FACTS = [
    {
        "name": "role",
        "label": both("Verv", "Role"),
        "values": [
            option("chief", "hovedtillitsvalgt", "chief representative"),
            option("local", "plasstillitsvalgt", "local representative"),
        ],
    }
]

TICKS: list[dict[str, Any]] = [
    {"code": "I1", "kind": "information", "text": both("> Vi vil *lytte*.", "> We want to *listen*.")},
    {
        "code": "A1",
        "kind": "yes_no",
        "text": both("Blir du hørt, {role|du}?", "Are you heard, {role|you}?"),
        "options": [
            option("yes", "Ja", "Yes"),
            option("no", "Nei", "No", elaboration="required"),
            option("dk", "Vet ikke", "Don't know", meaning="dont_know"),
        ],
        "prompt": both("Hva må endres?", "What must change?"),
    },
    {
        "code": "A2",
        "kind": "single_choice",
        "text": both("Hvor arbeider du mest?", "Where do you work the most?"),
        "options": [
            option("office", "På kontoret", "At the office"),
            option("home", "Hjemme", "At home"),
            option("else", "Et annet sted", "Elsewhere", meaning="other"),
        ],
    },
    {
        "code": "A3",
        "kind": "multiple_choice",
        "text": both("Hva bruker du tida på?", "What do you spend time on?"),
        "help": both("Velg opptil tre.", "Choose up to three."),
        "maximum": 3,
        "options": [
            option("meetings", "Møter", "Meetings"),
            option("members", "Medlemmer", "Members"),
            option("pay", "Lønn", "Pay"),
            option("rules", "Regelverk", "Rules"),
            option("none", "Ingenting av dette", "None of these", excludes=True),
        ],
        "elaboration": "optional",
    },
]

SCALES: list[dict[str, Any]] = [
    scale("B1", "Jeg får informasjon i tide.", "I get information in time.", required=True),
    scale(
        "B2",
        "Jeg blir tatt med på råd.",
        "I am consulted.",
        help=both("Tenk på det siste året.", "Think of the past year."),
    ),
    scale("B3", "Arbeidsgiveren kjenner avtalen.", "The employer knows the agreement."),
    {
        "code": "B4",
        "kind": "scale",
        "text": both("Hvor fornøyd er du?", "How satisfied are you?"),
        "options": [
            option("1", "1 – lite", "1 – not very"),
            option("2", "2", "2"),
            option("3", "3 – svært", "3 – very"),
        ],
    },
    {
        "code": "B5",
        "kind": "statement",
        "text": both("Vervet bør være på heltid.", "The office should be full-time."),
        "elaboration": "optional",
        "prompt": both("Kommentar", "Comment"),
        "options": [
            option("support", "Støtter", "Support"),
            option("oppose", "Støtter ikke", "Oppose"),
            option("neutral", "Nøytral", "Neutral"),
        ],
    },
]

MEASURES: list[dict[str, Any]] = [
    {
        "code": "C1",
        "kind": "ranking",
        "text": both("Hva haster mest?", "What is most urgent?"),
        "minimum": 2,
        "maximum": 3,
        "options": [
            option(c, nb, en)
            for c, nb, en in [
                ("pay", "Lønn", "Pay"),
                ("time", "Tid", "Time"),
                ("say", "Innflytelse", "A say"),
                ("skill", "Kompetanse", "Skills"),
            ]
        ],
    },
    {
        "code": "C2",
        "kind": "number",
        "text": both("Hvor lenge har du hatt vervet?", "How long have you held office?"),
        "minimum": 0,
        "maximum": 60,
        "decimals": 1,
        "unit": both("år", "years"),
    },
    {"code": "C3", "kind": "date", "text": both("Når ble du valgt?", "When were you elected?")},
    {"code": "C4", "kind": "short_text", "text": both("Hva heter utvalget?", "What is the committee called?")},
    {"code": "C5", "kind": "long_text", "text": both("Noe mer?", "Anything else?")},
    {
        "code": "C6",
        "kind": "roster",
        "text": both("Hvilken utdanning har du?", "Which education do you have?"),
        "maximum": 2,
        "options": [
            option("bachelor", "Bachelor", "Bachelor"),
            option("master", "Master", "Master"),
            option("trade", "Fagbrev", "Trade certificate"),
        ],
    },
]

# Only chief representatives are asked D1; only those with five years or more D2, which says what was answered.
ROUTED: list[dict[str, Any]] = [
    {
        "code": "D1",
        "kind": "yes_no",
        "text": both("Møter du ledelsen?", "Do you meet management?"),
        "conditions": [{"fact": "role", "option": "chief"}],
    },
    {
        "code": "D2",
        "kind": "long_text",
        "text": both(
            "Hva har {C2|vervet} år i {C4|utvalget} lært deg?",
            "What have {C2|your} years in {C4|the committee} taught you?",
        ),
        "conditions": [{"source": "C2", "operator": "at_least", "number": 5}],
    },
]

# What one person answers, page by page, as a browser sends it.
GIVEN: list[dict[str, Any]] = [
    {
        "A1_option": "no",
        "A1_text": "Møtene.",
        "A2_option": "else",
        "A2_text": "På toget",
        "A3_options": ["pay", "meetings"],
        "A3_text": "Mest møter.",
    },
    {"B1_option": "4", "B2_option": "dk", "B3_option": "1", "B4_option": "2", "B5_option": "support", "B5_text": "Ja."},
    {
        "C1_rank1": "say",
        "C1_rank2": "pay",
        "C1_rank3": "",
        "C2_number": "7,5",
        "C3_date": "2019-02-28",
        "C4_text": "AMU <Oslo>",
        "C5_text": "Takk.",
        "C6_row1_level": "master",
        "C6_row1_subject": "Jus",
        "C6_row1_year": "2009",
        "C6_row2_level": "trade",
    },
]

ANSWERS: dict[str, dict[str, Any]] = {
    "A1": {"option": "no", "text": "Møtene."},
    "A2": {"option": "else", "text": "På toget"},
    "A3": {"options": ["meetings", "pay"], "text": "Mest møter."},
    "B1": {"option": "4"},
    "B2": {"option": "dk"},
    "B3": {"option": "1"},
    "B4": {"option": "2"},
    "B5": {"option": "support", "text": "Ja."},
    "C1": {"ranks": ["say", "pay"]},
    "C2": {"number": "7.5"},
    "C3": {"date": "2019-02-28"},
    "C4": {"text": "AMU <Oslo>"},
    "C5": {"text": "Takk."},
    "C6": {"rows": [{"option": "master", "text": "Jus", "number": "2009"}, {"option": "trade"}]},
    "D1": {"option": "yes"},
    "D2": {"text": "Mye."},
}


def every(code: str = "every-kind", promise: str = "anonymous", **plan: Any) -> Survey:
    """The survey, open, with role and region as background."""
    edition = make.published(
        code, TICKS, SCALES, MEASURES, ROUTED, title=both("Alle slag", "Every kind"), facts=FACTS, minutes=6
    )
    survey = fielding.plan(
        code,
        edition,
        opens_at=make.OPENS,
        closes_at=make.DEADLINE,
        promise=promise,
        **{"facts": [make.ROLE, make.REGION], **plan},
    )
    fielding.open_survey(survey, make.OPENS)
    return survey
