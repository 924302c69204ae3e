"""One whole contest in the browser, from its beginning to the correction of what was published.

Through real pages: the contest, its units and their aims, the panel with a conflict of interest, every step, both PDFs,
some answers of each sheet with all that is decided about them, the seals, and everything that needs two persons. Through
the services: the other answers of each sheet (nobody types 26 of them five times to learn the same), the papers behind
them and their acceptance, and those sheets that are handed in like one that was handed in by hand.

The test keeps its own record of what everybody said; every figure that is read off a page is asserted against
`chamdiem.score` on that record.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import pandas as pd
from playwright.sync_api import Locator, Page, expect

from browser.conftest import PATIENCE, Opener, Site, Visitor
from browser.papers import pdf
from chamdiem import Policy, load, score
from chamdiem.contest.evidence import Document, add_evidence
from chamdiem.contest.proof import everything
from chamdiem.contest.record import evidence_of, panel_of, rows, score_of, units_of
from chamdiem.scoring.result import Result
from chamdiem.store import tables
from chamdiem.words import shown
from contest_world import CRITERIA, ONCE, World, answers

Come = Callable[..., Visitor]
WAIT = 30_000  # ms: the machine of the tests is slow
TIEN, NAU = "07243", "07246"
NAMES = {TIEN: "Xã Đồng Tiến", NAU: "Xã Canh Nậu"}
CHAIR, SMALL, TORN = "chu_tich", "giam_khao_1", "giam_khao_2"
"""The judges: the chair, one with a telephone, one with a conflict of interest with Canh Nậu."""
CODES = {CHAIR: "GK1", SMALL: "GK2", TORN: "GK3"}
Standings = dict[str, tuple[int, Decimal, int]]  # by name: rank, points, stars
PROVEN = ("2.4.1", "2.4.2")  # by the PDF
SUBJECT = "2.3"  # on which the judges differ, the council decides, and the commune complains


@dataclass
class Play:
    """The site, whoever came to it, and what everybody has said: by unit, stage, author and criterion."""

    site: Site
    visit: Come
    said: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)

    def at(self, name: str, path: str, **query: str) -> Page:
        """Somebody's page, opened anew in place of the one before."""
        page = self.visit(self.site, name, width=390 if name == SMALL else 1440).turns_to(path, **query)
        calm(page)
        return page

    def heard(self, unit: str, stage: str, author: str, said: Mapping[str, str]) -> None:
        """Remember what was said."""
        self.said.setdefault((unit, stage, author), {}).update(said)

    def rest(self, world: World, name: str, unit: str, stage: str, said: Mapping[str, str]) -> None:
        """All that somebody says of a unit and did not type, through the service."""
        author = name if stage == "judge" else ""
        left = {code: one for code, one in said.items() if code not in self.said.get((unit, stage, author), {})}
        world.mark(name, unit, left, stage)
        self.heard(unit, stage, author, left)

    def result(self) -> Result:
        """What the engine makes of all that was said; the store has the same."""
        frame = pd.DataFrame(
            [
                {"unit": unit, "stage": stage, "judge": CODES.get(author, ""), "criterion": code, "answer": answer}
                for (unit, stage, author), given in self.said.items()
                for code, answer in given.items()
            ]
        )
        with self.site.store() as store, store.read() as connection:
            result = score(
                load(CRITERIA), frame, Policy(closed=True, evidence="apply"), units=units_of(connection, "k"),
                judges=panel_of(connection, "k"), evidence=evidence_of(connection, "k"), recused={(NAU, CODES[TORN])},
            )  # fmt: skip
            assert score_of(connection, "k", closed=True).hash == result.hash
        return result

    def alone(self, unit: str, stage: str, author: str = "") -> str:
        """The total of one sheet by itself, as it is read."""
        given = [{"unit": unit, "stage": stage, "judge": CODES.get(author, ""), "criterion": code, "answer": answer}
                 for code, answer in self.said[unit, stage, author].items()]  # fmt: skip
        with self.site.store() as store, store.read() as connection:
            units = [one for one in units_of(connection, "k") if one.code == unit]
            behind = [one for one in evidence_of(connection, "k") if one.unit == unit]
            result = score(
                load(CRITERIA), pd.DataFrame(given), Policy(closed=False, evidence="apply", stage=stage), units=units,
                judges=panel_of(connection, "k") if author else None, evidence=behind,
            )  # fmt: skip
        return shown(Fraction(result.units["total"][0]))


# how pages are used ---------------------------------------------------------------------------------------------


def calm(page: Page) -> None:
    """The script has run; what was done a moment ago has reached it by then."""
    page.wait_for_timeout(100)
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached(timeout=WAIT)


def press(scope: Page | Locator, name: str) -> None:
    """Press a button of this name."""
    scope.get_by_role("button", name=name, exact=True).first.click(timeout=WAIT)


def dialog(page: Page) -> Locator:
    """The dialog that is open."""
    found = page.get_by_role("dialog")
    expect(found).to_be_visible(timeout=WAIT)
    return found


def choose(scope: Page | Locator, label: str, option: str) -> None:
    """Choose from a list, or one more in a list of several."""
    field_ = scope.locator("[data-testid=stSelectbox], [data-testid=stMultiSelect]").filter(has_text=label).first
    field_.locator("input").first.click()
    field_.locator("input").first.fill(option)
    page = scope if isinstance(scope, Page) else scope.page
    page.get_by_role("option").filter(has_text=option).first.click(timeout=WAIT)
    field_.locator("input").first.press("Tab")
    page.wait_for_timeout(150)  # the choice is on its way: what is pressed next meets the page that knows of it
    calm(page)


def write(scope: Page | Locator, label: str, text: str) -> None:
    """Fill in a field and leave it."""
    found = scope.get_by_label(label, exact=True).first
    found.fill(text, timeout=WAIT)
    found.press("Tab")
    calm(scope if isinstance(scope, Page) else scope.page)


def toast(page: Page, words: str) -> None:
    """What was done is said, and the page is calm again."""
    expect(page.get_by_test_id("stToast").filter(has_text=words).first).to_be_visible(timeout=WAIT)
    calm(page)


def row(page: Page, code: str) -> Locator:
    """The line of a criterion in the sheet."""
    found = page.locator(f'div.sheet tr[data-code="{code}"]')
    expect(found).to_be_visible(timeout=WAIT)
    return found


def enter(play: Play, page: Page, place: tuple[str, str, str], code: str, answer: str, note: str = "") -> None:
    """Type an answer, in its parts, and why; it is saved as it was typed."""
    for at, part in enumerate(answer.split("/")):
        one = row(page, code).locator("td.answer .field").nth(at)
        if one.evaluate("(one) => one.tagName") == "SELECT":
            one.select_option(part)
        else:
            one.fill(part)
    if note:
        row(page, code).locator("td.note textarea").fill(note)
    row(page, code).locator("td.answer .field").first.press("Tab")
    until(page, lambda: play.site.marks(*place).get(code, {}).get("answer") == answer)
    expect(page.locator(".sheet .status")).to_contain_text("Đã lưu lúc", timeout=WAIT)
    play.heard(*place, {code: answer})


def until(page: Page, so: Callable[[], bool]) -> None:
    """Wait until it is so, in the store."""
    end = time.monotonic() + WAIT / 1000
    while not so():
        assert time.monotonic() < end, ["it never was so", *page.get_by_role("alert").all_inner_texts()]
        page.wait_for_timeout(200)


def hand_in(page: Page) -> str:
    """Hand a sheet in; its receipt as it is shown."""
    press(page, "Nộp phiếu")
    handing_in = dialog(page).get_by_role("button", name=re.compile("nộp", re.IGNORECASE))
    expect(handing_in).to_be_visible(timeout=WAIT)
    if "còn thiếu" in handing_in.inner_text():
        write(dialog(page), "Lý do", "Hết thời hạn")
    handing_in.click(timeout=WAIT)
    seal = page.locator(".chamdiem-seal")
    expect(seal).to_be_visible(timeout=WAIT)
    return seal.inner_text().replace(" ", "")


def listed(page: Page) -> list[list[str]]:
    """The cells of the first table, as those read them who cannot see it."""
    found = page.locator("[data-testid=stDataFrame], table.bang").first
    expect(found.locator("td").first).to_be_attached(timeout=WAIT)
    return [
        [cell.text_content() or "" for cell in line.locator("th, td").all()] for line in found.locator("tbody tr").all()
    ]


# what happens ---------------------------------------------------------------------------------------------------


def advance(play: Play, phase: str) -> None:
    """The organiser takes the next step."""
    page = play.at("to_chuc", "dot-cham", muc="tien-trinh")
    press(page, f"Chuyển sang “{phase}”")
    press(dialog(page), "Chuyển")
    toast(page, "Đã chuyển giai đoạn")


def confirm(play: Play, path: str) -> None:
    """The secretary confirms what the organiser asked for."""
    page = play.at("thu_ky", path)
    press(page, "Xác nhận")
    press(dialog(page), "Xác nhận")
    toast(page, "Đã xác nhận và thực hiện")


def begin(play: Play) -> None:
    """The organiser creates a contest with two communes, and approves what they aim at."""
    page = play.at("to_chuc", "dot-cham")
    press(page, "Tạo cuộc thi")
    form = dialog(page)
    write(form, "Tên cuộc thi", "Cuộc thi từ đầu đến cuối")
    expect(form.locator('[aria-label="Mã"][value="cuoc-thi-tu-dau-den-cuoi"]')).to_be_visible(timeout=WAIT)
    expect(form.get_by_label("Mã", exact=True)).to_have_count(
        1
    )  # the field for the key of a title without letters goes
    write(form, "Mã", "k")
    choose(form, "Bộ tiêu chí", load(CRITERIA).title)
    for label, day in (("Từ ngày", "01032024"), ("Đến ngày", "30102024")):
        form.get_by_test_id("stDateInput").filter(has_text=label).get_by_role("spinbutton").first.click()
        page.keyboard.type(day, delay=30)
        page.keyboard.press("Tab")
        calm(page)
    choose(form, "Không tổ chức các giai đoạn", "Giải trình")
    press(form, "Tạo cuộc thi")
    toast(page, "Đã tạo cuộc thi")
    expect(page.locator("[data-testid=stMain]")).to_contain_text("01/03/2024 – 30/10/2024")
    page = play.at("to_chuc", "dot-cham", muc="don-vi")
    page.get_by_label("Hoặc dán các mã đơn vị").fill(f"{TIEN}, {NAU}")
    press(page, "Thêm theo mã")
    toast(page, "Đã thêm đơn vị")
    press(page, "Đăng ký cho 2 đơn vị chưa đăng ký")
    press(dialog(page), "Đăng ký mục tiêu")
    toast(page, "Đã đăng ký mục tiêu")
    press(page, "Duyệt cả 2 bản đăng ký")
    toast(page, "Đã ghi kết quả xét đăng ký")


def seat(play: Play) -> None:
    """The secretary seats three judges, one of them barred from a commune, and gives them and the appraiser their work."""
    page = play.at("thu_ky", "hoi-dong")
    for name, code in CODES.items():
        press(page, "Thêm thành viên")
        form = dialog(page)
        choose(form, "Người", name.replace("_", " ").title())
        if name == CHAIR:
            choose(form, "Vai trò", "Trưởng ban")
        write(form, "Mã giám khảo", code)
        press(form, "Thêm thành viên")
        toast(page, "Đã thêm thành viên")
        expect(page.get_by_role("dialog")).to_have_count(0)
    press(page, "Ghi xung đột lợi ích")
    form = dialog(page)
    choose(form, "Người", "Giam Khao 2")
    choose(form, "Đơn vị", NAMES[NAU])
    write(form, "Lý do", "Có người thân công tác tại xã")
    press(form, "Ghi xung đột lợi ích")
    toast(page, "Đã ghi xung đột lợi ích")
    for name in ("Chu Tich", "Giam Khao 1", "Giam Khao 2", "Tham Dinh"):
        expect(page.get_by_role("dialog")).to_have_count(0)
        press(page, "Phân công")
        form = dialog(page)
        choose(form, "Người", name)
        calm(page)
        form.get_by_text("Tất cả đơn vị").click()
        calm(page)
        press(form, "Phân công")
        toast(page, "Đã phân công")


def papers(play: Play, unit: str, status: str = "attached") -> set[str]:
    """The criteria of a unit for which there is a paper that stands so."""
    with play.site.store() as store, store.read() as connection:
        links = rows(connection, tables.evidence_link, contest="k", unit=unit, status=status)
    return {link["criterion"] for link in links}


def assess(play: Play, unit: str) -> None:
    """A commune says of itself what it did, and hands in a PDF for two criteria."""
    who = f"xa_{unit}"
    page = play.at(who, "tu-cham")
    given = answers("self", unit)
    for code in (*PROVEN, "1.6"):
        enter(play, page, (unit, "self", ""), code, given[code])
    page.get_by_text("Nộp minh chứng", exact=True).first.click()
    paper = pdf(f"Chi so cai cach hanh chinh {unit}", pages=2)
    page.locator("input[type=file]").set_input_files(
        {"name": f"chỉ số {unit}.pdf", "mimeType": "application/pdf", "buffer": paper}
    )
    expect(page.get_by_label("Tên tài liệu")).to_have_attribute("placeholder", f"chỉ số {unit}.pdf", timeout=WAIT)
    write(page, "Số, ký hiệu", f"{unit}/QĐ-UBND")
    write(page, "Ngày ban hành", "21/09/2024")
    write(page, "Trang cần xem, ví dụ: tr. 2", "tr. 2")
    for code in PROVEN:
        choose(page, "Chứng minh cho tiêu chí", code)
    page.get_by_test_id("stExpander").get_by_role("button", name="Nộp minh chứng", exact=True).click()
    until(page, lambda: len(papers(play, unit)) == len(PROVEN))
    with play.site.world() as world:
        play.rest(world, who, unit, "self", given)
        most = [code for code in given if "." in code and code not in (*ONCE, *PROVEN)]
        cited = [(Document("Hồ sơ tự chấm", "1/BC", date="2024-09-30"), most)]
        cited += [(Document(f"Quyết định {code}", f"{code}/QĐ"), [code]) for code in ONCE]
        for one, codes in cited:
            add_evidence(world.store, world.actor(who), "k", unit, one, dict.fromkeys(codes, "tr. 1"))
    page = play.at(who, "tu-cham")
    expect(page.locator("[data-testid=stMain]")).to_contain_text(
        f"Tổng điểm của phiếu: {play.alone(unit, 'self')}/100", timeout=WAIT
    )
    hand_in(page)


def appraise(play: Play) -> None:
    """The appraiser looks at the PDF, accepts it, and corrects one claim with a reason."""
    page = play.at("tham_dinh", "tham-dinh", dv=TIEN)
    paper = page.get_by_test_id("stExpander").filter(has_text=f"chỉ số {TIEN}")
    paper.locator("summary").click()
    paper.get_by_text("Xem ngay tại đây").click()
    picture = paper.locator("img")
    expect(picture).to_have_attribute("src", "/minh-chung/k/07243/1/anh/2", timeout=WAIT)
    page.wait_for_function("(one) => one.complete && one.naturalWidth > 100", arg=picture.element_handle())
    for code in PROVEN:
        check = paper.get_by_test_id("stVerticalBlock").filter(has_text=f"Kiểm tra cho tiêu chí {code}").last
        choose(check, "Đã kiểm tra bằng cách", "đối chiếu minh chứng")
        press(check, "Chấp nhận")
        until(page, lambda code=code: code in papers(play, TIEN, "accepted"))
        calm(page)
    enter(play, page, (TIEN, "appraisal", ""), SUBJECT, "3", "Chỉ có biên bản của ba lần kiểm tra")
    for unit in NAMES:
        page = play.at("tham_dinh", "tham-dinh", dv=unit)
        page.get_by_role("button", name="Lấy điểm tự chấm cho").click()
        until(page, lambda unit=unit: len(play.site.marks(unit, "appraisal")) == len(answers("self", unit)))
        agreed = {code: one for code, one in answers("self", unit).items() if (unit, code) != (TIEN, SUBJECT)}
        play.heard(unit, "appraisal", "", agreed)
    assert papers(play, TIEN, "accepted") == {*PROVEN}
    with play.site.world() as world:
        world.accept_all()
        for unit in NAMES:
            world.submit("tham_dinh", unit, "appraisal")


def judge(play: Play) -> None:
    """Each judge types some of his marks and seals his sheet; one at a telephone differs widely, one may not mark all."""
    typed = {CHAIR: "4", SMALL: "0", TORN: "4"}
    for name, given in typed.items():
        page = play.at(name, "cham-diem", dv=TIEN)
        if name == SMALL:
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        if name == TORN:
            expect(page.locator("h2").filter(has_text=NAMES[TIEN])).to_be_visible(timeout=WAIT)
            expect(page.get_by_text(NAMES[NAU])).to_have_count(0)
        why = "Theo biên bản kiểm tra" if given == "4" else "Không thấy biên bản nào"
        enter(play, page, (TIEN, "judge", name), SUBJECT, given, why)
        enter(play, page, (TIEN, "judge", name), "2.4.1", "91,40")
        with play.site.world() as world:
            play.rest(world, name, TIEN, "judge", answers("self", TIEN))
            if name != TORN:
                play.rest(world, name, NAU, "judge", answers("self", NAU))
                world.submit(name, NAU)
        page = play.at(name, "cham-diem", dv=TIEN)
        total = f"Tổng điểm của phiếu: {play.alone(TIEN, 'judge', name)}/100"
        expect(page.locator("[data-testid=stMain]")).to_contain_text(total, timeout=WAIT)
        receipt = hand_in(page)
        with play.site.store() as store, store.read() as connection:
            (sheet,) = rows(connection, tables.sheet, contest="k", unit=TIEN, stage="judge", author=name)
        assert sheet["commitment"].startswith(receipt)
    page = play.at(TORN, "cham-diem", dv=NAU)
    expect(page.get_by_text(NAMES[NAU])).to_have_count(0)


def reveal_and_reconcile(play: Play) -> None:
    """Two persons open the sheets; where the judges differ, the secretary puts on record what they agreed on."""
    page = play.at("to_chuc", "dot-cham")
    press(page, "Mở niêm phong phiếu chấm")
    press(dialog(page), "Gửi đề nghị")
    toast(page, "Đã gửi đề nghị")
    confirm(play, "dot-cham")
    page = play.at("thu_ky", "doi-chieu")
    expect(page.get_by_text("Còn 1 chỗ chênh lệch phải thống nhất")).to_be_visible(timeout=WAIT)
    assert [(line[0], line[2]) for line in listed(page)] == [("GK1", "4"), ("GK2", "0"), ("GK3", "4")]
    page.get_by_label("Đã thống nhất thế nào").fill("GK2 chưa xem hồ sơ trên phần mềm; hội đồng sẽ chốt.")
    press(page, "Ghi biên bản")
    toast(page, "Đã ghi biên bản")
    expect(page.get_by_text("Không còn chỗ chênh lệch nào phải thống nhất")).to_be_visible(timeout=WAIT)


def decide(play: Play, given: str, reason: str) -> None:
    """The council decides the criterion, with the figures of the judges before it."""
    page = play.at("thu_ky", "hoi-dong-chot", dv=TIEN)
    expect(row(page, SUBJECT)).to_contain_text("2,67")  # (4 + 0 + 4) / 3
    enter(play, page, (TIEN, "council", ""), SUBJECT, given, reason)


def publish(play: Play) -> None:
    """The organiser asks for it, the secretary confirms."""
    page = play.at("to_chuc", "cong-bo")
    press(page, "Đề nghị công bố")
    press(dialog(page), "Đề nghị công bố")
    toast(page, "Đã gửi đề nghị")
    confirm(play, "cong-bo")


def standings(result: Result) -> Standings:
    """What the engine says of every unit: rank, points and stars."""
    return {line.name: (int(line.rank), Decimal(line.total), int(line.stars)) for line in result.units.itertuples()}


def figure(text: str) -> Decimal:
    """The points that are read as "89,5"."""
    return Decimal(text.replace(",", "."))


def read_publicly(play: Play, wanted: Standings) -> None:
    """Whoever has not signed in reads the same; the page is written anew within half a minute."""
    page, end = play.visit(play.site, "").opens(), time.monotonic() + PATIENCE
    found: Standings = {}
    while found != wanted and time.monotonic() < end:
        page.goto(f"{play.site.url}/cong-bo/k")
        found = dict(map(_read, page.locator("tbody tr").all()))
        page.wait_for_timeout(500)
    assert found == wanted
    expect(page.locator("main")).to_contain_text("SỐ LIỆU MINH HỌA")


def _read(line: Locator) -> tuple[str, tuple[int, Decimal, int]]:
    rank, points, stars = (cell.inner_text().split("\n")[0] for cell in line.locator("td").all())
    return line.locator("th").inner_text().split("\n")[0], (int(rank), figure(points), stars.count("★"))


def complain(play: Play) -> None:
    """A commune complains, and is found to be right."""
    page = play.at(f"xa_{TIEN}", "kien-nghi")
    choose(page, "Kiến nghị về", SUBJECT)
    page.get_by_label("Nội dung kiến nghị và lý do").fill("Xã có đủ biên bản của bốn lần kiểm tra.")
    press(page, "Gửi kiến nghị")
    toast(page, "Đã ghi nhận kiến nghị")
    page = play.at("to_chuc", "kien-nghi")
    page.get_by_label("Nội dung trả lời").fill("Hội đồng đã xem đủ bốn biên bản.")
    page.get_by_text("Chấp nhận kiến nghị", exact=True).click()
    press(page, "Gửi trả lời")
    toast(page, "Đã trả lời kiến nghị")


def reopen(play: Play) -> None:
    """Two persons lead the contest back to the council."""
    page = play.at("to_chuc", "dot-cham")
    press(page, "Mở lại giai đoạn trước")
    form = dialog(page)
    choose(form, "Mở lại giai đoạn", "Hội đồng xét")
    write(form, "Lý do", "Kiến nghị được chấp nhận")
    press(form, "Gửi đề nghị")
    toast(page, "Đã gửi đề nghị")
    confirm(play, "dot-cham")


def preview(play: Play, before: Standings) -> None:
    """What would change, old → new, is what the engine says: one unit, and nothing about any other."""
    after = standings(play.result())
    changed = [name for name in after if after[name] != before.get(name)]
    page = play.at("to_chuc", "cong-bo")
    heading = (
        f"Công bố bây giờ sẽ thay đổi {len(changed)} đơn vị" if before else f"Công bố lần đầu: {len(changed)} đơn vị"
    )
    expect(page.get_by_text(heading)).to_be_visible(timeout=WAIT)
    assert sorted(line[0] for line in listed(page)) == sorted(changed)
    for line in listed(page):
        old, new = before.get(line[0]), after[line[0]]
        assert [figure(one) for one in line[1].split(" → ")] == [one[1] for one in (old, new) if one]
        assert line[2].split(" → ")[-1] == ("★" * new[2] or "–")
    if before:
        assert changed == [NAMES[TIEN]]


def test_a_contest_from_its_beginning_to_its_correction(site_of: Opener, visit: Come) -> None:
    play = Play(site_of("people"), visit)
    begin(play)
    seat(play)
    advance(play, "Tự chấm")
    for unit in NAMES:
        assess(play, unit)
    advance(play, "Thẩm định")
    appraise(play)
    advance(play, "Giám khảo chấm")
    judge(play)
    reveal_and_reconcile(play)
    advance(play, "Hội đồng xét")
    decide(play, "3", "Hồ sơ trên phần mềm có ba lần kiểm tra")
    advance(play, "Rà soát")
    preview(play, {})
    publish(play)
    first = standings(play.result())
    advance(play, "Kiến nghị")
    complain(play)
    read_publicly(play, first)
    reopen(play)
    decide(play, "4", "Đã bổ sung biên bản thứ tư")
    advance(play, "Rà soát")
    preview(play, first)
    publish(play)
    second = standings(play.result())
    assert second != first
    read_publicly(play, second)
    with play.site.store() as store:
        assert list(everything(store)) == []
