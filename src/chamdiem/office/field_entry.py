"""An entry about field work as it is typed: checked field by field, refused as a whole with everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from chamdiem.contest.registry import Registry
from chamdiem.errors import Message, Problem, Refusal, Where, message
from chamdiem.office.lineage import Place, commune_on
from chamdiem.points import read_number
from chamdiem.words import say


class Entry:
    """What is wrong with one entry, each problem at its place and field."""

    def __init__(self, *place: str) -> None:
        self.place, self.problems = place, list[Problem]()

    def fault(self, field: str, id: str, /, **values: object) -> None:  # noqa: A002 - the catalogue calls it an id
        """Something is wrong with this field."""
        self.tell(field, message(id, **values))

    def tell(self, field: str, why: Message) -> None:
        """The same, for a sentence that is made already."""
        self.problems.append(Problem(Where(path=(*filter(None, self.place), say(f"field.{field}"))), why))

    def words(self, field: str, text: str) -> str:
        """A text that must not be missing."""
        found = " ".join(text.split(" ")).strip()
        if not found:
            self.fault(field, "field.missing")
        return found

    def one_of(self, field: str, value: str, known: Iterable[str]) -> str:
        """A choice among these."""
        choices = list(known)
        if value not in choices:
            self.fault(field, "field.unknown", value=value, known=choices)
        return value

    def past(self, field: str, day: date, today: date) -> str:
        """A day on which something was done: not one to come; in ISO."""
        if day > today:
            self.fault(field, "field.day_to_come", day=day, today=today)
        return day.isoformat()

    def commune(self, registry: Registry, code: str, day: date) -> Place | None:
        """The commune of this code on this day."""
        try:
            return commune_on(registry, code, day)
        except Refusal as refusal:
            for problem in refusal.problems:
                self.tell("unit", problem.message)
            return None

    def amount(self, field: str, text: str, places: int) -> str:
        """A quantity above nothing, as it is kept: "12.5"; written "12,5", "1.500.000" by people."""
        try:
            found = read_number(text, places)
        except ValueError:
            self.fault(field, "field.not_a_number" if places else "field.not_whole", value=text, places=places)
            return ""
        if found <= 0:
            self.fault(field, "field.not_above_nothing", value=found)
        return kept(found)

    def refuse_all(self) -> None:
        """Refuse the entry, if anything is wrong with it."""
        if self.problems:
            raise Refusal(dict.fromkeys(self.problems))


def kept(number: Decimal) -> str:
    """An exact number as the store keeps it: plain digits, no zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day_of(text: str) -> date:
    """A day as the store keeps it."""
    return date.fromisoformat(text)


def shown_day(text: str) -> date | str:
    """The same for a person to read; "" where there is none."""
    return date.fromisoformat(text) if text else ""
