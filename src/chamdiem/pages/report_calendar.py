"""Lịch báo cáo: what is due in a span of time, who owes it to whom, and whether it came early, on time or late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from chamdiem.clock import now
from chamdiem.pages.calendar_days import ask_days
from chamdiem.pages.calendar_grid import show_grid
from chamdiem.pages.calendar_items import Item, items_of, offices_of
from chamdiem.pages.calendar_months import show_months, show_reminders
from chamdiem.pages.calendar_spans import month_asked, span_asked
from chamdiem.pages.confirming import said
from chamdiem.pages.criteria_reading import COLOURS
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.programme_chosen import sample_badge
from chamdiem.pages.programme_shelf import Shelved, choose, shelf
from chamdiem.programmes.ical import icalendar
from chamdiem.words import say

ALL = ""  # everything at work, or every office
ALARM_DAYS = 3
VIEWS = ("list", "grid")


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
    sample_badge(desk, [one.row for one in chosen])
    key = f"calendar:{','.join(one.key for one in chosen)}"
    view = st.segmented_control(
        say("calendar.views"), VIEWS, default=VIEWS[0], required=True, key="calendar:view",
        format_func=lambda one: say(f"calendar.view.{one}"), label_visibility="collapsed",
    )  # fmt: skip
    asked = month_asked if view == "grid" else span_asked
    first, last = asked(_years(chosen, desk.today), desk.today, key)
    found = [item for one in chosen for item in items_of(desk, one, first, last)]
    shown = _of_office(found, key)
    _summary(shown, desk.today)
    if view == "grid":
        show_grid(shown, first, desk.today, chosen)
    for one in chosen:
        ask_days(desk, one, [item.due for item in shown if item.law.id == one.law.id and item.due.last is None])
    show_reminders(shown, desk.today)
    if view != "grid":
        show_months(shown, desk.today, chosen)
    _download(shown, key)


def _years(chosen: Sequence[Shelved], today: date) -> range:
    """The years there is anything in: those of a programme at work, else those in which the document applies, up to two
    years from now where it has no end."""
    spans = [_span(one, today.year + 2) for one in chosen]
    first = min(start for start, _ in spans)
    return range(first, max(first, *(end for _, end in spans)) + 1)


def _span(one: Shelved, otherwise: int) -> tuple[int, int]:
    if one.row is not None:
        return int(one.row["period_from"][:4]), int(one.row["period_to"][:4])
    effective = one.law.effective
    return effective.from_.year, effective.to.year if effective.to else otherwise


def _of_office(found: Sequence[Item], key: str) -> list[Item]:
    """What one office owes, or all."""
    known = offices_of(found)
    office = st.selectbox(
        say("calendar.office"), [ALL, *known], key=f"{key}:office",
        format_func=lambda one: known[one] if one else say("calendar.every_office"),
    )  # fmt: skip
    return [item for item in found if not office or office in item.owed_by]


def _summary(shown: Sequence[Item], today: date) -> None:
    if not shown:
        return
    unset = sum(item.due.last is None for item in shown)
    overdue = [item.is_closed for item in shown if item.is_overdue(today)]
    parts = [say("calendar.count", n=len(shown))]
    parts += [say("calendar.overdue", n=overdue.count(False))] if False in overdue else []
    parts += [say("calendar.never_handed_in", n=overdue.count(True))] if True in overdue else []
    parts += [say("calendar.unset", n=unset)] if unset else []
    st.markdown(f"**{escaped(' · '.join(parts))}**")


def _download(shown: Sequence[Item], key: str) -> None:
    """The same days for the calendar people already have."""
    days = [item.due for item in shown if item.due.last]
    if days:
        laws = {item.law.id: item.law for item in shown}
        made_at = now().replace(hour=0, minute=0, second=0, microsecond=0)  # the same file all day long
        content = icalendar(days, laws, made_at=made_at, alarm_days=ALARM_DAYS)
        st.download_button(
            say("calendar.download", n=len(days)), content, file_name="lich-bao-cao.ics", mime="text/calendar",
            on_click="ignore", key=f"{key}:ics", icon=":material/calendar_add_on:",
            help=say("calendar.download_help", days=ALARM_DAYS),
        )  # fmt: skip
