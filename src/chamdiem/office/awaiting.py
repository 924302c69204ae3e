"""What waits for a person in the programmes at work: reports to hand in, to mend or to take, difficulties to answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import rows
from chamdiem.contest.registry import Registry
from chamdiem.contest.standing import OF_PROGRAMMES
from chamdiem.contest.units import registry_now
from chamdiem.errors import Message, message
from chamdiem.office.difficulties import OPEN, may_answer
from chamdiem.office.footing import RUNNING, Footing
from chamdiem.office.programme_reading import programmes_for
from chamdiem.office.report_rows import RETURNED, SUBMITTED, Owed, owed_in
from chamdiem.store import tables
from chamdiem.store.database import Store

AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Awaited:
    """One thing that waits: in which programme, what, on which page, and which report (duty/period/stage; "": none)."""

    programme: str
    what: Message
    page: str
    report: str = ""


def awaited_by(store: Store, actor: Actor, today: date) -> list[Awaited]:
    """What waits for a person now, programme by programme; reports count from 14 days before they are due."""
    if not any(grant.role in OF_PROGRAMMES for grant in actor.grants):
        return []
    registry = registry_now(store)
    running = [row["id"] for row in programmes_for(store, actor) if row["status"] == RUNNING]
    with store.read() as connection:
        return [one for id in running for one in _in(Footing(connection, actor, id), registry, today)]  # noqa: A001


def _in(footing: Footing, registry: Registry, today: date) -> Iterator[Awaited]:
    owed = list(owed_in(footing))
    for one in sorted((one for one in owed if _is_his(footing, one)), key=lambda one: one.due.until or date.max):
        if (why := _to_hand_in(one, today)) is not None:
            yield Awaited(footing.programme, why, "bao-cao-ky", one.due.key.partition("/")[2])
    to_take = [
        one for one in owed
        if one.member and one.row and one.row["status"] == SUBMITTED and footing.may("report.accept", one.member["code"])
    ]  # fmt: skip
    if to_take:
        first = to_take[0].due.key.partition("/")[2]
        yield Awaited(footing.programme, message("awaiting.to_take", n=len(to_take)), "bao-cao-ky", first)
    unanswered = rows(footing.connection, tables.difficulty, programme=footing.programme, status=OPEN)
    mine = sum(may_answer(footing, registry, row, today) for row in unanswered)
    if mine:
        yield Awaited(footing.programme, message("awaiting.to_answer", n=mine), "kho-khan")


def _is_his(footing: Footing, one: Owed) -> bool:
    """Whether he is the one who writes it."""
    verb = "report.consolidate" if one.due.collects is not None else "report.write"
    return one.member is not None and footing.may(verb, one.member["code"])


def _to_hand_in(one: Owed, today: date) -> Message | None:
    """What there is to say of a report that is not handed in; None while there is time, or when there is no day."""
    member = one.member["name"] if one.member else ""
    about = {"report": one.due.called, "member": member}
    if one.row is not None and one.row["status"] == RETURNED:
        return message("awaiting.returned", **about)
    if one.delivered_on or one.due.until is None or one.due.until - AHEAD > today:
        return None
    return message("awaiting.report", **about, state=one.label(today))
