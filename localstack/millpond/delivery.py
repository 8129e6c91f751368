"""Events from one service to another by ARN, inside the process: to queues, topics and functions."""

from __future__ import annotations

from dataclasses import replace

from moto.awslambda.models import lambda_backends
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from millpond.iam.enforcement import AccessDeniedError, Actor

# Name → type (`String`, `Number`) and value; queues and topics spell the two differently.
MessageAttributes = dict[str, tuple[str, str]]


class DeliveryError(Exception):
    """An event cannot be delivered to the resource with this ARN."""

    def __init__(self, arn: str, reason: str) -> None:
        super().__init__(f"{arn}: {reason}")


def deliver(
    arn: str,
    body: str,
    attributes: MessageAttributes | None = None,
    subject: str | None = None,
    group_id: str | None = None,
    *,
    sender: Actor,
) -> None:
    """Send a text to a queue or a topic, or invoke a function asynchronously with it.

    Args:
        arn: Of the queue, topic or function.
        body: For a function, JSON.
        attributes: Message attributes of the queue or topic.
        subject: Of a topic's message.
        group_id: Of a FIFO queue's or topic's message.
        sender: Who sends; the resource's policy, or his own, must let him.

    Raises:
        DeliveryError: There is no such resource, it did not take the text, or the sender may not send there.
    """
    _, _, service, region, account_id, resource = arn.split(":", 5)
    check_sender(arn, sender)
    try:
        if service == "sqs":
            sqs_backends[account_id][region].send_message(
                resource,
                body,
                message_attributes=_spelled(attributes, "DataType", "StringValue"),
                group_id=group_id,
            )
        elif service == "sns":
            sns_backends[account_id][region].publish(
                body,
                arn=arn,
                subject=subject,
                group_id=group_id,
                message_attributes=_spelled(attributes, "Type", "Value"),
            )
        elif service == "lambda":
            lambda_backends[account_id][region].invoke(arn, None, body, _ASYNCHRONOUS, {})
        else:
            raise DeliveryError(arn, f"the local cloud cannot send events to {service}")
    except (JsonRESTError, ServiceException) as error:
        raise DeliveryError(arn, str(getattr(error, "message", error))) from error


def check_sender(arn: str, sender: Actor) -> None:
    """Make sure that somebody may send to a queue or topic, or invoke a function.

    Raises:
        DeliveryError: He may not.
    """
    _, _, service, region, account_id, resource = arn.split(":", 5)
    there = replace(sender, region=region, account=account_id)
    try:
        if service == "sqs":
            there.check("sqs", "SendMessage", QueueUrl=f"https://sqs/{account_id}/{resource}")
        elif service == "sns":
            there.check("sns", "Publish", TopicArn=arn)
        elif service == "lambda":
            there.check("lambda", "Invoke", FunctionName=arn)
    except AccessDeniedError as error:
        raise DeliveryError(arn, str(error)) from error


def exists(arn: str) -> bool:
    """Whether there is a queue, topic or function with this ARN."""
    _, _, service, region, account_id, resource = arn.split(":", 5)
    try:
        if service == "sqs":
            sqs_backends[account_id][region].get_queue(resource)
        elif service == "sns":
            sns_backends[account_id][region].get_topic(arn)
        elif service == "lambda":
            lambda_backends[account_id][region].get_function(arn)
        else:
            return False
    except (JsonRESTError, ServiceException):
        return False
    return True


def _spelled(attributes: MessageAttributes | None, kind: str, value: str) -> dict[str, dict[str, str]]:
    return {name: {kind: of, value: content} for name, (of, content) in (attributes or {}).items()}


_ASYNCHRONOUS = {"X-Amz-Invocation-Type": "Event"}
