"""Editions of a criteria set: the fingerprints a contest pins, and what changed from one edition to the next.

A change is *wording* (only what people read), *points* (the same answers may give other points) or *structure* (other
questions are asked, or they are put together differently). The content hash covers everything; the structure hash
leaves out what `is_words` calls words, so exactly the wording changes leave it as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.criteria.rules.measured import shown_amount
from chamdiem.criteria.scalars import Amount
from chamdiem.errors import Message, message
from chamdiem.words import known

Grade: TypeAlias = Literal["wording", "points", "structure"]
Path: TypeAlias = tuple[str, ...]
WORDS = frozenset({"title", "wording", "clause", "status", "note", "when", "document", "documents", "source", "unit"})
WORDS_OF_SET = frozenset({"id", "version", "replaces", "legal_basis"})
FIGURES = (Decimal, Fraction, Amount, int, date)
NAMED_BY = ("code", "id", "key", "category", "stars")


@dataclass(frozen=True)
class Change:
    """One difference between two editions: how deep it goes, where (codes, then keys), and what, old and new."""

    grade: Grade
    path: Path
    what: Message


def content_hash(criteria: CriteriaSet) -> str:
    """The fingerprint (sha256) of everything a set says, the working calendars it uses included."""
    return _sha256(criteria.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def structure_hash(criteria: CriteriaSet) -> str:
    """The fingerprint (sha256) of what decides questions, points and verdicts: a change of words does not change it."""
    everything: dict[str, Any] = criteria.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return _sha256(_without_words({name: value for name, value in everything.items() if name not in WORDS_OF_SET}))


def is_words(name: str, value: object) -> bool:
    """Whether a key holds words only. `status` says where figures come from, not what they are; `when` of a gate is a
    condition, `when` of "not applicable" is a sentence."""
    return name in WORDS and (value is None or isinstance(value, str))


def diff(old: CriteriaSet, new: CriteriaSet) -> list[Change]:
    """Every change from one edition to another, the deepest first; nodes are matched by code, wherever they stand."""
    changes = [*_models((), old, new, leave_out={"base", "bonus", "penalties"}), *_pools(old, new)]
    grades = ("structure", "points", "wording")
    return sorted(changes, key=lambda change: grades.index(change.grade))


def _sha256(content: object) -> str:
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _without_words(content: Any) -> Any:
    match content:
        case dict():
            return {name: _without_words(value) for name, value in content.items() if not is_words(name, value)}
        case list():
            return [_without_words(value) for value in content]
    return content


# The three pools: nodes by code, wherever they stand.


def _pools(old: CriteriaSet, new: CriteriaSet) -> Iterator[Change]:
    before, after = dict(old.pools), dict(new.pools)
    for name in ("base", "bonus", "penalties"):
        if name in before and name in after:
            yield from _models((name,), before[name], after[name], leave_out={"nodes"})
        elif name in before or name in after:
            yield _came_or_went((name,), name in after, _label(name))
    yield from _nodes(_placed(old), _placed(new))


@dataclass(frozen=True)
class _Place:
    node: Node
    above: Path


def _placed(criteria: CriteriaSet) -> dict[str, _Place]:
    def below(nodes: tuple[Node, ...], above: Path) -> Iterator[_Place]:
        for node in nodes:
            yield _Place(node, above)
            yield from below(node.nodes, (*above, node.code))

    return {place.node.code: place for name, pool in criteria.pools for place in below(pool.nodes, (name,))}


def _nodes(before: Mapping[str, _Place], after: Mapping[str, _Place]) -> Iterator[Change]:
    for code, place in before.items():
        if code not in after:
            yield _came_or_went((*place.above, code), False, place.node.title)
    for code, place in after.items():
        path = (*place.above, code)
        if code not in before:
            yield _came_or_went(path, True, place.node.title)
            continue
        if before[code].above[-1] != place.above[-1]:
            values = {"old": " › ".join(before[code].above), "new": " › ".join(place.above)}
            yield Change("structure", path, message("change.moved", **values))
        yield from _models(path, before[code].node, place.node, leave_out={"nodes"})
    yield from _sibling_order(before, after)


def _sibling_order(before: Mapping[str, _Place], after: Mapping[str, _Place]) -> Iterator[Change]:
    """Groups whose remaining parts stand in another order."""
    stayed = {code for code in before if code in after and before[code].above[-1] == after[code].above[-1]}
    was, now = _by_parent(before, stayed), _by_parent(after, stayed)
    for parent, codes in was.items():
        if codes != now[parent]:
            yield Change("structure", after[codes[0]].above, _from_to("nodes", codes, now[parent]))


def _by_parent(places: Mapping[str, _Place], codes: set[str]) -> dict[str, list[str]]:
    """Under each parent, those of its parts that are among `codes`, in order."""
    children: dict[str, list[str]] = {}
    for code, place in places.items():
        if code in codes:
            children.setdefault(place.above[-1], []).append(code)
    return children


# Everything else: keys, lists and values.


def _models(path: Path, old: BaseModel, new: BaseModel, leave_out: set[str] | None = None) -> Iterator[Change]:
    """Two things of the same sort, key by key."""
    if type(old) is not type(new):
        was, now = (getattr(one, "kind", type(one).__name__) for one in (old, new))
        yield Change("structure", (*path, "kind"), _from_to("kind", was, now))
        return
    for field, about in type(old).model_fields.items():
        name = about.alias or field
        if name not in (leave_out or ()):
            yield from _values((*path, name), getattr(old, field), getattr(new, field))


def _values(path: Path, old: Any, new: Any) -> Iterator[Change]:
    if old == new and type(old) is type(new):
        return
    match old, new:
        case BaseModel(), BaseModel():
            yield from _models(path, old, new)
        case tuple(), tuple() if _of_models(old, new):
            yield from _lists(path, old, new)
        case dict(), dict():
            yield from _named(path, old, new)
        case tuple(), tuple() if set(old) != set(new):
            gone = [value for value in old if value not in new]
            come = [value for value in new if value not in old]
            said = {"gone": _shown(gone, path[-1]), "come": _shown(come, path[-1])}
            id = "change.items" if gone and come else "change.items_gone" if gone else "change.items_come"  # noqa: A001
            yield Change(_grade(path, old, new), path, message(id, key=_label(path[-1]), **said))
        case _:
            yield Change(
                _grade(path, old, new), path, _from_to(path[-1], old, new, within=path[-2] if path[1:] else "")
            )


def _lists(path: Path, old: Sequence[BaseModel], new: Sequence[BaseModel]) -> Iterator[Change]:
    """Lists of parts: those with a name of their own are matched by it, others by where they stand."""
    before, after = _by_name(old), _by_name(new)
    yield from _named(path, before, after)
    stayed = [name for name in before if name in after]
    if stayed != (now := [name for name in after if name in before]):
        yield Change(_grade_of_list(path), path, _from_to(path[-1], stayed, now))


def _named(path: Path, old: Mapping[str, BaseModel], new: Mapping[str, BaseModel]) -> Iterator[Change]:
    for name in {**old, **new}:
        here = (*path, name)
        if name in old and name in new:
            yield from _values(here, old[name], new[name])
        else:
            change = _came_or_went(here, name in new, _part((new if name in new else old)[name]))
            yield Change(_grade_of_list(path), here, change.what)


def _by_name(parts: Sequence[BaseModel]) -> dict[str, BaseModel]:
    for key in NAMED_BY:
        if parts and key in type(parts[0]).model_fields:
            names = [str(getattr(part, key)) for part in parts]
            if len(set(names)) == len(names):
                return dict(zip(names, parts, strict=True))
    return {f"#{at}": part for at, part in enumerate(parts, 1)}


def _of_models(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    return any(isinstance(part, BaseModel) for part in (*old, *new))


def _grade_of_list(path: Path) -> Grade:
    """How deep it goes when a list has other parts; more or fewer bands of a rule ask nothing new."""
    if path[0] in WORDS_OF_SET:
        return "wording"
    return "points" if path[-1] in ("bands", "late") and path[0] != "stars" else "structure"


def _grade(path: Path, old: object, new: object) -> Grade:
    """How deep the change of one value goes."""
    if path[0] in WORDS_OF_SET or (is_words(path[-1], old) and is_words(path[-1], new)):
        return "wording"
    if path[-1] == "expression" or any(_is_figure(value) for value in (old, new)):
        return "points"
    return "structure"


def _is_figure(value: object) -> bool:
    if isinstance(value, tuple) and value:
        return all(_is_figure(part) for part in value)
    return isinstance(value, FIGURES) and not isinstance(value, bool)


def _came_or_went(path: Path, came: bool, what: object) -> Change:
    return Change("structure", path, message("change.added" if came else "change.removed", what=what))


def _from_to(key: str, old: object, new: object, *, within: str = "") -> Message:
    return message("change.value", key=_label(key, within), old=_shown(old, key), new=_shown(new, key))


def _label(key: str, within: str = "") -> object:
    """A key in the reader's words, those it has within another key before its own; otherwise as written in the file."""
    if known(f"key.{within}.{key}"):
        return message(f"key.{within}.{key}")
    return message(f"key.{key}") if known(f"key.{key}") else key


def _choice(key: str, value: str) -> str:
    """The sentence for one of the values that a key can have."""
    if key == "unit_kinds":
        return f"results.kind.{value}"
    return f"verify.{value}" if key == "verify" else f"choice.{key}.{value}"


def _part(part: BaseModel) -> object:
    """A part of a set by its title, else by its kind, else by what it says."""
    if title := getattr(part, "title", None):
        return str(title)
    if kind := getattr(part, "kind", None):
        return _shown(str(kind), "kind")
    said = [
        (about.alias or field, getattr(part, field), about.default) for field, about in type(part).model_fields.items()
    ]
    return [
        message("change.part", key=_label(key), value=_shown(value, key))
        for key, value, usual in said
        if value != usual
    ]


def _shown(value: object, key: str) -> object:
    """A value of a key as a person writes it."""
    match value:
        case None | () | []:
            return message("change.nothing")
        case Amount():
            return shown_amount(value)
        case Fraction():
            return message("word.percent", value=value * 100)
        case BaseModel():
            return _part(value)
        case list() | tuple():
            return [_shown(part, key) for part in value]
        case str() if known(name := _choice(key, value)):
            return message(name)
    return value
