"""TPC-H and TPC-DS for the tests: DuckDB makes the tables and knows the queries and their answers.

A query whose text DuckDB takes and Trino refuses stands in Trino's dialect under `queries/`; DuckDB
still answers its own text.
"""

from __future__ import annotations

import functools
import importlib.util
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from athena.athena_client import Finished, Lake

_QUERIES = Path(__file__).parent / "queries"
_HIVE_TYPES = {"INTEGER": "int", "VARCHAR": "string"}
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}


@dataclass(frozen=True)
class Query:
    """A query of a benchmark: as DuckDB spells it, and as Trino does."""

    number: int
    duckdb: str
    trino: str


@dataclass(frozen=True)
class Benchmark:
    """One of the two: DuckDB's name of the extension, and of the function that makes the tables."""

    name: str
    generator: str

    def write_tables(self, folder: Path, scale: float) -> None:
        """Make all tables, each a Parquet file in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.execute(f"CALL {self.generator}(sf = {scale})")
            for (table,) in connection.execute("SHOW TABLES").fetchall():
                target = folder / f"{table}.parquet"
                connection.execute(f"COPY {table} TO '{target}' (FORMAT parquet)")

    @functools.cached_property
    def queries(self) -> tuple[Query, ...]:
        """All queries, by number."""
        with self._connection() as connection:
            found = connection.execute(
                f"SELECT query_nr, query FROM {self.name}_queries() ORDER BY 1"
            ).fetchall()
        return tuple(Query(number, text, self._trino(number, text)) for number, text in found)

    def _trino(self, number: int, text: str) -> str:
        own = _QUERIES / self.name / f"q{number:02d}.sql"
        return own.read_text() if own.exists() else text.strip().rstrip(";")

    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        package = importlib.util.find_spec(f"duckdb_extension_{self.name}")
        assert package is not None, f"duckdb-extension-{self.name} is not installed"
        assert package.origin is not None
        folder = Path(package.origin).parent / "extensions" / f"v{duckdb.__version__}"
        connection.execute(f"LOAD '{folder / self.name}.duckdb_extension'")
        return connection


TPCH = Benchmark("tpch", "dbgen")
TPCDS = Benchmark("tpcds", "dsdgen")


@dataclass(frozen=True)
class Tables:
    """The tables of a benchmark twice over the same files: in a lake, and as views of DuckDB."""

    lake: Lake
    duckdb: duckdb.DuckDBPyConnection

    @classmethod
    def put(cls, folder: Path, lake: Lake) -> Tables:
        connection = duckdb.connect()
        for file in sorted(folder.glob("*.parquet")):
            connection.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")
            described = connection.execute(f"DESCRIBE {file.stem}").fetchall()
            columns = ", ".join(
                f"`{name}` {_HIVE_TYPES.get(type_, type_.lower())}" for name, type_, *_ in described
            )
            lake.s3.upload_file(str(file), lake.bucket, f"{file.stem}/{file.name}")
            lake.run(
                f"CREATE EXTERNAL TABLE `{file.stem}` ({columns}) STORED AS PARQUET "
                f"LOCATION '{lake.uri(file.stem)}/'"
            )
        return cls(lake, connection)

    def check(self, query: Query) -> None:
        """Run a query in Athena and in DuckDB, and compare the answers."""
        relation = self.duckdb.execute(query.duckdb)
        kinds = [str(column[1]).partition("(")[0] for column in relation.description or ()]
        expected = relation.fetchall()
        finished = self.lake.run(query.trino)
        check_types(kinds, finished)
        check_rows(expected, self._all_rows(finished), Order.of(query.duckdb))

    def _all_rows(self, finished: Finished) -> list[tuple[str | None, ...]]:
        query_id = finished.execution["QueryExecutionId"]
        pages = self.lake.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
        rows = [row["Data"] for page in pages for row in page["ResultSet"]["Rows"]]
        return [tuple(value.get("VarCharValue") for value in row) for row in rows[1:]]


def check_types(kinds: Sequence[str], finished: Finished) -> None:
    """Athena's types are DuckDB's, but that quotients and averages of decimals are decimals in Trino."""
    described = finished.results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert len(described) == len(kinds)
    for column, kind in zip(described, kinds, strict=True):
        if kind in _INTEGERS:
            assert column["Type"] in ("integer", "bigint"), column
        elif kind == "DOUBLE":
            assert column["Type"] in ("double", "decimal"), column
        else:
            assert column["Type"] == kind.lower(), column


@dataclass(frozen=True)
class Order:
    """What a query says of its rows: the columns that order them, by number, and the most that it wants."""

    columns: tuple[int, ...] = ()
    limit: int | None = None

    @classmethod
    def of(cls, text: str) -> Order:
        """Read a query's ORDER BY, up to the first key that is no column of the result, and LIMIT."""
        query = sqlglot.parse_one(text.strip().rstrip(";"), dialect="duckdb")
        assert isinstance(query, exp.Query)
        names = [name.lower() for name in query.named_selects]
        texts = [selected.unalias().sql().lower() for selected in query.selects]
        columns = []
        for key in (query.args.get("order") or exp.Order(expressions=[])).expressions:
            by = key.this.sql().lower()
            if by.isdigit():
                columns.append(int(by) - 1)
            elif by in names:
                columns.append(names.index(by))
            elif by in texts:
                columns.append(texts.index(by))
            else:
                break
        limit = query.args.get("limit")
        return cls(tuple(columns), int(limit.expression.name) if limit else None)

    def keys(self, row: Sequence[Any]) -> list[Any]:
        """A row's values in the columns of the order."""
        return [row[column] for column in self.columns]


def check_rows(
    expected: Sequence[tuple[Any, ...]], actual: Sequence[tuple[str | None, ...]], order: Order
) -> None:
    """The same rows, in the same order as far as the query fixes it."""
    assert len(actual) == len(expected)
    for row, answered in zip(expected, actual, strict=True):
        assert all(map(_is_same, order.keys(row), order.keys(answered))), (row, answered)
    fixed = len(expected)
    if len(expected) == order.limit:
        # LIMIT may cut through rows with the same keys; which of them are left is open.
        last = order.keys(expected[-1])
        fixed = next(number for number, row in enumerate(expected) if order.keys(row) == last)
    floats = {n for row in expected for n, value in enumerate(row) if isinstance(value, float)}
    pairs = zip(_sorted(expected[:fixed], floats), _sorted(actual[:fixed], floats), strict=True)
    for row, answered in pairs:
        assert all(map(_is_same, row, answered)), (row, answered)


def _sorted(rows: Sequence[tuple[Any, ...]], floats: set[int]) -> list[tuple[Any, ...]]:
    """In an order that does not depend on numbers that are rounded differently."""
    return sorted(rows, key=lambda row: [str(value) for n, value in enumerate(row) if n not in floats])


def new_lake(cloud: Any) -> Lake:
    """A database and a bucket of its own."""
    bucket, database = cloud.unique_name("tpc"), cloud.unique_name("tpc").replace("-", "_")
    cloud.client("s3").create_bucket(Bucket=bucket)
    cloud.client("glue").create_database(DatabaseInput={"Name": database})
    return Lake(cloud.client("athena"), cloud.client("s3"), cloud.client("glue"), bucket, database)


def _is_same(value: Any, text: str | None) -> bool:
    if value is None or text is None:
        return value is None and text is None
    if isinstance(value, float):
        if "E" in text or not math.isfinite(value):
            return math.isclose(float(text), value, rel_tol=1e-9)
        # Trino rounds quotients and averages of decimals to their scale, DuckDB computes doubles.
        unit = Decimal(1).scaleb(Decimal(text).as_tuple().exponent)  # type: ignore[arg-type]
        return math.isclose(float(text), value, rel_tol=1e-9, abs_tol=float(unit))
    if isinstance(value, Decimal):
        return Decimal(text) == value
    return str(value) == text
