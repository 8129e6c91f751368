"""The days that a run is about."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Asset, Param

RAW = Asset("lake-raw", uri="lake://raw")
"""Raw has all files of a day."""

MARTS = Asset("lake-marts", uri="lake://marts")
"""The marts are built and pass their own tests."""

PUBLISHED = Asset("lake-published", uri="lake://published")
"""Readers see the marts."""

DAY_PARAM = {
    "day": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Day",
        description="The one day to work on; without it the day that the schedule or the asset names.",
    )
}


def days_of(context: Mapping[str, Any]) -> list[str]:
    """The days of a run, in order: what was asked for, or what has arrived, or the day of the schedule."""
    asked = context["params"].get("day")
    if asked:
        return [str(datetime.date.fromisoformat(asked))]
    events = context.get("triggering_asset_events") or {}
    arrived = {
        day for each in events.values() for event in each for day in (event.extra or {}).get("days", ())
    }
    if arrived:
        return sorted(arrived)
    interval = context.get("data_interval_start") or datetime.datetime.now(datetime.UTC)
    return [str(interval.date())]
