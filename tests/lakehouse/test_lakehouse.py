"""The whole way, from a file in landing to a number in a mart, as users of the lake see it."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import awswrangler as wr
import boto3
import pytest
from pyathena import connect
from pyathena.pandas.cursor import PandasCursor

from millpond.demo.checks import check_nothing_is_lost
from millpond.demo.deliveries import Delivery
from millpond.demo.exceptions import LinesLost

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"


def test_no_line_is_lost_between_landing_and_raw(lakehouse):
    ingested = {source.source: source for source in lakehouse.lake.ingested()}
    for name in ("customers", "products", "sales"):
        generated, source = lakehouse.generated.source(name), ingested[name]
        raw = lakehouse.lake.count_rows(name, "_source_file not like '%/dirt-%'")
        assert raw + len(generated.bad_lines) >= source.loaded
        assert source.lines == source.loaded + source.quarantined


def test_revenue_by_month_is_that_of_the_delivered_lines(lakehouse):
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for line in sales_lines(lakehouse):
        expected[line["InvoiceDate"][:7]] += int(line["Quantity"]) * Decimal(line["UnitPrice"])
    answer = lakehouse.lake.query("select date_format(month, '%Y-%m'), net_revenue from monthly_revenue")
    cents = Decimal("0.01")
    assert {month: Decimal(net) for month, net in answer.rows} == {
        month: net.quantize(cents, ROUND_HALF_UP) for month, net in expected.items()
    }


def test_the_same_file_twice_adds_nothing(lakehouse, tmp_path):
    before = lakehouse.lake.count_rows("sales")
    file = lakehouse.generated.source("sales").files[0]
    renamed = tmp_path / f"again-{file.name}"
    renamed.write_bytes(file.read_bytes())
    lakehouse.drop("sales", file, renamed)
    assert lakehouse.lake.count_rows("sales") == before


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("dirt-binary.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00", "%"),
        ("dirt-empty.csv", b"", "%empty%"),
        ("dirt-column.csv", b"InvoiceNo,StockCode\n536365,85123A\n", "%Quantity%"),
        ("dirt-gzip.csv.gz", gzip.compress(b"x" * 1000, mtime=0)[:40], "%"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(lakehouse, tmp_path, name, content, reason):
    file = tmp_path / name
    file.write_bytes(content)
    lakehouse.drop("sales", file)
    database = lakehouse.lake.outputs.raw_database
    answer = lakehouse.lake.query(
        f"select status, lines from {database}.ingestion_log "
        f"where source_file like '%/{name}' and reason like '{reason}'"
    )
    assert answer.rows == (("refused", "0"),)


@pytest.mark.parametrize(
    ("name", "row", "field"),
    [
        ("dirt-quantity.csv", GOOD.replace(",6,", ",six,"), "Quantity"),
        ("dirt-price.csv", GOOD.replace("2.55", "cheap"), "UnitPrice"),
        ("dirt-date.csv", GOOD.replace("2010-12-01", "2010-13-41"), "InvoiceDate"),
    ],
)
def test_a_row_that_cannot_be_typed_is_quarantined_and_the_others_go_on(
    lakehouse, tmp_path, name, row, field
):
    file = tmp_path / name
    file.write_text(HEADER + GOOD + row + GOOD)
    lakehouse.drop("sales", file)
    database = lakehouse.lake.outputs.raw_database
    assert lakehouse.lake.count_rows("sales", f"_source_file like '%/{name}'") == 2
    answer = lakehouse.lake.query(
        f"select line_number, reason, raw_text from {database}.quarantine where source_file like '%/{name}'"
    )
    [(line_number, reason, raw_text)] = answer.rows
    assert line_number == "3"
    assert field in reason
    assert raw_text.strip() == row.strip()


def test_a_file_of_no_source_is_refused(lakehouse, tmp_path):
    file = tmp_path / "stray.csv"
    file.write_text("a,b\n1,2\n")
    lakehouse.drop("weather", file)
    [weather] = [source for source in lakehouse.lake.ingested() if source.source == "weather"]
    assert (weather.files, weather.refused, weather.loaded) == (1, 1, 0)


@pytest.mark.parametrize(
    ("name", "content"),
    [("lost.csv", (HEADER + GOOD).replace("536365", "999999").encode()), ("lost.csv.gz", b"\x89PNG")],
)
def test_a_delivery_that_never_arrived_is_noticed(lakehouse, tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(LinesLost, match="does not know it"):
        check_nothing_is_lost(lakehouse.lake, [Delivery("sales", file)], [])


def test_a_delivery_that_was_refused_is_not_lost(lakehouse, tmp_path):
    file = tmp_path / "dirt-refused.csv.gz"
    file.write_bytes(b"\x89PNG\r\n")
    lakehouse.drop("sales", file)
    check_nothing_is_lost(lakehouse.lake, [Delivery("sales", file)], lakehouse.lake.ingested())


@pytest.mark.parametrize("ctas_approach", [True, False])
def test_awswrangler_reads_a_mart_with_right_types(lakehouse, aws, ctas_approach):
    frame = wr.athena.read_sql_query(
        "select month, orders, net_revenue, date_format(month, '%Y-%m') as label from monthly_revenue",
        database=lakehouse.lake.outputs.marts_database,
        workgroup=lakehouse.lake.outputs.dbt_workgroup,
        s3_output=f"s3://{lakehouse.lake.outputs.results_bucket}/wrangler/",
        ctas_approach=ctas_approach,
        boto3_session=aws,
    )
    row = frame.iloc[0]
    assert isinstance(row["net_revenue"], Decimal)
    assert row["month"].strftime("%Y-%m") == row["label"]
    assert int(row["orders"]) > 0


def test_pyathena_reads_a_mart_with_right_types(lakehouse, aws):
    connection = connect(
        session=aws,
        work_group=lakehouse.lake.outputs.analyst_workgroup,
        schema_name=lakehouse.lake.outputs.marts_database,
        endpoint_url=lakehouse.lake.endpoint.url,
        region_name="us-east-1",
    )
    with connection.cursor() as cursor:
        month, orders, net = cursor.execute(
            "select month, orders, net_revenue from monthly_revenue"
        ).fetchone()
    assert (type(orders), type(net)) == (int, Decimal)
    with connection.cursor(PandasCursor) as cursor:
        frame = cursor.execute("select month, orders from monthly_revenue").as_pandas()
    assert month in list(frame["month"].dt.date)


def test_boto3_sees_the_types_of_a_mart(lakehouse):
    answer = lakehouse.lake.query("select month, orders, net_revenue from monthly_revenue limit 1")
    assert [type_ for _, type_ in answer.columns] == ["date", "bigint", "decimal"]


def test_deploying_again_changes_nothing(lakehouse, console):
    summary = lakehouse.deployment.up(console).summary
    assert {action for action, count in summary.items() if count} == {"unchanged"}


@pytest.fixture
def aws(lakehouse, monkeypatch) -> boto3.Session:
    """A session of the administrator that reaches the lake through the environment only."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", lakehouse.lake.endpoint.url)
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


def sales_lines(lakehouse) -> list[dict[str, str]]:
    """The delivered lines that keep the contract; a delivery of the same content counts once."""
    lines, seen = [], set()
    for file in lakehouse.generated.source("sales").files:
        content = gzip.decompress(file.read_bytes())
        if content in seen:
            continue
        seen.add(content)
        lines += [line for line in csv.DictReader(content.decode().splitlines()) if is_typed(line)]
    return lines


def is_typed(line: dict[str, str]) -> bool:
    from datetime import datetime

    try:
        int(line["Quantity"])
        Decimal(line["UnitPrice"])
        datetime.strptime(line["InvoiceDate"], "%Y-%m-%d %H:%M:%S")
    except (ValueError, InvalidOperation, TypeError):
        return False
    return None not in line.values() and None not in line
