"""The real server in a process of its own, and windows to it that speak as a browser does, without one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from chamdiem.pages.desk import COOKIE

START = """
import sys
from chamdiem import server
if {plain}:
    server.SETTINGS = {{"server.headless": True, "browser.gatherUsageStats": False}}
from chamdiem.server.running import serve
serve("127.0.0.1", 0, opens=False, demo={demo})
"""


@dataclass
class App:
    """A server that runs: where it answers, and the process."""

    base: str
    process: subprocess.Popen[str]
    log: Path
    """What it says on its error stream."""

    def rss(self) -> int:
        """Bytes of memory the process has."""
        return int(psutil.Process(self.process.pid).memory_info().rss)


@contextmanager
def running(database: str, *, demo: bool = False, plain: bool = False, files: Path | None = None) -> Iterator[App]:
    """Serve a database until the block ends; `plain` leaves Streamlit's settings as they come."""
    with tempfile.TemporaryDirectory(prefix="chamdiem-app-") as folder:
        (Path(folder) / "files").mkdir()
        environment = {
            **os.environ, "CHAMDIEM_DATABASE_URL": database, "CHAMDIEM_SERVE_SECONDS": "3600", "PYTHONUTF8": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "CHAMDIEM_FILES": str(files or Path(folder) / "files"),
        }  # fmt: skip
        errors = Path(folder, "errors")
        with errors.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", START.format(demo=demo, plain=plain)], env=environment, cwd=folder, text=True,
                stdout=subprocess.PIPE, stderr=log, encoding="utf-8",
            )  # fmt: skip
        try:
            yield App(_address(process, errors), process, errors)
        finally:
            process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _address(process: subprocess.Popen[str], errors: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if "http://" in line:
            return "http://" + line.split("http://")[1].split()[0]
    raise RuntimeError(errors.read_text("utf-8")[-2000:])


@dataclass
class Window:
    """One open window of the app: what it was told, and what it can do."""

    connection: ClientConnection
    page: str = ""
    query: str = ""
    script: str = ""
    told: list[ForwardMsg] = field(default_factory=list)

    async def run(self, page: str | None = None, query: str | None = None, *, fragment: str = "",
                  widgets: tuple[WidgetState, ...] = ()) -> list[ForwardMsg]:  # fmt: skip
        """One run of the script; returns all that the window was told."""
        self.page = self.page if page is None else page
        self.query = self.query if query is None else query
        message = BackMsg()
        message.rerun_script.query_string = self.query
        if fragment:  # a part of the page that is open
            message.rerun_script.page_script_hash = self.script
        else:
            message.rerun_script.page_name = self.page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend(widgets)
        message.rerun_script.context_info.url = f"http://127.0.0.1/{self.page}"
        message.rerun_script.context_info.timezone = "Asia/Ho_Chi_Minh"
        message.rerun_script.context_info.locale = "vi-VN"
        await self.connection.send(message.SerializeToString())
        return await self.hear()

    async def hear(self) -> list[ForwardMsg]:
        """All that the window is told until a run has ended."""
        self.told = []
        while True:
            data = await self.connection.recv()
            assert isinstance(data, bytes)
            forward = ForwardMsg.FromString(data)
            self.told.append(forward)
            if forward.WhichOneof("type") == "navigation":
                self.script = forward.navigation.page_script_hash
            if forward.WhichOneof("type") == "script_finished" and forward.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):  # fmt: skip
                return self.told


@asynccontextmanager
async def window(app: App, token: str = "", *, language: str = "vi") -> AsyncIterator[Window]:
    """Open a window with the cookie of a session."""
    host = urlsplit(app.base).netloc
    cookie = f"chamdiem_lang={language}" + (f"; {COOKIE}={token}" if token else "")
    headers = {"Cookie": cookie, "Origin": app.base}
    async with connect(
        f"ws://{host}/_stcore/stream", additional_headers=headers, subprotocols=["streamlit", "x"],  # type: ignore[list-item]
        max_size=None, open_timeout=60, ping_interval=None, compression=None,
    ) as connection:  # fmt: skip
        yield Window(connection)


def shown(messages: list[ForwardMsg]) -> list[bytes]:
    """What a window was told of the page, without what differs from window to window."""
    found = []
    for message in messages:
        if message.WhichOneof("type") in ("delta", "navigation", "page_config_changed", "logo"):
            copy = ForwardMsg.FromString(message.SerializeToString())
            copy.hash = ""
            found.append(copy.SerializeToString(deterministic=True))
    return found


def text_of(messages: list[ForwardMsg]) -> str:
    """All of it as one text, to look for words in."""
    return "\n".join(each.decode("utf-8", "replace") for each in shown(messages))
