"""What taking a day of sales in costs, beyond the calls of S3."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.checking import check
from ingest.reading import read
from lake.contract_files import read_folder

pytestmark = pytest.mark.bench

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LINE = '5{0:05},85{0:03}A,"HOLDER, {0}",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n'


def test_a_day_of_sales(bench):
    contracts = read_folder(Path(__file__).parents[2] / "infra" / "sources")
    (sales,) = [contract for contract in contracts if contract.source == "sales"]
    content = (HEADER + "".join(LINE.format(n) for n in range(2000))).encode()

    def take_in(_: int) -> None:
        assert check(read(content, sales), sales).rows.num_rows == 2000

    bench.milliseconds("Ingestion of 2,000 lines: read and type", take_in, 50, 40)
