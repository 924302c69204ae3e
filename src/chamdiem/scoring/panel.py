"""Several judges become one figure: mean, median, trimmed mean, or without the highest and lowest; exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chamdiem.criteria.columns import Array, Exact, Mask, times
from chamdiem.criteria.model import Panel, Spread

NETWORK_AT_MOST = 16


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
    low, high = middle(panel, count)
    total = between(np.where(counted, cells, _beyond(cells)), low, high)
    return _over(np.where(count > 0, total, 0), np.maximum(high - low + 1, 1), under), count


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


def middle(panel: Panel, count: Array) -> tuple[Array, Array]:
    """The first and last place, counted from the lowest mark, that the panel's way of combining keeps."""
    if panel.combine == "median":
        return np.maximum(count - 1, 0) // 2, count // 2
    if panel.combine == "trimmed_mean":
        cut = count * panel.trim.numerator // panel.trim.denominator
    else:
        cut = (count >= 3).astype(np.int64)
    return cut, count - 1 - cut


def between(cells: Array, low: Array, high: Array) -> Array:
    """The sum of each column's cells from the low-th to the high-th smallest."""
    ordered = in_order(cells)
    if low.size and low.min() == low.max() and high.min() == high.max():
        rows = ordered[int(low[0]) : int(high[0]) + 1]
        return np.add.reduce(rows) if len(rows) else np.zeros(cells.shape[1:], dtype=cells.dtype)
    total = np.zeros(cells.shape[1:], dtype=object if cells.dtype == object else np.int64)
    for place, row in enumerate(ordered):
        total = total + np.where((place >= low) & (place <= high), row, 0)
    return total


def in_order(cells: Array) -> Sequence[Array]:
    """The rows with each column sorted upwards: a sorting network on whole rows, far faster than sorting columns."""
    if len(cells) > NETWORK_AT_MOST or cells.dtype == object:
        return list(np.sort(cells, axis=0))
    rows = list(cells)
    for last in range(len(rows) - 1, 0, -1):
        for at in range(last):
            rows[at], rows[at + 1] = np.minimum(rows[at], rows[at + 1]), np.maximum(rows[at], rows[at + 1])
    return rows


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
