"""Ranks: shared places, what follows them, several keys one after the other, ties left or decided."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import Unit, criteria, frame, leaf, open_matters, ranks, run
from chamdiem.criteria.model import CriteriaSet
from chamdiem.scoring.ranking import order_keys, places
from chamdiem.scoring.result import Result


@pytest.mark.parametrize(
    ("keys", "competition", "dense"),
    [
        ([0], [1], [1]),
        ([2, 1, 0], [1, 2, 3], [1, 2, 3]),
        ([3, 2, 2, 1], [1, 2, 2, 4], [1, 2, 2, 3]),
        ([5, 5, 5], [1, 1, 1], [1, 1, 1]),
        ([0, 1, 1, 2, 2, 2], [6, 4, 4, 1, 1, 1], [3, 2, 2, 1, 1, 1]),
        ([0, 40, 7], [3, 1, 2], [3, 1, 2]),
    ],
)
def test_places_by_hand(keys: list[int], competition: list[int], dense: list[int]) -> None:
    assert places(np.array(keys), "competition").tolist() == competition
    assert places(np.array(keys), "dense").tolist() == dense


@given(st.lists(st.integers(0, 12), min_size=1, max_size=30))
def test_places_as_defined(keys: list[int]) -> None:
    ahead = [sum(other > key for other in keys) + 1 for key in keys]
    classes = [len({other for other in keys if other > key}) + 1 for key in keys]
    assert places(np.array(keys), "competition").tolist() == ahead
    assert places(np.array(keys), "dense").tolist() == classes


def test_order_of_several_columns() -> None:
    first, second, third = np.array([9, 8, 9, 9, 8]), np.array([1, 5, 2, 1, 4]), np.array([0, 0, 0, 0, -1])
    assert order_keys([first]).tolist() == [1, 0, 1, 1, 0]
    assert order_keys([first, second]).tolist() == [2, 1, 3, 2, 0]
    assert order_keys([first, second, third]).tolist() == [2, 1, 3, 2, 0]
    assert order_keys([third, second]).tolist() == [1, 3, 2, 1, 0]


ROWS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.tuples(*[st.integers(-3, 3) | st.sampled_from([-(2**63), 2**62])] * width), min_size=1)
)


@given(ROWS)
def test_order_as_tuples_order(rows: list[tuple[int, ...]]) -> None:
    standing = {row: at for at, row in enumerate(sorted(set(rows)))}
    assert order_keys(list(np.array(rows, dtype=np.int64).T)).tolist() == [standing[row] for row in rows]


def ranked(made: CriteriaSet, marks: dict[str, tuple[object, ...]], **rest: Any) -> Result:
    """Units with their points of leaves x, y, …"""
    rows = [(unit, code, answer) for unit, given in marks.items() for code, answer in zip("xyz", given, strict=False)]
    return run(made, frame(rows), **rest)


TWO = (leaf("x", 10), leaf("y", 10))
EQUAL = {"a": (5, 5), "b": (6, 4), "c": (4, 6), "d": (10, 10), "e": (0, 0), "f": (6, 4)}


@pytest.mark.parametrize(
    ("ties", "wanted"),
    [
        ({}, [2, 2, 2, 1, 6, 2]),
        ({"numbering": "dense"}, [2, 2, 2, 1, 3, 2]),
        ({"keys": [{"node": "x"}]}, [4, 2, 5, 1, 6, 2]),
        ({"keys": [{"node": "y"}]}, [3, 4, 2, 1, 6, 4]),
        ({"keys": [{"node": "y"}], "numbering": "dense"}, [3, 4, 2, 1, 5, 4]),
        ({"keys": [{"sum": "base"}, {"node": "x"}]}, [4, 2, 5, 1, 6, 2]),
    ],
)
def test_ties_by_hand(ties: dict[str, Any], wanted: list[int]) -> None:
    made = criteria(*TWO, ranking={"on": "total"}, ties={"otherwise": "co_rank", **ties})
    result = ranked(made, EQUAL)
    assert ranks(result) == dict(zip("abcdef", wanted, strict=True))
    assert result.shared.tolist() == [wanted.count(rank) > 1 for rank in wanted]


def test_tie_to_decide_is_left_open() -> None:
    result = ranked(criteria(*TWO, ties={"otherwise": "decide"}), {"a": (5, 5), "b": (6, 4), "c": (1, 1)})
    assert ranks(result) == {"a": 1, "b": 1, "c": 3}
    assert open_matters(result, "a") == open_matters(result, "b") == {"matter.tie_to_decide"}
    assert open_matters(result, "c") == set()


def test_unmarked_unit_has_no_rank() -> None:
    result = ranked(criteria(*TWO), {"a": (0, 0), "b": (1, 0)}, units=[Unit("a"), Unit("b"), Unit("c")])
    assert ranks(result) == {"a": 2, "b": 1, "c": 0}
    assert result.units["rank"].isna().tolist() == [False, False, True]


def test_hundredth_of_a_point_decides() -> None:
    assert ranks(ranked(criteria(*TWO), {"a": ("9,99", 0), "b": ("9,98", "0,01"), "c": ("9,98", 0)})) == {
        "a": 1,
        "b": 1,
        "c": 3,
    }
