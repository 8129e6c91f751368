"""One Lambda function with its log group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming

RUNTIME = "python3.12"

_PANDAS_LAYER = ("336392948345", "AWSSDKPandas-Python312")
_POWERTOOLS_LAYER = ("017000801446", "AWSLambdaPowertoolsPythonV3-python312-x86_64")


@dataclass(frozen=True)
class Layers:
    """The versions of AWS's public layers that bring the libraries, as they are in the stack's region.

    Attributes:
        pandas: Of `AWSSDKPandas-Python312`, with pyarrow.
        powertools: Of `AWSLambdaPowertoolsPythonV3-python312-x86_64`.
    """

    pandas: int
    powertools: int

    def pandas_arn(self, naming: Naming) -> str:
        """The layer AWS SDK for pandas."""
        return naming.public_layer_arn(*_PANDAS_LAYER, self.pandas)

    def powertools_arn(self, naming: Naming) -> str:
        """The layer Powertools for AWS Lambda."""
        return naming.public_layer_arn(*_POWERTOOLS_LAYER, self.powertools)


@dataclass(frozen=True)
class FunctionArgs:
    """A function.

    Attributes:
        naming: What things are called.
        function: What it is called here.
        description: What it does.
        handler: Its entry, as `package.module.function`.
        code: Its archive.
        layers: The ARNs of its layers.
        role_arn: The role that it runs as.
        environment: Its variables.
        timeout_seconds: The longest that it may run.
        memory_mb: Its memory, and with it its processor time.
        reserved_concurrency: How many may run at once, at the cost of all others in the account.
        log_retention_days: How long its logs are kept.
        key_arn: The key that encrypts them.
    """

    naming: Naming
    function: str
    description: str
    handler: str
    code: pulumi.Archive
    layers: Sequence[str]
    role_arn: pulumi.Input[str]
    environment: Mapping[str, pulumi.Input[str]]
    timeout_seconds: int
    memory_mb: int
    reserved_concurrency: int
    log_retention_days: int
    key_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if not 1 <= self.timeout_seconds <= 900:
            raise ValueError(f"{self.function}: Lambda runs no longer than 900 s, not {self.timeout_seconds}")
        if not 128 <= self.memory_mb <= 10240:
            raise ValueError(f"{self.function}: Lambda has 128 to 10240 MB, not {self.memory_mb}")


def log_group_name(naming: Naming, function: str) -> str:
    """Where a function logs."""
    return f"/aws/lambda/{naming.name(function)}"


class Function(pulumi.ComponentResource):
    """A function, whose log group is there before it, so that its role need not make one."""

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:function:Function", name, None, opts)
        naming = args.naming
        self.log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=log_group_name(naming, args.function),
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=naming.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.function = aws.lambda_.Function(
            f"{name}-function",
            name=naming.name(args.function),
            description=args.description,
            runtime=RUNTIME,
            handler=args.handler,
            code=args.code,
            role=args.role_arn,
            timeout=args.timeout_seconds,
            memory_size=args.memory_mb,
            reserved_concurrent_executions=args.reserved_concurrency,
            layers=list(args.layers),
            environment={"variables": dict(args.environment)},
            tags=naming.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.log_group]),
        )
        self.register_outputs({"name": self.function.name, "arn": self.function.arn})
