"""JSON, one object a line: OpenX's SerDe and Hive's.

https://docs.aws.amazon.com/athena/latest/ug/json-serde.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.hive.lines import read_lines
from millpond.athena.hive.source import FileSet
from millpond.athena.hive.text_syntax import text_value
from millpond.athena.hive.timestamps import TimestampFormats, milliseconds
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.python_functions.function import PythonFunction
from millpond.athena.sql.types import SqlType


def read_json(context: QueryContext, files: FileSet) -> str:
    """Keys match the columns whatever their case; `mapping.<column>` names another key.

    A line that is an array has the columns' values by their places.
    """
    lenient = _is_true(files, "ignore.malformed.json", "false")
    parsed = "CASE WHEN json_type(TRY_CAST(line AS JSON)) IN ('OBJECT', 'ARRAY') THEN CAST(line AS JSON)"
    parsed += " END" if lenient else f" ELSE CAST(error({_MALFORMED}) AS JSON) END"
    source = _exact_lines(context, files, read_lines(context, files))
    lines = f"SELECT {parsed} AS object, \"$file\" FROM ({source}) WHERE trim(line) <> ''"
    reader = _ObjectReader.of(context, files, lines)
    columns = "".join(f"{reader.column(column)} AS {identifier(column.name)}, " for column in files.columns)
    return f'SELECT {columns}"$file" FROM ({lines})'


_MALFORMED = "'athena!HIVE_CURSOR_ERROR!Row is not a valid JSON Object!end'"


def _exact_lines(context: QueryContext, files: FileSet, source: str) -> str:
    """The lines with long numbers as texts, if a decimal could have them: DuckDB's JSON has doubles."""
    if not any(_has_long_decimal(column.type) for column in files.columns):
        return source
    context.session.define((_EXACT,))
    line = r"CASE WHEN regexp_matches(line, '\d[\d.]{15}') THEN hive_exact_json(line) ELSE line END"
    return f'SELECT {line} AS line, "$file" FROM ({source})'


_EXACT_DIGITS = 15
"""How many digits of a decimal a double has for certain."""


def _has_long_decimal(type_: SqlType) -> bool:
    if type_.name == "decimal":
        return type_.parameters[0] > _EXACT_DIGITS
    return any(map(_has_long_decimal, (*type_.elements, *(of.type for of in type_.fields))))


def _exact(line: str) -> str:
    """An object with its numbers as texts; a line that is no JSON as it is."""
    try:
        return json.dumps(json.loads(line, parse_float=str))
    except ValueError:
        return line


_EXACT = PythonFunction("hive_exact_json", ("VARCHAR",), "VARCHAR", _exact)


@dataclass(frozen=True)
class _ObjectReader:
    """How the columns are found in the objects of some files.

    Attributes:
        files: The files, with what their SerDe is told.
        keys: The keys that the objects have; lines may spell the same key differently.
        has_arrays: Whether some lines are arrays.
        structures: What is inside the columns that have fields: DuckDB's description of all of their JSON.
    """

    files: FileSet
    keys: Sequence[str] = ()
    has_arrays: bool = False
    structures: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, context: QueryContext, files: FileSet, lines: str) -> _ObjectReader:
        """Look through the files, unless no column is asked for."""
        if not files.columns:
            return cls(files)
        found = context.session.rows(
            "SELECT DISTINCT type, unnest(CASE type WHEN 'ARRAY' THEN [NULL] ELSE keys END) FROM ("
            f"SELECT DISTINCT json_type(object) AS type, json_keys(object) AS keys FROM ({lines}))"
        )
        keys = sorted(str(key) for _, key in found if key is not None)
        reader = cls(files, keys, any(type_ == "ARRAY" for type_, _ in found))
        nested = [column for column in files.columns if reader.ignores_case and _has_fields(column.type)]
        if not nested:
            return reader
        values = (_coalesce([f"object->{literal(path)}" for path in reader.paths(c)]) for c in nested)
        groups = ", ".join(f"json_group_structure({value})" for value in values)
        [texts] = context.session.rows(f"SELECT {groups} FROM ({lines})")
        structures = {c.name: json.loads(text) for c, text in zip(nested, texts, strict=True) if text}
        return replace(reader, structures=structures)

    @property
    def ignores_case(self) -> bool:
        """Whether a key matches whatever its case."""
        return _is_true(self.files, "case.insensitive", "true")

    def column(self, column: Column) -> str:
        """DuckDB's expression for a column's value."""
        timestamps = TimestampFormats.of(self.files.text_parameters)
        values = [
            _value(f"(object->{literal(path)})", column.type, self.structures.get(column.name), timestamps)
            for path in self.paths(column)
        ]
        return f"CAST({_coalesce(values)} AS {column.type.duckdb})"

    def paths(self, column: Column) -> list[str]:
        """Where a column's value may be."""
        place = [declared.name for declared in self.files.declared].index(column.name)
        found = [_path(key) for key in self._found_keys(column)]
        return [*found, f"$[{place}]"] if self.has_arrays else found

    def _found_keys(self, column: Column) -> Sequence[str]:
        def spelled(key: str) -> str:
            return key.lower() if self.ignores_case else key

        wanted = spelled(self.files.serde_parameters.get(f"mapping.{column.name}", column.name))
        found = [key for key in self.keys if spelled(key) == wanted]
        if not found and _is_true(self.files, "dots.in.keys", "false"):
            return [key for key in self.keys if spelled(key).replace(".", "_") == wanted]
        return found


def _is_true(files: FileSet, name: str, default: str) -> bool:
    return files.serde_parameters.get(name, default).lower() == "true"


def _has_fields(type_: SqlType) -> bool:
    return type_.name == "row" or any(map(_has_fields, type_.elements))


def _coalesce(values: Sequence[str]) -> str:
    return f"coalesce({', '.join((*values, 'NULL'))})"


def _value(value: str, type_: SqlType, structure: Any, timestamps: TimestampFormats) -> str:
    """DuckDB's expression for JSON as a value of a type; text that is no JSON string is kept as its JSON.

    Args:
        value: The expression for the JSON.
        type_: The type.
        structure: What is inside, as `json_group_structure` tells it.
        timestamps: How timestamps are spelled.
    """
    text = f"({value}->>'$')"
    if type_.name in ("varchar", "char"):
        return text
    if type_.name in ("array", "map", "row"):
        own = _contains(type_, "varbinary") or (timestamps.patterns and _contains(type_, "timestamp"))
        if _is_as_declared(type_, structure) and not own:
            return f"from_json({value}, {literal(_structure(type_))})"
        return _rebuilt(value, type_, structure, timestamps)
    if type_.name == "varbinary":
        return text_value(text, type_)
    if type_.name == "timestamp":
        return (
            timestamps.value(text) if timestamps.patterns else milliseconds(f"TRY_CAST({text} AS TIMESTAMP)")
        )
    return f"TRY_CAST({text} AS {type_.duckdb})"


def _is_as_declared(type_: SqlType, structure: Any) -> bool:
    """Whether the keys of fields are spelled in lower case, as they are declared."""
    if type_.name == "row" and isinstance(structure, dict):
        fields = {str(field.name): field.type for field in type_.fields}
        return all(
            _is_as_declared(fields[key], inner) if key in fields else key.lower() not in fields
            for key, inner in structure.items()
        )
    return all(
        _is_as_declared(element, inner)
        for element, inners in zip(type_.elements, _inner(type_, structure), strict=True)
        for inner in inners
    )


def _contains(type_: SqlType, name: str) -> bool:
    inner = (*type_.elements, *(field.type for field in type_.fields))
    return type_.name == name or any(_contains(of, name) for of in inner)


def _inner(type_: SqlType, structure: Any) -> Sequence[Sequence[Any]]:
    """What is inside the elements of an array, or the keys and values of a map."""
    if type_.name == "array":
        return [structure if isinstance(structure, list) else []]
    if type_.name == "map":
        return [[], list(structure.values()) if isinstance(structure, dict) else []]
    return []


def _rebuilt(value: str, type_: SqlType, structure: Any, timestamps: TimestampFormats) -> str:
    """A nested value put together field by field, each found whatever the case of its key."""
    item = f"item{len(value)}"
    inner = _inner(type_, structure)
    if type_.name == "array":
        element = _merged(inner[0])
        made = _value(item, type_.elements[0], element, timestamps)
        return f"list_transform(from_json({value}, '[\"JSON\"]'), lambda {item}: {made})"
    if type_.name == "map":
        key = f"CAST({item}.key AS {type_.elements[0].duckdb})"
        entry = _value(f"{item}.value", type_.elements[1], _merged(inner[1]), timestamps)
        entries = f"map_entries(from_json({value}, '\"MAP(VARCHAR, JSON)\"'))"
        return f"map_from_entries(list_transform({entries}, lambda {item}: {{'k': {key}, 'v': {entry}}}))"
    keys: dict[str, list[str]] = {}
    for found in structure if isinstance(structure, dict) else ():
        keys.setdefault(found.lower(), []).append(found)
    fields = []
    for declared in type_.fields:
        values = [
            _value(f"({value}->{literal(_path(key))})", declared.type, structure[key], timestamps)
            for key in keys.get(str(declared.name), [])
        ]
        made = f"CAST({_coalesce(values)} AS {declared.type.duckdb})"
        fields.append(f"{identifier(str(declared.name))} := {made}")
    return f"CASE WHEN json_type({value}) = 'OBJECT' THEN struct_pack({', '.join(fields)}) END"


def _merged(structures: Sequence[Any]) -> Any:
    """What several values have inside, as if they were one."""
    objects = [structure for structure in structures if isinstance(structure, dict)]
    if objects:
        keys = dict.fromkeys(key for found in objects for key in found)
        return {key: _merged([found[key] for found in objects if key in found]) for key in keys}
    lists = [structure for structure in structures if isinstance(structure, list)]
    return [element for found in lists for element in found] if lists else None


def _path(key: str) -> str:
    quoted = key.replace('"', r"\"")
    return f'$."{quoted}"'


def _structure(type_: SqlType) -> str:
    """DuckDB's description of nested JSON."""
    if type_.name == "array":
        return f"[{_structure(type_.elements[0])}]"
    if type_.name == "row":
        fields = (f'"{f.name or f"field{i}"}":{_structure(f.type)}' for i, f in enumerate(type_.fields))
        return "{" + ",".join(fields) + "}"
    return f'"{type_.duckdb}"'
