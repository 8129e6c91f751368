-- Each month is rounded to cents once, so the months may differ from the exact sum of all lines by at most
-- half a cent each.
with totals as (

    select
        (select sum(line_amount) from {{ ref('fct_order_lines') }}) as of_lines,
        (select sum(net_revenue) from {{ ref('monthly_revenue') }}) as of_months,
        (select count(*) from {{ ref('monthly_revenue') }}) as months

)

select of_lines, of_months
from totals
where abs(of_lines - of_months) > decimal '0.005' * months
