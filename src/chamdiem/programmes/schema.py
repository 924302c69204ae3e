"""The JSON Schema that editors use to complete and check programme files while they are written."""

from __future__ import annotations

import json

from chamdiem.criteria.schema import json_schema
from chamdiem.programmes.model import Programme


def schema_text() -> str:
    """The schema as it is kept in criteria/programmes/programme.schema.json."""
    schema = json_schema(Programme, "urn:chamdiem:programme", "Chương trình")
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
