"""ALTER TABLE … COLUMNS on Iceberg tables: columns, and the fields of structs inside them.

Nothing but the metadata changes; the data files are read by field id.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-evolving-table-schema.html
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pyiceberg.exceptions import ResolveError, ValidationError
from pyiceberg.schema import promote
from pyiceberg.table import Table
from pyiceberg.table.update.schema import UpdateSchema
from pyiceberg.types import (
    DecimalType,
    IcebergType,
    ListType,
    MapType,
    NestedField,
    PrimitiveType,
    StructType,
)

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import QueryFailed
from millpond.athena.glue import GlueTable
from millpond.athena.iceberg.types import iceberg_type
from millpond.athena.iceberg.write import committing
from millpond.athena.sql.exceptions import DuplicateColumnName, NotSupported
from millpond.athena.sql.statements import ColumnDefinition
from millpond.athena.sql.types import SqlType

_Path = tuple[str, ...]


class IcebergSchemaError(QueryFailed):
    """A change of columns that Iceberg does not allow."""

    code = "ICEBERG_INVALID_SCHEMA_CHANGE"


def add_columns(context: QueryContext, table: GlueTable, columns: Sequence[ColumnDefinition]) -> None:
    """ADD COLUMNS.

    Raises:
        DuplicateColumnName: The table has one of that name.
    """
    opened = context.open_iceberg(table)
    existing = {field.name.lower() for field in opened.schema().fields}
    for column in columns:
        if column.name in existing:
            raise DuplicateColumnName(f"Column '{column.name}' specified more than once")
    with committing(), _changes(opened) as update:
        for column in columns:
            update.add_column(column.name, _stored_type(column.type), doc=column.comment)


def drop_column(context: QueryContext, table: GlueTable, name: str) -> None:
    """DROP COLUMN: the data files keep it, readers no longer see it.

    Raises:
        IcebergSchemaError: There is none of that name.
        NotSupported: The table has no other, or is partitioned by it.
    """
    opened = context.open_iceberg(table)
    field = _find_column(opened, name)
    if len(opened.schema().fields) == 1:
        raise NotSupported("Cannot drop the only column in a table")
    if field.field_id in {of_spec.source_id for of_spec in opened.spec().fields}:
        raise NotSupported(f"Cannot drop partition field: {name}")
    try:
        with committing(), _changes(opened) as update:
            update.delete_column(field.name)
    except ValidationError as error:
        raise IcebergSchemaError(str(error)) from error


def change_column(
    context: QueryContext,
    table: GlueTable,
    old_name: str,
    column: ColumnDefinition,
    first: bool,
    after: str | None,
) -> None:
    """CHANGE COLUMN: rename, widen, comment on or move a column; add, widen or drop fields inside it.

    Raises:
        IcebergSchemaError: There is none of that name, or its type cannot become the new one.
    """
    opened = context.open_iceberg(table)
    field = _find_column(opened, old_name)
    try:
        with committing(), _changes(opened) as update:
            _change_type(update, (field.name,), field.field_type, _stored_type(column.type))
            if column.comment is not None:
                update.update_column(field.name, doc=column.comment)
            if first:
                update.move_first(field.name)
            if after is not None:
                update.move_after(field.name, after.lower())
            if column.name != field.name.lower():
                update.rename_column(field.name, column.name)
    except (ValidationError, ValueError) as error:
        raise IcebergSchemaError(str(error)) from error


def _change_type(update: UpdateSchema, path: _Path, old: IcebergType, new: IcebergType) -> None:
    """Lead a type over into another, field by field; fields are told by their names."""
    if isinstance(old, StructType) and isinstance(new, StructType):
        wanted = {field.name.lower(): field for field in new.fields}
        for field in old.fields:
            if field.name.lower() in wanted:
                inner = wanted.pop(field.name.lower()).field_type
                _change_type(update, (*path, field.name), field.field_type, inner)
            else:
                update.delete_column((*path, field.name))
        for field in wanted.values():
            update.add_column((*path, field.name), field.field_type)
    elif isinstance(old, ListType) and isinstance(new, ListType):
        _change_type(update, (*path, "element"), old.element_type, new.element_type)
    elif isinstance(old, MapType) and isinstance(new, MapType):
        _change_type(update, (*path, "key"), old.key_type, new.key_type)
        _change_type(update, (*path, "value"), old.value_type, new.value_type)
    elif old != new:
        if not _is_wider(old, new):
            raise IcebergSchemaError(f"Cannot change column type: {'.'.join(path)}: {old} -> {new}")
        update.update_column(path, new)


def _is_wider(old: IcebergType, new: IcebergType) -> bool:
    """Whether Iceberg lets a type become another: int to long, float to double, more digits of a decimal."""
    if not isinstance(old, PrimitiveType) or not isinstance(new, PrimitiveType):
        return False
    if isinstance(old, DecimalType) and isinstance(new, DecimalType) and old.scale != new.scale:
        return False
    try:
        promote(old, new)
    except ResolveError:
        return False
    return True


def _changes(table: Table) -> UpdateSchema:
    return table.update_schema(allow_incompatible_changes=False, case_sensitive=False)


def _find_column(table: Table, name: str) -> NestedField:
    try:
        return table.schema().find_field(name, case_sensitive=False)
    except ValueError:
        raise IcebergSchemaError(f"Column '{name}' does not exist") from None


def _stored_type(type_: SqlType) -> IcebergType:
    """In DDL a bare `timestamp` means Iceberg's only precision."""
    if type_.name.startswith("timestamp"):
        type_ = SqlType(type_.name, (6,))
    if type_.name == "interval":
        raise NotSupported(f"Type not supported for Iceberg: {type_.trino}")
    return iceberg_type(type_, itertools.count(1))
