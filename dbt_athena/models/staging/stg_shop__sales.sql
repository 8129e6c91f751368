with latest_deliveries as (

    {{ latest_deliveries(source('shop', 'sales')) }}

)

select
    {{ surrogate_key(['_source_file', '_line_number']) }} as order_line_key,
    invoice_no,
    -- The shop writes the suffix of a stock code in either case: 85123a is 85123A.
    upper(stock_code) as stock_code,
    nullif(trim(description), '') as description,
    quantity,
    invoice_date as invoiced_at,
    unit_price,
    customer_id,
    country,
    _source_file,
    _line_number,
    _content_hash,
    _ingested_at,
    cast(ingest_date as date) as _ingest_date
from {{ source('shop', 'sales') }}
inner join latest_deliveries using (_source_file, _content_hash)
