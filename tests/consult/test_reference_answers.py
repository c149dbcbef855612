"""The made-up answers of the reference case: each text in one language throughout."""

from __future__ import annotations

import re

from consult.reference import answers

BOKMAL = re.compile(r"\b(andre|ble|blir|brukerne|fra|ikke|jeg|lederne|noe|noen|skyldes|tror|vet)\b", re.IGNORECASE)


def texts() -> list[str]:
    people = answers.chief() + answers.local()
    return [answer["text"] for person in people for answer in person.answers.values() if answer.get("text")]


def test_no_text_mixes_bokmal_and_nynorsk() -> None:
    assert [text for text in texts() if answers.NYNORSK.search(text) and BOKMAL.search(text)] == []


def test_both_are_written() -> None:
    nynorsk = sum(bool(answers.NYNORSK.search(text)) for text in texts())
    assert 50 < nynorsk < len(texts()) - 50


def test_what_follows_does_not_change_how_a_text_is_read() -> None:
    for question, openings in answers.OPENINGS.items():
        for stance, beginnings in openings.items():
            for text in beginnings:
                assert answers.stance(question, text + " Noko meir.") == stance
