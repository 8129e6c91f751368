"""Regular expressions and URLs."""

from __future__ import annotations

MACROS = {
    "athena_regexp_extract(text, pattern, part)": """
        CASE WHEN regexp_matches(text, pattern) THEN regexp_extract(text, pattern, part) END
    """,
    "athena_regexp_position(text, pattern)": """
        CAST(CASE
            WHEN regexp_matches(text, pattern) THEN len(string_split_regex(text, pattern)[1]) + 1
            WHEN text IS NOT NULL AND pattern IS NOT NULL THEN -1
        END AS INTEGER)
    """,
    # Java's URI, with which Trino reads it, takes no spaces and no stray percent signs.
    "athena_valid_url(url)": r"""
        CASE WHEN NOT regexp_matches(url,
            '[\x00-\x20\x7f"<>\\^`{|}]|%(?:$|[^0-9A-Fa-f]|[0-9A-Fa-f](?:$|[^0-9A-Fa-f]))') THEN url END
    """,
    # RFC 3986, appendix B.
    "athena_url_parts(url)": r"""
        regexp_extract(athena_valid_url(url), '^(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?',
            ['scheme_', 'scheme', 'authority_', 'authority', 'path', 'query_', 'query', 'fragment_',
            'fragment'])
    """,
    "athena_url_host(url)": """
        regexp_extract(athena_url_parts(url).authority, '^(?:[^@]*@)?([^:]*)', 1)
    """,
    "athena_url_port(url)": """
        TRY_CAST(nullif(regexp_extract(athena_url_parts(url).authority, ':([0-9]+)$', 1), '') AS
            BIGINT)
    """,
    "athena_url_parameter(url, name)": """
        list_filter(list_transform(string_split(athena_url_parts(url).query, '&'), lambda p: {'n':
            split_part(p, '=', 1), 'v': url_decode(substring(p, len(split_part(p, '=', 1)) + 2))}),
            lambda p: p.n = name)[1].v
    """,
}
