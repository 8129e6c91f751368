"""Strings: substrings, trimming, splitting."""

from __future__ import annotations

# What Java's Character.isWhitespace has for a space: no space that forbids to break a line is one.
_WHITESPACE = (
    "\t\n\x0b\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a"
    "\u2028\u2029\u205f\u3000"
)

MACROS = {
    "athena_from_base64(text)": "from_base64(rpad(text, CAST((len(text) + 3) // 4 * 4 AS INTEGER), '='))",
    "athena_from_hex(text)": """
        CASE
            WHEN regexp_full_match(text, '([0-9A-Fa-f]{2})*') THEN unhex(text)
            WHEN text IS NOT NULL THEN
            unhex(athena_fail_text('INVALID_FUNCTION_ARGUMENT',
                'String is not of hexadecimal digits: ' || text))
        END
    """,
    "athena_binary_part(bytes, start, size)": """
        unhex(CASE
            WHEN start > 0 THEN substring(hex(bytes), 2 * start - 1, 2 * greatest(size, 0))
            WHEN start < 0 AND -start <= octet_length(bytes)
            THEN substring(hex(bytes), 2 * (octet_length(bytes) + start) + 1, 2 * greatest(size, 0))
            WHEN start IS NOT NULL AND size IS NOT NULL AND bytes IS NOT NULL THEN ''
        END)
    """,
    "athena_check_padding(size, padding)": """
        CASE
            WHEN size < 0 OR size > 2147483647 THEN
            CAST(athena_bad_argument('Target length must be in the range [0..2147483647]') AS INTEGER)
            WHEN padding = '' THEN CAST(athena_bad_argument('Padding string must not be empty') AS INTEGER)
            ELSE CAST(size AS INTEGER)
        END
    """,
    "athena_lpad(text, size, padding)": "lpad(text, athena_check_padding(size, padding), padding)",
    "athena_rpad(text, size, padding)": "rpad(text, athena_check_padding(size, padding), padding)",
    "athena_check_bytes(size, padding)": """
        CASE
            WHEN octet_length(padding) = 0
            THEN CAST(athena_bad_argument('Padding bytes must not be empty') AS INTEGER)
            ELSE athena_check_padding(size, hex(padding))
        END
    """,
    "athena_binary_lpad(bytes, size, padding)": """
        unhex(CASE
            WHEN octet_length(bytes) >= size
            THEN left(hex(bytes), 2 * athena_check_bytes(size, padding))
            ELSE left(repeat(hex(padding), athena_check_bytes(size, padding)),
                2 * (CAST(size AS INTEGER) - CAST(octet_length(bytes) AS INTEGER))) || hex(bytes)
        END)
    """,
    "athena_binary_rpad(bytes, size, padding)": """
        unhex(rpad(hex(bytes), 2 * athena_check_bytes(size, padding), hex(padding)))
    """,
    "athena_binary_reverse(bytes)": """
        unhex(array_to_string(list_reverse(regexp_extract_all(hex(bytes), '..')), ''))
    """,
    "athena_chr(n)": """
        CASE
            WHEN n BETWEEN 0 AND 1114111 AND n NOT BETWEEN 55296 AND 57343 THEN chr(CAST(n AS INTEGER))
            WHEN n IS NOT NULL THEN
            athena_fail_text('INVALID_FUNCTION_ARGUMENT', 'Not a valid Unicode code point: ' || n)
        END
    """,
    "athena_codepoint(text)": """
        CASE WHEN text = '' THEN athena_bad_argument('Input string must be a single character string')
        ELSE unicode(text) END
    """,
    "athena_split(text, delimiter)": """
        CASE
            WHEN delimiter = '' THEN
            [athena_fail_text('INVALID_FUNCTION_ARGUMENT', 'The delimiter may not be the empty string')]
            ELSE string_split(text, delimiter)
        END
    """,
    # Java has no capital of the sharp s that is one character; what is new to DuckDB stays as it was.
    "athena_upper(text)": """
        CASE
            WHEN contains(text, 'ß')
            THEN array_to_string(list_transform(string_split(text, 'ß'), lambda part: upper(part)), 'ß')
            ELSE upper(text)
        END
    """,
    "athena_substring(text, start)": """
        CASE
            WHEN start > 0 THEN substring(text, start)
            WHEN start < 0 AND -start <= len(text) THEN substring(text, len(text) + start + 1)
            WHEN text IS NOT NULL AND start IS NOT NULL THEN ''
        END
    """,
    "athena_substring_of(text, start, size)": """
        CASE
            WHEN size <= 0 THEN ''
            WHEN start > 0 THEN substring(text, start, size)
            WHEN start < 0 AND -start <= len(text) THEN substring(text, len(text) + start + 1, size)
            WHEN text IS NOT NULL AND start IS NOT NULL AND size IS NOT NULL THEN ''
        END
    """,
    "athena_trim(text)": f"trim(text, '{_WHITESPACE}')",
    "athena_trim_left(text)": f"ltrim(text, '{_WHITESPACE}')",
    "athena_trim_right(text)": f"rtrim(text, '{_WHITESPACE}')",
    "athena_replace(text, search, replacement)": """
        CASE
            WHEN search = '' AND text = '' THEN replacement
            WHEN search = '' AND replacement IS NOT NULL THEN replacement ||
            array_to_string(list_transform(string_split(text, ''), lambda c: c || replacement), '')
            ELSE replace(text, search, replacement)
        END
    """,
    "athena_split_part(text, delimiter, n)": """
        CASE
            WHEN n < 1 THEN CAST(athena_bad_argument('Index must be greater than zero') AS VARCHAR)
            WHEN delimiter = '' THEN nullif(substring(text, n, 1), '')
            ELSE string_split(text, delimiter)[n]
        END
    """,
    "athena_split_limited(text, delimiter, n)": """
        CASE
            WHEN n < 1 THEN [CAST(athena_bad_argument('Limit must be positive') AS VARCHAR)]
            WHEN n > 2147483647 THEN [CAST(athena_bad_argument('Limit is too large') AS VARCHAR)]
            WHEN delimiter = '' THEN
            [CAST(athena_bad_argument('The delimiter may not be the empty string') AS VARCHAR)]
            WHEN len(string_split(text, delimiter)) <= n THEN string_split(text, delimiter)
            ELSE list_concat(string_split(text, delimiter)[1:n - 1],
            [array_to_string(string_split(text, delimiter)[n:], delimiter)])
        END
    """,
    # Nothing behind the last delimiter is no entry; nothing between two of them is one that is wrong.
    "athena_split_entries(text, entries)": """
        CASE WHEN text = '' OR ends_with(text, entries) THEN string_split(text, entries)[:-2]
        ELSE string_split(text, entries) END
    """,
    "athena_split_pair(entry, pair, quote)": """
        CASE
            WHEN len(string_split(entry, pair)) = 2
            THEN {'key': string_split(entry, pair)[1], 'value': string_split(entry, pair)[2]}
            ELSE {'key': CAST(athena_bad_argument('Key-value delimiter must appear exactly once in each '
                || 'entry. Bad input: ' || quote || entry || quote) AS VARCHAR), 'value': ''}
        END
    """,
    "athena_split_pairs(text, entries, pair, quote)": """
        CASE
            WHEN entries = '' OR pair = '' THEN [{'key': CAST(athena_bad_argument(
                CASE WHEN entries = '' THEN 'entryDelimiter' ELSE 'keyValueDelimiter' END
                || ' is empty') AS VARCHAR), 'value': ''}]
            WHEN entries = pair THEN [{'key': CAST(athena_bad_argument(
                'entryDelimiter and keyValueDelimiter must not be the same') AS VARCHAR), 'value': ''}]
            WHEN pair IS NOT NULL THEN list_transform(athena_split_entries(text, entries),
                lambda e: athena_split_pair(e, pair, quote))
        END
    """,
    "athena_split_to_map(text, entries, pair)": """
        map_from_entries(athena_split_pairs(text, entries, pair, ''''))
    """,
    "athena_split_to_multimap(text, entries, pair)": """
        athena_multimap_agg(athena_split_pairs(text, entries, pair, ''))
    """,
    "athena_listagg(text)": """
        CASE WHEN octet_length(encode(text)) > 1048576 THEN athena_fail_text('EXCEEDED_FUNCTION_MEMORY_LIMIT',
            'Concatenated string has the length in bytes larger than the maximum output length 1048576')
        ELSE text END
    """,
    # A piece that is NULL makes the whole NULL.
    "athena_joined(pieces)": """
        CASE WHEN len(pieces) = list_count(pieces) THEN array_to_string(pieces, '') END
    """,
    "athena_strpos_instance(text, part, n)": """
        CASE
            WHEN n > 0 THEN CASE
            WHEN len(string_split(text, part)) <= n THEN 0
            ELSE len(array_to_string(string_split(text, part)[1:n], part)) + 1
        END
            WHEN n < 0 THEN CASE
            WHEN len(string_split(text, part)) <= -n THEN 0
            ELSE len(array_to_string(string_split(text, part)[1:len(string_split(text, part)) + n],
            part)) + 1
        END
            ELSE CAST(athena_bad_argument('''instance'' must be a positive or negative number.') AS
            BIGINT)
        END
    """,
    "athena_from_utf8(bytes)": "decode(bytes)",
    "athena_luhn_check(text)": """
        CASE
            WHEN regexp_full_match(text, '[0-9]+') THEN
            list_sum(list_transform(string_split(reverse(text), ''), lambda c, i: CASE
            WHEN i % 2 = 1 THEN CAST(c AS INTEGER)
            ELSE (CAST(c AS INTEGER) * 2) // 10 + (CAST(c AS INTEGER) * 2) % 10
        END)) % 10 = 0
            WHEN text = '' THEN false
            WHEN text IS NOT NULL THEN CAST(athena_bad_argument('Input is not a number') AS BOOLEAN)
        END
    """,
}
