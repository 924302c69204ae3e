"""The reader of marks: every wrong row at once, blank is not 0, and the fast way reads as the careful way."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import Evidence, Judge, Unit, criteria, frame, leaf, one_unit, problems, run, total
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal
from chamdiem.scoring.marks import Bare, Marks, Source, told_of
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.reading import build
from chamdiem.scoring.table import from_frame

LEVELS = {
    "kind": "levels",
    "levels": [
        {"key": "tot", "title": "Tốt", "points": 3},
        {"key": "kha", "title": "Khá", "points": 1},
        {"key": "kem", "title": "Kém", "points": 0},
    ],
}
RICH = criteria(
    leaf("ghi", 10),
    leaf("buoc", 5, {"kind": "manual", "step": "0.25"}),
    leaf("am", 5, {"kind": "manual", "step": "0.5", "lowest_points": -5}),
    leaf("muc", 3, LEVELS),
    leaf("co", 2, {"kind": "boolean"}),
    leaf("viec", 2, {"kind": "checklist", "items": [
        {"key": "a", "title": "A", "points": 1}, {"key": "b", "title": "B", "points": 1},
    ]}),
    leaf("dem", 4, {"kind": "count", "each": "0.5"}),
    leaf("chi_so", 6, {"kind": "external_index", "source": "thử", "decimals": 2}),
    leaf("gia_tri", 6, {"kind": "linear", "of": "value", "decimals": 3, "start": 0, "full": 40}),
    leaf("ty_le", 5, {"kind": "linear", "of": "share"}),
    leaf("khong_co", 5, {"kind": "linear", "of": "share"}, not_applicable={"policy": "full", "when": "không có"}),
    leaf("hai_long", 4, {"kind": "survey_share", "min_sample": 10}),
    facts=[{"id": "ky_luat", "title": "Không ai bị kỷ luật"}, {"id": "ngay", "title": "Ngày nộp", "kind": "date"}],
)  # fmt: skip
KEYS = ("unit", "criterion", "answer", "judge", "stage", "input")
UNITS = [Unit("a"), Unit("b")]
JUDGES = [Judge("g1"), Judge("g2")]


def read(made: CriteriaSet, rows: pd.DataFrame, **rest: Any) -> Marks:
    """The marks, coded."""
    return build(lay_out(made), from_frame(rows), **rest)


def refused(made: CriteriaSet, rows: pd.DataFrame, **rest: Any) -> list[tuple[int, str, tuple[str, ...]]]:
    """Row, sentence and path of every problem."""
    with pytest.raises(Refusal) as caught:
        read(made, rows, **rest)
    return problems(caught.value)


WRONG: list[tuple[tuple[object, ...], str]] = [
    # unit, criterion, answer, judge, stage, input → the sentence, "" where the row is right
    (("a", "ghi", "8,5", "g1", None, None), ""),
    (("c", "ghi", "8,5", "g1", None, None), "mark.unknown_unit"),
    ((None, "ghi", "8,5", "g1", None, None), "mark.no_unit"),
    (("  ", "ghi", "8,5", "g1", None, None), "mark.no_unit"),
    (("a", "gi", "8,5", "g1", None, None), "mark.unknown_criterion"),
    (("a", "", "8,5", "g1", None, None), "mark.no_criterion"),
    (("a", "buoc", "5", "g3", None, None), "mark.unknown_judge"),
    (("a", "buoc", "5", "g1", "chung_ket", None), "mark.unknown_stage"),
    (("b", "ty_le", "5", "g2", "self", "xong"), "mark.unknown_input"),
    (("b", "ghi", "10,01", "g1", None, None), "mark.above_maximum"),
    (("b", "buoc", "1,1", "g1", None, None), "mark.off_step"),
    (("b", "am", "-5,5", "g1", None, None), "mark.below_minimum"),
    (("b", "am", "-0,25", "g2", None, None), "mark.off_step"),
    (("b", "ghi", "NaN", "g2", None, None), "mark.unreadable"),
    (("a", "ghi", "inf", "g2", None, None), "mark.unreadable"),
    (("a", "buoc", "1e309", "g2", None, None), "mark.unreadable"),
    (("b", "buoc", float("inf"), "g2", None, None), "mark.unreadable"),
    (("a", "dem", 1e308, "g1", None, None), "mark.unreadable"),
    (("a", "chi_so", 0.1 + 0.2, "g1", None, None), "mark.unreadable"),
    (("b", "chi_so", "8,505", "g1", None, None), "mark.above_maximum"),
    (("b", "dem", "1,5", "g1", None, None), "mark.unreadable"),
    (("b", "dem", "-1", "g2", None, None), "mark.below_minimum"),
    (("b", "dem", str(2**62), "g1", "self", None), "mark.unreadable"),
    (("b", "dem", "1000000001", "g2", "self", None), "mark.above_maximum"),
    (("a", "muc", "xuất sắc", "g1", None, None), "mark.unreadable"),
    (("a", "muc", "4", "g2", None, None), "mark.unreadable"),
    (("a", "viec", "a; a", "g1", None, None), "mark.unreadable"),
    (("a", "co", "có lẽ", "g1", None, None), "mark.unreadable"),
    (("a", "am", "1", "g1", None, None), ""),
    (("a", "am", "2", "g1", None, None), "mark.twice"),
    (("a", "am", "3", "g1", None, None), "mark.twice"),
    (("a", "am", "3", "g1", "self", None), ""),
    (("a", "ty_le", "3", "g1", None, "done"), "mark.part_missing"),
    (("a", "ty_le", "95", "g2", None, None), "mark.needs_parts_of"),
    (("b", "ty_le", "4", "g1", None, "done"), "mark.done_above_of"),
    (("b", "ty_le", "3", "g1", None, "of"), ""),
    (("b", "hai_long", "21/20", "g1", None, None), "mark.satisfied_above_valid"),
    (("a", "ghi", "KAD", "g1", "self", None), "mark.always_applicable"),
    (("a", "khong_co", "KAD", "g1", None, None), "mark.answer_and_state"),
    (("a", "khong_co", "3/4", "g1", None, None), ""),
    (("a", "khong_co", "BQ", "g2", None, None), ""),
    (("a", "khong_co", "BQ", "g2", None, None), "mark.twice"),
    (("a", "ky_luat", "KAD", "g1", None, None), "mark.fact_needs_answer"),
    (("b", "ky_luat", "rồi", "g1", None, None), "mark.unreadable"),
    (("a", "ngay", "30/02/2026", "g1", None, None), "mark.unreadable"),
    (("b", "buoc", None, "g1", "self", None), ""),
    (("b", "buoc", "", "g2", "self", None), ""),
    (("b", "buoc", float("nan"), "g2", "council", None), ""),
]  # fmt: skip


def test_every_wrong_row_is_named_at_once() -> None:
    rows = pd.DataFrame([row for row, _ in WRONG], columns=list(KEYS), dtype=object)
    found = refused(RICH, rows, units=UNITS, judges=JUDGES)
    assert [(line, known) for line, known, _ in found] == [
        (line, known) for line, (_, known) in enumerate(WRONG, start=1) if known
    ]
    for line, known, path in found:
        keys = ("mark.unknown_unit", "mark.no_unit", "mark.unknown_judge", "mark.unknown_stage")
        if known not in (*keys, "mark.unknown_criterion", "mark.no_criterion", "mark.twice"):
            assert path == (WRONG[line - 1][0][1],)


def test_wrong_rows_are_the_same_in_any_order() -> None:
    rows = pd.DataFrame([row for row, _ in WRONG], columns=list(KEYS), dtype=object)
    rows = rows[[known != "mark.twice" for _, known in WRONG]]
    wanted = sorted(known for _, known, _ in refused(RICH, rows, units=UNITS, judges=JUDGES))
    for seed in range(3):
        mixed = rows.sample(frac=1, random_state=seed)
        assert sorted(known for _, known, _ in refused(RICH, mixed, units=UNITS, judges=JUDGES)) == wanted


NUMBERS: list[tuple[tuple[object, ...], str]] = [
    (("a", "ghi", 8.5, "g1"), ""),
    (("a", "ghi", float("nan"), "g2"), ""),
    (("c", "ghi", 8.5, "g2"), "mark.unknown_unit"),
    (("a", "gi", 8.5, "g2"), "mark.unknown_criterion"),
    (("a", "buoc", 1.0, "g3"), "mark.unknown_judge"),
    (("b", "ghi", 10.01, "g1"), "mark.above_maximum"),
    (("b", "buoc", 1.1, "g1"), "mark.off_step"),
    (("b", "am", -5.5, "g1"), "mark.below_minimum"),
    (("b", "ghi", float("inf"), "g2"), "mark.unreadable"),
    (("b", "buoc", float("-inf"), "g2"), "mark.unreadable"),
    (("b", "am", 1e308, "g2"), "mark.unreadable"),
    (("a", "chi_so", 0.1 + 0.2, "g1"), "mark.unreadable"),
    (("a", "dem", 1.5, "g1"), "mark.unreadable"),
    (("a", "dem", -1.0, "g2"), "mark.below_minimum"),
    (("a", "muc", 0.0, "g1"), ""),
    (("a", "muc", 4.0, "g2"), "mark.unreadable"),
    (("a", "co", 2.0, "g1"), "mark.unreadable"),
    (("a", "ty_le", 0.95, "g1"), "mark.needs_parts"),
    (("a", "am", 1.0, "g1"), ""),
    (("a", "am", 1.0, "g1"), "mark.twice"),
]


def test_every_wrong_number_is_named_at_once() -> None:
    rows = pd.DataFrame([row for row, _ in NUMBERS], columns=list(KEYS[:4])).astype({"answer": "float64"})
    found = refused(RICH, rows, units=UNITS, judges=JUDGES)
    assert [(line, known) for line, known, _ in found] == [
        (line, known) for line, (_, known) in enumerate(NUMBERS, start=1) if known
    ]


@pytest.mark.parametrize("missing", ["unit", "criterion", "answer"])
def test_column_that_is_missing(missing: str) -> None:
    rows = frame([("a", "ghi", "8,5")]).drop(columns=missing)
    assert refused(RICH, rows) == [(0, "mark.no_column", ())]


def test_all_columns_missing() -> None:
    assert [known for _, known, _ in refused(RICH, pd.DataFrame())] == ["mark.no_column"] * 3


def test_evidence_and_recusals_of_strangers() -> None:
    rows = frame([("a", "ghi", 8.5, "g1")], "judge")
    found = refused(
        RICH, rows, units=UNITS, judges=JUDGES,
        evidence=[Evidence("x", "ghi", "1/BC", "accepted"), Evidence("a", "ma_la", "2/BC", "accepted")],
        recused=[("a", "g9"), ("x", "g1")],
    )  # fmt: skip
    assert sorted(found) == [
        (0, "mark.unknown_judge", ("a", "g9")),
        (0, "mark.unknown_unit", ("x", "g1")),
        (0, "mark.unknown_unit", ("x", "ghi")),
        (0, "sheet.evidence_place", ("a", "ma_la")),
    ]


def test_blank_is_not_zero() -> None:
    made = criteria(leaf("ghi", 10))
    judged = [("a", "ghi", "8", "g1"), ("b", "ghi", "8", "g1")]
    result = run(made, frame([*judged, ("a", "ghi", None, "g2"), ("b", "ghi", "0", "g2")], "judge"))
    assert (total(result, "a"), total(result, "b")) == (8, 4)
    assert total(one_unit(made, {"ghi": 0})) == 0
    assert one_unit(made, {"ghi": 0}).verdict.totals.scored.tolist() == [True]
    assert one_unit(made, {"ghi": None}).verdict.totals.scored.tolist() == [False]


def test_empty_frame() -> None:
    nothing = frame([], "judge")
    assert read(RICH, nothing).units == ()
    assert run(RICH, nothing).units.empty
    some = run(RICH, nothing, units=UNITS, judges=JUDGES)
    assert some.units["rank"].isna().all()
    assert some.marks.sources == ()


def test_no_judge_column() -> None:
    marks = read(RICH, frame([("a", "ghi", 8.5), ("b", "ghi", 7)]))
    assert marks.sources == (Source("judge", ""),)
    assert marks.judges == ()


# The fast way and the careful way ----------------------------------------------------------------------------------

PLAIN = {
    "ghi": (0, 1000, 0.01), "buoc": (0, 20, 0.25), "am": (-10, 10, 0.5), "muc": (1, 3, 1), "co": (0, 1, 1),
    "dem": (0, 40, 1), "chi_so": (0, 12000, 0.01), "gia_tri": (-50000, 50000, 0.001), "ky_luat": (0, 1, 1),
}  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Numbers of three judges for four units, each place at most once, few or many, rarely one that is not allowed."""
    rnd = draw(st.randoms(use_true_random=False))
    codes = draw(st.lists(st.sampled_from(sorted(PLAIN)), min_size=1, max_size=9, unique=True))
    share, slip = draw(st.sampled_from([0.2, 0.7, 1.0])), draw(st.sampled_from([0, 0, 0.03]))
    rows: list[tuple[str, str, float, str]] = []
    for unit in "abcd":
        for judge in ("g1", "g2", "g3"):
            for code in codes:
                low, high, step = PLAIN[code]
                if rnd.random() < share:
                    count = rnd.randint(low, high)
                    answer = count * step if step >= 0.25 else count / round(1 / step)
                    if rnd.random() < slip:
                        answer = rnd.choice([answer + 0.005, -answer - 1, answer * 1000, 0.1 + 0.2, np.nan, np.inf])
                    rows.append((unit, code, answer, judge))
                    if rnd.random() < slip / 3:
                        rows.append(rows[-1])
    rnd.shuffle(rows)
    return frame(rows, "judge").astype({"answer": "float64"})


def outcome(rows: pd.DataFrame, **rest: Any) -> object:
    """The marks in full, or everything that is wrong with the rows."""
    try:
        marks = read(RICH, rows, **rest)
    except Refusal as refusal:
        return problems(refusal)
    assert marks.digest() == read(RICH, rows.iloc[::-1], **rest).digest()
    return marks.digest(), marks.units, marks.judges, marks.sources


WHO = [
    {},
    {"units": [Unit(code) for code in ("z", "d", "a", "b", "c", "0")]},
    {"judges": [Judge(code) for code in ("g3", "g0", "g1", "g2", "g9")]},
    {"units": [Unit(code) for code in "edcba"], "judges": [Judge(code) for code in ("g4", "g3", "g2", "g1")]},
]


@given(tables(), st.sampled_from(WHO), st.booleans())
def test_fast_and_careful_way_read_the_same(rows: pd.DataFrame, who: dict[str, Any], categories: bool) -> None:
    if categories:  # with values that no row has
        rows = rows.assign(
            unit=pd.Categorical(rows["unit"], categories=list("dxcba")),
            judge=pd.Categorical(rows["judge"], categories=["g2", "g8", "g3", "g1"]),
        )
    fast = outcome(rows, **who)
    with patch("chamdiem.scoring.reading.plain", return_value=None):
        assert outcome(rows, **who) == fast
    with patch("chamdiem.scoring.quick.CACHED", 0):  # as if there were more units than a cache holds
        assert outcome(rows, **who) == fast
    assert outcome(rows.assign(note=None), **who) == fast  # a column of notes is none of the fast way's business
    if rows["answer"].notna().all() and not isinstance(fast, list):
        assert (
            outcome(rows.assign(answer=[repr(answer).removesuffix(".0") for answer in rows["answer"]]), **who) == fast
        )


@pytest.mark.parametrize("cached", [0, 2**23])
def test_row_of_every_plain_kind_takes_the_fast_way(monkeypatch: pytest.MonkeyPatch, cached: int) -> None:
    rows = frame([("a", code, float(high * step), "g1") for code, (_, high, step) in PLAIN.items()], "judge")
    monkeypatch.setattr("chamdiem.scoring.reading._Reader", None)
    monkeypatch.setattr("chamdiem.scoring.quick.CACHED", cached)
    assert read(RICH, rows).sources == (Source("judge", "g1"),)


# Kinds of columns --------------------------------------------------------------------------------------------------

ANSWERS = ["8.5", "7.25", "10", "0"]


def four(answer: Any) -> pd.DataFrame:
    """Four marks of one criterion."""
    keys = {"unit": ["a", "a", "b", "b"], "criterion": ["ghi"] * 4, "judge": ["g1", "g2", "g1", "g2"]}
    return pd.DataFrame({**keys, "answer": answer})


@pytest.mark.parametrize(
    "answer",
    [
        pd.Series([float(text) for text in ANSWERS]),
        pd.Series([float(text) for text in ANSWERS], dtype="Float64"),
        pd.Series([float(text) for text in ANSWERS], dtype="float32"),
        pd.Series([float(text) for text in ANSWERS], dtype=object),
        pd.Series([Decimal(text) for text in ANSWERS], dtype=object),
        pd.Series([Decimal(text) for text in ANSWERS], dtype=pd.ArrowDtype(pa.decimal128(6, 2))),
        pd.Series([float(text) for text in ANSWERS], dtype=pd.ArrowDtype(pa.float64())),
        pd.Series([8.5, "7,25", 10, Decimal(0)], dtype=object),
        pd.Series(ANSWERS, dtype=object),
        pd.Series(ANSWERS, dtype="string"),
        pd.Series(ANSWERS, dtype=pd.ArrowDtype(pa.string())),
        pd.Series(ANSWERS).str.replace(".", ","),
        pd.Series([f" {text} " for text in ANSWERS]),
        pd.Categorical(ANSWERS, categories=["0", "9", "10", "7.25", "8.5"]),
        pd.Categorical([float(text) for text in ANSWERS]),
    ],
    ids=[
        "float64", "Float64", "float32", "objects", "decimals", "arrow_decimals", "arrow_floats", "mixed", "texts",
        "strings", "arrow_strings", "commas", "spaces", "categories", "categories_of_numbers",
    ],
)  # fmt: skip
def test_answers_in_any_kind_of_column(answer: Any) -> None:
    rows = four(answer)
    assert read(RICH, rows).digest() == read(RICH, four([8.5, 7.25, 10, 0])).digest()


@pytest.mark.parametrize(
    "answer",
    [
        pd.Series([8, None, 10, 0], dtype="Int64"),
        pd.Series([8, None, 10, 0], dtype="Float64"),
        pd.Series([8, np.nan, 10, 0]),
        pd.Series([8, None, 10, 0], dtype=object),
        pd.Series([8, None, 10, 0], dtype=pd.ArrowDtype(pa.int32())),
        pd.Series(["8", None, "10", "0"], dtype="string"),
        pd.Series(["8", " ", "10", "0"], dtype=object),
        pd.Categorical(["8", None, "10", "0"]),
    ],
    ids=["Int64", "Float64", "float64", "objects", "arrow", "strings", "texts", "categories"],
)
def test_blank_in_any_kind_of_column(answer: Any) -> None:
    assert read(RICH, four(answer)).digest() == read(RICH, four(["8,0", "", "10,0", "0,0"])).digest()


@pytest.mark.parametrize("kind", ["bool", "boolean", object, pd.ArrowDtype(pa.bool_())])
def test_yes_and_no_as_booleans(kind: Any) -> None:
    rows = four(pd.Series([True, False, True, True], dtype=kind)).assign(criterion="co")
    words = four(["có", "không", "x", "đạt"]).assign(criterion="co")
    assert read(RICH, rows).digest() == read(RICH, words).digest()


@pytest.mark.parametrize("kind", ["category", "string", object, pd.ArrowDtype(pa.string())])
def test_keys_in_any_kind_of_column(kind: Any) -> None:
    rows = four([8.5, 7.25, 10, 0])
    keyed = rows.astype({"unit": kind, "criterion": kind, "judge": kind})
    assert read(RICH, keyed).digest() == read(RICH, rows).digest()


def test_keys_with_spaces_and_loose_accents() -> None:
    made = criteria(leaf("ghi", 10))
    one = frame([("Hoà Bình", "ghi", 8, "g1"), ("Hoà Bình", "ghi", 6, "Tổ  1")], "judge")
    other = frame([(" Hoà Bình ", "ghi ", 8, " g1"), ("Hoà  Bình", "ghi", 6, "Tổ 1")], "judge")
    assert read(made, other).digest() == read(made, one).digest()
    assert [unit.code for unit in read(made, other).units] == ["Hoà Bình"]


def test_units_known_by_their_codes_alone_are_units_like_all_others() -> None:
    bare, whole = Bare(["07243", "07246", "07249"]), (Unit("07243"), Unit("07246"), Unit("07249"))
    assert (*bare,) == whole
    assert bare == whole
    assert hash(bare) == hash(whole)
    assert [bare[np.int64(at)] for at in range(3)] == [*whole]
    assert (bare[-1], bare[1:], len(bare)) == (whole[-1], whole[1:], 3)
    for name in Unit._fields:
        assert [*told_of(bare, name)] == [*told_of(whole, name)]
