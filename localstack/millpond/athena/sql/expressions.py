"""Expressions: every name resolved, every value typed, everything else refused.

`ExpressionAnalyzer` walks one expression in one scope. What it returns is DuckDB's SQL made here,
piece by piece: no text of the statement is passed on but names and constants, quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from millpond.athena.sql import calls, json_expressions, literals, operators, subqueries, syntax
from millpond.athena.sql.binding import costs_much, has_query, once
from millpond.athena.sql.casts import cast
from millpond.athena.sql.coercion import common_type, is_integer, is_number
from millpond.athena.sql.comparison import NESTED, compare, compared
from millpond.athena.sql.exceptions import (
    ExpressionNotScalar,
    InvalidFunctionArgument,
    InvalidParameterUsage,
    SqlError,
    TypeMismatch,
)
from millpond.athena.sql.expression_text import expression_text
from millpond.athena.sql.functions import special
from millpond.athena.sql.grouping import NotGrouped, not_aggregate
from millpond.athena.sql.nesting import too_large
from millpond.athena.sql.quoting import quote_name
from millpond.athena.sql.scope import Field, Scope, not_found
from millpond.athena.sql.syntax import Expression, Position
from millpond.athena.sql.types import BOOLEAN, VARCHAR, SqlType, array, row
from millpond.athena.sql.value import Value, common_zone, convert

if TYPE_CHECKING:
    from millpond.athena.sql.grouping import GroupedQuery

TEXTS = ("varchar", "char")
_LARGEST_EXPRESSION = 8_000_000
HOISTED = "hoisted"
"""What TRY calls what is computed before it."""


class QueryResult(Protocol):
    """What the analysis of a query inside an expression gives."""

    @property
    def sql(self) -> str:
        """The query in DuckDB's dialect."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its columns."""


class Context(Protocol):
    """What an expression needs from the statement around it."""

    def subquery(self, query: syntax.Query, scope: Scope) -> QueryResult:
        """Analyse a query that may name fields of the scope."""

    def parameter(self, index: int) -> Expression | None:
        """The expression that stands for a `?`, None if there is none."""

    def unique(self, prefix: str) -> str:
        """A name that the statement's SQL has nowhere else."""

    def session_value(self, name: str) -> Value | None:
        """What `current_user` and its like are."""


class ExpressionAnalyzer:
    """The analysis of expressions in one scope.

    Attributes:
        context: The statement around.
        scope: What names mean.
        grouping: In a grouped query, after the grouping: its keys and aggregates.
        windows: The named windows of the query; None where window functions may not stand.
        clause: Where the expression stands, for errors (`WHERE clause`).
        hoisted: Inside TRY, the queries and window functions so far, which are computed before it.
    """

    def __init__(
        self,
        context: Context,
        scope: Scope,
        grouping: GroupedQuery | None = None,
        windows: dict[str, syntax.WindowSpecification] | None = None,
        clause: str = "",
    ) -> None:
        self.context = context
        self.scope = scope
        self.grouping = grouping
        self.windows = windows
        self.clause = clause
        self.lambda_names: frozenset[str] = frozenset()
        self.lambda_depth = 0
        self.hoisted: list[str] | None = None
        self._is_inside = False

    def analyze(self, node: Expression) -> Value:
        """The typed SQL of an expression."""
        if self.grouping is None or self._is_inside:
            return self._analyzed(node)
        self._is_inside = True
        try:
            return self._analyzed(node)
        except NotGrouped as error:
            raise not_aggregate(node) from error
        finally:
            self._is_inside = False

    def _analyzed(self, node: Expression) -> Value:
        if self.grouping is not None:
            key = self.grouping.key(node, self.lambda_names)
            if key is not None:
                return key
        handler: Callable[[ExpressionAnalyzer, Any], Value] = _HANDLERS[type(node)]
        value = handler(self, node)
        if self.hoisted is not None and _is_computed_before(node):
            self.hoisted.append(value.sql)
            value = Value(f"{HOISTED}.a{len(self.hoisted)}", value.type, zone=value.zone)
        if len(value.sql) > _LARGEST_EXPRESSION:
            raise too_large()
        return value

    def condition(self, node: Expression, what: str) -> Value:
        """An expression that has to be a boolean: `what` names its place in the error."""
        value = self.analyze(node)
        if value.type.name not in ("boolean", "unknown"):
            name = value.type.trino
            actual = f": actual type {name}" if what.endswith(" clause") else f" (actual: {name})"
            raise TypeMismatch.at(node.position, f"{what} must evaluate to a boolean{actual}")
        return value

    def unified(self, values: Sequence[Value], what: str, position: Position) -> tuple[list[Value], SqlType]:
        """Values converted to the one type that all of them become."""
        type_ = SqlType("unknown")
        for value in values:
            common = common_type(type_, value.type)
            if common is None:
                types = ", ".join(dict.fromkeys(value.type.trino for value in values))
                raise TypeMismatch.at(
                    position,
                    f"{what} must be the same type or coercible to a common type. "
                    f"Cannot find common type between {type_.trino} and {value.type.trino}, "
                    f"all types (without duplicates): [{types}]",
                )
            type_ = common
        return [convert(value, type_) for value in values], type_

    def misplaced(self, node: Expression) -> ExpressionNotScalar:
        """Trino's error for an aggregate or a window function where none may stand."""
        return ExpressionNotScalar.at(
            node.position,
            f"{self.clause or 'Expression'} cannot contain aggregations, window functions or "
            f"grouping operations: [{expression_text(node)}]",
        )

    def field(self, base: Value, place: int) -> Value:
        """A field of a row by its place, from 0."""
        return Value(f"struct_extract_at({base.sql}, {place + 1})", base.type.fields[place].type)

    def with_lambda(self, names: Sequence[str], fields: Sequence[Field]) -> ExpressionAnalyzer:
        """The analyzer for a lambda's body: its parameters hide what has their names outside."""
        child = ExpressionAnalyzer(
            self.context, Scope(tuple(fields), self.scope), self.grouping, None, "Lambda expression"
        )
        child.lambda_names = self.lambda_names | set(names)
        child.lambda_depth = self.lambda_depth + 1
        return child

    def parameter_name(self, number: int) -> str:
        """What a lambda's parameter is called in DuckDB's SQL.

        The same lambda has the same names wherever it stands, so that GROUP BY knows it again.
        """
        return f"l{self.lambda_depth}_{number}"

    # ---- names

    def _identifier(self, node: syntax.Identifier) -> Value:
        value = self.scope.resolve((), node.lower, node.position)
        if value is None:
            raise not_found(node.value, node.position)
        return value

    def _dereference(self, node: syntax.Dereference) -> Value:
        parts = name_parts(node)
        if parts is not None:
            lower = [part.lower for part in parts]
            value = self.scope.resolve(tuple(lower[:-1]), lower[-1], node.position)
            if value is not None:
                return value
        try:
            base = self.analyze(node.base)
        except SqlError as error:
            if parts is not None and error.code == "COLUMN_NOT_FOUND":
                raise not_found(".".join(part.value for part in parts), node.position) from error
            raise
        if base.type.name != "row":
            raise TypeMismatch.at(
                node.position, f"Expression {expression_text(node.base)} is not of type ROW"
            )
        return self._field_of(base, node.field_name)

    def _field_of(self, base: Value, name: syntax.Identifier) -> Value:
        for i, item in enumerate(base.type.fields):
            if item.name is not None and item.name.lower() == name.lower:
                return self.field(base, i)
        raise not_found(name.value, name.position)

    def _parameter(self, node: syntax.Parameter) -> Value:
        expression = self.context.parameter(node.index)
        if expression is None:
            raise InvalidParameterUsage.at(node.position, "Query takes parameters but none were given")
        return ExpressionAnalyzer(self.context, Scope(())).analyze(expression)

    # ---- operators

    def _unary(self, node: syntax.Unary) -> Value:
        if node.operator == "NOT":
            value = self.condition(node.operand, "Value of logical NOT expression")
            return Value(f"(NOT {value.sql})", BOOLEAN)
        value = self.analyze(node.operand)
        if node.operator == "-":
            return operators.negate(value, node.position)
        if not is_number(value.type):
            # The misspelling is Trino's.
            raise TypeMismatch.at(
                node.position, f"Unary '+' operator cannot by applied to {value.type.trino} type"
            )
        return value

    def _binary(self, node: syntax.Binary) -> Value:
        left, right = self.analyze(node.left), self.analyze(node.right)
        if node.operator == "||":
            return operators.concatenate(left, right, node.position)
        return operators.arithmetic(node.operator, left, right, node.position)

    def _comparison(self, node: syntax.Comparison) -> Value:
        return compare(node.operator, self.analyze(node.left), self.analyze(node.right), node.position)

    def _logical(self, node: syntax.Logical) -> Value:
        terms = [self.condition(term, "Logical expression term") for term in node.terms]
        return Value(f"({f' {node.operator} '.join(term.sql for term in terms)})", BOOLEAN)

    def _is_null(self, node: syntax.IsNull) -> Value:
        return Value(f"({self.analyze(node.operand).sql} IS NULL)", BOOLEAN)

    def _between(self, node: syntax.Between) -> Value:
        operand, low, high = (self.analyze(item) for item in (node.operand, node.low, node.high))
        common = common_type(operand.type, low.type)
        if common is None or common_type(common, high.type) is None:
            raise TypeMismatch.at(
                node.position,
                f"Cannot check if {operand.type.trino} is BETWEEN {low.type.trino} and {high.type.trino}",
            )

        def between(sql: str, low_sql: str = low.sql, high_sql: str = high.sql) -> str:
            value = replace(operand, sql=sql)
            lower = compare(">=", value, replace(low, sql=low_sql), node.position)
            upper = compare("<=", value, replace(high, sql=high_sql), node.position)
            return f"({lower.sql} AND {upper.sql})"

        if not costs_much(operand.sql):
            # The bounds are there once in any case, and DuckDB looks into no lambda for what it could skip.
            return Value(between(operand.sql), BOOLEAN)
        return Value(once(between, operand.sql, low.sql, high.sql), BOOLEAN)

    def _in_list(self, node: syntax.InList) -> Value:
        values = [self.analyze(item) for item in (node.operand, *node.items)]
        values, type_ = self.unified(values, "IN value and list items", node.position)
        if type_.name in NESTED:
            operand, *items = values
            equal = " OR ".join(compared("=", operand, item) for item in items)
            return Value(f"({equal})", BOOLEAN)
        return Value(f"({values[0].sql} IN ({', '.join(value.sql for value in values[1:])}))", BOOLEAN)

    def _like(self, node: syntax.Like) -> Value:
        operand, pattern = self.analyze(node.operand), self.analyze(node.pattern)
        for value, what in (
            (operand, "Left side of LIKE expression"),
            (pattern, "Pattern for LIKE expression"),
        ):
            if value.type.name not in (*TEXTS, "unknown"):
                raise TypeMismatch.at(
                    node.position, f"{what} must evaluate to a varchar (actual: {value.type.trino})"
                )
        if operand.type.name == "char":
            operand = convert(operand, VARCHAR)
        if node.escape is None:
            return Value(f"({operand.sql} LIKE {pattern.sql})", BOOLEAN)
        escape = self.analyze(node.escape)
        if escape.literal is not None and len(escape.literal) != 1:
            raise InvalidFunctionArgument.at(node.position, "Escape string must be a single character")
        return Value(f"({operand.sql} LIKE {pattern.sql} ESCAPE {escape.sql})", BOOLEAN)

    def _case(self, node: syntax.Case) -> Value:
        items = [clause.result for clause in node.clauses] + ([node.default] if node.default else [])
        values, type_ = self.unified(
            [self.analyze(item) for item in items], "All CASE results", node.position
        )
        results = [value.sql for value in values]
        if node.operand is None:
            conditions = [self.condition(clause.condition, "CASE WHEN clause").sql for clause in node.clauses]
            zone = common_zone(values, lambda texts: _case_sql(conditions, texts))
            return Value(_case_sql(conditions, results), type_, zone=zone)
        operand = self.analyze(node.operand)
        tests = [(self.analyze(clause.condition), clause.condition.position) for clause in node.clauses]

        def choose(sql: str, items: Sequence[str]) -> str:
            value = replace(operand, sql=sql)
            conditions = [compare("=", value, test, position).sql for test, position in tests]
            return _case_sql(conditions, items)

        def simple_case(sql: str) -> str:
            return choose(sql, results)

        zone = common_zone(values, lambda texts: choose(operand.sql, texts))
        # DuckDB has no queries and window functions in lambdas.
        others = " ".join([*results, *(test.sql for test, _ in tests)])
        if has_query(others):
            return Value(simple_case(operand.sql), type_, zone=zone)
        return Value(once(simple_case, operand.sql), type_, zone=zone)

    def _cast(self, node: syntax.Cast) -> Value:
        return cast(self.analyze(node.operand), node.type, node.safe, node.position)

    def _extract(self, node: syntax.Extract) -> Value:
        value = self.analyze(node.operand)
        if value.type.name not in (*syntax.EXTRACTED[node.field_name], "unknown"):
            raise TypeMismatch.at(
                node.operand.position, f"Cannot extract {node.field_name.upper()} from {value.type.trino}"
            )
        return calls.scalar(self, node.field_name, (value,), node.position)

    def _at_time_zone(self, node: syntax.AtTimeZone) -> Value:
        return special.at_time_zone(self.analyze(node.operand), self.analyze(node.zone), node.position)

    # ---- arrays, maps, rows

    def _subscript(self, node: syntax.Subscript) -> Value:
        base, index = self.analyze(node.base), self.analyze(node.index)
        if base.type.name == "array" and (is_integer(index.type) or index.type.name == "unknown"):
            return Value(f"athena_array_subscript({base.sql}, {index.sql})", base.type.elements[0])
        if base.type.name == "map" and common_type(base.type.elements[0], index.type):
            key = convert(index, base.type.elements[0])
            return Value(f"athena_map_subscript({base.sql}, {key.sql})", base.type.elements[1])
        if base.type.name == "row" and index.literal is not None and is_integer(index.type):
            number = int(index.literal)
            if 0 < number <= len(base.type.fields):
                return Value(f"struct_extract_at({base.sql}, {number})", base.type.fields[number - 1].type)
        raise operators.cannot_apply(f"{base.type.trino}[{index.type.trino}]", node.position)

    def _array(self, node: syntax.ArrayConstructor) -> Value:
        values, type_ = self.unified(
            [self.analyze(item) for item in node.items], "All ARRAY elements", node.position
        )
        items = ", ".join(value.sql for value in values)
        if type_.name == "unknown":
            return Value(f"[{items}]", array(type_))
        return Value(f"CAST([{items}] AS {array(type_).duckdb})", array(type_))

    def _row(self, node: syntax.RowConstructor) -> Value:
        values = [self.analyze(item) for item in node.items]
        fields = ", ".join(f"{quote_name(f'field{i}')} := {value.sql}" for i, value in enumerate(values))
        return Value(f"struct_pack({fields})", row(*((None, value.type) for value in values)))

    # ---- calls

    def _call(self, node: syntax.FunctionCall) -> Value:
        return calls.call(self, node)

    def _grouping(self, node: syntax.Grouping) -> Value:
        if self.grouping is None:
            raise self.misplaced(node)
        return self.grouping.grouping_bits(node)

    def _lambda(self, node: syntax.Lambda) -> Value:
        raise TypeMismatch.at(node.position, "Lambda expression should always be used inside a function")

    def _literal(self, node: syntax.Literal) -> Value:
        return literals.literal(node)

    def _typed_literal(self, node: syntax.TypedLiteral) -> Value:
        return literals.typed_literal(node)

    def _interval(self, node: syntax.IntervalLiteral) -> Value:
        return literals.interval_literal(node)


def _is_computed_before(node: Expression) -> bool:
    """Whether Trino computes an expression before the one that it is in: TRY does not see its errors."""
    return isinstance(node, _QUERIES) or (isinstance(node, syntax.FunctionCall) and node.window is not None)


_QUERIES = (syntax.ScalarSubquery, syntax.Exists, syntax.InQuery, syntax.QuantifiedComparison)


def _case_sql(conditions: Sequence[str], results: Sequence[str]) -> str:
    """A searched CASE; one result more than conditions is the default."""
    branches = [
        f"WHEN {condition} THEN {result}" for condition, result in zip(conditions, results, strict=False)
    ]
    default = [f"ELSE {results[-1]}"] if len(results) > len(conditions) else []
    return f"(CASE {' '.join([*branches, *default])} END)"


def name_parts(node: Expression) -> tuple[syntax.Identifier, ...] | None:
    """`a.b.c` as its names, None if it is no chain of names."""
    if isinstance(node, syntax.Identifier):
        return (node,)
    if isinstance(node, syntax.Dereference):
        base = name_parts(node.base)
        return (*base, node.field_name) if base is not None else None
    return None


_HANDLERS: dict[type, Callable[..., Value]] = {
    syntax.Identifier: ExpressionAnalyzer._identifier,
    syntax.Dereference: ExpressionAnalyzer._dereference,
    syntax.Literal: ExpressionAnalyzer._literal,
    syntax.TypedLiteral: ExpressionAnalyzer._typed_literal,
    syntax.IntervalLiteral: ExpressionAnalyzer._interval,
    syntax.Parameter: ExpressionAnalyzer._parameter,
    syntax.Unary: ExpressionAnalyzer._unary,
    syntax.Binary: ExpressionAnalyzer._binary,
    syntax.Comparison: ExpressionAnalyzer._comparison,
    syntax.QuantifiedComparison: subqueries.quantified_comparison,
    syntax.Logical: ExpressionAnalyzer._logical,
    syntax.IsNull: ExpressionAnalyzer._is_null,
    syntax.Between: ExpressionAnalyzer._between,
    syntax.InList: ExpressionAnalyzer._in_list,
    syntax.InQuery: subqueries.in_query,
    syntax.Like: ExpressionAnalyzer._like,
    syntax.Exists: subqueries.exists,
    syntax.ScalarSubquery: subqueries.scalar_subquery,
    syntax.Case: ExpressionAnalyzer._case,
    syntax.Cast: ExpressionAnalyzer._cast,
    syntax.Extract: ExpressionAnalyzer._extract,
    syntax.AtTimeZone: ExpressionAnalyzer._at_time_zone,
    syntax.Subscript: ExpressionAnalyzer._subscript,
    syntax.ArrayConstructor: ExpressionAnalyzer._array,
    syntax.RowConstructor: ExpressionAnalyzer._row,
    syntax.Lambda: ExpressionAnalyzer._lambda,
    syntax.FunctionCall: ExpressionAnalyzer._call,
    syntax.Grouping: ExpressionAnalyzer._grouping,
    syntax.JsonPathCall: json_expressions.path_call,
    syntax.JsonConstructor: json_expressions.constructor,
}
