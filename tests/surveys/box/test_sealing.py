"""Tokens, locators and sealed boxes: pure cryptography, no database."""

from __future__ import annotations

import dataclasses
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.box import sealing
from surveys.box.keyring import SurveyKeys
from surveys.box.sealing import Box

KEYS = SurveyKeys(token=b"t" * 32, locator=b"l" * 32, seal=b"s" * 32)
OTHER = SurveyKeys(token=b"T" * 32, locator=b"L" * 32, seal=b"S" * 32)
SOMEONE = UUID(int=1)
PLACE = sealing.locator(KEYS, SOMEONE)
BOX = Box(draft={"Q1": {"text": "æøå"}}, final={"Q1": {}}, resume_hash="r", receipt_hash="q", language="nb")


@given(st.integers(-(2**63), 2**63 - 1), st.uuids(), st.integers(1, 2**15), st.integers(1, 2**40))
def test_a_token_leads_to_its_selector_and_proves_its_invitation(
    selector: int, invitation: UUID, generation: int, survey: int
) -> None:
    token = sealing.link_token(KEYS, survey, invitation, selector, generation)
    assert len(token) == sealing.TOKEN_LETTERS == 39
    assert token == token.lower()
    assert sealing.read_selector(token) == selector
    assert sealing.proves(token, KEYS, survey, invitation, generation)


def test_a_token_proves_nothing_else() -> None:
    token = sealing.link_token(KEYS, 7, SOMEONE, 42, 1)
    assert not sealing.proves(token, OTHER, 7, SOMEONE, 1)
    assert not sealing.proves(token, KEYS, 8, SOMEONE, 1)
    assert not sealing.proves(token, KEYS, 7, UUID(int=2), 1)
    assert not sealing.proves(token, KEYS, 7, SOMEONE, 2)
    for place in range(sealing.SELECTOR_LETTERS, len(token)):
        changed = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]
        assert not sealing.proves(changed, KEYS, 7, SOMEONE, 1)


@given(st.text(max_size=60))
def test_any_text_is_read_as_a_token_or_not_without_an_error(text: str) -> None:
    selector = sealing.read_selector(text)
    assert selector is None or len(text) == sealing.TOKEN_LETTERS
    assert not sealing.proves(text.ljust(39), KEYS, 7, SOMEONE, 1)


def test_a_selector_has_one_spelling() -> None:
    """The last letter of the selector carries one spare bit: only one of the two spellings counts."""
    token = sealing.link_token(KEYS, 7, SOMEONE, 42, 1)
    last = token[sealing.SELECTOR_LETTERS - 1].upper()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    twin = alphabet[alphabet.index(last) ^ 1].lower()
    spelt = token[: sealing.SELECTOR_LETTERS - 1] + twin + token[sealing.SELECTOR_LETTERS :]
    assert sealing.read_selector(spelt) is None


def test_locators_differ_by_invitation_and_key() -> None:
    places = {sealing.locator(keys, UUID(int=number)) for keys in (KEYS, OTHER) for number in range(50)}
    assert len(places) == 100
    assert {len(place) for place in places} == {16}


def test_a_box_opens_as_it_was_sealed() -> None:
    assert sealing.unseal(KEYS, 7, PLACE, 3, True, sealing.seal(KEYS, 7, PLACE, 3, True, BOX)) == BOX
    foreign = dataclasses.replace(BOX, final_is_own=False)
    assert sealing.unseal(KEYS, 7, PLACE, 3, True, sealing.seal(KEYS, 7, PLACE, 3, True, foreign)) == foreign


@pytest.mark.parametrize(
    ("keys", "survey", "place", "version", "final"),
    [
        (OTHER, 7, PLACE, 3, True), (KEYS, 8, PLACE, 3, True), (KEYS, 7, PLACE[::-1], 3, True),
        (KEYS, 7, PLACE, 4, True), (KEYS, 7, PLACE, 3, False),
    ],
)  # fmt: skip
def test_a_box_opens_nowhere_else(keys: SurveyKeys, survey: int, place: bytes, version: int, final: bool) -> None:
    sealed = sealing.seal(KEYS, 7, PLACE, 3, True, BOX)
    with pytest.raises(sealing.BrokenSeal):
        sealing.unseal(keys, survey, place, version, final, sealed)


def test_a_draft_is_no_submission() -> None:
    draft = dataclasses.replace(BOX, final=None)
    assert sealing.unseal(KEYS, 7, PLACE, 3, False, sealing.seal(KEYS, 7, PLACE, 3, False, draft)) == draft
    for sealed_as in (False, True):
        with pytest.raises(sealing.BrokenSeal):
            sealing.unseal(KEYS, 7, PLACE, 3, True, sealing.seal(KEYS, 7, PLACE, 3, sealed_as, draft))


@pytest.mark.parametrize("place", [0, 11, 12, 500, -1])
def test_a_changed_byte_breaks_the_seal(place: int) -> None:
    sealed = bytearray(sealing.seal(KEYS, 7, PLACE, 3, True, BOX))
    sealed[place] ^= 1
    with pytest.raises(sealing.BrokenSeal):
        sealing.unseal(KEYS, 7, PLACE, 3, True, bytes(sealed))
    with pytest.raises(sealing.BrokenSeal):
        sealing.unseal(KEYS, 7, PLACE, 3, True, b"")


def test_the_length_of_a_box_tells_almost_nothing() -> None:
    def length(letters: int) -> int:
        return len(sealing.seal(KEYS, 7, PLACE, 1, True, Box(draft={"Q": {"text": "x" * letters}})))

    assert {length(letters) for letters in (0, 1, 500, 800)} == {1024 + 28}
    assert {length(letters) for letters in (1200, 3900)} == {4096 + 28}
    assert {length(letters) for letters in (20_000, 60_000)} == {65536 + 28}
    with pytest.raises(sealing.BoxTooLarge):
        length(131_072)


def test_two_seals_of_one_box_have_nothing_in_common() -> None:
    first, second = (sealing.seal(KEYS, 7, PLACE, 1, True, BOX) for _time in range(2))
    assert first[:12] != second[:12]
    assert first[12:] != second[12:]


def test_codes_and_receipts() -> None:
    codes = {sealing.new_resume_code() for _time in range(200)}
    receipts = {sealing.new_receipt() for _time in range(200)}
    assert len(codes) == len(receipts) == 200
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) <= set(sealing.CODE_ALPHABET)
    assert not set("ILOU01") & set(sealing.CODE_ALPHABET)
    assert {len(receipt.replace("-", "")) for receipt in receipts} == {26}


def test_a_code_counts_however_it_is_typed_and_only_in_its_survey() -> None:
    assert sealing.code_hash(7, "abcd-EFGH") == sealing.code_hash(7, " ABCD efgh ")
    assert sealing.code_hash(7, "ABCDEFGH") != sealing.code_hash(8, "ABCDEFGH")
    assert sealing.code_hash(71, "ABCDEFGH") != sealing.code_hash(7, "1ABCDEFGH")


def test_content_hashes_do_not_depend_on_order_and_tell_every_part_apart() -> None:
    one, other = {"A": {"option": "x"}, "B": {}}, {"B": {}, "A": {"option": "x"}}
    here: dict[str, str | None] = {"role": "local", "region": None}
    whole = sealing.content_hash(one, "r", here)
    assert sealing.content_hash(other, "r", dict(reversed(here.items()))) == whole
    # A fact coarsened away is the same as one that is not there.
    assert sealing.content_hash(one, "r", {"role": "local"}) == whole
    assert len({whole, sealing.content_hash(one, "s", here), sealing.content_hash(one, "r", {"role": "chief"})}) == 3
    assert sealing.content_hash({"A": {"option": "y"}, "B": {}}, "r", here) != whole
