"""From marks to points: every leaf and every group of every unit, exact, with the reason where something counts less."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce

import numpy as np

from chamdiem.criteria.columns import Array, Exact, Mask, times
from chamdiem.points import Rounding, divide
from chamdiem.scoring import panel, proof
from chamdiem.scoring.figures import (
    CEILING,
    FLOOR,
    HEADLINE,
    IS_EMPTY,
    IS_NA,
    IS_NOTHING,
    Figure,
    Matter,
    Policy,
    Why,
    na_of,
    reaches,
)
from chamdiem.scoring.judging import Judging
from chamdiem.scoring.marks import Marks
from chamdiem.scoring.plan import Branch, Leaf, Level, Plan

SHEETS_REMEMBERED = 200
"""Of how many sheets of one unit the leaves are remembered, about."""


class Sheet(Judging):
    """The points of one set of marks: figures by branch index, open matters, and the judges' points behind each leaf."""

    def __init__(self, plan: Plan, marks: Marks, policy: Policy) -> None:
        super().__init__(plan, marks, policy)
        self.evidence, self.repeated = ({}, {}) if policy.evidence == "ignore" else proof.standings(marks)
        self.layers = 3 if self.evidence else 1
        self.before: dict[int, Array] = {}
        self._third_marked()
        if self._plain_rows and self.layers == 1 and self.everybody and not self.official_third:
            self._plain_leaves()
        for branch in plan.branches:
            self.figure(branch)
        self._unmarked()
        self._quorum()

    def _marked_leaf(self, branch: Branch, layer: int = HEADLINE) -> tuple[Array, Mask, Array]:
        """Points of one leaf from the marks alone: ticks, which units are marked, and why (units).

        An answer that cannot be graded is an open matter and counts as little as a missing one; only where no answer
        can be graded are there no points. "Not applicable" beside answers is an open matter; the answers count.
        """
        leaf = self.plan.leaves[branch.leaf]
        if self.is_plain(leaf):
            return self._plain_leaf(leaf)
        if not leaf.slots:
            return self._derived_leaf(leaf, layer)
        points, _, ungraded, reasons = self.graded(leaf, layer)
        counted, inapplicable = self._statements(leaf)
        given: Mask = np.logical_or.reduce(counted)
        waived: Mask = np.logical_or.reduce(inapplicable)
        if layer == HEADLINE:
            self._note("matter.applicability_disputed", given & waived, leaf)
            for reason, mask in reasons.items():
                self._note(reason, np.logical_or.reduce(mask & counted), leaf)
        figure, count = panel.combine(
            points, counted if ungraded is None else counted & ~ungraded, self.plan.criteria.panel
        )
        why = self._all_counted
        if not (count > 0).all():
            abstained = (self._states(leaf)[1] & self._counting(leaf)).any(axis=0)
            why = np.select(
                [count > 0, given, waived, abstained],
                [Why.COUNTED, Why.UNGRADED, na_of(leaf.node), Why.ABSTAINED],
                Why.UNMARKED,
            ).astype(np.int8)
        return self.settle(figure, "leaf"), given | waived, why

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

    def _plain_leaves(self) -> None:
        """All leaves at once of which nothing but marks and tables decides; evidence is not asked for."""
        ticks, count, all_marked = self._plain_figures
        whys, points = (count == 0).astype(np.int8)[:, np.newaxis], ticks[:, np.newaxis]
        for (index, row), whole in zip(self._plain_rows.items(), all_marked.tolist(), strict=True):
            leaf = self.plan.leaves[index]
            if index not in self.plan.bound:
                at = self.plan.branch(leaf.node.code).index
                marked = self._all_marked if whole else count[row] > 0
                self.before[at] = ticks[row]
                self.figures[at] = Figure(points[row], leaf.scale.top, whys[row], marked, marked)

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

    def settle(self, exact: Exact, level: Level) -> Array:
        """Round when the set rounds at this level; otherwise keep exact numbers."""
        return exact.rounded(self.plan.criteria.points.round) if self.plan.rounds_at(level) else exact.cells()

    def _leaf_figure(self, branch: Branch) -> Figure:
        leaf, top = self.plan.leaves[branch.leaf], self.plan.leaves[branch.leaf].scale.top
        ticks, marked, why = self._marked_leaf(branch)
        self.before[branch.index] = ticks
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
        points[IS_NOTHING[whys]] = 0
        known = ~IS_EMPTY[whys]
        if not IS_NA[whys].any():
            return Figure(points, top, whys, marked, known)
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
        if stands is None or (stands == proof.ACCEPTED).all():
            return
        unproven = self.plan.criteria.need_of(leaf.node).unproven
        earns = (whys == Why.COUNTED) & np.asarray(points > 0, dtype=np.bool_)
        if not earns.any():
            return
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
        lost &= earns
        if lost.any():
            reason = np.select(
                [rejected, pending, again],
                [Why.EVIDENCE_REJECTED, Why.EVIDENCE_PENDING, Why.EVIDENCE_REPEATED],
                Why.EVIDENCE_MISSING,
            )
            whys[...] = np.where(lost, reason, whys)
            points[lost] = 0

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

    def _unmarked(self) -> None:
        """Note leaves of the base that nobody marked; a unit without any base mark is noted once, as a whole."""
        base, scored = self.plan.branch("base"), self.scored
        if not scored.all():
            self.matters.append(Matter("matter.no_marks", ~scored))
        for branch in self.plan.branches[base.index : base.last + 1]:
            figure = self.figures[branch.index]
            if branch.leaf >= 0 and figure.marked is not self._all_marked:
                open_leaf = IS_EMPTY[figure.why[HEADLINE]] & scored
                if open_leaf.any():
                    self.matters.append(Matter("matter.unmarked", open_leaf, branch.code))

    def figure(self, branch: Branch) -> Figure:
        """The figure of a node, worked out once; what it depends on is worked out first."""
        found = self.figures.get(branch.index)
        if found is None:
            if branch.leaf < 0:
                found = self._group_figure(branch)
            elif self.units == 1 and branch.index in self.plan.alone:
                found = self._remembered(branch)
            else:
                found = self._leaf_figure(branch)
            self.figures[branch.index] = found
        return found

    def _remembered(self, branch: Branch) -> Figure:
        """The figure of a leaf of a single unit, worked out once for each answer: who saves one answer of a sheet has all
        the others as they were. All that such a figure hangs on is the key."""
        leaf, kept = self.plan.leaves[branch.leaf], self.plan.worked_out
        decisive = [self.marks.cells[slot.index] for slot in leaf.slots]
        decisive += [self._counting(leaf), *([] if self.marks.states is None else [self.marks.states[leaf.index]])]
        if (stands := self.evidence.get(leaf.node.code)) is not None:
            decisive += [stands, self._repeated(leaf)]
        key = (
            branch.index, self.layers, self.marks.units[0].category,
            *(source.stage for source in self.marks.sources), *(cells.tobytes() for cells in decisive),
        )  # fmt: skip
        found = kept.get(key)  # once: another sheet, worked out meanwhile, may clear what is kept
        if found is None:
            noted = len(self.matters)
            figure = self._leaf_figure(branch)
            if len(kept) >= SHEETS_REMEMBERED * len(self.plan.leaves):
                kept.clear()
            for cells in (figure.points, figure.why, figure.marked, figure.known, self.before[branch.index]):
                cells.flags.writeable = False
            kept[key] = replace(figure), self.before[branch.index], tuple(self.matters[noted:])
            return figure
        remembered, self.before[branch.index], matters = found
        self.matters.extend(matters)
        return replace(remembered)

    def _group_figure(self, branch: Branch) -> Figure:
        """A group of which nothing applies does not apply itself: it leaves the denominator of the group around it, or
        leaves its maximum to its siblings where its own policy is "redistribute"."""
        kids = [(self.plan.branches[child], self.figure(self.plan.branches[child])) for child in branch.children]
        marked = self._all_marked
        if not any(kid.marked is self._all_marked for _, kid in kids):
            marked = np.logical_or.reduce([kid.marked for _, kid in kids])
        known = (
            marked
            if all(kid.known is kid.marked for _, kid in kids)
            else reduce(np.logical_or, [kid.known for _, kid in kids])
        )
        points, top = self._made(branch, kids)
        unmarked = self._all_counted if known is self._all_marked else (~known).astype(np.int8)
        why = np.broadcast_to(unmarked, (self.layers, self.units))
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
        counting = [np.where(take & ~part.out, part.points, 0) for take, part in zip(taken, parts, strict=True)]
        inside: Array = np.add.reduce(counting)
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
        answered = [kid.marked & kid.known & ~IS_NA[kid.why] for _, kid in kids]
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
                passed = ~take & ((figure.why == Why.COUNTED) | (IS_EMPTY[figure.why] & chosen & choose))
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
    largest = tops if n >= len(tops) else np.sort(np.stack(tops), axis=0)[len(tops) - n :]
    total: Array = np.add.reduce(largest)
    return total


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
