"""The runtime library: macros in DuckDB for what Trino does otherwise.

Each macro has a name that begins with `athena_`, so none hides a function of DuckDB's. Errors are
raised by a cast that fails (`athena_fail`): DuckDB's own `error()` cannot stand inside TRY. They are
put into Athena's words by `runtime_errors`.
"""

from __future__ import annotations

import duckdb

_ERRORS = {
    "athena_fail(code, message)": "CAST('athena!' || code || '!' || message AS INTEGER)",
    "athena_fail_text(code, message)": "CAST(athena_fail(code, message) AS VARCHAR)",
    "athena_bad_cast(value, type_name)": (
        "athena_fail('INVALID_CAST_ARGUMENT', 'Cannot cast ''' || value || ''' to ' || type_name)"
    ),
    "athena_bad_argument(message)": "athena_fail('INVALID_FUNCTION_ARGUMENT', message)",
}

_NUMBERS = {
    "athena_integer_quotient(a, b)": (
        "CASE WHEN b = 0 THEN athena_fail('DIVISION_BY_ZERO', 'Division by zero') ELSE a // b END"
    ),
    "athena_integer_remainder(a, b)": (
        "CASE WHEN b = 0 THEN athena_fail('DIVISION_BY_ZERO', 'Division by zero') ELSE a % b END"
    ),
    "athena_remainder(a, b)": (
        "CASE WHEN b = 0 THEN CAST(athena_fail('DIVISION_BY_ZERO', 'Division by zero') AS VARCHAR) "
        "ELSE CAST(a % b AS VARCHAR) END"
    ),
    # Half up, away from zero: q + 1 where twice the remainder reaches the divisor.
    "athena_half_up(a, b)": (
        "(a // b + CASE WHEN abs(a % b) * 2 >= abs(b) THEN CASE WHEN (a < 0) = (b < 0) THEN 1 ELSE -1 END ELSE 0 END)"
    ),
    "athena_decimal_quotient(a, b, unit, witness)": (
        "CASE WHEN b = 0 THEN cast_to_type(athena_fail_text('DIVISION_BY_ZERO', 'Division by zero'), witness) "
        "ELSE cast_to_type(CAST(athena_half_up(a, b) AS DECIMAL(38, 0)) * unit, witness) END"
    ),
    "athena_double_to_integer(x, witness)": (
        "CASE WHEN isnan(x) OR isinf(x) THEN cast_to_type(athena_fail_text('INVALID_CAST_ARGUMENT', "
        "'Cannot cast ' || CAST(x AS VARCHAR) || ' to integer'), witness) ELSE cast_to_type(round(x), witness) END"
    ),
    "athena_round_double(x, n)": "round(x, CAST(n AS INTEGER))",
    "athena_round_integer(x, n)": "CASE WHEN n >= 0 THEN x ELSE CAST(round(x, CAST(n AS INTEGER)) AS BIGINT) END",
    "athena_round_decimal(x, n)": "round(x, CAST(n AS INTEGER))",
    "athena_truncate_decimal(x, n)": "trunc(x, CAST(n AS INTEGER))",
    "athena_ln(x)": "CASE WHEN x > 0 OR isnan(x) THEN ln(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN x < 0 THEN CAST('NaN' AS DOUBLE) END",
    "athena_log2(x)": "CASE WHEN x > 0 OR isnan(x) THEN log2(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN x < 0 THEN CAST('NaN' AS DOUBLE) END",
    "athena_log10(x)": "CASE WHEN x > 0 OR isnan(x) THEN log10(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN x < 0 THEN CAST('NaN' AS DOUBLE) END",
    "athena_sqrt(x)": "CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END",
    "athena_from_base(text, radix)": (
        "list_reduce(list_prepend(CAST(0 AS BIGINT), list_transform(string_split(lower(text), ''), "
        "lambda c: CAST(strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1 AS BIGINT))), lambda a, c: a * radix + c)"
    ),
    "athena_to_base(x, radix)": "lower(to_base(x, CAST(radix AS INTEGER)))",
    "athena_width_bucket(x, low, high, n)": (
        "CAST(CASE WHEN low < high THEN CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 "
        "ELSE floor((x - low) / (high - low) * n) + 1 END "
        "ELSE CASE WHEN x > low THEN 0 WHEN x <= high THEN n + 1 ELSE floor((low - x) / (low - high) * n) + 1 END END AS BIGINT)"
    ),
}

_SCIENTIFIC = (
    # s: what DuckDB writes for abs(x): `123.45`, `1e-07`, `1.5e+20`
    "athena_scientific(s)",
    "athena_scientific_parts(replace(split_part(s, 'e', 1), '.', ''), "
    "len(split_part(split_part(s, 'e', 1), '.', 1)), coalesce(TRY_CAST(split_part(s, 'e', 2) AS INTEGER), 0))",
)

_TEXTS_OF_NUMBERS = {
    "athena_scientific_parts(digits, whole, exponent)": (
        "CASE WHEN ltrim(digits, '0') = '' THEN '0.0E0' ELSE "
        "left(ltrim(digits, '0'), 1) || '.' || coalesce(nullif(rtrim(substring(ltrim(digits, '0'), 2), '0'), ''), '0') || 'E' || "
        "CAST(exponent + whole - 1 - (len(digits) - len(ltrim(digits, '0'))) AS VARCHAR) END"
    ),
    _SCIENTIFIC[0]: _SCIENTIFIC[1],
    "athena_double_text(x)": (
        "CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END "
        "ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || athena_scientific(CAST(abs(x) AS VARCHAR)) END"
    ),
    "athena_real_text(x)": "athena_double_text(x)",
    "athena_fit_text(text, size, type_name)": (
        "CASE WHEN len(text) <= size THEN text WHEN text IS NOT NULL THEN athena_fail_text('INVALID_CAST_ARGUMENT', "
        "'Value ' || text || ' cannot be represented as ' || type_name) END"
    ),
    "athena_day_interval_text(i)": (
        "CASE WHEN epoch_ms(i) < 0 THEN '-' ELSE '' END || CAST(abs(epoch_ms(i)) // 86400000 AS VARCHAR) || ' ' || "
        "strftime(make_timestamp((abs(epoch_ms(i)) % 86400000) * 1000), '%H:%M:%S.%g')"
    ),
    "athena_months(i)": "(date_part('year', i) * 12 + date_part('month', i))",
    "athena_month_interval_text(i)": (
        "CASE WHEN athena_months(i) < 0 THEN '-' ELSE '' END || CAST(abs(athena_months(i)) // 12 AS VARCHAR) || '-' || "
        "CAST(abs(athena_months(i)) % 12 AS VARCHAR)"
    ),
    "athena_interval_day(i)": "(epoch_ms(i) // 86400000)",
    "athena_interval_hour(i)": "((epoch_ms(i) // 3600000) % 24)",
    "athena_interval_minute(i)": "((epoch_ms(i) // 60000) % 60)",
    "athena_interval_second(i)": "((epoch_ms(i) // 1000) % 60)",
    "athena_interval_millisecond(i)": "(epoch_ms(i) % 1000)",
}

_FROM_TEXTS = {
    "athena_text_to_integer(text, witness, type_name)": (
        "CASE WHEN regexp_full_match(text, '[+-]?[0-9]+') AND TRY(cast_to_type(text, witness)) IS NOT NULL "
        "THEN cast_to_type(text, witness) "
        "WHEN text IS NOT NULL THEN cast_to_type(athena_bad_cast(text, type_name), witness) END"
    ),
    "athena_text_to_number(text, witness, type_name)": (
        "CASE WHEN regexp_full_match(trim(text), '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?Infinity') "
        "THEN cast_to_type(trim(text), witness) "
        "WHEN text IS NOT NULL THEN cast_to_type(CAST(athena_bad_cast(text, type_name) AS VARCHAR), witness) END"
    ),
    "athena_text_to_boolean(text)": (
        "CASE WHEN lower(text) IN ('true', 't', '1') THEN true WHEN lower(text) IN ('false', 'f', '0') THEN false "
        "WHEN text IS NOT NULL THEN CAST(athena_bad_cast(text, 'BOOLEAN') AS BOOLEAN) END"
    ),
    "athena_bad_value(text, type_name)": (
        "athena_fail_text('INVALID_CAST_ARGUMENT', 'Value cannot be cast to ' || type_name || ': ' || text)"
    ),
    "athena_text_to_date(text)": (
        "CASE WHEN regexp_full_match(trim(text), '[+-]?[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}') "
        "AND TRY(CAST(trim(text) AS DATE)) IS NOT NULL THEN CAST(trim(text) AS DATE) "
        "WHEN text IS NOT NULL THEN CAST(athena_bad_value(text, 'date') AS DATE) END"
    ),
    "athena_full_time(text)": "CASE WHEN regexp_full_match(text, '.* [0-9]{1,2}:[0-9]{1,2}') THEN text || ':00' ELSE text END",
    "athena_text_to_timestamp(text)": (
        "CASE WHEN regexp_full_match(trim(text), '[+-]?[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{1,12})?)?)?') "
        "AND TRY(CAST(athena_full_time(trim(text)) AS TIMESTAMP)) IS NOT NULL THEN CAST(athena_full_time(trim(text)) AS TIMESTAMP) "
        "WHEN text IS NOT NULL THEN CAST(athena_bad_value(text, 'timestamp') AS TIMESTAMP) END"
    ),
    "athena_text_to_zoned_timestamp(text)": (
        "CASE WHEN TRY(CAST(trim(text) AS TIMESTAMPTZ)) IS NOT NULL THEN CAST(trim(text) AS TIMESTAMPTZ) "
        "WHEN text IS NOT NULL THEN CAST(athena_bad_value(text, 'timestamp with time zone') AS TIMESTAMPTZ) END"
    ),
}

_STRINGS = {
    "athena_chr(n)": "chr(CAST(n AS INTEGER))",
    "athena_substring(text, start)": (
        "CASE WHEN start > 0 THEN substring(text, start) WHEN start < 0 AND -start <= len(text) "
        "THEN substring(text, len(text) + start + 1) WHEN text IS NOT NULL AND start IS NOT NULL THEN '' END"
    ),
    "athena_substring_of(text, start, size)": (
        "CASE WHEN size <= 0 THEN '' WHEN start > 0 THEN substring(text, start, size) WHEN start < 0 AND -start <= len(text) "
        "THEN substring(text, len(text) + start + 1, size) "
        "WHEN text IS NOT NULL AND start IS NOT NULL AND size IS NOT NULL THEN '' END"
    ),
    "athena_trim(text)": "trim(text, e' \\t\\n\\x0b\\f\\r')",
    "athena_trim_left(text)": "ltrim(text, e' \\t\\n\\x0b\\f\\r')",
    "athena_trim_right(text)": "rtrim(text, e' \\t\\n\\x0b\\f\\r')",
    "athena_replace(text, search, replacement)": (
        "CASE WHEN search = '' AND replacement IS NOT NULL THEN replacement || "
        "array_to_string(list_transform(string_split(text, ''), lambda c: c || replacement), '') "
        "ELSE replace(text, search, replacement) END"
    ),
    "athena_split_part(text, delimiter, n)": (
        "CASE WHEN n < 1 THEN CAST(athena_bad_argument('Index must be greater than zero') AS VARCHAR) "
        "WHEN delimiter = '' THEN nullif(substring(text, n, 1), '') "
        "ELSE string_split(text, delimiter)[n] END"
    ),
    "athena_split_limited(text, delimiter, n)": (
        "CASE WHEN n < 1 THEN [CAST(athena_bad_argument('Limit must be positive') AS VARCHAR)] "
        "WHEN len(string_split(text, delimiter)) <= n THEN string_split(text, delimiter) "
        "ELSE list_concat(string_split(text, delimiter)[1:n - 1], [array_to_string(string_split(text, delimiter)[n:], delimiter)]) END"
    ),
    "athena_split_pairs(text, entries, pair)": (
        "list_transform(list_filter(string_split(text, entries), lambda e: e <> ''), "
        "lambda e: {'key': split_part(e, pair, 1), 'value': substring(e, strpos(e, pair) + len(pair))})"
    ),
    "athena_split_to_map(text, entries, pair)": "map_from_entries(athena_split_pairs(text, entries, pair))",
    "athena_split_to_multimap(text, entries, pair)": "athena_multimap_agg(athena_split_pairs(text, entries, pair))",
    "athena_strpos_instance(text, part, n)": (
        "CASE WHEN n > 0 THEN CASE WHEN len(string_split(text, part)) <= n THEN 0 "
        "ELSE len(array_to_string(string_split(text, part)[1:n], part)) + 1 END "
        "WHEN n < 0 THEN CASE WHEN len(string_split(text, part)) <= -n THEN 0 "
        "ELSE len(array_to_string(string_split(text, part)[1:len(string_split(text, part)) + n], part)) + 1 END "
        "ELSE CAST(athena_bad_argument('''instance'' must be a positive or negative number.') AS BIGINT) END"
    ),
    "athena_from_utf8(bytes)": "decode(bytes)",
    "athena_luhn_check(text)": (
        "CASE WHEN regexp_full_match(text, '[0-9]+') THEN list_sum(list_transform(string_split(reverse(text), ''), "
        "lambda c, i: CASE WHEN i % 2 = 1 THEN CAST(c AS INTEGER) ELSE (CAST(c AS INTEGER) * 2) // 10 + (CAST(c AS INTEGER) * 2) % 10 END)) "
        "% 10 = 0 WHEN text IS NOT NULL THEN CAST(athena_bad_argument('Input is not a number') AS BOOLEAN) END"
    ),
    "athena_json_text(j)": "CASE WHEN json_type(j) = 'NULL' THEN NULL WHEN json_type(j) = 'VARCHAR' THEN json_extract_string(j, '$') ELSE CAST(j AS VARCHAR) END",
}

_COLLECTIONS = {
    "athena_array_subscript(items, i)": (
        "CASE WHEN items IS NULL OR i IS NULL OR (i > 0 AND i <= len(items)) THEN items[i] "
        "WHEN i = 0 THEN items[athena_bad_argument('SQL array indices start at 1')] "
        "WHEN i < 0 THEN items[athena_bad_argument('Array subscript is negative: ' || i)] "
        "ELSE items[athena_bad_argument('Array subscript must be less than or equal to array length: ' || i || ' > ' || len(items))] END"
    ),
    "athena_map_subscript(m, k)": (
        "CASE WHEN m IS NULL OR k IS NULL OR map_contains(m, k) THEN map_extract_value(m, k) "
        "ELSE map_values(m)[athena_bad_argument('Key not present in map: ' || CAST(k AS VARCHAR))] END"
    ),
    "athena_map_agg(entries)": (
        "map_from_entries(list_transform(list_distinct(list_transform(list_filter(entries, lambda e: e.key IS NOT NULL), lambda e: e.key)), "
        "lambda k: list_filter(entries, lambda e: e.key = k)[1]))"
    ),
    "athena_multimap_agg(entries)": (
        "map_from_entries(list_transform(list_distinct(list_transform(list_filter(entries, lambda e: e.key IS NOT NULL), lambda e: e.key)), "
        "lambda k: {'key': k, 'value': list_transform(list_filter(entries, lambda e: e.key = k), lambda e: e.value)}))"
    ),
    "athena_histogram(items)": (
        "map_from_entries(list_transform(list_distinct(items), "
        "lambda k: {'key': k, 'value': CAST(len(list_filter(items, lambda e: e = k)) AS BIGINT)}))"
    ),
    "athena_entropy(counts)": (
        "coalesce(list_sum(list_transform(list_filter(counts, lambda c: c > 0), "
        "lambda c: - (c / list_sum(counts)) * log2(c / list_sum(counts)))), 0)"
    ),
}

_DATES = {
    "athena_from_unixtime(seconds)": "make_timestamptz(CAST(round(seconds * 1000) AS BIGINT) * 1000)",
    "athena_from_iso8601_date(text)": "CAST(text AS DATE)",
    "athena_from_iso8601_timestamp(text)": "CAST(text AS TIMESTAMPTZ)",
}

MACROS: dict[str, str] = {
    **_ERRORS, **_NUMBERS, **_TEXTS_OF_NUMBERS, **_FROM_TEXTS, **_COLLECTIONS, **_STRINGS, **_DATES,
}  # fmt: skip
"""Each macro's name with its parameters, and its body; a macro may use those before it."""


def install_library(connection: duckdb.DuckDBPyConnection) -> None:
    """Make a database ready for plans: the macros, and the settings that their meaning needs.

    Once per database is enough: its connections and cursors share the catalog. The settings are
    those of the session, so a new connection needs this again, which costs little.
    """
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(_SCRIPT)


_SCRIPT = ";".join(f"CREATE OR REPLACE MACRO {name} AS {body}" for name, body in MACROS.items())
