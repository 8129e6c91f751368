"""HyperLogLog functions: https://trino.io/docs/401/functions/hyperloglog.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

_HASHED = {"bigint": "bigint", "double": "double", "varchar": "varchar", "varbinary": "blob"}

FUNCTIONS = (
    *(
        Function(
            f"approx_set({type_}) -> hyperloglog",
            f"athena_py_approx_set_{name}(list({{0}}){{suffix}})",
            "aggregate",
        )
        for type_, name in _HASHED.items()
    ),
    Function(
        "merge(hyperloglog) -> hyperloglog", "athena_py_merge_hyperloglog(list({0}){suffix})", "aggregate"
    ),
    Function("cardinality(hyperloglog) -> bigint", "athena_py_hyperloglog_cardinality({0})"),
    Function("empty_approx_set() -> hyperloglog", "unhex('020C0000')"),
)
