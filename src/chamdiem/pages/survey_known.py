"""The surveys a person knows of, by campaign: the rounds of it, and what he may do with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from chamdiem.contest.record import Row
from chamdiem.office.survey_batches import questionnaire_for, verbs_for
from chamdiem.office.survey_rounds import CLOSED, CODES, DRAFT, OPEN, Standing, standings_for
from chamdiem.office.survey_words import label, spoken
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.programme_chosen import sample_badge
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.words import say

CAMPAIGN = "khao-sat"  # the query parameter that names the campaign


@dataclass(frozen=True)
class Campaign:
    """Rounds of one campaign, one for each unit; `verbs` is what the person may do with at least one of them."""

    id: str
    rounds: tuple[Standing, ...]
    verbs: frozenset[str]
    asked: Questionnaire

    def of(self, *statuses: str) -> list[Row]:
        """Its rounds in these states."""
        return [one.row for one in self.rounds if one.row["status"] in statuses]

    @property
    def step(self) -> str:
        """What comes next: hand out, collect, or read the results. Where a link is all that is handed out, the link."""
        running = self.of(OPEN)
        handing_out = self.of(DRAFT) or any(row["mode"] != CODES for row in running)
        return "prepare" if handing_out else "paper" if running else "results"

    @property
    def name(self) -> str:
        """What it is called in a list: what is asked, about whom, from when until when, and how it stands."""
        state = next(one for one in (OPEN, DRAFT, CLOSED) if self.of(one))
        found = [one.row for one in self.rounds]
        units = str(found[0]["unit_name"]) if len(found) == 1 else say("surveys.unit_count", n=len(found))
        first, last = min(row["opens_on"] for row in found), max(row["closes_on"] for row in found)
        span = {"first": date.fromisoformat(first), "last": date.fromisoformat(last)}
        about = {"title": spoken(self.asked), "units": units, "state": say(f"survey.status_{state}"), **span}
        return say("surveys.campaign", **about)


def campaigns(desk: Desk) -> dict[str, Campaign]:
    """The campaigns of this contest and those of programmes, what is not closed first."""
    found: dict[str, list[Standing]] = {}
    for one in standings_for(desk.store, desk.actor):
        if one.row["contest"] in ("", desk.contest_id):
            found.setdefault(str(one.row["campaign"]), []).append(one)
    made = {id: _campaign(desk, id, several) for id, several in found.items()}  # noqa: A001 - it is one
    return dict(sorted(made.items(), key=lambda pair: (not pair[1].of(OPEN, DRAFT), pair[0])))


def _campaign(desk: Desk, id: str, rounds: Sequence[Standing]) -> Campaign:  # noqa: A002
    verbs = frozenset[str]().union(*(verbs_for(desk.store, desk.actor, one.row["id"]) for one in rounds))
    return Campaign(id, tuple(rounds), verbs, questionnaire_for(desk.store, desk.actor, rounds[0].row["id"]))


def chosen_campaign(known: dict[str, Campaign]) -> Campaign:
    """One of them; the address names it."""
    wanted = st.query_params.get(CAMPAIGN, "")
    ids = list(known)
    at = ids.index(wanted) if wanted in known else 0
    chosen = st.selectbox(
        say("surveys.which"), ids, at, format_func=lambda one: known[one].name, key=f"surveys:which/{at}/{len(ids)}"
    )
    st.query_params[CAMPAIGN] = chosen
    return known[chosen]


def labelled(desk: Desk, campaign: Campaign) -> None:
    """Whether the questionnaire is an official one, and whether the answers are made up."""
    st.markdown(f":orange-badge[{escaped(label(campaign.asked))}]")
    sample_badge(desk, [one.row for one in campaign.rounds])


def round_asked(rounds: Sequence[Row], key: str) -> Row:
    """One unit of these; the only one is not asked for."""
    if len(rounds) == 1:
        st.markdown(f"**{escaped(str(rounds[0]['unit_name']))}**")
        return rounds[0]
    names = {str(row["id"]): str(row["unit_name"]) for row in rounds}
    chosen = st.selectbox(say("surveys.unit"), list(names), format_func=names.__getitem__, key=key)
    return next(row for row in rounds if row["id"] == chosen)
