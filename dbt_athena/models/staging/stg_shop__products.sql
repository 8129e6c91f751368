with latest_deliveries as (

    {{ latest_deliveries(source('shop', 'products')) }}

),

deliveries_of_a_version as (

    select
        *,
        row_number() over (
            partition by upper(stock_code), updated_at
            order by {{ delivered_at() }} desc, _ingested_at desc, _source_file desc, _line_number desc
        ) as recency
    from {{ source('shop', 'products') }}
    inner join latest_deliveries using (_source_file, _content_hash)

)

select
    {{ surrogate_key(['upper(stock_code)', 'updated_at']) }} as product_version_key,
    upper(stock_code) as stock_code,
    nullif(trim(description), '') as description,
    category,
    {{ cents_to_dollars('list_price_cents') }} as list_price,
    updated_at,
    _ingested_at
from deliveries_of_a_version
where recency = 1
