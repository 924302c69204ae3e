"""The phases of a contest as data: their order, which step may follow, and what stands in the way of a step."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chamdiem.errors import Message, message

NAMES_SHOWN = 10


class Phase(StrEnum):
    """Where a contest stands; what each phase opens is in the table of permissions."""

    DRAFT = "draft"
    SELF_ASSESSMENT = "self_assessment"
    APPRAISAL = "appraisal"
    EXPLANATION = "explanation"
    JUDGING = "judging"
    COUNCIL = "council"
    REVIEW = "review"
    PUBLISHED = "published"
    PETITIONS = "petitions"
    ARCHIVED = "archived"


ORDER = tuple(Phase)
OPTIONAL = frozenset({Phase.APPRAISAL, Phase.EXPLANATION, Phase.COUNCIL})


def since(phase: Phase) -> frozenset[Phase]:
    """This phase and all that come after it."""
    return frozenset(ORDER[ORDER.index(phase) :])


def phases_of(without: Collection[Phase] = ()) -> tuple[Phase, ...]:
    """The phases a contest goes through when it declares that it holds none of these optional ones."""
    if not OPTIONAL.issuperset(without):
        raise ValueError(f"not optional: {sorted(set(without) - OPTIONAL)}")
    return tuple(phase for phase in ORDER if phase not in without)


def after(phase: Phase, without: Collection[Phase] = ()) -> Phase | None:
    """The next phase of a contest, None after the last one."""
    held = set(phases_of(without))
    return next((later for later in ORDER[ORDER.index(phase) + 1 :] if later in held), None)


def may_move(here: Phase, there: Phase, without: Collection[Phase] = ()) -> bool:
    """Whether a contest may go from one phase to another: one step on, or back to any earlier phase it holds.

    Nothing leads out of the archive. Who may do it, and with whom, is in the table of permissions.
    """
    back = there in phases_of(without) and there not in since(here) and here is not Phase.ARCHIVED
    return back or there is after(here, without)


def step_verb(here: Phase, there: Phase) -> str:
    """The verb of the table of permissions by which a contest goes from one phase to another."""
    if here in since(there):
        return "contest.reopen"
    return "publication.publish" if there is Phase.PUBLISHED else "contest.advance"


@dataclass(frozen=True)
class Facts:
    """What is known of a contest before a step, as plain lists: units, judges and matters by the names people read.

    `sheets_unsubmitted` is how many sheets each judge still has to submit. `deadline_ahead` is the due day of the phase
    that is about to end, when it has not come yet; `petitions_until` the last day on which petitions are taken.
    """

    no_criteria: bool = False
    no_units: bool = False
    unregistered: tuple[str, ...] = ()
    registrations_undecided: tuple[str, ...] = ()
    without_self_assessment: tuple[str, ...] = ()
    without_appraisal: tuple[str, ...] = ()
    explanations_undecided: tuple[str, ...] = ()
    without_judges: tuple[str, ...] = ()
    sheets_unsubmitted: tuple[tuple[str, int], ...] = ()
    sheets_sealed: bool = False
    without_quorum: tuple[str, ...] = ()
    unreconciled: tuple[str | Message, ...] = ()
    matters_open: tuple[str | Message, ...] = ()
    petitions_open: tuple[str, ...] = ()
    petitions_until: date | None = None
    illustrative: bool = False
    evidence_undecided: tuple[str, ...] = ()
    deadlines_passed: tuple[str | Message, ...] = ()
    deadline_ahead: date | None = None


SETTLED_BY = {
    "no_criteria": Phase.SELF_ASSESSMENT,
    "no_units": Phase.SELF_ASSESSMENT,
    "unregistered": Phase.SELF_ASSESSMENT,
    "registrations_undecided": Phase.SELF_ASSESSMENT,
    "without_self_assessment": Phase.APPRAISAL,
    "without_appraisal": Phase.EXPLANATION,
    "explanations_undecided": Phase.JUDGING,
    "without_judges": Phase.JUDGING,
    "sheets_unsubmitted": Phase.COUNCIL,
    "sheets_sealed": Phase.COUNCIL,
    "without_quorum": Phase.COUNCIL,
    "unreconciled": Phase.REVIEW,
    "matters_open": Phase.PUBLISHED,
    "petitions_open": Phase.ARCHIVED,
    "petitions_until": Phase.ARCHIVED,
}
"""What must be settled before this phase, and so before every later one: a skipped phase skips no check."""

TOLD_FROM = {
    "illustrative": Phase.SELF_ASSESSMENT,
    "evidence_undecided": Phase.COUNCIL,
    "deadlines_passed": Phase.SELF_ASSESSMENT,
    "deadline_ahead": Phase.SELF_ASSESSMENT,
}
"""What is said before a step into this phase or a later one, and stops nobody."""


def blockers(phase_to: Phase, facts: Facts) -> tuple[Message, ...]:
    """What stands in the way of a step forward into this phase; reopening an earlier one is held up by nothing here."""
    return tuple(message(f"blocker.{fact}", **values) for fact, values in _found(SETTLED_BY, phase_to, facts))


def warnings(phase_to: Phase, facts: Facts) -> tuple[Message, ...]:
    """What people should know before a step forward into this phase; it may be taken all the same."""
    return tuple(message(f"warning.{fact}", **values) for fact, values in _found(TOLD_FROM, phase_to, facts))


def _found(table: dict[str, Phase], phase_to: Phase, facts: Facts) -> Iterator[tuple[str, dict[str, object]]]:
    for fact, first in table.items():
        value = getattr(facts, fact)
        if value and phase_to in since(first):
            yield fact, _values(value)


def _values(value: object) -> dict[str, object]:
    """The values of a sentence: a day, or how many and their names; a plain yes needs none."""
    if isinstance(value, date):
        return {"day": value}
    if not isinstance(value, tuple):
        return {}
    names = tuple(f"{each[0]} ({each[1]})" if isinstance(each, tuple) else each for each in value)
    rest = len(names) - NAMES_SHOWN
    some = message("phase.and_others", names=names[:NAMES_SHOWN], rest=rest) if rest > 0 else names
    return {"n": len(names), "names": some}
