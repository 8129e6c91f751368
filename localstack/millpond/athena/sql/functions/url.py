"""URL functions: https://trino.io/docs/401/functions/url.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function, longest

_PARTS = {
    # RFC 3986, appendix B: scheme, authority, path, query, fragment
    "url_extract_protocol": "nullif(athena_url_parts({0}).scheme, '')",
    "url_extract_host": "athena_url_host({0})",
    "url_extract_path": "athena_url_parts({0}).path",
    "url_extract_query": "athena_url_parts({0}).query",
    "url_extract_fragment": "athena_url_parts({0}).fragment",
}

FUNCTIONS = (
    *(Function(f"{name}(varchar(x)) -> varchar(x)", sql) for name, sql in _PARTS.items()),
    Function("url_extract_port(varchar) -> bigint", "athena_url_port({0})"),
    Function("url_extract_parameter(varchar(x), varchar) -> varchar(x)", "athena_url_parameter({0}, {1})"),
    Function(
        "url_encode(varchar(x)) -> varchar",
        "replace(url_encode({0}), '%20', '+')",
        result=longest(lambda x: x * 12),
    ),
    Function("url_decode(varchar(x)) -> varchar(x)", "url_decode(replace({0}, '+', ' '))"),
)
