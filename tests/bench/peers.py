"""The same scoring as an analyst would write it without chamdiem: pandas, DuckDB, and a bare numpy reduction.

Rules come as tables, as they come to the engine: no figure of the rubric stands in the code. pandas and DuckDB work in
whole hundredths, because their floats would put units on wrong ranks; the benchmark checks that their totals, stars and
ranks are those of the engine. numpy starts from points that are ready, in floats, and rounds nothing: the yardstick of
how fast it could be, not of what is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd
from contest import Contest

BONUS, TIE = 0, 5  # the bonus as a group, and the group that breaks ties


@dataclass(frozen=True)
class Rubric:
    """The criteria set as an analyst would keep it: tables of rules, steps, groups and star bands, in hundredths."""

    rules: pd.DataFrame
    steps: pd.DataFrame
    groups: pd.DataFrame
    bands: pd.DataFrame
    bonus_top: int
    gate: str


def rubric(contest: Contest) -> Rubric:
    """The tables of a benchmark contest; a step is worth its points from `low` on and below `high`."""
    criteria, rules, steps = contest.criteria, [], []
    for leaf in criteria.leaves:
        rule, group = leaf.rule, BONUS if leaf.code.startswith("B") else int(leaf.code.partition(".")[0])
        rules.append((leaf.code, rule.kind, group, int(leaf.max * 100), int(getattr(rule, "each", 0) * 100)))
        ladder = [(level.points, level.points) for level in getattr(rule, "levels", ())]
        ladder += [(int(band.from_.number * 100), band.points) for band in getattr(rule, "bands", ())]
        for (low, points), (high, _) in pairwise([*ladder, (10**9, 0)]):
            steps.append((leaf.code, float(low), float(high), int(points * 100)))
    rows = pd.DataFrame(rules, columns=["criterion", "kind", "grp", "top", "each"])
    tops = rows[rows["grp"] != BONUS].groupby("grp", as_index=False)["top"].sum()
    bonus = int(criteria.bonus.max * 100)
    scale = int(tops["top"].sum()) + bonus
    bands = [
        (band.stars, int(band.from_.number * scale), int(band.conditions[0].each_group.at_least.number * 100))
        for band in sorted(criteria.stars.bands, key=lambda band: band.stars)
    ]
    return Rubric(
        rows,
        pd.DataFrame(steps, columns=["criterion", "low", "high", "worth"]),
        tops,
        pd.DataFrame(bands, columns=["stars", "line", "share"]),
        bonus,
        criteria.gates[0].id,
    )


def with_pandas(marks: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """One wide table: rules and steps by merge, points by select, means and groups by groupby."""
    keys = marks["criterion"].dtype
    rules = rubric.rules.astype({"criterion": keys, "kind": "category"})
    steps = rubric.steps.astype({"criterion": keys}).rename(columns={"low": "answer"}).drop(columns="high")
    wide = marks.merge(rules, on="criterion").merge(steps, on=["criterion", "answer"], how="left")
    kind, answer = wide["kind"], wide["answer"]
    banded = wide.loc[kind == "bands", ["criterion", "answer"]].reset_index().sort_values("answer")
    reached = pd.merge_asof(banded, steps.sort_values("answer"), on="answer", by="criterion").set_index("index")[
        "worth"
    ]
    wide.loc[reached.index, "worth"] = reached
    points = np.select(
        [kind == "manual", kind == "count", kind == "deduction"],
        [
            np.rint(answer * 100),
            np.minimum(answer * wide["each"], wide["top"]),
            np.maximum(wide["top"] - answer * wide["each"], 0),
        ],
        wide["worth"],
    )
    return _combined(marks, wide.assign(points=points.astype("int64")), rubric)


def with_pandas_by_kind(marks: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """The same, faster where memory is short: each kind of rule on its own rows, columns dropped when they were used."""
    keys = marks["criterion"].dtype
    rules = rubric.rules.astype({"criterion": keys, "kind": "category"})
    steps = rubric.steps.astype({"criterion": keys}).rename(columns={"low": "answer", "worth": "points"})
    parts = []
    for kind, part in marks.merge(rules, on="criterion").groupby("kind", observed=True):
        answer = part["answer"]
        match kind:
            case "levels":
                known = part.merge(steps, on=["criterion", "answer"])
            case "bands":
                known = pd.merge_asof(
                    part.sort_values("answer"), steps.sort_values("answer"), on="answer", by="criterion"
                )
            case "manual":
                known = part.assign(points=np.rint(answer * 100).astype("int64"))
            case "count":
                known = part.assign(points=np.minimum(answer * part["each"], part["top"]).astype("int64"))
            case _:
                known = part.assign(points=np.maximum(part["top"] - answer * part["each"], 0).astype("int64"))
        parts.append(known[["unit", "criterion", "grp", "points"]])
    return _combined(marks, pd.concat(parts), rubric)


def _combined(marks: pd.DataFrame, worth: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """The judges' mean of each criterion, half away from zero; how many are met; the sums of the groups."""
    panel = worth.groupby(["unit", "grp", "criterion"], observed=True)["points"].agg(["sum", "count"])
    panel["points"] = (2 * panel["sum"] + panel["count"]) // (2 * panel["count"])
    groups = panel.groupby(["unit", "grp"], observed=True)["points"].sum().unstack("grp")
    keys = marks["criterion"].dtype
    inside = panel.reset_index().query("grp != @BONUS").merge(rubric.rules.astype({"criterion": keys}), on="criterion")
    met = (inside["points"] >= inside["top"]).groupby(inside["unit"], observed=True).sum()
    return _decided(marks, groups, met, rubric)


def _decided(marks: pd.DataFrame, groups: pd.DataFrame, met: pd.Series, rubric: Rubric) -> pd.DataFrame:
    """Totals, gate, stars and ranks, from the points of the groups."""
    tops = rubric.groups.set_index("grp")["top"]
    confirmed = marks[marks["criterion"] == rubric.gate].set_index("unit")["answer"].eq(1)
    base, bonus = groups[tops.index].sum(axis=1), groups[BONUS].clip(upper=rubric.bonus_top)
    units = pd.DataFrame({"base": base, "bonus": bonus, "total": base + bonus, "met": met})
    units[["stars", "stars_by_points"]] = 0
    for band in rubric.bands.itertuples():
        reached = units["total"] >= band.line
        holds = (groups[tops.index] * 100).ge(tops * band.share).all(axis=1)
        units.loc[reached, "stars_by_points"] = band.stars
        units.loc[reached & holds, "stars"] = band.stars
    passed = confirmed.reindex(units.index, fill_value=False)
    units["stars"] = units["stars"].where(passed, 0)
    units["recognised"] = units["stars"] > 0
    units["blocked_by"] = np.where(passed, "", rubric.gate)
    order = (units["total"] * 10**6 + groups[TIE]) * 10**6 + base
    units["rank"] = order.rank(method="min", ascending=False).astype("int64")
    units["tied"] = order.duplicated(keep=False)
    return units.reset_index()


SQL = """
WITH worth AS (
  SELECT unit, grp, criterion, top,
    CASE kind WHEN 'manual' THEN CAST(round(answer * 100) AS INTEGER)
              WHEN 'count' THEN least(CAST(answer AS INTEGER) * each, top)
              ELSE greatest(top - CAST(answer AS INTEGER) * each, 0) END AS points
  FROM marks JOIN rules USING (criterion) WHERE kind IN ('manual', 'count', 'deduction')
  UNION ALL
  SELECT unit, grp, m.criterion, top, worth
  FROM marks m JOIN rules USING (criterion)
  JOIN steps s ON s.criterion = m.criterion AND m.answer >= s.low AND m.answer < s.high
),
leaves AS (
  SELECT unit, grp, any_value(top) AS top, (2 * sum(points) + count(*)) // (2 * count(*)) AS points
  FROM worth GROUP BY unit, grp, criterion
),
totals AS (SELECT unit, grp, sum(points) AS points, sum(CAST(points >= top AS INTEGER)) AS met FROM leaves GROUP BY unit, grp),
sums AS (
  SELECT unit, sum(points) FILTER (grp > 0) AS base, least(sum(points) FILTER (grp = 0), $bonus) AS bonus,
    sum(met) FILTER (grp > 0) AS met, min(100 * points // top) AS lowest, max(points) FILTER (grp = $tie) AS tie
  FROM totals LEFT JOIN groups USING (grp) GROUP BY unit
),
starred AS (
  SELECT unit, base, bonus, base + bonus AS total, met, tie, coalesce(fact.answer = 1, FALSE) AS passed,
    coalesce((SELECT max(stars) FROM bands WHERE base + bonus >= line), 0) AS stars_by_points,
    coalesce((SELECT max(stars) FROM bands WHERE base + bonus >= line AND lowest >= share), 0) AS held
  FROM sums LEFT JOIN (SELECT unit, answer FROM marks WHERE criterion = $gate) fact USING (unit)
)
SELECT unit, base, bonus, total, met, if(passed, held, 0) AS stars, stars_by_points, passed AND held > 0 AS recognised,
  if(passed, '', $gate) AS blocked_by, rank() OVER (ORDER BY total DESC, tie DESC, base DESC) AS rank,
  count(*) OVER (PARTITION BY total, tie, base) > 1 AS tied
FROM starred ORDER BY unit
"""


def with_duckdb(marks: pd.DataFrame, rubric: Rubric) -> Callable[[], pd.DataFrame]:
    """The same as one SQL query on the frame, which is registered, not copied; returns what runs it.

    Of four ways tried (steps by union, by left join, as lists, and as CASE with figures) this is the fastest.
    """
    database = duckdb.connect()
    database.register("marks", marks)
    keys = {"criterion": marks["criterion"].dtype}
    tables = {"rules": rubric.rules.astype(keys), "steps": rubric.steps.astype(keys)}
    for name, table in (tables | {"groups": rubric.groups, "bands": rubric.bands}).items():
        database.register("made", table)
        database.execute(f"CREATE TABLE {name} AS SELECT * FROM made")
    values = {"bonus": rubric.bonus_top, "tie": TIE, "gate": rubric.gate}
    return lambda: database.execute(SQL, values).df()


def with_numpy(contest: Contest, points: np.ndarray, rubric: Rubric) -> Callable[[], np.ndarray]:
    """Means, groups, minima, stars, ranks of points that are ready: leaves × judges × units, 0 where there is none."""
    counts = (~np.isnan(contest.answers)).sum(axis=1).astype(float)
    groups = rubric.rules["grp"].to_numpy()
    member = (groups == np.arange(len(rubric.groups) + 1).reshape(-1, 1)).astype(float)
    tops = rubric.groups["top"].to_numpy(dtype=float).reshape(-1, 1)
    confirmed = contest.facts == 1
    bands = list(rubric.bands.itertuples(index=False, name=None))

    def reduce() -> np.ndarray:
        sums = member @ (points.sum(axis=1) / counts)
        base, bonus = sums[1:].sum(axis=0), np.minimum(sums[BONUS], rubric.bonus_top)
        total, stars = base + bonus, np.zeros(len(base), dtype=np.int64)
        for count, line, share in bands:
            stars[(total >= line) & (sums[1:] >= tops * (share / 100)).all(axis=0)] = count
        stars[~confirmed] = 0
        columns = np.stack([base, sums[TIE], total])
        best_first = np.lexsort(columns)[::-1]
        ordered = columns[:, best_first]
        first = np.ones(len(base), dtype=np.bool_)
        first[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
        rank = np.empty(len(base), dtype=np.int64)
        rank[best_first] = np.maximum.accumulate(np.where(first, np.arange(len(base)), 0)) + 1
        return np.stack([base, bonus, total, stars, rank])

    return reduce
