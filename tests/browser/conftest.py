"""A real server on a store of its own, a line to it that can be cut, and Chromium signed in as anybody of the world."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright
from sqlalchemy import delete, insert

from chamdiem.contest.credentials import new_session, token_sha256
from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.record import Row, rows
from chamdiem.pages.desk import COOKIE
from chamdiem.store import tables
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Order, Transaction
from contest_world import World, template
from needs import needs

PATIENCE = 60.0  # seconds until a server that does not answer is given up


class Line:
    """A wire between the browser and the server: what a cut one does is what a lost network does."""

    def __init__(self, port: int) -> None:
        self.port, self.open = port, True
        self._ends: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = int(self._door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._door.accept()
                if not self.open:
                    here.close()
                    continue
                try:
                    there = socket.create_connection(("127.0.0.1", self.port))
                except OSError:
                    here.close()
                    continue
                self._ends += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()

    def cut(self) -> None:
        """Nothing gets through any more."""
        self.open = False
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def mend(self) -> None:
        """Whoever asks again gets through."""
        self.open = True

    def close(self) -> None:
        """The end of it."""
        self.cut()
        self._door.close()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)
    one.close()


@dataclass
class Site:
    """A server on a store of its own, in a phase of choice, reached by a line that can be cut."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    line: Line | None = None
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> str:
        """Where the store is."""
        return f"sqlite:///{self.folder / 'world.db'}"

    @property
    def url(self) -> str:
        """What the browser calls."""
        assert self.line is not None
        return f"http://127.0.0.1:{self.line.address}"

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store itself, beside the server."""
        with open_store(self.database) as store:
            yield store

    @contextmanager
    def world(self) -> Iterator[World]:
        """The world in it, to act as somebody else."""
        with self.store() as store:
            yield World(store)

    def marks(self, unit: str, stage: str = "judge", author: str = "") -> dict[str, Row]:
        """The marks of one sheet as they stand in the store."""
        with self.store() as store, store.read() as connection:
            found = rows(connection, tables.mark, contest="k", unit=unit, stage=stage, author=author)
        return {row["criterion"]: row for row in found}

    def token(self, name: str) -> str:
        """A session of somebody who has proved all there is to prove."""
        if name not in self._tokens:
            now = datetime.now(UTC)
            token, session = new_session(name, now)

            def begin(transaction: Transaction) -> None:
                keys = {"password": "x", "since": now.isoformat(), "first": 0, "secret": "x"}
                transaction.put(tables.credential, name, keys)
                moments = dict.fromkeys(("started_at", "seen_at", "signed_in_at"), now.isoformat())
                about = {"token": session.token_sha256, "account": name, "address": "", **moments}
                transaction.connection.execute(insert(tables.session), about)

            with self.store() as store:
                store.write(Order(SYSTEM.account, "session.begin"), begin)
            self._tokens[name] = token
        return self._tokens[name]

    def end_session(self, name: str) -> None:
        """Sign somebody out wherever he is."""
        gone = token_sha256(self._tokens.pop(name))

        def end(transaction: Transaction) -> None:
            transaction.connection.execute(delete(tables.session).where(tables.session.c.token == gone))

        with self.store() as store:
            store.write(Order(SYSTEM.account, "session.revoke"), end)

    def start(self) -> None:
        """Start the server, and wait until it answers; on the same port as before, if there was one."""
        self.port = self.port or _free_port()
        command = [sys.executable, "-m", "chamdiem", "serve", "--no-open", "--port", str(self.port)]
        settings = {
            **os.environ,
            "CHAMDIEM_DATABASE_URL": self.database,
            "CHAMDIEM_FILES": str(self.folder / "files"),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(Path("src").resolve()), os.environ.get("PYTHONPATH", "")])),
        }
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env=settings, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                pytest.fail((self.folder / "server.log").read_text("utf-8", "replace")[-4000:])
            time.sleep(0.2)
        if self.line is None:
            self.line = Line(self.port)

    def _answers(self) -> bool:
        with suppress(OSError), closing(urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5)):
            return True
        return False

    def stop(self) -> None:
        """End the server as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        return int(door.getsockname()[1])


Opener = Callable[..., Site]


@pytest.fixture(scope="package")
def site_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Servers on worlds of a kind, each begun once for all tests of this folder."""
    sites: dict[str, Site] = {}

    def opened(kind: str) -> Site:
        if kind not in sites:
            folder = tmp_path_factory.mktemp(kind)
            (folder / "files").mkdir()
            shutil.copy(template(kind)[0], folder / "world.db")
            sites[kind] = Site(folder)
            sites[kind].start()
        return sites[kind]

    yield opened
    for site in sites.values():
        if site.line is not None:
            site.line.close()
        site.stop()


@pytest.fixture
def site(site_of: Opener) -> Site:
    """A contest in which judges mark."""
    return site_of("judging")


@pytest.fixture(scope="package")  # as long as Playwright runs, nothing else in this process has an event loop
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    path = os.environ.get("CHAMDIEM_CHROMIUM") or needs("chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@dataclass
class Profile:
    """What a browser keeps of one visit to the next, and a tab that stays open: opening another one costs more than
    whatever is done in it."""

    context: BrowserContext
    tab: Page | None = None


@pytest.fixture(scope="package")
def profiles(browser: Browser) -> Iterator[dict[str, Profile]]:
    """Browsers as people have them, by language: what was fetched once is there."""
    found: dict[str, Profile] = {}
    yield found
    for profile in found.values():
        profile.context.close()


@dataclass
class Visitor:
    """Somebody at a browser, signed in; on a screen of some width and height."""

    site: Site
    profile: Profile
    size: ViewportSize

    @property
    def context(self) -> BrowserContext:
        """All tabs of this browser."""
        return self.profile.context

    def signs_in(self, name: str) -> None:
        """From the next page on, this browser is somebody's; nobody's, where there is no name."""
        self.context.clear_cookies()
        if name:
            about = {"name": COOKIE, "value": self.site.token(name), "url": self.site.url, "httpOnly": True}
            self.context.add_cookies([about])

    def opens(self) -> Page:
        """A new tab."""
        page = self.context.new_page()
        page.set_viewport_size(self.size)
        return page

    def goes_to(self, path: str, **query: str) -> Page:
        """A new tab on a page of the app, there as soon as it has its heading."""
        return self._shown(self.opens(), path, query)

    def turns_to(self, path: str, **query: str) -> Page:
        """The same in the tab that stays open; whatever was in it goes."""
        if self.profile.tab is None:
            self.profile.tab = self.context.new_page()
            self.profile.tab.on("dialog", lambda dialog: dialog.accept())
        self.profile.tab.set_viewport_size(self.size)
        return self._shown(self.profile.tab, path, query)

    def _shown(self, page: Page, path: str, query: dict[str, str]) -> Page:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        page.goto(f"{self.site.url}/{path}?{asked}")
        page.locator("h1").first.wait_for(timeout=PATIENCE * 1000)
        return page

    def leaves(self) -> None:
        """All tabs are closed but the one that stays open."""
        for page in self.context.pages:
            if page is not self.profile.tab:
                page.close()


@pytest.fixture
def visit(browser: Browser, profiles: dict[str, Profile]) -> Iterator[Callable[..., Visitor]]:
    """People at a browser, one at a time: signed in as somebody ("" is a visitor), in a language, on a screen of some
    width; `first` where nothing has been fetched yet."""
    used: list[Visitor] = []

    def come(
        site: Site, name: str, *, locale: str = "vi-VN", width: int = 1440, height: int = 900, first: bool = False
    ) -> Visitor:
        kept = f"{locale} {len(profiles)}" if first else locale
        if kept not in profiles:
            profiles[kept] = Profile(browser.new_context(locale=locale, reduced_motion="reduce"))
        used.append(Visitor(site, profiles[kept], {"width": width, "height": height}))
        used[-1].signs_in(name)
        return used[-1]

    yield come
    for visitor in used:
        visitor.leaves()
