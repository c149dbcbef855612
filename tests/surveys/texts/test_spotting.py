"""Telling a misspelling from another meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.texts.spotting import change_of_meaning, distance

LONG = "Får dere god informasjon om det som skjer på kommunal side"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Har du opplvd at møtet har avgjort saker?", "Har du opplevd at møtet har avgjort saker?"),
        ("Får dere god infromasjon?", "Får dere god informasjon?"),
        ("Er det ikkke slik?", "Er det ikke slik?"),
        ("Har du lyst og svare på dette?", "Har du lyst å svare på dette?"),
        ("Hva mener de tillits valgte?", "Hva mener de tillitsvalgte?"),
        ("Hva mener mener du?", "Hva mener du?"),
        ("hva mener du", "Hva mener du?"),
        ("Ytelsre", "Ytelser"),
        ("Kva meiner dei tilsettte om dette?", "Kva meiner dei tilsette om dette?"),
        ("Do emploees get the help they need?", "Do employees get the help they need?"),
        ("Leat go don leamaš luohttámušolmmoš?", "Leatgo don leamaš luohttámušolmmoš?"),
        (f"{LONG}, {{B2}}?", f"{LONG.replace('kommunal', 'komunal')}, {{B2}}?"),
    ],
)
def test_what_passes(before: str, after: str) -> None:
    assert change_of_meaning(before, after) == ""
    assert change_of_meaning(before, before) == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Er du enig i dette?", "Er du uenig i dette?"),
        ("Er det viktig?", "Er det uviktig?"),
        ("Do you agree with this?", "Do you disagree with this?"),
        ("Is this possible?", "Is this impossible?"),
        ("Er det bra?", "Er det ikke bra?"),
        ("Er det ikkje bra?", "Er det bra?"),
        ("Bør de få 3 dager?", "Bør de få 5 dager?"),
        ("Minst 20 % av tiden", "Minst 20 av tiden"),
        ("Kan du delta?", "Skal du delta?"),
        ("Kan ansatte delta?", "Må ansatte delta?"),
        ("Hvor mange ansatte har dere?", "Hvor mange ledere har dere?"),
        ("Hva med lønn?", "Hva med lån?"),
        ("Spør du kollegaer?", "Spør de kollegaer?"),
        ("Noen av dere", "Ingen av dere"),
        ("Ja", "Nei"),
        ("Før møtet", "Etter møtet"),
        ("Er det mye over tid?", "Er det mye overtid?"),
        ("Se [reglene](https://a.example)", "Se [reglene](https://b.example)"),
        ("Du svarte {B2}.", "Du svarte {B3}."),
        ("Hva mener du om lønna?", "Hva mener du om lønna di?"),
        (LONG, LONG.replace("a", "å").replace("o", "u")),
        ("Ytelser", "Oppfølging"),
    ],
)
def test_what_does_not(before: str, after: str) -> None:
    assert change_of_meaning(before, after) != ""
    assert change_of_meaning(after, before) != ""


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_looked_at(before: str, after: str) -> None:
    assert isinstance(change_of_meaning(before, after), str)
    assert change_of_meaning(before, before) == ""


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_distance_is_the_same_both_ways(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one, other) <= max(len(one), len(other))


def test_two_neighbours_that_change_places_are_one_step() -> None:
    assert [distance("for", "fro"), distance("abc", "abd"), distance("", "abc")] == [1, 1, 3]
