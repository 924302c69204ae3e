"""Score: a criteria set and marks in, a result out; nothing is read, written or remembered on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chamdiem.criteria.model import CriteriaSet
from chamdiem.scoring.figures import Policy
from chamdiem.scoring.marks import Evidence, Judge, Marks, Unit
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.reading import build
from chamdiem.scoring.result import Result
from chamdiem.scoring.table import from_frame

if TYPE_CHECKING:
    import pandas as pd


def score(
    criteria: CriteriaSet,
    marks: pd.DataFrame | Marks,
    policy: Policy | None = None,
    *,
    units: Sequence[Unit] | None = None,
    judges: Sequence[Judge] | None = None,
    evidence: Sequence[Evidence] | None = None,
    recused: Iterable[tuple[str, str]] = (),
) -> Result:
    """Apply a criteria set to marks: points, totals, gates, stars and ranks of every unit, each with its reason.

    `marks` is a long frame (unit, criterion, answer and, if there, judge, stage, input, note) or marks already coded.
    Without `evidence` the policy must say "ignore", or every criterion that needs evidence counts as unproven.
    Raises Refusal with every row that is wrong; then nothing was scored.
    """
    policy = policy or Policy()
    plan = lay_out(criteria, closed=policy.closed)
    if not isinstance(marks, Marks):
        columns = from_frame(marks)
        marks = build(plan, columns, units=units, judges=judges, evidence=evidence, recused=recused)
    return Result(plan, marks, policy)
