"""Map functions: https://trino.io/docs/401/functions/map.html."""

from __future__ import annotations

from collections.abc import Sequence

from millpond.athena.sql.binding import once
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
    """An array of rows as entries with names, none of them NULL or without a key."""
    key, value = (f"struct_extract_at(x, {i})" for i in (1, 2))
    checked = f"CASE WHEN {_failure('entry', 'x')} IS NULL AND {_failure('key', key)} IS NULL THEN {key} END"
    return f"list_transform({arguments[0].sql}, lambda x: {{'key': {checked}, 'value': {value}}})"


def _failure(what: str, sql: str) -> str:
    failure = f"athena_fail_text('INVALID_FUNCTION_ARGUMENT', 'map {what} cannot be null')"
    return f"(CASE WHEN {sql} IS NULL THEN {failure} END)"


def _from_entries(arguments: Sequence[Value]) -> str:
    return f"map_from_entries({_as_entries(arguments)})"


def _all_or_none(arguments: Sequence[Value]) -> str:
    """DuckDB leaves out a map that is NULL."""
    maps = [argument.sql for argument in arguments]

    def concatenated(*maps: str) -> str:
        there = " AND ".join(f"{item} IS NOT NULL" for item in maps)
        return f"(CASE WHEN {there} THEN map_concat({', '.join(maps)}) END)"

    return once(concatenated, *maps)


FUNCTIONS = (
    Function("cardinality(map(K, V)) -> bigint", "CAST(cardinality({0}) AS BIGINT)"),
    Function("element_at(map(K, V), K) -> V", "map_extract_value({0}, {1})"),
    Function("map() -> map(K, V)", "MAP([], [])"),
    Function("map(array(K), array(V)) -> map(K, V)", "athena_map({0}, {1})"),
    Function("map_entries(map(K, V)) -> array(row(K, V))", "map_entries({0})"),
    Function("map_from_entries(array(row(K, V))) -> map(K, V)", _from_entries,
             result=_map_of_entries),
    Function(
        "multimap_from_entries(array(row(K, V))) -> map(K, array(V))",
        lambda arguments: f"athena_multimap_agg({_as_entries(arguments)})",
        result=_multimap_of_entries,
    ),
    Function("map_keys(map(K, V)) -> array(K)", "map_keys({0})"),
    Function("map_values(map(K, V)) -> array(V)", "map_values({0})"),
    Function("map_concat(map(K, V), map(K, V)...) -> map(K, V)", _all_or_none),
)  # fmt: skip
"""Those that take lambdas of two arguments are in `special`."""
