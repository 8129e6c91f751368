"""Window functions: https://trino.io/docs/401/functions/window.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function


def _window(signature: str, sql: str) -> Function:
    return Function(signature, sql, kind="window")


FUNCTIONS = (
    _window("row_number() -> bigint", "row_number(){suffix}"),
    _window("rank() -> bigint", "rank(){suffix}"),
    _window("dense_rank() -> bigint", "dense_rank(){suffix}"),
    _window("percent_rank() -> double", "percent_rank(){suffix}"),
    _window("cume_dist() -> double", "cume_dist(){suffix}"),
    _window("ntile(bigint) -> bigint", "ntile({0}){suffix}"),
    _window("first_value(T) -> T", "first_value({0}{nulls}){suffix}"),
    _window("last_value(T) -> T", "last_value({0}{nulls}){suffix}"),
    _window("nth_value(T, bigint) -> T", "nth_value({0}, {1}{nulls}){suffix}"),
    _window("lag(T) -> T", "lag({0}{nulls}){suffix}"),
    _window("lag(T, bigint) -> T", "lag({0}, {1}{nulls}){suffix}"),
    _window("lag(T, bigint, T) -> T", "lag({0}, {1}, {2}{nulls}){suffix}"),
    _window("lead(T) -> T", "lead({0}{nulls}){suffix}"),
    _window("lead(T, bigint) -> T", "lead({0}, {1}{nulls}){suffix}"),
    _window("lead(T, bigint, T) -> T", "lead({0}, {1}, {2}{nulls}){suffix}"),
)
