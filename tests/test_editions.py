"""Fingerprints and differences of editions: words, points and structure are told apart, and nothing slips through."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from chamdiem.criteria import library
from chamdiem.criteria.editions import Change, _choice, content_hash, diff, structure_hash
from chamdiem.criteria.model import CriteriaSet
from chamdiem.words import known, say, use_language

MINIMAL = (Path(__file__).parent / "sample_criteria" / "minimal.yaml").read_text(encoding="utf-8")
EVERY_KIND = Path(__file__).parent / "sample_criteria" / "every_kind.yaml"
PLAIN = {
    file.stem: yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader) for file in (*library.shipped(), EVERY_KIND)
}
GATE = "gates:\n- {id: g, title: Một, when: {total: {at_least: 5}}}\n"
STARS = """\
stars:
  on: total
  when_condition_fails: next_lower
  bands: [{stars: 4, from: 8}, {stars: 3, from: 5}]
"""


def read(text: str) -> CriteriaSet:
    return library.read(text, "thu.yaml")


def changed(before: str, after: str, text: str = MINIMAL) -> list[Change]:
    assert before in text
    return diff(read(text), read(text.replace(before, after)))


def only(changes: list[Change]) -> tuple[str, tuple[str, ...], str]:
    (change,) = changes
    return change.grade, change.path, say(change.what)


def test_the_same_set_has_no_changes_and_the_same_hashes() -> None:
    old, new = read(MINIMAL), read(MINIMAL.replace("max: 6", "max: 6,0").replace("# Bộ", "# Vẫn là bộ"))
    assert diff(old, new) == []
    assert (content_hash(old), structure_hash(old)) == (content_hash(new), structure_hash(new))


def test_the_order_of_keys_does_not_change_a_hash() -> None:
    plain = yaml.load(MINIMAL, yaml.BaseLoader)
    backwards = CriteriaSet.model_validate(dict(reversed(plain.items())))
    assert content_hash(backwards) == content_hash(read(MINIMAL))


def test_hashes_are_the_same_on_every_machine_and_release() -> None:
    # pinned by contests: a change of the model that changes these changes the hash of every set there is
    assert content_hash(read(MINIMAL)) == "bd51a8c8e185cde946e88dd699f5e9700aa53a014a0636413bf4fb96a489c01a"
    assert structure_hash(read(MINIMAL)) == "8d8dda5f4eca1f968df98068919484ecbd9b32dac18a68237b0987a2f5d4f837"


@pytest.mark.parametrize(
    ("before", "after", "path", "words"),
    [
        ("title: Nhóm một", "title: Nhóm 1", ("base", "1", "title"), "Sửa tên: từ Nhóm một thành Nhóm 1."),
        ("illustrative", "official", ("status",), "Sửa nguồn số liệu: từ minh họa thành chính thức."),
        ("1/KH-UBND", "2/KH-UBND", ("legal_basis", "#1", "number"), "Sửa số, ký hiệu: từ 1/KH-UBND thành 2/KH-UBND."),
        ('version: "1"', 'version: "1.1"', ("version",), "Sửa phiên bản: từ 1 thành 1.1."),
    ],
)
def test_a_change_of_words_leaves_the_structure(before: str, after: str, path: tuple[str, ...], words: str) -> None:
    assert only(changed(before, after)) == ("wording", path, words)
    old, new = read(MINIMAL), read(MINIMAL.replace(before, after))
    assert structure_hash(old) == structure_hash(new)
    assert content_hash(old) != content_hash(new)


@pytest.mark.parametrize(
    ("text", "before", "after", "path", "words"),
    [
        (MINIMAL, "step: 0.5", "step: 0.25", ("base", "1", "1.1", "rule", "step"), "Sửa bước điểm: từ 0,5 thành 0,25."),
        (MINIMAL + STARS, "from: 8", "from: 75%", ("stars", "bands", "4", "from"), "Sửa mức bắt đầu: từ 8 thành 75%."),
        (MINIMAL + GATE, "at_least: 5", "at_least: 6", ("gates", "g", "when", "total", "at_least"), "từ 5 thành 6."),
        (MINIMAL, "to: 2024-12-31", "to: 2025-12-31", ("effective", "to"), "từ 31/12/2024 thành 31/12/2025."),
    ],
)
def test_a_change_of_a_figure_is_a_change_of_points(
    text: str, before: str, after: str, path: tuple[str, ...], words: str
) -> None:
    grade, where, sentence = only(changed(before, after, text))
    assert (grade, where) == ("points", path)
    assert sentence.endswith(words)


@pytest.mark.parametrize(
    ("before", "after", "path", "words"),
    [
        (GATE, "", ("gates", "g"), "Bỏ: Một."),
        (
            "kind: boolean",
            "kind: manual",
            ("base", "1", "1.10", "rule", "kind"),
            "từ đạt hoặc không đạt thành chấm điểm trực tiếp.",
        ),
        ("of: share", "of: percent", ("base", "2", "rule", "of"), "Sửa so với: từ tỷ lệ thành phần trăm."),
        (
            "unit_kinds: [xa]",
            "unit_kinds: [phuong, xa]",
            ("unit_kinds",),
            "Sửa loại đơn vị được chấm: thêm Phường.",
        ),
    ],
)
def test_a_change_of_what_is_asked_is_a_change_of_structure(
    before: str, after: str, path: tuple[str, ...], words: str
) -> None:
    grade, where, sentence = only(changed(before, after, MINIMAL + GATE))
    assert (grade, where) == ("structure", path)
    assert sentence.endswith(words)


def test_another_band_of_a_rule_asks_nothing_new() -> None:
    bands = "{kind: bands, of: share, bands: [{from: 90%, points: 4}, {from: 0%, points: 0}]}"
    text = MINIMAL.replace("{kind: linear, of: share}", bands)
    grades = {change.grade for change in changed("{from: 0%", "{from: 50%, points: 2}, {from: 0%", text)}
    assert grades == {"points"}


def test_a_node_is_matched_by_its_code_wherever_it_stands() -> None:
    node = '    - {code: "1.10", title: Việc mười, max: 2, rule: {kind: boolean}}\n'
    moved = MINIMAL.replace(node, "").replace("max: 6", "max: 4") + node.replace("    -", "  -", 1)
    assert [(change.grade, change.path, say(change.what)) for change in diff(read(MINIMAL), read(moved))] == [
        ("structure", ("base", "1.10"), "Chuyển từ base › 1 sang base."),
        ("points", ("base", "1", "max"), "Sửa điểm tối đa: từ 6 thành 4."),
    ]


def test_nodes_that_change_places_are_noticed() -> None:
    last = '    - {code: "1.10", title: Việc mười, max: 2, rule: {kind: boolean}}\n'
    swapped = MINIMAL.replace(last, "").replace("    - {code", last + "    - {code")
    grade, path, sentence = only(diff(read(MINIMAL), read(swapped)))
    assert (grade, path) == ("structure", ("base", "1"))
    assert sentence == "Sửa thứ tự các phần: từ 1.1; 1.10 thành 1.10; 1.1."


def test_nodes_that_come_and_go_are_named() -> None:
    node = '    - {code: "1.10", title: Việc mười, max: 2, rule: {kind: boolean}}\n'
    new = node.replace("1.10", "1.2").replace("mười", "hai")
    assert [(change.path, say(change.what)) for change in changed(node, new)] == [
        (("base", "1", "1.10"), "Bỏ: Việc mười."),
        (("base", "1", "1.2"), "Thêm: Việc hai."),
    ]


# Whatever changes in a shipped set, the differences tell, and the hashes agree with them.


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for step in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[step], (*path, step))


def spoil(value: Any, luck: random.Random) -> Any:
    """Another value of the same sort, often one that a criteria set accepts."""
    match value:
        case list() if value:
            changes: list[Callable[[], Any]] = [
                lambda: value[1:],
                lambda: value[:-1],
                lambda: value[::-1],
                lambda: luck.sample(value, len(value)),
            ]
            return luck.choice(changes)()
        case dict() if value:
            gone = luck.choice(list(value))
            return {key: part for key, part in value.items() if key != gone}
        case str() if re.search(r"\d", value):
            return re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), value, count=1)
        case "true" | "false":
            return "false" if value == "true" else "true"
        case str():
            words = "sum choose_one total base mean median zero counts full share percent value higher lower all kind"
            return luck.choice([value + "x", *words.split()])
    return value


@pytest.mark.parametrize("name", PLAIN)
@given(seed=st.integers(0, 2**32), times=st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_whatever_changes_is_told(name: str, seed: int, times: int) -> None:
    luck, plain = random.Random(seed), copy.deepcopy(PLAIN[name])
    for _ in range(times):
        *way, last = luck.choice([path for path in places(plain) if path])
        parent = plain
        for step in way:
            parent = parent[step]
        parent[last] = spoil(parent[last], luck)
    old = CriteriaSet.model_validate(PLAIN[name])
    try:
        new = CriteriaSet.model_validate(plain)
    except ValidationError:
        return
    if len({node.code for node in new.nodes}) < len(new.nodes):
        return  # refused when it is read: codes are unique
    changes = diff(old, new)
    assert bool(changes) == (content_hash(old) != content_hash(new))
    assert any(change.grade != "wording" for change in changes) == (structure_hash(old) != structure_hash(new))
    for change in changes:
        assert say(change.what)
    assert len(diff(new, old)) >= bool(changes)


def _annotated(kind: object) -> Iterator[object]:
    yield kind
    for part in get_args(kind):
        if not isinstance(part, str):
            yield from _annotated(part)


def _kinds(model: type[BaseModel], seen: dict[type[BaseModel], None]) -> dict[type[BaseModel], None]:
    """Everything a set is made of."""
    if model not in seen:
        seen[model] = None
        for about in model.model_fields.values():
            for kind in _annotated(about.annotation):
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    _kinds(kind, seen)
    return seen


@pytest.mark.parametrize("spoken", ["vi", "en"])
def test_no_key_and_no_choice_is_shown_as_it_is_written_in_the_file(spoken: str) -> None:
    use_language(spoken)
    raw = set[str]()
    for model in _kinds(CriteriaSet, {}):
        for field, about in model.model_fields.items():
            key = about.alias or field
            choices = {one for kind in _annotated(about.annotation) for one in get_args(kind) if isinstance(one, str)}
            raw |= {name for name in (f"key.{key}", *(_choice(key, one) for one in choices)) if not known(name)}
    assert raw == set()
