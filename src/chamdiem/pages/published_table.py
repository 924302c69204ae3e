"""The ranking as it was published: for everybody, word for word. A part of the ranking."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from chamdiem.contest.contests import criteria_for
from chamdiem.contest.publication import said_of
from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.results_words import class_named, class_spoken
from chamdiem.pages.address import choice, page_of, word
from chamdiem.pages.board import as_text, badge, edition, publication_for
from chamdiem.pages.desk import Desk, escaped, sign_in
from chamdiem.pages.plain_table import EXTRA, NUMBER, STARS, Head, Line, table
from chamdiem.pages.ways import out_of_app
from chamdiem.words import plain, say


def published_table(desk: Desk) -> None:
    """The publication in force, word for word; or why there is nothing to see yet."""
    made = publication_for(desk)
    if made is None:
        st.info(say("ranking.nothing_yet" if desk.contest is not None else "ranking.no_contest"))
        if not desk.signed_in:
            out_of_app(sign_in(), say("page.sign_in"))
        return
    snapshot = made["snapshot"]
    status = snapshot["criteria"]["status"]
    badge("orange" if status != "official" else "gray", say(f"results.status.{status}"))
    st.caption(escaped(edition(made)))
    units, law = snapshot["units"], criteria_for(desk.store, desk.actor, desk.contest_id)
    stars = {str(unit["stars"]) for unit in units.values()}
    left, right = st.columns([2, 1])
    with left:
        wanted = plain(word(desk, "tim", say("ranking.search")))
    with right:
        options = ["", *sorted(stars, key=int, reverse=True)]
        chosen = choice(desk, "sao", say("results.head.stars"), options, lambda key: _stars_name(law, key))
    last = len(units) + 1
    found = [
        (code, unit)
        for code, unit in sorted(units.items(), key=lambda one: (one[1]["rank"] or last, one[0]))
        if (wanted in plain(unit["name"]) or wanted == code) and chosen in ("", str(unit["stars"]))
    ]
    lines = [_line(law, unit) for _, unit in found[page_of(desk, len(found))]]
    heads = [
        Head(say("column.rank")), Head(say("column.unit")), Head(say("column.total"), NUMBER),
        Head(say("column.stars"), STARS), Head(say("column.remarks"), EXTRA),
    ]  # fmt: skip
    if lines:
        st.html(table(heads, lines))
    else:
        st.caption(escaped(say("ranking.nothing_found")))


def _stars_name(law: CriteriaSet, stars: str) -> str:
    if not stars:
        return say("ranking.all")
    return class_spoken(law, int(stars)) if stars != "0" else say("ranking.without_stars")


def _line(law: CriteriaSet, unit: dict[str, Any]) -> Line:
    said = said_of(unit)
    assert said is not None
    reached = class_named(law, said.stars, say("word.recognised" if said.recognised else "word.not_recognised"))
    remark = ""
    if said.revoked is not None:
        reached = say("word.revoked")
        remark = say("remark.revoked", day=date.fromisoformat(said.revoked.on), reason=said.revoked.reason)
    return Line([str(said.rank or "–"), unit["name"], as_text(said.total), reached, remark])
