"""Array functions: https://trino.io/docs/401/functions/array.html."""

from __future__ import annotations

from collections.abc import Sequence

from millpond.athena.sql.binding import once
from millpond.athena.sql.casts import cast
from millpond.athena.sql.functions.signature import Function
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import VARCHAR, SqlType, array, row
from millpond.athena.sql.value import Value


def _zipped(types: Sequence[SqlType]) -> SqlType:
    return array(row(*((None, type_.elements[0]) for type_ in types)))


def _combinations(items: str, size: str) -> str:
    places = f"athena_py_combinations(len({items}), {size})"
    return f"list_transform({places}, lambda places: list_transform(places, lambda place: {items}[place]))"


def _joined(arguments: Sequence[Value]) -> str:
    """The elements as texts, as CAST writes them."""
    items, delimiter, *missing = arguments
    texts = cast(items, array(VARCHAR), False, Position(1, 1))
    return f"athena_array_join({texts.sql}, {delimiter.sql}, {missing[0].sql if missing else 'NULL'})"


def _shuffled(items: str) -> str:
    return f"list_transform(athena_py_permutation(len({items})), lambda place: {items}[place])"


_INTEGERS = ("tinyint", "smallint", "integer", "bigint")

FUNCTIONS = (
    Function(
        "all_match(array(T), function(T, boolean)) -> boolean", "athena_all_match(list_transform({0}, {1}))"
    ),
    Function(
        "any_match(array(T), function(T, boolean)) -> boolean", "athena_any_match(list_transform({0}, {1}))"
    ),
    Function(
        "none_match(array(T), function(T, boolean)) -> boolean",
        "(NOT athena_any_match(list_transform({0}, {1})))",
    ),
    Function("array_distinct(array(T)) -> array(T)", "athena_array_distinct({0})"),
    Function("array_intersect(array(T), array(T)) -> array(T)", "athena_array_intersect({0}, {1})"),
    Function("array_union(array(T), array(T)) -> array(T)", "athena_array_union({0}, {1})"),
    Function("array_except(array(T), array(T)) -> array(T)", "athena_array_except({0}, {1})"),
    Function("array_join(array(T), varchar) -> varchar", _joined),
    Function("array_join(array(T), varchar, varchar) -> varchar", _joined),
    *(
        Function(
            f"array_max(array({type_})) -> {type_}",
            "athena_array_extreme({0}, list_max(athena_numbers({0})))",
        )
        for type_ in ("double", "real")
    ),
    Function("array_max(array(T)) -> T", "athena_array_extreme({0}, list_max({0}))"),
    Function("array_min(array(T)) -> T", "athena_array_extreme({0}, list_min({0}))"),
    Function("array_position(array(T), T) -> bigint", "athena_array_position({0}, {1})"),
    Function("array_remove(array(T), T) -> array(T)", "athena_array_remove({0}, {1})"),
    Function("array_sort(array(T)) -> array(T)", "list_sort({0}, 'ASC', 'NULLS LAST')"),
    Function("arrays_overlap(array(T), array(T)) -> boolean", "athena_arrays_overlap({0}, {1})"),
    Function("cardinality(array(T)) -> bigint", "len({0})"),
    Function(
        "combinations(array(T), bigint) -> array(array(T))",
        lambda a: once(_combinations, a[0].sql, a[1].sql),
    ),
    Function(
        "shuffle(array(T)) -> array(T)",
        lambda a: once(_shuffled, a[0].sql),
    ),
    Function("contains(varchar, ipaddress) -> boolean", "athena_py_network_contains({0}, {1})"),
    Function("contains(array(T), T) -> boolean", "athena_contains({0}, {1})"),
    Function(
        "contains_sequence(array(T), array(T)) -> boolean",
        "list_bool_or(list_transform(range(len({0}) - len({1}) + 1), "
        "lambda i: {0}[i + 1:i + len({1})] = {1}))",
    ),
    Function("element_at(array(T), bigint) -> T", "athena_element_at({0}, {1})"),
    Function("filter(array(T), function(T, boolean)) -> array(T)", "list_filter({0}, {1})"),
    Function("flatten(array(array(T))) -> array(T)", "flatten({0})"),
    Function("ngrams(array(T), bigint) -> array(array(T))", "athena_ngrams({0}, {1})"),
    Function(
        "repeat(T, bigint) -> array(T)", "list_transform(range(athena_repetitions({1})), lambda i: {0})"
    ),
    Function("reverse(array(T)) -> array(T)", "list_reverse({0})"),
    Function("sequence(bigint, bigint) -> array(bigint)", "athena_sequence({0}, {1})"),
    Function("sequence(bigint, bigint, bigint) -> array(bigint)", "athena_sequence_by({0}, {1}, {2})"),
    Function(
        "sequence(date, date) -> array(date)",
        "athena_date_sequence({0}, {1}, CASE WHEN {0} <= {1} THEN 1 ELSE -1 END)",
    ),
    Function(
        "sequence(date, date, interval day to second) -> array(date)",
        "athena_date_sequence({0}, {1}, athena_interval_days({2}))",
    ),
    Function(
        "sequence(date, date, interval year to month) -> array(date)",
        "CAST(athena_month_sequence({0}, {1}, {2}) AS DATE[])",
    ),
    Function(
        "sequence(timestamp(p), timestamp(p), interval day to second) -> array(timestamp(p))",
        "athena_time_sequence({0}, {1}, {2})",
    ),
    Function(
        "sequence(timestamp(p), timestamp(p), interval year to month) -> array(timestamp(p))",
        "athena_month_sequence({0}, {1}, {2})",
    ),
    Function("slice(array(T), bigint, bigint) -> array(T)", "athena_slice({0}, {1}, {2})"),
    Function("trim_array(array(T), bigint) -> array(T)", "athena_trim_array({0}, {1})"),
    Function("transform(array(T), function(T, U)) -> array(U)", "list_transform({0}, {1})"),
    *(
        Function(
            f"zip({', '.join(f'array({letter})' for letter in letters)}) -> array(row({', '.join(letters)}))",
            "list_zip({args})",
            result=_zipped,
        )
        for letters in ("AB", "ABC", "ABCD", "ABCDE")
    ),
)
"""`reduce`, `zip_with`, `concat` and comparators are in `special`: they are more than a call."""
