"""The JSON Schema that editors use to complete and check criteria files while they are written."""

from __future__ import annotations

import json
from typing import Any

from chamdiem.criteria.model import CriteriaSet

ID = "urn:chamdiem:criteria-set"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
WRITTEN = ["string", "number"]  # 1.10 and 2024 need no quotes: the reader takes every scalar as the text it is


def json_schema() -> dict[str, Any]:
    """The schema of a criteria file by its own keys, explained in Vietnamese."""
    schema = CriteriaSet.model_json_schema(by_alias=True)
    parts = {name: _titled(_tidy(part)) for name, part in schema.pop("$defs").items()}
    parts["Rounding"]["description"] = "Cách làm tròn."
    head = {"$schema": DIALECT, "$id": ID, "title": "Bộ tiêu chí"}
    return {**head, **_tidy(schema), "$defs": parts}


def schema_text() -> str:
    """The schema as it is kept in criteria/criteria-set.schema.json."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


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
