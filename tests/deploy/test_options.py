"""Pulumi's resource options, stack settings and functions, as programs use them."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from conftest import RunningCloud
from deploy.conftest import Stack
from deploy.test_up import bucket_tags, exists
from millpond.deploy.exceptions import DeployError, ProgramFailed, ProjectError


def test_alias_renames_without_touching_the_resource(stack: Stack) -> None:
    first = stack.up('b = aws.s3.Bucket("raw")\npulumi.export("name", b.bucket)')
    second = stack.up("""
        b = aws.s3.Bucket("landing", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="raw")]))
        pulumi.export("name", b.bucket)
    """)
    assert second.outputs == first.outputs
    assert [item["name"] for item in stack.state()["resources"]] == ["shop-test", "landing"]
    assert stack.up().summary["unchanged"] == 1


ZONE = """
    class Zone(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("lake:index:Zone", name, opts=opts)
            below = pulumi.ResourceOptions(parent=self)
            self.bucket = aws.s3.Bucket(f"{name}-bucket", opts=below)
            self.register_outputs({})
"""


def test_renamed_component_keeps_its_children(stack: Stack) -> None:
    use = '    zone = Zone(%s)\n    pulumi.export("name", zone.bucket.bucket)\n'
    first = stack.up(ZONE + use % '"raw"')
    options = '"landing", pulumi.ResourceOptions(aliases=[pulumi.Alias(name="raw")])'
    second = stack.up(ZONE + use % options)
    assert second.outputs == first.outputs


def test_ignored_property_keeps_its_first_value(stack: Stack, cloud: RunningCloud) -> None:
    program = """
        b = aws.s3.Bucket("raw", tags={{"zone": "{}"}}, opts=pulumi.ResourceOptions(ignore_changes=["tags"]))
        pulumi.export("name", b.bucket)
    """
    name = stack.up(program.format("one")).outputs["name"]
    assert stack.up(program.format("two")).summary["updated"] == 0
    assert bucket_tags(cloud, name) == {"zone": "one"}


def test_retained_resource_survives_the_stack(stack: Stack, cloud: RunningCloud) -> None:
    name = stack.up("""
        b = aws.s3.Bucket("raw", opts=pulumi.ResourceOptions(retain_on_delete=True))
        pulumi.export("name", b.bucket)
    """).outputs["name"]
    stack.destroy()
    assert exists(cloud, name)


def test_imported_resource_is_taken_over(stack: Stack, cloud: RunningCloud, bucket: str) -> None:
    stack.up(f"""
        aws.s3.Bucket("raw", bucket="{bucket}", tags={{"zone": "raw"}},
            opts=pulumi.ResourceOptions(import_="{bucket}"))
    """)
    assert bucket_tags(cloud, bucket) == {"zone": "raw"}
    stack.destroy()
    assert not exists(cloud, bucket)


def test_import_of_what_is_not_there_fails(stack: Stack) -> None:
    with pytest.raises(DeployError, match="none with the id 'not-there'"):
        stack.up('aws.s3.Bucket("raw", bucket="not-there", opts=pulumi.ResourceOptions(import_="not-there"))')


def test_get_reads_what_others_manage(stack: Stack, bucket: str) -> None:
    result = stack.up(f'pulumi.export("arn", aws.s3.Bucket.get("theirs", "{bucket}").arn)')
    assert result.outputs == {"arn": f"arn:aws:s3:::{bucket}"}
    stack.destroy()


def test_explicit_provider_decides_the_region(stack: Stack) -> None:
    result = stack.up("""
        west = aws.Provider("west", region="us-west-2")
        queue = aws.sqs.Queue("q", opts=pulumi.ResourceOptions(provider=west))
        pulumi.export("arn", queue.arn)
    """)
    assert result.outputs["arn"].startswith("arn:aws:sqs:us-west-2:")
    assert stack.up().summary["unchanged"] == 2


def test_explicit_provider_decides_the_endpoint(stack: Stack) -> None:
    with pytest.raises(DeployError, match=r"http://127\.0\.0\.1:1/"):
        stack.up("""
            nowhere = aws.Provider("nowhere", endpoints=[{"sqs": "http://127.0.0.1:1"}])
            aws.sqs.Queue("q", opts=pulumi.ResourceOptions(provider=nowhere))
        """)


def test_resource_that_goes_with_another_is_only_forgotten(stack: Stack, cloud: RunningCloud) -> None:
    role = stack.up("""
        role = aws.iam.Role("r", assume_role_policy=TRUST, force_detach_policies=True)
        aws.iam.RolePolicy("p", name="p", role=role.name, policy=POLICY,
            opts=pulumi.ResourceOptions(deleted_with=role))
        pulumi.export("role", role.name)
    """).outputs["role"]
    stack.up('aws.iam.Role("r", assume_role_policy=TRUST, force_detach_policies=True)')
    assert cloud.client("iam").list_role_policies(RoleName=role)["PolicyNames"] == []
    stack.up("""
        role = aws.iam.Role("r", assume_role_policy=TRUST, force_detach_policies=True)
        aws.iam.RolePolicy("p", name="p", role=role.name, policy=POLICY,
            opts=pulumi.ResourceOptions(deleted_with=role))
    """)
    assert stack.destroy().summary["deleted"] == 2


def test_what_depends_on_others_is_made_after_them(stack: Stack) -> None:
    stack.up("""
        first = aws.sqs.Queue("first")
        second = aws.sqs.Queue("second", opts=pulumi.ResourceOptions(depends_on=[first]))
        aws.sqs.Queue("third", opts=pulumi.ResourceOptions(depends_on=[second]))
    """)
    names = [item["name"] for item in stack.state()["resources"]]
    assert names == ["shop-test", "first", "second", "third"]


def test_functions_answer_with_the_clouds_own_facts(stack: Stack) -> None:
    result = stack.up("""
        pulumi.export("account", aws.get_caller_identity().account_id)
        pulumi.export("region", aws.get_region().region)
        pulumi.export("partition", aws.get_partition_output().partition)
        document = aws.iam.get_policy_document(statements=[{
            "actions": ["s3:GetObject", "s3:PutObject"],
            "resources": ["arn:aws:s3:::raw/*"],
            "conditions": [{"test": "StringEquals", "variable": "s3:prefix", "values": ["a"]}],
        }])
        pulumi.export("statements", json.loads(document.json)["Statement"])
    """)
    assert result.outputs == {
        "account": "000000000000",
        "region": "us-east-1",
        "partition": "aws",
        "statements": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::raw/*",
                "Condition": {"StringEquals": {"s3:prefix": "a"}},
            }
        ],
    }


def test_default_tags_reach_every_resource_that_has_tags(stack: Stack, cloud: RunningCloud) -> None:
    (stack.directory / "Pulumi.test.yaml").write_text(
        "config:\n  aws:region: us-east-1\n  aws:defaultTags:\n    tags:\n      owner: data\n"
    )
    result = stack.up("""
        b = aws.s3.Bucket("raw", tags={"zone": "raw"})
        pulumi.export("name", b.bucket)
        pulumi.export("tags", b.tags)
        pulumi.export("all", b.tags_all)
    """)
    assert bucket_tags(cloud, result.outputs["name"]) == {"owner": "data", "zone": "raw"}
    assert result.outputs["tags"] == {"zone": "raw"}
    assert result.outputs["all"] == {"owner": "data", "zone": "raw"}


def test_settings_arrive_as_written(stack: Stack) -> None:
    (stack.directory / "Pulumi.yaml").write_text(
        "name: shop\nruntime: python\nconfig:\n  days:\n    default: 7\n  keep:\n    default: true\n"
    )
    (stack.directory / "Pulumi.test.yaml").write_text(
        "config:\n  shop:zones: [landing, raw]\n  shop:limits:\n    scan: 10\n  shop:keep: false\n"
    )
    result = stack.up("""
        config = pulumi.Config()
        pulumi.export("all", [config.require_object("zones"), config.require_object("limits"),
            config.require_int("days"), config.require_bool("keep")])
    """)
    assert result.outputs["all"] == [["landing", "raw"], {"scan": 10}, 7, False]


def encrypted(text: str, passphrase: str) -> tuple[str, str]:
    """A salt and a secret as `pulumi config set --secret` writes them with a passphrase."""
    salt, nonce = os.urandom(8), os.urandom(12)
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, 1_000_000, 32)

    def encode(raw: bytes) -> str:
        return base64.b64encode(raw).decode()

    secret = f"v1:{encode(nonce)}:{encode(AESGCM(key).encrypt(nonce, text.encode(), None))}"
    return f"v1:{encode(salt)}:{secret}", secret


def test_secret_setting_is_opened_with_the_passphrase(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    salt, secret = encrypted("hush", "sesame")
    (stack.directory / "Pulumi.test.yaml").write_text(
        f"encryptionsalt: {salt}\nconfig:\n  shop:password:\n    secure: {secret}\n"
    )
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "sesame")
    result = stack.up('pulumi.export("password", pulumi.Config().require_secret("password"))')
    assert result.outputs == {"password": "hush"}
    assert result.secret_outputs == {"password"}
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    with pytest.raises(ProjectError, match="the passphrase does not open the secret 'shop:password'"):
        stack.open()
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    with pytest.raises(ProjectError, match="set PULUMI_CONFIG_PASSPHRASE"):
        stack.open()
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "sesame")


def give_salt(stack: Stack, passphrase: str) -> None:
    salt, _ = encrypted("pulumi", passphrase)
    (stack.directory / "Pulumi.test.yaml").write_text(
        f"encryptionsalt: {salt}\nconfig:\n  aws:region: us-east-1\n"
    )


SECRETS = """
    aws.sqs.Queue("q", tags=pulumi.Output.secret({"key": "hush-in"}))
    pulumi.export("password", pulumi.Output.secret("hush-out"))
"""


def test_secrets_are_encrypted_in_the_state_of_a_stack_with_a_passphrase(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_salt(stack, "sesame")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "sesame")
    stack.up(SECRETS)
    stored = stack.state_path.read_text()
    assert "hush" not in stored
    assert stack.open().outputs() == {"password": "hush-out"}
    assert stack.up().summary["unchanged"] == 1
    assert stack.state_path.read_text() == stored


def test_passphrase_may_be_in_a_file(stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give_salt(stack, "sesame")
    (tmp_path / "passphrase").write_text("sesame\n")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    stack.up(SECRETS)
    assert stack.open().outputs() == {"password": "hush-out"}
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ProjectError, match=r"cannot read .*nothing"):
        stack.open().outputs()
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "passphrase"))


def test_stack_with_a_passphrase_is_not_deployed_without_it(
    stack: Stack, cloud: RunningCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_salt(stack, "sesame")
    name = cloud.unique_name("raw")
    with pytest.raises(ProjectError, match="set PULUMI_CONFIG_PASSPHRASE"):
        stack.up(f'aws.s3.Bucket("raw", bucket="{name}", tags=pulumi.Output.secret({{"a": "b"}}))')
    assert not exists(cloud, name)


def test_secret_input_is_never_shown(stack: Stack) -> None:
    program = 'aws.sqs.Queue("q", tags=pulumi.Output.secret({{"key": "{}"}}))'
    stack.up(program.format("hush-one"))
    stack.up(program.format("hush-two"))
    assert "hush" not in stack.shown
    assert "tags.key: [secret]" in stack.shown


def test_modules_of_one_project_do_not_reach_another(stack: Stack, tmp_path: Path) -> None:
    (stack.directory / "naming.py").write_text('PREFIX = "one"\n')
    assert stack.up('import naming\npulumi.export("p", naming.PREFIX)').outputs == {"p": "one"}
    (stack.directory / "naming.py").write_text('PREFIX = "second"\n')
    assert stack.up().outputs == {"p": "second"}


def test_same_name_twice_is_refused(stack: Stack) -> None:
    with pytest.raises(ProgramFailed, match="already declared"):
        stack.up('aws.sqs.Queue("q")\naws.sqs.Queue("q")')
