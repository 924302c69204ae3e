"""The proof of every star as it is published: each condition once, then of every unit whether it held, and by which figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from chamdiem.errors import Message
from chamdiem.scoring.figures import HEADLINE
from chamdiem.scoring.ranking import allowed, candidates
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


@dataclass(frozen=True)
class Quota:
    """How many units the limited class let in at most, of how many; how many had it by their conditions; whom it cut."""

    limit: int
    of: int
    inside: int
    cut: frozenset[str]


def proof_of(result: Result) -> dict[str, Any]:
    """What goes into a snapshot; it is the same whatever language is spoken."""
    conditions: list[dict[str, Any]] = []
    units: dict[str, list[Held]] = {}
    for at, unit in enumerate(result.marks.units):
        found = list(result.conditions_of(at))
        conditions = conditions or [_condition(row) for row in found]
        units[unit.code] = [[int(row.met), _figure(row.observed), _figure(row.needed)] for row in found]
    held = {unit.code: [int(one) for one in held_at(result, at).values()] for at, unit in enumerate(result.marks.units)}
    quota = quota_of(result)
    limited = {} if quota is None else {"quota": {**asdict(quota), "cut": sorted(quota.cut)}}
    return {"conditions": conditions, "units": units, "bands": [0, *_bands(result)], "held": held, **limited}


def _bands(result: Result) -> list[int]:
    return [band.stars for band, _, _ in result.verdict.bands]


def held_at(result: Result, at: int) -> dict[int, bool]:
    """Whether a unit meets all that is asked for recognition (0) and for each class by itself, by its stars."""
    verdict = result.verdict
    met = {0: all(bool(check.met[HEADLINE, at]) for _, check in verdict.gates)}
    for band, reached, conditions in verdict.bands:
        met[band.stars] = all(bool(check.met[HEADLINE, at]) for check in (reached, *conditions))
    return met


def quota_of(result: Result) -> Quota | None:
    """What the quota of the limited class did, in numbers; None where the set has none."""
    quota, verdict = result.criteria.quota, result.verdict
    if quota is None:
        return None
    before = verdict.recognised[HEADLINE] | verdict.quota_cut  # what the quota itself counted
    ranked = candidates(result.sheet, verdict) | (verdict.totals.scored & verdict.quota_cut)
    counted = int((ranked if quota.of == "ranked" else before).sum())
    cut = [unit.code for unit, out in zip(result.marks.units, verdict.quota_cut.tolist(), strict=True) if out]
    inside = int((verdict.stars[HEADLINE] >= quota.stars).sum()) + len(cut)
    return Quota(allowed(quota, counted), counted, inside, frozenset(cut))


def held_in(snapshot: Mapping[str, Any], unit: str) -> dict[int, bool]:
    """The same as it was published; nothing where it is of a time before this was said."""
    said = snapshot.get("proof") or {}
    return {
        stars: bool(one) for stars, one in zip(said.get("bands", ()), said.get("held", {}).get(unit, ()), strict=False)
    }


def quota_in(snapshot: Mapping[str, Any]) -> Quota | None:
    """The quota as it was published."""
    said = (snapshot.get("proof") or {}).get("quota")
    return None if said is None else Quota(said["limit"], said["of"], said["inside"], frozenset(said["cut"]))


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
