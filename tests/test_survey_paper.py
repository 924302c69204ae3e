"""Paper forms: impossible numbers are refused where they stand, a second person re-checks, and differences are on record."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import stores
from chamdiem.errors import Refusal
from chamdiem.office import survey_paper, survey_results, surveying
from chamdiem.office.survey_paper import INVALID, Said
from chamdiem.office.survey_paper_files import read_forms
from chamdiem.store import ballot_box, sealing, tables
from chamdiem.store.database import Store
from chamdiem.store.proof import verify
from chamdiem.surveys.questionnaire import Recheck
from contest_world import refusal
from survey_world import ORGANISER, ROUND, SECOND, SECRETARY, all_same, answer, begun, questionnaire

sqlite_store = stores.sqlite_store
ASKED = questionnaire()
BATCH = f"{ROUND}/1"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sealing.SETTING, sealing.new_key())


def form(at: int = 0, who: str = "nguoi_dan", **but: str) -> Said:
    """A form with the option at this place for every question."""
    return {**all_same(ASKED, at), "respondents": who, **{code.removeprefix("q"): said for code, said in but.items()}}


def piled(store: Store, n: int = 20, **forms: Said) -> None:
    """A batch that was entered whole by the secretary."""
    begun(store, codes=10)
    survey_paper.begin_batch(store, SECRETARY, ROUND, "Thôn Cây Thị", sent=n + 5, returned=n)
    said = {at: form(at % 2) for at in range(1, n + 1)} | {int(at[1:]): one for at, one in forms.items()}
    survey_paper.enter_forms(store, SECRETARY, BATCH, said)
    survey_paper.finish_batch(store, SECRETARY, BATCH)


def batch_row(store: Store) -> dict[str, object]:
    with store.read() as connection:
        return dict(connection.execute(select(tables.survey_batch)).mappings().one())


def places(work: Callable[[], object]) -> list[tuple[str, ...]]:
    with pytest.raises(Refusal) as refused:
        work()
    return sorted((*problem.where.path, problem.message.id) for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("sent", "returned", "why"),
    [
        (10, 11, "survey.returned_above_sent"), (10, -1, "survey.returned_above_sent"), (0, 0, "survey.sent_none"),
        (10_001, 5, "survey.sent_above_population"),
    ],
)  # fmt: skip
def test_impossible_numbers_are_refused_with_their_place(
    sqlite_store: Store, sent: int, returned: int, why: str
) -> None:
    begun(sqlite_store)
    begin = lambda: survey_paper.begin_batch(sqlite_store, SECRETARY, ROUND, "Thôn 1", sent=sent, returned=returned)  # noqa: E731
    assert places(begin) == [("Thôn 1", why)]


def test_all_piles_together_are_no_more_than_the_population(sqlite_store: Store) -> None:
    begun(sqlite_store)
    survey_paper.begin_batch(sqlite_store, SECRETARY, ROUND, "Thôn 1", sent=9_000, returned=10)
    second = lambda label, sent: survey_paper.begin_batch(sqlite_store, SECRETARY, ROUND, label, sent=sent, returned=1)  # noqa: E731
    assert places(lambda: second("Thôn 2", 1_001)) == [("Thôn 2", "survey.sent_above_population")]
    assert places(lambda: second(" Thôn  1 ", 5)) == [("Thôn 1", "survey.batch_label")]
    assert second("Thôn 2", 1_000) == f"{ROUND}/2"


def test_every_wrong_answer_of_every_form_is_named_and_none_is_kept(sqlite_store: Store) -> None:
    begun(sqlite_store)
    survey_paper.begin_batch(sqlite_store, SECRETARY, ROUND, "Thôn 1", sent=5, returned=3)
    forms: dict[int, Said] = {1: form(), 2: form(q3="", q6="tuyet"), 3: {**all_same(ASKED)}, 4: form(), 0: form()}
    assert places(lambda: survey_paper.enter_forms(sqlite_store, SECRETARY, BATCH, forms)) == [
        ("Thôn 1", "0", "survey.number_above_returned"),
        ("Thôn 1", "2", "3", "survey.choose_one"),
        ("Thôn 1", "2", "6", "survey.unknown_option"),
        ("Thôn 1", "3", "respondents", "survey.choose_class"),
        ("Thôn 1", "4", "survey.number_above_returned"),
    ]
    with sqlite_store.read() as connection:
        assert connection.execute(select(tables.survey_paper)).fetchall() == []


def test_a_batch_is_finished_once_every_form_that_came_back_is_entered(sqlite_store: Store) -> None:
    begun(sqlite_store)
    survey_paper.begin_batch(sqlite_store, SECRETARY, ROUND, "Thôn 1", sent=5, returned=3)
    survey_paper.enter_forms(sqlite_store, SECRETARY, BATCH, {1: form(), 3: INVALID})
    assert refusal(lambda: survey_paper.finish_batch(sqlite_store, SECRETARY, BATCH)) == ["survey.forms_missing"]
    survey_paper.enter_forms(sqlite_store, SECRETARY, BATCH, {2: form(1)})
    assert survey_paper.finish_batch(sqlite_store, SECRETARY, BATCH) == 2
    assert refusal(lambda: survey_paper.enter_forms(sqlite_store, SECRETARY, BATCH, {1: form()})) == [
        "survey.batch_not_entering"
    ]


def test_one_person_enters_and_another_one_re_checks(sqlite_store: Store) -> None:
    piled(sqlite_store)
    assert refusal(lambda: survey_paper.draw_sample(sqlite_store, SECRETARY, BATCH)) == ["survey.same_person"]
    drawn = survey_paper.draw_sample(sqlite_store, SECOND, BATCH)
    assert len(drawn) == 5
    assert set(drawn) <= set(range(1, 21))
    assert refusal(lambda: survey_paper.draw_sample(sqlite_store, SECOND, BATCH)) == ["survey.batch_not_entered"], (
        "once"
    )
    again = {number: form(number % 2) for number in drawn}
    assert refusal(lambda: survey_paper.recheck(sqlite_store, ORGANISER, BATCH, again)) == ["survey.batch_not_drawn"]
    found = survey_paper.recheck(sqlite_store, SECOND, BATCH, again)
    assert (found.compared, found.differences, found.stands, found.rate) == (5 * 7, (), True, 0)
    row = batch_row(sqlite_store)
    assert (row["status"], row["entered_by"], row["checked_by"], row["differing"]) == (
        "checked",
        "thu_ky",
        "thu_ky_2",
        0,
    )


def test_exactly_the_forms_that_were_drawn_are_re_checked(sqlite_store: Store) -> None:
    piled(sqlite_store)
    drawn = survey_paper.draw_sample(sqlite_store, SECOND, BATCH)
    wrong = {number: form(number % 2) for number in drawn[:-1]}
    assert refusal(lambda: survey_paper.recheck(sqlite_store, SECOND, BATCH, wrong)) == ["survey.other_forms_drawn"]


def test_a_batch_with_too_many_differences_is_entered_again(sqlite_store: Store) -> None:
    piled(sqlite_store)
    drawn = survey_paper.draw_sample(sqlite_store, SECOND, BATCH)
    again = {number: form(number % 2) for number in drawn} | {drawn[0]: form(drawn[0] % 2, q3="khong_hai_long")}
    found = survey_paper.recheck(sqlite_store, SECOND, BATCH, again)
    assert found.differences == ((drawn[0], "3"),)
    assert (found.rate, found.stands) == (Fraction(1, 35), False), "1/35 is above 2%"
    row = batch_row(sqlite_store)
    assert (row["status"], json.loads(str(row["differences"]))) == ("entering", [[drawn[0], "3"]])
    assert refusal(lambda: surveying.close_round(sqlite_store, ORGANISER, ROUND)) == ["survey.batches_unchecked"]
    assert survey_paper.finish_batch(sqlite_store, SECRETARY, BATCH) == 20
    assert survey_paper.draw_sample(sqlite_store, SECOND, BATCH)


def test_few_differences_stand_and_the_second_reading_counts(sqlite_store: Store) -> None:
    piled(sqlite_store, 100)
    drawn = survey_paper.draw_sample(sqlite_store, SECOND, BATCH)
    assert len(drawn) == 10, "a tenth"
    again = {number: form(number % 2) for number in drawn} | {drawn[0]: form(drawn[0] % 2, q6="khong_hai_long")}
    found = survey_paper.recheck(sqlite_store, SECOND, BATCH, again)
    assert (found.rate, found.stands) == (Fraction(1, 70), True)
    surveying.close_round(sqlite_store, ORGANISER, ROUND)
    results = survey_results.results_for(sqlite_store, ORGANISER, ROUND).results
    assert results.everybody is not None
    headline = results.everybody.questions["6"]
    assert headline is not None
    assert headline.options["khong_hai_long"] == 1


def test_a_form_that_only_one_of_both_holds_valid_differs_in_everything(sqlite_store: Store) -> None:
    piled(sqlite_store, 5, n3=INVALID)
    drawn = survey_paper.draw_sample(sqlite_store, SECOND, BATCH)
    assert drawn == [1, 2, 3, 4, 5], "of five, all"
    found = survey_paper.recheck(sqlite_store, SECOND, BATCH, {number: form(number % 2) for number in drawn})
    assert len(found.differences) == 7
    assert {number for number, _ in found.differences} == {3}
    assert batch_row(sqlite_store)["valid"] == 5


def test_paper_and_telephones_are_counted_together_and_nothing_leads_back_to_paper(sqlite_store: Store) -> None:
    piled(sqlite_store, 20, n4=INVALID)
    codes = surveying.issue_codes(sqlite_store, ORGANISER, ROUND, 5)
    for code in codes:
        answer(sqlite_store, code, all_same(ASKED, 3))
    drawn = survey_paper.draw_sample(sqlite_store, SECOND, BATCH)
    again = {number: INVALID if number == 4 else form(number % 2) for number in drawn}
    assert survey_paper.recheck(sqlite_store, SECOND, BATCH, again).stands
    found = surveying.close_round(sqlite_store, ORGANISER, ROUND)
    assert (found.online, found.paper, found.kept) == (5, 19, 24)
    with sqlite_store.read() as connection:
        assert connection.execute(select(tables.survey_paper)).fetchall() == []
        assert len(ballot_box.answers_of(connection, ROUND)) == 24
        told = select(tables.event.c.after).where(tables.event.c.entity != "questionnaire")
        said = "\n".join(str(one) for one in connection.execute(told).scalars())
    assert "hai_long" not in said, "the journal says where forms differ, never what they say"
    assert list(verify(sqlite_store)) == []


@given(returned=st.integers(0, 5000), share=st.fractions(Fraction(1, 100), 1), least=st.integers(1, 50))
def test_a_sample_is_at_least_the_share_and_never_more_than_there_is(
    returned: int, share: Fraction, least: int
) -> None:
    n = survey_paper.sample_of(Recheck(share=share, least=least, most_errors=Fraction(0)), returned)
    assert n <= returned
    assert n == returned or (n >= least and Fraction(n, returned) >= share)
    assert n in (returned, least) or n - 1 < share * returned


# files ----------------------------------------------------------------------------------------------------------

HEAD = "Số phiếu giấy,Nhóm,1,2,3,4,5,6"


def table(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "phieu.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_answers_are_read_by_place_key_or_words(tmp_path: Path) -> None:
    path = table(tmp_path, "1,Người dân,1,2,3,4,5,1", "2,to_chuc,rat_hai_long,Hài lòng,hai long,4,5,1", "", "3,x,,,,,,")
    found = read_forms(path, ASKED)
    assert found[1] == {
        "respondents": "nguoi_dan", "1": "rat_hai_long", "2": "hai_long", "3": "binh_thuong", "4": "khong_hai_long",
        "5": "khong_y_kien", "6": "rat_hai_long",
    }  # fmt: skip
    assert found[2] == {
        "respondents": "to_chuc", "1": "rat_hai_long", "2": "hai_long", "3": "hai_long", "4": "khong_hai_long",
        "5": "khong_y_kien", "6": "rat_hai_long",
    }  # fmt: skip
    assert found[3] == INVALID


def test_every_wrong_cell_of_a_file_is_named(tmp_path: Path) -> None:
    path = table(tmp_path, "1,ai đó,1,2,3,4,5,9", "một,Người dân,1,1,1,1,1,1", "1,Người dân,1,1,1,1,1,1")
    with pytest.raises(Refusal) as refused:
        read_forms(path, ASKED)
    found = [(problem.where.cell, problem.message.id) for problem in refused.value.problems]
    assert found == [
        ("B2", "survey.unknown_answer"), ("H2", "survey.unknown_answer"), ("A3", "survey.number_unreadable"),
        ("A4", "survey.number_twice"),
    ]  # fmt: skip


@pytest.mark.parametrize("head", ["Số phiếu giấy,Nhóm,1,2,3,4,5", "Nhóm,1,2,3,4,5,6", "Số phiếu giấy,1,2,3,4,5,6", ""])
def test_a_file_without_its_columns_is_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises(Refusal, match=r"survey\.no_headings"):
        read_forms(table(tmp_path, "1,1,1,1,1,1,1,1", head=head), ASKED)
