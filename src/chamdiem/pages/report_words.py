"""The words of a report, part by part; of one that puts others together, theirs stand beside."""

from __future__ import annotations

import streamlit as st

from chamdiem.office.reporting import LONGEST, PARTS, Report, write_words
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.desk import escaped
from chamdiem.pages.programme_chosen import Chosen
from chamdiem.words import say


def words_entry(programme: Chosen, report: Report) -> None:
    """The parts to be written, saved together."""
    version = report.row["version"] if report.row else 0
    place = f"words:{programme.id}:{report.member['code']}:{report.due.key}:{version}"
    with st.form(place, border=False):
        typed = {
            part: st.text_area(
                say(f"report_words.{part}"), report.words.get(part, ""), key=f"{place}:{part}", height=150,
                max_chars=LONGEST,
            )
            for part in PARTS
        }  # fmt: skip
        sent = st.form_submit_button(say("report_words.save"), type="primary")
    if sent:
        carry_out(
            "report_words.saved", write_words, programme.desk.store, programme.desk.actor, programme.id,
            str(report.member["code"]), report.due.key, typed, expected=version,
        )  # fmt: skip
    others_words(programme, report)


def others_words(programme: Chosen, report: Report) -> None:
    """Of a report that is put together: what each member wrote, kept apart."""
    for member, said in report.content.words:
        with st.expander(escaped(say("report_words.of", name=programme.name(member)))):
            words_shown(said)


def words_shown(said: object) -> None:
    """The words of one report as they were written."""
    words = dict(said) if isinstance(said, dict) else {}
    for part in PARTS:
        if text := words.get(part, "").strip():
            st.markdown(f"**{escaped(say(f'report_words.{part}'))}**")
            st.text(text)
