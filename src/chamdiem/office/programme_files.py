"""Files behind the documents of a programme: who may is asked before a byte is taken, and again before one is given."""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO

from chamdiem.contest.evidence import Document
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import rows
from chamdiem.errors import refuse
from chamdiem.office.footing import Footing
from chamdiem.office.tasks import add_document
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.files import Files, shown_name


def hand_in_document(
    store: Store,
    files: Files,
    actor: Actor,
    programme: str,
    member: str,
    task: str,
    document: Document,
    stream: BinaryIO,
    name: str,
) -> str:
    """Keep a file and put the document behind it on record for a task; returns its key. Refused before anything is read
    unless the person may report of the member's tasks."""
    with store.read() as connection:
        Footing(connection, actor, programme).need("task.report", member)
    kept = files.keep(stream, name)
    behind = replace(document, file=kept.sha256, file_name=shown_name(name), kind=kept.kind, size=kept.size)
    return add_document(store, actor, programme, member, task, behind)


def take_document(store: Store, files: Files, actor: Actor, document: str) -> tuple[str, BinaryIO]:
    """The name and content of the file behind a document, for whoever may read what its member does."""
    with store.read() as connection:
        found = rows(connection, tables.programme_document, id=document)
        if not found or not found[0]["file"]:
            raise refuse("permission.not_found")
        Footing(connection, actor, found[0]["programme"]).need("programme.read", found[0]["member"])
    return str(found[0]["file_name"]), files.open(found[0]["file"])
