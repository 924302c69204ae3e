"""How far a contest is: the plain facts that steps from phase to phase are judged by."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

from sqlalchemy import Connection

from chamdiem.contest.law import law_of
from chamdiem.contest.phases import Facts, Phase
from chamdiem.contest.record import Row, contest_row, rows, score_of, units_of
from chamdiem.errors import Message, Refusal, message
from chamdiem.scoring.marks import Unit
from chamdiem.store import tables


def facts_of(connection: Connection, contest: str, today: date) -> Facts:
    """What is known of a contest today; units and judges by the names people read."""
    about = contest_row(connection, contest)
    units = {unit.code: unit for unit in units_of(connection, contest)}
    entries = {row["code"]: row for row in rows(connection, tables.contest_unit, contest=contest)}
    sheets = rows(connection, tables.sheet, contest=contest)
    marked = {(row["unit"], row["stage"]) for row in rows(connection, tables.mark, contest=contest)}
    done = {(row["unit"], row["stage"]) for row in sheets if row["status"] in ("submitted", "revealed")}
    ahead, passed = _deadlines(about, today)
    waiting = {
        row["unit"] for row in rows(connection, tables.explanation, contest=contest) if row["status"] == "waiting"
    }
    documents = rows(connection, tables.evidence_link, contest=contest)
    petitions = rows(connection, tables.petition, contest=contest)
    return Facts(
        no_units=not units,
        unregistered=_named(units, (code for code, row in entries.items() if not row["target_high"])),
        registrations_undecided=_named(units, (code for code, row in entries.items() if row["status"] == "registered")),
        without_self_assessment=_named(units, (code for code in units if (code, "self") not in done)),
        without_appraisal=_named(units, (code for code in units if (code, "appraisal") not in marked | done)),
        explanations_undecided=_named(units, waiting),
        without_judges=_named(units, _unassigned(connection, contest, units)),
        sheets_unsubmitted=_unsubmitted(connection, contest, units, sheets),
        sheets_sealed=not about["revealed"],
        matters_open=_open_matters(connection, contest) if about["revealed"] else (),
        petitions_open=tuple(row["unit"] for row in petitions if row["status"] == "open"),
        illustrative=law_of(connection, about["criteria"]).status == "illustrative",
        evidence_undecided=_named(
            units, {row["unit"] for row in documents if row["status"] in ("claimed", "attached")}
        ),
        deadlines_passed=passed,
        deadline_ahead=ahead,
    )


def _named(units: dict[str, Unit], codes: object) -> tuple[str, ...]:
    found = sorted(code for code in codes if code in units)  # type: ignore[attr-defined]
    return tuple(units[code].name or code for code in found)


def _unassigned(connection: Connection, contest: str, units: dict[str, Unit]) -> set[str]:
    """Units that no member of the panel is to mark."""
    panel = {row["account"] for row in rows(connection, tables.panel_member, contest=contest) if not row["removed"]}
    to_mark = {row["unit"] for row in rows(connection, tables.assignment, contest=contest) if row["account"] in panel}
    return set() if "" in to_mark else set(units) - to_mark


def _unsubmitted(
    connection: Connection, contest: str, units: dict[str, Unit], sheets: list[Row]
) -> tuple[tuple[str, int], ...]:
    """How many sheets each judge still has to hand in, those he may not mark left aside."""
    panel = rows(connection, tables.panel_member, contest=contest)
    barred = {(row["account"], row["unit"]) for row in rows(connection, tables.conflict, contest=contest)}
    done = {(row["author"], row["unit"]) for row in sheets if row["stage"] == "judge" and row["status"] != "draft"}
    to_mark = {
        (row["account"], unit)
        for row in rows(connection, tables.assignment, contest=contest)
        for unit in ([row["unit"]] if row["unit"] else units)
    }
    members = {row["account"] for row in panel if not row["removed"] and row["role"] != "third_marker"}
    missing = Counter(account for account, unit in to_mark - barred - done if account in members and unit in units)
    names = {row["id"]: row["name"] or row["login"] for row in rows(connection, tables.person)}
    return tuple(sorted((names.get(account, account), count) for account, count in missing.items()))


def _open_matters(connection: Connection, contest: str) -> tuple[str | Message, ...]:
    """What the engine itself holds open, unit by unit; or that the marks cannot be read at all."""
    try:
        result = score_of(connection, contest)
    except Refusal as refusal:
        return tuple(problem.message for problem in refusal.problems)
    return tuple(
        message("progress.matter", unit=unit.name or unit.code, what=message(matter.id, code=matter.code, **values))
        for at, unit in enumerate(result.marks.units)
        for matter, values in result.matters_of(at)
        if matter.open
    )


def _deadlines(contest: Row, today: date) -> tuple[date | None, tuple[str | Message, ...]]:
    """The due day of the phase that is on, while it is ahead; and those of this phase or earlier that have passed."""
    days = {Phase(name): date.fromisoformat(day) for name, day in json.loads(contest["deadlines"] or "{}").items()}
    here = Phase(contest["phase"])
    ahead = days[here] if here in days and days[here] >= today else None
    passed = [message(f"phase.{here}")] if here in days and days[here] < today else []
    return ahead, tuple(passed)
