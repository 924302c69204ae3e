"""The results workbook that a secretary hands over: ranks, points, conditions, unit pages, open matters, provenance."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from chamdiem.errors import Where, refuse
from chamdiem.exchange.results_conditions import write_conditions, write_matters
from chamdiem.exchange.results_groups import group_sheets, write_group
from chamdiem.exchange.results_origin import write_origin
from chamdiem.exchange.results_pages import MOST_PAGES, write_pages
from chamdiem.exchange.results_summary import write_summary
from chamdiem.exchange.results_words import Published, moment
from chamdiem.exchange.workbook import Book
from chamdiem.exchange.workbook_style import one_line
from chamdiem.scoring.result import Result
from chamdiem.words import say

PAGES_UP_TO = 200
Progress = Callable[[int, int], None]


def write_results(
    result: Result,
    path: Path,
    *,
    pages: bool | None = None,
    made_on: datetime | None = None,
    inputs: Sequence[tuple[str, str]] = (),
    notice: str = "",
    progress: Progress | None = None,
) -> None:
    """Write a result as a workbook, in the language spoken now; the same arguments give the same bytes.

    Numbers are numbers (points as exact decimals), texts are texts, there is no formula. `pages` asks for one page for
    each unit; None has them for at most 200 units. `inputs` are the files that were read, by name and sha256. `notice`
    stands beside the label of the figures on every sheet (sample data, for one). `progress` is told how many steps of
    how many are done. The file appears whole or not at all. Raises Refusal: the place cannot be written, or pages for
    more than 1,000 units.
    """
    count = len(result.marks.units)
    if pages and count > MOST_PAGES:
        raise refuse("results.too_many_pages", units=count, limit=MOST_PAGES)
    with_pages = count <= PAGES_UP_TO if pages is None else pages
    when = made_on if made_on is not None else datetime.now(UTC).astimezone()
    made = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")
    try:
        made.touch(exist_ok=False)
        with TemporaryDirectory() as parts:
            _fill(
                Published(result, notice),
                Book(str(made), parts),
                when,
                inputs,
                progress or (lambda done, of: None),
                with_pages=with_pages,
            )
        made.replace(path)
    except OSError:
        raise refuse("results.cannot_write", Where(str(path))) from None
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)


def _fill(
    published: Published,
    book: Book,
    when: datetime,
    inputs: Sequence[tuple[str, str]],
    progress: Progress,
    *,
    with_pages: bool,
) -> None:
    """Write every sheet, in the order in which they are read."""
    result = published.result
    groups = list(group_sheets(published))
    of = len(groups) + 5 + (len(published.units) if with_pages else 0)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, of)

    footer = say(
        "results.footer",
        set=f"{result.criteria.id}@{result.criteria.version}",
        hash=result.hash[:12],
        made_on=moment(when),
    )
    notes = [] if with_pages else [say("results.note.no_pages")]
    write_summary(book, published, footer=footer, notes=notes)
    step()
    for group in groups:
        write_group(book, published, group, footer=footer)
        step()
    if published.atoms:
        write_conditions(book, published, footer=footer)
    step()
    if with_pages:
        write_pages(book, published, footer=footer, progress=step)
    write_matters(book, published, footer=footer)
    step()
    write_origin(book, published, footer=footer, made_on=when, inputs=inputs)
    step()
    book.close(title=one_line(result.criteria.title), comments=result.hash, created=when)
    step()
