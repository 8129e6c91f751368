{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='session_id',
        on_schema_change='fail',
    )
}}

with events as (

    select * from {{ ref('stg_shop__events') }}

),

{% if is_incremental() %}
-- A session goes on while its visitor does: those with new events are counted anew, from their first event.
-- Firehose delivers what was taken in up to 15 minutes before: such events are taken again.
late as (

    select coalesce(max(_ingested_at) - interval '30' minute, {{ beginning_of_time() }}) as since
    from {{ this }}

),

counted_anew as (

    select distinct session_id
    from events
    where _ingested_at >= (select since from late)

),
{% endif %}

sessions as (

    select
        session_id,
        coalesce(max(customer_id), -1) as customer_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        min_by(page, occurred_at) as entry_page,
        max_by(page, occurred_at) as exit_page,
        count(*) as events,
        count_if(event_type = 'product_view') as product_views,
        count(distinct if(event_type = 'product_view', stock_code)) as products_viewed,
        count_if(event_type = 'add_to_cart') as cart_additions,
        bool_or(event_type = 'checkout') as has_checkout,
        max(_ingested_at) as _ingested_at
    from events
    {% if is_incremental() %}
    inner join counted_anew using (session_id)
    {% endif %}
    group by session_id

)

select
    session_id,
    customer_id,
    {{ cast_timestamp('started_at') }} as started_at,
    {{ cast_timestamp('ended_at') }} as ended_at,
    date_diff('second', started_at, ended_at) as duration_seconds,
    entry_page,
    exit_page,
    events,
    product_views,
    products_viewed,
    cart_additions,
    has_checkout,
    {{ cast_timestamp('_ingested_at') }} as _ingested_at
from sessions
