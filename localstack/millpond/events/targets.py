"""How each kind of target is given an event.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html

Functions, queues, topics and log groups let rules in by policies of their own; everything else, and any of
them whose target names a role, is called with the rights of that role.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.exceptions import JsonRESTError
from moto.events.models import events_backends
from moto.glue.models import glue_backends
from moto.logs.models import logs_backends

from millpond.delivery import DeliveryError, deliver
from millpond.events.exceptions import DeliveryFailed, InvalidParameter, UnsupportedTarget
from millpond.glue import GlueService
from millpond.iam.enforcement import AccessDeniedError, RoleNotAssumableError, role_actor, service_actor
from millpond.role_clients import RoleClients, ServiceRole


@dataclass(frozen=True)
class TargetArn:
    """The parts of a target's ARN."""

    text: str
    service: str
    region: str
    account_id: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> TargetArn:
        """Read an ARN; one with too few parts has empty ones."""
        parts = text.split(":", 5) + [""] * 6
        return cls(text, parts[2], parts[3], parts[4], parts[5])


@dataclass(frozen=True)
class Delivery:
    """One event for one target.

    Attributes:
        target: As PutTargets takes it.
        body: What the target gets.
        event: What the body was made of; paths such as a partition key's look into it.
        source_arn: The rule or schedule.
        principal: Whose service principal delivers, as `events.amazonaws.com`.
    """

    target: Mapping[str, Any]
    body: str
    event: Mapping[str, Any]
    source_arn: str
    principal: str

    @property
    def arn(self) -> TargetArn:
        """The target's."""
        return TargetArn.parse(self.target["Arn"])

    @property
    def role_source(self) -> str:
        """What a role's trust policy sees as the source: of a schedule its group.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        """
        before, is_schedule, rest = self.source_arn.partition(":schedule/")
        return f"{before}:schedule-group/{rest.partition('/')[0]}" if is_schedule else self.source_arn


class Targets:
    """Delivers to every kind of target that this cloud knows."""

    def __init__(self, clients: RoleClients) -> None:
        self._clients = clients

    def send(self, delivery: Delivery) -> None:
        """Give a target its event; it has it when this returns.

        Raises:
            DeliveryFailed: It does not.
        """
        arn = delivery.arn
        try:
            if delivery.target.get("RoleArn"):
                self._with_role(delivery, arn)
            elif arn.service in _IN_PROCESS:
                _IN_PROCESS[arn.service](delivery, arn)
            else:
                group = (delivery.target.get("SqsParameters") or {}).get("MessageGroupId")
                sender = service_actor(delivery.principal, delivery.source_arn)
                deliver(arn.text, delivery.body, group_id=group, sender=sender)
        except DeliveryError as error:
            raise DeliveryFailed("SDK_CLIENT_ERROR", str(error)) from error
        except RoleNotAssumableError as error:
            raise DeliveryFailed("NO_PERMISSIONS", str(error)) from error
        except ClientError as error:
            code = error.response["Error"]["Code"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            retryable = status >= 500 or code in _THROTTLED
            raise DeliveryFailed(code, str(error), retryable=retryable) from error
        except BotoCoreError as error:
            raise DeliveryFailed("SDK_CLIENT_ERROR", str(error)) from error

    def _with_role(self, delivery: Delivery, arn: TargetArn) -> None:
        role = ServiceRole(
            delivery.target["RoleArn"], delivery.principal, _session_name(delivery), delivery.role_source
        )
        if arn.service == _UNIVERSAL:
            _, service, _ = arn.resource.split(":")
            region = TargetArn.parse(delivery.source_arn).region
            _call_operation(self._clients.client(service, region, role), delivery, arn)
        else:
            service, call = _CALLS[arn.service]
            call(self._clients.client(service, arn.region, role), delivery, arn)


# The service in the ARNs of Scheduler's universal targets.
_UNIVERSAL = "scheduler"

_THROTTLED = {"ThrottlingException", "TooManyRequestsException", "ProvisionedThroughputExceededException"}

_DELIVERABLE = (
    "functions, queues, topics, log groups, streams, delivery streams, "
    "state machines, event buses and Glue workflows"
)


def check_target(target: Mapping[str, Any]) -> None:
    """Make sure that a target can be delivered to.

    Raises:
        UnsupportedTarget: Nothing here delivers to such a thing.
        InvalidParameter: It takes a role to deliver to it, and none is given.
    """
    arn = TargetArn.parse(target["Arn"])
    known = arn.service in _CALLS or arn.service in _IN_PROCESS
    if not known or (arn.service == "events" and not arn.resource.startswith("event-bus/")):
        raise UnsupportedTarget(arn.text, _DELIVERABLE)
    if arn.service in _ROLE_NEEDED and not target.get("RoleArn"):
        raise InvalidParameter(f"RoleArn is required for target {arn.text}.")


def check_scheduled_target(target: Mapping[str, Any]) -> None:
    """Make sure that a target can be called by Scheduler, which always has a role.

    Raises:
        UnsupportedTarget: Nothing here calls such a thing.
    """
    arn = TargetArn.parse(target["Arn"])
    if arn.service == _UNIVERSAL:
        parts = arn.resource.split(":")
        if len(parts) != 3 or parts[0] != "aws-sdk":
            raise UnsupportedTarget(arn.text, "arn:aws:scheduler:::aws-sdk:service:apiAction")
    elif arn.service not in _CALLS:
        raise UnsupportedTarget(arn.text, _DELIVERABLE)


def _session_name(delivery: Delivery) -> str:
    return delivery.source_arn.rpartition("/")[2][:64]


def _to_function(client: Any, delivery: Delivery, arn: TargetArn) -> None:
    client.invoke(FunctionName=arn.text, InvocationType="Event", Payload=delivery.body)


def _to_queue(client: Any, delivery: Delivery, arn: TargetArn) -> None:
    url = client.get_queue_url(QueueName=arn.resource, QueueOwnerAWSAccountId=arn.account_id)["QueueUrl"]
    group = (delivery.target.get("SqsParameters") or {}).get("MessageGroupId")
    client.send_message(
        QueueUrl=url, MessageBody=delivery.body, **({"MessageGroupId": group} if group else {})
    )


def _to_topic(client: Any, delivery: Delivery, arn: TargetArn) -> None:
    client.publish(TopicArn=arn.text, Message=delivery.body)


def _to_stream(client: Any, delivery: Delivery, arn: TargetArn) -> None:
    parameters = delivery.target.get("KinesisParameters") or {}
    key = parameters.get("PartitionKey") or _at_path(parameters.get("PartitionKeyPath"), delivery.event)
    client.put_record(
        StreamARN=arn.text,
        Data=delivery.body.encode(),
        PartitionKey=key or delivery.event.get("id") or uuid.uuid4().hex,
    )


def _to_delivery_stream(client: Any, delivery: Delivery, arn: TargetArn) -> None:
    name = arn.resource.partition("/")[2]
    client.put_record(DeliveryStreamName=name, Record={"Data": delivery.body.encode()})


def _to_state_machine(client: Any, delivery: Delivery, arn: TargetArn) -> None:
    client.start_execution(stateMachineArn=arn.text, input=delivery.body)


def _to_bus(_client: Any, delivery: Delivery, arn: TargetArn) -> None:
    """Events keep their source on the way between buses, also AWS's own, which PutEvents would refuse."""
    actor = role_actor(delivery.target["RoleArn"], _session_name(delivery), arn.region)
    try:
        actor.check("events", "PutEvents", Entries=[_entry(delivery, arn)])
    except AccessDeniedError as error:
        raise DeliveryFailed("NO_PERMISSIONS", str(error)) from error
    _to_bus_in_process(delivery, arn)


def _to_bus_in_process(delivery: Delivery, arn: TargetArn) -> None:
    _check_entry(events_backends[arn.account_id][arn.region].put_events([_entry(delivery, arn)]))


def _entry(delivery: Delivery, arn: TargetArn) -> dict[str, Any]:
    """The event for another bus; what Scheduler sends says itself where it comes from."""
    given = delivery.target.get("EventBridgeParameters") or {}
    return {
        "EventBusName": arn.text,
        "Source": given.get("Source") or delivery.event["source"],
        "DetailType": given.get("DetailType") or delivery.event["detail-type"],
        "Detail": delivery.body if given else json.dumps(delivery.event["detail"]),
        "Resources": delivery.event.get("resources", []),
    }


def _check_entry(answers: list[dict[str, Any]]) -> None:
    for answer in answers:
        if "ErrorCode" in answer:
            raise DeliveryFailed(answer["ErrorCode"], answer["ErrorMessage"])


def _to_workflow(_client: Any, delivery: Delivery, arn: TargetArn) -> None:
    """NotifyEvent is in no SDK, so that it is decided and done here."""
    actor = role_actor(delivery.target["RoleArn"], _session_name(delivery), arn.region)
    workflows = cast(GlueService, glue_backends[arn.account_id][arn.region]).workflow_service
    try:
        actor.authorizer.check(actor.principal, "glue:NotifyEvent", arn.text)
        workflows.notify_event(arn.resource.partition("/")[2], delivery.event["id"])
    except AccessDeniedError as error:
        raise DeliveryFailed("NO_PERMISSIONS", str(error)) from error
    except JsonRESTError as error:
        raise DeliveryFailed("SDK_CLIENT_ERROR", str(error.message)) from error


def _call_operation(client: Any, delivery: Delivery, arn: TargetArn) -> None:
    """Call any operation of any service, which Scheduler calls a universal target.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
    """
    operation = arn.resource.rpartition(":")[2]
    name = operation[:1].upper() + operation[1:]
    methods = {api: method for method, api in client.meta.method_to_api_mapping.items()}
    if name not in methods:
        raise DeliveryFailed("SDK_CLIENT_ERROR", f"{arn.text}: there is no such operation")
    getattr(client, methods[name])(**json.loads((delivery.target.get("Input") and delivery.body) or "{}"))


def _to_log_group(delivery: Delivery, arn: TargetArn) -> None:
    """A line in a stream of its own, as EventBridge writes it."""
    group = arn.resource.removeprefix("log-group:").removesuffix(":*")
    stream = uuid.uuid4().hex
    backend = logs_backends[arn.account_id][arn.region]
    try:
        backend.create_log_stream(group, stream)
        lines = [{"timestamp": int(time.time() * 1000), "message": delivery.body}]
        backend.put_log_events(group, stream, lines)
    except JsonRESTError as error:
        raise DeliveryFailed("RESOURCE_NOT_FOUND", str(error.message)) from error


def _at_path(path: str | None, event: Mapping[str, Any]) -> str | None:
    """The value at a plain path, `$.detail.user`."""
    if not path:
        return None
    value: Any = event
    for name in path.removeprefix("$").removeprefix(".").split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return None if value is None else str(value)


_IN_PROCESS: dict[str, Callable[[Delivery, TargetArn], None]] = {
    "events": _to_bus_in_process,
    "logs": _to_log_group,
}
_ROLE_NEEDED = {"firehose", "glue", "kinesis", "states"}

_Call = Callable[[Any, Delivery, TargetArn], None]
# By the service in the ARN: the client's name, and what to call.
_CALLS: dict[str, tuple[str, _Call]] = {
    "events": ("events", _to_bus),
    "firehose": ("firehose", _to_delivery_stream),
    "glue": ("glue", _to_workflow),
    "kinesis": ("kinesis", _to_stream),
    "lambda": ("lambda", _to_function),
    "sns": ("sns", _to_topic),
    "sqs": ("sqs", _to_queue),
    "states": ("stepfunctions", _to_state_machine),
}
