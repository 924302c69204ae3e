"""The phases: which step may follow, what stands in its way, and 10,000 random courses of a contest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from datetime import date
from itertools import pairwise, product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chamdiem.contest.permissions import ANYBODY, SYSTEM, Actor, Grant, Subject, allowed, confirmed
from chamdiem.contest.phases import (
    OPTIONAL,
    ORDER,
    Facts,
    Phase,
    after,
    blockers,
    may_move,
    phases_of,
    step_verb,
    warnings,
)
from chamdiem.errors import message
from chamdiem.words import LANGUAGES, known, say, use_language

D, S, A, E, J, C, R, P, T, X = Phase


def test_the_order_of_the_phases() -> None:
    names = "draft self_assessment appraisal explanation judging council review published petitions archived"
    assert [str(phase) for phase in ORDER] == names.split()
    assert {A, E, C} == OPTIONAL


@pytest.mark.parametrize(
    ("without", "course"),
    [
        ((), (D, S, A, E, J, C, R, P, T, X)),
        ((E,), (D, S, A, J, C, R, P, T, X)),
        ((A, E), (D, S, J, C, R, P, T, X)),
        ((A, E, C), (D, S, J, R, P, T, X)),
    ],
)
def test_the_course_of_a_contest_skips_what_it_declares(without: tuple[Phase, ...], course: tuple[Phase, ...]) -> None:
    assert phases_of(without) == course
    assert [after(phase, without) for phase in course] == [*course[1:], None]


@pytest.mark.parametrize("phase", [D, S, J, R, P, T, X])
def test_a_phase_that_is_not_optional_is_never_skipped(phase: Phase) -> None:
    for ask in (lambda: phases_of([phase]), lambda: after(D, [phase]), lambda: may_move(D, S, [phase])):
        with pytest.raises(ValueError, match="not optional"):
            ask()


# from each phase, every phase it may go to; written by hand
MOVES = {
    D: "S",
    S: "DA",
    A: "DSE",
    E: "DSAJ",
    J: "DSAEC",
    C: "DSAEJR",
    R: "DSAEJCP",
    P: "DSAEJCRT",
    T: "DSAEJCRPX",
    X: "",
}
LETTERS = dict(zip("DSAEJCRPTX", ORDER, strict=True))


@pytest.mark.parametrize(("here", "there"), [*product(ORDER, ORDER)])
def test_one_step_on_or_back_and_never_out_of_the_archive(here: Phase, there: Phase) -> None:
    assert may_move(here, there) is (there in {LETTERS[letter] for letter in MOVES[here]})


def test_a_contest_without_council_neither_goes_there_nor_back() -> None:
    assert may_move(J, R, [C])
    assert not may_move(J, C, [C])
    assert not may_move(J, R)
    assert not may_move(P, C, [C])
    assert may_move(P, J, [C])


@pytest.mark.parametrize(
    ("here", "there", "verb"),
    [
        (D, S, "contest.advance"),
        (J, C, "contest.advance"),
        (R, P, "publication.publish"),
        (P, T, "contest.advance"),
        (T, X, "contest.advance"),
        (T, P, "contest.reopen"),
        (P, R, "contest.reopen"),
        (S, D, "contest.reopen"),
        (J, J, "contest.reopen"),
    ],
)
def test_each_step_has_its_verb(here: Phase, there: Phase, verb: str) -> None:
    assert step_verb(here, there) == verb


SOME = ("xã Yên Thế", "xã Tập Sơn")
# each fact, a value that matters, the first phase it concerns, whether it stops: written by hand
MATTERS = [
    ("no_criteria", True, S, True),
    ("no_units", True, S, True),
    ("unregistered", SOME, S, True),
    ("registrations_undecided", SOME, S, True),
    ("without_self_assessment", SOME, A, True),
    ("without_appraisal", SOME, E, True),
    ("explanations_undecided", SOME, J, True),
    ("without_judges", SOME, J, True),
    ("sheets_unsubmitted", (("Nguyễn Văn An", 3),), C, True),
    ("sheets_sealed", True, C, True),
    ("without_quorum", SOME, C, True),
    ("unreconciled", SOME, R, True),
    ("matters_open", (message("phase.council"), "1.4"), P, True),
    ("petitions_open", SOME, X, True),
    ("petitions_until", date(2024, 11, 20), X, True),
    ("illustrative", True, S, False),
    ("evidence_undecided", SOME, C, False),
    ("deadlines_passed", SOME, S, False),
    ("deadline_ahead", date(2024, 10, 30), S, False),
]


@pytest.mark.parametrize(("fact", "value", "first", "stops"), MATTERS, ids=[matter[0] for matter in MATTERS])
def test_each_fact_speaks_up_from_its_phase_on(fact: str, value: object, first: Phase, stops: bool) -> None:
    facts = Facts(**{fact: value})  # type: ignore[arg-type]
    for phase in ORDER:
        concerned = ORDER.index(phase) >= ORDER.index(first)
        stopped = [found.id for found in blockers(phase, facts)]
        told = [found.id for found in warnings(phase, facts)]
        assert stopped == ([f"blocker.{fact}"] if concerned and stops else [])
        assert told == ([f"warning.{fact}"] if concerned and not stops else [])


def test_no_fact_is_forgotten() -> None:
    assert [matter[0] for matter in MATTERS] == [each.name for each in fields(Facts)]


def test_a_clean_contest_goes_all_the_way() -> None:
    assert [*blockers(X, Facts()), *warnings(X, Facts())] == []


def test_a_skipped_phase_skips_no_check() -> None:
    facts = Facts(without_self_assessment=SOME, explanations_undecided=("xã An Phú Tân",))
    assert [found.id for found in blockers(J, facts)] == [
        "blocker.without_self_assessment",
        "blocker.explanations_undecided",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_in_the_way_is_said_in_whole_sentences(language: str) -> None:
    use_language(language)
    facts = Facts(**{fact: value for fact, value, _, _ in MATTERS})  # type: ignore[arg-type]
    found = (*blockers(X, facts), *warnings(X, facts))
    assert len(found) == len(MATTERS)
    for each in found:
        words = say(each)
        assert known(each.id)
        assert words.endswith(".")
        assert "{" not in words
    assert all(known(f"phase.{phase}") for phase in ORDER)


def test_who_is_missing_is_named_and_long_lists_are_cut() -> None:
    (missing,) = blockers(J, Facts(without_judges=SOME))
    assert say(missing).startswith("2 đơn vị chưa có giám khảo được phân công: xã Yên Thế; xã Tập Sơn.")
    (sheets,) = blockers(C, Facts(sheets_unsubmitted=(("Nguyễn Văn An", 3), ("Trần Thị Bình", 1))))
    assert "Nguyễn Văn An (3); Trần Thị Bình (1)" in say(sheets)
    ten, eleven = (tuple(f"xã {n}" for n in range(1, last + 1)) for last in (10, 11))
    (whole,), (cut,) = (
        blockers(A, Facts(without_self_assessment=ten)),
        blockers(A, Facts(without_self_assessment=eleven)),
    )
    assert "xã 9; xã 10." in say(whole)
    assert "xã 9; xã 10 và 1 mục khác." in say(cut)
    assert say(cut).startswith("11 đơn vị")
    (day,) = blockers(X, Facts(petitions_until=date(2024, 11, 20)))
    assert "20/11/2024" in say(day)


ALSO_JUDGE = Grant("judge", "k")
PEOPLE = {
    "organiser": Actor("organiser", (Grant("organiser", "k"),)),
    "organiser of all": Actor("organiser of all", (Grant("organiser"), ALSO_JUDGE)),
    "secretary": Actor("secretary", (Grant("secretary", "k"),)),
    "chair": Actor("chair", (Grant("chair", "k"), ALSO_JUDGE)),
    "judge": Actor("judge", (ALSO_JUDGE,)),
    "organiser elsewhere": Actor("organiser elsewhere", (Grant("organiser", "k2"), Grant("secretary", "k2"))),
    "organiser of one unit": Actor("organiser of one unit", (Grant("organiser", "k", "u"),)),
    "administrator": Actor("administrator", (Grant("administrator"),)),
    "commune": Actor("commune", (Grant("commune_assessor", None, "u"),)),
    "reviewer": Actor("reviewer", (Grant("committee_reviewer", "k"),)),
    "anybody": ANYBODY,
    "machine": SYSTEM,
}
# the model, by hand: who decides, who opens the seals, who may stand behind a decision
DECIDES = {"organiser", "organiser of all", "machine"}
OPENS = DECIDES | {"secretary"}
CONFIRMS = {"organiser", "organiser of all", "secretary", "chair"}
DIRTY = Facts(
    unregistered=SOME, without_self_assessment=SOME, unreconciled=SOME, matters_open=SOME, petitions_open=SOME
)


@dataclass
class Course:
    """A contest run by the table and the phases alone, and what happened in it."""

    without: frozenset[Phase]
    phase: Phase = D
    sealed: bool = True
    published: bool = False
    log: list[tuple[str, str, str, Phase, Phase]] = field(default_factory=list)

    def may(self, first: str, second: str, verb: str) -> bool:
        about = Subject(contest="k", phase=self.phase, sealed=self.sealed, published=self.published, conflicted=False)
        return allowed(PEOPLE[first], verb, about) and confirmed(PEOPLE[first], PEOPLE[second], verb, about)

    def reveal(self, first: str, second: str) -> None:
        if self.may(first, second, "sheet.reveal"):
            self.sealed = False
            self.log.append((first, second, "sheet.reveal", self.phase, self.phase))

    def step(self, first: str, second: str, there: Phase, facts: Facts) -> None:
        verb = step_verb(self.phase, there)
        forward = verb != "contest.reopen"
        if not may_move(self.phase, there, self.without) or not self.may(first, second, verb):
            return
        if forward and blockers(there, replace(facts, sheets_sealed=self.sealed)):
            return
        self.log.append((first, second, verb, self.phase, there))
        self.published = self.published or there is P
        self.phase = there


def run(choices: bytes) -> Course:
    """A course from random bytes: which optional phases it skips, then who does what with whom, three bytes each."""
    course = Course(frozenset(phase for at, phase in enumerate((A, E, C)) if choices[0] >> at & 1))
    names = [*PEOPLE]
    likely = [*names, *("organiser", "chair", "secretary", "organiser of all") * 3]
    for one, two, three in zip(choices[1::3], choices[2::3], choices[3::3], strict=False):
        first, second = likely[one % len(likely)], likely[two % len(likely)]
        facts = DIRTY if one > 215 else Facts()
        if three < 40:
            course.reveal(first, second)
        elif three < 90:
            course.step(first, second, ORDER[three % 10], facts)
        else:
            course.step(first, second, after(course.phase, course.without) or D, facts)
    return course


def check(course: Course) -> Counter[str]:
    """Hold what happened to the model; returns what was reached."""
    reached: Counter[str] = Counter()
    held = [phase for phase in ORDER if phase not in course.without]
    for first, second, verb, here, there in course.log:
        two_people = second in CONFIRMS and second != first
        if verb == "sheet.reveal":
            assert first in OPENS
            assert two_people
            assert here is J or first == "machine"
        elif held.index(there) > held.index(here):
            assert first in DECIDES
            assert held.index(there) == held.index(here) + 1
            assert there is not P or two_people
        else:
            assert first in DECIDES
            assert two_people
            assert here is not X
        reached[f"published by {first}" if there is P and here is R else verb] += 1
    assert all(before[4] is later[3] for before, later in pairwise(course.log))
    steps = [entry[2] for entry in course.log]
    if "publication.publish" in steps:
        assert "sheet.reveal" in steps[: steps.index("publication.publish")]
    assert course.published is ("publication.publish" in steps)
    return reached


REACHED: Counter[str] = Counter()


@settings(max_examples=10_000, deadline=None, suppress_health_check=[*HealthCheck], database=None, derandomize=True)
@given(st.integers(0, 2**63))
def random_courses(seed: int) -> None:
    REACHED.update(check(run(Random(seed).randbytes(181))))


@pytest.mark.slow
def test_ten_thousand_random_courses_publish_and_reopen_only_with_the_right_two_people() -> None:
    random_courses()
    assert REACHED["sheet.reveal"] > 1000
    assert REACHED["contest.reopen"] > 1000
    assert REACHED["published by organiser"] > 100
    assert REACHED["published by machine"] > 0
