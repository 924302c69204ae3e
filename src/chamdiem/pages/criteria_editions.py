"""The editions of criteria sets that a person can read: pinned by his contests, shipped, or just uploaded by himself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from chamdiem.contest.law import Law, law_from_text, law_kept, law_of, text_of
from chamdiem.criteria import library
from chamdiem.criteria.editions import content_hash
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal
from chamdiem.pages.desk import Desk
from chamdiem.words import say

UPLOADED = "criteria/uploaded"  # name and text of what this person uploaded, for as long as his session lasts
EDITED = "criteria/edited"  # the same of what he edited and wants to use


@dataclass(frozen=True)
class Edition:
    """One edition: where it comes from, the set, and the text it was read from; whether the store keeps it already."""

    origin: str
    criteria: CriteriaSet
    text: str
    kept: bool = False

    @property
    def hash(self) -> str:
        """Its content hash, by which it is told from all others."""
        return content_hash(self.criteria)

    @property
    def name(self) -> str:
        """What it is called in a list to choose from."""
        values = {"title": self.criteria.title, "version": self.criteria.version, "origin": self.origin}
        return say("rubric.edition", **values)


def editions(desk: Desk) -> dict[str, Edition]:
    """The editions by content hash, that of the contest in hand first; each once."""
    found: dict[str, Edition] = {}
    first = desk.contest_id
    for contest in sorted(desk.contests, key=lambda row: row["id"] != first):
        hash = str(contest["criteria"])  # noqa: A001 - it is one
        with desk.store.read() as connection:
            origin = say("rubric.of_contest", contest=contest["title"])
            found.setdefault(hash, Edition(origin, law_of(connection, hash), text_of(connection, hash), kept=True))
    for path in library.shipped():
        criteria, text = _shipped(path, path.stat().st_mtime_ns)
        if criteria is not None:
            one = Edition(say("rubric.shipped"), criteria, text)
            found.setdefault(one.hash, one)
    for key, origin in ((UPLOADED, "rubric.from_file"), (EDITED, "rubric.from_form")):
        if key in st.session_state:
            name, text = st.session_state[key]
            one = Edition(say(origin, name=name), library.read(text, name), text)
            found.setdefault(one.hash, one)
    return found


def law_to_use(desk: Desk, edition: Edition) -> Law:
    """An edition as a contest pins it: word for word, with the calendars it has where it is kept already."""
    if not edition.kept:
        return law_from_text(edition.text, f"{edition.criteria.id}.yaml")
    with desk.store.read() as connection:
        return law_kept(connection, edition.hash)


@lru_cache(maxsize=32)
def _shipped(path: Path, changed: int) -> tuple[CriteriaSet | None, str]:
    """A shipped set, public to everybody; read anew when its file has changed, left out when it is not sound."""
    try:
        return library.load(path), library.text_of(path)
    except Refusal:
        return None, ""
