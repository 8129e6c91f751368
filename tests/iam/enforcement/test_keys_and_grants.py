"""KMS: grants, encryption contexts, and keys that are used through a service only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from iam.enforcement.conftest import ACCOUNT, allow

ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Resource": "*"}
ADMINISTRATION = ["kms:Describe*", "kms:Put*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:*Grant*"]


@pytest.fixture
def kms(cloud: Any) -> Any:
    return cloud.client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """The ARN of a key whose policy leaves decrypting to nobody."""
    document = {"Version": "2012-10-17", "Statement": [{**ROOT, "Action": ADMINISTRATION}]}
    made = kms.create_key(Policy=json.dumps(document), BypassPolicyLockoutSafetyCheck=True)
    return str(made["KeyMetadata"]["Arn"])


@pytest.fixture
def open_key(kms: Any) -> str:
    """The ARN of a key that leaves all to the account's policies."""
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def encrypt_bucket(cloud: Any, bucket: str, key: str, *, bucket_key: bool) -> None:
    """Have a bucket's new objects encrypted with a key."""
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key}
    cloud.client("s3").put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def test_grant_lets_its_grantee_decrypt_until_it_is_revoked(kms, key: str, act_as) -> None:
    role = act_as()
    secret = kms.encrypt(KeyId=key, Plaintext=b"abc")["CiphertextBlob"]
    with pytest.raises(ClientError, match="because no resource-based policy allows the kms:Decrypt action"):
        role.client("kms").decrypt(KeyId=key, CiphertextBlob=secret)
    grant = kms.create_grant(KeyId=key, GranteePrincipal=role.arn, Operations=["Decrypt"])["GrantId"]
    assert role.client("kms").decrypt(KeyId=key, CiphertextBlob=secret)["Plaintext"] == b"abc"
    with pytest.raises(ClientError, match="kms:Encrypt"):
        role.client("kms").encrypt(KeyId=key, Plaintext=b"abc")
    kms.revoke_grant(KeyId=key, GrantId=grant)
    with pytest.raises(ClientError, match="kms:Decrypt"):
        role.client("kms").decrypt(KeyId=key, CiphertextBlob=secret)


def test_grant_with_a_context_is_good_for_that_context_alone(kms, key: str, act_as) -> None:
    role, context = act_as(), {"zone": "raw"}
    more = {"zone": "raw", "day": "1"}
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=role.arn,
        Operations=["GenerateDataKey"],
        Constraints={"EncryptionContextEquals": context},
    )
    client = role.client("kms")
    assert client.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)["Plaintext"]
    for other in ({"zone": "marts"}, more, {}):
        with pytest.raises(ClientError, match="kms:GenerateDataKey"):
            client.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=other)
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=role.arn,
        Operations=["GenerateDataKey"],
        Constraints={"EncryptionContextSubset": context},
    )
    assert client.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=more)["Plaintext"]


def test_explicit_denial_goes_before_a_grant(kms, key: str, act_as) -> None:
    role = act_as({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": key})
    kms.create_grant(KeyId=key, GranteePrincipal=role.arn, Operations=["Decrypt"])
    secret = kms.encrypt(KeyId=key, Plaintext=b"abc")["CiphertextBlob"]
    with pytest.raises(ClientError, match="with an explicit deny in an identity-based policy"):
        role.client("kms").decrypt(KeyId=key, CiphertextBlob=secret)


def test_operations_that_may_be_granted_are_limited_by_a_condition(open_key: str, act_as) -> None:
    condition = {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}}
    role = act_as(allow("kms:CreateGrant", open_key, Condition=condition))
    give = {"KeyId": open_key, "GranteePrincipal": role.arn}
    with pytest.raises(ClientError, match="kms:CreateGrant"):
        role.client("kms").create_grant(**give, Operations=["Decrypt", "Encrypt"])
    assert role.client("kms").create_grant(**give, Operations=["Decrypt"])["GrantId"]


def test_key_for_s3_alone_reads_objects_and_decrypts_nothing_else(
    cloud, kms, open_key: str, bucket: str, act_as
) -> None:
    encrypt_bucket(cloud, bucket, open_key, bucket_key=False)
    cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"abc")
    condition = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    role = act_as(
        allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"),
        allow("kms:Decrypt", open_key, Condition=condition),
    )
    assert role.client("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"abc"
    secret = kms.encrypt(KeyId=open_key, Plaintext=b"abc")["CiphertextBlob"]
    with pytest.raises(ClientError, match="kms:Decrypt"):
        role.client("kms").decrypt(KeyId=open_key, CiphertextBlob=secret)


@pytest.mark.parametrize(("bucket_key", "suffix"), [(True, ""), (False, "/raw/*")])
def test_encryption_context_of_an_object_is_its_own_or_its_buckets(
    cloud, open_key: str, bucket: str, act_as, bucket_key: bool, suffix: str
) -> None:
    encrypt_bucket(cloud, bucket, open_key, bucket_key=bucket_key)
    condition = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}{suffix}"}}
    s3 = act_as(
        allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{bucket}/*"),
        allow(["kms:GenerateDataKey", "kms:Decrypt"], open_key, Condition=condition),
    ).client("s3")
    s3.put_object(Bucket=bucket, Key="raw/a", Body=b"abc")
    assert s3.get_object(Bucket=bucket, Key="raw/a")["Body"].read() == b"abc"
    if not bucket_key:
        with pytest.raises(ClientError, match="kms:GenerateDataKey"):
            s3.put_object(Bucket=bucket, Key="marts/a", Body=b"abc")


def test_encryption_context_of_a_message_is_its_queue(cloud, open_key: str, act_as) -> None:
    sqs = cloud.client("sqs")
    names = [cloud.unique_name("queue") for _ in range(2)]
    encrypted = {"KmsMasterKeyId": open_key}
    urls = [sqs.create_queue(QueueName=name, Attributes=encrypted)["QueueUrl"] for name in names]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{names[0]}"
    condition = {"StringEquals": {"kms:EncryptionContext:aws:sqs:arn": arn}}
    client = act_as(
        allow("sqs:SendMessage", "*"),
        allow(["kms:GenerateDataKey", "kms:Decrypt"], open_key, Condition=condition),
    ).client("sqs")
    client.send_message(QueueUrl=urls[0], MessageBody="a")
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        client.send_message(QueueUrl=urls[1], MessageBody="a")
    assert sqs.receive_message(QueueUrl=urls[0])["Messages"][0]["Body"] == "a"


def test_function_whose_variables_are_encrypted_needs_the_right_to_its_key(
    cloud, functions, open_key: str, act_as
) -> None:
    name = functions.create("def handler(event, context): return event")
    change = allow("lambda:UpdateFunctionConfiguration", functions.arn(name))
    role = act_as(change)
    asked = {"FunctionName": name, "KMSKeyArn": open_key}
    with pytest.raises(ClientError, match="kms:CreateGrant"):
        role.client("lambda").update_function_configuration(**asked)
    condition = {"StringEquals": {"kms:EncryptionContext:aws:lambda:FunctionArn": functions.arn(name)}}
    role.grant(change, allow(["kms:CreateGrant", "kms:Encrypt"], open_key, Condition=condition))
    assert role.client("lambda").update_function_configuration(**asked)["KMSKeyArn"] == open_key
