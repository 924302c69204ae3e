"""Công bố: what would change, old beside new; two persons publish."""

from __future__ import annotations

import html
from datetime import date, datetime
from urllib.parse import quote, urlsplit

import segno
import streamlit as st

from chamdiem.contest.contests import criteria_for, next_step
from chamdiem.contest.decisions import ask
from chamdiem.contest.phases import Phase, since
from chamdiem.contest.publication import Change, Standing, preview
from chamdiem.contest.record import Row
from chamdiem.contest.registration import participants_for
from chamdiem.contest.standings import publications_for, recognitions_for
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal
from chamdiem.exchange.results_words import class_named, label
from chamdiem.pages.board import as_text
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button, said
from chamdiem.pages.desk import Desk, escaped, title, told
from chamdiem.pages.listing import listing
from chamdiem.pages.waiting import show_waiting
from chamdiem.pages.ways import out_of_app
from chamdiem.words import say, shown

PUBLISH, REVOKE = "publication.publish", "recognition.revoke"


def show(desk: Desk) -> None:
    """The page."""
    title("page.cong-bo")
    said()
    if desk.contest is None or desk.phase is None:
        st.info(escaped(say("publishing.none")))
        return
    with desk.footing() as footing:
        may_preview, published = footing.may("publication.preview"), footing.published
    waiting = show_waiting(desk, (PUBLISH, REVOKE))
    if may_preview or published:
        st.caption(escaped(label(criteria_for(desk.store, desk.actor, desk.contest_id))))
    if may_preview:
        _preview(desk, waiting)
    elif not published:
        early = desk.phase not in since(Phase.REVIEW)
        st.info(escaped(say("publishing.too_early" if early else "publishing.not_yours")))
    if published:
        _published(desk)
        _recognitions(desk, waiting)


def _preview(desk: Desk, waiting: list[Row]) -> None:
    """What a publication would say and change, what stands in its way, and the request."""
    try:
        changes = preview(desk.store, desk.actor, desk.contest_id)
    except Refusal as refusal:
        told(refusal)
        return
    would = "publishing.would" if any(one.before for one in changes) else "publishing.first"
    st.markdown(f"#### {escaped(say(would, n=len(changes)) if changes else say('publishing.same'))}")
    if changes:
        law = criteria_for(desk.store, desk.actor, desk.contest_id)
        listing([_row(law, one) for one in sorted(changes, key=_place)], say("publishing.table"))
    step = next_step(desk.store, desk.actor, desk.contest_id, desk.today)
    if step is None:
        return
    for blocker in step.blockers:
        st.error(escaped(say(blocker)), icon=":material/block:")
    for warning in step.warnings:
        st.warning(escaped(say(warning)), icon=":material/info:")
    asked = any(row["verb"] == PUBLISH for row in waiting)
    ask_in_dialog(
        say("publishing.ask"), lambda: _ask(desk), key="publish", look="primary", disabled=bool(step.blockers) or asked
    )


def _place(one: Change) -> tuple[bool, int]:
    """By rank; what has none is last."""
    rank = one.after.rank if one.after is not None else None
    return not rank, rank or 0


def _row(law: CriteriaSet, one: Change) -> dict[str, str]:
    """One unit, old beside new, and in which respects it changes."""
    before, after = one.before, one.after
    marks = {
        "total": _total(before) != _total(after),
        "stars": _stars(law, before) != _stars(law, after),
        "rank": _rank(before) != _rank(after),
        "recognised": _recognised(before) != _recognised(after),
    }
    return {
        say("members.name"): one.name,
        say("publishing.total"): _both(_total(before), _total(after)),
        say("publishing.stars"): _both(_stars(law, before), _stars(law, after)),
        say("publishing.rank"): _both(_rank(before), _rank(after)),
        say("publishing.recognised"): _both(_recognised(before), _recognised(after)),
        say("publishing.changes"): say("publishing.new")
        if before is None
        else say("publishing.gone")
        if after is None
        else ", ".join(say(f"publishing.{name}").lower() for name, changed in marks.items() if changed),
    }


def _both(before: str, after: str) -> str:
    """Old and new where they differ."""
    return after if before == after or not before else f"{before} → {after or '–'}"


def _total(said: Standing | None) -> str:
    return "" if said is None else as_text(said.total)


def _stars(law: CriteriaSet, said: Standing | None) -> str:
    return "" if said is None else class_named(law, said.stars, "–")


def _rank(said: Standing | None) -> str:
    return "" if said is None else str(said.rank or "–")


def _recognised(said: Standing | None) -> str:
    if said is None:
        return ""
    return say("word.revoked" if said.revoked else "word.recognised" if said.recognised else "word.not_recognised")


def _ask(desk: Desk) -> None:
    st.write(escaped(say("publishing.sure")))
    reason = reason_and_button(say("publishing.ask"), key="publish", needed=False)
    if reason is not None:
        carry_out("steps.asked", lambda: ask(desk.store, desk.acting(PUBLISH), desk.contest_id, PUBLISH, reason))


def _published(desk: Desk) -> None:
    """Every publication with its hash; the public page of the one in force, with its QR code."""
    found = publications_for(desk.store, desk.actor, desk.contest_id)
    st.markdown(f"#### {escaped(say('publishing.list'))}")
    rows = [
        {
            say("publishing.number"): str(row["number"]),
            say("publishing.day"): shown(_moment(row)),
            say("confirming.reason"): row["reason"],
            say("publishing.hash"): _in_groups(str(row["result_hash"])),
        }
        for row in found
    ]
    listing(rows, say("publishing.list"))
    address = public_address(desk.contest_id)
    left, right = st.columns([1, 3], vertical_alignment="center")
    code = segno.make(address, error="m").svg_data_uri(scale=4, border=2)
    left.html(f'<img src="{html.escape(code)}" alt="{html.escape(say("publishing.qr"))}" style="max-width:180px">')
    with right:
        out_of_app(urlsplit(address).path, say("publishing.open"))
        st.caption(escaped(address))


def _in_groups(found: str) -> str:
    """A hash in groups that can be compared by eye, and that a narrow screen can break."""
    return " ".join(found[at : at + 8] for at in range(0, len(found), 8))


def _moment(row: Row) -> datetime:
    return datetime.fromisoformat(str(row["published_at"]))


def public_address(contest: str) -> str:
    """Where everybody finds the result, seen from where this page was opened."""
    here = urlsplit(str(st.context.url or ""))
    host = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    return f"{host}/cong-bo/{quote(contest)}"


def _recognitions(desk: Desk, waiting: list[Row]) -> None:
    """Who is recognised and until when; the end of a recognition, by two persons."""
    found = recognitions_for(desk.store, desk.actor, desk.contest_id)
    if not found:
        return
    names = {one.code: one.name for one in participants_for(desk.store, desk.actor, desk.contest_id)}
    law = criteria_for(desk.store, desk.actor, desk.contest_id)
    st.markdown(f"#### {escaped(say('publishing.recognitions'))}")
    rows = [
        {
            say("members.name"): names.get(row["unit"], row["unit"]),
            say("publishing.stars"): class_named(law, row["stars"], "–"),
            say("publishing.validity"): _days(row),
            say("accounts.state"): say(f"publishing.status.{row['status']}"),
            say("confirming.reason"): row["reason"],
        }
        for row in found
    ]
    listing(rows, say("publishing.recognitions"))
    with desk.footing() as footing:
        ends = {
            str(row["unit"]): names.get(row["unit"], str(row["unit"]))
            for row in found
            if row["status"] == "valid" and footing.may(REVOKE, unit=row["unit"])
        }
    if ends and not any(row["verb"] == REVOKE for row in waiting):
        ask_in_dialog(say(REVOKE), lambda: _revoke(desk, ends), key="revoke", icon=":material/block:")


def _days(row: Row) -> str:
    start, end = (date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to"))
    return f"{shown(start) if start else ''} – {shown(end) if end else say('publishing.no_end')}"


def _revoke(desk: Desk, units: dict[str, str]) -> None:
    st.write(escaped(say("publishing.revoke_sure")))
    unit = st.selectbox(
        say("members.unit"), list(units), None, format_func=units.__getitem__, placeholder=say("begin.choose"),
        key="revoke:unit",
    )  # fmt: skip
    reason = reason_and_button(say("steps.ask"), key="revoke")
    if reason is not None and unit is None:
        st.error(escaped(say("publishing.choose_unit")))
    elif reason is not None:
        carry_out(
            "steps.asked", lambda: ask(desk.store, desk.acting(REVOKE), desk.contest_id, REVOKE, reason, unit=str(unit))
        )
