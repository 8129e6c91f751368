"""Delivery to queues, topics, functions and event buses by ARN, inside the process."""

from __future__ import annotations

import json
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.events.models import events_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from millpond.functions.exceptions import DestinationError


def deliver(arn: str, body: str, attributes: dict[str, dict[str, str]] | None = None) -> None:
    """Send a text to the resource that an ARN names.

    Args:
        arn: A queue, topic, function or event bus.
        body: For a function or an event bus, a JSON object.
        attributes: Message attributes of the queue or topic.

    Raises:
        DestinationError: There is no such resource, or it did not take the text.
    """
    _, _, service, region, account_id, resource = arn.split(":", 5)
    sender = _SENDERS.get(service)
    if sender is None:
        raise DestinationError(arn, f"the local cloud cannot send events to {service}")
    try:
        sender(account_id, region, arn, resource, body, attributes or {})
    except (JsonRESTError, ServiceException) as error:
        raise DestinationError(arn, str(getattr(error, "message", error))) from error


def _to_queue(account_id: str, region: str, arn: str, resource: str, body: str, attributes: Any) -> None:
    sqs_backends[account_id][region].send_message(resource, body, message_attributes=attributes)


def _to_topic(account_id: str, region: str, arn: str, resource: str, body: str, attributes: Any) -> None:
    sns_backends[account_id][region].publish(body, arn=arn, message_attributes=attributes)


def _to_function(account_id: str, region: str, arn: str, resource: str, body: str, attributes: Any) -> None:
    lambda_backends[account_id][region].invoke(arn, None, body, {"X-Amz-Invocation-Type": "Event"}, {})


def _to_event_bus(account_id: str, region: str, arn: str, resource: str, body: str, attributes: Any) -> None:
    record = json.loads(body)
    condition = record["requestContext"]["condition"]
    result = "Success" if condition == "Success" else "Failure"
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {result}",
        "Detail": body,
        "Resources": [arn, record["requestContext"]["functionArn"]],
        "EventBusName": arn,
    }
    events_backends[account_id][region].put_events([entry])


_SENDERS = {"sqs": _to_queue, "sns": _to_topic, "lambda": _to_function, "events": _to_event_bus}
