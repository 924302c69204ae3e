"""Where things stand in a criteria set: every node with its way from the root, every condition with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TypeAlias

from chamdiem.criteria.conditions import Condition
from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.criteria.rules import Rule
from chamdiem.errors import Message, message

Loc: TypeAlias = tuple[str | int, ...]
Found: TypeAlias = tuple[Loc, Message]
GUESSING_AT_MOST = 500  # names among which a slip of the pen is looked for; more would take too long


@dataclass(frozen=True)
class Spot:
    """One node, the way to it, the nodes it stands in (outermost first) and its pool."""

    loc: Loc
    node: Node
    above: tuple[Node, ...]
    pool: str

    def is_inside(self, other: Spot) -> bool:
        """Whether this node stands in the other one, at any depth."""
        return any(node is other.node for node in self.above)

    @property
    def rules(self) -> Iterator[tuple[Loc, Rule]]:
        """The rule of a leaf and those of its variants, each with the way to it."""
        if self.node.rule is not None:
            yield (*self.loc, "rule"), self.node.rule
        for at, variant in enumerate(self.node.variants):
            yield (*self.loc, "variants", at, "rule"), variant.rule


@dataclass(frozen=True)
class Places:
    """A criteria set with the way to each of its parts."""

    criteria: CriteriaSet

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """Every node, in the order of the rubric."""
        return tuple(
            spot
            for name, pool in self.criteria.pools
            for at, node in enumerate(pool.nodes)
            for spot in _below(Spot((name, "nodes", at), node, (), name))
        )

    @cached_property
    def by_code(self) -> dict[str, Spot]:
        """The first node of each code."""
        first: dict[str, Spot] = {}
        for spot in self.spots:
            first.setdefault(spot.node.code, spot)
        return first

    @cached_property
    def conditions(self) -> tuple[tuple[Loc, Condition], ...]:
        """Every condition of gates, star bands and revocation, those inside others included."""
        criteria = self.criteria
        heads: list[tuple[Loc, Condition]] = [
            (("gates", at, "when"), gate.when) for at, gate in enumerate(criteria.gates)
        ]
        for at, band in enumerate(criteria.stars.bands if criteria.stars else ()):
            heads.extend((("stars", "bands", at, "conditions", n), part) for n, part in enumerate(band.conditions))
        heads.extend((("revocation", at, "when"), case.when) for at, case in enumerate(criteria.revocation))
        return tuple(found for loc, head in heads for found in inside(loc, head))


def _below(spot: Spot) -> Iterator[Spot]:
    yield spot
    for at, node in enumerate(spot.node.nodes):
        yield from _below(Spot((*spot.loc, "nodes", at), node, (*spot.above, spot.node), spot.pool))


def inside(loc: Loc, condition: Condition) -> Iterator[tuple[Loc, Condition]]:
    """A condition and every one inside it, with the way to each."""
    yield loc, condition
    for name, parts in (("any", condition.any), ("all", condition.all)):
        for at, part in enumerate(parts or ()):
            yield from inside((*loc, name, at), part)
    if condition.not_ is not None:
        yield from inside((*loc, "not"), condition.not_)


def unknown(id: str, name: str, known: Iterable[str], **values: object) -> Message:  # noqa: A002 - catalogue's word
    """The sentence for a name that does not exist, with the one that was probably meant."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1) if len(names) <= GUESSING_AT_MOST else []
    return message(id, name=name, hint=message("criteria.did_you_mean", near=near[0]) if near else "", **values)


def repeats(names: Iterable[tuple[Loc, object]], id: str) -> Iterator[Found]:  # noqa: A002
    """Names that stand twice where each may stand once."""
    seen: set[object] = set()
    for loc, name in names:
        if name in seen:
            yield loc, message(id, name=name)
        seen.add(name)
