"""Field work from a terminal: difficulties, visits, the ledger, sponsors, and a commune with what it was before."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from chamdiem.store.database import open_store
from field_world import HOA_TAN, PROGRAMME, TAN_SON, TAP_SON, TODAY, begin
from terminal import Terminal

KEY = f"{PROGRAMME}/{TAN_SON}/1"
RAISE = ("difficulty", "raise", PROGRAMME, "--unit", TAN_SON, "--words", "Thiếu vốn", "--proposal", "Ứng trước 50%")
GIVE = ("support", "add", PROGRAMME, "-u", TAN_SON, "--source", "Văn phòng", "--purpose", "Nhà tình nghĩa")


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    made = Terminal(tmp_path, monkeypatch, capsys)
    for module in ("field_options", "programme_field_commands", "programme_support_commands"):
        monkeypatch.setattr(f"chamdiem.cli.{module}.today", lambda: TODAY)
    with open_store() as store:
        begin(store)
    return made


def test_a_difficulty_from_raised_to_answered(terminal: Terminal) -> None:
    assert KEY in terminal.done("programme", *RAISE, "--on", "4/3/2024").out
    said = terminal.done(
        "programme", "difficulty", "escalate", KEY, "--answer", "Vượt quyền", "--by", "Xã", "--on", "10/3/2024"
    )
    assert "cấp huyện" in said.out
    (waiting,) = terminal.done("programme", "difficulty", "waiting", PROGRAMME, "--json").record
    assert (waiting["level"], waiting["stranded"], waiting["whom"][0]["name"]) == ("province", True, "Tỉnh Vĩnh Long")
    terminal.done("programme", "difficulty", "waiting", PROGRAMME)
    refused = terminal.refused("programme", "difficulty", "answer", KEY, "--answer", "Được", "--by", "Huyện")
    assert "chỉ có đến hết 30/06/2025" in refused
    terminal.done("programme", "difficulty", "escalate", KEY, "--answer", "Chuyển", "--by", "Huyện", "--on", "1/7/2025")
    terminal.done("programme", "difficulty", "answer", KEY, "--answer", "Ứng 30%", "--by", "UBND tỉnh")
    (found,) = terminal.done("programme", "difficulty", "list", PROGRAMME, "--json").record
    assert [step["level"] for step in found["steps"]] == ["commune", "district", "province"]
    assert "Ứng 30%" in terminal.done("programme", "difficulty", "list", PROGRAMME).out


def test_a_visit_announced_and_held_and_one_that_was_not(terminal: Terminal) -> None:
    announce = ("programme", "visit", "announce", PROGRAMME, "-u", TAN_SON, "--content", "Kiểm tra đường")
    assert "không báo trước" in terminal.refused(*announce, "--planned", "8/5/2024", "--announced", "8/5/2024")
    terminal.done(*announce, "--planned", "8/5/2024", "--announced", "6/5/2024")
    terminal.done("programme", "visit", "hold", KEY, "--result", "Đã thống nhất", "--on", "8/5/2024")
    terminal.done(
        "programme", "visit", "unannounced", PROGRAMME, "-u", HOA_TAN, "--content", "Xem", "--result", "Tốt",
        "--on", "9/5/2024",
    )  # fmt: skip
    terminal.done(*announce, "--planned", "9/6/2024", "--announced", "6/5/2024")
    terminal.done("programme", "visit", "cancel", f"{PROGRAMME}/{TAN_SON}/2", "--reason", "Mưa bão")
    found = terminal.done("programme", "visit", "list", PROGRAMME, "--json").record
    assert [(one["notice"], one["status"]) for one in found] == [
        ("beforehand", "held"), ("never", "held"), ("waiting", "cancelled"),
    ]  # fmt: skip
    assert "Đi cơ sở" in terminal.done("programme", "visit", "list", PROGRAMME).out


def test_the_ledger_adds_up_and_is_corrected_with_a_reason(terminal: Terminal) -> None:
    terminal.done("programme", *GIVE, "--kind", "money", "--amount", "50.000.000", "--on", "8/5/2024")
    terminal.done("programme", *GIVE, "--kind", "labour", "--amount", "12,5", "--on", "9/5/2024")
    terminal.done(
        "programme", *GIVE, "--kind", "goods", "--amount", "1.500", "--name", "Cây giống", "--measure", "cây",
        "--worth", "3.000.000", "--on", "9/5/2024",
    )  # fmt: skip
    terminal.done("programme", "support", "correct", KEY, "--amount", "5.000.000", "--reason", "Thừa số 0")
    last = f"{PROGRAMME}/{TAN_SON}/3"
    terminal.done("programme", "support", "correct", last, "--purpose", "Sinh kế", "--reason", "Ghi rõ")
    found = terminal.done("programme", "support", "list", PROGRAMME, "--by", "quarter", "--json").record
    assert found["total"] == {
        "entries": 3, "money": 5_000_000, "labour": "25/2", "worth": 3_000_000, "unpriced": 0,
        "goods": [{"name": "Cây giống", "measure": "cây", "amount": "1500"}],
    }  # fmt: skip
    assert list(found["sums"]) == ["2024-Q2"]
    shown = terminal.done("programme", "support", "list", PROGRAMME).out
    assert "5.000.000" in shown
    assert "12,5" in shown
    history = terminal.done("programme", "support", "history", KEY, "--json").record
    assert [(one["entry"]["amount"], one["reason"]) for one in history] == [("50000000", ""), ("5000000", "Thừa số 0")]
    terminal.done("programme", "support", "history", KEY)
    terminal.done("programme", "support", "withdraw", last, "--reason", "Trùng")
    assert terminal.done("programme", "support", "list", PROGRAMME, "--json").record["total"]["entries"] == 2
    assert "money" in terminal.refused("programme", *GIVE, "--kind", "gold", "--amount", "1")
    assert "quarter" in terminal.refused("programme", "support", "list", PROGRAMME, "--by", "tuan")


def test_a_ledger_from_a_workbook_is_looked_at_and_entered_once(terminal: Terminal) -> None:
    support = ("programme", "support")
    blank = terminal.done(*support, "template", PROGRAMME, "so.xlsx", "--json").record
    assert blank == {"file": "so.xlsx"}
    assert "so.xlsx" in terminal.refused(*support, "template", PROGRAMME, "so.xlsx")
    book = load_workbook("so.xlsx")
    for row, values in enumerate(
        ((TAN_SON, date(2024, 5, 8), "Tiền", 50_000_000), (HOA_TAN, "09/05/2024", "công", "12,5")), 4
    ):
        for column, value in zip((1, 3, 4, 5, 9, 10), (*values, "Đoàn xã", "Làm đường"), strict=True):
            book.worksheets[0].cell(row, column, value)
    book.save("day.xlsx")
    seen = terminal.done(*support, "import", PROGRAMME, "day.xlsx", "--dry-run").out
    assert "Sổ hỗ trợ, A4" in seen
    assert "50.000.000" in seen
    assert "2 dòng sẽ ghi thêm" in seen
    assert terminal.done(*support, "list", PROGRAMME, "--json").record["entries"] == []
    told = terminal.done(*support, "import", PROGRAMME, "day.xlsx", "--json").record
    assert (told["entered"], told["new"], [row["entry"]["unit"] for row in told["rows"]]) == (2, 2, [TAN_SON, HOA_TAN])
    assert "0 dòng vào sổ" in terminal.done(*support, "import", PROGRAMME, "day.xlsx").out
    total = terminal.done(*support, "list", PROGRAMME, "--json").record["total"]
    assert (total["entries"], total["money"], total["labour"]) == (2, 50_000_000, "25/2")
    book.worksheets[0].cell(6, 1, "99999")
    book.worksheets[0].cell(6, 5, "nhiều")
    book.save("sai.xlsx")
    refused = terminal.refused(*support, "import", PROGRAMME, "sai.xlsx")
    assert "A6" in refused
    assert "E6" in refused


def test_sponsors_are_assigned_year_by_year(terminal: Terminal) -> None:
    assign = ("programme", "sponsor", "assign", PROGRAMME, "--decision")
    terminal.done(*assign, "QĐ 1", "-u", TAN_SON, "-u", HOA_TAN, "--leader", "Ông An", "--from", "10/1/2023")
    again = (*assign, "QĐ 2", "-u", TAN_SON, "--leader", "Bà Bình", "--from", "15/1/2024")
    refused = terminal.refused(*again)
    assert "Ông An" in refused
    assert "Bà Bình" in refused
    terminal.done(*again, "--replaces")
    terminal.done(
        "programme", "sponsor", "end", f"{PROGRAMME}/{HOA_TAN}/1", "--decision", "QĐ 3", "--last", "31/12/2024"
    )
    found = terminal.done("programme", "sponsor", "list", PROGRAMME, "--on", "1/3/2024", "--json").record
    assert {one["unit"]: [each["leader"] for each in one["charges"]] for one in found} == {
        HOA_TAN: ["Ông An"], TAN_SON: ["Bà Bình"], TAP_SON: [],
    }  # fmt: skip
    assert "tiếp tục đến khi" in terminal.done("programme", "sponsor", "list", PROGRAMME).out.replace("\n", " ")
    gaps = terminal.done("programme", "sponsor", "gaps", PROGRAMME, "--from", "1/1/2025", "--to", "30/6/2025", "--json")
    assert {one["unit"]: one["first"] for one in gaps.record} == {HOA_TAN: "2025-01-01", TAP_SON: "2025-01-01"}
    terminal.done("programme", "sponsor", "gaps", PROGRAMME, "--from", "1/1/2025")


def test_a_commune_shows_all_that_is_on_record_of_it_and_before_it(terminal: Terminal) -> None:
    terminal.done("programme", *RAISE, "--on", "4/3/2024")
    terminal.done("programme", *GIVE, "--kind", "money", "--amount", "7", "--on", "8/5/2024")
    record = terminal.done("programme", "commune", TAP_SON, "--json").record
    assert (record["name"], record["now"]) == ("Xã Tập Sơn, Tỉnh Vĩnh Long", [TAP_SON])
    assert [one["code"] for one in record["made_of"]] == ["29464", "29467", "29470"]
    (work,) = record["programmes"]
    assert [(one["of"], one["own"]) for one in (*work["difficulties"], *work["support"])] == [(TAN_SON, False)] * 2
    page = terminal.done("programme", "commune", TAP_SON).out
    assert "trước là Xã Tân Sơn (29470), đến hết 30/06/2025" in page
    assert "Thiếu vốn" in page
    old = terminal.done("programme", "commune", TAN_SON, "--on", "1/6/2025").out
    assert "Xã Tân Sơn, Huyện Trà Cú, Tỉnh Trà Vinh" in old
    assert "nay là Xã Tập Sơn (29467)" in old
    assert "đã chia về" in terminal.done("programme", "commune", "00019", "--on", "1/6/2025").out
    assert "29470" in terminal.refused("programme", "commune", TAN_SON)


@pytest.mark.parametrize("name", ["difficulty", "visit", "support", "sponsor"])
def test_help_is_in_vietnamese(terminal: Terminal, name: str) -> None:
    page = terminal.done("programme", name, "--help").out
    assert "field." not in page
    assert "Usage" not in page
