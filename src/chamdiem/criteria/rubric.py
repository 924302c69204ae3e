"""The rubric as a tree: groups and criteria with maxima, rules, evidence needed, and when a part does not apply."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from chamdiem.criteria.policies import Status
from chamdiem.criteria.rules import AnyRule
from chamdiem.criteria.scalars import Code, Flag, Frozen, Key, Points, Share, Text, Threshold, Whole
from chamdiem.criteria.sources import Source

Verification = Literal["field_check", "document_check", "qcdc_record"]


class Need(NamedTuple):
    """What evidence a criterion asks for in the end: its own words, else the set's, else nothing."""

    required: bool = False
    documents: str | None = None
    verify: tuple[Verification, ...] = ()
    unproven: Literal["zero", "counts", "pending"] = "zero"


class EvidenceNeed(Frozen):
    """Yêu cầu về minh chứng. Ở một tiêu chí, khóa nào không ghi thì theo yêu cầu chung của bộ tiêu chí."""

    required: Flag | None = None
    """true: phải có minh chứng; không ghi ở đâu cả là không."""
    documents: Text | None = None
    """Cần tài liệu gì."""
    verify: tuple[Verification, ...] | None = None
    """Cách kiểm tra: field_check kiểm tra thực tế; document_check đối chiếu minh chứng; qcdc_record phần mềm QCDC."""
    unproven: Literal["zero", "counts", "pending"] | None = None
    """Chưa được xác nhận thì: zero không tính; counts vẫn tính; pending tạm tính đến khi có kết luận. Mặc định zero."""


class NotApplicable(Frozen):
    """Khi tiêu chí không áp dụng với một đơn vị."""

    policy: Literal["zero", "full", "exclude_rescale", "redistribute"]
    """zero: 0 điểm; full: điểm tối đa; exclude_rescale: bỏ khỏi mẫu số rồi quy về thang điểm; redistribute: chia điểm
    tối đa cho các tiêu chí cùng nhóm."""
    when: Text | None = None
    """Khi nào thì được ghi là không áp dụng."""


class DependsOn(Frozen):
    """Chỉ chấm khi một tiêu chí khác đạt mức."""

    code: Code
    """Mã tiêu chí hoặc nhóm phải đạt."""
    at_least: Threshold
    """Mức phải đạt: số điểm, hoặc tỷ lệ trên điểm tối đa."""
    otherwise: Literal["zero", "not_applicable"]
    """Nếu không đạt: 0 điểm, hay không áp dụng."""


class StopIf(Frozen):
    """Dừng chấm: nếu điểm dưới mức này thì các tiêu chí sau nó không được đánh giá và không được tính điểm."""

    below: Threshold
    """Dưới mức này (không tính mức này) thì dừng."""


class Variant(Frozen):
    """Cách chấm riêng cho một loại đơn vị."""

    category: Key
    """Loại đơn vị, khai ở categories."""
    rule: AnyRule
    """Cách chấm của loại đó; điểm tối đa không đổi."""


class Node(Frozen):
    """Nhóm (có nodes) hoặc tiêu chí chấm điểm (có rule)."""

    code: Code
    """Mã, không trùng trong bộ tiêu chí."""
    title: Text
    """Tên nhóm hoặc nội dung tiêu chí."""
    wording: Text | None = None
    """Lời văn nguyên gốc của văn bản."""
    clause: Text | None = None
    """Điều khoản."""
    status: Status | None = None
    """Nguồn của số điểm ở đây, nếu khác nguồn chung của bộ tiêu chí."""
    max: Points
    """Điểm tối đa."""
    weight: Share = Fraction(1)
    """Hệ số khi cộng vào nhóm trên."""
    rule: AnyRule | None = None
    """Cách chấm, nếu là tiêu chí."""
    variants: tuple[Variant, ...] = ()
    """Cách chấm riêng theo loại đơn vị."""
    source: Source | None = None
    """Số liệu của tiêu chí được lấy từ đâu; bỏ trống là người chấm tự ghi."""
    nodes: tuple[Node, ...] = ()
    """Các nhóm con hoặc tiêu chí, nếu là nhóm."""
    combine: Literal["sum", "choose_one", "best"] = "sum"
    """sum: cộng; choose_one: chỉ chọn một trường hợp; best: lấy n tiêu chí cao điểm nhất."""
    best: Annotated[Whole, Field(ge=1)] | None = None
    """Số tiêu chí lấy điểm, khi combine là best."""
    capped: Flag = False
    """true: điểm các phần có thể cộng quá điểm tối đa, phần vượt không tính."""
    scaled: Flag = False
    """true: điểm các phần được quy đổi tỷ lệ về điểm tối đa này."""
    evidence: EvidenceNeed | None = None
    """Yêu cầu minh chứng, nếu khác yêu cầu chung."""
    not_applicable: NotApplicable | None = None
    """Có thể không áp dụng; bỏ trống là luôn áp dụng."""
    only_for: tuple[str, ...] = ()
    """Chỉ áp dụng với các kiểu đơn vị (unit_kinds) hoặc loại đơn vị (categories) này."""
    depends_on: DependsOn | None = None
    """Chỉ chấm khi tiêu chí khác đạt mức."""
    stop_if: StopIf | None = None
    """Dừng chấm các tiêu chí sau."""

    def walk(self) -> Iterator[Node]:
        """This node and every node under it, in the order of the rubric."""
        yield self
        for node in self.nodes:
            yield from node.walk()


class Pool(Frozen):
    """Phần điểm cơ bản."""

    max: Points
    """Điểm tối đa của phần này."""
    nodes: Annotated[tuple[Node, ...], Field(min_length=1)]
    """Các nhóm ở cấp một."""
    capped: Flag = False
    """true: các nhóm có thể cộng quá điểm tối đa, phần vượt không tính."""
    scaled: Flag = False
    """true: tổng các nhóm được quy đổi về điểm tối đa (quy về thang 100)."""


class Bonus(Pool):
    """Điểm thưởng, cộng sau phần cơ bản."""

    capped: Flag = True
    within_scale: Flag
    """true: tổng điểm không vượt thang điểm; false: có thể vượt."""
    scale: Points | None = None
    """Thang điểm; bỏ trống là điểm tối đa cơ bản cộng điểm thưởng tối đa."""


class Penalties(Pool):
    """Điểm trừ chung, trừ vào tổng sau khi cộng thưởng; tổng không dưới 0. Điểm các mục ghi số dương."""

    capped: Flag = True
