"""Which partitions a query needs: the conditions on partition columns, evaluated beforehand."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import sqlglot
from sqlglot import exp

from millpond.athena.engine import EngineSession, identifier, literal
from millpond.athena.glue import GluePartition
from millpond.athena.sql.catalog import Column

_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def matching_partitions(
    session: EngineSession,
    keys: Sequence[Column],
    partitions: list[GluePartition],
    condition: str | None,
) -> list[GluePartition]:
    """The partitions for which a condition may hold; all of them if it says nothing about the keys."""
    usable = conjuncts_over(condition, {key.name for key in keys}) if condition else []
    if not usable or not partitions:
        return partitions
    names = ", ".join(identifier(key.name) for key in keys)
    casts = ", ".join(
        f"CAST(CAST({identifier(key.name)} AS VARCHAR) AS {key.type.duckdb}) AS {identifier(key.name)}"
        for key in keys
    )
    values = ", ".join(
        f"({number}, {', '.join(_value(value) for value in partition.values)})"
        for number, partition in enumerate(partitions)
    )
    sql = (
        f'SELECT "$number" FROM (SELECT "$number", {casts} FROM (VALUES {values}) AS v("$number", {names})) '
        f"WHERE {' AND '.join(f'({part})' for part in usable)}"
    )
    try:
        return [partitions[number] for (number,) in session.rows(sql)]
    except duckdb.Error:
        # A value that does not fit the column's type: the scan itself will say so, if it is needed.
        return partitions


def conjuncts_over(condition: str, columns: set[str]) -> list[str]:
    """The parts of a conjunction that are about the given columns only."""
    tree = sqlglot.parse_one(condition, dialect="duckdb")
    parts = list(tree.flatten()) if isinstance(tree, exp.And) else [tree]
    return [part.sql(dialect="duckdb") for part in parts if _is_over(part, columns)]


def _is_over(part: exp.Expr, columns: set[str]) -> bool:
    used = {column.name for column in part.find_all(exp.Column)}
    return bool(used) and used <= columns and not part.find(exp.Query)


def _value(text: str) -> str:
    return "NULL" if text == _NULL_PARTITION else literal(text)
