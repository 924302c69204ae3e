"""Surveys in the app: set up, handed out, entered from paper by one and re-checked by another, closed, read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from chamdiem.errors import Refusal
from chamdiem.office import survey_paper, surveying
from chamdiem.office.survey_batches import batches_for, read_line
from chamdiem.office.survey_paper import INVALID
from chamdiem.office.surveying import Plan
from chamdiem.pages.desk import escaped
from chamdiem.store import tables
from chamdiem.store.door import Order, Transaction
from chamdiem.surveys import library
from chamdiem.surveys.filling import WHO
from chamdiem.words import say
from contest_world import NOT_FOUND, World, refusal, world
from screens import opened, words

TODAY = date(2024, 11, 4)
PKS = "pks04-giai-quyet-thu-tuc-hanh-chinh"
PAGE, ROUND = "dot-khao-sat", "hai-long/07243"
HERE = {"khao-sat": "hai-long"}


@pytest.fixture
def w(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr("chamdiem.clock.today", lambda: TODAY)
    with world("draft", tmp_path) as made:
        yield made


def running(w: World, *units: str) -> None:
    """A survey that anybody with the link may answer, open."""
    plan = Plan(
        "hai-long", PKS, dict.fromkeys(units or ("07243",), 100), TODAY, date(2024, 12, 1), contest="k", mode="link"
    )
    made = surveying.create_rounds(w.store, w.actor("thu_ky"), plan)
    surveying.open_rounds(w.store, w.actor("thu_ky"), made, today=TODAY)


def pile(w: World, forms: int, unit: str = "07243") -> str:
    """A pile of so many forms of the same answers, entered, drawn and re-checked by services."""
    first, second, asked = w.actor("thu_ky"), w.actor("giam_sat"), library.load(PKS)
    line = " ".join("1" for _ in asked.questions)
    said = read_line(asked, line, asked.classes[0])
    batch = survey_paper.begin_batch(w.store, first, f"hai-long/{unit}", f"tập {unit}", sent=forms, returned=forms)
    survey_paper.enter_forms(w.store, first, batch, dict.fromkeys(range(1, forms + 1), said))
    survey_paper.finish_batch(w.store, first, batch)
    drawn = survey_paper.draw_sample(w.store, second, batch)
    survey_paper.recheck(w.store, second, batch, dict.fromkeys(drawn, said))
    return batch


def by_key(widgets: Any, start: str) -> Any:
    return next(one for one in widgets if str(one.key).startswith(start))


def html(page: AppTest) -> str:
    return "".join(str(one.proto.body) for one in page.get("html"))


def test_a_secretary_sets_up_a_survey_and_sees_the_sample_it_needs(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    page = opened(monkeypatch, w, "thu_ky", PAGE)
    page.button("surveys:new").click().run()
    page.selectbox("surveys:new:form").select(PKS).run()
    page.multiselect("surveys:new:units/").select("07243").run()
    page.text_input("surveys:new:n:07243").input("4.500").run()
    assert say("surveys.sample", n=4500, wanted=368) in words(page).replace("\\", "")
    page.button("surveys:new:do").click().run()
    assert not page.error
    (made,) = w.all_rows("survey_round")
    assert (made["population"], made["target"], made["contest"], made["mode"]) == (4500, 368, "k", "codes")
    assert "368" in html(page)
    assert not [one for one in page.button if str(one.key).startswith("surveys:open/")]  # no slip is printed yet
    assert say("surveys.codes_first", n=1) in words(page).replace("\\", "")


def lead_of_one(transaction: Transaction) -> None:
    """Two programmes; somebody leads the first of them."""
    for programme, members in (("de-an-02", {"so_y_te": "Sở Y tế", "so_cu": "Sở cũ"}), ("giup-xa", {"so": "Sở"})):
        span = {"period_from": "2024-01-01", "period_to": "2024-12-31"}
        transaction.put(tables.programme, programme, {"code": programme, "title": f"Tên {programme}", **span})
        for code, name in members.items():
            last = "2024-06-30" if code == "so_cu" else ""
            about = {"programme": programme, "code": code, "name": name, "valid_to": last}
            transaction.put(tables.programme_member, f"{programme}/{code}", about)
    transaction.put(tables.account, "dau_moi", {"status": "active"})
    transaction.put(tables.person, "dau_moi", {"login": "dau_moi", "name": "Đầu mối"})
    about = {"account": "dau_moi", "role": "programme_lead", "contest": "de-an-02", "unit": ""}
    transaction.put(tables.grant, "dau_moi/programme_lead", about)


def test_a_lead_sets_up_a_survey_of_his_own_programme_alone(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    w.store.write(Order("system", "test.begin"), lead_of_one)
    page = opened(monkeypatch, w, "dau_moi", PAGE)
    page.button("surveys:new").click().run()
    assert not [one for one in page.selectbox if one.key == "surveys:new:place"]  # there is but one place
    page.selectbox("surveys:new:form").select(PKS).run()
    offered = page.multiselect("surveys:new:units/de-an-02")
    assert offered.options == ["Sở Y tế"]  # neither who has left nor another programme's
    offered.select("so_y_te").run()
    page.text_input("surveys:new:n:so_y_te").input("100").run()
    page.button("surveys:new:do").click().run()
    assert not page.error
    (made,) = w.all_rows("survey_round")
    assert (made["programme"], made["contest"], made["unit"], made["target"]) == ("de-an-02", "", "so_y_te", 80)
    plan = Plan("khac", PKS, {"so": 100}, TODAY, date(2024, 12, 1), programme="giup-xa")
    assert refusal(lambda: surveying.create_rounds(w.store, w.actor("dau_moi"), plan)) == NOT_FOUND


def test_it_is_opened_when_its_codes_are_there(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    plan = Plan("hai-long", PKS, {"07243": 100}, TODAY, date(2024, 12, 1), contest="k")
    surveying.create_rounds(w.store, w.actor("thu_ky"), plan)
    surveying.issue_codes(w.store, w.actor("thu_ky"), ROUND, 3)
    page = opened(monkeypatch, w, "thu_ky", PAGE, **HERE)
    by_key(page.button, "surveys:open/").click().run()
    assert not page.error
    assert w.all_rows("survey_round")[0]["status"] == "open"


def test_one_enters_paper_forms_and_another_rechecks_them(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    running(w)
    asked = library.load(PKS)
    right, wrong = "1" * len(asked.questions), "2" + "1" * (len(asked.questions) - 1)
    page = opened(monkeypatch, w, "thu_ky", PAGE, **HERE)
    assert page.code[0].value.endswith(w.all_rows("survey_round")[0]["link"])  # one by link begins with its link
    assert 'src="data:image/svg+xml' in html(page)
    named = page.selectbox[0].options[0]
    assert asked.title in named
    assert "04/11/2024" in named
    assert "hai-long" not in named
    by_key(page.segmented_control, "surveys:step/").set_value("paper").run()
    page.button(f"surveys:batch/{ROUND}").click().run()
    page.text_input(f"surveys:batch/{ROUND}:label").input("Thôn 1")
    page.text_input(f"surveys:batch/{ROUND}:sent").input("6")
    page.text_input(f"surveys:batch/{ROUND}:returned").input("5")
    page.button(f"surveys:batch/{ROUND}:do").click().run()
    for number in range(1, 6):
        page.text_input(f"surveys:form/{ROUND}/1:line/{number}").input(wrong if number == 1 else right)
        by_key(page.button, f"FormSubmitter:surveys:form/{ROUND}/1/{number}").click().run()
        assert not page.error
    page.button(f"surveys:finish/{ROUND}/1").click().run()
    assert say("surveys.batch_next.entered") in words(page).replace("\\", "")
    assert not [one for one in page.button if str(one.key).startswith("surveys:draw/")]  # not by the same person

    second = opened(monkeypatch, w, "giam_sat", PAGE, **HERE)
    by_key(second.button, "surveys:draw/").click().run()
    for number in range(1, 6):  # of a pile of five all are drawn
        second.text_input(f"surveys:again/{ROUND}/1:line/{number}").input(right)
        by_key(second.button, f"FormSubmitter:surveys:again/{ROUND}/1/{number}").click().run()
    by_key(second.button, "surveys:compare/").click().run()
    assert not second.error
    seen = words(second).replace("\\", "")
    assert say("surveys.differs", number=1, code=asked.questions[0].code) in seen
    (batch,) = batches_for(w.store, w.actor("giam_sat"), ROUND)
    assert batch.row["differing"] == 1


def test_a_line_is_refused_with_all_that_is_wrong() -> None:
    asked = library.load(PKS)
    n = len(asked.questions)
    assert read_line(asked, "X", "nguoi_dan") == INVALID
    said = read_line(asked, "0" + "1" * (n - 1), "nguoi_dan")
    assert isinstance(said, dict)
    assert (said[asked.questions[0].code], said[WHO]) == ("", "nguoi_dan")
    with pytest.raises(Refusal) as short:
        read_line(asked, "1", "nguoi_dan")
    assert [one.message.id for one in short.value.problems] == ["survey.line_length"]
    with pytest.raises(Refusal) as outside:
        read_line(asked, " ".join(["99", *["1"] * (n - 2), "a"]), "nguoi_dan")
    places = [(one.where.path[0], one.message.id) for one in outside.value.problems]
    assert places == [(asked.questions[at].code, "survey.line_place") for at in (0, n - 1)]


def test_results_are_shown_once_it_is_closed_and_never_of_too_few(monkeypatch: pytest.MonkeyPatch, w: World) -> None:
    running(w, "07243", "07246")
    page = opened(monkeypatch, w, "thu_ky", PAGE, **HERE)
    by_key(page.segmented_control, "surveys:step/").set_value("results").run()
    assert say("surveys.not_closed") in words(page).replace("\\", "")
    pile(w, 12)
    pile(w, 2, "07246")
    page.run()
    by_key(page.segmented_control, "surveys:step/").set_value("close").run()
    by_key(page.button, "surveys:close:ask/").click().run()
    do = by_key(page.button, "surveys:close:do/")
    assert do.disabled  # of one unit nothing would be kept: that is said first
    page.checkbox[0].check().run()
    by_key(page.button, "surveys:close:do/").click().run()
    assert not page.error
    assert {row["status"] for row in w.all_rows("survey_round")} == {"closed"}
    by_key(page.segmented_control, "surveys:step/").set_value("results").run()
    seen = html(page)
    assert say("survey.not_shown_short") in seen
    assert "100,0%" in seen
    assert f"/khao-sat-so-lieu/{ROUND}.xlsx" in seen
    visitor = opened(monkeypatch, w, "", PAGE, **HERE)
    assert escaped(say("surveys.sign_in")) in words(visitor)


def test_piles_are_nobodys_who_neither_enters_nor_checks(w: World) -> None:
    running(w)
    pile(w, 5)
    assert [one.row["status"] for one in batches_for(w.store, w.actor("giam_sat"), ROUND)] == ["checked"]
    with pytest.raises(Refusal) as refused:
        batches_for(w.store, w.actor("xa_07243"), ROUND)
    assert [one.message.id for one in refused.value.problems] == ["permission.not_found"]
