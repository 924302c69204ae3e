"""What criteria/README.md says is so: its YAML is read as it stands, its figures are worked out again by the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
import yaml

from builders import (
    CEILING,
    FLOOR,
    Evidence,
    Judge,
    Policy,
    Unit,
    frame,
    group,
    leaf,
    one_unit,
    open_matters,
    pool,
    ranks,
    run,
    stars,
    total,
)
from builders import points as points_of
from chamdiem.criteria import library
from chamdiem.criteria.conditions import FORMS
from chamdiem.criteria.editions import content_hash, structure_hash
from chamdiem.criteria.model import CriteriaSet
from chamdiem.criteria.rules import KINDS
from chamdiem.criteria.schema import json_schema
from chamdiem.criteria.strict_yaml import read_tree
from chamdiem.points import Rounding, divide
from chamdiem.scoring.result import Result
from chamdiem.words import shown

README = library.IN_REPOSITORY / "README.md"
TEXT = README.read_text(encoding="utf-8")
FLAT = " ".join(TEXT.split())
ALONE = "Tổng"  # the code of the only criterion of a set that tries one rule


class Block(NamedTuple):
    """A fenced block: what its first line says it is, its text, and the line it starts on."""

    says: str
    text: str
    line: int


def blocks() -> Iterator[Block]:
    """Every YAML block. Its first line, a comment, says what it is: "bộ tiêu chí", "tiêu chí" (a list of nodes), "cách
    chấm, tối đa 2" (a rule), or "phần của bộ, bỏ stars" (keys that replace those of the first block; keys left out).
    """
    for found in re.finditer(r"^```yaml\n# ([^\n]+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE):
        yield Block(found[1], found[2], TEXT[: found.start()].count("\n") + 2)


BLOCKS = tuple(blocks())
SAMPLE = BLOCKS[0].text


def plain(text: str) -> Any:
    """YAML as mappings, lists and texts, read by the strict reader first."""
    read_tree(text, "README.md")
    return yaml.load(text, yaml.BaseLoader)


def made(parts: Mapping[str, Any], *, leave_out: tuple[str, ...] = ()) -> CriteriaSet:
    """The sample set of section 1 with other parts, through the door every set comes in by; raises Refusal."""
    whole = {key: value for key, value in plain(SAMPLE).items() if key not in leave_out} | dict(parts)
    text = yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)
    return library.read(text, "README.md")


def made_of(*nodes: Mapping[str, Any], **parts: Any) -> CriteriaSet:
    """A set of these nodes alone, without what the sample says about its own."""
    top = sum((Fraction(str(node["max"])) * Fraction(str(node.get("weight", 1))) for node in nodes), Fraction(0))
    base = {"max": str(Decimal(top.numerator) / top.denominator), "nodes": list(nodes), **parts.pop("base", {})}
    return made(_texts({"base": base, **parts}), leave_out=("bonus", "gates", "stars"))


def _texts(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(key): _texts(part) for key, part in value.items()}
        case list() | tuple():
            return [_texts(part) for part in value]
        case bool():
            return "true" if value else "false"
    return str(value)


def of_block(block: Block) -> CriteriaSet:
    """The set a block is, or belongs to."""
    match block.says.split(", "):
        case ["bộ tiêu chí"]:
            return library.read(block.text, "README.md")
        case ["tiêu chí"]:
            return made_of(*plain(block.text))
        case ["cách chấm", top]:
            return of_rule(plain(block.text), top.removeprefix("tối đa "))
        case ["phần của bộ", *rest]:
            return made(plain(block.text), leave_out=tuple(name.removeprefix("bỏ ") for name in rest))
    raise AssertionError(block)


def of_rule(rule: Mapping[str, Any], top: str) -> CriteriaSet:
    """A set of one criterion with this rule."""
    return made_of({"code": ALONE, "title": ALONE, "max": top, "rule": dict(rule)})


# what stands in fences and tables --------------------------------------------------------------------------------


def test_every_yaml_fence_says_what_it_is() -> None:
    assert len(BLOCKS) == TEXT.count("```yaml\n") > 8
    assert BLOCKS[0].says == "bộ tiêu chí"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"line {block.line}")
def test_a_block_is_read_without_a_fault(block: Block) -> None:
    assert of_block(block)


def rows(head: str) -> list[list[str]]:
    """The cells of the table whose first row starts like this."""
    start = TEXT.index(f"\n| {head}") + 1
    lines = TEXT[start:].split("\n\n", 1)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:] if line.startswith("|")]


RULES = {row[0].strip("`"): row for row in rows("`kind`")}


def test_every_rule_kind_has_one_row() -> None:
    kinds = {kind.model_fields["kind"].annotation.__args__[0] for kind in KINDS}
    assert sorted(RULES) == sorted(kinds)
    assert len(rows("`kind`")) == len(kinds)


def example(kind: str) -> CriteriaSet:
    """The set of the example in a row of the table of rules."""
    found = re.fullmatch(r"tối đa ([\d,]+): `(\{.*\})`", RULES[kind][2])
    assert found, RULES[kind]
    rule = plain(found[2])
    assert rule["kind"] == kind
    return of_rule(rule, found[1])


@pytest.mark.parametrize("kind", RULES)
def test_each_answer_in_a_row_earns_the_points_beside_it(kind: str) -> None:
    criteria, cells = example(kind), RULES[kind]
    pairs = re.findall(r"`([^`]+)` → (-?\d+(?:,\d+)?)", cells[3])
    assert len(pairs) >= (1 if kind == "survey_weighted" else 2), cells
    assert cells[1]
    assert cells[4]
    for answer, expected in pairs:
        marks = frame([("a", ALONE, answer)] + ([("b", ALONE, "100")] if kind == "peers" else []))
        assert shown(points_of(run(criteria, marks), ALONE)) == expected, answer


def condition_rows() -> dict[str, tuple[Any, str]]:
    """By form, the example as data and what it says."""
    return {form.strip("`"): (plain(example.strip("`")), says) for form, example, says in rows("Dạng")}


def test_every_condition_form_has_a_row_that_is_sound() -> None:
    assert tuple(condition_rows()) == tuple(form.rstrip("_") for form in FORMS)
    for form, (condition, _) in condition_rows().items():
        gate = {"id": "thu", "title": "Thử", "when": condition}
        criteria = made({"gates": [*plain(SAMPLE)["gates"], gate]})
        assert criteria.gates[-1].when.form.rstrip("_") == form


def words_of_the_schema(part: Any) -> Iterator[str]:
    """Every key and every fixed value that a criteria file may hold."""
    if isinstance(part, list):
        for item in part:
            yield from words_of_the_schema(item)
    elif isinstance(part, dict):
        yield from part.get("enum", ())
        yield from [part["const"]] if "const" in part else []
        yield from part.get("properties", {})
        for key, value in part.items():
            if key not in ("enum", "const", "description"):
                yield from words_of_the_schema(list(value.values()) if key in ("properties", "$defs") else value)


def test_every_key_and_every_fixed_value_is_explained_somewhere() -> None:
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.DOTALL | re.MULTILINE)
    quoted = " ".join([*re.findall(r"`([^`\n]+)`", prose), *(block.text for block in BLOCKS)])
    there = set(re.findall(r"[\w-]+", quoted))
    assert sorted(set(words_of_the_schema(json_schema())) - there) == []


def test_every_key_of_a_set_stands_in_the_table_of_keys() -> None:
    named = [name for row in rows("Khóa | Nghĩa | Xem") for name in re.findall(r"`([a-z_]+)`", row[0])]
    assert sorted(named) == sorted(CriteriaSet.model_fields)
    bold = re.findall(r"\*\*`([a-z_]+)`\*\*", "".join(row[0] for row in rows("Khóa | Nghĩa | Xem")))
    assert set(bold) == {name for name, field in CriteriaSet.model_fields.items() if field.is_required()}


def test_every_shipped_set_stands_in_the_table_of_sets() -> None:
    named = [row[0].strip("`") for row in rows("Bộ | Của văn bản")]
    assert sorted(named) == [path.stem for path in library.shipped()]


# worked figures --------------------------------------------------------------------------------------------------


def says(sentence: str, *figures: object) -> None:
    """The README has this sentence, with these figures in the place of its braces."""
    filled = sentence.format(*(figure if isinstance(figure, str) else shown(figure) for figure in figures))
    assert filled in FLAT, filled


def cells(head: str, first: str) -> list[str]:
    """The cells of one row of one table."""
    return next(row for row in rows(head) if row[0].startswith(f"`{first}`"))


def test_ways_of_adding() -> None:
    def base(marks: Mapping[str, object], *nodes: Mapping[str, Any]) -> Fraction:
        return total(one_unit(made_of(*nodes), marks))

    says("| 3 + 4 → **{}** |", base({"1": 3, "2": 4}, leaf("1", 4), leaf("2", 4)))
    capped = group("1", 5, leaf("1.1", 4), leaf("1.2", 4), capped=True)
    says("| tối đa 5, được 3 + 3 → **{}** |", base({"1.1": 3, "1.2": 3}, capped))
    scaled = group("1", 10, leaf("1.1", 4), leaf("1.2", 4), scaled=True)
    says("được 3 + 4: 7 × 10/8 → **{}** |", base({"1.1": 3, "1.2": 4}, scaled))
    weighted = (leaf("1", 5, weight=2), leaf("2", 10))
    says("tối đa 5 nhân 2 cộng tối đa 10, được 4,5 và 7 → **{}** |", base({"1": "4,5", "2": 7}, *weighted))
    chosen = group("1", 4, leaf("1.1", 4), leaf("1.2", 4), combine="choose_one")
    says("| chỉ ghi một trường hợp, được 3 → **{}** |", base({"1.1": 3}, chosen))
    assert "matter.several_chosen" in open_matters(one_unit(made_of(chosen), {"1.1": 3, "1.2": 2}))
    best = group("1", 4, leaf("1.1", 2), leaf("1.2", 2), leaf("1.3", 2), combine="best", best=2)
    says("| được 1; 1,5; 2 → **{}** |", base({"1.1": 1, "1.2": "1,5", "1.3": 2}, best))


def test_what_waits_for_another_criterion() -> None:
    waiting = made_of(leaf("1", 4), leaf("2", 6, depends_on={"code": "1", "at_least": "50%", "otherwise": "zero"}))
    stopping = made_of(leaf("1", 4, stop_if={"below": 2}), leaf("2", 6))
    for criteria in (waiting, stopping):
        assert points_of(one_unit(criteria, {"1": 2, "2": 6}), "2") == 6
    says("được 2: tính, được 1,99: **{}** |", points_of(one_unit(waiting, {"1": "1,99", "2": 6}), "2"))
    says("được 1,99: sau đó **{}** |", points_of(one_unit(stopping, {"1": "1,99", "2": 6}), "2"))


@pytest.mark.parametrize("policy", ["zero", "full", "exclude_rescale", "redistribute"])
def test_a_criterion_that_does_not_apply(policy: str) -> None:
    row = cells("`policy` | Nghĩa | Tổng", policy)
    inner = group("1", 6, leaf("1.1", 4), leaf("1.2", 2, not_applicable={"policy": policy}))
    result = one_unit(made_of(inner, leaf("2", 4)), {"1.1": 3, "1.2": "KAD", "2": 4})
    assert row[2].endswith(f"→ **{shown(total(result))}**")


def test_bonus_and_penalties() -> None:
    def all_in(within: bool) -> Fraction:
        bonus = pool(5, leaf("T", 5), within_scale=within, **({"scale": 100} if within else {}))
        criteria = made_of(leaf("1", 100), bonus=bonus, penalties=pool(3, leaf("P", 3)))
        return total(one_unit(criteria, {"1": 98, "T": 5, "P": 1}))

    says("Thang 100, cơ bản 98, thưởng 5, trừ 1: `true` → **{}**, `false` → **{}**", all_in(True), all_in(False))


@pytest.mark.parametrize("unproven", ["zero", "pending", "counts"])
def test_what_an_unproven_mark_counts(unproven: str) -> None:
    need = {"required": True, "verify": ["document_check"], "unproven": unproven}
    criteria = made_of(*(leaf(str(at), 5 - at) for at in (1, 2, 3, 4)), evidence=need)
    proofs = [
        Evidence("a", "1", "m1", "accepted", verified=("document_check",)),
        Evidence("a", "2", "m2", "attached"),
        Evidence("a", "3", "m3", "rejected"),
    ]
    result = one_unit(criteria, {"1": 4, "2": 3, "3": 2, "4": 1}, policy=Policy(), evidence=proofs)
    found = [f"**{shown(total(result, layer=layer))}**" for layer in (0, FLOOR, CEILING)]
    assert cells("`unproven` | Tổng", unproven)[1:] == found


def test_one_document_counts_for_the_earlier_criterion() -> None:
    says("cùng một tài liệu thì tiêu chí đứng trước được tính, tiêu chí sau không được")
    criteria = made_of(leaf("1", 4), leaf("2", 3), evidence={"required": True}, evidence_once=[["2", "1"]])
    proofs = [Evidence("a", code, "QĐ 15", "accepted") for code in ("2", "1")]
    result = one_unit(criteria, {"1": 4, "2": 3}, policy=Policy(), evidence=proofs)
    assert (points_of(result, "1"), points_of(result, "2")) == (4, 0)


def test_a_limit_exactly_met() -> None:
    says("Đúng ngay mức đã ghi thì `at_least` và `at_most` là đạt, `above` và `below` là không.")
    for side, holds in {"at_least": True, "at_most": True, "above": False, "below": False}.items():
        gate = {"id": "thu", "title": "Thử", "when": {"total": {side: "4"}}}
        result = one_unit(made_of(leaf("1", 5), gates=[gate]), {"1": 4})
        assert bool(result.verdict.recognised[0, 0]) is holds, side


def test_stars_of_a_unit_that_misses_a_condition() -> None:
    marks = {"1.1": "98/100", "1.2": "20/20", "2": "kha", "3": "40/40", "T": 2, "khong_ky_luat": "có"}
    found = []
    for otherwise in ("next_lower", "not_recognised"):
        result = one_unit(made({"stars": {**plain(SAMPLE)["stars"], "when_condition_fails": otherwise}}), marks)
        assert (total(result), points_of(result, "2")) == (90, 20)
        found.append(stars(result))
    says("`next_lower` → **{}** sao, `not_recognised` → **{}** sao", *found)


def test_quota_and_shared_ranks() -> None:
    bands = [{"stars": 1, "from": 0}, {"stars": 2, "from": 1}]
    classes = {"on": "total", "when_condition_fails": "next_lower", "bands": bands}
    criteria = made_of(leaf("1", 20), stars=classes, quota={"stars": 2, "share": "20%", "ties": "all_out"})
    result = run(criteria, frame((f"xã {at}", "1", at + 1) for at in range(14)))
    says("20% của 14 đơn vị → **{}**", sum(stars(result, unit.code) == 2 for unit in result.marks.units))
    for numbering, sentence in {"competition": "`competition` → **{}**", "dense": "`dense` → **{}**"}.items():
        tied = made_of(leaf("1", 10), ties={"numbering": numbering})
        found = ranks(run(tied, frame([("a", "1", 9), ("b", "1", 8), ("c", "1", 8), ("d", "1", 7)])))
        says(sentence, ", ".join(map(str, found.values())))


def test_how_many_are_chosen_for_an_award() -> None:
    criteria = made_of(leaf("1", 10), awards=[{"id": "chon", "title": "Chọn", "at_least": 2, "at_most": 3}])
    found = []
    for points in ((9, 8, 8, 7), (9, 8, 7, 7)):
        result = run(criteria, frame((f"xã {at}", "1", given) for at, given in enumerate(points)))
        (award,) = result.verdict.awards
        found += [int(award.chosen.sum()), int(award.tied.sum())]
    says("bốn xã 9, 8, 8, 7 điểm: được đề nghị **{}**, chờ quyết định **{}**", *found[:2])
    says("bốn xã 9, 8, 7, 7 điểm: được đề nghị **{}**, chờ quyết định **{}**", *found[2:])


@pytest.mark.parametrize("combine", ["mean", "median", "trimmed_mean", "drop_extremes"])
def test_seven_sheets_as_one(combine: str) -> None:
    row = cells("`combine` | Bảy phiếu 5; 6; 8; 8; 9; 9,5; 10", combine)
    criteria = made_of(leaf("1", 10), panel={"combine": combine, "trim": "30%"})
    marks = [("a", "1", points, f"gk{at}") for at, points in enumerate(("5", "6", "8", "8", "9", "9,5", "10"))]
    assert row[1] == f"**{shown(total(run(criteria, frame(marks, 'judge'))))}**"


def test_who_abstains_is_in_no_denominator() -> None:
    marks = frame([("a", "1", "6", "x"), ("a", "1", "8", "y"), ("a", "1", "BQ", "z")], "judge")
    says("6; 8; BQ → **{}**", total(run(made_of(leaf("1", 10)), marks)))


def thirds(at: str) -> Result:
    """Three judges giving 8, 8, 9 on four criteria in two groups."""
    nodes = [group(code, 20, leaf(f"{code}.1", 10), leaf(f"{code}.2", 10)) for code in ("1", "2")]
    marks = [("a", code, given, f"gk{n}") for code in ("1.1", "1.2", "2.1", "2.2") for n, given in enumerate("889")]
    return run(made_of(*nodes, points={"at": at}), frame(marks, "judge"))


@pytest.mark.parametrize("at", ["mark", "leaf", "group", "total"])
def test_where_it_is_rounded(at: str) -> None:
    result, row = thirds(at), cells("`at` | Làm tròn ở", at)
    for cell, code in zip(row[2:4], ("1.1", "1"), strict=True):
        exact, ticks = points_of(result, code), points_of(result, code) * 100
        assert cell == (shown(exact) if ticks.denominator == 1 else f"{int(exact * 1000) / 1000}…".replace(".", ","))
    assert row[4] == f"**{shown(total(result))}**"


def test_rounding_each_sheet_first() -> None:
    index = leaf("1", 5, {"kind": "linear", "of": "percent"})
    marks = frame([("a", "1", "99,9%", "x"), ("a", "1", "99,8%", "y")], "judge")
    found = [total(run(made_of(index, points={"at": at}), marks)) for at in ("mark", "leaf")]
    says("5 × 99,9% = 4,995 và 5 × 99,8% = 4,99; `mark` → **{}**, `leaf` → **{}**", *found)


def test_ways_of_rounding() -> None:
    table = rows("`round` | 0,125")
    assert [row[0].split("`")[1] for row in table] == list(Rounding)
    for row, rounding in zip(table, Rounding, strict=True):
        for cell, exact in zip(row[1:], (Fraction("0.125"), Fraction("0.135"), Fraction("-0.125")), strict=True):
            assert cell == shown(Fraction(divide(exact * 100, 1, rounding), 100)), (rounding, exact)


def test_working_days_after_a_day() -> None:
    criteria = of_block(next(block for block in BLOCKS if block.says.startswith("cách chấm")))
    days = ("06/05/2026", "07/05/2026")
    found = [points_of(one_unit(criteria, {ALONE: f"22/04/2026; {day}"}), ALONE) for day in days]
    says("hạn là 06/05/2026, xong ngày ấy được {} điểm, hôm sau được {} điểm", *found)


def test_comparing_with_others() -> None:
    def found(measure: str) -> Fraction:
        criteria = of_rule({"kind": "peers", "measure": measure}, "4")
        return points_of(run(criteria, frame([("a", ALONE, 100), ("b", ALONE, 80), ("c", ALONE, 60)])), ALONE, "b")

    assert (found("leader"), found("percentile"), found("share_of_leader")) == (0, Fraction("2.67"), Fraction("3.2"))


def test_units_a_criterion_is_not_for_and_units_scored_otherwise() -> None:
    criteria = of_block(next(block for block in BLOCKS if "variants:" in block.text))
    units = [Unit("thường", kind="xa"), Unit("núi", kind="xa", category="mien_nui"), Unit("phố", kind="phuong")]
    answers = {"1": "50/100", "2": "đạt", "3": 20}
    rows = [(unit.code, code, answer) for unit in units for code, answer in answers.items()]
    result = run(criteria, frame(row for row in rows if row[:2] not in (("thường", "2"), ("núi", "2"))), units=units)
    assert [points_of(result, "1", unit.code) for unit in units] == [Fraction("34.38"), 55, Fraction("34.38")]
    assert points_of(result, "2", "núi") == 20
    says("theo `policy` ghi ở chỗ có `only_for` (không ghi thì `exclude_rescale`)")
    town = group("1", 4, leaf("1.1", 4), only_for=["phuong"], not_applicable={"policy": "full"})
    village = run(made_of(town, leaf("2", 6)), frame([("thường", "2", 3)]), units=units[:1])
    assert points_of(village, "1", "thường") == 4


@pytest.mark.parametrize(
    ("change", "structure"),
    [({"title": "Tên khác"}, False), ({"met_from": "90%"}, True)],
    ids=["words", "a figure"],
)
def test_fingerprints(change: dict[str, str], structure: bool) -> None:
    says("Sửa lời chỉ đổi dấu nội dung; đổi một con số thì cả hai đều đổi.")
    old, new = made({}), made(change)
    assert content_hash(old) != content_hash(new)
    assert (structure_hash(old) != structure_hash(new)) is structure


def test_evidence_of_a_criterion_replaces_that_of_the_set_key_by_key() -> None:
    says("Ghi ở tiêu chí thì từng khóa thay cho khóa chung; khóa nào không ghi thì theo yêu cầu chung.")
    own = (leaf("1", 4, evidence={"documents": "Ảnh"}), leaf("2", 4), leaf("3", 2, evidence={"required": False}))
    criteria = made_of(*own, evidence={"required": True, "documents": "Văn bản"})
    needs = [criteria.need_of(node) for node in criteria.leaves]
    assert [need.required for need in needs] == [True, True, False]
    assert [need.documents for need in needs] == ["Ảnh", "Văn bản", "Văn bản"]


def test_a_fact_nobody_confirmed_is_open_and_not_met() -> None:
    result = one_unit(made({}), {"1.1": "98/100", "1.2": "20/20", "2": "tot", "3": "40/40"})
    assert not result.verdict.recognised[0, 0]
    assert "matter.fact_unknown" in open_matters(result)


def test_what_is_out_of_the_denominator_counts_as_met() -> None:
    says("không áp dụng mà bỏ khỏi mẫu số thì coi như đạt")
    spared = leaf("1", 4, not_applicable={"policy": "exclude_rescale"})
    gate = {"id": "thu", "title": "Thử", "when": {"required": ["1", "2"]}}
    result = one_unit(made_of(spared, leaf("2", 6), gates=[gate]), {"1": "KAD", "2": 6})
    assert result.verdict.recognised[0, 0]


def test_judges_whose_sheets_do_not_count() -> None:
    judges = [
        Judge("trưởng ban", role="chair"),
        Judge("thành viên"),
        Judge("tránh"),
        Judge("thôi", removed=True),
        Judge("thứ ba", role="third_marker"),
    ]
    spread = {"points": "3", "of": "total", "between": "judges", "then": "third_marker"}
    criteria = made_of(leaf("1", 10), panel={"quorum": {"share": "3/4", "chair": True}, "max_spread": [spread]})
    given = {"trưởng ban": 9, "thành viên": 6, "tránh": 1, "thôi": 1, "thứ ba": 1}
    marks = frame([("a", "1", points, judge) for judge, points in given.items()], "judge")
    result = run(criteria, marks, judges=judges, recused=[("a", "tránh")])
    assert (total(result), open_matters(result)) == (Fraction("7.5"), set())
