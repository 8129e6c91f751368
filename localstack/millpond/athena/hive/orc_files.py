"""ORC files of Hive tables, which DuckDB cannot read: pyarrow turns what is asked of them into Parquet.

What is counted as read are the bytes that the reader takes from the stripes: the streams of the asked
columns and the stripes' footers.

https://orc.apache.org/specification/ORCv1/
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from millpond.athena.context import QueryContext
from millpond.athena.hive.bad_data import reading_orc
from millpond.athena.hive.source import FileSet

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Schema
    from pyarrow.orc import ORCFile

_ROWS = "$rows"
"""The column of a converted file that only tells how many rows there are."""


def convert_orc(context: QueryContext, files: FileSet, *, by_name: bool) -> list[Path]:
    """Parquet files with the asked columns of ORC files, under the table's names; counts what it reads.

    Args:
        context: The query.
        files: The ORC files.
        by_name: Whether columns are found by their names, not by their places.

    Raises:
        HiveBadData: A file is broken, or no ORC.
        ScanLimitExceeded: The query has read more than its workgroup allows.
    """
    from pyarrow import orc, parquet

    asked = {column.name for column in files.columns}
    converted = []
    for path, key in zip(files.paths, files.keys, strict=True):
        target = context.temporary_path(".parquet")
        with reading_orc(key), _CountedFile(path) as file:
            source = orc.ORCFile(file)
            own_names = source.schema.names
            names = [name.lower() for name in own_names] if by_name else [c.name for c in files.declared]
            found = {own: name for own, name in zip(own_names, names, strict=False) if name in asked}
            with parquet.ParquetWriter(target, _schema(source, found)) as writer:
                file.take_bytes_read()  # the file's own footer is not billed
                for batch in _batches(source, found):
                    context.session.check()
                    context.count_bytes(file.take_bytes_read())
                    writer.write_batch(batch)
        converted.append(target)
    return converted


def _schema(source: ORCFile, found: dict[str, str]) -> Schema:
    import pyarrow as pa

    fields = [source.schema.field(own).with_name(name) for own, name in found.items()]
    return pa.schema(fields or [pa.field(_ROWS, pa.bool_())])


def _batches(source: ORCFile, found: dict[str, str]) -> Iterator[RecordBatch]:
    """The found columns stripe by stripe; of a file that has none of them only as many rows as it has."""
    import pyarrow as pa

    if not found:
        yield pa.record_batch([pa.repeat(pa.scalar(False), source.nrows)], names=[_ROWS])
        return
    for stripe in range(source.nstripes):
        yield source.read_stripe(stripe, list(found)).rename_columns(list(found.values()))


class _CountedFile(io.FileIO):
    """A file that knows how much is read of it."""

    _bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and remember how much it was."""
        data = super().read(-1 if size is None else size)
        self._bytes_read += len(data)
        return data

    def take_bytes_read(self) -> int:
        """How much was read since this was asked last."""
        taken, self._bytes_read = self._bytes_read, 0
        return taken
