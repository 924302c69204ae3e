"""Reports as rows: under which key one stands, when it came, what its hash is made of; and who owes which."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Message, message, refuse
from chamdiem.office.footing import Footing
from chamdiem.office.programmes_begun import due_for, dues_of, law_for, owing
from chamdiem.programmes.delivery import Delivery, delivery
from chamdiem.programmes.due import Due, key_of
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.journal import canonical

DRAFT, SUBMITTED, RETURNED, ACCEPTED = "draft", "submitted", "returned", "accepted"
LOCKED = (SUBMITTED, ACCEPTED)


def report_id(programme: str, member: str, due: Due) -> str:
    """The key of a report."""
    return f"{programme}/{member}/{due.duty}/{due.period.id}/{due.stage}"


def content_hash(row: Mapping[str, object], edition: str) -> str:
    """The fingerprint (sha256) of what a report says, for whom, and when it was handed in."""
    names = ("programme", "member", "duty", "period", "stage", "words", "figures", "delivered_on", "merged_into")
    said = {"edition": edition, **{name: row[name] for name in names}}
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def report_row(connection: Connection, report: str) -> Row:
    """One report; an unknown one is not found."""
    found = rows(connection, tables.report, id=report)
    if not found:
        raise refuse("permission.not_found")
    return found[0]


def report_called(connection: Connection, row: Row) -> Message:
    """A report as people call it: whose, which, of which period."""
    programme = rows(connection, tables.programme, id=row["programme"])[0]
    homes = rows(connection, tables.programme_member, programme=row["programme"], code=row["member"])
    law = law_for(programme).programme
    due = due_for(programme, key_of(law.id, row["duty"], row["period"], row["stage"]))
    return message("report.called", member=homes[-1]["name"] if homes else row["member"], report=due.called)


def holds(connection: Connection, row: Row) -> bool:
    """Whether a report that was submitted still says what its hash was made of."""
    edition = rows(connection, tables.programme, id=row["programme"])[0]["edition"]
    return bool(content_hash(row, edition) == row["content_hash"])


# who owes what --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Owed:
    """One thing that one member owes; None for the member when none is of the office that the document names. `ended` is
    the last day of the programme, if it has one; `closed` says that nothing more is handed in."""

    due: Due
    member: Row | None
    row: Row | None
    ended: date | None = None
    closed: bool = False

    @property
    def delivered_on(self) -> date | None:
        """The day it was handed in, if it was and was not returned."""
        return delivered_day(self.row)

    @property
    def delivery(self) -> Delivery | None:
        """Early, on time or late: a fact once it was handed in."""
        return delivery(self.due, self.delivered_on) if self.delivered_on else None

    def word(self, today: date) -> str:
        """not_set, early, on_time, late; or while it is not there not_yet, overdue."""
        if self.delivery is not None:
            return self.delivery.word
        if self.due.until is None:
            return "not_set"
        return "overdue" if today > self.due.until else "not_yet"

    def label(self, today: date) -> Message:
        """The same in words; the days of what is overdue are counted no further than the programme goes."""
        if self.delivery is not None:
            return self.delivery.label
        word, until = self.word(today), self.due.until
        if word == "overdue" and self.closed:
            return message("owed.never")
        last = min(today, self.ended or today) if word == "overdue" else today
        days = (last - until).days if until else 0
        if word == "overdue" and days <= 0:  # due only when the programme was over
            return message("owed.overdue_since", day=until)
        return message(f"owed.{word}", days=abs(days))


def delivered_day(row: Row | None) -> date | None:
    """The day a report was handed in, None unless it is with its receiver."""
    return date.fromisoformat(row["delivered_on"]) if row and row["status"] in LOCKED else None


def owed_for(store: Store, actor: Actor, programme: str) -> list[Owed]:
    """Everything that is due in a programme's period, by day, member by member; a person sees his own members'."""
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        if not footing.may("programme.read") and not footing.own:
            footing.need("programme.read")
        return list(owed_in(footing))


def owed_in(footing: Footing) -> Iterator[Owed]:
    """The same, for whoever asks within a transaction."""
    reports = {row["id"]: row for row in rows(footing.connection, tables.report, programme=footing.programme)}
    last = footing.row["period_to"]
    of = date.fromisoformat(last) if last else None, footing.closed
    for due in dues_of(footing.row):
        members = owing(due, footing.members.values())
        if not members and footing.may("programme.read"):
            yield Owed(due, None, None, *of)
        for member in members:
            if footing.may("programme.read", member["code"]):
                yield Owed(due, member, reports.get(report_id(footing.programme, member["code"], due)), *of)
