"""A questionnaire: who is asked what, which answers there are and what each of them weighs."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Annotated

from pydantic import Field

from chamdiem.criteria.policies import LegalBasis, Status
from chamdiem.criteria.scalars import Code, Flag, Frozen, Key, Share, Slug, Text, Whole

Positive = Annotated[Whole, Field(ge=1)]


class Worded(Frozen):
    """Câu chữ người trả lời đọc; có thể kèm bản tiếng Anh."""

    title: Text
    """Lời văn tiếng Việt."""
    en: Text | None = None
    """Lời văn tiếng Anh, nếu có; bản tiếng Việt là bản dùng để tính."""


class Option(Worded):
    """Một phương án trả lời."""

    key: Key
    """Khóa, không dấu: rat_hai_long."""
    weight: Share | None = None
    """Trọng số, ví dụ 100%, 60%, 20%, 0%; bỏ trống thì phương án này không tính vào số phiếu hợp lệ của câu hỏi."""
    satisfied: Flag = False
    """true: được tính là hài lòng."""


class Respondent(Worded):
    """Một nhóm người trả lời."""

    key: Key
    """Khóa, không dấu: nguoi_dan."""


Options = Annotated[tuple[Option, ...], Field(min_length=2, max_length=12)]


class Question(Worded):
    """Một câu hỏi; chỉ chọn một phương án."""

    code: Code
    """Số của câu hỏi trên phiếu."""
    scale: Key | None = None
    """Tên thang trả lời dùng chung, khai báo ở scales."""
    options: Options | None = None
    """Các phương án riêng của câu hỏi, khi không dùng thang chung."""
    counts: Flag = True
    """false: câu hỏi chỉ để biết, không tính vào kết quả chung."""
    required: Flag = True
    """false: có thể bỏ trống."""


class Note(Worded):
    """Một câu hỏi mở, trả lời bằng lời."""

    code: Code
    """Số của câu hỏi trên phiếu."""
    online: Flag = False
    """true: hỏi cả trên phiếu trực tuyến; bỏ trống thì chỉ có trên phiếu giấy và không nhập vào hệ thống."""


class Sample(Frozen):
    """Cỡ mẫu."""

    error: Share = Fraction(1, 20)
    """Sai số cho phép e trong công thức n = N/(1+N·e²)."""
    least: Positive = 1
    """Số phiếu hợp lệ ít nhất thì kết quả mới có giá trị."""


class Recheck(Frozen):
    """Phúc tra phiếu giấy đã nhập."""

    share: Share = Fraction(1, 10)
    """Tỷ lệ phiếu của mỗi tập được rút để phúc tra."""
    least: Positive = 5
    """Số phiếu phúc tra ít nhất của mỗi tập; tập có ít hơn thì phúc tra tất cả."""
    most_errors: Share = Fraction(1, 50)
    """Tỷ lệ ô nhập sai nhiều nhất; vượt quá thì nhập lại cả tập."""


class Questionnaire(Frozen):
    """Phiếu khảo sát, một lần ban hành."""

    id: Slug
    """Mã của phiếu, trùng tên tệp."""
    version: Text
    """Phiên bản trong cùng mã."""
    kind: Text
    """Loại phiếu, ví dụ PKS02."""
    title: Text
    """Tên phiếu."""
    en: Text | None = None
    """Tên phiếu bằng tiếng Anh, nếu có."""
    status: Status
    """official: phiếu chính thức; transcribed: chép lại từ văn bản; illustrative: minh họa, không chính thức."""
    source: Text
    """Phần nào lấy từ đâu, phần nào tự soạn."""
    legal_basis: tuple[LegalBasis, ...] = ()
    """Các văn bản làm căn cứ, nếu có."""
    introduction: Text | None = None
    """Lời mở đầu trên phiếu."""
    introduction_en: Text | None = None
    """Lời mở đầu bằng tiếng Anh, nếu có."""
    respondents: Annotated[tuple[Respondent, ...], Field(min_length=1, max_length=12)]
    """Các nhóm người trả lời."""
    scales: Annotated[dict[Key, Options], Field(default_factory=dict, max_length=12)]
    """Các thang trả lời dùng chung."""
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=60)]
    """Các câu hỏi, theo thứ tự trên phiếu."""
    notes: Annotated[tuple[Note, ...], Field(max_length=6)] = ()
    """Các câu hỏi mở."""
    headline: Code
    """Câu hỏi mà điểm chấm lấy tỷ lệ hài lòng và trọng số."""
    sample: Sample = Sample()
    """Cỡ mẫu."""
    shown_from: Annotated[Whole, Field(ge=3)] = 5
    """Chỉ hiện kết quả của nhóm có từ bấy nhiêu phiếu trở lên, để không ai đoán được ai trả lời gì."""
    recheck: Recheck = Recheck()
    """Phúc tra phiếu giấy."""

    @cached_property
    def by_code(self) -> dict[str, Question]:
        """The questions by their codes."""
        return {question.code: question for question in self.questions}

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The keys of the classes of respondents, in order."""
        return tuple(one.key for one in self.respondents)

    @property
    def counted(self) -> tuple[Question, ...]:
        """The questions that count towards the result of the whole form."""
        return tuple(question for question in self.questions if question.counts)

    @property
    def online_notes(self) -> tuple[Note, ...]:
        """The open questions that are asked on a telephone as well."""
        return tuple(note for note in self.notes if note.online)

    def options_of(self, question: Question) -> tuple[Option, ...]:
        """The answers to a question: its own, or those of the scale it names."""
        return question.options or self.scales[question.scale or ""]

    def option(self, question: Question, key: str) -> Option | None:
        """One answer by its key; None for no answer of this question."""
        return next((one for one in self.options_of(question) if one.key == key), None)
