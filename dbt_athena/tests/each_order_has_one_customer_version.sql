-- The versions of a customer neither overlap nor leave a gap: at the time of an order exactly one holds.
select
    orders.invoice_no,
    count(customers.customer_key) as versions
from {{ ref('fct_orders') }} as orders
left join {{ ref('dim_customers') }} as customers
    on customers.customer_id = orders.customer_id
    and orders.ordered_at >= customers.valid_from
    and (customers.valid_to is null or orders.ordered_at < customers.valid_to)
group by orders.invoice_no
having count(customers.customer_key) <> 1
