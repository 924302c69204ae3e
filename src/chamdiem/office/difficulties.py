"""Difficulties with their proposals: raised in a commune, passed upward a level at a time, answered with date and name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from chamdiem.contest.deadlines import due_or_unknown
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row
from chamdiem.contest.registry import RegisteredUnit, Registry
from chamdiem.contest.units import registry_now
from chamdiem.criteria import library
from chamdiem.errors import refuse
from chamdiem.office.field_entry import Entry, day_of
from chamdiem.office.field_rows import order_about, row_at, rows_for, rows_of_commune
from chamdiem.office.footing import Footing, order
from chamdiem.office.lineage import (
    COMMUNE,
    DISTRICT,
    DISTRICTS_UNTIL,
    PROVINCE,
    Kept,
    into,
    ladder,
    place_on,
)
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction

OPEN, ANSWERED = "open", "answered"
LEVELS = (COMMUNE, DISTRICT, PROVINCE)
CALENDAR = "vn"


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A difficulty as it is raised: about which commune (the code it has on that day), by which member if by one.

    `working_days` is how long the level has for its answer where the programme or a letter says so; 0 says nothing.
    """

    unit: str
    words: str
    proposal: str
    on: date
    member: str = ""
    working_days: int = 0


@dataclass(frozen=True)
class Step:
    """One level's part: since when it has the difficulty, until when it should answer, what it answered, when and who.

    Days are ISO; "" where there is none. A level that passes a difficulty on says why: that is its answer.
    """

    level: str
    on: str
    due: str = ""
    answer: str = ""
    answered_by: str = ""
    answered_on: str = ""

    def late(self, today: date) -> bool:
        """Whether the answer came, or is to come, after its day."""
        return bool(self.due) and (self.answered_on or today.isoformat()) > self.due


def raise_difficulty(store: Store, actor: Actor, programme: str, raised: Raised, *, today: date, key: str = "") -> str:
    """Take down a difficulty, which stands with the commune first; returns its key. Raises Refusal with everything wrong."""
    registry = registry_now(store)

    def enter(transaction: Transaction) -> str:
        footing = Footing(transaction.connection, actor, programme)
        member = footing.member_for("difficulty.raise", raised.member)
        entry = Entry(programme, raised.unit)
        on, place = entry.past("raised_on", raised.on, today), entry.commune(registry, raised.unit, raised.on)
        footing.check_member(entry, member, raised.unit, registry, raised.on)
        words, proposal = entry.words("words", raised.words), entry.words("proposal", raised.proposal)
        due = _due(entry, raised.on, raised.working_days)
        entry.refuse_all()
        assert place is not None
        step = Step(COMMUNE, on, due)
        about = {"programme": programme, "member": member, "unit": place.unit.code, "raised_on": on}
        said = {"words": words, "proposal": proposal, "status": OPEN, **_standing([step])}
        id = footing.next_id(tables.difficulty, place.unit.code)  # noqa: A001 - the column is called so
        transaction.put(tables.difficulty, id, {**about, **said}, expected=0)
        return id

    return store.write(order(actor, "difficulty.raise", programme, key=key), enter)


def escalate(
    store: Store,
    actor: Actor,
    difficulty: str,
    why: str,
    *,
    by: str,
    on: date,
    today: date,
    working_days: int = 0,
    expected: int | None = None,
) -> str:
    """Pass a difficulty on to the next level of that day; returns which. There is no district after 30/6/2025."""
    registry = registry_now(store)

    def pass_on(transaction: Transaction) -> str:
        steps = _open(transaction, actor, registry, difficulty, today)
        entry = Entry(difficulty)
        last = _answered(entry, steps[-1], why, by, on, today)
        above = _above(steps[-1].level, on)
        if not above:
            entry.fault("level", "difficulty.highest")
        due = _due(entry, on, working_days)
        entry.refuse_all()
        steps = [*steps[:-1], last, Step(above, on.isoformat(), due)]
        transaction.put(tables.difficulty, difficulty, _standing(steps), expected)
        return above

    return store.write(order_about(store, actor, "difficulty.escalate", tables.difficulty, difficulty, why), pass_on)


def answer(
    store: Store,
    actor: Actor,
    difficulty: str,
    words: str,
    *,
    by: str,
    on: date,
    today: date,
    expected: int | None = None,
) -> int:
    """Answer a difficulty at the level where it stands; `by` is who answers. A district answers until 30/6/2025."""
    registry = registry_now(store)

    def close(transaction: Transaction) -> int:
        steps = _open(transaction, actor, registry, difficulty, today)
        entry = Entry(difficulty)
        if steps[-1].level not in ladder(on):
            entry.fault("level", "difficulty.no_district", until=DISTRICTS_UNTIL)
        last = _answered(entry, steps[-1], words, by, on, today)
        entry.refuse_all()
        said = {"answer": last.answer, "answered_by": last.answered_by, "answered_on": last.answered_on}
        about = {**_standing([*steps[:-1], last]), **said, "status": ANSWERED}
        return transaction.put(tables.difficulty, difficulty, about, expected)

    return store.write(order_about(store, actor, "difficulty.answer", tables.difficulty, difficulty, words), close)


def _answered(entry: Entry, step: Step, words: str, by: str, on: date, today: date) -> Step:
    """A step with its answer; not from before it came there."""
    day = entry.past("answered_on", on, today)
    if day < step.on:
        entry.fault("answered_on", "difficulty.answered_before", day=on, since=day_of(step.on))
    said, who = entry.words("answer", words), entry.words("answered_by", by)
    return Step(step.level, step.on, step.due, said, who, day)


def _above(level: str, day: date) -> str:
    """The next level above this one on a day, "" above the province."""
    return next((one for one in ladder(day) if LEVELS.index(one) > LEVELS.index(level)), "")


def _due(entry: Entry, start: date, working_days: int) -> str:
    """The last day for an answer, "" where nothing is said or the calendar does not reach."""
    if working_days == 0:
        return ""
    if working_days < 0:
        entry.fault("working_days", "criteria.step_not_positive", step=working_days)
        return ""
    return due_or_unknown(
        start, working_days, library.read_calendar(library.folder() / "calendars" / f"{CALENDAR}.yaml")
    )


def _standing(steps: Sequence[Step]) -> dict[str, str]:
    """Where a difficulty stands, as the store keeps it."""
    kept = json.dumps([asdict(step) for step in steps], ensure_ascii=False, sort_keys=True)
    return {"level": steps[-1].level, "due": steps[-1].due, "escalated": kept}


def steps_of(row: Row) -> list[Step]:
    """The way of a difficulty, the first level first."""
    return [Step(**step) for step in json.loads(row["escalated"])]


def may_answer(footing: Footing, registry: Registry, row: Row, today: date) -> bool:
    """Whether a person may answer a difficulty, or pass it on: the leading office at every level; at the level of the
    commune also who works for the commune that it is about, or for what that commune has become."""
    if footing.may("difficulty.answer", row["member"]):
        return True
    if steps_of(row)[-1].level != COMMUNE:
        return False
    homes = {row["unit"], *(unit.code for unit in _whom(registry, row["unit"], _raised_on(row), COMMUNE, today))}
    return any(
        member["unit"] in homes and footing.may("difficulty.answer_own", code)
        for code, member in footing.members.items()
    )


def _open(transaction: Transaction, actor: Actor, registry: Registry, difficulty: str, today: date) -> list[Step]:
    """The way of a difficulty that waits for an answer, which this person may give."""
    footing, row = row_at(transaction, actor, tables.difficulty, difficulty)
    if not may_answer(footing, registry, row, today):
        footing.need("difficulty.answer", row["member"])
    if row["status"] != OPEN:
        raise refuse("difficulty.answered_already", on=day_of(row["answered_on"]), by=row["answered_by"])
    return steps_of(row)


@dataclass(frozen=True)
class Waiting:
    """A difficulty without an answer: since when it waits, at which level, for whom, and whether that is too late.

    `stranded`: it stood with a district when districts ended, so it is now the province that must take it up.
    """

    row: Row
    since: date
    level: str
    whom: tuple[RegisteredUnit, ...]
    due: str
    late: bool
    stranded: bool


def waiting_for(
    store: Store, actor: Actor, programme: str, *, today: date, level: str = "", unit: str = ""
) -> list[Waiting]:
    """The difficulties of a programme that wait for an answer, the longest first: all, of a level, or for one unit (a
    province or district by its code, a commune with what it was before)."""
    registry = registry_now(store)
    unanswered = (row for row in difficulties_for(store, actor, programme) if row["status"] == OPEN)
    found = (_waiting(registry, row, today) for row in unanswered if day_of(row["raised_on"]) <= today)
    meant = [
        one for one in found if level in ("", one.level) and (not unit or unit in {each.code for each in one.whom})
    ]
    return sorted(meant, key=lambda one: (one.since, one.row["id"]))


def _waiting(registry: Registry, row: Row, today: date) -> Waiting:
    last = steps_of(row)[-1]
    stranded = last.level not in ladder(today)
    level = PROVINCE if stranded else last.level
    whom = _whom(registry, row["unit"], day_of(row["raised_on"]), level, today)
    return Waiting(row, day_of(last.on), level, whom, last.due, last.late(today), stranded)


def _whom(registry: Registry, code: str, day: date, level: str, today: date) -> tuple[RegisteredUnit, ...]:
    """Who must answer today: what the commune has become, or what stands above it now, each once."""
    unit = registry.get(code, day)
    now = () if unit is None else into(registry, unit, today)
    places = (place_on(registry, one.code, today) for one in now)
    found = (place.at(level) for place in places if place is not None)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _raised_on(row: Row) -> date:
    return day_of(row["raised_on"])


def difficulties_for(store: Store, actor: Actor, programme: str) -> list[Row]:
    """The difficulties of a programme that a person may read, in the order in which they were raised."""
    return rows_for(store, actor, programme, tables.difficulty, _raised_on)


def difficulties_of(store: Store, actor: Actor, programme: str, unit: str, *, today: date) -> list[Kept[Row]]:
    """The difficulties of a commune, and of what it was before, marked as such."""
    return rows_of_commune(store, unit, today, difficulties_for(store, actor, programme), _raised_on)
