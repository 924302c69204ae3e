"""What the terminal shows of field work: lists and records of difficulties, visits, support, sponsors, and a commune."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.table import Table

from chamdiem.cli.views import console
from chamdiem.contest.record import Row
from chamdiem.errors import Message
from chamdiem.office.charges import Gap, Held
from chamdiem.office.commune_record import Descent, Published, Work
from chamdiem.office.difficulties import Waiting, steps_of
from chamdiem.office.field_entry import shown_day
from chamdiem.office.lineage import Kept
from chamdiem.office.support import GROUPINGS, LABOUR, MONEY, WITHDRAWN, Sum, Version, sums, total
from chamdiem.office.support_importing import Line, summed
from chamdiem.office.visits import difficulties_in, notice_of
from chamdiem.points import read_number
from chamdiem.words import say, shown


def _table(title: str, *columns: str) -> Table:
    table = Table(title=say(f"field.title_{title}"), title_justify="left")
    for column in columns:
        table.add_column(say(f"field.{column}"))
    return table


def _print(table: Table, rows: Iterable[Sequence[object]]) -> None:
    page = console()
    for row in rows:
        table.add_row(*(shown(cell) for cell in row))
    page.print(table if table.row_count else say("field.none"))


def _level(level: str) -> str:
    return say(f"level.{level}")


# difficulties -------------------------------------------------------------------------------------------------------


def difficulty_record(row: Row) -> dict[str, Any]:
    """A difficulty with its way, for machines."""
    names = ("unit", "member", "words", "proposal", "level", "status", "raised_on", "due", "answer", "answered_by")
    steps = [{**vars(step)} for step in steps_of(row)]
    return {"key": row["id"], **{name: row[name] for name in (*names, "answered_on")}, "steps": steps}


def show_difficulties(found: Sequence[Row]) -> None:
    """The difficulties of a programme, for people."""
    table = _table("difficulties", "key", "unit", "raised_on", "words", "proposal", "level", "answer", "answered_on")
    _print(
        table,
        (
            (
                row["id"], row["unit"], shown_day(row["raised_on"]), row["words"], row["proposal"], _level(row["level"]),
                row["answer"], shown_day(row["answered_on"]),
            )
            for row in found
        ),
    )  # fmt: skip


def waiting_record(one: Waiting) -> dict[str, Any]:
    """A difficulty that waits, for machines."""
    whom = [{"code": unit.code, "name": unit.name} for unit in one.whom]
    about = {"key": one.row["id"], "unit": one.row["unit"], "level": one.level, "whom": whom, "due": one.due}
    return {**about, "since": one.since.isoformat(), "late": one.late, "stranded": one.stranded}


def show_waiting(found: Sequence[Waiting]) -> None:
    """Who must answer now, for people."""
    table = _table("waiting", "key", "since", "words", "level", "whom", "due", "status")
    _print(
        table,
        (
            (
                one.row["id"], one.since, one.row["words"], _level(one.level), [unit.name for unit in one.whom],
                shown_day(one.due), _marks(one),
            )
            for one in found
        ),
    )  # fmt: skip


def _marks(one: Waiting) -> list[str]:
    said = {"field.late": one.late, "field.stranded": one.stranded}
    return [say(id) for id, so in said.items() if so]  # noqa: A001 - the catalogue calls it an id


# visits -------------------------------------------------------------------------------------------------------------


def visit_record(row: Row) -> dict[str, Any]:
    """A visit, for machines."""
    names = ("unit", "member", "planned_on", "announced_on", "held_on", "content", "status", "result", "findings")
    about = {"key": row["id"], **{name: row[name] for name in names}}
    return {**about, "notice": notice_of(row).value, "difficulties": difficulties_in(row)}


def show_visits(found: Sequence[Row]) -> None:
    """The visits of a programme, for people."""
    table = _table("visits", "key", "unit", "announced_on", "planned_on", "held_on", "content", "result", "status")
    _print(
        table,
        (
            (
                row["id"], row["unit"], *(shown_day(row[name]) for name in ("announced_on", "planned_on", "held_on")),
                row["content"], row["result"],
                say("field.called_off") if row["status"] == "cancelled" else say(f"visit.{notice_of(row)}"),
            )
            for row in found
        ),
    )  # fmt: skip


# support ------------------------------------------------------------------------------------------------------------


def entry_record(row: Row) -> dict[str, Any]:
    """An entry of the ledger, for machines."""
    names = ("unit", "member", "kind", "amount", "name", "measure", "worth", "source", "purpose", "given_on", "note")
    return {"key": row["id"], **{name: row[name] for name in (*names, "status", "reason")}}


def sum_record(one: Sum) -> dict[str, Any]:
    """A sum, for machines; shares of a day or a thing are exact."""
    goods = [{"name": name, "measure": measure, "amount": str(n)} for (name, measure), n in one.goods.items()]
    return {
        "entries": one.entries, "money": one.money, "labour": str(one.labour), "worth": one.worth,
        "unpriced": one.unpriced, "goods": goods,
    }  # fmt: skip


def ledger_record(found: Sequence[Row], by: str) -> dict[str, Any]:
    """The ledger with its sums, for machines."""
    grouped = {key: sum_record(one) for key, one in sums(found, GROUPINGS[by]).items()}
    return {"entries": [entry_record(row) for row in found], "sums": grouped, "total": sum_record(total(found))}


def amount(row: Row) -> str:
    """How much of what: 5.000.000 đồng, 12,5 công, 3 con bò giống."""
    number = read_number(row["amount"].replace(".", ","), 2)
    if row["kind"] in (MONEY, LABOUR):
        return say(f"field.amount_{row['kind']}", n=number)
    worth = int(row["worth"]) if row["worth"] else None
    said = say("field.amount_goods", n=number, measure=row["measure"], name=row["name"])
    return said if worth is None else say("field.amount_worth", said=said, worth=worth)


def show_ledger(found: Sequence[Row], by: str) -> None:
    """The ledger with its sums, for people."""
    table = _table("ledger", "key", "given_on", "unit", "amount", "source", "purpose", "status")
    _print(
        table,
        (
            (
                row["id"], shown_day(row["given_on"]), row["unit"], amount(row), row["source"], row["purpose"],
                say("field.withdrawn_because", reason=row["reason"]) if row["status"] == WITHDRAWN else "",
            )
            for row in found
        ),
    )  # fmt: skip
    groups = [*sums(found, GROUPINGS[by]).items(), (say("field.all"), total(found))]
    table = _table("sums", f"by_{by}", "entries", "money", "labour", "goods", "worth")
    _print(table, ((key, one.entries, one.money, one.labour, _goods(one), _worth(one)) for key, one in groups))


def _goods(one: Sum) -> list[str]:
    return [say("field.amount_goods", n=n, measure=measure, name=name) for (name, measure), n in one.goods.items()]


def _worth(one: Sum) -> str:
    return shown(one.worth) if not one.unpriced else say("field.worth_at_least", worth=one.worth, n=one.unpriced)


def version_record(one: Version) -> dict[str, Any]:
    """An entry as it stood, for machines."""
    return {"at": one.at.isoformat(), "account": one.account, "reason": one.reason, "entry": entry_record(one.row)}


def show_history(found: Sequence[Version]) -> None:
    """All that an entry has said, for people."""
    table = _table("history", "at", "account", "amount", "source", "purpose", "reason")
    _print(
        table,
        ((one.at, one.account, amount(one.row), one.row["source"], one.row["purpose"], one.reason) for one in found),
    )


def import_record(lines: Sequence[Line], entered: int) -> dict[str, Any]:
    """What a workbook says beside the ledger, row by row, and how many rows were entered, for machines."""
    found = [{"place": line.place, "known": line.known, "entry": line.said} for line in lines]
    known = sum(line.known for line in lines)
    return {"entered": entered, "new": len(lines) - known, "known": known, "rows": found}


def show_preview(lines: Sequence[Line]) -> None:
    """What would be entered, every new row, for people."""
    table = _table("import", "cell", "given_on", "unit", "amount", "source", "purpose", "member")
    _print(table, ((line.place, *_told(line.said)) for line in lines if not line.known))
    console().print(say(summed(lines)))


def _told(row: Row) -> tuple[object, ...]:
    return shown_day(row["given_on"]), row["unit"], amount(row), row["source"], row["purpose"], row["member"]


# sponsors -----------------------------------------------------------------------------------------------------------


def held_record(one: Held) -> dict[str, Any]:
    """Who is in charge of a commune, for machines."""
    charges = [
        {
            "key": each.row["id"], "leader": each.row["leader"], "member": each.row["member"],
            "decision": each.row["decision"], "valid_from": each.row["valid_from"], "valid_to": each.row["valid_to"],
            "beyond_term": each.beyond_term, "inherited": each.inherited, "of": each.origin.unit.code,
        }
        for each in one.charges
    ]  # fmt: skip
    return {"unit": one.unit.code, "name": one.unit.name, "charges": charges}


def show_standing(found: Sequence[Held], day: object) -> None:
    """Who is in charge of each commune, for people."""
    table = _table("standing", "unit", "leader", "decision", "valid_from", "status")
    rows: list[Sequence[object]] = []
    for one in found:
        unit = f"{one.unit.name} ({one.unit.code})"
        rows += [(unit, say("field.nobody"), "", "", "")] if not one.charges else []
        for each in one.charges:
            marks = [say("field.beyond_term")] if each.beyond_term else []
            marks += [say(each.origin.said())] if each.inherited else []
            rows.append((unit, each.row["leader"], each.row["decision"], shown_day(each.row["valid_from"]), marks))
    _print(table, rows)


def gap_record(one: Gap) -> dict[str, Any]:
    """Days without anybody, for machines."""
    return {"unit": one.unit.code, "name": one.unit.name, "first": one.first.isoformat(), "last": one.last.isoformat()}


def show_gaps(found: Sequence[Gap]) -> None:
    """Days without anybody, for people."""
    table = _table("gaps", "unit", "valid_from", "valid_to")
    _print(table, ((f"{one.unit.name} ({one.unit.code})", one.first, one.last) for one in found))


# a commune ----------------------------------------------------------------------------------------------------------


def commune_record(descent: Descent, works: Sequence[Work], results: Sequence[Kept[Published]]) -> dict[str, Any]:
    """A commune with all that is on record, for machines."""
    return {
        "unit": descent.place.unit.code,
        "name": descent.place.label,
        "now": [unit.code for unit in descent.now],
        "made_of": [
            {
                "code": one.unit.code,
                "name": one.unit.name,
                "until": str(one.unit.valid_to or ""),
                "divided_with": [unit.code for unit in one.shared_with],
            }
            for one in descent.origins
            if not one.own
        ],
        "programmes": [
            {
                "programme": work.programme,
                "difficulties": [{**difficulty_record(kept.record), **_whose(kept)} for kept in work.difficulties],
                "visits": [{**visit_record(kept.record), **_whose(kept)} for kept in work.visits],
                "support": [{**entry_record(kept.record), **_whose(kept)} for kept in work.support],
                "sponsors": [
                    {"key": kept.record["id"], "leader": kept.record["leader"], **_whose(kept)}
                    for kept in work.assignments
                ],
            }
            for work in works
        ],
        "results": [
            {
                "contest": kept.record.contest,
                "title": kept.record.title,
                "total": kept.record.standing.total,
                "stars": kept.record.standing.stars,
                **_whose(kept),
            }
            for kept in results
        ],
    }


def _whose(kept: Kept[Any]) -> dict[str, Any]:
    return {"of": kept.origin.unit.code, "own": kept.origin.own, "whose": say(kept.origin.said())}


def show_commune(descent: Descent, works: Sequence[Work], results: Sequence[Kept[Published]]) -> None:
    """The same, for people."""
    page = console()
    page.print(say("field.commune_is", name=descent.place.label, code=descent.place.unit.code), soft_wrap=True)
    if descent.place.unit not in descent.now:
        now = [f"{unit.name} ({unit.code})" for unit in descent.now]
        said = "field.commune_divided" if len(now) > 1 else "field.commune_became"
        page.print(say(said, until=descent.place.unit.last_day, now=now), soft_wrap=True)
    for one in descent.origins:
        if not one.own:
            page.print(f"  • {say(one.said())}", soft_wrap=True)
    table = _table("commune", "record", "day", "words", "whose")
    _print(table, [row for work in works for row in _rows(work)] + [_result(kept) for kept in results])


def _rows(work: Work) -> list[Sequence[object]]:
    return [
        *_lines("thing.difficulty", work.difficulties, "raised_on", lambda row: row["words"]),
        *_lines("thing.visit", work.visits, "held_on", lambda row: row["content"]),
        *_lines("thing.support", work.support, "given_on", amount),
        *_lines("thing.sponsorship", work.assignments, "valid_from", lambda row: row["leader"]),
    ]


def _lines(what: str, kept: Iterable[Kept[Row]], on: str, told: Any) -> list[Sequence[object]]:
    return [
        (Message(what), shown_day(one.record[on] or one.record.get("planned_on", "")), told(one.record), _marked(one))
        for one in kept
    ]


def _result(kept: Kept[Published]) -> Sequence[object]:
    one = kept.record
    said = say("field.result_of", title=one.title, total=one.standing.total.replace(".", ","), stars=one.standing.stars)
    return (Message("field.result"), one.on, said, _marked(kept))


def _marked(kept: Kept[Any]) -> str:
    return "" if kept.origin.own else say(kept.origin.said())
