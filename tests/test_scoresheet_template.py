"""The blank score sheet: a form that prints, guides what is typed, and lets no text become a formula."""

from __future__ import annotations

import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from builders import criteria, group, leaf
from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.scoresheet_lines import lines
from chamdiem.exchange.scoresheet_template import write_sheets
from chamdiem.scoring.marks import Judge, Unit
from chamdiem.scoring.plan import lay_out
from filled_sheets import (
    DONG_TAM,
    GK1,
    GOOD,
    SMALL,
    TAM_HIEP,
    answers_of,
    blank,
    cell_of,
    fill,
    header_row,
    read,
)
from needs import needs

HERE = Path(__file__).parent


# The form itself


def test_codes_stay_text_and_data_never_becomes_a_formula(tmp_path: Path) -> None:
    made = criteria(group("1", 10, leaf("1.10", 10)), title='=HYPERLINK("http://x")')
    path = tmp_path / "a.xlsx"
    units = (Unit("=1+1", "=cmd|' /C calc'!A0"), Unit("@x", "-2+3"), Unit("#x", "#REF!"))
    write_sheets(made, path, units=units, judge=Judge("=2", "\x01=3"), stage="judge")
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type not in ("f", "e"), cell.coordinate
        assert (cell_of(sheet, "1.10", "code").value, cell_of(sheet, "1.10", "code").data_type) == ("1.10", "s")
    entry = read(path, plan=lay_out(made))
    assert [unit.code for unit in entry.units or ()] == ["=1+1", "@x", "#x"]


def test_only_what_is_to_be_filled_in_can_be_changed(tmp_path: Path, yen_the: CriteriaSet) -> None:
    for stage, judge in (("self", None), ("judge", GK1), ("judge", None)):
        sheet = openpyxl.load_workbook(blank(tmp_path / "a.xlsx", yen_the, judge=judge, stage=stage)).worksheets[0]
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        unlocked = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
        columns = ["answer", "item", "date", "page", "status", "note", *(["verified"] if stage != "self" else [])]
        expected = {cell_of(sheet, leaf.code, name).coordinate for leaf in yen_the.leaves for name in columns}
        expected |= {cell_of(sheet, fact.id, name).coordinate for fact in yen_the.facts for name in ("answer", "note")}
        extra = unlocked - expected
        assert expected <= unlocked
        assert all(int(cell[1:]) < header_row(sheet) for cell in extra)
        assert bool(extra) == (stage == "judge" and judge is None)
        assert all(sheet[cell].number_format == "@" for cell in expected)


def test_answers_are_checked_as_they_are_typed(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(blank(tmp_path / "a.xlsx")).worksheets[0]
    checks = {str(check.sqref): check for check in sheet.data_validations.dataValidation}
    by_code = {code: checks[cell_of(sheet, code).coordinate] for code in GOOD}
    assert by_code["1.1"].type == "custom"
    assert by_code["2.1"].formula1 == '"tot,kem,BQ"'
    assert by_code["2.3"].formula1 == '"đạt,không đạt,KAD,BQ"'
    assert by_code["khong_ky_luat"].formula1 == '"có,không"'
    assert by_code["1.2"].type is None
    assert by_code["1.1"].prompt == "Ghi số điểm từ 0 đến 10, bước 0,25."
    assert by_code["1.2"].prompt == "Ghi số đã làm/tổng số, ví dụ 95/100."
    assert by_code["2.2"].prompt == "Ghi khóa các mục đạt, ví dụ a; b; không có mục nào thì ghi “không có”."
    for check in checks.values():
        assert len(check.formula1 or "") <= 255
        assert len(check.prompt or "") <= 255
        assert len(check.error or "") <= 225
        assert len(check.promptTitle or "") <= 32


@pytest.mark.slow
def test_the_check_of_a_number_takes_commas_and_dots_and_keeps_the_step(tmp_path: Path) -> None:
    office = needs("soffice")
    formula = next(line.allowed.formula for line in lines(SMALL) if line.code == "1.1")
    count = next(line.allowed.formula for line in lines(SMALL) if line.code == "B.1")
    good, bad = ["8,5", "8.5", "0", "10", "10,00", "0.25", "BQ", "bq"], ["8,3", "10,25", "-0,25", "tám", "9/10", "KAD"]
    whole, broken = ["0", "12", "1000000"], ["1,5", "-1", "x"]
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row, (text, check) in enumerate(
        [*((text, formula) for text in (*good, *bad)), *((text, count) for text in (*whole, *broken))], 1
    ):
        sheet.cell(row, 1, text).data_type = "s"
        sheet.cell(row, 1).number_format = "@"
        sheet.cell(row, 2, "=" + check.format(cell=f"A{row}"))
    path = tmp_path / "a.xlsx"
    book.save(path)
    command = [
        office,
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76",
        "--outdir",
        str(tmp_path),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    said = [line.rsplit(",", 1)[1] for line in (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()]
    assert said == ["TRUE"] * len(good) + ["FALSE"] * len(bad) + ["TRUE"] * len(whole) + ["FALSE"] * len(broken)


def test_the_form_says_what_it_is(tmp_path: Path, yen_the: CriteriaSet) -> None:
    sheet = openpyxl.load_workbook(blank(tmp_path / "a.xlsx", yen_the)).worksheets[0]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    for text in (
        "PHIẾU CHẤM ĐIỂM", "SỐ LIỆU MINH HỌA, KHÔNG PHẢI SỐ LIỆU CHÍNH THỨC", "yenthe-dan-van-kheo-2024@1", "07260",
        "Xã Đồng Tâm", "GK1", "Nguyễn Thị Hòa", "ĐIỂM CƠ BẢN", "ĐIỂM THƯỞNG", "TỔNG ĐIỂM", "ĐIỀU CẦN XÁC NHẬN",
    ):  # fmt: skip
        assert text in texts, text
    assert any(text.startswith("............, ngày") and "GIÁM KHẢO" in text for text in texts)
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize), sheet.page_setup.fitToHeight) == (
        "landscape",
        "9",
        0,
    )
    assert sheet.print_title_rows == f"${header_row(sheet)}:${header_row(sheet)}"
    assert {cell.font.name for row in sheet.iter_rows() for cell in row} == {"Times New Roman"}


def test_an_official_set_has_no_status_label_and_other_lines_are_marked(tmp_path: Path) -> None:
    made = criteria(leaf("1", 10, status="illustrative"), leaf("2", 10)).model_copy(update={"status": "official"})
    sheet = openpyxl.load_workbook(blank(tmp_path / "a.xlsx", made)).worksheets[0]
    assert cell_of(sheet, "1", "title").value == "1 [số liệu minh họa]"
    assert cell_of(sheet, "2", "title").value == "2"
    assert not any("SỐ LIỆU" in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_sheets_of_many_units_have_names_of_their_own(tmp_path: Path) -> None:
    units = [Unit(f"{number:05}", "Xã Tân Tiến: thôn [Đông/Tây] rất dài tên") for number in range(3)] + [
        Unit("A", "*"),
        Unit("a", "?"),
        Unit("'", "'"),
    ]
    path = tmp_path / "a.xlsx"
    write_sheets(SMALL, path, units=units, judge=None, stage="appraisal")
    names = openpyxl.load_workbook(path).sheetnames
    assert len({name.casefold() for name in names}) == len(units)
    assert all(0 < len(name) <= 31 for name in names)


def test_texts_too_high_for_a_row_are_continued_and_still_read(tmp_path: Path) -> None:
    items = [
        {"key": f"viec_{at}", "title": "Một việc có tên rất dài, cần nhiều chữ mới nói hết được " * 3, "points": 1}
        for at in range(40)
    ]
    made = criteria(leaf("1", 40, {"kind": "checklist", "items": items}), leaf("2", 10))
    plan = lay_out(made)
    path = fill(blank(tmp_path / "a.xlsx", made), {"1": "viec_3; viec_39", "2": "5"})
    sheet = openpyxl.load_workbook(path).worksheets[0]
    heights = [row.height for row in sheet.row_dimensions.values() if row.height]
    assert max(heights) <= 409
    shown = " ".join(str(sheet.cell(row, 4).value or "") for row in range(1, sheet.max_row + 1))
    assert "viec_39:" in shown
    assert set(answers_of(read(path, plan=plan)).values()) == {"viec_3; viec_39", "5"}


def test_a_unit_of_a_category_sees_its_own_rule(tmp_path: Path) -> None:
    variant = {"category": "nui", "rule": {"kind": "count", "each": 5}}
    made = criteria(
        leaf("1", 10, {"kind": "count", "each": 1}, variants=[variant]), categories=[{"id": "nui", "title": "Miền núi"}]
    )
    path = blank(tmp_path / "a.xlsx", made, (DONG_TAM, TAM_HIEP._replace(category="nui")))
    low, high = (cell_of(sheet, "1", "how").value for sheet in openpyxl.load_workbook(path).worksheets)
    assert "Mỗi việc: 1 điểm" in low
    assert "Mỗi việc: 5 điểm" in high


# What tests need


def test_what_is_missing_is_skipped_unless_no_skips_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAMDIEM_NO_SKIPS", raising=False)
    with pytest.raises(pytest.skip.Exception):
        needs("no-such-program")
    monkeypatch.setenv("CHAMDIEM_NO_SKIPS", "1")
    with pytest.raises(pytest.fail.Exception):
        needs("no-such-program")
