select
    order_line_key,
    invoice_no,
    invoice_no like 'C%' as is_cancellation,
    stock_code,
    description,
    -- -1 is the unknown customer: lines without one count for revenue.
    coalesce(customer_id, -1) as customer_id,
    country,
    invoiced_at,
    quantity,
    unit_price,
    unit_price * quantity as line_amount,
    _source_file,
    _line_number,
    _ingested_at,
    _ingest_date
from {{ ref('stg_shop__sales') }}
