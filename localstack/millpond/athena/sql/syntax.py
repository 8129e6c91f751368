"""The syntax tree of queries and expressions, named as in Trino's grammar.

Nodes are plain values; `position` is where a node is reported in errors (line and column, from 1),
which for an operator is the operator's own place, as Trino has it. Positions do not count when
nodes are compared, so that `GROUP BY a + 1` is found again in `SELECT a + 1`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, Union

from millpond.athena.sql.types import SqlType

_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class Position:
    """A place in a statement's text, both numbers from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Node:
    """What all nodes have."""

    position: Position = field(compare=False, repr=False)


# ---- expressions


@dataclass(frozen=True)
class Identifier(Node):
    """A name; `value` as written, without its quotes."""

    value: str
    quoted: bool = field(default=False, compare=False)

    @property
    def lower(self) -> str:
        """The name as it is compared: Trino ignores case even in quotes."""
        return self.value.lower()


@dataclass(frozen=True)
class Dereference(Node):
    """`base.field`: a qualified column, or a field of a row."""

    base: Expression
    field_name: Identifier


@dataclass(frozen=True)
class Literal(Node):
    """`kind` is string, integer, decimal, double, boolean, null or binary; `value` its text.

    A binary's text is its hexadecimal digits, a boolean's is `true` or `false`.
    """

    kind: str
    value: str


@dataclass(frozen=True)
class TypedLiteral(Node):
    """`DATE '…'`, `TIMESTAMP '…'`, `DECIMAL '…'`, `JSON '…'`: a type's text and a value's text."""

    type_text: str
    value: str


@dataclass(frozen=True)
class IntervalLiteral(Node):
    """`INTERVAL [-] 'value' unit [TO unit]`."""

    value: str
    sign: int
    unit: str
    to_unit: str | None


@dataclass(frozen=True)
class Parameter(Node):
    """A `?`; `index` counts from 0."""

    index: int


@dataclass(frozen=True)
class Unary(Node):
    """`-x`, `+x`, `NOT x`."""

    operator: str
    operand: Expression


@dataclass(frozen=True)
class Binary(Node):
    """Arithmetic and `||`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Comparison(Node):
    """`=`, `<>`, `<`, `<=`, `>`, `>=`, `IS DISTINCT FROM`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class QuantifiedComparison(Node):
    """`x = ANY (query)`, `x > ALL (query)`; `quantifier` is ALL or ANY."""

    operator: str
    quantifier: str
    left: Expression
    query: Query


@dataclass(frozen=True)
class Logical(Node):
    """AND or OR of two or more terms."""

    operator: str
    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class IsNull(Node):
    """`x IS NULL`; IS NOT NULL is NOT of it."""

    operand: Expression


@dataclass(frozen=True)
class Between(Node):
    """`x BETWEEN low AND high`."""

    operand: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True)
class InList(Node):
    """`x IN (a, b, …)`."""

    operand: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True)
class InQuery(Node):
    """`x IN (query)`."""

    operand: Expression
    query: Query


@dataclass(frozen=True)
class Like(Node):
    """`x LIKE pattern [ESCAPE e]`."""

    operand: Expression
    pattern: Expression
    escape: Expression | None


@dataclass(frozen=True)
class Exists(Node):
    """`EXISTS (query)`."""

    query: Query


@dataclass(frozen=True)
class ScalarSubquery(Node):
    """`(query)` as a value."""

    query: Query


@dataclass(frozen=True)
class WhenClause:
    """`WHEN condition THEN result`."""

    condition: Expression
    result: Expression


@dataclass(frozen=True)
class Case(Node):
    """`CASE [operand] WHEN … END`."""

    operand: Expression | None
    clauses: tuple[WhenClause, ...]
    default: Expression | None


@dataclass(frozen=True)
class Cast(Node):
    """CAST and TRY_CAST."""

    operand: Expression
    type: SqlType
    safe: bool


@dataclass(frozen=True)
class Extract(Node):
    """`EXTRACT(field FROM x)`; the field in lower case."""

    field_name: str
    operand: Expression


@dataclass(frozen=True)
class AtTimeZone(Node):
    """`x AT TIME ZONE zone`."""

    operand: Expression
    zone: Expression


@dataclass(frozen=True)
class Subscript(Node):
    """`x[i]`."""

    base: Expression
    index: Expression


@dataclass(frozen=True)
class ArrayConstructor(Node):
    """`ARRAY[a, b]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class RowConstructor(Node):
    """`ROW(a, b)` or `(a, b)`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Lambda(Node):
    """`(x, y) -> body`."""

    parameters: tuple[Identifier, ...]
    body: Expression


@dataclass(frozen=True)
class SortItem(Node):
    """One item of ORDER BY; `nulls_first` is None if not said (Trino: nulls last)."""

    expression: Expression
    descending: bool
    nulls_first: bool | None


@dataclass(frozen=True)
class FrameBound(Node):
    """`kind` is unbounded preceding, preceding, current row, following or unbounded following."""

    kind: str
    value: Expression | None


@dataclass(frozen=True)
class Frame(Node):
    """`ROWS|RANGE|GROUPS BETWEEN start AND end`."""

    unit: str
    start: FrameBound
    end: FrameBound | None


@dataclass(frozen=True)
class WindowSpecification(Node):
    """What stands between the parentheses of OVER (…)."""

    base: str | None
    partition_by: tuple[Expression, ...]
    order_by: tuple[SortItem, ...]
    frame: Frame | None


@dataclass(frozen=True)
class FunctionCall(Node):
    """A call of a function, an aggregate or a window function.

    Attributes:
        name: In lower case.
        star: `count(*)`.
        nulls: `ignore`, `respect` or None.
        window: OVER: a specification, a window's name, or None.
    """

    name: str
    arguments: tuple[Expression, ...]
    star: bool = False
    distinct: bool = False
    order_by: tuple[SortItem, ...] = ()
    filter: Expression | None = None
    nulls: str | None = None
    window: WindowSpecification | str | None = None


@dataclass(frozen=True)
class Grouping(Node):
    """`GROUPING(a, b)`."""

    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class JsonInput:
    """A value for a JSON function; `encoding` is there if it is JSON already (FORMAT JSON)."""

    expression: Expression
    encoding: str | None = None


@dataclass(frozen=True)
class JsonArgument:
    """`value AS name` after PASSING."""

    name: str
    value: JsonInput


@dataclass(frozen=True)
class JsonFallback:
    """What stands before ON EMPTY or ON ERROR: `null`, `error`, `default`, `empty array`, and so on."""

    kind: str
    expression: Expression | None = None


@dataclass(frozen=True)
class JsonPathCall(Node):
    """JSON_VALUE, JSON_QUERY or JSON_EXISTS; `wrapper` is without, conditional or unconditional."""

    name: str
    input: JsonInput
    path: str
    passing: tuple[JsonArgument, ...]
    returning: SqlType | None
    encoding: str
    wrapper: str
    omits_quotes: bool
    on_empty: JsonFallback | None
    on_error: JsonFallback | None


@dataclass(frozen=True)
class JsonConstructor(Node):
    """JSON_ARRAY or JSON_OBJECT; `absent` leaves out what is NULL."""

    name: str
    keys: tuple[Expression, ...]
    items: tuple[JsonInput, ...]
    absent: bool
    unique: bool
    returning: SqlType | None
    encoding: str


Expression = (
    Identifier
    | Dereference
    | Literal
    | TypedLiteral
    | IntervalLiteral
    | Parameter
    | Unary
    | Binary
    | Comparison
    | QuantifiedComparison
    | Logical
    | IsNull
    | Between
    | InList
    | InQuery
    | Like
    | Exists
    | ScalarSubquery
    | Case
    | Cast
    | Extract
    | AtTimeZone
    | Subscript
    | ArrayConstructor
    | RowConstructor
    | Lambda
    | FunctionCall
    | Grouping
    | JsonPathCall
    | JsonConstructor
)


# ---- relations


@dataclass(frozen=True)
class Table(Node):
    """A table, view or CTE by its name; `parts` as written, without quotes."""

    parts: tuple[str, ...]
    version_kind: str | None = None
    version: Expression | None = None


@dataclass(frozen=True)
class SubqueryRelation(Node):
    """`(query)` in FROM."""

    query: Query


@dataclass(frozen=True)
class Unnest(Node):
    """`UNNEST(a, b) [WITH ORDINALITY]`."""

    expressions: tuple[Expression, ...]
    with_ordinality: bool


@dataclass(frozen=True)
class Lateral(Node):
    """`LATERAL (query)`."""

    query: Query


@dataclass(frozen=True)
class TableFunction(Node):
    """`TABLE(name(arguments))`; named arguments as pairs of a lower-case name and a value."""

    name: str
    arguments: tuple[tuple[str | None, Expression], ...]


@dataclass(frozen=True)
class Aliased(Node):
    """`relation AS alias [(columns)]`."""

    relation: Relation
    alias: Identifier
    columns: tuple[Identifier, ...] | None


@dataclass(frozen=True)
class Sampled(Node):
    """`relation TABLESAMPLE BERNOULLI|SYSTEM (percent)`."""

    relation: Relation
    method: str
    percentage: Expression


@dataclass(frozen=True)
class Join(Node):
    """`kind` is inner, left, right, full or cross (a comma too); `on` and `using` exclude another."""

    kind: str
    left: Relation
    right: Relation
    on: Expression | None = None
    using: tuple[Identifier, ...] = ()


Relation = Table | SubqueryRelation | Unnest | Lateral | TableFunction | Aliased | Sampled | Join


# ---- queries


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


def nodes(tree: Any, kinds: tuple[type[_Kind], ...]) -> Iterator[_Kind]:
    """All nodes of some kinds in a tree, itself included."""
    if isinstance(tree, kinds):
        yield tree
    if isinstance(tree, tuple):
        for item in tree:
            yield from nodes(item, kinds)
    elif dataclasses.is_dataclass(tree) and not isinstance(tree, (type, Position, SqlType)):
        for item in dataclasses.fields(tree):
            yield from nodes(getattr(tree, item.name), kinds)


def contains(tree: Any, kinds: tuple[type[Any], ...]) -> bool:
    """Whether a tree has a node of one of some kinds."""
    return any(True for _ in nodes(tree, kinds))
