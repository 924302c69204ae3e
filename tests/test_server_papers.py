"""Evidence and workbooks through the server: whoever may, as attachments and pictures that cannot act; nobody else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image
from starlette.applications import Starlette

from chamdiem.contest.evidence import Document
from chamdiem.contest.phases import Phase
from chamdiem.contest.uploads import upload
from chamdiem.errors import Refusal
from chamdiem.exchange.pictures import page_count, picture_of
from chamdiem.words import say
from contest_world import World
from server_world import Browser, files_in, served, session

UNIT, CODE = "07243", "1.5"
NAMED = 'Báo cáo "số 1"\u202efdp.pdf'
Served = tuple[World, Starlette]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    with served(monkeypatch, "self", tmp_path) as made:
        yield made


def pdf(pages: int = 2) -> bytes:
    """A small PDF."""
    made = io.BytesIO()
    first, *rest = (Image.new("RGB", (200, 280), (250, 40 * at, 90)) for at in range(pages))
    first.save(made, "PDF", save_all=True, append_images=rest)
    return made.getvalue()


def png(size: tuple[int, int] = (3000, 40)) -> bytes:
    """A small picture with something to say besides its pixels."""
    made, picture = io.BytesIO(), Image.new("RGB", size, "red")
    exif = Image.Exif()
    exif[0x010E] = "nơi chụp"
    picture.save(made, "PNG", exif=exif)
    return made.getvalue()


def given(w: World, folder: Path, content: bytes, name: str) -> str:
    """A file behind a document of a commune; its address."""
    document, codes = Document("Báo cáo"), {CODE: "tr. 1"}
    files = files_in(folder)
    id = upload(w.store, files, w.actor(f"xa_{UNIT}"), "k", UNIT, io.BytesIO(content), name, document, codes)  # noqa: A001
    return f"/minh-chung/{id}"


def test_evidence_is_an_attachment_and_nothing_else(here: Served, tmp_path: Path) -> None:
    w, app = here
    content = pdf()
    place = given(w, tmp_path, content, NAMED)
    answer = Browser(app, session(w.store, f"xa_{UNIT}")).get(place)
    assert answer.content == content
    headers = answer.headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment; filename=")
    assert "\u202e" not in headers["content-disposition"]
    assert "%E2%80%AE" not in headers["content-disposition"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox")
    assert "no-store" in headers["cache-control"]


def test_who_may_not_see_evidence_learns_not_even_whether_it_is_there(here: Served, tmp_path: Path) -> None:
    w, app = here
    place = given(w, tmp_path, pdf(), "a.pdf")
    for name in ("xa_07246", "giam_khao_1", "nguoi_la", "giam_sat", "tham_dinh"):
        browser = Browser(app, session(w.store, name))
        for what in ("", "/trang", "/anh/1"):
            real, none = browser.get(place + what), browser.get(f"/minh-chung/k/{UNIT}/999{what}")
            assert (real.status_code, real.text) == (404, none.text)
    assert Browser(app).get(place).status_code == 401


def test_permission_is_asked_each_time_though_the_picture_was_drawn(here: Served, tmp_path: Path) -> None:
    w, app = here
    place = given(w, tmp_path, pdf(), "a.pdf")
    assert Browser(app, session(w.store, f"xa_{UNIT}")).get(f"{place}/anh/1").status_code == 200
    w.put_in(Phase.APPRAISAL)
    assert Browser(app, session(w.store, "giam_khao_1")).get(f"{place}/anh/1").status_code == 404
    assert Browser(app, session(w.store, "tham_dinh")).get(f"{place}/anh/1").status_code == 200


def test_pages_of_a_pdf_come_as_pictures(here: Served, tmp_path: Path) -> None:
    w, app = here
    place, browser = given(w, tmp_path, pdf(3), "a.pdf"), Browser(app, session(w.store, f"xa_{UNIT}"))
    told = browser.get(f"{place}/trang")
    assert (told.json()["pages"], told.json()["kind"]) == (3, "pdf")
    drawn = browser.get(f"{place}/anh/2")
    assert drawn.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(drawn.content)).size == (800, 1120)
    assert browser.get(f"{place}/anh/4").status_code == 404


def test_a_photograph_comes_without_what_it_carried_and_no_broader_than_a_screen(here: Served, tmp_path: Path) -> None:
    w, app = here
    place, browser = given(w, tmp_path, png(), "a.png"), Browser(app, session(w.store, f"xa_{UNIT}"))
    drawn = Image.open(io.BytesIO(browser.get(f"{place}/anh/1").content))
    assert drawn.size == (1400, 19)
    assert dict(drawn.getexif()) == {}
    assert browser.get(f"{place}/anh/2").status_code == 404


@pytest.mark.parametrize(("content", "kind"), [(b"%PDF-1.7 nonsense", "pdf"), (b"\x89PNG\r\n\x1a\nnonsense", "png")])
def test_a_file_that_cannot_be_drawn_is_refused_in_words(content: bytes, kind: str) -> None:
    with pytest.raises(Refusal) as refused:
        picture_of(content, kind, 1)
    assert [problem.message.id for problem in refused.value.problems] == ["pictures.unreadable"]


def test_office_files_are_not_drawn() -> None:
    assert page_count(b"PK", "docx") == 0


# workbooks --------------------------------------------------------------------------------------------------------


def test_a_score_sheet_holds_what_was_entered_and_is_read_again(here: Served, tmp_path: Path) -> None:
    w, app = here
    w.mark(f"xa_{UNIT}", UNIT, {CODE: "3"}, "self")
    answer = Browser(app, session(w.store, f"xa_{UNIT}")).get(f"/phieu-cham/k/{UNIT}.xlsx")
    assert answer.headers["content-disposition"].startswith("attachment")
    (tmp_path / "p.xlsx").write_bytes(answer.content)
    entry = read_marks_of(tmp_path / "p.xlsx")
    assert [row for row in entry if row[0] == CODE] == [(CODE, "3")]


def read_marks_of(path: Path) -> list[tuple[str, str]]:
    """Code and answer of every line of a sheet."""
    sheet = load_workbook(path).worksheets[0]
    found = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]
    return [(row[0], row[4]) for row in found if row[4]]


@pytest.mark.parametrize("name", ["xa_07246", "giam_khao_1", "tham_dinh", "giam_sat", "nguoi_la"])
def test_who_cannot_enter_marks_gets_no_sheet(here: Served, name: str) -> None:
    w, app = here
    browser = Browser(app, session(w.store, name))
    real, none = browser.get(f"/phieu-cham/k/{UNIT}.xlsx"), browser.get("/phieu-cham/khong/0.xlsx")
    assert (real.status_code, real.text) == (404, none.text)


def test_a_judge_gets_his_own_sheet_with_his_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with served(monkeypatch, "judging", tmp_path) as (w, app):
        answer = Browser(app, session(w.store, "giam_khao_2")).get(f"/phieu-cham/k/{UNIT}.xlsx?giai-doan=judge")
        (tmp_path / "p.xlsx").write_bytes(answer.content)
        cells = {
            str(cell.value) for row in load_workbook(tmp_path / "p.xlsx").worksheets[0].iter_rows() for cell in row
        }
        assert "GK3" in cells


def test_results_go_to_whoever_may_read_the_figures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with served(monkeypatch, "revealed", tmp_path) as (w, app):
        answer = Browser(app, session(w.store, "thu_ky")).get("/ket-qua/k.xlsx")
        assert answer.status_code == 200
        assert load_workbook(io.BytesIO(answer.content)).sheetnames
        assert "ket-qua-k.xlsx" in answer.headers["content-disposition"]
        for name in ("giam_khao_1", "xa_07243", "nguoi_la", "giam_sat"):
            other = Browser(app, session(w.store, name))
            assert (real := other.get("/ket-qua/k.xlsx")).status_code == 404
            assert real.text == other.get("/ket-qua/khong.xlsx").text
        assert say("server.refused") in Browser(app).get("/ket-qua/k.xlsx").text
