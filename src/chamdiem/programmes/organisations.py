"""Who an organisation is on a given day: itself, those that came after it, or nobody any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chamdiem.programmes.model import Organisation, Programme
from chamdiem.words import say

MOST_STEPS = 20  # of successions and of what stands within what; the checks refuse circles


def holders(programme: Programme, id: str, day: date) -> tuple[Organisation, ...]:  # noqa: A002 - it is one
    """Who stands for this organisation on this day: itself, its successors, or nobody when it ended without any.

    A part of what has ended without a successor ended with it; a part of what has a successor goes on by its own name.
    """
    return tuple(dict.fromkeys(_holders(programme, programme.organisation(id), day, MOST_STEPS)))


def gone(programme: Programme, ids: Iterable[str], day: date) -> tuple[Organisation, ...]:
    """Those of these organisations that nobody stands for on this day: whom to report to is then to be asked."""
    return tuple(programme.organisation(each) for each in ids if not holders(programme, each, day))


def name_on(programme: Programme, id: str, day: date | None) -> str:  # noqa: A002
    """The name of an organisation on a day: as in the document, with who has come after it; or that it is no more."""
    known = programme.organisation(id)
    found = (known,) if day is None else holders(programme, id, day)
    if found == (known,):
        return known.name
    now = [one.name for one in found]
    return say("organisation.now", name=known.name, now=now) if now else say("organisation.gone", name=known.name)


def ended_on(programme: Programme, organisation: Organisation) -> date | None:
    """The last day there was this organisation or what it stood within; None while there is no end."""
    ends = [organisation.to] if organisation.to else []
    around = organisation
    for _ in range(MOST_STEPS):
        if around.within is None:
            break
        around = programme.organisation(around.within)
        ends += [around.to] if around.to and not around.succeeded_by else []
    return min(ends, default=None)


def _holders(programme: Programme, one: Organisation, day: date, steps: int) -> Iterable[Organisation]:
    after = one.succeeded_by
    if after is not None and day >= after.from_ and steps:
        for each in after.by:
            yield from _holders(programme, programme.organisation(each), day, steps - 1)
        return
    end = ended_on(programme, one)
    if end is None or day <= end:
        yield one
