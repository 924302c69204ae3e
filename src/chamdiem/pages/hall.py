"""Trình chiếu: the ranking in large letters, hidden until it is announced."""

from __future__ import annotations

from html import escape
from itertools import groupby

import streamlit as st

from chamdiem.exchange.results_words import class_spoken
from chamdiem.pages.board import Board, board_for, label
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.words import say

HOW_MANY = (3, 5, 10, 20, 0)  # places from the last to the first; 0 for all of them
LISTED = 12  # earlier places that stay on the wall
STAGE = """<style>
[data-testid=stSidebar],[data-testid=stHeader],[data-testid=stExpandSidebarButton]{display:none!important}
.sankhau{position:fixed;inset:0;z-index:1000;background:radial-gradient(circle at 50% 30%,#16233f,#070b16 70%);
color:#fff;display:flex;flex-direction:column;align-items:center;justify-content:center;text-align:center;
padding:2vh 4vw 14vh;box-sizing:border-box;overflow:hidden;font-variant-numeric:tabular-nums}
.sankhau .cuoc{font-size:2.6vh;opacity:.85;margin-bottom:3vh}.sankhau .hang{font-size:5vh;letter-spacing:.2em;color:#ffd166}
.sankhau .ten{font-size:10vh;font-weight:800;line-height:1.15;margin:1.5vh 0;overflow-wrap:anywhere}
.sankhau .nhieu .ten{font-size:6vh}.sankhau .diem{font-size:5.5vh}.sankhau .saovang{font-size:9vh;color:#ffd166;line-height:1.2}
.sankhau .cho{font-size:6vh;opacity:.9}.sankhau ol{list-style:none;display:flex;flex-wrap:wrap;justify-content:center;
gap:1vh 3vw;margin:4vh 0 0;padding:0;font-size:2.6vh;opacity:.9}.sankhau .nhan{position:absolute;top:2vh;right:2vw;
font-size:2.2vh;color:#ffd166}
.st-key-san-khau{position:fixed;bottom:2.5vh;left:0;right:0;z-index:1001;display:flex;justify-content:center}
.st-key-san-khau button:disabled,.st-key-san-khau button:disabled *{color:#9aa4b8!important;background:#1b2438!important}
@media (max-width:640px){.sankhau .ten{font-size:9vw}.sankhau .saovang{font-size:10vw}.sankhau .hang{font-size:6vw}
.sankhau .nhan{position:static;font-size:1rem;margin-bottom:2vh}.sankhau ol li:nth-child(n+6){display:none}}
</style>"""
Step = tuple[int, tuple[int, ...]]  # a rank and the rows of the units that share it


def show(desk: Desk) -> None:
    """The page."""
    title("page.trinh-chieu")
    board = board_for(desk)
    if board is None:
        st.info(say("hall.nothing_yet" if desk.contest is not None else "ranking.no_contest"))
        return
    steps = _steps(desk, board)
    on, told = f"san-khau:{desk.contest_id}", f"da-cong-bo:{desk.contest_id}"
    if st.session_state.get(on):
        _stage(desk, board, steps, on, told)
    else:
        _before(desk, board, steps, on, told)


def _steps(desk: Desk, board: Board) -> list[Step]:
    """The places in the order in which they are announced: the last first; units that share one come together."""
    scopes = list(dict.fromkeys(board.published.scopes))
    wanted = st.session_state.get(f"pham-vi:{desk.contest_id}", scopes[0] if scopes else "")
    ranked = [at for at in board.published.order if board.published.ranks[at] and board.published.scopes[at] == wanted]
    places = [(rank, tuple(rows)) for rank, rows in groupby(ranked, key=board.published.ranks.__getitem__)]
    many = st.session_state.get(f"bao-nhieu:{desk.contest_id}", 0)
    return places[: many or None][::-1]


def _before(desk: Desk, board: Board, steps: list[Step], on: str, told: str) -> None:
    """What the person at the projector decides first; no name stands here."""
    label(board)
    st.markdown(escaped(say("hall.how")))
    scopes = list(dict.fromkeys(board.published.scopes))
    if len(scopes) > 1:
        st.selectbox(say("results.head.scope"), scopes, key=f"pham-vi:{desk.contest_id}")
    many = [n for n in HOW_MANY if n < len(board.codes)]
    st.selectbox(
        say("hall.how_many"), many, len(many) - 1, key=f"bao-nhieu:{desk.contest_id}",
        format_func=lambda n: say("hall.places", n=n) if n else say("hall.all_places"),
    )  # fmt: skip
    still_open = sum(board.published.open_counts[at] > 0 for _, rows in steps for at in rows)
    if still_open:
        st.warning(escaped(say("hall.provisional", n=still_open)))
    if not steps:
        st.info(say("hall.nobody"))
    elif st.button(say("hall.begin"), type="primary", icon=":material/slideshow:"):
        st.session_state[on], st.session_state[told] = True, 0
        st.rerun()


def _stage(desk: Desk, board: Board, steps: list[Step], on: str, told: str) -> None:
    """The wall: what was announced so far and nothing of what was not."""
    with st.container(key="san-khau", horizontal=True):
        at = _moved(steps, on, told)
    assert desk.contest is not None
    head = f'<div class="nhan">{escape(board.published.label)}</div><div class="cuoc">{escape(str(desk.contest["title"]))}</div>'
    body = _place(board, steps[at - 1]) if at else f'<div class="cho">{escape(say("hall.waiting"))}</div>'
    st.html(
        f'{STAGE}<div class="sankhau" role="status" aria-live="polite">{head}{body}{_earlier(board, steps, at)}</div>'
    )


def _moved(steps: list[Step], on: str, told: str) -> int:
    """How many places are announced, after the button that was pressed."""
    at = min(int(st.session_state.get(told, 0)), len(steps))

    def go(to: int) -> None:
        st.session_state[told] = to

    st.button(
        say("hall.next"), type="primary", disabled=at == len(steps), on_click=go, args=(at + 1,), shortcut="Right"
    )
    st.button(say("hall.back"), disabled=not at, on_click=go, args=(at - 1,), shortcut="Left")
    st.button(say("hall.leave"), on_click=st.session_state.pop, args=(on,), shortcut="Esc")
    return at


def _place(board: Board, step: Step) -> str:
    """One place: rank, name, points, stars."""
    rank, rows = step
    shared = say("results.shared") if len(rows) > 1 else ""
    parts = [f'<div class="hang">{escape(say("hall.rank", rank=rank))} {escape(shared)}</div>']
    for at in rows:
        unit, reached = board.published.units[at], board.reached(at)
        parts.append(f'<div class="ten">{escape(board.name(unit.code))}</div>')
        parts.append(f'<div class="diem">{escape(say("hall.points", total=board.total(at)))}</div>')
        look = "saovang" if reached.startswith("★") else "diem"
        parts.append(f'<div class="{look}" aria-label="{escape(_spoken(board, at))}">{escape(reached)}</div>')
    return f'<div class="{"nhieu" if len(rows) > 1 else "mot"}">{"".join(parts)}</div>'


def _spoken(board: Board, at: int) -> str:
    """Stars for ears."""
    standing = board.standings[board.published.units[at].code]
    drawn = standing.stars and standing.revoked is None
    return class_spoken(board.published.criteria, standing.stars) if drawn else board.reached(at)


def _earlier(board: Board, steps: list[Step], at: int) -> str:
    """The places announced before this one, the best first."""
    found = [(rank, row) for rank, rows in steps[max(0, at - 1 - LISTED) : max(0, at - 1)] for row in rows]
    items = [
        f"<li>{rank}. {escape(board.name(board.published.units[row].code))} · {escape(board.total(row))}</li>"
        for rank, row in reversed(found)
    ]
    return f"<ol>{''.join(items)}</ol>" if items else ""
