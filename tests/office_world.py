"""Programmes at work in a store, on either database: 003 with its office and rooms, 002 with agencies and Sở Nội vụ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from chamdiem.contest.permissions import Actor, Grant
from chamdiem.office.figures import enter_figures
from chamdiem.office.programmes_begun import Beginning, Member, begin_programme, set_members
from chamdiem.office.reporting import write_words
from chamdiem.office.submitting import Receipt, submit_report
from chamdiem.store.database import Store

DV, DV_FILE = "dan-van-2021", "dan-van-chinh-quyen-tra-vinh-2021"
DA, DA_FILE = "de-an-02", "de-an-02-tuyen-quang-2022"
LEAD = Actor("chu_tri", (Grant("programme_lead"),))
STRANGER = Actor("nguoi_la")


def lead(programme: str) -> Actor:
    """The leading office of one programme."""
    return Actor("chu_tri_rieng", (Grant("programme_lead", programme),))


def officer(programme: str, member: str) -> Actor:
    """Who reports for one member."""
    return Actor(f"can_bo_{member}", (Grant("programme_officer", programme, member),))


def begin_dan_van(store: Store) -> None:
    """003 over the whole of 2021: the office of the department reports, two rooms below it do the work."""
    wish = Beginning(id=DV, source=DV_FILE, period_from=date(2021, 1, 1), period_to=date(2021, 12, 31), sample="thử")
    begin_programme(store, LEAD, wish)
    members = [
        Member(code="van_phong", name="Văn phòng Sở", office="van_phong_so"),
        Member(code="phong_cntt", name="Phòng Công nghệ thông tin", office="cac_phong_trung_tam", above="van_phong"),
        Member(
            code="trung_tam", name="Trung tâm CNTT và Truyền thông", office="cac_phong_trung_tam", above="van_phong"
        ),
    ]
    set_members(store, LEAD, DV, members)


AGENCIES = {"so_y_te": "Sở Y tế", "so_xay_dung": "Sở Xây dựng", "huyen_son_duong": "UBND huyện Sơn Dương"}


def begin_de_an(store: Store) -> None:
    """002 over two years: three agencies report, Sở Nội vụ puts together."""
    wish = Beginning(id=DA, source=DA_FILE, period_from=date(2023, 1, 1), period_to=date(2023, 12, 31))
    begin_programme(store, LEAD, wish)
    members = [Member(code="so_noi_vu", name="Sở Nội vụ", office="so_noi_vu")]
    members += [
        Member(code=code, name=name, office="cac_co_quan", above="so_noi_vu") for code, name in AGENCIES.items()
    ]
    set_members(store, LEAD, DA, members)


def figures(store: Store, programme: str, member: str, cell: str, today: date, **values: str) -> int:
    """Figures entered by the member's own officer."""
    return enter_figures(store, officer(programme, member), programme, member, cell, values, today=today)


def handed_in(
    store: Store, programme: str, member: str, keys: Sequence[str], on: date, words: Mapping[str, str] | None = None,
    **more: object,
) -> Receipt:  # fmt: skip
    """A report with its words, handed in by the member's own officer."""
    who = officer(programme, member)
    write_words(store, who, programme, member, keys[0], words or {"result": "Đã thực hiện theo kế hoạch."})
    return submit_report(store, who, programme, member, keys, on=on, today=on, **more)  # type: ignore[arg-type]


# the year of 003 ------------------------------------------------------------------------------------------------

NEWS = {"phong_cntt": (5, 7, 4, 6), "trung_tam": (3, 0, 2, 1)}
LEARNT = {"phong_cntt": (10, 5, 0, 0), "trung_tam": (8, 4, 4, 0)}
STAFF = {"phong_cntt": (15, 15, 16, 16), "trung_tam": (20, 20, 20, 20)}
DAYS = (date(2021, 3, 9), date(2021, 6, 10), date(2021, 9, 13), date(2021, 12, 10))  # early, on time, late, on time
YEARS = date(2021, 11, 25)


def enter_quarter(store: Store, quarter: int, today: date) -> None:
    """What both rooms enter for a quarter."""
    for member in NEWS:
        at = quarter - 1
        figures(
            store, DV, member, f"2021-Q{quarter}", today, tin_bai=str(NEWS[member][at]),
            nguoi_da_hoc_tap=str(LEARNT[member][at]), tong_so_nguoi=str(STAFF[member][at]),
        )  # fmt: skip


def played_dan_van(store: Store) -> Store:
    """The whole year, played day by day."""
    begin_dan_van(store)
    enter_quarter(store, 1, DAYS[0])
    handed_in(store, DV, "van_phong", ["bao_cao_quy/2021-Q1"], DAYS[0])
    enter_quarter(store, 2, DAYS[1])
    handed_in(store, DV, "van_phong", ["bao_cao_6_thang/2021-6M", "bao_cao_quy/2021-Q2"], DAYS[1])
    enter_quarter(store, 3, DAYS[2])
    handed_in(store, DV, "van_phong", ["bao_cao_quy/2021-Q3"], DAYS[2])
    handed_in(store, DV, "van_phong", ["bao_cao_nam/2021"], YEARS, why="Số liệu đến 25/11, quý IV báo cáo sau")
    enter_quarter(store, 4, DAYS[3])
    handed_in(store, DV, "van_phong", ["bao_cao_quy/2021-Q4"], DAYS[3])
    return store
