"""The calendar as a list, month by month: it reads the same on a telephone, on paper and aloud."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

import streamlit as st

from chamdiem.errors import Message
from chamdiem.pages.calendar_items import Item
from chamdiem.pages.desk import escaped
from chamdiem.pages.plain_table import EXTRA, Cell, Head, Line, table
from chamdiem.pages.programme_shelf import Shelved
from chamdiem.programmes.delivery import mergeable
from chamdiem.programmes.due import when_needed
from chamdiem.programmes.reminders import Reminder, reminders
from chamdiem.words import plain, say, shown

AHEAD = 14  # days
THE_DAY_ITSELF = "due.on_or_before"
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
    day = f"{say(f'weekday.{last.weekday()}').capitalize()} {shown(last)}"
    told = due.rule.id != THE_DAY_ITSELF  # which stands above it already
    beside = [*([say(due.rule)] if told else []), *(say(each) for each in due.beside)]
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
    """What each of those who owe should think of in the next days, for those who are to remind them: a member by its name,
    of what no member owes the office of the document."""
    at_work = [item for item in found if item.at_work and not item.is_closed]
    done = {item.due.key for item in at_work if item.is_done}
    known = reminders([item.due for item in at_work], today, ahead=AHEAD, done=done)
    urgent = {one.due.key: one for several in known.values() for one in several}
    by_name: dict[str, list[str]] = defaultdict(list)
    for item in sorted((item for item in at_work if item.due.key in urgent), key=lambda item: item.due.until or today):
        for name, state in _debtors(item, urgent[item.due.key], today):
            by_name[name].append(f"{item.due.title} — {say(item.due.period.label)}: {say(state)}")
    if not by_name:
        return
    with st.expander(escaped(say("calendar.reminders", n=len(urgent), days=AHEAD))):
        for name in sorted(by_name, key=plain):
            st.markdown(f"**{escaped(name)}**")
            st.markdown("\n".join(f"- {escaped(line)}" for line in by_name[name]))


def _debtors(item: Item, reminder: Reminder, today: date) -> list[tuple[str, Message]]:
    """Who has not handed it in yet, and how it stands with him."""
    owing = [(str(one.member["name"]), one) for one in item.members if one.member and not one.delivered_on]
    if owing:
        return [(name, one.label(today)) for name, one in owing]
    return [(item.law.organisation(office).name, reminder.label) for office in item.due.by]
