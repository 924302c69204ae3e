"""Ranks: by the declared figure, then the declared keys, else co-ranked; and the quota of the top class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chamdiem.criteria.columns import Array, Mask
from chamdiem.criteria.model import Quota
from chamdiem.scoring.sheet import HEADLINE, Matter, Sheet
from chamdiem.scoring.verdict import Court, Verdict

UNRANKED = 0


def places(order_key: Array, numbering: str) -> Array:
    """Ranks from 1 of whole numbers that are larger for better; equal numbers share a rank.

    "competition" leaves a gap after a shared rank (1, 2, 2, 4), "dense" does not (1, 2, 2, 3).
    """
    size = np.bincount(order_key)
    if numbering == "dense":
        size = np.minimum(size, 1)
    not_behind = size[::-1].cumsum()[::-1]
    return (not_behind - size)[order_key] + 1


def order_keys(columns: Sequence[Array]) -> Array:
    """One whole number per unit that orders units as the columns do, one after the other (larger is better)."""
    upwards = np.lexsort(columns[::-1])
    steps = np.zeros(len(upwards), dtype=np.bool_)
    for column in columns:
        steps[1:] |= np.diff(column[upwards]) != 0
    order = np.empty(len(upwards), dtype=np.int64)
    order[upwards] = np.cumsum(steps)
    return order


def rank(sheet: Sheet, verdict: Verdict, court: Court) -> tuple[Array, Mask, Array]:
    """The rank of each unit (0 is unranked), whether it shares it, and the number that orders all units."""
    criteria = sheet.plan.criteria
    who = verdict.totals.scored.copy()
    if criteria.ranking.include == "recognised":
        who &= verdict.recognised[HEADLINE]
    order = order_keys([_figure(verdict, criteria.ranking.on), *_tie_keys(sheet, verdict, court)])
    ranks = np.full(sheet.units, UNRANKED, dtype=np.int64)
    shared = np.zeros(sheet.units, dtype=np.bool_)
    group = sheet.cohort
    for one in np.unique(group):
        here = who & (group == one)
        if here.any():
            ranks[here] = places(order[here], criteria.ties.numbering)
            shared[here] = np.bincount(ranks[here])[ranks[here]] > 1
    if shared.any() and criteria.ties.otherwise == "decide":
        sheet.matters.append(Matter("matter.tie_to_decide", shared, figures={"rank": ranks}))
    return ranks, shared, order


def _figure(verdict: Verdict, name: str) -> Array:
    figures = {"total": verdict.totals.total, "base": verdict.totals.base}
    figure: Array = (figures[name] if name in figures else verdict.met_count)[HEADLINE]
    return figure


def _tie_keys(sheet: Sheet, verdict: Verdict, court: Court) -> list[Array]:
    columns: list[Array] = []
    for key in sheet.plan.criteria.ties.keys:
        if key.node is not None:
            columns.append(_numbered(sheet.figures[sheet.plan.branch(key.node).index].points[HEADLINE]))
        elif key.sum is not None:
            figure = getattr(verdict.totals, key.sum)[HEADLINE]
            columns.append(-figure if key.sum == "penalties" else figure)
        elif key.earliest is not None:
            day, known = court.facts[key.earliest]
            columns.append(np.where(known, -day, np.iinfo(np.int64).min))
    return columns


def _numbered(points: Array) -> Array:
    """Whole numbers in the same order, for figures that are kept exact until the total."""
    return points if points.dtype != object else np.unique(points, return_inverse=True)[1]


def apply_quota(sheet: Sheet, verdict: Verdict, order: Array) -> None:
    """Lower the units of the limited class that stand beyond its quota to the best band below whose conditions hold."""
    quota = sheet.plan.criteria.quota
    if quota is None:
        return
    ranked = verdict.totals.scored if quota.of == "ranked" else verdict.recognised[HEADLINE]
    inside = np.flatnonzero(verdict.stars[HEADLINE] >= quota.stars)
    allowed = _allowed(quota, int(ranked.sum()))
    if len(inside) <= allowed:
        verdict.quota_cut = np.zeros(sheet.units, dtype=np.bool_)
        return
    standing = places(order[inside], "competition")
    size = np.bincount(standing, minlength=len(inside) + 2)[standing]
    kept = standing + size - 1 <= allowed if quota.ties == "all_out" else standing <= allowed
    cut = np.zeros(sheet.units, dtype=np.bool_)
    cut[inside[~kept]] = True
    lower = np.zeros(sheet.units, dtype=np.int64)
    for band, reached, conditions in verdict.bands:
        if band.stars < quota.stars:
            holds = reached.met[HEADLINE].copy()
            for condition in conditions:
                holds = holds & condition.met[HEADLINE]
            lower[holds] = band.stars
    verdict.stars[HEADLINE] = np.where(cut, lower, verdict.stars[HEADLINE])
    verdict.recognised[HEADLINE] &= verdict.stars[HEADLINE] > 0
    verdict.quota_cut = cut


def _allowed(quota: Quota, ranked: int) -> int:
    """How many units the quota lets in; a share is rounded down."""
    if quota.count is not None:
        return quota.count
    assert quota.share is not None
    return ranked * quota.share.numerator // quota.share.denominator
