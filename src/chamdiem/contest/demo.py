"""The demo contest in the store: the 19 units of Yên Thế in 2024, people of every role, marks of all stages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from chamdiem.contest.accounts import account_id, actor_of, create_account, give_role, new_keys
from chamdiem.contest.contests import Plan, add_units, create_contest
from chamdiem.contest.evidence_import import import_evidence
from chamdiem.contest.importing import enter_import, preview_import
from chamdiem.contest.judging import open_sheets, submit_sheet
from chamdiem.contest.marking import Entry, enter_marks
from chamdiem.contest.panel import assign, declare_conflict, seat, unseat
from chamdiem.contest.people import credential_of
from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import rows
from chamdiem.contest.registration import approve_target, register_target
from chamdiem.contest.units import import_registry, registry_of
from chamdiem.exchange import sample
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

CONTEST = "dan-van-kheo-mau"
TITLE = "Cuộc thi “Dân vận khéo” huyện Yên Thế năm 2024 (dữ liệu mẫu)"
DISTRICT = "215"
SAMPLE_UNITS = "yen-the-2024.csv"
PERIOD = date(2024, 3, 1), date(2024, 10, 30)
BEGUN, WHOLE = "begun", "whole"  # how far it is built
MADE_UP = "Dữ liệu mẫu"
AIM = (3, 5)  # stars, from … to …
CONFIRMED = "1.4"  # the criterion that the council looks at once more
CONFIRMATION = "Mẫu: hội đồng đối chiếu biên bản niêm yết, giữ nguyên điểm của ban giám khảo"


@dataclass(frozen=True)
class Person:
    """Somebody of the demo: login, name, role, unit of a commune, code and role on the panel."""

    login: str
    name: str
    role: str
    unit: str = ""
    code: str = ""
    seat: str = ""


CHAIR = "mau-gk1"
PEOPLE = (
    Person("mau-quantri", "Quản trị (mẫu)", "administrator"),
    Person("mau-tochuc", "Ban Tổ chức (mẫu)", "organiser"),
    Person("mau-thuky", "Tổ Thư ký (mẫu)", "secretary"),
    Person("mau-thamdinh", "Cán bộ thẩm định (mẫu)", "appraiser"),
    Person("mau-giamsat", "Ban Thường vụ (mẫu)", "committee_reviewer"),
    Person("mau-xa-07243", "Xã Đồng Tiến (mẫu)", "commune_assessor", "07243"),
    Person(CHAIR, "Giám khảo 1 (mẫu)", "chair", code="GK1", seat="chair"),
    Person("mau-gk2", "Giám khảo 2 (mẫu)", "judge", code="GK2", seat="member"),
    Person("mau-gk3", "Giám khảo 3 (mẫu)", "judge", code="GK3", seat="member"),
    Person("mau-gk4", "Giám khảo 4 (mẫu)", "judge", code="GK4", seat="member"),
    Person("mau-gk5", "Giám khảo 5 (mẫu)", "judge", code="GK5", seat="member"),
    Person("mau-gk6", "Giám khảo 6 (mẫu)", "judge", code="GK6", seat="third_marker"),
)


@contextmanager
def built(store: Store) -> Iterator[dict[str, str]]:
    """Make the demo contest in the store, or finish one that was begun; gives the first passwords to hand over.

    It counts as whole once they were handed over without an error. Until then it is finished anew each time, and whoever
    has not chosen a password of his own gets another first one. What is whole stays as people have left it.
    """
    with store.read() as connection:
        stands = rows(connection, tables.contest, id=CONTEST)
    if stands and stands[0]["sample"] != BEGUN:
        yield {}
        return
    yield _finish(store, begun=bool(stands))
    _put(store, "contest.create", {"sample": WHOLE})


def _finish(store: Store, *, begun: bool) -> dict[str, str]:
    """Do all that is to be done, and what was done already once more: that changes nothing. Returns first passwords."""
    import_registry(store, SYSTEM, [units_file()])
    if not begun:
        create_contest(store, SYSTEM, Plan(CONTEST, TITLE, sample.CRITERIA, *PERIOD, sample=BEGUN))
    units = [unit.code for unit in registry_of(store).units if unit.parent == DISTRICT]
    add_units(store, SYSTEM, CONTEST, units)
    words = _first_passwords(store)
    _give_roles(store)
    _put(store, "contest.advance", {"phase": Phase.JUDGING.value})
    import_evidence(store, SYSTEM, CONTEST, sample.files())
    enter_import(store, SYSTEM, CONTEST, preview_import(store, SYSTEM, CONTEST, sample.files()), sample.files())
    _hand_in(store)
    _other_stages(store, units)
    return words


def units_file() -> Path:
    """The list of the 19 units."""
    return sample.folder().parent / "units" / SAMPLE_UNITS


def _first_passwords(store: Store) -> dict[str, str]:
    """A first password for everybody who has no account yet, or has not chosen a password of his own."""
    words = {}
    for person in PEOPLE:
        with store.read() as connection:
            account = account_id(connection, person.login)
            keys = credential_of(connection, account) if account else None
        if account is None:
            words[person.login] = create_account(store, SYSTEM, person.login, person.name, now=datetime.now(UTC))
        elif keys is not None and keys["first"]:
            words[person.login] = new_keys(store, SYSTEM, person.login, now=datetime.now(UTC))
    return words


def _give_roles(store: Store) -> None:
    with store.read() as connection:
        accounts = {person.login: account_id(connection, person.login) or "" for person in PEOPLE}
    for person in PEOPLE:
        if person.seat:
            seat(store, SYSTEM, CONTEST, accounts[person.login], person.seat, code=person.code)
            assign(store, SYSTEM, CONTEST, accounts[person.login])
        else:
            everywhere = person.role in ("administrator", "organiser")
            give_role(store, SYSTEM, person.login, person.role, contest="" if everywhere else CONTEST, unit=person.unit)
    assign(store, SYSTEM, CONTEST, accounts["mau-thamdinh"])
    declare_conflict(
        store, SYSTEM, CONTEST, "07261", "Mẫu: có người thân công tác tại đơn vị", account=accounts["mau-gk2"]
    )
    unseat(store, SYSTEM, CONTEST, accounts["mau-gk5"], "Mẫu: chuyển công tác khi mới chấm 8 đơn vị")


def _put(store: Store, action: str, values: dict[str, str]) -> None:
    """Change the contest itself past the table of steps; real contests go step by step."""

    def put(transaction: Transaction) -> None:
        transaction.put(tables.contest, CONTEST, values)

    store.write(Order(SYSTEM.account, action, CONTEST, MADE_UP), put)


def _hand_in(store: Store) -> None:
    """The panel hands in what it has marked, all sheets are opened, and the council begins: everybody can look at
    everything."""
    with store.read() as connection:
        drafts = rows(connection, tables.sheet, contest=CONTEST, stage="judge", status="draft")
        off = {row["account"] for row in rows(connection, tables.panel_member, contest=CONTEST, removed=1)}
        judges = {sheet["author"]: actor_of(connection, sheet["author"]) for sheet in drafts}
    for sheet in drafts:
        if sheet["author"] not in off:
            submit_sheet(store, judges[sheet["author"]], CONTEST, sheet["unit"], "judge")

    def open_all(transaction: Transaction) -> None:
        open_sheets(transaction, CONTEST)

    store.write(Order(SYSTEM.account, "sheet.reveal", CONTEST, MADE_UP), open_all)
    _put(store, "contest.advance", {"phase": Phase.COUNCIL.value})


def _other_stages(store: Store, units: list[str]) -> None:
    """What every unit aims at, says of itself and is appraised as, with the answers of the chair; and the council's word on
    one criterion of one unit, where all judges agree with him: all stages stand side by side, no result is another."""
    with store.read() as connection:
        chair = account_id(connection, CHAIR)
        done = {(row["unit"], row["stage"]) for row in rows(connection, tables.sheet, contest=CONTEST)}
        said: dict[str, dict[str, str]] = {unit: {} for unit in units}
        for row in rows(connection, tables.mark, contest=CONTEST, stage="judge", author=chair):
            said[row["unit"]][row["criterion"]] = row["answer"]
    for unit, answers in said.items():
        register_target(store, SYSTEM, CONTEST, unit, AIM)
        approve_target(store, SYSTEM, CONTEST, unit, approved=True)
        for stage in ("self", "appraisal"):
            if answers and (unit, stage) not in done:
                entries = [Entry(code, answer) for code, answer in sorted(answers.items())]
                enter_marks(store, SYSTEM, CONTEST, unit, stage, entries)
                submit_sheet(store, SYSTEM, CONTEST, unit, stage)
    first = min(units)
    enter_marks(
        store, SYSTEM, CONTEST, first, "council", [Entry(CONFIRMED, said[first][CONFIRMED])], reason=CONFIRMATION
    )
