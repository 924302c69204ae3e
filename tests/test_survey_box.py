"""The ballot box: what was answered is kept and counted, and nothing by which anybody could tell who answered it."""

from __future__ import annotations

import json
import math
import random
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

import postgres
import stores
from chamdiem.errors import Refusal
from chamdiem.office import survey_answering, survey_results, surveying
from chamdiem.office.survey_rounds import standings_for
from chamdiem.store import ballot_box, sealing, tables
from chamdiem.store.backup import back_up, logical_hash, restore
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.proof import verify
from chamdiem.store.rollback import roll_back
from chamdiem.surveys.filling import opened
from contest_world import refusal
from stores import by_hand
from survey_world import (
    LINK,
    ORGANISER,
    OTHER,
    PKS,
    ROUND,
    TODAY,
    all_same,
    answer,
    begun,
    choices,
    correlation,
    link_of,
    numbered,
    order_told,
    questionnaire,
    row_of,
)  # fmt: skip

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template
postgres_url = postgres.postgres_url
url = stores.url
store = stores.store
ASKED = questionnaire()


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    made = sealing.new_key()
    monkeypatch.setenv(sealing.SETTING, made)
    return made


def closed(store: Store, n: int = 12, who: str = "nguoi_dan") -> list[str]:
    """A round that so many people have answered, closed; returns the codes they used."""
    codes = begun(store, codes=n)
    for at, code in enumerate(codes):
        answer(store, code, all_same(ASKED, at % 2), who)
    surveying.close_round(store, ORGANISER, ROUND)
    return codes


def every_row(store: Store) -> str:
    """All that the database holds, as text."""
    with store.read() as connection:
        return "\n".join(
            json.dumps(dict(row), ensure_ascii=False, default=str)
            for table in tables.metadata.sorted_tables
            for row in connection.execute(select(table)).mappings()
        )


# one answer -----------------------------------------------------------------------------------------------------


def test_an_answer_lies_sealed_and_the_journal_learns_nothing(store: Store) -> None:
    codes = begun(store, codes=3)
    before = store.head()
    answer(store, codes[0], all_same(ASKED), "doanh_nghiep")
    assert store.head() == before
    everything = every_row(store)
    assert codes[0] not in everything
    beside = "\n".join(line for line in everything.split("\n") if '"body":' not in line and '"seq":' not in line)
    assert "doanh_nghiep" not in beside
    assert "rat_hai_long" not in beside
    assert list(verify(store)) == []


def test_a_ticket_is_used_once_and_politely_refused_the_second_time(store: Store) -> None:
    codes = begun(store, codes=2)
    answer(store, codes[0].lower(), all_same(ASKED))
    assert refusal(lambda: answer(store, codes[0], all_same(ASKED))) == ["survey.already_answered"]
    assert refusal(lambda: answer(store, "XXXXXXXX", {})) == ["survey.unknown_code", *["survey.choose_one"] * 6]
    assert refusal(lambda: answer(store, "", all_same(ASKED))) == ["survey.type_code"]
    assert len(envelopes(store)) == 1


def test_a_code_of_one_unit_is_none_of_another(store: Store) -> None:
    codes = begun(store, codes=1)
    assert refusal(lambda: answer(store, codes[0], all_same(ASKED), round_=OTHER)) == ["survey.unknown_code"]


def test_a_browser_answers_once_in_each_survey(store: Store) -> None:
    begun(store, mode=LINK)
    token = survey_answering.new_token()
    for round_ in (ROUND, OTHER):
        survey = survey_answering.survey_at(store, link_of(store, round_), today=TODAY)
        assert not survey_answering.has_answered(store, survey, token)
        answer(store, token, all_same(ASKED), round_=round_)
        assert survey_answering.has_answered(store, survey, token)
        assert refusal(lambda round_=round_: answer(store, token, all_same(ASKED), round_=round_)) == [
            "survey.already_answered"
        ]
    assert token not in every_row(store)


def test_of_two_who_send_one_code_at_once_one_is_taken(store: Store) -> None:
    code = begun(store, codes=1)[0]

    def send(_: int) -> str:
        try:
            answer(store, code, all_same(ASKED))
        except Refusal as refused:
            return refused.problems[0].message.id
        return "taken"

    with ThreadPoolExecutor(8) as people:
        said = sorted(people.map(send, range(8)))
    assert said == ["survey.already_answered"] * 7 + ["taken"]
    assert len(envelopes(store)) == 1


def test_a_ticket_is_not_used_where_the_envelope_fails(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    code = begun(store, codes=1)[0]

    def fails(*_: str | bytes) -> str:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(ballot_box, "sealed", fails)
        with pytest.raises(ZeroDivisionError):
            answer(store, code, all_same(ASKED))
    assert list(verify(store)) == []
    answer(store, code, all_same(ASKED))


def envelopes(store: Store) -> list[dict[str, str]]:
    with store.read() as connection:
        return [dict(row) for row in connection.execute(select(tables.survey_envelope)).mappings()]


def test_envelopes_are_equally_long_whatever_is_in_them(store: Store) -> None:
    codes, dice = begun(store, codes=12), random.Random(3)
    for code in codes:
        answer(store, code, choices(ASKED, dice), dice.choice(ASKED.classes))
    assert len({len(one["sealed"]) for one in envelopes(store)}) == 1


# closing --------------------------------------------------------------------------------------------------------


def test_closing_is_one_event_with_a_hash_and_leaves_only_answers(store: Store) -> None:
    codes = begun(store, codes=30)
    for at, code in enumerate(codes):
        answer(store, code, all_same(ASKED, at % 3))
    before = store.head()
    found = surveying.close_round(store, ORGANISER, ROUND)
    assert store.head().seq == before.seq + 1
    assert (found.online, found.paper, found.kept) == (30, 0, 30)
    row = row_of(store)
    assert (row["status"], row["online"], row["kept"], row["answers_hash"]) == ("closed", 30, 30, found.hash)
    with store.read() as connection:
        answers = ballot_box.answers_of(connection, ROUND)
        assert ballot_box.digest(answers[::-1], []) == found.hash, "whatever the order"
        left = [
            connection.execute(select(table).where(table.c.round == ROUND)).fetchall()
            for table in (tables.survey_envelope, tables.survey_ticket)
        ]
        assert left == [[], []]
        assert ballot_box.secret_of(connection, ROUND, sealing.key_at_hand(store)) is None
    assert len(answers) == 30
    assert list(verify(store)) == []
    with store.read() as connection:
        event = connection.execute(select(tables.event).order_by(tables.event.c.seq.desc()).limit(1)).one()
    assert (event.action, event.entity, event.row) == ("survey.close", "survey_round", ROUND)


def test_a_closed_box_takes_nothing_and_gives_results(store: Store) -> None:
    codes = closed(store)
    assert refusal(lambda: answer(store, codes[0], all_same(ASKED))) == ["survey.is_over"]
    assert refusal(lambda: surveying.close_round(store, ORGANISER, ROUND)) == ["survey.not_open"]
    assert refusal(lambda: surveying.issue_codes(store, ORGANISER, ROUND, 1)) == ["survey.no_codes_here"]
    found = survey_results.results_for(store, ORGANISER, ROUND)
    assert found.results.everybody is not None
    headline = found.results.everybody.questions["6"]
    assert headline is not None
    assert (headline.valid, headline.options["rat_hai_long"], headline.options["hai_long"]) == (12, 6, 6)


def test_results_are_not_there_before_closing(store: Store) -> None:
    codes = begun(store, codes=6)
    for code in codes:
        answer(store, code, all_same(ASKED))
    assert refusal(lambda: survey_results.results_for(store, ORGANISER, ROUND)) == ["survey.not_closed"]
    assert [one.collected for one in standings_for(store, ORGANISER)] == [6, 0], "but how many have answered"


def test_too_few_answers_are_not_kept_at_all(store: Store) -> None:
    codes = begun(store, codes=4)
    for code in codes:
        answer(store, code, all_same(ASKED, 3))
    assert refusal(lambda: surveying.close_round(store, ORGANISER, ROUND)) == ["survey.too_few_to_close"]
    found = surveying.close_round(store, ORGANISER, ROUND, discard=True)
    assert (found.online, found.kept) == (4, 0)
    with store.read() as connection:
        assert ballot_box.answers_of(connection, ROUND) == []
    results = survey_results.results_for(store, ORGANISER, ROUND)
    assert results.results.everybody is None
    assert "survey.remark_too_few" in [remark.id for remark in results.remarks]
    assert list(verify(store)) == []


def test_the_class_of_one_is_nowhere_once_it_is_closed(store: Store) -> None:
    codes = begun(store, codes=21)
    for code in codes[1:]:
        answer(store, code, all_same(ASKED), "nguoi_dan")
    answer(store, codes[0], all_same(ASKED, 3), "doanh_nghiep")
    surveying.close_round(store, ORGANISER, ROUND)
    with store.read() as connection:
        assert not any("doanh_nghiep" in said for said in ballot_box.answers_of(connection, ROUND))


def test_words_are_kept_apart_from_answers(store: Store, tmp_path: Path) -> None:
    shipped = (Path(__file__).parents[1] / "criteria" / "surveys" / f"{PKS}.yaml").read_text(encoding="utf-8")
    online = tmp_path / f"{PKS}.yaml"
    online.write_text(shipped.replace("{code: y1, title", "{code: y1, online: true, title"), encoding="utf-8")
    codes = begun(store, codes=8, source=online)
    for at, code in enumerate(codes):
        answer(store, code, all_same(ASKED), y1=f"lời thứ {at}" if at % 2 else "")
    found = surveying.close_round(store, ORGANISER, ROUND)
    with store.read() as connection:
        notes, answers = ballot_box.notes_of(connection, ROUND), ballot_box.answers_of(connection, ROUND)
        keys = [
            connection.execute(select(table.c.id)).scalars().all()
            for table in (tables.survey_note, tables.survey_answer)
        ]
    assert notes == [("y1", f"lời thứ {at}") for at in (1, 3, 5, 7)]
    assert not any("lời" in said for said in answers)
    assert not set(keys[0]) & set(keys[1])
    assert found.hash == ballot_box.digest(answers, notes)


def test_words_are_not_taken_where_the_questionnaire_does_not_ask_for_them_online(store: Store) -> None:
    codes = begun(store, codes=5)
    for code in codes:
        answer(store, code, all_same(ASKED), y1="tôi tên là An")
    surveying.close_round(store, ORGANISER, ROUND)
    with store.read() as connection:
        assert ballot_box.notes_of(connection, ROUND) == []


# who owns the database ------------------------------------------------------------------------------------------


def test_nothing_in_the_box_tells_the_order_in_which_people_answered(store: Store, url: str) -> None:
    codes, dice = begun(store, codes=200), random.Random(8)
    said = numbered(ASKED, dice.sample(range(5**6), 200))
    for code, one in zip(codes, said, strict=True):
        answer(store, code, one, "nguoi_dan")
    surveying.close_round(store, ORGANISER, ROUND)
    assert order_told(store, url, said) == []


def test_envelopes_lie_in_no_order_while_they_wait(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'chamdiem.db'}") as store:
        codes, said = begun(store, codes=120), numbered(ASKED, range(120))
        for code, one in zip(codes, said, strict=True):
            answer(store, code, one)
        with store.read() as connection:
            secret = ballot_box.secret_of(connection, ROUND, sealing.key_at_hand(store))
            assert secret is not None
            rows = connection.exec_driver_sql("SELECT sealed FROM survey_envelope").scalars().all()
            found = [opened(str(sealing.opened(row, ROUND, secret))).choices for row in rows]
        assert abs(correlation([said.index(dict(one)) for one in found], range(120))) * math.sqrt(120) < 5


def test_the_file_holds_nothing_of_tickets_and_envelopes_once_it_is_closed(tmp_path: Path) -> None:
    place = tmp_path / "chamdiem.db"
    with open_store(f"sqlite:///{place}") as store:
        codes = begun(store, codes=40)
        for code in codes:
            answer(store, code, all_same(ASKED))
        with store.read() as connection:
            secret = ballot_box.secret_of(connection, ROUND, sealing.key_at_hand(store))
            assert secret is not None
            sealed = [connection.execute(select(tables.survey_secret.c.secret)).scalars().first()]
            gone = [one["id"] for one in envelopes(store)] + [ballot_box.ticket_id(secret, code) for code in codes]
        gone += [one["sealed"][:60] for one in envelopes(store)] + [str(one)[:60] for one in sealed]
        surveying.close_round(store, ORGANISER, ROUND)
        surveying.close_round(store, ORGANISER, OTHER, discard=True)
        files = [one.read_bytes() for one in tmp_path.glob("chamdiem.db*")]
        assert not [one for one in gone for content in files if one.encode() in content]


EDITS = (
    "UPDATE survey_answer SET answer = 'x'",
    "DELETE FROM survey_answer",
    "INSERT INTO survey_answer (id, round, answer) SELECT 'a', round, answer FROM survey_answer LIMIT 1",
    "UPDATE survey_note SET words = 'x'",
    "DELETE FROM survey_note",
    f"INSERT INTO survey_envelope (id, round, sealed) VALUES ('a', '{ROUND}', 'x')",
    f"INSERT INTO survey_ticket (id, round, used) VALUES ('a', '{ROUND}', 1)",
)


def test_the_database_itself_refuses_to_change_a_box(store: Store, url: str) -> None:
    closed(store)
    keep = f"INSERT INTO survey_note (id, round, question, words) VALUES ('n', '{OTHER}', 'y1', 'a')"
    by_hand(url, keep)
    for statement in EDITS:
        with pytest.raises(DBAPIError, match=r"never changed|is closed"):
            by_hand(url, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE survey_envelope SET sealed = 'x'",
        "DELETE FROM survey_envelope",
        "DELETE FROM survey_ticket",
        "UPDATE survey_ticket SET used = 0 WHERE used = 1",
        "UPDATE survey_ticket SET round = 'other' WHERE used = 0",
        "UPDATE survey_ticket SET id = 'mine' WHERE used = 0",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_collected(store: Store, url: str, statement: str) -> None:
    answer(store, begun(store, codes=3)[0], all_same(ASKED))
    with pytest.raises(DBAPIError, match=r"never changed|not closed"):
        by_hand(url, statement)


def test_nothing_is_replaced_on_sqlite(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'chamdiem.db'}"
    with open_store(address) as store:
        closed(store)
        for table, row in (("survey_answer", "'x'"),):
            with pytest.raises(DBAPIError, match="never changed"):
                by_hand(address, f"INSERT OR REPLACE INTO {table} SELECT id, 'other', {row} FROM {table} LIMIT 1")


def test_nothing_is_truncated_on_postgresql(postgres_url: str) -> None:
    with open_store(postgres_url) as store:
        closed(store)
    for table in ("survey_answer", "survey_note", "survey_envelope", "survey_ticket"):
        with pytest.raises(DBAPIError, match="never changed"):
            by_hand(postgres_url, f"TRUNCATE {table}")


GONE = {
    "sqlite": [
        *(f"DROP TRIGGER survey_answer_{name}" for name in ("no_update", "no_delete", "no_replace", "closed")),
        "DROP TRIGGER survey_envelope_no_delete",
    ],
    "postgresql": [
        "DROP TRIGGER survey_answer_no_edit ON survey_answer",
        "DROP TRIGGER survey_answer_closed ON survey_answer",
        "DROP TRIGGER survey_envelope_no_delete ON survey_envelope",
    ],
}
FORGED = (
    "UPDATE survey_answer SET answer = replace(answer, 'khong_hai_long', 'rat_hai_long')",
    "DELETE FROM survey_answer WHERE id = (SELECT min(id) FROM survey_answer)",
    "INSERT INTO survey_answer (id, round, answer) SELECT 'a', round, answer FROM survey_answer LIMIT 1",
)


@pytest.mark.parametrize("statement", FORGED)
def test_a_box_that_was_changed_by_hand_is_found(store: Store, url: str, statement: str) -> None:
    codes = begun(store, codes=12)
    for at, code in enumerate(codes):
        answer(store, code, all_same(ASKED, at % 4))
    surveying.close_round(store, ORGANISER, ROUND)
    kind = url.partition("+")[0].partition(":")[0]
    by_hand(url, *GONE[kind], statement)
    assert [one.id for one in verify(store)] == ["verify.box_changed"]


def test_an_envelope_that_was_taken_away_is_missed(store: Store, url: str) -> None:
    for code in begun(store, codes=6):
        answer(store, code, all_same(ASKED))
    kind = url.partition("+")[0].partition(":")[0]
    by_hand(url, *GONE[kind], "DELETE FROM survey_envelope WHERE id = (SELECT min(id) FROM survey_envelope)")
    assert [one.id for one in verify(store)] == ["verify.box_count"]


# keys, copies, ways back ----------------------------------------------------------------------------------------


def test_without_the_key_nothing_opens_and_nothing_is_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    codes = begun(store, codes=6)
    for code in codes[:5]:
        answer(store, code, all_same(ASKED))
    monkeypatch.setenv(sealing.SETTING, sealing.new_key())
    assert refusal(lambda: surveying.close_round(store, ORGANISER, ROUND)) == ["survey.box_locked"]
    assert refusal(lambda: answer(store, codes[5], all_same(ASKED))) == ["survey.box_locked"]
    monkeypatch.setenv(sealing.SETTING, key)
    answer(store, codes[5], all_same(ASKED))
    assert surveying.close_round(store, ORGANISER, ROUND).kept == 6


def test_a_backup_of_an_open_survey_tells_nothing_and_goes_on(store: Store, tmp_path: Path) -> None:
    codes = begun(store, codes=8)
    for code in codes[:5]:
        answer(store, code, all_same(ASKED, 3), "to_chuc")
    with store.read() as connection:
        whole = logical_hash(connection)
    back_up(store, {}, tmp_path / "a.tar.gz")
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        for name in ("envelope", "ticket", "secret", "answer", "paper"):
            part = tar.extractfile(f"tables/survey_{name}.jsonl")
            assert part is not None
            kept = part.read().decode()
            assert "hai_long" not in kept
            assert "to_chuc" not in kept
    with restore(tmp_path / "a.tar.gz", f"sqlite:///{tmp_path / 'b.db'}", tmp_path / "files") as again:
        with again.read() as connection:
            assert logical_hash(connection) == whole
        assert refusal(lambda: answer(again, codes[0], all_same(ASKED))) == ["survey.already_answered"]
        answer(again, codes[5], all_same(ASKED))
        assert surveying.close_round(again, ORGANISER, ROUND).kept == 6
        assert list(verify(again)) == []


def test_a_backup_of_a_closed_survey_is_restored_with_its_box(store: Store, tmp_path: Path) -> None:
    closed(store)
    back_up(store, {}, tmp_path / "a.tar.gz")
    with restore(tmp_path / "a.tar.gz", f"sqlite:///{tmp_path / 'b.db'}", tmp_path / "files") as again:
        assert list(verify(again)) == []
        assert survey_results.results_for(again, ORGANISER, ROUND).results.forms == 12


def test_going_back_does_not_open_a_box_again(store: Store) -> None:
    begin = store.head().seq
    closed(store)
    roll_back(store, begin, actor="system", reason="thử")
    assert row_of(store)["status"] == "closed"
    assert list(verify(store)) == []


def test_a_fault_that_is_reported_holds_no_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    code = begun(store, codes=1)[0]
    with store.read() as connection:
        secret = ballot_box.secret_of(connection, ROUND, sealing.key_at_hand(store))
    assert secret is not None
    ticket = ballot_box.ticket_id(secret, code)

    def spoil(transaction: Transaction) -> None:
        wrong = text("INSERT INTO survey_ticket (id, round, used) VALUES (:id, NULL, 1)")
        transaction.connection.execute(wrong, {"id": ticket})

    with pytest.raises(DBAPIError) as failed:
        store.write(Order("", "survey.answer"), spoil)
    assert "parameters hidden" in str(failed.value)
    assert "parameters: {" not in str(failed.value)


def test_postgresql_is_swept_once_it_is_closed(postgres_url: str) -> None:
    with open_store(postgres_url) as store:
        closed(store)
        surveying.close_round(store, ORGANISER, OTHER, discard=True)
    for table in ("survey_envelope", "survey_ticket", "survey_secret"):
        assert by_hand(postgres_url, f"SELECT pg_relation_size('{table}')") == [(0,)]
