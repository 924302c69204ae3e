"""Surveys: rounds and batches in the journal; tickets, envelopes and the box past it, where nothing tells an order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CLOSED = "EXISTS (SELECT 1 FROM survey_round WHERE id = {row}.round AND status = 'closed')"
BOX = ("survey_answer", "survey_note")
COLLECTING = ("survey_envelope", "survey_ticket")
NEVER = "answers are never changed"
AFTER = "the survey is closed"
BEFORE = "the survey is not closed"


def _sqlite() -> list[str]:
    """The box takes answers until its survey is closed, and gives none back; envelopes and tickets go when it is closed."""

    def refused(table: str, name: str, verb: str, why: str, when: str = "") -> str:
        condition = f"WHEN {when} " if when else ""
        return (
            f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} {condition}BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )

    there = "EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # INSERT OR REPLACE deletes without asking
    return [
        *(refused(table, "no_update", "UPDATE", NEVER) for table in (*BOX, "survey_envelope")),
        *(refused(table, "no_delete", "DELETE", NEVER) for table in BOX),
        *(refused(table, "no_delete", "DELETE", BEFORE, f"NOT {CLOSED.format(row='OLD')}") for table in COLLECTING),
        *(refused(table, "no_replace", "INSERT", NEVER, there.format(table=table)) for table in (*BOX, *COLLECTING)),
        *(refused(table, "closed", "INSERT", AFTER, CLOSED.format(row="NEW")) for table in (*BOX, *COLLECTING)),
        refused(
            "survey_ticket", "used_once", "UPDATE", NEVER,
            "OLD.used = 1 OR NEW.used <> 1 OR NEW.id <> OLD.id OR NEW.round <> OLD.round",
        ),
    ]  # fmt: skip


def _postgresql() -> list[str]:
    """The same."""

    def function(name: str, why: str, when: str, row: str) -> str:
        return (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {when} THEN RAISE EXCEPTION '{why}'; END IF; RETURN {row}; END $$"
        )

    def asked(table: str, name: str, verbs: str, each: str, function: str) -> str:
        return f"CREATE TRIGGER {table}_{name} BEFORE {verbs} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"

    return [
        function("survey_is_never_changed", NEVER, "TRUE", "NULL"),
        function("survey_is_open_yet", BEFORE, f"NOT {CLOSED.format(row='OLD')}", "OLD"),
        function("survey_is_closed", AFTER, CLOSED.format(row="NEW"), "NEW"),
        function(
            "survey_ticket_is_used", NEVER,
            "OLD.used = 1 OR NEW.used <> 1 OR NEW.id <> OLD.id OR NEW.round <> OLD.round", "NEW",
        ),
        *(asked(table, "no_edit", "UPDATE OR DELETE OR TRUNCATE", "STATEMENT", "survey_is_never_changed") for table in BOX),
        asked("survey_envelope", "no_edit", "UPDATE OR TRUNCATE", "STATEMENT", "survey_is_never_changed"),
        asked("survey_ticket", "no_truncate", "TRUNCATE", "STATEMENT", "survey_is_never_changed"),
        asked("survey_ticket", "used_once", "UPDATE", "ROW", "survey_ticket_is_used"),
        *(asked(table, "no_delete", "DELETE", "ROW", "survey_is_open_yet") for table in COLLECTING),
        *(asked(table, "closed", "INSERT", "ROW", "survey_is_closed") for table in (*BOX, *COLLECTING)),
    ]  # fmt: skip


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _thing(name: str, *columns: sa.Column[str] | sa.Column[int] | sa.UniqueConstraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        info={"private": False, "journaled": True},
    )


def _unordered(name: str, *columns: sa.Column[str] | sa.Column[int]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def upgrade() -> None:
    """Make the tables, and forbid the database to change an answer."""
    _thing("questionnaire", _text("code"), _text("edition"), _text("body"))
    _index("questionnaire", "code")
    texts = ("contest", "programme", "campaign", "unit", "unit_name", "questionnaire", "respondents", "mode", "link")
    figures = ("population", "target", "codes", "online", "paper", "kept")
    _thing(
        "survey_round",
        *map(_text, (*texts, "status", "opens_on", "closes_on")),
        *map(_number, figures),
        *map(_text, ("answers_hash", "sample")),
        sa.UniqueConstraint("link", name=op.f("uq_survey_round_link")),
    )
    for column in ("contest", "programme", "campaign"):
        _index("survey_round", column)
    _thing(
        "survey_batch",
        *map(_text, ("round", "label")),
        *map(_number, ("sent", "returned", "valid")),
        *map(_text, ("status", "entered_by", "checked_by", "drawn")),
        *map(_number, ("compared", "differing")),
        _text("differences"),
    )
    _index("survey_batch", "round")
    _unordered("survey_secret", _text("secret"))
    _unordered("survey_ticket", _text("round"), _number("used"))
    _unordered("survey_envelope", _text("round"), _text("sealed"))
    _unordered("survey_answer", _text("round"), _text("answer"))
    _unordered("survey_note", _text("round"), _text("question"), _text("words"))
    _unordered("survey_paper", _text("batch"), _number("number"), _text("answer"))
    for table in (*BOX, *COLLECTING):
        _index(table, "round")
    _index("survey_paper", "batch")
    for statement in {"sqlite": _sqlite, "postgresql": _postgresql}[op.get_bind().dialect.name]():
        op.execute(statement)
