"""Rules answered by entering points, yes or no, a level, or ticks on a list."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from chamdiem.criteria.columns import Exact
from chamdiem.criteria.rules.base import (
    Answers,
    Choices,
    Fault,
    Graded,
    Input,
    Item,
    Rule,
    Scale,
    choice_faults,
    choice_list,
    point_faults,
    repeated_keys,
    top_of,
    worth,
)
from chamdiem.criteria.scalars import Flag, Points, Text, Whole
from chamdiem.errors import Message, message


class Manual(Rule):
    """Người chấm ghi thẳng số điểm, từ mức thấp nhất đến điểm tối đa, theo bước điểm."""

    kind: Literal["manual"]
    step: Points = Decimal("0.25")
    """Bước điểm: điểm phải là bội số của bước này."""
    lowest_points: Points = Decimal(0)
    """Điểm thấp nhất được ghi, thường là 0."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return (Input("points", "points", scale.places, self.lowest(scale), scale.top, scale.ticks(self.step)),)

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        return Graded(Exact(answers["points"]))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return (message("rule.manual", top=top_of(scale), step=self.step, low=self.lowest_points),)

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from point_faults({("step",): self.step, ("lowest_points",): self.lowest_points}, scale)
        if self.step <= 0:
            yield ("step",), message("criteria.step_not_positive", step=self.step)
        elif self.lowest_points >= top_of(scale):
            yield ("lowest_points",), message("criteria.lowest_not_below", low=self.lowest_points, top=top_of(scale))
        elif any(
            (points / Fraction(self.step)).denominator != 1 for points in (top_of(scale), Fraction(self.lowest_points))
        ):
            yield ("step",), message("criteria.step_misses_maximum", step=self.step, top=top_of(scale))

    def lowest(self, scale: Scale) -> int:
        return scale.ticks(self.lowest_points)


class Boolean(Rule):
    """Đạt thì được điểm tối đa, không đạt thì 0 điểm."""

    kind: Literal["boolean"]

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return (Input("met", "flag", high=1),)

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        return Graded(Exact(answers["met"] * scale.top))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return (message("rule.boolean", top=top_of(scale)),)


class Levels(Rule):
    """Chọn một mức; mỗi mức có số điểm riêng, không cần cách đều."""

    kind: Literal["levels"]
    levels: Choices
    """Các mức, từ cao đến thấp hoặc ngược lại; mức cao nhất phải bằng điểm tối đa."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        points = tuple(Fraction(level.points) for level in self.levels)
        return (Input("level", "choice", high=len(self.levels) - 1, choices=choice_list(self.levels), worth=points),)

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        return Graded(Exact(worth(self.levels, scale)[answers["level"]]))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return tuple(
            message("rule.choice", key=level.key, title=level.title, points=level.points) for level in self.levels
        )

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from choice_faults("levels", self.levels, scale)
        best = max(level.points for level in self.levels)
        if best != top_of(scale):
            yield ("levels",), message("criteria.best_level_not_maximum", best=best, top=top_of(scale))

    def lowest(self, scale: Scale) -> int:
        return min(int(points) for points in worth(self.levels, scale))


class Checklist(Rule):
    """Cộng điểm của từng việc đã làm; mỗi việc một số điểm."""

    kind: Literal["checklist"]
    items: Choices
    """Các việc; tổng điểm phải bằng điểm tối đa, hoặc lớn hơn nếu `capped: true`."""
    capped: Flag = False
    """true: tổng các việc có thể vượt điểm tối đa, phần vượt không tính."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return (Input("done", "choices", high=2 ** len(self.items) - 1, choices=choice_list(self.items)),)

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        done = answers["done"]
        total = np.zeros(done.shape, dtype=np.int64)
        for bit, points in enumerate(worth(self.items, scale)):
            total += (done >> bit & 1) * points
        return Graded(Exact(np.minimum(total, scale.top)))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return tuple(message("rule.choice", key=item.key, title=item.title, points=item.points) for item in self.items)

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from choice_faults("items", self.items, scale)
        total, top = sum(item.points for item in self.items), top_of(scale)
        if total < top or (total > top and not self.capped):
            yield ("items",), message("criteria.items_do_not_add_up", total=Decimal(total), top=top)

    def lowest(self, scale: Scale) -> int:
        return min(0, sum(int(points) for points in worth(self.items, scale) if points < 0))


class AtLeast(Rule):
    """Làm được ít nhất n việc trong danh sách thì được điểm tối đa, ít hơn thì 0 điểm."""

    kind: Literal["at_least"]
    needed: Whole
    """Số việc ít nhất phải làm."""
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=60)]
    """Các việc được tính."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return (Input("done", "choices", high=2 ** len(self.items) - 1, choices=choice_list(self.items)),)

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        done = answers["done"]
        count = sum((done >> bit & 1 for bit in range(len(self.items))), np.zeros(done.shape, dtype=np.int64))
        return Graded(Exact((count >= self.needed) * scale.top))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        head = message("rule.at_least", needed=self.needed, top=top_of(scale), count=len(self.items))
        return (head, *(message("rule.item", key=item.key, title=item.title) for item in self.items))

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from repeated_keys("items", self.items)
        if not 1 <= self.needed <= len(self.items):
            yield ("needed",), message("criteria.needed_out_of_range", needed=self.needed, count=len(self.items))


class External(Levels):
    """Nhập mức hoặc xếp loại do cơ quan khác công bố; mỗi mức một số điểm."""

    kind: Literal["external"]  # type: ignore[assignment]
    source: Text
    """Cơ quan hoặc văn bản công bố kết quả."""

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return (message("rule.external", source=self.source), *super().how(scale))
