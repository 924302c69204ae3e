"""Trợ giúp: what a role may do and when, how each kind of criterion is answered, and what the words mean."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from chamdiem.contest.contests import without_of
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import TABLE
from chamdiem.contest.phases import ORDER, Phase, phases_of
from chamdiem.contest.standing import ROLES, Rule
from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.scoresheet_lines import lines
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.words import known, say

EVERY = frozenset(ORDER)
WORDS = (
    "self", "evidence", "floor", "ceiling", "provisional", "sealed", "receipt", "reveal", "spread", "third_marker",
    "reconciliation", "quorum", "conflict", "gate", "band", "bonus", "not_applicable", "abstained", "second_person",
    "working_day", "illustrative", "fingerprint", "journal",
)  # fmt: skip


def show(desk: Desk) -> None:
    """The page."""
    title("page.tro-giup")
    own = [role for role in ROLES if any(grant.role == role for grant in desk.actor.grants)] or ["public"]
    role = st.selectbox(
        say("guide.role"),
        ROLES,
        ROLES.index(own[0]),
        format_func=lambda one: say(f"role.{one}"),
        key=f"guide.role/{desk.actor.account}",
    )
    _work(desk, str(role))
    if desk.contest is not None:
        with desk.store.read() as connection:
            _answers(law_of(connection, str(desk.contest["criteria"])))
    _glossary()


# what a role may do ---------------------------------------------------------------------------------------------------------


def _work(desk: Desk, role: str) -> None:
    """Phase by phase, the one that is on open; what never closes comes last."""
    rules = [rule for rule in TABLE if rule.role == role]
    always = [rule for rule in rules if rule.phases is None or rule.phases == EVERY]
    st.subheader(escaped(say("guide.what_and_when")))
    if known(f"guide.in_short.{role}"):
        st.write(escaped(say(f"guide.in_short.{role}")))
    for phase in phases_of(without_of(desk.contest)) if desk.contest is not None else ORDER:
        here = [rule for rule in rules if rule not in always and rule.phases and phase in rule.phases]
        if here:
            now = phase is desk.phase
            heading = say("guide.now", phase=say(f"phase.{phase}")) if now else say(f"phase.{phase}")
            with st.expander(escaped(heading), expanded=now):
                _rules(here, phase)
    if always:
        with st.expander(escaped(say("guide.always")), expanded=desk.phase is None):
            _rules(always, None)


def _rules(rules: Iterable[Rule], phase: Phase | None) -> None:
    """What may be done, each thing once, with what must hold; doing before looking."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        conditions = "; ".join(say(f"condition.{one.__name__}") for one in rule.conditions)
        found.setdefault(rule.verb, []).append(conditions)
    order = sorted(found, key=lambda verb: ".read" in verb or verb in ("sheet.progress", "publication.preview"))
    st.markdown("\n".join(f"- {_line(verb, found[verb])}" for verb in order))


def _line(verb: str, conditions: list[str]) -> str:
    """One thing; of several ways to be allowed the freest is told."""
    fewest = min(conditions, key=len)
    told = f" :small[:gray[({escaped(fewest)})]]" if fewest else ""
    return f"**{escaped(say(verb))}**{told}"


# how to answer ----------------------------------------------------------------------------------------------------------------


def _answers(law: CriteriaSet) -> None:
    """Each kind of answer that this set asks for, with the criteria that ask for it."""
    kinds: dict[str, list[str]] = {}
    for line in lines(law):
        if line.kind == "leaf":
            kinds.setdefault(line.ask, []).append(line.code)
        elif line.kind == "fact":
            kinds.setdefault(line.ask, []).append(line.title)
    st.subheader(escaped(say("guide.answers")))
    st.caption(escaped(law.title))
    for ask, codes in kinds.items():
        st.markdown(f"- {escaped(ask)}  \n  :small[:gray[{escaped(say('guide.asked_by', codes=codes))}]]")
    st.caption(escaped(say("guide.decimals")))


def _glossary() -> None:
    st.subheader(escaped(say("guide.glossary")))
    for word in WORDS:
        st.markdown(f"**{escaped(say(f'guide.word.{word}'))}**: {escaped(say(f'guide.meaning.{word}'))}")
