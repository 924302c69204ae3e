"""The way to the next star: which conditions fail, by how much, and which criteria still have the points for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from chamdiem.criteria.columns import Mask
from chamdiem.errors import Message
from chamdiem.insight.supposed import Supposed
from chamdiem.scoring.figures import HEADLINE, IS_NA, Why
from chamdiem.scoring.plan import Branch
from chamdiem.scoring.result import Result
from chamdiem.scoring.verdict import Check, Verdict

State = Literal["unmarked", "highest", "quota", "reachable", "blocked"]
"""Nobody marked the unit; it has the highest class; the class is full; points can be enough; they can not."""


@dataclass(frozen=True)
class Lack:
    """A condition that fails now. Figures are points or counts, as `unit` says; `short` is needed less observed. A fact
    that was denied has 0 observed, one that nobody has confirmed nothing.

    `hopeless`: it would fail even with full marks everywhere. `either`: it is one of several of which any is enough.
    `sources` are the criteria that by themselves bring the figure nearer.
    """

    gate: str
    subject: Message
    clause: str
    observed: Fraction | None
    needed: Fraction | None
    side: str
    unit: str
    hopeless: bool
    either: bool
    sources: tuple[str, ...]

    @property
    def short(self) -> Fraction | None:
        """By how much it falls short; none for what has no number."""
        return None if self.observed is None or self.needed is None else abs(self.needed - self.observed)


@dataclass(frozen=True)
class Source:
    """A criterion with points left, in points: what it has, its maximum, what the total gains if it alone were full."""

    code: str
    title: str
    points: Fraction
    maximum: Fraction
    gives: Fraction
    why: Why

    @property
    def left(self) -> Fraction:
        """What it still may earn."""
        return self.maximum - self.points


@dataclass(frozen=True)
class Route:
    """The way of one unit to class `stars` (0: to recognition, in a set without classes), from `now` and `total`.

    `sources` stand by what they give, the most first; `best` is the total with all of them at their maximum.
    """

    stars: int
    state: State
    now: int
    total: Fraction
    best: Fraction
    lacks: tuple[Lack, ...]
    sources: tuple[Source, ...]


def route(result: Result, unit: str) -> Route:
    """The way of this unit (by code) to the next class, exact, as the engine reckons; raises KeyError."""
    at = result.unit_at(unit)
    leaves = list(_open_leaves(result, at))
    verdict = Supposed(result, at, _raised(result, leaves)).verdict()
    now, goal = int(result.verdict.stars[HEADLINE, at]), _goal(result, at)
    totals = verdict.totals.total[HEADLINE]
    lacks = () if goal is None else tuple(_lacks(result, verdict, goal, leaves))
    sources = [
        _source(result, at, leaf, int(gain)) for leaf, gain in zip(leaves, totals[1:-1] - totals[0], strict=True)
    ]
    sources.sort(key=lambda source: (-source.gives, -source.left))
    state = _state(result, at, goal, lacks, bool(goal is not None and _holds(verdict, goal)))
    return Route(
        goal or 0, state, now, result.points(totals[0]), result.points(totals[-1]), lacks,
        tuple(sources) if state in ("reachable", "blocked") else (),
    )  # fmt: skip


def _open_leaves(result: Result, at: int) -> Iterator[Branch]:
    """The criteria of base and bonus that somebody marks, that apply, and that have points left."""
    for name in ("base", "bonus"):
        if name not in dict(result.criteria.pools):
            continue
        pool = result.plan.branch(name)
        for branch in result.plan.branches[pool.index : pool.last + 1]:
            if branch.leaf < 0 or not result.plan.leaves[branch.leaf].slots:
                continue
            figure = result.figure(branch)
            why = Why(figure.why[HEADLINE, at])
            if not IS_NA[why] and why != Why.NOT_CHOSEN and figure.points[HEADLINE, at] < branch.top:
                yield branch


def _raised(result: Result, leaves: list[Branch]) -> Mask:
    """Leaves × cases: as it is, each of these alone, all of them."""
    raised = np.zeros((len(result.plan.leaves), len(leaves) + 2), dtype=np.bool_)
    for case, branch in enumerate(leaves, 1):
        raised[branch.leaf, [case, -1]] = True
    return raised


def _goal(result: Result, at: int) -> int | None:
    """The class the unit has to reach next; None when it has the highest.

    Where a failed condition costs everything, the class whose points it has comes before any other.
    """
    verdict, stars = result.verdict, result.criteria.stars
    now, by_points = (int(cells[HEADLINE, at]) for cells in (verdict.stars, verdict.stars_by_points))
    if stars is None:
        return None if verdict.recognised[HEADLINE, at] else 0
    if stars.when_condition_fails == "not_recognised" and by_points > now:
        return by_points
    return min((band.stars for band in stars.bands if band.stars > now), default=None)


def _checks(verdict: Verdict, goal: int) -> Iterator[tuple[str, Check, str]]:
    """What has to hold for a class: the gates, its points, its own conditions; with the gate and the clause."""
    for gate, check in verdict.gates:
        yield gate.id, check, gate.clause or ""
    for band, reached, conditions in verdict.bands:
        if band.stars == goal:
            yield from (("", check, band.clause or "") for check in (reached, *conditions))


def _holds(verdict: Verdict, goal: int) -> bool:
    """Whether everything holds in the last case."""
    return all(check.met[HEADLINE, -1] for _, check, _ in _checks(verdict, goal))


def _lacks(result: Result, verdict: Verdict, goal: int, leaves: list[Branch]) -> Iterator[Lack]:
    for gate, check, clause in _checks(verdict, goal):
        for atom, either in _failing(check, either=False):
            yield _lack(result, gate, atom, clause, leaves, either=either, hopeless=not check.met[HEADLINE, -1])


def _failing(check: Check, *, either: bool) -> Iterator[tuple[Check, bool]]:
    """What makes a check fail in the first case, and whether it is one of several of which any would do."""
    if check.met[HEADLINE, 0]:
        return
    if not check.parts:
        yield check, either
    for part in check.parts:
        yield from _failing(part, either=either or not check.every)


def _lack(
    result: Result, gate: str, check: Check, clause: str, leaves: list[Branch], *, either: bool, hopeless: bool
) -> Lack:
    under = 10**result.places if check.unit == "ticks" else 1
    observed = needed = None
    sources: tuple[str, ...] = ()
    if check.observed is not None and check.unit != "fact":
        cells, bound = check.observed[HEADLINE], check.needed(HEADLINE, 0)
        observed, needed = _exact(cells[0]) / under, None if bound is None else bound / under
        up = check.side in ("at_least", "above")
        nearer = [cell > cells[0] if up else cell < cells[0] for cell in cells[1:-1]]
        sources = tuple(branch.code for branch, helps in zip(leaves, nearer, strict=True) if helps)
    elif check.observed is not None and check.observed[HEADLINE, 0] >= 0:
        observed = Fraction(0)
    hopeless = hopeless and not check.met[HEADLINE, -1]
    return Lack(
        gate, check.subject, check.clause or clause, observed, needed, check.side, check.unit, hopeless, either, sources
    )


def _exact(cell: Any) -> Fraction:
    """A cell of a column of whole numbers or of Fractions."""
    return cell if isinstance(cell, Fraction) else Fraction(int(cell))


def _source(result: Result, at: int, branch: Branch, gain: int) -> Source:
    assert branch.node is not None
    figure = result.figure(branch)
    points = _exact(figure.points[HEADLINE, at]) / 10**result.places
    maximum = Fraction(branch.top, 10**result.places)
    why = Why(figure.why[HEADLINE, at])
    return Source(branch.code, branch.node.title, points, maximum, result.points(gain), why)


def _state(result: Result, at: int, goal: int | None, lacks: tuple[Lack, ...], holds: bool) -> State:
    if not result.verdict.totals.scored[at]:
        return "unmarked"
    if goal is None:
        return "highest"
    if not lacks:
        return "quota"
    return "reachable" if holds else "blocked"
