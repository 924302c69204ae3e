"""Filled score sheets from workbooks: what they would change is shown old beside new, and entered whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from chamdiem.contest.contests import criteria_for
from chamdiem.contest.importing import Line, enter_import, preview_import
from chamdiem.contest.permissions import rules_for
from chamdiem.contest.registration import participants_for
from chamdiem.errors import Refusal
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.desk import Desk, escaped, told
from chamdiem.pages.listing import listing
from chamdiem.pages.received import received
from chamdiem.pages.score_sheet import in_words
from chamdiem.scoring.plan import Leaf, lay_out
from chamdiem.words import say

ENDINGS = ["xlsx", "xlsm", "xls", "ods", "csv", "parquet"]
SHOWN = 500
KEPT = "import:kept"
VERBS = ("mark.enter_self", "mark.enter_appraisal", "mark.enter_judge", "mark.enter_council")


def import_section(desk: Desk) -> None:
    """Files in, preview, enter; whoever may enter marks in this phase."""
    if not _open_now(desk):
        st.info(escaped(say("import.not_now")))
        return
    st.markdown(escaped(say("import.about")))
    files = st.file_uploader(
        say("import.files"), ENDINGS, accept_multiple_files=True, key=f"import:{desk.contest_id}:files"
    )
    if not files:
        return
    try:
        lines = _previewed(desk, files)
    except Refusal as refusal:
        told(refusal)
        st.caption(escaped(say("import.nothing_entered")))
        return
    _preview(desk, lines)
    touched = sum(line.kind != "same" for line in lines)
    if st.button(say("import.enter", n=touched), type="primary", key="import:enter", disabled=not touched):
        carry_out("import.done", _enter, desk, lines, files)


def _open_now(desk: Desk) -> bool:
    """Whether one of his roles ever enters marks in this phase: no access control, each mark is asked for again."""
    roles = {grant.role for grant in desk.actor.grants}
    return any(
        rule.role in roles and rule.phases is not None and desk.phase in rule.phases
        for verb in VERBS
        for rule in rules_for(verb)
    )


def _previewed(desk: Desk, files: Sequence[Any]) -> list[Line]:
    """What these files would do, looked up once: what is entered is what was shown, not what it has become since."""
    place = (desk.contest_id, desk.actor.account, tuple(file.file_id for file in files))
    kept = st.session_state.get(KEPT)
    if kept is None or kept[0] != place:
        with received(files) as paths:
            lines = preview_import(desk.store, desk.actor, desk.contest_id, paths)
        kept = st.session_state[KEPT] = (place, lines)
    found: list[Line] = kept[1]
    return found


def _enter(desk: Desk, lines: Sequence[Line], files: Sequence[Any]) -> None:
    """Enter what was shown; a mark that was changed meanwhile is refused with both values, and looked up anew."""
    st.session_state.pop(KEPT, None)
    with received(files) as paths:
        enter_import(desk.store, desk.actor, desk.contest_id, lines, paths)


def _preview(desk: Desk, lines: Sequence[Line]) -> None:
    """How much is new, changed, the same; and each change, old beside new."""
    counts = Counter(line.kind for line in lines)
    for column, kind in zip(st.columns(3), ("new", "changed", "same"), strict=True):
        column.metric(say(f"import.kind.{kind}"), say("word.text", text=counts[kind]))
    names = {one.code: one.name for one in participants_for(desk.store, desk.actor, desk.contest_id)}
    chosen = st.pills(
        say("import.show"), ("changed", "new", "same"), selection_mode="multi", default=["changed", "new"],
        format_func=lambda kind: say(f"import.kind.{kind}"), key="import:show",
    )  # fmt: skip
    wanted = [line for line in lines if line.kind in chosen]
    if not wanted:
        return
    plan = lay_out(criteria_for(desk.store, desk.actor, desk.contest_id))
    leaves = {leaf.node.code: leaf for leaf in plan.leaves}
    table = [
        _row(line, names, leaves.get(line.criterion)) for line in sorted(wanted, key=lambda line: line.kind)[:SHOWN]
    ]
    listing(table, say("import.table"))
    if len(wanted) > SHOWN:
        st.caption(escaped(say("import.first", n=SHOWN, all=len(wanted))))


def _row(line: Line, names: dict[str, str], leaf: Leaf | None) -> dict[str, str]:
    notes = line.note if line.note == line.note_before else say("import.note", before=line.note_before, after=line.note)
    return {
        say("import.column.kind"): say(f"import.kind.{line.kind}"),
        say("import.column.unit"): names.get(line.unit, line.unit),
        say("import.column.criterion"): f"{line.criterion} {leaf.node.title}" if leaf else line.criterion,
        say("import.column.stage"): say(f"stage.{line.stage}"),
        say("import.column.before"): _said(leaf, line.before or ""),
        say("import.column.after"): _said(leaf, line.answer),
        say("import.column.note"): notes,
    }


def _said(leaf: Leaf | None, answer: str) -> str:
    """An answer as it is read; a confirmed fact stands as it was written."""
    return in_words([slot.input for slot in leaf.slots], answer) if leaf and answer else answer
