"""Queries: SELECT with its clauses, set operations, VALUES, WITH."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from millpond.athena.sql.syntax.expressions import Expression, Identifier, SortItem, WindowSpecification
from millpond.athena.sql.syntax.node import Node
from millpond.athena.sql.syntax.relations import Relation, Table


@dataclass(frozen=True)
class SelectItem(Node):
    """`expression [AS alias]`."""

    expression: Expression
    alias: Identifier | None


@dataclass(frozen=True)
class AllColumns(Node):
    """`*`, `t.*` or `row.* AS (a, b)`; `target` is None for a bare star."""

    target: Expression | None
    aliases: tuple[Identifier, ...] = ()


@dataclass(frozen=True)
class GroupingElement(Node):
    """One element of GROUP BY.

    Attributes:
        kind: `simple`, `rollup`, `cube` or `sets`.
        sets: The expressions in parentheses: one set for `simple`, one per element for `rollup`
            and `cube`, one per set for `sets`.
    """

    kind: str
    sets: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True)
class Select(Node):
    """A SELECT without ORDER BY and LIMIT, which belong to the `Query` around it."""

    items: tuple[SelectItem | AllColumns, ...]
    distinct: bool = False
    relation: Relation | None = None
    where: Expression | None = None
    group_by: tuple[GroupingElement, ...] | None = None
    group_distinct: bool = False
    having: Expression | None = None
    windows: tuple[tuple[Identifier, WindowSpecification], ...] = ()


@dataclass(frozen=True)
class SetOperation(Node):
    """`operator` is UNION, INTERSECT or EXCEPT."""

    operator: str
    distinct: bool
    left: QueryBody
    right: QueryBody


@dataclass(frozen=True)
class Values(Node):
    """`VALUES row, …`."""

    rows: tuple[Expression, ...]


@dataclass(frozen=True)
class TableQuery(Node):
    """`TABLE name` as a query."""

    table: Table


QueryBody = Union[Select, SetOperation, Values, TableQuery, "Query"]


@dataclass(frozen=True)
class WithQuery(Node):
    """`name [(columns)] AS (query)`."""

    name: Identifier
    columns: tuple[Identifier, ...] | None
    query: Query


@dataclass(frozen=True)
class Query(Node):
    """A query with what stands around its body.

    Attributes:
        limit: The number or `?` of LIMIT or FETCH FIRST; None for LIMIT ALL too.
        with_ties: FETCH FIRST … WITH TIES.
    """

    body: QueryBody
    with_queries: tuple[WithQuery, ...] = ()
    recursive: bool = False
    order_by: tuple[SortItem, ...] = ()
    offset: Expression | None = None
    limit: Expression | None = None
    with_ties: bool = False
