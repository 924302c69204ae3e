"""The formula rule: a small closed language of exact numbers, named inputs and points of other nodes; no eval."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, StringConstraints

from chamdiem.criteria.columns import Exact, Mask, constant
from chamdiem.criteria.rules.base import Answers, Fault, Graded, Input, Item, Rule, Scale, repeated_keys, top_of
from chamdiem.criteria.scalars import Decimals, Points, Text
from chamdiem.errors import Message, message
from chamdiem.points import read_number

DEEPEST = 30


class Unreadable(ValueError):
    """The expression steps outside the closed language; `problem` says where."""

    def __init__(self, problem: Message) -> None:
        self.problem = problem
        super().__init__(problem.id)


def parse(expression: str) -> ast.expr:
    """The tree of an expression; raises Unreadable when it is not one."""
    try:
        tree = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unreadable(message("criteria.formula_syntax", expression=expression)) from None
    check(tree, expression, DEEPEST)
    return tree


def check(node: ast.expr, source: str, depth: int) -> None:
    """Raise Unreadable at the first thing that is not number, name, + - * /, min, max, node("code")."""
    if depth == 0:
        raise Unreadable(message("criteria.formula_deep"))
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            literal(node, source)
            return None
        case ast.Name():
            return None
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return check(operand, source, depth - 1)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            check(left, source, depth - 1)
            return check(right, source, depth - 1)
        case ast.Call(func=ast.Name(id="node"), args=[ast.Constant(value=str())], keywords=[]):
            return None
        case ast.Call(func=ast.Name(id="min" | "max"), args=[_, _, *_] as parts, keywords=[]):
            for part in parts:
                check(part, source, depth - 1)
            return None
    raise Unreadable(message("criteria.formula_forbidden", part=ast.get_source_segment(source, node) or source))


def literal(node: ast.Constant, source: str) -> Fraction:
    """A number exactly as it is written in the expression."""
    text = ast.get_source_segment(source, node) or ""
    try:
        return Fraction(read_number(text, 6))
    except ValueError:
        raise Unreadable(message("criteria.formula_number", part=text)) from None


def names(tree: ast.expr) -> tuple[frozenset[str], frozenset[str]]:
    """The inputs and the nodes that an expression reads."""
    called = {id(part.func) for part in ast.walk(tree) if isinstance(part, ast.Call)}
    inputs = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name) and id(part) not in called}
    nodes = {
        str(part.args[0].value)
        for part in ast.walk(tree)
        if isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and part.func.id == "node"
        and isinstance(part.args[0], ast.Constant)
    }
    return frozenset(inputs), frozenset(nodes)


class Evaluation:
    """One pass over an expression; remembers the cells where a division by zero left no value."""

    def __init__(self, source: str, values: Mapping[str, Exact], nodes: Mapping[str, Exact]) -> None:
        self.source, self.values, self.nodes = source, values, nodes
        self.undefined: Mask = np.zeros((), dtype=np.bool_)

    def value(self, node: ast.expr) -> Exact:
        """The exact column of one part of the expression."""
        match node:
            case ast.Constant():
                return constant(literal(node, self.source))
            case ast.Name(id=name):
                return self.values[name]
            case ast.UnaryOp(op=op, operand=operand):
                return -self.value(operand) if isinstance(op, ast.USub) else self.value(operand)
            case ast.BinOp(left=left, op=op, right=right):
                return self.combined(op, self.value(left), self.value(right))
            case ast.Call(func=ast.Name(id="node"), args=[ast.Constant(value=code)]):
                return self.nodes[str(code)]
            case ast.Call(func=ast.Name(id=name), args=parts):
                first, *rest = (self.value(part) for part in parts)
                for other in rest:
                    first = first.where(first.at_least(other) == (name == "max"), other)
                return first
        raise AssertionError(node)

    def combined(self, op: ast.operator, left: Exact, right: Exact) -> Exact:
        """Two columns under one operator."""
        if isinstance(op, ast.Div):
            quotient, exists = left.over_by(right)
            self.undefined = self.undefined | ~exists
            return quotient
        operators: dict[type[ast.operator], Callable[[Exact, Exact], Exact]] = {
            ast.Add: Exact.__add__,
            ast.Sub: Exact.__sub__,
            ast.Mult: Exact.__mul__,
        }
        return operators[type(op)](left, right)


class FormulaInput(Item):
    """Một số liệu của công thức."""

    decimals: Decimals = 0
    """Số chữ số thập phân được ghi."""
    at_least: Points | None = None
    """Giá trị thấp nhất; bỏ trống là 0."""
    at_most: Points | None = None
    """Giá trị cao nhất."""

    def faults(self) -> Iterator[Fault]:
        """Bounds with more decimals than are written down, or the wrong way round."""
        for name, bound in (("at_least", self.at_least), ("at_most", self.at_most)):
            if bound is not None and Fraction(bound) * 10**self.decimals % 1:
                yield (name,), message("criteria.too_many_places", value=bound, places=self.decimals)
        if self.at_most is not None and self.at_most <= (self.at_least or 0):
            yield ("at_most",), message("criteria.variable_range", name=self.key)


class Formula(Rule):
    """Điểm tính theo công thức từ số liệu và điểm tiêu chí khác; dưới 0 thì lấy 0, quá điểm tối đa thì lấy tối đa."""

    kind: Literal["formula"]
    expression: Annotated[Text, StringConstraints(max_length=500)]
    """Công thức: số, tên số liệu, + - * /, min(…), max(…), node("mã tiêu chí"). Dấu thập phân là dấu chấm."""
    variables: Annotated[tuple[FormulaInput, ...], Field(max_length=20)] = ()
    """Các số liệu có tên trong công thức."""

    @cached_property
    def tree(self) -> ast.expr:
        """The parsed expression."""
        return parse(self.expression)

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        return tuple(
            Input(
                variable.key,
                "number",
                variable.decimals,
                int((variable.at_least or 0) * 10**variable.decimals),
                10**12 if variable.at_most is None else int(variable.at_most * 10**variable.decimals),
                title=variable.title,
            )
            for variable in self.variables
        )

    def references(self) -> frozenset[str]:
        return names(self.tree)[1]

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        values = {variable.key: Exact(answers[variable.key], 10**variable.decimals) for variable in self.variables}
        run = Evaluation(self.expression, values, answers.nodes)
        points = (run.value(self.tree) * constant(10**scale.places)).clipped(0, scale.top)
        shape = answers.present.shape
        spread = Exact(np.broadcast_to(points.over, shape), np.broadcast_to(points.under, shape))
        return Graded(spread, np.broadcast_to(run.undefined, shape), "matter.division_by_zero")

    def how(self, scale: Scale) -> tuple[Message, ...]:
        rows = (message("rule.variable", key=variable.key, title=variable.title) for variable in self.variables)
        return (message("rule.formula", expression=self.expression, top=top_of(scale)), *rows)

    def faults(self, scale: Scale) -> Iterator[Fault]:
        try:
            read, _ = names(self.tree)
        except Unreadable as unreadable:
            yield ("expression",), unreadable.problem
            return
        yield from repeated_keys("variables", self.variables)
        declared = {variable.key for variable in self.variables}
        for name in sorted(read - declared):
            yield ("expression",), message("criteria.formula_unknown_name", name=name)
        for at, variable in enumerate(self.variables):
            if variable.key not in read:
                yield ("variables", at), message("criteria.formula_unused", name=variable.key)
            for place, why in variable.faults():
                yield ("variables", at, *place), why
