"""Mathematical functions: https://trino.io/docs/401/functions/math.html."""

from __future__ import annotations

from collections.abc import Sequence

from millpond.athena.sql.functions.signature import Function
from millpond.athena.sql.types import SqlType, decimal

_INTEGERS = {"tinyint": 2**7 - 1, "smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
"""Each with its largest value."""
_NUMBERS = (*_INTEGERS, "real", "double", "decimal(p,s)")
_OF_DOUBLE = {
    "acos": "acos({0})",
    "asin": "asin({0})",
    "atan": "atan({0})",
    "cbrt": "athena_cbrt({0})",
    "cos": "cos({0})",
    "cosh": "cosh({0})",
    "degrees": "degrees({0})",
    "exp": "exp({0})",
    "ln": "athena_ln({0})",
    "log10": "athena_log10({0})",
    "log2": "athena_log2({0})",
    "radians": "radians({0})",
    "sin": "sin({0})",
    "sinh": "sinh({0})",
    "sqrt": "athena_sqrt({0})",
    "tan": "tan({0})",
    "tanh": "tanh({0})",
}


def _whole(types: Sequence[SqlType]) -> SqlType:
    """The decimal of `ceil`, `floor` and one-argument `round`: one digit more, unless it has no scale."""
    precision, scale = types[0].parameters
    return decimal(min(38, precision - scale + min(scale, 1)) or 1, 0)


def _rounded(types: Sequence[SqlType]) -> SqlType:
    """The decimal of `round(x, n)`: one digit more, same scale."""
    precision, scale = types[0].parameters
    return decimal(min(38, precision + 1), scale)


def _truncated(types: Sequence[SqlType]) -> SqlType:
    precision, scale = types[0].parameters or (1, 0)
    return decimal(max(precision - scale, 1), 0)


def _for_numbers(name: str, sql: str) -> tuple[Function, ...]:
    return tuple(Function(f"{name}({type_}) -> {type_}", sql) for type_ in _NUMBERS)


FUNCTIONS = (
    *_for_numbers("abs", "abs({0})"),
    *(
        Function(f"{name}({type_}) -> {type_}", sql, result=result)
        for name, whole in (
            ("ceil", "ceil({0})"),
            ("ceiling", "ceil({0})"),
            ("floor", "floor({0})"),
            ("round", "round({0})"),
        )
        for type_, sql, result in (
            *((integer, "{0}", None) for integer in _INTEGERS),
            ("real", whole, None),
            ("double", whole, None),
            ("decimal(p,s)", f"CAST({whole} AS {{type}})", _whole),
        )
    ),
    *(
        Function(
            f"round({type_}, integer) -> {type_}",
            f"CAST(athena_round_integer({{0}}, {{1}}, {largest}) AS {{type}})",
        )
        for type_, largest in _INTEGERS.items()
    ),
    Function("round(real, integer) -> real", "CAST(athena_round_double({0}, {1}) AS FLOAT)"),
    Function("round(double, integer) -> double", "athena_round_double({0}, {1})"),
    Function(
        "round(decimal(p,s), integer) -> decimal(p,s)",
        "CAST(athena_round_decimal({0}, {1}) AS {type})",
        result=_rounded,
    ),
    Function("truncate(real) -> real", "trunc({0})"),
    Function("truncate(double) -> double", "trunc({0})"),
    Function("truncate(decimal(p,s)) -> decimal(p,s)", "CAST(trunc({0}) AS {type})", result=_truncated),
    Function(
        "truncate(decimal(p,s), integer) -> decimal(p,s)", "CAST(athena_truncate_decimal({0}, {1}) AS {type})"
    ),
    *(Function(f"{name}(double) -> double", sql) for name, sql in _OF_DOUBLE.items()),
    *(Function(f"sign({type_}) -> {type_}", "CAST(sign({0}) AS {type})") for type_ in _INTEGERS),
    *(
        Function(f"sign({type_}) -> {type_}", "CAST(athena_sign({0}) AS {type})")
        for type_ in ("real", "double")
    ),
    Function("sign(decimal(p,s)) -> decimal(1,0)", "CAST(sign({0}) AS {type})"),
    Function("atan2(double, double) -> double", "atan2({0}, {1})"),
    Function(
        "cosine_similarity(map(varchar, double), map(varchar, double)) -> double",
        "athena_cosine_similarity({0}, {1})",
    ),
    Function("e() -> double", "exp(CAST(1 AS DOUBLE))"),
    Function("from_base(varchar, bigint) -> bigint", "athena_py_from_base({0}, {1})"),
    Function("to_base(bigint, bigint) -> varchar(64)", "athena_py_to_base({0}, {1})"),
    *(
        Function(f"{name}(double, double, double) -> double", f"athena_py_{name}({{0}}, {{1}}, {{2}})")
        for name in ("beta_cdf", "inverse_beta_cdf", "normal_cdf", "inverse_normal_cdf")
    ),
    *(
        Function(
            f"wilson_interval_{bound}(bigint, bigint, double) -> double",
            f"athena_py_wilson_interval({{0}}, {{1}}, {{2}}, {side})",
        )
        for bound, side in (("lower", -1), ("upper", 1))
    ),
    Function(
        "great_circle_distance(double, double, double, double) -> double",
        "athena_great_circle_distance({0}, {1}, {2}, {3})",
    ),
    Function("infinity() -> double", "CAST('Infinity' AS DOUBLE)"),
    Function("is_finite(double) -> boolean", "isfinite({0})"),
    Function("is_infinite(double) -> boolean", "isinf({0})"),
    Function("is_nan(double) -> boolean", "isnan({0})"),
    Function("is_nan(real) -> boolean", "isnan({0})"),
    Function("log(double, double) -> double", "(ln({1}) / ln({0}))"),
    *(
        Function(f"mod({type_}, {type_}) -> {type_}", "athena_integer_remainder({0}, {1})")
        for type_ in _INTEGERS
    ),
    Function("mod(decimal(p,s), decimal(p,s)) -> decimal(p,s)", "CAST(athena_remainder({0}, {1}) AS {type})"),
    Function("mod(real, real) -> real", "({0} % {1})"),
    Function("mod(double, double) -> double", "({0} % {1})"),
    Function("nan() -> double", "CAST('NaN' AS DOUBLE)"),
    Function("pi() -> double", "pi()"),
    Function("pow(double, double) -> double", "pow({0}, {1})"),
    Function("power(double, double) -> double", "pow({0}, {1})"),
    Function("rand() -> double", "random()"),
    Function("random() -> double", "random()"),
    *(
        Function(f"{name}({type_}) -> {type_}", "CAST(athena_below({0}) AS {type})")
        for name in ("rand", "random")
        for type_ in _INTEGERS
    ),
    *(
        Function(f"{name}({type_}, {type_}) -> {type_}", "CAST(athena_between({0}, {1}) AS {type})")
        for name in ("rand", "random")
        for type_ in _INTEGERS
    ),
    Function(
        "width_bucket(double, double, double, bigint) -> bigint", "athena_width_bucket({0}, {1}, {2}, {3})"
    ),
    Function("width_bucket(double, array(double)) -> bigint", "athena_bin({0}, {1})"),
)
