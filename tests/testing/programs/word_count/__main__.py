"""A bucket for texts, a function that counts their words, a bucket for the counts."""

import pulumi
import pulumi_aws as aws

suffix = pulumi.Config().require("suffix")

texts = aws.s3.Bucket("texts", force_destroy=True)
counts = aws.s3.Bucket("counts", force_destroy=True)

trust = aws.iam.get_policy_document(
    statements=[
        {
            "actions": ["sts:AssumeRole"],
            "principals": [{"type": "Service", "identifiers": ["lambda.amazonaws.com"]}],
        }
    ]
)
role = aws.iam.Role("counter", assume_role_policy=trust.json)
aws.iam.RolePolicy(
    "counter",
    role=role.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": pulumi.Output.concat(texts.arn, "/*"),
                },
                {
                    "Effect": "Allow",
                    "Action": "s3:PutObject",
                    "Resource": pulumi.Output.concat(counts.arn, "/*"),
                },
                {"Effect": "Allow", "Action": "logs:*", "Resource": "*"},
            ],
        }
    ),
)
counter = aws.lambda_.Function(
    "counter",
    role=role.arn,
    runtime="python3.12",
    handler="counting.handle",
    code=pulumi.FileArchive("handler"),
    environment={"variables": {"COUNTS": counts.bucket}},
)
allowed = aws.lambda_.Permission(
    "counter",
    function=counter.name,
    action="lambda:InvokeFunction",
    principal="s3.amazonaws.com",
    source_arn=texts.arn,
)
aws.s3.BucketNotification(
    "texts",
    bucket=texts.bucket,
    lambda_functions=[
        {"lambda_function_arn": counter.arn, "events": ["s3:ObjectCreated:*"], "filter_suffix": suffix}
    ],
    opts=pulumi.ResourceOptions(depends_on=[allowed]),
)

pulumi.export("texts", texts.bucket)
pulumi.export("counts", counts.bucket)
pulumi.export("role", role.arn)
pulumi.export("log_group", pulumi.Output.concat("/aws/lambda/", counter.name))
