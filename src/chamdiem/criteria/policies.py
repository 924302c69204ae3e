"""How a set is applied: its sources and dates, how points are kept, who judges, which calendar counts."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from chamdiem.criteria.columns import Array
from chamdiem.criteria.scalars import Day, Flag, Frozen, Key, Points, Share, Text, Whole
from chamdiem.points import Rounding

Status = Literal["official", "transcribed", "illustrative"]
UnitKind = Literal[
    "xa", "phuong", "thi_tran", "dac_khu", "huyen", "tinh", "co_quan", "don_vi", "doanh_nghiep", "thon", "to_dan_pho",
    "mo_hinh", "tap_the", "ca_nhan",
]  # fmt: skip


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


class Validity(Frozen):
    """Thời hạn của công nhận."""

    months: Annotated[Whole, Field(ge=1)]
    """Số tháng."""


class Category(Frozen):
    """Loại đơn vị: khu vực, nhóm xã, cụm…"""

    id: Key
    """Khóa."""
    title: Text
    """Tên loại."""


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
        first, last = np.array([self.from_, self.to], dtype="datetime64[D]").astype(np.int64)
        every = np.arange(first, last + 1).astype("datetime64[D]")
        weekday = np.is_busday(every) & ~np.isin(every, np.array(self.days_off, dtype="datetime64[D]"))
        made_up = np.isin(every, np.array(self.working_weekends, dtype="datetime64[D]"))
        return every[weekday | made_up].astype(np.int64)

    def counted_days(self) -> Array:
        """The day before the calendar begins, then its working days: later days are inside it, working day or not."""
        return np.concatenate([[np.datetime64(self.from_).astype(np.int64) - 1], self.days()])
