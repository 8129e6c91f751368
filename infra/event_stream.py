"""From an event on a page to a row in raw: HTTP API → function → Kinesis → Firehose → Parquet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.function import Function, FunctionArgs, Layers
from infra.function_code import function_archive
from infra.naming import Naming
from lake.contracts import SourceContract
from lake.raw_zone import PARTITION_COLUMN, errors_prefix, table_prefix

COLLECT_EVENTS = "collect-events"
EVENTS_STREAM = "events"
DELIVERY = "events-to-raw"
DELIVERY_LOG_STREAM = "delivery"

# API Gateway waits no longer than 30 s; a batch takes milliseconds.
_TIMEOUT_SECONDS = 10
_MEMORY_MB = 512
_STREAM_RETENTION_HOURS = 48
# Firehose's least when it converts formats: fewer and larger files.
_BUFFER_MB = 64
_ACCESS_LOG_FORMAT = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "integrationError": "$context.integrationErrorMessage",
}


def delivery_log_group(naming: Naming) -> str:
    """Where Firehose says what it could not deliver."""
    return f"/aws/kinesisfirehose/{naming.name(DELIVERY)}"


@dataclass(frozen=True)
class EventStreamArgs:
    """The event stream.

    Attributes:
        naming: What things are called.
        contract: The events' contract.
        raw_bucket_arn: Where rows go.
        raw_database: The database of the table that says how events become Parquet.
        function_role_arn: The role of the function.
        delivery_role_arn: The role of Firehose.
        needs: What must be there before the first event is delivered: the roles' rights, the table.
        key_arn: The key that encrypts stream, logs and rows.
        allowed_origins: The sites whose pages may send events; none means no browser of another site.
        requests_per_second: What the API takes at most, and twice as much in a burst.
        concurrency: How many functions run at once; reserved.
        buffer_seconds: How long Firehose gathers events before it writes a file.
        log_retention_days: How long logs are kept.
        layers: The versions of the public layers.
    """

    naming: Naming
    contract: SourceContract
    raw_bucket_arn: pulumi.Input[str]
    raw_database: pulumi.Input[str]
    function_role_arn: pulumi.Input[str]
    delivery_role_arn: pulumi.Input[str]
    needs: Sequence[pulumi.Resource]
    key_arn: pulumi.Input[str]
    allowed_origins: Sequence[str]
    requests_per_second: int
    concurrency: int
    buffer_seconds: int
    log_retention_days: int
    layers: Layers

    def __post_init__(self) -> None:
        if self.contract.delivery != "stream":
            raise ValueError(f"{self.contract.source} is not delivered as a stream")
        if not 0 <= self.buffer_seconds <= 900:
            raise ValueError(f"Firehose buffers for 0 to 900 s, not {self.buffer_seconds}")


class EventStream(pulumi.ComponentResource):
    """The API that takes events, and the way that they go."""

    def __init__(self, name: str, args: EventStreamArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:events:EventStream", name, None, opts)
        self._args = args
        self._naming = args.naming
        self._child = pulumi.ResourceOptions(parent=self)
        self.stream = self._stream()
        self.function = self._function()
        self.api = self._api()
        self.url = pulumi.Output.format("{0}/{1}", self.api.api_endpoint, args.contract.source)
        self.delivery = self._delivery()
        self.register_outputs({"url": self.url, "stream": self.stream.name, "delivery": self.delivery.name})

    def _stream(self) -> aws.kinesis.Stream:
        return aws.kinesis.Stream(
            "events-stream",
            name=self._naming.name(EVENTS_STREAM),
            stream_mode_details={"stream_mode": "ON_DEMAND"},
            retention_period=_STREAM_RETENTION_HOURS,
            encryption_type="KMS",
            kms_key_id=self._args.key_arn,
            tags=self._naming.tagged(self._args.contract.classification),
            opts=self._child,
        )

    def _function(self) -> aws.lambda_.Function:
        args, naming = self._args, self._naming
        collect = Function(
            "collect-events",
            FunctionArgs(
                naming=naming,
                function=COLLECT_EVENTS,
                description="Checks events against their contract and puts them into the stream.",
                handler="collect_events.handler.handle",
                code=function_archive("collect_events", [args.contract]),
                layers=[args.layers.powertools_arn(naming)],
                role_arn=args.function_role_arn,
                environment={
                    "STREAM_NAME": self.stream.name,
                    "POWERTOOLS_SERVICE_NAME": "collect-events",
                    "POWERTOOLS_METRICS_NAMESPACE": naming.project,
                },
                timeout_seconds=_TIMEOUT_SECONDS,
                memory_mb=_MEMORY_MB,
                reserved_concurrency=args.concurrency,
                log_retention_days=args.log_retention_days,
                key_arn=args.key_arn,
            ),
            self._child,
        )
        return collect.function

    def _api(self) -> aws.apigatewayv2.Api:
        args, naming = self._args, self._naming
        cors: aws.apigatewayv2.ApiCorsConfigurationArgsDict = {
            "allow_origins": list(args.allowed_origins),
            "allow_methods": ["POST"],
            "allow_headers": ["content-type"],
            "max_age": 3600,
        }
        api = aws.apigatewayv2.Api(
            "events-api",
            name=naming.name("events"),
            description="Takes events of the shop's pages.",
            protocol_type="HTTP",
            cors_configuration=cors if args.allowed_origins else None,
            tags=naming.tags,
            opts=self._child,
        )
        integration = aws.apigatewayv2.Integration(
            "events-integration",
            api_id=api.id,
            integration_type="AWS_PROXY",
            integration_uri=self.function.invoke_arn,
            payload_format_version="2.0",
            opts=self._child,
        )
        aws.apigatewayv2.Route(
            "events-route",
            api_id=api.id,
            route_key=f"POST /{args.contract.source}",
            target=pulumi.Output.format("integrations/{0}", integration.id),
            opts=self._child,
        )
        aws.lambda_.Permission(
            "events-api-may-invoke",
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="apigateway.amazonaws.com",
            source_account=naming.account_id,
            source_arn=pulumi.Output.format("{0}/*/POST/{1}", api.execution_arn, args.contract.source),
            opts=self._child,
        )
        self._stage(api)
        return api

    def _stage(self, api: aws.apigatewayv2.Api) -> None:
        args, naming = self._args, self._naming
        access_logs = aws.cloudwatch.LogGroup(
            "events-api-logs",
            name=f"/aws/apigateway/{naming.name('events')}",
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=naming.tags,
            opts=self._child,
        )
        aws.apigatewayv2.Stage(
            "events-stage",
            api_id=api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings={
                "destination_arn": access_logs.arn,
                "format": json.dumps(_ACCESS_LOG_FORMAT, separators=(",", ":")),
            },
            default_route_settings={
                "throttling_rate_limit": args.requests_per_second,
                "throttling_burst_limit": 2 * args.requests_per_second,
            },
            tags=naming.tags,
            opts=self._child,
        )

    def _delivery(self) -> aws.kinesis.FirehoseDeliveryStream:
        args, naming = self._args, self._naming
        table = args.contract.source
        log_group = aws.cloudwatch.LogGroup(
            "delivery-logs",
            name=delivery_log_group(naming),
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=naming.tags,
            opts=self._child,
        )
        log_stream = aws.cloudwatch.LogStream(
            "delivery-log-stream",
            name=DELIVERY_LOG_STREAM,
            log_group_name=log_group.name,
            opts=self._child,
        )
        return aws.kinesis.FirehoseDeliveryStream(
            "events-delivery",
            name=naming.name(DELIVERY),
            destination="extended_s3",
            kinesis_source_configuration={
                "kinesis_stream_arn": self.stream.arn,
                "role_arn": args.delivery_role_arn,
            },
            extended_s3_configuration={
                "bucket_arn": args.raw_bucket_arn,
                "role_arn": args.delivery_role_arn,
                "prefix": f"{table_prefix(table)}{PARTITION_COLUMN}=!{{timestamp:yyyy-MM-dd}}/",
                "error_output_prefix": f"{errors_prefix(table)}!{{firehose:error-output-type}}/",
                "buffering_interval": args.buffer_seconds,
                "buffering_size": _BUFFER_MB,
                "kms_key_arn": args.key_arn,
                "cloudwatch_logging_options": {
                    "enabled": True,
                    "log_group_name": log_group.name,
                    "log_stream_name": log_stream.name,
                },
                "data_format_conversion_configuration": {
                    "input_format_configuration": {"deserializer": {"open_x_json_ser_de": {}}},
                    "output_format_configuration": {
                        "serializer": {"parquet_ser_de": {"compression": "SNAPPY"}}
                    },
                    "schema_configuration": {
                        "database_name": args.raw_database,
                        "table_name": table,
                        "role_arn": args.delivery_role_arn,
                        "region": naming.region,
                        "version_id": "LATEST",
                    },
                },
            },
            tags=naming.tagged(args.contract.classification),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.needs)),
        )
