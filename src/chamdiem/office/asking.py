"""Reports asked for out of turn: the leading office says what about, what in it, who and until when; or takes it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chamdiem.contest.permissions import Actor
from chamdiem.errors import refuse
from chamdiem.office.asked_reports import Asked, asked_in, free_key, spot_asked
from chamdiem.office.field_entry import Entry
from chamdiem.office.footing import Footing, order
from chamdiem.office.programmes_begun import is_delivered, is_member_on, kept_days, law_for
from chamdiem.programmes.due import key_of
from chamdiem.programmes.model import Duty, DutyStage, Programme
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A report as it is asked for: about what, what it must say, until which day (the last in time).

    `duty` and `stage` are those of a document that names such a report; without them the offices in `by` answer.
    """

    until: date
    subject: str
    content: str = ""
    duty: str = ""
    stage: str = ""
    by: Sequence[str] = ()


def ask_report(store: Store, actor: Actor, programme: str, wish: Wish, *, today: date, key: str = "") -> str:
    """Ask for a report today; returns the key under which it is due. Raises Refusal with everything that is wrong."""

    def put(transaction: Transaction) -> str:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("programme.manage")
        law, kept = law_for(footing.row).programme, kept_days(footing.row)
        entry = Entry(programme)
        subject = entry.words("subject", wish.subject)
        offices = _offices(entry, law, wish)
        _check_day(entry, footing, wish, today)
        if offices and not _answering(footing, offices, wish.until):
            entry.fault("asked_of", "asking.nobody", offices=[law.organisation(one).name for one in offices])
        place = key_of(law.id, wish.duty, today.isoformat(), wish.stage) if wish.duty else free_key(law, today, kept)
        if place in kept:
            entry.fault("subject", "asking.twice", day=today)
        entry.refuse_all()
        said = {
            "day": wish.until.isoformat(), "subject": subject, "content": wish.content.strip(),
            "by": [] if wish.duty else list(offices),
        }  # fmt: skip
        _keep(transaction, programme, {**kept, place: said})
        return place

    return store.write(order(actor, "report.ask", programme, reason=wish.subject.strip(), key=key), put)


def _offices(entry: Entry, law: Programme, wish: Wish) -> tuple[str, ...]:
    """The offices that are to answer."""
    if wish.duty:
        stage = next((stage for duty, stage in may_ask(law) if (duty.id, stage.id) == (wish.duty, wish.stage)), None)
        if stage is None:
            named = [f"{duty.id}/{one.id}" for duty, one in may_ask(law)]
            entry.fault("duty", "asking.unknown", duty=f"{wish.duty}/{wish.stage}", known=named)
        return stage.by if stage else ()
    known = {one.id for one in law.organisations}
    if not wish.by:
        entry.fault("asked_of", "field.missing")
    for one in wish.by:
        if one not in known:
            entry.fault("asked_of", "programme.unknown_office", office=one, known=sorted(known))
    return tuple(one for one in wish.by if one in known)


def _check_day(entry: Entry, footing: Footing, wish: Wish, today: date) -> None:
    """Not a day that is gone, nor one after the programme."""
    last = date.fromisoformat(footing.row["period_to"])
    if wish.until < today:
        entry.fault("until", "asking.day_gone", day=wish.until, today=today)
    elif wish.until > last:
        entry.fault("until", "asking.after_end", day=wish.until, end=last)


def _answering(footing: Footing, offices: Sequence[str], day: date) -> bool:
    return any(row["office"] in offices and is_member_on(row, day) for row in footing.members.values())


def may_ask(law: Programme) -> list[tuple[Duty, DutyStage]]:
    """The reports that a document wants when somebody asks."""
    return [(duty, one) for duty in law.duties if duty.every == "ad_hoc" and duty.what != "task" for one in duty.stages]


def take_back(store: Store, actor: Actor, programme: str, asked: str, reason: str) -> None:
    """Ask no more for what nobody has handed in yet, saying why; of its key the programme may be left out. Raises
    Refusal."""

    def put(transaction: Transaction) -> None:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("programme.manage")
        law, kept = law_for(footing.row).programme, kept_days(footing.row)
        place = asked if asked.startswith(f"{law.id}/") else f"{law.id}/{asked}"
        if place not in kept or spot_asked(law, place) is None:
            raise refuse("programme.no_such_due", key=asked)
        entry = Entry(programme)
        entry.words("reason", reason)
        entry.refuse_all()
        if is_delivered(transaction.connection, programme, place):
            raise refuse("asking.answered")
        _keep(transaction, programme, {one: said for one, said in kept.items() if one != place})

    store.write(order(actor, "report.ask_no_more", programme, reason=reason.strip()), put)


def _keep(transaction: Transaction, programme: str, days: dict[str, object]) -> None:
    kept = dict(sorted(days.items()))
    transaction.put(tables.programme, programme, {"days": json.dumps(kept, ensure_ascii=False)})


def asked_for(store: Store, actor: Actor, programme: str) -> dict[str, Asked]:
    """What was asked for in a programme of which a person may read anything, by key, the latest first."""
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        if not footing.own:
            footing.need("programme.read")
        return {one.key: one for one in asked_in(law_for(footing.row).programme, kept_days(footing.row))}
