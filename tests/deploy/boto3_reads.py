"""How boto3 reads a resource of each type of the kit; knows nothing of the engine's declarations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from millpond.deploy.resource import ResourceState
from millpond.testing import RunningCloud

Client = Any


@dataclass(frozen=True)
class Read:
    """A call that reads a resource.

    Attributes:
        service: boto3's name of the service.
        call: What is read, of a client and the resource.
        renamed: Inputs that the service calls otherwise, as a path in its answer.
        tags: What reads the tags, of a client and the resource; a list of pairs or an object.
        unread: Inputs that no read tells, or that only the engine knows.
    """

    service: str
    call: Callable[[Client, ResourceState], Any]
    renamed: Mapping[str, str] = field(default_factory=dict)
    tags: Callable[[Client, ResourceState], Any] | None = None
    unread: frozenset[str] = frozenset()


def declared(resource: ResourceState, read: Read) -> dict[str, Any]:
    """What the program gave that a read must tell."""
    left_out = {"region", "tags", "tagsAll", "forceDestroy", *read.unread}
    return {name: value for name, value in resource.inputs.items() if name not in left_out}


def found(cloud: RunningCloud, resource: ResourceState, read: Read) -> dict[str, Any]:
    """What boto3 reads, with the names that the program uses for what is renamed."""
    answer = read.call(cloud.client(read.service), resource)
    renamed = {name: _at(answer, path) for name, path in read.renamed.items()}
    return {**answer, **renamed}


def tags(cloud: RunningCloud, resource: ResourceState, read: Read) -> dict[str, str]:
    """The tags that boto3 reads."""
    assert read.tags is not None
    answer = read.tags(cloud.client(read.service), resource)
    if isinstance(answer, Mapping):
        return dict(answer)
    return {tag.get("Key") or tag["key"]: tag.get("Value") or tag["value"] for tag in answer}


def differences(wanted: Any, answer: Any, path: str = "") -> list[str]:
    """Where an answer does not say what is wanted; it may say more."""
    if wanted in ("", None, [], {}) and not answer:
        return []
    if isinstance(wanted, str) and wanted.startswith("{") and (document := _document(wanted)) is not None:
        given = answer if isinstance(answer, Mapping) else _document(str(answer))
        return [] if document == given else [f"{path}: {wanted} is {answer}"]
    if isinstance(wanted, Mapping) and isinstance(answer, Mapping):
        spelt = {_plain(name): value for name, value in answer.items()}
        return [
            text
            for name, value in wanted.items()
            for text in differences(value, spelt.get(_plain(name)), f"{path}.{name}")
        ]
    if isinstance(wanted, list) and isinstance(answer, list) and len(wanted) == len(answer):
        pairs = enumerate(zip(wanted, answer, strict=True))
        return [text for index, (one, two) in pairs for text in differences(one, two, f"{path}[{index}]")]
    same = str(wanted).lower() == str(answer).lower() or _number(wanted) == _number(answer) is not None
    return [] if same else [f"{path}: {wanted!r} is {answer!r}"]


def _plain(name: str) -> str:
    return name.lower()


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _at(answer: Any, path: str) -> Any:
    for name in path.split("."):
        answer = answer[int(name)] if isinstance(answer, list) else (answer or {}).get(name)
    return answer


def _of_api(resource: ResourceState) -> dict[str, Any]:
    """Its API is in the address that was asked."""
    return {"apiId": resource.inputs["apiId"]}


def _of_object(resource: ResourceState) -> dict[str, Any]:
    """Its bucket and key are in the address that was asked."""
    return {name: resource.inputs[name] for name in ("bucket", "key")}


def _bucket(operation: str, part: str | None = None) -> Callable[[Client, ResourceState], Any]:
    def call(s3: Client, resource: ResourceState) -> Any:
        answer = getattr(s3, operation)(Bucket=resource.inputs["bucket"])
        return {**(answer[part] if part else answer), "bucket": resource.inputs["bucket"]}

    return call


def _versioning(s3: Client, resource: ResourceState) -> Any:
    found = s3.get_bucket_versioning(Bucket=resource.inputs["bucket"])
    return {"bucket": resource.inputs["bucket"], "versioningConfiguration": found}


def _workgroup(athena: Client, resource: ResourceState) -> Any:
    group = athena.get_work_group(WorkGroup=resource.id)["WorkGroup"]
    results = group["Configuration"]["ResultConfiguration"]
    if encryption := results.get("EncryptionConfiguration"):
        encryption["kmsKeyArn"] = encryption.get("KmsKey")
    return group


def _target(events: Client, resource: ResourceState) -> Any:
    targets = events.list_targets_by_rule(Rule=resource.inputs["rule"])["Targets"]
    return next(item for item in targets if item["Id"] == resource.inputs["targetId"])


def _log_group(logs: Client, resource: ResourceState) -> Any:
    return logs.describe_log_groups(logGroupNamePrefix=resource.id)["logGroups"][0]


def _log_stream(logs: Client, resource: ResourceState) -> Any:
    group = resource.inputs["logGroupName"]
    found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=resource.inputs["name"])
    return {**found["logStreams"][0], "logGroupName": group}


def _policy(iam: Client, resource: ResourceState) -> Any:
    policy = iam.get_policy(PolicyArn=resource.id)["Policy"]
    version = iam.get_policy_version(PolicyArn=resource.id, VersionId=policy["DefaultVersionId"])
    return {**policy, "policy": version["PolicyVersion"]["Document"]}


def _attachment(iam: Client, resource: ResourceState) -> Any:
    role, wanted = resource.inputs["role"], resource.inputs["policyArn"]
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return {"role": role, **next(policy for policy in attached if policy["PolicyArn"] == wanted)}


def _stream(kinesis: Client, resource: ResourceState) -> Any:
    return kinesis.describe_stream_summary(StreamName=resource.inputs["name"])["StreamDescriptionSummary"]


def _delivery(firehose: Client, resource: ResourceState) -> Any:
    found = firehose.describe_delivery_stream(DeliveryStreamName=resource.inputs["name"])
    description = found["DeliveryStreamDescription"]
    destination = description["Destinations"][0]["ExtendedS3DestinationDescription"]
    hints = destination["BufferingHints"]
    sizes = {"bufferingSize": hints["SizeInMBs"], "bufferingInterval": hints["IntervalInSeconds"]}
    conversion = dict(destination.get("DataFormatConversionConfiguration") or {})
    return {
        **description,
        "extendedS3Configuration": {
            **destination,
            **sizes,
            "dataFormatConversionConfiguration": conversion,
            "kmsKeyArn": _at(destination, "EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN"),
        },
        "kinesisSourceConfiguration": _at(description, "Source.KinesisStreamSourceDescription"),
    }


def _key(kms: Client, resource: ResourceState) -> Any:
    rotation = kms.get_key_rotation_status(KeyId=resource.id)
    return {
        **kms.describe_key(KeyId=resource.id)["KeyMetadata"],
        "policy": kms.get_key_policy(KeyId=resource.id, PolicyName="default")["Policy"],
        "enableKeyRotation": rotation["KeyRotationEnabled"],
        "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
    }


def _alias(kms: Client, resource: ResourceState) -> Any:
    aliases = kms.list_aliases()["Aliases"]
    return next(alias for alias in aliases if alias["AliasName"] == resource.id)


def _function(client: Client, resource: ResourceState) -> Any:
    answer = client.get_function(FunctionName=resource.id)
    return {
        **answer["Configuration"],
        "deadLetterConfig": answer["Configuration"].get("DeadLetterConfig", {"TargetArn": ""}),
        "layers": [layer["Arn"] for layer in answer["Configuration"].get("Layers", [])],
        "reservedConcurrentExecutions": answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
    }


def _permission(client: Client, resource: ResourceState) -> Any:
    policy = json.loads(client.get_policy(FunctionName=resource.inputs["function"])["Policy"])
    statement = next(item for item in policy["Statement"] if item["Sid"] == resource.inputs["statementId"])
    conditions = {name: value for test in statement["Condition"].values() for name, value in test.items()}
    return {
        **statement,
        "function": statement["Resource"].rpartition(":")[2],
        "principal": statement["Principal"]["Service"],
        "statementId": statement["Sid"],
        "sourceArn": conditions.get("AWS:SourceArn") or conditions.get("aws:SourceArn"),
        "sourceAccount": conditions.get("AWS:SourceAccount") or conditions.get("aws:SourceAccount"),
    }


def _mapping(client: Client, resource: ResourceState) -> Any:
    found = client.get_event_source_mapping(UUID=resource.id)
    return {
        **found,
        "enabled": found["State"] == "Enabled",
        "functionName": found["FunctionArn"].rpartition(":")[2],
    }


def _attributes(service: str) -> Callable[[Client, ResourceState], Any]:
    def call(client: Client, resource: ResourceState) -> Any:
        if service == "sns":
            arn = resource.inputs.get("arn", resource.id)
            return {**client.get_topic_attributes(TopicArn=arn)["Attributes"], "arn": arn}
        url = resource.inputs.get("queueUrl", resource.id)
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return {**found, "queueUrl": url}

    return call


def _schedule(scheduler: Client, resource: ResourceState) -> Any:
    return scheduler.get_schedule(Name=resource.inputs["name"], GroupName=resource.inputs["groupName"])


def _machine(states: Client, resource: ResourceState) -> Any:
    found = states.describe_state_machine(stateMachineArn=resource.id)
    logging = dict(found.get("loggingConfiguration", {}))
    for destination in logging.pop("destinations", []):
        logging["logDestination"] = destination["cloudWatchLogsLogGroup"]["logGroupArn"]
    return {**found, "loggingConfiguration": logging}


def _alarm(cloudwatch: Client, resource: ResourceState) -> Any:
    alarm = cloudwatch.describe_alarms(AlarmNames=[resource.id])["MetricAlarms"][0]
    return {**alarm, "dimensions": {item["Name"]: item["Value"] for item in alarm.get("Dimensions", [])}}


def _budget(budgets: Client, resource: ResourceState) -> Any:
    given = {"AccountId": "000000000000", "BudgetName": resource.inputs["name"]}
    budget = budgets.describe_budget(**given)["Budget"]
    filters = [{"name": name, "values": values} for name, values in budget["CostFilters"].items()]
    notifications = []
    for item in budgets.describe_notifications_for_budget(**given)["Notifications"]:
        item.pop("NotificationState", None)
        subscribers = budgets.describe_subscribers_for_notification(**given, Notification=item)["Subscribers"]
        topics = [one["Address"] for one in subscribers if one["SubscriptionType"] == "SNS"]
        notifications.append({**item, "subscriberSnsTopicArns": topics})
    return {**budget, "costFilters": filters, "notifications": notifications}


def _arn(resource: ResourceState) -> str:
    return str(resource.outputs["arn"])


READS: Mapping[str, Read] = {
    "aws:apigatewayv2/api:Api": Read(
        "apigatewayv2", lambda c, r: c.get_api(ApiId=r.id), tags=lambda c, r: c.get_api(ApiId=r.id)["Tags"]
    ),
    "aws:apigatewayv2/integration:Integration": Read(
        "apigatewayv2",
        lambda c, r: {**c.get_integration(ApiId=r.inputs["apiId"], IntegrationId=r.id), **_of_api(r)},
    ),
    "aws:apigatewayv2/route:Route": Read(
        "apigatewayv2", lambda c, r: {**c.get_route(ApiId=r.inputs["apiId"], RouteId=r.id), **_of_api(r)}
    ),
    "aws:apigatewayv2/stage:Stage": Read(
        "apigatewayv2",
        lambda c, r: {**c.get_stage(ApiId=r.inputs["apiId"], StageName=r.id), **_of_api(r)},
        {"name": "StageName"},
        lambda c, r: c.get_stage(ApiId=r.inputs["apiId"], StageName=r.id)["Tags"],
    ),
    "aws:athena/namedQuery:NamedQuery": Read(
        "athena",
        lambda c, r: c.get_named_query(NamedQueryId=r.id)["NamedQuery"],
        {"query": "QueryString"},
    ),
    "aws:athena/workgroup:Workgroup": Read(
        "athena",
        _workgroup,
        tags=lambda c, r: c.list_tags_for_resource(ResourceARN=_arn(r))["Tags"],
    ),
    "aws:budgets/budget:Budget": Read(
        "budgets",
        _budget,
        {"name": "BudgetName", "limitAmount": "BudgetLimit.Amount", "limitUnit": "BudgetLimit.Unit"},
        lambda c, r: c.list_tags_for_resource(ResourceARN=_arn(r))["ResourceTags"],
    ),
    "aws:cloudwatch/dashboard:Dashboard": Read(
        "cloudwatch", lambda c, r: c.get_dashboard(DashboardName=r.id)
    ),
    "aws:cloudwatch/eventRule:EventRule": Read(
        "events",
        lambda c, r: c.describe_rule(Name=r.inputs["name"]),
        tags=lambda c, r: c.list_tags_for_resource(ResourceARN=_arn(r))["Tags"],
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Read(
        "events", _target, {"targetId": "Id"}, unread=frozenset({"rule", "eventBusName"})
    ),
    "aws:cloudwatch/logGroup:LogGroup": Read(
        "logs",
        _log_group,
        {"name": "logGroupName"},
        lambda c, r: c.list_tags_for_resource(resourceArn=_arn(r))["tags"],
    ),
    "aws:cloudwatch/logStream:LogStream": Read("logs", _log_stream, {"name": "logStreamName"}),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Read(
        "cloudwatch",
        _alarm,
        {"name": "AlarmName"},
        lambda c, r: c.list_tags_for_resource(ResourceARN=_arn(r))["Tags"],
    ),
    "aws:glue/catalogDatabase:CatalogDatabase": Read(
        "glue",
        lambda c, r: c.get_database(Name=r.inputs["name"])["Database"],
        tags=lambda c, r: c.get_tags(ResourceArn=_arn(r))["Tags"],
    ),
    "aws:glue/catalogTable:CatalogTable": Read(
        "glue",
        lambda c, r: c.get_table(DatabaseName=r.inputs["databaseName"], Name=r.inputs["name"])["Table"],
        {"storageDescriptor.serDeInfo": "StorageDescriptor.SerdeInfo"},
        unread=frozenset({"openTableFormatInput"}),
    ),
    "aws:glue/crawler:Crawler": Read(
        "glue",
        lambda c, r: c.get_crawler(Name=r.id)["Crawler"],
        {"s3Targets": "Targets.S3Targets"},
        lambda c, r: c.get_tags(ResourceArn=_arn(r))["Tags"],
        frozenset({"role"}),
    ),
    "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings": Read(
        "glue", lambda c, _: c.get_data_catalog_encryption_settings()
    ),
    "aws:glue/job:Job": Read(
        "glue",
        lambda c, r: c.get_job(JobName=r.id)["Job"],
        {"roleArn": "Role"},
        lambda c, r: c.get_tags(ResourceArn=_arn(r))["Tags"],
    ),
    "aws:glue/trigger:Trigger": Read(
        "glue",
        lambda c, r: c.get_trigger(Name=r.id)["Trigger"],
        tags=lambda c, r: c.get_tags(ResourceArn=_arn(r))["Tags"],
        unread=frozenset({"enabled", "startOnCreation"}),
    ),
    "aws:glue/workflow:Workflow": Read(
        "glue",
        lambda c, r: c.get_workflow(Name=r.id)["Workflow"],
        tags=lambda c, r: c.get_tags(ResourceArn=_arn(r))["Tags"],
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Read(
        "iam",
        lambda c, r: c.get_open_id_connect_provider(OpenIDConnectProviderArn=r.id),
        {"clientIdLists": "ClientIDList"},
        lambda c, r: c.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=r.id)["Tags"],
        frozenset({"url"}),
    ),
    "aws:iam/policy:Policy": Read(
        "iam",
        _policy,
        {"name": "PolicyName"},
        lambda c, r: c.list_policy_tags(PolicyArn=r.id)["Tags"],
    ),
    "aws:iam/role:Role": Read(
        "iam",
        lambda c, r: c.get_role(RoleName=r.id)["Role"],
        {
            "name": "RoleName",
            "assumeRolePolicy": "AssumeRolePolicyDocument",
            "permissionsBoundary": "PermissionsBoundary.PermissionsBoundaryArn",
        },
        lambda c, r: c.list_role_tags(RoleName=r.id)["Tags"],
    ),
    "aws:iam/rolePolicy:RolePolicy": Read(
        "iam",
        lambda c, r: c.get_role_policy(RoleName=r.inputs["role"], PolicyName=r.inputs["name"]),
        {"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Read("iam", _attachment),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": Read(
        "firehose",
        _delivery,
        {"name": "DeliveryStreamName", "arn": "DeliveryStreamARN"},
        lambda c, r: c.list_tags_for_delivery_stream(DeliveryStreamName=r.inputs["name"])["Tags"],
        frozenset({"destination"}),
    ),
    "aws:kinesis/stream:Stream": Read(
        "kinesis",
        _stream,
        {
            "name": "StreamName",
            "retentionPeriod": "RetentionPeriodHours",
            "kmsKeyId": "KeyId",
            "shardLevelMetrics": "EnhancedMonitoring.0.ShardLevelMetrics",
        },
        lambda c, r: c.list_tags_for_resource(ResourceARN=_arn(r))["Tags"],
    ),
    "aws:kms/alias:Alias": Read("kms", _alias, {"name": "AliasName"}),
    "aws:kms/key:Key": Read(
        "kms",
        _key,
        {"isEnabled": "Enabled"},
        lambda c, r: [
            {"Key": tag["TagKey"], "Value": tag["TagValue"]}
            for tag in c.list_resource_tags(KeyId=r.id)["Tags"]
        ],
        frozenset({"deletionWindowInDays"}),
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Read(
        "lambda", _mapping, tags=lambda c, r: c.list_tags(Resource=_arn(r))["Tags"]
    ),
    "aws:lambda/function:Function": Read(
        "lambda",
        _function,
        {"name": "FunctionName"},
        lambda c, r: c.list_tags(Resource=_arn(r))["Tags"],
        frozenset({"code", "publish"}),
    ),
    "aws:lambda/permission:Permission": Read("lambda", _permission),
    "aws:s3/bucket:Bucket": Read(
        "s3", _bucket("head_bucket"), tags=lambda c, r: c.get_bucket_tagging(Bucket=r.id)["TagSet"]
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Read(
        "s3", _bucket("get_bucket_lifecycle_configuration")
    ),
    "aws:s3/bucketLogging:BucketLogging": Read("s3", _bucket("get_bucket_logging", "LoggingEnabled")),
    "aws:s3/bucketNotification:BucketNotification": Read(
        "s3",
        _bucket("get_bucket_notification_configuration"),
        {"queues": "QueueConfigurations"},
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Read(
        "s3",
        lambda c, r: {**c.head_object(Bucket=r.inputs["bucket"], Key=r.inputs["key"]), **_of_object(r)},
        tags=lambda c, r: c.get_object_tagging(Bucket=r.inputs["bucket"], Key=r.inputs["key"])["TagSet"],
        unread=frozenset({"source"}),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Read(
        "s3", _bucket("get_bucket_ownership_controls", "OwnershipControls"), {"rule": "Rules.0"}
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Read("s3", _bucket("get_bucket_policy")),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Read(
        "s3", _bucket("get_public_access_block", "PublicAccessBlockConfiguration")
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Read(
        "s3", _bucket("get_bucket_encryption", "ServerSideEncryptionConfiguration")
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Read("s3", _versioning),
    "aws:scheduler/schedule:Schedule": Read("scheduler", _schedule),
    "aws:scheduler/scheduleGroup:ScheduleGroup": Read(
        "scheduler",
        lambda c, r: c.get_schedule_group(Name=r.id),
        tags=lambda c, r: c.list_tags_for_resource(ResourceArn=_arn(r))["Tags"],
    ),
    "aws:sfn/stateMachine:StateMachine": Read(
        "stepfunctions", _machine, tags=lambda c, r: c.list_tags_for_resource(resourceArn=r.id)["tags"]
    ),
    "aws:sns/topic:Topic": Read(
        "sns",
        _attributes("sns"),
        tags=lambda c, r: c.list_tags_for_resource(ResourceArn=r.id)["Tags"],
        unread=frozenset({"name"}),
    ),
    "aws:sns/topicPolicy:TopicPolicy": Read("sns", _attributes("sns")),
    "aws:sqs/queue:Queue": Read(
        "sqs",
        _attributes("sqs"),
        {
            "visibilityTimeoutSeconds": "VisibilityTimeout",
            "messageRetentionSeconds": "MessageRetentionPeriod",
            "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
        },
        lambda c, r: c.list_queue_tags(QueueUrl=r.id)["Tags"],
        frozenset({"name"}),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Read("sqs", _attributes("sqs")),
}
