"""WITH RECURSIVE as Trino plans it: the step written out as often as it may be taken.

https://trino.io/docs/401/sql/select.html#with-recursive-clause. Trino fails where the step still gives rows
after `max_recursion_depth` times, which Athena leaves at 10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.coercion import can_coerce
from millpond.athena.sql.exceptions import (
    MismatchedColumnAliases,
    MissingColumnAliases,
    NotSupported,
    TypeMismatch,
)
from millpond.athena.sql.quoting import quote_name
from millpond.athena.sql.value import column_sql, convert

if TYPE_CHECKING:
    from millpond.athena.sql.queries import StatementAnalyzer
    from millpond.athena.sql.scope import Field
    from millpond.athena.sql.select import AnalyzedQuery

MAXIMUM_DEPTH = 10
_TOO_DEEP = (
    f"Recursion depth limit exceeded ({MAXIMUM_DEPTH}). "
    "Use ''max_recursion_depth'' session property to modify the limit."
)


def reads(query: syntax.Query, name: str) -> bool:
    """Whether a query reads a relation by this bare name."""
    tables = syntax.nodes(query, (syntax.Table,))
    return any(len(table.parts) == 1 and table.parts[0].lower() == name for table in tables)


def recursive_query(
    statement: StatementAnalyzer,
    item: syntax.WithQuery,
    name: str,
    declare: Callable[[str, Sequence[Field]], None],
) -> tuple[list[str], AnalyzedQuery]:
    """The definitions that a recursive WITH query needs, and the query over all its steps.

    Args:
        statement: The statement's analysis.
        item: The WITH query.
        name: A name that no other definition has; those made here begin with it.
        declare: Called before the step is analysed, to make the query known to itself.
    """
    from millpond.athena.sql.relations import derived
    from millpond.athena.sql.select import AnalyzedQuery

    body = item.query.body
    if not isinstance(body, syntax.SetOperation) or body.operator != "UNION" or item.query.with_queries:
        raise NotSupported.at(
            item.position,
            "A recursive query that is no UNION ALL of a start and a step is not supported here",
        )
    if body.distinct:
        raise NotSupported.at(body.position, "UNION DISTINCT recursion is not supported here")
    if item.columns is None:
        raise MissingColumnAliases.at(
            item.position, f"missing column aliases in recursive WITH query: {item.name.value}"
        )
    start = statement.body(body.left, None)
    if len(item.columns) != len(start.fields):
        raise MismatchedColumnAliases.at(
            item.position,
            f"WITH column alias list has {len(item.columns)} entries but WITH query(es) have "
            f"{len(start.fields)} columns",
        )
    previous = f"{name}_before"
    declare(previous, start.fields)
    step = statement.body(body.right, None)
    if len(step.fields) != len(start.fields):
        raise TypeMismatch.at(
            body.position,
            f"UNION query has different number of fields: {len(start.fields)}, {len(step.fields)}",
        )
    relation = derived(statement, step.sql, step.fields)
    columns = []
    for number, (field, given) in enumerate(zip(start.fields, relation.fields, strict=True), 1):
        if not can_coerce(given.type, field.type) and given.type.name != "unknown":
            raise TypeMismatch.at(
                body.position,
                f"recursion step relation output type ({given.type.trino}) is not coercible to recursion "
                f"base relation output type ({field.type.trino}) at column {number}",
            )
        columns.append(f"{column_sql(convert(given.value(), field.type), field.zone)} AS {field.sql}")
    sql = f"SELECT {', '.join(columns)} FROM {relation.sql}"
    definitions = [f"{name}_0 AS ({start.sql})"]
    for depth in range(1, MAXIMUM_DEPTH + 2):
        taken = sql.replace(quote_name(previous), f"{name}_{depth - 1}")
        definitions.append(f"{name}_{depth} AS ({taken})")
    steps = [f"SELECT * FROM {name}_{depth}" for depth in range(MAXIMUM_DEPTH + 1)]
    # Nothing comes from the step that is one too many but this error.
    guard = f"(SELECT athena_fail('GENERIC_USER_ERROR', '{_TOO_DEEP}' || left(CAST(count(*) AS VARCHAR), 0))"
    guard += f" FROM {name}_{MAXIMUM_DEPTH + 1} HAVING count(*) > 0)"
    steps.append(f"SELECT * FROM {name}_0 WHERE {guard} IS NOT NULL")
    return definitions, AnalyzedQuery(" UNION ALL ".join(steps), start.fields)
