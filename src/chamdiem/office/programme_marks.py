"""Answers that a programme's record gives to a year-end criteria set: sums of submitted reports, reports on time, surveys.

An answer comes with its reference, which a mark keeps as its note and which is never typed: `bao-cao:<report>#<first 16
signs of its hash>`, `han-bao-cao:<programme>/<member>/<year>#<first 16 signs of the hash over the deliveries>`, or of a
survey as in `survey_marks`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from chamdiem.contest.law import law_of
from chamdiem.contest.marking import Entry, check, enter_marks
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, contest_row, rows
from chamdiem.criteria.model import Node
from chamdiem.criteria.sources import FromDeadlines, FromReports, FromSurvey
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.office.footing import Footing
from chamdiem.office.programmes_begun import law_for
from chamdiem.office.report_content import from_text
from chamdiem.office.report_rows import LOCKED, Owed, holds, owed_in, report_called
from chamdiem.office.survey_marks import Rule, figures_of, is_about, reference_in
from chamdiem.office.survey_rounds import CLOSED, called, round_row
from chamdiem.programmes.delivery import delivery
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.journal import canonical
from chamdiem.surveys.library import load

HASH_SHOWN = 16
SHARE = {"done", "of"}
REFERENCE = re.compile(rf"(?:(?:bao-cao|han-bao-cao|khao-sat:[a-z0-9-]+):\S+#[0-9a-f]{{{HASH_SHOWN}}} ?)+")


@dataclass(frozen=True)
class Answer:
    """What the record says to a criterion: the answer as it is marked, and the reference as the mark keeps it."""

    answer: str
    reference: str


def answers_for(
    store: Store, actor: Actor, programme: str, member: str, leaves: Sequence[Node], year: int, *, as_of: date
) -> dict[str, Answer | Message]:
    """The answers to these criteria for a member in a year, as things stand at the end of a day; or why there is none.

    Only criteria whose source is a report or the due dates of the document behind this programme are answered, and those
    whose source is a survey.
    """
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        footing.need("programme.read", member)
        if member not in footing.members:
            raise refuse("programme.unknown_member", member=member)
        return dict(_answers(footing, member, leaves, year, as_of))


def _answers(
    footing: Footing, member: str, leaves: Sequence[Node], year: int, as_of: date
) -> Iterator[tuple[str, Answer | Message]]:
    of = law_for(footing.row).programme.id
    owed = [one for one in owed_in(footing) if one.member is not None and one.member["code"] == member]
    for leaf in leaves:
        source = leaf.source
        if isinstance(source, FromReports) and source.programme == of:
            yield leaf.code, _from_report(footing, owed, source, year, as_of)
        if isinstance(source, FromDeadlines) and source.programme == of:
            yield leaf.code, _from_deadlines(footing, member, owed, source, year, as_of)
        if isinstance(source, FromSurvey) and isinstance(leaf.rule, Rule):
            yield leaf.code, _from_survey(footing, member, source, leaf.rule, year, as_of)


def _from_survey(
    footing: Footing, member: str, source: FromSurvey, rule: Rule, year: int, as_of: date
) -> Answer | Message:
    """What the closed surveys of this questionnaire say of the member that end in the year and began by the day."""
    connection, units = footing.connection, {member, footing.members[member]["unit"]}
    asked = {row["id"]: row for row in rows(connection, tables.questionnaire, code=source.survey)}
    found = [
        row
        for row in rows(connection, tables.survey_round, programme=footing.programme)
        if row["questionnaire"] in asked and row["unit"] in units
        if row["closes_on"][:4] == str(year) and row["opens_on"] <= as_of.isoformat()
    ]
    if not found:
        return message("feed.no_survey", year=str(year), title=load(source.survey).title)
    if waiting := [called(connection, row) for row in found if row["status"] != CLOSED]:
        return message("feed.survey_open", rounds=waiting)
    try:
        said = figures_of(connection, rule, found)
    except Refusal as refusal:
        return refusal.problems[0].message
    return Answer(said.answer, said.reference)


def _from_report(
    footing: Footing, owed: Sequence[Owed], source: FromReports, year: int, as_of: date
) -> Answer | Message:
    """The sums since January of the last report of the year: the one whose period ends last, then that came last."""
    found = [
        (one.due.period.last, one.row["delivered_on"], one.row["id"], one.row)
        for one in owed
        if one.row is not None and one.row["status"] in LOCKED and one.row["delivered_on"] <= as_of.isoformat()
        if one.due.period.last is not None and one.due.period.last.year == year
    ]
    if not found:
        return message("feed.no_report", year=str(year))
    row: Row = max(found, key=lambda each: each[:3])[3]
    if not holds(footing.connection, row):
        return message("report.hash_differs", report=report_called(footing.connection, row))
    sums = {line.name: line.so_far for line in from_text(row["figures"]).figures}
    if absent := [name for name in source.figures.values() if sums.get(name) is None]:
        known = law_for(footing.row).figures
        titles = {one.key: one.title for one in known.figures} if known else {}
        names = [titles.get(name, name) for name in absent]
        return message("feed.no_figure", names=names, report=report_called(footing.connection, row))
    values = _whole({part: str(sums[name]) for part, name in source.figures.items()})
    return Answer(_said(values), f"bao-cao:{row['id']}#{row['content_hash'][:HASH_SHOWN]}")


def _from_deadlines(
    footing: Footing, member: str, owed: Sequence[Owed], source: FromDeadlines, year: int, as_of: date
) -> Answer | Message:
    """How many reports came due up to the day, on time (early ones too), late, not at all; merged ones count each."""
    about = [one for one in owed if _is_about(one, source, year)]
    if unset := [one.due.called for one in about if one.due.until is None]:
        return message("feed.day_not_set", reports=unset)
    counts, facts = dict.fromkeys(("due", "on_time", "late", "missing"), 0), []
    for one in about:
        if (word := _word(one, as_of)) is not None:
            counts["due"] += 1
            counts[word] += 1
            facts.append((one.due.key, one.row["delivered_on"] if one.row and word != "missing" else ""))
    if not counts["due"]:
        return message("feed.nothing_due", year=str(year))
    seal = hashlib.sha256(canonical({"facts": sorted(facts)}).encode()).hexdigest()
    values = {part: str(counts[name]) for part, name in source.figures.items()}
    return Answer(_said(values), f"han-bao-cao:{footing.programme}/{member}/{year}#{seal[:HASH_SHOWN]}")


def _is_about(one: Owed, source: FromDeadlines, year: int) -> bool:
    day = one.due.until or one.due.period.last
    named = one.due.duty in source.duties if source.duties else one.due.what != "task"
    return named and day is not None and day.year == year


def _word(one: Owed, as_of: date) -> str | None:
    """on_time, late or missing at the end of a day; None while there is still time."""
    delivered = one.delivered_on
    if delivered is not None and delivered <= as_of:
        return "on_time" if delivery(one.due, delivered).in_time else "late"
    return "missing" if one.due.until is not None and one.due.until < as_of else None


def _whole(values: Mapping[str, str]) -> Mapping[str, str]:
    """The parts of a share, all times the same power of ten until none has decimals: the share is the same, exactly, and
    marks take whole parts alone. Figures as they are in the report that the reference names are left to the report."""
    if set(values) != SHARE:
        return values
    amounts = {part: Decimal(value).normalize() for part, value in values.items()}
    places = max(0, *(-int(amount.as_tuple().exponent) for amount in amounts.values()))
    return {part: str(int(amount.scaleb(places))) for part, amount in amounts.items()}


def _said(values: Mapping[str, str]) -> str:
    """The answer in the words in which marks are written."""
    return next(iter(values.values())) if len(values) == 1 else "; ".join(f"{k}: {v}" for k, v in values.items())


def enter_from_programme(
    store: Store,
    actor: Actor,
    contest: str,
    unit: str,
    stage: str,
    programme: str,
    member: str,
    year: int,
    *,
    as_of: date,
    criteria: Collection[str] = (),
    reason: str = "",
) -> dict[str, Answer | Message]:
    """Mark a unit by what the record of a member says, all criteria at once or these alone; the note of each mark is the
    reference. Returns each answer, or why there is none and nothing was marked. As entering any marks.

    Raises Refusal: a criterion that was named takes no figures from this programme, or the record gives none; nothing is
    marked at all.
    """
    with store.read() as connection:
        law = law_of(connection, contest_row(connection, contest)["criteria"])
    leaves = [leaf for leaf in law.leaves if not criteria or leaf.code in criteria]
    said = answers_for(store, actor, programme, member, leaves, year, as_of=as_of)
    with store.read() as connection:
        title = rows(connection, tables.programme, id=programme)[0]["title"]
        asked = {code: message("feed.not_from_here", code=code, programme=title) for code in criteria}
        fit = {code: _fit(connection, contest, unit, stage, code, one) for code, one in said.items()}
    found = {**asked, **fit}
    none = {code: one for code, one in found.items() if isinstance(one, Message)}
    if criteria and none:
        raise Refusal([Problem(Where(path=(code,)), why) for code, why in none.items()])
    given = [Entry(code, one.answer, one.reference) for code, one in found.items() if isinstance(one, Answer)]
    if not given:
        raise refuse("feed.nothing")
    enter_marks(store, actor, contest, unit, stage, given, reason=reason)
    return found


def _fit(
    connection: Connection, contest: str, unit: str, stage: str, code: str, found: Answer | Message
) -> Answer | Message:
    """An answer that the engine takes; else why it takes none: a share of nothing, a survey about another unit."""
    if isinstance(found, Answer):
        reference = reference_in(found.reference)
        asked = [round_row(connection, one) for one in reference.rounds] if reference else []
        if foreign := [called(connection, row) for row in asked if not is_about(connection, row, contest, unit)]:
            return message("survey.foreign_round", rounds=foreign, unit=unit)
        try:
            check(connection, contest, unit, stage, "", [Entry(code, found.answer)])
        except Refusal as refusal:
            return message("feed.cannot_be_marked", answer=found.answer, why=refusal.problems[0].message)
    return found


def faults(
    store: Store, actor: Actor, contest: str, members: Mapping[str, tuple[str, str]], year: int, *, as_of: date
) -> list[Message]:
    """Marks whose note is a reference to a programme, and which do not say what it says: changed by hand, or the record
    is another one now. `members` are the programme and member behind each unit."""
    with store.read() as connection:
        criteria = law_of(connection, contest_row(connection, contest)["criteria"])
        marks = [one for one in rows(connection, tables.mark, contest=contest) if REFERENCE.fullmatch(one["note"])]
    wrong = []
    for mark in marks:
        leaves = [leaf for leaf in criteria.leaves if leaf.code == mark["criterion"]]
        try:
            found = answers_for(store, actor, *members[mark["unit"]], leaves, year, as_of=as_of)[mark["criterion"]]
        except (KeyError, Refusal):
            found = message("feed.not_from_here", code=mark["criterion"], programme="")
        if found != Answer(mark["answer"], mark["note"]):
            values = {"unit": mark["unit"], "code": mark["criterion"], "note": mark["note"][:200]}
            wrong.append(message("feed.mark_differs", **values))
    return wrong
