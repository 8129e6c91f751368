"""The deployer's rights over what runs and what feeds it: functions, queues, streams, APIs, schedules."""

from __future__ import annotations

from infra.naming import Naming
from infra.policies.document import Statement

_FUNCTIONS = (
    "lambda:AddPermission",
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:DeleteFunctionConcurrency",
    "lambda:GetFunction",
    "lambda:GetFunctionCodeSigningConfig",
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "lambda:ListTags",
    "lambda:ListVersionsByFunction",
    "lambda:PutFunctionConcurrency",
    "lambda:RemovePermission",
    "lambda:TagResource",
    "lambda:UntagResource",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
)
_EVENT_SOURCES = (
    "lambda:DeleteEventSourceMapping",
    "lambda:GetEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
)
_QUEUES = (
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
)
_STREAMS = (
    "kinesis:AddTagsToStream",
    "kinesis:CreateStream",
    "kinesis:DeleteStream",
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:IncreaseStreamRetentionPeriod",
    "kinesis:DecreaseStreamRetentionPeriod",
    "kinesis:ListTagsForResource",
    "kinesis:ListTagsForStream",
    "kinesis:RemoveTagsFromStream",
    "kinesis:StartStreamEncryption",
    "kinesis:StopStreamEncryption",
)
_DELIVERIES = (
    "firehose:CreateDeliveryStream",
    "firehose:DeleteDeliveryStream",
    "firehose:DescribeDeliveryStream",
    "firehose:ListTagsForDeliveryStream",
    "firehose:TagDeliveryStream",
    "firehose:UntagDeliveryStream",
    "firehose:UpdateDestination",
)
_APIS = ("apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT")
_MACHINES = (
    "states:CreateStateMachine",
    "states:DeleteStateMachine",
    "states:DescribeStateMachine",
    "states:ListStateMachineVersions",
    "states:ListTagsForResource",
    "states:TagResource",
    "states:UntagResource",
    "states:UpdateStateMachine",
)
_SCHEDULES = (
    "scheduler:CreateSchedule",
    "scheduler:CreateScheduleGroup",
    "scheduler:DeleteSchedule",
    "scheduler:DeleteScheduleGroup",
    "scheduler:GetSchedule",
    "scheduler:GetScheduleGroup",
    "scheduler:ListTagsForResource",
    "scheduler:TagResource",
    "scheduler:UntagResource",
    "scheduler:UpdateSchedule",
)
_RULES = (
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
    "events:UntagResource",
)


def compute_statements(naming: Naming) -> tuple[Statement, ...]:
    """Make and change functions, queues, streams, APIs, machines and schedules."""
    mine = naming.name("*")
    function = naming.arn("lambda", f"function:{mine}")
    mappings = naming.arn("lambda", "event-source-mapping:*")
    of_functions = {"ArnLike": {"lambda:FunctionArn": function}}
    layers = f"arn:{naming.partition}:lambda:{naming.region}:*:layer:*"
    api = f"arn:{naming.partition}:apigateway:{naming.region}::"
    return (
        Statement("Functions", _FUNCTIONS, (function,)),
        Statement("Layers", ("lambda:GetLayerVersion",), (layers,)),
        # An event source has a number for a name: it is known by the function that it feeds.
        Statement("NewEventSources", ("lambda:CreateEventSourceMapping",), ("*",), condition=of_functions),
        Statement("EventSources", _EVENT_SOURCES, (mappings,), condition=of_functions),
        # About its tags no function is told.
        Statement(
            "TagNewEventSources",
            ("lambda:TagResource",),
            (mappings,),
            condition={"StringEquals": {"aws:RequestTag/environment": naming.stack}},
        ),
        Statement(
            "EventSourceTags",
            ("lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"),
            (mappings,),
            condition={"StringEquals": {"aws:ResourceTag/environment": naming.stack}},
        ),
        Statement("Queues", _QUEUES, (naming.arn("sqs", mine),)),
        Statement("Streams", _STREAMS, (naming.arn("kinesis", f"stream/{mine}"),)),
        Statement("Deliveries", _DELIVERIES, (naming.arn("firehose", f"deliverystream/{mine}"),)),
        # An API has no name in its ARN.
        Statement("Apis", _APIS, (f"{api}/apis", f"{api}/apis/*", f"{api}/tags/*")),
        Statement("Machines", _MACHINES, (naming.arn("states", f"stateMachine:{mine}"),)),
        Statement("CheckMachines", ("states:ValidateStateMachineDefinition",), ("*",)),
        Statement(
            "Schedules",
            _SCHEDULES,
            (
                naming.arn("scheduler", f"schedule/{mine}"),
                naming.arn("scheduler", f"schedule-group/{mine}"),
            ),
        ),
        Statement("Rules", _RULES, (naming.arn("events", f"rule/{mine}"),)),
    )
