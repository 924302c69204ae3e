"""E11: two worlds that differ in one sealed mark of one judge look the same to everybody else, on every page and route."""

from __future__ import annotations

import asyncio
import sqlite3
from itertools import zip_longest

import httpx

from chamdiem.pages.desk import COOKIE
from chamdiem.pages.menu import PAGES
from experiments.app_worlds import Place, place
from experiments.common import Figures, main, outcome
from experiments.running_app import App, running, shown, window

OTHERS = ("giam_khao_1", "chu_tich", "xa_07243", "giam_sat", "thu_ky", "to_chuc", "tham_dinh")
OWNER, UNIT, CODE = "giam_khao_2", "07243", "1.5"
ROUTES = (
    "/ket-qua/k.xlsx", f"/phieu-cham/k/{UNIT}.xlsx", f"/phieu-cham/k/{UNIT}.xlsx?giai-doan=judge", "/cong-bo/",
    "/cong-bo/k", "/cong-bo/k/so-lieu.json", f"/minh-chung/k/{UNIT}/1", "/healthz", "/media/x", "/dang-nhap",
)  # fmt: skip
Seen = dict[tuple[str, str], list[bytes]]


def changed(made: Place) -> Place:
    """The same world but for one sealed mark, which is another one of the same length; nothing else tells of it."""
    other = made.copy("other")
    with sqlite3.connect(other.path) as connection:
        where = "author = ? AND unit = ? AND criterion = ?", (OWNER, UNIT, CODE)
        (answer,) = connection.execute(f"SELECT answer FROM mark WHERE {where[0]}", where[1]).fetchone()
        another = "1" if answer != "1" else "2"
        connection.execute(f"UPDATE mark SET answer = ? WHERE {where[0]}", (another, *where[1]))
    connection.close()
    return other


async def crawl(app: App, made: Place, people: tuple[str, ...], pages: tuple[str, ...]) -> Seen:
    """All that people are told, page by page and route by route."""
    seen: Seen = {}
    for name in ("", *people):
        token = made.tokens.get(name, "")
        async with window(app, token) as opened:
            for page in pages:
                seen[name, page] = shown(await opened.run(page, f"dot=k&dv={UNIT}"))
        async with httpx.AsyncClient(base_url=app.base, cookies={COOKIE: token}, timeout=60) as client:
            for route in ROUTES:
                answer = await client.get(route)
                seen[name, route] = [str(answer.status_code).encode(), answer.content]
    return seen


def differences(one: Seen, other: Seen) -> list[str]:
    """Where two crawls do not agree byte for byte."""
    found = []
    for key, told in one.items():
        if any(a != b for a, b in zip_longest(told, other[key])):
            found.append(" ".join(key))
    return found


def run(quick: bool, *, people: tuple[str, ...] = OTHERS, pages: tuple[str, ...] = ()) -> Figures:
    """Both worlds, one after the other; then the owner of the mark, who must see the difference."""
    pages = pages or tuple(entry.path for entry in PAGES)
    with place("sealed", *people, OWNER) as made:
        other = changed(made)
        with running(made.url) as app:
            first = asyncio.run(crawl(app, made, people, pages))
            own = asyncio.run(crawl(app, made, (OWNER,), ("cham-diem",)))
        with running(other.url) as app:
            second = asyncio.run(crawl(app, other, people, pages))
            own_other = asyncio.run(crawl(app, other, (OWNER,), ("cham-diem",)))
    found = differences(first, second)
    figures = {
        "people": len(people) + 1, "pages": len(pages), "routes": len(ROUTES), "compared": len(first), "differ": found,
        "bytes": sum(len(each) for told in first.values() for each in told),
    }  # fmt: skip
    return outcome("E11 two worlds", figures, {
        "everybody else is told the same, byte for byte": not found,
        "the owner of the mark sees it": "giam_khao_2 cham-diem" in differences(own, own_other),
    })  # fmt: skip


if __name__ == "__main__":
    main(run)
