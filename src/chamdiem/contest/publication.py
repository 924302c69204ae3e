"""Publication: a snapshot with its hash; what would change afterwards is shown for every unit before it is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection

from chamdiem.contest.access import need
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, contest_row, rows, score_of
from chamdiem.errors import refuse
from chamdiem.scoring.figures import HEADLINE
from chamdiem.scoring.result import ARITHMETIC, Result
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction
from chamdiem.store.journal import canonical


@dataclass(frozen=True)
class Standing:
    """What is published of a unit: exact points as text, stars, rank (0: none), recognised or not."""

    total: str
    stars: int
    rank: int
    recognised: bool


@dataclass(frozen=True)
class Change:
    """What a publication would change for one unit; None where it was not, or is no longer, there."""

    unit: str
    name: str
    before: Standing | None
    after: Standing | None


def standings(result: Result) -> dict[str, Standing]:
    """What a result says of every unit, by code."""
    verdict = result.verdict
    return {
        unit.code: Standing(
            str(result.points(verdict.totals.total[HEADLINE, at])),
            int(verdict.stars[HEADLINE, at]),
            int(result.ranks[at]),
            bool(verdict.recognised[HEADLINE, at]),
        )
        for at, unit in enumerate(result.marks.units)
    }


def snapshot(connection: Connection, contest: str) -> dict[str, Any]:
    """All that a publication rests on and says: criteria, marks, evidence, engine and the figures, in canonical form."""
    about, result = contest_row(connection, contest), score_of(connection, contest)
    names = {unit.code: unit.name for unit in result.marks.units}
    return {
        "contest": contest,
        "title": about["title"],
        "criteria": {"hash": about["criteria"], "structure": about["structure_hash"], "status": result.criteria.status},
        "engine": {"chamdiem": version("chamdiem"), "arithmetic": ARITHMETIC},
        "marks": result.marks.digest(),
        "result": result.hash,
        "units": {code: {"name": names[code], **standing.__dict__} for code, standing in standings(result).items()},
    }


def preview(store: Store, actor: Actor, contest: str) -> list[Change]:
    """Every unit that a publication made now would touch, with what is published and what would be."""
    with store.read() as connection:
        need(connection, actor, "publication.preview", contest)
        return changes(connection, contest)


def changes(connection: Connection, contest: str) -> list[Change]:
    """The same, without asking who wants to know."""
    last, now = latest(connection, contest), snapshot(connection, contest)["units"]
    then = json.loads(last["snapshot"])["units"] if last else {}
    return [
        Change(unit, (now.get(unit) or then[unit])["name"], _standing(then.get(unit)), _standing(now.get(unit)))
        for unit in sorted(then.keys() | now.keys())
        if then.get(unit) != now.get(unit)
    ]


def _standing(said: dict[str, Any] | None) -> Standing | None:
    return None if said is None else Standing(said["total"], said["stars"], said["rank"], said["recognised"])


def latest(connection: Connection, contest: str) -> Row | None:
    """The publication in force."""
    found = sorted(rows(connection, tables.publication, contest=contest), key=lambda row: row["number"])
    return found[-1] if found else None


def publish(transaction: Transaction, contest: str, *, reason: str, today: date) -> str:
    """Publish what stands now; earlier publications stay. Recognitions follow from it, with their validity. Returns the
    hash of the snapshot. For decisions alone."""
    connection = transaction.connection
    made = snapshot(connection, contest)
    text = canonical(made)
    last = latest(connection, contest)
    number = (last["number"] if last else 0) + 1
    found = hashlib.sha256(text.encode()).hexdigest()
    about = {"contest": contest, "number": number, "result_hash": found, "snapshot": text, "reason": reason}
    moment = transaction.now.isoformat(timespec="seconds")
    transaction.put(tables.publication, f"{contest}/{number}", {**about, "published_at": moment})
    _recognise(transaction, contest, made, today)
    return found


def _recognise(transaction: Transaction, contest: str, made: dict[str, Any], today: date) -> None:
    """Recognitions of the units that are recognised; one that fell away through a correction is withdrawn."""
    validity = law_of(transaction.connection, made["criteria"]["hash"]).validity
    until = "" if validity is None else _months_after(today, validity.months).isoformat()
    for unit, said in made["units"].items():
        id, found = f"{contest}/{unit}", transaction.row(tables.recognition, f"{contest}/{unit}")  # noqa: A001
        if said["recognised"] and (found is None or found["status"] != "revoked"):
            since = found["valid_from"] if found else today.isoformat()
            about = {"contest": contest, "unit": unit, "stars": said["stars"], "valid_from": since, "valid_to": until}
            transaction.put(tables.recognition, id, {**about, "status": "valid"})
        elif found is not None and found["status"] == "valid":
            transaction.put(tables.recognition, id, {"status": "withdrawn"})


def _months_after(day: date, months: int) -> date:
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
