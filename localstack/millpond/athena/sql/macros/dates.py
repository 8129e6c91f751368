"""Dates and times, and bits."""

from __future__ import annotations

MACROS = {
    "athena_offset_text(minutes)": """
        CASE
            WHEN minutes < 0 THEN '-'
            ELSE '+'
        END || lpad(CAST(abs(minutes) // 60 AS VARCHAR), 2, '0') || ':' || lpad(CAST(abs(minutes) % 60
            AS VARCHAR), 2, '0')
    """,
    "athena_bit_count(x, bits)": """
        CAST(CASE
            WHEN x >= 0 THEN bit_count(x)
            ELSE bit_count(CAST(x AS HUGEINT) + (CAST(1 AS HUGEINT) << CAST(bits AS INTEGER)))
        END AS BIGINT)
    """,
    "athena_from_unixtime(seconds)": "make_timestamptz(CAST(round(seconds * 1000) AS BIGINT) * 1000)",
    "athena_from_iso8601_date(text)": "CAST(text AS DATE)",
    "athena_from_iso8601_timestamp(text)": "CAST(text AS TIMESTAMPTZ)",
}
