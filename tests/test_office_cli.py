"""A programme from a terminal: begun, members, tasks, figures, reports in two stages, what is missing, export, feed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from office_world import DA_FILE, DV_FILE
from terminal import Terminal

TODAY = date(2023, 12, 20)
HALF = "bao_cao_6_thang/2023-6M"
AGENCIES = {"so_y_te": "Sở Y tế", "so_xay_dung": "Sở Xây dựng"}


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    made = Terminal(tmp_path, monkeypatch, capsys)
    for module in ("programme_work_commands", "programme_asking_commands"):
        monkeypatch.setattr(f"chamdiem.cli.{module}.today", lambda: TODAY)
    return made


def begun(terminal: Terminal) -> None:
    terminal.done("programme", "begin", "da", DA_FILE, "--from", "1/1/2023", "--to", "31/12/2023")
    add = [f"{code};cac_co_quan;{name};so_noi_vu" for code, name in AGENCIES.items()]
    flags = [part for one in ["so_noi_vu;so_noi_vu;Sở Nội vụ", *add] for part in ("--add", one)]
    members = terminal.done("programme", "members", "da", *flags, "--json").record
    assert [one["code"] for one in members] == ["so_noi_vu", "so_xay_dung", "so_y_te"]


def test_a_two_stage_report_goes_up(terminal: Terminal) -> None:
    begun(terminal)
    terminal.done(
        "programme", "task", "da", "so_y_te", "2.2", "--state", "under_way", "--percent", 40, "--note", "đang"
    )
    terminal.done("programme", "figure", "da", "so_y_te", "2023-6M", "don_phai_giai_quyet=1.040", "don_dung_han=938")
    terminal.done("programme", "report", "da", "so_y_te", HALF, "--part", "result=Đã làm", "--json")
    told = terminal.done("programme", "submit", "da", "so_y_te", HALF, "--on", "2/6/2023", "--json").record
    assert [one["state"] for one in told["deliveries"].values()] == ["early"]
    refused = terminal.refused(
        "programme", "consolidate", "da", "so_noi_vu", HALF, "--part", "result=Chung", "--on", "14/6/2023"
    )
    assert "1 đơn vị chưa nộp báo cáo: Sở Xây dựng. " in refused
    terminal.done("programme", "figure", "da", "so_xay_dung", "2023-6M", "don_dung_han=25")
    terminal.done("programme", "report", "da", "so_xay_dung", HALF, "--part", "result=Đã xong")
    terminal.done("programme", "submit", "da", "so_xay_dung", HALF, "--on", "7/6/2023")
    terminal.done("programme", "accept", f"da/so_y_te/{HALF}/nop")
    terminal.done("programme", "consolidate", "da", "so_noi_vu", HALF, "--part", "result=Chung", "--on", "14/6/2023")
    said = terminal.done("programme", "report", "da", "so_noi_vu", HALF, "--json").record
    sums = {one["name"]: one["so_far"] for one in said["content"]["figures"]}
    assert sums["don_dung_han"] == "963"
    terminal.done("programme", "export", "da", "so_noi_vu", HALF, "-o", "th.xlsx")
    assert "Lời các đơn vị" in load_workbook(terminal.folder / "th.xlsx").sheetnames
    assert "đã có" in terminal.refused("programme", "export", "da", "so_noi_vu", HALF, "-o", "th.xlsx").lower()
    states = {
        (one["member"], one["key"].split("/", 1)[1]): one["state"]
        for one in terminal.done("programme", "status", "da", "--json").record
        if one["key"].split("/")[1].startswith("bao_cao")
    }
    assert states == {
        ("so_y_te", f"{HALF}/nop"): "early", ("so_xay_dung", f"{HALF}/nop"): "late",
        ("so_noi_vu", f"{HALF}/tong_hop"): "on_time", ("so_y_te", "bao_cao_nam/2023/nop"): "overdue",
        ("so_xay_dung", "bao_cao_nam/2023/nop"): "overdue", ("so_noi_vu", "bao_cao_nam/2023/tong_hop"): "overdue",
    }  # fmt: skip
    feed = terminal.done(
        "programme", "feed", "da", "so_y_te", "mat-tran-phoi-hop-tuyen-quang-2022", "--year", 2023, "--json"
    ).record
    assert feed["13"]["answer"] == "done: 1; of: 2"
    assert "none" in feed["1"]


def test_a_report_is_asked_for_exported_with_what_was_asked_and_taken_back(terminal: Terminal) -> None:
    begun(terminal)
    ask = ("programme", "ask", "da", "--subject", "Dịch sởi", "--until")
    refused = terminal.refused(*ask, "19/12/2023", "--by", "so_la")
    assert "19/12/2023 đã qua" in refused
    assert "so_la" in refused
    assert "bao_cao_dot_xuat/tong_hop" in terminal.refused(*ask, "22/12/2023", "--duty", "bao_cao_quy/nop")
    wanted = ("--by", "cac_co_quan", "--content", "Số ca\nĐã làm gì")
    key = terminal.done(*ask, "22/12/2023", *wanted, "--json").record["key"]
    assert key == f"{DA_FILE}/dot_xuat/2023-12-20/1"
    owed = terminal.done("programme", "status", "da", "--json").record
    assert {one["member"] for one in owed if one["key"] == key} == {*AGENCIES}
    terminal.done("programme", "export", "da", "so_y_te", key, "-o", "dx.xlsx")
    sheet = load_workbook(terminal.folder / "dx.xlsx")["Báo cáo"]
    said = {row[0].value: row[2].value for row in sheet.iter_rows() if row[0].value}
    assert "BÁO CÁO ĐỘT XUẤT: DỊCH SỞI" in said
    assert (said["Về việc"], said["Nội dung cần báo cáo"]) == ("Dịch sởi", "Số ca\nĐã làm gì")
    assert said["Nơi nhận"] == "cơ quan chủ trì chương trình"
    back = ("programme", "take-back", "da", "dot_xuat/2023-12-20/1", "--reason")
    assert "lý do" in terminal.refused(*back, " ")
    terminal.done(*back, "Đã có trong báo cáo năm")
    owed = terminal.done("programme", "status", "da", "--json").record
    assert key not in {one["key"] for one in owed}
    assert key in terminal.refused("programme", "take-back", "da", key, "--reason", "Thôi")


def test_a_locked_report_a_wrong_period_and_a_wrong_task_are_refused(terminal: Terminal) -> None:
    begun(terminal)
    terminal.done("programme", "figure", "da", "so_y_te", "2023-6M", "don_dung_han=1")
    terminal.done("programme", "report", "da", "so_y_te", HALF, "--part", "result=x")
    terminal.done("programme", "submit", "da", "so_y_te", HALF, "--on", "2/6/2023")
    assert "đã khóa" in terminal.refused("programme", "report", "da", "so_y_te", HALF, "--part", "result=y")
    assert "bao_cao_quy/2023-Q1" in terminal.refused("programme", "report", "da", "so_y_te", "bao_cao_quy/2023-Q1")
    assert "99.9" in terminal.refused("programme", "task", "da", "so_y_te", "99.9", "--state", "not_begun")
    assert "mười" in terminal.refused("programme", "figure", "da", "so_y_te", "2023-H2", "don_dung_han=mười")
    assert "2023-Q1" in terminal.refused("programme", "figure", "da", "so_y_te", "2023-Q1", "don_dung_han=1")
    terminal.done("programme", "return", f"da/so_y_te/{HALF}/nop", "--reason", "sai số")
    terminal.done("programme", "report", "da", "so_y_te", HALF, "--part", "result=y")


def test_pages_for_people_and_typed_mistakes(terminal: Terminal) -> None:
    begun(terminal)
    assert "Sở Nội vụ" in terminal.done("programme", "members", "da").out
    assert "chưa đặt hạn" in terminal.done("programme", "status", "da").out
    assert "BẢN THẢO" in terminal.done("programme", "report", "da", "so_y_te", HALF).out
    assert (
        "Tiêu chí"
        in terminal.done("programme", "feed", "da", "so_y_te", "mat-tran-phoi-hop-tuyen-quang-2022", "--year", 2023).out
    )
    assert "a;b" in terminal.refused("programme", "members", "da", "--add", "a;b")
    assert "tin_bai" in terminal.refused("programme", "figure", "da", "so_y_te", "2023-6M", "tin_bai")
    day = f"{DA_FILE}/danh_gia_hai_long/2023/khao_sat"
    terminal.done("programme", "day", "da", day, "15/11/2023")
    assert "đã có trong văn bản" in terminal.refused("programme", "day", "da", f"{DA_FILE}/{HALF}/nop", "15/11/2023")
    assert "da" in terminal.refused("programme", "begin", "da", DV_FILE)
