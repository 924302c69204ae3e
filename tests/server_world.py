"""The server's routes around a world: the real gate and the real services, without the screens of Streamlit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert
from starlette.applications import Starlette

from chamdiem import server
from chamdiem.contest import uploads
from chamdiem.contest.credentials import hashed, new_session
from chamdiem.contest.signing_in import kept
from chamdiem.contest.totp import Keys, new_secret
from chamdiem.pages import desk
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order
from chamdiem.store.files import FolderFiles
from chamdiem.store.sealing import key_for_sealing, sealed
from contest_world import World, world

SITE = "http://localhost"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
WORD = "con đò sang ngang chiều muộn"


def give_keys(
    store: Store, account: str, *, telephone: bool = False, first: bool = False, hasher: PasswordHasher = QUICK
) -> str:
    """A password (WORD) for an account, and a telephone, whose secret is returned."""
    secret = new_secret()
    password = hashed(WORD, datetime.now(UTC) - timedelta(days=1), first=first, hasher=hasher)
    about = kept(Keys(password))
    if telephone:
        about = {**about, "secret": sealed(secret, account, key_for_sealing(store))}
    store.write(Order("system", "test.keys"), lambda t: t.put(tables.credential, account, about))
    return secret


def code_of(secret: str) -> str:
    """The six digits of this half-minute."""
    return pyotp.TOTP(secret).now()


def session(store: Store, account: str, *, began: timedelta = timedelta(0)) -> str:
    """A living session of an account with keys; returns the token."""
    give_keys(store, account, telephone=True)
    token, begun = new_session(account, datetime.now(UTC) - began)
    moments = dict.fromkeys(("started_at", "seen_at", "signed_in_at"), begun.begun.isoformat())
    row = {"token": begun.token_sha256, "account": account, **moments}
    store.write(Order(account, "session.begin"), lambda t: t.connection.execute(insert(tables.session), row))
    return token


class Browser:
    """A browser on our own site: it keeps cookies, sends the origin with its forms, and follows nobody."""

    def __init__(self, app: Starlette, token: str = "", *, site: str = SITE, **headers: str) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        said = {"origin": site, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.client = httpx.AsyncClient(transport=transport, base_url=site, headers=said)
        if token:
            self.client.cookies.set(desk.COOKIE, token)

    def get(self, path: str, **what: Any) -> httpx.Response:
        """Ask for a page."""
        return asyncio.run(self.client.get(path, **what))

    def post(self, path: str, **what: Any) -> httpx.Response:
        """Send a form."""
        return asyncio.run(self.client.post(path, **what))

    def put(self, path: str, **what: Any) -> httpx.Response:
        """Send a file."""
        return asyncio.run(self.client.put(path, **what))


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch, kind: str, folder: Path) -> Iterator[tuple[World, Starlette]]:
    """A world and the server around it."""
    with world(kind, folder) as made:
        yield made, around(monkeypatch, made.store, folder)


def around(monkeypatch: pytest.MonkeyPatch, store: Store, folder: Path) -> Starlette:
    """The server's routes and its gate around a store."""
    (folder / "files").mkdir(exist_ok=True)
    monkeypatch.setattr(desk, "store", lambda: store)
    monkeypatch.setenv(uploads.SETTING, str(folder / "files"))
    monkeypatch.delenv("CHAMDIEM_DEMO", raising=False)
    made = server.parts()
    return Starlette(
        routes=made["routes"], middleware=made["middleware"], exception_handlers=made["exception_handlers"]
    )


def files_in(folder: Path) -> FolderFiles:
    """Where the evidence of such a server is kept."""
    return FolderFiles(folder / "files")
