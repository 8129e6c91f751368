"""Functions of the program that change resources before they are registered."""

from __future__ import annotations

import pytest

from conftest import RunningCloud
from deploy.conftest import Stack
from deploy.test_options import ZONE
from deploy.test_up import bucket_tags
from millpond.deploy.exceptions import DeployError, ProgramFailed

TAGGING = """
    def tagging(args):
        if args.type_ != "aws:s3/bucket:Bucket":
            return None
        return pulumi.ResourceTransformResult({**args.props, "tags": {"by": "transform"}}, args.opts)
"""


def test_stack_transform_reaches_every_resource(stack: Stack, cloud: RunningCloud) -> None:
    program = f"""{TAGGING}
    pulumi.runtime.register_resource_transform(tagging)
    pulumi.export("name", aws.s3.Bucket("raw").bucket)
    """
    name = stack.up(program).outputs["name"]
    assert bucket_tags(cloud, name) == {"by": "transform"}
    assert stack.up().summary["unchanged"] == 1


def test_transform_of_a_component_reaches_its_children_only(stack: Stack, cloud: RunningCloud) -> None:
    result = stack.up(f"""{ZONE}{TAGGING}
    zone = Zone("raw", pulumi.ResourceOptions(transforms=[tagging]))
    pulumi.export("names", [zone.bucket.bucket, aws.s3.Bucket("other", tags={{"by": "hand"}}).bucket])
    """)
    inside, outside = result.outputs["names"]
    assert bucket_tags(cloud, inside) == {"by": "transform"}
    assert bucket_tags(cloud, outside) == {"by": "hand"}


def test_transform_can_change_options(stack: Stack) -> None:
    stack.up("""
        def protecting(args):
            opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
            return pulumi.ResourceTransformResult(args.props, opts)
        aws.sqs.Queue("q", opts=pulumi.ResourceOptions(transforms=[protecting]))
    """)
    assert stack.state()["resources"][1]["protect"] is True
    with pytest.raises(DeployError, match="it is protected"):
        stack.destroy()


def test_transform_that_raises_is_told(stack: Stack) -> None:
    with pytest.raises(ProgramFailed, match=r"a transform of aws:sqs/queue:Queue 'q' failed: .*no queues"):
        stack.up("""
            def refusing(args):
                raise ValueError("no queues")
            aws.sqs.Queue("q", opts=pulumi.ResourceOptions(transforms=[refusing]))
        """)


def test_transformation_of_the_older_kind(stack: Stack, cloud: RunningCloud) -> None:
    name = stack.up("""
        def tagging(args):
            if args.type_ != "aws:s3/bucket:Bucket":
                return None
            return pulumi.ResourceTransformationResult({**args.props, "tags": {"by": "older"}}, args.opts)
        pulumi.runtime.register_stack_transformation(tagging)
        pulumi.export("name", aws.s3.Bucket("raw").bucket)
    """).outputs["name"]
    assert bucket_tags(cloud, name) == {"by": "older"}


def test_transform_of_calls_changes_their_arguments(stack: Stack) -> None:
    outputs = stack.up("""
        def narrowing(args):
            if args.token != "aws:iam/getPolicyDocument:getPolicyDocument":
                return None
            statements = [{**statement, "effect": "Deny"} for statement in args.args["statements"]]
            return pulumi.InvokeTransformResult({**args.args, "statements": statements}, args.opts)
        pulumi.runtime.register_invoke_transform(narrowing)
        allowed = aws.iam.get_policy_document(statements=[{"actions": ["s3:*"], "resources": ["*"]}])
        pulumi.export("effect", json.loads(allowed.json)["Statement"][0]["Effect"])
    """).outputs
    assert outputs["effect"] == "Deny"


def test_hooks_are_refused_by_name(stack: Stack, cloud: RunningCloud) -> None:
    with pytest.raises(
        ProgramFailed, match="the embedded engine does not support hooks of resources; 'told'"
    ):
        stack.up("""
            told = pulumi.ResourceHook("told", lambda args: None)
            hooks = pulumi.ResourceHookBinding(after_create=[told])
            aws.sqs.Queue("q", opts=pulumi.ResourceOptions(hooks=hooks))
        """)
