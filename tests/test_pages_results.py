"""The pages of results: each figure on them is the engine's, and nobody sees what is not his to see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from chamdiem import clock
from chamdiem.contest import earlier, panel
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import score_of
from chamdiem.contest.standings import ranking_for, result_for
from chamdiem.exchange.results_words import Published
from chamdiem.insight.route import route
from chamdiem.pages import charts
from chamdiem.pages.board import Board, padded
from chamdiem.pages.plain_table import Cell, Head, Line, table
from chamdiem.scoring.figures import HEADLINE
from chamdiem.scoring.result import Result
from chamdiem.store import tables
from chamdiem.store.door import Order
from chamdiem.words import say, use_language
from contest_world import NOT_FOUND, UNITS, World, refusal, world
from screens import opened, words

RANKING, UNIT_PAGE, HALL = "xep-hang", "phieu-don-vi", "trinh-chieu"
NASTY = "<img src=x onerror=alert(1)>**đậm** $x$ [a](javascript:1)"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """In review, only looked at."""
    with world("review", tmp_path_factory.mktemp("results")) as made:
        yield made


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    """In review, to be changed."""
    with world("review", tmp_path) as made:
        yield made


def engine(w: World) -> Result:
    with w.store.read() as connection:
        return score_of(connection, "k")


def html(page: AppTest) -> str:
    """What the tables of a page say, as text."""
    return "\n".join(unescape(re.sub(r"<[^>]+>", "\n", one.body)) for one in page.html)


def all_text(page: AppTest) -> str:
    metrics = "\n".join(f"{one.label} {one.value}" for one in page.metric)
    return f"{words(page)}\n{metrics}\n{html(page)}".replace("\\", "")


def names(w: World) -> list[str]:
    return [str(row["name"]) for row in w.all_rows("unit") if row["code"] in UNITS]


# the ranking ------------------------------------------------------------------------------------------------------


def test_ranking_shows_what_the_engine_says(monkeypatch: pytest.MonkeyPatch, kept: World) -> None:
    page, result = opened(monkeypatch, kept, "giam_sat", RANKING), engine(kept)
    found, published = html(page), Published(result)
    places = [found.index(result.marks.units[at].name) for at in published.order]
    assert places == sorted(places)
    for at in published.order:
        for figure in (result.verdict.totals.total, result.verdict.totals.base, result.verdict.totals.bonus):
            assert padded(result.points(figure[HEADLINE, at]), result.places) in found
        assert published.class_of(at) in found
    assert say("results.status.illustrative") in all_text(page)


@pytest.mark.parametrize("view", ["bang", "can-cu", "so-sanh", "bieu-do", "thay-doi"])
def test_every_view_opens_and_carries_the_label(monkeypatch: pytest.MonkeyPatch, kept: World, view: str) -> None:
    page = opened(monkeypatch, kept, "giam_sat", RANKING, xem=view)
    assert say("results.status.illustrative") in all_text(page)
    assert [one.value for one in page.title] == [say("page.xep-hang")]


@pytest.mark.parametrize("chart", ["nhom", "phan-bo", "san-tran", "don-vi"])
def test_every_chart_has_words_and_data(monkeypatch: pytest.MonkeyPatch, kept: World, chart: str) -> None:
    page = opened(monkeypatch, kept, "giam_sat", RANKING, xem="bieu-do", **{"bieu-do": chart})
    assert len(page.get("plotly_chart")) == 1
    assert len(page.dataframe) == 1
    assert len(page.caption) >= 1


def test_filters_stand_in_the_address(monkeypatch: pytest.MonkeyPatch, kept: World) -> None:
    page = opened(monkeypatch, kept, "giam_sat", RANKING, tim="canh nau")
    assert [name in html(page) for name in names(kept)] == [name == "Xã Canh Nậu" for name in names(kept)]
    page.text_input[0].set_value("khong co").run()
    assert page.query_params["tim"] == "khong co"
    assert say("ranking.nothing_found") in all_text(page)
    page.text_input[0].set_value("").run()
    assert "tim" not in page.query_params


def test_proof_and_way_are_those_of_the_engine(monkeypatch: pytest.MonkeyPatch, kept: World) -> None:
    result = engine(kept)
    for code in UNITS:
        page = opened(monkeypatch, kept, "giam_sat", RANKING, xem="can-cu", dv=code)
        found = html(page)
        at = result.unit_at(code)
        for row in result.conditions_of(at):
            assert say(row.subject) in found
        way = route(result, code)
        text = all_text(page)
        for lack in way.lacks:
            if lack.short is not None:
                assert f"thiếu {padded(lack.short, result.places)} điểm" in text
        assert found.count(f"✗ {say('word.not_met')}") == sum(not row.met for row in result.conditions_of(at))


@pytest.mark.parametrize("name", ["", "nguoi_la", "xa_07243", "tham_dinh", "quan_tri"])
@pytest.mark.parametrize("path", [RANKING, UNIT_PAGE, HALL])
def test_who_may_not_see_sees_nothing(monkeypatch: pytest.MonkeyPatch, kept: World, name: str, path: str) -> None:
    text = all_text(opened(monkeypatch, kept, name, path, dv="07246", xem="can-cu"))
    assert not any(one in text for one in names(kept))
    assert "★" not in text
    assert "điểm/" not in text


def test_conflicted_person_sees_the_others_only(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    panel.declare_conflict(w.store, w.actor("giam_sat"), "k", "07246", "Người thân")
    for path in (RANKING, UNIT_PAGE):
        text = all_text(opened(monkeypatch, w, "giam_sat", path, dv="07246"))
        assert "Canh Nậu" not in text
        assert say("ranking.partial") in text
    assert "Canh Nậu" in all_text(opened(monkeypatch, w, "chu_tich", RANKING))


def test_everybody_sees_what_was_published_word_for_word(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    before = {
        code: padded(engine(w).points(engine(w).verdict.totals.total[HEADLINE, at]), 2) for at, code in enumerate(UNITS)
    }
    w.two("publication.publish", "Lần 1")
    w.put_in(Phase.COUNCIL)
    w.mark("thu_ky", "07249", {"1.5": "5"}, "council", "Đính chính")
    text = all_text(opened(monkeypatch, w, "", RANKING))
    assert all(total in text for total in before.values())
    assert say("results.status.illustrative") in text
    now = engine(w)
    total = padded(now.points(now.verdict.totals.total[HEADLINE, now.unit_at("07249")]), 2)
    assert total != before["07249"]
    assert total not in text
    assert total in all_text(opened(monkeypatch, w, "giam_sat", RANKING))
    changed = all_text(opened(monkeypatch, w, "giam_sat", RANKING, xem="thay-doi"))
    assert before["07249"] in changed
    assert total in changed


def test_the_commune_sees_its_own_published_result(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    result = engine(w)
    total = padded(result.points(result.verdict.totals.total[HEADLINE, result.unit_at("07243")]), 2)
    assert total not in all_text(opened(monkeypatch, w, "xa_07243", UNIT_PAGE))
    w.two("publication.publish", "Lần 1")
    text = all_text(opened(monkeypatch, w, "xa_07243", UNIT_PAGE, dv="07246"))
    assert total in text
    assert "Canh Nậu" not in text


# one unit ----------------------------------------------------------------------------------------------------------


def test_unit_page_traces_every_figure(monkeypatch: pytest.MonkeyPatch, kept: World) -> None:
    result, page = engine(kept), opened(monkeypatch, kept, "giam_sat", UNIT_PAGE, dv="07249")
    text, at = all_text(page), result.unit_at("07249")
    for branch in result.plan.branches:
        assert padded(result.points(result.figure(branch).points[HEADLINE, at]), result.places) in text
    assert all(f"GK{n}" in text for n in range(1, 5))
    assert all(leaf.clause in text for leaf in result.criteria.leaves if leaf.clause)
    assert "1/BC-UBND" in text


def test_text_of_people_is_text_everywhere(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    w.store.write(Order("system", "unit.import"), lambda t: t.put(tables.unit, "07246", {"name": NASTY}))
    for path, about in ((RANKING, {}), (RANKING, {"xem": "can-cu"}), (UNIT_PAGE, {})):
        page = opened(monkeypatch, w, "giam_sat", path, dv="07246", **about)
        assert not any("<img" in one.body for one in page.html)
        assert not any(
            "**đậm**" in str(one.value) for kind in ("markdown", "subheader", "header") for one in page.get(kind)
        )


# the hall ----------------------------------------------------------------------------------------------------------


def press(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label == say(label)).click().run()
    return page


def test_nothing_is_known_before_it_is_announced(monkeypatch: pytest.MonkeyPatch, kept: World) -> None:
    order = [engine(kept).marks.units[at].name for at in Published(engine(kept)).order]
    page = opened(monkeypatch, kept, "to_chuc", HALL)
    assert not any(name in all_text(page) for name in order)
    press(page, "hall.begin")
    for announced in range(len(order) + 1):
        text = all_text(page)
        assert [name in text for name in order[::-1]] == [n < announced for n in range(len(order))]
        assert say("results.status.illustrative") in text
        if announced < len(order):
            press(page, "hall.next")
    press(page, "hall.back")
    assert order[0] not in all_text(page)
    press(page, "hall.leave")
    assert not any(name in all_text(page) for name in order)


# what is kept in memory, and what was yesterday -----------------------------------------------------------------------


def test_a_result_is_worked_out_once_and_again_after_each_change(w: World) -> None:
    actor = w.actor("chu_tich")
    first = result_for(w.store, actor, "k")
    assert result_for(w.store, actor, "k") is first
    assert result_for(w.store, w.actor("giam_sat"), "k") is first  # he sees the same units
    panel.declare_conflict(w.store, w.actor("giam_sat"), "k", "07246", "Người thân")
    assert [unit.code for unit in result_for(w.store, w.actor("giam_sat"), "k").marks.units] == ["07243", "07249"]
    assert len(ranking_for(w.store, w.actor("chu_tich"), "k").places) == 3
    assert result_for(w.store, actor, "k") is not first
    assert refusal(lambda: result_for(w.store, w.actor("nguoi_la"), "k")) == NOT_FOUND


def test_changes_are_those_since_the_event(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    since = earlier.changes_since(w.store, w.actor("giam_sat"), "k", tomorrow)
    assert (since.comparable, since.changes, since.marks) == (True, (), ())
    assert not earlier.changes_since(w.store, w.actor("giam_sat"), "k", clock.today()).comparable
    head, before = w.store.head().seq, {place.unit: place.standing for place in ranking(w)}
    w.put_in(Phase.COUNCIL)
    w.mark("thu_ky", "07249", {"1.5": "5", "1.6": "day_du"}, "council", "Đính chính")
    monkeypatch.setattr(earlier, "last_before", lambda connection, moment: head)
    since = earlier.changes_since(w.store, w.actor("giam_sat"), "k", tomorrow)
    after = {place.unit: place.standing for place in ranking(w)}
    assert {one.unit: (one.before, one.after) for one in since.changes} == {
        unit: (before[unit], after[unit]) for unit in UNITS if before[unit] != after[unit]
    }
    assert since.changes
    assert since.marks == (("07249", 2),)
    text = all_text(opened(monkeypatch, w, "giam_sat", RANKING, xem="thay-doi"))
    assert say("ranking.changed", marks=2, marked=1, n=len(since.changes)) in text


def ranking(w: World) -> tuple:  # type: ignore[type-arg]
    return ranking_for(w.store, w.actor("giam_sat"), "k").places


def test_sealed_marks_of_yesterday_are_told_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world("sealed", tmp_path) as w:
        head = w.store.head().seq
        w.two("sheet.reveal")
        monkeypatch.setattr(earlier, "last_before", lambda connection, moment: head)
        assert not earlier.changes_since(w.store, w.actor("chu_tich"), "k", clock.today()).comparable


# charts and tables ---------------------------------------------------------------------------------------------------


def board(w: World) -> Board:
    said = {place.unit: place.standing for place in ranking(w)}
    return Board("k", Published(result_for(w.store, w.actor("giam_sat"), "k")), said, partial=False)


def test_charts_draw_the_figures_of_the_engine(kept: World) -> None:
    made, result = board(kept), engine(kept)
    rows = made.published.order
    heat = charts.heat_map(made, rows)
    groups = charts.groups_of(made)
    for line, at in zip(heat.figure.data[0].text, rows, strict=True):
        wanted = [padded(result.points(result.figure(one).points[HEADLINE, at]), 2) for one in groups]
        assert list(line) == wanted
    assert sum(charts.distribution(made).figure.data[0].y) == len(UNITS)
    spans = charts.intervals(made, rows).figure.data[0].x
    assert list(spans) == [float(result.points(result.verdict.totals.total[HEADLINE, at])) for at in rows]


def test_a_table_holds_text_only() -> None:
    made = table([Head("a"), Head("b")], [Line([NASTY, Cell(NASTY, href='x"y', below=NASTY)])], NASTY)
    assert "<img" not in made
    assert 'href="x&quot;y"' in made


def test_pages_speak_english_too(monkeypatch: pytest.MonkeyPatch, kept: World) -> None:
    for path in (RANKING, UNIT_PAGE, HALL):
        page = opened(monkeypatch, kept, "giam_sat", path, lang="en")
        use_language("en")
        assert [one.value for one in page.title] == [say(f"page.{path}")]
        assert say("results.status.illustrative") in all_text(page)
        use_language("vi")
