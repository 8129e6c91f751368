"""Whether the columns of Parquet and ORC files have the types that their table declares.

Values of another type are not converted: as in Trino such a file is bad data, and so it is told before
a number is taken for a text.

https://docs.aws.amazon.com/athena/latest/ug/parquet-serde.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveBadData
from millpond.athena.parquet_columns import ParquetColumn
from millpond.athena.sql.catalog import Column

_INTEGERS = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
)
_TEXTS = frozenset(("VARCHAR", "BLOB", "JSON", "UUID"))
_TIMESTAMPS = frozenset(
    ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPWITHTIMEZONE", "TIMESTAMPTZ_NS")
)

_READ_AS: Mapping[str, frozenset[str]] = {
    # Athena's type, and the types of files (DuckDB's names of them) whose values it can be
    "boolean": frozenset(("BOOLEAN",)),
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), _INTEGERS | {"DECIMAL"}),
    "real": frozenset(("FLOAT",)),
    "double": frozenset(("FLOAT", "DOUBLE")),
    "decimal": _INTEGERS | {"DECIMAL"},
    **dict.fromkeys(("varchar", "char", "varbinary"), _TEXTS),
    "date": frozenset(("DATE",)),
    "timestamp": _TIMESTAMPS,
}

_PHYSICAL = {
    **dict.fromkeys(_INTEGERS, "INT32"),
    "BOOLEAN": "BOOLEAN",
    "BIGINT": "INT64",
    "UBIGINT": "INT64",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "DATE": "INT32",
    "DECIMAL": "FIXED_LEN_BYTE_ARRAY",
    **dict.fromkeys(_TEXTS, "BINARY"),
    **dict.fromkeys(_TIMESTAMPS, "INT64"),
}
_ORC_KINDS = {
    "BOOLEAN": "BOOLEAN",
    "TINYINT": "BYTE",
    "SMALLINT": "SHORT",
    "INTEGER": "INT",
    "BIGINT": "LONG",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "DECIMAL": "DECIMAL",
    "DATE": "DATE",
    "VARCHAR": "STRING",
    "BLOB": "BINARY",
    **dict.fromkeys(_TIMESTAMPS, "TIMESTAMP"),
}
_NESTED = frozenset(("array", "map", "row"))
_NOTHING = '"NULL"'
"""The type of a column that pyarrow wrote without knowing one: it has no values."""


def check_parquet_columns(
    context: QueryContext, found: Iterable[tuple[ParquetColumn, Column]], path: Path
) -> None:
    """Compare columns of a Parquet file with those that are declared.

    Raises:
        HiveBadData: A column has a type whose values it cannot have.
    """
    for own, declared in found:
        if not _fits(own, declared):
            physical = _PHYSICAL.get(_base(own), own.type) if own.type else "group"
            raise HiveBadData(
                f"Field {own.name}'s type {physical} in parquet file {context.with_locations(str(path))} is "
                f"incompatible with type {declared.type.trino} defined in table schema"
            )


def check_orc_columns(found: Iterable[ParquetColumn], asked: Mapping[str, Column], file: str) -> None:
    """The same for an ORC file, given its columns as they are in a Parquet file made of it.

    Raises:
        HiveBadData: A column has a type whose values it cannot have.
    """
    for own in found:
        if own.name in asked and not _fits(own, asked[own.name]):
            kind = _ORC_KINDS.get(_base(own), own.type) if own.type else "STRUCT"
            raise HiveBadData(
                f"Malformed ORC file. Cannot read SQL type '{asked[own.name].type.trino}' from ORC stream "
                f"'.{own.name}' of type {kind} [{file}]"
            )


def _fits(own: ParquetColumn, declared: Column) -> bool:
    if own.type == _NOTHING:
        return True
    if own.type is None or declared.type.name in _NESTED:
        return own.type is None and declared.type.name in _NESTED
    return _base(own) in _READ_AS.get(declared.type.name, frozenset((_base(own),)))


def _base(column: ParquetColumn) -> str:
    """A type without its parameters."""
    return (column.type or "").partition("(")[0]
