"""The columns that every Hive table has and `SELECT *` leaves out: which file a row is from.

https://docs.aws.amazon.com/athena/latest/ug/querying-example-queries-table-properties.html
https://trino.io/docs/401/connector/hive.html#special-columns
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from millpond.athena.glue import GlueTable
from millpond.athena.hive.write import partition_name
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.types import BIGINT, INTEGER, VARCHAR, SqlType
from millpond.s3 import StoredObjectHandle

PATH_COLUMN = Column("$path", VARCHAR)
MODIFIED_COLUMN = Column("$file_modified_time", SqlType("timestamp with time zone", (3,)))

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"

_BUCKET = re.compile(r"_bucket-(?P<number>\d+)|(?:^|/)0*(?P<first>\d+)_\d+[^/]*$")


@dataclass(frozen=True)
class HiddenColumn:
    """A column, and the text of its value for the rows of a file, given the partition's values."""

    column: Column
    value: Callable[[GlueTable, StoredObjectHandle, Sequence[str]], str]


def hidden_columns(table: GlueTable) -> list[HiddenColumn]:
    """Those of a table; only rows of one with buckets lie in a bucket."""
    return [*_OF_ALL, _OF_BUCKETS] if table.storage.bucket_columns else list(_OF_ALL)


def modified(handle: StoredObjectHandle) -> str:
    """When an object was written, as text."""
    return handle.last_modified.isoformat()


def _partition(table: GlueTable, handle: StoredObjectHandle, values: Sequence[str]) -> str:
    return partition_name([key.name for key in table.partition_keys], values)


def _bucket(table: GlueTable, handle: StoredObjectHandle, values: Sequence[str]) -> str:
    found = _BUCKET.search(handle.location.key)
    return (found["number"] or found["first"]) if found else NULL_PARTITION


_OF_ALL = (
    HiddenColumn(PATH_COLUMN, lambda table, handle, values: str(handle.location)),
    HiddenColumn(Column("$file_size", BIGINT), lambda table, handle, values: str(handle.size)),
    HiddenColumn(MODIFIED_COLUMN, lambda table, handle, values: modified(handle)),
    HiddenColumn(Column("$partition", VARCHAR), _partition),
)
_OF_BUCKETS = HiddenColumn(Column("$bucket", INTEGER), _bucket)
