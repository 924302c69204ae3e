"""What every rule kind is: the inputs it asks for, the points it gives, and the sentence that explains it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from chamdiem.criteria.columns import Array, Exact, Mask
from chamdiem.criteria.scalars import Frozen, Key, Points, Text
from chamdiem.errors import Message, message
from chamdiem.points import from_ticks, ticks

InputType = Literal["points", "number", "whole", "choice", "choices", "date", "flag"]
LARGEST_INPUT = 10**15
Fault = tuple[tuple[str | int, ...], Message]


@dataclass(frozen=True)
class Input:
    """One thing a rule asks for. An answer is kept as a whole number: scaled by 10^places, an index, a bit set, a day.

    `low` and `high` are inclusive, in that same whole number; a "points" answer is also a multiple of `step`.
    """

    name: str
    type: InputType
    places: int = 0
    low: int = 0
    high: int = LARGEST_INPUT
    step: int = 1
    choices: tuple[tuple[str, str], ...] = ()
    worth: tuple[Fraction, ...] = ()
    title: str = ""

    @cached_property
    def numbers(self) -> dict[Fraction, int]:
        """Which choice a bare number means: the only one worth so many points. None, when a choice is called a number."""
        if any(word.strip().isdigit() for choice in self.choices for word in choice):
            return {}
        return {points: at for at, points in enumerate(self.worth) if self.worth.count(points) == 1}


@dataclass(frozen=True)
class Scale:
    """What a rule must know of its leaf: the maximum in ticks, the number of places, whether the round is closed (peers
    can be compared) and, by calendar, the working days in order as days since 1/1/1970, after the day before it begins."""

    top: int
    places: int
    closed: bool = True
    working_days: Mapping[str, Array] = field(default_factory=dict)

    def ticks(self, points: Decimal | Fraction) -> int:
        """Points of this set as ticks."""
        return ticks(points, self.places)


@dataclass(frozen=True)
class Graded:
    """Points of each cell in ticks; cells that could not be graded count nothing and are an open matter."""

    points: Exact
    ungraded: Mask | None = None
    why: str = ""


@dataclass(frozen=True)
class Answers:
    """The answers to one leaf, by input name, all judges × units; where `present` is false the cells mean nothing.

    `cohort` numbers the group each unit is compared in; `nodes` holds points of other nodes that the rule reads.
    """

    cells: Mapping[str, Array]
    present: Mask
    cohort: Array | None = None
    nodes: Mapping[str, Exact] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        return self.cells[name]


class Rule(Frozen):
    """One way of turning an answer into points. Kinds subclass it; `kind` names them in a criteria file."""

    needs_peers: ClassVar[bool] = False

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        """The answers asked of whoever marks."""
        raise NotImplementedError

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        """Points of each cell, exact, in ticks; answers are whole numbers as `Input` describes, all of one shape."""
        raise NotImplementedError

    def contradictions(self, answers: Answers) -> Iterator[tuple[Mask, Message]]:
        """Answers that cannot be true together (more done than there was), to be refused where they were written."""
        yield from ()

    def how(self, scale: Scale) -> tuple[Message, ...]:
        """How it is scored, in sentences."""
        raise NotImplementedError

    def faults(self, scale: Scale) -> Iterator[Fault]:
        """What is wrong with the rule itself, with the place inside it."""
        yield from ()

    def lowest(self, scale: Scale) -> int:
        """The fewest ticks the rule can give."""
        return 0

    def saturates(self, scale: Scale) -> int | None:
        """The answer from which more changes nothing, when there is one: what lies beyond needs no place in a table."""
        return None

    def references(self) -> frozenset[str]:
        """Codes of the nodes whose points the rule reads."""
        return frozenset()


class Item(Frozen):
    """Một việc hoặc một mức có tên."""

    key: Key
    """Khóa viết trong bảng điểm, không dấu: tot, kha, co_quy_che."""
    title: Text
    """Lời văn của mức hoặc của việc."""


class Choice(Item):
    """Một mức hoặc một việc và số điểm của nó."""

    points: Points
    """Số điểm của mức hoặc của việc."""


def choice_list(choices: tuple[Item, ...]) -> tuple[tuple[str, str], ...]:
    """Keys and titles, as an Input wants them."""
    return tuple((choice.key, choice.title) for choice in choices)


def worth(choices: tuple[Choice, ...], scale: Scale) -> Array:
    """The points of each choice in ticks."""
    return np.array([scale.ticks(choice.points) for choice in choices], dtype=np.int64)


def point_faults(points: Mapping[tuple[str | int, ...], Decimal], scale: Scale) -> Iterator[Fault]:
    """Points written with more decimals than the set keeps."""
    for place, value in points.items():
        try:
            scale.ticks(value)
        except ValueError:
            yield place, message("criteria.too_many_places", value=value, places=scale.places)


def repeated_keys(name: str, choices: tuple[Item, ...]) -> Iterator[Fault]:
    """Keys that stand twice among choices."""
    seen: set[str] = set()
    for at, choice in enumerate(choices):
        if choice.key in seen:
            yield (name, at, "key"), message("criteria.repeated_choice", key=choice.key)
        seen.add(choice.key)


def choice_faults(name: str, choices: tuple[Choice, ...], scale: Scale) -> Iterator[Fault]:
    """Repeated keys and points with too many decimals among choices."""
    yield from repeated_keys(name, choices)
    yield from point_faults({(name, at, "points"): choice.points for at, choice in enumerate(choices)}, scale)


def top_of(scale: Scale) -> Fraction:
    """The maximum of the leaf in points."""
    return from_ticks(scale.top, scale.places)


Choices = Annotated[tuple[Choice, ...], Field(min_length=1, max_length=60)]
Of = Literal["share", "percent", "value"]
