"""What a criteria set may and may not say, beyond the single mistakes of bad_criteria/."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from chamdiem.criteria import library
from chamdiem.criteria.checks import faults
from chamdiem.criteria.model import CriteriaSet
from chamdiem.criteria.rules import Answers, Scale
from chamdiem.criteria.rules.counted import Deduction
from chamdiem.criteria.rules.formula import Formula, names
from chamdiem.criteria.rules.measured import Bands
from chamdiem.errors import Refusal

MINIMAL = (Path(__file__).parent / "sample_criteria" / "minimal.yaml").read_text(encoding="utf-8")
MANUAL = {"kind": "manual", "step": "0.5"}


def leaf(code: str, points: str = "2", **more: Any) -> dict[str, Any]:
    return {"code": code, "title": f"Việc {code}", "max": points, "rule": MANUAL} | more


def group(code: str, points: str, *nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"code": code, "title": f"Nhóm {code}", "max": points, "nodes": list(nodes)} | more


def criteria(points: str, *nodes: dict[str, Any], **more: Any) -> CriteriaSet:
    plain = yaml.load(MINIMAL, yaml.BaseLoader)
    return CriteriaSet.model_validate(plain | {"base": {"max": points, "nodes": list(nodes)}} | more)


def found(*args: Any, **more: Any) -> list[str]:
    return [message.id for _, message in faults(criteria(*args, **more))]


def test_codes_that_begin_alike_are_different_codes() -> None:
    assert found("4", leaf("1.1"), leaf("1.10")) == []
    assert found("4", leaf("1.1"), leaf("1.1")) == ["criteria.repeated_code"]


@pytest.mark.parametrize(
    ("points", "more"),
    [
        ("4", {}),
        ("3", {"capped": "true"}),
        ("10", {"scaled": "true"}),
        ("2", {"combine": "choose_one"}),
        ("2", {"combine": "best", "best": "1"}),
        ("4", {"combine": "best", "best": "2"}),
    ],
)
def test_groups_add_up_the_way_they_combine(points: str, more: dict[str, str]) -> None:
    assert found(points, group("1", points, leaf("1.1"), leaf("1.2"), **more)) == []


def test_a_weight_counts_when_maxima_are_added() -> None:
    assert found("3", leaf("1", weight="1/2"), leaf("2")) == []


def test_the_place_of_a_fault_is_a_path_of_the_files_own_keys() -> None:
    bands = {"kind": "bands", "bands": [{"from": "0.5", "points": "2"}, {"from": "0", "points": "0"}]}
    ((where, message),) = faults(criteria("4", leaf("1"), group("2", "2", leaf("2.1", rule=bands))))
    assert where == ("base", "nodes", 1, "nodes", 0, "rule", "bands", 0, "from")
    assert message.id == "criteria.threshold_wants_share"


def test_everything_wrong_is_found_at_once() -> None:
    wrong = leaf("1", max="2.125", only_for=["x"]), leaf("1", rule={"kind": "count", "each": "0"})
    assert found("5", *wrong, met_from="0", replaces="x") == [
        "criteria.parts_below",
        "criteria.too_many_places",
        "criteria.step_not_positive",
        "criteria.repeated_code",
        "criteria.unknown_unit",
        "criteria.replaces_form",
        "criteria.share_out_of_range",
    ]


def test_each_circle_of_dependencies_is_found() -> None:
    def waits(code: str, other: str) -> dict[str, Any]:
        return leaf(code, depends_on={"code": other, "at_least": "50%", "otherwise": "zero"})

    rings = [
        message.values["ring"]
        for _, message in faults(criteria("8", waits("a", "b"), waits("b", "a"), waits("c", "d"), waits("d", "c")))
    ]
    assert rings == ["a → b → a", "c → d → c"]


def test_a_group_that_waits_makes_its_parts_wait() -> None:
    waiting = group("1", "2", leaf("1.1"), depends_on={"code": "2", "at_least": "50%", "otherwise": "zero"})
    formula = leaf("2", rule={"kind": "formula", "expression": 'node("1.1")'})
    ((_, message),) = faults(criteria("4", waiting, formula))
    assert message.values["ring"] == "1.1 → 2 → 1.1"


def test_a_stop_is_no_circle_when_only_what_follows_waits_for_it() -> None:
    assert found("4", leaf("1", stop_if={"below": "1"}), leaf("2")) == []


def test_a_chain_of_dependencies_may_be_long_but_not_endless() -> None:
    def reads(at: int) -> dict[str, Any]:
        return leaf(f"n{at}", "1", rule={"kind": "formula", "expression": f'node("n{at - 1}")'})

    chain = [leaf("n0", "1"), *(reads(at) for at in range(1, 3000))]
    assert found("60", *chain[:60]) == []
    assert found("3000", *chain) == ["criteria.chain_too_long"]


def test_a_number_as_first_argument_of_min_is_not_a_node() -> None:
    formula = Formula(kind="formula", expression='min(1, node("1"))')
    assert names(formula.tree)[1] == {"1"}
    assert found("4", leaf("1"), leaf("2", rule={"kind": "formula", "expression": "min(7, 2)"})) == []


def test_a_variant_with_other_thresholds_is_fine() -> None:
    def bands(start: str) -> dict[str, Any]:
        return {"kind": "bands", "bands": [{"from": start, "points": "2"}, {"from": "0%", "points": "0"}]}

    node = leaf("1", rule=bands("90%"), variants=[{"category": "nui", "rule": bands("70%")}])
    assert found("2", node, categories=[{"id": "nui", "title": "Miền núi"}]) == []


def test_bands_may_be_listed_from_low_to_high() -> None:
    rising = [
        {"from": "0%", "points": "0"},
        {"from": "50%", "to": "90%", "points": "1"},
        {"from": "90%", "points": "2"},
    ]
    assert found("2", leaf("1", rule={"kind": "bands", "bands": rising})) == []


def test_stars_may_mix_points_and_shares_of_the_same_maximum() -> None:
    bands = [{"stars": "5", "from": "90%"}, {"stars": "4", "from": "7"}, {"stars": "3", "from": "50%"}]
    stars = {"on": "base", "when_condition_fails": "next_lower", "bands": bands}
    assert found("10", leaf("1", "10"), stars=stars) == []
    bands[1]["from"] = "9"
    assert found("10", leaf("1", "10"), stars=stars) == ["criteria.stars_not_above"]


@pytest.mark.parametrize(("within", "ids"), [("false", []), ("true", ["criteria.out_of_reach"])])
def test_a_total_above_the_scale_is_in_reach_only_where_the_bonus_may_pass_it(within: str, ids: list[str]) -> None:
    bonus = {"max": "2", "within_scale": within, "scale": "10", "nodes": [leaf("B")]}
    gate = {"id": "g", "title": "Điều kiện", "when": {"total": {"at_least": "11"}}}
    assert found("10", leaf("1", "10"), bonus=bonus, gates=[gate]) == ids


def test_a_fact_and_a_gate_may_share_their_name() -> None:
    facts = [{"id": "khong_ky_luat", "title": "Không bị kỷ luật"}]
    gates = [{"id": "khong_ky_luat", "title": "Không bị kỷ luật", "when": {"fact": "khong_ky_luat"}}]
    assert found("2", leaf("1"), facts=facts, gates=gates) == []


def test_a_limit_on_each_group_must_be_in_reach_of_the_smallest() -> None:
    def gate(side: str) -> list[dict[str, Any]]:
        return [{"id": "g", "title": "Điều kiện", "when": {"each_group": {side: "3"}}}]

    groups = leaf("1", "2"), leaf("2", "8")
    assert found("10", *groups, gates=gate("at_least")) == ["criteria.out_of_reach"]
    assert found("10", *groups, gates=gate("below")) == []


def test_very_many_faults_are_cut_short() -> None:
    leaves = "".join(f"  - {{code: n{at}, title: Việc, max: 0, rule: {{kind: boolean}}}}\n" for at in range(150))
    text = MINIMAL.split("base:")[0] + "base:\n  max: 1\n  nodes:\n" + leaves
    with pytest.raises(Refusal) as refused:
        library.read(text, "nhieu.yaml")
    assert len(refused.value.problems) == 101
    assert refused.value.problems[-1].message.id == "yaml.too_many_problems"


def test_a_deduction_of_very_many_events_stays_at_the_floor() -> None:
    rule = Deduction(kind="deduction", each=Decimal(100_000), floor=Decimal(0))
    cells = np.array([[0, 1, 10**9]])
    graded = rule.grade(Answers({"events": cells}, np.ones((1, 3), dtype=bool)), Scale(10**9, 4))
    assert graded.points.over.tolist() == [[10**9, 0, 0]]


def test_the_lowest_points_of_a_rule_are_known() -> None:
    bands = {"kind": "bands", "bands": [{"from": "50%", "points": "2"}, {"from": "0%", "points": "-1"}]}
    assert Bands.model_validate(bands).lowest(Scale(200, 2)) == -100
