"""Synthetic answers to the two surveys of 2021, always the same, in wording of our own.

Nobody wrote them. They are laid out so that a coder who reads them arrives at the published counts: a yes or a
no is ticked and often elaborated, "both" and "don't know" can only be told from the text, as in 2021. Texts are in
bokmål and nynorsk. `stance` is the reading of a careful coder.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import cycle

SEED = 2021
TICKS = ("yes", "no")

# {question: {stance: how many}}; the published counts of DOMAIN.md (for A1 only that no outweighs yes is known).
CHIEF_COUNTS = {
    "A1": {"no": 11, "both": 5, "yes": 4},
    "A2": {"no": 10, "both": 7, "yes": 3},
    "A3": {"yes": 14, "no": 3, "dont_know": 3},
}
LOCAL_COUNTS = {
    "B4": {"yes": 60, "no": 8, "both": 17},
    "B5": {"yes": 43, "no": 34, "both": 8},
}
# How B3 falls within B2 and within B1: {stance of the other: {stance of B3: how many}}.
B2_B3 = {
    "yes": {"no": 25, "yes": 3, "dont_know": 16},
    "both": {"no": 5, "yes": 1, "dont_know": 17},
    "no": {"no": 3, "yes": 2, "dont_know": 13},
}
B1_B3 = {
    "yes": {"no": 21, "yes": 3, "dont_know": 23},
    "both": {"no": 7, "yes": 2, "dont_know": 14},
    "no": {"no": 5, "yes": 1, "dont_know": 9},
}
HOSTS = 21

OPENINGS: dict[str, dict[str, list[str]]] = {
    "A1": {
        "yes": ["Ja, brukerne slipper å gå to steder.", "Ja, eitt kontor er enklare for folk."],
        "no": [
            "Nei, brukerne merker mest at saker blir liggende mellom to ledere.",
            "Nei, samarbeidet tar tid som brukerne skulle hatt.",
            "Nei, brukarane får ikkje meir hjelp av det.",
        ],
        "both": ["Noen brukere har nytte av det, andre blir sendt fram og tilbake.", "Det kjem an på kontoret."],
    },
    "A2": {
        "yes": ["Ja, vi lærer av hverandre.", "Ja, fagmiljøet blir større."],
        "no": [
            "Nei, to arbeidsgivere gir to sett regler i samme rom.",
            "Nei, dei tilsette får to leiarar og inga avklaring.",
            "Nei, det gir mest møter.",
        ],
        "both": ["Faglig ja, men vilkårene skaper uro.", "Både og: godt for læring, tungt for hverdagen."],
    },
    "A3": {
        "yes": [
            "Ja, åpningstiden ble endret uten at vi var med.",
            "Ja, bemanningen ble avgjort i partnerskapsmøtet.",
            "Ja, omorganiseringa var avgjord før vi høyrde om ho.",
        ],
        "no": ["Nei, vi blir tatt med.", "Nei, det har eg ikkje opplevd."],
        "dont_know": ["Det vet jeg ikke, vi får ikke se referatene.", "Usikker, eg er ikkje med i desse møta."],
    },
    "B1": {
        "yes": [
            "Ja, vi kan løse flere ting på ett sted.",
            "Ja, særlig de som trenger både stønad og oppfølging.",
            "Ja, brukarane slepp å fortelje alt to gonger.",
        ],
        "no": ["Nei, ansvaret blir utydelig.", "Nei, dei fleste merkar ingen skilnad."],
        "both": [
            "Både ja og nei: bra for noen, tungvint for andre.",
            "Det varierer med hvem som er på vakt.",
            "Noko er betre, noko er verre.",
        ],
    },
    "B2": {
        "yes": ["Ja, vi har felles morgenmøte.", "Ja, leiarane deler det som gjeld begge sider."],
        "no": ["Nei, vi får vite det når det er avgjort.", "Nei, dei kommunale sakene ser vi ikkje."],
        "both": ["Det varierer.", "Av og til, mest når det gjelder brukersaker.", "Ulikt frå avdeling til avdeling."],
    },
    "B3": {
        "yes": ["Ja, turnusen ble endret der.", "Ja, ei nedbemanning vart drøfta der først."],
        "no": ["Nei, ikke som jeg kjenner til.", "Nei, sakene kjem til oss først."],
        "dont_know": [
            "Vet ikke.",
            "Jeg vet ikke hva som blir tatt opp i de møtene.",
            "Usikker, eg er ny i vervet.",
            "Har aldri sett et referat, så det vet jeg ikke.",
        ],
    },
    "B4": {
        "yes": [
            "Ja, lønn og seniordager.",
            "Ja, permisjon til kurs er lettere å få på den ene siden.",
            "Ja, fridagar mellom jul og nyttår.",
        ],
        "no": ["Nei, ikke nevneverdig.", "Nei, det er nokså likt."],
        "both": ["Noe, mest lønn.", "Litt, først og fremst i lønna."],
    },
    "B5": {
        "yes": ["Ja, det blir snakket om i pausene.", "Ja, det gir ei kjensle av urett.", "Ja, det splitter."],
        "no": ["Nei, vi har et godt miljø likevel.", "Nei, folk er ferdige med det."],
        "both": ["I perioder, særlig ved lønnsoppgjør.", "For nokre, ikkje for alle."],
    },
}
# What may follow any opening, in the language of the opening: nobody writes half in the one and half in the other.
FOLLOWING = {
    "nb": [
        "",
        " Det har vært slik lenge.",
        " Jeg tror det avhenger av ledelsen.",
        " Dette bør forbundet ta opp.",
        " Slik er det i alle fall hos oss.",
        " Det ble verre under pandemien.",
        " Det skyldes mest at vi har lite tid.",
    ],
    "nn": [
        "",
        " Slik har det vore lenge.",
        " Eg trur det kjem an på leiinga.",
        " Dette bør forbundet ta opp.",
        " Det vart verre under pandemien.",
        " Det skuldast mest at vi har lita tid.",
    ],
}
# Words by which the openings and texts in nynorsk are known.
NYNORSK = re.compile(
    r"\b(brukarane|dei|eg|eitt|fridagar|frå|greitt|høyrde|ikkje|kjem|kjensle|leiarane|noko|nokre|vart)\b", re.IGNORECASE
)
OPEN_TEXTS = {
    "A4": [
        "Informasjonen flyter godt i enkeltsaker, men dårlig om planer.",
        "Mest i gangen, sjelden skriftlig.",
        "Det går greitt i oppfølginga, dårleg på ytingar.",
        "Systemene snakker ikke sammen, så vi må spørre hverandre.",
    ],
    "A5": [
        "Lønn, seniordager og permisjon til kurs er ulikt. Det merkes i arbeidsmiljøet.",
        "Fridagar og lønn. Det går ut over trivselen.",
        "Små forskjeller, lite å si for miljøet.",
        "Seniordagene er det folk nevner. Noen blir irritert.",
    ],
    "B7": [
        "Kontoret ble større og fagmiljøet bedre, men reisen er lang for mange.",
        "Mest positivt: flere å spørre.",
        "Lengre veg for brukarane, betre vikarordning for oss.",
        "Vi mistet nærheten til kommunen vår.",
        "Åpningstiden ble kortere, ellers er det blitt bedre.",
    ],
}


@dataclass(frozen=True)
class Given:
    """What one person answers: {question: {"option": …, "text": …}}, each part only where given."""

    answers: dict[str, dict[str, str]]


def chief() -> list[Given]:
    """The 20 answers of survey A, in a fixed order."""
    dice = random.Random(SEED)  # noqa: S311 - the same answers every time
    columns = {code: _column(dice, counts) for code, counts in CHIEF_COUNTS.items()}
    wording = _Wording()
    people = []
    for number in range(20):
        answers = {code: wording.answer(code, column[number]) for code, column in columns.items()}
        answers |= {code: {"text": wording.open_text(code)} for code in ("A4", "A5")}
        people.append(Given(answers))
    return people


def local() -> list[Given]:
    """The 85 answers of survey B, in a fixed order."""
    dice = random.Random(SEED)  # noqa: S311 - the same answers every time
    pairs = [(b2, b3) for b2, row in B2_B3.items() for b3, n in row.items() for _ in range(n)]
    dice.shuffle(pairs)
    # Within each answer to B3, B1 is dealt out so that the table B1 × B3 holds as well.
    b1_left = {b3: _column(dice, {b1: row[b3] for b1, row in B1_B3.items()}) for b3 in ("no", "yes", "dont_know")}
    columns = {code: _column(dice, counts) for code, counts in LOCAL_COUNTS.items()}
    hosts = _column(dice, {"yes": HOSTS, "no": 85 - HOSTS})
    wording = _Wording()
    people = []
    for number, (b2, b3) in enumerate(pairs):
        stances = {"B1": b1_left[b3].pop(), "B2": b2, "B3": b3}
        stances |= {code: column[number] for code, column in columns.items()}
        answers = {code: wording.answer(code, stance) for code, stance in stances.items()}
        answers["B6"] = {"option": hosts[number]}
        if hosts[number] == "yes":
            answers["B7"] = {"text": wording.open_text("B7")}
        people.append(Given(answers))
    return people


def stance(question: str, text: str) -> str:
    """How a careful coder reads a text given to a question: "yes", "no", "both" or "dont_know".

    Raises:
        LookupError: the text is not one of these.
    """
    for code, openings in OPENINGS[question].items():
        if any(text.startswith(opening) for opening in openings):
            return code
    raise LookupError(f"{question}: {text}")


class _Wording:
    """Deals out texts in turn, so that they vary and are the same each time."""

    def __init__(self) -> None:
        self._openings = {
            (question, stance): cycle(texts)
            for question, by_stance in OPENINGS.items()
            for stance, texts in by_stance.items()
        }
        self._following = {language: cycle(texts) for language, texts in FOLLOWING.items()}
        self._texts = {code: cycle(texts) for code, texts in OPEN_TEXTS.items()}
        self._bare = cycle([False, False, False, True])

    def answer(self, question: str, stance: str) -> dict[str, str]:
        """A tick for yes and no, now and then without a word; only words for what cannot be ticked."""
        if stance in TICKS and next(self._bare):
            return {"option": stance}
        text = self._followed(next(self._openings[question, stance]))
        return {"option": stance, "text": text} if stance in TICKS else {"text": text}

    def open_text(self, question: str) -> str:
        return self._followed(next(self._texts[question]))

    def _followed(self, text: str) -> str:
        return text + next(self._following["nn" if NYNORSK.search(text) else "nb"])


def _column(dice: random.Random, counts: dict[str, int]) -> list[str]:
    column = [stance for stance, n in counts.items() for _ in range(n)]
    dice.shuffle(column)
    return column
