"""The tasks of a member: how far each is, and the documents that prove it."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import Any
from urllib.parse import quote

import streamlit as st

from chamdiem.contest.evidence import Document
from chamdiem.contest.record import Row
from chamdiem.contest.uploads import file_place
from chamdiem.office.programme_files import hand_in_document
from chamdiem.office.programme_reading import documents_for
from chamdiem.office.report_content import cited, cited_in_words
from chamdiem.office.tasks import (
    DONE,
    NOT_BEGUN,
    NOTHING_AROSE,
    STATES,
    Progress,
    add_document,
    report_task,
    tasks_for,
)
from chamdiem.pages.confirming import ask_in_dialog, carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.evidence_panel import MEGABYTES
from chamdiem.pages.plain_table import NUMBER, Cell, Head, Line, table
from chamdiem.pages.programme_chosen import Chosen, day_asked
from chamdiem.programmes.model import Task
from chamdiem.store.file_kinds import ALLOWED
from chamdiem.words import say

SHORT = 140
DASH = "—"
MARKED = (DONE, NOT_BEGUN, NOTHING_AROSE)  # states whose percentage follows from them


def tasks_entry(programme: Chosen, member: str) -> None:
    """All tasks of the member in the order of the document, and one of them to be told of."""
    desk = programme.desk
    found = tasks_for(desk.store, desk.actor, programme.id, member)
    if not found:
        st.caption(escaped(say("report_tasks.none")))
        return
    papers = documents_for(desk.store, desk.actor, programme.id, member)
    told = sum(row is not None for _, row in found)
    st.caption(escaped(say("report_tasks.told", n=told, of=len(found))))
    tasks = {task.code: (task, row) for task, row in found}
    first = next((task.code for task, row in found if row is None), found[0][0].code)
    code = st.selectbox(
        say("report_tasks.task"), list(tasks), list(tasks).index(first), key=f"tasks:{programme.id}:{member}",
        format_func=lambda one: f"{one}. {short(tasks[one][0].text)}",
    )  # fmt: skip
    if programme.footing.may("task.report", member):
        _told(programme, member, *tasks[code], [row for row in papers if row["task"] == code])
    if len(found) > 1:
        st.html(table(_heads(), [_line(task, row, papers) for task, row in found]))


def short(text: str) -> str:
    """The beginning of a long text."""
    flat = " ".join(text.split())
    return flat if len(flat) <= SHORT else f"{flat[:SHORT].rsplit(' ', 1)[0].rstrip(' .,;:')}…"


def state_of(row: Row | None) -> str:
    """How far a task is, in words."""
    return say(f"report_tasks.state.{row['state']}") if row else say("report_tasks.state.untold")


def share_of(state: str | None, percent: int) -> str:
    """How much of a task is done; a dash where there was nothing to do, or nothing is known."""
    return DASH if state in (None, "", NOTHING_AROSE) else say("report_tasks.share", n=percent)


def _heads() -> list[Head]:
    return [Head(say("report_tasks.task")), Head(say("report_tasks.state")), Head(say("report_tasks.percent"), NUMBER)]


def _line(task: Task, row: Row | None, papers: list[Row]) -> Line:
    proofs = [cited_in_words(cited(one)) for one in papers if one["task"] == task.code]
    below = [row["note"]] if row and row["note"] else []
    below += [say("report_tasks.papers", papers=proofs)] if proofs else []
    day = say("report_tasks.day", day=date.fromisoformat(row["done_on"])) if row and row["done_on"] else ""
    return Line(
        [
            Cell(f"{task.code}. {short(task.text)}", below=" · ".join(below)),
            Cell(state_of(row), below=day),
            share_of(row["state"], row["progress"]) if row else "",
        ]
    )


def _told(programme: Chosen, member: str, task: Task, row: Row | None, papers: list[Row]) -> None:
    """One task in full, and what is told of it."""
    desk, place = programme.desk, f"task:{programme.id}:{member}:{task.code}:{row['version'] if row else 0}"
    with st.container(border=True):
        st.text(task.text)
        left, right = st.columns(2)
        with left:
            state = st.selectbox(
                say("report_tasks.state"), STATES, STATES.index(row["state"]) if row else None, key=f"{place}:state",
                placeholder=say("report_tasks.choose"), format_func=lambda one: say(f"report_tasks.state.{one}"),
            )  # fmt: skip
        with right:
            percent, day = _how_far(desk, state, row, place)
        note = st.text_area(
            say("report_tasks.note"), row["note"] if row else "", key=f"{place}:note", height=80, max_chars=2000
        )
        for paper in papers:
            _cited(paper)
        with st.container(horizontal=True):
            if st.button(say("report_tasks.save"), key=f"{place}:save", type="primary", disabled=state is None):
                _save(programme, member, task, row, str(state), percent, note, day)
            ask_in_dialog(
                say("report_tasks.add_paper"), lambda: _paper(programme, member, task, place), key=f"{place}:paper",
                icon=":material/attach_file:",
            )  # fmt: skip


def _how_far(desk: Desk, state: str | None, row: Row | None, place: str) -> tuple[str, date | None]:
    """The day of what is done, the share of what is under way; nothing else is asked."""
    if state == DONE:
        day = date.fromisoformat(row["done_on"]) if row and row["done_on"] else None
        return "100", day_asked(say("report_tasks.done_on"), day, f"{place}:day", most=desk.today)
    if state is None or state in MARKED:
        return "0", None
    was = str(row["progress"]) if row and row["state"] == state else ""
    return st.text_input(say("report_tasks.percent_asked"), was, key=f"{place}:percent", max_chars=3) or "0", None


def _save(
    programme: Chosen, member: str, task: Task, row: Row | None, state: str, percent: str, note: str, day: date | None
) -> None:
    if not percent.strip().isdecimal():
        st.error(escaped(say("report_tasks.whole_percent", value=percent)))
        return
    told = Progress(task=task.code, state=state, percent=int(percent), note=note, done_on=day)
    carry_out(
        "report_tasks.saved", report_task, programme.desk.store, programme.desk.actor, programme.id, member, told,
        today=programme.desk.today, expected=row["version"] if row else 0,
    )  # fmt: skip


def _cited(paper: Row) -> None:
    """A document on one line, with the way to its file."""
    st.caption(escaped(cited_in_words(cited(paper))))
    if paper["file"]:
        words = say("evidence_panel.download", name=paper["file_name"])
        place = f"/tai-lieu/{quote(paper['id'], safe='/')}"
        st.html(f'<a href="{escape(place)}" target="_blank" rel="noopener">{escape(words)}</a>')


def _paper(programme: Chosen, member: str, task: Task, place: str) -> None:
    """A document that proves what was done, with its file or only cited."""
    listed = ", ".join(sorted(ALLOWED))
    file = st.file_uploader(
        say("evidence_panel.file", kinds=listed, size=MEGABYTES), key=f"{place}:file", max_upload_size=MEGABYTES
    )
    name = st.text_input(
        say("report_tasks.paper_title"), key=f"{place}:title", max_chars=300, placeholder=file.name if file else ""
    )
    number = st.text_input(say("report_tasks.paper_number"), key=f"{place}:number", max_chars=100)
    issuer = st.text_input(say("report_tasks.paper_issuer"), key=f"{place}:issuer", max_chars=200)
    day = day_asked(say("report_tasks.paper_day"), None, f"{place}:paper_day")
    if st.button(say("report_tasks.add_paper"), key=f"{place}:add", type="primary"):
        called = name.strip() or (file.name if file else "")
        document = Document(called, number.strip(), issuer.strip(), day.isoformat() if day else "")
        carry_out("report_tasks.paper_added", _hand_in, programme, member, task.code, document, file)


def _hand_in(programme: Chosen, member: str, task: str, document: Document, file: Any) -> None:
    """With its file, or as a citation alone."""
    desk = programme.desk
    if file is None:
        add_document(desk.store, desk.actor, programme.id, member, task, document)
    else:
        about = (programme.id, member, task, document, file, file.name)
        hand_in_document(desk.store, file_place(), desk.actor, *about)
