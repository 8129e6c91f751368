"""SELECT: its clauses, in the order in which Trino looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.calls import sort_sql
from millpond.athena.sql.exceptions import (
    AmbiguousName,
    ColumnNotFound,
    InvalidColumnReference,
    MismatchedColumnAliases,
    NotSupported,
    SqlError,
    TypeMismatch,
)
from millpond.athena.sql.expressions import ExpressionAnalyzer, name_parts
from millpond.athena.sql.grouping import GroupedQuery, contains_aggregate, mentions
from millpond.athena.sql.pushdown import push_filters
from millpond.athena.sql.quoting import quote_name
from millpond.athena.sql.relations import RelationAnalyzer, RelationPlan
from millpond.athena.sql.scope import Field, Scope
from millpond.athena.sql.value import Value, column_sql, column_zone
from millpond.athena.sql.zones import PER_VALUE

if TYPE_CHECKING:
    from millpond.athena.sql.queries import StatementAnalyzer

_MAXIMUM_GROUPING_SETS = 2048


@dataclass(frozen=True)
class AnalyzedQuery:
    """A query in DuckDB's dialect with its columns: `fields[i].sql` is the column's quoted name."""

    sql: str
    fields: tuple[Field, ...]


class SelectAnalyzer:
    """The analysis of one SELECT with the ORDER BY and LIMIT that belong to it."""

    def __init__(self, statement: StatementAnalyzer, node: syntax.Select, outer: Scope | None) -> None:
        self.statement = statement
        self.node = node
        self.outer = outer
        self.windows = {name.lower: specification for name, specification in node.windows}

    def analyze(
        self, order_by: tuple[syntax.SortItem, ...], limit: str, query: syntax.Query | None
    ) -> AnalyzedQuery:
        """The query's SQL and columns."""
        node = self.node
        relation = RelationPlan("", ())
        if node.relation is not None:
            relation = RelationAnalyzer(self.statement, self.outer).analyze(node.relation)
        scope = Scope(relation.fields, self.outer)
        from_clause = f"FROM {relation.sql}" if relation.sql else ""
        if node.where is not None:
            where = ExpressionAnalyzer(self.statement, scope, clause="WHERE clause")
            condition = where.condition(node.where, "WHERE clause")
            push_filters(where, node.where)
            from_clause = f"{from_clause} WHERE {condition.sql}".strip()
        grouped = self._grouped(order_by)
        analyzer = ExpressionAnalyzer(self.statement, scope, windows=self.windows, clause="SELECT clause")
        if grouped:
            analyzer = self._group(scope, order_by)
        items = self._select_items(analyzer, relation.fields)
        order_keys = self._order_keys(analyzer, items, order_by)
        having = ""
        if node.having is not None:
            condition = self._clause(analyzer, "HAVING clause").condition(node.having, "HAVING clause")
            having = f" WHERE {condition.sql}"
        if analyzer.grouping is not None:
            from_clause = (
                f"FROM ({analyzer.grouping.inner_sql(from_clause)}) AS {analyzer.grouping.alias}{having}"
            )
        names = unique_names([label or f"_col{i}" for i, (_, label) in enumerate(items)])
        columns = ", ".join(
            f"{column_sql(value, column_zone(value.zone))} AS {quote_name(name)}"
            for (value, _), name in zip(items, names, strict=True)
        )
        fields = tuple(
            Field(
                label.lower() if label else None,
                label,
                value.type,
                quote_name(name),
                zone=column_zone(value.zone),
            )
            for (value, label), name in zip(items, names, strict=True)
        )
        distinct = "DISTINCT " if node.distinct else ""
        if distinct and any(field.zone == PER_VALUE for field in fields):
            # Instants are the same in whatever zone they are shown.
            distinct = f"DISTINCT ON ({', '.join(value.sql for value, _ in items)}) "
        order = f" ORDER BY {', '.join(order_keys)}" if order_keys else ""
        return AnalyzedQuery(f"SELECT {distinct}{columns} {from_clause}{order}{limit}", fields)

    # ---- GROUP BY

    def _grouped(self, order_by: tuple[syntax.SortItem, ...]) -> bool:
        if self.node.group_by is not None or self.node.having is not None:
            return True
        expressions = [item.expression for item in self.node.items if isinstance(item, syntax.SelectItem)]
        return any(
            contains_aggregate(item) for item in (*expressions, *(item.expression for item in order_by))
        )

    def _group(self, scope: Scope, order_by: tuple[syntax.SortItem, ...]) -> ExpressionAnalyzer:
        source = ExpressionAnalyzer(self.statement, scope, clause="GROUP BY clause")
        grouping = GroupedQuery(source, self.statement.unique("r"))
        if self.node.group_by is not None:
            choices = [self._element_sets(grouping, element) for element in self.node.group_by]
            sets = [
                tuple(dict.fromkeys(i for part in combination for i in part))
                for combination in product(*choices)
            ]
            if len(sets) > _MAXIMUM_GROUPING_SETS:
                raise NotSupported(
                    f"GROUP BY has {len(sets)} grouping sets "
                    f"but can only contain at most {_MAXIMUM_GROUPING_SETS}"
                )
            grouping.sets = list(dict.fromkeys(sets)) if self.node.group_distinct else sets
        after = Scope(scope.fields, scope.parent, grouping.column)
        return ExpressionAnalyzer(self.statement, after, grouping, self.windows, "SELECT clause")

    def _element_sets(self, grouping: GroupedQuery, element: syntax.GroupingElement) -> list[tuple[int, ...]]:
        sets = [
            tuple(grouping.add_key(self._grouping_expression(item)) for item in items)
            for items in element.sets
        ]
        if element.kind in ("simple", "sets"):
            return sets
        if element.kind == "rollup":
            return [tuple(i for part in sets[:n] for i in part) for n in range(len(sets), -1, -1)]
        masks = range(2 ** len(sets) - 1, -1, -1)
        last = len(sets) - 1
        return [
            tuple(i for n, part in enumerate(sets) if mask >> (last - n) & 1 for i in part) for mask in masks
        ]

    def _grouping_expression(self, node: syntax.Expression) -> syntax.Expression:
        """What an element of GROUP BY means: an ordinal is the expression of that column."""
        ordinal = ordinal_of(node, len(self.node.items), "GROUP BY")
        if ordinal is None:
            return node
        if any(isinstance(item, syntax.AllColumns) for item in self.node.items):
            raise NotSupported.at(node.position, "GROUP BY with an ordinal beside * is not supported here")
        item = self.node.items[ordinal - 1]
        assert isinstance(item, syntax.SelectItem)  # noqa: S101 - looked for above
        return item.expression

    def _clause(self, analyzer: ExpressionAnalyzer, clause: str) -> ExpressionAnalyzer:
        """The same analysis for another clause, in which no window function may stand."""
        return ExpressionAnalyzer(analyzer.context, analyzer.scope, analyzer.grouping, None, clause)

    # ---- SELECT and ORDER BY

    def _select_items(
        self, analyzer: ExpressionAnalyzer, source: tuple[Field, ...]
    ) -> list[tuple[Value, str | None]]:
        items: list[tuple[Value, str | None]] = []
        for item in self.node.items:
            if isinstance(item, syntax.AllColumns):
                items.extend(self._all_columns(analyzer, item, source))
                continue
            value = analyzer.analyze(item.expression)
            label = item.alias.value if item.alias else None
            if label is None:
                parts = name_parts(item.expression)
                label = parts[-1].value if parts else None
            items.append((value, label))
        return items

    def _all_columns(
        self, analyzer: ExpressionAnalyzer, item: syntax.AllColumns, source: tuple[Field, ...]
    ) -> list[tuple[Value, str | None]]:
        position = item.position
        fields = source
        if item.target is None:
            if not source:
                raise ColumnNotFound.at(position, "SELECT * not allowed in queries without FROM clause")
        else:
            parts = name_parts(item.target)
            qualifiers = tuple(part.lower for part in parts) if parts else ()
            fields = Scope(source).of_relation(qualifiers) if parts else ()
            if not fields:
                return self._row_columns(analyzer, item)
        visible = [field for field in fields if not field.hidden]
        labels: list[str | None] = [field.label for field in visible]
        if item.aliases:
            if len(item.aliases) != len(visible):
                raise MismatchedColumnAliases.at(
                    position,
                    f"Column alias list has {len(item.aliases)} entries "
                    f"but relation has {len(visible)} columns",
                )
            labels = [alias.value for alias in item.aliases]
        values = []
        for field in visible:
            if field.scan is not None:
                field.scan.used.add(field.name or "")
            values.append(analyzer.grouping.column(field, position) if analyzer.grouping else field.value())
        return list(zip(values, labels, strict=True))

    def _row_columns(
        self, analyzer: ExpressionAnalyzer, item: syntax.AllColumns
    ) -> list[tuple[Value, str | None]]:
        """`row.*`: the fields of a row as columns."""
        assert item.target is not None  # noqa: S101 - a bare star has been dealt with
        position = item.position
        try:
            base = analyzer.analyze(item.target)
        except ColumnNotFound as error:
            name = ".".join(part.value for part in name_parts(item.target) or ())
            raise ColumnNotFound.at(position, f"Unable to resolve reference {name}") from error
        if base.type.name != "row":
            raise TypeMismatch.at(position, "Expression is not of type ROW")
        return [
            (
                Value(f"struct_extract_at({base.sql}, {i + 1})", field.type),
                item.aliases[i].value if item.aliases else field.name,
            )
            for i, field in enumerate(base.type.fields)
        ]

    def _order_keys(
        self,
        analyzer: ExpressionAnalyzer,
        items: list[tuple[Value, str | None]],
        order_by: tuple[syntax.SortItem, ...],
    ) -> list[str]:
        """The keys of ORDER BY: ordinals, the query's own columns, or the source's."""
        outputs = tuple(
            Field(label.lower() if label else None, label, value.type, value.sql, zone=value.zone)
            for value, label in items
        )
        keys = []
        for item in order_by:
            ordinal = ordinal_of(item.expression, len(items), "ORDER BY")
            if ordinal is None:
                ordinal = self._output_ordinal(item.expression, items)
            if ordinal is not None:
                keys.append(sort_sql(Value(str(ordinal), items[ordinal - 1][0].type), item))
                continue
            value = self._order_value(analyzer, outputs, item.expression)
            if self.node.distinct:
                same = [i for i, (output, _) in enumerate(items) if output.sql == value.sql]
                if not same:
                    raise InvalidColumnReference.at(
                        item.position, "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
                    )
                value = Value(str(same[0] + 1), value.type)
            keys.append(sort_sql(value, item))
        return keys

    def _output_ordinal(self, node: syntax.Expression, items: list[tuple[Value, str | None]]) -> int | None:
        if not isinstance(node, syntax.Identifier):
            return None
        found = [
            i + 1 for i, (_, label) in enumerate(items) if label is not None and label.lower() == node.lower
        ]
        if len({items[i - 1][0].sql for i in found}) > 1:
            raise AmbiguousName.at(node.position, f"Column '{node.value}' is ambiguous")
        return found[0] if found else None

    def _order_value(
        self, analyzer: ExpressionAnalyzer, outputs: tuple[Field, ...], node: syntax.Expression
    ) -> Value:
        """An expression of ORDER BY: a name in it is an output column if there is one, else a source's."""
        names = frozenset(field.name for field in outputs if field.name)
        ordering = ExpressionAnalyzer(
            analyzer.context, analyzer.scope, analyzer.grouping, analyzer.windows, "ORDER BY clause"
        )
        if mentions(node, names):
            aliases = tuple(field for field in outputs if field.name)
            ordering.scope = Scope(aliases, analyzer.scope)
            ordering.lambda_names = names
        try:
            return ordering.analyze(node)
        except SqlError:
            if ordering.scope is analyzer.scope:
                raise
        # The name is in an aggregate's argument, which is the source's after all.
        ordering.scope, ordering.lambda_names = analyzer.scope, frozenset()
        return ordering.analyze(node)


def unique_names(labels: Sequence[str]) -> list[str]:
    """Names for SQL, each once; DuckDB ignores case."""
    seen: set[str] = set()
    names = []
    for label in labels:
        name, number = label, 1
        while name.lower() in seen:
            name, number = f"{label}${number}", number + 1
        seen.add(name.lower())
        names.append(name)
    return names


def ordinal_of(node: syntax.Expression, count: int, clause: str) -> int | None:
    """The column that an integer in GROUP BY or ORDER BY stands for, None for any other expression."""
    if not isinstance(node, syntax.Literal) or node.kind != "integer":
        return None
    number = int(node.value)
    if not 0 < number <= count:
        raise InvalidColumnReference.at(node.position, f"{clause} position {number} is not in select list")
    return number
