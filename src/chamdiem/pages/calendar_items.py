"""One thing that is due, as the calendar shows it: the day, who owes it, and how each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from chamdiem.errors import Message, message
from chamdiem.office.report_rows import Owed, owed_for
from chamdiem.pages.desk import Desk
from chamdiem.pages.programme_chosen import PROGRAMME
from chamdiem.pages.programme_shelf import Shelved
from chamdiem.pages.report_asking import WHICH
from chamdiem.programmes import library
from chamdiem.programmes.due import Due, due_dates
from chamdiem.programmes.model import Programme
from chamdiem.programmes.organisations import name_on
from chamdiem.words import say

OPEN = ("not_set", "not_yet", "overdue")


@dataclass(frozen=True)
class Item:
    """A due and the programme it is of; `owed` is how each member of one at work stands, none of a document that is only
    read; `programme` is the key of one at work."""

    due: Due
    law: Programme
    owed: tuple[Owed, ...] = ()
    at_work: bool = False
    programme: str = ""

    @property
    def members(self) -> tuple[Owed, ...]:
        """Those who owe it."""
        return tuple(one for one in self.owed if one.member is not None)

    @property
    def owed_by(self) -> frozenset[str]:
        """Who owes it: the members, else the offices of the document."""
        return frozenset(one.member["code"] for one in self.members if one.member) or frozenset(self.due.by)

    @property
    def is_done(self) -> bool:
        """Whether everybody has handed it in."""
        return bool(self.members) and all(one.delivered_on for one in self.members)

    @property
    def address(self) -> str:
        """Where the report itself is; "" for one of a document that is only read."""
        named = {PROGRAMME: self.programme, WHICH: self.due.key.partition("/")[2]}
        return f"/bao-cao-ky?{urlencode(named)}" if self.programme else ""

    def is_overdue(self, today: date) -> bool:
        """Whether somebody owes it still though its time is over."""
        return any(one.word(today) == "overdue" for one in self.members)

    @property
    def is_closed(self) -> bool:
        """Whether its programme was closed: nobody waits for it any more."""
        return any(one.closed for one in self.owed)

    def debtors(self) -> str:
        """Who owes it, in words: the members by name, else as the document has it."""
        day = self.due.last or self.due.period.last
        named = [str(one.member["name"]) for one in self.members if one.member]
        return "; ".join(named or [name_on(self.law, each, day) for each in self.due.by])

    def receivers(self) -> str:
        """To whom it goes, and through whom."""
        day = self.due.last or self.due.period.last
        to, via = ([name_on(self.law, each, day) for each in ids] for ids in (self.due.to, self.due.via))
        nobody = "asking.to" if self.due.period.every == "ad_hoc" and self.at_work else "programme.none_written"
        words = "; ".join(to) or say(nobody)
        return say("calendar.via", to=words, via=via) if via else words

    def state(self, today: date) -> list[str]:
        """The facts: who came early, on time or late, who is still to come, how many working days are left."""
        if self.due.last is None:
            return [say("owed.not_set")]
        found = [_told(one, today, alone=len(self.members) == 1) for one in self.members if one.delivered_on]
        waiting = [str(one.member["name"]) for one in self.members if one.member and not one.delivered_on]
        if waiting and len(self.members) > 1:
            found.append(
                say("calendar.never_from" if self.is_closed else "calendar.waiting", n=len(waiting), names=waiting)
            )
        if self.at_work and self.owed and not self.members:
            found.append(say("calendar.no_member"))
        told = self.is_done or (self.is_closed and len(self.members) > 1)
        return found if told else [*found, *self._left(today)]

    def _left(self, today: date) -> list[str]:
        """How long there is, in days and working days; since when it is over for who has not handed it in."""
        until = self.due.until
        assert until is not None
        if until < today:
            return [say(self._over(today, until))]
        days = (until - today).days
        if not days:
            return [say("reminder.today")]
        worked = library.working_days(self.law.days_off.calendar).between(today, until)
        return [say("reminder.soon", days=days) if worked is None else say("calendar.left", days=days, worked=worked)]

    def _over(self, today: date, until: date) -> Message:
        """Since when it is over; of several that have not handed in no day is counted after the end of the programme."""
        if not self.members:
            return message("calendar.past")
        one = self.members[0]
        if len(self.members) == 1:
            return one.label(today)
        days = (min(today, one.ended or today) - until).days
        return message("calendar.over", days=days) if days > 0 else message("owed.overdue_since", day=until)


def _told(one: Owed, today: date, *, alone: bool) -> str:
    words = say(one.label(today))
    name = str(one.member["name"]) if one.member else ""
    day = one.delivered_on
    return (
        say("calendar.came", day=day, how=words) if alone else say("calendar.came_from", name=name, day=day, how=words)
    )


def items_of(desk: Desk, one: Shelved, first: date, last: date) -> list[Item]:
    """What is due from one day to another, both included, the earliest first; what has no day stands at its period's end."""
    if one.row is None:
        working = library.working_days(one.law.days_off.calendar)
        return [Item(due, one.law) for due in due_dates(one.law, first, last, working=working)]
    by_key: dict[str, list[Owed]] = {}
    for owed in owed_for(desk.store, desk.actor, one.key):
        if first <= (owed.due.last or owed.due.period.last or last) <= last:
            by_key.setdefault(owed.due.key, []).append(owed)
    return [
        Item(several[0].due, one.law, tuple(several), at_work=True, programme=one.key) for several in by_key.values()
    ]


def offices_of(found: Sequence[Item]) -> dict[str, str]:
    """Everybody who owes anything of this, by name."""
    pairs = (pair for item in found for pair in _named(item))
    return dict(sorted(dict(pairs).items(), key=lambda pair: pair[1]))


def _named(item: Item) -> Iterable[tuple[str, str]]:
    if item.members:
        return [(str(one.member["code"]), str(one.member["name"])) for one in item.members if one.member]
    return [(each, item.law.organisation(each).name) for each in item.due.by]
