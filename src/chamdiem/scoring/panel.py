"""Several judges become one figure: mean, median, trimmed mean, or without the highest and lowest; exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from chamdiem.criteria.columns import Array, Exact, Mask, peak, times
from chamdiem.criteria.model import Panel, Spread


def combine(points: Exact, counted: Mask, panel: Panel) -> tuple[Exact, Array]:
    """One exact figure per unit from sources × units, of the counted cells only, and how many there were.

    A unit without a counted mark gets 0 of 0 marks: whoever asks must look at the count. Nothing is rounded here.
    """
    count = counted.sum(axis=0, dtype=np.int64)
    if count.max(initial=0) <= 1:
        return _single(points, counted), count
    if not isinstance(points.under, int):
        cells, under = points.cells(), 1
    else:
        cells, under = points.over, points.under
    if panel.combine == "mean":
        total = np.where(counted, cells, 0).sum(axis=0)
        return _over(total, np.maximum(count, 1), under), count
    total, kept = between(np.where(counted, cells, _beyond(cells)), count, panel)
    return _over(total, kept, under), count


def of_tables(tables: Sequence[Array], cells: Sequence[Array], panel: Panel) -> tuple[Exact, Array]:
    """The same for many leaves at once, leaves × units, where tables say what stored answers are worth and all count.

    `tables[leaf]` has the ticks of each stored answer, entry 0 standing for none; `cells[leaf]` is sources × units.
    """
    if panel.combine == "mean":
        total, count = _sums_and_counts(tables, cells)
        return Exact(total, np.maximum(count, 1)), count
    total, kept, count = (np.empty((len(tables), cells[0].shape[1]), dtype=np.int64) for _ in range(3))
    for row, (table, marks) in enumerate(zip(tables, cells, strict=True)):
        worth = table.copy()
        worth[0] = _beyond(worth)
        count[row] = np.add.reduce(marks > 0, axis=0, dtype=np.int16)
        total[row], kept[row] = between(worth.take(marks, mode="clip"), count[row], panel)
    return Exact(total, kept), count


def _sums_and_counts(tables: Sequence[Array], cells: Sequence[Array]) -> tuple[Array, Array]:
    """The sum of each unit's marks and how many there are, leaves × units, in one look-up and one sum per leaf.

    The count travels in the low bits of each table entry, so that no answer (entry 0) adds to neither.
    """
    sources, units = cells[0].shape
    joined, ends = np.concatenate(tables), np.cumsum([len(table) for table in tables])
    starts, shift = ends - [len(table) for table in tables], sources.bit_length()
    widest = sources * (peak(joined) + 1 << shift)
    kind = next(kind for kind in (np.int16, np.int32, np.int64) if widest <= np.iinfo(kind).max)
    joined = (joined.astype(kind) << shift) + kind(1)
    joined[starts] = 0
    carried = np.empty((len(tables), units), dtype=kind)
    for row, (start, end, marks) in enumerate(zip(starts, ends, cells, strict=True)):
        np.add.reduce(joined[start:end].take(marks, mode="clip"), axis=0, dtype=kind, out=carried[row])
    return carried >> shift, carried & kind((1 << shift) - 1)


def _single(points: Exact, counted: Mask) -> Exact:
    """The one counted figure of each unit as it is."""
    over = np.where(counted, points.over, 0).sum(axis=0)
    if isinstance(points.under, int):
        return Exact(over, points.under)
    return Exact(over, np.maximum(np.where(counted, points.under, 0).sum(axis=0), 1))


def _over(total: Array, count: Array, under: int) -> Exact:
    """A sum over a count, whole numbers or Fractions."""
    if total.dtype == object:
        quotients = [Fraction(one) / int(many) for one, many in zip(total.ravel(), count.ravel(), strict=True)]
        over = np.array([quotient.numerator for quotient in quotients], dtype=object)
        return Exact(over, np.array([quotient.denominator * under for quotient in quotients], dtype=object))
    return Exact(total, times(count, under))


def _beyond(cells: Array) -> Any:
    """Something larger than every cell, to send cells that do not count to the end."""
    return Fraction(10**30) if cells.dtype == object else np.iinfo(cells.dtype).max


def middle(panel: Panel, count: int) -> slice:
    """The places, counted from the lowest of so many marks, that the panel's way of combining keeps."""
    if panel.combine == "median":
        return slice(max(count - 1, 0) // 2, count // 2 + 1)
    cut = int(count >= 3)
    if panel.combine == "trimmed_mean":
        cut = count * panel.trim.numerator // panel.trim.denominator
    return slice(cut, count - cut)


def between(cells: Array, count: Array, panel: Panel) -> tuple[Array, Array]:
    """The sum of the cells that the panel keeps of the `count` smallest of each column, and how many those are.

    Columns without a cell give 0, and 1 to divide by.
    """
    ordered = in_order(cells)
    total = np.zeros(cells.shape[1:], dtype=object if cells.dtype == object else np.int64)
    kept = np.ones(cells.shape[1:], dtype=np.int64)
    columns = np.bincount(count)
    usual = int(columns.argmax())  # is worked out for all columns, the others are then put right
    for many in (usual, *(int(other) for other in np.flatnonzero(columns) if other != usual)):
        here, rows = slice(None) if many == usual else np.flatnonzero(count == many), ordered[middle(panel, many)]
        total[here] = np.add.reduce([row[here] for row in rows]) if many and rows else 0
        kept[here] = max(len(rows), 1)
    return total, kept


def in_order(cells: Array) -> list[Array]:
    """The rows with each column sorted upwards: a sorting network on whole rows, far faster than sorting columns."""
    if cells.dtype == object:
        return list(np.sort(cells, axis=0))
    rows = list(cells)
    for one, other in network(len(rows)):
        rows[one], rows[other] = np.minimum(rows[one], rows[other]), np.maximum(rows[one], rows[other])
    return rows


@lru_cache
def network(width: int) -> tuple[tuple[int, int], ...]:
    """Which rows to compare, in turn, to sort so many: Batcher's merge exchange (Knuth 5.2.2, algorithm M)."""
    pairs: list[tuple[int, int]] = []
    top = 1 << max(width - 1, 0).bit_length() >> 1
    part = top
    while part:
        step, rest, apart = top, 0, part
        while True:
            pairs.extend((at, at + apart) for at in range(width - apart) if at & part == rest)
            if step == part:
                break
            apart, step, rest = step - part, step // 2, part
        part //= 2
    return tuple(pairs)


def spread_of(points: Sequence[Array], counted: Sequence[Mask], limit: Spread) -> Array:
    """The largest difference of each unit, in ticks and exact (a Fraction where it is not whole), over these leaves.

    `points` and `counted` are judges × units, one per leaf. Two judges are compared over the leaves that both marked,
    so a judge with part of the units' criteria neither hides nor makes a difference.
    """
    sources, units = counted[0].shape
    if limit.between == "mean":
        return _from_mean(points, counted)
    widest = np.zeros(units, dtype=np.int64)
    for one in range(sources):
        for other in range(one):
            apart = np.zeros(units, dtype=np.int64)
            for given, mask in zip(points, counted, strict=True):
                apart = apart + np.where(mask[one] & mask[other], given[one] - given[other], 0)
            widest = np.maximum(widest, np.abs(apart))
    return widest


def _from_mean(points: Sequence[Array], counted: Sequence[Mask]) -> Array:
    """The largest difference between one judge's sum and the mean of all, over the leaves everybody counted marked."""
    sources, units = counted[0].shape
    everybody = np.logical_or.reduce([mask.any(axis=0) for mask in counted])
    taking_part = np.logical_or.reduce(list(counted))
    total, count = np.zeros((sources, units), dtype=np.int64), taking_part.sum(axis=0)
    for given, mask in zip(points, counted, strict=True):
        common = (mask | ~taking_part).all(axis=0) & everybody
        total = total + np.where(mask & common, given, 0)
    mean_times_count = np.where(taking_part, total, 0).sum(axis=0)
    apart = np.where(taking_part, np.abs(total * count - mean_times_count), 0).max(axis=0, initial=0)
    return np.array(
        [Fraction(one) / max(int(many), 1) for one, many in zip(apart.tolist(), count, strict=True)], dtype=object
    )
