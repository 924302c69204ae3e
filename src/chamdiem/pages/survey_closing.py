"""A survey is closed: the box is opened once, counted, and takes no more."""

from __future__ import annotations

import streamlit as st

from chamdiem.office.survey_rounds import OPEN
from chamdiem.office.surveying import close_rounds
from chamdiem.pages.confirming import ask_in_dialog, carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.survey_handing_out import show_standing
from chamdiem.pages.survey_known import Campaign
from chamdiem.words import say


def show_closing(desk: Desk, campaign: Campaign) -> None:
    """How many forms there are, and the way to close."""
    show_standing(campaign)
    rounds = {str(one.row["id"]): one for one in campaign.rounds if one.row["status"] == OPEN}
    if not rounds:
        st.info(escaped(say("surveys.nothing_open")))
        return
    st.caption(escaped(say("surveys.close_about")))
    chosen = st.multiselect(
        say("surveys.close_which"), list(rounds), list(rounds), key=f"surveys:close/{campaign.id}/{len(rounds)}",
        format_func=lambda one: str(rounds[one].row["unit_name"]), placeholder=say("surveys.choose_units"),
    )  # fmt: skip
    few = [rounds[one].row["unit_name"] for one in chosen if rounds[one].collected < campaign.asked.shown_from]
    ask_in_dialog(
        say("surveys.close", n=len(chosen)), lambda: _form(desk, campaign, chosen, few), look="primary",
        key=f"surveys:close:ask/{campaign.id}", disabled=not chosen, icon=":material/lock:",
    )  # fmt: skip


def _form(desk: Desk, campaign: Campaign, chosen: list[str], few: list[str]) -> None:
    st.markdown(escaped(say("surveys.close_sure", n=len(chosen))))
    discard = False
    if few:
        st.warning(escaped(say("surveys.too_few", least=campaign.asked.shown_from, units=few)))
        discard = st.checkbox(say("surveys.discard"), key=f"surveys:discard/{campaign.id}")
    if st.button(
        say("surveys.close_do"),
        type="primary",
        key=f"surveys:close:do/{campaign.id}",
        disabled=bool(few) and not discard,
    ):
        carry_out("surveys.is_closed", lambda: close_rounds(desk.store, desk.actor, chosen, discard=discard))
