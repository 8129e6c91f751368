"""From a parsed statement to its plan: the entrance to the analysis."""

from __future__ import annotations

from collections.abc import Sequence

from millpond.athena.sql.binding import bind_arguments
from millpond.athena.sql.catalog import CatalogReader, Column
from millpond.athena.sql.exceptions import InvalidParameterUsage
from millpond.athena.sql.nesting import deep_statements
from millpond.athena.sql.parse import parse_expression
from millpond.athena.sql.plan import QueryPlan, Session, TableScan
from millpond.athena.sql.queries import StatementAnalyzer
from millpond.athena.sql.scope import Scan
from millpond.athena.sql.statements import Query
from millpond.athena.sql.syntax import Expression


def plan_query(
    query: Query, session: Session, catalog: CatalogReader, parameters: Sequence[str] = ()
) -> QueryPlan:
    """Translate a query.

    Args:
        query: What `parse_statement` gave, or a part of it (`CreateTableAsSelect.query`).
        session: What bare names are resolved against.
        catalog: Where tables and views are looked up.
        parameters: The texts that stand for `?`, as in ExecutionParameters: each an expression.

    Raises:
        SqlError: The query is wrong or has what is not supported, in Athena's words.
    """
    analyzer = StatementAnalyzer(session, catalog, read_parameters(query.parameter_count, parameters))
    with deep_statements():
        result = analyzer.query(query.tree, None)
    columns = tuple(
        Column(field.label or f"_col{i}", field.type, field.zone) for i, field in enumerate(result.fields)
    )
    return QueryPlan(bind_arguments(result.sql), columns, tuple(map(table_scan, analyzer.scans)))


def read_parameters(count: int, parameters: Sequence[str]) -> list[Expression]:
    """The expressions of `?`; as many as the statement has."""
    if count != len(parameters):
        raise InvalidParameterUsage(
            f"Incorrect number of parameters: expected {count} but found {len(parameters)}", 1, 1
        )
    return [parse_expression(text) for text in parameters]


def table_scan(scan: Scan) -> TableScan:
    """What the plan says of a table: the columns used, in the table's order."""
    order = [name for name in scan.columns if name.lower() in scan.used]
    hidden = sorted(scan.used - {name.lower() for name in scan.columns})
    condition = bind_arguments(" AND ".join(dict.fromkeys(scan.filters)))
    return TableScan(scan.placeholder, scan.table, (*order, *hidden), condition or None, scan.version)
