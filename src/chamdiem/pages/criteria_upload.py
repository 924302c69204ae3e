"""A criteria file is checked: everything that is wrong with it at once, each at its line, or what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from chamdiem.criteria import library
from chamdiem.errors import Problem, Refusal, Where
from chamdiem.pages.criteria_editions import UPLOADED
from chamdiem.pages.criteria_reading import fingerprints, heading
from chamdiem.pages.desk import escaped
from chamdiem.words import say, shown, shown_place


def show_upload() -> None:
    """Choose a file; it is read, shown and forgotten with the session."""
    st.write(escaped(say("rubric.upload_about")))
    file = st.file_uploader(say("rubric.upload"), type=["yaml", "yml"], max_upload_size=1, key="criteria:file")
    if file is None:
        st.session_state.pop(UPLOADED, None)
        return
    content = file.getvalue()
    try:
        law = library.read(content, file.name)
    except Refusal as refusal:
        st.session_state.pop(UPLOADED, None)
        show_problems(refusal.problems)
        return
    st.session_state[UPLOADED] = (file.name, content.decode("utf-8-sig"))
    maxima = " + ".join(shown(pool.max) for name, pool in law.pools if name != "penalties")
    values = {"id": law.title, "leaves": len(law.leaves), "maxima": maxima}
    st.success(escaped(say("check.sound", **values)))
    st.caption(escaped(say("rubric.upload_then")))
    heading(law)
    fingerprints(law)


def show_problems(problems: Sequence[Problem], titles: Mapping[str, str] | None = None) -> None:
    """Every problem: where, then what is wrong and what to do. With titles the place is the criterion, else the line."""
    st.error(escaped(say("rubric.n_problems", n=len(problems))))
    for problem in problems:
        place = shown_place(problem.where) if titles is None else _criterion(problem.where, titles)
        st.markdown((f"**{escaped(place)}**  \n" if place else "") + escaped(say(problem.message)))


def _criterion(where: Where, titles: Mapping[str, str]) -> str:
    """The innermost criterion that a problem is about, by its title."""
    code = next((step for step in reversed(where.path) if step in titles), "")
    return f"{code}. {titles[code]}" if code else ""
