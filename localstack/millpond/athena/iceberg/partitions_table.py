"""`"table$partitions"`: what the data files of each partition hold, of their manifests alone.

https://trino.io/docs/current/connector/iceberg.html#partitions-table
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from pyiceberg.conversions import from_bytes
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import IcebergType, LongType, NestedField, PrimitiveType, StructType, UUIDType

from millpond.athena.iceberg.planning import plan_tasks
from millpond.athena.iceberg.types import columns_of
from millpond.athena.sql.catalog import Column


def columns(table: Table) -> tuple[Column, ...]:
    """Its columns in Athena's types."""
    return columns_of(schema(table))


def schema(table: Table, uuid_type: IcebergType | None = None) -> Schema:
    """Its columns in Iceberg's types; `partition` is there for partitioned tables only.

    Args:
        table: The table.
        uuid_type: What stands for UUIDs: Arrow makes none of Python's values.
    """

    def shown(type_: IcebergType) -> IcebergType:
        return uuid_type if uuid_type is not None and isinstance(type_, UUIDType) else type_

    numbers = iter(range(1, 10_000))
    partition = _struct(numbers, [(f.name, shown(f.field_type)) for f in _partition_type(table).fields])
    fields: list[tuple[str, Any]] = [("partition", partition)] if partition.fields else []
    fields += [(name, LongType()) for name in ("record_count", "file_count", "total_size")]
    measured = [
        (field.name, _struct(numbers, [("min", shown(type_)), ("max", shown(type_)), *_COUNTS]))
        for field in _measured(table)
        for type_ in (field.field_type,)
    ]
    if measured:
        fields.append(("data", _struct(numbers, measured)))
    return Schema(*(NestedField(next(numbers), name, type_, required=False) for name, type_ in fields))


def partitions(table: Table) -> list[dict[str, Any]]:
    """Its rows."""
    fields = _partition_type(table).fields
    files: dict[tuple[Any, ...], list[DataFile]] = {}
    for task in plan_tasks(table):
        values = _values(table, task.file)
        files.setdefault(tuple(values.get(field.field_id) for field in fields), []).append(task.file)
    measured = _measured(table)
    return [
        {
            "partition": {f.name: _plain(value) for f, value in zip(fields, partition, strict=True)},
            "record_count": sum(file.record_count for file in group),
            "file_count": len(group),
            "total_size": sum(file.file_size_in_bytes for file in group),
            "data": {field.name: _measure(field, group) for field in measured},
        }
        for partition, group in files.items()
    ]


_COUNTS = (("null_count", LongType()), ("nan_count", LongType()))


def _partition_type(table: Table) -> StructType:
    """The fields of all partition specs that the table has had, each once."""
    found: dict[int, NestedField] = {}
    for _, spec in sorted(table.specs().items()):
        for field in spec.partition_type(table.schema()).fields:
            found.setdefault(field.field_id, field)
    return StructType(*found.values())


def _values(table: Table, file: DataFile) -> dict[int, Any]:
    """A file's partition: values by the ids of the fields of the spec that it was written by."""
    fields = table.specs()[file.spec_id].fields
    return {field.field_id: file.partition[place] for place, field in enumerate(fields)}


def _struct(numbers: Any, fields: Sequence[tuple[str, Any]]) -> StructType:
    return StructType(*(NestedField(next(numbers), name, type_, required=False) for name, type_ in fields))


def _measured(table: Table) -> list[NestedField]:
    """The columns that have bounds: no nested ones, and none that is constant in a partition."""
    constant = {f.source_id for f in table.spec().fields if isinstance(f.transform, IdentityTransform)}
    return [
        field
        for field in table.schema().fields
        if isinstance(field.field_type, PrimitiveType) and field.field_id not in constant
    ]


def _measure(field: NestedField, files: Sequence[DataFile]) -> dict[str, Any]:
    id_ = field.field_id
    return {
        "min": _bound(min, field, [(file.lower_bounds or {}).get(id_) for file in files]),
        "max": _bound(max, field, [(file.upper_bounds or {}).get(id_) for file in files]),
        "null_count": _total([(file.null_value_counts or {}).get(id_) for file in files]),
        "nan_count": _total([(file.nan_value_counts or {}).get(id_) for file in files]),
    }


def _bound(choose: Callable[[list[Any]], Any], field: NestedField, bounds: Sequence[bytes | None]) -> Any:
    assert isinstance(field.field_type, PrimitiveType)  # noqa: S101 - `_measured` chose it
    values = [bound_value(field.field_type, bound) for bound in bounds if bound is not None]
    return choose(values) if values else None


def bound_value(type_: PrimitiveType, bound: bytes) -> Any:
    """The value of a column's bound; of a UUID its text."""
    return str(UUID(bytes=bound)) if isinstance(type_, UUIDType) else from_bytes(type_, bound)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _total(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
