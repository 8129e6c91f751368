"""Which day the demo takes through the DAGs; needs no Airflow."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from millpond.demo import DemoSettings, run_demo
from millpond.demo.daily_run import last_day
from millpond.demo.deliveries import Delivery
from millpond.demo.exceptions import FilesWithoutDay
from millpond.server.settings import ServerSettings


def test_the_last_day_of_sales_is_taken_whatever_other_sources_bring() -> None:
    names = ("sales/2011-12-08.csv", "sales/2011-12-09.csv.gz", "products/2011-12-10.csv")
    deliveries = [Delivery(name.partition("/")[0], Path(name)) for name in names]
    assert last_day(deliveries) == "2011-12-09"


def test_a_file_that_does_not_tell_its_day_is_named_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "online_retail.csv").write_text("InvoiceNo\n")
    server = ServerSettings(tmp_path / "data", port=0)
    with pytest.raises(FilesWithoutDay, match=r"online_retail\.csv"):
        run_demo(DemoSettings(tmp_path, "local", server, data=tmp_path, airflow=True), Console(quiet=True))
    assert not (tmp_path / "data").exists()
