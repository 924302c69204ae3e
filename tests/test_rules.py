"""Every rule kind at its edges, through the whole engine: an answer as it is written, the points it is worth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from builders import CALENDAR, Policy, Unit, criteria, frame, leaf, one_unit, open_matters, points, run, why
from chamdiem.criteria.columns import Exact
from chamdiem.criteria.model import CriteriaSet
from chamdiem.criteria.rules import KINDS, Answers, Scale
from chamdiem.points import Rounding

Rule = dict[str, Any]


def items(count: int, points: object | None = None) -> list[dict[str, object]]:
    """So many items or levels."""
    made: list[dict[str, object]] = [{"key": f"v{at}", "title": f"Việc số {at} làm"} for at in range(count)]
    return made if points is None else [{**one, "points": points} for one in made]


def worth(top: object, rule: Rule, answer: object, **rest: Any) -> Fraction:
    """The points of one answer, exactly as rounded at the criterion."""
    return points(one_unit(criteria(leaf("1", top, rule), **rest), {"1": answer}), "1")


MANUAL = {"kind": "manual", "step": "0.25", "lowest_points": "-1"}
LINEAR = {"kind": "linear", "of": "percent", "start": "33,333333%", "full": "66,666667%", "decimals": 6}
STEPS = {
    "kind": "base_plus_steps", "of": "percent", "decimals": 6, "start": "10%", "base": 1, "steps_from": "20%",
    "step": "0,000001%", "per_step": "0.01", "partial_step": "ignored",
}  # fmt: skip
BANDS = {
    "kind": "bands",
    "of": "value",
    "decimals": 3,
    "bands": [{"from": "-1,5", "points": 2}, {"from": "0,001", "points": 5}],
}
SURVEY = {"kind": "survey_share", "min_sample": 0, "start": "20%", "full": "80%", "zero_below": "50%"}
WEIGHTED = {
    "kind": "survey_weighted", "min_sample": 3,
    "options": [{"key": "a", "title": "A", "weight": "1"}, {"key": "b", "title": "B", "weight": "1/3"}],
}  # fmt: skip
X = [{"key": "x", "title": "X"}]
AFTER = {"kind": "deadline", "after": {"working_days": 2, "calendar": "lich"}, "limit": "before"}
LATE = {"kind": "deadline", "due": "2024-01-10", "limit": "before", "late": [{"within_days": 1, "points": 3}]}
WORTH: list[tuple[str, object, Rule, object, str]] = [
    ("manual at its lowest", 10, MANUAL, "-1", "-1"),
    ("manual at its maximum", 10, MANUAL, "10,00", "10"),
    ("boolean yes", 10, {"kind": "boolean"}, "✔", "10"),
    ("boolean no", 10, {"kind": "boolean"}, "K", "0"),
    ("a single level", 10, {"kind": "levels", "levels": items(1, 10)}, "v0", "10"),
    (
        "a level below zero",
        10,
        {"kind": "levels", "levels": [*items(1, 10), {"key": "x", "title": "X", "points": -3}]},
        "x",
        "-3",
    ),
    (
        "sixty items, all",
        6,
        {"kind": "checklist", "items": items(60, "0.1")},
        "; ".join(f"v{at}" for at in range(60)),
        "6",
    ),
    ("sixty items, the last", 6, {"kind": "checklist", "items": items(60, "0.1")}, "v59", "0.1"),
    (
        "at least sixty of sixty",
        6,
        {"kind": "at_least", "needed": 60, "items": items(60)},
        "; ".join(f"v{at}" for at in range(59)),
        "0",
    ),
    ("linear at its start", 10, LINEAR, "33,333333", "0"),
    ("linear one step above its start", 10, LINEAR, "33,333334", "0"),
    ("linear one step below its end", 10, LINEAR, "66,666666", "10"),
    ("linear at its end", 10, LINEAR, "66,666667", "10"),
    ("linear in the middle, rounded at the half", 10, LINEAR, "50", "5"),
    ("linear above its end", 10, LINEAR, "100", "10"),
    ("linear over the whole", 10, {"kind": "linear", "of": "share", "may_exceed": "true"}, "7/5", "10"),
    ("linear, the largest numbers", 10, {"kind": "linear", "of": "share"}, f"{10**15 - 1}/{10**15}", "10"),
    ("linear of negative values", 10, {"kind": "linear", "of": "value", "start": "-10", "full": "10"}, "-5", "2.5"),
    ("zero below, exactly there", 10, {"kind": "linear", "of": "share", "zero_below": "1/3"}, "1/3", "3.33"),
    ("zero below, just below", 10, {"kind": "linear", "of": "share", "zero_below": "1/3"}, "333/1000", "0"),
    ("bands below the lowest", 5, BANDS, "-1,501", "0"),
    ("bands at the lowest", 5, BANDS, "-1,5", "2"),
    ("bands at an edge", 5, BANDS, "0,001", "5"),
    ("bands just below an edge", 5, BANDS, "0", "2"),
    ("steps of a millionth, one", 5, STEPS, "20,000001", "1.01"),
    ("steps of a millionth, almost two", 5, {**STEPS, "step": "0,000002%"}, "20,000003", "1.01"),
    ("steps beyond the maximum", 5, STEPS, "100", "5"),
    ("steps below the start", 5, STEPS, "9,999999", "0"),
    ("a proportional step", 5, {**STEPS, "step": "5%", "partial_step": "proportional"}, "21", "1"),
    ("count of nothing", 3, {"kind": "count", "each": "0.7"}, "0", "0"),
    ("count at the maximum", 3, {"kind": "count", "each": "0.75"}, "4", "3"),
    ("count of a billion", 3, {"kind": "count", "each": "100000"}, "1000000000", "3"),
    ("deduction of nothing", 6, {"kind": "deduction", "each": "2.5"}, "0", "6"),
    ("deduction to the floor", 6, {"kind": "deduction", "each": "2.5"}, "3", "0"),
    ("deduction below zero", 6, {"kind": "deduction", "each": "2.5", "floor": "-3"}, "1000000000", "-3"),
    ("deduction with a floor above zero", 6, {"kind": "deduction", "each": "2.5", "floor": "6"}, "9", "6"),
    ("before the due day", 5, LATE, "09/01/2024", "5"),
    ("on the due day", 5, LATE, "10/01/2024", "3"),
    ("a day after the due day", 5, LATE, "11/01/2024", "0"),
    ("survey exactly at zero_below", 6, SURVEY, "5/10", "3"),
    ("survey just below zero_below", 6, SURVEY, "499/1000", "0"),
    ("survey at its end", 6, SURVEY, "8/10", "6"),
    ("survey with thirds", 9, WEIGHTED, "a: 1; b: 2", "5"),
    ("trend of a hundredth", 5, {"kind": "trend", "better": "higher", "improved": 5, "equal": 2}, "1/1,01", "5"),
    ("trend of nothing", 5, {"kind": "trend", "better": "lower", "improved": 5, "equal": 2}, "-1/-1", "2"),
    (
        "formula with min and max",
        9,
        {
            "kind": "formula",
            "expression": "max(min(x, 5), -x, 1)",
            "variables": [{"key": "x", "title": "X", "at_least": -9}],
        },
        "-7",
        "7",
    ),
    ("formula below zero", 9, {"kind": "formula", "expression": "-x", "variables": X}, "3", "0"),
    (
        "formula with exact decimals",
        9,
        {"kind": "formula", "expression": "(0.1 + 0.2) * 10 - x", "variables": X},
        "0",
        "3",
    ),
    (
        "formula of huge numbers",
        9,
        {"kind": "formula", "expression": "x * x * x / (x * x * x) + 2", "variables": X},
        "999999999999",
        "3",
    ),
    (
        "formula of huge sums",
        9,
        {"kind": "formula", "expression": "(x * x + x * x + x * x) / (x * x)", "variables": X},
        "2100000000",
        "3",
    ),
]


@pytest.mark.parametrize(("top", "rule", "answer", "wanted"), [row[1:] for row in WORTH], ids=[row[0] for row in WORTH])
def test_points_of_one_answer(top: object, rule: Rule, answer: object, wanted: str) -> None:
    assert worth(top, rule, answer) == Fraction(wanted)


def test_every_kind_is_tested_here_or_in_a_golden_case() -> None:
    here = {row[2]["kind"] for row in WORTH}
    known = {kind.model_fields["kind"].annotation.__args__[0] for kind in KINDS}  # type: ignore[union-attr]
    assert known - here == {"external", "external_index", "peers", "deduction_by_level"}, (
        "these are only in golden cases"
    )


# what cannot be graded


@pytest.mark.parametrize(
    ("rule", "answer", "matter"),
    [
        (SURVEY, "0/0", "matter.sample_too_small"),
        (WEIGHTED, "1/1", "matter.sample_too_small"),
        ({"kind": "formula", "expression": "1 / x", "variables": X}, "0", "matter.division_by_zero"),
        ({"kind": "formula", "expression": "max(1, 1 / x)", "variables": X}, "0", "matter.division_by_zero"),
        (AFTER, "28/02/2024; 28/02/2024", "matter.calendar_too_short"),
        (AFTER, "31/12/2023; 02/01/2024", "matter.calendar_too_short"),
    ],
)
def test_answer_that_cannot_be_graded_is_open_and_worth_nothing(rule: Rule, answer: str, matter: str) -> None:
    made = criteria(leaf("1", 5, rule), calendars={"lich": CALENDAR})
    result = one_unit(made, {"1": answer})
    assert (points(result, "1"), why(result, "1"), open_matters(result)) == (0, "UNGRADED", {matter})


def test_answer_that_cannot_be_graded_does_not_spoil_the_others() -> None:
    made = criteria(leaf("1", 6, SURVEY))
    result = run(made, frame([("a", "1", "8/10", "g"), ("a", "1", "0/0", "h")], "judge"))
    assert (points(result, "1"), why(result, "1"), open_matters(result)) == (6, "COUNTED", {"matter.sample_too_small"})


def test_working_days_skip_days_off_and_count_made_up_saturdays() -> None:
    rule = {"kind": "deadline", "after": {"working_days": 2, "calendar": "lich"}, "limit": "on_or_before"}
    calendars = {"lich": CALENDAR}  # 12/1 is off, Saturday 13/1 is worked
    assert worth(5, rule, "11/01/2024; 15/01/2024", calendars=calendars) == 5
    assert worth(5, rule, "11/01/2024; 16/01/2024", calendars=calendars) == 0
    assert (
        worth(5, rule, "01/01/2024; 03/01/2024", calendars=calendars) == 5
    )  # the first day is off, yet in the calendar


# formulas that read other criteria

READS = {"kind": "formula", "expression": 'node("1") / 3 + node("2")'}


def reading(**first: Any) -> CriteriaSet:
    """Two criteria and a formula that reads both."""
    return criteria(leaf("1", 6, **first), leaf("2", 3), leaf("3", 9, READS))


def test_formula_reads_points_exactly() -> None:
    made = criteria(
        leaf("1", 6, {"kind": "linear", "of": "share"}), leaf("2", 3), leaf("3", 9, READS), points={"at": "total"}
    )
    result = one_unit(made, {"1": "1/7", "2": 1})
    assert points(result, "3") == Fraction(6, 21) + 1


def test_formula_that_asks_nothing_is_rounded_at_the_criterion() -> None:
    third = leaf("2", 6, {"kind": "formula", "expression": 'node("1") / 3'})
    result = one_unit(criteria(leaf("1", 6), third), {"1": 1})
    assert points(result, "2") == Fraction("0.33")


def test_formula_that_asks_nothing_may_divide_by_zero() -> None:
    made = criteria(leaf("1", 6), leaf("2", 6, {"kind": "formula", "expression": '1 / node("1")'}))
    result = one_unit(made, {"1": 0})
    assert (points(result, "2"), why(result, "2"), open_matters(result)) == (0, "UNGRADED", {"matter.division_by_zero"})


def test_formula_is_unknown_until_all_it_reads_is_known() -> None:
    result = one_unit(reading(), {"1": 3})
    assert (points(result, "3"), why(result, "3")) == (0, "UNMARKED")


def test_formula_reads_zero_where_a_criterion_does_not_apply() -> None:
    result = one_unit(reading(not_applicable={"policy": "exclude_rescale"}), {"1": "KAD", "2": 2})
    assert (points(result, "3"), why(result, "3")) == (2, "COUNTED")


def test_formula_that_reads_nothing_marks_nobody() -> None:
    made = criteria(leaf("1", 6), leaf("2", 3, {"kind": "formula", "expression": "1 + 1"}))
    result = run(made, frame([("a", "1", 4)]), units=[Unit("a"), Unit("b")])
    assert points(result, "2") == 2
    assert result.verdict.totals.scored.tolist() == [True, False]
    assert open_matters(result, "b") == {"matter.no_marks"}


# one rule for each category

CATEGORIES = [{"id": "nui", "title": "Miền núi"}, {"id": "bien", "title": "Ven biển"}]


def by_category(main: Rule, **others: Rule) -> CriteriaSet:
    """A criterion with a rule of its own for some categories."""
    variants = [{"category": name, "rule": rule} for name, rule in others.items()]
    return criteria(leaf("1", 10, main, variants=variants), categories=CATEGORIES)


UNITS = [Unit("a"), Unit("b", category="nui"), Unit("c", category="bien")]


def test_category_without_a_rule_of_its_own_takes_the_main_one() -> None:
    made = by_category({"kind": "linear", "of": "percent"}, nui={"kind": "linear", "of": "percent", "full": "50%"})
    result = run(made, frame([(unit, "1", 40) for unit in "abc"]), units=UNITS)
    assert [points(result, "1", unit) for unit in "abc"] == [4, 8, 4]


def test_category_may_exceed_though_the_main_rule_may_not() -> None:
    rule = {"kind": "linear", "of": "share"}
    made = by_category(rule, nui={**rule, "may_exceed": "true"})
    assert points(run(made, frame([("b", "1", "7/5")]), units=UNITS), "1", "b") == 10


def test_single_level_in_a_category() -> None:
    rule = {"kind": "levels", "levels": items(1, 10)}
    made = by_category(rule, nui=rule)
    result = run(made, frame([("b", "1", "v0")]), units=UNITS)
    assert [points(result, "1", unit) for unit in "ab"] == [0, 10]


def test_categories_compared_with_peers_and_not() -> None:
    made = by_category(
        {"kind": "peers", "measure": "leader"}, nui={"kind": "linear", "of": "value", "start": 0, "full": 20}
    )
    marks = frame([("a", "1", 4), ("b", "1", 10), ("c", "1", 4)])
    assert [points(run(made, marks, units=UNITS), "1", unit) for unit in "abc"] == [0, 5, 0]
    result = run(made, marks, Policy(closed=False, evidence="ignore"), units=UNITS)
    assert [why(result, "1", unit) for unit in "abc"] == ["UNGRADED", "COUNTED", "UNGRADED"]
    assert open_matters(result, "a") == {"matter.round_open"}


# peers


def peers(measure: str, better: str = "higher") -> CriteriaSet:
    """A criterion compared among units of one kind."""
    return criteria(leaf("1", 12, {"kind": "peers", "measure": measure, "better": better}), ranking={"within": "kind"})


@pytest.mark.parametrize(
    ("measure", "better", "values", "wanted"),
    [
        ("leader", "higher", (8, 8, 3), (12, 12, 0)),
        ("leader", "lower", (8, 8, 3), (0, 0, 12)),
        ("share_of_leader", "higher", (8, 6, 0), (12, 9, 0)),
        ("share_of_leader", "higher", (0, 0, 0), (12, 12, 12)),
        ("percentile", "higher", (8, 8, 3), (12, 12, 4)),
        ("percentile", "lower", (8, 8, 3), (8, 8, 12)),
    ],
)
def test_peers_are_compared(measure: str, better: str, values: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    result = run(peers(measure, better), frame([(unit, "1", value) for unit, value in zip("abc", values, strict=True)]))
    assert tuple(points(result, "1", unit) for unit in "abc") == wanted


def test_peers_of_another_kind_and_units_without_a_value_are_left_out() -> None:
    units = [Unit("a", kind="xa"), Unit("b", kind="phuong"), Unit("c", kind="xa"), Unit("d", kind="xa")]
    result = run(peers("percentile"), frame([("a", "1", 5), ("b", "1", 9), ("c", "1", 7)]), units=units)
    assert [points(result, "1", unit) for unit in "abcd"] == [6, 12, 12, 0]


def test_recused_judge_sets_no_leader() -> None:
    marks = frame([("a", "1", 5, "g"), ("b", "1", 4, "g"), ("b", "1", 99, "h")], "judge")
    made = criteria(leaf("1", 12, {"kind": "peers", "measure": "share_of_leader"}))
    result = run(made, marks, recused=[("b", "h")])
    assert [points(result, "1", unit) for unit in "ab"] == [12, Fraction("9.6")]


def test_peers_keep_the_means_of_judges_exact() -> None:
    marks = [("a", "1", "0,01", "g"), ("a", "1", "0,02", "h"), ("a", "1", "0,02", "i"), ("b", "1", "0,02", "g")]
    result = run(peers("share_of_leader"), frame(marks, "judge"))
    assert points(result, "1", "a") == 10  # 5/3 of 2 hundredths: 12 × 5/6


# arithmetic that leaves int64


def test_rule_grades_exactly_where_int64_would_overflow() -> None:
    made = criteria(leaf("1", 100000, {**LINEAR, "of": "percent"}), points={"places": 4})
    rule = made.leaves[0].rule
    assert rule is not None
    answers = Answers({"percent": np.array([[50 * 10**6]])}, np.ones((1, 1), dtype=bool))
    graded = rule.grade(answers, Scale(10**9, 4))
    assert graded.points.cells()[0, 0] == Fraction(10**9) / 2
    assert Exact(graded.points.over, graded.points.under).rounded(Rounding.HALF_EVEN).tolist() == [[5 * 10**8]]
