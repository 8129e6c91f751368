"""EventBridge Scheduler of one account and region: moto keeps the schedules, here they come due.

A flexible time window is kept and answered, and the target is called at its beginning.
"""

from __future__ import annotations

import logging
import zoneinfo
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import moto.scheduler.models
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, ScheduleGroup

from millpond.events import EventsRuntime
from millpond.events.exceptions import UnsupportedTarget
from millpond.events.targets import check_scheduled_target
from millpond.iam.enforcement import RoleNotAssumableError, check_trust
from millpond.scheduler.exceptions import Conflict, InvalidSchedule
from millpond.scheduler.invocation import PRINCIPAL, delivery_of
from millpond.scheduler.period import WithinPeriod
from millpond.schedules import InvalidScheduleExpression, Rate, parse
from millpond.schedules import Schedule as Moments

_log = logging.getLogger(__name__)


class SchedulerService(EventBridgeSchedulerBackend):
    """Scheduler, with schedules that come due; `runtime` is set when the service is installed."""

    runtime: ClassVar[EventsRuntime]

    @property
    def _url_module(self) -> Any:
        from millpond.scheduler import urls

        return urls

    def create_schedule(self, *arguments: Any, **given: Any) -> Schedule:
        """CreateSchedule: a rate without a start date is due at once, as on AWS.

        Raises:
            InvalidSchedule: The expression, its zone, the target or its role is not valid.
            Conflict: There is such a schedule already.
            ScheduleGroupNotFound: There is no such group.
        """
        self._check(given)
        group = self.get_schedule_group(given.get("group_name"))
        if given["name"] in group.schedules:
            raise Conflict(f"Schedule {given['name']}")
        schedule = super().create_schedule(*arguments, **given)
        self._keep(schedule)
        is_rate = schedule.schedule_expression.startswith("rate(")
        if is_rate and schedule.state == "ENABLED" and not schedule.start_date:
            self._fire_at_once(schedule)
        return schedule

    def update_schedule(
        self, *arguments: Any, action_after_completion: str | None = None, **given: Any
    ) -> Schedule:
        """UpdateSchedule: what is not given is as if the schedule were made anew.

        Raises:
            InvalidSchedule: The expression, its zone, the target or its role is not valid.
            ScheduleNotFound: There is no such schedule.
        """
        self._check(given)
        given["state"] = given.get("state") or "ENABLED"
        schedule = super().update_schedule(*arguments, **given)
        schedule.action_after_completion = action_after_completion
        self._keep(schedule)
        return schedule

    def delete_schedule(self, group_name: str | None, name: str) -> None:
        """DeleteSchedule."""
        schedule = self.get_schedule(group_name, name)
        super().delete_schedule(group_name, name)
        self.runtime.clock.cancel(schedule.arn)

    def create_schedule_group(self, name: str, tags: list[dict[str, str]]) -> ScheduleGroup:
        """CreateScheduleGroup.

        Raises:
            Conflict: There is such a group already.
        """
        if name in self.schedule_groups:
            raise Conflict(f"Schedule group {name}")
        return super().create_schedule_group(name, tags)

    def delete_schedule_group(self, name: str | None) -> None:
        """DeleteScheduleGroup, with all its schedules.

        Raises:
            ScheduleGroupNotFound: There is no such group.
        """
        for schedule in self.get_schedule_group(name).schedules.values():
            self.runtime.clock.cancel(schedule.arn)
        super().delete_schedule_group(name)

    def _check(self, given: Mapping[str, Any]) -> None:
        self._moments(given["schedule_expression"], given.get("schedule_expression_timezone"))
        target = given["target"]
        try:
            check_scheduled_target(target)
            group = given.get("group_name") or "default"
            source = f"arn:aws:scheduler:{self.region_name}:{self.account_id}:schedule-group/{group}"
            check_trust(target["RoleArn"], PRINCIPAL, source_arn=source)
        except UnsupportedTarget as error:
            raise InvalidSchedule(str(error.message)) from None
        except RoleNotAssumableError:
            raise InvalidSchedule(
                "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
            ) from None

    def _moments(self, expression: str, zone: str | None) -> Moments:
        # EventBridge's rules may have spaces around their parts.
        if "( " in expression or " )" in expression or expression != expression.strip():
            raise InvalidSchedule(f"Invalid Schedule Expression {expression}.")
        try:
            return parse(expression, self.runtime.clock.now(), zoneinfo.ZoneInfo(zone or "UTC"))
        except InvalidScheduleExpression as error:
            _log.info("Refused a schedule: %s", error)
            raise InvalidSchedule(f"Invalid Schedule Expression {expression}.") from None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            raise InvalidSchedule(f"Invalid time zone {zone}.") from None

    def _keep(self, schedule: Schedule) -> None:
        """Let the clock know of a schedule, as it is now."""
        if schedule.state != "ENABLED":
            self.runtime.clock.cancel(schedule.arn)
            return
        begin, end = _moment(schedule.start_date), _moment(schedule.end_date)
        moments = self._moments(schedule.schedule_expression, schedule.schedule_expression_timezone)
        if isinstance(moments, Rate) and begin is not None:
            moments = Rate(moments.interval, begin - moments.interval)
        self.runtime.clock.set(
            schedule.arn,
            WithinPeriod(moments, begin, end),
            lambda moment: self.runtime.outbox.send(delivery_of(schedule, moment)),
            on_end=lambda: self._complete(schedule),
        )

    def _fire_at_once(self, schedule: Schedule) -> None:
        now, end = self.runtime.clock.now(), _moment(schedule.end_date)
        if end is None or now <= end:
            self.runtime.outbox.send(delivery_of(schedule, now))

    def _complete(self, schedule: Schedule) -> None:
        group = self.schedule_groups.get(schedule.group_name)
        if schedule.action_after_completion == "DELETE" and group is not None:
            group.schedules.pop(schedule.name, None)


def _moment(given: Any) -> datetime | None:
    """A moment as it comes over the wire, in seconds since 1970 or as text."""
    if not given:
        return None
    if isinstance(given, int | float):
        return datetime.fromtimestamp(given, UTC)
    moment = datetime.fromisoformat(str(given))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def install(runtime: EventsRuntime) -> None:
    """Put this service in the place of moto's; before the first request."""
    SchedulerService.runtime = runtime
    moto.scheduler.models.scheduler_backends.backend = SchedulerService
