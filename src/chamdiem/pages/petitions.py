"""Kiến nghị: what communes hold against a published result; entered with a due day, answered in words."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chamdiem.contest.law import law_of
from chamdiem.contest.petitions import WORKING_DAYS, decide_petition, enter_petition, petitions_for
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import Row, units_of
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal
from chamdiem.pages.confirming import carry_out, said
from chamdiem.pages.desk import Desk, escaped, title, told
from chamdiem.pages.overview import until
from chamdiem.pages.ways import to_page
from chamdiem.words import say

COLOURS = {"open": "orange", "upheld": "green", "dismissed": "gray"}
WHOLE = ""  # a petition against the whole result
SENT = "petitions:sent"  # how many were sent from this window


def show(desk: Desk) -> None:
    """The page."""
    title("page.kien-nghi")
    said()
    if desk.contest is None:
        st.info(escaped(say("overview.no_contest")))
        return
    with desk.store.read() as connection:
        law = law_of(connection, str(desk.contest["criteria"]))
        names = {unit.code: unit.name or unit.code for unit in units_of(connection, desk.contest_id)}
    try:
        found = petitions_for(desk.store, desk.actor, desk.contest_id)
    except Refusal as refusal:
        told(refusal)
        return
    with desk.footing() as footing:
        mine = [code for code in names if footing.may("petition.enter", unit=code)]
        answerable = {row["id"] for row in found if footing.may("petition.decide", unit=row["unit"])}
    for row in sorted(found, key=lambda row: (row["status"] != "open", row["due"] or "9999", row["id"])):
        _petition(desk, law, names, row, answerable=row["id"] in answerable)
    if not found:
        st.info(escaped(say("petitions.none" if mine or desk.phase is Phase.PETITIONS else "petitions.closed")))
    if mine:
        _enter(desk, law, {code: names[code] for code in mine})


def subject(law: CriteriaSet, code: str) -> str:
    """What a petition is about: a criterion by its title, or the whole result."""
    title_of = {leaf.code: f"{leaf.code}. {leaf.title}" for leaf in law.leaves}
    return title_of.get(code) or say("petitions.whole")


def _petition(desk: Desk, law: CriteriaSet, names: dict[str, str], row: Row, *, answerable: bool) -> None:
    with st.container(border=True):
        status, unit = row["status"], str(row["unit"])
        state = f":{COLOURS[status]}-badge[{escaped(say(f'petitions.{status}'))}]"
        st.markdown(f"**{escaped(names.get(unit, unit))}** {state}")
        st.caption(escaped(subject(law, row["criterion"])))
        st.markdown(escaped(row["words"]))
        if status != "open":
            st.markdown(f"**{escaped(say('petitions.answer'))}** {escaped(row['answer'])}")
        elif row["due"]:
            st.caption(escaped(say("petitions.answer_by", until=until(desk, law, date.fromisoformat(row["due"])))))
        if status == "open" and answerable:
            _answer(desk, row)
        if status == "upheld" and desk.has("publication.publish"):
            st.caption(escaped(say("petitions.then")))
            to_page(desk, "dot-cham")


def _answer(desk: Desk, row: Row) -> None:
    """The answer, and whether the petition is right."""
    key = f"petitions.answer/{row['id']}/{row['version']}"
    with st.form(key, border=False):
        words = st.text_area(say("petitions.your_answer"), key=f"{key}/words", max_chars=4000)
        upheld = st.radio(
            say("petitions.verdict"),
            (True, False),
            index=None,
            format_func=lambda yes: say("petitions.uphold" if yes else "petitions.dismiss"),
            key=f"{key}/verdict",
            horizontal=True,
        )
        sent = st.form_submit_button(say("petitions.send_answer"), type="primary")
    if sent and upheld is None:
        st.error(escaped(say("petitions.needs_verdict")))
    elif sent:
        carry_out(
            "petitions.answered",
            lambda: decide_petition(
                desk.store, desk.actor, row["id"], words, upheld=bool(upheld), expected=row["version"]
            ),
        )


def _enter(desk: Desk, law: CriteriaSet, units: dict[str, str]) -> None:
    """A new petition: of one's own unit, or as it came on paper. Once it is sent, the fields are those of the next one."""
    st.subheader(escaped(say("petitions.new")))
    st.caption(escaped(say("petitions.new_about", n=WORKING_DAYS)))
    with st.form(f"petitions.new/{desk.contest_id}", clear_on_submit=False):
        if len(units) > 1:
            unit = st.selectbox(
                say("petitions.unit"), list(units), None, format_func=units.__getitem__,
                placeholder=say("petitions.choose_unit"), key=f"petitions.unit/{desk.contest_id}",
            )  # fmt: skip
        else:
            unit = next(iter(units))
        criterion = st.selectbox(
            say("petitions.about"),
            [WHOLE, *(leaf.code for leaf in law.leaves)],
            format_func=lambda code: subject(law, code),
            key=f"petitions.about/{desk.contest_id}/{desk.contest and desk.contest['criteria']}",
        )
        key = f"petitions.words/{desk.contest_id}/{st.session_state.get(SENT, 0)}"
        words = st.text_area(say("petitions.words"), key=key, max_chars=4000)
        sent = st.form_submit_button(say("petition.enter"), type="primary")
    if sent and unit is None:
        st.error(escaped(say("petitions.needs_unit")))
    elif sent:
        carry_out("petitions.sent", _send, desk, str(unit), words, str(criterion))


def _send(desk: Desk, unit: str, words: str, criterion: str) -> None:
    enter_petition(desk.store, desk.actor, desk.contest_id, unit, words, today=desk.today, criterion=criterion)
    st.session_state[SENT] = st.session_state.get(SENT, 0) + 1
