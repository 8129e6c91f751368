"""The engine that computes: one DuckDB database in memory, kept warm, with a cursor per query.

It can read the files of objects and write to the staging folder, and nothing else on the
machine: external access is off but for these two folders, extensions are neither downloaded nor
found, and the configuration is locked before the first query.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from millpond.athena.exceptions import QueryCancelled
from millpond.athena.sql.library import install_library
from millpond.athena.sql.python_functions import define, define_functions
from millpond.athena.sql.python_functions.function import PythonFunction

BATCH_ROWS = 10_000

_SECONDS_BETWEEN_INTERRUPTS = 0.02


@dataclass(frozen=True)
class EngineSettings:
    """What the engine may use.

    Attributes:
        folders: All that queries may read and write: the objects' files and the staging folder.
        spill_folder: Where intermediate results go that do not fit into memory.
        memory_limit: DuckDB's buffer limit for all queries together.
        threads: How many cores it may use.
    """

    folders: tuple[Path, ...]
    spill_folder: Path
    memory_limit: str = "600MB"
    threads: int = 2


class EngineSession:
    """One query's cursor; `interrupt` may be called from any thread."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._cancelled = threading.Event()
        self._closed = threading.Event()
        self._closing = threading.Lock()

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run a statement; DuckDB's errors come through, for the caller knows what it ran.

        Raises:
            QueryCancelled: The session was interrupted.
        """
        self.check()
        try:
            define_functions(self._connection, sql)
            return self._connection.execute(sql)
        except duckdb.InterruptException:
            raise QueryCancelled from None

    def define(self, functions: Iterable[PythonFunction]) -> None:
        """Make functions known to the statements that follow, in this session and in all others."""
        define(self._connection, functions)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query whose result is small, and fetch all of it."""
        return self.execute(sql).fetchall()

    def batches(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """Run a query and fetch its rows piece by piece."""
        result = self.execute(sql)
        while True:
            self.check()
            try:
                batch = result.fetchmany(BATCH_ROWS)
            except duckdb.InterruptException:
                raise QueryCancelled from None
            if not batch:
                return
            yield batch

    def check(self) -> None:
        """Raises `QueryCancelled` once the session was interrupted."""
        if self._cancelled.is_set():
            raise QueryCancelled

    @property
    def is_cancelled(self) -> bool:
        """Whether the session was interrupted."""
        return self._cancelled.is_set()

    def interrupt(self) -> None:
        """Stop what runs, and refuse what would come."""
        if not self._cancelled.is_set():
            self._cancelled.set()
            self._interrupt_once()
            threading.Thread(target=self._interrupt_until_closed, name="athena-stop", daemon=True).start()

    def close(self) -> None:
        """Let go of the cursor."""
        with self._closing:
            self._closed.set()
            self._connection.close()

    def _interrupt_until_closed(self) -> None:
        """DuckDB forgets an interrupt that comes just before a statement begins."""
        while not self._closed.wait(_SECONDS_BETWEEN_INTERRUPTS):
            self._interrupt_once()

    def _interrupt_once(self) -> None:
        with self._closing:
            if not self._closed.is_set():
                self._connection.interrupt()


class Engine:
    """The database; made when the first session begins, which takes a tenth of a second."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def session(self) -> Iterator[EngineSession]:
        """A cursor for one query."""
        session = EngineSession(self._database().cursor())
        try:
            yield session
        finally:
            session.close()

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _database(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._connection is None:
                self._connection = self._open()
            return self._connection

    def _open(self) -> duckdb.DuckDBPyConnection:
        settings = self._settings
        settings.spill_folder.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "extension_directory": str(settings.spill_folder),
                "memory_limit": settings.memory_limit,
                "temp_directory": str(settings.spill_folder),
                "threads": settings.threads,
                "preserve_insertion_order": True,
            },
        )
        connection.execute(f"LOAD {literal(str(_avro_extension()))}")
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        # A path is used for one file only; what is known of files makes room for what queries need.
        connection.execute("SET GLOBAL parquet_metadata_cache = true")
        install_library(connection)
        folders = ", ".join(literal(str(folder)) for folder in settings.folders)
        connection.execute(f"SET GLOBAL allowed_directories = [{folders}]")
        connection.execute("SET GLOBAL enable_external_access = false")
        connection.execute("SET GLOBAL lock_configuration = true")
        return connection


def literal(text: str) -> str:
    """A string literal of DuckDB, whose parser ends at a null character."""
    pieces = ("'" + piece.replace("'", "''") + "'" for piece in text.split("\0"))
    joined = " || chr(0) || ".join(pieces)
    return f"({joined})" if "\0" in text else joined


def identifier(name: str) -> str:
    """A quoted identifier of DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def _avro_extension() -> Path:
    """The extension's file in its package, which is loaded from where it lies."""
    spec = importlib.util.find_spec("duckdb_extension_avro")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("The package duckdb-extension-avro is not installed.")
    folder = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}"
    return folder / "avro.duckdb_extension"
