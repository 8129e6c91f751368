"""Quantile digest functions: https://trino.io/docs/401/functions/qdigest.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

_TYPES = {"bigint": "bigint", "double": "double", "real": "double"}
_ACCURACY = "CAST(0.01 AS DOUBLE)"
_WEIGHTED = (
    # parameters behind the value, weights, accuracy
    ("", "list(CAST(1 AS DOUBLE)){suffix}", _ACCURACY),
    (", bigint", "list(CAST({1} AS DOUBLE)){suffix}", _ACCURACY),
    (", bigint, double", "list(CAST({1} AS DOUBLE)){suffix}", "any_value({2}){suffix}"),
)

FUNCTIONS = (
    *(
        Function(
            f"qdigest_agg({type_}{more}) -> qdigest({type_})",
            f"athena_py_qdigest_{name}(list({{0}}){{suffix}}, {weights}, {accuracy})",
            "aggregate",
        )
        for type_, name in _TYPES.items()
        for more, weights, accuracy in _WEIGHTED
    ),
    Function("merge(qdigest(T)) -> qdigest(T)", "athena_py_merge_qdigest(list({0}){suffix})", "aggregate"),
    *(
        Function(
            signature.format(type_), f"CAST(athena_py_qdigest_{python}_{name}({{0}}, {{1}}) AS {{type}})"
        )
        for type_, name in _TYPES.items()
        for signature, python in (
            ("value_at_quantile(qdigest({0}), double) -> {0}", "value"),
            ("values_at_quantiles(qdigest({0}), array(double)) -> array({0})", "values"),
            ("quantile_at_value(qdigest({0}), {0}) -> double", "quantile"),
        )
    ),
    Function("scale_qdigest(qdigest(T), double) -> qdigest(T)", "athena_py_scale_qdigest({0}, {1})"),
)
