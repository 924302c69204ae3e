"""A contest of any size with mixed rule kinds, as a criteria set and as marks: what the benchmarks score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chamdiem.criteria.model import CriteriaSet

GROUPS = 6
KINDS = ("manual", "levels", "bands", "percent", "count", "deduction")


def rule(kind: str) -> dict[str, object]:
    """One leaf rule worth 2 points; answers are whole codes 0 … 8, or hundredths of a point, or whole percentages."""
    match kind:
        case "manual":
            return {"kind": "manual", "step": "0.25"}
        case "levels":
            points = ("0", "0.5", "0.75", "1.5", "2")
            levels = [{"key": f"m{n}", "title": f"Mức {n}", "points": worth} for n, worth in enumerate(points)]
            return {"kind": "levels", "levels": levels}
        case "bands":
            edges = (("0%", "0"), ("50%", "0.5"), ("75%", "1.25"), ("90%", "2"))
            bands = [{"from": edge, "points": worth} for edge, worth in edges]
            return {"kind": "bands", "of": "percent", "decimals": "0", "bands": bands}
        case "percent":
            return {"kind": "manual", "step": "0.01"}
        case "count":
            return {"kind": "count", "each": "0.3"}
        case _:
            return {"kind": "deduction", "each": "0.35"}


def law(leaves: int, combine: str = "mean") -> dict[str, object]:
    """A set of `leaves` criteria in six groups, the last two leaves a bonus pool, with gates, minima, stars and ties;
    as it stands in a criteria file."""
    kinds = [KINDS[at % len(KINDS)] for at in range(leaves)]
    inside = leaves - 2
    nodes = []
    for group in range(GROUPS):
        mine = list(range(group, inside, GROUPS))
        leaf = [
            {"code": f"{group + 1}.{n}", "title": f"Tiêu chí {group + 1}.{n}", "max": "2", "rule": rule(kinds[at])}
            for n, at in enumerate(mine, 1)
        ]
        top = str(2 * len(mine))
        nodes.append({"code": f"{group + 1}", "title": f"Nhóm {group + 1}", "max": top, "nodes": leaf})
    bonus = [{"code": f"B.{n}", "title": f"Thưởng {n}", "max": "2", "rule": rule("manual")} for n in (1, 2)]
    each = [{"each_group": {"at_least": share}} for share in ("40%", "50%", "60%", "70%", "75%")]
    return {
        "id": "bench", "version": "1", "title": "Bộ đo hiệu năng", "status": "illustrative",
        "legal_basis": [{"number": "0", "issuer": "không có"}],
        "effective": {"from": "2024-01-01"}, "unit_kinds": ["xa"],
        "panel": {"combine": combine},
        "facts": [{"id": "ky_luat", "title": "Không bị kỷ luật"}],
        "base": {"max": str(2 * inside), "nodes": nodes},
        "bonus": {"max": "3", "within_scale": "false", "nodes": bonus},
        "gates": [{"id": "ky_luat", "title": "Không bị kỷ luật", "when": {"fact": "ky_luat"}}],
        "stars": {
            "on": "total", "when_condition_fails": "next_lower",
            "bands": [{"stars": str(n + 1), "from": f"{50 + 8 * n}%", "conditions": [each[n]]} for n in range(5)],
        },
        "ties": {"keys": [{"node": "5"}, {"sum": "base"}]},
    }  # fmt: skip


def criteria(leaves: int, combine: str = "mean") -> CriteriaSet:
    """The same as the engine takes it."""
    return CriteriaSet.model_validate(law(leaves, combine))


@dataclass(frozen=True)
class Contest:
    """Answers of every judge on every criterion for every unit, NaN where the judge gave none."""

    criteria: CriteriaSet
    answers: np.ndarray
    facts: np.ndarray

    def frame(self, keys: str) -> pd.DataFrame:
        """The long table, shuffled; keys "category" or "string"."""
        leaves, judges, units = self.answers.shape
        codes = [leaf.code for leaf in self.criteria.leaves]
        leaf, judge, unit = (axis.ravel() for axis in np.indices(self.answers.shape))
        there = ~np.isnan(self.answers.ravel())
        leaf, judge, unit = leaf[there], judge[there], unit[there]
        names = [
            np.array([*codes, "ky_luat"]),
            np.array([f"gk{n:02}" for n in range(judges)]),
            np.array([f"{n:05}" for n in range(units)]),
        ]
        leaf = np.concatenate([leaf, np.full(units, leaves)])
        judge = np.concatenate([judge, np.zeros(units, dtype=np.int64)])
        unit = np.concatenate([unit, np.arange(units)])
        answer = np.concatenate([self.answers.ravel()[there], self.facts])
        order = np.random.default_rng(7).permutation(len(leaf))
        columns = dict(zip(("criterion", "judge", "unit"), (leaf[order], judge[order], unit[order]), strict=True))
        made = {
            name: pd.Categorical.from_codes(code, known) if keys == "category" else known[code].astype(object)
            for (name, code), known in zip(columns.items(), names, strict=True)
        }
        frame = pd.DataFrame(made | {"answer": answer[order]})
        return frame if keys == "category" else frame.astype(dict.fromkeys(made, "str"))


def contest(units: int, leaves: int, judges: int, combine: str = "mean", seed: int = 2026) -> Contest:
    """A seeded contest; 1 % of the marks are missing."""
    rng, rules = np.random.default_rng(seed), criteria(leaves, combine)
    answers = np.empty((leaves, judges, units))
    strength = rng.normal(0.72, 0.12, units).clip(0, 1)
    for at, leaf in enumerate(rules.leaves):
        quality = (strength + rng.normal(0, 0.12, (judges, units))).clip(0, 1)
        match leaf.rule.kind:  # type: ignore[union-attr]
            case "manual":
                step = 0.25 if str(leaf.rule.step) == "0.25" else 0.01  # type: ignore[union-attr]
                answers[at] = np.rint(quality * 2 / step) * step if step == 0.25 else np.rint(quality * 200) / 100
            case "levels":
                worth = np.array([float(level.points) for level in leaf.rule.levels])  # type: ignore[union-attr]
                answers[at] = worth[np.rint(quality * 4).astype(np.int64)]  # a level is called by its points
            case "bands":
                answers[at] = np.rint(quality * 100)
                answers[at][answers[at] == 1] = 2  # a bare 1 % might be a share: workbooks with it are refused
            case "count":
                answers[at] = np.rint(quality * 8)
            case _:
                answers[at] = np.rint((1 - quality) * 6)
    answers[rng.random(answers.shape) < 0.01] = np.nan
    return Contest(rules, answers, (rng.random(units) > 0.05).astype(float))
