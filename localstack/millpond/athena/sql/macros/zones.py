"""Time zones by name or offset, where they differ from value to value: see `millpond.athena.sql.zones`."""

from __future__ import annotations

MACROS = {
    "athena_zone_minutes(zone)": """
        (CASE WHEN left(zone, 1) = '-' THEN -1 ELSE 1 END
            * (60 * CAST(substring(zone, 2, 2) AS INTEGER) + CAST(substring(zone, 5, 2) AS INTEGER)))
    """,
    "athena_local_time(instant, zone)": """
        CASE
            WHEN left(zone, 1) IN ('+', '-')
            THEN timezone('UTC', instant) + to_minutes(athena_zone_minutes(zone))
            ELSE timezone(zone, instant)
        END
    """,
    "athena_instant(clock, zone)": """
        CASE
            WHEN left(zone, 1) IN ('+', '-')
            THEN timezone('UTC', clock) - to_minutes(athena_zone_minutes(zone))
            ELSE timezone(zone, clock)
        END
    """,
    "athena_offset_name(sign, hours, minutes)": """
        CASE
            WHEN lpad(hours, 2, '0') || minutes IN ('00', '0000') THEN 'UTC'
            ELSE sign || lpad(hours, 2, '0') || ':' || rpad(minutes, 2, '0')
        END
    """,
    "athena_try_zone(name)": r"""
        CASE
            WHEN upper(name) IN ('', 'UTC', 'Z', 'GMT', 'UCT', 'ZULU') THEN 'UTC'
            WHEN regexp_full_match(name, '[+-]\d{1,2}(:?\d{2})?') THEN athena_offset_name(left(name, 1),
                regexp_extract(name, '^[+-](\d{1,2})(?::?(\d{2}))?$', 1),
                regexp_extract(name, '^[+-](\d{1,2})(?::?(\d{2}))?$', 2))
            WHEN regexp_full_match(name, '[A-Za-z][\w+-]*(/[\w+-]+)*') THEN name
        END
    """,
    "athena_normal_zone(name)": """
        CASE
            WHEN name IS NOT NULL AND athena_try_zone(name) IS NULL THEN athena_fail_text(
                'INVALID_FUNCTION_ARGUMENT', '''' || name || ''' is not a valid time zone')
            ELSE athena_try_zone(name)
        END
    """,
    "athena_iso_zone(text)": r"""
        athena_normal_zone(regexp_extract(text, 'T.*?(Z|[+-]\d{2}(?::?\d{2})?)$', 1))
    """,
    # What stands behind the date and the time.
    "athena_text_zone(text)": r"""
        athena_try_zone(regexp_extract(trim(text),
            '^[+-]?\d+-\d+-\d+(?: \d+:\d+(?::\d+(?:[.]\d+)?)?)?\s*(.*)$', 1))
    """,
}
