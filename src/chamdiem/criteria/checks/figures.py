"""Figures that must add up: maxima from the leaves to the pools, rules against their maxima, decimals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from chamdiem.criteria.checks.places import Found, Loc, Places, Spot
from chamdiem.criteria.checks.sources import source_faults
from chamdiem.criteria.model import CriteriaSet, Node, Pool
from chamdiem.criteria.rules import Rule, Scale
from chamdiem.errors import message

MOST_POINTS = Decimal(100_000)


def figure_faults(places: Places) -> Iterator[Found]:
    """Everything about maxima, weights, rules and decimals in the three pools."""
    criteria = places.criteria
    for name, pool in criteria.pools:
        yield from _maximum(criteria, (name, "max"), pool.max)
        yield from _sum((name,), pool)
    for spot in places.spots:
        yield from _maximum(criteria, (*spot.loc, "max"), spot.node.max)
        if spot.node.weight <= 0:
            yield (*spot.loc, "weight"), message("criteria.weight_not_positive")
        yield from (_group_faults if spot.node.nodes else _leaf_faults)(criteria, spot)
    yield from _bonus_scale(criteria)


def too_many_places(criteria: CriteriaSet, loc: Loc, points: Decimal | Fraction) -> Iterator[Found]:
    """Points with more decimals than the set keeps."""
    if not whole_ticks(criteria, points):
        yield loc, message("criteria.too_many_places", value=points, places=criteria.points.places)


def whole_ticks(criteria: CriteriaSet, points: Decimal | Fraction) -> bool:
    """Whether these points can be written with the decimals the set keeps."""
    exact: Fraction = Fraction(points) * 10**criteria.points.places
    return exact.denominator == 1


def _maximum(criteria: CriteriaSet, loc: Loc, points: Decimal) -> Iterator[Found]:
    if points <= 0:
        yield loc, message("criteria.maximum_not_positive", max=points)
    elif points > MOST_POINTS:
        yield loc, message("criteria.maximum_too_large", max=points, limit=MOST_POINTS)
    yield from too_many_places(criteria, loc, points)


def _group_faults(criteria: CriteriaSet, spot: Spot) -> Iterator[Found]:
    node = spot.node
    if node.rule is not None:
        yield (*spot.loc, "rule"), message("criteria.rule_and_nodes", code=node.code)
    if node.evidence is not None:
        yield (*spot.loc, "evidence"), message("criteria.evidence_on_group", code=node.code)
    if node.source is not None:
        yield (*spot.loc, "source"), message("criteria.source_on_group", code=node.code)
    if node.not_applicable is not None and not node.only_for and node.depends_on is None:
        yield (*spot.loc, "not_applicable"), message("criteria.not_applicable_on_group", code=node.code)
    if node.variants:
        yield (*spot.loc, "variants"), message("criteria.variants_on_group", code=node.code)
    if (node.combine == "best") != (node.best is not None):
        yield (*spot.loc, "combine"), message("criteria.best_needs_count")
    elif node.best is not None and node.best > len(node.nodes):
        yield (*spot.loc, "best"), message("criteria.best_too_many", best=node.best, count=len(node.nodes))
    else:
        yield from _sum(spot.loc, node)


def reached(whole: Node | Pool) -> Fraction:
    """What the maxima of the parts come to, in the way the whole combines them."""
    parts = sorted((Fraction(node.max) * node.weight for node in whole.nodes), reverse=True)
    combine, best = (whole.combine, whole.best) if isinstance(whole, Node) else ("sum", None)
    return sum(parts[: 1 if combine == "choose_one" else best], Fraction(0))


def _sum(loc: Loc, whole: Node | Pool) -> Iterator[Found]:
    """Whether the maxima of the parts make the maximum of the whole, in the way the whole combines them."""
    if whole.scaled:
        if whole.capped and "capped" in whole.model_fields_set:
            yield (*loc, "scaled"), message("criteria.capped_and_scaled")
        return
    combine, best = (whole.combine, whole.best) if isinstance(whole, Node) else ("sum", None)
    parts = reached(whole)
    values = {"parts": message(f"criteria.parts_{combine}", n=best or 1), "reached": parts, "max": whole.max}
    if parts < whole.max:
        yield (*loc, "max"), message("criteria.parts_below", **values)
    elif parts > whole.max and not whole.capped:
        yield (*loc, "max"), message("criteria.parts_above", **values)


def _leaf_faults(criteria: CriteriaSet, spot: Spot) -> Iterator[Found]:
    node = spot.node
    if node.rule is None:
        yield spot.loc, message("criteria.no_rule_no_nodes", code=node.code)
    for name in ("combine", "best", "capped", "scaled"):
        if name in node.model_fields_set:
            yield (*spot.loc, name), message("criteria.only_on_group", key=name)
    if node.max <= 0 or node.max > MOST_POINTS or not whole_ticks(criteria, node.max):
        return
    scale = criteria.scale_of(node)
    found = [((*loc, *place), why) for loc, rule in spot.rules for place, why in rule.faults(scale)]
    yield from found
    if not found and node.rule is not None:
        yield from _lowest_faults(spot, scale)
        yield from _variant_inputs(spot, node.rule, scale)
        yield from source_faults(spot, node.rule, scale)


def _lowest_faults(spot: Spot, scale: Scale) -> Iterator[Found]:
    for loc, rule in spot.rules:
        lowest = rule.lowest(scale)
        if lowest < 0 and spot.pool == "penalties":
            yield loc, message("criteria.penalty_negative")
        if lowest < scale.ticks(-MOST_POINTS):
            yield loc, message("criteria.lowest_too_low", limit=-MOST_POINTS)


def _asked(rule: Rule, scale: Scale) -> list[object]:
    return [
        (one.name, one.type, one.places, one.step, tuple(key for key, _ in one.choices)) for one in rule.inputs(scale)
    ]


def _variant_inputs(spot: Spot, main: Rule, scale: Scale) -> Iterator[Found]:
    """Variants change the points of an answer, not the question: all ask the same things."""
    for at, variant in enumerate(spot.node.variants):
        if _asked(variant.rule, scale) != _asked(main, scale):
            yield (*spot.loc, "variants", at, "rule"), message("criteria.variant_asks_else", category=variant.category)


def _bonus_scale(criteria: CriteriaSet) -> Iterator[Found]:
    bonus = criteria.bonus
    if bonus is None or bonus.scale is None:
        return
    yield from too_many_places(criteria, ("bonus", "scale"), bonus.scale)
    if not criteria.base.max <= bonus.scale <= criteria.base.max + bonus.max:
        low, high = criteria.base.max, criteria.base.max + bonus.max
        yield ("bonus", "scale"), message("criteria.scale_out_of_range", scale=bonus.scale, low=low, high=high)
