"""The schedules of crawlers and triggers: `cron(...)` with six fields, in UTC.

https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Hashable

from moto.core.exceptions import JsonRESTError

from millpond.glue.exceptions import InvalidInput
from millpond.schedules import Clock, InvalidScheduleExpression, Schedule, parse

_log = logging.getLogger(__name__)


def read_schedule(expression: str) -> Schedule:
    """When something is to start.

    Raises:
        InvalidInput: It is no `cron(...)`, or one of its fields is wrong.
    """
    if not expression.startswith("cron("):
        raise InvalidInput(f"Schedule expression '{expression}' is no cron(...) with six fields")
    try:
        return parse(expression, datetime.datetime.now(datetime.UTC))
    except InvalidScheduleExpression as error:
        raise InvalidInput(f"Invalid schedule expression: {error}") from None


def keep(clock: Clock, key: Hashable, schedule: Schedule, start: Callable[[], object]) -> None:
    """Start something whenever its time comes; a start that is refused, as it runs still, is passed over."""

    def attempt(moment: datetime.datetime) -> None:
        try:
            start()
        except JsonRESTError as error:
            _log.warning("Nothing was started for %s at %s: %s", key, moment, error)

    clock.set(key, schedule, attempt)
