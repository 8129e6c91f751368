"""What one running query has at hand, and what it holds until it ends."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from millpond.athena.engine import EngineSession
from millpond.athena.exceptions import ScanLimitExceeded
from millpond.athena.glue import GlueCatalog, GlueTable
from millpond.athena.parquet_columns import ParquetColumn, ParquetFooters
from millpond.s3 import ObjectStorage, StoredObjectHandle

if TYPE_CHECKING:
    from pyiceberg.table import Table

    from millpond.athena.iceberg.catalog import IcebergCatalog

MAX_OPEN_PARTITIONS = 100
"""How many partitions a statement may write at once."""


@dataclass
class QueryContext:
    """The engine's cursor, the objects and the catalog, for one query.

    Attributes:
        query_id: The QueryExecutionId.
        session: The engine's cursor.
        storage: The objects.
        glue: The catalog.
        iceberg_tables: Gives the Iceberg tables in it.
        footers: What is known of Parquet files.
        scan_limit: How many bytes of table files it may read, None for any number.
        scanned_bytes: What has been read of table files so far.
    """

    query_id: str
    session: EngineSession
    storage: ObjectStorage
    glue: GlueCatalog
    iceberg_tables: Callable[[], IcebergCatalog]
    footers: ParquetFooters
    scan_limit: int | None = None
    scanned_bytes: int = 0
    _tables: dict[tuple[str, str], GlueTable] = field(default_factory=dict)
    _iceberg_tables: dict[tuple[str, str], Table] = field(default_factory=dict)
    _held: list[StoredObjectHandle] = field(default_factory=list)
    _temporary: list[Path] = field(default_factory=list)

    def read(self, files: Iterable[StoredObjectHandle], size: int | None = None) -> None:
        """Count files as read, and hold them so that they stay readable until the query ends.

        Args:
            files: The files.
            size: How many of their bytes are read, if it is not all of them.

        Raises:
            ScanLimitExceeded: With these the query would read more than its workgroup allows.
        """
        files = list(files)
        self._held += files
        self.count_bytes(sum(file.size for file in files) if size is None else size)

    def count_bytes(self, size: int) -> None:
        """Count bytes of table files as read.

        Raises:
            ScanLimitExceeded: With these the query would read more than its workgroup allows.
        """
        self.scanned_bytes += size
        if self.scan_limit is not None and self.scanned_bytes > self.scan_limit:
            raise ScanLimitExceeded

    def read_parquet(
        self, files: Iterable[StoredObjectHandle], wanted: Callable[[ParquetColumn], bool]
    ) -> None:
        """Count the wanted columns of Parquet files as read: Athena bills no others."""
        files = list(files)
        self._held += files
        paths = [file.path for file in files]
        self.read(files, self.footers.column_bytes(self.session, paths, wanted))

    @property
    def iceberg(self) -> IcebergCatalog:
        """The Iceberg tables in the catalog."""
        return self.iceberg_tables()

    def with_locations(self, text: str) -> str:
        """A text in which the files of the objects that are read have the objects' names."""
        for handle in self._held:
            text = text.replace(str(handle.path), str(handle.location))
        for path in self._temporary:
            text = text.replace(str(path), "(converted)")
        return text

    def table(self, database: str, name: str) -> GlueTable:
        """A table that this query reads: the same definition however often it is asked for.

        Raises:
            SchemaNotFound: There is no such database.
            TableNotFound: The database has no such table.
        """
        if (database, name) not in self._tables:
            self._tables[database, name] = self.glue.table(database, name)
        return self._tables[database, name]

    def open_iceberg(self, table: GlueTable) -> Table:
        """An Iceberg table as this query sees it: the same snapshot however often it is read."""
        name = (table.database, table.name)
        if name not in self._iceberg_tables:
            self._iceberg_tables[name] = self.iceberg.open_table(table)
        return self._iceberg_tables[name]

    def temporary_path(self, suffix: str = "") -> Path:
        """A path in the staging folder; what is still there when the query ends is removed."""
        path = self.storage.new_staging_path(suffix)
        self._temporary.append(path)
        return path

    @contextmanager
    def releasing(self) -> Iterator[QueryContext]:
        """Let go of everything at the end, whatever the end is."""
        try:
            yield self
        finally:
            self._held.clear()
            for path in self._temporary:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
            self._temporary.clear()
