"""String functions: https://trino.io/docs/401/functions/string.html."""

from __future__ import annotations

from collections.abc import Sequence

from millpond.athena.sql.functions.signature import Function, Renderer, longest
from millpond.athena.sql.value import Value, padded


def _normalize(arguments: Sequence[Value]) -> str:
    """NFC is DuckDB's own and quicker."""
    text, form = arguments
    return (
        f"nfc_normalize({text.sql})"
        if form.literal == "NFC"
        else f"athena_py_normalize({text.sql}, {form.sql})"
    )


def _length_of_char(arguments: Sequence[Value]) -> str:
    [value] = arguments
    return f"(CASE WHEN {value.sql} IS NOT NULL THEN CAST({value.type.parameters[0]} AS BIGINT) END)"


def _of_padded(sql: str) -> Renderer:
    """A template whose first argument is a `char` with all its spaces."""

    def render(arguments: Sequence[Value]) -> str:
        first, *others = arguments
        return sql.format(padded(first), *(other.sql for other in others))

    return render


_KEPT_CHARS = {
    # of a char, which stays one
    "lower(char(x))": "lower({0})",
    "upper(char(x))": "athena_upper({0})",
    "ltrim(char(x))": "athena_trim_left({0})",
    "rtrim(char(x))": "athena_trim_right({0})",
    "trim(char(x))": "athena_trim({0})",
    "ltrim(char(x), varchar)": "ltrim({0}, {1})",
    "rtrim(char(x), varchar)": "rtrim(rtrim({0}, {1}), ' ')",
    "trim(char(x), varchar)": "rtrim(trim({0}, {1}), ' ')",
}

FUNCTIONS = (
    *(Function(f"{signature} -> char(x)", sql) for signature, sql in _KEPT_CHARS.items()),
    Function("to_utf8(char(x)) -> varbinary", _of_padded("encode({0})")),
    Function("chr(bigint) -> varchar(1)", "athena_chr({0})"),
    Function("codepoint(varchar(1)) -> integer", "athena_codepoint({0})"),
    Function("concat_ws(varchar, array(varchar)) -> varchar", "array_to_string({1}, {0})"),
    Function("concat_ws(varchar, varchar...) -> varchar", "concat_ws({args})"),
    Function("ends_with(varchar, varchar) -> boolean", "ends_with({0}, {1})"),
    Function("hamming_distance(varchar, varchar) -> bigint", "athena_py_hamming({0}, {1})"),
    Function("length(varchar) -> bigint", "length({0})"),
    Function("length(char(x)) -> bigint", _length_of_char),
    Function("levenshtein_distance(varchar, varchar) -> bigint", "athena_py_levenshtein({0}, {1})"),
    Function("lower(varchar(x)) -> varchar(x)", "lower({0})"),
    Function("lpad(varchar, bigint, varchar) -> varchar", "athena_lpad({0}, {1}, {2})"),
    Function("ltrim(varchar(x)) -> varchar(x)", "athena_trim_left({0})"),
    Function("ltrim(varchar(x), varchar) -> varchar(x)", "ltrim({0}, {1})"),
    Function("luhn_check(varchar) -> boolean", "athena_luhn_check({0})"),
    Function("normalize(varchar, varchar) -> varchar", _normalize),
    Function("position(varchar, varchar) -> bigint", "strpos({1}, {0})"),
    Function("replace(varchar(x), varchar) -> varchar(x)", "replace({0}, {1}, '')"),
    Function(
        "replace(varchar(x), varchar(y), varchar(z)) -> varchar",
        "athena_replace({0}, {1}, {2})",
        result=longest(lambda x, y, z: x + z * (x + 1)),
    ),
    Function("reverse(varchar(x)) -> varchar(x)", "reverse({0})"),
    Function("rpad(varchar, bigint, varchar) -> varchar", "athena_rpad({0}, {1}, {2})"),
    Function("rtrim(varchar(x)) -> varchar(x)", "athena_trim_right({0})"),
    Function("rtrim(varchar(x), varchar) -> varchar(x)", "rtrim({0}, {1})"),
    Function("soundex(varchar) -> varchar(4)", "athena_py_soundex({0})"),
    Function("split(varchar(x), varchar) -> array(varchar(x))", "athena_split({0}, {1})"),
    Function(
        "split(varchar(x), varchar, bigint) -> array(varchar(x))", "athena_split_limited({0}, {1}, {2})"
    ),
    Function("split_part(varchar(x), varchar, bigint) -> varchar(x)", "athena_split_part({0}, {1}, {2})"),
    Function(
        "split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)",
        "athena_split_to_map({0}, {1}, {2})",
    ),
    Function(
        "split_to_multimap(varchar, varchar, varchar) -> map(varchar, array(varchar))",
        "athena_split_to_multimap({0}, {1}, {2})",
    ),
    Function("starts_with(varchar, varchar) -> boolean", "starts_with({0}, {1})"),
    Function("strpos(varchar, varchar) -> bigint", "strpos({0}, {1})"),
    Function("strpos(varchar, varchar, bigint) -> bigint", "athena_strpos_instance({0}, {1}, {2})"),
    Function("substr(char(x), bigint) -> varchar(x)", _of_padded("athena_substring({0}, {1})")),
    Function(
        "substr(char(x), bigint, bigint) -> varchar(x)", _of_padded("athena_substring_of({0}, {1}, {2})")
    ),
    Function("substr(varchar(x), bigint) -> varchar(x)", "athena_substring({0}, {1})"),
    Function("substr(varchar(x), bigint, bigint) -> varchar(x)", "athena_substring_of({0}, {1}, {2})"),
    Function("substring(char(x), bigint) -> varchar(x)", _of_padded("athena_substring({0}, {1})")),
    Function(
        "substring(char(x), bigint, bigint) -> varchar(x)", _of_padded("athena_substring_of({0}, {1}, {2})")
    ),
    Function("substring(varchar(x), bigint) -> varchar(x)", "athena_substring({0}, {1})"),
    Function("substring(varchar(x), bigint, bigint) -> varchar(x)", "athena_substring_of({0}, {1}, {2})"),
    Function("to_utf8(varchar) -> varbinary", "encode({0})"),
    Function("from_utf8(varbinary) -> varchar", "athena_py_from_utf8({0}, '\ufffd')"),
    Function("from_utf8(varbinary, varchar) -> varchar", "athena_py_from_utf8({0}, {1})"),
    Function("translate(varchar, varchar, varchar) -> varchar", "translate({0}, {1}, {2})"),
    Function("trim(varchar(x)) -> varchar(x)", "athena_trim({0})"),
    Function("trim(varchar(x), varchar) -> varchar(x)", "trim({0}, {1})"),
    Function("word_stem(varchar(x)) -> varchar(x)", "athena_py_word_stem({0}, 'en')"),
    Function("word_stem(varchar(x), varchar(2)) -> varchar(x)", "athena_py_word_stem({0}, {1})"),
    Function("upper(varchar(x)) -> varchar(x)", "athena_upper({0})"),
)
