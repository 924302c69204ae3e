"""Exact columns against Fractions, below and beyond what 64 bits hold."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.criteria.columns import SAFE, Array, Exact, constant, peak, plus, times, whole_numbers
from chamdiem.points import Rounding, divide

EDGES = [2**31, 2**61, SAFE - 1, SAFE, SAFE + 1, 2**63 - 1, 2**63, 2**64, 10**30]
NUMERATORS = (
    st.integers(-100, 100) | st.integers(-(2**63), 2**63) | st.sampled_from([*EDGES, *(-edge for edge in EDGES)])
)
DENOMINATORS = st.integers(1, 12) | st.integers(1, 2**40) | st.sampled_from(EDGES)


def column(numbers: list[int]) -> Array:
    """Whole numbers as the engine keeps them: int64 where they fit with room to spare."""
    return np.array(numbers, dtype=np.int64 if max(map(abs, numbers), default=0) < SAFE else object)


@st.composite
def exact_columns(draw: st.DrawFn, size: int) -> Exact:
    """A column over one denominator, or over one for each cell."""
    over = column(draw(st.lists(NUMERATORS, min_size=size, max_size=size)))
    if draw(st.booleans()):
        return Exact(over, draw(st.just(1) | DENOMINATORS))
    return Exact(over, column(draw(st.lists(DENOMINATORS, min_size=size, max_size=size))))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Exact, Exact]:
    """Two columns of one length."""
    size = draw(st.integers(1, 5))
    return draw(exact_columns(size)), draw(exact_columns(size))


def fractions(exact: Exact) -> list[Fraction]:
    """The same numbers, slowly."""
    under = np.broadcast_to(np.asarray(exact.under, dtype=object), exact.over.shape)
    return [Fraction(int(one), int(other)) for one, other in zip(exact.over, under, strict=True)]


@pytest.mark.parametrize("name", ["__add__", "__sub__", "__mul__"])
@given(both=pairs())
def test_sum_difference_product_as_fractions(name: str, both: tuple[Exact, Exact]) -> None:
    one, other = both
    wanted = [getattr(left, name)(right) for left, right in zip(fractions(one), fractions(other), strict=True)]
    found = getattr(one, name)(other)
    assert fractions(found) == wanted
    assert [Fraction(cell) for cell in found.cells()] == wanted


@given(pairs())
def test_quotient_as_fractions(both: tuple[Exact, Exact]) -> None:
    one, other = both
    found, exists = one.over_by(other)
    for quotient, there, left, right in zip(fractions(found), exists, fractions(one), fractions(other), strict=True):
        assert there == (right != 0)
        assert quotient == (left / right if right else 0)
    assert np.all(np.asarray(found.under) > 0)


@given(pairs(), st.integers(0, 31))
def test_comparison_and_choice_as_fractions(both: tuple[Exact, Exact], bits: int) -> None:
    one, other = both
    pair = list(zip(fractions(one), fractions(other), strict=True))
    assert one.at_least(other).tolist() == [left >= right for left, right in pair]
    mask = np.array([bool(bits >> at & 1) for at in range(len(pair))])
    chosen = [left if here else right for here, (left, right) in zip(mask, pair, strict=True)]
    assert fractions(one.where(mask, other)) == chosen


@given(pairs(), st.none() | NUMERATORS, st.none() | NUMERATORS)
def test_clipping_as_fractions(both: tuple[Exact, Exact], low: int | None, high: int | None) -> None:
    if low is not None and high is not None:
        low, high = min(low, high), max(low, high)
    wanted = fractions(both[0])
    if low is not None:
        wanted = [max(number, Fraction(low)) for number in wanted]
    if high is not None:
        wanted = [min(number, Fraction(high)) for number in wanted]
    assert fractions(both[0].clipped(low, high)) == wanted


@given(pairs(), st.sampled_from(Rounding))
def test_rounding_as_fractions(both: tuple[Exact, Exact], rounding: Rounding) -> None:
    wanted = [divide(number, 1, rounding) for number in fractions(both[0])]
    if all(-(2**63) <= number < 2**63 for number in wanted):
        found = both[0].rounded(rounding)
        assert found.dtype == np.int64
        assert found.tolist() == wanted
    else:
        with pytest.raises(OverflowError):
            both[0].rounded(rounding)


@given(pairs())
def test_floor_negation_and_common_denominator_as_fractions(both: tuple[Exact, Exact]) -> None:
    exact = both[0]
    numbers = fractions(exact)
    assert fractions(exact.floored()) == [number // 1 for number in numbers]
    assert fractions(-exact) == [-number for number in numbers]
    whole = [int(cell) for cell in whole_numbers(exact)]
    assert [a * d.numerator * c.denominator for a, d, c in zip(whole, numbers, numbers, strict=True)] == [
        b * c.numerator * c.denominator for b, c in zip(whole, numbers, strict=True)
    ]
    in_order = [sorted(range(len(numbers)), key=column.__getitem__) for column in (whole, numbers)]
    assert in_order[0] == in_order[1]


@given(exact_columns(3), st.fractions() | NUMERATORS.map(Fraction))
def test_constant_against_a_column(exact: Exact, value: Fraction) -> None:
    wanted = fractions(exact)
    assert fractions(exact + constant(value)) == [number + value for number in wanted]
    assert fractions(exact - constant(value)) == [number - value for number in wanted]
    assert fractions(exact * constant(value)) == [number * value for number in wanted]
    assert exact.at_least(constant(value)).tolist() == [number >= value for number in wanted]
    mask = np.array([True, False, True])
    assert fractions(exact.where(mask, constant(value))) == [wanted[0], value, wanted[2]]


@pytest.mark.parametrize(
    ("arithmetic", "left", "right", "kind"),
    [
        (plus, 2**61, 2**61 - 1, np.int64),
        (plus, 2**61, 2**61, object),
        (plus, SAFE - 1, SAFE - 1, object),
        (times, 2**31, 2**31 - 1, np.int64),
        (times, 2**31, 2**31, object),
        (times, SAFE - 1, SAFE - 1, object),
        (times, SAFE - 1, 1, np.int64),
        (times, SAFE - 1, 0, np.int64),
    ],
)
def test_int64_is_left_where_it_might_not_hold(
    arithmetic: Callable[..., Any], left: int, right: int, kind: type
) -> None:
    for sign in (1, -1):
        found = arithmetic(np.array([sign * left]), np.array([right]))
        assert found.dtype == kind
        assert [int(cell) for cell in found] == [sign * left + right if arithmetic is plus else sign * left * right]


def test_peak_of_the_least_int64() -> None:
    assert peak(np.array([-(2**63), 5])) == 2**63
    assert peak(np.array([], dtype=np.int64)) == 0
    assert peak(-7) == 7


def test_halves_near_the_border_round_exactly() -> None:
    # 2 × (2^61 + 1) + 2 would pass 2^62: rounded on Python ints. 2^61 + 1 halves are 2^60 and a half.
    assert Exact(np.array([2**61 + 1, -(2**61) - 1]), 2).rounded(Rounding.HALF_AWAY_FROM_ZERO).tolist() == [
        2**60 + 1,
        -(2**60) - 1,
    ]
