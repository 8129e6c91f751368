"""Conversion functions: https://trino.io/docs/401/functions/conversion.html; `format` is in `special`."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

FUNCTIONS = (
    *(
        Function(f"format_number({type_}) -> varchar", "athena_py_format_number({0})")
        for type_ in ("bigint", "double")
    ),
    Function(
        "parse_data_size(varchar) -> decimal(38,0)", "CAST(athena_py_parse_data_size({0}) AS DECIMAL(38, 0))"
    ),
)
