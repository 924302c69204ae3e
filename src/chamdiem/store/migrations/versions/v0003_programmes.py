"""Programmes at work: members, tasks, figures, reports, difficulties, visits, supports, sponsorships."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBERS = ("progress", "size", "joint")
TABLES = {
    "programme": "code edition body title period_from period_to days status sample",
    "programme_member": "programme code name office unit above valid_from valid_to",
    "task_state": "programme member task state progress note done_on",
    "figure": "programme member period name value note",
    "programme_document": "programme member task title number issuer date file file_name kind size",
    "report": (
        "programme member duty period stage status words figures merged_into due delivered_on submitted_by content_hash "
        "reason"
    ),
    "difficulty": (
        "programme member unit words proposal level status raised_on escalated answer answered_by answered_on due"
    ),
    "visit": "programme member unit planned_on announced_on content status result held_on findings difficulties",
    "support": "programme member unit kind amount measure source purpose given_on note name worth status reason",
    "sponsorship": "programme member unit leader decision valid_from valid_to joint status reason",
}


def _column(name: str) -> sa.Column[str] | sa.Column[int]:
    if name in NUMBERS:
        return sa.Column(name, sa.Integer(), server_default="0", nullable=False)
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    """Make the tables; each is looked up by its programme, programmes by the code of their file."""
    for table, columns in TABLES.items():
        op.create_table(
            table,
            sa.Column("id", sa.Text(), nullable=False),
            sa.Column("version", sa.Integer(), nullable=False),
            *map(_column, columns.split()),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            info={"private": False, "journaled": True},
        )
        key = "code" if table == "programme" else "programme"
        op.create_index(op.f(f"ix_{table}_{key}"), table, [key], unique=False)
