"""Summary tables, units downwards and criteria across, are read as the same marks row by row; slips are named by cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from chamdiem.errors import Refusal
from filled_sheets import GOOD, PLAN, answers_of, only, place, read, refused, table, units_table

CODES = tuple(GOOD)
HEAD = ("TT", "Mã đơn vị", "Tên đơn vị", *CODES, "Tổng điểm", "Ghi chú")


def summary(path: Path, *rows: tuple[object, ...], above: tuple[object, ...] = ("Mã giám khảo", "GK1")) -> Path:
    return table(path, above, (), HEAD, *rows)


def row(number: int, unit: str, answers: tuple[object, ...]) -> tuple[object, ...]:
    return (number, unit, f"Xã {unit}", *answers, 42.5, None)


def test_a_summary_table_says_what_the_long_table_says(tmp_path: Path) -> None:
    answers = tuple(GOOD.values())
    across = summary(
        tmp_path / "ngang.xlsx", row(1, "07260", answers), row(2, "07261", answers), ("", "", "Cộng", *answers)
    )
    head = ("Mã đơn vị", "Tên đơn vị", "Mã tiêu chí", "Mã giám khảo", "Điểm")
    rows = [(unit, f"Xã {unit}", code, "GK1", GOOD[code]) for unit in ("07260", "07261") for code in CODES]
    long = table(tmp_path / "dai.xlsx", head, *rows)
    assert answers_of(read(across)) == answers_of(read(long))
    assert read(across).marks(PLAN).digest() == read(long).marks(PLAN).digest()
    assert [unit.name for unit in read(across).units or ()] == ["Xã 07260", "Xã 07261"]


def test_judge_and_stage_may_stand_in_columns(tmp_path: Path) -> None:
    head = ("Mã đơn vị", "Mã giám khảo", "Vòng chấm", "1.1", "2.1")
    rows = (
        ("07260", "GK1", "giám khảo", 8.5, "Tốt"),
        ("07260", None, "Tự chấm", 9, None),
        ("07261", "GK2", None, None, 0),
    )
    found = answers_of(read(table(tmp_path / "cot.csv", head, *rows)))
    assert found == {
        ("07260", "judge", "GK1", "1.1"): "8.5",
        ("07260", "judge", "GK1", "2.1"): "Tốt",
        ("07260", "self", "", "1.1"): "9",
        ("07261", "", "GK2", "2.1"): "0",
    }


def test_a_list_of_units_is_not_taken_for_a_summary_table(tmp_path: Path) -> None:
    listed = units_table(tmp_path / "dv.xlsx", ("07260", "Xã Đồng Tâm", "xa", "nui", "1.1", "1.10"))
    across = table(tmp_path / "ngang.xlsx", ("Mã đơn vị", "1.1", "2.3"), ("07260", 8, "đạt"))
    assert [unit.name for unit in read(listed, across).units or ()] == ["Xã Đồng Tâm"]


@pytest.mark.parametrize(
    ("column", "heading", "expected"),
    [("D", "9.9", "mark.unknown_criterion"), ("D", "1", "sheet.group_row"), ("D", "1.2", "sheet.heading_twice")],
)
def test_a_column_that_is_no_criterion_is_refused_by_its_heading(
    tmp_path: Path, column: str, heading: str, expected: str
) -> None:
    path = table(tmp_path / "sai.xlsx", ("Mã đơn vị", "1.1", "1.2", heading), ("07260", 8, "95/100", 3))
    assert place(only(refused(path))) == (expected, "Bảng", f"{column}1")


def test_a_column_that_is_no_criterion_may_be_empty(tmp_path: Path) -> None:
    path = table(tmp_path / "trong.xlsx", ("Mã đơn vị", "1.1", "2.3", "Phụ trách"), ("07260", 8, "đạt", None))
    assert len(answers_of(read(path))) == 2


def test_a_wrong_answer_is_named_by_its_cell(tmp_path: Path) -> None:
    head = ("Mã đơn vị", "1.1", "1.10")
    path = table(tmp_path / "sai.xlsx", head, ("07260", 8, 98), ("07261", 11, 0.98))
    assert sorted(map(place, refused(path))) == [
        ("mark.above_maximum", "Bảng", "B3"),
        ("sheet.percent_or_share", "Bảng", "C3"),
    ]


def test_a_summary_table_of_another_set_is_refused(tmp_path: Path) -> None:
    path = summary(tmp_path / "khac.xlsx", row(1, "07260", tuple(GOOD.values())), above=("Mã bộ tiêu chí", "khac@1"))
    assert only(refused(path)).message.id == "sheet.other_criteria"


def test_answers_without_a_unit_are_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "trong.xlsx", ("Mã đơn vị", "1.1", "2.3"), (None, 8, "đạt"), ("07260", 8, "đạt"))
    with pytest.raises(Refusal) as refusal:
        read(path).marks(PLAN)
    assert [place(problem) for problem in refusal.value.problems] == [
        ("mark.no_unit", "Bảng", "B2"),
        ("mark.no_unit", "Bảng", "C2"),
    ]


def test_signatures_below_a_summary_table_are_not_answers(tmp_path: Path) -> None:
    head = ("Mã đơn vị", "1.1", "2.3")
    path = table(tmp_path / "ky.xlsx", head, ("07260", 8, "đạt"), (), (None, "Người lập biểu", None))
    assert len(answers_of(read(path))) == 2
