"""What day and hour it is in Vietnam, wherever the machine stands: the days that people see and are held to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))  # all the year round; a machine may lack the names of time zones


def now() -> datetime:
    """This moment, as a clock on a wall in Vietnam says it."""
    return datetime.now(UTC).astimezone(VIETNAM)


def today() -> date:
    """The day it is in Vietnam."""
    return now().date()


def in_vietnam(moment: datetime) -> datetime:
    """A moment as a clock in Vietnam said it; what has no time zone was read from such a clock."""
    return moment.astimezone(VIETNAM) if moment.tzinfo is not None else moment.replace(tzinfo=VIETNAM)
