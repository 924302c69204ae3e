"""One unit supposed otherwise: the same sheet many times over, each time with other criteria at their maximum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from chamdiem.criteria.columns import Array, Mask
from chamdiem.scoring.figures import HEADLINE, Figure, Policy, Why
from chamdiem.scoring.judging import Judging
from chamdiem.scoring.marks import Marks
from chamdiem.scoring.plan import Branch
from chamdiem.scoring.result import Result
from chamdiem.scoring.sheet import Sheet
from chamdiem.scoring.verdict import Court, Verdict, decide, total_of

PASSED_OVER = (Why.NOT_CHOSEN, Why.NOT_BEST)
UNPROVEN = (Why.EVIDENCE_MISSING, Why.EVIDENCE_REJECTED, Why.EVIDENCE_PENDING, Why.EVIDENCE_REPEATED)


class Supposed(Sheet):
    """A sheet whose "units" are cases of one unit. `raised` is leaves × cases: where a leaf counts with its maximum.

    Every other leaf stands as it was found, by evidence and peers too; groups, formulas over other criteria, dependence,
    stops and choices are worked out anew by the engine.
    """

    def __init__(self, result: Result, unit: int, raised: Mask) -> None:
        self.found, self.unit, self.raised = result, unit, raised
        marks = _cases(result.marks, unit, raised.shape[1])
        Judging.__init__(self, result.plan, marks, Policy(result.policy.closed, "ignore", result.policy.stage))
        self.evidence, self.repeated, self.layers = {}, {}, 1
        self.before: dict[int, Array] = {}
        self.official_third: dict[int, Mask] = {}
        for branch in self.plan.branches:
            self.figure(branch)

    def _leaf_figure(self, branch: Branch) -> Figure:
        leaf, found = self.plan.leaves[branch.leaf], self._as_found(branch)
        reads_others = any(rule.references() for _, rule in leaf.rules)
        if reads_others and found.why[HEADLINE, 0] not in UNPROVEN:
            found = super()._leaf_figure(branch)
        raised = self.raised[branch.leaf][np.newaxis]
        points, why = np.where(raised, leaf.scale.top, found.points), np.where(raised, Why.COUNTED, found.why)
        self._apply_dependence(branch, points, why)
        known, marked = found.known | raised, found.marked | raised[0]
        return Figure(points, leaf.scale.top, why.astype(np.int8), marked, known, found.excluded, found.redistributed)

    def _as_found(self, branch: Branch) -> Figure:
        """What the leaf has in the result, in every case; whether it is passed over is asked again."""
        figure, cases = self.found.figure(branch), self.raised.shape[1]
        layers = (self.found.sheet.layers, self.found.sheet.units)

        def alike(cells: Array) -> Array:
            return np.repeat(np.broadcast_to(cells, layers)[:1, self.unit : self.unit + 1], cases, axis=1)

        marked, known = np.repeat(figure.marked[self.unit], cases), alike(figure.known)
        why = alike(figure.why)
        why = np.where(np.isin(why, PASSED_OVER), np.where(marked, Why.COUNTED, Why.UNMARKED), why)
        out = [None if one is None else alike(one) for one in (figure.excluded, figure.redistributed)]
        return Figure(alike(figure.points), figure.top, why, marked, known, *out)

    def verdict(self) -> Verdict:
        """The decision in every case; quotas and ranks, which hang on the other units, are left out."""
        return decide(Court(self, total_of(self)))


def _cases(marks: Marks, unit: int, cases: int) -> Marks:
    """The marks of one unit, once for each case."""
    one = marks.units[unit]
    here = np.full(cases, unit)
    return replace(
        marks,
        units=tuple(one._replace(code=str(case)) for case in range(cases)),
        cells=tuple(cells[:, here] for cells in marks.cells),
        states=None if marks.states is None else marks.states[:, :, here],
        evidence=(),
        recused=frozenset(
            (str(case), judge) for code, judge in marks.recused if code == one.code for case in range(cases)
        ),
        notes={},
    )
