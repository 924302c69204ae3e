"""The demo contest: the 19 communes and towns of Yên Thế in 2024, with judges, marks and evidence that are made up.

`python tests/demo_contest.py` writes data/demo again. All of it comes from the tables below and from `random.Random`
seeded with texts, so the same cells come out on every machine; `HARD_CASES` says what must come of them, and why.
"""

from __future__ import annotations

import csv
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from chamdiem import load
from chamdiem.exchange.sample import CRITERIA
from chamdiem.exchange.scoresheet_template import AT, write_sheets
from chamdiem.scoring.marks import Judge as Member
from chamdiem.scoring.marks import Unit

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data" / "demo"
UNITS = ROOT / "data" / "units" / "yen-the-2024.csv"
LABEL = "DỮ LIỆU MẪU — điểm, minh chứng và người chấm đều do máy tạo, không phải kết quả thật của đơn vị nào"


@dataclass(frozen=True)
class Judge:
    """A made-up member of the panel, named after the role so that no real person is meant."""

    code: str
    name: str
    role: str
    standing: str = "Đang chấm"
    reason: str = ""


JUDGES = (
    Judge("GK1", "Giám khảo 1 (mẫu)", "Trưởng ban giám khảo"),
    Judge("GK2", "Giám khảo 2 (mẫu)", "Thành viên"),
    Judge("GK3", "Giám khảo 3 (mẫu)", "Thành viên"),
    Judge("GK4", "Giám khảo 4 (mẫu)", "Thành viên"),
    Judge("GK5", "Giám khảo 5 (mẫu)", "Thành viên", "Đã thôi", "Mẫu: chuyển công tác khi mới chấm 8 đơn vị"),
    Judge("GK6", "Giám khảo 6 (mẫu)", "Người chấm thứ ba"),
)
RECUSED = {("07261", "GK2"): "Mẫu: có người thân công tác tại đơn vị"}
THIRD_MARKED = ("07291",)
REMOVED_AFTER = 8  # units, in order of code
PACKED_ON = (2024, 10, 30, 0, 0, 0)

# What the judges agree on: one line per unit, one column per criterion. 1.1 and 1.2 list the first letters of items;
# "truoc" is last year's index, for 2.4.2; "-" is left blank by everybody; KAD: nothing to settle in the year.
AGREED = (
    """
đơn vị 1.1  1.2  1.3    1.4    1.5  1.6
07243  kqp  dbu  16/16  37/37  7    day_du
07246  kqp  dbu  15/16  36/37  8    day_du
07249  kqp  dbu  13/15  36/37  6    day_du
07252  kqp  du   12/16  34/37  4    chua_day_du
07255  kq   dbu  13/17  34/37  5    chua_day_du
07258  kqp  dbu  17/18  36/37  6    day_du
07260  kqp  du   12/15  34/37  5    day_du
07261  kqp  dbu  11/14  35/37  5    day_du
07264  kqp  du   10/14  33/37  4    chua_day_du
07267  kqp  du   14/16  35/37  6    chua_day_du
07270  kqp  dbu  15/17  36/37  6    day_du
07273  kqp  du   14/15  36/37  6    day_du
07276  kq   du   7/14   31/37  2    khong_co
07279  kqp  du   14/16  36/37  5    chua_day_du
07282  kq   dbu  12/14  37/37  4    day_du
07285  kqp  dbu  14/18  35/37  5    chua_day_du
07288  kqp  dbu  20/20  37/37  9    day_du
07291  kq   du   11/15  34/37  4    chua_day_du
07294  kq   dbu  18/18  37/37  8    day_du
""",
    """
đơn vị 2.1    2.2        2.3  2.4.1  truoc  3.1         3.2         3.3
07243  21/21  1249/1296  4    91,40  88,15  kha         tot         0
07246  20/20  968/974    4    92,80  90,35  tot         tot         0
07249  19/20  1105/1126  3    86,00  84,70  kha         kha         0
07252  18/20  842/870    3    83,50  83,50  kha         kha         1
07255  19/21  1016/1062  3    82,75  81,90  kha         kha         0
07258  20/20  1370/1412  4    89,60  86,25  tot         kha         1
07260  19/20  1172/1214  4    81,60  80,05  kha         kha         1
07261  18/19  724/736    4    84,90  83,20  kha         kha         0
07264  17/20  664/690    3    80,15  79,20  kha         trung_binh  0
07267  20/21  1340/1362  4    85,45  84,10  kha         kha         0
07270  20/20  918/931    5    88,20  86,40  tot         kha         0
07273  19/20  1047/1066  4    82,00  80,65  kha         kha         0
07276  14/19  600/661    2    71,25  73,40  trung_binh  trung_binh  0
07279  20/21  1088/1130  4    85,80  84,20  kha         kha         0
07282  19/20  1232/1275  3    87,30  85,95  kha         kha         1
07285  19/20  1126/1167  3    83,40  82,15  kha         kha         0
07288  23/23  2418/2431  6    94,60  91,75  tot         tot         0
07291  18/20  869/904    3    82,40  81,05  kha         trung_binh  0
07294  22/22  2204/2226  5    93,00  90,10  tot         kha         0
""",
    """
đơn vị 4.1  4.2    4.3  5.1      5.2    5.3      5.4    6.1       6.2  B.1  B.2
07243  2    35/35  5/5  290/300  20/21  176/185  36/38  mot_phan  2    1    1
07246  3    35/35  4/4  300/300  19/20  172/180  34/36  mot_phan  2    1    1
07249  2    33/35  6/7  276/300  18/20  153/180  29/36  mot_phan  2    1    1
07252  2    30/35  KAD  252/300  16/19  138/172  24/32  mot_phan  1    0    1
07255  2    31/35  5/6  261/300  17/20  141/175  -      mot_phan  1    1    0
07258  2    34/35  5/6  288/300  19/20  158/176  32/36  mot_phan  2    5    4
07260  2    32/35  5/6  270/300  18/20  132/165  27/36  mot_phan  2    1    1
07261  2    33/35  4/5  264/300  16/18  139/168  26/34  mot_phan  1    1    0
07264  2    28/35  5/7  240/300  15/19  124/160  22/31  mot_phan  1    0    1
07267  2    32/35  6/7  273/300  18/21  146/178  29/38  mot_phan  2    1    1
07270  2    34/35  5/5  282/300  18/20  150/174  30/36  dong_bo   2    1    1
07273  2    33/35  6/7  276/300  18/20  153/180  29/36  mot_phan  2    1    1
07276  1    22/35  4/9  210/300  11/18  68/141   15/28  mot_phan  0    0    0
07279  2    32/35  6/8  267/300  17/20  143/175  28/37  mot_phan  2    1    1
07282  2    33/35  4/6  279/300  18/20  149/178  29/36  mot_phan  2    1    1
07285  2    32/35  5/6  257/300  17/20  140/175  27/36  mot_phan  2    1    0
07288  3    35/35  7/7  300/300  22/23  196/204  41/44  dong_bo   3    1    2
07291  2    30/35  4/6  249/300  16/20  131/165  25/35  mot_phan  1    1    0
07294  3    35/35  6/6  299/300  21/22  180/200  40/42  mot_phan  2    1    1
""",
)
ITEMS = {
    "1.1": {"k": "kien_toan", "q": "quy_che", "p": "phan_cong"},
    "1.2": {"d": "dang_uy", "b": "ban_chi_dao", "u": "ubnd"},
}
# Where one judge sees it otherwise: unit, judge, criterion, answer | what he notes beside it.
DIFFERENT = """
07243 GK2 1.5 6 | Một buổi tuyên truyền không có danh sách người dự
07243 GK3 3.2 kha
07246 GK2 6.2 1 | Điển hình thứ hai chưa có nơi nào làm theo
07246 GK4 6.2 1
07249 GK1 3.1 tot
07249 GK3 3.2 tot
07252 GK2 3.2 trung_binh | Phòng tiếp dân còn để đồ dùng cá nhân
07252 GK4 1.5 5
07255 GK3 3.1 tot
07255 GK4 2.3 4 | Tính cả lần kiểm tra đột xuất tháng 7
07258 GK1 3.2 tot
07258 GK2 3.1 kha
07260 GK2 1.6 chua_day_du | Một bảng đã mờ, đề nghị thay
07260 GK2 3.2 tot
07260 GK3 3.1 tot
07260 GK4 1.5 4
07260 GK4 6.2 1
07261 GK1 3.1 tot
07261 GK4 1.6 chua_day_du
07264 GK1 3.2 kha
07264 GK2 3.1 trung_binh
07264 GK3 4.2 BQ | Không dự buổi đối chiếu sổ tiếp công dân nên không chấm
07267 GK2 2.2 1276/1362 | Không tính 64 hồ sơ xin lỗi, hẹn lại ngày trả
07267 GK3 3.2 tot
07270 GK4 3.1 kha
07273 GK2 3.1 tot
07273 GK4 3.2 tot
07276 GK2 1.5 3
07276 GK3 3.1 kha
07279 GK1 1.5 6
07279 GK1 1.6 day_du
07279 GK1 3.1 tot
07279 GK1 3.2 tot
07279 GK2 3.2 tot
07279 GK4 1.1 kq | Chưa thấy văn bản phân công có dấu
07279 GK4 1.5 4
07279 GK4 2.3 3
07279 GK4 3.1 trung_binh
07279 GK4 3.2 trung_binh | Ngày kiểm tra, hai bàn một cửa không có người trực
07279 GK4 6.1 chua | Máy quét mua từ năm 2023
07279 GK4 6.2 1
07282 GK2 3.1 tot
07282 GK3 2.3 4
07285 GK2 3.1 tot
07285 GK3 1.6 day_du
07285 GK4 3.2 trung_binh
07288 GK3 3.2 kha
07288 GK4 3.2 kha
07291 GK1 1.1 kqp
07291 GK1 1.6 day_du
07291 GK1 2.3 4
07291 GK1 3.1 tot
07291 GK1 3.2 kha
07291 GK3 1.2 u | Văn bản của Đảng ủy ban hành năm 2023
07291 GK3 1.5 3
07291 GK3 3.1 trung_binh
07291 GK3 6.1 chua | Thiết bị mua từ năm trước, năm nay chỉ sửa chữa
07291 GK3 6.2 0
07291 GK4 1.5 5
07291 GK6 1.1 kqp | Có văn bản phân công, nằm trong phụ lục
07291 GK6 2.3 4
07291 GK6 3.2 kha
07294 GK2 3.2 tot
07294 GK4 3.1 kha
"""
FACTS = {"khong_ky_luat": "có", "du_ho_so_qcdc": "có"}
OTHER_FACTS = {("07294", "khong_ky_luat"): "không", ("07276", "du_ho_so_qcdc"): "không"}
LOWER = {"tot": "kha", "kha": "trung_binh", "trung_binh": "chua_dat"}

# ---------------------------------------------------------------------------------------------------- answers


@cache
def unit_rows() -> tuple[dict[str, str], ...]:
    """The rows of data/units/yen-the-2024.csv."""
    with UNITS.open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def agreed() -> Mapping[str, Mapping[str, str]]:
    """By unit and criterion, the answer most judges give, in the words of a score sheet."""
    found: dict[str, dict[str, str]] = {}
    for table in AGREED:
        head, *rows = (line.removeprefix("đơn vị").split() for line in table.strip().splitlines())
        for unit, *answers in rows:
            found.setdefault(unit, {}).update(zip(head, answers, strict=True))
    for answers in found.values():
        answers["2.4.2"] = f"{answers.pop('truoc')}/{answers['2.4.1']}"
    return {unit: {code: worded(code, answers[code]) for code in sorted(answers)} for unit, answers in found.items()}


def worded(code: str, answer: str) -> str:
    """An answer of the tables as it stands on a score sheet: "kq" → "kien_toan; quy_che", "-" → ""."""
    if code in ITEMS and answer.islower():
        return "; ".join(ITEMS[code][letter] for letter in answer)
    return "" if answer == "-" else answer


@cache
def different() -> Mapping[tuple[str, str, str], tuple[str, str]]:
    """By unit, judge and criterion, the answer that departs from what is agreed, and the note beside it."""
    found = {}
    for line in DIFFERENT.strip().splitlines():
        given, _, note = line.partition("|")
        unit, judge, code, answer = given.split()
        found[unit, judge, code] = (worded(code, answer), note.strip())
    return found


def marks_unit(judge: str, unit: str) -> bool:
    """Whether this judge has filled in the sheet of this unit."""
    if judge == "GK5":
        return unit in sorted(agreed())[:REMOVED_AFTER]
    return unit in THIRD_MARKED if judge == "GK6" else (unit, judge) not in RECUSED


def stricter(code: str, answer: str) -> str:
    """What the judge who left would have given: one level or one count less."""
    if code in ("3.1", "3.2"):
        return LOWER[answer]
    return str(int(answer) - 1) if code == "2.3" else answer


def answers(judge: str, unit: str) -> Iterator[tuple[str, str, str]]:
    """Criterion or fact, answer and note of one filled sheet, in order of code; nothing for a sheet left blank."""
    if not marks_unit(judge, unit):
        return
    for code, answer in agreed()[unit].items():
        mine = stricter(code, answer) if judge == "GK5" else answer
        yield code, *different().get((unit, judge, code), (mine, ""))
    for fact, usual in FACTS.items():
        yield fact, OTHER_FACTS.get((unit, fact), usual), ""


# --------------------------------------------------------------------------------------------------- evidence

CHECKS = {"f": "Kiểm tra thực tế", "d": "Đối chiếu minh chứng", "q": "Phần mềm QCDC"}
# Criterion: number of the document ({n}), what it is, the checks that the secretariat makes.
DOCUMENTS = {
    "1.1": ("{n}-QĐ/ĐU", "Quyết định kiện toàn ban chỉ đạo, quy chế và phân công nhiệm vụ", "dq"),
    "1.2": ("{n}-KH/ĐU", "Nghị quyết, kế hoạch, công văn về quy chế dân chủ", "dq"),
    "1.3": ("{n}/BC-UBND", "Danh sách cơ sở đã có quy chế thực hiện dân chủ", "dq"),
    "1.4": ("{n}/BB-UBND", "Biên bản niêm yết những nội dung phải công khai", "fdq"),
    "1.5": ("{n}/BC-BCĐ", "Tập hợp tin, bài và buổi tuyên truyền", "d"),
    "1.6": ("{n}/BB-BCĐ", "Biên bản kèm ảnh chụp biểu, bảng tại trụ sở", "fd"),
    "2.1": ("{n}/BB-UBND", "Biên bản hội nghị triển khai, có danh sách ký nhận", "d"),
    "2.2": ("{n}/BC-UBND", "Số liệu từ hệ thống giải quyết thủ tục hành chính", "fd"),
    "2.3": ("{n}/TB-UBND", "Thông báo kết luận các lần kiểm tra Bộ phận một cửa", "dq"),
    "2.4.1": ("{n}/QĐ-UBND", "Quyết định công bố chỉ số cải cách hành chính cấp xã", "d"),
    "2.4.2": ("", "Chỉ số của hai năm", "d"),
    "4.1": ("{n}/TB-UBND", "Thông báo kết luận các hội nghị đối thoại", "dq"),
    "4.2": ("{n}/LT-UBND", "Lịch tiếp công dân và trích sổ tiếp công dân", "fdq"),
    "4.3": ("{n}/BC-UBND", "Sổ theo dõi đơn và thông báo kết quả giải quyết", "dq"),
    "5.1": ("{n}/BC-BCĐ", "Bảng tổng hợp phiếu khảo sát phát ra và thu về", "dq"),
    "5.2": ("{n}/BC-BCĐ", "Kết quả khảo sát cán bộ, công chức", "dq"),
    "5.3": ("{n}/BC-BCĐ", "Kết quả khảo sát người dân", "dq"),
    "5.4": ("{n}/BC-BCĐ", "Kết quả khảo sát tổ chức, doanh nghiệp", "dq"),
    "6.1": ("{n}/QĐ-UBND", "Quyết định mua sắm và biên bản bàn giao thiết bị một cửa", "fd"),
    "6.2": ("{n}/BC-UBND", "Báo cáo nhân rộng điển hình, có xác nhận của nơi làm theo", "fd"),
    "B.1": ("{n}/QĐ-UBND", "Quyết định công nhận sáng kiến", "fd"),
    "B.2": ("{n}/QĐ-UBND", "Quyết định khen thưởng cá nhân điển hình", "d"),
}
EARNS_NOTHING = {"", "0", "KAD", "khong_co", "chua"}
FIRST_DAY, LAST_DAY = date(2024, 3, 4), date(2024, 10, 25)


@dataclass(frozen=True)
class Document:
    """One row of the register of evidence, as the secretariat writes it."""

    unit: str
    code: str
    item: str
    number: str
    on: date
    page: str
    status: str
    verified: str
    note: str


# What is not simply accepted: unit and criterion → status, checks made, note; None: nothing was handed in.
NOT_PROVEN = {
    ("07282", "1.4"): ("Đã nộp", "dq", "Chưa kiểm tra thực tế nơi niêm yết"),
    ("07282", "2.4.1"): ("Đã nộp", "", "Chỉ số năm 2024 chưa công bố, đơn vị tự tính"),
    ("07282", "2.4.2"): ("Đã nộp", "", "Chỉ số năm 2024 chưa công bố, đơn vị tự tính"),
    ("07270", "2.3"): None,
    ("07270", "6.2"): ("Loại", "d", "Báo cáo tự lập, không có xác nhận của nơi làm theo"),
}
SAME_AS = {("07243", "B.1"): "6.2"}  # the unit hands in for the bonus what it has handed in already
ALWAYS_SAME = {"2.4.2": "2.4.1"}  # one decision publishes both


def evidence() -> Iterator[Document]:
    """The register of evidence: one document for every criterion that earns something, by unit and criterion."""
    for unit, given in agreed().items():
        found: dict[str, Document] = {}
        for code in (code for code in DOCUMENTS if given[code] not in EARNS_NOTHING):
            again = SAME_AS.get((unit, code)) or ALWAYS_SAME.get(code)
            known = found[again] if again else None
            document = appraised(unit, code, known or drawn(unit, code, len(found) + 1))
            if document:
                found[code] = document
        yield from found.values()


def drawn(unit: str, code: str, at: int) -> Document:
    """A document with a made-up number, date and page; its number ends in MẪU wherever it is shown."""
    draw = random.Random(f"{unit} {code}")
    number = DOCUMENTS[code][0].format(n=draw.randint(3, 190)) + "-MẪU"
    on = FIRST_DAY + timedelta(days=draw.randrange((LAST_DAY - FIRST_DAY).days))
    on -= timedelta(days=max(on.weekday() - 4, 0))  # nobody signs at the weekend
    first = draw.randint(1, 4)
    page = f"tr. {first}-{first + draw.randint(1, 3)}"
    return Document(unit, code, f"MC-{unit}-{at:02}", number, on, page, "", "", "")


def appraised(unit: str, code: str, document: Document) -> Document | None:
    """The document as the secretariat has found it for this criterion."""
    usual = ("Chấp nhận", DOCUMENTS[code][2], DOCUMENTS[code][1])
    found = NOT_PROVEN.get((unit, code), usual)
    if found is None:
        return None
    status, checks, note = found
    verified = "; ".join(CHECKS[check] for check in checks)
    return replace(document, code=code, status=status, verified=verified, note=note)


# ------------------------------------------------------------------------------------------------- hard cases


@dataclass(frozen=True)
class HardCase:
    """A hard case, worked out by hand: `expect` holds, by unit, what the result must say (points as written)."""

    title: str
    why: str
    expect: Mapping[str, Mapping[str, object]]
    nodes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    open: Mapping[str, set[str]] = field(default_factory=dict)


HARD_CASES: Mapping[str, HardCase] = {
    "a": HardCase(
        "92 điểm nhưng trượt điều kiện kỷ luật",
        "18,5 + 24,65 + 14 + 15 + 14,35 + 3,5 = 90 điểm cơ bản, thưởng 2: đúng 92, mọi nhóm từ 70% trở lên, đủ 5 sao. "
        "Phiếu mẫu trả lời “không” ở điều kiện không kỷ luật (chuyện bịa để thử): giữ điểm và thứ hạng 2, không được "
        "công nhận, không có sao.",
        {"07294": {
            "total": "92.00", "base": "90.00", "bonus": "2.00", "rank": 2, "stars": 0, "stars_by_points": 5,
            "recognised": False, "blocked_by": "khong_ky_luat", "settled": True,
        }},
    ),
    "b": HardCase(
        "Đồng hạng sau mọi tiêu chí phụ",
        "Xuân Lương 18,1 + 22,05 + 13,5 + 13,91 + 13,29 + 3,5 và Đông Sơn 17,3 + 22,85 + 13,5 + 13,91 + 13,29 + 3,5 "
        "đều là 84,35 điểm cơ bản; cùng thưởng 2, cùng tổng 86,35, cùng nhóm 5 13,29: đồng hạng 6, không có hạng 7.",
        {
            unit: {"total": "86.35", "base": "84.35", "rank": 6, "tied": True, "stars": 4}
            for unit in ("07249", "07273")
        },
        nodes={"07249": {"5": "13.29", "1": "18.10"}, "07273": {"5": "13.29", "1": "17.30"}},
    ),
    "c": HardCase(
        "Chênh quá 10 điểm, đã có người chấm thứ ba",
        "GK1 và GK3 lệch 1,5 + 1 + 1 + 0,5 + 1 + 2 + 1,5 + 1,5 + 1 = 11 điểm cơ bản (1.1, 1.2, 1.6, 1.5, 2.3, 3.1, "
        "3.2, 6.1, 6.2), không tiêu chí nào lệch quá 3. Điểm của người chấm thứ ba là chính thức: 14,7 + 20,62 + 13 +"
        " 12,43 + 12,03 + 2,5 + 1 = 76,28.",
        {"07291": {"total": "76.28", "base": "75.28", "stars": 3, "rank": 14, "settled": True}},
        open={"07291": set()},
    ),
    "d": HardCase(
        "Chênh quá 10 điểm, chưa có người chấm thứ ba",
        "GK1 và GK4 lệch 1,5 (1.1) + 1 (1.5) + 1 (1.6) + 1 (2.3) + 2 (3.1) + 2,5 (3.2) + 1,5 (6.1) + 1 (6.2) = 11,5. "
        "Trong khi chờ, trung bình là 80,15; đủ điểm 4 sao nhưng nhóm 6 mới 2,88/5, nên 3 sao; kết quả còn tạm.",
        {"07279": {"total": "80.15", "stars": 3, "stars_by_points": 4, "settled": False}},
        nodes={"07279": {"6": "2.88"}},
        open={"07279": {"matter.spread_total_third_marker"}},
    ),
    "e": HardCase(
        "Đúng 80,00 điểm, và kém một bước",
        "Đồng Tâm 16,03 + 20,83 + 11,5 + 13,66 + 12,73 + 3,25 + 2 = 80,00: ngưỡng tính cả chính nó, 4 sao. An Thượng "
        "16,58 + 19,92 + 12,88 + 13,66 + 12,45 + 3,5 + 1 = 79,99: mọi nhóm đều đủ 60%, chỉ thiếu 0,01 điểm, 3 sao.",
        {
            "07260": {"total": "80.00", "base": "78.00", "stars": 4, "settled": True},
            "07285": {"total": "79.99", "base": "78.99", "stars": 3, "settled": True},
        },
    ),
    "f": HardCase(
        "Minh chứng chưa kết luận, bị loại, không có",
        "Đồng Kỳ: 1.4 (5 điểm) chưa kiểm tra thực tế nên chưa tính; 2.4.1 và 2.4.2 (4,37 + 2) tạm tính. Chắc chắn "
        "68,85 (không sao), đang hiện 75,22 (3 sao), nhiều nhất 80,22 (4 sao). Đồng Lạc: 91,73 theo phiếu chấm là 5 "
        "sao; 2.3 không có minh chứng (mất 5), 6.2 bị loại (mất 2), còn 84,73: 4 sao, không còn gì để chờ.",
        {
            "07282": {
                "total": "75.22", "total_floor": "68.85", "total_ceiling": "80.22", "stars": 3, "stars_floor": 0,
                "stars_ceiling": 4, "settled": False,
            },
            "07270": {"total": "84.73", "total_floor": "84.73", "total_ceiling": "84.73", "stars": 4, "settled": True},
        },
        nodes={"07282": {"1.4": "0.00", "2.4.1": "4.37", "2.4.2": "2.00"}, "07270": {"2.3": "0.00", "6.2": "0.00"}},
        open={"07282": {"matter.evidence_pending"}},
    ),
    "g": HardCase(
        "Không áp dụng thì không mất điểm",
        "Tam Tiến không có đơn khiếu nại, tố cáo: 4.3 ghi KAD, được đủ 6 điểm theo bộ tiêu chí, không đòi minh chứng."
        " 14,88 + 18,68 + 10,63 + 14,43 + 12,39 + 2,5 + 1 = 74,51.",
        {"07252": {"total": "74.51", "stars": 3, "settled": True}},
        nodes={"07252": {"4.3": "6.00", "4": "14.43"}},
    ),
    "h": HardCase(
        "Một người không chấm, một người tránh chấm",
        "Tiến Thắng: GK3 không chấm 4.2 (BQ), ba người kia cùng 28/35: 4 × 28/35 = 3,2, không phải 2,4. Tam Hiệp: GK2"
        " tránh vì có người thân; trung bình của ba người, 3.1 là (4 + 3 + 3)/3 = 3,33; đủ số người vì người phải "
        "tránh không tính vào mẫu số.",
        {
            "07264": {"total": "71.82", "stars": 3, "settled": True},
            "07261": {"total": "83.27", "stars": 3, "stars_by_points": 4, "settled": True},
        },
        nodes={"07264": {"4.2": "3.20"}, "07261": {"3.1": "3.33", "1.6": "1.67", "6": "2.50"}},
    ),
    "i": HardCase(
        "5 sao; và đủ điểm 5 sao mà một nhóm chưa đạt",
        "Phồn Xương 20 + 24,73 + 14,5 + 15 + 14,67 + 5 + 3 = 96,9: 5 sao. Canh Nậu 18,31 + 23,64 + 15 + 15 + 14,63 + "
        "3 + 2 = 91,58: đủ điểm 5 sao, nhưng nhóm 6 được 3/5 = 60%, dưới 70%: xét hạng kế dưới, 4 sao.",
        {
            "07288": {"total": "96.90", "stars": 5, "rank": 1, "settled": True},
            "07246": {"total": "91.58", "stars": 4, "stars_by_points": 5, "rank": 3, "settled": True},
        },
        nodes={"07246": {"6": "3.00"}},
    ),
    "j": HardCase(
        "Một minh chứng dùng cho hai nơi",
        "Đồng Tiến nộp cùng một báo cáo cho 6.2 và B.1: chỉ tính cho 6.2. 20 + 21,57 + 13,75 + 15 + 14,52 + 3,5 + 1 ="
        " 89,34, 4 sao; tính hai lần thì đã là 90,34 và 5 sao.",
        {"07243": {"total": "89.34", "bonus": "1.00", "stars": 4, "settled": True}},
        nodes={"07243": {"6.2": "2.00", "B.1": "0.00", "B.2": "1.00"}},
    ),
    "k": HardCase(
        "Một tiêu chí lệch quá 3 điểm",
        "Hồng Kỳ, 2.2: ba người chấm 1340/1362 (98,4%, 8 điểm), GK2 chấm 1276/1362 (93,7%, 4 điểm): lệch 4, phải thảo"
        " luận. Trong khi chờ lấy trung bình 7; 16,13 + 22,03 + 13,25 + 13,8 + 12,79 + 3,5 + 2 = 83,5, kết quả còn "
        "tạm.",
        {"07267": {"total": "83.50", "stars": 4, "settled": False}},
        nodes={"07267": {"2.2": "7.00"}},
        open={"07267": {"matter.spread_leaf_discuss"}},
    ),
    "l": HardCase(
        "Điểm thưởng có trần",
        "Đồng Hưu: 5 sáng tạo và 4 cá nhân điển hình, thưởng 3 + 2 = 5, không phải 9. Tổng 83,37 + 5 = 88,37: 4 sao.",
        {"07258": {"total": "88.37", "base": "83.37", "bonus": "5.00", "stars": 4, "settled": True}},
        nodes={"07258": {"B.1": "3.00", "B.2": "2.00"}},
    ),
    "m": HardCase(
        "Một tiêu chí không ai chấm",
        "Đồng Vương: 5.4 chưa có phiếu của doanh nghiệp, mọi người để trống. Chưa có điểm khác với 0 điểm: tổng 74,18"
        " là tạm, việc còn mở.",
        {"07255": {"total": "74.18", "stars": 3, "settled": False}},
        nodes={"07255": {"5": "9.19"}},
        open={"07255": {"matter.unmarked"}},
    ),
    "n": HardCase(
        "Một giám khảo đã thôi",
        "GK5 chấm chặt tay 8 đơn vị rồi thôi. Phiếu vẫn giữ, không tính: nếu tính thì Đồng Tâm còn 79,32 và mất sao "
        "thứ tư.",
        {"07260": {"total": "80.00", "stars": 4}},
        nodes={"07260": {"3.1": "3.25", "3.2": "4.25", "2.3": "4.00"}},
    ),
}  # fmt: skip


# ---------------------------------------------------------------------------------------------------- writing


def lists(file: Path) -> None:
    """Write danh-sach.xlsx: units, judges, who keeps away from which unit, and the register of evidence."""
    book = Workbook()
    book.remove(book.active)
    kinds = {"xa": "Xã", "thi_tran": "Thị trấn"}
    units = [(row["code"], row["name"], kinds[row["kind"]]) for row in unit_rows()]
    listed(book, "Đơn vị", {"Mã đơn vị": 12, "Tên đơn vị": 26, "Kiểu": 12}, units)
    heads = {"Mã giám khảo": 15, "Họ và tên": 24, "Vai trò": 24, "Tình trạng": 14, "Lý do": 46}
    listed(book, "Giám khảo", heads, [(one.code, one.name, one.role, one.standing, one.reason) for one in JUDGES])
    heads = {"Mã đơn vị": 12, "Mã giám khảo": 15, "Lý do": 46}
    listed(book, "Tránh chấm", heads, [(*pair, reason) for pair, reason in RECUSED.items()])
    heads = {
        "Mã đơn vị": 12, "Mã tiêu chí": 13, "Mã minh chứng": 16, "Số, ký hiệu": 22, "Ngày": 12, "Trang": 9,
        "Tình trạng minh chứng": 23, "Đã kiểm tra": 54, "Ghi chú": 56,
    }  # fmt: skip
    listed(book, "Minh chứng", heads, [tuple(vars(document).values()) for document in evidence()])
    saved(book, file)


def listed(book: Workbook, title: str, heads: Mapping[str, int], rows: Iterable[tuple[object, ...]]) -> None:
    """One table on a sheet of its own: the label that it is made up, the headings, a row each."""
    sheet = book.create_sheet(title)
    sheet["A1"] = LABEL
    sheet["A1"].font, sheet["A1"].alignment = Font(bold=True, color="9C0006"), Alignment(wrap_text=True, vertical="top")
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(heads))
    sheet.row_dimensions[1].height = 46
    sheet.append([])
    sheet.append(list(heads))
    for row in rows:
        sheet.append(list(row))
    for cell, width in zip(sheet[3], heads.values(), strict=True):
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", "E6EBF1")
        sheet.column_dimensions[cell.column_letter].width = width
    for row in sheet.iter_rows(min_row=4):
        for cell in row:
            cell.number_format = "dd/mm/yyyy" if isinstance(cell.value, date) else "@"
    sheet.freeze_panes = "A4"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:3"


def saved(book: Workbook, file: Path) -> None:
    """Save, then pack with the day of the demo in place of now: unchanged cells make an unchanged file."""
    book.properties.creator, book.properties.created = "chamdiem", datetime(*PACKED_ON)  # noqa: DTZ001 - as openpyxl
    book.save(file)
    with ZipFile(file) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    core = parts["docProps/core.xml"]
    parts["docProps/core.xml"] = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", f"{datetime(*PACKED_ON):%FT%TZ}".encode(), core)  # noqa: DTZ001
    with ZipFile(file, "w") as packed:
        for name, part in parts.items():
            packed.writestr(ZipInfo(name, PACKED_ON), part, ZIP_DEFLATED)


def score_sheets(judge: Judge, file: Path) -> None:
    """Write the score sheets of one judge: the blank ones that everybody gets, filled in the way this judge writes."""
    units = [Unit(row["code"], row["name"], row["kind"]) for row in unit_rows()]
    write_sheets(load(CRITERIA), file, units=units, judge=Member(judge.code, judge.name), stage="judge")
    book = load_workbook(file)
    for sheet, unit in zip(book.worksheets, units, strict=True):
        labelled(sheet)
        filled(sheet, judge.code, unit.code)
    saved(book, file)


def labelled(sheet: Worksheet) -> None:
    """Say above the sheet, and above each printed page, that it is made up."""
    sheet["A1"] = f"{sheet['A1'].value}\n{LABEL}"
    sheet.row_dimensions[1].height = 46
    sheet.oddHeader.center.text, sheet.oddHeader.center.size = LABEL, 9
    sheet.page_margins.top, sheet.page_margins.header = 0.6, 0.3


def filled(sheet: Worksheet, judge: str, unit: str) -> None:
    """Fill in answers and notes; cells whose answer is blank are left as they came."""
    rows = {sheet.cell(at, AT["code"]).value: at for at in range(1, sheet.max_row + 1)}
    for code, answer, note in answers(judge, unit):
        for name, text in (("answer", WRITES[judge](code, answer)), ("note", jotted(judge, note))):
            if text != "":
                sheet.cell(rows[code], AT[name]).value = text


def jotted(judge: str, note: str) -> str:
    """A note as this judge leaves it: one machine writes decomposed letters, another a blank too many."""
    if judge == "GK3":
        return unicodedata.normalize("NFD", note)
    return f"{note} " if judge == "GK2" and note else note


TITLES = {
    "1.6": {"day_du": "Đầy đủ, đặt nơi dễ thấy", "chua_day_du": "Có nhưng chưa đầy đủ", "khong_co": "Không có"},
    "3.1": {"tot": "Tốt", "kha": "Khá", "trung_binh": "Trung bình", "chua_dat": "Chưa đạt"},
    "3.2": {"tot": "Tốt", "kha": "Khá", "trung_binh": "Trung bình", "chua_dat": "Chưa đạt"},
    "6.1": {"dong_bo": "Nâng cấp đồng bộ trong năm", "mot_phan": "Nâng cấp một phần", "chua": "Chưa nâng cấp"},
}


def from_list(code: str, answer: str) -> str:
    """Picked from the list of the cell and typed as the sheet asks: "Khá", "Có", "1.249/1.296", "91,40"."""
    text = TITLES.get(code, {}).get(answer, answer)
    grouped = "/".join(f"{int(part):,}".replace(",", ".") for part in text.split("/")) if code == "2.2" else text
    return grouped.capitalize() if code in FACTS else grouped


def by_key(code: str, answer: str) -> str:
    """Typed by hand: a blank behind everything (and where nothing is), shares with blanks inside, "kad", 91,40%."""
    if code == "2.4.1":
        return answer + "%"
    return answer.replace("/", " / ").replace("; ", ",").replace("KAD", "kad") + " "


def pasted(code: str, answer: str) -> str | int | float:
    """Pasted from another workbook: numbers as numbers, texts in decomposed letters."""
    if code == "2.4.1":
        return float(answer.replace(",", "."))
    text = from_list(code, answer) if code != "2.2" else answer
    return int(text) if text.isdigit() else unicodedata.normalize("NFD", text)


def in_capitals(code: str, answer: str) -> str:
    """Typed with the capitals lock on: "KHÁ", "KHÔNG ÁP DỤNG"; decimals with a dot."""
    text = from_list(code, answer).upper() if code in TITLES or code in FACTS else answer
    return "KHÔNG ÁP DỤNG" if text == "KAD" else text.replace(",", ".") if code == "2.4.1" else text


WRITES: Mapping[str, Callable[[str, str], str | int | float]] = {
    "GK1": from_list, "GK2": by_key, "GK3": pasted, "GK4": in_capitals, "GK5": from_list, "GK6": from_list,
}  # fmt: skip


def read_me() -> str:
    """DOC-TRUOC.md: what the folder is, that everything in it is made up, and what to look at."""
    names = {row["code"]: row["name"] for row in unit_rows()}
    cases = "\n".join(
        f"| {letter} | {case.title} | {', '.join(names[unit] for unit in case.expect)} | {case.why} |"
        for letter, case in HARD_CASES.items()
    )
    panel = "\n".join(f"- {one.code}: {one.role.lower()}, {one.standing.lower()}." for one in JUDGES)
    return READ_ME.format(label=LABEL, cases=cases, panel=panel, criteria=CRITERIA)


READ_ME = """# Cuộc thi mẫu

**{label}.**

Tên và mã 19 xã, thị trấn là có thật: huyện Yên Thế, tỉnh Bắc Giang, năm 2024 (`data/units/yen-the-2024.csv`). Ngoài
ra không có gì là thật: điểm, số liệu, minh chứng (số hiệu đều tận cùng bằng “-MẪU”), giám khảo, việc tránh chấm, điều
kiện công nhận. Bộ tiêu chí `{criteria}` cũng là bộ minh họa. Đừng trích dẫn bất cứ con số nào ở đây khi nói về một
đơn vị có thật.

## Có gì ở đây

- `danh-sach.xlsx`: đơn vị, giám khảo, ai tránh chấm đơn vị nào, sổ minh chứng do Tổ thư ký (mẫu) đối chiếu.
- `phieu-cham-GK1.xlsx` … `phieu-cham-GK6.xlsx`: phiếu chấm đã điền, mỗi giám khảo một tệp, mỗi đơn vị một trang; mỗi
  người điền một kiểu (chọn trong danh sách, gõ khóa, dán số, gõ chữ hoa), như thực tế vẫn thấy.

{panel}

Người chấm thứ ba chỉ chấm đơn vị có độ chênh vượt giới hạn. Giám khảo 5 thôi giữa chừng; phiếu của người ấy được giữ,
không tính. Lệnh `chamdiem demo` chấm thử cuộc thi này.

## Những ca khó được cài sẵn

| Ca | Điều cần thấy | Đơn vị (điểm mẫu) | Vì sao |
| --- | --- | --- | --- |
{cases}

Tệp này và các tệp xlsx do `tests/demo_contest.py` viết ra; `tests/test_demo.py` giữ cho chúng khớp nhau.
"""


def write(folder: Path) -> None:
    """Write the whole demo contest into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    lists(folder / "danh-sach.xlsx")
    for judge in JUDGES:
        score_sheets(judge, folder / f"phieu-cham-{judge.code}.xlsx")
    (folder / "DOC-TRUOC.md").write_text(read_me(), encoding="utf-8")


if __name__ == "__main__":
    write(DEMO)
