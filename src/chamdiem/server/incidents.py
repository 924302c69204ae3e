"""Faults of ours: the details go to a file that can be sent to us, a code for them to the person before the screen."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path

MOST = 5_000_000  # bytes of one process: a fault in every run must not fill the disk
_one_writer = threading.Lock()
_begun = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def place() -> Path:
    """The file of this process, beside those of the terminal (cli.speaking)."""
    return Path(tempfile.gettempdir()) / f"chamdiem-{_begun}-{os.getpid()}.log"


def report(error: BaseException) -> str:
    """Keep the traceback for whoever looks after the machine alone; returns the code under which it is found there."""
    code = secrets.token_hex(4)
    told = (
        f"== {code} {datetime.now(UTC).isoformat(timespec='seconds')}\n{''.join(traceback.format_exception(error))}\n"
    )
    try:
        with _one_writer, open(place(), "a", encoding="utf-8", errors="replace", opener=_private) as file:
            if file.tell() < MOST:
                file.write(told)
    except OSError:
        pass  # a full disk must not turn one fault into two
    return code


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
