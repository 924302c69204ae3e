"""What a report says, to be read: figures, tasks, difficulties, visits, support, words; and the answer of its receiver."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import streamlit as st

from chamdiem.office.figures import cell_called
from chamdiem.office.report_content import Content, FigureLine, TaskLine, cited_in_words
from chamdiem.office.report_rows import SUBMITTED
from chamdiem.office.reporting import Report
from chamdiem.office.submitting import accept_report, changed_since, return_report
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button
from chamdiem.pages.desk import escaped
from chamdiem.pages.plain_table import NUMBER, Cell, Head, Line, table
from chamdiem.pages.programme_chosen import Chosen
from chamdiem.pages.report_tasks import DASH, share_of, short
from chamdiem.pages.report_words import others_words, words_shown
from chamdiem.programmes.figures import KnownFigure
from chamdiem.words import say, shown_number


def content_shown(programme: Chosen, report: Report) -> None:
    """The whole of a report, the figures first."""
    content = report.content
    if report.due.what != "task":
        warn_of_missing(programme, content)
        figures_shown(programme, content)
        if content.tasks:
            with st.expander(escaped(say("report_reading.tasks", n=len(content.tasks)))):
                st.html(table(_task_heads(), [_task_line(programme, line) for line in content.tasks]))
        beside(programme, content)
    words_shown(dict(report.words))
    others_words(programme, report)


def warn_of_missing(programme: Chosen, content: Content) -> None:
    """Who gave nothing and which figures lack a cell: told, never summed over."""
    if content.missing:
        names = [programme.name(code) for code in content.missing]
        st.warning(escaped(say("report_reading.missing", n=len(names), members=names)), icon=":material/person_off:")
    if content.gaps:
        st.warning(escaped(say("report_reading.gaps", gaps=list(_gaps(programme, content)))))
    if content.why:
        st.caption(escaped(say("report_reading.why", why=content.why)))


def _gaps(programme: Chosen, content: Content) -> Iterator[str]:
    """Each member with the cells it lacks, the figures by name."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for name, member, cell in content.gaps:
        known = _known(programme, name)
        lacking.setdefault((member, cell), []).append(known.title if known else name)
    for (member, cell), names in sorted(lacking.items()):
        called = cell_called(programme.law.programme, cell)
        yield say("report_reading.gap", member=programme.name(member), cell=called, figures=", ".join(names))


def _known(programme: Chosen, name: str) -> KnownFigure | None:
    figures = programme.law.figures
    return figures.figure(name) if figures else None


def figures_shown(programme: Chosen, content: Content) -> None:
    """Each figure in the period and since January; of a sum each member's own below it."""
    if not any(value is not None for line in content.figures for value in (line.in_period, line.so_far)):
        return
    heads = [
        Head(say("report_reading.figure")), Head(say("report_reading.unit")),
        Head(say("report_reading.in_period"), NUMBER), Head(say("report_reading.so_far"), NUMBER),
    ]  # fmt: skip
    st.html(table(heads, [_figure_line(programme, line) for line in content.figures]))
    if any(len(line.parts) > 1 for line in content.figures):
        with st.expander(escaped(say("report_reading.parts"))):
            for line in content.figures:
                known = _known(programme, line.name)
                parts = [Line([programme.name(code), number(here), number(upto)]) for code, here, upto in line.parts]
                of = [Head(say("report_reading.member")), *heads[2:]]
                st.html(table(of, parts, caption=known.title if known else line.name))


def _figure_line(programme: Chosen, line: FigureLine) -> Line:
    known = _known(programme, line.name)
    title, unit = (known.title, known.unit) if known else (line.name, "")
    return Line([title, unit, number(line.in_period), number(line.so_far)])


def number(value: str | None) -> str:
    """An exact number as people write it, a dash where there is none."""
    return DASH if value is None else shown_number(Decimal(value))


def _task_heads() -> list[Head]:
    return [Head(say("report_tasks.task")), Head(say("report_tasks.state")), Head(say("report_tasks.percent"), NUMBER)]


def _task_line(programme: Chosen, line: TaskLine) -> Line:
    task = programme.law.programme.task(line.task)
    said = [programme.name(line.member), line.note]
    said += [say("report_tasks.papers", papers=list(map(cited_in_words, line.documents)))] if line.documents else []
    day = say("report_tasks.day", day=date.fromisoformat(line.done_on)) if line.done_on else ""
    return Line([
        Cell(f"{line.task}. {short(task.text) if task else ''}", below=" · ".join(filter(None, said))),
        Cell(say(f"report_tasks.state.{line.state or 'untold'}"), below=day),
        share_of(line.state, line.percent),
    ])  # fmt: skip


def beside(programme: Chosen, content: Content) -> None:
    """Difficulties, visits and support of the period, in few lines."""
    if content.visits:
        st.markdown(escaped(say("report_reading.visits", n=content.visits, announced=content.visits_announced)))
    if content.support:
        given = {name: Decimal(content.support.get(name, "0")) for name in ("money", "labour", "goods")}
        st.markdown(escaped(say("report_reading.support", **given)))
    if content.difficulties:
        with st.expander(escaped(say("report_reading.difficulties", n=len(content.difficulties)))):
            for one in content.difficulties:
                state = say(f"difficulties.status.{one.status}")
                st.markdown(escaped(f"{one.words} ({state})"))
                for name, text in (("difficulties.proposal", one.proposal), ("difficulties.answer", one.answer)):
                    if text:
                        st.caption(escaped(say(name, words=text)))


# the answer -----------------------------------------------------------------------------------------------------


def answer_report(programme: Chosen, report: Report) -> None:
    """When it was handed in, what has changed in the record since, and whether the receiver takes it."""
    assert report.row is not None
    desk, id = programme.desk, str(report.row["id"])  # noqa: A001 - the column is called so
    about = {"day": date.fromisoformat(report.row["delivered_on"]), "hash": report.row["content_hash"][:12]}
    st.caption(escaped(say("report_reading.locked", **about)))
    changed = changed_since(desk.store, desk.actor, id)
    if changed:
        with st.expander(escaped(say("report_reading.changed", n=len(changed)))):
            heads = [
                Head(say("report_reading.figure")),
                Head(say("report_reading.then"), NUMBER),
                Head(say("report_reading.now"), NUMBER),
            ]
            lines = [
                Line([getattr(_known(programme, name), "title", name), number(then), number(now)])
                for name, then, now in changed
            ]
            st.html(table(heads, lines))
    if not programme.footing.may("report.accept", str(report.member["code"])):
        return
    place = f"answer:{id}:{report.row['version']}"
    with st.container(horizontal=True):
        if report.status == SUBMITTED and st.button(
            say("report_reading.accept"), key=f"{place}:accept", type="primary"
        ):
            carry_out("report_reading.accepted", accept_report, desk.store, desk.actor, id)
        ask_in_dialog(say("report_reading.return"), lambda: _return(programme, id, place), key=f"{place}:return")


def _return(programme: Chosen, id: str, place: str) -> None:  # noqa: A002 - the column is called so
    st.caption(escaped(say("report_reading.return_about")))
    reason = reason_and_button(say("report_reading.return"), key=f"{place}:reason")
    if reason is not None:
        carry_out("report_reading.returned", return_report, programme.desk.store, programme.desk.actor, id, reason)
