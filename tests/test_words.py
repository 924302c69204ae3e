"""The catalogues: one sentence for each name, in both languages, with the values the code gives; nothing left over."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from chamdiem.criteria import library
from chamdiem.errors import message
from chamdiem.server import SETTINGS
from chamdiem.words import LANGUAGES, LOCALE, say, shown, shown_number, use_language

SOURCE = LOCALE.parent
SPEAKERS = {"message", "refuse", "say", "PydanticCustomError", "unknown", "repeats", "circles"}
ENGLISH = (
    "the and are is of or not must file value key line row cell sheet missing wrong found should cannot please error"
)
FILE_NAME = re.compile(r"\.(?:yaml|json|py|po|mo|xlsx|csv|db)$")


@cache
def catalogue(language: str) -> dict[str, str]:
    """Each name with its sentence."""
    with (LOCALE / language / "LC_MESSAGES" / "chamdiem.po").open("rb") as file:
        return sentences(read_po(file, abort_invalid=True))


def sentences(catalog: Catalog) -> dict[str, str]:
    return {str(entry.id): str(entry.string) for entry in catalog if entry.id}


def holes(sentence: str) -> set[str]:
    """The values a sentence has room for."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    return tuple((file, ast.parse(file.read_text(encoding="utf-8"))) for file in sorted(SOURCE.rglob("*.py")))


def pattern(text: ast.JoinedStr) -> str:
    """An f-string as a regular expression for the names it can make."""
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9_-]+" for part in text.values
    )


def spoken() -> Iterator[tuple[str, ast.Call, ast.expr]]:
    """Each call that names a sentence: where, the call, the expression that is the name."""
    for file, tree in modules():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in SPEAKERS:
                for part in call.args:
                    yield f"{file.relative_to(SOURCE)}:{call.lineno}", call, part


@cache
def texts() -> tuple[frozenset[str], frozenset[str]]:
    """Every whole string in the code, and every f-string as a pattern."""
    whole: set[str] = set()
    made: set[str] = set()
    for _, tree in modules():
        parts = list(ast.walk(tree))
        inside = {id(piece) for part in parts if isinstance(part, ast.JoinedStr) for piece in part.values}
        made |= {pattern(part) for part in parts if isinstance(part, ast.JoinedStr)}
        whole |= {
            part.value
            for part in parts
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in inside
        }
    for file in SOURCE.rglob("*.html"):
        whole |= set(re.findall(r'say\("([\w.]+)"', file.read_text(encoding="utf-8")))
    return frozenset(whole), frozenset(made)


def test_english_counts_and_vietnamese_does_not() -> None:
    found = {}
    for language in LANGUAGES:
        use_language(language)
        found[language] = [say("surveys.unit_count", n=n) for n in (0, 1, 2, 1001)]
    use_language("vi")
    assert found["en"] == ["0 units", "1 unit", "2 units", "1,001 units"]
    assert found["vi"] == ["0 đơn vị", "1 đơn vị", "2 đơn vị", "1.001 đơn vị"]


def test_every_word_for_one_has_its_word_for_more() -> None:
    """A format of a value is a pair of words, and only where a language needs it."""
    pairs = {
        language: [spec for text in catalogue(language).values() for _, _, spec, _ in Formatter().parse(text) if spec]
        for language in LANGUAGES
    }
    assert pairs["vi"] == []
    assert pairs["en"]
    assert all(re.fullmatch(r"[a-z ]+\|[a-z ]+", pair) for pair in pairs["en"])


def test_both_catalogues_have_the_same_names() -> None:
    assert catalogue("vi").keys() ^ catalogue("en").keys() == set()


def test_both_catalogues_have_room_for_the_same_values() -> None:
    english = catalogue("en")
    unequal = {name for name, words in catalogue("vi").items() if holes(words) != holes(english.get(name, words))}
    assert unequal == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_written_twice(language: str) -> None:
    assert [name for name, words in catalogue(language).items() if not words.strip()] == []
    text = (LOCALE / language / "LC_MESSAGES" / "chamdiem.po").read_text(encoding="utf-8")
    names = re.findall(r'^msgid "(.+)"$', text, re.M)
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
    assert "#, fuzzy" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_current(language: str) -> None:
    compiled = (LOCALE / language / "LC_MESSAGES" / "chamdiem.mo").read_bytes()
    assert sentences(read_mo(io.BytesIO(compiled))) == catalogue(language), (
        "chạy: pybabel compile -d src/chamdiem/locale -D chamdiem"
    )


def written_names() -> set[str]:
    """Every whole string that looks like the name of a sentence, or like the beginning of one."""
    families = "|".join(sorted({name.split(".")[0] for name in catalogue("vi")}))
    named = re.compile(rf"(?:{families})(?:\.[a-z0-9_-]+)+")
    return {text for text in texts()[0] - SETTINGS.keys() if named.fullmatch(text) and not FILE_NAME.search(text)}


def test_every_sentence_that_the_code_names_exists() -> None:
    known = catalogue("vi").keys()
    beginnings = {name[:at] for name in known for at, sign in enumerate(name) if sign in "._"}
    missing = written_names() - known - beginnings
    for where, _, part in spoken():
        if isinstance(part, ast.JoinedStr) and not any(re.fullmatch(pattern(part), name) for name in known):
            missing.add(f"{where} {pattern(part)}")
    assert missing == set()


def test_every_sentence_is_named_somewhere_in_the_code() -> None:
    written = written_names()
    beginnings = [f"{re.escape(name)}_[a-z0-9_]+" for name in written - catalogue("vi").keys()]
    families = [text for text in texts()[1] if re.match(r"[a-z_]+\\\.", text)]
    anything = [re.compile(family) for family in (*families, *beginnings)]
    unused = catalogue("vi").keys() - written
    assert {name for name in unused if not any(family.fullmatch(name) for family in anything)} == set()


def test_every_sentence_gets_the_values_it_has_room_for() -> None:
    short: set[str] = set()
    for where, call, part in spoken():
        if not isinstance(part, ast.Constant) or part.value not in catalogue("vi") or part is not call.args[0]:
            continue
        given = {keyword.arg for keyword in call.keywords}
        assert isinstance(call.func, ast.Name)
        if None in given or call.func.id not in ("message", "refuse"):
            continue
        short |= {f"{where} {part.value} {{{hole}}}" for hole in holes(catalogue("vi")[str(part.value)]) - given}
    assert short == set()


def test_vietnamese_sentences_are_vietnamese() -> None:
    english = re.compile(rf"\b(?:{'|'.join(ENGLISH.split())})\b", re.IGNORECASE)
    mixed: dict[str, str] = {}
    for name, words in catalogue("vi").items():
        bare = re.sub(r"“[^”]*”|\{\w+\}|\([^)]*: \w+\)", "", words)
        if english.search(bare):
            mixed[name] = bare
    assert mixed == {}


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (Decimal("89.50"), "89,5", "89.5"),
        (1234567, "1.234.567", "1,234,567"),
        (Fraction(1, 3), "1/3", "1/3"),
        (Fraction(49, 50), "0,98", "0.98"),
        (Decimal("-0"), "0", "0"),
    ],
)
def test_numbers_are_written_as_each_language_writes_them(value: Decimal, vietnamese: str, english: str) -> None:
    assert shown_number(value) == vietnamese
    use_language("en")
    try:
        assert shown_number(value) == english
    finally:
        use_language("vi")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_explains_itself_in_whole_sentences(language: str) -> None:
    criteria = library.load(Path(__file__).parent / "sample_criteria" / "every_kind.yaml")
    use_language(language)
    try:
        explained = [
            say(part) for leaf in criteria.leaves if leaf.rule for part in leaf.rule.how(criteria.scale_of(leaf))
        ]
    finally:
        use_language("vi")
    assert [words for words in explained if not words.endswith(".") or "  " in words or "{" in words] == []


def test_moments_are_written_by_the_clock_of_vietnam() -> None:
    moment = datetime(2024, 11, 3, 18, 5, tzinfo=UTC)
    assert shown(moment) == "04/11/2024 01:05"
    use_language("en")
    assert shown(moment) == "2024-11-04 01:05"


def test_a_sentence_may_stand_inside_another() -> None:
    sentence = message("rule.zero_below", below=message("word.percent", value=Decimal("97.5")))
    assert say(sentence) == "Dưới 97,5%: 0 điểm."
