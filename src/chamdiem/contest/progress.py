"""How far a contest is: the plain facts that steps from phase to phase are judged by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import Connection

from chamdiem.contest.access import HANDED_IN, sealed
from chamdiem.contest.law import law_of
from chamdiem.contest.phases import Facts, Phase, since
from chamdiem.contest.record import Row, contest_row, rows, score_of, units_of
from chamdiem.errors import Message, Refusal, message
from chamdiem.scoring.marks import Unit
from chamdiem.store import tables

QUORUM = ("matter.quorum", "matter.chair_absent")
SPREADS = "matter.spread"
Matter = tuple[str, str, str, Message]
"""A unit, the criterion it is about or "", which matter, and what it says."""


def facts_of(connection: Connection, contest: str, today: date, hidden: Collection[str] = ()) -> Facts:
    """What is known of a contest today; units and judges by the names people read. Of hidden units, those about which
    the reader has a conflict of interest, it says that something is open and not what."""
    about = contest_row(connection, contest)
    law = law_of(connection, about["criteria"])
    units = {unit.code: unit for unit in units_of(connection, contest)}
    entries = {row["code"]: row for row in rows(connection, tables.contest_unit, contest=contest)}
    sheets = rows(connection, tables.sheet, contest=contest)
    marked = {(row["unit"], row["stage"]) for row in rows(connection, tables.mark, contest=contest)}
    done = {(row["unit"], row["stage"]) for row in sheets if row["status"] in HANDED_IN}
    appraised = {code for code, stage in marked | done if stage == "appraisal"}
    skipped = about["optional_phases"].split(",")
    due, here = due_days(about), Phase(about["phase"])
    waiting = rows(connection, tables.explanation, contest=contest, status="waiting")
    documents = rows(connection, tables.evidence_link, contest=contest)
    petitions = rows(connection, tables.petition, contest=contest, status="open")
    shut = sealed(connection, about)
    matters, unreadable = ((), ()) if shut else _matters(connection, contest)
    unreconciled = [
        matter for matter in matters if matter[2].startswith(SPREADS) and _holds_up(matter, connection, contest)
    ]
    others = [matter for matter in matters if matter[2] not in QUORUM and not matter[2].startswith(SPREADS)]
    return Facts(
        no_units=not units,
        unregistered=_named(units, (code for code, row in entries.items() if law.stars and not row["target_high"])),
        registrations_undecided=_named(units, (code for code, row in entries.items() if row["status"] == "registered")),
        without_self_assessment=_named(units, (code for code in units if (code, "self") not in done)),
        without_appraisal=() if Phase.APPRAISAL in skipped else _named(units, set(units) - appraised),
        explanations_undecided=_named(units, {row["unit"] for row in waiting}),
        without_judges=()
        if _judged_by_none(connection, about)
        else _named(units, unassigned(connection, contest, units)),
        sheets_unsubmitted=_unsubmitted(connection, contest, units, sheets),
        sheets_sealed=shut,
        without_quorum=_named(units, {unit for unit, _, kind, _ in matters if kind in QUORUM}),
        unreconciled=_said(units, unreconciled, hidden),
        matters_open=(*unreadable, *_said(units, others, hidden)),
        petitions_open=_named(units, [row["unit"] for row in petitions]),
        petitions_until=due[Phase.PETITIONS] if due.get(Phase.PETITIONS, date.min) >= today else None,
        illustrative=law.status == "illustrative",
        evidence_undecided=_named(
            units, {row["unit"] for row in documents if row["status"] in ("claimed", "attached")}
        ),
        deadlines_passed=(message(f"phase.{here}"),) if here in due and due[here] < today else (),
        deadline_ahead=due[here] if here in due and due[here] >= today else None,
    )


def _named(units: Mapping[str, Unit], codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(units[code].name or code for code in sorted(code for code in codes if code in units))


def _judged_by_none(connection: Connection, contest: Row) -> bool:
    """Whether a contest has come past its judging though nobody ever was on a panel: its council decides on the figures."""
    past = Phase(contest["phase"]) in since(Phase.COUNCIL)
    return past and not rows(connection, tables.panel_member, contest=contest["id"])


def unassigned(connection: Connection, contest: str, units: Mapping[str, Unit]) -> set[str]:
    """Units that no member of the panel is to mark, those who may not mark it left aside."""
    members = rows(connection, tables.panel_member, contest=contest, removed=0)
    panel = {row["account"] for row in members if row["role"] != "third_marker"}
    barred = {(row["account"], row["unit"]) for row in rows(connection, tables.conflict, contest=contest)}
    to_mark = {pair for pair in _to_mark(connection, contest, units) if pair[0] in panel} - barred
    return set(units) - {unit for _, unit in to_mark}


def _to_mark(connection: Connection, contest: str, units: Iterable[str]) -> set[tuple[str, str]]:
    """Who is to mark which units."""
    return {
        (row["account"], unit)
        for row in rows(connection, tables.assignment, contest=contest)
        for unit in ([row["unit"]] if row["unit"] else units)
    }


def _unsubmitted(
    connection: Connection, contest: str, units: Mapping[str, Unit], sheets: Iterable[Row]
) -> tuple[tuple[str, int], ...]:
    """How many sheets each judge still has to hand in, those he may not mark left aside; a third marker only those that
    he has begun."""
    panel = {row["account"]: row for row in rows(connection, tables.panel_member, contest=contest)}
    barred = {(row["account"], row["unit"]) for row in rows(connection, tables.conflict, contest=contest)}
    own = {(row["author"], row["unit"]): row["status"] for row in sheets if row["stage"] == "judge"}
    begun = {pair for pair, status in own.items() if status == "draft"}
    members = {account for account, row in panel.items() if not row["removed"] and row["role"] != "third_marker"}
    to_mark = {pair for pair in _to_mark(connection, contest, units) if pair[0] in members and pair[1] in units}
    left = {pair for pair in (to_mark | begun) - barred if own.get(pair, "draft") == "draft"}
    missing = Counter(account for account, _ in left if account in panel and not panel[account]["removed"])
    names = {row["id"]: row["name"] or row["login"] for row in rows(connection, tables.person)}
    found = [(str(names.get(account, panel[account]["code"])), count) for account, count in missing.items()]
    return tuple(sorted(found))


def _matters(connection: Connection, contest: str) -> tuple[list[Matter], tuple[Message, ...]]:
    """What the engine itself holds open, unit by unit; or why the marks cannot be read at all."""
    try:
        result = score_of(connection, contest)
    except Refusal as refusal:
        return [], tuple(problem.message for problem in refusal.problems)
    return [
        (unit.code, matter.code, matter.id, message(matter.id, code=matter.code, **values))
        for at, unit in enumerate(result.marks.units)
        for matter, values in result.matters_of(at)
        if matter.open
    ], ()


def _holds_up(matter: Matter, connection: Connection, contest: str) -> bool:
    """Whether a difference between judges is still to be settled: what is to be discussed is by a record of it, what a
    third marker is to settle only by his marks."""
    unit, criterion, kind, _ = matter
    recorded = rows(connection, tables.reconciliation, contest=contest, unit=unit, criterion=criterion)
    return still_open(kind, recorded=bool(recorded))


def still_open(kind: str, *, recorded: bool) -> bool:
    """Whether a difference of this kind is still to be settled, given that there is, or is not, a record of it."""
    return not (kind.endswith("_discuss") and recorded)


def _said(units: Mapping[str, Unit], matters: Iterable[Matter], hidden: Collection[str]) -> tuple[Message, ...]:
    return tuple(
        message("progress.matter", unit=units[unit].name or unit, what=what)
        if unit not in hidden
        else message("progress.hidden_matter", unit=units[unit].name or unit)
        for unit, _, _, what in matters
    )


def due_days(contest: Row) -> dict[Phase, date]:
    """The last day of each phase that has one."""
    return {Phase(name): date.fromisoformat(day) for name, day in json.loads(contest["deadlines"] or "{}").items()}
