"""Each shipped programme against a checklist made from its document: every task, owner, date and recipient is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from chamdiem.programmes import library
from chamdiem.programmes.model import Programme, Task

HERE = Path(__file__).parent
FILES = sorted((HERE / "programme_checklists").glob("*.yaml"))
EACH = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def read(file: Path) -> tuple[dict[str, Any], Programme]:
    checklist = yaml.safe_load(file.read_text(encoding="utf-8"))
    return checklist, library.load(checklist["programme"])


def passages(programme: Programme) -> Iterator[str]:
    """Everything of a programme that is copied word for word, in the order of the document."""
    yield programme.preamble or ""
    yield from (aim.text for aim in programme.aims)
    for group in programme.groups:
        yield group.title or ""
        yield group.intro or ""
        yield from (task.text for task in group.tasks)
    yield from (passage.text for passage in programme.closing)


def found(programme: Programme, wanted: dict[str, Any]) -> Task:
    """The one task that begins like this."""
    begins = [task for task in programme.tasks if task.text.startswith(wanted["begins"])]
    assert [task.text[:80] for task in begins if task.text.endswith(wanted["ends"])], wanted["begins"]
    (task,) = (task for task in begins if task.text.endswith(wanted["ends"]))
    return task


def names(programme: Programme, ids: tuple[str, ...]) -> list[str]:
    return sorted(programme.organisation(one).name for one in ids)


def test_every_shipped_programme_has_a_checklist() -> None:
    assert [file.stem for file in FILES] == [file.stem for file in library.shipped()]


@EACH
def test_the_document_is_the_one_of_the_checklist(file: Path) -> None:
    checklist, programme = read(file)
    wanted, document = checklist["document"], programme.document
    assert (document.number, document.date) == (wanted["number"], wanted["date"])
    signer = document.signer.name if document.signer else None
    assert (signer or "") == wanted["signer"]
    spelt_out = f"ngày {document.date:%d} tháng {document.date.month} năm {document.date.year}"
    numbers = f"{document.date.day}/{document.date.month}/{document.date.year}"
    assert spelt_out in wanted["quote"] or numbers in wanted["quote"]
    assert document.place is None or document.place in wanted["quote"]
    assert programme.status == "transcribed"


@EACH
def test_what_is_replaced_is_the_one_of_the_checklist(file: Path) -> None:
    checklist, programme = read(file)
    wanted, replaced = checklist.get("replaces"), programme.replaces
    assert (replaced is None) == (wanted is None)
    if replaced is not None and wanted is not None:
        assert (replaced.number, replaced.date) == (wanted["number"], wanted["date"])
        assert any(wanted["quote"] in passage for passage in passages(programme))


@EACH
def test_every_task_is_there_word_for_word(file: Path) -> None:
    checklist, programme = read(file)
    for wanted in checklist["tasks"]:
        words = found(programme, wanted).text.split()
        assert (len(words), sum(map(len, words))) == (wanted["words"], wanted["letters"]), wanted["begins"]


@EACH
def test_no_task_is_made_up(file: Path) -> None:
    checklist, programme = read(file)
    assert [found(programme, wanted).code for wanted in checklist["tasks"]] == [task.code for task in programme.tasks]


@EACH
def test_every_task_has_the_owners_of_the_document(file: Path) -> None:
    checklist, programme = read(file)
    for wanted in checklist["tasks"]:
        owners = programme.owners_of(found(programme, wanted))
        assert names(programme, (*owners.lead, *owners.with_)) == sorted(wanted["owners"]), wanted["begins"]


@EACH
def test_every_heading_is_there(file: Path) -> None:
    checklist, programme = read(file)
    titles = [group.title for group in programme.groups if group.title]
    assert len(titles) == len(checklist["headings"])
    for title, wanted in zip(titles, checklist["headings"], strict=True):
        assert title.startswith(wanted)


@EACH
def test_every_object_is_there(file: Path) -> None:
    checklist, programme = read(file)
    assert names(programme, programme.objects) == sorted(checklist["objects"])


@EACH
def test_every_date_rule_is_the_one_that_was_quoted(file: Path) -> None:
    checklist, programme = read(file)
    stages = [(duty, stage) for duty in programme.duties for stage in duty.stages]
    left = list(stages)
    for wanted in checklist["dates"]:
        assert wanted["quote"] in wanted["excerpt"]
        assert any(wanted["excerpt"] in passage for passage in passages(programme)), wanted["excerpt"]
        same = [
            (duty, stage)
            for duty, stage in left
            if duty.every == wanted["every"]
            and stage.due.model_dump(exclude_defaults=True) == wanted["due"]
            and names(programme, stage.by) == sorted(wanted["by"])
            and names(programme, stage.to) == sorted(wanted["to"])
            and names(programme, stage.via) == sorted(wanted.get("via", []))
            and any(stage.quote in passage for passage in passages(programme))
        ]
        assert same, wanted
        left.remove(next((one for one in same if wanted["quote"] in one[1].quote), same[0]))
    assert [stage.quote for _, stage in left] == [], "the checklist does not know these"


@EACH
def test_every_day_that_the_document_writes_is_there_as_often(file: Path) -> None:
    checklist, programme = read(file)
    text = "\n".join(passages(programme))
    counted = Counter({wanted["quote"]: text.count(wanted["quote"]) for wanted in checklist["days"]})
    assert dict(counted) == {wanted["quote"]: wanted["times"] for wanted in checklist["days"]}


@EACH
def test_every_recipient_is_there(file: Path) -> None:
    checklist, programme = read(file)
    assert len(programme.recipients) == len(checklist["recipients"])
    for recipient, wanted in zip(programme.recipients, checklist["recipients"], strict=True):
        assert recipient.text.startswith(wanted["text"])
        assert names(programme, recipient.who) == sorted(wanted["who"])


@EACH
def test_a_day_of_the_year_that_is_quoted_is_the_day_of_the_rule(file: Path) -> None:
    """The quotes say "05/6" or "10 tháng 6"; the rules must name the same day and month."""
    checklist, _ = read(file)
    for wanted in checklist["dates"]:
        due = wanted["due"]
        if due["kind"] == "day_month":
            forms = (f"{due['day']:02}/{due['month']}", f"{due['day']} tháng {due['month']}")
            assert any(form in wanted["quote"] for form in forms)
            assert ("trước ngày" in wanted["quote"]) == (due["limit"] == "before")


def test_the_days_of_the_legal_basis_stand_in_the_preamble() -> None:
    for file in library.shipped():
        programme = library.load(file)
        for basis in programme.legal_basis:
            assert basis.date is not None
            assert basis.number in (programme.preamble or "")
            assert shown_as_in_documents(basis.date) in (programme.preamble or "")


def shown_as_in_documents(day: date) -> str:
    """Days below 10 and months 1 and 2 have a leading zero, as official documents write them."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"{day.day:02}/{month}/{day.year}"
