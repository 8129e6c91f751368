{#- The delivery that counts per file: raw keeps every delivery, and a corrected file that arrives under
    the same name supersedes the earlier one as a whole. -#}
{% macro latest_deliveries(relation) -%}
    select
        _source_file,
        max_by(_content_hash, _ingested_at) as _content_hash
    from {{ relation }}
    group by _source_file
{%- endmacro %}
