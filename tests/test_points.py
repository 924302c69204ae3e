"""Exact points: reading numbers as people type them, rounding, and columns that never leave the integers by accident."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.criteria.columns import Exact, constant, plus, times, whole_numbers
from chamdiem.points import Rounding, divide, from_ticks, read_number, read_share, ticks

READ = [
    ("8,5", 2, "8.5"),
    ("8.5", 2, "8.5"),
    (" 8,50 ", 2, "8.50"),
    ("0", 0, "0"),
    ("007", 0, "7"),
    ("+3", 0, "3"),
    ("-0,25", 2, "-0.25"),
    ("\u22122", 0, "-2"),  # the minus sign that word processors put
    ("1\u00a0234", 0, "1234"),
    ("1.234", 2, "1234"),  # thousands, where three decimals are not allowed
    ("1,234", 2, "1234"),
    ("1.234", 3, "1.234"),
    ("0.125", 3, "0.125"),
    ("1.234.567", 6, "1234567"),
    ("1.234,5", 2, "1234.5"),
    ("1,234.5", 2, "1234.5"),
    ("12.345.678,25", 2, "12345678.25"),
    ("8,500", 2, "8500"),
    ("0,50", 1, "0.5"),  # a zero more changes nothing
]
UNREADABLE = [
    "", " ", ".", ",", "8,", ",5", "8.5.5", "1,23,456.7", "8 5", "8,5đ", "1e3", "1E-2", "nan", "NaN", "inf", "-inf",
    "Infinity", "1e309", "0x10", "1_000", "--1", "+-1", "½", "٣", "８", "1234567890123456789012345", "1.2345,6", "1/2",
]  # fmt: skip


@pytest.mark.parametrize(("text", "places", "number"), READ)
def test_read_number_as_typed(text: str, places: int, number: str) -> None:
    assert read_number(text, places) == Decimal(number)


@pytest.mark.parametrize("text", UNREADABLE)
def test_read_number_refuses(text: str) -> None:
    with pytest.raises(ValueError):
        read_number(text, 2)


@pytest.mark.parametrize(("text", "places"), [("8,55", 1), ("0,001", 2), ("0.125", 2), ("1.2345", 3), ("5,5", 0)])
def test_read_number_refuses_more_decimals_than_allowed(text: str, places: int) -> None:
    with pytest.raises(ValueError):
        read_number(text, places)


@given(st.integers(0, 6), st.integers(-(10**12), 10**12), st.sampled_from(",."))
def test_read_number_gives_back_what_was_written(places: int, whole: int, sign: str) -> None:
    written = Decimal(whole).scaleb(-places)
    text = f"{written:f}".replace(".", sign)
    if places == 3 and abs(written) >= 1:
        assert read_number(text, 3) == written
        return
    assert read_number(text, places) == written
    assert read_number(text, 6) == written or places == 3


@given(st.integers(-(10**14), 10**14), st.integers(0, 2))
def test_read_number_gives_back_thousands_both_ways(whole: int, places: int) -> None:
    written = Decimal(whole).scaleb(-places)
    english = f"{written:,f}"
    vietnamese = english.translate(str.maketrans(",.", ".,"))
    assert read_number(english, 2) == read_number(vietnamese, 2) == written


@pytest.mark.parametrize(
    ("text", "share"),
    [("98%", "98/100"), ("97,5%", "975/1000"), ("3/4", "3/4"), ("0,98", "98/100"), ("1", "1"), ("99,999999%", "0.99999999")],
)
def test_read_share_as_typed(text: str, share: str) -> None:
    assert read_share(text) == Fraction(share)


def test_ticks_are_whole() -> None:
    assert ticks(Decimal("8.50"), 2) == 850
    assert ticks(Fraction(-1, 4), 2) == -25
    assert from_ticks(850, 2) == Fraction(17, 2)
    with pytest.raises(ValueError):
        ticks(Decimal("8.505"), 2)


# rounding

HALVES = [
    # number / by, half away from zero, half even, half up, toward zero
    (5, 2, 3, 2, 3, 2),
    (7, 2, 4, 4, 4, 3),
    (-5, 2, -3, -2, -2, -2),
    (-7, 2, -4, -4, -3, -3),
    (1, 2, 1, 0, 1, 0),
    (-1, 2, -1, 0, 0, 0),
    (0, 7, 0, 0, 0, 0),
    (249, 100, 2, 2, 2, 2),
    (-251, 100, -3, -3, -3, -2),
    (14, 7, 2, 2, 2, 2),
]


@pytest.mark.parametrize("row", HALVES)
def test_divide_at_halves(row: tuple[int, ...]) -> None:
    number, by, *wanted = row
    modes = (Rounding.HALF_AWAY_FROM_ZERO, Rounding.HALF_EVEN, Rounding.HALF_UP, Rounding.TOWARD_ZERO)
    assert [divide(number, by, mode) for mode in modes] == wanted


def by_decimal(number: int, by: int, mode: Rounding) -> int:
    """The same by the decimal module, with digits enough that no quotient of these sizes falls on a false half."""
    names = {
        Rounding.HALF_AWAY_FROM_ZERO: ROUND_HALF_UP,
        Rounding.HALF_EVEN: ROUND_HALF_EVEN,
        Rounding.HALF_UP: ROUND_HALF_UP if number >= 0 else ROUND_HALF_DOWN,
        Rounding.TOWARD_ZERO: ROUND_DOWN,
    }
    with localcontext() as context:
        context.prec = 60
        return int((Decimal(number) / Decimal(by)).quantize(Decimal(1), rounding=names[mode]))


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6), st.sampled_from(Rounding))
def test_divide_is_what_decimal_does(number: int, by: int, mode: Rounding) -> None:
    wanted = by_decimal(number, by, mode)
    assert divide(number, by, mode) == wanted
    assert divide(np.array([number]), np.array([by]), mode).tolist() == [wanted]
    assert divide(np.array([Fraction(number, by)], dtype=object), 1, mode).tolist() == [wanted]
    assert divide(Fraction(number, by), 1, mode) == wanted


@given(st.integers(-(10**6), 10**6), st.integers(1, 60), st.sampled_from(Rounding))
def test_exact_column_rounds_alike_whatever_it_is_made_of(number: int, by: int, mode: Rounding) -> None:
    columns = (
        Exact(np.array([number]), by),
        Exact(np.array([number]), np.array([by])),
        Exact(np.array([number], dtype=object), by),
        Exact(np.array([Fraction(number, by)], dtype=object)),
        Exact(np.array([number * 10**30], dtype=object), by * 10**30),
    )
    assert [column.rounded(mode).tolist() for column in columns] == [[by_decimal(number, by, mode)]] * len(columns)


# columns near the end of int64

BIG = 3 * 10**12


def test_product_leaves_int64_before_it_overflows() -> None:
    left, right = np.array([BIG, 2]), np.array([BIG, 3])
    assert times(left, right).tolist() == [BIG * BIG, 6]
    assert times(np.array([0]), 10**25).tolist() == [0]
    assert times(10**25, 10**25) == 10**50


def test_sum_leaves_int64_before_it_overflows() -> None:
    near = np.array([2**62 - 1])
    assert plus(plus(near, near), near).tolist() == [3 * (2**62 - 1)]


def test_comparisons_and_ends_beyond_int64() -> None:
    column = Exact(np.array([1, 5]), 10**25)
    assert column.at_least(Exact(np.array([2]), 10**25)).tolist() == [False, True]
    assert column.clipped(0, 1).cells().tolist() == [Fraction(1, 10**25), Fraction(5, 10**25)]
    assert Exact(np.array([-7, 7]), 10**20).floored().over.tolist() == [-1, 0]
    assert column.clipped(1, None).cells().tolist() == [1, 1]


def test_quotient_by_zero_is_masked_and_negative_divisors_keep_their_sign() -> None:
    quotient, exists = Exact(np.array([6, 6, 6]), 4).over_by(Exact(np.array([0, -3, 3]), 5))
    assert exists.tolist() == [False, True, True]
    assert quotient.cells().tolist() == [0, Fraction(-5, 2), Fraction(5, 2)]


def test_cells_keep_fractions_over_fractions() -> None:
    halves = Exact(np.array([Fraction(1, 2)], dtype=object)) * constant(Fraction(1, 3))
    assert halves.cells().tolist() == [Fraction(1, 6)]
    assert halves.floored().over.tolist() == [floor(Fraction(1, 6))]


def test_whole_numbers_keep_order_and_proportion() -> None:
    assert whole_numbers(Exact(np.array([1, 2, 5]), np.array([2, 3, 6]))).tolist() == [3, 4, 5]
    assert whole_numbers(Exact(np.array([4, 6]))).tolist() == [4, 6]
