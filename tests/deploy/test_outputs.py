"""Outputs of resources: real values, or a clear word that there is none; never a silent None."""

from __future__ import annotations

import json

import pytest

from conftest import RunningCloud
from deploy.conftest import Stack
from millpond.deploy.exceptions import DeployError
from millpond.deploy.providers.aws.iam_users import mail_password

# AWS documents no zone of S3's web sites for this region.
ZONELESS = 'aws.s3.Bucket("raw", region="mx-central-1")'


def test_output_that_nothing_fills_is_refused_where_it_is_used(stack: Stack) -> None:
    with pytest.raises(DeployError) as caught:
        stack.up(f"""
            bucket = {ZONELESS}
            aws.sqs.Queue("q", tags={{"zone": bucket.hosted_zone_id}})
        """)
    assert "tags is made of an output that the embedded engine does not fill" in str(caught.value)
    assert "hostedZoneId" in str(caught.value)


def test_output_that_nothing_fills_is_not_exported_as_none(stack: Stack) -> None:
    with pytest.raises(DeployError, match="the export zone is made of an output"):
        stack.up(f'pulumi.export("zone", {ZONELESS}.hosted_zone_id)')


def test_optional_output_that_is_not_there_is_none(stack: Stack) -> None:
    result = stack.up('pulumi.export("tags", [aws.sqs.Queue("q").tags])')
    assert result.outputs == {"tags": [None]}


def test_outputs_can_be_chained_combined_and_formatted(stack: Stack) -> None:
    result = stack.up("""
        one, two = aws.sqs.Queue("one", name="chain-one"), aws.sqs.Queue("two", name="chain-two")
        both = pulumi.Output.all(one.name, two.name).apply(lambda names: "+".join(names))
        nested = one.name.apply(lambda name: two.name.apply(lambda other: f"{name}/{other}"))
        pulumi.export("all", [both, nested, pulumi.Output.concat(one.name, "!"),
            pulumi.Output.format("{0}-{1}", one.name, two.name), pulumi.Output.json_dumps({"n": one.name}),
            one.name.apply(str.upper)])
    """)
    assert result.outputs["all"] == [
        "chain-one+chain-two",
        "chain-one/chain-two",
        "chain-one!",
        "chain-one-chain-two",
        '{"n": "chain-one"}',
        "CHAIN-ONE",
    ]


def test_secret_stays_secret_through_a_chain(stack: Stack) -> None:
    result = stack.up("""
        queue = aws.sqs.Queue("q", tags=pulumi.Output.secret({"key": "hush"}))
        pulumi.export("upper", queue.tags.apply(lambda tags: tags["key"].upper()))
        pulumi.export("plain", queue.name)
    """)
    assert result.secret_outputs == {"upper"}
    assert result.outputs["upper"] == "HUSH"
    assert "HUSH" not in stack.shown


def test_outputs_that_nothing_was_given_for_are_told_as_the_provider_tells_them(stack: Stack) -> None:
    outputs = stack.up("""
        role = aws.iam.Role("r", assume_role_policy=TRUST)
        address = aws.ec2.Eip("a")
        vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")
        endpoint = aws.ec2.VpcEndpoint("e", vpc_id=vpc.id, service_name="com.amazonaws.us-east-1.s3")
        job = aws.glue.Job("j", role_arn=role.arn, command={"script_location": "s3://code/job.py"})
        pulumi.export("prefix", role.name_prefix)
        pulumi.export("host", pulumi.Output.all(address.public_ip, address.public_dns))
        pulumi.export("of-address", [address.carrier_ip, address.network_border_group])
        pulumi.export("dns", endpoint.dns_entries)
        pulumi.export("ipv6", vpc.ipv6_cidr_block)
        pulumi.export("job", [job.timeout, job.max_retries, job.execution_property.max_concurrent_runs])
    """).outputs
    ip, host = outputs["host"]
    assert host == f"ec2-{ip.replace('.', '-')}.compute-1.amazonaws.com"
    assert outputs["of-address"] == ["", "us-east-1"]
    assert (outputs["prefix"], outputs["dns"], outputs["ipv6"]) == ("", [], "")
    assert outputs["job"] == [480, 0, 1]


def test_parts_of_a_bucket_are_told_as_made_and_then_as_left(stack: Stack, cloud: RunningCloud) -> None:
    program = """
        bucket = aws.s3.Bucket("b", bucket="{name}")
        pulumi.export("parts", [bucket.versioning.enabled, bucket.request_payer, bucket.hosted_zone_id,
            bucket.server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm,
            bucket.grants[0]["permissions"], bucket.lifecycle_rules])
    """.format(name=cloud.unique_name("parts"))
    made = stack.up(program).outputs["parts"]
    assert made == [False, "BucketOwner", "Z3AQBSTGFYJSTF", "AES256", ["FULL_CONTROL"], []]
    bucket = stack.state()["resources"][1]["id"]
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "in/"}, "Expiration": {"Days": 7}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert stack.open().refresh(stack.console).changes == 0
    versioned, *_, [lifecycle] = stack.up(program).outputs["parts"]
    assert versioned is True
    assert (lifecycle["prefix"], lifecycle["expiration"]["days"]) == ("in/", 7)


def test_what_others_attach_to_a_role_is_told_after_a_refresh(stack: Stack, cloud: RunningCloud) -> None:
    program = """
        role = aws.iam.Role("r", assume_role_policy=TRUST)
        policy = aws.iam.Policy("p", policy=POLICY)
        aws.iam.RolePolicyAttachment("a", role=role.name, policy_arn=policy.arn)
        aws.iam.RolePolicy("i", name="own", role=role.name, policy=POLICY)
        pulumi.export("policy", policy.arn)
        pulumi.export("held", [role.managed_policy_arns, role.inline_policies.apply(lambda all: [
            policy["name"] for policy in all]), policy.attachment_count])
    """
    first = stack.up(program).outputs
    assert first["held"] == [[], [], 0]
    assert stack.open().refresh(stack.console).changes == 0
    assert stack.up(program).outputs["held"] == [[first["policy"]], ["own"], 1]


def test_password_for_mail_is_that_of_the_access_key(stack: Stack) -> None:
    result = stack.up("""
        key = aws.iam.AccessKey("k", user=aws.iam.User("u").name)
        pulumi.export("keys", [key.secret, key.ses_smtp_password_v4])
    """)
    secret, password = result.outputs["keys"]
    assert result.secret_outputs == {"keys"}
    assert mail_password(secret, "us-east-1") == password


def test_password_for_mail_is_the_one_that_the_provider_makes_of_a_secret() -> None:
    # A case of the provider's own tests.
    expected = "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"
    assert mail_password("some+secret+key", "eu-central-1") == expected


def test_objects_are_told_in_one_order(stack: Stack) -> None:
    outputs = stack.up('pulumi.export("all", {"b": 1, "a": {"d": [2], "c": 3}})').outputs
    assert json.dumps(outputs) == '{"all": {"a": {"c": 3, "d": [2]}, "b": 1}}'
    assert 'all: {"a": {"c": 3, "d": [2]}, "b": 1}' in stack.shown
