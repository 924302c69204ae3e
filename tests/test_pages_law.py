"""Criteria sets, petitions, explanations, help, one's own page and the overview: what they show, and what they do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from chamdiem.contest import decisions, explanations, tasks
from chamdiem.contest.deadlines import working_days_left
from chamdiem.contest.law import calendar_of
from chamdiem.contest.people import credential_of
from chamdiem.contest.permissions import RULES
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import rows
from chamdiem.criteria import amending, library
from chamdiem.criteria.editions import content_hash, diff
from chamdiem.exchange.criteria_words import about, found
from chamdiem.pages import desk as desks
from chamdiem.store import tables
from chamdiem.store.database import open_store
from chamdiem.store.door import Order
from chamdiem.words import say
from contest_world import CRITERIA, TODAY, World, answers, world
from screens import opened, words

UNIT = "07243"
EVERY_KIND = Path(__file__).parent / "sample_criteria" / "every_kind.yaml"


@pytest.fixture
def drafted(tmp_path: Path) -> Iterator[World]:
    with world("draft", tmp_path) as made:
        yield made


def departed(made: World) -> World:
    """As far as the explanations: the commune claims, the appraiser departs from it in two criteria."""
    made.put_in(Phase.SELF_ASSESSMENT)
    made.mark(f"xa_{UNIT}", UNIT, {"1.3": "16/16", "1.5": "7", "3.1": "tot"}, "self")
    made.put_in(Phase.APPRAISAL)
    given = {"1.3": "3/4", "1.5": "1", "3.1": "tot"}
    made.mark("tham_dinh", UNIT, given, "appraisal", reason="thiếu danh sách")
    return made.put_in(Phase.EXPLANATION)


def plain_text(page: AppTest) -> str:
    """All text of a page as it is read, without the signs that keep it from being markup."""
    return words(page).replace("\\", "")


def press(page: AppTest, label: str) -> AppTest:
    """Press the first button of this name."""
    next(button for button in page.button if button.label == say(label)).click()
    page.run()
    assert not page.exception, [str(one.value) for one in page.exception]
    return page


# criteria sets --------------------------------------------------------------------------------------------------------


def test_a_set_is_read_whole(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    law = library.load(CRITERIA)
    page = opened(monkeypatch, drafted, "thu_ky", "bo-tieu-chi")
    text = plain_text(page)
    assert say("status.illustrative") in text
    for node in law.leaves:
        assert f"{node.code}. {node.title}" in text or any(
            node.title in box.label.replace("\\", "") for box in page.expander
        )
        for line in about(law, node):
            assert line.words in text.replace("  \n", "\n"), node.code
    assert law.legal_basis[0].number in text
    assert all(gate.title in text for gate in law.gates)


def test_a_search_needs_no_diacritics(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    law = library.load(CRITERIA)
    hits = found(law, "tuyen truyen")
    assert "1.5" in hits
    assert len(hits) < len(law.leaves)
    page = opened(monkeypatch, drafted, "thu_ky", "bo-tieu-chi")
    page.text_input[0].input("TUYEN truyen").run()
    text = plain_text(page)
    assert say("rubric.found", n=len(hits)) in text
    missed = next(leaf for leaf in law.leaves if leaf.code not in hits)
    assert f"{missed.code}. {missed.title}" not in text


def test_only_the_office_checks_and_edits_files(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    views = {
        name: opened(monkeypatch, drafted, name, "bo-tieu-chi").segmented_control[0].options for name in ("", "to_chuc")
    }
    assert len(views[""]) == 2
    assert len(views["to_chuc"]) == 4


def test_editions_are_compared_by_how_deep_they_differ(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    page = opened(monkeypatch, drafted, "to_chuc", "bo-tieu-chi")
    page.segmented_control[0].set_value("compare").run()
    assert not page.exception
    assert any(say("diff.structure") in each.label for each in page.expander)
    assert say("rubric.unlike") in plain_text(page)
    page.selectbox[0].set_value(page.selectbox[1].value).run()
    assert say("diff.none") in plain_text(page)


def test_a_file_with_mistakes_is_answered_line_by_line(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    text = library.text_of(CRITERIA).replace("max: 95", "max: 96").replace("within: all", "within: nowhere")
    page = opened(monkeypatch, drafted, "to_chuc", "bo-tieu-chi")
    page.segmented_control[0].set_value("upload").run()
    page.file_uploader[0].upload("thu.yaml", text.encode(), "application/yaml").run()
    assert not page.exception
    at = next(n for n, line in enumerate(text.splitlines(), 1) if "nowhere" in line)
    assert f"thu.yaml:{at}:" in plain_text(page)
    page.file_uploader[0].upload("dung.yaml", library.text_of(CRITERIA).encode(), "application/yaml").run()
    assert content_hash(library.load(CRITERIA)) in plain_text(page)


def editing(monkeypatch: pytest.MonkeyPatch, made: World) -> AppTest:
    """The form, on the set of the contest, at its first group."""
    page = opened(monkeypatch, made, "to_chuc", "bo-tieu-chi")
    page.segmented_control[0].set_value("edit").run()
    assert not page.exception
    return page


def figure(page: AppTest, loc: tuple[object, ...], value: str) -> AppTest:
    """Type a figure."""
    next(box for box in page.text_input if box.key.endswith(f"/{loc}")).input(value).run()
    assert not page.exception, [str(one.value) for one in page.exception]
    return page


def test_what_does_not_add_up_is_refused_and_named(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    page = editing(monkeypatch, drafted)
    figure(page, ("base", "nodes", 0, "max"), "19,5")
    text = plain_text(page)
    assert "lệch 0,5" in text
    assert "lệch -0,5" in text  # the pool has half a point less than it says
    assert not page.get("download_button")
    figure(page, ("base", "nodes", 0, "max"), "hai mươi")
    assert say("rubric.not_a_figure", text="hai mươi") in plain_text(page)
    assert not page.get("download_button")
    figure(page, ("base", "nodes", 0, "max"), "20")
    assert page.get("download_button")


def test_an_edited_set_is_a_new_edition_and_the_old_one_stays(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    before = drafted.all_rows("criteria_set")
    page = editing(monkeypatch, drafted)
    next(box for box in page.selectbox if box.key.startswith("criteria:group")).set_value("stars").run()
    figure(page, ("stars", "bands", 0, "from"), "92,5")
    assert page.get("download_button")
    new = library.read(page.code[0].value, "moi.yaml")
    assert (new.version, new.replaces) == ("2", f"{CRITERIA}@1")
    assert "# Minh họa: bằng tổng điểm thì nhóm 5" in page.code[0].value
    assert [change.grade for change in diff(library.load(CRITERIA), new)].count("points") == 1
    assert new.stars is not None
    assert max(new.stars.bands, key=lambda band: band.stars).from_.number * 2 == 185
    assert drafted.all_rows("criteria_set") == before


def test_words_that_name_a_figure_are_changed_with_it(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    page = editing(monkeypatch, drafted)
    next(box for box in page.selectbox if box.key.startswith("criteria:group")).set_value("stars").run()
    condition = ("stars", "bands", 0, "conditions", 0)
    figure(page, (*condition, "each_group", "at_least"), "75%")
    stale = say("rubric.stale_words", words="Mỗi nhóm đạt từ 70% điểm tối đa trở lên")
    assert stale in plain_text(page)
    figure(page, (*condition, "title"), 'Mỗi nhóm đạt từ 75% trở lên: "nhóm nào cũng vậy"')
    assert stale not in plain_text(page)
    new = library.read(page.code[0].value, "moi.yaml")
    assert new.stars is not None
    assert new.stars.bands[0].conditions[0].title == 'Mỗi nhóm đạt từ 75% trở lên: "nhóm nào cũng vậy"'
    figure(page, (*condition, "title"), " ")
    assert say("rubric.no_words") in plain_text(page)
    assert not page.get("download_button")


@pytest.mark.parametrize("source", [CRITERIA, EVERY_KIND], ids=str)
def test_figures_written_anew_change_nothing_else(source: str | Path) -> None:
    law, text = library.load(source), library.text_of(source)
    every = [one for some in amending.figures(text, law).values() for one in some]
    typed = {
        one.loc: amending.words_as_written(one.text)
        if one.is_words
        else amending.as_written(one.text.replace(".", ","))
        for one in every
    }
    new = library.read(amending.amended(text, typed, version="9", status=law.status), "moi.yaml")
    assert {change.path[0] for change in diff(law, new)} == {"version", "replaces"}
    assert all(line.fits for line in amending.sums(text, ""))


LONG = "Mỗi nhóm đạt từ 70% điểm tối đa trở lên"
HALVES = "Mỗi nhóm đạt từ 70%\n        điểm tối đa trở lên"
NEW = '"Từ 75%: \\"nhóm\\" nào cũng vậy"'


@pytest.mark.parametrize(
    ("written", "after"),
    [
        (f">-  # lời quyết định\n        {HALVES}", f"{NEW}  # lời quyết định"),
        (f">-\n        {HALVES}\n", f"{NEW}\n"),
        (f"|\n        {HALVES}", NEW),
        (HALVES, NEW),
        (f'"{HALVES}"', NEW),
        (f"'{HALVES}'", NEW),
        (f"'{LONG}'  # một dòng", f"{NEW}  # một dòng"),
    ],
)
def test_words_over_several_lines_are_changed_and_nothing_else(written: str, after: str) -> None:
    loc = ("stars", "bands", 0, "conditions", 0, "title")
    one_line = f"- {{each_group: {{at_least: 70%}}, title: {LONG}}}\n"
    apart = f"- each_group: {{at_least: 70%}}\n      title: {written}\n      # sau lời\n\n"
    text = library.text_of(CRITERIA).replace(one_line, apart)
    law = library.read(text, "dai.yaml")
    assert {one.loc: one.text for one in amending.figures(text, law)["stars"]}[loc] == LONG
    unchanged = amending.amended(text, {}, version="2", status=law.status)
    new = amending.amended(text, {loc: NEW}, version="2", status=law.status)
    assert unchanged.count(written) == 1
    assert new == unchanged.replace(written, after)
    assert library.read(new, "moi.yaml").version == "2"


@pytest.mark.parametrize("typed", ["", "a", "1,2,3", "1\n2", "# 3", "4}", "5/0", "--1"])
def test_what_is_no_figure_never_reaches_a_file(typed: str) -> None:
    with pytest.raises((ValueError, ZeroDivisionError)):
        amending.as_written(typed)


# overview -----------------------------------------------------------------------------------------------------------------


def waiting(made: World, name: str) -> list[str]:
    """What waits for somebody, by name of the sentence."""
    return [task.what.id for task in tasks.tasks_for(made.store, made.actor(name), made.contest, TODAY)]


def test_a_commune_registers_its_target_on_the_page_its_task_leads_to(
    monkeypatch: pytest.MonkeyPatch, drafted: World
) -> None:
    commune = f"xa_{UNIT}"
    (task,) = tasks.tasks_for(drafted.store, drafted.actor(commune), drafted.contest, TODAY)
    page = press(opened(monkeypatch, drafted, commune, task.page), "members.register")
    page.button(key="members:register:yes").click().run()
    assert waiting(drafted, commune) == []
    (row,) = [row for row in drafted.all_rows("contest_unit") if row["code"] == UNIT]
    assert (row["target_low"], row["target_high"], row["status"]) == (3, 5, "registered")
    assert say("members.own.registered") in plain_text(opened(monkeypatch, drafted, commune, task.page))
    assert say("members.register") not in plain_text(opened(monkeypatch, drafted, "thu_ky", task.page))


def test_what_waits_follows_the_phases(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    commune = f"xa_{UNIT}"
    assert waiting(drafted, commune) == ["task.register"]
    drafted.put_in(Phase.SELF_ASSESSMENT)
    drafted.mark(commune, UNIT, {"1.3": "16/16", "1.5": "7"}, "self")
    (task,) = tasks.tasks_for(drafted.store, drafted.actor(commune), drafted.contest, TODAY)
    assert (task.what.values["done"], task.what.values["bare"], task.page) == (2, 2, "tu-cham")
    assert "2/" in plain_text(opened(monkeypatch, drafted, commune, "tong-quan"))
    drafted.put_in(Phase.APPRAISAL)
    assert waiting(drafted, commune) == []
    assert waiting(drafted, "tham_dinh") == ["task.appraise"]
    drafted.put_in(Phase.JUDGING)
    assert waiting(drafted, "tham_dinh") == []
    (task,) = tasks.tasks_for(drafted.store, drafted.actor("giam_khao_1"), drafted.contest, TODAY)
    assert (task.what.values["n"], task.page) == (3, "cham-diem")
    drafted.mark("giam_khao_1", UNIT, answers("giam_khao_1", UNIT))
    drafted.submit("giam_khao_1", UNIT)
    (task,) = tasks.tasks_for(drafted.store, drafted.actor("giam_khao_1"), drafted.contest, TODAY)
    assert task.what.values["n"] == 2


def test_a_submitted_self_assessment_waits_for_nothing(drafted: World) -> None:
    drafted.register()
    drafted.put_in(Phase.SELF_ASSESSMENT)
    drafted.mark(f"xa_{UNIT}", UNIT, {"1.5": "7"}, "self")
    drafted.submit(f"xa_{UNIT}", UNIT, "self")
    assert waiting(drafted, f"xa_{UNIT}") == []


def test_the_office_sees_who_is_late_and_nobody_else_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with world("almost", tmp_path) as made:
        for name in ("to_chuc", "thu_ky"):
            page = plain_text(opened(monkeypatch, made, name, "tong-quan"))
            assert "Giam Khao 2 (1)" in page
        for name in ("giam_khao_1", "chu_tich", "tham_dinh", "giam_sat", f"xa_{UNIT}"):
            assert tasks.outlook_for(made.store, made.actor(name), made.contest, TODAY) is None
            assert "Giam Khao 2" not in plain_text(opened(monkeypatch, made, name, "tong-quan"))


def test_a_decision_waits_for_the_second_person(tmp_path: Path) -> None:
    with world("review", tmp_path) as made:
        decisions.ask(made.store, made.actor("to_chuc"), made.contest, "publication.publish")
        assert waiting(made, "thu_ky") == ["task.confirm"]
        assert waiting(made, "to_chuc") == ["task.asked"]
        assert waiting(made, "giam_khao_1") == []


def test_an_empty_installation_begins_with_three_steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'empty.db'}") as store:
        made = World(store)
        store.write(Order("system", "account.create"), made._people)
        for name in ("thu_ky", ""):
            assert not tasks.first_steps(store, made.actor(name))
        assert tasks.first_steps(store, made.actor("quan_tri")) == (
            ("don-vi", False),
            ("tai-khoan", True),
            ("dot-cham", False),
        )
        text = plain_text(opened(monkeypatch, made, "quan_tri", "tong-quan"))
        assert say("overview.three_steps") in text
        assert say("overview.no_contest") not in text


def test_a_visitor_reads_what_this_is(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    text = plain_text(opened(monkeypatch, drafted, "", "tong-quan"))
    assert say("overview.what_it_is") in text
    assert say("overview.none_published") in text
    assert "Cuộc thi thử" not in text


@pytest.mark.parametrize(
    ("today", "due", "left"),
    [
        (date(2024, 11, 4), date(2024, 11, 4), 0),
        (date(2024, 11, 1), date(2024, 11, 4), 1),
        (date(2024, 11, 4), date(2024, 11, 11), 5),
        (date(2024, 11, 5), date(2024, 11, 4), 0),
        (date(1990, 1, 1), date(1990, 1, 5), None),
    ],
)
def test_working_days_left(today: date, due: date, left: int | None) -> None:
    assert working_days_left(today, due, calendar_of(library.load(CRITERIA))) == left


def test_a_due_day_is_shown_with_working_days(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    drafted.put_in(Phase.SELF_ASSESSMENT)
    due = json.dumps({"self_assessment": "2024-11-11"})
    drafted.store.write(Order("system", "contest.configure"), lambda t: t.put(tables.contest, "k", {"deadlines": due}))
    monkeypatch.setattr(desks.Desk, "today", TODAY)
    page = opened(monkeypatch, drafted, f"xa_{UNIT}", "tong-quan")
    assert say("overview.due_in", day=date(2024, 11, 11), n=5) in plain_text(page)


# explanations ---------------------------------------------------------------------------------------------------------------


def test_a_commune_explains_and_the_appraiser_decides(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    departed(drafted)
    page = opened(monkeypatch, drafted, f"xa_{UNIT}", "giai-trinh")
    text = plain_text(page)
    assert "1.3. " in text
    assert "1.5. " in text
    assert "3.1. " not in text, "where both agree there is nothing to explain"
    assert "thiếu danh sách" in text
    assert {"3 điểm", "2,25 điểm"} <= set(text.split("**"))
    page.text_area[0].input("Đã gửi danh sách bổ sung")
    press(page, "explanation.enter")
    found = explanations.departures_for(drafted.store, drafted.actor("tham_dinh"), "k", UNIT)
    assert [one.explanation is not None for one in found] == [True, False]
    assert waiting(drafted, f"xa_{UNIT}") == ["task.explain"]
    assert waiting(drafted, "tham_dinh") == ["task.appraise", "task.decide_explanations"]

    page = opened(monkeypatch, drafted, "tham_dinh", "giai-trinh")
    page.text_area[0].input("Đồng ý")
    press(page, "explanation.decide")
    assert say("explanations.needs_verdict") in plain_text(page)
    page.radio[0].set_value(True)
    press(page, "explanation.decide")
    (row,) = drafted.all_rows("explanation")
    assert (row["status"], row["decision"]) == ("accepted", "Đồng ý")


def test_nobody_else_reads_the_departures_of_a_commune(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    departed(drafted)
    text = plain_text(opened(monkeypatch, drafted, "xa_07246", "giai-trinh"))
    assert "thiếu danh sách" not in text
    assert say("explanations.agree") in text
    assert say("explanations.closed", phase=say("phase.explanation")) in plain_text(
        opened(monkeypatch, drafted, "giam_khao_1", "giai-trinh")
    )


# petitions ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(tmp_path: Path) -> Iterator[World]:
    with world("review", tmp_path) as made:
        made.two("publication.publish")
        yield made.put_in(Phase.PETITIONS)


def test_a_petition_is_sent_and_answered(monkeypatch: pytest.MonkeyPatch, published: World) -> None:
    page = opened(monkeypatch, published, f"xa_{UNIT}", "kien-nghi")
    assert len(page.selectbox) == 1, "a commune speaks for itself, there is no unit to choose"
    page.selectbox[0].set_value("1.4")
    page.text_area[0].input("Biên bản đã nộp đủ")
    press(page, "petition.enter")
    (row,) = published.all_rows("petition")
    assert (row["unit"], row["criterion"], row["words"]) == (UNIT, "1.4", "Biên bản đã nộp đủ")
    assert waiting(published, "to_chuc") == ["task.decide_petitions"]
    assert waiting(published, "thu_ky") == ["task.petitions_due"]

    page = opened(monkeypatch, published, "to_chuc", "kien-nghi")
    assert "Biên bản đã nộp đủ" in plain_text(page)
    page.text_area[0].input("Chấp nhận, xem lại biên bản")
    page.radio[0].set_value(True)
    press(page, "petitions.send_answer")
    assert published.all_rows("petition")[0]["status"] == "upheld"
    assert say("petitions.then") in plain_text(opened(monkeypatch, published, "to_chuc", "kien-nghi"))
    assert "Chấp nhận, xem lại" in plain_text(opened(monkeypatch, published, f"xa_{UNIT}", "kien-nghi"))
    assert "Biên bản" not in plain_text(opened(monkeypatch, published, "xa_07246", "kien-nghi"))


def test_the_secretary_enters_a_petition_from_paper(monkeypatch: pytest.MonkeyPatch, published: World) -> None:
    page = opened(monkeypatch, published, "thu_ky", "kien-nghi")
    page.text_area[0].input("Theo đơn số 5")
    press(page, "petition.enter")
    assert say("petitions.needs_unit") in plain_text(page)
    page.selectbox[0].set_value("07249")
    press(page, "petition.enter")
    assert [row["unit"] for row in published.all_rows("petition")] == ["07249"]


# oneself, and help --------------------------------------------------------------------------------------------------------


def test_my_page_says_who_i_am_and_takes_a_conflict_for_good(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    page = opened(monkeypatch, drafted, "giam_khao_1", "ho-so")
    assert say("role.judge") in plain_text(page)
    assert "Cuộc thi thử" in plain_text(page)
    with drafted.store.read() as connection:
        assert credential_of(connection, "giam_khao_1") is None
    press(page, "me.declare")
    page.selectbox[0].set_value(UNIT)
    page.text_area[0].input("Có người thân công tác ở xã")
    page.checkbox[0].check().run()
    next(button for button in page.button if button.key.endswith("/yes")).click().run()
    assert not page.exception
    with drafted.store.read() as connection:
        (row,) = rows(connection, tables.conflict, account="giam_khao_1")
    assert (row["unit"], row["source"]) == (UNIT, "declared")
    assert "Có người thân công tác ở xã" in plain_text(opened(monkeypatch, drafted, "giam_khao_1", "ho-so"))


def test_a_unit_is_named_on_the_page_of_who_assesses_it(monkeypatch: pytest.MonkeyPatch, drafted: World) -> None:
    assert "Xã Đồng Tiến" in plain_text(opened(monkeypatch, drafted, f"xa_{UNIT}", "ho-so"))


@pytest.mark.parametrize("name", ["", "thu_ky", "giam_khao_1", f"xa_{UNIT}"])
def test_help_tells_everything_that_the_table_opens_to_a_role(
    monkeypatch: pytest.MonkeyPatch, drafted: World, name: str
) -> None:
    page = opened(monkeypatch, drafted, name, "tro-giup")
    text = plain_text(page) + "".join(str(one.proto.body) for one in page.get("html"))
    role = next(iter(drafted.actor(name).grants)).role if name else "public"
    for verb, rules in RULES.items():
        if any(rule.role == role for rule in rules):
            assert say(verb) in text, verb
    assert say("guide.word.floor") in text
