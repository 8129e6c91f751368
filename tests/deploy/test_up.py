"""What a run does to the cloud: create, update, replace, delete, leave alone."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import RunningCloud
from deploy.conftest import Stack
from millpond.deploy.exceptions import DeployError

BUCKET = 'bucket = aws.s3.Bucket("raw", tags={"zone": "raw"})\npulumi.export("name", bucket.bucket)\n'


def bucket_tags(cloud: RunningCloud, name: str) -> dict[str, str]:
    found = cloud.client("s3").get_bucket_tagging(Bucket=name)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def queue_attributes(cloud: RunningCloud, url: str) -> dict[str, str]:
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return dict(found["Attributes"])


def exists(cloud: RunningCloud, bucket: str) -> bool:
    try:
        cloud.client("s3").head_bucket(Bucket=bucket)
    except ClientError:
        return False
    return True


def test_up_creates_what_the_program_declares(stack: Stack, cloud: RunningCloud) -> None:
    result = stack.up(BUCKET)
    assert bucket_tags(cloud, result.outputs["name"]) == {"zone": "raw"}
    assert result.summary["created"] == 1


def test_generated_name_begins_with_the_logical_name_and_stays(stack: Stack) -> None:
    first = stack.up(BUCKET).outputs["name"]
    again = stack.up(BUCKET.replace('"zone": "raw"', '"zone": "other"')).outputs["name"]
    assert first.startswith("raw-")
    assert again == first


def test_second_up_changes_nothing(stack: Stack) -> None:
    stack.up(BUCKET)
    before = stack.state_path.read_text()
    assert stack.up().summary == {"created": 0, "updated": 0, "replaced": 0, "deleted": 0, "unchanged": 1}
    assert stack.state_path.read_text() == before


def test_changed_property_updates_in_place(stack: Stack, cloud: RunningCloud) -> None:
    program = 'q = aws.sqs.Queue("q", visibility_timeout_seconds={})\npulumi.export("url", q.url)'
    first = stack.up(program.format(30))
    second = stack.up(program.format(90))
    assert second.summary["updated"] == 1
    assert second.outputs == first.outputs
    assert queue_attributes(cloud, second.outputs["url"])["VisibilityTimeout"] == "90"


def test_removed_property_goes_back_to_the_default(stack: Stack, cloud: RunningCloud) -> None:
    stack.up('aws.sqs.Queue("q", delay_seconds=7)')
    url = stack.up('q = aws.sqs.Queue("q")\npulumi.export("url", q.url)').outputs["url"]
    assert queue_attributes(cloud, url)["DelaySeconds"] == "0"


def test_property_that_cannot_change_replaces_after_creating_the_new_one(
    stack: Stack, cloud: RunningCloud
) -> None:
    program = 'b = aws.s3.Bucket("raw", object_lock_enabled={})\npulumi.export("name", b.bucket)'
    old = stack.up(program.format(False)).outputs["name"]
    result = stack.up(program.format(True))
    assert result.summary["replaced"] == 1
    assert result.outputs["name"] != old
    assert not exists(cloud, old)
    assert exists(cloud, result.outputs["name"])


def test_replacement_under_the_same_name_deletes_first(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("jobs")
    program = f'aws.sqs.Queue("q", name="{name}.fifo", fifo_queue=True)'
    other = f'aws.iam.Role("r", name="{name}", path="%s", assume_role_policy=TRUST)'
    stack.up(program + "\n" + other % "/one/")
    stack.up(program + "\n" + other % "/two/")
    assert cloud.client("iam").get_role(RoleName=name)["Role"]["Path"] == "/two/"


def test_delete_first_takes_along_what_its_replacement_replaces(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("role")
    program = f"""
        role = aws.iam.Role("r", name="{name}", path="%s", assume_role_policy=TRUST)
        aws.iam.RolePolicy("p", name="p", role=role.name, policy=POLICY)
    """
    stack.up(program % "/one/")
    stack.up(program % "/two/")
    assert cloud.client("iam").list_role_policies(RoleName=name)["PolicyNames"] == ["p"]


def test_resource_that_left_the_program_is_deleted(stack: Stack, cloud: RunningCloud) -> None:
    name = stack.up(BUCKET).outputs["name"]
    assert stack.up("").summary["deleted"] == 1
    assert not exists(cloud, name)


def test_outputs_feed_other_resources_with_real_values(stack: Stack, cloud: RunningCloud) -> None:
    result = stack.up("""
        dead = aws.sqs.Queue("dead")
        policy = dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3}))
        live = aws.sqs.Queue("live", redrive_policy=policy)
        pulumi.export("live", live.url)
        pulumi.export("dead", dead.arn)
    """)
    redrive = queue_attributes(cloud, result.outputs["live"])["RedrivePolicy"]
    assert result.outputs["dead"] in redrive


def test_destroy_removes_everything_dependents_first(stack: Stack, cloud: RunningCloud) -> None:
    name = stack.up("""
        role = aws.iam.Role("r", assume_role_policy=TRUST)
        policy = aws.iam.Policy("p", policy=POLICY)
        aws.iam.RolePolicyAttachment("a", role=role.name, policy_arn=policy.arn)
        pulumi.export("role", role.name)
    """).outputs["role"]
    assert stack.destroy().summary["deleted"] == 3
    with pytest.raises(ClientError, match="NoSuchEntity"):
        cloud.client("iam").get_role(RoleName=name)
    assert stack.open().outputs() == {}


def test_destroy_counts_what_is_already_gone_as_deleted(stack: Stack, cloud: RunningCloud) -> None:
    name = stack.up(BUCKET).outputs["name"]
    cloud.client("s3").delete_bucket(Bucket=name)
    assert stack.destroy().summary["deleted"] == 1


def test_bucket_with_objects_is_deleted_only_when_forced(stack: Stack, cloud: RunningCloud) -> None:
    program = 'b = aws.s3.Bucket("raw", force_destroy={})\npulumi.export("name", b.bucket)'
    name = stack.up(program.format(False)).outputs["name"]
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for content in (b"one", b"two"):
        s3.put_object(Bucket=name, Key="k", Body=content)
    s3.delete_object(Bucket=name, Key="k")
    with pytest.raises(DeployError, match="BucketNotEmpty"):
        stack.destroy()
    stack.up(program.format(True))
    stack.destroy()
    assert not exists(cloud, name)


def test_forgotten_resources_are_made_again(stack: Stack, cloud: RunningCloud) -> None:
    name = stack.up(BUCKET).outputs["name"]
    cloud.client("s3").delete_bucket(Bucket=name)
    result = stack.up()
    assert result.outputs["name"] == name
    assert exists(cloud, name)
    assert "it is gone from the cloud" in stack.shown


def test_changed_handler_updates_the_function(stack: Stack, cloud: RunningCloud) -> None:
    handler = stack.directory / "handler"
    handler.mkdir()
    (handler / "app.py").write_text("def handler(event, context): return 1\n")
    program = """
        role = aws.iam.Role("r", assume_role_policy=TRUST)
        f = aws.lambda_.Function("f", role=role.arn, runtime="python3.12", handler="app.handler",
            code=pulumi.FileArchive("handler"))
        pulumi.export("sha", f.code_sha256)
        pulumi.export("name", f.name)
    """
    first = stack.up(program)
    assert stack.up().summary["unchanged"] == 2
    (handler / "app.py").write_text("def handler(event, context): return 2\n")
    second = stack.up()
    assert second.summary["updated"] == 1
    assert second.outputs["sha"] != first.outputs["sha"]
    found = cloud.client("lambda").get_function_configuration(FunctionName=second.outputs["name"])
    assert found["CodeSha256"] == second.outputs["sha"]


def test_preview_changes_nothing_and_leaves_unknown_what_is_unknown(
    stack: Stack, cloud: RunningCloud
) -> None:
    buckets: Any = cloud.client("s3").list_buckets
    before = buckets()["Buckets"]
    result = stack.preview(BUCKET + 'pulumi.export("fixed", 7)')
    assert result.outputs == {"fixed": 7}
    assert result.summary["created"] == 1
    assert buckets()["Buckets"] == before
    assert stack.open().outputs() == {}


def test_secret_outputs_are_masked_and_marked(stack: Stack) -> None:
    result = stack.up('pulumi.export("key", pulumi.Output.secret("hush"))')
    assert result.outputs == {"key": "hush"}
    assert result.secret_outputs == {"key"}
    assert "hush" not in stack.shown
    assert "[secret]" in stack.shown


def test_web_site_and_its_pages(stack: Stack, cloud: RunningCloud) -> None:
    result = stack.up("""
        site = aws.s3.Bucket("site")
        aws.s3.BucketWebsiteConfiguration("site", bucket=site.id, index_document={"suffix": "index.html"})
        aws.s3.BucketCorsConfiguration("site", bucket=site.id,
            cors_rules=[{"allowed_methods": ["GET"], "allowed_origins": ["*"]}])
        aws.s3.BucketObject("index.html", bucket=site.id, content="<h1>Hello</h1>")
        pulumi.export("name", site.bucket)
    """)
    s3, name = cloud.client("s3"), result.outputs["name"]
    assert s3.get_bucket_website(Bucket=name)["IndexDocument"] == {"Suffix": "index.html"}
    assert s3.get_bucket_cors(Bucket=name)["CORSRules"][0]["AllowedMethods"] == ["GET"]
    page = s3.get_object(Bucket=name, Key="index.html")
    assert (page["Body"].read(), page["ContentType"]) == (b"<h1>Hello</h1>", "text/html")


def test_settings_given_with_the_bucket_itself(stack: Stack, cloud: RunningCloud) -> None:
    program = """
        site = aws.s3.Bucket("site", %s)
        pulumi.export("name", site.bucket)
        pulumi.export("url", site.website_endpoint)
    """
    inline = 'website={"index_document": "index.html"}, versioning={"enabled": True}'
    result = stack.up(program % inline)
    s3, name = cloud.client("s3"), result.outputs["name"]
    assert result.outputs["url"] == f"{name}.s3-website-us-east-1.amazonaws.com"
    assert s3.get_bucket_website(Bucket=name)["IndexDocument"] == {"Suffix": "index.html"}
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    stack.up(program % "force_destroy=True")
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"
    with pytest.raises(ClientError, match="NoSuchWebsiteConfiguration"):
        s3.get_bucket_website(Bucket=name)
