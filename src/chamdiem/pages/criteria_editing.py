"""Points and bands of a criteria set in a form: what does not add up is named at once, the outcome is a new edition."""

from __future__ import annotations

from typing import TypeAlias

import streamlit as st

from chamdiem.criteria import amending, library
from chamdiem.criteria.amending import Figure
from chamdiem.criteria.editions import diff
from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.criteria.yaml_tree import Loc
from chamdiem.errors import Refusal
from chamdiem.pages.criteria_comparing import show_changes
from chamdiem.pages.criteria_editions import EDITED, Edition
from chamdiem.pages.criteria_reading import fingerprints
from chamdiem.pages.criteria_upload import show_problems
from chamdiem.pages.desk import escaped, told
from chamdiem.words import language, say, shown_number

Typed: TypeAlias = dict[Loc, str]
STATUSES = ("illustrative", "transcribed", "official")
STARS = "stars"


def show_editing(edition: Edition) -> None:
    """The form, the sums as they stand, and the new edition once it is sound."""
    law = edition.criteria
    st.caption(escaped(say("rubric.edit_about")))
    left, right = st.columns(2)
    version = left.text_input(
        say("rubric.new_version"), value=_following(law.version), key=f"criteria:version/{edition.hash}", max_chars=40
    )
    status = right.selectbox(
        say("rubric.status"),
        STATUSES,
        STATUSES.index(law.status),
        format_func=lambda status: say(f"status.{status}"),
        key=f"criteria:status/{edition.hash}",
    )
    typed: Typed = st.session_state.setdefault(f"criteria:typed/{edition.hash}", {})
    _form(edition, typed)
    _outcome(edition, typed, version, status)


def _following(version: str) -> str:
    """The next version, where versions are counted."""
    return str(int(version) + 1) if version.isascii() and version.isdigit() else ""


# the form -----------------------------------------------------------------------------------------------------------------


def _form(edition: Edition, typed: Typed) -> None:
    """The figures of one group, or of the stars, at a time."""
    law, figures = edition.criteria, amending.figures(edition.text, edition.criteria)
    groups = {node.code: f"{node.code}. {node.title}" for _, pool in law.pools for node in pool.nodes}
    names = {**groups, **({STARS: say("show.stars")} if figures[STARS] else {})}
    names |= {f"pool {name}": say("rubric.whole_pool", pool=say(f"pool.{name}")) for name, _ in law.pools}
    chosen = st.selectbox(
        say("rubric.edit_group"), list(names), format_func=names.__getitem__, key=f"criteria:group/{edition.hash}"
    )
    if chosen in groups:
        for node in next(n for n in law.nodes if n.code == chosen).walk():
            _node_form(edition, typed, node, figures[node.code])
    elif chosen == STARS:
        _row(edition, typed, figures[STARS], _band_names(law))
    else:
        _row(edition, typed, figures[chosen.removeprefix("pool ")], {})


def _band_names(law: CriteriaSet) -> dict[Loc, str]:
    """What the thresholds of the bands are called: each by its stars."""
    assert law.stars is not None
    bands = enumerate(law.stars.bands)
    return {(STARS, "bands", at): band.title or say("explain.stars", stars=band.stars) for at, band in bands}


def _node_form(edition: Edition, typed: Typed, node: Node, figures: tuple[Figure, ...]) -> None:
    st.markdown(f"**{escaped(node.code)}. {escaped(node.title)}**")
    _row(edition, typed, figures, {})


def _row(edition: Edition, typed: Typed, figures: tuple[Figure, ...], names: dict[Loc, str]) -> None:
    """The figures that belong together, several in a line."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for figure in figures:
            _figure(edition, typed, figure, names.get(figure.loc[:3], ""))


def _figure(edition: Edition, typed: Typed, figure: Figure, name: str) -> None:
    key = f"criteria:figure/{edition.hash}/{figure.loc}"

    def take() -> None:
        new = str(st.session_state.get(key, ""))
        typed.pop(figure.loc, None)
        if new.strip() != before:
            typed[figure.loc] = new

    before = figure.text if figure.is_words else _shown(figure.text)
    said = typed.get(figure.loc, before)
    about, what = name or figure.about, say(f"rubric.key.{figure.key}")
    label = f"{about}: {what}" if about else what
    with st.container(width=480 if figure.is_words else 230, gap=None):
        # the visible words are escaped; a label that is not drawn is read aloud as it stands
        st.caption(escaped(label))
        st.text_input(
            label,
            said,
            key=key,
            on_change=take,
            max_chars=2000 if figure.is_words else 24,
            label_visibility="collapsed",
        )
        if figure.loc in typed and _as_written(figure.loc, said) is None:
            st.error(escaped(say("rubric.no_words" if figure.is_words else "rubric.not_a_figure", text=said)))


def _shown(text: str) -> str:
    return text.replace(".", ",") if language() == "vi" else text


def _as_written(loc: Loc, typed: str) -> str | None:
    try:
        return amending.words_as_written(typed) if loc[-1] == amending.WORDS else amending.as_written(typed)
    except (ValueError, ZeroDivisionError):
        return None


# the outcome ----------------------------------------------------------------------------------------------------------------


def _outcome(edition: Edition, typed: Typed, version: str, status: str) -> None:
    read = {loc: _as_written(loc, text) for loc, text in typed.items()}
    changes = {loc: text for loc, text in read.items() if text is not None}
    if not version.strip():
        st.warning(escaped(say("rubric.needs_version")))
        return
    try:
        text = amending.amended(edition.text, changes, version=version, status=status)
    except Refusal as refusal:
        told(refusal)
        return
    st.divider()
    _sums(text)
    if len(changes) < len(read):
        st.warning(escaped(say("rubric.unread_figures", n=len(read) - len(changes))))
        return
    try:
        new = library.read(text, f"{edition.criteria.id}.yaml")
    except Refusal as refusal:
        show_problems(refusal.problems, {node.code: node.title for node in edition.criteria.nodes})
        return
    _offer(edition, new, text)


def _sums(text: str) -> None:
    """What adds up: the pools always, of the groups those that do not."""
    try:
        found = amending.sums(text, "")
    except Refusal:
        return  # the problems follow
    for line in found:
        name = f"{line.code}. {line.title}" if line.code else say(f"pool.{line.pool}")
        values = {"name": name, "reached": shown_number(line.reached), "max": shown_number(line.top)}
        if not line.fits:
            st.error(escaped(say("rubric.sum_off", off=shown_number(line.reached - line.top), **values)))
        elif not line.code:
            st.markdown(f":material/check_circle: {escaped(say('rubric.sum_fits', **values))}")


def _offer(edition: Edition, new: CriteriaSet, text: str) -> None:
    """The new edition: what it changes, to be copied or downloaded."""
    st.subheader(escaped(say("rubric.new_edition")))
    show_changes(diff(edition.criteria, new), new, edition.criteria)
    for words in _stale(edition, text):
        st.warning(escaped(say("rubric.stale_words", words=words)))
    st.download_button(
        say("rubric.download"), text, file_name=f"{new.id}.yaml", mime="application/yaml", on_click="ignore",
        type="primary", key=f"criteria:download/{edition.hash}",
    )  # fmt: skip
    if st.button(say("rubric.use"), key=f"criteria:use/{edition.hash}", help=say("rubric.use_help")):
        st.session_state[EDITED] = (f"{new.id}.yaml", text)
        st.success(escaped(say("rubric.use_done")))
    with st.expander(say("rubric.copy")):
        st.code(text, language="yaml", height=400)
    fingerprints(new)


def _stale(edition: Edition, text: str) -> list[str]:
    """The words of conditions that still name a threshold which is another one now."""
    before, after = (
        {one.loc: one for one in amending.figures(each, edition.criteria)[STARS] if not one.is_words}
        for each in (edition.text, text)
    )
    return [
        after[loc].about
        for loc, old in before.items()
        if old.text != after[loc].text and _shown(old.text) in _shown(after[loc].about)
    ]
