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
            WHEN bits NOT BETWEEN 2 AND 64 THEN athena_bad_argument(
                'Bits specified in bit_count must be between 2 and 64, got ' || bits)
            WHEN x NOT BETWEEN - (CAST(1 AS HUGEINT) << CAST(bits - 1 AS INTEGER))
                AND (CAST(1 AS HUGEINT) << CAST(bits - 1 AS INTEGER)) - 1
            THEN athena_bad_argument('Number must be representable with the bits specified. ' || x
                || ' cannot be represented with ' || bits || ' bits')
            WHEN x >= 0 THEN bit_count(x)
            ELSE bit_count(CAST(x AS HUGEINT) + (CAST(1 AS HUGEINT) << CAST(bits AS INTEGER)))
        END AS BIGINT)
    """,
    "athena_unsigned(x, bits)": """
        (CAST(x AS HUGEINT) + CASE WHEN x < 0 THEN CAST(1 AS HUGEINT) << CAST(bits AS INTEGER) ELSE 0 END)
    """,
    "athena_signed(x, bits)": """
        (x - CASE WHEN x >= CAST(1 AS HUGEINT) << CAST(bits - 1 AS INTEGER)
        THEN CAST(1 AS HUGEINT) << CAST(bits AS INTEGER) ELSE 0 END)
    """,
    "athena_shift_left(x, n, bits)": """
        CASE
            WHEN n >= bits THEN 0
            ELSE athena_signed((athena_unsigned(x, bits) % (CAST(1 AS HUGEINT) << CAST(bits - n AS INTEGER)))
                << CAST(n AS INTEGER), bits)
        END
    """,
    "athena_shift_right(x, n, bits)": """
        CASE WHEN n >= bits THEN 0
        ELSE athena_signed(athena_unsigned(x, bits) >> CAST(n AS INTEGER), bits) END
    """,
    "athena_shift_arithmetic(x, n, bits)": """
        CASE
            WHEN n < bits AND x >= 0 THEN CAST(x AS BIGINT) >> CAST(n AS INTEGER)
            WHEN n < bits THEN -((-1 - CAST(x AS BIGINT)) >> CAST(n AS INTEGER)) - 1
            WHEN x < 0 THEN -1
            ELSE 0
        END
    """,
    "athena_from_unixtime(seconds)": "make_timestamptz(CAST(round(seconds * 1000) AS BIGINT) * 1000)",
    # Joda's clock of twelve hours, where nothing says whether it is before noon.
    "athena_noon_is_midnight(moment)": """
        CASE WHEN date_part('hour', moment) = 12 THEN moment - INTERVAL 12 HOUR ELSE moment END
    """,
    "athena_from_1970_to_2069(moment)": """
        CASE WHEN date_part('year', moment) = 1969 THEN moment + INTERVAL 100 YEAR ELSE moment END
    """,
    "athena_whole_days(i, verb, preposition)": """
        CASE
            WHEN epoch_ms(i) % 86400000 <> 0 THEN CAST(athena_fail_text('INVALID_FUNCTION_ARGUMENT',
                'Cannot ' || verb || ' hour, minutes or seconds ' || preposition || ' a date') AS INTERVAL)
            ELSE i
        END
    """,
    "athena_with_microseconds(text)": r"""
        CASE
            WHEN regexp_matches(text, '[.,]\d{6}\d*[1-9]') THEN athena_fail_text('NOT_SUPPORTED',
                'timestamps with time zone have microseconds here: ' || text)
            ELSE text
        END
    """,
    "athena_from_iso8601_timestamp(text)": "CAST(text AS TIMESTAMPTZ)",
}
