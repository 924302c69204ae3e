"""Nhật ký: everything that was done, with the proof that nothing was changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from chamdiem.clock import in_vietnam
from chamdiem.contest.chronicle import Deed, deeds
from chamdiem.contest.permissions import Subject, allowed
from chamdiem.contest.proof import everything
from chamdiem.errors import Refusal
from chamdiem.office.programme_chronicle import chronicled, programme_deeds
from chamdiem.pages.confirming import said
from chamdiem.pages.desk import Desk, escaped, title, told
from chamdiem.pages.listing import listing
from chamdiem.pages.received import received
from chamdiem.store.journal import spelled
from chamdiem.words import say, shown

PAGE = 50
KEPT = "journal:kept"


def show(desk: Desk) -> None:
    """The page."""
    title("page.nhat-ky")
    said()
    may_verify = allowed(desk.actor, "store.verify", Subject())
    if may_verify:
        _proof(desk)
    known = _known(desk)
    if not known:
        st.info(escaped(say(_why_none(desk))))
        return
    of = next(iter(known))
    if len(known) > 1:
        of = st.selectbox(say("journal.of"), list(known), format_func=known.__getitem__, key="journal:of")
    else:
        st.caption(escaped(known[of]))
    _deeds(desk, of)


def _known(desk: Desk) -> dict[str, str]:
    """What this person may read the journal of, by key: the contest that is open here, and the programmes he manages."""
    found = {}
    if desk.contest is not None:
        with desk.footing() as footing:
            if footing.may("journal.read"):
                found[desk.contest_id] = str(desk.contest["title"])
    return found | {str(row["id"]): str(row["title"]) for row in chronicled(desk.store, desk.actor)}


def _why_none(desk: Desk) -> str:
    if desk.contest is None:
        return "journal.no_contest"
    return "journal.not_now" if desk.has("journal.read") else "journal.closed"


def _proof(desk: Desk) -> None:
    """The end of the chain, to be compared with one that left the machine; and everything checked."""
    with st.container(border=True):
        st.markdown(f"**{escaped(say('journal.head'))}**")
        st.code(spelled(desk.store.head()), language=None, wrap_lines=True)
        st.caption(escaped(say("journal.head_about")))
        saved = st.file_uploader(say("journal.heads"), ["txt"], key="journal:heads")
        if st.button(say("journal.verify"), key="journal:verify", icon=":material/verified:"):
            _verify(desk, saved)
        st.caption(escaped(say("journal.backup")))


def _verify(desk: Desk, saved: Any) -> None:
    with st.spinner(say("journal.verifying")), received([saved] if saved else []) as paths:
        try:
            found = list(everything(desk.store, paths[0] if paths else None))
        except Refusal as refusal:
            told(refusal)
            return
    if not found:
        st.success(escaped(say("journal.sound", n=desk.store.head().seq)))
    for fault in found:
        st.error(escaped(say(fault)))


def _kept(desk: Desk, of: str) -> list[Deed]:
    """What was done, read anew when something was; kept in this session alone, and only while he may read it."""
    place = (of, desk.actor.account, desk.store.head().seq)
    kept = st.session_state.get(KEPT)
    if kept is None or kept[0] != place:
        read = deeds if of == desk.contest_id else programme_deeds
        kept = st.session_state[KEPT] = (place, read(desk.store, desk.actor, of)[::-1])
    found: list[Deed] = kept[1]
    return found


def _deeds(desk: Desk, of: str) -> None:
    everything_done = _kept(desk, of)
    wanted = _filtered(everything_done)
    st.caption(escaped(say("journal.count", n=len(wanted), all=len(everything_done))))
    pages = max(1, -(-len(wanted) // PAGE))
    page = min(int(st.session_state.get("journal:page", 1)), pages)
    rows = [_row(deed) for deed in wanted[(page - 1) * PAGE : page * PAGE]]
    listing(rows, say("journal.table"), say("journal.nothing"))
    if pages > 1:
        st.pagination(pages, key="journal:page")


def _filtered(found: list[Deed]) -> list[Deed]:
    """Those of a person, of a kind, of some days."""
    who = {deed.account: say(deed.who) for deed in found}
    what = {deed.what: say(deed.what) for deed in found}
    days = [in_vietnam(deed.at).date() for deed in found]
    left, middle, right = st.columns(3)
    person = left.selectbox(
        say("journal.who"), list(who), None, format_func=who.__getitem__, placeholder=say("journal.anybody"),
        key="journal:person",
    )  # fmt: skip
    kind = middle.selectbox(
        say("journal.what"), list(what), None, format_func=what.__getitem__, placeholder=say("journal.anything"),
        key="journal:kind",
    )  # fmt: skip
    day: Any = right.date_input(say("journal.day"), None, format="DD/MM/YYYY", key="journal:day")
    wanted: date | None = day
    return [
        deed
        for deed, on in zip(found, days, strict=True)
        if person in (None, deed.account) and kind in (None, deed.what) and wanted in (None, on)
    ]


def _row(deed: Deed) -> dict[str, str]:
    return {
        say("journal.at"): shown(deed.at),
        say("journal.who"): say(deed.who),
        say("journal.what"): say(deed.what),
        say("journal.things"): "; ".join(say(thing.told) for thing in deed.things),
        say("confirming.reason"): deed.reason,
        say("journal.number"): str(deed.first) if deed.first == deed.last else f"{deed.first}–{deed.last}",
    }
