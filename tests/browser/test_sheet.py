"""The score sheet in a real browser: what people type is what the store has, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.conftest import Site, Visitor
from chamdiem.contest.record import rows
from chamdiem.store import tables
from chamdiem.store.door import Order
from server_world import WORD, give_keys

UNITS = ("07243", "07246", "07249")
JUDGE = "giam_khao_1"
SAVED = 20_000  # ms: the machine of the tests is slow

Come = Callable[..., Visitor]


def sheet(page: Page) -> Locator:
    """The sheet, ready."""
    found = page.locator("div.sheet")
    expect(found.locator("tr[data-code]").first).to_be_visible(timeout=SAVED)
    return found


def row(page: Page, code: str) -> Locator:
    """The line of a criterion."""
    return page.locator(f'div.sheet tr[data-code="{code}"]')


def answer(page: Page, code: str) -> Locator:
    """The first field of its answer."""
    return row(page, code).locator("td.answer .field").first


def note(page: Page, code: str) -> Locator:
    """Its note."""
    return row(page, code).locator("td.note textarea")


def at_rest(page: Page) -> None:
    """All that was typed is saved."""
    expect(page.locator(".sheet .status")).to_contain_text("Đã lưu lúc", timeout=SAVED)


def paste(field: Locator, text: str) -> None:
    """Paste a text, as if it came from a spreadsheet."""
    field.focus()
    field.evaluate(
        """(field, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const about = {clipboardData: data, bubbles: true, cancelable: true, composed: true};
            field.dispatchEvent(new ClipboardEvent("paste", about));
        }""",
        text,
    )


@pytest.mark.parametrize(("locale", "unit"), [("en-US", UNITS[0]), ("vi-VN", UNITS[1])])
def test_comma_and_dot_are_kept_as_they_are_typed(site: Site, visit: Come, locale: str, unit: str) -> None:
    page = visit(site, JUDGE, locale=locale).goes_to("cham-diem", dv=unit)
    sheet(page)
    answer(page, "2.4.1").press_sequentially("91,5", delay=60)
    answer(page, "2.4.2").press_sequentially("88.25", delay=60)
    row(page, "2.4.2").locator("td.answer .field").nth(1).press_sequentially("90,5", delay=60)
    note(page, "2.4.1").click()
    at_rest(page)
    marks = site.marks(unit, author=JUDGE)
    assert (marks["2.4.1"]["answer"], marks["2.4.2"]["answer"]) == ("91,5", "88.25/90,5")
    page.reload()
    sheet(page)
    expect(answer(page, "2.4.1")).to_have_value("91,5")
    expect(answer(page, "2.4.2")).to_have_value("88.25")


def test_rows_and_columns_of_a_spreadsheet_are_pasted_downwards(site: Site, visit: Come) -> None:
    page = visit(site, "giam_khao_2").goes_to("cham-diem", dv=UNITS[0])
    sheet(page)
    cells = '37/40\tTheo biên bản\n7\t"Có 7 tin,\nbài"\nday_du\tĐủ biểu, bảng\n20/21\tThiếu 1 người\n'
    paste(answer(page, "1.4"), cells)
    at_rest(page)
    marks = site.marks(UNITS[0], author="giam_khao_2")
    assert {code: (mark["answer"], mark["note"]) for code, mark in marks.items()} == {
        "1.4": ("37/40", "Theo biên bản"),
        "1.5": ("7", "Có 7 tin,\nbài"),
        "1.6": ("day_du", "Đủ biểu, bảng"),
        "2.1": ("20/21", "Thiếu 1 người"),
    }
    expect(answer(page, "1.6")).to_have_value("day_du")


def test_columns_with_the_codes_in_front_go_where_the_codes_say(site: Site, visit: Come) -> None:
    page = visit(site, "giam_khao_2").goes_to("cham-diem", dv=UNITS[1])
    sheet(page)
    paste(answer(page, "1.3"), "1.3\t15/16\tA\n1.4\t30/40\tB\n1.5\t2\tC\n1.6\tkhong_co\tD")
    at_rest(page)
    marks = site.marks(UNITS[1], author="giam_khao_2")
    assert {code: (mark["answer"], mark["note"]) for code, mark in marks.items()} == {
        "1.3": ("15/16", "A"), "1.4": ("30/40", "B"), "1.5": ("2", "C"), "1.6": ("khong_co", "D"),
    }  # fmt: skip


def test_a_sheet_is_filled_in_by_the_keyboard_alone(site: Site, visit: Come) -> None:
    page = visit(site, "giam_khao_3").goes_to("cham-diem", dv=UNITS[0])
    sheet(page)
    answer(page, "1.4").focus()
    for keys in ("37", "Tab", "40", "Enter", "5", "Tab", "đủ bài", "Shift+Enter", "ba mươi bảy", "Enter"):
        page.keyboard.press(keys) if keys in ("Tab", "Enter", "Shift+Enter") else page.keyboard.type(keys, delay=20)
    at_rest(page)
    marks = site.marks(UNITS[0], author="giam_khao_3")
    assert (marks["1.4"]["answer"], marks["1.4"]["note"]) == ("37/40", "ba mươi bảy")
    assert (marks["1.5"]["answer"], marks["1.5"]["note"]) == ("5", "đủ bài")
    answer(page, "1.5").focus()
    page.keyboard.press("F2")
    page.keyboard.type("9")
    expect(answer(page, "1.5")).to_have_value("59")
    page.keyboard.press("Escape")
    expect(answer(page, "1.5")).to_have_value("5")
    at_rest(page)
    assert site.marks(UNITS[0], author="giam_khao_3")["1.5"]["answer"] == "5"


def test_what_is_refused_stays_with_its_message_under_it(site: Site, visit: Come) -> None:
    page = visit(site, "giam_khao_3").goes_to("cham-diem", dv=UNITS[1])
    sheet(page)
    answer(page, "1.5").fill("7,5")
    answer(page, "2.4.1").fill("abc")
    answer(page, "1.6").select_option("day_du")
    note(page, "1.6").click()
    expect(row(page, "1.5").locator(".message")).to_contain_text("Không hiểu “7,5”", timeout=SAVED)
    expect(row(page, "2.4.1").locator(".message")).to_contain_text("Không hiểu “abc”")
    expect(answer(page, "1.5")).to_have_value("7,5")
    expect(page.locator(".sheet .status")).to_contain_text("Có 2 ô chưa lưu được")
    assert {code: mark["answer"] for code, mark in site.marks(UNITS[1], author="giam_khao_3").items()} == {
        "1.6": "day_du"
    }
    answer(page, "1.5").fill("7")
    answer(page, "2.4.1").fill("")
    note(page, "1.6").click()
    at_rest(page)
    expect(row(page, "1.5").locator(".message")).to_be_hidden()
    assert set(site.marks(UNITS[1], author="giam_khao_3")) == {"1.5", "1.6"}


def test_two_tabs_are_asked_which_value_stays(site: Site, visit: Come) -> None:
    judge = visit(site, "giam_khao_4")
    first, second = (judge.goes_to("cham-diem", dv=UNITS[0]) for _ in range(2))
    sheet(first)
    sheet(second)
    answer(first, "1.5").fill("3")
    note(first, "1.5").click()
    at_rest(first)
    answer(second, "1.5").fill("4")
    dialog = second.locator("dialog")
    expect(dialog).to_be_visible(timeout=SAVED)
    expect(dialog.locator("dd")).to_have_text(["4", "3"])
    assert site.marks(UNITS[0], author="giam_khao_4")["1.5"]["answer"] == "3"
    dialog.get_by_text("Giữ của tôi").click()
    at_rest(second)
    assert site.marks(UNITS[0], author="giam_khao_4")["1.5"]["answer"] == "4"
    answer(first, "1.5").fill("5")
    first.locator("dialog").get_by_text("Lấy bản đã lưu").click(timeout=SAVED)
    expect(answer(first, "1.5")).to_have_value("4")
    assert site.marks(UNITS[0], author="giam_khao_4")["1.5"]["answer"] == "4"


def test_what_is_typed_without_a_network_is_sent_when_it_is_back(site: Site, visit: Come) -> None:
    assert site.line is not None
    page = visit(site, "giam_khao_4").goes_to("cham-diem", dv=UNITS[1])
    sheet(page)
    site.line.cut()
    answer(page, "1.5").fill("6")
    answer(page, "1.4").fill("31")
    row(page, "1.4").locator("td.answer .field").nth(1).fill("40")
    note(page, "1.4").fill("mất mạng")
    expect(page.locator(".sheet .status")).to_contain_text("Mất kết nối", timeout=SAVED)
    assert site.marks(UNITS[1], author="giam_khao_4") == {}
    page.wait_for_timeout(10_000)
    site.line.mend()
    expect(page.locator(".sheet .status")).to_contain_text("Đã lưu lúc", timeout=60_000)
    marks = site.marks(UNITS[1], author="giam_khao_4")
    assert {code: (mark["answer"], mark["note"], mark["version"]) for code, mark in marks.items()} == {
        "1.4": ("31/40", "mất mạng", 1), "1.5": ("6", "", 1),
    }  # fmt: skip


def test_what_is_not_saved_survives_a_new_start_of_the_page(site: Site, visit: Come) -> None:
    assert site.line is not None
    page = visit(site, "giam_khao_4").goes_to("cham-diem", dv=UNITS[2])
    page.on("dialog", lambda dialog: dialog.accept())  # the browser warns that something is not saved
    sheet(page)
    site.line.cut()
    answer(page, "1.5").fill("2")
    note(page, "1.5").fill("hai bài")
    site.line.mend()
    page.reload()
    sheet(page)
    at_rest(page)
    mark = site.marks(UNITS[2], author="giam_khao_4")["1.5"]
    assert (mark["answer"], mark["note"]) == ("2", "hai bài")


def test_a_server_that_starts_anew_loses_nothing(site: Site, visit: Come) -> None:
    page = visit(site, "giam_khao_1").goes_to("cham-diem", dv=UNITS[2])
    sheet(page)
    site.stop()
    answer(page, "1.5").fill("5")
    note(page, "1.5").fill("trong lúc máy chủ nghỉ")
    site.start()
    expect(page.locator(".sheet .status")).to_contain_text("Đã lưu lúc", timeout=60_000)
    mark = site.marks(UNITS[2], author="giam_khao_1")["1.5"]
    assert (mark["answer"], mark["note"]) == ("5", "trong lúc máy chủ nghỉ")
    page.get_by_role("button", name="Nộp phiếu").click(timeout=SAVED)  # a part of a page that the new server never ran
    expect(page.get_by_role("dialog")).to_contain_text("tiêu chí chưa trả lời", timeout=SAVED)


def test_a_sheet_that_lies_open_after_its_session_shows_nothing_any_more(site: Site, visit: Come) -> None:
    page = visit(site, "giam_khao_1").goes_to("cham-diem", dv=UNITS[0])
    sheet(page)
    site.end_session("giam_khao_1")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("Hãy đăng nhập để ghi phiếu")).to_be_visible(timeout=SAVED)
    expect(page.locator("div.sheet")).to_have_count(0)


def test_a_telephone_shows_cards_and_saves(site: Site, visit: Come) -> None:
    page = visit(site, "chu_tich", width=390, height=844).goes_to("cham-diem", dv=UNITS[2])
    sheet(page)
    assert row(page, "1.5").evaluate("(row) => getComputedStyle(row).display") == "flex"
    box = answer(page, "1.5").bounding_box()
    assert box is not None
    assert box["width"] > 250
    assert box["height"] >= 40
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    answer(page, "1.5").fill("3")
    note(page, "1.5").click()
    at_rest(page)
    assert site.marks(UNITS[2], author="chu_tich")["1.5"]["answer"] == "3"


def test_no_key_is_lost_on_the_first_visit_over_a_slow_line(site: Site, visit: Come) -> None:
    words = "mười hai phẩy bảy lăm"
    judge = visit(site, "giam_khao_4", locale="en-US", first=True)
    page = judge.opens()
    wire = judge.context.new_cdp_session(page)
    wire.send("Network.enable")
    line = {"offline": False, "latency": 300, "downloadThroughput": -1, "uploadThroughput": -1}
    wire.send("Network.emulateNetworkConditions", line)
    page.goto(f"{site.url}/cham-diem?dv={UNITS[2]}", wait_until="commit")
    answer(page, "2.4.1").wait_for(timeout=60_000)
    answer(page, "2.4.1").press_sequentially("12,75", delay=60)
    expect(answer(page, "2.4.1")).to_have_value("12,75")
    note(page, "2.4.1").press_sequentially(words, delay=60)
    expect(note(page, "2.4.1")).to_have_value(words)
    note(page, "1.4").click()
    at_rest(page)
    mark = site.marks(UNITS[2], author="giam_khao_4")["2.4.1"]
    assert (mark["answer"], mark["note"]) == ("12,75", words)


def test_a_hostile_note_is_text(site: Site, visit: Come) -> None:
    page = visit(site, "chu_tich").goes_to("cham-diem", dv=UNITS[1])
    sheet(page)
    hostile = '<img src=x onerror="document.title=1"></textarea><script>document.title=2</script>'
    note(page, "1.5").fill(hostile)
    answer(page, "1.5").fill("<b>3</b>")
    note(page, "1.4").click()
    expect(row(page, "1.5").locator(".message")).to_contain_text("Không hiểu “<b>3</b>”", timeout=SAVED)
    answer(page, "1.5").fill("3")
    note(page, "1.4").click()
    at_rest(page)
    page.reload()
    sheet(page)
    expect(note(page, "1.5")).to_have_value(hostile)
    assert page.title() not in ("1", "2")
    assert page.locator("div.sheet img").count() == 0


def test_a_sheet_is_sealed_and_its_receipt_shown(site: Site, visit: Come) -> None:
    page = visit(site, "giam_khao_2").goes_to("cham-diem", dv=UNITS[2])
    sheet(page)
    answer(page, "2.3").fill("2,5")
    expect(row(page, "2.3").locator(".message")).to_be_visible(timeout=SAVED)
    expect(page.get_by_role("button", name="Nộp phiếu")).to_be_disabled()
    answer(page, "2.3").fill("2")
    at_rest(page)
    page.get_by_role("button", name="Nộp phiếu").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("tiêu chí chưa trả lời", timeout=SAVED)
    dialog.get_by_label("Lý do").fill("Hết giờ chấm")
    dialog.get_by_role("button", name="Vẫn nộp dù còn thiếu").click(timeout=SAVED)
    expect(page.locator(".chamdiem-seal")).to_be_visible(timeout=SAVED)
    with site.store() as store, store.read() as connection:
        sealed = rows(connection, tables.sheet, unit=UNITS[2], author="giam_khao_2")[0]
    shown = page.locator(".chamdiem-seal").inner_text().replace(" ", "")
    assert sealed["status"] == "submitted"
    assert sealed["commitment"].startswith(shown)
    assert answer(page, "2.3").get_attribute("readonly") is not None


def test_signing_in_again_in_another_tab_wakes_the_one_before(site: Site, visit: Come) -> None:
    judge = visit(site, "giam_khao_3")
    with site.store() as store:
        give_keys(store, "giam_khao_3")
        store.write(Order("system", "test.keys"), lambda t: t.put(tables.credential, "giam_khao_3", {"secret": ""}))
    page = judge.goes_to("cham-diem", dv=UNITS[1])
    page.on("dialog", lambda dialog: dialog.accept())
    sheet(page)
    site.end_session("giam_khao_3")
    answer(page, "1.5").fill("4")
    with judge.context.expect_page() as opened:
        page.get_by_role("link", name="Đăng nhập lại").click(timeout=SAVED)
    form = opened.value
    form.get_by_label("Tên đăng nhập").fill("giam_khao_3")
    form.get_by_label("Mật khẩu").fill(WORD)
    form.get_by_role("button", name="Đăng nhập").click()
    expect(form.get_by_role("heading", name="Đã đăng nhập")).to_be_visible(timeout=SAVED)
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # every tab of this Chromium is in front
    sheet(page)
    at_rest(page)
    assert site.marks(UNITS[1], author="giam_khao_3")["1.5"]["answer"] == "4"
    assert "dv=07246" in page.url


def test_a_session_that_ends_while_somebody_types_loses_nothing(site: Site, visit: Come) -> None:
    judge = visit(site, "chu_tich")
    page = judge.goes_to("cham-diem", dv=UNITS[0])
    page.on("dialog", lambda dialog: dialog.accept())
    sheet(page)
    site.end_session("chu_tich")
    answer(page, "1.5").fill("4")
    expect(page.get_by_text("Hãy đăng nhập để ghi phiếu")).to_be_visible(timeout=SAVED)
    assert site.marks(UNITS[0], author="chu_tich") == {}
    judge.signs_in("chu_tich")
    page.reload()
    sheet(page)
    at_rest(page)
    assert site.marks(UNITS[0], author="chu_tich")["1.5"]["answer"] == "4"
