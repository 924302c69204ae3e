"""Rules answered by counting: events that earn, events that cost, answers of a survey."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from chamdiem.criteria.columns import Array, Exact, Mask, constant
from chamdiem.criteria.rules.base import (
    Answers,
    Fault,
    Graded,
    Input,
    Item,
    Rule,
    Scale,
    point_faults,
    repeated_keys,
    top_of,
)
from chamdiem.criteria.rules.measured import HUNDRED_PERCENT, ZERO_PERCENT, shown_amount
from chamdiem.criteria.scalars import Points, Share, Threshold, Whole
from chamdiem.errors import Message, message

COUNT_AT_MOST = 10**9


class Count(Rule):
    """Đếm số việc, mỗi việc một số điểm, không quá điểm tối đa."""

    kind: Literal["count"]
    each: Points
    """Điểm của mỗi việc."""
    unit: str = ""
    """Tên của việc được đếm: buổi, mô hình, tin bài…"""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return (Input("count", "whole", high=COUNT_AT_MOST, title=self.unit),)

    def saturates(self, scale: Scale) -> int:
        return -(-scale.top // scale.ticks(self.each))

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        each = scale.ticks(self.each)
        enough = -(-scale.top // each)
        return Graded(Exact(np.minimum(np.minimum(answers["count"], enough) * each, scale.top)))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return (message("rule.count", each=self.each, top=top_of(scale), unit=self.unit or message("rule.count_unit")),)

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from point_faults({("each",): self.each}, scale)
        if self.each <= 0:
            yield ("each",), message("criteria.step_not_positive", step=self.each)


class Cost(Item):
    """Một mức độ vi phạm và điểm trừ mỗi lần."""

    each: Points
    """Điểm trừ mỗi lần, ghi số dương."""


def lost_points(events: Array, each: Decimal, floor: Decimal, scale: Scale) -> Array:
    """Ticks lost by so many events; those beyond the floor are not multiplied, lest int64 overflow."""
    enough = -(-(scale.top - scale.ticks(floor)) // scale.ticks(each))
    return np.minimum(events, enough) * scale.ticks(each)


class Deduction(Rule):
    """Bắt đầu từ điểm tối đa, mỗi vi phạm trừ một số điểm, không dưới mức sàn."""

    kind: Literal["deduction"]
    each: Points
    """Điểm trừ mỗi lần, ghi số dương."""
    floor: Points = Decimal(0)
    """Mức sàn: trừ đến đây thì thôi; có thể âm."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return (Input("events", "whole", high=COUNT_AT_MOST),)

    def saturates(self, scale: Scale) -> int:
        return -(-(scale.top - scale.ticks(self.floor)) // scale.ticks(self.each))

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        lost = lost_points(answers["events"], self.each, self.floor, scale)
        return Graded(Exact(np.maximum(scale.top - lost, scale.ticks(self.floor))))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return (message("rule.deduction", top=top_of(scale), each=self.each, floor=self.floor),)

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from point_faults({("each",): self.each, ("floor",): self.floor}, scale)
        if self.each <= 0:
            yield ("each",), message("criteria.step_not_positive", step=self.each)
        if self.floor > top_of(scale):
            yield ("floor",), message("criteria.floor_above_maximum", floor=self.floor, top=top_of(scale))

    def lowest(self, scale: Scale) -> int:
        return scale.ticks(self.floor)


class DeductionByLevel(Rule):
    """Bắt đầu từ điểm tối đa, trừ theo mức độ vi phạm, không dưới mức sàn."""

    kind: Literal["deduction_by_level"]
    levels: Annotated[tuple[Cost, ...], Field(min_length=1, max_length=20)]
    """Các mức độ vi phạm và điểm trừ mỗi lần."""
    floor: Points = Decimal(0)
    """Mức sàn: trừ đến đây thì thôi; có thể âm."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return tuple(Input(level.key, "whole", high=COUNT_AT_MOST, title=level.title) for level in self.levels)

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        lost = sum(
            (lost_points(answers[level.key], level.each, self.floor, scale) for level in self.levels),
            np.zeros((), dtype=np.int64),
        )
        return Graded(Exact(np.maximum(scale.top - lost, scale.ticks(self.floor))))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        rows = (message("rule.cost", title=level.title, key=level.key, each=level.each) for level in self.levels)
        return (message("rule.deduction_by_level", top=top_of(scale), floor=self.floor), *rows)

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from repeated_keys("levels", self.levels)
        yield from point_faults({("levels", at, "each"): level.each for at, level in enumerate(self.levels)}, scale)
        yield from point_faults({("floor",): self.floor}, scale)
        for at, level in enumerate(self.levels):
            if level.each <= 0:
                yield ("levels", at, "each"), message("criteria.step_not_positive", step=level.each)
        if self.floor > top_of(scale):
            yield ("floor",), message("criteria.floor_above_maximum", floor=self.floor, top=top_of(scale))

    def lowest(self, scale: Scale) -> int:
        return scale.ticks(self.floor)


class Survey(Rule):
    """What both survey kinds share: a smallest sample, a start, a full mark."""

    min_sample: Whole = 1
    """Số phiếu hợp lệ ít nhất; ít hơn thì kết quả khảo sát không được tính và phải xem xét lại."""
    start: Threshold = ZERO_PERCENT
    """Tỷ lệ bằng hoặc thấp hơn mức này được 0 điểm."""
    full: Threshold = HUNDRED_PERCENT
    """Tỷ lệ từ mức này trở lên được điểm tối đa."""
    zero_below: Threshold | None = None
    """Dưới mức này thì 0 điểm; đúng mức này thì vẫn được tính."""

    def from_share(self, over: Exact, valid: Exact, scale: Scale) -> Graded:
        """Points from the share of satisfied answers; a sample below the minimum is not graded."""
        share, exists = over.over_by(valid)
        span = self.full.number - self.start.number
        points = ((share - constant(self.start.number)) * constant(Fraction(scale.top) / span)).clipped(0, scale.top)
        if self.zero_below is not None:
            points = points.where(share.at_least(constant(self.zero_below.number)), constant(0))
        too_few = ~exists | ~np.asarray(valid.over >= self.min_sample, dtype=np.bool_)
        return Graded(points, too_few, "matter.sample_too_small")

    def survey_rows(self, scale: Scale) -> tuple[Message, ...]:
        """The sentences both kinds end with."""
        rows = [
            message("rule.linear", top=top_of(scale), start=shown_amount(self.start), full=shown_amount(self.full)),
            message("rule.min_sample", n=self.min_sample),
        ]
        if self.zero_below is not None:
            rows.append(message("rule.zero_below", below=shown_amount(self.zero_below)))
        return tuple(rows)

    def faults(self, scale: Scale) -> Iterator[Fault]:
        for name, amount in (("start", self.start), ("full", self.full), ("zero_below", self.zero_below)):
            if amount is not None and not amount.is_share and amount.number != 0:
                yield (name,), message("criteria.threshold_wants_share")
        if self.full.number <= self.start.number:
            yield ("full",), message("criteria.full_not_above_start")


class SurveyShare(Survey):
    """Tỷ lệ người trả lời hài lòng và rất hài lòng trên số phiếu hợp lệ."""

    kind: Literal["survey_share"]

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return (Input("satisfied", "whole", high=COUNT_AT_MOST), Input("valid", "whole", high=COUNT_AT_MOST))

    def contradictions(self, answers: Answers) -> Iterator[tuple[Mask, Message]]:
        yield answers["satisfied"] > answers["valid"], message("mark.satisfied_above_valid")

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        return self.from_share(Exact(answers["satisfied"]), Exact(answers["valid"]), scale)

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return (message("rule.survey_share"), *self.survey_rows(scale))


class Option(Item):
    """Một phương án trả lời của phiếu khảo sát và trọng số của nó."""

    weight: Share
    """Trọng số của phương án trả lời, ví dụ 100%, 60%, 20%, 0%."""


class SurveyWeighted(Survey):
    """Điểm khảo sát theo trọng số của từng phương án trả lời."""

    kind: Literal["survey_weighted"]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=12)]
    """Các phương án trả lời; số phiếu hợp lệ là tổng số phiếu của các phương án."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return tuple(Input(option.key, "whole", high=COUNT_AT_MOST, title=option.title) for option in self.options)

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        weighted, valid = constant(0), np.zeros((), dtype=np.int64)
        for option in self.options:
            weighted = weighted + Exact(answers[option.key]) * constant(option.weight)
            valid = valid + answers[option.key]
        return self.from_share(weighted, Exact(valid), scale)

    def how(self, scale: Scale) -> tuple[Message, ...]:
        rows = (
            message(
                "rule.option",
                key=option.key,
                title=option.title,
                weight=message("word.percent", value=option.weight * 100),
            )
            for option in self.options
        )
        return (message("rule.survey_weighted"), *rows, *self.survey_rows(scale))

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from super().faults(scale)
        yield from repeated_keys("options", self.options)
        for at, option in enumerate(self.options):
            if not 0 <= option.weight <= 1:
                yield ("options", at, "weight"), message("criteria.weight_out_of_range")
