"""The calendar as a list, month by month: it reads the same on a telephone, on paper and aloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

import streamlit as st

from chamdiem.pages.calendar_items import Item
from chamdiem.pages.desk import escaped
from chamdiem.pages.plain_table import EXTRA, Cell, Head, Line, table
from chamdiem.pages.programme_shelf import Shelved
from chamdiem.programmes.delivery import mergeable
from chamdiem.programmes.due import when_needed
from chamdiem.programmes.reminders import reminders
from chamdiem.words import say, shown

AHEAD = 14  # days
COLUMNS = {"when": "", "what": "", "who": EXTRA, "state": ""}


def show_months(found: Sequence[Item], today: date, chosen: Sequence[Shelved]) -> None:
    """What has a day, month by month; then what may be put on one paper, and what is due only when somebody asks."""
    dated = sorted((item for item in found if item.due.last), key=lambda item: item.due.last or date.max)
    if not found:
        st.info(escaped(say("programme.nothing_due")))
    if dated:
        heads = [Head(say(f"calendar.{name}"), look) for name, look in COLUMNS.items()]
        several = len(chosen) > 1
        st.html(table(heads, _lines(dated, today, several=several), stacked=True))
    for merged in mergeable(item.due for item in dated):
        first = merged.parts[0]
        st.caption(escaped(say("calendar.may_merge", day=first.last, periods=say(merged.label))))
    for one in chosen:
        for duty, stage in when_needed(one.law):
            by = [one.law.organisation(each).name for each in stage.by]
            st.caption(escaped(say("programme.when_needed", title=duty.title, by=by)))


def _lines(dated: Sequence[Item], today: date, *, several: bool) -> Iterator[Line]:
    """Each month's name, then what is due in it."""
    for month, items in groupby(dated, key=lambda item: item.due.last.replace(day=1) if item.due.last else date.max):
        yield Line(
            [say("calendar.month_of", month=say(f"month.{month.month}"), year=str(month.year)), "", "", ""], strong=True
        )
        yield from (_line(item, today, several=several) for item in items)


def _line(item: Item, today: date, *, several: bool) -> Line:
    due, last = item.due, item.due.last
    assert last is not None
    day = f"{say(f'weekday.{last.weekday()}')} {shown(last)}"
    beside = [say(due.rule), *(say(each) for each in due.beside)]
    if not due.in_force:
        beside.append(say("due.beyond", start=item.law.effective.from_, end=item.law.effective.to or "…"))
    who = f"{item.debtors()} → {item.receivers()}"
    what = f"{due.title} — {say(due.period.label)}"
    below = " · ".join(filter(None, (due.stage_title, item.law.title if several else "")))
    state = item.state(today)
    return Line(
        [
            Cell(day, below=". ".join(part.strip(". ") for part in beside)),
            Cell(what, href=item.address, below=below, narrow=who),
            who,
            Cell(state[0] if state else "–", below="; ".join(state[1:])),
        ]
    )


def show_reminders(found: Sequence[Item], today: date) -> None:
    """What each office should think of in the next days, for those who are to remind it."""
    done = {item.due.key for item in found if item.is_done}
    by_key = {item.due.key: item for item in found if item.at_work}
    by_office = reminders([item.due for item in by_key.values()], today, ahead=AHEAD, done=done)
    if not by_office:
        return
    count = len({one.due.key for several in by_office.values() for one in several})
    with st.expander(escaped(say("calendar.reminders", n=count, days=AHEAD))):
        for office, several in by_office.items():
            law = by_key[several[0].due.key].law
            st.markdown(f"**{escaped(law.organisation(office).name)}**")
            lines = [f"{one.due.title} — {say(one.due.period.label)}: {say(one.label)}" for one in several]
            st.markdown("\n".join(f"- {escaped(line)}" for line in lines))
