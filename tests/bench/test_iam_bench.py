"""What a decision costs: with policies as large as a lake's roles have, and with AWS's own largest ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import RunningCloud
from iam.evaluation.case_tables import all_cases
from millpond import ACCOUNT_ID
from millpond.iam.evaluation import AuthorizationRequest, PolicyType, evaluate, parse_policy
from millpond.iam.principals import policies_of, principal_of

pytestmark = pytest.mark.bench

TIMES, TARGET_MILLISECONDS = 5000, 0.3
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
        "Action": "sts:AssumeRole",
    },
}
CONTEXT = {
    "aws:CurrentTime": ("2026-11-01T08:00:00Z",),
    "aws:EpochTime": ("1793520000",),
    "aws:RequestedRegion": ("us-east-1",),
    "aws:SecureTransport": ("true",),
    "aws:SourceIp": ("127.0.0.1",),
    "aws:UserAgent": ("Boto3/1.44",),
}


def lake_policy(zone: str) -> dict[str, Any]:
    """What a role needs of one zone: objects, tables, keys, queues, logs, with conditions; some 4 kB."""
    statements: list[dict[str, Any]] = []
    for source in ("sales", "customers", "products", "events"):
        statements += [
            {
                "Sid": f"Objects{source}",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObjectTagging"],
                "Resource": [
                    f"arn:aws:s3:::lake-{zone}/{source}/*",
                    f"arn:aws:s3:::lake-{zone}/_tmp/{source}/*",
                ],
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
            {
                "Sid": f"List{source}",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
                "Resource": f"arn:aws:s3:::lake-{zone}",
                "Condition": {"StringLike": {"s3:prefix": [f"{source}/*", "home/${aws:userid}/*"]}},
            },
            {
                "Sid": f"Tables{source}",
                "Effect": "Allow",
                "Action": ["glue:GetTable", "glue:GetPartition*", "glue:BatchCreatePartition"],
                "Resource": [
                    f"arn:aws:glue:us-east-1:{ACCOUNT_ID}:catalog",
                    f"arn:aws:glue:us-east-1:{ACCOUNT_ID}:database/{zone}",
                    f"arn:aws:glue:us-east-1:{ACCOUNT_ID}:table/{zone}/{source}*",
                ],
            },
        ]
    statements.append(
        {
            "Sid": "OtherStages",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"aws:RequestedRegion": ["us-east-1", "eu-central-1"]}},
        }
    )
    return {"Version": "2012-10-17", "Statement": statements}


BUCKET_POLICY = parse_policy(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::lake-raw", "arn:aws:s3:::lake-raw/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::lake-raw/*",
                "Condition": {"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption": "aws:kms"}},
            },
        ],
    },
    "arn:aws:s3:::lake-raw",
    PolicyType.RESOURCE,
)


def test_decisions_with_the_policies_of_a_role(cloud: RunningCloud, bench: Any) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("role")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    zones = ("landing", "raw", "marts", "results", "artifacts")
    for zone in zones[:2]:
        iam.put_role_policy(RoleName=name, PolicyName=zone, PolicyDocument=json.dumps(lake_policy(zone)))
    for zone in zones[2:]:
        document = json.dumps(lake_policy(zone))
        arn = iam.create_policy(PolicyName=f"{name}-{zone}", PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    keys = cloud.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="bench")["Credentials"]
    caller = principal_of(keys["AccessKeyId"], keys["SessionToken"])

    def read(number: int) -> AuthorizationRequest:
        resource = f"arn:aws:s3:::lake-raw/events/day={number}/part.parquet"
        return AuthorizationRequest(caller, "s3:GetObject", resource, CONTEXT)

    def write_elsewhere(number: int) -> AuthorizationRequest:
        return AuthorizationRequest(caller, "s3:PutObject", f"arn:aws:s3:::other/{number}", CONTEXT)

    policies = policies_of(caller).with_resource(BUCKET_POLICY)
    assert evaluate(read(0), policies).allowed
    assert not evaluate(write_elsewhere(0), policies).allowed
    for what, asked in (("allowed", read), ("denied", write_elsewhere)):
        bench.milliseconds(
            f"IAM decision, five policies, boundary and bucket policy, {what}",
            lambda number, asked=asked: evaluate(asked(number), policies),
            TIMES,
            TARGET_MILLISECONDS,
        )
    bench.milliseconds(
        "IAM decision with finding the caller and his policies",
        lambda number: evaluate(
            read(number), policies_of(principal_of(keys["AccessKeyId"], keys["SessionToken"]))
        ),
        TIMES,
        TARGET_MILLISECONDS,
    )


def test_decisions_with_the_largest_policies_of_aws(cloud: RunningCloud, bench: Any) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    iam.create_user(UserName=name)
    for policy in ("ReadOnlyAccess", "SecurityAudit"):
        iam.attach_user_policy(UserName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    key = iam.create_access_key(UserName=name)["AccessKey"]
    caller = principal_of(key["AccessKeyId"], None)
    policies = policies_of(caller)
    asked = AuthorizationRequest(caller, "glue:GetTable", "*", CONTEXT)
    assert evaluate(asked, policies).allowed
    bench.milliseconds(
        "IAM decision, ReadOnlyAccess and SecurityAudit",
        lambda _: evaluate(asked, policies),
        TIMES,
        TARGET_MILLISECONDS,
    )


def test_decisions_of_the_documentation(bench: Any) -> None:
    cases = list(all_cases())
    bench.milliseconds(
        "IAM decision, a case of AWS's documentation",
        lambda number: evaluate(cases[number % len(cases)].request, cases[number % len(cases)].policies),
        TIMES,
        TARGET_MILLISECONDS,
    )
