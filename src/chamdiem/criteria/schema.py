"""The JSON Schema that editors use to complete and check criteria files while they are written."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from chamdiem.criteria.model import CriteriaSet
from chamdiem.criteria.scalars import Frozen

ID = "urn:chamdiem:criteria-set"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
WRITTEN = ["string", "number"]  # 1.10 and 2024 need no quotes: the reader takes every scalar as the text it is


def json_schema(of: type[Frozen] = CriteriaSet, id: str = ID, title: str = "Bộ tiêu chí") -> dict[str, Any]:  # noqa: A002
    """The schema of a criteria file, or of a file of another model, by its own keys, explained in Vietnamese."""
    schema = _explained(of, of.model_json_schema(by_alias=True))
    homes = ("chamdiem.criteria.", of.__module__.rpartition(".")[0] + ".")  # elsewhere a class may be called the same
    known = {model.__name__: model for model in _models(Frozen) if model.__module__.startswith(homes)}
    parts = {
        name: _titled(_tidy(_explained(known[name], part) if name in known else part))
        for name, part in schema.pop("$defs").items()
    }
    if "Rounding" in parts:
        parts["Rounding"]["description"] = "Cách làm tròn."
    head = {"$schema": DIALECT, "$id": id, "title": title}
    return {**head, **_tidy(schema), "$defs": parts}


def schema_text() -> str:
    """The schema as it is kept in criteria/criteria-set.schema.json."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def _models(model: type[Frozen]) -> Iterator[type[Frozen]]:
    for kind in model.__subclasses__():
        yield kind
        yield from _models(kind)


def _explained(model: type[Frozen], part: dict[str, Any]) -> dict[str, Any]:
    """The part of a model with the words that stand below each of its fields in the source.

    Only here are they needed, and looking them up for every model would take longer than all else that starts.
    """
    words = {
        name: text
        for base in reversed(model.__mro__)
        if base.__module__.startswith("chamdiem.")
        for name, text in _words(base)
    }
    named = {field.alias or name: words[name] for name, field in model.model_fields.items() if name in words}
    properties = {
        name: dict(sorted({**about, "description": named[name]}.items())) if name in named else about
        for name, about in part.get("properties", {}).items()
    }
    return {**part, "properties": properties} if properties else part


def _words(model: type) -> Iterator[tuple[str, str]]:
    """The fields of one class that have words below them, with these."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef)
    for field, below in pairwise(body.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)


def _titled(part: dict[str, Any]) -> dict[str, Any]:
    """A rule under the name of its kind, so that editors can list the kinds."""
    kind = part.get("properties", {}).get("kind", {}).get("const")
    return {"title": kind, **part} if kind else part


def _tidy(part: Any, named: bool = False) -> Any:
    """The same part without generated titles, text being allowed to look like a number.

    `named` says that the keys of this part are keys of the criteria file, not words of the schema language.
    """
    if isinstance(part, list):
        return [_tidy(item) for item in part]
    if not isinstance(part, dict):
        return part
    if named:
        return {key: _tidy(value) for key, value in part.items()}
    tidied = {key: _tidy(value, named=key == "properties") for key, value in part.items() if key != "title"}
    if "enum" not in tidied and tidied.get("type") != "boolean":
        tidied.pop("default", None)  # of points and shares it is how they are hashed, not how they are written
    if tidied.get("type") == "string" and not tidied.keys() & {"enum", "const", "format"}:
        tidied["type"] = WRITTEN
    return tidied
