"""EXPLAIN and EXPLAIN ANALYZE: what a statement would do, or did.

https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html. The plan is DuckDB's, which
computes here in Trino's place; the tables of TYPE IO and the answer of TYPE VALIDATE are Athena's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from millpond.athena.catalog import relation_of
from millpond.athena.results import QueryResult
from millpond.athena.run import StatementRun
from millpond.athena.sql import statements
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.plan import QueryPlan, RowChangePlan

_FORMATS = {"text": "", "json": "FORMAT json", "graphviz": "FORMAT graphviz"}
_UNKNOWN = dict.fromkeys(
    ("outputRowCount", "outputSizeInBytes", "cpuCost", "maxMemory", "networkCost"), "NaN"
)
"""Trino's estimate of what it has no statistics for."""
_PATHS = ("query_name", "Filename(s)")


def explain(run: StatementRun, statement: statements.Explain) -> QueryResult:
    """EXPLAIN [ANALYZE] [(TYPE …, FORMAT …)].

    Raises:
        NotSupported: A statement without a query in it, ANALYZE of what is no query, or a combination of
            options that Athena does not have.
    """
    format_ = statement.options.get("format", "text")
    kind = statement.options.get("type", "distributed")
    plan = _plan(run, statement.statement)
    if statement.analyze:
        return _analyzed(run, statement, plan)
    if kind == "validate":
        return run.text_result(["Valid"], [("true",)])
    if kind == "io":
        if format_ == "graphviz":
            raise NotSupported("EXPLAIN (TYPE IO, FORMAT GRAPHVIZ) is not supported")
        return _printed(run, json.dumps(_tables(run, statement.statement, plan), indent=2))
    if kind not in ("logical", "distributed") or (format_ or "text") not in _FORMATS:
        raise NotSupported(
            f"EXPLAIN (TYPE {kind.upper()}, FORMAT {(format_ or 'text').upper()}) is not supported"
        )
    return _printed(run, _duckdb_plan(run, plan, "", format_ or "text"))


def _plan(run: StatementRun, statement: statements.Statement) -> QueryPlan | RowChangePlan:
    for kind, planner in _PLANNERS.items():
        if isinstance(statement, kind):
            return planner(run, statement)
    raise NotSupported(f"EXPLAIN of {type(statement).__name__} is not supported: it has no query")


def _analyzed(
    run: StatementRun, statement: statements.Explain, plan: QueryPlan | RowChangePlan
) -> QueryResult:
    format_ = statement.options.get("format", "text")
    if not isinstance(statement.statement, statements.Query):
        raise NotSupported("EXPLAIN ANALYZE is supported for queries only")
    if "type" in statement.options or format_ not in ("text", "json"):
        raise NotSupported("EXPLAIN ANALYZE has FORMAT TEXT and FORMAT JSON only")
    text = _duckdb_plan(run, plan, "ANALYZE", format_)
    if format_ == "json":
        return _printed(run, json.dumps(_without_paths(json.loads(text)), indent=2))
    lines = text.splitlines()
    # Before the times DuckDB repeats its own query, which names files of this machine.
    return _printed(run, "\n".join(lines[next(i for i, line in enumerate(lines) if "Total Time" in line) :]))


def _duckdb_plan(run: StatementRun, plan: QueryPlan | RowChangePlan, verb: str, format_: str) -> str:
    options = ", ".join(option for option in (verb, _FORMATS[format_]) if option)
    sql = plan.render({scan.placeholder: relation_of(run.context, scan) for scan in plan.scans})
    [(_, text)] = run.context.session.rows(f"EXPLAIN {f'({options})' if options else ''} {sql}")
    return str(text)


def _without_paths(profile: Any) -> Any:
    """DuckDB's profile without what names files of this machine."""
    if isinstance(profile, list):
        return [_without_paths(item) for item in profile]
    if isinstance(profile, dict):
        return {key: _without_paths(value) for key, value in profile.items() if key not in _PATHS}
    return profile


def _tables(
    run: StatementRun, statement: statements.Statement, plan: QueryPlan | RowChangePlan
) -> dict[str, Any]:
    """The tables that are read and written, as TYPE IO lists them; of columns nothing is known beforehand."""
    found: dict[str, Any] = {
        "inputTableColumnInfos": [
            {
                "table": _table(scan.table.catalog, scan.table.database, scan.table.table),
                "columnConstraints": [],
                "estimate": _UNKNOWN,
            }
            for scan in plan.scans
        ]
    }
    target = getattr(statement, "table", None)
    if isinstance(target, statements.QualifiedName):
        name = run.resolve(target)
        found["outputTable"] = _table(name.catalog, name.database, name.table)
    return found | {"estimate": _UNKNOWN}


def _table(catalog: str, database: str, table: str) -> dict[str, Any]:
    return {"catalog": catalog, "schemaTable": {"schema": database, "table": table}}


def _printed(run: StatementRun, text: str) -> QueryResult:
    lines = ("Query Plan", *text.strip().splitlines())
    return run.text_result(["Query Plan"], [(line,) for line in lines], "varchar")


_PLANNERS: dict[type[statements.Statement], Callable[[StatementRun, Any], QueryPlan | RowChangePlan]] = {
    statements.Query: lambda run, statement: run.plan(statement),
    statements.CreateTableAsSelect: lambda run, statement: run.plan(statement.query),
    statements.Unload: lambda run, statement: run.plan(statement.query),
    statements.InsertInto: lambda run, statement: run.plan_insert(statement),
    statements.Update: lambda run, statement: run.plan_changes(statement),
    statements.Delete: lambda run, statement: run.plan_changes(statement),
    statements.Merge: lambda run, statement: run.plan_changes(statement),
}
