"""Bringing stores up to date: every earlier shape opens, a copy is kept, and a killed upgrade is as if it never began."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import postgres
import stores
from chamdiem.store import migration
from chamdiem.store.backup import logical_hash
from chamdiem.store.database import open_store, sqlite_module
from chamdiem.store.migration import newest
from chamdiem.store.proof import verify
from chamdiem.store.tables import metadata
from stores import answers, by_hand, give

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template
url = stores.url

REVISIONS = [step.revision for step in ScriptDirectory(str(migration.STEPS)).walk_revisions()][::-1]

# A step that a later chamdiem might bring: slow enough to be killed in it, and it touches every mark and the journal's
# neighbours. It is data for the real upgrade, which does not know that it is not shipped.
NEXT_STEP = '''
"""A later shape."""
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{last}"


def upgrade() -> None:
    op.add_column("mark", sa.Column("weight", sa.Text(), server_default="", nullable=False))
    op.create_table("later", sa.Column("id", sa.Text(), primary_key=True))
    for number in range({rows}):
        op.execute(f"INSERT INTO later (id) VALUES ('{{number}}')")
    op.execute("UPDATE mark SET weight = 'x'")
'''


@pytest.fixture
def later_steps(tmp_path: Path) -> Path:
    """The steps of a later chamdiem: the shipped ones and one more."""
    steps = tmp_path / "steps"
    shutil.copytree(migration.STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    (steps / "versions" / "v9000_later.py").write_text(NEXT_STEP.format(last=REVISIONS[-1], rows=300))
    return steps


def build(url: str, revision: str) -> None:
    """A store as the chamdiem of that revision made it."""
    engine = create_engine(url, module=sqlite_module()) if url.startswith("sqlite") else create_engine(url)
    with engine.connect() as connection, connection.begin():
        config = migration._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS)
def test_store_of_each_revision_opens_and_works(url: str, revision: str) -> None:
    build(url, revision)
    with open_store(url) as store:
        give(store, "m1", "8")
        assert list(verify(store)) == []
    assert by_hand(url, "SELECT version_num FROM alembic_version") == [(newest(),)]


def test_steps_lead_to_exactly_the_tables_of_the_code(url: str) -> None:
    with open_store(url) as store, store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_steps_are_one_line_without_branches() -> None:
    assert len(ScriptDirectory(str(migration.STEPS)).get_heads()) == 1
    assert len(set(REVISIONS)) == len(REVISIONS)


def test_opening_again_changes_nothing(url: str, tmp_path: Path) -> None:
    with open_store(url) as store:
        give(store, "m1", "8")
        head = store.head()
    with open_store(url) as store:
        assert store.head() == head
    assert list(tmp_path.glob("*.before-*")) == []


def test_upgrade_keeps_every_mark_and_a_copy_of_before(
    url: str, tmp_path: Path, later_steps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(url) as store:
        for n in range(5):
            give(store, f"m{n}", str(n))
        before, sqlite = answers(store), store.is_sqlite
        with store.read() as connection:
            whole = logical_hash(connection)
    monkeypatch.setattr(migration, "STEPS", later_steps)
    with open_store(url) as store:
        assert answers(store) == before
        assert list(verify(store)) == []
    assert by_hand(url, "SELECT weight FROM mark GROUP BY weight") == [("x",)]
    copies = list(tmp_path.glob("*.before-*"))
    assert [copy.name for copy in copies] == ([f"chamdiem.before-{REVISIONS[-1]}.db"] if sqlite else [])
    monkeypatch.undo()
    for copy in copies:
        with open_store(f"sqlite:///{copy}") as store, store.read() as connection:
            assert logical_hash(connection) == whole


def test_copy_of_an_earlier_try_stays(tmp_path: Path, later_steps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite:///{tmp_path / 'chamdiem.db'}"
    open_store(address).close()
    copy = tmp_path / f"chamdiem.before-{REVISIONS[-1]}.db"
    copy.write_text("kept")
    copy.with_suffix(".part").write_text("unfinished")
    monkeypatch.setattr(migration, "STEPS", later_steps)
    open_store(address).close()
    assert copy.read_text() == "kept"


def test_failing_step_leaves_the_store_as_it_was(url: str, later_steps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(url) as store:
        give(store, "m1", "8")
    step = later_steps / "versions" / "v9000_later.py"
    step.write_text(step.read_text() + "    raise ZeroDivisionError\n")
    monkeypatch.setattr(migration, "STEPS", later_steps)
    with pytest.raises(ZeroDivisionError):
        open_store(url)
    monkeypatch.undo()
    with open_store(url) as store:
        assert answers(store) == {"m1": "8"}
        assert list(verify(store)) == []
    assert by_hand(url, "SELECT version_num FROM alembic_version") == [(REVISIONS[-1],)]


UPGRADE = """
import sys
from pathlib import Path
from chamdiem.store import migration
from chamdiem.store.database import open_store
migration.STEPS = Path(sys.argv[2])
print("begins", flush=True)
open_store(sys.argv[1]).close()
print("done", flush=True)
"""


def test_upgrade_killed_at_any_moment_resumes_or_stays(url: str, later_steps: Path) -> None:
    with open_store(url) as store:
        for n in range(20):
            give(store, f"m{n}", str(n))
        before = answers(store)
    revisions = set()
    for delay in (0.0, 0.05, 0.1, 0.2):
        process = subprocess.Popen([sys.executable, "-c", UPGRADE, url, later_steps], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begins\n"
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        (found,) = by_hand(url, "SELECT version_num FROM alembic_version")[0]
        revisions.add(found)
        assert dict(by_hand(url, "SELECT id, answer FROM mark")) == before
    assert revisions <= {REVISIONS[-1], "9000"}
    subprocess.run([sys.executable, "-c", UPGRADE, url, later_steps], check=True, capture_output=True)
    assert dict(by_hand(url, "SELECT id, answer FROM mark WHERE weight = 'x'")) == before
    assert by_hand(url, "SELECT version_num FROM alembic_version") == [("9000",)]


def test_two_processes_may_open_a_new_store_at_once(url: str) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, url, migration.STEPS], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [process.communicate() for process in both]
    assert [(out, error) for out, error in said] == [(b"begins\ndone\n", b"")] * 2
    with open_store(url) as store:
        give(store, "m1", "8")
