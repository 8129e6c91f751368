"""JSON, one object a line: OpenX's SerDe and Hive's.

https://docs.aws.amazon.com/athena/latest/ug/json-serde.html
"""

from __future__ import annotations

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.hive.lines import read_lines
from millpond.athena.hive.source import FileSet
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.types import SqlType


def read_json(context: QueryContext, files: FileSet) -> str:
    """Keys match the columns whatever their case; `mapping.<column>` names another key."""
    lenient = files.serde_parameters.get("ignore.malformed.json", "false").lower() == "true"
    parsed = "TRY_CAST(line AS JSON)"
    if not lenient:
        parsed = f"CASE WHEN json_valid(line) THEN {parsed} ELSE CAST(error({_MALFORMED}) AS JSON) END"
    source = read_lines(context, files)
    lines = f"SELECT {parsed} AS object, \"$file\" FROM ({source}) WHERE trim(line) <> ''"
    keys = _keys(context, lines) if files.columns else {}
    columns = "".join(
        f"{_first(_found_keys(column, files, keys), column.type)} AS {identifier(column.name)}, "
        for column in files.columns
    )
    return f'SELECT {columns}"$file" FROM ({lines})'


_MALFORMED = "'athena!HIVE_CURSOR_ERROR!Row is not a valid JSON Object!end'"


def _keys(context: QueryContext, lines: str) -> dict[str, list[str]]:
    """The keys that the objects have, by their lower case: lines may spell the same key differently."""
    rows = context.session.rows(
        f"SELECT DISTINCT unnest(json_keys(object)) AS key FROM ({lines}) WHERE json_type(object) = 'OBJECT'"
    )
    keys: dict[str, list[str]] = {}
    for (key,) in sorted(rows):
        keys.setdefault(str(key).lower(), []).append(str(key))
    return keys


def _found_keys(column: Column, files: FileSet, keys: dict[str, list[str]]) -> list[str]:
    mapped = files.serde_parameters.get(f"mapping.{column.name}")
    if mapped is not None:
        return [mapped]
    found = keys.get(column.name, [])
    if not found and files.serde_parameters.get("dots.in.keys", "false").lower() == "true":
        return [key for lower, of in keys.items() if lower.replace(".", "_") == column.name for key in of]
    return found


def _first(keys: list[str], type_: SqlType) -> str:
    values = [_value(f"object->{literal(_path(key))}", type_) for key in keys]
    if not values:
        return f"CAST(NULL AS {type_.duckdb})"
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _path(key: str) -> str:
    quoted = key.replace('"', r"\"")
    return f'$."{quoted}"'


def _value(json: str, type_: SqlType) -> str:
    """The value of JSON in a column's type; text that is no JSON string is kept as its JSON."""
    if type_.name in ("varchar", "char"):
        return f"({json.replace('->', '->>', 1)})"
    if type_.name in ("array", "map", "row"):
        return f"from_json({json}, {literal(_structure(type_))})"
    if type_.name == "varbinary":
        return f"from_base64({json.replace('->', '->>', 1)})"
    return f"TRY_CAST(({json.replace('->', '->>', 1)}) AS {type_.duckdb})"


def _structure(type_: SqlType) -> str:
    """DuckDB's description of nested JSON."""
    if type_.name == "array":
        return f"[{_structure(type_.elements[0])}]"
    if type_.name == "row":
        fields = (f'"{f.name or f"field{i}"}":{_structure(f.type)}' for i, f in enumerate(type_.fields))
        return "{" + ",".join(fields) + "}"
    return f'"{type_.duckdb}"'.replace('"VARCHAR"', '"VARCHAR"')
