"""Arithmetic: division by zero, rounding away from zero, decimals without floating point."""

from __future__ import annotations

MACROS = {
    "athena_integer_quotient(a, b)": """
        CASE WHEN b = 0 THEN athena_fail('DIVISION_BY_ZERO', 'Division by zero') ELSE a // b END
    """,
    "athena_integer_remainder(a, b)": """
        CASE WHEN b = 0 THEN athena_fail('DIVISION_BY_ZERO', 'Division by zero') ELSE a % b END
    """,
    "athena_remainder(a, b)": """
        CASE
            WHEN b = 0 THEN CAST(athena_fail('DIVISION_BY_ZERO', 'Division by zero') AS VARCHAR)
            ELSE CAST(a % b AS VARCHAR)
        END
    """,
    # Half up, away from zero: q + 1 where twice the remainder reaches the divisor.
    "athena_half_up(a, b)": """
        (a // b + CASE WHEN abs(a % b) * 2 >= abs(b) THEN sign(a) * sign(b) ELSE 0 END)
    """,
    "athena_decimal_quotient(a, b, unit, witness)": """
        CASE
            WHEN b = 0 THEN cast_to_type(athena_fail_text('DIVISION_BY_ZERO', 'Division by zero'),
            witness)
            ELSE cast_to_type(CAST(athena_half_up(a, b) AS DECIMAL(38, 0)) * unit, witness)
        END
    """,
    "athena_small_decimal_quotient(x, y, x_power, shift, y_power, unit, witness)": """
        cast_to_type(CAST(CAST(round(round(CAST(x AS DOUBLE) * x_power) * shift /
            round(CAST(y AS DOUBLE) * y_power)) AS BIGINT) AS DECIMAL(18, 0)) * unit, witness)
    """,
    "athena_double_to_integer(x, witness)": """
        CASE
            WHEN isnan(x) OR isinf(x) THEN cast_to_type(athena_fail_text('INVALID_CAST_ARGUMENT',
            'Cannot cast ' || CAST(x AS VARCHAR) || ' to integer'), witness)
            ELSE cast_to_type(round(x), witness)
        END
    """,
    "athena_round_double(x, n)": "round(x, CAST(n AS INTEGER))",
    "athena_overflow(x)": "athena_fail('NUMERIC_VALUE_OUT_OF_RANGE', 'numerical overflow: ' || x)",
    "athena_round_to(x, power)": "(CAST(athena_half_up(CAST(x AS HUGEINT), power) AS HUGEINT) * power)",
    "athena_round_integer(x, n, largest)": """
        CASE
            WHEN n >= 0 THEN x
            WHEN n < -18 THEN CAST(athena_overflow(x) AS BIGINT)
            WHEN athena_round_to(x, CAST(pow(10, -n) AS HUGEINT)) NOT BETWEEN -1 - CAST(largest AS HUGEINT)
                AND largest THEN CAST(athena_overflow(x) AS BIGINT)
            ELSE CAST(athena_round_to(x, CAST(pow(10, -n) AS HUGEINT)) AS BIGINT)
        END
    """,
    "athena_sign(x)": "CASE WHEN isnan(x) THEN x ELSE sign(x) END",
    "athena_below(bound)": """
        CASE WHEN bound > 0 THEN floor(random() * bound)
        ELSE CAST(athena_bad_argument('bound must be positive') AS DOUBLE) END
    """,
    "athena_between(low, high)": """
        CASE WHEN low < high THEN low + floor(random() * (CAST(high AS HUGEINT) - low))
        ELSE CAST(athena_bad_argument('start value must be less than stop value') AS DOUBLE) END
    """,
    "athena_round_decimal(x, n)": "round(x, CAST(n AS INTEGER))",
    "athena_truncate_decimal(x, n)": "trunc(x, CAST(n AS INTEGER))",
    "athena_ln(x)": """
        CASE
            WHEN x > 0 OR isnan(x) THEN ln(x)
            WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE)
            WHEN x < 0 THEN CAST('NaN' AS DOUBLE)
        END
    """,
    "athena_log2(x)": """
        CASE
            WHEN x > 0 OR isnan(x) THEN log2(x)
            WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE)
            WHEN x < 0 THEN CAST('NaN' AS DOUBLE)
        END
    """,
    "athena_log10(x)": """
        CASE
            WHEN x > 0 OR isnan(x) THEN log10(x)
            WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE)
            WHEN x < 0 THEN CAST('NaN' AS DOUBLE)
        END
    """,
    "athena_sqrt(x)": "CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END",
    # DuckDB's is off by a bit for whole roots.
    "athena_cbrt(x)": "CASE WHEN pow(round(cbrt(x)), 3) = x THEN round(cbrt(x)) ELSE cbrt(x) END",
    # In kilometres, on a sphere of Trino's radius.
    "athena_great_circle_distance(lat1, lon1, lat2, lon2)": """
        6371.01e0 * atan2(
            sqrt(pow(cos(radians(lat2)) * sin(radians(lon1) - radians(lon2)), 2)
                + pow(cos(radians(lat1)) * sin(radians(lat2))
                    - sin(radians(lat1)) * cos(radians(lat2)) * cos(radians(lon1) - radians(lon2)), 2)),
            sin(radians(lat1)) * sin(radians(lat2))
                + cos(radians(lat1)) * cos(radians(lat2)) * cos(radians(lon1) - radians(lon2)))
    """,
    "athena_norm(m)": """
        CASE WHEN len(map_values(m)) = list_count(map_values(m))
        THEN sqrt(list_sum(list_transform(map_values(m), lambda v: v * v))) END
    """,
    "athena_cosine_similarity(a, b)": """
        list_sum(list_transform(map_keys(a), lambda k: map_extract_value(a, k)
            * coalesce(map_extract_value(b, k), 0)))
        / (athena_norm(a) * athena_norm(b))
    """,
    "athena_width_bucket(x, low, high, n)": """
        CAST(CASE
            WHEN n <= 0 THEN athena_bad_argument('bucketCount must be greater than 0')
            WHEN isnan(x) THEN athena_bad_argument('operand must not be NaN')
            WHEN NOT isfinite(low) THEN athena_bad_argument('first bound must be finite')
            WHEN NOT isfinite(high) THEN athena_bad_argument('second bound must be finite')
            WHEN low = high THEN athena_bad_argument('bounds cannot equal each other')
            WHEN low < high THEN CASE
            WHEN x < low THEN 0
            WHEN x >= high THEN n + 1
            ELSE floor((x - low) / (high - low) * n) + 1
        END
            ELSE CASE
            WHEN x > low THEN 0
            WHEN x <= high THEN n + 1
            ELSE floor((low - x) / (low - high) * n) + 1
        END
        END AS BIGINT)
    """,
    "athena_bin(x, bins)": """
        CASE
            WHEN len(bins) = 0 THEN CAST(athena_bad_argument('Bins cannot be an empty array') AS BIGINT)
            WHEN isnan(x) THEN CAST(athena_bad_argument('Operand cannot be NaN') AS BIGINT)
            WHEN NOT list_bool_and(list_transform(bins, lambda b: isfinite(b)))
            THEN CAST(athena_bad_argument('Bin value must be finite, got ' || athena_double_text(
                list_filter(bins, lambda b: NOT isfinite(b))[1])) AS BIGINT)
            WHEN bins <> list_sort(bins)
            THEN CAST(athena_bad_argument('Bin values are not sorted in ascending order') AS BIGINT)
            ELSE len(list_filter(bins, lambda b: b <= x))
        END
    """,
}
