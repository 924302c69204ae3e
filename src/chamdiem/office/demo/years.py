"""All four made-up years in the store: each is made whole, in one transaction, and from then on stays as people left it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from chamdiem.contest.accounts import account_id, actor_of, give_role
from chamdiem.contest.credentials import Password
from chamdiem.contest.permissions import SYSTEM, Actor
from chamdiem.contest.record import rows
from chamdiem.contest.signing_in import kept
from chamdiem.contest.totp import Keys
from chamdiem.contest.units import import_registry
from chamdiem.office.closing import close_programme
from chamdiem.office.demo import asked, diary, judged
from chamdiem.office.demo.asked import Askers
from chamdiem.office.demo.story import Person, Story, stories, unit_files
from chamdiem.office.report_rows import owed_for
from chamdiem.store import ballot_box, tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.sealing import key_for_sealing
from chamdiem.store.together import Together

CHECKS = Person(login="mau-phuctra", name="Người phúc tra phiếu khảo sát (mẫu)")


def make(store: Store, *, today: date) -> None:
    """Make every year that is not there yet, with its units and people. A programme of that name stays as it is."""
    with store.read() as connection:
        there = {row["id"] for row in rows(connection, tables.programme)}
    if not (wanted := [story for story in stories() if story.id not in there]):
        return
    import_registry(store, SYSTEM, unit_files())
    key_for_sealing(store)  # lies in a file beside the store: made before, not within, what may be taken back
    for story in wanted:
        _made(store, story, today)
    ballot_box.sweep(store)


def _made(store: Store, story: Story, today: date) -> None:
    def whole(transaction: Transaction) -> None:
        _play(Together(store, transaction), story, today)

    store.write(Order(SYSTEM.account, "programme.begin", story.id, judged.TOLD), whole)


def _play(store: Store, story: Story, today: date) -> None:
    diary.begin(store, story)
    actors = _people(store, story)
    askers = Askers(actors[""], _checker(store))
    diary.play(diary.Play(store, story, actors))
    for survey in story.surveys:
        asked.ask(store, askers, story.id, survey, today=today)
    judged.judge(store, story)
    for person in story.people:
        _judging_roles(store, story, person)
    if story.closed:
        close_programme(store, actors[""], story.id, story.closed, today=today)


def _checker(store: Store) -> Actor:
    """Who re-checks paper forms in every programme."""
    if (found := _actor(store, CHECKS)) is not None:
        return found
    _account(store, CHECKS)
    give_role(store, SYSTEM, CHECKS.login, "committee_reviewer")
    return _acting(store, CHECKS)


def _account(store: Store, person: Person) -> None:
    """An account with a first password that is nobody's: he is signed in by a click alone, in a demo."""
    nobodys = kept(Keys(Password("", datetime.now(UTC), first=True)))

    def begin(transaction: Transaction) -> None:
        key = secrets.token_hex(8)
        transaction.put(tables.account, key, {"status": "active"}, expected=0)
        transaction.put(tables.person, key, {"login": person.login, "name": person.name})
        transaction.put(tables.credential, key, nobodys)

    store.write(Order(SYSTEM.account, "account.create"), begin)


def _people(store: Store, story: Story) -> dict[str, Actor]:
    """Accounts with their roles in the programme; by the member for whom each acts, "" for the leading office."""
    found: dict[str, Actor] = {}
    for person in story.people:
        _account(store, person)
        if person.lead:
            give_role(store, SYSTEM, person.login, "programme_lead", contest=story.id)
        if person.member:
            give_role(store, SYSTEM, person.login, "programme_officer", contest=story.id, unit=person.member)
        actor = _acting(store, person)
        found |= dict.fromkeys(([person.member] if person.member else []) + ([""] if person.lead else []), actor)
    return found


def _judging_roles(store: Store, story: Story, person: Person) -> None:
    """What the same people are in the contest at the end of the year."""
    contest = story.year_end.id
    if person.lead:
        give_role(store, SYSTEM, person.login, "committee_reviewer", contest=contest)
    if person.unit:
        give_role(store, SYSTEM, person.login, "commune_assessor", contest=contest, unit=person.unit)


def _actor(store: Store, person: Person) -> Actor | None:
    with store.read() as connection:
        account = account_id(connection, person.login)
        return None if account is None else actor_of(connection, account)


def _acting(store: Store, person: Person) -> Actor:
    found = _actor(store, person)
    assert found is not None
    return found


# what there is to look at ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A year on one line: its members, how its reports came, how many survey forms were counted, where a form is open."""

    id: str
    title: str
    members: int
    reports: dict[str, int]
    forms: int
    links: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """What is said on its line."""
        named = {word: self.reports.get(word, 0) for word in ("early", "on_time", "late", "overdue")}
        return {"members": self.members, **named, "forms": self.forms, "open": len(self.links)}


def seen(store: Store, *, today: date) -> Iterator[Seen]:
    """The years that are there, as they stand."""
    for story in stories():
        with store.read() as connection:
            found = rows(connection, tables.programme, id=story.id)
            rounds = rows(connection, tables.survey_round, programme=story.id)
            members = len(rows(connection, tables.programme_member, programme=story.id))
        if not found or not found[0]["sample"]:
            continue
        words = Counter(one.word(today) for one in owed_for(store, SYSTEM, story.id) if one.member is not None)
        links = tuple(row["link"] for row in rounds if row["status"] == "open")
        forms = sum(row["kept"] for row in rounds)
        yield Seen(story.id, found[0]["title"], members, dict(words), forms, links)
