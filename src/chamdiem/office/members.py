"""Members of a programme as they change: a name, an office, whom they report to; or the day their part in it ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Message, Problem, Where, message, refuse
from chamdiem.office.field_entry import Entry
from chamdiem.office.footing import Footing, order
from chamdiem.office.programmes_begun import Member, is_member_on, law_for, member_values, wrong_member
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction

WHAT = ("office", "unit")  # what a member is: once it has reported as such, it stays so


def member_of(row: Row) -> Member:
    """A member as it would be entered."""
    first, last = (date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to"))
    return Member(
        code=row["code"], name=row["name"], office=row["office"], unit=row["unit"], above=row["above"],
        valid_from=first, valid_to=last,
    )  # fmt: skip


def change_member(
    store: Store, actor: Actor, programme: str, changed: Member, reason: str, *, expected: int | None = None
) -> None:
    """Say anew who a member is, and why; what it was stays in the journal. Raises Refusal with everything that is wrong:
    one that has handed in reports stays what it is, for they speak of it as such."""

    def put(transaction: Transaction) -> None:
        footing, before = _managed(transaction, actor, programme, changed.code)
        entry = Entry(programme, changed.code)
        entry.words("reason", reason)
        for why in _not_to_change(transaction.connection, footing, before, changed):
            entry.problems.append(Problem(Where(path=(changed.code,)), why))
        entry.refuse_all()
        transaction.put(
            tables.programme_member, f"{programme}/{changed.code}", member_values(programme, changed), expected
        )

    store.write(order(actor, "programme.member_change", programme, reason=reason.strip()), put)


def end_membership(
    store: Store, actor: Actor, programme: str, member: str, last: date, reason: str, *, expected: int | None = None
) -> None:
    """End a member's part in a programme; `last` is its last day. What it reported stays; what is due later it owes no
    more. Raises Refusal: it has handed in something due later, or others still report to it."""

    def put(transaction: Transaction) -> None:
        footing, before = _managed(transaction, actor, programme, member)
        entry = Entry(programme, member)
        entry.words("reason", reason)
        changed = replace(member_of(before), valid_to=last)
        for why in _not_to_end(transaction.connection, footing, before, changed, last):
            entry.problems.append(Problem(Where(path=(member,)), why))
        entry.refuse_all()
        transaction.put(tables.programme_member, f"{programme}/{member}", member_values(programme, changed), expected)

    store.write(order(actor, "programme.member_end", programme, reason=reason.strip()), put)


def _managed(transaction: Transaction, actor: Actor, programme: str, member: str) -> tuple[Footing, Row]:
    footing = Footing(transaction.connection, actor, programme)
    footing.need("programme.manage")
    if member not in footing.members:
        raise refuse("programme.unknown_member", member=member)
    return footing, footing.members[member]


def _above(footing: Footing, changed: Member) -> Mapping[str, str]:
    return {code: row["above"] for code, row in footing.members.items()} | {changed.code: changed.above}


def _not_to_change(connection: Connection, footing: Footing, before: Row, changed: Member) -> Iterator[Message]:
    if member_of(before) == replace(changed, name=changed.name.strip()):
        yield message("support.nothing_changed")
    if any(before[name] != getattr(changed, name) for name in WHAT) and _reported(connection, footing, changed.code):
        yield message("member.reported", name=before["name"])
    yield from wrong_member(connection, law_for(footing.row).programme, changed, _above(footing, changed))


def _not_to_end(
    connection: Connection, footing: Footing, before: Row, changed: Member, last: date
) -> Iterator[Message]:
    later = [row for row in _reported(connection, footing, changed.code) if row["due"] > last.isoformat()]
    if later:
        yield message("member.reported_later", day=max(date.fromisoformat(row["due"]) for row in later))
    below = [row["name"] for row in footing.members.values() if row["above"] == changed.code and not _over(row, last)]
    if below:
        yield message("member.others_below", names=below)
    yield from wrong_member(connection, law_for(footing.row).programme, changed, _above(footing, changed))


def _over(row: Row, day: date) -> bool:
    """Whether a member's part is over after this day too."""
    return bool(row["valid_to"]) and row["valid_to"] <= day.isoformat()


def _reported(connection: Connection, footing: Footing, member: str) -> list[Row]:
    """What a member has handed in."""
    found = rows(connection, tables.report, programme=footing.programme, member=member)
    return [row for row in found if row["delivered_on"]]


def takes_part(row: Row, today: date) -> bool:
    """Whether a member takes part today, or will."""
    return is_member_on(row, today) or row["valid_from"] > today.isoformat()


def people_of(store: Store, actor: Actor, programme: str) -> dict[str, list[str]]:
    """Who works for each member, by name; for whoever manages the programme."""
    with store.read() as connection:
        Footing(connection, actor, programme).need("programme.manage")
        names = {row["id"]: row["name"] or row["login"] for row in rows(connection, tables.person)}
        found: dict[str, list[str]] = defaultdict(list)
        for grant in rows(connection, tables.grant, contest=programme, role="programme_officer"):
            if grant["account"] in names:
                found[grant["unit"]].append(names[grant["account"]])
    return {code: sorted(set(several)) for code, several in found.items()}
