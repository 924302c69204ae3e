"""Paper forms: a pile is entered by one person, a sample of it entered again by another one; where they differ is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import streamlit as st

from chamdiem.office.survey_batches import Batch, batches_for
from chamdiem.office.survey_paper import ENTERED, begin_batch, draw_sample, finish_batch
from chamdiem.office.survey_rounds import OPEN
from chamdiem.office.survey_words import percent
from chamdiem.pages.confirming import ask_in_dialog, carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.survey_form_entry import check_again, enter_one, enter_table
from chamdiem.pages.survey_known import Campaign, round_asked
from chamdiem.pages.survey_new import whole
from chamdiem.surveys.filling import WHO
from chamdiem.words import say

LOOKS = {"entering": "blue", "entered": "orange", "drawn": "orange", "checked": "green"}


def show_paper(desk: Desk, campaign: Campaign) -> None:
    """The piles of one unit, each with what comes next for it."""
    rounds = campaign.of(OPEN)
    if not rounds:
        st.info(escaped(say("surveys.paper_when_open")))
        return
    row = round_asked(rounds, f"surveys:paper/{campaign.id}")
    if "survey.enter" in campaign.verbs:
        key = f"surveys:batch/{row['id']}"
        ask_in_dialog(
            say("surveys.new_batch"), lambda: _form(desk, str(row["id"]), key), key=key, icon=":material/add:"
        )
    found = batches_for(desk.store, desk.actor, str(row["id"]))
    if not found:
        st.info(escaped(say("surveys.no_batches")))
    for batch in found:
        with st.container(border=True):
            _batch(desk, campaign, row["respondents"], batch)


def _form(desk: Desk, round_: str, key: str) -> None:
    label = st.text_input(say("surveys.batch_label"), key=f"{key}:label", max_chars=100, help=say("surveys.batch_help"))
    left, right = st.columns(2)
    sent = left.text_input(say("surveys.sent"), key=f"{key}:sent", max_chars=9)
    returned = right.text_input(say("surveys.returned"), key=f"{key}:returned", max_chars=9)
    numbers = [whole(sent), 0 if returned.strip() == "0" else whole(returned)]
    if st.button(say("surveys.new_batch"), type="primary", key=f"{key}:do"):
        out, back = numbers
        if out is None or back is None:
            st.error(escaped(say("surveys.two_numbers")))
            return
        carry_out(
            "surveys.batch_made", lambda: begin_batch(desk.store, desk.actor, round_, label, sent=out, returned=back)
        )


def _batch(desk: Desk, campaign: Campaign, respondents: str, batch: Batch) -> None:
    row = batch.row
    state = escaped(say(f"surveys.batch.{row['status']}"))
    st.markdown(f":{LOOKS[row['status']]}-badge[{state}] **{escaped(row['label'])}**")
    st.caption(
        escaped(say("surveys.batch_counts", sent=row["sent"], returned=row["returned"], entered=len(batch.entered)))
    )
    if row["compared"]:
        _differences(campaign, batch)
    if batch.may_enter:
        _enter(desk, campaign, respondents, batch)
    elif batch.may_check and row["status"] == ENTERED:
        st.write(escaped(say("surveys.draw_about")))
        if st.button(say("surveys.draw"), type="primary", key=f"surveys:draw/{row['id']}"):
            carry_out("surveys.is_drawn", lambda: draw_sample(desk.store, desk.actor, row["id"]))
    elif batch.may_check:
        check_again(desk, campaign.asked, respondents, batch)
    else:
        st.caption(escaped(say(f"surveys.batch_next.{row['status']}")))


def _enter(desk: Desk, campaign: Campaign, respondents: str, batch: Batch) -> None:
    if batch.missing:
        enter_one(desk, campaign.asked, respondents, batch)
    with st.expander(escaped(say("surveys.from_table"))):
        enter_table(desk, campaign.asked, batch)
    if not batch.missing and st.button(
        say("surveys.finish"), type="primary", key=f"surveys:finish/{batch.row['id']}", icon=":material/done_all:"
    ):
        carry_out("surveys.is_finished", lambda: finish_batch(desk.store, desk.actor, batch.row["id"]))


def _differences(campaign: Campaign, batch: Batch) -> None:
    """What the re-check found: where, and how often; never what was said."""
    row = batch.row
    rate = percent(Fraction(row["differing"], row["compared"]))
    st.markdown(escaped(say("surveys.compared", compared=row["compared"], n=row["differing"], rate=rate)))
    most = percent(campaign.asked.recheck.most_errors)
    if row["status"] == "entering":
        st.warning(escaped(say("surveys.enter_again", most=most)))
    questions: dict[int, list[str]] = {}
    for number, code in batch.differences:
        questions.setdefault(number, []).append(code)
    if lines := [line for number, codes in questions.items() for line in _differs(number, codes)]:
        st.caption(escaped("; ".join(lines)))


def _differs(number: int, codes: Sequence[str]) -> Iterator[str]:
    """Where one form differs: in whom it is of, in which answers."""
    if WHO in codes:
        yield say("surveys.differs_class", number=number)
    if answers := [code for code in codes if code != WHO]:
        yield say("surveys.differs", number=number, code=", ".join(answers))
