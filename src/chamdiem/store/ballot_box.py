"""The ballot box of surveys: what was answered is kept, and nothing by which anybody could tell who answered it.

How it works
    A survey has a secret of 32 bytes. Who answers shows a ticket (a code from a slip of paper, or what his browser was
    given); of it the store keeps a keyed hash with used or not. In the same transaction his form goes into a sealed
    envelope, encrypted with the secret, under a random key. All envelopes of a survey are equally long. No column, time,
    number or journal entry leads from the one to the other. When the survey is closed, all envelopes are opened at once,
    their forms are written in an order of dice under new random keys, with the hash of all of them in the one event of
    closing, and envelopes, tickets and the secret are destroyed. From then on the box takes and gives nothing.

Why envelopes
    A database tells more than its columns. PostgreSQL lets everybody read which rows one transaction wrote (xmin) and in
    which order (ctid); the write-ahead log of either database has the order too; of two backups, what is in the later one
    alone was answered in between. All of that leads to an envelope that only the secret opens, and the secret is itself
    sealed with the key of the machine, which lies in no database and no backup (store.sealing). The rows of the open box
    come from one transaction: they have one xmin, and an order made by dice.

Who learns nothing
    Who has the database, the journal, the logs, or backups, before and after closing; the office that runs the survey; who
    found a slip or a telephone afterwards.

What this cannot prevent
    Somebody who stands beside a person, photographs the screen, or asks to be shown it. Somebody who rules the running
    machine while answers come in: who has the database and its key together before closing can open envelopes, and who
    changes the program can do everything. A slip that was handed out by name. Handwriting, on paper. All of a group
    giving the same answer: then the answer of each is known. Somebody with an open link and two telephones, or two
    browsers, answers twice: who must be sure of one answer for each person hands out codes. Notes are kept apart from
    the other answers, yet people tell of themselves in them: hence they are asked for only where the questionnaire says so.
    Who loses the key of the machine loses the answers of the surveys that are open just then, none of those closed.
    SQLite overwrites what is destroyed; what remains of it on a disk, in PostgreSQL's log, or in a backup that was made
    before closing, still needs the key of the machine.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from enum import Enum

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from chamdiem.errors import Message, message
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction
from chamdiem.store.sealing import opened, sealed
from chamdiem.store.tables import (
    survey_answer,
    survey_envelope,
    survey_note,
    survey_round,
    survey_secret,
    survey_ticket,
)

DOMAIN = b"chamdiem survey box 1\n"
SECRET_BYTES = 32
Note = tuple[str, str]
"""The code of an open question, and what was said."""


class Ticket(Enum):
    """What a ticket is good for."""

    GOOD = 1
    USED = 2
    UNKNOWN = 3


def begin(transaction: Transaction, round_: str, key: bytes) -> None:
    """Give a survey its secret, sealed with the key of the machine."""
    _overwriting(transaction.connection)
    secret = sealed(secrets.token_bytes(SECRET_BYTES).hex(), round_, key)
    transaction.connection.execute(insert(survey_secret), {"id": round_, "secret": secret})


def _overwriting(connection: Connection) -> None:
    """What is deleted or moved is overwritten in the file too, from here on in this process."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON").close()


def secret_of(connection: Connection, round_: str, key: bytes | None) -> bytes | None:
    """The secret of a survey; None once it was destroyed, or without the right key of the machine."""
    kept = connection.execute(select(survey_secret.c.secret).where(survey_secret.c.id == round_)).scalar()
    found = None if kept is None else opened(kept, round_, key)
    return None if found is None else bytes.fromhex(found)


def ticket_id(secret: bytes, shown: str) -> str:
    """What the store knows of a code or of a browser's token: a hash that nobody can make without the secret."""
    return hmac.new(secret, b"ticket\n" + shown.encode(), hashlib.sha256).hexdigest()


def issue(transaction: Transaction, round_: str, tickets: Iterable[str]) -> None:
    """Make tickets good that were printed on slips."""
    made = [{"id": one, "round": round_, "used": 0} for one in sorted(tickets)]
    _overwriting(transaction.connection)
    if made:
        transaction.connection.execute(insert(survey_ticket), made)


def state_of(connection: Connection, round_: str, ticket: str) -> Ticket:
    """Whether a ticket is known to a survey, and was used."""
    here = (survey_ticket.c.id == ticket) & (survey_ticket.c.round == round_)
    used = connection.execute(select(survey_ticket.c.used).where(here)).scalar()
    if used is None:
        return Ticket.UNKNOWN
    return Ticket.USED if used else Ticket.GOOD


def drop(transaction: Transaction, round_: str, ticket: str, form: str, secret: bytes) -> None:
    """Use a ticket and drop an envelope, both or neither. A ticket that was not issued is a browser's, and is kept."""
    connection = transaction.connection
    _overwriting(connection)
    here = (survey_ticket.c.id == ticket) & (survey_ticket.c.round == round_)
    if connection.execute(update(survey_ticket).where(here).values(used=1)).rowcount != 1:
        connection.execute(insert(survey_ticket), {"id": ticket, "round": round_, "used": 1})
    envelope = {"id": secrets.token_hex(16), "round": round_, "sealed": sealed(form, round_, secret)}
    connection.execute(insert(survey_envelope), envelope)


def waiting(connection: Connection, round_: str) -> int:
    """How many envelopes a survey has."""
    here = select(func.count()).select_from(survey_envelope).where(survey_envelope.c.round == round_)
    return int(connection.execute(here).scalar_one())


def forms_in(connection: Connection, round_: str, secret: bytes) -> list[str] | None:
    """What is in the envelopes, in an order of dice; None when one of them does not open."""
    sealed_ones = connection.execute(
        select(survey_envelope.c.sealed).where(survey_envelope.c.round == round_)
    ).scalars()
    found = [opened(one, round_, secret) for one in sealed_ones]
    secrets.SystemRandom().shuffle(found)
    forms = [form for form in found if form is not None]
    return forms if len(forms) == len(found) else None


def pour(transaction: Transaction, round_: str, answers: Collection[str], notes: Collection[Note]) -> None:
    """Put all answers and all words into the box at once, apart from each other, under new random keys in their order."""
    kept = [{"round": round_, "answer": answer} for answer in answers]
    said = [{"round": round_, "question": question, "words": words} for question, words in notes]
    for table, rows in ((survey_answer, kept), (survey_note, said)):
        keys = sorted(secrets.token_hex(16) for _ in rows)
        secrets.SystemRandom().shuffle(rows)
        keyed = [{"id": key, **row} for key, row in zip(keys, rows, strict=True)]
        if keyed:
            transaction.connection.execute(insert(table), keyed)


def destroy(transaction: Transaction, round_: str) -> None:
    """Do away with envelopes, tickets and the secret of a survey that was closed in this transaction."""
    connection = transaction.connection
    _overwriting(connection)
    for table in (survey_envelope, survey_ticket):
        connection.execute(delete(table).where(table.c.round == round_))
    connection.execute(delete(survey_secret).where(survey_secret.c.id == round_))


def sweep(store: Store) -> None:
    """Let the database forget what was destroyed as far as it can: empty SQLite's log, vacuum PostgreSQL. If it is busy,
    that happens later by itself."""
    log = "PRAGMA wal_checkpoint(TRUNCATE)"
    vacuum = "VACUUM survey_envelope, survey_ticket, survey_secret, survey_paper"
    options = {"no_transaction": True} if store.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
    with suppress(DBAPIError, SQLAlchemyError, PoolTimeoutError), store.writer.connect() as connection:
        connection.execution_options(**options).exec_driver_sql(log if store.is_sqlite else vacuum).close()


def answers_of(connection: Connection, round_: str) -> list[str]:
    """All answers in the box of a survey, in the order of their words."""
    return sorted(connection.execute(select(survey_answer.c.answer).where(survey_answer.c.round == round_)).scalars())


def notes_of(connection: Connection, round_: str) -> list[Note]:
    """What was said to open questions, in the order of its words."""
    here = select(survey_note.c.question, survey_note.c.words).where(survey_note.c.round == round_)
    return sorted((row.question, row.words) for row in connection.execute(here))


def digest(answers: Iterable[str], notes: Iterable[Note]) -> str:
    """The sha256 of what is in a box: all answers and all words, sorted, each with its length in front."""
    found = hashlib.sha256(DOMAIN)
    for words in (*sorted(answers), "", *(part for note in sorted(notes) for part in note)):
        found.update(f"{len(words.encode())}:".encode() + words.encode())
    return found.hexdigest()


def faults(connection: Connection) -> Iterator[Message]:
    """Boxes that do not hold what was counted when they were closed, and open ones that lack an envelope."""
    for row in connection.execute(select(survey_round).order_by(survey_round.c.id)).mappings().all():
        round_ = row["id"]
        held = answers_of(connection, round_)
        if row["status"] == "closed":
            whole = digest(held, notes_of(connection, round_)) == row["answers_hash"] and len(held) == row["kept"]
            if not whole or waiting(connection, round_):
                yield message("verify.box_changed", id=round_)
        elif held or waiting(connection, round_) != _used(connection, round_):
            yield message("verify.box_count", id=round_)


def _used(connection: Connection, round_: str) -> int:
    here = (survey_ticket.c.round == round_) & (survey_ticket.c.used == 1)
    return int(connection.execute(select(func.count()).select_from(survey_ticket).where(here)).scalar_one())
