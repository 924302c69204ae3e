"""Where figures come from: declared for every answer, told to people, part of an edition; and the shipped sets name things
that exist."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from builders import one_unit
from chamdiem.cli.views import condition_cells, stars_shown
from chamdiem.criteria import library
from chamdiem.criteria.editions import diff, structure_hash
from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.criteria.sources import FromDeadlines, FromDecision, FromReports, FromSurvey
from chamdiem.exchange.criteria_words import about, bands_called
from chamdiem.programmes import library as programmes

HERE = Path(__file__).parent
EVERY_KIND = library.load(HERE / "sample_criteria" / "every_kind.yaml")
YEARS_END = (
    "dan-van-chinh-quyen-tra-vinh-2021",
    "dan-van-kheo-lua-chon-dong-tam-2024",
    "do-dau-xa-tra-vinh-2023",
    "giup-do-xa-lao-cai-2021",
    "mat-tran-phoi-hop-tuyen-quang-2022",
    "tiep-can-phap-luat-2021",
)


def leaf(made: CriteriaSet, code: str) -> Node:
    return next(node for node in made.leaves if node.code == code)


def said(made: CriteriaSet, code: str) -> list[str]:
    return [line.words for line in about(made, leaf(made, code)) if line.about == "source"]


def sourced() -> Iterator[tuple[CriteriaSet, Node]]:
    for path in library.shipped():
        made = library.load(path)
        yield from ((made, node) for node in made.leaves if node.source is not None)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "2.1",
            "Số liệu đếm trên sổ theo dõi kỳ hạn của chương trình ke-hoach-thu: số đã làm = số báo cáo, việc đúng hạn; tổng số"
            " = số báo cáo, việc đến hạn. Chỉ đếm: bao_cao_quy.",
        ),
        ("2.5", "Số liệu lấy từ văn bản: Quyết định công bố chỉ số."),
        ("3.1", "Số liệu lấy từ báo cáo của chương trình ke-hoach-thu (lũy kế từ đầu năm): buổi = [so_buoi]."),
        (
            "3.5",
            "Số liệu lấy từ kết quả khảo sát phieu-thu: số phiếu hài lòng = số phiếu hài lòng, rất hài lòng; số phiếu hợp lệ ="
            " số phiếu hợp lệ.",
        ),
    ],
)
def test_a_source_is_told_in_a_sentence(code: str, words: str) -> None:
    assert said(EVERY_KIND, code) == [words]


def test_another_source_is_a_change_of_structure_and_other_words_are_not() -> None:
    text = (HERE / "sample_criteria" / "every_kind.yaml").read_text(encoding="utf-8")
    other = library.read(text.replace("of: due}", "of: on_time}"), "thu.yaml")
    assert [(one.grade, one.path[-2:]) for one in diff(EVERY_KIND, other)] == [("structure", ("figures", "of"))]
    assert structure_hash(other) != structure_hash(EVERY_KIND)
    worded = library.read(text.replace("Quyết định công bố chỉ số", "Thông báo chỉ số"), "thu.yaml")
    assert [one.grade for one in diff(EVERY_KIND, worded)] == ["wording"]
    assert structure_hash(worded) == structure_hash(EVERY_KIND)


def test_every_answer_of_a_shipped_criterion_with_a_source_gets_a_figure() -> None:
    for made, node in sourced():
        assert node.rule is not None
        if not isinstance(node.source, FromDecision) and node.source is not None:
            asked = {one.name for one in node.rule.inputs(made.scale_of(node))}
            assert node.source.figures.keys() == asked, (made.id, node.code)


def test_every_sort_of_source_is_shipped() -> None:
    assert {type(node.source) for _, node in sourced()} == {FromReports, FromDeadlines, FromSurvey, FromDecision}


def test_what_is_counted_or_asked_elsewhere_wants_no_paper_of_its_own() -> None:
    for made, node in sourced():
        if not isinstance(node.source, FromDecision):
            assert not made.need_of(node).required, (made.id, node.code)


def test_shipped_sources_name_surveys_that_are_shipped() -> None:
    there = {path.stem for path in (library.folder() / "surveys").glob("*.yaml")}
    named = {node.source.survey for _, node in sourced() if isinstance(node.source, FromSurvey)}
    assert named <= there


def test_shipped_sources_name_programmes_and_duties_that_are_shipped() -> None:
    for made, node in sourced():
        if isinstance(node.source, FromReports | FromDeadlines):
            text = (library.folder() / "programmes" / f"{node.source.programme}.yaml").read_text(encoding="utf-8")
            duties = {duty["id"] for duty in yaml.load(text, yaml.BaseLoader)["duties"]}
            assert {*getattr(node.source, "duties", ())} <= duties, (made.id, node.code)


def test_each_programme_of_the_year_has_its_set() -> None:
    assert set(YEARS_END) <= {path.stem for path in library.shipped()}


@pytest.mark.parametrize("name", YEARS_END)
def test_a_set_of_the_years_end_says_what_is_not_official(name: str) -> None:
    made = library.load(name)
    assert made.status == "illustrative"
    assert made.note is not None
    assert "minh họa" in made.note
    assert made.base.max == 100
    assert all(basis.number and basis.issuer for basis in made.legal_basis)


@pytest.mark.parametrize("name", [name for name in YEARS_END if name != "tiep-can-phap-luat-2021"])
def test_every_node_of_a_set_of_the_years_end_has_its_clause(name: str) -> None:
    assert [node.code for node in library.load(name).nodes if node.clause is None] == []


def test_the_lao_cai_set_has_five_criteria_and_the_four_classes_word_for_word() -> None:
    made = library.load("giup-do-xa-lao-cai-2021")
    assert len(made.base.nodes) == 5
    assert made.stars is not None
    assert [band.title for band in made.stars.bands] == [
        "Hoàn thành xuất sắc nhiệm vụ",
        "Hoàn thành tốt nhiệm vụ",
        "Hoàn thành nhiệm vụ",
        "Không hoàn thành nhiệm vụ",
    ]


def test_the_access_to_law_set_invents_no_name() -> None:
    made = library.load("tiep-can-phap-luat-2021")
    assert [gate.status for gate in made.gates] == ["transcribed"] * 3
    assert all("ghi từ phụ lục" in node.title for node in made.base.nodes)


def test_a_class_is_called_by_its_name_where_stars_would_be_drawn() -> None:
    made = library.load("giup-do-xa-lao-cai-2021")
    result = one_unit(made, {"4": "7/7", "1.1": "phan_cong"})
    assert stars_shown(result, 0) == "Không hoàn thành nhiệm vụ"
    called = [condition_cells(result, row)[0] for row in result.conditions_of(0)]
    assert called == [band.title for band in reversed(made.stars.bands if made.stars else ())]
    assert made.stars is not None
    assert bands_called(made.stars) == "Các mức xếp loại"
    assert EVERY_KIND.stars is not None
    assert bands_called(EVERY_KIND.stars) == "Các hạng sao"


def test_every_set_that_a_shipped_programme_is_judged_by_is_shipped() -> None:
    known = {library.load(path).id for path in library.shipped()}
    linked = {link.set for path in programmes.shipped() for link in programmes.load(path).criteria}
    assert linked
    assert linked <= known
