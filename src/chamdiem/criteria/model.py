"""A criteria set: the rubric, who judges, what blocks recognition, which stars there are, how ties break."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from chamdiem.criteria.columns import Array
from chamdiem.criteria.policies import (
    Calendar,
    Category,
    Effective,
    LegalBasis,
    Panel,
    PointsPolicy,
    Quorum,
    Spread,
    Status,
    UnitKind,
    Validity,
)
from chamdiem.criteria.recognition import Award, Fact, Gate, Quota, Ranking, Revocation, StarBand, Stars, TieKey, Ties
from chamdiem.criteria.rubric import (
    Bonus,
    DependsOn,
    EvidenceNeed,
    Need,
    Node,
    NotApplicable,
    Penalties,
    Pool,
    StopIf,
    Variant,
    Verification,
)
from chamdiem.criteria.rules.base import Scale
from chamdiem.criteria.scalars import Code, Frozen, Key, Share, Slug, Text
from chamdiem.points import ticks


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
    awards: tuple[Award, ...] = ()
    """Số lượng được lựa chọn khen thưởng."""
    ranking: Ranking = Ranking()
    """Cách xếp hạng."""
    ties: Ties = Ties()
    """Khi bằng điểm."""
    revocation: tuple[Revocation, ...] = ()
    """Các trường hợp xem xét thu hồi."""

    @cached_property
    def working_days(self) -> dict[str, Array]:
        """Working days of each calendar, for deadlines, after the day before it begins."""
        return {name: calendar.counted_days() for name, calendar in self.calendars.items()}

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

    def need_of(self, node: Node) -> Need:
        """The evidence a leaf needs: its own words, else the set's."""
        found = self._needs.get(node.code)
        if found is None:
            said = [one for one in (node.evidence, self.evidence) if one is not None]
            first = {
                name: next((v for v in (getattr(one, name) for one in said) if v is not None), None)
                for name in Need._fields
            }
            found = Need(**{name: value for name, value in first.items() if value is not None})
            self._needs[node.code] = found
        return found

    @cached_property
    def _needs(self) -> dict[str, Need]:
        return {}


__all__ = [
    "Award",
    "Bonus",
    "Calendar",
    "Category",
    "CriteriaSet",
    "DependsOn",
    "Effective",
    "EvidenceNeed",
    "Fact",
    "Gate",
    "LegalBasis",
    "Need",
    "Node",
    "NotApplicable",
    "Panel",
    "Penalties",
    "PointsPolicy",
    "Pool",
    "Quorum",
    "Quota",
    "Ranking",
    "Revocation",
    "Spread",
    "StarBand",
    "Stars",
    "Status",
    "StopIf",
    "TieKey",
    "Ties",
    "UnitKind",
    "Validity",
    "Variant",
    "Verification",
]
