"""A programme as people read a plan: the document, what it rests on, its tasks word for word, its dates, its recipients."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from chamdiem.exchange.criteria_words import basis_shown
from chamdiem.pages.criteria_reading import COLOURS
from chamdiem.pages.desk import escaped
from chamdiem.pages.report_tasks import short
from chamdiem.programmes.model import Duty, Organisation, Owners, Passage, Programme, Task, TaskGroup
from chamdiem.words import plain, say, shown


def heading(law: Programme) -> None:
    """What it is called, how the words came here, and the document it is."""
    document = law.document
    st.subheader(escaped(law.title))
    st.markdown(f":{COLOURS[law.status]}-badge[{escaped(say(f'status.{law.status}'))}]")
    values = {
        "kind": document.kind,
        "number": numbered(document.number),
        "date": document.date,
        "issuer": document.issuer,
    }
    st.markdown(f"{escaped(say('programme.document', **values))}  \n{escaped(document.title)}")


def numbered(number: str) -> str:
    """A number as it is read: where the copy leaves its beginning blank, dots stand for it."""
    return f"…{number}" if number.startswith("/") else number


def show_text(law: Programme) -> None:
    """The whole document, or what was searched for."""
    query = st.text_input(
        say("programmes.search"), key=f"programmes:search/{law.id}@{law.version}", icon=":material/search:",
        placeholder=say("programmes.search_example"),
    )  # fmt: skip
    hits = found(law, query) if query.strip() else None
    if hits is not None:
        st.caption(escaped(say("programmes.found", n=len(hits))))
    else:
        _basis(law)
    for group in law.groups:
        if hits is None or any(task.code in hits for task in group.tasks):
            _group(law, group, hits)
    if hits is None:
        _duties(law)
        _recipients(law)
        _people(law)
        _copy(law)


def found(law: Programme, query: str) -> frozenset[str]:
    """The codes of the tasks in which all these words stand, whatever their diacritics: in the words of the document, in
    its clause, in who does it."""
    wanted = plain(query).split()
    return frozenset(
        task.code
        for group in law.groups
        for task in group.tasks
        if all(word in plain(" ".join(_texts(law, group, task))) for word in wanted)
    )


def _texts(law: Programme, group: TaskGroup, task: Task) -> Iterable[str]:
    owners = law.owners_of(task)
    yield from (task.code, task.clause, task.text, task.timing or "", task.note or "", group.title or "")
    yield from names(law, (*owners.lead, *owners.with_))


def names(law: Programme, ids: Iterable[str]) -> list[str]:
    """Organisations as the document calls them."""
    return [law.organisation(each).name for each in ids]


# the tasks --------------------------------------------------------------------------------------------------------------


def _group(law: Programme, group: TaskGroup, hits: frozenset[str] | None) -> None:
    first = short(group.tasks[0].text) if group.tasks and not group.title else ""
    title = " · ".join(filter(None, (group.title, group.clause, first))) or group.code
    title = title[:1].upper() + title[1:]
    tasks = [task for task in group.tasks if hits is None or task.code in hits]
    with st.expander(escaped(say("programmes.group", title=title, n=len(tasks))), expanded=hits is not None):
        if group.intro and hits is None:
            st.markdown(escaped(group.intro))
        for task in tasks:
            show_task(law, task)


def show_task(law: Programme, task: Task) -> None:
    """One task: its own words, then who does it, when, and where that stands."""
    st.markdown(f"**{escaped(task.code)}** · {escaped(task.text.strip())}")
    small = [owners_shown(law, law.owners_of(task))]
    small += [say("programme.timing", words=task.timing)] if task.timing else []
    small += [say("rubric.clause", clause=task.clause)]
    small += [task.note] if task.note else []
    st.caption("  \n".join(escaped(line.strip()) for line in small))


def owners_shown(law: Programme, owners: Owners) -> str:
    """Who leads and who takes part."""
    words = say("programme.lead", names=names(law, owners.lead))
    return f"{words} {say('programme.with', names=names(law, owners.with_))}" if owners.with_ else words


# around them ------------------------------------------------------------------------------------------------------------


def _basis(law: Programme) -> None:
    with st.expander(escaped(say("programmes.basis"))):
        for basis in law.legal_basis:
            st.markdown(f"- {escaped(basis_shown(basis))}" + (f"  \n  {escaped(basis.title)}" if basis.title else ""))
        span = law.effective
        lines = [say("show.period", start=span.from_, end=span.to or say("show.no_end"))]
        if law.replaces is not None:
            day = shown(law.replaces.date) if law.replaces.date else ""
            other = " · ".join(filter(None, (law.replaces.number, day, law.replaces.issuer)))
            lines.append(say("show.replaces", other=other))
        lines.append(say("programme.objects", names=names(law, law.objects)))
        lines += [say("programmes.criteria", note=one.note) for one in law.criteria]
        st.markdown("\n".join(f"- {escaped(line)}" for line in lines))
        if law.preamble:
            st.markdown(escaped(law.preamble.strip()))
        _passages(law.aims)


def _passages(passages: Iterable[Passage]) -> None:
    for one in passages:
        st.markdown(escaped(one.text.strip()))
        st.caption(escaped(say("rubric.clause", clause=one.clause)))


def _how_often(duty: Duty) -> str:
    """Every quarter, every year; or when somebody asks."""
    every = say(f"every.{duty.every}")
    return every if duty.every == "ad_hoc" else say("programmes.every", every=every)


def _duties(law: Programme) -> None:
    st.markdown(f"#### {escaped(say('programmes.duties'))}")
    for duty in law.duties:
        st.markdown(f"**{escaped(duty.title)}** · {escaped(_how_often(duty))}")
        for stage in duty.stages:
            who = say(
                "programmes.from_to", by=names(law, stage.by), to=names(law, stage.to) or say("programme.none_written")
            )
            st.markdown(f"- {escaped(stage.title)}: “{escaped(stage.quote.strip())}”  \n  :small[{escaped(who)}]")
    if not law.duties:
        st.caption(escaped(say("programme.none_written")))


def _recipients(law: Programme) -> None:
    st.markdown(f"#### {escaped(say('programme.recipients'))}")
    st.markdown("\n".join(f"- {escaped(one.text)}" for one in law.recipients) or escaped(say("programme.none_written")))
    _passages(law.closing)


def _people(law: Programme) -> None:
    with st.expander(escaped(say("programmes.organisations", n=len(law.organisations)))):
        st.markdown("\n".join(f"- {_organisation(law, one)}" for one in law.organisations))


def _organisation(law: Programme, one: Organisation) -> str:
    more = [say("programmes.within", name=law.organisation(one.within).name)] if one.within else []
    more += [say("programmes.until", day=one.to)] if one.to else []
    if one.succeeded_by is not None:
        after = one.succeeded_by
        more.append(say("programmes.succeeded", names=names(law, after.by), day=after.from_, source=after.source))
    more += [one.note] if one.note else []
    return escaped(one.name) + (f"  \n  :small[{escaped('; '.join(more))}]" if more else "")


def _copy(law: Programme) -> None:
    """How faithful the copy is, and where the document itself is strange."""
    with st.expander(escaped(say("programmes.copy"))):
        st.markdown(escaped(say("programmes.copied_from", source=law.document.copied_from)))
        if law.document.signer is not None:
            signer = " ".join(filter(None, (law.document.signer.title, law.document.signer.name)))
            st.markdown(escaped(say("programmes.signed", signer=signer)))
        if law.note:
            st.markdown(escaped(law.note.strip()))
        for one in law.quirks:
            st.markdown(f"- “{escaped(one.quote)}”: {escaped(one.note)}")
