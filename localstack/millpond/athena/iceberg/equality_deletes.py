"""Deletes by equality: rows that have the values of a row of a delete file are gone.

https://iceberg.apache.org/spec/#equality-delete-files
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.types import NestedField, PrimitiveType

from millpond.athena.engine import identifier, literal
from millpond.athena.iceberg.types import sql_type
from millpond.athena.sql.exceptions import NotSupported
from millpond.s3 import StoredObjectHandle


@dataclass(frozen=True)
class EqualityDelete:
    """A delete file, and the ids of the fields that are compared."""

    handle: StoredObjectHandle
    field_ids: tuple[int, ...]


def equality_columns(table: Table, schema: Schema, deletes: Sequence[EqualityDelete]) -> list[NestedField]:
    """The columns that deletes compare, those too that the table has no more.

    Raises:
        NotSupported: One of them is inside another column.
    """
    known = {field.field_id: field for former in table.schemas().values() for field in former.fields}
    known.update((field.field_id, field) for field in schema.fields)
    columns = []
    for id_ in dict.fromkeys(id_ for delete in deletes for id_ in delete.field_ids):
        if id_ not in known or not isinstance(known[id_].field_type, PrimitiveType):
            raise NotSupported("Iceberg deletes by the equality of nested fields are not supported")
        columns.append(known[id_])
    return columns


def compared_name(field: NestedField) -> str:
    """What a compared column is called beside the columns that are asked for."""
    return f"$compared_{field.field_id}"


def without_equal_rows(
    sql: str, selected: Sequence[str], compared: Sequence[NestedField], deletes: Sequence[EqualityDelete]
) -> str:
    """A query over data files without the deleted rows.

    Args:
        sql: The query; it has the compared columns too.
        selected: Its other columns, quoted.
        compared: The compared columns.
        deletes: The delete files.
    """
    fields = {field.field_id: field for field in compared}
    groups: dict[tuple[int, ...], list[str]] = {}
    for delete in deletes:
        groups.setdefault(delete.field_ids, []).append(literal(str(delete.handle.path)))
    conditions = []
    for ids, paths in groups.items():
        of_group = [fields[id_] for id_ in ids]
        equal = " AND ".join(
            f"kept.{identifier(compared_name(field))} IS NOT DISTINCT FROM "
            f"deleted.{identifier(field.name.lower())}"
            for field in of_group
        )
        source = f"read_parquet([{', '.join(paths)}], schema = {column_mapping(of_group)})"
        conditions.append(f"NOT EXISTS (SELECT 1 FROM {source} AS deleted WHERE {equal})")
    columns = ", ".join(selected) or "1 AS one"
    return f"SELECT {columns} FROM ({sql}) AS kept WHERE {' AND '.join(conditions)}"


def column_mapping(fields: Sequence[NestedField], by_name: bool = False) -> str:
    """DuckDB's `schema` of read_parquet: which field id, or which name, has which name and type today."""
    entries = (
        f"{literal(field.name) if by_name else field.field_id}: {{name: {literal(field.name.lower())}, "
        f"type: {literal(sql_type(field.field_type).duckdb)}, default_value: NULL}}"
        for field in fields
    )
    return f"MAP {{{', '.join(entries)}}}"
