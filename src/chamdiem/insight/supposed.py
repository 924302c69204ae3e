"""One unit supposed otherwise: the same sheet many times over, each time with other criteria at their maximum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from chamdiem.criteria.columns import Array, Mask
from chamdiem.scoring.figures import HEADLINE, Why
from chamdiem.scoring.judging import Judging
from chamdiem.scoring.marks import Marks
from chamdiem.scoring.plan import Branch, Leaf
from chamdiem.scoring.result import Result
from chamdiem.scoring.sheet import Sheet
from chamdiem.scoring.verdict import Court, Verdict, decide, total_of


class Supposed(Sheet):
    """A sheet whose "units" are cases of one unit. `raised` is leaves × cases: where a leaf has its maximum, proven.

    All else is worked out by the engine from the same marks and evidence: groups, formulas, dependence, stops, choices.
    What hangs on the other units stays as it was found: points against peers, whose marks are official.
    """

    def __init__(self, result: Result, unit: int, raised: Mask) -> None:
        self.found, self.unit, self.raised = result, unit, raised
        self.here = np.full(raised.shape[1], unit)
        marks = _cases(result.marks, unit, raised.shape[1])
        Judging.__init__(self, result.plan, marks, result.policy)
        sheet = result.sheet
        self.evidence = {code: stands[self.here] for code, stands in sheet.evidence.items()}
        self.official_third = {leaf: official[self.here] for leaf, official in sheet.official_third.items()}
        self.layers, self.before, self.repeated = sheet.layers, {}, sheet.repeated
        for branch in self.plan.branches:
            self.figure(branch)

    def _marked_leaf(self, branch: Branch, layer: int = HEADLINE) -> tuple[Array, Mask, Array]:
        ticks, marked, why = super()._marked_leaf(branch, layer)
        leaf, raised = self.plan.leaves[branch.leaf], self.raised[branch.leaf]
        if any(rule.needs_peers for _, rule in leaf.rules):
            ticks = self.found.sheet.before[branch.index][self.here]
        return (
            np.where(raised, leaf.scale.top, ticks),
            marked | raised,
            np.where(raised, Why.COUNTED, why).astype(np.int8),
        )

    def _apply_evidence(self, leaf: Leaf, points: Array, whys: Array) -> None:
        unproven, raised = (points.copy(), whys.copy()), self.raised[leaf.index]
        super()._apply_evidence(leaf, points, whys)
        for cells, before in zip((points, whys), unproven, strict=True):
            cells[:, raised] = before[:, raised]

    def _repeated(self, leaf: Leaf) -> Mask:
        return np.asarray(self.found.sheet._repeated(leaf)[self.here], dtype=np.bool_)

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
