"""Lịch báo cáo: what is due in a span of time, who owes it to whom, and whether it came early, on time or late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from chamdiem.clock import now
from chamdiem.pages.calendar_days import ask_days
from chamdiem.pages.calendar_items import Item, items_of, offices_of
from chamdiem.pages.calendar_months import show_months, show_reminders
from chamdiem.pages.calendar_spans import span_asked
from chamdiem.pages.confirming import said
from chamdiem.pages.criteria_reading import COLOURS
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.programme_shelf import Shelved, choose, shelf
from chamdiem.programmes.ical import icalendar
from chamdiem.words import say

ALL = ""  # everything at work, or every office
ALARM_DAYS = 3


def show(desk: Desk) -> None:
    """The page."""
    title("page.lich-bao-cao")
    said()
    known = shelf(desk)
    running = [one for one in known.values() if one.row]
    together = len(running) > 1 and st.toggle(say("calendar.all_running"), key="calendar:all")
    chosen = running if together else [choose(known, "calendar")]
    for status in dict.fromkeys(one.law.status for one in chosen):
        st.markdown(f":{COLOURS[status]}-badge[{escaped(say(f'status.{status}'))}]")
    if any(one.row and one.row["sample"] for one in chosen):
        st.badge(escaped(say("cli.sample")), color="orange")
    key = f"calendar:{','.join(one.key for one in chosen)}"
    first, last = span_asked(_years(chosen, desk.today), desk.today, key)
    found = [item for one in chosen for item in items_of(desk, one, first, last)]
    shown = _of_office(found, key)
    _summary(shown, desk.today)
    for one in chosen:
        ask_days(desk, one, [item.due for item in shown if item.law.id == one.law.id and item.due.last is None])
    show_reminders(shown, desk.today)
    show_months(shown, desk.today, chosen)
    _download(shown, key)


def _years(chosen: Sequence[Shelved], today: date) -> range:
    """The years there is anything in: those of the programme, up to two years from now where it has no end."""
    first = min(one.law.effective.from_.year for one in chosen)
    ends = [one.law.effective.to for one in chosen]
    ends += [date.fromisoformat(one.row["period_to"]) for one in chosen if one.row]
    last = max((day.year if day else today.year + 2 for day in ends), default=today.year)
    return range(first, max(first, last) + 1)


def _of_office(found: Sequence[Item], key: str) -> list[Item]:
    """What one office owes, or all."""
    known = offices_of(found)
    office = st.selectbox(
        say("calendar.office"), [ALL, *known], key=f"{key}:office",
        format_func=lambda one: known[one] if one else say("calendar.every_office"),
    )  # fmt: skip
    return [item for item in found if not office or office in item.owed_by]


def _summary(shown: Sequence[Item], today: date) -> None:
    late, unset = sum(item.is_overdue(today) for item in shown), sum(item.due.last is None for item in shown)
    parts = [say("calendar.count", n=len(shown))]
    parts += [say("calendar.overdue", n=late)] if late else []
    parts += [say("calendar.unset", n=unset)] if unset else []
    st.markdown(f"**{escaped(' · '.join(parts))}**")


def _download(shown: Sequence[Item], key: str) -> None:
    """The same days for the calendar people already have."""
    days = [item.due for item in shown if item.due.last]
    if days:
        laws = {item.law.id: item.law for item in shown}
        content = icalendar(days, laws, made_at=now(), alarm_days=ALARM_DAYS)
        st.download_button(
            say("calendar.download", n=len(days)), content, file_name="lich-bao-cao.ics", mime="text/calendar",
            on_click="ignore", key=f"{key}:ics", icon=":material/calendar_add_on:",
            help=say("calendar.download_help", days=ALARM_DAYS),
        )  # fmt: skip
