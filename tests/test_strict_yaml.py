"""The strict YAML reader: what it reads stays as written, and each mistake is named once, at its place."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, PlainValidator, Tag, model_validator
from pydantic_core import PydanticCustomError

from chamdiem.criteria import strict_yaml, typed_yaml
from chamdiem.criteria.strict_yaml import read_tree
from chamdiem.criteria.typed_yaml import read_model
from chamdiem.criteria.yaml_tree import Tree
from chamdiem.errors import InternalLimit, Message, Problem, Refusal, message
from chamdiem.words import LANGUAGES, known, say, use_language

PARSERS = [pytest.param(strict_yaml.SlowParser, id="slow"), pytest.param(strict_yaml.PARSER, id="fast")]


def problems_of(text: bytes | str) -> list[tuple[str, int, int]]:
    with pytest.raises(Refusal) as refused:
        read_tree(text, "bo.yaml")
    return places(refused.value.problems)


def places(problems: tuple[Problem, ...]) -> list[tuple[str, int, int]]:
    return [(problem.message.id, problem.where.line, problem.where.column) for problem in problems]


# One row per mistake: the text, the sentence without its "yaml.", line and column.
MISTAKES = [
    ("a: &x 1\n", "anchor", 1, 4),
    ("a: &x\n  b: 1\n", "anchor", 1, 4),
    ("a: 1\nb: *x\n", "alias", 2, 4),
    ("*x : 1\n", "alias", 1, 1),
    ("a: !!python/object:os.system ls\n", "tag", 1, 4),
    ("a: !x [1]\n", "tag", 1, 4),
    ("a: ! 1\n", "tag", 1, 4),
    ("a: !x!y 1\n", "tag", 1, 4),
    ("a: !%ff 1\n", "tag", 1, 4),
    ("a: &\n", "anchor", 1, 4),
    ("a: * 1\n", "alias", 1, 4),
    ("a:\n  <<: {b: 1}\n", "merge_key", 2, 3),
    ("%YAML 1.1\n---\na: 1\n", "directive", 1, 1),
    ("# lời đầu\n\n%TAG ! tag:x,2000:\n---\na: 1\n", "directive", 3, 1),
    ("%KHAC x\n---\na: 1\n", "directive", 1, 1),
    ("a: 1\n---\nb: 2\n", "second_document", 2, 1),
    ("---\n---\n", "second_document", 2, 1),
    ("a: 1\nb: 2\na: 3\n", "repeated_key", 3, 1),
    ("a: {1.1: x, '1.1': y}\n", "repeated_key", 1, 13),
    ("? [a]\n: 1\n", "complex_key", 1, 3),
    ("{a: {b: 1}: 2}\n", "bracket_open", 1, 1),
    ("{[b]: 2}\n", "complex_key", 1, 2),
    ("a: 1\n: 2\n", "empty_key", 2, 1),
    ("{: 2}\n", "empty_key", 1, 2),
    ("", "empty", 1, 1),
    ("# chỉ có ghi chú\n", "empty", 1, 1),
    ("---\n", "empty", 1, 1),
    (b"a: \xc4\x90i\xe1\xbb\x83m \xff\n", "not_utf8", 1, 9),
    ("a: 1\nb: 2".encode("utf-16"), "not_utf8", 1, 1),
    ("a: 1\nb: x\0y\n", "forbidden_character", 2, 5),
    ("a: x\x85y\n", "forbidden_character", 1, 5),
    ("a: điểm \u202e01\n", "forbidden_character", 1, 9),
    ("a: điểm \u2066x\n", "forbidden_character", 1, 9),
    ("a: x\u2028b: 1\n", "forbidden_character", 1, 5),
    ("a: x\ufeff\n", "forbidden_character", 1, 5),
    ("a: \ud800\n", "forbidden_character", 1, 4),
    ('a: "x\\u202ey"\n', "forbidden_character", 1, 4),
    ('a: "x\\0"\n', "forbidden_character", 1, 4),
    ('a: "x \\ud800"\n', "escape", 1, 7),
    ('a: "\\UFFFFFFFF"\n', "escape", 1, 5),
    ('a: "C:\\d"\n', "escape", 1, 7),
    ('a: "\\xzz"\n', "escape", 1, 5),
    ("a:\n\tb: 1\n", "tab", 2, 1),
    ("a:\n  b: 1\n \tc: 1\n", "tab", 3, 2),
    ("a:\tb\n", "tab", 1, 3),
    ("a: 1\nb:2\nc: 3\n", "colon_space", 2, 2),
    ("a:1\nb: 2\n", "colon_space", 1, 2),
    ("- a: 1\n  b:2\n  c: 3\n", "colon_space", 2, 4),
    ("a: 1\nđơn vị\nc: 3\n", "colon_missing", 2, 1),
    ("a: Mục tiêu: an toàn\n", "colon_in_text", 1, 12),
    ('a: "x\nb: 2\n', "quote_open", 1, 4),
    ("a: 'x\n", "quote_open", 1, 4),
    ('a: "x\nb: "2"\nc: 3\n', "quote_open", 1, 4),
    ('a: "x\n---\ny"\n', "quote_open", 1, 4),
    ('a: "Cuộc thi "Dân vận khéo""\n', "quote_inside", 1, 15),
    ('a: ["x" "y"]\n', "quote_inside", 1, 9),
    ("a: [1, 2\nb: 3\n", "bracket_open", 1, 4),
    ("a: {b: 1, c: [2}\n", "bracket_open", 1, 14),
    ("a: [1,\n", "bracket_open", 1, 4),
    ("a: [1 b: {x: y}: z]\n", "bracket_open", 1, 4),
    ("a: 1\n  b: 2\n", "indent", 2, 3),
    ("a:\n   b: 1\n  c: 2\n", "indent", 3, 3),
    ("a:\n  - 1\n - 2\n", "indent", 3, 2),
    ("- a\nb: c\n", "indent", 2, 1),
    ("a: - b\n", "dash", 1, 4),
    ("a: @b\n", "reserved_start", 1, 4),
    ("a: %b\n", "reserved_start", 1, 4),
    ("a: |b\n  c\n", "block_text", 1, 4),
    ("b: Đ\na: >#x\n  c\n", "block_text", 2, 4),
    ("[a]]\n", "after_end", 1, 4),
    ("a: 1\n...\nb: 2\n", "after_end", 3, 1),
    ("a: [1, , 2]\n", "unexpected", 1, 8),
    ("{a:[1]}\n", "colon_space", 1, 3),
    ("{a:, b: 1}\n", "colon_space", 1, 3),
    ("a: 1\n}\n", "unexpected", 2, 1),
    ("a: [b]c\n", "unexpected", 1, 7),
    ("a: " + "[" * 40 + "\n", "too_deep", 1, 43),
    ("".join(" " * depth + "a:\n" for depth in range(41)), "too_deep", 41, 41),
    ("a: e" + "\u0301" * 40 + "\n", "too_many_marks", 1, 5),
    ("a: " + "x" * 20_001 + "\n", "too_long", 1, 4),
    (b"a" * (1024 * 1024 + 1), "too_many_bytes", 1, 1),
]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(("text", "sentence", "line", "column"), MISTAKES)
def test_mistake_named_at_its_place(
    text: bytes | str, sentence: str, line: int, column: int, parser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strict_yaml, "PARSER", parser)
    assert problems_of(text) == [(f"yaml.{sentence}", line, column)]


def test_question_mark_in_brackets_needs_quotes() -> None:
    assert problems_of("a: {b: Có đạt không?, c: 'Có?'}\nd: Có?\n") == [("yaml.question_mark", 1, 8)]
    with pytest.raises(Refusal):
        read_tree("a: {b: Có đạt không?}", "bo.yaml")


@pytest.mark.parametrize("parser", PARSERS)
def test_every_mistake_reported_at_once_in_order(parser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_yaml, "PARSER", parser)
    text = "%X\n---\na: &q 1\na: !t 2\nb: {<<: *q, c: 1, c: 2, c: 3}\nd: [\u202d, \t]\n? {e: 1, e: 2}\n: 3\n---\nf: 1\n"
    assert problems_of(text) == [
        ("yaml.directive", 1, 1),
        ("yaml.anchor", 3, 4),
        ("yaml.repeated_key", 4, 1),
        ("yaml.tag", 4, 4),
        ("yaml.merge_key", 5, 5),
        ("yaml.alias", 5, 9),
        ("yaml.repeated_key", 5, 19),
        ("yaml.repeated_key", 5, 25),
        ("yaml.forbidden_character", 6, 5),
        ("yaml.tab", 6, 8),
        ("yaml.complex_key", 7, 3),
        ("yaml.repeated_key", 7, 10),
        ("yaml.second_document", 9, 1),
    ]


def test_syntax_error_comes_after_what_was_found_before_it() -> None:
    assert problems_of("a: 1\na: 2\nb: [1\nc: 3\n") == [("yaml.repeated_key", 2, 1), ("yaml.bracket_open", 3, 4)]


def test_repeated_key_names_both_places_and_the_criterion() -> None:
    text = 'base:\n  nodes:\n  - max: 5\n    title: x\n    max: 6\n    code: "2.2"\n'
    with pytest.raises(Refusal) as refused:
        read_tree(text, "bo.yaml")
    (problem,) = refused.value.problems
    assert problem.message == message("yaml.repeated_key", key="max", first="3:5")
    assert (problem.where.file, problem.where.path) == ("bo.yaml", ("base", "2.2"))


def test_limits_are_internal_limits_and_keep_earlier_problems() -> None:
    with pytest.raises(InternalLimit) as refused:
        read_tree("a: 1\na: 2\nb: " + "[" * 60, "bo.yaml")
    assert [problem.message.id for problem in refused.value.problems] == ["yaml.repeated_key", "yaml.too_deep"]
    with pytest.raises(InternalLimit) as refused:
        read_tree("[" + "a," * 100_001 + "]", "bo.yaml")
    assert [problem.message.id for problem in refused.value.problems] == ["yaml.too_many_nodes"]


def test_number_of_problems_is_bounded() -> None:
    with pytest.raises(InternalLimit) as refused:
        read_tree("a: 1\n" * 10_000, "bo.yaml")
    assert len(refused.value.problems) == 101
    assert refused.value.problems[-1].message.id == "yaml.too_many_problems"


def test_largest_allowed_text_is_read() -> None:
    line = "- {code: '1.10', title: Công tác dân vận, max: 5}\n"
    text = line * 13_000
    assert len(text.encode()) < strict_yaml.MOST_BYTES
    assert len(read_tree(text, "bo.yaml").plain()) == 13_000
    assert read_tree("a: " + "x" * 20_000, "bo.yaml").plain() == {"a": "x" * 20_000}
    assert read_tree("[" * 40 + "]" * 40, "bo.yaml").plain() != []


@pytest.mark.parametrize(
    "written", ["1.10", "no", "2024-03-01", "~", "null", "0x10", "1_000", "8,5", "12:30", ".5", "98%"]
)
def test_scalar_stays_as_written(written: str) -> None:
    assert read_tree(f"a: {written}\n{written}: b\n", "bo.yaml").plain() == {"a": written, written: "b"}


def test_nothing_written_is_none_and_quoted_nothing_is_text() -> None:
    tree = read_tree("a:\nb: ''\nc: [x, '']\nd:\n-\n- y\ne: {f, g: }\n", "bo.yaml")
    assert tree.plain() == {"a": None, "b": "", "c": ["x", ""], "d": [None, "y"], "e": {"f": None, "g": None}}
    assert (tree.where(("e", "g")).line, tree.where(("e", "g")).column) == (7, 8)


def test_bom_line_endings_and_nfd_read_the_same() -> None:
    text = "tên: Hòa Bình\n'điểm': |\n  một\n  hai\n"
    plain = read_tree(text, "bo.yaml").plain()
    assert plain == {"tên": "Hòa Bình", "điểm": "một\nhai\n"}
    assert read_tree("\ufeff" + text, "bo.yaml").plain() == plain
    assert read_tree(b"\xef\xbb\xbf" + text.encode(), "bo.yaml").plain() == plain
    assert read_tree(text.replace("\n", "\r\n").encode(), "bo.yaml").plain() == plain
    assert read_tree(text.replace("\n", "\r"), "bo.yaml").plain() == plain
    assert read_tree(unicodedata.normalize("NFD", text), "bo.yaml").plain() == plain
    assert read_tree('a: "e\\u0301"', "bo.yaml").plain() == {"a": "é"}


def test_columns_count_letters_as_people_see_them() -> None:
    composed = "tên: {điểm: 1, điểm: 2}\n"
    assert (
        problems_of(unicodedata.normalize("NFD", composed)) == problems_of(composed) == [("yaml.repeated_key", 1, 16)]
    )


CRITERIA = """\
base:
  max: 10
  nodes:
  - code: "2"
    nodes:
    - code: "2.2"
      rule:
        kind: bands
        bands:
        - {from: 98%, points: 8}
    - title: Không có mã nhưng có một tên gọi dài hơn bốn mươi ký tự
gates:
- id: khong_ky_luat
  when: [{fact: x}]
- [y]
"""


@pytest.mark.parametrize(
    ("loc", "line", "column", "path"),
    [
        ((), 1, 1, ()),
        (("base", "max"), 2, 8, ("base", "max")),
        (("base", "nodes", 0), 4, 5, ("base", "2")),
        (("base", "nodes", 0, "nodes", 0, "rule", "bands"), 10, 9, ("base", "2", "2.2", "rule", "bands")),
        (
            ("base", "nodes", 0, "nodes", 0, "rule", "bands", 0, "from"),
            *(10, 18, ("base", "2", "2.2", "rule", "bands", "#1", "from")),
        ),
        (
            ("base", "nodes", 0, "nodes", 1),
            *(11, 7, ("base", "2", "Không có mã nhưng có một tên gọi dài hơ…")),
        ),
        (("gates", 0, "when", 0, "fact"), 14, 17, ("gates", "khong_ky_luat", "when", "#1", "fact")),
        (("gates", 1, 0), 15, 4, ("gates", "#2", "#1")),
        (("base", "function-after[x()]", "nodes", "không có", 0, 7), 4, 5, ("base", "2")),
    ],
)
def test_where_speaks_of_codes_not_of_indices(
    loc: tuple[str | int, ...], line: int, column: int, path: tuple[str, ...]
) -> None:
    where = read_tree(CRITERIA, "bo.yaml").where(loc)
    assert (where.file, where.line, where.column, where.path) == ("bo.yaml", line, column, path)


def test_where_of_a_key() -> None:
    where = read_tree(CRITERIA, "bo.yaml").where(("base", "nodes", 0, "nodes", 0, "rule", "kind"), key=True)
    assert (where.line, where.column) == (8, 9)


class Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Band(Frozen):
    from_: Annotated[Decimal, Field(alias="from", ge=0, decimal_places=2)]
    points: int


class Bands(Frozen):
    kind: Literal["bands"]
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]


class Share(Frozen):
    kind: Literal["share"]
    of: str
    bands: dict[Literal["a", "b"], int] = {}


class ByTotal(Frozen):
    total: Band


class ByGate(Frozen):
    gate: str


class Rounding(StrEnum):
    UP = "up"
    EVEN = "even"


def _even(value: int) -> int:
    if value % 2:
        raise PydanticCustomError("word.no", "odd", {"value": value})
    return value


def _worded(value: str) -> str:
    raise ValueError(message("word.yes")) if value == "x" else ValueError("không hợp lý")


def _points(value: Any) -> str:
    raise PydanticCustomError("word.no", "points", {"value": str(value)})


class Node(Frozen):
    code: Annotated[str, Field(pattern=r"^[\w.]+$", min_length=1, max_length=10)]
    max: int | None = None
    even: Annotated[int, AfterValidator(_even)] = 0
    since: date | None = None
    open: bool = False
    round: Rounding = Rounding.UP
    unproven: Literal["zero", "counts"] = "zero"
    worded: Annotated[str, AfterValidator(_worded)] = ""
    points: Annotated[str, PlainValidator(_points)] = ""
    rule: Annotated[Bands | Share, Field(discriminator="kind")] | None = None
    when: tuple[
        Annotated[
            Annotated[ByTotal, Tag("total")] | Annotated[ByGate, Tag("gate")],
            Discriminator(lambda value: next(iter(value), None) if isinstance(value, dict) else None),
        ],
        ...,
    ] = ()
    mixed: Band | tuple[Band, ...] = ()
    nodes: Annotated[tuple[Node, ...], Field(max_length=2)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Node:
        assert self.code != "0", "mã 0"
        return self


def answers(text: str) -> list[tuple[int, int, Message]]:
    with pytest.raises(Refusal) as refused:
        read_model(Node, text, "bo.yaml")
    for language in LANGUAGES:
        use_language(language)
        assert all(say(problem.message) for problem in refused.value.problems)
    use_language("vi")
    return [(problem.where.line, problem.where.column, problem.message) for problem in refused.value.problems]


def test_model_is_read_from_text() -> None:
    node, tree = read_model(
        Node, "code: 1.10\nmax: 5\nsince: 2024-02-29\nrule: {kind: bands, bands: [{from: '0.5', points: 1}]}", "bo.yaml"
    )
    assert isinstance(tree, Tree)
    assert (node.code, node.max, node.since) == ("1.10", 5, date(2024, 2, 29))


# One row per kind of mistake; each text follows `code: "1"` on line 1.
ANSWERS = [
    ("titel: x", 2, 1, "yaml.unknown_key", {"key": "titel"}),
    ("cod: x", 2, 1, "yaml.unknown_key_near", {"key": "cod", "near": ["code"]}),
    ("rule: {kind: bands, bands: [{points: 1}]}", 2, 29, "yaml.missing_key", {"key": "from"}),
    ("rule: {kind: share, of: x, off: y}", 2, 28, "yaml.unknown_key_near", {"near": ["of"]}),
    ("rule: {kind: share, of: x, bans: y}", 2, 28, "yaml.unknown_key_near", {"near": ["bands"]}),
    (
        "rule: {kind: bands, bands: [{from: 1, points: 1, title: x}]}",
        2,
        50,
        "yaml.unknown_key",
        {"allowed": ["from", "points"]},
    ),
    ("nodes: [{code: a, max:5}]", 2, 19, "yaml.colon_space", {}),
    ("rule: {kind: khac}", 2, 14, "yaml.not_allowed", {"key": "kind", "value": "khac", "allowed": ["bands", "share"]}),
    ("rule: {of: x}", 2, 7, "yaml.missing_choice", {"key": "kind", "allowed": ["bands", "share"]}),
    ("rule: bands", 2, 7, "yaml.want_mapping", {"key": "rule", "value": "bands"}),
    ("rule: {kind: share, of: [x]}", 2, 25, "yaml.want_text", {"key": "of", "value": message("yaml.word.list")}),
    ("rule: {kind: share, of: {x: y}}", 2, 25, "yaml.want_text", {"value": message("yaml.word.mapping")}),
    ("rule: {kind: share, of: }", 2, 21, "yaml.missing_value", {"key": "of"}),
    ("rule: {kind: share, of: x, bands: {c: 1}}", 2, 36, "yaml.not_allowed", {"value": "c", "allowed": ["a", "b"]}),
    ("rule: {kind: share, of: x, bands: {a: y}}", 2, 39, "yaml.want_whole_number", {"key": "a", "value": "y"}),
    ("rule: {kind: bands, bands: []}", 2, 28, "yaml.too_few", {"min_length": 1}),
    ("rule: {kind: bands, bands: 98%}", 2, 28, "yaml.want_list", {"value": "98%"}),
    ("rule: {kind: bands, bands: [{from: x, points: 1}]}", 2, 36, "yaml.want_number", {"key": "from"}),
    ("rule: {kind: bands, bands: [{from: '-1', points: 1}]}", 2, 36, "yaml.want_at_least", {"ge": 0}),
    ("rule: {kind: bands, bands: [{from: '0.125', points: 1}]}", 2, 36, "yaml.too_many_places", {"decimal_places": 2}),
    ("max: 8,5", 2, 6, "yaml.want_whole_number", {"key": "max", "value": "8,5"}),
    ("even: 3", 2, 7, "word.no", {"value": 3}),
    ("even:", 2, 1, "yaml.missing_value", {"key": "even"}),
    ("since: 29/2/2024", 2, 8, "yaml.want_date", {"value": "29/2/2024"}),
    ("open: sometimes", 2, 7, "yaml.want_yes_no", {}),
    ("round: down", 2, 8, "yaml.not_allowed", {"allowed": ["up", "even"]}),
    ("unproven: nil", 2, 11, "yaml.not_allowed", {"allowed": ["zero", "counts"]}),
    ("worded: x", 2, 9, "word.yes", {}),
    ("worded: y", 2, 9, "yaml.refused", {"value": "y"}),
    ("points: {a: b}", 2, 9, "word.no", {"value": message("yaml.word.mapping")}),
    ("points:", 2, 1, "yaml.missing_value", {}),
    ("when: [{total: {from: 1, points: x}}]", 2, 34, "yaml.want_whole_number", {"key": "points"}),
    ("when: [{total: {from: 1, points: 1}, x: 2}]", 2, 38, "yaml.unknown_key", {"allowed": ["total"]}),
    ("when: [{gate: {}}]", 2, 15, "yaml.want_text", {"key": "gate"}),
    ("when: [{date: x}]", 2, 8, "yaml.not_allowed", {"allowed": ["total", "gate"]}),
    ("nodes: [{code: a}, {code: b}, {code: c}]", 2, 8, "yaml.too_many", {"max_length": 2}),
    ("nodes: [{code: a}, {code: '0'}]", 2, 20, "yaml.refused", {}),
    ("nodes: [{code: a b}]", 2, 16, "yaml.pattern", {"value": "a b"}),
    ("nodes: [{code: ''}]", 2, 16, "yaml.text_too_short", {"min_length": 1}),
    ("nodes: [{code: aaaaaaaaaaaaa}]", 2, 16, "yaml.text_too_long", {"max_length": 10}),
    ("nodes: [{max: 1}]", 2, 9, "yaml.missing_key", {"key": "code"}),
    ("nodes: [x]", 2, 9, "yaml.want_mapping", {"key": "nodes", "value": "x"}),
]


@pytest.mark.parametrize(("text", "line", "column", "sentence", "values"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_model_mistake_answered_at_its_place(
    text: str, line: int, column: int, sentence: str, values: dict[str, object]
) -> None:
    ((at_line, at_column, answer),) = answers('code: "1"\n' + text)
    assert (at_line, at_column, answer.id) == (line, column, sentence)
    assert values.items() <= answer.values.items()


def test_every_model_mistake_is_reported_at_once_in_order() -> None:
    text = "nodes:\n- {code: '1.1', max: x, titel: y}\n- {rule: {kind: z}}\nsince: hôm nay\n"
    with pytest.raises(Refusal) as refused:
        read_model(Node, text, "bo.yaml")
    assert places(refused.value.problems) == [
        ("yaml.missing_key", 1, 1),
        ("yaml.want_whole_number", 2, 22),
        ("yaml.unknown_key", 2, 25),
        ("yaml.missing_key", 3, 3),
        ("yaml.not_allowed", 3, 17),
        ("yaml.want_date", 4, 8),
    ]
    assert [problem.where.path for problem in refused.value.problems][1:4] == [
        ("nodes", "1.1", "max"),
        ("nodes", "1.1", "titel"),
        ("nodes", "#2"),
    ]


def test_union_without_discriminator_still_finds_the_place() -> None:
    found = answers("code: a\nmixed: [{from: 1, points: x}]\n")
    assert (2, 27, "yaml.want_whole_number") in [(line, column, answer.id) for line, column, answer in found]


def test_whole_file_of_the_wrong_kind() -> None:
    assert answers("- a\n") == [(1, 1, answers("- a\n")[0][2])]
    assert answers("- a\n")[0][2].values["key"] == message("yaml.word.file")


def test_path_of_may_be_replaced() -> None:
    with pytest.raises(Refusal) as refused:
        read_model(Node, "code: '1'\nmax: x", "bo.yaml", path_of=lambda tree, loc: (tree.file, *map(str, loc)))
    assert refused.value.problems[0].where.path == ("bo.yaml", "max")


def test_many_model_mistakes_are_bounded() -> None:
    with pytest.raises(Refusal) as refused:
        read_model(Node, "code: '1'\nmixed:\n" + "- x\n" * 500, "bo.yaml")
    assert len(refused.value.problems) <= strict_yaml.MOST_PROBLEMS + 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_the_catalogue(language: str) -> None:
    use_language(language)
    named = {f"yaml.{row[1]}" for row in MISTAKES} | {row[3] for row in ANSWERS} | set(typed_yaml.SENTENCES)
    assert [sentence for sentence in sorted(named | {"yaml.invalid"}) if not known(sentence)] == []
    use_language("vi")


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Mn", "Me"], exclude_characters="\u2028\u2029\ufeff")
    | st.sampled_from("\n :#-'\"[]{},&*!|>%@~<0."),
    max_size=12,
).map(lambda text: strict_yaml.FORBIDDEN.sub("", unicodedata.normalize("NFC", text)))
TREES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=300, deadline=None)
@given(
    content=st.lists(TREES, max_size=4) | st.dictionaries(WORDS, TREES, max_size=4),
    flow=st.sampled_from([None, True, False]),
    style=st.sampled_from([None, "'", '"', "|", ">"]),
    width=st.sampled_from([20, 80, 10_000]),
)
def test_dumped_text_reads_back_the_same(content: Any, flow: bool | None, style: str | None, width: int) -> None:
    text = yaml.safe_dump(
        content, default_flow_style=flow, default_style=style, width=width, allow_unicode=True, sort_keys=False
    )
    assert read_tree(text, "bo.yaml").plain() == content
