"""What the store keeps: one table for each thing, every row with an id and a version; and the journal of all changes."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text(name: str, *more: ForeignKey, index: bool = False) -> Column[str]:
    """A text that is never missing; "" where there is nothing to say."""
    return Column(name, Text, *more, nullable=False, server_default="", index=index)


def number(name: str) -> Column[int]:
    """A whole number, 0 unless said otherwise."""
    return Column(name, Integer, nullable=False, server_default="0")


Part = Column[str] | Column[int] | UniqueConstraint | Index


def thing(name: str, *columns: Part, private: bool = False) -> Table:
    """A table whose rows change only through the journal. Of `private` ones the journal keeps a salted digest alone, so
    that what is said of a person can be forgotten while the chain stays whole."""
    salt = [text("salt")] if private else []
    return Table(
        name,
        metadata,
        Column("id", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        *salt,
        *columns,
        info={"private": private, "journaled": True},
    )


# units and people -----------------------------------------------------------------------------------------------

unit = thing(
    "unit", text("code", index=True), text("name"), text("kind"), text("parent", index=True), text("category"),
    text("cluster"), text("valid_from"), text("valid_to"),
)  # fmt: skip
unit_link = thing("unit_link", text("predecessor", index=True), text("successor", index=True), text("valid_on"))
account = thing("account", text("status"))
person = thing("person", text("login"), text("name"), text("contact"), UniqueConstraint("login"), private=True)
credential = thing(
    "credential", text("password"), text("since"), number("first"), text("secret"), number("last_step"), text("recovery"),
    private=True,
)  # fmt: skip
grant = thing("grant", text("account", index=True), text("role"), text("contest", index=True), text("unit"))

# contests -------------------------------------------------------------------------------------------------------

criteria_set = thing("criteria_set", text("code"), text("edition"), text("structure_hash"), text("law"))
contest = thing(
    "contest", text("title"), text("criteria", index=True), text("structure_hash"), text("period_from"), text("period_to"),
    text("parent"), text("phase"), text("optional_phases"), text("deadlines"), number("revealed"),
    text("sample"),
)  # fmt: skip
contest_unit = thing(
    "contest_unit", text("contest", index=True), text("unit"), text("code"), number("target_low"), number("target_high"),
    text("status"), text("reason"),
)  # fmt: skip
panel_member = thing(
    "panel_member", text("contest", index=True), text("account"), text("code"), text("role"), number("removed"),
    text("reason"),
)  # fmt: skip
assignment = thing("assignment", text("contest", index=True), text("account"), text("unit"), text("criterion"))
conflict = thing("conflict", text("contest", index=True), text("account"), text("unit"), text("source"), text("reason"))

# marks ----------------------------------------------------------------------------------------------------------

mark = thing(
    "mark", text("contest"), text("unit"), text("criterion"), text("stage"), text("author"), text("part"), text("answer"),
    text("note"), text("reason"), Index("ix_mark_place", "contest", "unit", "stage", "author"),
)  # fmt: skip
sheet = thing(
    "sheet", text("contest", index=True), text("unit"), text("stage"), text("author"), text("status"), text("commitment"),
    text("nonce"), text("submitted_at"),
)  # fmt: skip
sheet_secret = thing("sheet_secret", text("nonce"), private=True)
explanation = thing(
    "explanation", text("contest", index=True), text("unit"), text("criterion"), text("words"), text("due"), text("status"),
    text("decision"), text("decided_by"),
)  # fmt: skip
decision = thing(
    "decision", text("contest", index=True), text("verb"), text("about"), text("status"), text("asked_by"), text("confirmed_by"),
    text("reason"),
)  # fmt: skip
reconciliation = thing("reconciliation", text("contest", index=True), text("unit"), text("criterion"), text("record"))

# evidence -------------------------------------------------------------------------------------------------------

evidence = thing(
    "evidence", text("contest", index=True), text("unit"), text("title"), text("number"), text("issuer"), text("date"),
    text("file"), text("file_name"), text("kind"), number("size"),
)  # fmt: skip
evidence_link = thing(
    "evidence_link", text("contest", index=True), text("unit"), text("evidence"), text("criterion"), text("item"),
    text("pages"), text("status"), text("reason"), text("verified"),
)  # fmt: skip

# results --------------------------------------------------------------------------------------------------------

publication = thing(
    "publication", text("contest", index=True), number("number"), text("result_hash"), text("snapshot"), text("reason"),
    text("published_at"),
)  # fmt: skip
petition = thing(
    "petition", text("contest", index=True), text("unit"), text("criterion"), text("words"), text("due"), text("status"),
    text("answer"),
)  # fmt: skip
recognition = thing(
    "recognition", text("contest", index=True), text("unit", index=True), number("stars"), text("decision"),
    text("valid_from"), text("valid_to"), text("status"), text("reason"),
)  # fmt: skip

# the journal, and what needs none -------------------------------------------------------------------------------

event = Table(
    "event",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *(text(name) for name in ("at", "actor", "action", "contest", "entity", "row")),
    Column("before", Text),
    Column("after", Text),
    *(text(name) for name in ("reason", "criteria", "command", "previous", "hash")),
    Index("ix_event_row", "entity", "row"),
    Index("ix_event_contest", "contest"),
)
command = Table(
    "command", metadata, Column("key", Text, primary_key=True), text("result"), number("first"), number("last")
)
session = Table(
    "session", metadata, Column("token", Text, primary_key=True), text("account", index=True), text("started_at"),
    text("seen_at"), text("signed_in_at"), text("address"),
)  # fmt: skip
attempt = Table(
    "attempt", metadata, Column("id", Integer, primary_key=True), text("account", index=True), text("address", index=True),
    text("at"),
)  # fmt: skip
setting = Table("setting", metadata, Column("name", Text, primary_key=True), text("value"))

THINGS: dict[str, Table] = {table.name: table for table in metadata.tables.values() if table.info.get("journaled")}
