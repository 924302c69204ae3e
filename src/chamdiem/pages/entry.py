"""What the four pages of marks share: choosing a unit, its sheet with points as they grow, what is missing, handing in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape

import streamlit as st

from chamdiem.contest.deadlines import working_days_left
from chamdiem.contest.evidence_read import evidence_for
from chamdiem.contest.judging import Receipt, submit_sheet
from chamdiem.contest.law import calendar_of
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import Row, Stage
from chamdiem.contest.sheets import (
    Begun,
    Lack,
    OpenSheet,
    due_day,
    figures_of,
    lacks,
    open_sheet,
    phases_for,
    sheets_of,
)
from chamdiem.errors import Refusal
from chamdiem.exchange.results_words import label
from chamdiem.pages import evidence_panel, score_sheet
from chamdiem.pages.desk import SIGN_IN, Desk, arrive, attempt, escaped, told
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE
from chamdiem.scoring.result import Result
from chamdiem.words import say, shown

UNIT = "dv"  # the query parameter that names the unit: links can be passed on
Column = tuple[str, str]
Cells = dict[tuple[str, str], tuple[str, str]]
More = Callable[[Desk, OpenSheet], None]
Beside = Callable[[Desk, OpenSheet], tuple[list[Column], Cells]]


def work(
    desk: Desk, stage: Stage, *, beside: Beside | None = None, more: More | None = None, panel: bool = True
) -> None:
    """The whole of such a page below its title. `beside` adds columns, `more` what else the page offers below the sheet,
    `panel` says that evidence stands beside the sheet and not below it."""
    if desk.contest is None:
        st.info(say("entry.no_contest" if desk.signed_in else "entry.sign_in"))
        return
    begun = sheets_of(desk.store, desk.actor, desk.contest_id, stage)
    if not begun:
        _nothing(desk, desk.contest, stage)
        return
    unit = _chosen(begun, desk.contest_id, stage)
    _sheet(desk.contest_id, unit, stage, beside, more, panel, len(begun) == 1)


def _nothing(desk: Desk, contest: Row, stage: Stage) -> None:
    """Why there is no sheet here, and when there will be one."""
    phases = phases_for(desk.actor, contest, stage)
    if not phases:
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


@st.fragment
def _sheet(
    contest: str, unit: str, stage: Stage, beside: Beside | None, more: More | None, panel: bool, alone: bool
) -> None:
    """One sheet at work. Each saved answer runs only this part again, as whoever sits there now."""
    desk = arrive()
    st.html(SHELL)
    try:
        sheet = open_sheet(desk.store, desk.actor, contest, unit, stage)
    except Refusal:
        st.info(say("entry.gone" if desk.signed_in else "entry.sign_in"))
        if not desk.signed_in:
            st.link_button(say("page.sign_in_again"), SIGN_IN)
        return
    result = _figures(desk, sheet)
    _heading(desk, sheet, alone)
    _totals(sheet, result)
    links = evidence_for(desk.store, desk.actor, contest, unit)
    left, right = st.columns([8, 5], gap="medium") if panel and links else (st.container(), None)
    with left:
        _mount(desk, sheet, result, links, beside)
        _finish(desk, sheet, result)
        if more is not None:
            more(desk, sheet)
    with right or st.container():
        evidence_panel.show(desk, sheet, links)


def _figures(desk: Desk, sheet: OpenSheet) -> Result | None:
    try:
        return figures_of(desk.store, sheet)
    except Refusal as refusal:
        told(refusal)
        return None


def _mount(desk: Desk, sheet: OpenSheet, result: Result | None, links: list[Row], beside: Beside | None) -> None:
    asked = score_sheet.asked_by(sheet)
    columns, cells = score_sheet.beside_of(sheet, asked)
    if beside is not None:
        others, theirs = beside(desk, sheet)
        columns, cells = [*columns, *others], {**cells, **theirs}
    data = {
        "layout": score_sheet.layout(sheet, columns, asked),
        "values": score_sheet.values(sheet, cells, asked, score_sheet.number_of_documents(links)),
        "figures": score_sheet.figures(sheet, result),
    }
    score_sheet.mount(sheet, data, lambda code: evidence_panel.look_at(sheet, code))


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


def _totals(sheet: OpenSheet, result: Result | None) -> None:
    """What the sheet comes to now, at least and at most."""
    if result is None or sheet.stage == "council" or sheet.criteria.result != "points":
        return
    total = result.verdict.totals.total
    floor, ceiling = result.layer(FLOOR), result.layer(CEILING)
    three = [shown(result.points(total[layer, 0])) for layer in (HEADLINE, floor, ceiling)]
    said = [say("entry.total", points=three[0], top=sheet.criteria.scale)]
    if floor != HEADLINE:
        said.append(say("entry.floor_ceiling", floor=three[1], ceiling=three[2]))
    st.markdown("  \n".join([f"**{escaped(said[0])}**", *(escaped(one) for one in said[1:])]))


# below the sheet ------------------------------------------------------------------------------------------------


def _finish(desk: Desk, sheet: OpenSheet, result: Result | None) -> None:
    """What is still missing, and the way to hand in."""
    if sheet.handed_in or sheet.stage == "council":
        return
    missing = list(lacks(sheet, result))
    if sheet.enterable:
        _missing(missing)
    if sheet.may_submit:
        if st.button(
            say("entry.submit"), type="primary", disabled=not sheet.own, key=f"submit/{score_sheet.sheet_key(sheet)}"
        ):
            _confirm(sheet.contest["id"], sheet.unit.code, sheet.stage)
        if not sheet.own:
            st.caption(say("entry.nothing_to_submit"))


def _missing(missing: list[Lack]) -> None:
    if not missing:
        st.success(say("entry.nothing_missing"))
        return
    with st.expander(say("entry.missing", n=len(missing))):
        for what in ("answer", "evidence"):
            found = [one for one in missing if one.what == what]
            if found:
                st.markdown(f"**{escaped(say(f'entry.lacks_{what}'))}**")
                st.markdown("\n".join(f"- {escaped(one.criterion)} {escaped(one.title)}" for one in found))


@st.dialog(" ")
def _confirm(contest: str, unit: str, stage: Stage) -> None:
    """Once more before a sheet is handed in: what is missing, and that nobody can change it afterwards."""
    desk = arrive()
    sheet = open_sheet(desk.store, desk.actor, contest, unit, stage)
    wrong = sorted(score_sheet.wrong_in(sheet))
    missing = list(lacks(sheet, _figures(desk, sheet)))
    evidence_panel.heading(say("entry.confirm_title", name=sheet.unit.name))
    st.write(escaped(say("entry.confirm_says", n=len(sheet.own))))
    if wrong:
        st.error(escaped(say("entry.wrong_cells", codes=wrong)))
    for what in ("answer", "evidence"):
        codes = [one.criterion for one in missing if one.what == what]
        if codes:
            st.warning(escaped(say(f"entry.confirm_lacks_{what}", n=len(codes), codes=codes)))
    asked = st.button(
        say("entry.submit_anyway" if missing else "entry.submit_now"), type="primary", disabled=bool(wrong)
    )
    if asked and attempt("entry.submitted", _hand_in, desk, sheet) is not None:
        st.rerun()


def _hand_in(desk: Desk, sheet: OpenSheet) -> Receipt:
    actor = desk.acting("sheet.submit")
    return submit_sheet(desk.store, actor, sheet.contest["id"], sheet.unit.code, sheet.stage)


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
