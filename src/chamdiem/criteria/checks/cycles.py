"""What waits for what: a criterion may not, by any way round, wait for its own points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TypeAlias

from chamdiem.criteria.checks.names import codes_exist
from chamdiem.criteria.checks.places import Found, Loc, Places, Spot, inside
from chamdiem.criteria.rules import Rule
from chamdiem.criteria.rules.formula import Unreadable
from chamdiem.errors import message

Waits: TypeAlias = dict[str, dict[str, Loc]]
CYCLES_AT_MOST = 20
LONGEST_CHAIN = 60  # scoring follows a chain by calling itself


def cycle_faults(places: Places) -> Iterator[Found]:
    """Unknown codes in formulas, and every circle of dependencies between nodes or between gates."""
    for spot in places.spots:
        for loc, code in formula_references(spot):
            yield from codes_exist(places, ((loc, code),))
    kin = list(_kin_faults(places))
    yield from kin
    if not kin:
        yield from _chain_faults(_node_waits(places), "criteria.cycle")
    yield from _chain_faults(_gate_waits(places), "criteria.gate_cycle")


def formula_references(spot: Spot) -> Iterator[tuple[Loc, str]]:
    """The codes that the formulas of a leaf read."""
    for loc, rule in spot.rules:
        for code in sorted(_references(rule)):
            yield (*loc, "expression"), code


def _references(rule: Rule) -> frozenset[str]:
    try:
        return rule.references()
    except Unreadable:
        return frozenset()


def _asked_for(spot: Spot) -> Iterator[tuple[Loc, str]]:
    """The nodes that this node names itself, in depends_on and in formulas."""
    if spot.node.depends_on is not None:
        yield (*spot.loc, "depends_on", "code"), spot.node.depends_on.code
    yield from formula_references(spot)


def _kin_faults(places: Places) -> Iterator[Found]:
    """Nodes that depend on themselves, on a group they stand in, or on a part of themselves."""
    for spot in places.spots:
        for loc, code in _asked_for(spot):
            other = places.by_code.get(code)
            if other is None:
                continue
            if other.node.code == spot.node.code:
                yield loc, message("criteria.depends_on_itself", code=code)
            elif spot.is_inside(other):
                yield loc, message("criteria.depends_on_own_group", code=code)
            elif other.is_inside(spot):
                yield loc, message("criteria.depends_on_own_part", code=code)


def _node_waits(places: Places) -> Waits:
    """For each node the nodes whose points must be known first, with the place that says so.

    A node also waits for its parts, for what the groups around it depend on, and for the last node before it (in its
    pool) that may stop the marking, with the groups around that one that may: those before have been waited for there.
    """
    waits: Waits = {code: {} for code in places.by_code}
    stops: dict[str, list[Spot]] = {}
    for spot in places.spots:
        wait = waits[spot.node.code]
        wait.update({child.code: (*spot.loc, "nodes") for child in spot.node.nodes})
        stopper = _stopper_before(stops.setdefault(spot.pool, []), spot)
        ended = (
            () if stopper is None else (stopper.node, *(group for group in stopper.above if group.stop_if is not None))
        )
        for node in ended:
            if all(node is not group for group in spot.above):
                wait[node.code] = (*places.by_code[node.code].loc, "stop_if")
        for group in spot.above:
            if group.depends_on is not None:
                wait[group.depends_on.code] = (*places.by_code[group.code].loc, "depends_on", "code")
        wait.update({code: loc for loc, code in _asked_for(spot)})
        if spot.node.stop_if is not None:
            stops[spot.pool].append(spot)
    return waits


def _stopper_before(stops: list[Spot], spot: Spot) -> Spot | None:
    """The last stopping node that ended before this one began: a group around it has not ended."""
    return next((one for one in reversed(stops) if not spot.is_inside(one)), None)


def _chain_faults(waits: Waits, id: str) -> Iterator[Found]:  # noqa: A002
    """Circles or, where there are none, a row too long to follow."""
    rings = list(circles(waits, id))
    yield from rings or _long_chain(waits)


def _long_chain(waits: Waits) -> Iterator[Found]:
    """The first one that waits for so long a row of others that scoring could not follow it."""
    known = {name: {other: loc for other, loc in wait.items() if other in waits} for name, wait in waits.items()}
    depth: dict[str, int] = {}
    for name in TopologicalSorter(known).static_order():
        steps = [(depth[other] + (loc[-1] != "stop_if"), loc) for other, loc in known[name].items()]
        depth[name], place = max(steps, key=lambda step: step[0], default=(0, ()))
        if depth[name] > LONGEST_CHAIN:
            yield place, message("criteria.chain_too_long", code=name, limit=LONGEST_CHAIN)
            return


def _gate_waits(places: Places) -> Waits:
    waits: Waits = {gate.id: {} for gate in places.criteria.gates}
    for at, gate in enumerate(places.criteria.gates):
        for loc, part in inside(("gates", at, "when"), gate.when):
            if part.gate is not None:
                waits[gate.id][part.gate] = (*loc, "gate")
    return waits


def circles(waits: Mapping[str, Mapping[str, Loc]], id: str) -> Iterator[Found]:  # noqa: A002
    """One problem for each circle found, naming its members in order, at a place that helps to close it."""
    left = {name: {other: loc for other, loc in wait.items() if other in waits} for name, wait in waits.items()}
    for _ in range(CYCLES_AT_MOST):
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            ring = _from_first(list(reversed(error.args[1])), list(waits))
        else:
            return
        places = [left[name][other] for name, other in pairwise(ring)]
        loc = next((place for place in places if place[-1] not in ("nodes", "stop_if")), places[0])
        yield loc, message(id, ring=" → ".join(ring))
        for name, other in pairwise(ring):
            left[name].pop(other, None)


def _from_first(ring: list[str], order: list[str]) -> list[str]:
    """The same circle, begun at the member that stands first in the rubric."""
    start = min(range(len(ring) - 1), key=lambda at: order.index(ring[at]))
    return [*ring[start:-1], *ring[: start + 1]]
