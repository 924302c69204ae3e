"""Where judges differ by more than the limit, or contradict each other: what each of them gave, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from chamdiem.contest.permissions import Actor
from chamdiem.contest.progress import SPREADS, still_open
from chamdiem.contest.reconciliation import reconciliations_for
from chamdiem.contest.standings import result_for
from chamdiem.errors import Message, message
from chamdiem.scoring.plan import Leaf
from chamdiem.scoring.result import Result
from chamdiem.scoring.trace import MarkLine, Trace
from chamdiem.store.database import Store

CONTRADICTIONS = ("matter.applicability_disputed", "matter.several_chosen")


@dataclass(frozen=True)
class Compared:
    """What the judges gave one criterion, and how far apart the highest and the lowest of them are."""

    criterion: str
    title: str
    marks: tuple[MarkLine, ...]
    apart: Fraction


@dataclass(frozen=True)
class Difference:
    """One difference about one unit: in a criterion or, with "", in the total; what was agreed on, if it was.

    `settled`: nothing is left to do. `compared` are the criteria behind it, the widest difference first.
    """

    unit: str
    name: str
    criterion: str
    kind: str
    says: Message
    settled: bool
    record: str
    version: int
    compared: tuple[Compared, ...]


def differences_for(store: Store, actor: Actor, contest: str) -> list[Difference]:
    """Every difference about the units whose figures are open to a person, those still to be settled first."""
    result = result_for(store, actor, contest)
    recorded = {(row["unit"], row["criterion"]): row for row in reconciliations_for(store, actor, contest)}
    found = []
    for at, unit in enumerate(result.marks.units):
        for matter, values in result.matters_of(at):
            if not matter.id.startswith(SPREADS) and matter.id not in CONTRADICTIONS:
                continue
            row = recorded.get((unit.code, matter.code), {})
            left = matter.open and still_open(matter.id, recorded=bool(row))
            says = message(matter.id, code=matter.code, **values)
            about = (unit.code, unit.name or unit.code, matter.code, matter.id, says, not left)
            compared = compared_marks(result, unit.code, matter.code)
            found.append(Difference(*about, row.get("record", ""), row.get("version", 0), compared))
    return sorted(found, key=lambda one: (one.settled, one.unit, one.criterion))


def compared_marks(result: Result, unit: str, criterion: str = "") -> tuple[Compared, ...]:
    """What judges gave a unit for one criterion; without one, for each criterion on which they do not agree."""
    trace = Trace(result, unit)
    found = [_compared(trace, leaf) for leaf in result.plan.leaves if criterion in ("", leaf.node.code)]
    return tuple(sorted((one for one in found if criterion or one.apart), key=lambda one: -one.apart))


def _compared(trace: Trace, leaf: Leaf) -> Compared:
    marks = tuple(mark for mark in trace.marks(leaf) if mark.source.stage == "judge")
    given = [mark.points for mark in marks if mark.points is not None]
    apart = max(given) - min(given) if given else Fraction(0)
    return Compared(leaf.node.code, leaf.node.title, marks, apart)
