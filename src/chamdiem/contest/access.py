"""Before anything is done: how the person stands to it, looked up in the same snapshot, held against the permissions."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import Connection, Select, exists, select

from chamdiem.contest.permissions import Actor, Subject, allowed, require
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import Row, contest_row, rows
from chamdiem.store import tables

HANDED_IN = ("submitted", "revealed")


class Footing:
    """How one person stands to one contest: looked up once for many questions. An unknown contest is not found.

    About a whole contest the person is in conflict as soon as there is one unit about which he is.
    """

    def __init__(self, connection: Connection, actor: Actor, contest: str) -> None:
        self.connection, self.actor, self.contest = connection, actor, contest
        self.row = contest_row(connection, contest)
        self._sheets: dict[str, Row] = {}
        self._all_known: set[str] = set()

    @cached_property
    def conflicts(self) -> frozenset[str]:
        """The units about which a conflict of interest of this person is on record."""
        found = rows(self.connection, tables.conflict, contest=self.contest, account=self.actor.account)
        return frozenset(row["unit"] for row in found)

    @cached_property
    def tasks(self) -> frozenset[tuple[str, str]]:
        """The units and criteria that are assigned to this person; "" stands for all of them."""
        found = rows(self.connection, tables.assignment, contest=self.contest, account=self.actor.account)
        return frozenset((row["unit"], row["criterion"]) for row in found)

    @cached_property
    def published(self) -> bool:
        """Whether anything of the contest was published."""
        return bool(rows(self.connection, tables.publication, contest=self.contest))

    @cached_property
    def sealed(self) -> bool:
        """Whether there is a sheet of the panel that counts and was not opened yet."""
        return sealed(self.connection, self.row)

    def subject(
        self,
        *,
        unit: str | None = None,
        criterion: str | None = None,
        stage: str | None = None,
        judge: str | None = None,
        account: str | None = None,
    ) -> Subject:
        """How the person stands to the contest, or to a unit, criterion or sheet of it."""
        sheet = {} if unit is None else self._sheet(unit, stage or "self", judge or "")
        return Subject(
            contest=self.contest,
            phase=Phase(self.row["phase"]),
            unit=unit,
            criterion=criterion,
            stage=stage,
            judge=judge,
            account=account,
            assigned=unit is not None and self.is_assigned(unit, criterion),
            published=self.published,
            conflicted=bool(self.conflicts) if unit is None else unit in self.conflicts,
            sealed=self._is_sealed(sheet) if unit is not None and stage == "judge" and judge else self.sealed,
            submitted=None if unit is None else sheet.get("status") in HANDED_IN,
        )

    def may(self, verb: str, **about: str | None) -> bool:
        """Whether the person may do it."""
        return allowed(self.actor, verb, self.subject(**about))

    def need(self, verb: str, **about: str | None) -> Subject:
        """How the person stands to it, refused as not found unless he may do it."""
        subject = self.subject(**about)
        require(self.actor, verb, subject)
        return subject

    def is_assigned(self, unit: str, criterion: str | None) -> bool:
        """Whether this unit (and criterion) is among what was assigned."""
        return any(there in ("", unit) and (criterion is None or what in ("", criterion)) for there, what in self.tasks)

    def look_up_sheets(self, stage: str = "self") -> None:
        """Look up all sheets of a stage at once, before a question about each of thousands of units."""
        found = rows(self.connection, tables.sheet, contest=self.contest, stage=stage)
        self._sheets |= {row["id"]: row for row in found}
        self._all_known.add(stage)

    def _sheet(self, unit: str, stage: str, judge: str) -> Row:
        place = sheet_id(self.contest, unit, stage, judge)
        if stage in self._all_known:
            return self._sheets.get(place, {})
        if place not in self._sheets:
            self._sheets[place] = sheet_row(self.connection, self.contest, unit, stage, judge)
        return self._sheets[place]

    def _is_sealed(self, sheet: Row) -> bool:
        """A sheet is sealed until it was opened; of a judge who no longer counts, until the others were."""
        if not self.row["revealed"] or not sheet:
            return not self.row["revealed"]
        return sheet["status"] != "revealed" and (sheet["author"], sheet["unit"]) in self._counted

    @cached_property
    def _counted(self) -> frozenset[tuple[str, str]]:
        found = self.connection.execute(_unopened(self.contest))
        return frozenset((row.author, row.unit) for row in found)


def sealed(connection: Connection, contest: Row) -> bool:
    """Whether a contest has sheets of judges that were not opened: all of them, or those begun since."""
    return not contest["revealed"] or connection.execute(_unopened(contest["id"])).first() is not None


def _unopened(contest: str) -> Select[tuple[str, str]]:
    """The unopened sheets of those who count: of the panel, not removed, without a conflict with the unit."""
    sheet, member, conflict = tables.sheet, tables.panel_member, tables.conflict
    barred = exists().where(
        conflict.c.contest == contest, conflict.c.account == sheet.c.author, conflict.c.unit == sheet.c.unit
    )
    return (
        select(sheet.c.author, sheet.c.unit)
        .join(member, (member.c.account == sheet.c.author) & (member.c.contest == contest) & (member.c.removed == 0))
        .where(sheet.c.contest == contest, sheet.c.stage == "judge", sheet.c.status != "revealed", ~barred)
    )


def subject_of(connection: Connection, actor: Actor, contest: str, **about: str | None) -> Subject:
    """How a person stands to a contest, or to a unit, criterion or sheet of it; see Footing."""
    return Footing(connection, actor, contest).subject(**about)


def need(connection: Connection, actor: Actor, verb: str, contest: str, **about: str | None) -> Subject:
    """The same, refused as not found unless the person may do it."""
    return Footing(connection, actor, contest).need(verb, **about)


def may(connection: Connection, actor: Actor, verb: str, contest: str, **about: str | None) -> bool:
    """Whether the person may do it."""
    return Footing(connection, actor, contest).may(verb, **about)


def sheet_row(connection: Connection, contest: str, unit: str, stage: str, judge: str) -> Row:
    """One sheet, empty when nobody has begun it."""
    found = rows(connection, tables.sheet, id=sheet_id(contest, unit, stage, judge))
    return found[0] if found else {}


def sheet_id(contest: str, unit: str, stage: str, judge: str) -> str:
    """The key of a sheet: one for each unit and stage, of judges one for each of them as well."""
    return "/".join((contest, unit, stage, judge if stage == "judge" else ""))
