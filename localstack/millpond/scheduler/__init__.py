"""EventBridge Scheduler: schedules that call their targets when they are due, under a role."""

from millpond.scheduler.service import SchedulerService, install

__all__ = ["SchedulerService", "install"]
