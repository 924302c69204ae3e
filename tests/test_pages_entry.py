"""The four pages of marks: who sees which sheet in which phase, what is said where there is none, handing in, evidence."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from chamdiem.contest import panel, sheets
from chamdiem.contest.judging import return_sheet
from chamdiem.contest.marking import Entry
from chamdiem.contest.phases import Phase
from chamdiem.contest.sheets import OpenSheet, enter_each, figures_of, lacks, open_sheet, panel_figures, sheets_of
from chamdiem.contest.uploads import attach, pages_of
from chamdiem.criteria.rules import Input
from chamdiem.errors import Refusal
from chamdiem.pages import evidence_panel, score_sheet, sheet_figures
from chamdiem.pages.desk import escaped
from chamdiem.pages.score_sheet import asked_by, canonical, in_words
from chamdiem.scoring.figures import HEADLINE
from chamdiem.store.door import Conflict
from chamdiem.store.files import FolderFiles
from chamdiem.store.tables import event
from chamdiem.words import say
from contest_world import NOT_FOUND, UNITS, World, answers, refusal, world
from screens import opened, words
from test_files import pdf
from test_server_papers import pdf as several_pages

HERE, THERE = UNITS[0], UNITS[1]
COMMUNE = f"xa_{HERE}"


@pytest.fixture
def claiming(tmp_path: Path) -> Iterator[World]:
    """Communes assess themselves."""
    with world("self", tmp_path) as made:
        yield made


@pytest.fixture
def marking(tmp_path: Path) -> Iterator[World]:
    """Judges mark."""
    with world("judging", tmp_path) as made:
        yield made


def press(page: AppTest, label: str) -> AppTest:
    """Press the button that says so."""
    page = next(button for button in page.button if button.label == say(label)).click().run()
    assert not page.exception, [str(one.value) for one in page.exception]
    return page


def sheet_of(made: World, name: str, stage: Any = "judge", unit: str = HERE) -> OpenSheet:
    """A sheet as somebody sees it."""
    return open_sheet(made.store, made.actor(name), made.contest, unit, stage)


# the services behind the pages ----------------------------------------------------------------------------------


def test_each_person_is_given_the_sheets_that_are_his(claiming: World) -> None:
    def units(name: str, stage: Any) -> list[str]:
        return [one.unit for one in sheets_of(claiming.store, claiming.actor(name), "k", stage)]

    assert units(COMMUNE, "self") == [HERE]
    assert units("thu_ky", "self") == list(UNITS)
    assert units("giam_khao_1", "self") == units("giam_khao_1", "judge") == units("tham_dinh", "appraisal") == []
    claiming.put_in(Phase.JUDGING)
    assert units("giam_khao_1", "judge") == list(UNITS)
    assert refusal(lambda: units("nguoi_la", "judge")) == NOT_FOUND
    assert units("thu_ky", "judge") == []


def test_a_unit_in_conflict_is_not_there(marking: World) -> None:
    from chamdiem.contest.panel import declare_conflict

    declare_conflict(marking.store, marking.actor("giam_khao_1"), "k", HERE, "có người thân")
    assert [one.unit for one in sheets_of(marking.store, marking.actor("giam_khao_1"), "k", "judge")] == list(UNITS[1:])
    assert refusal(lambda: sheet_of(marking, "giam_khao_1")) == NOT_FOUND


def test_a_judge_sees_the_claim_and_nobody_elses_marks(marking: World) -> None:
    marking.put_in(Phase.SELF_ASSESSMENT)
    marking.mark(COMMUNE, HERE, {"1.5": "3"}, "self")
    marking.put_in(Phase.JUDGING)
    marking.mark("giam_khao_2", HERE, {"1.5": "2"})
    seen = sheet_of(marking, "giam_khao_1")
    assert [(row["stage"], row["answer"]) for row in seen.beside] == [("self", "3")]
    assert not seen.own
    assert "1.5" in seen.enterable


def test_one_wrong_answer_keeps_no_other_from_being_saved(marking: World) -> None:
    judge = marking.actor("giam_khao_1")
    entries = [Entry("1.5", "3", seen=0), Entry("2.3", "2,5", seen=0), Entry("1.6", "day_du", seen=0)]
    done = enter_each(marking.store, judge, "k", HERE, "judge", entries, key="a")
    assert (done["1.5"], done["1.6"]) == (1, 1)
    assert isinstance(done["2.3"], Refusal)
    assert {code: row["answer"] for code, row in sheet_of(marking, "giam_khao_1").own.items()} == {
        "1.5": "3", "1.6": "day_du",
    }  # fmt: skip
    again = enter_each(marking.store, judge, "k", HERE, "judge", entries, key="a")
    assert (again["1.5"], again["1.6"]) == (1, 1), "sent once more after a lost connection, it is saved once"


def test_who_comes_second_is_told_both_values(marking: World) -> None:
    judge = marking.actor("giam_khao_1")
    enter_each(marking.store, judge, "k", HERE, "judge", [Entry("1.5", "3", seen=0)], key="one")
    done = enter_each(marking.store, judge, "k", HERE, "judge", [Entry("1.5", "4", seen=0)], key="two")
    found = done["1.5"]
    assert isinstance(found, Conflict)
    assert found.current is not None
    assert (found.current["answer"], found.yours["answer"]) == ("3", "4")
    assert sheets.who_is(marking.store, found) == "Giam Khao 1"


def test_what_is_missing_is_what_the_engine_does_not_find(claiming: World) -> None:
    sheet = sheet_of(claiming, COMMUNE, "self")
    asked = [leaf.code for leaf in sheet.criteria.leaves]
    assert [one.criterion for one in lacks(sheet, figures_of(claiming.store, sheet))] == asked
    claiming.mark(COMMUNE, HERE, {"1.5": "3", "3.1": "tot"}, "self")
    sheet = sheet_of(claiming, COMMUNE, "self")
    found = {one.criterion: one.what for one in lacks(sheet, figures_of(claiming.store, sheet))}
    assert found["1.5"] == "evidence"
    assert "3.1" not in found, "nobody asks for a document there"
    claiming.documents(HERE)
    sheet = sheet_of(claiming, COMMUNE, "self")
    assert "1.5" not in {one.criterion for one in lacks(sheet, figures_of(claiming.store, sheet))}


def test_the_panel_is_shown_judge_by_judge_and_together(tmp_path: Path) -> None:
    with world("revealed", tmp_path) as made:
        found = panel_figures(made.store, made.actor("chu_tich"), "k", HERE)
        assert set(found) == {"", "GK1", "GK2", "GK3", "GK4", "GK5"}
        assert refusal(lambda: panel_figures(made.store, made.actor(COMMUNE), "k", HERE)) == NOT_FOUND


# what the browser is told ---------------------------------------------------------------------------------------


def test_a_third_marker_sees_what_his_own_sheet_comes_to(marking: World) -> None:
    office = marking.actor("thu_ky")
    panel.seat(marking.store, office, "k", "nguoi_thu_ba", "third_marker", code="GK9")
    panel.assign(marking.store, office, "k", "nguoi_thu_ba")
    totals = []
    for name in ("giam_khao_1", "nguoi_thu_ba"):
        marking.mark(name, HERE, {"3.1": "tot"})  # nobody asks for a document there
        result = figures_of(marking.store, sheet_of(marking, name))
        totals.append(int(result.verdict.totals.total[HEADLINE, 0]))
    assert totals[0] == totals[1] > 0


def test_every_kind_of_question_has_its_control(marking: World) -> None:
    sheet = sheet_of(marking, "giam_khao_1")
    layout = score_sheet.layout(sheet, [], asked_by(sheet))
    kinds = {row["code"]: row["control"]["kind"] for row in layout["rows"] if "control" in row}
    assert (kinds["1.1"], kinds["1.3"], kinds["1.5"], kinds["1.6"]) == ("ticks", "parts", "text", "select")
    assert set(kinds) == set(asked_by(sheet))
    assert [row["states"] for row in layout["rows"] if row["code"] == "1.5"] == [[["BQ", say("entry.abstained")]]]


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "read"),
    [
        ("choice", "Khá", "kha", "Khá"),
        ("choice", "3", "kha", "Khá"),
        ("choice", "gì đó", "gì đó", "gì đó"),
        ("choices", "b; a", "a; b", "Việc a; Việc b"),
        ("choices", "không có", "không có", "không có"),
        ("flag", "X", "đạt", "đạt"),
        ("points", "4.5", "4.5", "4,5"),
        ("points", "kad", "KAD", "Không áp dụng"),
        ("points", "4,5,6", "4,5,6", "4,5,6"),
    ],
)
def test_an_answer_is_shown_as_its_control_writes_it(kind: Any, typed: str, kept: str, read: str) -> None:
    choices = {"choice": (("tot", "Tốt"), ("kha", "Khá")), "choices": (("a", "Việc a"), ("b", "Việc b"))}.get(kind, ())
    asked = (Input("x", kind, 2, high=1000, choices=choices, worth=(4, 3) if kind == "choice" else ()),)  # type: ignore[arg-type]
    assert canonical(asked, typed) == kept
    assert in_words(asked, typed) == read


SAID = (
    ("1.3", "1249 / 1.296", "1.249/1.296"), ("1.3", "gì đó", "gì đó"), ("1.3", "", ""), ("1.3", "BQ", "Không chấm"),
    ("2.4.2", "88,15; 91,40", "88,15/91,4"), ("2.4.1", "91,40", "91,4%"), ("2.4.1", "91,4%", "91,4%"),
)  # fmt: skip


def test_an_answer_in_parts_or_percent_reads_the_same_however_it_was_typed(marking: World) -> None:
    asked = asked_by(sheet_of(marking, "giam_khao_1"))
    assert [(code, typed, in_words(asked[code], typed)) for code, typed, _ in SAID] == list(SAID)


def test_the_key_of_a_sheet_tells_it_from_every_other_one(marking: World) -> None:
    keys = {
        score_sheet.sheet_key(sheet_of(marking, name, "judge", unit))
        for name in ("giam_khao_1", "giam_khao_2")
        for unit in UNITS
    }
    assert len(keys) == 2 * len(UNITS)
    sheet = sheet_of(marking, "giam_khao_1")
    assert all(
        part in score_sheet.sheet_key(sheet)
        for part in ("k", HERE, "judge", "giam_khao_1", sheet.contest["criteria"][:16])
    )


def test_a_sheet_that_streamlit_has_forgotten_gets_its_lines_once_more(
    monkeypatch: pytest.MonkeyPatch, marking: World
) -> None:
    sheet = sheet_of(marking, "giam_khao_1")
    told: dict[str, Any] = {}
    monkeypatch.setattr(score_sheet, "COMPONENT", lambda **about: told.update(about))
    state: dict[str, Any] = {}
    monkeypatch.setattr("chamdiem.pages.score_sheet.st.session_state", state)
    looked: list[str] = []
    data = {"layout": {"hash": "x", "rows": []}}
    score_sheet.mount(sheet, data, looked.append)
    told["on_look_change"]()
    assert looked == [""]
    assert told["data"]["address"] == f"/phieu/k/{HERE}/judge"
    key = score_sheet.sheet_key(sheet)
    state[key] = {"anew": {"has": "x"}, "wrong": ["1.5"]}
    told["on_anew_change"]()
    score_sheet.mount(sheet, data, looked.append)
    assert told["data"]["layout"] == {"hash": "x"}, "the browser has them"
    assert score_sheet.wrong_in(sheet) == {"1.5"}
    told["on_need_change"]()
    score_sheet.mount(sheet, data, looked.append)
    assert told["data"]["layout"] == data["layout"], "it has lost them"


# the pages ------------------------------------------------------------------------------------------------------


def test_a_closed_stage_says_when_it_opens(monkeypatch: pytest.MonkeyPatch, claiming: World) -> None:
    page = opened(monkeypatch, claiming, "giam_khao_1", "cham-diem")
    assert "Tự chấm" in words(page)
    assert "Giám khảo chấm" in words(page)
    assert say("entry.not_yours") in words(opened(monkeypatch, claiming, "giam_khao_1", "tu-cham"))


def test_a_sheet_is_handed_in_with_a_receipt(monkeypatch: pytest.MonkeyPatch, claiming: World) -> None:
    page = opened(monkeypatch, claiming, COMMUNE, "tu-cham")
    assert next(button for button in page.button if button.label == say("entry.submit")).disabled
    assert say("entry.nothing_to_submit") in words(page)
    claiming.mark(COMMUNE, HERE, {"1.5": "3"}, "self")
    page = press(page.run(), "entry.submit")
    assert "còn 24 tiêu chí chưa trả lời".lower() in words(page).lower()
    assert len([one for one in page.error if "24" in one.value]) == 1
    page = press(page, "entry.submit_anyway")
    assert say("contest.needs_reason") in page.error[-1].value.replace("\\", "")
    assert not sheet_of(claiming, COMMUNE, "self").handed_in
    next(area for area in page.text_area if area.label == say("confirming.reason")).set_value("Hết thời hạn")
    page = press(page, "entry.submit_anyway")
    assert [toast.value for toast in page.toast] == [say("entry.submitted")], "said on the fresh page"
    with claiming.store.read() as connection:
        said = connection.execute(select(event.c.reason).where(event.c.action == "sheet.submit")).scalars().all()
    assert set(said) == {"Hết thời hạn"}
    receipt = sheet_of(claiming, COMMUNE, "self").receipt
    assert receipt is not None
    page = opened(monkeypatch, claiming, COMMUNE, "tu-cham")
    assert receipt.spelled() in "".join(str(one.proto) for one in page.get("html"))
    assert not [button for button in page.button if button.label == say("entry.submit")]


def test_a_sheet_that_was_given_back_says_why(monkeypatch: pytest.MonkeyPatch, claiming: World) -> None:
    claiming.mark(COMMUNE, HERE, {"1.5": "3"}, "self")
    claiming.submit(COMMUNE, HERE, "self")
    return_sheet(claiming.store, claiming.actor("thu_ky"), "k", HERE, "self", "", "Thiếu tiêu chí <b>2.1</b>")
    page = opened(monkeypatch, claiming, COMMUNE, "tu-cham")
    assert "Thiếu tiêu chí" in page.warning[0].value
    assert "<b>" not in page.warning[0].value.replace("\\<b\\>", "")


def test_the_unit_is_remembered_in_the_address(monkeypatch: pytest.MonkeyPatch, marking: World) -> None:
    page = opened(monkeypatch, marking, "giam_khao_1", "cham-diem", dv=THERE)
    assert page.selectbox[0].value == THERE
    page.selectbox[0].set_value(UNITS[2]).run()
    assert page.query_params["dv"] in (UNITS[2], [UNITS[2]])


def test_an_appraiser_takes_over_what_he_agrees_with(monkeypatch: pytest.MonkeyPatch, claiming: World) -> None:
    claiming.mark(COMMUNE, HERE, {"1.5": "3", "1.6": "day_du"}, "self")
    claiming.put_in(Phase.APPRAISAL)
    page = opened(monkeypatch, claiming, "tham_dinh", "tham-dinh", dv=HERE)
    next(button for button in page.button if button.label == say("appraisal.agree", n=2)).click().run()
    assert [toast.value for toast in page.toast] == [escaped(say("appraisal.agreed", n=2))]
    assert {code: row["answer"] for code, row in sheet_of(claiming, "tham_dinh", "appraisal").own.items()} == {
        "1.5": "3", "1.6": "day_du",
    }  # fmt: skip


def test_evidence_is_checked_with_a_reason(monkeypatch: pytest.MonkeyPatch, claiming: World) -> None:
    claiming.documents(HERE)
    claiming.put_in(Phase.APPRAISAL)
    page = opened(monkeypatch, claiming, "tham_dinh", "tham-dinh", dv=HERE)
    page = press(page, "evidence_panel.reject")
    assert say("contest.needs_reason") in page.error[0].value.replace("\\", "")
    page.text_area[0].set_value("Không đúng kỳ")
    page = press(page, "evidence_panel.reject")
    assert [toast.value for toast in page.toast] == [escaped(say("evidence_panel.reject_done"))]
    assert "rejected" in {row["status"] for row in claiming.all_rows("evidence_link")}


def test_the_pages_of_a_document_are_turned_up_to_the_last(
    monkeypatch: pytest.MonkeyPatch, claiming: World, tmp_path: Path
) -> None:
    document, files = claiming.documents(HERE)[0], FolderFiles(tmp_path)
    attach(claiming.store, files, claiming.actor(COMMUNE), document, io.BytesIO(several_pages(12)), "a.pdf")
    monkeypatch.setattr(evidence_panel, "file_place", lambda: files)
    page = opened(monkeypatch, claiming, COMMUNE, "tu-cham")
    page = page.toggle[0].set_value(True).run()
    assert "Trang 1 / 12" in words(page)
    for _ in range(11):
        page = press(page, "evidence_panel.page_after")
    assert "Trang 12 / 12" in words(page)
    assert [one.disabled for one in page.button if one.label == say("evidence_panel.page_after")] == [True]
    assert refusal(lambda: pages_of(claiming.store, files, claiming.actor(f"xa_{THERE}"), document)) == NOT_FOUND


def test_evidence_is_handed_in_and_refused_in_words(monkeypatch: pytest.MonkeyPatch, claiming: World) -> None:
    page = opened(monkeypatch, claiming, COMMUNE, "tu-cham")
    page = press(page, "evidence_panel.hand_in_now")
    assert "Chưa chọn tiêu chí nào" in page.error[0].value
    page.multiselect[0].set_value(["1.5"])
    by_label = {field.label: field for field in page.text_input}
    by_label[say("evidence_panel.title")].set_value("Biên bản <script>")
    by_label[say("evidence_panel.date")].set_value("31/02/2024")
    page = press(page, "evidence_panel.hand_in_now")
    assert "31/02/2024" in page.error[0].value.replace("\\", "")
    by_label = {field.label: field for field in page.text_input}
    assert by_label[say("evidence_panel.title")].value == "Biên bản <script>", "what was typed stays"
    by_label[say("evidence_panel.date")].set_value("29/02/2024")
    page = press(page, "evidence_panel.hand_in_now")
    assert [toast.value for toast in page.toast] == [say("evidence_panel.handed_in")]
    assert {field.value for field in page.text_input} == {""}, "an empty form for the next one"
    found = claiming.all_rows("evidence")
    assert [(row["title"], row["date"]) for row in found] == [("Biên bản <script>", "2024-02-29")]


def test_a_judge_declares_an_interest_and_the_unit_is_gone(monkeypatch: pytest.MonkeyPatch, marking: World) -> None:
    page = opened(monkeypatch, marking, "giam_khao_1", "cham-diem", dv=HERE)
    page.text_input[-1].set_value("Anh trai là chủ tịch xã").run()
    page = press(page, "judging.declare")
    assert [toast.value for toast in page.toast] == [say("judging.declared")]
    assert HERE not in page.selectbox[0].options
    assert "07243" not in "".join(page.selectbox[0].options)


def test_the_council_sees_judges_and_their_figure_side_by_side(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with world("revealed", tmp_path) as made:
        made.put_in(Phase.COUNCIL)
        page = opened(monkeypatch, made, "chu_tich", "hoi-dong-chot", dv=HERE)
        assert say("council.says") in words(page)
        sheet = sheet_of(made, "chu_tich", "council")
        columns, cells = score_sheet.beside_of(sheet, asked_by(sheet))
        assert [label for _, label in columns] == ["GK1", "GK2", "GK3", "GK4", "GK5"]
        assert cells["judge/GK1", "1.5"][0] == answers("chu_tich", HERE)["1.5"]
        figures = sheet_figures.figures(sheet, figures_of(made.store, sheet))
        assert set(figures) == {leaf.code for leaf in sheet.criteria.leaves}  # single decisions add up to no group


def test_a_claimed_document_gets_its_file_later(claiming: World, tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    document = claiming.documents(HERE)[0]
    picture = pdf()
    commune = claiming.actor(COMMUNE)
    stranger = claiming.actor(f"xa_{THERE}")
    assert refusal(lambda: attach(claiming.store, files, stranger, document, io.BytesIO(picture), "a.pdf")) == NOT_FOUND
    assert list(files.all()) == []
    attach(claiming.store, files, commune, document, io.BytesIO(picture), "ảnh.pdf")
    again = refusal(lambda: attach(claiming.store, files, commune, document, io.BytesIO(picture), "a.pdf"))
    assert again == ["evidence.has_file"]
    states = {row["status"] for row in claiming.all_rows("evidence_link") if row["evidence"] == document}
    assert states == {"attached"}
