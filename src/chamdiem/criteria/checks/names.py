"""Names that must exist and be alone: codes, facts, gates, categories, and everything that refers to them."""

from __future__ import annotations

from collections.abc import Iterator

from chamdiem.criteria.checks.places import Found, Loc, Places, Spot, repeats, unknown
from chamdiem.errors import message

RESERVED = ("base", "bonus", "penalties", "total")


def name_faults(places: Places) -> Iterator[Found]:
    """Every name that stands twice, is reserved, or is used without being there."""
    yield from _alone(places)
    for spot in places.spots:
        yield from _units_named(places, spot)
        if spot.node.depends_on is not None:
            yield from codes_exist(places, (((*spot.loc, "depends_on", "code"), spot.node.depends_on.code),))
    yield from _evidence_once(places)
    yield from _ties(places)
    yield from _set_names(places)


def codes_exist(places: Places, named: tuple[tuple[Loc, str], ...]) -> Iterator[Found]:
    """Codes that no node has."""
    for loc, code in named:
        if code not in places.by_code:
            yield loc, unknown("criteria.unknown_code", code, places.by_code)


def listed(loc: Loc, codes: tuple[str, ...]) -> tuple[tuple[Loc, str], ...]:
    """Each item of a list with its place."""
    return tuple(((*loc, at), code) for at, code in enumerate(codes))


def _alone(places: Places) -> Iterator[Found]:
    criteria = places.criteria
    codes = [((*spot.loc, "code"), spot.node.code) for spot in places.spots]
    facts = [(("facts", at, "id"), fact.id) for at, fact in enumerate(criteria.facts)]
    gates = [(("gates", at, "id"), gate.id) for at, gate in enumerate(criteria.gates)]
    categories = [(("categories", at, "id"), category.id) for at, category in enumerate(criteria.categories)]
    yield from repeats(codes, "criteria.repeated_code")
    awards = [(("awards", at, "id"), award.id) for at, award in enumerate(criteria.awards)]
    for names in (facts, gates, categories, awards):
        yield from repeats(names, "criteria.repeated_id")
    yield from repeats(listed(("unit_kinds",), criteria.unit_kinds), "criteria.repeated_item")
    for loc, name in (*codes, *facts, *gates):
        if name in RESERVED:
            yield loc, message("criteria.reserved_name", name=name)
    for loc, name in (*facts, *gates):
        if name in places.by_code:
            yield loc, message("criteria.id_is_code", name=name)
    for loc, name in categories:
        if name in criteria.unit_kinds:
            yield loc, message("criteria.category_is_unit_kind", name=name)


def _units_named(places: Places, spot: Spot) -> Iterator[Found]:
    criteria, node = places.criteria, spot.node
    categories = {category.id for category in criteria.categories}
    for at, variant in enumerate(node.variants):
        if variant.category not in categories:
            yield (
                (*spot.loc, "variants", at, "category"),
                unknown("criteria.unknown_category", variant.category, categories),
            )
    named = [((*spot.loc, "variants", at, "category"), one.category) for at, one in enumerate(node.variants)]
    yield from repeats(named, "criteria.repeated_item")
    only_for = listed((*spot.loc, "only_for"), node.only_for)
    yield from repeats(only_for, "criteria.repeated_item")
    for loc, name in only_for:
        if name not in categories and name not in criteria.unit_kinds:
            yield loc, unknown("criteria.unknown_unit", name, (*categories, *criteria.unit_kinds))


def _evidence_once(places: Places) -> Iterator[Found]:
    for at, codes in enumerate(places.criteria.evidence_once):
        named = listed(("evidence_once", at), codes)
        yield from codes_exist(places, named)
        yield from repeats(named, "criteria.repeated_item")
        for loc, code in named:
            if code in places.by_code and places.by_code[code].node.nodes:
                yield loc, message("criteria.not_a_leaf", code=code)


def _ties(places: Places) -> Iterator[Found]:
    criteria = places.criteria
    dates = {fact.id for fact in criteria.facts if fact.kind == "date"}
    for at, key in enumerate(criteria.ties.keys):
        loc: Loc = ("ties", "keys", at)
        if sum(one is not None for one in (key.node, key.sum, key.earliest)) != 1:
            yield loc, message("criteria.tie_key_one")
        if key.node is not None:
            yield from codes_exist(places, (((*loc, "node"), key.node),))
        if key.sum is not None and key.sum != "total":
            yield from pool_exists(places, (*loc, "sum"), key.sum)
        if key.earliest is not None and key.earliest not in dates:
            yield (*loc, "earliest"), unknown("criteria.unknown_date_fact", key.earliest, dates)
    names = tuple(key.node or key.sum or key.earliest or "" for key in criteria.ties.keys)
    yield from repeats(listed(("ties", "keys"), names), "criteria.repeated_item")


def pool_exists(places: Places, loc: Loc, pool: str) -> Iterator[Found]:
    """A reference to the bonus or the penalties of a set that has none."""
    if pool not in dict(places.criteria.pools):
        yield loc, message("criteria.no_such_pool", pool=message(f"key.{pool}"))


def _set_names(places: Places) -> Iterator[Found]:
    criteria = places.criteria
    if criteria.replaces is not None:
        name, _, version = criteria.replaces.partition("@")
        if not name or not version:
            yield ("replaces",), message("criteria.replaces_form")
        if (name, version) == (criteria.id, criteria.version):
            yield ("replaces",), message("criteria.replaces_itself")
    if criteria.ranking.within == "category" and not criteria.categories:
        yield ("ranking", "within"), message("criteria.ranking_needs_categories")
