"""Queries: WITH, set operations, SELECT with its clauses, ORDER BY and LIMIT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from millpond.athena.sql import syntax
from millpond.athena.sql.calls import sort_sql
from millpond.athena.sql.catalog import CatalogReader, TableName
from millpond.athena.sql.coercion import common_type
from millpond.athena.sql.exceptions import (
    ColumnNotFound,
    DuplicateColumnName,
    InvalidColumnReference,
    InvalidView,
    MismatchedColumnAliases,
    NotSupported,
    SqlError,
    TypeMismatch,
)
from millpond.athena.sql.expressions import ExpressionAnalyzer, name_parts
from millpond.athena.sql.grouping import GroupedQuery, contains_aggregate, mentions
from millpond.athena.sql.plan import Session
from millpond.athena.sql.relations import RelationAnalyzer, RelationPlan, derived
from millpond.athena.sql.scope import Field, Scan, Scope
from millpond.athena.sql.statements import QualifiedName
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.value import Value, convert, quote_name, quote_text

_MAXIMUM_GROUPING_SETS = 2048


@dataclass(frozen=True)
class AnalyzedQuery:
    """A query in DuckDB's dialect with its columns: `fields[i].sql` is the column's quoted name."""

    sql: str
    fields: tuple[Field, ...]


class StatementAnalyzer:
    """The analysis of one statement: its tables, its parameters, its unique names.

    Attributes:
        scans: The tables read so far, in order.
    """

    def __init__(
        self, session: Session, catalog: CatalogReader, parameters: Sequence[syntax.Expression] = ()
    ) -> None:
        self.session = session
        self.scans: list[Scan] = []
        self._catalog = catalog
        self._parameters = parameters
        self._counters: dict[str, int] = {}
        self._with: list[dict[str, AnalyzedQuery]] = []
        self._views: list[TableName] = []

    # ---- what expressions need

    def subquery(self, query: syntax.Query, scope: Scope) -> AnalyzedQuery:
        """Analyse a query that may name fields of the scope."""
        return self.query(query, scope)

    def parameter(self, index: int) -> syntax.Expression | None:
        """The expression that stands for a `?`, None if there is none."""
        return self._parameters[index] if index < len(self._parameters) else None

    def unique(self, prefix: str) -> str:
        """A name that the statement's SQL has nowhere else."""
        number = self._counters.get(prefix, 0)
        self._counters[prefix] = number + 1
        return f"{prefix}{number}"

    def session_value(self, name: str) -> Value | None:
        """What `current_catalog` and `current_schema` are."""
        from millpond.athena.sql.types import VARCHAR

        texts = {"current_catalog": self.session.catalog, "current_schema": self.session.database}
        text = texts.get(name)
        return Value(quote_text(text), VARCHAR, text) if text is not None else None

    # ---- tables

    def table(self, node: syntax.Table) -> RelationPlan:
        """A table, a view or a CTE."""
        if len(node.parts) == 1 and node.version is None:
            for names in reversed(self._with):
                found = names.get(node.parts[0].lower())
                if found is not None:
                    return derived(self, found.sql, found.fields, (node.parts[0].lower(),))
        name = QualifiedName(node.parts, node.position.line, node.position.column).resolve(self.session)
        try:
            definition = self._catalog.table(name)
        except SqlError as error:
            if error.line is None:
                error.line, error.column = node.position.line, node.position.column
            raise
        if definition.view_query is not None:
            return self._view(
                definition.name,
                definition.view_query,
                definition.view_catalog,
                definition.view_database,
                node.position,
            )
        alias = self.unique("r")
        columns = (*definition.columns, *definition.hidden_columns)
        scan = Scan(
            f"scan_{len(self.scans)}", alias, definition.name, tuple(c.name for c in definition.columns)
        )
        if node.version is not None:
            value = ExpressionAnalyzer(self, Scope(())).analyze(node.version)
            expected = {
                "version": ("tinyint", "smallint", "integer", "bigint", "varchar"),
                "timestamp": ("date", "timestamp", "timestamp with time zone"),
            }
            if value.type.name not in expected[node.version_kind or "version"]:
                raise TypeMismatch(
                    f"Type {value.type.trino} invalid. Valid types: {', '.join(expected[node.version_kind or 'version'])}",
                    node.position.line,
                    node.position.column,
                )
            scan.version_kind, scan.version_sql = node.version_kind, value.sql
        self.scans.append(scan)
        hidden = {column.name for column in definition.hidden_columns}
        qualifiers = (name.catalog, name.database, name.table)
        fields = tuple(
            Field(
                column.name.lower(), column.name, column.type, f"{alias}.{quote_name(column.name)}", qualifiers, scan,
                column.name in hidden,
            )
            for column in columns
        )  # fmt: skip
        return RelationPlan(f"{quote_name(scan.placeholder)} AS {alias}", fields)

    def _view(
        self, name: TableName, text: str, catalog: str | None, database: str | None, position: Position
    ) -> RelationPlan:
        from millpond.athena.sql.parse import parse_query

        full = f"{name.catalog}.{name.database}.{name.table}"
        if name in self._views:
            raise InvalidView(f"View '{full}' is recursive", position.line, position.column)
        outer_session, outer_with = self.session, self._with
        self.session = replace(
            outer_session, catalog=catalog or name.catalog, database=database or name.database
        )
        self._with = []
        self._views.append(name)
        try:
            result = self.query(parse_query(text).tree, None)
        except InvalidView:
            raise
        except SqlError as error:
            raise InvalidView(
                f"Failed analyzing stored view '{full}': {error}", position.line, position.column
            ) from error
        finally:
            self.session, self._with = outer_session, outer_with
            self._views.pop()
        return derived(self, result.sql, result.fields, (name.catalog, name.database, name.table))

    def push_filters(self, analyzer: ExpressionAnalyzer, condition: syntax.Expression) -> None:
        """Give each scan the conjuncts that only it needs, written over its bare columns."""
        terms = (
            condition.terms
            if isinstance(condition, syntax.Logical) and condition.operator == "AND"
            else (condition,)
        )
        for term in terms:
            if isinstance(term, syntax.Logical) and term.operator == "AND":
                self.push_filters(analyzer, term)
                continue
            if _has_query_or_lambda(term):
                continue
            tracker = _FilterScope(analyzer.scope)
            probe = ExpressionAnalyzer(self, tracker.scope, clause="WHERE clause")
            try:
                value = probe.analyze(term)
            except SqlError:
                continue
            if len(tracker.scans) == 1 and not tracker.others:
                tracker.scans[0].filters.append(value.sql)

    # ---- queries

    def query(self, node: syntax.Query, outer: Scope | None) -> AnalyzedQuery:
        """Analyse a query; `outer` is the scope around it."""
        self._with.append({})
        definitions = []
        try:
            for item in node.with_queries:
                if item.name.lower in self._with[-1]:
                    raise DuplicateColumnName(
                        f"WITH query name '{item.name.value}' specified more than once",
                        item.position.line,
                        item.position.column,
                    )
                result = self._with_query(item, node.recursive)
                name = self.unique("w")
                definitions.append(f"{name} AS ({result.sql})")
                self._with[-1][item.name.lower] = AnalyzedQuery(f"SELECT * FROM {name}", result.fields)
            result = self._ordered(node, outer)
        finally:
            self._with.pop()
        if not definitions:
            return result
        return AnalyzedQuery(f"WITH {', '.join(definitions)} {result.sql}", result.fields)

    def _with_query(self, item: syntax.WithQuery, recursive: bool) -> AnalyzedQuery:
        if recursive and mentions_table(item.query, item.name.lower):
            raise NotSupported("WITH RECURSIVE", item.position.line, item.position.column)
        result = self.query(item.query, None)
        if item.columns is None:
            return result
        if len(item.columns) != len(result.fields):
            raise MismatchedColumnAliases(
                f"WITH column alias list has {len(item.columns)} entries but WITH query(es) have "
                f"{len(result.fields)} columns",
                item.position.line,
                item.position.column,
            )
        fields = tuple(
            replace(field, name=name.lower, label=name.value)
            for field, name in zip(result.fields, item.columns, strict=True)
        )
        return AnalyzedQuery(result.sql, fields)

    def _ordered(self, node: syntax.Query, outer: Scope | None) -> AnalyzedQuery:
        """A body with its ORDER BY, OFFSET and LIMIT."""
        limit = self._limit(node)
        body = node.body
        if isinstance(body, syntax.Select):
            return SelectAnalyzer(self, body, outer).analyze(node.order_by, limit, node)
        result = self._body(body, outer)
        if not node.order_by and not limit:
            return result
        relation = derived(self, result.sql, result.fields)
        analyzer = ExpressionAnalyzer(
            self, Scope(relation.fields, outer), windows={}, clause="ORDER BY clause"
        )
        keys = [
            sort_sql(
                Value(str(ordinal), relation.fields[ordinal - 1].type)
                if (ordinal := _ordinal(item.expression, len(relation.fields), "ORDER BY"))
                else analyzer.analyze(item.expression),
                item,
            )
            for item in node.order_by
        ]
        columns = ", ".join(
            f"{inner.sql} AS {item.sql}" for inner, item in zip(relation.fields, result.fields, strict=True)
        )
        order = f" ORDER BY {', '.join(keys)}" if keys else ""
        return AnalyzedQuery(f"SELECT {columns} FROM {relation.sql}{order}{limit}", result.fields)

    def _limit(self, node: syntax.Query) -> str:
        parts = []
        for word, expression in (("LIMIT", node.limit), ("OFFSET", node.offset)):
            if expression is None:
                continue
            value = ExpressionAnalyzer(self, Scope(())).analyze(expression)
            if value.literal is None or not value.literal.isdigit():
                raise TypeMismatch(
                    f"Non-constant or negative {word} value",
                    expression.position.line,
                    expression.position.column,
                )
            parts.append(f" {word} {value.literal}")
        if node.with_ties:
            raise NotSupported("FETCH FIRST … WITH TIES", node.position.line, node.position.column)
        return "".join(parts)

    def _body(self, body: syntax.QueryBody, outer: Scope | None) -> AnalyzedQuery:
        if isinstance(body, syntax.Query):
            return self.query(body, outer)
        if isinstance(body, syntax.Select):
            return SelectAnalyzer(self, body, outer).analyze((), "", None)
        if isinstance(body, syntax.Values):
            return self._values(body, outer)
        if isinstance(body, syntax.TableQuery):
            star = syntax.AllColumns(body.position, None)
            return self._body(syntax.Select(body.position, (star,), relation=body.table), outer)
        return self._set_operation(body, outer)

    def _values(self, body: syntax.Values, outer: Scope | None) -> AnalyzedQuery:
        analyzer = ExpressionAnalyzer(self, Scope((), outer), clause="VALUES clause")
        rows = []
        for item in body.rows:
            items = item.items if isinstance(item, syntax.RowConstructor) else (item,)
            rows.append([analyzer.analyze(value) for value in items])
        width = len(rows[0])
        if any(len(values) != width for values in rows):
            raise TypeMismatch("Values rows have mismatched sizes", body.position.line, body.position.column)
        columns = [
            analyzer.unified([values[i] for values in rows], "Values rows", body.position)
            for i in range(width)
        ]
        lines = ", ".join(
            f"({', '.join(typed_sql(values[i]) for values, _ in columns)})" for i in range(len(rows))
        )
        names = [f"_col{i}" for i in range(width)]
        fields = tuple(
            Field(None, None, type_, quote_name(name))
            for (_, type_), name in zip(columns, names, strict=True)
        )
        alias = self.unique("r")
        return AnalyzedQuery(
            f"SELECT * FROM (VALUES {lines}) AS {alias}({', '.join(map(quote_name, names))})", fields
        )

    def _set_operation(self, body: syntax.SetOperation, outer: Scope | None) -> AnalyzedQuery:
        left, right = self._body(body.left, outer), self._body(body.right, outer)
        position = body.position
        if len(left.fields) != len(right.fields):
            raise TypeMismatch(
                f"{body.operator} query has different number of fields: {len(left.fields)}, {len(right.fields)}",
                position.line,
                position.column,
            )
        fields = []
        for i, (a, b) in enumerate(zip(left.fields, right.fields, strict=True)):
            type_ = common_type(a.type, b.type)
            if type_ is None:
                raise TypeMismatch(
                    f"column {i + 1} in {body.operator} query has incompatible types: {a.type.trino}, {b.type.trino}",
                    position.line,
                    position.column,
                )
            if a.zone != b.zone and type_.name == "timestamp with time zone":
                raise NotSupported(
                    "timestamps with different time zones in one column", position.line, position.column
                )
            fields.append(replace(a, type=type_))
        sides = []
        for side in (left, right):
            relation = derived(self, side.sql, side.fields)
            columns = ", ".join(
                f"{convert(item.value(), field.type).sql} AS {field.sql}"
                for item, field in zip(relation.fields, fields, strict=True)
            )
            sides.append(f"(SELECT {columns} FROM {relation.sql})")
        quantifier = "" if body.distinct else " ALL"
        return AnalyzedQuery(f"{sides[0]} {body.operator}{quantifier} {sides[1]}", tuple(fields))


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
            self.statement.push_filters(where, node.where)
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
            f"{typed_sql(value)} AS {quote_name(name)}" for (value, _), name in zip(items, names, strict=True)
        )
        fields = tuple(
            Field(label.lower() if label else None, label, value.type, quote_name(name), zone=value.zone)
            for (value, label), name in zip(items, names, strict=True)
        )
        distinct = "DISTINCT " if node.distinct else ""
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
                    f"GROUP BY has {len(sets)} grouping sets but can only contain at most {_MAXIMUM_GROUPING_SETS}"
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
        ordinal = _ordinal(node, len(self.node.items), "GROUP BY")
        if ordinal is None:
            return node
        if any(isinstance(item, syntax.AllColumns) for item in self.node.items):
            raise NotSupported("GROUP BY with an ordinal beside *", node.position.line, node.position.column)
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
                raise ColumnNotFound(
                    "SELECT * not allowed in queries without FROM clause", position.line, position.column
                )
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
                raise MismatchedColumnAliases(
                    f"Column alias list has {len(item.aliases)} entries but relation has {len(visible)} columns",
                    position.line,
                    position.column,
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
            raise ColumnNotFound(
                f"Unable to resolve reference {name}", position.line, position.column
            ) from error
        if base.type.name != "row":
            raise TypeMismatch("Expression is not of type ROW", position.line, position.column)
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
            ordinal = _ordinal(item.expression, len(items), "ORDER BY")
            if ordinal is None:
                ordinal = self._output_ordinal(item.expression, items)
            if ordinal is not None:
                keys.append(sort_sql(Value(str(ordinal), items[ordinal - 1][0].type), item))
                continue
            value = self._order_value(analyzer, outputs, item.expression)
            if self.node.distinct:
                same = [i for i, (output, _) in enumerate(items) if output.sql == value.sql]
                if not same:
                    raise InvalidColumnReference(
                        "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                        item.position.line,
                        item.position.column,
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
            raise ColumnNotFound(
                f"Column '{node.value}' is ambiguous", node.position.line, node.position.column
            )
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


def typed_sql(value: Value) -> str:
    """A value as a column: where DuckDB would give a constant another type, it is cast."""
    if value.sql == "NULL" or value.literal is None:
        return value.sql
    if value.type.name in ("integer", "boolean") or value.sql.startswith(("CAST(", "to_")):
        return value.sql
    return f"CAST({value.sql} AS {value.type.duckdb})"


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


def mentions_table(node: object, name: str) -> bool:
    """Whether a query reads a relation by this bare name."""
    import dataclasses

    if isinstance(node, syntax.Table):
        return len(node.parts) == 1 and node.parts[0].lower() == name
    if isinstance(node, tuple):
        return any(mentions_table(item, name) for item in node)
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        return any(mentions_table(getattr(node, item.name), name) for item in dataclasses.fields(node))
    return False


class _FilterScope:
    """A scope that writes fields of scans as bare columns and notes which scans they come from."""

    def __init__(self, scope: Scope) -> None:
        self.scans: list[Scan] = []
        self.others = False
        self.scope = Scope(scope.fields, None, self._bare)

    def _bare(self, field: Field, _: Position) -> Value:
        if field.scan is None or field.optional or field.sql.rpartition(".")[0] != field.scan.alias:
            self.others = True
        elif field.scan not in self.scans:
            self.scans.append(field.scan)
        return Value(field.sql.partition(".")[2], field.type, zone=field.zone)


def _has_query_or_lambda(node: object) -> bool:
    import dataclasses

    if isinstance(node, (syntax.Query, syntax.Lambda)):
        return True
    if isinstance(node, tuple):
        return any(map(_has_query_or_lambda, node))
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        return any(_has_query_or_lambda(getattr(node, item.name)) for item in dataclasses.fields(node))
    return False


def _ordinal(node: syntax.Expression, count: int, clause: str) -> int | None:
    if not isinstance(node, syntax.Literal) or node.kind != "integer":
        return None
    number = int(node.value)
    if not 0 < number <= count:
        raise InvalidColumnReference(
            f"{clause} position {number} is not in select list", node.position.line, node.position.column
        )
    return number
