"""Map functions: https://trino.io/docs/401/functions/map.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

_ENTRIES = "list_transform(map_entries({0}), lambda e: "

FUNCTIONS = (
    Function("cardinality(map(K, V)) -> bigint", "CAST(cardinality({0}) AS BIGINT)"),
    Function("element_at(map(K, V), K) -> V", "map_extract_value({0}, {1})"),
    Function("map() -> map(K, V)", "MAP([], [])"),
    Function("map(array(K), array(V)) -> map(K, V)", "athena_map({0}, {1})"),
    Function("map_entries(map(K, V)) -> array(row(K, V))", "map_entries({0})"),
    Function("map_from_entries(array(row(K, V))) -> map(K, V)", "map_from_entries({0})",
             result=lambda types: _map_of_entries(types[0])),
    Function("map_keys(map(K, V)) -> array(K)", "map_keys({0})"),
    Function("map_values(map(K, V)) -> array(V)", "map_values({0})"),
    Function("map_concat(map(K, V), map(K, V)...) -> map(K, V)", "map_concat({args})"),
)  # fmt: skip
"""Those that take lambdas of two arguments are in `special`."""


def _map_of_entries(entries):  # type: ignore[no-untyped-def]
    from millpond.athena.sql.types import map_of

    key, value = entries.elements[0].fields
    return map_of(key.type, value.type)
