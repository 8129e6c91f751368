with delivered_versions as (

    select
        stock_code,
        description,
        category,
        list_price,
        updated_at,
        lag(updated_at) over versions as previous_updated_at,
        lead(updated_at) over versions as next_updated_at
    from {{ ref('snap_products') }}
    where dbt_valid_to is null
    window versions as (partition by stock_code order by updated_at)

),

descriptions_by_use as (

    -- Clerks also note breakages in the description: what most lines say is what the product is.
    select
        stock_code,
        description,
        row_number() over (
            partition by stock_code
            order by if(description is null, 0, count(*)) desc, description
        ) as rank
    from {{ ref('int_sales_lines_enriched') }}
    where stock_code not in (select stock_code from delivered_versions)
    group by stock_code, description

),

all_versions as (

    select
        stock_code,
        description,
        category,
        list_price,
        -- The first version also holds for what was sold before the shop told of the product.
        if(previous_updated_at is null, {{ beginning_of_time() }}, updated_at) as valid_from,
        next_updated_at as valid_to
    from delivered_versions

    union all

    select stock_code, description, 'unknown', null, {{ beginning_of_time() }}, null
    from descriptions_by_use
    where rank = 1

)

select
    {{ surrogate_key(['stock_code', 'valid_from']) }} as product_key,
    stock_code,
    description,
    category,
    list_price,
    valid_from,
    valid_to,
    valid_to is null as is_current
from all_versions
