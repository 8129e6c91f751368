"""What a target gets when its schedule is due.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from moto.scheduler.models import Schedule

from millpond.events.entries import new_event
from millpond.events.targets import Delivery

PRINCIPAL = "scheduler.amazonaws.com"


def delivery_of(schedule: Schedule, moment: datetime) -> Delivery:
    """The delivery of a schedule that is due.

    Args:
        schedule: As it is kept.
        moment: When it was to be due.
    """
    _, _, _, region, account_id, _ = schedule.arn.split(":", 5)
    event = new_event(account_id, region, "aws.scheduler", "Scheduled Event", "{}", [schedule.arn], moment)
    body = schedule.target.get("Input") or json.dumps(event)
    for name, value in {
        "aws.scheduler.schedule-arn": schedule.arn,
        "aws.scheduler.scheduled-time": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws.scheduler.execution-id": str(uuid.uuid4()),
        "aws.scheduler.attempt-number": "1",
    }.items():
        body = body.replace(f"<{name}>", value)
    return Delivery(schedule.target, body, event, schedule.arn, PRINCIPAL)
