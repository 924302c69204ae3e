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
        ladder = [(n, level.points) for n, level in enumerate(getattr(rule, "levels", ()), 1)]
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
    """Rules by merge, one vectorised expression for each kind; means, groups and ranks by groupby.

    Of three ways tried (one wide np.select; maps by kind; kind by kind, as here) this is the fastest.
    """
    keys = marks["criterion"].dtype
    rules = rubric.rules.astype({"criterion": keys, "kind": "category"})
    steps = rubric.steps.astype({"criterion": keys}).rename(columns={"low": "answer", "worth": "points"})
    parts = []
    for kind, part in marks.merge(rules, on="criterion").groupby("kind", observed=True):
        match kind:
            case "manual":
                part["points"] = np.rint(part["answer"] * 100).astype("int64")
            case "levels":
                part = part.merge(steps, on=["criterion", "answer"])
            case "bands":
                part = pd.merge_asof(part.sort_values("answer"), steps.sort_values("answer"), on="answer", by="criterion")
            case "count":
                part["points"] = np.minimum(part["answer"] * part["each"], part["top"]).astype("int64")
            case _:
                part["points"] = np.maximum(part["top"] - part["answer"] * part["each"], 0).astype("int64")
        parts.append(part[["unit", "criterion", "grp", "points"]])
    panel = pd.concat(parts).groupby(["unit", "grp", "criterion"], observed=True)["points"].agg(["sum", "count"])
    panel["points"] = (2 * panel["sum"] + panel["count"]) // (2 * panel["count"])
    groups = panel.groupby(["unit", "grp"], observed=True)["points"].sum().unstack("grp")
    return _pandas_verdict(marks, groups, rubric)


def _pandas_verdict(marks: pd.DataFrame, groups: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    tops = rubric.groups.set_index("grp")["top"]
    confirmed = marks[marks["criterion"] == rubric.gate].set_index("unit")["answer"].eq(1)
    base, bonus = groups[tops.index].sum(axis=1), groups[BONUS].clip(upper=rubric.bonus_top)
    units = pd.DataFrame({"base": base, "bonus": bonus, "total": base + bonus, "stars": 0})
    for band in rubric.bands.itertuples():
        holds = (groups[tops.index] * 100).ge(tops * band.share).all(axis=1)
        units.loc[holds & (units["total"] >= band.line), "stars"] = band.stars
    units.loc[~confirmed.reindex(units.index, fill_value=False), "stars"] = 0
    order = (units["total"] * 10**6 + groups[TIE]) * 10**6 + base
    units["rank"] = order.rank(method="min", ascending=False).astype("int64")
    return units.reset_index()


SQL = """
WITH worth AS (
  SELECT unit, grp, criterion,
    CASE kind WHEN 'manual' THEN CAST(round(answer * 100) AS INTEGER)
              WHEN 'count' THEN least(CAST(answer AS INTEGER) * each, top)
              ELSE greatest(top - CAST(answer AS INTEGER) * each, 0) END AS points
  FROM marks JOIN rules USING (criterion) WHERE kind IN ('manual', 'count', 'deduction')
  UNION ALL
  SELECT unit, grp, m.criterion, worth
  FROM marks m JOIN rules USING (criterion)
  JOIN steps s ON s.criterion = m.criterion AND m.answer >= s.low AND m.answer < s.high
),
leaves AS (
  SELECT unit, grp, (2 * sum(points) + count(*)) // (2 * count(*)) AS points FROM worth GROUP BY unit, grp, criterion
),
totals AS (SELECT unit, grp, sum(points) AS points FROM leaves GROUP BY unit, grp),
sums AS (
  SELECT unit, sum(points) FILTER (grp > 0) AS base, least(sum(points) FILTER (grp = 0), $bonus) AS bonus,
    min(100 * points // top) AS lowest, max(points) FILTER (grp = $tie) AS tie
  FROM totals LEFT JOIN groups USING (grp) GROUP BY unit
),
starred AS (
  SELECT unit, base, bonus, base + bonus AS total, tie,
    CASE WHEN fact.answer = 1 THEN coalesce(
      (SELECT max(stars) FROM bands WHERE base + bonus >= line AND lowest >= share), 0) ELSE 0 END AS stars
  FROM sums LEFT JOIN (SELECT unit, answer FROM marks WHERE criterion = $gate) fact USING (unit)
)
SELECT unit, base, bonus, total, stars, rank() OVER (ORDER BY total DESC, tie DESC, base DESC) AS rank
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
    """Means, groups, minima, stars and ranks of points that are ready (leaves × judges × units, 0 where there is none)."""
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
