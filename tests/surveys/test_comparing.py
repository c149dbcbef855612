"""Two editions set against each other."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.comparing import ADDED, CHANGED, REMOVED, SAME, Comparison, compare
from surveys.structure import ConditionView, EditionView, OptionView, QuestionView, SectionView, Text
from surveys.texts.differing import Piece, difference
from surveys.texts.matching import settled

WORDS = st.lists(st.sampled_from(["hva", "mener", "du", "om", "dette", "2", "?", "Å", " "]), max_size=6).map(" ".join)
TEXTS = st.dictionaries(st.sampled_from(["nb", "nn", "en", "se"]), WORDS, max_size=2).map(Text)
CODES = st.sampled_from([f"Q{number}" for number in range(6)])


def question(code: str, text: str = "", **more: Any) -> QuestionView:
    return QuestionView(
        **{
            "id": 0, "code": code, "kind": "yes_no", "text": Text({"nb": text or f"Hva med {code}?"}),
            "help": Text({}), "required": False, "elaboration": "never", "elaboration_prompt": Text({}), "concept": "",
            **more,
        }
    )  # fmt: skip


def edition(*sections: list[QuestionView], titles: tuple[str, ...] = (), **more: Any) -> EditionView:
    parts = tuple(
        SectionView(Text({"nb": titles[place] if titles else f"Del {place}"}), Text({}), tuple(questions))
        for place, questions in enumerate(sections)
    )
    return EditionView(
        id=0,
        title=Text({"nb": "Puls"}),
        purpose=Text({}),
        minutes=5,
        sections=parts,
        questions={each.code: each for part in parts for each in part.questions},
        **more,
    )


def marks(comparison: Comparison) -> list[tuple[str, str, str, bool]]:
    """Every question that is not the same: (code before, code after, kind, moved)."""
    return [
        (each.before.code if each.before else "", each.after.code if each.after else "", each.kind, each.moved)
        for each in comparison.questions
        if each.kind != SAME
    ]


@st.composite
def questions(draw: st.DrawFn, code: str) -> QuestionView:
    options = draw(st.lists(st.sampled_from(["yes", "no", "other"]), unique=True, max_size=3))
    condition = st.builds(ConditionView, st.integers(1, 2), CODES, st.just("is"), st.sampled_from(["yes", "no"]))
    return question(
        code,
        text=draw(WORDS),
        kind=draw(st.sampled_from(["yes_no", "long_text"])),
        help=draw(TEXTS),
        concept=draw(st.sampled_from(["", "", "a", "b"])),
        required=draw(st.booleans()),
        options=tuple(OptionView(0, each, draw(TEXTS), "answer") for each in options),
        conditions=tuple(draw(st.lists(condition, max_size=2))),
    )


@st.composite
def editions(draw: st.DrawFn) -> EditionView:
    codes = draw(st.lists(CODES, unique=True, max_size=6))
    cuts = sorted(draw(st.lists(st.integers(0, len(codes)), max_size=2)))
    runs = [codes[start:end] for start, end in zip([0, *cuts], [*cuts, len(codes)], strict=True)]
    found = edition(*[[draw(questions(code)) for code in run] for run in runs])
    sections = tuple(replace(section, title=draw(TEXTS), intro=draw(TEXTS)) for section in found.sections)
    return replace(found, sections=sections, title=draw(TEXTS), minutes=draw(st.sampled_from([None, 5, 10])))


# --- Properties -------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(editions())
def test_an_edition_and_itself_say_the_same(one: EditionView) -> None:
    comparison = compare(one, one)

    assert comparison.is_empty
    assert [each.after for each in comparison.questions] == list(one.questions.values())


@settings(max_examples=300, deadline=None)
@given(editions(), editions())
def test_the_other_way_round_marks_the_same(one: EditionView, other: EditionView) -> None:
    there, back = compare(one, other), compare(other, one)
    turned = {ADDED: REMOVED, REMOVED: ADDED, CHANGED: CHANGED}

    assert sorted(marks(there)) == sorted(
        (after, before, turned[kind], moved) for before, after, kind, moved in marks(back)
    )
    assert sorted(each.kind for each in there.sections) == sorted(
        turned.get(each.kind, each.kind) for each in back.sections
    )
    assert [(text.name, text.language) for text in there.texts] == [(text.name, text.language) for text in back.texts]
    assert there.is_empty == back.is_empty


@settings(max_examples=200, deadline=None)
@given(editions(), editions())
def test_every_question_of_either_is_told_of_once(one: EditionView, other: EditionView) -> None:
    told = compare(one, other).questions

    assert sorted(each.before.code for each in told if each.before) == sorted(one.questions)
    assert sorted(each.after.code for each in told if each.after) == sorted(other.questions)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_the_pieces_of_a_difference_make_up_both_texts(before: str, after: str) -> None:
    pieces = difference(before, after)
    turned = {"same": "same", "removed": "added", "added": "removed"}

    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
    assert sorted((turned[piece.kind], piece.text) for piece in difference(after, before)) == sorted(
        (piece.kind, piece.text) for piece in pieces
    )


# --- What is marked ---------------------------------------------------------------------------------------


def test_added_removed_and_changed_questions() -> None:
    before = edition([question("Q1"), question("Q2"), question("Q3")])
    after = edition([question("Q1"), question("Q3", "Hva mener du om Q3?"), question("Q4")])

    assert marks(compare(before, after)) == [
        ("Q2", "", REMOVED, False),
        ("Q3", "Q3", CHANGED, False),
        ("", "Q4", ADDED, False),
    ]


def test_a_question_under_a_new_code_is_still_the_same_question() -> None:
    comparison = compare(edition([question("Q1", "Hva nå?")]), edition([question("B7", "Hva nå?")]))

    assert marks(comparison) == [("Q1", "B7", CHANGED, False)]
    assert [(each.name, each.before, each.after) for each in comparison.questions[0].settings] == [("code", "Q1", "B7")]


def test_a_reworded_question_is_found_by_its_concept() -> None:
    before, after = question("A1", "Gir det verdi?", concept="value"), question("B1", "Hjelper det?", concept="value")

    assert marks(compare(edition([before]), edition([after]))) == [("A1", "B1", CHANGED, False)]


def test_unlike_questions_with_one_code_are_two_questions() -> None:
    before, after = question("Q1", "Hva nå?"), question("Q1", "Alder i år?", kind="number")

    assert marks(compare(edition([before]), edition([after]))) == [("Q1", "", REMOVED, False), ("", "Q1", ADDED, False)]


def test_one_that_moves_is_marked_and_those_it_passes_are_not() -> None:
    one, two, three, four = (question(f"Q{number}") for number in range(4))

    assert marks(compare(edition([one, two, three, four]), edition([two, three, four, one]))) == [
        ("Q0", "Q0", CHANGED, True)
    ]


def test_one_that_moves_to_another_section_is_marked() -> None:
    one, two, three = (question(f"Q{number}") for number in range(3))

    comparison = compare(edition([one, two], [three]), edition([one], [two, three]))

    assert marks(comparison) == [("Q1", "Q1", CHANGED, True)]
    assert [section.kind for section in comparison.sections] == [SAME, SAME]


def test_of_two_that_change_places_both_have_moved() -> None:
    assert settled([(0, 1), (1, 0)]) == frozenset()
    assert settled([(0, 0), (1, 2), (2, 1)]) == {(0, 0)}
    assert settled([]) == frozenset()


def test_sections_are_known_by_their_titles() -> None:
    before = edition([question("Q1")], [question("Q2")], titles=("Lønn", "Tid"))
    after = edition([question("Q2")], [question("Q1")], titles=("Tid", "Lønn"))

    comparison = compare(before, after)

    assert [(each.kind, each.moved) for each in comparison.sections] == [(CHANGED, True), (CHANGED, True)]
    assert marks(comparison) == []


def test_a_retitled_section_is_known_by_its_questions() -> None:
    before = edition([question("Q1"), question("Q2")], titles=("Lønn",))
    after = edition([question("Q1"), question("Q2"), question("Q3")], titles=("Penger",))

    [section] = compare(before, after).sections

    assert [(text.name, text.language) for text in section.texts] == [("title", "nb")]
    assert [each.kind for each in section.questions] == [SAME, SAME, ADDED]


def test_a_removed_section_stands_where_it_stood() -> None:
    before = edition([question("Q1")], [question("Q2")], [question("Q3")])
    after = edition([question("Q1")], [question("Q3")], titles=("Del 0", "Del 2"))

    assert [each.kind for each in compare(before, after).sections] == [SAME, REMOVED, SAME]


def test_options_settings_and_routing() -> None:
    def asking(*codes: str, **more: Any) -> QuestionView:
        options = tuple(OptionView(0, code, Text({"nb": code.title()}), "answer") for code in codes)
        return question("Q2", options=options, **more)

    is_yes, is_no = (ConditionView(1, "Q1", "is", code) for code in ("yes", "no"))
    before = edition([question("Q1"), asking("yes", "no", conditions=(is_yes,))])
    after = edition([question("Q1"), asking("yes", "other", required=True, conditions=(is_no,))])

    changed = compare(before, after).questions[1]

    assert [(each.kind, (each.after or each.before).code) for each in changed.options] == [  # type: ignore[union-attr]
        (ADDED, "other"),
        (REMOVED, "no"),
    ]
    assert [(each.name, each.before, each.after) for each in changed.settings] == [("required", "", "yes")]
    assert changed.routing is True


def test_a_condition_on_a_question_with_a_new_code_is_the_same() -> None:
    def routed(code: str) -> EditionView:
        return edition([question(code, "Hva nå?"), question("Q2", conditions=(ConditionView(1, code, "answered"),))])

    assert compare(routed("Q1"), routed("B7")).questions[1].kind == SAME


def test_the_numbers_of_groups_do_not_matter() -> None:
    def routed(*groups: int) -> EditionView:
        conditions = (ConditionView(groups[0], "Q1", "is", "yes"), ConditionView(groups[1], "Q1", "is", "no"))
        return edition([question("Q1"), question("Q2", conditions=conditions)])

    assert compare(routed(1, 2), routed(5, 3)).is_empty
    assert not compare(routed(1, 2), routed(1, 1)).is_empty


def test_the_title_page() -> None:
    one = edition([question("Q1")])
    other = replace(one, title=Text({"nb": "Puls", "nn": "Puls"}), minutes=7)

    comparison = compare(one, other)

    assert comparison.texts[0].pieces == (Piece("added", "Puls"),)
    assert [(each.name, each.before, each.after) for each in comparison.settings] == [("minutes", "5", "7")]


def test_word_by_word() -> None:
    assert difference("Hva mener du?", "Hva tenker du?") == (
        Piece("same", "Hva "),
        Piece("removed", "mener"),
        Piece("added", "tenker"),
        Piece("same", " du?"),
    )
    assert difference("", "") == ()


def test_long_texts_take_no_long_time() -> None:
    started = time.monotonic()
    difference("a b " * 5000, "b a " * 5000)
    difference("a " * 10000, "b " * 10000)
    assert time.monotonic() - started < 5
