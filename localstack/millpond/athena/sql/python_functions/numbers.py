"""Numbers: cumulative distributions, bases, percentiles with weights, indexes of combinations."""

from __future__ import annotations

import itertools
import math
import random
from decimal import ROUND_HALF_UP, Decimal, localcontext
from statistics import NormalDist

from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_UNITS = ("", "K", "M", "B", "T", "Q")


def format_number(value: float) -> str:
    """A number in three digits and a unit: `123K`."""
    number, unit = Decimal(repr(value)), 0
    while abs(number) >= 1000 and unit + 1 < len(_UNITS):
        number, unit = number / 1000, unit + 1
    places = 2 if abs(number) < 10 else 1 if abs(number) < 100 else 0
    text = f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + _UNITS[unit]


def from_base(text: str, radix: int) -> int:
    """A number written in another base."""
    _check_radix(radix)
    try:
        value = int(text, radix)
    except ValueError:
        raise FunctionFailure(f"Not a valid base-{radix} number: {text}") from None
    if not -(2**63) <= value < 2**63 or "_" in text or text != text.strip():
        raise FunctionFailure(f"Not a valid base-{radix} number: {text}")
    return value


def to_base(value: int, radix: int) -> str:
    """A number in another base."""
    _check_radix(radix)
    rest, digits = abs(value), ""
    while rest or not digits:
        rest, digit = divmod(rest, radix)
        digits = _DIGITS[digit] + digits
    return f"-{digits}" if value < 0 else digits


def _check_radix(radix: int) -> None:
    if not 2 <= radix <= 36:
        raise FunctionFailure("Radix must be between 2 and 36")


def normal_cdf(mean: float, deviation: float, value: float) -> float:
    """P(N < value) of a normal distribution."""
    if not deviation > 0:
        raise FunctionFailure("standardDeviation must be > 0")
    return 0.5 * (1 + math.erf((value - mean) / (deviation * math.sqrt(2))))


def inverse_normal_cdf(mean: float, deviation: float, probability: float) -> float:
    """Where a normal distribution reaches a probability."""
    if not 0 < probability < 1:
        raise FunctionFailure("p must be 0 > p > 1")
    if deviation <= 0:
        raise FunctionFailure("sd must be > 0")
    return NormalDist(mean, deviation).inv_cdf(probability)


def beta_cdf(a: float, b: float, value: float) -> float:
    """P(N < value) of a beta distribution: the regularised incomplete beta function."""
    _check_beta(a, b)
    if not 0 <= value <= 1:
        raise FunctionFailure("value must be 0 >= v >= 1")
    if value in (0, 1):
        return float(value)
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(logarithm + a * math.log(value) + b * math.log1p(-value))
    if value < (a + 1) / (a + b + 2):
        return front * _continued_fraction(a, b, value) / a
    return 1 - front * _continued_fraction(b, a, 1 - value) / b


def inverse_beta_cdf(a: float, b: float, probability: float) -> float:
    """Where a beta distribution reaches a probability."""
    _check_beta(a, b)
    if not 0 <= probability <= 1:
        raise FunctionFailure("p must be 0 >= p >= 1")
    if probability in (0, 1):
        return float(probability)
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_cdf(a, b, middle) < probability else (low, middle)
    return (low + high) / 2


def _check_beta(a: float, b: float) -> None:
    if a <= 0 or b <= 0:
        raise FunctionFailure("a, b must be > 0")


def _continued_fraction(a: float, b: float, x: float) -> float:
    """Lentz's evaluation of https://dlmf.nist.gov/8.17#E22."""
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    result = d
    for m in range(1, 1000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            c = 1 + numerator / c
            d = 1 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            result *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return result


def wilson_interval(successes: int, trials: int, z: float, side: int) -> float:
    """A bound of the Wilson score interval."""
    if successes < 0:
        raise FunctionFailure("number of successes must not be negative")
    if trials <= 0:
        raise FunctionFailure("number of trials must be positive")
    if successes > trials:
        raise FunctionFailure("number of successes must not be larger than number of trials")
    if z < 0:
        raise FunctionFailure("z-score must not be negative")
    p = successes / trials
    root = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return (p + z * z / (2 * trials) + side * root) / (1 + z * z / trials)


def combinations(count: int, size: int) -> list[list[int]]:
    """The places of each combination, from 1."""
    if size < 0:
        raise FunctionFailure(f"combination size must not be negative: {size}")
    if size > 5:
        raise FunctionFailure(f"combination size must not exceed 5: {size}")
    if math.comb(count, size) * size > 100_000:
        raise FunctionFailure("combinations exceed max size")
    # In Trino's order the last place changes last.
    return sorted(
        (list(places) for places in itertools.combinations(range(1, count + 1), size)),
        key=lambda places: places[::-1],
    )


def permutation(count: int) -> list[int]:
    """The places 1 to `count` in any order."""
    return random.sample(range(1, count + 1), count)


def weighted_percentile(values: list[float], weights: list[float], share: float) -> float | None:
    """The smallest value at which the weights up to it reach a share of all weights."""
    if not 0 <= share <= 1:
        raise FunctionFailure("Percentile must be between 0 and 1")
    if any(weight < 1 for weight in weights if weight is not None):
        raise FunctionFailure("percentile weight must be >= 1")
    pairs = sorted((v, w) for v, w in zip(values, weights, strict=True) if v is not None and w is not None)
    target, reached = share * sum(weight for _, weight in pairs), 0.0
    for value, weight in pairs:
        reached += weight
        if reached >= target:
            return value
    return None


def decimal_arithmetic(operator: str, left: str, right: str, scale: int) -> str:
    """A quotient, rounded half up, or a remainder of decimals, with as many digits as it takes."""
    with localcontext(prec=200):
        dividend, divisor = Decimal(left), Decimal(right)
        if divisor == 0:
            raise FunctionFailure("Division by zero", "DIVISION_BY_ZERO")
        if operator == "%":
            return f"{dividend % divisor:f}"
        quotient = (dividend / divisor).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
        if len(quotient.as_tuple().digits) > _LONGEST_DECIMAL:
            raise FunctionFailure("Decimal overflow", "NUMERIC_VALUE_OUT_OF_RANGE")
        return f"{quotient:f}"


_LONGEST_DECIMAL = 38
_THREE_DOUBLES = ("DOUBLE", "DOUBLE", "DOUBLE")

FUNCTIONS = (
    PythonFunction("athena_py_format_number", ("DOUBLE",), "VARCHAR", format_number),
    PythonFunction("athena_py_from_base", ("VARCHAR", "BIGINT"), "BIGINT", from_base),
    PythonFunction("athena_py_to_base", ("BIGINT", "BIGINT"), "VARCHAR", to_base),
    PythonFunction("athena_py_normal_cdf", _THREE_DOUBLES, "DOUBLE", normal_cdf),
    PythonFunction("athena_py_inverse_normal_cdf", _THREE_DOUBLES, "DOUBLE", inverse_normal_cdf),
    PythonFunction("athena_py_beta_cdf", _THREE_DOUBLES, "DOUBLE", beta_cdf),
    PythonFunction("athena_py_inverse_beta_cdf", _THREE_DOUBLES, "DOUBLE", inverse_beta_cdf),
    PythonFunction(
        "athena_py_wilson_interval", ("BIGINT", "BIGINT", "DOUBLE", "BIGINT"), "DOUBLE", wilson_interval
    ),
    PythonFunction(
        "athena_py_decimal", ("VARCHAR", "VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR", decimal_arithmetic
    ),
    PythonFunction("athena_py_combinations", ("BIGINT", "BIGINT"), "BIGINT[][]", combinations),
    PythonFunction("athena_py_permutation", ("BIGINT",), "BIGINT[]", permutation, volatile=True),
    PythonFunction(
        "athena_py_weighted_percentile", ("DOUBLE[]", "DOUBLE[]", "DOUBLE"), "DOUBLE", weighted_percentile
    ),
)
