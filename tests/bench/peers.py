"""The same scoring as an analyst would write it without chamdiem: pandas, DuckDB, and a bare numpy reduction.

pandas and DuckDB work in whole hundredths, because their floats would put units on wrong ranks; the benchmark checks
that their totals, stars and ranks are those of the engine. numpy's floats start from points that are ready; they are
the yardstick of how fast it could be, not of what is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from contest import Contest

LEVELS = (0, 50, 75, 150, 200)
EDGES, WORTH = (50, 75, 90), (0, 50, 125, 200)
SHARES = (40, 50, 60, 70, 75)
LINES = (50, 58, 66, 74, 82)
BONUS = 300
COLUMNS = ["unit", "base", "bonus", "total", "stars", "rank"]


def rubric(contest: Contest) -> pd.DataFrame:
    """One row per criterion: its rule, its group (0 is the bonus) and its maximum in hundredths."""
    rows = []
    for leaf in contest.criteria.leaves:
        kind = leaf.rule.kind  # type: ignore[union-attr]
        group = 0 if leaf.code.startswith("B") else int(leaf.code.partition(".")[0])
        rows.append((leaf.code, kind, group, 200))
    return pd.DataFrame(rows, columns=["criterion", "kind", "group", "top"])


# pandas ---------------------------------------------------------------------------------------------------------


def with_pandas(frame: pd.DataFrame, rubric: pd.DataFrame) -> pd.DataFrame:
    """Rules by merge and select, means by groupby, half away from zero, groups, bonus cap, gate, minima, stars, ranks."""
    keys = frame["criterion"].dtype
    marks = frame.merge(rubric.astype({"criterion": keys, "kind": "category"}), on="criterion")
    answer = np.rint(marks["answer"] * 100).astype("int64")
    kind, count = marks["kind"], answer // 100
    marks["points"] = np.select(
        [kind == "manual", kind == "levels", kind == "bands", kind == "count"],
        [
            answer,
            np.array(LEVELS).take(count - 1, mode="clip"),
            np.array(WORTH)[np.searchsorted(EDGES, count, side="right")],
            np.minimum(count * 30, 200),
        ],
        np.maximum(200 - count * 35, 0),
    )
    panel = marks.groupby(["unit", "group", "criterion"], observed=True)["points"].agg(["sum", "count"])
    panel["points"] = (2 * panel["sum"] + panel["count"]) // (2 * panel["count"])
    groups = panel.groupby(["unit", "group"], observed=True)["points"].sum().unstack("group")
    tops = rubric[rubric["group"] > 0].groupby("group")["top"].sum()
    fact = frame[frame["criterion"] == "ky_luat"].set_index("unit")["answer"].eq(1)
    base, bonus = groups[tops.index].sum(axis=1), groups[0].clip(upper=BONUS)
    units = pd.DataFrame({"base": base, "bonus": bonus, "total": base + bonus, "stars": 0})
    scale = tops.sum() + BONUS
    for stars, (line, share) in enumerate(zip(LINES, SHARES, strict=True), 1):
        reached = units["total"] * 100 >= line * scale
        holds = (groups[tops.index] * 100).ge(tops * share).all(axis=1)
        units.loc[reached & holds, "stars"] = stars
    units.loc[~fact.reindex(units.index, fill_value=False), "stars"] = 0
    order = (units["total"] * 10**6 + groups[5]) * 10**6 + base
    units["rank"] = order.rank(method="min", ascending=False).astype("int64")
    return units.reset_index()[COLUMNS]
