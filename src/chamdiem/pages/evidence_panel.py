"""Evidence beside a sheet: the documents of a unit with their pages, handing in new ones, checking them one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import quote

import streamlit as st

from chamdiem.contest.evidence import CHECKS, Document, add_evidence, verify_evidence
from chamdiem.contest.evidence_read import evidence_for
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row
from chamdiem.contest.sheets import EvidenceRights, OpenSheet, evidence_rights
from chamdiem.contest.uploads import attach, file_place, pages_of, upload
from chamdiem.errors import refuse
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.scoring.answers import read_day
from chamdiem.store.database import Store
from chamdiem.store.file_kinds import ALLOWED
from chamdiem.store.files import Files
from chamdiem.words import say, shown

COLOURS = {"claimed": "gray", "attached": "blue", "accepted": "green", "rejected": "red"}
PICTURED = ("pdf", "jpg", "png")
MEGABYTES = 20
ALL = ""


def _key(sheet: OpenSheet, name: str) -> str:
    return f"evidence/{sheet.contest['id']}/{sheet.unit.code}/{sheet.stage}/{name}"


def look_at(sheet: OpenSheet, criterion: str) -> None:
    """Show the evidence of this criterion from now on."""
    st.session_state[_key(sheet, "criterion")] = criterion


def show(desk: Desk, sheet: OpenSheet) -> None:
    """The documents of a unit, of one criterion or of all of them, and what this person may do about them."""
    rights = evidence_rights(desk.store, desk.actor, sheet.contest["id"], sheet.unit.code)
    links = evidence_for(desk.store, desk.actor, sheet.contest["id"], sheet.unit.code)
    standing = [link for link in links if link["status"] != "withdrawn"]
    with st.container(key="evidence-panel"):
        heading(say("evidence_panel.heading"))
        wanted = _wanted(sheet, standing)
        documents: dict[str, list[Row]] = {}
        for link in standing:
            documents.setdefault(link["evidence"], []).append(link)
        seen = [mine for mine in documents.values() if wanted in (ALL, *(link["criterion"] for link in mine))]
        if not seen:
            st.caption(say("evidence_panel.none_yet" if wanted == ALL else "evidence_panel.none_for"))
        places = {leaf.code: at for at, leaf in enumerate(sheet.criteria.leaves)}
        seen.sort(key=lambda mine: min((places.get(link["criterion"], len(places)) for link in mine), default=0))
        for mine in seen:
            _document(desk, sheet, mine, rights, wanted)
        if rights.add:
            _hand_in(desk, sheet, rights, wanted)


def heading(text: str) -> None:
    """A heading below the title of the page."""
    st.html(f'<h2 style="font-size:1.3rem;padding:0.25rem 0">{escape(text)}</h2>')


def _wanted(sheet: OpenSheet, links: Iterable[Row]) -> str:
    """The criterion whose documents are shown."""
    titles = {leaf.code: leaf.title for leaf in sheet.criteria.leaves}
    key = _key(sheet, "criterion")
    behind = {link["criterion"] for link in links} | {st.session_state.get(key, ALL)}
    codes = [ALL, *(code for code in titles if code in behind)]
    if st.session_state.get(key, ALL) not in codes:
        st.session_state[key] = ALL
    return st.selectbox(
        say("evidence_panel.of_criterion"), codes, key=key,
        format_func=lambda code: f"{code} {titles[code]}" if code in titles else say("evidence_panel.of_all"),
    )  # fmt: skip


def _document(desk: Desk, sheet: OpenSheet, links: list[Row], rights: EvidenceRights, wanted: str) -> None:
    """One document: how it is cited, what it proves, its pages."""
    document = links[0]["document"]
    mine = [link for link in links if wanted in (ALL, link["criterion"])]
    worst = next(
        (state for state in ("claimed", "attached", "rejected") if any(link["status"] == state for link in mine)),
        "accepted",
    )
    proves = say("evidence_panel.of_codes", codes=list(dict.fromkeys(link["criterion"] for link in links)))
    label = (
        f"{escaped(document['title'])} · {escaped(proves)} :{COLOURS[worst]}-badge[{escaped(say('evidence.' + worst))}]"
    )
    with st.expander(label, expanded=wanted != ALL):
        said = [document["number"], document["issuer"], _day(document["date"])]
        if cited := " · ".join(part for part in said if part):
            st.caption(escaped(cited))
        st.markdown(" ".join(_badge(link) for link in mine))
        for link in mine:
            if link["reason"]:
                st.caption(escaped(f"{link['criterion']}: {link['reason']}"))
        if document["file"]:
            _file(desk, sheet, document, mine)
        else:
            st.caption(say("evidence_panel.no_file"))
            if all(link["criterion"] in rights.add for link in links):
                _attach(desk, sheet, document)
        for link in mine:
            if link["criterion"] in rights.verify:
                _verify(desk, sheet, link)


def _badge(link: Row) -> str:
    pages = f" ({link['pages']})" if link["pages"] else ""
    words = escaped(f"{link['criterion']}{pages}: {say('evidence.' + link['status'])}")
    return f":{COLOURS.get(link['status'], 'gray')}-badge[{words}]"


def _day(text: str) -> str:
    try:
        return shown(read_day(text)) if text else ""
    except ValueError:
        return text


def address(evidence: str) -> str:
    """Where the server gives out the file behind a document, to whoever may see it."""
    return f"/minh-chung/{quote(evidence, safe='/')}"


def _file(desk: Desk, sheet: OpenSheet, document: Row, links: list[Row]) -> None:
    """The file itself: its pages as pictures in place, and the way to download it."""
    words = say("evidence_panel.download", name=document["file_name"])
    st.html(f'<a href="{escape(address(document["id"]))}" target="_blank" rel="noopener">{escape(words)}</a>')
    if document["kind"] not in PICTURED:
        return
    key = _key(sheet, f"page/{document['id']}")
    if st.toggle(say("evidence_panel.show_pages"), key=f"{key}/open"):
        page = int(st.session_state.setdefault(key, _first_page(links)))
        if document["kind"] == "pdf":
            last = pages_of(desk.store, file_place(), desk.actor, document["id"])
            page = min(page, last or page)
            before, here, after = st.columns([1, 2, 1], vertical_alignment="center")
            before.button(
                say("evidence_panel.page_before"),
                key=f"{key}/-",
                on_click=_turn,
                args=(key, page - 1),
                disabled=page <= 1,
            )
            here.caption(say("evidence_panel.page_of" if last else "evidence_panel.page_is", n=page, last=last))
            after.button(
                say("evidence_panel.page_after"),
                key=f"{key}/+",
                on_click=_turn,
                args=(key, page + 1),
                disabled=page == last,
            )
        picture = f"{address(document['id'])}/anh/{page}"
        about = say("evidence_panel.page_picture", title=document["title"], n=page)
        st.html(
            f'<img src="{escape(picture)}" alt="{escape(about)}" style="max-width:min(100%,46rem);border:1px solid #ccc">'
        )


def _turn(key: str, page: int) -> None:
    st.session_state[key] = max(1, page)


def _first_page(links: list[Row]) -> int:
    """The first page that is cited."""
    found = re.search(r"\d{1,4}", " ".join(link["pages"] for link in links))
    return max(1, int(found[0])) if found else 1


# checking -------------------------------------------------------------------------------------------------------


def _verify(desk: Desk, sheet: OpenSheet, link: Row) -> None:
    """Accept or reject what a document proves, with the checks that were made."""
    key = _key(sheet, f"verify/{link['id']}/{link['version']}")
    with st.container(border=True):
        st.markdown(f"**{escaped(say('evidence_panel.check', code=link['criterion']))}**")
        made = [each for each in CHECKS if each in link["verified"].split(",")]
        checks = st.multiselect(
            say("evidence_panel.checks_made"), CHECKS, made, key=f"{key}/checks",
            format_func=lambda each: say(f"sheet.verified_{each}"), placeholder=say("evidence_panel.choose_checks"),
        )  # fmt: skip
        reason = st.text_area(say("evidence_panel.reason"), link["reason"], key=f"{key}/reason", height=80)
        yes, no = st.columns(2)
        decided = (
            (yes, True, "evidence_panel.accept", "evidence_panel.accept_done"),
            (no, False, "evidence_panel.reject", "evidence_panel.reject_done"),
        )
        for column, accepted, word, done in decided:
            about = {"accepted": accepted, "checks": tuple(checks), "reason": reason, "expected": link["version"]}
            if column.button(say(word), key=f"{key}/{word}", width="stretch"):
                carry_out(done, verify_evidence, desk.store, desk.actor, link["id"], **about)


# handing in -----------------------------------------------------------------------------------------------------


def _hand_in(desk: Desk, sheet: OpenSheet, rights: EvidenceRights, wanted: str) -> None:
    """A new document: its file, how it is cited, what it proves. What was typed stays when it is refused."""
    titles = {leaf.code: leaf.title for leaf in sheet.criteria.leaves}
    count = st.session_state.setdefault(_key(sheet, "handed in"), 0)
    with st.expander(say("evidence_panel.hand_in"), icon=":material/upload_file:"):
        _dress_uploader()
        key = _key(sheet, f"new/{count}")
        listed = ", ".join(f".{kind}" for kind in ALLOWED)
        file = st.file_uploader(
            say("evidence_panel.file", kinds=listed, size=MEGABYTES), key=f"{key}/file", max_upload_size=MEGABYTES
        )
        name = st.text_input(say("evidence_panel.title"), key=f"{key}/title", placeholder=file.name if file else "")
        left, right = st.columns(2)
        number = left.text_input(say("evidence_panel.number"), key=f"{key}/number")
        issuer = right.text_input(say("evidence_panel.issuer"), key=f"{key}/issuer")
        day = left.text_input(say("evidence_panel.date"), key=f"{key}/date", placeholder="21/11/2026")
        pages = right.text_input(say("evidence_panel.pages"), key=f"{key}/pages")
        codes = st.multiselect(
            say("evidence_panel.proves"), rights.add, [wanted] if wanted in rights.add else [], key=f"{key}/codes/{wanted}",
            format_func=lambda code: f"{code} {titles[code]}", placeholder=say("evidence_panel.choose_criteria"),
        )  # fmt: skip
        if st.button(say("evidence_panel.hand_in_now"), type="primary", key=f"{key}/go"):
            about = (
                name.strip() or (file.name.rpartition(".")[0] if file else ""),
                number.strip(),
                issuer.strip(),
                day.strip(),
            )
            codes_with_pages = dict.fromkeys(codes, pages.strip())
            carry_out("evidence_panel.handed_in", _handed_in, desk, sheet, file, about, codes_with_pages)


def _attach(desk: Desk, sheet: OpenSheet, document: Row) -> None:
    """The file of a document that was only claimed so far."""
    key = _key(sheet, f"attach/{document['id']}")
    _dress_uploader()
    file = st.file_uploader(say("evidence_panel.attach"), key=f"{key}/file", max_upload_size=MEGABYTES)
    if file is not None and st.button(say("evidence_panel.attach_now"), type="primary", key=f"{key}/go"):
        about = (desk.store, file_place, desk.actor, document["id"], file)
        carry_out("evidence_panel.handed_in", _attached, *about)


def _attached(store: Store, place: Callable[[], Files], actor: Actor, evidence: str, file: Any) -> int:
    return attach(store, place(), actor, evidence, file, file.name)


def _handed_in(
    desk: Desk, sheet: OpenSheet, file: Any, about: tuple[str, str, str, str], codes: dict[str, str]
) -> None:
    """Keep it, and offer an empty form for the next one."""
    _kept(desk, sheet, file, about, codes)
    st.session_state[_key(sheet, "handed in")] = st.session_state.get(_key(sheet, "handed in"), 0) + 1


def _kept(desk: Desk, sheet: OpenSheet, file: Any, about: tuple[str, str, str, str], codes: dict[str, str]) -> str:
    """Keep the file and put the document on record, or only the document while there is no file yet."""
    if not codes:
        raise refuse("evidence_panel.no_criterion")
    title, number, issuer, day = about
    try:
        date = read_day(day).isoformat() if day else ""
    except ValueError:
        raise refuse("sheet.evidence_day", value=day) from None
    document = Document(title, number, issuer, date)
    place = (desk.store, desk.actor, sheet.contest["id"], sheet.unit.code)
    if file is None:
        return add_evidence(*place, document, codes)
    store, actor, contest, unit = place
    return upload(store, file_place(), actor, contest, unit, file, file.name, document, codes)


def _dress_uploader() -> None:
    """The words of Streamlit's uploader, which only knows English."""
    said = {"@drop": "evidence_panel.drop", "@big": "evidence_panel.too_big"}
    style = UPLOADER
    for mark, words in said.items():
        style = style.replace(mark, _css(say(words, size=MEGABYTES)))
    st.html(style)


def _css(text: str) -> str:
    """A text as a string of a style sheet."""
    return (
        '"' + "".join(letter if letter.isalnum() or letter == " " else f"\\{ord(letter):x} " for letter in text) + '"'
    )


UPLOADER = """<style>
[data-testid=stFileUploaderDropzoneInstructions] { display: none; }
[data-testid=stFileUploaderDropzone]::after { content: @drop; font-size: 0.85rem; align-self: center; }
[data-testid=stFileUploaderDropzone]:has([data-testid=stFileChip])::after { content: none; }
[data-testid=stFileUploaderDropzone]:has([data-testid=stFileChip][aria-invalid=true])::after {
  content: @big; color: var(--st-red-text-color, #a8121e);
}
</style>"""
