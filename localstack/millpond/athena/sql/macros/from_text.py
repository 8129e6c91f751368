"""Texts as values: what Trino takes, and no more."""

from __future__ import annotations

MACROS = {
    "athena_try_integer(text, witness)": """
        CASE WHEN regexp_full_match(text, '[+-]?[0-9]+') THEN TRY(cast_to_type(text, witness)) END
    """,
    "athena_text_to_integer(text, witness, type_name)": """
        coalesce(
            athena_try_integer(text, witness),
            CASE WHEN text IS NOT NULL THEN cast_to_type(athena_bad_cast(text, type_name), witness) END
        )
    """,
    "athena_try_number(text, witness)": """
        CASE
            WHEN regexp_full_match(trim(text),
            '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?Infinity') THEN
            TRY(cast_to_type(trim(text), witness))
        END
    """,
    "athena_text_to_number(text, witness, type_name)": """
        coalesce(
            athena_try_number(text, witness),
            CASE WHEN text IS NOT NULL
            THEN cast_to_type(CAST(athena_bad_cast(text, type_name) AS VARCHAR), witness) END
        )
    """,
    # As many digits as tell it apart, rounded half up: DuckDB's own cast multiplies in floating point.
    "athena_fraction_to_decimal(x, bound, witness, source, target)": """
        coalesce(
            CASE WHEN abs(x) < bound THEN TRY(cast_to_type(CAST(x AS VARCHAR), witness)) END,
            CASE WHEN x IS NOT NULL THEN cast_to_type(athena_fail_text('INVALID_CAST_ARGUMENT',
                'Cannot cast ' || source || ' ''' || athena_java_text(x) || ''' to ' || target), witness) END
        )
    """,
    "athena_is_decimal(text)": """
        regexp_full_match(trim(text), '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')
    """,
    # DuckDB does not see that a text with an exponent has too many digits.
    "athena_try_decimal(text, bound, witness)": """
        CASE
            WHEN athena_is_decimal(text) AND (NOT contains(lower(text), 'e')
                OR abs(CAST(trim(text) AS DOUBLE)) < bound)
            THEN TRY(cast_to_type(trim(text), witness))
        END
    """,
    "athena_text_to_decimal(text, bound, witness, type_name)": """
        coalesce(
            athena_try_decimal(text, bound, witness),
            CASE WHEN text IS NOT NULL THEN cast_to_type(athena_fail_text('INVALID_CAST_ARGUMENT',
                'Cannot cast VARCHAR ''' || text || ''' to ' || type_name || CASE WHEN athena_is_decimal(text)
                THEN '. Value too large.' ELSE '. Value is not a number.' END), witness) END
        )
    """,
    "athena_try_boolean(text)": """
        CASE
            WHEN lower(text) IN ('true', 't', '1') THEN true
            WHEN lower(text) IN ('false', 'f', '0') THEN false
        END
    """,
    "athena_text_to_boolean(text)": """
        coalesce(
            athena_try_boolean(text),
            CASE WHEN text IS NOT NULL THEN CAST(athena_bad_cast(text, 'BOOLEAN') AS BOOLEAN) END
        )
    """,
    # DuckDB's own error has the bytes in it, which may be no text.
    "athena_uuid_text(bytes)": """
        CASE
            WHEN octet_length(bytes) = 16 THEN hex(bytes)
            WHEN bytes IS NOT NULL THEN athena_fail_text('INVALID_CAST_ARGUMENT',
                'Invalid UUID binary length: ' || octet_length(bytes))
        END
    """,
    "athena_bad_value(text, type_name)": """
        athena_fail_text('INVALID_CAST_ARGUMENT', 'Value cannot be cast to ' || type_name || ': ' ||
            text)
    """,
    "athena_try_date(text)": """
        CASE WHEN regexp_full_match(trim(text), '[+-]?[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}')
        THEN TRY(CAST(trim(text) AS DATE)) END
    """,
    "athena_text_to_date(text)": """
        coalesce(
            athena_try_date(text),
            CASE WHEN text IS NOT NULL THEN CAST(athena_bad_value(text, 'date') AS DATE) END
        )
    """,
    "athena_full_time(text)": """
        CASE
            WHEN regexp_full_match(text, '.* [0-9]{1,2}:[0-9]{1,2}') THEN text || ':00'
            ELSE text
        END
    """,
    # A zone may follow the time; Trino reads over it and keeps what the clock on the wall shows.
    "athena_wall_clock(text)": """
        athena_full_time(trim(regexp_extract(text, '^([0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2} [0-9:.]*)'
            '\\s*(UTC|GMT|Z|[A-Z][A-Za-z_]+/[A-Za-z_/+-]+|[+-][0-9]{1,2}(:?[0-9]{2})?)$', 1)))
    """,
    "athena_try_timestamp(text)": """
        coalesce(
            CASE WHEN regexp_full_match(trim(text), '[+-]?[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}'
                '( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{1,12})?)?)?')
            THEN TRY(CAST(athena_full_time(trim(text)) AS TIMESTAMP)) END,
            TRY(CAST(nullif(athena_wall_clock(trim(text)), '') AS TIMESTAMP))
        )
    """,
    "athena_text_to_timestamp(text)": """
        coalesce(
            athena_try_timestamp(text),
            CASE WHEN text IS NOT NULL THEN CAST(athena_bad_value(text, 'timestamp') AS TIMESTAMP) END
        )
    """,
    # DuckDB's own cast reads a text without a zone in the zone of the text before.
    "athena_try_zoned_timestamp(text)": """
        TRY(athena_instant(athena_try_timestamp(text), athena_text_zone(text)))
    """,
    "athena_text_to_zoned_timestamp(text)": """
        coalesce(
            athena_try_zoned_timestamp(text),
            CASE WHEN text IS NOT NULL
            THEN CAST(athena_bad_value(text, 'timestamp with time zone') AS TIMESTAMPTZ) END
        )
    """,
}
