"""The demo contest: the 19 communes and towns of Yên Thế in 2024, with judges, marks and evidence that are made up.

`python tests/demo_contest.py` writes data/demo again. Everything is drawn from the tables below and from `random.Random`
seeded with a text, so the same cells come out on every machine; `HARD_CASES` says what must come of them, and why.
"""

from __future__ import annotations

import csv
import random
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

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
    Judge("GK5", "Giám khảo 5 (mẫu)", "Thành viên", "Đã thôi", "Mẫu: chuyển công tác, thôi ban giám khảo khi mới chấm 8 đơn vị"),
    Judge("GK6", "Giám khảo 6 (mẫu)", "Người chấm thứ ba"),
)
RECUSED = {("07261", "GK2"): "Mẫu: có người thân công tác tại đơn vị"}
THIRD_MARKED = ("07291",)
REMOVED_AFTER = 8  # units, in order of code

# What the judges agree on: one line per unit, one column per criterion. 1.1 and 1.2 list the first letters of the items;
# "truoc" is last year's index, of 2.4.2; "-" is left blank by everybody; KAD: nothing to settle in the year.
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
07276  2    22/35  4/9  210/300  11/18  68/141   15/28  mot_phan  0    0    0
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
07276 GK2 1.6 chua_day_du
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
07291 GK3 1.2 u | Hai văn bản kia ban hành năm 2023
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
