"""A criteria set laid out for columnar arithmetic: nodes in order, one slot per input, one table per small rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from chamdiem.criteria.columns import Array, Exact, Mask
from chamdiem.criteria.model import CriteriaSet, Fact, Node
from chamdiem.criteria.rules import Answers, Input, Rule, Scale
from chamdiem.points import Rounding
from chamdiem.scoring.slots import TABLE_AT_MOST, Slot, Spelling, spellings_of

if TYPE_CHECKING:
    from chamdiem.scoring.figures import Figure, Matter

    Remembered = dict[tuple[object, ...], tuple[Figure, Array, tuple[Matter, ...]]]

POOLS = ("base", "bonus", "penalties")
Level = Literal["mark", "leaf", "group", "total"]
LEVELS: tuple[Level, ...] = ("mark", "leaf", "group", "total")


@dataclass(frozen=True)
class Leaf:
    """A leaf with its slots, and the table of its points when its domain is small: table[stored] = points in ticks.

    A stored answer past the end of the table is worth what the last entry is worth.
    """

    index: int
    node: Node
    scale: Scale
    slots: tuple[Slot, ...]
    rules: tuple[tuple[str, Rule], ...]
    table: Array | None

    @property
    def rule(self) -> Rule:
        """The rule for units of no special category."""
        return self.rules[0][1]

    def by_rule(self, categories: Sequence[str]) -> Iterator[tuple[Rule, Mask]]:
        """The rules that any of these units is graded by, and which units."""
        left, every = np.ones(len(categories), dtype=np.bool_), np.array(categories, dtype=object)
        for category, rule in self.rules[1:]:
            mine = np.asarray(every == category, dtype=np.bool_)
            left &= ~mine
            if mine.any():
                yield rule, mine
        if left.any():
            yield self.rule, left

    def rule_for(self, category: str) -> Rule:
        """The rule for units of this category."""
        return dict(self.rules).get(category, self.rule)


@dataclass(frozen=True)
class Branch:
    """A node of the tree (a pool, a group or a leaf) with its children by index."""

    index: int
    code: str
    node: Node | None
    parent: int
    depth: int
    children: tuple[int, ...]
    leaf: int
    top: int
    weight: Fraction
    last: int


@dataclass(frozen=True)
class Plan:
    """A criteria set ready to be applied."""

    criteria: CriteriaSet
    closed: bool
    branches: tuple[Branch, ...]
    leaves: tuple[Leaf, ...]
    facts: tuple[tuple[Fact, Slot], ...]
    slots: tuple[Slot, ...]
    worked_out: Remembered = field(default_factory=dict, compare=False, repr=False)
    """What single leaves of single units came to (chamdiem.scoring.sheet); nothing but what could be worked out again."""

    def branch(self, code: str) -> Branch:
        """The branch of this code, or of a pool's name."""
        return self._by_code[code]

    def leaf(self, code: str) -> Leaf:
        """The leaf of this code."""
        return self.leaves[self.branch(code).leaf]

    def upwards(self, branch: Branch) -> Iterator[Branch]:
        """The branch and every one around it, outermost last; the pool is the last."""
        yield branch
        while branch.parent >= 0:
            branch = self.branches[branch.parent]
            yield branch

    def shape(self, branch: Branch) -> tuple[bool, bool]:
        """Whether the parts of a group or pool may make more than its maximum, and whether they are scaled to it."""
        whole = dict(self.criteria.pools)[branch.code] if branch.node is None else branch.node
        return whole.capped, whole.scaled

    def reach(self, branch: Branch) -> Fraction | int:
        """The most the parts of a group or pool can make together, in ticks, before scaling and cap."""
        kids = [self.branches[child] for child in branch.children]
        tops = sorted((kid.top * kid.weight for kid in kids), reverse=True)
        combine = "sum" if branch.node is None else branch.node.combine
        n = {"sum": len(tops), "choose_one": 1}.get(combine) or (branch.node.best if branch.node is not None else None)
        reached = sum(tops[:n], Fraction(0))
        return reached.numerator if reached.denominator == 1 else reached

    def worth(self, branch: Branch) -> Fraction:
        """What one point of a node is worth in its pool: the weights and the scaling around it."""
        share = Fraction(1)
        for inner in self.upwards(branch):
            if inner.parent >= 0:
                outer = self.branches[inner.parent]
                share *= inner.weight
                if self.shape(outer)[1]:
                    share *= Fraction(outer.top) / self.reach(outer)
        return share

    def is_penalty(self, leaf: Leaf) -> bool:
        """Whether a leaf is one of the overall penalties."""
        return [*self.upwards(self.branch(leaf.node.code))][-1].code == "penalties"

    def stoppers_before(self, branch: Branch) -> tuple[Branch, ...]:
        """The nodes that may stop the marking before this one is reached: earlier, in the same pool, not around it."""
        return tuple(
            stopper
            for stopper in self._stoppers
            if stopper.last < branch.index and self._pool_of(stopper) == self._pool_of(branch)
        )

    @cached_property
    def spellings(self) -> tuple[Spelling, ...]:
        """How a bare number says an answer of each slot, in parts that are alike for all."""
        return spellings_of(self.slots, alike=True)

    @cached_property
    def own_spellings(self) -> tuple[Spelling, ...]:
        """The same in the parts of each slot, which are fewer."""
        return spellings_of(self.slots, alike=False)

    @cached_property
    def has_cases(self) -> bool:
        """Whether there is a group of which only the case that applies is chosen."""
        return any(branch.node is not None and branch.node.combine == "choose_one" for branch in self.branches)

    @cached_property
    def has_choice(self) -> bool:
        """Whether there is a group of which not every part counts."""
        return any(branch.node is not None and branch.node.combine != "sum" for branch in self.branches)

    @cached_property
    def bound(self) -> frozenset[int]:
        """The leaves, by index, whose points hang on more than their marks and a table: on other nodes, a stop, a kind
        of unit; or whose table would be too large."""
        return frozenset(
            branch.leaf
            for branch in self.branches
            if branch.leaf >= 0 and (self.leaves[branch.leaf].table is None or self._hangs(branch))
        )

    @cached_property
    def alone(self) -> frozenset[int]:
        """The leaves, by branch, whose points hang on nothing but their own answers and documents."""
        return frozenset(
            branch.index
            for branch in self.branches
            if branch.leaf >= 0
            and not self._hangs(branch)
            and not any(rule.needs_peers or rule.references() for _, rule in self.leaves[branch.leaf].rules)
        )

    def _hangs(self, branch: Branch) -> bool:
        around = [at.node for at in self.upwards(branch) if at.node is not None]
        return bool(self.stoppers_before(branch)) or any(node.depends_on or node.only_for for node in around)

    @cached_property
    def _stoppers(self) -> tuple[Branch, ...]:
        return tuple(branch for branch in self.branches if branch.node is not None and branch.node.stop_if is not None)

    def _pool_of(self, branch: Branch) -> int:
        while branch.parent >= 0:
            branch = self.branches[branch.parent]
        return branch.index

    @cached_property
    def _by_code(self) -> dict[str, Branch]:
        return {branch.code: branch for branch in self.branches}

    def rounds_at(self, level: Level) -> bool:
        """Whether figures of this level are rounded: the declared moment and everything above it."""
        return LEVELS.index(level) >= LEVELS.index(self.criteria.points.at)


class _Same:
    """A criteria set compared by identity: it never changes, and comparing all of it takes longer than a layout."""

    def __init__(self, criteria: CriteriaSet) -> None:
        self.criteria = criteria

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.criteria is other.criteria

    def __hash__(self) -> int:
        return id(self.criteria)


def lay_out(criteria: CriteriaSet, *, closed: bool = True) -> Plan:
    """Compile a criteria set; `closed` says that the round is over and peers may be compared. A plan is never changed:
    the last few are kept for whoever applies the same set again."""
    return _laid_out(_Same(criteria), closed)


@lru_cache(maxsize=8)
def _laid_out(same: _Same, closed: bool) -> Plan:
    criteria = same.criteria
    branches: list[Branch] = []
    leaves: list[Leaf] = []
    slots: list[Slot] = []

    def add(code: str, node: Node | None, nodes: tuple[Node, ...], top: int, parent: int, depth: int) -> int:
        index = len(branches)
        branches.append(Branch(index, code, node, parent, depth, (), -1, top, Fraction(1), index))
        leaf = -1
        if node is not None and not nodes:
            leaf = len(leaves)
            leaves.append(_leaf(criteria, node, leaf, len(slots), closed))
            slots.extend(leaves[-1].slots)
        children = tuple(
            add(child.code, child, child.nodes, criteria.ticks(child.max), index, depth + 1) for child in nodes
        )
        weight = node.weight if node is not None else Fraction(1)
        branches[index] = Branch(index, code, node, parent, depth, children, leaf, top, weight, len(branches) - 1)
        return index

    for name, pool in criteria.pools:
        add(name, None, pool.nodes, criteria.ticks(pool.max), -1, 0)
    facts: list[tuple[Fact, Slot]] = []
    for fact in criteria.facts:
        asked = Input(fact.id, fact.kind, high=1 if fact.kind == "flag" else 84006)
        facts.append((fact, Slot(len(slots), fact.id, asked, asked.low, asked.high)))
        slots.append(facts[-1][1])
    return Plan(criteria, closed, tuple(branches), tuple(leaves), tuple(facts), tuple(slots))


def _leaf(criteria: CriteriaSet, node: Node, index: int, first_slot: int, closed: bool) -> Leaf:
    assert node.rule is not None
    scale = criteria.scale_of(node, closed=closed)
    rules: tuple[tuple[str, Rule], ...] = (
        ("", node.rule),
        *((variant.category, variant.rule) for variant in node.variants),
    )
    asked = [rule.inputs(scale) for _, rule in rules]
    slots = tuple(
        Slot(
            first_slot + at,
            node.code,
            first if all(same[at].worth == first.worth for same in asked) else replace(first, worth=()),
            min(same[at].low for same in asked),
            max(same[at].high for same in asked),
        )
        for at, first in enumerate(asked[0])
    )
    rounding = criteria.points.round if criteria.points.at == "mark" else None
    return Leaf(index, node, scale, slots, rules, _table(rules, slots, scale, rounding))


def _table(
    rules: tuple[tuple[str, Rule], ...], slots: tuple[Slot, ...], scale: Scale, rounding: Rounding | None
) -> Array | None:
    """The points of every answer that makes a difference, worked out by the rule; None when there are too many."""
    rule = rules[0][1]
    if len(rules) > 1 or len(slots) != 1 or rule.needs_peers or rule.references():
        return None
    slot, enough = slots[0], rule.saturates(scale)
    high = slot.high if enough is None else min(slot.high, max(enough, slot.low))
    if high - slot.low + 2 > TABLE_AT_MOST:
        return None
    every = np.arange(slot.low, high + 1, dtype=np.int64).reshape(1, -1)
    graded = rule.grade(Answers({slot.input.name: every}, np.ones(every.shape, dtype=np.bool_)), scale)
    points = Exact(graded.points.rounded(rounding)) if rounding else graded.points
    if graded.ungraded is not None or not points.is_whole:
        return None
    return np.concatenate([[0], points.over[0]]).astype(np.int32)
