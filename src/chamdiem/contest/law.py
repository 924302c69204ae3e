"""The law of a contest: its criteria set, kept word for word under its hash, so that no later edition reaches it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, select

from chamdiem.criteria import library
from chamdiem.criteria.editions import content_hash, structure_hash
from chamdiem.criteria.model import Calendar, CriteriaSet
from chamdiem.errors import refuse
from chamdiem.store.door import Transaction
from chamdiem.store.tables import criteria_set

CALENDAR = "vn"


@dataclass(frozen=True)
class Law:
    """A criteria set with the words it was read from and both its hashes."""

    criteria: CriteriaSet
    words: str
    content_hash: str
    structure_hash: str


def law_from(source: Path | str) -> Law:
    """The shipped set of this id, or the set in this file; raises Refusal with everything that is wrong with it."""
    return _law(library.load(source), library.text_of(source))


def law_from_text(text: str, name: str) -> Law:
    """The set that somebody uploaded or edited, by its words; `name` is that of the file, in problems. Raises Refusal."""
    return _law(library.read(text, name), text)


def _law(criteria: CriteriaSet, text: str) -> Law:
    words = json.dumps({"set": text, "calendars": library.calendar_texts(criteria)}, ensure_ascii=False, sort_keys=True)
    return Law(criteria, words, content_hash(criteria), structure_hash(criteria))


def law_kept(connection: Connection, hash: str) -> Law:  # noqa: A002 - it is one
    """The set that was kept under this content hash, to be used once more as it stands there."""
    criteria = law_of(connection, hash)
    words = connection.execute(select(criteria_set.c.law).where(criteria_set.c.id == hash)).scalar_one()
    return Law(criteria, words, hash, structure_hash(criteria))


def shipped_sets() -> list[CriteriaSet]:
    """The criteria sets that come with the program, by name of their file; each is read once."""
    return [_shipped_set(path, path.stat().st_mtime_ns) for path in library.shipped()]


@lru_cache(maxsize=64)
def _shipped_set(path: Path, _: int) -> CriteriaSet:
    return library.load(path)


def keep_law(transaction: Transaction, law: Law) -> str:
    """Keep a set in the store, once; returns its content hash, by which contests name it."""
    about = {"code": law.criteria.id, "edition": law.criteria.version}
    transaction.put(criteria_set, law.content_hash, {**about, "structure_hash": law.structure_hash, "law": law.words})
    return law.content_hash


def law_of(connection: Connection, hash: str) -> CriteriaSet:  # noqa: A002 - it is one
    """The set that was kept under this content hash; refused when its words do not give that hash. What gave it once is
    remembered under it: no other set can stand there, and its words are long to fetch for every mark."""
    found = _known.get(hash)
    if found is None:
        words = connection.execute(select(criteria_set.c.law).where(criteria_set.c.id == hash)).scalar()
        if words is None:
            raise refuse("permission.not_found")
        if len(_known) >= LAWS_KNOWN:
            _known.clear()
        found = _known[hash] = _read(words, hash)
    return found


LAWS_KNOWN = 16
_known: dict[str, CriteriaSet] = {}


def text_of(connection: Connection, hash: str) -> str:  # noqa: A002
    """The words of the set that was kept under this content hash, as they were written."""
    words = connection.execute(select(criteria_set.c.law).where(criteria_set.c.id == hash)).scalar()
    if words is None:
        raise refuse("permission.not_found")
    return str(json.loads(words)["set"])


def _read(words: str, hash: str) -> CriteriaSet:  # noqa: A002
    kept = json.loads(words)
    criteria = library.read(kept["set"], "criteria", kept["calendars"])
    if content_hash(criteria) != hash:
        raise refuse("contest.law_changed", hash=hash[:12])
    return criteria


@lru_cache(maxsize=1)
def _shipped_calendar() -> Calendar:
    return library.read_calendar(library.folder() / "calendars" / f"{CALENDAR}.yaml")


def calendar_of(criteria: CriteriaSet) -> Calendar:
    """The working days by which a contest counts: those of its set, else the shipped ones of state offices."""
    return criteria.calendars.get(CALENDAR) or _shipped_calendar()
