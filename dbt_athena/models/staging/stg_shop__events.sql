with deliveries_of_an_event as (

    select
        *,
        row_number() over (
            partition by event_id
            order by _ingested_at
        ) as delivery
    from {{ source('shop', 'events') }}

)

select
    event_id,
    event_type,
    session_id,
    customer_id,
    -- The shop writes the suffix of a stock code in either case: 85123a is 85123A.
    upper(stock_code) as stock_code,
    page,
    occurred_at,
    _ingested_at,
    cast(ingest_date as date) as _ingest_date
from deliveries_of_an_event
where delivery = 1
