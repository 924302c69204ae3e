"""Where the answer to a criterion is taken from by reference: reports, due dates, surveys, a decision; never retyped."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chamdiem.criteria.scalars import Frozen, Key, Slug, Text

DeadlineFigure = Literal["due", "on_time", "late", "missing"]


class FromReports(Frozen):
    """Lấy số liệu lũy kế từ đầu năm trong báo cáo của một chương trình."""

    kind: Literal["report"]
    programme: Slug
    """Mã chương trình."""
    figures: Annotated[dict[Key, Key], Field(min_length=1)]
    """Mỗi số liệu mà cách chấm hỏi (done, of, count…) lấy từ số liệu nào của báo cáo."""


class FromDeadlines(Frozen):
    """Đếm trên sổ theo dõi hạn báo cáo của một chương trình, trong thời gian của đợt chấm."""

    kind: Literal["deadline"]
    programme: Slug
    """Mã chương trình."""
    duties: tuple[Key, ...] = ()
    """Chỉ đếm các việc có kỳ hạn này của chương trình; bỏ trống là mọi báo cáo."""
    figures: Annotated[dict[Key, DeadlineFigure], Field(min_length=1)]
    """Mỗi số liệu mà cách chấm hỏi lấy từ số đếm nào: due đến hạn; on_time đúng hạn, kể cả sớm; late chậm; missing chưa
    nộp."""


class FromSurvey(Frozen):
    """Lấy kết quả tổng hợp của một cuộc khảo sát."""

    kind: Literal["survey"]
    survey: Slug
    """Mã phiếu khảo sát."""
    figures: Annotated[dict[Key, Key], Field(min_length=1)]
    """Mỗi số liệu mà cách chấm hỏi lấy từ số nào của kết quả: satisfied, valid, sent, returned, hoặc khóa của một phương
    án trả lời."""


class FromDecision(Frozen):
    """Lấy kết quả ghi trong văn bản của cơ quan khác; người chấm ghi lại và dẫn số, ngày của văn bản."""

    kind: Literal["decision"]
    document: Text
    """Văn bản nào."""


Source = Annotated[FromReports | FromDeadlines | FromSurvey | FromDecision, Field(discriminator="kind")]
