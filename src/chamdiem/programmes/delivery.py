"""Early, on time or late: facts about what was handed in; and one paper that answers for several reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from chamdiem.errors import Message, message, refuse
from chamdiem.programmes.due import Due


class Delivery(NamedTuple):
    """How something was delivered: `days` before its last day when early, after it when late, 0 when on time."""

    word: Literal["early", "on_time", "late"]
    days: int

    @property
    def in_time(self) -> bool:
        """Whether it came before its time was over."""
        return self.word != "late"

    @property
    def label(self) -> Message:
        """The fact in words."""
        return message(f"delivery.{self.word}", days=self.days)


def delivery(due: Due, delivered: date) -> Delivery:
    """Whether something handed in on this day was early, on time or late; of a month every day of it is on time.

    Raises Refusal when its day is not set: nobody is late for what nobody has fixed.
    """
    if due.until is None or due.last is None:
        raise refuse("programme.day_not_set", report=due.called)
    first = due.first or due.last
    if delivered > due.until:
        return Delivery("late", (delivered - due.until).days)
    if delivered < first:
        return Delivery("early", (due.last - delivered).days)
    return Delivery("on_time", 0)


@dataclass(frozen=True, slots=True)
class Merged:
    """Several things due on one day by and to the same offices, answered by one paper."""

    parts: tuple[Due, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """What this paper answers for."""
        return tuple(due.key for due in self.parts)

    @property
    def label(self) -> Message:
        """The periods it speaks of: "Quý II/2021; 6 tháng đầu năm 2021"."""
        return message("period.several", periods=[due.period.label for due in self.parts])

    def delivered(self, day: date) -> dict[str, Delivery]:
        """Each part counts as delivered that day."""
        return {due.key: delivery(due, day) for due in self.parts}


def merge(dues: Sequence[Due]) -> Merged:
    """One paper for these; refused unless they are several, of one programme, between the same offices, on one day."""
    first, *others = dues or (None,)
    if first is None or not others or len({due.key for due in dues}) < len(dues):
        raise refuse("programme.merge_needs_several")
    if any(_occasion(due) is None or _occasion(due) != _occasion(first) for due in dues):
        raise refuse("programme.cannot_merge", reports=[due.called for due in dues])
    return Merged(tuple(dues))


def mergeable(dues: Iterable[Due]) -> tuple[Merged, ...]:
    """What could be merged, if somebody wishes so: the earliest first."""
    occasions: dict[object, list[Due]] = defaultdict(list)
    for due in dues:
        if (occasion := _occasion(due)) is not None:
            occasions[occasion].append(due)
    return tuple(Merged(tuple(several)) for several in occasions.values() if len(several) > 1)


def _occasion(due: Due) -> object:
    """What must be the same for one paper to answer: day, offices, kind of thing; None when no day is set."""
    if due.last is None or due.what == "task":
        return None
    return due.last, due.programme, due.what, frozenset(due.by), frozenset(due.to), frozenset(due.via)
