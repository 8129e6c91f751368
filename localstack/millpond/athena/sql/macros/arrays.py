"""Arrays: duplicates, sets, NULLs and indexes as Trino has them."""

from __future__ import annotations

MACROS = {
    "athena_array_distinct(items)": "list_filter(items, lambda x, i: list_position(items, x) = i)",
    "athena_contains(items, item)": """
        CASE
            WHEN list_contains(items, item) THEN true
            WHEN len(items) <> list_count(items) THEN NULL
            WHEN items IS NOT NULL AND item IS NOT NULL THEN false
        END
    """,
    "athena_array_intersect(a, b)": """
        CASE
            WHEN b IS NOT NULL THEN list_filter(athena_array_distinct(a), lambda x: list_position(b,
            x) IS NOT NULL)
        END
    """,
    "athena_array_union(a, b)": """
        CASE
            WHEN a IS NOT NULL AND b IS NOT NULL THEN athena_array_distinct(list_concat(a, b))
        END
    """,
    "athena_array_except(a, b)": """
        CASE
            WHEN b IS NOT NULL THEN list_filter(athena_array_distinct(a), lambda x: list_position(b,
            x) IS NULL)
        END
    """,
    "athena_array_join(texts, delimiter, missing)": """
        CASE WHEN texts IS NOT NULL AND delimiter IS NOT NULL THEN coalesce(list_aggregate(
            list_transform(texts, lambda x: coalesce(x, missing)), 'string_agg', delimiter), '') END
    """,
    "athena_array_extreme(items, extreme)": """
        CASE WHEN len(items) = list_count(items) THEN extreme END
    """,
    # For DuckDB what is no number is the largest of all, for Trino's `greatest` and `max` the smallest.
    "athena_numbers(items)": """
        CASE WHEN list_bool_or(list_transform(items, lambda x: NOT isnan(x)))
        THEN list_filter(items, lambda x: NOT isnan(x)) ELSE items END
    """,
    "athena_array_position(items, item)": """
        CASE
            WHEN items IS NOT NULL AND item IS NOT NULL THEN CAST(coalesce(list_position(items, item),
            0) AS BIGINT)
        END
    """,
    "athena_array_remove(items, item)": """
        CASE WHEN item IS NOT NULL THEN list_filter(items, lambda x: x IS NULL OR x <> item) END
    """,
    "athena_without_nulls(items)": "list_filter(items, lambda x: x IS NOT NULL)",
    "athena_arrays_overlap(a, b)": """
        CASE
            WHEN len(a) = 0 OR len(b) = 0 THEN false
            WHEN list_has_any(athena_without_nulls(a), athena_without_nulls(b)) THEN true
            WHEN len(a) <> list_count(a) OR len(b) <> list_count(b) THEN NULL
            WHEN a IS NOT NULL AND b IS NOT NULL THEN false
        END
    """,
    "athena_any_match(found)": """
        CASE
            WHEN list_contains(found, true) THEN true
            WHEN len(found) <> list_count(found) THEN NULL
            WHEN found IS NOT NULL THEN false
        END
    """,
    "athena_all_match(found)": """
        CASE
            WHEN list_contains(found, false) THEN false
            WHEN len(found) <> list_count(found) THEN NULL
            WHEN found IS NOT NULL THEN true
        END
    """,
    "athena_all_equal(a, b, found)": """
        CASE
            WHEN len(a) <> len(b) THEN false
            WHEN a IS NOT NULL AND b IS NOT NULL THEN athena_all_match(found)
        END
    """,
    # What the first elements that differ decide, which are no NULLs.
    "athena_decided(found, reason)": """
        CASE
            WHEN len(list_filter(found, lambda x: NOT coalesce(x, false))) > 0
            AND list_filter(found, lambda x: NOT coalesce(x, false))[1] IS NULL
            THEN CAST(athena_fail_text('NOT_SUPPORTED', reason) AS BOOLEAN)
            ELSE true
        END
    """,
    "athena_array_subscript(items, i)": """
        CASE
            WHEN items IS NULL OR i IS NULL OR (i > 0 AND i <= len(items)) THEN items[i]
            WHEN i = 0 THEN items[athena_bad_argument('SQL array indices start at 1')]
            WHEN i < 0 THEN items[athena_bad_argument('Array subscript is negative: ' || i)]
            ELSE
            items[athena_bad_argument('Array subscript must be less than or equal to array length: '
            || i || ' > ' || len(items))]
        END
    """,
    "athena_element_at(items, i)": """
        CASE
            WHEN i = 0 THEN items[athena_bad_argument('SQL array indices start at 1')]
            WHEN abs(i) <= len(items) THEN items[i]
        END
    """,
    "athena_slice(items, start, size)": """
        CASE
            WHEN start = 0 THEN items[athena_bad_argument('SQL array indices start at 1'):]
            WHEN size < 0 THEN
            items[athena_bad_argument('length must be greater than or equal to 0'):]
            WHEN size = 0 OR abs(start) > len(items) THEN items[1:0]
            WHEN start > 0 THEN items[start:start + size - 1]
            ELSE items[len(items) + start + 1:len(items) + start + size]
        END
    """,
    "athena_ngrams(items, n)": """
        CASE
            WHEN n < 1 THEN [items[athena_bad_argument('N must be positive'):]]
            WHEN len(items) <= n THEN [items]
            ELSE list_transform(range(1, len(items) - n + 2), lambda i: items[i:i + n - 1])
        END
    """,
    "athena_trim_array(items, n)": """
        CASE
            WHEN n < 0 THEN items[athena_bad_argument('size must not be negative: ' || n):]
            WHEN n > len(items) THEN items[athena_bad_argument('size must not exceed array cardinality '
                || len(items) || ': ' || n):]
            ELSE items[1:len(items) - n]
        END
    """,
    "athena_repetitions(n)": """
        CASE
            WHEN n < 0 THEN CAST(athena_bad_argument('count argument of repeat function must be greater '
                || 'than or equal to 0') AS BIGINT)
            WHEN n > 10000 THEN CAST(athena_bad_argument('count argument of repeat function must be less '
                || 'than or equal to 10000') AS BIGINT)
            ELSE n
        END
    """,
    "athena_sequence_by(low, high, step)": """
        CASE
            WHEN step = 0 THEN [athena_bad_argument('step must not be zero')]
            WHEN (step > 0) <> (low <= high) AND low <> high THEN
            [athena_bad_argument('sequence stop value should be greater than or equal to start value '
            || 'if step is greater than zero otherwise stop should be less than or equal to start')]
            WHEN (CAST(high AS HUGEINT) - low) // step >= 10000 THEN
            [athena_bad_argument('result of sequence function must not have more than 10000 entries')]
            ELSE generate_series(low, high, step)
        END
    """,
    "athena_sequence(low, high)": "athena_sequence_by(low, high, CASE WHEN low <= high THEN 1 ELSE -1 END)",
    "athena_date_sequence(low, high, days)": """
        list_transform(athena_sequence_by(low - DATE '1970-01-01', high - DATE '1970-01-01', days),
            lambda day: DATE '1970-01-01' + CAST(day AS INTEGER))
    """,
    "athena_interval_days(step)": """
        CASE
            WHEN epoch_us(step) % 86400000000 = 0 THEN epoch_us(step) // 86400000000
            ELSE athena_bad_argument(
                'sequence step must be a day interval if start and end values are dates')
        END
    """,
    "athena_time_sequence(low, high, step)": """
        list_transform(athena_sequence_by(epoch_us(low), epoch_us(high), epoch_us(step)),
            lambda moment: make_timestamp(moment))
    """,
    # From the start each time: the end of January, a month later and two months later is the end of March.
    "athena_month_sequence(low, high, step)": """
        CASE
            WHEN low <> high AND (low < high) <> (athena_months(step) > 0)
            THEN list_transform(athena_sequence_by(0, CASE WHEN low < high THEN 1 ELSE -1 END,
                athena_months(step)), lambda months: low)
            ELSE list_transform(athena_sequence_by(0, date_sub('month', low, high), athena_months(step)),
                lambda months: low + to_months(CAST(months AS INTEGER)))
        END
    """,
}
