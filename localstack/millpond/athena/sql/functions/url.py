"""URL functions: https://trino.io/docs/401/functions/url.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

_PARTS = {
    # RFC 3986, appendix B: scheme, authority, path, query, fragment
    "url_extract_protocol": "athena_url_part({0}, 2)",
    "url_extract_host": "athena_url_host({0})",
    "url_extract_path": "coalesce(athena_url_part({0}, 5), '')",
    "url_extract_query": "coalesce(athena_url_part({0}, 7), '')",
    "url_extract_fragment": "coalesce(athena_url_part({0}, 9), '')",
}

FUNCTIONS = (
    *(Function(f"{name}(varchar) -> varchar", sql) for name, sql in _PARTS.items()),
    Function("url_extract_port(varchar) -> bigint", "athena_url_port({0})"),
    Function("url_extract_parameter(varchar, varchar) -> varchar", "athena_url_parameter({0}, {1})"),
    Function("url_encode(varchar) -> varchar", "replace(url_encode({0}), '%20', '+')"),
    Function("url_decode(varchar) -> varchar", "url_decode(replace({0}, '+', ' '))"),
)
