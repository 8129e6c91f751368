"""What INSERT, UPDATE and MERGE may store in which column, and how a value becomes the column's.

Trino asks for less than an implicit coercion: it is enough that both types have one in common, such as
a bigint for an integer column. A guarded cast then stores what fits and refuses what does not.
"""

from __future__ import annotations

from collections.abc import Sequence

from millpond.athena.sql.casts import cast
from millpond.athena.sql.coercion import can_coerce, common_type
from millpond.athena.sql.exceptions import TypeMismatch
from millpond.athena.sql.quoting import quote_text
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import SqlType
from millpond.athena.sql.value import Value, convert


def check_assignable(
    message: str, expected: Sequence[SqlType], given: Sequence[SqlType], position: Position
) -> None:
    """Refuse values whose types do not fit their columns'; `message` has a place for each list.

    Raises:
        TypeMismatch: A value's type does not fit.
    """
    if all(is_assignable(a, b) for a, b in zip(given, expected, strict=True)):
        return
    lists = (", ".join(type_.trino for type_ in types) for types in (expected, given))
    raise TypeMismatch.at(position, message.format(*lists))


def is_assignable(source: SqlType, target: SqlType) -> bool:
    """Whether a value of one type may be stored in a column of the other."""
    if source.name == "unknown" or can_coerce(source, target):
        return True
    # Trino has no guarded cast for texts inside of arrays, maps and rows.
    return common_type(source, target) is not None and not _has_bounded_text(target)


def assigned(value: Value, target: SqlType, position: Position) -> Value:
    """A value as a column's type; it fails as it runs where the value does not fit."""
    if value.sql == "NULL":
        return Value(f"CAST(NULL AS {target.duckdb})", target)
    if can_coerce(value.type, target):
        return convert(value, target)
    if _is_text(value.type) and _is_text(target):
        reason = (
            f"Cannot truncate non-space characters when casting from {value.type.trino} "
            f"to {target.trino} on INSERT"
        )
        sql = f"athena_stored_text({value.sql}, {target.parameters[0]}, {quote_text(reason)})"
        return Value(sql, target)
    return cast(value, target, False, position)


def _is_text(type_: SqlType) -> bool:
    return type_.name in ("varchar", "char")


def _has_bounded_text(type_: SqlType) -> bool:
    parts = (*type_.elements, *(field.type for field in type_.fields))
    return any((_is_text(part) and bool(part.parameters)) or _has_bounded_text(part) for part in parts)
