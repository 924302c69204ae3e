"""The one strict YAML reader of the house: text becomes a located tree, and a tree becomes a model or located problems.

Scalars stay text exactly as written: `1.10` is not `1.1`, `no` is not False. What lets one YAML text say two things is
refused: anchors, aliases, tags, merge keys, directives, second documents, repeated keys, tabs, invisible characters.
Limits keep the time bounded whatever the text; with or without the C parser the answer is the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, NoReturn, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from chamdiem.errors import InternalLimit, Message, Problem, Refusal, Where, message

MOST_BYTES = 1024 * 1024
MOST_NODES = 100_000
MOST_PROBLEMS = 100
DEEPEST = 40
LONGEST_SCALAR = 20_000
MOST_MARKS = 30  # combining marks in a row, as in Unicode's stream-safe text: normalising a longer run is quadratic

FORBIDDEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
BEYOND_UNICODE = re.compile(r"\\(?:u|U0000)[dD][89a-fA-F]|\\U(?!000|0010)[0-9a-fA-F]{8}")  # escapes no text can hold
GLUED_COMMENT = re.compile(r"[|>][-+\d]*#")
DIRECTIVE = re.compile(r"(?: *(?:#[^\n]*)?\n)*+%")

M = TypeVar("M", bound=BaseModel)
Loc: TypeAlias = tuple[str | int, ...]
Place: TypeAlias = tuple[int, int]  # line, column; both count from 1
Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, a number or a sentence as written; None where nothing was written."""

    line: int
    column: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, in the order written."""

    line: int
    column: int
    items: list[Node]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and their values, in the order written; each key keeps its own place."""

    line: int
    column: int
    entries: dict[str, tuple[Scalar, Node]]


Node: TypeAlias = Mapping | Sequence | Scalar


@dataclass(frozen=True, slots=True)
class Tree:
    """One file that was read: its nodes, and where each of them stands."""

    file: str
    root: Node

    def plain(self) -> Any:
        """The same content as dictionaries, lists and text, for pydantic."""
        return _plain(self.root)

    def where(self, loc: Loc = (), key: bool = False) -> Where:
        """The place of the value at `loc`, or of its key; steps that the tree does not have are passed over."""
        line, column = self.root.line, self.root.column
        for parent, step, node in self._walk(loc):
            spot = parent.entries[str(step)][0] if key and isinstance(parent, Mapping) else node
            line, column = spot.line, spot.column
        return Where(self.file, line=line, column=column, path=self.path(loc))

    def path(self, loc: Loc) -> tuple[str, ...]:
        """The way to `loc` in a reader's words: list items go by code, id or title, and take the place of "nodes"."""
        labels: list[str] = []
        for parent, step, node in self._walk(loc):
            name = _name(node) if isinstance(parent, Sequence) else _short(str(step), 40)
            if isinstance(parent, Sequence) and name and len(labels) > 1:
                labels.pop()
            labels.append(name or f"#{int(step) + 1}")
        return tuple(labels)

    def _walk(self, loc: Loc) -> Iterator[tuple[Node, str | int, Node]]:
        node = self.root
        for step in loc:
            if isinstance(node, Mapping) and step in node.entries:
                deeper = node.entries[str(step)][1]
            elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
                deeper = node.items[step]
            else:
                continue
            yield node, step, deeper
            node = deeper


def _plain(node: Node) -> Any:
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [_plain(item) for item in node.items]
        case Mapping():
            return {key: _plain(value) for key, (_, value) in node.entries.items()}


def _name(node: Node) -> str:
    if not isinstance(node, Mapping):
        return ""
    named = (node.entries[key][1] for key in ("code", "id", "title") if key in node.entries)
    return next((_short(value.text, 40) for value in named if isinstance(value, Scalar) and value.text), "")


def _short(text: str, width: int) -> str:
    line = " ".join(text[: width + 1].splitlines())
    return line if len(line) <= width else line[: width - 1] + "…"


def read_tree(text: bytes | str, file: str) -> Tree:
    """Read one YAML text; raises Refusal with every problem found, InternalLimit where a limit stopped the reading."""
    reading, refused = _Reading(), Refusal
    try:
        reading.build(reading.clean(text))
    except Refusal as stopped:
        refused = type(stopped)
    tree = Tree(file, reading.root)
    if not reading.found:
        return tree
    raise refused(
        Problem(Where(file, line=line, column=column, path=tree.path(loc)), what)
        for line, column, loc, what in sorted(reading.found, key=lambda found: found[:2])
    )


class SlowParser(yaml.BaseLoader):
    """The parser without C, as strict as the other where a space is missing: `{a:[1]}`."""

    def scan_plain(self) -> Any:
        token = super().scan_plain()
        if self.flow_level and self.peek() == ":" and self.peek(1) in tuple(",?[]{}"):
            told = "while scanning a plain scalar", token.start_mark, "found unexpected ':'", self.get_mark()
            raise yaml.scanner.ScannerError(*told)
        return token


PARSER: Any = getattr(yaml, "CBaseLoader", SlowParser)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read yet, and the key that waits for its value."""

    node: Mapping | Sequence
    loc: Loc
    in_brackets: bool
    key: Scalar | None = None


class _Reading:
    """One reading of one text: the tree so far, what is still open, and the problems found."""

    def __init__(self) -> None:
        self.root: Node = Scalar(1, 1, None)
        self.open: list[_Open] = []
        self.nodes = 0
        self.source = ""
        self.found: list[tuple[int, int, Loc, Message]] = []

    def report(self, place: Place, what: Message) -> None:
        if len(self.found) == MOST_PROBLEMS:
            self.stop(place, message("yaml.too_many_problems", limit=MOST_PROBLEMS))
        self.found.append((*place, self.open[-1].loc if self.open else (), what))

    def stop(self, place: Place, what: Message, refused: type[Refusal] = InternalLimit) -> NoReturn:
        """Reading on is pointless: what was found so far is the answer."""
        self.found.append((*place, (), what))
        raise refused(())

    def clean(self, text: bytes | str) -> str:
        """Decode, normalise, and blot out what is refused, so that the rest can still be read at the same places."""
        raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        if len(raw) > MOST_BYTES:
            self.stop((1, 1), message("yaml.too_many_bytes", limit=MOST_BYTES, length=len(raw)))
        try:
            text = raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            self.stop(_place(raw[: error.start].decode("utf-8", "replace")), message("yaml.not_utf8"), Refusal)
        text = self.normalise(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
        text = self.blot(FORBIDDEN, "yaml.forbidden_character", text, lambda found: "\ufffd")
        text = self.blot(BEYOND_UNICODE, "yaml.escape", text, lambda found: found[0].replace("\\", "\ufffd"))
        text = self.blot(re.compile(r"\t[^\n]*"), "yaml.tab", text, lambda found: found[0].replace("\t", " "))
        while directive := DIRECTIVE.match(text):
            end = directive.end()
            self.report(_place(text[: end - 1]), message("yaml.directive"))
            text = text[: end - 1] + "#" + text[end:]
        return text

    def normalise(self, text: str) -> str:
        if text.isascii():
            return text
        marks = bytes(map(bool, map(unicodedata.combining, text)))
        if (run := marks.find(b"\1" * (MOST_MARKS + 1))) >= 0:
            self.stop(_place(text[:run]), message("yaml.too_many_marks", limit=MOST_MARKS))
        return unicodedata.normalize("NFC", text)

    def blot(self, bad: re.Pattern[str], id: str, text: str, instead: Callable[[re.Match[str]], str]) -> str:  # noqa: A002
        for found in bad.finditer(text):
            self.report(_place(text[: found.start()]), message(id, character=f"U+{ord(found[0][0]):04X}"))
        return bad.sub(instead, text)

    def build(self, source: str) -> None:
        self.source, blotted, last = source, bool(self.found), None
        parser = PARSER(source)
        try:
            while parser.check_event():
                self.take(event := parser.get_event())
                last = event
        except yaml.MarkedYAMLError as error:
            if not blotted:  # else the mistake may be of our own making
                self.report(*_cause(error, source.split("\n"), last, self.open[-1].node if self.open else None))
        finally:
            parser.dispose()
        if isinstance(self.root, Scalar) and self.root.text is None and not self.found:
            self.report((1, 1), message("yaml.empty"))

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent) and self.nodes:
            self.stop(_place_of(event.start_mark), message("yaml.second_document"), Refusal)
        if isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
        elif isinstance(event, yaml.NodeEvent):
            self.take_node(event, _place_of(event.start_mark))

    def take_node(self, event: Any, place: Place) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.stop(place, message("yaml.too_many_nodes", limit=MOST_NODES))
        if isinstance(event, yaml.AliasEvent):
            self.report(place, message("yaml.alias"))
            self.put(Scalar(*place, f"*{event.anchor}"))
            return
        if event.anchor:
            self.report(place, message("yaml.anchor"))
        if event.tag:
            self.report(place, message("yaml.tag"))
        if isinstance(event, yaml.CollectionStartEvent):
            if len(self.open) == DEEPEST:
                self.stop(place, message("yaml.too_deep", limit=DEEPEST))
            node = Mapping(*place, {}) if isinstance(event, yaml.MappingStartEvent) else Sequence(*place, [])
            self.open.append(_Open(node, self.put(node), bool(event.flow_style)))
        else:
            self.put(Scalar(*place, self.text_of(event, place)), merges=not event.style)

    def text_of(self, event: Any, place: Place) -> str | None:
        text: str = event.value
        if not text and not event.style:
            return None
        if len(text) > LONGEST_SCALAR:
            self.report(place, message("yaml.too_long", limit=LONGEST_SCALAR, length=len(text)))
        if not event.style and "?" in text and self.open and self.open[-1].in_brackets:
            self.report(place, message("yaml.question_mark"))  # this and the next: only the C parser understands
        if event.style in ("|", ">") and GLUED_COMMENT.match(self.source, event.start_mark.index):
            self.report(place, message("yaml.block_text"))
        if escaped := FORBIDDEN.search(text):
            self.report(place, message("yaml.forbidden_character", character=f"U+{ord(escaped[0]):04X}"))
        return unicodedata.normalize("NFC", text)

    def put(self, node: Node, merges: bool = False) -> Loc:
        """Hang the node where it belongs in the innermost open collection; returns its way from the root."""
        if not self.open:
            self.root = node
            return ()
        top = self.open[-1]
        if isinstance(top.node, Sequence):
            top.node.items.append(node)
            return (*top.loc, len(top.node.items) - 1)
        if top.key is None:
            top.key = self.key_of(node, top.node, merges)
            return top.loc
        key, top.key = top.key, None
        if key.text is None:
            return top.loc
        if isinstance(node, Scalar) and node.text is None:  # nothing was written: the key is what one can see
            node = replace(key, text=None)
        top.node.entries.setdefault(key.text, (key, node))
        return (*top.loc, key.text)

    def key_of(self, node: Node, among: Mapping, merges: bool) -> Scalar:
        if not isinstance(node, Scalar):
            self.report(_start(node), message("yaml.complex_key"))
            return Scalar(*_start(node), None)
        if node.text is None:
            self.report(_start(node), message("yaml.empty_key"))
        elif node.text == "<<" and merges:
            self.report(_start(node), message("yaml.merge_key"))
        elif node.text in among.entries:
            first = among.entries[node.text][0]
            self.report(
                _start(node),
                message("yaml.repeated_key", key=_short(node.text, 60), first=f"{first.line}:{first.column}"),
            )
        return node


def _start(node: Node) -> Place:
    return node.line, node.column


def _place(before: str) -> Place:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _place_of(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


CAUSES = (  # words of either parser, the sentence that answers them, and whether to say it where the construct began
    ("an anchor", "yaml.anchor", True),
    ("an alias", "yaml.alias", True),
    ("a tag|tag handle", "yaml.tag", True),
    ("directive", "yaml.directive", True),
    ("quoted scalar: found unexpected (end|document)", "yaml.quote_open", True),
    ("escape|hexd", "yaml.escape", False),
    ("cannot start any token", "yaml.reserved_start", False),
    ("block scalar", "yaml.block_text", True),
    ("sequence entries", "yaml.dash", False),
    ("expected '?<document start", "yaml.after_end", False),
    (r"but got '\?'", "yaml.question_mark", False),
    ("a flow (sequence|mapping)", "yaml.bracket_open", True),
    ("unexpected ':'", "yaml.colon_space", False),
)
GLUED = re.compile(r"""[ -]*[^\s:#"'\[{-][^\s:#]*:(?=[^\s:/])""")  # `code:2`, but neither `http://` nor `a::b`


def _cause(error: yaml.MarkedYAMLError, lines: list[str], last: Any, inner: Node | None) -> tuple[Place, Message]:
    """Put a parser's complaint in terms of what people usually do wrong, at the place where they would mend it."""
    broke = _place_of(error.problem_mark or error.context_mark)
    began = _place_of(error.context_mark) if error.context_mark else broke
    broke = min(broke, (len(lines), len(lines[-1]) + 1))  # one parser counts a line more at the end of the text
    line, words = lines[broke[0] - 1], f"{error.context}: {error.problem}"
    sentence, place = (
        _quote_slip(words, broke, last)
        or next(((name, began if back else broke) for told, name, back in CAUSES if re.search(told, words)), None)
        or _colon_slip(words, began, broke, lines)
        or _layout_slip(words, broke, line, inner)
    )
    if sentence == "yaml.escape":  # one parser stops on the backslash, the other after it
        place = (broke[0], line.rfind("\\", 0, broke[1]) + 1)
    return place, message(sentence, character=line[broke[1] - 1 : broke[1]], at=f"{broke[0]}:{broke[1]}")


def _quote_slip(words: str, broke: Place, last: Any) -> tuple[str, Place] | None:
    if (
        not isinstance(last, yaml.ScalarEvent)
        or last.style not in ("'", '"')
        or _place_of(last.end_mark)[0] != broke[0]
    ):
        return None
    if not re.search("a (block|flow) (mapping|sequence|collection)", words):
        return None
    started = _place_of(last.start_mark)
    return ("yaml.quote_open", started) if started[0] < broke[0] else ("yaml.quote_inside", broke)


def _colon_slip(words: str, began: Place, broke: Place, lines: list[str]) -> tuple[str, Place] | None:
    if "expected ':'" not in words and "mapping values" not in words:
        return None
    for number in (began[0], began[0] - 1):
        if number and (glued := GLUED.match(lines[number - 1])):
            return "yaml.colon_space", (number, glued.end())
    if "expected ':'" in words:
        return "yaml.colon_missing", began
    before = lines[broke[0] - 1][: broke[1] - 1]
    return ("yaml.colon_in_text", broke) if re.search(r":\s", before) else None


def _layout_slip(words: str, broke: Place, line: str, inner: Node | None) -> tuple[str, Place]:
    character, before = line[broke[1] - 1 : broke[1]], line[: broke[1] - 1]
    if inner and (not character or ("a flow node" in words and character != "," and not before.strip())):
        return "yaml.bracket_open", _start(inner)
    if "mapping values" in words:
        return "yaml.indent", (broke[0], len(line) - len(line.lstrip()) + 1)
    if character == ":" and before.rstrip()[-1:] in ("", "-", "{", ","):
        return "yaml.empty_key", broke
    return ("yaml.unexpected" if before.strip(" -") or character in "]}," else "yaml.indent"), broke


PathOf: TypeAlias = Callable[[Tree, Loc], tuple[str, ...]]
SENTENCES = {  # what pydantic calls it, by the sentence that answers it
    "yaml.want_text": "string_type",
    "yaml.want_whole_number": "int_type int_parsing int_parsing_size int_from_float",
    "yaml.want_number": "decimal_type decimal_parsing float_type float_parsing finite_number",
    "yaml.want_date": "date_type date_parsing date_from_datetime_parsing date_from_datetime_inexact",
    "yaml.want_yes_no": "bool_type bool_parsing",
    "yaml.want_list": "list_type tuple_type set_type frozen_set_type iterable_type",
    "yaml.want_mapping": "model_type dict_type mapping_type model_attributes_type",
    "yaml.too_few": "too_short",
    "yaml.too_many": "too_long",
    "yaml.text_too_short": "string_too_short",
    "yaml.text_too_long": "string_too_long",
    "yaml.pattern": "string_pattern_mismatch",
    "yaml.want_greater": "greater_than",
    "yaml.want_at_least": "greater_than_equal",
    "yaml.want_less": "less_than",
    "yaml.want_at_most": "less_than_equal",
    "yaml.want_multiple": "multiple_of",
    "yaml.too_many_places": "decimal_max_places",
    "yaml.too_many_digits": "decimal_max_digits decimal_whole_digits",
    "yaml.not_allowed": "literal_error enum union_tag_invalid",
    "yaml.refused": "value_error assertion_error",
}
SENTENCE_OF = {type_: sentence for sentence, types in SENTENCES.items() for type_ in types.split()}


def read_model(model: type[M], text: bytes | str, file: str, *, path_of: PathOf = Tree.path) -> tuple[M, Tree]:
    """Read one YAML text as `model`; raises Refusal with every problem, each at its place.

    `path_of` names the place of a problem in a reader's words, from the outermost group inwards.
    """
    tree = read_tree(text, file)
    try:
        return model.model_validate(tree.plain()), tree
    except ValidationError as error:
        errors = [dict(one) for one in error.errors(include_url=False) if not _follows(dict(one))]
    schema = dict(model.__pydantic_core_schema__)
    found = [_answer(one, tree, schema, path_of) for one in errors[:MOST_PROBLEMS]]
    if len(errors) > MOST_PROBLEMS:
        found.append(Problem(Where(file), message("yaml.too_many_problems", limit=MOST_PROBLEMS)))
    raise Refusal(dict.fromkeys(sorted(found, key=lambda problem: (problem.where.line, problem.where.column))))


def _follows(error: dict[str, Any]) -> bool:
    """Whether a list is too short only because pydantic does not count the items it has complained about."""
    if error["type"] != "too_short" or error["ctx"]["field_type"] not in ("List", "Tuple"):
        return False
    return len(error["input"]) >= int(error["ctx"]["min_length"])


def _answer(error: dict[str, Any], tree: Tree, schema: Schema, path_of: PathOf) -> Problem:
    type_, loc, context = error["type"], error["loc"], error.get("ctx", {})
    of_a_key = type_ in ("missing", "extra_forbidden") or loc[-1:] == ("[key]",)
    at, expected = _aligned(schema, loc[:-1] if of_a_key else loc)
    if type_ == "extra_forbidden":
        at = (*at, loc[-1])
    elif type_ == "union_tag_invalid":
        at = (*at, _unquoted(context["discriminator"]))
    key = (
        loc[-1]
        if type_ == "missing"
        else next((step for step in reversed(at) if isinstance(step, str)), message("yaml.word.file"))
    )
    where = tree.where(at, key=of_a_key and type_ != "missing")
    return Problem(replace(where, path=path_of(tree, at)), _what(error, context, key, expected))


def _what(error: dict[str, Any], context: dict[str, Any], key: str | Message, expected: list[str]) -> Message:
    type_, value, cause = error["type"], error["input"], context.get("error")
    if isinstance(cause, Exception) and cause.args and isinstance(cause.args[0], Message):
        return cause.args[0]
    if type_ == "missing":
        return message("yaml.missing_key", key=key)
    if type_ == "extra_forbidden":
        return _unknown_key(error["loc"][-1], expected)
    if type_ == "union_tag_not_found":
        return message("yaml.missing_choice", key=_unquoted(context["discriminator"]), allowed=expected)
    if value is None:
        return message("yaml.missing_value", key=key)
    if "." in type_:  # a PydanticCustomError of ours, named after its sentence
        return message(type_, **{**context, **({"value": _shown(value)} if context.get("value") == str(value) else {})})
    choices = context.get("expected", context.get("expected_tags", ""))
    allowed = re.findall("'([^']*)'", choices) or choices
    values = {"key": key, "value": _shown(context.get("tag", value)), "allowed": allowed, "reason": cause}
    return message(SENTENCE_OF.get(type_, "yaml.invalid"), **{**context, **values})


def _unquoted(discriminator: str) -> str:
    return discriminator.strip("'")


def _unknown_key(key: str, allowed: list[str]) -> Message:
    if ":" in key and key.partition(":")[0] in allowed:
        return message("yaml.colon_space")
    if near := get_close_matches(key, allowed):
        return message("yaml.unknown_key_near", key=_short(key, 60), near=near)
    return message("yaml.unknown_key", key=_short(key, 60), allowed=allowed)


def _shown(value: object) -> str | Message:
    if isinstance(value, str):
        return _short(value, 60)
    return message("yaml.word.mapping" if isinstance(value, dict) else "yaml.word.list")


def _aligned(schema: Schema, loc: Loc) -> tuple[Loc, list[str]]:
    """Drop from `loc` the steps that pydantic adds for the branches of unions; also, what may be written at its end.

    Only the schema can tell them apart: under `rule` the step "bands" may be the kind of rule or its key "bands".
    """
    references = {one["ref"]: one for one in schema.get("definitions", ())}
    spots, real = [_opened(schema, references)], []
    for step in loc:
        branches = [branch for spot in spots for branch in _branches(spot, step)]
        if not branches:
            real.append(step)
        inner = branches or [child for spot in spots for child in _children(spot, step)]
        spots = [_opened(one, references) for one in inner]
    return tuple(real), [name for spot in spots for name in _names(spot)]


def _opened(schema: Schema, references: dict[str, Schema]) -> Schema:
    """Take off what surrounds a schema (defaults, validators, optional) until it is known what it is made of."""
    while schema["type"] not in ("model-fields", "dict", "union", "tagged-union"):
        wrapped = (schema[key] for key in ("schema", "python_schema", "lax_schema") if key in schema)
        inner = references.get(schema.get("schema_ref", "")) or next(wrapped, None)
        if inner is None:
            break
        schema = inner
    return schema


def _names(schema: Schema) -> dict[str, Schema]:
    match schema:
        case {"type": "model-fields", "fields": fields}:
            return {_alias(name, field): field["schema"] for name, field in fields.items()}
        case {"type": "tagged-union", "choices": choices}:
            return {str(tag): choice for tag, choice in choices.items()}
    return {}


def _alias(name: str, field: Schema) -> str:
    alias = field.get("validation_alias")
    return alias if isinstance(alias, str) else name


def _branches(schema: Schema, step: str | int) -> list[Schema]:
    match schema:
        case {"type": "tagged-union"}:
            return [choice for tag, choice in _names(schema).items() if tag == step]
        case {"type": "union", "choices": choices}:
            return [choice[0] if isinstance(choice, tuple) else choice for choice in choices]
    return []


def _children(schema: Schema, step: str | int) -> list[Schema]:
    match schema:
        case {"type": "dict", "values_schema": values}:
            return [values]
        case {"items_schema": items}:
            return items if isinstance(items, list) else [items]
    return [child for name, child in _names(schema).items() if name == step]
