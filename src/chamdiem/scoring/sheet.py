"""From marks to points: every leaf and every group of every unit, exact, with the reason where something counts less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from functools import cached_property, reduce
from typing import Literal

import numpy as np

from chamdiem.criteria.columns import Array, Exact, Mask, constant, times, whole_numbers
from chamdiem.criteria.model import Node, Spread
from chamdiem.criteria.rules import Answers, Graded, Rule
from chamdiem.criteria.scalars import Amount
from chamdiem.errors import message
from chamdiem.points import Rounding, divide
from chamdiem.scoring import panel, proof
from chamdiem.scoring.answers import ABSTAINED, NOT_APPLICABLE
from chamdiem.scoring.marks import STAGES, Marks
from chamdiem.scoring.plan import Branch, Leaf, Level, Plan

HEADLINE, FLOOR, CEILING = range(3)
FINE = 10**6


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
    UNMARKED = 1
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
NA_CODES = tuple(NA.values())
EMPTY = (Why.UNMARKED, Why.ABSTAINED)


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
        told = self.marked & (self.why != Why.UNGRADED)
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


class Sheet:
    """The points of one set of marks: figures by branch index, open matters, and the judges' points behind each leaf."""

    def __init__(self, plan: Plan, marks: Marks, policy: Policy) -> None:
        self.plan, self.marks, self.policy = plan, marks, policy
        self.matters: list[Matter] = []
        self.units, self.sources = len(marks.units), len(marks.sources)
        self.evidence, self.repeated = ({}, {}) if policy.evidence == "ignore" else proof.standings(marks)
        self.layers = 3 if self.evidence else 1
        self.figures: dict[int, Figure] = {}
        self.before: dict[int, Array] = {}
        self._third_marked()
        for branch in plan.branches:
            self.figure(branch)
        self._unmarked()
        self._quorum()

    # who counts -------------------------------------------------------------------------------------------------

    @cached_property
    def ordinary(self) -> Mask:
        """Sources × units that count in the ordinary way: not removed, not the third marker, not recused."""
        return self._of_role(third=False)

    @cached_property
    def third_markers(self) -> Mask:
        """Sources × units of the third markers that count."""
        return self._of_role(third=True)

    def _counting(self, leaf: Leaf) -> Mask:
        """Sources × units whose marks decide a leaf: the third marker's where they are official, else the ordinary ones."""
        third = self.official_third.get(leaf.index)
        return self._meant(leaf, self.ordinary if third is None else np.where(third, self.third_markers, self.ordinary))

    def _meant(self, leaf: Leaf, counts: Mask) -> Mask:
        """The same without the units that the leaf is not meant for."""
        outside = self._outside(self.plan.branch(leaf.node.code))
        return counts if outside is None else counts & (outside == 0)

    def _outside(self, branch: Branch) -> Array | None:
        """How a leaf counts for the units it is not meant for (the outermost `only_for` decides), 0 for the others."""
        found = None
        for at in self.plan.upwards(branch):
            if at.node is not None and at.node.only_for:
                found = np.zeros(self.units, dtype=np.int8) if found is None else found
                meant = [bool({unit.kind, unit.category} & set(at.node.only_for)) for unit in self.marks.units]
                found[~np.array(meant, dtype=np.bool_)] = na_of(at.node)
        return found

    def _of_role(self, *, third: bool) -> Mask:
        judges = {judge.code: judge for judge in self.marks.judges}
        counts = np.zeros((self.sources, self.units), dtype=np.bool_)
        for at, source in enumerate(self.marks.sources):
            judge = judges.get(source.judge)
            is_third = judge is not None and judge.role == "third_marker"
            wanted = self.policy.stage is None or source.stage == self.policy.stage
            counts[at] = wanted and is_third == third and not (judge is not None and judge.removed)
        units = [unit.code for unit in self.marks.units] if self.marks.recused else []
        unit_at = {code: index for index, code in enumerate(units)}
        for unit, code in self.marks.recused:
            for source_at, source in enumerate(self.marks.sources):
                if source.judge == code and unit in unit_at:
                    counts[source_at, unit_at[unit]] = False
        return counts

    @cached_property
    def everybody(self) -> bool:
        """Whether every source counts for every unit and all are of one stage: the plain case."""
        one_stage = len({source.stage for source in self.marks.sources}) <= 1
        return bool(self.ordinary.all()) and one_stage and self.marks.states is None

    @cached_property
    def stage_rank(self) -> Array:
        """The rank of each source's stage, as a column."""
        ranks = [STAGES.index(source.stage) for source in self.marks.sources]
        return np.array(ranks, dtype=np.int64).reshape(-1, 1)

    # judges' points ---------------------------------------------------------------------------------------------

    def present(self, leaf: Leaf) -> Mask:
        """Sources × units that gave this leaf an answer."""
        cells = [self.marks.cells[slot.index] > 0 for slot in leaf.slots]
        if not cells:
            return np.ones((1, self.units), dtype=np.bool_)
        return np.logical_and.reduce(cells) if len(cells) > 1 else cells[0]

    def graded(self, leaf: Leaf, layer: int = HEADLINE) -> tuple[Exact, Mask, Mask | None, dict[str, Mask]]:
        """The points each source gives, exact, sources × units; who answered; what could not be graded, and by reason.

        A formula reads other nodes on the layer asked for. Each unit is graded by the rule of its category.
        """
        present = self.present(leaf)
        if leaf.table is not None:
            return Exact(leaf.table.take(self.marks.cells[leaf.slots[0].index], mode="clip")), present, None, {}
        answers = self._answers(leaf, present, layer)
        points, ungraded = Exact(np.zeros(present.shape, dtype=np.int64)), np.zeros(present.shape, dtype=np.bool_)
        reasons: dict[str, Mask] = {}
        for rule, mine in leaf.by_rule(self._categories):
            found = self._against_peers(leaf, rule, answers) if rule.needs_peers else rule.grade(answers, leaf.scale)
            here = np.broadcast_to(mine, present.shape)
            points = found.points if here.all() else found.points.where(here, points)
            if found.ungraded is not None:
                ungraded = ungraded | (found.ungraded & here)
                reasons[found.why] = reasons.get(found.why, False) | (found.ungraded & here)
        if self.plan.rounds_at("mark"):
            points = Exact(points.rounded(self.plan.criteria.points.round))
        return points, present, ungraded, reasons

    def _against_peers(self, leaf: Leaf, rule: Rule, answers: Answers) -> Graded:
        """Units compared: what counts of each unit's marks becomes one figure, as the panel does it, and that is graded.

        Every source is shown the unit's own points. Who counts depends on marks alone, not on evidence.
        """
        counted, _ = self._statements(leaf)
        figure, count = panel.combine(Exact(answers["value"]), counted, self.plan.criteria.panel)
        value = whole_numbers(figure)[np.newaxis]
        found = rule.grade(Answers({"value": value}, (count > 0)[np.newaxis], self.cohort), leaf.scale)
        shape = answers.present.shape
        over, under = np.broadcast_to(found.points.over, shape), np.broadcast_to(found.points.under, shape)
        ungraded = None if found.ungraded is None else np.broadcast_to(found.ungraded, shape)
        return Graded(Exact(over, under), ungraded, found.why)

    def _answers(self, leaf: Leaf, present: Mask, layer: int) -> Answers:
        """The answers to a leaf; where there is none, the lowest allowed one, so that arithmetic there stays harmless."""
        cells = {
            slot.input.name: np.where(present, slot.answers(self.marks.cells[slot.index]), slot.low)
            for slot in leaf.slots
        }
        nodes = {code: self._read_points(code, layer) for _, rule in leaf.rules for code in rule.references()}
        return Answers(cells, present, self.cohort, nodes)

    def _read_points(self, code: str, layer: int) -> Exact:
        """The points of another node in points, for a formula; what is unmarked, or does not apply, is 0 there."""
        points = self.figure(self.plan.branch(code)).points[layer]
        places = 10**self.plan.criteria.points.places
        if points.dtype == object:
            return Exact(points, 1) * Exact(np.array([1]), places)
        return Exact(points, places)

    @cached_property
    def _categories(self) -> list[str]:
        return [unit.category for unit in self.marks.units]

    @cached_property
    def cohort(self) -> Array:
        """The group in which each unit is ranked and compared with its peers, as a number."""
        within = self.plan.criteria.ranking.within
        if within == "all":
            return np.zeros(self.units, dtype=np.int64)
        names = [str(getattr(unit, within)) for unit in self.marks.units]
        known = {name: at for at, name in enumerate(sorted(set(names)))}
        return np.array([known[name] for name in names], dtype=np.int64)

    # spreads and the third marker -------------------------------------------------------------------------------

    def _third_marked(self) -> None:
        """Find differences over a limit, exactly; where a third marker's marks are official, remember for which leaves.

        Compared are the base criteria whose points a judge gives himself, not those that read other criteria or other
        units. A judge is one person over all stages. Limits that a third marker settles go before those discussed.
        """
        self.official_third: dict[int, Mask] = {}
        limits = sorted(self.plan.criteria.panel.max_spread, key=lambda limit: limit.then != "third_marker")
        if not limits or self.sources < 2:
            return
        base = self.plan.branch("base")
        own = [
            leaf
            for leaf in self.plan.leaves
            if self.plan.branch(leaf.node.code).index <= base.last
            and leaf.slots
            and not any(rule.needs_peers or rule.references() for _, rule in leaf.rules)
        ]
        given = [self._given(leaf) for leaf in own]
        for limit in limits:
            if limit.of == "leaf":
                for leaf, one in zip(own, given, strict=True):
                    self._over_limit(limit, [one], [leaf], leaf.node.code)
            elif own:
                worth = [constant(self.plan.worth(self.plan.branch(leaf.node.code))) for leaf in own]
                inside = [(points * one, mask) for one, (points, mask) in zip(worth, given, strict=True)]
                self._over_limit(limit, inside, own, "")

    def _given(self, leaf: Leaf) -> tuple[Exact, Mask]:
        """The points each source gives a leaf, exact, and where they are of record, by ordinary judges and gradable."""
        points, present, ungraded, _ = self.graded(leaf)
        inapplicable, _ = self._states(leaf)
        counted = present & self._of_record(present | inapplicable, self._meant(leaf, self.ordinary))
        return points, counted if ungraded is None else counted & ~ungraded

    def _apart(self, limit: Spread, given: list[tuple[Exact, Mask]], units: Array, fine: int | None) -> Array:
        """The largest difference between judges over these leaves, of some units: in ticks and exact, or in whole parts
        of a tick, `fine` to one, each mark cut off there."""
        judges = sorted({source.judge for source in self.marks.sources})
        rows = [[at for at, source in enumerate(self.marks.sources) if source.judge == judge] for judge in judges]
        sheets, masks = [], []
        for exact, counted in given:
            over, under = (
                np.broadcast_to(cells, counted.shape)[:, units] for cells in (exact.over, np.asarray(exact.under))
            )
            here, points = counted[:, units], Exact(over, exact.under if isinstance(exact.under, int) else under)
            cells = points.cells() if fine is None else (points * constant(fine)).floored().over
            sheets.append(np.stack([np.where(here[row], cells[row], 0).sum(axis=0) for row in rows]))
            masks.append(np.stack([here[row].any(axis=0) for row in rows]))
        return panel.spread_of(sheets, masks, limit)

    def _over_limit(self, limit: Spread, given: list[tuple[Exact, Mask]], leaves: list[Leaf], code: str) -> None:
        """Note the units whose judges differ by more than a limit over these leaves, and settle what is settled.

        A third marking settles a difference when the third marker stated something on every leaf that was compared.
        Units far from the limit are told from a millionth of a tick; those near it are worked out exactly.
        """
        allowed = self.plan.criteria.ticks(limit.points)
        apart = self._apart(limit, given, np.arange(self.units), FINE)
        over = np.asarray(apart > allowed * FINE, dtype=np.bool_)
        near = np.flatnonzero(np.abs(apart - allowed * FINE) <= 2 * len(given))
        if near.size:
            over[near] = self._apart(limit, given, near, None) > allowed
        if not over.any():
            return
        compared = [(leaf, mask.any(axis=0)) for leaf, (_, mask) in zip(leaves, given, strict=True)]
        if limit.then == "third_marker":
            resolved = over & np.logical_and.reduce([self._third_stated(leaf) | ~mask for leaf, mask in compared])
            for leaf in leaves if code else self.plan.leaves:
                official = resolved & self._third_stated(leaf)
                self.official_third[leaf.index] = self.official_third.get(leaf.index, False) | official
        else:
            nowhere = np.zeros(self.units, dtype=np.bool_)
            over &= ~np.logical_and.reduce(
                [self.official_third.get(leaf.index, nowhere) | ~mask for leaf, mask in compared]
            )
            resolved = nowhere
        spread = np.array([Fraction(one) / FINE for one in np.where(over, apart, 0).tolist()], dtype=object)
        figures = {"spread": spread, "limit": np.full(self.units, allowed)}
        between = {"between": message(f"spread.{limit.between}")}
        kind = "matter.spread_leaf" if code else "matter.spread_total"
        if (over & ~resolved).any():
            self.matters.append(Matter(f"{kind}_{limit.then}", over & ~resolved, code, True, figures, between))
        if resolved.any():
            self.matters.append(Matter(f"{kind}_resolved", resolved, code, False, figures, between))

    def _third_stated(self, leaf: Leaf) -> Mask:
        """The units for which a third marker answered a leaf, or said that it does not apply."""
        if not leaf.slots:
            return np.zeros(self.units, dtype=np.bool_)
        inapplicable, _ = self._states(leaf)
        stated = (self.present(leaf) | inapplicable) & self._meant(leaf, self.third_markers)
        return np.asarray(stated.any(axis=0), dtype=np.bool_)

    def _quorum(self) -> None:
        """Note units that too few members of the panel marked, or that were marked without the chair.

        A member takes part in a unit who marked or abstained on anything of it as judge or in council. Removed judges
        and third markers are no members; who is recused is none for that unit. Asked only of runs that read the panel.
        """
        quorum = self.plan.criteria.panel.quorum
        stages = {"judge", "council"} & {self.policy.stage or "judge", self.policy.stage or "council"}
        if quorum is None or not stages:
            return
        members = [judge for judge in self.marks.judges if judge.role != "third_marker" and not judge.removed]
        taking = np.zeros((len(members), self.units), dtype=np.bool_)
        for at, source in enumerate(self.marks.sources):
            for row, judge in enumerate(members):
                if source.judge == judge.code and source.stage in stages:
                    taking[row] |= self._took_part[at]
        unit_at = {unit.code: index for index, unit in enumerate(self.marks.units)}
        away = np.zeros((len(members), self.units), dtype=np.bool_)
        for row, judge in enumerate(members):
            for unit, code in self.marks.recused:
                if code == judge.code and unit in unit_at:
                    away[row, unit_at[unit]] = True
        taking &= ~away
        size, present = (~away).sum(axis=0), taking.sum(axis=0)
        needed = np.full(self.units, quorum.count or 0)
        if quorum.share is not None:
            needed = -(-size * quorum.share.numerator // quorum.share.denominator)
        figures = {"members": size, "present": present, "needed": needed}
        if (short := self.scored & (present < needed)).any():
            self.matters.append(Matter("matter.quorum", short, figures=figures))
        chairs = np.array([judge.role == "chair" for judge in members], dtype=np.bool_)
        if quorum.chair and (without := self.scored & ~taking[chairs].any(axis=0)).any():
            self.matters.append(Matter("matter.chair_absent", without))

    @cached_property
    def _took_part(self) -> Mask:
        """Sources × units that marked or abstained on anything."""
        took = np.zeros((self.sources, self.units), dtype=np.bool_)
        for leaf in self.plan.leaves:
            took |= self.present(leaf) if leaf.slots else False
        return took if self.marks.states is None else took | (self.marks.states > 0).any(axis=0)

    def _of_record(self, stated: Mask, counts: Mask) -> Mask:
        """The statements that are the record: of sources that count, at the last stage that stated anything."""
        stated = stated & counts
        ranks = self.stage_rank
        if ranks.size and ranks.min() != ranks.max():
            last = np.where(stated, ranks, -1).max(axis=0)
            stated = stated & (ranks == last)
        return stated

    # leaves -----------------------------------------------------------------------------------------------------

    def counted_marks(self, leaf: Leaf, unit: int) -> Mask:
        """Which sources' marks are the ones that count for this leaf of this unit."""
        if not leaf.slots or not self.sources:
            return np.zeros(self.sources, dtype=np.bool_)
        if self._is_plain(leaf):
            return np.asarray(self.marks.cells[leaf.slots[0].index][:, unit] > 0)
        inapplicable, _ = self._states(leaf)
        here = np.s_[:, unit : unit + 1]
        return self._of_record((self.present(leaf) | inapplicable)[here], self._counting(leaf)[here])[:, 0]

    def _is_plain(self, leaf: Leaf) -> bool:
        """Whether every mark of this leaf counts and its table alone says what each is worth."""
        return (
            self.everybody and not self.official_third and self.plan.branch(leaf.node.code).index not in self.plan.bound
        )

    def _statements(self, leaf: Leaf) -> tuple[Mask, Mask]:
        """Of record, sources × units: whose answers count, and who says that the leaf does not apply."""
        present, (inapplicable, _) = self.present(leaf), self._states(leaf)
        stated = self._of_record(present | inapplicable, self._counting(leaf))
        return present & stated, inapplicable & stated

    def _marked_leaf(self, branch: Branch, layer: int = HEADLINE) -> tuple[Array, Mask, Array]:
        """Points of one leaf from the marks alone: ticks, which units are marked, and why (units).

        An answer that cannot be graded is an open matter and counts as little as a missing one; only where no answer
        can be graded are there no points. "Not applicable" beside answers is an open matter; the answers count.
        """
        leaf = self.plan.leaves[branch.leaf]
        if self._is_plain(leaf):
            return self._plain_leaf(leaf)
        if not leaf.slots:
            return self._derived_leaf(leaf, layer)
        points, _, ungraded, reasons = self.graded(leaf, layer)
        counted, inapplicable = self._statements(leaf)
        abstained = self._states(leaf)[1] & self._counting(leaf)
        given, waived = counted.any(axis=0), inapplicable.any(axis=0)
        if layer == HEADLINE:
            self._note("matter.applicability_disputed", given & waived, leaf)
            for reason, mask in reasons.items():
                self._note(reason, (mask & counted).any(axis=0), leaf)
        figure, count = panel.combine(
            points, counted if ungraded is None else counted & ~ungraded, self.plan.criteria.panel
        )
        why = np.select(
            [count > 0, given, waived, abstained.any(axis=0)],
            [Why.COUNTED, Why.UNGRADED, na_of(leaf.node), Why.ABSTAINED],
            Why.UNMARKED,
        )
        return self.settle(figure, "leaf"), given | waived, why.astype(np.int8)

    def _note(self, matter: str, units: Mask, leaf: Leaf) -> None:
        """Note an open matter about a leaf of some units, if there are any."""
        if units.any():
            self.matters.append(Matter(matter, units, leaf.node.code))

    def _derived_leaf(self, leaf: Leaf, layer: int) -> tuple[Array, Mask, Array]:
        """A leaf that asks nothing of anybody: a formula over other nodes, known where all of those are.

        It counts as marked where any of those is; a formula that reads nothing is known and never marked.
        """
        points, _, ungraded, reasons = self.graded(leaf, layer)
        known, marked = np.ones(self.units, dtype=np.bool_), np.zeros(self.units, dtype=np.bool_)
        for rule, mine in leaf.by_rule(self._categories):
            for code in rule.references():
                figure = self.figure(self.plan.branch(code))
                known &= ~mine | np.broadcast_to(figure.known, (self.layers, self.units))[layer]
                marked |= mine & figure.marked
        bad = known & (ungraded[0] if ungraded is not None else False)
        if layer == HEADLINE:
            for reason, mask in reasons.items():
                self._note(reason, mask[0] & known, leaf)
        row = Exact(points.over[0], points.under if isinstance(points.under, int) else points.under[0])
        why = np.select([~known, bad], [Why.UNMARKED, Why.UNGRADED], Why.COUNTED).astype(np.int8)
        return np.where(why == Why.COUNTED, self.settle(row, "leaf"), 0), marked, why

    def _plain_leaf(self, leaf: Leaf) -> tuple[Array, Mask, Array]:
        """The same for the plain case, where every mark counts and is worth what the leaf's table says."""
        row = self._plain_rows[leaf.index]
        ticks, count, all_marked = (found[row] for found in self._plain_figures)
        if all_marked:
            return ticks, self._all_marked, self._all_counted
        return ticks, count > 0, (count == 0).astype(np.int8)

    @cached_property
    def _plain_rows(self) -> dict[int, int]:
        """The leaves that have a table of points, by index, each with its row among them."""
        tables = [leaf.index for leaf in self.plan.leaves if leaf.table is not None]
        return {index: row for row, index in enumerate(tables)}

    @cached_property
    def _plain_figures(self) -> tuple[Array, Array, Mask]:
        """Of all those leaves at once: ticks and how many marks, leaves × units; and which leaves all units have."""
        leaves = [self.plan.leaves[index] for index in self._plain_rows]
        cells = [self.marks.cells[leaf.slots[0].index] for leaf in leaves]
        tables = [leaf.table for leaf in leaves if leaf.table is not None]
        figures, count = panel.of_tables(tables, cells, self.plan.criteria.panel)
        all_marked = np.asarray(count.min(axis=1, initial=1) > 0)
        rounding = self.plan.criteria.points.round
        if not self.plan.rounds_at("leaf"):
            return figures.cells(), count, all_marked
        if rounding is Rounding.HALF_AWAY_FROM_ZERO and figures.over.min(initial=0) >= 0:
            rounding = Rounding.HALF_UP  # the same where nothing is below zero, and quicker
        return divide(figures.over, figures.under, rounding).astype(np.int64), count, all_marked

    @cached_property
    def _all_marked(self) -> Mask:
        return np.ones(self.units, dtype=np.bool_)

    @cached_property
    def _all_counted(self) -> Array:
        return np.zeros(self.units, dtype=np.int8)

    def _states(self, leaf: Leaf) -> tuple[Mask, Mask]:
        if self.marks.states is None:
            nobody = np.zeros((self.sources, self.units), dtype=np.bool_)
            return nobody, nobody
        states = self.marks.states[leaf.index]
        return states == NOT_APPLICABLE.value, states == ABSTAINED.value

    def settle(self, exact: Exact, level: Level) -> Array:
        """Round when the set rounds at this level; otherwise keep exact numbers."""
        return exact.rounded(self.plan.criteria.points.round) if self.plan.rounds_at(level) else exact.cells()

    def _leaf_figure(self, branch: Branch) -> Figure:
        leaf, top = self.plan.leaves[branch.leaf], self.plan.leaves[branch.leaf].scale.top
        ticks, marked, why = self._marked_leaf(branch)
        self.before[branch.index] = ticks
        if self.everybody and self.layers == 1 and branch.index not in self.plan.bound:
            return Figure(ticks[np.newaxis], top, why[np.newaxis], marked, marked)
        found = [(ticks, marked, why)] * self.layers
        if any(rule.references() for _, rule in leaf.rules):
            found = [(ticks, marked, why), *(self._marked_leaf(branch, layer) for layer in range(1, self.layers))]
        points, whys = np.stack([one[0] for one in found]), np.stack([one[2] for one in found])
        self._apply_evidence(leaf, points, whys)
        self._apply_dependence(branch, points, whys)
        outside = self._outside(branch)
        if outside is not None:
            whys = np.where(outside > 0, outside, whys)
        points[whys == Why.NA_FULL] = top
        points[np.isin(whys, (Why.NA_ZERO, Why.NA_EXCLUDED, Why.NA_REDISTRIBUTED))] = 0
        known = ~np.isin(whys, EMPTY)
        excluded, redistributed = whys == Why.NA_EXCLUDED, whys == Why.NA_REDISTRIBUTED
        return Figure(
            points,
            top,
            whys,
            marked,
            known,
            excluded if excluded.any() else None,
            redistributed if redistributed.any() else None,
        )

    def _apply_evidence(self, leaf: Leaf, points: Array, whys: Array) -> None:
        """What an unproven mark counts: headline as the set declares, floor only accepted, ceiling all that is pending.

        Without any document a mark counts only where `unproven` is "counts"; rejected evidence never does. Only marks
        above 0 need evidence. Of a penalty, floor and ceiling are the other way round: what it may still cost.
        """
        stands = self.evidence.get(leaf.node.code)
        if stands is None:
            return
        unproven = self.plan.criteria.need_of(leaf.node).unproven
        earns = (whys == Why.COUNTED) & np.asarray(points > 0, dtype=np.bool_)
        pending, none, rejected = (stands == kind for kind in (proof.PENDING, proof.NONE, proof.REJECTED))
        again = none & self._repeated(leaf)
        self._note("matter.evidence_pending", pending & earns[HEADLINE], leaf)
        for matter, units in (("missing", none & ~again), ("repeated", again)):
            if (units & earns[HEADLINE]).any():
                self.matters.append(
                    Matter(f"matter.evidence_{matter}", units & earns[HEADLINE], leaf.node.code, open=False)
                )
        missing = none & (unproven != "counts")
        worst, best = (CEILING, FLOOR) if self.plan.is_penalty(leaf) else (FLOOR, CEILING)
        lost = np.zeros(points.shape, dtype=np.bool_)
        lost[HEADLINE] = rejected | missing | (pending & (unproven == "zero"))
        lost[best], lost[worst] = rejected | missing, rejected | none | pending
        reason = np.select(
            [rejected, pending, again],
            [Why.EVIDENCE_REJECTED, Why.EVIDENCE_PENDING, Why.EVIDENCE_REPEATED],
            Why.EVIDENCE_MISSING,
        )
        whys[...] = np.where(lost & earns, reason, whys)
        points[lost & earns] = 0

    def _repeated(self, leaf: Leaf) -> Mask:
        """The units of which a document behind this leaf counts for an earlier leaf already."""
        units = {item.unit for item in self.repeated.get(leaf.node.code, ())}
        return np.array([unit.code in units for unit in self.marks.units], dtype=np.bool_)

    def _apply_dependence(self, branch: Branch, points: Array, whys: Array) -> None:
        """What becomes of a leaf whose own or whose group's condition is not met, or that stands after a stop.

        From the inside out: the outermost condition that fails decides. Where the node it depends on does not apply,
        the leaf does not either. Only a node that was marked, applies and could be graded stops the marking; after a
        stop nothing counts, whatever else is said of it.
        """
        places = self.plan.criteria.points.places
        for at in self.plan.upwards(branch):
            if at.node is not None and at.node.depends_on is not None:
                needs, other = at.node.depends_on, self.figure(self.plan.branch(at.node.depends_on.code))
                unmet = ~reaches(other.points, other.top, needs.at_least, places)
                whys[unmet], points[unmet] = Why.DEPENDS_UNMET if needs.otherwise == "zero" else na_of(at.node), 0
                if other.out is not None:
                    whys[other.out], points[other.out] = na_of(at.node), 0
        for stopper in self.plan.stoppers_before(branch):
            assert stopper.node is not None
            assert stopper.node.stop_if is not None
            figure = self.figure(stopper)
            stopped = figure.told & ~reaches(figure.points, figure.top, stopper.node.stop_if.below, places)
            whys[stopped], points[stopped] = Why.STOPPED, 0

    @cached_property
    def scored(self) -> Mask:
        """The units that have a result: something of the base is marked, and something of it applies."""
        base = self.figures[self.plan.branch("base").index]
        return base.marked if base.out is None else base.marked & ~base.out[HEADLINE]

    def _unmarked(self) -> None:
        """Note leaves of the base that nobody marked; a unit without any base mark is noted once, as a whole."""
        base, scored = self.plan.branch("base"), self.scored
        if not scored.all():
            self.matters.append(Matter("matter.no_marks", ~scored))
        for branch in self.plan.branches[base.index : base.last + 1]:
            figure = self.figures[branch.index]
            if branch.leaf >= 0 and figure.marked is not self._all_marked:
                open_leaf = np.isin(figure.why[HEADLINE], EMPTY) & scored
                if open_leaf.any():
                    self.matters.append(Matter("matter.unmarked", open_leaf, branch.code))

    # groups -----------------------------------------------------------------------------------------------------

    def figure(self, branch: Branch) -> Figure:
        """The figure of a node, worked out once; what it depends on is worked out first."""
        if branch.index not in self.figures:
            self.figures[branch.index] = self._leaf_figure(branch) if branch.leaf >= 0 else self._group_figure(branch)
        return self.figures[branch.index]

    def _group_figure(self, branch: Branch) -> Figure:
        """A group of which nothing applies does not apply itself: it leaves the denominator of the group around it, or
        leaves its maximum to its siblings where its own policy is "redistribute"."""
        kids = [(self.plan.branches[child], self.figure(self.plan.branches[child])) for child in branch.children]
        marked = np.logical_or.reduce([kid.marked for _, kid in kids])
        known = (
            marked
            if all(kid.known is kid.marked for _, kid in kids)
            else reduce(np.logical_or, [kid.known for _, kid in kids])
        )
        points, top = self._made(branch, kids)
        why = np.broadcast_to(np.where(known, Why.COUNTED, Why.UNMARKED).astype(np.int8), (self.layers, self.units))
        figure = Figure(points, top, why, marked, known)
        outs = [kid.out for _, kid in kids if kid.out is not None]
        if len(outs) == len(kids) and (out := np.logical_and.reduce(outs)).any():
            policy = branch.node.not_applicable.policy if branch.node is not None and branch.node.not_applicable else ""
            if policy == "redistribute":
                figure.redistributed, figure.why = out, np.where(out, Why.NA_REDISTRIBUTED, why)
            else:
                figure.excluded, figure.why = out, np.where(out, Why.NA_EXCLUDED, why)
        return figure

    def _made(self, branch: Branch, kids: list[tuple[Branch, Figure]]) -> tuple[Array, Array | int]:
        """Points and maximum of a group: what is taken of its parts, weighed, scaled, rounded, then capped.

        The maxima of parts that are excluded leave the group's, and the base is rescaled to what it was; those that are
        redistributed stay, and the other parts count for more. Scaled groups always keep their maximum.
        """
        capped, scaled = self.plan.shape(branch)
        combine = "sum" if branch.node is None else branch.node.combine
        if combine == "sum" and all(
            kid.out is None and isinstance(kid.top, int) and child.weight == 1 for child, kid in kids
        ):
            total = Exact(np.add.reduce([kid.points for _, kid in kids]))
            points = self.settle(_scaled(total.over, branch.top, self.plan.reach(branch)) if scaled else total, "group")
            return (np.minimum(points, branch.top) if capped else points), branch.top
        parts = [self._weighed(child, kid) for child, kid in kids]
        taken = [~part.out for part in parts] if combine == "sum" else self._taken(branch, kids, parts)
        n = len(kids) if combine == "sum" else branch.node.best or 1 if branch.node is not None else 1
        inside = sum(np.where(take & ~part.out, part.points, 0) for take, part in zip(taken, parts, strict=True))
        keeps, counts = (
            most([np.where(leaves, 0, part.top) for leaves, part in zip(gone, parts, strict=True)], n)
            for gone in ([part.excluded for part in parts], [part.out for part in parts])
        )
        goal = branch.top if scaled else (self.plan.reach(branch) if branch.code == "base" else keeps)
        points = self.settle(_scaled(inside, goal, np.where(counts > 0, counts, 1)), "group")
        if capped:
            points = np.minimum(points, branch.top)
        if scaled or branch.code == "base":
            return points, branch.top
        return points, np.minimum(keeps, branch.top) if capped else keeps

    def _weighed(self, child: Branch, kid: Figure) -> Part:
        """A part of a group with its weight, on all layers."""
        shape = (self.layers, self.units)
        weight = child.weight.numerator if child.weight.denominator == 1 else child.weight
        nothing = np.zeros(shape, dtype=np.bool_)
        return Part(
            kid.points * weight,
            np.broadcast_to(np.asarray(kid.top) * weight, shape),
            nothing if kid.excluded is None else kid.excluded,
            nothing if kid.out is None else kid.out,
        )

    def _taken(self, branch: Branch, kids: list[tuple[Branch, Figure]], parts: list[Part]) -> list[Mask]:
        """Which parts count in a group of cases, or of which the n best count; the others are told why they do not.

        Of cases the one that was marked counts; of several marked (an open matter) the best. Of the n best, parts that
        are known go before those that are not: what nobody marked is not 0. Equal parts stand in the order of the rubric.
        """
        node = branch.node
        assert node is not None
        choose = node.combine == "choose_one"
        answered = [kid.marked & kid.known & ~np.isin(kid.why, NA_CODES) for _, kid in kids]
        first = answered if choose else [kid.known & ~part.out for (_, kid), part in zip(kids, parts, strict=True)]
        if choose:
            several = np.add.reduce([one[HEADLINE].astype(np.int64) for one in answered]) > 1
            if several.any():
                self.matters.append(Matter("matter.several_chosen", several, branch.code))
        taken = [ahead(at, first, parts) < (1 if choose else node.best or 1) for at in range(len(kids))]
        chosen = reduce(np.logical_or, answered)
        reason = Why.NOT_CHOSEN if choose else Why.NOT_BEST
        for (child, _), take in zip(kids, taken, strict=True):
            for inner in self.plan.branches[child.index : child.last + 1]:
                figure = self.figures[inner.index]
                passed = ~take & ((figure.why == Why.COUNTED) | (np.isin(figure.why, EMPTY) & chosen & choose))
                figure.why = np.where(passed, reason, figure.why) if passed.any() else figure.why
        return taken


@dataclass(frozen=True)
class Part:
    """A part of a group on all layers: weighted points and maximum, where it is excluded, where it is out in any way."""

    points: Array
    top: Array
    excluded: Mask
    out: Mask


def most(tops: list[Array], n: int) -> Array:
    """The sum of the n largest of each cell."""
    if n >= len(tops):
        return np.add.reduce(tops)
    return np.add.reduce(np.sort(np.stack(tops), axis=0)[len(tops) - n :])


def ahead(at: int, first: list[Mask], parts: list[Part]) -> Array:
    """How many parts stand before this one: those that go first, then those with more points, then in order."""
    count = np.zeros(parts[at].points.shape, dtype=np.int64)
    for other, part in enumerate(parts):
        more = np.asarray(part.points > parts[at].points, dtype=np.bool_)
        level = np.asarray(part.points == parts[at].points, dtype=np.bool_) & (other < at)
        count += (first[other] & ~first[at]) | ((first[other] == first[at]) & (more | level))
    return count


def _scaled(points: Array, goal: Array | int | Fraction, whole: Array | int | Fraction) -> Exact:
    """points × goal / whole as an exact column, for whole numbers, Fractions and weights alike."""
    if isinstance(goal, Fraction):
        goal, whole = goal.numerator, whole * goal.denominator
    product = times(points, goal)
    return Exact(product, whole if isinstance(whole, int) else np.broadcast_to(np.asarray(whole), product.shape))
