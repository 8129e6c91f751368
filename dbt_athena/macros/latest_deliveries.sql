{#- The delivery that counts per file: raw keeps every delivery, and a corrected file that arrives under
    the same name supersedes the earlier one as a whole. Later is what was put into landing later, in
    whatever order the files were taken in; S3 tells that to the second, and rows from before it was noted
    have no such moment: then the order of ingestion decides. -#}
{% macro latest_deliveries(relation) -%}
    select
        _source_file,
        _content_hash
    from (
        select
            _source_file,
            _content_hash,
            row_number() over (
                partition by _source_file
                order by max({{ delivered_at() }}) desc, max(_ingested_at) desc
            ) as recency
        from {{ relation }}
        group by _source_file, _content_hash
    ) as deliveries
    where recency = 1
{%- endmacro %}

{#- When a row's file was put into landing. -#}
{% macro delivered_at() -%}
    coalesce(_delivered_at, _ingested_at)
{%- endmacro %}
