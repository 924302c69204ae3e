"""A programme: one plan or decision as its document has it, word for word, with who does what and when reports are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from chamdiem.criteria.model import Effective, LegalBasis, Status
from chamdiem.criteria.scalars import Code, Day, Flag, Frozen, Key, Slug, Text
from chamdiem.programmes.periods import UNNAMED_PHASE, Every, Period
from chamdiem.programmes.rules import DueRule

OrganisationKind = Literal[
    "province", "district", "commune", "agency", "unit", "party", "front", "enterprise", "press", "team", "role",
    "people", "channel",
]  # fmt: skip
Keys = Annotated[tuple[Key, ...], Field(max_length=50)]


class Signer(Frozen):
    """Người ký văn bản."""

    title: Text
    """Chức vụ, thẩm quyền ký."""
    name: Text | None = None
    """Họ tên; bỏ trống khi bản chép không có."""


class IssuedDocument(Frozen):
    """Văn bản ban hành chương trình."""

    kind: Text
    """Loại văn bản: Kế hoạch, Công văn."""
    number: Text
    """Số, ký hiệu đúng như bản chép, kể cả khi phần số để trống."""
    date: Day
    """Ngày ban hành, dạng 2023-05-10."""
    place: Text | None = None
    """Nơi ban hành."""
    issuer: Text
    """Cơ quan ban hành."""
    signer: Signer | None = None
    """Người ký."""
    title: Text
    """Trích yếu."""
    copied_from: Text
    """Chép từ bản nào."""


class Replaced(Frozen):
    """Văn bản mà chương trình này thay thế."""

    number: Text
    """Số, ký hiệu."""
    date: Day | None = None
    """Ngày ban hành."""
    issuer: Text
    """Người hoặc cơ quan ban hành."""
    programme: Text | None = None
    """Tệp chương trình của văn bản ấy, nếu có: mã@phiên bản."""


class Succession(Frozen):
    """Ai nối tiếp khi một cơ quan, đơn vị không còn."""

    by: Annotated[Keys, Field(min_length=1)]
    """Các tổ chức nối tiếp."""
    from_: Annotated[Day, Field(alias="from")]
    """Từ ngày."""
    status: Status
    """Nguồn: official, transcribed hay illustrative."""
    source: Text
    """Dẫn nguồn: sự nối tiếp này không có trong văn bản của chương trình."""


class Organisation(Frozen):
    """Một cơ quan, đơn vị, tổ, chức danh mà văn bản nhắc tên."""

    id: Key
    """Khóa."""
    name: Text
    """Tên như trong văn bản."""
    kind: OrganisationKind
    """Kiểu: agency cơ quan; unit phòng, trung tâm; party tổ chức đảng; front Mặt trận, đoàn thể; team ban chỉ đạo, tổ;
    role chức danh; commune xã; district huyện; province tỉnh…"""
    collective: Flag = False
    """true: nhiều cơ quan cùng loại, mỗi nơi làm phần của mình."""
    within: Key | None = None
    """Thuộc tổ chức nào."""
    unit: Code | None = None
    """Mã đơn vị hành chính, khi là tỉnh, huyện, xã."""
    from_: Annotated[Day | None, Field(alias="from")] = None
    """Có từ ngày; bỏ trống khi không rõ."""
    to: Day | None = None
    """Có đến hết ngày."""
    succeeded_by: Succession | None = None
    """Ai nối tiếp."""
    note: Text | None = None
    """Điều cần biết."""


class Passage(Frozen):
    """Một đoạn của văn bản không phải là nhiệm vụ."""

    clause: Text
    """Ở mục nào."""
    text: Text
    """Nguyên văn."""


class Owners(Frozen):
    """Ai chịu trách nhiệm một nhiệm vụ."""

    lead: Annotated[Keys, Field(min_length=1)]
    """Chủ trì, thực hiện."""
    with_: Annotated[Keys, Field(alias="with")] = ()
    """Phối hợp, cùng tham gia."""
    clause: Text | None = None
    """Mục giao việc, khi không nằm ngay trong lời của nhiệm vụ."""
    note: Text | None = None
    """Chỗ nào do người chép suy ra."""


class Task(Frozen):
    """Một nhiệm vụ."""

    code: Code
    """Mã; văn bản không đánh số thì do người chép đặt."""
    clause: Text
    """Ở mục nào của văn bản."""
    text: Text
    """Nguyên văn."""
    timing: Text | None = None
    """Lời của văn bản về thời gian: Hằng năm, Thường xuyên, Định kỳ."""
    owners: Owners | None = None
    """Ai làm; bỏ trống thì là của nhóm."""
    note: Text | None = None
    """Điều cần biết về chỗ chép này."""


class TaskGroup(Frozen):
    """Một nhóm nhiệm vụ."""

    code: Code
    """Mã nhóm."""
    clause: Text
    """Ở mục nào của văn bản."""
    title: Text | None = None
    """Đề mục nguyên văn; bỏ trống khi văn bản không đặt đề mục."""
    intro: Text | None = None
    """Câu dẫn nguyên văn trước các nhiệm vụ."""
    owners: Owners | None = None
    """Ai làm các nhiệm vụ không ghi riêng."""
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]
    """Các nhiệm vụ."""


class NamedPhase(Frozen):
    """Một giai đoạn có tên."""

    id: Key
    """Khóa."""
    title: Text
    """Tên giai đoạn."""
    from_: Annotated[Day, Field(alias="from")]
    """Từ ngày."""
    to: Day
    """Đến hết ngày."""


class DutyStage(Frozen):
    """Một bước của việc có kỳ hạn: ai gửi, gửi ai, hạn nào."""

    id: Key
    """Khóa."""
    title: Text
    """Tên bước."""
    clause: Text
    """Ở mục nào của văn bản."""
    quote: Text
    """Lời văn ghi kỳ hạn."""
    by: Annotated[Keys, Field(min_length=1)]
    """Ai phải làm."""
    to: Keys = ()
    """Gửi ai; bỏ trống khi văn bản không ghi."""
    via: Keys = ()
    """Gửi qua ai."""
    collects: Key | None = None
    """Tổng hợp kết quả của bước nào trước đó."""
    due: DueRule
    """Hạn."""
    note: Text | None = None
    """Điều cần biết."""


class Duty(Frozen):
    """Một việc có kỳ hạn: báo cáo, sơ kết, tổng kết, việc làm hằng năm."""

    id: Key
    """Khóa."""
    title: Text
    """Tên."""
    what: Literal["report", "review", "task"]
    """report: báo cáo; review: sơ kết, tổng kết, đánh giá; task: việc phải làm."""
    task: Code | None = None
    """Nhiệm vụ mà việc này thuộc về."""
    every: Every
    """Kỳ: quarter quý; six_months 6 tháng đầu năm; nine_months 9 tháng đầu năm; year năm; phase giai đoạn; ad_hoc đột xuất."""
    phases: tuple[NamedPhase, ...] = ()
    """Các giai đoạn, khi kỳ là phase và văn bản ghi rõ ngày."""
    stages: Annotated[tuple[DutyStage, ...], Field(min_length=1, max_length=10)]
    """Các bước, theo thứ tự."""

    @property
    def periods(self) -> tuple[Period, ...]:
        """The phases of this duty; one without days when the document gives none, none when it is not about phases."""
        if self.every != "phase":
            return ()
        named = tuple(Period("phase", one.id, one.from_, one.to, one.title) for one in self.phases)
        return named or (Period("phase", UNNAMED_PHASE, None, None),)


class Recipient(Frozen):
    """Một dòng của Nơi nhận."""

    text: Text
    """Nguyên văn dòng ấy."""
    who: Keys
    """Các tổ chức được nhắc đến."""
    purpose: Literal["report", "filing"] | None = None
    """report: để báo cáo (b/c); filing: lưu."""


class LinkedSet(Frozen):
    """Bộ tiêu chí dùng để chấm kết quả chương trình."""

    set: Slug
    """Mã bộ tiêu chí."""
    note: Text
    """Vì sao nối với bộ này; văn bản có dẫn hay không."""


class Quirk(Frozen):
    """Chỗ lạ của bản chép: giữ nguyên, hoặc nói rõ đã chép khác thế nào."""

    quote: Text
    """Lời trong văn bản."""
    note: Text
    """Lạ ở đâu, chép thế nào."""
    departs: Flag = False
    """true: bản chép ở đây khác bản gốc."""


class DaysOffPolicy(Frozen):
    """Khi hạn rơi vào ngày nghỉ."""

    calendar: Key = "vn"
    """Lịch làm việc."""
    when_off: Literal["keep", "next_working_day"] = "keep"
    """keep: hạn vẫn là ngày văn bản ghi; next_working_day: lùi đến ngày làm việc kế tiếp, chỉ khi văn bản cho phép."""
    clause: Text | None = None
    """Điều khoản cho phép."""


class Programme(Frozen):
    """Chương trình, kế hoạch, đề án: một lần ban hành."""

    id: Slug
    """Mã của chương trình, trùng tên tệp."""
    version: Text
    """Phiên bản trong cùng mã."""
    title: Text
    """Tên gọi ngắn."""
    status: Status
    """official: chính thức; transcribed: chép lại từ văn bản; illustrative: minh họa, không chính thức."""
    note: Text | None = None
    """Điều người đọc phải biết về bản chép."""
    document: IssuedDocument
    """Văn bản."""
    legal_basis: tuple[LegalBasis, ...] = ()
    """Các văn bản làm căn cứ."""
    preamble: Text | None = None
    """Phần căn cứ, nguyên văn."""
    effective: Effective
    """Thời gian áp dụng."""
    replaces: Replaced | None = None
    """Văn bản bị thay thế."""
    objects: Annotated[Keys, Field(min_length=1)]
    """Đối tượng: các xã, cơ quan mà chương trình hướng tới."""
    organisations: Annotated[tuple[Organisation, ...], Field(min_length=1)]
    """Các cơ quan, đơn vị, chức danh được nhắc tên."""
    aims: tuple[Passage, ...] = ()
    """Mục đích, yêu cầu."""
    groups: Annotated[tuple[TaskGroup, ...], Field(min_length=1)]
    """Các nhóm nhiệm vụ."""
    duties: tuple[Duty, ...] = ()
    """Lịch báo cáo và các việc có kỳ hạn."""
    days_off: DaysOffPolicy = DaysOffPolicy()
    """Khi hạn rơi vào ngày nghỉ."""
    closing: tuple[Passage, ...] = ()
    """Phần cuối văn bản."""
    recipients: tuple[Recipient, ...] = ()
    """Nơi nhận."""
    criteria: tuple[LinkedSet, ...] = ()
    """Các bộ tiêu chí liên quan."""
    quirks: tuple[Quirk, ...] = ()
    """Những chỗ lạ của bản chép."""

    @cached_property
    def _organisations(self) -> dict[str, Organisation]:
        return {one.id: one for one in self.organisations}

    def organisation(self, id: str) -> Organisation:  # noqa: A002 - it is one
        """The organisation of this id; KeyError when there is none."""
        return self._organisations[id]

    @property
    def tasks(self) -> Iterator[Task]:
        """Every task, in the order of the document."""
        return (task for group in self.groups for task in group.tasks)

    def task(self, code: str) -> Task | None:
        """The task of this code."""
        return next((task for task in self.tasks if task.code == code), None)

    def owners_of(self, task: Task) -> Owners:
        """Who does a task: those it names itself, else those of its group."""
        group = next(group for group in self.groups if task in group.tasks)
        found = task.owners or group.owners
        assert found is not None, "the checks refuse a task without owner"
        return found

    def duty(self, id: str) -> Duty | None:  # noqa: A002
        """The duty of this id."""
        return next((duty for duty in self.duties if duty.id == id), None)

    def in_force(self, day: date) -> bool:
        """Whether the programme applies on this day."""
        return self.effective.from_ <= day and (self.effective.to is None or day <= self.effective.to)
