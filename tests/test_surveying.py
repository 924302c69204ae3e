"""Surveys are set up, opened and read by whoever may, and by nobody else; plans that cannot be are refused as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

import stores
from chamdiem import clock
from chamdiem.contest.permissions import SYSTEM, Actor, Grant
from chamdiem.errors import Refusal
from chamdiem.office import survey_answering, survey_paper, survey_results, survey_rounds, survey_workbook, surveying
from chamdiem.store import sealing, tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order
from chamdiem.store.proof import verify
from chamdiem.surveys.sampling import sample_size
from contest_world import NOT_FOUND, World, refusal, world
from survey_world import (
    LINK,
    ORGANISER,
    OTHER,
    PKS,
    ROUND,
    SECOND,
    SECRETARY,
    STRANGER,
    TODAY,
    all_same,
    answer,
    begun,
    link_of,
    plan,
    questionnaire,
    row_of,
    units,
)

sqlite_store = stores.sqlite_store
ASKED = questionnaire()
WHO = {
    "organiser": ORGANISER,
    "secretary": SECRETARY,
    "reviewer": Actor("giam_sat", (Grant("committee_reviewer"),)),
    "organiser of another contest": Actor("x", (Grant("organiser", "k2"),)),
    "judge": Actor("gk", (Grant("judge"),)),
    "commune": Actor("xa", (Grant("commune_assessor", None, "07288"),)),
    "administrator": Actor("qt", (Grant("administrator"),)),
    "programme lead": Actor("ct", (Grant("programme_lead", "de-an-02"),)),
    "lead of another programme": Actor("ct2", (Grant("programme_lead", "khac"),)),
    "officer of the commune": Actor("cb", (Grant("programme_officer", "de-an-02", "07288"),)),
    "officer of another commune": Actor("cb2", (Grant("programme_officer", "de-an-02", "07294"),)),
    "stranger": STRANGER,
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sealing.SETTING, sealing.new_key())


def places(work: Callable[[], object]) -> list[tuple[str, ...]]:
    """Each problem of a refusal: its place, and the name of its sentence."""
    with pytest.raises(Refusal) as refused:
        work()
    return sorted((*problem.where.path, problem.message.id) for problem in refused.value.problems)


# plans ----------------------------------------------------------------------------------------------------------


def test_a_round_knows_how_many_are_needed_and_has_a_link_of_its_own(sqlite_store: Store) -> None:
    begun(sqlite_store, codes=1)
    rows = [row_of(sqlite_store, round_) for round_ in (ROUND, OTHER)]
    assert [row["target"] for row in rows] == [sample_size(10_000, ASKED.sample.error)] * 2 == [385, 385]
    assert len({row["link"] for row in rows}) == 2
    assert [row["unit_name"] for row in rows] == ["Xã Yên Thế", "Xã Bố Hạ"]


def test_everything_wrong_with_a_plan_is_named_at_once_and_nothing_is_set_up(sqlite_store: Store) -> None:
    begun(sqlite_store)
    head = sqlite_store.head()
    wrong = plan(
        "hai-long-2026", mode="email", contest="k", programme="", respondents="can_bo",
        population={"07288": 10, "99999": 0},
    )  # fmt: skip
    assert refusal(lambda: surveying.create_rounds(sqlite_store, ORGANISER, wrong)) == NOT_FOUND, "no such contest"
    wrong = plan("Hài lòng", mode="email", programme="", respondents="can_bo", population={"07288": 10, "99999": 0})
    assert places(lambda: surveying.create_rounds(sqlite_store, ORGANISER, wrong)) == [
        ("99999", "survey.no_population"),
        ("99999", "survey.unknown_unit"),
        ("survey.bad_campaign",),
        ("survey.contest_or_programme",),
        ("survey.unknown_class",),
        ("survey.unknown_mode",),
    ]
    again = plan(population={"07288": 10})
    assert places(lambda: surveying.create_rounds(sqlite_store, ORGANISER, again)) == [("07288", "survey.exists")]
    nobody = plan("khong-ai", population={})
    assert places(lambda: surveying.create_rounds(sqlite_store, ORGANISER, nobody)) == [("survey.no_units",)]
    assert sqlite_store.head() == head


def test_days_the_wrong_way_round_are_refused(sqlite_store: Store) -> None:
    units(sqlite_store)
    about = surveying.Plan("a", PKS, {"07288": 10}, date(2026, 2, 1), date(2026, 1, 1), programme="de-an-02")
    assert "survey.period" in refusal(lambda: surveying.create_rounds(sqlite_store, ORGANISER, about))


def test_rounds_open_all_or_none(sqlite_store: Store) -> None:
    units(sqlite_store)
    rounds = surveying.create_rounds(sqlite_store, ORGANISER, plan())
    surveying.issue_codes(sqlite_store, ORGANISER, ROUND, 3)
    assert places(lambda: surveying.open_rounds(sqlite_store, ORGANISER, rounds, today=TODAY)) == [
        ("Xã Bố Hạ", "survey.codes_first")
    ]
    assert row_of(sqlite_store)["status"] == "draft"
    surveying.issue_codes(sqlite_store, ORGANISER, OTHER, 3)
    assert refusal(lambda: surveying.open_rounds(sqlite_store, ORGANISER, [OTHER], today=date(2027, 1, 1))) == [
        "survey.over_already"
    ]
    surveying.open_rounds(sqlite_store, ORGANISER, rounds, today=TODAY)
    assert refusal(lambda: surveying.open_rounds(sqlite_store, ORGANISER, [ROUND], today=TODAY)) == ["survey.not_draft"]


@pytest.mark.parametrize("count", [0, -1, 20_001])
def test_codes_come_in_sensible_numbers(sqlite_store: Store, count: int) -> None:
    begun(sqlite_store)
    assert refusal(lambda: surveying.issue_codes(sqlite_store, ORGANISER, ROUND, count)) == ["survey.codes_count"]


def test_codes_are_all_different_and_easy_to_read(sqlite_store: Store) -> None:
    codes = begun(sqlite_store, codes=500)
    assert len(set(codes)) == 500
    assert not set("".join(codes)) & set("01OIL")
    assert row_of(sqlite_store)["codes"] == 500


def test_an_open_link_has_no_codes(sqlite_store: Store) -> None:
    begun(sqlite_store, mode=LINK)
    assert refusal(lambda: surveying.issue_codes(sqlite_store, ORGANISER, ROUND, 1)) == ["survey.no_codes_here"]


def test_only_on_its_days_a_survey_is_answered(sqlite_store: Store) -> None:
    code = begun(sqlite_store, codes=1)[0]
    for day, why in ((date(2026, 9, 30), "survey.is_early"), (date(2026, 12, 1), "survey.is_over")):
        work = lambda day=day: survey_answering.answer(  # noqa: E731
            sqlite_store, link_of(sqlite_store), code, "nguoi_dan", all_same(ASKED), {}, today=day
        )
        assert refusal(work) == [why]
    for day in (date(2026, 10, 1), date(2026, 11, 30)):
        survey = survey_answering.survey_at(sqlite_store, link_of(sqlite_store), today=day)
        assert survey.state == "open", "both days are included"


def test_a_round_for_one_class_asks_nobody_who_he_is(sqlite_store: Store) -> None:
    codes = begun(sqlite_store, codes=6, respondents="to_chuc")
    for code in codes:
        answer(sqlite_store, code, all_same(ASKED), who="")
    surveying.close_round(sqlite_store, ORGANISER, ROUND)
    found = survey_results.results_for(sqlite_store, ORGANISER, ROUND)
    assert found.results.classes["to_chuc"] is not None


# who may --------------------------------------------------------------------------------------------------------

MANAGING = {
    "create": lambda store, who: surveying.create_rounds(store, who, plan("khac")),
    "codes": lambda store, who: surveying.issue_codes(store, who, ROUND, 1),
    "open": lambda store, who: surveying.open_rounds(store, who, [OTHER], today=TODAY),
    "close": lambda store, who: surveying.close_round(store, who, ROUND, discard=True),
    "batch": lambda store, who: survey_paper.begin_batch(store, who, ROUND, "Thôn 1", sent=10, returned=8),
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("deed", MANAGING)
def test_only_the_office_manages_surveys_of_programmes(sqlite_store: Store, who: str, deed: str) -> None:
    units(sqlite_store)
    rounds = surveying.create_rounds(sqlite_store, ORGANISER, plan())
    for round_ in rounds:
        surveying.issue_codes(sqlite_store, ORGANISER, round_, 1)
    surveying.open_rounds(sqlite_store, ORGANISER, [ROUND], today=TODAY)
    if who in ("organiser", "secretary", "programme lead"):
        MANAGING[deed](sqlite_store, WHO[who])
    else:
        head = sqlite_store.head()
        assert refusal(lambda: MANAGING[deed](sqlite_store, WHO[who])) == NOT_FOUND
        assert sqlite_store.head() == head


@pytest.mark.parametrize("who", WHO)
def test_only_who_may_reads_results_of_programmes(sqlite_store: Store, who: str) -> None:
    for code in begun(sqlite_store, codes=6):
        answer(sqlite_store, code, all_same(ASKED))
    surveying.close_round(sqlite_store, ORGANISER, ROUND)
    everything = ("organiser", "secretary", "reviewer", "programme lead")
    reads = who in (*everything, "officer of the commune")
    listed = {one.row["id"] for one in survey_rounds.standings_for(sqlite_store, WHO[who])}
    own = {"officer of the commune": {ROUND}, "officer of another commune": {OTHER}}.get(who, set())
    assert listed == ({ROUND, OTHER} if who in everything else own)
    for work in (
        survey_results.results_for,
        lambda store, who, _: survey_results.campaign_for(store, who, "hai-long-2026"),
    ):
        if reads:
            work(sqlite_store, WHO[who], ROUND)
        else:
            assert refusal(lambda work=work: work(sqlite_store, WHO[who], ROUND)) == NOT_FOUND


def test_a_lead_has_no_word_in_a_contest_of_the_same_name(tmp_path: Path) -> None:
    with world("draft", tmp_path) as w:
        round_ = held_in(w)
        lead = Actor("ct", (Grant("programme_lead", "k"), Grant("programme_lead")))
        assert refusal(lambda: survey_results.results_for(w.store, lead, round_)) == NOT_FOUND
        assert refusal(lambda: surveying.close_round(w.store, lead, round_)) == NOT_FOUND


def test_who_checks_paper_of_a_programme_is_not_who_entered_it(sqlite_store: Store) -> None:
    begun(sqlite_store)
    first, second = (Actor(name, (Grant("programme_lead", "de-an-02"),)) for name in ("ct", "ct2"))
    batch = survey_paper.begin_batch(sqlite_store, first, ROUND, "Thôn 1", sent=9, returned=6)
    survey_paper.enter_forms(sqlite_store, first, batch, dict.fromkeys(range(1, 7), survey_paper.INVALID))
    survey_paper.finish_batch(sqlite_store, first, batch)
    assert refusal(lambda: survey_paper.draw_sample(sqlite_store, first, batch)) == ["survey.same_person"]
    other = WHO["lead of another programme"]
    assert refusal(lambda: survey_paper.draw_sample(sqlite_store, other, batch)) == NOT_FOUND
    assert len(survey_paper.draw_sample(sqlite_store, second, batch)) == 5


def test_members_of_a_programme_are_asked_about_by_their_names(sqlite_store: Store) -> None:
    units(sqlite_store)
    about = {"programme": "de-an-02", "code": "so_y_te", "name": "Sở Y tế", "office": "cac_co_quan", "unit": "so-y-te"}
    sqlite_store.write(Order("system", "test"), lambda t: t.put(tables.programme_member, "de-an-02/so_y_te", about))
    wish = plan("hl", population={"so_y_te": 900, "07288": 900})
    lead = WHO["programme lead"]
    assert surveying.create_rounds(sqlite_store, lead, wish) == ["hl/07288", "hl/so_y_te"]
    assert row_of(sqlite_store, "hl/so_y_te")["unit_name"] == "Sở Y tế"
    officer = Actor("cb", (Grant("programme_officer", "de-an-02", "so_y_te"),))
    assert [one.row["id"] for one in survey_rounds.standings_for(sqlite_store, officer)] == ["hl/so_y_te"]
    stranger = plan("hl2", population={"so_khac": 900})
    assert places(lambda: surveying.create_rounds(sqlite_store, lead, stranger)) == [("so_khac", "survey.unknown_unit")]
    unknown = plan("hl3", programme="khong-co")
    assert refusal(lambda: surveying.create_rounds(sqlite_store, ORGANISER, unknown)) == NOT_FOUND


IN_CONTEST = {  # who may manage, who may read, in a contest, by the names of contest_world
    "to_chuc": (True, True), "to_chuc_2": (True, True), "thu_ky": (True, True), "giam_sat": (False, True),
    "chu_tich": (False, True), "giam_khao_1": (False, True), "tham_dinh": (False, True), "xa_07243": (False, True),
    "xa_07246": (False, False), "quan_tri": (False, False), "nguoi_la": (False, False), "": (False, False),
}  # fmt: skip


@pytest.fixture
def contest(tmp_path: Path) -> World:
    """A contest with its people, in draft; everybody who judges or appraises is assigned to everything."""
    with world("draft", tmp_path) as made:
        yield made  # type: ignore[misc]


def held_in(w: World) -> str:
    """A survey of one commune of that contest, closed with six forms."""
    about = surveying.Plan("k-2024", PKS, {"07243": 900}, date(2024, 3, 1), date(2024, 10, 30), contest="k", mode=LINK)
    [round_] = surveying.create_rounds(w.store, w.actor("thu_ky"), about)
    surveying.open_rounds(w.store, w.actor("thu_ky"), [round_], today=date(2024, 5, 1))
    for _ in range(6):
        token = survey_answering.new_token()
        link = link_of(w.store, round_)
        survey_answering.answer(w.store, link, token, "nguoi_dan", all_same(ASKED), {}, today=date(2024, 5, 1))
    surveying.close_round(w.store, w.actor("to_chuc"), round_)
    return round_


def test_in_a_contest_its_office_manages_and_who_marks_reads(contest: World) -> None:
    round_ = held_in(contest)
    for name, (manages, reads) in IN_CONTEST.items():
        actor = contest.actor(name)
        said = refusal(lambda actor=actor: surveying.close_round(contest.store, actor, round_))
        assert said == (["survey.not_open"] if manages else NOT_FOUND), name
        if reads:
            assert survey_results.results_for(contest.store, actor, round_).results.forms == 6
        else:
            work = lambda actor=actor: survey_results.results_for(contest.store, actor, round_)  # noqa: E731
            assert refusal(work) == NOT_FOUND, name


def test_units_that_do_not_take_part_are_not_asked_about(contest: World) -> None:
    about = surveying.Plan("k", PKS, {"07288": 900}, date(2024, 3, 1), date(2024, 10, 30), contest="k")
    assert places(lambda: surveying.create_rounds(contest.store, contest.actor("thu_ky"), about)) == [
        ("07288", "survey.unknown_unit")
    ]


# results and exports --------------------------------------------------------------------------------------------


def asked_in_both(store: Store, first: int, second: int) -> None:
    """Rounds with so many forms, closed."""
    begun(store, mode=LINK)
    for round_, n in ((ROUND, first), (OTHER, second)):
        for at in range(n):
            answer(store, survey_answering.new_token(), all_same(ASKED, at % 2), round_=round_)
        surveying.close_round(store, ORGANISER, round_, discard=True)


def test_a_campaign_adds_up_what_is_shown(sqlite_store: Store) -> None:
    asked_in_both(sqlite_store, 10, 7)
    found = survey_results.campaign_for(sqlite_store, ORGANISER, "hai-long-2026")
    assert found.together is not None
    headline = found.together.questions["6"]
    assert headline is not None
    assert (found.together.forms, headline.valid, headline.options["rat_hai_long"]) == (17, 17, 5 + 4)


def test_a_campaign_does_not_betray_the_unit_it_hides(sqlite_store: Store) -> None:
    asked_in_both(sqlite_store, 10, 3)
    found = survey_results.campaign_for(sqlite_store, ORGANISER, "hai-long-2026")
    assert [one is None for _, one in found.units] == [False, False], "three forms were not kept: nothing to work out"
    assert found.together is not None
    assert found.together.forms == 10


def test_remarks_name_a_sample_that_is_too_small(sqlite_store: Store) -> None:
    asked_in_both(sqlite_store, 10, 7)
    found = survey_results.results_for(sqlite_store, ORGANISER, ROUND)
    assert [remark.id for remark in found.remarks] == ["survey.remark_below_target"]


def test_the_workbook_has_every_form_and_no_way_back(sqlite_store: Store, tmp_path: Path) -> None:
    codes = begun(sqlite_store, codes=20)
    for at, code in enumerate(codes):
        answer(sqlite_store, code, all_same(ASKED, at % 4), "doanh_nghiep" if at == 7 else "nguoi_dan")
    surveying.close_round(sqlite_store, ORGANISER, ROUND)
    path = tmp_path / "a.xlsx"
    survey_workbook.export_round(sqlite_store, ORGANISER, ROUND, path, made_on=clock.now())
    book = load_workbook(path)
    assert book.sheetnames == ["Kết quả", "Phiếu"]
    rows = [[cell.value for cell in row] for row in book["Phiếu"].iter_rows(min_row=2)]
    assert len(rows) == 20
    assert rows == sorted(rows), "in the order of what they say, and in no other"
    text = "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert "Phiếu minh họa" in text
    assert "Doanh nghiệp, hộ kinh doanh" in text, "the class is named among the results, as not shown"
    assert not any("Doanh nghiệp" in str(row[0]) for row in rows)
    assert not [code for code in codes if code in text]
    [event] = [one for one in events(sqlite_store) if one == "survey.export"]
    assert event


def events(store: Store) -> list[str]:
    with store.read() as connection:
        return [row.action for row in connection.exec_driver_sql("SELECT action FROM event ORDER BY seq")]


def test_a_workbook_of_too_few_has_no_forms(sqlite_store: Store, tmp_path: Path) -> None:
    asked_in_both(sqlite_store, 2, 7)
    survey_workbook.export_round(sqlite_store, ORGANISER, ROUND, tmp_path / "a.xlsx", made_on=clock.now())
    assert load_workbook(tmp_path / "a.xlsx").sheetnames == ["Kết quả"]


def test_a_workbook_that_cannot_be_written_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    asked_in_both(sqlite_store, 6, 7)
    path = tmp_path / "none" / "a.xlsx"
    work = lambda: survey_workbook.export_round(sqlite_store, ORGANISER, ROUND, path, made_on=clock.now())  # noqa: E731
    assert refusal(work) == ["results.cannot_write"]


def test_the_owner_of_the_machine_may_all_but_be_his_own_second_person(sqlite_store: Store) -> None:
    begun(sqlite_store)
    batch = survey_paper.begin_batch(sqlite_store, SYSTEM, ROUND, "Thôn 1", sent=6, returned=6)
    said = {"1": "hai_long", "2": "hai_long", "3": "hai_long", "4": "hai_long", "5": "hai_long", "6": "hai_long"}
    survey_paper.enter_forms(sqlite_store, SYSTEM, batch, {n: {**said, "respondents": "to_chuc"} for n in range(1, 7)})
    survey_paper.finish_batch(sqlite_store, SYSTEM, batch)
    assert refusal(lambda: survey_paper.draw_sample(sqlite_store, SYSTEM, batch)) == ["survey.same_person"]
    assert survey_paper.draw_sample(sqlite_store, SECOND, batch)
    assert list(verify(sqlite_store)) == []


def test_rounds_are_closed_all_or_none_with_every_reason(sqlite_store: Store) -> None:
    begun(sqlite_store, mode=LINK)
    for _ in range(6):
        answer(sqlite_store, survey_answering.new_token(), all_same(ASKED))
    survey_paper.begin_batch(sqlite_store, SECRETARY, OTHER, "Thôn 1", sent=6, returned=6)
    head = sqlite_store.head()
    close = lambda: surveying.close_rounds(sqlite_store, ORGANISER, [ROUND, OTHER])  # noqa: E731
    assert places(close) == [("Xã Bố Hạ", "survey.batches_unchecked")]
    assert (sqlite_store.head(), row_of(sqlite_store)["status"]) == (head, "open")
    assert list(verify(sqlite_store)) == []
    answer(sqlite_store, survey_answering.new_token(), all_same(ASKED))
