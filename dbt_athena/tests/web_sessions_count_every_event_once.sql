-- Every event belongs to a session, and to one.
with counts as (

    select
        (select sum(events) from {{ ref('fct_web_sessions') }}) as counted,
        (select count(*) from {{ ref('stg_shop__events') }}) as arrived

)

select counted, arrived
from counts
where coalesce(counted, 0) <> arrived
