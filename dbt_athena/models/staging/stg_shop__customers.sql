with latest_deliveries as (

    {{ latest_deliveries(source('shop', 'customers')) }}

),

deliveries_of_a_version as (

    select
        *,
        row_number() over (
            partition by customer_id, updated_at
            order by {{ delivered_at() }} desc, _ingested_at desc, _source_file desc, _line_number desc
        ) as recency
    from {{ source('shop', 'customers') }}
    inner join latest_deliveries using (_source_file, _content_hash)

)

select
    {{ surrogate_key(['customer_id', 'updated_at']) }} as customer_version_key,
    customer_id,
    name,
    email,
    country,
    segment,
    updated_at,
    _ingested_at
from deliveries_of_a_version
where recency = 1
