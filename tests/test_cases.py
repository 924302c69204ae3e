"""The golden cases: what a source states, or a person worked out, is what the engine finds, exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from chamdiem.criteria import library
from chamdiem.criteria.conditions import FORMS, Condition
from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.criteria.rules import KINDS
from chamdiem.criteria.strict_yaml import read_tree
from chamdiem.errors import Refusal
from chamdiem.points import read_number
from chamdiem.scoring.result import Result
from chamdiem.scoring.sheet import CEILING, FLOOR, HEADLINE, Why
from golden import CASE_KEYS, FILE_KEYS, Case, cases, files

SHIPPED = [path.stem for path in library.shipped()]
LAYERS = {"": HEADLINE, "floor": FLOOR, "ceiling": CEILING}
TOTALS = ("total", "base", "bonus", "penalties")
SOURCES = {"hand", "decision", "published"}


def exact(stated: object) -> Fraction:
    """A stated figure."""
    return Fraction(read_number(str(stated), 6))


class Found:
    """What the engine finds of one unit, by the words that cases use."""

    def __init__(self, result: Result, unit: str) -> None:
        self.result, self.at = result, result.unit_at(unit)

    def of(self, what: str, stated: Any) -> object:
        """The engine's answer to one expectation, in the form in which it is stated."""
        verdict, at = self.result.verdict, self.at
        match what:
            case "total" | "base" | "bonus" | "penalties":
                return self.result.points(getattr(verdict.totals, what)[HEADLINE, at])
            case "stars":
                return int(verdict.stars[HEADLINE, at])
            case "met":
                return int(verdict.met_count[HEADLINE, at])
            case "recognised":
                return bool(verdict.recognised[HEADLINE, at])
            case "blocked_by":
                return {gate.id for gate, check in verdict.gates if not check.met[HEADLINE, at]}
            case "revocation":
                return {case.title for case, check in verdict.revocations if check.met[HEADLINE, at]}
            case "nodes":
                return {code: self.points(code, HEADLINE) for code in stated}
            case "maxima":
                return {code: self.top(code) for code in stated}
            case "why":
                return {code: self.why(code) for code in stated}
            case "awards":
                states = {one.award.id: one.state(at) for one in verdict.awards}
                return {award: state for award, state in states.items() if state}
            case "open":
                return {matter.id for matter, _ in self.result.matters_of(at) if matter.open}
            case "closed":
                return {matter.id for matter, _ in self.result.matters_of(at) if not matter.open}
            case "floor" | "ceiling":
                return {name: self.layer(name, self.result.layer(LAYERS[what])) for name in stated}
        raise AssertionError(what)

    def layer(self, name: str, layer: int) -> object:
        """A total or the stars on a layer."""
        if name == "stars":
            return int(self.result.verdict.stars[layer, self.at])
        return self.result.points(getattr(self.result.verdict.totals, name)[layer, self.at])

    def points(self, code: str, layer: int) -> Fraction:
        """The points of a node."""
        return self.result.points(self.result.figure(self.result.plan.branch(code)).points[layer, self.at])

    def top(self, code: str) -> Fraction:
        """The maximum that applied to a node."""
        top = self.result.figure(self.result.plan.branch(code)).top
        return self.result.points(top if isinstance(top, int) else top[HEADLINE, self.at])

    def why(self, code: str) -> str:
        """Why a node counts, or does not."""
        return Why(self.result.figure(self.result.plan.branch(code)).why[HEADLINE, self.at]).name.lower()


def stated(what: str, value: Any) -> object:
    """An expectation in the form in which the engine's answer is compared."""
    match what:
        case "nodes" | "maxima":
            return {code: exact(points) for code, points in value.items()}
        case "floor" | "ceiling":
            return {name: int(one) if name == "stars" else exact(one) for name, one in value.items()}
        case "stars" | "met":
            return int(value)
        case "recognised":
            return {"true": True, "false": False}[value]
        case "blocked_by" | "open" | "closed" | "revocation":
            return set(value)
        case "why" | "awards":
            return dict(value)
    return exact(value)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_case(case: Case) -> None:
    expect = dict(case.expect)
    if "refused" in expect:
        with pytest.raises(Refusal) as refused:
            case.result()
        assert {problem.message.id for problem in refused.value.problems} == set(expect.pop("refused"))
        assert not expect
        return
    result = case.result()
    ranks, tied, each = expect.pop("ranks", None), expect.pop("tied", None), expect.pop("units", {})
    if ranks is not None:
        found = {unit: int(result.ranks[result.unit_at(unit)]) for unit in ranks}
        assert found == {unit: int(rank) for unit, rank in ranks.items()}
    if tied is not None:
        assert {unit for unit in case.units if result.shared[result.unit_at(unit)]} == set(tied)
    for unit, wanted in (each or dict.fromkeys(case.units, expect)).items():
        answers = Found(result, unit)
        for what, value in wanted.items():
            assert (unit, what, answers.of(what, value)) == (unit, what, stated(what, value)), case.given.get("why", "")


# what the cases themselves must be


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_file_of_cases_names_its_source_and_nothing_unknown(file: Path) -> None:
    whole = read_tree(file.read_bytes(), str(file)).plain()
    assert set(whole) <= FILE_KEYS
    source = whole["source"]
    assert source["kind"] in SOURCES
    assert source["title"]
    assert source["where"]
    assert date.fromisoformat(source["on"])
    for case in whole["cases"]:
        assert set(case) <= CASE_KEYS
        assert case["why"], "every case shows how its figures come about"
        assert case["expect"]


def test_names_of_cases_are_unique() -> None:
    assert [name for name, count in Counter(case.id for case in cases()).items() if count > 1] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_set_has_cases_with_totals(name: str) -> None:
    mine = [case for case in cases() if case.criteria.id == name]
    assert any("total" in case.expect for case in mine)


def leaves_in_cases() -> Iterator[tuple[Node, Case]]:
    """The criteria of which a case states the points, with the case."""
    for case in cases():
        codes = set(case.expect.get("nodes", ()))
        for each in case.expect.get("units", {}).values():
            codes |= set(each.get("nodes", ()))
        for leaf in case.criteria.leaves:
            if leaf.code in codes:
                yield leaf, case


def test_every_rule_kind_has_a_case() -> None:
    tested = {leaf.rule.kind for leaf, _ in leaves_in_cases() if leaf.rule is not None}
    known = {kind.model_fields["kind"].annotation.__args__[0] for kind in KINDS}  # type: ignore[union-attr]
    assert known - tested == set()


def conditions_of(made: CriteriaSet) -> Iterator[Condition]:
    """Every condition of gates, star bands and revocation, those inside others included."""
    heads = [gate.when for gate in made.gates if gate.enabled] + [case.when for case in made.revocation]
    heads += [one for band in (made.stars.bands if made.stars else ()) for one in band.conditions]
    for head in heads:
        yield from head.parts()


def test_every_form_of_condition_has_a_case_where_it_holds_and_one_where_it_does_not() -> None:
    seen: dict[str, set[bool]] = {form: set() for form in FORMS}
    for case in cases():
        if "refused" not in case.expect and any(conditions_of(case.criteria)):
            result = case.result()
            for condition in conditions_of(case.criteria):
                check = result.verdict.court.judge(condition)
                seen[condition.form] |= set(check.met[HEADLINE].tolist())
    assert {form: outcomes for form, outcomes in seen.items() if outcomes != {True, False}} == {}


# the edges of shipped sets


def measured(leaf: Node, case: Case) -> Iterator[Fraction]:
    """The values that a case enters for a criterion measured as a share, in percent or as a value."""
    for unit in case.units.values():
        for sheet in case.sheets(unit).values():
            answer = sheet.get(leaf.code)
            if isinstance(answer, str) and "/" in answer:
                done, of = answer.split("/")
                yield Fraction(int(done), int(of))
            elif isinstance(answer, str) and answer not in ("", "KAD", "BQ"):
                yield exact(answer.removesuffix("%")) / (100 if getattr(leaf.rule, "of", "") == "percent" else 1)


BANDED = [
    pytest.param(name, leaf.code, band.from_.number, id=f"{name} {leaf.code} {band.from_.number}")
    for name in SHIPPED
    for leaf in library.load(name).leaves
    if leaf.rule is not None and leaf.rule.kind == "bands"
    for band in leaf.rule.bands
    if band.from_.number > 0
]


@pytest.mark.parametrize(("name", "code", "edge"), BANDED)
def test_edge_of_band_is_met_exactly_and_one_step_below(name: str, code: str, edge: Fraction) -> None:
    values = {
        value
        for leaf, case in leaves_in_cases()
        if case.criteria.id == name and leaf.code == code
        for value in measured(leaf, case)
    }
    assert edge in values
    assert any(edge - Fraction(1, 100) <= value < edge for value in values)


STARRED = [
    pytest.param(name, band.from_, id=f"{name} {band.stars}")
    for name in SHIPPED
    if (stars := library.load(name).stars) is not None
    for band in stars.bands
    if band.from_.number > 0  # below a class that begins at 0 there is nothing
]


@pytest.mark.parametrize(("name", "edge"), STARRED)
def test_edge_of_stars_is_met_exactly_and_one_hundredth_below(name: str, edge: Any) -> None:
    made = library.load(name)
    start = edge.number * (Fraction(made.scale) if edge.is_share else 1)
    stated = {
        exact(case.expect["total"])
        for case in cases()
        if case.criteria.id == name and {"total", "stars"} <= set(case.expect)
    }
    assert {start, start - Fraction(1, 10**made.points.places)} <= stated
