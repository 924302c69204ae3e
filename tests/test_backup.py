"""Backups: taken while people write, restored on either database, refused when a single byte is wrong."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

import postgres
import stores
from chamdiem.errors import Refusal
from chamdiem.store import backup
from chamdiem.store.backup import MANIFEST, back_up, logical_hash, restore
from chamdiem.store.database import Store, open_store
from chamdiem.store.migration import newest
from chamdiem.store.proof import verify
from chamdiem.store.tables import attempt, person, session
from stores import answers, give, order, refused

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template
url = stores.url
store = stores.store
postgres_url = postgres.postgres_url
sqlite_store = stores.sqlite_store

PHOTO = b"\x89PNG anh hien truong" * 100
PHOTO_NAME = hashlib.sha256(PHOTO).hexdigest()


@pytest.fixture
def photo(tmp_path: Path) -> dict[str, Path]:
    """An evidence file under its hash."""
    path = tmp_path / "photo"
    path.write_bytes(PHOTO)
    return {PHOTO_NAME: path}


def fill(store: Store) -> None:
    """Marks, a person, letters of all kinds."""
    for n, answer in enumerate(("8", "8,5", "Hoà \u2028 \n đã 'nộp' \"rồi\" \\ 🌾", "a\tb\rc")):
        give(store, f"m{n}", answer, key=f"k{n}")
    store.write(order(), lambda transaction: transaction.put(person, "ă1", {"login": "lan", "name": "Lan"}))
    store.write(order(), lambda transaction: transaction.put(person, "Z1", {"login": "hoa", "name": "Hoa"}))
    store.write(order(), lambda transaction: transaction.put(person, "a1", {"login": "mai", "name": "Mai"}))


def hash_of(store: Store) -> str:
    with store.read() as connection:
        return logical_hash(connection)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# there and back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", stores.BOTH)
def test_backup_restored_elsewhere_is_the_same_store(
    store: Store, target: str, tmp_path: Path, photo: dict[str, Path], postgres_server: str
) -> None:
    fill(store)
    manifest = back_up(store, photo, tmp_path / "b.tar.gz")
    (tmp_path / "new").mkdir()
    with (
        stores.new_place(target, tmp_path / "new") as place,
        restore(tmp_path / "b.tar.gz", place, tmp_path / "new" / "files") as restored,
    ):
        assert hash_of(restored) == hash_of(store) == manifest["logical_hash"]
        assert restored.head() == store.head()
        assert answers(restored) == answers(store)
        assert list(verify(restored)) == []
        assert give(restored, "m0", "9", key="k0") == 1, "a repetition is known there too"
        assert give(restored, "m0", "9", expected=1) == 2
    assert (tmp_path / "new" / "files" / PHOTO_NAME).read_bytes() == PHOTO


def test_backup_is_an_archive_that_anybody_can_open(store: Store, tmp_path: Path, photo: dict[str, Path]) -> None:
    fill(store)
    back_up(store, photo, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as tar:
        names = tar.getnames()
        part = tar.extractfile(MANIFEST)
        assert part is not None
        manifest = json.load(part)
    assert {f"files/{PHOTO_NAME}", "tables/mark.jsonl", "tables/event.jsonl", MANIFEST} <= set(names)
    assert manifest["revision"] == newest()
    assert gzip.decompress((tmp_path / "b.tar.gz").read_bytes())
    assert not list(tmp_path.glob("*.part"))


def test_backup_leaves_out_who_is_signed_in(store: Store, tmp_path: Path) -> None:
    give(store, "m1", "8")
    before = hash_of(store)
    store.write(order(), lambda tx: tx.connection.execute(insert(session), {"token": "secret-token"}) and None)
    store.write(order(), lambda tx: tx.connection.execute(insert(attempt), {"account": "guessed"}) and None)
    assert hash_of(store) == before
    back_up(store, {}, tmp_path / "b.tar.gz")
    content = gzip.decompress((tmp_path / "b.tar.gz").read_bytes())
    assert b"secret-token" not in content
    assert b"guessed" not in content


def test_backup_taken_while_people_write_is_one_moment(store: Store, tmp_path: Path) -> None:
    stop = threading.Event()

    def keep_writing(judge: str) -> None:
        n = 0
        while not stop.is_set():
            give(store, f"{judge}-{n % 5}", str(n), actor=judge)
            n += 1

    judges = [threading.Thread(target=keep_writing, args=(f"j{n}",)) for n in range(3)]
    for judge in judges:
        judge.start()
    try:
        for n in range(3):
            manifest = back_up(store, {}, tmp_path / f"{n}.tar.gz")
            target = f"sqlite:///{tmp_path / f'{n}.db'}"
            with restore(tmp_path / f"{n}.tar.gz", target, tmp_path / f"files{n}") as restored:
                assert hash_of(restored) == manifest["logical_hash"]
                assert list(verify(restored)) == []
    finally:
        stop.set()
        for judge in judges:
            judge.join()
    assert list(verify(store)) == []


# what is wrong --------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(sqlite_store: Store, tmp_path: Path, photo: dict[str, Path]) -> Path:
    """A small backup, in a folder of its own."""
    fill(sqlite_store)
    path = tmp_path / "backup" / "b.tar.gz"
    back_up(sqlite_store, photo, path)
    return path


def refused_as(archive: Path, folder: Path) -> str:
    """Why the archive is refused; nothing may be left behind."""
    folder.mkdir(exist_ok=True)
    with pytest.raises(Refusal) as error:
        restore(archive, f"sqlite:///{folder / 'chamdiem.db'}", folder / "files").close()
    assert left_in(folder) == []
    return refused(error)[0]


def test_every_flipped_byte_of_an_archive_is_refused(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    dice = random.Random(1)
    places = {*range(20), *range(len(whole) - 100, len(whole)), *dice.sample(range(len(whole)), 200)}
    for place in sorted(places):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << dice.randrange(8)
        archive.write_bytes(flipped)
        assert refused_as(archive, tmp_path / "new") == "backup.damaged"


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b[:100], lambda b: b"", lambda b: b + b"\0"])
def test_archive_cut_off_or_longer_is_refused(archive: Path, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    archive.write_bytes(change(archive.read_bytes()))
    assert refused_as(archive, tmp_path / "new") == "backup.damaged"


def test_archive_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    assert refused_as(tmp_path / "none.tar.gz", tmp_path / "new") == "backup.cannot_read"


Parts = dict[str, bytes]


def repacked(archive: Path, change: Callable[[Parts, dict[str, object]], None]) -> None:
    """The archive as somebody would write it who knows how: parts, manifest and seal fit one another."""
    with tarfile.open(archive) as tar:
        parts = {name: part.read() for name in tar.getnames() if (part := tar.extractfile(name))}
    manifest = json.loads(parts.pop(MANIFEST))
    change(parts, manifest)
    manifest.setdefault("parts", {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()})
    parts[MANIFEST] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in parts.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))
    content = out.getvalue()
    archive.write_bytes(content + backup._seal(hashlib.sha256(content).hexdigest()))


def nothing_changed(parts: Parts, manifest: dict[str, object]) -> None:
    pass


def mark_changed(parts: Parts, manifest: dict[str, object]) -> None:
    parts["tables/mark.jsonl"] = parts["tables/mark.jsonl"].replace(b'"8,5"', b'"9,5"')
    del manifest["parts"]


def part_changed_alone(parts: Parts, manifest: dict[str, object]) -> None:
    parts["tables/mark.jsonl"] = parts["tables/mark.jsonl"].replace(b'"8,5"', b'"9,5"')


def row_left_out(parts: Parts, manifest: dict[str, object]) -> None:
    parts["tables/mark.jsonl"] = b"".join(parts["tables/mark.jsonl"].splitlines(keepends=True)[1:])
    del manifest["parts"]


def row_twice(parts: Parts, manifest: dict[str, object]) -> None:
    parts["tables/mark.jsonl"] += parts["tables/mark.jsonl"]
    del manifest["parts"]


def row_of_other_columns(parts: Parts, manifest: dict[str, object]) -> None:
    parts["tables/mark.jsonl"] = b'{"id":"m1","no_such":1}\n'
    del manifest["parts"]


def not_json(parts: Parts, manifest: dict[str, object]) -> None:
    parts["tables/mark.jsonl"] = b"\xff\n"
    del manifest["parts"]


def table_missing(parts: Parts, manifest: dict[str, object]) -> None:
    del parts["tables/mark.jsonl"], manifest["parts"]


def photo_missing(parts: Parts, manifest: dict[str, object]) -> None:
    del parts[f"files/{PHOTO_NAME}"]


def photo_under_another_name(parts: Parts, manifest: dict[str, object]) -> None:
    parts[f"files/{'0' * 64}"] = parts.pop(f"files/{PHOTO_NAME}")
    del manifest["parts"]


def path_upwards(parts: Parts, manifest: dict[str, object]) -> None:
    parts["../evil"] = b"x"
    del manifest["parts"]


def path_from_the_root(parts: Parts, manifest: dict[str, object]) -> None:
    parts["/chamdiem-evil"] = b"x"
    del manifest["parts"]


def no_manifest(parts: Parts, manifest: dict[str, object]) -> None:
    manifest.clear()


CHANGES = [
    mark_changed, part_changed_alone, row_left_out, row_twice, row_of_other_columns, not_json, table_missing,
    photo_missing, photo_under_another_name, path_upwards, path_from_the_root, no_manifest,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_archive_made_up_by_hand_is_refused(
    archive: Path, tmp_path: Path, change: Callable[[Parts, dict[str, object]], None]
) -> None:
    repacked(archive, change)
    assert refused_as(archive, tmp_path / "new") == "backup.damaged"
    assert not Path("/chamdiem-evil").exists()


def test_archive_made_up_by_hand_leaves_no_row_on_postgresql(archive: Path, tmp_path: Path, postgres_url: str) -> None:
    repacked(archive, mark_changed)
    with pytest.raises(Refusal):
        restore(archive, postgres_url, tmp_path / "files")
    with open_store(postgres_url) as store:
        assert (store.head().seq, answers(store)) == (0, {})
    assert not (tmp_path / "files").exists()


def test_archive_repacked_without_a_change_is_restored(archive: Path, tmp_path: Path) -> None:
    repacked(archive, nothing_changed)
    restore(archive, f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "files").close()


def test_archive_of_another_shape_says_which(archive: Path, tmp_path: Path) -> None:
    repacked(archive, lambda parts, manifest: manifest.update(revision="9999"))
    assert refused_as(archive, tmp_path / "new") == "backup.other_shape"


# where something is already -------------------------------------------------------------------------------------


def test_restore_over_a_store_is_refused_and_the_store_stays(archive: Path, url: str, tmp_path: Path) -> None:
    with open_store(url) as store:
        give(store, "mine", "10")
    with pytest.raises(Refusal) as error:
        restore(archive, url, tmp_path / "files")
    assert refused(error) == ["backup.not_empty"]
    with open_store(url, create=False) as store:
        assert answers(store) == {"mine": "10"}


def test_restore_into_a_folder_that_is_there_is_refused(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "mine").write_text("x")
    with pytest.raises(Refusal) as error:
        restore(archive, f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "files")
    assert refused(error) == ["backup.not_empty"]
    assert left_in(tmp_path / "files") == ["mine"]
    assert not (tmp_path / "new.db").exists()


def test_failed_restore_keeps_files_with_a_similar_name(archive: Path, tmp_path: Path) -> None:
    repacked(archive, mark_changed)
    neighbour = tmp_path / "new.db.bak"
    neighbour.write_text("mine")
    with pytest.raises(Refusal):
        restore(archive, f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "files")
    assert neighbour.read_text() == "mine"
    assert not (tmp_path / "new.db").exists()


def test_restore_into_an_empty_store_fills_it(archive: Path, url: str, tmp_path: Path) -> None:
    open_store(url).close()
    with restore(archive, url, tmp_path / "files") as restored:
        assert restored.head().seq == 7


# writing it -----------------------------------------------------------------------------------------------------


def test_backup_of_a_spoilt_evidence_file_is_refused(
    sqlite_store: Store, tmp_path: Path, photo: dict[str, Path]
) -> None:
    photo[PHOTO_NAME].write_bytes(PHOTO[:-1] + b"?")
    with pytest.raises(Refusal) as error:
        back_up(sqlite_store, photo, tmp_path / "b" / "b.tar.gz")
    assert refused(error) == ["backup.damaged"]
    assert left_in(tmp_path / "b") == []


def test_backup_of_a_missing_evidence_file_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as error:
        back_up(sqlite_store, {PHOTO_NAME: tmp_path / "none"}, tmp_path / "b" / "b.tar.gz")
    assert refused(error) == ["backup.cannot_write"]
    assert left_in(tmp_path / "b") == []


def test_backup_onto_a_full_disk_keeps_the_earlier_one(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    noise = tmp_path / "noise"
    noise.write_bytes(random.Random(1).randbytes(2_000_000))
    big = {hashlib.sha256(noise.read_bytes()).hexdigest(): noise}
    with stores.small_disk(tmp_path / "disk", "1m") as disk:
        back_up(sqlite_store, {}, disk / "b.tar.gz")
        before = (disk / "b.tar.gz").read_bytes()
        with pytest.raises(Refusal) as error:
            back_up(sqlite_store, big, disk / "b.tar.gz")
        assert refused(error) == ["backup.cannot_write"]
        assert left_in(disk) == ["b.tar.gz"]
        assert (disk / "b.tar.gz").read_bytes() == before
