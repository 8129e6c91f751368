"""JSON: what is no JSON gives NULL, scalars are told from arrays and objects."""

from __future__ import annotations

MACROS = {
    "athena_json_object(j)": """
        CASE json_type(j)
            WHEN 'OBJECT' THEN j
            WHEN 'NULL' THEN NULL
            ELSE CAST(CASE WHEN j IS NOT NULL THEN athena_fail_text('INVALID_CAST_ARGUMENT',
                'Cannot cast to map. Expected a json object, but got ' || CAST(j AS VARCHAR)) END AS JSON)
        END
    """,
    "athena_json_member(j, key)": """
        json_extract(j, '/' || replace(replace(key, '~', '~0'), '/', '~1'))
    """,
    "athena_json_text(j)": """
        CASE
            WHEN json_type(j) = 'NULL' THEN NULL
            WHEN json_type(j) = 'VARCHAR' THEN json_extract_string(j, '$')
            WHEN json_type(j) IN ('OBJECT', 'ARRAY') THEN
            athena_fail_text('INVALID_CAST_ARGUMENT',
                'Cannot cast ''' || CAST(j AS VARCHAR) || ''' to varchar')
            ELSE CAST(j AS VARCHAR)
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
    # Trino gives a text without its quotes, which is no JSON, and says that this will stay.
    "athena_json_bare(j)": """
        CASE WHEN json_type(j) = 'VARCHAR' THEN json_extract_string(j, '$') ELSE CAST(j AS VARCHAR) END
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
