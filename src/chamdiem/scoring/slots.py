"""One input of one leaf: how its answers are stored, and how a bare number says one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np

from chamdiem.criteria.columns import Array
from chamdiem.criteria.rules import Input

TABLE_AT_MOST = 2**16


@dataclass(frozen=True)
class Slot:
    """One input of one leaf (or a fact): answers are stored as `answer - low + 1`, 0 meaning that there is none."""

    index: int
    owner: str
    input: Input
    low: int
    high: int

    @cached_property
    def dtype(self) -> np.dtype[np.signedinteger]:
        """The narrowest whole numbers that hold every stored answer."""
        return np.dtype(
            next(kind for kind in ("int16", "int32", "int64") if self.high - self.low + 1 <= np.iinfo(kind).max)
        )

    @cached_property
    def named(self) -> Mapping[Fraction, int]:
        """What is stored for a bare number, where levels are called by their points."""
        return {points: choice + 1 for points, choice in self.input.numbers.items()}

    def stored(self, answer: Array) -> Array:
        """Answers as they are stored."""
        return (answer - (self.low - 1)).astype(self.dtype)

    def answers(self, stored: Array) -> Array:
        """Stored cells as answers (int64); meaningless where nothing is stored."""
        return stored.astype(np.int64) + (self.low - 1)


@dataclass(frozen=True)
class Spelling:
    """How a bare number says an answer of one slot: number × `parts` is a whole number, `low` or more, and from `low` on
    in steps that lie `apart`. What is stored for the n-th step is table[n], 0 where that is no answer, as in its last
    entry; without a table it is n × `each` + `first` as far as `most`."""

    parts: int
    low: int
    apart: int
    each: int = 1
    first: int = 1
    most: int = 0
    table: Array | None = None

    @property
    def reach(self) -> int:
        """The parts from the lowest answer to the highest."""
        return self.apart * (self.most if self.table is None else len(self.table))


def spellings_of(slots: Sequence[Slot], *, alike: bool) -> tuple[Spelling, ...]:
    """How bare numbers say the answers of these slots: in parts that are alike for all, or in those of each, which are
    fewer. Lists and dates are no numbers; levels are called by their points, where these are not too many to look up."""
    steps = [_steps(slot) for slot in slots]
    common = lcm(*(step.denominator for step in steps)) if alike else 0
    return tuple(_spelling(slot, step, common or step.denominator) for slot, step in zip(slots, steps, strict=True))


def _steps(slot: Slot) -> Fraction:
    """A number such that every answer is a whole number of times this."""
    if slot.input.type in ("choice", "choices", "date"):
        return Fraction(1, lcm(*(points.denominator for points in _called(slot))))
    return Fraction(slot.input.step, 10**slot.input.places)


def _called(slot: Slot) -> Mapping[Fraction, int]:
    return slot.named if slot.input.type == "choice" else {}


def _spelling(slot: Slot, step: Fraction, parts: int) -> Spelling:
    apart = int(step * parts)
    if slot.input.type in ("choice", "choices", "date"):
        return _looked_up({int(points / step): choice for points, choice in _called(slot).items()}, slot, parts, apart)
    each = slot.input.step
    low = -(-slot.low // each)
    return Spelling(parts, low * apart, apart, each, low * each - slot.low + 1, slot.high // each - low)


def _looked_up(called: Mapping[int, int], slot: Slot, parts: int, apart: int) -> Spelling:
    low, high = min(called, default=0), max(called, default=0)
    if high - low > TABLE_AT_MOST:
        low, high, called = 0, 0, {}
    table = np.zeros(high - low + 2, dtype=slot.dtype)
    for steps, choice in called.items():
        table[steps - low] = choice
    return Spelling(parts, low * apart, apart, table=table)
