"""Reading the long table of marks: every row that is wrong is named, all at once, and nothing is read in part."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np

from chamdiem.criteria.columns import Array, Mask
from chamdiem.criteria.rules import Answers
from chamdiem.errors import Message, Problem, Refusal, Where, message
from chamdiem.points import from_ticks
from chamdiem.scoring.answers import NOT_APPLICABLE, UNREADABLE, State, part_named, parts_called, read_answer, wants
from chamdiem.scoring.marks import STAGES, Bare, Evidence, Judge, Marks, Source, Unit, tidy
from chamdiem.scoring.plan import Leaf, Plan
from chamdiem.scoring.quick import plain
from chamdiem.scoring.slots import Slot
from chamdiem.scoring.table import Coded, Columns, text_of

MISSING = np.iinfo(np.int64).min
Row: TypeAlias = "int | np.signedinteger[Any]"


def build(
    plan: Plan,
    columns: Columns,
    *,
    units: Sequence[Unit] | None = None,
    judges: Sequence[Judge] | None = None,
    evidence: Sequence[Evidence] | None = None,
    recused: Iterable[tuple[str, str]] = (),
) -> Marks:
    """Code the long table of marks. Without `units` or `judges` those that occur are taken; with them any other is
    refused. Raises Refusal naming every row that is wrong: unknown unit, criterion, judge, stage or input; an answer
    that cannot be read, is above the maximum, off-step or out of range; two marks for one place; part of an answer.
    Evidence and recusals that name nobody are refused as well: they would count for nothing."""
    everybody = units is None
    unit_list = _units(columns.unit.tidied[:-1] if units is None else units)
    judge_list = _judges((columns.judge.tidied[:-1] if columns.judge else ()) if judges is None else judges)
    proofs = tuple(sorted(evidence or (), key=lambda item: (item.unit, item.criterion, item.item)))
    rest = (None, proofs, evidence is not None, frozenset(recused))
    strangers = _strangers(
        plan, rest[1], rest[3], None if everybody else unit_list, None if judges is None else judge_list
    )
    quick = None if strangers else plain(plan, columns, unit_list, judge_list, (everybody, judges is None))
    if quick is not None:
        return Marks(plan, unit_list, judge_list, quick[0], quick[1], *rest)
    if everybody:
        unit_list = _units(columns.unit.occurring())
    if judges is None:
        judge_list = _judges(columns.judge.occurring() if columns.judge else ())
    reader = _Reader(plan, columns, [])
    unit_at = reader.keyed("unit", columns.unit, {unit.code: at for at, unit in enumerate(unit_list)})
    target = reader.targets()
    source_at, sources = reader.sources({judge.code for judge in judge_list} if judges is not None else None)
    rows = np.flatnonzero((unit_at >= 0) & (target != UNREADABLE) & (source_at >= 0))
    shape = (len(plan.slots), len(sources), len(unit_list))
    place = source_at[rows] * shape[2] + unit_at[rows]
    cube, states = reader.answers(rows, target[rows], place, shape)
    cells = tuple(reader.checked(slot, cube[slot.index], rows, target[rows], place) for slot in plan.slots)
    for leaf in plan.leaves:
        reader.whole(leaf, cells, states, unit_list, sources)
    if reader.problems or strangers:
        in_order = sorted(dict.fromkeys(reader.problems), key=lambda found: found[0])  # each part of an answer tells it
        raise Refusal([*(problem for _, problem in in_order), *strangers])
    marking = np.logical_or.reduce([(found > 0).any(axis=1) for found in cells])
    marking |= False if states is None else (states > 0).any(axis=(0, 2))
    return Marks(
        plan,
        unit_list,
        judge_list,
        tuple(source for source, marks in zip(sources, marking, strict=True) if marks),
        cells if marking.all() else tuple(found[marking] for found in cells),
        states if states is None or marking.all() else states[:, marking],
        *rest[1:],
        _notes(columns),
    )


def _units(listed: Iterable[Unit | str]) -> Sequence[Unit]:
    """Units in order of code; of a code alone the unit without a name."""
    found = dict.fromkeys(listed)
    codes = sorted(one for one in found if isinstance(one, str))
    named = [one for one in found if not isinstance(one, str)]
    return tuple(sorted([*map(Unit, codes), *named], key=attrgetter("code"))) if named else Bare(codes)


def _strangers(
    plan: Plan,
    evidence: Iterable[Evidence],
    recused: Iterable[tuple[str, str]],
    units: Iterable[Unit] | None,
    judges: Iterable[Judge] | None,
) -> list[Problem]:
    """Evidence and recusals of units, judges or criteria that are not there; None: those that occur in marks."""
    known_units = None if units is None else {unit.code for unit in units}
    known_judges = None if judges is None else {judge.code for judge in judges}
    leaves = {leaf.node.code for leaf in plan.leaves}
    named = [(item.unit, "", item.criterion) for item in evidence] + [(*pair, "") for pair in sorted(recused)]
    problems: list[Problem] = []
    for unit, judge, code in named:
        where = Where(path=tuple(word for word in (unit, judge, code) if word))
        if known_units is not None and unit not in known_units:
            problems.append(Problem(where, message("mark.unknown_unit", value=unit, hint="")))
        if judge and known_judges is not None and judge not in known_judges:
            problems.append(Problem(where, message("mark.unknown_judge", value=judge, hint="")))
        if code and code not in leaves:
            problems.append(Problem(where, message("sheet.evidence_place", code=code)))
    return list(dict.fromkeys(problems))


def _judges(listed: Iterable[Judge | str]) -> tuple[Judge, ...]:
    """Judges in order of code."""
    judges = [Judge(one) if isinstance(one, str) else one for one in dict.fromkeys(listed)]
    return tuple(sorted(judges, key=lambda judge: judge.code))


def _notes(columns: Columns) -> dict[tuple[str, str, str, str], str]:
    """What was written beside marks, by unit, criterion, stage and judge."""
    if columns.note is None or not (columns.note.codes >= 0).any():
        return {}
    keys = [
        [""] * len(columns.note.codes) if column is None else column.texts()
        for column in (columns.unit, columns.criterion, columns.stage, columns.judge)
    ]
    rows = zip(*keys, columns.note.texts(), strict=True)
    return {(unit, code, stage or "judge", judge): note for unit, code, stage, judge, note in rows if note}


class _Parts(dict[tuple[str, str], int]):
    """The slot of a part by criterion and word, or UNREADABLE; each word is looked up once."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.slots: dict[str, list[Slot]] = defaultdict(list)
        for slot in plan.slots:
            self.slots[slot.owner].append(slot)

    def __missing__(self, key: tuple[str, str]) -> int:
        code, word = key
        at = part_named([slot.input for slot in self.slots[code]], word)
        self[key] = UNREADABLE if at is None else self.slots[code][at].index
        return self[key]


@dataclass(frozen=True)
class _Reader:
    """The steps of `build`, sharing the plan, the columns and the list of problems."""

    plan: Plan
    columns: Columns
    problems: list[tuple[int, Problem]]

    def refuse(self, row: Row, problem: Message, *path: str) -> None:
        """Note that one row is wrong."""
        self.problems.append((int(row), Problem(replace(self.columns.place(int(row)), path=path), problem)))

    def keyed(self, what: str, column: Coded, target: Mapping[str, int]) -> Array:
        """The index of each row's key; unknown and blank keys are noted."""
        at = column.map(target)
        for row in np.flatnonzero(at < 0):
            self.unknown(row, what, column, target)
        return at

    def unknown(self, row: Row, what: str, column: Coded, known: Iterable[str]) -> None:
        """Note a key that is blank or that nobody declared, with the nearest ones that were."""
        if column.codes[row] < 0:
            self.refuse(row, message(f"mark.no_{what}"))
            return
        value = tidy(column.values[column.codes[row]])
        near = difflib.get_close_matches(value, list(known), 3)
        hint = message("mark.did_you_mean", near=near) if near else ""
        self.refuse(row, message(f"mark.unknown_{what}", value=value, hint=hint))

    def targets(self) -> Array:
        """Where each row's answer goes: a slot (≥ 0), or a whole leaf as -2 - leaf when its answer has several parts."""
        plan, criterion, asked = self.plan, self.columns.criterion, self.columns.input
        whole = {
            leaf.node.code: leaf.slots[0].index if len(leaf.slots) == 1 else -2 - leaf.index for leaf in plan.leaves
        }
        whole |= {fact.id: slot.index for fact, slot in plan.facts}
        unknown = UNREADABLE + 1
        target = criterion.map(whole, unknown)
        target = np.where(target == -1, unknown, target)
        for row in np.flatnonzero(target == unknown):
            self.unknown(row, "criterion", criterion, whole)
        target = np.where(target == unknown, UNREADABLE, target)
        if asked is not None:
            parts = _Parts(plan)
            for row in np.flatnonzero((asked.codes >= 0) & (target != UNREADABLE)):
                code, name = tidy(criterion.values[criterion.codes[row]]), tidy(asked.values[asked.codes[row]])
                target[row] = parts[code, name]
                if target[row] == UNREADABLE:
                    known = parts_called(slot.input for slot in parts.slots[code])
                    self.refuse(row, message("mark.unknown_input", value=name, known=known), code)
        return target

    def sources(self, known: set[str] | None) -> tuple[Array, tuple[Source, ...]]:
        """The source of each row and the list of sources in canonical order."""
        count, blank = len(self.columns.criterion.codes), Coded(np.array([], dtype=np.int64), ())
        stage, judge = self.columns.stage or blank, self.columns.judge or blank
        stages = stage.map({name: at for at, name in enumerate(STAGES)}) if len(stage.codes) else np.full(count, -1)
        for row in np.flatnonzero(stages == -2):
            self.unknown(row, "stage", stage, STAGES)
        stages = np.where(stages == -1, STAGES.index("judge"), stages)
        names = sorted({tidy(value) for value in judge.values})
        at = judge.map({name: at for at, name in enumerate(names)}) if len(judge.codes) else np.full(count, -1)
        for name in names if known is not None else ():
            if name not in known:  # type: ignore[operator]
                for row in np.flatnonzero(at == names.index(name)):
                    self.unknown(row, "judge", judge, known or ())
        combined = stages * (len(names) + 1) + at + 1
        present, index = np.unique(combined, return_inverse=True) if count else (combined, combined)
        listed = tuple(
            Source(STAGES[code // (len(names) + 1)], ["", *names][code % (len(names) + 1)])
            for code in present
            if code >= 0
        )
        return np.where(stages < 0, -1, index - int((present < 0).sum())), listed

    def answers(
        self, rows: Array, target: Array, place: Array, shape: tuple[int, int, int]
    ) -> tuple[Array, Array | None]:
        """The cube of answers (int64, MISSING where there is none) and the states, from numbers or from texts."""
        answer = self.columns.answer
        if isinstance(answer, Coded):
            return self._from_texts(answer, rows, target, place, shape)
        return self._from_numbers(answer, rows, target, place, shape), None

    def _from_numbers(
        self, answer: Array, rows: Array, target: Array, place: Array, shape: tuple[int, int, int]
    ) -> Array:
        whole = len(rows) == len(answer)
        given = answer if whole else answer[rows]
        blank = np.isnan(given) if given.dtype.kind == "f" else np.zeros(0, dtype=np.bool_)
        if blank.any():
            rows, target, place, given = rows[~blank], target[~blank], place[~blank], given[~blank]
        for at in np.flatnonzero(target < 0):
            self.refuse(rows[at], message("mark.needs_parts"), *self._path(target[at]))
        size = shape[1] * shape[2]
        staged = np.full(shape[0] * size, np.nan)
        if (target < 0).any():
            keep = target >= 0
            rows, target, place, given = rows[keep], target[keep], place[keep], given[keep]
        flat = target * size + place
        staged[flat] = given
        staged = staged.reshape(shape)
        if np.count_nonzero(~np.isnan(staged)) != len(flat):
            self.repeated(rows, flat)
        cube = np.full(shape, MISSING, dtype=np.int64)
        for slot in self.plan.slots:
            cube[slot.index] = self._whole_numbers(slot, staged[slot.index], rows, flat, size)
        return cube

    def _whole_numbers(self, slot: Slot, given: Array, rows: Array, flat: Array, size: int) -> Array:
        """Numbers as the whole numbers of their slot, exactly: x is a decimal of so many places only if q / 10^p is x."""
        there = ~np.isnan(given)
        if slot.input.type not in ("points", "number", "whole"):
            return self._numbers_for_words(slot, given, rows, flat, size)
        factor = 10.0**slot.input.places
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = np.rint(np.where(there, given, 0) * factor)
            exact = (np.abs(scaled) < 2.0**53) & (scaled / factor == np.where(there, given, 0))
        for value in np.unique(given[~exact]).tolist():
            problem = message("mark.unreadable", value=repr(value), wants=wants(slot.input))
            self._refuse_cells(np.flatnonzero((given == value).ravel()) + slot.index * size, rows, flat, problem, slot)
        return np.where(there & exact, np.where(exact, scaled, 0).astype(np.int64), MISSING)

    def _numbers_for_words(self, slot: Slot, given: Array, rows: Array, flat: Array, size: int) -> Array:
        """Numbers where a word is asked for, read as the texts of these numbers: 1 for yes, 2 for the level of 2 points."""
        found = np.full(given.shape, MISSING, dtype=np.int64)
        for value in np.unique(given[~np.isnan(given)]).tolist():
            read = read_answer((slot.input,), text_of(value))
            if isinstance(read, tuple):
                found[given == value] = read[0][1]
            elif isinstance(read, Message):
                self._refuse_cells(np.flatnonzero((given == value).ravel()) + slot.index * size, rows, flat, read, slot)
        return found

    def _refuse_cells(self, cells: Array, rows: Array, flat: Array, problem: Message, slot: Slot) -> None:
        """Note the rows that wrote these cells of the cube."""
        for at in np.flatnonzero(np.isin(flat, cells)):
            self.refuse(rows[at], problem, slot.owner)

    def _from_texts(
        self, answer: Coded, rows: Array, target: Array, place: Array, shape: tuple[int, int, int]
    ) -> tuple[Array, Array | None]:
        given = answer.codes[rows]
        there = given >= 0
        rows, target, place, given = rows[there], target[there], place[there], given[there]
        width = len(answer.values) + 1
        pairs, which = distinct((target - target.min(initial=0)) * width + given)
        first = np.zeros(len(pairs), dtype=np.int64)
        first[which[::-1]] = np.arange(len(which))[::-1]
        read = [self._read(int(target[at]), answer.values[int(given[at])]) for at in first]
        size, extent = shape[1] * shape[2], shape[1] * shape[2]
        cube = np.full(shape[0] * size, MISSING, dtype=np.int64)
        states: Array | None = None
        counts = np.array([len(found) if isinstance(found, tuple) else 0 for found in read], dtype=np.int64)
        slots = np.array([slot for found in read if isinstance(found, tuple) for slot, _ in found], dtype=np.int64)
        values = np.array([value for found in read if isinstance(found, tuple) for _, value in found], dtype=np.int64)
        starts = np.cumsum(counts) - counts
        times = counts[which]
        row_of = np.repeat(np.arange(len(which)), times)
        nth = np.arange(len(row_of)) - np.repeat(np.cumsum(times) - times, times)
        part = starts[which[row_of]] + nth
        flat = slots[part] * size + place[row_of] if len(part) else np.zeros(0, dtype=np.int64)
        cube[flat] = values[part] if len(part) else 0
        if np.count_nonzero(cube != MISSING) != len(flat):
            self.repeated(rows[row_of], flat)
        for at, found in enumerate(read):
            if isinstance(found, Message):
                for row in np.flatnonzero(which == at):
                    self.refuse(rows[row], found, *self._path(target[row]))
            elif isinstance(found, State):
                states = np.zeros((len(self.plan.leaves), extent), dtype=np.int8) if states is None else states
                leaf, spots = self._leaf(int(target[first[at]])), np.flatnonzero(which == at)
                assert leaf is not None
                for spot in spots:
                    if states[leaf.index, place[spot]]:
                        same = (place == place[spot]) & (target == target[spot])
                        same[spot] = False
                        other = place_of(self.columns.place(int(rows[same.argmax()])))
                        self.refuse(rows[spot], message("mark.twice", first=other), leaf.node.code)
                    states[leaf.index, place[spot]] = found.value
        return cube.reshape(shape), None if states is None else states.reshape(-1, *shape[1:])

    def _leaf(self, target: int) -> Leaf | None:
        if target <= -2:
            return self.plan.leaves[-2 - target]
        owner = self.plan.slots[target].owner
        return next((leaf for leaf in self.plan.leaves if leaf.node.code == owner), None)

    def _path(self, target: int) -> tuple[str, ...]:
        leaf = self._leaf(int(target))
        return (leaf.node.code,) if leaf else (self.plan.slots[int(target)].owner,)

    def _read(self, target: int, text: str) -> tuple[tuple[int, int], ...] | State | Message:
        leaf = self._leaf(target)
        slots = (self.plan.slots[target],) if target >= 0 else self.plan.leaves[-2 - target].slots
        found = read_answer(tuple(slot.input for slot in slots), text)
        if isinstance(found, State):
            if leaf is None:
                return message("mark.fact_needs_answer")
            if found is NOT_APPLICABLE and leaf.node.not_applicable is None:
                return message("mark.always_applicable", code=leaf.node.code)
            return found
        if isinstance(found, Message):
            return found
        return tuple((slots[part].index, value) for part, value in found)

    def repeated(self, rows: Array, flat: Array) -> None:
        """Name both places of marks that stand twice."""
        order = np.argsort(flat, kind="stable")
        same = np.flatnonzero(np.diff(flat[order]) == 0)
        for at in same:
            first, again = self.columns.place(int(rows[order[at]])), int(rows[order[at + 1]])
            self.refuse(again, message("mark.twice", first=place_of(first)))

    def checked(self, slot: Slot, answers: Array, rows: Array, target: Array, place: Array) -> Array:
        """The stored cells of one slot; answers below the lowest, above the highest or off-step are noted."""
        there = answers != MISSING
        asked = slot.input
        wrong = there & ((answers < slot.low) | (answers > slot.high))
        if asked.step > 1:
            wrong |= there & (answers % asked.step != 0)
        if wrong.any():
            cells = answers.ravel()
            spots = np.flatnonzero(wrong.ravel())
            owners = {slot.index, *(-2 - leaf.index for leaf in self.plan.leaves if slot in leaf.slots)}
            here = np.isin(target, list(owners)) & np.isin(place, spots)
            for at in np.flatnonzero(here):
                self.refuse(rows[at], out_of_range(slot, int(cells[place[at]])), slot.owner)
        return slot.stored(np.where(there & ~wrong, answers, slot.low - 1))

    def whole(
        self,
        leaf: Leaf,
        cells: tuple[Array, ...],
        states: Array | None,
        units: Sequence[Unit],
        sources: tuple[Source, ...],
    ) -> None:
        """Note answers of which a part is missing (unless a part is wrong), answers that contradict themselves or are out
        of the range of the unit's own rule, and an answer beside a state."""
        given = [cells[slot.index] > 0 for slot in leaf.slots]
        if not any(one.any() for one in given):
            return
        there: Mask = np.logical_and.reduce(given)
        partly: Mask | None = None
        found: list[tuple[Mask, Message]] = []
        if len(given) > 1:
            partly = np.logical_or.reduce(given) & ~there
            found.append((partly, message("mark.part_missing", parts=parts_called(slot.input for slot in leaf.slots))))
        if states is not None:
            found.append((there & (states[leaf.index] > 0), message("mark.answer_and_state")))
        if len(given) > 1 or len(leaf.rules) > 1:
            found.extend(self._contradictions(leaf, cells, there, units))
        for mask, why in found:
            for source, unit in zip(*np.nonzero(mask), strict=True):
                rows = self._rows_of[units[unit].code, leaf.node.code, sources[source].stage, sources[source].judge]
                if mask is not partly or not {row for row, _ in self.problems}.intersection(rows):
                    self.refuse(rows[0], why, leaf.node.code)

    def _contradictions(
        self, leaf: Leaf, cells: tuple[Array, ...], there: Mask, units: Sequence[Unit]
    ) -> Iterator[tuple[Mask, Message]]:
        """What each unit's own rule does not allow, though the slots hold it."""
        given = {slot.input.name: slot.answers(cells[slot.index]) for slot in leaf.slots}
        for rule, here in leaf.by_rule([unit.category for unit in units]):
            for mask, why in rule.contradictions(Answers(given, there)):
                yield mask & there & here, why
            for slot, asked in zip(leaf.slots, rule.inputs(leaf.scale), strict=True):
                answers = given[asked.name]
                beyond = there & here & ((answers < asked.low) | (answers > asked.high))
                for answer in np.unique(answers[beyond]).tolist() if beyond.any() else ():
                    own = replace(slot, low=asked.low, high=asked.high)
                    yield beyond & (answers == answer), out_of_range(own, answer)

    @cached_property
    def _rows_of(self) -> dict[tuple[str, str, str, str], list[int]]:
        """The rows of each unit, leaf, stage and judge; only made when something is wrong."""
        columns = (self.columns.unit, self.columns.criterion, self.columns.stage, self.columns.judge)
        texts = [[""] * len(self.columns.criterion.codes) if column is None else column.texts() for column in columns]
        found: dict[tuple[str, str, str, str], list[int]] = {}
        for row, (unit, code, stage, judge) in enumerate(zip(*texts, strict=True)):
            found.setdefault((unit, code, stage or "judge", judge), []).append(row)
        return found


def distinct(numbers: Array) -> tuple[Array, Array]:
    """The distinct of some whole numbers from 0 on, in order, and which of them each is; counted, not sorted."""
    if numbers.max(initial=0) > 4 * len(numbers) + 1000:
        return np.unique(numbers, return_inverse=True)
    there = np.zeros(numbers.max(initial=0) + 1, dtype=np.bool_)
    there[numbers] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[numbers]


def place_of(where: Where) -> Message:
    """A place inside another sentence."""
    known = "place.named" if where.sheet else "place.named_line" if where.file else "place.named_row"
    return message(known, file=where.file, sheet=where.sheet, cell=where.cell, line=where.line or "")


def out_of_range(slot: Slot, answer: int) -> Message:
    """Why an answer that could be read is not allowed."""
    asked = slot.input
    value: Any = from_ticks(answer, asked.places)
    if answer > slot.high:
        return message("mark.above_maximum", value=value, maximum=from_ticks(slot.high, asked.places))
    if answer < slot.low:
        return message("mark.below_minimum", value=value, minimum=from_ticks(slot.low, asked.places))
    return message("mark.off_step", value=value, step=from_ticks(asked.step, asked.places))
