"""The engine's sessions."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from millpond.athena.engine import Engine, EngineSettings
from millpond.athena.exceptions import QueryCancelled


def test_statement_that_begins_when_its_session_is_interrupted_is_stopped(tmp_path: Path) -> None:
    engine = Engine(EngineSettings((tmp_path / "lake",), tmp_path / "spilled"))
    with engine.session() as session:
        session.interrupt()
        with pytest.raises(duckdb.InterruptException):
            session.connection.execute("SELECT sum(a.range * b.range) FROM range(200000) a, range(60000) b")
        with pytest.raises(QueryCancelled):
            session.execute("SELECT 1")
    with engine.session() as session:
        assert session.rows("SELECT 1") == [(1,)]
    engine.close()
