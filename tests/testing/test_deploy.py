"""The fixture `deploy`: somebody's Pulumi program, deployed for one test."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from conftest import RunningCloud
from millpond.deploy import DeployError
from millpond.testing.plugin import Deploy

PROGRAMS = Path(__file__).with_name("programs")
WORD_COUNT = PROGRAMS / "word_count"


def write_program(folder: Path, program: str) -> Path:
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(f"import pulumi\nimport pulumi_aws as aws\n{program}")
    return folder


def test_deployed_program_runs(cloud: RunningCloud, deploy: Deploy) -> None:
    stack = deploy(WORD_COUNT)
    cloud.client("s3").put_object(Bucket=stack.outputs["texts"], Key="a.txt", Body=b"to be or not to be")
    assert cloud.wait_for.object(stack.outputs["counts"], "a.txt") == b"6"
    assert cloud.wait_for.log_line(stack.outputs["log_group"], "has 6 words") == "a.txt has 6 words"


def test_settings_go_before_those_of_the_project(cloud: RunningCloud, deploy: Deploy) -> None:
    stack = deploy(WORD_COUNT, config={"suffix": ".md"})
    s3 = cloud.client("s3")
    rules = s3.get_bucket_notification_configuration(Bucket=stack.outputs["texts"])
    (rule,) = rules["LambdaFunctionConfigurations"][0]["Filter"]["Key"]["FilterRules"]
    assert rule["Value"] == ".md"


def test_structured_settings_reach_the_program(tmp_path: Path, deploy: Deploy) -> None:
    program = 'pulumi.export("zones", pulumi.Config().require_object("zones"))'
    stack = deploy(write_program(tmp_path, program), config={"zones": ["raw", "marts"]})
    assert stack.outputs["zones"] == ["raw", "marts"]


def test_stack_of_the_project_brings_its_settings(tmp_path: Path, deploy: Deploy) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  shop:greeting: hello\n")
    program = 'pulumi.export("said", [pulumi.get_stack(), pulumi.Config().require("greeting")])'
    assert deploy(write_program(tmp_path, program), stack="dev").outputs["said"] == ["dev", "hello"]


def test_unknown_stack_is_refused(tmp_path: Path, deploy: Deploy) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    with pytest.raises(DeployError, match="the stacks here are dev"):
        deploy(write_program(tmp_path, ""), stack="prod")


def test_stack_is_destroyed_at_the_end(tmp_path: Path, cloud: RunningCloud) -> None:
    project = write_program(tmp_path, 'pulumi.export("name", aws.s3.Bucket("raw").bucket)')
    with cloud.deployed(project, tmp_path / "state") as stack:
        cloud.client("s3").head_bucket(Bucket=stack.outputs["name"])
        name = stack.outputs["name"]
    with pytest.raises(ClientError, match="404"):
        cloud.client("s3").head_bucket(Bucket=name)


def test_what_a_failed_deployment_made_is_destroyed_too(tmp_path: Path, cloud: RunningCloud) -> None:
    name = cloud.unique_name("half")
    program = f"""
made = aws.s3.Bucket("made", bucket="{name}")
aws.s3.BucketNotification(
    "refused",
    bucket=made.bucket,
    queues=[{{"queue_arn": "arn:aws:sqs:us-east-1:000000000000:none", "events": ["s3:ObjectCreated:*"]}}],
)
"""
    with (
        pytest.raises(DeployError, match="refused"),
        cloud.deployed(write_program(tmp_path, program), tmp_path / "state"),
    ):
        pytest.fail("it was deployed")
    assert name not in [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]


def test_nothing_is_written_to_the_project(tmp_path: Path, deploy: Deploy) -> None:
    project = write_program(tmp_path, 'aws.sqs.Queue("q")')
    deploy(project)
    assert sorted(path.name for path in project.iterdir()) == ["Pulumi.yaml", "__main__.py"]


def test_changed_program_is_deployed_again(tmp_path: Path, cloud: RunningCloud, deploy: Deploy) -> None:
    stack = deploy(write_program(tmp_path, 'aws.sqs.Queue("q", visibility_timeout_seconds=30)'))
    write_program(tmp_path, 'aws.sqs.Queue("q", visibility_timeout_seconds=90)')
    stack.up()
    assert stack.summary["updated"] == 1
    assert "visibilityTimeoutSeconds" in stack.shown


def test_one_stack_refers_to_another(tmp_path: Path, deploy: Deploy) -> None:
    for folder in ("network", "app"):
        (tmp_path / folder).mkdir()
    network = 'aws.sqs.Queue("q")\npulumi.export("zone", "a")'
    deploy(write_program(tmp_path / "network", network), stack="network")
    app = 'pulumi.export("zone", pulumi.StackReference("organization/shop/network").get_output("zone"))'
    assert deploy(write_program(tmp_path / "app", app)).outputs == {"zone": "a"}


def test_program_can_be_deployed_twice(tmp_path: Path, deploy: Deploy) -> None:
    project = write_program(tmp_path, 'pulumi.export("url", aws.sqs.Queue("q").url)')
    assert deploy(project).outputs["url"] != deploy(project).outputs["url"]


def test_session_for_a_role_is_that_role(cloud: RunningCloud, deploy: Deploy) -> None:
    role = deploy(WORD_COUNT).outputs["role"]
    caller = cloud.session_for_role(role).client("sts").get_caller_identity()["Arn"]
    assert caller == role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/test"
