"""When AWS's schedule expressions come due; the examples are the documentation's."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from millpond.schedules import InvalidScheduleExpression, parse

# Thursday.
NOW = datetime(2026, 1, 15, 10, 7, 30, tzinfo=UTC)


def next_of(expression, after=NOW, zone=UTC):
    moment = parse(expression, anchor=NOW, zone=zone).next_after(after)
    return moment and moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("expression", "moment"),
    [
        ("cron(0 10 * * ? *)", "2026-01-16 10:00"),
        ("cron(15 12 * * ? *)", "2026-01-15 12:15"),
        ("cron(0 18 ? * MON-FRI *)", "2026-01-15 18:00"),
        ("cron(0 8 1 * ? *)", "2026-02-01 08:00"),
        ("cron(0/15 * * * ? *)", "2026-01-15 10:15"),
        ("cron(0/10 * ? * MON-FRI *)", "2026-01-15 10:10"),
        ("cron(0/5 8-17 ? * MON-FRI *)", "2026-01-15 10:10"),
        ("cron(0 9 ? * 2#1 *)", "2026-02-02 09:00"),
        ("cron(15 10 ? * 6L 2019-2026)", "2026-01-30 10:15"),
        ("cron(0 0 L * ? *)", "2026-01-31 00:00"),
        ("cron(0 0 LW FEB ? *)", "2026-02-27 00:00"),
        ("cron(0 0 15W * ? *)", "2026-02-16 00:00"),
        ("cron(0 0 1W AUG ? *)", "2026-08-03 00:00"),
        ("cron(0 0 31 * ? *)", "2026-01-31 00:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29 00:00"),
        ("cron(30 6 1,15 * ? *)", "2026-02-01 06:30"),
        ("cron(0 12 ? * sun *)", "2026-01-18 12:00"),
        ("cron(*/20 10 * * ? *)", "2026-01-15 10:20"),
        ("rate(5 minutes)", "2026-01-15 10:12"),
        ("rate(1 hour)", "2026-01-15 11:07"),
        ("rate(7 days)", "2026-01-22 10:07"),
        ("at(2026-03-01T00:00:00)", "2026-03-01 00:00"),
    ],
)
def test_next_moment(expression, moment):
    assert next_of(expression) == moment


@pytest.mark.parametrize("expression", ["cron(0 0 1 1 ? 2025)", "at(2026-01-15T10:07:30)"])
def test_a_schedule_that_is_over_has_no_next_moment(expression):
    assert next_of(expression) is None


def test_a_rate_counts_from_its_anchor():
    assert next_of("rate(10 minutes)", NOW + timedelta(minutes=25)) == "2026-01-15 10:37"


def test_cron_goes_by_the_clocks_of_its_zone():
    berlin = ZoneInfo("Europe/Berlin")
    assert next_of("cron(0 6 * * ? *)", zone=berlin) == "2026-01-16 05:00"
    assert next_of("cron(0 6 * * ? *)", datetime(2026, 7, 1, tzinfo=UTC), berlin) == "2026-07-01 04:00"


def test_a_time_that_the_clocks_leave_out_is_left_out():
    berlin = ZoneInfo("Europe/Berlin")
    assert next_of("cron(30 2 * * ? *)", datetime(2026, 3, 28, 12, tzinfo=UTC), berlin) == "2026-03-30 00:30"


def test_a_time_that_comes_twice_counts_once():
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_of("cron(30 2 * * ? *)", first - timedelta(hours=1), berlin) == "2026-10-25 00:30"
    assert next_of("cron(30 2 * * ? *)", first, berlin) == "2026-10-26 01:30"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("every day", "expected rate"),
        ("rate(1 minutes)", "singular"),
        ("rate(5 minute)", "singular"),
        ("rate(0 minutes)", "positive number"),
        ("rate(5 seconds)", "minutes, hours or days"),
        ("cron(0 10 * * *)", "six fields"),
        ("cron(0 10 * * * *)", "exactly one"),
        ("cron(0 10 ? * ? *)", "exactly one"),
        ("cron(60 10 * * ? *)", "minutes: 60 is not between 0 and 59"),
        ("cron(0 10 ? * 8 *)", "day of week: 8"),
        ("cron(0 10 * FOO ? *)", "month: cannot read 'FOO'"),
        ("cron(0 10-8 * * ? *)", "ends before it begins"),
        ("cron(0/0 10 * * ? *)", "minutes: cannot read"),
        ("at(2026-01-01)", "yyyy-mm-ddThh:mm:ss"),
    ],
)
def test_what_is_wrong_is_named(expression, reason):
    with pytest.raises(InvalidScheduleExpression, match=reason):
        parse(expression, anchor=NOW)
