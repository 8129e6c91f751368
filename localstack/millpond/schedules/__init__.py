"""When things happen by themselves: AWS's schedule expressions, and the clock that keeps to them."""

from millpond.schedules.clock import Clock
from millpond.schedules.exceptions import InvalidScheduleExpression
from millpond.schedules.expressions import At, Cron, Rate, Schedule, parse

__all__ = ["At", "Clock", "Cron", "InvalidScheduleExpression", "Rate", "Schedule", "parse"]
