"""The rule that compares a unit with the others: only meaningful when the round is closed and every result is in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from chamdiem.criteria.columns import Exact, constant
from chamdiem.criteria.rules.base import Answers, Fault, Graded, Input, Rule, Scale, top_of
from chamdiem.criteria.rules.measured import Band, band_faults, band_points, band_rows
from chamdiem.criteria.scalars import Decimals
from chamdiem.errors import Message, message


class Peers(Rule):
    """Điểm tùy kết quả so với các đơn vị khác cùng nhóm so sánh; chỉ tính khi đã chốt đợt chấm."""

    needs_peers: ClassVar[bool] = True

    kind: Literal["peers"]
    measure: Literal["leader", "share_of_leader", "percentile"]
    """leader: đơn vị dẫn đầu được điểm tối đa; share_of_leader: theo tỷ lệ so với đơn vị dẫn đầu; percentile: theo tỷ
    lệ đơn vị có kết quả không tốt hơn (kể cả chính nó)."""
    better: Literal["higher", "lower"] = "higher"
    """higher: số lớn hơn là tốt hơn; lower: số nhỏ hơn là tốt hơn (không dùng với share_of_leader)."""
    decimals: Decimals = 2
    """Số chữ số thập phân được ghi."""
    bands: tuple[Band, ...] = ()
    """Điểm theo khoảng của tỷ lệ; bỏ trống thì điểm tỷ lệ thuận."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return (Input("value", "number", self.decimals, low=0, high=10**12),)

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        value, present = answers["value"], answers.present
        if not scale.closed:
            return Graded(
                Exact(np.zeros(value.shape, dtype=np.int64)), np.ones(value.shape, dtype=np.bool_), "matter.round_open"
            )
        cohort = np.zeros(value.shape[-1], dtype=np.int64) if answers.cohort is None else answers.cohort
        over, under = np.zeros_like(value, dtype=np.int64), np.ones_like(value, dtype=np.int64)
        for judge in range(value.shape[0]):
            for group in np.unique(cohort):
                here = present[judge] & (cohort == group)
                if here.any():
                    over[judge, here], under[judge, here] = self.against(value[judge, here].astype(np.int64))
        share = Exact(over, under)
        if self.bands:
            return Graded(Exact(band_points(share, self.bands, scale)))
        return Graded(share * constant(scale.top))

    def against(self, values: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """The share each of these peers reaches, as numerators and a denominator."""
        worth = values if self.better == "higher" else -values
        leader = int(worth.max())
        match self.measure:
            case "leader":
                return (worth == leader).astype(np.int64), 1
            case "share_of_leader":
                return (worth, leader) if leader > 0 else (np.ones_like(worth), 1)
            case "percentile":
                return np.searchsorted(np.sort(worth), worth, side="right").astype(np.int64), len(worth)

    def how(self, scale: Scale) -> tuple[Message, ...]:
        head = (message(f"rule.peers_{self.measure}", top=top_of(scale)), message(f"rule.better_{self.better}"))
        return (*head, *(band_rows(self.bands) if self.bands else ()))

    def faults(self, scale: Scale) -> Iterator[Fault]:
        if self.bands:
            yield from band_faults(self.bands, scale)
            for at, band in enumerate(self.bands):
                if not band.from_.is_share and band.from_.number != 0:
                    yield ("bands", at, "from"), message("criteria.threshold_wants_share")
        if self.measure == "share_of_leader" and self.better == "lower":
            yield ("better",), message("criteria.share_of_leader_needs_higher")

    def lowest(self, scale: Scale) -> int:
        return min(0, *(scale.ticks(band.points) for band in self.bands)) if self.bands else 0
