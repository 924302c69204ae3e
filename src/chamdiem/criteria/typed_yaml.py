"""A located tree becomes a model: every answer of pydantic becomes one of our sentences, at the place it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from chamdiem.criteria.strict_yaml import MOST_PROBLEMS, read_tree
from chamdiem.criteria.yaml_tree import Loc, Tree, short
from chamdiem.errors import Message, Problem, Refusal, Where, message

M = TypeVar("M", bound=BaseModel)
Schema: TypeAlias = dict[str, Any]
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
    if key.isdigit():
        return message("yaml.decimal_comma", key=key)
    if near := get_close_matches(key, allowed):
        return message("yaml.unknown_key_near", key=short(key, 60), near=near)
    return message("yaml.unknown_key", key=short(key, 60), allowed=allowed)


def _shown(value: object) -> str | Message:
    if isinstance(value, str):
        return short(value, 60)
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
