"""One answer as a clerk writes it, read into the whole numbers of its inputs: "8,5", "95/100", "a; c", "KAD"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import lru_cache

from chamdiem.criteria.rules import Input
from chamdiem.criteria.rules.dated import day_number
from chamdiem.errors import Message, message
from chamdiem.points import from_ticks, read_number, ticks
from chamdiem.words import in_every_language, plain

UNREADABLE = -(10**6)
LARGEST = 2**62  # answers are kept as int64; `choices` has at most 60 bits


class State(Enum):
    """What stands in the place of an answer."""

    NOT_APPLICABLE = 1
    ABSTAINED = 2


NOT_APPLICABLE, ABSTAINED = State.NOT_APPLICABLE, State.ABSTAINED
STATE_WORDS = {
    "kad": NOT_APPLICABLE, "khong ap dung": NOT_APPLICABLE, "n/a": NOT_APPLICABLE,
    "bq": ABSTAINED, "khong cham": ABSTAINED, "bo qua": ABSTAINED, "khong cho diem": ABSTAINED,
}  # fmt: skip
YES = {"co", "dat", "x", "1", "true", "yes", "c", "v", "✓", "✔"}
NO = {"khong", "khong dat", "chua dat", "0", "false", "no", "k"}
NOTHING = {"", "-", "0", "khong", "khong co"}
PARTS = ("done", "of", "before", "now", "satisfied", "valid", "started_on", "done_on")
"""The parts of answers that go by words of the catalogue."""
Part = tuple[int, int]


def read_answer(asked: Sequence[Input], text: str) -> tuple[Part, ...] | State | Message:
    """Read the answer to a leaf: (input number, whole number) for each part, a state, or what is wrong with it.

    One input: a number, a day (21/11/2026 or 2026-11-21), a level's key, keys of a list parted by ";", yes or no. Two
    inputs: "95/100". Several: "nhe: 2; nang: 0" by key or by what they are called, in any order, all of them.
    """
    state = STATE_WORDS.get(plain(text))
    if state is not None:
        return state
    if len(asked) == 1:
        return _single(asked[0], 0, text)
    named = re.findall(r"([^;:=]+)[:=]([^;]*)", text)
    if named:
        return _named(asked, named)
    parts = text.split("/") if text.count("/") == len(asked) - 1 else re.split(r"\s*[;|]\s*", text)
    if len(parts) != len(asked):
        return message("mark.needs_parts_of", parts=parts_called(asked), value=text)
    return _joined([_single(one, at, part) for at, (one, part) in enumerate(zip(asked, parts, strict=True))])


def _named(asked: Sequence[Input], named: list[tuple[str, str]]) -> tuple[Part, ...] | Message:
    left = dict(enumerate(asked))
    read: list[tuple[Part, ...] | Message] = []
    for name, value in named:
        at = part_named(asked, name)
        if at not in left:
            return message("mark.unknown_input", value=name.strip(), known=parts_called(asked))
        read.append(_single(left.pop(at), at, value))
    if left:
        return message("mark.part_missing", parts=parts_called(left.values()))
    return _joined(read)


def part(name: str, title: str = "") -> Message | str:
    """What a part of an answer is called: "số đã làm" for done; in its own words where the criteria set has some."""
    return message(f"sheet.part_{name}") if name in PARTS and not title else title or name


def parts_called(asked: Iterable[Input]) -> list[Message | str]:
    """What the parts of an answer are called, in order."""
    return [part(one.name, one.title) for one in asked]


def part_named(asked: Sequence[Input], text: str) -> int | None:
    """Which part is meant by its key or by what it is called, in any language; None for no part of this answer."""
    word = plain(text)
    by_key = next((at for at, one in enumerate(asked) if one.name in (word, text.strip())), None)
    return by_key if by_key is not None else _called(tuple((one.name, one.title) for one in asked)).get(word)


@lru_cache(maxsize=1000)
def _called(asked: tuple[tuple[str, str], ...]) -> dict[str, int]:
    """The parts by what they are called; a word that is said of several means none of them."""
    words = [
        (plain(word), at)
        for at, (name, title) in enumerate(asked)
        for word in {title} - {""} or (set(in_every_language(f"sheet.part_{name}")) if name in PARTS else ())
    ]
    return {word: at for word, at in words if all(other == at for same, other in words if same == word)}


def _joined(read: list[tuple[Part, ...] | Message]) -> tuple[Part, ...] | Message:
    wrong = next((part for part in read if isinstance(part, Message)), None)
    return wrong or tuple(part for found in read if not isinstance(found, Message) for part in found)


def _single(asked: Input, at: int, text: str) -> tuple[Part, ...] | Message:
    try:
        value = _value(asked, text.strip())
        if abs(value) >= LARGEST:
            raise ValueError(text)
        return ((at, value),)
    except ValueError:
        return message("mark.unreadable", value=text.strip(), wants=wants(asked))


def _value(asked: Input, text: str) -> int:
    """The whole number that is kept for one input; raises ValueError."""
    match asked.type:
        case "points" | "number":
            return ticks(
                read_number(text.removesuffix("%") if asked.name == "percent" else text, asked.places), asked.places
            )
        case "whole":
            return int(read_number(text, 0))
        case "flag":
            word = plain(text)
            if word not in YES | NO:
                raise ValueError(text)
            return int(word in YES)
        case "choice":
            return _choice(asked, text)
        case "choices":
            if plain(text) in NOTHING:
                return 0
            picked = [_choice(asked, part) for part in re.split(r"[;,\n]", text) if part.strip()]
            if len(set(picked)) != len(picked):
                raise ValueError(text)
            return sum(1 << index for index in picked)
        case "date":
            return day_number(read_day(text))


def _choice(asked: Input, text: str) -> int:
    """The index of a choice, named by its key, by its whole title, or by its points where no other has as many."""
    word = plain(text)
    for index, (key, title) in enumerate(asked.choices):
        if word in (key, plain(title)):
            return index
    number = Fraction(read_number(text, 6))
    if number not in asked.numbers:
        raise ValueError(text)
    return asked.numbers[number]


def read_day(text: str) -> date:
    """A day as people write it here: 21/11/2026, 21-11-2026, 2026-11-21; raises ValueError."""
    text = unicodedata.normalize("NFC", text).strip()
    local = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    if local:
        day, month, year = (int(part) for part in local.groups())
        return date(year, month, day)
    return date.fromisoformat(text[:10] if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]00:00:00", text) else text)


def wants(asked: Input) -> Message:
    """What an answer to this input must look like."""
    low, high, step = (from_ticks(number, asked.places) for number in (asked.low, asked.high, asked.step))
    keys = [key for key, _ in asked.choices]
    return message(f"mark.wants_{asked.type}", places=asked.places, low=low, high=high, step=step, keys=keys)
