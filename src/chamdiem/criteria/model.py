"""A criteria set: the rubric as a tree, who judges, what blocks recognition, which stars there are, how ties break."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from chamdiem.criteria.columns import Array
from chamdiem.criteria.conditions import Condition
from chamdiem.criteria.rules import AnyRule
from chamdiem.criteria.rules.base import Scale
from chamdiem.criteria.scalars import Code, Day, Flag, Frozen, Key, Points, Share, Slug, Text, Threshold, Whole
from chamdiem.points import Rounding, ticks

Status = Literal["official", "transcribed", "illustrative"]
Verification = Literal["field_check", "document_check", "qcdc_record"]
UnitKind = Literal["xa", "phuong", "thi_tran", "dac_khu", "huyen", "tinh", "co_quan", "don_vi", "thon", "to_dan_pho"]


class LegalBasis(Frozen):
    """Văn bản làm căn cứ."""

    number: Text
    """Số, ký hiệu: 163-KH/HU."""
    date: Day | None = None
    """Ngày ban hành, dạng 2024-02-29."""
    issuer: Text
    """Cơ quan ban hành."""
    title: Text | None = None
    """Trích yếu."""
    note: Text | None = None
    """Điều cần biết khi dẫn văn bản này."""


class Effective(Frozen):
    """Thời gian áp dụng, tính cả hai đầu."""

    from_: Annotated[Day, Field(alias="from")]
    """Từ ngày."""
    to: Day | None = None
    """Đến hết ngày; bỏ trống khi chưa hết hiệu lực."""


class PointsPolicy(Frozen):
    """Điểm được giữ đến mấy chữ số thập phân và làm tròn ở đâu."""

    places: Annotated[Whole, Field(le=4)] = 2
    """Số chữ số thập phân của điểm."""
    round: Rounding = Rounding.HALF_AWAY_FROM_ZERO
    """Cách làm tròn; half_away_from_zero là cách của hàm ROUND trong Excel."""
    at: Literal["mark", "leaf", "group", "total"] = "leaf"
    """Làm tròn ở đâu: từng phiếu, từng tiêu chí, từng nhóm, hay chỉ tổng điểm."""


class Quorum(Frozen):
    """Số thành viên ít nhất phải chấm một đơn vị thì kết quả mới có giá trị."""

    share: Share | None = None
    """Tỷ lệ thành viên, ví dụ 3/4."""
    count: Whole | None = None
    """Số thành viên."""
    chair: Flag = False
    """true: phải có chủ tịch hội đồng (trưởng ban giám khảo)."""


class Spread(Frozen):
    """Độ chênh lớn nhất được phép giữa các giám khảo."""

    points: Points
    """Số điểm chênh lớn nhất còn được chấp nhận."""
    of: Literal["total", "leaf"] = "total"
    """So tổng điểm cơ bản của phiếu (không kể điểm thưởng) hay so từng tiêu chí."""
    between: Literal["judges", "mean"] = "judges"
    """judges: giữa hai giám khảo bất kỳ; mean: giữa một giám khảo và trung bình."""
    then: Literal["discuss", "third_marker"]
    """Khi vượt: thảo luận và chấm lại, hoặc điểm của người chấm thứ ba là điểm chính thức."""


class Panel(Frozen):
    """Cách lấy điểm của nhiều giám khảo thành một."""

    combine: Literal["mean", "median", "trimmed_mean", "drop_extremes"] = "mean"
    """Trung bình cộng; trung vị; trung bình sau khi cắt hai đầu; trung bình sau khi bỏ điểm cao nhất và thấp nhất."""
    trim: Share = Fraction(1, 5)
    """Phần cắt ở mỗi đầu, khi combine là trimmed_mean."""
    quorum: Quorum | None = None
    """Số thành viên ít nhất."""
    max_spread: tuple[Spread, ...] = ()
    """Các giới hạn chênh lệch."""


class EvidenceNeed(Frozen):
    """Yêu cầu về minh chứng của một tiêu chí."""

    required: Flag = False
    """true: phải có minh chứng."""
    documents: Text | None = None
    """Cần tài liệu gì."""
    verify: tuple[Verification, ...] = ()
    """Cách kiểm tra: field_check kiểm tra thực tế; document_check đối chiếu minh chứng; qcdc_record phần mềm QCDC."""
    unproven: Literal["zero", "counts", "pending"] = "zero"
    """Chưa được xác nhận thì: zero không tính; counts vẫn tính; pending tạm tính đến khi có kết luận."""


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


class Fact(Frozen):
    """Điều cần xác nhận về đơn vị, không cho điểm: không kỷ luật, ngày nộp hồ sơ…"""

    id: Key
    """Mã, dùng trong bảng điểm và trong điều kiện."""
    title: Text
    """Câu hỏi, trả lời có hoặc không (kind: flag), hoặc một ngày (kind: date)."""
    kind: Literal["flag", "date"] = "flag"
    """flag: có hoặc không; date: một ngày."""
    clause: Text | None = None
    """Điều khoản."""


class Gate(Frozen):
    """Điều kiện công nhận: không đạt thì không được công nhận, điểm vẫn giữ nguyên."""

    id: Key
    """Mã của điều kiện."""
    title: Text
    """Lời văn của điều kiện."""
    clause: Text | None = None
    """Điều khoản."""
    status: Status | None = None
    """Nguồn của điều kiện, nếu khác nguồn chung của bộ tiêu chí."""
    when: Condition
    """Điều kiện phải đạt."""
    enabled: Flag = True
    """false: ghi để biết, chưa áp dụng."""


class StarBand(Frozen):
    """Một hạng sao (hoặc một mức xếp loại)."""

    stars: Annotated[Whole, Field(ge=1, le=20)]
    """Số sao, hoặc thứ bậc của mức xếp loại, 1 là thấp nhất."""
    title: Text | None = None
    """Tên mức; bỏ trống là "n sao"."""
    from_: Annotated[Threshold, Field(alias="from")]
    """Từ số điểm này trở lên (tính cả số này)."""
    conditions: tuple[Condition, ...] = ()
    """Điều kiện riêng của hạng này."""
    clause: Text | None = None
    """Điều khoản."""


class Stars(Frozen):
    """Các hạng sao."""

    on: Literal["total", "base"]
    """Xét trên tổng điểm hay điểm cơ bản."""
    status: Status | None = None
    """Nguồn của các ngưỡng, nếu khác nguồn chung của bộ tiêu chí."""
    when_condition_fails: Literal["next_lower", "not_recognised"]
    """Đủ điểm mà không đạt điều kiện riêng: xét hạng thấp hơn kế tiếp, hay không công nhận."""
    bands: Annotated[tuple[StarBand, ...], Field(min_length=1)]
    """Các hạng, xếp từ cao xuống thấp hoặc từ thấp lên cao."""


class Quota(Frozen):
    """Tỷ lệ hoặc số đơn vị nhiều nhất được xếp hạng cao nhất."""

    stars: Whole
    """Hạng bị giới hạn; đơn vị ngoài hạn mức được xét hạng thấp hơn kế tiếp."""
    share: Share | None = None
    """Tỷ lệ nhiều nhất, làm tròn xuống."""
    count: Whole | None = None
    """Số đơn vị nhiều nhất."""
    of: Literal["ranked", "recognised"] = "ranked"
    """Tính trên số đơn vị được xếp hạng, hay trên số đơn vị được công nhận."""
    ties: Literal["all_in", "all_out"]
    """Đồng hạng ở ranh giới hạn mức: cùng được, hay cùng không được."""


class TieKey(Frozen):
    """Một tiêu chí phụ khi bằng điểm. Ghi đúng một khóa."""

    node: Code | None = None
    """Điểm của nhóm hoặc tiêu chí này cao hơn thì đứng trên."""
    sum: Literal["base", "bonus", "total", "penalties"] | None = None
    """Điểm cơ bản, điểm thưởng hoặc tổng cao hơn (điểm trừ: thấp hơn) thì đứng trên."""
    earliest: Key | None = None
    """Ngày (facts, kind: date) sớm hơn thì đứng trên."""


class Ties(Frozen):
    """Cách xử lý khi bằng điểm."""

    keys: tuple[TieKey, ...] = ()
    """Các tiêu chí phụ, lần lượt."""
    otherwise: Literal["co_rank", "decide"] = "co_rank"
    """Vẫn bằng nhau: đồng hạng, hay để hội đồng quyết định."""
    numbering: Literal["competition", "dense"] = "competition"
    """Cách đánh số hạng khi có đồng hạng: competition là 1, 2, 2, 4; dense là 1, 2, 2, 3."""


class Ranking(Frozen):
    """Xếp hạng theo số nào, trong phạm vi nào."""

    on: Literal["total", "base", "met"] = "total"
    """Tổng điểm; điểm cơ bản (đã quy về thang khi có tiêu chí không áp dụng); số tiêu chí đạt."""
    within: Literal["all", "kind", "category", "cluster"] = "all"
    """Xếp chung, hay riêng theo kiểu đơn vị, loại đơn vị, cụm thi đua."""
    include: Literal["all", "recognised"] = "all"
    """Xếp mọi đơn vị đã chấm, hay chỉ đơn vị được công nhận."""


class Revocation(Frozen):
    """Trường hợp thuộc diện xem xét thu hồi công nhận."""

    title: Text
    """Lời văn của trường hợp."""
    clause: Text | None = None
    """Điều khoản."""
    when: Condition
    """Điều kiện để thuộc diện thu hồi."""


class Category(Frozen):
    """Loại đơn vị: khu vực, nhóm xã, cụm…"""

    id: Key
    """Khóa."""
    title: Text
    """Tên loại."""


class Calendar(Frozen):
    """Lịch làm việc: ngày nghỉ và ngày làm bù trong một khoảng năm."""

    title: Text
    """Tên lịch."""
    source: Text
    """Nguồn của các ngày nghỉ."""
    status: Status
    """Nguồn chính thức, chép lại, hay minh họa."""
    from_: Annotated[Day, Field(alias="from")]
    """Ngày đầu lịch phủ."""
    to: Day
    """Ngày cuối lịch phủ."""
    days_off: tuple[Day, ...]
    """Ngày nghỉ rơi vào ngày thường."""
    working_weekends: tuple[Day, ...] = ()
    """Ngày làm bù rơi vào thứ bảy, chủ nhật."""

    def days(self) -> Array:
        """The working days in order, as days since 1/1/1970."""
        every = np.arange(np.datetime64(self.from_), np.datetime64(self.to) + 1)
        weekday = np.is_busday(every) & ~np.isin(every, np.array(self.days_off, dtype="datetime64[D]"))
        made_up = np.isin(every, np.array(self.working_weekends, dtype="datetime64[D]"))
        return every[weekday | made_up].astype(np.int64)


class Validity(Frozen):
    """Thời hạn của công nhận."""

    months: Annotated[Whole, Field(ge=1)]
    """Số tháng."""


class CriteriaSet(Frozen):
    """Bộ tiêu chí, một lần ban hành."""

    id: Slug
    """Mã của bộ tiêu chí, trùng tên tệp."""
    version: Text
    """Phiên bản trong cùng mã."""
    title: Text
    """Tên bộ tiêu chí hoặc cuộc thi."""
    status: Status
    """official: số liệu chính thức; transcribed: chép lại từ văn bản; illustrative: minh họa, không chính thức."""
    note: Text | None = None
    """Điều người đọc phải biết về nguồn số liệu."""
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]
    """Các văn bản làm căn cứ."""
    effective: Effective
    """Thời gian áp dụng."""
    replaces: Text | None = None
    """Bộ tiêu chí trước mà bộ này thay: mã@phiên bản."""
    unit_kinds: Annotated[tuple[UnitKind, ...], Field(min_length=1)]
    """Các kiểu đơn vị được chấm."""
    categories: tuple[Category, ...] = ()
    """Các loại đơn vị, dùng cho variants và only_for."""
    validity: Validity | None = None
    """Thời hạn công nhận."""
    points: PointsPolicy = PointsPolicy()
    """Số lẻ và làm tròn."""
    panel: Panel = Panel()
    """Cách lấy điểm của hội đồng, ban giám khảo."""
    evidence: EvidenceNeed = EvidenceNeed()
    """Yêu cầu minh chứng chung; từng tiêu chí có thể ghi khác."""
    evidence_once: tuple[Annotated[tuple[Code, ...], Field(min_length=2)], ...] = ()
    """Các nhóm tiêu chí mà một minh chứng chỉ được tính một lần, cho tiêu chí đứng trước."""
    met_from: Share = Fraction(1)
    """Tiêu chí được coi là đạt khi từ tỷ lệ này của điểm tối đa trở lên."""
    result: Literal["points", "met_count"] = "points"
    """met_count: không có tổng điểm, kết quả là số tiêu chí đạt trên tổng số."""
    calendars: Annotated[dict[Key, Calendar], Field(default_factory=dict, max_length=10)]
    """Lịch làm việc; lịch có sẵn trong criteria/calendars/ không cần ghi lại ở đây."""
    facts: tuple[Fact, ...] = ()
    """Các điều cần xác nhận."""
    base: Pool
    """Phần điểm cơ bản."""
    bonus: Bonus | None = None
    """Điểm thưởng."""
    penalties: Penalties | None = None
    """Điểm trừ chung."""
    gates: tuple[Gate, ...] = ()
    """Điều kiện công nhận."""
    stars: Stars | None = None
    """Các hạng sao; bỏ trống khi văn bản không quy định."""
    quota: Quota | None = None
    """Hạn mức của hạng cao nhất."""
    ranking: Ranking = Ranking()
    """Cách xếp hạng."""
    ties: Ties = Ties()
    """Khi bằng điểm."""
    revocation: tuple[Revocation, ...] = ()
    """Các trường hợp xem xét thu hồi."""

    @cached_property
    def working_days(self) -> dict[str, Array]:
        """Working days of each calendar, for deadlines."""
        return {name: calendar.days() for name, calendar in self.calendars.items()}

    @property
    def pools(self) -> tuple[tuple[str, Pool], ...]:
        """The pools there are, by name, in the order they are counted."""
        named = (("base", self.base), ("bonus", self.bonus), ("penalties", self.penalties))
        return tuple((name, pool) for name, pool in named if pool is not None)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of every pool, in the order of the rubric."""
        return tuple(node for _, pool in self.pools for top in pool.nodes for node in top.walk())

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        """The nodes that are marked."""
        return tuple(node for node in self.nodes if not node.nodes)

    def leaves_under(self, code: str) -> tuple[Node, ...]:
        """The leaves of the node of this code, itself if it is one; nothing for an unknown code."""
        found = next((node for node in self.nodes if node.code == code), None)
        return () if found is None else tuple(node for node in found.walk() if not node.nodes)

    @property
    def scale(self) -> Decimal:
        """The points nobody can pass when the bonus stays within the scale, otherwise base plus bonus."""
        if self.bonus is None:
            return self.base.max
        return self.bonus.scale or self.base.max + self.bonus.max

    def scale_of(self, node: Node, *, closed: bool = True) -> Scale:
        """What the rule of a leaf must know."""
        return Scale(self.ticks(node.max), self.points.places, closed, self.working_days)

    def ticks(self, points: Decimal | Fraction) -> int:
        """Points of this set in ticks."""
        return ticks(points, self.points.places)

    def need_of(self, node: Node) -> EvidenceNeed:
        """The evidence a leaf needs: its own words, else the set's."""
        return node.evidence or self.evidence

    def applies_on(self, day: date) -> bool:
        """Whether the set is in force that day."""
        return self.effective.from_ <= day and (self.effective.to is None or day <= self.effective.to)
