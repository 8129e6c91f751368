"""Values as JSON and JSON as values, as CAST has them.

What becomes JSON is written as Trino writes it: a text, made piece by piece, so that decimals keep their
digits.

https://trino.io/docs/401/functions/json.html#cast-to-json
"""

from __future__ import annotations

from millpond.athena.sql.binding import once
from millpond.athena.sql.quoting import quote_name, quote_text
from millpond.athena.sql.text_casts import TEXTS, from_text, to_text
from millpond.athena.sql.types import VARCHAR, SqlType
from millpond.athena.sql.value import Value

_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_FRACTIONS = ("real", "double", "decimal")


def to_json(value: Value) -> str:
    """A value as JSON, in Trino's way: rows are objects, dates are texts."""
    if value.type.name == "json":
        return value.sql
    return f"CAST({_json_text(value)} AS JSON)"


def _json_text(value: Value) -> str:
    """The text of a value as JSON, NULL for NULL."""
    source, sql = value.type, value.sql
    if source.name in (*_INTEGERS, "boolean", "unknown"):
        return f"CAST({sql} AS VARCHAR)"
    if source.name == "decimal":
        return to_text(value, VARCHAR)
    if source.name in _FRACTIONS:
        return f"athena_json_number({sql})"
    if source.name == "json":
        return f"CAST({sql} AS VARCHAR)"
    if source.name == "array":
        items = f"list_transform({sql}, lambda x: {_element_text('x', source.elements[0])})"
        return f"athena_json_array_text({items})"
    if source.name == "map":
        key, item = source.elements
        entry = f"{{'key': {_key_text(Value('x.key', key))}, 'value': {_element_text('x.value', item)}}}"
        return f"athena_json_object_text(list_sort(list_transform(map_entries({sql}), lambda x: {entry})))"
    if source.name == "row":
        return once(lambda row: _row_text(row, source), sql)
    return f"CAST(to_json({to_text(value, VARCHAR)}) AS VARCHAR)"


def _element_text(sql: str, type_: SqlType) -> str:
    return f"coalesce({_json_text(Value(sql, type_))}, 'null')"


def _key_text(key: Value) -> str:
    """A key's name; numbers are written as Java prints them."""
    return f"athena_java_text({key.sql})" if key.type.name in ("real", "double") else to_text(key, VARCHAR)


def _row_text(sql: str, source: SqlType) -> str:
    """An object; a field without a name has the empty one."""
    entries = ", ".join(
        f"{{'key': {quote_text(field.name or '')}, "
        f"'value': {_element_text(f'struct_extract_at({sql}, {i})', field.type)}}}"
        for i, field in enumerate(source.fields, 1)
    )
    return f"(CASE WHEN {sql} IS NOT NULL THEN athena_json_object_text([{entries}]) END)"


# ---- from JSON


def from_json(value: Value, target: SqlType) -> str:
    """JSON as a value of another type."""
    return once(lambda sql: _json_as(sql, target), value.sql)


def _json_as(sql: str, target: SqlType) -> str:
    # What is inside names the JSON around it: each level has its own name.
    name = f"x{_depth(target)}"
    if target.name == "array":
        items = f"CAST(athena_json_items({sql}, {quote_text(target.trino)}) AS JSON[])"
        return f"list_transform({items}, lambda {name}: {_element_as(name, target.elements[0])})"
    if target.name == "map":
        key_type, item_type = target.elements
        key = Value(name, VARCHAR)
        key_sql = to_text(key, key_type) if key_type.name in TEXTS else from_text(key, key_type)
        item = _element_as(f"athena_json_member({sql}, {name})", item_type)
        keys = f"json_keys(athena_json_object({sql}, {quote_text(target.trino)}))"
        return (
            f"map_from_entries(list_transform({keys}, lambda {name}: {{'key': {key_sql}, 'value': {item}}}))"
        )
    if target.name == "row":
        return _row_of_json(sql, target)
    return _scalar_of_json(sql, target)


def _row_of_json(sql: str, target: SqlType) -> str:
    """A row: of an array by place, of an object by name."""
    fields = []
    for i, field in enumerate(target.fields):
        by_name = "NULL" if field.name is None else f"athena_json_field({sql}, {quote_text(field.name)})"
        element = (
            f"(CASE json_type({sql}) WHEN 'ARRAY' THEN json_extract({sql}, '$[{i}]') ELSE {by_name} END)"
        )
        fields.append(f"{quote_name(field.name or f'field{i}')} := {_element_as(element, field.type)}")
    found = f"athena_json_row({sql}, {quote_text(target.trino)})"
    return f"(CASE WHEN {found} THEN struct_pack({', '.join(fields)}) END)"


def _scalar_of_json(sql: str, target: SqlType) -> str:
    if target.name in TEXTS:
        return to_text(Value(f"athena_json_text({sql})", VARCHAR), target)
    text = f"athena_json_{_SCALARS.get(target.name, 'text')}({sql})"
    return from_text(Value(text, VARCHAR), target)


_SCALARS = {
    # what reads a scalar as the text that becomes such a value
    **dict.fromkeys(_INTEGERS, "integer_text"),
    **dict.fromkeys(_FRACTIONS, "number_text"),
    "boolean": "boolean_text",
}


def _depth(type_: SqlType) -> int:
    parts = type_.elements or tuple(field.type for field in type_.fields)
    return 1 + max(map(_depth, parts), default=0)


def _element_as(sql: str, target: SqlType) -> str:
    return sql if target.name == "json" else from_json(Value(sql, SqlType("json")), target)
