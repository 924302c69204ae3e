"""Year-end marks taken from a programme's record by reference; and reports that carry what was done in the field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import field_world
import postgres
import stores
from chamdiem.contest import contests
from chamdiem.contest.marking import Entry, enter_marks
from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import rows, score_of
from chamdiem.criteria import library as criteria_library
from chamdiem.errors import Message, Refusal
from chamdiem.office import programme_marks, survey_answering, surveying
from chamdiem.office.difficulties import Raised, raise_difficulty
from chamdiem.office.programmes_begun import Beginning, Member, begin_programme, set_day, set_members
from chamdiem.office.reporting import report_for
from chamdiem.office.submitting import return_report
from chamdiem.office.support import Gift, record_support
from chamdiem.office.survey_marks import is_about
from chamdiem.office.surveying import Plan
from chamdiem.office.visits import Announcement, Report, announce_visit, hold_visit
from chamdiem.store import sealing, tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from office_world import DA, DV, LEAD, LEARNT, NEWS, STAFF, begin_de_an, lead, officer, played_dan_van
from stores import by_hand, refused
from survey_world import LINK, PKS, all_same, link_of, questionnaire

postgres_server, postgres_template = postgres.postgres_server, stores.postgres_template
url, store = stores.url, stores.store

ASKED, DAY = questionnaire(), date(2023, 5, 31)
SET, UNIT, AS_OF = "dan-van-chinh-quyen-tra-vinh-2021", "so-tttt", date(2021, 12, 31)


@pytest.fixture
def contest(store: Store) -> Store:
    """The year of 003 played, and the year-end contest of the department in self-assessment."""
    played_dan_van(store)

    def put(transaction: Transaction) -> None:
        about = {"code": UNIT, "name": "Sở Thông tin và Truyền thông", "kind": "co_quan"}
        transaction.put(tables.unit, UNIT, about)

    store.write(Order("system", "test.unit"), put)
    plan = contests.Plan("k", "Chấm cuối năm", SET, date(2021, 1, 1), date(2021, 12, 31))
    contests.create_contest(store, SYSTEM, plan)
    contests.add_units(store, SYSTEM, "k", [UNIT])
    phase = {"phase": Phase.SELF_ASSESSMENT.value}
    store.write(Order("system", "contest.advance", "k"), lambda t: t.put(tables.contest, "k", phase))
    return store


def take(store: Store, *codes: str) -> programme_marks.Answer:
    """Marks these criteria, or all that have figures; gives the last answer."""
    found = programme_marks.enter_from_programme(
        store, SYSTEM, "k", UNIT, "self", DV, "van_phong", 2021, as_of=AS_OF, criteria=codes
    )
    answers = [one for one in found.values() if isinstance(one, programme_marks.Answer)]
    return answers[-1]


def test_marks_come_from_the_record_and_score_as_counted_by_hand(contest: Store) -> None:
    take(contest)
    with contest.read() as connection:
        result = score_of(connection, "k", stage="self")
    points = {
        str(row.node): Fraction(str(row.points))
        for row in result.nodes.itertuples()
        if row.node in ("1.1", "1.2", "6.1")
    }
    learnt, staff = sum(map(sum, LEARNT.values())), sum(of[3] for of in STAFF.values())
    by_hand_ = {"1.1": Fraction(8 * learnt, staff), "1.2": Fraction(7), "6.1": Fraction(8 * 5, 6)}
    assert sum(map(sum, NEWS.values())) * Fraction(1, 2) >= 7
    for code, exact in by_hand_.items():
        assert points[code] == Fraction(int(exact * 100 + Fraction(1, 2)), 100), code  # to a hundredth, half up
    assert programme_marks.faults(contest, SYSTEM, "k", {UNIT: (DV, "van_phong")}, 2021, as_of=AS_OF) == []


def test_a_mark_changed_by_hand_and_a_record_that_moved_are_found_out(contest: Store) -> None:
    found = take(contest, "1.2")
    enter_marks(contest, SYSTEM, "k", UNIT, "self", [Entry("1.2", "40", found.reference)])
    wrong = programme_marks.faults(contest, SYSTEM, "k", {UNIT: (DV, "van_phong")}, 2021, as_of=AS_OF)
    assert [one.id for one in wrong] == ["feed.mark_differs"]
    take(contest, "1.2")
    return_report(contest, LEAD, f"{DV}/van_phong/bao_cao_quy/2021-Q4/nop", "đếm lại")
    wrong = programme_marks.faults(contest, SYSTEM, "k", {UNIT: (DV, "van_phong")}, 2021, as_of=AS_OF)
    assert [one.id for one in wrong] == ["feed.mark_differs"]
    with contest.read() as connection:
        (mark,) = rows(connection, tables.mark, contest="k", criterion="1.2")
    assert mark["answer"] == "28"  # a mark stays what it was


def test_what_the_record_does_not_say_is_not_marked(contest: Store) -> None:
    for code, why in (("2.2", "feed.no_figure"), ("2.1", "feed.not_from_here")):
        with pytest.raises(Refusal) as error:
            take(contest, code)
        assert refused(error) == [why]
    with pytest.raises(Refusal) as error:
        take(contest, "1.2", "2.1", "2.2")
    assert refused(error) == ["feed.not_from_here", "feed.no_figure"]
    with contest.read() as connection:
        assert rows(connection, tables.mark, contest="k") == [], "all that were named, or none"


def test_a_report_changed_past_the_software_gives_no_mark(contest: Store, url: str) -> None:
    by_hand(url, "UPDATE report SET figures = replace(figures, '\"28\"', '\"29\"')")
    with pytest.raises(Refusal) as error:
        take(contest, "1.2")
    assert refused(error) == ["report.hash_differs"]


def test_a_survey_of_the_programme_answers_once_it_is_closed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sealing.SETTING, sealing.new_key())
    begin_de_an(store)
    leaves = [
        leaf for leaf in criteria_library.load("mat-tran-phoi-hop-tuyen-quang-2022").leaves if leaf.code == "12.2"
    ]

    def told(member: str = "so_y_te", year: int = 2023) -> programme_marks.Answer | str:
        found = programme_marks.answers_for(store, LEAD, DA, member, leaves, year, as_of=date(2023, 12, 31))["12.2"]
        return found if isinstance(found, programme_marks.Answer) else found.id

    assert told() == "feed.no_survey"
    plan = Plan("hl", PKS, {"so_y_te": 90, "so_xay_dung": 90}, date(2023, 5, 1), DAY, programme=DA, mode=LINK)
    rounds = surveying.create_rounds(store, lead(DA), plan)
    surveying.open_rounds(store, lead(DA), rounds, today=DAY)
    assert told() == "feed.survey_open"
    for at in (0, 1, 2, 2, 3, 4):  # two are satisfied of five with an opinion
        token = survey_answering.new_token()
        survey_answering.answer(
            store, link_of(store, "hl/so_y_te"), token, "nguoi_dan", all_same(ASKED, at), {}, today=DAY
        )
    surveying.close_rounds(store, lead(DA), rounds, discard=True)
    answer = told()
    assert isinstance(answer, programme_marks.Answer)
    assert answer.answer == "2/5"
    assert answer.reference.startswith(f"khao-sat:{PKS}:hl/so_y_te#")
    assert told("so_xay_dung") == "survey.too_few_for_mark"
    assert told("huyen_son_duong") == told(year=2022) == "feed.no_survey"

    with store.read() as connection:
        (row,) = rows(connection, tables.survey_round, id="hl/so_y_te")
        assert is_about(connection, row, "k", "so_y_te")
        assert not is_about(connection, row, "k", UNIT)
    assert survey_of_another(store, answer) == "survey.foreign_round", "what verifying would call wrong is not entered"


def survey_of_another(store: Store, answer: programme_marks.Answer) -> str:
    """Why the answer of a survey does not fit a unit it is not about."""
    with store.read() as connection:
        fit = programme_marks._fit(connection, "k", UNIT, "self", "12.2", answer)
    assert isinstance(fit, Message)
    return fit.id


@given(tenths=st.integers(0, 10**6), of=st.integers(1, 10**6), places=st.integers(0, 4))
def test_a_share_of_figures_with_decimals_is_marked_in_whole_parts(tenths: int, of: int, places: int) -> None:
    given_ = {"done": str(Decimal(tenths) / 10), "of": str(Decimal(of) / 10**places)}
    whole = programme_marks._whole(given_)
    assert all(part.isdecimal() for part in whole.values())
    assert Fraction(whole["done"]) * Fraction(given_["of"]) == Fraction(given_["done"]) * Fraction(whole["of"])


def test_figures_that_are_whole_stay_as_they_are() -> None:
    assert programme_marks._whole({"done": "215.75", "of": "250"}) == {"done": "21575", "of": "25000"}
    assert programme_marks._whole({"done": "20", "of": "100"}) == {"done": "20", "of": "100"}
    assert programme_marks._whole({"count": "62.5"}) == {"count": "62.5"}


# field work in a report -----------------------------------------------------------------------------------------


def test_a_report_carries_difficulties_visits_and_support_of_its_period(store: Store) -> None:
    field_world.put_units(store)
    begin_programme(
        store,
        LEAD,
        Beginning(id="gd", source="giup-do-xa-mtqg-2023", period_from=date(2023, 1, 1), period_to=date(2023, 12, 31)),
    )
    set_members(store, LEAD, "gd", [Member(code="huyen", name="UBND huyện Trà Cú", office="ubnd_huyen")])
    key = "giup-do-xa-mtqg-2023/bao_cao_quy/2023-Q2/tong_hop"
    set_day(store, LEAD, "gd", key, date(2023, 7, 5))
    who, today, commune = officer("gd", "huyen"), date(2023, 7, 1), field_world.TAN_SON
    for given_on, amount in ((date(2023, 4, 1), "20000000"), (date(2023, 6, 30), "500001"), (date(2023, 7, 1), "9")):
        gift = Gift(
            unit=commune,
            kind="money",
            amount=amount,
            source="Công đoàn",
            purpose="nhà",
            given_on=given_on,
            member="huyen",
        )
        record_support(store, who, "gd", gift, today=today)
    for day in (date(2023, 3, 31), date(2023, 5, 4)):
        told = Announcement(
            unit=commune, planned_on=day, content="Nắm tình hình", announced_on=date(2023, 3, 20), member="huyen"
        )
        visit = announce_visit(store, who, "gd", told, today=today)
        hold_visit(store, who, visit, Report(held_on=day, result="Đã làm việc"), today=today)
    raised = Raised(unit=commune, words="Thiếu vốn", proposal="Bổ sung", on=date(2023, 5, 5), member="huyen")
    raise_difficulty(store, who, "gd", raised, today=today)
    content = report_for(store, LEAD, "gd", "huyen", "bao_cao_quy/2023-Q2").content
    assert content.support["money"] == str(20_000_000 + 500_001)
    assert (content.visits, content.visits_announced) == (1, 1)
    assert [(one.words, one.proposal) for one in content.difficulties] == [("Thiếu vốn", "Bổ sung")]
