"""Scheduler's wire format: what moto leaves out."""

from __future__ import annotations

import json

from moto.scheduler.models import scheduler_backends
from moto.scheduler.responses import EventBridgeSchedulerResponse

from millpond.scheduler.service import SchedulerService


class SchedulerApi(EventBridgeSchedulerResponse):
    """The operations."""

    def update_schedule(self) -> str:
        """Change a schedule; moto forgets what is to be done with it when it is over."""
        service = scheduler_backends[self.current_account][self.region]
        assert isinstance(service, SchedulerService)  # noqa: S101 - install() put the class there
        schedule = service.update_schedule(
            description=self._get_param("Description"),
            end_date=self._get_param("EndDate"),
            flexible_time_window=self._get_param("FlexibleTimeWindow"),
            group_name=self._get_param("GroupName"),
            kms_key_arn=self._get_param("KmsKeyArn"),
            name=self.uri.split("?")[0].split("/")[-1],
            schedule_expression=self._get_param("ScheduleExpression"),
            schedule_expression_timezone=self._get_param("ScheduleExpressionTimezone"),
            start_date=self._get_param("StartDate"),
            state=self._get_param("State"),
            target=self._get_param("Target"),
            action_after_completion=self._get_param("ActionAfterCompletion"),
        )
        return json.dumps({"ScheduleArn": schedule.arn})
