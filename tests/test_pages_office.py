"""The office at its screens: a contest made, filled, led, reconciled and published without a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from builders import criteria, leaf
from chamdiem.contest import decisions, importing, publication
from chamdiem.contest.contests import (
    Plan,
    add_units,
    create_contest,
    due_days,
    next_step,
    proposed_id,
    set_deadlines,
)
from chamdiem.contest.differences import differences_for
from chamdiem.contest.directory import accounts_for, people_for
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import contest_row, rows
from chamdiem.contest.seating import seating_for
from chamdiem.contest.standings import publications_for
from chamdiem.criteria import amending, library
from chamdiem.criteria.editions import content_hash, structure_hash
from chamdiem.pages import listing
from chamdiem.pages.contest_units import aim
from chamdiem.pages.criteria_editions import EDITED, UPLOADED
from chamdiem.pages.received import safe_name
from chamdiem.store import tables
from chamdiem.store.journal import spelled
from chamdiem.words import say, shown
from contest_world import CRITERIA, NOT_FOUND, TODAY, UNITS, World, answers, refusal, world
from filled_sheets import table
from screens import opened
from screens import words as marked_up

HEADS = ("Mã đơn vị", "Mã tiêu chí", "Trả lời", "Vòng chấm", "Mã giám khảo", "Ghi chú")


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[World]:
    with world("draft", tmp_path) as made:
        yield made


@pytest.fixture
def review(tmp_path: Path) -> Iterator[World]:
    with world("review", tmp_path) as made:
        yield made


def press(page: AppTest, key: str) -> AppTest:
    """Press a button; the page must bear it."""
    page.button(key=key).click().run()
    assert not page.exception, [str(one.value) for one in page.exception]
    return page


def words(page: AppTest) -> str:
    """All text of a page as it is read."""
    return marked_up(page).replace("\\", "")


def keys(page: AppTest) -> set[str]:
    return {str(one.key) for one in page.button}


def shown_tables(page: AppTest) -> str:
    return "\n".join(one.value for one in page.get("html"))


def column(page: AppTest, name: str) -> list[str]:
    """What stands under a heading in the first table that has it."""
    tree = next(html for one in page.get("html") if f">{name}</th>" in (html := one.value))
    at = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', tree).index(name)
    rows = re.findall(r"<tr>(.*?)</tr>", tree.split("<tbody>")[1], re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)[at] for row in rows]


def stands(w: World, contest: str) -> dict[str, object]:
    with w.store.read() as connection:
        return contest_row(connection, contest)


# contests --------------------------------------------------------------------------------------------------------


def test_an_organiser_begins_a_contest_and_leads_it_to_the_first_step(
    monkeypatch: pytest.MonkeyPatch, draft: World
) -> None:
    page = press(opened(monkeypatch, draft, "to_chuc", "dot-cham"), "begin")
    page.text_input(key="begin:title").set_value('Thi đua "Đồng Vương" năm 2024').run()
    press(page, "begin:do")
    assert say("begin.no_criteria") in words(page)
    page.selectbox(key="begin:criteria").set_value(CRITERIA)
    page.date_input(key="begin:from").set_value(date(2024, 3, 1))
    page.date_input(key="begin:to").set_value(date(2024, 2, 1))
    page.multiselect(key="begin:without").set_value([Phase.APPRAISAL])
    press(page, "begin:do")
    assert "01/02/2024" in words(page)  # refused, and nothing that was typed is lost
    page.date_input(key="begin:to").set_value(date(2024, 10, 30))
    press(page, "begin:do")
    made = stands(draft, "thi-dua-dong-vuong-nam-2024")
    assert (made["title"], made["phase"], made["optional_phases"]) == (
        'Thi đua "Đồng Vương" năm 2024', "draft", "appraisal",
    )  # fmt: skip
    assert 'Thi đua "Đồng Vương" năm 2024' in [one.value.replace("\\", "") for one in page.subheader]


def test_a_contest_is_founded_on_an_edition_that_was_uploaded_or_edited_or_is_in_use(
    monkeypatch: pytest.MonkeyPatch, draft: World
) -> None:
    text = amending.amended(library.text_of(CRITERIA), {}, version="2", status="illustrative")
    edited = amending.amended(text, {}, version="3", status="illustrative")
    laws = {name: library.read(words, name) for name, words in (("a.yaml", text), ("b.yaml", edited))}
    page = opened(monkeypatch, draft, "to_chuc", "dot-cham")
    page.session_state[UPLOADED], page.session_state[EDITED] = ("a.yaml", text), ("b.yaml", edited)
    for name, law in laws.items():
        page = press(page.run(), "begin")
        page.text_input(key="begin:title").set_value(f"Thi theo {name}").run()
        page.selectbox(key="begin:criteria").set_value(content_hash(law))
        press(page, "begin:do")
        made = stands(draft, f"thi-theo-{name.replace('.', '-')}")
        assert (made["criteria"], made["structure_hash"]) == (content_hash(law), structure_hash(law))
    again = press(opened(monkeypatch, draft, "to_chuc", "dot-cham"), "begin")  # another session, nothing uploaded
    again.text_input(key="begin:title").set_value("Thi lần nữa").run()
    again.selectbox(key="begin:criteria").set_value(content_hash(laws["b.yaml"]))
    press(again, "begin:do")
    assert stands(draft, "thi-lan-nua")["criteria"] == content_hash(laws["b.yaml"])


def test_units_are_taken_in_by_search_and_by_codes_and_a_step_waits_for_them(
    monkeypatch: pytest.MonkeyPatch, draft: World
) -> None:
    page = opened(monkeypatch, draft, "to_chuc", "dot-cham", muc="don-vi")
    page.text_input(key="members:search:text").set_value("dong vuong").run()
    page.multiselect(key="members:chosen:dong vuong").set_value(["07255@2025-06-30"]).run()
    press(page, "members:add")
    assert "07255" in {row["code"] for row in draft.all_rows("contest_unit")}
    page.text_area(key="members:codes:text").set_value("07252, 99999")
    page.button(key="FormSubmitter:members:codes-" + say("members.add_codes")).click().run()
    assert "99999" in words(page)
    assert "07252" not in {row["code"] for row in draft.all_rows("contest_unit")}  # nothing half-done

    steps = opened(monkeypatch, draft, "to_chuc", "dot-cham")
    assert steps.button(key="advance").disabled
    assert "4 đơn vị chưa đăng ký" in words(steps)

    page = press(opened(monkeypatch, draft, "to_chuc", "dot-cham", muc="don-vi"), "members:same_aim")
    page.selectbox(key="members:all:low").set_value(3)
    page.selectbox(key="members:all:high").set_value(4)
    press(page, "members:same_aim:yes")
    press(page, "members:approve_all")
    found = draft.all_rows("contest_unit")
    assert {(row["target_low"], row["target_high"], row["status"]) for row in found} == {(3, 4, "approved")}
    with draft.store.read() as connection:
        orders = select(tables.event.c.action, tables.event.c.at).distinct()
        acts = [row.action for row in connection.execute(orders.where(tables.event.c.contest == "k"))]
    assert (acts.count("registration.enter"), acts.count("registration.approve")) == (1, 1), "all of them, or none"

    steps = press(opened(monkeypatch, draft, "to_chuc", "dot-cham"), "advance")
    press(steps, "advance:yes")
    assert stands(draft, "k")["phase"] == "self_assessment"


@pytest.mark.parametrize(
    ("columns", "letters", "cards"), [(2, 200, False), (3, 80, False), (3, 81, True), (4, 12, False), (5, 13, True)]
)
def test_a_telephone_shows_cards_where_texts_have_no_room(
    monkeypatch: pytest.MonkeyPatch, columns: int, letters: int, cards: bool
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(listing.st, "html", shown.append)
    listing.listing([{str(at): "x" * letters for at in range(columns)}], "bảng")
    assert ('class="bang xep"' in shown[0]) is cards


def test_an_aim_is_called_as_its_class_is() -> None:
    bands = [{"stars": 2, "from": 8, "title": "Tốt"}, {"stars": 1, "from": 5, "title": "Khá"}]
    titled, drawn = (
        criteria(leaf("x", 10), stars={"on": "base", "when_condition_fails": "next_lower", "bands": each})
        for each in (bands, [{**band, "title": None} for band in bands])
    )
    assert [aim(titled, target) for target in ((0, 0), (2, 2), (1, 2))] == ["", "Tốt", "Khá – Tốt"]
    assert [aim(drawn, target) for target in ((2, 2), (1, 2))] == ["★★", "★ – ★★"]


def test_a_registration_is_sent_back_and_a_unit_withdrawn_only_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, draft: World
) -> None:
    draft.register()
    page = opened(monkeypatch, draft, "to_chuc", "dot-cham", muc="don-vi")
    page.selectbox(key="members:unit").set_value(UNITS[0]).run()
    press(page, f"members:k:{UNITS[0]}:withdraw")
    press(page, f"members:withdraw:{UNITS[0]}:yes")
    assert say("contest.needs_reason") in words(page)
    page.text_area(key=f"members:withdraw:{UNITS[0]}:reason").set_value("Sáp nhập")
    press(page, f"members:withdraw:{UNITS[0]}:yes")
    entry = next(row for row in draft.all_rows("contest_unit") if row["code"] == UNITS[0])
    assert (entry["status"], entry["reason"]) == ("withdrawn", "Sáp nhập")


def test_deadlines_are_kept_in_the_order_of_the_phases(monkeypatch: pytest.MonkeyPatch, draft: World) -> None:
    page = opened(monkeypatch, draft, "to_chuc", "dot-cham", muc="thoi-han")
    version = stands(draft, "k")["version"]
    asked = [
        box.label for box in page.date_input if str(box.key).startswith("deadline:")
    ]  # so they stand on a telephone
    assert asked == [say(f"phase.{phase}") for phase in Phase if say(f"phase.{phase}") in asked]
    save = "FormSubmitter:deadlines-" + say("deadlines.save")
    page.date_input(key=f"deadline:k:{version}:self_assessment").set_value(date(2024, 9, 30))
    page.date_input(key=f"deadline:k:{version}:judging").set_value(date(2024, 9, 1))
    press(page, save)
    assert say("contest.deadlines_order") in words(page)
    page.date_input(key=f"deadline:k:{version}:judging").set_value(date(2024, 10, 15))
    press(page, save)
    days = {Phase.SELF_ASSESSMENT: date(2024, 9, 30), Phase.JUDGING: date(2024, 10, 15)}
    assert due_days(stands(draft, "k")) == days


def test_a_sheet_comes_in_after_a_preview_and_never_over_what_changed_since(
    monkeypatch: pytest.MonkeyPatch, draft: World, tmp_path: Path
) -> None:
    draft.put_in(Phase.SELF_ASSESSMENT)
    draft.mark("thu_ky", UNITS[0], {"1.5": "1"}, "self")
    lines = [(UNITS[0], code, said, "tự chấm", "", "") for code, said in answers("self", UNITS[0]).items()]
    good = table(tmp_path / "phieu.csv", HEADS, *lines)
    bad = table(
        tmp_path / "sai.csv", HEADS, (UNITS[0], "1.5", "99", "tự chấm", "", ""), ("07999", "1.1", "1", "", "", "")
    )

    page = opened(monkeypatch, draft, "thu_ky", "dot-cham", muc="nhap-phieu")
    page.file_uploader(key="import:k:files").set_value([("sai.csv", bad.read_bytes(), "text/csv")]).run()
    assert page.error
    assert all(one.value.startswith("sai") for one in page.error)  # not where it lay on disk
    assert say("import.nothing_entered") in words(page)
    assert "import:enter" not in keys(page)

    page.file_uploader(key="import:k:files").set_value([("phieu.csv", good.read_bytes(), "text/csv")]).run()
    expected = importing.preview_import(draft.store, draft.actor("thu_ky"), "k", [good])
    counts = {kind: sum(line.kind == kind for line in expected) for kind in ("new", "changed", "same")}
    assert counts["changed"] == 1
    assert [one.value for one in page.metric] == [shown(counts[kind]) for kind in ("new", "changed", "same")]
    draft.mark("thu_ky", UNITS[0], {"1.5": "2"}, "self")  # somebody else types meanwhile
    press(page, "import:enter")
    assert page.error
    assert {row["answer"] for row in draft.all_rows("mark")} == {"2"}  # nothing half-applied

    page.run()  # looked up anew
    press(page, "import:enter")
    said = {row["criterion"]: row["answer"] for row in draft.all_rows("mark")}
    assert said == answers("self", UNITS[0])


# people ----------------------------------------------------------------------------------------------------------


def test_an_account_is_made_and_its_first_password_shown_once(monkeypatch: pytest.MonkeyPatch, draft: World) -> None:
    page = press(opened(monkeypatch, draft, "quan_tri", "tai-khoan"), "accounts:create")
    page.text_input(key="accounts:new:login").set_value("to chuc")
    page.text_input(key="accounts:new:name").set_value("Nguyễn Thị <b>Hòa</b>")
    page.selectbox(key="accounts:new:role").set_value("commune_assessor").run()
    page.text_input(key="accounts:new:unit:text").set_value("xuan luong").run()
    press(page, "accounts:create:yes")
    assert "to chuc" in words(page)  # a login without spaces is asked for; the rest stays as typed
    page.text_input(key="accounts:new:login").set_value("Hoa.NT")
    press(page, "accounts:create:yes")
    made = next(one for one in accounts_for(draft.store, draft.actor("quan_tri")) if one.login == "hoa.nt")
    assert (made.name, made.first, made.active) == ("Nguyễn Thị <b>Hòa</b>", True, True)
    assert [(grant.role, grant.contest, grant.unit) for grant in made.grants] == [("commune_assessor", "k", "07249")]
    (word,) = [one.value for one in page.code]
    assert len(word.replace("-", "")) == 16
    press(page, "accounts:hide")
    assert not page.code
    assert word not in words(page)

    page.selectbox(key="accounts:one").set_value("hoa.nt").run()
    press(page, "accounts:hoa.nt:close")
    page.text_area(key="accounts:hoa.nt:close:reason").set_value("Chuyển công tác")
    press(page, "accounts:hoa.nt:close:yes")
    closed = next(one for one in accounts_for(draft.store, draft.actor("quan_tri")) if one.login == "hoa.nt")
    assert not closed.active


def test_the_panel_is_seated_assigned_and_warned_about(monkeypatch: pytest.MonkeyPatch, draft: World) -> None:
    page = press(opened(monkeypatch, draft, "thu_ky", "hoi-dong"), "jury:conflict")
    page.selectbox(key="jury:conflict:who").set_value("giam_khao_1")
    page.selectbox(key="jury:conflict:unit").set_value(UNITS[1])
    page.text_area(key="jury:conflict:reason").set_value("Con trai làm ở đó")
    press(page, "jury:conflict:yes")
    assert [(row["account"], row["unit"]) for row in draft.all_rows("conflict")] == [("giam_khao_1", UNITS[1])]
    assert "✕" in shown_tables(page)

    for judge in draft.judges:
        press(page, "jury:assign")
        page.selectbox(key="jury:assign:who").set_value(judge).run()
        page.toggle(key=f"jury:assign:{judge}:all").set_value(False).run()
        chosen = page.multiselect(key=f"jury:assign:{judge}:units")
        assert len(chosen.options) == (2 if judge == "giam_khao_1" else 3)
        chosen.set_value([UNITS[0]])
        press(page, "jury:assign:yes")
    assert {(row["account"], row["unit"]) for row in draft.all_rows("assignment") if row["account"] != "tham_dinh"} == {
        (judge, UNITS[0]) for judge in draft.judges
    }
    assert "2 đơn vị chưa có giám khảo" in words(page)


def test_only_done_or_not_done_is_seen_of_sealed_sheets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with world("almost", tmp_path) as w:
        page = opened(monkeypatch, w, "thu_ky", "hoi-dong")
        assert "2/3" in shown_tables(page)
        press(page, "jury:return")
        page.text_area(key="jury:return:reason").set_value("Ghi nhầm đơn vị")
        press(page, "jury:return:yes")
        drafts = [row for row in w.all_rows("sheet") if row["status"] == "draft" and row["stage"] == "judge"]
        assert len(drafts) == 1


# units and journal -----------------------------------------------------------------------------------------------


def test_units_are_found_without_diacritics_and_imported_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, draft: World, tmp_path: Path
) -> None:
    page = opened(monkeypatch, draft, "to_chuc", "don-vi")
    page.text_input(key="units:text").set_value("canh nau").run()
    assert "Xã Canh Nậu" in words(page)
    bad = table(tmp_path / "x.csv", ("Mã", "Tên", "Kiểu"), ("00001", "Xã Thử", "xã"), ("1", "Xã Sai", "xã"))
    page.file_uploader(key="units:files").set_value([("x.csv", bad.read_bytes(), "text/csv")]).run()
    press(page, "units:take_in")
    assert page.error
    assert not [row for row in draft.all_rows("unit") if row["code"] == "00001"]
    good = table(tmp_path / "y.csv", ("Mã", "Tên", "Kiểu"), ("00001", "Xã Thử", "xã"))
    page.file_uploader(key="units:files").set_value([("y.csv", good.read_bytes(), "text/csv")]).run()
    press(page, "units:take_in")
    page.text_input(key="units:text").set_value("xa thu").run()  # the register in memory is not the old one
    assert "Xã Thử" in words(page)


def test_the_journal_is_filtered_and_verified(monkeypatch: pytest.MonkeyPatch, review: World) -> None:
    page = opened(monkeypatch, review, "quan_tri", "nhat-ky")
    assert page.code[0].value == spelled(review.store.head())
    press(page, "journal:verify")
    assert page.success
    page.selectbox(key="journal:person").set_value("thu_ky").run()
    assert set(column(page, say("journal.who"))) == {"Thu Ky (thu_ky)"}


# results ---------------------------------------------------------------------------------------------------------


def test_a_difference_is_shown_with_each_mark_and_settled_by_its_record(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with world("judging", tmp_path) as w:
        for judge in w.judges:
            w.mark(judge, UNITS[0], answers(judge, UNITS[0]) | ({"2.2": "1/2"} if judge == "giam_khao_2" else {}))
            w.submit(judge, UNITS[0])
            for unit in UNITS[1:]:
                w.mark(judge, unit, answers("chu_tich", unit))
                w.submit(judge, unit)
        w.two("sheet.reveal")
        found = differences_for(w.store, w.actor("thu_ky"), "k")
        one = next(each for each in found if each.criterion == "2.2")
        assert not one.settled
        given = {mark.source.judge: mark.points for compared in one.compared for mark in compared.marks}
        assert set(given) == {"GK1", "GK2", "GK3", "GK4", "GK5"}
        assert max(given.values()) - min(given.values()) == one.compared[0].apart  # type: ignore[type-var, operator]
        page = opened(monkeypatch, w, "thu_ky", "doi-chieu")
        place = f"reconcile:k:{UNITS[0]}:2.2:0"
        page.text_area(key=f"{place}:words").set_value("Thống nhất lấy số liệu phần mềm")
        press(page, f"FormSubmitter:{place}-" + say("reconcile.keep"))
        assert [row["record"] for row in w.all_rows("reconciliation")] == ["Thống nhất lấy số liệu phần mềm"]
        again = next(each for each in differences_for(w.store, w.actor("thu_ky"), "k") if each.criterion == "2.2")
        assert again.settled


def test_two_persons_publish_what_the_preview_shows(monkeypatch: pytest.MonkeyPatch, review: World) -> None:
    page = opened(monkeypatch, review, "to_chuc", "cong-bo")
    changes = publication.preview(review.store, review.actor("to_chuc"), "k")
    assert len(changes) == len(UNITS)
    by_rank = sorted((one.after for one in changes if one.after), key=lambda after: after.rank or 0)
    points = [after.total.replace(".", ",") for after in by_rank]
    assert column(page, say("publishing.total")) == points
    press(page, "publish")
    press(page, "publish:yes")
    assert page.button(key="publish").disabled  # it waits
    (waiting,) = [row for row in review.all_rows("decision") if row["status"] == "asked"]

    first = opened(monkeypatch, review, "to_chuc", "cong-bo")
    assert f"waiting:{waiting['id']}" not in keys(first)  # nobody confirms himself
    second = press(opened(monkeypatch, review, "thu_ky", "cong-bo"), f"waiting:{waiting['id']}")
    press(second, f"waiting:yes:{waiting['id']}")
    (made,) = publications_for(review.store, review.actor("thu_ky"), "k")
    assert made["result_hash"] in shown_tables(second).replace(" ", "")
    assert stands(review, "k")["phase"] == "published"

    end = press(opened(monkeypatch, review, "to_chuc", "cong-bo"), "revoke")
    unit = end.selectbox(key="revoke:unit").set_value(UNITS[0]).value
    end.text_area(key="revoke:reason").set_value("Vi phạm")
    press(end, "revoke:yes")
    (asked,) = [row for row in review.all_rows("decision") if row["status"] == "asked"]
    decisions.confirm(review.store, review.actor("thu_ky"), str(asked["id"]), today=TODAY)
    with review.store.read() as connection:
        (ended,) = rows(connection, tables.recognition, contest="k", unit=unit)
    assert (ended["status"], ended["reason"]) == ("revoked", "Vi phạm")
    assert say("publishing.status.revoked") in shown_tables(opened(monkeypatch, review, "", "cong-bo"))


def test_reopening_needs_a_reason_and_another_person(monkeypatch: pytest.MonkeyPatch, review: World) -> None:
    page = press(opened(monkeypatch, review, "to_chuc", "dot-cham"), "reopen")
    press(page, "reopen:yes")
    assert say("contest.needs_reason") in words(page)
    page.selectbox(key="reopen:phase").set_value(Phase.COUNCIL)
    page.text_area(key="reopen:reason").set_value("Bổ sung minh chứng")
    press(page, "reopen:yes")
    assert "Bổ sung minh chứng" in words(page)
    (asked,) = [row for row in review.all_rows("decision") if row["status"] == "asked"]
    second = press(opened(monkeypatch, review, "thu_ky", "dot-cham"), f"waiting:{asked['id']}")
    press(second, f"waiting:yes:{asked['id']}")
    assert stands(review, "k")["phase"] == "council"


# what stands behind the screens ----------------------------------------------------------------------------------


def test_the_panel_the_people_and_the_accounts_are_closed_to_everybody_else(review: World) -> None:
    def shut(name: str, what: Callable[..., object], *about: str) -> bool:
        return refusal(lambda: what(review.store, review.actor(name), *about)) == NOT_FOUND

    for name in ("", "xa_07243", "giam_khao_1", "chu_tich", "giam_sat", "tham_dinh"):
        assert shut(name, seating_for, "k")
        assert shut(name, people_for, "k")
        assert shut(name, accounts_for)
    assert shut("to_chuc", accounts_for)
    assert "nguoi_la" in people_for(review.store, review.actor("thu_ky"), "k")


def test_once_begun_a_deadline_moves_only_with_a_reason_and_by_the_organiser(draft: World) -> None:
    days = {Phase.JUDGING: date(2024, 10, 15)}
    set_deadlines(draft.store, draft.actor("thu_ky"), "k", days)
    draft.put_in(Phase.JUDGING)
    assert refusal(lambda: set_deadlines(draft.store, draft.actor("thu_ky"), "k", days, "Bão")) == NOT_FOUND
    assert refusal(lambda: set_deadlines(draft.store, draft.actor("to_chuc"), "k", days)) == ["contest.needs_reason"]
    later = {Phase.JUDGING: date(2024, 10, 20)}
    set_deadlines(draft.store, draft.actor("to_chuc"), "k", later, "Bão số 3")
    assert due_days(stands(draft, "k")) == later


def test_where_there_are_no_stars_nobody_has_to_aim_at_them(draft: World) -> None:
    plan = Plan("khong-sao", "Không sao", "bacgiang-chinh-quyen-than-thien-2022", date(2024, 3, 1), date(2024, 10, 30))
    create_contest(draft.store, draft.actor("to_chuc"), plan)
    add_units(draft.store, draft.actor("to_chuc"), "khong-sao", UNITS)
    step = next_step(draft.store, draft.actor("to_chuc"), "khong-sao", TODAY)
    assert step is not None
    assert step.blockers == ()


def test_a_key_is_proposed_that_a_contest_may_have() -> None:
    assert proposed_id('  Cuộc thi "Dân vận khéo" – Yên Thế, 2024! ') == "cuoc-thi-dan-van-kheo-yen-the-2024"
    assert len(proposed_id("đường " * 40)) <= 80
    assert proposed_id("★") == ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/phiếu.xlsx", "phiếu.xlsx"),
        (r"C:\Users\a\phieu.csv", "phieu.csv"),
        ("..", "file"),
        ("a\u202eb\0.xlsx", "ab.xlsx"),
        ("x" * 400 + ".xlsx", "x" * 120 + ".xlsx"),
    ],
)
def test_the_name_of_a_file_leads_nowhere_else(given: str, kept: str) -> None:
    assert safe_name(given) == kept
