"""Where the records of asynchronous invocations go.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.events.models import events_backends

from millpond.delivery import DeliveryError, deliver
from millpond.iam.enforcement import AccessDeniedError, Actor


def send_record(arn: str, record: dict[str, Any], sender: Actor) -> None:
    """Send an invocation record to a queue, a topic, a function or an event bus, with the function's rights.

    Raises:
        DeliveryError: There is no such resource, it did not take the record, or the function may not send
            there.
    """
    _, _, service, region, account_id, _ = arn.split(":", 5)
    if service != "events":
        deliver(arn, json.dumps(record), sender=sender)
        return
    try:
        sender.check("events", "PutEvents", Entries=[{"EventBusName": arn, "Source": "lambda"}])
    except AccessDeniedError as error:
        raise DeliveryError(arn, str(error)) from error
    result = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {result}",
        "Detail": json.dumps(record),
        "Resources": [arn, record["requestContext"]["functionArn"]],
        "EventBusName": arn,
    }
    events_backends[account_id][region].put_events([entry])
