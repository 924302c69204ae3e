"""A jury through the whole engine: who counts, differences between judges, third markers and the quorum."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from builders import Judge, Policy, Unit, criteria, frame, group, leaf, open_matters, points, run, sheets, total, why
from chamdiem.criteria.columns import Exact
from chamdiem.criteria.model import Panel
from chamdiem.scoring.panel import combine

WAYS = ("mean", "median", "trimmed_mean", "drop_extremes")


def test_thousands_of_judges_and_the_largest_points_do_not_overflow() -> None:
    judges, most = 3000, 100_000 * 10**4
    cells = np.full((judges, 1), most, dtype=np.int32)
    cells[0] = most - 1
    exact, count = combine(Exact(cells), np.ones((judges, 1), dtype=bool), Panel())
    assert count.tolist() == [judges]
    assert exact.cells().tolist() == [most - Fraction(1, judges)]


def test_thousands_of_judges_through_the_whole_engine() -> None:
    made = criteria(leaf("1", 100000, {"kind": "manual", "step": "0.0001"}), points={"places": 4})
    rows = [("a", "1", "99999.9999" if at else "99999.9998", f"g{at:04}") for at in range(2500)]
    result = run(made, frame(rows, "judge"))
    assert total(result) == Fraction("99999.9999")  # the mean is 99999.99989996, rounded at the criterion


@pytest.mark.parametrize("way", WAYS)
def test_panel_of_one_is_that_one(way: str) -> None:
    made = criteria(leaf("1", 10), panel={"combine": way})
    assert total(run(made, sheets({"g": {"1": "7,77"}}))) == Fraction("7.77")


@pytest.mark.parametrize("way", WAYS)
def test_unit_that_nobody_marked_has_no_points(way: str) -> None:
    made = criteria(leaf("1", 10), leaf("2", 10), panel={"combine": way})
    rows = [("a", "1", 5, "g"), ("a", "1", 6, "h"), ("a", "1", 7, "i"), ("b", "2", 5, "g"), ("b", "2", 5, "h")]
    result = run(made, frame(rows, "judge"))
    assert (points(result, "1", "b"), why(result, "1", "b")) == (0, "UNMARKED")
    assert points(result, "2", "b") == 5


@pytest.mark.parametrize("judges", [1, 2, 3])
@pytest.mark.parametrize("ticks", [2**power + step for power in (7, 13, 14, 15, 16) for step in (-2, -1, 0, 1)])
def test_points_at_the_edge_of_narrow_numbers(ticks: int, judges: int) -> None:
    most = Fraction(ticks, 100)
    made = criteria(leaf("1", f"{float(most):.2f}"))
    rows = [("a", "1", float(most), f"g{at}") for at in range(judges)]
    assert total(run(made, frame(rows, "judge"))) == most


# who counts


def test_removed_judge_is_kept_and_not_counted() -> None:
    made = criteria(leaf("1", 10))
    judges = [Judge("g"), Judge("h", removed=True, reason="xin rút")]
    result = run(made, sheets({"g": {"1": 8}, "h": {"1": 2}}), judges=judges)
    assert total(result) == 8
    assert len(result.marks.sources) == 2


def test_last_stage_decides_criterion_by_criterion() -> None:
    made = criteria(leaf("1", 10), leaf("2", 10))
    rows = [
        ("a", "1", 9, None, "self"), ("a", "2", 9, None, "self"),
        ("a", "1", 7, None, "appraisal"), ("a", "2", 7, None, "appraisal"),
        ("a", "1", 5, "g", "judge"), ("a", "1", 6, "h", "judge"),
    ]  # fmt: skip
    result = run(made, frame(rows, "judge", "stage"))
    assert (points(result, "1"), points(result, "2")) == (Fraction("5.5"), 7)
    for stage, wanted in (("self", 18), ("appraisal", 14), ("judge", Fraction("5.5"))):
        assert total(run(made, frame(rows, "judge", "stage"), Policy(evidence="ignore", stage=stage))) == wanted


def test_not_applicable_at_a_later_stage_is_a_statement_and_abstaining_is_none() -> None:
    made = criteria(leaf("1", 10, not_applicable={"policy": "full"}), leaf("2", 10))
    rows = [
        ("a", "1", 4, "g", "judge"),
        ("a", "2", 4, "g", "judge"),
        ("a", "1", "KAD", "h", "council"),
        ("a", "2", "BQ", "h", "council"),
    ]
    result = run(made, frame(rows, "judge", "stage"))
    assert (why(result, "1"), why(result, "2")) == ("NA_FULL", "COUNTED")
    assert total(result) == 14


# differences

SPREAD = {"points": 10, "of": "total", "between": "judges", "then": "third_marker"}


def spread(**changes: object) -> dict[str, object]:
    return {"max_spread": [{**SPREAD, **changes}]}


def two(first: object, second: object) -> set[str]:
    """What is open when two judges give a criterion of 100 these points and may differ by 10."""
    made = criteria(leaf("1", 100), panel=spread())
    return open_matters(run(made, sheets({"g": {"1": first}, "h": {"1": second}})))


def test_difference_at_the_limit_and_a_hundredth_beyond() -> None:
    assert two(80, 90) == set()
    assert two(80, "90,01") == {"matter.spread_total_third_marker"}


def test_difference_is_not_rounded_before_it_is_compared() -> None:
    thirds = [leaf(str(at), 100, {"kind": "linear", "of": "share"}) for at in range(1, 4)]
    made = criteria(*thirds, panel=spread())
    near = {"1": "1/3", "2": "1/3", "3": "1/3"}  # 100 together, though 33,33 three times is 99,99
    result = run(made, sheets({"g": near, "h": {"1": "30/100", "2": "30/100", "3": "30/100"}}))
    assert open_matters(result) == set()
    result = run(made, sheets({"g": near, "h": {"1": "30/100", "2": "30/100", "3": "2999999/10000000"}}))
    assert open_matters(result) == {"matter.spread_total_third_marker"}  # 10,00001


def test_difference_of_thirds_at_the_limit_is_not_beyond_it() -> None:
    thirds = [leaf(str(at), 100, {"kind": "linear", "of": "share"}) for at in range(1, 4)]
    made = criteria(*thirds, panel=spread())
    result = run(made, sheets({"g": {"1": "1/2", "2": "3/10", "3": "3/10"}, "h": dict.fromkeys("123", "1/3")}))
    assert open_matters(result) == set()  # 110 and three times 33,333…: exactly 10


def test_difference_from_the_mean_is_over_what_all_marked() -> None:
    made = criteria(leaf("1", 50), leaf("2", 50), panel=spread(between="mean", points=2, then="discuss"))
    marks = {"g": {"1": 40, "2": 0}, "h": {"1": 43}, "i": {"1": 40, "2": 50}}
    assert open_matters(run(made, sheets(marks))) == set()  # criterion 2 was not marked by all; 43 - 41 = 2
    marks["h"]["1"] = "43,01"
    assert open_matters(run(made, sheets(marks))) == {"matter.spread_total_discuss"}


def test_differences_of_weighted_and_scaled_parts_count_what_they_are_worth() -> None:
    scaled = group("1", 10, leaf("1.1", 100, weight="2"), scaled=True)
    made = criteria(scaled, panel=spread(points=1))
    assert open_matters(run(made, sheets({"g": {"1.1": 50}, "h": {"1.1": 60}}))) == set()  # 10 of 100 is 1 of 10
    over = run(made, sheets({"g": {"1.1": 50}, "h": {"1.1": "60,01"}}))
    assert open_matters(over) == {"matter.spread_total_third_marker"}


def test_judge_is_one_person_over_all_stages() -> None:
    made = criteria(leaf("1", 50), leaf("2", 50), panel=spread())
    rows = [
        ("a", "1", 10, "g", "judge"), ("a", "2", 10, "g", "judge"), ("a", "1", 16, "h", "judge"), ("a", "2", 16, "h", "judge"),
        ("a", "2", 10, "g", "council"), ("a", "2", 16, "h", "council"),
    ]  # fmt: skip
    result = run(made, frame(rows, "judge", "stage"))
    assert open_matters(result) == {"matter.spread_total_third_marker"}  # 6 + 6, at two stages


def test_bonus_is_no_part_of_the_difference() -> None:
    made = criteria(leaf("1", 100), bonus={"max": 50, "within_scale": False, "nodes": [leaf("B", 50)]}, panel=spread())
    result = run(made, sheets({"g": {"1": 50, "B": 0}, "h": {"1": 50, "B": 50}}))
    assert open_matters(result) == set()


def third(marks: dict[str, dict[str, object]], panel: dict[str, object]) -> tuple[Fraction, set[str]]:
    """The total and what is open of two criteria of 50 with a third marker."""
    made = criteria(leaf("1", 50, not_applicable={"policy": "full"}), leaf("2", 50), panel=panel)
    judges = [Judge("g"), Judge("h"), Judge("thứ ba", role="third_marker")]
    result = run(made, sheets(marks), judges=judges)
    return total(result), open_matters(result)


APART = {"g": {"1": 10, "2": 10}, "h": {"1": 30, "2": 10}}


def test_third_marker_is_official_only_where_judges_differ() -> None:
    assert third({**APART, "thứ ba": {"1": 24, "2": 12}}, spread()) == (36, set())
    assert third({"g": APART["g"], "h": APART["g"], "thứ ba": {"1": 24, "2": 12}}, spread()) == (20, set())


def test_third_marker_must_state_something_on_every_criterion_that_was_compared() -> None:
    waiting = {"matter.spread_total_third_marker"}
    assert third({**APART, "thứ ba": {"1": 24}}, spread()) == (30, waiting)
    assert third({**APART, "thứ ba": {"1": 24, "2": "BQ"}}, spread()) == (30, waiting)
    assert third({**APART, "thứ ba": {"1": "KAD", "2": 12}}, spread()) == (62, set())


def test_third_marker_of_one_criterion_leaves_the_others_as_they_are() -> None:
    marks = {**APART, "thứ ba": {"1": 24, "2": 50}}
    assert third(marks, spread(of="leaf")) == (34, set())


def test_third_marker_closes_what_was_to_be_discussed() -> None:
    both = {"max_spread": [{**SPREAD, "of": "leaf", "points": 3, "then": "discuss"}, SPREAD]}
    assert third(APART, both) == (30, {"matter.spread_leaf_discuss", "matter.spread_total_third_marker"})
    assert third({**APART, "thứ ba": {"1": 24, "2": 12}}, both) == (36, set())


def test_third_marker_decides_before_a_formula_reads_the_points() -> None:
    made = criteria(leaf("1", 50), leaf("2", 50, {"kind": "formula", "expression": 'node("1")'}), panel=spread())
    judges = [Judge("g"), Judge("h"), Judge("ba", role="third_marker")]
    result = run(made, sheets({"g": {"1": 10}, "h": {"1": 30}, "ba": {"1": 24}}), judges=judges)
    assert (points(result, "1"), points(result, "2")) == (24, 24)


# quorum


def present(panel: dict[str, object], marks: dict[str, object], judges: list[Judge], **rest: object) -> set[str]:
    """What is open about one unit."""
    made = criteria(leaf("1", 100), panel={"quorum": panel})
    rows = [("a", "1", answer, judge, "judge") for judge, answer in marks.items()]
    return open_matters(run(made, frame(rows, "judge", "stage"), judges=judges, **rest))


FOUR = [Judge("a", role="chair"), Judge("b"), Judge("c"), Judge("d")]


def test_quorum_of_a_share_is_rounded_up_and_of_a_count_is_that_count() -> None:
    three = {"a": 1, "b": 1, "c": 1}
    assert present({"share": "3/4"}, three, FOUR) == set()
    assert present({"share": "3/4"}, three, [*FOUR, Judge("e")]) == {"matter.quorum"}
    assert present({"count": 3}, three, [*FOUR, Judge("e")]) == set()
    assert present({"count": 4}, three, FOUR) == {"matter.quorum"}


def test_quorum_without_removed_recused_and_third_markers() -> None:
    three = {"a": 1, "b": 1, "c": 1}
    assert present({"share": "1"}, three, [*FOUR[:3], Judge("d", removed=True)]) == set()
    assert present({"share": "1"}, three, [*FOUR[:3], Judge("d", role="third_marker")]) == set()
    assert present({"share": "1"}, three, FOUR, recused=[("a", "d")], units=[Unit("a")]) == set()


def test_recused_chair_is_absent_even_if_he_marked() -> None:
    four = {"a": 1, "b": 1, "c": 1, "d": 1}
    assert present({"share": "1/2", "chair": True}, four, FOUR) == set()
    assert present({"share": "1/2", "chair": True}, four, FOUR, recused=[("a", "a")]) == {"matter.chair_absent"}


def test_members_who_mark_in_council_take_part() -> None:
    made = criteria(leaf("1", 100), panel={"quorum": {"count": 2, "chair": True}})
    rows = [("a", "1", 5, "a", "council"), ("a", "1", 5, "b", "council")]
    assert open_matters(run(made, frame(rows, "judge", "stage"), judges=FOUR)) == set()


def test_quorum_is_not_asked_of_a_run_on_self_assessment() -> None:
    made = criteria(leaf("1", 100), panel={"quorum": {"count": 2}})
    result = run(made, frame([("a", "1", 5, None, "self")], "judge", "stage"), Policy(evidence="ignore", stage="self"))
    assert open_matters(result) == set()
