from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from surveys.box.coarsening import blend, coarsen


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


# --- Ways through the questionnaire ------------------------------------------------------------------------

ASKED, PASSED = (True,), (False,)


def test_ways_that_enough_went_stay_and_others_join_the_commonest() -> None:
    people = [(("north",), ASKED)] * 7 + [(("north",), PASSED)] * 4 + [((None,), ASKED)] * 5 + [((None,), PASSED)] * 6
    assert blend(people, 5) == {
        (("north",), ASKED): ASKED, (("north",), PASSED): ASKED, ((None,), ASKED): ASKED, ((None,), PASSED): PASSED,
    }  # fmt: skip


def test_where_no_way_is_common_enough_all_go_one() -> None:
    people = [((None,), ASKED)] * 3 + [((None,), PASSED)] * 4
    assert set(blend(people, 5).values()) == {PASSED}


@given(
    st.lists(
        st.tuples(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), st.tuples(st.booleans(), st.booleans())),
        max_size=60,
    ),
    st.integers(2, 8),
)
def test_every_stored_background_and_way_has_at_least_k_people(people: list, k: int) -> None:
    stored = coarsen(Counter(combination for combination, _way in people), k)
    coarse = [(stored[combination], way) for combination, way in people]
    blended = blend(coarse, k)
    sizes = Counter((combination, blended[combination, way]) for combination, way in coarse)
    assert sum(sizes.values()) == len(people)
    assert all(size >= min(k, len(people)) for size in sizes.values())
