"""The programmes that can be read: those at work that somebody takes part in, and the documents that are shipped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from chamdiem.contest.record import Row
from chamdiem.office.programme_reading import programmes_for
from chamdiem.office.programmes_begun import law_for
from chamdiem.pages.desk import Desk
from chamdiem.pages.programme_chosen import PROGRAMME
from chamdiem.pages.programme_text import numbered
from chamdiem.programmes import library
from chamdiem.programmes.model import Programme
from chamdiem.words import say


@dataclass(frozen=True)
class Shelved:
    """One programme to be read: its document, and the row of the one at work (None: only the document)."""

    law: Programme
    row: Row | None = None

    @property
    def key(self) -> str:
        """What tells it from every other one, also in the address of the page."""
        return str(self.row["id"]) if self.row else f"{self.law.id}@{self.law.version}"

    @property
    def name(self) -> str:
        """What it is called in a list."""
        if self.row is None:
            return say("shelf.document", title=self.law.title, number=numbered(self.law.document.number))
        return say(f"shelf.{self.row['status']}", title=self.row["title"])


def shelf(desk: Desk) -> dict[str, Shelved]:
    """All that can be read: first what this person takes part in, then the shipped documents."""
    begun = [Shelved(law_for(row).programme, row) for row in programmes_for(desk.store, desk.actor)]
    return {one.key: one for one in (*begun, *map(Shelved, shipped()))}


def shipped() -> list[Programme]:
    """The shipped programmes."""
    return [_read(path, path.stat().st_mtime_ns) for path in library.shipped()]


@lru_cache(maxsize=64)
def _read(path: Path, _written: int) -> Programme:
    return library.load(path)


def choose(known: dict[str, Shelved], key: str) -> Shelved:
    """One of them; the address names it, and the programme that is worked on is the same on all pages."""
    wanted = st.query_params.get(PROGRAMME) or st.session_state.get(PROGRAMME, "")
    keys = list(known)
    at = keys.index(wanted) if wanted in known else 0
    chosen = st.selectbox(
        say("shelf.which"), keys, at, format_func=lambda one: known[one].name, key=f"{key}:which/{at}",
        placeholder=say("shelf.which"),
    )  # fmt: skip
    st.session_state[PROGRAMME] = st.query_params[PROGRAMME] = chosen
    return known[chosen]
