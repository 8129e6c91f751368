"""`millpond state` and the options of `preview` and `refresh`, as they are typed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from conftest import RunningCloud
from deploy.conftest import Stack
from deploy.test_up import BUCKET, exists
from millpond.cli import app
from millpond.deploy.exceptions import ChangesNotExpected, StateEditRefused

PROTECTED = """
    role = aws.iam.Role("r", assume_role_policy=TRUST, opts=pulumi.ResourceOptions(protect=True))
    aws.iam.RolePolicy("p", name="p", role=role.name, policy=POLICY)
"""


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.endpoint_url)

    def run(*words: str, text: str | None = None) -> Result:
        options = ["--stack", "test", "--project", str(stack.directory)]
        result = CliRunner().invoke(app, [*words, *options], input=text)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def names(result: Result) -> list[str]:
    return [item["name"] for item in json.loads(result.stdout)]


def test_list_names_every_resource(stack: Stack, run: Any) -> None:
    stack.up(BUCKET)
    assert names(run("state", "list", "--json")) == ["shop-test", "raw"]


def test_show_has_everything_but_secrets(stack: Stack, run: Any) -> None:
    stack.up('aws.sqs.Queue("q", delay_seconds=7, tags=pulumi.Output.secret({"key": "hush"}))')
    shown = json.loads(run("state", "show", "q", "--json").stdout)
    assert shown["inputs"]["delaySeconds"] == 7
    assert shown["inputs"]["tags"] == "[secret]"
    assert "hush" not in run("state", "show", "q").output


def test_deleted_from_the_state_is_not_deleted_from_the_cloud(
    stack: Stack, cloud: RunningCloud, run: Any
) -> None:
    name = stack.up(BUCKET).outputs["name"]
    urn = stack.state()["resources"][1]["urn"]
    run("state", "delete", urn, "--yes")
    assert names(run("state", "list", "--json")) == ["shop-test"]
    assert exists(cloud, name)
    cloud.client("s3").delete_bucket(Bucket=name)


def test_nothing_is_deleted_without_a_yes(stack: Stack, run: Any) -> None:
    stack.up(BUCKET)
    result = run("state", "delete", "raw")
    assert result.exit_code == 2
    assert "--yes" in result.output
    assert names(run("state", "list", "--json")) == ["shop-test", "raw"]


def test_protected_and_needed_resources_are_not_forgotten(stack: Stack, run: Any) -> None:
    stack.up(PROTECTED)
    with pytest.raises(StateEditRefused, match="'r' is protected"):
        run("state", "delete", "r", "--yes")
    with pytest.raises(StateEditRefused, match="'r' is needed by 'p'"):
        run("state", "delete", "r", "--yes", "--force")
    with pytest.raises(StateEditRefused, match="no resource 'nothing'"):
        run("state", "delete", "nothing", "--yes")


def test_unprotected_resource_can_be_destroyed(stack: Stack, run: Any) -> None:
    stack.up(PROTECTED)
    run("state", "unprotect", "--all", "--yes")
    assert stack.destroy().summary["deleted"] == 2


def test_renamed_resource_and_what_depends_on_it_stay(stack: Stack, run: Any) -> None:
    stack.up(PROTECTED)
    run("state", "rename", "r", "reader", "--yes")
    result = stack.up(PROTECTED.replace('"r"', '"reader"'))
    assert result.summary["unchanged"] == 2


def test_renamed_provider_replaces_nothing(stack: Stack, run: Any) -> None:
    program = """
        west = aws.Provider("{}", region="us-west-2")
        aws.sqs.Queue("q", opts=pulumi.ResourceOptions(provider=west))
    """
    stack.up(program.format("west"))
    run("state", "rename", "west", "far", "--yes")
    assert stack.up(program.format("far")).summary["replaced"] == 0


def test_exported_state_can_be_imported_again(stack: Stack, run: Any) -> None:
    stack.up(BUCKET)
    exported = run("state", "export").stdout
    before = stack.state()
    run("state", "delete", "raw", "--yes")
    run("state", "import", "--yes", text=exported)
    assert stack.state() == before
    assert stack.up().summary["unchanged"] == 1


def test_preview_fails_on_changes_only_where_none_are_expected(stack: Stack, run: Any) -> None:
    stack.write(BUCKET)
    assert run("preview").exit_code == 0
    with pytest.raises(ChangesNotExpected, match="no changes were expected, but there are 1"):
        run("preview", "--expect-no-changes")
    stack.up()
    assert run("preview", "--expect-no-changes").exit_code == 0
    assert json.loads(run("refresh", "--expect-no-changes", "--json").stdout)["summary"]["unchanged"] == 1
