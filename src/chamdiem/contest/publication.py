"""Publication: a snapshot with its hash; what would change afterwards is shown for every unit before it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection

from chamdiem.contest.access import need
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.publication_proof import proof_of
from chamdiem.contest.record import Row, contest_row, rows, score_of
from chamdiem.errors import refuse
from chamdiem.scoring.figures import HEADLINE
from chamdiem.scoring.result import ARITHMETIC, Result
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction
from chamdiem.store.journal import canonical


@dataclass(frozen=True)
class Revocation:
    """The end of a recognition by a decision of two persons: from which day on (ISO), and why."""

    on: str
    reason: str


@dataclass(frozen=True)
class Standing:
    """What is published of a unit: exact points as decimal text ("89.34"), stars, rank (0: none), recognised or not.

    Where its recognition was revoked it is not recognised and has no stars, whatever its points.
    """

    total: str
    stars: int
    rank: int
    recognised: bool
    revoked: Revocation | None = None


@dataclass(frozen=True)
class Change:
    """What a publication would change for one unit; None where it was not, or is no longer, there."""

    unit: str
    name: str
    before: Standing | None
    after: Standing | None


def revocations(connection: Connection, contest: str) -> dict[str, Revocation]:
    """The units whose recognition in this contest was revoked, by code."""
    ended = rows(connection, tables.recognition, contest=contest, status="revoked")
    return {row["unit"]: Revocation(row["valid_to"], row["reason"]) for row in ended}


def standings(result: Result, revoked: Mapping[str, Revocation]) -> dict[str, Standing]:
    """What a result says of every unit, by code, and of those whose recognition was revoked that it was."""
    return {
        code: replace(said, stars=0, recognised=False, revoked=revoked[code]) if code in revoked else said
        for code, said in _reckoned(result).items()
    }


def _reckoned(result: Result) -> dict[str, Standing]:
    verdict = result.verdict
    return {
        unit.code: Standing(
            str(Decimal(int(verdict.totals.total[HEADLINE, at])).scaleb(-result.places)),
            int(verdict.stars[HEADLINE, at]),
            int(result.ranks[at]),
            bool(verdict.recognised[HEADLINE, at]),
        )
        for at, unit in enumerate(result.marks.units)
    }


def snapshot(connection: Connection, contest: str) -> dict[str, Any]:
    """All that a publication rests on and says: criteria, marks, evidence, engine, the figures and the proof of every
    star, in canonical form. Snapshots from before there was a proof lack that key."""
    result = score_of(connection, contest, closed=True)
    return {**_figures(connection, contest, result), "proof": proof_of(result)}


def _figures(connection: Connection, contest: str, result: Result) -> dict[str, Any]:
    """The same without the proof."""
    about = contest_row(connection, contest)
    names = {unit.code: unit.name for unit in result.marks.units}
    return {
        "contest": contest,
        "title": about["title"],
        "sample": bool(about["sample"]),
        "criteria": {"hash": about["criteria"], "structure": about["structure_hash"], "status": result.criteria.status},
        "policy": {
            "closed": result.policy.closed,
            "evidence": result.policy.evidence,
            "stage": result.policy.stage or "",
        },
        "engine": {"chamdiem": version("chamdiem"), "arithmetic": ARITHMETIC},
        "marks": result.marks.digest(),
        "result": result.hash,
        "units": {
            code: {"name": names[code], **asdict(standing)}
            for code, standing in standings(result, revocations(connection, contest)).items()
        },
    }


def hash_of(made: Mapping[str, Any]) -> str:
    """The hash under which a snapshot is published."""
    return hashlib.sha256(canonical(made).encode()).hexdigest()


def preview(store: Store, actor: Actor, contest: str) -> list[Change]:
    """Every unit that a publication made now would touch, with what is published and what would be."""
    with store.read() as connection:
        need(connection, actor, "publication.preview", contest)
        return changes(connection, contest)


def changes(connection: Connection, contest: str) -> list[Change]:
    """The same, without asking who wants to know."""
    last = latest(connection, contest)
    now = _figures(connection, contest, score_of(connection, contest, closed=True))["units"]
    then = json.loads(last["snapshot"])["units"] if last else {}
    return [
        Change(unit, (now.get(unit) or then[unit])["name"], said_of(then.get(unit)), said_of(now.get(unit)))
        for unit in sorted(then.keys() | now.keys())
        if then.get(unit) != now.get(unit)
    ]


def said_of(unit: Mapping[str, Any] | None) -> Standing | None:
    """What a snapshot says of a unit; None where it says nothing."""
    if unit is None:
        return None
    revoked = unit["revoked"] and Revocation(**unit["revoked"])
    return Standing(unit["total"], unit["stars"], unit["rank"], unit["recognised"], revoked)


def latest(connection: Connection, contest: str) -> Row | None:
    """The publication in force."""
    found = sorted(rows(connection, tables.publication, contest=contest), key=lambda row: row["number"])
    return found[-1] if found else None


def publish(transaction: Transaction, contest: str, *, reason: str, today: date) -> str:
    """Publish what stands now; earlier publications stay. Recognitions follow from it, with their validity. Returns the
    hash of the snapshot. For decisions alone."""
    connection = transaction.connection
    made = snapshot(connection, contest)
    last = latest(connection, contest)
    number, found = (last["number"] if last else 0) + 1, hash_of(made)
    about = {"contest": contest, "number": number, "result_hash": found, "snapshot": canonical(made), "reason": reason}
    moment = transaction.now.isoformat(timespec="seconds")
    transaction.put(tables.publication, f"{contest}/{number}", {**about, "published_at": moment})
    _recognise(transaction, contest, made, reason, today)
    return found


def _recognise(transaction: Transaction, contest: str, made: dict[str, Any], reason: str, today: date) -> None:
    """Recognitions of the units that are recognised, each valid from its first day on; one that fell away through a
    correction is withdrawn. A revoked one does not come back by publishing again."""
    validity = law_of(transaction.connection, made["criteria"]["hash"]).validity
    standing = {row["unit"]: row for row in rows(transaction.connection, tables.recognition, contest=contest)}
    for unit in sorted(made["units"].keys() | standing.keys()):
        said, found = made["units"].get(unit), standing.get(unit)
        id, valid = f"{contest}/{unit}", found is not None and found["status"] == "valid"  # noqa: A001
        if said is not None and said["recognised"] and (found is None or found["status"] != "revoked"):
            since = date.fromisoformat(found["valid_from"]) if found is not None and valid else today
            until = "" if validity is None else months_after(since, validity.months).isoformat()
            days = {"valid_from": since.isoformat(), "valid_to": until}
            about = {"contest": contest, "unit": unit, "stars": said["stars"], **days}
            transaction.put(tables.recognition, id, {**about, "status": "valid", "reason": ""})
        elif valid and not (said is not None and said["recognised"]):
            end = {"status": "withdrawn", "valid_to": today.isoformat(), "reason": reason}
            transaction.put(tables.recognition, id, end)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 0, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError


def revoke(transaction: Transaction, contest: str, unit: str, *, reason: str, today: date) -> None:
    """End a recognition from this day on, with the reason. For decisions alone."""
    found = transaction.row(tables.recognition, f"{contest}/{unit}")
    if found is None or found["status"] != "valid":
        raise refuse("permission.not_found")
    transaction.put(
        tables.recognition, found["id"], {"status": "revoked", "reason": reason, "valid_to": today.isoformat()}
    )


def faults(connection: Connection, contest: str) -> list[str]:
    """Publications whose snapshot no longer gives its hash."""
    found = rows(connection, tables.publication, contest=contest)
    return [row["id"] for row in found if hashlib.sha256(row["snapshot"].encode()).hexdigest() != row["result_hash"]]
