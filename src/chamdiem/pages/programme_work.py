"""The tasks of a programme at work, member by member, as their owners told them; they tell them with their reports."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from chamdiem.contest.record import Row
from chamdiem.office.footing import Footing
from chamdiem.office.tasks import NOT_DONE, STATES, UNDER_WAY, tasks_for
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.plain_table import EXTRA, NUMBER, Cell, Head, Line, table
from chamdiem.pages.programme_chosen import PROGRAMME, Chosen, member_asked
from chamdiem.pages.programme_text import owners_shown
from chamdiem.pages.report_tasks import short, state_of
from chamdiem.pages.ways import to_page
from chamdiem.programmes.model import Programme, Task
from chamdiem.words import say, shown

MEASURED = (UNDER_WAY, NOT_DONE)
UNTOLD = "untold"
Told = list[tuple[Task, Row | None]]


def show_work(desk: Desk, law: Programme, programme: str) -> None:
    """How far everybody is, for whoever sees several; then one member's tasks."""
    with desk.store.read() as connection:
        footing = Footing(connection, desk.actor, programme)
        codes = [code for code in footing.members if footing.may("programme.read", code)]
    if not codes:
        st.info(escaped(say("programmes.no_members")))
        return
    chosen = Chosen(desk, footing)
    told = {code: tasks_for(desk.store, desk.actor, programme, code) for code in codes}
    if len(codes) > 1:
        _overview(chosen, told)
    member = member_asked(chosen, codes, f"programmes:member/{programme}")
    if not told[member]:
        st.info(escaped(say("programmes.no_tasks", member=chosen.name(member))))
    elif footing.may("task.report", member):
        to_page(desk, "bao-cao-ky", say("programmes.report"), **{PROGRAMME: programme})
    if told[member]:
        heads = [Head(say("report_tasks.task")), Head(say("programmes.role"), EXTRA), Head(say("report_tasks.state"))]
        st.html(table(heads, [_line(law, task, row) for task, row in told[member]]))


def _overview(chosen: Chosen, told: dict[str, Told]) -> None:
    """How many tasks of each member stand how; a column only for what there is."""
    counted = {code: Counter(row["state"] if row else UNTOLD for _, row in tasks) for code, tasks in told.items()}
    columns = [state for state in (*STATES, UNTOLD) if any(one[state] for one in counted.values())]
    heads = [Head(say("programmes.member")), *(Head(say(f"report_tasks.state.{state}"), NUMBER) for state in columns)]
    lines = [
        Line([chosen.name(code), *(shown(one[state]) if one[state] else "–" for state in columns)])
        for code, one in counted.items()
    ]
    st.html(table(heads, lines, say("programmes.overview")))


def _line(law: Programme, task: Task, row: Row | None) -> Line:
    """One task: its first words (all of them are in the document), who does it, how far it is and what was told."""
    owners = owners_shown(law, law.owners_of(task))
    share = say("report_tasks.share", n=row["progress"]) if row and row["state"] in MEASURED else ""
    note = str(row["note"]) if row else ""
    state = " ".join(filter(None, (state_of(row), share)))
    return Line([Cell(f"{task.code}. {short(task.text)}", below=note, narrow=owners), owners, state])
