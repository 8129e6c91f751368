{% snapshot snap_customers %}

{{
    config(
        unique_key='customer_version_key',
        strategy='check',
        check_cols=['name', 'email', 'country', 'segment'],
        updated_at='_ingested_at',
    )
}}

select
    customer_version_key,
    customer_id,
    name,
    email,
    country,
    segment,
    {{ cast_timestamp('updated_at') }} as updated_at,
    {{ cast_timestamp('_ingested_at') }} as _ingested_at
from {{ ref('stg_shop__customers') }}

{% endsnapshot %}
