"""The made-up years of the four programmes: whole, the same at every making, and adding up as the files say."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from chamdiem.contest import demo, proof
from chamdiem.contest.accounts import account_id, actor_of
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import SYSTEM, Actor, Grant
from chamdiem.contest.progress import facts_of
from chamdiem.contest.record import contest_row, rows, score_of
from chamdiem.contest.signing_in import sample_people, sign_in_sample
from chamdiem.errors import Refusal
from chamdiem.office import survey_marks
from chamdiem.office.awaiting import awaited_by
from chamdiem.office.closing import missing_at_end
from chamdiem.office.demo import diary, story, years
from chamdiem.office.figures import enter_figures
from chamdiem.office.mark_sources import sources_in
from chamdiem.office.programme_chronicle import programme_deeds
from chamdiem.office.report_rows import owed_for
from chamdiem.office.reporting import report_for
from chamdiem.office.sponsoring import gaps_for
from chamdiem.office.survey_results import results_for
from chamdiem.office.visits import not_beforehand, visits_for
from chamdiem.pages.desk import _worth_opening
from chamdiem.programmes import figures, library
from chamdiem.store import tables
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Order
from chamdiem.words import say
from contest_world import World, demo_template
from screens import opened

TODAY = date(2026, 11, 22)
FILES = sorted(story.folder().glob("*.yaml"))
WRITTEN: dict[str, Any] = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FILES}
LAST = {  # the report of a year that adds up everything of whom
    "dan-van-tra-vinh-2021": ("van_phong", "bao_cao_nam/2021"),
    "de-an-02-tuyen-quang-2023": ("so_noi_vu", "bao_cao_nam/2023"),
    "do-dau-xa-2023": ("ban_lanh_dao", "so_ket_nam/2023"),
    "giup-do-xa-2024": ("bcd_bat_xat", "bao_cao_nam/2024"),
}
OF_THEM = {
    "de-an-02-tuyen-quang-2023": {"so_gddt", "so_tu_phap", "so_y_te", "tp_tuyen_quang"},  # one did not report
    "giup-do-xa-2024": {"ld_gtvt"},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    file = tmp_path_factory.mktemp("years") / "demo.db"
    shutil.copy(demo_template(), file)
    with open_store(f"sqlite:///{file}") as made:
        years.make(made, today=TODAY)
        yield made


def test_one_year_of_each_shipped_programme() -> None:
    assert sorted(one["source"] for one in WRITTEN.values()) == [path.stem for path in library.shipped()]
    assert {one["id"] for one in WRITTEN.values()} == set(WRITTEN)


def test_the_store_is_whole_and_every_mark_says_what_its_record_says(store: Store) -> None:
    assert list(proof.everything(store)) == []
    assert list(survey_marks.all_faults(store)) == []


@pytest.mark.parametrize("year", WRITTEN)
def test_reports_came_early_on_time_late_and_not_at_all_and_two_as_one(store: Store, year: str) -> None:
    owed = [one for one in owed_for(store, SYSTEM, year) if one.member is not None]
    words = Counter(one.word(TODAY) for one in owed)
    assert all(words[word] for word in ("early", "on_time", "late", "overdue")), words
    handed_in = sum(len(paper["keys"]) for day in WRITTEN[year]["days"] for paper in day.get("reports", ()))
    again = sum(len(day.get("returned", ())) for day in WRITTEN[year]["days"])
    assert words["early"] + words["on_time"] + words["late"] == handed_in - again
    merged = [one for one in owed if one.row is not None and one.row["merged_into"]]
    assert bool(merged) == (year != "de-an-02-tuyen-quang-2023")


@pytest.mark.parametrize("year", WRITTEN)
def test_the_last_report_adds_up_what_the_file_says(store: Store, year: str) -> None:
    known = figures.read_figures(figures.text_for(WRITTEN[year]["source"]), "", library.load(WRITTEN[year]["source"]))
    stocks = {one.key for one in known.figures if one.kind == "stock"}
    sums: dict[str, Decimal] = {}
    latest: dict[tuple[str, str], Decimal] = {}
    for day in WRITTEN[year]["days"]:
        for member, cells in day.get("figures", {}).items():
            if year in OF_THEM and member not in OF_THEM[year]:
                continue
            for values in cells.values():
                for key, value in values.items():
                    amount = Decimal(str(value).replace(",", "."))
                    latest[member, key] = amount
                    sums[key] = sums.get(key, Decimal(0)) + amount
    for stock in stocks:
        sums[stock] = sum((value for (_, key), value in latest.items() if key == stock), Decimal(0))
    content = report_for(store, SYSTEM, year, *LAST[year]).content
    said = {line.name: Decimal(line.so_far) for line in content.figures if line.so_far is not None}
    assert said == sums


def test_what_was_mobilised_is_what_the_ledger_says(store: Store) -> None:
    content = report_for(store, SYSTEM, "giup-do-xa-2024", *LAST["giup-do-xa-2024"]).content
    for figure, kind, unit in (("kinh_phi", "money", 10**6), ("ngay_cong", "labour", 1), ("vat_chat", "goods", 10**6)):
        line = content.figure(f"{figure}_huy_dong")
        assert line is not None
        assert Decimal(line.so_far or "") * unit == Decimal(content.support[kind])
    assert (content.visits, content.visits_announced) == (4, 4)  # the ledger's own; figures are the members' word


def test_what_was_collected_is_what_the_ledger_says(store: Store) -> None:
    content = report_for(store, SYSTEM, "do-dau-xa-2023", *LAST["do-dau-xa-2023"]).content
    line = content.figure("gia_tri_van_dong")
    assert line is not None
    given = WRITTEN["do-dau-xa-2023"]["days"]
    money = sum(
        int(str(one.get("worth") or one["amount"]).replace(".", ""))
        for day in given
        for one in day.get("support", ())
        if one["kind"] != "labour"
    )
    assert (
        Decimal(line.in_period or "") * 10**6 == money == int(content.support["money"]) + int(content.support["goods"])
    )


def test_a_report_that_nobody_gave_is_left_out_by_a_decision(store: Store) -> None:
    content = report_for(store, SYSTEM, "de-an-02-tuyen-quang-2023", "so_noi_vu", "bao_cao_nam/2023").content
    assert content.missing == ("huyen_son_duong",)
    assert content.why


def test_what_was_not_handed_in_counts_no_days_after_the_end(store: Store) -> None:
    for year, written in WRITTEN.items():
        owed = [one for one in owed_for(store, SYSTEM, year) if one.member is not None]
        labels = [one.label(TODAY) for one in owed if one.word(TODAY) == "overdue"]
        assert labels
        if "closed" in written:
            assert {one.id for one in labels} == {"owed.never"}
        else:  # its period has ended: so many days were left of it
            ends = written["period_to"]
            days = [one.values["days"] for one in labels if one.id == "owed.overdue"]
            over = [(ends - one.due.until).days for one in owed if one.word(TODAY) == "overdue" and one.due.until]
            assert days == [n for n in over if n > 0]
    assert {year for year, one in WRITTEN.items() if "closed" not in one} == {"giup-do-xa-2024"}


def test_a_closed_year_takes_nothing_more(store: Store) -> None:
    with pytest.raises(Refusal) as closed:
        enter_figures(store, SYSTEM, "do-dau-xa-2023", "phong_th_nv", "2023-H2", {}, today=TODAY)
    assert [one.message.id for one in closed.value.problems] == ["programme.is_closed"]
    owed = [one for one in owed_for(store, SYSTEM, "giup-do-xa-2024") if one.member is not None]
    absent = [one.due.until or date.min for one in owed if one.delivered_on is None]
    for day in (TODAY, date(2024, 12, 20), date(2024, 1, 1)):
        told = missing_at_end(store, SYSTEM, "giup-do-xa-2024", today=day)
        missing = {one.id: one.values["n"] for one in told}
        assert missing["closing.surveys"] == 1
        assert missing.get("closing.reports", 0) == sum(until < day for until in absent)
        assert missing.get("closing.not_due", 0) == sum(until >= day for until in absent)


def test_a_commune_with_nobody_tells_the_days_of_what_it_was_before(store: Store) -> None:
    found = gaps_for(store, SYSTEM, "giup-do-xa-2024", date(2024, 1, 1), TODAY)
    (gap,) = [one for one in found if one.before]
    assert (gap.unit.name, gap.first) == ("Xã Y Tý", date(2025, 7, 1))
    assert ("Xã A Lù", date(2024, 11, 1), date(2025, 6, 30)) in [
        (one.unit.name, one.first, one.last) for one in gap.before
    ]


def test_the_years_end_names_its_sources_and_waits_for_no_judges(store: Store) -> None:
    for one in WRITTEN.values():
        contest = one["year_end"]["id"]
        with store.read() as connection:
            assert facts_of(connection, contest, TODAY).without_judges == ()
            law = law_of(connection, contest_row(connection, contest)["criteria"])
            leaves = {leaf.code: leaf for leaf in law.leaves}
            for mark in rows(connection, tables.mark, contest=contest):
                found = sources_in(connection, SYSTEM, leaves[mark["criterion"]], mark["note"])
                assert bool(found) == ("#" in mark["note"])
                assert all(source.address for source in found if source.words.id == "source.report")
                assert not any("#" in say(source.words) for source in found)


def test_the_page_of_a_unit_says_in_words_where_its_points_come_from(
    monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    with store.read() as connection:
        lead = rows(connection, tables.person, login="mau-mt-noivu")[0]["id"]
    year_end = WRITTEN["de-an-02-tuyen-quang-2023"]["year_end"]["id"]
    page = opened(monkeypatch, World(store, contest=year_end), lead, "phieu-don-vi")
    shown = "".join(one.body for one in page.html)
    for source in ("Lấy từ: Báo cáo năm kết quả", "Lấy từ: Khảo sát “", "Lấy từ: Sổ theo dõi hạn báo cáo năm 2023"):
        assert source in shown
    assert not re.search(r"(bao-cao|khao-sat):\S", shown)


def test_a_visit_of_which_nobody_was_told_is_there_to_be_found(store: Store) -> None:
    assert len(not_beforehand(visits_for(store, SYSTEM, "giup-do-xa-2024"))) == 1


def test_closed_surveys_count_every_form_once_and_open_ones_take_more(store: Store) -> None:
    open_ones = 0
    for one in WRITTEN.values():
        for survey in one["surveys"]:
            for asked in survey["rounds"]:
                round_ = f"{survey['campaign']}/{asked['unit']}"
                given = asked.get("online", 0) + sum(
                    pile["returned"] - pile.get("invalid", 0) for pile in asked.get("paper", ())
                )
                if "closes_on" in survey:
                    found = results_for(store, SYSTEM, round_).results
                    assert found.forms == given, round_
                    assert found.everybody is not None
                else:
                    open_ones += 1
                    with pytest.raises(Refusal):
                        results_for(store, SYSTEM, round_)
    assert open_ones == 4


def test_the_years_end_is_scored_as_worked_out_by_hand(store: Store) -> None:
    found: dict[str, str] = {}
    for one in WRITTEN.values():
        with store.read() as connection:
            result = score_of(connection, one["year_end"]["id"])
        asked = result.nodes[result.nodes["node"] == "12.2"].set_index("unit")["points"]  # a survey's: see below
        for unit in result.units.itertuples():
            found[str(unit.unit)] = str(Decimal(str(unit.total)) - Decimal(str(asked.get(unit.unit, 0))))
    assert found == TOTALS


TOTALS = {  # without the survey's 12.2; each criterion with a pencil, from the figures in the files
    "so-tttt-tra-vinh": "93.62",  # 4,79 of 23/24 meetings, 5,33 of 4/6 reports, 1,5 for what came late
    "so-y-te-tuyen-quang": "84.42",  # 24/25 letters 4, 7/8 things 7, index 4,42, one report of two in time 4
    "so-gddt-tuyen-quang": "89.51",  # index 4,51, 2/3 policies 4
    "so-tu-phap-tuyen-quang": "87.11",  # (81,63 + 4,20) of 94, as it has no policies: 91,31
    "070": "84.76",  # 58/62 letters 4, index 4,26, one fault 2
    "076": "52.98",  # 150/210 people 4,29, 4/6 answers 2,67, 4/10 things 3,2, 5/9 policies 3,33, no report in time
    "vp-ubnd-tra-vinh": "87.27",  # 12/13 meetings 9,23; 215/250 million 12,04; 3/4 entries 3
    "so-gtvt-lao-cai": "91.78",  # 8/9 visits 8,89; 5/7 reports 10,71; 187/200 days 4,68
    "so-cong-thuong-lao-cai": "78.21",  # 8/10, 3/4, 5/6, 5/7, 122/150, 75/100, 165/200
}


def test_the_marks_of_a_survey_are_its_share_of_the_satisfied(store: Store) -> None:
    year = "de-an-02-tuyen-quang-2023"
    with store.read() as connection:
        result = score_of(connection, WRITTEN[year]["year_end"]["id"])
    points = result.nodes[result.nodes["node"] == "12.2"].set_index("unit")["points"]
    for unit in points.index:
        group = results_for(store, SYSTEM, f"{WRITTEN[year]['year_end']['survey']}/{unit}").results.everybody
        assert group is not None
        count = group.questions["6"]
        assert count is not None
        share = Decimal(5 * count.satisfied) / Decimal(count.valid)
        assert Decimal(str(points[unit])) == share.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_made_again_nothing_changes(store: Store) -> None:
    head = store.head()
    years.make(store, today=TODAY)
    assert store.head() == head


def test_a_year_that_was_cut_off_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class CutOff(Exception):
        """Somebody pulled the plug."""

    def cut(*_: object) -> None:
        raise CutOff

    one = story.stories()[0]
    monkeypatch.setattr(years, "stories", lambda: (one,))
    with open_store(f"sqlite:///{tmp_path / 'new.db'}") as made:
        with monkeypatch.context() as patch, pytest.raises(CutOff):  # noqa: PT012 - either may raise
            patch.setattr(diary, "play", cut)
            years.make(made, today=TODAY)
        with made.read() as connection:
            assert not any(rows(connection, table) for table in (tables.programme, tables.account, tables.report))
        assert list(proof.everything(made)) == []


def test_people_are_listed_by_what_they_work_in_and_signed_in_by_a_click(store: Store) -> None:
    listed = {one.key: {login: role for login, _, role in one.people} for one in sample_people(store)}
    assert list(listed) == [demo.CONTEST, *sorted(WRITTEN, key=lambda year: str(WRITTEN[year]["period_from"])), ""]
    for year, one in WRITTEN.items():
        assert listed[year].keys() == {person["login"] for person in one["people"]}
        assert set(listed[year].values()) == {"programme_lead", "programme_officer"}
    assert listed[""].keys() == {"mau-quantri", "mau-tochuc", years.CHECKS.login}
    login = WRITTEN["giup-do-xa-2024"]["people"][1]["login"]
    assert sign_in_sample(store, login, now=datetime.now(UTC)).account


def test_people_begin_with_the_contest_in_which_they_have_something_to_do(store: Store) -> None:
    with store.read() as connection:
        contests = [dict(row) for row in rows(connection, tables.contest)]
    latest = max(contests, key=lambda row: str(row["period_to"]))["id"]
    mine = Actor("x", (Grant("commune_assessor", "theirs", "u"),))
    theirs = [*contests, {"id": "theirs", "phase": "self_assessment", "period_to": "2020-12-31"}]
    assert max(theirs, key=partial(_worth_opening, mine))["id"] == "theirs"
    theirs[-1]["phase"] = "archived"
    assert max(theirs, key=partial(_worth_opening, mine))["id"] == latest
    assert max(theirs, key=partial(_worth_opening, SYSTEM))["id"] == latest


def test_the_journal_of_a_year_names_what_was_done_in_communes_and_on_paper(store: Store) -> None:
    told: dict[str, str] = {}
    for deed in programme_deeds(store, SYSTEM, "giup-do-xa-2024"):
        told.setdefault(deed.what.id, "; ".join(say(thing.told) for thing in deed.things))
    assert told["difficulty.raise"].startswith(
        "1 khó khăn, kiến nghị (Xã Trịnh Tường: Tuyến đường vào thôn Tả Cồ Thàng"
    )
    assert told["visit.hold"] == "1 chuyến đi cơ sở (Xã Trịnh Tường, 27/02/2024)"
    assert told["sponsorship.assign"].endswith("; …)")
    assert "Ông Hoàng Văn Thành, Phó Giám đốc Sở (mẫu) – Xã Trịnh Tường; " in told["sponsorship.assign"]
    assert told["support.record"] == "1 khoản hỗ trợ (50.000.000 đồng cho Xã Trịnh Tường)"
    assert re.fullmatch(r"1 tập phiếu giấy \(.+, Xã (Trịnh Tường|Bản Liền)\)", told["survey.batch"])


def test_somebody_still_owes_a_report_and_finds_it_on_his_first_page(store: Store) -> None:
    with store.read() as connection:
        account = account_id(connection, "mau-gx-bacha")
        assert account
        officer = actor_of(connection, account)
    (waits,) = awaited_by(store, officer, TODAY)
    assert waits.report == "bao_cao_quy/2024-Q4/tong_hop"


def test_beside_a_real_programme_nobody_is_listed(tmp_path: Path, store: Store) -> None:
    shutil.copy(store.file, tmp_path / "copy.db")
    with open_store(f"sqlite:///{tmp_path / 'copy.db'}") as copy:
        real = Order("system", "test")
        copy.write(real, lambda change: change.put(tables.programme, "giup-do-xa-2024", {"sample": ""}))
        assert sample_people(copy) == []
        with pytest.raises(Refusal):
            sign_in_sample(copy, "mau-gx-so", now=datetime.now(UTC))
