"""The verbs of the register of units: import, find.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from chamdiem.cli.forms import argument, day, option, said, show
from chamdiem.cli.speaking import Command
from chamdiem.words import say


def add_unit_commands(app: typer.Typer, machine: Any) -> None:
    """Import and find."""

    @app.command("import", cls=Command, help=say("cli.unit_import_about"))
    def import_units(
        files: Annotated[
            list[Path] | None, typer.Argument(help=say("cli.unit_files"), metavar=say("cli.files"))
        ] = None,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.contest.units import import_registry
        from chamdiem.store.database import open_store

        with open_store() as store:
            changed = import_registry(store, SYSTEM, files or ())
        show(as_json, lambda: {"changed": changed}, said(say("cli.units_imported", n=changed)))

    @app.command("find", cls=Command, help=say("cli.unit_find_about"))
    def find(
        text: Annotated[str, argument("cli.unit_text", "cli.text")],
        on: Annotated[str, option("--on", about="cli.unit_on", metavar=say("cli.day"))] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.units import registry_of
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            found = registry_of(store).search(text, day(on) if on else None)
        record = [{"code": one.unit.code, "name": one.label} for one in found]
        show(
            as_json,
            lambda: record,
            said("\n".join(f"{one['code']}  {one['name']}" for one in record) or say("cli.nothing_found")),
        )
