"""One resource of every type that there is, with no more settings than it needs."""

import json

import pulumi
import pulumi_aws as aws

ACCOUNT = "000000000000"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def policy(action: str, **more: object) -> str:
    """A document that allows an action."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*", **more}],
        }
    )


def after(*resources: pulumi.Resource) -> pulumi.ResourceOptions:
    """Made when others are there."""
    return pulumi.ResourceOptions(depends_on=list(resources))


# Identities
trust = aws.iam.get_policy_document(
    statements=[
        {
            "actions": ["sts:AssumeRole"],
            "principals": [
                {
                    "type": "Service",
                    "identifiers": [
                        f"{service}.amazonaws.com"
                        for service in (
                            "airflow",
                            "firehose",
                            "glue",
                            "lambda",
                            "logs",
                            "scheduler",
                            "states",
                        )
                    ],
                }
            ],
        }
    ]
).json
role = aws.iam.Role("role", assume_role_policy=trust)
role_policy = aws.iam.RolePolicy("role-policy", role=role.name, policy=policy("*"))
managed = aws.iam.Policy("managed", policy=policy("s3:GetObject"))
aws.iam.RolePolicyAttachment("attachment", role=role.name, policy_arn=managed.arn)
user = aws.iam.User("user")
aws.iam.AccessKey("key", user=user.name)
aws.iam.UserPolicy("policy", user=user.name, policy=policy("s3:GetObject"))
aws.iam.UserPolicyAttachment("attachment", user=user.name, policy_arn=managed.arn)
group = aws.iam.Group("group")
aws.iam.GroupPolicy("policy", group=group.name, policy=policy("s3:GetObject"))
aws.iam.GroupPolicyAttachment("attachment", group=group.name, policy_arn=managed.arn)
aws.iam.GroupMembership("members", group=group.name, users=[user.name])
aws.iam.InstanceProfile("profile")
aws.iam.OpenIdConnectProvider(
    "identities", url="https://identities.example.com", client_id_lists=["sts.amazonaws.com"]
)

# Keys and secrets
key = aws.kms.Key("key")
aws.kms.Alias("alias", target_key_id=key.key_id)
aws.kms.Grant("grant", key_id=key.key_id, grantee_principal=role.arn, operations=["Decrypt"])
aws.kms.KeyPolicy("key-policy", key_id=key.key_id, policy=policy("kms:*", Principal=ROOT))
secret = aws.secretsmanager.Secret("secret", recovery_window_in_days=0)
aws.secretsmanager.SecretVersion("content", secret_id=secret.id, secret_string="hush")
aws.secretsmanager.SecretPolicy(
    "secret-policy", secret_arn=secret.arn, policy=policy("secretsmanager:GetSecretValue", Principal=ROOT)
)
aws.ssm.Parameter("parameter", type="String", value="one")

# Buckets
bucket = aws.s3.Bucket("bucket", force_destroy=True)
locked = aws.s3.Bucket("locked", object_lock_enabled=True, force_destroy=True)
versioning = aws.s3.BucketVersioning(
    "versioning", bucket=bucket.id, versioning_configuration={"status": "Enabled"}
)
aws.s3.BucketServerSideEncryptionConfiguration(
    "encryption",
    bucket=bucket.id,
    rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
)
aws.s3.BucketPublicAccessBlock("block-none", bucket=locked.id)
block = aws.s3.BucketPublicAccessBlock(
    "block",
    bucket=bucket.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
aws.s3.BucketOwnershipControls("owner", bucket=bucket.id, rule={"object_ownership": "BucketOwnerPreferred"})
aws.s3.BucketLifecycleConfiguration(
    "lifecycle", bucket=bucket.id, rules=[{"id": "old", "status": "Enabled", "expiration": {"days": 7}}]
)
log_delivery = aws.s3.BucketPolicy(
    "bucket-policy",
    bucket=bucket.id,
    policy=bucket.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "s3:PutObject",
                        "Principal": {"Service": "logging.s3.amazonaws.com"},
                        "Resource": f"{arn}/*",
                    }
                ],
            }
        )
    ),
)
aws.s3.BucketNotification("notification", bucket=bucket.id)
aws.s3.BucketLogging(
    "logging", bucket=locked.id, target_bucket=bucket.id, target_prefix="log/", opts=after(log_delivery)
)
aws.s3.BucketCorsConfiguration(
    "cors", bucket=bucket.id, cors_rules=[{"allowed_methods": ["GET"], "allowed_origins": ["*"]}]
)
aws.s3.BucketWebsiteConfiguration("site", bucket=bucket.id, index_document={"suffix": "index.html"})
aws.s3.BucketAccelerateConfiguration("fast", bucket=bucket.id, status="Enabled")
aws.s3.BucketObjectLockConfiguration("lock", bucket=locked.id)
aws.s3.BucketRequestPaymentConfiguration("payer", bucket=bucket.id, payer="BucketOwner")
aws.s3.BucketAcl("acl", bucket=bucket.id, acl="private")
aws.s3.BucketObjectv2("object", bucket=bucket.id, content="one", opts=after(versioning))

# Messages
queue = aws.sqs.Queue("queue")
dead = aws.sqs.Queue("dead")
aws.sqs.QueuePolicy("queue-policy", queue_url=queue.url, policy=policy("sqs:SendMessage", Principal=ROOT))
aws.sqs.RedrivePolicy(
    "redrive",
    queue_url=queue.url,
    redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 3}),
)
aws.sqs.RedriveAllowPolicy(
    "redrive-allow", queue_url=dead.url, redrive_allow_policy=json.dumps({"redrivePermission": "allowAll"})
)
topic = aws.sns.Topic("topic")
aws.sns.TopicPolicy("topic-policy", arn=topic.arn, policy=policy("sns:Publish", Principal=ROOT))
aws.sns.TopicSubscription("subscription", topic=topic.arn, protocol="sqs", endpoint=queue.arn)

# Streams and events
stream = aws.kinesis.Stream("stream", shard_count=1)
aws.kinesis.StreamConsumer("consumer", stream_arn=stream.arn)
aws.kinesis.FirehoseDeliveryStream(
    "delivery",
    destination="extended_s3",
    extended_s3_configuration={"role_arn": role.arn, "bucket_arn": bucket.arn},
)
bus = aws.cloudwatch.EventBus("bus")
aws.cloudwatch.EventBusPolicy(
    "bus-policy",
    event_bus_name=bus.name,
    policy=bus.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "own",
                        "Effect": "Allow",
                        "Action": "events:PutEvents",
                        "Principal": ROOT,
                        "Resource": arn,
                    }
                ],
            }
        )
    ),
)
aws.cloudwatch.EventArchive("archive", event_source_arn=bus.arn)
rule = aws.cloudwatch.EventRule("rule", schedule_expression="rate(1 day)")
aws.cloudwatch.EventTarget("target", rule=rule.name, arn=queue.arn)
aws.scheduler.ScheduleGroup("schedules")
aws.scheduler.Schedule(
    "schedule",
    schedule_expression="rate(1 day)",
    flexible_time_window={"mode": "OFF"},
    target={"arn": queue.arn, "role_arn": role.arn},
)

# Logs and alarms
logs = aws.cloudwatch.LogGroup("logs")
aws.cloudwatch.LogStream("log-stream", log_group_name=logs.name)
aws.cloudwatch.LogMetricFilter(
    "errors",
    log_group_name=logs.name,
    pattern="ERROR",
    metric_transformation={"name": "Errors", "namespace": "Shop", "value": "1"},
)
aws.cloudwatch.LogSubscriptionFilter(
    "subscription", log_group=logs.name, filter_pattern="", destination_arn=stream.arn, role_arn=role.arn
)
aws.cloudwatch.LogResourcePolicy(
    "log-policy",
    policy_name="every-type",
    policy_document=policy("logs:PutLogEvents", Principal={"Service": "es.amazonaws.com"}),
)
aws.cloudwatch.MetricAlarm(
    "alarm",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    metric_name="Errors",
    namespace="Shop",
    period=60,
    statistic="Sum",
    threshold=1,
)
aws.cloudwatch.Dashboard("dashboard", dashboard_name="every-type", dashboard_body=json.dumps({"widgets": []}))

# Functions
code = pulumi.AssetArchive({"app.py": pulumi.StringAsset("def handler(event, context):\n    return event\n")})
function = aws.lambda_.Function(
    "function", role=role.arn, runtime="python3.12", handler="app.handler", code=code, publish=True
)
aws.lambda_.Permission(
    "permission", action="lambda:InvokeFunction", function=function.name, principal="events.amazonaws.com"
)
aws.lambda_.LayerVersion("layer", layer_name="every-type", code=code)
aws.lambda_.Alias("alias", function_name=function.name, function_version=function.version)
aws.lambda_.EventSourceMapping(
    "mapping", function_name=function.arn, event_source_arn=dead.arn, opts=after(role_policy)
)
aws.lambda_.FunctionEventInvokeConfig("retries", function_name=function.name)

# HTTP APIs
api = aws.apigatewayv2.Api("api", protocol_type="HTTP")
integration = aws.apigatewayv2.Integration(
    "integration",
    api_id=api.id,
    integration_type="HTTP_PROXY",
    integration_method="GET",
    integration_uri="https://example.com/",
)
route = aws.apigatewayv2.Route(
    "route", api_id=api.id, route_key="GET /", target=pulumi.Output.concat("integrations/", integration.id)
)
aws.apigatewayv2.Authorizer(
    "authorizer",
    api_id=api.id,
    authorizer_type="JWT",
    identity_sources=["$request.header.Authorization"],
    jwt_configuration={"audiences": ["shop"], "issuer": "https://issuer.example.com/"},
)
aws.apigatewayv2.Deployment("deployment", api_id=api.id, opts=after(route))
aws.apigatewayv2.Stage("stage", api_id=api.id)

# The catalog
database = aws.glue.CatalogDatabase("database")
table = aws.glue.CatalogTable(
    "table",
    database_name=database.name,
    partition_keys=[{"name": "day", "type": "date"}],
    storage_descriptor={"location": "s3://lake/orders/", "columns": [{"name": "id", "type": "int"}]},
)
aws.glue.Partition(
    "partition", database_name=database.name, table_name=table.name, partition_values=["2026-01-02"]
)
aws.glue.Connection(
    "connection",
    connection_properties={"JDBC_CONNECTION_URL": "jdbc:postgresql://db/shop", "USERNAME": "reader"},
)
aws.glue.Classifier("classifier", csv_classifier={"delimiter": ";"})
aws.glue.Crawler(
    "crawler", role=role.arn, database_name=database.name, s3_targets=[{"path": "s3://lake/in/"}]
)
job = aws.glue.Job("job", role_arn=role.arn, command={"script_location": "s3://code/job.py"})
aws.glue.Trigger("trigger", type="ON_DEMAND", actions=[{"job_name": job.name}])
aws.glue.Workflow("workflow")
aws.glue.SecurityConfiguration(
    "encryption",
    encryption_configuration={
        "cloudwatch_encryption": {"cloudwatch_encryption_mode": "DISABLED"},
        "job_bookmarks_encryption": {"job_bookmarks_encryption_mode": "DISABLED"},
        "s3_encryption": {"s3_encryption_mode": "DISABLED"},
    },
)
aws.glue.DataCatalogEncryptionSettings(
    "catalog-encryption",
    data_catalog_encryption_settings={
        "connection_password_encryption": {"return_connection_password_encrypted": False},
        "encryption_at_rest": {"catalog_encryption_mode": "DISABLED"},
    },
)
aws.glue.ResourcePolicy(
    "catalog-policy",
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "glue:GetTable",
                    "Principal": ROOT,
                    "Resource": f"arn:aws:glue:us-east-1:{ACCOUNT}:*",
                }
            ],
        }
    ),
)
aws.glue.DataQualityRuleset("rules", ruleset='Rules = [ IsComplete "id" ]')
workgroup = aws.athena.Workgroup("workgroup", force_destroy=True)
aws.athena.NamedQuery("query", database=database.name, query="SELECT 1")
aws.athena.PreparedStatement("prepared", workgroup=workgroup.name, query_statement="SELECT ?", name="one")
aws.athena.DataCatalog("catalog", description="The own one", type="GLUE", parameters={"catalog-id": ACCOUNT})
aws.athena.Database("athena", name="every_type_athena", bucket=bucket.bucket)
settings = aws.lakeformation.DataLakeSettings("settings", admins=[f"arn:aws:iam::{ACCOUNT}:user/admin"])
aws.lakeformation.Resource("place", arn=bucket.arn, role_arn=role.arn, opts=after(settings))
aws.lakeformation.Permissions(
    "grant",
    principal=role.arn,
    permissions=["DESCRIBE"],
    database={"name": database.name},
    opts=after(settings),
)

# Tables, machines, images, money
items = aws.dynamodb.Table(
    "items", hash_key="id", billing_mode="PAY_PER_REQUEST", attributes=[{"name": "id", "type": "S"}]
)
aws.dynamodb.TableItem("item", table_name=items.name, hash_key="id", item=json.dumps({"id": {"S": "a"}}))
aws.sfn.StateMachine(
    "machine",
    role_arn=role.arn,
    definition=json.dumps({"StartAt": "done", "States": {"done": {"Type": "Succeed"}}}),
    opts=after(role_policy),
)
aws.sfn.Activity("activity")
images = aws.ecr.Repository("images")
aws.ecr.RepositoryPolicy(
    "images-policy",
    repository=images.name,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}],
        }
    ),
)
aws.ecr.LifecyclePolicy(
    "old-images",
    repository=images.name,
    policy=json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "selection": {
                        "tagStatus": "untagged",
                        "countType": "imageCountMoreThan",
                        "countNumber": 5,
                    },
                    "action": {"type": "expire"},
                }
            ]
        }
    ),
)
aws.ecs.Cluster("cluster")
aws.budgets.Budget("budget", budget_type="COST", time_unit="MONTHLY", limit_amount="100", limit_unit="USD")

# The network, and Airflow in it
vpc = aws.ec2.Vpc("vpc", cidr_block="10.20.0.0/16")
subnets = [
    aws.ec2.Subnet(
        f"subnet-{zone}", vpc_id=vpc.id, cidr_block=f"10.20.{part}.0/24", availability_zone=f"us-east-1{zone}"
    )
    for part, zone in enumerate("ab")
]
internet = aws.ec2.InternetGateway("internet", vpc_id=vpc.id)
address = aws.ec2.Eip("address")
aws.ec2.NatGateway("nat", subnet_id=subnets[0].id, allocation_id=address.allocation_id, opts=after(internet))
routes = aws.ec2.RouteTable("routes", vpc_id=vpc.id)
aws.ec2.Route("route", route_table_id=routes.id, destination_cidr_block="0.0.0.0/0", gateway_id=internet.id)
aws.ec2.RouteTableAssociation("association", route_table_id=routes.id, subnet_id=subnets[0].id)
aws.ec2.VpcEndpoint("endpoint", vpc_id=vpc.id, service_name="com.amazonaws.us-east-1.s3")
firewall = aws.ec2.SecurityGroup("firewall", vpc_id=vpc.id)
aws.ec2.SecurityGroupRule(
    "rule",
    security_group_id=firewall.id,
    type="ingress",
    protocol="tcp",
    from_port=22,
    to_port=22,
    cidr_blocks=["10.0.0.0/8"],
)
aws.vpc.SecurityGroupIngressRule(
    "in", security_group_id=firewall.id, ip_protocol="tcp", from_port=80, to_port=80, cidr_ipv4="10.0.0.0/8"
)
aws.vpc.SecurityGroupEgressRule(
    "out", security_group_id=firewall.id, ip_protocol="tcp", from_port=80, to_port=80, cidr_ipv4="10.0.0.0/8"
)
aws.mwaa.Environment(
    "airflow",
    dag_s3_path="dags",
    execution_role_arn=role.arn,
    source_bucket_arn=bucket.arn,
    network_configuration={
        "security_group_ids": [firewall.id],
        "subnet_ids": [subnet.id for subnet in subnets],
    },
    opts=after(versioning, block),
)
