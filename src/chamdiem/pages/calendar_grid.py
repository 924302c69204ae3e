"""The calendar as one month on a wall: weeks from Monday to Sunday, days off named as such, what is due in its day's cell.

How a thing stands is said by a word in every cell, never by colour alone. A narrow screen shows the days that bear
something below one another, each under its weekday.
"""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

import streamlit as st

from chamdiem.pages.calendar_items import Item
from chamdiem.pages.desk import escaped
from chamdiem.pages.programme_shelf import Shelved
from chamdiem.programmes import library
from chamdiem.programmes.working_days import WorkingDays
from chamdiem.words import say

MONDAY_FIRST = Calendar(0)
SATURDAY = 5

STYLE = """<style>
.lich{width:100%;border-collapse:collapse;table-layout:fixed;font-size:.9rem;line-height:1.35}
.lich caption{text-align:left;font-weight:600;padding:.25rem 0}
.lich th{font-weight:600;text-align:left;padding:.3rem .4rem}
.lich td{vertical-align:top;height:4.2rem;padding:.3rem .4rem;border:1px solid color-mix(in srgb,currentColor 18%,transparent);
 overflow-wrap:anywhere}
.lich td.nghi{background:color-mix(in srgb,currentColor 6%,transparent)}
.lich td.nay{outline:2px solid currentColor;outline-offset:-2px}
.lich .ngay{font-weight:600}.lich .viec{margin-top:.3rem}.lich .nho{font-size:.82rem;opacity:.85}
.lich .nang{font-weight:600}.lich .hep{display:none}
.lich a{color:inherit;text-decoration:underline;text-underline-offset:.15em}
@media (max-width:640px){.lich thead{position:absolute;width:1px;overflow:hidden;clip-path:inset(50%)}
 .lich,.lich caption,.lich tbody,.lich tr,.lich td{display:block;height:auto}.lich td.trong{display:none}
 .lich td{border:0;border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent);padding:.5rem .2rem}
 .lich .hep{display:inline}}
@media print{.lich tr{break-inside:avoid}}
</style>"""


def show_grid(found: Sequence[Item], first: date, today: date, chosen: Sequence[Shelved]) -> None:
    """The month that begins on `first`, with what is due in it."""
    by_day: dict[date, list[Item]] = defaultdict(list)
    for item in found:
        if item.due.last is not None:
            by_day[item.due.last].append(item)
    working = library.working_days(chosen[0].law.days_off.calendar)
    heads = "".join(f'<th scope="col">{escape(say(f"weekday.{n}").capitalize())}</th>' for n in range(7))
    weeks = "".join(
        f"<tr>{''.join(_cell(day, first, today, by_day.get(day, ()), working) for day in week)}</tr>"
        for week in MONDAY_FIRST.monthdatescalendar(first.year, first.month)
    )
    caption = escape(say("calendar.month_of", month=say(f"month.{first.month}"), year=str(first.year)))
    st.html(
        f'{STYLE}<table class="lich"><caption>{caption}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{weeks}</tbody></table>"
    )
    if not by_day:
        st.caption(escaped(say("calendar.empty_month")))


def _cell(day: date, first: date, today: date, items: Sequence[Item], working: WorkingDays) -> str:
    """One day; those of the months beside stay empty."""
    if day.month != first.month:
        return '<td class="trong"></td>'
    looks = ["nghi"] if working.works(day) is False else []
    looks += ["nay"] if day == today else []
    looks += [] if items else ["trong"]
    weekday = f'<span class="hep">{escape(say(f"weekday.{day.weekday()}").capitalize())}, </span>'
    rest = f'<span class="hep">/{day.month}</span>'
    words = " · ".join(_known(day, today, working))
    note = f' <span class="nho">{escape(words)}</span>' if words else ""
    head = f'<span class="ngay">{weekday}<time datetime="{day.isoformat()}">{day.day}{rest}</time></span>{note}'
    return f'<td class="{" ".join(looks)}">{head}{"".join(_entry(item, today) for item in items)}</td>'


def _known(day: date, today: date, working: WorkingDays) -> Iterator[str]:
    """What is to be known of a day: that it is today, a holiday, or a Saturday that is worked."""
    if day == today:
        yield say("calendar.today")
    if working.works(day) is False and day.weekday() < SATURDAY:
        yield say("calendar.holiday")
    if working.works(day) and day.weekday() >= SATURDAY:
        yield say("calendar.worked")


def _entry(item: Item, today: date) -> str:
    """What is due, with the word for how it stands; of a programme at work it leads to the report."""
    title = escape(f"{item.due.title} — {say(item.due.period.label)}")
    if href := item.address:
        title = f'<a href="{escape(href)}" target="_self">{title}</a>'
    heavy = " nang" if item.is_overdue(today) else ""
    state = f'<div class="nho{heavy}">{escape(standing(item, today))}</div>'
    return f'<div class="viec">{title}{state}</div>'


def standing(item: Item, today: date) -> str:
    """How it stands, in one or two words and figures."""
    of = len(item.members)
    there = sum(one.delivered_on is not None for one in item.members)
    if item.is_done:
        late = any(one.delivery is not None and not one.delivery.in_time for one in item.members)
        return say("calendar.mark.done_late" if late else "calendar.mark.done")
    if item.is_overdue(today) and item.is_closed:
        return say("calendar.mark.never", n=there, of=of)
    if item.is_overdue(today):
        return say("calendar.mark.overdue", n=there, of=of)
    if not of:
        return say("calendar.mark.no_member" if item.at_work else "calendar.mark.document")
    return say("calendar.mark.open", n=there, of=of)
