"""How soon a judge far away sees his sheet and can type: Chromium with an empty cache, behind a slow line.

`PYTHONPATH=tests python tests/bench/cold_paint.py [--rounds 5]` prints a table with the machine. Every round is a new
browser context, so nothing is in its cache; latency and speed are Chromium's own emulation (Network.emulateNetworkConditions)
of fetching; the messages of the running page pass without it. Painted: the first text or picture; ready: the first field of
the sheet takes keys. Typed: 24 keys, one every 60 ms, the moment the field is there; kept: how many of them stand in it.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

import streamlit
from playwright.sync_api import Browser, sync_playwright

from browser.conftest import Site
from chamdiem.pages.desk import COOKIE
from contest_world import UNITS, template
from needs import needs

LINES = {"no delay": (0, -1), "300 ms": (300, -1), "300 ms, 1.6 Mbit/s": (300, 1_600_000 / 8)}
"""Milliseconds of latency and bytes a second, -1 for no limit."""
WORDS = "mười hai phẩy bảy mươi lăm"[:24]
EVERY = 60  # ms between two keys
PATIENCE = 180_000  # ms


@dataclass(frozen=True)
class Seen:
    """One visit with an empty cache."""

    painted: float  # ms
    ready: float
    megabytes: float
    kept: int


def visited(browser: Browser, site: Site, latency: float, speed: float) -> Seen:
    """Open the sheet for the first time, and type at once."""
    context = browser.new_context(locale="vi-VN", viewport={"width": 1440, "height": 900})
    url = f"http://127.0.0.1:{site.port}"
    context.add_cookies([{"name": COOKIE, "value": site.token("giam_khao_1"), "url": url, "httpOnly": True}])
    page = context.new_page()
    wire, sizes = context.new_cdp_session(page), list[float]()
    wire.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    wire.send("Network.enable")
    about = {"offline": False, "latency": latency, "downloadThroughput": speed, "uploadThroughput": speed}
    wire.send("Network.emulateNetworkConditions", about)
    page.goto(f"{url}/cham-diem?dv={UNITS[0]}", wait_until="commit", timeout=PATIENCE)
    note = page.locator('div.sheet tr[data-code="1.5"] td.note textarea')
    note.wait_for(timeout=PATIENCE)
    ready = page.evaluate("performance.now()")
    note.press_sequentially(WORDS, delay=EVERY)
    kept = sum(typed == there for typed, there in zip(WORDS, note.input_value(), strict=False))
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    note.fill("")
    context.close()
    return Seen(painted, ready, sum(sizes) / 1e6, kept)


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    path = os.environ.get("CHAMDIEM_CHROMIUM") or needs("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / "files").mkdir()
        shutil.copy(template("judging")[0], Path(folder) / "world.db")
        site = Site(Path(folder))
        site.start()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
              f"Chromium {browser.version}, Streamlit {streamlit.__version__}, {rounds} rounds, median (worst)")  # fmt: skip
        print("| line | first paint s | first field ready s | fetched MB | keys kept of 24 |\n|---|---|---|---|---|")
        for name, line in LINES.items():
            seen = [visited(browser, site, *line) for _ in range(rounds)]
            kept = min(one.kept for one in seen)
            print(f"| {name} | {_shown([one.painted for one in seen])} | {_shown([one.ready for one in seen])} "
                  f"| {statistics.median(one.megabytes for one in seen):.1f} | {kept} |", flush=True)  # fmt: skip
        browser.close()
        site.stop()


def _shown(ms: list[float]) -> str:
    return f"{statistics.median(ms) / 1000:.1f} ({max(ms) / 1000:.1f})"


if __name__ == "__main__":
    main()
