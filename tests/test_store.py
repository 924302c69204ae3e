"""The store: one door, nothing lost, nothing half done, and a sentence for everything that a machine can refuse."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError

import postgres
import stores
from chamdiem import store as package
from chamdiem.errors import Refusal, refuse
from chamdiem.store import database, door
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Conflict, Transaction
from chamdiem.store.journal import EMPTY
from chamdiem.store.proof import history, verify
from chamdiem.store.tables import THINGS, contest, mark, person, setting
from chamdiem.words import LANGUAGES, known, say, shown, use_language
from stores import answers, by_hand, give, nothing, order, refused

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template
url = stores.url
store = stores.store
sqlite_store = stores.sqlite_store


@contextmanager
def door_held(store: Store) -> Iterator[None]:
    """While it lasts the writer is busy with one command, and all that is ordered meanwhile waits for the next batch."""
    started, go_on = threading.Event(), threading.Event()

    def hold(transaction: Transaction) -> None:
        started.set()
        assert go_on.wait(60)

    holder = threading.Thread(target=lambda: store.write(order(), hold))
    holder.start()
    assert started.wait(60)
    try:
        yield
    finally:
        go_on.set()
        holder.join()


def together(store: Store, *works: Callable[[], object]) -> list[object]:
    """Order several things so that they go through the door in one batch, in this order; what came of each."""
    outcomes: list[object] = [None] * len(works)

    def one(place: int) -> None:
        try:
            outcomes[place] = works[place]()
        except Exception as error:  # an outcome like another
            outcomes[place] = error

    commits: list[object] = []

    def count(connection: object) -> None:
        commits.append(connection)

    event.listen(store.writer, "commit", count)
    with door_held(store):
        threads = [threading.Thread(target=one, args=(place,)) for place in range(len(works))]
        for waiting, thread in enumerate(threads, start=1):
            thread.start()
            while store._door is None or store._door._queue.qsize() < waiting:
                threading.Event().wait(0.001)
    for thread in threads:
        thread.join()
    event.remove(store.writer, "commit", count)
    assert len(commits) == 2, "the held command, and one batch"
    return outcomes


# changing rows --------------------------------------------------------------------------------------------------


def test_put_new_row_begins_at_version_one(store: Store) -> None:
    assert give(store, "m1", "8.5") == 1
    assert answers(store) == {"m1": "8.5"}
    assert store.head().seq == 1


def test_put_another_value_raises_the_version(store: Store) -> None:
    give(store, "m1", "8.5")
    assert give(store, "m1", "9", expected=1) == 2
    assert answers(store) == {"m1": "9"}


def test_put_equal_values_leaves_row_and_journal_alone(store: Store) -> None:
    give(store, "m1", "8.5")
    head = store.head()
    assert give(store, "m1", "8.5") == 1
    assert store.head() == head


def test_put_keeps_columns_that_are_not_named(store: Store) -> None:
    give(store, "m1", "8.5")
    store.write(order(), lambda transaction: transaction.put(mark, "m1", {"note": "xem lại"}))
    with store.read() as connection:
        row = connection.execute(select(mark)).mappings().one()
    assert (row["answer"], row["note"], row["version"]) == ("8.5", "xem lại", 2)


def test_drop_removes_the_row_and_tells_what_it_was(store: Store) -> None:
    give(store, "m1", "8.5")
    store.write(order("hoa"), lambda transaction: transaction.drop(mark, "m1", expected=1))
    assert answers(store) == {}
    with store.read() as connection:
        *_, last = history(connection, "mark", "m1")
    assert (last.actor, last.after) == ("hoa", None)
    assert last.before is not None
    assert '"answer":"8.5"' in last.before


def test_drop_of_nothing_is_not_an_event(store: Store) -> None:
    store.write(order(), lambda transaction: transaction.drop(mark, "nowhere"))
    assert store.head() == EMPTY


@pytest.mark.parametrize("value", [True, 7, 1.5, None, b"x", "a\0b"])
def test_put_value_that_the_column_would_change_is_refused(store: Store, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        store.write(order(), lambda transaction: transaction.put(mark, "m1", {"answer": value}))
    assert store.head() == EMPTY


def test_put_truth_in_a_number_is_kept_as_the_number(store: Store) -> None:
    store.write(order(), lambda transaction: transaction.put(contest, "c", {"revealed": True}))
    with store.read() as connection:
        assert '"revealed":1' in str(history(connection, "contest", "c")[0].after)
    assert list(verify(store)) == []


# conflicts ------------------------------------------------------------------------------------------------------


def test_put_over_a_newer_version_shows_both_values_who_and_when(store: Store) -> None:
    give(store, "m1", "8")
    give(store, "m1", "9", actor="hoa", expected=1)
    with store.read() as connection:
        when = history(connection, "mark", "m1")[-1].at
    with pytest.raises(Conflict) as error:
        give(store, "m1", "7", expected=1)
    found = error.value
    assert found.current is not None
    assert (found.yours["answer"], found.current["answer"], found.who, found.when) == ("7", "9", "hoa", when)
    assert refused(error) == ["store.conflict"]
    told = say(found.problems[0].message)
    assert "hoa" in told
    assert shown(datetime.fromisoformat(when)) in told, "by the clock of Vietnam"
    assert answers(store) == {"m1": "9"}


def test_put_of_a_new_row_that_somebody_made_is_a_conflict(store: Store) -> None:
    give(store, "m1", "8", actor="hoa", expected=0)
    with pytest.raises(Conflict) as error:
        give(store, "m1", "7", expected=0)
    assert error.value.who == "hoa"
    assert answers(store) == {"m1": "8"}


def test_put_over_a_removed_row_is_a_conflict_with_who_removed_it(store: Store) -> None:
    give(store, "m1", "8")
    store.write(order("hoa"), lambda transaction: transaction.drop(mark, "m1"))
    with pytest.raises(Conflict) as error:
        give(store, "m1", "7", expected=1)
    assert (error.value.current, error.value.who) == (None, "hoa")
    assert answers(store) == {}


def test_drop_of_a_newer_version_is_a_conflict(store: Store) -> None:
    give(store, "m1", "8")
    give(store, "m1", "9")
    with pytest.raises(Conflict):
        store.write(order(), lambda transaction: transaction.drop(mark, "m1", expected=1))
    assert answers(store) == {"m1": "9"}


# the same command twice -----------------------------------------------------------------------------------------


def test_command_repeated_under_its_key_answers_the_same_and_does_nothing(store: Store) -> None:
    assert give(store, "m1", "8", key="k1") == 1
    head = store.head()
    assert give(store, "m1", "9", key="k1") == 1
    assert store.head() == head
    assert answers(store) == {"m1": "8"}


def test_command_repeated_after_reopening_answers_the_same(url: str) -> None:
    with open_store(url) as store:
        give(store, "m1", "8", key="k1")
        head = store.head()
    with open_store(url) as store:
        assert give(store, "m1", "9", key="k1") == 1
        assert store.head() == head


def test_command_repeated_within_one_batch_is_done_once(store: Store) -> None:
    give(store, "m0", "1")
    outcomes = together(store, *(lambda: give(store, "m1", "8", key="k1") for _ in range(3)))
    assert outcomes == [1, 1, 1]
    assert store.head().seq == 2


def test_command_answers_first_what_its_repetition_will_answer(store: Store) -> None:
    first = store.write(order(key="k1"), lambda transaction: ("a", {"b": (1, 2)}))
    assert store.write(order(key="k1"), nothing) == first == ["a", {"b": [1, 2]}]


def test_command_that_was_refused_may_be_ordered_again_under_its_key(store: Store) -> None:
    give(store, "m1", "8")
    with pytest.raises(Conflict):
        give(store, "m1", "9", expected=5, key="k1")
    assert give(store, "m1", "9", expected=1, key="k1") == 2


# many at once ---------------------------------------------------------------------------------------------------


def refusing(transaction: Transaction) -> None:
    transaction.put(mark, "torn", {"answer": "1"})
    raise refuse("rollback.no_reason")


def failing(transaction: Transaction) -> None:
    transaction.put(mark, "torn", {"answer": "1"})
    raise ZeroDivisionError


def breaking_a_constraint(transaction: Transaction) -> None:
    transaction.put(mark, "torn", {"answer": "1"})
    transaction.put(person, "p2", {"login": "lan"})


def speaking_wrong_sql(transaction: Transaction) -> None:
    transaction.put(mark, "torn", {"answer": "1"})
    transaction.connection.execute(text("SELECT no_such_column FROM mark"))


@pytest.mark.parametrize("work", [refusing, failing, breaking_a_constraint, speaking_wrong_sql])
def test_failing_command_leaves_no_trace_while_its_neighbours_are_kept(
    store: Store, work: Callable[[Transaction], None]
) -> None:
    store.write(order(), lambda transaction: transaction.put(person, "p1", {"login": "lan"}))
    outcomes = together(
        store, lambda: give(store, "m1", "8"), lambda: store.write(order(), work), lambda: give(store, "m2", "9")
    )
    assert (outcomes[0], outcomes[2]) == (1, 1)
    assert isinstance(outcomes[1], Exception)
    assert answers(store) == {"m1": "8", "m2": "9"}
    assert store.head().seq == 3
    assert list(verify(store)) == []


def test_broken_constraint_is_told_to_its_author(store: Store) -> None:
    store.write(order(), lambda transaction: transaction.put(person, "p1", {"login": "lan"}))
    with pytest.raises(IntegrityError):
        store.write(order(), lambda transaction: transaction.put(person, "p2", {"login": "lan"}))


def test_first_commands_of_many_threads_go_through_one_door(store: Store) -> None:
    before = threading.active_count()
    barrier = threading.Barrier(8)

    def first(n: int) -> None:
        barrier.wait()
        give(store, f"m{n}", "1")

    threads = [threading.Thread(target=first, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert threading.active_count() == before + 1
    assert len(answers(store)) == 8


def test_close_carries_out_what_is_waiting(url: str) -> None:
    store = open_store(url)
    with door_held(store):
        waiting = threading.Thread(target=give, args=(store, "m1", "8"))
        waiting.start()
        while store._door is None or store._door._queue.empty():
            threading.Event().wait(0.001)
    store.close()
    waiting.join()
    with open_store(url) as again:
        assert answers(again) == {"m1": "8"}


def test_command_that_waits_too_long_is_told_and_never_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    give(store, "m0", "1")
    monkeypatch.setattr(door, "PATIENCE", 0.1)
    with door_held(store), pytest.raises(Refusal) as error:
        give(store, "m1", "8")
    assert refused(error) == ["store.busy"]
    give(store, "m2", "9")
    assert answers(store) == {"m0": "1", "m2": "9"}


# readers, processes ---------------------------------------------------------------------------------------------


def test_reader_cannot_write(store: Store) -> None:
    with pytest.raises(Refusal) as error, store.read() as connection:
        connection.execute(insert(setting), {"name": "a", "value": "b"})
    assert refused(error) == ["store.read_only"]
    give(store, "m1", "8")


def test_reader_sees_one_moment(store: Store) -> None:
    give(store, "m1", "8")
    with store.read() as connection:
        before = connection.execute(select(mark.c.answer)).scalar()
        give(store, "m1", "9")
        assert connection.execute(select(mark.c.answer)).scalar() == before == "8"
    assert answers(store) == {"m1": "9"}


FORK = """
import os, sys
from chamdiem.store.database import open_store
from chamdiem.store.door import Order
from chamdiem.store.tables import mark
store = open_store(sys.argv[1])
put = lambda transaction: transaction.put(mark, "m%d" % os.getpid(), {"answer": "1"})
store.write(Order("lan", "mark.put"), put)
child = os.fork()
if child == 0:
    for attempt in (lambda: store.write(Order("lan", "mark.put"), put), store.head):
        try:
            attempt()
        except RuntimeError as error:
            print(error, flush=True)
    store.close()
    os._exit(0)
os.waitpid(child, 0)
store.write(Order("lan", "mark.put"), lambda transaction: transaction.put(mark, "after", {"answer": "1"}))
print(store.head().seq)
"""


def test_forked_child_is_refused_and_leaves_its_parent_in_peace(url: str) -> None:
    script = [sys.executable, "-W", "ignore", "-c", FORK, url]
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["a store must not be used in a forked process"] * 2 + ["2", ""]


HOLD = """
import sys
from sqlalchemy import create_engine
engine = create_engine(sys.argv[1], isolation_level="AUTOCOMMIT")
with engine.connect() as connection:
    for statement in sys.argv[2:]:
        connection.exec_driver_sql(statement)
    print("held", flush=True)
    sys.stdin.read()
"""
HOLDING = {
    "sqlite": ("BEGIN IMMEDIATE",),
    "postgresql": ("BEGIN", "SELECT pg_advisory_xact_lock(722019)"),
}


@contextmanager
def held_by_another_process(url: str) -> Iterator[None]:
    """Another process keeps the database to itself."""
    command = [sys.executable, "-c", HOLD, url, *HOLDING["sqlite" if url.startswith("sqlite") else "postgresql"]]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    try:
        yield
    finally:
        process.communicate()


def test_database_held_by_another_process_is_told_and_the_retry_saves_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.LOCKED_AFTER / 1000 < door.PATIENCE
    monkeypatch.setattr(database, "LOCKED_AFTER", 200)
    with open_store(url) as store:
        give(store, "m1", "8")
        with held_by_another_process(url), pytest.raises(Refusal) as error:
            give(store, "m1", "9", expected=1, key="k1")
        assert refused(error) == ["store.locked"]
        assert answers(store) == {"m1": "8"}
        assert give(store, "m1", "9", expected=1, key="k1") == 2
        assert give(store, "m1", "9", expected=1, key="k1") == 2
        assert store.head().seq == 2


def test_commands_that_came_while_one_waited_for_the_database_are_told_with_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCKED_AFTER", 1000)
    with open_store(url) as store:
        give(store, "m0", "1")
        tries: list[object] = []
        event.listen(store.writer, "engine_connect", tries.append)
        said: list[list[str]] = []

        def judge(row: str) -> None:
            with pytest.raises(Refusal) as error:
                give(store, row, "8")
            said.append(refused(error))

        with held_by_another_process(url):
            threads = [threading.Thread(target=judge, args=(f"m{n}",)) for n in range(3)]
            threads[0].start()
            for _ in range(5000):
                if tries:
                    break
                threading.Event().wait(0.001)
            assert tries, "the first command never reached the database"
            for thread in threads[1:]:
                thread.start()
            for thread in threads:
                thread.join()
        assert said == [["store.locked"]] * 3
        assert len(tries) == 1, "nobody waited twice"
        assert answers(store) == {"m0": "1"}


# what cannot be opened ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", ["", "chamdiem.db", "mysql://a/b", "sqlite://", "sqlite:///:memory:", "postgresql://a:b@h:port/x"]
)
def test_open_address_of_no_database_is_refused(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(database.SETTING, bad or " ")
    with pytest.raises(Refusal) as error:
        open_store()
    assert refused(error) == ["store.bad_url"]


def test_open_without_setting_means_the_folder_of_this_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(database.SETTING, raising=False)
    monkeypatch.chdir(tmp_path)
    with open_store() as store:
        assert store.file == tmp_path / database.FOLDER / "chamdiem.db"
        assert store.file.exists()


def test_open_missing_file_is_refused_when_none_shall_be_made(tmp_path: Path) -> None:
    path = tmp_path / "none" / "chamdiem.db"
    with pytest.raises(Refusal) as error:
        open_store(f"sqlite:///{path}", create=False)
    assert refused(error) == ["store.missing"]
    assert not path.parent.exists()


def test_open_where_no_folder_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Refusal) as error:
        open_store(f"sqlite:///{tmp_path / 'file' / 'chamdiem.db'}")
    assert refused(error) == ["store.read_only"]


def test_open_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as error:
        open_store(f"sqlite:///{tmp_path}")
    assert refused(error) == ["store.cannot_open"]


def test_open_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("Đây là ghi chú. " * 100, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(Refusal) as error:
        open_store(f"sqlite:///{path}")
    assert refused(error) == ["store.not_a_store"]
    assert path.read_bytes() == before


def test_open_database_of_another_program_is_refused_and_left_alone(url: str) -> None:
    by_hand(url, "CREATE TABLE theirs (id INTEGER)")
    path = Path(url.removeprefix("sqlite:///"))
    before = path.read_bytes() if url.startswith("sqlite") else b""
    with pytest.raises(Refusal) as error:
        open_store(url)
    assert refused(error) == ["store.not_ours"]
    assert not url.startswith("sqlite") or path.read_bytes() == before


def test_open_store_of_a_newer_chamdiem_is_refused_and_left_alone(url: str) -> None:
    with open_store(url) as store:
        give(store, "m1", "8")
    by_hand(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refusal) as error:
        open_store(url)
    assert refused(error) == ["store.newer"]
    assert by_hand(url, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert by_hand(url, "SELECT answer FROM mark") == [("8",)]


def test_open_server_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as error:
        open_store(f"postgresql://postgres@/x?host={tmp_path}")
    assert refused(error) == ["store.unreachable"]


@pytest.mark.parametrize("there_already", [True, False])
def test_open_on_a_disk_that_cannot_be_written_is_refused(tmp_path: Path, there_already: bool) -> None:
    with stores.small_disk(tmp_path / "disk") as disk:
        address = f"sqlite:///{disk / 'chamdiem.db'}"
        if there_already:
            with open_store(address) as store:
                give(store, "m1", "8")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(Refusal) as error:
            open_store(address)
        assert refused(error) == ["store.read_only"]


def test_open_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chamdiem.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o444)
    if os.geteuid() == 0:  # root may write everything: ask as somebody else would be answered
        monkeypatch.setattr(
            os, "access", lambda place, mode: not mode & os.W_OK or bool(Path(place).stat().st_mode & 0o200)
        )
    with pytest.raises(Refusal) as error:
        open_store(f"sqlite:///{path}")
    assert refused(error) == ["store.read_only"]


def test_disk_full_is_told_and_writing_resumes_without_reopening(tmp_path: Path) -> None:
    with stores.small_disk(tmp_path / "disk") as disk, open_store(f"sqlite:///{disk / 'chamdiem.db'}") as store:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 1_500_000)
        said: list[str] = []
        saved: dict[str, str] = {}
        for n in range(2000):
            try:
                give(store, f"m{n}", "9" * 2000)
                saved[f"m{n}"] = "9" * 2000
            except Refusal as error:
                said.append(error.problems[0].message.id)
                break
        assert said == ["store.disk_full"]
        assert answers(store) == saved
        ballast.unlink()
        give(store, "after", "10")
        assert answers(store) == {**saved, "after": "10"}
        assert store.head().seq == len(saved) + 1
        assert list(verify(store)) == []


# sentences ------------------------------------------------------------------------------------------------------


def test_every_sentence_of_the_store_is_in_both_languages() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(str(package.__file__)).parent.glob("*.py"))
    ids = set(re.findall(r'"((?:store|verify|journal|backup|rollback)\.[a-z_]+)"', sources))
    ids |= {f"thing.{name}" for name in THINGS}
    assert len(ids) > 40
    for language in LANGUAGES:
        use_language(language)
        assert [name for name in sorted(ids) if not known(name)] == []
