"""A table as HTML: text and nothing else, for screen readers, telephones, paper and the projector alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

NUMBER, EXTRA, STARS = "so", "phu", "sao"  # right-aligned figures; what a narrow screen leaves out; drawn stars
NAME, LINES = "ten", "dong"  # short names that stay on one line; texts of several lines
ASKED, VERDICT = "can ten", "dat"  # a threshold in words, on the right; a word of judgement: on one line everywhere

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")  # a browser breaks a day after its hyphens

STYLE = """<style>
.bang{width:100%;border-collapse:collapse;font-size:.95rem;line-height:1.4}
.bang caption{text-align:left;font-weight:600;padding:.25rem 0}
.bang th,.bang td{padding:.4rem .6rem;text-align:left;vertical-align:top;border:0;
 border-bottom:1px solid color-mix(in srgb,currentColor 16%,transparent)}
.bang thead th{font-weight:600;border-bottom:2px solid color-mix(in srgb,currentColor 45%,transparent);vertical-align:bottom}
.bang tbody th{font-weight:inherit}
.bang .so{text-align:right}.bang td.so{font-variant-numeric:tabular-nums;white-space:nowrap}
.bang .can{text-align:right;min-width:5rem;font-variant-numeric:tabular-nums}.bang .sao,.bang .dat{white-space:nowrap}
.bang .dong{white-space:pre-line}.bang time{white-space:nowrap}
.bang tr.dam td,.bang tr.dam th{font-weight:600;background:color-mix(in srgb,currentColor 5%,transparent)}
.bang a{color:inherit;text-decoration:underline;text-underline-offset:.15em;
 text-decoration-color:color-mix(in srgb,currentColor 40%,transparent)}
.bang .nho{font-size:.85rem;opacity:.85;font-weight:400}.bang .hep{display:none}
.khung{overflow-x:auto}
@media (min-width:641px){.bang .ten,.bang thead th{white-space:nowrap}}
@media (max-width:640px){.bang .phu{display:none}.bang .hep{display:block}.bang .sao{white-space:normal}
 .bang{font-size:.88rem}.bang th,.bang td{padding:.35rem .3rem}}
@media (max-width:640px){.xep thead{position:absolute;clip-path:inset(50%)}.xep,.xep tbody,.xep tr,.xep td,.xep th{display:block}
 .xep tr{padding:.4rem 0;border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}
 .bang.xep tbody th{font-weight:600}.bang.xep td,.bang.xep tbody th{border:0;padding:.1rem .3rem}.xep td:empty{display:none}
 .bang.xep .so{text-align:left}
 .xep td::before{content:attr(data-label) ": ";opacity:.8}}
@media print{.bang{font-size:9.5pt}.bang tr{break-inside:avoid}.bang thead{display:table-header-group}}
</style>"""


@dataclass(frozen=True)
class Head:
    """One column: what stands above it, and its classes."""

    name: str
    look: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell with more than a text: a link, a second line in small letters, one that only narrow screens show, or HTML that
    was escaped already."""

    text: str
    href: str = ""
    below: str = ""
    narrow: str = ""
    html: str = ""

    def written(self) -> str:
        """The cell as HTML."""
        found = _escaped(self.text)
        if self.href:
            found = f'<a href="{escape(self.href)}" target="_self">{found}</a>'
        if self.below:
            found += f'<div class="nho">{_escaped(self.below)}</div>'
        if self.narrow:
            found += f'<div class="nho hep">{_escaped(self.narrow)}</div>'
        return found + self.html


@dataclass(frozen=True)
class Line:
    """One row; a strong one stands for a sum."""

    cells: Sequence[str | Cell]
    strong: bool = False


def _escaped(text: str) -> str:
    """A text as HTML, each day in it kept on one line."""
    return DAY.sub(r"<time>\g<0></time>", escape(text))


def table(
    heads: Sequence[Head], lines: Iterable[Line], caption: str = "", label: str = "", stacked: bool = False
) -> str:
    """The table; the first column names its rows. A label is a caption for ears alone; a stacked table shows each row as a
    card where the screen is narrow."""
    top = "".join(f'<th scope="col" class="{head.look}">{escape(head.name)}</th>' for head in heads)
    body = "".join(_line(heads, line, stacked) for line in lines)
    look = "bang xep" if stacked else "bang"
    named = f' aria-label="{escape(label)}"' if label else ""
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    frame = f'<table class="{look}"{named}>{above}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
    return f'{STYLE}<div class="khung">{frame}</div>'


def _line(heads: Sequence[Head], line: Line, stacked: bool) -> str:
    cells = []
    for at, (head, cell) in enumerate(zip(heads, line.cells, strict=True)):
        tag, scope = ("th", ' scope="row"') if at == 0 else ("td", "")
        said = cell.written() if isinstance(cell, Cell) else _escaped(cell)
        told = f' data-label="{escape(head.name)}"' if stacked and at else ""
        cells.append(f'<{tag}{scope} class="{head.look}"{told}>{said}</{tag}>')
    return f'<tr class="dam">{"".join(cells)}</tr>' if line.strong else f"<tr>{''.join(cells)}</tr>"
