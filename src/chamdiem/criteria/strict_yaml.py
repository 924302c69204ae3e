"""The one strict YAML reader of the house: a text becomes a located tree, or a list of located problems.

Scalars stay text exactly as written: `1.10` is not `1.1`, `no` is not False. What lets one YAML text say two things is
refused: anchors, aliases, tags, merge keys, directives, second documents, repeated keys, tabs, invisible characters.
Limits keep the time bounded whatever the text; with or without the C parser the answer is the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import yaml

from chamdiem.criteria.yaml_slips import cause
from chamdiem.criteria.yaml_tree import Loc, Mapping, Node, Place, Scalar, Sequence, Tree, place, place_of, short, start
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
            self.stop(place(raw[: error.start].decode("utf-8", "replace")), message("yaml.not_utf8"), Refusal)
        text = self.normalise(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
        text = self.blot(FORBIDDEN, "yaml.forbidden_character", text, lambda found: "\ufffd")
        text = self.blot(BEYOND_UNICODE, "yaml.escape", text, lambda found: found[0].replace("\\", "\ufffd"))
        text = self.blot(re.compile(r"\t[^\n]*"), "yaml.tab", text, lambda found: found[0].replace("\t", " "))
        while directive := DIRECTIVE.match(text):
            end = directive.end()
            self.report(place(text[: end - 1]), message("yaml.directive"))
            text = text[: end - 1] + "#" + text[end:]
        return text

    def normalise(self, text: str) -> str:
        if text.isascii():
            return text
        marks = bytes(map(bool, map(unicodedata.combining, text)))
        if (run := marks.find(b"\1" * (MOST_MARKS + 1))) >= 0:
            self.stop(place(text[:run]), message("yaml.too_many_marks", limit=MOST_MARKS))
        return unicodedata.normalize("NFC", text)

    def blot(self, bad: re.Pattern[str], id: str, text: str, instead: Callable[[re.Match[str]], str]) -> str:  # noqa: A002
        for found in bad.finditer(text):
            self.report(place(text[: found.start()]), message(id, character=f"U+{ord(found[0][0]):04X}"))
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
                self.report(*cause(error, source.split("\n"), last, self.open[-1].node if self.open else None))
        finally:
            parser.dispose()
        if isinstance(self.root, Scalar) and self.root.text is None and not self.found:
            self.report((1, 1), message("yaml.empty"))

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent) and self.nodes:
            self.stop(place_of(event.start_mark), message("yaml.second_document"), Refusal)
        if isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
        elif isinstance(event, yaml.NodeEvent):
            self.take_node(event, place_of(event.start_mark))

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
            self.report(start(node), message("yaml.complex_key"))
            return Scalar(*start(node), None)
        if node.text is None:
            self.report(start(node), message("yaml.empty_key"))
        elif node.text == "<<" and merges:
            self.report(start(node), message("yaml.merge_key"))
        elif node.text in among.entries:
            first = among.entries[node.text][0]
            self.report(
                start(node),
                message("yaml.repeated_key", key=short(node.text, 60), first=f"{first.line}:{first.column}"),
            )
        return node
