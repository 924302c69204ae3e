"""What can be wrong, and where: problems are collected, refusals are raised.

    Refusal                 an input or a request is refused; carries every problem found, never just the first
    └─ InternalLimit        a limit that protects the machine was reached (time, memory, size)

A problem never holds a sentence, only the name of one and its values: the sentence is made in the reader's language
when it is shown (`chamdiem.words`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """The name of a sentence in the message catalogue and the values it needs (text, int, Decimal, date, Message)."""

    id: str
    values: dict[str, object] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.id, tuple(sorted((key, str(value)) for key, value in self.values.items()))))


def message(id: str, /, **values: object) -> Message:  # noqa: A002 - the catalogue calls it an id
    """Name a sentence of the catalogue: `message("mark.above_maximum", value=…, maximum=…)`."""
    return Message(id, values)


@dataclass(frozen=True, order=True)
class Where:
    """The place of a problem as a clerk would look for it; only what is known is filled in.

    `line` and `column` count from 1. `cell` is a spreadsheet address such as "E12". `path` names the place in the
    rubric, from the outermost group inwards.
    """

    file: str = ""
    sheet: str = ""
    cell: str = ""
    line: int = 0
    column: int = 0
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, what, and (inside the sentence) what to do about it."""

    where: Where
    message: Message


class Refusal(Exception):
    """An input is refused as a whole; nothing of it was applied. `problems` lists everything found."""

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("; ".join(problem.message.id for problem in self.problems))


class InternalLimit(Refusal):
    """A limit that protects the machine was reached before the input was understood."""


def refuse(id: str, /, where: Where | None = None, **values: object) -> Refusal:  # noqa: A002
    """Build the refusal for a single problem: `raise refuse("file.missing", Where(file=…))`."""
    return Refusal(Problem(where or Where(), message(id, **values)))
