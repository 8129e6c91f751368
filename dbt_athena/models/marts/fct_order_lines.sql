{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='order_line_key',
        update_condition='src._ingested_at > target._ingested_at',
        on_schema_change='fail',
        post_hook="{{ delete_superseded_lines() }}",
    )
}}

{% if is_incremental() %}
with late as (

    -- A file is read until 15 minutes, a function's longest run, after its _ingested_at: what was under
    -- way during the last run is taken again, and the merge leaves alone what it has already.
    select coalesce(max(_ingested_at) - interval '15' minute, {{ beginning_of_time() }}) as since
    from {{ this }}

)
{% endif %}

select
    order_line_key,
    invoice_no,
    stock_code,
    customer_id,
    country,
    {{ cast_timestamp('invoiced_at') }} as invoiced_at,
    is_cancellation,
    quantity,
    unit_price,
    line_amount,
    _source_file,
    _line_number,
    {{ cast_timestamp('_ingested_at') }} as _ingested_at
from {{ ref('int_sales_lines_enriched') }}
{% if is_incremental() %}
where _ingest_date >= (select cast(since as date) from late)
    and _ingested_at >= (select since from late)
{% endif %}
