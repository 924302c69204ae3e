"""A year played by the command line: one terminal for a whole module, people who answer, and their answers counted by hand."""

from __future__ import annotations

import io
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from chamdiem.cli import run
from chamdiem.contest import evidence
from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.record import rows, score_of
from chamdiem.office import survey_answering
from chamdiem.store import tables
from chamdiem.store.database import open_store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.sealing import new_key
from chamdiem.surveys import library
from server_world import Browser, around
from terminal import Terminal, Told

PKS = "pks04-giai-quyet-thu-tuc-hanh-chinh"
ASKED = library.load(PKS)
QUESTIONS = tuple(one.code for one in ASKED.questions)
OPTIONS = ("rat_hai_long", "hai_long", "binh_thuong", "khong_hai_long", "khong_y_kien")
WEIGHTS = dict(zip(OPTIONS, (Fraction(1), Fraction(3, 5), Fraction(1, 5), Fraction(0)), strict=False))
CLASSES = ("nguoi_dan", "to_chuc", "doanh_nghiep")
TODAYS = ("clock", "cli.programme_work_commands", "cli.survey_commands", "cli.conduct_commands")
Form = tuple[str, Mapping[str, str]]
"""A class of respondents, and the key of an answer by the code of its question."""
Person = tuple[str, str]
"""A login and its password; of the owner of the machine none."""


class Year(Terminal):
    """A terminal that a whole module shares, with a day of its own."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, patch, None)  # type: ignore[arg-type]  # what is printed is caught here
        self.day = date(2021, 1, 1)
        self.set("CHAMDIEM_SECRET_KEY", new_key())
        for module in TODAYS:
            patch.setattr(f"chamdiem.{module}.today", lambda: self.day)

    def _told(self, arguments: list[str]) -> Told:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(arguments)
        return Told(code, out.getvalue(), err.getvalue())

    def on(self, day: date) -> Year:
        """Another day has come."""
        self.day = day
        return self

    def record(self, *arguments: object, **more: Any) -> Any:
        """What a command that is carried out says to machines."""
        return self.done(*arguments, "--json", **more).record

    @contextmanager
    def site(self) -> Iterator[Browser]:
        """Somebody's browser, on the server of this folder."""
        with open_store(create=False) as store:
            yield Browser(around(self._patch, store, self.folder))


def agencies(units: Mapping[str, tuple[str, str]]) -> None:
    """Agencies in the register of units: code, name and kind. The register is written past the terminal: reading the whole
    country takes seconds."""

    def put(transaction: Transaction) -> None:
        for code, (name, kind) in units.items():
            transaction.put(tables.unit, code, {"code": code, "name": name, "kind": kind})

    with open_store() as store:
        store.write(Order("system", "unit.import"), put)


# surveys --------------------------------------------------------------------------------------------------------


def people(n: int, seed: int) -> list[Form]:
    """So many people with their answers, the same for the same seed."""
    dice = random.Random(seed)
    classes = dice.choices(CLASSES, (6, 1, 3), k=n)
    return [(who, dict(zip(QUESTIONS, dice.choices(OPTIONS, (9, 12, 4, 2, 1), k=6), strict=True))) for who in classes]


@dataclass
class Survey:
    """One round as it was played: who answered on the telephone and on paper, what the second person read otherwise."""

    id: str
    online: list[Form]
    paper: list[Form | None]
    sent: int
    rechecks: list[tuple[list[int], int, int, bool]] = field(default_factory=list)
    """What was drawn, how many answers were compared, how many differed, whether the batch stands."""

    @property
    def forms(self) -> list[Form]:
        """What must be in the box: a paper form that was re-checked as the second person read it."""
        return self.online + [form for form in self.paper if form is not None]


def codes_on(slips: Path) -> list[str]:
    """The codes on printed slips."""
    return ["".join(found) for found in re.findall(r'class="code">(\w{4}) (\w{4})<', slips.read_text(encoding="utf-8"))]


def answer(year: Year, survey: Survey, by_form: int) -> None:
    """Everybody answers with the code of a slip, the first of them on the page of the server. Each code answers once."""
    slips = year.folder / f"{survey.id.replace('/', '-')}.html"
    codes = codes_on(slips)
    with open_store(create=False) as store:
        _, link = survey_answering.survey_of(store, survey.id, today=year.day)
    with year.site() as browser:
        for code, (who, said) in zip(codes, survey.online[:by_form], strict=False):
            sent = browser.post(f"/khao-sat/{link}", data={"ma": code, "nhom": who} | _fields(said))
            assert sent.headers["location"].startswith(f"/khao-sat/{link}/cam-on")
        again = browser.post(
            f"/khao-sat/{link}", data={"ma": codes[0], "nhom": "nguoi_dan"} | _fields(survey.online[0][1])
        )
        assert again.status_code == 409, "a second answer with the same slip"
    with open_store(create=False) as store:
        for code, (who, said) in list(zip(codes, survey.online, strict=True))[by_form:]:
            survey_answering.answer(store, link, code, who, said, {}, today=year.day)


def _fields(said: Mapping[str, str]) -> dict[str, str]:
    return {f"c.{code}": key for code, key in said.items()}


def enter_paper(year: Year, survey: Survey, first: Person, second: Person) -> None:
    """One person enters the paper forms, another one those that the dice have drawn; the first of these that is valid was
    misread by the first person. Where that is too much for so small a sample, all of it is done once more."""
    returned = len(survey.paper)
    entry = ("--sent", survey.sent, "--returned", returned)
    batch = as_person(year, first, "survey", "batch", survey.id, "--label", "Bộ phận một cửa", *entry)["batch"]
    _enter(year, survey, batch, first)
    drawn = as_person(year, second, "survey", "draw", batch)["drawn"]
    misread = next(number for number in drawn if survey.paper[number - 1] is not None)
    who, said = survey.paper[misread - 1] or ("", {})
    survey.paper[misread - 1] = (who, {**said, "6": OPTIONS[(OPTIONS.index(said["6"]) + 1) % len(OPTIONS)]})
    found = _again(year, survey, batch, second, drawn)
    assert found["differences"] == [[misread, "6"]]
    if not found["stands"]:
        _enter(year, survey, batch, first)
        found = _again(year, survey, batch, second, as_person(year, second, "survey", "draw", batch)["drawn"])
        assert found["differences"] == []


def _enter(year: Year, survey: Survey, batch: str, first: Person) -> None:
    done = as_person(year, first, "survey", "enter", batch, _table(year, "p.csv", dict(enumerate(survey.paper, 1))))
    assert done == {"entered": len(survey.paper), "valid": sum(form is not None for form in survey.paper)}


def _again(year: Year, survey: Survey, batch: str, second: Person, drawn: list[int]) -> Any:
    """The forms that were drawn, read a second time; refused by the exit code where they differ too often."""
    table = _table(year, "q.csv", {number: survey.paper[number - 1] for number in drawn})
    login, word = second
    told = year.type("survey", "recheck", batch, table, "--as", login, "--json", typed=[word, ""])
    found = told.record
    assert told.code == (0 if found["stands"] else 2)
    survey.rechecks.append((drawn, found["compared"], len(found["differences"]), found["stands"]))
    return found


def as_person(year: Year, who: Person, *arguments: object) -> Any:
    """A command of somebody who signs in, or of the owner of the machine."""
    login, word = who
    return year.record(*arguments, *(["--as", login] if login else []), typed=[word, ""])


def check_rechecks(survey: Survey) -> None:
    """A tenth of the papers is read again, five at least; a batch stands when at most 2 % of the answers (class and six
    questions of each form) differ, and the last re-check is one that stands."""
    for drawn, compared, differing, stands in survey.rechecks:
        assert len(drawn) == len(set(drawn)) == max(5, -(-len(survey.paper) // 10))
        assert set(drawn) <= set(range(1, len(survey.paper) + 1))
        assert compared == 7 * len(drawn)
        assert stands == (Fraction(differing, compared) <= Fraction(2, 100))
    assert survey.rechecks[-1][-1]


def _table(year: Year, name: str, forms: Mapping[int, Form | None]) -> Path:
    """Paper forms as they are typed: the place of each answer, "x" for a form that does not count."""
    lines = [f"Số phiếu giấy,Nhóm,{','.join(QUESTIONS)}"]
    for number, form in forms.items():
        said = ["x"] if form is None else [str(CLASSES.index(form[0]) + 1), *_places(form[1])]
        lines.append(",".join([str(number), *said, *[""] * (len(QUESTIONS) + 1 - len(said))]))
    return year.write(name, *lines)


def _places(said: Mapping[str, str]) -> list[str]:
    return [str(OPTIONS.index(said[code]) + 1) for code in QUESTIONS]


# surveys by hand ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """The answers to questions, counted without the software."""

    options: Mapping[str, int]

    @property
    def valid(self) -> int:
        """Those with an opinion."""
        return sum(self.options[key] for key in WEIGHTS)

    @property
    def satisfied(self) -> int:
        """Those who are satisfied."""
        return self.options["rat_hai_long"] + self.options["hai_long"]

    def check(self, found: Mapping[str, Any]) -> None:
        """What the software says is the same, to the last digit of its shares and with the ends of its interval."""
        assert found["options"] == dict(self.options)
        assert (found["answered"], found["valid"], found["satisfied"]) == (
            sum(self.options.values()), self.valid, self.satisfied,
        )  # fmt: skip
        assert Fraction(found["share"]) == Fraction(self.satisfied, self.valid)
        weight = sum((self.options[key] * weight for key, weight in WEIGHTS.items()), Fraction(0))
        assert Fraction(found["weighted"]) == weight / self.valid
        low, high = map(Decimal, found["interval"])
        assert low <= Decimal(self.satisfied) / self.valid <= high
        for end in (low, high):
            assert abs(_distance(end, self.satisfied, self.valid)) < Decimal("1e-20")


def _distance(end: Decimal, satisfied: int, valid: int) -> Decimal:
    """How far a share is from being the one from which the sample lies just 1,96 standard deviations away: 0 at either end
    of Wilson's interval, whatever formula it was worked out by."""
    with localcontext() as context:
        context.prec = 40
        z, share = Decimal("1.959963984540054"), Decimal(satisfied) / valid
        return valid * (share - end) ** 2 - z * z * end * (1 - end)


def counted(forms: Iterable[Form], *codes: str) -> Counted:
    """The answers to these questions together."""
    found = Counter(said[code] for _, said in forms for code in codes)
    return Counted({key: found[key] for key in OPTIONS})


def check_results(found: Mapping[str, Any], forms: Sequence[Form]) -> None:
    """Everything that `survey results --json` says of a round, for all respondents and each class of them."""
    check_group(found["everybody"], forms)
    for key, group in found["classes"].items():
        check_group(group, [form for form in forms if form[0] == key])


def check_group(group: Mapping[str, Any], forms: Sequence[Form]) -> None:
    """How many forms there are, each question, and all questions together."""
    assert group["forms"] == len(forms)
    for code in QUESTIONS:
        counted(forms, code).check(group["questions"][code])
    counted(forms, *QUESTIONS).check(group["overall"])


# figures and points by hand -------------------------------------------------------------------------------------

Figures = Mapping[tuple[str, str, str], int]
"""What was entered: by member, cell and key of the figure."""


def typed(figures: Figures, member: str, cell: str) -> list[str]:
    """The figures of a member for a cell as they are typed."""
    return [f"{key}={value}" for (who, when, key), value in figures.items() if (who, when) == (member, cell)]


def at_hand(figures: Figures, members: Iterable[str], cells: Sequence[str], key: str, *, stock: bool) -> int:
    """A figure of members over some cells: all of them added up; of what is counted on a day the last one."""
    return sum(figures[member, cell, key] for member in members for cell in (cells[-1:] if stock else cells))


def hundredths(points: Fraction) -> Fraction:
    """Points to a hundredth, halves away from zero."""
    return Fraction(int(points * 100 + Fraction(1, 2)), 100)


def share(points: int, part: int, whole: int) -> Fraction:
    """Points for a share, to a hundredth."""
    return hundredths(Fraction(points * part, whole))


def marked(year: Year, contest: str, unit: str, answers: Mapping[str, str], kind: str = "co_quan") -> None:
    """The criteria that somebody marks by hand, from a table, beside a list of whom it is about."""
    lines = [f'{unit},{code},"{answer}",self' for code, answer in answers.items()]
    table = year.write(f"{unit}.csv", "Mã đơn vị,Mã tiêu chí,Điểm,Vòng chấm", *lines)
    listed = year.write(f"{unit}-don-vi.csv", "Mã,Tên,Kiểu", f"{unit},{unit},{kind}")
    year.done("contest", "import", contest, "-m", table, "-m", listed)


def prove(contest: str, unit: str, codes: Sequence[str], waiting: Sequence[str] = ()) -> None:
    """Documents for these criteria, each accepted but those that wait."""
    with open_store(create=False) as store:
        for code in codes:
            document = evidence.Document(f"Tài liệu {code}", f"{code}/BC")
            evidence.add_evidence(store, SYSTEM, contest, unit, document, {code: "tr. 1"})
        with store.read() as connection:
            links = rows(connection, tables.evidence_link, contest=contest, unit=unit)
        for link in links:
            if link["criterion"] not in waiting:
                evidence.verify_evidence(store, SYSTEM, link["id"], accepted=True, checks=evidence.CHECKS)


def points_of(contest: str, unit: str) -> dict[str, Fraction]:
    """What the software gives to each criterion and group of a unit, as it stands."""
    with open_store(create=False) as store, store.read() as connection:
        nodes = score_of(connection, contest).nodes
    mine = nodes[nodes["unit"] == unit]
    return {str(row.node): Fraction(str(row.points)) for row in mine.itertuples()}


def marks_in(contest: str, unit: str) -> dict[str, tuple[str, str]]:
    """The answer and the note of each mark of a unit, as the store keeps them."""
    with open_store(create=False) as store, store.read() as connection:
        found = connection.execute(select(tables.mark).where(tables.mark.c.contest == contest)).mappings()
        return {row["criterion"]: (row["answer"], row["note"]) for row in found if row["unit"] == unit}
