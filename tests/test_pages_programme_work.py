"""The work of a programme at its screens: reports filled, submitted, returned, put together; difficulties; field work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image
from streamlit.testing.v1 import AppTest

from chamdiem.contest.evidence import Document
from chamdiem.contest.permissions import SYSTEM
from chamdiem.office.figures import enter_figures, figures_for
from chamdiem.office.programme_files import hand_in_document
from chamdiem.office.programme_reading import documents_for, entered_for, programmes_for
from chamdiem.office.programmes_begun import Beginning, Member, begin_programme, set_members
from chamdiem.office.report_rows import owed_for
from chamdiem.office.reporting import report_for, write_words
from chamdiem.office.sponsoring import Assignment, assign
from chamdiem.office.submitting import submit_report
from chamdiem.office.tasks import Progress, report_task
from chamdiem.store import tables
from chamdiem.store.door import Order, Transaction
from chamdiem.words import say
from contest_world import NOT_FOUND, World, refusal, world
from field_world import TAP_SON, put_units
from screens import opened
from screens import words as marked_up
from server_world import Browser, around, files_in, session

STATE, FRONT, HELP = "dan-van", "de-an-02", "giup-xa"
TODAY = date(2026, 11, 22)
XA = TAP_SON
PEOPLE = {
    "dau_moi": ("programme_lead", STATE, ""),
    "dau_moi_2": ("programme_lead", FRONT, ""),
    "dau_moi_3": ("programme_lead", HELP, ""),
    "vp": ("programme_officer", STATE, "vp"),
    "phong": ("programme_officer", STATE, "phong"),
    "y_te": ("programme_officer", FRONT, "y_te"),
    "xa": ("programme_officer", HELP, "xa"),
    "so": ("programme_officer", HELP, "so"),
}


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[World]:
    with world("people", tmp_path) as made:
        made.store.write(Order("system", "account.create"), _people)
        put_units(made.store)
        for id, source, members in (  # noqa: A001
            (STATE, "dan-van-chinh-quyen-tra-vinh-2021", [
                Member(code="vp", name="Văn phòng Sở", office="van_phong_so"),
                Member(code="phong", name="Phòng Công nghệ", office="cac_phong_trung_tam", above="vp"),
            ]),
            (FRONT, "de-an-02-tuyen-quang-2022", [
                Member(code="noi_vu", name="Sở Nội vụ", office="so_noi_vu"),
                Member(code="y_te", name="Sở Y tế", office="cac_co_quan"),
                Member(code="gddt", name="Sở Giáo dục", office="cac_co_quan"),
            ]),
            (HELP, "giup-do-xa-mtqg-2023", [
                Member(code="so", name="Sở Nội vụ", office="so_noi_vu"),
                Member(code="xa", name="Xã Tập Sơn", office="cac_xa", unit=XA),
            ]),
        ):  # fmt: skip
            begin_programme(made.store, SYSTEM, Beginning(id=id, source=source, period_to=date(2023, 12, 31)))
            set_members(made.store, SYSTEM, id, members)
        yield made


def _people(transaction: Transaction) -> None:
    for name, (role, programme, member) in PEOPLE.items():
        transaction.put(tables.account, name, {"status": "active"})
        transaction.put(tables.person, name, {"login": name, "name": name})
        about = {"account": name, "role": role, "contest": programme, "unit": member}
        transaction.put(tables.grant, f"{name}/{role}", about)


def words(page: AppTest) -> str:
    """All text of a page as it is read, its tables as well."""
    html = "\n".join(str(one.value) for one in page.get("html"))
    return f"{marked_up(page)}\n{html}\n".replace("\\", "") + "\n".join(str(one.value) for one in page.text)


def press(page: AppTest, label: str, nth: int = 0) -> AppTest:
    """Press the button with this label; the page must bear it."""
    [one for one in page.button if one.label == label][nth].click().run()
    assert not page.exception, [str(one.value) for one in page.exception]
    return page


def field(page: AppTest, kind: str, label: str):  # type: ignore[no-untyped-def]
    """The field of this name; of several that of the dialog, which comes last."""
    return [one for one in getattr(page, kind) if one.label == label][-1]


@pytest.mark.parametrize("path", ["bao-cao-ky", "kho-khan", "phan-cong"])
@pytest.mark.parametrize("name", ["", "nguoi_la", *PEOPLE])
def test_the_pages_open_for_everybody(monkeypatch: pytest.MonkeyPatch, at_work: World, name: str, path: str) -> None:
    page = opened(monkeypatch, at_work, name, path)
    assert [one.value for one in page.title] == [say(f"page.{path}")]
    if name in ("", "nguoi_la"):
        assert [one.value for one in page.info]
        assert not page.selectbox


def test_programmes_are_known_to_those_who_take_part(at_work: World) -> None:
    known = {name: [row["id"] for row in programmes_for(at_work.store, at_work.actor(name))] for name in PEOPLE}
    assert known == {name: [programme] for name, (_, programme, _) in PEOPLE.items()}
    assert programmes_for(at_work.store, at_work.actor("nguoi_la")) == []
    asked = (
        (lambda: entered_for(at_work.store, at_work.actor("phong"), STATE, "vp", "2021-Q2")),
        (lambda: documents_for(at_work.store, at_work.actor("phong"), STATE, "vp")),
    )
    assert [refusal(one) for one in asked] == [NOT_FOUND, NOT_FOUND]


def test_a_quarter_is_filled_submitted_locked_returned_and_accepted(
    monkeypatch: pytest.MonkeyPatch, at_work: World
) -> None:
    store, office = at_work.store, at_work.actor("vp")
    key = "bao_cao_quy/2021-Q2"
    page = opened(monkeypatch, at_work, "vp", "bao-cao-ky", ky=key)
    tin_bai = next(one for one in page.text_input if one.label.startswith("Tin, bài"))
    tin_bai.set_value("mười hai")
    press(page, say("report_figures.save"))
    assert any("mười hai" in one.value for one in page.error)
    next(one for one in page.text_input if one.label.startswith("Tin, bài")).set_value("12")
    press(page, say("report_figures.save"))
    (line,) = [
        one for one in figures_for(store, office, STATE, "vp", date(2021, 4, 1), date(2021, 6, 30)) if one.in_period
    ]
    assert (line.figure.key, line.in_period, line.so_far) == ("tin_bai", 12, 12)
    assert "Lũy kế từ đầu năm: 12" in words(page)

    report_task(
        store, at_work.actor("phong"), STATE, "phong", Progress(task="1.1", state="under_way", percent=40), today=TODAY
    )
    field(page, "text_area", say("report_words.result")).set_value("Đã đăng 12 tin, bài.")
    press(page, say("report_words.save"))
    assert report_for(store, office, STATE, "vp", key).words["result"] == "Đã đăng 12 tin, bài."

    press(page, say("report_submitting.submit"))
    assert "Sau khi nộp" in words(page)
    field(page, "date_input", say("report_submitting.day")).set_value(date(2021, 6, 12))
    press(page, say("report_submitting.submit"), -1)
    assert say("report_submitting.needs_why") in words(page)
    assert "Văn phòng Sở, Quý I/2021: Tin, bài đã đăng" in words(page)
    field(page, "text_area", say("report_submitting.why")).set_value("Quý I chưa có chương trình")
    press(page, say("report_submitting.submit"), -1)
    report = report_for(store, office, STATE, "vp", key)
    assert (report.status, report.row and report.row["delivered_on"]) == ("submitted", "2021-06-12")
    shown = words(opened(monkeypatch, at_work, "vp", "bao-cao-ky", ky=key))
    assert "muộn 2 ngày" in shown
    assert "Báo cáo đã khóa" in shown
    assert "40%" in shown

    lead = opened(monkeypatch, at_work, "dau_moi", "bao-cao-ky", ky=key)
    assert "Đã nộp 1/1" in words(lead)
    press(lead, say("report_reading.return"))
    field(lead, "text_area", say("confirming.reason")).set_value("Thiếu số liệu tiếp dân")
    press(lead, say("report_reading.return"), -1)
    again = opened(monkeypatch, at_work, "vp", "bao-cao-ky", ky=key)
    assert "Thiếu số liệu tiếp dân" in words(again)
    submit_report(store, office, STATE, "vp", [key], on=date(2021, 6, 15), today=TODAY, why="Quý I chưa có")
    press(opened(monkeypatch, at_work, "dau_moi", "bao-cao-ky", ky=key), say("report_reading.accept"))
    assert report_for(store, office, STATE, "vp", key).status == "accepted"


def test_another_period_is_chosen_and_what_has_no_day_cannot_be_submitted(
    monkeypatch: pytest.MonkeyPatch, at_work: World
) -> None:
    page = opened(monkeypatch, at_work, "vp", "bao-cao-ky", ky="bao_cao_quy/2021-Q2")
    for period in ("Quý III/2021", "Năm 2021"):
        choice = field(page, "selectbox", say("period_reports.which"))
        choice.select_index(next(at for at, one in enumerate(choice.options) if period in one)).run().run()
        chosen = field(page, "selectbox", say("period_reports.which"))
        assert period in chosen.options[chosen.index]
    without = opened(monkeypatch, at_work, "so", "bao-cao-ky", ky="danh_gia_nam/2023")
    assert say("report_submitting.no_day") in words(without)
    assert say("report_submitting.submit") not in {one.label for one in without.button}


def test_one_paper_answers_for_two_reports_due_on_one_day(monkeypatch: pytest.MonkeyPatch, at_work: World) -> None:
    store, office = at_work.store, at_work.actor("vp")
    enter_figures(store, office, STATE, "vp", "2021-Q2", {"tin_bai": "5"}, today=TODAY)
    report_task(store, at_work.actor("phong"), STATE, "phong", Progress(task="1.1", state="not_begun"), today=TODAY)
    write_words(store, office, STATE, "vp", "bao_cao_quy/2021-Q2", {"result": "Xong"})
    page = opened(monkeypatch, at_work, "vp", "bao-cao-ky", ky="bao_cao_quy/2021-Q2")
    press(page, say("report_submitting.submit"))
    (together,) = page.checkbox
    assert "6 tháng đầu năm 2021" in together.label
    together.check()
    field(page, "text_area", say("report_submitting.why")).set_value("Quý I chưa có chương trình")
    press(page, say("report_submitting.submit"), -1)
    handed = {f"{one.due.duty}/{one.due.period.id}" for one in owed_for(store, office, STATE) if one.delivered_on}
    assert handed == {"bao_cao_quy/2021-Q2", "bao_cao_6_thang/2021-6M"}


def test_who_owes_no_report_enters_for_the_office_above(monkeypatch: pytest.MonkeyPatch, at_work: World) -> None:
    page = opened(monkeypatch, at_work, "phong", "bao-cao-ky")
    assert "Phòng Công nghệ không phải nộp báo cáo riêng" in words(page)
    assert [one.label for one in page.button]
    assert say("report_submitting.submit") not in {one.label for one in page.button}
    field(page, "selectbox", say("report_tasks.state")).select("under_way").run()
    field(page, "text_input", say("report_tasks.percent_asked")).set_value("35")
    press(page, say("report_tasks.save"))
    assert "Đã ghi tiến độ 1/" in words(page)
    press(page, say("report_tasks.add_paper"))
    field(page, "text_input", say("report_tasks.paper_title")).set_value("Báo cáo kết quả")
    press(page, say("report_tasks.add_paper"), -1)
    found = documents_for(at_work.store, at_work.actor("phong"), STATE, "phong")
    assert [row["title"] for row in found] == ["Báo cáo kết quả"]


def test_missing_members_are_named_and_never_summed_over(monkeypatch: pytest.MonkeyPatch, at_work: World) -> None:
    store, y_te, key = at_work.store, at_work.actor("y_te"), "bao_cao_6_thang/2023-6M"
    name = next(line.name for line in report_for(store, y_te, FRONT, "y_te", key).content.figures)
    enter_figures(store, y_te, FRONT, "y_te", "2023-6M", {name: "7"}, today=TODAY)
    write_words(store, y_te, FRONT, "y_te", key, {"result": "Sở Y tế đã làm"})
    submit_report(store, y_te, FRONT, "y_te", [key], on=date(2023, 6, 1), today=TODAY)
    lead = opened(monkeypatch, at_work, "dau_moi_2", "bao-cao-ky", ky=key)
    assert "Đã nộp 1/3" in words(lead)
    choice = field(lead, "selectbox", say("period_reports.of"))
    choice.select_index(next(at for at, one in enumerate(choice.options) if "Nội vụ" in one)).run()
    assert "Chưa có số liệu, báo cáo của 1 đơn vị: Sở Giáo dục" in words(lead)
    field(lead, "text_area", say("report_words.result")).set_value("Tổng hợp")
    press(lead, say("report_words.save"))
    press(lead, say("report_submitting.submit"))
    press(lead, say("report_submitting.submit"), -1)
    assert say("report_submitting.needs_why") in words(lead)
    field(lead, "text_area", say("report_submitting.why")).set_value("Đã nhắc hai lần")
    press(lead, say("report_submitting.submit"), -1)
    assert any("Sở Giáo dục" in one.value for one in lead.error)
    next(one for one in lead.checkbox if "Sở Giáo dục" in one.label).check()
    field(lead, "date_input", say("report_submitting.day")).set_value(date(2023, 6, 14))
    press(lead, say("report_submitting.submit"), -1)
    content = report_for(store, at_work.actor("dau_moi_2"), FRONT, "noi_vu", f"{key}/tong_hop").content
    assert (content.members, content.missing, content.why) == (("y_te",), ("gddt",), "Đã nhắc hai lần")
    again = opened(monkeypatch, at_work, "dau_moi_2", "bao-cao-ky", ky=key)
    choice = field(again, "selectbox", say("period_reports.of"))
    choice.select_index(next(at for at, one in enumerate(choice.options) if "Nội vụ" in one)).run()
    assert "Đã nhắc hai lần" in words(again)


def test_a_difficulty_goes_from_the_commune_to_its_answer(monkeypatch: pytest.MonkeyPatch, at_work: World) -> None:
    page = opened(monkeypatch, at_work, "xa", "kho-khan")
    press(page, say("difficulties.raise"))
    field(page, "date_input", say("difficulties.raised_on")).set_value(date(2024, 3, 4)).run()
    field(page, "text_area", say("difficulties.words")).set_value("Thiếu vốn đối ứng")
    field(page, "text_area", say("difficulties.your_proposal")).set_value("Tỉnh ứng trước")
    field(page, "text_input", say("difficulties.working_days")).set_value("5")
    press(page, say("difficulties.send"))
    assert "Chờ bạn trả lời (1)" in words(page), "it stands with the commune, which may answer"
    assert "quá hạn trả lời" in words(page)
    _pass_on(page, "UBND xã", date(2024, 3, 8), "cấp huyện")
    assert "Chờ nơi khác trả lời (1)" in words(page)
    assert say("difficulties.answer_it") not in {one.label for one in page.button}

    lead = opened(monkeypatch, at_work, "dau_moi_3", "kho-khan")
    assert "Chờ bạn trả lời (1)" in words(lead)
    _pass_on(lead, "UBND huyện", date(2024, 4, 1), "cấp tỉnh")
    assert say("difficulties.pass_on") not in {one.label for one in lead.button}
    press(lead, say("difficulties.answer_it"))
    field(lead, "text_area", say("difficulties.your_answer")).set_value("Ứng 30%")
    field(lead, "text_input", say("difficulties.who")).set_value("UBND tỉnh")
    press(lead, say("difficulties.send_answer"))
    told = words(lead)
    assert "đều đã được trả lời" in told
    assert told.index("UBND xã không") < told.index("UBND huyện không") < told.index("Ứng 30%")


def _pass_on(page: AppTest, by: str, day: date, level: str) -> None:
    """Pass the only difficulty on to this level."""
    press(page, say("difficulties.pass_on"))
    field(page, "text_area", say("difficulties.why")).set_value(f"{by} không có nguồn")
    field(page, "text_input", say("difficulties.who")).set_value(by)
    field(page, "date_input", say("difficulties.day")).set_value(day)
    press(page, say("difficulties.pass_on"), -1)
    assert f"đang ở {level}" in words(page)


def test_the_old_leader_stays_and_overlaps_are_refused(monkeypatch: pytest.MonkeyPatch, at_work: World) -> None:
    store, lead = at_work.store, at_work.actor("dau_moi_3")
    first = Assignment(unit=XA, leader="Ông An", decision="QĐ 1", start=date(2024, 1, 15))
    assign(store, lead, HELP, [first])
    page = opened(monkeypatch, at_work, "dau_moi_3", "phan-cong")
    told = words(page)
    assert "Ông An" in told
    assert "người cũ tiếp tục giúp" in told
    press(page, say("sponsoring.assign"))
    for way, there in (("alone", False), ("replaces", True)):
        field(page, "text_input", say("sponsoring.decision")).set_value("QĐ 2")
        field(page, "date_input", say("sponsoring.start")).set_value(date(2026, 1, 20)).run()
        field(page, "selectbox", say("programme_chosen.commune")).select(XA).run()
        field(page, "text_input", say("sponsoring.leader")).set_value("Bà Bình")
        field(page, "radio", say("sponsoring.way")).set_value(way)
        press(page, say("sponsoring.enter"))
        assert bool(page.error) is not there
    told = words(page)
    assert "Bà Bình" in told
    assert "người cũ tiếp tục giúp" not in told
    assert told.index("**Bà Bình**") < told.index("**Ông An**")


def test_visits_and_the_ledger_of_a_commune(monkeypatch: pytest.MonkeyPatch, at_work: World) -> None:
    given = Assignment(unit=XA, leader="Giám đốc Sở", decision="QĐ 1", start=date(2026, 1, 15), member="so")
    assign(at_work.store, at_work.actor("dau_moi_3"), HELP, [given])
    page = opened(monkeypatch, at_work, "so", "phan-cong")
    page.button_group[0].set_value("visits").run()
    assert not page.exception
    press(page, say("field_visits.announce"))
    field(page, "date_input", say("field_visits.planned_on")).set_value(date(2026, 11, 20)).run()
    field(page, "selectbox", say("programme_chosen.commune")).select(XA).run()
    field(page, "text_area", say("field_visits.content")).set_value("Kiểm tra đường liên thôn")
    field(page, "date_input", say("field_visits.announced_on")).set_value(date(2026, 11, 10))
    press(page, say("field_visits.announce"), -1)
    assert "Đã qua ngày, chưa ghi kết quả (1)" in words(page)
    press(page, say("field_visits.hold"))
    field(page, "text_area", say("field_visits.result")).set_value("Đã nghiệm thu")
    press(page, say("field_visits.hold"), -1)
    assert "Đã đi 1 chuyến, đều báo trước" in words(page)

    page.button_group[0].set_value("support").run()
    for amount in ("năm triệu", "5.000.000", "2.500.000"):
        press(page, say("support_ledger.add"))
        field(page, "selectbox", say("programme_chosen.commune")).select(XA).run()
        field(page, "text_input", say("support_ledger.in_dong")).set_value(amount)
        field(page, "text_input", say("support_ledger.source")).set_value("Công ty A")
        field(page, "text_input", say("support_ledger.purpose")).set_value("Làm đường")
        press(page, say("support_ledger.save"))
        if amount == "năm triệu":
            assert any("năm triệu" in one.value for one in page.error)
            page = opened(monkeypatch, at_work, "so", "phan-cong")
            page.button_group[0].set_value("support").run()
    assert "7.500.000" in words(page)
    field(page, "selectbox", say("support_ledger.choose")).select_index(0).run()
    press(page, say("support_ledger.withdraw"))
    field(page, "text_area", say("confirming.reason")).set_value("Ghi trùng")
    press(page, say("support_ledger.withdraw"), -1)
    told = words(page)
    assert "7.500.000" not in told
    assert "đã rút khỏi sổ: Ghi trùng" in told


def test_a_report_is_downloaded_by_those_who_may_read_it(
    monkeypatch: pytest.MonkeyPatch, at_work: World, tmp_path: Path
) -> None:
    app = around(monkeypatch, at_work.store, tmp_path)
    place = f"/so-bao-cao/{STATE}/vp/bao_cao_quy/2021-Q2/nop.xlsx"
    for name in ("vp", "dau_moi"):
        answer = Browser(app, session(at_work.store, name)).get(place)
        assert (answer.status_code, load_workbook(BytesIO(answer.content)).sheetnames != []) == (200, True)
        assert "bao-cao-vp-bao-cao-quy-2021-Q2.xlsx" in answer.headers["content-disposition"]
    for name in ("phong", "y_te", "nguoi_la"):
        assert Browser(app, session(at_work.store, name)).get(place).status_code == 404
    assert say("server.refused") in Browser(app).get(place).text


def test_a_document_is_handed_in_with_its_file_and_given_to_those_who_may_read_it(
    monkeypatch: pytest.MonkeyPatch, at_work: World, tmp_path: Path
) -> None:
    app = around(monkeypatch, at_work.store, tmp_path)
    made = BytesIO()
    Image.new("RGB", (200, 280), "white").save(made, "PDF")
    files, page_one = files_in(tmp_path), made.getvalue()
    document, about = Document("Biên bản"), (STATE, "phong", "1.1")

    def hand_in(name: str) -> str:
        return hand_in_document(
            at_work.store, files, at_work.actor(name), *about, document, BytesIO(page_one), "bb.pdf"
        )

    assert refusal(lambda: hand_in("vp")) == NOT_FOUND
    id = hand_in("phong")  # noqa: A001 - the column is called so
    (row,) = documents_for(at_work.store, at_work.actor("phong"), STATE, "phong")
    assert (row["id"], row["file_name"], row["kind"]) == (id, "bb.pdf", "pdf")
    for name in ("phong", "dau_moi"):
        answer = Browser(app, session(at_work.store, name)).get(f"/tai-lieu/{id}")
        assert (answer.status_code, answer.content) == (200, page_one)
        assert answer.headers["content-disposition"].startswith("attachment")
    for name in ("vp", "y_te"):
        assert Browser(app, session(at_work.store, name)).get(f"/tai-lieu/{id}").status_code == 404
    assert "bb.pdf" in words(opened(monkeypatch, at_work, "phong", "bao-cao-ky"))
