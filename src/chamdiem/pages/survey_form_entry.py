"""One paper form on one line, or many in a table; and those that were drawn, entered again without a look at the first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from chamdiem.errors import Refusal
from chamdiem.office.survey_batches import Batch, read_line
from chamdiem.office.survey_paper import Said, enter_forms, recheck
from chamdiem.office.survey_paper_files import read_forms
from chamdiem.office.survey_words import spoken
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.desk import Desk, escaped, told
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.words import say

AGAIN = "surveys:again"
KINDS = ["xlsx", "xls", "csv"]


def enter_one(desk: Desk, asked: Questionnaire, respondents: str, batch: Batch) -> None:
    """The next form that is missing."""
    number, id = batch.missing[0], batch.row["id"]  # noqa: A001 - what it is called
    said = _typed(asked, respondents, number, f"surveys:form/{id}", say("surveys.left", n=len(batch.missing)))
    if said is not None:
        carry_out("surveys.entered_one", lambda: enter_forms(desk.store, desk.actor, id, {number: said}))
    _key(asked)


def _typed(asked: Questionnaire, respondents: str, number: int, key: str, beside: str) -> Said | None:
    """What stands on one form; None until it is sent, and while it cannot be."""
    with st.form(f"{key}/{number}", enter_to_submit=True, border=False):
        st.markdown(f"**{escaped(say('surveys.form_number', n=number))}** · {escaped(beside)}")
        who = respondents or (asked.classes[0] if len(asked.classes) == 1 else "")
        if not who:
            names = {one.key: spoken(one) for one in asked.respondents}
            who = st.radio(
                say("survey.head_class"), list(names), format_func=lambda one: escaped(names[one]), horizontal=True,
                key=f"{key}:class",
            )  # fmt: skip
        line = st.text_input(say("surveys.answers", n=len(asked.questions)), key=f"{key}:line/{number}")
        st.caption(escaped(say("surveys.answers_example")))
        sent = st.form_submit_button(say("surveys.enter"), type="primary")
    if not sent:
        return None
    try:
        return read_line(asked, line, who)
    except Refusal as refusal:
        told(refusal)
        return None


def _key(asked: Questionnaire) -> None:
    """Which place stands for which answer, as on the paper."""
    with st.expander(escaped(say("surveys.key"))):
        for one in asked.questions:
            options = "; ".join(f"{at} = {spoken(option)}" for at, option in enumerate(asked.options_of(one), 1))
            st.markdown(f"{escaped(f'{one.code}. {spoken(one)}')}  \n:small[{escaped(options)}]")


def enter_table(desk: Desk, asked: Questionnaire, batch: Batch) -> None:
    """Many forms at once, typed elsewhere."""
    forms = _table(asked, f"surveys:table/{batch.row['id']}")
    if forms and st.button(
        say("surveys.enter_all", n=len(forms)), type="primary", key=f"surveys:table:do/{batch.row['id']}"
    ):
        carry_out("surveys.entered_many", lambda: enter_forms(desk.store, desk.actor, batch.row["id"], forms))


def _table(asked: Questionnaire, key: str) -> Mapping[int, Said]:
    st.caption(escaped(say("surveys.table_about", codes=list(asked.by_code))))
    file = st.file_uploader(say("surveys.file"), KINDS, key=key, label_visibility="collapsed")
    if file is None:
        return {}
    with TemporaryDirectory(prefix="chamdiem-") as folder:
        path = Path(folder) / f"phieu{Path(file.name).suffix.lower()}"
        path.write_bytes(file.getvalue())
        try:
            return read_forms(path, asked)
        except Refusal as refusal:
            told(refusal)
            return {}


def check_again(desk: Desk, asked: Questionnaire, respondents: str, batch: Batch) -> None:
    """The forms that were drawn, one after the other; compared when all of them are there."""
    id = batch.row["id"]  # noqa: A001 - what it is called
    done: dict[int, Said] = st.session_state.setdefault(f"{AGAIN}/{id}", {})
    waiting = [number for number in batch.drawn if number not in done]
    st.write(escaped(say("surveys.again_about", n=len(batch.drawn), numbers=batch.drawn)))
    if waiting:
        said = _typed(asked, respondents, waiting[0], f"surveys:again/{id}", say("surveys.left", n=len(waiting)))
        if said is not None:
            done[waiting[0]] = said
            st.rerun()
        _key(asked)
    elif st.button(say("surveys.compare"), type="primary", key=f"surveys:compare/{id}"):
        carry_out("surveys.is_compared", lambda: _compare(desk, id, done))
    if done and st.button(say("surveys.begin_again"), key=f"surveys:drop/{id}"):
        done.clear()
        st.rerun()


def _compare(desk: Desk, batch: str, done: Mapping[int, Said]) -> None:
    recheck(desk.store, desk.actor, batch, done)
    del st.session_state[f"{AGAIN}/{batch}"]
