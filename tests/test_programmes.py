"""Reading programmes: shipped ones, bad files told where they are wrong, the schema of editors, who an office is when."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chamdiem.criteria.library import IN_REPOSITORY
from chamdiem.criteria.schema import json_schema
from chamdiem.errors import Problem, Refusal
from chamdiem.programmes import library
from chamdiem.programmes.due import due_dates
from chamdiem.programmes.duty_checks import RULES_OF
from chamdiem.programmes.model import Programme
from chamdiem.programmes.organisations import gone, holders, name_on
from chamdiem.programmes.schema import schema_text
from chamdiem.words import say, shown_problem, use_language

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad_programmes").glob("*.yaml"))
EACH_BAD = pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
MINIMAL = HERE / "bad_programmes" / "sound" / "minimal.yaml"
SHIPPED = pytest.mark.parametrize("file", library.shipped(), ids=lambda file: file.stem)
CATALOGUE = HERE.parent / "src/chamdiem/locale/vi/LC_MESSAGES/chamdiem.po"
CHECKS = "".join(
    (HERE.parent / "src/chamdiem/programmes" / name).read_text("utf-8") for name in ("checks.py", "duty_checks.py")
)


@pytest.fixture(autouse=True)
def _vietnamese_again() -> Iterator[None]:
    yield
    use_language("vi")


def problems_of(source: Path | str) -> tuple[Problem, ...]:
    with pytest.raises(Refusal) as refused:
        library.load(source)
    return refused.value.problems


@EACH_BAD
def test_a_bad_file_is_refused_where_it_is_wrong(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    expected = [(name, int(line)) for name, line in re.findall(r"^# expect: (\S+) @ (\d+)$", text, re.M)]
    seen = re.findall(r"^# thấy: (.+)$", text, re.M)
    problems = problems_of(file)
    assert [(problem.message.id, problem.where.line) for problem in problems] == expected
    assert seen
    for words in seen:
        assert any(words in say(problem.message) for problem in problems)


@EACH_BAD
def test_a_bad_file_is_explained_in_both_languages(file: Path) -> None:
    for problem in problems_of(file):
        vietnamese = shown_problem(problem)
        assert vietnamese.startswith(f"{file}:{problem.where.line}:{problem.where.column}")
        use_language("en")
        assert shown_problem(problem) != vietnamese
        use_language("vi")


def test_every_sentence_of_the_checks_has_a_bad_file() -> None:
    named = set(re.findall(r'"((?:programme|criteria)\.[a-z_]+)"', CHECKS)) - {"criteria.day_outside_calendar"}
    expected = {name for file in BAD for name in re.findall(r"^# expect: (\S+)", file.read_text("utf-8"), re.M)}
    assert named - expected == set()


def test_the_minimal_programme_that_the_bad_files_spoil_is_good() -> None:
    programme = library.load(MINIMAL)
    assert [task.code for task in programme.tasks] == ["1.1", "1.2"]


@SHIPPED
def test_a_shipped_programme_is_good_and_is_found_by_its_id(file: Path) -> None:
    assert library.load(file.stem) == library.load(file)
    assert library.text_of(file.stem) == file.read_text(encoding="utf-8")


@SHIPPED
def test_a_shipped_programme_is_copied_and_says_from_where(file: Path) -> None:
    programme = library.load(file)
    assert programme.status == "transcribed"
    assert programme.note
    assert programme.document.copied_from
    assert programme.quirks
    assert any(quirk.departs for quirk in programme.quirks)


@SHIPPED
def test_an_organisation_that_nobody_names_is_not_described(file: Path) -> None:
    programme = library.load(file)
    named = set(programme.objects)
    for task in programme.tasks:
        owners = programme.owners_of(task)
        named |= {*owners.lead, *owners.with_}
    for duty in programme.duties:
        for stage in duty.stages:
            named |= {*stage.by, *stage.to, *stage.via}
    named |= {one for recipient in programme.recipients for one in recipient.who}
    for one in programme.organisations:
        named |= {one.within} if one.within else set()
        named |= set(one.succeeded_by.by) if one.succeeded_by else set()
    unnamed = {one.id for one in programme.organisations} - named
    kept = {
        "tinh_tra_vinh",
        "chanh_vp",
        "chu_tich_ubnd_tinh",
        "ban_thuong_vu_tinh_uy",
        "dang_bo_xa",
        "ubnd_tinh",
        "tt_pvhcc",
    }
    assert unnamed <= kept, "signers and offices that only stand in the words of a task"


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


def checker() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema_text()), format_checker=jsonschema.FormatChecker())


@SHIPPED
def test_a_shipped_programme_is_good_under_the_schema_it_names(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=programme.schema.json\n")
    assert [error.message for error in checker().iter_errors(as_an_editor_reads(text))] == []


def test_the_schema_on_disk_is_current_and_speaks_vietnamese() -> None:
    kept = (IN_REPOSITORY / "programmes" / "programme.schema.json").read_text(encoding="utf-8")
    assert kept == schema_text(), "chạy: chamdiem programme schema"
    jsonschema.Draft202012Validator.check_schema(json.loads(kept))
    described = re.findall(r'"description": "((?:[^"\\]|\\.)*)"', kept)
    assert len(described) > 80
    assert [words for words in described if words.isascii()] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [("status: illustrative", "status: chinh_thuc"), ("kind: agency", "kind: so"), ("day: 10", "day: [10]")],
)
def test_the_schema_sees_what_an_editor_can_see(before: str, after: str) -> None:
    text = MINIMAL.read_text(encoding="utf-8")
    assert checker().is_valid(as_an_editor_reads(text))
    assert not checker().is_valid(as_an_editor_reads(text.replace(before, after)))


def test_reading_programmes_leaves_the_schema_of_criteria_sets_alone() -> None:
    """Both are explained by the names of their classes: a class called the same twice would mix them up."""
    kept = (IN_REPOSITORY / "criteria-set.schema.json").read_text(encoding="utf-8")
    assert json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n" == kept


def test_an_unknown_id_is_refused_with_the_nearest_one() -> None:
    (problem,) = problems_of("do-dau-xa-tra-vinh-2032")
    assert problem.message.id == "programme.unknown"
    assert "Có phải “do-dau-xa-tra-vinh-2023” không?" in say(problem.message)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "khong-co.yaml")[0].message.id == "criteria.file_missing"


def test_a_file_in_the_shipped_folder_is_called_like_its_programme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "folder", lambda: tmp_path)
    (tmp_path / "khac.yaml").write_text(MINIMAL.read_text(encoding="utf-8"), encoding="utf-8")
    assert problems_of("khac")[0].message.id == "programme.file_name"


def test_a_fingerprint_changes_with_every_word_and_not_with_the_layout() -> None:
    text = MINIMAL.read_text(encoding="utf-8")
    one, other = library.read(text, "a.yaml"), library.read(text.replace("Việc một.", "Việc một!"), "a.yaml")
    assert library.content_hash(one) == library.content_hash(library.read("# lời dẫn\n" + text, "b.yaml"))
    assert library.content_hash(one) != library.content_hash(other)


# Who an office is on a day.


def office(programme: Programme, id: str, day: date) -> list[str]:  # noqa: A002
    return [one.name for one in holders(programme, id, day)]


def test_a_sponsored_commune_goes_on_in_its_successor() -> None:
    programme = library.load("do-dau-xa-tra-vinh-2023")
    assert office(programme, "xa_tan_son", date(2025, 6, 30)) == ["xã Tân Sơn, huyện Trà Cú"]
    assert office(programme, "xa_tan_son", date(2025, 7, 1)) == ["xã Tập Sơn"]
    assert office(programme, "ubnd_hoa_tan", date(2026, 1, 1)) == ["Ủy ban nhân dân xã An Phú Tân"]
    assert name_on(programme, "xa_hoa_tan", date(2026, 1, 1)) == "xã Hòa Tân, huyện Cầu Kè (nay là xã An Phú Tân)"


def test_a_district_ends_and_its_offices_with_it() -> None:
    programme = library.load("do-dau-xa-tra-vinh-2023")
    assert office(programme, "huyen_uy_tra_cu", date(2025, 6, 30)) == ["Huyện ủy Trà Cú"]
    assert office(programme, "huyen_uy_tra_cu", date(2025, 7, 1)) == []
    assert [one.id for one in gone(programme, ("huyen_uy_tra_cu", "tinh_uy"), date(2026, 1, 1))] == ["huyen_uy_tra_cu"]
    assert "không còn" in name_on(programme, "huyen_cau_ke", date(2026, 1, 1))


def test_a_department_goes_on_in_another_and_its_office_keeps_its_name() -> None:
    programme = library.load("dan-van-chinh-quyen-tra-vinh-2021")
    assert office(programme, "so_tttt", date(2025, 2, 28)) == ["Sở Thông tin và Truyền thông"]
    assert office(programme, "so_tttt", date(2025, 3, 1)) == ["Sở Khoa học và Công nghệ"]
    assert office(programme, "van_phong_so", date(2025, 3, 1)) == ["Văn phòng Sở"]


def test_communes_of_the_programmes_are_in_the_register_of_units() -> None:
    """Codes, names and successors agree with the shipped lists of units."""
    data = HERE.parent / "data" / "units"
    lists = [
        (data / name).read_text(encoding="utf-8-sig")
        for name in ("before-2025-07.csv", "communes-2025.csv", "provinces-2025.csv")
    ]
    successors = (data / "predecessors-2025.csv").read_text(encoding="utf-8-sig")
    known = {(code, name.lower()) for text in lists for code, name in re.findall(r"^(\d+),([^,]+),", text, re.M)}
    for file in library.shipped():
        programme = library.load(file)
        for one in programme.organisations:
            if one.unit is not None:
                assert (one.unit, one.name.split(",")[0].lower()) in known
            for after in one.succeeded_by.by if one.unit and one.succeeded_by else ():
                assert re.search(rf"^{one.unit},{programme.organisation(after).unit},2025-07-01,", successors, re.M)


def test_an_empty_key_is_refused_like_any_other_unknown_one() -> None:
    with pytest.raises(Refusal) as refused:
        library.read("'': x\n" + MINIMAL.read_text(encoding="utf-8"), "thu.yaml")
    (problem,) = refused.value.problems
    assert (problem.message.id, problem.where.path) == ("yaml.unknown_key", ("''",))


# What the README says, and whatever anybody may write.


def test_the_example_of_the_readme_is_good() -> None:
    readme = (IN_REPOSITORY / "programmes" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```yaml\n# chương trình\n(.+?)^```$", readme, re.M | re.S)
    programme = library.read(block, "README.md")
    days = [due.last for due in due_dates(programme, date(2026, 1, 1), date(2026, 12, 31))]
    assert days == [date(2026, 6, 4), date(2026, 6, 15)]
    assert checker().is_valid(as_an_editor_reads(block))


def test_the_readme_has_a_row_for_every_kind_of_rule() -> None:
    readme = (IN_REPOSITORY / "programmes" / "README.md").read_text(encoding="utf-8")
    kinds = {kind for allowed in RULES_OF.values() for kind in allowed}
    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.M)) == kinds


LINES = MINIMAL.read_text(encoding="utf-8").splitlines()
WORDS = ("xa", "so", "[]", "{}", "30", "9999-12-31", "0001-01-01", "phase", "month", "before", "''", "1.1", "khác")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_written_is_read_or_refused(data: st.DataObject) -> None:
    """Words taken out, put elsewhere or changed: never a traceback, and every problem says where it is."""
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        pieces = re.split(r"([\s,:\[\]{}]+)", lines[at])
        piece = data.draw(st.integers(0, len(pieces) - 1))
        pieces[piece] = data.draw(st.sampled_from((*WORDS, "", *re.findall(r"[^\s,:\[\]{}]+", "".join(LINES[-12:])))))
        lines[at] = "".join(pieces)
    problems: tuple[Problem, ...] = ()
    try:
        programme = library.read("\n".join(lines), "thu.yaml")
        due_dates(programme, date(2023, 1, 1), date(2026, 12, 31), beyond=True)
    except Refusal as refusal:
        problems = refusal.problems
    assert all(problem.where.line > 0 for problem in problems)
