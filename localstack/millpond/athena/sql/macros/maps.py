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
    # The first entry of each key: sorted by key and place, the one whose neighbour has another key.
    "athena_placed(entries)": """
        list_sort(list_transform(list_filter(entries, lambda e: e.key IS NOT NULL),
            lambda e, i: {'key': e.key, 'place': i, 'value': e.value}))
    """,
    "athena_map_agg(entries)": """
        CASE WHEN entries IS NOT NULL THEN map_from_entries(list_transform(list_filter(
            list_zip(athena_placed(entries), list_prepend(NULL, list_transform(athena_placed(entries),
                lambda e: e.key))),
            lambda z: z[1] IS NOT NULL AND z[1].key IS DISTINCT FROM z[2]),
            lambda z: {'key': z[1].key, 'value': z[1].value})) END
    """,
    "athena_multimap_agg(entries)": """
        map_from_entries(list_transform(athena_entry_keys(entries), lambda k: {'key': k, 'value':
            list_transform(list_filter(entries, lambda e: e.key = k), lambda e: e.value)}))
    """,
    "athena_most_frequent(counts, buckets)": """
        map_from_entries(list_transform(list_sort(list_transform(map_entries(counts),
            lambda e: {'count': - CAST(e.value AS BIGINT), 'key': e.key}))[1:buckets],
            lambda e: {'key': e.key, 'value': - e.count}))
    """,
    "athena_entropy(counts)": """
        coalesce(list_sum(list_transform(list_filter(counts, lambda c: c > 0), lambda c: - (c /
            list_sum(counts)) * log2(c / list_sum(counts)))), 0)
    """,
}
