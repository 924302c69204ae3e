"""Ranks: by the declared figure, then the declared keys, else co-ranked; and the quota of the top class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chamdiem.criteria.columns import Array, Mask
from chamdiem.criteria.model import Quota
from chamdiem.scoring.figures import HEADLINE, Matter
from chamdiem.scoring.sheet import Sheet
from chamdiem.scoring.verdict import Court, Verdict, awarded

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


def order_of(sheet: Sheet, verdict: Verdict, court: Court, layer: int = HEADLINE) -> Array:
    """The number that orders all units, larger for better: the figure that is ranked on, then the tie keys."""
    columns = [_figure(verdict, sheet.plan.criteria.ranking.on), *_tie_keys(sheet, verdict, court)]
    return order_keys([column if column.ndim == 1 else column[layer] for column in columns])


def candidates(sheet: Sheet, verdict: Verdict, layer: int = HEADLINE) -> Mask:
    """The units that are ranked: all that have a result, or those that are recognised."""
    scored: Mask = verdict.totals.scored
    return scored & verdict.recognised[layer] if sheet.plan.criteria.ranking.include == "recognised" else scored


def rank(sheet: Sheet, verdict: Verdict, order: Array) -> tuple[Array, Mask]:
    """The rank of each unit in its group (0 is unranked), and whether it shares it."""
    criteria, who = sheet.plan.criteria, candidates(sheet, verdict)
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
    return ranks, shared


def _figure(verdict: Verdict, name: str) -> Array:
    figures = {"total": verdict.totals.total, "base": verdict.totals.base}
    return verdict.met_count if name == "met" else figures[name]


def _tie_keys(sheet: Sheet, verdict: Verdict, court: Court) -> list[Array]:
    columns: list[Array] = []
    for key in sheet.plan.criteria.ties.keys:
        if key.node is not None:
            columns.append(_numbered(sheet.figures[sheet.plan.branch(key.node).index].points))
        elif key.sum is not None:
            figure = getattr(verdict.totals, key.sum)
            columns.append(-figure if key.sum == "penalties" else figure)
        elif key.earliest is not None:
            day, known = court.fact(key.earliest)
            columns.append(np.where(known, -day, np.iinfo(np.int64).min))
    return columns


def _numbered(points: Array) -> Array:
    """Whole numbers in the same order, for figures that are kept exact until the total."""
    return points if points.dtype != object else np.unique(points, return_inverse=True)[1].reshape(points.shape)


def apply_quota(sheet: Sheet, verdict: Verdict, court: Court) -> None:
    """Lower the units that stand beyond the quota of the limited class: they are judged for the classes below it.

    The quota is one for all units, in whatever groups they are ranked, and counts those of higher classes too. Floor
    and ceiling have their own order, so they stay what the stars would be if no, or all, pending evidence counted.
    """
    quota = sheet.plan.criteria.quota
    if quota is None:
        return
    for layer in range(sheet.layers):
        order = order_of(sheet, verdict, court, layer)
        cut = _beyond(quota, order, verdict.stars[layer], _counted(sheet, verdict, quota, layer))
        below = [band for band in verdict.bands if band[0].stars < quota.stars]
        verdict.stars[layer] = np.where(cut, awarded(sheet, below, verdict.stars.shape)[layer], verdict.stars[layer])
        verdict.recognised[layer] &= ~cut | (verdict.stars[layer] > 0)
        if layer == HEADLINE:
            verdict.quota_cut = cut


def _counted(sheet: Sheet, verdict: Verdict, quota: Quota, layer: int) -> int:
    """How many units the quota is a share of."""
    units = candidates(sheet, verdict, layer) if quota.of == "ranked" else verdict.recognised[layer]
    return int(np.count_nonzero(units))


def _beyond(quota: Quota, order: Array, stars: Array, units: int) -> Mask:
    """The units of the limited class that stand beyond its quota."""
    cut = np.zeros(len(order), dtype=np.bool_)
    inside = np.flatnonzero(stars >= quota.stars)
    most = allowed(quota, units)
    if len(inside) > most:
        standing = places(order[inside], "competition")
        size = np.bincount(standing)[standing]
        kept = standing + size - 1 <= most if quota.ties == "all_out" else standing <= most
        cut[inside[~kept]] = True
    return cut


def allowed(quota: Quota, ranked: int) -> int:
    """How many units the quota lets in; a share is rounded down."""
    if quota.count is not None:
        return quota.count
    assert quota.share is not None
    return ranked * quota.share.numerator // quota.share.denominator
