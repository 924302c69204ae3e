"""Khảo sát: rounds of a survey from setting up to results, one step after the other."""

from __future__ import annotations

import streamlit as st

from chamdiem.pages.confirming import said
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.survey_closing import show_closing
from chamdiem.pages.survey_handing_out import show_handing_out
from chamdiem.pages.survey_known import Campaign, campaigns, chosen_campaign, labelled
from chamdiem.pages.survey_new import new_button
from chamdiem.pages.survey_paper_entry import show_paper
from chamdiem.pages.survey_results import show_results
from chamdiem.words import say

STEPS = {
    "prepare": ("survey.manage",),
    "paper": ("survey.enter", "survey.recheck"),
    "close": ("survey.manage",),
    "results": ("survey.read", "survey.manage"),
}
SHOWN = {"prepare": show_handing_out, "paper": show_paper, "close": show_closing, "results": show_results}


def show(desk: Desk) -> None:
    """The page."""
    title("page.dot-khao-sat")
    said()
    if not desk.signed_in:
        st.info(escaped(say("surveys.sign_in")))
        return
    known = campaigns(desk)
    made = new_button(desk, known)
    if not known:
        st.info(escaped(say("surveys.none" if made else "surveys.none_for_you")))
        return
    campaign = chosen_campaign(known)
    labelled(desk, campaign)
    SHOWN[_step(campaign)](desk, campaign)


def _step(campaign: Campaign) -> str:
    """Where one is: what comes next unless another step is chosen."""
    steps = [step for step, verbs in STEPS.items() if campaign.verbs & {*verbs}] or ["results"]
    if len(steps) == 1:
        return steps[0]
    step = st.segmented_control(
        say("surveys.steps"), steps, default=campaign.step if campaign.step in steps else steps[0], required=True,
        format_func=lambda one: say(f"surveys.step.{one}"), label_visibility="collapsed",
        key=f"surveys:step/{campaign.id}/{campaign.step}",
    )  # fmt: skip
    return str(step)
