"""What scoring hands on: a run's policy, one node's figure with its reason, what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

import numpy as np

from chamdiem.criteria.columns import Array, Mask, times
from chamdiem.criteria.model import Award, Node
from chamdiem.criteria.scalars import Amount
from chamdiem.errors import Message, message

HEADLINE, FLOOR, CEILING = range(3)


@dataclass(frozen=True)
class Policy:
    """How a run reads the marks: whether the round is closed (peers are compared), whether evidence decides, which stage.

    `stage` None takes, leaf by leaf, the last stage at which somebody marked: council, judge, appraisal, self.
    """

    closed: bool = True
    evidence: Literal["apply", "ignore"] = "apply"
    stage: Literal["self", "appraisal", "judge", "council"] | None = None


class Why(IntEnum):
    """Whether the points of a node count, or why they do not (or count otherwise than marked)."""

    COUNTED = 0
    UNMARKED = 1  # so that ~known, as a number, says it
    ABSTAINED = 2
    NA_ZERO = 3
    NA_FULL = 4
    NA_EXCLUDED = 5
    NA_REDISTRIBUTED = 6
    EVIDENCE_MISSING = 7
    EVIDENCE_REJECTED = 8
    EVIDENCE_PENDING = 9
    EVIDENCE_REPEATED = 10
    DEPENDS_UNMET = 11
    STOPPED = 12
    NOT_CHOSEN = 13
    NOT_BEST = 14
    UNGRADED = 15


NA = {
    "zero": Why.NA_ZERO, "full": Why.NA_FULL, "exclude_rescale": Why.NA_EXCLUDED, "redistribute": Why.NA_REDISTRIBUTED
}  # fmt: skip


def _among(*whys: Why) -> Mask:
    """A table to look reasons up in: true for these."""
    return np.isin(np.arange(len(Why)), whys)


IS_EMPTY, IS_NA = _among(Why.UNMARKED, Why.ABSTAINED), _among(*NA.values())
IS_NOTHING = _among(Why.NA_ZERO, Why.NA_EXCLUDED, Why.NA_REDISTRIBUTED)


@dataclass(frozen=True)
class Matter:
    """Something still open (or worth knowing) about some units: `units` is a mask, `figures` are ticks by name.

    A matter that is `open` keeps the unit's result provisional.
    """

    id: str
    units: Mask
    code: str = ""
    open: bool = True
    figures: Mapping[str, Array] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Awarded:
    """Who stands within the range of an award, for each unit: `candidates` may be chosen; `chosen` stand among the first
    `at_most` for certain; `tied` are level across that end, so that somebody must decide between them."""

    award: Award
    candidates: Mask
    chosen: Mask
    tied: Mask

    def state(self, unit: int) -> Literal["", "chosen", "tied", "beyond"]:
        """How one unit stands: "" for one that cannot be chosen for this award."""
        if not self.candidates[unit]:
            return ""
        return "chosen" if self.chosen[unit] else "tied" if self.tied[unit] else "beyond"

    def said_of(self, unit: int) -> Message | None:
        """How one unit stands, in a sentence."""
        state, award = self.state(unit), self.award
        values = {"title": award.title, "low": award.at_least, "high": award.at_most}
        return message(f"award.{state}", **values) if state else None

    @property
    def outcome(self) -> Message:
        """The range, how many may be chosen, and how many are proposed or must be decided on, in a sentence."""
        award = self.award
        values = {"title": award.title, "low": award.at_least, "high": award.at_most, "count": self.count}
        if self.too_few:
            return message("award.outcome_too_few", **values)
        chosen, tied = (int(np.count_nonzero(mask)) for mask in (self.chosen, self.tied))
        return message("award.outcome", **values, chosen=chosen, tied=tied)

    @property
    def count(self) -> int:
        """How many may be chosen at all."""
        return int(np.count_nonzero(self.candidates))

    @property
    def left(self) -> int:
        """How many places there are for those who are tied."""
        return self.award.at_most - int(np.count_nonzero(self.chosen))

    @property
    def too_few(self) -> bool:
        """Whether there are fewer candidates than are to be chosen at least."""
        return self.count < self.award.at_least


@dataclass
class Figure:
    """One node's result, layers × units (headline, floor, ceiling): points in ticks, the maximum that applied, why.

    `marked`: somebody marked it, or a part of it; `known`: marked, derived from what is known, or not applicable.
    `excluded` cells leave every denominator; `redistributed` cells leave their maximum to their siblings.
    """

    points: Array
    top: Array | int
    why: Array
    marked: Mask
    known: Mask
    excluded: Mask | None = None
    redistributed: Mask | None = None

    @property
    def out(self) -> Mask | None:
        """The cells that are out of the sum of their group."""
        if self.excluded is None:
            return self.redistributed
        return self.excluded if self.redistributed is None else self.excluded | self.redistributed

    @property
    def told(self) -> Mask:
        """Where marks say how many points: not where it does not apply, and not where they could not be graded."""
        told: Mask = self.marked & (self.why != Why.UNGRADED)
        return told if self.out is None else told & ~self.out


def reaches(points: Array, top: Array | int, amount: Amount, places: int) -> Mask:
    """Which cells are at or above a threshold, given as points or as a share of the maximum."""
    if amount.is_share:
        return np.asarray(
            times(points, amount.number.denominator) >= times(top, amount.number.numerator), dtype=np.bool_
        )
    return np.asarray(points >= amount.number * 10**places, dtype=np.bool_)


def na_of(node: Node) -> Why:
    """How "not applicable" counts for a node; without a word of its own it leaves the denominator."""
    return NA[node.not_applicable.policy if node.not_applicable else "exclude_rescale"]
