"""A criteria set as people read a decision: title, legal basis, groups and criteria, conditions, stars, how it is counted."""

from __future__ import annotations

import streamlit as st

from chamdiem.criteria.editions import content_hash, structure_hash
from chamdiem.criteria.model import CriteriaSet, Node, Pool
from chamdiem.exchange.criteria_words import about, band_shown, bands_called, basis_shown, condition_shown, found, terms
from chamdiem.exchange.results_words import exceptions
from chamdiem.pages.criteria_editions import Edition
from chamdiem.pages.desk import escaped
from chamdiem.words import plain, say

COLOURS = {"official": "green", "transcribed": "blue", "illustrative": "orange"}


def show_reading(edition: Edition) -> None:
    """The whole set."""
    law = edition.criteria
    heading(law)
    query = st.text_input(
        say("rubric.search"), key=f"criteria:search/{edition.hash}", placeholder=say("rubric.search_example")
    )
    hits = found(law, query) if query.strip() else None
    if hits is not None:
        st.caption(escaped(say("rubric.found", n=len(hits))))
    for name, pool in law.pools:
        _pool(law, name, pool, hits)
    if hits is None:
        _conditions(law)
        _stars(law)
        _terms(law)


def heading(law: CriteriaSet) -> None:
    """Title, where the figures come from, what it rests on."""
    st.subheader(escaped(law.title))
    st.markdown(f":{COLOURS[law.status]}-badge[{escaped(say(f'status.{law.status}'))}]")
    for sentence in exceptions(law):
        st.caption(escaped(sentence))
    for basis in law.legal_basis:
        st.markdown(f"- {escaped(basis_shown(basis))}" + (f"  \n  {escaped(basis.title)}" if basis.title else ""))
    if law.note:
        with st.expander(say("rubric.note")):
            st.markdown(escaped(law.note))


# the rubric -------------------------------------------------------------------------------------------------------------


def _pool(law: CriteriaSet, name: str, pool: Pool, hits: frozenset[str] | None) -> None:
    nodes = [node for node in pool.nodes if hits is None or hits & _leaves(node)]
    if not nodes:
        return
    st.markdown(f"#### {escaped(say(f'pool.{name}'))} · {escaped(say('show.max', max=pool.max))}")
    for node in nodes:
        with st.expander(_head(node), expanded=hits is not None):
            _about(law, node, group=bool(node.nodes))
            for child in node.nodes:
                _node(law, child, hits)


def _leaves(node: Node) -> set[str]:
    return {one.code for one in node.walk() if not one.nodes}


def _head(node: Node) -> str:
    return f"**{escaped(node.code)}. {escaped(node.title)}** · {escaped(say('show.max', max=node.max))}"


def _node(law: CriteriaSet, node: Node, hits: frozenset[str] | None) -> None:
    if hits is not None and not hits & _leaves(node):
        return
    st.markdown(_head(node))
    _about(law, node, group=bool(node.nodes))
    for child in node.nodes:
        _node(law, child, hits)


def _about(law: CriteriaSet, node: Node, *, group: bool) -> None:
    """How it is scored and what it needs; the words of the decision where they say more than the title."""
    said = list(about(law, node))
    scored = [line.words for line in said if line.about in ("how", "structure")]
    if scored:
        st.markdown("\n".join(f"- {escaped(words)}" for words in scored))
    small = [line.words for line in said if line.about not in ("how", "structure")]
    if node.wording and (group or plain(node.wording) not in plain(node.title)):
        small.insert(0, say("rubric.wording", wording=node.wording.strip()))
    if node.clause:
        small.append(say("rubric.clause", clause=node.clause))
    if small:
        st.caption("  \n".join(escaped(words) for words in small))


# the decision -----------------------------------------------------------------------------------------------------------


def _conditions(law: CriteriaSet) -> None:
    if law.facts:
        st.markdown(f"#### {escaped(say('rubric.facts'))}")
        for fact in law.facts:
            clause = f"  \n  :small[{escaped(say('rubric.clause', clause=fact.clause))}]" if fact.clause else ""
            st.markdown(f"- {escaped(fact.title)}{clause}")
    for heading_id, cases in (("show.gates", law.gates), ("show.revocation", law.revocation)):
        if not cases:
            continue
        st.markdown(f"#### {escaped(say(heading_id))}")
        for case in cases:
            state = "" if getattr(case, "enabled", True) else f" ({say('show.disabled')})"
            when = condition_shown(law, case.when)
            more = [when] if plain(when) != plain(case.title) else []
            more += [say("rubric.clause", clause=case.clause)] if case.clause else []
            st.markdown(f"- {escaped(case.title + state)}" + "".join(f"  \n  :small[{escaped(line)}]" for line in more))


def _stars(law: CriteriaSet) -> None:
    if law.stars is None:
        return
    st.markdown(f"#### {escaped(bands_called(law.stars))}")
    if law.stars.status and law.stars.status != law.status:
        st.markdown(f":{COLOURS[law.stars.status]}-badge[{escaped(say(f'status.{law.stars.status}'))}]")
    for band in sorted(law.stars.bands, key=lambda band: -band.stars):
        lines = [condition_shown(law, condition) for condition in band.conditions]
        lines += [say("rubric.clause", clause=band.clause)] if band.clause else []
        st.markdown(f"- **{escaped(band_shown(band))}**" + "".join(f"  \n  {escaped(line)}" for line in lines))
    st.caption(escaped(say(f"rubric.stars_{law.stars.when_condition_fails}")))


def _terms(law: CriteriaSet) -> None:
    st.markdown(f"#### {escaped(say('rubric.terms'))}")
    st.markdown("\n".join(f"- {escaped(line)}" for line in terms(law)))
    with st.expander(say("rubric.fingerprints")):
        fingerprints(law)


def fingerprints(law: CriteriaSet) -> None:
    """What tells this edition from every other one."""
    st.caption(escaped(say("rubric.called", id=law.id, version=law.version)))
    st.caption(escaped(say("show.hashes", content=content_hash(law), structure=structure_hash(law))))
