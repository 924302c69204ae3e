"""The figures that the reports of a programme give: what each is called, counted in, added up by, and held against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from chamdiem.criteria.checks.places import Found, repeats, unknown
from chamdiem.criteria.library import content_of, refuse_all
from chamdiem.criteria.model import Status
from chamdiem.criteria.scalars import Code, Frozen, Key, Slug, Text, Whole
from chamdiem.criteria.typed_yaml import read_model
from chamdiem.errors import message
from chamdiem.programmes.library import folder
from chamdiem.programmes.model import Programme


class KnownFigure(Frozen):
    """Một số liệu của báo cáo."""

    key: Key
    """Khóa."""
    title: Text
    """Tên số liệu."""
    unit: Text
    """Đơn vị tính."""
    places: Annotated[Whole, Field(le=3)] = 0
    """Số chữ số thập phân được ghi."""
    kind: Literal["flow", "stock"] = "flow"
    """flow: cộng dồn qua các kỳ; stock: số có đến cuối kỳ, lấy số ghi sau cùng."""
    task: Code | None = None
    """Thuộc nhiệm vụ nào."""
    at_most: Key | None = None
    """Lũy kế không thể lớn hơn số liệu nào."""


class FigureList(Frozen):
    """Các số liệu mà báo cáo của một chương trình phải có."""

    programme: Slug
    """Mã chương trình."""
    status: Status
    """illustrative: văn bản không ghi biểu số liệu, danh mục này do người làm phần mềm soạn."""
    note: Text | None = None
    """Điều cần biết."""
    figures: Annotated[tuple[KnownFigure, ...], Field(min_length=1, max_length=200)]
    """Các số liệu, theo thứ tự trong phụ lục."""

    def figure(self, key: str) -> KnownFigure | None:
        """The figure of this key."""
        return next((one for one in self.figures if one.key == key), None)


def file_for(programme: str) -> Path:
    """Where the figures of a shipped programme are, whether there is such a file or not."""
    return folder() / "figures" / f"{programme}.yaml"


def text_for(programme: str) -> str:
    """The words of the list of a shipped programme, "" when there is none: then its reports have no figures."""
    path = file_for(programme)
    return content_of(path).decode("utf-8-sig") if path.is_file() else ""


def read_figures(text: str, file: str, programme: Programme) -> FigureList:
    """Read the list of a programme; raises Refusal with every problem found."""
    found, tree = read_model(FigureList, text, file)
    refuse_all(tree, _faults(found, programme))
    return found


def _faults(found: FigureList, programme: Programme) -> Iterator[Found]:
    keys = [one.key for one in found.figures]
    if found.programme != programme.id:
        yield ("programme",), unknown("programme.unknown", found.programme, [programme.id])
    yield from repeats(((("figures", at, "key"), key) for at, key in enumerate(keys)), "criteria.repeated_id")
    tasks = [task.code for task in programme.tasks]
    for at, one in enumerate(found.figures):
        if one.task is not None and one.task not in tasks:
            yield ("figures", at, "task"), unknown("programme.unknown_task", one.task, tasks)
        if one.at_most is not None and (one.at_most == one.key or one.at_most not in keys):
            yield ("figures", at, "at_most"), message("figure.unknown_limit", value=one.at_most, known=keys)
