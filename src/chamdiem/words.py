"""Sentences and numbers as people read them: Vietnamese first, English second, from the message catalogues.

Catalogues are `locale/<language>/LC_MESSAGES/chamdiem.po`; `pybabel compile -d src/chamdiem/locale -D chamdiem`
makes the .mo files that are read here. A sentence has a name ("mark.above_maximum") and named values in braces; where a
language counts, `{n:report|reports}` is one word beside 1 and another beside every other number.
"""

from __future__ import annotations

import gettext
import unicodedata
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from chamdiem.clock import in_vietnam
from chamdiem.errors import Message, Problem, Where

LANGUAGES = ("vi", "en")
LOCALE = Path(__file__).parent / "locale"
_language: ContextVar[str] = ContextVar("language", default="vi")


def use_language(language: str) -> None:
    """Speak this language from here on in this thread or task: "vi" or "en"."""
    if language not in LANGUAGES:
        raise ValueError(language)
    _language.set(language)


def language() -> str:
    """The language spoken now."""
    return _language.get()


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("chamdiem", LOCALE, [language])


def say(sentence: Message | str, /, **values: object) -> str:
    """Make the sentence in the language spoken now; numbers and dates are written the way that language writes them."""
    if isinstance(sentence, Message):
        return say(sentence.id, **sentence.values)
    said = {key: _Said(shown(value)) for key, value in values.items()}
    return _catalogue(language()).gettext(sentence).format_map(said)


class _Said(str):
    """A value as it stands in a sentence; `{n:report|reports}` is the first word beside 1 and the second elsewhere."""

    __slots__ = ()

    def __format__(self, words: str) -> str:
        one, choice, more = words.partition("|")
        return (one if self == "1" else more) if choice else super().__format__(words)


def in_every_language(id: str) -> tuple[str, ...]:  # noqa: A002 - the catalogue calls it an id
    """A sentence without values as each catalogue has it: what people write is read whatever language is spoken."""
    return tuple(_catalogue(each).gettext(id) for each in LANGUAGES)


def known(id: str) -> bool:  # noqa: A002 - the catalogue calls it an id
    """Whether the catalogue of the language spoken now has this sentence."""
    return _catalogue(language()).gettext(id) != id


def plain(text: str) -> str:
    """A text as it is searched and compared: small letters, no diacritics, single spaces ("Hoà  Bình" → "hoa binh")."""
    bare = unicodedata.normalize("NFD", text.strip().lower().replace("đ", "d"))
    return " ".join("".join(letter for letter in bare if not unicodedata.combining(letter)).split())


def shown(value: object) -> str:
    """Write one value for a person: 89,5 · 1.234 · 21/11/2026 in Vietnamese; 89.5 · 1,234 · 2026-11-21 in English.

    A moment is written by the clock of Vietnam: 21/11/2026 16:05.
    """
    match value:
        case Message():
            return say(value)
        case bool():
            return say("word.yes" if value else "word.no")
        case int() | Decimal() | Fraction():
            return shown_number(value)
        case datetime():
            local = in_vietnam(value)
            return f"{shown(local.date())} {local:%H:%M}"
        case date():
            return value.strftime("%d/%m/%Y") if language() == "vi" else value.isoformat()
        case list() | tuple():
            return "; ".join(shown(item).removesuffix("." if isinstance(item, Message) else "") for item in value)
        case _:
            return str(value)


def shown_number(value: int | Decimal | Fraction, places: int | None = None) -> str:
    """Write an exact number; `places` pads with zeros. A fraction without a finite decimal is written a/b."""
    if isinstance(value, Fraction):
        if value.denominator == 1:
            value = value.numerator
        else:
            rest = value.denominator
            for prime in (2, 5):
                while rest % prime == 0:
                    rest //= prime
            if rest != 1:
                return f"{value.numerator}/{value.denominator}"
            value = Decimal(value.numerator) / Decimal(value.denominator)
    text = f"{value:,f}" if places is None else f"{value:,.{places}f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in ("-0", ""):
        text = "0"
    return text.translate(str.maketrans(",.", ".,")) if language() == "vi" else text


def shown_place(where: Where) -> str:
    """The place of a problem on one line, outermost first: file:line:column, sheet and cell, path in the rubric."""
    head = where.file
    if where.line:
        head += f":{where.line}:{where.column}"
    parts = [head] if head else []
    if where.sheet:
        parts.append(say("place.sheet", sheet=where.sheet))
    if where.cell:
        parts.append(say("place.cell", cell=where.cell))
    if where.path:
        parts.append(" › ".join(where.path))
    return " · ".join(parts)


def shown_problem(problem: Problem) -> str:
    """One problem as a line: place, then what is wrong and what to do."""
    place = shown_place(problem.where)
    return f"{place}: {say(problem.message)}" if place else say(problem.message)
