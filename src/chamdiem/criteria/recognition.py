"""What decides recognition: facts, gates, star bands, quota, ranking, ties, revocation."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from chamdiem.criteria.conditions import Condition, Limit
from chamdiem.criteria.policies import Status
from chamdiem.criteria.scalars import Code, Flag, Frozen, Key, Share, Text, Threshold, Whole


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

    @cached_property
    def limit(self) -> Limit:
        """The same number as a limit."""
        return Limit(at_least=self.from_)


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


class Award(Frozen):
    """Số lượng được lựa chọn khen thưởng, ghi thành khoảng: "từ 02-03 tập thể"."""

    id: Key
    """Mã của mục khen thưởng."""
    title: Text
    """Lời văn của mục khen thưởng."""
    at_least: Whole
    """Số lượng ít nhất (tính cả số này); ít hơn là việc còn mở."""
    at_most: Whole
    """Số lượng nhiều nhất (tính cả số này); bằng nhau ở suất cuối thì chờ quyết định, không tự bỏ ai."""
    only_for: tuple[str, ...] = ()
    """Chỉ chọn trong các kiểu đơn vị (unit_kinds) hoặc loại đơn vị (categories) này; bỏ trống là mọi đơn vị."""
    clause: Text | None = None
    """Điều khoản."""
    status: Status | None = None
    """Nguồn của số lượng, nếu khác nguồn chung của bộ tiêu chí."""


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
