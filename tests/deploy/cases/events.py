"""Streams, schedules, alarms and HTTP APIs."""

from __future__ import annotations

import json
from typing import Any

from conftest import RunningCloud
from deploy.cases.case import Case

_API = """
api = aws.apigatewayv2.Api("a", name="NAME", protocol_type="HTTP")
pulumi.export("api", api.id)
"""

_FIREHOSE_ROLE = """
role = aws.iam.Role("r", assume_role_policy={"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Action": "sts:AssumeRole", "Principal": {"Service": "firehose.amazonaws.com"}}]})
"""

_SCHEDULER_ROLE = """
role = aws.iam.Role("r", assume_role_policy={"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Action": "sts:AssumeRole", "Principal": {"Service": "scheduler.amazonaws.com"}}]})
"""


def _firehose_interval(cloud: RunningCloud, out: dict[str, Any]) -> Any:
    found = cloud.client("firehose").describe_delivery_stream(DeliveryStreamName=out["name"])
    (destination,) = found["DeliveryStreamDescription"]["Destinations"]
    return destination["ExtendedS3DestinationDescription"]["BufferingHints"]["IntervalInSeconds"]


def _bus_policy(cloud: RunningCloud, out: dict[str, Any]) -> Any:
    policy = json.loads(cloud.client("events").describe_event_bus(Name=out["name"])["Policy"])
    return policy["Statement"][0]["Sid"]


def _log_policy(cloud: RunningCloud, out: dict[str, Any]) -> Any:
    policies = cloud.client("logs").describe_resource_policies()["resourcePolicies"]
    policy = next(item for item in policies if item["policyName"] == out["name"])
    return json.loads(policy["policyDocument"])["Statement"][0]["Sid"]


CASES = [
    Case(
        "aws:kinesis/stream:Stream",
        """
aws.kinesis.Stream("s", name="NAME", shard_count=1, retention_period=VALUE, tags={"owner": "data"})
""",
        48,
        72,
        lambda cloud, out: cloud.client("kinesis").describe_stream_summary(StreamName=out["name"])[
            "StreamDescriptionSummary"
        ]["RetentionPeriodHours"],
    ),
    Case(
        "aws:kinesis/streamConsumer:StreamConsumer",
        """
stream = aws.kinesis.Stream("s", name="NAME", shard_count=1)
pulumi.export("arn", aws.kinesis.StreamConsumer("c", name=VALUE, stream_arn=stream.arn).arn)
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("kinesis").describe_stream_consumer(ConsumerARN=out["arn"])[
            "ConsumerDescription"
        ]["ConsumerName"],
        replaces=True,
    ),
    Case(
        "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
        """
group = aws.cloudwatch.LogGroup("g", name="NAME")
stream = aws.kinesis.Stream("s", name="NAME", shard_count=1)
role = aws.iam.Role("r", assume_role_policy={"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Action": "sts:AssumeRole", "Principal": {"Service": "logs.amazonaws.com"}}]})
aws.cloudwatch.LogSubscriptionFilter("f", name="NAME", log_group=group.name, filter_pattern=VALUE,
    destination_arn=stream.arn, role_arn=role.arn)
""",
        "ERROR",
        "WARNING",
        lambda cloud, out: cloud.client("logs").describe_subscription_filters(logGroupName=out["name"])[
            "subscriptionFilters"
        ][0]["filterPattern"],
    ),
    Case(
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        """
aws.cloudwatch.LogResourcePolicy("p", policy_name="NAME", policy_document=json.dumps({"Version": "2012-10-17",
    "Statement": [{"Sid": VALUE, "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*",
                   "Principal": {"Service": "es.amazonaws.com"}}]}))
""",
        "one",
        "two",
        _log_policy,
    ),
    Case(
        "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        _FIREHOSE_ROLE
        + """
bucket = aws.s3.Bucket("b")
aws.kinesis.FirehoseDeliveryStream("f", name="NAME", destination="extended_s3", tags={"owner": "data"},
    extended_s3_configuration={"role_arn": role.arn, "bucket_arn": bucket.arn, "buffering_interval": VALUE,
        "prefix": "events/day=!{timestamp:yyyy-MM-dd}/", "error_output_prefix": "errors/",
        "compression_format": "GZIP"})
""",
        60,
        120,
        _firehose_interval,
    ),
    Case(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        """
aws.cloudwatch.MetricAlarm("a", name="NAME", comparison_operator="GreaterThanThreshold",
    evaluation_periods=1, metric_name="Errors", namespace="AWS/Lambda", period=60, statistic="Sum",
    threshold=VALUE, dimensions={"FunctionName": "ingest"}, tags={"owner": "data"})
""",
        1,
        5,
        lambda cloud, out: cloud.client("cloudwatch").describe_alarms(AlarmNames=[out["name"]])[
            "MetricAlarms"
        ][0]["Threshold"],
    ),
    Case(
        "aws:cloudwatch/dashboard:Dashboard",
        """
aws.cloudwatch.Dashboard("d", dashboard_name="NAME", dashboard_body=json.dumps({"widgets": [
    {"type": "text", "properties": {"markdown": VALUE}}]}))
""",
        "one",
        "two",
        lambda cloud, out: json.loads(
            cloud.client("cloudwatch").get_dashboard(DashboardName=out["name"])["DashboardBody"]
        )["widgets"][0]["properties"]["markdown"],
    ),
    Case(
        "aws:cloudwatch/eventBus:EventBus",
        """
aws.cloudwatch.EventBus("b", name="NAME", description=VALUE, tags={"owner": "data"})
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("events").describe_event_bus(Name=out["name"])["Description"],
    ),
    Case(
        "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        """
bus = aws.cloudwatch.EventBus("b", name="NAME")
aws.cloudwatch.EventBusPolicy("p", event_bus_name=bus.name, policy=bus.arn.apply(lambda arn: json.dumps({
    "Version": "2012-10-17", "Statement": [{"Sid": VALUE, "Effect": "Allow", "Action": "events:PutEvents",
    "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Resource": arn}]})))
""",
        "one",
        "two",
        _bus_policy,
    ),
    Case(
        "aws:cloudwatch/eventArchive:EventArchive",
        """
bus = aws.cloudwatch.EventBus("b", name="NAME")
aws.cloudwatch.EventArchive("a", name="NAME", event_source_arn=bus.arn, retention_days=VALUE)
""",
        7,
        14,
        lambda cloud, out: cloud.client("events").describe_archive(ArchiveName=out["name"])["RetentionDays"],
    ),
    Case(
        "aws:scheduler/schedule:Schedule",
        _SCHEDULER_ROLE
        + """
queue = aws.sqs.Queue("q")
aws.scheduler.Schedule("s", name="NAME", schedule_expression=VALUE, flexible_time_window={"mode": "OFF"},
    target={"arn": queue.arn, "role_arn": role.arn, "input": "{}", "retry_policy":
        {"maximum_retry_attempts": 3}})
""",
        "rate(5 minutes)",
        "cron(0 3 * * ? *)",
        lambda cloud, out: cloud.client("scheduler").get_schedule(Name=out["name"])["ScheduleExpression"],
    ),
    Case(
        "aws:scheduler/scheduleGroup:ScheduleGroup",
        """
aws.scheduler.ScheduleGroup("g", name="NAME", tags={"round": VALUE})
pulumi.export("arn", f"arn:aws:scheduler:us-east-1:000000000000:schedule-group/NAME")
""",
        "one",
        "two",
        lambda cloud, out: (
            cloud.client("scheduler").get_schedule_group(Name=out["name"])
            and cloud.client("scheduler").list_tags_for_resource(ResourceArn=out["arn"])["Tags"][0]["Value"]
        ),
    ),
    Case(
        "aws:apigatewayv2/api:Api",
        """
api = aws.apigatewayv2.Api("a", name="NAME", protocol_type="HTTP", description=VALUE,
    cors_configuration={"allow_origins": ["*"], "allow_methods": ["GET"]}, tags={"owner": "data"})
pulumi.export("api", api.id)
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("apigatewayv2").get_api(ApiId=out["api"])["Description"],
    ),
    Case(
        "aws:apigatewayv2/integration:Integration",
        _API
        + """
integration = aws.apigatewayv2.Integration("i", api_id=api.id, integration_type="HTTP_PROXY",
    integration_method="GET", integration_uri="https://example.com/", timeout_milliseconds=VALUE)
pulumi.export("integration", integration.id)
""",
        1000,
        2000,
        lambda cloud, out: cloud.client("apigatewayv2").get_integration(
            ApiId=out["api"], IntegrationId=out["integration"]
        )["TimeoutInMillis"],
    ),
    Case(
        "aws:apigatewayv2/route:Route",
        _API
        + """
integration = aws.apigatewayv2.Integration("i", api_id=api.id, integration_type="HTTP_PROXY",
    integration_method="GET", integration_uri="https://example.com/")
route = aws.apigatewayv2.Route("r", api_id=api.id, route_key=VALUE,
    target=integration.id.apply(lambda id: f"integrations/{id}"))
pulumi.export("route", route.id)
""",
        "GET /orders",
        "POST /orders",
        lambda cloud, out: cloud.client("apigatewayv2").get_route(ApiId=out["api"], RouteId=out["route"])[
            "RouteKey"
        ],
    ),
    Case(
        "aws:apigatewayv2/deployment:Deployment",
        _API
        + """
deployment = aws.apigatewayv2.Deployment("d", api_id=api.id, description=VALUE, triggers={"routes": "1"})
aws.apigatewayv2.Stage("s", api_id=api.id, name="dev", deployment_id=deployment.id)
pulumi.export("deployment", deployment.id)
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("apigatewayv2").get_deployment(
            ApiId=out["api"], DeploymentId=out["deployment"]
        )["Description"],
    ),
    Case(
        "aws:apigatewayv2/stage:Stage",
        _API
        + """
aws.apigatewayv2.Stage("s", api_id=api.id, name="$default", auto_deploy=True, tags={"owner": "data"},
    default_route_settings={"throttling_burst_limit": VALUE, "throttling_rate_limit": 10})
""",
        10,
        20,
        lambda cloud, out: cloud.client("apigatewayv2").get_stage(ApiId=out["api"], StageName="$default")[
            "DefaultRouteSettings"
        ]["ThrottlingBurstLimit"],
    ),
    Case(
        "aws:apigatewayv2/authorizer:Authorizer",
        _API
        + """
authorizer = aws.apigatewayv2.Authorizer("z", api_id=api.id, name="NAME", authorizer_type="JWT",
    identity_sources=["$request.header.Authorization"],
    jwt_configuration={"audiences": [VALUE], "issuer": "https://issuer.example.com/"})
pulumi.export("authorizer", authorizer.id)
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("apigatewayv2").get_authorizer(
            ApiId=out["api"], AuthorizerId=out["authorizer"]
        )["JwtConfiguration"]["Audience"][0],
    ),
]
