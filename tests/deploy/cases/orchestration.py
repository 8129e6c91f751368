"""Step Functions and Airflow."""

from __future__ import annotations

import json

from deploy.cases.case import Case

_MACHINE_ROLE = """
role = aws.iam.Role("r", assume_role_policy={"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}}]})
"""

_AIRFLOW = """
vpc = aws.ec2.Vpc("v", cidr_block="10.2.0.0/16")
subnets = [aws.ec2.Subnet(f"s-{zone}", vpc_id=vpc.id, cidr_block=f"10.2.{part}.0/24",
    availability_zone=f"us-east-1{zone}") for part, zone in enumerate("ab")]
group = aws.ec2.SecurityGroup("g", vpc_id=vpc.id)
bucket = aws.s3.Bucket("b", bucket="NAME")
versioning = aws.s3.BucketVersioning("b", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
requirements = aws.s3.BucketObjectv2("q", bucket=bucket.id, key="requirements.txt", content="duckdb",
    opts=pulumi.ResourceOptions(depends_on=[versioning]))
role = aws.iam.Role("r", assume_role_policy={"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Action": "sts:AssumeRole", "Principal": {"Service": ["airflow.amazonaws.com"]}}]})
environment = aws.mwaa.Environment("e", name="NAME", dag_s3_path="dags", execution_role_arn=role.arn,
    source_bucket_arn=bucket.arn, max_workers=VALUE, environment_class="mw1.small", tags={"owner": "data"},
    requirements_s3_path=requirements.key, requirements_s3_object_version=requirements.version_id,
    airflow_configuration_options={"core.default_task_retries": "2"},
    logging_configuration={"scheduler_logs": {"enabled": True, "log_level": "WARNING"}},
    network_configuration={"security_group_ids": [group.id], "subnet_ids": [item.id for item in subnets]})
pulumi.export("status", environment.status)
"""

CASES = [
    Case(
        "aws:sfn/stateMachine:StateMachine",
        _MACHINE_ROLE
        + """
logs = aws.cloudwatch.LogGroup("l", name="/aws/vendedlogs/states/NAME")
machine = aws.sfn.StateMachine("m", name="NAME", role_arn=role.arn, tags={"owner": "data"},
    definition=json.dumps({"StartAt": "done", "States": {"done": {"Type": "Succeed", "Comment": VALUE}}}),
    logging_configuration={"level": "ERROR", "include_execution_data": True,
        "log_destination": logs.arn.apply(lambda arn: f"{arn}:*")})
pulumi.export("arn", machine.arn)
""",
        "one",
        "two",
        lambda cloud, out: json.loads(
            cloud.client("stepfunctions").describe_state_machine(stateMachineArn=out["arn"])["definition"]
        )["States"]["done"]["Comment"],
    ),
    Case(
        "aws:sfn/activity:Activity",
        """
pulumi.export("arn", aws.sfn.Activity("a", name="NAME-" + VALUE, tags={"owner": "data"}).arn)
""",
        "one",
        "two",
        lambda cloud, out: (
            cloud.client("stepfunctions").describe_activity(activityArn=out["arn"])["name"].rpartition("-")[2]
        ),
        replaces=True,
    ),
    Case(
        "aws:mwaa/environment:Environment",
        _AIRFLOW,
        3,
        5,
        lambda cloud, out: cloud.client("mwaa").get_environment(Name=out["name"])["Environment"][
            "MaxWorkers"
        ],
    ),
]
