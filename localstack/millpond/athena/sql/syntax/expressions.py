"""Expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from millpond.athena.sql.syntax.node import Node
from millpond.athena.sql.types import SqlType

if TYPE_CHECKING:
    from millpond.athena.sql.syntax.queries import Query


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


_ZONED = ("time with time zone", "timestamp with time zone")
_DAYS = ("date", "timestamp", "timestamp with time zone")
_CLOCKS = ("time", "timestamp", *_ZONED, "interval day to second")
_DAY_NAMES = ("day_of_month", "day_of_week", "dow", "day_of_year", "doy")
_WEEK_NAMES = ("quarter", "week", "year_of_week", "yow")
EXTRACTED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("year", "month"), (*_DAYS, "interval year to month")),
    **dict.fromkeys((*_WEEK_NAMES, *_DAY_NAMES), _DAYS),
    "day": (*_DAYS, "interval day to second"),
    **dict.fromkeys(("hour", "minute", "second"), _CLOCKS),
    **dict.fromkeys(("timezone_hour", "timezone_minute"), _ZONED),
}
"""What EXTRACT may ask for, and of which types."""


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
