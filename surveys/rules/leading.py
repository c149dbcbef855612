"""Texts that push towards an answer: just before a question, or in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surveys.rules import words
from surveys.rules.base import Hit, Subject
from surveys.structure import QuestionView, Text

QUOTED = re.compile(r"^>|[«“][^»”]{25,}[»”]", re.MULTILINE)
# Says what is right, or what others have found.
PUSHES = {
    "nb": re.compile(
        r"\b(?:forskning|undersøkelser|studier|rapporter|tall)\w*\s+(?:viser|tyder|bekrefter)|\bvi vet at\b|"
        r"\bde fleste (?:mener|opplever|vet|er enige)|\bmange (?:mener|opplever|har opplevd|klager)|\bdessverre\b|"
        r"\bbekymr\w+|\bi strid med\b|\bbrudd på\b|\blovbrudd\b|\bkritikkverdig|\buakseptabel|\bheldigvis\b|"
        r"\bsom kjent\b|\bdet er (?:viktig|avgjørende|klart|helt nødvendig) at\b|\bkrever at\b",
        re.IGNORECASE,
    ),
    "nn": re.compile(
        r"\b(?:forsking|undersøkingar|studiar|rapportar|tal)\w*\s+(?:viser|tyder|stadfestar)|\bvi veit at\b|"
        r"\bdei fleste (?:meiner|opplever|veit|er einige)|\bmange (?:meiner|opplever|har opplevd|klagar)|\bdessverre\b|"
        r"\bbekymr\w+|\buroa\b|\bi strid med\b|\bbrot på\b|\blovbrot\b|\bkritikkverdig|\buakseptabel|\bheldigvis\b|"
        r"\bsom kjent\b|\bdet er (?:viktig|avgjerande|klart|heilt nødvendig) at\b|\bkrev at\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:research|studies|surveys|reports|figures)\s+(?:shows?|suggests?|confirms?)|\bwe know that\b|"
        r"\bmost (?:people )?(?:think|believe|experience|know|agree)|"
        r"\bmany (?:think|believe|have experienced|complain)|"
        r"\bunfortunately\b|\bworr(?:y|ied|ying)\b|\bin breach of\b|\bviolat\w+|\bunacceptable\b|\bfortunately\b|"
        r"\bas is well known\b|\bit is (?:important|vital|clear|essential) that\b|\brequires that\b",
        re.IGNORECASE,
    ),
}
# Says what must be done: a weak sign, since a plain explanation may say so too.
DEMANDS = {
    "nb": re.compile(r"\b(?:skal|må|bør|plikt\w*|rett til|krav på)\b", re.IGNORECASE),
    "nn": re.compile(r"\b(?:skal|må|bør|plikt\w*|rett til|krav på)\b", re.IGNORECASE),
    "en": re.compile(r"\b(?:shall|must|ought to|obliged|entitled|right to)\b", re.IGNORECASE),
}
LOADED = {
    "nb": re.compile(
        r"\ber du (?:ikke )?enig i at\b|\b(?:mener|synes|tror) du ikke\b|\bbør (?:vi|man) ikke\b|\ber det ikke\b|"
        r"\bhvor (?:dårlig|ille|problematisk|alvorlig)\b|\b(?:selvsagt|naturligvis|åpenbart|selvfølgelig)\b",
        re.IGNORECASE,
    ),
    "nn": re.compile(
        r"\ber du (?:ikkje )?(?:einig|samd) i at\b|\b(?:meiner|synest|trur) du ikkje\b|\bbør (?:vi|ein) ikkje\b|"
        r"\ber det ikkje\b|\bkor (?:dårleg|ille|problematisk|alvorleg)\b|\b(?:sjølvsagt|naturlegvis|openbert)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:do|don[’']t) you (?:not )?agree that\b|\bdon[’']t you (?:think|believe)\b|\bshouldn[’']t\b|"
        r"\bisn[’']t it\b|"
        r"\bhow (?:bad|poor|serious|problematic)\b|\b(?:obviously|of course|clearly)\b",
        re.IGNORECASE,
    ),
}
ENOUGH = 3


def leading_text(subject: Subject) -> Iterator[Hit]:
    """A text or quotation that takes a side stands just before a question about the same."""
    for number, section in enumerate(subject.view.sections, start=1):
        before: list[tuple[QuestionView | None, Text]] = [(None, section.intro)]
        for question in section.questions:
            if question.kind == "information":
                before.append((question, question.text))
                continue
            for block, text in before:
                yield from _leads(subject, number, block, text, question)
            for language, text_before in subject.written(question.help):
                if _weight(text_before, language, question.text.by_language.get(language, "")) >= ENOUGH:
                    yield Hit(question).marked(language, text_before, *_span(text_before, language))
            before = []


def _leads(
    subject: Subject, number: int, block: QuestionView | None, text: Text, question: QuestionView
) -> Iterator[Hit]:
    for language, written in subject.written(text):
        asked = f"{question.text.by_language.get(language, '')} {question.help.by_language.get(language, '')}"
        if _weight(written, language, asked) >= ENOUGH:
            hit = Hit(block, section=number, repair="move_after" if block else "")
            yield hit.marked(language, written, *_span(written, language))


def _weight(before: str, language: str, asked: str) -> int:
    """How strongly a text leads: what it says by whom, and how much of the question it is about."""
    shared = min(2, len(words.stems(before) & words.stems(asked)))
    if not shared:
        return 0
    if QUOTED.search(before) or PUSHES[language].search(before):
        return 2 + shared
    return shared + (1 if DEMANDS[language].search(before) else 0)


def _span(text: str, language: str) -> tuple[int, int]:
    """The sentence that leads most: the quotation, or the one that says what is right."""
    for pattern in (QUOTED, PUSHES[language], DEMANDS[language]):
        if found := pattern.search(text):
            sentence = words.around(text, found.end() - 1)
            return sentence.start, sentence.end
    return 0, len(text)


def leading_wording(subject: Subject) -> Iterator[Hit]:
    """The question itself shows which answer is wanted."""
    for question, _kind in subject.asked():
        for language, text in subject.written(question.text):
            if found := LOADED[language].search(text):
                yield Hit(question).marked(language, text, *found.span())
