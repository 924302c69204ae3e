"""The results workbook: each number is the result's, texts stay texts, every sheet says where its figures come from."""

from __future__ import annotations

import csv
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from builders import criteria, frame, group, leaf, one_unit, pool, run
from chamdiem import load, score
from chamdiem.errors import Refusal
from chamdiem.exchange import results, results_pages
from chamdiem.exchange.page_breaks import PrintedLine, breaks_in, tail_break
from chamdiem.exchange.results import write_results
from chamdiem.exchange.results_words import Published
from chamdiem.exchange.workbook import Book, Column
from chamdiem.exchange.workbook_style import lines_of
from chamdiem.scoring.marks import Evidence, Judge, Unit
from chamdiem.scoring.result import Result
from chamdiem.scoring.sheet import HEADLINE, Policy, Why
from chamdiem.words import known, say, shown_problem, use_language

ROOT = Path(__file__).parents[1]
MADE_ON = datetime(2026, 11, 21, 16, 5, tzinfo=timezone(timedelta(hours=7)))
LABEL = "SỐ LIỆU MINH HỌA — không phải số liệu chính thức"
CHOICES = {
    "1.1": ("kien_toan; quy_che; phan_cong", "kien_toan; quy_che"),
    "1.2": ("dang_uy; ban_chi_dao; ubnd", "dang_uy; ubnd"),
    "1.6": ("day_du", "chua_day_du"),
    "3.1": ("tot", "kha", "trung_binh"),
    "3.2": ("tot", "kha"),
    "6.1": ("dong_bo", "mot_phan"),
}
OUT_OF = {
    "1.3": 12,
    "1.4": 40,
    "2.1": 20,
    "2.2": 100,
    "4.2": 24,
    "4.3": 6,
    "5.1": 300,
    "5.2": 30,
    "5.3": 200,
    "5.4": 40,
}
COUNTS = {"1.5": 6, "2.3": 5, "3.3": 1, "4.1": 2, "6.2": 2, "B.1": 3, "B.2": 2}
DISCIPLINED, UNKNOWN, NOBODY, SKIPPED = 0, 8, 18, 3  # units about which something is amiss


@pytest.fixture(autouse=True)
def _vietnamese() -> Iterator[None]:
    use_language("vi")
    yield
    use_language("vi")


def answer(chance: random.Random, code: str) -> str:
    """Some answer to a criterion of the demo set."""
    if code in CHOICES:
        return chance.choice(CHOICES[code])
    if code in OUT_OF:
        return f"{round(OUT_OF[code] * chance.uniform(0.7, 1))}/{OUT_OF[code]}"
    if code in COUNTS:
        return str(chance.randint(0, COUNTS[code]))
    return f"{chance.randint(7000, 9999) / 100}".replace(".", ",") + "%" if code == "2.4.1" else "80/79,5"


def units() -> list[Unit]:
    with (ROOT / "data" / "units" / "yen-the-2024.csv").open(encoding="utf-8-sig") as file:
        return [Unit(row["code"], row["name"], row["kind"]) for row in csv.DictReader(file)]


@cache
def contest() -> Result:
    """19 communes, four judges, evidence with gaps, one unit disciplined, one unmarked: the same every time."""
    chance, made = random.Random(2024), load("yenthe-dan-van-kheo-2024")
    judges = [Judge(f"gk{at}", f"Giám khảo {at}", "chair" if at == 1 else "member") for at in range(1, 5)]
    rows: list[tuple[object, ...]] = []
    evidence = []
    for at, unit in enumerate(units()):
        for node in made.leaves:
            agreed = "KAD" if node.code == "4.3" and at % 6 == 0 else answer(chance, node.code)
            for judge in judges:
                own = (
                    answer(chance, node.code)
                    if node.code in ("3.1", "3.2", "1.5") and chance.random() < 0.2
                    else agreed
                )
                if at != NOBODY and (at, node.code) != (SKIPPED, "5.1"):
                    rows.append(
                        (
                            unit.code,
                            node.code,
                            "BQ" if (at, node.code, judge.code) == (5, "3.1", "gk2") else own,
                            judge.code,
                        )
                    )
            status = chance.choices(("accepted", "attached", "rejected", None), (94, 2, 2, 2))[0]
            if made.need_of(node).required and status:
                number = f"{chance.randint(1, 200)}/QĐ-UBND"
                evidence.append(
                    Evidence(
                        unit.code,
                        node.code,
                        f"{at}-{node.code}",
                        status,
                        number,
                        "05/6/2024",
                        "3",
                        made.need_of(node).verify,
                    )
                )
        if at not in (NOBODY, UNKNOWN):
            rows += [(unit.code, "khong_ky_luat", "không" if at == DISCIPLINED else "có", "gk1")]
    return score(made, frame(rows, "judge"), units=units(), judges=judges, evidence=evidence)


def written(result: Result, folder: Path, **more: Any) -> Path:
    path = folder / "ket-qua.xlsx"
    write_results(result, path, made_on=MADE_ON, **more)
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    use_language("vi")
    return written(contest(), tmp_path_factory.mktemp("vi"), inputs=[("phiếu & minh chứng.xlsx", "ab" * 32)])


@pytest.fixture(scope="module")
def book(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def cells(sheet: Worksheet) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def everything(book: openpyxl.Workbook) -> str:
    return "\n".join(str(value) for sheet in book for row in cells(sheet) for value in row if value is not None)


def table(sheet: Worksheet, corner: str = "Mã") -> tuple[list[Any], list[list[Any]]]:
    """The heads and the rows of the table whose heads contain this word."""
    rows = cells(sheet)
    head = next(at for at, row in enumerate(rows) if corner in row)
    return rows[head], rows[head + 1 :]


def exact(value: object) -> Decimal:
    """The decimal that a cell shows."""
    assert isinstance(value, int | float), value
    return Decimal(str(value))


# numbers ----------------------------------------------------------------------------------------------------------


def test_the_summary_publishes_the_figures_of_the_result(book: openpyxl.Workbook) -> None:
    heads, rows = table(book["Tổng hợp"])
    frame_of = contest().units.set_index("unit")
    names = {
        "Điểm cơ bản": "base", "Điểm thưởng": "bonus", "Tổng điểm": "total", "Tổng thấp nhất": "total_floor",
        "Tổng cao nhất": "total_ceiling", "Số sao": "stars",
    }  # fmt: skip
    found = [row for row in rows if row[1] in frame_of.index]
    assert len(found) == 19
    for row in found:
        unit = frame_of.loc[row[1]]
        for head, name in names.items():
            cell = row[heads.index(head)]
            assert cell is None if row[0] == "–" else exact(cell) == Decimal(str(unit[name]))
        assert str(row[0]) == str(unit["rank"]).replace("<NA>", "–")


def test_the_summary_is_in_order_of_rank_with_unranked_units_last(book: openpyxl.Workbook) -> None:
    _, rows = table(book["Tổng hợp"])
    ranks = [row[0] for row in rows[:19]]
    assert ranks == [*sorted(rank for rank in ranks if rank != "–"), "–"]


def leaves_and_sums(book: openpyxl.Workbook) -> Iterator[tuple[str, str, object]]:
    """Unit, node and cell of every figure on the sheets of points."""
    for sheet in book:
        if sheet.title.startswith("Nhóm") or sheet.title == "Điểm thưởng":
            heads, rows = table(sheet)
            whole = "bonus" if sheet.title == "Điểm thưởng" else sheet.title.removeprefix("Nhóm ")
            for row in rows:
                if re.fullmatch(r"\d{5}", str(row[0])):
                    for head, cell in zip(heads[2:-1], row[2:-1], strict=True):
                        yield str(row[0]), whole if head == "Tổng" else str(head).removeprefix("Cộng "), cell


def test_each_figure_of_each_node_is_the_results_or_a_mark(book: openpyxl.Workbook) -> None:
    result = contest()
    nodes = result.nodes.set_index(["unit", "node"])
    seen = 0
    for unit, code, cell in leaves_and_sums(book):
        node = nodes.loc[(unit, code)]
        if isinstance(cell, str):
            assert cell == say(f"results.mark.{node['why']}")
            assert node["points"] == 0
            assert node["why"] in ("unmarked", "abstained")
        else:
            assert exact(cell) == node["points"]
        seen += 1
    assert seen == 19 * (len(result.plan.branches) - 1)


def test_the_shown_sum_is_the_sum_by_hand(book: openpyxl.Workbook) -> None:
    number = lambda cell: exact(cell) if not isinstance(cell, str) else Decimal(0)  # noqa: E731
    for sheet in book:
        if sheet.title.startswith("Nhóm"):
            heads, rows = table(sheet)
            for row in rows:
                if re.fullmatch(r"\d{5}", str(row[0])):
                    leaves = [
                        cell
                        for head, cell in zip(heads[2:-2], row[2:-2], strict=True)
                        if not str(head).startswith("Cộng")
                    ]
                    assert sum(map(number, leaves)) == number(row[-2])
    heads, rows = table(book["Tổng hợp"])
    for row in rows[:18]:
        base, bonus, total = (exact(row[heads.index(name)]) for name in ("Điểm cơ bản", "Điểm thưởng", "Tổng điểm"))
        assert min(base + bonus, Decimal(100)) == total


def test_conditions_are_those_of_the_result(book: openpyxl.Workbook) -> None:
    frame_of = contest().conditions
    frame_of = frame_of[frame_of.unit_code != units()[NOBODY].code] if "unit_code" in frame_of else frame_of
    heads, rows = table(book["Điều kiện từng hạng sao"])
    shown: dict[str, list[list[Any]]] = {}
    for row in rows:
        shown.setdefault(row[0], []).append(row)
    result = contest()
    for code, mine in shown.items():
        at = result.unit_at(code)
        if at == NOBODY:
            assert mine[0][4] == "Chưa chấm nên chưa xét."
            continue
        wanted = list(result.conditions_of(at))
        assert len(mine) == len(wanted)
        for row, want in zip(mine, wanted, strict=True):
            assert (row[7] == "Đạt") is want.met
            if want.unit == "ticks":
                assert exact(row[5]) == want.observed
                assert exact(row[6]) == want.needed
            assert row[4].endswith(say(want.subject))
    assert heads[5:8] == ["Thực tế", "Mức cần", "Đạt hay không"]


def pages_of(sheet: Worksheet) -> dict[str, list[list[Any]]]:
    """The rows of each unit's page, by code."""
    found: dict[str, list[list[Any]]] = {}
    for row in cells(sheet):
        if row[0] and (title := re.search(r"PHIẾU ĐIỂM: .* \(mã (\d+)\)", str(row[0]))):
            found[title[1]] = []
        list(found.values())[-1].append(row)
    return found


def test_each_unit_page_has_every_figure_of_the_unit(book: openpyxl.Workbook) -> None:
    result = contest()
    nodes = result.nodes.set_index(["unit", "node"])
    pages = pages_of(book["Phiếu đơn vị"])
    assert list(pages) == [result.marks.units[at].code for at in Published(result).order]
    for code, rows in pages.items():
        shown = [row for row in rows if isinstance(row[2], int | float) and isinstance(row[3], int | float | str)]
        by_code = {str(row[0]): row for row in shown if row[0]}
        for node in result.criteria.nodes:
            row = by_code[node.code]
            want = nodes.loc[(code, node.code)]
            assert exact(row[2]) == want["maximum"]
            if not isinstance(row[3], str):
                assert exact(row[3]) == want["points"]
        total = next(row for row in rows if row[0] == "TỔNG ĐIỂM")
        at = result.unit_at(code)
        if at != NOBODY:
            assert exact(total[3]) == result.points(result.verdict.totals.total[HEADLINE, at])


def test_a_unit_page_shows_marks_evidence_reason_and_clause(book: openpyxl.Workbook) -> None:
    rows = pages_of(book["Phiếu đơn vị"])[units()[0].code]
    by_code = {str(row[0]): row for row in rows}
    assert by_code["4.3"][4] == "cả 4 phiếu: không áp dụng"
    assert "được điểm tối đa" in by_code["4.3"][5]
    assert by_code["4.3"][6] == "mục 3.4"
    assert any("/QĐ-UBND, 05/06/2024, tr. 3: đã chấp nhận" in str(row[5]) for row in rows)


def test_two_readers_see_the_same_cells(path: Path, book: openpyxl.Workbook) -> None:
    other = CalamineWorkbook.from_path(str(path))
    assert other.sheet_names == book.sheetnames
    for sheet in book:
        mine = [["" if cell is None else cell for cell in row] for row in cells(sheet)]
        theirs = other.get_sheet_by_name(sheet.title).to_python()
        assert [row[: len(mine[0])] for row in theirs] == mine[: len(theirs)]


def test_there_is_no_formula_and_every_number_has_a_short_decimal(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                xml = archive.read(name).decode()
                assert "<f>" not in xml
                assert "<f " not in xml
                numbers = re.findall(r'<c r="[A-Z]+\d+" s="\d+"><v>([^<]*)</v>', xml)
                assert all(len(number) <= 20 and float(number) == float(number) for number in numbers)


def test_numbers_are_wide_enough_to_be_seen(book: openpyxl.Workbook) -> None:
    for sheet in book:
        merged = {address.coord.split(":")[0] for address in sheet.merged_cells.ranges}
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float) and cell.coordinate not in merged:
                    around = re.sub(r"0\.?[0#]*%?|General|;.*", "", cell.number_format).replace('"', "")
                    shown = f"{cell.value:.2f}" if "." in cell.number_format else str(cell.value)
                    width = sheet.column_dimensions[cell.column_letter].width
                    assert len(shown + around) + 1 < width * 1.15, (sheet.title, cell.coordinate, shown + around)


# texts ------------------------------------------------------------------------------------------------------------

HOSTILE = {
    '=HYPERLINK("http://x")': None, "+cmd|' /C calc'!A0": None, "@SUM(A1)": None, "-1+1": None, "{=1+1}": None,
    "Xã \u202eđảo ngược": "Xã \ufffdđảo ngược", "Xã\x00\x0b điều khiển": "Xã\ufffd\ufffd điều khiển",
    "<b>&amp;\"'": None, "Xã _x0041_": None, "😀 Xã": None, "Xã " + "rất dài " * 37 + "!": None,
    "http://example.org": None, "00123": None, "1e5": None, "\ud800 lẻ": "\ufffd lẻ", "a\nb": "a b",
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    use_language("vi")
    names = list(HOSTILE)
    made = criteria(leaf("1", 10), leaf("2", 20, title="=1+1"), title='=cmd "&&C&D" \x01')
    rows = [(f"{at:03d}", code, at % 7) for at in range(len(names)) for code in ("1", "2")]
    result = run(made, frame(rows), units=[Unit(f"{at:03d}", name, "xa") for at, name in enumerate(names)])
    return openpyxl.load_workbook(written(result, tmp_path_factory.mktemp("hostile")))


def test_hostile_names_stay_texts(hostile: openpyxl.Workbook) -> None:
    _, rows = table(hostile["Tổng hợp"])
    shown = {row[1]: row[2] for row in rows if re.fullmatch(r"\d{3}", str(row[1]))}
    for at, (name, wanted) in enumerate(HOSTILE.items()):
        assert unescaped(shown[f"{at:03d}"]) == (wanted or name), name
    for sheet in hostile:
        for row in sheet.iter_rows():
            assert all(cell.data_type in "sn" and cell.hyperlink is None for cell in row)


def unescaped(text: str) -> str:
    """openpyxl leaves _x005F_ as it is in the file; Excel shows the underscore."""
    return text.replace("_x005F_", "_")


def test_long_names_get_rows_high_enough(hostile: openpyxl.Workbook) -> None:
    sheet = hostile["Tổng hợp"]
    width = sheet.column_dimensions["C"].width
    for row in range(6, 6 + len(HOSTILE)):
        text = str(sheet.cell(row, 3).value)
        assert 15 <= sheet.row_dimensions[row].height <= 409
        assert sheet.row_dimensions[row].height >= min(12.5 * lines_of(text, width), 409)


def test_titles_do_not_break_the_margins_of_the_page(hostile: openpyxl.Workbook) -> None:
    assert hostile.properties.title is not None
    assert "&&" not in str(hostile["Tổng hợp"]["A2"].value).replace("&&C&D", "")
    assert hostile["Tổng hợp"].oddHeader.center.text == LABEL


# labels, ranks, gates, stars --------------------------------------------------------------------------------------


def test_the_label_stands_on_every_sheet_with_points_and_above_every_printed_page(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert LABEL in {value for row in cells(sheet) for value in row}, sheet.title
        assert sheet.oddHeader.center.text == LABEL
    pages = pages_of(book["Phiếu đơn vị"])
    assert all(any(row[0] == LABEL for row in rows) for rows in pages.values())


def test_stars_of_another_source_are_named(tmp_path: Path) -> None:
    stars = {
        "on": "total", "when_condition_fails": "next_lower", "status": "illustrative",
        "bands": [{"stars": 1, "from": 5}],
    }  # fmt: skip
    made = criteria(leaf("1", 10, status="transcribed"), status="official", stars=stars)
    sheet = openpyxl.load_workbook(written(one_unit(made, {"1": 7}), tmp_path))["Tổng hợp"]
    assert sheet["A4"].value.split("\n") == [
        "Số liệu theo văn bản chính thức",
        "Riêng ngưỡng các hạng: số liệu minh họa, không phải số liệu chính thức.",
        "Riêng mục 1: số liệu chép lại, chưa đối chiếu với văn bản chính thức.",
    ]


def test_shared_ranks_are_numbers_that_say_so(tmp_path: Path) -> None:
    made = criteria(leaf("1", 10))
    rows = [("a", "1", 7), ("b", "1", 9), ("c", "1", 7), ("d", "1", 1)]
    sheet = openpyxl.load_workbook(written(run(made, frame(rows)), tmp_path))["Tổng hợp"]
    shown = [
        (sheet.cell(row, 1).value, sheet.cell(row, 2).value, sheet.cell(row, 1).number_format) for row in range(6, 10)
    ]
    assert [(rank, code) for rank, code, _ in shown] == [(1, "b"), (2, "a"), (2, "c"), (4, "d")]
    assert ["đồng hạng" in form for _, _, form in shown] == [False, True, True, False]


def test_ranks_within_kinds_say_within_what(tmp_path: Path) -> None:
    made = criteria(leaf("1", 10), ranking={"within": "kind"})
    named = [Unit("a", "A", "xa"), Unit("b", "B", "phuong"), Unit("c", "C", "xa")]
    result = run(made, frame([("a", "1", 1), ("b", "1", 2), ("c", "1", 3)]), units=named)
    heads, rows = table(openpyxl.load_workbook(written(result, tmp_path))["Tổng hợp"])
    assert heads[:3] == ["Hạng", "Xếp trong", "Mã"]
    assert [row[:3] for row in rows[:3]] == [[1, "Phường", "b"], [1, "Xã", "c"], [2, "Xã", "a"]]


def test_92_points_behind_a_failed_gate_are_kept_and_not_recognised(tmp_path: Path) -> None:
    made = criteria(
        leaf("1", 100),
        facts=[{"id": "ky_luat", "title": "Không kỷ luật"}],
        gates=[
            {"id": "khong_ky_luat", "title": "Không ai bị kỷ luật", "clause": "Điều 4", "when": {"fact": "ky_luat"}}
        ],
        stars={"on": "total", "when_condition_fails": "next_lower", "bands": [{"stars": 5, "from": 90}]},
    )
    book = openpyxl.load_workbook(written(one_unit(made, {"1": 92, "ky_luat": "không"}), tmp_path))
    heads, rows = table(book["Tổng hợp"])
    line = dict(zip(heads, rows[0], strict=True))
    assert (line["Tổng điểm"], line["Xếp loại"], line["Số sao"], line["Hạng"]) == (92, "Không công nhận", 0, 1)
    assert (
        line["Điều kiện không đạt, lưu ý"]
        == "Không đạt điều kiện: Không ai bị kỷ luật.\nSố điểm đủ mức 5 sao; điểm giữ nguyên."
    )
    _, rows = table(book["Điều kiện từng hạng sao"])
    assert rows[0][2:9] == ["Không công nhận", "Công nhận", "Không ai bị kỷ luật", "không", "có", "Không đạt", "Điều 4"]
    assert "Không công nhận. Hạng: 1 trên 1 đơn vị." in everything(book)


def test_a_band_whose_conditions_fail_is_explained_in_the_summary(tmp_path: Path) -> None:
    band = {"stars": 3, "from": 15, "conditions": [{"each_group": {"at_least": "50%"}}]}
    stars = {"on": "total", "when_condition_fails": "next_lower", "bands": [band]}
    made = criteria(group("1", 20, leaf("1.1", 20)), group("2", 5, leaf("2.1", 5)), stars=stars)
    rows = [("a", "1.1", 18), ("a", "2.1", 1), ("b", "1.1", 3), ("b", "2.1", 3)]
    heads, found = table(openpyxl.load_workbook(written(run(made, frame(rows)), tmp_path))["Tổng hợp"])
    remarks = {row[1]: row[heads.index("Điều kiện không đạt, lưu ý")] for row in found[:2]}
    assert remarks == {
        "a": "Đủ điểm nhưng chưa đạt điều kiện của mức 3 sao: mục 2: 1 (cần ≥ 2,5).",
        "b": "Chưa đủ điểm mức thấp nhất (3 sao).",
    }


def test_the_reason_is_that_of_the_band_that_decides(tmp_path: Path) -> None:
    bands = [
        {"stars": 1, "from": 5},
        {"stars": 2, "from": 8, "conditions": [{"node": {"code": "2", "at_least": 3}}]},
    ]
    stars = {"on": "total", "when_condition_fails": "not_recognised", "bands": bands}
    made = criteria(leaf("1", 10), leaf("2", 5), stars=stars)
    heads, rows = table(openpyxl.load_workbook(written(one_unit(made, {"1": 9, "2": 1}), tmp_path))["Tổng hợp"])
    line = dict(zip(heads, rows[0], strict=True))
    assert line["Xếp loại"] == "Không công nhận"
    assert line["Điều kiện không đạt, lưu ý"] == "Đủ điểm nhưng chưa đạt điều kiện của mức 2 sao: mục 2: 1 (cần ≥ 3)."


def test_a_unit_beyond_the_quota_is_told_so(tmp_path: Path) -> None:
    stars = {
        "on": "total",
        "when_condition_fails": "next_lower",
        "bands": [{"stars": 1, "from": 2}, {"stars": 2, "from": 5}],
    }
    made = criteria(leaf("1", 10), stars=stars, quota={"stars": 2, "count": 1, "ties": "all_in"})
    result = run(made, frame([("a", "1", 9), ("b", "1", 8)]))
    heads, rows = table(openpyxl.load_workbook(written(result, tmp_path))["Tổng hợp"])
    lines = [dict(zip(heads, row, strict=True)) for row in rows[:2]]
    assert [line["Số sao"] for line in lines] == [2, 1]
    assert lines[1]["Điều kiện không đạt, lưu ý"] == "Điều kiện đạt mức 2 sao nhưng đã hết hạn mức, xét hạng thấp hơn."


def test_a_set_without_stars_invents_none(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(one_unit(criteria(leaf("1", 10)), {"1": 8}), tmp_path))
    heads, rows = table(book["Tổng hợp"])
    assert dict(zip(heads, rows[0], strict=True))["Công nhận"] == "—"
    assert book.sheetnames == ["Tổng hợp", "Điểm tiêu chí", "Phiếu đơn vị", "Vấn đề còn mở", "Nguồn gốc"]
    assert "★" not in everything(book)
    assert "Bộ tiêu chí không quy định điều kiện công nhận hay hạng sao nào." in everything(book)


def test_an_unmarked_unit_has_blanks_and_not_zeros(book: openpyxl.Workbook) -> None:
    heads, rows = table(book["Tổng hợp"])
    line = dict(zip(heads, next(row for row in rows if row[1] == units()[NOBODY].code), strict=True))
    assert (line["Hạng"], line["Điểm cơ bản"], line["Tổng điểm"], line["Xếp loại"]) == ("–", None, None, "Chưa chấm")
    _, rows = table(book["Nhóm 5"])
    assert next(row for row in rows if row[0] == units()[NOBODY].code)[2:] == ["CC"] * 5 + [None]


def test_a_cell_that_counts_less_shows_its_points_and_its_reason(book: openpyxl.Workbook) -> None:
    result = contest()
    rejected = [
        (branch.code, at)
        for branch in result.plan.branches
        for at in range(19)
        if branch.leaf >= 0 and result.figure(branch).why[HEADLINE, at] == Why.EVIDENCE_REJECTED
    ]
    code, at = rejected[0]
    sheet = book[f"Nhóm {code[0]}"] if code[0] != "B" else book["Điểm thưởng"]
    heads, rows = table(sheet)
    row = next(number for number, row in enumerate(cells(sheet)) if row[0] == result.marks.units[at].code)
    cell = sheet.cell(row + 1, heads.index(code) + 1)
    assert (cell.value, cell.number_format) == (0, '0.00" bác"')
    assert any("bác: minh chứng không được chấp nhận" in str(row[0]) for row in rows)


def test_what_is_open_makes_a_result_provisional(book: openpyxl.Workbook) -> None:
    sheet, result = book["Tổng hợp"], contest()
    heads, rows = table(sheet)
    for number, row in enumerate(rows[:19], 6):
        at = result.unit_at(row[1])
        count = sum(matter.open for matter, _ in result.matters_of(at))
        assert row[heads.index("Vấn đề còn mở")] == count
        assert "tạm tính" in sheet.cell(number, heads.index("Vấn đề còn mở") + 1).number_format
    _, rows = table(book["Vấn đề còn mở"])
    matters = [(unit.code, matter.open) for at, unit in enumerate(units()) for matter, _ in result.matters_of(at)]
    assert sorted((row[0], row[4] == "Còn mở") for row in rows) == sorted(matters)
    assert all(known(matter.id) for matter in result.sheet.matters)


def test_the_provenance_names_everything_the_figures_hang_on(book: openpyxl.Workbook) -> None:
    result = contest()
    text = everything(book)
    rows = {row[0]: row[1] for row in cells(book["Nguồn gốc"])}
    assert rows["Mã kết quả (sha256)"] == result.hash
    assert rows["Mã và phiên bản"] == "yenthe-dan-van-kheo-2024@1"
    assert rows["Thời điểm lập"] == "21/11/2026 16:05"
    assert rows["Tệp đầu vào"] == f"phiếu & minh chứng.xlsx — sha256 {'ab' * 32}"
    assert rows["Đơn vị"] == "19 đơn vị, 18 đã chấm"
    assert rows["Làm tròn"].startswith("Giữ 2 chữ số thập phân; làm tròn ở từng tiêu chí")
    assert "163-KH/HU ngày 29/02/2024" in text
    assert result.hash[:12] in (book["Tổng hợp"].oddFooter.left.text or "")


# paper ------------------------------------------------------------------------------------------------------------


def test_sheets_print_on_a4_with_repeated_heads(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_area
        tall = sheet.title in ("Phiếu đơn vị", "Nguồn gốc")
        assert sheet.page_setup.orientation == ("portrait" if tall else "landscape")
        assert tall or (sheet.print_title_rows and sheet.freeze_panes and sheet.auto_filter.ref)
        assert "&P" in (sheet.oddFooter.right.text or "")


def test_each_unit_begins_a_new_page(book: openpyxl.Workbook) -> None:
    sheet = book["Phiếu đơn vị"]
    breaks = {line.id for line in sheet.row_breaks.brk}
    starts = [row for row in range(2, sheet.max_row + 1) if str(sheet.cell(row, 1).value).startswith("PHIẾU ĐIỂM")]
    assert len(starts) == 18
    assert {row - 1 for row in starts} <= breaks
    headings = ("Căn cứ công nhận và xếp hạng sao", "Vấn đề còn mở và điều cần biết")
    assert not any(sheet.cell(row, 1).value in headings for row in breaks)


def test_no_heading_ends_a_page_and_no_few_lines_stand_alone() -> None:
    lines = [PrintedLine(row, 10, leads=row in (0, 4), opens=row == 12) for row in range(22)]
    assert breaks_in(lines, 1000) == []
    assert breaks_in(lines, 50) == [4, 9, 14, 19]
    assert breaks_in([PrintedLine(row, 10, opens=row == 12) for row in range(22)], 200) == [12]
    assert breaks_in([PrintedLine(0, 500), PrintedLine(1, 500)], 100) == [1]


def test_signatures_take_rows_with_them() -> None:
    assert tail_break([18.0] * 3, above=100, below=150, again=30, scale=100) is None
    assert tail_break([18.0] * 10, above=100, below=100, again=30, scale=100) is None
    assert tail_break([18.0] * 20, above=100, below=150, again=30, scale=100) == 17


def test_a_wide_group_goes_over_pages_with_names_again(tmp_path: Path) -> None:
    made = criteria(group("1", 34, *(leaf(f"1.{at}", 1) for at in range(1, 35))))
    rows = [("a", f"1.{at}", 1) for at in range(1, 35)]
    sheet = openpyxl.load_workbook(written(run(made, frame(rows)), tmp_path))["Nhóm 1"]
    assert [line.id for line in sheet.col_breaks.brk] == [12, 22, 32]
    assert sheet.print_title_cols == "$A:$B"
    assert sheet.page_setup.scale > 60


# many units -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, openpyxl.Workbook]:
    use_language("vi")
    bands = [{"stars": n, "from": 4 * n, "conditions": [{"node": {"code": "1", "at_least": 2 * n}}]} for n in (1, 2, 3)]
    stars = {"on": "total", "when_condition_fails": "next_lower", "bands": bands}
    made = criteria(leaf("1", 10), leaf("2", 10), stars=stars)
    chance = random.Random(7)
    rows = [(f"{at:04d}", code, chance.randint(0, 10)) for at in range(450) for code in ("1", "2")]
    result = run(made, frame(rows))
    return result, openpyxl.load_workbook(written(result, tmp_path_factory.mktemp("many")))


def test_many_units_have_only_failed_conditions_up_to_the_next_band(many: tuple[Result, openpyxl.Workbook]) -> None:
    result, book = many
    sheet = book["Điều kiện từng hạng sao"]
    assert "Có hơn 400 đơn vị" in sheet["A3"].value
    _, rows = table(sheet)
    shown: dict[str, list[Any]] = {}
    for row in rows:
        shown.setdefault(row[0], []).append(row)
    assert len(shown) == 450
    for code, mine in shown.items():
        at = result.unit_at(code)
        stars, points = int(result.verdict.stars[0, at]), int(result.verdict.stars_by_points[0, at])
        upto = max(min(stars + 1, 3), points)
        wanted = [row for row in result.conditions_of(at) if not row.met and stars < row.stars <= upto]
        assert [row[5] for row in mine if row[7]] == [float(row.observed) for row in wanted if row.observed is not None]
        assert bool(wanted) == bool(mine[0][7])


def test_many_units_have_no_pages_unless_asked_for(many: tuple[Result, openpyxl.Workbook]) -> None:
    _, book = many
    assert "Phiếu đơn vị" not in book.sheetnames
    assert "chamdiem explain" in everything(book)


def test_pages_can_be_left_out_and_asked_for(tmp_path: Path) -> None:
    result = one_unit(criteria(leaf("1", 10)), {"1": 8})
    assert "Phiếu đơn vị" not in openpyxl.load_workbook(written(result, tmp_path, pages=False)).sheetnames
    assert "Phiếu đơn vị" in openpyxl.load_workbook(written(result, tmp_path, pages=True)).sheetnames


def test_pages_for_more_units_than_a_sheet_can_break_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "MOST_PAGES", 1)
    result = run(criteria(leaf("1", 10)), frame([("a", "1", 1), ("b", "1", 2)]))
    with pytest.raises(Refusal) as refused:
        write_results(result, tmp_path / "x.xlsx", pages=True)
    assert [problem.message.id for problem in refused.value.problems] == ["results.too_many_pages"]
    assert list(tmp_path.iterdir()) == []
    assert results_pages.MOST_PAGES < 1023


# other shapes of sets ---------------------------------------------------------------------------------------------


def test_exact_figures_are_rounded_for_showing_and_the_sheet_says_so(tmp_path: Path) -> None:
    made = criteria(
        group("1", 10, leaf("1.1", 5), leaf("1.2", 5, weight="1")),
        points={"places": 2, "at": "total"},
        panel={"combine": "mean"},
    )
    rows = [("a", code, value, judge) for code in ("1.1", "1.2") for judge, value in (("x", 1), ("y", 1), ("z", 2))]
    result = run(made, frame(rows, "judge"))
    book = openpyxl.load_workbook(written(result, tmp_path))
    _, rows_of = table(book["Nhóm 1"])
    line = next(row for row in rows_of if row[0] == "a")
    assert line[2:5] == [1.33, 1.33, 2.67]
    assert "làm tròn đến 2 chữ số chỉ để xem" in everything(book)
    assert "3,3333…" not in everything(book)


@pytest.mark.parametrize("places", [0, 1, 3, 4])
def test_points_are_written_with_the_places_of_the_set(tmp_path: Path, places: int) -> None:
    step = f"{Decimal(1).scaleb(-places):f}"
    made = criteria(leaf("1", 10, {"kind": "manual", "step": step}), points={"places": places})
    marks = run(made, frame([("a", "1", str(Decimal(7).scaleb(-places)))]))
    sheet = openpyxl.load_workbook(written(marks, tmp_path))["Tổng hợp"]
    heads, rows = table(sheet)
    assert exact(rows[0][heads.index("Tổng điểm")]) == Decimal(7).scaleb(-places)
    form = sheet.cell(6, heads.index("Tổng điểm") + 1).number_format
    assert form == ("0" if not places else "0." + "0" * places)


def test_weights_caps_choices_and_penalties_are_said(tmp_path: Path) -> None:
    made = criteria(
        group("1", 10, leaf("1.1", 4, weight="2"), leaf("1.2", 2)),
        group("2", 5, leaf("2.1", 4), leaf("2.2", 4), capped=True),
        group("3", 5, leaf("3.1", 5), leaf("3.2", 5), combine="choose_one"),
        group("4", 10, leaf("4.1", 2), leaf("4.2", 2), scaled=True),
        penalties=pool(3, leaf("P.1", 3)),
    )
    marks = {"1.1": 3, "1.2": 1, "2.1": 4, "2.2": 3, "3.2": 4, "4.1": 2, "4.2": 1, "P.1": 1}
    book = openpyxl.load_workbook(written(one_unit(made, marks), tmp_path))
    text = everything(book)
    assert cells(book["Nhóm 1"])[5][:3] == ["Hệ số", None, 2]
    for said in (
        "được nhân hệ số khi cộng", "Nhóm 2: cộng các cột, nhiều nhất 5 điểm",
        "Nhóm 3: chỉ tính một trường hợp được chọn", "Nhóm 4: cộng các cột rồi quy đổi về thang 10 điểm",
        "KCh: không phải trường hợp được chọn",
    ):  # fmt: skip
        assert said in text
    heads, rows = table(book["Tổng hợp"])
    assert dict(zip(heads, rows[0], strict=True))["Điểm trừ"] == 1
    assert dict(zip(heads, rows[0], strict=True))["Tổng điểm"] == 7 + 5 + 4 + 7.5 - 1
    assert "Điểm trừ" in book.sheetnames


def test_met_counts_are_shown_where_they_rank(tmp_path: Path) -> None:
    made = criteria(
        *(leaf(str(at), 1, {"kind": "boolean"}) for at in range(1, 4)), result="met_count", ranking={"on": "met"}
    )
    heads, rows = table(
        openpyxl.load_workbook(written(one_unit(made, {"1": "có", "2": "có", "3": "không"}), tmp_path))["Tổng hợp"]
    )
    assert dict(zip(heads, rows[0], strict=True))["Số tiêu chí đạt"] == 2


def test_sheet_names_are_those_that_excel_allows(tmp_path: Path) -> None:
    codes = ("Một_rất_dài_hơn_ba_mươi_mốt_ký_tự_A", "Một_rất_dài_hơn_ba_mươi_mốt_ký_tự_B", "x")
    made = criteria(*(group(code, 1, leaf(f"{code[:20]}.{at}", 1)) for at, code in enumerate(codes)))
    result = run(made, frame([("a", node.code, 1) for node in made.leaves]))
    names = openpyxl.load_workbook(written(result, tmp_path)).sheetnames
    assert all(len(name) <= 31 for name in names)
    assert len({name.casefold() for name in names}) == len(names)


def test_a_contest_without_units_is_written(tmp_path: Path) -> None:
    result = run(criteria(leaf("1", 10)), frame([]), units=[])
    assert "Số đơn vị: 0" in everything(openpyxl.load_workbook(written(result, tmp_path)))


# the file ---------------------------------------------------------------------------------------------------------


def test_the_same_result_gives_the_same_bytes(tmp_path: Path, path: Path) -> None:
    again = written(contest(), tmp_path, inputs=[("phiếu & minh chứng.xlsx", "ab" * 32)])
    assert again.read_bytes() == path.read_bytes()


def test_english_is_english(tmp_path: Path, path: Path) -> None:
    use_language("en")
    english = openpyxl.load_workbook(written(contest(), tmp_path))
    assert english.sheetnames[:2] == ["Summary", "Group 1"]
    text = everything(english)
    assert "ILLUSTRATIVE FIGURES — not official" in text
    assert "results." not in text
    assert "2026-11-21 16:05" in text
    vietnamese = openpyxl.load_workbook(path)
    numbers = [[cell for row in cells(sheet) for cell in row if isinstance(cell, int | float)] for sheet in english]
    assert numbers == [
        [cell for row in cells(sheet) for cell in row if isinstance(cell, int | float)] for sheet in vietnamese
    ]


def test_no_sentence_is_missing(book: openpyxl.Workbook) -> None:
    assert not re.search(r"\b(?:results|why|matter|trace|subject|word)\.[a-z_]+\b", everything(book))


@pytest.mark.parametrize("place", ["thieu/ket-qua.xlsx", "thu-muc"])
def test_a_place_that_cannot_be_written_is_refused_and_nothing_stays(tmp_path: Path, place: str) -> None:
    (tmp_path / "thu-muc").mkdir()
    with pytest.raises(Refusal) as refused:
        write_results(one_unit(criteria(leaf("1", 10)), {"1": 8}), tmp_path / place)
    assert "Không ghi được tệp kết quả" in shown_problem(refused.value.problems[0])
    assert [found.name for found in tmp_path.rglob("*")] == ["thu-muc"]


def test_a_file_that_is_open_elsewhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"cu")

    def locked(*_: object) -> None:
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(Refusal):
        write_results(one_unit(criteria(leaf("1", 10)), {"1": 8}), tmp_path / "x.xlsx")
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [b"cu"]


def test_a_failure_midway_keeps_the_old_file_and_leaves_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"cu")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results, "write_origin", full)
    with pytest.raises(Refusal):
        write_results(one_unit(criteria(leaf("1", 10)), {"1": 8}), tmp_path / "x.xlsx")
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [b"cu"]


def test_an_old_file_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "ket-qua.xlsx").write_bytes(b"x" * 10**6)
    path = written(one_unit(criteria(leaf("1", 10)), {"1": 8}), tmp_path)
    assert openpyxl.load_workbook(path).sheetnames[0] == "Tổng hợp"
    assert list(tmp_path.iterdir()) == [path]


def test_progress_counts_every_step(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    written(contest(), tmp_path, progress=lambda done, of: steps.append((done, of)))
    of = steps[0][1]
    assert steps == [(done, of) for done in range(1, of + 1)]
    assert of > 19


def test_a_table_is_what_xlsxwriter_writes_cell_by_cell(tmp_path: Path) -> None:
    columns: list[list[Any]] = [["a", "=1+1", None], [0.1, 89.5, 1e-7], [1, -3, 10**12], ["<&>\"'", " x ", "_x0041_"]]
    heights = (20.25, 30.0, 40.5)
    for name, fast in (("fast.xlsx", True), ("slow.xlsx", False)):
        book = Book(str(tmp_path / name), str(tmp_path))
        sheet = book.sheet("S")
        looks = [book.look("cell", num_format="0.00"), book.look("bold")]
        sheet.put(0, 0, "đầu", looks[1])
        if fast:
            sheet.fill(1, [Column(column, [looks[row % 2] for row in range(3)]) for column in columns], heights)
        for at, column in enumerate(columns) if not fast else ():
            for row, value in enumerate(column):
                sheet.put(1 + row, at, value, looks[row % 2])
                sheet.set_row(1 + row, heights[row])
        sheet.put(4, 1, 5, looks[0])
        book.close(title="t", comments="c", created=MADE_ON)
    fast_sheet, slow_sheet = (openpyxl.load_workbook(tmp_path / f"{name}.xlsx")["S"] for name in ("fast", "slow"))
    assert cells(fast_sheet) == cells(slow_sheet)
    assert fast_sheet.dimensions == slow_sheet.dimensions == "A1:D5"
    for mine, theirs in zip(fast_sheet.iter_rows(), slow_sheet.iter_rows(), strict=True):
        assert [(cell.number_format, cell.font.b) for cell in mine] == [
            (cell.number_format, cell.font.b) for cell in theirs
        ]
        row = mine[0].row
        assert fast_sheet.row_dimensions[row].height == slow_sheet.row_dimensions[row].height


def test_writing_does_not_start_pandas(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
import numpy as np
from chamdiem import load
from chamdiem.exchange.results import write_results
from chamdiem.scoring.reading import build
from chamdiem.scoring.table import Coded, Columns
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.result import Result
from chamdiem.scoring.sheet import Policy
plan = lay_out(load("bacgiang-chinh-quyen-than-thien-2022"))
columns = Columns(Coded.of("aaaaa"), Coded.of("12345"), np.array([9.5, 8, 7, 6, 5]))
write_results(Result(plan, build(plan, columns), Policy(evidence="ignore")), Path({str(tmp_path / "x.xlsx")!r}))
print([name for name in ("pandas", "openpyxl") if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, timeout=60)
    assert found.stdout.strip() == "[]", found.stdout + found.stderr


def test_evidence_that_is_ignored_leaves_no_floor_and_no_ceiling(tmp_path: Path) -> None:
    result = score(
        load("bacgiang-chinh-quyen-than-thien-2022"),
        frame([("a", str(at), 9) for at in range(1, 6)]),
        Policy(evidence="ignore"),
    )
    heads, _ = table(openpyxl.load_workbook(written(result, tmp_path))["Tổng hợp"])
    assert "Tổng thấp nhất" not in heads
