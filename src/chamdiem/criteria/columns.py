"""Exact columns: whole-number arrays with a denominator, for arithmetic that never rounds by accident.

A column is numerators over a denominator (one for all cells, or one per cell, always > 0). Cells are int64; where a
product could pass 2^62 they become Python ints, slower and still exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chamdiem.points import Rounding, divide

Array: TypeAlias = NDArray[Any]
Mask: TypeAlias = NDArray[np.bool_]
SAFE, FEW = 2**62, 8


def peak(cells: Array | int) -> int:
    """The largest magnitude in the column, 0 when it is empty."""
    if isinstance(cells, int | np.integer):
        return abs(int(cells))
    if cells.size <= FEW:  # a sheet of one unit: numpy would take longer to begin than this takes
        return max((abs(int(cell)) for cell in cells.ravel().tolist()), default=0)
    return max(abs(int(cells.max())), abs(int(cells.min())))


def times(left: Array | int, right: Array | int) -> Any:
    """The exact product; leaves int64 for Python ints when it might not fit."""
    if max(peak(left), 1) * max(peak(right), 1) < SAFE:
        return left * right
    return np.asarray(left, dtype=object) * (right if isinstance(right, int) else np.asarray(right, dtype=object))


def plus(left: Array, right: Array) -> Array:
    """The exact sum; leaves int64 for Python ints when it might not fit."""
    if peak(left) + peak(right) < SAFE:
        return left + right
    wide: Array = np.asarray(left, dtype=object) + np.asarray(right, dtype=object)
    return wide


def _alike(cells: Array, bound: Array | int) -> tuple[Array, Array | int]:
    """Cells and a bound that numpy can compare: Python ints where the bound does not fit int64."""
    return (cells if peak(bound) < SAFE else cells.astype(object)), bound


def _either(mask: Mask, left: Array | int, right: Array | int) -> Array:
    """The left cells where the mask is true, else the right; Python ints where one might not fit int64."""
    if max(peak(left), peak(right)) >= SAFE:
        left, right = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
    either: Array = np.where(mask, left, right)
    return either


def whole_numbers(exact: Exact) -> Array:
    """The column times a common denominator: whole numbers in the same order and the same proportions."""
    cells = exact.cells()
    if exact.is_whole:
        return cells
    common = lcm(*(cell.denominator for cell in cells.ravel()))
    scaled = np.array([int(cell * common) for cell in cells.ravel()], dtype=object).reshape(cells.shape)
    return scaled if peak(scaled) >= SAFE else scaled.astype(np.int64)


def fraction_cells(numerators: Array, denominators: Array | int) -> Array:
    """An object column of Fractions, one per cell."""
    flat = np.broadcast_to(np.asarray(denominators, dtype=object), numerators.shape).ravel()
    cells = [Fraction(over, under) for over, under in zip(numerators.ravel().tolist(), flat.tolist(), strict=True)]
    out = np.empty(len(cells), dtype=object)
    out[:] = cells
    return out.reshape(numerators.shape)


@dataclass(frozen=True)
class Exact:
    """A column of exact numbers: `over / under`."""

    over: Array
    under: Array | int = 1

    @property
    def is_whole(self) -> bool:
        """Whether the denominator is 1 for every cell."""
        return isinstance(self.under, int) and self.under == 1

    def rounded(self, rounding: Rounding) -> Array:
        """Whole numbers, rounded as declared."""
        over = self.over
        if self.is_whole and over.dtype != object:
            return over
        if over.dtype != object and max(peak(over), peak(self.under)) >= SAFE // 4:
            over = over.astype(object)
        cells = divide(over, self.under, rounding)
        whole: Array = cells.astype(np.int64) if cells.dtype == object else cells
        return whole

    def floored(self) -> Exact:
        """The largest whole numbers that are not larger."""
        over, under = _alike(self.over, self.under)
        return Exact(over // under)

    def cells(self) -> Array:
        """Whole numbers when the denominator is 1, otherwise an object column of Fractions."""
        if self.is_whole:
            return self.over
        return fraction_cells(self.over, self.under)

    def clipped(self, low: int | None, high: int | None) -> Exact:
        """The same numbers, none below `low` and none above `high` (both whole, both inclusive)."""
        over = self.over
        if low is not None:
            over = np.maximum(*_alike(over, times(self.under, low)))
        if high is not None:
            over = np.minimum(*_alike(over, times(self.under, high)))
        return Exact(over, self.under)

    def __add__(self, other: Exact) -> Exact:
        if isinstance(self.under, int) and isinstance(other.under, int) and self.under == other.under:
            return Exact(plus(self.over, other.over), self.under)
        return Exact(plus(times(self.over, other.under), times(other.over, self.under)), times(self.under, other.under))

    def __neg__(self) -> Exact:
        return Exact(-self.over, self.under)

    def __sub__(self, other: Exact) -> Exact:
        return self + -other

    def __mul__(self, other: Exact) -> Exact:
        return Exact(times(self.over, other.over), times(self.under, other.under))

    def over_by(self, other: Exact) -> tuple[Exact, Mask]:
        """The quotient, and a mask of the cells where it exists (the divisor is not 0); elsewhere the quotient is 0."""
        exists = np.asarray(other.over != 0, dtype=np.bool_)
        sign = np.where(np.asarray(other.over < 0, dtype=np.bool_), -1, 1)
        over = times(times(self.over, other.under), sign)
        under = times(self.under, abs(other.over))
        return Exact(np.where(exists, over, 0), np.where(exists, under, 1)), exists

    def at_least(self, other: Exact) -> Mask:
        """Which cells are not smaller than the other's."""
        return np.asarray(times(self.over, other.under) >= times(other.over, self.under), dtype=np.bool_)

    def where(self, mask: Mask, other: Exact) -> Exact:
        """These cells where the mask is true, the other's elsewhere."""
        return Exact(_either(mask, self.over, other.over), _either(mask, self.under, other.under))


def constant(value: Fraction | int) -> Exact:
    """A column of one cell that broadcasts against any other."""
    value = Fraction(value)
    return Exact(
        np.array([value.numerator], dtype=np.int64 if peak(value.numerator) < SAFE else object), value.denominator
    )
