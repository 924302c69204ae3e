"""Due days of a contest: so many working days after a day, and whether it is too late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import numpy as np

from chamdiem.criteria.model import Calendar
from chamdiem.criteria.rules.dated import after_working_days, day_number, day_of
from chamdiem.errors import Refusal, refuse

Limit = Literal["on_or_before", "before"]


def due(start: date, working_days: int, calendar: Calendar) -> date:
    """The due day: the so-manieth working day after the start day, which itself never counts.

    Raises Refusal when the number of days is below 1, or when the calendar does not reach: a due day is never guessed.
    """
    if working_days < 1:
        raise refuse("criteria.step_not_positive", step=working_days)
    found, known = after_working_days(np.array([day_number(start)]), working_days, calendar.counted_days())
    if not known.all():
        raise refuse("criteria.calendar_does_not_reach", calendar=calendar.title, day=start)
    return day_of(found[0])


def last_day(due: date, limit: Limit = "on_or_before") -> date:
    """The last day that is in time: the due day itself, or the day before it where the text says "before"."""
    return due if limit == "on_or_before" else due - timedelta(days=1)


def overdue(due: date, today: date, limit: Limit = "on_or_before") -> bool:
    """Whether what is handed in today is late."""
    return today > last_day(due, limit)


def due_or_unknown(start: date, working_days: int, calendar: Calendar) -> str:
    """The due day (ISO), "" where the calendar does not reach: nobody loses a right because it was not written yet."""
    try:
        return due(start, working_days, calendar).isoformat()
    except Refusal as refusal:
        if refusal.problems[0].message.id != "criteria.calendar_does_not_reach":
            raise
        return ""


def working_days_left(today: date, due: date, calendar: Calendar) -> int | None:
    """How many working days there still are after today up to the due day: 0 on the day itself or after it; None where
    the calendar does not reach."""
    days = calendar.days()
    if not calendar.from_ <= today <= calendar.to or due > calendar.to:
        return None
    return int(np.count_nonzero((days > day_number(today)) & (days <= day_number(due))))
