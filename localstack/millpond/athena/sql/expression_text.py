"""Expressions as Trino prints them in its errors: `(id + 1)`, `count(*)`, `"Order Date"`.

Trino's `ExpressionFormatter`: https://github.com/trinodb/trino, core/trino-parser. Every operator stands in
parentheses, identifiers are printed as they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from millpond.athena.sql import syntax
from millpond.athena.sql.syntax import Expression


def expression_text(node: Expression) -> str:
    """An expression as Trino prints it; what has no short text (a query in it) is `(...)`."""
    printer = _PRINTERS.get(type(node))
    return printer(node) if printer is not None else "(...)"


def _list(items: Sequence[Expression]) -> str:
    return ", ".join(map(expression_text, items))


def _identifier(node: syntax.Identifier) -> str:
    return '"' + node.value.replace('"', '""') + '"' if node.quoted else node.value


def _literal(node: syntax.Literal) -> str:
    if node.kind == "string":
        return "'" + node.value.replace("'", "''") + "'"
    if node.kind == "binary":
        return f"X'{node.value}'"
    return node.value


def _interval(node: syntax.IntervalLiteral) -> str:
    to_unit = f" TO {node.to_unit.upper()}" if node.to_unit else ""
    return f"INTERVAL {'-' if node.sign < 0 else ''} '{node.value}' {node.unit.upper()}{to_unit}".replace(
        "  ", " "
    )


def _unary(node: syntax.Unary) -> str:
    operand = expression_text(node.operand)
    return f"(NOT {operand})" if node.operator == "NOT" else f"{node.operator}{operand}"


def _infix(node: syntax.Binary | syntax.Comparison) -> str:
    return f"({expression_text(node.left)} {node.operator} {expression_text(node.right)})"


def _case(node: syntax.Case) -> str:
    parts = ["CASE", *([expression_text(node.operand)] if node.operand is not None else [])]
    for clause in node.clauses:
        parts += ["WHEN", expression_text(clause.condition), "THEN", expression_text(clause.result)]
    if node.default is not None:
        parts += ["ELSE", expression_text(node.default)]
    return f"({' '.join(parts)} END)"


def _call(node: syntax.FunctionCall) -> str:
    arguments = "*" if node.star else _list(node.arguments)
    text = f"{node.name}({'DISTINCT ' if node.distinct else ''}{arguments})"
    if node.filter is not None:
        text += f" FILTER (WHERE {expression_text(node.filter)})"
    if node.window is not None:
        text += " OVER (...)"
    return text


def _lambda(node: syntax.Lambda) -> str:
    return f"({', '.join(map(_identifier, node.parameters))}) -> {expression_text(node.body)}"


def _like(node: syntax.Like) -> str:
    escape = f" ESCAPE {expression_text(node.escape)}" if node.escape is not None else ""
    return f"({expression_text(node.operand)} LIKE {expression_text(node.pattern)}{escape})"


_PRINTERS: dict[type, Callable[[Any], str]] = {
    syntax.Identifier: _identifier,
    syntax.Dereference: lambda node: f"{expression_text(node.base)}.{_identifier(node.field_name)}",
    syntax.Literal: _literal,
    syntax.TypedLiteral: lambda node: f"{node.type_text.upper()} '{node.value}'",
    syntax.IntervalLiteral: _interval,
    syntax.Parameter: lambda node: "?",
    syntax.Unary: _unary,
    syntax.Binary: _infix,
    syntax.Comparison: _infix,
    syntax.Logical: lambda node: f"({f' {node.operator} '.join(map(expression_text, node.terms))})",
    syntax.IsNull: lambda node: f"({expression_text(node.operand)} IS NULL)",
    syntax.Between: lambda node: (
        f"({expression_text(node.operand)} BETWEEN "
        f"{expression_text(node.low)} AND {expression_text(node.high)})"
    ),
    syntax.InList: lambda node: f"({expression_text(node.operand)} IN ({_list(node.items)}))",
    syntax.Like: _like,
    syntax.Case: _case,
    syntax.Cast: lambda node: (
        f"{'TRY_CAST' if node.safe else 'CAST'}({expression_text(node.operand)} AS {node.type.trino})"
    ),
    syntax.Extract: lambda node: f"EXTRACT({node.field_name.upper()} FROM {expression_text(node.operand)})",
    syntax.AtTimeZone: lambda node: (
        f"{expression_text(node.operand)} AT TIME ZONE {expression_text(node.zone)}"
    ),
    syntax.Subscript: lambda node: f"{expression_text(node.base)}[{expression_text(node.index)}]",
    syntax.ArrayConstructor: lambda node: f"ARRAY[{_list(node.items)}]",
    syntax.RowConstructor: lambda node: f"ROW ({_list(node.items)})",
    syntax.Lambda: _lambda,
    syntax.FunctionCall: _call,
    syntax.Grouping: lambda node: f"GROUPING ({_list(node.arguments)})",
}
