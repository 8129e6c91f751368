"""What goes wrong is told exactly, loses nothing, and can be gone on from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from conftest import RunningCloud
from deploy.conftest import PREAMBLE, Stack
from deploy.test_up import BUCKET, exists
from millpond.deploy.exceptions import DeployError, ProgramFailed, ProjectError

POLICY_TEXT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
)
TRUST_TEXT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
# The line of a program's first statement; the text of a test begins with a line break.
LINE = PREAMBLE.count("\n") + 1


def test_unsupported_type_fails_before_anything_is_made(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("raw")
    with pytest.raises(DeployError, match="does not support the resource type 'aws:batch/jobQueue:JobQueue'"):
        stack.up(f"""
            aws.s3.Bucket("raw", bucket="{name}")
            aws.batch.JobQueue("q", priority=1, state="ENABLED")
        """)
    assert not exists(cloud, name)


def test_misspelt_nested_property_is_refused_with_the_right_one(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("raw")
    with pytest.raises(DeployError) as caught:
        stack.up(f"""
            bucket = aws.s3.Bucket("raw", bucket="{name}")
            aws.s3.BucketLifecycleConfiguration("raw", bucket=bucket.id, rules=[
                {{"id": "a", "status": "Enabled", "expiraton": {{"days": 3}}}}])
        """)
    assert "'rules[0].expiraton' is not a property; did you mean 'expiration'?" in str(caught.value)
    assert f"__main__.py:{LINE + 2}" in str(caught.value)
    assert not exists(cloud, name)


def test_misspelt_argument_is_refused_with_the_right_one(stack: Stack) -> None:
    with pytest.raises(
        ProgramFailed, match="Bucket has no argument 'force_detroy'; did you mean 'force_destroy'"
    ):
        stack.up('aws.s3.Bucket("raw", force_detroy=True)')


def test_property_that_the_engine_does_not_act_on_is_refused(stack: Stack) -> None:
    with pytest.raises(DeployError, match="'accelerationStatus' is not supported by the embedded engine yet"):
        stack.up('aws.s3.Bucket("raw", acceleration_status="Enabled")')


def test_mistake_in_a_change_is_refused_as_in_what_is_new(stack: Stack) -> None:
    stack.up('aws.sqs.Queue("q", delay_seconds=1)')
    with pytest.raises(DeployError, match="'delaySeconds' should be a number, not 'soon'"):
        stack.up('aws.sqs.Queue("q", delay_seconds="soon")')


def test_required_property_that_is_taken_away_is_missed(stack: Stack, bucket: str) -> None:
    program = 'aws.s3.BucketVersioning("v", bucket="{}", versioning_configuration={})'
    stack.up(program.format(bucket, {"status": "Enabled"}))
    with pytest.raises(DeployError, match="status' is missing"):
        stack.up(program.format(bucket, {}))


def test_all_mistakes_are_told_at_once(stack: Stack) -> None:
    with pytest.raises(DeployError) as caught:
        stack.up("""
            aws.batch.JobQueue("one", priority=1, state="ENABLED")
            aws.sqs.Queue("two", delay_seconds="soon")
        """)
    assert "aws:batch:JobQueue 'one'" in str(caught.value)
    assert "'delaySeconds' should be a number, not 'soon'" in str(caught.value)


def test_failure_names_resource_error_and_place_and_the_next_run_goes_on(
    stack: Stack, cloud: RunningCloud
) -> None:
    taken = cloud.unique_name("policy")
    with pytest.raises(DeployError) as caught:
        stack.up(f"""
            bucket = aws.s3.Bucket("raw")
            pulumi.export("name", bucket.bucket)
            aws.iam.RolePolicy("p", name="{taken}", policy=POLICY,
                role=bucket.bucket)
        """)
    assert "aws:iam:RolePolicy 'p': NoSuchEntity" in str(caught.value)
    assert f"__main__.py:{LINE + 3}" in str(caught.value)
    result = stack.up(BUCKET)
    assert result.summary["created"] == 0
    assert exists(cloud, result.outputs["name"])


def test_program_that_raises_shows_its_own_lines_only(stack: Stack) -> None:
    with pytest.raises(ProgramFailed, match="ZeroDivisionError") as caught:
        stack.up("1 / 0")
    assert "__main__.py" in str(caught.value)
    assert "runpy" not in str(caught.value)


def test_unsupported_function_is_named(stack: Stack) -> None:
    with pytest.raises(DeployError, match="does not support the function 'aws:ec2/getAmi:getAmi'"):
        stack.up('aws.ec2.get_ami(owners=["self"])')


def test_protected_resource_is_not_deleted(stack: Stack, cloud: RunningCloud) -> None:
    program = BUCKET.replace("tags=", "opts=pulumi.ResourceOptions(protect=True), tags=")
    name = stack.up(program).outputs["name"]
    with pytest.raises(DeployError, match="it is protected"):
        stack.up("")
    with pytest.raises(DeployError, match="it is protected"):
        stack.destroy()
    assert exists(cloud, name)
    stack.up(BUCKET)
    stack.destroy()
    assert not exists(cloud, name)


def test_protected_resource_is_not_replaced(stack: Stack) -> None:
    program = """
        aws.s3.Bucket("raw", object_lock_enabled={}, opts=pulumi.ResourceOptions(protect=True))
    """
    stack.up(program.format(False))
    with pytest.raises(DeployError, match="the change of objectLockEnabled would replace it"):
        stack.up(program.format(True))


def test_second_process_at_the_same_time_is_refused(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("raw")
    stack.write(f"""
        import pathlib, time
        pathlib.Path("started").touch()
        while not pathlib.Path("go").exists():
            time.sleep(0.02)
        aws.s3.Bucket("raw", bucket="{name}")
    """)
    first = millpond_up(stack, cloud)
    try:
        cloud.wait_for.condition((stack.directory / "started").exists, "the program runs")
        second = millpond_up(stack, cloud)
        _, complaint = second.communicate(timeout=60)
    finally:
        # However this ends, the program must not wait for ever.
        (stack.directory / "go").touch()
        first.communicate(timeout=60)
    assert second.returncode == 1
    assert f"is being changed by another run (process {first.pid})" in " ".join(complaint.split())
    assert first.returncode == 0
    assert exists(cloud, name)


def millpond_up(stack: Stack, cloud: RunningCloud) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "millpond", "up", "--stack", "test", "--project", str(stack.directory)]
    environment = {**os.environ, **cloud.environment}
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_stack_without_an_endpoint_is_refused(stack: Stack) -> None:
    stack.write("")
    with pytest.raises(ProjectError, match="names no endpoint"):
        stack.open(endpoint_url=None)


def test_cloud_that_does_not_answer_is_told_once(stack: Stack) -> None:
    stack.write(BUCKET)
    with pytest.raises(DeployError, match="is the local cloud running"):
        stack.open(endpoint_url="http://127.0.0.1:1").up(stack.console)


# Counts the writes of the state file and kills its own process, as a power cut would, around one of them.
KILLED_RUN = """
    import os, signal, sys
    from pathlib import Path
    from rich.console import Console
    from millpond.deploy import Deployment
    from millpond.deploy.state import StateFile

    directory, endpoint, command, when, at = sys.argv[1:]
    write, count = StateFile._write, 0

    def write_or_die(self):
        global count
        count += 1
        if (count, when) == (int(at), "before"):
            os.kill(os.getpid(), signal.SIGKILL)
        write(self)
        if (count, when) == (int(at), "after"):
            os.kill(os.getpid(), signal.SIGKILL)

    StateFile._write = write_or_die
    deployment = Deployment.open(Path(directory), "test", endpoint_url=endpoint)
    getattr(deployment, command)(Console(quiet=True))
"""


def run_killed(stack: Stack, command: str, when: str, at: int) -> None:
    arguments = [str(stack.directory), stack.endpoint_url, command, when, str(at)]
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED_RUN), *arguments], check=False)
    assert killed.returncode == -9


def test_killed_run_leaves_no_process_behind(stack: Stack) -> None:
    stack.write(BUCKET)
    run_killed(stack, "up", "after", 2)
    here = str(stack.directory)
    deadline = time.monotonic() + 10
    while left := [process for process in psutil.process_iter() if _works_in(process, here)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def _works_in(process: psutil.Process, folder: str) -> bool:
    try:
        return process.cwd() == folder
    except psutil.Error:
        return False


@pytest.mark.parametrize(
    ("when", "at"),
    [
        pytest.param("after", 2, id="before-the-first-is-made"),
        pytest.param("before", 3, id="made-but-not-recorded"),
        pytest.param("after", 3, id="recorded-but-not-read-back"),
        pytest.param("before", 6, id="second-made-but-not-recorded"),
    ],
)
def test_killed_run_loses_nothing(stack: Stack, cloud: RunningCloud, when: str, at: int) -> None:
    name = cloud.unique_name("killed")
    stack.write(f"""
        one = aws.kms.Key("one", description="{name}")
        alias = aws.kms.Alias("two", name="alias/{name}", target_key_id=one.id)
        pulumi.export("key", one.id)
    """)
    run_killed(stack, "up", when, at)
    result = stack.up()
    assert result.summary["unchanged"] + result.summary["created"] + result.summary["updated"] == 2
    kms = cloud.client("kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    assert [key["KeyId"] for key in keys if key["Description"] == name] == [result.outputs["key"]]
    assert stack.state()["pending"] == []


def test_half_made_resource_is_completed_by_the_next_run(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("role")
    program = """
        aws.iam.Role("r", name="{}", assume_role_policy=TRUST, managed_policy_arns=["{}"])
    """
    with pytest.raises(DeployError, match="AttachRolePolicy"):
        stack.up(program.format(name, "arn:aws:iam::000000000000:policy/not-there"))
    iam = cloud.client("iam")
    policy = iam.create_policy(PolicyName=name, PolicyDocument=POLICY_TEXT)["Policy"]["Arn"]
    stack.up(program.format(name, policy))
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [item["PolicyArn"] for item in attached] == [policy]


def test_name_that_is_taken_is_not_taken_over(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("role")
    cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST_TEXT)
    with pytest.raises(DeployError, match="EntityAlreadyExists"):
        stack.up(f'aws.iam.Role("r", name="{name}", assume_role_policy=TRUST)')
    stack.destroy()
    assert cloud.client("iam").get_role(RoleName=name)["Role"]["RoleName"] == name


def test_killed_run_does_not_take_over_what_was_there_before(stack: Stack, cloud: RunningCloud) -> None:
    name, iam = cloud.unique_name("role"), cloud.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST_TEXT)
    stack.write(f'aws.iam.Role("r", name="{name}", assume_role_policy=TRUST)')
    run_killed(stack, "up", "after", 2)
    assert stack.state()["pending"][0]["operation"] == "creating"
    with pytest.raises(DeployError, match="EntityAlreadyExists"):
        stack.up()
    stack.destroy()
    assert iam.get_role(RoleName=name)["Role"]["RoleName"] == name


def test_bucket_that_is_there_already_is_not_taken_over(
    stack: Stack, cloud: RunningCloud, bucket: str
) -> None:
    with pytest.raises(DeployError, match=r"there is already one, .* that this stack did not make"):
        stack.up(f'aws.s3.Bucket("raw", bucket="{bucket}")')
    stack.destroy()
    assert exists(cloud, bucket)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_destroy_is_finished_by_the_next(stack: Stack, cloud: RunningCloud, when: str) -> None:
    name = stack.up(BUCKET).outputs["name"]
    run_killed(stack, "destroy", when, 2)
    assert not exists(cloud, name)
    stack.destroy()
    assert stack.state()["resources"] == []
    assert stack.state()["pending"] == []
