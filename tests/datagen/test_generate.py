"""The made-up deliveries: the same everywhere, and dirty in the ways that the result tells."""

import csv
import gzip
import hashlib
import json
import zlib
from collections import Counter
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from millpond.datagen import DatagenResult, DatagenSettings, InvalidSettings, OutputNotEmpty, generate

# Of the names and bytes of all files; a change of the generator changes it.
DIGEST_OF_A_MONTH = "b08bdea47515c31b592ea3d6d8048385dd11b947a1711f11bf7a4f0054922109"


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> DatagenResult:
    return generate(DatagenSettings(tmp_path_factory.mktemp("month")))


@pytest.fixture(scope="module")
def sales_rows(month: DatagenResult) -> list[list[str]]:
    return [row for path in month.source("sales").files for row in read_csv(path)]


def read_csv(path: Path) -> list[list[str]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.reader(content.decode().splitlines()))[1:]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def is_valid_sale(row: list[str]) -> bool:
    try:
        int(row[3]), datetime.fromisoformat(row[4]), Decimal(row[5])
    except (ValueError, InvalidOperation):
        return False
    return len(row) == 8


def test_output_is_the_same_on_every_python_and_machine(month):
    digest = hashlib.sha256()
    for name, content in sorted(contents(month.out).items()):
        digest.update(name.encode() + b"\0" + content)
    assert digest.hexdigest() == DIGEST_OF_A_MONTH


def test_another_seed_gives_other_sales(month, tmp_path):
    other = generate(DatagenSettings(tmp_path, days=1, seed=2))
    assert contents(other.out)["sales/2025-10-17.csv.gz"] != contents(month.out)["sales/2025-10-17.csv.gz"]


def test_more_days_leave_the_first_days_files_as_they_are(month, tmp_path):
    first_days = contents(generate(DatagenSettings(tmp_path, days=8)).out)
    assert first_days.items() <= contents(month.out).items()


def test_sales_have_the_header_of_the_online_retail_data_set(month):
    header = gzip.decompress(month.source("sales").files[0].read_bytes()).decode().splitlines()[0]
    assert header == "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def test_summaries_count_every_line_of_every_file(month):
    in_files = {
        source.name: sum(
            len(path.read_text().splitlines()) if path.suffix == ".jsonl" else len(read_csv(path))
            for path in source.files
        )
        for source in month.sources
    }
    assert in_files == {source.name: source.lines for source in month.sources}
    assert sum(in_files.values()) == month.lines
    assert len(contents(month.out)) == month.files


def test_exactly_the_reported_sales_lines_are_bad(month):
    found = [
        (path, number)
        for path in month.source("sales").files
        for number, row in enumerate(read_csv(path), 2)
        if not is_valid_sale(row)
    ]
    assert found == [(bad.file, bad.line_number) for bad in month.source("sales").bad_lines]
    assert {bad.defect for bad in month.source("sales").bad_lines} == {
        "text where a number belongs",
        "an impossible date",
        "a field is missing",
    }


def test_exactly_the_reported_product_lines_are_bad(month):
    found = [
        (path, number)
        for path in month.source("products").files
        for number, row in enumerate(read_csv(path), 2)
        if not row[3].isdigit()
    ]
    assert found
    assert found == [(bad.file, bad.line_number) for bad in month.source("products").bad_lines]


@pytest.mark.parametrize("source", ["customers", "events"])
def test_exactly_the_reported_json_lines_are_bad(month, source):
    def is_valid(text: str) -> bool:
        try:
            record = json.loads(text)
        except json.JSONDecodeError:
            return False
        if source == "customers":
            return record["customer_id"] is not None
        return (
            record["session_id"] is not None
            and record["event_type"] in ("page_view", "product_view", "add_to_cart", "checkout")
            and record["occurred_at"].startswith("20")
        )

    found = [
        (path, number)
        for path in month.source(source).files
        for number, text in enumerate(path.read_text().splitlines(), 1)
        if not is_valid(text)
    ]
    assert found
    assert found == [(bad.file, bad.line_number) for bad in month.source(source).bad_lines]


def test_events_have_every_defect_and_some_arrive_twice(month):
    events = month.source("events")
    assert {bad.defect for bad in events.bad_lines} == {
        "not JSON: cut off",
        "a field is missing",
        "a kind of event that nobody agreed upon",
        "text where a moment belongs",
    }
    lines = [line for path in events.files for line in path.read_text().splitlines()]
    assert 0 < len(lines) - len(set(lines)) < len(lines) // 50


def test_sales_have_the_dirt_of_real_ones(sales_rows):
    sales = [row for row in sales_rows if is_valid_sale(row)]
    kinds = {
        "without customer": sum(not row[6] for row in sales),
        "cancelled": sum(row[0].startswith("C") for row in sales),
        "without description": sum(not row[2] for row in sales),
        "for nothing": sum(Decimal(row[5]) == 0 for row in sales),
        "below a cent": sum(Decimal(row[5]) * 100 % 1 != 0 for row in sales),
        "repeated": len(sales) - len({tuple(row) for row in sales}),
        "postage": sum(row[1] == "POST" for row in sales),
        "lower-case code": sum(row[1] != row[1].upper() for row in sales),
    }
    assert all(0 < number < len(sales) // 3 for number in kinds.values()), kinds


def test_only_cancellations_and_what_is_written_off_have_negative_quantities(sales_rows):
    for row in filter(is_valid_sale, sales_rows):
        is_written_off = Decimal(row[5]) == 0 and not row[6]
        assert int(row[3]) > 0 or row[0].startswith("C") or is_written_off, row


def test_some_sales_arrive_two_days_late(month):
    delays = Counter(
        (date.fromisoformat(path.name[:10]) - datetime.fromisoformat(row[4]).date()).days
        for path in month.source("sales").files
        for row in filter(is_valid_sale, read_csv(path))
    )
    assert set(delays) == {0, 2}
    assert delays[2] < delays[0] // 50


def test_customers_and_products_change_over_time(month):
    customers: dict[int, set[str]] = {}
    for path in month.source("customers").files:
        for text in path.read_text().splitlines():
            if text.endswith("}"):
                record = json.loads(text)
                customers.setdefault(record["customer_id"], set()).add(record["updated_at"])
    prices: dict[str, set[str]] = {}
    for path in month.source("products").files:
        for row in read_csv(path):
            prices.setdefault(row[0], set()).add(row[3])
    assert sum(len(versions) > 1 for versions in customers.values()) > 10
    assert sum(len(versions) > 1 for versions in prices.values()) > 10


def test_some_things_are_sold_that_no_other_source_knows(month, sales_rows):
    listed = {row[0] for path in month.source("products").files for row in read_csv(path)}
    sold = {row[1].upper() for row in sales_rows if is_valid_sale(row)}
    assert 0 < len(sold - listed) < len(sold) // 5


def test_one_file_arrives_again_under_another_name(month):
    (copy,) = month.source("sales").copies
    assert copy.read_bytes() in [path.read_bytes() for path in month.source("sales").files]


def test_folder_that_holds_something_is_refused(tmp_path):
    (tmp_path / "keep.txt").touch()
    with pytest.raises(OutputNotEmpty, match="is not empty"):
        generate(DatagenSettings(tmp_path))


@pytest.mark.parametrize("setting", ["days", "orders_per_day"])
def test_number_below_one_is_refused(tmp_path, setting):
    with pytest.raises(InvalidSettings, match=f"{setting} must be at least 1, not 0"):
        DatagenSettings(tmp_path, **{setting: 0})


def test_smallest_shop_sells_something(tmp_path):
    tiny = generate(DatagenSettings(tmp_path, days=12, orders_per_day=1))
    assert tiny.source("sales").lines >= 11


def test_gzip_files_hold_no_trace_of_the_machine(month):
    content = month.source("sales").files[0].read_bytes()
    assert content[4:10] == b"\0\0\0\0\0\xff"  # no time, no operating system
    assert zlib.decompress(content, wbits=31).startswith(b"InvoiceNo,")


def test_day_with_more_than_64_kib_of_sales_can_be_read(tmp_path):
    big = generate(DatagenSettings(tmp_path, days=1, orders_per_day=500))
    assert len(read_csv(big.source("sales").files[0])) == big.source("sales").lines
    assert big.source("sales").files[0].stat().st_size > 2**16
