"""Users, secrets, parameters, tables, budgets, keys and buckets' settings."""

from __future__ import annotations

import json
from typing import Any

from conftest import RunningCloud
from deploy.cases.case import Case

_USER = """
user = aws.iam.User("u", name="NAME")
"""
_GROUP = """
group = aws.iam.Group("g", name="NAME")
"""
_POLICY = """
document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
one = aws.iam.Policy("one", name="NAME-one", policy=document)
two = aws.iam.Policy("two", name="NAME-two", policy=document)
chosen = {"one": one, "two": two}[VALUE]
"""
_BUCKET = """
bucket = aws.s3.Bucket("b", bucket="NAME")
"""
_KEY = """
key = aws.kms.Key("k", description="NAME")
pulumi.export("key", key.id)
"""


def _attached(found: dict[str, Any]) -> Any:
    return next(policy["PolicyName"].rpartition("-")[2] for policy in found["AttachedPolicies"])


def _grant(cloud: RunningCloud, out: dict[str, Any]) -> Any:
    grants = cloud.client("kms").list_grants(KeyId=out["key"])["Grants"]
    return next(grant["Operations"] for grant in grants)


CASES = [
    Case(
        "aws:iam/user:User",
        """
aws.iam.User("u", name="NAME", path=VALUE, tags={"owner": "data"})
""",
        "/one/",
        "/two/",
        lambda cloud, out: cloud.client("iam").get_user(UserName=out["name"])["User"]["Path"],
    ),
    Case(
        "aws:iam/accessKey:AccessKey",
        _USER
        + """
aws.iam.AccessKey("k", user=user.name, status=VALUE)
""",
        "Active",
        "Inactive",
        lambda cloud, out: cloud.client("iam").list_access_keys(UserName=out["name"])["AccessKeyMetadata"][0][
            "Status"
        ],
    ),
    Case(
        "aws:iam/userPolicy:UserPolicy",
        _USER
        + """
aws.iam.UserPolicy("p", name="own", user=user.name, policy=json.dumps({"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": VALUE, "Resource": "*"}]}))
""",
        "s3:GetObject",
        "s3:PutObject",
        lambda cloud, out: cloud.client("iam").get_user_policy(UserName=out["name"], PolicyName="own")[
            "PolicyDocument"
        ]["Statement"][0]["Action"],
    ),
    Case(
        "aws:iam/userPolicyAttachment:UserPolicyAttachment",
        _USER
        + _POLICY
        + """
aws.iam.UserPolicyAttachment("a", user=user.name, policy_arn=chosen.arn)
""",
        "one",
        "two",
        lambda cloud, out: _attached(cloud.client("iam").list_attached_user_policies(UserName=out["name"])),
        replaces=True,
    ),
    Case(
        "aws:iam/group:Group",
        """
aws.iam.Group("g", name="NAME", path=VALUE)
""",
        "/one/",
        "/two/",
        lambda cloud, out: cloud.client("iam").get_group(GroupName=out["name"])["Group"]["Path"],
    ),
    Case(
        "aws:iam/groupPolicy:GroupPolicy",
        _GROUP
        + """
aws.iam.GroupPolicy("p", name="own", group=group.name, policy=json.dumps({"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": VALUE, "Resource": "*"}]}))
""",
        "s3:GetObject",
        "s3:PutObject",
        lambda cloud, out: cloud.client("iam").get_group_policy(GroupName=out["name"], PolicyName="own")[
            "PolicyDocument"
        ]["Statement"][0]["Action"],
    ),
    Case(
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
        _GROUP
        + _POLICY
        + """
aws.iam.GroupPolicyAttachment("a", group=group.name, policy_arn=chosen.arn)
""",
        "one",
        "two",
        lambda cloud, out: _attached(cloud.client("iam").list_attached_group_policies(GroupName=out["name"])),
        replaces=True,
    ),
    Case(
        "aws:iam/groupMembership:GroupMembership",
        _USER
        + _GROUP
        + """
other = aws.iam.User("other", name="NAME-other")
members = {"one": [user.name], "both": [user.name, other.name]}[VALUE]
aws.iam.GroupMembership("m", group=group.name, users=members)
""",
        "one",
        "both",
        lambda cloud, out: {1: "one", 2: "both"}[
            len(cloud.client("iam").get_group(GroupName=out["name"])["Users"])
        ],
    ),
    Case(
        "aws:iam/instanceProfile:InstanceProfile",
        """
roles = {name: aws.iam.Role(name, name=f"NAME-{name}", assume_role_policy=TRUST) for name in ("one", "two")}
aws.iam.InstanceProfile("i", name="NAME", role=roles[VALUE].name, tags={"owner": "data"})
""",
        "one",
        "two",
        lambda cloud, out: (
            cloud.client("iam")
            .get_instance_profile(InstanceProfileName=out["name"])["InstanceProfile"]["Roles"][0]["RoleName"]
            .rpartition("-")[2]
        ),
    ),
    Case(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        """
aws.iam.OpenIdConnectProvider("o", url="https://NAME.example.com", client_id_lists=VALUE,
    thumbprint_lists=["a" * 40], tags={"owner": "data"})
""",
        ["sts.amazonaws.com"],
        ["lake", "sts.amazonaws.com"],
        lambda cloud, out: sorted(
            cloud.client("iam").get_open_id_connect_provider(
                OpenIDConnectProviderArn=(
                    f"arn:aws:iam::000000000000:oidc-provider/{out['name']}.example.com"
                )
            )["ClientIDList"]
        ),
    ),
    Case(
        "aws:secretsmanager/secret:Secret",
        """
aws.secretsmanager.Secret("s", name="NAME", description=VALUE, recovery_window_in_days=0,
    tags={"owner": "data"})
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("secretsmanager").describe_secret(SecretId=out["name"])[
            "Description"
        ],
    ),
    Case(
        "aws:secretsmanager/secretVersion:SecretVersion",
        """
secret = aws.secretsmanager.Secret("s", name="NAME", recovery_window_in_days=0)
aws.secretsmanager.SecretVersion("v", secret_id=secret.id, secret_string=VALUE)
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("secretsmanager").get_secret_value(SecretId=out["name"])[
            "SecretString"
        ],
        replaces=True,
    ),
    Case(
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        """
secret = aws.secretsmanager.Secret("s", name="NAME", recovery_window_in_days=0)
aws.secretsmanager.SecretPolicy("p", secret_arn=secret.arn, policy=json.dumps({"Version": "2012-10-17",
    "Statement": [{"Sid": VALUE, "Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
    "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Resource": "*"}]}))
""",
        "one",
        "two",
        lambda cloud, out: json.loads(
            cloud.client("secretsmanager").get_resource_policy(SecretId=out["name"])["ResourcePolicy"]
        )["Statement"][0]["Sid"],
    ),
    Case(
        "aws:ssm/parameter:Parameter",
        """
aws.ssm.Parameter("p", name="/shop/NAME", type="SecureString", value=VALUE, tags={"owner": "data"})
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("ssm").get_parameter(
            Name=f"/shop/{out['name']}", WithDecryption=True
        )["Parameter"]["Value"],
    ),
    Case(
        "aws:dynamodb/table:Table",
        """
aws.dynamodb.Table("t", name="NAME", hash_key="id", billing_mode="PAY_PER_REQUEST", tags={"owner": "data"},
    attributes=[{"name": "id", "type": "S"}, {"name": "day", "type": "S"}], stream_enabled=True,
    stream_view_type="NEW_IMAGE", point_in_time_recovery={"enabled": True},
    ttl={"attribute_name": "expires", "enabled": VALUE},
    global_secondary_indexes=[{"name": "by_day", "hash_key": "day", "projection_type": "ALL"}])
""",
        True,
        False,
        lambda cloud, out: (
            cloud.client("dynamodb").describe_time_to_live(TableName=out["name"])["TimeToLiveDescription"][
                "TimeToLiveStatus"
            ]
            == "ENABLED"
        ),
    ),
    Case(
        "aws:dynamodb/tableItem:TableItem",
        """
table = aws.dynamodb.Table("t", name="NAME", hash_key="id", billing_mode="PAY_PER_REQUEST",
    attributes=[{"name": "id", "type": "S"}])
aws.dynamodb.TableItem("i", table_name=table.name, hash_key="id",
    item=json.dumps({"id": {"S": "a"}, "total": {"N": VALUE}}))
""",
        "1",
        "2",
        lambda cloud, out: cloud.client("dynamodb").get_item(TableName=out["name"], Key={"id": {"S": "a"}})[
            "Item"
        ]["total"]["N"],
    ),
    Case(
        "aws:budgets/budget:Budget",
        """
aws.budgets.Budget("b", name="NAME", budget_type="COST", limit_amount=VALUE, limit_unit="USD",
    time_unit="MONTHLY", time_period_start="2026-01-01_00:00",
    cost_filters=[{"name": "Service", "values": ["Amazon Athena"]}],
    notifications=[{"comparison_operator": "GREATER_THAN", "notification_type": "ACTUAL", "threshold": 80,
        "threshold_type": "PERCENTAGE", "subscriber_email_addresses": ["data@example.com"]}])
""",
        "100",
        "200",
        lambda cloud, out: cloud.client("budgets").describe_budget(
            AccountId="000000000000", BudgetName=out["name"]
        )["Budget"]["BudgetLimit"]["Amount"],
    ),
    Case(
        "aws:kms/grant:Grant",
        _KEY
        + """
role = aws.iam.Role("r", assume_role_policy=TRUST)
aws.kms.Grant("g", key_id=key.id, grantee_principal=role.arn, operations=VALUE)
""",
        ["Decrypt"],
        ["Encrypt"],
        _grant,
        replaces=True,
    ),
    Case(
        "aws:kms/keyPolicy:KeyPolicy",
        _KEY
        + """
aws.kms.KeyPolicy("p", key_id=key.id, policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": VALUE,
    "Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::000000000000:root"}}]}))
""",
        "one",
        "two",
        lambda cloud, out: json.loads(
            cloud.client("kms").get_key_policy(KeyId=out["key"], PolicyName="default")["Policy"]
        )["Statement"][0]["Sid"],
        outlives=True,
    ),
    Case(
        "aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration",
        _BUCKET
        + """
aws.s3.BucketAccelerateConfiguration("x", bucket=bucket.id, status=VALUE)
""",
        "Enabled",
        "Suspended",
        lambda cloud, out: cloud.client("s3").get_bucket_accelerate_configuration(Bucket=out["name"])[
            "Status"
        ],
    ),
    Case(
        "aws:s3/bucketRequestPaymentConfiguration:BucketRequestPaymentConfiguration",
        _BUCKET
        + """
aws.s3.BucketRequestPaymentConfiguration("x", bucket=bucket.id, payer=VALUE)
""",
        "Requester",
        "BucketOwner",
        lambda cloud, out: cloud.client("s3").get_bucket_request_payment(Bucket=out["name"])["Payer"],
    ),
    Case(
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        """
bucket = aws.s3.Bucket("b", bucket="NAME", object_lock_enabled=True)
aws.s3.BucketObjectLockConfiguration("x", bucket=bucket.id,
    rule={"default_retention": {"mode": "GOVERNANCE", "days": VALUE}})
""",
        1,
        2,
        lambda cloud, out: cloud.client("s3").get_object_lock_configuration(Bucket=out["name"])[
            "ObjectLockConfiguration"
        ]["Rule"]["DefaultRetention"]["Days"],
    ),
    Case(
        "aws:s3/bucketAcl:BucketAcl",
        _BUCKET
        + """
aws.s3.BucketAcl("x", bucket=bucket.id, acl=VALUE)
""",
        "private",
        "public-read",
        lambda cloud, out: {1: "private", 2: "public-read"}[
            len(cloud.client("s3").get_bucket_acl(Bucket=out["name"])["Grants"])
        ],
    ),
]
