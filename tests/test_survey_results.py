"""How many are asked and what answers add up to: figures worked out by hand, and that nobody can be picked out of them."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.office.survey_words import interval, percent
from chamdiem.surveys import library
from chamdiem.surveys.filling import Form
from chamdiem.surveys.results import added, count, kept_classes, results
from chamdiem.surveys.sampling import sample_size, wilson
from chamdiem.surveys.suppression import shown
from chamdiem.words import use_language
from survey_world import choices

ASKED = library.load("pks04-giai-quyet-thu-tuc-hanh-chinh")
MINIMAL = library.load(Path(__file__).parent / "sample_criteria" / "minimal_survey.yaml")
FIVE = Fraction(1, 20)


@pytest.mark.parametrize(
    ("population", "error", "n"),
    [  # n = N/(1+N·e²) by hand
        (0, FIVE, 0), (1, FIVE, 1), (20, FIVE, 20), (100, FIVE, 80), (400, FIVE, 200), (500, FIVE, 223),
        (1000, FIVE, 286), (3321, FIVE, 358), (10_000, FIVE, 385), (1_000_000, FIVE, 400), (10**9, FIVE, 400),
        (10_000, Decimal("0.03"), 1000), (10_000, Fraction(1, 100), 5000), (50, Decimal("0.1"), 34),
    ],
)  # fmt: skip
def test_the_sample_is_what_the_formula_gives_rounded_up(population: int, error: Fraction, n: int) -> None:
    assert sample_size(population, error) == n


@given(population=st.integers(0, 10**12), error=st.fractions(Fraction(1, 1000), Fraction(999, 1000)))
def test_the_sample_is_the_smallest_whole_number_that_is_enough(population: int, error: Fraction) -> None:
    n = sample_size(population, error)
    exact = population / (1 + population * error**2)
    assert n - 1 < exact <= n <= max(population, 0)


@pytest.mark.parametrize(
    ("population", "error"), [(-1, FIVE), (10, Fraction(0)), (10, Fraction(1)), (10, Fraction(-1, 20))]
)
def test_a_sample_of_nothing_sensible_is_refused(population: int, error: Fraction) -> None:
    with pytest.raises(ValueError):
        sample_size(population, error)


@pytest.mark.parametrize(
    ("satisfied", "valid", "low", "high"),
    [  # Wilson's formula with z = 1.959964, worked out with another program
        (45, 50, "0.7864", "0.9565"), (0, 10, "0.0000", "0.2775"), (10, 10, "0.7225", "1.0000"),
        (81, 263, "0.2553", "0.3662"), (1, 1, "0.2065", "1.0000"),
    ],
)  # fmt: skip
def test_the_interval_is_wilsons(satisfied: int, valid: int, low: str, high: str) -> None:
    found = wilson(satisfied, valid)
    assert found is not None
    assert (f"{found.low:.4f}", f"{found.high:.4f}") == (low, high)
    assert wilson(0, 0) is None


@given(data=st.data(), valid=st.integers(1, 10**6))
def test_the_interval_holds_the_share_and_stays_inside(data: st.DataObject, valid: int) -> None:
    satisfied = data.draw(st.integers(0, valid))
    found = wilson(satisfied, valid)
    assert found is not None
    share = Decimal(satisfied) / valid
    assert 0 <= found.low <= share + Decimal("1e-20")
    assert share - Decimal("1e-20") <= found.high <= 1


def test_answers_are_counted_weighed_and_shared_exactly() -> None:
    question = ASKED.by_code["6"]
    said = ["rat_hai_long"] * 4 + ["hai_long"] * 3 + ["binh_thuong"] * 2 + ["khong_hai_long"] + ["khong_y_kien"] * 5
    found = count(ASKED, question, said)
    assert (found.answered, found.valid, found.satisfied) == (15, 10, 7)
    assert found.share == Fraction(7, 10)
    assert found.weight == 4 + 3 * Fraction(3, 5) + 2 * Fraction(1, 5)
    assert found.weighted == Fraction(62, 100)
    nothing = count(ASKED, question, ["khong_y_kien"] * 3)
    assert (nothing.share, nothing.weighted, nothing.interval) == (None, None, None)


def test_shares_are_written_with_a_comma_and_rounded_only_there() -> None:
    assert percent(Fraction(8, 9)) == "88,9%"
    assert percent(Fraction(1, 1)) == "100,0%"
    assert percent(Fraction(1, 2000)) == "0,1%", "half of a tenth goes up"
    assert percent(None) == "–"
    assert interval(count(ASKED, ASKED.by_code["6"], ["hai_long"] * 45 + ["khong_hai_long"] * 5)) == "78,6% đến 95,7%"
    use_language("en")
    assert percent(Fraction(8, 9)) == "88.9%"


def forms(**of: int) -> list[Form]:
    """So many forms of each class, with answers made by dice."""
    dice = random.Random(5)
    return [Form(who, choices(ASKED, dice)) for who, n in of.items() for _ in range(n)]


def test_fewer_answers_than_the_threshold_show_nothing_at_all() -> None:
    found = results(ASKED, forms(nguoi_dan=4))
    assert found.forms == 4
    assert found.everybody is None
    assert set(found.classes.values()) == {None}


def test_exactly_the_threshold_is_enough() -> None:
    found = results(ASKED, forms(nguoi_dan=5))
    assert found.everybody is not None
    assert found.everybody.forms == 5
    assert found.classes["nguoi_dan"] is not None


def test_a_small_class_hides_the_next_one_too_so_that_it_cannot_be_worked_out() -> None:
    found = results(ASKED, forms(nguoi_dan=100, to_chuc=20, doanh_nghiep=2))
    assert found.everybody is not None
    assert found.everybody.forms == 122
    assert {key for key, group in found.classes.items() if group is None} == {"to_chuc", "doanh_nghiep"}


def test_two_small_classes_that_together_are_enough_hide_no_third() -> None:
    found = results(ASKED, forms(nguoi_dan=100, to_chuc=3, doanh_nghiep=2))
    assert {key for key, group in found.classes.items() if group is None} == {"to_chuc", "doanh_nghiep"}


def test_what_few_answered_is_hidden_in_a_class_that_is_shown() -> None:
    answered = [Form("nguoi_dan", {"1": "co", "2": "a"}) for _ in range(3)]
    silent = [Form("nguoi_dan", {"1": "co"}) for _ in range(20)]
    others = [Form("to_chuc", {"1": "co", "2": "b"}) for _ in range(10)]
    found = results(MINIMAL, answered + silent + others)
    assert found.everybody is not None
    assert found.everybody.questions["2"] is not None
    citizens, organisations = found.classes["nguoi_dan"], found.classes["to_chuc"]
    assert citizens is not None
    assert organisations is not None
    assert citizens.questions["1"] is not None
    assert citizens.questions["2"] is None
    assert organisations.questions["2"] is None, "else what citizens said is all minus organisations"


def test_the_class_of_few_is_not_kept() -> None:
    kept = kept_classes(ASKED, forms(nguoi_dan=50, to_chuc=1, doanh_nghiep=30))
    assert sorted({form.respondents for form in kept}) == ["", "nguoi_dan"]
    assert sum(form.respondents == "" for form in kept) == 31, "one organisation, and the companies it hides among"
    again = results(ASKED, kept)
    assert again.classes["nguoi_dan"] is not None
    assert again.classes["to_chuc"] is None, "not: nobody answered"
    assert results(ASKED, forms(nguoi_dan=9)).classes["to_chuc"] is not None, "nobody did"
    assert again.everybody is not None
    assert again.everybody.forms == 81


@given(counts=st.dictionaries(st.integers(0, 9), st.integers(0, 40), max_size=8), least=st.integers(3, 12))
def test_nothing_small_can_be_worked_out_from_what_is_shown(counts: dict[int, int], least: int) -> None:
    visible = shown(counts, least)
    assert all(counts[group] == 0 or counts[group] >= least for group in visible)
    total = sum(counts.values())
    if total < least:
        assert not visible
        return
    hidden = [group for group in counts if group not in visible]
    unknown = sum(counts[group] for group in hidden)
    assert unknown == 0 or unknown >= least
    for size in range(len(visible) + 1):  # whatever is subtracted from all: the rest is none of the small ones
        for taken in combinations(visible, size):
            rest = total - sum(counts[group] for group in taken)
            assert rest == 0 or rest >= least


@given(counts=st.lists(st.integers(5, 40), min_size=1, max_size=6))
def test_nothing_is_hidden_where_all_are_large(counts: list[int]) -> None:
    assert shown(dict(enumerate(counts)), 5) == set(range(len(counts)))


def test_counts_that_are_added_up_are_the_count_of_all() -> None:
    question = ASKED.by_code["1"]
    said = [option.key for option in ASKED.options_of(question)] * 3
    assert added([count(ASKED, question, said[:4]), count(ASKED, question, said[4:])]) == count(ASKED, question, said)
