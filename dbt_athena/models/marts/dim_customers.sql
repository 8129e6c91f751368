with delivered_versions as (

    select
        customer_id,
        name,
        email,
        country,
        segment,
        updated_at,
        lag(updated_at) over versions as previous_updated_at,
        lead(updated_at) over versions as next_updated_at
    from {{ ref('snap_customers') }}
    where dbt_valid_to is null
    window versions as (partition by customer_id order by updated_at)

),

known_from_sales_only as (

    select
        customer_id,
        max_by(country, invoiced_at) as country
    from {{ ref('int_sales_lines_enriched') }}
    where customer_id <> -1
        and customer_id not in (select customer_id from delivered_versions)
    group by customer_id

),

all_versions as (

    select
        customer_id,
        name,
        email,
        country,
        segment,
        -- The first version also holds for what was bought before the shop told of the customer.
        if(previous_updated_at is null, {{ beginning_of_time() }}, updated_at) as valid_from,
        next_updated_at as valid_to
    from delivered_versions

    union all

    select customer_id, null, null, country, 'unknown', {{ beginning_of_time() }}, null
    from known_from_sales_only

    union all

    select -1, 'Unknown customer', null, 'Unspecified', 'unknown', {{ beginning_of_time() }}, null

)

select
    {{ surrogate_key(['customer_id', 'valid_from']) }} as customer_key,
    customer_id,
    name,
    email,
    country,
    coalesce(region, 'Unspecified') as region,
    segment,
    valid_from,
    valid_to,
    valid_to is null as is_current
from all_versions
left join {{ ref('country_regions') }} using (country)
