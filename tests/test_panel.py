"""Several judges become one figure: hand-derived tables, the sorting network, differences between judges."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import criteria, leaf, points, run, sheets
from chamdiem.criteria.columns import Exact
from chamdiem.criteria.model import Panel, Spread
from chamdiem.scoring.panel import combine, in_order, of_tables, spread_of

WAYS = ("mean", "median", "trimmed_mean", "drop_extremes")


def combined(way: str, marks: list[int | None], trim: str = "20%") -> Fraction | None:
    """What one unit gets of these marks, None standing for a judge who did not mark; None when nobody did."""
    counted = np.array([[mark is not None] for mark in marks])
    exact, count = combine(Exact(np.array([[mark or 0] for mark in marks])), counted, Panel(combine=way, trim=trim))
    assert count.tolist() == [sum(mark is not None for mark in marks)]
    return Fraction(exact.cells()[0]) if count[0] else None


@pytest.mark.parametrize(
    ("marks", "mean", "median", "trimmed", "dropped"),
    [
        ([], None, None, None, None),
        ([7], "7", "7", "7", "7"),
        ([7, 8], "7.5", "7.5", "7.5", "7.5"),
        ([9, 1, 8], "6", "8", "6", "8"),
        ([0, 10, 10, 10], "7.5", "10", "7.5", "10"),
        ([1, 2, 3, 10], "4", "2.5", "4", "2.5"),
        ([1, 2, 3, 4, 90], "20", "3", "3", "3"),  # a fifth of five at each end: one
        ([5, 5, 1, 9, 5, 5], "5", "5", "5", "5"),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 55], "10", "5.5", "5.5", "5.5"),  # trimmed: two at each end, 3 to 8
        ([-4, 4], "0", "0", "0", "0"),
        ([None, 7, None], "7", "7", "7", "7"),
        ([9, None, 1, 8], "6", "8", "6", "8"),
        ([None, 0, 0], "0", "0", "0", "0"),
    ],
)
def test_ways_of_combining_by_hand(
    marks: list[int | None], mean: str | None, median: str | None, trimmed: str | None, dropped: str | None
) -> None:
    wanted = [None if figure is None else Fraction(figure) for figure in (mean, median, trimmed, dropped)]
    given = marks or [None]
    assert [combined(way, given) for way in WAYS] == wanted
    assert [combined(way, given[::-1]) for way in WAYS] == wanted


@pytest.mark.parametrize(
    ("trim", "wanted"), [("0%", "22"), ("10%", "22"), ("1/5", "5"), ("39%", "5"), ("40%", "4"), ("49%", "4")]
)
def test_trim_cuts_whole_marks_only(trim: str, wanted: str) -> None:
    # 1 + 2 + 4 + 9 + 94 = 110, a fifth is 22; without 1 and 94: (2 + 4 + 9) / 3 = 5; the middle alone: 4
    assert combined("trimmed_mean", [1, 2, 4, 9, 94], trim) == Fraction(wanted)


def test_mean_of_thirds_is_kept_exact_until_rounded() -> None:
    assert combined("mean", [8, 8, 9]) == Fraction(25, 3)
    judged = sheets({"g1": {"a": 8}, "g2": {"a": 8}, "g3": {"a": 9}})
    assert points(run(criteria(leaf("a", 10)), judged), "a") == Fraction("8.33")


def test_median_of_two_is_not_rounded_up() -> None:
    assert combined("median", [7, 8]) == Fraction(15, 2)


MARKS = st.lists(st.lists(st.none() | st.integers(-50, 1000), min_size=3, max_size=3), min_size=1, max_size=9)


def slowly(way: str, marks: list[Fraction]) -> Fraction:
    """The same by definition."""
    ordered, count = sorted(marks), len(marks)
    if way == "median":
        ordered = ordered[(count - 1) // 2 : count // 2 + 1]
    elif way == "trimmed_mean":
        ordered = ordered[count // 5 : count - count // 5]
    elif way == "drop_extremes" and count >= 3:
        ordered = ordered[1:-1]
    return sum(ordered, Fraction(0)) / len(ordered)


@given(MARKS, st.sampled_from(WAYS), st.sampled_from(["whole", "over", "fractions"]))
def test_combining_as_defined(marks: list[list[int | None]], way: str, kind: str) -> None:
    cells = np.array([[mark or 0 for mark in row] for row in marks], dtype=np.int64)
    counted = np.array([[mark is not None for mark in row] for row in marks])
    under = {"whole": 1, "over": 7, "fractions": np.broadcast_to(np.array([3, 7, 9]), cells.shape)}[kind]
    exact, count = combine(Exact(cells, under), counted, Panel(combine=way))
    each = np.broadcast_to(np.asarray(under), cells.shape)
    for unit, figure in enumerate(exact.cells()):
        mine = [Fraction(int(cells[at, unit]), int(each[at, unit])) for at in np.flatnonzero(counted[:, unit])]
        assert count[unit] == len(mine)
        assert figure == (slowly(way, mine) if mine else 0)


@given(MARKS, st.sampled_from(WAYS))
def test_combining_by_tables_is_combining(marks: list[list[int | None]], way: str) -> None:
    stored = np.array([[0 if mark is None else mark + 51 for mark in row] for row in marks], dtype=np.int16)
    table = np.concatenate([[0], np.arange(-50, 1001)]).astype(np.int32)
    panel = Panel(combine=way)
    found, count = of_tables([table, table * 2], [stored, stored], panel)
    wanted, many = combine(Exact(table[stored].astype(np.int64)), stored > 0, panel)
    assert count.tolist() == [many.tolist()] * 2
    cells = found.cells()
    for unit in np.flatnonzero(many):
        assert (cells[0, unit], cells[1, unit]) == (wanted.cells()[unit], 2 * wanted.cells()[unit])


@pytest.mark.parametrize("rows", range(1, 17))
@pytest.mark.parametrize("kind", [np.int16, np.int64])
def test_sorting_network_sorts_columns(rows: int, kind: type) -> None:
    rng = np.random.default_rng(rows)
    for high in (2, 30000):
        cells = rng.integers(-high, high, (rows, 200)).astype(kind)
        assert np.array_equal(np.array(in_order(cells)), np.sort(cells, axis=0))


@pytest.mark.parametrize("rows", range(1, 11))
def test_sorting_network_sorts_every_pattern_of_two_values(rows: int) -> None:
    # a network that sorts every column of zeros and ones sorts every column (Knuth 5.3.4, theorem Z)
    patterns = np.arange(2**rows) >> np.arange(rows).reshape(-1, 1) & 1
    assert np.array_equal(np.array(in_order(patterns)), np.sort(patterns, axis=0))


def test_fractions_are_sorted_too() -> None:
    cells = np.array([[Fraction(1, 2)], [Fraction(1, 3)], [Fraction(2, 5)]], dtype=object)
    assert [row[0] for row in in_order(cells)] == [Fraction(1, 3), Fraction(2, 5), Fraction(1, 2)]


def limit(between: str) -> Spread:
    """A limit on the difference between judges, or between one and the mean."""
    return Spread(points=Decimal(1), between=between, then="discuss")


def test_spread_by_hand() -> None:
    # Totals 10 + 4, 7 + 6, 9 + 0: 14, 13, 9. The mean is 12; the furthest from another is 5, from the mean 3.
    given = [np.array([[10], [7], [9]]), np.array([[4], [6], [0]])]
    all_of = [np.ones((3, 1), dtype=bool)] * 2
    assert spread_of(given, all_of, limit("judges")).tolist() == [5]
    assert spread_of(given, all_of, limit("mean")).tolist() == [3]


def test_spread_compares_what_both_marked() -> None:
    # The third judge left the second leaf out: 10 and 9, 7 and 9 over the first; 14 and 13 over both.
    given = [np.array([[10], [7], [9]]), np.array([[4], [6], [0]])]
    some = [np.ones((3, 1), dtype=bool), np.array([[True], [True], [False]])]
    assert spread_of(given, some, limit("judges")).tolist() == [2]
    assert spread_of(given, some, limit("mean")).tolist() == [Fraction(5, 3)]  # 10, 7, 9: the mean is 26/3


def test_spread_of_one_judge_is_none() -> None:
    given, counted = [np.array([[10], [7]])], [np.array([[True], [False]])]
    assert spread_of(given, counted, limit("judges")).tolist() == [0]
    assert spread_of(given, counted, limit("mean")).tolist() == [0]
