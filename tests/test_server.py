"""Signing in and out at the server's own pages, the gate before everything, and what each answer carries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route

from chamdiem.contest import accounts, signing_in
from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.record import rows
from chamdiem.pages.desk import COOKIE, LANGUAGE_COOKIE
from chamdiem.server import incidents
from chamdiem.server.forms import local_path
from chamdiem.store import tables
from chamdiem.store.database import open_store
from chamdiem.words import say
from contest_world import World, demo_store
from server_world import WORD, Browser, around, code_of, give_keys, served, session

Served = tuple[World, Starlette]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    with served(monkeypatch, "judging", tmp_path) as made:
        yield made


def form(login: str, password: str = WORD, **more: str) -> dict[str, str]:
    return {"tai_khoan": login, "mat_khau": password, **more}


def test_sign_in_sets_a_cookie_no_script_reads_and_goes_where_one_wanted(here: Served) -> None:
    w, app = here
    give_keys(w.store, "giam_khao_1")
    answer = Browser(app).post("/dang-nhap", data=form("giam_khao_1", ve="/cham-diem?dot=k"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/cham-diem?dot=k")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    token = answer.cookies[COOKIE]
    _, actor = signing_in.session_of(w.store, token, now=datetime.now(UTC))
    assert actor.account == "giam_khao_1"


def test_by_tls_the_cookie_travels_by_tls_only(here: Served) -> None:
    w, app = here
    give_keys(w.store, "giam_khao_1")
    answer = Browser(app, site="https://localhost").post("/dang-nhap", data=form("giam_khao_1"))
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]


def test_signing_in_in_a_new_tab_ends_where_one_is_sent_back_to_the_one_before(here: Served) -> None:
    w, app = here
    wanted = "/quay-lai?ve=%2Fcham-diem%3Fdot%3Dk"
    stranger = Browser(app).get(wanted)
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/dang-nhap?ve=%2Fcham-diem%3Fdot%3Dk")
    give_keys(w.store, "giam_khao_1")
    browser = Browser(app)
    assert browser.post("/dang-nhap", data=form("giam_khao_1", ve=wanted)).headers["location"] == wanted
    said = browser.get(wanted).text
    assert say("server.signed_in") in said
    assert 'href="/cham-diem?dot=k"' in said
    assert browser.get("/phien").json() == {"signed_in": True}
    assert Browser(app).get("/phien").json() == {"signed_in": False}
    assert 'href="/"' in browser.get("/quay-lai?ve=https://xa.example").text


def test_to_be_asked_whether_he_is_here_keeps_nobody_signed_in(here: Served) -> None:
    w, app = here
    browser = Browser(app, session(w.store, "giam_khao_1", began=timedelta(minutes=5)))

    def seen() -> list[str]:
        with w.store.read() as connection:
            return [str(row["seen_at"]) for row in connection.execute(select(tables.session)).mappings()]

    before = seen()
    assert browser.get("/phien").json() == {"signed_in": True}
    assert seen() == before
    browser.get("/quay-lai?ve=/")  # what he does himself counts
    assert seen() != before


def test_a_wrong_sign_in_says_nothing_about_what_was_wrong_and_keeps_the_login(here: Served) -> None:
    w, app = here
    give_keys(w.store, "giam_khao_1")
    wrong = [Browser(app).post("/dang-nhap", data=form(name, "sai")) for name in ("giam_khao_1", "khong_ai")]
    texts = [answer.text.replace(name, "…") for answer, name in zip(wrong, ("giam_khao_1", "khong_ai"), strict=True)]
    assert texts[0] == texts[1]
    assert say("signin.refused") in wrong[0].text
    assert 'value="giam_khao_1"' in wrong[0].text
    assert "sai" not in re.findall(r'value="([^"]*)"', wrong[0].text)
    assert [answer.status_code for answer in wrong] == [422, 422]


def test_a_login_is_text_on_the_page_whatever_it_holds(here: Served) -> None:
    _, app = here
    answer = Browser(app).post("/dang-nhap", data=form('"><script>alert(1)</script>', "x"))
    assert "<script" not in answer.text


def test_the_session_before_ends_and_the_new_one_is_another(here: Served) -> None:
    w, app = here
    give_keys(w.store, "giam_khao_1")
    fixed = session(w.store, "giam_khao_2")
    answer = Browser(app, fixed).post("/dang-nhap", data=form("giam_khao_1"))
    assert answer.cookies[COOKIE] != fixed
    assert signing_in.living_among(w.store, [fixed], now=datetime.now(UTC)) == set()


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"sec_fetch_site": "cross-site"}, {"origin": ""}]
)
@pytest.mark.parametrize("path", ["/dang-nhap", "/dang-xuat", "/dang-xuat-het", "/doi-mat-khau", "/dien-thoai"])
def test_no_other_site_sends_our_forms(here: Served, path: str, headers: dict[str, str]) -> None:
    w, app = here
    token = session(w.store, "giam_khao_1")
    assert Browser(app, token, **headers).post(path, data=form("giam_khao_1")).status_code == 403
    assert signing_in.living_among(w.store, [token], now=datetime.now(UTC)) == {token}


def test_a_link_elsewhere_signs_nobody_out_but_asks(here: Served) -> None:
    w, app = here
    token = session(w.store, "giam_khao_1")
    asked = Browser(app, token, **{"sec_fetch_site": "cross-site"}).get("/dang-xuat")
    assert (asked.status_code, say("server.sign_out_ask") in asked.text) == (200, True)
    gone = Browser(app, token, **{"sec_fetch_site": "same-origin"}).get("/dang-xuat")
    assert gone.status_code == 303
    assert signing_in.living_among(w.store, [token], now=datetime.now(UTC)) == set()


def test_signing_out_everywhere_ends_all_sessions(here: Served) -> None:
    w, app = here
    tokens = [session(w.store, "giam_khao_1") for _ in range(3)]
    assert Browser(app, tokens[0]).post("/dang-xuat-het").status_code == 303
    assert signing_in.living_among(w.store, tokens, now=datetime.now(UTC)) == set()


def test_looking_on_keeps_nobody_signed_in(here: Served) -> None:
    w, _ = here
    token = session(w.store, "giam_khao_1", began=timedelta(minutes=29))
    before = seen(w)
    assert signing_in.living_among(w.store, [token], now=datetime.now(UTC)) == {token}
    assert signing_in.living_among(w.store, [token], now=datetime.now(UTC) + timedelta(minutes=2)) == set()
    assert seen(w) == before


def seen(w: World) -> list[str]:
    with w.store.read() as connection:
        return [row.seen_at for row in connection.execute(tables.session.select())]


def test_a_first_password_is_changed_before_anything_else(here: Served) -> None:
    w, app = here
    give_keys(w.store, "giam_khao_1", first=True)
    browser = Browser(app)
    answer = browser.post("/dang-nhap", data=form("giam_khao_1", ve="/cham-diem"))
    assert answer.headers["location"] == "/doi-mat-khau"
    assert browser.get("/tong-quan").headers["location"] == "/doi-mat-khau"
    differ = {"mat_khau": WORD, "mat_khau_moi": "bến nước cây đa sân đình", "lap_lai": "khác"}
    assert say("server.passwords_differ") in browser.post("/doi-mat-khau", data=differ).text
    changed = browser.post("/doi-mat-khau", data={**differ, "lap_lai": differ["mat_khau_moi"]})
    assert (changed.status_code, changed.headers["location"]) == (303, "/")
    assert browser.get("/tong-quan").status_code == 200


def test_a_telephone_is_enrolled_and_the_codes_are_shown_once(here: Served) -> None:
    w, app = here
    give_keys(w.store, "thu_ky")
    browser = Browser(app)
    assert browser.post("/dang-nhap", data=form("thu_ky")).headers["location"] == "/dien-thoai"
    assert browser.get("/").headers["location"] == "/dien-thoai"
    page = browser.get("/dien-thoai").text
    assert "<svg" in page
    secret = re.search(r'name="khoa" value="([A-Z2-7]{32})"', page)
    assert secret
    wrong = browser.post("/dien-thoai", data={"khoa": secret[1], "ma": "000000"})
    assert (wrong.status_code, secret[1] in wrong.text) == (422, True)
    kept = browser.post("/dien-thoai", data={"khoa": secret[1], "ma": code_of(secret[1])})
    assert kept.headers["cache-control"] == "no-store"
    assert len(re.findall(r"<li><code>", kept.text)) == 10
    assert say("server.telephone_there") in browser.get("/dien-thoai").text
    assert browser.get("/tong-quan").status_code == 200


def test_somebody_with_a_telephone_needs_its_code(here: Served) -> None:
    w, app = here
    secret = give_keys(w.store, "thu_ky", telephone=True)
    assert Browser(app).post("/dang-nhap", data=form("thu_ky")).status_code == 422
    assert Browser(app).post("/dang-nhap", data=form("thu_ky", ma=code_of(secret))).status_code == 303


def test_who_confirms_himself_finds_his_login_and_returns(here: Served) -> None:
    w, app = here
    page = Browser(app, session(w.store, "giam_khao_1")).get("/dang-nhap?lai=1&ve=/cham-diem").text
    assert 'value="giam_khao_1"' in page
    assert say("signin.once_more") in page
    assert 'name="ve" value="/cham-diem"' in page


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "/a\\b", ""]
)
def test_nobody_is_sent_to_another_site(wanted: str) -> None:
    assert local_path(wanted) == "/"


def test_a_closed_account_is_out_at_once(here: Served) -> None:
    w, app = here
    token = session(w.store, "giam_khao_1")
    assert Browser(app, token).get("/media/x").status_code == 404
    accounts.close_account(w.store, SYSTEM, "giam_khao_1", "nghỉ việc")
    assert Browser(app, token).get("/media/x").status_code == 401


# the gate ---------------------------------------------------------------------------------------------------------


def test_a_stranger_sends_nothing_and_fetches_nothing(here: Served) -> None:
    _, app = here
    stranger = Browser(app)
    assert stranger.put("/_stcore/upload_file/a/b", content=b"x" * 1000).status_code == 401
    assert stranger.get("/media/abc.png").status_code == 401
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/script-health-check", "/khong-co"):
        assert stranger.get(path).status_code == 404


def test_nobody_sends_into_another_ones_window_or_more_than_fits(here: Served) -> None:
    w, app = here
    browser = Browser(app, session(w.store, "giam_khao_1"))
    assert browser.put("/_stcore/upload_file/a/b", content=b"x").status_code == 404


def test_every_answer_carries_its_headers(here: Served) -> None:
    _, app = here
    for path in ("/", "/tong-quan", "/dang-nhap", "/healthz", "/khong-co", "/cong-bo/x", "/minh-chung/a/b/1"):
        headers = Browser(app).get(path).headers
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "permissions-policy" in headers


def test_a_foreign_name_leads_nowhere(here: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    _, app = here
    monkeypatch.setenv("CHAMDIEM_HOSTS", "chamdiem.example.vn")
    assert Browser(app, site="http://evil.example").get("/dang-nhap").status_code == 421
    assert Browser(app, site="http://chamdiem.example.vn").get("/dang-nhap").status_code == 200


def test_the_screens_come_in_the_language_that_was_chosen(here: Served) -> None:
    _, app = here
    browser = Browser(app)
    page = browser.get("/xep-hang").text
    assert '<html lang="vi"' in page
    assert "/giao-dien/locale.js" in page
    assert "data-grid-overlay-editor" in page
    assert "service-desc" not in page
    for name in ("locale.js", "shell.css", "icon.svg"):
        assert browser.get(f"/giao-dien/{name}").status_code == 200
    assert browser.get("/giao-dien/style.css").status_code == 404
    chosen = browser.get("/ngon-ngu/en", headers={"referer": "http://localhost/xep-hang?dot=k"})
    assert chosen.headers["location"] == "/xep-hang?dot=k"
    assert chosen.cookies[LANGUAGE_COOKIE] == "en"
    assert '<html lang="en"' in browser.get("/xep-hang").text
    assert "Sign in" in browser.get("/dang-nhap").text
    assert browser.get("/ngon-ngu/fr").status_code == 404


def test_a_fault_is_a_code_and_the_details_stay_here(
    here: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, app = here
    monkeypatch.setattr(incidents, "place", lambda: tmp_path / "faults.log")

    async def burst(_: object) -> None:
        raise ZeroDivisionError("bí mật")

    app.router.routes.insert(0, Route("/healthz", burst))
    answer = Browser(app).get("/healthz")
    kept = (tmp_path / "faults.log").read_text("utf-8")
    assert answer.status_code == 500
    assert "bí mật" not in answer.text
    assert "bí mật" in kept
    assert re.search(r"== (\w+)", kept)[1] in answer.text  # type: ignore[index]


# the demo ---------------------------------------------------------------------------------------------------------


def test_made_up_people_are_signed_in_by_a_click_in_a_demo_on_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with open_store(demo_store(tmp_path)) as store:
        app = around(monkeypatch, store, tmp_path)
        assert Browser(app).get("/dang-nhap/mau/mau-gk1").status_code == 404
        monkeypatch.setenv("CHAMDIEM_DEMO", "1")
        assert Browser(app).get("/").headers["location"] == "/dang-nhap"
        assert "mau-gk1" in Browser(app).get("/dang-nhap").text
        browser = Browser(app)
        assert browser.get("/dang-nhap/mau/mau-gk1").status_code == 303
        assert browser.get("/").status_code == 200
        assert Browser(app).get("/dang-nhap/mau/khong-ai").status_code in (400, 404)
        for far in ({"x_forwarded_for": "203.0.113.9"}, {"host": "chamdiem.example.vn"}):
            assert Browser(app, **far).get("/dang-nhap/mau/mau-gk1").status_code == 404
            assert "mau-gk1" not in Browser(app, **far).get("/dang-nhap").text


def test_in_a_store_with_a_real_contest_nobody_is_signed_in_by_a_click(
    here: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    w, app = here
    give_keys(w.store, "giam_khao_1")
    monkeypatch.setenv("CHAMDIEM_DEMO", "1")
    assert Browser(app).get("/dang-nhap/mau/giam_khao_1").status_code == 400
    assert "/dang-nhap/mau/" not in Browser(app).get("/dang-nhap").text
    with w.store.read() as connection:
        assert rows(connection, tables.contest)[0]["sample"] == ""


def test_scripts_travel_compressed_and_are_the_same(here: Served) -> None:
    _, app = here
    browser = Browser(app)
    name = next(iter(re.findall(r'src="\./(static/js/index\.[^"]+)"', browser.get("/tro-giup").text)))
    pressed = browser.get(f"/{name}", headers={"accept-encoding": "gzip"})
    plain = browser.get(f"/{name}", headers={"accept-encoding": "identity"})
    assert (pressed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert pressed.content == plain.content
    assert pressed.headers["vary"] == "Accept-Encoding"
    assert int(pressed.headers["content-length"]) * 2 < len(plain.content)
    assert browser.get("/static/js/../index.html").status_code == 404 == browser.get("/static/js/none.js").status_code
