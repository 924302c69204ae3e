"""The journal of a programme as its lead reads it: of each deed not only how many things, but which: whose report of which
period, whose figures, which survey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection, Table, select

from chamdiem.contest.chronicle import Deed, deeds_about
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Message, message, refuse
from chamdiem.office.footing import Footing
from chamdiem.office.report_rows import report_called
from chamdiem.office.survey_rounds import questionnaire_of
from chamdiem.store import tables
from chamdiem.store.database import Store

MOST = 3  # of the things of a deed are told by name; of more so many, then that there are more
MORE = "…"
Name = Message | str


def chronicled(store: Store, actor: Actor) -> list[Row]:
    """The programmes whose journal a person may read: those that he manages."""
    with store.read() as connection:
        return [row for row in rows(connection, tables.programme) if _reads_journal(connection, actor, row["id"])]


def programme_deeds(store: Store, actor: Actor, programme: str) -> list[Deed]:
    """Everything that was done in a programme, from the first, for whoever manages it; raises Refusal."""
    with store.read() as connection:
        if not _reads_journal(connection, actor, programme):
            raise refuse("permission.not_found")
        names = _names(connection, programme)
        return [_with_names(deed, names) for deed in deeds_about(connection, programme)]


def _reads_journal(connection: Connection, actor: Actor, programme: str) -> bool:
    """Not where a contest goes by the same key: its journal is not the programme's to show."""
    namesake = rows(connection, tables.contest, id=programme)
    return not namesake and Footing(connection, actor, programme).may("programme.manage")


def _with_names(deed: Deed, names: dict[tuple[str, int], Name]) -> Deed:
    """The same deed; what of its things has a name is told by it, each name once."""
    things = []
    for thing, n in deed.things:
        every = (names.get((thing.id, seq)) for seq in range(deed.first, deed.last + 1))
        known = list(dict.fromkeys(name for name in every if name))
        told = [*known[:MOST], *([MORE] if len(known) > MOST else [])]
        things.append((message("thing.named", thing=thing, names=told) if told else thing, n))
    return replace(deed, things=tuple(things))


def _names(connection: Connection, programme: str) -> dict[tuple[str, int], Name]:
    """What each thing of a programme is called, by its kind and the number of the event that wrote it."""
    members = {row["code"]: str(row["name"]) for row in rows(connection, tables.programme_member, programme=programme)}
    of_member: dict[Table, Callable[[Row], Name]] = {
        tables.programme_member: lambda row: str(row["name"]),
        tables.figure: lambda row: members.get(row["member"], ""),
        tables.task_state: lambda row: message(
            "thing.task_of", code=row["task"], member=members.get(row["member"], row["member"])
        ),
        tables.programme_document: lambda row: str(row["title"]),
        tables.report: lambda row: report_called(connection, row),
        tables.survey_round: lambda row: message(
            "thing.survey_of", title=questionnaire_of(connection, row["questionnaire"]).title, unit=row["unit_name"]
        ),
    }
    event = tables.event
    return {
        (f"thing.{table.name}", seq): name
        for table, call in of_member.items()
        for known in [{row["id"]: call(row) for row in rows(connection, table, programme=programme)}]
        for seq, of in connection.execute(
            select(event.c.seq, event.c.row).where(event.c.contest == programme, event.c.entity == table.name)
        )
        if (name := known.get(of))
    }
