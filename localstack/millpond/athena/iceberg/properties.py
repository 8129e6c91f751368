"""The properties of Iceberg tables: Athena's names, and those under which Iceberg keeps them.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveInvalidTableProperty
from millpond.athena.glue import GlueTable
from millpond.athena.iceberg.write import committing
from millpond.athena.parquet import parquet_codec
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.statements import PropertyValue

_CODEC = "write.parquet.compression-codec"
_KEPT = re.compile(
    r"optimize_rewrite_\w+|vacuum_\w+|write_target_data_file_size_bytes|compression_level|"
    r"write_object_storage_enabled|write_data_path_enabled|object_store_layout_enabled|commit_num_retries"
)
_NUMBERS = re.compile(r"optimize_|vacuum_|write_target_|compression_level|commit_")
_FILES = frozenset(("format", "write_compression"))

COMMENT = "comment"
"""The property in which Iceberg keeps a table's comment."""


def is_known(name: str) -> bool:
    """Whether a property is Athena's."""
    return name in _FILES or _KEPT.fullmatch(name) is not None


def stored(given: Mapping[str, PropertyValue]) -> dict[str, str]:
    """Properties as the table keeps them.

    Raises:
        HiveInvalidTableProperty: One of them is not Athena's.
        NotSupported: The format is not Parquet, or it has no such compression.
    """
    for name in given:
        if not is_known(name):
            raise HiveInvalidTableProperty(f"Unsupported table property key: {name}")
    format_ = str(given.get("format", "PARQUET")).upper()
    if format_ != "PARQUET":
        raise NotSupported(f"Iceberg tables in the format {format_} are not supported")
    kept = {name: str(value) for name, value in given.items() if name not in _FILES}
    for name, text in kept.items():
        if _NUMBERS.match(name) and not text.isdigit():
            raise HiveInvalidTableProperty(f"The value of the table property {name} must be a number: {text}")
    if "write_compression" in given:
        codec = str(given["write_compression"])
        parquet_codec(codec)
        kept[_CODEC] = codec.lower()
    return kept


def shown(properties: Mapping[str, str]) -> dict[str, str]:
    """What Athena shows of a table's properties: those that are its own, by its names."""
    found = {name: value for name, value in properties.items() if _KEPT.fullmatch(name)}
    return found | ({"write_compression": properties[_CODEC]} if _CODEC in properties else {})


def custom_names(properties: Mapping[str, str]) -> list[str]:
    """The properties that another engine gave a table, and that Athena could not give it."""
    own = (_CODEC, COMMENT)
    return sorted(name for name in properties if name not in own and not _KEPT.fullmatch(name))


def set_properties(context: QueryContext, table: GlueTable, properties: Mapping[str, str]) -> None:
    """SET TBLPROPERTIES."""
    opened = context.open_iceberg(table)
    updates = stored(properties)
    with committing():
        transaction = opened.transaction()
        transaction.set_properties(updates)
        transaction.commit_transaction()


def unset_properties(context: QueryContext, table: GlueTable, names: Sequence[str]) -> None:
    """UNSET TBLPROPERTIES."""
    opened = context.open_iceberg(table)
    of_iceberg = [_CODEC if name == "write_compression" else name for name in names]
    with committing():
        transaction = opened.transaction()
        transaction.remove_properties(*(name for name in of_iceberg if name in opened.properties))
        transaction.commit_transaction()
