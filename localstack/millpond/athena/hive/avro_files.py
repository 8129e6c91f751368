"""Avro files as a relation: the columns are found by name, each file's own schema says which it has.

https://docs.aws.amazon.com/athena/latest/ug/avro-serde.html
"""

from __future__ import annotations

import decimal
import json
from collections.abc import Mapping
from typing import Any

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveMetastoreError
from millpond.athena.hive.avro_container import readable
from millpond.athena.hive.source import FileSet
from millpond.athena.hive.timestamps import milliseconds
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.python_functions.function import PythonFunction


def read_avro(context: QueryContext, files: FileSet) -> str:
    """Columns that a file lacks have the default of `avro.schema.literal`, or are NULL."""
    context.session.define((_DECIMAL_TEXT,))
    defaults = _defaults(files)
    queries = []
    for number, path in enumerate(files.paths, start=1):
        file = readable(context, path)
        fields = {field["name"].lower(): field for field in file.schema["fields"]}
        columns = "".join(
            f"{_value(fields.get(c.name), c, defaults)} AS {identifier(c.name)}, " for c in files.columns
        )
        source = f"read_avro({literal(str(file.path))})"
        queries.append(f'SELECT {columns}CAST({number} AS BIGINT) AS "$file" FROM {source}')
    return " UNION ALL ".join(queries)


def _defaults(files: FileSet) -> dict[str, str]:
    """The defaults of the schema that the table is read by, of columns that are no collections.

    Raises:
        HiveMetastoreError: It is no schema.
    """
    text = files.text_parameters.get("avro.schema.literal")
    if not text:
        return {}
    try:
        fields = json.loads(text)["fields"]
        defaults = {field["name"].lower(): field.get("default") for field in fields}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise HiveMetastoreError("'avro.schema.literal' is no schema of a record") from None
    return {name: str(value) for name, value in defaults.items() if isinstance(value, str | int | float)}


def _value(field: Mapping[str, Any] | None, column: Column, defaults: Mapping[str, str]) -> str:
    if field is None:
        default = defaults.get(column.name)
        return f"CAST({'NULL' if default is None else literal(default)} AS {column.type.duckdb})"
    value = _with_decimals(identifier(field["name"]), field["type"])
    moment = milliseconds(f"CAST({value} AS TIMESTAMP)")
    return moment if column.type.name == "timestamp" else f"CAST({value} AS {column.type.duckdb})"


def _with_decimals(value: str, schema: Any, depth: int = 0) -> str:
    """A value in which decimals that DuckDB reads as bytes are numbers."""
    schema = _without_null(schema)
    if not _has_decimal_bytes(schema):
        return value
    item = f"item{depth}"
    if schema["type"] == "array":
        made = _with_decimals(item, schema["items"], depth + 1)
        return f"list_transform({value}, lambda {item}: {made})"
    if schema["type"] == "map":
        made = _with_decimals(f"{item}.value", schema["values"], depth + 1)
        entries = f"list_transform(map_entries({value}), lambda {item}: {{'k': {item}.key, 'v': {made}}})"
        return f"map_from_entries({entries})"
    if schema["type"] == "record":
        fields = (
            (identifier(field["name"]), f"{value}.{identifier(field['name'])}", field["type"])
            for field in schema["fields"]
        )
        packed = ", ".join(f"{name} := {_with_decimals(inner, of, depth + 1)}" for name, inner, of in fields)
        return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({packed}) END"
    return f"hive_avro_decimal({value}, {int(schema.get('scale', 0))})"


def _has_decimal_bytes(schema: Any) -> bool:
    """Whether there are decimals kept as bytes; those of a fixed length DuckDB knows."""
    schema = _without_null(schema)
    if not isinstance(schema, Mapping):
        return False
    if schema["type"] == "bytes":
        return schema.get("logicalType") == "decimal"
    inner = [schema.get("items"), schema.get("values"), *(f["type"] for f in schema.get("fields", ()))]
    return any(map(_has_decimal_bytes, inner))


def _without_null(schema: Any) -> Any:
    """The type of the values of a field that may be NULL."""
    if isinstance(schema, list):
        return next((member for member in schema if member != "null"), "null")
    return schema


def _decimal_text(data: bytes, scale: int) -> str:
    """Avro keeps the unscaled number, its highest byte first."""
    return str(decimal.Decimal(int.from_bytes(data, "big", signed=True)).scaleb(-scale, _EXACT))


_EXACT = decimal.Context(prec=76)
_DECIMAL_TEXT = PythonFunction("hive_avro_decimal", ("BLOB", "BIGINT"), "VARCHAR", _decimal_text)
