"""What the four pages of marks share: choosing a unit, its sheet with what stands around it, handing in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from html import escape

import streamlit as st

from chamdiem.contest.deadlines import working_days_left
from chamdiem.contest.evidence_read import evidence_for
from chamdiem.contest.judging import Receipt
from chamdiem.contest.law import calendar_of
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import Row, Stage
from chamdiem.contest.sheets import (
    Begun,
    OpenSheet,
    due_day,
    lacks,
    open_sheet,
    phases_for,
    sheets_of,
)
from chamdiem.errors import Refusal
from chamdiem.exchange.results_words import label
from chamdiem.office.mark_sources import sources_in
from chamdiem.pages import confirming, evidence_panel, handing_in, score_sheet
from chamdiem.pages.desk import Desk, arrive, escaped, mark_visitor, offer_to_sign_in_again
from chamdiem.pages.sheet_figures import comes_to, result_of
from chamdiem.words import say

LOOKED = "entry:looked"
UNIT = "dv"  # the query parameter that names the unit: links can be passed on
Column = tuple[str, str]
Cells = dict[tuple[str, str], tuple[str, str]]
More = Callable[[Desk, OpenSheet], None]
Beside = Callable[[Desk, OpenSheet], tuple[list[Column], Cells]]


def work(
    desk: Desk, stage: Stage, *, beside: Beside | None = None, more: More | None = None, below: More | None = None,
    panel: bool = True,
) -> None:  # fmt: skip
    """The whole of such a page below its title. `beside` adds columns and renames them, `more` is what follows every answer
    below the sheet, `below` what does not, `panel` says that evidence stands beside the sheet and not below it."""
    confirming.said()
    if desk.contest is None:
        st.info(say("entry.no_contest" if desk.signed_in else "entry.sign_in"))
        if not desk.signed_in:
            offer_to_sign_in_again()
        return
    begun = sheets_of(desk.store, desk.actor, desk.contest_id, stage)
    if not begun:
        _nothing(desk, desk.contest, stage)
        return
    unit = _chosen(begun, desk.contest_id, stage)
    _at_work(desk, unit, stage, beside=beside, more=more, below=below, panel=panel, alone=len(begun) == 1)


def _nothing(desk: Desk, contest: Row, stage: Stage) -> None:
    """Why there is no sheet here, and when there will be one."""
    phases = phases_for(desk.actor, contest, stage)
    if not desk.signed_in:
        st.info(say("entry.sign_in"))
        offer_to_sign_in_again()
    elif not phases:
        st.info(say("entry.not_yours"))
    elif Phase(contest["phase"]) in phases:
        st.info(say(f"entry.none_for_you_{stage}"))
    else:
        st.info(
            say("entry.closed", here=say(f"phase.{contest['phase']}"), when=[say(f"phase.{one}") for one in phases])
        )


def _chosen(begun: list[Begun], contest: str, stage: Stage) -> str:
    """The unit that is worked on, remembered in the address."""
    names = {one.unit: _named(one, stage) for one in begun}
    wanted = st.query_params.get(UNIT, "")
    codes = list(names)
    if len(codes) == 1:
        st.query_params[UNIT] = codes[0]
        return codes[0]
    at = codes.index(wanted) if wanted in names else _first_open(begun)
    chosen = st.selectbox(
        say("entry.unit"),
        codes,
        at,
        format_func=lambda code: names.get(code, code),
        key=f"unit/{contest}/{stage}/{codes[at]}",
    )
    if chosen != wanted:
        st.query_params[UNIT] = chosen
    return chosen


def _first_open(begun: list[Begun]) -> int:
    """The first sheet that is still to be handed in."""
    return next((at for at, one in enumerate(begun) if one.status in ("", "draft")), 0)


def _named(one: Begun, stage: Stage) -> str:
    if one.status in ("submitted", "revealed"):
        return say("entry.unit_done", name=one.name, code=one.unit)
    if stage == "council":
        return say("entry.unit_plain", name=one.name, code=one.unit)
    return say("entry.unit_begun", name=one.name, code=one.unit, n=one.answered, of=one.asked)


def _at_work(
    desk: Desk, unit: str, stage: Stage, *, beside: Beside | None, more: More | None, below: More | None, panel: bool,
    alone: bool,
) -> None:  # fmt: skip
    """The sheet, and beside or below it the documents and what else has nothing to do with single answers: each a part
    that runs by itself, so that an answer that is saved runs the sheet alone."""
    st.html(SHELL)
    place = (desk.contest_id, unit, stage)
    left, right = st.container(), None
    if panel and _documents(desk, *place[:2]):
        left, right = st.columns([8, 5], gap="medium")
    with left:
        _sheet(*place, beside, more, alone)
        if below is not None:
            _part(*place, below)
    with right or st.container():
        _part(*place, evidence_panel.show)


@st.fragment
def _sheet(contest: str, unit: str, stage: Stage, beside: Beside | None, more: More | None, alone: bool) -> None:
    """One sheet at work, as whoever sits there now sees it; saved answers go past it (chamdiem.server.saving)."""
    desk = arrive()
    try:
        sheet = open_sheet(desk.store, desk.actor, contest, unit, stage)
    except Refusal:
        st.info(say("entry.gone" if desk.signed_in else "entry.sign_in"))
        if not desk.signed_in:
            mark_visitor()
            offer_to_sign_in_again()
        return
    _heading(desk, sheet, alone)
    _mount(desk, sheet, beside, lively=more is not None)
    _finish(sheet)
    if more is not None:
        more(desk, sheet)
    if st.session_state.pop(LOOKED, False):
        st.rerun()


@st.fragment
def _part(contest: str, unit: str, stage: Stage, show: More) -> None:
    """What stands beside or below a sheet; nothing where there is no sheet."""
    desk = arrive()
    with suppress(Refusal):
        show(desk, open_sheet(desk.store, desk.actor, contest, unit, stage))


def _documents(desk: Desk, contest: str, unit: str) -> list[Row]:
    try:
        return evidence_for(desk.store, desk.actor, contest, unit)
    except Refusal:
        return []


def _mount(desk: Desk, sheet: OpenSheet, beside: Beside | None, *, lively: bool) -> None:
    """The sheet itself; `lively`: what stands below it follows every answer, so that each saved one runs the page again."""
    asked = score_sheet.asked_by(sheet)
    sources = _sources(desk, sheet)
    columns, cells = score_sheet.beside_of(sheet, asked, sources)
    if beside is not None:
        others, theirs = beside(desk, sheet)
        columns, cells = [*(dict(columns) | dict(others)).items()], {**cells, **theirs}
    links = _documents(desk, sheet.contest["id"], sheet.unit.code)
    data = {
        "layout": score_sheet.layout(sheet, columns, asked),
        "values": score_sheet.values(sheet, cells, asked, score_sheet.number_of_documents(links), sources),
        "lively": lively,
        **comes_to(desk.store, sheet),
    }
    score_sheet.mount(sheet, data, partial(_look_at, sheet))


def _sources(desk: Desk, sheet: OpenSheet) -> score_sheet.Sources:
    """What the notes on a sheet refer to, in words."""
    marks = {(row["criterion"], row["note"]) for row in (*sheet.own.values(), *sheet.beside) if "#" in row["note"]}
    if not marks:
        return {}
    leaves = {leaf.code: leaf for leaf in sheet.criteria.leaves}
    with desk.store.read() as connection:
        found = {
            (code, note): sources_in(connection, desk.actor, leaves[code], note)
            for code, note in marks
            if code in leaves
        }
    return {mark: [(say(one.words), one.address) for one in several] for mark, several in found.items()}


def _look_at(sheet: OpenSheet, code: str) -> None:
    """Show the documents of a criterion: the panel is another part of the page, so that all of it runs anew."""
    evidence_panel.look_at(sheet, code)
    st.session_state[LOOKED] = True


# above the sheet ------------------------------------------------------------------------------------------------


def _heading(desk: Desk, sheet: OpenSheet, alone: bool) -> None:
    if alone:
        evidence_panel.heading(sheet.unit.name or sheet.unit.code)
    phase = Phase(sheet.contest["phase"])
    said = [say("entry.phase", phase=say(f"phase.{phase}"))]
    if (due := due_day(sheet.contest, phase)) is not None:
        left = working_days_left(desk.today, due, calendar_of(sheet.criteria))
        late = due < desk.today
        said.append(
            say("entry.due_passed" if late else "entry.due" if left is None else "entry.due_in", day=due, n=left or 0)
        )
    st.caption(escaped(" · ".join(said)))
    if sheet.criteria.status != "official":
        st.markdown(f":orange-badge[{escaped(label(sheet.criteria))}]")
    if sheet.handed_in:
        _receipt(sheet)
    elif sheet.returned:
        st.warning(escaped(say("entry.returned", reason=sheet.returned)))
    elif not sheet.enterable:
        _closed(desk, sheet)


def _closed(desk: Desk, sheet: OpenSheet) -> None:
    phases = [say(f"phase.{one}") for one in phases_for(desk.actor, sheet.contest, sheet.stage)]
    here = say(f"phase.{sheet.contest['phase']}")
    st.info(escaped(say("entry.closed", here=here, when=phases) if phases else say("entry.read_only")))


def _receipt(sheet: OpenSheet) -> None:
    """What its author keeps: the seal of the sheet in groups that can be compared by eye."""
    receipt: Receipt | None = sheet.receipt
    assert receipt is not None
    when = datetime.fromisoformat(sheet.row["submitted_at"]) if sheet.row["submitted_at"] else ""
    st.success(escaped(say("entry.handed_in", when=when, n=receipt.marks)))
    with st.container(border=True):
        st.caption(say("entry.receipt_says"))
        st.html(f'<code class="chamdiem-seal">{escape(receipt.spelled())}</code>')


# below the sheet ------------------------------------------------------------------------------------------------


def _finish(sheet: OpenSheet) -> None:
    """The way to hand in."""
    if sheet.handed_in or sheet.stage == "council":
        return
    if sheet.may_submit:
        confirming.ask_in_dialog(
            say("entry.submit"), lambda: _confirm(sheet.contest["id"], sheet.unit.code, sheet.stage), look="primary",
            heading=say("entry.confirm_title", name=sheet.unit.name), disabled=not sheet.own,
            key=f"submit/{score_sheet.sheet_key(sheet)}",
        )  # fmt: skip
        if not sheet.own:
            st.caption(say("entry.nothing_to_submit"))


def _confirm(contest: str, unit: str, stage: Stage) -> None:
    """Once more before a sheet is handed in: what is missing, and that nobody can change it afterwards."""
    desk = arrive()
    sheet = open_sheet(desk.store, desk.actor, contest, unit, stage)
    handing_in.confirm(desk, sheet, list(lacks(sheet, result_of(desk.store, sheet)[0])))


SHELL = """<style>
.chamdiem-seal { font-size: 1.15rem; letter-spacing: 0.06em; overflow-wrap: anywhere; }
[data-testid=InputInstructions] { display: none; }
@media (min-width: 641px) {
  [data-testid=stColumn]:has(> [data-testid=stVerticalBlock] .st-key-evidence-panel) {
    position: sticky; top: 4rem; align-self: flex-start; max-height: calc(100vh - 5rem); overflow-y: auto;
  }
}
@media print {
  [data-testid=stHeader], [data-testid=stSidebar], [data-testid=stFileUploader], [data-testid=stButton], [data-testid=stExpander],
  .st-key-evidence-panel { display: none !important; }
  [data-testid=stColumn] { flex: 1 1 100% !important; width: 100% !important; }
  [data-testid=stColumn]:has(.st-key-evidence-panel) { display: none !important; }
}
</style>"""
