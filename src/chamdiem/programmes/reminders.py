"""What each office should be reminded of today: overdue, due today, due soon, or still without a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from chamdiem.errors import Message, message
from chamdiem.programmes.due import Due


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing an office should think of; `days` to its last day, or since then when overdue; None without a day."""

    due: Due
    word: Literal["overdue", "today", "soon", "not_set"]
    days: int | None

    @property
    def label(self) -> Message:
        """How urgent it is, in words."""
        return message(f"reminder.{self.word}", days=self.days or 0)


def reminders(
    dues: Iterable[Due], today: date, *, ahead: int = 14, done: Collection[str] = ()
) -> dict[str, tuple[Reminder, ...]]:
    """By office (id of the organisation that owes), what is not done (by key) and due within so many days, oldest first.

    What has no day is recalled from so many days before its period ends, for somebody must set the day.
    """
    found: dict[str, list[Reminder]] = defaultdict(list)
    for due in dues:
        reminder = None if due.key in done else _reminder(due, today, ahead)
        for office in due.by if reminder else ():
            found[office].append(reminder) if reminder else None
    return {office: tuple(sorted(found[office], key=_urgency)) for office in sorted(found)}


def _reminder(due: Due, today: date, ahead: int) -> Reminder | None:
    if due.until is None:
        ends = due.period.last
        return Reminder(due, "not_set", None) if ends is None or ends - timedelta(days=ahead) <= today else None
    days = (due.until - today).days
    if days > ahead:
        return None
    return Reminder(due, "overdue" if days < 0 else "soon" if days else "today", abs(days))


def _urgency(reminder: Reminder) -> tuple[date, str]:
    return reminder.due.until or date.max, reminder.due.key
