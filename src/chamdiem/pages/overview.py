"""Tổng quan: where the contest stands, what waits for me, what stands in the way of the next step."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chamdiem.contest.contests import Step, without_of
from chamdiem.contest.deadlines import working_days_left
from chamdiem.contest.law import calendar_of, law_of
from chamdiem.contest.phases import Phase, after, phases_of
from chamdiem.contest.progress import due_days
from chamdiem.contest.tasks import Task, first_steps, outlook_for, tasks_for
from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.results_words import label
from chamdiem.pages.desk import Desk, escaped, sign_in, title
from chamdiem.pages.programme_awaited import show_awaited
from chamdiem.pages.ways import out_of_app, to_page
from chamdiem.words import say


def show(desk: Desk) -> None:
    """The page."""
    title("page.tong-quan")
    if not desk.signed_in:
        _welcome(desk)
        return
    beginning = _first_steps(desk)
    awaited = show_awaited(desk)
    if desk.contest is None:
        if not (awaited or beginning):
            st.info(escaped(say("overview.no_contest")))
        return
    with desk.store.read() as connection:
        law = law_of(connection, str(desk.contest["criteria"]))
    st.subheader(escaped(str(desk.contest["title"])))
    _standing(desk, law)
    _waiting(desk, law)
    _to_read(desk)


# visitors -----------------------------------------------------------------------------------------------------------


def _welcome(desk: Desk) -> None:
    """What this is, what was published, and the way in."""
    st.write(escaped(say("overview.what_it_is")))
    out_of_app(sign_in(), say("page.sign_in"))
    st.subheader(escaped(say("overview.published")))
    for contest in desk.contests:
        with st.container(border=True):
            st.markdown(f"**{escaped(str(contest['title']))}**")
            to_page(desk, "xep-hang", say("overview.see_results"), dot=str(contest["id"]))
    if not desk.contests:
        st.caption(escaped(say("overview.none_published")))


# an installation that begins -------------------------------------------------------------------------------------------


def _first_steps(desk: Desk) -> bool:
    """The first steps of an installation, as long as they are not all done; whether there are any."""
    steps = first_steps(desk.store, desk.actor)
    if not steps:
        return False
    st.subheader(escaped(say("overview.three_steps")))
    for page, done in steps:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            sign = ":material/check_circle:" if done else ":material/radio_button_unchecked:"
            words = escaped(say(f"overview.step.{STEPS[page][0]}"))
            st.markdown(f"{sign} {words}" if done else f"{sign} **{words}**")
            if not done and desk.has(STEPS[page][1]):
                to_page(desk, page)
    st.divider()
    return True


STEPS = {
    "don-vi": ("units", "unit.import"),
    "tai-khoan": ("accounts", "account.manage"),
    "dot-cham": ("contest", "contest.create"),
}
"""What each of the first steps is called, and who may take it."""


# where it stands -------------------------------------------------------------------------------------------------------


def _standing(desk: Desk, law: CriteriaSet) -> None:
    """The phases as a line, the one that is on in bold, and until when."""
    assert desk.contest is not None
    assert desk.phase is not None
    without = without_of(desk.contest)
    st.markdown(" → ".join(_phase(phase, desk.phase) for phase in phases_of(without)))
    following = after(desk.phase, without)
    said = [say("overview.now", phase=say(f"phase.{desk.phase}"))]
    if following is not None:
        said.append(say("overview.next", phase=say(f"phase.{following}")))
    due = due_days(desk.contest).get(desk.phase)
    if due is not None:
        said.append(until(desk, law, due))
    st.write(escaped(" ".join(said)))
    if law.status != "official":
        st.caption(f":orange-badge[{escaped(label(law))}]")


def _phase(phase: Phase, here: Phase) -> str:
    name = escaped(say(f"phase.{phase}"))
    if phase is here:
        return f":primary-badge[{name}]"
    return f":gray[{name}]" if list(Phase).index(phase) > list(Phase).index(here) else name


def until(desk: Desk, law: CriteriaSet, due: date) -> str:
    """A due day, and how many working days are left until it or that it has passed."""
    if due < desk.today:
        return say("overview.overdue", day=due)
    left = working_days_left(desk.today, due, calendar_of(law))
    if due == desk.today:
        return say("overview.due_today", day=due)
    return say("overview.due", day=due) if left is None else say("overview.due_in", day=due, n=left)


# what waits ------------------------------------------------------------------------------------------------------------


def _waiting(desk: Desk, law: CriteriaSet) -> None:
    """What waits for this person, then what the office must clear."""
    found = tasks_for(desk.store, desk.actor, desk.contest_id, desk.today)
    step = outlook_for(desk.store, desk.actor, desk.contest_id, desk.today)
    if found or step is None:
        st.subheader(escaped(say("overview.for_you")))
    for task in found:
        _task(desk, law, task)
    if not found and step is None:
        st.write(escaped(say("overview.nothing_waits")))
    if step is not None:
        _outlook(desk, step)


def _task(desk: Desk, law: CriteriaSet, task: Task) -> None:
    with st.container(border=True):
        st.markdown(escaped(say(task.what)))
        if task.due is not None:
            st.caption(escaped(until(desk, law, task.due)))
        to_page(desk, task.page)


def _outlook(desk: Desk, step: Step) -> None:
    """What the office must clear before the next step, each with the page where that is done."""
    st.subheader(escaped(say("overview.before", phase=say(f"phase.{step.phase}"))))
    for blocker in step.blockers:
        with st.container(border=True):
            st.markdown(escaped(say(blocker)))
            page = CLEARED_ON.get(blocker.id.removeprefix("blocker."), "dot-cham")
            to_page(desk, page)
    if not step.blockers:
        st.markdown(f":material/check_circle: {escaped(say('overview.way_is_clear'))}")
        to_page(desk, "cong-bo" if step.phase is Phase.PUBLISHED else "dot-cham")
    for warning in step.warnings:
        st.caption(escaped(say(warning)))


CLEARED_ON = {
    "without_judges": "hoi-dong",
    "sheets_unsubmitted": "hoi-dong",
    "without_quorum": "hoi-dong",
    "unreconciled": "doi-chieu",
    "matters_open": "xep-hang",
    "petitions_open": "kien-nghi",
}
"""The pages on which the office clears what stands in the way; everything else is on that of the contest."""


def _to_read(desk: Desk) -> None:
    """The ranking, for whoever may see it by now."""
    with desk.footing() as footing:
        published = footing.may("publication.read")
        running = footing.may("ranking.read")
    if published or running:
        to_page(desk, "xep-hang", say("overview.see_results" if published else "overview.see_ranking"))
