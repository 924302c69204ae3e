"""The way to the next star: what it says now is what the engine says, and what it promises the engine keeps."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from builders import criteria, frame, group, leaf, pool, run
from chamdiem.criteria.model import CriteriaSet
from chamdiem.insight.route import Route, route
from chamdiem.insight.supposed import Supposed
from chamdiem.scoring.figures import HEADLINE
from chamdiem.scoring.result import Result
from chamdiem.scoring.run import score
from chamdiem.words import say
from contests import frame_of, given_of, random_contest
from test_oracle import EXAMPLES, bounded

BANDS = [
    {"stars": "4", "from": "80", "conditions": [{"each_group": {"at_least": "60%"}}]},
    {"stars": "3", "from": "60", "conditions": [{"each_group": {"at_least": "50%"}}]},
]
TOPS = {"1.1": 30, "1.2": 20, "2.1": 25, "2.2": 25, "B.1": 5}


def law(when: str = "next_lower", **rest: Any) -> CriteriaSet:
    """Two groups of 50, a bonus of 5, four stars from 80 and three from 60, each with a share of every group."""
    return criteria(
        group("1", 50, leaf("1.1", 30), leaf("1.2", 20)),
        group("2", 50, leaf("2.1", 25), leaf("2.2", 25)),
        bonus={**pool(5, leaf("B.1", 5)), "within_scale": "false"},
        stars={"on": "total", "when_condition_fails": when, "bands": BANDS},
        **rest,
    )


def result(marks: dict[str, object], made: CriteriaSet | None = None) -> Result:
    """The result of one unit "a"."""
    return run(made or law(), frame(("a", code, answer) for code, answer in marks.items()))


def full(found: Route, marks: dict[str, object]) -> dict[str, object]:
    """The same marks with the named criteria at their maximum."""
    return {**marks, **{source.code: TOPS[source.code] for source in found.sources}}


def test_route_by_hand() -> None:
    found = route(result({"1.1": 28, "1.2": 18, "2.1": 20, "2.2": 4, "B.1": 1}), "a")
    assert (found.state, found.now, found.stars, found.total, found.best) == ("reachable", 0, 3, 71, 105)
    (lack,) = found.lacks
    assert (lack.observed, lack.needed, lack.short, lack.unit, lack.hopeless) == (24, 25, 1, "ticks", False)
    assert lack.sources == ("2.1", "2.2")
    assert [(source.code, source.left, source.gives) for source in found.sources] == [
        ("2.2", 21, 21), ("2.1", 5, 5), ("B.1", 4, 4), ("1.1", 2, 2), ("1.2", 2, 2),
    ]  # fmt: skip


def test_points_and_conditions_are_both_missing() -> None:
    found = route(result({"1.1": 20, "1.2": 8, "2.1": 10, "2.2": 9.5}), "a")
    assert [(say(lack.subject), lack.short) for lack in found.lacks] == [
        ("Tổng điểm", Fraction("12.5")), ("2. 2", Fraction("5.5")),
    ]  # fmt: skip


def test_highest_class_and_unmarked_units_have_no_way() -> None:
    assert route(result({**TOPS}), "a").state == "highest"
    with_other = run(law(), frame([("a", "1.1", 3), ("b", "B.1", 1)]))
    assert route(with_other, "b").state == "unmarked"


@pytest.mark.parametrize(("answer", "observed"), [("không", 0), (None, None)], ids=["denied", "unknown"])
def test_gate_is_not_bought_with_points(answer: str | None, observed: int | None) -> None:
    made = law(
        facts=[{"id": "x", "title": "Không bị kỷ luật"}], gates=[{"id": "x", "title": "g", "when": {"fact": "x"}}]
    )
    marks = {**TOPS, **({"x": answer} if answer else {})}
    found = route(result(marks, made), "a")
    assert (found.state, [lack.gate for lack in found.lacks]) == ("blocked", ["x"])
    assert (found.lacks[0].hopeless, found.lacks[0].observed, found.lacks[0].short) == (True, observed, None)


def test_where_a_failed_condition_costs_everything_the_class_of_the_points_comes_first() -> None:
    marks = {"1.1": 30, "1.2": 20, "2.1": 24, "2.2": 0, "B.1": 5}
    ways = [route(result(marks, law(when)), "a") for when in ("next_lower", "not_recognised")]
    assert [(way.now, way.stars) for way in ways] == [(0, 3), (0, 3)]
    marks["2.2"] = 1.5
    ways = [route(result(marks, law(when)), "a") for when in ("next_lower", "not_recognised")]
    assert [(way.now, way.stars) for way in ways] == [(3, 4), (0, 4)]


def test_full_class_is_said_to_be_full() -> None:
    made = law(quota={"stars": "4", "count": "1", "ties": "all_out"})
    rows = [(unit, code, top) for unit in "ab" for code, top in TOPS.items()]
    assert route(run(made, frame(rows)), "a").state == "quota"


HALVES = {code: st.integers(0, 2 * top) for code, top in TOPS.items()}


@bounded(60)
@given(st.fixed_dictionaries(HALVES))
def test_full_marks_in_the_named_criteria_meet_what_is_reachable(halves: dict[str, int]) -> None:
    marks: dict[str, object] = {code: half / 2 for code, half in halves.items()}
    before = result(marks)
    found = route(before, "a")
    after = result(full(found, marks))
    assert found.total == before.points(before.verdict.totals.total[HEADLINE, 0])
    if found.state == "reachable":
        assert int(after.verdict.stars[HEADLINE, 0]) >= found.stars
        assert after.points(after.verdict.totals.total[HEADLINE, 0]) == found.best
    for source in found.sources:
        alone = result({**marks, source.code: TOPS[source.code]})
        assert alone.points(alone.verdict.totals.total[HEADLINE, 0]) - found.total == source.gives


@bounded(EXAMPLES // 6)
@given(st.randoms(use_true_random=False))
def test_nothing_supposed_is_what_was_found(rnd: Random) -> None:
    contest = random_contest(rnd)
    assume(contest is not None)
    assert contest is not None
    found = score(contest.criteria, frame_of(contest), **given_of(contest))
    nothing = np.zeros((len(found.plan.leaves), 1), dtype=np.bool_)
    for at, unit in enumerate(found.marks.units):
        same = Supposed(found, at, nothing)
        for branch in found.plan.branches:
            one, other = found.figure(branch), same.figures[branch.index]
            assert (one.points[:, at] == other.points[:, 0]).all(), branch.code
            assert (one.why[:, at] == other.why[:, 0]).all(), branch.code
        if not found.verdict.quota_cut[at]:
            assert same.verdict().stars[HEADLINE, 0] == found.verdict.stars[HEADLINE, at]
        assert route(found, unit.code).total == found.points(found.verdict.totals.total[HEADLINE, at])
