"""Hội đồng chốt điểm: the council decides what stands, each decision with its reason."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from chamdiem.contest.sheets import OpenSheet, panel_figures
from chamdiem.errors import Refusal
from chamdiem.pages import entry
from chamdiem.pages.desk import Desk, title
from chamdiem.scoring.figures import HEADLINE, Why
from chamdiem.words import say, shown

PANEL = "panel"


def show(desk: Desk) -> None:
    """The page."""
    title("page.hoi-dong-chot")
    if desk.contest is not None:
        st.caption(say("council.says"))
    entry.work(desk, "council", beside=_combined, panel=False)


def _combined(desk: Desk, sheet: OpenSheet) -> tuple[list[entry.Column], entry.Cells]:
    """What each answer of a judge comes to, and what the panel says together as the criteria set combines its judges."""
    try:
        results = panel_figures(desk.store, desk.actor, sheet.contest["id"], sheet.unit.code)
    except Refusal:
        return [], {}
    notes = {
        (sheet.judges.get(row["author"], ""), row["criterion"]): row["note"]
        for row in sheet.beside
        if row["stage"] == "judge"
    }
    cells: entry.Cells = {}
    for judge, result in results.items():
        for branch in result.plan.branches:
            figure = result.figure(branch)
            why = Why(figure.why.item(HEADLINE, 0))
            if branch.leaf >= 0 and why is not Why.UNMARKED:
                column = f"judge/{judge}" if judge else PANEL
                said = "" if why is Why.COUNTED else say(f"why.{why.name.lower()}")
                cells[column, branch.code] = (
                    shown(result.points(figure.points[HEADLINE, 0])),
                    notes.get((judge, branch.code)) or said,
                )
    return _named(sheet, results), cells


def _named(sheet: OpenSheet, judges: Iterable[str]) -> list[entry.Column]:
    """The columns, each with what stands in it: the commune and the appraiser say results, the judges give points."""
    said = {row["stage"] for row in sheet.beside}
    found = [
        (f"{stage}/", say("council.result_of", column=say(f"entry.column_{stage}")))
        for stage in ("self", "appraisal")
        if stage in said
    ]
    found += [(f"judge/{judge}", say("council.points_of", column=judge)) for judge in judges if judge]
    return [*found, (PANEL, say("council.points_of", column=say("council.panel")))]
