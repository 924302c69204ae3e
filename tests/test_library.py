"""Reading criteria sets: the shipped ones, files, calendars, refusals; and the schema editors check them with."""

from __future__ import annotations

import json
import re
import textwrap
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from chamdiem.criteria import library
from chamdiem.criteria.rules import KINDS
from chamdiem.criteria.schema import json_schema, schema_text
from chamdiem.errors import Refusal
from chamdiem.words import say

HERE = Path(__file__).parent
MINIMAL = (HERE / "sample_criteria" / "minimal.yaml").read_text(encoding="utf-8")
SHIPPED = pytest.mark.parametrize("file", library.shipped(), ids=lambda file: file.stem)
DEADLINE = MINIMAL.replace(
    "{kind: linear, of: share}",
    "{kind: deadline, limit: on_or_before, after: {working_days: 3, calendar: %s, day: 2024-05-06}}",
)
CALENDAR = """\
title: Lịch thử
source: Tự đặt để thử
status: illustrative
from: 2024-01-01
to: 2024-12-31
days_off: []
"""


def refused(source: Path | str) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        library.load(source)
    return refusal.value


@SHIPPED
def test_a_shipped_set_is_good_and_is_found_by_its_id(file: Path) -> None:
    assert library.load(file.stem) == library.load(file)
    assert library.load(str(file)).id == file.stem


@SHIPPED
def test_a_shipped_set_is_good_under_the_schema_it_names(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=criteria-set.schema.json\n")
    checker = jsonschema.Draft202012Validator(json_schema(), format_checker=jsonschema.FormatChecker())
    assert [error.message for error in checker.iter_errors(as_an_editor_reads(text))] == []


def test_a_set_with_every_kind_of_rule_is_good_under_the_schema() -> None:
    file = HERE / "sample_criteria" / "every_kind.yaml"
    criteria = library.load(file)
    assert {type(leaf.rule) for leaf in criteria.leaves} == set(KINDS)
    checker = jsonschema.Draft202012Validator(json_schema(), format_checker=jsonschema.FormatChecker())
    assert [error.message for error in checker.iter_errors(as_an_editor_reads(file.read_text(encoding="utf-8")))] == []


def as_an_editor_reads(text: str) -> Any:
    """Typed by YAML 1.2, as editors do: `on` and `no` are text; days are text with a format."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
    return yaml.load(text, Loader)  # a SafeLoader


def test_the_schema_on_disk_is_current() -> None:
    assert (library.IN_REPOSITORY / "criteria-set.schema.json").read_text(encoding="utf-8") == schema_text(), (
        "chạy: chamdiem criteria schema"
    )


def test_the_schema_is_one_and_speaks_vietnamese() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    described = re.findall(r'"description": "((?:[^"\\]|\\.)*)"', json.dumps(schema, ensure_ascii=False))
    assert len(described) > 200
    assert [words for words in described if words.isascii()] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("status: illustrative", "status: chinh_thuc"),
        ("unit_kinds: [xa]", "unit_kinds: [xa]\nten: x"),
        ("kind: boolean", "kind: bool"),
        ("step: 0.5", "step: [0.5]"),
        ("to: 2024-12-31", "to: 31/12/2024"),
        ("  max: 10\n", ""),
    ],
)
def test_the_schema_sees_what_an_editor_can_see(before: str, after: str) -> None:
    checker = jsonschema.Draft202012Validator(json_schema(), format_checker=jsonschema.FormatChecker())
    assert checker.is_valid(as_an_editor_reads(MINIMAL))
    assert not checker.is_valid(as_an_editor_reads(MINIMAL.replace(before, after)))


def test_an_unknown_id_is_refused_with_the_nearest_one() -> None:
    (problem,) = refused("yenthe-dan-van-kheo-2042").problems
    assert problem.message.id == "criteria.unknown_set"
    assert "Có phải “yenthe-dan-van-kheo-2024” không?" in say(problem.message)


def test_a_file_that_cannot_be_read_is_refused_in_our_words(tmp_path: Path) -> None:
    assert refused(tmp_path / "khong-co.yaml").problems[0].message.id == "criteria.file_missing"
    assert refused(tmp_path).problems[0].message.id == "criteria.not_a_file"
    assert refused("x" * 300 + ".yaml").problems[0].message.id == "criteria.file_unreadable"
    too_long = tmp_path / "dai.yaml"
    too_long.write_text("#" * (1024 * 1024 + 1))
    assert refused(too_long).problems[0].message.id == "yaml.too_many_bytes"


def test_a_file_in_the_shipped_folder_is_called_like_its_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "SHIPPED", tmp_path)
    (tmp_path / "khac.yaml").write_text(MINIMAL, encoding="utf-8")
    assert refused("khac").problems[0].message.id == "criteria.file_name"
    (tmp_path / "khac.yaml").rename(tmp_path / "toi-thieu.yaml")
    assert library.load("toi-thieu").id == "toi-thieu"
    assert [file.name for file in library.shipped()] == ["toi-thieu.yaml"]


def test_a_file_elsewhere_may_be_called_as_one_likes(tmp_path: Path) -> None:
    (tmp_path / "ban-nhap.yaml").write_text(MINIMAL, encoding="utf-8")
    assert library.load(tmp_path / "ban-nhap.yaml").id == "toi-thieu"


def test_a_calendar_that_a_deadline_names_is_brought_along() -> None:
    criteria = library.read(DEADLINE % "vn", "han.yaml")
    assert criteria.calendars["vn"].from_ <= date(2024, 5, 6)
    assert library.read(MINIMAL, "khong-han.yaml").calendars == {}


def test_a_calendar_of_the_set_goes_before_the_shipped_one() -> None:
    own = "calendars:\n  vn:\n" + textwrap.indent(CALENDAR, "    ")
    assert library.read(DEADLINE % "vn" + own, "han.yaml").calendars["vn"].title == "Lịch thử"


def test_a_mistake_in_a_shipped_calendar_is_shown_in_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "SHIPPED", tmp_path)
    (tmp_path / "calendars").mkdir()
    text = (
        "title: Thử\nsource: Tự đặt\nstatus: illustrative\nfrom: 2024-01-01\nto: 2024-12-31\ndays_off: [2024-01-07]\n"
    )
    (tmp_path / "calendars" / "thu.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        library.read(DEADLINE % "thu", "han.yaml")
    (problem,) = refusal.value.problems
    assert problem.message.id == "criteria.wrong_days_off"
    assert (Path(problem.where.file).name, problem.where.line) == ("thu.yaml", 6)


def test_text_may_come_as_bytes_with_a_mark_in_front() -> None:
    assert library.read(b"\xef\xbb\xbf" + MINIMAL.encode(), "bom.yaml") == library.read(MINIMAL, "khong.yaml")
