"""The public form: on a telephone, without signing in or a script, one answer for each ticket, and nothing remembered."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from chamdiem import clock
from chamdiem.office import survey_answering, survey_results, surveying
from chamdiem.server import incidents, survey, survey_papers
from chamdiem.server.survey_gate import Gate
from chamdiem.store import sealing, tables
from chamdiem.store.database import Store, open_store
from chamdiem.words import say, use_language
from server_world import Browser, around
from survey_world import (
    LINK,
    ORGANISER,
    PKS,
    ROUND,
    TODAY,
    all_same,
    begun,
    link_of,
    plan,
    questionnaire,
    units,
)

ASKED = questionnaire()
Here = tuple[Store, Starlette]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Here]:
    """The server, on a day on which surveys are answered, before gates that nobody has passed yet."""
    monkeypatch.setenv(sealing.SETTING, sealing.new_key())
    monkeypatch.setenv("CHAMDIEM_URL", "https://chamdiem.example.vn")
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(survey, "ANSWERS", Gate(burst=300, per_second=5))
    monkeypatch.setattr(survey, "WRONG_CODES", Gate(burst=30, per_second=1))
    with open_store(f"sqlite:///{tmp_path / 'chamdiem.db'}") as store:
        yield store, around(monkeypatch, store, tmp_path)


def place(store: Store) -> str:
    return f"/khao-sat/{link_of(store)}"


def filled(code: str = "", at: int = 0, **but: str) -> dict[str, str]:
    """A form as a browser sends it."""
    said = {f"c.{number}": option for number, option in all_same(ASKED, at).items()}
    return {"ma": code, "nhom": "nguoi_dan", **said, **{name.replace("_", "."): value for name, value in but.items()}}


def words(page: httpx.Response) -> str:
    """What a page says, without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page.text, flags=re.S)))


def envelopes(store: Store) -> int:
    with store.read() as connection:
        return len(connection.execute(select(tables.survey_envelope.c.id)).fetchall())


# the form -------------------------------------------------------------------------------------------------------


def test_the_form_asks_everything_without_a_script_and_without_signing_in(here: Here) -> None:
    store, app = here
    begun(store, codes=1)
    page = Browser(app).get(place(store))
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "set-cookie" not in page.headers, "codes need no cookie"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    text = words(page)
    for question in ASKED.questions:
        assert question.title in text
        for option in ASKED.options_of(question):
            assert f'name="c.{question.code}" value="{option.key}"' in page.text
    for one in (*ASKED.respondents, ASKED):
        assert one.title in text
    assert say("survey.form_illustrative") in text
    assert "Xã Yên Thế" in text
    assert "y.y1" not in page.text, "words are not asked for online"


def test_the_form_speaks_english_where_it_is_asked_to(here: Here) -> None:
    store, app = here
    code = begun(store, codes=1)[0]
    browser = Browser(app)
    page = browser.get(f"{place(store)}?lang=en")
    assert 'lang="en"' in page.text
    assert ASKED.questions[0].en in words(page)
    assert "Very satisfied" in words(page)
    use_language("en")
    wrong = browser.post(f"{place(store)}?lang=en", data={"ma": code})
    assert say("survey.choose_one", code="1") in words(wrong)
    done = browser.post(f"{place(store)}?lang=en", data=filled(code))
    assert done.headers["location"].endswith("/cam-on?lang=en")
    assert say("survey.thanks") in words(browser.get(done.headers["location"]))


def test_what_is_wrong_stands_beside_each_question_and_what_was_chosen_stays(here: Here) -> None:
    store, app = here
    begun(store, codes=1)
    page = Browser(app).post(place(store), data=filled("SAI", c_3="", c_5="tuyet", nhom="", at=1))
    assert page.status_code == 422
    shown = dict(re.findall(r'<p class="wrong" id="(e-[\w-]+)">(.*?)</p>', page.text))
    assert set(shown) == {"e-ma", "e-nhom", "e-3", "e-5"}
    assert html.unescape(shown["e-3"]) == say("survey.choose_one", code="3")
    assert page.text.count(" checked") == 4
    assert 'name="c.1" value="hai_long" checked' in page.text
    assert 'value="SAI"' in page.text
    assert envelopes(store) == 0


def test_what_somebody_types_is_never_read_as_html(here: Here) -> None:
    store, app = here
    begun(store, codes=1)
    page = Browser(app).post(place(store), data=filled('"><script>alert(1)</script>', c_1="<b>"))
    assert page.status_code == 422
    assert "<script" not in page.text
    assert "<b>" not in page.text


def test_an_answer_is_taken_once_and_thanked_for(here: Here) -> None:
    store, app = here
    code = begun(store, codes=2)[0]
    browser = Browser(app)
    done = browser.post(place(store), data=filled(f" {code[:4].lower()}-{code[4:]} "))
    assert done.status_code == 303
    assert say("survey.thanks") in words(browser.get(done.headers["location"]))
    again = Browser(app).post(place(store), data=filled(code))
    assert (again.status_code, envelopes(store)) == (409, 1)
    assert say("survey.already_answered") in words(again)


def test_an_open_link_is_answered_once_by_each_browser(here: Here) -> None:
    store, app = here
    begun(store, mode=LINK)
    browser = Browser(app)
    page = browser.get(place(store))
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path={place(store)}" in cookie
    assert 'name="ma"' not in page.text
    assert browser.post(place(store), data=filled()).status_code == 303
    assert browser.post(place(store), data=filled(at=2)).status_code == 409
    assert say("survey.already_answered") in words(browser.get(place(store)))
    other = Browser(app)
    other.get(place(store))
    assert other.post(place(store), data=filled()).status_code == 303
    assert envelopes(store) == 2


def test_a_browser_without_the_cookie_is_given_it_and_asked_once_more(here: Here) -> None:
    store, app = here
    begun(store, mode=LINK)
    browser = Browser(app)
    page = browser.post(place(store), data=filled(at=1))
    assert page.status_code == 422
    assert say("survey.no_cookie") in words(page)
    assert page.text.count(" checked") == 7
    assert browser.post(place(store), data=filled(at=1)).status_code == 303
    assert envelopes(store) == 1


def test_the_cookie_is_of_this_site_alone_and_secret_on_the_way(here: Here) -> None:
    store, app = here
    begun(store, mode=LINK)
    page = Browser(app, site="https://localhost").get(place(store))
    assert "Secure" in page.headers["set-cookie"]


# days and links -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["aaaaaaaaaa", "a", "hai-long-2026", "%27OR1=1--", "AAAAAAAAAA"])
def test_a_link_that_leads_nowhere_is_not_found(here: Here, link: str) -> None:
    store, app = here
    begun(store, codes=1)
    for ending in ("", "/cam-on", "/to-in"):
        answer = Browser(app).get(f"/khao-sat/{link}{ending}")
        assert (answer.status_code, say("survey.nowhere_do") in answer.text) == (404, True)
    assert Browser(app).post(f"/khao-sat/{link}", data=filled("A")).status_code == 404


@pytest.mark.parametrize(("day", "why"), [(date(2026, 9, 1), "survey.is_early"), (date(2026, 12, 1), "survey.is_over")])
def test_outside_of_its_days_a_survey_says_so(here: Here, monkeypatch: pytest.MonkeyPatch, day: date, why: str) -> None:
    store, app = here
    code = begun(store, codes=1)[0]
    monkeypatch.setattr(clock, "today", lambda: day)
    page = Browser(app).get(place(store))
    assert say(why, day=date(2026, 10, 1)) in words(page)
    assert "<form" not in page.text
    assert Browser(app).post(place(store), data=filled(code)).status_code == 409
    assert envelopes(store) == 0


def test_a_draft_is_not_open_and_a_closed_one_is_over(here: Here) -> None:
    store, app = here
    units(store)
    surveying.create_rounds(store, ORGANISER, plan(mode=LINK))
    assert say("survey.is_early", day=date(2026, 10, 1)) in words(Browser(app).get(place(store)))
    surveying.open_rounds(store, ORGANISER, [ROUND], today=TODAY)
    surveying.close_round(store, ORGANISER, ROUND, discard=True)
    assert say("survey.is_over") in words(Browser(app).get(place(store)))


# who asks -------------------------------------------------------------------------------------------------------


def test_a_form_of_another_site_is_turned_away(here: Here) -> None:
    store, app = here
    code = begun(store, codes=1)[0]
    foreign = Browser(app, sec_fetch_site="cross-site")
    assert foreign.post(place(store), data=filled(code)).status_code == 403
    stranger = httpx.Headers({"origin": "https://evil.example"})
    assert Browser(app).post(place(store), data=filled(code), headers=stranger).status_code == 403
    assert envelopes(store) == 0


def test_a_form_that_is_too_big_or_has_too_many_fields_is_turned_away(here: Here) -> None:
    store, app = here
    code = begun(store, codes=1)[0]
    assert Browser(app).post(place(store), data=filled(code, c_1="x" * 30_000)).status_code == 413
    many = {f"c.{n}": "a" for n in range(50)}
    assert Browser(app).post(place(store), data=many).status_code == 400
    assert envelopes(store) == 0


def test_words_are_asked_for_where_the_questionnaire_says_so(here: Here, tmp_path: Path) -> None:
    store, app = here
    shipped = (Path(__file__).parents[1] / "criteria" / "surveys" / f"{PKS}.yaml").read_text(encoding="utf-8")
    online = tmp_path / f"{PKS}.yaml"
    online.write_text(shipped.replace("{code: y1, title", "{code: y1, online: true, title"), encoding="utf-8")
    codes = begun(store, codes=6, source=online)
    page = Browser(app).get(place(store))
    assert say("survey.no_names") in words(page)
    too_long = Browser(app).post(place(store), data=filled(codes[0], y_y1="ệ" * 1001))
    assert too_long.status_code == 422
    assert 'id="e-y1"' in too_long.text
    for code in codes:
        assert Browser(app).post(place(store), data=filled(code, y_y1="ệ" * 1000)).status_code == 303


def test_an_address_that_sends_too_much_waits_and_keeps_what_it_chose(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, app = here
    codes = begun(store, codes=4)
    now = [100.0]
    monkeypatch.setattr(survey, "ANSWERS", Gate(burst=2, per_second=0.5, clock=lambda: now[0]))
    said = [Browser(app).post(place(store), data=filled(code, at=1)) for code in codes[:3]]
    assert [page.status_code for page in said] == [303, 303, 429]
    assert say("survey.wait", seconds=2) in words(said[2])
    assert said[2].text.count(" checked") == 7
    now[0] += 2
    assert Browser(app).post(place(store), data=filled(codes[2])).status_code == 303
    assert envelopes(store) == 3


def test_codes_cannot_be_guessed_quickly(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    store, app = here
    code = begun(store, codes=1)[0]
    monkeypatch.setattr(survey, "WRONG_CODES", Gate(burst=3, per_second=0.01))
    said = [Browser(app).post(place(store), data=filled("XXXXXXX2")).status_code for _ in range(5)]
    assert said == [422, 422, 422, 429, 429]
    assert Browser(app).post(place(store), data=filled(code)).status_code == 303, "a right one is taken"


def test_a_gate_forgets_addresses_and_tells_networks_apart() -> None:
    now = [0.0]
    gate = Gate(burst=1, per_second=1, clock=lambda: now[0])
    assert gate.wait("10.0.0.1") == 0
    assert gate.wait("10.0.0.1") == 1
    assert gate.wait("10.0.0.2") == 0
    assert gate.wait("2001:db8::1") == 0
    assert gate.wait("2001:db8::2") > 0, "one network, one telephone"
    assert gate.wait("2001:db8:0:1::1") == 0
    assert gate.wait("") == 0
    now[0] += 1
    assert gate.wait("10.0.0.1") == 0
    assert b"10.0.0.1" not in b"".join(gate._known)


def test_nothing_of_whoever_answers_is_kept(here: Here, tmp_path: Path) -> None:
    store, app = here
    code = begun(store, codes=1)[0]
    agent = "Mozilla/5.0 (DienThoaiCuaAn; 0912345678)"
    browser = Browser(app, user_agent=agent, x_forwarded_for="203.0.113.77")
    assert browser.post(place(store), data=filled(code)).status_code == 303
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for said in ("DienThoaiCuaAn", "203.0.113.77", "127.0.0.1", code):
        assert said.encode() not in kept


def test_a_fault_while_answering_reports_neither_answer_nor_code(
    here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store, app = here
    code = begun(store, codes=1)[0]
    monkeypatch.setattr(incidents, "place", lambda: tmp_path / "incidents.log")

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(survey_answering, "enveloped", fails)
    page = Browser(app).post(place(store), data=filled(code, at=1))
    assert page.status_code == 500
    told = (tmp_path / "incidents.log").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in told
    assert code not in told
    assert "hai_long" not in told


def test_a_busy_store_keeps_what_was_chosen(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    store, app = here
    code = begun(store, codes=1)[0]

    def busy(*_: object, **__: object) -> None:
        from chamdiem.errors import refuse

        raise refuse("store.busy", seconds=5)

    with monkeypatch.context() as crowded:
        crowded.setattr(survey_answering, "answer", busy)
        page = Browser(app).post(place(store), data=filled(code))
    assert page.status_code == 503
    assert page.text.count(" checked") == 7
    assert Browser(app).post(place(store), data=filled(code)).status_code == 303


# paper ----------------------------------------------------------------------------------------------------------


def test_the_poster_leads_to_the_form_and_says_that_it_is_anonymous(here: Here) -> None:
    store, app = here
    begun(store, codes=1)
    page = Browser(app).get(f"{place(store)}/to-in")
    assert f"https://chamdiem.example.vn{place(store)}" in page.text
    assert "<svg" in page.text
    assert say("survey.poster_anonymous") in words(page)
    assert say("survey.form_illustrative") in words(page)


def test_slips_have_one_code_each_and_no_code_in_an_address(here: Here) -> None:
    store, _ = here
    codes = begun(store, codes=25)
    seen, link = survey_answering.survey_of(store, ROUND, today=TODAY)
    page = survey_papers.slips(seen, link, codes)
    assert re.findall(r'<span class="code">(\w{4}) (\w{4})</span>', page) == [(code[:4], code[4:]) for code in codes]
    assert page.count("<svg") == 25
    assert not re.search(r"khao-sat/\w+[?#]", page)


def test_what_comes_in_over_the_form_is_what_is_counted(here: Here) -> None:
    store, app = here
    codes = begun(store, codes=12)
    for at, code in enumerate(codes):
        assert Browser(app).post(place(store), data=filled(code, at=at % 4)).status_code == 303
    surveying.close_round(store, ORGANISER, ROUND)
    found = survey_results.results_for(store, ORGANISER, ROUND).results.everybody
    assert found is not None
    headline = found.questions["6"]
    assert headline is not None
    assert dict(headline.options) == {
        "rat_hai_long": 3, "hai_long": 3, "binh_thuong": 3, "khong_hai_long": 3, "khong_y_kien": 0,
    }  # fmt: skip
