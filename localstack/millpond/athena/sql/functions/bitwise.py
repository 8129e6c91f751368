"""Bitwise functions: https://trino.io/docs/401/functions/bitwise.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

FUNCTIONS = (
    Function("bit_count(bigint, bigint) -> bigint", "athena_bit_count({0}, {1})"),
    Function("bitwise_and(bigint, bigint) -> bigint", "({0} & {1})"),
    Function("bitwise_not(bigint) -> bigint", "(~{0})"),
    Function("bitwise_or(bigint, bigint) -> bigint", "({0} | {1})"),
    Function("bitwise_xor(bigint, bigint) -> bigint", "xor({0}, {1})"),
    Function(
        "bitwise_left_shift(bigint, bigint) -> bigint",
        "CAST((({0} & ((CAST(1 AS HUGEINT) << (64 - CAST({1} AS INTEGER))) - 1)) "
        "<< CAST({1} AS INTEGER)) AS BIGINT)",
    ),
    Function("bitwise_right_shift_arithmetic(bigint, bigint) -> bigint", "({0} >> CAST({1} AS INTEGER))"),
)
