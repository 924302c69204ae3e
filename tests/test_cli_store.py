"""The verbs of the machine's owner, as typed: back up, restore, verify, roll back, doctor; evidence files go along."""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

import postgres
import stores
from chamdiem.contest.accounts import create_account, enrol_telephone
from chamdiem.contest.people import account_id
from chamdiem.contest.permissions import SYSTEM, Actor
from chamdiem.contest.totp import new_secret
from chamdiem.store import sealing
from chamdiem.store.backup import back_up
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.files import FolderFiles, files_of
from chamdiem.store.proof import read_heads
from chamdiem.store.tables import evidence
from chamdiem.words import say
from stores import by_hand
from terminal import Terminal, left_in
from test_files import pdf

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template

NOW = datetime(2026, 11, 21, 8, 0, 10, tzinfo=UTC)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in an empty folder."""
    (tmp_path / "here").mkdir()
    return Terminal(tmp_path / "here", monkeypatch, capsys)


@pytest.fixture
def elsewhere(terminal: Terminal) -> Path:
    """Where another machine would be."""
    folder = terminal.folder.parent / "elsewhere"
    folder.mkdir()
    return folder


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with postgres.new_database(postgres_server) as url:
        yield url


def with_evidence(terminal: Terminal) -> str:
    """A contest with one document behind it; gives the sha256 of its file."""
    terminal.begin()
    return keep(pdf("biên bản"))


def keep(content: bytes, folder: str = "chamdiem-data/files") -> str:
    """Keep a file as evidence, with the row that speaks of it."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    kept = files_of(folder).keep(io.BytesIO(content), "bien-ban.pdf")

    def put(transaction: Transaction) -> None:
        about = {
            "contest": "thi",
            "unit": "07243",
            "title": "Biên bản",
            "file": kept.sha256,
            "file_name": "bien-ban.pdf",
        }
        transaction.put(evidence, f"thi/07243/{kept.sha256[:6]}", about)

    with open_store(create=False) as store:
        store.write(Order("system", "evidence.add", "thi"), put)
    return kept.sha256


def place(folder: Path, sha256: str) -> Path:
    """Where a file of evidence lies."""
    return folder / sha256[:2] / sha256[2:4] / sha256


# backups --------------------------------------------------------------------------------------------------------------


def test_a_backup_is_restored_elsewhere_with_its_evidence(
    terminal: Terminal, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = with_evidence(terminal)
    archive = terminal.folder / "sao-luu" / "b.tar.gz"
    told = terminal.done("backup", archive)
    assert "đã khôi phục thử thành công" in told.out
    before = terminal.done("verify", "--heads", archive.with_name("chain-heads.txt"), "--json").record
    monkeypatch.chdir(elsewhere)
    assert "Đã khôi phục" in terminal.done("restore", archive).out
    assert FolderFiles(elsewhere / "chamdiem-data" / "files").has(sha256), "services find the file"
    after = terminal.done("verify", "--json").record
    assert (after["sound"], after["events"], after["hash"]) == (True, before["events"], before["hash"])
    assert left_in(elsewhere) == [
        "chamdiem-data/chamdiem.db",
        f"chamdiem-data/files/{place(Path(), sha256).as_posix()}",
    ]


def test_what_is_backed_up_and_restored_is_readable_by_its_owner_alone(
    terminal: Terminal, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_evidence(terminal)
    terminal.done("backup", "b.tar.gz")
    archive = terminal.folder / "b.tar.gz"
    monkeypatch.chdir(elsewhere)
    terminal.done("restore", archive)
    written = [archive, *(elsewhere / path for path in left_in(elsewhere))]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


def test_a_backup_moves_from_the_folder_to_postgresql_and_back(
    terminal: Terminal, elsewhere: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = with_evidence(terminal)
    here = terminal.done("backup", "b.tar.gz", "--json").record["manifest"]
    terminal.use(database)
    monkeypatch.chdir(elsewhere)
    terminal.done("restore", terminal.folder / "b.tar.gz")
    assert left_in(elsewhere) == [f"chamdiem-data/files/{place(Path(), sha256).as_posix()}"]
    assert terminal.done("contest", "list", "--json").record[0]["id"] == "thi"
    there = terminal.done("backup", "c.tar.gz", "--json").record["manifest"]
    assert there["logical_hash"] == here["logical_hash"]
    assert there["parts"] == here["parts"]
    assert terminal.done("verify", "--json").record["sound"] is True
    assert "Nơi khôi phục đã có dữ liệu" in terminal.refused("restore", "c.tar.gz")


def test_the_setting_says_where_evidence_is(
    terminal: Terminal, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.begin()
    terminal.set("CHAMDIEM_FILES", terminal.folder / "o-dia")
    sha256 = keep(pdf("ảnh"), str(terminal.folder / "o-dia"))
    assert f"files/{sha256}" in terminal.done("backup", "b.tar.gz", "--json").record["manifest"]["parts"]
    monkeypatch.chdir(elsewhere)
    terminal.set("CHAMDIEM_FILES", elsewhere / "o-dia")
    assert "Không thấy nơi lưu tệp" in terminal.refused("restore", terminal.folder / "b.tar.gz")
    assert left_in(elsewhere) == []
    (elsewhere / "o-dia").mkdir()
    terminal.done("restore", terminal.folder / "b.tar.gz")
    assert place(elsewhere / "o-dia", sha256).is_file()


def test_a_disk_that_is_not_mounted_stops_a_backup(terminal: Terminal) -> None:
    with_evidence(terminal)
    terminal.set("CHAMDIEM_FILES", terminal.folder / "chua-gan")
    assert "Không thấy nơi lưu tệp" in terminal.refused("backup", "b.tar.gz")
    assert "b.tar.gz" not in left_in(terminal.folder)


def test_a_backup_says_which_evidence_is_lost(terminal: Terminal) -> None:
    sha256 = with_evidence(terminal)
    place(terminal.folder / "chamdiem-data" / "files", sha256).unlink()
    told = terminal.type("backup", "b.tar.gz")
    assert told.code == 2
    assert sha256 in told.out
    assert "bien-ban.pdf" in told.out
    assert (terminal.folder / "b.tar.gz").is_file(), "the rest is safe"


def test_restoring_into_a_place_with_data_changes_nothing(terminal: Terminal) -> None:
    with_evidence(terminal)
    terminal.done("backup", "b.tar.gz")
    before = {path: (terminal.folder / path).read_bytes() for path in left_in(terminal.folder)}
    assert "Nơi khôi phục đã có dữ liệu" in terminal.refused("restore", "b.tar.gz")
    after = {path: (terminal.folder / path).read_bytes() for path in left_in(terminal.folder)}
    assert after == before


def test_an_archive_older_than_the_last_saved_head_is_restored_and_says_how_much_is_missing(
    terminal: Terminal, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_evidence(terminal)
    terminal.done("backup", "cu.tar.gz")
    terminal.done("contest", "target", "thi", "07243", "4")
    terminal.done("contest", "target", "thi", "07294", "3")
    terminal.done("backup", "moi.tar.gz")
    monkeypatch.chdir(elsewhere)
    told = terminal.done("restore", terminal.folder / "cu.tar.gz")
    assert "cũ hơn mốc đã lưu gần nhất" in told.out
    assert "thiếu 2 thay đổi" in told.out
    heads = terminal.folder / "chain-heads.txt"
    verified = terminal.type("verify", "--heads", heads).out
    assert "thiếu 2 thay đổi" in verified
    assert "vừa khôi phục một bản sao lưu lập trước mốc ấy" in verified
    heads.write_text("lời nói\n", encoding="utf-8")
    for name, missing in (("a", None), ("b", 0), ("c", None)):
        (elsewhere / name).mkdir()
        monkeypatch.chdir(elsewhere / name)
        if name == "b":
            heads.write_text(f"1 {'0' * 64}\n", encoding="utf-8")
        elif name == "c":
            heads.unlink()
        restored = terminal.done("restore", terminal.folder / "moi.tar.gz", "--json").record
        assert restored["missing_changes"] == missing


def test_a_saved_head_is_that_of_the_archive_whatever_is_written_meanwhile(
    terminal: Terminal, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.begin()

    def and_on(store: Store, files: dict[str, Path], archive: Path) -> dict[str, object]:
        manifest = back_up(store, files, archive)
        store.write(Order("system", "test", "thi"), lambda change: change.tell("contest", "thi"))
        return manifest

    monkeypatch.setattr("chamdiem.store.backup.back_up", and_on)
    terminal.done("backup", "b.tar.gz")
    monkeypatch.chdir(elsewhere)
    restored = terminal.done("restore", terminal.folder / "b.tar.gz", "--json").record
    assert restored["missing_changes"] == 0
    assert read_heads(terminal.folder / "chain-heads.txt") == {restored["events"]: restored["hash"]}
    assert terminal.done("verify", "--heads", terminal.folder / "chain-heads.txt", "--json").record["sound"] is True


def test_a_damaged_archive_is_refused_and_leaves_nothing(
    terminal: Terminal, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_evidence(terminal)
    terminal.done("backup", "b.tar.gz")
    content = bytearray((terminal.folder / "b.tar.gz").read_bytes())
    content[len(content) // 2] ^= 1
    monkeypatch.chdir(elsewhere)
    (elsewhere / "b.tar.gz").write_bytes(content)
    assert "bị hỏng hoặc đã bị sửa" in terminal.refused("restore", "b.tar.gz")
    assert left_in(elsewhere) == ["b.tar.gz"]


def test_an_archive_is_never_overwritten(terminal: Terminal) -> None:
    terminal.begin()
    (terminal.folder / "b.tar.gz").write_bytes(b"cu")
    assert "Đã có tệp" in terminal.refused("backup", "b.tar.gz")
    assert (terminal.folder / "b.tar.gz").read_bytes() == b"cu"
    assert "khong-co.tar.gz" in terminal.refused("restore", "khong-co.tar.gz")
    assert "khong-co.txt" in terminal.refused("verify", "--heads", "khong-co.txt")


# proofs -----------------------------------------------------------------------------------------------------------------


def test_verify_reads_every_evidence_file_again(terminal: Terminal) -> None:
    sha256 = with_evidence(terminal)
    other = keep(pdf("khác"))
    assert "Mọi thứ nguyên vẹn" in terminal.done("verify").out
    folder = terminal.folder / "chamdiem-data" / "files"
    place(folder, sha256).write_bytes(pdf("đã sửa"))
    place(folder, other).unlink()
    told = terminal.type("verify", "--json")
    assert told.code == 2
    assert told.record["sound"] is False
    altered, missing = told.record["faults"]
    assert sha256 in altered
    assert "không còn đúng với mã băm" in altered
    assert other in missing
    assert "Có 2 điều sai" in terminal.type("verify").out


def test_verify_names_a_row_that_was_changed_past_the_program(terminal: Terminal) -> None:
    terminal.begin()
    path = terminal.folder / "chamdiem-data" / "chamdiem.db"
    by_hand(f"sqlite:///{path}", "UPDATE contest SET title = 'Khác'")
    told = terminal.type("verify")
    assert told.code == 2
    assert "đã bị sửa ngoài chương trình" in told.out
    assert "changed past the program" in terminal.type("verify", "--lang", "en").out


def test_verify_finds_an_end_that_was_cut_off_by_the_saved_heads(terminal: Terminal) -> None:
    terminal.begin()
    terminal.done("backup", "b.tar.gz")
    (terminal.folder / "chain-heads.txt").write_text(f"9999 {'0' * 64} backup\n")
    told = terminal.type("verify", "--heads", "chain-heads.txt")
    assert told.code == 2
    assert "9999" in told.out.replace(".", "")


def test_a_rollback_is_told_and_the_journal_stays(terminal: Terminal) -> None:
    terminal.begin()
    before = terminal.done("verify", "--json").record["events"]
    terminal.done("contest", "target", "thi", "07243", "4")
    told = terminal.done("rollback", "--to-event", before, "--reason", "ghi nhầm đơn vị", "--json").record
    assert told == {"rows": 1, "to": before}
    after = terminal.done("verify", "--json").record
    assert (after["sound"], after["events"]) == (True, before + 2)
    assert "lý do" in terminal.refused("rollback", "--to-event", "1", "--reason", " ")
    assert "99" in terminal.refused("rollback", "--to-event", "99", "--reason", "x")
    assert terminal.refused("rollback", "--to-event", "-1", "--reason", "x")


# the doctor ---------------------------------------------------------------------------------------------------------------


def test_the_doctor_speaks_both_languages_and_to_machines(terminal: Terminal) -> None:
    found = {one["id"]: one for one in terminal.type("doctor", "--json").record}
    assert found.keys() >= {"doctor.python", "doctor.disk", "doctor.sync", "doctor.clock", "doctor.private"}
    assert all(one["good"] for name, one in found.items() if name not in ("doctor.disk", "doctor.sync"))
    told = terminal.type("doctor")
    assert told.out.startswith("✓ Python")
    assert told.code == (2 if "✗" in told.out else 0)
    assert "Đồng hồ" in told.out
    assert "The clock says" in terminal.type("--lang", "en", "doctor").out


def test_the_doctor_looks_at_postgresql(terminal: Terminal, database: str) -> None:
    terminal.use(database)
    assert "✓ PostgreSQL" in terminal.type("doctor").out


def test_the_doctor_sees_who_can_read_and_a_key_that_is_lost(terminal: Terminal) -> None:
    terminal.begin()
    path = terminal.folder / "chamdiem-data" / "chamdiem.db"
    path.chmod(0o644)
    told = terminal.type("doctor")
    assert told.code == 2
    assert f"✗ {say('doctor.readable', path=str(path))}" in told.out
    path.chmod(0o600)
    with open_store() as store:
        create_account(store, SYSTEM, "lan", "Lan", now=NOW)
        with store.read() as connection:
            account = account_id(connection, "lan") or ""
        secret = new_secret()
        enrol_telephone(store, Actor(account), secret, pyotp.TOTP(secret).at(NOW), now=NOW)
        key = sealing.key_file(store)
    assert str(key) in terminal.type("doctor").out
    key.chmod(0o640)
    assert {"good": False, "id": "doctor.readable"}.items() <= terminal.type("doctor", "--json").record[-1].items()
    key.unlink()
    told = terminal.type("doctor")
    assert told.code == 2
    assert "CHAMDIEM_SECRET_KEY" in told.out
