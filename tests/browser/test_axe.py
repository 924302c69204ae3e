"""axe-core on every page of the app and of the server, on dialogs, on a telephone, in light and in dark: nothing serious
or critical is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser.conftest import Opener, Visitor
from chamdiem.pages.menu import PAGES
from chamdiem.words import say

Come = Callable[..., Visitor]
GRAVE = ("serious", "critical")
OPTIONS = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
IN_DARK = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""The only two of all those rules that look at colours: the others say in the dark what they said in the light."""
REVIEW = {
    "tong-quan": "to_chuc",
    "tu-cham": "xa_07243",
    "tham-dinh": "tham_dinh",
    "cham-diem": "giam_khao_1",
    "giai-trinh": "xa_07243",
    "doi-chieu": "thu_ky",
    "hoi-dong-chot": "thu_ky",
    "xep-hang": "to_chuc",
    "phieu-don-vi": "to_chuc",
    "trinh-chieu": "to_chuc",
    "kien-nghi": "to_chuc",
    "cong-bo": "to_chuc",
    "bo-tieu-chi": "",
    "dot-cham": "to_chuc",
    "hoi-dong": "thu_ky",
    "tai-khoan": "quan_tri",
    "don-vi": "quan_tri",
    "nhat-ky": "to_chuc",
    "chuong-trinh": "to_chuc",
    "lich-bao-cao": "to_chuc",
    "bao-cao-ky": "to_chuc",
    "kho-khan": "to_chuc",
    "phan-cong": "to_chuc",
    "dot-khao-sat": "to_chuc",
    "ho-so": "thu_ky",
    "tro-giup": "thu_ky",
}
"""Every page with somebody who can use it, in a contest under review."""

AT_WORK = (("self", "tu-cham", "xa_07243"), ("judging", "cham-diem", "giam_khao_1"), ("judging", "hoi-dong", "thu_ky"))
"""What looks different while marks are entered."""

ON_A_TELEPHONE = (
    ("judging", "cham-diem", "giam_khao_1"), ("review", "xep-hang", "to_chuc"), ("review", "phieu-don-vi", "to_chuc"),
    ("review", "tro-giup", "thu_ky"),
)  # fmt: skip
"""What a narrow screen shows in another way."""

DIALOGS = (
    ("dot-cham", "to_chuc", "begin.button"), ("tai-khoan", "quan_tri", "accounts.create"),
    ("hoi-dong", "thu_ky", "jury.conflict"), ("cong-bo", "to_chuc", "publishing.ask"),
)  # fmt: skip
"""The buttons that open dialogs of every shape: dates and lists, words and choices, people, a question with a reason."""

PUBLISHED = ("cong-bo/", "cong-bo/k", "cong-bo/k/don-vi/07243")

OF_SERVER = ("dang-nhap", "cong-bo/", "dang-xuat")

STILL = """() => document.getAnimations().every(one => one.playState !== "running" ||
  one.effect.getComputedTiming().iterations === Infinity)"""
"""Nothing on the page moves or fades, but for what always does."""

STREAMLIT = {"list": "[data-testid=stSidebarNavItems]", "listitem": "[data-testid=stSidebarNavItems]"}
"""What is Streamlit's own: the rule, and the part of the page in which it is broken. Its menu sets the names of sections
and the pages below them as lists in a list whose items are no list items; no setting changes that."""


def wrong(page: Page, options: dict[str, Any]) -> Iterator[str]:
    """What axe finds grave on a page as it is now."""
    for violation in Axe().run(page, options=options).response["violations"]:
        if violation["impact"] not in GRAVE:
            continue
        for node in violation["nodes"]:
            if not _excepted(page, violation["id"], node["target"][0]):
                yield f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"


def _excepted(page: Page, rule: str, target: str) -> bool:
    place = STREAMLIT.get(rule)
    about = [target, place]
    return place is not None and bool(
        page.evaluate("([target, place]) => !!document.querySelector(target)?.closest(place)", about)
    )


def at_rest(page: Page) -> None:
    """The script has run, and nothing fades in any more."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached(timeout=30_000)
    expect(page.locator("[data-stale=true]")).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(100)
    page.wait_for_function(STILL)


def in_both(page: Page, app: bool = True) -> list[str]:
    """What is wrong in the light, and in the dark."""
    found = []
    for colours, options in (("light", OPTIONS), ("dark", IN_DARK)):
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        if app:
            at_rest(page)
        found += [f"{colours}: {one}" for one in wrong(page, options)]
    return found


def test_somebody_uses_every_page() -> None:
    assert {*REVIEW} == {entry.path for entry in PAGES}


@pytest.mark.parametrize("path", REVIEW)
def test_a_page_is_accessible(site_of: Opener, visit: Come, path: str) -> None:
    page = visit(site_of("review"), REVIEW[path]).turns_to(path)
    assert not (found := in_both(page)), "\n".join(found)


@pytest.mark.parametrize(("kind", "path", "name"), AT_WORK)
def test_a_page_at_work_is_accessible(site_of: Opener, visit: Come, kind: str, path: str, name: str) -> None:
    page = visit(site_of(kind), name).turns_to(path)
    assert not (found := in_both(page)), "\n".join(found)


@pytest.mark.parametrize("path", OF_SERVER)
def test_a_page_of_the_server_is_accessible(site_of: Opener, visit: Come, path: str) -> None:
    page = visit(site_of("review"), "nguoi_la" if path == "dang-xuat" else "").turns_to(path)
    assert not (found := in_both(page, app=False)), "\n".join(found)


@pytest.mark.parametrize(("kind", "path", "name"), ON_A_TELEPHONE)
def test_a_page_on_a_telephone_is_accessible(site_of: Opener, visit: Come, kind: str, path: str, name: str) -> None:
    page = visit(site_of(kind), name, width=390, height=844).turns_to(path)
    assert not (found := in_both(page)), "\n".join(found)
    assert page.locator("[data-testid=stMain]").evaluate("one => one.scrollWidth <= one.clientWidth")


@pytest.mark.parametrize(("path", "name", "button"), DIALOGS)
def test_a_dialog_is_accessible(site_of: Opener, visit: Come, path: str, name: str, button: str) -> None:
    page = visit(site_of("review"), name).turns_to(path)
    at_rest(page)
    page.get_by_role("button", name=say(button)).first.click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=30_000)
    assert not (found := in_both(page)), "\n".join(found)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_published_is_accessible(site_of: Opener, visit: Come, width: int) -> None:
    visitor = visit(site_of("published"), "", width=width)
    for path in PUBLISHED:
        page = visitor.turns_to(path)
        assert not (found := in_both(page, app=False)), "\n".join(found)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("path", "name"), [("xep-hang", ""), ("phieu-don-vi", "xa_07243"), ("kien-nghi", "xa_07243")])
def test_a_page_after_publication_is_accessible(site_of: Opener, visit: Come, path: str, name: str) -> None:
    page = visit(site_of("published"), name).turns_to(path)
    assert not (found := in_both(page)), "\n".join(found)


@pytest.mark.parametrize("path", ["ho-so", "bo-tieu-chi"])
def test_the_widgets_speak_vietnamese(site_of: Opener, visit: Come, path: str) -> None:
    page = visit(site_of("review"), "giam_khao_1", locale="en-US").turns_to(path)
    at_rest(page)
    for english in ("Choose an option", "Sidebar", "Skip to main content", "Close", "Collapse sidebar"):
        assert page.locator(f'[aria-label="{english}"], [placeholder="{english}"], [title="{english}"]').count() == 0, (
            english
        )
