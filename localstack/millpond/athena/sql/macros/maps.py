"""Maps: keys that must be there, and aggregates that collect entries."""

from __future__ import annotations

MACROS = {
    "athena_map(keys, items)": """
        CASE
            WHEN len(keys) <> len(items) THEN map_from_entries([{'key':
            keys[athena_bad_argument('Key and value arrays must be the same length')], 'value':
            items[1]}])
            ELSE map(keys, items)
        END
    """,
    "athena_map_subscript(m, k)": """
        CASE
            WHEN m IS NULL OR k IS NULL OR map_contains(m, k) THEN map_extract_value(m, k)
            ELSE map_values(m)[athena_bad_argument('Key not present in map: ' || CAST(k AS VARCHAR))]
        END
    """,
    "athena_entry_keys(entries)": """
        athena_array_distinct(list_transform(list_filter(entries, lambda e: e.key IS NOT NULL), lambda
            e: e.key))
    """,
    "athena_map_agg(entries)": """
        map_from_entries(list_transform(athena_entry_keys(entries), lambda k: list_filter(entries,
            lambda e: e.key = k)[1]))
    """,
    "athena_multimap_agg(entries)": """
        map_from_entries(list_transform(athena_entry_keys(entries), lambda k: {'key': k, 'value':
            list_transform(list_filter(entries, lambda e: e.key = k), lambda e: e.value)}))
    """,
    "athena_histogram(items)": """
        map_from_entries(list_transform(athena_array_distinct(athena_without_nulls(items)), lambda k:
            {'key': k, 'value': CAST(len(list_filter(items, lambda e: e = k)) AS BIGINT)}))
    """,
    "athena_entropy(counts)": """
        coalesce(list_sum(list_transform(list_filter(counts, lambda c: c > 0), lambda c: - (c /
            list_sum(counts)) * log2(c / list_sum(counts)))), 0)
    """,
}
