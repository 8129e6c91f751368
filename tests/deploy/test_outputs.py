"""Outputs of resources: real values, or a clear word that there is none; never a silent None."""

from __future__ import annotations

import pytest

from deploy.conftest import Stack
from millpond.deploy.exceptions import DeployError


def test_output_that_nothing_fills_is_refused_where_it_is_used(stack: Stack) -> None:
    with pytest.raises(DeployError) as caught:
        stack.up("""
            bucket = aws.s3.Bucket("raw")
            aws.sqs.Queue("q", tags={"owner": bucket.request_payer})
        """)
    assert "tags is made of an output that the embedded engine does not fill" in str(caught.value)
    assert "requestPayer" in str(caught.value)


def test_output_that_nothing_fills_is_not_exported_as_none(stack: Stack) -> None:
    with pytest.raises(DeployError, match="the export payer is made of an output"):
        stack.up('pulumi.export("payer", aws.s3.Bucket("raw").request_payer)')


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
