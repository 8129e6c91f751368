"""Avro files as a relation: the columns are found by name, each file's own schema says which it has.

https://docs.aws.amazon.com/athena/latest/ug/avro-serde.html
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from typing import Any

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveUnsupportedFormat
from millpond.athena.hive.avro_container import readable
from millpond.athena.hive.source import FileSet
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.python_functions.function import PythonFunction
from millpond.athena.sql.types import SqlType


def read_avro(context: QueryContext, files: FileSet) -> str:
    """Columns that a file lacks are NULL."""
    context.session.define((_DECIMAL_TEXT,))
    queries = []
    for number, path in enumerate(files.paths, start=1):
        file = readable(context, path)
        fields = {field["name"].lower(): field for field in file.schema["fields"]}
        columns = "".join(f"{_value(fields.get(c.name), c)} AS {identifier(c.name)}, " for c in files.columns)
        source = f"read_avro({literal(str(file.path))})"
        queries.append(f'SELECT {columns}CAST({number} AS BIGINT) AS "$file" FROM {source}')
    return " UNION ALL ".join(queries)


def _value(field: Mapping[str, Any] | None, column: Column) -> str:
    if field is None:
        return f"CAST(NULL AS {column.type.duckdb})"
    if _has_nested_decimal(column.type):
        raise HiveUnsupportedFormat(
            f"Decimals inside the column '{column.name}' of an Avro file are not supported"
        )
    value = identifier(field["name"])
    schema = _without_null(field["type"])
    if isinstance(schema, Mapping) and schema.get("logicalType") == "decimal":
        value = f"hive_avro_decimal({value}, {int(schema.get('scale', 0))})"
    return f"CAST({value} AS {column.type.duckdb})"


def _without_null(schema: Any) -> Any:
    """The type of the values of a field that may be NULL."""
    if isinstance(schema, list):
        return next((member for member in schema if member != "null"), "null")
    return schema


def _has_nested_decimal(type_: SqlType) -> bool:
    inner = (*type_.elements, *(field.type for field in type_.fields))
    return any(element.name == "decimal" or _has_nested_decimal(element) for element in inner)


def _decimal_text(data: bytes, scale: int) -> str:
    """Avro keeps the unscaled number, its highest byte first."""
    return str(decimal.Decimal(int.from_bytes(data, "big", signed=True)).scaleb(-scale, _EXACT))


_EXACT = decimal.Context(prec=76)
_DECIMAL_TEXT = PythonFunction("hive_avro_decimal", ("BLOB", "BIGINT"), "VARCHAR", _decimal_text)
