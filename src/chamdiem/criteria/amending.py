"""A new edition made from an old one: figures are changed where they stand, so every comment and line stays as it was."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

import yaml

from chamdiem.criteria.checks.figures import reached
from chamdiem.criteria.checks.places import Places
from chamdiem.criteria.model import CriteriaSet, Node, Pool
from chamdiem.criteria.strict_yaml import PARSER, read_tree
from chamdiem.criteria.typed_yaml import read_model
from chamdiem.criteria.yaml_tree import Loc, Place, Scalar, Sequence, Tree, place_of, start
from chamdiem.criteria.yaml_tree import Mapping as Keys
from chamdiem.criteria.yaml_tree import Node as Written
from chamdiem.errors import refuse
from chamdiem.points import read_number, read_share

POINTS = frozenset(
    {"max", "points", "each", "base", "per_step", "improved", "equal", "worse", "floor", "lowest_points", "step"}
)
LEVELS = frozenset(
    {"from", "to", "start", "full", "zero_below", "steps_from", "at_least", "at_most", "above", "below", "weight"}
)
WORDS = "title"  # the words of a band, level or condition; they can be changed together with a figure that they name
REMARK = re.compile(r"[>|][-+0-9]*(\s+#[^\n]*)")  # beside the sign that opens a text of several lines
RULES = ("max", "weight", "rule", "variants")  # what of a node the figures stand in, the nodes below left aside


@dataclass(frozen=True)
class Figure:
    """A figure of a set that may be changed: where it stands, its key, what it is about ("" for the criterion itself), as
    written. Words that name such a figure are one as well."""

    loc: Loc
    key: str
    about: str
    text: str

    @property
    def is_words(self) -> bool:
        """Whether it is words and no number."""
        return self.key == WORDS


@dataclass(frozen=True)
class Sum:
    """What the parts of a pool or group come to, and what is written as its maximum; `code` is "" for a pool."""

    pool: str
    code: str
    title: str
    reached: Fraction
    top: Fraction
    fits: bool


def figures(text: str, criteria: CriteriaSet) -> dict[str, tuple[Figure, ...]]:
    """The figures of every group and criterion by its code, of the pools by their names, and those of the "stars"."""
    tree = read_tree(text, "")
    found = {spot.node.code: tuple(_figures(tree, spot.loc, RULES)) for spot in Places(criteria).spots}
    found |= {name: tuple(_figures(tree, (name,), ("max", "scale"))) for name, _ in criteria.pools}
    found |= {"stars": tuple(_figures(tree, ("stars",), ("bands",)))}
    return found


def _figures(tree: Tree, loc: Loc, keys: tuple[str, ...]) -> Iterator[Figure]:
    node = _at(tree, loc)
    if isinstance(node, Keys):
        for key in keys:
            if key in node.entries:
                yield from _below(node.entries[key][1], (*loc, key), "")


def _below(node: Written, loc: Loc, about: str) -> Iterator[Figure]:
    match node:
        case Keys():
            named = next(
                (node.entries[key][1] for key in ("title", "key", "category", "code") if key in node.entries), None
            )
            about = named.text or about if isinstance(named, Scalar) else about
            found = [figure for key, (_, value) in node.entries.items() for figure in _below(value, (*loc, key), about)]
            yield from found
            words = node.entries[WORDS][1] if WORDS in node.entries else None
            if isinstance(words, Scalar) and words.text and _name(words.text, found):
                yield Figure((*loc, WORDS), WORDS, "", " ".join(words.text.split()))
        case Sequence():
            for at, item in enumerate(node.items):
                yield from _below(item, (*loc, at), about or "")
        case Scalar(text=str(text)) if loc[-1] in POINTS | LEVELS | {"scale"}:
            yield Figure(loc, str(loc[-1]), about, text)


def _name(words: str, found: Iterable[Figure]) -> bool:
    """Whether words name one of these figures."""
    named = {number.replace(",", ".") for number in re.findall(r"\d+(?:[.,]\d+)?", words)}
    return any(figure.text.removesuffix("%") in named for figure in found if not figure.is_words)


def sums(text: str, file: str) -> list[Sum]:
    """What does and what does not add up, pool by pool and group by group; raises Refusal for what cannot be read."""
    criteria, _ = read_model(CriteriaSet, text, file)
    return [
        line
        for name, pool in criteria.pools
        for line in (_sum(name, pool), *(_sum(name, node) for top in pool.nodes for node in top.walk() if node.nodes))
    ]


def _sum(pool: str, whole: Node | Pool) -> Sum:
    code, title = (whole.code, whole.title) if isinstance(whole, Node) else ("", "")
    parts, top = reached(whole), Fraction(whole.max)
    fits = whole.scaled or parts == top or (parts > top and whole.capped)
    return Sum(pool, code, title, parts, top, fits)


def words_as_written(typed: str) -> str:
    """Words as a person types them, as they are written in a file; raises ValueError where there are none."""
    if not (words := " ".join(typed.split())):
        raise ValueError
    return json.dumps(words, ensure_ascii=False)


def as_written(typed: str) -> str:
    """A figure as a person types it ("8,5", "70 %", "3/4"), as it is written in a file; raises ValueError."""
    text = typed.strip().replace(" %", "%")
    if text.endswith("%"):
        read_share(text)
        return f"{read_number(text[:-1], 6)}%"
    if "/" in text:
        read_share(text)
        return text
    return str(read_number(text, 6))


def amended(text: str, changes: Mapping[Loc, str], *, version: str, status: str) -> str:
    """The text of a new edition with these figures and words, which replaces the one it is made from; raises Refusal.

    Whether it adds up is for the reader of criteria sets to say.
    """
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    tree = read_tree(text, "")
    was = {name: _scalar(tree, (name,)) for name in ("id", "version")}
    if version.strip() == was["version"].text:
        raise refuse("rubric.same_version", version=version.strip())
    replaced = json.dumps(f"{was['id'].text}@{was['version'].text}", ensure_ascii=False)
    new: dict[Loc, str] = {
        **changes,
        ("version",): json.dumps(version.strip(), ensure_ascii=False),
        ("status",): status,
    }
    assert isinstance(tree.root, Keys)
    if "replaces" in tree.root.entries:
        new["replaces",] = replaced
    spans = _spans(text)
    edits = [_edit(spans, _scalar(tree, loc), value) for loc, value in new.items()]
    if ("replaces",) not in new:
        edits.append(_line_below(text, was["version"], f"replaces: {replaced}"))
    for span, value in sorted(edits, key=lambda one: one[0].start, reverse=True):
        text = text[: span.start] + value + span.remark + text[span.end :]
    return text


@dataclass(frozen=True)
class _Span:
    """Where a word, a number or a text of several lines begins and ends, and the remark that stands inside it."""

    start: int
    end: int
    remark: str


def _spans(text: str) -> dict[Place, _Span]:
    """The span of everything that is written, by the line and column at which it begins."""
    lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    found = {}
    for event in yaml.parse(text, Loader=PARSER):
        if isinstance(event, yaml.ScalarEvent):
            marks: tuple[Any, ...] = (event.start_mark, event.end_mark)
            begin, end = (lines[mark.line] + mark.column for mark in marks)
            written = text[begin:end].rstrip()
            remark = REMARK.match(written)
            if written:
                span = _Span(begin, begin + len(written), remark[1] if remark else "")
                found[place_of(event.start_mark)] = span
    return found


def _edit(spans: Mapping[Place, _Span], spot: Scalar, value: str) -> tuple[_Span, str]:
    if (span := spans.get(start(spot))) is None:
        raise refuse("rubric.amend_place", line=spot.line, text=spot.text or "")
    return span, value


def _line_below(text: str, above: Scalar, line: str) -> tuple[_Span, str]:
    """A new line below one at the outermost level."""
    lines = text.split("\n")
    if not lines[above.line - 1].startswith("version:"):
        raise refuse("rubric.amend_place", line=above.line, text=above.text or "")
    at = sum(len(each) + 1 for each in lines[: above.line])
    return _Span(at, at, ""), f"{line}\n"


def _at(tree: Tree, loc: Loc) -> Written | None:
    node: Written = tree.root
    for step in loc:
        if isinstance(node, Keys) and step in node.entries:
            node = node.entries[str(step)][1]
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node


def _scalar(tree: Tree, loc: Loc) -> Scalar:
    node = _at(tree, loc)
    if not isinstance(node, Scalar):
        raise refuse("rubric.amend_place", line=1, text=str(loc[-1]))
    return node
