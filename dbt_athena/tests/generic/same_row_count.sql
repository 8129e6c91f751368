{#- Finds a difference between the numbers of rows of two relations: nothing lost, nothing doubled. -#}
{% test same_row_count(model, compare_to) %}

with row_counts as (

    select
        (select count(*) from {{ model }}) as here,
        (select count(*) from {{ compare_to }}) as there

)

select here, there
from row_counts
where here <> there

{% endtest %}
