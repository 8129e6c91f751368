{% snapshot snap_products %}

{{
    config(
        unique_key='product_version_key',
        strategy='check',
        check_cols=['description', 'category', 'list_price'],
        updated_at='_ingested_at',
    )
}}

select
    product_version_key,
    stock_code,
    description,
    category,
    list_price,
    {{ cast_timestamp('updated_at') }} as updated_at,
    {{ cast_timestamp('_ingested_at') }} as _ingested_at
from {{ ref('stg_shop__products') }}

{% endsnapshot %}
