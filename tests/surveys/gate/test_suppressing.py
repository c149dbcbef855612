from hypothesis import given
from hypothesis import strategies as st

from surveys.gate.suppressing import withheld_groups


def test_large_mixed_groups_are_shown():
    counts = {(1, 10): 5, (2, 10): 5, (1, 20): 3, (2, 20): 4}
    assert withheld_groups(counts, {10: 10, 20: 7}, 5) == set()


def test_a_small_group_takes_the_smallest_other_with_it():
    counts = {(1, 10): 2, (2, 10): 1, (1, 20): 4, (2, 20): 3, (1, 30): 9, (2, 30): 3}
    assert withheld_groups(counts, {10: 3, 20: 7, 30: 12}, 5) == {10, 20}


def test_two_small_groups_that_are_k_together_need_no_third():
    counts = {(1, 10): 2, (2, 10): 1, (1, 20): 1, (2, 20): 2, (1, 30): 9, (2, 30): 3}
    assert withheld_groups(counts, {10: 3, 20: 3, 30: 12}, 5) == {10, 20}


def test_an_empty_group_is_withheld_alone():
    assert withheld_groups({(1, 30): 9, (2, 30): 3}, {10: 0, 30: 12}, 5) == {10}


def test_a_unanimous_group_is_withheld_with_company():
    counts = {(1, 10): 6, (1, 20): 4, (2, 20): 4, (1, 30): 9, (2, 30): 3}
    assert withheld_groups(counts, {10: 6, 20: 8, 30: 12}, 5) == {10, 20}


def test_a_unanimous_remainder_is_not_left_to_be_subtracted():
    # 10 and 20 are too small, and together they are six who all said 1.
    counts = {(1, 10): 3, (1, 20): 3, (1, 30): 4, (2, 30): 4, (1, 40): 8, (2, 40): 2}
    assert withheld_groups(counts, {10: 3, 20: 3, 30: 8, 40: 10}, 5) == {10, 20, 30}


def test_sizes_alone_know_no_unanimity():
    assert withheld_groups(None, {10: 6, 20: 8}, 5) == set()
    assert withheld_groups(None, {10: 6, 20: 8, 30: 4}, 5) == {10, 30}


groups = st.integers(min_value=1, max_value=6)


@given(
    st.dictionaries(st.tuples(st.integers(1, 3), groups), st.integers(min_value=0, max_value=9), max_size=18),
    st.integers(min_value=5, max_value=8),
)
def test_no_subtraction_from_the_whole_gives_a_forbidden_group(counts, k):
    sizes = dict.fromkeys(range(1, 7), 0)
    for (_value, group), n in counts.items():
        sizes[group] += n
    withheld = withheld_groups(counts, sizes, k)
    shown = set(sizes) - withheld
    for group in shown:
        assert sizes[group] >= k
        assert len({value for (value, each), n in counts.items() if each == group and n}) > 1
    rest = {group for group in withheld if sizes[group]}
    if rest and shown:
        assert sum(sizes[group] for group in rest) >= k
        assert len(rest) > 1
        assert len({value for (value, each), n in counts.items() if each in rest and n}) > 1
