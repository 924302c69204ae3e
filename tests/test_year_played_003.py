"""The year 2021 of 003 from plan to result, typed at a terminal; every number worked out again from what was typed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from chamdiem.contest.permissions import SYSTEM
from chamdiem.office import programme_marks
from chamdiem.store.database import open_store
from year_world import (
    PKS,
    Survey,
    Year,
    agencies,
    answer,
    at_hand,
    check_rechecks,
    check_results,
    enter_paper,
    hundredths,
    marked,
    marks_in,
    people,
    points_of,
    prove,
    share,
    typed,
)

SET = FILE = "dan-van-chinh-quyen-tra-vinh-2021"
OFFICE, ROOMS, UNIT = "van_phong", ("phong_cntt", "trung_tam"), "so-tttt"
MEMBERS = (
    "van_phong;van_phong_so;Văn phòng Sở;;so-tttt",
    "phong_cntt;cac_phong_trung_tam;Phòng Công nghệ thông tin;van_phong",
    "trung_tam;cac_phong_trung_tam;Trung tâm CNTT và Truyền thông;van_phong",
)
QUARTERS = ("2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4")
STOCK = "tong_so_nguoi"
PAIRS = {
    "y_kien_nhan_duoc": "y_kien_da_giai_quyet",
    "buoi_theo_lich": "buoi_tiep_cong_dan",
    "ho_so_den_han": "ho_so_dung_han",
}
NOTHING = ("don_phai_giai_quyet", "don_dung_han")  # no petition came in the whole year
WITHOUT_LAST_QUARTER = "Số liệu đến 25/11, quý IV báo cáo ngày 10/12"


def made_up() -> dict[tuple[str, str, str], int]:
    """What both rooms count, quarter by quarter."""
    dice, found = random.Random(2021), {}
    for room in ROOMS:
        for quarter in QUARTERS:
            now = {STOCK: dice.randint(30, 34), "nguoi_da_hoc_tap": dice.randint(1, 7), "tin_bai": dice.randint(0, 2)}
            for whole, part in PAIRS.items():
                now[whole] = dice.randint(3, 40)
                now[part] = now[whole] - dice.randint(0, 1)
            found |= {(room, quarter, key): value for key, value in (now | dict.fromkeys(NOTHING, 0)).items()}
    return found


FIGURES = made_up()
KEYS = tuple(dict.fromkeys(key for _, _, key in FIGURES))
REPORTS = {  # by hand: the cells of the period, those since January, when it was due, when it came, how
    "bao_cao_quy/2021-Q1": (QUARTERS[:1], QUARTERS[:1], date(2021, 3, 10), date(2021, 3, 9), ("early", 1)),
    "bao_cao_quy/2021-Q2": (QUARTERS[1:2], QUARTERS[:2], date(2021, 6, 10), date(2021, 6, 10), ("on_time", 0)),
    "bao_cao_6_thang/2021-6M": (QUARTERS[:2], QUARTERS[:2], date(2021, 6, 10), date(2021, 6, 10), ("on_time", 0)),
    "bao_cao_quy/2021-Q3": (QUARTERS[2:3], QUARTERS[:3], date(2021, 9, 10), date(2021, 9, 13), ("late", 3)),
    "bao_cao_nam/2021": (QUARTERS[:3], QUARTERS[:3], date(2021, 11, 25), date(2021, 11, 25), ("on_time", 0)),
    "bao_cao_quy/2021-Q4": (QUARTERS[3:], QUARTERS, date(2021, 12, 10), date(2021, 12, 10), ("on_time", 0)),
}
TOGETHER = ("bao_cao_6_thang/2021-6M", "bao_cao_quy/2021-Q2")  # one paper for both
POPULATION, ONLINE, RETURNED, INVALID = 4500, 280, 124, 4


def survey_wanted() -> Survey:
    """Four hundred people: 280 by telephone, 120 on paper, and four papers that do not count."""
    forms = people(ONLINE + RETURNED - INVALID, 3)
    paper = [*forms[ONLINE:], *[None] * INVALID]
    random.Random(4).shuffle(paper)
    return Survey("hai-long-2021/so-tttt", forms[:ONLINE], paper, sent=150)


BY_HAND = {
    "1.3": "có", "2.1": "3", "3.1": "2", "3.2": "có", "3.3": "so_ket; khen_thuong", "3.5": "không áp dụng", "4.2": "45/48",
    "4.3": "cham", "4.4": "1", "5.1": "dan_van_kheo; doan_ket", "5.2": "1", "6.2": "day_du",
}  # fmt: skip
PROVEN = ("1.3", "2.1", "3.1", "3.2", "3.3", "4.2", "4.3", "5.1")
WAITING, UNPROVEN = "4.3", "5.2"


class Played:
    """The year with what its commands answered."""

    def __init__(self, year: Year) -> None:
        self.year, self.survey = year, survey_wanted()
        agencies({UNIT: ("Sở Thông tin và Truyền thông", "co_quan")})
        year.done("programme", "begin", "dv", FILE, "--from", "1/1/2021", "--to", "31/12/2021", "--sample", "thử")
        year.done("programme", "members", "dv", *[part for one in MEMBERS for part in ("--add", one)])
        self._reports()
        self._survey()
        self._score()

    def _reports(self) -> None:
        for at, quarter in enumerate(QUARTERS):
            if quarter == "2021-Q4":
                self.year.on(REPORTS["bao_cao_nam/2021"][3])
                self.refused = self._submit("bao_cao_nam/2021", may=False)
                self._submit("bao_cao_nam/2021", "--why", WITHOUT_LAST_QUARTER)
            self.year.on(REPORTS[f"bao_cao_quy/{quarter}"][3])
            self._work(at, quarter)
            self._submit(*(TOGETHER if quarter == "2021-Q2" else [f"bao_cao_quy/{quarter}"]))

    def _work(self, at: int, quarter: str) -> None:
        """A task a quarter further, and the figures of both rooms."""
        told = ("done", 100, "--done-on", self.year.day.isoformat()) if at == 3 else ("under_way", 25 * (at + 1))
        state, percent, *more = told
        self.year.done(
            "programme", "task", "dv", "phong_cntt", "1.3", "--state", state, "--percent", percent, "--note",
            f"Đã đăng tin, bài {quarter}", *more,
        )  # fmt: skip
        for room in ROOMS:
            self.year.done("programme", "figure", "dv", room, quarter, *typed(FIGURES, room, quarter))

    def _submit(self, *keys: str, may: bool = True) -> str:
        """Hand in a report with its words, or see it refused."""
        self.year.done("programme", "report", "dv", OFFICE, keys[0], "--part", "result=Đã thực hiện theo kế hoạch.")
        command = ("programme", "submit", "dv", OFFICE, *keys)
        return self.year.done(*command).out if may else self.year.refused(*command)

    def _survey(self) -> None:
        year, survey = self.year.on(date(2021, 10, 5)), self.survey
        second = ("giam.sat", year.account("giam.sat", "--role", "committee_reviewer"))
        about = ("-q", PKS, "--programme", "dv", "--unit", f"{UNIT}={POPULATION}", "--from", "1/10/2021")
        year.done("survey", "new", "hai-long-2021", *about, "--to", "30/11/2021")
        year.done("survey", "codes", survey.id, "-n", ONLINE, "-o", "hai-long-2021-so-tttt.html")
        year.done("survey", "open", "hai-long-2021")
        answer(year, survey, by_form=5)
        self.early = year.refused("survey", "results", survey.id)
        enter_paper(year, survey, ("", ""), second)
        self.closed = year.on(date(2021, 12, 1)).record("survey", "close", survey.id)[survey.id]
        self.results = year.record("survey", "results", survey.id)

    def _score(self) -> None:
        year = self.year.on(date(2021, 12, 31))
        days = ("--from", "7/4/2021", "--to", "31/12/2021")
        year.done("contest", "create", "cuoi-nam", "-c", SET, "--title", "Chấm dân vận chính quyền năm 2021", *days)
        year.done("contest", "units", "cuoi-nam", "--unit", UNIT)
        year.done("contest", "step", "cuoi-nam", "self_assessment")
        mark = ("programme", "mark", "dv", OFFICE, "cuoi-nam", UNIT, "--year", 2021)
        self.fed = year.record(*mark)
        self.again = year.done(*mark, "--criterion", "1.2").out
        self.not_from_here = year.refused(*mark, "--criterion", "1.2", "--criterion", "2.1")
        marked(year, "cuoi-nam", UNIT, BY_HAND)
        prove("cuoi-nam", UNIT, PROVEN, waiting=[WAITING])
        year.done("contest", "submit", "cuoi-nam", "--stage", "self", "--reason", "Gương tiêu biểu chưa có quyết định")
        (self.verdict,) = year.record("contest", "score", "cuoi-nam")["units"]
        self.points = points_of("cuoi-nam", UNIT)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The year, played once."""
    with pytest.MonkeyPatch.context() as patch:
        yield Played(Year(tmp_path_factory.mktemp("003"), patch))


def sums(key: str, cells: tuple[str, ...] = QUARTERS) -> int:
    return at_hand(FIGURES, ROOMS, cells, key, stock=key == STOCK)


# reports --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", REPORTS)
def test_a_report_gives_the_period_and_the_sum_since_january(played: Played, key: str) -> None:
    inside, until, *_ = REPORTS[key]
    said = played.year.record("programme", "report", "dv", OFFICE, key)
    lines = {line["name"]: line for line in said["content"]["figures"]}
    assert set(lines) == set(KEYS)
    for name, line in lines.items():
        assert (line["in_period"], line["so_far"]) == (str(sums(name, inside)), str(sums(name, until))), name
        by_room = {member: upto for member, _, upto in line["parts"]}
        assert by_room == {room: str(at_hand(FIGURES, [room], until, name, stock=name == STOCK)) for room in ROOMS}
    assert said["locked"]


def test_tasks_are_told_as_far_as_they_were(played: Played) -> None:
    for key, percent in (("bao_cao_quy/2021-Q1", 25), ("bao_cao_nam/2021", 75), ("bao_cao_quy/2021-Q4", 100)):
        tasks = played.year.record("programme", "report", "dv", OFFICE, key)["content"]["tasks"]
        (line,) = (one for one in tasks if (one["task"], one["member"]) == ("1.3", "phong_cntt"))
        assert line["percent"] == percent
    assert line["note"] == "Đã đăng tin, bài 2021-Q4"


def test_days_are_those_of_the_plan_and_early_and_late_are_facts(played: Played) -> None:
    told = played.year.record("programme", "status", "dv", "--on", "31/12/2021")
    found = {
        one["key"].split("/", 1)[1].removesuffix("/nop"): (one["due"], one["delivered_on"], one["state"], one["days"])
        for one in told
    }
    assert found == {key: (due.isoformat(), came.isoformat(), *how) for key, (_, _, due, came, how) in REPORTS.items()}


def test_the_years_report_before_the_last_quarter_is_refused_in_words_and_goes_with_a_reason(played: Played) -> None:
    assert "Văn phòng Sở › Báo cáo năm kết quả công tác dân vận chính quyền, Năm 2021" in played.refused
    for room in ("Phòng Công nghệ thông tin", "Trung tâm CNTT và Truyền thông"):
        assert f"{room}, Quý IV/2021: " in played.refused
    assert "Số người đã học tập, quán triệt" in played.refused
    for key in (*KEYS, "2021-Q4", "bao_cao_nam", *ROOMS):
        assert key not in played.refused, key
    assert played.year.record("programme", "report", "dv", OFFICE, "bao_cao_nam/2021")["content"]["why"] == (
        WITHOUT_LAST_QUARTER
    )


# the survey -----------------------------------------------------------------------------------------------------


def test_the_sample_is_as_large_as_the_formula_asks(played: Played) -> None:
    n = Fraction(POPULATION) / (1 + POPULATION * Fraction(5, 100) ** 2)
    assert n < played.results["target"] < n + 1
    assert played.results["population"] == POPULATION
    assert played.results["remarks"] == []


def test_nobody_sees_a_result_before_the_box_is_opened(played: Played) -> None:
    assert "chưa đóng" in played.early


def test_a_tenth_of_the_papers_was_read_again_and_the_second_reading_stands(played: Played) -> None:
    survey = played.survey
    check_rechecks(survey)
    assert [(len(drawn), differing) for drawn, _, differing, _ in survey.rechecks] == [(13, 1)]
    assert (played.closed["online"], played.closed["paper"]) == (ONLINE, RETURNED - INVALID)
    assert played.closed["kept"] == len(survey.forms) == 400


def test_shares_and_intervals_are_those_of_the_answers(played: Played) -> None:
    check_results(played.results, played.survey.forms)
    assert played.results["answers_hash"] == played.closed["hash"]


# the year's end -------------------------------------------------------------------------------------------------


def on_time() -> tuple[int, int]:
    """How many reports came in time, and how many were due."""
    return sum(came <= due for _, _, due, came, _ in REPORTS.values()), len(REPORTS)


FED: dict[str, tuple[str, ...]] = {
    "1.1": ("nguoi_da_hoc_tap", STOCK), "1.2": ("tin_bai",), "2.2": ("y_kien_da_giai_quyet", "y_kien_nhan_duoc"),
    "3.4": ("buoi_tiep_cong_dan", "buoi_theo_lich"), "4.1": ("ho_so_dung_han", "ho_so_den_han"),
}  # fmt: skip


def points_by_hand() -> dict[str, Fraction]:
    """Every criterion as the set says it, in plain fractions."""
    of = {code: [sums(key) for key in keys] for code, keys in FED.items()}
    in_time, due = on_time()
    on_time_share = Fraction(*of["4.1"])
    return {
        "1.1": share(8, *of["1.1"]), "1.2": min(Fraction(7), hundredths(of["1.2"][0] * Fraction(1, 2))),
        "1.3": Fraction(5), "2.1": Fraction(3 * 175, 100), "2.2": share(8, *of["2.2"]), "3.1": Fraction(6),
        "3.2": Fraction(4), "3.3": Fraction(3, 2) + 2, "3.4": share(5, *of["3.4"]), "3.5": Fraction(5),
        "4.1": Fraction(8 if on_time_share >= Fraction(98, 100) else 5 if on_time_share >= Fraction(9, 10) else 0),
        "4.2": share(5, 45, 48), "4.3": Fraction(3, 2), "4.4": Fraction(4 - 2), "5.1": Fraction(2 + 2),
        "5.2": Fraction(0), "6.1": share(8, in_time, due), "6.2": Fraction(2),
    }  # fmt: skip


def test_marks_are_the_record_by_reference(played: Played) -> None:
    marks = marks_in("cuoi-nam", UNIT)
    for code, keys in FED.items():
        numbers = [str(sums(key)) for key in keys]
        said = numbers[0] if len(numbers) == 1 else f"done: {numbers[0]}; of: {numbers[1]}"
        assert marks[code][0] == played.fed[code]["answer"] == said, code
        assert marks[code][1].startswith("bao-cao:dv/van_phong/bao_cao_quy/2021-Q4/nop#"), code
    assert marks["6.1"] == (
        "done: {}; of: {}".format(*on_time()), played.fed["6.1"]["reference"]
    )  # fmt: skip
    assert marks["6.1"][1].startswith("han-bao-cao:dv/van_phong/2021#")
    for code in BY_HAND:
        assert marks[code][1] == ""


def test_one_criterion_may_be_taken_again_and_what_is_not_in_the_record_is_refused(played: Played) -> None:
    assert "Đã ghi 1 tiêu chí theo dẫn chiếu." in played.again
    assert (
        "2.1: Tiêu chí 2.1 không lấy số liệu từ chương trình Công tác dân vận chính quyền năm 2021"
        in played.not_from_here
    )


def test_a_share_of_nothing_is_no_answer_and_is_said(played: Played) -> None:
    assert [sums(key) for key in NOTHING] == [0, 0]
    assert "done: 0; of: 0" in played.fed["3.5"]["none"]


def test_every_criterion_group_and_total_is_as_worked_out_by_hand(played: Played) -> None:
    leaves = points_by_hand()
    assert {code: played.points[code] for code in leaves} == leaves
    groups = {number: sum(v for code, v in leaves.items() if code.startswith(f"{number}.")) for number in "123456"}
    assert {code: played.points[code] for code in groups} == groups
    total = sum(leaves.values(), Fraction(0))
    verdict = played.verdict
    assert Fraction(verdict["total"]) == Fraction(verdict["total_ceiling"]) == total
    assert Fraction(verdict["total_floor"]) == total - leaves[WAITING], "one document waits to be checked"


def test_the_plan_has_no_classes_so_the_verdict_names_none(played: Played) -> None:
    verdict: dict[str, Any] = played.verdict
    assert (verdict["rank"], verdict["tied"], verdict["stars"], verdict["blocked_by"]) == (1, False, None, [])
    assert [matter["node"] for matter in verdict["matters"] if matter["open"]] == [WAITING]


def test_nothing_was_retyped_and_the_journal_is_whole(played: Played) -> None:
    with open_store(create=False) as store:
        faults = programme_marks.faults(
            store, SYSTEM, "cuoi-nam", {UNIT: ("dv", OFFICE)}, 2021, as_of=date(2021, 12, 31)
        )
    assert faults == []
    assert played.year.done("verify").code == 0
