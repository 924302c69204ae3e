"""What a YAML syntax error most likely is, from the words of either parser and the line it stopped at."""

from __future__ import annotations

import re
from typing import Any

import yaml

from chamdiem.criteria.yaml_tree import Node, Place, place_of, start
from chamdiem.errors import Message, message

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


def cause(error: yaml.MarkedYAMLError, lines: list[str], last: Any, inner: Node | None) -> tuple[Place, Message]:
    """Put a parser's complaint in terms of what people usually do wrong, at the place where they would mend it."""
    broke = place_of(error.problem_mark or error.context_mark)
    began = place_of(error.context_mark) if error.context_mark else broke
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
    if not isinstance(last, yaml.ScalarEvent) or last.style not in ("'", '"') or place_of(last.end_mark)[0] != broke[0]:
        return None
    if not re.search("a (block|flow) (mapping|sequence|collection)", words):
        return None
    started = place_of(last.start_mark)
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
        return "yaml.bracket_open", start(inner)
    if "mapping values" in words:
        return "yaml.indent", (broke[0], len(line) - len(line.lstrip()) + 1)
    if character == ":" and before.rstrip()[-1:] in ("", "-", "{", ","):
        return "yaml.empty_key", broke
    return ("yaml.unexpected" if before.strip(" -") or character in "]}," else "yaml.indent"), broke
