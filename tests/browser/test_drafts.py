"""What somebody typed and never sent: offered back to him, forgotten once it is sent, and never shown to anybody else."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from browser.conftest import Opener, Site, Visitor

Come = Callable[..., Visitor]
WAIT = 30_000  # ms
MINE, OTHER = "xa_07243", "xa_07246"
TEXT = 'Xã có đủ bốn biên bản; đề nghị xem lại.\n<b>"Biên bản" số 4</b>'
DRAFTS = "Object.keys(sessionStorage).filter(name => name.startsWith('chamdiem/draft/')).length"


def field(page: Page) -> Locator:
    """Where a petition is written; while a new field takes the place of one that was sent, there are two for a moment."""
    found = page.get_by_label("Nội dung kiến nghị và lý do")
    expect(found).to_have_count(1, timeout=WAIT)
    expect(found).to_be_visible(timeout=WAIT)
    return found


def offer(page: Page) -> Locator:
    """What is offered back."""
    return page.locator(".chamdiem-draft")


def loses_session(site: Site, page: Page, name: str) -> None:
    """The session ends; the page turns into what visitors see as soon as something is to be done on it."""
    site.end_session(name)
    page.get_by_role("button", name="Gửi kiến nghị", exact=True).click()
    expect(page.locator(".chamdiem-visitor")).to_be_attached(timeout=WAIT)


def test_what_was_typed_comes_back_to_its_author_alone(site_of: Opener, visit: Come) -> None:
    site = site_of("published")
    commune = visit(site, MINE)
    page = commune.goes_to("kien-nghi")
    field(page).fill(TEXT)
    loses_session(site, page, MINE)
    expect(page.get_by_label("Nội dung kiến nghị và lý do")).to_have_count(0)
    commune.signs_in(MINE)
    page.reload()
    expect(offer(page)).to_contain_text("Nội dung đang gõ dở lúc", timeout=WAIT)
    expect(field(page)).to_have_value("")
    offer(page).get_by_role("button", name="Khôi phục").click()
    expect(field(page)).to_have_value(TEXT)
    expect(offer(page)).to_have_count(0)
    page.get_by_role("button", name="Gửi kiến nghị", exact=True).click()
    entered = page.get_by_test_id("stMarkdownContainer").get_by_text('<b>"Biên bản" số 4</b>')
    expect(entered).to_be_visible(timeout=WAIT)
    expect(field(page)).to_have_value("", timeout=WAIT)
    page.wait_for_function(f"{DRAFTS} === 0")
    field(page).fill("Một câu nữa")
    assert page.evaluate(DRAFTS) == 1
    loses_session(site, page, MINE)
    commune.signs_in(OTHER)
    page.reload()
    expect(field(page)).to_have_value("")
    page.wait_for_function(f"{DRAFTS} === 0")
    expect(offer(page)).to_have_count(0)


def test_signing_out_forgets_what_was_typed(site_of: Opener, visit: Come) -> None:
    page = visit(site_of("published"), OTHER).goes_to("kien-nghi")
    field(page).fill("Đang gõ")
    assert page.evaluate(DRAFTS) == 1
    page.get_by_role("link", name="Đăng xuất").click()
    page.wait_for_url("**/dang-nhap", timeout=WAIT)
    assert page.evaluate(DRAFTS) == 0


def test_a_tab_one_comes_back_to_after_signing_out_elsewhere_shows_nothing_any_more(
    site_of: Opener, visit: Come
) -> None:
    site = site_of("published")
    page = visit(site, MINE).goes_to("kien-nghi")
    field(page).fill("Đang gõ")
    site.end_session(MINE)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".chamdiem-visitor")).to_be_attached(timeout=WAIT)
    expect(page.get_by_label("Nội dung kiến nghị và lý do")).to_have_count(0)
    assert page.evaluate(DRAFTS) == 1
