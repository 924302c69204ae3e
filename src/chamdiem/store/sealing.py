"""Secrets shared with telephones are sealed: the key lies outside the database, so a copy of it or a backup opens none.

The key is the setting CHAMDIEM_SECRET_KEY, else a file beside the database that its owner alone can read. Without the
key nobody can use a telephone; codes from paper still work, and the administrator can give new keys.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from chamdiem.errors import refuse
from chamdiem.store import tables
from chamdiem.store.database import FOLDER, Store

SETTING = "CHAMDIEM_SECRET_KEY"
FILE = "chamdiem.key"
KEY_BYTES, NONCE_BYTES = 32, 12
FORM = "1:"  # AES-256-GCM over the secret, bound to its account


def key_file(store: Store) -> Path:
    """Where the key lies when no setting gives it."""
    return (store.file.parent if store.file is not None else Path(FOLDER)) / FILE


def key_at_hand(store: Store) -> bytes | None:
    """The key; None where there is none, or none that can be used."""
    written = os.environ.get(SETTING) or _read(key_file(store))
    try:
        key = urlsafe_b64decode(written.strip())
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""


def key_for_sealing(store: Store) -> bytes:
    """The key, made now if nothing was ever sealed. Raises Refusal where the right one is missing: a second one would
    only hide that the first is lost."""
    key = key_at_hand(store)
    if key is None and not os.environ.get(SETTING) and not anything_sealed(store):
        _begin(key_file(store))
        key = key_at_hand(store)
    if key is None:
        raise refuse("secret.no_key", name=SETTING, path=str(key_file(store)))
    return key


def anything_sealed(store: Store) -> bool:
    """Whether the database holds a sealed secret."""
    with store.read() as connection:
        telephones = select(tables.credential.c.id).where(tables.credential.c.secret != "").limit(1)
        boxes = select(tables.survey_secret.c.id).limit(1)
        return any(connection.execute(found).first() is not None for found in (telephones, boxes))


def new_key() -> str:
    """A new key, as it is written in the setting or the file."""
    return urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _begin(path: Path) -> None:
    """Write a new key, readable by its owner alone; of two that begin at once the first one stands."""
    part = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent)  # mode 600
        with os.fdopen(handle, "w") as file:
            file.write(new_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        pass
    except OSError:
        raise refuse("secret.no_key", name=SETTING, path=str(path)) from None
    finally:
        if part:
            Path(part).unlink(missing_ok=True)


def sealed(secret: str, account: str, key: bytes) -> str:
    """A secret as it is stored; it opens for this account alone."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORM + b64encode(nonce + AESGCM(key).encrypt(nonce, secret.encode(), account.encode())).decode()


def opened(stored: str, account: str, key: bytes | None) -> str | None:
    """The secret again; None without the right key, or where somebody has changed it."""
    if key is None or not stored.startswith(FORM):
        return None
    whole = b64decode(stored.removeprefix(FORM))
    try:
        return AESGCM(key).decrypt(whole[:NONCE_BYTES], whole[NONCE_BYTES:], account.encode()).decode()
    except InvalidTag:
        return None
