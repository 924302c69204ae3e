"""Two editions of a criteria set beside each other: what changed, the deepest first."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from chamdiem.criteria.editions import Change, diff
from chamdiem.criteria.model import CriteriaSet
from chamdiem.pages.criteria_editions import Edition
from chamdiem.pages.desk import escaped
from chamdiem.words import known as known_word
from chamdiem.words import say

GRADES = ("structure", "points", "wording")
FEW = 15  # are read at once; more are folded
SHOWN_AT_MOST = 60  # of one grade; two sets that have nothing in common differ in everything


def show_comparison(known: dict[str, Edition]) -> None:
    """Choose two and see what changed."""
    if len(known) < 2:
        st.info(escaped(say("rubric.one_only")))
        return
    before, after = st.columns(2)
    hashes = list(known)
    old = before.selectbox(say("rubric.old"), hashes, 1, format_func=lambda one: known[one].name, key="rubric.old")
    new = after.selectbox(say("rubric.new"), hashes, 0, format_func=lambda one: known[one].name, key="rubric.new")
    one, other = known[old].criteria, known[new].criteria
    if one.id != other.id and not (other.replaces or "").startswith(f"{one.id}@"):
        st.info(escaped(say("rubric.unlike")))
    show_changes(diff(one, other), other)


def show_changes(changes: Sequence[Change], law: CriteriaSet) -> None:
    """The changes by how deep they go."""
    if not changes:
        st.success(escaped(say("diff.none")))
    titles = {node.code: node.title for node in law.nodes}
    for grade in GRADES:
        some = [change for change in changes if change.grade == grade]
        if not some:
            continue
        heading = f"**{escaped(say(f'diff.{grade}'))}** · {escaped(say('rubric.n_changes', n=len(some)))}"
        with st.expander(heading, expanded=len(some) <= FEW):
            st.markdown("\n".join(f"- {_line(change, titles)}" for change in some[:SHOWN_AT_MOST]))
            if len(some) > SHOWN_AT_MOST:
                st.caption(escaped(say("rubric.and_more", n=len(some) - SHOWN_AT_MOST)))


def _line(change: Change, titles: dict[str, str]) -> str:
    """Where, by the title of the innermost criterion or in the keys' own words, and what."""
    code = next((step for step in reversed(change.path) if step in titles), "")
    where = f"{code}. {titles[code]}" if code else " › ".join(map(_key, change.path[:-1]))
    if code and change.what.values.get("what") == titles[code]:  # it came or went as a whole
        return escaped(say(change.what.id, what=where))
    return (f"**{escaped(where)}**: " if where else "") + escaped(say(change.what))


def _key(step: str) -> str:
    """A key in the reader's words where it has any."""
    return say(f"key.{step}") if known_word(f"key.{step}") else step
