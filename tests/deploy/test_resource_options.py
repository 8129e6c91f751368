"""More of Pulumi's resource options: what goes first, what inherits what, what moves, what is packed."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from conftest import RunningCloud
from deploy.conftest import Stack
from deploy.test_options import ZONE
from deploy.test_up import exists
from millpond.deploy.exceptions import DeployError


def role_exists(cloud: RunningCloud, name: str) -> bool:
    try:
        cloud.client("iam").get_role(RoleName=name)
    except ClientError:
        return False
    return True


@pytest.mark.parametrize(("first", "survives"), [(True, False), (False, True)])
def test_old_one_goes_first_only_if_asked(
    stack: Stack, cloud: RunningCloud, first: bool, survives: bool
) -> None:
    program = f"""
        role = aws.iam.Role("r", path="%s", assume_role_policy=TRUST%s,
            opts=pulumi.ResourceOptions(delete_before_replace={first}))
        pulumi.export("name", role.name)
    """
    name = stack.up(program % ("/one/", "")).outputs["name"]
    with pytest.raises(DeployError, match="PermissionsBoundary is invalid"):
        stack.up(program % ("/two/", ', permissions_boundary="no-policy-has-this-arn"'))
    assert role_exists(cloud, name) is survives
    again = stack.up(program % ("/two/", "")).outputs["name"]
    assert role_exists(cloud, again)
    assert again == name or not role_exists(cloud, name)


def test_change_replaces_if_the_options_say_so(stack: Stack) -> None:
    program = """
        queue = aws.sqs.Queue("q", delay_seconds={}, opts=pulumi.ResourceOptions(
            replace_on_changes=["delaySeconds"]))
        pulumi.export("url", queue.url)
    """
    first = stack.up(program.format(1)).outputs["url"]
    result = stack.up(program.format(2))
    assert result.summary["replaced"] == 1
    assert result.outputs["url"] != first


def test_children_take_the_provider_of_their_component(stack: Stack) -> None:
    result = stack.up(
        ZONE
        + """
    west = aws.Provider("west", region="us-west-2")
    zone = Zone("raw", pulumi.ResourceOptions(providers=[west]))
    pulumi.export("region", zone.bucket.bucket_region)
    """
    )
    assert result.outputs == {"region": "us-west-2"}
    assert stack.up().summary["unchanged"] == 3


def test_children_are_protected_with_their_component(stack: Stack) -> None:
    stack.up(ZONE + '    Zone("raw", pulumi.ResourceOptions(protect=True))\n')
    with pytest.raises(DeployError, match="it is protected"):
        stack.destroy()


def test_resource_that_moves_into_a_component_is_not_replaced(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("moved")
    stack.up(f'aws.s3.Bucket("raw-bucket", bucket="{name}")')
    moved = ZONE.replace(
        'f"{name}-bucket", opts=below',
        f'f"{{name}}-bucket", bucket="{name}", opts=pulumi.ResourceOptions(parent=self,'
        " aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)])",
    )
    summary = stack.up(moved + '    Zone("raw")\n').summary
    assert (summary["created"], summary["replaced"], summary["deleted"]) == (1, 0, 0)
    assert exists(cloud, name)


def test_tree_shows_components_around_their_children(stack: Stack) -> None:
    stack.preview(ZONE + '    Zone("raw")\n')
    lines = stack.shown.splitlines()
    (component,) = (line for line in lines if "lake:index:Zone" in line)
    (child,) = (line for line in lines if "aws:s3:Bucket" in line)
    assert lines.index(child) == lines.index(component) + 1
    assert child.index("aws:s3:Bucket") > component.index("lake:index:Zone")


def test_assets_are_what_the_files_hold(stack: Stack, cloud: RunningCloud, bucket: str) -> None:
    (stack.directory / "page.html").write_text("<h1>Hello</h1>")
    program = f"""
        for key, asset in [("file", pulumi.FileAsset("page.html")), ("text", pulumi.StringAsset("text"))]:
            aws.s3.BucketObjectv2(key, bucket="{bucket}", key=key, source=asset)
    """
    stack.up(program)
    s3 = cloud.client("s3")
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in ("file", "text")]
    assert bodies == [b"<h1>Hello</h1>", b"text"]
    (stack.directory / "page.html").write_text("<h1>Changed</h1>")
    assert stack.up().summary["updated"] == 1
    assert s3.get_object(Bucket=bucket, Key="file")["Body"].read() == b"<h1>Changed</h1>"


def test_secret_settings_inside_objects(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    from deploy.test_options import encrypted

    salt, secret = encrypted("hush", "sesame")
    (stack.directory / "Pulumi.test.yaml").write_text(
        f"encryptionsalt: {salt}\nconfig:\n  aws:region: us-east-1\n"
        f"  shop:database:\n    user: reader\n    password:\n      secure: {secret}\n"
    )
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "sesame")
    result = stack.up("""
        database = pulumi.Config().require_secret_object("database")
        pulumi.export("database", database)
    """)
    assert result.outputs == {"database": {"user": "reader", "password": "hush"}}
    assert result.secret_outputs == {"database"}
    assert "hush" not in stack.state_path.read_text()
