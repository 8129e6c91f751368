"""FROM: tables, views, subqueries, UNNEST, joins, each as SQL with the fields that it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from millpond.athena.sql import syntax
from millpond.athena.sql.coercion import common_type
from millpond.athena.sql.exceptions import (
    DuplicateColumnName,
    FunctionNotFound,
    InvalidColumnReference,
    MismatchedColumnAliases,
    NotSupported,
    TypeMismatch,
)
from millpond.athena.sql.expressions import ExpressionAnalyzer
from millpond.athena.sql.grouping import contains_aggregate
from millpond.athena.sql.pushdown import push_filters
from millpond.athena.sql.scope import Field, Scope
from millpond.athena.sql.types import BIGINT, SqlType
from millpond.athena.sql.value import convert

if TYPE_CHECKING:
    from millpond.athena.sql.queries import StatementAnalyzer


@dataclass(frozen=True)
class RelationPlan:
    """A relation: what stands in FROM, and its fields."""

    sql: str
    fields: tuple[Field, ...]


class RelationAnalyzer:
    """The analysis of a FROM clause. `outer` is the scope around the query, for correlation."""

    def __init__(self, statement: StatementAnalyzer, outer: Scope | None) -> None:
        self.statement = statement
        self.outer = outer

    def analyze(self, node: syntax.Relation, left: tuple[Field, ...] = ()) -> RelationPlan:
        """A relation; `left` are the fields that UNNEST and LATERAL may name."""
        handler: Callable[[RelationAnalyzer, Any, tuple[Field, ...]], RelationPlan] = _HANDLERS[type(node)]
        return handler(self, node, left)

    def _table(self, node: syntax.Table, _: tuple[Field, ...]) -> RelationPlan:
        return self.statement.table(node)

    def _subquery(self, node: syntax.SubqueryRelation, _: tuple[Field, ...]) -> RelationPlan:
        return self._derived(node.query, self.outer)

    def _lateral(self, node: syntax.Lateral, left: tuple[Field, ...]) -> RelationPlan:
        plan = self._derived(node.query, Scope(left, self.outer))
        return RelationPlan(f"LATERAL {plan.sql}", plan.fields)

    def _derived(self, query: syntax.Query, scope: Scope | None) -> RelationPlan:
        result = self.statement.query(query, scope)
        return derived(self.statement, result.sql, result.fields)

    def _aliased(self, node: syntax.Aliased, left: tuple[Field, ...]) -> RelationPlan:
        plan = self.analyze(node.relation, left)
        fields = plan.fields
        names = node.columns
        if names is not None:
            visible = [item for item in fields if not item.hidden]
            if len(names) != len(visible):
                raise MismatchedColumnAliases.at(
                    node.position,
                    f"Column alias list has {len(names)} entries but '{node.alias.lower}' has "
                    f"{len(visible)} columns available",
                )
            fields = tuple(
                replace(item, name=name.lower, label=name.value)
                for item, name in zip(visible, names, strict=True)
            )
        return RelationPlan(plan.sql, tuple(replace(item, qualifiers=(node.alias.lower,)) for item in fields))

    def _sampled(self, node: syntax.Sampled, left: tuple[Field, ...]) -> RelationPlan:
        plan = self.analyze(node.relation, left)
        percentage = ExpressionAnalyzer(self.statement, Scope(())).analyze(node.percentage)
        if percentage.literal is None:
            raise NotSupported.at(
                node.position, "TABLESAMPLE with a percentage that is no constant is not supported here"
            )
        method = "BERNOULLI" if node.method == "BERNOULLI" else "SYSTEM"
        alias = self.statement.unique("r")
        visible = [item for item in plan.fields if not item.hidden]
        columns = ", ".join(f"{item.sql} AS c{i}" for i, item in enumerate(visible))
        for item in visible:
            if item.scan is not None:
                item.scan.used.add(item.name or "")
        fields = tuple(replace(item, sql=f"{alias}.c{i}", scan=None) for i, item in enumerate(visible))
        sample = f"SELECT {columns} FROM {plan.sql}"
        return RelationPlan(
            f"(SELECT * FROM ({sample}) "
            f"TABLESAMPLE {method} ({float(percentage.literal)} PERCENT)) AS {alias}",
            fields,
        )

    # ---- UNNEST and table functions

    def _unnest(self, node: syntax.Unnest, left: tuple[Field, ...]) -> RelationPlan:
        analyzer = ExpressionAnalyzer(self.statement, Scope(left, self.outer), clause="UNNEST")
        alias = self.statement.unique("r")
        columns: list[str] = []
        fields: list[Field] = []
        lengths: list[str] = []

        def add(sql: str, type_: SqlType) -> None:
            name = f"c{len(columns)}"
            columns.append(f"{sql} AS {name}")
            fields.append(Field(None, None, type_, f"{alias}.{name}"))

        for expression in node.expressions:
            value = analyzer.analyze(expression)
            if value.type.name == "array":
                element = value.type.elements[0]
                lengths.append(f"len({value.sql})")
                if element.name == "row":
                    for i, item in enumerate(element.fields):
                        body = f"struct_extract_at(x, {i + 1})"
                        add(f"unnest(list_transform({value.sql}, lambda x: {body}))", item.type)
                        fields[-1] = replace(
                            fields[-1], name=item.name and item.name.lower(), label=item.name
                        )
                else:
                    add(f"unnest({value.sql})", element)
            elif value.type.name == "map":
                lengths.append(f"cardinality({value.sql})")
                add(f"unnest(map_keys({value.sql}))", value.type.elements[0])
                add(f"unnest(map_values({value.sql}))", value.type.elements[1])
            else:
                raise TypeMismatch.at(expression.position, f"Cannot unnest type: {value.type.trino}")
        if node.with_ordinality:
            longest = f"greatest({', '.join(f'coalesce({item}, 0)' for item in lengths)})"
            add(f"unnest(range(1, CAST({longest} AS BIGINT) + 1))", BIGINT)
        return RelationPlan(f"LATERAL (SELECT {', '.join(columns)}) AS {alias}", tuple(fields))

    def _table_function(self, node: syntax.TableFunction, _: tuple[Field, ...]) -> RelationPlan:
        if node.name != "sequence":
            raise FunctionNotFound.at(node.position, f"Table function {node.name} not registered")
        analyzer = ExpressionAnalyzer(self.statement, Scope(()))
        order = ("start", "stop", "step")
        given = {name or order[i]: analyzer.analyze(value) for i, (name, value) in enumerate(node.arguments)}
        if "stop" not in given or not set(given) <= set(order):
            raise FunctionNotFound.at(node.position, "Missing argument: STOP of table function sequence")
        start = given["start"].sql if "start" in given else "0"
        step = given["step"].sql if "step" in given else "1"
        alias = self.statement.unique("r")
        bounds = ", ".join(f"CAST({bound} AS BIGINT)" for bound in (start, given["stop"].sql, step))
        sql = f"(SELECT unnest(generate_series({bounds})) AS c0) AS {alias}"
        return RelationPlan(sql, (Field("sequential_number", "sequential_number", BIGINT, f"{alias}.c0"),))

    # ---- joins

    def _join(self, node: syntax.Join, left: tuple[Field, ...]) -> RelationPlan:
        left_plan = self.analyze(node.left, left)
        right_plan = self.analyze(node.right, (*left, *left_plan.fields))
        fields = (*left_plan.fields, *right_plan.fields)
        if node.kind == "cross":
            return RelationPlan(f"{left_plan.sql} CROSS JOIN {_operand(node.right, right_plan)}", fields)
        if node.kind in ("right", "full"):
            left_plan = _optional(left_plan)
        if node.kind in ("left", "full"):
            right_plan = _optional(right_plan)
        kind = {"inner": "JOIN", "left": "LEFT JOIN", "right": "RIGHT JOIN", "full": "FULL JOIN"}[node.kind]
        if node.using:
            return self._join_using(node, kind, left_plan, right_plan)
        assert node.on is not None  # noqa: S101 - the grammar sees to it
        analyzer = ExpressionAnalyzer(self.statement, Scope(fields, self.outer), clause="JOIN clause")
        condition = analyzer.condition(node.on, "JOIN ON clause")
        if isinstance(_unaliased(node.right), syntax.Unnest) and not _is_true(node.on):
            raise NotSupported.at(
                node.on.position,
                f"{node.kind.upper()} JOIN involving UNNEST is only supported with condition ON TRUE",
            )
        if node.kind == "inner":
            push_filters(analyzer, node.on)
        if node.kind == "left" and _is_true(node.on) and _gives_one_row(_unaliased(node.right)):
            # DuckDB may give NULL in place of what the aggregates of no rows are beside.
            sql = f"{left_plan.sql} CROSS JOIN {_operand(node.right, right_plan)}"
            return RelationPlan(sql, (*left_plan.fields, *right_plan.fields))
        sql = f"{left_plan.sql} {kind} {_operand(node.right, right_plan)} ON {condition.sql}"
        return RelationPlan(sql, (*left_plan.fields, *right_plan.fields))

    def _join_using(
        self, node: syntax.Join, kind: str, left_plan: RelationPlan, right_plan: RelationPlan
    ) -> RelationPlan:
        """USING: the joined columns come first, once, and have no qualifier."""
        conditions, merged = [], []
        used: set[int] = set()
        for place, name in enumerate(node.using):
            if any(other.lower == name.lower for other in node.using[:place]):
                raise DuplicateColumnName.at(
                    name.position, f"Column '{name.value}' appears multiple times in USING clause"
                )
            sides = []
            for plan, side in ((left_plan, "left"), (right_plan, "right")):
                value = Scope(plan.fields).resolve((), name.lower, name.position)
                if value is None:
                    raise InvalidColumnReference.at(
                        name.position, f"Column '{name.value}' is missing from {side} side of join"
                    )
                used.update(id(item) for item in plan.fields if item.name == name.lower)
                sides.append(value)
            type_ = common_type(sides[0].type, sides[1].type)
            if type_ is None:
                raise TypeMismatch.at(
                    name.position, f"Column types of USING clause are incompatible: '{name.value}'"
                )
            a, b = convert(sides[0], type_).sql, convert(sides[1], type_).sql
            conditions.append(f"{a} = {b}")
            sql = {"full": f"coalesce({a}, {b})", "right": b}.get(node.kind, a)
            merged.append(Field(name.lower, name.value, type_, sql))
        rest = [item for item in (*left_plan.fields, *right_plan.fields) if id(item) not in used]
        sql = f"{left_plan.sql} {kind} {_operand(node.right, right_plan)} ON {' AND '.join(conditions)}"
        return RelationPlan(sql, (*merged, *rest))


def derived(
    statement: StatementAnalyzer, sql: str, fields: Sequence[Field], qualifiers: tuple[str, ...] = ()
) -> RelationPlan:
    """A query in FROM, its columns renamed so that each has a name of its own."""
    alias = statement.unique("r")
    names = [f"c{i}" for i in range(len(fields))]
    columns = f"({', '.join(names)})"
    return RelationPlan(
        f"({sql}) AS {alias}{columns}",
        tuple(
            replace(item, sql=f"{alias}.{name}", qualifiers=qualifiers, scan=None, hidden=False)
            for item, name in zip(fields, names, strict=True)
        ),
    )


def _optional(plan: RelationPlan) -> RelationPlan:
    return RelationPlan(plan.sql, tuple(replace(item, optional=True) for item in plan.fields))


def _operand(node: syntax.Relation, plan: RelationPlan) -> str:
    """The right side of a join: a join there needs parentheses."""
    return f"({plan.sql})" if isinstance(_unaliased(node), syntax.Join) else plan.sql


def _unaliased(node: syntax.Relation) -> syntax.Relation:
    while isinstance(node, (syntax.Aliased, syntax.Sampled)):
        node = node.relation
    return node


def _gives_one_row(node: syntax.Relation) -> bool:
    """Whether it is LATERAL around aggregates of all rows."""
    if not isinstance(node, syntax.Lateral):
        return False
    query, body = node.query, node.query.body
    return (
        isinstance(body, syntax.Select)
        and not body.group_by
        and body.having is None
        and query.limit is None
        and query.offset is None
        and any(map(contains_aggregate, body.items))
    )


def _is_true(node: syntax.Expression) -> bool:
    return isinstance(node, syntax.Literal) and node.kind == "boolean" and node.value.lower() == "true"


_HANDLERS: dict[type, Callable[..., RelationPlan]] = {
    syntax.Table: RelationAnalyzer._table,
    syntax.SubqueryRelation: RelationAnalyzer._subquery,
    syntax.Lateral: RelationAnalyzer._lateral,
    syntax.Aliased: RelationAnalyzer._aliased,
    syntax.Sampled: RelationAnalyzer._sampled,
    syntax.Unnest: RelationAnalyzer._unnest,
    syntax.TableFunction: RelationAnalyzer._table_function,
    syntax.Join: RelationAnalyzer._join,
}
