"""Why a figure is what it is: every node of one unit down to each judge's mark, its evidence and its clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property, partial, reduce
from itertools import compress, repeat
from operator import or_
from typing import NamedTuple

import numpy as np

from chamdiem.criteria.columns import Array
from chamdiem.criteria.rules import Input
from chamdiem.criteria.rules.dated import day_of
from chamdiem.errors import Message, message
from chamdiem.points import from_ticks
from chamdiem.scoring.answers import ABSTAINED, NOT_APPLICABLE
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE, Why
from chamdiem.scoring.marks import Evidence, Source
from chamdiem.scoring.plan import Branch, Leaf
from chamdiem.scoring.result import Result, points_of
from chamdiem.scoring.slots import Slot

STATES = {NOT_APPLICABLE.value: "answer.not_applicable", ABSTAINED.value: "answer.abstained"}


class MarkLine(NamedTuple):
    """One mark behind a leaf: who gave it at which stage, what it is worth, whether it counts.

    `cells` are the stored answers to the inputs of `slots`; `state` is that of an answer that is none (not applicable).
    `points` is exact, before the judges are combined; None for an answer that is none, and for a fact.
    """

    source: Source
    slots: tuple[Slot, ...]
    cells: tuple[int, ...]
    state: int
    points: Fraction | None
    counted: bool
    note: str

    @property
    def answer(self) -> Message:
        """The answer as it would be written."""
        if self.state:
            return message(STATES[self.state])
        answers = [cell + slot.low - 1 for cell, slot in zip(self.cells, self.slots, strict=True)]
        return shown_answer([slot.input for slot in self.slots], answers)


class NodeLine(NamedTuple):
    """One node of one unit: what it may earn, what it earned, what it earns at least and at most (in ticks), and why."""

    branch: Branch
    places: int
    top: int
    ticks: tuple[int | Fraction, int | Fraction, int | Fraction]
    reason: int

    @property
    def why(self) -> Why:
        """Whether the points count, or why they do not."""
        return Why(self.reason)

    @property
    def depth(self) -> int:
        """0 for the pools, 1 for the groups of the first level, and so on."""
        return self.branch.depth

    @property
    def title(self) -> Message:
        """The name of the pool, or the words of the node."""
        node = self.branch.node
        return message(f"pool.{self.branch.code}") if node is None else message("word.text", text=node.title)

    @property
    def clause(self) -> str:
        """The clause of the decision, if the set names it."""
        return (self.branch.node.clause if self.branch.node is not None else "") or ""

    @property
    def maximum(self) -> Fraction:
        """What the node may earn, in points."""
        return from_ticks(self.top, self.places)

    @property
    def points(self) -> Fraction:
        """What it earned."""
        return points_of(self.ticks[HEADLINE], self.places)

    @property
    def floor(self) -> Fraction:
        """What it earned by accepted evidence alone."""
        return from_ticks(self.ticks[FLOOR], self.places)

    @property
    def ceiling(self) -> Fraction:
        """What it would earn if all pending evidence were accepted."""
        return from_ticks(self.ticks[CEILING], self.places)


_mark_line: Callable[[tuple[object, ...]], MarkLine] = partial(tuple.__new__, MarkLine)
_node_line: Callable[[tuple[object, ...]], NodeLine] = partial(tuple.__new__, NodeLine)
"""Lines of their parts, in order; a unit has hundreds, and the constructor of a named tuple takes three times as long."""


def shown_answer(asked: Sequence[Input], answers: Sequence[int]) -> Message:
    """An answer as it would be written: 8,5 · 95/100 · a; c · the title of a level · a day."""
    if len(asked) == 1:
        return _shown_part(asked[0], answers[0])
    parts = [_shown_part(one, answer) for one, answer in zip(asked, answers, strict=True)]
    if len(asked) == 2 and all(one.type == "whole" for one in asked):
        return message("answer.share", done=parts[0], of=parts[1])
    named = [
        message("answer.part", name=one.title or one.name, value=part) for one, part in zip(asked, parts, strict=True)
    ]
    return message("answer.parts", parts=named)


def _shown_part(asked: Input, answer: int) -> Message:
    match asked.type:
        case "flag":
            return message("answer.met" if answer else "answer.not_met")
        case "choice":
            return message("word.text", text=asked.choices[answer][1])
        case "choices":
            ticked = [title for at, (_, title) in enumerate(asked.choices) if answer >> at & 1]
            return message("answer.ticked", items="; ".join(ticked), n=len(ticked), of=len(asked.choices))
        case "date":
            return message("answer.value", value=day_of(answer))
        case _:
            return message("answer.value", value=points_of(answer, asked.places))


class Trace:
    """The explanation of one unit's result. Nothing is worked out anew but what one unit's marks are worth."""

    def __init__(self, result: Result, unit: str) -> None:
        self.result, self.unit = result, result.unit_at(unit)
        self.code = unit

    @cached_property
    def lines(self) -> tuple[NodeLine, ...]:
        """Every node in the order of the rubric."""
        return tuple(self.line(branch) for branch in self.result.plan.branches)

    def line(self, branch: Branch) -> NodeLine:
        """One node."""
        figure, at = self.result.figure(branch), self.unit
        top = figure.top if isinstance(figure.top, int) else int(figure.top[HEADLINE, at])
        headline = figure.points.item(HEADLINE, at)
        three = (headline,) * 3 if len(figure.points) == 1 else tuple(figure.points[:, at].tolist())
        return _node_line((branch, self.result.places, top, three, figure.why.item(HEADLINE, at)))

    def marks(self, leaf: Leaf) -> tuple[MarkLine, ...]:
        """The marks behind one leaf, in order of stage and judge."""
        if not leaf.slots:
            return ()
        marks, sheet, at = self.result.marks, self.result.sheet, self.unit
        columns = [marks.cells[slot.index][:, at] for slot in leaf.slots]
        given = list(zip(*[column.tolist() for column in columns], strict=True))
        there = columns[0].astype(bool).tolist() if len(columns) == 1 else [all(cells) for cells in given]
        counted = there if sheet.is_plain(leaf) else sheet.counted_marks(leaf, at).tolist()
        worth = self._worth(leaf, columns[0])
        states, told = [0] * len(given), there
        if marks.states is not None:
            states = marks.states[leaf.index, :, at].tolist()
            worth = (None if state else points for state, points in zip(states, worth, strict=True))
            told = list(map(or_, states, there))
        notes = [self._note(leaf, source) for source in marks.sources] if marks.notes else repeat("")
        lines = zip(marks.sources, repeat(leaf.slots), given, states, worth, counted, notes)
        return tuple(compress(map(_mark_line, lines), told))

    def _note(self, leaf: Leaf, source: Source) -> str:
        return self.result.marks.notes.get((self.code, leaf.node.code, source.stage, source.judge), "")

    def _worth(self, leaf: Leaf, stored: Array) -> Iterator[Fraction | None]:
        """What each source's mark is worth, in points; past its end a table goes on as it ends."""
        if leaf.table is not None:
            return map(points_of, leaf.table.take(stored, mode="clip").tolist(), repeat(self.result.places))
        exact, present, _, _ = self.result.sheet.graded(leaf)
        over, under, there = (
            np.broadcast_to(np.asarray(cells), present.shape)[:, self.unit].tolist()
            for cells in (exact.over, exact.under, present)
        )
        return (
            points_of(Fraction(top) / Fraction(low), self.result.places) if is_there else None
            for top, low, is_there in zip(over, under, there, strict=True)
        )

    def evidence(self, leaf: Leaf) -> tuple[tuple[Evidence, bool], ...]:
        """The documents behind one leaf, and whether each counts here (it may count for an earlier leaf already)."""
        repeated = {id(item) for item in self.result.sheet.repeated.get(leaf.node.code, ())}
        return tuple((item, id(item) not in repeated) for item in self._evidence.get(leaf.node.code, ()))

    @cached_property
    def _evidence(self) -> dict[str, list[Evidence]]:
        found: dict[str, list[Evidence]] = {}
        for item in self.result.marks.evidence:
            if item.unit == self.code:
                found.setdefault(item.criterion, []).append(item)
        return found

    def facts(self) -> Iterator[tuple[Slot, tuple[MarkLine, ...]]]:
        """The confirmed facts, who confirmed them, and whose word counts."""
        marks, sheet = self.result.marks, self.result.sheet
        for _, slot in self.result.plan.facts:
            cells = marks.cells[slot.index]
            counts = sheet.of_record(cells > 0, sheet.ordinary)[:, self.unit].tolist()
            lines = [
                MarkLine(source, (slot,), (cell,), 0, None, counted, "")
                for source, cell, counted in zip(marks.sources, cells[:, self.unit].tolist(), counts, strict=True)
                if cell > 0
            ]
            yield slot, tuple(lines)

    def steps(self, branch: Branch) -> tuple[Message, ...]:
        """How the figure of one node came about, in sentences, in the order of the arithmetic."""
        return tuple(self._leaf_steps(branch) if branch.leaf >= 0 else self._group_steps(branch))

    def _leaf_steps(self, branch: Branch) -> Iterator[Message]:
        leaf, line = self.result.plan.leaves[branch.leaf], self.line(branch)
        yield from leaf.rule_for(self.result.marks.units[self.unit].category).how(leaf.scale)
        given = [mark.points for mark in self.marks(leaf) if mark.counted and mark.points is not None]
        if len(given) > 1:
            panel = self.result.criteria.panel
            yield message(f"trace.{panel.combine}", n=len(given), marks=given, points=self._combined(branch))
        yield from self._end(line)

    def _combined(self, branch: Branch) -> Fraction:
        """What the judges' marks make, rounded as declared, before evidence and conditions."""
        return self.result.points(self.result.sheet.before[branch.index][self.unit])

    def _group_steps(self, branch: Branch) -> Iterator[Message]:
        kids = [self.line(self.result.plan.branches[child]) for child in branch.children]
        combine = branch.node.combine if branch.node is not None else "sum"
        terms = [
            message("trace.term", code=kid.branch.code, points=kid.points)
            if kid.branch.weight == 1
            else message("trace.weighted_term", code=kid.branch.code, points=kid.points, weight=kid.branch.weight)
            for kid in kids
        ]
        line = self.line(branch)
        joined: Message | list[Message] = terms
        if combine == "sum":
            joined = reduce(lambda left, right: message("trace.plus", left=left, right=right), terms)
        yield message(f"trace.{combine}", terms=joined, points=line.points)
        sum_of_terms = sum((kid.points * kid.branch.weight for kid in kids), Fraction(0))
        if combine == "sum" and sum_of_terms != line.points:
            yield message("trace.adjusted", plain=sum_of_terms, points=line.points, maximum=line.maximum)
        yield from self._end(line)

    def _end(self, line: NodeLine) -> Iterator[Message]:
        if line.why is not Why.COUNTED:
            yield message(f"why.{line.why.name.lower()}", points=line.points, maximum=line.maximum)
        if (line.floor, line.ceiling) != (line.points, line.points):
            yield message("trace.floor_ceiling", floor=line.floor, ceiling=line.ceiling)

    def matters(self, code: str | None = None) -> Iterator[tuple[Message, bool]]:
        """What is open (or worth knowing) about the unit, or about one node of it."""
        for matter, values in self.result.matters_of(self.unit):
            if code is None or matter.code == code:
                yield message(matter.id, code=matter.code, **values), matter.open

    def verdict(self) -> Iterator[Message]:
        """The way from the pools to the total, in sentences."""
        totals, at = self.result.verdict.totals, self.unit
        points = {
            name: self.result.points(getattr(totals, name)[HEADLINE, at])
            for name in ("base", "bonus", "penalties", "total")
        }
        yield message("trace.total", **points)
        plain = points["base"] + points["bonus"] - points["penalties"]
        if plain > points["total"]:
            yield message(
                "trace.within_scale", plain=plain, scale=Fraction(self.result.criteria.scale), total=points["total"]
            )
        for case, check in self.result.verdict.revocations:
            if check.met[HEADLINE, at]:
                yield message("trace.revocation", title=case.title, clause=case.clause or "")
        gates = [gate for gate, check in self.result.verdict.gates if not check.met[HEADLINE, at]]
        stars = int(self.result.verdict.stars_by_points[HEADLINE, at])
        for gate in gates:
            cost = message("trace.cost_stars", stars=stars) if stars else message("trace.cost_recognition")
            yield message("trace.gate_failed", id=gate.id, title=gate.title, clause=gate.clause or "", cost=cost)
