"""The clients that people use, unmodified, told of the endpoint by AWS_ENDPOINT_URL alone."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import awswrangler
import pytest
from pyathena import connect
from pyathena.connection import Connection
from pyathena.error import OperationalError
from pyathena.pandas.cursor import PandasCursor

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
