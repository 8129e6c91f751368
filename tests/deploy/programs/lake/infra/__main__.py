"""A small lake with one resource of nearly every supported type."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account = aws.get_caller_identity().account_id

key = aws.kms.Key("lake", description="Lake data", enable_key_rotation=True)
aws.kms.Alias("lake", target_key_id=key.key_id)

buckets = {}
for zone in config.require_object("zones"):
    bucket = aws.s3.Bucket(zone, bucket=f"lake-{zone}-{account}", force_destroy=True, tags={"zone": zone})
    aws.s3.BucketVersioning(zone, bucket=bucket.id, versioning_configuration={"status": "Enabled"})
    aws.s3.BucketServerSideEncryptionConfiguration(
        zone,
        bucket=bucket.id,
        rules=[
            {
                "apply_server_side_encryption_by_default": {
                    "sse_algorithm": "aws:kms",
                    "kms_master_key_id": key.arn,
                },
                "bucket_key_enabled": True,
            }
        ],
    )
    aws.s3.BucketPublicAccessBlock(
        zone,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    aws.s3.BucketOwnershipControls(zone, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"})
    aws.s3.BucketLifecycleConfiguration(
        zone,
        bucket=bucket.id,
        rules=[
            {
                "id": "expire-old-versions",
                "status": "Enabled",
                "filter": {"and": {"prefix": "in/", "tags": {"keep": "no"}}},
                "noncurrent_version_expiration": {"noncurrent_days": 30},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            }
        ],
    )
    buckets[zone] = bucket

aws.s3.BucketPolicy(
    "landing",
    bucket=buckets["landing"].id,
    policy=aws.iam.get_policy_document_output(
        statements=[
            {
                "sid": "TlsOnly",
                "effect": "Deny",
                "principals": [{"type": "*", "identifiers": ["*"]}],
                "actions": ["s3:*"],
                "resources": [buckets["landing"].arn, pulumi.Output.concat(buckets["landing"].arn, "/*")],
                "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
            }
        ]
    ).json,
)
aws.s3.BucketObjectv2(
    "readme", bucket=buckets["raw"].id, key="README.md", source=pulumi.StringAsset("# Raw data\n")
)

role = aws.iam.Role(
    "ingest",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
)
aws.iam.RolePolicy(
    "ingest",
    role=role.name,
    policy=buckets["raw"].arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"{arn}/*"}],
            }
        )
    ),
)
policy = aws.iam.Policy(
    "logs",
    policy={
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "logs:PutLogEvents",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ReceiveMessage",
                    "sqs:SendMessage",
                ],
                "Resource": "*",
            }
        ],
    },
)
rights = aws.iam.RolePolicyAttachment("logs", role=role.name, policy_arn=policy.arn)

dead = aws.sqs.Queue("dead", message_retention_seconds=1209600)
queue = aws.sqs.Queue("landing", visibility_timeout_seconds=120)
aws.sqs.RedrivePolicy(
    "landing",
    queue_url=queue.id,
    redrive_policy=dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})),
)
allow = aws.sqs.QueuePolicy(
    "landing",
    queue_url=queue.id,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "s3.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": queue.arn,
                }
            ],
        }
    ),
)
aws.s3.BucketNotification(
    "landing",
    bucket=buckets["landing"].id,
    queues=[
        {"id": "in", "queue_arn": queue.arn, "events": ["s3:ObjectCreated:*"], "filter_prefix": "in/"},
    ],
    opts=pulumi.ResourceOptions(depends_on=[allow]),
)

ingest = aws.lambda_.Function(
    "ingest",
    name="ingest",
    role=role.arn,
    runtime="python3.12",
    handler="app.handler",
    code=pulumi.FileArchive("./handler"),
    timeout=60,
    environment={"variables": {"RAW": buckets["raw"].bucket}},
    dead_letter_config={"target_arn": dead.arn},
    reserved_concurrent_executions=2,
)
aws.lambda_.EventSourceMapping(
    "ingest",
    event_source_arn=queue.arn,
    function_name=ingest.arn,
    batch_size=10,
    function_response_types=["ReportBatchItemFailures"],
    opts=pulumi.ResourceOptions(depends_on=[rights]),
)
aws.lambda_.Permission(
    "ingest",
    action="lambda:InvokeFunction",
    function=ingest.name,
    principal="s3.amazonaws.com",
    source_arn=buckets["landing"].arn,
)
aws.lambda_.FunctionEventInvokeConfig("ingest", function_name=ingest.name, maximum_retry_attempts=1)
aws.cloudwatch.LogGroup(
    "ingest", name="/aws/lambda/ingest", retention_in_days=config.require_int("retention")
)

database = aws.glue.CatalogDatabase("raw", name="raw", description="As it came")
aws.glue.CatalogTable(
    "orders",
    name="orders",
    database_name=database.name,
    table_type="EXTERNAL_TABLE",
    parameters={"classification": "parquet"},
    partition_keys=[{"name": "day", "type": "date"}],
    storage_descriptor={
        "location": buckets["raw"].bucket.apply(lambda name: f"s3://{name}/orders/"),
        "input_format": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "output_format": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "ser_de_info": {
            "serialization_library": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        },
        "columns": [{"name": "id", "type": "bigint"}, {"name": "total", "type": "decimal(12,2)"}],
    },
)
aws.athena.Workgroup(
    "analysts",
    name="analysts",
    force_destroy=True,
    configuration={
        "bytes_scanned_cutoff_per_query": 10_000_000_000,
        "result_configuration": {
            "output_location": buckets["raw"].bucket.apply(lambda name: f"s3://{name}/results/"),
            "encryption_configuration": {"encryption_option": "SSE_KMS", "kms_key_arn": key.arn},
        },
    },
)
pulumi.export("function", ingest.arn)
pulumi.export("queue", queue.url)
pulumi.export("dead", dead.arn)
pulumi.export("key", key.arn)
pulumi.export("role", role.name)
pulumi.export("policy", policy.arn)
