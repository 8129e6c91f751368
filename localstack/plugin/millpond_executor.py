"""A plugin for LocalStack: its Lambda keeps the functions, Millpond's runs them.

LocalStack runs functions in Docker containers and has none of AWS's public layers. With this plugin
(`LAMBDA_RUNTIME_EXECUTOR=millpond`) every version of a function is also deployed to Millpond's Lambda,
by the Lambda API, and LocalStack's invocations are passed on to it. Event sources, asynchronous
invocations, versions and log groups stay LocalStack's.

It runs inside LocalStack's process and imports nothing of Millpond. Its settings:

    MILLPOND_ENDPOINT_URL   where Millpond answers
    MILLPOND_SERVICES       the services that functions call there, `athena,glue` without it;
                            all others they call at LocalStack
"""

from __future__ import annotations

import base64
import functools
import io
import itertools
import logging
import os
import re
import threading
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from localstack.config import LAMBDA_RUNTIME_EXECUTOR, LOCALSTACK_HOST, external_service_url
from localstack.services.lambda_ import hooks
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InvocationResult,
    Layer,
    LayerVersion,
)
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor
from localstack.services.lambda_.layerfetcher.layer_fetcher import LayerFetcher
from localstack.services.lambda_.provider import LambdaProvider

_log = logging.getLogger(__name__)

_NAME = "millpond"
_LATEST = "$LATEST"
# An invocation may take Lambda's 15 minutes and the start of an environment.
_PATIENCE_SECONDS = 16 * 60
# How much of an invocation's log comes with its answer.
_TAIL_BYTES = 4096


class MillpondExecutorPlugin(RuntimeExecutorPlugin):
    """What `LAMBDA_RUNTIME_EXECUTOR=millpond` loads."""

    name = _NAME

    def load(self, *_: Any, **__: Any) -> type[RuntimeExecutor]:
        """The class that LocalStack makes an object of for each environment."""
        return MillpondExecutor


@hooks.inject_layer_fetcher(should_load=lambda: LAMBDA_RUNTIME_EXECUTOR == _NAME)
def inject_layer_fetcher(provider: LambdaProvider) -> None:
    """Let functions name layers of other accounts."""
    provider.layer_fetcher = PublicLayers()


class PublicLayers(LayerFetcher):
    """Takes every layer of another account for granted.

    Millpond knows which of them it has. It refuses a function that names another one, and the
    function's state in LocalStack then says so.
    """

    def fetch_layer(self, layer_version_arn: str) -> Layer:
        """A layer without code: LocalStack needs none."""
        layer_arn, _, version = layer_version_arn.rpartition(":")
        known = LayerVersion(
            layer_version_arn=layer_version_arn,
            layer_arn=layer_arn,
            version=int(version),
            code=_NoCode(),
            license_info=None,
            compatible_runtimes=None,
            compatible_architectures=None,
            created="",
        )
        return Layer(arn=layer_arn, layer_versions={version: known})


class _NoCode:
    """What LocalStack asks of a layer's code when it describes a function."""

    code_size = 0
    code_sha256 = ""


class MillpondExecutor(RuntimeExecutor):
    """One of LocalStack's environments. Millpond has its own, so this one is only a name for them."""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Deploy a version; what this raises becomes the reason of the function's state `Failed`."""
        _deployed.put(function_version)

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Remove a version, unless a newer one has taken its place."""
        _deployed.remove(function_version)

    def start(self, env_vars: dict[str, str]) -> None:
        """Nothing: Millpond starts an environment when an invocation needs one."""

    def stop(self) -> None:
        """Nothing: Millpond ends environments that are idle."""

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Pass an invocation on and wait for its outcome."""
        version = self.function_version
        answer = _client("lambda", version.id.region).invoke(
            **_deployed.name(version), Payload=payload["payload"].encode(), LogType="Tail"
        )
        log = base64.b64decode(answer.get("LogResult", ""))
        if len(log) >= _TAIL_BYTES:
            log = _whole_log(version, answer["ResponseMetadata"]["RequestId"]) or log
        return InvocationResult(
            request_id=payload["invoke-id"],
            payload=answer["Payload"].read(),
            is_error="FunctionError" in answer,
            logs=log.decode(errors="replace"),
        )

    def get_logs(self) -> str:
        """Each invocation has brought its own."""
        return ""

    def get_address(self) -> str:
        """Where the functions run."""
        return _millpond_url()

    def get_endpoint_from_executor(self) -> str:
        """The host that functions call LocalStack by."""
        return LOCALSTACK_HOST.host

    def get_runtime_endpoint(self) -> str:
        """Nobody calls back: invocations are answered when they are made."""
        return _millpond_url()


class _DeployedVersions:
    """The versions that Millpond has, and what they are called there."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        # By ARN with version or `$LATEST`: the revision that was deployed last, and its version there.
        self._revisions: dict[str, str] = {}
        self._versions: dict[str, str] = {}

    def put(self, version: FunctionVersion) -> None:
        with self._lock:
            name = version.id.function_name
            _put_function(name, version)
            if version.id.qualifier != _LATEST:
                # LocalStack publishes what is the latest at that moment, and so does Millpond.
                published = _client("lambda", version.id.region).publish_version(FunctionName=name)
                self._versions[version.qualified_arn] = published["Version"]
            self._revisions[version.qualified_arn] = version.config.internal_revision

    def remove(self, version: FunctionVersion) -> None:
        with self._lock:
            if self._revisions.get(version.qualified_arn) != version.config.internal_revision:
                return
            name = self.name(version)
            del self._revisions[version.qualified_arn]
            self._versions.pop(version.qualified_arn, None)
        try:
            _client("lambda", version.id.region).delete_function(**name)
        except (BotoCoreError, ClientError) as error:  # it is gone, or Millpond is
            _log.debug("%s was not removed from Millpond: %s", version.qualified_arn, error)

    def name(self, version: FunctionVersion) -> dict[str, str]:
        """The parameters that name a version in Millpond's Lambda."""
        name = {"FunctionName": version.id.function_name}
        if version.id.qualifier == _LATEST:
            return name
        with self._lock:
            return name | {"Qualifier": self._versions[version.qualified_arn]}


_deployed = _DeployedVersions()


def _put_function(name: str, version: FunctionVersion) -> None:
    functions = _client("lambda", version.id.region)
    code = {"ZipFile": _zip_file(version.config.code)}
    settings = _settings(version)
    _make_role(settings["Role"])
    try:
        functions.create_function(FunctionName=name, Code=code, **settings)
    except functions.exceptions.ResourceConflictException:
        functions.update_function_code(FunctionName=name, **code)
        functions.update_function_configuration(FunctionName=name, **settings)


def _settings(version: FunctionVersion) -> dict[str, Any]:
    function = version.config
    return {
        "Runtime": function.runtime,
        "Handler": function.handler,
        "Role": function.role,
        "Timeout": function.timeout,
        "MemorySize": function.memory_size,
        "EphemeralStorage": {"Size": function.ephemeral_storage.size},
        "Layers": [_layer_arn(layer, version.id.region) for layer in function.layers],
        "Environment": {"Variables": _endpoints() | (function.environment or {})},
        "LoggingConfig": dict(function.logging_config or {}),
    }


def _endpoints() -> dict[str, str]:
    services = os.environ.get("MILLPOND_SERVICES", "athena,glue").split(",")
    elsewhere = {f"AWS_ENDPOINT_URL_{service.strip().upper()}": _millpond_url() for service in services}
    return {"AWS_ENDPOINT_URL": external_service_url(), **elsewhere}


def _layer_arn(layer: LayerVersion, region: str) -> str:
    """A layer as Millpond knows it: public ones by their ARN, the user's own published there, too."""
    if isinstance(layer.code, _NoCode):
        return layer.layer_version_arn
    name = layer.layer_arn.rpartition(":")[2]
    published = _client("lambda", region).publish_layer_version(
        LayerName=name, Content={"ZipFile": _zip_file(layer.code)}
    )
    return published["LayerVersionArn"]


def _zip_file(code: Any) -> bytes:
    if code is None or code.is_hot_reloading():
        raise NotImplementedError("Millpond runs functions from zip archives: no images, no hot reloading")
    content = io.BytesIO()
    # LocalStack has no public way to an archive's bytes but an address to download them from.
    code._download_archive_to_file(content)
    return content.getvalue()


def _whole_log(version: FunctionVersion, request_id: str) -> bytes:
    """What an invocation has logged, from its START to its REPORT; nothing if that is gone already."""
    logs = _client("logs", version.id.region)
    group = version.config.logging_config.get("LogGroup") or f"/aws/lambda/{version.id.function_name}"
    pages = logs.get_paginator("filter_log_events")
    started = pages.paginate(logGroupName=group, filterPattern=f'"START RequestId: {request_id}"')
    start = next((event for page in started for event in page["events"]), None)
    if start is None:
        return b""
    following = pages.paginate(
        logGroupName=group, logStreamNames=[start["logStreamName"]], startTime=start["timestamp"]
    )
    messages = [event["message"] for page in following for event in page["events"]]
    begin = next(place for place, text in enumerate(messages) if f"START RequestId: {request_id}" in text)
    log = itertools.takewhile(lambda text: not text.startswith("START RequestId:"), messages[begin + 1 :])
    return "".join([messages[begin], *log]).encode()


def _make_role(arn: str) -> None:
    """Millpond's Lambda wants a role that exists, and looks at its rights.

    The role's policies are in LocalStack, whose free edition looks at none: here it may do all that it may
    do there.
    """
    match = re.fullmatch(r"arn:[^:]+:iam::\d+:role(?P<path>/(?:.+/)?)(?P<name>[^/]+)", arn)
    if match is None:
        return  # Millpond says what is wrong with it
    iam = _client("iam", "us-east-1")
    try:
        iam.create_role(RoleName=match["name"], Path=match["path"], AssumeRolePolicyDocument=_TRUST)
    except iam.exceptions.EntityAlreadyExistsException:
        return
    iam.put_role_policy(RoleName=match["name"], PolicyName="as-in-localstack", PolicyDocument=_EVERYTHING)


_TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"Service": "lambda.amazonaws.com"}}]}'
)

_EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def _millpond_url() -> str:
    url = os.environ.get("MILLPOND_ENDPOINT_URL")
    if not url:
        raise RuntimeError("MILLPOND_ENDPOINT_URL is not set: it says where Millpond answers")
    return url


@functools.cache
def _client(service: str, region: str) -> Any:
    session: Any = boto3.Session("test", "test", region_name=region)
    retries = {"mode": "standard", "max_attempts": 5}
    return session.client(
        service,
        endpoint_url=_millpond_url(),
        config=Config(max_pool_connections=64, read_timeout=_PATIENCE_SECONDS, retries=retries),
    )
