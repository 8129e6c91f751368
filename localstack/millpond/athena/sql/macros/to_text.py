"""Values as texts: `1.5E0`, `2 03:00:00.000`."""

from __future__ import annotations

MACROS = {
    "athena_scientific_parts(digits, whole, exponent)": """
        CASE
            WHEN ltrim(digits, '0') = '' THEN '0.0E0'
            ELSE left(ltrim(digits, '0'), 1) || '.' || coalesce(nullif(rtrim(substring(ltrim(digits,
            '0'), 2), '0'), ''), '0') || 'E' || CAST(exponent + whole - 1 - (len(digits) -
            len(ltrim(digits, '0'))) AS VARCHAR)
        END
    """,
    # s is what DuckDB writes for abs(x): `123.45`, `1e-07`, `1.5e+20`.
    "athena_scientific(s)": """
        athena_scientific_parts(replace(split_part(s, 'e', 1), '.', ''), len(split_part(split_part(s,
            'e', 1), '.', 1)), coalesce(TRY_CAST(split_part(s, 'e', 2) AS INTEGER), 0))
    """,
    "athena_double_text(x)": """
        CASE
            WHEN isnan(x) THEN 'NaN'
            WHEN isinf(x) THEN CASE
            WHEN x > 0 THEN 'Infinity'
            ELSE '-Infinity'
        END
            ELSE CASE
            WHEN x < 0 THEN '-'
            ELSE ''
        END || athena_scientific(CAST(abs(x) AS VARCHAR))
        END
    """,
    "athena_real_text(x)": "athena_double_text(x)",
    # Java's `toString`, which JSON has.
    "athena_java_text(x)": """
        CASE
            WHEN x = 0 OR abs(x) >= 1e-3 AND abs(x) < 1e7 THEN CAST(x AS VARCHAR)
            ELSE athena_double_text(x)
        END
    """,
    "athena_fit_text(text, size, type_name)": """
        CASE
            WHEN len(text) <= size THEN text
            WHEN text IS NOT NULL THEN athena_fail_text('INVALID_CAST_ARGUMENT', 'Value ' || text ||
            ' cannot be represented as ' || type_name)
        END
    """,
    "athena_stored_text(text, size, reason)": """
        CASE
            WHEN len(rtrim(text, ' ')) <= size THEN left(text, size)
            WHEN text IS NOT NULL THEN athena_fail_text('INVALID_CAST_ARGUMENT', reason)
        END
    """,
    "athena_day_interval_text(i)": """
        CASE
            WHEN epoch_ms(i) < 0 THEN '-'
            ELSE ''
        END || CAST(abs(epoch_ms(i)) // 86400000 AS VARCHAR) || ' ' ||
            strftime(make_timestamp((abs(epoch_ms(i)) % 86400000) * 1000), '%H:%M:%S.%g')
    """,
    "athena_months(i)": "(date_part('year', i) * 12 + date_part('month', i))",
    "athena_month_interval_text(i)": """
        CASE
            WHEN athena_months(i) < 0 THEN '-'
            ELSE ''
        END || CAST(abs(athena_months(i)) // 12 AS VARCHAR) || '-' || CAST(abs(athena_months(i)) % 12
            AS VARCHAR)
    """,
    "athena_interval_day(i)": "(epoch_ms(i) // 86400000)",
    "athena_interval_hour(i)": "((epoch_ms(i) // 3600000) % 24)",
    "athena_interval_minute(i)": "((epoch_ms(i) // 60000) % 60)",
    "athena_interval_second(i)": "((epoch_ms(i) // 1000) % 60)",
    "athena_interval_millisecond(i)": "(epoch_ms(i) % 1000)",
}
