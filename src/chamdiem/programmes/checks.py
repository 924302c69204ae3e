"""Whether a programme makes sense as a whole: names exist, every task has an owner, every date rule can fall."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from chamdiem.criteria.checks.places import Found, Loc, repeats, unknown
from chamdiem.errors import message
from chamdiem.programmes.duty_checks import duty_faults
from chamdiem.programmes.model import Organisation, Programme
from chamdiem.programmes.working_days import ExpectedCalendar

Around: TypeAlias = Callable[[Organisation], Iterable[str]]


def faults(programme: Programme, calendars: Collection[str]) -> Iterator[Found]:
    """Everything wrong with a programme that was read: the place as a path of the file's own keys, and the sentence.

    `calendars` are the names of the working calendars there are.
    """
    yield from _terms(programme, calendars)
    yield from _alone(programme)
    yield from _named(programme)
    yield from _owners(programme)
    for at, one in enumerate(programme.organisations):
        yield from _organisation(programme, ("organisations", at), one)
    for at, duty in enumerate(programme.duties):
        yield from duty_faults(programme, ("duties", at), duty)


def undecided_faults(calendar: ExpectedCalendar) -> Iterator[Found]:
    """Gaps of an expected calendar that end before they begin, or lie outside it."""
    for at, gap in enumerate(calendar.undecided):
        if gap.to < gap.from_:
            yield ("undecided", at, "to"), message("criteria.dates_reversed", start=gap.from_, end=gap.to)
        for key, day in (("from", gap.from_), ("to", gap.to)):
            if not calendar.from_ <= day <= calendar.to:
                yield ("undecided", at, key), message("criteria.day_outside_calendar", day=day)


def _terms(programme: Programme, calendars: Collection[str]) -> Iterator[Found]:
    span, replaced, policy = programme.effective, programme.replaces, programme.days_off
    if span.to is not None and span.to < span.from_:
        yield ("effective", "to"), message("criteria.dates_reversed", start=span.from_, end=span.to)
    if replaced is not None and replaced.programme is not None:
        name, _, version = replaced.programme.partition("@")
        if not name or not version:
            yield ("replaces", "programme"), message("programme.replaces_form")
        if (name, version) == (programme.id, programme.version):
            yield ("replaces", "programme"), message("programme.replaces_itself")
    if policy.calendar not in calendars:
        yield ("days_off", "calendar"), unknown("programme.unknown_calendar", policy.calendar, calendars)
    if policy.when_off != "keep" and policy.clause is None:
        yield ("days_off", "when_off"), message("programme.moved_without_clause")


def _alone(programme: Programme) -> Iterator[Found]:
    """Ids and codes that stand twice."""
    groups = [(("groups", at, "code"), group.code) for at, group in enumerate(programme.groups)]
    tasks = [
        (("groups", at, "tasks", n, "code"), task.code)
        for at, group in enumerate(programme.groups)
        for n, task in enumerate(group.tasks)
    ]
    yield from repeats([*groups, *tasks], "programme.repeated_code")
    lists: list[tuple[Loc, Iterable[str]]] = [
        (("organisations",), (one.id for one in programme.organisations)),
        (("duties",), (one.id for one in programme.duties)),
    ]
    for at, duty in enumerate(programme.duties):
        lists.append((("duties", at, "stages"), (one.id for one in duty.stages)))
        lists.append((("duties", at, "phases"), (one.id for one in duty.phases)))
    for loc, ids in lists:
        yield from repeats((((*loc, at, "id"), one) for at, one in enumerate(ids)), "criteria.repeated_id")


def _named(programme: Programme) -> Iterator[Found]:
    """Organisations that are named but not described, or named twice in one list."""
    known = {one.id for one in programme.organisations}
    for loc, ids in _mentions(programme):
        placed = [((*loc, at), each) for at, each in enumerate(ids)]
        yield from repeats(placed, "criteria.repeated_item")
        for where, each in placed:
            if each not in known:
                yield where, unknown("programme.unknown_organisation", each, known)


def _mentions(programme: Programme) -> Iterator[tuple[Loc, tuple[str, ...]]]:
    yield ("objects",), programme.objects
    for at, one in enumerate(programme.organisations):
        if one.succeeded_by is not None:
            yield ("organisations", at, "succeeded_by", "by"), one.succeeded_by.by
    for at, group in enumerate(programme.groups):
        holders: list[tuple[Loc, object]] = [(("groups", at), group)]
        holders += [(("groups", at, "tasks", n), task) for n, task in enumerate(group.tasks)]
        for loc, holder in holders:
            owners = getattr(holder, "owners", None)
            if owners is not None:
                yield (*loc, "owners", "lead"), owners.lead
                yield (*loc, "owners", "with"), owners.with_
    for at, duty in enumerate(programme.duties):
        for n, stage in enumerate(duty.stages):
            for key in ("by", "to", "via"):
                yield ("duties", at, "stages", n, key), getattr(stage, key)
    for at, recipient in enumerate(programme.recipients):
        yield ("recipients", at, "who"), recipient.who


def _owners(programme: Programme) -> Iterator[Found]:
    for at, group in enumerate(programme.groups):
        for n, task in enumerate(group.tasks):
            if task.owners is None and group.owners is None:
                yield ("groups", at, "tasks", n), message("programme.no_owner", code=task.code)


def _organisation(programme: Programme, loc: Loc, one: Organisation) -> Iterator[Found]:
    """Days that contradict each other, and circles of what stands within or comes after what."""
    known = {each.id: each for each in programme.organisations}
    if one.from_ and one.to and one.to < one.from_:
        yield (*loc, "to"), message("criteria.dates_reversed", start=one.from_, end=one.to)
    after = one.succeeded_by
    if after is not None and (one.to is None or one.to >= after.from_):
        yield (*loc, "succeeded_by", "from"), message("programme.succession_overlaps", day=after.from_)
    if one.within is not None and one.within not in known:
        yield (*loc, "within"), unknown("programme.unknown_organisation", one.within, known)
    if one.id in _reached(one, _enclosing, known):
        yield (*loc, "within"), message("programme.circle", name=one.name)
    if one.id in _reached(one, _successors, known):
        yield (*loc, "succeeded_by", "by"), message("programme.circle", name=one.name)


def _enclosing(one: Organisation) -> tuple[str, ...]:
    return (one.within,) if one.within else ()


def _successors(one: Organisation) -> tuple[str, ...]:
    return one.succeeded_by.by if one.succeeded_by else ()


def _reached(one: Organisation, step: Around, known: Mapping[str, Organisation]) -> set[str]:
    """Every organisation that is reached from this one by going on and on."""
    found: set[str] = set()
    ahead = [*step(one)]
    while ahead:
        each = ahead.pop()
        if each not in found and each in known:
            found.add(each)
            ahead += step(known[each])
    return found
