{#- From when a first version is valid: earlier than anything that can be sold. -#}
{% macro beginning_of_time() -%}
    cast(timestamp '1900-01-01 00:00:00' as timestamp(6))
{%- endmacro %}
