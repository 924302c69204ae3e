"""How a person stands to what is acted on: grants, and the questions that a row of the table of permissions asks.

A scope asks how far a grant reaches, a condition what is so right now. A fact nobody looked up (None) opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from chamdiem.contest.phases import Phase

ADMINISTRATOR, ORGANISER, SECRETARY, APPRAISER = "administrator", "organiser", "secretary", "appraiser"
JUDGE, CHAIR, COMMUNE, REVIEWER = "judge", "chair", "commune_assessor", "committee_reviewer"
PROGRAMME_LEAD, PROGRAMME_OFFICER = "programme_lead", "programme_officer"
PUBLIC, OWNER = "public", "owner"
OF_CONTESTS = (ORGANISER, SECRETARY, APPRAISER, JUDGE, CHAIR, COMMUNE, REVIEWER)
OF_PROGRAMMES = (PROGRAMME_LEAD, PROGRAMME_OFFICER)
"""Their grants name a programme and a member of it where others name a contest and a unit."""
GRANTABLE = (ADMINISTRATOR, *OF_CONTESTS, *OF_PROGRAMMES)
ROLES = (*GRANTABLE, PUBLIC)
STAGE_OF = {
    Phase.SELF_ASSESSMENT: "self",
    Phase.APPRAISAL: "appraisal",
    Phase.EXPLANATION: "appraisal",
    Phase.JUDGING: "judge",
    Phase.COUNCIL: "council",
}


@dataclass(frozen=True)
class Grant:
    """A role given to an account: in one contest or everywhere (None), for one unit or for all of them (None)."""

    role: str
    contest: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts: the account and the roles it was given. Everybody is also the public."""

    account: str
    grants: tuple[Grant, ...] = ()

    def granted(self, role: str) -> Iterator[Grant]:
        """The grants of this role."""
        return (grant for grant in self.grants if grant.role == role)


ANYBODY = Actor("")
SYSTEM = Actor("system", (Grant(OWNER),))
"""Commands run by the owner of the machine; no account can be given its role."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is acted on, and how the actor stands to it.

    `judge` is the account whose sheet it is, `account` the account or the session itself, or whose interest is declared.
    `conflicted`: the actor has a conflict of interest with the unit, or with any unit that a list or figure is made of;
    False where no unit is concerned.
    `sealed`: somebody's sheet behind it is not revealed yet. `submitted`: the sheet was handed in.
    """

    contest: str | None = None
    phase: Phase | None = None
    unit: str | None = None
    criterion: str | None = None
    stage: str | None = None
    judge: str | None = None
    account: str | None = None
    assigned: bool = False
    published: bool = False
    conflicted: bool | None = None
    sealed: bool | None = None
    submitted: bool | None = None


Scope = Callable[[Grant, Subject], bool]
Condition = Callable[[Actor, Subject], bool]
Words = str | tuple[str, ...]


def anyone(grant: Grant, subject: Subject) -> bool:
    """Wherever the grant is for."""
    return True


def everywhere(grant: Grant, subject: Subject) -> bool:
    """The grant is for the whole machine."""
    return grant.contest is None and grant.unit is None


def taking_part(grant: Grant, subject: Subject) -> bool:
    """The grant is for this contest, for whatever unit of it."""
    return subject.contest is not None and grant.contest in (None, subject.contest)


def in_contest(grant: Grant, subject: Subject) -> bool:
    """The grant is for this contest, and for all units of it or for this one."""
    return taking_part(grant, subject) and grant.unit in (None, subject.unit)


def own_unit(grant: Grant, subject: Subject) -> bool:
    """The grant names this very unit."""
    return taking_part(grant, subject) and grant.unit is not None and grant.unit == subject.unit


def unconflicted(actor: Actor, subject: Subject) -> bool:
    """Somebody looked, and the actor has no conflict of interest."""
    return subject.conflicted is False


def impartial(actor: Actor, subject: Subject) -> bool:
    """The actor has no conflict of interest with the unit it is about, if it is about one."""
    return subject.unit is None or subject.conflicted is False


def assigned(actor: Actor, subject: Subject) -> bool:
    """The unit and criterion are assigned to the actor."""
    return subject.assigned


def own_sheet(actor: Actor, subject: Subject) -> bool:
    """The sheet is the actor's own."""
    return subject.judge is not None and subject.judge == actor.account


def own_account(actor: Actor, subject: Subject) -> bool:
    """The account, session or interest is the actor's own."""
    return subject.account is not None and subject.account == actor.account


def of_another(actor: Actor, subject: Subject) -> bool:
    """The interest is another person's."""
    return subject.account is not None and subject.account != actor.account


def revealed(actor: Actor, subject: Subject) -> bool:
    """Nothing behind it is sealed any more."""
    return subject.sealed is False


def still_sealed(actor: Actor, subject: Subject) -> bool:
    """The sheet is sealed, so nobody could have learnt from it."""
    return subject.sealed is True


def published(actor: Actor, subject: Subject) -> bool:
    """The result was published."""
    return subject.published


def unsubmitted(actor: Actor, subject: Subject) -> bool:
    """The sheet was not handed in yet."""
    return subject.submitted is False


def off_panel(actor: Actor, subject: Subject) -> bool:
    """The actor does not also mark in this contest."""
    return not any(taking_part(grant, subject) for role in (JUDGE, CHAIR) for grant in actor.granted(role))


def stage_open(actor: Actor, subject: Subject) -> bool:
    """The sheet is of the stage that the phase is for."""
    return subject.phase in STAGE_OF and subject.stage == STAGE_OF[subject.phase]


def of_machine(actor: Actor, subject: Subject) -> bool:
    """It belongs to no contest."""
    return subject.contest is None


def outside_contests(actor: Actor, subject: Subject) -> bool:
    """It has no phases: it belongs to a programme, or to nothing; only a contest has phases."""
    return subject.phase is None


@dataclass(frozen=True)
class Rule:
    """One row: this role may do this, in this scope, in these phases (None: outside contests too), on these conditions."""

    verb: str
    role: str
    scope: Scope
    phases: frozenset[Phase] | None
    conditions: tuple[Condition, ...]

    def opens(self, actor: Actor, subject: Subject) -> bool:
        """Whether this row lets the actor do it."""
        grants = (Grant(PUBLIC),) if self.role == PUBLIC else actor.granted(self.role)
        return (
            (self.phases is None or subject.phase in self.phases)
            and any(self.scope(grant, subject) for grant in grants)
            and all(condition(actor, subject) for condition in self.conditions)
        )


def may(
    roles: Words, verbs: Words, scope: Scope, phases: frozenset[Phase] | None, *conditions: Condition
) -> tuple[Rule, ...]:
    """The rows that let each of these roles do each of these things."""
    each_role, each_verb = ((words,) if isinstance(words, str) else words for words in (roles, verbs))
    return tuple(Rule(verb, role, scope, phases, conditions) for verb, role in product(each_verb, each_role))
