"""The plain case of reading marks, fast: numbers of judges, every key known, every answer allowed."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chamdiem.criteria.columns import Array
from chamdiem.scoring.marks import Judge, Source, Unit, told_of
from chamdiem.scoring.plan import Plan
from chamdiem.scoring.slots import Spelling
from chamdiem.scoring.table import Coded, Columns

ROWS_AT_ONCE = 2**16
CACHED = 2**23
"""Bytes of a cube that the processor's cache still holds, about."""


def plain(
    plan: Plan, columns: Columns, units: Sequence[Unit], judges: tuple[Judge, ...], who_occurs: tuple[bool, bool]
) -> tuple[tuple[Source, ...], tuple[Array, ...]] | None:
    """The plain case, fast: numbers of judges, every key known, every answer allowed. None as soon as anything is not:
    then the careful way reads the same rows again and says what and where."""
    answer = columns.answer.numbers() if isinstance(columns.answer, Coded) else columns.answer
    if answer is None or columns.judge is None or not _only("judge", columns.stage) or not _only("", columns.input):
        return None
    if not _only("", columns.note):
        return None
    parted = {leaf.node.code for leaf in plan.leaves if len(leaf.slots) != 1 or len(leaf.rules) > 1}
    axes = (
        columns.criterion.along([None if slot.owner in parted else slot.owner for slot in plan.slots]),
        columns.judge.along([judge.code for judge in judges]),
        columns.unit.along(told_of(units, "code")),
    )
    shape = (len(plan.slots), len(judges), len(units))
    large = prod(shape) * 2 > CACHED  # then a byte for each is worth the look-up of each row's parts
    spelt = plan.own_spellings if large else plan.spellings
    narrow = large or max(one.reach for one in spelt) < np.iinfo(np.uint8).max
    kinds = (np.uint8, np.uint16, np.int64) if narrow else (np.uint16, np.int64)
    placed = next(filter(None, (_placed(spelt, answer, axes, shape, kind) for kind in kinds)), None)
    if placed is None:
        return None
    cells = _stored(plan, spelt, placed[0])
    if sum(np.count_nonzero(each) for each in cells) != placed[1]:
        return None  # two marks for one place, or an answer that is not allowed
    marking, marked = (np.zeros(len(all_of), dtype=np.bool_) for all_of in (judges, units))
    for found in cells:
        marking |= found.any(axis=1)
        marked |= found.any(axis=0)
        if marking.all() and marked.all():
            break
    if (who_occurs[0] and not marked.all()) or (who_occurs[1] and not marking.all()):
        return None  # units or judges that were only thought to occur
    sources = tuple(Source("judge", judge.code) for judge, marks in zip(judges, marking, strict=True) if marks)
    return sources, cells if marking.all() else tuple(found[marking] for found in cells)


def _only(word: str, column: Coded | None) -> bool:
    """Whether a column says nothing else than one word, where it says anything."""
    return column is None or {"", word}.issuperset(column.tidied)


def _placed(
    spelt: Sequence[Spelling],
    answer: Array,
    axes: Sequence[Array],
    shape: tuple[int, ...],
    kind: type[np.integer[Any]],
) -> tuple[Array, int] | None:
    """Numbers as whole parts from the lowest of their slot on, at their places in a cube, the largest number it can hold
    where there is none; and how many there are. None when a key is unknown, when a number is below the lowest, too large
    or no whole number of parts, or when there is none at all.

    Rows come in any order: a narrow cube stays in the processor's cache, as do the portions in which they pass.
    """
    parts, lows = (np.array([getattr(one, name) for one in spelt], dtype=float) for name in ("parts", "low"))
    alike = parts.min() == parts.max()
    cube = np.full(shape, gap := np.iinfo(kind).max, dtype=kind)
    cells, limit, count = cube.reshape(-1), min(gap, 2**53), 0
    wide = np.int32 if cube.size < 2**31 else np.int64
    for start in range(0, len(answer), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        given, keys = answer[rows], [axis[rows] for axis in axes]
        if min(each.min() for each in keys) < 0:
            return None
        scale = parts[0] if alike else parts.take(keys[0])
        with np.errstate(over="ignore"):  # what is too large is turned away below
            whole = given * scale
        least = whole.min()
        if np.isnan(least):  # of these rows, if one is blank
            there = ~np.isnan(given)
            given, keys, whole = given[there], [each[there] for each in keys], whole[there]
            if not len(given):
                continue
            scale, least = scale if alike else scale[there], whole.min()
        np.rint(whole, out=whole)
        if not np.array_equal(whole / scale, given):
            return None
        if lows.any():
            whole -= lows.take(keys[0])
            least = whole.min()
        if least < 0 or whole.max() >= limit:
            return None
        at: NDArray[np.signedinteger] = keys[0].astype(wide)
        for each, width in zip(keys[1:], shape[1:], strict=True):
            at *= width
            at += each
        cells[at.astype(np.intp)] = whole.astype(kind)
        count += len(given)
    return (cube, count) if count else None


def _stored(plan: Plan, spelt: Sequence[Spelling], cube: Array) -> tuple[Array, ...]:
    """Whole parts as they are stored; 0 where there is none, and where it is not an allowed answer.

    Slots that are worked out alike are worked out at once, as many as stay in the cache.
    """
    cells: dict[int, Array] = {}
    alike: dict[tuple[int, int, int, np.dtype[Any]], list[int]] = {}
    for slot, one in zip(plan.slots, spelt, strict=True):
        if one.table is None:
            alike.setdefault((one.apart, one.each, one.first, slot.dtype), []).append(slot.index)
        else:
            cells[slot.index] = _looked_up(cube[slot.index], one.apart, one.table)
    at_once = max(1, 2**18 // max(cube[0].nbytes, 1))
    for like, slots in alike.items():
        for at in range(0, len(slots), at_once):
            some = slots[at : at + at_once]
            cells |= zip(some, _worked_out(cube[some], [spelt[index].most for index in some], *like), strict=True)
    return tuple(cells[slot.index] for slot in plan.slots)


def _looked_up(given: Array, apart: int, table: Array) -> Array:
    gap = np.iinfo(given.dtype).max
    width = given.dtype.type(min(apart, gap))
    steps = given // width
    at = steps.astype(np.intp)
    at[(steps * width != given) | (given == gap)] = len(table)
    found: Array = table.take(at, mode="clip")
    return found


def _worked_out(given: Array, most: list[int], apart: int, each: int, first: int, kind: np.dtype[Any]) -> Array:
    """The same for slots whose answers are counted: n steps, as many as there may be, are stored as n × `each` + `first`."""
    gap = np.iinfo(given.dtype).max
    width = given.dtype.type(min(apart, gap))
    steps = given // width
    allowed = steps <= np.array([min(one, (gap - 1) // apart) for one in most], dtype=given.dtype).reshape(-1, 1, 1)
    allowed &= steps * width == given
    stored: Array = steps.astype(kind)
    stored *= kind.type(each)
    stored += kind.type(first)
    stored *= allowed
    return stored
