"""What work and reports refuse: each bad thing with its place, and nothing of it kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import postgres
import stores
from chamdiem.contest.evidence import Document
from chamdiem.criteria import library as criteria_library
from chamdiem.criteria.sources import FromReports
from chamdiem.errors import Refusal
from chamdiem.office import programmes_begun as begun
from chamdiem.office.figures import OPENING, cells_of, enter_figures, entries_of, figures_for, sum_up
from chamdiem.office.report_content import cited_in_words
from chamdiem.office.report_rows import owed_for
from chamdiem.office.reporting import PARTS, report_for, write_words
from chamdiem.office.submitting import accept_report, submit_report
from chamdiem.office.tasks import STATES, Progress, add_document, report_task, tasks_for
from chamdiem.programmes import figures as known_figures
from chamdiem.programmes import library
from chamdiem.store.database import Store
from office_world import (
    DA,
    DA_FILE,
    DV,
    DV_FILE,
    LEAD,
    STRANGER,
    begin_dan_van,
    begin_de_an,
    figures,
    handed_in,
    officer,
)
from stores import refused

postgres_server, postgres_template = postgres.postgres_server, stores.postgres_template
url, store = stores.url, stores.store

TODAY = date(2021, 6, 10)
ROOM = officer(DV, "phong_cntt")
OFFICE = officer(DV, "van_phong")


@pytest.fixture
def dan_van(store: Store) -> Store:
    begin_dan_van(store)
    return store


def why(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Refusal) as error:
        call()
    return refused(error)


# beginning ------------------------------------------------------------------------------------------------------


def test_a_programme_keeps_the_words_it_was_begun_with(store: Store, tmp_path: Path) -> None:
    text = library.text_of(DV_FILE)
    file = tmp_path / "thu.yaml"
    file.write_text(text, encoding="utf-8")
    begun.begin_programme(store, LEAD, begun.Beginning(id=DV, source=file))
    file.write_text(text.replace("Sở Nội vụ", "Sở Khác"), encoding="utf-8")
    with store.read() as connection:
        row = dict(connection.exec_driver_sql("SELECT * FROM programme").mappings().one())
    assert begun.law_for(row).programme.organisation("so_noi_vu").name == "Sở Nội vụ"
    assert row["edition"] == library.content_hash(begun.law_for(row).programme)
    assert (row["period_from"], row["period_to"]) == ("2021-04-07", "2021-12-31")


def test_words_changed_past_the_software_are_refused(dan_van: Store) -> None:
    with dan_van.read() as connection:
        row = dict(connection.exec_driver_sql("SELECT * FROM programme").mappings().one())
    changed = {**row, "body": row["body"].replace("ngày 10 của tháng cuối quý", "ngày 20 của tháng cuối quý")}
    assert why(lambda: begun.law_for(changed)) == ["programme.words_changed"]


def test_a_programme_without_end_asks_for_one_and_an_id_is_taken_once(dan_van: Store) -> None:
    wish = begun.Beginning(id=DV, source="de-an-02-tuyen-quang-2022")
    assert why(lambda: begun.begin_programme(dan_van, LEAD, wish)) == ["programme.exists", "programme.needs_end"]
    bad = begun.Beginning(id="Dân Vận", source=DV_FILE, period_from=date(2021, 5, 1), period_to=date(2021, 4, 1))
    assert why(lambda: begun.begin_programme(dan_van, LEAD, bad)) == ["programme.bad_id", "criteria.dates_reversed"]


def test_members_are_refused_together_and_none_is_added(dan_van: Store) -> None:
    bad = [
        begun.Member(code="a", name="A", office="khong_co"),
        begun.Member(code="b", name="B", office="so_noi_vu", above="c"),
        begun.Member(code="c", name="C", office="so_noi_vu", above="b"),
        begun.Member(code="d", name="D", office="so_noi_vu", above="e"),
        begun.Member(code="f", name="F", office="so_noi_vu", unit="00000"),
        begun.Member(code="G", name=" ", office="so_noi_vu", valid_from=TODAY, valid_to=date(2021, 1, 1)),
        begun.Member(code="a", name="A", office="so_noi_vu"),
    ]
    assert why(lambda: begun.set_members(dan_van, LEAD, DV, bad)) == [
        "programme.unknown_office", "programme.circle", "programme.circle", "programme.unknown_member",
        "contest.unknown_unit", "programme.bad_member", "criteria.dates_reversed", "programme.member_twice",
    ]  # fmt: skip
    with dan_van.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM programme_member").scalar() == 3


def test_days_are_the_users_where_the_document_names_none(store: Store) -> None:
    wish = begun.Beginning(id="do-dau", source="do-dau-xa-tra-vinh-2023", period_to=date(2023, 12, 31))
    begun.begin_programme(store, LEAD, wish)
    begun.set_members(store, LEAD, "do-dau", [begun.Member(code="phong", name="Phòng TH-NV", office="phong_th_nv")])
    key = "do-dau-xa-tra-vinh-2023/tthc_quy/2023-Q3/nhap_lieu"
    states = {one.due.key: one.word(date(2023, 9, 1)) for one in owed_for(store, LEAD, "do-dau")}
    assert states[key] == "not_set"
    mine = officer("do-dau", "phong")
    write_words(store, mine, "do-dau", "phong", "tthc_quy/2023-Q3", {"result": "xong"})
    hand_in = lambda: submit_report(  # noqa: E731 - asked twice
        store, mine, "do-dau", "phong", ["tthc_quy/2023-Q3"], on=date(2023, 9, 20), today=date(2023, 9, 20), why="x"
    )
    assert why(hand_in) == ["programme.day_not_set"]
    begun.set_day(store, LEAD, "do-dau", key, date(2023, 9, 20))
    assert hand_in().deliveries[key].word == "on_time"
    assert why(lambda: begun.set_day(store, LEAD, "do-dau", "do-dau-xa-tra-vinh-2023/x/2023/y", TODAY)) == [
        "programme.no_such_due"
    ]
    assert why(lambda: begun.set_day(store, mine, "do-dau", key, TODAY)) == ["permission.not_found"]
    assert why(lambda: begun.set_day(store, LEAD, "do-dau", key, date(2023, 10, 1))) == ["programme.day_delivered"]


def test_a_day_the_document_names_is_not_the_users(dan_van: Store) -> None:
    key = f"{DV_FILE}/bao_cao_quy/2021-Q3/nop"
    assert why(lambda: begun.set_day(dan_van, LEAD, DV, key, TODAY)) == ["programme.day_in_document"]


def test_what_is_wanted_unforeseen_is_due_once_it_was_asked_for(store: Store) -> None:
    begin_de_an(store)
    key = f"{DA_FILE}/bao_cao_dot_xuat/2023-08-10/tong_hop"
    assert key not in [one.due.key for one in owed_for(store, LEAD, DA)]
    assert why(lambda: begun.set_day(store, LEAD, DA, key, date(2023, 8, 9))) == ["criteria.dates_reversed"]
    begun.set_day(store, LEAD, DA, key, date(2023, 8, 18))
    mine = officer(DA, "so_noi_vu")
    agency = officer(DA, "so_y_te")
    for call in (
        lambda: report_for(store, agency, DA, "so_y_te", key),
        lambda: begun.set_day(store, LEAD, DA, "x", None),
    ):
        assert why(call)[0] in ("report.not_owed", "programme.no_such_due")
    write_words(store, mine, DA, "so_noi_vu", key, {"result": "theo yêu cầu"})
    done = submit_report(
        store, mine, DA, "so_noi_vu", [key], on=date(2023, 8, 21), today=date(2023, 8, 21), why="không phải số liệu"
    )
    assert (done.deliveries[key].word, done.deliveries[key].days) == ("late", 3)
    begun.set_day(store, LEAD, DA, f"{DA_FILE}/bao_cao_dot_xuat/2023-09-01/tong_hop", date(2023, 9, 5))
    begun.set_day(store, LEAD, DA, f"{DA_FILE}/bao_cao_dot_xuat/2023-09-01/tong_hop", None)
    asked = [one.due.period.id for one in owed_for(store, LEAD, DA) if one.due.duty == "bao_cao_dot_xuat"]
    assert asked == ["2023-08-10"]


def test_what_no_member_owes_is_told_all_the_same(store: Store) -> None:
    begun.begin_programme(store, LEAD, begun.Beginning(id=DV, source=DV_FILE))
    assert [one.member for one in owed_for(store, LEAD, DV)] == [None] * 5


# tasks ----------------------------------------------------------------------------------------------------------

BAD_TASKS = [
    (Progress(task="9.9", state="done", percent=100, done_on=TODAY), ["programme.unknown_task"]),
    (Progress(task="1.1", state="xong"), ["task.unknown_state"]),
    (Progress(task="1.1", state="under_way", percent=101), ["task.percent"]),
    (Progress(task="1.1", state="under_way", percent=-1), ["task.percent"]),
    (Progress(task="1.1", state="done", percent=99, done_on=TODAY), ["task.done_is_whole"]),
    (Progress(task="1.1", state="under_way", percent=100), ["task.done_is_whole"]),
    (Progress(task="1.1", state="not_begun", percent=5), ["task.not_begun_is_nothing"]),
    (Progress(task="1.1", state="done", percent=100), ["task.done_has_day"]),
    (Progress(task="1.1", state="done", percent=100, done_on=date(2021, 6, 11)), ["field.day_to_come"]),
    (Progress(task="6.2", state="under_way", percent=5), ["task.of_others"]),
]


@pytest.mark.parametrize(("told", "expected"), BAD_TASKS, ids=lambda one: str(one)[:40])
def test_a_task_is_refused(dan_van: Store, told: Progress, expected: list[str]) -> None:
    assert why(lambda: report_task(dan_van, ROOM, DV, "phong_cntt", told, today=TODAY)) == expected
    assert all(row is None for _, row in tasks_for(dan_van, ROOM, DV, "phong_cntt"))


def test_a_task_with_its_documents_stands_in_the_report(dan_van: Store) -> None:
    told = Progress(task="1.3", state="done", percent=100, done_on=TODAY, note="đủ 12 tin")
    report_task(dan_van, ROOM, DV, "phong_cntt", told, today=TODAY)
    add_document(dan_van, ROOM, DV, "phong_cntt", "1.3", Document("Danh mục tin, bài", "12/BC", "Phòng", "2021-06-01"))
    content = report_for(dan_van, OFFICE, DV, "van_phong", "bao_cao_quy/2021-Q2").content
    (line,) = (one for one in content.tasks if (one.task, one.member) == ("1.3", "phong_cntt"))
    assert (line.state, line.percent, line.done_on) == ("done", 100, "2021-06-10")
    assert line.documents == ("Danh mục tin, bài, 12/BC, Phòng, 2021-06-01",)
    assert list(map(cited_in_words, (*line.documents, "2021-02-30"))) == [
        "Danh mục tin, bài, 12/BC, Phòng, 01/06/2021", "2021-02-30",
    ]  # fmt: skip
    assert content.missing == ("trung_tam",)
    assert why(lambda: add_document(dan_van, ROOM, DV, "phong_cntt", "9", Document("x"))) == ["programme.unknown_task"]
    assert why(lambda: add_document(dan_van, ROOM, DV, "phong_cntt", "1.3", Document(" "))) == ["evidence.no_title"]


# figures --------------------------------------------------------------------------------------------------------

BAD_FIGURES = [
    ("2021-Q5", {"tin_bai": "1"}, ["figure.no_such_period"]),
    ("2021-6M", {"tin_bai": "1"}, ["figure.no_such_period"]),
    ("2022-Q1", {"tin_bai": "1"}, ["figure.no_such_period"]),
    ("2021-Q3", {"tin_bai": "1"}, ["figure.period_to_come"]),
    ("2021-Q2", {"tin_bay": "1"}, ["figure.unknown"]),
    ("2021-Q2", {"tin_bai": "mười"}, ["figure.unreadable"]),
    ("2021-Q2", {"tin_bai": "1,5"}, ["figure.unreadable"]),
    ("2021-Q2", {"tin_bai": "-1"}, ["figure.impossible"]),
    ("2021-Q2", {"tin_bai": "9" * 17}, ["figure.impossible"]),
    ("2021-Q2", {"don_phai_giai_quyet": "3", "don_dung_han": "4"}, ["figure.above"]),
    ("2021-opening", {"tong_so_nguoi": "4"}, ["figure.stock_has_no_opening"]),
    ("2020-opening", {"tin_bai": "4"}, ["figure.no_such_period"]),
    ("2021-Q9", {"x": "1", "tin_bai": "?"}, ["figure.no_such_period", "figure.unknown", "figure.unreadable"]),
]


@pytest.mark.parametrize(("cell", "values", "expected"), BAD_FIGURES, ids=lambda one: str(one)[:40])
def test_a_figure_is_refused(dan_van: Store, cell: str, values: dict[str, str], expected: list[str]) -> None:
    assert why(lambda: enter_figures(dan_van, ROOM, DV, "phong_cntt", cell, values, today=TODAY)) == expected
    with dan_van.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM figure").scalar() == 0


def test_an_opening_balance_counts_since_january_and_in_no_period(dan_van: Store) -> None:
    figures(dan_van, DV, "phong_cntt", f"2021-{OPENING}", TODAY, tin_bai="11")
    figures(dan_van, DV, "phong_cntt", "2021-Q2", TODAY, tin_bai="4")
    found = figures_for(dan_van, ROOM, DV, "phong_cntt", date(2021, 4, 1), date(2021, 6, 30))
    (news,) = (one for one in found if one.figure.key == "tin_bai")
    assert (news.in_period, news.so_far, news.gaps) == (4, 15, ())


def test_blank_is_not_nought_and_the_same_twice_changes_nothing(dan_van: Store) -> None:
    assert figures(dan_van, DV, "phong_cntt", "2021-Q1", TODAY, tin_bai="0") == 1
    assert figures(dan_van, DV, "phong_cntt", "2021-Q1", TODAY, tin_bai="0") == 0
    found = {one.figure.key: one for one in figures_for(dan_van, ROOM, DV, "phong_cntt", date(2021, 1, 1), TODAY)}
    assert (found["tin_bai"].so_far, found["ho_so_den_han"].so_far) == (0, None)
    assert figures(dan_van, DV, "phong_cntt", "2021-Q1", TODAY, tin_bai="") == 1
    found = {one.figure.key: one for one in figures_for(dan_van, ROOM, DV, "phong_cntt", date(2021, 1, 1), TODAY)}
    assert found["tin_bai"].so_far is None


AMOUNTS = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4"])),
    st.decimals(0, 10**9, places=3, allow_nan=False, allow_infinity=False),
)


@given(AMOUNTS)
def test_sums_are_exact_and_a_year_is_its_quarters(amounts: dict[tuple[str, str], Decimal]) -> None:
    law = library.load("giup-do-xa-mtqg-2023")
    listed = known_figures.read_figures(known_figures.text_for(law.id), "x", law)
    rows = [
        {"member": member, "period": cell, "name": "kinh_phi_huy_dong", "value": str(value)}
        for (member, cell), value in amounts.items()
    ]
    given_ = entries_of(rows)

    def of(first: date, last: date) -> tuple[Decimal | None, Decimal | None]:
        found = sum_up(law, listed, given_, {"a", "b", "c"}, first, last)
        return next((one.in_period, one.so_far) for one in found if one.figure.key == "kinh_phi_huy_dong")

    quarters = [of(cell.first, cell.last)[0] for cell in cells_of(law, 2023)]
    year = of(date(2023, 1, 1), date(2023, 12, 31))
    assert year[0] == year[1] == (sum(amounts.values(), Decimal(0)) if amounts else None)
    assert sum((one for one in quarters if one is not None), Decimal(0)) == (year[0] or 0)
    thousandths = sum(int(value * 1000) for value in amounts.values())
    assert int((year[0] or Decimal(0)) * 1000) == thousandths


def test_cells_are_as_fine_as_the_programme_reports() -> None:
    fine = {path.stem: [cell.id for cell in cells_of(library.load(path), 2023)] for path in library.shipped()}
    assert fine["de-an-02-tuyen-quang-2022"] == ["2023-6M", "2023-H2"]
    assert fine["dan-van-chinh-quyen-tra-vinh-2021"] == ["2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4"]
    for path in library.shipped():
        cells = cells_of(library.load(path), 2024)
        assert (cells[0].first, cells[-1].last) == (date(2024, 1, 1), date(2024, 12, 31))
        assert all((after.first - before.last).days == 1 for before, after in pairwise(cells))


def test_every_figure_that_a_criteria_set_takes_from_a_report_is_known() -> None:
    listed = {}
    for path in library.shipped():
        law = library.load(path)
        listed[law.id] = {
            one.key for one in known_figures.read_figures(known_figures.text_for(law.id), "x", law).figures
        }
    for path in criteria_library.shipped():
        for leaf in criteria_library.load(path).leaves:
            if isinstance(leaf.source, FromReports):
                assert set(leaf.source.figures.values()) <= listed[leaf.source.programme], (path.stem, leaf.code)


def test_figure_lists_say_that_they_are_not_of_the_document() -> None:
    files = sorted((library.folder() / "figures").glob("*.yaml"))
    assert [file.stem for file in files] == [path.stem for path in library.shipped()]
    for file in files:
        found = known_figures.read_figures(file.read_text(encoding="utf-8"), file.name, library.load(file.stem))
        assert found.status == "illustrative"


def test_a_wrong_figure_list_is_refused_with_every_fault() -> None:
    law = library.load(DV_FILE)
    text = known_figures.text_for(DV_FILE)
    bad = text.replace('task: "1.3"', 'task: "9"').replace("at_most: buoi_theo_lich", "at_most: khac")
    bad = bad.replace("key: don_dung_han", "key: tin_bai").replace(f"programme: {DV_FILE}", "programme: khac")
    assert set(why(lambda: known_figures.read_figures(bad, "thu.yaml", law))) == {
        "programme.unknown", "programme.unknown_task", "figure.unknown_limit", "criteria.repeated_id",
    }  # fmt: skip


# reports --------------------------------------------------------------------------------------------------------


def test_a_report_for_what_is_not_due_or_not_ones_own_is_refused(dan_van: Store) -> None:
    for key in ("bao_cao_quy/2021-Q5", "bao_cao_quy/2022-Q1", "bao_cao_thang/2021-Q1", "x"):
        assert why(lambda key=key: report_for(dan_van, OFFICE, DV, "van_phong", key)) == ["programme.no_such_due"]  # type: ignore[misc]
    assert why(lambda: report_for(dan_van, ROOM, DV, "phong_cntt", "bao_cao_quy/2021-Q1")) == ["report.not_owed"]
    assert why(lambda: report_for(dan_van, LEAD, DV, "khong_co", "bao_cao_quy/2021-Q1")) == ["programme.unknown_member"]


def test_a_locked_report_is_not_edited(dan_van: Store) -> None:
    for member in ("phong_cntt", "trung_tam"):
        figures(dan_van, DV, member, "2021-Q1", TODAY, tin_bai="1")
    handed_in(dan_van, DV, "van_phong", ["bao_cao_quy/2021-Q1"], date(2021, 3, 10))
    change = lambda: write_words(dan_van, OFFICE, DV, "van_phong", "bao_cao_quy/2021-Q1", {"plan": "khác"})  # noqa: E731
    assert why(change) == ["report.locked"]
    again = lambda: submit_report(  # noqa: E731
        dan_van, OFFICE, DV, "van_phong", ["bao_cao_quy/2021-Q1"], on=TODAY, today=TODAY
    )
    assert why(again) == ["report.locked"]
    accept_report(dan_van, LEAD, f"{DV}/van_phong/bao_cao_quy/2021-Q1/nop")
    assert why(change) == ["report.locked"]
    assert why(lambda: accept_report(dan_van, LEAD, f"{DV}/van_phong/bao_cao_quy/2021-Q1/nop")) == [
        "report.not_to_be_accepted"
    ]


def test_a_report_is_refused_with_everything_that_is_wrong(dan_van: Store) -> None:
    told = why(
        lambda: submit_report(
            dan_van, OFFICE, DV, "van_phong", ["bao_cao_quy/2021-Q3"], on=date(2021, 6, 12), today=TODAY
        )
    )
    assert told == ["field.day_to_come", "report.period_to_come", "report.no_result", "report.members_silent"]


def test_only_what_falls_on_one_day_is_merged(dan_van: Store) -> None:
    for member in ("phong_cntt", "trung_tam"):
        for cell in ("2021-Q1", "2021-Q2"):
            figures(dan_van, DV, member, cell, TODAY, tin_bai="1")
    keys = ["bao_cao_quy/2021-Q1", "bao_cao_quy/2021-Q2"]
    assert why(lambda: handed_in(dan_van, DV, "van_phong", keys, TODAY)) == ["programme.cannot_merge"]
    done = handed_in(dan_van, DV, "van_phong", ["bao_cao_quy/2021-Q2", "bao_cao_6_thang/2021-6M"], TODAY)
    assert [one.rsplit("/", 3)[1] for one in done.reports] == ["bao_cao_quy", "bao_cao_6_thang"]


def test_words_have_known_parts(dan_van: Store) -> None:
    told = why(
        lambda: write_words(dan_van, OFFICE, DV, "van_phong", "bao_cao_quy/2021-Q1", {"x": "a", "plan": "a" * 20_001})
    )
    assert told == ["report.unknown_part", "report.too_long"]
    write_words(dan_van, OFFICE, DV, "van_phong", "bao_cao_quy/2021-Q1", dict.fromkeys(PARTS, "lời"))
    write_words(dan_van, OFFICE, DV, "van_phong", "bao_cao_quy/2021-Q1", {"plan": "khác"})
    words = report_for(dan_van, OFFICE, DV, "van_phong", "bao_cao_quy/2021-Q1").words
    assert words == {**dict.fromkeys(PARTS, "lời"), "plan": "khác"}


# who may --------------------------------------------------------------------------------------------------------


def test_what_is_anothers_does_not_exist(store: Store) -> None:
    begin_dan_van(store)
    begin_de_an(store)
    about = Progress(task="1.1", state="under_way", percent=5)
    calls: list[Callable[[object, str], object]] = [
        lambda who, programme: report_task(store, who, programme, "phong_cntt", about, today=TODAY),  # type: ignore[arg-type]
        lambda who, programme: enter_figures(store, who, programme, "phong_cntt", "2021-Q1", {}, today=TODAY),  # type: ignore[arg-type]
        lambda who, programme: tasks_for(store, who, programme, "phong_cntt"),  # type: ignore[arg-type]
        lambda who, programme: add_document(store, who, programme, "phong_cntt", "1.1", Document("x")),  # type: ignore[arg-type]
        lambda who, programme: figures_for(store, who, programme, "phong_cntt", TODAY, TODAY),  # type: ignore[arg-type]
        lambda who, programme: report_for(store, who, programme, "van_phong", "bao_cao_quy/2021-Q1"),  # type: ignore[arg-type]
        lambda who, programme: write_words(store, who, programme, "van_phong", "bao_cao_quy/2021-Q1", {}),  # type: ignore[arg-type]
        lambda who, programme: submit_report(  # type: ignore[arg-type]
            store,
            who,
            programme,
            "van_phong",
            ["bao_cao_quy/2021-Q1"],
            on=TODAY,
            today=TODAY,  # type: ignore[arg-type]
        ),
        lambda who, programme: accept_report(store, who, f"{programme}/van_phong/bao_cao_quy/2021-Q1/nop"),  # type: ignore[arg-type]
        lambda who, programme: owed_for(store, who, programme),  # type: ignore[arg-type]
        lambda who, programme: begun.set_members(store, who, programme, []),  # type: ignore[arg-type]
        lambda who, programme: begun.set_day(store, who, programme, "x", TODAY),  # type: ignore[arg-type]
    ]
    for who in (STRANGER, officer(DA, "so_y_te"), officer(DV, "trung_tam")):
        for at, call in enumerate(calls):
            for programme in (DV, "khong-co"):
                if who == officer(DV, "trung_tam") and at == 9 and programme == DV:
                    continue  # it belongs to the programme, and owes nothing there
                assert why(lambda c=call, p=programme, w=who: c(w, p)) == ["permission.not_found"], (who, at)  # type: ignore[misc]
    assert why(
        lambda: begun.begin_programme(store, officer(DV, "van_phong"), begun.Beginning(id="x", source=DV_FILE))
    ) == ["permission.not_found"]


def test_the_lead_does_not_write_what_is_a_members_own(dan_van: Store) -> None:
    about = Progress(task="1.1", state=STATES[1], percent=5)
    for call in (
        lambda: report_task(dan_van, LEAD, DV, "phong_cntt", about, today=TODAY),
        lambda: enter_figures(dan_van, LEAD, DV, "phong_cntt", "2021-Q1", {"tin_bai": "1"}, today=TODAY),
        lambda: write_words(dan_van, LEAD, DV, "van_phong", "bao_cao_quy/2021-Q1", {"result": "x"}),
    ):
        assert why(call) == ["permission.not_found"]
