"""Comparisons: `=`, `<`, `IS DISTINCT FROM` and the others, as Trino compares and DuckDB does not.

For DuckDB what is no number equals itself and is larger than all numbers, and NULLs inside arrays, maps and
rows are values like others. For Trino no comparison with NaN is true but `<>`, and a NULL inside makes `=`
unknown unless something else differs, and `<` fail.

https://trino.io/docs/401/functions/comparison.html
"""

from __future__ import annotations

from dataclasses import replace

from millpond.athena.sql.binding import once
from millpond.athena.sql.coercion import common_type
from millpond.athena.sql.operators import cannot_apply
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import BOOLEAN, SKETCHES, SqlType
from millpond.athena.sql.value import Value, convert

_NAMED_BY = {
    # an operator, and the one by which Trino looks it up and which its errors name
    "<>": "=",
    "!=": "=",
    ">": "<",
    ">=": "<=",
    "IS NOT DISTINCT FROM": "IS DISTINCT FROM",
}
_ORDERED = ("<", "<=", ">", ">=")
_INCOMPARABLE = SKETCHES
_UNORDERED = ("map", "json", *SKETCHES)
NESTED = ("array", "map", "row")
"""Types whose values may have NULLs inside."""

FRACTIONS = ("real", "double")
"""Types that have a value which is no number."""


def compare(operator: str, left: Value, right: Value, position: Position) -> Value:
    """`left operator right` for `=`, `<`, `IS DISTINCT FROM` and the others."""
    type_ = common_type(left.type, right.type)
    refused = _UNORDERED if operator in _ORDERED else _INCOMPARABLE
    if type_ is None or _has(type_, refused):
        name = _NAMED_BY.get(operator, operator)
        raise cannot_apply(f"{left.type.trino} {name} {right.type.trino}", position)
    return Value(compared(operator, convert(left, type_), convert(right, type_)), BOOLEAN)


def compared(operator: str, left: Value, right: Value) -> str:
    """The SQL of a comparison of two values of one type."""
    if operator.endswith("DISTINCT FROM"):
        if left.type.name == "map":
            left, right = (replace(side, sql=f"list_sort(map_entries({side.sql}))") for side in (left, right))
        return f"({left.sql} {operator} {right.sql})"
    if left.type.name in FRACTIONS:
        return _fractions_compared(operator, left, right)
    if left.type.name not in NESTED:
        return f"({left.sql} {operator} {right.sql})"
    if operator in _ORDERED:
        return once(lambda a, b: _ordered(operator, a, b, left.type), left.sql, right.sql)
    equal = once(lambda a, b: equality(a, b, left.type), left.sql, right.sql)
    return equal if operator == "=" else f"(NOT {equal})"


def _fractions_compared(operator: str, left: Value, right: Value) -> str:
    """A comparison of numbers either of which may be no number."""
    plain = f"{left.sql} {operator} {right.sql}"
    both = _may_be_nan(left) and _may_be_nan(right)
    if operator in ("<>", "!="):
        return f"({plain} OR (isnan({left.sql}) AND isnan({right.sql})))" if both else f"({plain})"
    if operator == "=":
        return f"({plain} AND NOT isnan({left.sql}))" if both else f"({plain})"
    # What DuckDB takes for larger than any number.
    larger = right if operator in ("<", "<=") else left
    return f"({plain} AND NOT isnan({larger.sql}))" if _may_be_nan(larger) else f"({plain})"


def _may_be_nan(value: Value) -> bool:
    return value.literal is None or value.literal.strip().lower() == "nan"


def equality(left: str, right: str, type_: SqlType, depth: int = 0) -> str:
    """`left = right` of two expressions of one type, true, false or NULL; both are repeated."""
    if type_.name == "row":
        pairs = [
            (f"struct_extract_at({left}, {i})", f"struct_extract_at({right}, {i})", field.type)
            for i, field in enumerate(type_.fields, 1)
        ]
        return f"({' AND '.join(equality(a, b, item, depth) for a, b, item in pairs)})"
    name = f"e{depth}"
    if type_.name == "array":
        element = equality(f"{name}[1]", f"{name}[2]", type_.elements[0], depth + 1)
        elements = f"list_transform(list_zip({left}, {right}), lambda {name}: {element})"
        return f"athena_all_equal({left}, {right}, {elements})"
    if type_.name == "map":
        value = equality(
            f"{name}.value", f"map_extract_value({right}, {name}.key)", type_.elements[1], depth + 1
        )
        found = f"CASE WHEN map_contains({right}, {name}.key) THEN {value} ELSE false END"
        entries = f"list_transform(map_entries({left}), lambda {name}: {found})"
        return f"athena_all_equal(map_keys({left}), map_keys({right}), {entries})"
    return compared("=", Value(left, type_), Value(right, type_))


def _ordered(operator: str, left: str, right: str, type_: SqlType) -> str:
    """`<` and its like of arrays and rows, which are decided by the first elements that differ."""
    sql = f"{left} {operator} {right}"
    if type_.name == "row":
        found = ", ".join(
            equality(f"struct_extract_at({left}, {i})", f"struct_extract_at({right}, {i})", field.type)
            for i, field in enumerate(type_.fields, 1)
        )
        return _decided(f"[{found}]", "ROW comparison not supported for fields with null elements", sql)
    element = equality("e[1]", "e[2]", type_.elements[0], 1)
    pairs = f"list_zip({left}[1:len({right})], {right}[1:len({left})])"
    found = f"list_transform({pairs}, lambda e: {element})"
    return _decided(found, "ARRAY comparison not supported for arrays with null elements", sql)


def _decided(found: str, reason: str, sql: str) -> str:
    return f"(CASE WHEN athena_decided({found}, '{reason}') THEN {sql} END)"


def _has(type_: SqlType, names: tuple[str, ...]) -> bool:
    """Whether one of these types is in a type."""
    return type_.name in names or any(
        _has(part, names) for part in (*type_.elements, *(field.type for field in type_.fields))
    )
