"""Rounds of a survey as they stand in the store: one questionnaire, one unit, one link; who may do what with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, select

from chamdiem.contest.access import Footing
from chamdiem.contest.permissions import Actor, Subject, allowed, require
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Message, message, refuse
from chamdiem.office.survey_words import spoken
from chamdiem.store import ballot_box, tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction
from chamdiem.store.sealing import key_at_hand
from chamdiem.surveys import library
from chamdiem.surveys.questionnaire import Questionnaire

DRAFT, OPEN, CLOSED = "draft", "open", "closed"
CODES, LINK = "codes", "link"
MODES = (CODES, LINK)
CAMPAIGN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True)
class Asked:
    """A questionnaire with the words it was read from and their hash."""

    questionnaire: Questionnaire
    words: str
    hash: str


def asked_from(source: Path | str) -> Asked:
    """The shipped questionnaire of this id, or the one in this file; raises Refusal with everything that is wrong."""
    found = library.load(source)
    return Asked(found, library.text_of(source), library.content_hash(found))


def keep(transaction: Transaction, asked: Asked) -> str:
    """Keep a questionnaire in the store, once; returns its content hash, by which rounds name it."""
    about = {"code": asked.questionnaire.id, "edition": asked.questionnaire.version, "body": asked.words}
    transaction.put(tables.questionnaire, asked.hash, about)
    return asked.hash


def questionnaire_of(connection: Connection, hash: str) -> Questionnaire:  # noqa: A002 - it is one
    """The questionnaire that was kept under this hash; refused when its words no longer give that hash."""
    here = select(tables.questionnaire.c.body).where(tables.questionnaire.c.id == hash)
    words = connection.execute(here).scalar()
    if words is None:
        raise refuse("permission.not_found")
    return _read(words, hash)


@lru_cache(maxsize=64)
def _read(words: str, hash: str) -> Questionnaire:  # noqa: A002
    found = library.read(words, "questionnaire")
    if library.content_hash(found) != hash:
        raise refuse("survey.words_changed", hash=hash[:12])
    return found


def round_row(connection: Connection, round_: str) -> Row:
    """One round; an unknown one is not found."""
    found = rows(connection, tables.survey_round, id=round_)
    if not found:
        raise refuse("permission.not_found")
    return found[0]


def called(connection: Connection, row: Row) -> Message:
    """A round as people call it: what is asked, at which unit, from when until when."""
    days = {name: date.fromisoformat(row[f"{name}_on"]) for name in ("opens", "closes")}
    title = spoken(questionnaire_of(connection, row["questionnaire"]))
    return message("survey.round_called", title=title, unit=row["unit_name"], **days)


def subject_of(connection: Connection, actor: Actor, row: Row, account: str | None = None) -> Subject:
    """How a person stands to a round: by its contest, or by its programme and the member of it that it is about."""
    if not row["contest"]:
        return Subject(contest=row["programme"] or None, unit=member_of(connection, row), account=account)
    return Footing(connection, actor, row["contest"]).subject(unit=row["unit"], account=account)


def member_of(connection: Connection, row: Row) -> str:
    """The member of its programme that a round is about, by its code; else the unit itself."""
    members = rows(connection, tables.programme_member, programme=row["programme"])
    return next((str(one["code"]) for one in members if row["unit"] in (one["code"], one["unit"])), str(row["unit"]))


def need(connection: Connection, actor: Actor, verb: str, row: Row, account: str | None = None) -> None:
    """Refused as not found unless the person may do it."""
    require(actor, verb, subject_of(connection, actor, row, account))


def about_of(store: Store, *rounds: str) -> str:
    """The contest or the programme in whose journal an order about rounds stands, "" for none: what is unknown is refused
    later, by who may know of it."""
    with store.read() as connection:
        found = [row for round_ in rounds for row in rows(connection, tables.survey_round, id=round_)]
    return str(found[0]["contest"] or found[0]["programme"]) if found else ""


def round_for(connection: Connection, actor: Actor, verb: str, round_: str) -> Row:
    """One round that a person may do this with."""
    row = round_row(connection, round_)
    need(connection, actor, verb, row)
    return row


def named(connection: Connection, name: str) -> list[str]:
    """The rounds that a name means: one of them, or all those of a campaign, by id; refused when there is none."""
    found = rows(connection, tables.survey_round, id=name) or rows(connection, tables.survey_round, campaign=name)
    if not found:
        raise refuse("survey.unknown_round", name=name)
    return [row["id"] for row in found]


def secret_for(store: Store, connection: Connection, round_: str) -> bytes:
    """The secret of a round; refused where the key of the machine is missing."""
    found = ballot_box.secret_of(connection, round_, key_at_hand(store))
    if found is None:
        raise refuse("survey.box_locked")
    return found


@dataclass(frozen=True)
class Standing:
    """A round as its office sees it while it runs: how many forms lie in the box, how many there should be."""

    row: Row
    title: str
    collected: int

    @property
    def missing(self) -> int:
        """How many forms are still to come."""
        return max(0, int(self.row["target"]) - self.collected)


def standings_for(
    store: Store, actor: Actor, *, contest: str = "", programme: str = "", campaign: str = ""
) -> list[Standing]:
    """The rounds that a person may know of, by id: all, or those of a contest, a programme or a campaign."""
    where = {"contest": contest, "programme": programme, "campaign": campaign}
    with store.read() as connection:
        found = rows(connection, tables.survey_round, **{name: value for name, value in where.items() if value})
        return [_standing(connection, row) for row in _known(connection, actor, found)]


def _known(connection: Connection, actor: Actor, found: Sequence[Row]) -> list[Row]:
    return [
        row
        for row in found
        if any(allowed(actor, verb, subject_of(connection, actor, row)) for verb in ("survey.manage", "survey.read"))
    ]


def _standing(connection: Connection, row: Row) -> Standing:
    waiting = row["kept"] if row["status"] == CLOSED else ballot_box.waiting(connection, row["id"])
    paper = 0 if row["status"] == CLOSED else papers_in(connection, row["id"])
    return Standing(row, questionnaire_of(connection, row["questionnaire"]).title, waiting + paper)


def papers_in(connection: Connection, round_: str) -> int:
    """How many valid paper forms of a round were entered."""
    paper, batch = tables.survey_paper, tables.survey_batch
    here = (
        select(paper.c.id).join(batch, batch.c.id == paper.c.batch).where(batch.c.round == round_, paper.c.answer != "")
    )
    return len(connection.execute(here).fetchall())
