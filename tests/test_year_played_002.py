"""The year 2023 of 002 from plan to result, typed at a terminal: two stages of reports, surveys, points; all worked out again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

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
    as_person,
    at_hand,
    check_group,
    check_rechecks,
    check_results,
    counted,
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

SET, FILE = "mat-tran-phoi-hop-tuyen-quang-2022", "de-an-02-tuyen-quang-2022"
PUTS_TOGETHER = "so_noi_vu"
AGENCIES = {"so_y_te": "Sở Y tế", "so_xay_dung": "Sở Xây dựng", "huyen_son_duong": "UBND huyện Sơn Dương"}
UNITS = {"so_y_te": "so-y-te", "so_xay_dung": "so-xay-dung", "huyen_son_duong": "ubnd-son-duong"}
KINDS = {"so-y-te": "co_quan", "so-xay-dung": "co_quan", "ubnd-son-duong": "huyen"}
HALF, WHOLE = "bao_cao_6_thang/2023-6M", "bao_cao_nam/2023"
CELLS = {HALF: ("2023-6M",), WHOLE: ("2023-6M", "2023-H2")}
STOCKS = ("tong_so_nguoi", "viec_phoi_hop", "chinh_sach_duoc_giao")
SLOW = {"so_y_te": 0, "so_xay_dung": 8, "huyen_son_duong": 15}  # of a hundred petitions so many are late


def made_up() -> dict[tuple[str, str, str], int]:
    """What each agency counts in each half of the year."""
    dice, found = random.Random(2023), {}
    for agency in AGENCIES:
        staff, work = dice.randint(60, 90), dice.randint(10, 14)
        for cell in CELLS[WHOLE]:
            petitions, proposals = dice.randint(40, 60), dice.randint(3, 9)
            now = {
                "tong_so_nguoi": staff, "nguoi_da_pho_bien": dice.randint(20, 30), "don_phai_giai_quyet": petitions,
                "don_dung_han": petitions - petitions * SLOW[agency] // 100, "kien_nghi_nhan_duoc": proposals,
                "kien_nghi_da_tra_loi": proposals - dice.randint(0, 1), "viec_phoi_hop": work,
                "viec_phoi_hop_da_xong": dice.randint(3, 5), "tin_bai": dice.randint(1, 5), "chinh_sach_duoc_giao": 6,
                "chinh_sach_kip_thoi": dice.randint(2, 3),
            }  # fmt: skip
            found |= {(agency, cell, key): value for key, value in now.items()}
    return found


FIGURES = made_up()
KEYS = tuple(dict.fromkeys(key for _, _, key in FIGURES))
REPORTS = {  # by hand: who, what; the last day before the day the plan names, the day it came, how
    ("so_y_te", HALF): (date(2023, 6, 4), date(2023, 6, 2), ("early", 2)),
    ("so_xay_dung", HALF): (date(2023, 6, 4), date(2023, 6, 4), ("on_time", 0)),
    ("huyen_son_duong", HALF): (date(2023, 6, 4), date(2023, 6, 5), ("late", 1)),
    (PUTS_TOGETHER, HALF): (date(2023, 6, 14), date(2023, 6, 14), ("on_time", 0)),
    ("so_y_te", WHOLE): (date(2023, 12, 4), date(2023, 11, 30), ("early", 4)),
    ("huyen_son_duong", WHOLE): (date(2023, 12, 4), date(2023, 12, 4), ("on_time", 0)),
    ("so_xay_dung", WHOLE): (date(2023, 12, 4), date(2023, 12, 6), ("late", 2)),
    (PUTS_TOGETHER, WHOLE): (date(2023, 12, 14), date(2023, 12, 15), ("late", 1)),
}
POPULATION = {"so_y_te": 900, "so_xay_dung": 500, "huyen_son_duong": 2000}
ASKED = {"so_y_te": 150, "so_xay_dung": 120, "huyen_son_duong": 130}  # four hundred together
ON_PAPER, INVALID = 40, 2  # at Sở Y tế


def survey_wanted(agency: str, seed: int) -> Survey:
    """Everybody on the telephone, at one agency forty of them on paper."""
    forms = people(ASKED[agency], seed)
    if agency != "so_y_te":
        return Survey(f"hai-long-2023/{agency}", forms, [], sent=0)
    paper = [*forms[-ON_PAPER:], *[None] * INVALID]
    random.Random(seed).shuffle(paper)
    return Survey(f"hai-long-2023/{agency}", forms[:-ON_PAPER], paper, sent=60)


BY_HAND = {
    "so_y_te": {"2.1": "2", "3.2": "3", "5": "3", "6.1": "da_thuc_hien", "6.2": "5", "7.1": "87,5", "8": "4", "9": "tot",
        "10.1": "hoan_thanh", "10.2": "2", "12.1": "0"},
    "so_xay_dung": {"2.1": "1", "3.2": "4", "5": "4", "6.1": "da_ky", "6.2": "2", "7.1": "91,25", "8": "6", "9": "kha",
        "10.1": "mot_phan", "10.2": "3", "12.1": "1"},
    "huyen_son_duong": {"2.1": "3", "3.2": "1", "5": "1", "6.1": "chua", "6.2": "1", "7.1": "79,9", "8": "7",
        "9": "trung_binh", "10.1": "chua", "10.2": "1", "12.1": "4"},
}  # fmt: skip
HAND_POINTS = {  # by hand, from the words of the set
    "so_y_te": {"2.1": 6, "3.2": 3, "5": 6, "6.1": 4, "6.2": 4, "7.1": Fraction("4.38"), "8": 4, "9": 8, "10.1": 3,
        "10.2": 2, "12.1": 3},
    "so_xay_dung": {"2.1": 3, "3.2": 4, "5": 8, "6.1": 2, "6.2": 2, "7.1": Fraction("4.56"), "8": 6, "9": 6,
        "10.1": Fraction("1.5"), "10.2": 3, "12.1": 2},
    "huyen_son_duong": {"2.1": 6, "3.2": 1, "5": 2, "6.1": 0, "6.2": 1, "7.1": Fraction("4"), "8": 0, "9": 4, "10.1": 0,
        "10.2": 1, "12.1": 0},
}  # fmt: skip
PROVEN = ("2.1", "3.2", "5", "6.1", "6.2", "7.1", "8", "9", "10.1", "10.2")
UNPROVEN = {"huyen_son_duong": "8"}  # seven outings of which no paper tells


class Played:
    """The year with what its commands answered."""

    def __init__(self, year: Year) -> None:
        self.year = year.on(date(2023, 1, 3))
        self.surveys = {agency: survey_wanted(agency, seed) for seed, agency in enumerate(AGENCIES)}
        agencies({UNITS[code]: (name, KINDS[UNITS[code]]) for code, name in AGENCIES.items()})
        year.done("programme", "begin", "da", FILE, "--from", "1/1/2023", "--to", "31/12/2023", "--sample", "thử")
        members = ["so_noi_vu;so_noi_vu;Sở Nội vụ"]
        members += [f"{code};cac_co_quan;{name};so_noi_vu;{UNITS[code]}" for code, name in AGENCIES.items()]
        year.done("programme", "members", "da", *[part for one in members for part in ("--add", one)])
        self.lead = ("so.noi.vu", year.account("so.noi.vu", "--role", "programme_lead", "--contest", "da"))
        self.front = ("mat.tran", year.account("mat.tran", "--role", "committee_reviewer"))
        self._reports(HALF)
        self._surveys()
        self._reports(WHOLE)
        self._score()

    def _reports(self, key: str) -> None:
        for (member, what), (_, came, _) in REPORTS.items():
            if what == key:
                self.year.on(came)
                self._agency(member, key) if member in AGENCIES else self._together(key)
            if (member, what, key) == ("so_xay_dung", HALF, HALF):
                self.refused = self.year.refused(
                    "programme", "consolidate", "da", PUTS_TOGETHER, key, "--part", "result=x"
                )

    def _agency(self, member: str, key: str) -> None:
        year, cell = self.year, CELLS[key][-1]
        late = FIGURES[member, cell, "don_dung_han"]
        told = ("--state", "under_way", "--percent", 50 if key == HALF else 90, "--note", f"Đã giải quyết {late} đơn")
        year.done("programme", "task", "da", member, "2.2", *told)
        year.done("programme", "figure", "da", member, cell, *typed(FIGURES, member, cell))
        words = ("--part", f"result={AGENCIES[member]} đã triển khai", "--part", f"proposal={AGENCIES[member]} đề nghị")
        year.done("programme", "report", "da", member, key, *words)
        year.done("programme", "submit", "da", member, key)
        if member == "so_y_te":
            year.done("programme", "accept", f"da/{member}/{key}/nop")

    def _together(self, key: str) -> None:
        words = ("--part", "result=Tổng hợp toàn tỉnh")
        as_person(self.year, self.lead, "programme", "consolidate", "da", PUTS_TOGETHER, key, *words)

    def _surveys(self) -> None:
        year = self.year.on(date(2023, 10, 2))
        units = [part for agency, n in POPULATION.items() for part in ("--unit", f"{agency}={n}")]
        about = ("-q", PKS, "--programme", "da", *units, "--from", "1/10/2023", "--to", "15/11/2023")
        as_person(year, self.lead, "survey", "new", "hai-long-2023", *about)
        for one in self.surveys.values():
            slips = f"{one.id.replace('/', '-')}.html"
            year.done("survey", "codes", one.id, "-n", len(one.online), "-o", slips)
        as_person(year, self.lead, "survey", "open", "hai-long-2023")
        for one in self.surveys.values():
            answer(year, one, by_form=2)
        enter_paper(year, self.surveys["so_y_te"], self.lead, self.front)
        self.closed = as_person(year.on(date(2023, 11, 16)), self.lead, "survey", "close", "hai-long-2023")
        self.campaign = year.record("survey", "results", "hai-long-2023")
        self.results = {agency: year.record("survey", "results", one.id) for agency, one in self.surveys.items()}

    def _score(self) -> None:
        year = self.year.on(date(2023, 12, 31))
        days = ("--from", "1/1/2023", "--to", "31/12/2023")
        year.done("contest", "create", "cuoi-nam", "-c", SET, "--title", "Chấm Đề án 02 năm 2023", *days)
        year.done("contest", "units", "cuoi-nam", *[part for code in KINDS for part in ("--unit", code)])
        year.done("contest", "step", "cuoi-nam", "self_assessment")
        for agency, unit in UNITS.items():
            year.done("programme", "mark", "da", agency, "cuoi-nam", unit, "--year", 2023)
            marked(year, "cuoi-nam", unit, BY_HAND[agency], KINDS[unit])
            prove("cuoi-nam", unit, [code for code in PROVEN if code != UNPROVEN.get(agency)])
        year.done("contest", "submit", "cuoi-nam", "--stage", "self", "--reason", "Mục 8 chưa có tài liệu")
        self.verdicts = {one["unit"]: one for one in year.record("contest", "score", "cuoi-nam")["units"]}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The year, played once."""
    with pytest.MonkeyPatch.context() as patch:
        yield Played(Year(tmp_path_factory.mktemp("002"), patch))


def sums(key: str, members: list[str], cells: tuple[str, ...] = CELLS[WHOLE]) -> int:
    return at_hand(FIGURES, members, cells, key, stock=key in STOCKS)


# reports in two stages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [HALF, WHOLE])
@pytest.mark.parametrize("agency", AGENCIES)
def test_an_agencys_report_gives_its_figures(played: Played, agency: str, key: str) -> None:
    said = played.year.record("programme", "report", "da", agency, key)["content"]
    assert {line["name"]: (line["in_period"], line["so_far"]) for line in said["figures"]} == {
        name: (str(sums(name, [agency], CELLS[key])),) * 2 for name in KEYS
    }


@pytest.mark.parametrize("key", [HALF, WHOLE])
def test_the_consolidated_report_adds_the_agencies_and_keeps_their_words_apart(played: Played, key: str) -> None:
    said = played.year.record("programme", "report", "da", PUTS_TOGETHER, key)
    for line in said["content"]["figures"]:
        name = line["name"]
        whole = str(sums(name, [*AGENCIES], CELLS[key]))
        assert (line["in_period"], line["so_far"]) == (whole, whole), name
        assert {code: upto for code, _, upto in line["parts"]} == {
            code: str(sums(name, [code], CELLS[key])) for code in AGENCIES
        }
    words = {code: told["proposal"] for code, told in said["content"]["words"]}
    assert words == {code: f"{name} đề nghị" for code, name in AGENCIES.items()}
    notes = {one["member"]: one["note"] for one in said["content"]["tasks"] if one["task"] == "2.2" and one["note"]}
    cell = CELLS[key][-1]
    assert notes == {code: f"Đã giải quyết {FIGURES[code, cell, 'don_dung_han']} đơn" for code in AGENCIES}
    assert said["content"]["missing"] == []


def test_before_is_not_on_and_late_is_a_fact(played: Played) -> None:
    told = played.year.record("programme", "status", "da", "--on", "31/12/2023")
    found = {
        (one["member"], one["key"].split("/", 1)[1].rpartition("/")[0]): (
            one["due"], one["delivered_on"], one["state"], one["days"],
        )
        for one in told if one["delivered_on"]
    }  # fmt: skip
    assert found == {place: (due.isoformat(), came.isoformat(), *how) for place, (due, came, how) in REPORTS.items()}


def test_who_is_missing_is_named_and_nothing_is_put_together_without_him(played: Played) -> None:
    assert "1 đơn vị chưa nộp báo cáo: UBND huyện Sơn Dương." in played.refused
    assert "Sở Nội vụ › Báo cáo 6 tháng kết quả thực hiện Đề án và kế hoạch, 6 tháng đầu năm 2023" in played.refused
    assert "huyen_son_duong" not in played.refused


# the surveys ----------------------------------------------------------------------------------------------------


def test_samples_are_as_large_as_the_formula_asks_and_what_lacks_is_said(played: Played) -> None:
    for agency, found in played.results.items():
        n = Fraction(POPULATION[agency]) / (1 + POPULATION[agency] * Fraction(5, 100) ** 2)
        assert n <= found["target"] < n + 1
        assert found["remarks"] == [f"Thu được {ASKED[agency]} phiếu, cỡ mẫu cần {found['target']}."]


def test_the_front_reads_a_sample_of_the_papers_again_until_it_agrees(played: Played) -> None:
    survey = played.surveys["so_y_te"]
    check_rechecks(survey)
    assert [(len(drawn), differing) for drawn, _, differing, _ in survey.rechecks] == [(5, 1), (5, 0)]
    closed = {round_.split("/")[1]: (one["online"], one["paper"], one["kept"]) for round_, one in played.closed.items()}
    assert closed == {
        "so_y_te": (110, 40, 150), "so_xay_dung": (120, 0, 120), "huyen_son_duong": (130, 0, 130),
    }  # fmt: skip


def test_results_of_each_agency_and_of_all_are_those_of_the_answers(played: Played) -> None:
    every = []
    for agency, survey in played.surveys.items():
        check_results(played.results[agency], survey.forms)
        check_group(played.campaign["units"][agency], survey.forms)
        every += survey.forms
    assert len(every) == 400
    check_group(played.campaign["together"], every)


# the year's end -------------------------------------------------------------------------------------------------

FED = {
    "1": ("nguoi_da_pho_bien", "tong_so_nguoi"), "2.2": ("don_dung_han", "don_phai_giai_quyet"),
    "3.1": ("kien_nghi_da_tra_loi", "kien_nghi_nhan_duoc"), "4": ("viec_phoi_hop_da_xong", "viec_phoi_hop"),
    "7.2": ("tin_bai",), "11": ("chinh_sach_kip_thoi", "chinh_sach_duoc_giao"),
}  # fmt: skip


def on_time(agency: str) -> tuple[int, int]:
    """How many of an agency's reports came in time, and how many were due."""
    mine = [(due, came) for (member, _), (due, came, _) in REPORTS.items() if member == agency]
    return sum(came <= due for due, came in mine), len(mine)


def satisfied(played: Played, agency: str) -> tuple[int, int]:
    """Who is satisfied on the whole, of those with an opinion."""
    found = counted(played.surveys[agency].forms, "6")
    return found.satisfied, found.valid


def points_by_hand(played: Played, agency: str) -> dict[str, Fraction]:
    """Every criterion as the set says it, in plain fractions."""
    of = {code: [sums(key, [agency]) for key in keys] for code, keys in FED.items()}
    in_time = Fraction(*of["2.2"])
    fed = {
        "1": share(6, *of["1"]),
        "2.2": Fraction(6 if in_time == 1 else 4 if 10 * in_time >= 9 else 2 if 10 * in_time >= 8 else 0),
        "3.1": share(4, *of["3.1"]), "4": share(8, *of["4"]),
        "7.2": min(Fraction(3), hundredths(of["7.2"][0] * Fraction(1, 2))), "11": share(6, *of["11"]),
        "12.2": share(5, *satisfied(played, agency)), "13": share(8, *on_time(agency)),
    }  # fmt: skip
    return fed | {code: Fraction(points) for code, points in HAND_POINTS[agency].items()}


@pytest.mark.parametrize("agency", AGENCIES)
def test_marks_are_the_record_by_reference(played: Played, agency: str) -> None:
    marks = marks_in("cuoi-nam", UNITS[agency])
    for code, keys in FED.items():
        numbers = [str(sums(key, [agency])) for key in keys]
        said = numbers[0] if len(numbers) == 1 else f"done: {numbers[0]}; of: {numbers[1]}"
        answer_, note = marks[code]
        assert answer_ == said, code
        assert note.startswith(f"bao-cao:da/{agency}/{WHOLE}/nop#")
    assert marks["13"][0] == "done: {}; of: {}".format(*on_time(agency))
    assert marks["13"][1].startswith(f"han-bao-cao:da/{agency}/2023#")
    hash_ = played.results[agency]["answers_hash"]
    assert marks["12.2"] == (
        "{}/{}".format(*satisfied(played, agency)), f"khao-sat:{PKS}:hai-long-2023/{agency}#{hash_[:16]}",
    )  # fmt: skip


@pytest.mark.parametrize("agency", AGENCIES)
def test_every_criterion_group_and_total_is_as_worked_out_by_hand(played: Played, agency: str) -> None:
    leaves, found = points_by_hand(played, agency), points_of("cuoi-nam", UNITS[agency])
    assert {code: found[code] for code in leaves} == leaves
    groups = {f"{number}": Fraction(0) for number in range(1, 14)}
    for code, points in leaves.items():
        groups[code.split(".")[0]] += points
    assert {code: found[code] for code in groups} == groups
    verdict, total = played.verdicts[UNITS[agency]], sum(groups.values(), Fraction(0))
    assert Fraction(verdict["total"]) == Fraction(verdict["total_floor"]) == Fraction(verdict["total_ceiling"]) == total


def test_agencies_are_ranked_among_their_kind_and_no_class_is_made_up(played: Played) -> None:
    totals = {agency: sum(points_by_hand(played, agency).values(), Fraction(0)) for agency in AGENCIES}
    departments = sorted(("so_y_te", "so_xay_dung"), key=lambda one: -totals[one])
    ranks = {agency: departments.index(agency) + 1 for agency in departments} | {"huyen_son_duong": 1}
    assert {agency: played.verdicts[unit]["rank"] for agency, unit in UNITS.items()} == ranks
    assert {one["stars"] for one in played.verdicts.values()} == {None}, "the plan has no classes"


def test_nothing_was_retyped_and_the_journal_is_whole(played: Played) -> None:
    members = {unit: ("da", agency) for agency, unit in UNITS.items()}
    with open_store(create=False) as store:
        faults = programme_marks.faults(store, SYSTEM, "cuoi-nam", members, 2023, as_of=date(2023, 12, 31))
    assert faults == []
    assert played.year.done("verify").code == 0
