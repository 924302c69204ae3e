"""The verbs of the machine's owner: back up, restore, verify, roll back, doctor.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from chamdiem.cli.forms import option, show
from chamdiem.cli.speaking import Command
from chamdiem.errors import refuse
from chamdiem.words import say

FAULTY = 2


def add_store_commands(app: typer.Typer) -> None:
    """Put these verbs beside the others."""
    machine = option("--json", about="cli.json")
    _backups(app, machine)
    _proofs(app, machine)


def _backups(app: typer.Typer, machine: object) -> None:
    @app.command(cls=Command, help=say("cli.backup_about"))
    def backup(
        out: Annotated[Path, typer.Argument(help=say("cli.backup_out"), metavar=say("cli.file"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.store.backup import back_up
        from chamdiem.store.database import open_store
        from chamdiem.store.proof import save_head

        if out.exists():
            raise refuse("cli.file_exists", name=str(out))
        with open_store(create=False) as store:
            manifest = back_up(store, evidence_files(), out)
            head = save_head(store, out.with_name("chain-heads.txt"), "backup")
        done = say("cli.backed_up", path=str(out), seq=head.seq, parts=len(manifest["parts"]))
        show(as_json, lambda: {"archive": str(out), "manifest": manifest}, lambda: sys.stdout.write(f"{done}\n"))

    @app.command(cls=Command, help=say("cli.restore_about"))
    def restore(
        archive: Annotated[Path, typer.Argument(help=say("cli.restore_from"), metavar=say("cli.file"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.store.backup import restore as bring_back
        from chamdiem.store.database import setting

        if not archive.is_file():
            raise refuse("table.missing")
        with bring_back(archive, setting(), files_folder()) as store:
            head = store.head()
        done = say("cli.restored", path=str(archive), seq=head.seq)
        show(as_json, lambda: {"events": head.seq, "hash": head.hash}, lambda: sys.stdout.write(f"{done}\n"))

    @app.command(cls=Command, help=say("cli.rollback_about"))
    def rollback(
        to: Annotated[int, option("--to-event", about="cli.rollback_to", metavar=say("cli.number"))],
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=say("cli.text"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.store.database import open_store
        from chamdiem.store.rollback import roll_back

        with open_store(create=False) as store:
            undone = roll_back(store, to, actor="system", reason=reason)
        done = say("cli.rolled_back", n=undone, seq=to)
        show(as_json, lambda: {"rows": undone, "to": to}, lambda: sys.stdout.write(f"{done}\n"))


def _proofs(app: typer.Typer, machine: object) -> None:
    @app.command(cls=Command, help=say("cli.verify_about"))
    def verify(
        heads: Annotated[Path | None, option("--heads", about="cli.verify_heads", metavar=say("cli.file"))] = None,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.proof import everything
        from chamdiem.store.database import open_store
        from chamdiem.store.journal import spelled

        with open_store(create=False) as store:
            found = [say(one) for one in everything(store, heads)]
            head = store.head()
        record = {"sound": not found, "events": head.seq, "hash": head.hash, "faults": found}
        page = "\n".join(
            [*found, say("cli.verified" if not found else "cli.not_sound", head=spelled(head), n=len(found))]
        )
        show(as_json, lambda: record, lambda: sys.stdout.write(f"{page}\n"))
        if found:
            raise typer.Exit(FAULTY)

    @app.command(cls=Command, help=say("cli.doctor_about"))
    def doctor(as_json: Annotated[bool, machine] = False) -> None:
        from chamdiem.store.database import open_store
        from chamdiem.store.doctor import examine

        with open_store() as store:
            found = list(examine(store))
        lines = [f"{'✓' if one.good else '✗'} {say(one.what)}" for one in found]
        record = [{"good": one.good, "id": one.what.id, "said": say(one.what)} for one in found]
        show(as_json, lambda: record, lambda: sys.stdout.write("\n".join(lines) + "\n"))


def files_folder() -> Path:
    """The folder of the evidence files: what the setting says, else beside the database."""
    from chamdiem.store.database import FOLDER

    return Path(os.environ.get("CHAMDIEM_FILES") or Path(FOLDER) / "files")


def evidence_files() -> dict[str, Path]:
    """The evidence files by sha256, as they lie in the folder."""
    folder = files_folder()
    return {path.name: path for path in folder.glob("*/*/*") if path.is_file() and len(path.name) == 64}
