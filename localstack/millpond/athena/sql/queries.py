"""Queries: WITH, set operations, SELECT with its clauses, ORDER BY and LIMIT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter

from millpond.athena.sql import syntax
from millpond.athena.sql.calls import sort_sql
from millpond.athena.sql.catalog import CatalogReader, Column, TableDefinition, TableName, TableVersion
from millpond.athena.sql.coercion import common_type
from millpond.athena.sql.exceptions import (
    DuplicateNamedQuery,
    InvalidView,
    MismatchedColumnAliases,
    SqlError,
    StaleView,
    TypeMismatch,
)
from millpond.athena.sql.expressions import ExpressionAnalyzer
from millpond.athena.sql.plan import Session
from millpond.athena.sql.quoting import quote_name, quote_text
from millpond.athena.sql.recursion import reads, recursive_query
from millpond.athena.sql.relations import RelationPlan, derived
from millpond.athena.sql.scope import Field, Scan, Scope
from millpond.athena.sql.select import AnalyzedQuery, SelectAnalyzer, ordinal_of
from millpond.athena.sql.statements import QualifiedName
from millpond.athena.sql.stored_views import as_declared, staleness
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.ties import with_ties
from millpond.athena.sql.value import Value, column_sql, column_zone, common_zone, convert, trimmed
from millpond.athena.sql.zones import PER_VALUE

_VERSION_TYPES = {
    # FOR … AS OF: what may stand behind it
    "version": ("tinyint", "smallint", "integer", "bigint", "varchar"),
    "timestamp": ("date", "timestamp", "timestamp with time zone"),
}


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
        version = self._version(node)
        try:
            definition = self._catalog.table(name, version)
        except SqlError as error:
            if error.line is None:
                error.line, error.column = node.position.line, node.position.column
            raise
        if definition.view_query is not None:
            return self._view(definition, definition.view_query, node.position)
        alias = self.unique("r")
        columns = (*definition.columns, *definition.hidden_columns)
        scan = Scan(
            f"scan_{len(self.scans)}", alias, definition.name, tuple(c.name for c in definition.columns)
        )
        scan.version = version
        self.scans.append(scan)
        hidden = {column.name for column in definition.hidden_columns}
        qualifiers = (name.catalog, name.database, name.table)
        fields = tuple(
            Field(
                column.name.lower(), column.name, column.type, _stored(column, alias),
                qualifiers, scan, column.name in hidden,
            )
            for column in columns
        )  # fmt: skip
        return RelationPlan(f"{quote_name(scan.placeholder)} AS {alias}", fields)

    def _version(self, node: syntax.Table) -> TableVersion | None:
        if node.version is None:
            return None
        kind = node.version_kind or "version"
        value = ExpressionAnalyzer(self, Scope(())).analyze(node.version)
        valid = _VERSION_TYPES[kind]
        if value.type.name not in valid:
            raise TypeMismatch.at(
                node.position, f"Type {value.type.trino} invalid. Valid types: {', '.join(valid)}"
            )
        return TableVersion(kind, value.sql)

    def _view(self, view: TableDefinition, text: str, position: Position) -> RelationPlan:
        from millpond.athena.sql.parse import parse_query

        name = view.name
        full = f"{name.catalog}.{name.database}.{name.table}"
        if name in self._views:
            raise InvalidView.at(position, f"View '{full}' is recursive")
        outer_session, outer_with = self.session, self._with
        self.session = replace(
            outer_session,
            catalog=view.view_catalog or name.catalog,
            database=view.view_database or name.database,
        )
        self._with = []
        self._views.append(name)
        try:
            result = self.query(parse_query(text).tree, None)
        except (InvalidView, StaleView):
            raise
        except SqlError as error:
            raise InvalidView.at(position, f"Failed analyzing stored view '{full}': {error}") from error
        finally:
            self.session, self._with = outer_session, outer_with
            self._views.pop()
        reason = staleness(view.columns, result.fields)
        if reason is not None:
            raise StaleView.at(position, f"View '{full}' is stale or in invalid state: {reason}")
        return as_declared(
            derived(self, result.sql, result.fields, (name.catalog, name.database, name.table)), view.columns
        )

    # ---- queries

    def query(self, node: syntax.Query, outer: Scope | None) -> AnalyzedQuery:
        """Analyse a query; `outer` is the scope around it."""
        self._with.append({})
        definitions: list[str] = []
        try:
            for item in node.with_queries:
                if item.name.lower in self._with[-1]:
                    raise DuplicateNamedQuery.at(
                        item.position, f"WITH query name '{item.name.value}' specified more than once"
                    )
                name = self.unique("w")
                if node.recursive and reads(item.query, item.name.lower):
                    result = self._recursive(item, name, definitions)
                else:
                    result = self._with_query(item)
                definitions.append(f"{name} AS ({result.sql})")
                self._with[-1][item.name.lower] = AnalyzedQuery(f"SELECT * FROM {name}", result.fields)
            result = self._ordered(node, outer)
        finally:
            self._with.pop()
        if not definitions:
            return result
        return AnalyzedQuery(f"WITH {', '.join(definitions)} {result.sql}", result.fields)

    def _recursive(self, item: syntax.WithQuery, name: str, definitions: list[str]) -> AnalyzedQuery:
        """A WITH query that reads itself; adds what it needs to the definitions."""

        def declare(previous: str, fields: Sequence[Field]) -> None:
            known = AnalyzedQuery(f"SELECT * FROM {quote_name(previous)}", tuple(fields))
            self._with[-1][item.name.lower] = _renamed(item, known)

        needed, result = recursive_query(self, item, name, declare)
        definitions += needed
        return _renamed(item, result)

    def _with_query(self, item: syntax.WithQuery) -> AnalyzedQuery:
        result = self.query(item.query, None)
        if item.columns is None:
            return result
        if len(item.columns) != len(result.fields):
            raise MismatchedColumnAliases.at(
                item.position,
                f"WITH column alias list has {len(item.columns)} entries but WITH query(es) have "
                f"{len(result.fields)} columns",
            )
        return _renamed(item, result)

    def _ordered(self, node: syntax.Query, outer: Scope | None) -> AnalyzedQuery:
        """A body with its ORDER BY, OFFSET and LIMIT."""
        if node.with_ties:
            return with_ties(self, node, outer)
        limit = self.limit(node)
        body = node.body
        if isinstance(body, syntax.Select):
            return SelectAnalyzer(self, body, outer).analyze(node.order_by, limit, node)
        result = self.body(body, outer)
        if not node.order_by and not limit:
            return result
        relation = derived(self, result.sql, result.fields)
        keys = self.sort_keys(node, relation, outer)
        columns = ", ".join(
            f"{inner.sql} AS {item.sql}" for inner, item in zip(relation.fields, result.fields, strict=True)
        )
        order = f" ORDER BY {keys}" if keys else ""
        return AnalyzedQuery(f"SELECT {columns} FROM {relation.sql}{order}{limit}", result.fields)

    def sort_keys(self, node: syntax.Query, relation: RelationPlan, outer: Scope | None) -> str:
        """What ORDER BY sorts by, over the columns of the body alone."""
        analyzer = ExpressionAnalyzer(
            self, Scope(relation.fields, outer), windows={}, clause="ORDER BY clause"
        )
        keys = [
            sort_sql(
                relation.fields[ordinal - 1].value()
                if (ordinal := ordinal_of(item.expression, len(relation.fields), "ORDER BY"))
                else analyzer.analyze(item.expression),
                item,
            )
            for item in node.order_by
        ]
        return ", ".join(keys)

    def limit(self, node: syntax.Query) -> str:
        """LIMIT and OFFSET, which are constants."""
        parts = []
        for word, expression in (("LIMIT", node.limit), ("OFFSET", node.offset)):
            if expression is None:
                continue
            value = ExpressionAnalyzer(self, Scope(())).analyze(expression)
            if value.literal is None or not value.literal.isdigit():
                raise TypeMismatch.at(expression.position, f"Non-constant or negative {word} value")
            parts.append(f" {word} {value.literal}")
        return "".join(parts)

    def body(self, body: syntax.QueryBody, outer: Scope | None) -> AnalyzedQuery:
        """Analyse what stands in a query before its ORDER BY."""
        if isinstance(body, syntax.Query):
            return self.query(body, outer)
        if isinstance(body, syntax.Select):
            return SelectAnalyzer(self, body, outer).analyze((), "", None)
        if isinstance(body, syntax.Values):
            return self._values(body, outer)
        if isinstance(body, syntax.TableQuery):
            star = syntax.AllColumns(body.position, None)
            return self.body(syntax.Select(body.position, (star,), relation=body.table), outer)
        return self._set_operation(body, outer)

    def _values(self, body: syntax.Values, outer: Scope | None) -> AnalyzedQuery:
        analyzer = ExpressionAnalyzer(self, Scope((), outer), clause="VALUES clause")
        rows = []
        for item in body.rows:
            items = item.items if isinstance(item, syntax.RowConstructor) else (item,)
            values = [analyzer.analyze(value) for value in items]
            if not isinstance(item, syntax.RowConstructor) and values[0].type.name == "row":
                values = [analyzer.field(values[0], place) for place in range(len(values[0].type.fields))]
            rows.append(values)
        width = len(rows[0])
        for values in rows:
            if len(values) != width:
                raise TypeMismatch.at(
                    body.position, f"Values rows have mismatched sizes: {width} vs {len(values)}"
                )
        columns = [
            analyzer.unified([values[i] for values in rows], "Values rows", body.position)
            for i in range(width)
        ]
        zones = [column_zone(common_zone(values, itemgetter(0))) for values, _ in columns]
        lines = ", ".join(
            f"({', '.join(column_sql(c[0][i], zone) for c, zone in zip(columns, zones, strict=True))})"
            for i in range(len(rows))
        )
        names = [f"_col{i}" for i in range(width)]
        fields = tuple(
            Field(None, None, type_, quote_name(name), zone=zone)
            for (_, type_), name, zone in zip(columns, names, zones, strict=True)
        )
        alias = self.unique("r")
        return AnalyzedQuery(
            f"SELECT * FROM (VALUES {lines}) AS {alias}({', '.join(map(quote_name, names))})", fields
        )

    def _set_operation(self, body: syntax.SetOperation, outer: Scope | None) -> AnalyzedQuery:
        left, right = self.body(body.left, outer), self.body(body.right, outer)
        position = body.position
        if len(left.fields) != len(right.fields):
            raise TypeMismatch.at(
                position,
                f"{body.operator} query has different number of fields: "
                f"{len(left.fields)}, {len(right.fields)}",
            )
        fields = []
        for i, (a, b) in enumerate(zip(left.fields, right.fields, strict=True)):
            type_ = common_type(a.type, b.type)
            if type_ is None:
                raise TypeMismatch.at(
                    position,
                    f"column {i + 1} in {body.operator} query has incompatible types: "
                    f"{a.type.trino}, {b.type.trino}",
                )
            sides = [convert(field.value(), type_) for field in (a, b)]
            zone = column_zone(common_zone(sides, itemgetter(0)))
            # EXCEPT and INTERSECT compare instants, in whatever zone they are shown.
            is_shown = zone != PER_VALUE or body.operator == "UNION"
            fields.append(replace(a, type=type_, zone=zone if is_shown else None))
        queries = []
        for side in (left, right):
            relation = derived(self, side.sql, side.fields)
            columns = ", ".join(
                f"{column_sql(convert(item.value(), field.type), field.zone)} AS {field.sql}"
                for item, field in zip(relation.fields, fields, strict=True)
            )
            queries.append(f"(SELECT {columns} FROM {relation.sql})")
        if body.distinct and any(field.zone == PER_VALUE for field in fields):
            both = derived(self, " UNION ALL ".join(queries), fields)
            instants = ", ".join(field.value().sql for field in both.fields)
            columns = ", ".join(
                f"{inner.sql} AS {field.sql}" for inner, field in zip(both.fields, fields, strict=True)
            )
            sql = f"SELECT DISTINCT ON ({instants}) {columns} FROM {both.sql}"
            return AnalyzedQuery(sql, tuple(fields))
        quantifier = "" if body.distinct else " ALL"
        return AnalyzedQuery(f"{queries[0]} {body.operator}{quantifier} {queries[1]}", tuple(fields))


def _renamed(item: syntax.WithQuery, result: AnalyzedQuery) -> AnalyzedQuery:
    """A WITH query's result under the names of its column list."""
    if item.columns is None:
        return result
    fields = tuple(
        replace(field, name=name.lower, label=name.value)
        for field, name in zip(result.fields, item.columns, strict=True)
    )
    return AnalyzedQuery(result.sql, fields)


def _stored(column: Column, alias: str) -> str:
    """A column of a table; files may have a `char` with its spaces."""
    sql = f"{alias}.{quote_name(column.name)}"
    return trimmed(sql) if column.type.name == "char" else sql
