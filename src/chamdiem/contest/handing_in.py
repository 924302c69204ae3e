"""Handing in a sheet: what it still lacks stands in the way, unless whoever hands it in says why it is handed in so."""

from __future__ import annotations

from chamdiem.contest.judging import Receipt, submit_sheet
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Stage
from chamdiem.contest.sheets import Lack, OpenSheet, figures_of, lacks, open_sheet
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.store.database import Store


def lacking(store: Store, sheet: OpenSheet) -> list[Lack]:
    """What a sheet still lacks before it may be handed in without a word."""
    return list(lacks(sheet, figures_of(store, sheet))) if sheet.own else []


def need_whole(store: Store, sheet: OpenSheet, reason: str) -> None:
    """Refuse, with everything it lacks, a sheet that is not whole; a reason lets it pass and stands in the journal."""
    missing = [] if reason.strip() else lacking(store, sheet)
    if missing:
        why = Problem(Where(), message("judging.incomplete", unit=sheet.unit.name or sheet.unit.code, n=len(missing)))
        raise Refusal([why, *(Problem(Where(), said_of(one)) for one in missing)])


def said_of(lack: Lack) -> Message:
    """What a criterion lacks, as a sentence."""
    return message(f"judging.lacks_{lack.what}", code=lack.criterion, title=lack.title)


def hand_in(
    store: Store, actor: Actor, contest: str, unit: str, stage: Stage, reason: str = "", *, key: str = ""
) -> Receipt:
    """Hand in a sheet that is whole, or one that is not with the reason; sealed as `submit_sheet` says."""
    sheet = open_sheet(store, actor, contest, unit, stage)
    if not sheet.may_submit:
        raise refuse("permission.not_found")
    need_whole(store, sheet, reason)
    return submit_sheet(store, actor, contest, unit, stage, reason=reason, key=key)
