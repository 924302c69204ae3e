"""From marks to points: every leaf and every group of every unit, exact, with the reason where something counts less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np

from chamdiem.criteria.columns import Array, Exact, Mask, peak, times
from chamdiem.criteria.model import Node, Spread
from chamdiem.criteria.rules import Answers
from chamdiem.criteria.scalars import Amount
from chamdiem.errors import message
from chamdiem.points import divide
from chamdiem.scoring import panel, proof
from chamdiem.scoring.answers import ABSTAINED, NOT_APPLICABLE
from chamdiem.scoring.marks import STAGES, Marks
from chamdiem.scoring.plan import Branch, Leaf, Level, Plan

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

    `excluded` cells leave every denominator; `redistributed` cells leave their maximum to their siblings.
    """

    points: Array
    top: Array | int
    why: Array
    marked: Mask
    excluded: Mask | None = None
    redistributed: Mask | None = None

    @property
    def out(self) -> Mask | None:
        """The cells that are out of the sum of their group."""
        if self.excluded is None:
            return self.redistributed
        return self.excluded if self.redistributed is None else self.excluded | self.redistributed


def reaches(points: Array, top: Array | int, amount: Amount, places: int) -> Mask:
    """Which cells are at or above a threshold, given as points or as a share of the maximum."""
    if amount.is_share:
        return np.asarray(
            times(points, amount.number.denominator) >= times(top, amount.number.numerator), dtype=np.bool_
        )
    return np.asarray(points >= amount.number * 10**places, dtype=np.bool_)


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

    def _of_role(self, *, third: bool) -> Mask:
        judges = {judge.code: judge for judge in self.marks.judges}
        counts = np.zeros((self.sources, self.units), dtype=np.bool_)
        for at, source in enumerate(self.marks.sources):
            judge = judges.get(source.judge)
            is_third = judge is not None and judge.role == "third_marker"
            wanted = self.policy.stage is None or source.stage == self.policy.stage
            counts[at] = wanted and is_third == third and not (judge is not None and judge.removed)
        unit_at = {unit.code: index for index, unit in enumerate(self.marks.units)}
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

    def graded(self, leaf: Leaf) -> tuple[Exact, Mask, Mask | None, str]:
        """The points each source gives, exact, sources × units; who answered; what could not be graded, and why."""
        present = self.present(leaf)
        if leaf.table is not None:
            return Exact(leaf.table.take(self.marks.cells[leaf.slots[0].index], mode="clip")), present, None, ""
        answers = Answers(
            {slot.input.name: slot.answers(self.marks.cells[slot.index]) for slot in leaf.slots},
            present,
            self.cohort,
            {code: self._read_points(code) for _, rule in leaf.rules for code in rule.references()},
        )
        graded = leaf.rule.grade(self._safe(answers), leaf.scale)
        points, ungraded = graded.points, graded.ungraded
        for category, rule in leaf.rules[1:]:
            mine = self._category == category
            if mine.any():
                other = rule.grade(self._safe(answers), leaf.scale)
                points = other.points.where(np.broadcast_to(mine, present.shape), points)
                if other.ungraded is not None:
                    ungraded = np.where(mine, other.ungraded, False if ungraded is None else ungraded)
        if self.plan.rounds_at("mark"):
            points = Exact(points.rounded(self.plan.criteria.points.round))
        return points, present, ungraded, graded.why

    @staticmethod
    def _safe(answers: Answers) -> Answers:
        """Answers with 1 where nothing was answered, so that arithmetic on cells that mean nothing stays harmless."""
        cells = {name: np.where(answers.present, cells, 1) for name, cells in answers.cells.items()}
        return Answers(cells, answers.present, answers.cohort, answers.nodes)

    def _read_points(self, code: str) -> Exact:
        """The headline points of another node in points, for a formula."""
        points = self.figure(self.plan.branch(code)).points[HEADLINE]
        places = 10**self.plan.criteria.points.places
        if points.dtype == object:
            return Exact(points, 1) * Exact(np.array(1), places)
        return Exact(points, places)

    @cached_property
    def _category(self) -> Array:
        return np.array([unit.category for unit in self.marks.units], dtype=object)

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
        """Find spreads over the limit; where a third marker's marks are official, remember for which leaves and units."""
        self.official_third: dict[int, Mask] = {}
        limits = self.plan.criteria.panel.max_spread
        if not limits or self.sources < 2:
            return
        base = self.plan.branch("base")
        inside = [leaf for leaf in self.plan.leaves if self.plan.branch(leaf.node.code).index <= base.last]
        points, counted = [], []
        for leaf in inside:
            graded, present, _, _ = self.graded(leaf)
            points.append(np.broadcast_to(graded.rounded(self.plan.criteria.points.round), present.shape))
            counted.append(self._of_record(present, self.ordinary))
        for limit in limits:
            groups = [([leaf], [at], leaf.node.code) for at, leaf in enumerate(inside)]
            if limit.of == "total":
                groups = [(inside, list(range(len(inside))), "")]
            for leaves, at, code in groups:
                apart = panel.spread_of([points[one] for one in at], [counted[one] for one in at], limit)
                self._over_limit(limit, apart, leaves, code)

    def _over_limit(self, limit: Spread, apart: Array, leaves: list[Leaf], code: str) -> None:
        allowed = self.plan.criteria.ticks(limit.points)
        over = np.asarray(apart > allowed, dtype=np.bool_)
        if not over.any():
            return
        resolved = np.zeros(self.units, dtype=np.bool_)
        if limit.then == "third_marker":
            third = self._of_role(third=True)
            marked = np.logical_and.reduce([(self.present(leaf) & third).any(axis=0) for leaf in leaves])
            resolved = over & marked
            for leaf in leaves if code else self.plan.leaves:
                official = resolved & (self.present(leaf) & third).any(axis=0)
                self.official_third[leaf.index] = self.official_third.get(leaf.index, False) | official
        figures = {"spread": apart, "limit": np.full(self.units, allowed)}
        between = {"between": message(f"spread.{limit.between}")}
        kind = "matter.spread_leaf" if code else "matter.spread_total"
        if (over & ~resolved).any():
            self.matters.append(Matter(f"{kind}_{limit.then}", over & ~resolved, code, True, figures, between))
        if resolved.any():
            self.matters.append(Matter(f"{kind}_resolved", resolved, code, False, figures, between))

    def _quorum(self) -> None:
        """Note units that too few members of the panel marked, or that were marked without the chair."""
        quorum = self.plan.criteria.panel.quorum
        if quorum is None:
            return
        members = [judge for judge in self.marks.judges if judge.role != "third_marker" and not judge.removed]
        taking = np.zeros((len(members), self.units), dtype=np.bool_)
        for at, source in enumerate(self.marks.sources):
            for row, judge in enumerate(members):
                if source.judge == judge.code and source.stage == "judge":
                    taking[row] |= self._took_part[at]
        unit_at = {unit.code: index for index, unit in enumerate(self.marks.units)}
        away = np.zeros((len(members), self.units), dtype=np.bool_)
        for row, judge in enumerate(members):
            for unit, code in self.marks.recused:
                if code == judge.code and unit in unit_at:
                    away[row, unit_at[unit]] = True
        size, present = (~away).sum(axis=0), (taking & ~away).sum(axis=0)
        needed = np.full(self.units, quorum.count or 0)
        if quorum.share is not None:
            needed = -(-size * quorum.share.numerator // quorum.share.denominator)
        figures = {"members": size, "present": present, "needed": needed}
        marked = self.figures[self.plan.branch("base").index].marked
        if (short := marked & (present < needed)).any():
            self.matters.append(Matter("matter.quorum", short, figures=figures))
        chairs = np.array([judge.role == "chair" for judge in members], dtype=np.bool_)
        if quorum.chair and (without := marked & ~taking[chairs].any(axis=0)).any():
            self.matters.append(Matter("matter.chair_absent", without))

    @cached_property
    def _took_part(self) -> Mask:
        """Sources × units that marked or abstained on anything."""
        took: Mask = np.logical_or.reduce([self.present(leaf) for leaf in self.plan.leaves if leaf.slots])
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
        inapplicable, _ = self._states(leaf)
        present = self.present(leaf)
        third = self.official_third.get(leaf.index)
        counts = self.ordinary if third is None else np.where(third, self._of_role(third=True), self.ordinary)
        if not leaf.slots or not self.sources:
            return np.zeros(self.sources, dtype=np.bool_)
        return self._of_record((present | inapplicable)[:, unit : unit + 1], counts[:, unit : unit + 1])[:, 0]

    def _marked_leaf(self, leaf: Leaf) -> tuple[Array, Mask, Array]:
        """Points of one leaf from the marks alone: ticks, which units are marked, and why (units)."""
        if (
            self.everybody
            and leaf.table is not None
            and leaf.index not in self.official_third
            and not leaf.node.only_for
        ):
            return self._plain_leaf(leaf)
        points, present, ungraded, reason = self.graded(leaf)
        if not leaf.slots:
            return self._derived_leaf(leaf, points, ungraded, reason)
        inapplicable, abstained = self._states(leaf)
        counts = self.ordinary
        third = self.official_third.get(leaf.index)
        if third is not None:
            counts = np.where(third, self._of_role(third=True), counts)
        stated = self._of_record(present | inapplicable, counts)
        counted = present & stated
        disputed = np.logical_or.reduce(stated & inapplicable) & np.logical_or.reduce(counted)
        if disputed.any():
            self.matters.append(Matter("matter.applicability_disputed", disputed, leaf.node.code))
        figure, count = panel.combine(points, counted, self.plan.criteria.panel)
        ticks = self.settle(figure, "leaf")
        why = np.where(count > 0, Why.COUNTED, Why.UNMARKED).astype(np.int8)
        all_abstained = (abstained & counts).any(axis=0) & (count == 0)
        why[all_abstained] = Why.ABSTAINED
        na = (stated & inapplicable).any(axis=0) & (count == 0) | self._not_for(leaf.node)
        why[na] = NA[leaf.node.not_applicable.policy if leaf.node.not_applicable else "exclude_rescale"]
        if ungraded is not None:
            bad = (np.broadcast_to(ungraded, counted.shape) & counted).any(axis=0) & (why == Why.COUNTED)
            if bad.any():
                why[bad] = Why.UNGRADED
                self.matters.append(Matter(reason, bad, leaf.node.code))
        return ticks, (count > 0) | na, why

    def _derived_leaf(self, leaf: Leaf, points: Exact, ungraded: Mask | None, reason: str) -> tuple[Array, Mask, Array]:
        """A leaf that asks nothing of anybody: a formula over other nodes, marked where all of those are."""
        read = [self.figure(self.plan.branch(code)).marked for _, rule in leaf.rules for code in rule.references()]
        marked = np.logical_and.reduce(read) if read else np.ones(self.units, dtype=np.bool_)
        why = np.where(marked, Why.COUNTED, Why.UNMARKED).astype(np.int8)
        bad = marked & (np.broadcast_to(ungraded, (1, self.units))[0] if ungraded is not None else False)
        if bad.any():
            why[bad] = Why.UNGRADED
            self.matters.append(Matter(reason, bad, leaf.node.code))
        whole = Exact(points.over[0], points.under if isinstance(points.under, int) else points.under[0])
        return self.settle(whole, "leaf"), marked, why

    def _plain_leaf(self, leaf: Leaf) -> tuple[Array, Mask, Array]:
        """The same for the plain case: one look-up per mark, one sum over judges that also counts them."""
        assert leaf.table is not None
        cells = self.marks.cells[leaf.slots[0].index]
        if self.plan.criteria.panel.combine == "mean":
            total, count = sum_and_count(leaf.table, cells)
            over = np.maximum(count, 1)
            exact = not self.plan.rounds_at("leaf")
            ticks = Exact(total, over).cells() if exact else divide(total, over, self.plan.criteria.points.round)
        else:
            points = Exact(leaf.table.take(cells, mode="clip"))
            figure, count = panel.combine(points, cells > 0, self.plan.criteria.panel)
            ticks = self.settle(figure, "leaf")
        if count.min(initial=1):
            return ticks, self._all_marked, self._all_counted
        return ticks, count > 0, (count == 0).astype(np.int8)

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

    def _not_for(self, node: Node) -> Mask:
        """The units a node is not meant for."""
        if not node.only_for:
            return np.zeros(self.units, dtype=np.bool_)
        return np.array([not {unit.kind, unit.category} & set(node.only_for) for unit in self.marks.units])

    def settle(self, exact: Exact, level: Level) -> Array:
        """Round when the set rounds at this level; otherwise keep exact numbers."""
        return exact.rounded(self.plan.criteria.points.round) if self.plan.rounds_at(level) else exact.cells()

    def _leaf_figure(self, branch: Branch) -> Figure:
        leaf = self.plan.leaves[branch.leaf]
        ticks, marked, why = self._marked_leaf(leaf)
        self.before[branch.index] = ticks
        if self.everybody and self.layers == 1 and branch.index not in self._bound:
            return Figure(ticks[np.newaxis], leaf.scale.top, why[np.newaxis], marked)
        points, whys = (np.repeat(row[np.newaxis], self.layers, axis=0) for row in (ticks, why))
        top = leaf.scale.top
        points[whys == Why.UNGRADED] = 0
        self._apply_evidence(leaf, points, whys)
        self._apply_dependence(branch, points, whys)
        points[(whys == Why.NA_FULL)] = top
        for nothing in (Why.NA_ZERO, Why.NA_EXCLUDED, Why.NA_REDISTRIBUTED):
            points[whys == nothing] = 0
        excluded, redistributed = whys == Why.NA_EXCLUDED, whys == Why.NA_REDISTRIBUTED
        return Figure(
            points,
            top,
            whys,
            marked,
            excluded if excluded.any() else None,
            redistributed if redistributed.any() else None,
        )

    @cached_property
    def _bound(self) -> set[int]:
        """The leaves whose points hang on more than their marks: applicability, other nodes, a stop, a hand-made reason."""
        return {
            branch.index
            for branch in self.plan.branches
            if branch.leaf >= 0 and (self.plan.leaves[branch.leaf].table is None or self._hangs(branch))
        }

    def _hangs(self, branch: Branch) -> bool:
        if self.plan.stoppers_before(branch):
            return True
        at: Branch | None = branch
        while at is not None and at.node is not None:
            if at.node.depends_on is not None or at.node.only_for:
                return True
            at = self.plan.branches[at.parent] if at.parent >= 0 else None
        return False

    def _apply_evidence(self, leaf: Leaf, points: Array, whys: Array) -> None:
        """What an unproven mark counts: headline as the set declares, floor only accepted, ceiling all that is pending."""
        stands = self.evidence.get(leaf.node.code)
        if stands is None:
            return
        unproven = self.plan.criteria.need_of(leaf.node).unproven
        earns = (whys[0] == Why.COUNTED) & np.asarray(points[0] > 0, dtype=np.bool_)
        pending, none, rejected = (stands == kind for kind in (proof.PENDING, proof.NONE, proof.REJECTED))
        lost = {
            HEADLINE: rejected | (none & (unproven != "counts")) | (pending & (unproven == "zero")),
            FLOOR: pending | none | rejected,
            CEILING: rejected | (none & (unproven != "counts")),
        }
        reason = np.select(
            [rejected, pending & (unproven == "zero"), none],
            [Why.EVIDENCE_REJECTED, Why.EVIDENCE_PENDING, Why.EVIDENCE_MISSING],
        )
        again = np.zeros(self.units, dtype=np.bool_)
        for item in self.repeated.get(leaf.node.code, ()):
            again |= np.array([unit.code == item.unit for unit in self.marks.units])
        reason[again & none] = Why.EVIDENCE_REPEATED
        for layer, mask in lost.items():
            gone = mask & earns
            whys[layer][gone] = np.where(reason[gone] == 0, Why.EVIDENCE_PENDING, reason[gone])
            points[layer][gone] = 0
        if (pending & earns).any():
            self.matters.append(Matter("matter.evidence_pending", pending & earns, leaf.node.code))
        if (none & earns & ~again).any():
            self.matters.append(Matter("matter.evidence_missing", none & earns & ~again, leaf.node.code, open=False))
        if again.any():
            self.matters.append(Matter("matter.evidence_repeated", again, leaf.node.code, open=False))

    def _apply_dependence(self, branch: Branch, points: Array, whys: Array) -> None:
        """Nothing for a leaf whose own or whose group's condition is not met, or that stands after a stop."""
        at: Branch | None = branch
        while at is not None and at.node is not None:
            needs = at.node.depends_on
            if needs is not None:
                other = self.figure(self.plan.branch(needs.code))
                unmet = ~reaches(other.points, other.top, needs.at_least, self.plan.criteria.points.places)
                policy = at.node.not_applicable.policy if at.node.not_applicable else "exclude_rescale"
                whys[unmet] = Why.DEPENDS_UNMET if needs.otherwise == "zero" else NA[policy]
                points[unmet] = 0
            at = self.plan.branches[at.parent] if at.parent >= 0 else None
        for stopper in self.plan.stoppers_before(branch):
            assert stopper.node is not None
            assert stopper.node.stop_if is not None
            figure = self.figure(stopper)
            below = ~reaches(figure.points, figure.top, stopper.node.stop_if.below, self.plan.criteria.points.places)
            stopped = below & figure.marked
            whys[stopped], points[stopped] = Why.STOPPED, 0

    def _unmarked(self) -> None:
        """Note leaves of the base that nobody marked; a unit without any base mark is noted once, as a whole."""
        base = self.plan.branch("base")
        blank = ~self.figures[base.index].marked
        if blank.any():
            self.matters.append(Matter("matter.no_marks", blank))
        for branch in self.plan.branches[base.index : base.last + 1]:
            figure = self.figures[branch.index]
            if branch.leaf >= 0 and figure.marked is not self._all_marked:
                why = figure.why[HEADLINE]
                open_leaf = ((why == Why.UNMARKED) | (why == Why.ABSTAINED)) & ~blank
                if open_leaf.any():
                    self.matters.append(Matter("matter.unmarked", open_leaf, branch.code))

    # groups -----------------------------------------------------------------------------------------------------

    def figure(self, branch: Branch) -> Figure:
        """The figure of a node, worked out once; what it depends on is worked out first."""
        if branch.index not in self.figures:
            self.figures[branch.index] = self._leaf_figure(branch) if branch.leaf >= 0 else self._group_figure(branch)
        return self.figures[branch.index]

    def _group_figure(self, branch: Branch) -> Figure:
        kids = [(self.plan.branches[child], self.figure(self.plan.branches[child])) for child in branch.children]
        marked = np.logical_or.reduce([kid.marked for _, kid in kids])
        combine = "sum" if branch.node is None else branch.node.combine
        if combine == "sum":
            points, top = self._summed(branch, kids)
        else:
            points, top = self._picked(branch, kids), branch.top
        why = np.where(marked, Why.COUNTED, Why.UNMARKED).astype(np.int8)
        whys = np.repeat(why[np.newaxis], self.layers, axis=0)
        outs = [kid.out for _, kid in kids]
        excluded = None
        if all(out is not None for out in outs):
            excluded = np.logical_and.reduce([out for out in outs if out is not None])
            whys[excluded] = Why.NA_EXCLUDED
        return Figure(points, top, whys, marked, excluded if excluded is not None and excluded.any() else None)

    def _summed(self, branch: Branch, kids: list[tuple[Branch, Figure]]) -> tuple[Array, Array | int]:
        """The sum of a group: weights, redistribution of what does not apply, scaling, cap, rounding."""
        capped, scaled = self._shape(branch)
        if all(kid.out is None and isinstance(kid.top, int) and child.weight == 1 for child, kid in kids):
            total: Array = np.add.reduce([kid.points for _, kid in kids])
            whole = sum(child.top for child, _ in kids)
            if not scaled:
                return (np.minimum(total, branch.top) if capped else total), branch.top
            return self.settle(_scaled(total, branch.top, whole), "group"), branch.top
        inside, keeps, counts, whole_top = self._weighed(kids)
        goal = branch.top if scaled else (whole_top if branch.code == "base" else keeps)
        points = self.settle(_scaled(inside, goal, np.where(counts > 0, counts, 1)), "group")
        if capped:
            points = np.minimum(points, branch.top)
        if scaled or branch.code == "base":
            return points, branch.top
        return points, np.minimum(keeps, branch.top) if capped else keeps

    def _weighed(self, kids: list[tuple[Branch, Figure]]) -> tuple[Array, Array, Array, Array]:
        """Weighted points of the children that count; the maximum that stays in the group, that counts, and of all."""
        shape = (self.layers, self.units)
        inside = keeps = counts = whole = np.zeros(shape, dtype=np.int64)
        for child, kid in kids:
            weight = child.weight.numerator if child.weight.denominator == 1 else child.weight
            mine, top = kid.points * weight, np.broadcast_to(np.asarray(kid.top) * weight, shape)
            nothing = np.zeros(shape, dtype=np.bool_)
            out = nothing if kid.out is None else kid.out
            excluded = nothing if kid.excluded is None else kid.excluded
            inside = inside + np.where(out, 0, mine)
            keeps = keeps + np.where(excluded, 0, top)
            counts = counts + np.where(out, 0, top)
            whole = whole + top
        return inside, keeps, counts, whole

    def _shape(self, branch: Branch) -> tuple[bool, bool]:
        """Whether the node is capped and whether it is scaled."""
        if branch.node is not None:
            return branch.node.capped, branch.node.scaled
        pool = dict(self.plan.criteria.pools)[branch.code]
        return pool.capped, pool.scaled

    def _picked(self, branch: Branch, kids: list[tuple[Branch, Figure]]) -> Array:
        """The chosen one, or the n best, of a group; the others say why they do not count."""
        node = branch.node
        assert node is not None
        wanted = node.best or 1
        reason = Why.NOT_CHOSEN if node.combine == "choose_one" else Why.NOT_BEST
        if node.combine == "choose_one":
            several = np.add.reduce([kid.marked.astype(np.int64) for _, kid in kids]) > 1
            if several.any():
                self.matters.append(Matter("matter.several_chosen", several, branch.code))
            chosen = np.logical_or.reduce([kid.marked for _, kid in kids])
            for child, kid in kids:
                for inner in self.plan.branches[child.index : child.last + 1]:
                    self.figures[inner.index].why[:, ~kid.marked & chosen] = Why.NOT_CHOSEN
        total = np.zeros((self.layers, self.units), dtype=np.int64)
        for at, (_, kid) in enumerate(kids):
            ahead = np.zeros(kid.points.shape, dtype=np.int64)
            for other_at, (_, other) in enumerate(kids):
                if other_at != at:
                    tie = np.asarray(other.points == kid.points, dtype=np.bool_) & (other_at < at)
                    ahead = ahead + (np.asarray(other.points > kid.points, dtype=np.bool_) | tie)
            taken = ahead < wanted
            total = total + np.where(taken, kid.points, 0)
            kid.why[~taken & (kid.why == Why.COUNTED)] = reason
        return total


def _scaled(points: Array, goal: Array | int, whole: Array | int) -> Exact:
    """points × goal / whole as an exact column, for whole numbers, Fractions and weights alike."""
    product = times(points, goal)
    if isinstance(whole, int) and product.dtype != object:
        return Exact(product, whole)
    under = np.broadcast_to(np.asarray(whole), product.shape)
    if product.dtype != object and under.dtype != object:
        return Exact(product, under)
    quotients = [Fraction(one) / Fraction(many) for one, many in zip(product.ravel(), under.ravel(), strict=True)]
    over = np.array([quotient.numerator for quotient in quotients], dtype=object).reshape(product.shape)
    return Exact(over, np.array([quotient.denominator for quotient in quotients], dtype=object).reshape(product.shape))


def sum_and_count(table: Array, cells: Array) -> tuple[Array, Array]:
    """The sum of the points of each unit's marks and how many there are, in one look-up and one sum.

    The count travels in the low bits of each table entry, so missing marks (entry 0) add to neither.
    """
    sources = cells.shape[0]
    shift = sources.bit_length()
    widest = (peak(table) + 1) << shift
    kind = np.int32 if widest * max(sources, 1) < 2**30 else np.int64
    carrying = (table.astype(kind) << shift) + kind(1)
    carrying[0] = 0
    total = np.add.reduce(carrying.take(cells, mode="clip"), axis=0, dtype=kind)
    return total >> shift, total & kind((1 << shift) - 1)
