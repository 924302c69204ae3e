"""Rules answered by a measurement: a share (done / of), a percentage, or a value."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from chamdiem.criteria.columns import Array, Exact, Mask, constant
from chamdiem.criteria.rules.base import Answers, Fault, Graded, Input, Rule, Scale, point_faults, top_of
from chamdiem.criteria.scalars import Amount, Decimals, Flag, Frozen, Points, Text, Threshold
from chamdiem.errors import Message, message

HUNDRED_PERCENT = Amount(is_share=True, number=Fraction(1))
ZERO_PERCENT = Amount(is_share=True, number=Fraction(0))


class Measured(Rule):
    """A rule on one measured number; `of` says how it is answered."""

    of: Literal["share", "percent", "value"] = "share"
    """share: nhập số đã làm và tổng số; percent: nhập tỷ lệ %; value: nhập một giá trị."""
    decimals: Decimals = 2
    """Số chữ số thập phân được ghi khi nhập tỷ lệ % hoặc giá trị."""
    may_exceed: Flag = False
    """true: số đã làm có thể lớn hơn tổng số (vượt kế hoạch)."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        match self.of:
            case "share":
                return (Input("done", "whole"), Input("of", "whole", low=1))
            case "percent":
                return (Input("percent", "number", self.decimals, high=1000 * 10**self.decimals),)
            case "value":
                return (Input("value", "number", self.decimals, low=-(10**12), high=10**12),)

    def contradictions(self, answers: Answers) -> Iterator[tuple[Mask, Message]]:
        if self.of == "share" and not self.may_exceed:
            yield answers["done"] > answers["of"], message("mark.done_above_of")

    def measured(self, answers: Answers) -> Exact:
        """The number itself: a share is 0.98 for 98 of 100 and for 98 %."""
        match self.of:
            case "share":
                return Exact(answers["done"], answers["of"])
            case "percent":
                return Exact(answers["percent"], 100 * 10**self.decimals)
            case "value":
                return Exact(answers["value"], 10**self.decimals)

    def amount_faults(self, amounts: dict[tuple[str | int, ...], Amount]) -> Iterator[Fault]:
        """Thresholds written as percentages where values are measured, or the other way round."""
        wants_share = self.of != "value"
        for place, amount in amounts.items():
            if amount.is_share != wants_share and amount.number != 0:
                yield (
                    place,
                    message("criteria.threshold_wants_share" if wants_share else "criteria.threshold_wants_value"),
                )


def shown_amount(amount: Amount) -> object:
    """A threshold as a person writes it."""
    return message("word.percent", value=amount.number * 100) if amount.is_share else amount.number


class Linear(Measured):
    """Điểm tỷ lệ thuận với kết quả: điểm tối đa × (kết quả - từ) / (đến - từ), không dưới 0 và không quá tối đa."""

    kind: Literal["linear"]
    start: Threshold = ZERO_PERCENT
    """Kết quả bằng hoặc thấp hơn mức này được 0 điểm."""
    full: Threshold = HUNDRED_PERCENT
    """Kết quả từ mức này trở lên được điểm tối đa."""
    zero_below: Threshold | None = None
    """Dưới mức này thì 0 điểm; đúng mức này thì vẫn được tính."""

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        result = self.measured(answers)
        span = self.full.number - self.start.number
        points = ((result - constant(self.start.number)) * constant(Fraction(scale.top) / span)).clipped(0, scale.top)
        if self.zero_below is not None:
            points = points.where(result.at_least(constant(self.zero_below.number)), constant(0))
        return Graded(points)

    def how(self, scale: Scale) -> tuple[Message, ...]:
        start = Amount(is_share=self.of != "value", number=self.start.number)
        head = message("rule.linear", top=top_of(scale), start=shown_amount(start), full=shown_amount(self.full))
        if self.zero_below is None:
            return (head,)
        return (head, message("rule.zero_below", below=shown_amount(self.zero_below)))

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from self.amount_faults({("start",): self.start, ("full",): self.full})
        if self.zero_below is not None:
            yield from self.amount_faults({("zero_below",): self.zero_below})
        if self.full.number <= self.start.number:
            yield ("full",), message("criteria.full_not_above_start")


class ExternalIndex(Linear):
    """Nhập chỉ số do cơ quan khác công bố (PAR INDEX, SIPAS…); điểm tỷ lệ thuận với chỉ số."""

    kind: Literal["external_index"]  # type: ignore[assignment]
    source: Text
    """Cơ quan hoặc văn bản công bố chỉ số."""
    of: Literal["percent", "value"] = "percent"

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return (message("rule.external", source=self.source), *super().how(scale))


class Band(Frozen):
    """Từ mức này (tính cả mức này) đến dưới mức kế trên thì được số điểm này."""

    from_: Annotated[Threshold, Field(alias="from")]
    """Mức dưới của khoảng, tính cả mức này."""
    to: Threshold | None = None
    """Mức trên của khoảng, không tính mức này; có thể bỏ, nếu ghi phải bằng mức dưới của khoảng kế trên."""
    points: Points
    """Số điểm của khoảng."""


BandList = Annotated[tuple[Band, ...], Field(min_length=1, max_length=60)]


def band_points(result: Exact, bands: tuple[Band, ...], scale: Scale) -> Array:
    """The ticks of the band each number falls in; below the lowest band 0."""
    points = np.zeros(result.over.shape, dtype=np.int64)
    for band in sorted(bands, key=lambda band: band.from_.number):
        points = np.where(result.at_least(constant(band.from_.number)), scale.ticks(band.points), points)
    return points


def band_faults(bands: tuple[Band, ...], scale: Scale) -> Iterator[Fault]:
    """Gaps, overlaps, wrong order, a lowest band above 0, points that miss the maximum."""
    yield from point_faults({("bands", at, "points"): band.points for at, band in enumerate(bands)}, scale)
    ordered = sorted(enumerate(bands), key=lambda pair: pair[1].from_.number)
    for (_, lower), (at, upper) in pairwise(ordered):
        yield from _border_faults(lower, at, upper)
    (_, lowest), (last_at, last) = ordered[0], ordered[-1]
    if lowest.from_.number > 0:
        yield ("bands",), message("criteria.bands_start", low=shown_amount(lowest.from_))
    if last.to is not None and not (last.to.is_share and last.to.number == 1):
        yield ("bands", last_at, "to"), message("criteria.bands_end", to=shown_amount(last.to))
    starts = [band.from_.number for band in bands]
    if starts not in (sorted(starts), sorted(starts, reverse=True)):
        yield ("bands",), message("criteria.bands_order")
    best = max(band.points for band in bands)
    if best != top_of(scale):
        yield ("bands",), message("criteria.best_level_not_maximum", best=best, top=top_of(scale))


def _border_faults(lower: Band, at: int, upper: Band) -> Iterator[Fault]:
    border = upper.from_.number
    if border == lower.from_.number or (lower.to is not None and lower.to.number > border):
        yield ("bands", at, "from"), message("criteria.bands_overlap", at=shown_amount(upper.from_))
    elif lower.to is not None and lower.to.number < border:
        gap = {"low": shown_amount(lower.to), "high": shown_amount(upper.from_)}
        yield ("bands", at, "from"), message("criteria.bands_gap", **gap)


def band_rows(bands: tuple[Band, ...]) -> tuple[Message, ...]:
    """One sentence per band, as listed."""
    above = {band.from_: None for band in bands}
    ordered = sorted(above, key=lambda amount: amount.number)
    upper = dict(pairwise(ordered))
    return tuple(
        message(
            "rule.band_below", low=shown_amount(band.from_), high=shown_amount(upper[band.from_]), points=band.points
        )
        if band.from_ in upper
        else message("rule.band", low=shown_amount(band.from_), points=band.points)
        for band in bands
    )


class Bands(Measured):
    """Kết quả rơi vào khoảng nào thì được số điểm của khoảng đó; mỗi khoảng tính cả mức dưới, không tính mức trên."""

    kind: Literal["bands"]
    bands: BandList
    """Các khoảng, xếp từ cao xuống thấp hoặc từ thấp lên cao; khoảng thấp nhất phải bắt đầu từ 0 hoặc thấp hơn."""

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        return Graded(Exact(band_points(self.measured(answers), self.bands, scale)))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return band_rows(self.bands)

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from self.amount_faults({("bands", at, "from"): band.from_ for at, band in enumerate(self.bands)})
        yield from band_faults(self.bands, scale)

    def lowest(self, scale: Scale) -> int:
        return min(0, *(scale.ticks(band.points) for band in self.bands))


class BasePlusSteps(Measured):
    """Đạt mức khởi điểm được điểm gốc; trên mức đó, cứ thêm một bậc được thêm điểm, không quá điểm tối đa."""

    kind: Literal["base_plus_steps"]
    start: Threshold
    """Từ mức này trở lên được điểm gốc; dưới mức này 0 điểm."""
    base: Points
    """Điểm gốc."""
    steps_from: Threshold
    """Trên mức này mới tính bậc."""
    step: Threshold
    """Độ rộng một bậc."""
    per_step: Points
    """Điểm của một bậc."""
    partial_step: Literal["ignored", "proportional"]
    """Bậc chưa đủ: ignored là không tính, proportional là tính theo tỷ lệ."""

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        result = self.measured(answers)
        above = (result - constant(self.steps_from.number)) * constant(1 / self.step.number)
        if self.partial_step == "ignored":
            above = above.floored()
        gained = Exact(np.maximum(above.over, 0), above.under) * constant(scale.ticks(self.per_step))
        points = (gained + constant(scale.ticks(self.base))).clipped(None, scale.top)
        return Graded(points.where(result.at_least(constant(self.start.number)), constant(0)))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return (
            message("rule.base", start=shown_amount(self.start), base=self.base),
            message(
                f"rule.steps_{self.partial_step}",
                above=shown_amount(self.steps_from),
                step=shown_amount(self.step),
                each=self.per_step,
                top=top_of(scale),
            ),
        )

    def faults(self, scale: Scale) -> Iterator[Fault]:
        yield from self.amount_faults({("start",): self.start, ("steps_from",): self.steps_from, ("step",): self.step})
        yield from point_faults({("base",): self.base, ("per_step",): self.per_step}, scale)
        if self.step.number <= 0:
            yield ("step",), message("criteria.step_not_positive", step=self.step.number)
        if self.per_step <= 0:
            yield ("per_step",), message("criteria.step_not_positive", step=self.per_step)
        if self.base > top_of(scale):
            yield ("base",), message("criteria.base_above_maximum", base=self.base, top=top_of(scale))
        if self.steps_from.number < self.start.number:
            yield ("steps_from",), message("criteria.steps_before_start")

    def lowest(self, scale: Scale) -> int:
        return min(0, scale.ticks(self.base))


class Trend(Rule):
    """So với kỳ trước: tốt hơn, bằng, hoặc kém hơn thì được số điểm tương ứng."""

    kind: Literal["trend"]
    better: Literal["higher", "lower"]
    """higher: số lớn hơn là tốt hơn; lower: số nhỏ hơn là tốt hơn."""
    improved: Points
    """Điểm khi tốt hơn kỳ trước."""
    equal: Points
    """Điểm khi bằng kỳ trước."""
    worse: Points = Decimal(0)
    """Điểm khi kém hơn kỳ trước."""
    decimals: Decimals = 2
    """Số chữ số thập phân được ghi."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return tuple(Input(name, "number", self.decimals, -(10**12), 10**12) for name in ("before", "now"))

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        change = np.sign(answers["now"] - answers["before"]) * (1 if self.better == "higher" else -1)
        worth = np.array([scale.ticks(points) for points in (self.worse, self.equal, self.improved)], dtype=np.int64)
        return Graded(Exact(worth[change.astype(np.int64) + 1]))

    def how(self, scale: Scale) -> tuple[Message, ...]:
        return (message(f"rule.trend_{self.better}", improved=self.improved, equal=self.equal, worse=self.worse),)

    def faults(self, scale: Scale) -> Iterator[Fault]:
        points: dict[tuple[str | int, ...], Decimal] = {
            ("improved",): self.improved,
            ("equal",): self.equal,
            ("worse",): self.worse,
        }
        yield from point_faults(points, scale)
        best, top = max(points.values()), top_of(scale)
        if best != top:
            yield ("improved",), message("criteria.best_level_not_maximum", best=best, top=top)
        if not self.improved >= self.equal >= self.worse:
            yield ("equal",), message("criteria.trend_order")

    def lowest(self, scale: Scale) -> int:
        return min(0, *(scale.ticks(points) for points in (self.improved, self.equal, self.worse)))
