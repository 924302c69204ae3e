"""Evidence files in and out: who may is asked before a byte is taken, and again before one is given."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from chamdiem.contest.access import may, need
from chamdiem.contest.evidence import Document, add_evidence, attach_file
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Refusal, refuse
from chamdiem.exchange.pictures import page_count
from chamdiem.store import tables
from chamdiem.store.database import FOLDER, Store
from chamdiem.store.files import Files, files_of, shown_name

SETTING = "CHAMDIEM_FILES"


def file_place() -> Files:
    """Where evidence files are kept: what the setting says (a folder, or s3://…), else beside the database."""
    setting = os.environ.get(SETTING)
    if not setting:
        (Path(FOLDER) / "files").mkdir(parents=True, exist_ok=True)
    return files_of(setting or str((Path(FOLDER) / "files").absolute()))


def upload(
    store: Store,
    files: Files,
    actor: Actor,
    contest: str,
    unit: str,
    stream: BinaryIO,
    name: str,
    document: Document,
    criteria: dict[str, str],
    *,
    key: str = "",
) -> str:
    """Keep a file and put the document behind it on record for criteria (code → pages cited); returns its key.

    Refused before anything is read unless the person may add evidence there; and when the file is not what it says.
    """
    with store.read() as connection:
        for code in criteria:
            need(connection, actor, "evidence.add", contest, unit=unit, criterion=code, stage="self")
    kept = files.keep(stream, name)
    behind = replace(document, file=kept.sha256, file_name=shown_name(name), kind=kept.kind, size=kept.size)
    return add_evidence(store, actor, contest, unit, behind, criteria, key=key)


def attach(store: Store, files: Files, actor: Actor, evidence: str, stream: BinaryIO, name: str) -> int:
    """Keep a file and put it behind a document that was only claimed; refused before anything is read unless the person
    may add evidence there."""
    with store.read() as connection:
        links = rows(connection, tables.evidence_link, evidence=evidence)
        if not links:
            raise refuse("permission.not_found")
        for link in links:
            about = {"unit": link["unit"], "criterion": link["criterion"], "stage": "self"}
            need(connection, actor, "evidence.add", link["contest"], **about)
    kept = files.keep(stream, name)
    behind = Document("", file=kept.sha256, file_name=shown_name(name), kind=kept.kind, size=kept.size)
    return attach_file(store, actor, evidence, behind)


def download(store: Store, files: Files, actor: Actor, evidence: str) -> tuple[str, BinaryIO]:
    """The name and content of the file behind a document, for whoever may see one of the criteria it proves."""
    document = document_for(store, actor, evidence)
    return str(document["file_name"]), files.open(document["file"])


def pages_of(store: Store, files: Files, actor: Actor, evidence: str) -> int:
    """How many pages of the file behind a document can be looked at, for whoever may see it; 0 where that is not known."""
    document = document_for(store, actor, evidence)
    sha256, kind = str(document["file"]), str(document["kind"])
    if sha256 not in _pages:
        while len(_pages) >= COUNTED:
            _pages.pop(next(iter(_pages)))
        _pages[sha256] = _counted(files, sha256, kind)
    return _pages[sha256]


COUNTED = 2000
_pages: dict[str, int] = {}  # of files by their hash: who may see one is asked each time


def _counted(files: Files, sha256: str, kind: str) -> int:
    try:
        with files.open(sha256) as stream:
            return page_count(stream.read(), kind)
    except Refusal:  # the picture itself says why
        return 0


def document_for(store: Store, actor: Actor, evidence: str) -> Row:
    """A document with a file behind it, for whoever may see one of the criteria it proves; else it is not found."""
    with store.read() as connection:
        found = rows(connection, tables.evidence, id=evidence)
        links = rows(connection, tables.evidence_link, evidence=evidence)
        if not found or not links or not found[0]["file"]:
            raise refuse("permission.not_found")
        document = found[0]
        about = {"unit": document["unit"]}
        if not any(
            may(connection, actor, "evidence.read", document["contest"], criterion=link["criterion"], **about)
            for link in links
        ):
            raise refuse("permission.not_found")
    return document
