"""JSON: what is no JSON gives NULL, scalars are told from arrays and objects."""

from __future__ import annotations

MACROS = {
    # Trino gives a text without its quotes, which is no JSON, and says that this will stay.
    "athena_json_bare(j)": """
        CASE json_type(j) WHEN 'NULL' THEN NULL WHEN 'VARCHAR' THEN json_extract_string(j, '$')
        ELSE CAST(j AS VARCHAR) END
    """,
    "athena_json_mismatch(j, type_name, expected)": """
        athena_fail_text('INVALID_CAST_ARGUMENT', 'Cannot cast to ' || type_name || '. Expected a json '
            || expected || ', but got ' || CASE json_type(j) WHEN 'OBJECT' THEN '{' WHEN 'ARRAY' THEN '['
            ELSE coalesce(athena_json_bare(j), 'null') END || chr(10) || CAST(j AS VARCHAR))
    """,
    "athena_json_object(j, type_name)": """
        CASE json_type(j)
            WHEN 'OBJECT' THEN j
            WHEN 'NULL' THEN NULL
            ELSE CASE WHEN j IS NOT NULL THEN
            CAST(athena_json_mismatch(j, type_name, 'object') AS JSON) END
        END
    """,
    "athena_json_items(j, type_name)": """
        CASE json_type(j)
            WHEN 'ARRAY' THEN json_extract(j, '$[*]')
            WHEN 'NULL' THEN NULL
            ELSE CASE WHEN j IS NOT NULL THEN
            [CAST(athena_json_mismatch(j, type_name, 'array') AS JSON)] END
        END
    """,
    "athena_json_row(j, type_name)": """
        CASE
            WHEN json_type(j) IN ('OBJECT', 'ARRAY') THEN true
            WHEN json_type(j) = 'NULL' THEN NULL
            WHEN j IS NOT NULL THEN CAST(athena_json_mismatch(j, type_name, 'array or object') AS BOOLEAN)
        END
    """,
    "athena_json_member(j, key)": """
        json_extract(j, '/' || replace(replace(key, '~', '~0'), '/', '~1'))
    """,
    "athena_json_field(j, name)": """
        coalesce(athena_json_member(j, name),
            athena_json_member(j, list_filter(json_keys(j), lambda key: lower(key) = name)[1]))
    """,
    "athena_json_number(x)": """
        CASE
            WHEN isfinite(x) THEN athena_java_text(x)
            ELSE '"' || athena_java_text(x) || '"'
        END
    """,
    # DuckDB's `array_to_string` is a macro that computes its argument twice.
    "athena_json_joined(texts)": "coalesce(list_aggregate(texts, 'string_agg', ','), '')",
    "athena_json_array_text(items)": """
        CASE WHEN items IS NOT NULL THEN '[' || athena_json_joined(items) || ']' END
    """,
    "athena_json_object_text(entries)": """
        CASE WHEN entries IS NOT NULL THEN '{' || athena_json_joined(list_transform(entries,
            lambda e: CAST(to_json(e.key) AS VARCHAR) || ':' || e.value)) || '}' END
    """,
    "athena_json_is_fraction(j)": "regexp_matches(CAST(j AS VARCHAR), '[.eE]')",
    "athena_json_scalar_text(j, fraction, yes, no, target)": """
        CASE json_type(j)
            WHEN 'NULL' THEN NULL
            WHEN 'VARCHAR' THEN json_extract_string(j, '$')
            WHEN 'BOOLEAN' THEN CASE WHEN CAST(j AS VARCHAR) = 'true' THEN yes ELSE no END
            WHEN 'OBJECT' THEN athena_fail_text('INVALID_CAST_ARGUMENT',
                'Cannot cast ''' || CAST(j AS VARCHAR) || ''' to ' || target)
            WHEN 'ARRAY' THEN athena_fail_text('INVALID_CAST_ARGUMENT',
                'Cannot cast ''' || CAST(j AS VARCHAR) || ''' to ' || target)
            ELSE CASE WHEN athena_json_is_fraction(j) THEN fraction ELSE CAST(j AS VARCHAR) END
        END
    """,
    "athena_json_text(j)": """
        athena_json_scalar_text(j, athena_double_text(CAST(CAST(j AS VARCHAR) AS DOUBLE)), 'true', 'false',
            'varchar')
    """,
    "athena_json_integer_text(j)": """
        athena_json_scalar_text(j,
            CAST(CAST(round(CAST(CAST(j AS VARCHAR) AS DOUBLE)) AS HUGEINT) AS VARCHAR), '1', '0', 'bigint')
    """,
    "athena_json_number_text(j)": "athena_json_scalar_text(j, CAST(j AS VARCHAR), '1', '0', 'double')",
    "athena_json_boolean_text(j)": """
        CASE
            WHEN json_type(j) NOT IN ('NULL', 'VARCHAR', 'BOOLEAN', 'OBJECT', 'ARRAY')
            THEN CASE WHEN CAST(CAST(j AS VARCHAR) AS DOUBLE) = 0 THEN 'false' ELSE 'true' END
            ELSE athena_json_scalar_text(j, '', 'true', 'false', 'boolean')
        END
    """,
    "athena_json_valid(j)": "CASE WHEN json_valid(CAST(j AS VARCHAR)) THEN CAST(j AS JSON) END",
    "athena_json_extract(j, path)": "json_extract(athena_json_valid(j), path)",
    "athena_json_scalar(j, path)": """
        CASE
            WHEN json_type(athena_json_valid(j), path) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN
            json_extract_string(athena_json_valid(j), path)
        END
    """,
    "athena_json_array_length(j)": """
        CASE
            WHEN json_type(athena_json_valid(j)) = 'ARRAY' THEN CAST(json_array_length(CAST(j AS
            JSON)) AS BIGINT)
        END
    """,
    "athena_json_array_get(j, i)": """
        CASE
            WHEN json_type(athena_json_valid(j)) = 'ARRAY' THEN
            athena_json_bare(json_extract(athena_json_valid(j),
                CASE WHEN i < 0 THEN '$[#' ELSE '$[' END || i || ']'))
        END
    """,
    "athena_json_array_contains(j, item)": """
        CASE
            WHEN json_type(athena_json_valid(j)) = 'ARRAY' THEN
            list_contains(list_transform(CAST(CAST(j AS JSON) AS JSON[]), lambda x: CAST(x AS
            VARCHAR)), CAST(item AS VARCHAR))
        END
    """,
    "athena_json_size(j, path)": """
        CASE json_type(athena_json_valid(j), path)
            WHEN 'OBJECT' THEN len(json_keys(athena_json_valid(j), path))
            WHEN 'ARRAY' THEN CAST(json_array_length(athena_json_valid(j), path) AS BIGINT)
            ELSE CASE
            WHEN json_exists(athena_json_valid(j), path) THEN 0
        END
        END
    """,
    "athena_json_parse(text)": """
        CASE
            WHEN json_valid(text) THEN json(text)
            WHEN text IS NOT NULL THEN
            CAST(CAST(athena_bad_argument('Cannot convert value to JSON: ''' || text || '''') AS
            VARCHAR) AS JSON)
        END
    """,
}
