"""Awards whose number is a range: the first by rank, ties across the end left open, too few left open, nobody dropped."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from builders import Unit, criteria, frame, group, leaf, one_unit, open_matters, run
from chamdiem.cli.views import ranking_record
from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.results_words import Published
from chamdiem.scoring.figures import Awarded
from chamdiem.scoring.result import Result
from chamdiem.words import say

GATE = {"id": "du", "title": "Đủ điểm", "when": {"total": {"at_least": 5}}}


def award(low: int, high: int, *only_for: str) -> dict[str, Any]:
    return {"id": "chon", "title": "Chọn", "at_least": low, "at_most": high, "only_for": list(only_for)}


def made(low: int, high: int, *only_for: str, **rest: Any) -> CriteriaSet:
    return criteria(leaf("x", 10), awards=[award(low, high, *only_for)], **rest)


def chosen(result: Result) -> Awarded:
    (found,) = result.verdict.awards
    return found


def states(result: Result) -> str:
    """How each unit stands, in one letter: c(hosen), t(ied), b(eyond), - for one that cannot be chosen."""
    return "".join((chosen(result).state(at) or "-")[0] for at in range(len(result.marks.units)))


def of_points(made: CriteriaSet, *points: object, **rest: Any) -> Result:
    return run(made, frame((f"{at:02}", "x", one) for at, one in enumerate(points)), **rest)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.integers(1, 6), st.integers(0, 6))
def test_as_defined(points: list[int], low: int, more: int) -> None:
    high = low + more
    result = of_points(made(low, high, gates=[GATE]), *points)
    able = [one for one in points if one >= 5]
    for at, one in enumerate(points):
        ahead, level = sum(other > one for other in able), able.count(one)
        wanted = "" if one < 5 else "beyond" if ahead >= high else "chosen" if ahead + level <= high else "tied"
        assert chosen(result).state(at) == wanted
    found = chosen(result)
    assert found.count == len(able)
    assert found.too_few == (len(able) < low)
    assert int(found.chosen.sum()) + int(found.tied.sum()) >= min(len(able), high), "nobody is silently cut"
    assert (found.left > 0) or not found.tied.any()


def test_a_tie_across_the_end_is_open_for_those_who_are_level() -> None:
    result = of_points(made(1, 2), 9, 8, 8, 7)
    assert states(result) == "cttb"
    assert [open_matters(result, unit) for unit in ("00", "01", "02", "03")] == [
        set(),
        {"matter.award_tie"},
        {"matter.award_tie"},
        set(),
    ]
    (matter,) = [matter for matter, _ in result.matters_of(1)]
    assert (matter.constants["tied"], matter.constants["left"]) == (2, 1)
    assert result.settled.tolist() == [True, False, False, True]


def test_a_tie_before_the_end_is_no_matter() -> None:
    result = of_points(made(2, 3), 9, 8, 8, 7)
    assert states(result) == "cccb"
    assert result.settled.all()


def test_fewer_than_the_least_number_is_open_for_everybody_it_is_for() -> None:
    units = [Unit("00", kind="xa"), Unit("01", kind="xa"), Unit("02", kind="phuong")]
    result = of_points(made(2, 3, "xa", gates=[GATE]), 9, 4, 9, units=units)
    assert states(result) == "c--"
    assert [open_matters(result, unit) for unit in ("00", "01", "02")] == [
        {"matter.award_too_few"},
        {"matter.award_too_few"},
        set(),
    ]


def test_nobody_at_all_can_be_chosen() -> None:
    result = of_points(made(1, 2, "phuong"), 9, units=[Unit("00", kind="xa")])
    assert chosen(result).too_few
    assert states(result) == "-"
    assert result.settled.all()
    assert say(chosen(result).outcome) == "“Chọn”: từ 1 đến 2; chỉ 0 đủ điều kiện, ít hơn số ít nhất; cần quyết định."


def test_a_category_may_be_meant() -> None:
    units = [Unit("00", category="nui"), Unit("01"), Unit("02", category="nui")]
    made_ = made(1, 1, "nui", categories=[{"id": "nui", "title": "Miền núi"}])
    assert states(of_points(made_, 8, 9, 7, units=units)) == "c-b"


def test_a_unit_that_nobody_marked_is_not_chosen() -> None:
    units = [Unit("00"), Unit("01")]
    assert states(run(made(1, 2), frame([("00", "x", 5)]), units=units)) == "c-"


def test_tie_keys_decide_before_anybody_has_to() -> None:
    keyed = criteria(leaf("x", 10), leaf("y", 10), awards=[award(1, 1)], ties={"keys": [{"node": "y"}]})
    rows = [("a", "x", 6), ("a", "y", 4), ("b", "x", 5), ("b", "y", 5)]
    result = run(keyed, frame(rows))
    assert states(result) == "bc"
    assert result.settled.all()


def test_awards_are_hashed_and_sets_without_them_are_hashed_as_before() -> None:
    plain, low, high = (of_points(one, 9, 8, 8) for one in (criteria(leaf("x", 10)), made(1, 2), made(1, 3)))
    assert len({plain.hash, low.hash, high.hash}) == 3
    assert plain.verdict.awards == ()


def test_machines_and_people_are_told() -> None:
    result = of_points(made(1, 2), 9, 8, 8, 7)
    (record,) = ranking_record(result)["awards"]  # type: ignore[misc, attr-defined]
    assert record == {
        "id": "chon", "at_least": 1, "at_most": 2, "candidates": 4, "too_few": False,
        "chosen": ["00"], "tied": ["01", "02"],
    }  # fmt: skip
    assert say(chosen(result).outcome) == "“Chọn”: từ 1 đến 2; đủ điều kiện 4, được đề nghị 1, chờ quyết định 2."
    published = Published(result)
    assert [published.remarks(at) for at in range(4)] == [
        ["Trong số được đề nghị: “Chọn” (từ 1 đến 2)"],
        ["Bằng nhau ở suất cuối, chờ quyết định: “Chọn” (từ 1 đến 2)"],
        ["Bằng nhau ở suất cuối, chờ quyết định: “Chọn” (từ 1 đến 2)"],
        [],
    ]


def test_one_unit_with_groups() -> None:
    result = one_unit(criteria(group("1", 10, leaf("1.1", 10)), awards=[award(1, 1)]), {"1.1": 3})
    assert states(result) == "c"
