from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from surveys.coarsening import coarsen


def stored(counts: dict, k: int) -> Counter:
    result: Counter = Counter()
    for combination, coarse in coarsen(counts, k).items():
        result[coarse] += counts[combination]
    return result


def test_common_combinations_are_left_alone():
    counts = {("north", "small"): 5, ("north", "large"): 9, ("south", "small"): 7}
    assert coarsen(counts, 5) == {combination: combination for combination in counts}


def test_a_rare_value_takes_the_smallest_other_with_it():
    counts = {("north", "small"): 3, ("north", "medium"): 8, ("north", "large"): 9}
    assert coarsen(counts, 5) == {
        ("north", "small"): ("north", None),
        ("north", "medium"): ("north", None),
        ("north", "large"): ("north", "large"),
    }


def test_a_rare_first_fact_merges_what_comes_after_it():
    counts = {("north", "small"): 2, ("south", "small"): 20, ("west", "small"): 4}
    assert stored(counts, 5) == {(None, None): 6, ("south", "small"): 20}


def test_unknown_values_are_merged():
    assert coarsen({("north", None): 6, ("north", "small"): 6}, 5) == {
        ("north", None): ("north", None),
        ("north", "small"): ("north", "small"),
    }


def test_fewer_than_k_in_all_leaves_nothing_standing():
    assert stored({("north",): 3, ("south",): 1}, 5) == {(None,): 4}


def test_no_background_at_all():
    assert coarsen({(): 3}, 5) == {(): ()}
    assert coarsen({}, 5) == {}


values = st.sampled_from(["a", "b", "c", None])


@given(
    st.dictionaries(st.tuples(values, values, values), st.integers(min_value=1, max_value=12), max_size=40),
    st.integers(min_value=2, max_value=10),
)
def test_every_stored_combination_has_k(counts, k):
    result = stored(counts, k)
    assert sum(result.values()) == sum(counts.values())
    if sum(counts.values()) >= k:
        assert all(n >= k for n in result.values())
    else:
        assert set(result) <= {(None, None, None)}
