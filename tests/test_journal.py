"""The journal: every field counts, nobody edits the past by SQL, and what is said of a person can be forgotten."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

import postgres
import stores
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction, recorded
from chamdiem.store.journal import DOMAIN, EMPTY, Event, Fault, Head, canonical, faults, link, spelled
from chamdiem.store.proof import history, verify
from chamdiem.store.tables import credential, event, mark, person
from stores import by_hand, give, order

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template
url = stores.url
store = stores.store

fields = st.lists(st.none() | st.text(max_size=6) | st.integers(0, 10**6), min_size=1, max_size=6)


# hashes ---------------------------------------------------------------------------------------------------------


@given(fields, fields)
def test_link_differs_when_any_field_differs(one: list[object], other: list[object]) -> None:
    same = [None if field is None else str(field) for field in one] == [
        None if field is None else str(field) for field in other
    ]
    assert (link(one) == link(other)) == same


@given(st.text(), st.text())
def test_link_tells_where_a_field_ends(one: str, other: str) -> None:
    assert link([one + other, ""]) != link([one, other]) or not other


def test_link_is_sha256_of_lengths_and_fields_as_written_down() -> None:
    said = DOMAIN + "1:73:Hoà-0:1100:".encode() + b"x" * 1100
    assert link([7, "Hoà", None, "", "x" * 1100]) == hashlib.sha256(said).hexdigest()


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers()))
def test_canonical_reads_back_and_does_not_know_the_order(values: dict[str, object]) -> None:
    assert json.loads(canonical(values)) == values
    assert canonical(dict(reversed(values.items()))) == canonical(values)


def test_canonical_keeps_letters_and_no_spaces() -> None:
    assert canonical({"b": 1, "a": "Hoà \u2028"}) == '{"a":"Hoà \u2028","b":1}'


def chain(length: int) -> list[Event]:
    """A chain of events as the door would write it."""
    found: list[Event] = []
    for seq in range(1, length + 1):
        said = (seq, "t", "lan", "mark.put", "c", "mark", f"m{seq}", None, "{}", "", "", "")
        previous = found[-1].hash if found else EMPTY.hash
        found.append(Event(*said, previous, link((*said, previous))))
    return found


def test_faults_of_a_whole_chain_are_none_and_the_head_is_told() -> None:
    events = chain(5)
    assert list(faults(events)) == [Head(5, events[-1].hash)]
    assert list(faults([])) == [EMPTY]


def test_faults_may_begin_at_a_head_that_is_trusted() -> None:
    events = chain(5)
    assert list(faults(events[3:], Head(3, events[2].hash))) == [Head(5, events[-1].hash)]


@pytest.mark.parametrize("name", Event._fields[1:])
def test_faults_name_the_event_whose_field_was_changed(name: str) -> None:
    events = chain(5)
    events[2] = events[2]._replace(**{name: "forged"})
    assert {found.seq for found in faults(events) if isinstance(found, Fault)} & {3}


def test_faults_name_what_is_missing_and_what_was_moved() -> None:
    events = chain(5)
    assert Fault(3, "journal.gap") in list(faults(events[:2] + events[3:]))
    swapped = [*events[:2], events[3]._replace(seq=3), events[2]._replace(seq=4), events[4]]
    assert {found.seq for found in faults(swapped) if isinstance(found, Fault)} >= {3, 4}


def test_head_spelled_has_number_and_twelve_groups() -> None:
    number, groups = spelled(Head(12, "0123456789abcdef" * 4)).split(" · ")
    assert (number, len(groups.split(" "))) == ("12", 12)


# events in the database -----------------------------------------------------------------------------------------


def test_event_says_who_did_what_why_and_what_stood_there(store: Store) -> None:
    give(store, "m1", "8")
    give(store, "m1", "9", actor="hoa", key="k1")
    with store.read() as connection:
        first, second = history(connection, "mark", "m1")
    assert (second.actor, second.action, second.contest, second.reason) == ("hoa", "mark.put", "c", "chấm")
    assert (second.criteria, second.command, second.previous) == ("a" * 64, "k1", first.hash)
    assert (first.before, second.before) == (None, first.after)
    assert json.loads(str(second.after))["answer"] == "9"


def test_events_are_numbered_without_a_gap_and_linked(store: Store) -> None:
    def several(transaction: Transaction) -> None:
        for row in range(3):
            transaction.put(mark, f"m{row}", {"answer": "1"})
        transaction.tell("export", "xlsx")

    for _ in range(3):
        store.write(order(), several)
    give(store, "m9", "1")
    with store.read() as connection:
        events = [Event(*row) for row in connection.execute(select(event).order_by(event.c.seq))]
    assert [found.seq for found in events] == list(range(1, 8))
    assert all(later.previous == earlier.hash for earlier, later in pairwise(events))
    assert store.head() == Head(events[-1].seq, events[-1].hash)


def test_row_equals_what_its_last_event_says(store: Store) -> None:
    give(store, "m1", "8")
    give(store, "m1", "9")
    with store.read() as connection:
        row = connection.execute(select(mark)).mappings().one()
        assert recorded(mark, dict(row)) == history(connection, "mark", "m1")[-1].after


EDITS = {
    "both": (
        "UPDATE event SET actor = 'x'",
        "UPDATE event SET actor = 'x' WHERE seq = 2",
        "DELETE FROM event",
        "DELETE FROM event WHERE seq = 2",
        "INSERT INTO event (seq, hash) VALUES (2, 'x') ON CONFLICT (seq) DO UPDATE SET hash = 'x'",
    ),
    "sqlite": ("INSERT OR REPLACE INTO event (seq, hash) VALUES (2, 'x')", "REPLACE INTO event (seq) VALUES (2)"),
    "postgresql": ("TRUNCATE event", "TRUNCATE event CASCADE"),
}


def test_events_cannot_be_edited_by_sql(store: Store, url: str) -> None:
    give(store, "m1", "8")
    give(store, "m1", "9")
    give(store, "m1", "10")
    before = by_hand(url, "SELECT * FROM event")
    for statement in EDITS["both"] + EDITS["sqlite" if store.is_sqlite else "postgresql"]:
        with pytest.raises(DBAPIError, match="events are never changed"):
            by_hand(url, statement)
    assert by_hand(url, "SELECT * FROM event") == before


# persons --------------------------------------------------------------------------------------------------------


def everything(url: str, tmp_path: Path) -> str:
    """All that the journal holds, as one text."""
    return str(by_hand(url, "SELECT * FROM event"))


def test_journal_holds_only_digests_of_private_rows(store: Store, url: str, tmp_path: Path) -> None:
    secrets = {"login": "nguyenthilan", "name": "Nguyễn Thị Lan", "contact": "0912345678"}
    store.write(order(), lambda transaction: transaction.put(person, "p1", secrets))
    store.write(order(), lambda transaction: transaction.put(credential, "p1", {"password": "$argon2id$x"}))
    store.write(order(), lambda transaction: transaction.put(person, "p1", {"contact": "0987654321"}))
    said = everything(url, tmp_path)
    assert [secret for secret in (*secrets.values(), "$argon2id$x", "0987654321") if secret in said] == []
    (salt,) = by_hand(url, "SELECT salt FROM person")[0]
    assert len(str(salt)) == 32
    assert str(salt) not in said
    assert list(verify(store)) == []


def test_every_table_about_persons_is_private() -> None:
    assert {name for name, table in tables.THINGS.items() if table.info["private"]} >= {"person", "credential"}


def test_salt_is_new_with_each_change(store: Store, url: str) -> None:
    store.write(order(), lambda transaction: transaction.put(person, "p1", {"name": "Lan"}))
    first = by_hand(url, "SELECT salt FROM person")
    store.write(order(), lambda transaction: transaction.put(person, "p1", {"name": ""}))
    assert by_hand(url, "SELECT salt FROM person") != first


def test_forgetting_a_person_keeps_the_chain_whole(store: Store, url: str, tmp_path: Path) -> None:
    values = {"login": "lan", "name": "Nguyễn Thị Lan"}
    store.write(order(), lambda transaction: transaction.put(person, "p1", values))
    give(store, "m1", "8", actor="p1")
    head = store.head()
    store.write(order(), lambda transaction: transaction.drop(person, "p1"))
    assert by_hand(url, "SELECT * FROM person") == []
    assert list(verify(store)) == []
    assert store.head().seq == head.seq + 1
