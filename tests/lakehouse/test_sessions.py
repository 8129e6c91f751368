"""The Spark job of the deployed lake: each event in one session, made anew where late events come."""

from __future__ import annotations

import importlib.util

import pytest

from millpond.demo.pipelines import make_sessions

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None, reason='needs PySpark: pip install "millpond[spark]"'
)

# By Athena alone: half an hour of silence ends a session, and so does midnight.
SESSIONS = """
    with distinct_events as (
        select
            event_id,
            min(occurred_at) as at,
            min(coalesce(cast(customer_id as varchar), session_id)) as visitor
        from {raw}.events
        group by event_id
    ),
    silences as (
        select at - lag(at) over (partition by visitor, date(at) order by at, event_id) as silence
        from distinct_events
    )
    select count_if(silence is null or silence > interval '30' minute), count(*) from silences
"""


def test_every_event_is_in_one_session_as_athena_counts_them(lakehouse):
    lake = lakehouse.lake
    made = make_sessions(lake)
    ((sessions, events),) = lake.query(SESSIONS.format(raw=lake.outputs.raw_database)).rows
    assert (made.sessions, made.events) == (int(sessions), int(events))
    assert made.events == lakehouse.posted.distinct


def test_a_run_without_new_events_changes_nothing(lakehouse):
    made = make_sessions(lakehouse.lake)
    assert make_sessions(lakehouse.lake) == made
