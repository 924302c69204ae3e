"""Numbers as people type them, ticks, and rounding held to the definitions of the four modes."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.points import Rounding, divide, from_ticks, read_number, read_share, ticks

NBSP, MINUS = "\u00a0", "\u2212"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8,5", "8.5"),
        ("8.5", "8.5"),
        ("8", "8"),
        ("008", "8"),
        ("8,50", "8.5"),
        ("8.500000", "8.5"),
        ("0,05", "0.05"),
        ("+8,5", "8.5"),
        ("-8,5", "-8.5"),
        (f"{MINUS}8,5", "-8.5"),
        ("-0", "0"),
        ("  8,5\t", "8.5"),
        (f"{NBSP}8,5{NBSP}", "8.5"),
        (f"1{NBSP}234,5", "1234.5"),
        ("1.234", "1234"),
        ("1,234", "1234"),
        ("-1.234", "-1234"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"),
        ("9" * 24, "9" * 24),
    ],
)
def test_number_as_typed(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", ",", ".", ",5", "5,", "5.", "+-5", "--5", "8,5,5", "8.5.5", "1.23.456", "1.2345.678", "12.34,5",
        "1 234", "8, 5", "8,5đ", "8.5 điểm", "85%", "1/2", "1_000", "0x10", "1e3", "1e309", "NaN", "nan", "inf",
        "Infinity", "-inf", "８,５", "８", "٨", "٨٫٥", "²", "8٫5", "8'5", "9" * 25, "0" * 25, "None", "8\n5",
    ],
)  # fmt: skip
def test_number_that_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "places"),
    [("0,001", 2), ("0.123", 2), ("01.234", 2), ("8,55", 1), ("8,5", 0), ("1.234,567", 2), ("1.2345", 3)],
)
def test_number_with_too_many_decimals(text: str, places: int) -> None:
    with pytest.raises(ValueError):
        read_number(text, places)


@pytest.mark.parametrize(
    ("text", "places", "number"),
    [
        ("1.234", 0, "1234"),
        ("1.234", 2, "1234"),
        ("1.234", 3, "1.234"),
        ("1,234", 3, "1.234"),
        ("1.234.567", 3, "1234567"),
        ("1.2340", 3, "1.234"),
        ("0.123", 3, "0.123"),
        ("1.234,567", 3, "1234.567"),
        ("1,234", 6, "1.234"),
        ("5,0", 0, "5"),
    ],
)
def test_one_sign_and_three_digits_by_decimals_allowed(text: str, places: int, number: str) -> None:
    assert read_number(text, places) == Decimal(number)


@given(st.integers(0, 9), st.integers(-(10**12), 10**12), st.sampled_from(",."), st.sampled_from(["", " ", NBSP]))
def test_number_written_with_comma_or_dot_reads_back(places: int, count: int, sign: str, around: str) -> None:
    number = Decimal(count).scaleb(-places)
    assert read_number(around + f"{number:f}".replace(".", sign) + around, places) == number


@given(st.integers(0, 2), st.integers(-(10**12), 10**12), st.sampled_from([".,", ",."]))
def test_number_with_thousands_reads_back(places: int, count: int, signs: str) -> None:
    number = Decimal(count).scaleb(-places)
    assert read_number(f"{number:,f}".translate(str.maketrans(",.", signs)), places) == number


@given(st.text(alphabet="0123456789.,-+eE %\u2212\u00a0", max_size=26), st.integers(0, 4))
def test_number_has_no_more_decimals_than_allowed(text: str, places: int) -> None:
    try:
        number = read_number(text, places)
    except ValueError:
        return
    assert ticks(number, places) == Fraction(number) * 10**places


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("98%", Fraction(49, 50)),
        (" 98 % ", Fraction(49, 50)),
        ("97,5%", Fraction(39, 40)),
        ("97.5%", Fraction(39, 40)),
        ("99,999999%", Fraction(99999999, 10**8)),
        ("100%", Fraction(1)),
        ("3/4", Fraction(3, 4)),
        ("1/3", Fraction(1, 3)),
        ("0,98", Fraction(49, 50)),
        ("0.98", Fraction(49, 50)),
        ("1", Fraction(1)),
        ("-5%", Fraction(-1, 20)),
    ],
)
def test_share_as_typed(text: str, share: Fraction) -> None:
    assert read_share(text) == share


@pytest.mark.parametrize(
    "text", ["", "%", "3/", "/4", "3/4%", "1,5/2", "-3/4", "3/4/5", "98%%", "0,1234567", "３/４", "nan"]
)
def test_share_that_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        read_share(text)


@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_ticks_and_points_are_each_other(count: int, places: int) -> None:
    assert ticks(from_ticks(count, places), places) == count


@pytest.mark.parametrize("number", [Decimal("0.001"), Fraction(1, 3), Decimal("8.505")])
def test_ticks_of_part_of_a_tick_is_refused(number: Decimal | Fraction) -> None:
    with pytest.raises(ValueError):
        ticks(number, 2)


def test_points_of_part_of_a_tick() -> None:
    assert from_ticks(Fraction(1, 3), 2) == Fraction(1, 300)


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """What the mode means; every fraction here has a short decimal or lies well away from a half."""
    if rounding is Rounding.HALF_UP:
        return floor(exact + Fraction(1, 2))
    modes = {
        Rounding.HALF_AWAY_FROM_ZERO: ROUND_HALF_UP,  # decimal's "half up" looks at the magnitude
        Rounding.HALF_EVEN: ROUND_HALF_EVEN,
        Rounding.TOWARD_ZERO: ROUND_DOWN,
    }
    return int((Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), modes[rounding]))


@pytest.mark.parametrize(
    ("mode", "found"),
    [
        ("half_away_from_zero", [-3, -3, -2, -1, -1, 0, 0, 0, 1, 1, 2, 3, 3]),
        ("half_up", [-3, -2, -2, -1, 0, 0, 0, 0, 1, 1, 2, 3, 3]),
        ("half_even", [-3, -2, -2, -1, 0, 0, 0, 0, 0, 1, 2, 2, 3]),
        ("toward_zero", [-2, -2, -1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2]),
    ],
)
def test_quarters_rounded_by_hand(mode: str, found: list[int]) -> None:
    quarters = [-11, -10, -7, -3, -2, -1, 0, 1, 2, 3, 7, 10, 11]
    assert [divide(number, 4, Rounding(mode)) for number in quarters] == found
    assert divide(np.array(quarters), 4, Rounding(mode)).tolist() == found


def test_negative_halves_as_excel_rounds_them() -> None:
    # =ROUND(-2.5; 0) is -3 and =ROUND(2.5; 0) is 3
    assert (divide(-5, 2), divide(5, 2), divide(-1, 2), divide(1, 2)) == (-3, 3, -1, 1)


NUMBERS = st.lists(st.integers(-(10**15), 10**15) | st.integers(-40, 40), min_size=1, max_size=12)


@given(NUMBERS, st.integers(1, 64) | st.sampled_from([100, 300, 10**6]), st.sampled_from(Rounding))
def test_division_rounds_as_decimal_does(numbers: list[int], by: int, rounding: Rounding) -> None:
    wanted = [rounded(Fraction(number, by), rounding) for number in numbers]
    fractions = np.empty(len(numbers), dtype=object)
    fractions[:] = [Fraction(number, by) for number in numbers]
    assert [divide(number, by, rounding) for number in numbers] == wanted
    assert [divide(number, 1, rounding) for number in fractions] == wanted
    for column, under in (
        (np.array(numbers, dtype=np.int64), by),
        (np.array(numbers, dtype=np.int64), np.full(len(numbers), by, dtype=np.int64)),
        (np.array(numbers, dtype=object), by),
        (fractions, 1),
    ):
        assert divide(column, under, rounding).tolist() == wanted


@given(NUMBERS, st.sampled_from(Rounding))
def test_halves_of_odd_numbers(numbers: list[int], rounding: Rounding) -> None:
    odd = [2 * number + 1 for number in numbers]
    wanted = [rounded(Fraction(number, 2), rounding) for number in odd]
    assert divide(np.array(odd, dtype=np.int64), 2, rounding).tolist() == wanted
