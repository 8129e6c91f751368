with amounts_by_month as (

    select
        cast(date_trunc('month', ordered_at) as date) as month,
        count_if(not is_cancellation) as orders,
        sum(if(is_cancellation, 0, amount)) as gross_revenue,
        sum(if(is_cancellation, amount, 0)) as returns,
        sum(amount) as net_revenue
    from {{ ref('fct_orders') }}
    group by 1

)

-- Unit prices have fractions of a cent: sums are exact, and only the month's result is rounded.
select
    month,
    orders,
    cast(gross_revenue as decimal(18, 2)) as gross_revenue,
    cast(returns as decimal(18, 2)) as returns,
    cast(net_revenue as decimal(18, 2)) as net_revenue
from amounts_by_month
