"""E13: hostile words in every name and note, hostile files behind documents: nothing of it acts in a browser or a workbook."""

from __future__ import annotations

import asyncio
import io
import shutil
import unicodedata
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from chamdiem.contest.evidence import Document
from chamdiem.contest.phases import Phase
from chamdiem.contest.uploads import upload
from chamdiem.errors import Refusal
from chamdiem.pages.desk import COOKIE
from chamdiem.pages.menu import PAGES
from chamdiem.server import public
from chamdiem.store import tables
from chamdiem.store.door import Order, Transaction
from chamdiem.store.files import FolderFiles
from contest_world import UNITS, World
from experiments.app_worlds import place
from experiments.common import Figures, main, outcome, skipped
from experiments.e14_strangers import MB, push, rise, session_id, uploader, warmed
from experiments.running_app import App, running, window

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
EVIL = "http://evil.example"
ACT = "window.__acted=1"
WORDS = (
    f"<script>{ACT}</script>", f"<img src=x onerror={ACT}>", f"<svg onload={ACT}>", f"<svg/onload={ACT}>",
    f'"><script>{ACT}</script>', f"'><img src=x onerror={ACT}>", f"</title><script>{ACT}</script>",
    f"</textarea><svg onload={ACT}>", f"<iframe src=javascript:{ACT}>", f"<iframe srcdoc='<script>parent.{ACT}</script>'>",
    f"<a href=javascript:{ACT}>x</a>", f"<body onload={ACT}>", f"<details open ontoggle={ACT}>x</details>",
    f"<input autofocus onfocus={ACT}>", f"<video><source onerror={ACT}></video>", f"<math><mi xlink:href=javascript:{ACT}>",
    f"<img src={EVIL}/a.png>", f"<link rel=stylesheet href={EVIL}/a.css>", f"<meta http-equiv=refresh content='0;url={EVIL}'>",
    f"<form action={EVIL}><button>x</button></form>", f"<object data={EVIL}/a.swf></object>", f"<base href={EVIL}/>",
    f"![x]({EVIL}/b.png)", f"[x]({EVIL}/c)", f"[x](javascript:{ACT})", f"<{EVIL}/d>", f"{EVIL}/e", "[x][1]\n\n[1]: " + EVIL,
    f"`x` $\\href{{javascript:{ACT}}}{{x}}$", f"$$\\htmlData{{x={ACT}}}{{y}}$$", ":red[x] :material/home: :balloon:",
    f"{{{{constructor.constructor('{ACT}')()}}}}", f"${{{ACT}}}", f"{{% {ACT} %}}", f"javascript:{ACT}",
    f"data:text/html,<script>{ACT}</script>", f'=HYPERLINK("{EVIL}","x")', "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u202efdp.exe\u202c \u2066x\u2069", "𝕏" * 100 + "Ặ" * 200,
)  # fmt: skip
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "＝1+1", "|calc", "%0A=1+1", '=HYPERLINK("x")')
SHOWN = "<img src=x onerror="  # must be seen as text somewhere, or nothing was tried
PEOPLE = ("thu_ky", "to_chuc", "giam_khao_1", "chu_tich", "xa_07243", "giam_sat", "quan_tri", "tham_dinh", "")


@dataclass
class Found:
    """What happened in the browser that must not happen."""

    acted: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seen_as_text: int = 0
    pages: int = 0


def poison(w: World, turn: int) -> None:
    """Hostile words in every text that somebody can type, past the services that would refuse some of them."""
    words = [unicodedata.normalize("NFC", word) for word in (*WORDS, *FORMULAS)]
    at = iter(range(turn, 10**6))

    def word() -> str:
        n = next(at)
        return " ".join(words[(7 * n + step) % len(words)] for step in range(3))

    def put(transaction: Transaction) -> None:
        for table, columns in TEXTS.items():
            for row in w.all_rows(table):
                if table != "unit" or row["code"] in UNITS:
                    transaction.put(tables.THINGS[table], str(row["id"]), {name: word() for name in columns})
        about = {"contest": "k", "unit": UNITS[0]}
        transaction.put(tables.explanation, f"k/{UNITS[0]}/1.5", {**about, "criterion": "1.5", "words": word()})
        transaction.put(tables.petition, f"k/{UNITS[0]}/1", {**about, "words": word(), "status": "open"})

    w.store.write(Order("system", "test.poison"), put)


TEXTS: dict[str, tuple[str, ...]] = {
    "unit": ("name",),
    "person": ("name", "contact"),
    "contest": ("title",),
    "mark": ("note", "reason"),
    "evidence": ("title", "number", "issuer", "file_name"),
    "evidence_link": ("pages", "reason", "item"),
    "panel_member": ("reason",),
    "conflict": ("reason",),
}


def looked_at(browser: Browser, app: App, token: str, pages: tuple[str, ...], found: Found) -> None:
    """Every page as one person, with hooks on whatever could act."""
    context = browser.new_context(locale="vi-VN")
    if token:
        context.add_cookies([{"name": COOKIE, "value": token, "url": app.base}])
    page = context.new_page()
    page.on("dialog", lambda dialog: (found.acted.append(f"dialog {page.url}"), dialog.dismiss()))
    page.on("request", lambda request: note_request(request.url, app, found))
    for path in pages:
        page.goto(f"{app.base}/{path}?dot=k")
        settled(page)
        found.pages += 1
        found.seen_as_text += SHOWN in page.inner_text("body")
        if page.evaluate("window.__acted === 1"):
            found.acted.append(f"script {page.url}")
        hrefs = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
        away = ("javascript:", "data:")
        found.links += [f"{path} {href}" for href in hrefs if "evil.example" in href or href.lower().startswith(away)]
        if "ngoài dự kiến" in page.inner_text("body"):
            found.faults.append(path)
    context.close()


def note_request(url: str, app: App, found: Found) -> None:
    """A request to anywhere but the app."""
    if not url.startswith((app.base, "data:", "blob:")):
        found.left.append(url[:100])


def settled(page: Page) -> None:
    """The page has run, and nothing changes any more."""
    page.wait_for_selector("h1", state="attached", timeout=60_000)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=60_000)
    page.wait_for_timeout(300)


def exports(app: App, tokens: dict[str, str]) -> Figures:
    """Workbooks and public pages made from those words."""
    formulas, sheets, scripts = [], 0, []
    with httpx.Client(base_url=app.base, timeout=120) as client:
        for name, route in (("thu_ky", "/ket-qua/k.xlsx"), ("chu_tich", f"/phieu-cham/k/{UNITS[0]}.xlsx")):
            answer = client.get(route, headers={"cookie": f"{COOKIE}={tokens[name]}"})
            if answer.status_code != 200:
                continue
            for sheet in load_workbook(io.BytesIO(answer.content)).worksheets:
                sheets += 1
                formulas += [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
                formulas += [str(link.ref) for link in getattr(sheet, "_hyperlinks", [])]
        for route in ("/cong-bo/", "/cong-bo/k"):
            text = client.get(route).text
            scripts += [tag for tag in ("<script", "<img", "<iframe", "onerror=alert") if tag in text]
    return {"sheets": sheets, "formulas": formulas, "tags_in_public_pages": scripts}


# files ----------------------------------------------------------------------------------------------------------


def hostile_files() -> dict[str, bytes]:
    """Files that are not what they say, or that act when they are opened."""
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    pdf += b"trailer<</Root 1 0 R>>"
    script = pdf.replace(b"/Pages 2 0 R", b"/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>")
    page = b"<!doctype html><script>" + ACT.encode() + b"</script>"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.html", page)
    macro = io.BytesIO()
    with zipfile.ZipFile(macro, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    picture = b"<svg xmlns='http://www.w3.org/2000/svg' onload='" + ACT.encode() + b"'/>"
    return {
        "a.exe": b"MZ" + b"\0" * 200, "exe.pdf": b"MZ" + b"\0" * 200, "trang.html": page, "trang.pdf": page,
        "hinh.svg": picture, "hinh.png": picture, "hinh.jpg": page, "kich-ban.pdf": script, "lai.pdf": pdf + packed.getvalue(),
        "lai.html": pdf + page, "nen.zip": packed.getvalue(), "nen.docx": packed.getvalue(), "so.xlsm": macro.getvalue(),
        "so.xlsx": macro.getvalue(), "rong.pdf": b"", "ngan.pdf": b"%PDF", "a.pdf.exe": pdf, "a.pdf:$x": pdf, "khong-duoi": pdf,
    }  # fmt: skip


def harmless_pdf(n: int) -> bytes:
    """A PDF that is one; each another one."""
    made = io.BytesIO()
    Image.new("RGB", (50 + n, 70), (200, 10 * n, 90)).save(made, "PDF")
    return made.getvalue()


def filed(w: World, place_of_files: Path) -> Figures:
    """What of the hostile files is taken in, and what becomes of harmless ones with hostile names."""
    files, taken, names = FolderFiles(place_of_files), [], {}

    def give(name: str, content: bytes) -> str:
        document, codes = Document("Tài liệu"), {"1.5": "1"}
        return upload(w.store, files, w.actor("xa_07243"), "k", "07243", io.BytesIO(content), name, document, codes)

    for name, content in hostile_files().items():
        with suppress(Refusal):
            give(name, content)
            taken.append(name)
    for n, name in enumerate(
        ("../../a.pdf", "con.pdf", "a\u202efdp.pdf", "x" * 300 + ".pdf", "a\r\nb.pdf", '"><b>.pdf')
    ):
        with suppress(Refusal):
            names[give(name, harmless_pdf(n))] = name
    return {"hostile": len(hostile_files()), "taken": taken, "named": names}


def fetched(app: App, token: str, evidence: list[str]) -> list[str]:
    """What is wrong with the answers that give evidence."""
    wrong = []
    with httpx.Client(base_url=app.base, cookies={COOKIE: token}, timeout=60) as client:
        for id in evidence:  # noqa: A001
            answer = client.get(f"/minh-chung/{id}")
            said = answer.headers
            fine = (
                answer.status_code == 200
                and said["content-disposition"].startswith("attachment")
                and said["content-disposition"].isascii()
                and said["x-content-type-options"] == "nosniff"
                and said["content-type"] == "application/octet-stream"
                and "sandbox" in said["content-security-policy"]
                and not {"/", "\\", "\r", "\n"} & set(said["content-disposition"])
            )
            wrong += [] if fine else [f"{id} {answer.status_code} {dict(said)}"]
    return wrong


async def much(app: App, token: str) -> dict[str, Any]:
    """200 MB by somebody who may upload."""
    async with window(app, token) as opened, uploader(app, token) as (client, said):
        identity = await session_id(opened)
        before = app.rss()
        path = f"/_stcore/upload_file/{identity}/1"
        codes = [await push(client, path, 200 * MB, declared=declared, **said) for declared in (True, False)]
        return {"codes": codes, "rss_rise_mb": rise(app, before)}


def run(quick: bool, *, people: tuple[str, ...] = (), turns: int = 0, pages: tuple[str, ...] = ()) -> Figures:
    """Words in a published contest whose sheets are open, then files in the phase of self-assessment."""
    if not CHROMIUM:
        return skipped("E13 hostile", "chromium")
    people, turns = people or (PEOPLE[:3] if quick else PEOPLE), turns or (1 if quick else 4)
    pages = pages or tuple(entry.path for entry in PAGES)
    found, papers = Found(), dict[str, Any]()
    for turn in range(turns):
        with place("review", *filter(None, PEOPLE)) as made:
            with made.opened() as w:
                w.two("publication.publish", "Quyết định")
                w.put_in(Phase.PETITIONS)
                poison(w, 10 * turn)
                public.refresh(w.store, {})
            with running(made.url) as app, sync_playwright() as player:
                browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                for name in people[: None if not turn else 3]:  # everybody once, then those who see most
                    looked_at(browser, app, made.tokens.get(name, ""), pages, found)
                browser.close()
                papers = exports(app, made.tokens)
    with place("self", "xa_07243") as made:
        (made.path.parent / "files").mkdir()
        with made.opened() as w:
            files = filed(w, made.path.parent / "files")
        with running(made.url, files=made.path.parent / "files") as app:
            asyncio.run(warmed(app))
            wrong = fetched(app, made.tokens["xa_07243"], list(files["named"]))
            heavy = asyncio.run(much(app, made.tokens["xa_07243"]))
    figures = {
        "words": len(WORDS) + len(FORMULAS), "turns": turns, **vars(found), "exports": papers, "files": files,
        "wrong_answers": wrong, "200_mb": heavy,
    }  # fmt: skip
    return outcome("E13 hostile", figures, {
        "nothing acts in the browser": not found.acted,
        "nothing leaves the browser": not found.left,
        "no link leads away": not found.links,
        "hostile words are seen as text": found.seen_as_text > 0,
        "no page fails": not found.faults,
        "no formula in a workbook": papers["sheets"] > 0 and not papers["formulas"],
        "no tag in a public page": not papers["tags_in_public_pages"],
        "no hostile file is taken": not files["taken"],
        "evidence is an attachment": not wrong and bool(files["named"]),
        "200 MB are refused, memory rises less than 50 MB": set(heavy["codes"]) <= {413, 0} and heavy["rss_rise_mb"] < 50,
    })  # fmt: skip


if __name__ == "__main__":
    main(run)
