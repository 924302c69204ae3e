"""Every golden case comes out as the document or the hand said; and the cases hold the shipped data to account."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest

from chamdiem.criteria import library
from chamdiem.criteria.conditions import FORMS, Condition
from chamdiem.criteria.rules import KINDS
from chamdiem.criteria.rules.measured import Bands
from chamdiem.scoring.sheet import HEADLINE
from golden import Case, cases, documents, found, played, wanted

ALL = cases()


@pytest.mark.parametrize("case", ALL, ids=[f"{case.file.stem}: {case.body['name']}" for case in ALL])
def test_case(case: Case) -> None:
    assert found(case, played(case)) == wanted(case), case.body["why"]


def test_each_case_has_its_own_name_and_says_why() -> None:
    names = [(case.file, case.body["name"]) for case in ALL]
    assert len(set(names)) == len(names)
    assert all(case.body["why"].strip() for case in ALL)


def test_no_source_is_the_program() -> None:
    for file, document in documents():
        source = document["source"]
        assert source["kind"] in ("decision", "published", "hand"), file
        assert source["title"], file
        assert source["where"], file
        assert source["on"], file


@pytest.mark.parametrize("path", library.shipped(), ids=lambda path: path.stem)
def test_each_shipped_set_has_cases(path: object) -> None:
    criteria = library.load(path)  # type: ignore[arg-type]
    wanted_set = f"{criteria.id}@{criteria.version}"
    assert any(case.document["set"] == wanted_set for case in ALL)


def rules_of_cases() -> Iterator[type]:
    for case in ALL:
        for leaf in case.criteria.leaves:
            yield type(leaf.rule)


def test_each_rule_kind_is_in_a_case() -> None:
    assert set(KINDS) - set(rules_of_cases()) == set()


def forms_of(conditions: Iterator[Condition]) -> set[str]:
    return {part.form for condition in conditions for part in condition.parts()}


def test_each_form_of_condition_is_in_a_case() -> None:
    seen: set[str] = set()
    for criteria in {id(case.document): case.criteria for case in ALL}.values():
        bands = criteria.stars.bands if criteria.stars else ()
        seen |= forms_of(gate.when for gate in criteria.gates)
        seen |= forms_of(condition for band in bands for condition in band.conditions)
        seen |= forms_of(case.when for case in criteria.revocation)
    assert set(FORMS) - seen == set()


def test_each_band_of_a_shipped_set_is_met_on_its_edge_and_missed_a_step_below() -> None:
    for path in library.shipped():
        criteria = library.load(path)
        mine = [case for case in ALL if case.document["set"] == f"{criteria.id}@{criteria.version}"]
        results = [played(case) for case in mine]
        for band in criteria.stars.bands if criteria.stars else ():
            totals = {result.points(total) for result in results for total in result.verdict.totals.total[HEADLINE]}
            step = Fraction(1, 10**criteria.points.places)
            assert band.from_.number in totals, f"{criteria.id}: no case stands exactly on {band.from_.number}"
            assert any(band.from_.number - 1 < total <= band.from_.number - step for total in totals), band.from_.number
        for leaf in criteria.leaves:
            if isinstance(leaf.rule, Bands):
                points = {
                    result.points(ticks)
                    for result in results
                    for ticks in result.figure(result.plan.branch(leaf.code)).points[HEADLINE]
                }
                missing = {band.points for band in leaf.rule.bands} - {
                    Decimal(p.numerator) / p.denominator for p in points
                }
                assert not missing, f"{criteria.id} {leaf.code}: no case earns {missing}"
