"""UPDATE, DELETE, MERGE and INSERT: the rows that they change, as a query.

A change needs to know where a row lies: the scan of the target gives `$path` and `$position`.
"""

from __future__ import annotations

from collections.abc import Sequence

from millpond.athena.sql.assignment import assigned, check_assignable
from millpond.athena.sql.binding import bind_arguments
from millpond.athena.sql.catalog import CatalogReader, Column, TableDefinition
from millpond.athena.sql.exceptions import (
    ColumnNotFound,
    DuplicateColumnName,
    MismatchedColumnAliases,
    NotSupported,
)
from millpond.athena.sql.expressions import ExpressionAnalyzer
from millpond.athena.sql.plan import QueryPlan, RowChangePlan, Session
from millpond.athena.sql.planner import read_parameters, table_scan
from millpond.athena.sql.pushdown import push_filters
from millpond.athena.sql.queries import StatementAnalyzer
from millpond.athena.sql.quoting import quote_name
from millpond.athena.sql.relations import RelationAnalyzer, RelationPlan, derived
from millpond.athena.sql.scope import Field, Scan, Scope
from millpond.athena.sql.statements import (
    Assignment,
    Delete,
    InsertInto,
    Merge,
    MergeCase,
    QualifiedName,
    Update,
)
from millpond.athena.sql.syntax import Position, Table
from millpond.athena.sql.value import Value, typed_sql

_PATH, _POSITION, _CASE = '"$path"', '"$position"', '"$case"'


def plan_row_changes(
    statement: Update | Delete | Merge,
    session: Session,
    catalog: CatalogReader,
    parameters: Sequence[str] = (),
) -> RowChangePlan:
    """Translate an UPDATE, DELETE or MERGE; the arguments are those of `plan_query`.

    Raises:
        SqlError: The statement is wrong or has what is not supported, in Athena's words.
    """
    analyzer = StatementAnalyzer(session, catalog, read_parameters(statement.parameter_count, parameters))
    target = _Target(analyzer, statement.table, catalog)
    if isinstance(statement, Merge):
        sql = _merge(analyzer, target, statement)
    elif isinstance(statement, Update):
        sql = _update(analyzer, target, statement)
    else:
        sql = _delete(analyzer, target, statement)
    target.scan.used.update(("$path", "$position"))
    return RowChangePlan(
        target.definition.name,
        target.scan.placeholder,
        bind_arguments(sql),
        target.definition.columns,
        tuple(map(table_scan, analyzer.scans)),
    )


def plan_insert(
    statement: InsertInto, session: Session, catalog: CatalogReader, parameters: Sequence[str] = ()
) -> QueryPlan:
    """Translate the query of an INSERT: the plan gives the table's columns, in its order and types.

    Raises:
        SqlError: The statement is wrong or has what is not supported, in Athena's words.
    """
    analyzer = StatementAnalyzer(session, catalog, read_parameters(statement.parameter_count, parameters))
    table = catalog.table(statement.table.resolve(session))
    position = Position(statement.table.line, statement.table.column)
    if table.view_query is not None:
        raise NotSupported.at(position, "Inserting into views is not supported")
    names = _insert_columns(statement.columns, table, position)
    result = analyzer.query(statement.query.tree, None)
    columns = {column.name.lower(): column for column in table.columns}
    expected, given = [columns[name].type for name in names], [field.type for field in result.fields]
    if len(expected) != len(given):
        raise MismatchedColumnAliases.at(
            position,
            f"Insert query has {len(given)} expression(s) but expected {len(expected)} target column(s). "
            f"Mismatch at column {min(len(given), len(expected)) + 1}",
        )
    check_assignable(
        "Insert query has mismatched column types: Table: [{0}], Query: [{1}]", expected, given, position
    )
    relation = derived(analyzer, result.sql, result.fields)
    values = dict(zip(names, relation.fields, strict=True))
    items = []
    for column in table.columns:
        field = values.get(column.name.lower())
        value = (
            assigned(field.value(), column.type, position)
            if field
            else Value(f"CAST(NULL AS {column.type.duckdb})", column.type)
        )
        items.append(f"{value.sql} AS {quote_name(column.name)}")
    sql = f"SELECT {', '.join(items)} FROM {relation.sql}"
    return QueryPlan(bind_arguments(sql), table.columns, tuple(map(table_scan, analyzer.scans)))


class _Target:
    """The table that is changed, in FROM."""

    def __init__(self, analyzer: StatementAnalyzer, name: QualifiedName, catalog: CatalogReader) -> None:
        self.position = Position(name.line, name.column)
        self.definition = catalog.table(name.resolve(analyzer.session))
        if self.definition.view_query is not None:
            raise NotSupported.at(self.position, "Changing rows of a view is not supported")
        self.relation = analyzer.table(Table(self.position, name.parts))
        scan = self.relation.fields[0].scan
        assert scan is not None  # noqa: S101 - a table, not a view, has a scan
        self.scan: Scan = scan

    def column(self, name: str, position: Position) -> Column:
        """A column that may be assigned to."""
        for column in self.definition.columns:
            if column.name.lower() == name:
                return column
        raise ColumnNotFound.at(position, f"Column '{name}' cannot be resolved")

    def address(self) -> str:
        """Path and position of the row."""
        return f"{self.scan.alias}.{_PATH} AS {_PATH}, {self.scan.alias}.{_POSITION} AS {_POSITION}"


def _delete(analyzer: StatementAnalyzer, target: _Target, statement: Delete) -> str:
    nulls = "".join(
        f", CAST(NULL AS {column.type.duckdb}) AS {quote_name(column.name)}"
        for column in target.definition.columns
    )
    where = ""
    if statement.where is not None:
        expressions = ExpressionAnalyzer(analyzer, Scope(target.relation.fields), clause="WHERE clause")
        where = f" WHERE {expressions.condition(statement.where, 'WHERE clause').sql}"
        push_filters(expressions, statement.where)
    return f"SELECT 'delete' AS \"$operation\", {target.address()}{nulls} FROM {target.relation.sql}{where}"


def _update(analyzer: StatementAnalyzer, target: _Target, statement: Update) -> str:
    scope = Scope(target.relation.fields)
    where = ""
    if statement.where is not None:
        expressions = ExpressionAnalyzer(analyzer, scope, clause="WHERE clause")
        where = f" WHERE {expressions.condition(statement.where, 'WHERE clause').sql}"
        push_filters(expressions, statement.where)
    values = _assignments(analyzer, target, statement.assignments, scope, "UPDATE", target.position)
    columns = _new_values(target, values, target.relation.fields)
    return (
        f"SELECT 'update' AS \"$operation\", {target.address()}, {columns} FROM {target.relation.sql}{where}"
    )


def _new_values(target: _Target, values: dict[str, Value], fields: Sequence[Field]) -> str:
    """The target's columns: assigned values, the old ones else."""
    old = {field.name: field for field in fields}
    items = []
    for column in target.definition.columns:
        name = column.name.lower()
        target.scan.used.add(name)
        value = values.get(name) or old[name].value()
        items.append(f"{typed_sql(value)} AS {quote_name(column.name)}")
    return ", ".join(items)


def _assignments(
    analyzer: StatementAnalyzer,
    target: _Target,
    assignments: Sequence[Assignment],
    scope: Scope,
    what: str,
    position: Position,
) -> dict[str, Value]:
    expressions = ExpressionAnalyzer(analyzer, scope, clause=f"{what} SET")
    values: dict[str, Value] = {}
    columns = []
    for assignment in assignments:
        place = Position(assignment.line, assignment.column_position)
        columns.append(target.column(assignment.column, place))
        if assignment.column in values:
            raise DuplicateColumnName.at(
                place, f"Multiple assignments for {what.lower()} column: {assignment.column}"
            )
        values[assignment.column] = expressions.analyze(assignment.value)
    types = [column.type for column in columns]
    message = f"{what} table column types don't match SET expressions: Table: [{{0}}], Expressions: [{{1}}]"
    check_assignable(message, types, [value.type for value in values.values()], position)
    return {
        name: assigned(value, type_, position)
        for (name, value), type_ in zip(values.items(), types, strict=True)
    }


# ---- MERGE


def _merge(analyzer: StatementAnalyzer, target: _Target, statement: Merge) -> str:
    """Source LEFT JOIN target: a first query says which case each pair is, a second what it gives."""
    qualifier = (statement.alias,) if statement.alias else target.relation.fields[0].qualifiers
    target_fields = tuple(_qualified(field, qualifier) for field in target.relation.fields)
    source = RelationAnalyzer(analyzer, None).analyze(statement.source)
    scope = Scope((*target_fields, *source.fields))
    condition = ExpressionAnalyzer(analyzer, scope, clause="MERGE ON").condition(
        statement.condition, "MERGE ON"
    )
    branches = []
    for number, case in enumerate(statement.cases):
        matched = f"{target.scan.alias}.{_PATH} IS {'NOT ' if case.matched else ''}NULL"
        if case.condition is not None:
            extra = ExpressionAnalyzer(analyzer, scope, clause="MERGE WHEN").condition(
                case.condition, "WHEN clause"
            )
            matched = f"{matched} AND {extra.sql}"
        branches.append(f"WHEN {matched} THEN {number}")
    visible = [field for field in (*target_fields, *source.fields) if not field.hidden]
    for field in visible:
        if field.scan is not None:
            field.scan.used.add(field.name or "")
    columns = ", ".join(f"{field.sql} AS c{i}" for i, field in enumerate(visible))
    pairs = (
        f"SELECT {target.address()}, CASE {' '.join(branches)} END AS {_CASE}, {columns} "
        f"FROM {source.sql} LEFT JOIN {target.relation.sql} ON {condition.sql}"
    )
    alias = analyzer.unique("r")
    fields = [_moved(field, f"{alias}.c{i}") for i, field in enumerate(visible)]
    return _merge_values(
        analyzer, target, statement, RelationPlan(f"({pairs}) AS {alias}", tuple(fields)), alias
    )


def _qualified(field: Field, qualifiers: tuple[str, ...]) -> Field:
    from dataclasses import replace

    return replace(field, qualifiers=qualifiers)


def _moved(field: Field, sql: str) -> Field:
    from dataclasses import replace

    return replace(field, sql=sql, scan=None)


def _merge_values(
    analyzer: StatementAnalyzer, target: _Target, statement: Merge, pairs: RelationPlan, alias: str
) -> str:
    case_column = f"{alias}.{_CASE}"
    values: list[dict[str, Value]] = []
    operations = []
    for number, case in enumerate(statement.cases):
        values.append(_case_values(analyzer, target, case, Scope(pairs.fields)))
        operations.append(f"WHEN {number} THEN '{case.action}'")
    items = []
    for i, column in enumerate(target.definition.columns):
        name = column.name.lower()
        branches = []
        for number, case in enumerate(statement.cases):
            value = values[number].get(name)
            if value is None and case.action == "update":
                value = pairs.fields[i].value()
            if value is not None:
                branches.append(f"WHEN {number} THEN {value.sql}")
        sql = f"CASE {case_column} {' '.join(branches)} END" if branches else "NULL"
        items.append(f"CAST({sql} AS {column.type.duckdb}) AS {quote_name(column.name)}")
    twice = (
        f"{alias}.{_PATH} IS NOT NULL AND "
        f"count(*) OVER (PARTITION BY {alias}.{_PATH}, {alias}.{_POSITION}) > 1"
    )
    message = (
        "athena_fail_text('MERGE_TARGET_ROW_MULTIPLE_MATCHES', "
        "'One MERGE target table row matched more than one source row')"
    )
    operation = f"CASE WHEN {twice} THEN {message} ELSE CASE {case_column} {' '.join(operations)} END END"
    return (
        f'SELECT {operation} AS "$operation", '
        f"{alias}.{_PATH} AS {_PATH}, {alias}.{_POSITION} AS {_POSITION}, "
        f"{', '.join(items)} FROM {pairs.sql} WHERE {case_column} IS NOT NULL"
    )


def _case_values(
    analyzer: StatementAnalyzer, target: _Target, case: MergeCase, scope: Scope
) -> dict[str, Value]:
    position = Position(case.line, case.column)
    if case.action == "update":
        return _assignments(analyzer, target, case.assignments, scope, "MERGE", position)
    if case.action == "delete":
        return {}
    names = _insert_columns(case.columns, target.definition, position)
    if len(names) != len(case.values):
        raise MismatchedColumnAliases.at(
            position, f"MERGE clause INSERT column and value count mismatch: {len(names)}, {len(case.values)}"
        )
    expressions = ExpressionAnalyzer(analyzer, scope, clause="MERGE INSERT")
    values = [expressions.analyze(value) for value in case.values]
    types = [target.column(name, position).type for name in names]
    message = "MERGE table column types don't match INSERT expressions: Table: [{0}], Expressions: [{1}]"
    check_assignable(message, types, [value.type for value in values], position)
    return {
        name: assigned(value, type_, position)
        for name, value, type_ in zip(names, values, types, strict=True)
    }


def _insert_columns(
    names: tuple[str, ...] | None, table: TableDefinition, position: Position
) -> tuple[str, ...]:
    known = tuple(column.name.lower() for column in table.columns)
    if names is None:
        return known
    for i, name in enumerate(names):
        if name not in known:
            raise ColumnNotFound.at(position, f"Insert column name does not exist in target table: {name}")
        if name in names[:i]:
            raise DuplicateColumnName.at(position, f"Insert column name is specified more than once: {name}")
    return names
