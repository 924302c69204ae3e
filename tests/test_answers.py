"""Answers as they are written: every spelling that is understood, every mistake that is refused, and what is blank."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from builders import (
    IGNORE,
    Unit,
    criteria,
    frame,
    leaf,
    one_unit,
    open_matters,
    points,
    problems,
    run,
    total,
    why,
)  # fmt: skip
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal
from chamdiem.scoring.run import score
from chamdiem.scoring.table import Coded, from_frame, text_of
from chamdiem.words import say, use_language

GRADES = (("tot", "Tốt", 5), ("kha", "Khá", 3), ("kem", "Kém", 0))
LEVELS = {"kind": "levels", "levels": [{"key": key, "title": title, "points": top} for key, title, top in GRADES]}
LIST = {
    "kind": "checklist",
    "items": [{"key": key, "title": key.upper(), "points": 2} for key in ("loa", "bang", "web")],
}
COSTS = {"kind": "deduction_by_level", "levels": [{"key": key, "title": key, "each": 1} for key in ("nhe", "nang")]}


@pytest.fixture(scope="module")
def made() -> CriteriaSet:
    """One criterion of each type of answer."""
    return criteria(
        leaf("1", 10, {"kind": "manual", "step": "0.25", "lowest_points": "-1"}),
        leaf("2", 5, LEVELS),
        leaf("3", 6, LIST),
        leaf("4", 10, {"kind": "linear", "of": "share"}, not_applicable={"policy": "full"}),
        leaf("5", 4, {"kind": "boolean"}),
        leaf("6", 5, {"kind": "deadline", "due": "2024-03-01", "limit": "on_or_before"}),
        leaf("7", 5, COSTS),
        leaf("8", 10, {"kind": "linear", "of": "percent", "decimals": 1}),
        leaf("9", 5, {"kind": "count", "each": 1}),
        leaf("10", 5, {"kind": "survey_share"}),
        facts=[{"id": "sach", "title": "Sạch"}, {"id": "nop", "title": "Nộp", "kind": "date"}],
    )


SPELLED = [
    ("1", "8,5", "8.5"),
    ("1", "8.50", "8.5"),
    ("1", " 8,5 ", "8.5"),
    ("1", 8.5, "8.5"),
    ("1", Decimal("8.5"), "8.5"),
    ("1", 8, "8"),
    ("1", np.float64(8.25), "8.25"),
    ("1", np.float32(8.25), "8.25"),
    ("1", np.int8(8), "8"),
    ("1", "-0,75", "-0.75"),
    ("2", "tot", "5"),
    ("2", "TỐT", "5"),
    ("2", "tốt", "5"),
    ("2", "To\u0302\u0301t", "5"),
    ("2", "kha ", "3"),
    ("2", "3", "3"),
    ("2", 3, "3"),
    ("2", 5.0, "5"),
    ("2", "0,0", "0"),
    ("3", "loa;web", "4"),
    ("3", "loa, web", "4"),
    ("3", "bang", "2"),
    ("3", "Web ;LOA", "4"),
    ("3", "không có", "0"),
    ("3", "-", "0"),
    ("3", "0", "0"),
    ("3", 0, "0"),
    ("4", "3/4", "7.5"),
    ("4", " 3 / 4 ", "7.5"),
    ("4", "of: 4; done: 3", "7.5"),
    ("4", "3;4", "7.5"),
    ("4", "1.000/2.000", "5"),
    ("4", "kad", "10"),
    ("4", "Không áp dụng", "10"),
    ("5", "Đạt", "4"),
    ("5", "có", "4"),
    ("5", "x", "4"),
    ("5", True, "4"),
    ("5", np.True_, "4"),
    ("5", 1, "4"),
    ("5", "chưa đạt", "0"),
    ("5", False, "0"),
    ("5", 0, "0"),
    ("6", "1/3/2024", "5"),
    ("6", "01-03-2024", "5"),
    ("6", "01.03.2024", "5"),
    ("6", "2024-03-01", "5"),
    ("6", date(2024, 3, 1), "5"),
    ("6", datetime(2024, 3, 1, 23, 59), "5"),  # noqa: DTZ001 - a spreadsheet knows no zone
    ("6", pd.Timestamp("2024-03-02"), "0"),
    ("6", "2024-03-01 00:00:00", "5"),
    ("7", "nhe: 2; nang: 1", "2"),
    ("7", "nang = 1; nhe = 2", "2"),
    ("7", "2/1", "2"),
    ("7", "Nhẹ: 2; NẶNG: 1", "2"),
    ("8", "98,5%", "9.85"),
    ("8", "98,5", "9.85"),
    ("8", "98.5 %", "9.85"),
    ("8", 98.5, "9.85"),
    ("9", "3", "3"),
    ("9", 3.0, "3"),
    ("9", Decimal("3.0"), "3"),
    ("9", "1.000", "5"),
]


@pytest.mark.parametrize(
    ("code", "answer", "wanted"), SPELLED, ids=[f"{code} {answer!r}" for code, answer, _ in SPELLED]
)
def test_answer_is_understood(made: CriteriaSet, code: str, answer: object, wanted: str) -> None:
    assert points(run(made, mixed([("a", code, answer)])), code) == Fraction(wanted)


def mixed(rows: list[tuple[Any, ...]], *names: str) -> pd.DataFrame:
    """A frame whose columns keep each value as it is."""
    return pd.DataFrame(rows, columns=["unit", "criterion", "answer", *names], dtype=object)


WRONG = [
    ("1", "10,25", "mark.above_maximum"),
    ("1", "-1,25", "mark.below_minimum"),
    ("1", "8,3", "mark.off_step"),
    ("1", "8,333", "mark.above_maximum"),
    ("1", "8,3333", "mark.unreadable"),
    ("1", "tám", "mark.unreadable"),
    ("1", "nan", "mark.unreadable"),
    ("1", "inf", "mark.unreadable"),
    ("1", "-inf", "mark.unreadable"),
    ("1", "1e309", "mark.unreadable"),
    ("1", "1e2", "mark.unreadable"),
    ("1", "9" * 24, "mark.unreadable"),
    ("1", "9" * 400, "mark.unreadable"),
    ("1", 0.1 + 0.2, "mark.unreadable"),
    ("1", 1.125, "mark.unreadable"),
    ("1", float("inf"), "mark.unreadable"),
    ("1", 1e300, "mark.unreadable"),
    ("1", "KAD", "mark.always_applicable"),
    ("1", True, "mark.unreadable"),
    ("2", "xuất sắc", "mark.unreadable"),
    ("2", "1", "mark.unreadable"),
    ("2", "4", "mark.unreadable"),
    ("2", 2.5, "mark.unreadable"),
    ("2", "tot; kha", "mark.unreadable"),
    ("3", "loa; loa", "mark.unreadable"),
    ("3", "tivi", "mark.unreadable"),
    ("3", "2", "mark.unreadable"),
    ("3", "2; 2", "mark.unreadable"),
    ("3", 1, "mark.unreadable"),
    ("4", "5/4", "mark.done_above_of"),
    ("4", "3/0", "mark.below_minimum"),
    ("4", "3", "mark.needs_parts_of"),
    ("4", "1/2/3", "mark.needs_parts_of"),
    ("4", "-1/4", "mark.below_minimum"),
    ("4", "1,5/4", "mark.unreadable"),
    ("4", "done: 3", "mark.part_missing"),
    ("4", "lam: 3; of: 4", "mark.unknown_input"),
    ("5", "có lẽ", "mark.unreadable"),
    ("5", 2, "mark.unreadable"),
    ("6", "31/02/2024", "mark.unreadable"),
    ("6", "1/3/24", "mark.unreadable"),
    ("6", "hôm qua", "mark.unreadable"),
    ("6", "1/1/1969", "mark.below_minimum"),
    ("6", 45352, "mark.unreadable"),
    ("7", "nhe: 2", "mark.part_missing"),
    ("7", "2", "mark.needs_parts_of"),
    ("7", "nhe: 2; nhe: 1", "mark.unknown_input"),
    ("8", "98,55", "mark.unreadable"),
    ("8", "1000,1", "mark.above_maximum"),
    ("8", "-1", "mark.below_minimum"),
    ("9", "-1", "mark.below_minimum"),
    ("9", "1,5", "mark.unreadable"),
    ("9", 1.234, "mark.unreadable"),
    ("9", Decimal("1.234"), "mark.unreadable"),
    ("9", "1000000001", "mark.above_maximum"),
    ("10", "11/10", "mark.satisfied_above_valid"),
    ("sach", "KAD", "mark.fact_needs_answer"),
    ("sach", "BQ", "mark.fact_needs_answer"),
    ("nop", "mai", "mark.unreadable"),
]


@pytest.mark.parametrize(
    ("code", "answer", "wanted"), WRONG, ids=[f"{code} {answer!r}"[:40] for code, answer, _ in WRONG]
)
def test_answer_is_refused(made: CriteriaSet, code: str, answer: object, wanted: str) -> None:
    with pytest.raises(Refusal) as refused:
        run(made, mixed([("a", code, answer)]))
    assert problems(refused.value) == [(1, wanted, (code,))]


def test_part_that_is_wrong_is_named_once(made: CriteriaSet) -> None:
    rows = [
        ("a", "4", "3", "lam"),
        ("a", "4", "3", "done"),
        ("a", "7", "x", "nhe"),
        ("a", "7", "1", "nang"),
        ("a", "10", 5, "valid"),
    ]
    with pytest.raises(Refusal) as refused:
        run(made, mixed(rows, "input"))
    found = [(line, known) for line, known, _ in problems(refused.value)]
    assert found == [(1, "mark.unknown_input"), (3, "mark.unreadable"), (5, "mark.part_missing")]


@pytest.mark.parametrize(
    ("code", "answer", "words"),
    [
        ("4", "3", "số đã làm; tổng số"),
        ("4", "số đã làm: 3", "tổng số"),
        ("4", "lam: 3; of: 4", "số đã làm; tổng số"),
        ("10", "5", "số phiếu hài lòng; số phiếu hợp lệ"),
        ("7", "2", "nhe; nang"),
    ],
)
def test_parts_are_called_by_their_words(made: CriteriaSet, code: str, answer: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        run(made, mixed([("a", code, answer)]))
    (problem,) = refused.value.problems
    assert re.search(rf"phần:? ?[:]? {words}\.|Hãy ghi đủ: {words}\.", say(problem.message)), say(problem.message)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("answer", ["số đã làm: 3; tổng số: 4", "TONG SO: 4; So da lam: 3", "number done: 3; of: 4"])
def test_parts_are_read_by_their_words_in_whatever_language(made: CriteriaSet, language: str, answer: str) -> None:
    use_language(language)
    assert points(one_unit(made, {"4": answer}), "4") == Fraction("7.5")


def test_a_share_of_nothing_and_a_share_written_twice_are_told_once(made: CriteriaSet) -> None:
    with pytest.raises(Refusal) as refused:
        run(
            made,
            frame([("a", "4", "0/0"), ("b", "4", "3/4"), ("b", "4", "3/4"), ("c", "10", "0/0"), ("c", "10", "0/0")]),
        )
    assert [found[:2] for found in problems(refused.value)] == [
        (1, "mark.below_minimum"), (3, "mark.twice"), (5, "mark.twice"),
    ]  # fmt: skip


def test_nothing_is_scored_when_one_row_is_wrong(made: CriteriaSet) -> None:
    with pytest.raises(Refusal):
        run(made, frame([("a", "1", "8,5"), ("b", "1", "x")]))


def test_frame_without_a_column_is_refused_by_name(made: CriteriaSet) -> None:
    with pytest.raises(Refusal) as refused:
        run(made, pd.DataFrame({"unit": ["a"], "diem": [1]}))
    assert [problem.message.values["name"] for problem in refused.value.problems] == ["criterion", "answer"]


# blank is not zero


@pytest.mark.parametrize("blank", [None, "", "   ", float("nan"), pd.NA, pd.NaT])
@pytest.mark.parametrize("code", ["1", "2", "3", "4", "5", "6"])
def test_blank_is_not_zero(made: CriteriaSet, blank: object, code: str) -> None:
    result = run(made, mixed([("a", "9", 1), ("a", code, blank)]))
    assert why(result, code) == "UNMARKED"
    assert open_matters(result) == {"matter.unmarked"}


def test_blank_beside_an_answer_is_not_a_second_mark(made: CriteriaSet) -> None:
    assert points(run(made, mixed([("a", "3", None), ("a", "3", "loa")])), "3") == 2


def test_blank_judge_and_stage_are_an_office_at_the_judging(made: CriteriaSet) -> None:
    rows = [("a", "1", 8, "", ""), ("a", "2", "tot", None, None), ("a", "3", "loa", " ", "judge")]
    result = run(made, mixed(rows, "judge", "stage"))
    assert [(source.stage, source.judge) for source in result.marks.sources] == [("judge", "")]
    assert result.marks.judges == ()


# frames of every make


@pytest.mark.parametrize("dtype", ["int64", "Int64", "uint8", "int8", "float64", "object", "str", "category", "bool"])
def test_whole_answers_of_every_dtype(made: CriteriaSet, dtype: str) -> None:
    result = run(made, pd.DataFrame({"unit": "a", "criterion": ["5"], "answer": pd.Series([1]).astype(dtype)}))
    assert points(result, "5") == 4


@pytest.mark.parametrize("dtype", ["object", "str", "category", "string"])
def test_keys_of_every_dtype(made: CriteriaSet, dtype: str) -> None:
    given = frame([("b", "1", 8, "g"), ("a", "1", 7, "g"), ("a", "9", 2, "h")], "judge")
    result = run(made, given.astype({"unit": dtype, "criterion": dtype, "judge": dtype}))
    assert (total(result, "a"), total(result, "b")) == (9, 8)


def test_numbers_as_keys(made: CriteriaSet) -> None:
    result = run(made, pd.DataFrame({"unit": [7288, 7289], "criterion": [1, 9], "answer": [8, 2]}))
    assert [unit.code for unit in result.marks.units] == ["7288", "7289"]


def test_categories_that_no_row_has_do_not_exist(made: CriteriaSet) -> None:
    given = frame([("a", "1", 8, "g"), ("b", "1", 8, "h")], "judge").astype({"unit": "category", "judge": "category"})
    for one in (given[given["unit"] == "a"], given[given["unit"] == "a"].astype({"answer": "object"})):
        result = run(made, one)
        assert [unit.code for unit in result.marks.units] == ["a"]
        assert [judge.code for judge in result.marks.judges] == ["g"]


def test_keys_are_the_same_however_they_are_typed(made: CriteriaSet) -> None:
    decomposed = "Đo\u0302\u0300ng Ta\u0302m"
    result = run(made, frame([("Đồng Tâm", "1", 8), (f" {decomposed}  ", "9", 2), ("Đồng  Tâm", "5", "có")]))
    assert len(result.marks.units) == 1
    assert total(result, "Đồng Tâm") == 14


def test_empty_frame_scores_nobody(made: CriteriaSet) -> None:
    result = run(made, frame([], "judge"))
    assert len(result.units) == 0
    assert len(result.nodes) == 0
    assert result.hash


def test_empty_frame_with_units_leaves_them_unmarked(made: CriteriaSet) -> None:
    result = run(made, frame([], "judge"), units=[Unit("b"), Unit("a")])
    assert result.units["unit"].tolist() == ["a", "b"]
    assert result.units["total"].isna().all()
    assert result.units["rank"].isna().all()
    assert open_matters(result) == {"matter.no_marks"}


def test_one_row_without_a_judge_column(made: CriteriaSet) -> None:
    assert total(run(made, frame([("a", "1", 8.5)]))) == Fraction("8.5")


@pytest.mark.parametrize("part", ["of", "tổng số", "total number"])
def test_parts_in_rows_of_their_own(made: CriteriaSet, part: str) -> None:
    rows = [("a", "4", 3, "done"), ("a", "4", 4, part), ("a", "7", 1, "nhe"), ("a", "7", 2, "nang")]
    for answers in ("float64", "str"):
        result = run(made, frame(rows, "input").astype({"answer": answers}))
        assert (points(result, "4"), points(result, "7")) == (Fraction("7.5"), 2)


# levels that are called by numbers


NUMBERS = [{"key": key, "title": f"Mức {key}", "points": top} for key, top in (("3", 5), ("2", 2), ("1", 0))]
NUMBERED = {"kind": "levels", "levels": NUMBERS}


@pytest.mark.parametrize("answers", ["float64", "int64", "str", "category", "object"])
def test_number_names_the_level_that_is_called_so(answers: str) -> None:
    made = criteria(leaf("1", 5, NUMBERED))
    given = frame([("a", "1", 3, "g"), ("b", "1", 1, "g")], "judge").astype({"answer": answers})
    assert [points(run(made, given), "1", unit) for unit in "ab"] == [5, 0]


def test_number_names_no_level_where_two_are_worth_as_much() -> None:
    levels = [{"key": key, "title": key, "points": top} for key, top in (("a", 5), ("b", 2), ("c", 2), ("d", "0,5"))]
    made = criteria(leaf("1", 5, {"kind": "levels", "levels": levels}))
    assert [points(one_unit(made, {"1": answer}), "1") for answer in (5, "5,00", 0.5, "c")] == [5, 5, Fraction(1, 2), 2]
    with pytest.raises(Refusal):
        one_unit(made, {"1": 2})


# bounds of a category


def test_answer_within_the_bounds_of_the_units_own_rule() -> None:
    rule = {"kind": "manual", "step": "0.25"}
    other = {"category": "nui", "rule": {**rule, "lowest_points": "2"}}
    made = criteria(leaf("1", 10, rule, variants=[other]), categories=[{"id": "nui", "title": "Núi"}])
    units = [Unit("a"), Unit("b", category="nui")]
    assert run(made, frame([("a", "1", 1), ("b", "1", 2)]), units=units)
    with pytest.raises(Refusal) as refused:
        run(made, frame([("a", "1", 1), ("b", "1", 1)]), units=units)
    assert problems(refused.value) == [(2, "mark.below_minimum", ("1",))]


def test_more_done_than_there_was_where_the_units_own_rule_forbids_it() -> None:
    rule = {"kind": "linear", "of": "share", "may_exceed": "true"}
    other = {"category": "nui", "rule": {**rule, "may_exceed": "false"}}
    made = criteria(leaf("1", 10, rule, variants=[other]), categories=[{"id": "nui", "title": "Núi"}])
    units = [Unit("a"), Unit("b", category="nui")]
    with pytest.raises(Refusal) as refused:
        run(made, frame([("a", "1", "7/5"), ("b", "1", "7/5")]), units=units)
    assert problems(refused.value) == [(2, "mark.done_above_of", ("1",))]


# small things


def test_texts_of_values() -> None:
    assert [text_of(value) for value in (1.125, Decimal("1.125"), 8.0, Decimal("1E+3"), True, " a\t b ")] == [
        "1.1250", "1.1250", "8", "1000", "có", "a b",
    ]  # fmt: skip


def test_columns_of_texts_know_their_blanks() -> None:
    coded = Coded.of(["a", None, " ", "b", "a", ""])
    assert coded.codes.tolist() == [0, -1, -1, 2, 0, -1]
    assert coded.occurring() == ["a", "b"]
    assert from_frame(frame([("a", "1", " ")])).answer.codes.tolist() == [-1]


def test_notes_are_kept_by_mark(made: CriteriaSet) -> None:
    result = run(made, mixed([("a", "1", 8, "g", "thiếu QĐ"), ("a", "9", 1, "g", None)], "judge", "note"))
    assert result.marks.notes == {("a", "1", "judge", "g"): "thiếu QĐ"}


def test_marks_that_are_coded_already_are_scored_as_they_are(made: CriteriaSet) -> None:
    first = one_unit(made, {"1": 8, "9": 2})
    assert score(made, first.marks, IGNORE).hash == first.hash


def test_levels_of_many_points_beside_many_decimals_are_read_in_little_room() -> None:
    levels = [{"key": key, "title": key, "points": top} for key, top in (("a", 99990), ("b", "0,5"), ("c", -90000))]
    fine = {"kind": "linear", "of": "percent", "decimals": 6}
    made = criteria(leaf("1", 99990, {"kind": "levels", "levels": levels}), leaf("2", 10, fine))
    rows = [("a", "1", 99990, "g"), ("b", "1", 0.5, "g"), ("c", "1", -90000, "g"), ("c", "2", 99.999999, "g")]
    result = run(made, frame(rows, "judge"))
    assert [points(result, "1", unit) for unit in "abc"] == [99990, Fraction(1, 2), -90000]


def test_number_that_is_small_beside_many_decimals() -> None:
    fine = {"kind": "linear", "of": "percent", "decimals": 6}
    facts = [{"id": "sach", "title": "Sạch"}]
    made = criteria(leaf("1", 10, fine), facts=facts, gates=[{"id": "g", "title": "G", "when": {"fact": "sach"}}])
    result = run(made, frame([("a", "sach", 0, "g"), ("a", "1", 0, "g")], "judge"))
    assert result.verdict.recognised.tolist() == [[False]]


def test_many_rows_are_read_in_portions_and_a_repeat_is_found_across_them() -> None:
    made = criteria(*(leaf(str(at), 10) for at in range(1, 10)))
    keys = pd.MultiIndex.from_product(
        [[f"u{at:03}" for at in range(800)], [str(at) for at in range(1, 10)], list("abcdefghij")]
    )
    rows = keys.to_frame(index=False, name=["unit", "criterion", "judge"]).assign(
        answer=np.arange(len(keys)) % 1000 / 100
    )
    result = run(made, rows)
    assert result.marks.digest() == run(made, rows.sample(frac=1, random_state=1)).marks.digest()
    assert total(result, "u000") == Fraction("4.05")  # means of 0,045, 0,145 … 0,845, each rounded up
    again = pd.concat([rows, rows.iloc[[7]]], ignore_index=True)
    with pytest.raises(Refusal) as refused:
        run(made, again)
    assert problems(refused.value) == [(len(again), "mark.twice", ())]
