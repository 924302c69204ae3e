"""Conditions of recognition and of star bands: what must hold, as data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chamdiem.criteria.scalars import Code, Frozen, Key, Text, Threshold, Whole


class Limit(Frozen):
    """Một giới hạn: số điểm (80) hoặc tỷ lệ trên điểm tối đa (70%). Chỉ ghi một trong bốn."""

    at_least: Threshold | None = None
    """Từ mức này trở lên (tính cả mức này)."""
    above: Threshold | None = None
    """Trên mức này (không tính mức này)."""
    at_most: Threshold | None = None
    """Không quá mức này (tính cả mức này)."""
    below: Threshold | None = None
    """Dưới mức này (không tính mức này)."""

    @model_validator(mode="after")
    def _one(self) -> Limit:
        if sum(value is not None for value in (self.at_least, self.above, self.at_most, self.below)) != 1:
            raise PydanticCustomError("criteria.limit_one", "one limit", {})
        return self

    @cached_property
    def side(self) -> str:
        """Which of the four is written."""
        return next(name for name in ("at_least", "above", "at_most", "below") if getattr(self, name) is not None)


class NodeLimit(Limit):
    """Giới hạn cho một nhóm hoặc một tiêu chí."""

    code: Code
    """Mã nhóm hoặc tiêu chí."""


class Met(Frozen):
    """Số tiêu chí đạt. Một tiêu chí đạt khi được điểm tối đa, hoặc từ tỷ lệ `met_from` của bộ tiêu chí."""

    at_least: Whole
    """Số tiêu chí ít nhất phải đạt."""
    among: tuple[Code, ...] = ()
    """Chỉ tính trong các tiêu chí này; bỏ trống là mọi tiêu chí của phần cơ bản."""


class Failed(Frozen):
    """Số tiêu chí không đạt."""

    at_most: Whole | None = None
    """Nhiều nhất từng này tiêu chí không đạt."""
    share_below: Threshold | None = None
    """Tỷ lệ tiêu chí không đạt phải dưới mức này, ví dụ 30%."""
    none_of: tuple[Code, ...] = ()
    """Các tiêu chí trọng yếu: không được có tiêu chí nào trong số này không đạt."""
    among: tuple[Code, ...] = ()
    """Chỉ tính trong các tiêu chí này; bỏ trống là mọi tiêu chí của phần cơ bản."""


class Condition(Frozen):
    """Một điều kiện. Ghi đúng một trong các khóa total … all."""

    title: Text | None = None
    """Lời văn của điều kiện, nếu cần khác câu do máy viết."""
    clause: Text | None = None
    """Điều khoản của văn bản."""
    total: Limit | None = None
    """Tổng điểm."""
    base: Limit | None = None
    """Điểm phần cơ bản."""
    bonus: Limit | None = None
    """Điểm thưởng."""
    node: NodeLimit | None = None
    """Điểm của một nhóm hoặc một tiêu chí."""
    each_group: Limit | None = None
    """Điểm của từng nhóm ở cấp một."""
    each_leaf: Limit | None = None
    """Điểm của từng tiêu chí chấm điểm (điểm liệt)."""
    required: Annotated[tuple[Code, ...], Field(min_length=1)] | None = None
    """Các tiêu chí bắt buộc phải đạt."""
    met: Met | None = None
    """Số tiêu chí đạt."""
    failed: Failed | None = None
    """Số tiêu chí không đạt, và các tiêu chí trọng yếu."""
    fact: Key | None = None
    """Một điều xác nhận (facts) phải là "có"."""
    gate: Key | None = None
    """Một điều kiện (gates) phải đạt."""
    any: Annotated[tuple[Condition, ...], Field(min_length=1)] | None = None
    """Ít nhất một điều kiện trong danh sách."""
    all: Annotated[tuple[Condition, ...], Field(min_length=1)] | None = None
    """Mọi điều kiện trong danh sách."""
    not_: Annotated[Condition | None, Field(alias="not")] = None
    """Điều kiện này không xảy ra; cần cho các trường hợp thu hồi."""

    @model_validator(mode="after")
    def _one(self) -> Condition:
        if sum(getattr(self, name) is not None for name in FORMS) != 1:
            raise PydanticCustomError(
                "criteria.condition_one", "one form", {"forms": ", ".join(form.rstrip("_") for form in FORMS)}
            )
        return self

    @cached_property
    def form(self) -> str:
        """Which form is written: total, node, each_group, …"""
        return next(name for name in FORMS if getattr(self, name) is not None)

    def parts(self) -> Iterator[Condition]:
        """This condition and every one inside it."""
        yield self
        for part in (*(self.any or ()), *(self.all or ()), *((self.not_,) if self.not_ is not None else ())):
            yield from part.parts()


FORMS = (
    "total", "base", "bonus", "node", "each_group", "each_leaf",
    "required", "met", "failed", "fact", "gate", "any", "all", "not_",
)  # fmt: skip
