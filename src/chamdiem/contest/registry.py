"""The administrative units: which communes, districts and provinces there were on a day, and what became of them.

A unit is known by its code and the time for which it holds, never by its name: names repeat, and a code may be given
anew (07288 was Thị trấn Phồn Xương until 30 June 2025 and is Xã Yên Thế since). A merged commune inherits the history
of those it was made of (`Registry.lineage`), never their stars: a recognition was given to a unit that is no more.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from heapq import nsmallest
from typing import NamedTuple

from chamdiem.scoring.marks import tidy
from chamdiem.words import plain

COMMUNES = ("xa", "phuong", "thi_tran", "dac_khu")
DAY = timedelta(days=1)
KIND_WORDS = re.compile(
    r"(?:(?:xa|phuong|thi tran|dac khu|huyen|quan|thi xa|thanh pho|tinh|tp|tt)[ .]|[xphqt]\.) ?(?=[^ .])"
)
TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
SIGNS = str.maketrans("’‘`–—", "'''--")


@dataclass(frozen=True)
class RegisteredUnit:
    """A unit as long as it keeps its code, name, kind and parent; both days are included, None is not stated."""

    code: str
    name: str
    kind: str
    parent: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    category: str = ""
    cluster: str = ""

    def __post_init__(self) -> None:
        for part in ("code", "name", "parent"):
            object.__setattr__(self, part, tidy(getattr(self, part)))

    def valid(self, on: date | None) -> bool:
        """Whether the unit existed on this day; None is any day."""
        return on is None or (self.valid_from or date.min) <= on <= self.last_day

    def meets(self, other: RegisteredUnit) -> bool:
        """Whether there was a day on which both units existed."""
        starts = max(self.valid_from or date.min, other.valid_from or date.min)
        return starts <= min(self.last_day, other.last_day)

    @property
    def last_day(self) -> date:
        """The last day of the unit; the end of time while it has none."""
        return self.valid_to or date.max


class Link(NamedTuple):
    """On this day the one unit, or a part of it, went over into the other; both are codes."""

    predecessor: str
    successor: str
    on: date


class Lineage(NamedTuple):
    """All that went into a unit, however long ago, and all that came out of it; the unit itself is in neither."""

    before: tuple[RegisteredUnit, ...]
    after: tuple[RegisteredUnit, ...]


class Match(NamedTuple):
    """A unit that was searched for, and the units above it, nearest first: they tell equal names apart."""

    unit: RegisteredUnit
    above: tuple[RegisteredUnit, ...]

    @property
    def label(self) -> str:
        """The whole name: "Xã Yên Thế, Tỉnh Bắc Ninh"."""
        return ", ".join(unit.name for unit in (self.unit, *self.above))


class Registry:
    """Units by code, name, parent and descent, taken as they are: `registry_files.faults` tells what is wrong."""

    def __init__(self, units: Iterable[RegisteredUnit], links: Iterable[Link] = ()) -> None:
        self.units = tuple(units)
        self.links = tuple(links)
        self._with_code = _grouped(self.units, "code")
        self._children = _grouped(self.units, "parent")
        self._before: dict[RegisteredUnit, set[RegisteredUnit]] = defaultdict(set)
        self._after: dict[RegisteredUnit, set[RegisteredUnit]] = defaultdict(set)
        for link in self.links:
            for old in self.bearers(link.predecessor, eve(link.on)):
                for new in self.bearers(link.successor, link.on):
                    self._after[old].add(new)
                    self._before[new].add(old)

    def get(self, code: str, on: date) -> RegisteredUnit | None:
        """The unit that had this code on this day, or None."""
        return next(iter(self.bearers(code, on)), None)

    def bearers(self, code: str, on: date | None = None) -> tuple[RegisteredUnit, ...]:
        """Every unit that had this code, on this day or ever."""
        return tuple(unit for unit in self._with_code.get(tidy(code), ()) if unit.valid(on))

    def children(self, parent: str, on: date) -> tuple[RegisteredUnit, ...]:
        """The units right below the one with this code on this day, by code."""
        return _in_order(unit for unit in self._children.get(tidy(parent), ()) if unit.valid(on))

    def above(self, unit: RegisteredUnit, on: date | None = None) -> tuple[RegisteredUnit, ...]:
        """The units above a unit, nearest first, on this day or on its last one."""
        day = on or unit.last_day
        return _reached([unit], lambda one: self.bearers(one.parent, min(day, one.last_day))[:1])

    def by_province(self, on: date) -> dict[RegisteredUnit, tuple[RegisteredUnit, ...]]:
        """Each province of this day with all its communes, through the districts where there were any."""
        provinces = _in_order(unit for unit in self.units if unit.kind == "tinh" and unit.valid(on))
        below = {one: _reached([one], lambda unit: self.children(unit.code, on)) for one in provinces}
        return {one: _in_order(unit for unit in units if unit.kind in COMMUNES) for one, units in below.items()}

    def predecessors(self, code: str, on: date | None = None) -> tuple[RegisteredUnit, ...]:
        """The units of which the unit with this code (on this day, or ever) was made, wholly or in part, by code."""
        return _in_order({old for unit in self.bearers(code, on) for old in self._before.get(unit, ())})

    def successors(self, code: str, on: date | None = None) -> tuple[RegisteredUnit, ...]:
        """The units into which the unit with this code (on this day, or ever) went, wholly or in part, by code."""
        return _in_order({new for unit in self.bearers(code, on) for new in self._after.get(unit, ())})

    def lineage(self, code: str, on: date | None = None) -> Lineage:
        """The whole descent of the unit with this code (on this day, or ever): its history, which gives it no stars."""
        units = self.bearers(code, on)
        before = _reached(units, lambda one: self._before.get(one, ()))
        after = _reached(units, lambda one: self._after.get(one, ()))
        return Lineage(_in_order(before), _in_order(after))

    def search(self, text: str, on: date | None = None, limit: int = 20) -> list[Match]:
        """The units of this day (or of any) whose name or code is like the text, the likest first, each with its place.

        Diacritics, capitals, the place of the tone ("hoà", "hòa") and words such as "xã" may be left out or differ. What
        stands behind a comma must be in the names of the units above: "Yên Thế, Bắc Ninh".
        """
        wanted, *places = text.split(",")
        words, spelt, within = _folded(wanted), _spelt(wanted), [_folded(place) for place in places]
        bare = _without_kind(words)
        alike = (
            (rank, spelt not in name.spelt, name.unit.valid_to is not None, name.bare, name.around, name.unit.code, at)
            for at, name in enumerate(self._names)
            if bare and (rank := name.rank(words, bare)) and name.unit.valid(on) and name.is_in(within)
        )
        likest = [self._names[at] for *_, at in nsmallest(max(limit, 0), alike)]
        return [Match(name.unit, name.above) for name in likest]

    @cached_property
    def _names(self) -> tuple[_Name, ...]:
        return tuple(_Name.of(unit, self.above(unit)) for unit in self.units)


class _Name(NamedTuple):
    """A unit as it is searched for."""

    unit: RegisteredUnit
    above: tuple[RegisteredUnit, ...]
    full: str
    bare: str
    spelt: str
    around: str

    @classmethod
    def of(cls, unit: RegisteredUnit, above: tuple[RegisteredUnit, ...]) -> _Name:
        full, around = _folded(unit.name), _folded(", ".join(one.name for one in above))
        return cls(unit, above, full, _without_kind(full), _spelt(unit.name), around)

    def is_in(self, places: Iterable[str]) -> bool:
        return all(place in self.around for place in places)

    def rank(self, words: str, bare: str) -> int:
        """How like the words are, from 1 (the same) to 6, or 0; `bare` are the words without the kind of unit."""
        if bare not in self.full and not self.unit.code.startswith(words):
            return 0
        steps = (
            words in (self.full, self.bare, self.unit.code),
            bare == self.bare,
            any(text.startswith(words) for text in (self.full, self.bare, self.unit.code)),
            self.bare.startswith(bare),
            f" {bare}" in self.full,
            True,
        )
        return steps.index(True) + 1


def _folded(text: str) -> str:
    """A name without diacritics, and with one kind of apostrophe and of dash."""
    return plain(text.translate(SIGNS))


def _without_kind(folded: str) -> str:
    """A name without "xa", "phuong", "tp." … in front of it."""
    words = KIND_WORDS.match(folded)
    return folded[words.end() :] if words else folded


def _spelt(text: str) -> str:
    """A name with its diacritics, the tone of each word behind it, wherever in the word it was written."""
    words = unicodedata.normalize("NFD", text.translate(SIGNS).lower()).split()
    return " ".join(TONES.sub("", word) + "".join(TONES.findall(word)) for word in words)


def _grouped(units: Iterable[RegisteredUnit], field: str) -> Mapping[str, list[RegisteredUnit]]:
    """The units by the text in this field."""
    groups: dict[str, list[RegisteredUnit]] = defaultdict(list)
    for unit in units:
        groups[getattr(unit, field)].append(unit)
    return groups


def _in_order(units: Iterable[RegisteredUnit]) -> tuple[RegisteredUnit, ...]:
    return tuple(sorted(units, key=lambda unit: (unit.code, unit.last_day)))


def eve(day: date) -> date:
    """The day before."""
    return day - DAY if day > date.min else day


def _reached(
    start: Iterable[RegisteredUnit], ways: Callable[[RegisteredUnit], Iterable[RegisteredUnit]]
) -> tuple[RegisteredUnit, ...]:
    """All units to which the ways lead from these, nearest first; each once, and none of the first ones."""
    ahead = list(start)
    seen = set(ahead)
    first = len(ahead)
    for unit in ahead:
        fresh = dict.fromkeys(other for other in ways(unit) if other not in seen)
        seen.update(fresh)
        ahead += fresh
    return tuple(ahead[first:])
