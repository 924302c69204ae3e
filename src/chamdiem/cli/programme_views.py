"""What the terminal shows of programmes: the list, a document to proof-read, the calendar of what is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from chamdiem.cli.views import console
from chamdiem.exchange.criteria_words import basis_shown
from chamdiem.programmes.delivery import mergeable
from chamdiem.programmes.due import Due, when_needed
from chamdiem.programmes.library import content_hash
from chamdiem.programmes.model import Owners, Programme
from chamdiem.programmes.organisations import name_on
from chamdiem.words import plain, say, shown


def head_record(programme: Programme) -> dict[str, object]:
    """What a programme is, on one line."""
    return {
        "id": f"{programme.id}@{programme.version}", "title": programme.title, "status": programme.status,
        "number": programme.document.number, "date": programme.document.date.isoformat(),
        "issuer": programme.document.issuer, "tasks": sum(1 for _ in programme.tasks), "duties": len(programme.duties),
        "recipients": len(programme.recipients), "content_hash": content_hash(programme),
    }  # fmt: skip


def due_record(due: Due) -> dict[str, object]:
    """One thing that is due, for machines: days as ISO text, null where nothing is set or known."""

    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    period = due.period
    return {
        "key": due.key, "programme": due.programme, "duty": due.duty, "title": due.title, "what": due.what,
        "period": {
            "id": period.id, "every": period.every, "from": day(period.first), "to": day(period.last),
            "label": say(period.label),
        },
        "stage": due.stage, "by": list(due.by), "to": list(due.to), "via": list(due.via), "collects": due.collects,
        "origin": due.origin, "limit": due.limit, "named": day(due.named), "first": day(due.first),
        "last": day(due.last), "until": day(due.until), "rule": say(due.rule), "works": due.works,
        "working_before": day(due.working_before), "working_after": day(due.working_after), "sure": due.sure,
        "in_force": due.in_force,
    }  # fmt: skip


def is_owed_by(programme: Programme, due: Due, office: str) -> bool:
    """Whether an office owes this: by its id, or by a part of its name, with or without diacritics."""
    return not office or any(
        office == each or plain(office) in plain(programme.organisation(each).name) for each in due.by
    )


def show_list(programmes: Sequence[Programme]) -> None:
    """Each programme with its document."""
    for one in programmes:
        document = one.document
        console().print(Text(f"{one.id}@{one.version}", style="bold"), Text(f"({say(f'status.{one.status}')})"))
        console().print(Text(f"  {one.title}"))
        values = {"kind": document.kind, "number": document.number, "date": document.date, "issuer": document.issuer}
        console().print(Text(f"  {say('programme.document', **values)}"))
        counts = {"tasks": sum(1 for _ in one.tasks), "duties": len(one.duties)}
        console().print(Text(f"  {say('programme.counts', **counts)}"))


def show_programme(programme: Programme) -> None:
    """The whole document, to be proof-read beside the original."""
    out, document = console(), programme.document
    out.print(Text(programme.title, style="bold"))
    out.print(Text(f"{programme.id}@{programme.version} — {say(f'status.{programme.status}')}", style="bold yellow"))
    values = {"kind": document.kind, "number": document.number, "date": document.date, "issuer": document.issuer}
    for line in (say("programme.document", **values), document.title, programme.note, *_terms(programme)):
        out.print(Text(line or ""))
    for group in programme.groups:
        tree = Tree(Text(f"{group.code}. {f'{group.title} ' if group.title else ''}[{group.clause}]", style="bold"))
        for task in group.tasks:
            branch = tree.add(Text(f"{task.code}. {task.text}"))
            branch.add(Text(_owners(programme, programme.owners_of(task)), style="cyan"))
            if task.timing:
                branch.add(Text(say("programme.timing", words=task.timing), style="magenta"))
        out.print(tree)
    for title, lines in (
        ("programme.calendar", _duties(programme)),
        ("programme.recipients", (one.text for one in programme.recipients)),
        ("programme.quirks", (f"“{one.quote}”: {one.note}" for one in programme.quirks)),
    ):
        tree = Tree(Text(say(title), style="bold"))
        for line in list(lines) or [say("programme.none_written")]:
            tree.add(Text(line))
        out.print(tree)


def _terms(programme: Programme) -> Iterable[str]:
    yield from map(basis_shown, programme.legal_basis)
    span = programme.effective
    yield say("show.period", start=span.from_, end=span.to or say("show.no_end"))
    if programme.replaces is not None:
        yield say("show.replaces", other=f"{programme.replaces.number} ({shown(programme.replaces.date)})")
    yield say("programme.objects", names=_names(programme, programme.objects))
    for linked in programme.criteria:
        yield say("programme.criteria", set=linked.set, note=linked.note)


def _names(programme: Programme, ids: Iterable[str]) -> list[str]:
    return [programme.organisation(each).name for each in ids]


def _owners(programme: Programme, owners: Owners) -> str:
    words = say("programme.lead", names=_names(programme, owners.lead))
    return f"{words} {say('programme.with', names=_names(programme, owners.with_))}" if owners.with_ else words


def _duties(programme: Programme) -> Iterable[str]:
    for duty in programme.duties:
        for stage in duty.stages:
            yield say(
                "programme.duty",
                title=duty.title,
                every=say(f"every.{duty.every}"),
                stage=stage.title,
                quote=stage.quote,
                by=_names(programme, stage.by),
                to=_names(programme, stage.to) or say("programme.none_written"),
            )


def show_calendar(dues: Sequence[Due], programmes: Sequence[Programme]) -> None:
    """What is due, in order; what waits for a day; what could be merged; what is due when somebody asks."""
    known, out = {one.id: one for one in programmes}, console()
    table = Table(show_lines=True)
    for column, share in (("due", 3), ("what", 5), ("who", 3)):
        table.add_column(say(f"programme.column_{column}"), overflow="fold", ratio=share)
    for due in dues:
        table.add_row(Text(_when(due)), Text(_what(due, known[due.programme])), Text(_who(due, known[due.programme])))
    out.print(table if dues else Text(say("programme.nothing_due")))
    for merged in mergeable(dues):
        first = merged.parts[0]
        out.print(Text(say("programme.may_merge", day=first.last, title=first.programme, periods=say(merged.label))))
    unset = sum(due.last is None for due in dues)
    if unset:
        out.print(Text(say("programme.unset", n=unset)))
    for programme in programmes:
        for duty, stage in when_needed(programme):
            out.print(Text(say("programme.when_needed", title=duty.title, by=_names(programme, stage.by))))


def _when(due: Due) -> str:
    if due.last is None:
        return say("reminder.not_set")
    day = f"{say(f'weekday.{due.last.weekday()}')} {shown(due.last)}"
    return "\n".join((day, say(due.rule), *map(say, due.beside)))


def _what(due: Due, programme: Programme) -> str:
    lines = [f"{due.title} — {say(due.period.label)}", due.stage_title, due.key]
    if not due.in_force:
        lines.append(say("due.beyond", start=programme.effective.from_, end=programme.effective.to or "…"))
    return "\n".join(lines)


def _who(due: Due, programme: Programme) -> str:
    on = due.last or due.period.last
    names = {
        name: [name_on(programme, each, on) for each in ids]
        for name, ids in (("by", due.by), ("to", due.to), ("via", due.via))
    }
    return "\n".join(say(f"ical.{name}", names=some) for name, some in names.items() if some)
