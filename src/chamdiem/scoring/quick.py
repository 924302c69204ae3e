"""The plain case of reading marks, fast: numbers of judges, every key known, every answer allowed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chamdiem.criteria.columns import Array
from chamdiem.scoring.marks import Judge, Source, Unit
from chamdiem.scoring.plan import Plan
from chamdiem.scoring.table import Coded, Columns

ROWS_AT_ONCE = 2**16


def plain(
    plan: Plan, columns: Columns, units: list[Unit], judges: tuple[Judge, ...], who_occurs: tuple[bool, bool]
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
        columns.unit.along([unit.code for unit in units]),
    )
    if (
        not len(answer)
        or not all(len(table) for _, table in plan.called.values())
        or min(axis.min() for axis in axes) < 0
    ):
        return None
    if np.isnan(answer.min()):  # of all rows, if one is blank
        there = ~np.isnan(answer)
        answer, axes = answer[there], (axes[0][there], axes[1][there], axes[2][there])
        if not len(answer):
            return None
    cube = _cube(plan, answer, axes, (len(plan.slots), len(judges), len(units)))
    if cube is None:
        return None
    cells = _stored(plan, cube)
    if sum(np.count_nonzero(found) for found in cells) != len(answer):
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


def _cube(plan: Plan, answer: Array, axes: Sequence[Array], shape: tuple[int, ...]) -> Array | None:
    """Numbers as whole numbers of 10^-decimals at their places in a cube, the least whole number where there is none.

    None when one is too large, or not exactly a decimal of so many places; none is blank. The rows pass in portions that stay in
    the cache of the processor.
    """
    factor = 10.0**plan.decimals
    reach = max(-answer.min().item(), answer.max().item(), 1, *(abs(slot.low) for slot in plan.slots)) * factor
    kinds = ((np.int16, 2.0**14), (np.int32, 2.0**30), (np.int64, 2.0**53))
    kind = next((kind for kind, limit in kinds if reach < limit), None)
    if kind is None:
        return None
    cube = np.full(shape, np.iinfo(kind).min, dtype=kind)
    cells, wide = cube.reshape(-1), np.int32 if cube.size < 2**31 else np.int64
    for start in range(0, len(answer), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        numbers = answer[rows] * factor
        np.rint(numbers, out=numbers)
        whole = numbers.astype(kind)
        numbers /= factor
        if not np.array_equal(numbers, answer[rows]):
            return None
        at: NDArray[np.signedinteger] = axes[0][rows].astype(wide)
        for axis, width in zip(axes[1:], shape[1:], strict=True):
            at *= width
            at += axis[rows].astype(wide)
        cells[at.astype(np.intp)] = whole
    return cube


def _stored(plan: Plan, cube: Array) -> tuple[Array, ...]:
    """Whole numbers of 10^-decimals as they are stored; 0 where there is none, and where it is not an allowed answer.

    Slots of one step are worked out at once; a level is called by its points; lists and dates are no numbers.
    """
    cells = {
        index: table.take(cube[index].astype(np.intp) - lowest, mode="clip")
        for index, (lowest, table) in plan.called.items()
    }
    limit = np.iinfo(cube.dtype).max
    most = max(1, 2**18 // max(cube[0].nbytes, 1))  # slots at once, so that they stay in the cache
    for group in (alike[at : at + most] for alike in plan.numeric for at in range(0, len(alike), most)):
        one, step = 10 ** (plan.decimals - group[0].input.places), group[0].input.step
        ends = ([slot.low for slot in group], [min(slot.high, limit) for slot in group])
        low, high = (np.array(end, dtype=cube.dtype).reshape(-1, 1, 1) for end in ends)
        given = cube[[slot.index for slot in group]]
        answers = given // one if one > 1 else given
        allowed = (answers >= low) & (answers <= high)
        if one > 1:
            allowed &= answers * one == given
        if step > 1:
            allowed &= answers // step * step == answers
        stored = (answers - (low - 1)) * allowed
        cells |= {slot.index: found.astype(slot.dtype, copy=False) for slot, found in zip(group, stored, strict=True)}
    shape = cube.shape[1:]
    return tuple(cells[slot.index] if slot.index in cells else np.zeros(shape, slot.dtype) for slot in plan.slots)
