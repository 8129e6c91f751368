"""What is kept of a function, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from function_factory import Functions, variables, zip_of

RETURN_ONE = "def handler(event, context): return 1"


def test_function_from_an_object_in_s3_runs(cloud, functions: Functions, bucket: str) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="app.zip", Body=zip_of({"app.py": RETURN_ONE}))
    name = functions.create("", Code={"S3Bucket": bucket, "S3Key": "app.zip"})
    assert functions.invoke(name).value == 1


def test_function_from_a_version_of_an_object_runs(cloud, functions: Functions, bucket: str) -> None:
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="app.zip", Body=zip_of({"app.py": RETURN_ONE}))
    s3.put_object(Bucket=bucket, Key="app.zip", Body=zip_of({"app.py": "def handler(e, c): return 2"}))
    code = {"S3Bucket": bucket, "S3Key": "app.zip", "S3ObjectVersion": first["VersionId"]}
    assert functions.invoke(functions.create("", Code=code)).value == 1


def test_updated_code_may_come_from_s3(cloud, functions: Functions, bucket: str) -> None:
    name = functions.create("def handler(event, context): return 0")
    cloud.client("s3").put_object(Bucket=bucket, Key="app.zip", Body=zip_of({"app.py": RETURN_ONE}))
    functions.client.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="app.zip")
    assert functions.invoke(name).value == 1


def test_code_that_is_not_in_s3_is_refused(functions: Functions, bucket: str) -> None:
    with pytest.raises(ClientError, match="S3 Error Code: NoSuchKey"):
        functions.create("", Code={"S3Bucket": bucket, "S3Key": "missing.zip"})


def test_code_that_is_no_zip_file_is_refused(functions: Functions) -> None:
    with pytest.raises(ClientError, match="Could not unzip uploaded file"):
        functions.create("", Code={"ZipFile": b"def handler(): pass"})


@pytest.mark.parametrize(
    ("size", "limit"),
    [(52_428_801, "Zipped size must be smaller than 52428800"), (52_700_000, "smaller than 70167211")],
)
def test_a_large_package_that_does_not_come_from_s3_is_refused(
    functions: Functions, size: int, limit: str
) -> None:
    with pytest.raises(ClientError, match=limit):
        functions.create("", Code={"ZipFile": bytes(size)})


def test_handler_in_a_package_of_several_modules_runs(functions: Functions) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/ingest.py": "from shop.names import NAME\ndef run(event, context): return NAME",
        "shop/names.py": "NAME = 'lake'",
    }
    name = functions.create("", Code={"ZipFile": zip_of(files)}, Handler="shop.ingest.run")
    assert functions.invoke(name).value == "lake"


@pytest.mark.parametrize("runtime", ["nodejs22.x", "java21", "provided.al2023", "python3.8"])
def test_other_runtimes_are_refused_by_name(functions: Functions, runtime: str) -> None:
    with pytest.raises(ClientError, match=f"does not support the runtime {runtime}"):
        functions.create(RETURN_ONE, Runtime=runtime)


def test_container_images_are_refused_by_name(functions: Functions) -> None:
    with pytest.raises(ClientError, match="does not support functions from container images"):
        functions.client.create_function(
            FunctionName="image", Role=functions.role, PackageType="Image", Code={"ImageUri": "shop:latest"}
        )


def test_reserved_variables_are_refused(functions: Functions) -> None:
    with pytest.raises(ClientError, match="Reserved keys used in this request: AWS_REGION"):
        functions.create(RETURN_ONE, **variables(AWS_REGION="eu-west-1"))


def test_variables_beyond_their_limit_are_refused(functions: Functions) -> None:
    with pytest.raises(ClientError, match="exceeded the 4KB limit"):
        functions.create(RETURN_ONE, **variables(LONG="x" * 4096))


def test_configuration_is_kept(functions: Functions) -> None:
    name = functions.create(
        RETURN_ONE,
        Timeout=7,
        MemorySize=512,
        EphemeralStorage={"Size": 1024},
        DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"},
        LoggingConfig={"LogFormat": "JSON", "LogGroup": "/shop/ingest"},
    )
    kept = functions.client.get_function_configuration(FunctionName=name)
    assert (kept["Timeout"], kept["MemorySize"], kept["EphemeralStorage"]) == (7, 512, {"Size": 1024})
    assert kept["DeadLetterConfig"] == {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"}
    assert kept["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "/shop/ingest"}


def test_published_version_keeps_its_code(functions: Functions) -> None:
    name = functions.create(RETURN_ONE)
    functions.client.publish_version(FunctionName=name)
    two = zip_of({"app.py": "def handler(event, context): return 2"})
    functions.client.update_function_code(FunctionName=name, ZipFile=two)
    first = functions.invoke(name, Qualifier="1")
    assert (first.value, first.version) == (1, "1")
    assert functions.invoke(name).value == 2


def test_alias_runs_the_version_that_it_points_to(functions: Functions) -> None:
    name = functions.create("def handler(event, context): return context.invoked_function_arn")
    functions.client.publish_version(FunctionName=name)
    functions.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    result = functions.invoke(name, Qualifier="live")
    assert (result.value, result.version) == (f"{functions.arn(name)}:live", "1")


def test_function_is_invoked_by_arn(functions: Functions) -> None:
    name = functions.create(RETURN_ONE)
    assert functions.invoke(functions.arn(name)).value == 1


def test_update_of_code_publishes_once(functions: Functions) -> None:
    name = functions.create(RETURN_ONE)
    code = zip_of({"app.py": "def handler(event, context): return 2"})
    answer = functions.client.update_function_code(FunctionName=name, ZipFile=code, Publish=True)
    assert answer["Version"] == "1"
    versions = functions.client.list_versions_by_function(FunctionName=name)["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "1"]


def test_missing_function_is_not_found(functions: Functions) -> None:
    with pytest.raises(functions.client.exceptions.ResourceNotFoundException, match="Function not found"):
        functions.invoke("no-such-function")


def test_operation_that_is_not_supported_is_named(functions: Functions) -> None:
    with pytest.raises(ClientError, match=r"NotImplemented.*get_account_settings"):
        functions.client.get_account_settings()


def test_dry_run_runs_nothing(functions: Functions) -> None:
    name = functions.create("raise RuntimeError")
    answer = functions.client.invoke(FunctionName=name, InvocationType="DryRun")
    assert answer["StatusCode"] == 204


def test_alias_with_weights_shares_calls_between_two_versions(functions: Functions) -> None:
    name = functions.create(RETURN_ONE)
    functions.client.publish_version(FunctionName=name)
    two = zip_of({"app.py": "def handler(event, context): return 2"})
    functions.client.update_function_code(FunctionName=name, ZipFile=two, Publish=True)
    functions.client.create_alias(
        FunctionName=name,
        Name="canary",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    assert {functions.invoke(name, Qualifier="canary").value for _ in range(40)} == {1, 2}


@pytest.mark.parametrize(("parameter", "value"), [("Timeout", 901), ("MemorySize", 10241)])
def test_limits_of_aws_are_kept(functions: Functions, parameter: str, value: int) -> None:
    with pytest.raises(ClientError, match="Member must have value less than or equal to"):
        functions.create(RETURN_ONE, **{parameter: value})


@pytest.mark.parametrize(
    ("operation", "request_of", "code", "message"),
    [
        (
            "create_alias",
            {
                "Name": "live",
                "FunctionVersion": "1",
                "RoutingConfig": {"AdditionalVersionWeights": {"1": 0.5}},
            },
            "InvalidParameterValueException",
            "Function version 1 is already included in routing configuration.",
        ),
        (
            "create_alias",
            {"Name": "live", "FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 2}}},
            "ValidationException",
            "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights'",
        ),
        (
            "create_alias",
            {"Name": "1", "FunctionVersion": "1"},
            "ValidationException",
            "Value '1' at 'name' failed to satisfy constraint: Member must satisfy regular expression",
        ),
        (
            "publish_version",
            {"RevisionId": "old"},
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id.",
        ),
        (
            "publish_version",
            {"CodeSha256": "other"},
            "InvalidParameterValueException",
            "CodeSHA256 (other) is different from current CodeSHA256 in $LATEST",
        ),
        (
            "update_function_configuration",
            {"RevisionId": "old", "Timeout": 5},
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id.",
        ),
        (
            "put_function_event_invoke_config",
            {},
            "InvalidParameterValueException",
            "You must specify at least one of error handling or destination setting.",
        ),
        (
            "put_function_event_invoke_config",
            {
                "DestinationConfig": {
                    "OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:missing"}
                }
            },
            "InvalidParameterValueException",
            "arn:aws:sqs:us-east-1:000000000000:missing is invalid.",
        ),
        (
            "get_function_event_invoke_config",
            {"Qualifier": "1"},
            "ResourceNotFoundException",
            "ARN:1 doesn't have an EventInvokeConfig",
        ),
        (
            "create_function_url_config",
            {"AuthType": "NONE"},
            "InvalidParameterValueException",
            "The local cloud does not support function URLs",
        ),
        (
            "invoke",
            {"InvocationType": "Later"},
            "ValidationException",
            "Value 'Later' at 'invocationType' failed to satisfy constraint",
        ),
        (
            "invoke",
            {"Payload": b"\x87"},
            "InvalidRequestContentException",
            "Could not parse request body into json: Could not parse payload into json",
        ),
    ],
)
def test_what_lambda_refuses_is_told_in_its_words(
    published: tuple[Functions, str, str], operation: str, request_of: dict[str, Any], code: str, message: str
) -> None:
    functions, name, arn = published
    with pytest.raises(ClientError) as refused:
        getattr(functions.client, operation)(FunctionName=name, **request_of)
    error = refused.value.response["Error"]
    assert (error["Code"], message.replace("ARN", arn) in error["Message"]) == (code, True), error


@pytest.fixture
def published(functions: Functions) -> tuple[Functions, str, str]:
    name = functions.create(RETURN_ONE)
    functions.client.publish_version(FunctionName=name)
    functions.client.update_function_configuration(FunctionName=name, Timeout=4)
    functions.client.publish_version(FunctionName=name)
    return functions, name, f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def test_an_alias_has_its_own_settings_for_asynchronous_invocations(
    published: tuple[Functions, str, str],
) -> None:
    functions, name, arn = published
    client = functions.client
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    client.put_function_event_invoke_config(FunctionName=name, Qualifier="live", MaximumRetryAttempts=0)
    client.put_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=60)
    client.update_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    configs = client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
    told = {
        config["FunctionArn"]: (config.get("MaximumRetryAttempts"), config.get("MaximumEventAgeInSeconds"))
        for config in configs
    }
    assert told == {f"{arn}:live": (0, None), f"{arn}:$LATEST": (1, 60)}


@pytest.mark.parametrize("written", ["{name}", "000000000000:function:{name}", "function:{name}", "{arn}:1"])
def test_a_function_is_found_by_name_and_by_parts_of_its_arn(
    published: tuple[Functions, str, str], written: str
) -> None:
    functions, name, arn = published
    found = functions.client.get_function(FunctionName=written.format(name=name, arn=arn))
    assert found["Configuration"]["FunctionName"] == name
    assert functions.invoke(written.format(name=name, arn=arn)).value == 1


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (
            "arn:aws:lambda:eu-west-1:000000000000:function:far",
            "Functions from 'eu-west-1' are not reachable",
        ),
        ("near:2", "The derived qualifier from the function name does not match the specified qualifier"),
    ],
)
def test_a_name_that_cannot_be_meant_is_refused(functions: Functions, written: str, reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        functions.client.get_function(FunctionName=written, Qualifier="1")


def test_a_change_makes_a_revision(published: tuple[Functions, str, str]) -> None:
    functions, name, _ = published
    before = functions.client.get_function_configuration(FunctionName=name)["RevisionId"]
    changed = functions.client.update_function_configuration(
        FunctionName=name, RevisionId=before, Description="later"
    )
    assert changed["RevisionId"] != before
    assert (
        functions.client.get_function_configuration(FunctionName=name)["RevisionId"] == changed["RevisionId"]
    )


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        ("eu-west-1", "Functions from 'eu-west-1' are not reachable"),
        ("invalid-region", "at 'functionName' failed to satisfy constraint"),
    ],
)
def test_functions_are_made_in_the_region_of_the_request(
    functions: Functions, region: str, reason: str
) -> None:
    arn = f"arn:aws:lambda:{region}:000000000000:function:far"
    code = {"ZipFile": zip_of({"app.py": RETURN_ONE})}
    settings = {"Runtime": "python3.12", "Handler": "app.handler", "Role": functions.role, "Code": code}
    with pytest.raises(ClientError, match=reason):
        functions.client.create_function(FunctionName=arn, **settings)


def test_functions_are_tagged_and_untagged(functions: Functions) -> None:
    client, arn = functions.client, functions.arn(functions.create(RETURN_ONE))
    client.tag_resource(Resource=arn, Tags={"team": "lake", "stage": "dev"})
    client.untag_resource(Resource=arn, TagKeys=["stage"])
    assert client.list_tags(Resource=arn)["Tags"] == {"team": "lake"}


def test_mappings_of_a_function_that_is_not_there_are_none(functions: Functions) -> None:
    assert functions.client.list_event_source_mappings(FunctionName="missing")["EventSourceMappings"] == []
