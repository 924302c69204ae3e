"""Marks of a contest as codes: who marked what for which unit, in an order that no input can change."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

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
    units: tuple[Unit, ...]
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
