"""What people must be told before they begin: who asks and why, until when, what becomes of it, and who else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surveys.rules import words
from surveys.rules.base import Hit, Subject

FEWEST_WORDS = 12
# Each in all three languages at once: what is said in one is looked for in each that is written.
DEADLINE = re.compile(
    r"\b(?:svar)?frist\w*|\bsenest\b|\bseinast\b|\binnen\s+(?:\w+\s+)?[0-9]|\binnan\s+(?:\w+\s+)?[0-9]|"
    r"\b(?:åpen|open|ope|åpent)\s+(?:til|fram til|frem til|until)\b|\bstenger\b|\bstengjer\b|\blukkes\b|"
    r"\bdeadline\b|\bcloses?\b|\bno later than\b|\bby\s+(?:[0-9]|the\s+[0-9]|(?:mon|tues|wednes|thurs|fri)day)",
    re.IGNORECASE,
)
PROTECTION = re.compile(
    r"\bpersonvern\w*|\bfortrolig\w*|\bfortruleg\w*|\bkonfidensiel\w*|\banonym\w*|\btaushetsplikt\w*|"
    r"\bteieplikt\w*|\bpersonopplysning\w*|\bgdpr\b|\blagres\b|\blagra(?:st)?\b|\bslettes\b|\bslettast?\b|"
    r"\bprivacy\b|\bconfidential\w*|\bdata protection\b|\bpersonal data\b|\banonymous\w*|"
    r"\bhvem som (?:kan|får) se\b|\bkven som (?:kan|får) sjå\b|\bwho can see\b",
    re.IGNORECASE,
)
PROMISES = re.compile(
    r"\b(?:helt|heilt|fullstendig|100\s?%|garantert|selvsagt|sjølvsagt|completely|fully|guaranteed)\s+anonym\w*|"
    r"\b(?:er|blir|are|is|be|remain)\s+(?:\w+\s+)?anonym(?:e|t|ous)?\b|\bumulig å (?:spore|finne)|"
    r"\bumogleg å (?:spore|finne)|\bingen kan (?:noen gang )?(?:finne|se|spore)|\bingen kan (?:nokon gong )?sjå|"
    r"\b(?:no one|nobody) can ever\b|\bimpossible to trace\b",
    re.IGNORECASE,
)
# People who speak for others, or a way that goes through them.
RELAY = re.compile(
    r"\b(?:hovedtillitsvalg|hovudtillitsvald|foretakstillitsvalg|føretakstillitsvald|konserntillitsvalg|"
    r"konserntillitsvald|fylkestillitsval)\w*|\bHTV\b|"
    r"\bchief representatives?\b|\b(?:via|gjennom|ved hjelp av|med hjelp frå|by way of|through)\s+(?:\w+\s+){0,3}"
    r"(?:tillitsval\w+|leder\w*|leiar\w*|kontaktperson\w*|avdeling\w*|representatives?|managers?|contacts?)\b",
    re.IGNORECASE,
)
PASS_ON = re.compile(
    r"\b(?:videresend\w*|vidaresend\w*|forward\w*)\b|\b(?:send\w*|gi\w*|del\w*|formidl\w*|bring\w*)\b[^.!?]*"
    r"\b(?:videre|vidare)\b|\b(?:be|ber|bed|bad|bede|bedt)\b[^.!?]*\b(?:svare|sende)\b|"
    r"\bdel\w* (?:den|undersøk\w+) med\b|"
    r"\bpass\w*\b[^.!?]*\bon\b|\bask\b[^.!?]*\bto answer\b|\bshare (?:it|this|the survey) with\b",
    re.IGNORECASE,
)
NOT_ON = re.compile(
    r"\bikkje?\b[^.!?]*\b(?:videre|vidare)\b|\bikke\b[^.!?]*\bvidere\w*|\b(?:bare|berre|kun) (?:for|til) deg\b|"
    r"\b(?:don[’']t|do not)\b[^.!?]*\b(?:pass|forward|share)\b|\bonly for you\b|\bhar allerede svart\b|"
    r"\bhar alt svara\b|"
    r"\balready answered\b",
    re.IGNORECASE,
)


def missing_purpose(subject: Subject) -> Iterator[Hit]:
    """Nothing, or next to nothing, is said about who asks and why."""
    written = list(subject.written(subject.view.purpose))
    if not written:
        yield Hit()
    elif max(words.count(text) for _language, text in written) < FEWEST_WORDS:
        yield Hit().marked(*written[0])


def missing_deadline(subject: Subject) -> Iterator[Hit]:
    """The purpose does not say until when one can answer."""
    yield from _unsaid(subject, DEADLINE, "say_deadline")


def missing_data_protection(subject: Subject) -> Iterator[Hit]:
    """The purpose does not say what becomes of what one writes."""
    yield from _unsaid(subject, PROTECTION, "say_data_protection")


def _unsaid(subject: Subject, said: re.Pattern[str], repair: str) -> Iterator[Hit]:
    written = list(subject.written(subject.view.purpose))
    if not written:
        yield Hit()
    for language, text in written:
        if not said.search(text):
            # Said further down counts: what stands before the first question is read with the purpose.
            first = subject.view.sections[0] if subject.view.sections else None
            if first is None or not said.search(first.intro.by_language.get(language, "")):
                yield Hit(language=language, repair=repair)


def promised_anonymity(subject: Subject) -> Iterator[Hit]:
    """A text promises anonymity, which only the service itself can state, and only when it holds."""
    intros = [section.intro for section in subject.view.sections]
    for number, text in enumerate([subject.view.purpose, *intros]):
        for language, written in subject.written(text):
            if found := PROMISES.search(written):
                sentence = words.around(written, found.start())
                yield Hit(section=number).marked(language, written, sentence.start, sentence.end)


def relay_unasked(subject: Subject) -> Iterator[Hit]:
    """It goes to people who speak for others, and nobody is asked to pass it on, or told not to."""
    view = subject.view
    intro = view.sections[0].intro if view.sections else view.purpose
    for language, purpose in subject.written(view.purpose):
        everything = f"{view.title.by_language.get(language, '')}\n{purpose}\n{intro.by_language.get(language, '')}"
        if RELAY.search(everything) and not PASS_ON.search(everything) and not NOT_ON.search(everything):
            found = RELAY.search(purpose)
            sentence = words.around(purpose, found.start()) if found else None
            hit = Hit()
            yield (
                hit.marked(language, purpose, sentence.start, sentence.end)
                if sentence
                else hit.marked(language, view.title.by_language.get(language, "") or purpose)
            )
