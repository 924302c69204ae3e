"""The last look at a report before it is locked, and the dialog in which it is submitted."""

from __future__ import annotations

import streamlit as st

from chamdiem.errors import message
from chamdiem.office.report_rows import owed_for
from chamdiem.office.reporting import Report
from chamdiem.office.submitting import needs_why, submit_report
from chamdiem.pages.confirming import ask_in_dialog, carry_out
from chamdiem.pages.desk import escaped
from chamdiem.pages.programme_chosen import Chosen, day_asked
from chamdiem.pages.report_reading import content_shown, warn_of_missing
from chamdiem.programmes.delivery import mergeable
from chamdiem.programmes.due import Due
from chamdiem.words import say


def submit_section(programme: Chosen, report: Report) -> None:
    """What will be handed in, then the way to do so."""
    member = str(report.member["code"])
    if report.due.until is None:
        st.info(escaped(say("report_submitting.no_day")))
    elif programme.footing.may("report.submit" if report.due.collects is None else "report.consolidate", member):
        ask_in_dialog(
            say("report_submitting.submit"), lambda: _submit(programme, report), icon=":material/lock:", look="primary",
            key=f"submit:{programme.id}:{member}:{report.due.key}",
        )  # fmt: skip
    st.caption(escaped(say("report_submitting.about")))
    content_shown(programme, report)


def _submit(programme: Chosen, report: Report) -> None:
    """The day, what else the paper answers for, and why it goes although something is missing."""
    desk, content, member = programme.desk, report.content, str(report.member["code"])
    place = f"submit:{programme.id}:{member}:{report.due.key}"
    st.markdown(escaped(say("report_submitting.locks", period=report.due.period.label)))
    day = day_asked(say("report_submitting.day"), desk.today, f"{place}:day", most=desk.today)
    keys = [report.due.key]
    keys += [due.key for due in _together(programme, report) if _also(due, f"{place}:{due.key}")]
    without: list[str] = []
    if report.due.collects is not None and content.missing:
        st.caption(escaped(say("report_submitting.missing")))
        without = [
            code for code in content.missing
            if st.checkbox(escaped(say("report_submitting.without", name=programme.name(code))), key=f"{place}:{code}")
        ]  # fmt: skip
    why = ""
    if needs_why(report):
        warn_of_missing(programme, content)
        why = st.text_area(say("report_submitting.why"), key=f"{place}:why", height=80, max_chars=1000)
    if st.button(say("report_submitting.submit"), key=f"{place}:yes", type="primary"):
        if day is None or (needs_why(report) and not why.strip()):
            st.error(escaped(say("report_submitting.needs_day" if day is None else "report_submitting.needs_why")))
            return
        carry_out(
            message("report_submitting.done", n=len(keys)), submit_report, desk.store, desk.actor, programme.id, member,
            keys, on=day, today=desk.today, without=without, why=why,
        )  # fmt: skip


def _also(due: Due, place: str) -> bool:
    """Whether the same paper answers for this as well."""
    about = {"title": due.title, "period": due.period.label}
    return st.checkbox(escaped(say("report_submitting.together", **about)), key=place)


def _together(programme: Chosen, report: Report) -> list[Due]:
    """What else the same paper could answer for: due on the same day, between the same offices, not handed in yet."""
    owed = owed_for(programme.desk.store, programme.desk.actor, programme.id)
    open_still = [
        one.due for one in owed if one.member and one.member["code"] == report.member["code"] and not one.delivered_on
    ]
    for merged in mergeable(open_still):
        if report.due.key in merged.keys:
            return [due for due in merged.parts if due.key != report.due.key]
    return []
