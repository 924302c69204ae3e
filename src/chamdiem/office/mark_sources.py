"""Where a mark's figures come from, in words: its note is a reference to a report, to due dates or to surveys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from sqlalchemy import Connection

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import rows
from chamdiem.criteria.model import Node
from chamdiem.criteria.sources import FromReports
from chamdiem.errors import Message, message
from chamdiem.office.footing import Footing
from chamdiem.office.programmes_begun import law_for
from chamdiem.office.report_content import from_text
from chamdiem.office.report_rows import report_called
from chamdiem.office.survey_marks import HASH_SHOWN, reference_in
from chamdiem.office.survey_rounds import questionnaire_of
from chamdiem.office.survey_words import spoken
from chamdiem.store import tables

RECORD = re.compile(rf"(bao-cao|han-bao-cao):(\S+)#[0-9a-f]{{{HASH_SHOWN}}}")
REPORT_PARTS, DUE_PARTS = 5, 3


@dataclass(frozen=True)
class Source:
    """What a mark refers to; where it can be read by this person, "" where he may not or there is no such page."""

    words: Message
    address: str = ""


def sources_in(connection: Connection, actor: Actor, leaf: Node, note: str) -> list[Source]:
    """What the note of a mark on a criterion refers to; nothing where it is no such reference, or to what is not there."""
    found = [each for word in note.split() if (each := RECORD.fullmatch(word))]
    return [*_surveys(connection, note), *(one for each in found for one in _record(connection, actor, leaf, each))]


def _surveys(connection: Connection, note: str) -> Iterator[Source]:
    reference = reference_in(note)
    for id in reference.rounds if reference else ():  # noqa: A001 - the column is called so
        for row in rows(connection, tables.survey_round, id=id):
            title = spoken(questionnaire_of(connection, row["questionnaire"]))
            yield Source(message("source.survey", title=title, unit=row["unit_name"]))


def _record(connection: Connection, actor: Actor, leaf: Node, found: re.Match[str]) -> Iterator[Source]:
    parts = found[2].split("/")
    if not rows(connection, tables.programme, id=parts[0]):
        return
    footing = Footing(connection, actor, parts[0])
    if found[1] == "bao-cao" and len(parts) == REPORT_PARTS:
        for row in rows(connection, tables.report, id=found[2]):
            about = {"report": report_called(connection, row), "figures": list(_figures(footing, leaf, row["figures"]))}
            yield Source(message("source.report", **about), _address(footing, *parts[1:4]))
    if found[1] == "han-bao-cao" and len(parts) == DUE_PARTS and parts[1] in footing.members:
        yield Source(message("source.deadlines", year=parts[2], member=footing.members[parts[1]]["name"]))


def _figures(footing: Footing, leaf: Node, text: str) -> Iterator[Message]:
    """The figures of a report that the criterion asks for, as the report has them: a share of them is marked in whole
    parts."""
    law, sums = law_for(footing.row), {line.name: line.so_far for line in from_text(text).figures}
    titles = {one.key: one.title for one in law.figures.figures} if law.figures else {}
    for name in leaf.source.figures.values() if isinstance(leaf.source, FromReports) else ():
        if (value := sums.get(name)) is not None:
            yield message("source.figure", title=titles.get(name, name), value=Decimal(value))


def _address(footing: Footing, member: str, duty: str, period: str) -> str:
    """Where a report is, for whoever may read it."""
    if not footing.may("programme.read", member):
        return ""
    return f"/bao-cao-ky?{urlencode({'chuong-trinh': footing.programme, 'ky': f'{duty}/{period}'})}"
