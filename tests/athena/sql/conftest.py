"""A catalog of small tables, and a way to run a statement's plan on DuckDB."""

from dataclasses import dataclass

import duckdb
import pytest

from millpond.athena.sql.catalog import Column, TableDefinition, TableName
from millpond.athena.sql.exceptions import SqlError
from millpond.athena.sql.library import install_library
from millpond.athena.sql.parse import parse_statement
from millpond.athena.sql.plan import QueryPlan, RowChangePlan, Session
from millpond.athena.sql.planner import plan_query
from millpond.athena.sql.python_functions import define_functions
from millpond.athena.sql.row_changes import plan_insert, plan_row_changes
from millpond.athena.sql.runtime_errors import translate_error
from millpond.athena.sql.statements import InsertInto, Query
from millpond.athena.sql.types import VARCHAR, parse_type

ORDERS = """
    SELECT * FROM (VALUES
        (1, 'ann', DATE '2024-01-31', CAST(10.50 AS DECIMAL(10, 2)), [1, 2], MAP(['k'], [1]), 'a.parquet', 0),
        (2, 'bob', DATE '2024-02-01', CAST(20.25 AS DECIMAL(10, 2)), [3], MAP([], []), 'a.parquet', 1),
        (3, NULL, DATE '2024-02-02', NULL, NULL, NULL, 'b.parquet', 0)
    ) AS t(id, customer, day, amount, items, tags, "$path", "$position")
"""
LINES = "SELECT * FROM (VALUES (1, CAST(5 AS BIGINT)), (1, 7), (4, 9)) AS t(id, quantity)"


def _table(name, columns, **more):
    full = TableName("awsdatacatalog", "shop", name)
    return TableDefinition(full, tuple(Column(n, parse_type(t)) for n, t in columns.items()), **more)


class Catalog:
    """What a test's statements may name."""

    def __init__(self):
        orders = {
            "id": "int",
            "customer": "string",
            "day": "date",
            "amount": "decimal(10,2)",
            "items": "array<int>",
            "tags": "map<string,int>",
        }
        self.tables = {
            "orders": _table("orders", orders, hidden_columns=(Column("$path", VARCHAR),)),
            "lines": _table("lines", {"id": "int", "quantity": "bigint"}),
            "totals": _table(
                "totals",
                {"id": "bigint", "total": "bigint"},
                view_query="SELECT id, sum(quantity) AS total FROM lines GROUP BY id",
            ),
            "looping": _table("looping", {}, view_query="SELECT * FROM looping"),
        }

    def table(self, name, version=None):
        if name.table not in self.tables:
            error = SqlError(f"Table '{name.catalog}.{name.database}.{name.table}' does not exist")
            error.code = "TABLE_NOT_FOUND"
            raise error
        return self.tables[name.table]


@dataclass(frozen=True)
class Result:
    plan: QueryPlan | RowChangePlan
    rows: list

    @property
    def columns(self):
        return self.plan.columns


@pytest.fixture(scope="session")
def _database():
    connection = duckdb.connect()
    connection.execute("SET autoinstall_known_extensions = false")
    return connection


@pytest.fixture
def run_sql(_database):
    """Plan a statement and run the plan: `run_sql(text, parameters)`."""
    connection = _database.cursor()
    install_library(connection)
    data = {"orders": ORDERS, "lines": LINES}

    def run(text, parameters=()):
        statement = parse_statement(text)
        planner = {Query: plan_query, InsertInto: plan_insert}.get(type(statement), plan_row_changes)
        plan = planner(statement, Session(database="shop"), Catalog(), parameters)
        sql = plan.render({scan.placeholder: data[scan.table.table] for scan in plan.scans})
        define_functions(connection, sql)
        try:
            return Result(plan, connection.execute(sql).fetchall())
        except duckdb.Error as error:
            raise translate_error(error) from error

    return run
