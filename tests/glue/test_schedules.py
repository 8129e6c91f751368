"""The clock behind crawlers and triggers."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator

import pytest
from moto.glue.exceptions import CrawlerRunningException

from millpond.glue.exceptions import InvalidInput
from millpond.glue.schedules import keep, read_schedule
from millpond.schedules import Clock


class EveryMoment:
    """Due again and again."""

    def next_after(self, moment: datetime.datetime) -> datetime.datetime:
        return moment + datetime.timedelta(milliseconds=10)


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    yield clock
    clock.shutdown()


def test_refused_start_does_not_end_a_schedule(clock: Clock) -> None:
    attempts, enough = [], threading.Event()

    def start() -> None:
        attempts.append(len(attempts))
        if len(attempts) == 3:
            enough.set()
        raise CrawlerRunningException("it runs still")

    keep(clock, "crawler", EveryMoment(), start)
    assert enough.wait(10)


def test_six_fields_are_read_in_utc() -> None:
    monday = datetime.datetime(2026, 11, 23, 12, 16, tzinfo=datetime.UTC)
    following = read_schedule("cron(15 12 ? * MON-FRI *)").next_after(monday)
    assert following == datetime.datetime(2026, 11, 24, 12, 15, tzinfo=datetime.UTC)


@pytest.mark.parametrize("expression", ["rate(5 minutes)", "cron(15 12 * * *)", "at(2026-01-01T00:00:00)"])
def test_what_glue_does_not_know_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInput, match="six fields"):
        read_schedule(expression)
