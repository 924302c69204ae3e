"""Pages of evidence as pictures: drawn by a child process, so that a hostile file can only kill its own reader."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from chamdiem.errors import refuse

PICTURED = frozenset({"pdf", "jpg", "png"})
SECONDS = 20.0
BROADEST = 1400  # points of a picture across
MOST_PAGES = 500
MEMORY = 1_000_000_000  # bytes of the child, where the system can hold it to that


def page_count(content: bytes, kind: str) -> int:
    """How many pages can be looked at. Raises Refusal when the file cannot be read."""
    if kind != "pdf":
        return 1 if kind in PICTURED else 0
    return int(_child(content, kind, 0))


def picture_of(content: bytes, kind: str, page: int) -> bytes:
    """One page (from 1) as a PNG without anything but its pixels. Raises Refusal when there is none."""
    if kind not in PICTURED or not 1 <= page <= MOST_PAGES:
        raise refuse("permission.not_found")
    return _child(content, kind, page)


def _child(content: bytes, kind: str, page: int) -> bytes:
    """What the child answers; one that dies, or takes too long, has not been able to read the file."""
    search = [str(Path(__file__).parents[2]), *filter(None, sys.path)]
    start = f"import sys; sys.path[:] = {search!a}; from chamdiem.exchange.picture_child import main; main()"
    command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", start, kind, str(page), str(BROADEST), str(MEMORY)]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=SECONDS, check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise refuse("pictures.too_slow") from None
    if done.returncode == 3:
        raise refuse("permission.not_found")
    if done.returncode or not done.stdout:
        raise refuse("pictures.unreadable")
    return done.stdout
