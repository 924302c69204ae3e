"""From points to a decision: groups, what does not apply, layers of evidence, conditions, stars, quotas."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from builders import (
    CEILING,
    FLOOR,
    Evidence,
    Judge,
    Policy,
    Unit,
    criteria,
    frame,
    group,
    leaf,
    one_unit,
    open_matters,
    points,
    pool,
    ranks,
    run,
    stars,
    total,
    why,
)
from chamdiem.criteria.model import CriteriaSet
from chamdiem.scoring.result import Result

OUT = {"not_applicable": {"policy": "exclude_rescale"}}
SHARED = {"not_applicable": {"policy": "redistribute"}}
THIRD = {"kind": "linear", "of": "share"}


def met(result: Result, unit: str = "a") -> int:
    """How many criteria are met."""
    return int(result.verdict.met_count[0, result.unit_at(unit)])


def blocked(result: Result, unit: str = "a") -> set[str]:
    """The gates a unit fails."""
    return {gate.id for gate, check in result.verdict.gates if not check.met[0, result.unit_at(unit)]}


# groups


def test_weights_count_in_every_way_of_combining() -> None:
    parts = [leaf("x", 5, weight="2"), leaf("y", 8)]
    for combine, wanted in (("choose_one", 8), ("best", 8), ("sum", 15)):
        rest: dict[str, Any] = {"combine": combine, **({"best": 1} if combine == "best" else {})}
        made = criteria(group("1", 18 if combine == "sum" else 10, *parts, **rest))
        marks = {"x": 4, **({} if combine == "choose_one" else {"y": 7})}
        assert points(one_unit(made, marks), "1") == wanted


def test_groups_of_cases_and_of_the_best_are_capped_scaled_and_rounded_as_others_are() -> None:
    for combine in ({"combine": "choose_one"}, {"combine": "best", "best": 1}):
        capped = criteria(group("1", 8, leaf("x", 10), leaf("y", 5), capped=True, **combine))
        assert points(one_unit(capped, {"x": 9}), "1") == 8
        scaled = criteria(group("1", 5, leaf("x", 10), leaf("y", 5), scaled=True, **combine))
        assert points(one_unit(scaled, {"x": 9}), "1") == Fraction("4.5")
        exact = criteria(group("1", 10, leaf("x", 10, THIRD), leaf("y", 10), **combine), points={"at": "group"})
        assert points(one_unit(exact, {"x": "1/3"}), "1") == Fraction("3.33")


def test_rounding_at_the_group_rounds_plain_sums_too() -> None:
    made = criteria(
        group("1", 20, leaf("x", 10, THIRD), leaf("y", 10, THIRD)), leaf("z", 10, THIRD), points={"at": "group"}
    )
    result = one_unit(made, {"x": "1/3", "y": "1/3", "z": "1/3"})
    assert points(result, "1") == Fraction("6.67")
    assert points(result, "z") == Fraction(10, 3)
    assert points(result, "base") == total(result) == 10  # 6,67 + 3,333… is rounded once more, at the base


def test_case_that_was_marked_counts_even_below_zero_and_the_others_are_not_open() -> None:
    low = {"kind": "manual", "lowest_points": "-5"}
    made = criteria(group("1", 10, leaf("x", 10), leaf("y", 10, low), combine="choose_one"))
    result = one_unit(made, {"y": -3})
    assert (points(result, "1"), why(result, "x"), why(result, "y")) == (-3, "NOT_CHOSEN", "COUNTED")
    assert open_matters(result) == set()
    assert why(one_unit(made, {"y": 0}), "y") == "COUNTED"


def test_case_that_does_not_apply_is_not_chosen() -> None:
    made = criteria(group("1", 10, leaf("x", 10, **OUT), leaf("y", 10, **OUT), combine="choose_one"))
    result = one_unit(made, {"x": "KAD", "y": 4})
    assert (points(result, "1"), open_matters(result)) == (4, set())


def test_parts_of_a_case_that_was_passed_over_are_passed_over() -> None:
    cases = [group("x", 10, leaf("x1", 5), leaf("x2", 5)), group("y", 10, leaf("y1", 10))]
    made = criteria(group("1", 10, *cases, combine="choose_one"))
    result = one_unit(made, {"y1": 9, "x1": 5})
    assert [why(result, code) for code in ("x", "x1", "x2", "y1")] == ["NOT_CHOSEN"] * 3 + ["COUNTED"]
    assert open_matters(result) == {"matter.several_chosen"}
    assert met(one_unit(made, {"y1": 10})) == 1


def test_unmarked_criterion_is_not_among_the_best() -> None:
    low = {"kind": "manual", "lowest_points": "-5"}
    made = criteria(group("1", 20, leaf("x", 10, low), leaf("y", 10, low), leaf("z", 10, low), combine="best", best=2))
    result = one_unit(made, {"x": -2, "y": 3})
    assert points(result, "1") == 1  # not 3 and 0: what nobody marked is not 0
    assert open_matters(result) == {"matter.unmarked"}


def test_reasons_of_one_criterion_stay_with_it() -> None:
    plain = [leaf(f"p{at}", 5) for at in range(3)]
    made = criteria(*plain, group("1", 10, leaf("x", 10), leaf("y", 10), combine="choose_one"))
    result = one_unit(made, {"p0": 1, "p1": 2, "p2": 3, "x": 4})
    assert [why(result, code) for code in ("p0", "p1", "p2", "x", "y")] == ["COUNTED"] * 4 + ["NOT_CHOSEN"]


# what does not apply


def test_excluded_part_of_a_nested_group_rescales_the_base_to_its_own_maximum() -> None:
    made = criteria(group("1", 20, leaf("x", 15), leaf("y", 5, **OUT)), leaf("z", 20))
    result = one_unit(made, {"x": 12, "y": "KAD", "z": 16})
    assert total(result) == 32  # 28 of 35, on the scale of 40


def test_redistributed_part_leaves_its_maximum_to_the_others_of_its_group() -> None:
    made = criteria(group("1", 20, leaf("x", 15), leaf("y", 5, **SHARED)), leaf("z", 20))
    result = one_unit(made, {"x": 12, "y": "KAD", "z": 16})
    assert (points(result, "1"), total(result)) == (16, 32)


def test_group_of_which_nothing_applies_does_not_apply() -> None:
    made = criteria(group("1", 20, leaf("x", 15, **SHARED), leaf("y", 5, **OUT)), leaf("z", 20))
    result = one_unit(made, {"x": "KAD", "y": "KAD", "z": 16})
    assert (why(result, "1"), total(result)) == ("NA_EXCLUDED", 32)


def test_unit_to_which_nothing_applies_has_no_result() -> None:
    made = criteria(leaf("x", 10, **OUT), leaf("y", 10, **OUT))
    result = run(made, frame([("a", "x", "KAD"), ("a", "y", "KAD"), ("b", "x", 3), ("b", "y", "KAD")]))
    assert result.verdict.totals.scored.tolist() == [False, True]
    assert ranks(result) == {"a": 0, "b": 1}
    assert open_matters(result) == {"matter.no_marks"}


def test_criterion_for_others_does_not_make_a_unit_marked() -> None:
    made = criteria(leaf("x", 10, only_for=["phuong"]), leaf("y", 10))
    units = [Unit("a", kind="xa"), Unit("b", kind="xa")]
    result = run(made, frame([("a", "y", 5)]), units=units)
    assert ranks(result) == {"a": 1, "b": 0}
    assert open_matters(result, "b") == {"matter.no_marks"}


def test_group_for_others_is_out_whatever_was_marked_in_it() -> None:
    made = criteria(group("1", 10, leaf("x", 10), only_for=["phuong"]), leaf("y", 10))
    result = run(made, frame([("a", "x", 9), ("a", "y", 5)]), units=[Unit("a", kind="xa")])
    assert (why(result, "x"), why(result, "1"), total(result)) == ("NA_EXCLUDED", "NA_EXCLUDED", 10)


def test_dependence_on_what_does_not_apply_does_not_apply_either() -> None:
    needs = {"depends_on": {"code": "x", "at_least": "50%", "otherwise": "zero"}}
    made = criteria(leaf("x", 10, **OUT), leaf("y", 10, **needs), leaf("z", 10))
    assert total(one_unit(made, {"x": 4, "y": 10, "z": 6})) == 10
    result = one_unit(made, {"x": "KAD", "y": 10, "z": 6})
    assert (why(result, "y"), total(result)) == ("NA_EXCLUDED", 18)


@pytest.mark.parametrize(
    ("answer", "stopped"), [("1,99", True), (2, False), ("KAD", False), (None, False), ("BQ", False)]
)
def test_only_a_mark_below_the_stop_stops(answer: object, stopped: bool) -> None:
    made = criteria(leaf("x", 10, stop_if={"below": 2}, **OUT), leaf("y", 10))
    result = one_unit(made, {"x": answer, "y": 10})
    assert why(result, "y") == ("STOPPED" if stopped else "COUNTED")


def test_stop_does_not_reach_another_pool() -> None:
    made = criteria(leaf("x", 10, stop_if={"below": 2}), bonus=pool(5, leaf("b", 5), within_scale=False))
    assert total(one_unit(made, {"x": 0, "b": 5})) == 5


# totals


def test_result_needs_a_mark_in_the_base() -> None:
    made = criteria(leaf("x", 10), bonus=pool(5, leaf("b", 5), within_scale=False))
    result = run(made, frame([("a", "x", 0), ("b", "b", 5)]))
    assert result.units["total"].isna().tolist() == [False, True]
    assert ranks(result) == {"a": 1, "b": 0}


def test_total_is_rounded_once_where_only_the_total_is() -> None:
    made = criteria(
        leaf("x", 10, THIRD), bonus=pool(5, leaf("b", 5, THIRD), within_scale=False), points={"at": "total"}
    )
    result = one_unit(made, {"x": "1/3", "b": "1/3"})
    assert (total(result, name="base"), total(result, name="bonus"), total(result)) == (
        Fraction("3.33"),
        Fraction("1.67"),
        5,
    )


# evidence


NEED = {"required": True, "unproven": "zero"}
BANDS = [{"stars": 2, "from": 18}, {"stars": 1, "from": 10}]
STARS = {"on": "total", "when_condition_fails": "next_lower", "bands": BANDS}


def layers(made: CriteriaSet, marks: dict[str, object], **papers: str) -> tuple[tuple[Fraction, int], ...]:
    """Total and stars as they stand, at least and at most."""
    evidence = [Evidence("a", code, f"QĐ {code}", status) for code, status in papers.items()]
    result = one_unit(made, marks, policy=Policy(), evidence=evidence)
    return tuple((total(result, layer=layer), stars(result, layer=layer)) for layer in (0, FLOOR, CEILING))


def test_pending_evidence_separates_floor_and_ceiling() -> None:
    made = criteria(leaf("x", 10, evidence=NEED), leaf("y", 10, evidence={**NEED, "unproven": "counts"}), stars=STARS)
    assert layers(made, {"x": 9, "y": 9}, x="attached", y="attached") == ((9, 0), (0, 0), (18, 2))
    assert layers(made, {"x": 9, "y": 9}, x="accepted", y="attached") == ((18, 2), (9, 0), (18, 2))
    assert layers(made, {"x": 9, "y": 9}, x="accepted") == ((18, 2), (9, 0), (18, 2))
    assert layers(made, {"x": 9, "y": 9}, y="rejected") == ((0, 0), (0, 0), (0, 0))


def test_formula_reads_each_layer_of_what_it_reads() -> None:
    double = {"kind": "formula", "expression": 'node("x")'}
    made = criteria(leaf("x", 10, evidence={**NEED, "unproven": "counts"}), leaf("y", 10, double), stars=STARS)
    assert layers(made, {"x": 9}, x="attached") == ((18, 2), (0, 0), (18, 2))


def test_evidence_asked_of_all_is_not_asked_of_formulas_and_penalties() -> None:
    double = {"kind": "formula", "expression": 'node("x")'}
    penalties = pool(5, leaf("p", 5, {"kind": "count", "each": 1}))
    made = criteria(leaf("x", 10), leaf("y", 10, double), penalties=penalties, evidence=NEED)
    assert layers(made, {"x": 9, "p": 2}, x="accepted") == ((16, 0), (16, 0), (16, 0))


def test_unproven_penalty_lowers_the_floor_not_the_ceiling() -> None:
    penalties = pool(5, leaf("p", 5, {"kind": "count", "each": 1}, evidence=NEED))
    made = criteria(leaf("x", 10), penalties=penalties)
    assert layers(made, {"x": 9, "p": 2}, p="attached") == ((9, 0), (7, 0), (9, 0))


# conditions


def gated(when: dict[str, Any], *nodes: dict[str, Any], **rest: Any) -> CriteriaSet:
    """A set with one gate."""
    facts = [{"id": "sach", "title": "Sạch"}, {"id": "kien", "title": "Bị kiện"}]
    return criteria(*nodes, gates=[{"id": "g", "title": "G", "when": when}], facts=facts, **rest)


CASES = group("1", 10, leaf("x", 10), leaf("y", 10), combine="choose_one")


@pytest.mark.parametrize(
    ("when", "passes"),
    [
        ({"each_leaf": {"at_least": "50%"}}, True),
        ({"failed": {"at_most": 0}}, True),
        ({"failed": {"share_below": "1%"}}, True),
        ({"failed": {"none_of": ["y"]}}, True),
        ({"met": {"at_least": 2}}, True),
        ({"met": {"at_least": 2, "among": ["y", "z"]}}, False),
        ({"required": ["y"]}, False),
        ({"node": {"code": "y", "at_least": 1}}, False),
    ],
)
def test_case_that_was_not_chosen_neither_fails_nor_is_met(when: dict[str, Any], passes: bool) -> None:
    made = gated(when, CASES, leaf("z", 10))
    assert (blocked(one_unit(made, {"x": 10, "z": 10})) == set()) is passes


def test_criterion_not_among_the_best_does_not_fail() -> None:
    best = group("1", 10, leaf("x", 10), leaf("y", 10), combine="best", best=1)
    made = gated({"all": [{"failed": {"at_most": 0}}, {"each_leaf": {"at_least": "50%"}}]}, best)
    assert blocked(one_unit(made, {"x": 10, "y": 1})) == set()


def test_share_of_failed_is_of_those_that_could_fail() -> None:
    made = gated({"failed": {"share_below": "50%"}}, CASES, leaf("z", 10), leaf("t", 10))
    assert blocked(one_unit(made, {"x": 10, "z": 10, "t": 1})) == set()  # 1 of 3, not of 4
    assert blocked(one_unit(made, {"x": 1, "z": 10, "t": 1})) == {"g"}


@pytest.mark.parametrize(
    ("when", "facts", "passes"),
    [
        ({"fact": "sach"}, {"sach": "có"}, True),
        ({"fact": "sach"}, {"sach": "không"}, False),
        ({"fact": "sach"}, {}, False),
        ({"not": {"fact": "kien"}}, {"kien": "không"}, True),
        ({"not": {"fact": "kien"}}, {"kien": "có"}, False),
        ({"not": {"fact": "kien"}}, {}, False),
        ({"not": {"not": {"fact": "sach"}}}, {}, False),
        ({"not": {"all": [{"fact": "kien"}, {"fact": "sach"}]}}, {"sach": "không"}, True),
        ({"not": {"all": [{"fact": "kien"}, {"fact": "sach"}]}}, {"sach": "có"}, False),
        ({"not": {"any": [{"fact": "kien"}, {"fact": "sach"}]}}, {"sach": "không"}, False),
        ({"any": [{"fact": "kien"}, {"fact": "sach"}]}, {"sach": "có"}, True),
    ],
)
def test_what_nobody_confirmed_is_neither_yes_nor_no(when: dict[str, Any], facts: dict[str, str], passes: bool) -> None:
    result = one_unit(gated(when, leaf("x", 10)), {"x": 5, **facts})
    assert bool(result.verdict.recognised[0, 0]) is passes
    unknown = set(str(when).split("'")) & {"sach", "kien"} - facts.keys()
    assert open_matters(result) == ({"matter.fact_unknown"} if unknown else set())


def test_fact_is_asked_about_only_where_it_matters() -> None:
    facts = [{"id": "sach", "title": "Sạch"}]
    made = criteria(
        leaf("x", 10), facts=facts, gates=[{"id": "g", "title": "G", "when": {"fact": "sach"}, "enabled": False}]
    )
    marks = frame([("a", "x", 5, "g"), ("a", "sach", "có", "g"), ("a", "sach", "không", "h")], "judge")
    assert open_matters(run(made, marks)) == set()


@pytest.mark.parametrize(("at", "wanted"), [("7.49", {"g"}), ("7.5", set())])
def test_share_of_a_maximum_that_shrank(at: str, wanted: set[str]) -> None:
    nested = group("1", 20, leaf("x", 10), leaf("y", 10, **OUT))
    made = gated({"each_group": {"at_least": "75%"}}, nested)
    assert blocked(one_unit(made, {"x": at, "y": "KAD"})) == wanted


def test_proof_names_every_figure_of_a_band() -> None:
    bands = [{"stars": 3, "from": "70%", "conditions": [{"node": {"code": "x", "above": "50%"}}]}]
    made = criteria(leaf("x", 10), leaf("y", 10), stars={**STARS, "bands": bands})
    result = one_unit(made, {"x": 5, "y": 9})
    assert [(row.stars, row.observed, row.needed, row.side, row.met) for row in result.conditions_of(0)] == [
        (3, 14, 14, "at_least", True),
        (3, 5, 5, "above", False),
    ]
    assert stars(result) == 0


# stars and quota


@pytest.mark.parametrize(("fails", "wanted"), [("next_lower", 1), ("not_recognised", 0)])
def test_class_whose_own_condition_fails(fails: str, wanted: int) -> None:
    bands = [{"stars": 2, "from": 8, "conditions": [{"fact": "sach"}]}, {"stars": 1, "from": 5}]
    made = criteria(
        leaf("x", 10),
        stars={"on": "base", "when_condition_fails": fails, "bands": bands},
        facts=[{"id": "sach", "title": "Sạch"}],
    )
    result = one_unit(made, {"x": 9, "sach": "không"})
    assert (stars(result), int(result.verdict.stars_by_points[0, 0])) == (wanted, 2)


def limited(**quota: Any) -> CriteriaSet:
    """Three classes, the highest limited."""
    bands = [
        {"stars": 3, "from": 8},
        {"stars": 2, "from": 6, "conditions": [{"fact": "sach"}]},
        {"stars": 1, "from": 4},
    ]
    fails = quota.pop("fails", "next_lower")
    ranking = quota.pop("ranking", {})
    return criteria(
        leaf("x", 10),
        stars={"on": "total", "when_condition_fails": fails, "bands": bands},
        facts=[{"id": "sach", "title": "Sạch"}],
        quota={"stars": 3, "ties": "all_in", **quota},
        ranking=ranking,
    )


def in_order(made: CriteriaSet, *marks: object) -> tuple[list[int], dict[str, int]]:
    """Stars and ranks of units a, b, … that have these points."""
    units = "abcdef"[: len(marks)]
    result = run(made, frame([(unit, "x", mark) for unit, mark in zip(units, marks, strict=True)]))
    return [stars(result, unit) for unit in units], ranks(result)


def test_unit_beyond_the_quota_is_judged_for_the_classes_below() -> None:
    assert in_order(limited(count=1), 9, 8)[0] == [3, 1]  # 2 has a condition that nobody confirmed
    assert in_order(limited(count=1, fails="not_recognised"), 9, 8)[0] == [3, 0]


def test_quota_is_a_share_of_those_ranked_or_recognised() -> None:
    assert in_order(limited(share="50%"), 10, 9, 8, 1)[0] == [3, 3, 1, 0]
    assert in_order(limited(share="50%", of="recognised"), 10, 9, 8, 1)[0] == [3, 1, 1, 0]
    assert in_order(limited(share="50%", ranking={"include": "recognised"}), 10, 9, 8, 1)[0] == [3, 1, 1, 0]


def test_unit_that_loses_its_recognition_to_the_quota_loses_its_rank() -> None:
    made = limited(count=1, fails="not_recognised", ranking={"include": "recognised"})
    assert in_order(made, 9, 8, 5) == ([3, 0, 1], {"a": 1, "b": 0, "c": 2})


def test_quota_looks_at_each_layer_by_itself() -> None:
    bands = [{"stars": 2, "from": 8}, {"stars": 1, "from": 4}]
    made = criteria(
        leaf("x", 10, evidence=NEED),
        stars={"on": "total", "when_condition_fails": "next_lower", "bands": bands},
        quota={"stars": 2, "count": 1, "ties": "all_in"},
    )
    marks = frame([("a", "x", 10), ("b", "x", 9)])
    evidence = [Evidence("a", "x", "QĐ 1", "attached"), Evidence("b", "x", "QĐ 2", "accepted")]
    result = run(made, marks, Policy(), evidence=evidence)
    assert [[stars(result, unit, layer) for unit in "ab"] for layer in (0, FLOOR, CEILING)] == [[0, 2], [0, 2], [2, 1]]


# revocation


def test_case_for_revocation_speaks_of_marked_units_only() -> None:
    case = {"title": "Thu hồi", "when": {"not": {"total": {"at_least": 5}}}}
    made = criteria(leaf("x", 10), revocation=[case])
    result = run(made, frame([("a", "x", 4), ("b", "x", 5)]), units=[Unit("a"), Unit("b"), Unit("c")])
    assert [bool(one) for one in result.verdict.revocations[0][1].met[0]] == [True, False, False]


def test_judges_of_the_panel_do_not_change_what_is_derived() -> None:
    made = criteria(
        leaf("x", 10), leaf("y", 10, {"kind": "formula", "expression": 'node("x")'}), panel={"combine": "median"}
    )
    rows = [("a", "x", 4, "g"), ("a", "x", 6, "h"), ("a", "x", 9, "i")]
    result = run(made, frame(rows, "judge"), judges=[Judge("g"), Judge("h"), Judge("i")])
    assert points(result, "y") == 6
