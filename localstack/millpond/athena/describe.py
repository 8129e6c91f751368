"""DESCRIBE: a table, a partition, a view or a column as Athena prints them.

Each line is one value with tabs in it. Hive pads what it prints to 20 characters, an Iceberg table's and a
view's description is not padded, and a line that is empty is not quite: see `_EMPTY`.
https://docs.aws.amazon.com/athena/latest/ug/describe-table.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from millpond.athena.exceptions import TableNotFound
from millpond.athena.glue import GlueColumn, GluePartition, GlueTable
from millpond.athena.hive import ddl as hive
from millpond.athena.results import QueryResult
from millpond.athena.run import StatementRun
from millpond.athena.sql import statements
from millpond.athena.sql.types import SqlType, parse_type
from millpond.athena.views import read_view

_COLUMNS = ("col_name", "data_type", "comment")


def describe(run: StatementRun, statement: statements.Describe) -> QueryResult:
    """DESCRIBE, of a table or view, of a partition, or of one column."""
    table = run.table(statement.table)
    if table.is_view and statement.style is None and not statement.column:
        return _describe_view(run, table)
    if statement.column:
        line = _iceberg_line if table.is_iceberg else _hive_line
        lines = [line(column) for column in _described_columns(table, statement.column)]
    elif table.is_iceberg:
        lines = _iceberg_lines(run, table)
        if statement.style is not None:
            lines += _iceberg_details(run, table)
    else:
        partition = None
        if statement.partition:
            partition = hive.find_partition(run.context, table, statement.partition)
            table = replace(table, storage=partition.storage)
        lines = _hive_lines(table, statement.style, partition)
    return run.text_result(_COLUMNS, [(line,) for line in lines])


def describe_view(run: StatementRun, statement: statements.DescribeView) -> QueryResult:
    """DESCRIBE VIEW."""
    table = run.table(statement.view)
    if not table.is_view:
        raise TableNotFound(f"View 'awsdatacatalog.{table.database}.{table.name}' does not exist")
    return _describe_view(run, table)


def shown_columns(table: GlueTable) -> Sequence[GlueColumn]:
    """The data columns; of an Iceberg table those of its current schema."""
    return [c for c in table.storage.columns if c.parameters.get("iceberg.field.current") != "false"]


def column_names(table: GlueTable) -> list[str]:
    """What SHOW COLUMNS prints."""
    names = [column.name for column in (*shown_columns(table), *table.partition_keys)]
    return names if table.is_iceberg else [f"{name:<20}" for name in names]


def _describe_view(run: StatementRun, table: GlueTable) -> QueryResult:
    lines = [(f"{column.name}\t{column.type.trino}",) for column in read_view(table).columns]
    return run.text_result(("column", "type"), lines, "varchar")


def _described_columns(table: GlueTable, path: Sequence[str]) -> list[GlueColumn]:
    """A column, or what is inside it: the fields of a struct, one by one, or an element.

    Raises:
        DdlFailed: There is no such column, or nothing of that name in it.
    """
    columns = {column.name: column for column in (*shown_columns(table), *table.partition_keys)}
    name, *inside = path
    if name.lower() not in columns:
        raise hive.DdlFailed(f"SemanticException Column {name} does not exist in table {table.name}")
    column = columns[name.lower()]
    type_ = parse_type(column.type)
    for step in inside:
        found = _inside(type_).get(step.lower())
        if found is None:
            raise hive.DdlFailed(f"Execution Error, return code 1. Unknown type for {step}")
        type_ = found
    if type_.name == "row":
        return [GlueColumn(field, of.hive, _FROM_SERIALIZER) for field, of in _inside(type_).items()]
    return [GlueColumn(inside[-1], type_.hive, _FROM_SERIALIZER)] if inside else [column]


_FROM_SERIALIZER = "from deserializer"
"""The comment that Hive shows where there can be none."""


def _inside(type_: SqlType) -> dict[str, SqlType]:
    """What a type is made of, by the names that DESCRIBE has for it."""
    if type_.name == "array":
        return {"$elem$": type_.elements[0]}
    if type_.name == "map":
        return {"$key$": type_.elements[0], "$value$": type_.elements[1]}
    return {str(field.name).lower(): field.type for field in type_.fields}


# ---- Hive


_EMPTY = "\t \t "
_HEADER = f"{'# col_name':<22}\t{'data_type':<20}\t{'comment':<20}"


def _hive_lines(table: GlueTable, style: str | None, partition: GluePartition | None) -> list[str]:
    columns = [_hive_line(column) for column in shown_columns(table)]
    keys = [_hive_line(key) for key in table.partition_keys]
    of_keys = [_EMPTY, "# Partition Information\t \t ", _HEADER, _EMPTY, *keys] if keys else []
    if style == "formatted":
        return [_HEADER, _EMPTY, *columns, *of_keys, _EMPTY, *_formatted(table, partition)]
    lines = [*columns, *keys, *of_keys]
    if style == "extended":
        kind = "Partition" if partition else "Table"
        text = _partition_text(table, partition) if partition else _table_text(table)
        lines += [_EMPTY, f"Detailed {kind} Information\t{text}\t"]
    return lines


def _hive_line(column: GlueColumn) -> str:
    return f"{column.name:<20}\t{column.type:<20}\t{column.comment or '':<20}"


def _fact(name: str, value: str) -> str:
    return f"{name:<20}\t{value:<20}\t "


def _formatted(table: GlueTable, partition: GluePartition | None) -> list[str]:
    storage = table.storage
    facts = _partition_facts(table, partition) if partition else _table_facts(table)
    stored = [
        _fact("SerDe Library:", storage.serde),
        _fact("InputFormat:", storage.input_format),
        _fact("OutputFormat:", storage.output_format),
        _fact("Compressed:", "Yes" if storage.compressed else "No"),
        _fact("Num Buckets:", str(storage.bucket_count)),
        _fact("Bucket Columns:", f"[{', '.join(storage.bucket_columns)}]"),
        _fact("Sort Columns:", "[]"),
        *_parameters("Storage Desc Params:", storage.serde_parameters),
    ]
    return [*facts, _EMPTY, "# Storage Information\t \t ", *stored]


def _table_facts(table: GlueTable) -> list[str]:
    return [
        "# Detailed Table Information\t \t ",
        _fact("Database:", table.database),
        _fact("Owner:", table.definition.get("Owner") or ""),
        _fact("CreateTime:", _date(table.definition.get("CreateTime"))),
        _fact("LastAccessTime:", "UNKNOWN"),
        _fact("Protect Mode:", "None"),
        _fact("Retention:", str(table.definition.get("Retention") or 0)),
        _fact("Location:", table.storage.location),
        _fact("Table Type:", table.table_type),
        *_parameters("Table Parameters:", table.parameters),
    ]


def _partition_facts(table: GlueTable, partition: GluePartition) -> list[str]:
    return [
        "# Detailed Partition Information\t \t ",
        _fact("Partition Value:", f"[{', '.join(partition.values)}]"),
        _fact("Database:", table.database),
        _fact("Table:", table.name),
        _fact("LastAccessTime:", "UNKNOWN"),
        _fact("Protect Mode:", "None"),
        _fact("Location:", partition.storage.location),
    ]


def _parameters(name: str, parameters: Mapping[str, str]) -> list[str]:
    return [
        f"{name:<20}\t \t ",
        *(f"\t{key:<20}\t{value:<20}" for key, value in sorted(parameters.items())),
    ]


def _date(created: object) -> str:
    return format(created, "%a %b %d %H:%M:%S UTC %Y") if created else ""


# ---- Hive's EXTENDED: its structures as Thrift prints them


def _table_text(table: GlueTable) -> str:
    created = table.definition.get("CreateTime")
    return _structure(
        "Table",
        tableName=table.name,
        dbName=table.database,
        owner=table.definition.get("Owner") or "",
        createTime=str(int(created.timestamp()) if created else 0),
        lastAccessTime="0",
        retention=str(table.definition.get("Retention") or 0),
        sd=_storage_text(table, shown_columns(table)),
        partitionKeys=_list(map(_column_text, table.partition_keys)),
        parameters=_map(table.parameters),
        viewOriginalText=table.definition.get("ViewOriginalText") or "null",
        viewExpandedText=table.definition.get("ViewExpandedText") or "null",
        tableType=table.table_type,
    )


def _partition_text(table: GlueTable, partition: GluePartition) -> str:
    return _structure(
        "Partition",
        values=_list(partition.values),
        dbName=table.database,
        tableName=table.name,
        lastAccessTime="0",
        sd=_storage_text(table, (*shown_columns(table), *table.partition_keys)),
    )


def _storage_text(table: GlueTable, columns: Iterable[GlueColumn]) -> str:
    storage = table.storage
    return _structure(
        "StorageDescriptor",
        cols=_list(map(_column_text, columns)),
        location=storage.location,
        inputFormat=storage.input_format,
        outputFormat=storage.output_format,
        compressed=str(storage.compressed).lower(),
        numBuckets=str(storage.bucket_count),
        serdeInfo=_structure(
            "SerDeInfo",
            name="null",
            serializationLib=storage.serde,
            parameters=_map(storage.serde_parameters),
        ),
        bucketCols=_list(storage.bucket_columns),
        sortCols="[]",
        parameters="{}",
        skewedInfo="SkewedInfo(skewedColNames:[], skewedColValues:[], skewedColValueLocationMaps:{})",
        storedAsSubDirectories="false",
    )


def _column_text(column: GlueColumn) -> str:
    return _structure("FieldSchema", name=column.name, type=column.type, comment=column.comment or "null")


def _structure(name: str, /, **fields: str) -> str:
    return f"{name}({', '.join(f'{field}:{value}' for field, value in fields.items())})"


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


def _map(items: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{key}={value}' for key, value in sorted(items.items()))}}}"


# ---- Iceberg


def _iceberg_lines(run: StatementRun, table: GlueTable) -> list[str]:
    opened = run.context.open_iceberg(table)
    schema = opened.schema()
    partitions = [
        f"{field.name}\t{field.transform}\t{schema.find_column_name(field.source_id)}"
        for field in opened.spec().fields
    ]
    return [
        "# Table schema:\t\t",
        "# col_name\tdata_type\tcomment",
        *map(_iceberg_line, shown_columns(table)),
        "\t\t",
        "# Partition spec:\t\t",
        "# field_name\tfield_transform\tcolumn_name",
        *partitions,
    ]


def _iceberg_line(column: GlueColumn) -> str:
    # `decimal(10, 2)`, `struct<a: int, b: string>`
    type_ = re.sub(r"([,:])\s*", r"\1 ", column.type)
    return f"{column.name}\t{type_}\t{column.comment or ''}"


def _iceberg_details(run: StatementRun, table: GlueTable) -> list[str]:
    opened = run.context.open_iceberg(table)
    format_ = opened.properties.get("write.format.default", "parquet").upper()
    return [
        "\t\t",
        f"Name:\ticeberg.{table.database}.{table.name}\t",
        f"Location:\t{opened.location()}\t",
        "\t\t",
        "# Table properties:\t\t",
        "# key\tvalue\t",
        f"format\t{format_}\t",
        "\t\t",
        "# Iceberg storage table properties:\t\t",
        "# key\tvalue\t",
        *(f"{key}\t{value}\t" for key, value in sorted(opened.properties.items())),
    ]
