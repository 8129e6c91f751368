"""`FETCH FIRST … ROWS WITH TIES`: the rows of the first ranks.

https://trino.io/docs/401/sql/select.html#limit-or-fetch-first-clause
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.exceptions import MissingOrderBy, NotSupported
from millpond.athena.sql.quoting import quote_name
from millpond.athena.sql.relations import derived
from millpond.athena.sql.scope import Field, Scope
from millpond.athena.sql.select import AnalyzedQuery, ordinal_of
from millpond.athena.sql.types import BIGINT

if TYPE_CHECKING:
    from millpond.athena.sql.queries import StatementAnalyzer


def with_ties(analyzer: StatementAnalyzer, node: syntax.Query, outer: Scope | None) -> AnalyzedQuery:
    """FETCH FIRST … WITH TIES: the rows of the first ranks."""
    if not node.order_by:
        raise MissingOrderBy.at(node.position, "FETCH FIRST WITH TIES clause requires ORDER BY")
    result = _ranked(analyzer, node, outer)
    relation = derived(analyzer, result.sql, result.fields)
    *kept, rank, number = (inner.sql for inner in relation.fields)
    columns = ", ".join(f"{sql} AS {item.sql}" for sql, item in zip(kept, result.fields, strict=False))
    count, skipped = (
        int(analyzer.limit(replace(node, limit=expression, offset=None)).removeprefix(" LIMIT ") or 0)
        for expression in (node.limit, node.offset)
    )
    sql = (
        f"SELECT {columns} FROM {relation.sql} "
        f"WHERE {rank} <= {skipped + count} AND {number} > {skipped} ORDER BY {number}"
    )
    return AnalyzedQuery(sql, result.fields[:-2])


def _ranked(analyzer: StatementAnalyzer, node: syntax.Query, outer: Scope | None) -> AnalyzedQuery:
    """A query's rows, each with its rank and its number as the last columns."""
    body = node.body
    if isinstance(body, syntax.Select) and not body.distinct:
        keys = tuple(replace(key, expression=_expression_of(body, key.expression)) for key in node.order_by)
        window = syntax.WindowSpecification(node.position, None, (), keys, None)
        items = (
            syntax.SelectItem(
                node.position,
                syntax.FunctionCall(node.position, name, (), window=window),
                syntax.Identifier(node.position, f"${name}"),
            )
            for name in ("rank", "row_number")
        )
        return analyzer.body(replace(body, items=(*body.items, *items)), outer)
    result = analyzer.body(body, outer)
    relation = derived(analyzer, result.sql, result.fields)
    order = analyzer.sort_keys(node, relation, outer)
    columns = ", ".join(
        f"{inner.sql} AS {item.sql}" for inner, item in zip(relation.fields, result.fields, strict=True)
    )
    places = tuple(Field(None, None, BIGINT, quote_name(f"${name}")) for name in ("rank", "row_number"))
    numbers = ", ".join(
        f"{name}() OVER (ORDER BY {order}) AS {place.sql}"
        for name, place in zip(("rank", "row_number"), places, strict=True)
    )
    return AnalyzedQuery(f"SELECT {columns}, {numbers} FROM {relation.sql}", (*result.fields, *places))


def _expression_of(select: syntax.Select, node: syntax.Expression) -> syntax.Expression:
    """What a key of ORDER BY computes: an ordinal or an alias is that column's expression."""
    items = [item for item in select.items if isinstance(item, syntax.SelectItem)]
    ordinal = ordinal_of(node, len(select.items), "ORDER BY")
    if ordinal is not None:
        if len(items) != len(select.items):
            raise NotSupported.at(
                node.position, "FETCH FIRST … WITH TIES by an ordinal beside * is not supported here"
            )
        return items[ordinal - 1].expression
    if isinstance(node, syntax.Identifier):
        for item in items:
            if item.alias is not None and item.alias.lower == node.lower:
                return item.expression
    return node
