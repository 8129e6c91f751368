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
    "athena_round_integer(x, n)": """
        CASE WHEN n >= 0 THEN x ELSE CAST(round(x, CAST(n AS INTEGER)) AS BIGINT) END
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
    "athena_cosine_similarity(a, b)": """
        list_sum(list_transform(map_keys(a), lambda k: map_extract_value(a, k)
            * coalesce(map_extract_value(b, k), 0)))
        / sqrt(list_sum(list_transform(map_values(a), lambda v: v * v)))
        / sqrt(list_sum(list_transform(map_values(b), lambda v: v * v)))
    """,
    "athena_width_bucket(x, low, high, n)": """
        CAST(CASE
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
}
