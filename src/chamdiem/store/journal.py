"""The journal: every change is an event in a chain of hashes, so that nobody can edit the past unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

DOMAIN = b"chamdiem event 1\n"
_BEGUN = hashlib.sha256(DOMAIN)  # copied for every event: that is quicker than to begin anew
START = "0" * 64
_SPELLING = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_LENGTHS = tuple(f"{length}:" for length in range(1024))  # looked up, not written anew, for each of millions of fields


class Event(NamedTuple):
    """One change: who did what when, to which row, what stood there before and after (canonical JSON), and why.

    `before` is None for a new row and `after` for a removed one; both are None for what changed no row. `criteria` is the
    content hash of the criteria set in force, `command` the key under which the change was ordered, if any.
    """

    seq: int
    at: str
    actor: str
    action: str
    contest: str
    entity: str
    row: str
    before: str | None
    after: str | None
    reason: str
    criteria: str
    command: str
    previous: str
    hash: str


class Head(NamedTuple):
    """The end of the chain: how many events there are and the hash of the last one."""

    seq: int
    hash: str


EMPTY = Head(0, START)


def canonical(values: Mapping[str, object]) -> str:
    """Values as JSON that is the same everywhere: keys in order, no spaces, letters as they are."""
    return _SPELLING.encode(values)


def link(fields: Iterable[Any]) -> str:
    """The hash of an event over its other fields in order, each with its length in front: none runs into the next."""
    said = tuple(fields)
    try:
        spelled = _ordinary(*said)
    except (TypeError, IndexError):  # of an odd kind, or long
        spelled = "".join(map(_field, said))
    whole = _BEGUN.copy()
    whole.update(spelled.encode())
    return whole.hexdigest()


def _field(said: object) -> str:
    return "-" if said is None else f"{len(str(said))}:{said}"


def _ordinary(
    seq: int, at: str, actor: str, action: str, contest: str, entity: str, row: str, before: str | None, after: str | None,
    reason: str, criteria: str, command: str, previous: str,
) -> str:  # fmt: skip
    """The same, quickly, for an event as it should be: millions are verified at a time."""
    of, number = _LENGTHS, str(seq)
    was = "-" if before is None else of[len(before)] + before
    now = "-" if after is None else of[len(after)] + after
    return (
        f"{of[len(number)]}{number}{of[len(at)]}{at}{of[len(actor)]}{actor}{of[len(action)]}{action}{of[len(contest)]}{contest}"
        f"{of[len(entity)]}{entity}{of[len(row)]}{row}{was}{now}{of[len(reason)]}{reason}{of[len(criteria)]}{criteria}"
        f"{of[len(command)]}{command}{of[len(previous)]}{previous}"
    )


class Fault(NamedTuple):
    """An event that is not what it was, with what gives it away."""

    seq: int
    what: str


def faults(events: Iterable[tuple[object, ...]], start: Head = EMPTY) -> Iterator[Fault | Head]:
    """Walk the chain: every event that was changed, removed, added or moved; at last, the head that was reached."""
    seq, previous = start
    for event in events:
        number, before, own = event[0], event[-2], event[-1]
        seq += 1
        if number != seq:
            yield Fault(seq, "journal.gap")
            seq = int(str(number))
        if before != previous:
            yield Fault(seq, "journal.not_linked")
        if link(event[:-1]) != own:
            yield Fault(seq, "journal.changed")
        previous = str(own)
    yield Head(seq, previous)


def spelled(head: Head) -> str:
    """A head as it is printed in minutes: how many events, and the hash in groups that can be compared by eye."""
    groups = [head.hash[at : at + 4] for at in range(0, 48, 4)]
    return f"{head.seq} · {' '.join(groups)}"
