"""The clients that people use, unmodified, told of the endpoint by AWS_ENDPOINT_URL alone."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

import awswrangler
import pytest
from pyathena import connect
from pyathena.arrow.cursor import ArrowCursor
from pyathena.connection import Connection
from pyathena.error import OperationalError
from pyathena.pandas.cursor import PandasCursor
from pyathena.polars.cursor import PolarsCursor
from sqlalchemy import MetaData, Table, create_engine, inspect, select

from athena.athena_client import Lake


@pytest.fixture
def typed(lake: Lake, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A table with a column of each common type, and the environment that clients read."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
    lake.run(
        f"CREATE TABLE typed WITH (external_location='{lake.uri('typed/')}') AS SELECT 1 AS i, "
        "CAST('x' AS varchar) AS s, CAST(1.5 AS decimal(10,2)) AS d, 0.25E0 AS f, DATE '2024-01-01' AS day, "
        "TIMESTAMP '2024-01-01 10:00:00.123' AS ts, true AS b"
    )
    return lake


@pytest.mark.parametrize(
    "mode",
    [{"ctas_approach": True}, {"ctas_approach": False}, {"ctas_approach": False, "unload_approach": True}],
)
def test_awswrangler_reads_a_typed_frame(typed: Lake, mode: dict[str, bool]) -> None:
    frame = awswrangler.athena.read_sql_query(
        "SELECT * FROM typed", database=typed.database, s3_output=typed.uri("wr/"), **mode
    )
    row = frame.iloc[0].to_dict()
    assert (row["i"], row["s"], row["d"], row["f"]) == (1, "x", decimal.Decimal("1.50"), 0.25)
    assert (row["day"], str(row["ts"]), row["b"]) == (
        datetime.date(2024, 1, 1),
        "2024-01-01 10:00:00.123000",
        True,
    )


def pyathena(lake: Lake) -> Connection[Any]:
    return connect(
        s3_staging_dir=lake.uri("pyathena/"),
        region_name="us-east-1",
        schema_name=lake.database,
        poll_interval=0.01,
    )


def test_pyathena_fetches_typed_rows(typed: Lake) -> None:
    row = pyathena(typed).cursor().execute("SELECT * FROM typed").fetchone()
    assert row == (
        1,
        "x",
        decimal.Decimal("1.50"),
        0.25,
        datetime.date(2024, 1, 1),
        datetime.datetime(2024, 1, 1, 10, 0, 0, 123000),
        True,
    )


def test_pyathena_pandas_reads_the_result_file(typed: Lake) -> None:
    frame = pyathena(typed).cursor(PandasCursor).execute("SELECT i, s FROM typed").as_pandas()
    assert frame.to_dict("records") == [{"i": 1, "s": "x"}]


def test_pyathena_raises_athenas_words(typed: Lake) -> None:
    with pytest.raises(
        OperationalError, match="COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"
    ):
        pyathena(typed).cursor().execute("SELECT nope FROM typed")


def test_pyathena_polars_reads_what_was_unloaded(typed: Lake) -> None:
    frame = (
        pyathena(typed).cursor(PolarsCursor, unload=True).execute("SELECT i, d, ts FROM typed").as_polars()
    )
    assert frame.rows() == [(1, decimal.Decimal("1.50"), datetime.datetime(2024, 1, 1, 10, 0, 0, 123000))]


def test_pyathena_arrow_and_polars_read_managed_results(typed: Lake) -> None:
    workgroup = f"managed-{uuid.uuid4().hex[:8]}"
    typed.athena.create_work_group(
        Name=workgroup, Configuration={"ManagedQueryResultsConfiguration": {"Enabled": True}}
    )
    connection = connect(
        s3_staging_dir="",
        work_group=workgroup,
        region_name="us-east-1",
        schema_name=typed.database,
        poll_interval=0.01,
    )
    expected = {"i": 1, "s": "x", "day": datetime.date(2024, 1, 1)}
    sql = "SELECT i, s, day FROM typed"
    assert connection.cursor(ArrowCursor).execute(sql).as_arrow().to_pylist() == [expected]
    assert connection.cursor(PolarsCursor).execute(sql).as_polars().to_dicts() == [expected]


def test_sqlalchemy_reflects_a_table_and_selects_from_it(typed: Lake) -> None:
    engine = create_engine(
        f"awsathena+rest://test:test@athena.us-east-1.amazonaws.com/{typed.database}"
        f"?s3_staging_dir={typed.uri('sa/')}&poll_interval=0.01"
    )
    with engine.connect() as connection:
        table = Table("typed", MetaData(), autoload_with=connection)
        assert {column.name: str(column.type) for column in table.columns}["d"] == "DECIMAL(10, 2)"
        assert connection.execute(select(table.c.s).where(table.c.i == 1)).scalar_one() == "x"
        assert inspect(connection).get_table_names() == ["typed"]
