"""A YAML text as a located tree: what was written, and where each word of it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from chamdiem.errors import Where

Loc: TypeAlias = tuple[str | int, ...]
Place: TypeAlias = tuple[int, int]  # line, column; both count from 1


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, a number or a sentence as written; None where nothing was written."""

    line: int
    column: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, in the order written."""

    line: int
    column: int
    items: list[Node]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and their values, in the order written; each key keeps its own place."""

    line: int
    column: int
    entries: dict[str, tuple[Scalar, Node]]


Node: TypeAlias = Mapping | Sequence | Scalar


@dataclass(frozen=True, slots=True)
class Tree:
    """One file that was read: its nodes, and where each of them stands."""

    file: str
    root: Node

    def plain(self) -> Any:
        """The same content as dictionaries, lists and text, for pydantic."""
        return _plain(self.root)

    def where(self, loc: Loc = (), key: bool = False) -> Where:
        """The place of the value at `loc`, or of its key; steps that the tree does not have are passed over."""
        line, column = self.root.line, self.root.column
        for parent, step, node in self._walk(loc):
            spot = parent.entries[str(step)][0] if key and isinstance(parent, Mapping) else node
            line, column = spot.line, spot.column
        return Where(self.file, line=line, column=column, path=self.path(loc))

    def path(self, loc: Loc) -> tuple[str, ...]:
        """The way to `loc` in a reader's words: list items go by code, id or title, and take the place of "nodes"."""
        labels: list[str] = []
        for parent, step, node in self._walk(loc):
            name = _name(node) if isinstance(parent, Sequence) else short(str(step), 40)
            if isinstance(parent, Sequence) and name and len(labels) > 1:
                labels.pop()
            labels.append(name or (f"#{int(step) + 1}" if isinstance(parent, Sequence) else "''"))
        return tuple(labels)

    def _walk(self, loc: Loc) -> Iterator[tuple[Node, str | int, Node]]:
        node = self.root
        for step in loc:
            if isinstance(node, Mapping) and step in node.entries:
                deeper = node.entries[str(step)][1]
            elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
                deeper = node.items[step]
            else:
                continue
            yield node, step, deeper
            node = deeper


def _plain(node: Node) -> Any:
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [_plain(item) for item in node.items]
        case Mapping():
            return {key: _plain(value) for key, (_, value) in node.entries.items()}


def _name(node: Node) -> str:
    if not isinstance(node, Mapping):
        return ""
    named = (node.entries[key][1] for key in ("code", "id", "title") if key in node.entries)
    return next((short(value.text, 40) for value in named if isinstance(value, Scalar) and value.text), "")


def short(text: str, width: int) -> str:
    line = " ".join(text[: width + 1].splitlines())
    return line if len(line) <= width else line[: width - 1] + "…"


def start(node: Node) -> Place:
    return node.line, node.column


def place(before: str) -> Place:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def place_of(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1
