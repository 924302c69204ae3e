"""The journal of a programme as its lead reads it: of each deed not only how many things, but which: whose report of which
period, whose figures, which survey, the difficulty of which commune, what was given to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from textwrap import shorten

from sqlalchemy import Connection, Table, select

from chamdiem.contest.chronicle import MORE, Deed, Name, Thing, deeds_about
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.contest.registry import Registry
from chamdiem.contest.units import registry_now
from chamdiem.errors import Message, message, refuse
from chamdiem.office.footing import Footing
from chamdiem.office.report_rows import report_called
from chamdiem.office.support import given
from chamdiem.office.survey_rounds import questionnaire_of
from chamdiem.office.survey_words import spoken
from chamdiem.store import tables
from chamdiem.store.database import Store

LONGEST = 80  # letters of what a difficulty says


def chronicled(store: Store, actor: Actor) -> list[Row]:
    """The programmes whose journal a person may read: those that he manages."""
    with store.read() as connection:
        return [row for row in rows(connection, tables.programme) if _reads_journal(connection, actor, row["id"])]


def programme_deeds(store: Store, actor: Actor, programme: str) -> list[Deed]:
    """Everything that was done in a programme, from the first, for whoever manages it; raises Refusal."""
    registry = registry_now(store)
    with store.read() as connection:
        if not _reads_journal(connection, actor, programme):
            raise refuse("permission.not_found")
        names = _names(connection, registry, programme)
        return [_with_names(deed, names) for deed in deeds_about(connection, programme)]


def _reads_journal(connection: Connection, actor: Actor, programme: str) -> bool:
    """Not where a contest goes by the same key: its journal is not the programme's to show."""
    namesake = rows(connection, tables.contest, id=programme)
    return not namesake and Footing(connection, actor, programme).may("programme.manage")


def _with_names(deed: Deed, names: dict[tuple[str, int], Name]) -> Deed:
    """The same deed; what of its things has a name is told by it, each name once."""

    def named(one: Thing) -> Thing:
        every = (names.get((one.kind.id, seq)) for seq in range(deed.first, deed.last + 1))
        return one._replace(names=tuple(dict.fromkeys(name for name in every if name)))

    return replace(deed, things=tuple(map(named, deed.things)))


def _names(connection: Connection, registry: Registry, programme: str) -> dict[tuple[str, int], Name]:
    """What each thing of a programme is called, by its kind and the number of the event that wrote it."""
    rounds = {row["id"]: row for row in rows(connection, tables.survey_round, programme=programme)}
    callers = {**_called_at_work(connection, programme), **_called_in_field(registry)}
    found = {
        table: {row["id"]: call(row) for row in rows(connection, table, programme=programme)}
        for table, call in callers.items()
    }
    found[tables.survey_batch] = {
        row["id"]: message("thing.batch_of", label=row["label"], unit=of["unit_name"])
        for id, of in rounds.items()  # noqa: A001 - what it is called
        for row in rows(connection, tables.survey_batch, round=id)
    }
    event = tables.event
    return {
        (f"thing.{table.name}", seq): name
        for table, known in found.items()
        for seq, of in connection.execute(
            select(event.c.seq, event.c.row).where(event.c.contest == programme, event.c.entity == table.name)
        )
        if (name := known.get(of))
    }


def _called_at_work(connection: Connection, programme: str) -> dict[Table, Callable[[Row], Name]]:
    """What is done in the offices: members, figures, tasks, documents, reports, surveys."""
    members = {row["code"]: str(row["name"]) for row in rows(connection, tables.programme_member, programme=programme)}
    return {
        tables.programme_member: lambda row: str(row["name"]),
        tables.figure: lambda row: members.get(row["member"], ""),
        tables.task_state: lambda row: message(
            "thing.task_of", code=row["task"], member=members.get(row["member"], row["member"])
        ),
        tables.programme_document: lambda row: str(row["title"]),
        tables.report: lambda row: report_called(connection, row),
        tables.survey_round: lambda row: message(
            "thing.survey_of", title=spoken(questionnaire_of(connection, row["questionnaire"])), unit=row["unit_name"]
        ),
    }


def _called_in_field(registry: Registry) -> dict[Table, Callable[[Row], Name]]:
    """What is done in communes: each thing with the commune as it was called on its day."""

    def at(row: Row, day: str) -> str:
        unit = registry.get(row["unit"], date.fromisoformat(row[day]))
        return unit.name if unit else str(row["unit"])

    def visited(row: Row) -> Message:
        day = "held_on" if row["held_on"] else "planned_on"
        return message("thing.visit_of", unit=at(row, day), day=date.fromisoformat(row[day]))

    return {
        tables.difficulty: lambda row: message(
            "thing.difficulty_of", unit=at(row, "raised_on"), words=shorten(row["words"], LONGEST, placeholder=MORE)
        ),
        tables.visit: visited,
        tables.support: lambda row: message("thing.support_of", unit=at(row, "given_on"), given=given(row)),
        tables.sponsorship: lambda row: message("thing.sponsor_of", unit=at(row, "valid_from"), leader=row["leader"]),
    }
