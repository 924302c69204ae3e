"""What the leading office and a commune do in a programme: ask for reports, change members, answer, import, look back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.record import rows
from chamdiem.errors import Refusal
from chamdiem.office.asking import Wish, ask_report, asked_for, take_back
from chamdiem.office.closing import close_programme, reopen_programme
from chamdiem.office.difficulties import Raised, answer, difficulties_for, escalate, raise_difficulty, steps_of
from chamdiem.office.members import change_member, end_membership, member_of
from chamdiem.office.programmes_begun import Beginning, Member, begin_programme, set_day, set_members
from chamdiem.office.report_rows import owed_for
from chamdiem.office.reporting import write_words
from chamdiem.office.submitting import submit_report
from chamdiem.office.support import ledger_for, total
from chamdiem.office.support_importing import blank_ledger, enter_ledger, preview_ledger
from chamdiem.store import tables
from chamdiem.store.door import Order, Transaction
from chamdiem.words import say, use_language
from contest_world import NOT_FOUND, World, refusal, world
from field_world import HOA_TAN, TAP_SON, put_units
from screens import opened
from screens import words as marked_up

FRONT, HELP = "de-an-02", "giup-xa"
LAW = "de-an-02-tuyen-quang-2022"
TODAY, LATER = date(2026, 11, 22), date(2026, 12, 3)
PEOPLE = {
    "dau_moi": ("programme_lead", FRONT, ""), "dau_moi_2": ("programme_lead", HELP, ""),
    "y_te": ("programme_officer", FRONT, "y_te"), "so": ("programme_officer", HELP, "so"),
    "xa": ("programme_officer", HELP, "xa"), "xa_khac": ("programme_officer", HELP, "xa_khac"),
}  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world("people", tmp_path_factory.mktemp("lead")) as made:
        put_units(made.store)
        made.store.write(Order("system", "account.create"), _people)
        span = {"period_from": date(2026, 1, 1), "period_to": date(2026, 12, 31)}
        begin_programme(made.store, SYSTEM, Beginning(id=FRONT, source=LAW, title="Đề án 02", **span))
        begin_programme(made.store, SYSTEM, Beginning(id=HELP, source="giup-do-xa-mtqg-2023", title="Giúp xã", **span))
        set_members(made.store, SYSTEM, FRONT, [
            Member(code="noi_vu", name="Sở Nội vụ", office="so_noi_vu"),
            Member(code="y_te", name="Sở Y tế", office="cac_co_quan", above="noi_vu"),
            Member(code="gddt", name="Sở Giáo dục", office="cac_co_quan", above="noi_vu"),
        ])  # fmt: skip
        set_members(made.store, SYSTEM, HELP, [
            Member(code="so", name="Sở Nội vụ", office="so_noi_vu"),
            Member(code="xa", name="Xã Tập Sơn", office="cac_xa", unit=TAP_SON),
            Member(code="xa_khac", name="Xã Hòa Tân", office="cac_xa", unit=HOA_TAN),
        ])  # fmt: skip
        yield made


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chamdiem.clock.today", lambda: TODAY)


def _people(transaction: Transaction) -> None:
    for name, (role, programme, member) in PEOPLE.items():
        transaction.put(tables.account, name, {"status": "active"})
        transaction.put(tables.person, name, {"login": name, "name": f"Người {name}"})
        about = {"account": name, "role": role, "contest": programme, "unit": member}
        transaction.put(tables.grant, f"{name}/{role}", about)


def words(page: AppTest) -> str:
    html = "\n".join(str(one.value) for one in page.get("html"))
    return f"{marked_up(page)}\n{html}\n".replace("\\", "") + "\n".join(str(one.value) for one in page.text)


def press(page: AppTest, label: str, nth: int = 0) -> AppTest:
    [one for one in page.button if one.label == label][nth].click().run()
    assert not page.exception, [str(one.value) for one in page.exception]
    return page


def field(page: AppTest, kind: str, label: str):  # type: ignore[no-untyped-def]
    return [one for one in getattr(page, kind) if one.label == label][-1]


def wrong(raised: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [problem.message.id for problem in raised.value.problems]


# reports on request ---------------------------------------------------------------------------------------------


def test_a_report_is_asked_for_seen_and_handed_in_late(monkeypatch: pytest.MonkeyPatch, office: World) -> None:
    store, lead, officer = office.store, office.actor("dau_moi"), office.actor("y_te")
    page = press(opened(monkeypatch, office, "dau_moi", "bao-cao-ky"), say("asking.ask"))
    field(page, "multiselect", say("asking.by")).set_value(["cac_co_quan"])
    field(page, "text_input", say("asking.subject")).set_value("Dịch sởi")
    field(page, "text_area", say("asking.content")).set_value("Số ca, số xã có ca, đã làm gì")
    field(page, "date_input", say("asking.until")).set_value(date(2026, 12, 1))
    press(page, say("asking.send"))
    ((key, asked),) = asked_for(store, officer, FRONT).items()
    assert (key, asked.until, asked.subject) == (f"{LAW}/dot_xuat/2026-11-22/1", date(2026, 12, 1), "Dịch sởi")
    owed = [one for one in owed_for(store, lead, FRONT) if one.due.key == key]
    assert {one.member["code"] for one in owed if one.member} == {"gddt", "y_te"}

    seen = words(opened(monkeypatch, office, "y_te", "bao-cao-ky", ky=key.partition("/")[2]))
    assert "Số ca, số xã có ca, đã làm gì" in seen
    assert "Yêu cầu ngày 22/11/2026, hạn nộp 01/12/2026" in seen
    assert "Báo cáo đột xuất: Dịch sởi" in words(opened(monkeypatch, office, "y_te", "lich-bao-cao"))
    assert "Báo cáo đột xuất: Dịch sởi" in words(opened(monkeypatch, office, "y_te", "tong-quan")), "it waits for him"

    write_words(store, officer, FRONT, "y_te", key, {"result": "12 ca ở 3 xã"})
    why = "Không có số liệu riêng"
    receipt = submit_report(store, officer, FRONT, "y_te", [key], on=LATER, today=LATER, why=why)
    assert (receipt.deliveries[key].word, receipt.deliveries[key].days) == ("late", 2)
    monkeypatch.setattr("chamdiem.clock.today", lambda: LATER)
    seen = words(opened(monkeypatch, office, "dau_moi", "bao-cao-ky", ky=key.partition("/")[2]))
    assert "muộn 2 ngày" in seen
    assert "quá hạn" in seen.lower()
    assert say("awaiting.to_take", n=1) in words(opened(monkeypatch, office, "dau_moi", "tong-quan"))
    assert "Dịch sởi" not in words(opened(monkeypatch, office, "y_te", "tong-quan"))
    with pytest.raises(Refusal) as no:
        take_back(store, lead, FRONT, key, "Không cần nữa")
    assert wrong(no) == ["asking.answered"]


def test_what_is_asked_for_badly_is_refused_whole_and_can_be_taken_back(office: World) -> None:
    store, lead = office.store, office.actor("dau_moi")
    before = asked_for(store, lead, FRONT)
    for wish, told in (
        (Wish(until=date(2026, 11, 21), subject=" "), ["field.missing", "field.missing", "asking.day_gone"]),
        (Wish(until=date(2027, 1, 1), subject="a", by=["cac_co_quan"]), ["asking.after_end"]),
        (Wish(until=TODAY, subject="a", by=["ubnd_tinh"]), ["asking.nobody"]),
        (Wish(until=TODAY, subject="a", duty="nop_hang_ngay", stage="x"), ["asking.unknown"]),
    ):
        with pytest.raises(Refusal) as no:
            ask_report(store, lead, FRONT, wish, today=TODAY)
        assert wrong(no) == told
    assert asked_for(store, lead, FRONT) == before
    good = Wish(until=TODAY, subject="Giữa năm", duty="bao_cao_dot_xuat", stage="tong_hop")
    assert refusal(lambda: ask_report(store, office.actor("y_te"), FRONT, good, today=TODAY)) == NOT_FOUND
    with pytest.raises(Refusal) as no:
        set_day(store, lead, FRONT, f"{LAW}/dot_xuat/2026-11-22/9", TODAY)
    assert wrong(no) == ["programme.no_such_due"], "nobody is said to answer it"
    key = ask_report(store, lead, FRONT, good, today=TODAY)
    assert [one.member and one.member["code"] for one in owed_for(store, lead, FRONT) if one.due.key == key] == [
        "noi_vu"
    ]
    with pytest.raises(Refusal) as no:
        ask_report(store, lead, FRONT, good, today=TODAY)
    assert wrong(no) == ["asking.twice"]
    take_back(store, lead, FRONT, key, "Đã có trong báo cáo năm")
    assert asked_for(store, lead, FRONT) == before


# the month ------------------------------------------------------------------------------------------------------


def test_a_month_names_days_off_and_says_how_each_report_stands(monkeypatch: pytest.MonkeyPatch, office: World) -> None:
    page = opened(monkeypatch, office, "dau_moi", "lich-bao-cao")
    page.button_group[0].set_value("grid").run()
    assert not page.exception
    field(page, "selectbox", say("calendar.month_asked")).set_value("m9").run()
    (month,) = [str(one.value) for one in page.get("html") if 'class="lich"' in str(one.value)]
    days = month.split("<td")[1:]
    assert len(days) == 35
    assert ['datetime="2026-09-01"' in one for one in days].index(True) == 1, "a Tuesday"
    (national_day,) = [one for one in days if 'datetime="2026-09-02"' in one]
    assert say("calendar.holiday") in national_day
    field(page, "selectbox", say("calendar.month_asked")).set_value("m12").run()
    (month,) = [str(one.value) for one in page.get("html") if 'class="lich"' in str(one.value)]
    (fourth,) = [one for one in month.split("<td") if 'datetime="2026-12-04"' in one]
    assert say("calendar.mark.open", n=0, of=2) in fourth, "before 05/12 is until the 4th"
    assert "/bao-cao-ky?chuong-trinh=de-an-02" in fourth


def test_a_programme_is_closed_with_what_is_missing_and_reopened(
    monkeypatch: pytest.MonkeyPatch, office: World
) -> None:
    def members() -> AppTest:
        page = opened(monkeypatch, office, "dau_moi_2", "chuong-trinh", **{"chuong-trinh": HELP})
        return page.button_group[0].set_value("members").run()

    page = press(members(), say("closing.close"))
    assert say("closing.missing") in words(page)
    press(page, say("closing.close"), -1)
    assert [one.value.replace("\\", "") for one in page.error] == [say("contest.needs_reason")]
    field(page, "text_area", say("confirming.reason")).set_value("Hết năm")
    press(page, say("closing.close"), -1)
    raised = Raised(unit=TAP_SON, words="x", proposal="y", on=TODAY, member="xa")
    with pytest.raises(Refusal) as no:
        raise_difficulty(office.store, office.actor("xa"), HELP, raised, today=TODAY)
    assert wrong(no) == ["programme.is_closed"]
    assert not [
        one for one in opened(monkeypatch, office, "xa", "kho-khan").button if one.label == say("difficulties.raise")
    ]

    page = members()
    assert say("programmes.add_member") not in [one.label for one in page.button], "nothing is added to what is closed"
    page = press(page, say("closing.reopen"))
    field(page, "text_area", say("confirming.reason")).set_value("Bổ sung báo cáo năm")
    press(page, say("closing.reopen"), -1)
    with office.store.read() as connection:
        assert rows(connection, tables.programme, id=HELP)[0]["status"] == "running"
    for do in (partial(close_programme, today=TODAY), reopen_programme):
        with pytest.raises(Refusal) as no:
            do(office.store, office.actor("xa"), HELP, "x")
        assert wrong(no) == ["permission.not_found"]


# members --------------------------------------------------------------------------------------------------------


def test_a_member_is_changed_with_a_reason_or_ended(monkeypatch: pytest.MonkeyPatch, office: World) -> None:
    store, lead = office.store, office.actor("dau_moi")
    page = opened(monkeypatch, office, "dau_moi", "chuong-trinh", **{"chuong-trinh": FRONT})
    page.button_group[0].set_value("members").run()
    assert "Người y_te" in words(page)
    field(page, "selectbox", say("programmes.member")).set_value("gddt").run()
    press(page, say("programmes.change"))
    field(page, "text_input", say("programmes.member")).set_value("Sở Giáo dục và Đào tạo")
    press(page, say("programmes.change"), -1)
    assert [one.value.replace("\\", "") for one in page.error] == [say("contest.needs_reason")]
    field(page, "text_area", say("confirming.reason")).set_value("Ghi đúng tên")
    press(page, say("programmes.change"), -1)
    assert "Sở Giáo dục và Đào tạo" in words(page)

    with store.read() as connection:
        known = {row["code"]: row for row in rows(connection, tables.programme_member, programme=FRONT)}
    reported, quiet = member_of(known["y_te"]), member_of(known["gddt"])
    for do, told in (
        (lambda: change_member(store, lead, FRONT, quiet, ""), ["field.missing", "support.nothing_changed"]),
        (lambda: end_membership(store, lead, FRONT, "noi_vu", TODAY, "Sáp nhập"), ["member.others_below"]),
        (lambda: end_membership(store, lead, FRONT, "y_te", date(2026, 11, 1), "Sáp nhập"), ["member.reported_later"]),
    ):
        with pytest.raises(Refusal) as no:
            do()
        assert wrong(no) == told
    with pytest.raises(Refusal) as no:
        change_member(store, lead, FRONT, replace(reported, office="so_noi_vu"), "Nhầm")
    assert wrong(no) == ["member.reported"]
    assert refusal(lambda: end_membership(store, office.actor("y_te"), FRONT, "gddt", TODAY, "x")) == NOT_FOUND
    end_membership(store, lead, FRONT, "gddt", date(2026, 6, 30), "Sáp nhập sở")
    owed = [one for one in owed_for(store, lead, FRONT) if one.member and one.member["code"] == "gddt"]
    assert owed
    assert all((one.due.last or date.max) <= date(2026, 6, 30) for one in owed), "what falls later it owes no more"


# difficulties ---------------------------------------------------------------------------------------------------


def test_a_commune_answers_at_its_level_and_sees_what_came_of_it_above(
    monkeypatch: pytest.MonkeyPatch, office: World
) -> None:
    store, commune = office.store, office.actor("xa")
    about = {"unit": TAP_SON, "on": date(2026, 10, 5), "proposal": "Bố trí vốn"}
    first = raise_difficulty(store, office.actor("so"), HELP, Raised(words="Thiếu nước sạch", **about), today=TODAY)
    second = raise_difficulty(store, office.actor("so"), HELP, Raised(words="Đường hỏng", **about), today=TODAY)
    for name in ("so", "xa_khac"):
        said = partial(answer, store, office.actor(name), first, "Rồi", by="ai đó", on=TODAY, today=TODAY)
        assert refusal(said) == NOT_FOUND, f"{name} does not work for this commune"
    page = press(opened(monkeypatch, office, "xa", "kho-khan"), say("difficulties.answer_it"))
    field(page, "text_area", say("difficulties.your_answer")).set_value("Xã đã nối ống nước")
    press(page, say("difficulties.send_answer"))
    (row,) = [row for row in difficulties_for(store, commune, HELP) if row["status"] == "answered"]
    (step,) = steps_of(row)
    assert (step.level, step.answer, step.answered_by) == ("commune", "Xã đã nối ống nước", "Xã Tập Sơn")

    left = second if row["id"] == first else first
    assert escalate(store, commune, left, "Vượt khả năng", by="UBND xã", on=TODAY, today=TODAY) == "province"
    again = partial(answer, store, commune, left, "Thôi", by="UBND xã", on=TODAY, today=TODAY)
    assert refusal(again) == NOT_FOUND, "it stands with the province now"
    answer(store, office.actor("dau_moi_2"), left, "Cấp 2 tỷ đồng", by="UBND tỉnh", on=TODAY, today=TODAY)
    seen = words(opened(monkeypatch, office, "xa", "kho-khan"))
    assert "Cấp tỉnh, 22/11/2026 (UBND tỉnh): Cấp 2 tỷ đồng" in seen
    assert "Vượt khả năng" in seen


# the ledger from a workbook -------------------------------------------------------------------------------------


def filled(path: Path, office: World, lines: list[tuple[object, ...]], language: str = "vi") -> Path:
    """The blank ledger with these rows in it: code, name, day, kind, amount, measure, goods, worth, from, for, member."""
    use_language(language)
    try:
        now = datetime(2026, 11, 22, tzinfo=UTC)
        blank_ledger(office.store, office.actor("dau_moi_2"), HELP, path, today=TODAY, now=now)
    finally:
        use_language("vi")
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for at, row in enumerate(lines, 4):
        for column, value in enumerate(row, 1):
            sheet.cell(at, column, value)
    book.save(path)
    return path


GIVEN = [
    (
        TAP_SON,
        "Xã Tập Sơn",
        date(2026, 5, 8),
        "Tiền",
        50_000_000,
        None,
        None,
        None,
        "Sở Nội vụ",
        "Nhà tình nghĩa",
        "so",
    ),
    (TAP_SON, None, "09/05/2026", "ngày công", "12,5", None, None, None, "Đoàn xã", "Làm đường", None),
    (TAP_SON, None, date(2026, 5, 9), "Hiện vật", 30, "bao", "Xi măng", 2_700_000, "Công ty A", "Làm đường", None),
]


def test_a_ledger_is_filled_in_looked_at_and_entered_once(office: World, tmp_path: Path) -> None:
    store, lead = office.store, office.actor("dau_moi_2")
    before = total(ledger_for(store, lead, HELP))
    path = filled(tmp_path / "so.xlsx", office, GIVEN)
    lines = preview_ledger(store, lead, HELP, [path], today=TODAY)
    assert [(line.place, line.known) for line in lines] == [(f"Sổ hỗ trợ, A{n}", False) for n in (4, 5, 6)]
    assert total(ledger_for(store, lead, HELP)) == before, "a preview enters nothing"
    assert enter_ledger(store, lead, HELP, lines, [path]) == 3
    ledger = total(ledger_for(store, lead, HELP))
    assert (ledger.money - before.money, str(ledger.labour - before.labour)) == (50_000_000, "25/2")
    assert ledger.goods == {("Xi măng", "bao"): 30}
    assert enter_ledger(store, lead, HELP, lines, [path]) == 0
    english = filled(tmp_path / "en.xlsx", office, GIVEN, "en")
    assert all(line.known for line in preview_ledger(store, lead, HELP, [english], today=TODAY))
    double = preview_ledger(store, lead, HELP, [path, filled(tmp_path / "b.xlsx", office, GIVEN[:1])], today=TODAY)
    assert [line.known for line in double] == [True, True, True, False], "given twice, so it is new"


def test_everything_wrong_in_a_ledger_is_told_at_its_cell_and_nothing_is_entered(office: World, tmp_path: Path) -> None:
    store = office.store
    before = len(ledger_for(store, office.actor("dau_moi_2"), HELP))
    lines = [
        (TAP_SON, "Xã Đồng Tâm", "31/02/2026", "vàng", "nhiều", None, None, None, None, "x", "Sở Y tế"),
        ("99999", None, date(2027, 1, 1), "Tiền", 1, "tấn", None, None, "a", "b", None),
        (TAP_SON, None, date(2026, 5, 8), "Tiền", "=1/0", None, None, None, "a", "b", "so"),
    ]
    path = filled(tmp_path / "sai.xlsx", office, lines)
    with pytest.raises(Refusal) as no:
        preview_ledger(store, office.actor("dau_moi_2"), HELP, [path], today=TODAY)
    told = {(one.where.cell, one.message.id) for one in no.value.problems}
    assert told >= {
        ("C4", "ledger.no_day"), ("D4", "field.unknown"), ("I4", "field.missing"), ("K4", "field.unknown_member"),
        ("A4", "ledger.other_name"), ("A5", "lineage.no_commune"), ("C5", "field.day_to_come"), ("F5", "support.goods_alone"),
        ("E6", "field.not_whole"),
    }  # fmt: skip
    assert {one.where.sheet for one in no.value.problems} == {"Sổ hỗ trợ"}
    with pytest.raises(Refusal) as no:
        preview_ledger(store, office.actor("xa"), HELP, [filled(tmp_path / "x.xlsx", office, GIVEN)], today=TODAY)
    assert ("K4", "ledger.not_his") in {(one.where.cell, one.message.id) for one in no.value.problems}
    book = load_workbook(path)
    book.worksheets[0].delete_cols(9)
    book.save(path)
    with pytest.raises(Refusal) as no:
        preview_ledger(store, office.actor("dau_moi_2"), HELP, [path], today=TODAY)
    assert wrong(no) == ["ledger.no_columns"]
    assert refusal(lambda: preview_ledger(store, office.actor("y_te"), HELP, [path], today=TODAY)) == NOT_FOUND
    assert len(ledger_for(store, office.actor("dau_moi_2"), HELP)) == before


def test_the_page_shows_what_a_ledger_would_add_before_it_does(
    monkeypatch: pytest.MonkeyPatch, office: World, tmp_path: Path
) -> None:
    page = opened(monkeypatch, office, "so", "phan-cong")
    page.button_group[0].set_value("support").run()
    row = (TAP_SON, None, date(2026, 6, 1), "Tiền", 7_000_000, None, None, None, "Ngân hàng B", "Học bổng", None)
    path = filled(tmp_path / "moi.xlsx", office, [row])
    page.file_uploader[0].set_value([("moi.xlsx", path.read_bytes(), "application/octet-stream")]).run()
    assert not page.exception
    assert say("ledger.count", new=1, known=0) in words(page)
    press(page, say("ledger.enter", n=1))
    assert "Ngân hàng B" in words(page)


# the journal ----------------------------------------------------------------------------------------------------


def test_the_lead_reads_the_journal_of_his_programme_alone(monkeypatch: pytest.MonkeyPatch, office: World) -> None:
    page = opened(monkeypatch, office, "dau_moi", "nhat-ky")
    seen = words(page) + "\n".join(str(one.value) for one in page.get("html"))
    assert say("programme.begin") in seen
    assert say("support.record") not in seen
    assert not opened(monkeypatch, office, "y_te", "nhat-ky").get("html")
