"""From points to a decision: totals, conditions of recognition, stars. A star is a proof: every condition with its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

import numpy as np

from chamdiem.criteria.columns import Array, Mask, times
from chamdiem.criteria.conditions import Condition, Failed, Limit
from chamdiem.criteria.model import Gate, Revocation, StarBand
from chamdiem.criteria.scalars import Amount
from chamdiem.errors import Message, message
from chamdiem.points import divide
from chamdiem.scoring.figures import HEADLINE, Awarded, Figure, Matter, Why
from chamdiem.scoring.plan import Branch
from chamdiem.scoring.sheet import Sheet
from chamdiem.scoring.slots import Slot

NO_STARS = 0


@dataclass(frozen=True)
class Check:
    """One thing that had to hold: what was observed, what was needed, and where it holds (layers × units).

    `observed` is in ticks, or a plain number when `unit` is "count" or "fact". Needed is `bound` (same unit), or that
    share of `top` when there is one; `side` is at_least, above, at_most or below. A check with parts `inside` holds when
    `every` one, or at least one, of them does.
    """

    subject: Message
    met: Mask
    clause: str | None = None
    observed: Array | None = None
    bound: Fraction | None = None
    top: Array | int | None = None
    side: str = "at_least"
    unit: str = "ticks"
    code: str = ""
    inside: Callable[[], tuple[Check, ...]] = tuple
    every: bool = True
    denied: Mask | None = None

    @cached_property
    def parts(self) -> tuple[Check, ...]:
        """The checks that this one is made of, if any."""
        return self.inside()

    @property
    def refuted(self) -> Mask:
        """Where it is known not to hold: what nobody has confirmed yet neither holds nor is refuted."""
        return ~self.met if self.denied is None else self.denied

    def atoms(self) -> tuple[Check, ...]:
        """The checks inside that have a number of their own."""
        return tuple(atom for part in self.parts for atom in part.atoms()) if self.parts else (self,)

    def needed(self, layer: int, unit: int) -> Fraction | None:
        """What was needed of one unit, in the same unit as what was observed."""
        if self.bound is None or self.top is None:
            return self.bound
        top = self.top if isinstance(self.top, int) else np.broadcast_to(self.top, self.met.shape)[layer, unit]
        return self.bound * (top if isinstance(top, Fraction) else int(top))


@dataclass(frozen=True)
class Totals:
    """Base, bonus, penalties and total in ticks after the declared rounding, layers × units."""

    base: Array
    bonus: Array
    penalties: Array
    total: Array
    scored: Mask


BandCheck: TypeAlias = tuple[StarBand, Check, tuple[Check, ...]]


@dataclass
class Verdict:
    """The decision for every unit: gates, stars (0 none) by layer, and whether it is recognised."""

    totals: Totals
    gates: tuple[tuple[Gate, Check], ...]
    bands: tuple[BandCheck, ...]
    stars: Array
    stars_by_points: Array
    recognised: Array
    court: Court
    revocations: tuple[tuple[Revocation, Check], ...]
    quota_cut: Mask
    awards: tuple[Awarded, ...] = ()

    @cached_property
    def met_count(self) -> Array:
        """How many criteria of the base are met, layers × units."""
        return self.court.met_among([branch.code for branch in self.court.base_leaves()])


def total_of(sheet: Sheet) -> Totals:
    """Base plus bonus, not above the scale where the set says so, minus penalties, not below 0; then rounded."""
    criteria, plan = sheet.plan.criteria, sheet.plan
    figures = {name: sheet.figures[plan.branch(name).index].points for name, _ in criteria.pools}
    base = figures["base"]
    nothing = np.zeros(base.shape, dtype=np.int64)
    bonus, penalties = figures.get("bonus", nothing), figures.get("penalties", nothing)
    total = base + bonus
    if criteria.bonus is not None and criteria.bonus.within_scale:
        total = np.minimum(total, criteria.ticks(criteria.scale))
    total = np.maximum(total - penalties, 0)
    base, bonus, penalties, total = (_settled(sheet, ticks) for ticks in (base, bonus, penalties, total))
    return Totals(base, bonus, penalties, total, sheet.scored)


def _settled(sheet: Sheet, ticks: Array) -> Array:
    """Whole ticks: rounds what the set kept exact until the total."""
    if ticks.dtype != object:
        return ticks
    return np.asarray(divide(ticks, 1, sheet.plan.criteria.points.round)).astype(np.int64)


class Court:
    """Judges conditions on one sheet and its totals."""

    def __init__(self, sheet: Sheet, totals: Totals) -> None:
        self.sheet, self.totals, self.criteria = sheet, totals, sheet.plan.criteria
        self.shape = totals.total.shape
        self._gates: dict[str, Check] = {}
        self._facts: dict[str, tuple[Array, Mask]] = {}
        self._stacks: dict[tuple[int, ...], tuple[Array, list[int]] | None] = {}

    # facts ------------------------------------------------------------------------------------------------------

    def fact(self, name: str) -> tuple[Array, Mask]:
        """The value of a fact for each unit, the least favourable of what counted sources say, and where it is known."""
        if name not in self._facts:
            self._facts[name] = self._fact(next(slot for fact, slot in self.sheet.plan.facts if fact.id == name))
        return self._facts[name]

    def _fact(self, slot: Slot) -> tuple[Array, Mask]:
        """No rather than yes, and the later day rather than the earlier one: what differs is an open matter."""
        sheet = self.sheet
        cells = sheet.marks.cells[slot.index]
        stated = sheet.of_record(cells > 0, sheet.ordinary)
        known: Mask = np.logical_or.reduce(stated)
        values = slot.answers(cells)
        least = np.where(stated, values, np.iinfo(np.int64).max).min(axis=0, initial=np.iinfo(np.int64).max)
        most = np.where(stated, values, -1).max(axis=0, initial=-1)
        if (disputed := known & (least != most)).any():
            sheet.matters.append(Matter("matter.fact_disputed", disputed, slot.owner))
        return np.where(known, most if slot.input.type == "date" else least, -1), known

    # conditions -------------------------------------------------------------------------------------------------

    def judge(self, condition: Condition) -> Check:
        """What one condition finds, for every layer and unit."""
        form = condition.form
        value = getattr(condition, form)
        match form:
            case "total" | "base" | "bonus":
                check = self._limit(message(f"subject.{form}"), getattr(self.totals, form), self._top_of(form), value)
            case "node":
                branch = self.sheet.plan.branch(value.code)
                check = self._node(branch, value)
            case "each_group":
                check = self._each(self._groups(), value, self._node, "subject.each_group")
            case "each_leaf":
                check = self._each(self.base_leaves(), value, self._applied, "subject.each_leaf")
            case "required":
                check = self._all([self._met_leaf(code) for code in value], "subject.required")
            case "met":
                leaves = value.among or tuple(branch.code for branch in self.base_leaves())
                count = self.met_among(leaves)
                check = self._count(
                    message("subject.met", among=len(leaves)), count, "at_least", Fraction(value.at_least)
                )
            case "failed":
                check = self._failed(value)
            case "fact":
                check = self._fact_check(value)
            case "gate":
                check = self.gate(next(gate for gate in self.criteria.gates if gate.id == value))
            case "any":
                parts = tuple(self.judge(part) for part in value)
                met = np.logical_or.reduce([part.met for part in parts])
                refuted = np.logical_and.reduce([part.refuted for part in parts])
                check = Check(message("subject.any"), met, inside=lambda: parts, every=False, denied=refuted)
            case "not_":
                inner = self.judge(value)
                check = Check(message("subject.not", of=inner.subject), inner.refuted, denied=inner.met)
            case _:
                check = self._all([self.judge(part) for part in value], "subject.all")
        return self._named(check, condition)

    def _named(self, check: Check, condition: Condition) -> Check:
        """The check under the words and the clause that the condition gives it."""
        if condition.title is None and condition.clause is None:
            return check
        subject = message("word.text", text=condition.title) if condition.title else check.subject
        return replace(check, subject=subject, clause=condition.clause or check.clause)

    def gate(self, gate: Gate) -> Check:
        """What one gate finds; worked out once."""
        if gate.id not in self._gates:
            found = self.judge(gate.when)
            subject = message("word.text", text=gate.title)
            self._gates[gate.id] = replace(
                found, subject=subject, clause=gate.clause or found.clause, code=found.code or gate.id
            )
        return self._gates[gate.id]

    def _top_of(self, name: str) -> int:
        if name == "total":
            return self.criteria.ticks(self.criteria.scale)
        return self.sheet.plan.branch(name).top if name in dict(self.criteria.pools) else 0

    def _groups(self) -> list[Branch]:
        plan = self.sheet.plan
        return [plan.branches[child] for child in plan.branch("base").children]

    def base_leaves(self) -> list[Branch]:
        """The leaves of the base, in the order of the rubric."""
        base = self.sheet.plan.branch("base")
        return [branch for branch in self.sheet.plan.branches[base.index : base.last + 1] if branch.leaf >= 0]

    def _limit(
        self, subject: Message, observed: Array, top: Array | int, limit: Limit, branch: Branch | None = None
    ) -> Check:
        """Hold one figure against a limit; the figure of a node also passes where the node does not apply."""
        bound, is_share = self._bound(limit)
        of = top if is_share else None
        met = compared(observed, bound, of, limit.side)
        if branch is None or branch.node is None:
            return Check(subject, met, None, observed, bound, of, limit.side)
        out = self.sheet.figures[branch.index].out
        met = met if out is None else met | out
        return Check(subject, met, branch.node.clause, observed, bound, of, limit.side, code=branch.code)

    def _bound(self, limit: Limit) -> tuple[Fraction, bool]:
        """The number of a limit, in ticks, or as a share of the maximum."""
        amount: Amount = getattr(limit, limit.side)
        return (amount.number, True) if amount.is_share else (amount.number * 10**self.criteria.points.places, False)

    def _node(self, branch: Branch, limit: Limit) -> Check:
        figure = self.sheet.figures[branch.index]
        assert branch.node is not None
        subject = message("subject.node", code=branch.code, title=branch.node.title)
        return self._limit(subject, figure.points, figure.top, limit, branch)

    def _applied(self, branch: Branch, limit: Limit) -> Check:
        """A leaf held against a limit that is meant for those that count: one that was passed over cannot fail it."""
        check = self._node(branch, limit)
        return replace(check, met=check.met | self._passed_over(branch))

    def _each(
        self, branches: list[Branch], limit: Limit, judge: Callable[[Branch, Limit], Check], subject: str
    ) -> Check:
        """Every one of these nodes held against the same limit; each by itself only when somebody asks for it."""
        bound, is_share = self._bound(limit)
        reached = self._together(branches, bound, is_share, limit.side)
        if reached is None:
            return self._all([judge(branch, limit) for branch in branches], subject)
        return Check(
            message(subject),
            np.logical_and.reduce(reached),
            inside=lambda: tuple(judge(branch, limit) for branch in branches),
        )

    def _together(self, branches: Sequence[Branch], bound: Fraction, is_share: bool, side: str) -> Array | None:
        """Which of these nodes are on the right side of a bound, nodes × layers × units, all at once; None where one must
        be looked at by itself: its maximum differs by unit, it is kept exact, it may not apply, or may be passed over."""
        stacked = self._stacked(tuple(branch.index for branch in branches))
        if stacked is None:
            return None
        points, tops = stacked
        ends = [whole_bound(bound, top if is_share else 1, side) for top in tops]
        reached: Array = COMPARE[side](points, np.array(ends).reshape(-1, 1, 1))
        return reached

    def _stacked(self, nodes: tuple[int, ...]) -> tuple[Array, list[int]] | None:
        """The points of these nodes, one upon the other, and their maxima; None where `_together` cannot take them. Every
        band asks it of the same groups."""
        if nodes not in self._stacks:
            figures = [self.sheet.figures[index] for index in nodes]
            tops = [
                figure.top
                for figure in figures
                if isinstance(figure.top, int) and figure.out is None and figure.points.dtype != object
            ]
            alike = len(tops) == len(figures) and not self.sheet.plan.has_choice
            self._stacks[nodes] = (np.stack([figure.points for figure in figures]), tops) if alike else None
        return self._stacks[nodes]

    def _is_met(self, code: str) -> Mask:
        """Where a node is met: at or above the set's share of its maximum, or not applicable; not a case not chosen."""
        figure: Figure = self.sheet.figures[self.sheet.plan.branch(code).index]
        met = compared(figure.points, self.criteria.met_from, figure.top, "at_least")
        if self.sheet.plan.has_cases:
            met &= figure.why != Why.NOT_CHOSEN
        return met if figure.out is None else met | figure.out

    def _is_failed(self, code: str) -> Mask:
        """Where a node is not met, though it is not one that was passed over as a case or for the best n."""
        return ~self._is_met(code) & ~self._passed_over(self.sheet.plan.branch(code))

    def _passed_over(self, branch: Branch) -> Mask:
        why = self.sheet.figures[branch.index].why
        return np.isin(why, (Why.NOT_CHOSEN, Why.NOT_BEST))

    def met_among(self, leaves: Sequence[str]) -> Array:
        """How many of these leaves are met, layers × units."""
        branches = [self.sheet.plan.branch(code) for code in leaves]
        met = self._together(branches, self.criteria.met_from, True, "at_least")
        count = np.add.reduce([self._is_met(code) for code in leaves] if met is None else met, dtype=np.int64)
        return np.broadcast_to(count, self.shape)

    def _met_leaf(self, code: str) -> Check:
        branch = self.sheet.plan.branch(code)
        figure = self.sheet.figures[branch.index]
        assert branch.node is not None
        subject = message("subject.node", code=code, title=branch.node.title)
        return Check(
            subject,
            self._is_met(code),
            branch.node.clause,
            figure.points,
            self.criteria.met_from,
            figure.top,
            code=code,
        )

    def _count(self, subject: Message, count: Array, side: str, bound: Fraction, of: Array | None = None) -> Check:
        met = np.broadcast_to(compared(count, bound, of, side), self.shape)
        top = None if of is None else np.broadcast_to(of, self.shape)
        return Check(subject, met, None, np.broadcast_to(count, self.shape), bound, top, side, unit="count")

    def _failed(self, value: Failed) -> Check:
        """At most k failed, less than a share failed, none of the critical ones failed: whatever of these is written.

        What does not apply is met; a case that was not chosen is neither met nor failed, and in no share.
        """
        leaves = value.among or tuple(branch.code for branch in self.base_leaves())
        failed = np.add.reduce([self._is_failed(code) for code in leaves], dtype=np.int64)
        subject = message("subject.failed", among=len(leaves))
        parts: list[Check] = []
        if value.at_most is not None:
            parts.append(self._count(subject, failed, "at_most", Fraction(value.at_most)))
        if value.share_below is not None:
            judged = np.maximum(failed + self.met_among(leaves), 1)
            parts.append(self._count(subject, failed, "below", value.share_below.number, judged))
        for code in value.none_of:
            check = self._met_leaf(code)
            parts.append(replace(check, met=np.broadcast_to(~self._is_failed(code), self.shape)))
        return parts[0] if len(parts) == 1 else self._all(parts, "subject.all")

    def _fact_check(self, name: str) -> Check:
        fact = next(fact for fact in self.criteria.facts if fact.id == name)
        value, known = self.fact(name)
        unknown = ~known & self.totals.scored
        already = any(matter.id == "matter.fact_unknown" and matter.code == name for matter in self.sheet.matters)
        if unknown.any() and not already:
            self.sheet.matters.append(Matter("matter.fact_unknown", unknown, name))
        met = np.broadcast_to(known & (value == 1), self.shape)
        observed = np.broadcast_to(value, self.shape)
        subject = message("word.text", text=fact.title)
        return Check(subject, met, fact.clause, observed, unit="fact", code=name, denied=observed == 0)

    def _all(self, parts: Sequence[Check], subject: str) -> Check:
        met = np.broadcast_to(np.logical_and.reduce([part.met for part in parts]), self.shape)
        refuted = None
        if any(part.denied is not None for part in parts):
            refuted = np.logical_or.reduce([part.refuted for part in parts])
        return Check(message(subject), met, inside=lambda: tuple(parts), denied=refuted)


COMPARE = {"at_least": np.greater_equal, "above": np.greater, "at_most": np.less_equal, "below": np.less}


def whole_bound(bound: Fraction, top: int, side: str) -> int:
    """The whole number that stands for that share of `top` when whole numbers are held against it."""
    over, under = bound.numerator * top, bound.denominator
    return -(-over // under) if side in ("at_least", "below") else over // under


def compared(observed: Array, bound: Fraction, top: Array | int | None, side: str) -> Mask:
    """Which cells are on the right side of a bound, or of that share of `top`; exact, on whole numbers where it can be."""
    if (top is None or isinstance(top, int)) and observed.dtype != object:
        return np.asarray(COMPARE[side](observed, whole_bound(bound, 1 if top is None else top, side)))
    left = times(observed, bound.denominator)
    right = bound.numerator if top is None else times(top, bound.numerator)
    return np.asarray(COMPARE[side](left, right), dtype=np.bool_)


def decide(court: Court) -> Verdict:
    """Gates, star bands and revocation cases of every unit, on every layer."""
    sheet, totals, criteria = court.sheet, court.totals, court.criteria
    shape = totals.total.shape
    gates = tuple((gate, court.gate(gate)) for gate in criteria.gates if gate.enabled)
    passed = np.broadcast_to(totals.scored, shape).copy()
    for _, check in gates:
        passed &= check.met
    bands = tuple(_band(court, band) for band in sorted(_bands(sheet), key=lambda band: band.stars))
    by_points = np.zeros(shape, dtype=np.int64)
    for band, reached, _ in bands:
        by_points[reached.met] = band.stars
    stars = np.where(passed, awarded(sheet, bands, shape), NO_STARS)
    recognised = passed & (stars > 0) if bands else passed
    revocations = tuple((case, _of_scored(court, court.judge(case.when))) for case in criteria.revocation)
    return Verdict(
        totals, gates, bands, stars, by_points, recognised, court, revocations, np.zeros(sheet.units, dtype=np.bool_)
    )


def awarded(sheet: Sheet, bands: Sequence[BandCheck], shape: tuple[int, ...]) -> Array:
    """The class of these bands (from the lowest) that each unit's points reach and whose own conditions hold."""
    stars = np.zeros(shape, dtype=np.int64)
    for band, reached, conditions in bands:
        holds = reached.met.copy()
        for condition in conditions:
            holds = holds & condition.met
        stars = np.where(reached.met, np.where(holds, band.stars, _otherwise(sheet, stars)), stars)
    return stars


def _bands(sheet: Sheet) -> tuple[StarBand, ...]:
    return sheet.plan.criteria.stars.bands if sheet.plan.criteria.stars is not None else ()


def _otherwise(sheet: Sheet, lower: Array) -> Array:
    """What a unit gets whose points reach a band but whose conditions do not hold: the band below, or nothing."""
    stars = sheet.plan.criteria.stars
    assert stars is not None
    return lower if stars.when_condition_fails == "next_lower" else np.zeros_like(lower)


def _band(court: Court, band: StarBand) -> tuple[StarBand, Check, tuple[Check, ...]]:
    stars = court.criteria.stars
    assert stars is not None
    observed = getattr(court.totals, stars.on)
    reached = court._limit(message(f"subject.{stars.on}"), observed, court._top_of(stars.on), band.limit)
    reached = replace(reached, met=reached.met & court.totals.scored, clause=band.clause)
    return band, reached, tuple(court.judge(condition) for condition in band.conditions)


def _of_scored(court: Court, check: Check) -> Check:
    """A case for revocation only speaks of units that were marked."""
    return replace(check, met=check.met & court.totals.scored)


__all__ = ["HEADLINE", "Check", "Totals", "Verdict", "Why", "decide"]
