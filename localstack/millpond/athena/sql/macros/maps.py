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
    # Sorted by key and place, a key's entries stand together: from where it begins to where the next does.
    # Elements are fetched one by one, for DuckDB copies the whole list for each slice of it.
    "athena_multimap_agg(entries)": """
        list_transform([athena_placed(entries)], lambda sorted: list_transform(
            [list_filter(range(1, len(sorted) + 1),
                lambda i: i = 1 OR sorted[i].key IS DISTINCT FROM sorted[i - 1].key)],
            lambda starts: map_from_entries(list_transform(starts, lambda start, n: {
                'key': sorted[start].key,
                'value': list_transform(range(start, coalesce(starts[n + 1], len(sorted) + 1)),
                    lambda i: sorted[i].value)})))[1])[1]
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
