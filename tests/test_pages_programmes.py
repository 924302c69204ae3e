"""Programmes, the calendar of reports and surveys, as those see them who lead, work for a member, or only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from chamdiem.contest.permissions import ANYBODY, Actor, Grant
from chamdiem.office.programmes_begun import Beginning, Member, begin_programme, given_days, set_day, set_members
from chamdiem.office.tasks import Progress, report_task, tasks_for
from chamdiem.pages.desk import escaped
from chamdiem.pages.programme_text import found
from chamdiem.programmes import library
from chamdiem.words import say
from contest_world import World, world
from field_world import row_of
from screens import opened, words

AID, FRONT, PEOPLE = "giup-do-xa-mtqg-2023", "de-an-02-tuyen-quang-2022", "dan-van-chinh-quyen-tra-vinh-2021"
TODAY = date(2024, 11, 4)


@dataclass
class Office(World):
    """A world in which some people lead programmes or work for a member of one."""

    def actor(self, name: str) -> Actor:
        """Somebody with the roles of this moment."""
        known = {
            "dau_moi": Actor("dau_moi", (Grant("programme_lead"),)),
            "so_noi_vu": Actor("so_noi_vu", (Grant("programme_officer", "giup-xa", "so-noi-vu"),)),
        }
        return known.get(name) or (super().actor(name) if name else ANYBODY)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr("chamdiem.clock.today", lambda: TODAY)
    with world("people", tmp_path) as made:
        yield Office(made.store)


def begin(office: Office) -> None:
    """A programme at work whose document names no day, with two members."""
    lead = office.actor("dau_moi")
    wish = Beginning(
        id="giup-xa", source=AID, title="Giúp đỡ xã 2024", period_from=date(2024, 1, 1), period_to=date(2024, 12, 31)
    )
    begin_programme(office.store, lead, wish)
    members = [
        Member(code="so-noi-vu", name="Sở Nội vụ", office="so_noi_vu"),
        Member(code="ubnd-huyen", name="UBND huyện Yên Thế", office="ubnd_huyen"),
    ]
    set_members(office.store, lead, "giup-xa", members)


# a programme ----------------------------------------------------------------------------------------------------


def test_a_visitor_reads_a_programme_word_for_word(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    page = opened(monkeypatch, office, "", "chuong-trinh", **{"chuong-trinh": f"{PEOPLE}@1"})
    law = library.load(PEOPLE)
    seen = words(page).replace("\\", "")
    assert say(f"status.{law.status}") in seen
    assert all(task.text.strip() in seen for task in law.tasks)
    assert all(one.text in seen for one in law.recipients)
    assert not page.button


def test_searching_needs_no_diacritics(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    law = library.load(AID)
    hits = found(law, "di co so thong bao cho xa")
    assert hits
    assert hits < {task.code for task in law.tasks}
    page = opened(monkeypatch, office, "", "chuong-trinh", **{"chuong-trinh": f"{AID}@1"})
    page.text_input[0].input("DI CO SO thong bao cho xa").run()
    seen = words(page).replace("\\", "")
    assert say("programmes.found", n=len(hits)) in seen
    assert all((task.text.strip() in seen) == (task.code in hits) for task in law.tasks)


def test_the_leading_office_begins_a_programme_and_reads_which_days_are_missing(
    monkeypatch: pytest.MonkeyPatch, office: Office
) -> None:
    page = opened(monkeypatch, office, "dau_moi", "chuong-trinh", **{"chuong-trinh": f"{AID}@1"})
    page.button(f"programmes:begin/{AID}@1").click().run()
    assert "văn bản không ghi ngày" in words(page).lower()
    page.button(f"programmes:begin/{AID}@1:do").click().run()
    assert not page.exception
    assert not page.error
    (begun,) = office.all_rows("programme")
    assert begun["code"] == AID
    assert begun["period_from"] == "2023-08-31"


def test_the_state_of_tasks_is_shown_member_by_member(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    begin(office)
    tasks = tasks_for(office.store, office.actor("so_noi_vu"), "giup-xa", "so-noi-vu")
    told = Progress(task=tasks[0][0].code, state="under_way", percent=40, note="Đã họp ba lần")
    report_task(office.store, office.actor("so_noi_vu"), "giup-xa", "so-noi-vu", told, today=TODAY)
    for who in ("so_noi_vu", "dau_moi"):
        page = opened(monkeypatch, office, who, "chuong-trinh", **{"chuong-trinh": "giup-xa"})
        page.segmented_control[0].set_value("work").run()
        assert not page.exception
        assert "40%" in html(page)
        assert "Đã họp ba lần" in html(page)
        assert ("UBND huyện Yên Thế" in html(page)) == (who == "dau_moi")


def test_the_leading_office_adds_members_whose_names_repeat(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    begin(office)
    page = opened(monkeypatch, office, "dau_moi", "chuong-trinh", **{"chuong-trinh": "giup-xa"})
    page.segmented_control[0].set_value("members").run()
    page.button("programmes:member-new/giup-xa/2").click().run()
    page.selectbox("programmes:member-new/giup-xa/2:office").select("so_noi_vu").run()
    page.button("programmes:member-new/giup-xa/2:do").click().run()
    assert not page.error
    assert row_of(office.store, "programme_member", "giup-xa/so-noi-vu-2")["name"] == "Sở Nội vụ"


def test_a_stranger_knows_of_no_programme_at_work(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    begin(office)
    page = opened(monkeypatch, office, "thu_ky", "chuong-trinh", **{"chuong-trinh": "giup-xa"})
    assert "Giúp đỡ xã 2024" not in " ".join(page.selectbox[0].options)
    who = say("begin.who", role=say("role.programme_lead"), page=say("page.tai-khoan"))
    assert who not in words(page).replace("\\", "")
    assert who in words(opened(monkeypatch, office, "quan_tri", "chuong-trinh")).replace("\\", "")


# the calendar ---------------------------------------------------------------------------------------------------


def html(page: object) -> str:
    return "".join(str(one.proto.body) for one in page.get("html"))  # type: ignore[attr-defined]


def test_before_a_day_is_not_on_a_day(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    page = opened(monkeypatch, office, "", "lich-bao-cao", **{"chuong-trinh": f"{FRONT}@1"})
    seen = html(page)
    assert "trước ngày 05/06/2024" in seen
    assert "04/06/2024" in seen
    other = opened(monkeypatch, office, "", "lich-bao-cao", **{"chuong-trinh": f"{PEOPLE}@1"})
    next(one for one in other.selectbox if str(one.key).endswith(":year")).select(2021).run()
    assert "trước ngày" not in html(other)
    assert "25/11/2021" in html(other)


def test_days_left_are_told_in_working_days(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    monkeypatch.setattr("chamdiem.clock.today", lambda: date(2024, 6, 3))
    page = opened(monkeypatch, office, "", "lich-bao-cao", **{"chuong-trinh": f"{FRONT}@1"})
    assert say("calendar.left", days=1, worked=1) in html(page)
    assert say("calendar.left", days=11, worked=9) in html(page)  # to Friday the 14th, over one weekend


def test_a_day_that_nobody_has_set_is_asked_for_and_then_stands(
    monkeypatch: pytest.MonkeyPatch, office: Office
) -> None:
    begin(office)
    where = {"chuong-trinh": "giup-xa"}
    officer = opened(monkeypatch, office, "so_noi_vu", "lich-bao-cao", **where)
    assert not any(str(one.key).startswith("calendar:do") for one in officer.button)
    page = opened(monkeypatch, office, "dau_moi", "lich-bao-cao", **where)
    assert "cần đặt hạn" in words(page)
    which = next(one for one in page.selectbox if str(one.key).startswith("calendar:set/"))
    key = str(which.value)
    page.button("calendar:do/giup-xa").click().run()
    assert [one.value for one in page.error] == [escaped(say("calendar.choose_day"))]
    page.date_input[0].set_value(date(2024, 3, 20)).run()
    page.button("calendar:do/giup-xa").click().run()
    assert given_days(row_of(office.store, "programme", "giup-xa")) == {key: date(2024, 3, 20)}
    assert "20/03/2024" in html(page)


def test_of_a_programme_at_work_the_facts_are_told(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    begin(office)
    page = opened(monkeypatch, office, "dau_moi", "lich-bao-cao", **{"chuong-trinh": "giup-xa"})
    assert "1 hạn" in page.get("download_button")[0].label  # what the document itself says: January
    key = str(next(one for one in page.selectbox if str(one.key).startswith("calendar:set/")).value)
    set_day(office.store, office.actor("dau_moi"), "giup-xa", key, date(2024, 10, 30))
    page.run()
    assert say("owed.overdue", days=5) in html(page)
    assert "2 hạn" in page.get("download_button")[0].label
    assert say("reminder.overdue", days=5) in words(page)


# roles ----------------------------------------------------------------------------------------------------------


def test_a_role_in_a_programme_names_the_programme_and_its_member(
    monkeypatch: pytest.MonkeyPatch, office: Office
) -> None:
    begin(office)
    page = opened(monkeypatch, office, "quan_tri", "tai-khoan")
    page.selectbox("accounts:one").select("nguoi_la").run()
    page.button("accounts:nguoi_la:give").click().run()
    page.selectbox("accounts:nguoi_la:grant:role").select("programme_officer").run()
    page.selectbox("accounts:nguoi_la:grant:member/giup-xa").select("so-noi-vu").run()
    page.button("accounts:give:yes").click().run()
    assert not page.error
    assert office.actor("nguoi_la").grants == (Grant("programme_officer", "giup-xa", "so-noi-vu"),)
    assert "Giúp đỡ xã 2024 · Sở Nội vụ" in html(page)
