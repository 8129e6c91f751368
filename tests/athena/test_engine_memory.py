"""The engine within its memory: what does not fit goes to disk, and goes from there when the query ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from millpond.athena.engine import Engine, EngineSettings

_ROWS = 1_000_000
_WIDE_ROWS = f"""
    SELECT range * 7919 % {_ROWS} AS id, repeat(md5(range::VARCHAR), 4) AS text FROM range({_ROWS})
"""
"""128 MB of texts, in no order."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(EngineSettings((tmp_path / "lake",), tmp_path / "spilled", memory_limit="96MB"))
    yield engine
    engine.close()


def spilled_bytes(engine: Engine) -> int:
    with engine.session() as session:
        [(size,)] = session.rows("SELECT coalesce(sum(size), 0)::BIGINT FROM duckdb_temporary_files()")
    return int(size)


def test_sort_of_more_than_fits_into_memory_is_done_on_disk(engine: Engine) -> None:
    with engine.session() as session:
        batches = session.batches(f"SELECT id FROM ({_WIDE_ROWS}) ORDER BY text, id")
        first = next(batches)
        assert spilled_bytes(engine) > 20_000_000
        assert len(first) + sum(map(len, batches)) == _ROWS
    assert spilled_bytes(engine) == 0


def test_grouping_of_more_than_fits_into_memory_is_done_on_disk(engine: Engine) -> None:
    with engine.session() as session:
        groups = f"SELECT text, max(id) AS id, count(*) AS rows FROM ({_WIDE_ROWS}) GROUP BY text"
        [found] = session.rows(f"SELECT count(*), min(id), max(id), max(rows) FROM ({groups})")
    assert found == (_ROWS, 0, _ROWS - 1, 1)
