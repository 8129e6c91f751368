"""What runs on a schedule and tells about it: a crawler, a job, a workflow, rules and topics."""

import pulumi
import pulumi_aws as aws

logs = aws.s3.Bucket("logs", force_destroy=True)
data = aws.s3.Bucket("data", force_destroy=True)
delivery = aws.s3.BucketPolicy(
    "logs",
    bucket=logs.id,
    policy=aws.iam.get_policy_document_output(
        statements=[
            {
                "principals": [{"type": "Service", "identifiers": ["logging.s3.amazonaws.com"]}],
                "actions": ["s3:PutObject"],
                "resources": [pulumi.Output.concat(logs.arn, "/*")],
            }
        ]
    ).json,
)
aws.s3.BucketLogging(
    "data",
    bucket=data.id,
    target_bucket=logs.id,
    target_prefix="data/",
    opts=pulumi.ResourceOptions(depends_on=[delivery]),
)

role = aws.iam.Role(
    "glue",
    assume_role_policy={
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "glue.amazonaws.com"}}
        ],
    },
)
database = aws.glue.CatalogDatabase("pipeline")
crawler = aws.glue.Crawler(
    "landing",
    name="pipeline-landing",
    database_name=database.name,
    role=role.arn,
    s3_targets=[{"path": data.bucket.apply(lambda name: f"s3://{name}/in/"), "exclusions": ["**.tmp"]}],
    schema_change_policy={"delete_behavior": "LOG", "update_behavior": "LOG"},
)
job = aws.glue.Job(
    "compact",
    name="pipeline-compact",
    role_arn=role.arn,
    command={
        "name": "pythonshell",
        "python_version": "3.9",
        "script_location": data.bucket.apply(lambda name: f"s3://{name}/jobs/compact.py"),
    },
    default_arguments={"--library-set": "analytics"},
    max_capacity=0.0625,
    execution_property={"max_concurrent_runs": 2},
)
workflow = aws.glue.Workflow("daily", name="pipeline-daily", description="Every night")
aws.glue.Trigger(
    "nightly",
    name="pipeline-nightly",
    type="SCHEDULED",
    schedule="cron(0 3 * * ? *)",
    workflow_name=workflow.name,
    actions=[{"job_name": job.name, "arguments": {"--day": "yesterday"}}],
)

alerts = aws.sns.Topic("alerts", display_name="Alerts")
inbox = aws.sqs.Queue("inbox")
aws.sns.TopicSubscription(
    "inbox", topic=alerts.arn, protocol="sqs", endpoint=inbox.arn, raw_message_delivery=True
)
rule = aws.cloudwatch.EventRule("hourly", name="pipeline-hourly", schedule_expression="rate(1 hour)")
aws.cloudwatch.EventTarget(
    "inbox",
    rule=rule.name,
    arn=inbox.arn,
    target_id="inbox",
    input_transformer={"input_paths": {"at": "$.time"}, "input_template": '{"at": <at>}'},
)

pulumi.export("data", data.bucket)
pulumi.export("logs", logs.bucket)
pulumi.export("topic", alerts.arn)
pulumi.export("inbox", inbox.arn)
