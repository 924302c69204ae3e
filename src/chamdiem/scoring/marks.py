"""Marks of a contest as codes: who marked what for which unit, in an order that no input can change."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, overload

from chamdiem.criteria.columns import Array
from chamdiem.scoring.plan import Plan

STAGES = ("self", "appraisal", "judge", "council")
Role = Literal["chair", "member", "third_marker"]


def tidy(text: object) -> str:
    """A key as it is compared: NFC, no spaces around, single spaces inside."""
    return " ".join(unicodedata.normalize("NFC", str(text)).split())


class Unit(NamedTuple):
    """A unit that is scored; the code is the key, names repeat."""

    code: str
    name: str = ""
    kind: str = ""
    category: str = ""
    cluster: str = ""


class Bare(Sequence[Unit]):
    """Units of which nothing but the codes is known. A nation has thousands: each is made when somebody asks for it."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = tuple(codes)

    @overload
    def __getitem__(self, at: int) -> Unit: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Unit, ...]: ...
    def __getitem__(self, at: int | slice) -> Unit | tuple[Unit, ...]:
        return tuple(map(Unit, self.codes[at])) if isinstance(at, slice) else Unit(self.codes[at])

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Unit]:
        return map(Unit, self.codes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def told_of(units: Sequence[Unit], name: str) -> Sequence[str]:
    """One thing of every unit: its code, its name, its kind …"""
    if isinstance(units, Bare):
        return units.codes if name == "code" else [""] * len(units)
    return [getattr(unit, name) for unit in units]


@dataclass(frozen=True)
class Judge:
    """A member of the panel. A removed judge's marks are kept and not counted."""

    code: str
    name: str = ""
    role: Role = "member"
    removed: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Source:
    """Where marks come from: a stage and, within it, one judge or office."""

    stage: str
    judge: str


@dataclass(frozen=True)
class Evidence:
    """One document behind one leaf of one unit. `status`: claimed, attached, accepted, rejected."""

    unit: str
    criterion: str
    item: str
    status: Literal["claimed", "attached", "accepted", "rejected"]
    number: str = ""
    date: str = ""
    page: str = ""
    verified: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Marks:
    """All marks of a contest, coded: `cells[slot]` is sources × units of stored answers, 0 where there is none.

    `states` is leaves × sources × units (0, NOT_APPLICABLE, ABSTAINED), or None when nobody wrote either. Units are in
    order of code, sources in order of stage and judge: no other order of the input can be told from it.
    """

    plan: Plan
    units: Sequence[Unit]
    judges: tuple[Judge, ...]
    sources: tuple[Source, ...]
    cells: tuple[Array, ...]
    states: Array | None = None
    evidence: tuple[Evidence, ...] = ()
    evidence_kept: bool = False
    recused: frozenset[tuple[str, str]] = frozenset()
    notes: Mapping[tuple[str, str, str, str], str] = field(default_factory=dict)
    criteria_hash: str = ""

    def digest(self) -> str:
        """The sha256 of the marks in their canonical order."""
        found = hashlib.sha256()
        head = [
            [(unit.code, unit.kind, unit.category, unit.cluster) for unit in self.units],
            [(judge.code, judge.role, judge.removed) for judge in self.judges],
            [(source.stage, source.judge) for source in self.sources],
            sorted(self.recused),
            sorted(
                (item.unit, item.criterion, item.item, item.status, sorted(item.verified)) for item in self.evidence
            ),
            self.evidence_kept,
        ]
        found.update(repr(head).encode())
        for cells in self.cells:
            found.update(cells.astype("<i8").tobytes())
        found.update(b"" if self.states is None else self.states.astype("<i1").tobytes())
        return found.hexdigest()
