"""Whether a partition's own columns fit its table's: types may widen, and no more.

https://docs.aws.amazon.com/athena/latest/ug/updates-and-partitions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from millpond.athena.engine import EngineSession, literal
from millpond.athena.exceptions import HiveInvalidPartitionValue, HivePartitionSchemaMismatch
from millpond.athena.glue import GlueColumn, GluePartition, GlueTable
from millpond.athena.hive.hidden_columns import NULL_PARTITION
from millpond.athena.hive.write import partition_name
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.types import SqlType, parse_type


def check_partition(table: GlueTable, partition: GluePartition, by_name: bool) -> frozenset[str]:
    """Compare the columns of a partition with those of its table; answers which have another type.

    Args:
        table: The table.
        partition: One of its partitions; with no columns of its own it fits.
        by_name: Whether its files' columns are found by name, not by their place.

    Raises:
        HivePartitionSchemaMismatch: The types of a column cannot be reconciled.
    """
    coerced = set()
    for own, of_table in _pairs(partition, table, by_name):
        if own.type.lower() == of_table.type.lower():
            continue
        coerced.add(of_table.name.lower())
        if not _can_coerce(parse_type(own.type), parse_type(of_table.type)):
            name = partition_name([key.name for key in table.partition_keys], partition.values)
            raise HivePartitionSchemaMismatch(
                "There is a mismatch between the table and partition schemas. The types are incompatible and "
                f"cannot be coerced. The column '{of_table.name}' in table '{table.database}.{table.name}' "
                f"is declared as type '{of_table.type}', but partition '{name}' declared column '{own.name}' "
                f"as type '{own.type}'."
            )
    return frozenset(coerced)


def check_partition_values(
    session: EngineSession, table: GlueTable, keys: Sequence[Column], partitions: Sequence[GluePartition]
) -> None:
    """Compare the values of partitions with the types of the columns that they are of.

    Raises:
        HiveInvalidPartitionValue: A value is none of its column's type.
    """
    for place, key in enumerate(keys):
        if key.type.name in _TEXT:
            continue
        values = {partition.values[place] for partition in partitions} - {NULL_PARTITION}
        if not values:
            continue
        rows = ", ".join(f"({literal(value)})" for value in sorted(values))
        cast = f"TRY_CAST(value AS {key.type.duckdb})"
        wrong = session.rows(f"SELECT value FROM (VALUES {rows}) AS v(value) WHERE {cast} IS NULL")
        if wrong:
            names = [of_table.name for of_table in table.partition_keys]
            found = next(p for p in partitions if p.values[place] == wrong[0][0])
            raise HiveInvalidPartitionValue(
                f"Invalid partition value '{wrong[0][0]}' for {key.type.trino} partition key: "
                f"{partition_name(names, found.values)}"
            )


def _pairs(
    partition: GluePartition, table: GlueTable, by_name: bool
) -> Iterator[tuple[GlueColumn, GlueColumn]]:
    if not by_name:
        yield from zip(partition.storage.columns, table.storage.columns, strict=False)
        return
    of_table = {column.name.lower(): column for column in table.storage.columns}
    for column in partition.storage.columns:
        if column.name.lower() in of_table:
            yield column, of_table[column.name.lower()]


def _can_coerce(own: SqlType, wanted: SqlType) -> bool:
    """Whether Trino's Hive connector reads values of the one type as the other."""
    if own.name in _NESTED and own.name == wanted.name:
        pairs = zip(_inner(own), _inner(wanted), strict=False)
        return all(one == other or _can_coerce(one, other) for one, other in pairs)
    return wanted.name in _COERCIONS.get(own.name, frozenset((own.name,)))


def _inner(type_: SqlType) -> tuple[SqlType, ...]:
    return (*type_.elements, *(field.type for field in type_.fields))


_NESTED = frozenset(("array", "map", "row"))
_TEXT = frozenset(("varchar", "char"))
_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_NUMBERS = frozenset(("real", "double", "decimal"))
_COERCIONS: dict[str, frozenset[str]] = {
    **{name: frozenset(_INTEGERS[i:]) | _TEXT for i, name in enumerate(_INTEGERS)},
    "varchar": _TEXT.union(_INTEGERS),
    "char": _TEXT,
    "real": _NUMBERS,
    "double": _NUMBERS,
    "decimal": _NUMBERS | _TEXT,
}
