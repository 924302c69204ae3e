"""The list of pages, and the script of every session: who is here, which contest, which pages are his."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from chamdiem.pages import (
    accounts,
    appraisal,
    contests,
    council,
    criteria,
    difficulties,
    explanations,
    guide,
    hall,
    journal,
    judging,
    jury,
    me,
    overview,
    period_reports,
    petitions,
    programmes,
    publication,
    ranking,
    reconciliation,
    report_calendar,
    self_assessment,
    sponsoring,
    surveys,
    unit_page,
    units,
)
from chamdiem.pages.desk import CONTEST, Desk, arrive, escaped, mark_person, mark_visitor, sign_in
from chamdiem.pages.ways import out_of_app
from chamdiem.words import LANGUAGES, language, say


@dataclass(frozen=True)
class Entry:
    """One page: its address, its sign, its verbs in the table of permissions (none: for everybody), what it shows."""

    path: str
    icon: str
    show: Callable[[Desk], None]
    verbs: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is called in the language spoken now."""
        return say(f"page.{self.path}")


SECTIONS: dict[str, tuple[Entry, ...]] = {
    "menu.work": (
        Entry("tong-quan", ":material/home:", overview.show),
        Entry("tu-cham", ":material/edit_note:", self_assessment.show, ("mark.enter_self",)),
        Entry("tham-dinh", ":material/fact_check:", appraisal.show, ("mark.enter_appraisal",)),
        Entry("cham-diem", ":material/rule:", judging.show, ("mark.enter_judge",)),
        Entry("giai-trinh", ":material/forum:", explanations.show, ("explanation.enter", "explanation.decide")),
        Entry("doi-chieu", ":material/difference:", reconciliation.show, ("reconciliation.record",)),
        Entry("hoi-dong-chot", ":material/gavel:", council.show, ("mark.enter_council",)),
    ),
    "menu.results": (
        Entry("xep-hang", ":material/leaderboard:", ranking.show, ("ranking.read", "publication.read")),
        Entry("phieu-don-vi", ":material/description:", unit_page.show, ("figures.read", "result.read_own")),
        Entry("trinh-chieu", ":material/slideshow:", hall.show, ("ranking.read",)),
        Entry("kien-nghi", ":material/mail:", petitions.show, ("petition.read", "petition.enter")),
        Entry("cong-bo", ":material/campaign:", publication.show, ("publication.preview", "publication.publish")),
    ),
    "menu.programmes": (
        Entry("chuong-trinh", ":material/assignment:", programmes.show),
        Entry("lich-bao-cao", ":material/calendar_month:", report_calendar.show),
        Entry("bao-cao-ky", ":material/summarize:", period_reports.show, ("report.write", "report.accept")),
        Entry("kho-khan", ":material/warning:", difficulties.show, ("difficulty.raise", "difficulty.answer")),
        Entry("phan-cong", ":material/handshake:", sponsoring.show, ("sponsorship.assign", "visit.record")),
        Entry(
            "dot-khao-sat",
            ":material/how_to_vote:",
            surveys.show,
            ("survey.manage", "survey.enter", "survey.recheck", "survey.read"),
        ),
    ),
    "menu.law": (Entry("bo-tieu-chi", ":material/menu_book:", criteria.show),),
    "menu.office": (
        Entry(
            "dot-cham",
            ":material/event_note:",
            contests.show,
            ("contest.configure", "contest.advance", "contest.create"),
        ),
        Entry("hoi-dong", ":material/groups:", jury.show, ("assignment.manage",)),
        Entry("tai-khoan", ":material/manage_accounts:", accounts.show, ("account.manage",)),
        Entry("don-vi", ":material/location_city:", units.show, ("unit.import",)),
        Entry("nhat-ky", ":material/history:", journal.show, ("journal.read", "store.verify", "programme.manage")),
    ),
    "menu.me": (
        Entry("ho-so", ":material/person:", me.show),
        Entry("tro-giup", ":material/help:", guide.show),
    ),
}
PAGES = tuple(entry for entries in SECTIONS.values() for entry in entries)
OF_ONE_CONTEST = {entry.path for entry in (*SECTIONS["menu.work"][1:], *SECTIONS["menu.results"])} | {"hoi-dong"}
"""The pages on which nothing else says which contest they are of."""


ICON = f"data:image/svg+xml;base64,{b64encode((Path(__file__).parent / 'icon.svg').read_bytes()).decode()}"
"""The sign of the app, carried along: the icon of a page would be fetched from the internet, a file needs a session."""


def is_his(entry: Entry, desk: Desk) -> bool:
    """Whether a page belongs in this person's menu: one of his roles ever opens one of its verbs. Services ask again."""
    return not entry.verbs or desk.has(*entry.verbs)


def pages(desk: Desk) -> dict[str, list[StreamlitPage]]:
    """All pages by section. Those that are not his are not in the menu, yet their addresses lead somewhere: links are
    passed on, and roles come and go. The first page answers to no address and to its own."""
    found = {
        say(section): [
            st.Page(
                _bound(entry, desk),
                title=entry.title,
                icon=entry.icon,
                url_path=entry.path,
                visibility="visible" if is_his(entry, desk) and entry is not PAGES[0] else "hidden",
            )
            for entry in entries
        ]
        for section, entries in SECTIONS.items()
    }
    first = PAGES[0]
    found[say("menu.work")].insert(
        0, st.Page(_bound(first, desk, "first"), title=first.title, icon=first.icon, default=True)
    )
    return found


def run() -> None:
    """One run of the script."""
    st.set_page_config("chamdiem", ICON, layout="wide")
    desk = arrive()
    current = st.navigation(pages(desk), expanded=True)
    with st.sidebar:
        _who(desk)
        _contest(desk)
        _language()
    if desk.signed_in:
        mark_person(desk)
    else:
        mark_visitor()
    if desk.contest is not None:
        st.query_params[CONTEST] = desk.contest_id
        if desk.contest["sample"]:
            st.badge(escaped(say("cli.sample")), color="orange")
        if current.url_path in OF_ONE_CONTEST:
            st.caption(escaped(str(desk.contest["title"])))
    current.run()


def _bound(entry: Entry, desk: Desk, name: str = "") -> Callable[[], None]:
    """The page for this run; Streamlit tells functions apart by their names."""

    def show() -> None:
        entry.show(desk)

    show.__name__ = name or entry.path.replace("-", "_")
    return show


def _who(desk: Desk) -> None:
    """Who is signed in, and the way in or out."""
    if not desk.signed_in:
        out_of_app(sign_in(), say("page.sign_in"))
        return
    roles = dict.fromkeys(say(f"role.{grant.role}") for grant in desk.actor.grants)
    st.markdown(f"**{escaped(desk.name)}**")
    st.caption(escaped(" · ".join(roles)))
    out_of_app("/dang-xuat", say("page.sign_out"))


def _contest(desk: Desk) -> None:
    """The contest that is worked on."""
    if len(desk.contests) > 1:
        titles = {str(row["id"]): str(row["title"]) for row in desk.contests}
        chosen = st.selectbox(
            say("page.contest"), list(titles), list(titles).index(desk.contest_id), format_func=titles.__getitem__
        )
        if chosen != desk.contest_id:
            st.query_params[CONTEST] = chosen
            st.rerun()


def _language() -> None:
    """The other language, one click away."""
    other = next(each for each in LANGUAGES if each != language())
    out_of_app(f"/ngon-ngu/{other}", say(f"menu.to_{other}"))


if __name__ == "__main__":
    run()
