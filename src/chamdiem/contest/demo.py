"""The demo contest in the store: the 19 units of Yên Thế in 2024, people of every role, marks of three stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from chamdiem.contest.accounts import account_id, create_account, give_role
from chamdiem.contest.contests import Plan, add_units, create_contest
from chamdiem.contest.evidence_import import import_evidence
from chamdiem.contest.importing import enter_import, preview_import
from chamdiem.contest.marking import Entry, enter_marks
from chamdiem.contest.panel import assign, declare_conflict, seat, unseat
from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import contest_row, rows
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


@dataclass(frozen=True)
class Person:
    """Somebody of the demo: login, name, role, unit of a commune, code and role on the panel."""

    login: str
    name: str
    role: str
    unit: str = ""
    code: str = ""
    seat: str = ""


PEOPLE = (
    Person("mau-quantri", "Quản trị (mẫu)", "administrator"),
    Person("mau-tochuc", "Ban Tổ chức (mẫu)", "organiser"),
    Person("mau-thuky", "Tổ Thư ký (mẫu)", "secretary"),
    Person("mau-thamdinh", "Cán bộ thẩm định (mẫu)", "appraiser"),
    Person("mau-giamsat", "Ban Thường vụ (mẫu)", "committee_reviewer"),
    Person("mau-xa-07243", "Xã Đồng Tiến (mẫu)", "commune_assessor", "07243"),
    Person("mau-gk1", "Giám khảo 1 (mẫu)", "chair", code="GK1", seat="chair"),
    Person("mau-gk2", "Giám khảo 2 (mẫu)", "judge", code="GK2", seat="member"),
    Person("mau-gk3", "Giám khảo 3 (mẫu)", "judge", code="GK3", seat="member"),
    Person("mau-gk4", "Giám khảo 4 (mẫu)", "judge", code="GK4", seat="member"),
    Person("mau-gk5", "Giám khảo 5 (mẫu)", "judge", code="GK5", seat="member"),
    Person("mau-gk6", "Giám khảo 6 (mẫu)", "judge", code="GK6", seat="third_marker"),
)


def build(store: Store) -> dict[str, str]:
    """Make the demo contest in the store; returns the first password of everybody who is new. What is there stays."""
    with store.read() as connection:
        if rows(connection, tables.contest, id=CONTEST):
            return {}
    import_registry(store, SYSTEM, [units_file()])
    create_contest(store, SYSTEM, Plan(CONTEST, TITLE, sample.CRITERIA, *PERIOD))
    units = [unit.code for unit in registry_of(store).units if unit.parent == DISTRICT]
    add_units(store, SYSTEM, CONTEST, units)
    words = {
        person.login: create_account(store, SYSTEM, person.login, person.name, now=datetime.now(UTC))
        for person in PEOPLE
    }
    _give_roles(store)
    _move(store, Phase.JUDGING)
    import_evidence(store, SYSTEM, CONTEST, sample.files())
    enter_import(store, SYSTEM, CONTEST, preview_import(store, SYSTEM, CONTEST, sample.files()), sample.files())
    _other_stages(store, units)
    return words


def units_file() -> Path:
    """The list of the 19 units."""
    return sample.folder().parent / "units" / SAMPLE_UNITS


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


def _move(store: Store, phase: Phase) -> None:
    """Put the demo where people can look at everything; real contests go there step by step."""

    def move(transaction: Transaction) -> None:
        transaction.put(tables.contest, CONTEST, {"phase": phase.value})

    store.write(Order(SYSTEM.account, "contest.advance", CONTEST, "Dữ liệu mẫu"), move)


def _other_stages(store: Store, units: list[str]) -> None:
    """A self-assessment and an appraisal of the first unit, both with one judge's answers, so that stages stand side by side."""
    with store.read() as connection:
        about = contest_row(connection, CONTEST)
        marks = rows(connection, tables.mark, contest=CONTEST, unit=min(units), stage="judge")
    first = {row["criterion"]: row["answer"] for row in sorted(marks, key=lambda row: row["author"], reverse=True)}
    assert about["phase"] == Phase.JUDGING
    for stage in ("self", "appraisal"):
        entries = [Entry(code, answer, "Mẫu") for code, answer in sorted(first.items())]
        enter_marks(store, SYSTEM, CONTEST, min(units), stage, entries, reason="Dữ liệu mẫu")
