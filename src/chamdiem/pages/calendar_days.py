"""The days a document does not name: the leading office says them, one by one; the software guesses none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from chamdiem.office.asked_reports import spot_asked
from chamdiem.office.footing import Footing
from chamdiem.office.programmes_begun import given_days, set_day
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.programme_chosen import day_asked
from chamdiem.pages.programme_shelf import Shelved
from chamdiem.programmes.due import Due, due_called
from chamdiem.words import say


def ask_days(desk: Desk, one: Shelved, unset: Sequence[Due]) -> None:
    """What waits for a day, and a field for the next one; who may not set it reads who can."""
    if one.row is None:
        if unset:
            st.info(escaped(say("calendar.unset_document", n=len(unset), what=_named(unset))))
        return
    with desk.store.read() as connection:
        footing = Footing(connection, desk.actor, one.key)
        manages = footing.may("programme.manage") and not footing.closed
    given = _set_by_hand(one)
    if unset:
        with st.container(border=True):
            st.markdown(f"**{escaped(say('calendar.never_set' if footing.closed else 'calendar.ask', n=len(unset)))}**")
            if manages:
                _form(desk, one, unset)
            else:
                st.markdown("\n".join(f"- {escaped(name)}" for name in _named(unset)))
                if not footing.closed:
                    st.caption(escaped(say("calendar.ask_the_lead")))
    if manages and given:
        with st.expander(escaped(say("calendar.given", n=len(given)))):
            _take_back(desk, one, list(given))


def _named(dues: Sequence[Due]) -> list[str]:
    return [_name(due) for due in dues]


def _name(due: Due) -> str:
    return say("calendar.item", title=due.title, period=say(due.period.label), stage=due.stage_title)


def _form(desk: Desk, one: Shelved, unset: Sequence[Due]) -> None:
    by_key = {due.key: due for due in unset}
    wanted = st.selectbox(
        say("calendar.set_for"), list(by_key), format_func=lambda key: _name(by_key[key]),
        key=f"calendar:set/{one.key}/{len(unset)}",
    )  # fmt: skip
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        day = day_asked(say("calendar.day"), None, f"calendar:day/{one.key}/{wanted}")
    if right.button(say("calendar.set"), type="primary", key=f"calendar:do/{one.key}", width="stretch"):
        if day is None:
            st.error(escaped(say("calendar.choose_day")))
        else:
            carry_out("calendar.was_set", set_day, desk.store, desk.actor, one.key, wanted, day)


def _set_by_hand(one: Shelved) -> dict[str, date]:
    """The days that were set for what the document itself wants; what was asked for is taken back where it is answered."""
    return {key: day for key, day in given_days(one.row or {}).items() if spot_asked(one.law, key) is None}


def _take_back(desk: Desk, one: Shelved, keys: Sequence[str]) -> None:
    given = _set_by_hand(one)
    wanted = st.selectbox(
        say("calendar.given_which"), keys,
        format_func=lambda key: say("calendar.given_day", what=_called(one, key), day=given[key]),
        key=f"calendar:back/{one.key}/{len(keys)}",
    )  # fmt: skip
    if st.button(say("calendar.take_back"), key=f"calendar:back:do/{one.key}"):
        carry_out("calendar.was_taken_back", set_day, desk.store, desk.actor, one.key, wanted, None)


def _called(one: Shelved, key: str) -> str:
    """What a key means, in words."""
    return _name(due_called(one.law, key, given=_set_by_hand(one)))
