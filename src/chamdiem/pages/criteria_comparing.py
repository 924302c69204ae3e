"""Two editions of a criteria set beside each other: what changed, the deepest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import streamlit as st
from pydantic import BaseModel

from chamdiem.criteria.editions import Change, diff
from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.errors import Message, message
from chamdiem.pages.criteria_editions import Edition
from chamdiem.pages.desk import escaped
from chamdiem.words import known as known_word
from chamdiem.words import say

Names: TypeAlias = dict[tuple[str, str], str]
"""The titles of parts, by the code of their criterion (or "") and by their key in it ("" for the criterion itself)."""

BY_NAME = {("id",), ("replaces",)}  # how programs call the set and the one before it
POOLS = ("base", "bonus", "penalties")
SHORT = 30  # letters of a text that needs no quotation marks
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
    show_changes(diff(one, other), other, one)


def show_changes(changes: Sequence[Change], law: CriteriaSet, before: CriteriaSet | None = None) -> None:
    """The changes by how deep they go; `before` is the set they come from, whose parts may be gone from the new one."""
    read = list(readable(changes))
    if not read:
        st.success(escaped(say("diff.none")))
    titles = names_in(*(one for one in (before, law) if one is not None))
    for grade in GRADES:
        some = [change for change in read if change.grade == grade]
        if not some:
            continue
        heading = f"**{escaped(say(f'diff.{grade}'))}** · {escaped(say('rubric.n_changes', n=len(some)))}"
        with st.expander(heading, expanded=len(some) <= FEW):
            st.markdown("\n".join(f"- {_line(change, titles)}" for change in some[:SHOWN_AT_MOST]))
            if len(some) > SHOWN_AT_MOST:
                st.caption(escaped(say("rubric.and_more", n=len(some) - SHOWN_AT_MOST)))


def readable(changes: Sequence[Change]) -> Iterator[Change]:
    """The changes without what only programs read: the set's own name, and by which keys a report hands over figures; of
    those it is said once for each criterion that they come from elsewhere."""
    told = set()
    for change in changes:
        if change.path in BY_NAME:
            continue
        if "source" in change.path[:-1]:
            path = change.path[: change.path.index("source") + 1]
            if path not in told:
                told.add(path)
                yield Change(change.grade, path, message("rubric.other_source"))
        else:
            yield change


def names_in(*sets: CriteriaSet) -> Names:
    """What the parts of sets are called, those of the last set first; below a criterion a part is known by both keys."""
    found: Names = {}
    for law in sets:
        found |= {(node.code, ""): node.title for node in law.nodes}
        found |= {("", name): title for name, title in _titled(law)}
        found |= {(leaf.code, name): title for leaf in law.leaves for name, title in _titled(leaf.rule)}
    return found


def _titled(part: object) -> Iterator[tuple[str, str]]:
    """Every part of a part that has a name for programs and a title for people; criteria are known by their codes."""
    if isinstance(part, tuple):
        for one in part:
            yield from _titled(one)
    elif isinstance(part, BaseModel) and not isinstance(part, Node):
        name, title = (getattr(part, "id", "") or getattr(part, "key", "")), getattr(part, "title", "")
        if name and title:
            yield str(name), str(title)
        for field in type(part).model_fields:
            yield from _titled(getattr(part, field))


def _line(change: Change, titles: Names) -> str:
    """Where, by the title of the innermost criterion and of its part or in the keys' own words, and what."""
    steps = reversed(change.path) if change.path[0] in POOLS else ()  # a class is known by its stars, which are no code
    code = next((step for step in steps if (step, "") in titles), "")
    below = change.path[change.path.index(code) + 1 :] if code else change.path
    if code:
        inner = [titles[code, step] for step in below[:-1] if (code, step) in titles]
        where = " › ".join([f"{code}. {titles[code, '']}", *inner])
    else:
        where = " › ".join(_steps(below[:-1], titles))
    if code and change.what.values.get("what") == titles[code, ""]:  # it came or went as a whole
        return escaped(say(change.what.id, what=where))
    return (f"**{escaped(where)}**: " if where else "") + escaped(say(_quoted(change.what)))


def _quoted(what: Message) -> Message:
    """A change of words with both texts in quotation marks: without them nobody sees where one ends."""
    values = what.values
    old, new = values.get("old"), values.get("new")
    if what.id != "change.value" or not any(isinstance(text, str) and len(text) > SHORT for text in (old, new)):
        return what
    if not isinstance(old, str):
        return message("change.text_added", key=values["key"], new=new)
    if not isinstance(new, str):
        return message("change.text_removed", key=values["key"], old=old)
    return message("change.text", key=values["key"], old=old, new=new)


def _steps(path: Sequence[str], titles: Names) -> Iterator[str]:
    """Keys in the reader's words, parts by their titles or by where they stand."""
    for step in path:
        if step.startswith("#"):
            yield say("rubric.part_number", n=step[1:])
        elif step.isdigit():
            yield say("explain.stars", stars=step)
        else:
            yield titles.get(("", step)) or (say(f"key.{step}") if known_word(f"key.{step}") else step)
