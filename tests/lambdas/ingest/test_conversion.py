"""Every type of a contract, in the spellings that files have."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from ingest.conversion import convert
from lake.column_types import ColumnType
from lake.contracts import Column

LONG = "1" * 34
DAY, NEXT_DAY = datetime.date(2010, 12, 1), datetime.date(2010, 12, 2)


def column(written_type: str, *formats: str) -> Column:
    return Column("Field", "field", ColumnType.parse(written_type), True, "A field.", formats)


@pytest.mark.parametrize(
    ("column", "texts", "values"),
    [
        (column("string"), ["a", "", None], ["a", "", None]),
        (column("integer"), ["1", "-7", "17850.0", None], [1, -7, 17850, None]),
        (column("integer"), ["2147483647", "-2147483648"], [2147483647, -2147483648]),
        (column("bigint"), ["9223372036854775807", "1e3"], [2**63 - 1, 1000]),
        (column("decimal(12, 4)"), ["2.55", "-1e-3"], [Decimal("2.55"), Decimal("-0.001")]),
        (column("decimal(4, 2)"), ["99.99", "2.5000"], [Decimal("99.99"), Decimal("2.5")]),
        (column("decimal(5, 0)"), ["12345", "7.0"], [Decimal(12345), Decimal(7)]),
        (column("decimal(2, 2)"), ["0.99", ".5"], [Decimal("0.99"), Decimal("0.5")]),
        (column("decimal(38, 4)"), [LONG, f"+{LONG}.1"], [Decimal(LONG), Decimal(f"{LONG}.1")]),
        (column("double"), ["1.5", "-2e-3", "1e200"], [1.5, -0.002, 1e200]),
        (column("boolean"), ["true", "FALSE", None], [True, False, None]),
        (column("date", "%Y-%m-%d"), ["2010-12-01"], [DAY]),
        (column("date", "%d.%m.%Y", "iso8601"), ["1.12.2010", "2010-12-02"], [DAY, NEXT_DAY]),
        (
            column("timestamp", "%Y-%m-%d %H:%M:%S"),
            ["2010-12-01 08:26:00", "2010-12-01 8:26:00"],
            [datetime.datetime(2010, 12, 1, 8, 26)] * 2,
        ),
        (
            column("timestamp", "iso8601"),
            ["2010-12-01T08:26:00Z", "2010-12-01T10:26:00+02:00", "2010-12-01 08:26:00", "2010-12-01T08:26"],
            [datetime.datetime(2010, 12, 1, 8, 26)] * 4,
        ),
        (
            column("timestamp", "iso8601"),
            ["2010-12-01T08:26:00.123456", "2010-12-01T08:26:00.123456Z"],
            [datetime.datetime(2010, 12, 1, 8, 26, 0, 123000)] * 2,
        ),
        (
            column("timestamp", "%d.%m.%Y %H:%M"),
            ["01.12.2010 08:26"],
            [datetime.datetime(2010, 12, 1, 8, 26)],
        ),
    ],
)  # fmt: skip
def test_values_are_read(column: Column, texts: list[str | None], values: list[Any]) -> None:
    converted = convert(column, texts)
    assert converted.problems == {}
    assert converted.values.to_pylist() == values


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        (column("integer"), "1_000", "'1_000' is no integer"),
        (column("integer"), "\u0661", "is no integer"),
        (column("integer"), "", "'' is no integer"),
        (column("bigint"), "9223372036854775808", "is too large for bigint"),
        (column("decimal(4, 2)"), "100", "'100' is too large for decimal(4, 2)"),
        (column("decimal(4, 2)"), "1.005", "'1.005' has more decimals than decimal(4, 2)"),
        (column("double"), "inf", "'inf' is no double"),
        (column("double"), "1e999", "'1e999' is too large for double"),
        (column("timestamp", "iso8601"), "0001-01-01T00:00:00+02:00", "is no timestamp like iso8601"),
        (column("boolean"), "yes", "'yes' is neither true nor false"),
        (column("date", "%Y-%m-%d"), "2010-13-01", "is no date like %Y-%m-%d"),
        (column("timestamp", "%Y-%m-%d %H:%M:%S"), "2010-12-01T08:26:00", "is no timestamp like"),
        (column("timestamp", "%d.%m.%Y %H:%M"), "31.02.2010 08:26", "is no timestamp like"),
        (column("timestamp", "%Y-%m-%d %H:%M:%S"), "2010-12-01 24:00:00", "is no timestamp like"),
    ],
)
def test_what_is_no_value_is_told_and_leaves_the_others_alone(
    column: Column, text: str, problem: str
) -> None:
    converted = convert(column, [None, text])
    assert list(converted.problems) == [1]
    assert problem in converted.problems[1]
    assert converted.values.to_pylist() == [None, None]
