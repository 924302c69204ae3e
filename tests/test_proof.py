"""Verifying and going back: every kind of tampering is found and named, and any moment can be brought back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import postgres
import stores
from chamdiem.errors import Message, Refusal
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Transaction
from chamdiem.store.journal import EMPTY, Event, link
from chamdiem.store.proof import history, missing_since, read_heads, save_head, values_of, verify
from chamdiem.store.rollback import roll_back
from chamdiem.store.tables import THINGS, account, contest, event, grant, mark, person, unit
from chamdiem.words import say
from stores import answers, by_hand, give, order, refused, with_triggers_gone

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template
url = stores.url
store = stores.store


@pytest.fixture
def judged(store: Store) -> Store:
    """A store with six events: four marks, two of them corrected."""
    for row, answer in (("m1", "8"), ("m2", "7"), ("m1", "9"), ("m3", "5"), ("m2", "6"), ("m4", "10")):
        give(store, row, answer)
    return store


def events_at_fault(found: list[Message]) -> set[object]:
    return {sentence.values["seq"] for sentence in found if sentence.id == "verify.event"}


def ids(found: list[Message]) -> list[str]:
    return [sentence.id for sentence in found]


# verify ---------------------------------------------------------------------------------------------------------


def test_verify_of_an_untouched_store_finds_nothing(judged: Store) -> None:
    seen: list[int] = []
    assert list(verify(judged, progress=seen.append)) == []
    assert seen == [6]


def test_verify_of_an_empty_store_finds_nothing(store: Store) -> None:
    assert list(verify(store)) == []


TAMPERINGS = {
    "value": "UPDATE event SET after = replace(after, '9', '10') WHERE seq = 3",
    "before": "UPDATE event SET before = NULL WHERE seq = 3",
    "actor": "UPDATE event SET actor = 'hoa' WHERE seq = 3",
    "time": "UPDATE event SET at = '2026-01-01T00:00:00.000000+00:00' WHERE seq = 3",
    "reason": "UPDATE event SET reason = '' WHERE seq = 3",
    "criteria": "UPDATE event SET criteria = '' WHERE seq = 3",
    "command": "UPDATE event SET command = 'k' WHERE seq = 3",
    "previous": "UPDATE event SET previous = hash WHERE seq = 3",
    "hash": "UPDATE event SET hash = previous WHERE seq = 3",
    "delete": "DELETE FROM event WHERE seq = 3",
}


@pytest.mark.parametrize("statement", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_verify_names_the_event_that_was_changed(judged: Store, url: str, statement: str) -> None:
    with_triggers_gone(url, statement)
    found = list(verify(judged))
    assert 3 in events_at_fault(found)
    assert events_at_fault(found) <= {3, 4}, "an event, and at most the one that hangs on it"
    assert all("{" not in say(sentence) for sentence in found)


def test_verify_finds_two_events_swapped(judged: Store, url: str) -> None:
    with_triggers_gone(
        url,
        "UPDATE event SET seq = 99 WHERE seq = 3",
        "UPDATE event SET seq = 3 WHERE seq = 4",
        "UPDATE event SET seq = 4 WHERE seq = 99",
    )
    assert events_at_fault(list(verify(judged))) >= {3, 4}


def test_verify_finds_an_event_put_in_at_the_end(judged: Store, url: str) -> None:
    by_hand(url, "INSERT INTO event (seq, previous, hash) SELECT 7, hash, 'x' FROM event WHERE seq = 6")
    assert events_at_fault(list(verify(judged))) == {7}


def test_verify_finds_an_event_put_in_the_middle(judged: Store, url: str) -> None:
    with_triggers_gone(
        url,
        *(f"UPDATE event SET seq = {seq + 1} WHERE seq = {seq}" for seq in (6, 5, 4)),
        "INSERT INTO event (seq, previous, hash) SELECT 4, hash, 'x' FROM event WHERE seq = 3",
    )
    assert events_at_fault(list(verify(judged))) >= {4, 5}


def test_verify_finds_a_first_event_taken_away(judged: Store, url: str) -> None:
    with_triggers_gone(url, "DELETE FROM event WHERE seq = 1")
    assert 1 in events_at_fault(list(verify(judged)))


def test_verify_finds_a_row_changed_past_the_door(judged: Store, url: str) -> None:
    by_hand(url, "UPDATE mark SET answer = '10' WHERE id = 'm2'")
    (found,) = verify(judged)
    assert (found.id, found.values["id"]) == ("verify.row_changed", "m2")
    assert "m2" in say(found)


def test_verify_finds_a_version_changed_past_the_door(judged: Store, url: str) -> None:
    by_hand(url, "UPDATE mark SET version = 1 WHERE id = 'm2'")
    assert ids(list(verify(judged))) == ["verify.row_changed"]


def test_verify_finds_a_row_put_in_past_the_door(judged: Store, url: str) -> None:
    by_hand(url, "INSERT INTO mark (id, version, answer) VALUES ('m9', 1, '10')")
    (found,) = verify(judged)
    assert (found.id, found.values["id"]) == ("verify.row_unknown", "m9")


def test_verify_finds_a_row_removed_past_the_door(judged: Store, url: str) -> None:
    by_hand(url, "DELETE FROM mark WHERE id = 'm3'")
    (found,) = verify(judged)
    assert (found.id, found.values["id"]) == ("verify.row_gone", "m3")


def test_verify_finds_a_person_changed_past_the_door(store: Store, url: str) -> None:
    store.write(order(), lambda transaction: transaction.put(person, "p1", {"name": "Lan"}))
    by_hand(url, "UPDATE person SET name = 'Hoa'")
    assert ids(list(verify(store))) == ["verify.row_changed"]


def test_verify_finds_bytes_where_a_text_belongs(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'chamdiem.db'}"
    with open_store(address) as store:
        give(store, "m1", "8")
        by_hand(address, "UPDATE mark SET answer = x'00ff'")
        assert ids(list(verify(store))) == ["verify.row_changed"]


def test_verify_of_a_damaged_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "chamdiem.db"
    with open_store(f"sqlite:///{path}") as store:
        for row in range(200):
            give(store, f"m{row}", "8")
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18])
    for page in range(size * 40, len(content) - size, size):
        content[page : page + 64] = b"\xff" * 64
    path.write_bytes(content)
    with pytest.raises(Refusal) as error, open_store(f"sqlite:///{path}") as store:  # noqa: PT012 - either may notice
        said = ids(list(verify(store)))
        assert "store.damaged" in said
        raise Refusal(())
    assert refused(error) in ([], ["store.damaged"])


def test_verify_leaves_rows_alone_that_were_only_told_of(store: Store) -> None:
    def export(transaction: Transaction) -> None:
        transaction.put(contest, "c", {"title": "Dân vận khéo"})
        transaction.tell("contest", "c")

    store.write(order(), export)
    assert list(verify(store)) == []


# heads that left the machine ------------------------------------------------------------------------------------


def test_saved_heads_of_an_untouched_store_are_met(judged: Store, tmp_path: Path) -> None:
    heads = tmp_path / "chain-heads.txt"
    save_head(judged, heads, "chốt đợt 1")
    give(judged, "m5", "1")
    save_head(judged, heads, "công bố")
    assert list(read_heads(heads)) == [6, 7]
    assert list(verify(judged, heads)) == []


def test_end_that_was_cut_off_is_found_with_a_saved_head_only(judged: Store, url: str, tmp_path: Path) -> None:
    heads = tmp_path / "chain-heads.txt"
    save_head(judged, heads, "chốt")
    with_triggers_gone(url, "DELETE FROM event WHERE seq > 5", "DELETE FROM mark WHERE id = 'm4'")
    assert list(verify(judged)) == []
    (found,) = verify(judged, heads)
    assert (found.id, found.values) == ("verify.cut", {"seq": 6, "last": 5, "n": 1})
    assert missing_since(judged.head(), heads) == 1
    assert "khôi phục" in say(found), "an older backup looks the same"


def rewrite(store: Store, url: str) -> None:
    """Write the whole chain anew from the third event on, as the owner of the machine can: every hash is right."""
    with store.read() as connection:
        events = [Event(*row) for row in connection.execute(select(event).order_by(event.c.seq))]
    events[2] = events[2]._replace(after=str(events[2].after).replace('"9"', '"10"'))
    previous, statements = EMPTY.hash, []
    for found in events:
        said = found._replace(previous=previous)
        previous = link(said[:-1])
        quoted = str(said.after).replace("'", "''").replace(":", "\\:")
        statements.append(
            f"UPDATE event SET after = '{quoted}', previous = '{said.previous}', hash = '{previous}' WHERE seq = {said.seq}"
        )
    with_triggers_gone(url, *statements, "UPDATE mark SET answer = '10' WHERE id = 'm1'")


def test_chain_written_anew_is_found_with_a_saved_head_only(judged: Store, url: str, tmp_path: Path) -> None:
    heads = tmp_path / "chain-heads.txt"
    save_head(judged, heads, "chốt")
    rewrite(judged, url)
    assert list(verify(judged)) == []
    (found,) = verify(judged, heads)
    assert (found.id, found.values["seq"]) == ("verify.rewritten", 6)


def test_saved_head_of_two_that_contradict_is_the_earlier(tmp_path: Path) -> None:
    heads, first, other = tmp_path / "chain-heads.txt", "a" * 64, "b" * 64
    heads.write_text(f"# mốc\n\n6 {first} chốt\n6 {other} sau đó\n7 {other}\n", encoding="utf-8")
    assert read_heads(heads) == {6: first, 7: other}


BAD_HEADS = [(None, "verify.no_heads"), ("lời nói\n", "verify.bad_head"), ("6 aaa\n", "verify.bad_head")]


@pytest.mark.parametrize(("content", "id"), BAD_HEADS)
def test_heads_that_cannot_be_read_do_not_pass_for_all_is_well(tmp_path: Path, content: str | None, id: str) -> None:  # noqa: A002
    heads = tmp_path / "chain-heads.txt"
    if content is not None:
        heads.write_text(content, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        read_heads(heads)
    assert [problem.message.id for problem in refused.value.problems] == [id]


# going back -----------------------------------------------------------------------------------------------------


def everything(store: Store) -> dict[str, list[dict[str, object]]]:
    """Every row of every table that is not private, without its version: versions only ever grow."""
    with store.read() as connection:
        return {
            name: [
                {key: value for key, value in row.items() if key != "version"}
                for row in connection.execute(select(table).order_by(table.c.id)).mappings()
            ]
            for name, table in THINGS.items()
            if not table.info["private"]
        }


def test_roll_back_restores_the_rows_and_tells_it_in_the_journal(judged: Store) -> None:
    assert roll_back(judged, 2, actor="hoa", reason="nhập nhầm") == 4
    assert answers(judged) == {"m1": "8", "m2": "7"}
    with judged.read() as connection:
        *_, last = history(connection, "mark", "m1")
    assert (last.actor, last.action, last.reason) == ("hoa", "store.rollback", "nhập nhầm (→ 2)")
    assert judged.head().seq == 10
    assert list(verify(judged)) == []


def test_roll_back_to_the_end_changes_nothing(judged: Store) -> None:
    assert roll_back(judged, 6, actor="hoa", reason="thử") == 0
    assert judged.head().seq == 6


def test_roll_back_can_be_rolled_back(judged: Store) -> None:
    before = everything(judged)
    roll_back(judged, 0, actor="hoa", reason="nhầm")
    assert answers(judged) == {}
    roll_back(judged, 6, actor="hoa", reason="nhầm nữa")
    assert everything(judged) == before


@pytest.mark.parametrize(("to", "reason", "said"), [(-1, "x", "no_event"), (7, "x", "no_event"), (2, " ", "no_reason")])
def test_roll_back_to_nowhere_or_without_reason_is_refused(judged: Store, to: int, reason: str, said: str) -> None:
    with pytest.raises(Refusal) as error:
        roll_back(judged, to, actor="hoa", reason=reason)
    assert refused(error) == [f"rollback.{said}"]
    assert judged.head().seq == 6


def test_roll_back_leaves_persons_as_they_are(store: Store) -> None:
    store.write(order(), lambda transaction: transaction.put(person, "p1", {"name": "Lan"}))
    give(store, "m1", "8")
    store.write(order(), lambda transaction: transaction.put(person, "p1", {"name": "Hoa"}))
    roll_back(store, 1, actor="hoa", reason="nhầm")
    with store.read() as connection:
        assert connection.execute(select(person.c.name)).scalars().all() == ["Hoa"]
    assert list(verify(store)) == []


def test_roll_back_lets_nobody_in_again_who_was_shut_out(store: Store) -> None:
    role = {"account": "a1", "role": "judge", "contest": "c"}
    store.write(order(), lambda transaction: transaction.put(account, "a1", {"status": "active"}))
    store.write(order(), lambda transaction: transaction.put(grant, "a1/judge/c/", role))
    give(store, "m1", "8")
    store.write(order(), lambda transaction: transaction.put(account, "a1", {"status": "closed"}))
    store.write(order(), lambda transaction: transaction.drop(grant, "a1/judge/c/"))
    assert roll_back(store, 2, actor="hoa", reason="nhầm") == 1  # the mark alone
    with store.read() as connection:
        assert connection.execute(select(account.c.status)).scalars().all() == ["closed"]
        assert connection.execute(select(grant.c.id)).scalars().all() == []
    assert list(verify(store)) == []


def test_roll_back_keeps_rows_that_were_only_told_of(store: Store) -> None:
    store.write(order(), lambda transaction: transaction.put(contest, "c", {"title": "Dân vận khéo"}))
    store.write(order(), lambda transaction: transaction.tell("contest", "c"))
    store.write(order(), lambda transaction: transaction.tell("export", "xlsx"))
    store.write(order(), lambda transaction: transaction.put(contest, "c", {"title": "Khác"}))
    store.write(order(), lambda transaction: transaction.tell("contest", "c"))
    roll_back(store, 3, actor="hoa", reason="nhầm")
    assert [row["title"] for row in everything(store)["contest"]] == ["Dân vận khéo"]


Step = tuple[str, str, str]
steps = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["put", "put", "drop", "tell"]), st.sampled_from("abcd"), st.sampled_from("123")),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=8,
)


def doing(part: list[Step]) -> Callable[[Transaction], None]:
    """A command that takes these steps, on marks and on units."""

    def work(transaction: Transaction) -> None:
        for verb, row, value in part:
            table, column = (mark, "answer") if row in "ab" else (unit, "name")
            if verb == "put":
                transaction.put(table, row, {column: value})
            elif verb == "drop":
                transaction.drop(table, row)
            else:
                transaction.tell(table.name, row)

    return work


def remembered(store: Store, commands: list[list[Step]], back: int) -> None:
    """Live through a history, go back to a moment of it, and find everything as it was then."""
    start = store.head().seq
    states = {start: everything(store)}
    for part in commands:
        store.write(order(), doing(part))
        states[store.head().seq] = everything(store)
    moment = sorted(states)[back % len(states)]
    end = store.head().seq
    undone = roll_back(store, moment, actor="hoa", reason="thử")
    assert everything(store) == states[moment]
    assert store.head().seq == end + undone
    assert list(verify(store)) == []


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(commands=steps, back=st.integers(0, 100))
def test_roll_back_restores_any_moment_of_any_history(store: Store, commands: list[list[Step]], back: int) -> None:
    remembered(store, commands, back)


def test_values_of_an_event_are_the_whole_row(store: Store) -> None:
    give(store, "m1", "8")
    with store.read() as connection:
        row = dict(connection.execute(select(mark)).mappings().one())
        assert values_of(history(connection, "mark", "m1")[0].after) == row
    assert values_of(None) is None
