"""T-digest functions: https://trino.io/docs/401/functions/tdigest.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

FUNCTIONS = (
    Function(
        "tdigest_agg(double) -> tdigest",
        "athena_py_tdigest(list({0}){suffix}, list(CAST(1 AS DOUBLE)){suffix})",
        "aggregate",
    ),
    Function(
        "tdigest_agg(double, double) -> tdigest",
        "athena_py_tdigest(list({0}){suffix}, list({1}){suffix})",
        "aggregate",
    ),
    Function("merge(tdigest) -> tdigest", "athena_py_merge_tdigest(list({0}){suffix})", "aggregate"),
    Function("value_at_quantile(tdigest, double) -> double", "athena_py_tdigest_value({0}, {1})"),
    Function(
        "values_at_quantiles(tdigest, array(double)) -> array(double)", "athena_py_tdigest_values({0}, {1})"
    ),
)
