"""Conditions, stars and quotas: what they name must exist, and what they ask must be within reach."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from chamdiem.criteria.checks.figures import too_many_places
from chamdiem.criteria.checks.names import codes_exist, listed, pool_exists
from chamdiem.criteria.checks.places import Found, Loc, Places, Spot, repeats, unknown
from chamdiem.criteria.conditions import Condition, Failed, Limit, Met
from chamdiem.criteria.model import Award, CriteriaSet, StarBand
from chamdiem.criteria.scalars import Amount
from chamdiem.errors import message


def verdict_faults(places: Places) -> Iterator[Found]:
    """Everything about conditions, dependencies, stars, quota, awards and the way the result is read."""
    for loc, condition in places.conditions:
        yield from _condition_faults(places, loc, condition)
    for spot in places.spots:
        yield from _dependency_faults(places, spot)
    yield from _star_faults(places.criteria)
    yield from _quota_faults(places.criteria)
    for at, award in enumerate(places.criteria.awards):
        yield from _award_faults(places.criteria, ("awards", at), award)
    yield from _count_faults(places)


def reachable(criteria: CriteriaSet) -> Decimal:
    """The most points a total can be: the bonus passes the scale only where the set says so."""
    if criteria.bonus is None:
        return criteria.base.max
    most = criteria.base.max + criteria.bonus.max
    return min(most, criteria.scale) if criteria.bonus.within_scale else most


def amount_faults(criteria: CriteriaSet, loc: Loc, amount: Amount, top: Decimal, most: Decimal) -> Iterator[Found]:
    """A threshold in points or as a share of `top`: too finely written, negative, or more than can be reached."""
    if not amount.is_share:
        yield from too_many_places(criteria, loc, amount.number)
    if amount.is_share and amount.number < 0:
        yield loc, message("criteria.share_negative")
    reached = points_of(amount, top)
    if reached > most or (reached == most and loc[-1] == "above"):
        yield loc, message("criteria.out_of_reach", most=most)


def points_of(amount: Amount, top: Decimal) -> Fraction:
    """A threshold in points, a share being a share of `top`."""
    return amount.number * Fraction(top) if amount.is_share else amount.number


def _condition_faults(places: Places, loc: Loc, condition: Condition) -> Iterator[Found]:
    criteria, value = places.criteria, getattr(condition, condition.form)
    here = (*loc, condition.form)
    if isinstance(value, Limit):
        yield from _limit_faults(places, here, value, condition)
    elif isinstance(value, Met | Failed):
        yield from _counting_faults(places, here, value)
    elif condition.required is not None:
        named = listed(here, condition.required)
        yield from codes_exist(places, named)
        yield from repeats(named, "criteria.repeated_item")
    elif condition.fact is not None:
        flags = {fact.id for fact in criteria.facts if fact.kind == "flag"}
        if condition.fact not in flags:
            yield here, unknown("criteria.unknown_flag_fact", condition.fact, flags)
    elif condition.gate is not None:
        gates = {gate.id for gate in criteria.gates}
        if condition.gate not in gates:
            yield here, unknown("criteria.unknown_gate", condition.gate, gates)


def _limit_faults(places: Places, loc: Loc, limit: Limit, condition: Condition) -> Iterator[Found]:
    if condition.node is not None:
        yield from codes_exist(places, (((*loc, "code"), condition.node.code),))
    if condition.bonus is not None:
        yield from pool_exists(places, loc, "bonus")
    if condition.total is not None and places.criteria.result == "met_count":
        yield loc, message("criteria.no_total")
    tops = _tops(places, condition)
    if tops:
        top = min(tops) if limit.side in ("at_least", "above") else max(tops)
        most = reachable(places.criteria) if condition.total is not None else top
        yield from amount_faults(places.criteria, (*loc, limit.side), getattr(limit, limit.side), top, most)


def _tops(places: Places, condition: Condition) -> list[Decimal]:
    """The maxima of what a condition looks at; empty where that does not exist."""
    criteria = places.criteria
    match condition.form:
        case "total":
            return [criteria.scale]
        case "base":
            return [criteria.base.max]
        case "bonus":
            return [criteria.bonus.max] if criteria.bonus else []
        case "each_group":
            return [node.max for node in criteria.base.nodes]
        case "each_leaf":
            return [spot.node.max for spot in places.spots if spot.pool == "base" and not spot.node.nodes]
    spot = places.by_code.get(condition.node.code) if condition.node else None
    return [spot.node.max] if spot else []


def _counting_faults(places: Places, loc: Loc, count: Met | Failed) -> Iterator[Found]:
    among = listed((*loc, "among"), count.among)
    critical = listed((*loc, "none_of"), count.none_of) if isinstance(count, Failed) else ()
    for named in (among, critical):
        yield from codes_exist(places, named)
        yield from repeats(named, "criteria.repeated_item")
    leaves = sum(spot.pool == "base" and not spot.node.nodes for spot in places.spots)
    most = len(count.among) or leaves
    wanted = count.at_least if isinstance(count, Met) else count.at_most
    if wanted is not None and wanted > most:
        side = "at_least" if isinstance(count, Met) else "at_most"
        yield (*loc, side), message("criteria.count_out_of_range", count=wanted, most=most)
    if isinstance(count, Failed):
        if count.at_most is None and count.share_below is None and not count.none_of:
            yield loc, message("criteria.failed_empty")
        if count.share_below is not None and not (count.share_below.is_share and 0 < count.share_below.number <= 1):
            yield (*loc, "share_below"), message("criteria.share_out_of_range")


def _dependency_faults(places: Places, spot: Spot) -> Iterator[Found]:
    criteria, node = places.criteria, spot.node
    if node.depends_on is not None and node.depends_on.code in places.by_code:
        top = places.by_code[node.depends_on.code].node.max
        yield from amount_faults(criteria, (*spot.loc, "depends_on", "at_least"), node.depends_on.at_least, top, top)
    if node.stop_if is not None:
        yield from amount_faults(criteria, (*spot.loc, "stop_if", "below"), node.stop_if.below, node.max, node.max)


def _star_faults(criteria: CriteriaSet) -> Iterator[Found]:
    if criteria.stars is None:
        return
    bands = list(enumerate(criteria.stars.bands))
    top, most = criteria.scale, reachable(criteria)
    if criteria.stars.on == "base":
        top = most = criteria.base.max
    if criteria.result == "met_count":
        yield ("stars",), message("criteria.no_points_for_stars")
    yield from repeats(((("stars", "bands", at, "stars"), band.stars) for at, band in bands), "criteria.repeated_stars")
    for at, band in bands:
        yield from amount_faults(criteria, ("stars", "bands", at, "from"), band.from_, top, most)
    yield from _star_order(bands, top)


def _star_order(bands: list[tuple[int, StarBand]], top: Decimal) -> Iterator[Found]:
    written = [band.stars for _, band in bands]
    if written not in (sorted(written), sorted(written, reverse=True)):
        yield ("stars", "bands"), message("criteria.stars_order")
    for (_, lower), (at, upper) in pairwise(sorted(bands, key=lambda pair: pair[1].stars)):
        if lower.stars != upper.stars and points_of(lower.from_, top) >= points_of(upper.from_, top):
            where: Loc = ("stars", "bands", at, "from")
            yield where, message("criteria.stars_not_above", stars=upper.stars, lower=lower.stars)


def _quota_faults(criteria: CriteriaSet) -> Iterator[Found]:
    quota = criteria.quota
    if quota is None:
        return
    if (quota.share is None) == (quota.count is None):
        yield ("quota",), message("criteria.share_or_count")
    if quota.share is not None and not 0 < quota.share < 1:
        yield ("quota", "share"), message("criteria.share_out_of_range")
    if quota.count == 0:
        yield ("quota", "count"), message("criteria.step_not_positive", step=0)
    if quota.stars not in {band.stars for band in (criteria.stars.bands if criteria.stars else ())}:
        yield ("quota", "stars"), message("criteria.unknown_stars", stars=quota.stars)


def _award_faults(criteria: CriteriaSet, loc: Loc, award: Award) -> Iterator[Found]:
    if not 1 <= award.at_least <= award.at_most:
        yield (*loc, "at_most"), message("criteria.award_range", low=award.at_least, high=award.at_most)
    known = (*(category.id for category in criteria.categories), *criteria.unit_kinds)
    named = listed((*loc, "only_for"), award.only_for)
    yield from repeats(named, "criteria.repeated_item")
    for place, name in named:
        if name not in known:
            yield place, unknown("criteria.unknown_unit", name, known)


def _count_faults(places: Places) -> Iterator[Found]:
    """A set whose result is the number of criteria met has no total to rank by."""
    if places.criteria.result == "met_count" and places.criteria.ranking.on != "met":
        yield ("result",), message("criteria.rank_on_met")
