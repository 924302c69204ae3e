"""The verb that opens the app in the browser: serve, and what `demo --serve` adds to it."""

from typing import Annotated

import typer

from chamdiem.cli.forms import option
from chamdiem.cli.speaking import Command
from chamdiem.errors import refuse
from chamdiem.words import say

HOST, PORT = "127.0.0.1", 8501


def add_serve_command(app: typer.Typer) -> None:
    """Put `serve` beside the other verbs."""

    @app.command(cls=Command, help=say("serve.about"))
    def serve(
        host: Annotated[str, option("--host", about="serve.host", metavar=say("serve.address"))] = HOST,
        port: Annotated[int, option("--port", about="serve.port", metavar=say("serve.number"))] = PORT,
        opens: Annotated[bool, option("--open/--no-open", about="serve.open")] = True,
    ) -> None:
        from chamdiem.server import running

        running.serve(host, port, opens=opens)


def refuse_unless_sample(host: str) -> None:
    """Everybody may be anybody in a demo: only where nothing but samples is kept, and nobody else can come."""
    from chamdiem.contest.signing_in import holds_anything_real
    from chamdiem.server.running import is_loopback
    from chamdiem.store.database import open_store

    if not is_loopback(host):
        raise refuse("serve.demo_loopback", host=host)
    with open_store() as store, store.read() as connection:
        if holds_anything_real(connection):
            raise refuse("serve.demo_real")
