"""The ledger of support from a workbook: a blank one to fill in, a preview of what would be added, entered whole or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from chamdiem.clock import now
from chamdiem.errors import Refusal
from chamdiem.office.support import given
from chamdiem.office.support_importing import Line, blank_ledger, enter_ledger, preview_ledger, summed
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.desk import Desk, escaped, told
from chamdiem.pages.listing import listing
from chamdiem.pages.programme_chosen import Chosen, commune_name
from chamdiem.pages.received import received
from chamdiem.words import say, shown

ENDINGS = ["xlsx", "xlsm", "xls", "ods", "csv"]
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 300
KEPT = "support-import:kept"


def import_section(programme: Chosen) -> None:
    """A blank workbook out, a filled one in, what it would add, and the button that adds it."""
    place = f"support-import:{programme.id}"
    with st.expander(escaped(say("ledger.import")), icon=":material/upload_file:"):
        st.caption(escaped(say("ledger.import_about")))
        st.download_button(
            say("ledger.blank"), lambda: _blank(programme.desk, programme.id), file_name=say("ledger.file_name"),
            mime=SHEET, on_click="ignore", key=f"{place}:blank", icon=":material/download:",
        )  # fmt: skip
        version = st.session_state.get(f"{place}:n", 0)
        files = st.file_uploader(
            say("ledger.files"), ENDINGS, accept_multiple_files=True, key=f"{place}:files/{version}"
        )
        if not files:
            return
        try:
            lines = _previewed(programme, files)
        except Refusal as refusal:
            told(refusal)
            st.caption(escaped(say("import.nothing_entered")))
            return
        st.markdown(f"**{escaped(say(summed(lines)))}**")
        listing([_row(programme, line) for line in _news_first(lines)[:SHOWN]], say("ledger.preview"))
        if len(lines) > SHOWN:
            st.caption(escaped(say("import.first", n=SHOWN, all=len(lines))))
        new = sum(not line.known for line in lines)
        if st.button(say("ledger.enter", n=new), type="primary", key=f"{place}:yes", disabled=not new):
            carry_out("ledger.entered", _enter, programme, lines, files, f"{place}:n")


def _blank(desk: Desk, programme: str) -> bytes:
    with TemporaryDirectory(prefix="chamdiem-") as folder:
        path = Path(folder) / "ledger.xlsx"
        blank_ledger(desk.store, desk.actor, programme, path, today=desk.today, now=now())
        return path.read_bytes()


def _previewed(programme: Chosen, files: Sequence[Any]) -> list[Line]:
    """What these files would add, looked up once: what is entered is what was shown."""
    desk = programme.desk
    place = (programme.id, desk.actor.account, tuple(file.file_id for file in files))
    kept = st.session_state.get(KEPT)
    if kept is None or kept[0] != place:
        with received(files) as paths:
            lines = preview_ledger(desk.store, desk.actor, programme.id, paths, today=desk.today)
        kept = st.session_state[KEPT] = (place, lines)
    found: list[Line] = kept[1]
    return found


def _enter(programme: Chosen, lines: Sequence[Line], files: Sequence[Any], counter: str) -> None:
    """Enter what was shown; the field for files is empty after that."""
    st.session_state.pop(KEPT, None)
    desk = programme.desk
    with received(files) as paths:
        enter_ledger(desk.store, desk.actor, programme.id, lines, paths)
    st.session_state[counter] = st.session_state.get(counter, 0) + 1


def _news_first(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.known)


def _row(programme: Chosen, line: Line) -> dict[str, str]:
    said = line.said
    day = date.fromisoformat(said["given_on"])
    return {
        say("ledger.state"): say("ledger.known" if line.known else "ledger.new"),
        say("ledger.row"): line.place,
        say("support_ledger.day"): shown(day),
        say("support_ledger.commune"): commune_name(programme.desk, said["unit"], day),
        say("support_ledger.what"): say(given(said)),
        say("support_ledger.from"): said["source"],
        say("support_ledger.for"): said["purpose"],
        say("programme_chosen.member"): programme.name(said["member"]),
    }
