"""A query's condition as a PyIceberg expression, so that files without its rows are left out.

Only the comparisons that are understood for certain are kept; what is left out only means that
more files are read.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import reduce

import sqlglot
from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    EqualTo,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    NotNull,
    Reference,
)
from pyiceberg.schema import Schema
from pyiceberg.types import DateType, IntegerType, LongType, StringType, TimestampType
from sqlglot import exp

_Make = Callable[..., BooleanExpression]

# What a comparison is, and what it is with its sides exchanged.
_COMPARISONS: dict[type[exp.Expr], tuple[_Make, _Make]] = {
    exp.EQ: (EqualTo, EqualTo),
    exp.GT: (GreaterThan, LessThan),
    exp.GTE: (GreaterThanOrEqual, LessThanOrEqual),
    exp.LT: (LessThan, GreaterThan),
    exp.LTE: (LessThanOrEqual, GreaterThanOrEqual),
}
_in: _Make = In
_is_null: _Make = IsNull
_not_null: _Make = NotNull

_SAFE_TYPES = (IntegerType, LongType, StringType, DateType, TimestampType)


def iceberg_filter(condition: str, schema: Schema) -> BooleanExpression:
    """The part of a condition that PyIceberg can evaluate on partitions and column bounds."""
    tree = sqlglot.parse_one(condition, dialect="duckdb")
    parts = list(tree.flatten()) if isinstance(tree, exp.And) else [tree]
    understood = [found for part in parts if (found := _expression(part.unnest(), schema)) is not None]
    everything: BooleanExpression = AlwaysTrue()
    return reduce(_and, understood, everything)


def _and(left: BooleanExpression, right: BooleanExpression) -> BooleanExpression:
    return And(left, right)


def _expression(part: exp.Expr, schema: Schema) -> BooleanExpression | None:
    comparison = _COMPARISONS.get(type(part))
    if comparison is not None:
        left, right = part.this.unnest(), part.expression.unnest()
        if isinstance(left, exp.Column):
            return _compare(comparison[0], left, right, schema)
        return _compare(comparison[1], right, left, schema) if isinstance(right, exp.Column) else None
    if isinstance(part, exp.In) and isinstance(part.this, exp.Column) and part.expressions:
        values = [_literal(value.unnest(), part.this, schema) for value in part.expressions]
        return None if None in values else _in(Reference(part.this.name), values)
    if (
        isinstance(part, exp.Is)
        and isinstance(part.this, exp.Column)
        and isinstance(part.expression, exp.Null)
    ):
        return _is_null(Reference(part.this.name))
    if isinstance(part, exp.Not) and isinstance(part.this.unnest(), exp.Is):
        inner = part.this.unnest()
        if isinstance(inner.this, exp.Column) and isinstance(inner.expression, exp.Null):
            return _not_null(Reference(inner.this.name))
    return None


def _compare(kind: _Make, column: exp.Expr, value: exp.Expr, schema: Schema) -> BooleanExpression | None:
    found = _literal(value, column, schema)
    return None if found is None else kind(Reference(column.name), found)


def _literal(value: exp.Expr, column: exp.Expr, schema: Schema) -> str | int | None:
    """A literal that means the same to PyIceberg as to DuckDB, for the column's type."""
    try:
        type_ = schema.find_field(column.name, case_sensitive=False).field_type
    except ValueError:
        return None
    if not isinstance(type_, _SAFE_TYPES):
        return None
    if isinstance(type_, TimestampType):
        return _moment(value)
    if isinstance(value, exp.Cast):
        if not (isinstance(type_, DateType) and value.to.this == exp.DataType.Type.DATE):
            return None
        value = value.this
    elif isinstance(type_, DateType):
        return None
    if not isinstance(value, exp.Literal):
        return None
    if isinstance(type_, StringType | DateType):
        return str(value.this) if value.is_string else None
    return int(value.this) if value.is_int else None


def _moment(value: exp.Expr) -> str | None:
    """A literal timestamp without a zone in the spelling that PyIceberg reads."""
    if not (isinstance(value, exp.Cast) and isinstance(value.this, exp.Literal) and value.this.is_string):
        return None
    if value.to.this not in (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ):
        return None
    try:
        moment = datetime.datetime.fromisoformat(value.this.name)
    except ValueError:
        return None
    return moment.isoformat() if moment.tzinfo is None else None
