"""Charts on a telephone: nothing lies upon anything else."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from browser.conftest import Opener, Visitor

Come = Callable[..., Visitor]
BOXES = """() => ["modebar-btn", "xtick"].map(name => [...document.querySelectorAll(`.js-plotly-plot .${name}`)].map(one => {
  const box = one.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; }))"""


def test_the_button_of_a_chart_lies_on_no_word_of_it(site_of: Opener, visit: Come) -> None:
    page = visit(site_of("review"), "to_chuc", width=390, height=844).turns_to("xep-hang", xem="bieu-do")
    expect(page.locator(".js-plotly-plot .modebar-btn")).to_be_visible(timeout=30_000)
    buttons, words = page.evaluate(BOXES)
    assert len(buttons) == 1
    assert len(words) > 3
    left, top, right, bottom = buttons[0]
    assert not [word for word in words if left < word[2] and word[0] < right and top < word[3] and word[1] < bottom]
