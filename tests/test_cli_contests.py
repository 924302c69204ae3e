"""Contests, accounts and units from the terminal, as a secretary types them: from an empty folder to a published result."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from python_calamine import CalamineWorkbook

import postgres
import stores
from chamdiem.clock import today
from chamdiem.store.database import open_store
from chamdiem.store.tables import session
from chamdiem.words import use_language
from terminal import YEN_THE, Terminal, left_in

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in an empty folder."""
    return Terminal(tmp_path, monkeypatch, capsys)


@pytest.fixture(params=stores.BOTH)
def either(request: pytest.FixtureRequest, terminal: Terminal) -> Terminal:
    """A terminal whose contests are in the folder, and one whose setting names PostgreSQL."""
    if request.param == "postgresql":
        request.getfixturevalue("postgres_server")
        terminal.use(request.getfixturevalue("_postgres"))
    return terminal


@pytest.fixture
def _postgres(postgres_server: str) -> Iterator[str]:
    with postgres.new_database(postgres_server) as url:
        yield url


def marks(terminal: Terminal, name: str, *lines: str) -> Path:
    """A table of marks: unit, criterion, answer, stage, judge."""
    return terminal.write(name, "Mã đơn vị,Mã tiêu chí,Điểm,Vòng chấm,Mã giám khảo", *lines)


def in_judging(terminal: Terminal) -> None:
    """A contest whose communes have handed in their self-assessments, with two judges on the panel."""
    terminal.begin()
    for unit in ("07243", "07294"):
        terminal.done("contest", "target", "thi", unit, "3-4")
        terminal.done("contest", "approve", "thi", unit)
    terminal.done("contest", "step", "thi", "self_assessment")
    own = marks(terminal, "tu-cham.csv", *(f"{unit},{code},{answer},self," for unit, code, answer in SELF))
    terminal.done("contest", "import", "thi", "-m", own)
    terminal.done("contest", "submit", "thi", "--stage", "self")
    for number, login in enumerate(("gk.hoa", "gk.binh"), start=1):
        terminal.done("contest", "panel", "thi", login, "--code", f"GK{number}")
        terminal.done("contest", "assign", "thi", login)
    terminal.done("contest", "step", "thi", "judging")


SELF = [("07243", "1", "6"), ("07243", "2", "có"), ("07294", "1", "5"), ("07294", "2", "có")]
JUDGED = [
    *(("07243", "1", "5,5", "GK1"), ("07243", "2", "có", "GK1"), ("07294", "1", "4", "GK1"), ("07294", "2", "không", "GK1")),
    *(("07243", "1", "5", "GK2"), ("07243", "2", "có", "GK2"), ("07294", "1", "4,5", "GK2"), ("07294", "2", "có", "GK2")),
]  # fmt: skip


def test_a_whole_contest_from_an_empty_folder_to_the_archive_of_it(either: Terminal) -> None:
    here = either
    words = {login: here.account(login, name=name) for login, name in (("gk.hoa", "Hoa"), ("gk.binh", "Bình"))}
    for login in ("to.chuc", "pho.ban"):
        words[login] = here.account(login, "--role", "organiser", name=login)
    in_judging(here)
    table = marks(
        here, "giam-khao.csv", *(",".join([unit, code, f'"{said}"', "judge", who]) for unit, code, said, who in JUDGED)
    )
    assert here.done("contest", "import", "thi", "-m", table, "--preview", "--json").record["new"] == 8
    assert "8 điểm mới" in here.done("contest", "import", "thi", "-m", table).out
    again = here.done("contest", "import", "thi", "-m", table, "--json").record
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 8)
    blocked = here.type("contest", "step", "thi", "review", "--preview", "--json")
    assert blocked.code == 2
    assert any("Hoa" in why and "Bình" in why for why in blocked.record["blockers"])
    for login in ("gk.hoa", "gk.binh"):
        sealed = here.done("contest", "submit", "thi", "--stage", "judge", "--as", login, typed=[words[login], ""])
        assert sealed.out.count("Mã niêm phong") == 2

    key = here.done(
        "contest", "ask", "thi", "reveal", "--as", "to.chuc", "--json", typed=[words["to.chuc"], ""]
    ).record["decision"]
    alone = here.refused("contest", "confirm", key, "--as", "to.chuc", typed=[words["to.chuc"], ""])
    assert "một người khác" in alone
    here.done("contest", "confirm", key, "--as", "pho.ban", typed=[words["pho.ban"], ""])
    here.done("contest", "step", "thi", "review")
    assert "cần hai người" in here.refused("contest", "step", "thi", "published")
    asked = here.done(
        "contest", "ask", "thi", "publish", "--as", "to.chuc", "--reason", "đã rà soát", typed=[words["to.chuc"], ""]
    )
    key = asked.out.split("confirm ")[1].split()[0]
    here.done("contest", "confirm", key, "--as", "pho.ban", typed=[words["pho.ban"], ""])

    (contest,) = here.done("contest", "list", "--json").record
    assert (contest["id"], contest["phase"]) == ("thi", "published")
    units = {unit["unit"]: unit for unit in here.done("contest", "score", "thi", "--json").record["units"]}
    assert {code: unit["total"] for code, unit in units.items()} == {"07243": "9.25", "07294": "6.25"}
    shown = here.done("contest", "score", "thi").out  # no workbook was asked for, and none is spoken of
    assert "9,25" in shown
    assert "None" not in shown
    revoke = (
        "contest",
        "ask",
        "thi",
        "revoke",
        "--as",
        "to.chuc",
        "--unit",
        "07294",
        "--reason",
        "khai sai minh chứng",
    )
    key = here.done(*revoke, "--json", typed=[words["to.chuc"], ""]).record["decision"]
    here.done("contest", "confirm", key, "--as", "pho.ban", typed=[words["pho.ban"], ""])

    scored = {unit["unit"]: unit for unit in here.done("contest", "score", "thi", "--json").record["units"]}
    assert (scored["07243"]["recognised"], scored["07243"]["revoked"]) == (True, None)
    ended = {"on": today().isoformat(), "reason": "khai sai minh chứng"}
    found = scored["07294"]
    assert (found["recognised"], found["stars"], found["revoked"]) == (False, 0, ended)
    assert found["total"] == "6.25", "points stay what they are"
    shown = " ".join(here.done("contest", "score", "thi", "-o", "kq.xlsx").out.split())
    assert "Đã thu hồi" in shown
    assert "DỮ LIỆU MẪU" not in shown
    paper = str(CalamineWorkbook.from_path("kq.xlsx").get_sheet_by_index(0).to_python())
    assert f"ĐÃ THU HỒI CÔNG NHẬN: Thị trấn Bố Hạ ({today():%d/%m/%Y})" in paper
    assert "DỮ LIỆU MẪU" not in paper

    told = here.done("contest", "journal", "thi").out
    for line in (
        "người quản trị máy chủ: Tạo cuộc thi",
        "người quản trị máy chủ: Nhập điểm từ phiếu (8 điểm chấm (Xã Đồng Tiến; Thị trấn Bố Hạ); 4 phiếu chấm (",
        "1 công nhận (Thị trấn Bố Hạ)) — khai sai minh chứng",
        "to.chuc (to.chuc): Đề nghị: Công bố kết quả",
        "pho.ban (pho.ban): Thu hồi công nhận", "— khai sai minh chứng", "— đã rà soát", "Hoa (gk.hoa)",
    ):  # fmt: skip
        assert line in told, line
    assert "5,5" not in told, "no marks"
    record = here.done("contest", "journal", "thi", "--json").record
    assert [deed["first"] for deed in record] == sorted(deed["first"] for deed in record)
    assert {deed["action"] for deed in record} >= {"contest.create", "mark.import", "journal.asked", "sheet.reveal"}
    assert "Mọi thứ nguyên vẹn" in here.done("verify").out


def test_what_blocks_a_step_is_listed_and_nothing_is_done(terminal: Terminal) -> None:
    terminal.begin()
    told = terminal.type("contest", "step", "thi", "self_assessment", "--preview")
    assert told.code == 2
    assert "✗" in told.out
    assert "Thị trấn Bố Hạ" in told.out
    assert "Chưa chuyển sang “Tự chấm” được." in told.out
    assert "Bố Hạ" in terminal.refused("contest", "step", "thi", "self_assessment")
    assert "Không thể chuyển" in terminal.refused("contest", "step", "thi", "judging", "--preview")
    assert "cần hai người" not in terminal.refused("contest", "step", "thi", "published")
    (contest,) = terminal.done("contest", "list", "--json").record
    assert contest["phase"] == "draft"


NEW = ("create", "b", "-c", "bo.yaml", "--title", "T", "--from", "1/3/2024", "--to", "2/3/2024")
REFUSED = [
    (("create", "thi", "-c", "bo.yaml", "--title", "Lại", "--from", "1/3/2024", "--to", "2/3/2024"), "Đã có cuộc thi"),
    (("create", "Thi 2", "-c", "bo.yaml", "--title", "T", "--from", "1/3/2024", "--to", "2/3/2024"), "Thi 2"),
    (("create", "b", "-c", "bo.yaml", "--title", "T", "--from", "30/2/2024", "--to", "2/3/2024"), "30/2/2024"),
    (("create", "b", "-c", "bo.yaml", "--title", "T", "--from", "3/3/2024", "--to", "2/3/2024"), "trước khi bắt đầu"),
    (("create", "b", "-c", "khong-co", "--title", "T", "--from", "1/3/2024", "--to", "2/3/2024"), "khong-co"),
    ((*NEW, "--without", "x"), "Không có giai đoạn"),
    ((*NEW, "--parent", "x"), "Không tìm thấy"),
    (("units", "thi"), "--unit"),
    (("units", "thi", "--unit", "07246", "--unit", "99999"), "99999"),
    (("units", "khong-co", "--unit", "07246"), "Không tìm thấy"),
    (("units", "thi", "--under", "999"), "999"),
    (("target", "thi", "07243", "nhiều"), "Ví dụ"),
    (("target", "thi", "07243", "1-2"), "các hạng"),
    (("target", "thi", "07246", "3"), "Không tìm thấy"),
    (("approve", "thi", "07243"), "chưa đăng ký"),
    (("approve", "thi", "07243", "--send-back"), "lý do"),
    (("panel", "thi", "ai"), "Không có tài khoản “ai”"),
    (("panel", "thi", "lan", "--role", "vua"), "vai trò"),
    (("panel", "thi", "lan", "--take-off", "--reason", "x"), "Không tìm thấy"),
    (("assign", "thi", "lan", "--unit", "99999"), "Không tìm thấy"),
    (("assign", "thi", "lan", "--criterion", "9.9"), "Không tìm thấy"),
    (("conflict", "thi", "lan", "07243", "--reason", " "), "lý do"),
    (("step", "thi", "mua-thu"), "Không có giai đoạn"),
    (("step", "khong-co", "review", "--preview"), "Không tìm thấy"),
    (("submit", "thi", "--stage", "judge"), "--as"),
    (("submit", "thi", "--stage", "self"), "chưa có điểm"),
    (("submit", "thi", "--stage", "khac"), "Không có vòng chấm"),
    (("import", "thi", "-m", "khong-co.csv"), "khong-co.csv"),
    (("import", "khong-co", "-m", "bo.yaml"), "Không tìm thấy"),
    (("score", "khong-co"), "Không tìm thấy"),
    (("score", "thi", "-o", "kq.doc"), ".xlsx"),
    (("ask", "thi", "xoa", "--as", "lan"), "reveal"),
    (("ask", "thi", "reopen", "--as", "lan"), "--phase"),
    (("ask", "thi", "reveal", "--as", "lan", "--unit", "07243"), "--unit"),
    (("ask", "thi", "reopen", "--as", "lan", "--phase", "x"), "Không có giai đoạn"),
    (("journal", "khong-co"), "Không tìm thấy"),
]  # fmt: skip


def test_a_refusal_is_told_in_words_and_does_nothing(begun: Terminal) -> None:
    told_otherwise = {}
    before, files = head(), left_in(begun.folder)
    for arguments, words in REFUSED:
        told = begun.refused("contest", *arguments)
        if words not in told:
            told_otherwise[arguments] = told
        assert head() == before, arguments
    assert told_otherwise == {}
    kept = [path for path in left_in(begun.folder) if "chamdiem.db" not in path]
    assert kept == [path for path in files if "chamdiem.db" not in path]


def head() -> int:
    """How many events there are."""
    with open_store(create=False) as store:
        return store.head().seq


@pytest.fixture
def begun(terminal: Terminal) -> Terminal:
    """A terminal where a contest was begun and somebody has an account."""
    terminal.begin()
    terminal.done("account", "create", "lan", "--name", "Lan")
    return terminal


def in_self_assessment(terminal: Terminal) -> None:
    """A contest whose communes assess themselves."""
    terminal.begin()
    for unit in ("07243", "07294"):
        terminal.done("contest", "target", "thi", unit, "4")
        terminal.done("contest", "approve", "thi", unit)
    terminal.done("contest", "step", "thi", "self_assessment")


def test_reopening_takes_two_persons_and_can_be_taken_back(terminal: Terminal) -> None:
    in_self_assessment(terminal)
    first, second = (terminal.account(login, "--role", "organiser") for login in ("to.chuc", "pho.ban"))
    reopen = ("contest", "ask", "thi", "reopen", "--phase", "draft", "--as", "to.chuc")
    assert "lý do" in terminal.refused(*reopen, typed=[first, ""])
    reopen = (*reopen, "--reason", "thiếu một xã", "--json")
    key = terminal.done(*reopen, typed=[first, ""]).record["decision"]
    assert "đang chờ" in terminal.refused(*reopen[:-1], typed=[first, ""])
    assert terminal.refused("contest", "confirm", key, "--as", "pho.ban", typed=["sai", ""])
    terminal.done("contest", "withdraw", key, "--as", "pho.ban", typed=[second, ""])
    assert "Không tìm thấy" in terminal.refused("contest", "confirm", key, "--as", "pho.ban", typed=[second, ""])
    key = terminal.done(*reopen, typed=[first, ""]).record["decision"]
    terminal.done("account", "close", "to.chuc", "--reason", "chuyển công tác")
    assert terminal.refused("contest", "confirm", key, "--as", "pho.ban", typed=[second, ""]), "who asked has left"
    assert terminal.done("contest", "list", "--json").record[0]["phase"] == "self_assessment"


def test_sheets_are_handed_in_together_or_not_at_all(terminal: Terminal) -> None:
    in_self_assessment(terminal)
    own = marks(terminal, "a.csv", "07243,1,6,self,", "07243,2,có,self,")
    terminal.done("contest", "import", "thi", "-m", own)
    before = head()
    assert terminal.refused("contest", "submit", "thi", "--stage", "self", "--unit", "07243", "--unit", "07294")
    assert head() == before
    assert "07243" in terminal.done("contest", "submit", "thi", "--stage", "self").out
    assert terminal.refused("contest", "submit", "thi", "--stage", "self")


def test_a_conflict_of_interest_closes_a_unit_to_a_judge(terminal: Terminal) -> None:
    terminal.begin()
    terminal.done("account", "create", "hoa", "--name", "Hoa")
    terminal.done("contest", "panel", "thi", "hoa", "--code", "GK1")
    terminal.done("contest", "conflict", "thi", "hoa", "07243", "--reason", "anh trai là chủ tịch xã")
    assert "07243" in terminal.refused("contest", "assign", "thi", "hoa", "--unit", "07243", "--unit", "07294")
    assert terminal.done("contest", "assign", "thi", "hoa", "--unit", "07294", "--json").record["changed"] == 1
    assert (
        terminal.done("contest", "assign", "thi", "hoa", "--unit", "07294", "--take-back", "--json").record["changed"]
        == 1
    )
    terminal.done("contest", "panel", "thi", "hoa", "--take-off", "--reason", "xin thôi")
    assert "anh trai là chủ tịch xã" in terminal.done("contest", "journal", "thi").out


def test_units_of_a_wrong_code_are_refused_all_together(begun: Terminal) -> None:
    begun.refused("contest", "units", "thi", "--unit", "07246", "--unit", "99999")
    assert begun.done("contest", "units", "thi", "--under", "215", "--json").record == {"added": 1}
    assert begun.done("contest", "units", "thi", "--unit", "07246", "--json").record == {"added": 0}


def test_a_table_with_one_wrong_line_enters_nothing(terminal: Terminal) -> None:
    in_self_assessment(terminal)
    before = head()
    wrong = marks(terminal, "sai.csv", "07243,1,6,self,", "07243,2,7,self,", "07243,3,1,self,")
    told = terminal.refused("contest", "import", "thi", "-m", wrong)
    assert "sai.csv:3:" in told
    assert "sai.csv:4:" in told
    stranger = marks(terminal, "la.csv", "07243,1,6,self,", "99999,1,3,self,")
    assert "99999" in terminal.refused("contest", "import", "thi", "-m", stranger)
    assert head() == before
    record = terminal.type("contest", "import", "thi", "-m", wrong, "--json")
    assert record.code == 2
    assert {"where", "id", "text"} <= record.record["problems"][0].keys()


def test_a_preview_of_an_import_enters_nothing(terminal: Terminal) -> None:
    in_self_assessment(terminal)
    table, before = marks(terminal, "a.csv", "07243,1,6,self,"), head()
    assert "Sẽ nhập: 1 điểm mới" in terminal.done("contest", "import", "thi", "-m", table, "--preview").out
    assert head() == before


# accounts -----------------------------------------------------------------------------------------------------------


def test_accounts_from_the_first_password_to_the_closed_account(either: Terminal) -> None:
    created = either.done("account", "create", "lan", "--name", "Nguyễn Thị Lan")
    word = created.out.split()[-1]
    own = "gặt lúa chiêm bên sông Thương"
    checked = either.done("account", "check", "lan", typed=[word, ""])
    assert "Đăng nhập được." in checked.out
    assert "chamdiem account password lan" in checked.out
    assert "không giống nhau" in either.refused("account", "password", "lan", typed=[word, "", own, own + "!"])
    assert "đoán" in either.refused("account", "password", "lan", typed=[word, "", "matkhau12345", "matkhau12345"])
    either.done("account", "password", "lan", typed=[word, "", own, own])
    assert either.done("account", "check", "lan", "--json", typed=[own, ""]).record == {"right": True, "first": []}
    with open_store() as store, store.read() as connection:
        assert connection.execute(session.select()).fetchall() == [], "whatever happens, nobody stays signed in"
    wrong = {
        either.refused("account", "check", login, typed=[typed, ""]) for login, typed in (("lan", "x"), ("ai", own))
    }
    assert len(wrong) == 1
    assert "Chưa nhập" in either.refused("account", "check", "lan")
    either.done("account", "close", "lan", "--reason", "nghỉ hưu", "--forget")
    assert wrong == {either.refused("account", "check", "lan", typed=[own, ""])}
    assert "Mọi thứ nguyên vẹn" in either.done("verify").out


def test_nothing_typed_is_shown(terminal: Terminal) -> None:
    own = terminal.account("lan")
    told = terminal.done("account", "check", "lan", typed=[own, ""])
    assert own not in told.out + told.err


def test_a_secretary_needs_the_telephone_before_deciding(terminal: Terminal) -> None:
    terminal.begin()
    own = terminal.account("thu.ky", "--role", "secretary", "--contest", "thi")
    ask = ("contest", "ask", "thi", "reveal", "--as", "thu.ky")
    assert "chamdiem account telephone thu.ky" in terminal.refused(*ask, typed=[own, ""])
    wrong = terminal.type("account", "telephone", "thu.ky", typed=[own, "000000"])
    assert wrong.code == 2
    secret = wrong.err.split("trên điện thoại: ")[1].split()[0]
    assert f"secret={secret}" in wrong.err


def test_a_telephone_is_enrolled_at_the_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    own = terminal.account("thu.ky", "--role", "secretary")
    secret = pyotp.random_base32()
    monkeypatch.setattr("chamdiem.contest.totp.new_secret", lambda: secret)
    now = datetime.now(UTC)
    codes = terminal.done("account", "telephone", "thu.ky", "--json", typed=[own, pyotp.TOTP(secret).at(now)]).record
    assert len(codes["recovery_codes"]) == 10
    assert terminal.refused("account", "check", "thu.ky", typed=[own, ""])
    later = pyotp.TOTP(secret).at(now + timedelta(seconds=30))
    assert terminal.done("account", "check", "thu.ky", typed=[own, later]).out == "Đăng nhập được.\n"
    word = terminal.done("account", "keys", "thu.ky", "--lost-telephone", "--json").record["first_password"]
    assert "account password" in terminal.done("account", "check", "thu.ky", typed=[word, ""]).out


REFUSED_ACCOUNTS = [
    (("create", "lan", "--name", "Khác"), "Đã có tài khoản"),
    (("create", "la n", "--name", "Lan"), "la n"),
    (("create", "minh", "--name", "Minh", "--role", "vua"), "Không có vai trò"),
    (("create", "minh", "--name", "Minh", "--role", "judge", "--contest", "khong-co"), "Không tìm thấy"),
    (("create", "minh", "--name", "Minh", "--contest", "thi"), "--role"),
    (("create", "minh"), "--name"),
    (("grant", "ai", "judge"), "Không tìm thấy"),
    (("grant", "lan", "vua"), "Không có vai trò"),
    (("grant", "lan", "judge", "--take-back"), "không có vai trò"),
    (("grant", "lan", "commune_assessor", "--unit", "99999"), "99999"),
    (("close", "lan", "--reason", " "), "lý do"),
    (("close", "ai", "--reason", "nghỉ"), "Không tìm thấy"),
    (("keys", "ai"), "Không tìm thấy"),
]


def test_a_refused_account_command_does_nothing(begun: Terminal) -> None:
    before = head()
    for arguments, words in REFUSED_ACCOUNTS:
        assert words in begun.refused("account", *arguments), arguments
        assert head() == before, arguments


def test_a_role_is_given_and_taken(begun: Terminal) -> None:
    begun.done("account", "grant", "lan", "judge", "--contest", "thi")
    begun.done("account", "grant", "lan", "judge", "--contest", "thi", "--take-back")
    begun.refused("account", "grant", "lan", "judge", "--contest", "thi", "--take-back")


# units, and the folder ------------------------------------------------------------------------------------------------


def test_units_are_imported_once_and_found_without_diacritics(either: Terminal) -> None:
    listed = (
        "code,name,kind,parent,valid_from,valid_to",
        "99,Tỉnh Thử,tinh,,,",
        "07294,Thị trấn Bố Hạ,thi_tran,99,,2025-06-30",
    )
    units = either.write("don-vi.csv", *listed)
    assert either.done("unit", "import", units, "--json").record == {"changed": 2}
    assert either.done("unit", "import", units, "--json").record == {"changed": 0}
    assert either.done("unit", "find", "bo ha", "--json").record == [
        {"code": "07294", "name": "Thị trấn Bố Hạ, Tỉnh Thử"}
    ]
    assert "Không tìm thấy" in either.done("unit", "find", "bo ha", "--on", "1/8/2025").out
    assert "31/2/2025" in either.refused("unit", "find", "bo ha", "--on", "31/2/2025")
    assert "khong-co.csv" in either.refused("unit", "import", "khong-co.csv")


def test_the_list_of_one_district_is_imported_again_without_change(terminal: Terminal) -> None:
    assert terminal.done("unit", "import", YEN_THE, "--json").record == {"changed": 19}
    assert terminal.done("unit", "import", YEN_THE, "--json").record == {"changed": 0}


def test_without_a_setting_everything_is_in_a_folder_of_this_place(terminal: Terminal) -> None:
    terminal.done("unit", "import", YEN_THE)
    assert left_in(terminal.folder) == ["chamdiem-data/chamdiem.db"]
    assert (terminal.folder / "chamdiem-data" / "chamdiem.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("contest", "list"), ("unit", "find", "x"), ("account", "check", "lan"), ("verify",), ("backup", "b.tar.gz"),
        ("rollback", "--to-event", "1", "--reason", "x"), ("contest", "journal", "thi"),
    ],
)  # fmt: skip
def test_a_command_that_only_reads_begins_no_database(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    assert "chamdiem-data" in terminal.refused(*arguments, typed=["x", ""])
    assert left_in(terminal.folder) == []


def test_the_terminal_speaks_english_too(begun: Terminal) -> None:
    use_language("en")
    assert "Nothing was done" in begun.refused("contest", "step", "thi", "self_assessment", "--lang", "en")
    assert "in draft" not in begun.done("--lang", "en", "contest", "list").out
    told = begun.done("contest", "journal", "thi", "--lang", "en").out
    assert "the administrator of the server: Create a contest" in told
    assert "Add units to a contest" in told


PAGES = [
    ("contest", *verb) for verb in ((), ("create",), ("step",), ("ask",), ("panel",), ("submit",), ("journal",))
] + [("account",), ("account", "telephone"), ("unit", "find")]


@pytest.mark.slow
def test_help_of_these_commands_needs_no_database_library() -> None:
    heavy = "('pandas', 'numpy', 'sqlalchemy', 'alembic', 'argon2', 'cryptography', 'jwt', 'pyotp', 'pyarrow')"
    code = (
        "import sys; from chamdiem.cli import run\n"
        f"for page in {PAGES!r}: assert run([*page, '--help']) == 0\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip().endswith("[]"), found.stdout[-200:]
