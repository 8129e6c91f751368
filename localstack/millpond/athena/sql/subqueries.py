"""Queries inside expressions: one value, EXISTS, IN and comparisons with ANY and ALL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.coercion import common_type
from millpond.athena.sql.exceptions import TypeMismatch
from millpond.athena.sql.quoting import quote_name
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import BOOLEAN, SqlType, row
from millpond.athena.sql.value import Value, convert

if TYPE_CHECKING:
    from millpond.athena.sql.expressions import ExpressionAnalyzer, QueryResult


def scalar_subquery(analyzer: ExpressionAnalyzer, node: syntax.ScalarSubquery) -> Value:
    """A query that gives one value, or one row as a value."""
    result = analyzer.context.subquery(node.query, analyzer.scope)
    if len(result.fields) == 1:
        item = result.fields[0]
        return replace(item, sql=f"({result.sql})").value()
    alias = analyzer.context.unique("q")
    type_ = _row_of(result)
    fields = [replace(field, sql=f"{alias}.{field.sql}") for field in result.fields]
    values = ", ".join(
        f"{quote_name(item.name or f'field{i}')} := {field.value().sql}"
        for i, (item, field) in enumerate(zip(type_.fields, fields, strict=True))
    )
    return Value(f"(SELECT struct_pack({values}) FROM ({result.sql}) AS {alias})", type_)


def exists(analyzer: ExpressionAnalyzer, node: syntax.Exists) -> Value:
    """`EXISTS (query)`."""
    query = _without_columns(node.query)
    return Value(f"(EXISTS ({analyzer.context.subquery(query, analyzer.scope).sql}))", BOOLEAN)


def in_query(analyzer: ExpressionAnalyzer, node: syntax.InQuery) -> Value:
    """`value IN (query)`."""
    operand = analyzer.analyze(node.operand)
    return _quantified(analyzer, "=", "ANY", operand, node.query, node.position)


def quantified_comparison(analyzer: ExpressionAnalyzer, node: syntax.QuantifiedComparison) -> Value:
    """`value < ALL (query)` and its like."""
    return _quantified(
        analyzer, node.operator, node.quantifier, analyzer.analyze(node.left), node.query, node.position
    )


def _quantified(
    analyzer: ExpressionAnalyzer,
    operator: str,
    quantifier: str,
    operand: Value,
    query: syntax.Query,
    position: Position,
) -> Value:
    result = analyzer.context.subquery(query, analyzer.scope)
    operands = [operand]
    if operand.type.name == "row" and len(result.fields) > 1:
        operands = [
            Value(f"struct_extract_at({operand.sql}, {i + 1})", item.type)
            for i, item in enumerate(operand.type.fields)
        ]
    different = TypeMismatch.at(
        position,
        "Value expression and result of subquery must be of the same type: "
        f"{operand.type.trino} vs {_row_of(result).trino}",
    )
    if len(operands) != len(result.fields):
        raise different
    left, right = [], []
    alias = analyzer.context.unique("q")
    for item_operand, item in zip(operands, result.fields, strict=True):
        type_ = common_type(item_operand.type, item.type)
        if type_ is None:
            raise different
        left.append(convert(item_operand, type_).sql)
        right.append(convert(replace(item, sql=f"{alias}.{item.sql}").value(), type_).sql)
    inner = f"SELECT {', '.join(right)} FROM ({result.sql}) AS {alias}"
    tuple_sql = left[0] if len(left) == 1 else f"({', '.join(left)})"
    return Value(f"({tuple_sql} {operator} {quantifier} ({inner}))", BOOLEAN)


def _row_of(result: QueryResult) -> SqlType:
    """What a query of several columns gives as one value."""
    if len(result.fields) == 1:
        return result.fields[0].type
    return row(*((item.name, item.type) for item in result.fields))


def _without_columns(query: syntax.Query) -> syntax.Query:
    """The same rows with fewer columns: `EXISTS (SELECT * …)` reads none but those that conditions name."""
    body = query.body
    if not isinstance(body, syntax.Select) or body.relation is None or query.order_by or body.distinct:
        return query
    if body.items != (syntax.AllColumns(body.items[0].position, None),):
        return query
    one = syntax.SelectItem(body.position, syntax.Literal(body.position, "integer", "1"), None)
    return replace(query, body=replace(body, items=(one,)))
