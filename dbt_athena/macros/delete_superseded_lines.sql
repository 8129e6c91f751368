{#- A corrected file may have fewer lines than the one that it supersedes. The merge never sees the lines
    that are gone, so they are deleted here; a table that was built anew has none. -#}
{% macro delete_superseded_lines() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where order_line_key not in (select order_line_key from {{ ref('int_sales_lines_enriched') }})
    {%- endif -%}
{%- endmacro %}
