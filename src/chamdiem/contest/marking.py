"""Marks of every stage, side by side: entered by whoever may, checked by the engine, never overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from chamdiem.contest.access import Footing, sheet_id
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, columns_of, contest_row, rows, units_of
from chamdiem.errors import Problem, Refusal, Where, refuse
from chamdiem.scoring.marks import STAGES, Judge, Unit
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.reading import build
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction


@dataclass(frozen=True)
class Entry:
    """One answer as it is typed, "" to take it back; `seen` is the version its author has before him (None: whatever)."""

    criterion: str
    answer: str
    note: str = ""
    seen: int | None = None


def mark_id(contest: str, unit: str, criterion: str, stage: str, author: str) -> str:
    """The key of a mark: there is one place for each."""
    return f"{contest}/{unit}/{criterion}/{stage}/{author}"


def enter_marks(
    store: Store,
    actor: Actor,
    contest: str,
    unit: str,
    stage: str,
    entries: Iterable[Entry],
    *,
    reason: str = "",
    key: str = "",
) -> dict[str, int]:
    """Enter answers of one sheet; returns the version of each criterion. All of them are saved, or none.

    A judge writes his own sheet; the other stages are one sheet of the office. Whoever departs from what a commune said
    of itself, and the council always, says why: for all of them at once, or in the note of each. Raises Refusal: not
    allowed, no reason, an answer the engine refuses, or a Conflict with both values.
    """
    given = list(entries)
    if stage not in STAGES:
        raise refuse("mark.unknown_stage", value=stage, hint="")
    author = actor.account if stage == "judge" else ""

    def enter(transaction: Transaction) -> dict[str, int]:
        connection = transaction.connection
        footing, sheet = Footing(connection, actor, contest), {"unit": unit, "stage": stage, "judge": author or None}
        for entry in given:
            footing.need(f"mark.enter_{stage}", criterion=entry.criterion, **sheet)
        if not given or not units_of(connection, contest, unit):
            raise refuse("permission.not_found")
        check(connection, contest, unit, stage, author, given)
        need_reasons(connection, contest, unit, stage, given, reason)
        open_sheet(transaction, contest, unit, stage, author)
        versions = {entry.criterion: _put(transaction, contest, unit, stage, author, entry, reason) for entry in given}
        _close_if_empty(transaction, contest, unit, stage, author)
        return versions

    order = Order(actor.account, f"mark.enter_{stage}", contest, reason, _criteria(store, contest), key)
    return store.write(order, enter)


def _criteria(store: Store, contest: str) -> str:
    with store.read() as connection:
        return str(contest_row(connection, contest)["criteria"])


def _put(transaction: Transaction, contest: str, unit: str, stage: str, author: str, entry: Entry, reason: str) -> int:
    place = mark_id(contest, unit, entry.criterion, stage, author)
    if not entry.answer.strip() and not entry.note.strip():
        transaction.drop(tables.mark, place, entry.seen)
        return 0
    about = {
        "contest": contest,
        "unit": unit,
        "criterion": entry.criterion,
        "stage": stage,
        "author": author,
        "part": "",
    }
    said = {"answer": entry.answer.strip(), "note": entry.note.strip(), "reason": reason}
    return transaction.put(tables.mark, place, {**about, **said}, entry.seen)


def check(connection: Connection, contest: str, unit: str, stage: str, author: str, entries: Iterable[Entry]) -> None:
    """Refuse answers that the engine would not take: unknown criterion, unreadable, above the maximum, off-step. What is
    left blank, or only noted, must name a criterion as well."""
    criteria = law_of(connection, contest_row(connection, contest)["criteria"])
    there = next(iter(units_of(connection, contest, unit)), Unit(unit))
    sheet = {"unit": unit, "stage": stage, "author": author, "part": "", "note": ""}
    given = [sheet | {"criterion": entry.criterion, "answer": entry.answer} for entry in entries]
    try:
        build(lay_out(criteria), columns_of(given, {}), units=[there], judges=[Judge(author)] if author else [])
    except Refusal as refusal:
        raise Refusal(
            Problem(Where(path=problem.where.path), problem.message) for problem in refusal.problems
        ) from None


def need_reasons(
    connection: Connection, contest: str, unit: str, stage: str, entries: Iterable[Entry], reason: str = ""
) -> None:
    """Refuse an appraisal that departs from the self-assessment, or a council's decision, without a word why."""
    if stage not in ("appraisal", "council") or reason.strip():
        return
    own = rows(connection, tables.mark, contest=contest, unit=unit, stage="self")
    said = {mark["criterion"]: mark["answer"] for mark in own}
    for entry in entries:
        departs = stage == "council" or said.get(entry.criterion, entry.answer.strip()) != entry.answer.strip()
        if departs and entry.answer.strip() and not entry.note.strip():
            raise refuse("mark.needs_reason", Where(path=(entry.criterion,)), code=entry.criterion)


def _close_if_empty(transaction: Transaction, contest: str, unit: str, stage: str, author: str) -> None:
    """A sheet from which everything was taken back is as if nobody had begun it."""
    if not rows(transaction.connection, tables.mark, contest=contest, unit=unit, stage=stage, author=author):
        transaction.drop(tables.sheet, sheet_id(contest, unit, stage, author))


def open_sheet(transaction: Transaction, contest: str, unit: str, stage: str, author: str) -> None:
    """A sheet is begun by its first mark; one that was handed in takes no more."""
    place = sheet_id(contest, unit, stage, author)
    found = transaction.row(tables.sheet, place)
    if found is not None and found["status"] in ("submitted", "revealed"):
        raise refuse("mark.sheet_submitted")
    if found is None:
        about = {"contest": contest, "unit": unit, "stage": stage, "author": author, "status": "draft"}
        transaction.put(tables.sheet, place, about)


def marks_for(store: Store, actor: Actor, contest: str, unit: str | None = None) -> list[Row]:
    """The marks that this person may see now, each with its version: of the stages, units and judges that are open to
    him. What is not open is not there."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        return marks_seen(footing, unit)


def marks_seen(footing: Footing, unit: str | None = None) -> list[Row]:
    """The same in a snapshot that is being read."""
    where = {"contest": footing.contest} | ({"unit": unit} if unit is not None else {})
    known: dict[tuple[str, str, str, str], bool] = {}
    return [row for row in rows(footing.connection, tables.mark, **where) if _seen(footing, row, known)]


def _seen(footing: Footing, row: Row, known: dict[tuple[str, str, str, str], bool]) -> bool:
    place = (row["unit"], row["criterion"], row["stage"], row["author"])
    if place not in known:
        about = {"unit": place[0], "criterion": place[1], "stage": place[2], "judge": place[3] or None}
        known[place] = footing.may(f"mark.read_{place[2]}", **about)
    return known[place]


def versions(marks: Iterable[Mapping[str, object]]) -> dict[tuple[str, str], int]:
    """The versions of marks by stage and criterion, to be handed back with what is typed over them."""
    return {(str(mark["stage"]), str(mark["criterion"])): int(str(mark["version"])) for mark in marks}
