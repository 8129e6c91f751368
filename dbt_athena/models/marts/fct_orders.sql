select
    invoice_no,
    -- All lines of an invoice have one customer and one country; the time may differ by a minute.
    max(customer_id) as customer_id,
    max(country) as country,
    min(invoiced_at) as ordered_at,
    is_cancellation,
    count(*) as line_count,
    sum(quantity) as units,
    sum(line_amount) as amount
from {{ ref('fct_order_lines') }}
group by invoice_no, is_cancellation
