"""Evidence files are kept once, whole or not at all: through kill -9, a full disk, hostile names and a damaged store."""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.errors import Refusal
from chamdiem.store.files import LIMIT, Files, FolderFiles, Kept, files_of, shown_name
from chamdiem.words import known, use_language

if TYPE_CHECKING:
    from chamdiem.store.file_store_s3 import StoredFiles
from needs import needs

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")


def pdf(seed: object = "", size: int = 0) -> bytes:
    """A PDF that differs from seed to seed, of at least this many bytes."""
    comment = b"%" + str(seed).encode() + b"." * size
    return b"%PDF-1.7\n" + comment + b"\n1 0 obj\n<</Type/Catalog>>\nendobj\nstartxref\n0\n%%EOF\n"


def keep(files: Files, content: bytes, name: str = "a.pdf") -> Kept:
    return files.keep(io.BytesIO(content), name)


def refused(files: Files, stream: BinaryIO | bytes, name: str = "a.pdf") -> str:
    """The name of the one sentence with which a file is refused; nothing of it may stay behind."""
    with pytest.raises(Refusal) as refusal:
        files.keep(io.BytesIO(stream) if isinstance(stream, bytes) else stream, name)
    (problem,) = refusal.value.problems
    for language in ("vi", "en"):
        use_language(language)
        assert known(problem.message.id)
    return problem.message.id


def sentences(files: Files) -> list[tuple[str, str]]:
    return [(problem.where.file, problem.message.id) for problem in files.verify()]


def everything(root: Path) -> list[str]:
    """Every file of a folder, by its path."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


class Endless(io.RawIOBase):
    """A stream of zeros that counts what was taken from it."""

    def __init__(self, size: int) -> None:
        self.left, self.taken = size, 0

    def read(self, size: int = -1) -> bytes:
        piece = bytes(min(size if size >= 0 else self.left, self.left))
        self.left, self.taken = self.left - len(piece), self.taken + len(piece)
        return piece


def in_memory(address: str, limit: int = LIMIT) -> StoredFiles:
    """A storage that fsspec holds in memory."""
    if find_spec("fsspec"):
        from chamdiem.store.file_store_s3 import StoredFiles

        return StoredFiles(address, limit=limit)
    if os.environ.get("CHAMDIEM_NO_SKIPS"):
        pytest.fail("fsspec is not installed, and CHAMDIEM_NO_SKIPS forbids to skip what needs it")
    pytest.skip("fsspec is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> FolderFiles:
    (tmp_path / "kho").mkdir()
    return FolderFiles(tmp_path / "kho")


@pytest.fixture(params=["folder", "storage"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Files]:
    """The same store in a folder and in a storage that fsspec holds in memory."""
    if request.param == "folder":
        (tmp_path / "kho").mkdir()
        yield FolderFiles(tmp_path / "kho", limit=100_000)
        return
    stored = in_memory("memory://kho/minh-chung", limit=100_000)
    yield stored
    if stored.storage.exists("/kho"):
        stored.storage.rm("/kho", recursive=True)


# --- both places ------------------------------------------------------------------------------------------------------


def test_a_kept_file_is_found_by_its_content(files: Files) -> None:
    content = pdf("một")
    kept = keep(files, content)
    assert kept == Kept(hashlib.sha256(content).hexdigest(), len(content), "pdf")
    assert files.has(kept.sha256)
    assert files.size(kept.sha256) == len(content)
    with files.open(kept.sha256) as file:
        assert file.read() == content
    assert list(files.all()) == [kept.sha256]
    assert files.verify() == []


def test_the_same_content_twice_is_one_file(files: Files) -> None:
    assert keep(files, pdf(1), "a.pdf") == keep(files, pdf(1), "Tên khác.PDF")
    assert keep(files, pdf(2)) != keep(files, pdf(1))
    assert len(list(files.all())) == 2


def test_a_name_is_never_a_path(files: Files, tmp_path: Path) -> None:
    before = everything(tmp_path)
    for name in (
        "../../../x.pdf",
        "/etc/x.pdf",
        "C:\\x.pdf",
        "\\\\host\\share\\x.pdf",
        "a.exe:$x.pdf",
        "con.pdf",
        "a\0.pdf",
    ):
        keep(files, pdf(), name)
    assert len(list(files.all())) == 1
    assert len(everything(tmp_path)) - len(before) <= 1


@pytest.mark.parametrize("wrong", ["", "../../../etc/passwd", "a" * 63, "A" * 64, "0" * 64, "a" * 64 + "\n", "é" * 64])
def test_what_is_no_hash_of_a_kept_file_is_not_there(wrong: str, files: Files) -> None:
    assert not files.has(wrong)
    files.forget(wrong)
    for ask in (files.open, files.size):
        with pytest.raises(Refusal) as refusal:
            ask(wrong)
        assert refusal.value.problems[0].message.id == "files.missing"


def test_a_hostile_file_leaves_nothing(files: Files, tmp_path: Path) -> None:
    assert refused(files, b"MZ\x90\0" + bytes(500)) in ("files.not_what_it_says", "files.unknown_content")
    assert refused(files, b"", "a.jpg") == "files.empty"
    assert refused(files, pdf(), "a.exe") == "files.kind_not_allowed"
    assert list(files.all()) == []
    assert everything(tmp_path) == []


def test_the_limit_is_inclusive_and_stops_the_stream(files: Files, tmp_path: Path) -> None:
    room = 100_000 - len(pdf())
    assert keep(files, pdf(size=room)).size == 100_000
    assert refused(files, pdf(size=room + 1)) == "files.too_big"
    stream = Endless(10**12)
    assert refused(files, cast(BinaryIO, stream)) == "files.too_big"
    assert stream.taken < 3_000_000
    assert len(everything(tmp_path)) <= 1


def test_an_error_of_the_stream_is_passed_on_and_leaves_nothing(files: Files, tmp_path: Path) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionResetError("the clerk's line went down")
            return super().read(100)

    with pytest.raises(ConnectionResetError):
        files.keep(Torn(pdf(size=500)), "a.pdf")
    assert everything(tmp_path) == []
    assert list(files.all()) == []


def test_a_forgotten_file_is_gone_and_the_others_stay(files: Files) -> None:
    gone, stays = keep(files, pdf(1)).sha256, keep(files, pdf(2)).sha256
    files.forget(gone)
    files.forget(gone)
    assert list(files.all()) == [stays]
    with pytest.raises(Refusal):
        files.open(gone)


def test_verify_tells_how_far_it_is(files: Files) -> None:
    for seed in range(3):
        keep(files, pdf(seed))
    told: list[int] = []
    assert files.verify(told.append) == []
    assert told == [1, 2, 3]


# --- the folder -------------------------------------------------------------------------------------------------------


def test_a_file_has_its_place_by_its_hash_and_is_for_its_owner_only(folder: FolderFiles) -> None:
    sha256 = keep(folder, pdf()).sha256
    assert everything(folder.root) == [f"{sha256[:2]}/{sha256[2:4]}/{sha256}"]
    if os.name != "nt":
        assert (folder.root / sha256[:2] / sha256[2:4] / sha256).stat().st_mode & 0o777 == 0o600


def place(folder: FolderFiles, kept: Kept) -> Path:
    return folder.root / kept.sha256[:2] / kept.sha256[2:4] / kept.sha256


def test_a_sound_file_is_never_written_again(folder: FolderFiles) -> None:
    kept = keep(folder, pdf())
    before = place(folder, kept).stat()
    keep(folder, pdf())
    after = place(folder, kept).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@posix
def test_content_is_flushed_before_it_gets_its_place_and_the_folders_after(
    folder: FolderFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def seen_fsync(handle: int) -> None:
        done.append("flush folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "flush file")
        fsync(handle)

    def seen_replace(part: Path, place: Path) -> Path:
        done.append("place")
        return replace(part, place)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "replace", seen_replace)
    keep(folder, pdf())
    assert done == ["flush file", "place", "flush folder", "flush folder", "flush folder"]
    done.clear()
    keep(folder, pdf())  # another process may have put it there a moment ago, and not flushed the folders yet
    assert done == ["flush file", "flush folder", "flush folder", "flush folder"]


def test_verify_finds_what_was_altered_cut_or_cannot_be_read(folder: FolderFiles) -> None:
    altered, cut, locked, sound = (keep(folder, pdf(seed)) for seed in range(4))
    content = bytearray(place(folder, altered).read_bytes())
    content[12] ^= 1
    place(folder, altered).write_bytes(content)
    place(folder, cut).write_bytes(pdf(1)[:-1])
    place(folder, locked).unlink()
    place(folder, locked).mkdir()
    (folder.root / "ab" / "cd").mkdir(parents=True, exist_ok=True)
    (folder.root / "ab" / "cd" / sound.sha256).write_bytes(b"not its place")
    assert list(folder.all()) == sorted(kept.sha256 for kept in (altered, cut, locked, sound))
    assert sorted(sentences(folder)) == sorted(
        [(altered.sha256, "files.altered"), (cut.sha256, "files.altered"), (locked.sha256, "files.unreadable")]
    )


def test_a_damaged_file_is_healed_by_the_same_content(folder: FolderFiles) -> None:
    kept = keep(folder, pdf())
    place(folder, kept).write_bytes(b"damaged")
    keep(folder, pdf())
    assert folder.verify() == []


def test_verify_of_a_folder_that_is_not_there_does_not_say_all_is_well(tmp_path: Path) -> None:
    assert sentences(FolderFiles(tmp_path / "not mounted")) == [("", "files.folder_missing")]


def test_a_missing_folder_is_not_made_in_passing(tmp_path: Path) -> None:
    assert refused(FolderFiles(tmp_path / "not mounted"), pdf()) == "files.folder_missing"
    assert refused(FolderFiles(Path(__file__)), pdf()) == "files.folder_missing"
    assert everything(tmp_path) == []


def test_many_at_once_keep_the_same_content_once(folder: FolderFiles) -> None:
    kept: list[Kept] = []
    threads = [Thread(target=lambda: kept.append(keep(folder, pdf(size=200_000)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 8
    assert len(set(kept)) == 1
    assert len(everything(folder.root)) == 1


def test_only_parts_older_than_a_day_are_swept(folder: FolderFiles) -> None:
    kept = keep(folder, pdf())
    old, new, other = (folder.root / name for name in ("chamdiem-old.part", "chamdiem-new.part", "notes.part"))
    for path in (old, new, other):
        path.write_bytes(b"half")
    for path in (old, other, place(folder, kept)):
        os.utime(path, (time.time() - 90_000,) * 2)
    assert folder.sweep() == 1
    assert everything(folder.root) == sorted(
        [new.name, other.name, place(folder, kept).relative_to(folder.root).as_posix()]
    )


# --- other processes --------------------------------------------------------------------------------------------------

CHILD = """
    import io, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from test_files import *
    folder = FolderFiles(Path({root!r}))
"""


def child(root: Path, code: str, *before: str) -> subprocess.Popen[str]:
    """Python code in a process of its own, with `folder` at this root."""
    source = textwrap.dedent(CHILD.format(tests=str(Path(__file__).parent), root=str(root))) + textwrap.dedent(code)
    command = [*before, sys.executable, "-X", "utf8", "-c", source]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def output(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


@posix
def test_a_kill_in_the_middle_of_an_upload_leaves_nothing_half_kept(folder: FolderFiles) -> None:
    code = """
        class Slow(io.BytesIO):
            def read(self, size=-1):
                if self.tell():
                    print("half", flush=True)
                    time.sleep(60)
                return super().read(5_000)
        folder.keep(Slow(pdf(size=10_000)), "a.pdf")
    """
    with child(folder.root, code) as process:
        assert process.stdout
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
        process.communicate()
    (left,) = everything(folder.root)
    assert left.endswith(".part")
    assert list(folder.all()) == []
    assert folder.verify() == []
    assert keep(folder, pdf(size=10_000)).sha256 in folder.all()
    os.utime(folder.root / left, (time.time() - 90_000,) * 2)
    assert folder.sweep() == 1
    assert folder.has(keep(folder, pdf(size=10_000)).sha256)


@posix
def test_what_was_acknowledged_before_a_kill_is_there_and_whole(folder: FolderFiles) -> None:
    code = """
        for seed in range(100_000):
            print(keep(folder, pdf(f"{time.time_ns()} {seed}", 300_000)).sha256, flush=True)
    """
    chance, told = random.Random(5), set()
    for _ in range(4):
        with child(folder.root, code) as process:
            assert process.stdout
            told.add(process.stdout.readline().strip())
            time.sleep(chance.uniform(0.05, 0.4))
            process.send_signal(signal.SIGKILL)
            told |= {line for line in process.communicate()[0].splitlines() if len(line) == 64}
    assert len(told) > 8
    assert told <= set(folder.all())
    assert len(set(folder.all()) - told) <= 4  # kept, and killed before it could say so
    assert folder.verify() == []


@posix
def test_a_stream_of_200_megabytes_is_refused_in_flat_memory(folder: FolderFiles) -> None:
    code = """
        import resource
        def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
        keep(folder, pdf(size=1_000))
        before = peak()
        for limit in (20_000_000, 190_000_000):
            folder.limit, stream = limit, Endless(200_000_000)
            try:
                folder.keep(stream, "a.pdf")
            except Refusal as refusal:
                print(refusal, stream.taken)
        print(peak() - before)
    """
    first, second, rise = output(child(folder.root, code)).splitlines()
    assert first.startswith("files.too_big 2")
    assert second.startswith("files.too_big 19")
    assert float(rise) < 50
    assert len(everything(folder.root)) == 1


TINY = """
    import os
    def attempt(content):
        try:
            return keep(folder, content).kind
        except Refusal as refusal:
            return str(refusal)
    def listed(): return [path for path in everything(folder.root) if path != "filler"]
    def mount(*how): os.spawnlp(os.P_WAIT, "mount", "mount", *how, str(folder.root))
    mount("-t", "tmpfs", "-o", "size=4m", "none")
    if not os.path.ismount(folder.root):
        sys.exit("mount was not allowed")
"""


def on_a_tiny_disk(root: Path, code: str) -> list[str]:
    """What the code prints with a disk of 4 MB mounted at `root`, seen by this one process only."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    process = child(root, textwrap.dedent(TINY) + textwrap.dedent(code), needs("unshare"), "--mount", *as_root)
    out, err = process.communicate(timeout=60)
    if "unshare:" in err or "mount was not allowed" in err:
        if os.environ.get("CHAMDIEM_NO_SKIPS"):
            pytest.fail(f"no disk can be mounted here, and CHAMDIEM_NO_SKIPS forbids to skip what needs it: {err}")
        pytest.skip("no disk can be mounted here")
    assert process.returncode == 0, err
    return out.splitlines()


@posix
def test_a_full_disk_refuses_leaves_nothing_and_works_again_with_space(folder: FolderFiles) -> None:
    code = """
        (folder.root / "filler").write_bytes(bytes(3_000_000))
        began = time.monotonic()
        print(attempt(pdf(size=2_500_000)), listed(), time.monotonic() - began < 1)
        with (folder.root / "filler").open("ab") as filler:
            filler.write(bytes(os.statvfs(folder.root).f_bavail * os.statvfs(folder.root).f_bsize - 300_000))
        print(attempt(pdf(size=800_000)), listed())
        with (folder.root / "filler").open("ab") as filler:
            filler.write(bytes(os.statvfs(folder.root).f_bavail * os.statvfs(folder.root).f_bsize))
        print(attempt(pdf()), listed())
        (folder.root / "filler").unlink()
        print(attempt(pdf(size=2_500_000)), len(listed()), folder.verify())
    """
    assert on_a_tiny_disk(folder.root, code) == ["files.disk_full [] True", *["files.disk_full []"] * 2, "pdf 1 []"]


@posix
def test_a_disk_that_turns_read_only_refuses_and_still_reads(folder: FolderFiles) -> None:
    code = """
        kept = keep(folder, pdf())
        mount("-o", "remount,ro")
        print(attempt(pdf(2)), folder.has(kept.sha256), folder.verify(), len(listed()))
        try:
            folder.forget(kept.sha256)
        except Refusal as refusal:
            print(refusal)
    """
    assert on_a_tiny_disk(folder.root, code) == ["files.read_only True [] 1", "files.read_only"]


# --- the setting ------------------------------------------------------------------------------------------------------


def test_the_setting_picks_the_place(tmp_path: Path) -> None:
    files = files_of(str(tmp_path), limit=5)
    assert isinstance(files, FolderFiles)
    assert files.root == tmp_path
    assert refused(files, pdf()) == "files.too_big"


@pytest.mark.parametrize("setting", ["http://x/y", "file:///tmp", "memory://x", "ftp://user:secret@host"])
def test_another_address_is_refused_without_repeating_its_secrets(setting: str) -> None:
    with pytest.raises(Refusal) as refusal:
        files_of(setting)
    (problem,) = refusal.value.problems
    assert problem.message.id == "files.unknown_setting"
    assert "secret" not in str(problem)


def test_a_storage_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(Refusal) as refusal:
        files_of("s3://kho/minh-chung")
    assert refusal.value.problems[0].message.id == "files.s3_not_installed"


class Unreachable(Exception):
    """What botocore raises: no OSError, with words that hold an address."""


def test_a_storage_out_of_reach_is_neither_empty_nor_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    files = in_memory("memory://kho/xa")
    kept = keep(files, pdf())

    def fail(*_: object, **__: object) -> None:
        raise Unreachable("https://key@host")

    for verb in ("info", "find", "open", "put_file", "rm_file"):
        monkeypatch.setattr(files.storage, verb, fail)
    assert refused(files, pdf(2)) == "files.storage_failed"
    for ask in (files.has, files.open, files.size, files.forget):
        with pytest.raises(Refusal) as refusal:
            ask(kept.sha256)
        assert refusal.value.problems[0].message.values == {"detail": "Unreachable"}
    assert sentences(files) == [("", "files.storage_failed")]


def test_a_storage_that_keeps_half_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    files = in_memory("memory://kho/nua")
    monkeypatch.setattr(files.storage, "put_file", lambda _, place: files.storage.pipe_file(place, b"half"))
    assert refused(files, pdf()) == "files.storage_failed"
    assert [id for _, id in sentences(files)] == ["files.altered"]  # noqa: A001
    monkeypatch.undo()
    keep(files, pdf())
    assert files.verify() == []


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Biên bản (1).pdf", "Biên bản (1).pdf"),
        ("Bie\u0302n ba\u0309n.pdf", "Biên bản.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\lan\\a.pdf", "a.pdf"),
        ("\\\\host\\share\\a.pdf", "a.pdf"),
        ("a.exe:$x.pdf", "a.exe_$x.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\u200b\u2066\u2069\ufeff\u00ad.pdf", "a.pdf"),
        ("a\0\x1b[31m\r\nb.pdf", "a[31m b.pdf"),
        ("a\ud800.pdf", "a.pdf"),
        ("  a   b .pdf . ", "a b .pdf"),
        ("con.pdf", "_con.pdf"),
        ("NUL", "_NUL"),
        ("com1 .x.pdf", "_com1 .x.pdf"),
        ("lpt³.pdf", "_lpt³.pdf"),
        ("content.pdf", "content.pdf"),
        (".pdf", "_.pdf"),
        ("..", "_"),
        ("", "_"),
        ("a/", "_"),
        ('<img src=x onerror="alert(1)">.jpg', "_img src=x onerror=_alert(1)__.jpg"),
    ],
)
def test_a_name_is_shown_without_what_deceives(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_long_name_keeps_its_beginning_and_its_ending() -> None:
    shown = shown_name("Ả" * 300 + ".docx")
    assert shown.startswith("ẢẢẢ")
    assert shown.endswith("Ả….docx")
    assert 190 < len(shown.encode()) <= 200
    assert len(shown_name("a" * 300 + "." + "b" * 300).encode()) <= 200


@given(st.text(max_size=400))
def test_a_shown_name_is_safe_and_shown_again_the_same(name: str) -> None:
    shown = shown_name(name)
    assert shown_name(shown) == shown
    assert shown
    assert len(shown.encode()) <= 202
    assert not re.search(r'[\x00-\x1f/\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069]', shown)
