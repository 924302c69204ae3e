"""The way of a contest: what stands before the next step, the step, opening sealed sheets, going back."""

from __future__ import annotations

import streamlit as st

from chamdiem.contest.contests import Step, advance, next_step, without_of
from chamdiem.contest.decisions import ask
from chamdiem.contest.phases import ORDER, Phase, phases_of, since
from chamdiem.errors import message
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.waiting import show_waiting
from chamdiem.words import say


def steps_section(desk: Desk) -> None:
    """Where the contest goes from here."""
    assert desk.contest is not None
    assert desk.phase is not None
    show_waiting(desk)
    step = next_step(desk.store, desk.actor, desk.contest_id, desk.today)
    with desk.footing() as footing:
        may_reveal = footing.may("sheet.reveal") and footing.sealed
        may_reopen = footing.may("contest.reopen")
    if step is None:
        st.info(escaped(say("steps.archived" if desk.phase is Phase.ARCHIVED else "steps.not_yours")))
    else:
        _step(desk, step)
    with st.container(horizontal=True):
        if may_reveal:
            ask_in_dialog(say("sheet.reveal"), lambda: _reveal(desk), key="reveal", icon=":material/lock_open:")
        if may_reopen:
            ask_in_dialog(say("contest.reopen"), lambda: _reopen(desk), key="reopen", icon=":material/undo:")


def _step(desk: Desk, step: Step) -> None:
    """What stands in the way, what should be known, and then the button."""
    st.markdown(f"#### {escaped(say('steps.next', phase=message(f'phase.{step.phase}')))}")
    if step.blockers:
        st.markdown(escaped(say("steps.blocked", n=len(step.blockers))))
    for blocker in step.blockers:
        st.error(escaped(say(blocker)), icon=":material/block:")
    for warning in step.warnings:
        st.warning(escaped(say(warning)), icon=":material/info:")
    if not step.blockers and not step.warnings:
        st.success(escaped(say("steps.free")))
    if step.phase is Phase.PUBLISHED:
        st.markdown(escaped(say("steps.publish_there")))
        return
    words = say("steps.go", phase=message(f"phase.{step.phase}"))
    ask_in_dialog(words, lambda: _go(desk, step), key="advance", look="primary", disabled=bool(step.blockers))


def _go(desk: Desk, step: Step) -> None:
    st.write(escaped(say("steps.sure", here=message(f"phase.{desk.phase}"), there=message(f"phase.{step.phase}"))))
    for warning in step.warnings:
        st.warning(escaped(say(warning)), icon=":material/info:")
    if st.button(say("steps.yes"), type="primary", key="advance:yes"):
        carry_out(
            "steps.done",
            lambda: advance(
                desk.store, desk.acting("contest.advance"), desk.contest_id, step.phase,
                today=desk.today, expected=int((desk.contest or {})["version"]),
            ),
        )  # fmt: skip


def _reveal(desk: Desk) -> None:
    st.write(escaped(say("steps.reveal_sure")))
    if st.button(say("steps.ask"), type="primary", key="reveal:yes"):
        carry_out("steps.asked", lambda: ask(desk.store, desk.acting("sheet.reveal"), desk.contest_id, "sheet.reveal"))


def _reopen(desk: Desk) -> None:
    assert desk.contest is not None
    assert desk.phase is not None
    st.write(escaped(say("steps.reopen_sure")))
    earlier = [phase for phase in phases_of(without_of(desk.contest)) if desk.phase in since(phase)]
    phases = [phase for phase in ORDER if phase in earlier and phase is not desk.phase]
    phase = st.selectbox(
        say("steps.reopen_to"), phases[::-1], format_func=lambda one: say(f"phase.{one}"), key="reopen:phase"
    )
    reason = reason_and_button(say("steps.ask"), key="reopen")
    if reason is not None:
        carry_out(
            "steps.asked",
            lambda: ask(
                desk.store, desk.acting("contest.reopen"), desk.contest_id, "contest.reopen", reason, phase=phase.value
            ),
        )
