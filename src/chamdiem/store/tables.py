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

# surveys: what is asked of whom, and how many have answered; who answered what is nowhere (store.ballot_box) ------

questionnaire = thing("questionnaire", text("code", index=True), text("edition"), text("body"))
survey_round = thing(
    "survey_round", text("contest", index=True), text("programme", index=True), text("campaign", index=True), text("unit"),
    text("unit_name"), text("questionnaire"), text("respondents"), text("mode"), text("link"), text("status"),
    text("opens_on"), text("closes_on"), number("population"), number("target"), number("codes"), number("online"),
    number("paper"), number("kept"), text("answers_hash"), text("sample"), UniqueConstraint("link"),
)  # fmt: skip
survey_batch = thing(
    "survey_batch", text("round", index=True), text("label"), number("sent"), number("returned"), number("valid"),
    text("status"), text("entered_by"), text("checked_by"), text("drawn"), number("compared"), number("differing"),
    text("differences"),
)  # fmt: skip


def unordered(name: str, *columns: Part) -> Table:
    """A table of which the journal says nothing, and whose rows have no number: SQLite keeps them by their random key."""
    return Table(name, metadata, Column("id", Text, primary_key=True), *columns, sqlite_with_rowid=False)


survey_secret = unordered("survey_secret", text("secret"))
survey_ticket = unordered("survey_ticket", text("round", index=True), number("used"))
survey_envelope = unordered("survey_envelope", text("round", index=True), text("sealed"))
survey_answer = unordered("survey_answer", text("round", index=True), text("answer"))
survey_note = unordered("survey_note", text("round", index=True), text("question"), text("words"))
survey_paper = unordered("survey_paper", text("batch", index=True), number("number"), text("answer"))

# programmes at work: who does what, what was done, reported, asked for, given ------------------------------------

programme = thing(
    "programme", text("code", index=True), text("edition"), text("body"), text("title"), text("period_from"),
    text("period_to"), text("days"), text("status"), text("sample"),
)  # fmt: skip
programme_member = thing(
    "programme_member", text("programme", index=True), text("code"), text("name"), text("office"), text("unit"),
    text("above"), text("valid_from"), text("valid_to"),
)  # fmt: skip
task_state = thing(
    "task_state", text("programme", index=True), text("member"), text("task"), text("state"), number("progress"),
    text("note"), text("done_on"),
)  # fmt: skip
figure = thing(
    "figure", text("programme", index=True), text("member"), text("period"), text("name"), text("value"), text("note"),
)  # fmt: skip
programme_document = thing(
    "programme_document", text("programme", index=True), text("member"), text("task"), text("title"), text("number"),
    text("issuer"), text("date"), text("file"), text("file_name"), text("kind"), number("size"),
)  # fmt: skip
report = thing(
    "report", text("programme", index=True), text("member"), text("duty"), text("period"), text("stage"), text("status"),
    text("words"), text("figures"), text("merged_into"), text("due"), text("delivered_on"), text("submitted_by"),
    text("content_hash"), text("reason"),
)  # fmt: skip
difficulty = thing(
    "difficulty", text("programme", index=True), text("member"), text("unit"), text("words"), text("proposal"),
    text("level"), text("status"), text("raised_on"), text("escalated"), text("answer"), text("answered_by"),
    text("answered_on"), text("due"),
)  # fmt: skip
visit = thing(
    "visit", text("programme", index=True), text("member"), text("unit"), text("planned_on"), text("announced_on"),
    text("content"), text("status"), text("result"), text("held_on"), text("findings"), text("difficulties"),
)  # fmt: skip
support = thing(
    "support", text("programme", index=True), text("member"), text("unit"), text("kind"), text("amount"), text("measure"),
    text("source"), text("purpose"), text("given_on"), text("note"), text("name"), text("worth"), text("status"),
    text("reason"),
)  # fmt: skip
sponsorship = thing(
    "sponsorship", text("programme", index=True), text("member"), text("unit"), text("leader"), text("decision"),
    text("valid_from"), text("valid_to"), number("joint"), text("status"), text("reason"),
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
