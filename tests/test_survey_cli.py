"""Surveys from a terminal: set up, codes, answers, paper with a second person, closing, results, export."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from chamdiem import clock
from chamdiem.office import survey_answering
from chamdiem.store.database import open_store
from chamdiem.store.sealing import new_key
from survey_world import PKS, TODAY, all_same, questionnaire, units
from terminal import Terminal

ASKED = questionnaire()
ROUND = "hl/07288"
NEW = ("survey", "new", "hl", "-q", PKS, "--programme", "de-an-02", "--unit", "07288=4500", "--unit", "07294=300")
DAYS = ("--from", "1/10/2026", "--to", "30/11/2026")


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    made = Terminal(tmp_path, monkeypatch, capsys)
    made.set("CHAMDIEM_SECRET_KEY", new_key())
    made.set("CHAMDIEM_URL", "https://chamdiem.example.vn")
    for place in ("chamdiem.clock.today", "chamdiem.cli.survey_commands.today"):
        monkeypatch.setattr(place, lambda: TODAY)
    with open_store() as store:
        units(store)
    return made


def codes_on(slips: Path) -> list[str]:
    return ["".join(found) for found in re.findall(r'class="code">(\w{4}) (\w{4})<', slips.read_text(encoding="utf-8"))]


def begun(terminal: Terminal, codes: int = 12) -> list[str]:
    """Both rounds open; the codes of the first."""
    terminal.done(*NEW, *DAYS)
    terminal.done("survey", "codes", ROUND, "-n", codes, "-o", "a.html")
    terminal.done("survey", "codes", "hl/07294", "-n", 1, "-o", "b.html")
    terminal.done("survey", "open", "hl")
    return codes_on(terminal.folder / "a.html")


def answered(codes: list[str]) -> None:
    with open_store() as store:
        _, link = survey_answering.survey_of(store, ROUND, today=TODAY)
        for at, code in enumerate(codes):
            survey_answering.answer(store, link, code, "nguoi_dan", all_same(ASKED, at % 2), {}, today=clock.today())


def test_the_sample_size_is_said(terminal: Terminal) -> None:
    assert "385" in terminal.done("survey", "sample-size", 10_000).out
    assert terminal.done("survey", "sample-size", 10_000, "--error", "3%", "--json").record == {
        "population": 10_000, "error": "3/100", "sample": 1000,
    }  # fmt: skip
    assert "N" in terminal.refused("survey", "sample-size", "10", "--error", "0%")


def test_questionnaires_are_checked_by_id_and_by_file(terminal: Terminal) -> None:
    bad = Path(__file__).parent / "bad_surveys" / "unknown_scale.yaml"
    assert "phiếu minh họa" in terminal.done("survey", "check", PKS).out.lower()
    told = terminal.refused("survey", "check", PKS, bad)
    assert "unknown_scale.yaml:18" in told
    assert "hai_long" in told


def test_a_survey_goes_from_setting_up_to_an_export(terminal: Terminal) -> None:
    codes = begun(terminal)
    assert len(codes) == 12
    answered(codes)
    listed = terminal.done("survey", "list", "--json").record
    assert [(one["id"], one["status"], one["collected"], one["target"]) for one in listed["rounds"]] == [
        (ROUND, "open", 12, 368), ("hl/07294", "open", 0, 172),
    ]  # fmt: skip
    assert len(listed["questionnaires"]) == 7
    assert "chưa đóng" in terminal.refused("survey", "results", ROUND)
    assert "--discard" in terminal.refused("survey", "close", "hl/07294")
    closed = terminal.done("survey", "close", ROUND, "--json").record[ROUND]
    assert (closed["online"], closed["paper"], closed["kept"]) == (12, 0, 12)
    found = terminal.done("survey", "results", ROUND, "--json").record
    assert found["answers_hash"] == closed["hash"]
    assert found["everybody"]["questions"]["6"]["share"] == "1"
    assert found["classes"]["nguoi_dan"]["forms"] == 12
    page = terminal.done("survey", "results", ROUND).out
    assert "100,0%" in page
    assert "Phiếu minh họa" in page
    terminal.done("survey", "close", "hl/07294", "--discard")
    assert "100,0%" in terminal.done("survey", "results", "hl").out
    terminal.done("survey", "export", ROUND, "-o", "kq.xlsx")
    assert load_workbook(terminal.folder / "kq.xlsx").sheetnames == ["Kết quả", "Phiếu"]
    assert "xlsx" in terminal.refused("survey", "export", ROUND, "-o", "kq.pdf")
    assert terminal.done("verify").code == 0


def test_slips_are_for_the_owner_alone_and_never_overwritten(terminal: Terminal) -> None:
    begun(terminal)
    assert (terminal.folder / "a.html").stat().st_mode & 0o077 == 0
    assert "a.html" in terminal.refused("survey", "codes", ROUND, "-n", 3, "-o", "a.html")


def test_a_poster_leads_to_the_form(terminal: Terminal) -> None:
    begun(terminal)
    address = terminal.done("survey", "poster", ROUND, "-o", "to.html", "--json").record["address"]
    assert address.startswith("https://chamdiem.example.vn/khao-sat/")
    assert address in (terminal.folder / "to.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--unit", "07288"), "mã=N"), (("--unit", "07288=-1"), "mã=N"), (("--unit", "99999=5"), "99999"),
        (("--unit", "07288=0"), "từ 1 người"), (("--unit", "07288=1", "--unit", "07288=2"), "hai lần"),
        (("--unit", "07288=1", "--mode", "thu"), "codes"), (("--unit", "07288=1", "--contest", "k"), "Không tìm thấy"),
        (("--unit", "07288=1", "--class", "can_bo"), "nguoi_dan"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(terminal: Terminal, wrong: tuple[str, ...], said: str) -> None:
    told = terminal.refused("survey", "new", "hl", "-q", PKS, "--programme", "de-an-02", *DAYS, *wrong)
    assert said in told


def test_an_unknown_survey_is_named(terminal: Terminal) -> None:
    for verb in ("open", "close"):
        assert "khac" in terminal.refused("survey", verb, "khac")


def test_paper_is_entered_by_one_person_and_re_checked_by_another(terminal: Terminal) -> None:
    own = terminal.account("giam-sat", "--role", "committee_reviewer")
    begun(terminal)
    batch = terminal.done("survey", "batch", ROUND, "--label", "Thôn 1", "--sent", 9, "--returned", 8, "--json").record[
        "batch"
    ]
    rows = [f"{n},1,1,1,1,1,1,{1 + n % 2}" for n in range(1, 8)]
    path = terminal.write("p.csv", "Số phiếu giấy,Nhóm,1,2,3,4,5,6", *rows, "8,x,,,,,,")
    assert terminal.done("survey", "enter", batch, path, "--json").record == {"entered": 8, "valid": 7}
    signed_in = (own, "")
    drawn = terminal.done("survey", "draw", batch, "--as", "giam-sat", "--json", typed=signed_in).record["drawn"]
    assert len(drawn) == 5
    again = ["8,x,,,,,," if n == 8 else rows[n - 1] for n in drawn]
    second = terminal.write("q.csv", "Số phiếu giấy,Nhóm,1,2,3,4,5,6", *again)
    done = terminal.done("survey", "recheck", batch, second, "--as", "giam-sat", typed=signed_in)
    assert "0,0%" in done.out
    closed = terminal.done("survey", "close", ROUND, "--json").record[ROUND]
    assert (closed["online"], closed["paper"], closed["kept"]) == (0, 7, 7)
