"""The queries of TPC-DS, through the API, answer as DuckDB does on the same files."""

from __future__ import annotations

import pytest

from athena.tpc import TPCDS, Query, Tables, new_lake
from millpond.testing import RunningCloud


@pytest.fixture(scope="module")
def tables(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("tpcds")
    TPCDS.write_tables(folder, scale=0.01)
    return Tables.put(folder, new_lake(cloud))


@pytest.mark.parametrize("query", TPCDS.queries, ids=lambda query: f"q{query.number:02d}")
def test_tpcds(tables: Tables, query: Query) -> None:
    tables.check(query)
