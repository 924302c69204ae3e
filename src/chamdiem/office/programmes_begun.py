"""A programme at work: begun from a file whose words are kept under their hash, with its members and the days they set."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from chamdiem.contest.permissions import Actor, Subject, require
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.office.asked_reports import Kept, asked, day_of, spot_asked
from chamdiem.office.footing import RUNNING, Footing, order
from chamdiem.programmes import library
from chamdiem.programmes.due import Due, due_called, due_dates
from chamdiem.programmes.figures import FigureList, read_figures, text_for
from chamdiem.programmes.model import Programme
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
MEMBER = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass(frozen=True)
class Law:
    """What a programme at work goes by: its document, and the figures that its reports give (None: none)."""

    programme: Programme
    figures: FigureList | None


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """A programme as somebody wishes to begin it. The period (both days included) is as long as the document applies
    unless said otherwise; `sample` says of one that is made up how far it is built."""

    id: str
    source: str | Path
    title: str = ""
    period_from: date | None = None
    period_to: date | None = None
    sample: str = ""


@dataclass(frozen=True, kw_only=True)
class Member:
    """Who takes part: `office` is what the document calls it or its class, `unit` the code of a commune, `above` the
    member to whom it reports."""

    code: str
    name: str
    office: str
    unit: str = ""
    above: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


def begin_programme(store: Store, actor: Actor, wish: Beginning) -> str:
    """Begin a programme; its words are kept as they are today, whatever becomes of the file. Returns its id."""
    require(actor, "programme.manage", Subject())
    found = library.load(wish.source)
    words = {"programme": library.text_of(wish.source), "figures": text_for(found.id)}
    figures = read_figures(words["figures"], f"{found.id}.yaml", found) if words["figures"] else None
    del figures  # read now, so that nothing wrong is kept
    first, last = wish.period_from or found.effective.from_, wish.period_to or found.effective.to
    about = {
        "code": found.id, "edition": library.content_hash(found), "title": wish.title or found.title,
        "body": json.dumps(words, ensure_ascii=False, sort_keys=True), "days": "{}", "status": RUNNING,
        "period_from": first.isoformat(), "period_to": last.isoformat() if last else "", "sample": wish.sample,
    }  # fmt: skip

    def begin(transaction: Transaction) -> str:
        taken = transaction.row(tables.programme, wish.id) is not None
        if problems := [Problem(Where(path=(wish.id,)), why) for why in _not_to_begin(wish.id, first, last, taken)]:
            raise Refusal(problems)
        transaction.put(tables.programme, wish.id, about, expected=0)
        return wish.id

    return store.write(order(actor, "programme.begin", wish.id), begin)


def _not_to_begin(id: str, first: date, last: date | None, taken: bool) -> Iterator[Message]:  # noqa: A002
    if not ID.fullmatch(id):
        yield message("programme.bad_id", id=id)
    if taken:
        yield message("programme.exists", id=id)
    if last is None:
        yield message("programme.needs_end")
    elif last < first:
        yield message("criteria.dates_reversed", start=first, end=last)


def law_for(row: Row) -> Law:
    """What a programme at work goes by; refused when its words no longer give the hash it was begun with."""
    return _law(row["body"], row["edition"])


@lru_cache(maxsize=32)
def _law(body: str, edition: str) -> Law:
    words = json.loads(body)
    programme = library.read(words["programme"], "programme")
    if library.content_hash(programme) != edition:
        raise refuse("programme.words_changed", hash=edition[:12])
    return Law(programme, read_figures(words["figures"], "figures", programme) if words["figures"] else None)


# members --------------------------------------------------------------------------------------------------------


def set_members(store: Store, actor: Actor, programme: str, members: Sequence[Member]) -> None:
    """Add members, or say anew who they are; all of them or none. Raises Refusal with everything that is wrong."""

    def put(transaction: Transaction) -> None:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("programme.manage")
        after = {code: row["above"] for code, row in footing.members.items()} | {one.code: one.above for one in members}
        law = law_for(footing.row).programme
        problems = [
            Problem(Where(path=(one.code,)), why)
            for one in members
            for why in wrong_member(transaction.connection, law, one, after)
        ]
        codes = [one.code for one in members]
        problems += [
            Problem(Where(path=(code,)), message("programme.member_twice", code=code))
            for code in dict.fromkeys(codes)
            if codes.count(code) > 1
        ]
        if problems:
            raise Refusal(problems)
        for one in members:
            transaction.put(tables.programme_member, f"{programme}/{one.code}", member_values(programme, one))

    store.write(order(actor, "programme.members", programme), put)


def member_values(programme: str, one: Member) -> dict[str, object]:
    """A member as the store keeps it."""
    return {
        "programme": programme, "code": one.code, "name": one.name.strip(), "office": one.office, "unit": one.unit,
        "above": one.above, "valid_from": one.valid_from.isoformat() if one.valid_from else "",
        "valid_to": one.valid_to.isoformat() if one.valid_to else "",
    }  # fmt: skip


def wrong_member(connection: Connection, law: Programme, one: Member, above: Mapping[str, str]) -> Iterator[Message]:
    """What is wrong with a member; `above` says of every one to whom it reports."""
    if not MEMBER.fullmatch(one.code) or not one.name.strip():
        yield message("programme.bad_member", code=one.code)
    if one.office not in {each.id for each in law.organisations}:
        yield message("programme.unknown_office", office=one.office, known=[each.id for each in law.organisations])
    if one.unit and not rows(connection, tables.unit, code=one.unit):
        yield message("contest.unknown_unit", unit=one.unit)
    if one.above and one.above not in above:
        yield message("programme.unknown_member", member=one.above)
    if one.code in chain(one.code, above):
        yield message("programme.circle", name=one.name)
    if one.valid_from and one.valid_to and one.valid_to < one.valid_from:
        yield message("criteria.dates_reversed", start=one.valid_from, end=one.valid_to)


def members_for(store: Store, actor: Actor, programme: str) -> list[Row]:
    """The members of a programme that a person works for, or all of them for the leading office; by code."""
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        if not footing.own:
            footing.need("programme.read")
        return [row for code, row in sorted(footing.members.items()) if code in footing.own]


def chain(code: str, above: Mapping[str, str]) -> list[str]:
    """Everybody above a member, the nearest first."""
    found: list[str] = []
    while (code := above.get(code, "")) and code not in found:
        found.append(code)
    return found


def is_member_on(member: Row, day: date | None) -> bool:
    """Whether a member took part on a day; when no day is known, whether it ever did."""
    text = day.isoformat() if day else ""
    return not text or (member["valid_from"] <= text and (not member["valid_to"] or text <= member["valid_to"]))


# days -----------------------------------------------------------------------------------------------------------


def set_day(store: Store, actor: Actor, programme: str, key: str, day: date | None) -> None:
    """Say on which day something is due for which the document names none, or take the day back; the software guesses
    none. What is wanted "đột xuất" is asked for so, the day of asking being its period. Raises Refusal: nothing goes by
    this key, the document itself names the day, or somebody has handed it in."""

    def put(transaction: Transaction) -> None:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("programme.manage")
        law = law_for(footing.row).programme
        spot = spot_asked(law, key)
        if spot is None:
            due_called(law, key, given={key: day or date(2000, 1, 1)})
        elif spot.duty is None and key not in kept_days(footing.row):
            raise refuse("programme.no_such_due", Where(path=(key,)), key=key)
        elif day is not None and day < spot.asked_on:
            raise refuse("criteria.dates_reversed", Where(path=(key,)), start=spot.asked_on, end=day)
        if is_delivered(transaction.connection, programme, key):
            raise refuse("programme.day_delivered", due=due_for(footing.row, key).called)
        before = kept_days(footing.row)
        said = before.get(key, "")
        new = day.isoformat() if day else ""
        days = {**before, key: new if isinstance(said, str) or not new else {**said, "day": new}}
        kept = {each: text for each, text in sorted(days.items()) if text}
        transaction.put(tables.programme, programme, {"days": json.dumps(kept, ensure_ascii=False)})

    store.write(order(actor, "programme.set_day", programme), put)


def is_delivered(connection: Connection, programme: str, key: str) -> bool:
    """Whether somebody has handed in what goes by this key: what was late stays late."""
    spot = key.split("/")[1:]
    reports = rows(connection, tables.report, programme=programme)
    return any(row["delivered_on"] and [row["duty"], row["period"], row["stage"]] == spot for row in reports)


def given_days(row: Row) -> dict[str, date]:
    """The days that users have set, by the key of what is due."""
    return {key: day_of(said) for key, said in kept_days(row).items()}


def kept_days(row: Row) -> Kept:
    """The same with all that was said of what was asked for."""
    found: Kept = json.loads(row["days"] or "{}")
    return found


def dues_of(row: Row) -> tuple[Due, ...]:
    """Everything that is due in the period of a programme at work, the earliest first; what was asked for too."""
    law, days = law_for(row).programme, given_days(row)
    first, last = (date.fromisoformat(row[name]) for name in ("period_from", "period_to"))
    working = library.working_days(law.days_off.calendar)
    given = {key: day for key, day in days.items() if spot_asked(law, key) is None}
    found = due_dates(law, first, last, given=given, working=working, beyond=True)
    more = asked(law, kept_days(row), first, last, working)
    return tuple(sorted((*found, *more), key=lambda due: due.last or due.period.last or date.max))


def due_for(row: Row, key: str) -> Due:
    """The one thing that goes by this key in a programme at work; refused when it is not due in its period."""
    law = law_for(row).programme
    whole = key if key.startswith(f"{law.id}/") else f"{law.id}/{key}"
    found = next((one for one in dues_of(row) if one.key == whole), None)
    if found is None:
        raise refuse("programme.no_such_due", Where(path=(row["id"],)), key=key)
    return found


def owing(due: Due, members: Iterable[Row]) -> list[Row]:
    """The members that owe what is due: of an office that the document names, and taking part on its day."""
    return [one for one in members if one["office"] in due.by and is_member_on(one, due.last or due.period.last)]
