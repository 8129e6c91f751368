"""Bitwise functions: https://trino.io/docs/401/functions/bitwise.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

FUNCTIONS = (
    Function("bit_count(bigint, bigint) -> bigint", "athena_bit_count({0}, {1})"),
    Function("bitwise_and(bigint, bigint) -> bigint", "({0} & {1})"),
    Function("bitwise_not(bigint) -> bigint", "(~{0})"),
    Function("bitwise_or(bigint, bigint) -> bigint", "({0} | {1})"),
    Function("bitwise_xor(bigint, bigint) -> bigint", "xor({0}, {1})"),
    *(
        Function(f"{name}({type_}, bigint) -> {type_}", f"CAST({macro}({{0}}, {{1}}, {bits}) AS {{type}})")
        for type_, bits in (("tinyint", 8), ("smallint", 16), ("integer", 32), ("bigint", 64))
        for name, macro in (
            ("bitwise_left_shift", "athena_shift_left"),
            ("bitwise_right_shift", "athena_shift_right"),
            ("bitwise_right_shift_arithmetic", "athena_shift_arithmetic"),
        )
    ),
)
