"""The engine's sessions."""

from __future__ import annotations

import duckdb
import pytest

from millpond.athena.engine import EngineSession
from millpond.athena.exceptions import QueryCancelled


def test_statement_that_begins_when_its_session_is_interrupted_is_stopped() -> None:
    connection = duckdb.connect()
    session = EngineSession(connection)
    session.interrupt()
    with pytest.raises(duckdb.InterruptException):
        connection.execute("SELECT sum(a.range * b.range) FROM range(200000) a, range(60000) b")
    with pytest.raises(QueryCancelled):
        session.execute("SELECT 1")
    session.close()
