"""The proof of every star as it is published: each condition once, then of every unit whether it held, and by which figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from chamdiem.errors import Message
from chamdiem.scoring.result import ConditionRow, Result

Held = list[Any]  # whether it held (1 or 0), what was observed, what was needed: exact figures as text


@dataclass(frozen=True)
class Condition:
    """One condition as it was published of one unit: of recognition (stars 0) or of so many stars, with its clause."""

    stars: int
    subject: Message
    clause: str
    observed: Fraction | bool | None
    needed: Fraction | None
    side: str
    unit: str
    met: bool


def proof_of(result: Result) -> dict[str, Any]:
    """What goes into a snapshot; it is the same whatever language is spoken."""
    conditions: list[dict[str, Any]] = []
    units: dict[str, list[Held]] = {}
    for at, unit in enumerate(result.marks.units):
        found = list(result.conditions_of(at))
        conditions = conditions or [_condition(row) for row in found]
        units[unit.code] = [[int(row.met), _figure(row.observed), _figure(row.needed)] for row in found]
    return {"conditions": conditions, "units": units}


def proof_in(snapshot: Mapping[str, Any], unit: str) -> list[Condition]:
    """What a snapshot says of a unit, condition by condition; nothing where it is of a time before there was a proof."""
    said = snapshot.get("proof") or {"conditions": [], "units": {}}
    return [_read(one, held) for one, held in zip(said["conditions"], said["units"].get(unit, ()), strict=False)]


def _condition(row: ConditionRow) -> dict[str, Any]:
    about = {"stars": row.stars, "gate": row.gate, "code": row.code, "clause": row.clause}
    return about | {"subject": _words(row.subject), "side": row.side, "unit": row.unit}


def _words(value: object) -> Any:
    """The name of a sentence with what it needs, in plain values."""
    match value:
        case Message():
            return {"id": value.id, "values": {name: _words(each) for name, each in value.values.items()}}
        case list() | tuple():
            return [_words(each) for each in value]
        case Fraction() | Decimal():
            return {"figure": _figure(Fraction(value))}
    return value if isinstance(value, int) else str(value)


def _read_words(value: Any) -> Any:
    if isinstance(value, list):
        return [_read_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "figure" in value:
        return Fraction(value["figure"])
    return Message(value["id"], {name: _read_words(each) for name, each in value["values"].items()})


def _figure(value: Fraction | bool | None) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else str(value)


def _read(one: Mapping[str, Any], held: Iterable[Any]) -> Condition:
    met, observed, needed = held
    return Condition(
        one["stars"], _read_words(one["subject"]), one["clause"],
        Fraction(observed) if isinstance(observed, str) else observed, None if needed is None else Fraction(needed),
        one["side"], one["unit"], bool(met),
    )  # fmt: skip
