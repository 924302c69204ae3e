"""Who counts and what each judge gives: roles, stages, recusals, spreads, the third marker, quorum."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np

from chamdiem.criteria.columns import Array, Exact, Mask, constant, whole_numbers
from chamdiem.criteria.model import Spread
from chamdiem.criteria.rules import Answers, Graded, Rule
from chamdiem.errors import message
from chamdiem.scoring import panel
from chamdiem.scoring.answers import ABSTAINED, NOT_APPLICABLE
from chamdiem.scoring.figures import HEADLINE, Figure, Matter, Policy, na_of
from chamdiem.scoring.marks import STAGES, Marks, told_of
from chamdiem.scoring.plan import Branch, Leaf, Plan

FINE = 10**6


class Judging:
    """The marks of a run as its judges gave them: whose count for which unit, what each is worth, where they differ."""

    def __init__(self, plan: Plan, marks: Marks, policy: Policy) -> None:
        self.plan, self.marks, self.policy = plan, marks, policy
        self.matters: list[Matter] = []
        self.units, self.sources = len(marks.units), len(marks.sources)
        self.figures: dict[int, Figure] = {}

    @cached_property
    def scored(self) -> Mask:
        """The units that have a result: something of the base is marked, and something of it applies."""
        base = self.figures[self.plan.branch("base").index]
        return base.marked if base.out is None else base.marked & ~base.out[HEADLINE]

    def figure(self, branch: Branch) -> Figure:
        """The figure of a node, for rules that read the points of others; the sheet works it out."""
        raise NotImplementedError

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
    def _categories(self) -> Sequence[str]:
        return told_of(self.marks.units, "category")

    @cached_property
    def cohort(self) -> Array:
        """The group in which each unit is ranked and compared with its peers, as a number."""
        within = self.plan.criteria.ranking.within
        if within == "all":
            return np.zeros(self.units, dtype=np.int64)
        names = told_of(self.marks.units, within)
        known = {name: at for at, name in enumerate(sorted(set(names)))}
        return np.array([known[name] for name in names], dtype=np.int64)

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
        counted = present & self.of_record(present | inapplicable, self._meant(leaf, self.ordinary))
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

    def of_record(self, stated: Mask, counts: Mask) -> Mask:
        """The statements that are the record: of sources that count, at the last stage that stated anything."""
        stated = stated & counts
        ranks = self.stage_rank
        if ranks.size and ranks.min() != ranks.max():
            last = np.where(stated, ranks, -1).max(axis=0)
            stated = stated & (ranks == last)
        return stated

    def counted_marks(self, leaf: Leaf, unit: int) -> Mask:
        """Which sources' marks are the ones that count for this leaf of this unit."""
        if not leaf.slots or not self.sources:
            return np.zeros(self.sources, dtype=np.bool_)
        if self.is_plain(leaf):
            return np.asarray(self.marks.cells[leaf.slots[0].index][:, unit] > 0)
        inapplicable, _ = self._states(leaf)
        here = np.s_[:, unit : unit + 1]
        return self.of_record((self.present(leaf) | inapplicable)[here], self._counting(leaf)[here])[:, 0]

    def is_plain(self, leaf: Leaf) -> bool:
        """Whether every mark of this leaf counts and its table alone says what each is worth."""
        return self.everybody and not self.official_third and leaf.index not in self.plan.bound

    def _statements(self, leaf: Leaf) -> tuple[Mask, Mask]:
        """Of record, sources × units: whose answers count, and who says that the leaf does not apply."""
        present, (inapplicable, _) = self.present(leaf), self._states(leaf)
        stated = self.of_record(present | inapplicable, self._counting(leaf))
        return present & stated, inapplicable & stated

    def _states(self, leaf: Leaf) -> tuple[Mask, Mask]:
        if self.marks.states is None:
            return self._nobody, self._nobody
        states = self.marks.states[leaf.index]
        return states == NOT_APPLICABLE.value, states == ABSTAINED.value

    @cached_property
    def _nobody(self) -> Mask:
        return np.zeros((self.sources, self.units), dtype=np.bool_)

    def _note(self, matter: str, units: Mask, leaf: Leaf) -> None:
        """Note an open matter about a leaf of some units, if there are any."""
        if units.any():
            self.matters.append(Matter(matter, units, leaf.node.code))
