"""Set digest functions: https://trino.io/docs/401/functions/setdigest.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

FUNCTIONS = (
    *(
        Function(
            f"make_set_digest({type_}) -> setdigest",
            f"athena_py_set_digest_{type_}(list({{0}}){{suffix}})",
            "aggregate",
        )
        for type_ in ("bigint", "double", "varchar")
    ),
    Function(
        "merge_set_digest(setdigest) -> setdigest",
        "athena_py_merge_set_digest(list({0}){suffix})",
        "aggregate",
    ),
    Function("cardinality(setdigest) -> bigint", "athena_py_set_digest_cardinality({0})"),
    Function(
        "intersection_cardinality(setdigest, setdigest) -> bigint",
        "athena_py_intersection_cardinality({0}, {1})",
    ),
    Function("jaccard_index(setdigest, setdigest) -> double", "athena_py_jaccard_index({0}, {1})"),
    Function(
        "hash_counts(setdigest) -> map(bigint, smallint)",
        "CAST(map_from_entries(athena_py_hash_counts({0})) AS {type})",
    ),
)
