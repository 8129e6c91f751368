{#- An exact amount of money from whole cents. Multiplied, not divided: the scale is then the same in
    every engine. -#}
{% macro cents_to_dollars(cents) -%}
    cast({{ cents }} * decimal '0.01' as decimal(18, 2))
{%- endmacro %}
