"""What waits for a person in the programmes at work, on the first page he sees."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from chamdiem.contest.standing import OF_PROGRAMMES
from chamdiem.office.awaiting import Awaited, awaited_by
from chamdiem.office.programme_reading import programmes_for
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.programme_chosen import PROGRAMME
from chamdiem.pages.report_asking import WHICH
from chamdiem.pages.ways import to_page
from chamdiem.words import say

SHOWN = 5


def show_awaited(desk: Desk) -> bool:
    """The things that wait, under the name of each programme; whether he takes part in any."""
    if not any(grant.role in OF_PROGRAMMES for grant in desk.actor.grants):
        return False
    found = awaited_by(desk.store, desk.actor, desk.today)
    titles = {str(row["id"]): str(row["title"]) for row in programmes_for(desk.store, desk.actor)}
    if not found:
        st.write(escaped(say("awaiting.none")))
        to_page(desk, "lich-bao-cao")
        return bool(titles)
    st.subheader(escaped(say("awaiting.heading", n=len(found))))
    for programme, several in groupby(found, key=lambda one: one.programme):
        things = list(several)
        st.markdown(f"**{escaped(titles[programme])}**")
        for one in things[:SHOWN]:
            _one(desk, one)
        if len(things) > SHOWN:
            st.caption(escaped(say("awaiting.more", n=len(things) - SHOWN)))
    st.divider()
    return True


def _one(desk: Desk, one: Awaited) -> None:
    with st.container(border=True):
        st.markdown(escaped(say(one.what)))
        report = {WHICH: one.report} if one.report else {}
        to_page(desk, one.page, **{PROGRAMME: one.programme, **report})
