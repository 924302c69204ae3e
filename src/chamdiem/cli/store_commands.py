"""The verbs of the machine's owner: back up, restore, verify, roll back, doctor.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from chamdiem.cli.forms import option, said, show
from chamdiem.cli.speaking import Command
from chamdiem.errors import refuse
from chamdiem.words import say

if TYPE_CHECKING:
    from chamdiem.store.files import Files
    from chamdiem.store.journal import Head

FAULTY = 2
FOLDER = "chamdiem-data"  # of this place, as the store has it
FILES_SETTING = "CHAMDIEM_FILES"
HEADS = "chain-heads.txt"  # beside the archives


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
        from chamdiem.store.file_copies import copies, names_of
        from chamdiem.store.journal import Head
        from chamdiem.store.proof import write_head

        if out.exists():
            raise refuse("cli.file_exists", name=str(out))
        with for_the_owner_alone(), open_store(create=False) as store:
            names = names_of(store)
            with copies(evidence_files() if names or files_there() else None) as files:
                manifest = back_up(store, files, out)
            head = write_head(Head(**manifest["head"]), out.with_name(HEADS), "backup")
        lost = [say("cli.backup_without", file=file, name=names[file]) for file in sorted(names.keys() - files.keys())]
        done = say("cli.backed_up", path=str(out), seq=head.seq, parts=len(manifest["parts"]))
        record = {"archive": str(out), "manifest": manifest, "missing": sorted(names.keys() - files.keys())}
        show(as_json, lambda: record, said("\n".join([done, *lost])))
        if lost:
            raise typer.Exit(FAULTY)

    @app.command(cls=Command, help=say("cli.restore_about"))
    def restore(
        archive: Annotated[Path, typer.Argument(help=say("cli.restore_from"), metavar=say("cli.file"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.store.backup import restore as unpack
        from chamdiem.store.database import setting
        from chamdiem.store.file_copies import bring_back

        if not archive.is_file():
            raise refuse("cli.no_file", name=str(archive))
        if files_there():
            raise refuse("backup.not_empty")
        with (
            for_the_owner_alone(),
            TemporaryDirectory(dir=room_beside()) as place,
            unpack(archive, setting(), Path(place) / "files") as store,
        ):
            left = bring_back(Path(place) / "files", evidence_files(), store)
            head = store.head()
        done = say("cli.restored", path=str(archive), seq=head.seq)
        missing, why = _older(head, archive.with_name(HEADS))
        lines = [done, *why, *(say("cli.restored_without", file=file) for file in left)]
        record = {"events": head.seq, "hash": head.hash, "missing_changes": missing, "left": left}
        show(as_json, lambda: record, said("\n".join(lines)))
        if left:
            raise typer.Exit(FAULTY)

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
        show(as_json, lambda: {"rows": undone, "to": to}, said(done))


def _proofs(app: typer.Typer, machine: object) -> None:
    @app.command(cls=Command, help=say("cli.verify_about"))
    def verify(
        heads: Annotated[Path | None, option("--heads", about="cli.verify_heads", metavar=say("cli.file"))] = None,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.proof import everything
        from chamdiem.office.survey_marks import all_faults
        from chamdiem.store.database import open_store
        from chamdiem.store.file_copies import faults
        from chamdiem.store.journal import spelled

        if heads is not None and not heads.is_file():
            raise refuse("cli.no_file", name=str(heads))
        with open_store(create=False) as store:
            wrong = (*everything(store, heads), *faults(store, evidence_files()), *all_faults(store))
            found = [say(one) for one in wrong]
            head = store.head()
        record = {"sound": not found, "events": head.seq, "hash": head.hash, "faults": found}
        page = "\n".join(
            [*found, say("cli.verified" if not found else "cli.not_sound", head=spelled(head), n=len(found))]
        )
        show(as_json, lambda: record, said(page))
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
        show(as_json, lambda: record, said("\n".join(lines)))
        if not all(one.good for one in found):
            raise typer.Exit(FAULTY)


def _older(head: "Head", heads: Path) -> tuple[int | None, list[str]]:
    """How many changes an archive lacks that had been made when the last head beside it was saved (None: nobody knows),
    and what that means, in sentences. What was restored is good all the same."""
    from chamdiem.errors import Refusal
    from chamdiem.store.proof import missing_since
    from chamdiem.words import shown_problem

    if not heads.exists():
        return None, []
    try:
        missing = missing_since(head, heads)
    except Refusal as refusal:
        return None, [shown_problem(problem) for problem in refusal.problems]
    return missing, [say("cli.restored_older", n=missing, seq=head.seq + missing, file=str(heads))] if missing else []


def evidence_files() -> "Files":
    """The place of the evidence files: what the setting says, else beside the database."""
    from chamdiem.store.files import files_of

    return files_of(os.environ.get(FILES_SETTING) or str(Path(FOLDER).absolute() / "files"))


def room_beside() -> Path:
    """Where an archive is unpacked: where the evidence files shall be, so that they need only be moved."""
    from chamdiem.store.files import FolderFiles

    files = evidence_files()
    folder = files.root if isinstance(files, FolderFiles) else Path(FOLDER).absolute()
    return next(place for place in (folder, *folder.parents) if place.is_dir())


@contextmanager
def for_the_owner_alone() -> Iterator[None]:
    """What is written meanwhile can be read by nobody else on this machine."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def files_there() -> bool:
    """Whether there is any evidence file. A place that the setting names and that is not there is refused: it may be a
    disk that is not mounted."""
    from chamdiem.store.files import FolderFiles

    files = evidence_files()
    if isinstance(files, FolderFiles) and not os.environ.get(FILES_SETTING) and not files.root.exists():
        return False
    return any(True for _ in files.all())
