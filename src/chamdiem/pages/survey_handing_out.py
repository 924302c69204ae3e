"""A survey is handed out: how many forms are wanted and there, the link of each unit, its poster, its slips; and opened."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

import segno
import streamlit as st

from chamdiem.office.survey_rounds import CODES, DRAFT, OPEN
from chamdiem.office.surveying import open_rounds
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.plain_table import EXTRA, NUMBER, Cell, Head, Line, table
from chamdiem.pages.survey_known import Campaign, round_asked
from chamdiem.words import say, shown

ANSWER, SLIPS = "/khao-sat", "/khao-sat-ma"  # pages of the server


def show_handing_out(desk: Desk, campaign: Campaign) -> None:
    """How each unit stands; what to do next."""
    show_standing(campaign)
    waiting = campaign.of(DRAFT)
    ready = [str(row["id"]) for row in waiting if row["mode"] != CODES or row["codes"]]
    if waiting and len(ready) < len(waiting):
        st.info(escaped(say("surveys.codes_first", n=len(waiting) - len(ready))))
    if ready and st.button(
        say("surveys.open", n=len(ready)),
        type="primary",
        key=f"surveys:open/{campaign.id}",
        icon=":material/lock_open:",
    ):
        carry_out("surveys.is_open", lambda: open_rounds(desk.store, desk.actor, ready, today=desk.today))
    rounds = campaign.of(DRAFT, OPEN)
    if rounds:
        st.markdown(f"#### {escaped(say('surveys.to_print'))}")
        _papers(round_asked(rounds, f"surveys:papers/{campaign.id}"))


def show_standing(campaign: Campaign) -> None:
    """A line for each unit: how many could be asked, must be, have been."""
    heads = [
        Head(say("surveys.unit")), Head(say("survey.column_status")), Head(say("surveys.people"), f"{NUMBER} {EXTRA}"),
        Head(say("surveys.wanted"), NUMBER), Head(say("surveys.collected"), NUMBER),
        Head(say("surveys.missing"), NUMBER),
    ]  # fmt: skip
    lines = [
        Line(
            [
                Cell(one.row["unit_name"], narrow=say("surveys.people_narrow", n=one.row["population"])),
                say(f"survey.status_{one.row['status']}"),
                *map(shown, (one.row["population"], one.row["target"], one.collected, one.missing)),
            ]
        )
        for one in campaign.rounds
    ]
    st.html(table(heads, lines, say("surveys.sample_formula")))


def _papers(row: dict[str, object]) -> None:
    """What is put up and handed out in one unit."""
    st.caption(escaped(say("surveys.link_about")))
    here = urlsplit(st.context.url or "")
    address = f"{here.scheme}://{here.netloc}{ANSWER}/{row['link']}" if here.netloc else f"{ANSWER}/{row['link']}"
    st.code(address, language=None, wrap_lines=True)
    picture = segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=2, light="#fff")
    st.html(f'<img src="{picture}" alt="{escape(say("surveys.qr"))}" width="160" height="160">')
    with st.container(horizontal=True):
        st.link_button(say("surveys.poster"), f"{ANSWER}/{row['link']}/to-in", icon=":material/qr_code_2:")
        if row["mode"] == CODES:
            st.link_button(say("surveys.slips"), f"{SLIPS}/{row['id']}", icon=":material/content_cut:")
    if row["mode"] == CODES:
        st.caption(escaped(say("surveys.codes_given", n=row["codes"])))
