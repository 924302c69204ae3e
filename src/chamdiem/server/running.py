"""The running server: one process, one loop, until somebody stops it; nothing of it depends on a shell or on Linux."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import time
import webbrowser
from contextlib import suppress

import streamlit as st
import uvicorn

from chamdiem.errors import refuse
from chamdiem.pages import desk
from chamdiem.server import parts
from chamdiem.server.forms import LOOPBACK
from chamdiem.server.shell import HOSTS
from chamdiem.server.signing import DEMO
from chamdiem.words import say

PROXIES = "CHAMDIEM_PROXIES"  # addresses of the proxies that are believed, separated by commas
SECONDS = "CHAMDIEM_SERVE_SECONDS"  # ends the server by itself, for tests of what a person starts by hand
GRACE = 3  # seconds in which open requests may finish


class Server(uvicorn.Server):
    """Says when it can be reached, and ends after a time where one was set."""

    address = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.should_exit:
            return
        sys.stdout.write(say("serve.ready", address=self.address) + "\n")
        sys.stdout.flush()
        if seconds := os.environ.get(SECONDS):
            asyncio.get_running_loop().call_later(float(seconds), self._end)

    def _end(self) -> None:
        self.should_exit = True


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can ask for this address."""
    return host in LOOPBACK or host.startswith("127.")


def serve(host: str, port: int, *, opens: bool, demo: bool = False) -> None:
    """Serve until Ctrl+C. Raises Refusal: no such store, an address that is taken."""
    listener = _listener(host, port)
    try:
        desk.store()
    except BaseException:
        listener.close()
        raise
    port = listener.getsockname()[1]
    os.environ[DEMO] = "1" if demo else "0"
    os.environ["CHAMDIEM_PORT"] = str(port)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    if not is_loopback(host):
        sys.stdout.write(say("serve.open_to_all", hosts=os.environ.get(HOSTS) or "–") + "\n")
    settings = uvicorn.Config(
        st.App(**parts()), log_level="warning", access_log=False, server_header=False, date_header=True,
        proxy_headers=True, forwarded_allow_ips=os.environ.get(PROXIES, "127.0.0.1,::1"), ws_max_size=4 * 1024 * 1024,
        timeout_graceful_shutdown=GRACE, timeout_keep_alive=15, h11_max_incomplete_event_size=64 * 1024,
    )  # fmt: skip
    server = Server(settings)
    server.address = address
    if opens and has_screen():
        threading.Thread(target=_open, args=(server, address), daemon=True).start()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    sys.stdout.write(say("serve.ended") + "\n")


def has_screen() -> bool:
    """Whether there is somebody before a screen: in a terminal alone, a browser of letters would take its place."""
    desktop = sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(desktop) and sys.stdout.isatty()


def _listener(host: str, port: int) -> socket.socket:
    """The address, taken before anything else is done: another program that has it is named at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    if sys.platform != "win32":  # there it would let two programs share one address
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, OverflowError):
        listener.close()
        raise refuse("serve.taken", host=host, port=str(port)) from None
    return listener


def _open(server: Server, address: str) -> None:
    """Show the app in the browser of this machine once it answers."""
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.1)
    webbrowser.open(address)
