"""Files on their way from landing to raw: good ones, bad ones, repeated ones, interrupted ones."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from ingest import reading
from ingest.__main__ import CONTRACTS_OF_THE_PROJECT

from .conftest import EVENTS, GOOD_SALE, SALES_HEADER, IngestLake, today

ONE_DAY = Path(__file__).parents[1] / "data" / "one-day-of-sales.csv"


def test_a_real_day_is_loaded_whole(lake: IngestLake) -> None:
    assert lake.drop("sales/2010-12-01.csv", ONE_DAY.read_bytes()) == {"batchItemFailures": []}
    rows = lake.rows("sales")
    assert len(rows) == 12
    assert lake.quarantine() == []
    assert sum(row["quantity"] * row["unit_price"] for row in rows) == Decimal("-10906.799")


def test_values_are_typed_as_the_contract_says(lake: IngestLake) -> None:
    lake.drop("sales/2010-12-01.csv", ONE_DAY.read_bytes())
    row = lake.rows("sales")[4]
    assert row["description"] == 'RECORD FRAME 7" SINGLE SIZE '
    assert row["quantity"] == 48
    assert row["invoice_date"] == datetime.datetime(2010, 12, 1, 8, 34)
    assert row["unit_price"] == Decimal("2.1000")
    assert row["customer_id"] == 17002


def test_rows_know_where_they_came_from(lake: IngestLake) -> None:
    content = ONE_DAY.read_bytes()
    lake.drop("sales/2010-12-01.csv", content)
    rows = lake.rows("sales")
    assert {row["_source_file"] for row in rows} == {f"s3://{lake.landing}/sales/2010-12-01.csv"}
    assert [row["_line_number"] for row in rows] == list(range(2, 14))
    assert {row["_content_hash"] for row in rows} == {hashlib.sha256(content).hexdigest()}
    assert {row["ingest_date"] for row in rows} == {today()}


def test_a_large_file_loses_no_line(lake: IngestLake) -> None:
    bad = "nobody knows\n"
    lake.drop("sales/a.csv", SALES_HEADER + GOOD_SALE * 30_000 + bad + GOOD_SALE * 15_000)
    rows = lake.rows("sales")
    assert [row["_line_number"] for row in rows] == [*range(2, 30_002), *range(30_003, 45_003)]
    assert [row["line_number"] for row in lake.quarantine()] == [30_002]


def test_the_partition_is_registered_once(lake: IngestLake) -> None:
    lake.drop("sales/a.csv", SALES_HEADER + GOOD_SALE)
    lake.drop("sales/b.csv", SALES_HEADER + GOOD_SALE * 2)
    assert lake.partitions("sales") == [f"s3://{lake.raw}/sales/ingest_date={today()}/"]


def test_the_same_file_twice_adds_nothing(lake: IngestLake) -> None:
    for _ in range(2):
        lake.drop("sales/2010-12-01.csv", ONE_DAY.read_bytes())
    assert len(lake.rows("sales")) == 12
    assert len(lake.log()) == 1


def test_the_same_content_under_another_name_and_compressed_adds_nothing(lake: IngestLake) -> None:
    lake.drop("sales/2010-12-01.csv", ONE_DAY.read_bytes())
    lake.drop("sales/again.csv.gz", gzip.compress(ONE_DAY.read_bytes()))
    assert len(lake.rows("sales")) == 12


def test_a_corrected_file_under_the_same_name_is_loaded_beside_the_first(lake: IngestLake) -> None:
    lake.drop("sales/2010-12-01.csv", SALES_HEADER + GOOD_SALE)
    lake.drop("sales/2010-12-01.csv", SALES_HEADER + GOOD_SALE.replace(",6,", ",7,"))
    assert sorted(row["quantity"] for row in lake.rows("sales")) == [6, 7]


def test_an_overwritten_file_is_taken_in_as_its_event_told(lake: IngestLake) -> None:
    first = lake.s3.put_object(Bucket=lake.landing, Key="sales/a.csv", Body=SALES_HEADER + GOOD_SALE)
    lake.s3.put_object(Bucket=lake.landing, Key="sales/a.csv", Body="overwritten")
    lake.handle(lake.event("sales/a.csv", first["VersionId"]))
    assert len(lake.rows("sales")) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("900001,1,A,six,2010-12-01 08:26:00,2.55,,UK", "Quantity: 'six' is no integer"),
        ("900001,1,A,1.5,2010-12-01 08:26:00,2.55,,UK", "Quantity: '1.5' is no integer: it has a fraction"),
        (
            "900001,1,A,3000000000,2010-12-01 08:26:00,1,,UK",
            "Quantity: '3000000000' is too large for integer",
        ),
        ("900001,1,A,6,2010-02-30 08:26:00,2.55,,UK", "InvoiceDate: '2010-02-30 08:26:00' is no timestamp"),
        ("900001,1,A,6,2010-12-01 08:26:00,cheap,,UK", "UnitPrice: 'cheap' is no decimal(12, 4)"),
        ("900001,1,A,6,2010-12-01 08:26:00,0.00001,,UK", "UnitPrice: '0.00001' has more decimals"),
        ("900001,1,A,6,2010-12-01 08:26:00,123456789,,UK", "UnitPrice: '123456789' is too large"),
        ("900001,1,A,6,2010-12-01 08:26:00,NaN,,UK", "UnitPrice: 'NaN' is no decimal(12, 4)"),
        ("900001,1,A,6,2010-12-01 08:26:00,2.55,nobody,UK", "CustomerID: 'nobody' is no bigint"),
        (",1,A,6,2010-12-01 08:26:00,2.55,,UK", "InvoiceNo: is missing"),
        ("twelve,1,A,6,2010-12-01 08:26:00,2.55,,UK", "InvoiceNo: does not match"),
        ("900001,1,A,6,2010-12-01 08:26:00,2.55,", "the line has 7 values, the header names 8"),
        ("900001,1,A,6,2010-12-01 08:26:00,2.55,,UK,more", "the line has 9 values, the header names 8"),
        ('900001,1,"A,6,2010-12-01 08:26:00,2.55,,UK', "the line is no CSV"),
        ("900001,1,\udcff,6,2010-12-01 08:26:00,2.55,,UK", "the line is no utf-8 text"),
    ],
)
def test_a_bad_line_is_quarantined_and_the_others_are_loaded(
    lake: IngestLake, line: str, reason: str
) -> None:
    body = f"{SALES_HEADER}{GOOD_SALE}{line}\n{GOOD_SALE}".encode("utf-8", "surrogateescape")
    lake.drop("sales/dirty.csv", body)
    assert [row["_line_number"] for row in lake.rows("sales")] == [2, 4]
    (rejected,) = lake.quarantine()
    assert reason in rejected["reason"]
    assert rejected["line_number"] == 3
    assert rejected["raw_text"] == line.replace("\udcff", "\\xff")
    (entry,) = lake.log()
    assert (entry["lines"], entry["loaded"], entry["quarantined"]) == (3, 2, 1)


def test_all_reasons_of_a_line_are_told(lake: IngestLake) -> None:
    lake.drop("sales/dirty.csv", SALES_HEADER + "900001,,A,six,2010-12-01 08:26:00,2.55,,UK\n")
    assert lake.quarantine()[0]["reason"] == "StockCode: is missing; Quantity: 'six' is no integer"


@pytest.mark.parametrize(
    ("value", "quantity"), [("6.0", 6), ("+6", 6), (" 6", 6), ("6e0", 6), ("-0", 0), ("0006", 6)]
)
def test_a_number_in_an_unusual_spelling_is_a_number(lake: IngestLake, value: str, quantity: int) -> None:
    lake.drop("sales/a.csv", SALES_HEADER + GOOD_SALE.replace(",6,", f",{value},"))
    assert [row["quantity"] for row in lake.rows("sales")] == [quantity]


def test_a_quoted_value_may_span_lines(lake: IngestLake) -> None:
    spanning = GOOD_SALE.replace("GLASS LANTERN", '"GLASS\nLANTERN"')
    lake.drop("sales/a.csv", SALES_HEADER + spanning + GOOD_SALE)
    assert [row["description"] for row in lake.rows("sales")] == ["GLASS\nLANTERN", "GLASS LANTERN"]
    assert [row["_line_number"] for row in lake.rows("sales")] == [2, 4]


def test_windows_line_ends_byte_order_mark_and_blank_lines_are_no_dirt(lake: IngestLake) -> None:
    body = "\ufeff" + (SALES_HEADER + "\n" + GOOD_SALE).replace("\n", "\r\n")
    lake.drop("sales/a.csv", body)
    assert [row["country"] for row in lake.rows("sales")] == ["United Kingdom"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (bytes(range(256)) * 8, "the file is no text"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 64, "the file is no utf-8 text"),
        (gzip.compress(SALES_HEADER.encode(), mtime=0)[:-12], "the gzip file is damaged"),
        (b"InvoiceNo,StockCode\n1,2\n", "the header lacks Description, Quantity, InvoiceDate"),
        (b"InvoiceNo;StockCode;Quantity\n1;2;3\n", "it names: InvoiceNo;StockCode;Quantity"),
        (b"InvoiceNo,InvoiceNo\n1,2\n", "the header names InvoiceNo more than once"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(
    lake: IngestLake, body: bytes, reason: str
) -> None:
    assert lake.drop("sales/bad.csv", body) == {"batchItemFailures": []}
    (entry,) = lake.log()
    assert entry["status"] == "refused"
    assert reason in entry["reason"]
    assert (entry["lines"], entry["loaded"], entry["quarantined"]) == (0, 0, 0)
    assert lake.rows("sales") == []


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_that_a_worker_cannot_hold_is_refused(
    lake: IngestLake, monkeypatch: pytest.MonkeyPatch, compressed: bool
) -> None:
    monkeypatch.setattr(reading, "MAX_CONTENT_BYTES", 1024**2)
    content = SALES_HEADER.encode() + GOOD_SALE.encode() * 20_000
    lake.drop("sales/a.csv", gzip.compress(content) if compressed else content)
    assert lake.log()[0]["reason"] == "the file has more than 1 MiB uncompressed; deliver it in parts"


@pytest.mark.parametrize("key", ["returns/2010-12-01.csv", "2010-12-01.csv"])
def test_a_file_of_no_source_is_refused(lake: IngestLake, key: str) -> None:
    lake.drop(key, SALES_HEADER + GOOD_SALE)
    (entry,) = lake.log()
    assert entry["status"] == "refused"
    assert "customers, products, sales" in entry["reason"]


def test_every_refused_file_has_its_own_entry_in_the_log(lake: IngestLake) -> None:
    lake.drop("sales/a.csv", b"")
    lake.drop("sales/b.csv", b"")
    lake.drop("sales/b.csv", b"")
    assert sorted(e["source_file"].rsplit("/", 1)[1] for e in lake.log()) == ["a.csv", "b.csv"]


def test_columns_that_no_contract_names_are_noted_and_left_out(lake: IngestLake) -> None:
    header = SALES_HEADER.replace("\n", ",Colour\n")
    lake.drop("sales/a.csv", header + GOOD_SALE.replace("\n", ",red\n"))
    assert lake.log()[0]["ignored_fields"] == ["Colour"]
    assert "Colour" not in lake.rows("sales")[0]


def test_columns_may_come_in_any_order(lake: IngestLake) -> None:
    header = ",".join(reversed(SALES_HEADER.strip().split(",")))
    values = ",".join(reversed(GOOD_SALE.strip().split(",")))
    lake.drop("sales/a.csv", f"{header}\n{values}\n")
    assert lake.rows("sales")[0]["invoice_no"] == "900001"


def test_a_file_with_nothing_but_bad_lines_leaves_no_empty_table_file(lake: IngestLake) -> None:
    lake.drop("sales/a.csv", SALES_HEADER + "no,sale\n")
    assert lake.keys("sales/") == []
    assert lake.partitions("sales") == []
    assert len(lake.quarantine()) == 1


def test_json_lines_keep_numbers_exact_and_quarantine_what_is_no_json(lake: IngestLake) -> None:
    lines = [
        '{"customer_id": 17001, "email": "ann@example.com", "updated_at": "2010-12-01T08:00:00Z"}',
        '{"customer_id": 17002.0, "updated_at": "2010-12-01T10:00:00+02:00", "age": 4}',
        '{"customer_id": 17003, "updated_at": "yesterday"}',
        '{"customer_id": 0, "email": "nowhere", "updated_at": "2010-12-01T08:00:00"}',
        '{"customer_id": {"id": 1}, "updated_at": "2010-12-01T08:00:00"}',
        '{"customer_id": 17004',
        "[17005]",
        r'{"customer_id": 17006, "name": "\ud83d", "updated_at": "2010-12-01T08:00:00"}',
    ]
    lake.drop("customers/2010-12-01.jsonl", "\n".join(lines))
    assert [row["customer_id"] for row in lake.rows("customers")] == [17001, 17002]
    assert {row["updated_at"] for row in lake.rows("customers")} == {datetime.datetime(2010, 12, 1, 8)}
    reasons = [row["reason"] for row in lake.quarantine()]
    assert reasons[0] == "updated_at: 'yesterday' is no timestamp like iso8601"
    assert reasons[1] == r"customer_id: is below 1; email: does not match [^@\s]+@[^@\s]+\.[^@\s]+"
    assert reasons[2] == "customer_id: is a nested value where a single one belongs"
    assert reasons[3].startswith("the line is no JSON:")
    assert reasons[4] == "the line is no JSON object"
    assert reasons[5] == "the line is no Unicode text: it escapes half a character"
    assert lake.log()[0]["ignored_fields"] == ["age"]


def test_an_attempt_that_died_is_finished_under_its_own_date(lake: IngestLake) -> None:
    yesterday = datetime.datetime(2010, 12, 1, 23, 59, 59)
    content = SALES_HEADER + GOOD_SALE
    lake.claim("sales", content, yesterday)
    assert lake.log() == []
    for _ in range(2):
        lake.drop("sales/a.csv", content)
    (row,) = lake.rows("sales")
    assert row["ingest_date"] == "2010-12-01"
    assert row["_ingested_at"] == row["_delivered_at"] == yesterday
    assert lake.log()[0]["ingest_date"] == "2010-12-01"


def test_a_late_file_of_a_compacted_day_is_seen_at_once(lake: IngestLake) -> None:
    early, late = (SALES_HEADER + GOOD_SALE.replace("900001", number) for number in ("900001", "900002"))
    for content in (early, late):
        lake.claim("sales", content, datetime.datetime(2010, 12, 1, 12))
    lake.drop("sales/early.csv", early)
    lake.compact("sales")
    assert lake.seen("sales", "invoice_no") == ["900001"]
    lake.drop("sales/late.csv", late)
    assert lake.seen("sales", "invoice_no") == ["900001", "900002"]
    lake.compact("sales")
    assert lake.seen("sales", "invoice_no") == ["900001", "900002"]


def test_a_content_whose_rows_are_compacted_is_not_doubled_by_another_attempt(lake: IngestLake) -> None:
    content = SALES_HEADER + GOOD_SALE
    lake.claim("sales", content, datetime.datetime(2010, 12, 1, 12))
    lake.drop("sales/a.csv", content)
    lake.compact("sales")
    # As after an attempt that died between its rows and its entry in the log.
    lake.forget_log()
    lake.drop("sales/a.csv", content)
    assert lake.seen("sales", "invoice_no") == ["900001"]
    assert len(lake.log()) == 1


def test_rows_tell_when_their_file_was_delivered(lake: IngestLake) -> None:
    lake.drop("sales/a.csv", SALES_HEADER + GOOD_SALE)
    landed = lake.s3.head_object(Bucket=lake.landing, Key="sales/a.csv")["LastModified"]
    (row,) = lake.rows("sales")
    assert row["_delivered_at"].replace(tzinfo=datetime.UTC) == landed
    assert lake.log()[0]["delivered_at"].startswith(f"{landed:%Y-%m-%d %H:%M:%S}")


def test_a_failure_of_aws_sends_the_message_back_and_the_next_attempt_finishes(lake: IngestLake) -> None:
    lake.glue.delete_table(DatabaseName=lake.database, Name="sales")
    message = "059f36b4-87a3-44ab-83d2-661975830a7d"
    failed = lake.drop("sales/a.csv", SALES_HEADER + GOOD_SALE)
    assert failed == {"batchItemFailures": [{"itemIdentifier": message}]}
    assert lake.log() == []
    lake.create_table("sales")
    assert lake.drop("sales/a.csv", SALES_HEADER + GOOD_SALE) == {"batchItemFailures": []}
    assert len(lake.rows("sales")) == 1
    assert lake.log()[0]["loaded"] == 1


def test_only_the_message_that_failed_comes_back(lake: IngestLake) -> None:
    lake.s3.put_object(Bucket=lake.landing, Key="sales/a.csv", Body=SALES_HEADER + GOOD_SALE)
    event = lake.event("sales/not-there.csv")
    event["Records"][0]["messageId"] = "bad"
    event["Records"] += lake.event("sales/a.csv")["Records"]
    assert lake.handle(event) == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert len(lake.rows("sales")) == 1


def test_the_event_that_s3_sends_to_try_the_queue_is_no_file(lake: IngestLake) -> None:
    event = json.loads((EVENTS / "s3_test_event_through_sqs.json").read_text())
    assert lake.handle(event) == {"batchItemFailures": []}
    assert lake.log() == []


def test_keys_with_spaces_and_signs_are_found(lake: IngestLake) -> None:
    lake.s3.put_object(Bucket=lake.landing, Key="sales/day 1+2 ü.csv", Body=SALES_HEADER + GOOD_SALE)
    lake.handle(lake.event("sales/day+1%2B2+%C3%BC.csv"))
    assert lake.rows("sales")[0]["_source_file"].endswith("sales/day 1+2 ü.csv")


def test_a_file_taken_in_anew_under_a_changed_contract_replaces_its_rows(
    lake: IngestLake, tmp_path: Path
) -> None:
    content = SALES_HEADER + GOOD_SALE + GOOD_SALE.replace("900001", "EARLY-1")
    lake.drop("sales/a.csv", content)
    assert (len(lake.rows("sales")), len(lake.quarantine())) == (1, 1)

    contract = yaml.safe_load((CONTRACTS_OF_THE_PROJECT / "sales.yaml").read_text())
    del contract["columns"][0]["pattern"]
    (tmp_path / "sales.yaml").write_text(yaml.safe_dump(contract))
    lake.use_contracts(tmp_path)
    lake.s3.delete_object(Bucket=lake.raw, Key=lake.keys("ingestion_log/")[0])
    lake.drop("sales/a.csv", content)
    assert [row["invoice_no"] for row in lake.rows("sales")] == ["900001", "EARLY-1"]
    assert lake.quarantine() == []
    assert lake.log()[0]["lines"] == 2


def test_a_new_source_is_a_new_file(
    lake: IngestLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = {
        "source": "stores",
        "system": "shop",
        "description": "A store.",
        "owner": {"team": "stores", "contact": "stores@example.com"},
        "classification": "public",
        "format": {"type": "csv", "delimiter": "semicolon", "encoding": "latin-1"},
        "columns": [
            {
                "name": "store_no",
                "type": "integer",
                "minimum": 1,
                "maximum": 99,
                "description": "Its number.",
            },
            {
                "name": "kind",
                "type": "string",
                "accepted_values": ["shop", "kiosk"],
                "description": "Its kind.",
            },
            {"name": "city", "type": "string", "description": "Where it is."},
            {"name": "opened_on", "type": "date", "formats": ["%d.%m.%Y"], "description": "Its first day."},
            {"name": "is_open", "type": "boolean", "nullable": False, "description": "Whether it is open."},
        ],
        "freshness": {"warn_after": "1 day", "error_after": "2 days"},
    }
    (tmp_path / "stores.yaml").write_text(yaml.safe_dump(contract))
    lake.use_contracts(tmp_path)
    lake.create_table("stores")
    lines = [
        "store_no;kind;city;opened_on;is_open",
        "1;shop;Zürich;01.12.2010;true",
        "100;tent;Bern;01.12.2010;",
    ]
    lake.drop("stores/all.csv", "\n".join(lines).encode("latin-1"))
    (row,) = lake.rows("stores")
    assert (row["store_no"], row["city"], row["is_open"]) == (1, "Zürich", True)
    assert row["opened_on"] == datetime.date(2010, 12, 1)
    (rejected,) = lake.quarantine()
    assert rejected["reason"] == "store_no: is above 99; kind: is none of shop, kiosk; is_open: is missing"
