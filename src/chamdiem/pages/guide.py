"""Trợ giúp: what a role may do and when, how each kind of criterion is answered, and what the words mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from chamdiem.contest.contests import without_of
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import TABLE
from chamdiem.contest.phases import ORDER, phases_of
from chamdiem.contest.standing import ROLES, Rule
from chamdiem.criteria.model import CriteriaSet
from chamdiem.criteria.rules import Input
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.words import say

EVERY = frozenset(ORDER)
WORDS = (
    "self", "evidence", "floor", "ceiling", "provisional", "sealed", "receipt", "reveal", "spread", "third_marker",
    "reconciliation", "quorum", "conflict", "gate", "band", "bonus", "not_applicable", "abstained", "second_person",
    "working_day", "illustrative", "fingerprint", "journal", "so_far", "consolidation", "sample_size", "interval", "recheck",
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
    """What a role does and sees phase by phase as a table, the phase that is on marked; what never closes comes last."""
    rules = [rule for rule in TABLE if rule.role == role]
    always = [rule for rule in rules if rule.phases is None or rule.phases == EVERY]
    st.subheader(escaped(say("guide.what_and_when")))
    st.write(escaped(say(f"guide.in_short.{role}")))
    found: list[tuple[list[str], str, bool]] = []  # phases that follow each other and open the same stand in one line
    for phase in phases_of(without_of(desk.contest)) if desk.contest is not None else ORDER:
        here = [rule for rule in rules if rule not in always and rule.phases and phase in rule.phases]
        name, now, cells = say(f"phase.{phase}"), phase is desk.phase, _cells(here)
        if found and not now and not found[-1][2] and found[-1][1] == cells:
            found[-1][0].append(name)
        elif here:
            found.append(([say("guide.now", phase=name) if now else name], cells, now))
    if always:
        found.append(([say("guide.always")], _cells(always), False))
    heads = "".join(f"<th style='{CELL}'>{escape(say(f'guide.head.{name}'))}</th>" for name in ("phase", "do", "see"))
    lines = "".join(_line(names, cells, now=now) for names, cells, now in found)
    st.html(f"{STACKED}<table class='viec' style='width:100%;border-collapse:collapse'><tr>{heads}</tr>{lines}</table>")


STACKED = """<style>@media (max-width:640px){.viec tr:first-child{display:none}.viec tr,.viec td{display:block}
.viec td.luc{font-weight:600;padding-top:1rem!important}.viec td:not(:last-child){border-bottom:0!important}
.viec td:empty{display:none}}</style>"""
CELL = "text-align:left;vertical-align:top;padding:.5rem .6rem;border-bottom:1px solid rgba(128,128,128,.25)"


def _line(names: list[str], cells: str, *, now: bool) -> str:
    """One phase, or several from the first to the last."""
    heading = names[0] if len(names) == 1 else say("guide.from_to", first=names[0], last=names[-1])
    look = CELL + (";font-weight:600;border-left:3px solid currentColor" if now else "")
    return f"<tr><td class='luc' style='{look}'>{escape(heading)}</td>{cells}</tr>"


def _cells(rules: Iterable[Rule]) -> str:
    """What may be done, then what may be seen."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        names = [one.__name__ for one in rule.conditions if (rule.verb, one.__name__) not in IMPLIED]
        conditions = "; ".join(say(f"condition.{name}") for name in names)
        found.setdefault(rule.verb, []).append(conditions)
    seen = [verb for verb in found if ".read" in verb or verb in SEEING]
    done = [verb for verb in found if verb not in seen]
    return "".join(f"<td style='{CELL}'>{_verbs({verb: found[verb] for verb in verbs})}</td>" for verbs in (done, seen))


IMPLIED = {("conflict.declare", "own_account"), ("conflict.manage", "of_another")}  # the name of the verb says it
SEEING = ("sheet.progress", "publication.preview")


def _verbs(found: dict[str, list[str]]) -> str:
    """What may be done line by line; the condition that several have in common stands once below them, and of several
    ways to be allowed the freest is told."""
    alike: dict[str, list[str]] = {}
    for verb, conditions in found.items():
        alike.setdefault(min(conditions, key=len), []).append(verb)
    return "".join(_alike(condition, verbs) for condition, verbs in sorted(alike.items(), key=lambda one: bool(one[0])))


def _alike(condition: str, verbs: list[str]) -> str:
    """Things under one condition."""
    told = (
        f"<br><small style='opacity:.75'>{escape(say('guide.only_if', condition=condition))}</small>"
        if condition
        else ""
    )
    return f"<div style='padding-bottom:.4rem'>{'<br>'.join(escape(say(verb)) for verb in verbs)}{told}</div>"


# how to answer ----------------------------------------------------------------------------------------------------------------


def _answers(law: CriteriaSet) -> None:
    """Each kind of answer that this set asks for, with the criteria that ask for it."""
    kinds: dict[str, list[str]] = {}
    for leaf in law.leaves:
        assert leaf.rule is not None
        asked = leaf.rule.inputs(law.scale_of(leaf))
        kinds.setdefault(asked[0].type if len(asked) == 1 else _parts(asked), []).append(leaf.code)
    st.subheader(escaped(say("guide.answers")))
    st.caption(escaped(law.title))
    for kind, codes in kinds.items():
        line = f"- {escaped(say(f'guide.answer.{kind}'))}"
        st.markdown(f"{line}  \n  :small[:gray[{escaped(say('guide.asked_by', codes=codes))}]]")
    if law.facts:
        st.markdown(f"- {escaped(say('guide.answer.facts'))}")
    st.caption(escaped(say("guide.decimals")))


def _parts(asked: Sequence[Input]) -> str:
    return "two" if len(asked) == 2 and all(one.type == "whole" for one in asked) else "parts"


def _glossary() -> None:
    st.subheader(escaped(say("guide.glossary")))
    for word in WORDS:
        st.markdown(f"**{escaped(say(f'guide.word.{word}'))}**: {escaped(say(f'guide.meaning.{word}'))}")
