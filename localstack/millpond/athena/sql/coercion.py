"""Which type becomes which without being asked: Trino's implicit coercions.

https://trino.io/docs/401/language/types.html; the rules are those of Trino's `TypeCoercion`.
"""

from __future__ import annotations

from millpond.athena.sql.types import RowField, SqlType, array, decimal, map_of

_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double")
LONGEST_CHAR = 65536
"""How many characters a `char` has at most."""

_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_WIDER_TEMPORAL = {
    "date": ("timestamp", "timestamp with time zone"),
    "timestamp": ("timestamp with time zone",),
    "time": ("time with time zone",),
}


def char_length(type_: SqlType) -> int:
    """How many characters a value has that becomes a `char`: a varchar without a bound may have the most."""
    if type_.name == "unknown":
        return 0
    return type_.parameters[0] if type_.parameters else LONGEST_CHAR


def is_integer(type_: SqlType) -> bool:
    """Whether it is one of the integer types."""
    return type_.name in _DIGITS


def is_number(type_: SqlType) -> bool:
    """Whether it is a type of numbers."""
    return type_.name in _NUMBERS


def as_decimal(type_: SqlType) -> SqlType:
    """The decimal that holds all values of an integer type; a decimal is itself."""
    return decimal(_DIGITS[type_.name], 0) if type_.name in _DIGITS else type_


def common_type(left: SqlType, right: SqlType) -> SqlType | None:
    """The type that both become where one type is needed (UNION, CASE, `=`), or None."""
    if left == right:
        return left
    if left.name == "unknown":
        return right
    if right.name == "unknown":
        return left
    if left.name == right.name:
        return _same_base(left, right)
    if is_number(left) and is_number(right):
        return _common_number(left, right)
    for narrow, wide in ((left, right), (right, left)):
        if wide.name in _WIDER_TEMPORAL.get(narrow.name, ()):
            precision = max(narrow.parameters + wide.parameters, default=None)
            return SqlType(wide.name, () if precision is None else (precision,))
        if narrow.name == "varchar" and wide.name == "char":
            return SqlType("char", (max(*wide.parameters, min(char_length(narrow), LONGEST_CHAR)),))
    return None


def can_coerce(source: SqlType, target: SqlType) -> bool:
    """Whether a value of one type becomes the other without a CAST."""
    if target.name == "varchar" and not target.parameters and source.name == "varchar":
        return True
    common = common_type(source, target)
    if common is None:
        return False
    # Precision does not stand in the way of a temporal value: a literal has as many digits as written.
    return common == target or (common.name == target.name and common.name.startswith(("time", "timestamp")))


def _same_base(left: SqlType, right: SqlType) -> SqlType | None:
    if left.name == "varchar":
        return _longer_text(left, right)
    if left.name == "char":
        return SqlType("char", (max(left.parameters[0], right.parameters[0]),))
    if left.name == "decimal":
        return _common_decimal(left, right)
    if left.name == "array":
        element = common_type(left.elements[0], right.elements[0])
        return array(element) if element else None
    if left.name == "map":
        key = common_type(left.elements[0], right.elements[0])
        value = common_type(left.elements[1], right.elements[1])
        return map_of(key, value) if key and value else None
    if left.name == "row":
        return _common_row(left, right)
    return SqlType(left.name, max(left.parameters, right.parameters))


def _longer_text(left: SqlType, right: SqlType) -> SqlType:
    if not left.parameters or not right.parameters:
        return SqlType("varchar")
    return SqlType("varchar", (max(left.parameters[0], right.parameters[0]),))


def _common_number(left: SqlType, right: SqlType) -> SqlType:
    if "decimal" in (left.name, right.name) and not {"real", "double"} & {left.name, right.name}:
        return _common_decimal(as_decimal(left), as_decimal(right))
    return max(left, right, key=lambda type_: _NUMBERS.index(type_.name))


def _common_decimal(left: SqlType, right: SqlType) -> SqlType:
    (p1, s1), (p2, s2) = left.parameters, right.parameters
    scale = max(s1, s2)
    return decimal(min(38, max(p1 - s1, p2 - s2) + scale), scale)


def _common_row(left: SqlType, right: SqlType) -> SqlType | None:
    if len(left.fields) != len(right.fields):
        return None
    fields = []
    for a, b in zip(left.fields, right.fields, strict=True):
        type_ = common_type(a.type, b.type)
        if type_ is None:
            return None
        same_name = a.name is not None and b.name is not None and a.name.lower() == b.name.lower()
        fields.append(RowField(a.name if same_name else None, type_))
    return SqlType("row", fields=tuple(fields))
