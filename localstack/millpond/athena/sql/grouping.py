"""A grouped query: its keys, its aggregates, and what an expression is after the grouping.

A grouped SELECT becomes two: the inner one groups and gives each key and each aggregate as a column,
the outer one computes the rest from those columns. So an expression after the grouping is either a
key, an aggregate, or made of such; anything else is `EXPRESSION_NOT_AGGREGATE`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from millpond.athena.sql import calls, syntax
from millpond.athena.sql.exceptions import (
    ExpressionNotAggregate,
    InvalidColumnReference,
    NestedAggregation,
)
from millpond.athena.sql.expression_text import expression_text
from millpond.athena.sql.functions.registry import functions_named
from millpond.athena.sql.scope import Field
from millpond.athena.sql.syntax import Expression, Position
from millpond.athena.sql.types import BIGINT, VARCHAR
from millpond.athena.sql.value import Value
from millpond.athena.sql.zones import Zone

if TYPE_CHECKING:
    from millpond.athena.sql.expressions import ExpressionAnalyzer


class GroupedQuery:
    """The grouping of one SELECT.

    Attributes:
        alias: The inner query's alias in the outer one.
        sets: The grouping sets, each the indexes of its keys.
    """

    def __init__(self, source: ExpressionAnalyzer, alias: str) -> None:
        self.alias = alias
        self.sets: list[tuple[int, ...]] = [()]
        self._source = source
        self._keys: dict[str, Value] = {}
        self._key_kinds: set[type] = set()
        self._columns: dict[str, str] = {}

    def add_key(self, node: Expression) -> int:
        """Add an expression of GROUP BY; gives its index."""
        value = self._source.analyze(node)
        self._key_kinds.add(type(node))
        if value.sql not in self._keys:
            column = f'"$g{len(self._keys)}"'
            self._columns[f"$key {value.sql}"] = f"{value.sql} AS {column}"
            zone = self._zone_column(value, "any_value({})")
            self._keys[value.sql] = Value(f"{self.alias}.{column}", value.type, zone=zone)
        return list(self._keys).index(value.sql)

    def key(self, node: Expression, hidden_names: frozenset[str] = frozenset()) -> Value | None:
        """The column of a key that an expression is, or None; `hidden_names` are lambda parameters."""
        if type(node) not in self._key_kinds and not isinstance(
            node, (syntax.Identifier, syntax.Dereference)
        ):
            return None
        if isinstance(node, syntax.Literal) or contains_aggregate(node):
            return None
        if hidden_names and mentions(node, hidden_names):
            return None
        value = self._source.analyze(node)
        found = self._keys.get(value.sql)
        if found is None and isinstance(node, (syntax.Identifier, syntax.Dereference)):
            if isinstance(node, syntax.Dereference) and self.key(node.base, hidden_names) is not None:
                return None
            raise not_aggregate(node)
        if found is not None and found.zone != value.zone and (value.zone is None or value.zone.name):
            # The same instant, shown in another zone.
            return dataclasses.replace(found, zone=value.zone)
        return found

    def column(self, field: Field, position: Position) -> Value:
        """What a source field is after the grouping, for a correlated subquery."""
        found = self._keys.get(field.value().sql)
        if found is None:
            raise ExpressionNotAggregate.at(
                position, f"Subquery uses '{field.label}' which must appear in GROUP BY clause"
            )
        return found

    def aggregate(self, node: syntax.FunctionCall) -> Value:
        """The column of an aggregate."""
        inner = [
            call
            for argument in (*node.arguments, *(item.expression for item in node.order_by))
            for call in _aggregates(argument)
        ]
        if inner:
            raise NestedAggregation.at(
                node.position,
                f"Cannot nest aggregations inside aggregation '{node.name}': "
                f"[{', '.join(map(expression_text, inner))}]",
            )
        value = calls.aggregate(self._source, node)
        return self._as_column(value)

    def grouping_bits(self, node: syntax.Grouping) -> Value:
        """`GROUPING(a, b)`: a bit per argument, 0 if it is grouped by."""
        arguments = []
        for argument in node.arguments:
            sql = self._source.analyze(argument).sql
            if sql not in self._keys:
                raise InvalidColumnReference.at(
                    node.position,
                    "The arguments to GROUPING() must be expressions referenced by the GROUP BY "
                    "associated with this query",
                )
            arguments.append(sql)
        return self._as_column(Value(f"GROUPING({', '.join(arguments)})", BIGINT))

    def _as_column(self, value: Value) -> Value:
        if value.sql not in self._columns:
            column = f'"$a{len(self._columns)}"'
            self._columns[value.sql] = f"{value.sql} AS {column}"
        column = self._columns[value.sql].rpartition(" AS ")[2]
        return Value(f"{self.alias}.{column}", value.type, zone=self._zone_column(value, "{}"))

    def _zone_column(self, value: Value, template: str) -> Zone | None:
        """The zone after the grouping of a value whose zone may differ from row to row."""
        if value.zone is None or value.zone.name is not None:
            return value.zone
        return Zone(self._as_column(Value(template.format(value.zone.sql), VARCHAR)).sql)

    def inner_sql(self, from_clause: str) -> str:
        """The inner query; `from_clause` is FROM and WHERE."""
        columns = ", ".join(self._columns.values()) or 'count(*) AS "$a0"'
        keys = [value.sql.rpartition(".")[2] for value in self._keys.values()]
        if self.sets == [()]:
            return f"SELECT {columns} {from_clause}"
        if len(self.sets) == 1:
            return f"SELECT {columns} {from_clause} GROUP BY {', '.join(keys[i] for i in self.sets[0])}"
        sets = ", ".join(f"({', '.join(list(self._keys)[i] for i in indexes)})" for indexes in self.sets)
        return f"SELECT {columns} {from_clause} GROUP BY GROUPING SETS ({sets})"


def contains_aggregate(node: Any) -> bool:
    """Whether an expression has an aggregate of its own (not one of a subquery or a window)."""
    return any(True for _ in _aggregates(node))


def _aggregates(node: Any) -> Iterator[syntax.FunctionCall | syntax.Grouping]:
    if isinstance(node, syntax.FunctionCall) and node.window is None:
        functions = functions_named(node.name)
        if functions and functions[0].kind == "aggregate":
            yield node
    if isinstance(node, syntax.Grouping):
        yield node
    for child in _children(node):
        yield from _aggregates(child)


def mentions(node: Any, names: frozenset[str]) -> bool:
    """Whether an expression has one of these names in it."""
    if isinstance(node, syntax.Identifier):
        return node.lower in names
    return any(mentions(child, names) for child in _children(node))


def _children(node: Any) -> list[Any]:
    if isinstance(node, (syntax.Query, str, int, type(None))) or not dataclasses.is_dataclass(node):
        return []
    children: list[Any] = []
    for item in dataclasses.fields(node):
        value = getattr(node, item.name)
        if item.name != "position":
            children.extend(value if isinstance(value, tuple) else [value])
    return children


class NotGrouped(ExpressionNotAggregate):
    """A column that is neither grouped by nor in an aggregate; told of the whole expression around it."""


def not_aggregate(node: Expression) -> NotGrouped:
    """Trino's error for an expression after the grouping that the grouping does not give."""
    text = expression_text(node)
    return NotGrouped.at(
        node.position, f"'{text}' must be an aggregate expression or appear in GROUP BY clause"
    )
