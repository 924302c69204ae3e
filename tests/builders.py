"""Small criteria sets and frames of marks for tests, written in as few words as the test needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from chamdiem.criteria.checks import faults
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal
from chamdiem.scoring.marks import Evidence, Judge, Unit
from chamdiem.scoring.result import Result
from chamdiem.scoring.run import score
from chamdiem.scoring.sheet import CEILING, FLOOR, HEADLINE, Policy, Why

IGNORE = Policy(evidence="ignore")
HEAD = {
    "id": "thu",
    "version": "1",
    "title": "Bộ thử",
    "status": "illustrative",
    "legal_basis": [{"number": "1/KH", "issuer": "Ban thử"}],
    "effective": {"from": "2024-01-01"},
    "unit_kinds": ["xa", "phuong"],
}
CALENDAR = {  # 2024-01-01 is a Monday and a day off; Saturday 2024-01-13 makes up for Friday 2024-01-12
    "title": "Lịch thử",
    "source": "đặt ra để thử",
    "status": "illustrative",
    "from": "2024-01-01",
    "to": "2024-02-29",
    "days_off": ["2024-01-01", "2024-01-12", "2024-02-08", "2024-02-09"],
    "working_weekends": ["2024-01-13"],
}


def leaf(code: str, top: object, rule: Mapping[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """A criterion; without a rule the marker writes points down in steps of 0.01."""
    return {"code": code, "title": code, "max": top, "rule": rule or {"kind": "manual", "step": "0.01"}, **rest}


def group(code: str, top: object, *nodes: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """A group of criteria."""
    return {"code": code, "title": code, "max": top, "nodes": list(nodes), **rest}


def criteria(*nodes: Mapping[str, Any], **rest: Any) -> CriteriaSet:
    """A valid set of these top nodes. `base` adds keys to the base pool (its max is the sum unless given)."""
    top = sum((Fraction(str(node["max"])) * Fraction(str(node.get("weight", 1))) for node in nodes), Fraction(0))
    pool = {"max": Decimal(top.numerator) / Decimal(top.denominator), "nodes": list(nodes), **rest.pop("base", {})}
    made = CriteriaSet.model_validate({**HEAD, "base": pool, **rest})
    found = list(faults(made))
    assert not found, found
    return made


def pool(top: object, *nodes: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """A bonus or penalties pool."""
    return {"max": top, "nodes": list(nodes), **rest}


def frame(rows: Iterable[tuple[object, ...]], *names: str) -> pd.DataFrame:
    """A long frame of marks: unit, criterion, answer, then whatever `names` says."""
    return pd.DataFrame(list(rows), columns=["unit", "criterion", "answer", *names])


def sheets(given: Mapping[str, Mapping[str, object]], unit: str = "a") -> pd.DataFrame:
    """The marks of one unit by judge: {judge: {criterion: answer}}."""
    return frame(
        ((unit, code, answer, judge) for judge, marks in given.items() for code, answer in marks.items()), "judge"
    )


def one_unit(made: CriteriaSet, marks: Mapping[str, object], **rest: Any) -> Result:
    """The result of one unit "a" marked once, whatever its evidence unless a policy says otherwise."""
    return run(made, frame(("a", code, answer) for code, answer in marks.items()), **rest)


def run(made: CriteriaSet, marks: pd.DataFrame, policy: Policy = IGNORE, **rest: Any) -> Result:
    """Score; evidence is ignored unless the policy says otherwise."""
    return score(made, marks, policy, **rest)


def points(result: Result, code: str, unit: str = "a", layer: int = HEADLINE) -> Fraction:
    """The points of one node."""
    figure = result.figure(result.plan.branch(code))
    return result.points(figure.points[result.layer(layer), result.unit_at(unit)])


def why(result: Result, code: str, unit: str = "a") -> str:
    """Why a node counts, or why it does not."""
    return Why(result.figure(result.plan.branch(code)).why[HEADLINE, result.unit_at(unit)]).name


def total(result: Result, unit: str = "a", layer: int = HEADLINE, name: str = "total") -> Fraction:
    """The total (or base, bonus, penalties) of one unit."""
    return result.points(getattr(result.verdict.totals, name)[result.layer(layer), result.unit_at(unit)])


def stars(result: Result, unit: str = "a", layer: int = HEADLINE) -> int:
    """The stars of one unit, 0 for none."""
    return int(result.verdict.stars[result.layer(layer), result.unit_at(unit)])


def ranks(result: Result) -> dict[str, int]:
    """The rank of each unit, 0 for those that have none."""
    return {unit.code: int(result.ranks[at]) for at, unit in enumerate(result.marks.units)}


def open_matters(result: Result, unit: str = "a") -> set[str]:
    """What keeps a unit's result provisional."""
    return {matter.id for matter, _ in result.matters_of(result.unit_at(unit)) if matter.open}


def problems(refused: Refusal) -> list[tuple[int, str, tuple[str, ...]]]:
    """Row, sentence and path of every problem of a refusal."""
    return [(problem.where.line, problem.message.id, problem.where.path) for problem in refused.problems]


__all__ = [
    "CALENDAR", "CEILING", "FLOOR", "HEAD", "HEADLINE", "IGNORE", "Evidence", "Judge", "Policy", "Unit",
    "criteria", "frame", "group", "leaf", "one_unit", "open_matters", "points", "pool", "problems", "ranks", "run",
    "sheets", "stars", "total", "why",
]  # fmt: skip
