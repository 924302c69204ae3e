"""Who may do what, to what, in which phase: one table, read by services, screens, the API, the help page and tests.

A row opens something to a role when its scope, its phases and all its conditions hold; what no row opens is closed.
The name of a verb is also the name of its sentence in the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chamdiem.contest.phases import ORDER, Phase, since
from chamdiem.contest.standing import (
    ADMINISTRATOR,
    ANYBODY,
    APPRAISER,
    CHAIR,
    COMMUNE,
    GRANTABLE,
    JUDGE,
    OF_CONTESTS,
    OF_PROGRAMMES,
    ORGANISER,
    PROGRAMME_LEAD,
    PROGRAMME_OFFICER,
    PUBLIC,
    REVIEWER,
    ROLES,
    SECRETARY,
    SYSTEM,
    Actor,
    Grant,
    Rule,
    Subject,
    anyone,
    assigned,
    everywhere,
    impartial,
    in_contest,
    may,
    of_another,
    of_machine,
    off_panel,
    outside_contests,
    own_account,
    own_sheet,
    own_unit,
    published,
    revealed,
    stage_open,
    still_sealed,
    taking_part,
    unconflicted,
    unsubmitted,
)
from chamdiem.errors import Message, message, refuse

__all__ = ["ANYBODY", "GRANTABLE", "ROLES", "SYSTEM", "Actor", "Grant", "Subject"]

ALWAYS = None
EVERY = frozenset(Phase)
DRAFT, SELF, APPRAISAL, EXPLANATION, JUDGING, COUNCIL, REVIEW, PUBLISHED, PETITIONS, ARCHIVED = (
    frozenset({phase}) for phase in ORDER
)
(SINCE_SELF, SINCE_APPRAISAL, SINCE_EXPLANATION, SINCE_JUDGING, SINCE_COUNCIL, SINCE_REVIEW, _, SINCE_PETITIONS, _) = (
    map(since, ORDER[1:])
)
RUNNING = EVERY - ARCHIVED
UNTIL_REVIEW = EVERY - SINCE_REVIEW

OFFICE = (ORGANISER, SECRETARY)
PANEL = (JUDGE, CHAIR)
CLAIMS = ("mark.read_self", "evidence.read")
APPRAISED = ("mark.read_appraisal", "explanation.read")
STANDINGS = ("ranking.read", "figures.read")

TABLE: tuple[Rule, ...] = (
    # the machine
    *may(ADMINISTRATOR, ("account.manage", "unit.import"), everywhere, ALWAYS),
    *may(ADMINISTRATOR, ("store.backup", "store.verify", "store.rollback"), everywhere, ALWAYS),
    *may(ADMINISTRATOR, "session.revoke", everywhere, ALWAYS),
    *may(GRANTABLE, "session.revoke", anyone, ALWAYS, own_account),
    *may(ADMINISTRATOR, "decision.confirm", everywhere, ALWAYS, of_machine),
    *may(ADMINISTRATOR, "journal.read", everywhere, ALWAYS, revealed, unconflicted),
    # the contest
    *may(ORGANISER, ("contest.create", "unit.import"), everywhere, ALWAYS),
    *may(OFFICE, "contest.configure", in_contest, DRAFT),
    *may(ORGANISER, "contest.advance", in_contest, RUNNING - REVIEW),
    *may(ORGANISER, "contest.reopen", in_contest, RUNNING - DRAFT),
    *may((*OFFICE, CHAIR), "decision.confirm", in_contest, EVERY, impartial),
    *may(ADMINISTRATOR, "contest.read", everywhere, EVERY),
    *may(OF_CONTESTS, "contest.read", taking_part, EVERY),
    *may(PUBLIC, "contest.read", anyone, EVERY, published),
    *may(ORGANISER, "journal.read", in_contest, EVERY, revealed, unconflicted),
    # registration
    *may(COMMUNE, "registration.enter", own_unit, DRAFT),
    *may(OFFICE, "registration.enter", in_contest, DRAFT | SELF),
    *may(ORGANISER, "registration.approve", in_contest, DRAFT | SELF),
    # self-assessment and its evidence
    *may(COMMUNE, "mark.enter_self", own_unit, SELF, unsubmitted),
    *may(SECRETARY, "mark.enter_self", in_contest, SELF, unconflicted, unsubmitted),
    *may(COMMUNE, "sheet.submit", own_unit, SELF, stage_open, unsubmitted),
    *may(COMMUNE, "evidence.add", own_unit, SELF, unsubmitted),
    *may(COMMUNE, "evidence.add", own_unit, EXPLANATION | PETITIONS),
    *may(SECRETARY, "evidence.add", in_contest, SINCE_SELF - SINCE_REVIEW, unconflicted),
    *may(APPRAISER, "evidence.add", in_contest, APPRAISAL, assigned, unconflicted),
    *may(COMMUNE, CLAIMS, own_unit, SINCE_SELF),
    *may(SECRETARY, CLAIMS, in_contest, SINCE_SELF, unconflicted),
    *may(ORGANISER, CLAIMS, in_contest, SINCE_APPRAISAL, unconflicted),
    *may(APPRAISER, CLAIMS, in_contest, SINCE_APPRAISAL, assigned, unconflicted),
    *may(JUDGE, CLAIMS, in_contest, SINCE_JUDGING, assigned, unconflicted),
    *may(CHAIR, CLAIMS, in_contest, SINCE_JUDGING, unconflicted),
    *may(REVIEWER, CLAIMS, in_contest, SINCE_COUNCIL, unconflicted),
    # appraisal and explanation
    *may(APPRAISER, "mark.enter_appraisal", in_contest, APPRAISAL | EXPLANATION, assigned, unconflicted, unsubmitted),
    *may(
        APPRAISER, "sheet.submit", in_contest, APPRAISAL | EXPLANATION, assigned, unconflicted, stage_open, unsubmitted
    ),
    *may(APPRAISER, "evidence.verify", in_contest, APPRAISAL | EXPLANATION, assigned, unconflicted),
    *may(COMMUNE, "explanation.enter", own_unit, EXPLANATION),
    *may(APPRAISER, "explanation.decide", in_contest, EXPLANATION, assigned, unconflicted),
    *may(COMMUNE, APPRAISED, own_unit, SINCE_EXPLANATION),
    *may(OFFICE, APPRAISED, in_contest, SINCE_APPRAISAL, unconflicted),
    *may(APPRAISER, APPRAISED, in_contest, SINCE_APPRAISAL, assigned, unconflicted),
    *may(JUDGE, APPRAISED, in_contest, SINCE_JUDGING, assigned, unconflicted),
    *may(CHAIR, APPRAISED, in_contest, SINCE_JUDGING, unconflicted),
    *may(REVIEWER, APPRAISED, in_contest, SINCE_COUNCIL, unconflicted),
    # judging: before reveal a judge knows his own sheet, the office knows done or not done, and nobody knows more
    *may(OFFICE, "assignment.manage", in_contest, UNTIL_REVIEW, unconflicted),
    *may((*OFFICE, APPRAISER, *PANEL, REVIEWER), "conflict.declare", taking_part, RUNNING, own_account),
    *may(OFFICE, "conflict.manage", in_contest, RUNNING, of_another),
    *may(PANEL, "mark.enter_judge", in_contest, JUDGING, own_sheet, assigned, unconflicted, unsubmitted),
    *may(PANEL, "sheet.submit", in_contest, JUDGING, own_sheet, assigned, unconflicted, stage_open, unsubmitted),
    *may(PANEL, "evidence.verify", in_contest, JUDGING, assigned, unconflicted),
    *may(PANEL, ("mark.read_judge", "sheet.progress"), in_contest, SINCE_JUDGING, own_sheet, unconflicted),
    *may((*OFFICE, *PANEL), "mark.read_judge", in_contest, SINCE_JUDGING, revealed, unconflicted),
    *may(REVIEWER, "mark.read_judge", in_contest, SINCE_COUNCIL, revealed, unconflicted),
    *may(OFFICE, "sheet.progress", in_contest, SINCE_SELF - SINCE_JUDGING, unconflicted),
    *may(OFFICE, "sheet.progress", in_contest, SINCE_JUDGING, unconflicted, off_panel),
    *may(SECRETARY, "sheet.return", in_contest, SELF | APPRAISAL | EXPLANATION, unconflicted, stage_open),
    *may(SECRETARY, "sheet.return", in_contest, JUDGING, unconflicted, stage_open, still_sealed),
    *may(OFFICE, "sheet.reveal", in_contest, JUDGING),
    *may((SECRETARY, CHAIR), "reconciliation.record", in_contest, JUDGING | COUNCIL, revealed, unconflicted),
    # council and review
    *may((SECRETARY, CHAIR), "mark.enter_council", in_contest, COUNCIL, revealed, unconflicted),
    *may((*OFFICE, *PANEL), "mark.read_council", in_contest, SINCE_COUNCIL, unconflicted),
    *may(REVIEWER, "mark.read_council", in_contest, SINCE_REVIEW, unconflicted),
    *may((*OFFICE, CHAIR), STANDINGS, in_contest, SINCE_JUDGING, revealed, unconflicted),
    *may((JUDGE, REVIEWER), STANDINGS, in_contest, SINCE_COUNCIL, revealed, unconflicted),
    # publication and after
    *may(ORGANISER, "publication.preview", in_contest, REVIEW, revealed),
    *may((SECRETARY, CHAIR, REVIEWER), "publication.preview", in_contest, REVIEW, revealed, unconflicted),
    *may(ORGANISER, "publication.publish", in_contest, REVIEW, revealed),
    *may(PUBLIC, "publication.read", anyone, EVERY, published),
    *may(COMMUNE, "result.read_own", own_unit, EVERY, published),
    *may(COMMUNE, "petition.enter", own_unit, PETITIONS),
    *may(SECRETARY, "petition.enter", in_contest, PETITIONS),
    *may((ORGANISER, CHAIR), "petition.decide", in_contest, PETITIONS, unconflicted),
    *may(COMMUNE, "petition.read", own_unit, SINCE_PETITIONS),
    *may((*OFFICE, CHAIR, REVIEWER), "petition.read", in_contest, SINCE_PETITIONS, unconflicted),
    *may(ORGANISER, "recognition.revoke", in_contest, PUBLISHED | SINCE_PETITIONS, published, unconflicted),
    # surveys: nobody reads a single answer; who re-checks paper forms is not who entered them
    *may(OFFICE, ("survey.manage", "survey.enter"), in_contest, RUNNING),
    *may(OFFICE, ("survey.manage", "survey.enter"), everywhere, ALWAYS, outside_contests),
    *may(PROGRAMME_LEAD, ("survey.manage", "survey.enter"), in_contest, ALWAYS, outside_contests),
    *may((*OFFICE, REVIEWER), "survey.recheck", in_contest, RUNNING, of_another),
    *may((*OFFICE, REVIEWER), "survey.recheck", everywhere, ALWAYS, of_another),
    *may(PROGRAMME_LEAD, "survey.recheck", in_contest, ALWAYS, of_another, outside_contests),
    *may((*OFFICE, CHAIR, REVIEWER), "survey.read", in_contest, EVERY, unconflicted),
    *may((APPRAISER, JUDGE), "survey.read", in_contest, EVERY, assigned, unconflicted),
    *may(COMMUNE, "survey.read", own_unit, EVERY),
    *may((*OFFICE, REVIEWER), "survey.read", everywhere, ALWAYS, outside_contests),
    *may(PROGRAMME_LEAD, "survey.read", in_contest, ALWAYS, outside_contests),
    *may(PROGRAMME_OFFICER, "survey.read", own_unit, ALWAYS, outside_contests),
    # programmes: the leading office manages, accepts and puts together; every other works for its own member alone
    *may(PROGRAMME_LEAD, "programme.manage", everywhere, ALWAYS),
    *may(PROGRAMME_LEAD, ("programme.manage", "programme.read"), in_contest, ALWAYS),
    *may(PROGRAMME_OFFICER, "programme.read", own_unit, ALWAYS),
    *may(PROGRAMME_OFFICER, ("task.report", "report.write", "report.submit"), own_unit, ALWAYS),
    *may(PROGRAMME_LEAD, ("report.accept", "report.consolidate"), in_contest, ALWAYS),
    *may(PROGRAMME_OFFICER, ("support.record", "visit.record", "difficulty.raise"), own_unit, ALWAYS),
    *may(PROGRAMME_LEAD, ("support.record", "visit.record", "difficulty.raise"), in_contest, ALWAYS),
    *may(PROGRAMME_LEAD, ("difficulty.answer", "sponsorship.assign"), in_contest, ALWAYS),
    *may(PROGRAMME_OFFICER, "difficulty.answer_own", own_unit, ALWAYS),
)

RULES: dict[str, tuple[Rule, ...]] = {
    verb: tuple(rule for rule in TABLE if rule.verb == verb) for verb in dict.fromkeys(rule.verb for rule in TABLE)
}
SECOND_PERSON = frozenset(
    {"contest.reopen", "sheet.reveal", "publication.publish", "recognition.revoke", "store.rollback"}
)
"""What one person begins and another one confirms."""

WITH_REASON = frozenset({"contest.reopen", "sheet.return", "recognition.revoke", "store.rollback"})
"""What nobody does without writing why."""

REAUTHENTICATE = SECOND_PERSON | {"account.manage", "contest.advance", "sheet.submit", "store.backup"}
"""What needs a sign-in of a moment ago."""


def rules_for(verb: str) -> tuple[Rule, ...]:
    """The rows of a verb; KeyError when the table does not know it."""
    return RULES[verb]


def allowed(actor: Actor, verb: str, subject: Subject) -> bool:
    """Whether this person may do this to that, now."""
    return any(rule.opens(actor, subject) for rule in rules_for(verb)) or actor == SYSTEM


def require(actor: Actor, verb: str, subject: Subject) -> None:
    """Refuse what is not allowed, always with the same words: what is closed to a person does not exist for him."""
    if not allowed(actor, verb, subject):
        raise refuse("permission.not_found")


def phases_open(actor: Actor, verb: str, subject: Subject) -> tuple[Phase, ...]:
    """The phases in which this person may do this to that, everything else being as it is now."""
    return tuple(phase for phase in ORDER if allowed(actor, verb, replace(subject, phase=phase)))


def confirmed(first: Actor, second: Actor | None, verb: str, subject: Subject) -> bool:
    """Whether a second person, another one who may confirm decisions there, stands behind what needs one.

    `subject` is told as the second person stands to it. The machine itself is nobody's second person.
    """
    if verb not in SECOND_PERSON:
        return True
    if second is None or second == SYSTEM or second.account == first.account:
        return False
    return allowed(second, "decision.confirm", subject)


@dataclass(frozen=True)
class Line:
    """One row of the table in words, for the help page and the printed table of permissions."""

    verb: Message
    role: Message
    scope: Message
    phases: tuple[Message, ...]
    conditions: tuple[Message, ...]


def matrix() -> tuple[Line, ...]:
    """The whole table in words, verb by verb in the order of the work."""
    return tuple(_line(rule) for rules in RULES.values() for rule in rules)


def _line(rule: Rule) -> Line:
    return Line(
        message(rule.verb),
        message(f"role.{rule.role}"),
        _scope(rule),
        tuple(_phases(rule.phases)),
        tuple(message(f"condition.{condition.__name__}") for condition in rule.conditions),
    )


IN_PROGRAMMES = {"in_contest": "in_programme", "own_unit": "own_member"}
"""What a scope is called of roles whose grants name a programme and a member of it."""


def _scope(rule: Rule) -> Message:
    name = rule.scope.__name__
    return message(f"scope.{IN_PROGRAMMES.get(name, name) if rule.role in OF_PROGRAMMES else name}")


def _phases(phases: frozenset[Phase] | None) -> Iterator[Message]:
    if phases is None or phases == EVERY:
        return iter([message("phase.every")])
    return (message(f"phase.{phase}") for phase in ORDER if phase in phases)
