"""The figures of a member: "trong kỳ" is typed as text, "lũy kế từ đầu năm" is summed from what was typed."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chamdiem.errors import Message, message
from chamdiem.office.figures import OPENING, Cell, cells_between, enter_figures, figures_for
from chamdiem.office.programme_reading import entered_for
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.desk import escaped
from chamdiem.pages.programme_chosen import Chosen
from chamdiem.programmes.figures import KnownFigure
from chamdiem.programmes.periods import Period
from chamdiem.words import say, shown_number


def figures_entry(programme: Chosen, member: str, period: Period | None) -> None:
    """The form of one cell; of a period with several cells one is chosen."""
    known = programme.law.figures
    if known is None:
        st.caption(escaped(say("report_figures.none")))
        return
    cells = _cells(programme, period)
    if not cells:
        st.caption(escaped(say("report_figures.to_come")))
        return
    place = f"figures:{programme.id}:{member}:{period.id if period else ''}"
    if any(row["above"] == member for row in programme.members.values()):
        st.caption(escaped(say("report_figures.own_alone", name=programme.name(member))))
    opening = f"{programme.row['period_from'][:4]}-{OPENING}"
    names: dict[str, Message] = {cell.id: cell.label for cell in cells}
    names[opening] = message("report_figures.opening", year=opening[:4])
    cell = st.selectbox(
        say("report_figures.cell"), list(names), len(cells) - 1, format_func=lambda one: say(names[one]), key=place
    )
    if cell == opening:
        st.caption(escaped(say("report_figures.opening_about")))
    until = next((one for one in cells if one.id == cell), None)
    figures = [one for one in known.figures if until or one.kind != "stock"]
    _form(programme, member, cell, until, figures)
    if known.status == "illustrative":
        st.caption(escaped(say("report_figures.illustrative")))


def _cells(programme: Chosen, period: Period | None) -> list[Cell]:
    """The cells of a period that have begun; of no period those of the whole programme."""
    row, today = programme.row, programme.desk.today
    first = (period.first if period else None) or date(int(row["period_from"][:4]), 1, 1)
    last = (period.last if period else None) or date(int(row["period_to"][:4]), 12, 31)
    return [cell for cell in cells_between(programme.law.programme, first, last) if cell.first <= today]


def _form(programme: Chosen, member: str, cell: str, span: Cell | None, figures: list[KnownFigure]) -> None:
    desk = programme.desk
    before = entered_for(desk.store, desk.actor, programme.id, member, cell)
    sums = figures_for(desk.store, desk.actor, programme.id, member, span.first, span.last) if span else []
    so_far = {one.figure.key: one.so_far for one in sums}
    place = f"figures:{programme.id}:{member}:{cell}"
    typed: dict[str, str] = {}
    with st.form(place, border=False):
        rows = (st.columns(2, gap="medium") for _ in figures[::2])  # two by two: on a telephone they keep their order
        for place_of, one in zip((column for row in rows for column in row), figures, strict=False):
            was = shown_number(before[one.key]) if one.key in before else ""
            with place_of:
                name = say("report_figures.named", title=one.title, unit=one.unit)
                typed[one.key] = st.text_input(name, was, key=f"{place}:{one.key}:{was}", max_chars=30)
                if (total := so_far.get(one.key)) is not None:
                    st.caption(escaped(say("report_figures.so_far", total=total)))
        sent = st.form_submit_button(say("report_figures.save"), type="primary")
    if sent:
        changed = {
            key: text
            for key, text in typed.items()
            if text.strip() != (shown_number(before[key]) if key in before else "")
        }
        carry_out(
            message("report_figures.saved", n=len(changed)),
            enter_figures, desk.store, desk.actor, programme.id, member, cell, changed, today=desk.today,
        )  # fmt: skip
