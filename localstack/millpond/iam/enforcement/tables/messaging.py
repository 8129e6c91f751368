"""SQS, SNS, EventBridge and its Scheduler, Step Functions, API Gateway.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
"""

from __future__ import annotations

from collections.abc import Mapping

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.lookups import queue, topic_of_subscription
from millpond.iam.enforcement.rules import Arns, Requirement, ServiceTable, also, needing, on, own, passing
from millpond.iam.enforcement.tables.encryption import with_queue_key, with_topic_key

SQS = ServiceTable(
    "sqs",
    on(
        "AddPermission ChangeMessageVisibility CreateQueue DeleteMessage DeleteQueue GetQueueAttributes "
        "GetQueueUrl ListDeadLetterSourceQueues ListQueueTags PurgeQueue RemovePermission "
        "SetQueueAttributes TagQueue UntagQueue",
        queue,
    ),
    # A batch needs the right of its single sibling.
    needing("ChangeMessageVisibilityBatch", also("sqs:ChangeMessageVisibility", queue)),
    needing("DeleteMessageBatch", also("sqs:DeleteMessage", queue)),
    needing("SendMessage", own(queue), with_queue_key("GenerateDataKey"), with_queue_key("Decrypt")),
    needing(
        "SendMessageBatch",
        also("sqs:SendMessage", queue),
        with_queue_key("GenerateDataKey"),
        with_queue_key("Decrypt"),
    ),
    needing("ReceiveMessage", own(queue), with_queue_key("Decrypt")),
    on("ListMessageMoveTasks StartMessageMoveTask", "{SourceArn}"),
)

_TOPIC = "{TopicArn}"
_SNS = "arn:{$partition}:sns:{$region}:{$account}:"
_SUBSCRIBING = {"sns:Protocol": "Protocol", "sns:Endpoint": "Endpoint"}

SNS = ServiceTable(
    "sns",
    on("CreateTopic", _SNS + "{Name}"),
    on(
        "AddPermission ConfirmSubscription DeleteTopic GetTopicAttributes ListSubscriptionsByTopic "
        "RemovePermission SetTopicAttributes",
        _TOPIC,
    ),
    on("GetDataProtectionPolicy PutDataProtectionPolicy", "{ResourceArn}"),
    on("Subscribe", _TOPIC, keys=_SUBSCRIBING),
    on("GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe", topic_of_subscription),
    needing(
        "Publish", own("{TopicArn|TargetArn}"), with_topic_key("GenerateDataKey"), with_topic_key("Decrypt")
    ),
    needing(
        "PublishBatch",
        also("sns:Publish", _TOPIC),
        with_topic_key("GenerateDataKey"),
        with_topic_key("Decrypt"),
    ),
    on("ListTagsForResource TagResource UntagResource", "{ResourceArn}"),
)

_EVENTS = "arn:{$partition}:events:{$region}:{$account}:"


def _rule(name: str) -> Arns:
    """A rule: those of the default bus have no bus in their ARN."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        bus = str(call.parameters.get("EventBusName") or "default").rpartition("/")[2]
        rule = call.parameters.get(name) or "*"
        local = f"{rule}" if bus == "default" else f"{bus}/{rule}"
        return (f"arn:{call.partition}:events:{call.region}:{call.account}:rule/{local}",)

    return arns


EVENTS = ServiceTable(
    "events",
    needing("PutRule", own(_rule("Name")), passing("RoleArn", "events.amazonaws.com")),
    on("DeleteRule DescribeRule DisableRule EnableRule", _rule("Name")),
    on("ListTargetsByRule RemoveTargets", _rule("Rule")),
    needing(
        "PutTargets",
        own(_rule("Rule"), keys={"events:TargetArn": "Targets[].Arn"}),
        passing("Targets[].RoleArn", "events.amazonaws.com"),
    ),
    on("CreateEventBus DeleteEventBus UpdateEventBus", _EVENTS + "event-bus/{Name|'default'}"),
    on("DescribeEventBus", _EVENTS + "event-bus/{Name|'default'}"),
    on(
        "PutEvents",
        _EVENTS + "event-bus/{Entries[].EventBusName|'default'}",
        keys={"events:source": "Entries[].Source", "events:detail-type": "Entries[].DetailType"},
    ),
    on("CreateArchive", _EVENTS + "archive/{ArchiveName}", "{EventSourceArn}"),
    on("UpdateArchive DeleteArchive DescribeArchive", _EVENTS + "archive/{ArchiveName}"),
    on("StartReplay", _EVENTS + "replay/{ReplayName}", "{EventSourceArn}", "{Destination.Arn}"),
    on("CancelReplay DescribeReplay", _EVENTS + "replay/{ReplayName}"),
    on(
        "CreateConnection DeauthorizeConnection DeleteConnection DescribeConnection UpdateConnection",
        _EVENTS + "connection/{Name}",
    ),
    on("CreateApiDestination", _EVENTS + "api-destination/{Name}", "{ConnectionArn}"),
    on(
        "DeleteApiDestination DescribeApiDestination UpdateApiDestination", _EVENTS + "api-destination/{Name}"
    ),
    on(
        "ActivateEventSource CreatePartnerEventSource DeactivateEventSource DeletePartnerEventSource "
        "DescribeEventSource DescribePartnerEventSource ListPartnerEventSourceAccounts",
        "arn:{$partition}:events:{$region}::event-source/{Name|EventSourceName}",
    ),
    on("CreateEndpoint DeleteEndpoint DescribeEndpoint UpdateEndpoint", _EVENTS + "endpoint/{Name}"),
    on("ListTagsForResource TagResource UntagResource", "{ResourceARN}"),
)

_SCHEDULER = "arn:{$partition}:scheduler:{$region}:{$account}:"
_SCHEDULE = _SCHEDULER + "schedule/{GroupName|groupName|'default'}/{Name}"

SCHEDULER = ServiceTable(
    "scheduler",
    needing(
        "CreateSchedule UpdateSchedule",
        own(_SCHEDULE),
        passing("Target.RoleArn", "scheduler.amazonaws.com"),
    ),
    on("DeleteSchedule GetSchedule", _SCHEDULE),
    on("CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup", _SCHEDULER + "schedule-group/{Name}"),
    on("ListTagsForResource TagResource UntagResource", "{ResourceArn}"),
)

_STATES = "arn:{$partition}:states:{$region}:{$account}:"
_MACHINE = "{stateMachineArn}"
_EXECUTION = "{executionArn}"


def _machine_of_version(call: ServiceCall) -> tuple[str, ...]:
    """The state machine of a version or an alias."""
    arn = str(
        call.parameters.get("stateMachineVersionArn") or call.parameters.get("stateMachineAliasArn") or "*"
    )
    return (":".join(arn.split(":")[:7]),)


STATES = ServiceTable(
    "states",
    needing(
        "CreateStateMachine", own(_STATES + "stateMachine:{name}"), passing("roleArn", "states.amazonaws.com")
    ),
    needing("UpdateStateMachine", own(_MACHINE), passing("roleArn", "states.amazonaws.com")),
    on(
        "DeleteStateMachine DescribeStateMachine ListStateMachineAliases ListStateMachineVersions "
        "PublishStateMachineVersion StartExecution StartSyncExecution",
        _MACHINE,
    ),
    on("ListExecutions", "{stateMachineArn|mapRunArn}"),
    on(
        "DeleteStateMachineVersion DeleteStateMachineAlias DescribeStateMachineAlias UpdateStateMachineAlias",
        _machine_of_version,
    ),
    on("CreateStateMachineAlias", "{routingConfiguration[].stateMachineVersionArn}"),
    on(
        "DescribeExecution DescribeStateMachineForExecution GetExecutionHistory ListMapRuns "
        "RedriveExecution StopExecution",
        _EXECUTION,
    ),
    on("DescribeMapRun UpdateMapRun", "{mapRunArn}"),
    on("CreateActivity", _STATES + "activity:{name}"),
    on("DeleteActivity DescribeActivity GetActivityTask", "{activityArn}"),
    needing("TestState", own(), passing("roleArn", "states.amazonaws.com")),
    on("ListTagsForResource TagResource UntagResource", "{resourceArn}"),
)


class ApiGatewayTable(ServiceTable):
    """API Gateway's control plane: the action is the HTTP method, the resource the path.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
    """

    def __init__(self) -> None:
        super().__init__("apigateway")

    def requirements(self, call: ServiceCall) -> tuple[Requirement, ...]:
        """The method on the path; version 2 is not in the ARN."""
        path = call.path.removeprefix("/v2")
        resource = f"arn:{call.partition}:apigateway:{call.region}::{path}"
        context: Mapping[str, tuple[str, ...]] = {}
        return (Requirement(f"apigateway:{call.method}", resource, context),)


API_GATEWAY = ApiGatewayTable()
