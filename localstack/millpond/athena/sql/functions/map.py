"""Map functions: https://trino.io/docs/401/functions/map.html."""

from __future__ import annotations

from collections.abc import Sequence

from millpond.athena.sql.functions.signature import Function
from millpond.athena.sql.types import SqlType, array, map_of
from millpond.athena.sql.value import Value


def _map_of_entries(types: Sequence[SqlType]) -> SqlType:
    key, value = types[0].elements[0].fields
    return map_of(key.type, value.type)


def _multimap_of_entries(types: Sequence[SqlType]) -> SqlType:
    key, value = types[0].elements[0].fields
    return map_of(key.type, array(value.type))


def _as_entries(arguments: Sequence[Value]) -> str:
    """An array of rows as entries with names."""
    entry = "{'key': struct_extract_at(x, 1), 'value': struct_extract_at(x, 2)}"
    return f"list_transform({arguments[0].sql}, lambda x: {entry})"


FUNCTIONS = (
    Function("cardinality(map(K, V)) -> bigint", "CAST(cardinality({0}) AS BIGINT)"),
    Function("element_at(map(K, V), K) -> V", "map_extract_value({0}, {1})"),
    Function("map() -> map(K, V)", "MAP([], [])"),
    Function("map(array(K), array(V)) -> map(K, V)", "athena_map({0}, {1})"),
    Function("map_entries(map(K, V)) -> array(row(K, V))", "map_entries({0})"),
    Function("map_from_entries(array(row(K, V))) -> map(K, V)", "map_from_entries({0})",
             result=_map_of_entries),
    Function(
        "multimap_from_entries(array(row(K, V))) -> map(K, array(V))",
        lambda arguments: f"athena_multimap_agg({_as_entries(arguments)})",
        result=_multimap_of_entries,
    ),
    Function("map_keys(map(K, V)) -> array(K)", "map_keys({0})"),
    Function("map_values(map(K, V)) -> array(V)", "map_values({0})"),
    Function("map_concat(map(K, V), map(K, V)...) -> map(K, V)", "map_concat({args})"),
)  # fmt: skip
"""Those that take lambdas of two arguments are in `special`."""
