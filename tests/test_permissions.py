"""Who may do what: the whole table against one written by hand, role by role, phase by phase, world by world."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.contest import standing
from chamdiem.contest.permissions import (
    ANYBODY,
    GRANTABLE,
    REAUTHENTICATE,
    ROLES,
    RULES,
    SECOND_PERSON,
    SYSTEM,
    TABLE,
    WITH_REASON,
    Actor,
    Grant,
    Subject,
    allowed,
    confirmed,
    matrix,
    phases_open,
    require,
    rules_for,
)
from chamdiem.contest.phases import Phase
from chamdiem.contest.standing import Rule
from chamdiem.errors import Refusal
from chamdiem.words import LANGUAGES, known, say, use_language

SOURCE = Path(__file__).parents[1] / "src" / "chamdiem"
LETTERS = dict(zip("DSAEJCRPTX", Phase, strict=True))
STAGES = {"S": "self", "A": "appraisal", "E": "appraisal", "J": "judge", "C": "council"}

# A verb, a role, its phases (D draft, S self-assessment, A appraisal, E explanation, J judging, C council, R review,
# P published, T petitions, X archived, - outside contests), and what must be so. Whoever is not listed may not.
#   all: granted everywhere · there: granted for this contest and unit · part: granted for this contest · unit: granted
#   for this very unit · free: surely no conflict · assigned · mine: own sheet · shown: surely revealed · unsent: surely not
#   submitted · out: published · self: own account · stage: sheet of this phase · off: does not judge in this contest
#   fair: surely no conflict where it is about a unit
#   only <fact>: where this is so and nowhere else
EXPECTED = """
account.manage          administrator      -DSAEJCRPTX  all
unit.import             administrator      -DSAEJCRPTX  all
unit.import             organiser          -DSAEJCRPTX  all
store.backup            administrator      -DSAEJCRPTX  all
store.verify            administrator      -DSAEJCRPTX  all
store.rollback          administrator      -DSAEJCRPTX  all
session.revoke          administrator      -DSAEJCRPTX  all
session.revoke          administrator      -DSAEJCRPTX  self
session.revoke          organiser          -DSAEJCRPTX  self
session.revoke          secretary          -DSAEJCRPTX  self
session.revoke          appraiser          -DSAEJCRPTX  self
session.revoke          judge              -DSAEJCRPTX  self
session.revoke          chair              -DSAEJCRPTX  self
session.revoke          commune_assessor   -DSAEJCRPTX  self
session.revoke          committee_reviewer -DSAEJCRPTX  self
session.revoke          programme_lead     -DSAEJCRPTX  self
session.revoke          programme_officer  -DSAEJCRPTX  self
decision.confirm        administrator      -DSAEJCRPTX  all, only no_contest
decision.confirm        organiser           DSAEJCRPTX  there fair
decision.confirm        secretary           DSAEJCRPTX  there fair
decision.confirm        chair               DSAEJCRPTX  there fair
journal.read            administrator      -DSAEJCRPTX  all shown free
journal.read            organiser           DSAEJCRPTX  there shown free
contest.create          organiser          -DSAEJCRPTX  all
contest.configure       organiser           D           there
contest.configure       secretary           D           there
contest.advance         organiser           DSAEJCPT    there
contest.reopen          organiser           SAEJCRPT    there
contest.read            administrator       DSAEJCRPTX  all
contest.read            organiser           DSAEJCRPTX  part
contest.read            secretary           DSAEJCRPTX  part
contest.read            appraiser           DSAEJCRPTX  part
contest.read            judge               DSAEJCRPTX  part
contest.read            chair               DSAEJCRPTX  part
contest.read            commune_assessor    DSAEJCRPTX  part
contest.read            committee_reviewer  DSAEJCRPTX  part
contest.read            public              DSAEJCRPTX  out
registration.enter      commune_assessor    D           unit
registration.enter      organiser           DS          there
registration.enter      secretary           DS          there
registration.approve    organiser           DS          there
mark.enter_self         commune_assessor    S           unit unsent
mark.enter_self         secretary           S           there free unsent
mark.enter_appraisal    appraiser           AE          there free assigned unsent
mark.enter_judge        judge               J           there free assigned mine unsent
mark.enter_judge        chair               J           there free assigned mine unsent
mark.enter_council      secretary           C           there free shown
mark.enter_council      chair               C           there free shown
mark.read_self          commune_assessor    SAEJCRPTX   unit
mark.read_self          secretary           SAEJCRPTX   there free
mark.read_self          organiser           AEJCRPTX    there free
mark.read_self          appraiser           AEJCRPTX    there free assigned
mark.read_self          judge               JCRPTX      there free assigned
mark.read_self          chair               JCRPTX      there free
mark.read_self          committee_reviewer  CRPTX       there free
mark.read_appraisal     commune_assessor    EJCRPTX     unit
mark.read_appraisal     organiser           AEJCRPTX    there free
mark.read_appraisal     secretary           AEJCRPTX    there free
mark.read_appraisal     appraiser           AEJCRPTX    there free assigned
mark.read_appraisal     judge               JCRPTX      there free assigned
mark.read_appraisal     chair               JCRPTX      there free
mark.read_appraisal     committee_reviewer  CRPTX       there free
mark.read_judge         judge               JCRPTX      there free mine
mark.read_judge         judge               JCRPTX      there free shown
mark.read_judge         chair               JCRPTX      there free mine
mark.read_judge         chair               JCRPTX      there free shown
mark.read_judge         organiser           JCRPTX      there free shown
mark.read_judge         secretary           JCRPTX      there free shown
mark.read_judge         committee_reviewer  CRPTX       there free shown
mark.read_council       organiser           CRPTX       there free
mark.read_council       secretary           CRPTX       there free
mark.read_council       judge               CRPTX       there free
mark.read_council       chair               CRPTX       there free
mark.read_council       committee_reviewer  RPTX        there free
sheet.submit            commune_assessor    S           unit stage unsent
sheet.submit            appraiser           AE          there free assigned stage unsent
sheet.submit            judge               J           there free assigned mine stage unsent
sheet.submit            chair               J           there free assigned mine stage unsent
sheet.return            secretary           SAE         there free stage
sheet.return            secretary           J           there free stage, only sealed
sheet.reveal            organiser           J           there
sheet.reveal            secretary           J           there
sheet.progress          organiser           SAE         there free
sheet.progress          organiser           JCRPTX      there free off
sheet.progress          secretary           SAE         there free
sheet.progress          secretary           JCRPTX      there free off
sheet.progress          judge               JCRPTX      there free mine
sheet.progress          chair               JCRPTX      there free mine
explanation.enter       commune_assessor    E           unit
explanation.decide      appraiser           E           there free assigned
explanation.read        commune_assessor    EJCRPTX     unit
explanation.read        organiser           AEJCRPTX    there free
explanation.read        secretary           AEJCRPTX    there free
explanation.read        appraiser           AEJCRPTX    there free assigned
explanation.read        judge               JCRPTX      there free assigned
explanation.read        chair               JCRPTX      there free
explanation.read        committee_reviewer  CRPTX       there free
evidence.add            commune_assessor    S           unit unsent
evidence.add            commune_assessor    ET          unit
evidence.add            secretary           SAEJC       there free
evidence.add            appraiser           A           there free assigned
evidence.read           commune_assessor    SAEJCRPTX   unit
evidence.read           secretary           SAEJCRPTX   there free
evidence.read           organiser           AEJCRPTX    there free
evidence.read           appraiser           AEJCRPTX    there free assigned
evidence.read           judge               JCRPTX      there free assigned
evidence.read           chair               JCRPTX      there free
evidence.read           committee_reviewer  CRPTX       there free
evidence.verify         appraiser           AE          there free assigned
evidence.verify         judge               J           there free assigned
evidence.verify         chair               J           there free assigned
assignment.manage       organiser           DSAEJC      there free
assignment.manage       secretary           DSAEJC      there free
conflict.declare        organiser           DSAEJCRPT   part self
conflict.declare        secretary           DSAEJCRPT   part self
conflict.declare        appraiser           DSAEJCRPT   part self
conflict.declare        judge               DSAEJCRPT   part self
conflict.declare        chair               DSAEJCRPT   part self
conflict.declare        committee_reviewer  DSAEJCRPT   part self
conflict.manage         organiser           DSAEJCRPT   there, only others_account
conflict.manage         secretary           DSAEJCRPT   there, only others_account
reconciliation.record   secretary           JC          there free shown
reconciliation.record   chair               JC          there free shown
ranking.read            organiser           JCRPTX      there free shown
ranking.read            secretary           JCRPTX      there free shown
ranking.read            chair               JCRPTX      there free shown
ranking.read            judge               CRPTX       there free shown
ranking.read            committee_reviewer  CRPTX       there free shown
figures.read            organiser           JCRPTX      there free shown
figures.read            secretary           JCRPTX      there free shown
figures.read            chair               JCRPTX      there free shown
figures.read            judge               CRPTX       there free shown
figures.read            committee_reviewer  CRPTX       there free shown
result.read_own         commune_assessor    DSAEJCRPTX  unit out
publication.preview     organiser           R           there shown
publication.preview     secretary           R           there free shown
publication.preview     chair               R           there free shown
publication.preview     committee_reviewer  R           there free shown
publication.publish     organiser           R           there shown
publication.read        public              DSAEJCRPTX  out
petition.enter          commune_assessor    T           unit
petition.enter          secretary           T           there
petition.decide         organiser           T           there free
petition.decide         chair               T           there free
petition.read           commune_assessor    TX          unit
petition.read           organiser           TX          there free
petition.read           secretary           TX          there free
petition.read           chair               TX          there free
petition.read           committee_reviewer  TX          there free
recognition.revoke      organiser           PTX         there free out
survey.manage           organiser           DSAEJCRPT   there
survey.manage           organiser          -            all
survey.manage           secretary           DSAEJCRPT   there
survey.manage           secretary          -            all
survey.manage           programme_lead     -            there
survey.enter            organiser           DSAEJCRPT   there
survey.enter            organiser          -            all
survey.enter            secretary           DSAEJCRPT   there
survey.enter            secretary          -            all
survey.enter            programme_lead     -            there
survey.recheck          organiser           DSAEJCRPT   there, only others_account
survey.recheck          organiser          -DSAEJCRPTX  all, only others_account
survey.recheck          secretary           DSAEJCRPT   there, only others_account
survey.recheck          secretary          -DSAEJCRPTX  all, only others_account
survey.recheck          committee_reviewer  DSAEJCRPT   there, only others_account
survey.recheck          committee_reviewer -DSAEJCRPTX  all, only others_account
survey.recheck          programme_lead     -            there, only others_account
survey.read             organiser           DSAEJCRPTX  there free
survey.read             secretary           DSAEJCRPTX  there free
survey.read             chair               DSAEJCRPTX  there free
survey.read             committee_reviewer  DSAEJCRPTX  there free
survey.read             appraiser           DSAEJCRPTX  there free assigned
survey.read             judge               DSAEJCRPTX  there free assigned
survey.read             commune_assessor    DSAEJCRPTX  unit
survey.read             organiser          -            all
survey.read             secretary          -            all
survey.read             committee_reviewer -            all
survey.read             programme_lead     -            there
survey.read             programme_officer  -            unit
programme.manage        programme_lead     -DSAEJCRPTX  all
programme.manage        programme_lead     -DSAEJCRPTX  there
programme.read          programme_lead     -DSAEJCRPTX  there
programme.read          programme_officer  -DSAEJCRPTX  unit
task.report             programme_officer  -DSAEJCRPTX  unit
report.write            programme_officer  -DSAEJCRPTX  unit
report.submit           programme_officer  -DSAEJCRPTX  unit
report.accept           programme_lead     -DSAEJCRPTX  there
report.consolidate      programme_lead     -DSAEJCRPTX  there
support.record          programme_officer  -DSAEJCRPTX  unit
visit.record            programme_officer  -DSAEJCRPTX  unit
difficulty.raise        programme_officer  -DSAEJCRPTX  unit
support.record          programme_lead     -DSAEJCRPTX  there
visit.record            programme_lead     -DSAEJCRPTX  there
difficulty.raise        programme_lead     -DSAEJCRPTX  there
difficulty.answer       programme_lead     -DSAEJCRPTX  there
sponsorship.assign      programme_lead     -DSAEJCRPTX  there
difficulty.answer_own   programme_officer  -DSAEJCRPTX  unit
"""

FAVOURABLE = Subject(
    contest="k", unit="u", criterion="1.1", judge="me", account="me",
    assigned=True, published=True, conflicted=False, sealed=False, submitted=False,
)  # fmt: skip
FACTS: dict[str, dict[str, object]] = {
    "conflicted": {"conflicted": True},
    "conflict_unknown": {"conflicted": None},
    "unassigned": {"assigned": False},
    "others_sheet": {"judge": "other"},
    "no_sheet": {"judge": None},
    "sealed": {"sealed": True},
    "seal_unknown": {"sealed": None},
    "submitted": {"submitted": True},
    "submission_unknown": {"submitted": None},
    "unpublished": {"published": False},
    "others_account": {"account": "other"},
    "no_account": {"account": None},
    "other_stage": {"stage": "other"},
    "no_contest": {"contest": None},
    "foreign_contest": {"contest": "k2"},
    "other_unit": {"unit": "u2"},
    "no_unit": {"unit": None},
}
CLOSED_BY = {
    "free": {"conflicted", "conflict_unknown"},
    "assigned": {"unassigned"},
    "mine": {"others_sheet", "no_sheet"},
    "shown": {"sealed", "seal_unknown"},
    "unsent": {"submitted", "submission_unknown"},
    "out": {"unpublished"},
    "self": {"others_account", "no_account"},
    "stage": {"other_stage"},
}
REACHES = {
    "everywhere": (None, None),
    "contest": ("k", None),
    "unit": ("k", "u"),
    "unit_everywhere": (None, "u"),
    "contest_and_judge": ("k", None),
}
World = frozenset[str]


def made_worlds() -> Iterator[World]:
    """Everything favourable; one fact otherwise; and four facts otherwise together with any second one."""
    yield frozenset()
    for one, other in product(FACTS, FACTS):
        apart = FACTS[one].keys() != FACTS[other].keys()
        if one == other or (apart and one in ("sealed", "others_account", "unpublished", "no_unit")):
            yield frozenset({one, other})


WORLDS = tuple(dict.fromkeys(made_worlds()))


def parsed() -> Iterator[tuple[str, str, str, frozenset[str], frozenset[str]]]:
    """Each line: verb, role, phases, what must be so, and the only worlds in which it may be (none: any)."""
    for line in EXPECTED.strip().splitlines():
        verb, role, phases, rest = line.split(None, 3)
        needs, _, only = rest.partition(", only ")
        yield verb, role, phases, frozenset(needs.split()), frozenset(only.split())


LINES = tuple(parsed())
VERBS = tuple(dict.fromkeys(line[0] for line in LINES))


def closed(needs: frozenset[str], reach: str) -> set[str] | None:
    """The facts that close a line to a grant of this reach, by hand; None when it never opens."""
    contest, unit = REACHES[reach]
    facts = set().union(*(CLOSED_BY.get(need, set()) for need in needs))
    if ("all" in needs and reach != "everywhere") or ("unit" in needs and not unit):
        return None
    if "off" in needs and reach == "contest_and_judge":
        return None
    if needs & {"there", "part", "unit"}:
        facts |= {"no_contest", "foreign_contest"} if contest else {"no_contest"}
    if needs & {"there", "unit"} and unit:
        facts |= {"other_unit", "no_unit"}
    return facts


def is_open(world: World, needs: frozenset[str], only: frozenset[str], facts: set[str]) -> bool:
    """Whether a line that these facts close is open in a world."""
    unfair = "fair" in needs and "no_unit" not in world and bool(world & CLOSED_BY["free"])
    return not unfair and not world & facts and (not only or bool(world & only))


@cache
def expected(verb: str, role: str, reach: str) -> frozenset[tuple[str, World]]:
    """The (phase, world) pairs in which somebody of this role may do it, by the table written by hand."""
    roles = {role, "public"} | ({"judge"} if reach == "contest_and_judge" else set())
    found = set()
    for line_verb, line_role, phases, needs, only in LINES:
        facts = closed(needs, reach)
        if line_verb == verb and line_role in roles and facts is not None:
            found |= set(product(phases, [world for world in WORLDS if is_open(world, needs, only, facts)]))
    return frozenset(found)


@cache
def subjects() -> tuple[tuple[tuple[str, World], Subject], ...]:
    """Every phase × world as a subject."""
    found = []
    for letter, world in product("-DSAEJCRPTX", WORLDS):
        here = replace(FAVOURABLE, phase=LETTERS.get(letter), stage=STAGES.get(letter, "judge"))
        for fact in sorted(world):
            here = replace(here, **FACTS[fact])  # type: ignore[arg-type]
        found.append(((letter, world), here))
    return tuple(found)


def actor(role: str, reach: str = "contest") -> Actor:
    also = (Grant("judge", "k"),) if reach == "contest_and_judge" else ()
    mine = () if role == "public" else (Grant(role, *REACHES[reach]),)
    return Actor("me", mine + also) if mine + also else ANYBODY


def opened(rules: Iterable[Rule], who: Actor) -> frozenset[tuple[str, World]]:
    """The (phase, world) pairs that these rows open."""
    rules = tuple(rules)
    return frozenset(at for at, subject in subjects() if any(rule.opens(who, subject) for rule in rules))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", VERBS)
def test_the_matrix_is_what_was_written_by_hand(verb: str, role: str) -> None:
    for reach in REACHES:
        who = actor(role, reach)
        found = frozenset(at for at, subject in subjects() if allowed(who, verb, subject))
        assert found == expected(verb, role, reach), f"{verb} {role} {reach}"


def test_every_verb_is_written_by_hand_and_has_a_row() -> None:
    assert set(RULES) == set(VERBS)
    assert {rule.role for rule in TABLE} == set(ROLES)
    assert all(rules_for(verb) for verb in VERBS)


def test_every_role_not_listed_is_refused_in_every_world() -> None:
    for verb, role in product(VERBS, ROLES):
        if not {(verb, role), (verb, "public")} & {line[:2] for line in LINES}:
            assert not any(allowed(actor(role, "everywhere"), verb, subject) for _, subject in subjects()), (
                verb,
                role,
            )


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """A row with one thing wrong: a phase or condition more or less, another scope."""
    yield "gone", replace(rule, phases=frozenset())
    for condition in rule.conditions:
        left = tuple(each for each in rule.conditions if each is not condition)
        yield f"without {condition.__name__}", replace(rule, conditions=left)
    scopes = standing.anyone, standing.everywhere, standing.taking_part, standing.in_contest, standing.own_unit
    for scope in scopes:
        if scope is not rule.scope:
            yield f"scope {scope.__name__}", replace(rule, scope=scope)
    for phase in Phase:
        if rule.phases is not None and (standing.stage_open not in rule.conditions or phase in standing.STAGE_OF):
            yield f"phase {phase}", replace(rule, phases=rule.phases ^ {phase})


HARMLESS = {
    # another row of the same role opens it there anyway
    "evidence.add commune_assessor phase explanation",
    "evidence.add commune_assessor phase petitions",
    "sheet.return secretary phase self_assessment",
    "sheet.return secretary phase appraisal",
    "sheet.return secretary phase explanation",
    *(
        f"sheet.progress {role} phase {phase}"
        for role, phase in product(("organiser", "secretary"), ("self_assessment", "appraisal", "explanation"))
    ),
    # the public's grant is one for everywhere
    "contest.read public scope everywhere",
    "publication.read public scope everywhere",
}


@pytest.mark.slow
def test_any_wrong_row_would_be_noticed() -> None:
    missed = set()
    for rule in TABLE:
        reaches = {reach: actor(rule.role, reach) for reach in REACHES}
        others = {
            reach: opened((each for each in RULES[rule.verb] if each is not rule), who)
            for reach, who in reaches.items()
        }
        for name, wrong in mutants(rule):
            if all(
                others[reach] | opened([wrong], who) == expected(rule.verb, rule.role, reach)
                for reach, who in reaches.items()
            ):
                missed.add(f"{rule.verb} {rule.role} {name}")
    assert missed == HARMLESS


VERB = re.compile(r"[a-z]+\.[a-z_]+")


def spoken_verbs() -> Iterator[tuple[str, str]]:
    """Every verb that the code asks the table about, and where."""
    for file in SOURCE.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in (
                "allowed", "require", "phases_open", "rules_for", "confirmed", "need", "may", "ask",
            ):  # fmt: skip
                for part in (*call.args, *(keyword.value for keyword in call.keywords)):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and VERB.fullmatch(part.value):
                        yield f"{file.relative_to(SOURCE)}:{call.lineno}", part.value


def test_an_action_without_a_row_fails() -> None:
    assert [(where, verb) for where, verb in spoken_verbs() if verb not in RULES] == []


@pytest.mark.parametrize("who", [SYSTEM, ANYBODY, actor("judge"), actor("administrator", "everywhere")])
def test_an_unknown_verb_is_a_fault_of_the_program(who: Actor) -> None:
    for ask in (allowed, require, phases_open):
        with pytest.raises(KeyError):
            ask(who, "mark.enter", FAVOURABLE)


def test_the_owner_of_the_machine_may_do_everything_and_nobody_can_be_him() -> None:
    assert all(allowed(SYSTEM, verb, Subject()) for verb in VERBS)
    assert {"owner", "public"}.isdisjoint(GRANTABLE)
    for pretender in (Actor("system"), Actor("me", SYSTEM.grants), Actor("system", (Grant("judge"),)), ANYBODY):
        assert not allowed(pretender, "store.backup", replace(FAVOURABLE, phase=Phase.DRAFT))
        assert not allowed(pretender, "mark.enter_self", replace(FAVOURABLE, phase=Phase.SELF_ASSESSMENT))


def test_a_subject_of_which_nothing_is_known_opens_no_mark() -> None:
    marks = [verb for verb in VERBS if verb.split(".")[0] in ("mark", "evidence", "ranking", "figures", "sheet")]
    for role, verb, phase in product(GRANTABLE, set(marks) - {"sheet.reveal"}, Phase):
        assert not allowed(actor(role, "everywhere"), verb, Subject(contest="k", unit="u", phase=phase)), (role, verb)


PERSONAL = {"contest.read", "conflict.declare", "session.revoke"}


@given(
    st.sets(st.sampled_from([role for role in GRANTABLE if role not in ("commune_assessor", "administrator")])),
    st.sampled_from(Phase), st.sampled_from(VERBS), st.booleans(), st.sampled_from([True, False, None]),
    st.sampled_from([True, None]), st.sampled_from(["me", "other", None]),
)  # fmt: skip
def test_a_conflict_closes_the_unit_to_a_person_whatever_his_roles(
    roles: set[str],
    phase: Phase,
    verb: str,
    assigned: bool,
    sealed: bool | None,
    conflicted: bool | None,
    judge: str | None,
) -> None:
    touched = "mark sheet evidence explanation ranking figures reconciliation assignment journal petition recognition"
    who = Actor("me", tuple(Grant(role, "k") for role in sorted(roles)))
    facts = {"assigned": assigned, "sealed": sealed, "conflicted": conflicted, "judge": judge, "stage": "judge"}
    if verb.split(".")[0] in touched.split() and verb not in ("sheet.reveal", "petition.enter"):
        assert not allowed(who, verb, replace(FAVOURABLE, phase=phase, **facts))  # type: ignore[arg-type]
    if "judge" in roles and roles <= {"judge", "chair"}:
        may = {each for each in VERBS if allowed(who, each, replace(FAVOURABLE, phase=phase, published=False, **facts))}  # type: ignore[arg-type]
        assert may <= PERSONAL


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("role", GRANTABLE)
def test_while_sealed_nobody_reads_anothers_sheet_nor_a_figure_made_of_it(role: str, phase: Phase) -> None:
    for sealed in (True, None):
        others = replace(FAVOURABLE, phase=phase, judge="other", sealed=sealed, published=False)
        for verb in ("mark.read_judge", "ranking.read", "figures.read", "publication.preview", "journal.read"):
            assert not allowed(actor(role, "everywhere"), verb, others), verb
        if role not in ("organiser", "secretary"):
            assert not allowed(actor(role, "everywhere"), "sheet.progress", others)


def test_a_secretary_who_also_judges_does_not_see_who_has_submitted() -> None:
    others = replace(FAVOURABLE, phase=Phase.JUDGING, judge="other", sealed=True)
    for judging in (Grant("judge", "k"), Grant("chair"), Grant("judge", "k", "u2")):
        assert not allowed(Actor("me", (Grant("secretary", "k"), judging)), "sheet.progress", others)
    assert allowed(Actor("me", (Grant("secretary", "k"), Grant("judge", "k2"))), "sheet.progress", others)


def test_rights_of_one_contest_do_not_mix_with_a_role_of_another() -> None:
    who = Actor("me", (Grant("secretary", "k2"), Grant("commune_assessor", "k", "u"), Grant("judge", "k", "u2")))
    here = replace(FAVOURABLE, phase=Phase.JUDGING)
    assert not allowed(who, "evidence.add", here)
    assert not allowed(who, "mark.enter_judge", here)
    assert allowed(who, "mark.read_self", here)
    assert allowed(who, "mark.enter_judge", replace(here, unit="u2"))
    assert not allowed(who, "mark.enter_judge", replace(here, unit="u2", conflicted=True))
    assert allowed(who, "mark.read_self", replace(here, conflicted=True))


def test_what_is_closed_does_not_exist_and_says_so_always_alike() -> None:
    refused = [
        ("mark.read_judge", {"sealed": True, "judge": "other"}),
        ("mark.read_judge", {"unit": "u9", "conflicted": True}),
    ]
    said = set()
    for verb, facts in refused:
        with pytest.raises(Refusal) as found:
            require(actor("judge"), verb, replace(FAVOURABLE, phase=Phase.JUDGING, **facts))  # type: ignore[arg-type]
        said.add(found.value.problems)
    assert len(said) == 1
    require(actor("judge"), "mark.read_judge", replace(FAVOURABLE, phase=Phase.JUDGING))


def test_a_screen_can_say_when_something_is_open() -> None:
    here = replace(FAVOURABLE, phase=Phase.DRAFT)
    assert phases_open(actor("commune_assessor", "unit"), "petition.enter", here) == (Phase.PETITIONS,)
    assert phases_open(actor("judge"), "petition.enter", here) == ()


def test_the_second_person_is_another_one_and_may_confirm_there() -> None:
    first, here = actor("organiser"), replace(FAVOURABLE, phase=Phase.REVIEW)
    ways = {role: confirmed(first, Actor("you", (Grant(role, "k"),)), "contest.reopen", here) for role in GRANTABLE}
    assert {role for role, way in ways.items() if way} == {"organiser", "secretary", "chair"}
    elsewhere, himself = Actor("you", (Grant("chair", "k2"),)), Actor("me", (Grant("chair", "k"),))
    for nobody in (None, first, himself, elsewhere, SYSTEM, ANYBODY):
        assert not confirmed(first, nobody, "contest.reopen", here)
    for nobody in (None, elsewhere, SYSTEM, ANYBODY):
        assert not confirmed(SYSTEM, nobody, "contest.reopen", here)
    assert confirmed(first, None, "contest.advance", here)
    assert not confirmed(
        first, Actor("you", (Grant("chair", "k"),)), "recognition.revoke", replace(here, conflicted=True)
    )
    admins = [Actor(name, (Grant("administrator"),)) for name in ("me", "you")]
    assert confirmed(admins[0], admins[1], "store.rollback", Subject(conflicted=False))
    assert not confirmed(first, admins[1], "contest.reopen", here)
    chair_in_conflict, whole = Actor("you", (Grant("chair", "k"),)), replace(here, unit=None, conflicted=True)
    assert confirmed(first, chair_in_conflict, "publication.publish", whole)


def test_what_needs_a_second_person_a_reason_or_a_fresh_sign_in() -> None:
    second = {"contest.reopen", "sheet.reveal", "publication.publish", "recognition.revoke", "store.rollback"}
    assert second == SECOND_PERSON
    assert {"contest.advance", "sheet.submit", "account.manage", "store.backup"} | second == REAUTHENTICATE
    assert {"contest.reopen", "sheet.return", "recognition.revoke", "store.rollback"} == WITH_REASON
    assert RULES.keys() >= (SECOND_PERSON | REAUTHENTICATE | WITH_REASON)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_page_says_the_whole_table_in_words(language: str) -> None:
    use_language(language)
    lines = matrix()
    assert len(lines) == len(TABLE)
    for line in lines:
        for part in (line.verb, line.role, line.scope, *line.phases, *line.conditions):
            assert known(part.id), part.id
            assert "{" not in say(part)
        assert line.phases


def test_a_row_of_the_help_page_reads_as_a_clerk_would_say_it() -> None:
    line = next(line for line in matrix() if line.verb.id == "mark.enter_judge" and line.role.id == "role.judge")
    assert [say(part) for part in (line.role, line.verb, line.scope, *line.phases, *line.conditions)] == [
        "Giám khảo", "Nhập điểm giám khảo", "cuộc thi và đơn vị được giao", "Giám khảo chấm", "phiếu của chính mình",
        "được phân công đơn vị và tiêu chí này", "không có xung đột lợi ích với đơn vị", "phiếu chưa nộp",
    ]  # fmt: skip
    scopes = {(line.role.id, line.verb.id): say(line.scope) for line in matrix()}
    assert scopes["role.programme_lead", "survey.manage"] == "chương trình được giao"
    assert scopes["role.programme_officer", "survey.read"] == "đơn vị mình trong chương trình"
    assert scopes["role.commune_assessor", "survey.read"] == "đơn vị mình"
