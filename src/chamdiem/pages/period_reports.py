"""Báo cáo kỳ: which report is due, who has handed his in, and the report itself: filled, reviewed, submitted, answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from chamdiem.errors import Refusal
from chamdiem.office.report_rows import RETURNED, SUBMITTED, Owed, owed_for
from chamdiem.office.reporting import Report, report_for
from chamdiem.pages.confirming import said
from chamdiem.pages.desk import Desk, escaped, title, told
from chamdiem.pages.plain_table import NAME, Cell, Head, Line, table
from chamdiem.pages.programme_chosen import Chosen, chosen_programme
from chamdiem.pages.report_asking import WHICH, ask_button, asked_shown
from chamdiem.pages.report_figures import figures_entry
from chamdiem.pages.report_reading import answer_report, content_shown
from chamdiem.pages.report_submitting import submit_section
from chamdiem.pages.report_tasks import tasks_entry
from chamdiem.pages.report_words import words_entry
from chamdiem.pages.ways import out_of_app
from chamdiem.programmes.due import Due
from chamdiem.words import say

AD_HOC = "ad_hoc"
COLOURS = {"early": "green", "on_time": "green", "late": "red", "overdue": "red", "not_yet": "gray", "not_set": "gray"}


@dataclass(frozen=True)
class Choice:
    """A report that can be opened; of a member that owes none, what it enters for the report of another."""

    member: str
    owed: Owed | None


def show(desk: Desk) -> None:
    """The page."""
    title("page.bao-cao-ky")
    said()
    programme = chosen_programme(desk)
    if programme is None:
        return
    try:
        ask_button(programme)
        owed = owed_for(desk.store, desk.actor, programme.id)
        occasion = _occasion(programme, owed)
        if programme.whole and occasion:
            _delivered(desk, occasion)
        _opened(programme, occasion, owed)
    except Refusal as refusal:
        told(refusal)


def _occasion(programme: Chosen, owed: Sequence[Owed]) -> list[Owed]:
    """All that is owed for the duty and period that is chosen."""
    groups: dict[str, list[Owed]] = {}
    for one in owed:
        groups.setdefault(_called_together(one.due), []).append(one)
    if not groups:
        return []
    codes = list(groups)
    wanted = st.query_params.get(WHICH, "")
    named = next((code for code in codes if f"{wanted}/".startswith(f"{code}/")), "")
    start = named or _first(programme, groups)
    chosen = st.selectbox(
        say("period_reports.which"), codes, codes.index(start), key=f"period_reports:{programme.id}:{start}",
        format_func=lambda code: _occasion_called(groups[code][0].due),
    )  # fmt: skip
    st.query_params[WHICH] = chosen
    return groups[chosen]


def _occasion_called(due: Due) -> str:
    """What is due, its period first; what was asked for has its subject first."""
    parts = [say(due.period.label), due.title]
    return " · ".join(reversed(parts) if due.period.every == AD_HOC else parts)


def _called_together(due: Due) -> str:
    """What the stages of one report share; each that was asked for stands alone."""
    named = f"{due.duty}/{due.period.id}"
    return f"{named}/{due.stage}" if due.period.every == AD_HOC else named


def _first(programme: Chosen, groups: dict[str, list[Owed]]) -> str:
    """The one to begin with: what was given back or waits, the first that is due and missing still, else what was handed in
    last. What has no day yet, or waits for no member, comes after all that."""
    today = programme.desk.today
    begun = [
        code for code, found in groups.items() if (found[0].due.period.first or today) <= today and found[0].member
    ]
    waits = (SUBMITTED,) if programme.whole else (RETURNED,)
    for code in begun:
        if any(one.row and one.row["status"] in waits for one in groups[code]):
            return code
    lacking = {code: [one.due.until for one in groups[code] if one.delivered_on is None] for code in begun}
    missing = [code for code, days in lacking.items() if days]
    dated = [code for code in missing if any(lacking[code])]
    came = {code: max((one.delivered_on for one in groups[code] if one.delivered_on), default=None) for code in groups}
    last = sorted((day, code) for code, day in came.items() if day)
    return next(iter([*dated, *(code for _, code in reversed(last)), *missing]), (begun or list(groups))[-1])


def _delivered(desk: Desk, occasion: Sequence[Owed]) -> None:
    """Who has handed in and how; those who have not stand first."""
    order = ("overdue", "not_yet", "not_set", "late", "on_time", "early")
    there = sum(one.delivered_on is not None for one in occasion)
    st.markdown(escaped(say("period_reports.delivered_count", n=there, of=len(occasion))))
    heads = [
        Head(say("period_reports.member"), NAME),
        Head(say("period_reports.due")),
        Head(say("period_reports.status")),
    ]
    found = sorted(occasion, key=lambda one: order.index(one.word(desk.today)))
    st.html(table(heads, [_delivery(desk, one) for one in found]))


def _delivery(desk: Desk, one: Owed) -> Line:
    """What one member owes, and how it was handed in."""
    name = one.member["name"] if one.member else say("period_reports.no_member")
    status = say(f"period_reports.status.{one.row['status']}") if one.row else say("period_reports.status.none")
    day = [say("period_reports.on_day", day=one.delivered_on)] if one.delivered_on else []
    state = Cell(say(one.label(desk.today)), below=" · ".join([status, *day]))
    return Line([Cell(name, below=one.due.stage_title), say(one.due.rule), state])


def _opened(programme: Chosen, occasion: Sequence[Owed], owed: Sequence[Owed]) -> None:
    """The report that is looked at."""
    owing = {str(one.member["code"]) for one in owed if one.member}
    choices = [Choice(str(one.member["code"]), one) for one in occasion if one.member]
    choices += [Choice(code, None) for code in programme.mine("task.report") if code not in owing]
    if not choices:
        st.info(escaped(say("period_reports.nothing_owed")))
        return
    at = 0
    if len(choices) > 1:
        waiting = [
            n for n, one in enumerate(choices) if one.owed and one.owed.row and one.owed.row["status"] == SUBMITTED
        ]
        at = st.selectbox(
            say("period_reports.of"), range(len(choices)), (waiting or [0])[0] if programme.whole else 0,
            format_func=lambda n: _called(programme, choices[n]),
            key=f"period_reports:{programme.id}:{occasion[0].due.key if occasion else ''}",
        )  # fmt: skip
    choice = choices[at]
    if choice.owed is None:
        _fed(programme, choice.member)
    else:
        _report(
            programme,
            choice.owed,
            report_for(programme.desk.store, programme.desk.actor, programme.id, choice.member, choice.owed.due.key),
        )


def _called(programme: Chosen, choice: Choice) -> str:
    name = programme.name(choice.member)
    return f"{name} · {choice.owed.due.stage_title}" if choice.owed else say("period_reports.feeds", name=name)


def _fed(programme: Chosen, member: str) -> None:
    """A member that owes no report: what it enters goes into the report of another."""
    st.caption(escaped(say("period_reports.feeds_about", name=programme.name(member))))
    figures, tasks = st.tabs([say("period_reports.figures"), say("period_reports.tasks")])
    with figures:
        figures_entry(programme, member, None)
    with tasks:
        tasks_entry(programme, member)


def _report(programme: Chosen, owed: Owed, report: Report) -> None:
    """One report: where it stands, then what is to be done about it."""
    member, desk = str(report.member["code"]), programme.desk
    st.subheader(escaped(report.member["name"]))
    word, status = owed.word(desk.today), report.status or "none"
    badges = (("blue", say(f"period_reports.status.{status}")), (COLOURS[word], say(owed.label(desk.today))))
    st.markdown(" ".join(f":{colour}-badge[{escaped(text)}]" for colour, text in badges))
    st.caption(
        escaped(
            " · ".join([say("period_reports.due_is", due=report.due.rule), *(say(one) for one in report.due.beside)])
        )
    )
    asked_shown(programme, report.due.key)
    if report.row and report.status == RETURNED:
        st.warning(escaped(say("period_reports.returned_because", reason=report.row["reason"])))
    if report.locked:
        _workbook(programme, report, "period_reports.workbook")
        content_shown(programme, report)
        answer_report(programme, report)
    elif programme.footing.may("report.write" if report.due.collects is None else "report.consolidate", member):
        _filled(programme, report, member)
    elif not programme.footing.closed:  # else nobody waits for it any more, and the badge says so
        st.info(escaped(say("period_reports.not_handed_in")))
    if not report.locked:
        _workbook(programme, report, "period_reports.workbook_draft")


def _workbook(programme: Chosen, report: Report, label: str) -> None:
    """The way to the report as a workbook."""
    due = report.due
    place = "/".join((programme.id, str(report.member["code"]), due.duty, due.period.id, due.stage))
    out_of_app(f"/so-bao-cao/{place}.xlsx", say(label))


def _filled(programme: Chosen, report: Report, member: str) -> None:
    """The steps to a report, from the figures to its being submitted."""
    steps = ["words", "review"] if report.due.collects is not None else ["figures", "tasks", "words", "review"]
    if report.due.what == "task" or report.due.period.every == AD_HOC:
        steps = ["words", "review"]
    for step, tab in zip(steps, st.tabs([say(f"period_reports.{step}") for step in steps]), strict=True):
        with tab:
            if step == "figures":
                figures_entry(programme, member, report.due.period)
            elif step == "tasks":
                tasks_entry(programme, member)
            elif step == "words":
                words_entry(programme, report)
            else:
                submit_section(programme, report)
