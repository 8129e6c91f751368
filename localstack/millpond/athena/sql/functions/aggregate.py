"""Aggregate functions: https://trino.io/docs/401/functions/aggregate.html.

In a template `{distinct}` is DISTINCT, `{order}` is ORDER BY inside the call, `{suffix}` is FILTER
and OVER, `{sum}` is the sum of the argument with all of these. A conversion of the result stands around
all of it.
"""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function


def _aggregate(signature: str, sql: str) -> Function:
    return Function(signature, sql, kind="aggregate")


def _call(name: str, arguments: str = "{args}") -> str:
    return f"{name}({{distinct}}{arguments}{{order}}){{suffix}}"


def _nan_first(argument: str) -> str:
    """What sorts as a number does for Trino's `max`: what is no number comes first, not last."""
    key = f"{{{{'known': NOT isnan({argument}), 'value': {argument}}}}}"
    return f"CASE WHEN {argument} IS NOT NULL THEN {key} END"


def _entries(key: str, value: str) -> str:
    return f"list({{distinct}}{{{{'key': {key}, 'value': {value}}}}}{{order}}){{suffix}}"


_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_INTERVALS = ("interval day to second", "interval year to month")
_STATISTICS = {
    "stddev": "stddev_samp",
    "stddev_pop": "stddev_pop",
    "stddev_samp": "stddev_samp",
    "variance": "var_samp",
    "var_pop": "var_pop",
    "var_samp": "var_samp",
    "skewness": "skewness",
    "kurtosis": "kurtosis",
}
_TWO_VARIABLES = ("corr", "covar_pop", "covar_samp", "regr_intercept", "regr_slope", "regr_avgx", "regr_avgy",
                  "regr_count", "regr_r2", "regr_sxx", "regr_sxy", "regr_syy")  # fmt: skip

_CHECKED = (
    # a type, in which form its values are hashed, how to get it
    *((type_, "bigint", "CAST({0} AS BIGINT)") for type_ in (*_INTEGERS, "boolean")),
    ("date", "bigint", "CAST(date_diff('day', DATE '1970-01-01', {0}) AS BIGINT)"),
    ("timestamp(p)", "bigint", "epoch_us({0})"),
    ("double", "double", "{0}"),
    ("real", "real", "{0}"),
    ("varchar", "blob", "encode({0})"),
    ("varbinary", "blob", "{0}"),
)

FUNCTIONS = (
    _aggregate("count() -> bigint", "count(*){suffix}"),
    _aggregate("count(T) -> bigint", _call("count")),
    _aggregate("count_if(boolean) -> bigint", "count({distinct}CASE WHEN {0} THEN 1 END){suffix}"),
    *(_aggregate(f"sum({type_}) -> bigint", f"CAST({_call('sum')} AS BIGINT)") for type_ in _INTEGERS),
    _aggregate("sum(decimal(p,s)) -> decimal(38,s)", "CAST({sum} AS {type})"),
    _aggregate("sum(real) -> real", f"CAST({_call('sum')} AS FLOAT)"),
    _aggregate("sum(double) -> double", _call("sum")),
    *(_aggregate(f"sum({type_}) -> {type_}", _call("sum")) for type_ in _INTERVALS),
    *(_aggregate(f"avg({type_}) -> double", _call("avg")) for type_ in ("bigint", "double")),
    _aggregate("avg(real) -> real", f"CAST({_call('avg')} AS FLOAT)"),
    _aggregate(
        "avg(decimal(p,s)) -> decimal(p,s)",
        "{average}",
    ),
    _aggregate("min(T) -> T", _call("min")),
    *(
        # For DuckDB what is no number is the largest of all.
        _aggregate(
            f"max({type_}) -> {type_}",
            f"coalesce({_call('max', 'CASE WHEN NOT isnan({0}) THEN {0} END')}, {_call('max')})",
        )
        for type_ in ("double", "real")
    ),
    _aggregate("max(T) -> T", _call("max")),
    _aggregate("min(T, bigint) -> array(T)", _call("min")),
    *(
        _aggregate(
            f"max({type_}, bigint) -> array({type_})",
            "list_transform(" + _call("max", _nan_first("{0}") + ", {1}") + ", lambda x: x.value)",
        )
        for type_ in ("double", "real")
    ),
    _aggregate("max(T, bigint) -> array(T)", _call("max")),
    _aggregate("min_by(V, K) -> V", _call("arg_min_null")),
    _aggregate("min_by(V, K, bigint) -> array(V)", _call("arg_min")),
    *(
        _aggregate(f"max_by(V, {type_}{more}) -> {result}", _call(name, f"{{0}}, {key}{last}"))
        for more, result, name, last in (
            ("", "V", "arg_max_null", ""),
            (", bigint", "array(V)", "arg_max", ", {2}"),
        )
        for type_, key in (("double", _nan_first("{1}")), ("real", _nan_first("{1}")), ("K", "{1}"))
    ),
    _aggregate("arbitrary(T) -> T", _call("any_value")),
    _aggregate("any_value(T) -> T", _call("any_value")),
    _aggregate("array_agg(T) -> array(T)", _call("list")),
    _aggregate("bool_and(boolean) -> boolean", _call("bool_and")),
    _aggregate("bool_or(boolean) -> boolean", _call("bool_or")),
    _aggregate("every(boolean) -> boolean", _call("bool_and")),
    _aggregate("geometric_mean(double) -> double", _call("geometric_mean")),
    _aggregate("listagg(varchar, varchar) -> varchar", f"athena_listagg({_call('string_agg')})"),
    # Exact where Trino approximates: the exact answer is within Trino's error.
    _aggregate("approx_distinct(T) -> bigint", "count(DISTINCT {0}){suffix}"),
    _aggregate("approx_distinct(T, double) -> bigint", "count(DISTINCT {0}){suffix}"),
    *(
        _aggregate(
            f"approx_percentile({type_}, double) -> {type_}", "quantile_disc({distinct}{0}, {1}){suffix}"
        )
        for type_ in ("bigint", "double", "real")
    ),
    *(
        _aggregate(
            f"approx_percentile({type_}, array(double)) -> array({type_})",
            "quantile_disc({distinct}{0}, {1}){suffix}",
        )
        for type_ in ("bigint", "double", "real")
    ),
    *(
        _aggregate(
            f"approx_percentile({type_}, {weight}, double) -> {type_}",
            "CAST(athena_py_weighted_percentile(list(CAST({0} AS DOUBLE)){suffix}, "
            "list(CAST({1} AS DOUBLE)){suffix}, any_value({2}){suffix}) AS {type})",
        )
        for type_ in ("bigint", "double", "real")
        for weight in ("bigint", "double")
    ),
    *(
        _aggregate(
            f"approx_most_frequent(bigint, {type_}, bigint) -> map({type_}, bigint)",
            "athena_most_frequent(CAST(histogram({1}){suffix} AS {type}), any_value({0}){suffix})",
        )
        for type_ in ("bigint", "varchar")
    ),
    _aggregate("bitwise_and_agg(bigint) -> bigint", _call("bit_and")),
    _aggregate("bitwise_or_agg(bigint) -> bigint", _call("bit_or")),
    *(_aggregate(f"{name}(double) -> double", _call(sql)) for name, sql in _STATISTICS.items()),
    *(_aggregate(f"{name}(double, double) -> double", _call(name)) for name in _TWO_VARIABLES),
    *(
        _aggregate(
            f"numeric_histogram(bigint, double{more}) -> map(double, double)",
            "map_from_entries(athena_py_numeric_histogram("
            f"any_value({{0}}){{suffix}}, list({{1}}){{suffix}}, {weights}))",
        )
        for more, weights in (
            ("", "list(CAST(1 AS DOUBLE)){suffix}"),
            (", double", "list({2}){suffix}"),
        )
    ),
    *(
        _aggregate(f"checksum({type_}) -> varbinary", f"athena_py_checksum_{name}(list({value}){{suffix}})")
        for type_, name, value in _CHECKED
    ),
    _aggregate("entropy(double) -> double", "athena_entropy(list({0}){suffix})"),
    _aggregate("histogram(T) -> map(T, bigint)", "CAST(histogram({0}){suffix} AS {type})"),
    _aggregate(
        "map_agg(K, V) -> map(K, V)",
        "athena_map_agg(list({distinct}{{'key': {0}, 'value': {1}}}{order}){suffix})",
    ),
    _aggregate(
        "multimap_agg(K, V) -> map(K, array(V))",
        f"athena_multimap_agg({_entries('{0}', '{1}')})",
    ),
    _aggregate(
        "map_union(map(K, V)) -> map(K, V)",
        "athena_map_agg(flatten(list({distinct}map_entries({0}){order}){suffix}))",
    ),
)
