"""The command line as its users meet it: real files, exit codes, Vietnamese first, never a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from chamdiem.cli import DONE, REFUSED, run
from chamdiem.contest.demo import CONTEST, PEOPLE
from chamdiem.contest.publication import snapshot
from chamdiem.office.demo import years
from chamdiem.store.database import open_store
from contest_world import demo_store

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data" / "demo"
YENTHE = "yenthe-dan-van-kheo-2024"
GATE_FAILED = "07294"
VIETNAMESE = re.compile("[ăâđêôơưáàảãạếềểễệốồổỗộớờởỡợứừửữựíìỉĩịýỳỷỹỵ]", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CHAMDIEM_LANG", "CHAMDIEM_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def _demo_there(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The demo contest is in the store already, and the years of the programmes are left out: test_demo_years has them."""
    monkeypatch.setenv("CHAMDIEM_DATABASE_URL", demo_store(tmp_path_factory.mktemp("store")))
    monkeypatch.setattr(years, "stories", tuple)


def test_demo_prints_the_ranking_and_writes_the_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--out", str(tmp_path)]) == DONE
    shown = capsys.readouterr().out
    assert "DỮ LIỆU MẪU" in shown
    assert "SỐ LIỆU MINH HỌA" in shown
    assert "Thị trấn Bố Hạ" in shown
    assert "Không công nhận" in shown
    assert shown.count("mau-") == len(PEOPLE)
    assert shown.count("chamdiem programme status") == 4
    assert (tmp_path / f"{YENTHE}.xlsx").stat().st_size > 10_000


@pytest.mark.usefixtures("_demo_there")
def test_demo_says_the_same_to_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--out", str(tmp_path), "--json"]) == DONE
    record = json.loads(capsys.readouterr().out)
    assert len(record["units"]) == 19
    assert record["criteria"] == {"id": YENTHE, "version": "1", "status": "illustrative"}
    assert re.fullmatch("[0-9a-f]{64}", record["hash"])
    by_code = {unit["unit"]: unit for unit in record["units"]}
    assert by_code[GATE_FAILED]["total"] == "92"
    assert by_code[GATE_FAILED]["recognised"] is False
    assert by_code[GATE_FAILED]["blocked_by"] == ["khong_ky_luat"]
    assert by_code[GATE_FAILED]["rank"] == 2


@pytest.mark.usefixtures("_demo_there")
def test_score_gives_what_the_demo_gives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--out", str(tmp_path), "--json"]) == DONE
    expected = json.loads(capsys.readouterr().out)
    out = tmp_path / "a" / "b.xlsx"
    files = [argument for file in sorted(DEMO.glob("*.xlsx"), reverse=True) for argument in ("-m", str(file))]
    assert run(["score", "-c", str(ROOT / "criteria" / f"{YENTHE}.yaml"), *files, "-o", str(out), "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert found["hash"] == expected["hash"]
    assert found["units"] == expected["units"]
    assert out.exists()


def test_explain_names_the_gate_its_clause_and_what_it_cost(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", GATE_FAILED]) == DONE
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "[khong_ky_luat]" in shown
    assert "Điều 4 Quyết định 25/2021/QĐ-TTg" in shown
    assert "Vì vậy không được công nhận, dù số điểm đủ mức 5 sao; điểm giữ nguyên." in shown


def test_explain_goes_down_to_each_mark_and_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "thi tran bo ha", "2.2"]) == DONE
    shown = capsys.readouterr().out
    assert "mục 3.2" in shown
    assert "Minh chứng" in shown
    for judge in ("GK1", "GK2", "GK3", "GK4"):
        assert judge in shown


def test_explain_for_machines_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", GATE_FAILED, "--json"]) == DONE
    record = json.loads(capsys.readouterr().out)
    points = {node["code"]: node["points"] for node in record["nodes"]}
    assert float(points["base"]) == sum(float(points[code]) for code in "123456")
    assert len(next(node for node in record["nodes"] if node["code"] == "3.1")["marks"]) >= 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain", "Đồng"], "Có nhiều đơn vị khớp"),
        (["explain", "Hà Nội"], "Không có đơn vị"),
        (["explain", GATE_FAILED, "9.9"], "Không có tiêu chí"),
        (["explain", GATE_FAILED, "-c", YENTHE], "Ghi cả --criteria và --marks"),
        (["score", "-c", YENTHE, "-m", "khong-co.xlsx", "-o", "x.xlsx"], "khong-co.xlsx"),
        (["score", "-c", "khong-co", "-m", str(DEMO), "-o", "x.xlsx"], "khong-co"),
        (["score", "-c", YENTHE, "-m", str(DEMO), "-o", "x.doc"], ".xlsx"),
        (["score", "-c", YENTHE, "-m", str(DEMO), "-o", "x.xlsx", "--stage", "khac"], "Không có vòng chấm"),
        (["score", "-c", YENTHE, "-m", str(ROOT / "tests" / "bench"), "-o", "x.xlsx"], "không có tệp"),
        (["score", "-c", YENTHE], "Thiếu --marks"),
        (["score", "--khac"], "--khac"),
        (["khac"], "Không có lệnh"),
        (["criteria", "check", "khong-co.yaml"], "khong-co.yaml"),
        (["--lang", "fr", "demo"], "Không có ngôn ngữ"),
    ],
)
def test_a_mistake_is_told_in_words(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == REFUSED
    told = capsys.readouterr()
    assert words in told.err
    assert "Traceback" not in told.err + told.out
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_leaves_the_old_results_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, broken = tmp_path / "ket-qua.xlsx", tmp_path / "hong.xlsx"
    out.write_bytes(b"old")
    broken.write_bytes(b"not a workbook")
    assert run(["score", "-c", YENTHE, "-m", str(broken), "-m", str(DEMO), "-o", str(out)]) == REFUSED
    assert "hong.xlsx" in capsys.readouterr().err
    assert out.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hong.xlsx", "ket-qua.xlsx"]


def test_refusals_for_machines_name_place_and_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["criteria", "check", "--json", str(ROOT / "tests/bad_criteria/bands_gap.yaml")]) == REFUSED
    problem = json.loads(capsys.readouterr().out)["problems"][0]
    assert problem["id"] == "criteria.bands_gap"
    assert problem["where"]["line"] > 1
    assert VIETNAMESE.search(problem["text"])


def test_shipped_sets_are_sound(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(str(path) for path in (ROOT / "criteria").glob("*.yaml"))
    assert run(["criteria", "check", *files]) == DONE
    assert capsys.readouterr().out.count("✓") == len(files) >= 8


def test_show_prints_every_criterion_and_the_label(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["criteria", "show", YENTHE]) == DONE
    shown = capsys.readouterr().out
    assert "SỐ LIỆU MINH HỌA" in shown
    for code in ("1.1", "2.4.2", "5.4", "B.2"):
        assert f"{code}. " in shown


def test_diff_grades_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "criteria" / f"{YENTHE}.yaml").read_text(encoding="utf-8")
    changed = tmp_path / "moi.yaml"
    changed.write_text(
        text.replace("title: Công tác cải cách hành chính", "title: Cải cách hành chính", 1), encoding="utf-8"
    )
    assert run(["criteria", "diff", YENTHE, str(changed), "--json"]) == DONE
    assert {change["grade"] for change in json.loads(capsys.readouterr().out)} == {"wording"}
    assert run(["criteria", "diff", YENTHE, YENTHE]) == DONE
    assert "giống hệt" in capsys.readouterr().out


def test_schema_is_the_one_that_is_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["criteria", "schema"]) == DONE
    assert capsys.readouterr().out == (ROOT / "criteria/criteria-set.schema.json").read_text(encoding="utf-8")


def test_new_sheets_come_back_as_blank_sheets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "gk1.xlsx"
    units = str(ROOT / "data/units/yen-the-2024.csv")
    assert run(["sheet", "new", "-c", YENTHE, "-u", units, "--judge", "gk1", "-o", str(out)]) == DONE
    assert "19" in capsys.readouterr().out
    assert run(["score", "-c", YENTHE, "-m", str(out), "-o", str(tmp_path / "x.xlsx")]) == REFUSED
    assert VIETNAMESE.search(capsys.readouterr().err)
    assert not (tmp_path / "x.xlsx").exists()


HELP_PAGES = [[], ["demo"], ["score"], ["explain"], ["criteria"], ["sheet"], ["sheet", "new"]] + [
    ["criteria", verb] for verb in ("check", "show", "diff", "schema")
]


@pytest.mark.parametrize("page", HELP_PAGES, ids=lambda page: " ".join(page) or "top")
def test_help_pages_speak_one_language(page: list[str]) -> None:
    def text(language: str) -> str:
        environment = {**os.environ, "CHAMDIEM_LANG": language, "PYTHONUTF8": "1", "NO_COLOR": "1"}
        command = [sys.executable, "-m", "chamdiem", *page, "--help"]
        found = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, timeout=60)
        assert found.returncode == 0, found.stderr
        return found.stdout

    assert not re.search(r"\b(Usage|Options|Commands|Arguments|Show this|required|default|the)\b", text("vi"))
    assert not VIETNAMESE.search(text("en"))


def test_a_fault_of_ours_is_an_incident_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("deliberate")

    monkeypatch.setattr("chamdiem.criteria.library.load", broken)
    assert run(["criteria", "show", YENTHE]) == 1
    told = capsys.readouterr().err
    assert "Lỗi của chương trình" in told
    assert "Traceback" not in told
    log = Path(re.search(r"(\S+\.log)", told).group(1))  # type: ignore[union-attr]
    assert "deliberate" in log.read_text(encoding="utf-8")
    log.unlink()


def made_up(path: Path) -> dict[str, bool]:
    """By sheet, whether it says on top that its data are made up; the last one prints it above its pages."""
    book = CalamineWorkbook.from_path(str(path))
    rows = {name: book.get_sheet_by_name(name).to_python()[:8] for name in book.sheet_names[:-1]}
    return {name: any("DỮ LIỆU MẪU" in str(cell) for row in top for cell in row) for name, top in rows.items()}


@pytest.mark.usefixtures("_demo_there")
def test_every_sheet_of_the_demo_says_that_its_data_are_made_up(tmp_path: Path) -> None:
    assert run(["demo", "--out", str(tmp_path)]) == DONE
    assert set(made_up(tmp_path / f"{YENTHE}.xlsx").values()) == {True}


@pytest.mark.usefixtures("_demo_there")
def test_the_demo_in_the_store_says_everywhere_that_its_data_are_made_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "diem.xlsx"
    assert run(["contest", "score", CONTEST, "-o", str(out)]) == DONE
    assert "DỮ LIỆU MẪU" in capsys.readouterr().out
    assert set(made_up(out).values()) == {True}
    assert run(["contest", "score", CONTEST, "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["sample"] is True
    assert run(["contest", "list"]) == DONE
    assert "DỮ LIỆU MẪU" in capsys.readouterr().out
    with open_store() as store, store.read() as connection:
        assert snapshot(connection, CONTEST)["sample"] is True
