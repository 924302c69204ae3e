"""Due days as an iCalendar file, for the calendars people already have: whole-day events, the same names every time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from chamdiem.programmes.due import Due
from chamdiem.programmes.model import Programme
from chamdiem.programmes.organisations import name_on
from chamdiem.words import language, say

ALARM_AT = timedelta(hours=9)  # of a whole-day event a reminder counts from midnight: nobody wants to be woken


def icalendar(
    dues: Iterable[Due], programmes: Mapping[str, Programme], *, made_at: datetime, alarm_days: int | None = None
) -> bytes:
    """The file: one event on the last day in time of each, what has no day left out; `made_at` is its time stamp.

    `alarm_days` puts a reminder at nine in the morning so many days before. Programmes are found by id.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//chamdiem//programmes//{language().upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", say("ical.name"))
    for due in dues:
        if due.last is not None:
            calendar.add_component(_event(due, programmes[due.programme], made_at, alarm_days))
    written: bytes = calendar.to_ical()
    return written


def _event(due: Due, programme: Programme, made_at: datetime, alarm_days: int | None) -> Event:
    event, last = Event(), due.last
    assert last is not None
    title = say("ical.title", title=due.title, period=due.period.label, rule=due.rule)
    event.add("uid", f"{due.key}@chamdiem")
    event.add("dtstamp", made_at)
    event.add("dtstart", due.first or last)
    event.add("dtend", last + timedelta(days=1))
    event.add("summary", title)
    event.add("description", "\n".join(_about(due, programme)))
    event.add("categories", [programme.title])
    event.add("transp", "TRANSPARENT")
    if alarm_days is not None:
        event.add_component(_alarm(title, (last - (due.first or last)), alarm_days))
    return event


def _alarm(title: str, length: timedelta, days: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", length - timedelta(days=days) + ALARM_AT)
    return alarm


def _about(due: Due, programme: Programme) -> Iterable[str]:
    duty = programme.duty(due.duty)
    stage = next(stage for stage in duty.stages if stage.id == due.stage) if duty else None
    yield say("ical.stage", stage=due.stage_title)
    for name, ids in (("by", due.by), ("to", due.to), ("via", due.via)):
        if ids:
            yield say(f"ical.{name}", names=[name_on(programme, each, due.last) for each in ids])
    if stage is not None:
        yield say("ical.quote", clause=stage.clause, quote=stage.quote)
    yield say("ical.document", number=programme.document.number, issuer=programme.document.issuer)
    yield from map(say, due.beside)
    yield say(f"status.{programme.status}")
