"""Whatever the text, the strict YAML reader answers with a tree or a refusal, and in bounded time."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import pytest

from chamdiem.criteria import strict_yaml
from chamdiem.criteria.strict_yaml import read_tree
from chamdiem.criteria.yaml_tree import Node
from chamdiem.errors import Problem, Refusal
from chamdiem.words import shown_problem

FILES = int(os.environ.get("CHAMDIEM_FUZZ_FILES", "5000"))
BATCHES = 10
SECONDS_A_FILE = 5.0  # generous: a busy machine reads the worst full-sized file in half of this

SEEDS = (
    """\
id: yenthe-dan-van-kheo-2024
version: "1"
title: Cuộc thi "Dân vận khéo" huyện Yên Thế năm 2024
status: illustrative
legal_basis:
- {number: 163-KH/HU, date: 2024-02-29, issuer: Ban Thường vụ Huyện ủy Yên Thế}
effective: {from: 2024-03-01, to: 2024-10-30}
points: {places: 2, round: half_away_from_zero, at: leaf}
panel: {combine: mean, quorum: {share: 3/4, chair: true}, max_spread: {points: 10, then: third_marker}}
base:
  max: 95
  nodes:
  - code: "2"
    title: 'Công tác cải cách hành chính: hồ sơ'
    nodes:
    - code: "2.2"
      title: Tỷ lệ hồ sơ giải quyết đúng hạn
      max: 8
      rule: {kind: bands, of: share, bands: [{from: 98%, points: 8}, {from: 95%, points: 6}, {from: 0%, points: 0}]}
      evidence: {required: true, verify: [documents, qcdc_record], unproven: zero}
""",
    """\
# Phần thưởng và điều kiện
bonus:
  max: 5
  note: |
    Điểm thưởng không vượt quá 5 điểm;
      mỗi mô hình một lần.
  nodes: []
gates:
  -
    id: khong_ky_luat
    title: "Không có cán bộ bị kỷ luật từ \\"khiển trách\\" trở lên"
    when:
      - any:
          - fact: khong_ky_luat
          - {total: {at_least: 80}}
stars:
- {stars: 4, when: [{total: {at_least: 80}}, {each_group: {at_least: 70%}}, {gate: khong_ky_luat}]}
ties: {keys: [group 5, base], else: co_rank, numbering: competition}
""",
    """\
---
units:
  ? xa
  : >-
    Xã, gồm cả
    đặc khu
  "phường": {"a": 'x''y', b: [1, 2, [3, [4]]], c: , d: }
  thôn: ""
...
""",
)

TOKENS = (
    *(
        "&a ",
        "*a",
        "<<: ",
        "!!python/object:os.system ",
        "!x ",
        "\t",
        "\n---\n",
        "\n...\n",
        "%YAML 1.1\n",
        "? ",
        ": ",
        "- ",
    ),
    *(
        "[" * 60,
        "{" * 60,
        "]",
        "}",
        "{",
        "[",
        ",",
        '"',
        "'",
        "|\n",
        ">+\n",
        "#",
        " #",
        "@",
        "`",
        "\\",
        "\n",
        "\r",
        "\n\n",
    ),
    *("\0", "\x85", "\u2028", "\ufeff", "\u202e", "\ud800", "\\ud800", "\\UFFFFFFFF", "\\x0", "e\u0301", "\u0301" * 50),
    *(" " * 200, "x" * 2_000, "x" * 21_000, "- " * 60, "a: " * 50, "[a, " * 50, "\n" * 500, '"a" ' * 20, "- ? " * 30),
)


def flipped(text: bytes, chance: random.Random) -> bytes:
    changed = bytearray(text)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def inserted(text: bytes, chance: random.Random) -> bytes:
    token = chance.choice(TOKENS).encode("utf-8", "surrogatepass")
    at = chance.randrange(len(text) + 1)
    return text[:at] + token + text[at + chance.choice((0, 0, 1, 5)) :]


def truncated(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(1, len(text) + 1)]


def shuffled(text: bytes, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    for _ in range(chance.randint(1, 3)):
        lines.insert(chance.randrange(len(lines)), lines.pop(chance.randrange(len(lines))))
    return b"".join(lines)


def reindented(text: bytes, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    lines[at] = b" " * chance.randrange(8) + lines[at].lstrip(b" ")
    return b"".join(lines)


def doubled(text: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return text[:end] + text[start:]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(flipped, inserted, inserted, truncated, shuffled, reindented, doubled),
)


def mutated(chance: random.Random) -> bytes:
    text = chance.choice(SEEDS).encode()
    for _ in range(chance.randint(1, 4)):
        text = chance.choice(MUTATIONS)(text, chance) or b" "
    return text


def outcome(text: bytes) -> Node | list[Problem]:
    """The content and places read, or the problems named; anything but these two is a failure of the reader."""
    try:
        return read_tree(text, "bo.yaml").root
    except Refusal as refused:
        return list(refused.problems)


def well_told(found: Node | list[Problem]) -> bool:
    """Whether a refusal says something, each time with a place and in words."""
    if not isinstance(found, list):
        return True
    told = [shown_problem(problem) for problem in found if problem.where.line >= 1 and problem.where.column >= 1]
    return 0 < len(told) == len(found) and all(line.startswith("bo.yaml:") and "yaml." not in line[8:] for line in told)


@pytest.mark.parametrize("seed", SEEDS, ids=["bang-diem", "dieu-kien", "cach-viet"])
def test_seed_is_read(seed: str) -> None:
    assert read_tree(seed, "bo.yaml").plain()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutated_files_are_read_or_refused_in_words(batch: int) -> None:
    chance = random.Random(batch)
    for _ in range(FILES // BATCHES):
        text = mutated(chance)
        started = time.perf_counter()
        found = outcome(text)
        assert time.perf_counter() - started < SECONDS_A_FILE, text
        assert well_told(found), text


def test_both_parsers_read_the_same_and_refuse_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same files are read, to the same content and places; all but a few refusals are the same word for word."""
    chance = random.Random("hai bộ đọc")
    texts = [mutated(chance) for _ in range(FILES // 4)]
    fast = [outcome(text) for text in texts]
    monkeypatch.setattr(strict_yaml, "PARSER", strict_yaml.SlowParser)
    slow = [outcome(text) for text in texts]
    unlike = [pair for pair in zip(texts, fast, slow, strict=True) if pair[1] != pair[2]]
    assert [pair for pair in unlike if not (isinstance(pair[1], list) and isinstance(pair[2], list))] == []
    assert len(unlike) <= len(texts) * 0.02


FLOODS = (
    "\n",
    "[",
    "- ",
    "? ",
    "a: b\n",
    '"',
    "&a ",
    ": ",
    "# \n",
    "a ",
    "é",
    "e\u0301",
    "%\n",
    "---\n",
    "- a\n",
    "[a,",
    "\t",
)


@pytest.mark.parametrize("opening", ["", 'a: "', "a:\n  - "])
def test_full_sized_floods_are_answered_in_bounded_time(opening: str) -> None:
    for flood in FLOODS:
        text = opening + flood * (strict_yaml.MOST_BYTES // len(flood.encode()) - len(opening))
        started = time.perf_counter()
        assert well_told(outcome(text.encode())), (opening, flood)
        assert time.perf_counter() - started < SECONDS_A_FILE, (opening, flood)
